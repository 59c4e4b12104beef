/* The ledger while nothing goes wrong: what was put is found, also after a restart. */
#include "tests/ledger/ledger_help.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

static struct ledger_row found(struct help *h, int32_t id)
{
	struct ledger_row r;

	cr_assert(ledger_find(h->ledger, id, &r), "no row of %d", id);
	return r;
}

Test(ledger, new_one_is_empty)
{
	struct help h = help_start();
	struct ledger_counts c;
	struct ledger_row r;
	bool ended = true;

	help_must_open(&h);
	cr_assert_not(ledger_find(h.ledger, 1, &r));
	cr_assert_eq(ledger_cursor(h.ledger, &ended), 0);
	cr_assert_not(ended);
	cr_assert_eq(ledger_watermark(h.ledger), 0);
	ledger_counts(h.ledger, &c);
	cr_assert_eq(c.rows[ROW_PLANNED] + c.rows[ROW_DONE] + (uint64_t)c.first, 0);
	help_close(&h);
	help_end(&h);
}

Test(ledger, missing_one_is_not_made_unless_asked)
{
	struct help h = help_start();

	cr_assert_eq(help_open(&h, false), LEDGER_CREATE);
	cr_assert_neq(access(h.path, F_OK), 0);
	cr_assert(strstr(h.why, h.path) != NULL);
	help_end(&h);
}

Test(ledger, missing_directory_is_named)
{
	struct help h = help_start();

	strcat(h.path, "/no/such");
	cr_assert_eq(help_open(&h, true), LEDGER_CREATE);
	cr_assert(strstr(h.why, h.path) != NULL);
	help_end(&h);
}

/* The lock takes no byte, or a part of what it should: the reason is named, and it is no missing right. */
/* Rows: P8 */
Test(ledger, no_room_for_the_lock_is_named)
{
	struct help h = help_start();
	struct rlimit all, none;

	cr_assert_eq(getrlimit(RLIMIT_FSIZE, &all), 0);
	signal(SIGXFSZ, SIG_IGN);
	for (rlim_t bytes = 0; bytes < 2; bytes++) {
		none = (struct rlimit){bytes, all.rlim_max};
		cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
		cr_assert_eq(help_open(&h, true), LEDGER_IO);
		cr_assert_eq(setrlimit(RLIMIT_FSIZE, &all), 0);
		cr_assert_not_null(strstr(h.why, ".lock: "), "%s", h.why);
		cr_assert_not_null(strstr(h.why, strerror(EFBIG)), "%s", h.why);
	}
	help_must_open(&h);
	help_end(&h);
}

Test(ledger, every_field_of_a_row_comes_back)
{
	struct help h = help_start();
	struct ledger_row in = {.source_id = INT32_MAX,
				.grouped_id = INT64_MIN,
				.state = ROW_SKIPPED,
				.kind = 255,
				.mode = 254,
				.target_id = -5,
				.size = INT64_MAX,
				.source_topic = -1,
				.target_topic = INT32_MIN,
				.reply_to = 77,
				.adopted = true};
	struct ledger_row out;

	memset(in.digest, 0xfe, sizeof(in.digest));
	memset(in.reason, 'x', sizeof(in.reason) - 1);
	help_must_open(&h);
	ledger_plan(h.ledger, &in, 1, INT32_MAX);
	help_sync(&h);
	for (int i = 0; i < 2; i++) {
		out = found(&h, INT32_MAX);
		cr_assert_eq(out.grouped_id, in.grouped_id);
		cr_assert_eq(out.state, in.state);
		cr_assert_eq(out.kind, 255);
		cr_assert_eq(out.mode, 254);
		cr_assert_eq(out.target_id, -5);
		cr_assert_eq(out.size, INT64_MAX);
		cr_assert_eq(out.source_topic, -1);
		cr_assert_eq(out.target_topic, INT32_MIN);
		cr_assert_eq(out.reply_to, 77);
		cr_assert(out.adopted);
		cr_assert_arr_eq(out.digest, in.digest, 32);
		cr_assert_str_eq(out.reason, in.reason);
		help_close(&h);
		help_must_open(&h);
	}
	help_end(&h);
}

