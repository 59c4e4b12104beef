/*
 * Where two things happen at once that are harmless alone: what is sent was changed while an answer
 * about it was on its way, one file of an album is in trouble while the others are not, a wait is told
 * to somebody who has no use for it any more (reliability I1, I2, I4, I6, S13, S14, S21, S22).
 */
#include "tests/clone/deed.h"
#include "tests/clone/hand.h"
#include "tests/clone/job.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct job job, *j = &job;

static uint64_t count_of(const char *method)
{
	char path[96];

	snprintf(path, sizeof(path), "requests/%s/count", method);
	return job_stat(j, path);
}

static const struct ledger_row *row_of(int32_t id)
{
	static struct ledger_row row;

	(void)job_rows(j, ROW_DONE);
	cr_assert(ledger_find(j->client.ledger, id, &row), "%d", id);
	return &row;
}

static void says(int32_t id, const char *words)
{
	cr_assert_not_null(strstr(row_of(id)->reason, words), "%d: \"%s\"", id, row_of(id)->reason);
}

static void run_until_asked(const char *method, uint64_t count)
{
	for (int i = 0; i < 100000 && count_of(method) < count; i++)
		job_run(j, JOB_SECOND / 500);
	cr_assert_geq(count_of(method), count, "%s", method);
}

/* Five videos in an album, part by part over one connection. */
static void open_album(void)
{
	job_open(j, &(struct job_options){.synth = "messages=5,photos=0,video=5x90KB,albums=1,seed=3",
					  .mode = PLAN_STREAM,
					  .links = 1,
					  .inflight = 1,
					  .part_size = 16384,
					  .ahead = 1});
}

/* ---- changed meanwhile ---- */

/*
 * Media is being made of a file's bytes, and the file is changed, and the new one's bytes are there
 * before that answer comes: the answer is about the old ones.
 */
/* Rows: S22 I4 */
Test(server_corners, changed_and_there_before_the_old_media_is_made)
{
	for (uint32_t refused = 0; refused < 2; refused++) {
		open_album();
		job_ctl(j, "fault delay:method=messages.uploadMedia,ms=20000,count=1");
		if (refused > 0)
			job_ctl(j, "fault error:method=messages.uploadMedia,code=400,"
				   "text=VIDEO_CONTENT_TYPE_INVALID,count=1");
		run_until_asked("messages.uploadMedia", 1);
		telegram_edit_media(j->telegram, 0, hand_album_item(j->telegram, 0, 1, 0),
				    hand_last(j->telegram, 0));
		job_ctl(j, "fault error:method=upload.getFile,code=400,text=FILE_REFERENCE_EXPIRED,count=1");
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		job_is_complete(j);
	}
}

/* The answer comes before the new bytes are there: a refusal is about the old ones just the same. */
/* Rows: S22 */
Test(server_corners, changed_and_the_old_media_refused)
{
	open_album();
	job_ctl(j, "fault delay:method=messages.uploadMedia,ms=300,count=1");
	job_ctl(j, "fault error:method=messages.uploadMedia,code=400,text=VIDEO_CONTENT_TYPE_INVALID,"
		   "count=1");
	run_until_asked("messages.uploadMedia", 1);
	job_ctl(j, "fault delay:method=upload.getFile,ms=100,skip=1");
	telegram_edit_media(j->telegram, 0, hand_album_item(j->telegram, 0, 1, 0),
			    hand_last(j->telegram, 0));
	job_ctl(j, "expire");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
}

/* Its thumbnail is there, one part of the file is not, and it is changed: the new one has its own. */
/* Rows: S22 */
Test(server_corners, changed_when_its_thumbnail_was_there)
{
	for (uint64_t part = 1; part < 10; part += 4) {
		job_open(j, &(struct job_options){.synth = "messages=4,photos=0,video=2x90KB,albums=0,seed=3",
						  .mode = PLAN_STREAM,
						  .links = 1,
						  .inflight = 4,
						  .part_size = 4096,
						  .ahead = 1});
		job_ctl(j, "fault delay:method=upload.getFile,ms=9000,skip=%d,count=1", (int)part);
		job_ctl(j, "fault error:method=upload.getFile,code=400,text=FILE_REFERENCE_EXPIRED,skip=%d,"
			   "count=1", (int)part);
		job_until(j, "error", 1);
		job_run(j, 5 * JOB_SECOND);
		telegram_edit_media(j->telegram, 0, hand_file(j->telegram, 0, 0),
				    hand_file(j->telegram, 0, 1));
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		job_is_complete(j);
	}
}

