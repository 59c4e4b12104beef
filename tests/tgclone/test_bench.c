/* bench, tune and doctor without a network: what is built from numbers, walks, links, settings read. */
#include "proto/base/check.h"
#include "tests/tgclone/help.h"
#include "tools/tgclone/bench_far.h"
#include "tools/tgclone/bench_report.h"
#include "tools/tgclone/bench_run.h"
#include "tools/tgclone/bench_sample.h"
#include "tools/tgclone/bench_svg.h"
#include "tools/tgclone/bench_sweep.h"
#include "tools/tgclone/doctor_sys.h"

#include <arpa/inet.h>
#include <math.h>
#include <sys/socket.h>

/* ---- helpers ---- */

struct text {
	char *at;
	size_t len;
	FILE *f;
};

static FILE *text_open(struct text *t)
{
	*t = (struct text){.at = NULL};
	t->f = open_memstream(&t->at, &t->len);
	cr_assert_not_null(t->f);
	return t->f;
}

static const char *text_done(struct text *t)
{
	fclose(t->f);
	return t->at;
}

static int count_of(const char *text, const char *word)
{
	int n = 0;

	for (const char *p = strstr(text, word); p != NULL; p = strstr(p + 1, word))
		n++;
	return n;
}

/* Every tag is closed in order; the doctype and empty elements apart. */
static void expect_well_formed(const char *text)
{
	char stack[64][16];
	int depth = 0;

	for (const char *p = strchr(text, '<'); p != NULL; p = strchr(p + 1, '<')) {
		const char *end = strchr(p, '>');
		size_t len = strcspn(p + 1, " />\n");

		cr_assert_not_null(end, "a tag has no end: %.40s", p);
		if (p[1] == '!')
			continue;
		if (p[1] == '/') {
			len = strcspn(p + 2, ">");
			cr_assert_gt(depth, 0, "closes nothing: %.40s", p);
			depth--;
			cr_assert(strlen(stack[depth]) == len && memcmp(stack[depth], p + 2, len) == 0,
				  "%.30s closes <%s>", p, stack[depth]);
		} else if (end[-1] != '/') {
			cr_assert_lt(depth, 64);
			cr_assert_lt(len, 16);
			snprintf(stack[depth++], 16, "%.*s", (int)len, p + 1);
		}
	}
	cr_assert_eq(depth, 0, "<%s> is not closed", depth > 0 ? stack[depth - 1] : "");
	for (const char *p = strchr(text, '&'); p != NULL; p = strchr(p + 1, '&'))
		cr_assert(strncmp(p, "&lt;", 4) == 0 || strncmp(p, "&gt;", 4) == 0 ||
			      strncmp(p, "&amp;", 5) == 0 || strncmp(p, "&quot;", 6) == 0,
			  "a bare ampersand: %.20s", p);
}

static struct bench_report *two_runs(void)
{
	struct bench_report *r = bench_report_new("net");
	struct bench_run *run = bench_report_run(r, "download");

	snprintf(r->machine, sizeof(r->machine), "a <machine> & \"more\"");
	run->seconds = 2;
	run->bytes = run->bytes_in = 4e9;
	run->user = 3;
	run->system = 1;
	run->far = 6;
	run->rss_peak = 50e6;
	run->limit = 4e9;
	run->waits = 7;
	snprintf(run->limit_text, sizeof(run->limit_text), "a <limit>");
	for (int i = 0; i < 5; i++) {
		struct bench_sample s = {.at_s = 0.5 * i, .in = 1e9 * i, .user = 0.7 * i, .far = i};

		bench_run_sample(run, &s);
	}
	run->link_count = 1;
	run->links[0] = (struct bench_link){"[::1]:443 <b>", 4e9, 1e6, 1.5, 3};
	run = bench_report_run(r, "upload");
	run->seconds = 1;
	return r;
}

/* ---- the report ---- */

