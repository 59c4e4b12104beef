/*
 * What an earlier send may have left in the target, where the server forgets random_ids: it is found there,
 * whatever range is wanted by then and whatever the server made of it (reliability I1, I2, N18, 2.7).
 */
#include "tests/clone/deed.h"
#include "tests/clone/hand.h"
#include "tests/clone/job.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct job job, *j = &job;

static const char *reason_of(int32_t id)
{
	static struct ledger_row row;

	(void)job_rows(j, ROW_DONE);
	cr_assert(ledger_find(j->client.ledger, id, &row), "%d", id);
	return row.reason;
}

static void says(int32_t id, const char *words)
{
	struct ledger_row row;

	(void)job_rows(j, ROW_DONE);
	cr_assert(ledger_find(j->client.ledger, id, &row), "%d", id);
	cr_assert_not_null(strstr(row.reason, words), "%d: \"%s\"", id, row.reason);
}

/* As verify judges it: rows that are late have an order of their own. */
static void in_order(void)
{
	int32_t last[LEDGER_LATE_MAX + 1] = {0};
	struct ledger_late late;
	struct ledger_row row;
	int32_t after = 0;

	(void)job_rows(j, ROW_DONE);
	ledger_late(j->client.ledger, &late);
	for (; ledger_scan(j->client.ledger, after, &row, 1) == 1; after = row.source_id) {
		uint32_t lateness = ledger_lateness(&late, &row);

		if (row.target_id == 0)
			continue;
		cr_assert_gt(row.target_id, last[lateness], "%d -> %d, late %u", row.source_id, row.target_id,
			     lateness);
		last[lateness] = row.target_id;
	}
}

/* No two rows name the same copy. */
static void are_apart(void)
{
	struct ledger_row a, b;

	(void)job_rows(j, ROW_DONE);
	for (int32_t x = 0; ledger_scan(j->client.ledger, x, &a, 1) == 1; x = a.source_id)
		for (int32_t y = a.source_id; ledger_scan(j->client.ledger, y, &b, 1) == 1; y = b.source_id)
			cr_assert(a.target_id == 0 || a.target_id != b.target_id, "%d and %d -> %d", a.source_id,
				  b.source_id, a.target_id);
}

/*
 * A forward is unanswered, and the next run wants the end of it only: neither takes it one copy for another's
 * (wordless photos say all the same), nor does the run after it miss the beginning.
 */
/* Rows: N18 P1 */
Test(server_doubts, a_range_begins_within_an_unanswered_forward)
{
	static const char *const synths[] = {"messages=10,seed=3", "messages=10,photos=10,albums=0,seed=3"};

	for (size_t i = 0; i < countof(synths); i++) {
		uint32_t doubted;

		job_open(j, &(struct job_options){.synth = synths[i], .mode = PLAN_FORWARD});
		job_ctl(j, "knob random-id-forget 1");
		job_dies_unanswered(j, "messages.forwardMessages", 0);
		doubted = job_rows(j, ROW_SENDING);
		cr_assert_geq(doubted, 4, "%u", doubted);
		j->o.from_id = job_source_id(j, doubted / 2);
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		j->o.from_id = 0;
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		job_is_complete(j);
		cr_assert_eq(job_adopted(j), doubted, "%u of %u", job_adopted(j), doubted);
	}
}

/* In each kind of chat a copy is known, also where it is not called outgoing: in the Saved Messages. */
/* Rows: N18 P1 */
Test(server_doubts, a_lost_answer_in_every_kind_of_chat)
{
	static const enum plan_mode modes[] = {PLAN_FORWARD, PLAN_COPY, PLAN_STREAM};

	for (int target = 0; target < TARGETS; target++) {
		for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
			job_open(j, &(struct job_options){.synth = "messages=8,photos=2,albums=0,seed=3",
							  .mode = modes[i],
							  .target = (enum target_kind)target});
			job_ctl(j, "knob random-id-forget 1");
			job_dies_unanswered(j, i == 0 ? "messages.forwardMessages" : "messages.sendMessage", 0);
			job_ctl(j, "fault reset:method=%s,count=1",
				i == 0 ? "messages.forwardMessages" : "messages.sendMedia");
			job_run(j, JOB_DAY);
			job_is_complete(j);
			cr_assert_gt(job_adopted(j), 0, "%d %d", target, (int)i);
		}
	}
}