Test(ledger, planning_again_leaves_rows_as_they_are)
{
	struct help h = help_start();
	struct ledger_row r;

	help_must_open(&h);
	help_plan(&h, 1, 10);
	r = help_row(4, ROW_DONE);
	r.target_id = 44;
	ledger_put(h.ledger, &r);
	help_plan(&h, 1, 10);
	help_sync(&h);
	cr_assert_eq(found(&h, 4).state, ROW_DONE);
	cr_assert_eq(ledger_target_of(h.ledger, 4), 44);
	cr_assert_eq(ledger_target_of(h.ledger, 5), 0);
	cr_assert_eq(ledger_cursor(h.ledger, NULL), 10);
	help_end(&h);
}

Test(ledger, put_changes_the_state_and_keeps_the_plan)
{
	struct help h = help_start();
	struct ledger_row r = {.source_id = 2, .state = ROW_UPLOADING, .mode = 2};

	help_must_open(&h);
	help_plan(&h, 1, 3);
	ledger_put(h.ledger, &r);
	help_sync(&h);
	r = found(&h, 2);
	cr_assert_eq(r.state, ROW_UPLOADING);
	cr_assert_eq(r.mode, 2);
	cr_assert_eq(r.size, 1000);
	cr_assert_eq(r.reply_to, 1);
	cr_assert_eq(r.grouped_id, (1LL << 60 | 2));
	help_end(&h);
}

Test(ledger, cursor_never_goes_back_and_end_opens_again)
{
	struct help h = help_start();
	bool ended;

	help_must_open(&h);
	help_plan(&h, 100, 10);
	help_plan(&h, 1, 10);
	ledger_plan_end(h.ledger, 109);
	help_sync(&h);
	cr_assert_eq(ledger_cursor(h.ledger, &ended), 109);
	cr_assert(ended);
	help_plan(&h, 110, 1);
	help_sync(&h);
	cr_assert_eq(ledger_cursor(h.ledger, &ended), 110);
	cr_assert_not(ended, "the source grew: its end is not seen yet");
	help_end(&h);
}

Test(ledger, intent_takes_the_watermark_along)
{
	struct help h = help_start();
	struct ledger_row rows[3];

	help_must_open(&h);
	help_plan(&h, 1, 3);
	for (int i = 0; i < 3; i++)
		rows[i] = help_row(i + 1, ROW_SENDING);
	ledger_intent(h.ledger, rows, 3, 500);
	ledger_intent(h.ledger, rows, 1, 400);
	help_sync(&h);
	cr_assert_eq(ledger_watermark(h.ledger), 500);
	cr_assert_eq(found(&h, 3).state, ROW_SENDING);
	for (int i = 0; i < 3; i++) {
		rows[i].state = ROW_SENT;
		rows[i].target_id = 501 + i;
	}
	ledger_sent(h.ledger, rows, 3);
	help_sync(&h);
	cr_assert_eq(ledger_target_of(h.ledger, 3), 503);
	cr_assert_eq(ledger_watermark(h.ledger), 503, "503 is taken: no other row may find it");
	help_end(&h);
}

Test(ledger, scans_in_order_and_open_ones_alone)
{
	struct help h = help_start();
	struct ledger_row r, out[8];

	help_must_open(&h);
	help_plan(&h, 10, 10);
	for (int32_t id = 10; id < 20; id += 2) {
		r = help_row(id, id < 15 ? ROW_DONE : ROW_SKIPPED);
		ledger_put(h.ledger, &r);
	}
	help_sync(&h);
	cr_assert_eq(ledger_scan(h.ledger, 0, out, 8), 8);
	cr_assert_eq(out[0].source_id, 10);
	cr_assert_eq(out[7].source_id, 17);
	cr_assert_eq(ledger_scan(h.ledger, 17, out, 8), 2);
	cr_assert_eq(ledger_scan(h.ledger, 19, out, 8), 0);
	cr_assert_eq(ledger_scan_open(h.ledger, 11, out, 8), 4);
	cr_assert_eq(out[0].source_id, 13);
	cr_assert_eq(out[3].source_id, 19);
	help_end(&h);
}