/* Refused, changed, sent as it is now, and the answer is lost: what is looked for is what was sent. */
/* Rows: N18 S22 */
Test(server_corners, changed_between_a_refusal_and_a_lost_answer)
{
	job_open(j, &(struct job_options){.synth = "messages=1,photos=1,albums=0,seed=3",
					  .mode = PLAN_COPY,
					  .rate_count = 20});
	job_ctl(j, "knob random-id-forget 1");
	job_ctl(j, "fault error:method=messages.sendMedia,code=420,text=FLOOD_WAIT_60,count=1");
	job_until(j, "error", 1);
	job_run(j, 10 * JOB_SECOND);
	telegram_edit(j->telegram, 0, job_source_id(j, 0), "other words by now");
	job_ctl(j, "expire");
	job_dies_unanswered(j, "messages.sendMedia", 1);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
	cr_assert_eq(job_adopted(j), 1);
}

/* A forward takes it as it is by then: that is looked for, too. */
/* Rows: N18 S22 */
Test(server_corners, changed_between_its_planning_and_a_lost_forward)
{
	job_open(j, &(struct job_options){.synth = "messages=4,seed=3", .mode = PLAN_FORWARD});
	job_ctl(j, "knob random-id-forget 1");
	job_ctl(j, "fault error:method=messages.forwardMessages,code=420,text=FLOOD_WAIT_60,count=1");
	job_until(j, "error", 1);
	job_run(j, 10 * JOB_SECOND);
	telegram_edit(j->telegram, 0, job_source_id(j, 1), "other words by now");
	job_dies_unanswered(j, "messages.forwardMessages", 0);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
	cr_assert_eq(job_adopted(j), 4);
}

/* The same within a life, and the note does not blame the server for it. */
/* Rows: S22 */
Test(server_corners, changed_after_a_refusal)
{
	int32_t id;

	job_open(j, &(struct job_options){.synth = "messages=1,photos=1,albums=0,seed=3",
					  .mode = PLAN_COPY,
					  .rate_count = 20});
	job_ctl(j, "fault error:method=messages.sendMedia,code=420,text=FLOOD_WAIT_60,count=1");
	job_until(j, "error", 1);
	job_run(j, 10 * JOB_SECOND);
	id = job_source_id(j, 0);
	telegram_edit(j->telegram, 0, id, "other words by now");
	job_ctl(j, "expire");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
	cr_assert_str_eq(row_of(id)->reason, "");
}

/* Refused by reference, then as a photo, sent as a document, and the answer is lost: that is found. */
/* Rows: N18 S26 */
Test(server_corners, made_a_document_after_a_refusal_and_its_answer_lost)
{
	job_open(j, &(struct job_options){.synth = "messages=1,photos=1,albums=0,seed=3",
					  .mode = PLAN_COPY,
					  .rate_count = 20});
	job_ctl(j, "knob random-id-forget 1");
	job_ctl(j, "fault error:method=messages.sendMedia,code=400,text=MEDIA_INVALID,count=4");
	job_ctl(j, "fault error:method=messages.uploadMedia,code=400,text=IMAGE_PROCESS_FAILED,count=1");
	job_until(j, "error", 5);
	job_dies_unanswered(j, "messages.sendMedia", 0);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), 1, "%u", job_lines(j, 1));
	cr_assert_eq(job_adopted(j), 1);
}

