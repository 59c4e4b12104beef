/*
 * What keeps a job from getting on, and must cost no message that could be cloned: refusals that come at
 * the wrong moment, albums of which one item cannot go, chats that are closed to forwarding meanwhile,
 * answers that are lost while the server forgets (reliability I1, I2, I6, 2.7).
 */
#include "tests/clone/hand.h"
#include "tests/clone/job.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct job job, *j = &job;

static uint64_t count_of(const char *method)
{
	char path[96];

	snprintf(path, sizeof(path), "requests/%s/count", method);
	return job_stat(j, path);
}

/* The reason or note of the row of the i-th message. */
static const char *note_of(uint32_t i)
{
	static struct ledger_row row;

	(void)job_rows(j, ROW_DONE);
	cr_assert(ledger_find(j->client.ledger, job_source_id(j, i), &row));
	return row.reason;
}

static const char *note_of_id(int32_t id)
{
	static struct ledger_row row;

	(void)job_rows(j, ROW_DONE);
	cr_assert(ledger_find(j->client.ledger, id, &row), "%d", id);
	return row.reason;
}

/* ---- references ---- */

/* A new reference has to wait: until it is there nothing is tried with the old one. */
/* Rows: S21 */
Test(server_stubborn, a_reference_expires_while_the_source_may_not_be_asked)
{
	job_open(j, &(struct job_options){.synth = "messages=12,photos=8,albums=2,seed=3",
					  .mode = PLAN_COPY,
					  .rate_count = 30});
	job_run(j, 5 * JOB_SECOND);
	job_ctl(j, "expire");
	job_ctl(j, "fault error:method=channels.getMessages,code=420,text=FLOOD_WAIT_900,count=1");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
	cr_assert_lt(count_of("messages.sendMedia") + count_of("messages.sendMultiMedia"), 20, "%d",
		     (int)count_of("messages.sendMedia"));
}

/* An hour of trouble uses up nothing that a message has a right to. */
/* Rows: S34 */
Test(server_stubborn, a_reference_expires_while_the_server_is_in_trouble)
{
	job_open(j, &(struct job_options){.synth = "messages=4,photos=4,albums=0,seed=3",
					  .mode = PLAN_COPY,
					  .rate_count = 30});
	job_ctl(j, "fault error:method=messages.sendMedia,code=500,text=RPC_CALL_FAIL,count=60");
	job_run(j, JOB_HOUR / 2);
	job_ctl(j, "expire");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
	cr_assert_eq(job_fired(j, "error"), 60);
}

/* The turn comes less often than references live: they are renewed at the turn, not for the next one. */
/* Rows: S21 */
Test(server_stubborn, a_pace_slower_than_references_live)
{
	static const enum plan_mode modes[] = {PLAN_COPY, PLAN_STREAM};

	for (size_t m = 0; m < countof(modes); m++) {
		job_open(j, &(struct job_options){.synth = "messages=4,photos=4,albums=0,seed=3",
						  .mode = modes[m],
						  .interval_ns = 40 * 60 * JOB_SECOND});
		for (int i = 0; i < 600 && j->client.status == CLONE_RUNNING; i++) {
			job_run(j, JOB_HOUR / 3);
			job_ctl(j, "expire");
		}
		job_is_done(j, 0);
		job_is_complete(j);
		cr_assert_leq(count_of("messages.sendMedia"), 8, "%d", (int)count_of("messages.sendMedia"));
	}
}

/* ---- answers that cannot be read ---- */

/* Spoilt once or twice: it says nothing about the message, which is asked for again. */
/* Rows: S41 */
Test(server_stubborn, a_refresh_that_cannot_be_read_at_first)
{
	job_open(j, &(struct job_options){.synth = "messages=4,photos=4,albums=0,seed=3",
					  .mode = PLAN_COPY,
					  .rate_count = 10});
	job_run(j, 3 * JOB_SECOND);
	job_ctl(j, "expire");
	job_ctl(j, "fault garble:method=channels.getMessages,count=2");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
	cr_assert_eq(job_fired(j, "garble"), 2);
}