/* Refused for its formatting, sent without it, and the answer is lost: that is found. */
/* Rows: N18 */
Test(server_doubts, sent_without_its_formatting_and_its_answer_lost)
{
	for (uint32_t dies = 0; dies < 2; dies++) {
		job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_COPY});
		hand_emoji(j->telegram, 0, "words");
		job_ctl(j, "knob random-id-forget 1");
		job_ctl(j, "fault error:method=messages.sendMessage,code=400,text=ENTITY_BOUNDS_INVALID,skip=1,count=1");
		if (dies == 0)
			job_ctl(j, "fault reset:method=messages.sendMessage,skip=2,count=1");
		if (dies)
			job_dies_unanswered(j, "messages.sendMessage", 2);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 2, "%u", job_lines(j, 1));
		says(hand_last(j->telegram, 0), "formatting not kept");
	}
}

/* The server takes formatting away, and its answer is lost: that is found. */
/* Rows: N18 */
Test(server_doubts, formatting_that_the_server_took_away)
{
	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_COPY});
	hand_emoji(j->telegram, 0, "words");
	job_ctl(j, "knob premium-emoji 1");
	job_ctl(j, "knob random-id-forget 1");
	job_dies_unanswered(j, "messages.sendMessage", 1);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), 2, "%u", job_lines(j, 1));
	says(hand_last(j->telegram, 0), "formatting not kept");
}

/*
 * It was sent, the server took its formatting away, and nobody heard so; days later the source says something else. What
 * the server answers then is that copy, and no message of another job's.
 */
/* Rows: N18 S28 */
Test(server_doubts, sent_days_ago_and_edited_since)
{
	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_COPY});
	hand_emoji(j->telegram, 0, "words");
	job_ctl(j, "knob premium-emoji 1");
	job_dies_unanswered(j, "messages.sendMessage", 1);
	telegram_edit(j->telegram, 0, hand_last(j->telegram, 0), "other words");
	job_sleep(j, 3 * JOB_DAY);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), 2, "%u", job_lines(j, 1));
	says(hand_last(j->telegram, 0), "changed at the source");
}

/*
 * The same of one that went by its bytes: it is another file there. The look-up misses it, and it is to be forwarded; the
 * server says that it was sent before, and what is looked for then is either way's.
 */
/* Rows: N18 S27 */
Test(server_doubts, it_went_by_its_bytes_and_is_missed_at_first)
{
	uint64_t pages;

	job_open(j, &(struct job_options){.synth = "messages=1,photos=1x3000,seed=3", .mode = PLAN_AUTO,
					  .allow_protected = true, .knobs = {"random-id=duplicate"}});
	job_ctl(j, "fault error:method=messages.forwardMessages,code=400,text=CHAT_FORWARDS_RESTRICTED,count=1");
	job_dies_unanswered(j, "messages.sendMedia", 0);
	pages = job_stat(j, "requests/messages.getHistory/count");
	while (job_stat(j, "requests/messages.getHistory/count") == pages)
		job_run(j, JOB_SECOND / 1000);
	job_ctl(j, "knob page-empty 2"); /* the last one of the source, and that of the look-up */
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), 1, "%u", job_lines(j, 1));
	says(hand_photo(j->telegram, 0), "found in the target");
}

/* What is gone at the source is not sent again: that its copy is nowhere is not believed of one page that came empty. */
/* Rows: N18 S22 */
Test(server_doubts, sent_and_deleted_since_and_a_page_comes_empty)
{
	int32_t id;

	job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_COPY});
	id = telegram_say(j->telegram, 0, "the last");
	job_dies_unanswered(j, "messages.sendMessage", 2);
	hand_delete(j->telegram, 0, id);
	job_ctl(j, "knob page-empty 2"); /* the source's, too */
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	says(id, "found in the target");
}

/*
 * It was refused as a forward, and sent anew; the process dies, and the next one would forward it: that it was sent
 * is found by the way it went.
 */
/* Rows: N18 */
Test(server_doubts, it_went_another_way_in_an_earlier_life)
{
	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_AUTO});
	hand_emoji(j->telegram, 0, "words");
	job_ctl(j, "knob premium-emoji 1");
	job_ctl(j, "knob random-id-forget 1");
	job_ctl(j, "fault error:method=messages.forwardMessages,code=400,text=NOT_TODAY,count=3");
	job_dies_unanswered(j, "messages.sendMessage", 1);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), 2, "%u", job_lines(j, 1));
	says(hand_last(j->telegram, 0), "formatting not kept");
}

