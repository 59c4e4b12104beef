/*
 * The page of a report: style, a table and the pictures, in one file that loads nothing and runs
 * nothing. Well-formed as XML behind its doctype, so that any parser reads it.
 */
#include "proto/base/check.h"
#include "tools/tgclone/bench_report.h"
#include "tools/tgclone/bench_svg.h"

#include <errno.h>

static const double GB = 1e9, MB = 1e6;

static const char style[] =
	":root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#667;--grid:#d9dde3;--s0:#0b62c4;"
	"--s1:#c2410c;--s2:#15803d;--s3:#7c3aed;--warn:#b91c1c}\n"
	"@media(prefers-color-scheme:dark){:root{--bg:#14171b;--fg:#e6e9ee;--dim:#9aa4b2;--grid:#2d333b;"
	"--s0:#5aa9ff;--s1:#ff9f5a;--s2:#5fd38a;--s3:#b79cff;--warn:#ff7b7b}}\n"
	"body{background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif;margin:2em auto;"
	"max-width:60em;padding:0 1em}\n"
	"h1{font-size:1.4em}h2{font-size:1.15em;margin-top:2em}p{color:var(--dim);margin:.3em 0}\n"
	"table{border-collapse:collapse;margin:1em 0;font-variant-numeric:tabular-nums}\n"
	"th,td{padding:.25em .7em;text-align:right;border-bottom:1px solid var(--grid)}\n"
	"th:first-child,td:first-child{text-align:left}\n"
	"svg{width:100%;height:auto;margin:.8em 0}svg text{fill:var(--fg);font:12px system-ui,sans-serif}\n"
	"svg .head{font-weight:600;font-size:13px}svg .end{text-anchor:end;fill:var(--dim)}\n"
	"svg .mid{text-anchor:middle;fill:var(--dim)}svg .warn{fill:var(--warn)}\n"
	".grid{stroke:var(--grid)}.limit{stroke:var(--warn);stroke-width:1.5;stroke-dasharray:6 4}\n"
	"polyline{fill:none;stroke-width:2}.s0{stroke:var(--s0)}.s1{stroke:var(--s1)}.s2{stroke:var(--s2)}"
	".s3{stroke:var(--s3)}\n"
	".f0{fill:var(--s0)}.f1{fill:var(--s1)}.f2{fill:var(--s2)}.f3{fill:var(--s3)}\n";

static void tagged(FILE *f, const char *tag, const char *text)
{
	fprintf(f, "<%s>", tag);
	svg_text(f, text);
	fprintf(f, "</%s>\n", tag);
}

static void cell(FILE *f, const char *tag, const char *text)
{
	fprintf(f, "<%s>", tag);
	svg_text(f, text);
	fprintf(f, "</%s>", tag);
}

static void cell_number(FILE *f, bool known, int decimals, double v)
{
	char text[32] = "not known";

	if (known)
		snprintf(text, sizeof(text), "%.*f", decimals, v);
	cell(f, "td", text);
}

static void heads(FILE *f, const char *const *names, size_t count)
{
	fputs("<table>\n<tr>", f);
	for (size_t i = 0; i < count; i++)
		cell(f, "th", names[i]);
	fputs("</tr>\n", f);
}

/* ---- runs ---- */

static void runs_table(FILE *f, const struct bench_report *r)
{
	static const char *const names[] = {"",	      "MB/s",	  "seconds",
					    "CPU s/GB", "far side's CPU s/GB", "peak MB",
					    "limit MB/s", "waits"};

	heads(f, names, countof(names));
	for (uint32_t i = 0; i < r->run_count; i++) {
		const struct bench_run *run = &r->runs[i];

		fputs("<tr>", f);
		cell(f, "td", run->name);
		cell_number(f, true, 1, bench_rate(run) / MB);
		cell_number(f, true, 2, run->seconds);
		cell_number(f, true, 2, bench_cpu_per_gb(run));
		cell_number(f, run->far >= 0, 2, bench_far_per_gb(run));
		cell_number(f, true, 0, run->rss_peak / MB);
		cell_number(f, run->limit > 0, 0, run->limit / MB);
		cell_number(f, true, 0, run->waits);
		fputs("</tr>\n", f);
	}
	fputs("</table>\n", f);
}

/* Differences of neighbouring samples over time: rates in MB/s, or shares of a core. */
struct curves {
	double x[BENCH_SAMPLES], in[BENCH_SAMPLES], out[BENCH_SAMPLES];
	double user[BENCH_SAMPLES], system[BENCH_SAMPLES], far[BENCH_SAMPLES];
	uint32_t count;
	bool far_known;
};

static void curves_of(const struct bench_run *run, struct curves *c)
{
	c->count = 0;
	c->far_known = run->sample_count > 1;
	for (uint32_t i = 1; i < run->sample_count; i++) {
		const struct bench_sample *a = &run->samples[i - 1], *b = &run->samples[i];
		double dt = b->at_s - a->at_s;

		if (dt <= 0)
			continue;
		c->x[c->count] = b->at_s;
		c->in[c->count] = (b->in - a->in) / dt / MB;
		c->out[c->count] = (b->out - a->out) / dt / MB;
		c->user[c->count] = 100 * (b->user - a->user) / dt;
		c->system[c->count] = 100 * (b->system - a->system) / dt;
		c->far[c->count] = 100 * (b->far - a->far) / dt;
		c->far_known &= a->far >= 0 && b->far >= 0;
		c->count++;
	}
}

