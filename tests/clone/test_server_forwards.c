/*
 * What the real server does to messages on their way, as its clients report it, beyond what it is asked
 * for: files that are forwarded together become an album, a dice names its author, formatting behind the
 * hundredth piece goes, an answer to what is gone goes without.
 */
#include "tests/clone/deed.h"
#include "tests/clone/hand.h"
#include "tests/clone/job.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct job job, *j = &job;

static const char *note_of_id(int32_t id)
{
	static struct ledger_row row;

	(void)job_rows(j, ROW_DONE);
	cr_assert(ledger_find(j->client.ledger, id, &row), "%d", id);
	return row.reason;
}

static uint64_t forwards(void)
{
	return job_stat(j, "requests/messages.forwardMessages/count");
}

/* One by one, since together they would be one album; with photos among them, many at once. */
Test(server_forwards, files_alone_stay_alone)
{
	static const char *const alone[] = {"messages=9,docs=9x5KB,seed=3", "messages=9,audio=9x5KB,seed=3",
					    "messages=12,docs=12x5KB,seed=3"};

	for (size_t i = 0; i < countof(alone); i++) {
		job_open(j, &(struct job_options){.synth = alone[i], .mode = PLAN_FORWARD});
		job_run(j, JOB_DAY);
		job_is_complete(j);
		cr_assert_gt(forwards(), 2, "%s: %d", alone[i], (int)forwards());
	}
	job_open(j, &(struct job_options){.synth = "messages=9,photos=9,seed=3", .mode = PLAN_FORWARD});
	job_run(j, JOB_DAY);
	job_is_complete(j);
	cr_assert_lt(forwards(), 9);
}

Test(server_forwards, a_dice_names_its_author_and_that_is_said)
{
	int32_t id;

	job_open(j, &(struct job_options){.synth = "messages=3,seed=3", .mode = PLAN_AUTO});
	id = deed_dice(j->telegram, 0);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	cr_assert_eq(strncmp(note_of_id(id), "author named", 12), 0, "\"%s\"", note_of_id(id));
}

static void says(int32_t id, const char *words)
{
	cr_assert_not_null(strstr(note_of_id(id), words), "%s: \"%s\"", words, note_of_id(id));
}

/* Also beside another loss, and of one that was only found. */
Test(server_forwards, a_dice_that_answers_names_its_author_and_both_is_said)
{
	int32_t asked, id;

	job_open(j, &(struct job_options){.synth = "messages=3,seed=3", .mode = PLAN_AUTO});
	asked = telegram_say(j->telegram, 0, "asked");
	id = deed_dice(j->telegram, 0);
	hand_answer(j->telegram, 0, id, asked);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	says(id, "reply not kept");
	says(id, "author named");
}

/* Rows: P1 */
Test(server_forwards, a_dice_that_was_forwarded_in_an_earlier_life)
{
	int32_t id;

	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_AUTO});
	job_ctl(j, "knob random-id-forget 1");
	job_run(j, JOB_DAY);
	id = deed_dice(j->telegram, 0);
	job_kill(j);
	job_ctl(j, "fault drop:method=messages.forwardMessages,count=1");
	for (int i = 0; i < 100000 && job_fired(j, "drop") < 1; i++)
		job_run(j, JOB_SECOND / 500);
	job_kill(j);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	cr_assert_eq(job_adopted(j), 1);
	says(id, "author named");
}

/* Where two losses have no room beside each other their reasons go, and neither of them. */
Test(server_forwards, losses_that_are_long_to_tell)
{
	int32_t asked, id;

	job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_COPY});
	job_run(j, JOB_DAY);
	asked = telegram_say(j->telegram, 0, "asked");
	id = hand_reply(j->telegram, 0, asked, "answered");
	hand_delete(j->telegram, 0, asked);
	job_kill(j);
	job_ctl(j, "fault error:method=messages.sendMessage,code=400,text=ENTITY_BOUNDS_INVALID,count=1");
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	says(id, "reply not kept");
	says(id, "formatting not kept");
}

