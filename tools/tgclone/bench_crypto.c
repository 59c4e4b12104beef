/*
 * Timing the kernels. Rows are timed in turns, so that a noisy moment hits all alike; the figures are
 * the median and the best of the turns. Time is the thread's CPU time: other processes cost a row its
 * caches, not its clock. Which kernels are in use is changed row by row and put back at the end.
 */
#include "tools/tgclone/bench_crypto.h"

#include "proto/base/check.h"
#include "proto/crypto/cpu.h"
#include "proto/crypto/digest.h"
#include "proto/crypto/fused.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum {
	HEAD = 60,
	FILE_BYTES = 512 * 1024,
	PADDING = 20,
	MESSAGE = HEAD + FILE_BYTES + PADDING,
	STRIDE = 525440, /* as in the slab: a multiple of 64, not of 4096 */
	LANES = 16,
	SLOTS = 2 * LANES,
	TURNS = 9,
};

struct work {
	uint8_t *slots;
	uint8_t key[32], iv[32], hash_key[64], head[HEAD], tail[PADDING];
	size_t lanes;
};

struct row {
	const char *what, *cpu;
	uint32_t lanes;
	bool relay;
	void (*run)(struct work *);
	double seconds[TURNS]; /* of one message */
	bool here;
};

static uint8_t *slot(struct work *w, size_t i)
{
	return w->slots + i * STRIDE + 32;
}

