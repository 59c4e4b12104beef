/*
 * What other jobs of the profile sent into the same target is theirs: neither does a ledger that is made anew name it,
 * nor does a job that goes on after one of those take it for its own message in doubt. Their ledgers tell.
 */
#include "tools/tgclone/job.h"

#include "tools/tgclone/talk.h"

#include <inttypes.h>
#include <stdlib.h>

enum { ROWS = 256 };

static bool keep_id(struct job_others *o, int32_t target_id)
{
	if (o->count == o->room) {
		uint32_t room = o->room > 0 ? 2 * o->room : 1024;
		void *more = realloc(o->ids, room * sizeof(o->ids[0]));

		if (more == NULL)
			return false;
		o->ids = more;
		o->room = room;
	}
	o->ids[o->count++] = target_id;
	return true;
}

static void keep_rows(struct job_others *o, struct ledger *ledger)
{
	struct ledger_row rows[ROWS];
	int32_t after = 0;
	uint32_t n;

	while (!o->full && (n = ledger_scan(ledger, after, rows, ROWS)) > 0) {
		for (uint32_t i = 0; i < n; i++)
			o->full |= rows[i].target_id > 0 && !keep_id(o, rows[i].target_id);
		after = rows[n - 1].source_id;
	}
}

/* By its name: into that chat, from whichever. */
static bool may_be_one(const struct job_others *o, const char *path)
{
	const char *name = strrchr(path, '/');
	int64_t source, target;

	return strcmp(path, o->job->path) != 0 && name != NULL &&
	       sscanf(name, "/%" SCNd64 "_%" SCNd64 "_", &source, &target) == 2 &&
	       target == o->job->ledger_job.target;
}

static void look_into(void *ctx, const char *path)
{
	struct job_others *o = ctx;
	const struct ledger_job *ours = &o->job->ledger_job;
	struct ledger *ledger = NULL;
	struct ledger_job job;
	char why[LEDGER_WHY_MAX];
	enum ledger_fault fault;

	if (!may_be_one(o, path))
		return;
	fault = ledger_open(&ledger, path, NULL, false, why, sizeof(why));
	if (fault == LEDGER_SOUND) {
		ledger_job(ledger, &job);
		if (job.target == ours->target)
			keep_rows(o, ledger);
		if (job.target == ours->target && job.source == ours->source && job.generation < JOB_GENERATIONS)
			o->generations |= UINT64_C(1) << job.generation;
		fault = ledger_close_why(&ledger, why, sizeof(why));
	}
	if (fault != LEDGER_SOUND)
		app_warn(o->cl->app, "what %s says that it sent is not known here, and may be taken for this job's: %s",
			 path, why);
}

static int by_id(const void *a, const void *b)
{
	const int32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int job_others_read(struct job_others *o)
{
	int code = store_ledgers(&o->cl->store, look_into, o);

	o->read = true;
	if (o->count > 0)
		qsort(o->ids, o->count, sizeof(o->ids[0]), by_id);
	if (code != 0)
		return app_fail(o->cl->app, code, "%s", o->cl->store.why);
	return o->full ? app_fail(o->cl->app, EXIT_LATER, "no memory for the ids of all copies") : 0;
}

bool job_others_have(const struct job_others *o, int32_t target_id)
{
	check(o->read);
	return o->count > 0 && bsearch(&target_id, o->ids, o->count, sizeof(o->ids[0]), by_id) != NULL;
}

void job_others_close(struct job_others *o)
{
	free(o->ids);
	*o = (struct job_others){.cl = o->cl, .job = o->job};
}
