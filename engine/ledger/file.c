/*
 * The ledger's file: made whole or not at all, locked by one process, looked at before it is
 * trusted (P13, P15). In rest its first page says REST; whoever writes makes it say OPEN first, and
 * a file that says OPEN needs its write-ahead log beside it. It owns nothing between two calls, and
 * reaches the directory through struct ledger_disk only.
 *
 *   PATH            the database            PATH-wal, PATH-shm    SQLite's, while it is open
 *   PATH.lock       whose it is             PATH.new              a creation that was cut short
 */
#include "engine/ledger/ledger_priv.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

/* In the order of their names, as sqlite_schema is read. */
const char *const schema_sql[SCHEMA_COUNT] = {
    "CREATE TABLE job(id INTEGER PRIMARY KEY CHECK(id = 1), account INTEGER NOT NULL, "
    "source INTEGER NOT NULL, target INTEGER NOT NULL, source_topic INTEGER NOT NULL, "
    "target_topic INTEGER NOT NULL, generation INTEGER NOT NULL, options BLOB NOT NULL, "
    "cursor INTEGER NOT NULL, ended INTEGER NOT NULL, last_source_id INTEGER NOT NULL, "
    "watermark INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT",
    "CREATE TABLE row(source_id INTEGER PRIMARY KEY, grouped_id INTEGER NOT NULL, "
    "state INTEGER NOT NULL, kind INTEGER NOT NULL, mode INTEGER NOT NULL, "
    "target_id INTEGER NOT NULL, size INTEGER NOT NULL, source_topic INTEGER NOT NULL, "
    "target_topic INTEGER NOT NULL, reply_to INTEGER NOT NULL, digest BLOB NOT NULL, "
    "reason BLOB NOT NULL, adopted INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT",
    /* What a restart has to look at, however long the archive. */
    "CREATE INDEX row_open ON row(source_id) WHERE state < 4",
    "CREATE TABLE state(name TEXT PRIMARY KEY, value BLOB NOT NULL, sum INTEGER NOT NULL) "
    "STRICT, WITHOUT ROWID",
    "CREATE TABLE topic(source_topic INTEGER PRIMARY KEY, target_topic INTEGER NOT NULL, "
    "sum INTEGER NOT NULL) STRICT",
    "CREATE TABLE upload(source_id INTEGER NOT NULL, item INTEGER NOT NULL, "
    "file_id INTEGER NOT NULL, source_file_id INTEGER NOT NULL, size INTEGER NOT NULL, "
    "part_size INTEGER NOT NULL, part_total INTEGER NOT NULL, started INTEGER NOT NULL, "
    "bitmap BLOB NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY(source_id, item)) "
    "STRICT, WITHOUT ROWID",
};

static_assert(ROW_SENT == 4, "the partial index says so");

enum {
	CACHE_KIB = 512, /* of one connection, as settings() says */
	LOOKS = 3,
	BUSY_MS = 500,
	READER_WAIT_MS = 4 * 1000, /* a status of a million rows; twice at a start, and a stop waits for both (P4) */
};

bool db_fail(struct db_why *w, enum ledger_fault fault, const char *format, ...)
{
	va_list args;

	if (w->fault != LEDGER_SOUND)
		return false;
	w->fault = fault;
	va_start(args, format);
	vsnprintf(w->text, sizeof(w->text), format, args);
	va_end(args);
	return false;
}

bool db_fail_sql(struct db_why *w, sqlite3 *db, const char *doing)
{
	enum ledger_fault fault = LEDGER_IO;

	if (sqlite3_extended_errcode(db) == SQLITE_IOERR_NOMEM)
		return db_fail(w, LEDGER_MEMORY, "%s: out of memory", doing);
	switch (sqlite3_errcode(db) & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_ERROR: /* no such table or column: not our schema */
		fault = LEDGER_DAMAGED;
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		fault = LEDGER_BUSY;
		break;
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
		fault = LEDGER_CREATE;
		break;
	case SQLITE_NOMEM:
		fault = LEDGER_MEMORY;
		break;
	default:
		break;
	}
	return db_fail(w, fault, "%s: %s", doing, sqlite3_errmsg(db));
}

