/*
 * A ledger that is not what we left (P15): refused and left as it is, or harmless. The image all
 * tests start from was not closed: a database and a log with work in it.
 */
#include "tests/ledger/ledger_help.h"

#include <sqlite3.h>
#include <sys/wait.h>

enum { ROWS = 300, IMAGE_MAX = 1 << 20, FLIPS = 600 /* DAMAGES=N: so many */ };

struct image {
	uint8_t db[IMAGE_MAX], wal[IMAGE_MAX];
	size_t db_len, wal_len;
};

static size_t load(const char *path, const char *tail, uint8_t *out)
{
	char name[128];
	ssize_t n = 0;
	int fd;

	snprintf(name, sizeof(name), "%s%s", path, tail);
	fd = open(name, O_RDONLY);
	if (fd >= 0) {
		n = read(fd, out, IMAGE_MAX);
		close(fd);
	}
	return n > 0 ? (size_t)n : 0;
}

static void store(const char *path, const char *tail, const uint8_t *data, size_t len)
{
	char name[128];
	int fd;

	snprintf(name, sizeof(name), "%s%s", path, tail);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, data, len), (ssize_t)len);
	close(fd);
}

static void drop(const char *path, const char *tail)
{
	char name[128];

	snprintf(name, sizeof(name), "%s%s", path, tail);
	unlink(name);
}

static void work(struct help *h)
{
	struct ledger_row r;
	struct ledger_upload u = {.source_id = 250, .part_total = 100, .bitmap = {1, 2, 3}};

	help_plan(h, 1, ROWS);
	help_sync(h);
	for (int32_t id = 1; id <= 200; id++) {
		r = help_row(id, id % 7 == 0 ? ROW_SKIPPED : ROW_DONE);
		r.target_id = 1000 + id;
		ledger_put(h->ledger, &r);
		if (id % 50 == 0)
			help_sync(h);
	}
	ledger_upload_put(h->ledger, &u);
	ledger_topic_put(h->ledger, 5, 55);
	ledger_state_put(h->ledger, "lane", cspan_str("value"));
	help_sync(h);
}

