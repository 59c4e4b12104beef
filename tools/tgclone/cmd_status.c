/*
 * status: what the ledgers of this profile say. No network and no lock, so it can be asked while a clone
 * runs. Without operands every job is shown; with them, those they name (as they were named to clone).
 */
#include "tools/tgclone/chatref.h"
#include "tools/tgclone/cmd.h"
#include "tools/tgclone/talk.h"
#include "tools/tgclone/job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

static const uint64_t NS = 1000000000;

static const char *const state_names[] = {"planned", "uploading", "uploaded", "sending",
					  "sent",    "done",	  "skipped"};

static void print_reason(void *ctx, const char *reason, uint64_t count)
{
	struct app *app = ctx;

	if (app_options(app)->json)
		app_json(app, json_pack("{s:s, s:o, s:I}", "event", "skip_reason", "reason",
					app_text(reason), "count", (json_int_t)count));
	else
		app_say(app, "  %6llu  %s", (unsigned long long)count, reason);
}

/* ---- why it may stand still ---- */

static const char *reason_of(enum pace_reason why)
{
	switch (why) {
	case PACE_FLOOD:
		return "flood wait";
	case PACE_SLOWMODE:
		return "slow mode";
	case PACE_BACKOFF:
		return "back-off";
	case PACE_QUOTA:
		return "learnt quota";
	case PACE_CONVERTED:
		return "the server converts a video";
	case PACE_NOW:
	case PACE_RATE:
	case PACE_INTERVAL:
		break;
	}
	return "pace";
}

static uint64_t wall_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * NS + (uint64_t)t.tv_nsec;
}

static void print_waits(struct app *app, struct ledger *ledger)
{
	uint64_t now = wall_now();
	struct clone_wait waits[CLONE_WAITS];
	uint32_t n = clone_waits(ledger, now, waits);

	for (uint32_t i = 0; i < n; i++) {
		time_t until = (time_t)(waits[i].until / NS);
		char text[32] = "far away";
		struct tm tm;

		if (gmtime_r(&until, &tm) != NULL && tm.tm_year < 1000)
			strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
		app_say(app, "waiting with %s: %s until %s, %llu s more", waits[i].what,
			reason_of(waits[i].why), text,
			(unsigned long long)((waits[i].until - now + NS - 1) / NS));
	}
}

static json_t *waits_json(struct ledger *ledger)
{
	uint64_t now = wall_now();
	struct clone_wait waits[CLONE_WAITS];
	uint32_t n = clone_waits(ledger, now, waits);
	json_t *list = json_array();

	for (uint32_t i = 0; i < n; i++)
		json_array_append_new(
		    list, json_pack("{s:s, s:s, s:I, s:I}", "what", waits[i].what, "reason",
				    reason_of(waits[i].why), "until", (json_int_t)(waits[i].until / NS),
				    "seconds", (json_int_t)((waits[i].until - now + NS - 1) / NS)));
	return list;
}

/* ---- a job ---- */

static void name_of(struct ledger *ledger, const char *key, char *out, size_t size)
{
	size_t len = ledger_state(ledger, key, (struct span){(uint8_t *)out, size - 1});

	out[len < size ? len : 0] = '\0';
}

static void print_text(struct app *app, struct ledger *ledger, const struct ledger_counts *counts)
{
	bool ended = false;
	int32_t cursor = ledger_cursor(ledger, &ended);

	for (uint32_t i = 0; i <= ROW_SKIPPED; i++)
		if (counts->rows[i] > 0)
			app_say(app, "%8llu  %s", (unsigned long long)counts->rows[i], state_names[i]);
	if (clone_left_out(ledger) > 0)
		app_say(app, "messages up to %d were left out by --from", clone_left_out(ledger));
	app_say(app, "planned up to message %d%s", cursor, ended ? ", all that was asked for" : "");
	app_say(app, "media: %.1f of %.1f MB", (double)counts->bytes_done / 1e6,
		(double)counts->bytes_total / 1e6);
	print_waits(app, ledger);
	if (counts->rows[ROW_SKIPPED] > 0)
		app_say(app, "skipped, by reason:");
}

static void print_json(struct app *app, struct ledger *ledger, const struct ledger_job *job,
		       const struct ledger_counts *counts)
{
	json_t *rows = json_object();
	bool ended = false;
	int32_t cursor = ledger_cursor(ledger, &ended);

	for (uint32_t i = 0; i <= ROW_SKIPPED; i++)
		json_object_set_new(rows, state_names[i], json_integer((json_int_t)counts->rows[i]));
	app_json(app, json_pack("{s:s, s:I, s:I, s:i, s:i, s:I, s:i, s:i, s:b, s:I, s:I, s:o, s:o}", "event", "status",
				"source", (json_int_t)job->source, "target", (json_int_t)job->target,
				"source_topic", job->source_topic, "target_topic", job->target_topic,
				"generation", (json_int_t)job->generation, "left_out", clone_left_out(ledger),
				"cursor", cursor, "planned_all", ended, "bytes_total",
				(json_int_t)counts->bytes_total, "bytes_done",
				(json_int_t)counts->bytes_done, "rows", rows, "waits",
				waits_json(ledger)));
}

