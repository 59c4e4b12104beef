/*
 * Very many rows in front of what a run wants: it costs what it looks for, not what it passes (reliability L2).
 * Counted are the steps of SQLite's machine, which are the same on any host.
 */
#include "engine/ledger/ledger_priv.h"
#include "tests/clone/job.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { PLANNED = 20000, SAME = 40, BEHIND = 20 };

static struct job job, *j = &job;

/* As a retry leaves them, of what was skipped. */
static void plan_in_front(void)
{
	static struct ledger_row rows[LEDGER_ROWS_MAX];

	for (int32_t id = 1; id < PLANNED;) {
		uint32_t n = 0;

		for (; n < LEDGER_ROWS_MAX && id < PLANNED; id++)
			rows[n++] = (struct ledger_row){.source_id = id, .digest = {1}};
		ledger_plan(j->client.ledger, rows, n, 0);
		cr_assert_eq(ledger_sync(j->client.ledger), LEDGER_SOUND);
	}
}

static int steps_of_open(void)
{
	return sqlite3_stmt_status(j->client.ledger->reader.scan_open, SQLITE_STMTSTATUS_VM_STEP, 0);
}

/* A forward is in doubt, a range begins in the middle of it, and all of its messages say the same. */
/* Rows: L2 L10 */
Test(server_many, open_rows_in_front_of_a_range_are_not_walked_at_each_look)
{
	char synth[64];
	int32_t says[SAME];
	int steps;

	snprintf(synth, sizeof(synth), "messages=2,first=%d,seed=3", PLANNED + 1);
	job_open(j, &(struct job_options){.synth = synth, .mode = PLAN_FORWARD, .from_id = PLANNED + 1});
	for (int i = 0; i < SAME; i++)
		says[i] = telegram_say(j->telegram, 0, "the same");
	job_ctl(j, "knob random-id-forget 1");
	job_dies_unanswered(j, "messages.forwardMessages", 0);
	cr_assert_geq(job_rows(j, ROW_SENDING), SAME);
	plan_in_front();
	j->o.from_id = says[SAME - BEHIND];
	job_kill(j);
	steps = steps_of_open();
	job_run(j, JOB_DAY);
	job_is_done(j, 0);
	steps = steps_of_open() - steps;
	cr_assert_eq(job_rows(j, ROW_PLANNED), PLANNED - 1);
	cr_assert_eq(job_adopted(j), BEHIND);
	cr_assert_lt(steps, PLANNED, "%d steps for %d looks", steps, BEHIND);
}