Test(ledger, counts_follow_every_change)
{
	struct help h = help_start();
	struct ledger_counts c;
	struct ledger_row r;

	help_must_open(&h);
	help_plan(&h, 5, 10);
	r = help_row(5, ROW_SENT);
	ledger_put(h.ledger, &r);
	r = help_row(6, ROW_SKIPPED);
	ledger_put(h.ledger, &r);
	help_sync(&h);
	for (int i = 0; i < 2; i++) {
		ledger_counts(h.ledger, &c);
		cr_assert_eq(c.rows[ROW_PLANNED], 8);
		cr_assert_eq(c.rows[ROW_SENT], 1);
		cr_assert_eq(c.rows[ROW_SKIPPED], 1);
		cr_assert_eq(c.bytes_total, 10000);
		cr_assert_eq(c.bytes_done, 1000);
		cr_assert_eq(c.first, 5);
		cr_assert_eq(c.last, 14);
		help_close(&h);
		help_must_open(&h);
	}
	help_end(&h);
}

static void reason_seen(void *ctx, const char *reason, uint64_t count)
{
	char *log = ctx;

	sprintf(log + strlen(log), "%s=%d;", reason, (int)count);
}

Test(ledger, reasons_and_retry)
{
	struct help h = help_start();
	struct ledger_row r;
	char log[256] = "";

	help_must_open(&h);
	help_plan(&h, 1, 10);
	for (int32_t id = 1; id <= 5; id++) {
		r = help_row(id, ROW_SKIPPED);
		r.target_id = 9;
		strcpy(r.reason, id <= 3 ? "protected" : "media: invalid");
		ledger_put(h.ledger, &r);
	}
	help_sync(&h);
	ledger_reasons(h.ledger, reason_seen, log);
	cr_assert_str_eq(log, "protected=3;media: invalid=2;");
	cr_assert_eq(ledger_retry(h.ledger, "nothing"), 0);
	cr_assert_eq(ledger_retry(h.ledger, "media"), 2);
	r = found(&h, 4);
	cr_assert_eq(r.state, ROW_PLANNED);
	cr_assert_eq(r.target_id, 0);
	cr_assert_str_empty(r.reason);
	cr_assert_eq(found(&h, 1).state, ROW_SKIPPED);
	cr_assert_eq(ledger_retry(h.ledger, NULL), 3);
	/* A row keeps so much of a reason; who asks names all of it. */
	memset(r.reason, 'x', sizeof(r.reason) - 1);
	r.reason[sizeof(r.reason) - 1] = 0;
	r.source_id = 5;
	r.state = ROW_SKIPPED;
	ledger_put(h.ledger, &r);
	memset(log, 'x', 100);
	log[100] = 0;
	cr_assert_eq(ledger_retry(h.ledger, log), 1);
	help_end(&h);
}

static uint32_t lateness_of(struct help *h, int32_t source, int32_t target)
{
	struct ledger_row r = {.source_id = source, .target_id = target};
	struct ledger_late late;

	ledger_late(h->ledger, &late);
	return ledger_lateness(&late, &r);
}

