/*
 * Numbers of a bench into a table and into JSON. Owns the report's memory and its arithmetic; where
 * the numbers come from is bench_load.c's and bench_crypto.c's business, the page is bench_html.c.
 */
#include "tools/tgclone/bench_report.h"

#include "proto/base/check.h"
#include "tools/tgclone/talk.h"

#include <stdarg.h>
#include <stdlib.h>

enum { LINE = 256 };

static const double GB = 1e9, MB = 1e6;

struct bench_report *bench_report_new(const char *kind)
{
	struct bench_report *r = calloc(1, sizeof(*r));

	check(r != NULL);
	snprintf(r->kind, sizeof(r->kind), "%s", kind);
	return r;
}

struct bench_run *bench_report_run(struct bench_report *r, const char *name)
{
	struct bench_run *run;

	if (r->run_count == BENCH_RUNS)
		return NULL;
	run = &r->runs[r->run_count++];
	snprintf(run->name, sizeof(run->name), "%s", name);
	run->far = -1;
	return run;
}

struct bench_kernel *bench_report_kernel(struct bench_report *r)
{
	return r->kernel_count < BENCH_KERNELS ? &r->kernels[r->kernel_count++] : NULL;
}

struct bench_point *bench_report_point(struct bench_report *r)
{
	return r->point_count < BENCH_POINTS ? &r->points[r->point_count++] : NULL;
}

void bench_report_note(struct bench_report *r, const char *format, ...)
{
	va_list args;

	if (r->note_count == BENCH_NOTES)
		return;
	va_start(args, format);
	vsnprintf(r->notes[r->note_count++], sizeof(r->notes[0]), format, args);
	va_end(args);
}

bool bench_run_sample(struct bench_run *run, const struct bench_sample *s)
{
	bool room = run->sample_count < BENCH_SAMPLES;

	if (!room) {
		run->sample_count = BENCH_SAMPLES / 2;
		for (uint32_t i = 0; i < run->sample_count; i++)
			run->samples[i] = run->samples[2 * i];
	}
	run->samples[run->sample_count++] = *s;
	return room;
}

double bench_rate(const struct bench_run *run)
{
	return run->seconds > 0 ? run->bytes / run->seconds : 0;
}

double bench_cpu_per_gb(const struct bench_run *run)
{
	return run->bytes > 0 ? (run->user + run->system) / run->bytes * GB : 0;
}

double bench_far_per_gb(const struct bench_run *run)
{
	return run->far < 0 ? -1 : run->bytes > 0 ? run->far / run->bytes * GB : 0;
}

/* ---- the table ---- */

struct out {
	void (*line)(void *ctx, const char *text);
	void *ctx;
};

static void put(const struct out *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(const struct out *o, const char *format, ...)
{
	char text[LINE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	o->line(o->ctx, text);
}

static void put_run(const struct out *o, const struct bench_run *run)
{
	char far[16] = "not known", limit[16] = "-";
	double share = run->bytes > 0 ? run->bytes / GB : 1;

	if (run->far >= 0)
		snprintf(far, sizeof(far), "%.2f", bench_far_per_gb(run));
	if (run->limit > 0)
		snprintf(limit, sizeof(limit), "%.0f %%", 100 * bench_rate(run) / run->limit);
	put(o, "%-10s %9.1f %8.2f %8.2f %8.2f %8.2f %10s %8.0f %8s %6u", run->name,
	    bench_rate(run) / MB, run->seconds, bench_cpu_per_gb(run), run->user / share,
	    run->system / share, far, run->rss_peak / MB, limit, run->waits);
}

static void put_runs(const struct out *o, const struct bench_report *r)
{
	put(o, "%-10s %9s %8s %8s %8s %8s %10s %8s %8s %6s", "", "MB/s", "seconds", "CPU s/GB",
	    "user", "kernel", "far s/GB", "peak MB", "of limit", "waits");
	for (uint32_t i = 0; i < r->run_count; i++)
		put_run(o, &r->runs[i]);
	for (uint32_t i = 0; i < r->run_count; i++) {
		const struct bench_run *run = &r->runs[i];

		if (run->limit > 0)
			put(o, "limit of %s: %.0f MB/s, %s", run->name, run->limit / MB,
			    run->limit_text);
	}
}

static void put_kernels(const struct out *o, const struct bench_report *r)
{
	put(o, "%-30s %-20s %2s %8s %8s %8s", "", "kernels", "n", "GB/s", "best", "times");
	for (uint32_t i = 0; i < r->kernel_count; i++) {
		const struct bench_kernel *k = &r->kernels[i];

		if (!k->here)
			put(o, "%-30s %-20s %2u   not run here", k->what, k->cpu, k->lanes);
		else
			put(o, "%-30s %-20s %2u %8.3f %8.3f %8.1f", k->what, k->cpu, k->lanes,
			    k->median / GB, k->best / GB, k->times);
	}
}

static void put_points(const struct out *o, const struct bench_report *r)
{
	put(o, "%11s %8s %9s %5s %9s %8s", "connections", "inflight", "part-size", "cores", "MB/s",
	    "CPU s/GB");
	for (uint32_t i = 0; i < r->point_count; i++) {
		const struct bench_point *p = &r->points[i];
		char cores[12] = "-";

		if (p->cores > 0)
			snprintf(cores, sizeof(cores), "%u", p->cores);
		put(o, "%11u %8u %8uK %5s %9.1f %8.2f%s", p->links, p->inflight, p->part / 1024, cores,
		    p->rate / MB, p->cpu_per_gb, p->won ? "  won" : "");
	}
	if (r->flags[0] != '\0')
		put(o, "flags: %s", r->flags);
}

void bench_table(const struct bench_report *r, void (*line)(void *, const char *), void *ctx)
{
	struct out o = {line, ctx};

	put(&o, "%s", r->machine);
	if (r->settings[0] != '\0')
		put(&o, "%s", r->settings);
	if (r->run_count > 0)
		put_runs(&o, r);
	if (r->kernel_count > 0)
		put_kernels(&o, r);
	if (r->point_count > 0)
		put_points(&o, r);
	for (uint32_t i = 0; i < r->note_count; i++)
		put(&o, "%s", r->notes[i]);
}

/* ---- JSON ---- */

/* NULL, which packs as null, when the number is not known. */
static json_t *number_if(bool known, double v)
{
	return known ? json_real(v) : NULL;
}

static json_t *links_json(const struct bench_run *run)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < run->link_count; i++) {
		const struct bench_link *l = &run->links[i];

		json_array_append_new(
			list, json_pack("{s:s, s:f, s:f, s:f, s:I}", "name", l->name, "bytes_in", l->in,
					"bytes_out", l->out, "rtt_ms", l->rtt_ms, "resent",
					(json_int_t)l->resent));
	}
	return list;
}