/*
 * Half of a batch were sent before, so that they are looked at first, and that fails: the others, which were
 * sent just now, are found rather than sent again.
 */
/* Rows: N18 S34 */
Test(server_doubts, half_of_a_batch_was_sent_before)
{
	job_open(j, &(struct job_options){.synth = "messages=6,seed=3", .mode = PLAN_FORWARD});
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	for (int i = 0; i < 6; i++)
		telegram_say(j->telegram, 0, "more");
	job_forget(j);
	job_ctl(j, "knob replay-bare 1");
	job_ctl(j, "fault error:method=channels.getMessages,code=500,text=RPC_CALL_FAIL,count=1");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
	cr_assert_eq(job_fired(j, "error"), 1);
	cr_assert_eq(job_stat(j, "requests/messages.forwardMessages/count"), 1 + 1 + 6);
}

/* Pages come oldest first: of messages that say the same each finds its own. */
/* Rows: N18 */
Test(server_doubts, pages_of_the_target_that_come_oldest_first)
{
	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_FORWARD});
	for (int i = 0; i < 4; i++)
		telegram_say(j->telegram, 0, i % 2 == 0 ? "the same words" : "others");
	job_ctl(j, "knob random-id-forget 1");
	job_ctl(j, "knob page-ascending 1");
	job_dies_unanswered(j, "messages.forwardMessages", 0);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
	cr_assert_eq(job_adopted(j), 5);
}

/* It went without its reply, since a range left out what it answers, and its answer is lost: that is said. */
/* Rows: N18 I6 */
Test(server_doubts, a_reply_that_was_sent_without_what_it_answers)
{
	int32_t asked, id;

	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_COPY});
	asked = telegram_say(j->telegram, 0, "asked");
	id = hand_reply(j->telegram, 0, asked, "answered");
	j->o.from_id = id;
	job_kill(j);
	job_dies_unanswered(j, "messages.sendMessage", 0);
	j->o.from_id = 0;
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_adopted(j), 1);
	says(id, "reply not kept");
}

/* Of an album each item says so that does not answer what its source answers. */
/* Rows: N18 I6 */
Test(server_doubts, an_album_that_was_sent_without_what_it_answers)
{
	int32_t id;

	job_open(j, &(struct job_options){.synth = "messages=8,photos=3,albums=1,seed=5", .mode = PLAN_COPY});
	id = hand_album_item(j->telegram, 0, 1, 0);
	cr_assert_gt(id, 2);
	for (int32_t i = 0; i < 2; i++)
		hand_answer(j->telegram, 0, id + i, id - 1);
	j->o.from_id = id;
	job_kill(j);
	job_dies_unanswered(j, "messages.sendMultiMedia", 0);
	j->o.from_id = 0;
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	for (int32_t i = 0; i < 2; i++)
		says(id + i, "reply not kept");
}

/* Of an album a part was found that the target's timer will delete: what is sent anew stays. */
/* Rows: N18 I6 */
Test(server_doubts, each_part_of_an_album_tells_its_own_losses)
{
	struct ledger_row row;
	int32_t id;

	job_open(j, &(struct job_options){.synth = "messages=8,photos=3,albums=1,seed=5", .mode = PLAN_COPY});
	id = hand_album_item(j->telegram, 0, 1, 0);
	deed_timer(j->telegram, 1, 86400);
	job_ctl(j, "knob random-id-forget 1");
	job_dies_unanswered(j, "messages.sendMultiMedia", 0);
	hand_delete(j->telegram, 1, hand_album_item(j->telegram, 1, 1, 1));
	deed_timer(j->telegram, 1, 0);
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert(ledger_find(j->client.ledger, id, &row));
	cr_assert_str_eq(row.reason, "album not kept; deleted again by the target's timer");
	says(id + 1, "album not kept");
	cr_assert(ledger_find(j->client.ledger, id + 1, &row));
	cr_assert_null(strstr(row.reason, "timer"), "%s", row.reason);
}

