/*
 * bench net: file parts between this process and a simulator, without history, messages or ledger:
 * down alone, up alone, and both as a relay.
 */
#include "tools/tgclone/bench_run.h"
#include "tools/tgclone/talk.h"

#include <stdlib.h>

static const char world[] = "messages=1,docs=1x2000MB,seed=1";

struct net_bench {
	struct far far;
	struct load_file file;
	struct bench_report *report;
};

static int find_file(struct net_bench *b, struct client *cl)
{
	uint32_t part = (uint32_t)app_options(b->far.app)->part_size;
	int64_t chat;
	int code = 0;

	if (b->file.file.size > 0)
		return 0;
	for (size_t i = 0; code == 0 && (chat = far_chat(&b->far, i)) != 0; i++) {
		code = bench_largest(cl, chat, &b->file);
		if (b->file.file.size >= 64 * (int64_t)part)
			return 0;
	}
	if (code == 0 && b->file.file.size < part)
		return app_fail(b->far.app, EXIT_UNAVAILABLE,
				"the far side has no file of at least one part: tgsim --synth %s has", world);
	return code;
}

static int load(struct net_bench *b, struct bench_engines *e, struct bench_run *run,
		enum load_kind kind)
{
	const struct options *o = app_options(b->far.app);
	struct load_options load = {.cl = &e->cl,
				    .crew = e->crew,
				    .kind = kind,
				    .file = &b->file,
				    .part_size = (uint32_t)o->part_size,
				    .seconds = (double)o->seconds,
				    .far = b->far.pid};
	struct load_upload left;

	app_note(b->far.app, "%s for %lld s", run->name, (long long)o->seconds);
	return load_run(&load, run, &left);
}

/* Engines on other cores relay parts; one way alone is one engine's. */
static int one_run(struct net_bench *b, enum load_kind kind)
{
	static const char *const names[] = {"download", "upload", "both"};
	static const enum crypto_work works[] = {CRYPTO_OPEN, CRYPTO_SEAL, CRYPTO_RELAY};
	struct bench_run *run = bench_report_run(b->report, names[kind]);
	struct app app = b->far.sub;
	struct bench_engines e;
	int code = far_check(&b->far);

	if (code != 0)
		return code;
	app.options.cores = kind == LOAD_BOTH ? app.options.cores : 1;
	bench_limit(run, works[kind], (uint32_t)app.options.cores, b->far.loopback);
	code = bench_engines_open(&e, &app);
	if (code == 0)
		code = find_file(b, &e.cl);
	if (code == 0)
		code = load(b, &e, run, kind);
	return bench_engines_close(&e, code);
}

int bench_do_net(struct app *app)
{
	struct net_bench b = {.report = bench_report_new("net")};
	const char *synth = app_options(app)->synth;
	int code = far_open(&b.far, app, synth != NULL ? synth : world, false);

	bench_head(app, b.report);
	for (int kind = LOAD_DOWN; kind <= LOAD_BOTH && code == 0; kind++)
		code = one_run(&b, (enum load_kind)kind);
	if (code == 0)
		bench_report_note(b.report,
				  "both: what is downloaded goes up again; rates are of file bytes, of both "
				  "the bytes that arrived on the far side");
	if (code == 0 && app_options(app)->cores > 1)
		bench_report_note(b.report, "download and upload alone are one core's");
	code = far_close(&b.far, code);
	if (code == 0)
		code = bench_tell(app, b.report);
	free(b.report);
	return code;
}