Test(bench_report, rates_and_costs)
{
	struct bench_report *r = two_runs();

	cr_assert_float_eq(bench_rate(&r->runs[0]), 2e9, 1);
	cr_assert_float_eq(bench_cpu_per_gb(&r->runs[0]), 1.0, 1e-9);
	cr_assert_float_eq(bench_far_per_gb(&r->runs[0]), 1.5, 1e-9);
	/* Nothing moved, nothing known: no division by zero, no made-up cost. */
	cr_assert_eq(bench_rate(&r->runs[1]), 0);
	cr_assert_eq(bench_cpu_per_gb(&r->runs[1]), 0);
	cr_assert_lt(bench_far_per_gb(&r->runs[1]), 0);
	r->runs[1].seconds = 0;
	r->runs[1].bytes = 1;
	cr_assert_eq(bench_rate(&r->runs[1]), 0);
	free(r);
}

Test(bench_report, samples_thin_out_when_they_are_too_many)
{
	struct bench_run *run = calloc(1, sizeof(*run));
	int thinned = 0;

	for (int i = 0; i < 3 * BENCH_SAMPLES; i++) {
		struct bench_sample s = {.at_s = i};

		thinned += !bench_run_sample(run, &s);
	}
	cr_assert_eq(thinned, 4);
	cr_assert_leq(run->sample_count, BENCH_SAMPLES);
	cr_assert_eq(run->samples[0].at_s, 0);
	cr_assert_eq(run->samples[run->sample_count - 1].at_s, 3 * BENCH_SAMPLES - 1);
	for (uint32_t i = 1; i < run->sample_count; i++)
		cr_assert_gt(run->samples[i].at_s, run->samples[i - 1].at_s);
	free(run);
}

Test(bench_report, has_its_bounds)
{
	struct bench_report *r = bench_report_new("tune");

	for (int i = 0; i < BENCH_RUNS; i++)
		cr_assert_not_null(bench_report_run(r, "x"));
	cr_assert_null(bench_report_run(r, "x"));
	for (int i = 0; i < BENCH_POINTS; i++)
		cr_assert_not_null(bench_report_point(r));
	cr_assert_null(bench_report_point(r));
	for (int i = 0; i < BENCH_NOTES + 3; i++)
		bench_report_note(r, "note %d", i);
	cr_assert_eq(r->note_count, BENCH_NOTES);
	free(r);
}

struct lines {
	char all[8192];
};

static void add_line(void *ctx, const char *text)
{
	struct lines *l = ctx;
	size_t used = strlen(l->all);

	snprintf(l->all + used, sizeof(l->all) - used, "%s\n", text);
}

Test(bench_report, table_tells_what_is_known)
{
	struct bench_report *r = two_runs();
	struct lines l = {""};

	bench_table(r, add_line, &l);
	cr_assert(strstr(l.all, "download      2000.0     2.00     1.00     0.75     0.25       1.50") !=
		      NULL, "%s", l.all);
	cr_assert(strstr(l.all, "50 %") != NULL, "%s", l.all);
	cr_assert(strstr(l.all, "limit of download: 4000 MB/s, a <limit>") != NULL, "%s", l.all);
	cr_assert(strstr(l.all, "not known") != NULL, "%s", l.all);
	cr_assert(strstr(l.all, "limit of upload") == NULL, "%s", l.all);
	free(r);
}

struct caught {
	json_t *all;
};

static void catch_event(void *ctx, json_t *event)
{
	struct caught *c = ctx;

	cr_assert_not_null(event, "an event could not be packed");
	json_array_append_new(c->all, event);
}

static double number_at(const json_t *o, const char *key)
{
	cr_assert(json_is_number(json_object_get(o, key)), "%s", key);
	return json_number_value(json_object_get(o, key));
}