/* Trouble before is no reason to believe an answer that names nothing. */
/* Rows: N18 S34 */
Test(server_corners, a_forward_that_names_nothing_after_trouble)
{
	job_open(j, &(struct job_options){.synth = "messages=3,seed=3", .mode = PLAN_FORWARD});
	job_ctl(j, "knob random-id-forget 1");
	job_ctl(j, "fault error:method=messages.forwardMessages,code=500,text=RPC_CALL_FAIL,count=4");
	job_until(j, "error", 4);
	job_ctl(j, "knob forward-mute 1");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
	cr_assert_eq(job_adopted(j), 1);
}

/* ---- one file of an album ---- */

/* Its reference cannot be renewed: the others go. */
/* Rows: S21 */
Test(server_corners, one_of_an_album_whose_reference_cannot_be_renewed)
{
	job_open(j, &(struct job_options){.synth = "messages=5,photos=5,albums=1,seed=3",
					  .mode = PLAN_STREAM,
					  .closed = true,
					  .allow_protected = true,
					  .links = 1,
					  .inflight = 1,
					  .ahead = 1});
	job_ctl(j, "fault error:method=upload.getFile,code=400,text=FILE_REFERENCE_INVALID,count=1");
	job_ctl(j, "fault error:method=upload.getFile,code=400,text=FILE_REFERENCE_INVALID,skip=4,"
		   "count=7");
	job_run(j, JOB_DAY);
	job_is_done(j, 1);
	cr_assert_eq(job_lines(j, 1), job_lines(j, 0) - 1, "%u of %u", job_lines(j, 1), job_lines(j, 0));
}

/* All of an album's expire while the source may not be asked: that is one renewal, not one a file. */
/* Rows: S21 S13 */
Test(server_corners, the_references_of_an_album_expire_while_the_source_may_not_be_asked)
{
	job_open(j, &(struct job_options){.synth = "messages=10,photos=10,albums=2,seed=3",
					  .mode = PLAN_STREAM,
					  .links = 1,
					  .inflight = 1,
					  .ahead = 8});
	run_until_asked("upload.getFile", 1);
	job_ctl(j, "expire");
	job_ctl(j, "fault error:method=channels.getMessages,code=420,text=FLOOD_WAIT_900,count=1");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
	cr_assert_eq(job_early(j), 0);
}

/*
 * It became longer at the source, and there is no room for that until others are sent, which takes long:
 * it is asked for again ever more rarely.
 */
/* Rows: S22 */
Test(server_corners, no_room_for_what_became_longer)
{
	static char text[100001];
	uint64_t asked;
	int32_t id;

	memset(text, 'x', sizeof(text) - 1);
	job_open(j, &(struct job_options){.synth = "messages=5,photos=1,albums=0,seed=3",
					  .mode = PLAN_STREAM});
	for (int i = 0; i < 90; i++)
		hand_say_long(j->telegram, 0, text + 40000);
	id = hand_photo(j->telegram, 0);
	job_ctl(j, "fault error:method=messages.sendM*,code=420,text=FLOOD_WAIT_3000,count=1");
	job_ctl(j, "fault error:method=upload.getFile,code=420,text=FLOOD_WAIT_60,count=1");
	job_run(j, 30 * JOB_SECOND);
	telegram_edit(j->telegram, 0, id, text);
	job_ctl(j, "expire");
	job_run(j, 900 * JOB_SECOND);
	asked = count_of("channels.getMessages");
	cr_assert_gt(id, job_source_id(j, 0), "not the oldest");
	cr_assert(asked > 1 && asked < 50, "%d", (int)asked);
}

/*
 * An earlier life was sending it, nobody executed that, and by now one of its files cannot be had: it is
 * looked for first, and what is not there needs no file but its own.
 */
/* Rows: P1 */
Test(server_corners, an_album_that_was_not_sent_has_lost_a_file_since)
{
	job_open(j, &(struct job_options){.synth = "messages=5,photos=5,albums=1,seed=3",
					  .mode = PLAN_STREAM,
					  .closed = true,
					  .allow_protected = true,
					  .links = 1,
					  .inflight = 1});
	job_ctl(j, "fault silence:method=messages.sendMultiMedia,before=1,count=1");
	job_until(j, "silence", 1);
	job_kill(j);
	job_ctl(j, "fault error:method=upload.getFile,code=400,text=SOMETHING_ODD,count=1");
	job_run(j, JOB_DAY);
	job_is_done(j, 1);
	cr_assert_eq(job_lines(j, 1), job_lines(j, 0) - 1, "%u of %u", job_lines(j, 1), job_lines(j, 0));
}