/* The same of what is stored; and if it never can, that ends, and is said. */
/* Rows: S41 */
Test(server_stubborn, stored_media_that_cannot_be_read_at_first)
{
	for (uint32_t ever = 0; ever < 2; ever++) {
		job_open(j, &(struct job_options){.synth = "messages=3,photos=1,docs=1x90KB,albums=0,seed=3",
						  .mode = PLAN_STREAM,
						  .closed = true,
						  .allow_protected = true});
		job_ctl(j, "fault garble:method=messages.uploadMedia%s", ever ? "" : ",count=2");
		job_run(j, JOB_DAY);
		job_is_done(j, 2 * ever);
		cr_assert_eq(job_lines(j, 1), job_lines(j, 0) - 2 * ever);
	}
}

/* The page behind a link may be larger than a message may be: its preview is asked for all the same. */
Test(server_stubborn, a_link_to_a_page_that_is_too_large_to_hold)
{
	job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_COPY});
	hand_link(j->telegram, 0, 30000);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
	cr_assert_str_eq(note_of_id(hand_last(j->telegram, 0)), "");
}

/* A thumbnail that cannot be had costs no message. */
/* Rows: S21 */
Test(server_stubborn, a_thumbnail_that_cannot_be_had)
{
	job_open(j, &(struct job_options){.synth = "messages=4,photos=0,video=2x300KB,albums=0,seed=3",
					  .mode = PLAN_STREAM});
	job_ctl(j, "knob thumb-gone 1");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 0), job_lines(j, 1));
}

/* References that expire again and again are no such reason, and cost the file none of its own tries. */
/* Rows: S21 */
Test(server_stubborn, a_thumbnail_whose_reference_expires_three_times)
{
	for (uint32_t hits = 1; hits <= 6; hits++) {
		job_open(j, &(struct job_options){
				.synth = "messages=2,photos=0,video=1x300KB,albums=0,seed=3",
				.mode = PLAN_STREAM});
		job_ctl(j, "fault error:method=upload.getFile,code=400,text=FILE_REFERENCE_EXPIRED,"
			   "count=%u", hits);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		job_is_complete(j);
	}
}

/* ---- albums ---- */

/* Item by item, killed in between: what is done stays so, and the others come. */
/* Rows: P1 */
Test(server_stubborn, killed_within_an_album_that_goes_item_by_item)
{
	for (uint32_t nth = 0; nth < 9; nth++) {
		job_open(j, &(struct job_options){.synth = "messages=14,photos=12,albums=3,seed=3",
						  .mode = PLAN_COPY,
						  .rate_count = 20});
		job_ctl(j, "knob random-id-forget 1");
		job_ctl(j, "fault error:method=messages.sendMultiMedia,code=400,"
			   "text=SLOWMODE_MULTI_MSGS_DISABLED");
		job_dies_unanswered(j, "messages.sendMedia", nth);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 0), job_lines(j, 1), "%u: %u", nth, job_lines(j, 1));
		for (uint32_t i = 0; i < 2; i++) /* it is said of each, whichever life it went in */
			cr_assert_not_null(
				strstr(note_of_id(hand_album_item(j->telegram, 0, 1, i)), "album"), "%u, %u: %s",
				nth, i, note_of_id(hand_album_item(j->telegram, 0, 1, i)));
	}
}

/* One item of an album whose file cannot be had. */
Test(server_stubborn, an_album_with_a_file_that_cannot_be_had)
{
	job_open(j, &(struct job_options){
			.synth = "messages=6,photos=6,albums=1,seed=3", .mode = PLAN_STREAM,
			.closed = true,
			.allow_protected = true});
	job_ctl(j, "fault error:method=upload.getFile,code=400,text=SOMETHING_ODD,skip=2,count=1");
	job_run(j, JOB_DAY);
	job_is_done(j, 1);
	cr_assert_eq(job_lines(j, 1), job_lines(j, 0) - 1);
}

/* One that is there no more as media, and one that is deleted while the others' references expire. */
/* Rows: S22 */
Test(server_stubborn, an_album_loses_an_item_meanwhile)
{
	uint32_t before;

	job_open(j, &(struct job_options){.synth = "messages=12,photos=10,albums=2,seed=3",
					  .mode = PLAN_COPY,
					  .rate_count = 10});
	hand_expire(j->telegram, 0, hand_album_item(j->telegram, 0, 1, 0));
	job_kill(j);
	job_run(j, 5 * JOB_SECOND);
	before = job_lines(j, 0);
	telegram_delete(j->telegram, 0, hand_album_item(j->telegram, 0, 2, 1));
	job_ctl(j, "expire");
	job_run(j, JOB_DAY);
	job_is_done(j, 2);
	cr_assert_eq(job_lines(j, 0), before - 1);
	cr_assert_eq(job_lines(j, 1), job_lines(j, 0) - 1);
}

