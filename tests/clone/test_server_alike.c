/*
 * Several messages that say the same, or are one file: where it is not known whether they were sent, each is
 * found as what it is, and no other one's copy (reliability I2, I3, N18).
 */
#include "tests/clone/hand.h"
#include "tests/clone/job.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct job job, *j = &job;

/* Each row names what its random_id made. */
static void are_own(void)
{
	struct ledger_job of;
	struct ledger_row row;

	(void)job_rows(j, ROW_DONE);
	ledger_job(j->client.ledger, &of);
	for (int32_t after = 0; ledger_scan(j->client.ledger, after, &row, 1) == 1; after = row.source_id)
		if (row.target_id != 0)
			cr_assert_eq(row.target_id, telegram_made(j->telegram, ledger_random_id(&of, row.source_id, 0)),
				     "%d -> %d", row.source_id, row.target_id);
}

/* The other picture is that of another one that was forwarded with it, and whose copy is not its own. */
/* Rows: N18 S22 I2 */
Test(server_alike, a_forwarded_photo_becomes_another_one_that_was)
{
	for (int way = 0; way < 2; way++) {
		job_open(j, &(struct job_options){.synth = "messages=6,photos=6,albums=0,seed=3", .mode = PLAN_FORWARD});
		job_ctl(j, way == 0 ? "knob random-id-forget 1" : "knob random-id duplicate");
		job_dies_unanswered(j, "messages.forwardMessages", 0);
		telegram_edit_media(j->telegram, 0, job_source_id(j, 0), job_source_id(j, 2));
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 6, "%u", job_lines(j, 1));
		are_own();
	}
}

/* The same photo again and again, of which one becomes another before the forward or behind it: each has its own copy. */
/* Rows: N18 I2 I3 */
Test(server_alike, photos_that_are_one_file_and_one_of_them_changes)
{
	for (uint32_t way = 0; way < 4; way++) {
		job_open(j, &(struct job_options){.synth = "messages=2,photos=2,albums=0,seed=3", .mode = PLAN_FORWARD});
		for (int i = 0; i < 4; i++)
			telegram_show_again(j->telegram, 1);
		job_ctl(j, way % 2 == 1 ? "knob random-id duplicate" : "knob random-id-forget 1");
		if (way < 2) {
			job_ctl(j, "fault error:method=messages.forwardMessages,code=420,text=FLOOD_WAIT_5,count=1");
			job_until(j, "error", 1);
			telegram_edit_media(j->telegram, 0, job_source_id(j, 2), job_source_id(j, 1));
		}
		job_ctl(j, "fault garble:method=messages.forwardMessages,count=1");
		job_until(j, "garble", 1);
		if (way >= 2)
			telegram_edit_media(j->telegram, 0, job_source_id(j, 2), job_source_id(j, 1));
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 6, "%u: %u", way, job_lines(j, 1));
		are_own();
	}
}

/* An album went by its bytes, and one of it is gone when it is looked for: its copy is no other's. */
/* Rows: N18 I3 */
Test(server_alike, one_of_a_wordless_album_is_deleted_before_it_is_found)
{
	for (uint32_t gone = 0; gone < 3; gone++) {
		job_open(j, &(struct job_options){.synth = "messages=6,photos=6,albums=1,seed=3", .mode = PLAN_STREAM});
		job_ctl(j, "knob random-id-forget 1");
		job_dies_unanswered(j, "messages.sendMultiMedia", 0);
		for (uint32_t i = 0; i < 3; i++)
			if (i == gone || (gone == 2 && i == 0))
				hand_delete(j->telegram, 0, hand_album_item(j->telegram, 0, 1, i - (i > 0 && gone == 2)));
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 6, "%u: %u", gone, job_lines(j, 1));
		are_own();
	}
}

/* Pictures without a word say the same, that is nothing: one that is gone was sent all the same, and so were the others. */
/* Rows: N18 S22 I2 */
Test(server_alike, one_of_wordless_photos_is_deleted_in_doubt)
{
	int32_t last;

	for (uint32_t way = 0; way < 4; way++) {
		job_open(j, &(struct job_options){.synth = "messages=6,photos=6,albums=0,seed=3",
						  .mode = way < 2 ? PLAN_FORWARD : PLAN_COPY});
		last = hand_last(j->telegram, 0);
		telegram_edit_media(j->telegram, 0, last, last - 1); /* long before */
		job_sleep(j, 5 * JOB_SECOND);
		job_ctl(j, way % 2 == 0 ? "knob random-id-forget 1" : "knob random-id duplicate");
		job_dies_unanswered(j, way < 2 ? "messages.forwardMessages" : "messages.sendMedia", 0);
		hand_delete(j->telegram, 0, job_source_id(j, way < 2 ? 2 : 0));
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 6, "%u: %u", way, job_lines(j, 1));
		are_own();
	}
}

