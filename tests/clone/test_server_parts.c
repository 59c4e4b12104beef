/*
 * Files of which the server loses parts or gives too little, and files whose parts and references
 * grew old while nobody was there (reliability S23, S43, N24, 2.6). Counted at the server.
 */
#include "tests/clone/job.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct job job, *j = &job;

static uint64_t count_of(const char *method)
{
	char path[96];

	snprintf(path, sizeof(path), "requests/%s/count", method);
	return job_stat(j, path);
}

/* Two are sent again alone; the third shows that more is gone, and the file goes under another id. */
/* Rows: S23 */
Test(server_parts, a_third_lost_part_costs_the_file)
{
	static const int lost[] = {3, 7, 11};
	static const uint64_t parts[] = {25, 25 + 1, 25 + 2, 25 + 2 + 25};

	for (uint32_t n = 0; n < countof(parts); n++) {
		job_open(j, &(struct job_options){.synth = "messages=4,docs=1x100KB,seed=3",
						  .mode = PLAN_STREAM,
						  .closed = true,
						  .allow_protected = true,
						  .part_size = 4096});
		for (uint32_t i = 0; i < n; i++)
			job_ctl(j, "fault error:method=messages.uploadMedia,code=400,text=FILE_PART_%d_MISSING,"
				   "count=1", lost[i]); /* no rule meets a call that another one answered */
		job_run(j, JOB_DAY);
		job_is_complete(j);
		cr_assert_eq(job_fired(j, "error"), n);
		cr_assert_eq(count_of("messages.uploadMedia"), n + 1);
		cr_assert_eq(count_of("upload.saveFilePart"), parts[n], "%u lost: %d", n,
			     (int)count_of("upload.saveFilePart"));
	}
}

enum { PARTS = 84 };

static void begin_a_large_file(void)
{
	job_open(j, &(struct job_options){.synth = "messages=2,docs=1x11MB,albums=0,seed=3",
					  .mode = PLAN_STREAM,
					  .part_size = 131072,
					  .links = 1,
					  .inflight = 2});
	job_ctl(j, "knob upload-ttl 21600");
	/* longer than until it is remembered which parts are there */
	job_ctl(j, "fault delay:method=upload.saveBigFilePart,ms=1200,count=40");
}

/* The host is off for so long with half of a file stored; the parts that are sent then. */
static uint64_t resumed_after(uint64_t hours)
{
	uint64_t before;

	begin_a_large_file();
	while (count_of("upload.saveBigFilePart") < 12)
		cr_assert_eq(job_run(j, JOB_SECOND / 1000), CLONE_RUNNING);
	job_run(j, 2 * JOB_SECOND);
	before = count_of("upload.saveBigFilePart");
	cr_assert_lt(before, PARTS / 2);
	job_ctl(j, "expire");
	job_sleep(j, hours * JOB_HOUR);
	job_run(j, JOB_DAY);
	job_is_complete(j);
	cr_assert_eq(count_of("messages.uploadMedia"), 1, "parts that are gone are not asked for");
	return count_of("upload.saveBigFilePart") - before;
}

/* The oldest part counts: up to six hours they are good. */
/* Rows: N24 */
Test(server_parts, a_late_resume_begins_again)
{
	uint64_t soon = resumed_after(5), late = resumed_after(7);

	cr_assert_lt(soon, PARTS - 6, "%d", (int)soon);
	cr_assert_eq(late, PARTS, "%d", (int)late);
}

/* The process lives and sleeps: what the parts are worth the server says when they are used. */
/* Rows: N24 S23 */
Test(server_parts, a_long_sleep_within_a_file)
{
	begin_a_large_file();
	job_ctl(j, "fault error:method=upload.saveBigFilePart,code=420,text=FLOOD_PREMIUM_WAIT_28800,skip=12,"
		   "count=1");
	job_until(j, "error", 1);
	job_run(j, JOB_HOUR);
	job_ctl(j, "expire");
	job_run(j, JOB_DAY);
	job_is_complete(j);
	cr_assert_eq(count_of("messages.uploadMedia"), 2);
	cr_assert_leq(count_of("upload.saveBigFilePart"), 2 * PARTS + 12);
}

/* A file of one part: twice short says nothing, the third time the row does. */
/* Rows: S43 */
Test(server_parts, a_part_that_comes_short_is_asked_for_three_times)
{
	for (int shorts = 2; shorts <= 3; shorts++) {
		char reason[64];

		job_open(j, &(struct job_options){.synth = "messages=4,docs=1x3KB,seed=3",
						  .mode = PLAN_STREAM,
						  .closed = true,
						  .allow_protected = true,
						  .part_size = 4096});
		job_ctl(j, "knob short-read %d", shorts);
		job_run(j, JOB_DAY);
		job_is_done(j, shorts == 3);
		cr_assert_eq(count_of("upload.getFile"), 3, "%d: %d", shorts, (int)count_of("upload.getFile"));
		cr_assert_eq(count_of("messages.uploadMedia"), shorts < 3);
		if (job_skipped(j, reason) > 0)
			cr_assert_str_eq(reason, "source_truncated");
	}
}
