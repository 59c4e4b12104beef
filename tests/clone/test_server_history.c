/*
 * What is read of the source, page by page, and what must not get lost on the way: ranges that change
 * from run to run, pages that cannot be read, pages that come empty, topics that are opened meanwhile
 * (reliability I1, I3, S41).
 */
#include "tests/clone/hand.h"
#include "tests/clone/job.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct job job, *j = &job;

/* Messages that the server counts and did not show. */
static uint64_t unseen(void)
{
	struct clone_progress p;

	clone_progress(j->client.clone, &p);
	return p.unseen;
}

/* Every message of the source has a row; the words about the first that has none or is skipped. */
static void nothing_is_missing(void)
{
	char reason[64];
	uint32_t skipped = job_skipped(j, reason);

	cr_assert_eq(j->client.status, CLONE_DONE, "%d %s", j->client.status,
		     clone_why(j->client.clone));
	cr_assert_eq(skipped, 0, "%u skipped: %s", skipped, reason);
	cr_assert_eq(job_lines(j, 0), job_lines(j, 1), "%u messages became %u", job_lines(j, 0), job_lines(j, 1));
	cr_assert_eq(unseen(), 0, "%d", (int)unseen());
}

/* The process ends as it should, and another begins. */
static void next_run(void)
{
	(void)job_rows(j, ROW_DONE); /* all of it is written */
	job_kill(j);
}

/* ---- ranges ---- */

/* A run that is to plan a few more says nothing about what an earlier one planned. */
/* Rows: P1 */
Test(server_history, a_limit_after_an_interrupted_run)
{
	job_open(j, &(struct job_options){
			.synth = "messages=60,seed=3", .mode = PLAN_COPY, .rate_count = 20});
	job_run(j, 20 * JOB_SECOND);
	cr_assert_lt(job_rows(j, ROW_DONE), 20);
	j->o.limit = 5;
	job_kill(j);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	j->o.limit = 0;
	next_run();
	job_run(j, JOB_DAY);
	nothing_is_missing();
	job_is_complete(j);
}

/* What lies before the first run's range is not passed over for ever. */
Test(server_history, the_end_first_and_then_all)
{
	job_open(j, &(struct job_options){.synth = "messages=60,seed=3", .mode = PLAN_COPY});
	j->o.from_id = 40;
	job_kill(j);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	cr_assert_lt(job_lines(j, 1), 40);
	j->o.from_id = 0;
	next_run();
	job_run(j, JOB_DAY);
	nothing_is_missing();
}

/* The same with a gap between two ranges, and a run that is interrupted while it fills it. */
Test(server_history, a_gap_between_two_ranges)
{
	job_open(j, &(struct job_options){.synth = "messages=60,seed=3", .mode = PLAN_COPY});
	j->o.to_id = 10;
	job_kill(j);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	j->o = (struct job_options){.mode = PLAN_COPY, .from_id = 40};
	next_run();
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	cr_assert_lt(job_lines(j, 1), 40, "%u", job_lines(j, 1));
	j->o = (struct job_options){.mode = PLAN_COPY, .rate_count = 20};
	next_run();
	job_run(j, 10 * JOB_SECOND);
	job_kill(j);
	job_run(j, JOB_DAY);
	nothing_is_missing();
}

/* Each row with a target stands behind the one before it, among those that are as late. */
static uint64_t late_in_order(void)
{
	int32_t last[LEDGER_LATE_MAX + 1] = {0};
	struct ledger_row row;
	struct ledger_late late;
	uint64_t n = 0;

	(void)job_rows(j, ROW_DONE);
	ledger_late(j->client.ledger, &late);
	for (int32_t after = 0; ledger_scan(j->client.ledger, after, &row, 1) == 1;
	     after = row.source_id) {
		uint32_t lateness = ledger_lateness(&late, &row);

		if (row.target_id == 0)
			continue;
		cr_assert_gt(row.target_id, last[lateness], "message %d", row.source_id);
		last[lateness] = row.target_id;
		n += lateness > 0;
	}
	return n;
}