/* What a retry, or a range that fills a gap, sends stands behind what was sent before. */
Test(ledger, what_is_sent_late_is_marked)
{
	struct help h = help_start();
	struct ledger_row r;
	struct ledger_late late;

	help_must_open(&h);
	help_plan(&h, 1, 10);
	help_sync(&h);
	ledger_mark_late(h.ledger, 0);
	help_sync(&h);
	ledger_late(h.ledger, &late);
	cr_assert_eq(late.count, 0, "nothing was sent yet");
	r = help_row(5, ROW_DONE);
	r.target_id = 50;
	ledger_sent(h.ledger, &r, 1);
	r = help_row(3, ROW_SKIPPED);
	ledger_put(h.ledger, &r);
	help_sync(&h);
	ledger_mark_late(h.ledger, LEDGER_RETRIED);
	cr_assert_eq(ledger_retry(h.ledger, NULL), 1);
	ledger_mark_late(h.ledger, LEDGER_RETRIED); /* the same again */
	help_close(&h);
	help_must_open(&h);
	ledger_late(h.ledger, &late);
	cr_assert_eq(late.count, 1);
	cr_assert_eq(lateness_of(&h, 5, 50), 0);
	cr_assert_eq(lateness_of(&h, 3, 51), 1);
	cr_assert_eq(lateness_of(&h, 11, 60), 0, "behind the cursor of then");
	/* Marks that nothing comes behind do not push out the one that something came behind. */
	r = help_row(3, ROW_DONE);
	r.target_id = 51;
	for (int32_t from = 0; from < 2 * LEDGER_LATE_MAX; from++) {
		if (from == 1)
			ledger_sent(h.ledger, &r, 1);
		help_sync(&h);
		ledger_mark_late(h.ledger, from);
		help_sync(&h);
		ledger_mark_late(h.ledger, from);
		help_sync(&h);
	}
	ledger_late(h.ledger, &late);
	cr_assert_eq(late.count, 2);
	cr_assert_eq(late.marks[1].from, 2 * LEDGER_LATE_MAX - 1);
	cr_assert_eq(lateness_of(&h, 3, 51), 1);
	for (int32_t from = 0; from < 2 * LEDGER_LATE_MAX; from++) {
		r.target_id++;
		ledger_sent(h.ledger, &r, 1);
		help_sync(&h);
		ledger_mark_late(h.ledger, from);
		help_sync(&h);
	}
	ledger_late(h.ledger, &late);
	cr_assert_eq(late.count, LEDGER_LATE_MAX);
	for (int32_t i = 0; i < LEDGER_LATE_MAX; i++)
		cr_assert_eq(late.marks[i].from, LEDGER_LATE_MAX + i);
	help_end(&h);
}

Test(ledger, uploads_are_kept_and_dropped)
{
	struct help h = help_start();
	struct ledger_upload in = {.source_id = 7,
				   .item = 1,
				   .file_id = INT64_MIN + 1,
				   .source_file_id = -1,
				   .size = 4LL << 30,
				   .part_size = 524288,
				   .part_total = 8000,
				   .started_wall_ns = 1700000000000000000};
	struct ledger_upload out;

	in.bitmap[0] = 0xff;
	in.bitmap[999] = 0x80;
	help_must_open(&h);
	ledger_upload_put(h.ledger, &in);
	help_sync(&h);
	cr_assert(ledger_upload_find(h.ledger, 7, 1, &out));
	cr_assert_eq(memcmp(&in, &out, sizeof(in)), 0);
	cr_assert_not(ledger_upload_find(h.ledger, 7, 0, &out));
	in.bitmap[1] = 1;
	ledger_upload_put(h.ledger, &in);
	help_close(&h);
	help_must_open(&h);
	cr_assert(ledger_upload_find(h.ledger, 7, 1, &out));
	cr_assert_eq(out.bitmap[1], 1);
	ledger_upload_drop(h.ledger, 7, 1);
	help_sync(&h);
	cr_assert_not(ledger_upload_find(h.ledger, 7, 1, &out));
	help_end(&h);
}