/* Ends like a killed process: nothing is closed. */
static void make_image(struct help *h, struct image *im)
{
	int status;
	pid_t pid;

	help_must_open(h);
	help_plan(h, 1, ROWS / 2);
	help_close(h); /* some of it is in the database already */
	pid = fork();
	if (pid == 0) {
		help_must_open(h);
		work(h);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	cr_assert_eq(status, 0);
	im->db_len = load(h->path, "", im->db);
	im->wal_len = load(h->path, "-wal", im->wal);
	cr_assert_gt(im->wal_len, 32);
}

static void put_image(struct help *h, const struct image *im)
{
	store(h->path, "", im->db, im->db_len);
	store(h->path, "-wal", im->wal, im->wal_len);
	drop(h->path, "-shm");
}

static void expect_refused(struct help *h, enum ledger_fault want, const char *what)
{
	enum ledger_fault fault = help_open(h, true);

	cr_assert_eq(fault, want, "%s: fault %d, %s", what, fault, h->why);
	cr_assert_neq(h->why[0], 0);
	cr_assert_null(h->ledger);
	if (access(h->path, F_OK) == 0) {
		struct ledger *reader;

		fault = ledger_open(&reader, h->path, NULL, false, NULL, 0);
		/* Reading only has no job to compare with. */
		if (strcmp(what, "job") != 0)
			cr_assert_eq(fault, want, "%s, reading: fault %d", what, fault);
		if (fault == LEDGER_SOUND)
			ledger_close(&reader);
	}
}

/*
 * Each row is as it was at some commit: a lost tail of the log is a lost commit, which costs work
 * and never a message (same ids again). Anything else is damage that was not found.
 */
static void expect_harmless(struct help *h, const char *what, size_t at)
{
	struct ledger_row r, was;
	uint32_t n = 0;

	for (int32_t id = 1; id <= ROWS; id++) {
		if (!ledger_find(h->ledger, id, &r))
			continue;
		n++;
		was = help_row(id, ROW_PLANNED);
		if (r.state != ROW_PLANNED) {
			was.state = id % 7 == 0 ? ROW_SKIPPED : ROW_DONE;
			was.target_id = 1000 + id;
			cr_assert_leq(id, 200, "%s at %zu: row %d", what, at, id);
		}
		cr_assert_eq(r.state, was.state, "%s at %zu: row %d", what, at, id);
		cr_assert_eq(r.target_id, was.target_id);
		cr_assert_eq(r.grouped_id, was.grouped_id);
		cr_assert_eq(r.size, was.size);
		cr_assert_eq(r.reply_to, was.reply_to);
		cr_assert_arr_eq(r.digest, was.digest, 32);
	}
	cr_assert_eq(n, (uint32_t)ledger_cursor(h->ledger, NULL), "%s at %zu: %u rows", what, at,
		     n);
}

static void try(struct help *h, const char *what, size_t at, uint32_t *refused)
{
	enum ledger_fault fault = help_open(h, true);

	if (fault == LEDGER_SOUND) {
		expect_harmless(h, what, at);
		ledger_close(&h->ledger);
		return;
	}
	cr_assert(fault == LEDGER_DAMAGED || fault == LEDGER_FOREIGN, "%s at %zu: fault %d, %s",
		  what, at, fault, h->why);
	++*refused;
}

static struct image im; /* large; each test runs in a process of its own */

Test(damage, untouched_image_is_sound)
{
	struct help h = help_start();
	struct ledger_counts c;
	struct ledger_row r;

	make_image(&h, &im);
	help_must_open(&h);
	ledger_counts(h.ledger, &c);
	cr_assert_eq(c.rows[ROW_DONE] + c.rows[ROW_SKIPPED], 200);
	cr_assert_eq(c.rows[ROW_PLANNED], 100);
	cr_assert(ledger_find(h.ledger, 200, &r));
	help_close(&h);
	help_end(&h);
}

/* Rows: P15 */
Test(damage, log_taken_away)
{
	struct help h = help_start();

	make_image(&h, &im);
	drop(h.path, "-wal");
	expect_refused(&h, LEDGER_DAMAGED, "no log");
	store(h.path, "-wal", im.wal, 0);
	expect_refused(&h, LEDGER_DAMAGED, "empty log");
	store(h.path, "-wal", im.wal, 31);
	expect_refused(&h, LEDGER_DAMAGED, "cut log");
	im.wal[20] ^= 1;
	im.wal[40] ^= 1; /* the salt of the first frame too: nothing to mend it from */
	store(h.path, "-wal", im.wal, im.wal_len);
	expect_refused(&h, LEDGER_DAMAGED, "salt of the log");
	im.wal[20] ^= 1;
	im.wal[40] ^= 1;
	put_image(&h, &im);
	help_must_open(&h); /* given back, all is well */
	help_close(&h);
	help_end(&h);
}

/* Any damage to the header alone, as a power loss does it when the log starts anew (P6). */
Test(damage, header_of_the_log_is_mended)
{
	struct help h = help_start();
	struct ledger *reader;

	make_image(&h, &im);
	for (size_t at = 0; at < 32; at++) {
		uint8_t was = im.wal[at];

		if (at >= 12 && at < 15)
			continue; /* the sequence: only its neighbour is tried */
		im.wal[at] = at == 15 ? was + 1 : was ^ 0x5a;
		put_image(&h, &im);
		cr_assert_eq(ledger_open(&reader, h.path, NULL, false, h.why, sizeof(h.why)),
			     LEDGER_DAMAGED);
		cr_assert(strstr(h.why, "mends") != NULL, "%s", h.why);
		help_must_open(&h);
		expect_harmless(&h, "header", at);
		cr_assert_eq(ledger_cursor(h.ledger, NULL), ROWS);
		help_close(&h);
		im.wal[at] = was;
	}
	help_end(&h);
}

/* Rows: P15 */
Test(damage, database_taken_away)
{
	struct help h = help_start();

	make_image(&h, &im);
	drop(h.path, "");
	expect_refused(&h, LEDGER_DAMAGED, "database gone");
	cr_assert_neq(access(h.path, F_OK), 0, "made a new one");
	help_end(&h);
}

/* Who takes a ledger away to begin anew may have asked for the status before. */
Test(damage, database_taken_away_after_a_status)
{
	struct help h = help_start();
	struct ledger *reader;
	char log[128];

	snprintf(log, sizeof(log), "%s-wal", h.path);
	help_must_open(&h);
	help_close(&h);
	cr_assert_eq(ledger_open(&reader, h.path, NULL, false, NULL, 0), LEDGER_SOUND);
	ledger_close(&reader);
	cr_assert_eq(access(log, F_OK), 0, "nothing is left: the test is for nothing");
	drop(h.path, "");
	help_must_open(&h);
	help_plan(&h, 1, 3);
	help_close(&h);
	help_must_open(&h);
	cr_assert_eq(ledger_cursor(h.ledger, NULL), 3);
	help_end(&h);
}

/* Rows: P15 */
Test(damage, refused_files_stay_as_they_are)
{
	struct help h = help_start();
	static uint8_t after[IMAGE_MAX];

	make_image(&h, &im);
	for (int i = 0; i < 3; i++) {
		h.job.generation += i == 0;
		im.wal[9] ^= (uint8_t)(i == 1);
		im.wal[40] ^= (uint8_t)(i == 1);
		im.db[16] ^= (uint8_t)(i == 2); /* the size of pages */
		put_image(&h, &im);
		expect_refused(&h, i == 0 ? LEDGER_FOREIGN : LEDGER_DAMAGED,
			       i == 0 ? "job" : "bits");
		cr_assert_eq(load(h.path, "", after), im.db_len);
		cr_assert_arr_eq(after, im.db, im.db_len);
		cr_assert_eq(load(h.path, "-wal", after), im.wal_len);
		cr_assert_arr_eq(after, im.wal, im.wal_len);
	}
	help_end(&h);
}

/* Rows: P15 */
Test(damage, empty_text_and_directory)
{
	struct help h = help_start();
	uint8_t text[200];

	memset(text, 'a', sizeof(text));
	store(h.path, "", text, 0);
	expect_refused(&h, LEDGER_DAMAGED, "empty");
	store(h.path, "", text, 50);
	expect_refused(&h, LEDGER_DAMAGED, "short text");
	store(h.path, "", text, sizeof(text));
	expect_refused(&h, LEDGER_DAMAGED, "text");
	drop(h.path, "");
	cr_assert_eq(mkdir(h.path, 0700), 0);
	expect_refused(&h, LEDGER_DAMAGED, "directory");
	rmdir(h.path);
	help_end(&h);
}

/* Nobody waits for who might write into it. */
/* Rows: P15 */
Test(damage, a_fifo_is_no_log, .timeout = 20)
{
	struct help h = help_start();
	enum ledger_fault fault;
	char name[128];

	help_must_open(&h);
	help_close(&h);
	snprintf(name, sizeof(name), "%s-wal", h.path);
	cr_assert_eq(mkfifo(name, 0600), 0);
	fault = help_open(&h, true);
	cr_assert_eq(fault, LEDGER_IO, "%d: %s", fault, h.why);
	unlink(name);
	help_must_open(&h);
	help_end(&h);
}

static void sql(const char *path, const char *text)
{
	sqlite3 *db;

	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* Rows: P15 */
Test(damage, database_of_another_program)
{
	struct help h = help_start();

	sql(h.path, "CREATE TABLE t(x); INSERT INTO t VALUES(1)");
	expect_refused(&h, LEDGER_DAMAGED, "other program without a log");
	sql(h.path, "PRAGMA journal_mode = WAL");
	expect_refused(&h, LEDGER_FOREIGN, "other program");
	help_end(&h);
}

/* Rows: P15 P20 */
Test(damage, newer_schema_and_tampered_tables)
{
	static const char *const changes[] = {
	    "PRAGMA user_version = 99",
	    "PRAGMA user_version = 0",
	    "CREATE TABLE extra(x)",
	    "CREATE TRIGGER t AFTER UPDATE ON row BEGIN DELETE FROM row; END",
	    "CREATE VIEW v AS SELECT 1",
	    "DROP INDEX row_open",
	    "DROP TABLE topic",
	};

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct help h = help_start();

		help_must_open(&h);
		help_close(&h);
		sql(h.path, changes[i]);
		expect_refused(&h, i == 0 ? LEDGER_FOREIGN : LEDGER_DAMAGED, changes[i]);
		cr_assert_eq(strstr(h.why, "newer version of tgclone") != NULL, i == 0, "%s", h.why);
		help_end(&h);
	}
}

/* Rows: P15 */
Test(damage, values_changed_behind_our_back)
{
	static const char *const changes[] = {
	    "UPDATE row SET state = 5 WHERE source_id = 250",
	    "UPDATE row SET target_id = 1 WHERE source_id = 10",
	    "UPDATE row SET source_id = 9999 WHERE source_id = 10",
	    "UPDATE row SET reason = x'61' WHERE source_id = 10",
	    "UPDATE row SET digest = x'00' WHERE source_id = 10",
	    "UPDATE job SET cursor = 1000",
	    "UPDATE job SET watermark = 7",
	    "DELETE FROM job",
	    "UPDATE topic SET target_topic = 56",
	    "UPDATE state SET value = x'00'",
	    "UPDATE upload SET bitmap = x'ffffff'",
	    "UPDATE upload SET part_total = 100000",
	};
	struct help h = help_start();

	make_image(&h, &im);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		put_image(&h, &im);
		help_must_open(&h);
		help_close(&h);
		sql(h.path, changes[i]);
		expect_refused(&h, LEDGER_DAMAGED, changes[i]);
	}
	help_end(&h);
}

