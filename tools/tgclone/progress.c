/* Drawing. Counts come from the ledger and the clone; nothing is computed that they do not say. */
#include "tools/tgclone/progress.h"

#include "tools/tgclone/talk.h"

#include <stdio.h>

enum { LIVE_FILES = 8, OFFLINE_SHOWN_S = 5 };

static const uint64_t SECOND = 1000000000;

static const char *const note_names[] = {"done", "skipped", "wait", "retry", "info"};
static const char *const wait_names[] = {"",	      "pace",	  "interval", "flood wait",
					 "slow mode", "back-off", "learnt quota", "conversion"};

static void size_text(char *out, size_t size, double bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	size_t unit = 0;

	while (bytes >= 1000 && unit + 1 < countof(units)) {
		bytes /= 1000;
		unit++;
	}
	snprintf(out, size, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
}

/* A run of no time has no rate. */
static void rate_text(char *out, size_t size, uint64_t bytes, double seconds)
{
	size_text(out, size, seconds > 0 ? (double)bytes / seconds : 0);
}

/* Never below none, whatever is counted twice for a moment. */
static uint64_t left_of(const struct clone_progress *c)
{
	return c->planned > c->done + c->skipped ? c->planned - c->done - c->skipped : 0;
}

static void time_text(char *out, size_t size, uint64_t seconds)
{
	if (seconds >= 86400)
		snprintf(out, size, "%llud %lluh", (unsigned long long)(seconds / 86400),
			 (unsigned long long)(seconds / 3600 % 24));
	else if (seconds >= 3600)
		snprintf(out, size, "%lluh %02llum", (unsigned long long)(seconds / 3600),
			 (unsigned long long)(seconds / 60 % 60));
	else
		snprintf(out, size, "%llum %02llus", (unsigned long long)(seconds / 60),
			 (unsigned long long)(seconds % 60));
}

void progress_start(struct progress *p, struct app *app, struct ring *ring)
{
	*p = (struct progress){.app = app, .ring = ring};
	p->started_ns = ring_now(ring);
	p->last_ns = p->started_ns;
	p->line_ns = p->started_ns + 60 * SECOND;
}

static void note_json(struct progress *p, const struct clone_note *n)
{
	app_json(p->app, json_pack("{s:s, s:i, s:i, s:s, s:s, s:I, s:o}", "event", note_names[n->kind],
				   "source_id", n->source_id, "target_id", n->target_id, "mode",
				   plan_mode_name(n->mode), "media", media_kind_name(n->media), "size",
				   (json_int_t)n->size, "text", app_text(n->text)));
}

/* Each message not copied is named, or not copied whole; the others are named in the log only. */
static void show_note(struct progress *p, const struct clone_note *n)
{
	const struct options *o = app_options(p->app);

	app_log(p->app, n->kind == NOTE_DONE ? LOG_DEBUG : LOG_INFO, "%s %d -> %d %s %s %s",
		note_names[n->kind], n->source_id, n->target_id, plan_mode_name(n->mode),
		media_kind_name(n->media), n->text);
	if (o->json) {
		note_json(p, n);
		return;
	}
	if (o->quiet)
		return;
	switch (n->kind) {
	case NOTE_SKIPPED:
		app_say(p->app, "skipped message %d: %s", n->source_id, n->text);
		break;
	case NOTE_WAIT:
		app_say(p->app, "%s", n->text);
		break;
	case NOTE_RETRY:
		if (n->source_id != 0)
			app_say(p->app, "trying again: message %d: %s", n->source_id, n->text);
		else
			app_say(p->app, "trying again: %s", n->text);
		break;
	case NOTE_INFO:
		if (o->verbose)
			app_say(p->app, "%s", n->text);
		break;
	case NOTE_DONE: /* what got lost on the way is told, too */
		if (!o->verbose && n->text[0] != '\0')
			app_say(p->app, "message %d -> %d: %s", n->source_id, n->target_id, n->text);
		else if (o->verbose)
			app_say(p->app, "%d -> %d  %s by %s%s%s", n->source_id, n->target_id,
				media_kind_name(n->media), plan_mode_name(n->mode),
				n->text[0] != '\0' ? "; " : "", n->text);
		break;
	}
}

/* A short look is smoothed; a long one, and the first, is its own mean. */
static double smooth(const struct progress *p, double rate, uint64_t bytes, double seconds)
{
	double keep = seconds < 5 && p->last_ns != p->started_ns ? 0.5 : 0;

	return keep * rate + (1 - keep) * (double)bytes / seconds;
}

static void measure(struct progress *p, const struct clone_progress *c, uint64_t now)
{
	double seconds = (double)(now - p->last_ns) / 1e9;

	if (seconds < 0.5)
		return;
	p->down_rate = smooth(p, p->down_rate, c->down_bytes - p->last_down, seconds);
	p->up_rate = smooth(p, p->up_rate, c->up_bytes - p->last_up, seconds);
	if (c->up_bytes > p->last_up)
		p->moving_s += seconds;
	p->last_down = c->down_bytes;
	p->last_up = c->up_bytes;
	p->last_ns = now;
}

static void look(struct progress *p, struct clone *clone, struct clone_progress *c)
{
	clone_progress(clone, c);
	if (!p->looked)
		p->first_done = c->bytes_done;
	p->looked = true;
	measure(p, c, ring_now(p->ring));
}

static double wait_seconds(const struct progress *p, const struct clone_progress *c)
{
	uint64_t wall = ring_wall(p->ring);

	return c->wait != PACE_NOW && c->wait_until > wall ? (double)(c->wait_until - wall) / 1e9 : 0;
}

/*
 * What the bytes still need at the speed they had while they moved: that they pause for the pace, or for a
 * flood, makes the rest no longer. The ledger's bytes are those of forwarded files, too, which need no time here,
 * and of a large file on its way only once it is done: so the larger of what is done and what was moved counts.
 */
static double bytes_seconds(const struct progress *p, const struct clone_progress *c)
{
	double moved = (double)c->up_bytes, done = (double)(c->bytes_done - p->first_done);
	double far = moved > done ? moved : done;

	if (p->moving_s <= 0 || far <= 0 || c->bytes_total <= c->bytes_done)
		return 0;
	return (double)(c->bytes_total - c->bytes_done) * p->moving_s / far;
}

/* A message's share of the interval between two requests: as many went together so far. */
static double between_messages(const struct progress *p, const struct clone_progress *c)
{
	double between = (double)app_options(p->app)->interval_ns;

	return c->posts > c->requests ? between * (double)c->requests / (double)c->posts : between;
}

/* The larger of what the pace, from the next post on, and what the bytes still need. */
static uint64_t eta_seconds(const struct progress *p, const struct clone_progress *c)
{
	uint64_t left = left_of(c);
	double per = (double)c->per_ns, between = between_messages(p, c);
	double pace = 0, bytes = bytes_seconds(p, c);

	if (left > 0)
		pace = wait_seconds(p, c) + (double)(left - 1) * (per > between ? per : between) / 1e9;
	return (uint64_t)(pace > bytes ? pace : bytes);
}

/* Of this run; while a minute is not over it is what there is of it. */
static uint64_t posts_per_minute(const struct progress *p, const struct clone_progress *c)
{
	uint64_t seconds = (ring_now(p->ring) - p->started_ns) / SECOND;

	return seconds < 60 ? c->posts : c->posts * 60 / seconds;
}

static void next_text(char *out, size_t size, double seconds, enum pace_reason why)
{
	char time[24];

	if (seconds < 60)
		snprintf(time, sizeof(time), "%.1f s", seconds);
	else
		time_text(time, sizeof(time), (uint64_t)seconds);
	snprintf(out, size, "next post in %s (%s)", time, wait_names[why]);
}

static void status_line(const struct progress *p, const struct clone_progress *c, char *out,
			size_t size)
{
	char in[24], up[24], eta[24];

	if (c->planned == 0 && !c->planned_all) {
		snprintf(out, size, "asking for the first messages");
		return;
	}
	size_text(in, sizeof(in), p->down_rate);
	size_text(up, sizeof(up), p->up_rate);
	time_text(eta, sizeof(eta), eta_seconds(p, c));
	snprintf(out, size, "%llu of %llu%s done, %llu skipped | in %s/s, out %s/s | %llu posts/min | ETA %s%s",
		 (unsigned long long)c->done, (unsigned long long)c->planned,
		 c->planned_all ? "" : "+", (unsigned long long)c->skipped, in, up,
		 (unsigned long long)posts_per_minute(p, c), eta, c->planned_all ? "" : "+");
}

/* False: all that is needed is connected. */
static bool away_text(const struct progress *p, char *out, size_t size)
{
	char time[24];

	time_text(time, sizeof(time), p->offline_ns / SECOND);
	if (p->offline_ns >= OFFLINE_SHOWN_S * SECOND)
		snprintf(out, size, "no connection for %s", time);
	else if (p->away_dc != 0)
		snprintf(out, size, "no connection to DC %u", p->away_dc);
	else
		return false;
	return true;
}

/* Where the line stands alone. What every post waits for is no news. */
static void whole_line(const struct progress *p, const struct clone_progress *c, char *out, size_t size)
{
	double seconds = wait_seconds(p, c);
	char why[64] = "";
	size_t len;

	status_line(p, c, out, size);
	len = strlen(out);
	if (!away_text(p, why, sizeof(why)) && seconds > 0 && c->wait >= PACE_FLOOD)
		next_text(why, sizeof(why), seconds, c->wait);
	if (why[0] != '\0')
		snprintf(out + len, size - len, " | %s", why);
}

static void wait_line(const struct progress *p, const struct clone_progress *c, char *out, size_t size)
{
	double seconds = wait_seconds(p, c);
	char slot[64] = "", done[24], total[24];

	if (!away_text(p, slot, sizeof(slot)) && seconds > 0)
		next_text(slot, sizeof(slot), seconds, c->wait);
	size_text(done, sizeof(done), (double)c->bytes_done);
	size_text(total, sizeof(total), (double)c->bytes_total);
	snprintf(out, size, "%s%s%u group%s ready, %u file%s on the way; media %s of %s", slot,
		 slot[0] != '\0' ? "; " : "", c->groups_ready, plural(c->groups_ready), c->transfers,
		 plural(c->transfers), done, total);
}

static void draw_live(struct progress *p, struct clone *clone, const struct clone_progress *c)
{
	char lines[LIVE_FILES + 2][200];
	const char *view[LIVE_FILES + 2];
	struct clone_file f;
	uint32_t n = 2;

	status_line(p, c, lines[0], sizeof(lines[0]));
	wait_line(p, c, lines[1], sizeof(lines[1]));
	for (uint32_t i = 0; i < LIVE_FILES && clone_file(clone, i, &f); i++) {
		char size[24];

		size_text(size, sizeof(size), (double)f.size);
		snprintf(lines[n++], sizeof(lines[0]), "  %3d%% in %3d%% out  %9s  %s",
			 f.size > 0 ? (int)(f.down * 100 / f.size) : 0,
			 f.size > 0 ? (int)(f.up * 100 / f.size) : 0, size, f.name);
	}
	for (uint32_t i = 0; i < n; i++)
		view[i] = lines[i];
	term_live(&p->app->out, view, n);
}

static void draw_json(struct progress *p, const struct clone_progress *c)
{
	app_json(p->app,
		 json_pack("{s:s, s:I, s:I, s:I, s:b, s:I, s:I, s:f, s:f, s:s, s:I, s:I, s:I, s:I}", "event", "progress",
			   "planned", (json_int_t)c->planned, "done", (json_int_t)c->done, "skipped",
			   (json_int_t)c->skipped, "planned_all", c->planned_all, "bytes_total",
			   (json_int_t)c->bytes_total, "bytes_done", (json_int_t)c->bytes_done,
			   "bytes_per_s_in", p->down_rate, "bytes_per_s_out", p->up_rate, "wait",
			   wait_names[c->wait], "wait_s", (json_int_t)wait_seconds(p, c), "offline_s",
			   (json_int_t)(p->offline_ns / SECOND), "away_dc", (json_int_t)p->away_dc,
			   "eta_s", (json_int_t)eta_seconds(p, c)));
}

void progress_step(struct progress *p, struct clone *clone, uint64_t *until_ns)
{
	const struct options *o = app_options(p->app);
	uint64_t now = ring_now(p->ring);
	bool live = app_is_live(p->app) && o->progress == PROGRESS_AUTO && !o->json && !o->quiet;
	struct clone_progress c;
	struct clone_note note;
	char line[200];

	while (clone_next_note(clone, &note))
		show_note(p, &note);
	if (!p->looked)
		look(p, clone, &c);
	if (o->progress == PROGRESS_OFF)
		return;
	if (live && *until_ns > p->drawn_ns + SECOND / 2)
		*until_ns = p->drawn_ns + SECOND / 2;
	if (!(live && now >= p->drawn_ns + SECOND / 2) && now < p->line_ns)
		return;
	look(p, clone, &c);
	p->drawn_ns = now;
	if (live) {
		draw_live(p, clone, &c);
		return;
	}
	p->line_ns = now + 60 * SECOND;
	if (o->json) {
		draw_json(p, &c);
	} else if (!o->quiet) {
		whole_line(p, &c, line, sizeof(line));
		app_say(p->app, "%s", line);
	}
}

void progress_text(struct progress *p, struct clone *clone, char *out, size_t size)
{
	struct clone_progress c;

	look(p, clone, &c);
	whole_line(p, &c, out, size);
}

/* ---- summary ---- */

static void reason_line(void *ctx, const char *reason, uint64_t count)
{
	struct progress *p = ctx;

	if (app_options(p->app)->json)
		app_json(p->app, json_pack("{s:s, s:o, s:I}", "event", "skip_reason", "reason",
					   app_text(reason), "count", (json_int_t)count));
	else
		app_say(p->app, "  %6llu  %s", (unsigned long long)count, reason);
}

static void summary_json(struct progress *p, const struct clone_progress *c, double seconds)
{
	app_json(p->app, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "event", "summary", "done",
				   (json_int_t)c->done, "skipped", (json_int_t)c->skipped, "left",
				   (json_int_t)left_of(c), "posts",
				   (json_int_t)c->posts, "bytes_in", (json_int_t)c->down_bytes,
				   "bytes_out", (json_int_t)c->up_bytes, "seconds", seconds));
}

