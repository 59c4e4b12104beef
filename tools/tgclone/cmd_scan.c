/* scan: what a clone would do, without doing it. */
#include "engine/clone/window.h"
#include "tools/tgclone/cmd.h"
#include "tools/tgclone/job.h"
#include "tools/tgclone/pace_file.h"
#include "tools/tgclone/pages.h"
#include "tools/tgclone/talk.h"

#include <stdio.h>
#include <stdlib.h>

enum { REASONS_MAX = 64 };

struct tally {
	uint64_t messages, by_kind[MEDIA_KINDS];
	uint64_t by_mode[PLAN_SKIP + 1], by_method[PACE_METHODS];
	uint64_t requests[FORWARD_MAX + 1]; /* of so many messages each */
	struct together {
		uint32_t most; /* messages of one request */
		uint32_t n, groups; /* those that wait for more */
		bool by_topic;
		bool alike; /* files alone, or music alone: of those the server would make an album */
		bool silent;
		int32_t topic;
		enum media_kind kind; /* these three of the last one */
	} together;
	int64_t bytes, streamed;
	uint64_t protected_count;
	/* of a retry: what it would not touch is not counted */
	struct ledger *ledger;
	const char *reason;
	uint64_t again, seen; /* skipped messages that it would try; of them those that are there */
	uint64_t most, kept;  /* --limit, or 0, and what of it was found */
	struct {
		char text[64];
		uint64_t count;
	} reasons[REASONS_MAX];
	uint32_t reason_count;
};

/* ---- forwards, which go together as post_batch() puts them ---- */

static void send_together(struct tally *t)
{
	struct together *w = &t->together;

	if (w->groups > 0 && w->alike)
		t->requests[w->n / w->groups] += w->groups;
	else if (w->groups > 0)
		t->requests[w->n]++;
	w->n = w->groups = 0;
}

static bool goes_along(const struct together *w, const struct message *m, uint32_t n)
{
	return w->groups > 0 && w->n + n <= w->most && w->silent == m->silent &&
	       (!w->by_topic || w->topic == m->topic);
}

static void forward_with_others(struct tally *t, const struct message *items, uint32_t n)
{
	struct together *w = &t->together;
	enum media_kind kind = items[0].media.kind;
	bool bound = false;

	for (uint32_t i = 0; i < n; i++)
		bound |= plan_is_bound(&items[i]);
	if (bound || !goes_along(w, items, n))
		send_together(t);
	w->alike = (kind == MEDIA_DOCUMENT || kind == MEDIA_AUDIO) &&
		   (w->groups == 0 || (w->alike && w->kind == kind));
	w->n += n;
	w->groups++;
	w->silent = items[0].silent;
	w->topic = items[0].topic;
	w->kind = kind;
	if (bound)
		send_together(t);
}

static void add_reason(struct tally *t, const char *text, uint64_t count)
{
	for (uint32_t i = 0; i < t->reason_count; i++) {
		if (strcmp(t->reasons[i].text, text) == 0) {
			t->reasons[i].count += count;
			return;
		}
	}
	if (t->reason_count == REASONS_MAX)
		return;
	snprintf(t->reasons[t->reason_count].text, sizeof(t->reasons[0].text), "%s", text);
	t->reasons[t->reason_count++].count = count;
}

/* As the clone sends it. */
static enum pace_method method_of(const struct message *items, uint32_t n, enum plan_mode mode)
{
	enum media_kind kind = items[0].media.kind;

	if (mode == PLAN_FORWARD)
		return PACE_FORWARD;
	if (n > 1)
		return PACE_ALBUM;
	return kind == MEDIA_NONE || kind == MEDIA_WEBPAGE ? PACE_TEXT : PACE_MEDIA;
}

/* Some that go one way. */
static void add_planned(struct tally *t, const struct message *items, uint32_t n, const struct plan *plan)
{
	t->by_mode[plan->mode] += n;
	if (plan->mode != PLAN_SKIP)
		t->by_method[method_of(items, n, plan->mode)] += n;
	if (plan->mode == PLAN_FORWARD) {
		forward_with_others(t, items, n);
	} else if (plan->mode != PLAN_SKIP) {
		send_together(t);
		t->requests[n]++;
	}
	if (plan->reason[0] != '\0')
		add_reason(t, plan->reason, n);
	for (uint32_t i = 0; i < n && plan->mode == PLAN_STREAM; i++)
		t->streamed += items[i].media.has_file ? items[i].media.file.size : 0;
}

