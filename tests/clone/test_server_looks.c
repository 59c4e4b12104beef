/*
 * Looking in the target for what may have been sent, where its pages cannot be read or come empty, and the server
 * forgets random_ids: what is there is not sent again, and where nobody can tell that is said (reliability 2.4).
 */
#include "tests/clone/hand.h"
#include "tests/clone/deed.h"
#include "tests/clone/job.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct job job, *j = &job;

static uint64_t pages(void)
{
	return job_stat(j, "requests/messages.getHistory/count");
}

/* One of two messages was sent, and others write: what stands in front of the second one. */
static void open_and_send_one(void)
{
	job_open(j, &(struct job_options){.synth = "messages=2,seed=3",
					  .mode = PLAN_COPY,
					  .interval_ns = 60 * JOB_SECOND});
	job_ctl(j, "knob random-id-forget 1");
	for (int i = 0; i < 100000 && job_rows(j, ROW_DONE) < 1; i++)
		job_run(j, JOB_SECOND / 500);
}

/* The second one goes unanswered, executed or not, and the process dies. */
static void die_unanswered(bool executed)
{
	job_ctl(j, "fault silence:method=messages.sendMessage,count=1%s", executed ? "" : ",before=1");
	job_until(j, "silence", 1);
	job_kill(j);
}

/* Behind one that cannot be read there are no ids for long: deleted since. */
/* Rows: N18 S41 */
Test(server_looks, a_copy_far_behind_a_message_of_a_later_layer)
{
	uint32_t before;

	open_and_send_one();
	for (uint32_t i = 0; i < 300; i++)
		hand_delete(j->telegram, 1, telegram_say(j->telegram, 1, "gone"));
	deed_other(j->telegram, 1, "of a later layer");
	before = job_lines(j, 1);
	die_unanswered(true);
	job_ctl(j, "fault strange:method=messages.getHistory,of=1,others=1");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_adopted(j), 1);
	cr_assert_eq(job_lines(j, 1), before + 1, "%u of %u", job_lines(j, 1), before + 1);
}

/* Several that cannot be read, and what was sent behind them, or was not. */
/* Rows: N18 S41 */
Test(server_looks, others_write_what_cannot_be_read)
{
	static const uint32_t counts[] = {1, 2, 7, 60, 99};

	for (size_t i = 0; i < 2 * countof(counts); i++) {
		uint32_t before;

		open_and_send_one();
		for (uint32_t k = 0; k < counts[i / 2]; k++)
			deed_other(j->telegram, 1, "of a later layer");
		before = job_lines(j, 1);
		die_unanswered(i % 2 == 0);
		job_ctl(j, "fault strange:method=messages.getHistory,of=1,others=1");
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_adopted(j), i % 2 == 0 ? 1 : 0);
		cr_assert_eq(job_lines(j, 1), before + 1, "%u: %u of %u", counts[i / 2], job_lines(j, 1), before + 1);
	}
}

/* So many that the look ends: nobody knows what is among them. It is said, and when they can be read it goes on. */
/* Rows: N18 S41 I6 */
Test(server_looks, nobody_can_tell_what_stands_there)
{
	uint32_t before;

	open_and_send_one();
	for (uint32_t i = 0; i < 150; i++)
		deed_other(j->telegram, 1, "of a later layer");
	before = job_lines(j, 1);
	die_unanswered(true);
	job_ctl(j, "fault strange:method=messages.getHistory,of=1,others=1");
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_TARGET, "%d", j->client.status);
	cr_assert_not_null(strstr(clone_why(j->client.clone), "cannot be read"));
	cr_assert_eq(job_lines(j, 1), before + 1, "%u of %u", job_lines(j, 1), before + 1);
	job_ctl(j, "unfault all");
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_adopted(j), 1);
	cr_assert_eq(job_lines(j, 1), before + 1);
}

/* One that cannot be read, and behind it an answer that was spoilt: that is no reason to pass what it would show. */
/* Rows: N18 S41 */
Test(server_looks, a_spoilt_answer_behind_one_that_cannot_be_read)
{
	for (uint32_t skip = 0; skip < 24; skip++) {
		uint32_t before;

		open_and_send_one();
		deed_other(j->telegram, 1, "of a later layer");
		before = job_lines(j, 1);
		die_unanswered(true);
		job_ctl(j, "fault garble:method=messages.getHistory,skip=%u,count=2", skip);
		job_ctl(j, "fault strange:method=messages.getHistory,of=1,others=1");
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_adopted(j), 1, "%u", skip);
		cr_assert_eq(job_lines(j, 1), before + 1, "%u: %u of %u", skip, job_lines(j, 1), before + 1);
	}
}