void progress_end(struct progress *p, struct clone *clone, struct ledger *ledger)
{
	double seconds = (double)(ring_now(p->ring) - p->started_ns) / 1e9;
	struct clone_progress c;
	struct clone_note note;
	char in[24], out[24], in_rate[24], out_rate[24];

	while (clone_next_note(clone, &note))
		show_note(p, &note);
	term_live(&p->app->out, NULL, 0);
	clone_progress(clone, &c);
	if (app_options(p->app)->json) {
		summary_json(p, &c, seconds);
	} else {
		size_text(in, sizeof(in), (double)c.down_bytes);
		size_text(out, sizeof(out), (double)c.up_bytes);
		rate_text(in_rate, sizeof(in_rate), c.down_bytes, seconds);
		rate_text(out_rate, sizeof(out_rate), c.up_bytes, seconds);
		app_say(p->app, "cloned %llu message%s, skipped %llu, left %llu",
			(unsigned long long)c.done, plural(c.done), (unsigned long long)c.skipped,
			(unsigned long long)left_of(&c));
		app_say(p->app, "this run: %llu post%s in %.1f s; %s in (%s/s), %s out (%s/s)",
			(unsigned long long)c.posts, plural(c.posts), seconds, in, in_rate, out, out_rate);
	}
	if (c.skipped > 0) {
		if (!app_options(p->app)->json)
			app_say(p->app, "skipped, by reason:");
		ledger_reasons(ledger, reason_line, p);
	}
}