static void throughput_picture(FILE *f, const struct bench_run *run, const struct curves *c)
{
	struct svg_lines lines = {.title = "Throughput over time",
				  .unit = "MB/s on the wire",
				  .series = {{"in", c->x, c->in, c->count}, {"out", c->x, c->out, c->count}},
				  .series_count = 2,
				  .limit = run->limit / MB,
				  .limit_text = run->limit_text};

	svg_lines(f, &lines);
}

static void cpu_picture(FILE *f, const struct curves *c)
{
	struct svg_lines lines = {.title = "CPU over time",
				  .unit = "% of one core",
				  .series = {{"tgclone, user", c->x, c->user, c->count},
					     {"tgclone, kernel", c->x, c->system, c->count},
					     {"simulator", c->x, c->far, c->count}},
				  .series_count = c->far_known ? 3 : 2,
				  .limit_text = ""};

	svg_lines(f, &lines);
}

static void links_picture(FILE *f, const struct bench_run *run)
{
	struct svg_bar bars[BENCH_LINKS];
	struct svg_bars all = {.title = "Per connection",
			       .unit = "MB/s on the wire",
			       .name_a = "in",
			       .name_b = "out",
			       .bars = bars,
			       .count = run->link_count,
			       .limit_text = ""};
	double seconds = run->seconds > 0 ? run->seconds : 1;

	for (uint32_t i = 0; i < run->link_count; i++)
		bars[i] = (struct svg_bar){run->links[i].name, run->links[i].in / seconds / MB,
					   run->links[i].out / seconds / MB, NULL};
	if (run->link_count > 0)
		svg_bars(f, &all);
}

static void one_run(FILE *f, const struct bench_run *run)
{
	struct curves c;

	tagged(f, "h2", run->name);
	curves_of(run, &c);
	throughput_picture(f, run, &c);
	cpu_picture(f, &c);
	links_picture(f, run);
}

/* ---- kernels ---- */

static void kernels_picture(FILE *f, const struct bench_report *r)
{
	char names[BENCH_KERNELS][64];
	struct svg_bar bars[BENCH_KERNELS];
	struct svg_bars all = {.title = "Cipher kernels, one core",
			       .unit = "GB/s of messages",
			       .name_a = "median",
			       .name_b = "best",
			       .bars = bars,
			       .count = r->kernel_count,
			       .limit = 0.59,
			       .limit_text = "0.59 GB/s: what an internet gateway's 5 Gbit/s carries"};

	for (uint32_t i = 0; i < r->kernel_count; i++) {
		const struct bench_kernel *k = &r->kernels[i];

		snprintf(names[i], sizeof(names[i]), "%.31s, %.13s, %u", k->what, k->cpu, k->lanes);
		bars[i] = (struct svg_bar){names[i], k->median / GB, k->best / GB,
					   k->here ? NULL : "not run here"};
	}
	svg_bars(f, &all);
}

/* ---- a sweep ---- */

static void points_table(FILE *f, const struct bench_report *r)
{
	static const char *const names[] = {"connections", "inflight", "part-size K", "cores",
					    "MB/s",	   "CPU s/GB", ""};

	heads(f, names, countof(names));
	for (uint32_t i = 0; i < r->point_count; i++) {
		const struct bench_point *p = &r->points[i];

		fputs("<tr>", f);
		cell_number(f, true, 0, p->links);
		cell_number(f, true, 0, p->inflight);
		cell_number(f, true, 0, p->part / 1024.0);
		cell_number(f, p->cores > 0, 0, p->cores);
		cell_number(f, true, 1, p->rate / MB);
		cell_number(f, true, 2, p->cpu_per_gb);
		cell(f, "td", p->won ? "won" : "");
		fputs("</tr>\n", f);
	}
	fputs("</table>\n", f);
}

static void points_picture(FILE *f, const struct bench_report *r)
{
	char names[BENCH_POINTS][64];
	struct svg_bar bars[BENCH_POINTS];
	struct svg_bars all = {.title = "Settings",
			       .unit = "MB/s",
			       .name_a = "file bytes",
			       .bars = bars,
			       .count = r->point_count,
			       .limit_text = ""};

	for (uint32_t i = 0; i < r->point_count; i++) {
		const struct bench_point *p = &r->points[i];

		snprintf(names[i], sizeof(names[i]), "%u x %u x %uK%s", p->links, p->inflight,
			 p->part / 1024, p->won ? " (won)" : "");
		bars[i] = (struct svg_bar){names[i], p->rate / MB, -1, NULL};
	}
	svg_bars(f, &all);
}

int bench_html(const struct bench_report *r, FILE *f)
{
	char title[64];

	snprintf(title, sizeof(title), "tgclone %s%s", strcmp(r->kind, "tune") == 0 ? "" : "bench ",
		 r->kind);
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width\"/>\n",
	      f);
	tagged(f, "title", title);
	fprintf(f, "<style>\n%s</style>\n</head>\n<body>\n", style);
	tagged(f, "h1", title);
	tagged(f, "p", r->date);
	tagged(f, "p", r->machine);
	tagged(f, "p", r->settings);
	if (r->run_count > 0)
		runs_table(f, r);
	for (uint32_t i = 0; i < r->run_count; i++)
		one_run(f, &r->runs[i]);
	if (r->kernel_count > 0)
		kernels_picture(f, r);
	if (r->point_count > 0) {
		points_table(f, r);
		points_picture(f, r);
	}
	if (r->flags[0] != '\0')
		tagged(f, "p", r->flags);
	for (uint32_t i = 0; i < r->note_count; i++)
		tagged(f, "p", r->notes[i]);
	fputs("</body>\n</html>\n", f);
	return fflush(f) == 0 && !ferror(f) ? 0 : errno != 0 ? -errno : -EIO;
}
