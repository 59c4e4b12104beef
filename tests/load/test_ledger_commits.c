/*
 * What a commit of the ledger costs while its rows become very many (L2). On a disk in memory, where
 * every write and sync is counted: a commit is one sync and a few pages of the log, and the ten
 * thousandth costs no more than the hundredth. And on the real disk, where times are told, not judged.
 *
 * LEDGER_ROWS=1000000 in a release build for the checklist's size; TMPDIR says on which disk.
 */
#include "tests/ledger/ledger_help.h"
#include "tests/sim/disk.h"

#include <inttypes.h>
#include <time.h>

enum { PAGE = 100, TENTHS = 10, SYNCS_MAX = 3 };

struct cost {
	uint64_t writes, syncs, ns;
};

struct costs {
	struct cost *list; /* one a commit */
	uint32_t count, room;
	struct disk *disk; /* NULL: the real one */
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* One group commit of what was put. */
static void commit(struct ledger *l, struct costs *c)
{
	struct disk_counts before = {0}, after = {0};
	uint64_t began = now_ns();

	if (c->disk != NULL)
		before = disk_counts(c->disk);
	cr_assert(ledger_turn(l));
	if (c->disk != NULL)
		after = disk_counts(c->disk);
	cr_assert_lt(c->count, c->room);
	c->list[c->count++] = (struct cost){after.writes - before.writes, after.syncs - before.syncs,
					    now_ns() - began};
}

/* A page is planned, then each message is posted: its intent, what became of it, and that it is done. */
static void post_page(struct ledger *l, uint32_t first, struct costs *c)
{
	struct ledger_row rows[PAGE];

	for (uint32_t i = 0; i < PAGE; i++)
		rows[i] = help_row((int32_t)(first + i + 1), ROW_PLANNED);
	ledger_plan(l, rows, PAGE, rows[PAGE - 1].source_id);
	commit(l, c);
	for (uint32_t i = 0; i < PAGE; i++) {
		rows[i].state = ROW_SENDING;
		ledger_intent(l, &rows[i], 1, rows[i].source_id);
		commit(l, c);
		rows[i].state = ROW_SENT;
		rows[i].target_id = rows[i].source_id + 7;
		ledger_sent(l, &rows[i], 1);
		rows[i].state = ROW_DONE;
		ledger_put(l, &rows[i]);
		commit(l, c);
	}
}

static struct costs fill(struct help *h, struct disk *disk, uint32_t rows)
{
	struct ledger_options o = {.disk = disk != NULL ? disk_calls(disk) : &ledger_disk_kernel,
				   .threadless = true};
	struct costs c = {.room = rows / PAGE * (2 * PAGE + 1), .disk = disk};
	enum ledger_fault fault;

	c.list = calloc(c.room, sizeof(*c.list));
	cr_assert_not_null(c.list);
	fault = ledger_open_on(&h->ledger, &o, disk != NULL ? "job.ledger" : h->path, &h->job, true,
			       h->why, sizeof(h->why));
	cr_assert_eq(fault, LEDGER_SOUND, "%s", h->why);
	for (uint32_t n = 0; n < rows; n += PAGE)
		post_page(h->ledger, n, &c);
	return c;
}

static int by_writes(const void *a, const void *b)
{
	const struct cost *x = a, *y = b;

	return (x->writes > y->writes) - (x->writes < y->writes);
}

static int by_time(const void *a, const void *b)
{
	const struct cost *x = a, *y = b;

	return (x->ns > y->ns) - (x->ns < y->ns);
}

/* p99 of the writes in that tenth of the commits; orders them. */
static uint64_t p99_writes(struct costs *c, uint32_t tenth)
{
	uint32_t n = c->count / TENTHS;

	qsort(c->list + tenth * n, n, sizeof(*c->list), by_writes);
	return c->list[tenth * n + n * 99 / 100].writes;
}

/* Rows: L2 */
Test(ledger_commits, cost_the_same_however_many_rows_there_are, .timeout = 36000)
{
	uint32_t rows = help_count("LEDGER_ROWS", 5000);
	struct disk *disk = disk_open(1);
	struct help h = help_start();
	struct costs c = fill(&h, disk, rows);
	uint64_t syncs = 0, first, last;

	for (uint32_t i = 0; i < c.count; i++) {
		/* Its log; and when that goes into the database, that and the log's new beginning. */
		cr_assert(c.list[i].syncs >= 1 && c.list[i].syncs <= SYNCS_MAX, "commit %u: %" PRIu64, i,
			  c.list[i].syncs);
		syncs += c.list[i].syncs;
	}
	first = p99_writes(&c, 1);
	last = p99_writes(&c, TENTHS - 1);
	fprintf(stderr, "%" PRIu32 " rows, %" PRIu32 " commits: %.3f syncs each; writes: p99 %" PRIu64
			" in the second tenth, %" PRIu64 " in the last\n",
		rows, c.count, (double)syncs / c.count, first, last);
	cr_assert_leq((double)syncs / c.count, 1.05);
	cr_assert_leq(last, first + first / 2, "of the same pages, but for the depth of the tree");
	cr_assert_eq(ledger_close(&h.ledger), LEDGER_SOUND);
	help_end(&h);
	free(c.list);
}

/* Rows: L2 */
Test(ledger_commits, times_on_the_real_disk, .timeout = 36000)
{
	uint32_t rows = help_count("LEDGER_ROWS", 500);
	struct help h = help_start();
	struct costs c = fill(&h, NULL, rows);
	struct ledger_counts counts;

	qsort(c.list, c.count, sizeof(*c.list), by_time);
	fprintf(stderr, "%" PRIu32 " rows, %" PRIu32 " commits with full sync: p50 %.2f ms, p99 %.2f ms, "
			"p99.9 %.2f ms, at most %.2f ms\n",
		rows, c.count, (double)c.list[c.count / 2].ns / 1e6,
		(double)c.list[(uint64_t)c.count * 99 / 100].ns / 1e6,
		(double)c.list[(uint64_t)c.count * 999 / 1000].ns / 1e6,
		(double)c.list[c.count - 1].ns / 1e6);
	ledger_counts(h.ledger, &counts);
	cr_assert_eq(counts.rows[ROW_DONE], rows);
	help_end(&h);
	free(c.list);
}