/* What an earlier life sent is looked for before its bytes are fetched once more. */
/* Rows: P1 */
Test(server_corners, what_was_sent_is_not_fetched_again)
{
	uint64_t asked;

	job_open(j, &(struct job_options){.synth = "messages=1,photos=0,docs=1x900KB,albums=0,seed=3",
					  .mode = PLAN_STREAM,
					  .part_size = 32768});
	job_ctl(j, "knob random-id-forget 1");
	job_dies_unanswered(j, "messages.sendMedia", 0);
	asked = count_of("upload.getFile");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
	cr_assert_eq(count_of("upload.getFile"), asked, "%d more",
		     (int)(count_of("upload.getFile") - asked));
}

/* ---- where the target ends ---- */

/* Asked with the method of the pages: their wait is its wait, also after a death. */
/* Rows: S13 S14 */
Test(server_corners, the_targets_end_may_not_be_asked_for_yet)
{
	for (uint32_t skip = 0; skip < 3; skip++) {
		job_open(j, &(struct job_options){.synth = "messages=140,seed=3", .mode = PLAN_COPY});
		job_ctl(j, "fault error:method=messages.getHistory,code=420,text=FLOOD_WAIT_900,skip=%u,"
			   "count=1", skip);
		job_until(j, "error", 1);
		job_run(j, 60 * JOB_SECOND);
		job_kill(j);
		job_run(j, 60 * JOB_SECOND);
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		job_is_complete(j);
		cr_assert_eq(job_early(j), 0, "%u: %d", skip, (int)job_early(j));
	}
}

static void open_before(void)
{
	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_COPY});
	telegram_delete(j->telegram, 0, hand_last(j->telegram, 0));
	for (int i = 0; i < 3; i++)
		telegram_say(j->telegram, 0, "the same words");
	telegram_say(j->telegram, 1, "the same words");
	job_ctl(j, "knob random-id-forget 1");
	job_ctl(j, "fault silence:method=messages.sendMessage,before=1,count=1");
}

/* It cannot be read at once: what stood there before is not taken for ours all the same. */
/* Rows: N18 S41 */
Test(server_corners, the_targets_end_is_spoilt)
{
	open_before();
	job_ctl(j, "fault garble:method=messages.getHistory,skip=1,count=2");
	job_until(j, "silence", 1);
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), 1 + 3, "%u", job_lines(j, 1));
	cr_assert_eq(job_adopted(j), 0);
}

/* It comes empty, though the target is not: neither is what stood there before taken for ours then. */
/* Rows: N18 */
Test(server_corners, the_targets_end_comes_empty)
{
	for (int times = 1; times < 3; times++) {
		open_before();
		job_ctl(j, "knob newest-empty %d", times);
		job_until(j, "silence", 1);
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 1 + 3, "%d: %u", times, job_lines(j, 1));
		cr_assert_eq(job_adopted(j), 0);
	}
}

/* A page of the source comes empty, and what is asked of its newest message as well: neither is the source empty, nor what is planned gone. */
/* Rows: I1 */
Test(server_corners, all_that_is_asked_comes_empty)
{
	for (int way = 0; way < 6; way++) {
		job_open(j, &(struct job_options){.synth = "messages=30,seed=3", .mode = PLAN_COPY, .rate_count = 20,
						  .from_id = way / 2 == 2 ? 12 : 0});
		if (way / 2 == 1)
			job_run(j, 60 * JOB_SECOND);
		job_ctl(j, "knob page-empty 1");
		job_ctl(j, "knob newest-empty %d", 1 + way % 2);
		if (way / 2 == 1)
			job_kill(j);
		job_run(j, JOB_DAY);
		if (way / 2 < 2)
			job_is_complete(j);
		cr_assert_eq(job_rows(j, ROW_DONE), way / 2 == 2 ? 30 - 10 : 30, "%d: %d", way,
			     (int)job_rows(j, ROW_DONE));
	}
}

