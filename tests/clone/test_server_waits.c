/*
 * Waits that a server imposes, hours of them in virtual time: kept to the second by the requests
 * they are for and by nobody else, through deaths of the process too (reliability S13-S16, S25,
 * S34-S36).
 */
#include "engine/pace/methods.h"
#include "tests/clone/deed.h"
#include "tests/clone/job.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct job job, *j = &job;

#define FILES "messages=24,photos=6,docs=4x900KB,albums=2,seed=3"

static void open_files(void)
{
	job_open(j, &(struct job_options){.synth = FILES, .mode = PLAN_STREAM, .part_size = 32768});
}

/* Rows: S13 */
Test(server_waits, floods_of_every_kind_are_waited_out)
{
	static const char *const rules[] = {
	    "method=messages.getHistory,text=FLOOD_WAIT_20,count=3",
	    "method=messages.uploadMedia,text=FLOOD_WAIT_30,rate=0.3,count=20",
	    "method=messages.send*,text=FLOOD_WAIT_25,rate=0.3,count=20",
	    "method=upload.saveFilePart,text=FLOOD_WAIT_15,every=17,count=12",
	    "method=upload.getFile,text=FLOOD_WAIT_10,every=11,count=12",
	    "method=channels.getMessages,text=FLOOD_WAIT_40,count=2",
	};

	open_files();
	job_ctl(j, "fault error:method=upload.getFile,code=400,text=FILE_REFERENCE_EXPIRED,every=23,"
		   "count=4");
	for (size_t i = 0; i < countof(rules); i++)
		job_ctl(j, "fault error:code=420,%s", rules[i]);
	job_run(j, JOB_DAY);
	job_is_complete(j);
	cr_assert_gt(job_fired(j, "error"), 30);
	cr_assert_eq(job_early(j), 0);
}

/* A hundred thousand waits of a lane: nothing is let through before their end. */
/* Rows: S13 S14 */
Test(server_waits, no_wait_of_a_lane_ends_early)
{
	uint64_t now = UINT64_C(1767225600) * JOB_SECOND, state = 13;
	struct pace_lane lane;

	pace_init(&lane, 0, 1, 1, 0);
	for (int i = 0; i < 100000; i++) {
		uint64_t until, wait = 1 + disk_random(&state) % (i % 50 == 0 ? 1209600 : 60);
		uint8_t kept[PACE_STATE_SIZE];

		pace_hold(&lane, now, wait * JOB_SECOND, PACE_FLOOD);
		until = now + wait * JOB_SECOND;
		for (int asks = 0; asks < 4; asks++) {
			uint64_t at = now + disk_random(&state) % (until - now);

			cr_assert_neq(pace_ask(&lane, at, 1).reason, PACE_NOW);
			cr_assert_eq(pace_ask(&lane, at, 1).at, until);
			/* The process dies and the next one knows it from the ledger. */
			pace_save(&lane, kept);
			pace_init(&lane, 0, 1, 1, 0);
			cr_assert(pace_load(&lane, cspan_of(kept, sizeof(kept))));
			pace_restore(&lane, at);
		}
		cr_assert_eq(pace_ask(&lane, until, 1).reason, PACE_NOW);
		now = until;
	}
}

/* The pages wait: what is planned already goes its way. */
/* Rows: S13 */
Test(server_waits, a_wait_of_the_pages_holds_no_posts)
{
	job_open(j, &(struct job_options){.synth = "messages=450,seed=5", .mode = PLAN_COPY});
	job_ctl(j, "fault error:method=messages.getHistory,code=420,text=FLOOD_WAIT_900,skip=2,"
		   "count=1");
	job_run(j, 600 * JOB_SECOND);
	cr_assert_gt(job_rows(j, ROW_DONE), 90);
	cr_assert_eq(job_stat(j, "requests/messages.getHistory/floods"), 1);
	job_run(j, JOB_DAY);
	job_is_complete(j);
	cr_assert_eq(job_early(j), 0);
}

/* Posts wait: the files of the next ones are on their way meanwhile. */
/* Rows: S13 S16 */
Test(server_waits, a_wait_of_the_posts_holds_no_files)
{
	static const char *const texts[] = {"FLOOD_WAIT_600", "SLOWMODE_WAIT_600"};

	for (size_t i = 0; i < countof(texts); i++) {
		uint64_t parts;

		open_files();
		job_ctl(j, "fault error:method=messages.send*,code=420,text=%s,count=1", texts[i]);
		job_run(j, 20 * JOB_SECOND);
		parts = job_stat(j, "requests/upload.saveFilePart/count");
		cr_assert_gt(parts, 40, "%d parts", (int)parts);
		cr_assert_eq(job_rows(j, ROW_DONE), 0);
		job_run(j, JOB_DAY);
		job_is_complete(j);
		cr_assert_eq(job_early(j), 0);
	}
}