/* A life that dies when the fault came to pass, and the next one wants that range. */
static void dies_of(uint32_t fault, int32_t from_id, int32_t to_id)
{
	for (int i = 0; i < 100000 && telegram_fired(j->telegram, fault) == 0; i++)
		job_run(j, JOB_SECOND / 100);
	cr_assert_eq(telegram_fired(j->telegram, fault), 1);
	j->o.from_id = from_id;
	j->o.to_id = to_id;
	job_kill(j);
}

/* A later range passes what an interrupted run left open: that is sent behind it, and known to be late. */
Test(server_history, a_range_behind_what_was_left_open)
{
	uint64_t late;

	job_open(j, &(struct job_options){
			.synth = "messages=60,seed=3", .mode = PLAN_COPY, .rate_count = 20});
	job_run(j, 20 * JOB_SECOND);
	j->o.from_id = 40;
	next_run();
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	cr_assert_lt(job_lines(j, 1), 50);
	j->o.from_id = 0;
	next_run();
	job_run(j, 20 * JOB_SECOND);
	next_run();
	job_run(j, JOB_DAY);
	nothing_is_missing();
	late = late_in_order();
	cr_assert(late > 15 && late < 40, "%d", (int)late);
}

/*
 * All was being sent in a life, and nothing arrived: the end of it is sent by another range, whose answer is lost, and
 * then the beginning by a third. That it stands behind is known, though nobody knew by then that the end is there.
 */
/* Rows: I3 L10 */
Test(server_history, what_was_being_sent_goes_range_by_range)
{
	int32_t last;

	job_open(j, &(struct job_options){.synth = "messages=12,photos=0,albums=0,seed=3", .mode = PLAN_FORWARD});
	last = hand_last(j->telegram, 0);
	job_ctl(j, "fault silence:method=messages.forwardMessages,before=1,count=1");
	dies_of(0, last - 7, last - 6);
	job_ctl(j, "fault silence:method=messages.forwardMessages,count=1");
	dies_of(1, 0, last - 9);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	cr_assert_eq(job_rows(j, ROW_DONE), 3);
	j->o.to_id = 0;
	job_kill(j);
	job_run(j, JOB_DAY);
	nothing_is_missing();
	cr_assert_gt(late_in_order(), 3);
}

/* The same, and the third one wants all of it: of what is being sent within it the end is there, and no beginning. */
/* Rows: I3 L10 */
Test(server_history, a_range_of_what_was_being_sent_and_then_all)
{
	int32_t last;

	job_open(j, &(struct job_options){.synth = "messages=12,photos=0,albums=0,seed=3", .mode = PLAN_FORWARD});
	last = hand_last(j->telegram, 0);
	job_ctl(j, "fault silence:method=messages.forwardMessages,before=1,count=1");
	dies_of(0, last - 7, last - 6);
	job_ctl(j, "fault silence:method=messages.forwardMessages,count=1");
	dies_of(1, 0, 0);
	job_run(j, JOB_SECOND);
	job_kill(j);
	job_run(j, JOB_DAY);
	nothing_is_missing();
	cr_assert_gt(late_in_order(), 3);
}

/* A range that ends within the gap says nothing about the rest of it. */
Test(server_history, a_part_of_what_was_left_out)
{
	job_open(j, &(struct job_options){.synth = "messages=60,seed=3", .mode = PLAN_COPY});
	j->o.from_id = 40;
	job_kill(j);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	j->o.from_id = 0;
	j->o.to_id = 10;
	next_run();
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	j->o.to_id = 0;
	next_run();
	job_run(j, JOB_DAY);
	nothing_is_missing();
}