static void add_group(struct tally *t, const struct message *items, uint32_t n,
		      const struct plan_options *o)
{
	struct message left[ALBUM_MAX];
	uint32_t count = 0;
	struct plan plan;

	t->messages += n;
	for (uint32_t i = 0; i < n; i++) {
		t->by_kind[items[i].media.kind] += !items[i].service;
		t->protected_count += o->source_protected || items[i].noforwards;
		t->bytes += items[i].media.has_file ? items[i].media.file.size : 0;
		/* One that cannot be cloned at all takes the others of its album not with it. */
		plan_group(&items[i], 1, o, &plan);
		if (n > 1 && plan.mode == PLAN_SKIP)
			add_planned(t, &items[i], 1, &plan);
		else
			left[count++] = items[i];
	}
	if (count == 0)
		return;
	plan_group(left, count, o, &plan);
	add_planned(t, left, count, &plan);
}

/* ---- a retry ---- */

static bool is_again(const struct tally *t, const struct ledger_row *row)
{
	return row->state == ROW_SKIPPED &&
	       (t->reason == NULL || strncmp(row->reason, t->reason, strlen(t->reason)) == 0);
}

static void count_again(struct tally *t)
{
	struct ledger_row rows[64];
	int32_t after = 0;
	uint32_t n;

	do {
		n = ledger_scan(t->ledger, after, rows, countof(rows));
		for (uint32_t i = 0; i < n; i++)
			t->again += is_again(t, &rows[i]);
		after = n > 0 ? rows[n - 1].source_id : after;
	} while (n == countof(rows));
}

/* --limit counts what there is to do, and an album is one; true: this one is for another run. */
static bool is_beyond(const struct tally *t, const struct pages *p, uint32_t kept, const struct message *m)
{
	int64_t album = kept > 0 ? p->msgs[kept - 1].grouped_id : 0;

	return t->most > 0 && t->kept >= t->most && (album == 0 || album != m->grouped_id);
}

/* Only what a retry sends, or would skip once more: also what no run came to yet. */
static void leave_out_done(struct tally *t, struct pages *p)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < p->count; i++) {
		struct ledger_row row = {.state = ROW_PLANNED};
		bool known = ledger_find(t->ledger, p->msgs[i].id, &row);

		if (known && row.state >= ROW_SENT && !is_again(t, &row))
			continue;
		if (is_beyond(t, p, kept, &p->msgs[i]))
			break;
		t->kept++;
		t->seen += known && row.state == ROW_SKIPPED;
		p->msgs[kept++] = p->msgs[i];
	}
	p->count = kept;
}

static void tell_again(struct app *app, const struct tally *t)
{
	char line[96];

	snprintf(line, sizeof(line), "%llu skipped message%s would be tried again", (unsigned long long)t->again,
		 plural(t->again));
	if (app_options(app)->json)
		app_json(app, json_pack("{s:s, s:o}", "event", "info", "text", app_text(line)));
	else
		app_say(app, "%s", line);
}

/* No page can be read with it: clone finds the same. */
static void add_unread(struct tally *t)
{
	t->messages++;
	t->by_mode[PLAN_SKIP]++;
	add_reason(t, "unsupported: it cannot be read", 1);
}

/* Those are in no page any more. */
static void add_gone(struct tally *t, uint64_t count)
{
	t->messages += count;
	t->by_mode[PLAN_SKIP] += count;
	add_reason(t, "deleted at the source", count);
}

/* What the pace lets go in one request. The target is taken for a forum where the source is one. */
static int begin_together(struct client *cl, const struct job *j, struct together *w)
{
	const struct options *o = app_options(cl->app);
	struct pace_methods *m = NULL;

	w->by_topic = j->source.forum && j->source_topic == 0 && j->target_topic == 0;
	if (!o->rate.learnt) {
		w->most = window_batch_max(o->rate.count, o->rate.unit_ns, (uint32_t)o->burst);
		return 0;
	}
	m = malloc(sizeof(*m));
	if (m == NULL)
		return app_fail(cl->app, EXIT_LATER, "no memory for the pace");
	methods_init(m, o->rate.unit_ns / o->rate.count);
	pace_file_load(&cl->store, m, ring_wall(cl->ring)); /* what is wrong with it is told with the time */
	w->most = learn_batch_max(&m->of[PACE_FORWARD]);
	free(m);
	return 0;
}

static int read_all(struct client *cl, const struct job *j, struct tally *t)
{
	const struct options *o = app_options(cl->app);
	struct pages p;
	int code = begin_together(cl, j, &t->together);

	if (code != 0)
		return code;
	pages_start(&p, cl, &j->source, j->source_topic, (int32_t)o->from_id, (int32_t)o->to_id);
	if (t->ledger == NULL)
		pages_limit(&p, (uint64_t)o->limit);
	while ((t->most == 0 || t->kept < t->most) && (code = pages_next(&p)) == 0 && p.count > 0) {
		if (t->ledger != NULL)
			leave_out_done(t, &p);
		if (p.unread) {
			if (p.count > 0)
				add_unread(t);
			continue;
		}
		for (uint32_t at = 0, n; at < p.count; at += n) {
			int64_t group = p.msgs[at].grouped_id;

			for (n = 1; group != 0 && n < ALBUM_MAX && at + n < p.count &&
				    p.msgs[at + n].grouped_id == group;
			     n++)
				;
			add_group(t, &p.msgs[at], n, &j->plan);
		}
	}
	send_together(t);
	return code;
}

