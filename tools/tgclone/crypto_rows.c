/*
 * What a bench of the kernels does, through the same calls that the data path makes, and its clock.
 * Owns the table of rows and the bytes that are worked on; which kernels are in use is the caller's.
 */
#include "tools/tgclone/crypto_rows.h"

#include "proto/base/check.h"
#include "proto/crypto/digest.h"
#include "proto/crypto/fused.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum {
	STRIDE = 525440, /* as in the slab: a multiple of 64, not of 4096 */
	SLOTS = 2 * CRYPTO_LANES,
};

static const struct crypto_row rows[] = {
    {"relay", "portable", 2, CRYPTO_RELAY},
    {"relay, one by one", "aes+sha", 1, CRYPTO_RELAY},
    {"relay", "aes+sha", 8, CRYPTO_RELAY},
    {"relay", "aes+vaes+sha", 8, CRYPTO_RELAY},
    {"relay, fused, one by one", "aes+sha+fused", 1, CRYPTO_RELAY},
    {"relay, fused, a pair", "aes+sha+fused", 2, CRYPTO_RELAY},
    {"relay, sixteen at a time", "aes+sha+fused+avx512", 16, CRYPTO_RELAY},
    {"relay, what is in use", "auto", 16, CRYPTO_RELAY},
    {"download", "portable", 2, CRYPTO_OPEN},
    {"download", "aes+vaes+sha", 8, CRYPTO_OPEN},
    {"download, what is in use", "auto", 8, CRYPTO_OPEN},
    {"upload", "portable", 2, CRYPTO_SEAL},
    {"upload", "aes+sha", 8, CRYPTO_SEAL},
    {"upload, what is in use", "auto", 8, CRYPTO_SEAL},
    {"AES-256-IGE encrypt", "portable", 2, CRYPTO_ENCRYPT},
    {"AES-256-IGE encrypt", "aes", 1, CRYPTO_ENCRYPT},
    {"AES-256-IGE encrypt", "aes", 4, CRYPTO_ENCRYPT},
    {"AES-256-IGE encrypt", "aes+vaes", 8, CRYPTO_ENCRYPT},
    {"AES-256-IGE encrypt", "aes+vaes", 16, CRYPTO_ENCRYPT},
    {"AES-256-IGE decrypt", "portable", 2, CRYPTO_DECRYPT},
    {"AES-256-IGE decrypt", "aes", 4, CRYPTO_DECRYPT},
    {"AES-256-IGE decrypt", "aes+vaes", 8, CRYPTO_DECRYPT},
    {"SHA-256", "portable", 2, CRYPTO_HASH},
    {"SHA-256", "sha", 1, CRYPTO_HASH},
    {"SHA-256, side by side", "sha", 8, CRYPTO_HASH},
    {"SHA-256, sixteen at a time", "aes+sha+fused+avx512", 16, CRYPTO_HASH},
};

static_assert(countof(rows) <= CRYPTO_ROWS, "a caller has room for each row");

const struct crypto_row *crypto_rows(uint32_t *count)
{
	*count = countof(rows);
	return rows;
}

bool crypto_bench_open(struct crypto_bench *w)
{
	*w = (struct crypto_bench){.lanes = 1};
	w->slots = mmap(NULL, (size_t)SLOTS * STRIDE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	for (size_t i = 0; i < 32; i++)
		w->key[i] = w->iv[i] = w->hash_key[i] = (uint8_t)(3 * i);
	return w->slots != MAP_FAILED;
}

void crypto_bench_close(struct crypto_bench *w)
{
	munmap(w->slots, (size_t)SLOTS * STRIDE);
}

uint8_t *crypto_bench_slot(struct crypto_bench *w, size_t i)
{
	return w->slots + i * STRIDE + 32;
}

/* ---- the work ---- */

static void fill_jobs(struct crypto_bench *w, struct ige_job *jobs, size_t from)
{
	for (size_t i = 0; i < w->lanes; i++) {
		memcpy(jobs[i].key, w->key, 32);
		memcpy(jobs[i].iv, w->iv, 32);
		jobs[i].data = crypto_bench_slot(w, from + i);
		jobs[i].len = CRYPTO_MESSAGE;
	}
}

static void fill_opens(struct crypto_bench *w, struct fused_open *opens, bool leaves)
{
	for (size_t i = 0; i < w->lanes; i++) {
		struct fused_open *o = &opens[i];

		*o = (struct fused_open){.data = crypto_bench_slot(w, i),
					 .len = CRYPTO_MESSAGE,
					 .hash_key = w->hash_key,
					 .new_hash_key = leaves ? w->hash_key + 32 : NULL,
					 .new_head = cspan_of(w->head, CRYPTO_HEAD),
					 .body_at = CRYPTO_HEAD,
					 .body_len = CRYPTO_FILE,
					 .new_tail = cspan_of(w->tail, CRYPTO_PADDING)};
		memcpy(o->key, w->key, 32);
		memcpy(o->iv, w->iv, 32);
	}
}

static void run_fused(struct crypto_bench *w, bool leaves)
{
	struct fused_open opens[CRYPTO_LANES];
	struct ige_job jobs[CRYPTO_LANES];

	fill_opens(w, opens, leaves);
	if (leaves)
		fill_jobs(w, jobs, CRYPTO_LANES);
	fused_run(opens, w->lanes, jobs, leaves ? w->lanes : 0);
}

static void run_hash(struct crypto_bench *w)
{
	struct digest_job jobs[CRYPTO_LANES];

	for (size_t i = 0; i < w->lanes; i++)
		jobs[i] = (struct digest_job){
		    .parts = {{w->hash_key, 32}, {crypto_bench_slot(w, i), CRYPTO_MESSAGE}}};
	digest_sha256_batch(jobs, w->lanes);
}

static void run_ige(struct crypto_bench *w, bool decrypt)
{
	struct ige_job jobs[CRYPTO_LANES];

	fill_jobs(w, jobs, 0);
	if (decrypt)
		ige_decrypt_batch(jobs, w->lanes);
	else
		ige_encrypt_batch(jobs, w->lanes);
}

void crypto_bench_run(struct crypto_bench *w, enum crypto_work work)
{
	check(w->lanes > 0 && w->lanes <= CRYPTO_LANES);
	if (work == CRYPTO_RELAY || work == CRYPTO_OPEN)
		run_fused(w, work == CRYPTO_RELAY);
	if (work == CRYPTO_SEAL || work == CRYPTO_HASH)
		run_hash(w);
	if (work == CRYPTO_SEAL || work == CRYPTO_ENCRYPT || work == CRYPTO_DECRYPT)
		run_ige(w, work == CRYPTO_DECRYPT);
}

/* ---- the clock ---- */

static double thread_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double crypto_bench_time(struct crypto_bench *w, void (*run)(struct crypto_bench *, enum crypto_work),
			 enum crypto_work work, double least)
{
	double start, spent;
	size_t laps = 0;

	run(w, work);
	start = thread_seconds();
	do {
		run(w, work);
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

void crypto_bench_sort(double *seconds, size_t turns)
{
	qsort(seconds, turns, sizeof(double), by_size);
}