/* A few more each time, until the gap is closed: what is there already is none of them. */
Test(server_history, limits_close_a_gap)
{
	job_open(j, &(struct job_options){.synth = "messages=60,seed=3", .mode = PLAN_COPY});
	j->o.from_id = 40;
	for (int i = 0; i < 6; i++) {
		job_kill(j);
		job_run(j, JOB_DAY);
		cr_assert_eq(j->client.status, CLONE_DONE);
		(void)job_rows(j, ROW_DONE);
		j->o.from_id = 0;
		j->o.limit = 12;
	}
	nothing_is_missing();
}

/* ---- pages that cannot be read ---- */

/*
 * How many stand together in each album, line by line; lines whose row is skipped are left out. One
 * that is left alone of its album is in none.
 */
static void albums_of(uint32_t chat, bool source, char *out, size_t size)
{
	uint32_t count, n = 0;
	char *dump = telegram_dump(j->telegram, chat, &count), *save = NULL;
	int last = -1, together = 0;
	size_t len = 0;

	for (char *line = strtok_r(dump, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save), n++) {
		const char *album = strstr(line, "\"album\":");
		int number = album == NULL ? -1 : atoi(album + 8);
		struct ledger_row row;

		if (source) {
			cr_assert(ledger_find(j->client.ledger, job_source_id(j, n), &row), "%u", n);
			if (row.state == ROW_SKIPPED)
				continue;
		}
		if (together > 0 && (number < 0 || number != last)) {
			len += (size_t)snprintf(out + len, size - len, "%d ", together);
			together = 0;
		}
		together++;
		last = number;
	}
	snprintf(out + len, size - len, "%d", together);
	free(dump);
}

/* An album at the end of a page, where the limit is as well, stays whole. */
Test(server_history, a_limit_and_albums, .timeout = 200)
{
	static char a[8192], b[8192], synth[96];

	for (int seed = 1; seed <= 6; seed++) {
		snprintf(synth, sizeof(synth), "messages=140,photos=120,albums=40,seed=%d", seed);
		job_open(j, &(struct job_options){.synth = synth, .mode = PLAN_FORWARD});
		j->o.limit = 100;
		job_kill(j);
		job_run(j, JOB_DAY);
		cr_assert_eq(j->client.status, CLONE_DONE);
		cr_assert_lt(job_lines(j, 1), 140);
		j->o.limit = 0;
		next_run();
		job_run(j, JOB_DAY);
		nothing_is_missing();
		albums_of(0, true, a, sizeof(a));
		albums_of(1, false, b, sizeof(b));
		cr_assert_str_eq(a, b, "%s:\n%s\n%s", synth, a, b);
	}
}

/* The same, where the limit falls into the album before the page's end. */
Test(server_history, a_limit_within_an_album_at_a_pages_end, .timeout = 200)
{
	static char a[8192], b[8192], synth[96];

	for (int seed = 1; seed <= 6; seed++) {
		for (uint32_t limit = 91; limit <= 99; limit += 2) {
			snprintf(synth, sizeof(synth), "messages=140,photos=120,albums=40,seed=%d", seed);
			job_open(j, &(struct job_options){.synth = synth, .mode = PLAN_FORWARD});
			j->o.limit = limit;
			job_kill(j);
			job_run(j, JOB_DAY);
			cr_assert_eq(j->client.status, CLONE_DONE);
			cr_assert_lt(job_lines(j, 1), limit + 10);
			j->o.limit = 0;
			next_run();
			job_run(j, JOB_DAY);
			nothing_is_missing();
			albums_of(0, true, a, sizeof(a));
			albums_of(1, false, b, sizeof(b));
			cr_assert_str_eq(a, b, "%s, %u:\n%s\n%s", synth, limit, a, b);
		}
	}
}

