/*
 * Videos that a channel's server converts first: it answers with a scheduled message, and posts it later. Until then
 * it stands nowhere in the history, and is sent all the same (reliability I1-I3, N18, S27).
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

static void open_videos(const char *synth)
{
	job_open(j, &(struct job_options){.synth = synth, .mode = PLAN_STREAM, .target = TARGET_CHANNEL});
}

static uint64_t waits(void)
{
	return count_of("messages.getScheduledHistory");
}

/* However long it takes, it is sent once, and what comes behind it waits. */
/* Rows: S27 */
Test(server_converts, a_video_is_posted_later)
{
	static const uint32_t seconds[] = {1, 40, 900, 4 * 3600};

	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		open_videos("messages=6,photos=1,video=2x90KB,albums=0,seed=3");
		job_ctl(j, "knob random-id-forget 1");
		job_ctl(j, "knob video-convert %u", seconds[i]);
		job_run(j, JOB_DAY);
		job_is_complete(j);
		cr_assert_eq(count_of("messages.sendMedia"), 3, "%u s: %d", seconds[i],
			     (int)count_of("messages.sendMedia"));
		cr_assert_gt(waits(), 0);
	}
}

/* A server that calls its random_id used does not make it a message that was not sent. */
/* Rows: S27 */
Test(server_converts, its_random_id_is_in_use_meanwhile)
{
	open_videos("messages=3,photos=0,video=1x90KB,albums=0,seed=3");
	job_ctl(j, "knob random-id duplicate");
	job_ctl(j, "knob video-convert %u", 4 * 3600);
	job_run(j, JOB_DAY);
	job_is_complete(j);
}

/* The answer is lost, with the process or without it: what waits to be posted is looked for, too. */
/* Rows: N18 P1 */
Test(server_converts, its_answer_is_lost)
{
	for (uint32_t dies = 0; dies < 2; dies++) {
		open_videos("messages=3,photos=0,video=2x90KB,albums=0,seed=3");
		job_ctl(j, "knob random-id-forget 1");
		job_ctl(j, "knob video-convert 600");
		job_ctl(j, dies ? "fault drop:method=messages.sendMedia,count=1"
				: "fault reset:method=messages.sendMedia,count=1");
		for (int i = 0; i < 100000 && dies && job_fired(j, "drop") == 0; i++)
			job_run(j, JOB_SECOND / 500);
		if (dies)
			job_kill(j);
		job_run(j, JOB_DAY);
		job_is_complete(j);
		cr_assert_eq(count_of("messages.sendMedia"), 2, "%u: %d", dies,
			     (int)count_of("messages.sendMedia"));
	}
}

/* Whoever looks sees what the next post waits for, here and by status; a new life waits for the same. */
/* Rows: I7 */
Test(server_converts, what_it_waits_for_is_shown)
{
	struct clone_progress p;
	struct clone_wait waits[CLONE_WAITS];

	open_videos("messages=3,photos=0,video=1x90KB,albums=0,seed=3");
	job_ctl(j, "knob video-convert 3000");
	for (uint32_t life = 0; life < 2; life++) {
		for (int i = 0; i < 100000 && (count_of("messages.sendMedia") == 0 || i < 100); i++)
			job_run(j, JOB_SECOND / 10);
		for (int i = 0; i < 30; i++) {
			job_run(j, 20 * JOB_SECOND);
			clone_progress(j->client.clone, &p);
			cr_assert_eq(p.wait, PACE_CONVERTED, "life %u, look %d", life, i);
			cr_assert_gt(p.wait_until, ring_wall(j->client.ring));
			cr_assert_eq(clone_waits(j->client.ledger, ring_wall(j->client.ring), waits), 1);
			cr_assert_str_eq(waits[0].what, "posts");
			cr_assert_eq(waits[0].why, PACE_CONVERTED);
		}
		if (life == 0)
			job_kill(j);
	}
	job_run(j, JOB_DAY);
	job_is_complete(j);
}

/* Rows: P1 */
Test(server_converts, killed_while_it_waits)
{
	open_videos("messages=3,photos=0,video=1x90KB,albums=0,seed=3");
	job_ctl(j, "knob random-id-forget 1");
	job_ctl(j, "knob video-convert 3000");
	for (int i = 0; i < 100000 && count_of("messages.sendMedia") == 0; i++)
		job_run(j, JOB_SECOND / 10);
	for (int i = 0; i < 20; i++) {
		job_run(j, 60 * JOB_SECOND);
		job_kill(j);
	}
	job_run(j, JOB_DAY);
	job_is_complete(j);
	cr_assert_eq(count_of("messages.sendMedia"), 1);
}

