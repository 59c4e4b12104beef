/*
 * A ledger of very many rows: what a row costs on the disk, how soon it is open again, and that a resume
 * finds what is open. LEDGER_ROWS=1000000 for the checklist's size; times are told, not judged.
 */
#include "tests/ledger/ledger_help.h"

#include <inttypes.h>
#include <time.h>

enum { PAGE = 100, BYTES_MAX = 600 };

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct ledger_row row_of(uint32_t n)
{
	struct ledger_row row = {.source_id = (int32_t)(n + 1),
				 .grouped_id = n % 7 == 0 ? INT64_C(13000000000000000) + n / 7 : 0,
				 .kind = (uint8_t)(n % 9),
				 .mode = 3,
				 .size = n % 3 == 0 ? (int64_t)n * 1000 : 0,
				 .source_topic = 5,
				 .reply_to = n % 11 == 0 ? (int32_t)n : 0};

	for (uint32_t i = 0; i < sizeof(row.digest); i++)
		row.digest[i] = (uint8_t)((n + 1) * 2654435761u >> (i % 24));
	return row;
}

/* Every thousandth row stays open, every hundredth is skipped, the others are sent and done. */
static bool stays_open(uint32_t n)
{
	return n % 1000 == 999;
}

static void put_page(struct ledger *l, uint32_t first, uint32_t count)
{
	struct ledger_row rows[PAGE], sent[PAGE];
	uint32_t sent_count = 0;

	for (uint32_t i = 0; i < count; i++)
		rows[i] = row_of(first + i);
	ledger_plan(l, rows, count, rows[count - 1].source_id);
	for (uint32_t i = 0; i < count; i++) {
		struct ledger_row row = rows[i];

		if (stays_open(first + i))
			continue;
		row.state = (first + i) % 100 == 50 ? ROW_SKIPPED : ROW_SENT;
		row.target_id = row.state == ROW_SENT ? row.source_id + 7 : 0;
		if (row.state == ROW_SKIPPED) {
			snprintf(row.reason, sizeof(row.reason), "service message (PinMessage)");
			ledger_put(l, &row);
		} else {
			sent[sent_count++] = row;
		}
	}
	ledger_sent(l, sent, sent_count);
	for (uint32_t i = 0; i < sent_count; i++) {
		sent[i].state = ROW_DONE;
		ledger_put(l, &sent[i]);
	}
}

static double file_bytes(const struct help *h)
{
	struct stat st;

	cr_assert_eq(stat(h->path, &st), 0);
	return (double)st.st_size;
}

/* What a resume does first: counts, cursor, and the rows that are open, in order. */
static uint32_t resume(struct ledger *l, uint32_t total)
{
	struct ledger_row rows[PAGE];
	struct ledger_counts counts;
	uint32_t open = 0, n;
	int32_t after = 0;
	bool ended;

	ledger_counts(l, &counts);
	cr_assert_eq(counts.rows[ROW_PLANNED], total / 1000);
	cr_assert_eq(counts.rows[ROW_SKIPPED], total / 100);
	cr_assert_eq(counts.rows[ROW_DONE], total - total / 1000 - total / 100);
	cr_assert_eq(ledger_cursor(l, &ended), (int32_t)total);
	while ((n = ledger_scan_open(l, after, rows, PAGE)) > 0) {
		for (uint32_t i = 0; i < n; i++)
			cr_assert_eq(rows[i].source_id, (int32_t)(1000 * (open + i + 1)));
		open += n;
		after = rows[n - 1].source_id;
	}
	return open;
}

/* Rows: L2 */
Test(load_ledger, rows_are_small_and_what_is_open_is_found)
{
	uint32_t total = help_count("LEDGER_ROWS", 10000);
	struct help h = help_start();
	double start = seconds(CLOCK_MONOTONIC), filled, opened, resumed, cpu;

	cr_assert_eq(total % 1000, 0u);
	help_must_open(&h);
	for (uint32_t n = 0; n < total; n += PAGE)
		put_page(h.ledger, n, PAGE);
	help_close(&h);
	filled = seconds(CLOCK_MONOTONIC);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	help_must_open(&h);
	opened = seconds(CLOCK_MONOTONIC);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	cr_assert_eq(resume(h.ledger, total), total / 1000);
	resumed = seconds(CLOCK_MONOTONIC);
	help_close(&h);
	fprintf(stderr, "%" PRIu32 " rows: %.1f bytes a row; filled in %.2f s, open in %.3f s "
			"(%.3f s of CPU), what is open found in %.3f s more\n",
		total, file_bytes(&h) / total, filled - start, opened - filled, cpu, resumed - opened);
	cr_assert_leq(file_bytes(&h) / total, BYTES_MAX);
	help_end(&h);
}
