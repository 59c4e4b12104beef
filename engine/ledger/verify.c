/*
 * Whether a ledger may be trusted (P15): its tables are the ones we make, its pages hang together,
 * and every record carries the right sum. All of it runs in one read transaction, so a status
 * command sees one moment of a ledger that somebody writes. What is counted on the way is kept: it
 * saves the running program every later scan.
 */
#include "engine/ledger/ledger_priv.h"

static bool damaged(struct db_why *w, sqlite3 *db, int rc, const char *what)
{
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return db_fail(w, LEDGER_DAMAGED, "ledger is damaged: %s", what);
	return db_fail_sql(w, db, what);
}

static bool one_int(struct db_why *w, sqlite3 *db, const char *sql, int *out)
{
	sqlite3_stmt *q = NULL;
	bool ok = db_prepare(w, db, &q, sql) && sqlite3_step(q) == SQLITE_ROW;

	if (ok)
		*out = sqlite3_column_int(q, 0);
	else
		db_fail_sql(w, db, "ledger");
	sqlite3_finalize(q);
	return ok;
}

static bool verify_schema(struct db_why *w, sqlite3 *db)
{
	sqlite3_stmt *q = NULL;
	int version = 0, rc = SQLITE_ROW;
	size_t i = 0;

	if (!one_int(w, db, "PRAGMA user_version", &version))
		return false;
	if (version > LEDGER_SCHEMA)
		return db_fail(w, LEDGER_FOREIGN,
			       "it was written by a newer version of tgclone: go on with that one "
			       "(its form is %d, known here is %d)",
			       version, LEDGER_SCHEMA);
	if (version < LEDGER_SCHEMA)
		return damaged(w, db, SQLITE_ROW, "its version is none of ours");
	if (!db_prepare(w, db, &q, "SELECT sql FROM sqlite_schema ORDER BY name"))
		return false;
	for (; (rc = sqlite3_step(q)) == SQLITE_ROW; i++) {
		const char *sql = (const char *)sqlite3_column_text(q, 0);

		if (i >= SCHEMA_COUNT || sql == NULL || strcmp(sql, schema_sql[i]) != 0)
			break;
	}
	if (rc != SQLITE_DONE || i != SCHEMA_COUNT)
		damaged(w, db, rc, "its tables are not ours");
	sqlite3_finalize(q);
	return w->fault == LEDGER_SOUND;
}

static bool verify_pages(struct db_why *w, sqlite3 *db)
{
	sqlite3_stmt *q = NULL;
	int rc;

	if (!db_prepare(w, db, &q, "PRAGMA quick_check(1)"))
		return false;
	rc = sqlite3_step(q);
	if (rc != SQLITE_ROW || strcmp((const char *)sqlite3_column_text(q, 0), "ok") != 0)
		damaged(w, db, rc, rc == SQLITE_ROW ? "pages" : "quick_check");
	sqlite3_finalize(q);
	return w->fault == LEDGER_SOUND;
}

static bool verify_job(struct db_why *w, sqlite3 *db, struct job_row *job)
{
	sqlite3_stmt *q = NULL;
	int rc;

	if (!db_prepare(w, db, &q, "SELECT " JOB_COLUMNS " FROM job"))
		return false;
	rc = sqlite3_step(q);
	if (rc != SQLITE_ROW || !job_read(q, job))
		damaged(w, db, rc, "job");
	sqlite3_finalize(q);
	return w->fault == LEDGER_SOUND;
}

/* Every row, and beside it the index of the open ones, which quick_check does not compare. */
static bool verify_rows(struct db_why *w, sqlite3 *db, struct ledger_counts *c)
{
	sqlite3_stmt *all = NULL, *open = NULL;
	struct ledger_row r;
	int rc = SQLITE_DONE;
	bool ok = db_prepare(w, db, &all, "SELECT " ROW_COLUMNS " FROM row ORDER BY source_id") &&
		  db_prepare(w, db, &open,
			     "SELECT source_id FROM row INDEXED BY row_open WHERE state < 4 "
			     "ORDER BY source_id");

	*c = (struct ledger_counts){0};
	while (ok && (rc = sqlite3_step(all)) == SQLITE_ROW) {
		if (!row_read(all, &r))
			ok = damaged(w, db, rc, "a row");
		else if (r.state < ROW_SENT && ((rc = sqlite3_step(open)) != SQLITE_ROW ||
						sqlite3_column_int64(open, 0) != r.source_id))
			ok = damaged(w, db, rc, "the index of open rows");
		if (ok) {
			c->first = c->last == 0 ? r.source_id : c->first;
			c->last = r.source_id;
			counts_add(c, &r, 1);
		}
	}
	if (ok && rc != SQLITE_DONE)
		ok = damaged(w, db, rc, "rows");
	if (ok && (rc = sqlite3_step(open)) != SQLITE_DONE)
		ok = damaged(w, db, rc, "the index of open rows");
	sqlite3_finalize(open);
	sqlite3_finalize(all);
	return ok;
}

static bool topic_good(sqlite3_stmt *q)
{
	return sqlite3_column_int64(q, 2) ==
	       topic_sum(sqlite3_column_int(q, 0), sqlite3_column_int(q, 1));
}

static bool state_good(sqlite3_stmt *q)
{
	const char *name = (const char *)sqlite3_column_text(q, 0);
	struct cspan value =
	    cspan_of(sqlite3_column_blob(q, 1), (size_t)sqlite3_column_bytes(q, 1));

	return name != NULL && strlen(name) <= LEDGER_NAME_MAX && value.len <= LEDGER_STATE_MAX &&
	       sqlite3_column_int64(q, 2) == state_sum(name, value);
}

static bool upload_good(sqlite3_stmt *q)
{
	struct ledger_upload u;

	return upload_read(q, &u);
}

static bool verify_table(struct db_why *w, sqlite3 *db, const char *sql,
			 bool (*good)(sqlite3_stmt *))
{
	sqlite3_stmt *q = NULL;
	int rc = SQLITE_DONE;
	bool ok = db_prepare(w, db, &q, sql);

	while (ok && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		if (!good(q))
			ok = damaged(w, db, rc, sql);
	}
	if (ok && rc != SQLITE_DONE)
		ok = damaged(w, db, rc, sql);
	sqlite3_finalize(q);
	return ok;
}

bool file_verify(struct db_why *w, sqlite3 *db, struct job_row *job, struct ledger_counts *counts)
{
	bool ok =
	    db_exec(w, db, "BEGIN") && verify_schema(w, db) && verify_pages(w, db) &&
	    verify_job(w, db, job) && verify_rows(w, db, counts) &&
	    verify_table(w, db, "SELECT source_topic, target_topic, sum FROM topic", topic_good) &&
	    verify_table(w, db, "SELECT name, value, sum FROM state", state_good) &&
	    verify_table(w, db, "SELECT " UPLOAD_COLUMNS " FROM upload", upload_good);

	return ok && db_exec(w, db, "COMMIT");
}