Test(bench_report, json_has_numbers_and_nulls)
{
	struct bench_report *r = two_runs();
	struct caught c = {json_array()};
	const json_t *run;

	bench_json(r, catch_event, &c);
	run = json_array_get(c.all, 0);
	cr_assert_str_eq(json_string_value(json_object_get(run, "run")), "download");
	cr_assert_float_eq(number_at(run, "mb_per_s"), 2000, 1e-6);
	cr_assert_float_eq(number_at(run, "cpu_s_per_gb"), 1, 1e-6);
	cr_assert_float_eq(number_at(run, "far_cpu_s_per_gb"), 1.5, 1e-6);
	cr_assert_float_eq(number_at(run, "limit_mb_per_s"), 4000, 1e-6);
	cr_assert_eq(json_integer_value(json_object_get(run, "waits")), 7);
	cr_assert_eq(json_array_size(json_object_get(run, "samples")), 5);
	cr_assert_eq(json_array_size(json_object_get(run, "links")), 1);
	run = json_array_get(c.all, 1);
	cr_assert(json_is_null(json_object_get(run, "far_cpu_s_per_gb")));
	cr_assert(json_is_null(json_object_get(run, "limit_mb_per_s")));
	json_decref(c.all);
	free(r);
}

Test(bench_report, json_of_kernels_and_points)
{
	struct bench_report *r = bench_report_new("tune");
	struct bench_kernel *k = bench_report_kernel(r);
	struct caught c = {json_array()};

	*k = (struct bench_kernel){.what = "relay", .cpu = "aes", .lanes = 2};
	*bench_report_point(r) = (struct bench_point){4, 8, 65536, 0, 5e6, 1.25, true};
	snprintf(r->flags, sizeof(r->flags), "--inflight 8");
	bench_json(r, catch_event, &c);
	cr_assert_eq(json_array_size(c.all), 3);
	cr_assert(json_is_false(json_object_get(json_array_get(c.all, 0), "here")));
	cr_assert(json_is_null(json_object_get(json_array_get(c.all, 1), "cores")));
	cr_assert(json_is_true(json_object_get(json_array_get(c.all, 1), "won")));
	cr_assert_float_eq(number_at(json_array_get(c.all, 1), "mb_per_s"), 5, 1e-9);
	cr_assert_str_eq(json_string_value(json_object_get(json_array_get(c.all, 2), "flags")),
			 "--inflight 8");
	json_decref(c.all);
	free(r);
}

/* ---- the page ---- */

Test(bench_html, is_well_formed_and_stands_alone)
{
	struct bench_report *r = two_runs();
	struct text t;
	const char *page;

	cr_assert_eq(bench_html(r, text_open(&t)), 0);
	page = text_done(&t);
	expect_well_formed(page);
	cr_assert_eq(strncmp(page, "<!DOCTYPE html>\n", 16), 0);
	cr_assert(strstr(page, "a &lt;machine&gt; &amp; &quot;more&quot;") != NULL);
	cr_assert(strstr(page, "[::1]:443 &lt;b&gt;") != NULL);
	cr_assert(strstr(page, "a &lt;limit&gt;") != NULL);
	cr_assert(strstr(page, "prefers-color-scheme:dark") != NULL);
	cr_assert_eq(count_of(page, "<svg "), 5); /* two runs, one of them with connections */
	cr_assert_eq(count_of(page, "class=\"limit\""), 1);
	cr_assert_eq(count_of(page, "://"), count_of(page, "xmlns=\"http://www.w3.org/2000/svg\""));
	for (const char *const *p = (const char *const[]){"<script", "src=", "href=", "url(", "@import",
							   "nan", "inf", NULL};
	     *p != NULL; p++)
		cr_assert_null(strstr(page, *p), "%s", *p);
	free(t.at);
	free(r);
}

Test(bench_html, kernels_and_points)
{
	struct bench_report *r = bench_report_new("tune");
	struct text t;
	const char *page;

	*bench_report_kernel(r) = (struct bench_kernel){.what = "gone", .cpu = "avx", .lanes = 16};
	*bench_report_kernel(r) =
		(struct bench_kernel){.what = "here", .cpu = "aes", .lanes = 4, .here = true,
				      .median = 1e9, .best = 2e9};
	*bench_report_point(r) = (struct bench_point){4, 8, 65536, 2, 5e6, 1.25, true};
	snprintf(r->flags, sizeof(r->flags), "--flag <x>");
	cr_assert_eq(bench_html(r, text_open(&t)), 0);
	page = text_done(&t);
	expect_well_formed(page);
	cr_assert(strstr(page, "not run here") != NULL);
	cr_assert(strstr(page, "4 x 8 x 64K (won)") != NULL);
	cr_assert(strstr(page, "--flag &lt;x&gt;") != NULL);
	free(t.at);
	free(r);
}

