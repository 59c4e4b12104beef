/*
 * A ledger that somebody else has open as well: a status command that looks while a job begins or ends,
 * and a job that begins or goes on while somebody reads. The others live in this process, and what they
 * do happens at a named call: in a look at the log, or while the one who waits sleeps.
 */
#include "tests/ledger/ledger_help.h"

#include "engine/ledger/disk.h"

#include <errno.h>
#include <sqlite3.h>
#include <sys/wait.h>

/* The kernel's disk; before the next look at a log something happens once. */
static struct other {
	struct ledger_disk disk;
	sqlite3_vfs vfs;
	void (*before_head)(struct other *);
	struct help *h;
	sqlite3 *reader;   /* in the middle of a read */
	int sleeps_to_end; /* it ends after so many sleeps of whoever waits for it; -1: never */
	int slept_us;
} other;

static int head(void *ctx, const char *name, void *out, size_t n)
{
	void (*now)(struct other *) = other.before_head;

	other.before_head = NULL;
	if (now != NULL)
		now(&other);
	return ledger_disk_kernel.head(ctx, name, out, n);
}

static void stop_reading(void)
{
	sqlite3_exec(other.reader, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(other.reader);
	other.reader = NULL;
}

static int nap(sqlite3_vfs *vfs, int us)
{
	other.slept_us += us;
	if (other.reader != NULL && other.sleeps_to_end >= 0 && other.sleeps_to_end-- == 0)
		stop_reading();
	return us;
}

/* Nobody may write what this process could not keep to itself. */
static int no_descriptor(void *ctx, const char *name)
{
	return -EMFILE;
}

static const struct ledger_options *beside(struct help *h)
{
	static struct ledger_options o = {.disk = &other.disk};

	other.vfs = *sqlite3_vfs_find(NULL);
	other.vfs.zName = "beside";
	other.vfs.xSleep = nap;
	other.disk = ledger_disk_kernel;
	other.disk.vfs = "beside";
	other.disk.head = head;
	other.h = h;
	cr_assert_eq(sqlite3_vfs_register(&other.vfs, 0), SQLITE_OK);
	return &o;
}

static enum ledger_fault open_beside(struct help *h, struct ledger **out, bool writing)
{
	h->why[0] = 0;
	return ledger_open_on(out, beside(h), h->path, writing ? &h->job : NULL, false, h->why,
			      sizeof(h->why));
}

static void start_reading(struct help *h, int sleeps_to_end)
{
	cr_assert_eq(sqlite3_open(h->path, &other.reader), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(other.reader, "BEGIN; SELECT count(*) FROM row", NULL, NULL, NULL),
		     SQLITE_OK);
	other.sleeps_to_end = sleeps_to_end;
}

/* What the file itself says, whatever the log says. */
static bool says_open(struct help *h)
{
	uint8_t first[72];
	int fd = open(h->path, O_RDONLY);

	cr_assert_eq(read(fd, first, sizeof(first)), (ssize_t)sizeof(first));
	close(fd); /* and with it this process' locks on it, which SQLite does not know: looked at last */
	return memcmp(first + 68, "tgcO", 4) == 0;
}

static void log_salt(struct help *h, uint8_t salt[8])
{
	uint8_t start[32];
	char name[128];
	int fd;

	snprintf(name, sizeof(name), "%s-wal", h->path);
	fd = open(name, O_RDONLY);
	cr_assert_eq(read(fd, start, sizeof(start)), (ssize_t)sizeof(start));
	close(fd);
	memcpy(salt, start + 16, 8);
}

/* A child that works and dies as a killed process does. */
static void die_at_work(struct help *h)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		help_must_open(h);
		help_plan(h, 1, 10);
		help_sync(h);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	cr_assert_eq(status, 0);
}

static void others_job_ends(struct other *o)
{
	help_close(o->h);
}

static void others_job_goes_on_and_ends(struct other *o)
{
	help_must_open(o->h);
	help_close(o->h);
}