/* What stands there is a photo of another range, which this run has not read: it is none of those that are missing. */
/* Rows: N18 P1 */
Test(server_doubts, another_photo_stands_where_one_is_looked_for)
{
	job_open(j, &(struct job_options){.synth = "messages=8,photos=8,albums=0,seed=3",
					  .mode = PLAN_FORWARD,
					  .rate_count = 3});
	job_ctl(j, "fault silence:method=messages.forwardMessages,before=1,count=1");
	job_until(j, "silence", 1);
	job_kill(j);
	j->o.from_id = hand_last(j->telegram, 0) - 1;
	job_kill(j);
	job_dies_unanswered(j, "messages.forwardMessages", 0);
	j->o.from_id = 0;
	j->o.limit = 2;
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	j->o.limit = 0;
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), 8, "%u", job_lines(j, 1));
	are_apart();
}

/* Another picture stands at its place since it was forwarded: what is there has the one that it had then. */
/* Rows: N18 S22 */
Test(server_doubts, a_forwarded_photo_is_changed_before_it_is_found)
{
	job_open(j, &(struct job_options){.synth = "messages=4,photos=4,albums=0,seed=3", .mode = PLAN_FORWARD});
	job_ctl(j, "knob random-id-forget 1");
	j->o.to_id = hand_last(j->telegram, 0) - 1;
	job_kill(j);
	job_dies_unanswered(j, "messages.forwardMessages", 0);
	telegram_edit_media(j->telegram, 0, hand_photo(j->telegram, 0), hand_last(j->telegram, 0));
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), 3, "%u", job_lines(j, 1));
	in_order();
}

/* Refused as a photo, and as a document, it is forwarded, as a photo; and found as one when the answer is lost. */
/* Rows: N18 I4 */
Test(server_doubts, forwarded_after_it_was_to_be_a_document)
{
	for (int lost = 0; lost < 2; lost++) {
		int32_t id;

		job_open(j, &(struct job_options){.synth = "messages=3,photos=1,albums=0,seed=3", .mode = PLAN_STREAM});
		job_ctl(j, "knob random-id-forget 1");
		id = hand_photo(j->telegram, 0);
		job_ctl(j, "fault error:method=messages.uploadMedia,code=400,text=MEDIA_INVALID,count=1");
		job_ctl(j, "fault error:method=messages.sendMedia,code=400,text=FILE_REFERENCE_EXPIRED");
		if (lost != 0)
			job_ctl(j, "fault silence:method=messages.forwardMessages,count=1");
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 3, "%u", job_lines(j, 1));
		says(id, lost != 0 ? "found in the target" : "");
		cr_assert_null(strstr(reason_of(id), "document"), "%s", reason_of(id));
	}
}

/* Nothing is where it is looked for, says one page, and the next one shows it. */
/* Rows: N18 */
Test(server_doubts, a_page_of_the_target_comes_empty)
{
	for (int pages = 1; pages < 6; pages++) {
		job_open(j, &(struct job_options){.synth = "messages=6,seed=3", .mode = PLAN_COPY});
		job_ctl(j, "knob random-id-forget 1");
		job_ctl(j, "fault drop:method=messages.sendMessage,count=1,skip=2");
		job_until(j, "drop", 1);
		job_kill(j);
		job_ctl(j, "knob page-empty %d", pages);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 6, "%d: %u", pages, job_lines(j, 1));
	}
}

/* ---- albums and ranges ---- */

/* What a range left out of an album was never sent, and is no reason to take its other part for it. */
/* Rows: N18 P1 */
Test(server_doubts, a_range_begins_within_an_album_and_its_answer_is_lost)
{
	job_open(j, &(struct job_options){.synth = "messages=5,photos=4,albums=1,seed=3", .mode = PLAN_STREAM});
	j->o.from_id = hand_album_item(j->telegram, 0, 1, 2);
	job_kill(j);
	job_dies_unanswered(j, "messages.send*", 0);
	j->o.from_id = 0;
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), job_lines(j, 0), "%u of %u", job_lines(j, 1), job_lines(j, 0));
	are_apart();
}

/* An album is unanswered, and the next run wants the end of it only: it is settled whole. */
/* Rows: N18 P1 */
Test(server_doubts, a_range_begins_within_an_unanswered_album)
{
	for (uint32_t item = 1; item < 4; item++) {
		job_open(j, &(struct job_options){.synth = "messages=10,photos=5,video=5x90KB,albums=2,seed=3",
						  .mode = PLAN_STREAM});
		job_ctl(j, "knob random-id duplicate");
		job_dies_unanswered(j, "messages.sendMultiMedia", 1);
		j->o.from_id = hand_album_item(j->telegram, 0, 2, item);
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		j->o.from_id = 0;
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		job_is_complete(j);
		in_order();
	}
}