Test(bench_html, tells_of_a_full_disk)
{
	struct bench_report *r = two_runs();
	FILE *f = fopen("/dev/full", "w");

	cr_assert_not_null(f);
	cr_assert_lt(bench_html(r, f), 0);
	fclose(f);
	free(r);
}

Test(bench_svg, steps_are_round_and_few)
{
	for (double max = 1e-3; max < 1e7; max *= 1.37) {
		double step = svg_step(max), digit = step / pow(10, floor(log10(step) + 1e-9));

		cr_assert_leq(max / step, 6.0001, "%g in steps of %g", max, step);
		cr_assert_geq(max / step, 1, "%g in steps of %g", max, step);
		cr_assert(fabs(digit - 1) < 1e-6 || fabs(digit - 2) < 1e-6 || fabs(digit - 5) < 1e-6,
			  "%g", step);
	}
	cr_assert_eq(svg_step(0), 1);
	cr_assert_eq(svg_step(-5), 1);
}

Test(bench_svg, text_that_is_no_text)
{
	struct text t;

	svg_text(text_open(&t), "a\x01\xff<&>\"z");
	cr_assert_str_eq(text_done(&t), "a??&lt;&amp;&gt;&quot;z");
	free(t.at);
}

Test(bench_svg, points_stay_inside_the_picture)
{
	double x[] = {0, 1, 2, 3}, y[] = {0, 900, 20, 1e6};
	struct svg_lines c = {.title = "t", .unit = "u", .series = {{"s", x, y, 4}}, .series_count = 1,
			      .limit = 5e5, .limit_text = "l"};
	struct text t;
	const char *points;
	float px, py;
	int used;

	svg_lines(text_open(&t), &c);
	points = strstr(text_done(&t), "points=\"");
	cr_assert_not_null(points);
	for (points += 8; sscanf(points, "%f,%f%n", &px, &py, &used) == 2; points += used)
		cr_assert(px >= 0 && px <= 760 && py >= 0 && py <= 268, "%f %f", px, py);
	cr_assert_eq(*points, '"');
	expect_well_formed(t.at);
	free(t.at);
}

/* ---- the sweep ---- */

/* A made-up machine: best at 8 connections, 2 in flight, parts of 256K. */
static double speed_at(const struct bench_point *p)
{
	return 1e9 / (1 + fabs(log2(p->links / 8.0)) + fabs(log2(p->inflight / 2.0)) +
		      fabs(log2(p->part / 262144.0)));
}

static const struct bench_point usual = {.links = 4, .inflight = 4, .part = 524288, .cores = 1};

Test(bench_sweep, finds_the_best_and_measures_nothing_twice)
{
	struct bench_report *r = bench_report_new("tune");
	struct bench_point p;
	struct sweep s;

	sweep_init(&s, r, &usual, 255, 0);
	while (sweep_next(&s, &p)) {
		for (uint32_t i = 0; i < r->point_count; i++)
			cr_assert(r->points[i].links != p.links || r->points[i].inflight != p.inflight ||
				  r->points[i].part != p.part);
		cr_assert_leq(p.links * p.inflight, 255);
		p.rate = speed_at(&p);
		sweep_got(&s, &p);
	}
	sweep_end(&s);
	cr_assert_str_eq(r->flags, "--connections-down 8 --connections-up 8 --inflight 2 --part-size 256K");
	cr_assert_lt(r->point_count, 40);
	free(r);
}

Test(bench_sweep, cores_only_where_there_are_some)
{
	struct bench_report *r = bench_report_new("tune");
	struct bench_point p;
	struct sweep s;
	uint32_t most = 0;

	sweep_init(&s, r, &usual, 255, 4);
	while (sweep_next(&s, &p)) {
		most = p.cores > most ? p.cores : most;
		p.rate = speed_at(&p) * p.cores;
		sweep_got(&s, &p);
	}
	sweep_end(&s);
	cr_assert_eq(most, 4);
	cr_assert(strstr(r->flags, " --cores 4") != NULL, "%s", r->flags);
	free(r);
}