/* How long it takes, and by which pace. */
struct estimate {
	double seconds;
	const char *pace; /* of --json: rate, start, learnt */
	char text[160];
};

static double longer(double a, double b)
{
	return a > b ? a : b;
}

/* Each request waits for the pace of its messages, and for the interval. */
static double by_turns(const struct options *o, const struct tally *t, double each)
{
	double between = (double)o->interval_ns / 1e9, seconds = 0;

	for (uint32_t n = 1; n <= FORWARD_MAX; n++)
		seconds += (double)t->requests[n] * longer(n * each, between);
	return seconds;
}

static void by_rate(const struct options *o, const struct tally *t, struct estimate *e)
{
	double each = o->rate.count == 0 ? 0 : (double)o->rate.unit_ns / (double)o->rate.count / 1e9;

	e->pace = "rate";
	e->seconds = by_turns(o, t, each);
}

/* In the unit that has a number to show. */
static const char *pace_text(char *out, size_t size, const struct pace_methods *m,
			     enum pace_method method, const char *what)
{
	double each = (double)m->of[method].per_ns / 1e9;

	if (each <= 20)
		snprintf(out, size, "%.2f %s/s", 1 / each, what);
	else if (each <= 600)
		snprintf(out, size, "%.1f %s/min", 60 / each, what);
	else
		snprintf(out, size, "%.1f %s/h", 3600 / each, what);
	return out;
}

static void learnt_text(struct estimate *e, const struct pace_methods *m, bool learnt)
{
	char forwards[32], texts[32], media[32];

	if (learnt)
		snprintf(e->text, sizeof(e->text), " (learnt of this account: %s, %s, %s)",
			 pace_text(forwards, sizeof(forwards), m, PACE_FORWARD, "forwards"),
			 pace_text(texts, sizeof(texts), m, PACE_TEXT, "texts"),
			 pace_text(media, sizeof(media), m, PACE_MEDIA, "media"));
	else
		snprintf(e->text, sizeof(e->text),
			 " (nothing learnt of this account yet: as it starts, %s)",
			 pace_text(media, sizeof(media), m, PACE_FORWARD, "messages"));
}

static void time_text(char *out, size_t size, double seconds)
{
	if (seconds < 120 * 60)
		snprintf(out, size, "%.1f minutes", seconds / 60);
	else if (seconds < 48 * 3600)
		snprintf(out, size, "%.1f hours", seconds / 3600);
	else
		snprintf(out, size, "%.1f days", seconds / 86400);
}

/* --rate auto: what floods taught about this account, else where learning starts. */
static bool by_learning(struct client *cl, const struct tally *t, struct estimate *e)
{
	const struct options *o = app_options(cl->app);
	struct pace_methods *m = malloc(sizeof(*m));
	enum pace_found found;
	bool learnt;

	if (m == NULL)
		return false;
	methods_init(m, o->rate.unit_ns / o->rate.count);
	found = pace_file_load(&cl->store, m, ring_wall(cl->ring));
	learnt = found == PACE_LEARNT;
	if (found == PACE_DAMAGED)
		app_warn(cl->app, PACE_DAMAGED_TEXT, cl->store.dir);
	e->seconds = longer(methods_seconds(m, t->by_method), by_turns(o, t, 0));
	e->pace = learnt ? "learnt" : "start";
	learnt_text(e, m, learnt);
	free(m);
	return true;
}

static int estimate(struct client *cl, const struct tally *t, struct estimate *e)
{
	const struct options *o = app_options(cl->app);

	*e = (struct estimate){.seconds = 0};
	if (!o->rate.learnt)
		by_rate(o, t, e);
	else if (!by_learning(cl, t, e))
		return app_fail(cl->app, EXIT_LATER, "no memory for the pace");
	return 0;
}