bool db_exec(struct db_why *w, sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	return db_fail_sql(w, db, "ledger");
}

bool db_prepare(struct db_why *w, sqlite3 *db, sqlite3_stmt **q, const char *sql)
{
	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, q, NULL) == SQLITE_OK)
		return true;
	return db_fail_sql(w, db, "ledger");
}

bool path_join(struct db_why *w, char out[PATH_MAX], const char *path, const char *suffix)
{
	int n = snprintf(out, PATH_MAX, "%s%s", path, suffix);

	return (n > 0 && n < PATH_MAX) || db_fail(w, LEDGER_CREATE, "%s: path too long", path);
}

/* ---- the lock ---- */

/* A disk that is full or fails is not a directory that refuses. */
static enum ledger_fault fault_of(int rc)
{
	if (rc == -ENOMEM)
		return LEDGER_MEMORY;
	return rc == -EIO || rc == -ENOSPC || rc == -EDQUOT || rc == -EFBIG ? LEDGER_IO
									  : LEDGER_CREATE;
}

static bool fail_errno(struct db_why *w, int rc, const char *name)
{
	return db_fail(w, fault_of(rc), "%s: %s", name, strerror(-rc));
}

bool file_lock(struct db_why *w, const struct ledger_disk *disk, const char *path, int *handle)
{
	char name[PATH_MAX], owner[24] = "";

	if (!path_join(w, name, path, ".lock"))
		return false;
	*handle = disk->lock(disk->ctx, name, owner, sizeof(owner));
	if (*handle == -EBUSY)
		return db_fail(w, LEDGER_BUSY, "%s is in use by another process (pid %s)", path,
			       owner[0] != 0 ? owner : "unknown");
	return *handle >= 0 || fail_errno(w, *handle, name);
}

/* ---- the first look ---- */

/* The first page as it is in the file: through SQLite's own handle, whose locks a second one
 * of ours would drop when it is closed. */
static int first_bytes(sqlite3 *db, uint8_t head[100])
{
	sqlite3_file *file = NULL;
	int rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, (void *)&file);

	if (rc != SQLITE_OK || file == NULL || file->pMethods == NULL)
		return SQLITE_IOERR;
	return file->pMethods->xRead(file, head, 100, 0);
}

/* REST or OPEN; 0: none of ours, which is told. */
static uint32_t look_at_head(struct db_why *w, sqlite3 *db, const char *path)
{
	uint8_t head[100];
	uint32_t id;
	int rc = first_bytes(db, head);

	if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
		return db_fail(w, LEDGER_IO, "%s cannot be read", path);
	if (rc != SQLITE_OK)
		return db_fail(w, LEDGER_DAMAGED, "%s is empty or cut short", path);
	/* Write and read version 2: a database with a log, as all of ours. */
	if (memcmp(head, "SQLite format 3", 16) != 0 || head[18] != 2 || head[19] != 2)
		return db_fail(w, LEDGER_DAMAGED, "%s is not a ledger", path);
	id = __builtin_bswap32(load_le32(head + 68));
	if (id != LEDGER_ID_REST && id != LEDGER_ID_OPEN)
		return db_fail(w, LEDGER_FOREIGN, "%s is a database of another program", path);
	return id;
}

/*
 * Beside somebody who writes: he may put it to rest and take his log away between the two looks, or be
 * about to begin a new one. So a log is missed when it is missed again.
 */
static bool file_look(struct db_why *w, const struct ledger_disk *disk, sqlite3 *db,
		      const char *path)
{
	struct db_why missed = {0};

	for (int i = 0; i < LOOKS; i++) {
		uint32_t id = look_at_head(w, db, path);

		missed = (struct db_why){0};
		if (id == 0)
			return false;
		if (id == LEDGER_ID_REST || log_look(&missed, disk, path))
			return true;
	}
	return db_fail(w, missed.fault, "%s", missed.text);
}

static bool in_first_page(sqlite3 *db, uint32_t application_id)
{
	uint8_t head[100];

	return first_bytes(db, head) == SQLITE_OK &&
	       __builtin_bswap32(load_le32(head + 68)) == application_id;
}