/* Pages come empty again and again, though there is more: it waits, and at last comes later. */
/* Rows: N18 I6 */
Test(server_looks, pages_of_the_target_stay_empty)
{
	static const int counts[] = {2, 4, 7, 1000};

	for (size_t i = 0; i < countof(counts); i++) {
		bool ever = counts[i] == 1000;
		uint32_t before;
		uint64_t at;

		open_and_send_one();
		before = job_lines(j, 1);
		die_unanswered(true);
		for (at = pages(); pages() <= at;) /* the source has one */
			if (job_run(j, JOB_SECOND / 500) != CLONE_RUNNING)
				break;
		job_ctl(j, "knob page-empty %d", counts[i]);
		job_run(j, JOB_DAY);
		cr_assert_eq(j->client.status, ever ? CLONE_LATER : CLONE_DONE, "%d: %d %s", counts[i],
			     j->client.status, clone_why(j->client.clone));
		job_ctl(j, "knob page-empty 0");
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_adopted(j), 1, "%d", counts[i]);
		cr_assert_eq(job_lines(j, 1), before + 1, "%d: %u of %u", counts[i], job_lines(j, 1), before + 1);
	}
}

/* One page ends within an album, and the next one comes empty: the rest of it is there all the same. */
/* Rows: N18 */
Test(server_looks, an_album_on_two_pages_of_which_one_comes_empty)
{
	uint32_t met = 0;

	for (uint32_t page = 1; page < 7; page++) {
		uint32_t before;
		uint64_t at;

		job_open(j, &(struct job_options){.synth = "messages=6,photos=6,albums=1,seed=3", .mode = PLAN_COPY});
		job_ctl(j, "knob random-id-forget 1");
		job_ctl(j, "fault error:method=messages.sendMultiMedia,code=420,text=FLOOD_WAIT_30,count=1");
		job_until(j, "error", 1);
		for (uint32_t i = 0; i < 97; i++)
			deed_other(j->telegram, 1, "by the way");
		job_ctl(j, "fault silence:method=messages.sendMultiMedia,count=1");
		job_until(j, "silence", 1);
		before = job_lines(j, 1);
		job_kill(j);
		for (at = pages(); pages() < at + page;)
			if (job_run(j, JOB_SECOND / 500) != CLONE_RUNNING)
				break;
		job_ctl(j, "knob page-empty 1");
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		met += job_adopted(j) > 0;
		cr_assert_eq(job_lines(j, 1), job_lines(j, 0) + 97, "%u: %u of %u, before %u", page, job_lines(j, 1), job_lines(j, 0) + 97,
			     before);
	}
	cr_assert_gt(met, 0);
}

/* One of an album is changed before that is forwarded, and the answer is lost: read again it is found among the others. */
/* Rows: N18 S22 */
Test(server_looks, one_of_an_album_is_changed_before_it_is_forwarded)
{
	for (uint32_t i = 0; i < 4; i++) {
		for (uint32_t dies = 0; dies < 2; dies++) {
			uint32_t count = 0;

			job_open(j, &(struct job_options){.synth = "messages=12,photos=12,albums=2,seed=3",
							  .mode = PLAN_FORWARD});
			while (hand_album_item(j->telegram, 0, 1, count) != 0)
				j->o.to_id = hand_album_item(j->telegram, 0, 1, count++);
			j->o.from_id = hand_album_item(j->telegram, 0, 1, 0);
			cr_assert_geq(count, 2);
			job_kill(j);
			job_ctl(j, "knob random-id-forget 1");
			job_ctl(j, "fault error:method=messages.forwardMessages,code=420,text=FLOOD_WAIT_30,count=1");
			job_until(j, "error", 1);
			telegram_edit(j->telegram, 0, hand_album_item(j->telegram, 0, 1, i % count), "another caption");
			if (dies > 0) {
				job_ctl(j, "fault silence:method=messages.forwardMessages,count=1");
				job_until(j, "silence", 1);
				job_kill(j);
			} else {
				job_ctl(j, "fault garble:method=messages.forwardMessages,count=1");
			}
			job_run(j, JOB_DAY);
			job_is_done(j, 0);
			cr_assert_eq(job_lines(j, 1), count, "%u %u: %u of %u", i, dies, job_lines(j, 1), count);
			cr_assert_eq(job_adopted(j), count);
		}
	}
}

/* One of an album is deleted after a forward that never arrived: it alone does not go, and is told as what it is. */
/* Rows: N18 S22 */
Test(server_looks, one_of_an_album_is_deleted_before_it_is_forwarded_again)
{
	for (uint32_t i = 0; i < 3; i++) {
		struct ledger_row row;
		uint32_t count = 0;
		int32_t gone;

		job_open(j, &(struct job_options){.synth = "messages=12,photos=12,albums=2,seed=3",
						  .mode = PLAN_FORWARD});
		while (hand_album_item(j->telegram, 0, 1, count) != 0)
			j->o.to_id = hand_album_item(j->telegram, 0, 1, count++);
		j->o.from_id = hand_album_item(j->telegram, 0, 1, 0);
		gone = hand_album_item(j->telegram, 0, 1, i);
		cr_assert(count > 2 && gone != 0);
		job_kill(j);
		job_ctl(j, "fault reset:method=messages.forwardMessages,before=1,count=1");
		job_until(j, "reset", 1);
		hand_delete(j->telegram, 0, gone);
		job_run(j, JOB_DAY);
		job_is_done(j, 1);
		cr_assert(ledger_find(j->client.ledger, gone, &row));
		cr_assert_str_eq(row.reason, "deleted at the source");
		cr_assert_eq(job_lines(j, 1), count - 1, "%u: %u of %u", i, job_lines(j, 1), count);
		cr_assert_eq(j->client.untrue, 0);
	}
}