/* One of which the bytes are there already is changed, while another's references expire. */
/* Rows: S22 */
Test(server_stubborn, an_item_is_changed_after_its_bytes_came, .timeout = 200)
{
	for (int parts = 1; parts <= 12; parts++) {
		int32_t other;

		job_open(j, &(struct job_options){.synth = "messages=5,photos=0,video=5x90KB,albums=1,seed=3",
						  .mode = PLAN_STREAM,
						  .links = 1,
						  .inflight = 1,
						  .part_size = 16384,
						  .ahead = 1});
		other = hand_last(j->telegram, 0);
		job_ctl(j, "fault error:method=upload.getFile,code=420,text=FLOOD_WAIT_120,skip=%d,count=1",
			parts);
		job_run(j, 60 * JOB_SECOND);
		telegram_edit_media(j->telegram, 0, hand_album_item(j->telegram, 0, 1, 0), other);
		job_ctl(j, "expire");
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		job_is_complete(j);
	}
}

/* A part of its bytes is lost, and before it is sent again the file is another one. */
/* Rows: S22 S23 */
Test(server_stubborn, an_item_is_changed_after_a_part_was_lost, .timeout = 200)
{
	for (uint32_t item = 0; item < 4; item++) {
		job_open(j, &(struct job_options){.synth = "messages=5,photos=0,video=5x90KB,albums=1,seed=3",
						  .mode = PLAN_STREAM,
						  .links = 1,
						  .inflight = 1,
						  .part_size = 16384,
						  .ahead = 1});
		job_ctl(j, "fault delay:method=messages.uploadMedia,ms=4000,count=1");
		job_ctl(j, "knob part-lose 2");
		job_ctl(j, "fault delay:method=channels.getMessages,ms=8000,count=1");
		for (int i = 0; i < 100000 && count_of("messages.uploadMedia") == 0; i++)
			job_run(j, JOB_SECOND / 500);
		telegram_edit_media(j->telegram, 0, hand_album_item(j->telegram, 0, 1, item),
				    hand_last(j->telegram, 0));
		job_ctl(j, "expire");
		job_run(j, JOB_DAY);
		cr_assert_eq(job_fired(j, "delay"), 2);
		job_is_done(j, 0);
		job_is_complete(j);
	}
}

/* Its references expire, and by then one item is there no more as media: the others go. */
/* Rows: S22 */
Test(server_stubborn, an_item_expires_while_references_do)
{
	static const enum plan_mode modes[] = {PLAN_COPY, PLAN_STREAM};

	for (size_t i = 0; i < countof(modes); i++) {
		job_open(j, &(struct job_options){.synth = "messages=12,photos=10,albums=2,seed=3",
						  .mode = modes[i],
						  .rate_count = 10});
		job_run(j, 5 * JOB_SECOND);
		hand_expire(j->telegram, 0, hand_album_item(j->telegram, 0, 2, 1));
		job_ctl(j, "expire");
		job_run(j, JOB_DAY);
		job_is_done(j, 1);
		cr_assert_eq(job_lines(j, 1), job_lines(j, 0) - 1);
	}
}

/* Each file of an album may be sent anew once, however many of them have to be. */
/* Rows: S24 */
Test(server_stubborn, each_file_of_an_album_is_sent_anew)
{
	job_open(j, &(struct job_options){
			.synth = "messages=5,photos=5,albums=1,seed=3", .mode = PLAN_STREAM});
	job_ctl(j, "fault error:method=messages.uploadMedia,code=400,text=FILE_PARTS_INVALID,count=5");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
}

/* ---- answers that are lost while the server forgets ---- */

/* As many at once as one forward takes: each is found again. */
/* Rows: N18 */
Test(server_stubborn, a_large_forward_whose_answer_is_lost)
{
	char text[32];

	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_FORWARD});
	telegram_delete(j->telegram, 0, hand_last(j->telegram, 0));
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "one of %d alike", i / 10);
		telegram_say(j->telegram, 0, text);
	}
	job_ctl(j, "knob random-id-forget 1");
	job_dies_unanswered(j, "messages.forwardMessages", 0);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
	cr_assert_gt(job_adopted(j), 90, "%u", job_adopted(j));
}

