/*
 * What a bench or a sweep found, as plain numbers, and the ways it is shown: a table for people, JSON
 * lines, and one self-contained page. Building them reads no clock and no file, so the same numbers
 * give the same text.
 */
#ifndef TGCLONE_TOOLS_BENCH_REPORT_H
#define TGCLONE_TOOLS_BENCH_REPORT_H

#include "proto/base/bytes.h"

#include <jansson.h>
#include <stdio.h>

enum {
	BENCH_RUNS = 4,
	BENCH_SAMPLES = 512,
	BENCH_LINKS = 64,
	BENCH_KERNELS = 40,
	BENCH_POINTS = 128,
	BENCH_NOTES = 8,
};

/* Counters since the run began. */
struct bench_sample {
	double at_s;
	double in, out;      /* bytes on the wire */
	double user, system; /* CPU seconds of this process */
	double far;          /* of the simulator; below 0: not known */
};

/* One connection, as the kernel counted it. */
struct bench_link {
	char name[64];
	double in, out; /* bytes on the wire */
	double rtt_ms;
	uint32_t resent; /* segments */
};

/* One measurement: a direction, or both. */
struct bench_run {
	char name[24];
	double seconds;
	double bytes;           /* file bytes that the rate is of */
	double bytes_in, bytes_out; /* file bytes each way */
	double user, system, far;   /* CPU seconds; far below 0: not known */
	double rss_peak;        /* bytes, of this process so far */
	double limit;           /* bytes a second; 0: not known */
	char limit_text[96];
	uint32_t waits;         /* times the server asked for patience */
	uint32_t sample_count, link_count;
	struct bench_sample samples[BENCH_SAMPLES];
	struct bench_link links[BENCH_LINKS];
};

/* One way of computing; of messages as a relay sees them. */
struct bench_kernel {
	char what[40], cpu[24];
	uint32_t lanes;      /* messages side by side */
	bool here;           /* this processor has it, and it gave the known answers */
	bool relay;          /* the whole work on a cloned byte */
	double median, best; /* bytes a second */
	double times;        /* median to the portable way's */
};

/* One setting of a sweep. */
struct bench_point {
	uint32_t links, inflight, part, cores; /* cores 0: no such option */
	double rate;                           /* bytes a second */
	double cpu_per_gb;                     /* seconds */
	bool won;
};

struct bench_report {
	char kind[16]; /* crypto, net, clone, telegram, tune */
	char machine[200], date[32], settings[200];
	char flags[160]; /* of a sweep: what won */
	uint32_t run_count, kernel_count, point_count, note_count;
	struct bench_run runs[BENCH_RUNS];
	struct bench_kernel kernels[BENCH_KERNELS];
	struct bench_point points[BENCH_POINTS];
	char notes[BENCH_NOTES][200];
};

/* Empty report of that kind, on the heap; freed with free(). */
struct bench_report *bench_report_new(const char *kind);
/* The next run, kernel or point; NULL when there is no room. */
struct bench_run *bench_report_run(struct bench_report *, const char *name);
struct bench_kernel *bench_report_kernel(struct bench_report *);
struct bench_point *bench_report_point(struct bench_report *);
void bench_report_note(struct bench_report *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* One more sample; when there is no room every second one goes, and false says so. */
bool bench_run_sample(struct bench_run *, const struct bench_sample *);

double bench_rate(const struct bench_run *);	   /* bytes a second */
double bench_cpu_per_gb(const struct bench_run *); /* seconds; 0 when nothing moved */
double bench_far_per_gb(const struct bench_run *); /* below 0: not known */

/* Lines of the table, one call each. */
void bench_table(const struct bench_report *, void (*line)(void *ctx, const char *text), void *ctx);
/* JSON objects, one call each; the callee owns them. */
void bench_json(const struct bench_report *, void (*event)(void *ctx, json_t *), void *ctx);
/* The page: well-formed, nothing loaded from elsewhere, no scripts. 0 or -errno of the stream. */
int bench_html(const struct bench_report *, FILE *);

#endif