/* The newest messages there are of a later layer: the first that can be read is the end. */
/* Rows: N18 S41 */
Test(server_corners, the_targets_end_is_of_a_later_layer)
{
	uint32_t before;

	open_before();
	while (telegram_say(j->telegram, 1, "by the way") % 7 != 0)
		;
	before = job_lines(j, 1);
	job_ctl(j, "fault strange:method=messages.getHistory,of=7");
	job_until(j, "silence", 1);
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), before + 3, "%u", job_lines(j, 1));
	cr_assert_eq(job_adopted(j), 0);
}

/* One of a later layer stands in front of the copy that is looked for: that is found behind it. */
/* Rows: N18 S41 */
Test(server_corners, a_copy_behind_a_message_of_a_later_layer)
{
	for (uint32_t holes = 0; holes < 3; holes++) {
		uint32_t before;

		job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_COPY,
						  .interval_ns = 60 * JOB_SECOND});
		job_ctl(j, "knob random-id-forget 1");
		for (int i = 0; i < 100000 && job_rows(j, ROW_DONE) < 1; i++)
			job_run(j, JOB_SECOND / 500);
		while (telegram_say(j->telegram, 1, "by the way") % 7 != 6)
			;
		job_ctl(j, "fault silence:method=messages.sendMessage,count=1");
		telegram_say(j->telegram, 1, "of a later layer");
		for (uint32_t i = 0; i < holes; i++)
			hand_delete(j->telegram, 1, telegram_say(j->telegram, 1, "gone"));
		before = job_lines(j, 1);
		job_until(j, "silence", 1);
		job_ctl(j, "fault strange:method=messages.getHistory,of=7");
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), before + 1, "%u of %u", job_lines(j, 1), before + 1);
		cr_assert_eq(job_adopted(j), 1);
	}
}

/* ---- waits that are told to one who needs nothing any more ---- */

/* A file is given up, and its other parts hear of a wait: it holds for the next file. */
/* Rows: S13 */
Test(server_corners, a_wait_told_to_a_file_that_was_given_up)
{
	job_open(j, &(struct job_options){.synth = "messages=3,photos=0,docs=3x300KB,albums=0,seed=3",
					  .mode = PLAN_STREAM,
					  .closed = true,
					  .allow_protected = true,
					  .links = 1,
					  .inflight = 4,
					  .part_size = 32768,
					  .ahead = 1});
	job_ctl(j, "fault error:method=upload.getFile,code=400,text=SOMETHING_ODD,skip=3,count=1");
	job_ctl(j, "fault error:method=upload.getFile,code=420,text=FLOOD_WAIT_600,skip=3,count=1");
	job_run(j, 300 * JOB_SECOND);
	cr_assert_eq(job_fired(j, "error"), 2);
	cr_assert_eq(job_rows(j, ROW_DONE), 0, "%u", job_rows(j, ROW_DONE));
	job_run(j, JOB_DAY);
	job_is_done(j, 1);
}

/* The same of media that is made of its bytes. */
/* Rows: S13 */
Test(server_corners, a_wait_told_to_media_that_was_given_up)
{
	open_album();
	job_ctl(j, "fault delay:method=messages.uploadMedia,ms=4000,count=1");
	job_ctl(j, "fault error:method=messages.uploadMedia,code=420,text=FLOOD_WAIT_600,count=1");
	run_until_asked("messages.uploadMedia", 1);
	job_ctl(j, "fault delay:method=upload.getFile,ms=2000");
	hand_expire(j->telegram, 0, hand_album_item(j->telegram, 0, 1, 0));
	job_ctl(j, "expire");
	job_run(j, JOB_DAY);
	job_is_done(j, 1);
	cr_assert_eq(job_early(j), 0);
}

/* ---- what goes another way than was planned ---- */