Test(beside, looked_at_while_the_job_ends)
{
	struct help h = help_start();
	struct ledger *reader;
	enum ledger_fault fault;

	help_must_open(&h);
	help_plan(&h, 1, 10);
	help_sync(&h);
	other.before_head = others_job_ends;
	fault = open_beside(&h, &reader, false);
	cr_assert_eq(fault, LEDGER_SOUND, "%d: %s", fault, h.why);
	cr_assert_eq(ledger_cursor(reader, NULL), 10);
	ledger_close(&reader);
	help_end(&h);
}

Test(beside, looked_at_while_the_job_goes_on_after_a_kill)
{
	struct help h = help_start();
	struct ledger *reader;
	enum ledger_fault fault;

	die_at_work(&h);
	other.before_head = others_job_goes_on_and_ends;
	fault = open_beside(&h, &reader, false);
	cr_assert_eq(fault, LEDGER_SOUND, "%d: %s", fault, h.why);
	cr_assert_eq(ledger_cursor(reader, NULL), 10);
	ledger_close(&reader);
	help_end(&h);
}

/* Else a log that is lost later would not be missed. */
/* Rows: P15 */
Test(beside, a_reader_is_waited_for_until_the_file_says_open)
{
	struct help h = help_start();
	struct ledger *ledger;
	enum ledger_fault fault;

	help_must_open(&h);
	help_plan(&h, 1, 10);
	help_close(&h);
	start_reading(&h, 30);
	fault = open_beside(&h, &ledger, true);
	cr_assert_eq(fault, LEDGER_SOUND, "%d: %s", fault, h.why);
	cr_assert(says_open(&h));
	ledger_close(&ledger);
	help_end(&h);
}

/* What a dead one wrote last must not be written on: its log is emptied first. */
/* Rows: P6 */
Test(beside, a_reader_is_waited_for_until_a_new_log_can_begin)
{
	struct help h = help_start();
	struct ledger *ledger;
	uint8_t before[8], after[8];
	enum ledger_fault fault;

	die_at_work(&h);
	log_salt(&h, before);
	start_reading(&h, 30);
	fault = open_beside(&h, &ledger, true);
	cr_assert_eq(fault, LEDGER_SOUND, "%d: %s", fault, h.why);
	log_salt(&h, after);
	cr_assert_neq(memcmp(before, after, sizeof(before)), 0, "the old log goes on");
	ledger_close(&ledger);
	help_end(&h);
}

Test(beside, a_reader_that_never_ends_is_told)
{
	for (int killed = 0; killed < 2; killed++) {
		struct help h = help_start();
		struct ledger *ledger;
		enum ledger_fault fault;

		help_must_open(&h);
		help_close(&h);
		if (killed)
			die_at_work(&h);
		start_reading(&h, -1);
		other.slept_us = 0;
		fault = open_beside(&h, &ledger, true);
		cr_assert_eq(fault, LEDGER_BUSY, "killed %d: %d: %s", killed, fault, h.why);
		cr_assert(strstr(h.why, "read") != NULL, "%s", h.why);
		cr_assert_lt(other.slept_us, 9 * 1000 * 1000);
		stop_reading();
		help_must_open(&h);
		help_end(&h);
	}
}

Test(beside, one_that_cannot_be_kept_from_others_is_not_opened)
{
	static struct ledger_disk disk;
	static const struct ledger_options o = {.disk = &disk};
	struct help h = help_start();
	struct ledger *l = NULL;

	help_must_open(&h);
	help_plan(&h, 1, 10);
	help_close(&h);
	disk = ledger_disk_kernel;
	disk.hold = no_descriptor;
	cr_assert_eq(ledger_open_on(&l, &o, h.path, &h.job, false, h.why, sizeof(h.why)), LEDGER_IO);
	cr_assert_null(l);
	cr_assert(strstr(h.why, "kept from other processes") != NULL, "%s", h.why);
	help_must_open(&h);
	help_end(&h);
}