/* What an earlier life was sending is in no range of the next ones, and the same words are sent there. */
/* Rows: N18 P1 */
Test(server_stubborn, a_lost_answer_and_other_ranges)
{
	static const bool executed[] = {true, false};

	for (size_t i = 0; i < countof(executed); i++) {
		int32_t ids[6];

		job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_COPY,
						  .rate_count = 20});
		telegram_delete(j->telegram, 0, hand_last(j->telegram, 0));
		for (int k = 0; k < 6; k++)
			ids[k] = telegram_say(j->telegram, 0, "the same words");
		job_ctl(j, "knob random-id-forget 1");
		if (!executed[i])
			job_ctl(j, "fault silence:method=messages.sendMessage,before=1,skip=2,count=1");
		if (executed[i])
			job_dies_unanswered(j, "messages.sendMessage", 2);
		for (int k = 0; !executed[i] && k < 100000 && job_fired(j, "silence") == 0; k++)
			job_run(j, JOB_SECOND / 500);
		j->o.from_id = ids[4];
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		j->o.from_id = 0;
		j->o.to_id = ids[1];
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), executed[i] ? 5 : 4);
		j->o.to_id = 0;
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_rows(j, ROW_DONE), 6);
		cr_assert_eq(job_lines(j, 1), 6, "%u", job_lines(j, 1));
		cr_assert_eq(job_adopted(j), executed[i] ? 1 : 0);
	}
}

/* In a target where others write a lot. */
/* Rows: N18 */
Test(server_stubborn, a_lost_answer_and_a_busy_target)
{
	job_open(j, &(struct job_options){
			.synth = "messages=3,seed=3", .mode = PLAN_COPY, .rate_count = 20});
	job_ctl(j, "knob random-id-forget 1");
	job_ctl(j, "fault silence:method=messages.sendMessage,count=1");
	job_run(j, 2 * JOB_SECOND);
	for (int i = 0; i < 130; i++)
		telegram_say(j->telegram, 1, "by the way");
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), 3 + 130);
}

/* The same, and the server grants but a few pages at a time: none is read twice. */
/* Rows: N18 */
Test(server_stubborn, a_busy_target_and_waits)
{
	uint64_t before;

	job_open(j, &(struct job_options){
			.synth = "messages=3,seed=3", .mode = PLAN_COPY, .rate_count = 20});
	job_ctl(j, "fault error:method=messages.sendMessage,code=500,text=RPC_CALL_FAIL,count=5");
	job_run(j, 10 * JOB_SECOND);
	for (int i = 0; i < 1300; i++)
		telegram_say(j->telegram, 1, "by the way");
	before = count_of("messages.getHistory");
	job_ctl(j, "fault error:method=messages.getHistory,code=420,text=FLOOD_WAIT_30,every=4");
	job_run(j, JOB_HOUR);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), 3 + 1300);
	cr_assert_lt(count_of("messages.getHistory") - before, 60, "%d",
		     (int)count_of("messages.getHistory"));
}

/* It is sent as a document, which is said; and found as one. */
/* Rows: S26 */
Test(server_stubborn, a_photo_that_goes_as_a_document)
{
	job_open(j, &(struct job_options){
			.synth = "messages=1,photos=1,albums=0,seed=3", .mode = PLAN_STREAM});
	job_ctl(j, "knob random-id-forget 1");
	job_ctl(j, "fault error:method=messages.uploadMedia,code=400,text=PHOTO_INVALID_DIMENSIONS,"
		   "count=1");
	job_ctl(j, "fault drop:method=messages.sendMedia,count=1");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), 1);
	cr_assert_not_null(strstr(note_of(0), "document"), "\"%s\"", note_of(0));
}

/* The server changes what is sent, and says of a repeated id only that it was used. */
/* Rows: S27 */
Test(server_stubborn, a_used_id_and_a_text_that_the_server_changed)
{
	job_open(j, &(struct job_options){
			.synth = "messages=2,seed=3", .mode = PLAN_COPY, .rate_count = 20});
	hand_emoji(j->telegram, 0, "X");
	job_ctl(j, "knob random-id duplicate");
	job_ctl(j, "knob premium-emoji 1");
	job_dies_unanswered(j, "messages.sendMessage", 2);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), 3);
	cr_assert_eq(job_adopted(j), 1);
}

