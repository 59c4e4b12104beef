/*
 * bench clone: the whole job, every file streamed, from a made-up chat into an empty one of our own
 * simulator: history, plan, ledger, posts and bytes, with the pace off. The job is the clone command
 * itself, in this process; its words go to a file in memory, where its summary is read.
 */
#include "tools/tgclone/bench_run.h"
#include "tools/tgclone/bench_sample.h"
#include "tools/tgclone/cmd.h"
#include "tools/tgclone/talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static const char world[] = "messages=300,photos=40,docs=8x64MB,seed=7";

/* The last event of the clone: what it moved. */
static bool read_summary(int fd, struct bench_run *run, uint64_t *done)
{
	FILE *f = fdopen(fd, "r");
	bool found = false;
	char line[4096];

	if (f == NULL)
		return false;
	rewind(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		json_t *event = json_loads(line, 0, NULL);
		const char *name = json_string_value(json_object_get(event, "event"));

		if (name != NULL && strcmp(name, "summary") == 0) {
			run->bytes_in = (double)json_integer_value(json_object_get(event, "bytes_in"));
			run->bytes_out = (double)json_integer_value(json_object_get(event, "bytes_out"));
			*done = (uint64_t)json_integer_value(json_object_get(event, "done"));
			found = true;
		}
		json_decref(event);
	}
	fclose(f);
	run->bytes = run->bytes_out;
	return found;
}

/* The options of the clone command for this job; the chats' names live in texts. */
static void clone_options(struct far *far, char texts[2][32])
{
	struct options *o = &far->sub.options;

	for (size_t i = 0; i < 2; i++)
		snprintf(texts[i], sizeof(texts[i]), "%lld", (long long)far_chat(far, i));
	o->source = texts[0];
	o->target = texts[1];
	o->arg_count = 0;
	o->mode = MODE_STREAM;
	o->rate = (struct option_rate){0};
	o->interval_ns = 0;
	o->json = true;
	o->quiet = true;
}

static int run_clone(struct far *far, struct bench_run *run, uint64_t *done)
{
	int fd = memfd_create("tgclone-bench", MFD_CLOEXEC);
	struct sampler *sampler;
	char texts[2][32];
	int code;

	if (fd < 0)
		return app_fail(far->app, EXIT_CREATE, "memory for the clone's words: %s", strerror(errno));
	clone_options(far, texts);
	term_init(&far->sub.out, fd);
	sampler = sampler_start(run, far->pid);
	code = cmd_clone(&far->sub, 0, NULL);
	if (sampler != NULL)
		sampler_stop(&sampler);
	if (code == EXIT_SKIPPED)
		code = 0;
	if (!read_summary(fd, run, done) && code == 0)
		code = app_fail(far->app, EXIT_INTERNAL, "the clone said nothing at its end");
	return code;
}

int bench_do_clone(struct app *app)
{
	struct bench_report *r = bench_report_new("clone");
	struct bench_run *run = bench_report_run(r, "clone");
	const char *synth = app_options(app)->synth;
	struct far far;
	uint64_t done = 0;
	int code;

	synth = synth != NULL ? synth : world;
	code = far_open(&far, app, synth, true);
	bench_head(app, r);
	if (code == 0) {
		bench_limit(run, CRYPTO_RELAY, (uint32_t)app_options(app)->cores, true);
		app_note(app, "cloning %s", synth);
		code = far_check(&far);
	}
	if (code == 0)
		code = run_clone(&far, run, &done);
	if (code == 0)
		bench_report_note(r, "world %s: %llu message%s cloned, every file streamed, pace off", synth,
				  (unsigned long long)done, plural(done));
	code = far_close(&far, code);
	if (code == 0)
		code = bench_tell(app, r);
	free(r);
	return code;
}