/* How many could not be read. */
static uint32_t strange(const char *synth, uint64_t of)
{
	static char a[8192], b[8192];
	uint32_t skipped, lines;
	char reason[64];

	job_open(j, &(struct job_options){.synth = synth, .mode = PLAN_FORWARD});
	job_ctl(j, "fault strange:method=messages.getHistory,of=%d", (int)of);
	job_ctl(j, "fault strange:method=channels.getMessages,of=%d", (int)of);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE, "%s", clone_why(j->client.clone));
	skipped = job_skipped(j, reason);
	lines = job_lines(j, 0);
	for (uint32_t i = 0; i < lines; i++) {
		int32_t id = job_source_id(j, i);
		struct ledger_row row;

		cr_assert_neq(id, 0, "%s: %u of %u messages have a row", synth, i, lines);
		cr_assert(ledger_find(j->client.ledger, id, &row), "%d", id);
	}
	cr_assert_eq(lines, job_lines(j, 1) + skipped, "%u messages, %u copied, %u listed", lines,
		     job_lines(j, 1), skipped);
	albums_of(0, true, a, sizeof(a));
	albums_of(1, false, b, sizeof(b));
	cr_assert_str_eq(a, b, "%s, each %d:\n%s\n%s", synth, (int)of, a, b);
	return skipped;
}

/* What is written after the end was read by id comes in the next run. */
/* Rows: S41 */
Test(server_history, written_behind_what_cannot_be_read)
{
	char text[32];

	job_open(j, &(struct job_options){.synth = "messages=20,seed=3", .mode = PLAN_FORWARD});
	job_ctl(j, "fault strange:method=messages.getHistory,of=7");
	job_ctl(j, "fault strange:method=channels.getMessages,of=7");
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE, "%s", clone_why(j->client.clone));
	cr_assert_gt(job_rows(j, ROW_SKIPPED), 1);
	for (int i = 0; i < 40; i++) {
		snprintf(text, sizeof(text), "later %d.", i);
		hand_say_long(j->telegram, 0, text);
	}
	next_run();
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE, "%s", clone_why(j->client.clone));
	for (int i = 0, met = 0; i < 40; i++) {
		snprintf(text, sizeof(text), "later %d.", i);
		met += strstr(hand_texts(j->telegram, 1), text) != NULL;
		cr_assert(i < 39 || met > 30, "%d", met);
	}
}

/* An album at the edge of what is asked for by id stays whole, and comes at all. */
/* Rows: S41 */
Test(server_history, albums_beside_what_cannot_be_read, .timeout = 200)
{
	uint32_t met = 0;

	for (int seed = 1; seed <= 6; seed++) {
		char synth[96];

		snprintf(synth, sizeof(synth), "messages=120,photos=80,albums=30,seed=%d", seed);
		met += strange(synth, 83) + strange(synth, 61) + strange(synth, 13);
	}
	cr_assert_gt(met, 40);
}

/* Ids of private chats and small groups are the account's: others' messages stay where they are. */
/* Rows: S41 */
Test(server_history, only_this_chat_is_read_by_id)
{
	char reason[64];

	job_open(j, &(struct job_options){
			.synth = "messages=2,seed=3", .mode = PLAN_COPY, .saved = true});
	for (int i = 0; i < 12; i++) {
		char text[32];

		snprintf(text, sizeof(text), "mine %d", i);
		hand_save(j->telegram, text);
		snprintf(text, sizeof(text), "private %d", i);
		hand_private(j->telegram, text);
	}
	job_ctl(j, "fault strange:method=messages.getHistory,of=7");
	job_ctl(j, "fault strange:method=messages.getMessages,of=7");
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE, "%s", clone_why(j->client.clone));
	cr_assert_gt(job_skipped(j, reason), 0);
	cr_assert_null(strstr(hand_texts(j->telegram, 1), "private"), "%s",
		       hand_texts(j->telegram, 1));
	cr_assert_not_null(strstr(hand_texts(j->telegram, 1), "mine 11"), "%s",
			   hand_texts(j->telegram, 1));
}