/* What was sent for another ledger, and deleted in the target since, is not taken for cloned. */
/* Rows: S28 */
Test(server_stubborn, copies_that_were_deleted)
{
	int32_t id;

	job_open(j, &(struct job_options){.synth = "messages=5,seed=3", .mode = PLAN_COPY});
	job_run(j, JOB_DAY);
	job_is_complete(j);
	while ((id = hand_last(j->telegram, 1)) != 0)
		telegram_delete(j->telegram, 1, id);
	job_forget(j);
	job_run(j, JOB_DAY);
	cr_assert_eq(job_rows(j, ROW_DONE), 0);
	job_is_done(j, 5);
	cr_assert_not_null(strstr(note_of(0), "generation"), "%s", note_of(0));
}

/* The same, but they are there: the server only does not show them again. */
/* Rows: S28 */
Test(server_stubborn, copies_that_are_named_by_their_id_alone)
{
	job_open(j, &(struct job_options){.synth = "messages=5,seed=3", .mode = PLAN_COPY});
	job_run(j, JOB_DAY);
	job_ctl(j, "knob replay-bare 1");
	job_forget(j);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
	cr_assert_eq(job_rows(j, ROW_DONE), 5);
}

/* They have to wait before they may be looked at. */
/* Rows: S13 S28 */
Test(server_stubborn, copies_that_are_named_and_may_not_be_looked_at_yet)
{
	job_open(j, &(struct job_options){.synth = "messages=5,seed=3", .mode = PLAN_COPY});
	job_run(j, JOB_DAY);
	job_ctl(j, "knob replay-bare 1");
	job_ctl(j, "fault error:method=channels.getMessages,code=420,text=FLOOD_WAIT_600,count=2");
	job_forget(j);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_rows(j, ROW_DONE), 5);
	cr_assert_eq(job_fired(j, "error"), 2);
	cr_assert_eq(job_early(j), 0);
}

/* They cannot be read, now or ever: they are there, since the server names them. */
/* Rows: S28 S41 */
Test(server_stubborn, copies_that_are_named_and_cannot_be_read)
{
	static const enum plan_mode modes[] = {PLAN_COPY, PLAN_FORWARD};

	for (size_t i = 0; i < countof(modes); i++) {
		job_open(j, &(struct job_options){.synth = "messages=5,seed=3", .mode = modes[i]});
		job_run(j, JOB_DAY);
		job_sleep(j, 10 * JOB_SECOND);
		job_ctl(j, "knob replay-bare 1");
		job_ctl(j, "fault garble:method=channels.getMessages");
		job_forget(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_rows(j, ROW_DONE), 5);
		cr_assert_eq(job_lines(j, 1), 5);
		cr_assert_not_null(strstr(note_of(0), "cannot be read"), "%s", note_of(0));
	}
}

/* What is to be said of one of a forward is not said of another. */
Test(server_stubborn, each_of_a_forward_has_its_own_note)
{
	int32_t topic;

	job_open(j, &(struct job_options){.synth = "messages=1,topics=2,seed=3",
					  .mode = PLAN_FORWARD,
					  .topics = 2});
	telegram_say(j->telegram, 0, "outside of topics");
	topic = hand_topic(j->telegram, 0, "lost");
	topic = hand_say_in(j->telegram, 0, topic, "in a lost one");
	hand_lose_topic(j->telegram, 0, topic - 1);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_ctl(j, "knob replay-bare 1");
	job_forget(j);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_not_null(strstr(note_of_id(topic), "topic"), "\"%s\"", note_of_id(topic));
}

/* One of a forward was gone by then, and its answer is lost: nobody's copy is taken for another's. */
/* Rows: N18 */
Test(server_stubborn, a_forward_without_one_and_its_answer_lost)
{
	struct ledger_row row;
	int32_t first;

	job_open(j, &(struct job_options){
			.synth = "messages=6,photos=6,albums=0,seed=3", .mode = PLAN_FORWARD});
	first = hand_wordless(j->telegram, 0);
	job_ctl(j, "knob random-id-forget 1");
	job_ctl(j, "fault error:method=messages.forwardMessages,code=420,text=FLOOD_WAIT_60,count=1");
	job_run(j, 10 * JOB_SECOND);
	telegram_delete(j->telegram, 0, first);
	job_dies_unanswered(j, "messages.forwardMessages", 0);
	job_run(j, JOB_DAY);
	job_is_done(j, 1);
	job_is_complete(j);
	cr_assert(ledger_find(j->client.ledger, first, &row));
	cr_assert_eq(row.state, ROW_SKIPPED);
}