/* Rows: S27 */
Test(server_converts, an_album_with_a_video)
{
	open_videos("messages=8,photos=4,video=4x90KB,albums=2,seed=3");
	job_ctl(j, "knob random-id-forget 1");
	job_ctl(j, "knob video-convert 300");
	job_run(j, JOB_DAY);
	job_is_complete(j);
}

/* It may not be asked for: with its random_id it is the same one, however often it is sent. */
/* Rows: S38 */
Test(server_converts, the_server_tells_of_nothing_that_waits)
{
	open_videos("messages=3,photos=0,video=1x90KB,albums=0,seed=3");
	job_ctl(j, "knob video-convert 300");
	job_ctl(j, "fault error:method=messages.getScheduledHistory,code=400,text=CHAT_ADMIN_REQUIRED");
	job_run(j, JOB_DAY);
	job_is_complete(j);
}

/* Rows: S13 S14 */
Test(server_converts, the_question_has_to_wait)
{
	open_videos("messages=3,photos=0,video=1x90KB,albums=0,seed=3");
	job_ctl(j, "knob random-id-forget 1");
	job_ctl(j, "knob video-convert 2000");
	job_ctl(j, "fault error:method=messages.getScheduledHistory,code=420,text=FLOOD_WAIT_700,count=2");
	job_run(j, JOB_DAY);
	job_is_complete(j);
	cr_assert_eq(job_early(j), 0);
	cr_assert_eq(count_of("messages.sendMedia"), 1);
}

/* Too much is scheduled there already, says the server: that is no fault of the video's. */
/* Rows: S38 */
Test(server_converts, a_full_schedule_costs_no_message)
{
	char reason[64];

	open_videos("messages=3,photos=0,video=1x90KB,albums=0,seed=3");
	job_ctl(j, "knob video-convert 300");
	job_ctl(j, "fault error:method=messages.sendMedia,code=400,text=SCHEDULE_TOO_MUCH,count=3");
	cr_assert_eq(job_run(j, JOB_DAY), CLONE_TARGET);
	cr_assert_not_null(strstr(clone_why(j->client.clone), "scheduled"), "%s", clone_why(j->client.clone));
	cr_assert_eq(job_skipped(j, reason), 0, "%s", reason);
	job_ctl(j, "unfault all");
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_complete(j);
}

static int32_t video_behind(int32_t after)
{
	uint32_t lines, count;
	char *dump = telegram_dump(j->telegram, 0, &lines);
	struct posted *all = telegram_posted(j->telegram, 0, &count);
	const char *at = dump;
	int32_t id = 0;

	for (uint32_t i = 0; i < count && id == 0; i++) {
		at = strstr(at, "{\"n\":");
		cr_assert_not_null(at);
		if (all[i].id > after && memmem(at, strcspn(at, "\n"), "\"video\"", 7) != NULL)
			id = all[i].id;
		at++;
	}
	free(all);
	free(dump);
	cr_assert_neq(id, 0);
	return id;
}

static int32_t first_video(void)
{
	return video_behind(0);
}

/* By now the source has a picture there, or a text: what was sent waits all the same. */
/* Rows: P1 S22 */
Test(server_converts, edited_while_it_waits)
{
	open_videos("messages=4,photos=1,video=1x90KB,albums=0,seed=3");
	job_ctl(j, "knob random-id-forget 1");
	job_ctl(j, "knob video-convert 3000");
	while (waits() == 0)
		job_run(j, JOB_SECOND);
	telegram_edit_media(j->telegram, 0, first_video(), hand_photo(j->telegram, 0));
	job_kill(j);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	cr_assert_eq(count_of("messages.sendMedia"), 2, "%d", (int)count_of("messages.sendMedia"));
}

/*
 * Something else waits there that this program cannot read, or it may not be asked: when it will be posted the answer
 * to the send told, and until then it is not sent again, nor given up.
 */