static void print_json(struct app *app, const struct job *j, const struct tally *t,
		       const struct estimate *e)
{
	json_t *kinds = json_object(), *reasons = json_object();

	for (uint32_t i = 0; i < MEDIA_KINDS; i++)
		if (t->by_kind[i] > 0)
			json_object_set_new(kinds, media_kind_name(i),
					    json_integer((json_int_t)t->by_kind[i]));
	for (uint32_t i = 0; i < t->reason_count; i++)
		json_object_set_new(reasons, t->reasons[i].text,
				    json_integer((json_int_t)t->reasons[i].count));
	app_json(app, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:s, s:o, s:o}",
				"event", "scan", "chat", (json_int_t)peer_marked(j->source.peer),
				"messages", (json_int_t)t->messages, "forward",
				(json_int_t)t->by_mode[PLAN_FORWARD], "copy",
				(json_int_t)t->by_mode[PLAN_COPY], "stream",
				(json_int_t)t->by_mode[PLAN_STREAM], "skip",
				(json_int_t)t->by_mode[PLAN_SKIP], "bytes", (json_int_t)t->bytes,
				"bytes_streamed", (json_int_t)t->streamed, "protected",
				(json_int_t)t->protected_count, "seconds_by_pace", e->seconds,
				"pace", e->pace, "kinds", kinds, "reasons", reasons));
}

static void print_text(struct app *app, const struct job *j, const struct tally *t,
		       const struct estimate *e)
{
	char time[32];

	app_say(app, "%s (%s): %llu message%s, %.1f MB of media", j->source.title,
		chat_kind_name(&j->source), (unsigned long long)t->messages, plural(t->messages),
		(double)t->bytes / 1e6);
	for (uint32_t i = 0; i < MEDIA_KINDS; i++)
		if (t->by_kind[i] > 0)
			app_say(app, "  %6llu  %s", (unsigned long long)t->by_kind[i],
				media_kind_name(i));
	app_say(app, "plan: %llu forwarded, %llu copied by reference, %llu streamed (%.1f MB), %llu skipped",
		(unsigned long long)t->by_mode[PLAN_FORWARD], (unsigned long long)t->by_mode[PLAN_COPY],
		(unsigned long long)t->by_mode[PLAN_STREAM], (double)t->streamed / 1e6,
		(unsigned long long)t->by_mode[PLAN_SKIP]);
	for (uint32_t i = 0; i < t->reason_count; i++)
		app_say(app, "  %6llu  %s", (unsigned long long)t->reasons[i].count, t->reasons[i].text);
	if (t->protected_count > 0)
		app_say(app, "protected against forwarding and saving: %llu%s",
			(unsigned long long)t->protected_count,
			j->plan.allow_protected ? "" : " (skipped without --allow-protected)");
	time_text(time, sizeof(time), e->seconds);
	app_say(app, "time at this pace: %s%s", time, e->text);
}

static int open_scan(struct client *cl, struct job *j, struct tally *t, bool rehearsal, bool retry,
		     struct ledger **ledger)
{
	int code = rehearsal ? job_resolve(cl, j) : job_resolve_source(cl, j);

	/* A clone's rehearsal ends where the clone would: at a target that is none, at a ledger that is damaged. */
	if (code == 0 && rehearsal)
		code = job_may_send(cl, j);
	if (code == 0 && !retry)
		job_tell_origin(cl, j);
	if (code == 0 && rehearsal)
		code = job_read_ledger(cl, j, !retry, ledger);
	if (code != 0 || !retry)
		return code;
	t->ledger = *ledger;
	t->reason = app_options(cl->app)->reason;
	t->most = (uint64_t)app_options(cl->app)->limit;
	count_again(t);
	tell_again(cl->app, t);
	return 0;
}

static int close_read(struct client *cl, const struct job *j, struct ledger **ledger, int code)
{
	char why[LEDGER_WHY_MAX];
	enum ledger_fault fault = *ledger == NULL ? LEDGER_SOUND : ledger_close_why(ledger, why, sizeof(why));

	return fault == LEDGER_SOUND || code != 0 ? code : job_ledger_fail(cl->app, j->path, fault, why);
}

static int scan(struct app *app, bool rehearsal, bool retry)
{
	struct tally t = {.messages = 0};
	struct ledger *ledger = NULL;
	struct client cl;
	struct job j = {.source_topic = 0};
	struct estimate e;
	const struct options *o = app_options(app);
	int code = client_open(&cl, app, false, true);

	if (code == 0)
		code = open_scan(&cl, &j, &t, rehearsal, retry, &ledger);
	if (code == 0)
		code = read_all(&cl, &j, &t);
	code = close_read(&cl, &j, &ledger, code);
	if (code == 0 && t.again > t.seen && o->from_id == 0 && o->to_id == 0 && o->limit == 0)
		add_gone(&t, t.again - t.seen);
	if (code == 0)
		code = estimate(&cl, &t, &e);
	if (code == 0 && o->json)
		print_json(app, &j, &t, &e);
	else if (code == 0)
		print_text(app, &j, &t, &e);
	if (code == 0 && rehearsal && !retry)
		job_tell_topics(&cl, &j);
	client_close(&cl);
	return code;
}

int cmd_scan(struct app *app, int argc, char **argv)
{
	(void)argc, (void)argv;
	return scan(app, false, false);
}

int scan_rehearse(struct app *app, bool retry)
{
	return scan(app, app_options(app)->target != NULL, retry);
}