/* By its bytes after all: where it begins to play is kept, its cover is not, and that is said. */
Test(server_corners, a_video_that_is_refused_by_reference)
{
	static const enum plan_mode modes[] = {PLAN_COPY, PLAN_STREAM};
	int32_t id;

	for (size_t i = 0; i < countof(modes); i++) {
		job_open(j, &(struct job_options){.synth = "messages=2,photos=0,video=1x90KB,albums=0,seed=3",
						  .mode = modes[i],
						  .rate_count = 20});
		id = hand_wordless(j->telegram, 0);
		hand_start(j->telegram, 0, id, 17);
		if (modes[i] == PLAN_COPY)
			job_ctl(j, "fault error:method=messages.sendMedia,code=400,text=MEDIA_INVALID,count=4");
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		job_is_complete(j);
	}
}

Test(server_corners, a_cover_that_is_lost_on_another_way)
{
	int32_t id;

	job_open(j, &(struct job_options){.synth = "messages=2,photos=1,video=1x90KB,albums=0,seed=3",
					  .mode = PLAN_COPY,
					  .rate_count = 20});
	id = hand_file(j->telegram, 0, 0);
	hand_cover(j->telegram, 0, id, hand_photo(j->telegram, 0));
	job_ctl(j, "fault error:method=messages.sendMedia,code=400,text=DOCUMENT_INVALID,count=4");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_gt(count_of("messages.uploadMedia"), 0);
	says(id, "cover");
	cr_assert_eq(row_of(id)->mode, PLAN_STREAM);
}

/* ---- what is lost of a text ---- */

Test(server_corners, a_preview_that_is_refused)
{
	int32_t id;

	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_COPY});
	id = hand_link(j->telegram, 0, 1);
	job_ctl(j, "fault error:method=messages.sendM*,code=400,text=WEBPAGE_CURL_FAILED,skip=1,count=1");
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), 2);
	says(id, "link preview not kept");
}

Test(server_corners, a_preview_that_is_too_large_to_hold)
{
	int32_t id;

	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_COPY});
	id = hand_rich_link(j->telegram, 0, 30000);
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	cr_assert_eq(job_lines(j, 1), 2);
	says(id, "link preview not kept");
}

/* It answers an item that the copy does not have: it answers the copy. */
Test(server_corners, a_reply_to_a_part_that_is_not_there)
{
	static const char *const texts[] = {"TODO_ITEM_ID_INVALID", "POLL_OPTION_INVALID"};

	for (size_t i = 0; i < countof(texts); i++) {
		int32_t asked, id;

		job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_COPY});
		asked = telegram_say(j->telegram, 0, "asked");
		id = hand_reply_to_part(j->telegram, 0, asked, "answered");
		job_ctl(j, "fault error:method=messages.sendMessage,code=400,text=%s,skip=2,count=1", texts[i]);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 3);
		says(id, "reply not kept whole");
		cr_assert_not_null(strstr(telegram_dump(j->telegram, 1, &(uint32_t){0}), "\"reply\""));
	}
}

/* ---- files ---- */

/* An object that no layer has in place of a part: asked again, and not for ever. */
/* Rows: S41 S43 */
Test(server_corners, parts_that_are_no_objects)
{
	for (uint32_t ever = 0; ever < 2; ever++) {
		job_open(j, &(struct job_options){.synth = "messages=2,docs=1x100KB,photos=0,albums=0,seed=3",
						  .mode = PLAN_STREAM,
						  .closed = true,
						  .allow_protected = true,
						  .part_size = 32768});
		job_ctl(j, "fault garble:method=upload.getFile%s", ever ? "" : ",count=2");
		job_run(j, JOB_DAY);
		job_is_done(j, ever);
		if (ever == 0)
			job_is_complete(j);
		cr_assert_eq(job_lines(j, 1), job_lines(j, 0) - ever);
	}
}