/* Windows of ids that are narrower than an album: what was sent by itself is told to be in none any more. */
/* Rows: S41 I6 */
Test(server_history, an_album_that_comes_in_parts_is_told)
{
	for (uint32_t i = 0; i < 6; i++) {
		struct ledger_row row;
		uint32_t met = 0;
		char there[512];

		job_open(j, &(struct job_options){.synth = "messages=12,photos=12,albums=2,topics=0,seed=3",
						  .mode = i % 2 ? PLAN_STREAM : PLAN_COPY,
						  .rate_count = 20});
		job_ctl(j, "fault garble:method=messages.getHistory,least=1");
		job_ctl(j, "fault garble:method=channels.getMessages,least=%u", 2 + i / 2);
		job_run(j, JOB_HOUR);
		nothing_is_missing();
		albums_of(1, false, there, sizeof(there));
		(void)job_rows(j, ROW_DONE);
		for (int32_t id = 0; ledger_scan(j->client.ledger, id, &row, 1) == 1; id = row.source_id) {
			met += strstr(row.reason, "album not kept") != NULL;
			if (i < 2 && row.grouped_id != 0)
				cr_assert_not_null(strstr(row.reason, "album not kept"), "%d: \"%s\" (%s)",
						   row.source_id, row.reason, there);
		}
		cr_assert(met > 0 || i >= 2);
	}
}

/* What can only be read in parts is read in parts, and does not go on for ever. */
/* Rows: S41 */
Test(server_history, pages_that_come_only_in_parts)
{
	static const int least[] = {60, 30, 2};

	for (size_t i = 0; i < countof(least); i++) {
		job_open(j, &(struct job_options){
				.synth = "messages=260,seed=3", .mode = PLAN_FORWARD});
		job_ctl(j, "fault garble:method=messages.getHistory,least=1");
		job_ctl(j, "fault garble:method=channels.getMessages,least=%d", least[i]);
		job_run(j, JOB_HOUR / 10);
		nothing_is_missing();
		job_is_complete(j);
		cr_assert_lt(job_stat(j, "requests/channels.getMessages/count"), 2 * 260u, "%d: %d", least[i],
			     (int)job_stat(j, "requests/channels.getMessages/count"));
	}
}

/* Where nothing at all can be read, no messages are called unsupported one after the other. */
/* Rows: S41 */
Test(server_history, nothing_can_be_read_at_all)
{
	job_open(j, &(struct job_options){.synth = "messages=60,seed=3", .mode = PLAN_FORWARD});
	job_ctl(j, "fault garble:method=messages.getHistory");
	job_ctl(j, "fault garble:method=channels.getMessages");
	job_run(j, JOB_HOUR / 10);
	cr_assert_eq(j->client.status, CLONE_SOURCE, "%d", j->client.status);
	cr_assert_eq(job_rows(j, ROW_SKIPPED), 0);
}

/* One answer that was spoilt on its way makes no message unsupported. */
/* Rows: S41 */
Test(server_history, unreadable_once_only)
{
	job_open(j, &(struct job_options){.synth = "messages=60,seed=3", .mode = PLAN_FORWARD});
	job_ctl(j, "fault garble:method=messages.getHistory,count=1");
	job_ctl(j, "fault garble:method=channels.getMessages,count=7");
	job_run(j, JOB_HOUR / 10);
	nothing_is_missing();
	job_is_complete(j);
}

/*
 * Nothing new is there, and some answers in a row are spoilt: that makes no hole of ids that nobody has yet, and what is
 * written later is not passed over.
 */
/* Rows: S41 */
Test(server_history, the_newest_is_unreadable_for_a_time)
{
	static const int times[] = {2, 6, 9};

	for (size_t i = 0; i < countof(times); i++) {
		job_open(j, &(struct job_options){.synth = "messages=8,seed=3", .mode = PLAN_FORWARD});
		job_run(j, JOB_HOUR);
		nothing_is_missing();
		next_run();
		job_ctl(j, "fault garble:method=messages.getHistory,count=%d", times[i]);
		job_run(j, JOB_HOUR);
		cr_assert_eq(j->client.status, CLONE_DONE);
		cr_assert_eq(job_fired(j, "garble"), (uint64_t)times[i]);
		telegram_say(j->telegram, 0, "written later");
		next_run();
		job_run(j, JOB_HOUR);
		nothing_is_missing();
		job_is_complete(j);
	}
}