static bool work_open(struct work *w)
{
	*w = (struct work){.lanes = 1};
	w->slots = mmap(NULL, (size_t)SLOTS * STRIDE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	for (size_t i = 0; i < 32; i++)
		w->key[i] = w->iv[i] = w->hash_key[i] = (uint8_t)(3 * i);
	return w->slots != MAP_FAILED;
}

static void work_close(struct work *w)
{
	munmap(w->slots, (size_t)SLOTS * STRIDE);
}

/* ---- the work ---- */

static void fill_jobs(struct work *w, struct ige_job *jobs, size_t from)
{
	for (size_t i = 0; i < w->lanes; i++) {
		memcpy(jobs[i].key, w->key, 32);
		memcpy(jobs[i].iv, w->iv, 32);
		jobs[i].data = slot(w, from + i);
		jobs[i].len = MESSAGE;
	}
}

static void fill_opens(struct work *w, struct fused_open *opens, bool leaves)
{
	for (size_t i = 0; i < w->lanes; i++) {
		struct fused_open *o = &opens[i];

		*o = (struct fused_open){.data = slot(w, i),
					 .len = MESSAGE,
					 .hash_key = w->hash_key,
					 .new_hash_key = leaves ? w->hash_key + 32 : NULL,
					 .new_head = cspan_of(w->head, HEAD),
					 .body_at = HEAD,
					 .body_len = FILE_BYTES,
					 .new_tail = cspan_of(w->tail, PADDING)};
		memcpy(o->key, w->key, 32);
		memcpy(o->iv, w->iv, 32);
	}
}

static void run_relay(struct work *w)
{
	struct fused_open opens[LANES];
	struct ige_job jobs[LANES];

	fill_opens(w, opens, true);
	fill_jobs(w, jobs, LANES);
	fused_run(opens, w->lanes, jobs, w->lanes);
}

static void run_open(struct work *w)
{
	struct fused_open opens[LANES];

	fill_opens(w, opens, false);
	fused_run(opens, w->lanes, NULL, 0);
}

static void run_hash(struct work *w)
{
	struct digest_job jobs[LANES];

	for (size_t i = 0; i < w->lanes; i++)
		jobs[i] = (struct digest_job){.parts = {{w->hash_key, 32}, {slot(w, i), MESSAGE}}};
	digest_sha256_batch(jobs, w->lanes);
}

static void run_encrypt(struct work *w)
{
	struct ige_job jobs[LANES];

	fill_jobs(w, jobs, 0);
	ige_encrypt_batch(jobs, w->lanes);
}

static void run_decrypt(struct work *w)
{
	struct ige_job jobs[LANES];

	fill_jobs(w, jobs, 0);
	ige_decrypt_batch(jobs, w->lanes);
}

static void run_seal(struct work *w)
{
	run_hash(w);
	run_encrypt(w);
}

static const struct row all_rows[] = {
    {"relay", "portable", 2, true, run_relay, {0}, false},
    {"relay, one by one", "aes+sha", 1, true, run_relay, {0}, false},
    {"relay", "aes+sha", 8, true, run_relay, {0}, false},
    {"relay", "aes+vaes+sha", 8, true, run_relay, {0}, false},
    {"relay, fused, one by one", "aes+sha+fused", 1, true, run_relay, {0}, false},
    {"relay, fused, a pair", "aes+sha+fused", 2, true, run_relay, {0}, false},
    {"relay, sixteen at a time", "aes+sha+fused+avx512", 16, true, run_relay, {0}, false},
    {"relay, what is in use", "auto", 16, true, run_relay, {0}, false},
    {"download", "portable", 2, false, run_open, {0}, false},
    {"download", "aes+vaes+sha", 8, false, run_open, {0}, false},
    {"download, what is in use", "auto", 8, false, run_open, {0}, false},
    {"upload", "portable", 2, false, run_seal, {0}, false},
    {"upload", "aes+sha", 8, false, run_seal, {0}, false},
    {"upload, what is in use", "auto", 8, false, run_seal, {0}, false},
    {"AES-256-IGE encrypt", "portable", 2, false, run_encrypt, {0}, false},
    {"AES-256-IGE encrypt", "aes", 1, false, run_encrypt, {0}, false},
    {"AES-256-IGE encrypt", "aes", 4, false, run_encrypt, {0}, false},
    {"AES-256-IGE encrypt", "aes+vaes", 8, false, run_encrypt, {0}, false},
    {"AES-256-IGE decrypt", "portable", 2, false, run_decrypt, {0}, false},
    {"AES-256-IGE decrypt", "aes", 4, false, run_decrypt, {0}, false},
    {"AES-256-IGE decrypt", "aes+vaes", 8, false, run_decrypt, {0}, false},
    {"SHA-256", "portable", 2, false, run_hash, {0}, false},
    {"SHA-256", "sha", 1, false, run_hash, {0}, false},
    {"SHA-256, side by side", "sha", 8, false, run_hash, {0}, false},
};

static_assert(countof(all_rows) <= BENCH_KERNELS, "a report has room for each row");

/* ---- timing ---- */

static double thread_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Seconds of one message, over at least so much time; the first lap warms the caches. */
static double time_of(struct work *w, void (*run)(struct work *), double least)
{
	double start, spent;
	size_t laps = 0;

	run(w);
	start = thread_seconds();
	do {
		run(w);
		laps++;
		spent = thread_seconds() - start;
	} while (spent < least);
	return spent / (double)(laps * w->lanes);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The names of kernels, as cpu_select reads them. */
static void names_of(uint32_t bits, char *out, size_t size)
{
	size_t used = 0;

	snprintf(out, size, "portable");
	for (uint32_t bit = 1; bit != 0 && bit <= CPU_ALL; bit <<= 1) {
		if (!(bits & bit) || used >= size)
			continue;
		used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? "+" : "",
					 cpu_kernel_name((enum cpu_kernel)bit));
	}
}

/* What is in use may have been chosen by the user: "auto" here means just that. */
static bool choose(const char *cpu, const char *in_use)
{
	return cpu_select(strcmp(cpu, "auto") == 0 ? in_use : cpu) == 0;
}

static void time_rows(struct work *w, struct row *rows, double slice, const char *in_use)
{
	for (int turn = 0; turn < TURNS; turn++) {
		for (size_t i = 0; i < countof(all_rows); i++) {
			rows[i].here = choose(rows[i].cpu, in_use);
			w->lanes = rows[i].lanes;
			if (rows[i].here)
				rows[i].seconds[turn] = time_of(w, rows[i].run, slice);
		}
	}
	check(cpu_select(in_use) == 0);
}

static void report_row(struct bench_report *r, struct row *row, double *base)
{
	struct bench_kernel *k = bench_report_kernel(r);
	double median;

	check(k != NULL);
	snprintf(k->what, sizeof(k->what), "%s", row->what);
	snprintf(k->cpu, sizeof(k->cpu), "%s", row->cpu);
	k->lanes = row->lanes;
	k->here = row->here;
	k->relay = row->relay;
	if (!row->here)
		return;
	qsort(row->seconds, TURNS, sizeof(double), by_size);
	median = row->seconds[TURNS / 2];
	if (strcmp(row->cpu, "portable") == 0)
		*base = median;
	k->median = MESSAGE / median;
	k->best = MESSAGE / row->seconds[0];
	k->times = *base / median;
}

int bench_crypto_all(struct bench_report *r, double seconds)
{
	double slice = seconds / (TURNS * countof(all_rows)), base = 0;
	struct row rows[countof(all_rows)];
	char in_use[64];
	struct work w;

	if (!work_open(&w))
		return -ENOMEM;
	memcpy(rows, all_rows, sizeof(rows));
	names_of(cpu_active(), in_use, sizeof(in_use));
	time_rows(&w, rows, slice, in_use);
	for (size_t i = 0; i < countof(rows); i++)
		report_row(r, &rows[i], &base);
	bench_report_note(r, "in use: %s; times: to the portable row above; one thread, CPU time", in_use);
	work_close(&w);
	return 0;
}

double bench_crypto_rate(enum crypto_work what, double seconds)
{
	static void (*const runs[])(struct work *) = {
	    [CRYPTO_RELAY] = run_relay, [CRYPTO_OPEN] = run_open, [CRYPTO_SEAL] = run_seal};
	struct work w;
	double rate;

	if (!work_open(&w))
		return 0;
	w.lanes = 8;
	rate = MESSAGE / time_of(&w, runs[what], seconds);
	work_close(&w);
	return rate;
}