/* Slow mode is the target's: what the account may do elsewhere is not learnt from it, and is from a flood. */
/* Rows: S16 */
Test(server_waits, slow_mode_is_no_limit_of_the_account)
{
	static const char *const texts[] = {"SLOWMODE_WAIT_90", "FLOOD_WAIT_90"};
	static const enum pace_reason reasons[] = {PACE_SLOWMODE, PACE_FLOOD};
	struct pace_methods learnt;
	struct clone_progress p;

	for (size_t i = 0; i < countof(texts); i++) {
		methods_init(&learnt, JOB_SECOND);
		job_open(j, &(struct job_options){
				.synth = FILES, .mode = PLAN_STREAM, .part_size = 32768, .learnt = &learnt});
		job_ctl(j, "fault error:method=messages.send*,code=420,text=%s,every=3,count=6", texts[i]);
		job_run(j, 60 * JOB_SECOND);
		clone_progress(j->client.clone, &p);
		cr_assert_eq(p.wait, reasons[i]);
		cr_assert_gt(p.wait_until, UINT64_C(1767225600) * JOB_SECOND);
		job_run(j, JOB_DAY);
		job_is_complete(j);
		cr_assert_eq(job_early(j), 0);
		cr_assert_eq(learnt.floods, i == 0 ? 0 : 6);
		for (size_t k = 0; k < PACE_METHODS && i == 0; k++) {
			cr_assert_eq(learnt.of[k].flooded, 0);
			cr_assert_leq(learnt.of[k].per_ns, JOB_SECOND);
		}
	}
}

/* A member whom slow mode binds sends one message, or one album, at a time: albums stay albums either way. */
/* Rows: S16 */
Test(server_waits, slow_mode_takes_an_album_for_one_message)
{
	static const enum plan_mode modes[] = {PLAN_FORWARD, PLAN_COPY, PLAN_STREAM};

	for (size_t i = 0; i < countof(modes); i++) {
		job_open(j, &(struct job_options){.synth = "messages=16,photos=6,albums=3,seed=3",
						  .mode = modes[i]});
		deed_slow(j->telegram, 1, 30);
		job_run(j, JOB_DAY);
		job_is_complete(j);
	}
}

/* One direction is told to wait: the other one goes on as far as there is memory. */
/* Rows: S15 */
Test(server_waits, each_direction_has_its_own_wait)
{
	uint64_t down, up;

	open_files();
	job_ctl(j, "fault error:method=upload.saveFilePart,code=420,text=FLOOD_PREMIUM_WAIT_300,"
		   "skip=8,count=1");
	job_run(j, 100 * JOB_SECOND);
	down = job_stat(j, "requests/upload.getFile/count");
	up = job_stat(j, "requests/upload.saveFilePart/count");
	cr_assert_geq(down, up + 4, "%d asked, %d saved", (int)down, (int)up);
	job_ctl(j, "fault error:method=upload.getFile,code=420,text=FLOOD_PREMIUM_WAIT_200,skip=20,"
		   "count=1");
	job_run(j, JOB_DAY);
	job_is_complete(j);
	cr_assert_eq(job_early(j), 0);
}

/* A wait longer than parts live: the file is sent from its start again. */
/* Rows: S15 S23 */
Test(server_waits, parts_that_grew_too_old_are_sent_again)
{
	job_open(j, &(struct job_options){.synth = "messages=3,docs=1x11MB,seed=2",
					  .mode = PLAN_STREAM});
	job_ctl(j, "knob upload-ttl 300");
	job_ctl(j, "fault error:method=upload.saveBigFilePart,code=420,text=FLOOD_PREMIUM_WAIT_400,"
		   "skip=12,count=1");
	job_run(j, 2 * JOB_DAY);
	job_is_complete(j);
	cr_assert_eq(job_early(j), 0);
}

/* JOB_KILLS: how often the process dies while it waits, instead of the n of the test. */
static uint64_t kills(uint64_t n)
{
	const char *text = getenv("JOB_KILLS");

	return text != NULL ? strtoull(text, NULL, 10) : n;
}