/* Without its author it would go only once somebody has answered it. */
Test(server_forwards, a_quiz_that_nobody_answered)
{
	char reason[64];
	int32_t id;

	job_open(j, &(struct job_options){.synth = "messages=5,seed=3", .mode = PLAN_FORWARD});
	id = deed_quiz(j->telegram, 0);
	telegram_say(j->telegram, 0, "behind it");
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	cr_assert_eq(job_skipped(j, reason), 0, "%s", reason);
	cr_assert_eq(strncmp(note_of_id(id), "author named", 12), 0, "\"%s\"", note_of_id(id));
}

/* What the server finds by itself leaves the room to what it does not. */
Test(server_forwards, a_crowd_of_formatting)
{
	job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_COPY});
	deed_crowd(j->telegram, 0, 60, 100);
	job_run(j, JOB_DAY);
	job_is_complete(j);
}

Test(server_forwards, an_answer_to_what_is_gone)
{
	struct ledger_row row;
	int32_t asked, answered;

	job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_COPY});
	asked = telegram_say(j->telegram, 0, "asked");
	job_run(j, JOB_DAY);
	job_is_complete(j);
	cr_assert(ledger_find(j->client.ledger, asked, &row));
	hand_delete(j->telegram, 1, row.target_id);
	answered = hand_reply(j->telegram, 0, asked, "answered");
	job_kill(j);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	cr_assert_eq(strncmp(note_of_id(answered), "reply not kept", 14), 0, "\"%s\"",
		     note_of_id(answered));
}

/* Pages of topics go on behind the day they were made, where the server says that it lists them so. */
Test(server_forwards, topics_are_listed_by_the_day_they_were_made)
{
	job_open(j, &(struct job_options){.synth = "messages=600,topics=230,seed=3",
					  .mode = PLAN_COPY,
					  .topics = 230});
	job_ctl(j, "knob topics-by-date 1");
	job_run(j, JOB_DAY);
	job_is_complete(j);
}

/* What the server makes of an upload is told in the row: of a name it would make nothing else. */
Test(server_forwards, what_does_not_stay_what_it_is_when_it_is_uploaded)
{
	int32_t sticker, gif;

	for (int i = 0; i < 2; i++) {
		job_open(j, &(struct job_options){.synth = "messages=3,seed=3",
						  .mode = PLAN_STREAM,
						  .allow_protected = true});
		sticker = deed_sticker(j->telegram, 0, "application/x-tgsticker");
		gif = deed_sticker(j->telegram, 0, "image/gif");
		if (i == 1)
			hand_protect(j->telegram, 0);
		job_run(j, JOB_DAY);
		cr_assert_eq(j->client.status, CLONE_DONE);
		if (i == 0)
			job_is_complete(j);
		cr_assert_str_eq(note_of_id(sticker), i == 0 ? "" : "sticker sent as a document");
		cr_assert_str_eq(note_of_id(gif), i == 0 ? "" : "gif made a video by the server");
	}
}

/* That it goes with its author's name no ledger knows: a life that dies over it costs neither the message nor its note. */
/* Rows: N18 P1 I2 I6 */
Test(server_forwards, it_dies_while_it_names_an_author)
{
	static const char *const knobs[] = {"knob random-id-forget 1", "knob random-id duplicate"};

	for (uint32_t way = 0; way < 8; way++) {
		int32_t id;

		job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_FORWARD});
		id = deed_quiz(j->telegram, 0);
		job_ctl(j, "%s", knobs[way % 2]);
		job_ctl(j, "fault silence:before=%u,method=messages.forwardMessages,count=1,skip=%u", way / 2 % 2, way / 4);
		job_until(j, "silence", 1);
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 3, "%u: %u", way, job_lines(j, 1));
		says(id, "author named");
	}
}