/* ---- what is late, and what is not ---- */

static void goes_on(int32_t from_id, uint32_t rows)
{
	j->o.from_id = from_id;
	job_kill(j);
	for (int i = 0; i < 100000 && job_rows(j, ROW_DONE) < rows && j->client.status == CLONE_RUNNING; i++)
		job_run(j, JOB_SECOND / 500);
}

/* Its answer is lost, and what an earlier range left out comes: that it stood there before is known. */
/* Rows: N18 I3 L10 */
Test(server_doubts, a_gap_is_filled_while_an_answer_is_missing)
{
	for (uint32_t skip = 0; skip < 3; skip++) {
		job_open(j, &(struct job_options){.synth = "messages=10,seed=3", .mode = PLAN_COPY});
		j->o.from_id = hand_last(j->telegram, 0) - 4;
		job_kill(j);
		job_dies_unanswered(j, "messages.send*", skip);
		goes_on(0, 100);
		job_is_done(j, 0);
		cr_assert_eq(job_adopted(j), 1);
		in_order();
	}
}

/* The same of what an interrupted run had planned, and of what is tried again. */
/* Rows: N18 I3 L10 */
Test(server_doubts, an_answer_is_missing_behind_what_was_left_open)
{
	job_open(j, &(struct job_options){.synth = "messages=10,seed=3", .mode = PLAN_COPY, .rate_count = 60});
	goes_on(0, 3);
	j->o.from_id = hand_last(j->telegram, 0) - 3;
	job_kill(j);
	job_dies_unanswered(j, "messages.send*", 0);
	goes_on(0, 100);
	job_is_done(j, 0);
	in_order();

	job_open(j, &(struct job_options){.synth = "messages=10,seed=3", .mode = PLAN_COPY});
	job_ctl(j, "fault error:method=messages.send*,code=400,text=SOMETHING_ODD,skip=2,count=1");
	job_dies_unanswered(j, "messages.send*", 6);
	ledger_mark_late(j->client.ledger, LEDGER_RETRIED);
	cr_assert_eq(ledger_retry(j->client.ledger, "SOMETHING"), 1);
	goes_on(0, 100);
	job_is_done(j, 0);
	in_order();
}

/* One fills a gap, another range is cloned in between, and the first goes on. */
/* Rows: I3 L10 */
Test(server_doubts, another_range_while_a_gap_is_filled)
{
	int32_t last;

	job_open(j, &(struct job_options){.synth = "messages=20,seed=3", .mode = PLAN_COPY, .rate_count = 60});
	last = hand_last(j->telegram, 0);
	goes_on(last - 9, 2);
	goes_on(0, 4);
	goes_on(last - 3, 6);
	goes_on(0, 0); /* it is marked, and nothing is sent */
	goes_on(last - 1, 7);
	goes_on(0, 100);
	job_is_done(j, 0);
	in_order();
}

/* The same, where the run that fills the gap planned all behind it before it died, and another range came then. */
/* Rows: I3 L10 */
Test(server_doubts, another_range_after_all_was_planned)
{
	int32_t last;
	bool ended;

	job_open(j, &(struct job_options){.synth = "messages=20,photos=20,seed=3", .mode = PLAN_STREAM});
	last = hand_last(j->telegram, 0);
	j->o.from_id = last - 14;
	j->o.to_id = last - 10;
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	j->o.to_id = 0;
	goes_on(0, 0);
	while (ledger_cursor(j->client.ledger, &ended) < last) {
		job_run(j, JOB_SECOND / 5000);
		(void)job_rows(j, ROW_DONE);
	}
	cr_assert_eq(job_rows(j, ROW_DONE), 5);
	goes_on(last - 2, 8);
	job_run(j, JOB_DAY);
	goes_on(0, 100);
	job_is_done(j, 0);
	in_order();
}

/* ---- what a forward of many left in the target ---- */

/*
 * Its first message was deleted when it was executed, and its answer cannot be read: where that one is sent by itself
 * then, what it is sent behind is found all the same.
 */