static json_t *samples_json(const struct bench_run *run)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < run->sample_count; i++) {
		const struct bench_sample *s = &run->samples[i];

		json_array_append_new(
			list, json_pack("{s:f, s:f, s:f, s:f, s:f, s:o?}", "at_s", s->at_s, "bytes_in",
					s->in, "bytes_out", s->out, "user_s", s->user, "system_s",
					s->system, "far_s", number_if(s->far >= 0, s->far)));
	}
	return list;
}

static json_t *run_json(const struct bench_report *r, const struct bench_run *run)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:f, s:f}", "event", "bench", "bench",
			      r->kind, "run", run->name, "seconds", run->seconds, "bytes", run->bytes,
			      "bytes_in", run->bytes_in, "bytes_out", run->bytes_out, "mb_per_s",
			      bench_rate(run) / MB);
	json_t *more = json_pack(
		"{s:f, s:f, s:f, s:o?, s:f, s:o?, s:s, s:I, s:o, s:o}", "cpu_s_per_gb",
		bench_cpu_per_gb(run), "user_s", run->user, "system_s", run->system, "far_cpu_s_per_gb",
		number_if(run->far >= 0, bench_far_per_gb(run)), "rss_peak_mb", run->rss_peak / MB,
		"limit_mb_per_s", number_if(run->limit > 0, run->limit / MB), "limit", run->limit_text,
		"waits", (json_int_t)run->waits, "links", links_json(run), "samples", samples_json(run));

	json_object_update(o, more);
	json_decref(more);
	return o;
}

static json_t *kernel_json(const struct bench_kernel *k)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:b, s:f, s:f, s:f}", "event", "bench", "bench",
			 "crypto", "run", k->what, "kernels", k->cpu, "lanes", (json_int_t)k->lanes,
			 "here", k->here, "gb_per_s", k->median / GB, "best_gb_per_s", k->best / GB,
			 "times", k->times);
}

static json_t *point_json(const struct bench_point *p)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:o?, s:f, s:f, s:b}", "event", "point", "connections",
			 (json_int_t)p->links, "inflight", (json_int_t)p->inflight, "part_size",
			 (json_int_t)p->part, "cores",
			 p->cores > 0 ? json_integer(p->cores) : NULL, "mb_per_s", p->rate / MB,
			 "cpu_s_per_gb", p->cpu_per_gb, "won", p->won);
}

void bench_json(const struct bench_report *r, void (*event)(void *, json_t *), void *ctx)
{
	for (uint32_t i = 0; i < r->run_count; i++)
		event(ctx, run_json(r, &r->runs[i]));
	for (uint32_t i = 0; i < r->kernel_count; i++)
		event(ctx, kernel_json(&r->kernels[i]));
	for (uint32_t i = 0; i < r->point_count; i++)
		event(ctx, point_json(&r->points[i]));
	if (r->flags[0] != '\0')
		event(ctx, json_pack("{s:s, s:s}", "event", "tuned", "flags", r->flags));
	for (uint32_t i = 0; i < r->note_count; i++)
		event(ctx, json_pack("{s:s, s:o}", "event", "info", "text",
				     app_text(r->notes[i])));
}