static void dies_while_waiting(const char *rule, uint64_t kill_count)
{
	uint64_t n = kills(kill_count), end;

	job_open(j, &(struct job_options){.synth = FILES, .mode = PLAN_STREAM, .part_size = 65536});
	job_ctl(j, "fault error:code=420,%s", rule);
	job_run(j, 10 * JOB_SECOND);
	end = job_now(j) + 14 * JOB_DAY;
	cr_assert_eq(job_fired(j, "error"), 1, "%s", rule);
	for (uint64_t i = 0; i < n; i++) {
		if (i % 2 == 0)
			job_kill(j);
		else
			job_sleep(j, 2 * (14 * JOB_DAY / n) - 60 * JOB_SECOND);
		job_run(j, 10 * JOB_SECOND);
		cr_assert_eq(job_early(j), 0, "%s, life %d", rule, (int)i);
	}
	if (job_now(j) + 60 * JOB_SECOND < end)
		job_sleep(j, end - job_now(j) - 60 * JOB_SECOND);
	cr_assert_neq(job_run(j, 30 * JOB_SECOND), CLONE_DONE);
	job_run(j, JOB_HOUR);
	job_is_complete(j);
	cr_assert_eq(job_early(j), 0, "%s", rule);
}

/* Rows: S14 */
Test(server_waits, posts_wait_fourteen_days_through_deaths, .timeout = 3600)
{
	dies_while_waiting("text=FLOOD_WAIT_1209600,method=messages.send*,skip=2,count=1", 4);
}

/* A thousand deaths: a life that has not read a page yet is a short one. */
/* Rows: S14 */
Test(server_waits, pages_wait_fourteen_days_through_deaths, .timeout = 3600)
{
	dies_while_waiting("text=FLOOD_WAIT_1209600,method=messages.getHistory,count=1", 1000);
}

/* Rows: S14 */
Test(server_waits, media_waits_fourteen_days_through_deaths, .timeout = 3600)
{
	dies_while_waiting("text=FLOOD_WAIT_1209600,method=messages.uploadMedia,skip=1,count=1", 4);
}

/* Rows: S14 S15 */
Test(server_waits, parts_wait_fourteen_days_through_deaths, .timeout = 3600)
{
	dies_while_waiting("text=FLOOD_PREMIUM_WAIT_1209600,method=upload.saveFilePart,skip=9,count=1", 4);
	dies_while_waiting("text=FLOOD_PREMIUM_WAIT_1209600,method=upload.getFile,skip=9,count=1", 4);
}

/* Several were asked at once: what another answer says cuts no wait short. */
/* Rows: S13 */
Test(server_waits, trouble_beside_a_wait_ends_it_no_sooner)
{
	static const char *const others[] = {"code=500,text=RPC_CALL_FAIL", "code=420,text=FLOOD_WAIT_3"};
	static const char path[] = "requests/channels.getMessages/count";

	for (size_t i = 0; i < countof(others); i++) {
		uint64_t asked;

		job_open(j, &(struct job_options){.synth = "messages=9,photos=0,docs=6x90KB,albums=0,seed=3",
						  .mode = PLAN_STREAM,
						  .part_size = 32768});
		for (int k = 0; k < 1000 && job_stat(j, "requests/upload.getFile/count") == 0; k++)
			job_run(j, JOB_SECOND / 500);
		job_ctl(j, "expire");
		job_ctl(j, "fault delay:method=channels.getMessages,ms=2000");
		job_ctl(j, "fault error:method=channels.getMessages,code=420,text=FLOOD_WAIT_900,count=1");
		job_ctl(j, "fault error:method=channels.getMessages,%s,count=1", others[i]);
		for (int k = 0; k < 1000 && job_fired(j, "error") < 2; k++)
			job_run(j, JOB_SECOND / 10);
		cr_assert_eq(job_fired(j, "error"), 2, "%d", (int)job_fired(j, "error"));
		asked = job_stat(j, path);
		job_run(j, 600 * JOB_SECOND);
		cr_assert_eq(job_stat(j, path), asked, "%s: %d asked too early", others[i],
			     (int)(job_stat(j, path) - asked));
		job_run(j, JOB_DAY);
		job_is_complete(j);
	}
}

static void ends_later(const char *rule)
{
	uint64_t asked;

	job_open(j, &(struct job_options){.synth = FILES,
					  .mode = PLAN_STREAM,
					  .max_wait_ns = 600 * JOB_SECOND});
	job_ctl(j, "fault error:code=420,%s,count=1", rule);
	cr_assert_eq(job_run(j, JOB_HOUR), CLONE_LATER, "%s", rule);
	cr_assert_not_null(strcasestr(clone_why(j->client.clone), "wait"), "%s",
			   clone_why(j->client.clone));
	asked = job_requests(j);
	/* Started again at once it asks nothing of that kind, and ends the same way or waits. */
	job_kill(j);
	job_run(j, 60 * JOB_SECOND);
	cr_assert_eq(job_early(j), 0, "%s: %d requests", rule, (int)(job_requests(j) - asked));
}

