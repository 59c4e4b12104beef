/*
 * clone and retry: the program's loop around the clone room. Events of the net go to the clone, notes of
 * the clone go to the user, and the ring turns until something happens.
 */
#include "tools/tgclone/cmd.h"
#include "tools/tgclone/talk.h"
#include "tools/tgclone/client.h"
#include "tools/tgclone/cores.h"
#include "tools/tgclone/job.h"
#include "tools/tgclone/pace_file.h"
#include "tools/tgclone/notify.h"
#include "tools/tgclone/progress.h"

#include "proto/base/crash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct run {
	struct client cl;
	struct job job;
	struct job_others others;
	struct ledger *ledger;
	struct clone *clone;
	struct crew *crew;
	struct progress progress;
	struct notify notify;
	struct op ledger_op;
	bool ledger_busy, ledger_told; /* what is wrong with it was said */
	struct pace_methods *learnt; /* --rate auto */
	uint64_t stored_ns, stored_floods;
};

static void ledger_done(struct op *op);

static void watch_ledger(struct run *r)
{
	r->ledger_op.done = ledger_done;
	r->ledger_busy = true;
	ring_readable(r->cl.ring, &r->ledger_op, ledger_eventfd(r->ledger));
}

static void ledger_done(struct op *op)
{
	struct run *r = container_of(op, struct run, ledger_op);

	r->ledger_busy = false;
	if (op->res < 0)
		return;
	ledger_ack(r->ledger);
	watch_ledger(r);
}

static void unwatch_ledger(struct run *r)
{
	if (r->ledger_busy)
		ring_cancel(r->cl.ring, &r->ledger_op);
	while (r->ledger_busy)
		ring_run(r->cl.ring, ring_now(r->cl.ring) + 1000000000);
}

/* ---- --rate auto ---- */

static bool open_learnt(struct run *r)
{
	const struct options *o = app_options(r->cl.app);
	enum pace_found found;

	if (!o->rate.learnt)
		return true;
	r->learnt = malloc(sizeof(*r->learnt));
	if (r->learnt == NULL)
		return false;
	methods_init(r->learnt, o->rate.unit_ns / o->rate.count);
	found = pace_file_load(&r->cl.store, r->learnt, ring_wall(r->cl.ring));
	if (found == PACE_DAMAGED)
		app_warn(r->cl.app, PACE_DAMAGED_TEXT, r->cl.store.dir);
	if (found == PACE_LEARNT)
		app_log(r->cl.app, LOG_INFO, "pace: %.2f forwards/s, %.2f sends/s learnt before",
			1e9 / (double)r->learnt->of[PACE_FORWARD].per_ns,
			1e9 / (double)r->learnt->of[PACE_MEDIA].per_ns);
	r->stored_ns = ring_now(r->cl.ring);
	return true;
}

/* After each flood, and once a minute: a loss costs nothing but learning it again. */
static void store_learnt(struct run *r, bool end)
{
	uint64_t now = ring_now(r->cl.ring);
	int rc;

	if (r->learnt == NULL || (!end && r->learnt->floods == r->stored_floods &&
				  now - r->stored_ns < UINT64_C(60000000000)))
		return;
	r->stored_floods = r->learnt->floods;
	r->stored_ns = now;
	rc = pace_file_save(&r->cl.store, r->learnt);
	if (rc != 0)
		app_log(r->cl.app, LOG_WARN, "pace: what was learnt cannot be stored: %s",
			strerror(-rc));
}

/* Their ledgers are read at the first doubt: as a rule there is none. */
static bool is_anothers(void *others, int32_t target_id)
{
	struct job_others *o = others;

	if (!o->read)
		job_others_read(o); /* what of them is not known is said */
	return job_others_have(o, target_id);
}

static int open_clone(struct run *r)
{
	const struct options *o = app_options(r->cl.app);
	struct clone_options c = {.net = r->cl.net,
				  .ring = r->cl.ring,
				  .slab = r->cl.slab,
				  .ledger = r->ledger,
				  .crew = r->crew,
				  .job = r->job.ledger_job,
				  .source = r->job.source,
				  .target = r->job.target,
				  .source_topic = r->job.source_topic,
				  .target_topic = r->job.target_topic,
				  .plan = r->job.plan,
				  .layer = r->cl.layer,
				  .rate_count = o->rate.count,
				  .rate_unit_ns = o->rate.unit_ns,
				  .burst = (uint32_t)o->burst,
				  .interval_ns = (uint64_t)o->interval_ns,
				  .ahead = (uint32_t)o->ahead,
				  .from_id = (int32_t)o->from_id,
				  .to_id = (int32_t)o->to_id,
				  .limit = (uint64_t)o->limit,
				  .part_size = (uint32_t)o->part_size,
				  .look_bytes = client_look_bytes(r->cl.app),
				  .max_wait_ns = (uint64_t)o->max_wait_ns,
				  .close_topics = true,
				  .is_anothers = is_anothers,
				  .others = &r->others};

	if (!open_learnt(r))
		return app_fail(r->cl.app, EXIT_LATER, "no memory for the pace");
	c.learnt = r->learnt;
	if (clone_open(&r->clone, &c) != 0) {
		app_error(r->cl.app, "no memory for the clone");
		return EXIT_LATER;
	}
	return 0;
}