/* What a question could not find out must not be written over. */
/* Rows: P7 P15 */
Test(damage, nothing_is_written_after_a_question_that_failed)
{
	struct help h = help_start();
	uint8_t out[8];
	uint64_t ticket;

	help_must_open(&h);
	help_plan(&h, 1, 3);
	ledger_state_put_int(h.ledger, "floor", 50);
	ledger_state_put_int(h.ledger, "other", 7);
	help_sync(&h);
	sql(h.path, "UPDATE state SET value = x'00000000' WHERE name = 'floor'");
	cr_assert_eq(ledger_state_int(h.ledger, "floor", 0), 0);
	cr_assert_eq(ledger_fault(h.ledger, NULL, 0), LEDGER_DAMAGED);
	ledger_state_put_int(h.ledger, "floor", 0);
	ticket = ledger_state_put_int(h.ledger, "other", 8);
	cr_assert_eq(ledger_sync(h.ledger), LEDGER_DAMAGED);
	cr_assert_lt(ledger_durable(h.ledger), ticket);
	cr_assert_eq(ledger_state(h.ledger, "other", (struct span){out, sizeof(out)}), 4);
	cr_assert_eq(out[0], 7);
	cr_assert_eq(ledger_close(&h.ledger), LEDGER_DAMAGED);
	cr_assert_eq(help_open(&h, true), LEDGER_DAMAGED, "the damage was written over");
	help_end(&h);
}