/*
 * A picture without a word that another range was sending stands in front of an album of such pictures, and went by
 * itself: it is none of the album's.
 */
/* Rows: N18 I2 I3 */
Test(server_alike, an_album_takes_no_copy_of_one_that_went_alone)
{
	int32_t last, album;

	job_open(j, &(struct job_options){.synth = "messages=8,photos=8,albums=1,seed=3", .mode = PLAN_STREAM});
	album = hand_album_item(j->telegram, 0, 1, 0);
	last = hand_last(j->telegram, 0);
	cr_assert_lt(hand_album_item(j->telegram, 0, 1, 2), last);
	job_ctl(j, "knob random-id-forget 1");
	j->o.from_id = last;
	job_kill(j);
	job_ctl(j, "fault drop:method=messages.sendMedia,count=1");
	job_until(j, "drop", 1);
	j->o.from_id = album;
	j->o.to_id = last - 1;
	job_kill(j);
	job_ctl(j, "fault drop:method=messages.sendMultiMedia,count=1");
	job_until(j, "drop", 2);
	job_kill(j);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	j->o.from_id = j->o.to_id = 0;
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), 8, "%u", job_lines(j, 1));
	are_own();
}

/* One of several that say the same is gone before a forward of all, or behind it: the copies are those of the rest, or not. */
/* Rows: N18 S22 I2 */
Test(server_alike, the_same_words_and_one_is_deleted_in_doubt)
{
	for (uint32_t way = 0; way < 6; way++) {
		job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_FORWARD});
		for (int i = 0; i < 4; i++)
			telegram_say(j->telegram, 0, "the same");
		job_ctl(j, way % 2 == 1 ? "knob random-id duplicate" : "knob random-id-forget 1");
		if (way < 4) {
			job_ctl(j, "fault error:method=messages.forwardMessages,code=420,text=FLOOD_WAIT_5,count=1");
			job_until(j, "error", 1);
			hand_delete(j->telegram, 0, hand_last(j->telegram, 0) - 1 - (int32_t)way / 2);
		}
		job_ctl(j, "fault garble:method=messages.forwardMessages,count=1");
		job_until(j, "garble", 1);
		if (way >= 4)
			hand_delete(j->telegram, 0, hand_last(j->telegram, 0) - 2);
		job_run(j, JOB_DAY);
		job_is_done(j, way < 4);
		cr_assert_eq(job_lines(j, 1), way < 4 ? 5 : 6, "%u: %u", way, job_lines(j, 1));
		are_own();
	}
}

/* Edited before the forward, or behind it, while others say what it said. */
/* Rows: N18 S22 I2 */
Test(server_alike, the_same_words_and_one_is_edited_in_doubt)
{
	for (uint32_t way = 0; way < 4; way++) {
		job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_FORWARD});
		for (int i = 0; i < 4; i++)
			telegram_say(j->telegram, 0, "the same");
		job_ctl(j, way % 2 == 1 ? "knob random-id duplicate" : "knob random-id-forget 1");
		if (way < 2) {
			job_ctl(j, "fault error:method=messages.forwardMessages,code=420,text=FLOOD_WAIT_5,count=1");
			job_until(j, "error", 1);
			telegram_edit(j->telegram, 0, hand_last(j->telegram, 0) - 2, "other words");
		}
		job_ctl(j, "fault garble:method=messages.forwardMessages,count=1");
		job_until(j, "garble", 1);
		if (way >= 2)
			telegram_edit(j->telegram, 0, hand_last(j->telegram, 0) - 2, "other words");
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 6, "%u: %u", way, job_lines(j, 1));
		are_own();
	}
}