/* Rows: N18 I2 */
Test(server_doubts, a_forward_that_left_one_out_and_whose_answer_is_spoilt)
{
	uint32_t lines;

	for (uint32_t dies = 0; dies < 2; dies++) {
		job_open(j, &(struct job_options){.synth = "messages=10,seed=3", .mode = PLAN_FORWARD});
		job_ctl(j, "knob random-id-forget 1");
		job_ctl(j, "fault error:method=messages.forwardMessages,code=420,text=FLOOD_WAIT_5,count=1");
		job_until(j, "error", 1);
		hand_delete(j->telegram, 0, job_source_id(j, 0));
		job_ctl(j, "fault garble:method=messages.forwardMessages,count=1");
		while (dies && job_rows(j, ROW_DONE) < 1)
			job_run(j, JOB_SECOND / 500);
		if (dies)
			job_kill(j);
		job_run(j, JOB_DAY);
		cr_assert_eq(j->client.status, CLONE_DONE, "%s", clone_why(j->client.clone));
		lines = job_lines(j, 1);
		cr_assert_leq(lines, 10, "%u", lines);
		are_apart();
	}
}

/* ---- albums that a range cuts ---- */

/* Of the second part that comes it is said, whichever that is. */
/* Rows: I3 I6 */
Test(server_doubts, an_album_that_a_range_cuts_is_told)
{
	for (int way = 0; way < 3; way++) {
		int32_t first, second;

		job_open(j, &(struct job_options){.synth = "messages=20,photos=8,albums=2,seed=3", .mode = PLAN_COPY});
		first = hand_album_item(j->telegram, 0, 1, 0);
		second = hand_album_item(j->telegram, 0, 1, 1);
		cr_assert(first > 0 && second > first);
		j->o.from_id = way == 0 ? 0 : second;
		j->o.to_id = way == 0 ? first : 0;
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		j->o.from_id = 0;
		j->o.to_id = way == 2 ? first : 0;
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		says(way == 0 ? second : first, "album not kept");
	}
}

/* What an earlier life sent without its thumbnail, which could not be had, says so when it is found. */
/* Rows: N18 I6 */
Test(server_doubts, sent_without_its_thumbnail_and_its_answer_lost)
{
	job_open(j, &(struct job_options){.synth = "messages=1,video=1x200KB,seed=3", .mode = PLAN_STREAM});
	job_ctl(j, "knob thumb-gone 1");
	job_dies_unanswered(j, "messages.sendMedia", 0);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	says(hand_last(j->telegram, 0), "without its thumbnail");
}

/* Edited after it was read, and forwarded as it was by then: that is found, though the answer cannot be read. */
/* Rows: N18 I2 */
Test(server_doubts, edited_before_a_forward_whose_answer_is_spoilt)
{
	for (uint32_t way = 0; way < 4; way++) {
		bool duplicate = way % 2 == 1;

		job_open(j, &(struct job_options){.synth = way < 2 ? "messages=5,seed=3" : "messages=5,photos=5,seed=3",
						  .mode = PLAN_FORWARD});
		job_ctl(j, duplicate ? "knob random-id duplicate" : "knob random-id-forget 1");
		job_ctl(j, "fault error:method=messages.forwardMessages,code=420,text=FLOOD_WAIT_5,count=1");
		job_until(j, "error", 1);
		if (way < 2)
			telegram_edit(j->telegram, 0, job_source_id(j, 1), "other words");
		else /* photos have all the same fingerprint */
			telegram_edit_media(j->telegram, 0, job_source_id(j, 1), job_source_id(j, 3));
		job_ctl(j, "fault garble:method=messages.forwardMessages,count=1");
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 5, "%u", job_lines(j, 1));
		are_apart();
	}
}

/* ---- the source's end ---- */

/* Its page and the question for its newest message are spoilt: what is written afterwards is not passed over. */
/* Rows: I1 S41 */
Test(server_doubts, the_newest_message_is_spoilt_and_one_is_written_later)
{
	for (int count = 2; count < 6; count++) {
		job_open(j, &(struct job_options){.synth = "messages=10,seed=3", .mode = PLAN_COPY});
		job_ctl(j, "fault garble:method=messages.getHistory,count=%d", count);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		telegram_say(j->telegram, 0, "something new");
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_rows(j, ROW_DONE), 11, "%d: %u", count, job_rows(j, ROW_DONE));
	}
}