Test(damage, another_job)
{
	struct help h = help_start();
	struct ledger_job job = h.job;

	help_must_open(&h);
	help_close(&h);
	for (int i = 0; i < 7; i++) {
		h.job = job;
		*(i == 0 ? &h.job.account : i == 1 ? &h.job.source : &h.job.target) += i < 3;
		h.job.source_topic += i == 3;
		h.job.target_topic += i == 4;
		h.job.generation += i == 5;
		h.job.options_digest[31] ^= i == 6;
		expect_refused(&h, LEDGER_FOREIGN, "job");
	}
	h.job = job;
	help_must_open(&h);
	help_close(&h);
	help_end(&h);
}

/* Rows: P15 */
Test(damage, flipped_bits_in_the_database)
{
	struct help h = help_start();
	uint32_t refused = 0, flips = help_count("DAMAGES", FLIPS);

	make_image(&h, &im);
	for (size_t i = 0; i < flips; i++) {
		size_t at = i < 100 ? i : (i * 2654435761U) % im.db_len;

		im.db[at] ^= (uint8_t)(1 << (i + i / 8) % 8);
		put_image(&h, &im);
		try(&h, "flip in database", at, &refused);
		im.db[at] ^= (uint8_t)(1 << (i + i / 8) % 8);
	}
	cr_assert_gt(refused, 0);
	help_end(&h);
}