static void tell_status(struct run *r)
{
	char line[200];

	progress_text(&r->progress, r->clone, line, sizeof(line));
	notify_status(&r->notify, line);
}

/* The service manager hears from the loops themselves: one that is stuck silences us. */
static void tell_manager(struct run *r, uint64_t *until)
{
	uint64_t now = ring_now(r->cl.ring);

	if (r->cl.signal_got != 0)
		notify_stopping(&r->notify);
	if (r->crew != NULL && notify_beats(&r->notify, now) && !crew_alive(r->crew))
		notify_withhold(&r->notify, now);
	if (notify_turn(&r->notify, now, until))
		tell_status(r);
}

static enum clone_status turn(struct run *r, int *code)
{
	struct net_event ev;
	enum clone_status status;
	uint64_t until;

	while (net_next(r->cl.net, &ev)) {
		client_heard(&r->cl, &ev);
		clone_event(r->clone, &ev);
	}
	if (r->cl.signal_got != 0)
		clone_stop(r->clone);
	status = clone_step(r->clone, &until);
	r->progress.offline_ns = client_offline_ns(&r->cl);
	r->progress.away_dc = r->cl.away_dc;
	if (r->progress.offline_ns > 0 && until > ring_now(r->cl.ring) + UINT64_C(1000000000))
		until = ring_now(r->cl.ring) + UINT64_C(1000000000);
	store_learnt(r, false);
	progress_step(&r->progress, r->clone, &until);
	tell_manager(r, &until);
	if (status == CLONE_RUNNING && client_offline(&r->cl))
		*code = client_fail(&r->cl, CLIENT_OFFLINE, "clone");
	else if (status == CLONE_RUNNING)
		*code = client_turn(&r->cl, until);
	return status;
}

static int exit_of(struct run *r, enum clone_status status)
{
	struct ledger_counts counts;

	switch (status) {
	case CLONE_DONE:
		ledger_counts(r->ledger, &counts);
		return counts.rows[ROW_SKIPPED] > 0 ? EXIT_SKIPPED : EXIT_COMPLETE;
	case CLONE_STOPPED:
		return EXIT_SIGNAL + r->cl.signal_got;
	case CLONE_TARGET:
	case CLONE_SOURCE:
	case CLONE_ACCOUNT:
		return EXIT_UNAVAILABLE;
	case CLONE_LOGIN:
		return EXIT_LOGIN;
	case CLONE_LATER:
		return EXIT_LATER;
	case CLONE_LEDGER:
	case CLONE_CONFLICT:
	case CLONE_FAULT:
	case CLONE_RUNNING:
		break;
	}
	return EXIT_INTERNAL;
}

static void tell_unseen(struct run *r)
{
	struct clone_progress p;

	clone_progress(r->clone, &p);
	if (p.unseen > 0)
		app_warn(r->cl.app,
			 "the server counts %llu messages more in the source than it showed: look there",
			 (unsigned long long)p.unseen);
}

/* Skipped rows whose reason names the option that was not given. */
static void count_protected(void *ctx, const char *reason, uint64_t count)
{
	if (strstr(reason, "--allow-protected") != NULL)
		*(uint64_t *)ctx += count;
}

/* Given now, it changes nothing for them: what is skipped stays so. */
static void tell_protected(struct run *r)
{
	uint64_t n = 0;

	if (!app_options(r->cl.app)->allow_protected)
		return;
	ledger_reasons(r->ledger, count_protected, &n);
	if (n > 0)
		app_warn(r->cl.app, "%llu message%s skipped before, without --allow-protected: tgclone retry, with it, "
			 "sends %s", (unsigned long long)n, n == 1 ? " was" : "s were", n == 1 ? "it" : "them");
}

/* What is wrong with the ledger, if anything is: an exit code after a line. */
static int check_ledger(struct run *r)
{
	char why[LEDGER_WHY_MAX];
	enum ledger_fault fault = ledger_fault(r->ledger, why, sizeof(why));

	if (fault == LEDGER_SOUND)
		return 0;
	r->ledger_told = true;
	return job_ledger_fail(r->cl.app, r->job.path, fault, why);
}