/* Hundreds of thousands of ids without a message, as in a private chat, and then one to be read by id. */
/* Rows: S41 */
Test(server_history, a_wide_hole_before_what_cannot_be_read)
{
	char reason[64], text[32];

	job_open(j, &(struct job_options){.synth = "messages=20,seed=3", .mode = PLAN_FORWARD});
	telegram_number(j->telegram, 0, 3000000);
	for (int i = 0; i < 30; i++) {
		snprintf(text, sizeof(text), "far behind %d.", i);
		hand_say_long(j->telegram, 0, text);
	}
	job_ctl(j, "fault strange:method=messages.getHistory,of=17");
	job_ctl(j, "fault strange:method=channels.getMessages,of=17");
	job_run(j, JOB_HOUR / 10);
	cr_assert_eq(j->client.status, CLONE_DONE, "%d %s", j->client.status,
		     clone_why(j->client.clone));
	cr_assert_eq(job_skipped(j, reason), 3, "%u", job_skipped(j, reason));
	cr_assert_eq(job_lines(j, 1), job_lines(j, 0) - 3);
	cr_assert_lt(job_stat(j, "requests/channels.getMessages/count"), 200u, "%d",
		     (int)job_stat(j, "requests/channels.getMessages/count"));
}

/* An album at the end of a window of ids of which the front is a hole. */
/* Rows: S41 */
Test(server_history, an_album_behind_a_hole, .timeout = 200)
{
	static char a[8192], b[8192];
	uint32_t met = 0;

	for (int seed = 1; seed <= 12; seed++) {
		char synth[96];
		int32_t first = 0, last = 0;

		snprintf(synth, sizeof(synth), "messages=150,photos=120,albums=40,seed=%d", seed);
		job_open(j, &(struct job_options){.synth = synth, .mode = PLAN_FORWARD});
		for (uint32_t n = 1; last <= 100 && hand_album_item(j->telegram, 0, n, 0) != 0; n++) {
			first = hand_album_item(j->telegram, 0, n, 0);
			for (uint32_t i = 0; hand_album_item(j->telegram, 0, n, i) != 0; i++)
				last = hand_album_item(j->telegram, 0, n, i);
		}
		if (first > 100 || last <= 100)
			continue;
		met++;
		for (int32_t id = 1; id < first; id++)
			hand_delete(j->telegram, 0, id);
		job_ctl(j, "fault garble:method=messages.getHistory,least=1");
		job_run(j, JOB_HOUR);
		nothing_is_missing();
		albums_of(0, true, a, sizeof(a));
		albums_of(1, false, b, sizeof(b));
		cr_assert_str_eq(a, b, "%s:\n%s\n%s", synth, a, b);
	}
	cr_assert_gt(met, 0);
}

/* A range cuts an album, and the next run brings the rest: that it is no album any more is said of both. */
Test(server_history, an_album_that_a_range_cuts_is_told)
{
	for (int begins = 0; begins < 2; begins++) {
		struct ledger_row row;
		int32_t first, last;

		job_open(j, &(struct job_options){.synth = "messages=30,photos=14,albums=3,seed=3",
						  .mode = PLAN_FORWARD});
		first = hand_album_item(j->telegram, 0, 2, 0);
		last = hand_album_item(j->telegram, 0, 2, 1);
		j->o.from_id = begins ? last : 0;
		j->o.to_id = begins ? 0 : first;
		job_kill(j);
		job_run(j, JOB_HOUR);
		j->o.from_id = j->o.to_id = 0;
		next_run();
		job_run(j, JOB_HOUR);
		nothing_is_missing();
		for (int32_t id = first; id <= last; id++) {
			cr_assert(ledger_find(j->client.ledger, id, &row));
			cr_assert_not_null(strstr(row.reason, "album not kept"), "%d %d: %s", begins, id, row.reason);
		}
	}
}