/* What is read by ids on trial is known to be there, though the range ends in the middle of it. */
/* Rows: I1 S41 P1 */
Test(server_doubts, the_newest_message_is_spoilt_and_the_range_ends_before_it)
{
	job_open(j, &(struct job_options){.synth = "messages=10,first=400,seed=3", .mode = PLAN_COPY, .from_id = 200, .limit = 4});
	job_ctl(j, "fault strange:method=messages.getHistory,of=%d", hand_last(j->telegram, 0));
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	cr_assert_eq(job_rows(j, ROW_DONE), 4, "%u", job_rows(j, ROW_DONE));
	job_ctl(j, "unfault all");
	j->o.limit = 0;
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_complete(j);
}

/* Ids behind the end that could not be read by chance are no messages: those before them may come yet. */
/* Rows: I1 S41 */
Test(server_doubts, spoilt_ids_behind_the_end_and_messages_that_come_later, .timeout = 120)
{
	for (uint64_t seed = 1; seed < 40; seed++) {
		struct ledger_row row;
		int32_t last;

		job_open(j, &(struct job_options){.synth = "messages=10,seed=3", .mode = PLAN_COPY, .seed = seed});
		job_ctl(j, "fault garble:method=messages.getHistory,count=1");
		job_ctl(j, "fault garble:method=channels.getMessages,rate=0.5,count=40");
		while (job_run(j, JOB_DAY) != CLONE_DONE)
			job_kill(j);
		job_ctl(j, "unfault all");
		for (int i = 0; i < 3; i++)
			telegram_say(j->telegram, 0, "something new");
		last = hand_last(j->telegram, 0);
		job_kill(j);
		job_run(j, JOB_DAY);
		(void)job_rows(j, ROW_DONE);
		for (int32_t id = last - 2; id <= last; id++)
			cr_assert(ledger_find(j->client.ledger, id, &row), "seed %llu: %d", (unsigned long long)seed, id);
	}
}

/* ---- a text that is answered in short ---- */

/* In a basic group the answer holds no message, but what is kept of its formatting. */
/* Rows: I6 */
Test(server_doubts, formatting_that_the_server_took_away_in_a_basic_group)
{
	for (int taken = 0; taken < 2; taken++) {
		struct ledger_row row;

		job_open(j, &(struct job_options){.synth = "messages=20,seed=3", .mode = PLAN_COPY, .target = TARGET_BASIC});
		hand_emoji(j->telegram, 0, "words");
		job_ctl(j, "knob short-sent 1");
		job_ctl(j, "knob premium-emoji %d", taken);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		if (taken)
			says(hand_last(j->telegram, 0), "formatting not kept");
		for (int32_t after = taken ? hand_last(j->telegram, 0) : 0;
		     ledger_scan(j->client.ledger, after, &row, 1) == 1; after = row.source_id)
			cr_assert(row.state != ROW_DONE || row.reason[0] == '\0', "%d: \"%s\"", row.source_id, row.reason);
	}
}

/* A forward is lost on its way, and one of an album is deleted meanwhile: the others of it are not. */
/* Rows: I1 N18 */
Test(server_doubts, one_of_an_album_is_deleted_while_a_forward_is_in_doubt)
{
	job_open(j, &(struct job_options){.synth = "messages=12,photos=12,albums=3,seed=3", .mode = PLAN_FORWARD});
	job_ctl(j, "fault silence:method=messages.forwardMessages,before=1,count=1");
	job_run(j, 10 * JOB_SECOND);
	hand_delete(j->telegram, 0, hand_album_item(j->telegram, 0, 1, 1));
	job_run(j, JOB_DAY);
	job_is_done(j, 1);
	cr_assert_eq(job_lines(j, 1), 11, "%u", job_lines(j, 1));
}

/* Refused as a photo and sent as a document by a life that died before it heard: that is told when it is found. */
/* Rows: N18 I6 */
Test(server_doubts, sent_as_a_document_and_its_answer_lost)
{
	job_open(j, &(struct job_options){.synth = "messages=1,photos=1,albums=0,seed=3",
					  .mode = PLAN_COPY,
					  .rate_count = 20});
	job_ctl(j, "fault error:method=messages.sendMedia,code=400,text=MEDIA_INVALID,count=4");
	job_ctl(j, "fault error:method=messages.uploadMedia,code=400,text=IMAGE_PROCESS_FAILED,count=1");
	job_until(j, "error", 5);
	job_dies_unanswered(j, "messages.sendMedia", 0);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_adopted(j), 1);
	says(hand_last(j->telegram, 0), "sent as a document");
}