/* Rows: S27 S41 */
Test(server_converts, what_waits_cannot_be_read)
{
	static const char *const faults[] = {
	    "strange:method=messages.getScheduledHistory,of=1,others=1",
	    "garble:method=messages.getScheduledHistory",
	    "error:method=messages.getScheduledHistory,code=400,text=CHAT_ADMIN_REQUIRED",
	    "error:method=messages.getScheduledHistory,code=500,text=RPC_CALL_FAIL",
	};

	for (uint32_t way = 0; way < 4 * 4; way++) {
		char reason[64];

		open_videos("messages=3,photos=0,video=1x90KB,albums=0,seed=3");
		job_ctl(j, way % 2 == 0 ? "knob random-id-forget 1" : "knob random-id duplicate");
		job_ctl(j, "knob video-convert %u", 4 * 3600);
		job_ctl(j, "fault %s", faults[way / 2 % 4]);
		while (waits() == 0)
			job_run(j, JOB_SECOND);
		if (way >= 8)
			job_kill(j);
		job_run(j, JOB_DAY);
		cr_assert_eq(job_skipped(j, reason), 0, "%u: %s", way, reason);
		job_is_complete(j);
		cr_assert_eq(count_of("messages.sendMedia"), 1, "%u: %d", way,
			     (int)count_of("messages.sendMedia"));
	}
}

/* What waits is known by its id, whatever is edited of it; and what comes out is known by what did not change. */
/* Rows: S27 P1 */
Test(server_converts, it_comes_out_as_another_one)
{
	static const char *const changes[][2] = {
	    {"convert-file"}, {"convert-edit"}, {"convert-file", "convert-edit"}};

	/* From 12 on: so soon that nobody sees it wait, but it was told; or what waits may not be asked. */
	for (uint32_t way = 0; way < 16; way++) {
		const char *const *change = changes[way < 12 ? way / 4 : 2];
		bool soon = way == 12 || way == 13, dies = way / 2 % 2 == 1;
		uint32_t lines;
		char reason[64];

		job_open(j, &(struct job_options){.synth = "messages=4,photos=1,video=2x90KB,albums=0,seed=3",
						  .mode = way % 2 ? PLAN_COPY : PLAN_STREAM,
						  .target = TARGET_CHANNEL});
		job_ctl(j, "knob random-id-forget 1");
		job_ctl(j, "knob video-convert %d", soon ? 1 : 600);
		if (way >= 14)
			job_ctl(j, "fault error:code=400,text=CHAT_ADMIN_REQUIRED,method=messages.getScheduledHistory");
		for (uint32_t i = 0; i < 2 && change[i] != NULL; i++)
			job_ctl(j, "knob %s 1", change[i]);
		for (int i = 0; i < 12 && dies; i++) { /* it dies again and again while it waits */
			job_run(j, 100 * JOB_SECOND);
			job_kill(j);
		}
		job_run(j, JOB_DAY);
		cr_assert_eq(j->client.status, CLONE_DONE, "%u: %s", way, clone_why(j->client.clone));
		cr_assert_eq(job_skipped(j, reason), 0, "%u: %s", way, reason);
		free(telegram_dump(j->telegram, 1, &lines));
		cr_assert_eq(lines, 4, "%u: %u", way, lines);
		cr_assert_eq(count_of("messages.sendMedia"), 3, "%u: %d", way, (int)count_of("messages.sendMedia"));
	}
}

/* A picture waits with the video of its album, and its words are edited as well: it is found as what it is. */
/* Rows: S27 I2 I6 */
Test(server_converts, an_album_comes_out_with_other_words)
{
	static const char *const knobs[] = {"knob random-id-forget 1", "knob random-id duplicate"};

	for (uint32_t way = 0; way < 6; way++) {
		char reason[64];

		job_open(j, &(struct job_options){.synth = "messages=6,photos=3,video=3x90KB,albums=2,seed=3",
						  .mode = way / 2 == 0	 ? PLAN_STREAM
							  : way / 2 == 1 ? PLAN_COPY
									 : PLAN_FORWARD,
						  .target = TARGET_CHANNEL});
		job_ctl(j, "%s", knobs[way % 2]);
		job_ctl(j, "knob video-convert 600");
		job_ctl(j, "knob convert-edit 1");
		job_run(j, JOB_DAY);
		cr_assert_eq(j->client.status, CLONE_DONE, "%u: %s", way, clone_why(j->client.clone));
		cr_assert_eq(job_skipped(j, reason), 0, "%u: %s", way, reason);
		cr_assert_eq(job_lines(j, 1), 6, "%u: %u", way, job_lines(j, 1));
	}
}