/* Items that had to be read one by one go in one request, and are an album there: nobody says that they are not. */
Test(server_history, an_album_that_is_read_item_by_item)
{
	struct ledger_row row;

	job_open(j, &(struct job_options){.synth = "messages=16,photos=9,albums=2,seed=3", .mode = PLAN_FORWARD,
					  .rate_count = 2000});
	job_ctl(j, "fault garble:method=messages.getHistory,least=1");
	job_ctl(j, "fault garble:method=channels.getMessages,least=2");
	job_ctl(j, "fault error:method=messages.forwardMessages,code=420,text=FLOOD_WAIT_300,count=1");
	job_run(j, JOB_HOUR);
	nothing_is_missing();
	job_is_complete(j);
	for (int32_t after = 0; ledger_scan(j->client.ledger, after, &row, 1) == 1; after = row.source_id)
		cr_assert_null(strstr(row.reason, "album"), "%d: %s", row.source_id, row.reason);
}

/* In whatever order a page comes. */
Test(server_history, pages_that_come_oldest_first)
{
	job_open(j, &(struct job_options){.synth = "messages=260,photos=40,albums=12,seed=3",
					  .mode = PLAN_FORWARD});
	job_ctl(j, "knob page-ascending 1");
	job_run(j, JOB_HOUR);
	nothing_is_missing();
	job_is_complete(j);
}

/* A message that an earlier run planned, and that cannot be read any more, was not deleted. */
/* Rows: S41 */
Test(server_history, planned_and_unreadable_since)
{
	char reason[64];

	job_open(j, &(struct job_options){
			.synth = "messages=60,seed=3", .mode = PLAN_COPY, .rate_count = 20});
	job_run(j, 20 * JOB_SECOND);
	job_ctl(j, "fault strange:method=messages.getHistory,of=50");
	job_ctl(j, "fault strange:method=channels.getMessages,of=50");
	job_kill(j);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	cr_assert_eq(job_skipped(j, reason), 1);
	cr_assert_eq(strncmp(reason, "unsupported", 11), 0, "%s", reason);
}

/* ---- pages that come empty ---- */

/* Once, or again and again: the end is where the newest message is. */
Test(server_history, a_page_that_comes_empty)
{
	static const int pages[] = {1, 2, 5};

	for (size_t i = 0; i < countof(pages); i++) {
		job_open(j, &(struct job_options){
				.synth = "messages=260,seed=3", .mode = PLAN_FORWARD});
		job_ctl(j, "knob page-empty %d", pages[i]);
		job_run(j, JOB_DAY);
		job_is_complete(j);
		nothing_is_missing();
	}
}

/* In a restart: what was planned is not taken for deleted. */
Test(server_history, a_page_that_comes_empty_to_a_restart)
{
	job_open(j, &(struct job_options){
			.synth = "messages=160,seed=3", .mode = PLAN_COPY, .rate_count = 20});
	job_run(j, 60 * JOB_SECOND);
	job_ctl(j, "knob page-empty 1");
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_complete(j);
	nothing_is_missing();
}

/* ---- what the server counts ---- */

/* Whether there is more than it shows, and no alarm where messages went meanwhile. */
Test(server_history, more_is_counted_than_shown)
{
	job_open(j, &(struct job_options){.synth = "messages=160,seed=3", .mode = PLAN_FORWARD});
	job_ctl(j, "knob count-more 3");
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	cr_assert_eq(unseen(), 3);
	job_ctl(j, "knob count-more 0");
	for (int32_t id = 20; id < 30; id++)
		hand_delete(j->telegram, 0, id);
	next_run();
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	cr_assert_eq(unseen(), 0);
}

/* ---- refusals ---- */