/* References of what lies in the upload area: stored anew, and not for ever. */
/* Rows: S21 S24 */
Test(server_corners, stored_media_that_is_refused)
{
	static const char *const texts[] = {"FILE_REFERENCE_EXPIRED", "FILE_PARTS_INVALID",
					    "FILE_PART_0_MISSING", "SOMETHING_ODD"};

	for (size_t i = 0; i < countof(texts); i++) {
		for (uint32_t ever = 0; ever < 2; ever++) {
			job_open(j, &(struct job_options){
					.synth = "messages=2,docs=1x100KB,photos=0,albums=0,seed=3",
					.mode = PLAN_STREAM,
					.closed = true,
					.allow_protected = true});
			job_ctl(j, "fault error:method=messages.uploadMedia,code=400,text=%s%s", texts[i],
				ever ? "" : ",count=1");
			job_run(j, JOB_DAY);
			job_is_done(j, ever || i == 3);
			cr_assert_eq(count_of("messages.uploadMedia"),
				     i == 3 ? 1 : !ever || i == 1 ? 2 : 3, "%s %u: %d", texts[i], ever,
				     (int)count_of("messages.uploadMedia"));
		}
	}
}

/* Its author named it so that no request holds the name: that file is named, and the others go on. */
/* Rows: H17 */
Test(server_corners, a_name_that_no_request_holds, .timeout = 60)
{
	job_open(j, &(struct job_options){.synth = "messages=4,docs=3x30KB,photos=0,albums=0,seed=3",
					  .mode = PLAN_STREAM,
					  .closed = true,
					  .allow_protected = true});
	hand_name(j->telegram, 0, hand_file(j->telegram, 0, 0), 300 * 1024);
	job_run(j, JOB_DAY);
	job_is_done(j, 1);
	cr_assert_eq(job_lines(j, 1), job_lines(j, 0) - 1);
}

/* A part of the full size takes longer up there than the server waits: smaller ones get through. */
/* Rows: N11 */
Test(server_corners, a_way_up_too_slow_for_large_parts, .timeout = 200)
{
	job_open(j, &(struct job_options){.synth = "messages=2,docs=1x600KB,photos=0,albums=0,seed=3",
					  .mode = PLAN_STREAM,
					  .links = 1,
					  .inflight = 1});
	simworld_net(j->world)->bytes_per_s = 1500;
	simworld_net(j->world)->buffer = 16 * 1024;
	simworld_net(j->world)->rate[SIM_SEGMENT] = 1000000;
	job_run(j, JOB_DAY / 4);
	job_is_done(j, 0);
	job_is_complete(j);
}

/* And when the way is a good one again they grow: 40 files would be 200 parts of the size it had come to. */
/* Rows: N11 */
Test(server_corners, a_way_up_that_was_too_slow_for_a_while, .timeout = 200)
{
	job_open(j, &(struct job_options){.synth = "messages=42,docs=40x600KB,photos=0,albums=0,seed=3",
					  .mode = PLAN_STREAM,
					  .links = 1,
					  .inflight = 1});
	simworld_net(j->world)->bytes_per_s = 1500;
	simworld_net(j->world)->buffer = 16 * 1024;
	simworld_net(j->world)->rate[SIM_SEGMENT] = 1000000;
	for (int i = 0; i < 1000 && job_rows(j, ROW_DONE) < 3; i++)
		job_run(j, 100 * JOB_SECOND);
	simworld_net(j->world)->bytes_per_s = 1000000;
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	job_is_complete(j);
	cr_assert_lt(job_stat(j, "requests/upload.saveFilePart/count"), 175u, "%d",
		     (int)job_stat(j, "requests/upload.saveFilePart/count"));
}

/* A send is lost, and somebody else says the same where it would stand: that is not its copy, in a channel neither. */
/* Rows: N17 I1 */
Test(server_corners, somebody_else_says_the_same)
{
	static const enum target_kind targets[] = {TARGET_GROUP, TARGET_CHANNEL};

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		int32_t id, other;

		job_open(j, &(struct job_options){.synth = "messages=1,photos=0,albums=0,seed=3",
						  .mode = PLAN_COPY,
						  .target = targets[i]});
		id = hand_say_long(j->telegram, 0, "the same words");
		job_ctl(j, "knob random-id-forget 1");
		job_ctl(j, "fault silence:method=messages.sendMessage,before=1,skip=1,count=1");
		job_until(j, "silence", 1);
		job_kill(j);
		other = deed_other(j->telegram, 1, "the same words");
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 3, "%u", job_lines(j, 1));
		cr_assert_gt(row_of(id)->target_id, other);
	}
}