Test(bench_sweep, of_equals_the_cheaper_one_wins)
{
	struct bench_report *r = bench_report_new("tune");
	struct bench_point p;
	struct sweep s;
	uint32_t won = 0;

	sweep_init(&s, r, &usual, 16, 0);
	while (sweep_next(&s, &p)) {
		cr_assert_leq(p.links * p.inflight, 16);
		p.rate = 1e8;
		sweep_got(&s, &p);
	}
	sweep_end(&s);
	cr_assert(strstr(r->flags, "--connections-down 1 ") != NULL, "%s", r->flags);
	cr_assert(strstr(r->flags, "--inflight 1 ") != NULL, "%s", r->flags);
	for (uint32_t i = 0; i < r->point_count; i++)
		won += r->points[i].won;
	cr_assert_eq(won, 1);
	free(r);
}

Test(bench_sweep, may_end_at_any_moment)
{
	struct bench_report *r = bench_report_new("tune");
	struct bench_point p;
	struct sweep s;

	sweep_init(&s, r, &usual, 255, 0);
	cr_assert(sweep_next(&s, &p));
	cr_assert_eq(p.links, 4);
	p.rate = 1;
	sweep_got(&s, &p);
	sweep_end(&s);
	cr_assert_str_eq(r->flags, "--connections-down 4 --connections-up 4 --inflight 4 --part-size 512K");
	cr_assert(r->points[0].won);
	free(r);
}

/* ---- links to messages ---- */

Test(bench_link, forms_of_a_link)
{
	static const struct {
		const char *link, *chat;
		int32_t message;
	} good[] = {
	    {"https://t.me/c/1234567890/15", "https://t.me/c/1234567890", 15},
	    {"https://t.me/name/15?single", "https://t.me/name", 15},
	    {"t.me/name/3/15", "t.me/name/3", 15},
	    {"-1001234567890/2147483647", "-1001234567890", 2147483647},
	    {"me/7", "me", 7},
	};
	static const char *const bad[] = {"", "/", "15", "/15", "me", "me/", "me/0", "me/x", "me/1x",
					  "me/2147483648", "me/99999999999", "me/-1", "?me/1"};
	char chat[64];
	int32_t id;

	for (size_t i = 0; i < countof(good); i++) {
		cr_assert(bench_split_link(good[i].link, chat, sizeof(chat), &id), "%s", good[i].link);
		cr_assert_str_eq(chat, good[i].chat);
		cr_assert_eq(id, good[i].message);
	}
	for (size_t i = 0; i < countof(bad); i++)
		cr_assert_not(bench_split_link(bad[i], chat, sizeof(chat), &id), "%s", bad[i]);
	cr_assert_not(bench_split_link("abcdef/1", chat, 6, &id));
	cr_assert(bench_split_link("abcde/1", chat, 6, &id));
}

/* ---- the simulator's place ---- */

Test(bench_far, tgsim_is_beside_in_the_build_tree_or_on_path)
{
	struct place p = place_start();
	char self[128], path[200], found[256], want[160];

	snprintf(self, sizeof(self), "%s/tgclone/tgclone", p.dir);
	snprintf(path, sizeof(path), "/no/such::%s/bin", p.dir);
	for (const char *const *d = (const char *const[]){"tgclone", "tgsim", "bin", NULL}; *d; d++) {
		snprintf(want, sizeof(want), "%s/%s", p.dir, *d);
		cr_assert_eq(mkdir(want, 0700), 0);
	}
	cr_assert_not(far_find_tgsim(self, path, found, sizeof(found)));
	cr_assert_not(far_find_tgsim(self, NULL, found, sizeof(found)));
	place_write(&p, "bin/tgsim", "", 0, 0600);
	cr_assert_not(far_find_tgsim(self, path, found, sizeof(found)), "it may not be run");
	chmod(p.path, 0700);
	cr_assert(far_find_tgsim(self, path, found, sizeof(found)));
	cr_assert_str_eq(found, p.path);
	place_write(&p, "tgsim/tgsim", "", 0, 0700);
	cr_assert(far_find_tgsim(self, path, found, sizeof(found)));
	snprintf(want, sizeof(want), "%s/tgclone/../tgsim/tgsim", p.dir);
	cr_assert_str_eq(found, want);
	place_write(&p, "tgclone/tgsim", "", 0, 0700);
	cr_assert(far_find_tgsim(self, path, found, sizeof(found)));
	cr_assert_str_eq(found, p.path);
	place_end(&p);
}