/*
 * No answer tells that it waits, and what waits, or what came out of it, is not as it was: by its file, by its words, by
 * what is in its album, and, where the server says that it was sent, by where it comes from it is known all the same.
 */
/* Rows: S27 S41 N18 */
Test(server_converts, nobody_was_told_that_it_waits)
{
	static const struct {
		const char *synth, *knobs[3], *blind;
		uint32_t seconds;
	} ways[] = {
	    {"messages=4,photos=1,video=2x90KB,albums=0,seed=3", {"random-id-forget", "convert-edit"}, NULL, 600},
	    {"messages=6,photos=3,video=3x90KB,albums=2,seed=3", {"random-id-forget", "convert-edit"}, NULL, 600},
	    {"messages=4,photos=1,video=2x90KB,albums=0,seed=3", {"random-id-forget", "convert-file"}, "garble", 1},
	    {"messages=6,photos=3,video=3x90KB,albums=2,seed=3", {"random-id-forget", "convert-file"}, "garble", 1},
	    {"messages=6,photos=3,video=3x90KB,albums=2,seed=3",
	     {"convert-file", "convert-edit"},
	     "error:code=400,text=CHAT_ADMIN_REQUIRED",
	     1},
	    {"messages=4,photos=1,video=2x90KB,albums=0,seed=3",
	     {"convert-file", "convert-edit"},
	     "error:code=400,text=CHAT_ADMIN_REQUIRED",
	     1},
	    {"messages=4,photos=1,video=2x90KB,albums=0,seed=3",
	     {"random-id-forget", "convert-file", "convert-edit"},
	     NULL,
	     600},
	    {"messages=6,photos=3,video=3x90KB,albums=2,seed=1",
	     {"random-id-forget", "convert-file", "convert-edit"},
	     NULL,
	     600},
	    {"messages=6,photos=3,video=3x90KB,albums=2,seed=1",
	     {"random-id-forget", "convert-file", "convert-edit 2"},
	     NULL,
	     600},
	};
	const uint32_t count = 2 * sizeof(ways) / sizeof(ways[0]);

	for (uint32_t n = 0; n < 2 * count; n++) {
		uint32_t way = n % count;
		bool forgets = strcmp(ways[way / 2].knobs[0], "random-id-forget") == 0;

		const char *synth = ways[way / 2].synth, *blind = ways[way / 2].blind;
		uint32_t sent = 0;
		char reason[64];

		if (n >= count && forgets && blind != NULL)
			continue; /* then nobody knows of it at all */
		job_open(j, &(struct job_options){.synth = synth,
						  .mode = way % 2 ? PLAN_COPY : PLAN_STREAM,
						  .target = TARGET_CHANNEL});
		for (uint32_t i = 0; i < 3 && ways[way / 2].knobs[i] != NULL; i++)
			job_ctl(j, strchr(ways[way / 2].knobs[i], ' ') ? "knob %s" : "knob %s 1", ways[way / 2].knobs[i]);
		if (!forgets)
			job_ctl(j, "knob random-id duplicate");
		job_ctl(j, "knob video-convert %u", ways[way / 2].seconds);
		if (blind != NULL)
			job_ctl(j, "fault %s%cmethod=messages.getScheduledHistory", blind, strchr(blind, ':') ? ',' : ':');
		job_ctl(j, "fault garble:method=messages.sendM*edia");
		if (n >= count) { /* and what it knew of its uploads is gone as well */
			job_until(j, "garble", 1);
			job_kill(j);
		}
		job_run(j, JOB_DAY);
		cr_assert_eq(j->client.status, CLONE_DONE, "%u: %s", n, clone_why(j->client.clone));
		cr_assert_eq(job_skipped(j, reason), 0, "%u: %s", n, reason);
		sscanf(synth, "messages=%u", &sent);
		cr_assert_eq(job_lines(j, 1), sent, "%u: %u", n, job_lines(j, 1));
	}
}

/*
 * Of two videos of one size, which say the same or something else, one waited: the other one, whose send was not
 * executed, in that life or before, is not it.
 */