static bool same_chat(const struct chatref *a, const struct chatref *b)
{
	if (a->kind != b->kind)
		return false;
	return a->kind == CHATREF_NAME     ? strcasecmp(a->name, b->name) == 0
	       : a->kind == CHATREF_INVITE ? strcmp(a->hash, b->hash) == 0
					   : a->id == b->id;
}

/* As it was named to clone, or by its id; with a topic only that one. */
static bool named(struct ledger *ledger, const char *operand, const char *key, int64_t id, int32_t topic)
{
	struct chatref want, there;
	char ref[200], why[160];

	if (operand == NULL)
		return true;
	name_of(ledger, key, ref, sizeof(ref));
	if (strcmp(ref, operand) == 0)
		return true;
	if (!chatref_parse(&want, operand, why, sizeof(why)) || (want.topic != 0 && want.topic != topic))
		return false;
	return (want.kind == CHATREF_ID && want.id == id) ||
	       (chatref_parse(&there, ref, why, sizeof(why)) && same_chat(&want, &there));
}

static const char *wanted(const struct options *o, int index, const char *flag)
{
	return o->arg_count > index ? o->args[index] : flag;
}

static void print_title(struct app *app, struct ledger *ledger, const struct ledger_job *job)
{
	char from[200], to[200], from_topic[16] = "", to_topic[16] = "", copy[32] = "";

	name_of(ledger, "source.title", from, sizeof(from));
	name_of(ledger, "target.title", to, sizeof(to));
	if (job->source_topic != 0)
		snprintf(from_topic, sizeof(from_topic), "#%d", job->source_topic);
	if (job->target_topic != 0)
		snprintf(to_topic, sizeof(to_topic), "#%d", job->target_topic);
	if (job->generation > 1)
		snprintf(copy, sizeof(copy), ", generation %u", job->generation);
	app_say(app, "%s (%lld%s) -> %s (%lld%s)%s", from, (long long)job->source, from_topic, to,
		(long long)job->target, to_topic, copy);
}

/* 1 when the job was shown. */
static int show_job(struct app *app, const char *path, int *code)
{
	const struct options *o = app_options(app);
	struct ledger *ledger = NULL;
	struct ledger_counts counts;
	struct ledger_job job;
	char why[LEDGER_WHY_MAX] = "";
	enum ledger_fault fault = ledger_open(&ledger, path, NULL, false, why, sizeof(why));

	if (fault != LEDGER_SOUND) {
		*code = job_ledger_fail(app, path, fault, why);
		return 0;
	}
	ledger_job(ledger, &job);
	if (!named(ledger, wanted(o, 0, o->source), "source.ref", job.source, job.source_topic) ||
	    !named(ledger, wanted(o, 1, o->target), "target.ref", job.target, job.target_topic)) {
		fault = ledger_close_why(&ledger, why, sizeof(why));
		if (fault != LEDGER_SOUND)
			*code = job_ledger_fail(app, path, fault, why);
		return 0;
	}
	ledger_counts(ledger, &counts);
	if (!o->json) {
		print_title(app, ledger, &job);
		print_text(app, ledger, &counts);
	} else {
		print_json(app, ledger, &job, &counts);
	}
	ledger_reasons(ledger, print_reason, app);
	fault = ledger_close_why(&ledger, why, sizeof(why));
	if (fault != LEDGER_SOUND)
		*code = job_ledger_fail(app, path, fault, why);
	return 1;
}

struct listing {
	struct app *app;
	int shown, code;
};

static void each_ledger(void *ctx, const char *path)
{
	struct listing *l = ctx;

	l->shown += show_job(l->app, path, &l->code);
}

static int no_job(struct app *app, const struct store *store)
{
	const struct options *o = app_options(app);

	if (wanted(o, 0, o->source) == NULL && wanted(o, 1, o->target) == NULL)
		return app_fail(app, EXIT_UNAVAILABLE, "no job in %s yet: tgclone clone begins one",
				store->dir);
	return app_fail(app, EXIT_UNAVAILABLE, "no such job in %s (tgclone status lists them)",
			store->dir);
}

int cmd_status(struct app *app, int argc, char **argv)
{
	const struct options *o = app_options(app);
	struct listing l = {.app = app};
	struct store store;
	int code = store_open(&store, o->state_dir, o->profile, false);

	(void)argc, (void)argv;
	if (code == EXIT_CREATE && access(store.dir, F_OK) != 0 && errno == ENOENT)
		return no_job(app, &store);
	if (code != 0)
		return app_fail(app, code, "%s", store.why);
	code = store_ledgers(&store, each_ledger, &l);
	if (code != 0)
		app_fail(app, code, "%s", store.why);
	else if (l.shown == 0 && l.code == 0)
		code = no_job(app, &store);
	store_close(&store);
	return code != 0 ? code : l.code;
}