/* ---- sampling ---- */

static void connected(int pair[2])
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_eq(bind(l, (struct sockaddr *)&a, sizeof(a)), 0);
	cr_assert_eq(listen(l, 1), 0);
	cr_assert_eq(getsockname(l, (struct sockaddr *)&a, &len), 0);
	pair[0] = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert_eq(connect(pair[0], (struct sockaddr *)&a, sizeof(a)), 0);
	pair[1] = accept(l, NULL, NULL);
	cr_assert_geq(pair[1], 0);
	close(l);
}

static void push(int pair[2], size_t bytes)
{
	static const char data[4096];
	char back[4096];

	for (; bytes > 0; bytes -= sizeof(data)) {
		cr_assert_eq(send(pair[0], data, sizeof(data), 0), (ssize_t)sizeof(data));
		cr_assert_eq(recv(pair[1], back, sizeof(back), MSG_WAITALL), (ssize_t)sizeof(back));
	}
}

Test(bench_sample, bytes_of_each_connection_since_the_start)
{
	struct bench_run *run = calloc(1, sizeof(*run));
	struct sampler *s;
	int old[2], young[2];

	connected(old);
	push(old, 1 << 20); /* before the start: not counted */
	s = sampler_start(run, getpid());
	cr_assert_not_null(s);
	push(old, 128 << 10);
	connected(young);
	push(young, 256 << 10);
	sampler_stop(&s);
	cr_assert_null(s);
	cr_assert_eq(run->link_count, 4);
	for (uint32_t i = 0; i < run->link_count; i++) {
		double sum = run->links[i].in + run->links[i].out;

		cr_assert(fabs(sum - (128 << 10)) < 4 || fabs(sum - (256 << 10)) < 4, "%f", sum);
		cr_assert_eq(strncmp(run->links[i].name, "127.0.0.1:", 10), 0);
	}
	cr_assert_geq(run->sample_count, 2);
	cr_assert_gt(run->seconds, 0);
	cr_assert_geq(run->far, 0);
	cr_assert_gt(run->rss_peak, 1e6);
	close(old[0]), close(old[1]), close(young[0]), close(young[1]);
	free(run);
}

Test(bench_sample, a_far_side_that_nobody_sees)
{
	struct bench_run *run = calloc(1, sizeof(*run));
	struct sampler *s = sampler_start(run, 0);

	cr_assert_not_null(s);
	sampler_stop(&s);
	cr_assert_lt(run->far, 0);
	cr_assert_eq(run->link_count, 0);
	free(run);
}

/* ---- doctor ---- */

static void put_fact(void *ctx, const char *what, const char *value, const char *mend)
{
	char line[600];

	snprintf(line, sizeof(line), "%s=%s|%s", what, value, mend);
	add_line(ctx, line);
}

static void make_dirs(const struct place *p, const char *path)
{
	char whole[300];
	size_t start = strlen(p->dir);

	snprintf(whole, sizeof(whole), "%s/%s", p->dir, path);
	for (char *c = whole + start + 1; *c != '\0'; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		mkdir(whole, 0700);
		*c = '/';
	}
}

static void put_file(struct place *p, const char *path, const char *text)
{
	make_dirs(p, path);
	place_write(p, path, text, strlen(text), 0600);
}

Test(doctor_sys, what_cannot_be_read_is_not_known)
{
	struct place p = place_start();
	struct lines l = {""};
	struct sys_ear ear = {put_fact, &l};
	char name[32], cpu[SYS_TEXT];

	sys_settings(p.dir, &ear);
	sys_cards(p.dir, &ear);
	cr_assert_str_eq(l.all, "rmem_max=not known|\nwmem_max=not known|\ntcp_rmem=not known|\n"
				"tcp_wmem=not known|\ncongestion control=not known|\n"
				"default_qdisc=not known|\nhuge pages=not known|\n"
				"network card=not known|\n");
	cr_assert_eq(sys_route_speed(p.dir, name, sizeof(name)), -1);
	cr_assert_str_eq(name, "");
	sys_processor(p.dir, cpu, sizeof(cpu));
	cr_assert_str_eq(cpu, "not known");
	place_end(&p);
}