/* The answer to a forward names none of its messages: they are looked for before that is believed. */
/* Rows: N18 */
Test(server_stubborn, a_forward_whose_answer_names_nothing)
{
	job_open(j, &(struct job_options){.synth = "messages=8,seed=3", .mode = PLAN_FORWARD});
	job_ctl(j, "knob random-id-forget 1");
	job_ctl(j, "knob forward-mute 2");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
	cr_assert_gt(job_adopted(j), 0);
}

/* An album of which a part was executed, and the answer is lost: the part is not sent twice. */
/* Rows: N18 */
Test(server_stubborn, a_part_of_an_album_and_its_answer_lost)
{
	static const enum plan_mode modes[] = {PLAN_COPY, PLAN_FORWARD, PLAN_STREAM};

	for (size_t i = 0; i < countof(modes); i++) {
		job_open(j, &(struct job_options){.synth = "messages=12,photos=12,albums=3,seed=3",
						  .mode = modes[i],
						  .rate_count = 20});
		job_ctl(j, "knob random-id-forget 1");
		job_ctl(j, "knob album-part 1");
		job_dies_unanswered(j, modes[i] == PLAN_FORWARD ? "messages.forwardMessages"
							 : "messages.sendMultiMedia", 0);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 0), job_lines(j, 1), "%d: %u", modes[i], job_lines(j, 1));
	}
}

/* ---- refusals ---- */

/* One message may not be forwarded; that says nothing about the chat. */
Test(server_stubborn, one_message_that_may_not_be_forwarded)
{
	job_open(j, &(struct job_options){
			.synth = "messages=260,seed=3", .mode = PLAN_FORWARD, .rate_count = 600});
	job_ctl(j, "fault error:method=messages.forwardMessages,code=400,"
		   "text=CHAT_FORWARDS_RESTRICTED,count=2");
	job_ctl(j, "fault error:method=messages.getHistory,code=420,text=FLOOD_WAIT_300,skip=2,count=1");
	job_run(j, JOB_DAY);
	job_is_done(j, 1);
	cr_assert_eq(job_lines(j, 1), job_lines(j, 0) - 1);
}

/* What is refused by reference goes by its bytes. */
/* Rows: S26 */
Test(server_stubborn, media_refused_by_reference)
{
	static const char *const texts[] = {"MEDIA_INVALID", "MEDIA_EMPTY", "DOCUMENT_INVALID"};

	for (size_t i = 0; i < countof(texts); i++) {
		job_open(j, &(struct job_options){.synth = "messages=3,photos=1,docs=1x90KB,albums=0,seed=3",
						  .mode = PLAN_COPY,
						  .rate_count = 20});
		job_ctl(j, "fault error:method=messages.sendMedia,code=400,text=%s,count=4", texts[i]);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		job_is_complete(j);
		cr_assert_eq(job_fired(j, "error"), 4);
		cr_assert_gt(count_of("messages.uploadMedia"), 0);
	}
}

/* An album that is refused whatever is done to it: its items go one by one. */
Test(server_stubborn, an_album_refused_for_ever)
{
	static const char *const texts[] = {"MEDIA_INVALID", "MEDIA_EMPTY", "SOME_ODD_THING"};
	static const enum plan_mode modes[] = {PLAN_COPY, PLAN_STREAM};

	for (size_t i = 0; i < countof(texts) * countof(modes); i++) {
		job_open(j, &(struct job_options){.synth = "messages=8,photos=8,albums=1,seed=3",
						  .mode = modes[i % 2],
						  .rate_count = 20});
		job_ctl(j, "fault error:method=messages.sendMultiMedia,code=400,text=%s", texts[i / 2]);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 0), job_lines(j, 1));
		cr_assert_not_null(strstr(note_of_id(hand_album_item(j->telegram, 0, 1, 1)), "album"));
	}
}

static uint32_t occurs(uint32_t chat, const char *word)
{
	uint32_t lines, n = 0;
	char *dump = telegram_dump(j->telegram, chat, &lines);

	for (const char *at = dump; (at = strstr(at, word)) != NULL; at++)
		n++;
	free(dump);
	return n;
}