/* The last one may be there since a run for it alone, when a forward of what stands before it is unanswered. */
/* Rows: N18 I3 */
Test(server_alike, the_same_words_sent_before_those_in_front_of_them)
{
	job_open(j, &(struct job_options){.synth = "messages=3,seed=3", .mode = PLAN_FORWARD});
	hand_reply(j->telegram, 0, hand_last(j->telegram, 0), "an answer, which is no forward");
	for (int i = 0; i < 3; i++)
		telegram_say(j->telegram, 0, "the same");
	j->o.from_id = hand_last(j->telegram, 0);
	job_kill(j);
	job_dies_unanswered(j, "messages.forwardMessages", 0);
	j->o.from_id = 0;
	job_kill(j);
	job_ctl(j, "fault garble:method=messages.forwardMessages,count=1,skip=1");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), 7, "%u", job_lines(j, 1));
	are_own();
}

/* What a life of another range sends is executed and not answered, or is not executed. */
static void lives_and_dies(int32_t id, bool executed)
{
	const char *kind = executed ? "drop" : "silence";
	uint64_t fired = job_fired(j, kind);

	j->o.from_id = j->o.to_id = id;
	job_kill(j);
	job_ctl(j, "fault %s:method=messages.sendMessage,count=1%s", kind, executed ? "" : ",before=1");
	job_until(j, kind, fired + 1);
	j->o.from_id = j->o.to_id = 0;
	job_kill(j);
}

/*
 * The same words twice, sent in two lives of which the first wanted the second of them, or the other way round: each
 * has its own copy, and what was not executed is none's.
 */
/* Rows: N18 I1 I2 I3 */
Test(server_alike, the_same_words_of_two_lives_in_doubt)
{
	static const char *const knobs[] = {"knob random-id-forget 1", "knob random-id-forget 0", "knob random-id duplicate"};

	for (uint32_t way = 0; way < 48; way++) {
		bool executed[2] = {way / 3 % 2 == 0, way / 6 % 2 == 0}, turned = way / 12 % 2 == 1, alone = way / 24 == 1;
		int32_t says[2];

		job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_COPY});
		for (int i = 0; i < 2; i++)
			says[i] = telegram_say(j->telegram, 0, "the same");
		job_ctl(j, "%s", knobs[way % 3]);
		lives_and_dies(says[turned ? 0 : 1], executed[0]);
		lives_and_dies(says[turned ? 1 : 0], executed[1]);
		cr_assert_eq(job_rows(j, ROW_SENDING), 2, "%u: %u", way, job_rows(j, ROW_SENDING));
		if (alone) { /* the second one is looked for before the first one */
			j->o.from_id = says[1];
			job_kill(j);
			job_run(j, JOB_DAY);
			job_is_done(j, 0);
			j->o.from_id = 0;
			job_kill(j);
		}
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 4, "%u: %u", way, job_lines(j, 1));
		are_own();
	}
}

/* The same, and the second life hears by and by what became of its own. */
/* Rows: N18 I1 I2 I3 */
Test(server_alike, the_same_words_are_sent_while_others_are_in_doubt)
{
	for (uint32_t way = 0; way < 8; way++) {
		int32_t says[2];

		job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = way / 4 ? PLAN_FORWARD : PLAN_COPY});
		for (int i = 0; i < 2; i++)
			says[i] = telegram_say(j->telegram, 0, "the same");
		job_ctl(j, way % 2 ? "knob random-id duplicate" : "knob random-id-forget 1");
		j->o.from_id = says[1];
		job_kill(j);
		job_dies_unanswered(j, way / 4 ? "messages.forwardMessages" : "messages.sendMessage", 0);
		j->o.from_id = j->o.to_id = says[0];
		job_kill(j);
		job_ctl(j, "fault reset:method=%s,count=1%s", way / 4 ? "messages.forwardMessages" : "messages.sendMessage",
			way / 2 % 2 ? ",skip=1" : "");
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		j->o.from_id = j->o.to_id = 0;
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 4, "%u: %u", way, job_lines(j, 1));
		are_own();
	}
}

/* One forward of several that say the same, and the next life begins behind some of them: theirs come first. */
/* Rows: N18 I2 L10 */
Test(server_alike, a_range_begins_among_the_same_words_in_doubt)
{
	for (uint32_t way = 0; way < 6; way++) {
		int32_t says[4];

		job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_FORWARD});
		for (int i = 0; i < 4; i++)
			says[i] = telegram_say(j->telegram, 0, "the same");
		job_ctl(j, way % 2 ? "knob random-id duplicate" : "knob random-id-forget 1");
		job_dies_unanswered(j, "messages.forwardMessages", 0);
		j->o.from_id = says[1 + way / 2];
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		j->o.from_id = 0;
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 6, "%u: %u", way, job_lines(j, 1));
		are_own();
	}
}