/* It is the source that cannot be read, and it is the source that is named. */
/* Rows: S38 */
Test(server_history, a_refusal_names_the_chat_that_it_is_about)
{
	static const char *const words[] = {"PEER_ID_INVALID", "CHANNEL_PRIVATE", "CHAT_RESTRICTED"};

	for (size_t i = 0; i < countof(words); i++) {
		job_open(j, &(struct job_options){.synth = "messages=6,seed=3", .mode = PLAN_COPY});
		job_ctl(j, "fault error:method=messages.getHistory,code=400,text=%s,count=1", words[i]);
		job_run(j, JOB_DAY);
		cr_assert_eq(j->client.status, CLONE_SOURCE, "%s: %d %s", words[i], j->client.status,
			     clone_why(j->client.clone));
	}
}

/* ---- topics ---- */

/* A topic that was opened after the clone began gets one of its own as well. */
Test(server_history, a_topic_is_opened_meanwhile)
{
	int32_t topic;

	job_open(j, &(struct job_options){.synth = "messages=1200,topics=2,seed=3",
					  .mode = PLAN_FORWARD,
					  .rate_count = 600,
					  .topics = 2});
	job_run(j, 20 * JOB_SECOND);
	topic = hand_topic(j->telegram, 0, "news of today");
	hand_say_in(j->telegram, 0, topic, "said in the new topic");
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE, "%s", clone_why(j->client.clone));
	cr_assert_str_eq(hand_topic_of(j->telegram, 1, "said in the new topic"), "news of today");
}

/* More topics than one page names, with titles as long as they may be. */
Test(server_history, many_topics_with_long_titles, .timeout = 200)
{
	char title[129], first[129], last[129];
	int32_t topic = 0;

	job_open(j, &(struct job_options){.synth = "messages=3,topics=2,seed=3",
					  .mode = PLAN_FORWARD,
					  .topics = 2});
	client_kill(&j->client);
	for (int i = 0; i < 2300; i++) {
		snprintf(title, sizeof(title), "%04d ", i);
		memset(title + 5, 'a' + i % 26, 123);
		title[128] = '\0';
		topic = hand_topic(j->telegram, 0, title);
		if (i == 0) {
			hand_say_in(j->telegram, 0, topic, "in the first one");
			memcpy(first, title, sizeof(first));
		}
	}
	memcpy(last, title, sizeof(last));
	hand_say_in(j->telegram, 0, topic, "in the last one");
	cr_assert(client_start(&j->client));
	job_run(j, 40 * JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE, "%s", clone_why(j->client.clone));
	cr_assert_str_eq(hand_topic_of(j->telegram, 1, "in the first one"), first);
	cr_assert_str_eq(hand_topic_of(j->telegram, 1, "in the last one"), last);
}

/* Topics that no list names any more: they are looked for once, and what was said in them is not lost. */
Test(server_history, topics_that_are_in_no_list)
{
	int32_t topics[3];
	char text[32];

	job_open(j, &(struct job_options){.synth = "messages=30,topics=2,seed=3",
					  .mode = PLAN_FORWARD,
					  .topics = 2});
	for (int i = 0; i < 3; i++)
		topics[i] = hand_topic(j->telegram, 0, "lost");
	for (int i = 0; i < 60; i++) {
		snprintf(text, sizeof(text), "lost %d.", i);
		hand_say_in(j->telegram, 0, topics[i % 3], text);
	}
	for (int i = 0; i < 3; i++)
		hand_lose_topic(j->telegram, 0, topics[i]);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE, "%s", clone_why(j->client.clone));
	for (int i = 0; i < 60; i++) {
		snprintf(text, sizeof(text), "lost %d.", i);
		cr_assert_not_null(strstr(hand_texts(j->telegram, 1), text), "%s", text);
	}
	cr_assert_leq(job_stat(j, "requests/messages.getForumTopics/count"), 8u, "%d",
		      (int)job_stat(j, "requests/messages.getForumTopics/count"));
}