Test(ledger, topics_and_states)
{
	struct help h = help_start();
	uint8_t value[LEDGER_STATE_MAX], out[LEDGER_STATE_MAX];

	memset(value, 7, sizeof(value));
	help_must_open(&h);
	ledger_topic_put(h.ledger, 1, 100);
	ledger_topic_put(h.ledger, 2, 200);
	ledger_topic_put(h.ledger, 1, 101);
	ledger_state_put(h.ledger, "lane.post", cspan_of(value, sizeof(value)));
	ledger_state_put(h.ledger, "empty", (struct cspan){0});
	ledger_state_put_int(h.ledger, "number", -5);
	help_close(&h);
	help_must_open(&h);
	cr_assert_eq(ledger_topic_of(h.ledger, 1), 101);
	cr_assert_eq(ledger_topic_of(h.ledger, 2), 200);
	cr_assert_eq(ledger_topic_of(h.ledger, 3), 0);
	cr_assert_eq(ledger_state(h.ledger, "lane.post", (struct span){out, sizeof(out)}), 256);
	cr_assert_arr_eq(out, value, sizeof(out));
	cr_assert_eq(ledger_state(h.ledger, "lane.post", (struct span){out, 255}), 0);
	cr_assert_eq(ledger_state(h.ledger, "empty", (struct span){out, sizeof(out)}), 0);
	cr_assert_eq(ledger_state(h.ledger, "none", (struct span){out, sizeof(out)}), 0);
	cr_assert_eq(ledger_state_int(h.ledger, "number", 7), -5);
	cr_assert_eq(ledger_state_int(h.ledger, "none", 7), 7);
	cr_assert_eq(ledger_state_int(h.ledger, "lane.post", 7), 7, "no number");
	help_end(&h);
}

Test(ledger, eventfd_tells_of_durable_tickets)
{
	struct help h = help_start();
	uint64_t ticket;

	help_must_open(&h);
	help_plan(&h, 1, 1);
	ticket = ledger_topic_put(h.ledger, 1, 2);
	while (ledger_durable(h.ledger) < ticket) {
		struct pollfd p = {.fd = ledger_eventfd(h.ledger), .events = POLLIN};

		cr_assert_eq(poll(&p, 1, 10000), 1, "no news");
		ledger_ack(h.ledger);
	}
	cr_assert_eq(ledger_durable(h.ledger), ticket);
	help_end(&h);
}

Test(ledger, more_than_the_queue_holds)
{
	struct help h = help_start();
	struct ledger_counts c;
	struct ledger_upload u = {.source_id = 1};

	help_must_open(&h);
	for (int i = 0; i < 30; i++) {
		help_plan(&h, 1 + i * LEDGER_ROWS_MAX, LEDGER_ROWS_MAX);
		for (int k = 0; k <= i; k++)
			ledger_upload_put(h.ledger, &u); /* heads of the ring everywhere */
	}
	help_sync(&h);
	ledger_counts(h.ledger, &c);
	cr_assert_eq(c.rows[ROW_PLANNED], 30 * LEDGER_ROWS_MAX);
	help_close(&h);
	help_must_open(&h);
	ledger_counts(h.ledger, &c);
	cr_assert_eq(c.rows[ROW_PLANNED], 30 * LEDGER_ROWS_MAX);
	help_end(&h);
}

Test(ledger, a_row_costs_at_most_600_bytes)
{
	struct help h = help_start();
	struct ledger_row rows[LEDGER_ROWS_MAX];
	struct stat st;

	for (int32_t i = 0; i < LEDGER_ROWS_MAX; i++) {
		rows[i] = help_row(1000000 + i, ROW_PLANNED);
		rows[i].size = 4LL << 30;
		rows[i].target_id = rows[i].target_topic = rows[i].source_topic = 2000000 + i;
		memset(rows[i].reason, 'r', sizeof(rows[i].reason) - 1);
	}
	help_must_open(&h);
	ledger_plan(h.ledger, rows, LEDGER_ROWS_MAX, 1);
	help_close(&h);
	cr_assert_eq(stat(h.path, &st), 0);
	cr_assert_leq(st.st_size, 600 * LEDGER_ROWS_MAX, "%ld bytes", (long)st.st_size);
	help_end(&h);
}

Test(ledger, close_writes_what_is_queued_and_leaves_one_file)
{
	struct help h = help_start();
	char wal[128];

	help_must_open(&h);
	help_plan(&h, 1, 100);
	help_close(&h);
	snprintf(wal, sizeof(wal), "%s-wal", h.path);
	cr_assert_neq(access(wal, F_OK), 0);
	help_must_open(&h);
	cr_assert_eq(ledger_cursor(h.ledger, NULL), 100);
	help_end(&h);
}