/* --max-wait: exit 75, and the wait is not forgotten. */
/* Rows: S14 */
Test(server_waits, a_wait_longer_than_wished_ends_the_run)
{
	ends_later("text=FLOOD_WAIT_7200,method=messages.send*");
	ends_later("text=FLOOD_WAIT_7200,method=messages.getHistory");
	ends_later("text=FLOOD_WAIT_7200,method=messages.uploadMedia");
	ends_later("text=FLOOD_PREMIUM_WAIT_7200,method=upload.getFile");
}

/* ---- trouble of the server ---- */

/* Rows: S34 S35 */
Test(server_waits, calls_that_fail_are_repeated)
{
	static const char *const errors[] = {
	    "code=500,text=RPC_CALL_FAIL",        "code=500,text=RPC_MCGET_FAIL",
	    "code=500,text=INTERDC_4_CALL_ERROR", "code=500,text=INTERDC_2_CALL_RICH_ERROR",
	    "code=-503,text=Timeout",             "code=500,text=SOMETHING_NEW",
	};

	for (size_t i = 0; i < countof(errors); i++) {
		job_open(j, &(struct job_options){.synth = FILES,
						  .mode = (enum plan_mode)(i % PLAN_SKIP),
						  .part_size = 65536,
						  .seed = i + 1});
		job_ctl(j, "fault error:%s,rate=0.05", errors[i]);
		job_ctl(j, "fault error:method=messages.*,%s,rate=0.2", errors[i]);
		job_run(j, JOB_DAY);
		job_is_complete(j);
		cr_assert_gt(job_fired(j, "error"), 2, "%s", errors[i]);
	}
}

/*
 * Virtual time between an errored call and the one behind it, in steps of a hundredth of a second. Nothing
 * else of that method is under way.
 */
static uint64_t gap_behind(const char *method)
{
	uint64_t calls, at = job_now(j);
	char path[96];

	snprintf(path, sizeof(path), "requests/%s/count", method);
	for (calls = job_stat(j, path); job_stat(j, path) == calls; job_run(j, JOB_SECOND / 100))
		cr_assert(job_now(j) - at < JOB_HOUR && j->client.status == CLONE_RUNNING, "%s", method);
	return job_now(j) - at;
}

static void open_one_file(void)
{
	job_open(j, &(struct job_options){.synth = "messages=4,docs=1x900KB,albums=0,seed=3",
					  .mode = PLAN_STREAM,
					  .part_size = 32768,
					  .links = 1,
					  .inflight = 1});
}

/* Reads that fail are asked again later and later: 1, 2, 4, 8 and 16 s. */
/* Rows: S34 S35 */
Test(server_waits, reads_that_fail_back_off)
{
	static const char *const methods[] = {"messages.getHistory", "channels.getMessages", "upload.getFile"};
	static const char *const errors[] = {"code=500,text=RPC_CALL_FAIL", "code=-503,text=Timeout"};

	for (size_t i = 0; i < countof(methods) * countof(errors); i++) {
		const char *method = methods[i / 2];

		open_one_file();
		if (i / 2 == 1) {
			for (int k = 0; k < 1000 && job_stat(j, "requests/upload.getFile/count") == 0; k++)
				job_run(j, JOB_SECOND / 500);
			job_ctl(j, "expire");
		}
		job_ctl(j, "fault error:method=%s,%s,count=5", method, errors[i % 2]);
		for (int k = 0; k < 10000 && job_fired(j, "error") == 0; k++)
			job_run(j, JOB_SECOND / 100);
		for (uint64_t n = 0; n < 5; n++) {
			uint64_t gap = gap_behind(method), due = (JOB_SECOND << n);

			cr_assert(gap > due - JOB_SECOND / 2 && gap < due * 3 / 2 + JOB_SECOND / 2,
				  "%s, %s: try %d after %d ms", method, errors[i % 2], (int)n + 1,
				  (int)(gap / 1000000));
		}
		cr_assert_eq(job_fired(j, "error"), 5);
		job_run(j, JOB_DAY);
		job_is_complete(j);
	}
}