bool file_say(struct db_why *w, sqlite3 *db, uint32_t application_id)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA application_id=%u", application_id);
	return db_exec(w, db, sql);
}

bool file_mark(struct db_why *w, sqlite3 *db, uint32_t application_id, bool truncate, bool must)
{
	int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_FULL;
	int rc;

	if (!truncate && in_first_page(db, application_id))
		return true;
	if (!file_say(w, db, application_id))
		return false;
	CRASH_POINT("ledger.mark.logged");
	sqlite3_busy_timeout(db, must ? READER_WAIT_MS : BUSY_MS);
	rc = sqlite3_wal_checkpoint_v2(db, NULL, mode, NULL, NULL);
	sqlite3_busy_timeout(db, BUSY_MS);
	CRASH_POINT("ledger.mark.checkpoint");
	if (rc == SQLITE_OK)
		return true;
	if ((rc & 0xff) != SQLITE_BUSY)
		return db_fail_sql(w, db, "checkpoint");
	/* A reader in another process is in the way; the log stays, and stays needed. */
	return !must || db_fail(w, LEDGER_BUSY, "another process reads it all the time: run again when "
						"that has ended");
}

/* ---- open ---- */

static void limit(sqlite3 *db)
{
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1 << 20);
	sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, 1 << 14);
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(db, SQLITE_LIMIT_COLUMN, 64);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	/* A refused or broken ledger stays as it is, log included. */
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_busy_timeout(db, BUSY_MS);
}

static bool file_open_raw(struct db_why *w, const struct ledger_disk *disk, sqlite3 **db,
			  const char *path, bool readonly)
{
	int flags = readonly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	int rc = disk->look(disk->ctx, path);

	if (rc == -EINVAL)
		return db_fail(w, LEDGER_DAMAGED, "%s is not a regular file", path);
	if (rc != 0)
		return db_fail(w, LEDGER_CREATE, "%s: %s", path, strerror(-rc));
	if (sqlite3_open_v2(path, db, flags | SQLITE_OPEN_NOMUTEX, disk->vfs) != SQLITE_OK)
		return *db != NULL ? db_fail_sql(w, *db, path)
				   : db_fail(w, LEDGER_MEMORY, "%s: out of memory", path);
	limit(*db);
	return true;
}

static bool settings(struct db_why *w, sqlite3 *db)
{
	return db_exec(w, db,
		       "PRAGMA cell_size_check=1; PRAGMA mmap_size=0; PRAGMA cache_size=-512; "
		       "PRAGMA temp_store=MEMORY; PRAGMA synchronous=FULL; "
		       "PRAGMA journal_size_limit=8388608; PRAGMA wal_autocheckpoint=0");
}