Test(ledger, files_are_for_the_owner_alone)
{
	static const char *const tails[] = {"", "-wal", "-shm", ".lock"};
	struct help h = help_start();
	char name[128];
	struct stat st;

	umask(0);
	help_must_open(&h);
	help_plan(&h, 1, 1);
	help_sync(&h);
	for (size_t i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "%s%s", h.path, tails[i]);
		cr_assert_eq(stat(name, &st), 0, "%s", name);
		cr_assert_eq(st.st_mode & 0777, 0600, "%s: %o", name, st.st_mode);
	}
	help_end(&h);
}

Test(ledger, status_reads_beside_the_writer)
{
	struct help h = help_start();
	struct ledger *reader;
	struct ledger_counts c;
	struct ledger_job job;
	struct ledger_row r;

	help_must_open(&h);
	help_plan(&h, 1, 5);
	help_sync(&h);
	cr_assert_eq(ledger_open(&reader, h.path, NULL, false, h.why, sizeof(h.why)), LEDGER_SOUND,
		     "%s", h.why);
	ledger_job(reader, &job);
	cr_assert_eq(job.target, -1002);
	cr_assert_eq(job.generation, 3);
	help_plan(&h, 6, 5);
	help_sync(&h);
	ledger_counts(reader, &c);
	cr_assert_eq(c.rows[ROW_PLANNED], 10);
	cr_assert_eq(c.last, 10);
	cr_assert(ledger_find(reader, 10, &r));
	cr_assert_eq(ledger_close(&reader), LEDGER_SOUND);
	help_plan(&h, 11, 1);
	help_sync(&h);
	help_close(&h);
	help_end(&h);
}

/* More pages than both caches hold, written and read in the order that suits them least. */
Test(ledger, pages_come_out_of_what_was_taken_at_the_start)
{
	enum { ROWS = 20 * 1000, FAR = 7919 };
	struct help h = help_start();
	struct ledger_row r;
	int used = 0, most = 0, missed = 0, missed_most = 0;

	cr_assert(ledger_take_memory());
	help_must_open(&h);
	cr_assert_not(ledger_take_memory(), "a ledger is open");
	for (int32_t at = 0; at < ROWS; at += LEDGER_ROWS_MAX)
		help_plan(&h, at + 1, LEDGER_ROWS_MAX);
	help_sync(&h);
	for (int32_t i = 0; i < ROWS; i++) {
		r = help_row(i * FAR % ROWS + 1, ROW_SKIPPED);
		ledger_put(h.ledger, &r);
		cr_assert(i % 100 != 0 || ledger_find(h.ledger, ROWS - r.source_id + 1, &r));
	}
	help_sync(&h);
	cr_assert_eq(sqlite3_status(SQLITE_STATUS_PAGECACHE_USED, &used, &most, 0), SQLITE_OK);
	cr_assert_eq(sqlite3_status(SQLITE_STATUS_PAGECACHE_OVERFLOW, &missed, &missed_most, 0), SQLITE_OK);
	cr_assert_geq(most, 160, "%d pages", most);
	cr_assert_eq(missed_most, 0, "%d bytes came out of the heap", missed_most);
	help_close(&h);
	help_end(&h);
}

Test(ledger, random_id_is_the_written_rule)
{
	/* Computed apart, with Python's hashlib over struct.pack("<qqqiII", ...). */
	struct ledger_job job = {.account = 777000123,
				 .target = -1001234567890,
				 .source = -1009876543210,
				 .generation = 2};

	cr_assert_eq(ledger_random_id(&job, 42, 0), 4999343502264738215);
	cr_assert_eq(ledger_random_id(&job, 42, 1), 5411237691489756365);
	job.generation = 3;
	cr_assert_eq(ledger_random_id(&job, 42, 0), -1987260140363856181);
	job.source_topic = 9; /* no part of it */
	cr_assert_eq(ledger_random_id(&job, 42, 0), -1987260140363856181);
}