/* A wait of which nobody knows how long it is: a minute, and it is told. */
/* Rows: S17 */
Test(server_waits, a_wait_without_a_number)
{
	static const char *const rules[] = {
	    "method=messages.getHistory,code=420,text=SOME_NEW_WAIT_X",
	    "method=messages.getHistory,code=400,text=ANOTHER_WAIT",
	    "method=upload.getFile,code=420,text=SOME_NEW_WAIT_X",
	};

	for (size_t i = 0; i < countof(rules); i++) {
		uint64_t gap;

		open_one_file();
		job_ctl(j, "fault error:%s,count=1", rules[i]);
		for (int k = 0; k < 10000 && job_fired(j, "error") == 0; k++)
			job_run(j, JOB_SECOND / 100);
		gap = gap_behind(i < 2 ? "messages.getHistory" : "upload.getFile");
		cr_assert(gap > 59 * JOB_SECOND && gap < 62 * JOB_SECOND, "%s: %d ms", rules[i], (int)(gap / 1000000));
		cr_assert_not_null(strstr(j->client.waited, i == 1 ? "ANOTHER_WAIT" : "SOME_NEW_WAIT_X"), "\"%s\"",
				   j->client.waited);
		job_run(j, JOB_DAY);
		job_is_complete(j);
	}
}

/* Executed, and the answer is an error all the same: the look-up finds the message. */
/* Rows: S34 S35 */
Test(server_waits, a_send_that_failed_after_it_was_done)
{
	static const char *const errors[] = {"code=500,text=RPC_CALL_FAIL", "code=-503,text=Timeout"};

	for (size_t i = 0; i < 2 * countof(errors) * PLAN_SKIP; i++) {
		job_open(j, &(struct job_options){.synth = "messages=40,photos=4,albums=2,seed=9",
						  .mode = (enum plan_mode)(i % PLAN_SKIP)});
		job_ctl(j, "knob random-id-forget %d", (int)(i / PLAN_SKIP % 2));
		job_ctl(j, "fault error:method=messages.send*,%s,after=1,rate=0.3,count=8",
			errors[i / PLAN_SKIP / 2]);
		job_ctl(j, "fault error:method=messages.forwardMessages,%s,after=1,every=2,count=3",
			errors[i / PLAN_SKIP / 2]);
		job_run(j, JOB_DAY);
		job_is_complete(j);
		cr_assert_geq(job_fired(j, "error"), 3);
	}
}

/* Rows: S36 */
Test(server_waits, a_busy_worker_is_left_alone_for_a_while)
{
	uint64_t quick, start;

	job_open(j, &(struct job_options){.synth = "messages=12,seed=4", .mode = PLAN_FORWARD});
	start = job_now(j);
	job_run(j, JOB_DAY);
	quick = job_now(j) - start;
	job_open(j, &(struct job_options){.synth = "messages=12,seed=4", .mode = PLAN_FORWARD});
	job_ctl(j, "fault error:method=messages.forwardMessages,code=500,"
		   "text=WORKER_BUSY_TOO_LONG_RETRY,count=4");
	start = job_now(j);
	job_run(j, JOB_DAY);
	job_is_complete(j);
	cr_assert_geq(job_now(j) - start, quick + (1 + 2 + 4 + 8) * JOB_SECOND);
	cr_assert_lt(job_now(j) - start, quick + 40 * JOB_SECOND);
}

/* Parts that are not stored, and nobody says why. */
/* Rows: S25 */
Test(server_waits, a_part_that_is_not_stored)
{
	uint64_t start, parts, took;

	job_open(j, &(struct job_options){.synth = "messages=2,docs=1x320KB,seed=2",
					  .mode = PLAN_STREAM,
					  .part_size = 32768,
					  .links = 1,
					  .inflight = 1});
	job_ctl(j, "knob part-false 4");
	start = job_now(j);
	job_run(j, JOB_DAY);
	job_is_complete(j);
	parts = job_stat(j, "requests/upload.saveFilePart/count");
	cr_assert_leq(parts, 10 + 2 + 4, "%d", (int)parts); /* a thumbnail may be among them */
	cr_assert_geq(job_now(j) - start, (1 + 2) * JOB_SECOND);

	job_open(j, &(struct job_options){.synth = "messages=2,docs=1x320KB,seed=2",
					  .mode = PLAN_STREAM,
					  .part_size = 32768,
					  .links = 1,
					  .inflight = 1});
	job_ctl(j, "knob part-false 1000000");
	start = job_now(j);
	job_run(j, JOB_DAY);
	took = job_now(j) - start;
	parts = job_stat(j, "requests/upload.saveFilePart/count");
	cr_assert_eq(j->client.status, CLONE_DONE);
	cr_assert_leq(parts, 2 * 12, "%d", (int)parts); /* twice the file, five retries each */
	cr_assert_geq(took, 2 * (1 + 2 + 4 + 8 + 16) * JOB_SECOND, "%d in %d s", (int)parts,
		      (int)(took / JOB_SECOND));
}