/* Each of them still answers what it answered, and names whom it named. */
Test(server_stubborn, an_album_that_answers_goes_item_by_item)
{
	static const char *const words[] = {"\"reply\"", "\"text\":\"me\",\"entities\""};
	int32_t first, id;

	job_open(j, &(struct job_options){
			.synth = "messages=20,photos=12,albums=3,seed=3", .mode = PLAN_COPY});
	first = hand_album_item(j->telegram, 0, 3, 0);
	for (uint32_t i = 0; (id = hand_album_item(j->telegram, 0, 3, i)) != 0; i++)
		hand_answer(j->telegram, 0, id, first - 2);
	job_ctl(j, "fault error:method=messages.sendMultiMedia,code=400,text=MEDIA_GROUPED_INVALID");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	for (size_t i = 0; i < countof(words); i++) {
		cr_assert_gt(occurs(0, words[i]), 1, "%s", words[i]);
		cr_assert_eq(occurs(1, words[i]), occurs(0, words[i]), "%s: %u of %u", words[i],
			     occurs(1, words[i]), occurs(0, words[i]));
	}
}

/* A word that nobody knows, to every message: the archive is not skipped message by message. */
/* Rows: S39 */
Test(server_stubborn, everything_is_refused)
{
	char reason[64];

	job_open(j, &(struct job_options){.synth = "messages=80,photos=5,seed=3", .mode = PLAN_COPY});
	job_ctl(j, "fault error:method=messages.send*,code=403,text=CHAT_IS_SOMEHOW_WRONG,skip=5");
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_TARGET, "%d", j->client.status);
	cr_assert_not_null(strstr(clone_why(j->client.clone), "SOMEHOW"), "%s",
			   clone_why(j->client.clone));
	cr_assert_leq(job_skipped(j, reason), 12);
}

/* The same of files, while the texts in between go well. */
/* Rows: S39 */
Test(server_stubborn, every_file_is_refused)
{
	static const char *const methods[] = {"upload.getFile", "upload.save*", "messages.uploadMedia"};
	char reason[64];

	for (size_t i = 0; i < countof(methods); i++) {
		job_open(j, &(struct job_options){.synth = "messages=80,photos=50,albums=0,seed=3",
						  .mode = PLAN_STREAM,
						  .closed = true,
						  .allow_protected = true,
						  .ahead = 2,
						  .rate_count = 600});
		job_ctl(j, "fault error:method=%s,code=400,text=SOMETHING_ODD,skip=5", methods[i]);
		job_run(j, JOB_DAY);
		cr_assert_eq(j->client.status, CLONE_TARGET, "%s: %d", methods[i], j->client.status);
		cr_assert_not_null(strstr(clone_why(j->client.clone), "SOMETHING_ODD"));
		cr_assert_leq(job_skipped(j, reason), 14, "%s: %u", methods[i], job_skipped(j, reason));
	}
}

/* The chat is closed to forwarding while the job runs, which may go on all the same. */
Test(server_stubborn, the_source_is_protected_meanwhile)
{
	job_open(j, &(struct job_options){.synth = "messages=40,photos=6,albums=1,seed=3",
					  .mode = PLAN_FORWARD,
					  .rate_count = 20,
					  .allow_protected = true});
	job_run(j, 20 * JOB_SECOND);
	hand_protect(j->telegram, 0);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
}

/* ---- texts ---- */

/* What it answers was not cloned: it is sent, and that is said. */
Test(server_stubborn, a_reply_to_what_is_not_cloned)
{
	int32_t first, second;

	job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_COPY});
	first = telegram_say(j->telegram, 0, "asked");
	second = hand_reply(j->telegram, 0, first, "answered");
	j->o.from_id = second;
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), 1);
	cr_assert_not_null(strstr(note_of(0), "reply"), "\"%s\"", note_of(0));
}

/* Longer than a request may be: it goes as it is; where it may not, it is named, and the others go on. */
Test(server_stubborn, a_text_that_no_request_holds)
{
	char *text = malloc(300 * 1024);

	memset(text, 'x', 300 * 1024 - 1);
	text[300 * 1024 - 1] = '\0';
	for (uint32_t closed = 0; closed < 2; closed++) {
		job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_COPY,
						  .allow_protected = true});
		hand_say_long(j->telegram, 0, text);
		telegram_say(j->telegram, 0, "behind it");
		if (closed > 0)
			hand_protect(j->telegram, 0);
		job_run(j, JOB_HOUR);
		job_is_done(j, closed);
		cr_assert_eq(job_lines(j, 1), 4 - closed);
	}
	free(text);
}