/* Rows: N18 I1 */
Test(server_converts, another_one_of_its_size_waited)
{
	static const char *const unheard = "fault silence:method=messages.sendMedia,before=1,count=1";

	for (uint32_t way = 0; way < 4; way++) {
		bool before = way % 2 == 1;
		struct ledger_row first, second;
		int32_t id, behind;

		open_videos(way < 2 ? "messages=5,photos=0,video=2x90KB,albums=0,seed=3"
				    : "messages=5,photos=0,video=2x90KB,albums=0,seed=4");
		id = first_video();
		behind = video_behind(id);
		job_ctl(j, "knob random-id-forget 1");
		job_ctl(j, "knob video-convert 600");
		job_ctl(j, "knob convert-file 1");
		job_ctl(j, "knob convert-edit %u", 1 + before);
		if (before) {
			job_ctl(j, "%s", unheard);
			job_until(j, "silence", 1);
		}
		job_ctl(j, "fault garble:method=messages.sendMedia,count=1");
		j->o.from_id = behind;
		job_kill(j);
		job_until(j, "garble", 1);
		if (!before)
			job_ctl(j, "%s", unheard);
		else /* once more nobody hears of it, and now it waits */
			job_ctl(j, "fault garble:method=messages.sendMedia,count=1");
		j->o.from_id = 0;
		job_kill(j);
		job_run(j, JOB_DAY);
		cr_assert_eq(j->client.status, CLONE_DONE, "%u: %s", way, clone_why(j->client.clone));
		cr_assert_eq(job_lines(j, 1), 5, "%u: %u", way, job_lines(j, 1));
		cr_assert_eq(job_fired(j, "silence"), 1);
		(void)job_rows(j, ROW_DONE);
		cr_assert(ledger_find(j->client.ledger, id, &first) && ledger_find(j->client.ledger, behind, &second));
		cr_assert_eq(memcmp(first.digest, second.digest, sizeof(first.digest)) == 0, way < 2, "%u", way);
		cr_assert_lt(second.target_id, first.target_id, "%u: %d %d", way, second.target_id, first.target_id);
	}
}

/*
 * A run that begins elsewhere does not pass what waits: it would be posted into the midst of that, behind what is
 * behind it, and no mark could tell so.
 */
/* Rows: I3 L10 */
Test(server_converts, another_range_begins_while_it_waits)
{
	struct ledger_row video, behind;
	int32_t id, last;

	open_videos("messages=9,photos=1,video=1x90KB,albums=0,seed=3");
	job_ctl(j, "knob video-convert 3000");
	while (waits() == 0)
		job_run(j, JOB_SECOND);
	id = first_video();
	last = hand_last(j->telegram, 0);
	cr_assert_lt(id, last);
	j->o.from_id = last;
	job_kill(j);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	j->o.from_id = 0;
	job_kill(j);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	(void)job_rows(j, ROW_DONE);
	cr_assert(ledger_find(j->client.ledger, id, &video) && ledger_find(j->client.ledger, last, &behind));
	cr_assert_lt(video.target_id, behind.target_id, "%d %d", video.target_id, behind.target_id);
	cr_assert_eq(count_of("messages.sendMedia"), 2);
}

/* What the owner has scheduled by hand for another day is not waited for, though it says the same and is converted. */
/* Rows: I7 */
Test(server_converts, what_is_scheduled_for_a_later_day)
{
	int32_t id;

	open_videos("messages=4,photos=0,video=1x90KB,albums=0,seed=3");
	job_ctl(j, "knob video-convert 3000");
	cr_assert(telegram_deed(j->telegram, &(struct deed){.kind = DEED_PLAN, .pick = 3}, &id));
	while (waits() == 0)
		job_run(j, JOB_SECOND);
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_complete(j);
}

/* It is gone at the source, and what waits cannot be read for some minutes: that is no reason to call it not sent. */
/* Rows: S22 S41 */
Test(server_converts, gone_at_the_source_while_it_waits_unseen)
{
	char reason[64];

	open_videos("messages=4,photos=0,video=1x90KB,albums=0,seed=3");
	job_ctl(j, "knob video-convert 200");
	job_ctl(j, "fault drop:method=messages.sendMedia,count=1");
	job_until(j, "drop", 1);
	hand_delete(j->telegram, 0, first_video());
	job_ctl(j, "fault garble:method=messages.getScheduledHistory,count=20");
	job_kill(j);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	cr_assert_eq(job_skipped(j, reason), 0, "%s", reason);
}