/* Until the end, and what is left on the wire is joined by net_close afterwards. */
static int loop(struct run *r)
{
	enum clone_status status = CLONE_RUNNING;
	int code = 0;

	if (notify_open(&r->notify, r->cl.app->environment) != 0)
		app_warn(r->cl.app, "NOTIFY_SOCKET names no socket that can be written to");
	progress_start(&r->progress, r->cl.app, r->cl.ring);
	while (status == CLONE_RUNNING && code == 0)
		status = turn(r, &code);
	CRASH_POINT("run.loop.ended");
	ledger_sync(r->ledger);
	CRASH_POINT("run.ledger.synced");
	tell_status(r); /* what stays on show after the end */
	notify_stopping(&r->notify);
	notify_close(&r->notify);
	store_learnt(r, true);
	if (clone_notes_lost(r->clone) > 0)
		app_warn(r->cl.app, "%llu notes were too many to show",
			 (unsigned long long)clone_notes_lost(r->clone));
	progress_end(&r->progress, r->clone, r->ledger);
	if (code != 0)
		return code;
	tell_unseen(r);
	tell_protected(r);
	if (status == CLONE_LEDGER)
		return check_ledger(r);
	if (status == CLONE_TARGET && r->job.target.migrated_to != 0)
		return job_say_grown(&r->cl, &r->job, r->ledger);
	if (status != CLONE_DONE && status != CLONE_STOPPED)
		app_error(r->cl.app, "%s", clone_why(r->clone));
	else if (status == CLONE_STOPPED)
		app_say(r->cl.app, "stopped; run the same command to go on");
	return exit_of(r, status);
}

/* What it could not keep counts more than why the run ended: who waits for it would only run it again. */
static int close_ledger(struct run *r, int code)
{
	char why[LEDGER_WHY_MAX];
	enum ledger_fault fault;

	if (r->ledger == NULL)
		return code;
	fault = ledger_close_why(&r->ledger, why, sizeof(why));
	if (fault != LEDGER_SOUND && !r->ledger_told)
		app_error(r->cl.app, "%s", why);
	return fault != LEDGER_SOUND ? job_ledger_exit(fault) : code;
}

/* Rows that were skipped are planned again; what is sent of them stands behind its place. */
static int take_back(struct run *r)
{
	uint64_t n;
	int code;

	ledger_mark_late(r->ledger, LEDGER_RETRIED);
	n = ledger_retry(r->ledger, app_options(r->cl.app)->reason);
	code = check_ledger(r);
	if (code == 0)
		app_say(r->cl.app, "%llu skipped message%s %s tried again", (unsigned long long)n,
			plural(n), n == 1 ? "is" : "are");
	return code;
}

static int run_clone(struct app *app, bool retry)
{
	struct run r = {.others = {.cl = &r.cl, .job = &r.job}};
	int code = client_open(&r.cl, app, true, true);

	if (code == 0)
		code = job_resolve(&r.cl, &r.job);
	if (code == 0)
		code = job_may_send(&r.cl, &r.job);
	if (code == 0 && !retry)
		job_tell_origin(&r.cl, &r.job);
	if (code == 0)
		code = job_open_ledger(&r.cl, &r.job, !retry, &r.ledger);
	if (code == 0 && retry)
		code = take_back(&r);
	CRASH_POINT("run.ledger.opened");
	if (code == 0)
		code = cores_open(&r.cl, &r.crew);
	if (code == 0)
		code = open_clone(&r);
	if (code == 0) {
		watch_ledger(&r);
		code = loop(&r);
	}
	crew_close(&r.crew);
	if (r.cl.net != NULL)
		net_close(&r.cl.net); /* before the clone: chunks on the wire come back first */
	CRASH_POINT("run.net.closed");
	clone_close(&r.clone);
	job_others_close(&r.others);
	if (r.ledger != NULL && r.cl.ring != NULL)
		unwatch_ledger(&r);
	code = close_ledger(&r, code);
	CRASH_POINT("run.ledger.closed");
	free(r.learnt);
	client_close(&r.cl);
	return code;
}

int cmd_clone(struct app *app, int argc, char **argv)
{
	(void)argc, (void)argv;
	return app_options(app)->dry_run ? scan_rehearse(app, false) : run_clone(app, false);
}

int cmd_retry(struct app *app, int argc, char **argv)
{
	(void)argc, (void)argv;
	return app_options(app)->dry_run ? scan_rehearse(app, true) : run_clone(app, true);
}
