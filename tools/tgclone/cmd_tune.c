/*
 * tune: the same relay of file parts with one setting after the other, and the flags that won. The
 * target is the file of a message at the real service, or a simulator. Each setting gets connections
 * of its own; keys and login stay.
 */
#include "tools/tgclone/bench_run.h"
#include "tools/tgclone/bench_sweep.h"
#include "tools/tgclone/cmd.h"
#include "tools/tgclone/cores.h"
#include "tools/tgclone/talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SETTLE_S = 2 }; /* connecting and coming home, beside the measurement */

static const char world[] = "messages=1,docs=1x2000MB,seed=1";

struct tune {
	struct app *app;
	struct app point_app; /* with the options of the setting in hand */
	struct far far;
	bool simulated;
	struct load_file file;
	struct bench_report *report;
	struct sweep sweep;
};

static uint64_t now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec;
}

/* ---- one setting ---- */

static void set_point(struct tune *t, const struct bench_point *p)
{
	struct options *o = &t->point_app.options;

	o->links_down = o->links_up = p->links;
	o->inflight = p->inflight;
	o->part_size = p->part;
	o->cores = p->cores;
}

static int load_file(struct tune *t, struct client *cl)
{
	int code = 0;

	if (t->file.file.size > 0)
		return 0;
	if (!t->simulated)
		return bench_linked(cl, app_options(t->app)->message, &t->file);
	for (size_t i = 0; code == 0 && far_chat(&t->far, i) != 0; i++)
		code = bench_largest(cl, far_chat(&t->far, i), &t->file);
	if (code == 0 && t->file.file.size < app_options(t->app)->part_size)
		return app_fail(t->app, EXIT_UNAVAILABLE,
				"the far side has no file of at least one part: tgsim --synth %s has", world);
	return code;
}

static int measure(struct tune *t, struct bench_point *p)
{
	struct bench_run *run = calloc(1, sizeof(*run));
	struct bench_engines e;
	struct load_options load = {.cl = &e.cl,
				    .kind = LOAD_BOTH,
				    .file = &t->file,
				    .part_size = p->part,
				    .seconds = (double)app_options(t->app)->seconds,
				    .far = t->far.pid};
	struct load_upload left;
	int code;

	check(run != NULL);
	set_point(t, p);
	snprintf(run->name, sizeof(run->name), "relay");
	code = bench_engines_open(&e, &t->point_app);
	load.crew = e.crew;
	if (code == 0)
		code = load_file(t, &e.cl);
	if (code == 0)
		code = load_run(&load, run, &left);
	code = bench_engines_close(&e, code);
	p->rate = bench_rate(run);
	p->cpu_per_gb = bench_cpu_per_gb(run);
	free(run);
	return code;
}

/* ---- all ---- */

static int sweep(struct tune *t)
{
	const struct options *o = app_options(t->app);
	uint64_t end = now_s() + (uint64_t)o->within_ns / 1000000000;
	struct bench_point p;
	bool late = false;
	int code = 0;

	while (!late && sweep_next(&t->sweep, &p)) {
		code = far_check(&t->far);
		code = code == 0 ? measure(t, &p) : code;
		if (code != 0)
			break; /* nothing was measured */
		sweep_got(&t->sweep, &p);
		app_note(t->app, "connections %2u, in flight %2u, parts of %uK, cores %u: %.1f MB/s",
			 p.links, p.inflight, p.part / 1024, p.cores, p.rate / 1e6);
		late = now_s() + (uint64_t)o->seconds + SETTLE_S > end;
	}
	if (late)
		bench_report_note(t->report, "the time given by --within was up: more time may find better");
	if (code == 0)
		sweep_end(&t->sweep);
	return code;
}

static int open_target(struct tune *t)
{
	const struct options *o = app_options(t->app);
	int code;

	t->simulated = o->message == NULL;
	t->point_app = *t->app;
	if (!t->simulated)
		return 0;
	code = far_open(&t->far, t->app, o->synth != NULL ? o->synth : world, false);
	t->point_app = t->far.sub;
	return code;
}

static int check_flags(struct app *app)
{
	const struct options *o = app_options(app);

	if (o->message != NULL && options_origin(o, "synth") == FROM_FLAG)
		return app_fail(app, EXIT_USAGE,
				"message and synth exclude each other: one names the real service, one a "
				"simulator");
	if (o->message == NULL && o->dc_config != NULL && options_origin(o, "synth") == FROM_FLAG)
		return app_fail(app, EXIT_USAGE,
				"synth and dc-config exclude each other: one makes a simulator, one names it");
	if (o->test && o->message == NULL)
		return app_fail(app, EXIT_USAGE, "--test needs --message, which names the target there");
	if (o->within_ns / 1000000000 < o->seconds)
		return app_fail(app, EXIT_USAGE,
				"within is shorter than one measurement: allowed %llds..1h",
				(long long)o->seconds);
	return bench_check(app);
}

int cmd_tune(struct app *app, int argc, char **argv)
{
	struct tune t = {.app = app, .report = NULL};
	const struct options *o = app_options(app);
	struct bench_point start = {.links = (uint32_t)options_links(o, o->links_down).first,
				    .inflight = (uint32_t)o->inflight,
				    .part = (uint32_t)o->part_size,
				    .cores = (uint32_t)o->cores};
	int code = argc == 0 ? check_flags(app)
			     : app_fail(app, EXIT_USAGE, "tune takes no operand (\"%.40s\")", argv[0]);

	if (code != 0)
		return code;
	t.report = bench_report_new("tune");
	bench_head(app, t.report);
	sweep_init(&t.sweep, t.report, &start, (uint32_t)(o->buffer / CHUNK_STRIDE), (uint32_t)cores_allowed());
	code = open_target(&t);
	if (code == 0)
		code = sweep(&t);
	if (t.simulated)
		code = far_close(&t.far, code);
	if (code == 0)
		code = bench_tell(app, t.report);
	free(t.report);
	return code;
}