Test(doctor_sys, what_is_low_has_a_command)
{
	struct place p = place_start();
	struct lines l = {""};
	struct sys_ear ear = {put_fact, &l};

	put_file(&p, "proc/sys/net/core/rmem_max", "212992\n");
	put_file(&p, "proc/sys/net/core/wmem_max", "16777216\n");
	put_file(&p, "proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456\n");
	put_file(&p, "proc/sys/net/ipv4/tcp_wmem", "4096\t16384\t16777216\n");
	put_file(&p, "proc/sys/net/ipv4/tcp_congestion_control", "cubic\n");
	put_file(&p, "proc/sys/net/ipv4/tcp_available_congestion_control", "reno cubic bbr2\n");
	put_file(&p, "proc/sys/net/core/default_qdisc", "fq_codel\n");
	put_file(&p, "sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n");
	sys_settings(p.dir, &ear);
	cr_assert_str_eq(
	    l.all, "rmem_max=212992|sysctl -w net.core.rmem_max=16777216\n"
		   "wmem_max=16777216|\n"
		   "tcp_rmem=4096 131072 6291456|sysctl -w net.ipv4.tcp_rmem='4096 131072 16777216'\n"
		   "tcp_wmem=4096 16384 16777216|\n"
		   "congestion control=cubic|modprobe tcp_bbr && sysctl -w "
		   "net.ipv4.tcp_congestion_control=bbr\n"
		   "default_qdisc=fq_codel|sysctl -w net.core.default_qdisc=fq\n"
		   "huge pages=always madvise [never]|echo madvise > "
		   "/sys/kernel/mm/transparent_hugepage/enabled\n");
	put_file(&p, "proc/sys/net/ipv4/tcp_available_congestion_control", "reno cubic bbr\n");
	put_file(&p, "proc/sys/net/core/default_qdisc", "fq\n");
	l.all[0] = '\0';
	sys_settings(p.dir, &ear);
	cr_assert(strstr(l.all, "=cubic|sysctl -w net.ipv4.tcp_congestion_control=bbr\n") != NULL);
	cr_assert(strstr(l.all, "default_qdisc=fq|\n") != NULL);
	place_end(&p);
}

Test(doctor_sys, cards_and_the_default_route)
{
	struct place p = place_start();
	struct lines l = {""};
	struct sys_ear ear = {put_fact, &l};
	char name[32], cpu[SYS_TEXT];

	put_file(&p, "sys/class/net/ens5/speed", "12500\n");
	put_file(&p, "sys/class/net/ens5/queues/rx-0/x", "");
	put_file(&p, "sys/class/net/ens5/queues/rx-1/x", "");
	put_file(&p, "sys/class/net/ens5/queues/tx-0/x", "");
	put_file(&p, "sys/class/net/lo/speed", "1\n");
	put_file(&p, "proc/net/route",
		 "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
		 "eth9\t0000A8C0\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
		 "ens5\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n");
	put_file(&p, "proc/cpuinfo", "processor\t: 0\nmodel name\t: A processor, fast\nflags\t: x\n");
	sys_cards(p.dir, &ear);
	cr_assert_str_eq(l.all, "network card ens5=speed 12500 Mbit/s, queues in 2, out 1|\n");
	cr_assert_eq(sys_route_speed(p.dir, name, sizeof(name)), 12500);
	cr_assert_str_eq(name, "ens5");
	sys_processor(p.dir, cpu, sizeof(cpu));
	cr_assert_str_eq(cpu, "A processor, fast");
	put_file(&p, "sys/class/net/ens5/speed", "-1\n");
	cr_assert_eq(sys_route_speed(p.dir, name, sizeof(name)), -1);
	place_end(&p);
}