bool ledger_take_memory(void)
{
	enum { PAGE = 4096, PAGES = 2 * CACHE_KIB / 4 + 16 };
	int head = 0, slot;
	void *mem;

	if (sqlite3_config(SQLITE_CONFIG_PCACHE_HDRSZ, &head) != SQLITE_OK)
		return false;
	slot = (PAGE + head + 7) / 8 * 8;
	mem = mmap(NULL, (size_t)slot * PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		return false;
	if (sqlite3_config(SQLITE_CONFIG_PAGECACHE, mem, slot, PAGES) == SQLITE_OK)
		return true;
	munmap(mem, (size_t)slot * PAGES);
	return false;
}

bool file_open(struct db_why *w, const struct ledger_disk *disk, sqlite3 **db, const char *path,
	       bool readonly)
{
	return file_open_raw(w, disk, db, path, readonly) && file_look(w, disk, *db, path) &&
	       settings(w, *db);
}

/* ---- create ---- */

static bool fill(struct db_why *w, sqlite3 *db, const struct ledger_job *job)
{
	struct job_row first = {.job = *job};
	sqlite3_stmt *q = NULL;
	char sql[128];
	bool ok;

	/* A fresh file, ours alone: WAL before the tables, so that the header says so. */
	ok = db_exec(w, db, "PRAGMA page_size=4096; PRAGMA journal_mode=WAL") && settings(w, db) &&
	     db_exec(w, db, "BEGIN IMMEDIATE");
	for (size_t i = 0; ok && i < SCHEMA_COUNT; i++)
		ok = db_exec(w, db, schema_sql[i]);
	snprintf(sql, sizeof(sql), "PRAGMA application_id=%d; PRAGMA user_version=%d",
		 LEDGER_ID_REST, LEDGER_SCHEMA);
	ok = ok && db_exec(w, db, sql) &&
	     db_prepare(w, db, &q,
			"INSERT INTO job(id, " JOB_COLUMNS ") VALUES(1,?,?,?,?,?,?,?,?,?,?,?,?)");
	if (ok) {
		job_bind(q, &first);
		ok = sqlite3_step(q) == SQLITE_DONE || db_fail_sql(w, db, "create");
	}
	sqlite3_finalize(q);
	ok = ok && db_exec(w, db, "COMMIT");
	/*
	 * All of it into the file itself, by name: a close that could not do it would not say so,
	 * and the log does not move with the file.
	 */
	if (ok && sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) !=
		      SQLITE_OK)
		ok = db_fail_sql(w, db, "create");
	if (ok && !in_first_page(db, LEDGER_ID_REST))
		ok = db_fail(w, LEDGER_IO, "create: the first page did not get into the file");
	if (ok)
		sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	return ok;
}

static bool publish(struct db_why *w, const struct ledger_disk *disk, const char *fresh,
		    const char *path)
{
	int rc = disk->sync(disk->ctx, fresh);

	CRASH_POINT("ledger.create.synced");
	if (rc != 0)
		return db_fail(w, LEDGER_IO, "%s: %s", fresh, strerror(-rc));
	rc = disk->rename(disk->ctx, fresh, path);
	if (rc != 0)
		return fail_errno(w, rc, path);
	CRASH_POINT("ledger.create.renamed");
	rc = disk->sync_dir(disk->ctx, path);
	return rc == 0 || db_fail(w, LEDGER_IO, "directory of %s: %s", path, strerror(-rc));
}

/* What an earlier creation left, its log too: SQLite would replay that into the new file. */
static bool sweep(struct db_why *w, const struct ledger_disk *disk, const char *fresh)
{
	static const char *const tails[] = {"", "-wal", "-shm"};
	char name[PATH_MAX];

	for (size_t i = 0; i < countof(tails); i++) {
		int rc;

		if (!path_join(w, name, fresh, tails[i]))
			return false;
		rc = disk->remove(disk->ctx, name);
		if (rc != 0 && rc != -ENOENT)
			return fail_errno(w, rc, name);
	}
	return true;
}

/* An empty one is what a status command left, and nothing is missed. */
static bool log_is_away(struct db_why *w, const struct ledger_disk *disk, const char *path)
{
	char log[PATH_MAX];
	uint8_t first;
	int n;

	if (!path_join(w, log, path, "-wal"))
		return false;
	n = disk->head(disk->ctx, log, &first, 1);
	if (n == 0 || n == -ENOENT)
		return true;
	return db_fail(w, LEDGER_DAMAGED, "%s is gone, but its log %s is here", path, log);
}

bool file_create(struct db_why *w, const struct ledger_disk *disk, const char *path,
		 const struct ledger_job *job)
{
	char fresh[PATH_MAX];
	sqlite3 *db = NULL;
	bool ok;
	int rc;

	if (!path_join(w, fresh, path, ".new") || !log_is_away(w, disk, path) ||
	    !sweep(w, disk, fresh))
		return false;
	rc = disk->create(disk->ctx, fresh);
	if (rc != 0)
		return fail_errno(w, rc, fresh);
	CRASH_POINT("ledger.create.empty");
	ok = file_open_raw(w, disk, &db, fresh, false) && fill(w, db, job);
	CRASH_POINT("ledger.create.filled");
	if (sqlite3_close(db) != SQLITE_OK && ok)
		ok = db_fail(w, LEDGER_IO, "%s: cannot be closed", fresh);
	return ok && publish(w, disk, fresh, path);
}