/* Rows: P15 */
Test(damage, flipped_bits_in_a_closed_database)
{
	struct help h = help_start();
	uint32_t refused = 0, flips = help_count("DAMAGES", FLIPS);

	make_image(&h, &im);
	help_must_open(&h);
	help_close(&h);
	im.db_len = load(h.path, "", im.db);
	for (size_t i = 0; i < flips; i++) {
		size_t at = i < 100 ? i : (i * 2654435761U) % im.db_len;

		im.db[at] ^= (uint8_t)(1 << (i + i / 8) % 8);
		store(h.path, "", im.db, im.db_len);
		drop(h.path, "-wal");
		drop(h.path, "-shm");
		try(&h, "flip in closed database", at, &refused);
		im.db[at] ^= (uint8_t)(1 << (i + i / 8) % 8);
	}
	cr_assert_gt(refused, flips / 4);
	help_end(&h);
}

/* Rows: P15 */
Test(damage, flipped_bits_in_the_log)
{
	struct help h = help_start();
	uint32_t refused = 0, flips = help_count("DAMAGES", FLIPS);

	make_image(&h, &im);
	for (size_t i = 0; i < flips; i++) {
		size_t at = i < 100 ? i : (i * 2654435761U) % im.wal_len;

		im.wal[at] ^= (uint8_t)(1 << (i + i / 8) % 8);
		put_image(&h, &im);
		try(&h, "flip in log", at, &refused);
		im.wal[at] ^= (uint8_t)(1 << (i + i / 8) % 8);
	}
	help_end(&h);
}

/* Rows: P15 */
Test(damage, cut_short_anywhere)
{
	struct help h = help_start();
	size_t db_len, wal_len;
	uint32_t refused = 0;

	make_image(&h, &im);
	db_len = im.db_len;
	wal_len = im.wal_len;
	for (size_t n = 0; n < db_len; n += 511) {
		im.db_len = n;
		put_image(&h, &im);
		try(&h, "database cut", n, &refused);
	}
	im.db_len = db_len;
	for (size_t n = 0; n < wal_len; n += 511) {
		im.wal_len = n;
		put_image(&h, &im);
		try(&h, "log cut", n, &refused);
	}
	cr_assert_gt(refused, 0);
	help_end(&h);
}

/* Rows: P15 */
Test(damage, log_of_another_ledger)
{
	struct help a = help_start(), b = help_start();
	static uint8_t wal[IMAGE_MAX];
	size_t len;
	uint32_t refused = 0;

	b.job.target++;
	make_image(&b, &im);
	len = im.wal_len;
	memcpy(wal, im.wal, len);
	make_image(&a, &im);
	store(a.path, "-wal", wal, len);
	drop(a.path, "-shm");
	try(&a, "foreign log", 0, &refused);
	cr_assert_eq(refused, 1);
	help_end(&a);
	help_end(&b);
}
