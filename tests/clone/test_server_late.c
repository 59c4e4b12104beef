/*
 * Sends that the server executes long after the connection they came on is gone, and files and words that are the
 * same: what comes late is found as what it is (reliability I2, I3, N18, 2.4).
 */
#include "tests/clone/hand.h"
#include "tests/clone/job.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct job job, *j = &job;

/* No two rows name the same copy. */
static void are_apart(uint32_t way)
{
	struct ledger_row a, b;

	(void)job_rows(j, ROW_DONE);
	for (int32_t x = 0; ledger_scan(j->client.ledger, x, &a, 1) == 1; x = a.source_id)
		for (int32_t y = a.source_id; ledger_scan(j->client.ledger, y, &b, 1) == 1; y = b.source_id)
			cr_assert(a.target_id == 0 || a.target_id != b.target_id, "%u: %d and %d -> %d", way, a.source_id,
				  b.source_id, a.target_id);
}

/*
 * The same words twice, sent in two lives, and the first send is executed when the second life has asked where the
 * target ends, and behind what that sends. Nothing is sent twice, and nothing that is there is called not to be.
 */
/* Rows: N18 I2 S27 */
Test(server_late, the_same_words_and_the_first_send_comes_late)
{
	static const struct {
		const char *knob;
		bool turned, executed; /* the first life's is the first one; so is the second life's send */
	} ways[] = {
	    {"random-id-forget 1", false, true}, {"random-id-forget 0", false, true},  {"random-id-forget 0", true, true},
	    {"random-id-forget 0", true, false}, {"random-id duplicate", false, true}, {"random-id duplicate", true, true},
	    {"random-id duplicate", true, false},
	};

	for (uint32_t way = 0; way < countof(ways); way++) {
		const char *kind = ways[way].executed ? "drop" : "silence";
		int32_t says[2];

		job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_COPY});
		for (int i = 0; i < 2; i++)
			says[i] = telegram_say(j->telegram, 0, "the same");
		job_ctl(j, "knob %s", ways[way].knob);
		j->o.from_id = j->o.to_id = says[ways[way].turned ? 0 : 1];
		job_kill(j);
		job_ctl(j, "fault delay:method=messages.sendMessage,ms=60000,before=1,count=1");
		job_until(j, "delay", 1);
		j->o.from_id = j->o.to_id = says[ways[way].turned ? 1 : 0];
		job_kill(j);
		job_ctl(j, "fault %s:method=messages.sendMessage,count=1%s", kind, ways[way].executed ? "" : ",before=1");
		job_until(j, kind, 1);
		j->o.from_id = j->o.to_id = 0;
		job_sleep(j, 90 * JOB_SECOND);
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 4, "%u: %u", way, job_lines(j, 1));
		are_apart(way);
	}
}

/*
 * Its answer is lost, the server calls its random_id used while it still runs, and refuses it then for what it is: that
 * is no reason to call it skipped, since the first send is executed after all.
 */
/* Rows: N18 S27 I6 */
Test(server_late, refused_for_what_it_is_though_it_was_sent)
{
	for (uint32_t way = 0; way < 4; way++) {
		int32_t id;
		struct ledger_row row;

		job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_COPY, .closed = true,
						  .allow_protected = true});
		id = telegram_say(j->telegram, 0, "late");
		j->o.from_id = id;
		job_kill(j);
		if (way / 2 == 0) /* else it was never executed */
			job_ctl(j, "fault delay:method=messages.sendMessage,ms=60000,before=1,count=1");
		else
			job_ctl(j, "fault silence:method=messages.sendMessage,before=1,count=1");
		job_until(j, way / 2 == 0 ? "delay" : "silence", 1);
		if (way % 2 == 1)
			job_ctl(j, "fault error:method=messages.sendMessage,code=500,text=RANDOM_ID_DUPLICATE,count=1");
		job_ctl(j, "fault error:method=messages.sendMessage,code=400,text=MESSAGE_TOO_LONG");
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_done(j, way / 2);
		cr_assert_eq(job_lines(j, 1), way / 2 == 0, "%u: %u", way, job_lines(j, 1));
		(void)job_rows(j, ROW_DONE);
		cr_assert(ledger_find(j->client.ledger, id, &row));
		cr_assert_str_eq(row.reason, way / 2 == 0 ? "found in the target" : "MESSAGE_TOO_LONG");
	}
}

/* What the server converted is another file, and somebody edited what waited: it is there, and not sent again. */
/* Rows: N18 S27 I2 */
Test(server_late, it_comes_out_as_another_one_with_other_words)
{
	static const char *const knobs[] = {"random-id-forget 1", "random-id-forget 0", "random-id duplicate"};

	for (uint32_t way = 0; way < 2 * countof(knobs); way++) {
		job_open(j, &(struct job_options){.synth = "messages=4,photos=1,video=2x90KB,albums=0,seed=3",
						  .mode = way % 2 ? PLAN_COPY : PLAN_STREAM,
						  .target = TARGET_CHANNEL});
		job_ctl(j, "knob %s", knobs[way / 2]);
		job_ctl(j, "knob video-convert 600");
		job_ctl(j, "knob convert-file 1");
		job_ctl(j, "knob convert-edit 1");
		job_run(j, JOB_DAY);
		job_is_done(j, 0);
		cr_assert_eq(job_lines(j, 1), 4, "%u: %u", way, job_lines(j, 1));
		are_apart(way);
	}
}
