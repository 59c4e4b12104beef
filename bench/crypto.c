/*
 * What each kernel and each way of working does on this machine, in GB of message a second, against
 * what OpenSSL offers, all in one run: rows are timed in turns, so that a noisy minute hits all
 * alike. A message is a relayed part as on the wire: 60 bytes of head, 512 KiB of file, 20 of
 * padding. Median and best of the turns; the ratio is of the medians. Time is the thread's CPU
 * time: other processes cost a row its caches, not its clock.
 *
 * usage: crypto [turns]        (default 15)
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* AES_ige_encrypt: what other clients use */

#include "proto/base/check.h"
#include "proto/crypto/authkey.h"
#include "proto/crypto/cpu.h"
#include "proto/crypto/digest.h"
#include "proto/crypto/fused.h"
#include "proto/crypto/kernels_priv.h"

#include <openssl/aes.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum {
	HEAD = 60,
	FILE_BYTES = 512 * 1024,
	PADDING = 20,
	MESSAGE = HEAD + FILE_BYTES + PADDING,
	STRIDE = 525440, /* a multiple of 64, not of 4096 */
	SLOTS = 32,
	TURNS_MAX = 101,
};

struct work {
	uint8_t *slots;
	uint8_t key[32], iv[32], hash_key[64], head[HEAD], tail[PADDING];
	size_t lanes; /* messages side by side */
};

struct row {
	const char *what;
	const char *cpu;
	size_t lanes;
	void (*run)(struct work *);
	int base; /* the row that the ratio is to: rows up, 0 for itself */
	double seconds[TURNS_MAX];
};

static uint8_t *slot(struct work *w, size_t i)
{
	return w->slots + i * STRIDE + 32;
}

static void openssl_ige(struct work *w, uint8_t *data, int encrypt)
{
	uint8_t iv[32];
	AES_KEY key;

	memcpy(iv, w->iv, 32);
	if (encrypt)
		AES_set_encrypt_key(w->key, 256, &key);
	else
		AES_set_decrypt_key(w->key, 256, &key);
	AES_ige_encrypt(data, data, MESSAGE, &key, iv, encrypt);
}

static void openssl_hash(struct work *w, const uint8_t *data)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t out[32];

	EVP_DigestInit_ex(c, EVP_sha256(), NULL);
	EVP_DigestUpdate(c, w->hash_key, 32);
	EVP_DigestUpdate(c, data, MESSAGE);
	EVP_DigestFinal_ex(c, out, NULL);
	EVP_MD_CTX_free(c);
}

static void run_openssl_encrypt(struct work *w)
{
	for (size_t i = 0; i < w->lanes; i++)
		openssl_ige(w, slot(w, i), 1);
}

static void run_openssl_decrypt(struct work *w)
{
	for (size_t i = 0; i < w->lanes; i++)
		openssl_ige(w, slot(w, i), 0);
}

static void run_openssl_hash(struct work *w)
{
	for (size_t i = 0; i < w->lanes; i++)
		openssl_hash(w, slot(w, i));
}

static void run_openssl_relay(struct work *w)
{
	for (size_t i = 0; i < w->lanes; i++) {
		openssl_ige(w, slot(w, i), 0);
		openssl_hash(w, slot(w, i));
		openssl_hash(w, slot(w, i));
		openssl_ige(w, slot(w, i), 1);
	}
}

static void fill_jobs(struct work *w, struct ige_job *jobs, size_t from)
{
	for (size_t i = 0; i < w->lanes; i++) {
		memcpy(jobs[i].key, w->key, 32);
		memcpy(jobs[i].iv, w->iv, 32);
		jobs[i].data = slot(w, from + i);
		jobs[i].len = MESSAGE;
	}
}

static void run_encrypt(struct work *w)
{
	struct ige_job jobs[SLOTS];

	fill_jobs(w, jobs, 0);
	ige_encrypt_batch(jobs, w->lanes);
}

static void run_decrypt(struct work *w)
{
	struct ige_job jobs[SLOTS];

	fill_jobs(w, jobs, 0);
	ige_decrypt_batch(jobs, w->lanes);
}

static void run_hash(struct work *w)
{
	for (size_t i = 0; i < w->lanes; i++) {
		struct cspan parts[2] = {{w->hash_key, 32}, {slot(w, i), MESSAGE}};
		uint8_t out[32];

		digest_sha256(out, parts, 2);
	}
}

static void run_hash_pair(struct work *w)
{
	uint32_t state[2][8] = {{0}};

	for (size_t i = 0; i < w->lanes; i += 2) {
		const uint8_t *both[2] = {slot(w, i), slot(w, i + 1)};

		sha256_pair_blocks(state, both, MESSAGE / 64);
	}
}

static void run_hash_twin(struct work *w)
{
	uint32_t state[2][8] = {{0}};

	for (size_t i = 0; i < w->lanes; i++)
		sha256_twin_blocks(state, slot(w, i), MESSAGE / 64);
}

static void fill_opens(struct work *w, struct fused_open *opens, bool leaves)
{
	for (size_t i = 0; i < w->lanes; i++) {
		struct fused_open *o = &opens[i];

		memset(o, 0, sizeof(*o));
		memcpy(o->key, w->key, 32);
		memcpy(o->iv, w->iv, 32);
		o->data = slot(w, i);
		o->len = MESSAGE;
		o->hash_key = w->hash_key;
		o->new_hash_key = leaves ? w->hash_key + 32 : NULL;
		o->new_head = cspan_of(w->head, HEAD);
		o->body_at = HEAD;
		o->body_len = FILE_BYTES;
		o->new_tail = cspan_of(w->tail, PADDING);
	}
}

static void run_open_only(struct work *w)
{
	struct fused_open opens[SLOTS];

	fill_opens(w, opens, false);
	fused_run(opens, w->lanes, NULL, 0);
}

static void run_relay(struct work *w)
{
	struct fused_open opens[SLOTS];
	struct ige_job jobs[SLOTS];

	fill_opens(w, opens, true);
	fill_jobs(w, jobs, SLOTS / 2);
	fused_run(opens, w->lanes, jobs, w->lanes);
}

/* The ratio of a row is to the OpenSSL row above it. */
static struct row rows[] = {
    {"IGE encrypt, OpenSSL", NULL, 2, run_openssl_encrypt, 0, {0}},
    {"IGE encrypt, ECB by block", "portable", 2, run_encrypt, 1, {0}},
    {"IGE encrypt", "aes", 1, run_encrypt, 2, {0}},
    {"IGE encrypt", "aes", 2, run_encrypt, 3, {0}},
    {"IGE encrypt", "aes", 4, run_encrypt, 4, {0}},
    {"IGE encrypt", "aes", 16, run_encrypt, 5, {0}},
    {"IGE encrypt", "aes+vaes", 6, run_encrypt, 6, {0}},
    {"IGE encrypt", "aes+vaes", 8, run_encrypt, 7, {0}},
    {"IGE encrypt", "aes+vaes", 9, run_encrypt, 8, {0}},
    {"IGE encrypt", "aes+vaes", 16, run_encrypt, 9, {0}},
    {"IGE decrypt, OpenSSL", NULL, 2, run_openssl_decrypt, 0, {0}},
    {"IGE decrypt", "aes", 1, run_decrypt, 1, {0}},
    {"IGE decrypt", "aes", 4, run_decrypt, 2, {0}},
    {"IGE decrypt", "aes+vaes", 8, run_decrypt, 3, {0}},
    {"SHA-256, OpenSSL", NULL, 2, run_openssl_hash, 0, {0}},
    {"SHA-256, plain C", "portable", 2, run_hash, 1, {0}},
    {"SHA-256", "sha", 2, run_hash, 2, {0}},
    {"SHA-256, two side by side", "sha", 4, run_hash_pair, 3, {0}},
    {"SHA-256 twice the same", "sha", 4, run_hash_twin, 4, {0}},
    {"relay, OpenSSL", NULL, 2, run_openssl_relay, 0, {0}},
    {"relay, plain way", "portable", 2, run_relay, 1, {0}},
    {"relay, plain way, one by one", "aes+sha", 1, run_relay, 2, {0}},
    {"relay, plain way", "aes+sha", 8, run_relay, 3, {0}},
    {"relay, plain way", "aes+vaes+sha", 8, run_relay, 4, {0}},
    {"relay, fused, one by one", "aes+sha+fused", 1, run_relay, 5, {0}},
    {"relay, fused", "aes+sha+fused", 2, run_relay, 6, {0}},
    {"relay, fused", "auto", 8, run_relay, 7, {0}},
    {"relay, sixteen at a time", "aes+vaes+sha+fused+avx512", 16, run_relay, 8, {0}},
    {"open only, plain way", "aes+sha", 8, run_open_only, 9, {0}},
    {"open only, plain way", "aes+vaes+sha", 8, run_open_only, 10, {0}},
    {"open only, fused", "aes+sha+fused", 8, run_open_only, 11, {0}},
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* At least two milliseconds of work a turn, so that the clock and the set-up do not count. */
static void time_row(struct work *w, struct row *r, int turn)
{
	double start, spent;
	int laps = 0;

	if (r->cpu != NULL && cpu_select(r->cpu) != 0) {
		r->run = NULL; /* not this machine */
		return;
	}
	w->lanes = r->lanes;
	r->run(w);
	start = now();
	do {
		r->run(w);
		laps++;
		spent = now() - start;
	} while (spent < 2e-3);
	r->seconds[turn] = spent / (laps * (double)r->lanes);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_row(const struct row *r, int turns)
{
	const struct row *base = r - r->base;
	double median = r->seconds[turns / 2];

	if (r->run == NULL) {
		printf("%-30s %-25s %2zu   not on this machine\n", r->what, r->cpu, r->lanes);
		return;
	}
	printf("%-30s %-25s %2zu %8.3f %8.3f %8.1f\n", r->what, r->cpu == NULL ? "-" : r->cpu,
	       r->lanes, MESSAGE / median * 1e-9, MESSAGE / r->seconds[0] * 1e-9,
	       base->seconds[turns / 2] / median);
}

int main(int argc, char **argv)
{
	int turns = argc > 1 ? atoi(argv[1]) : 15;
	struct work w = {0};

	if (turns < 1 || turns > TURNS_MAX) {
		fprintf(stderr, "crypto: turns must be 1 to %d\n", TURNS_MAX);
		return 64;
	}
	w.slots = mmap(NULL, (size_t)SLOTS * STRIDE + 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	check(w.slots != MAP_FAILED);
	for (size_t i = 0; i < 32; i++)
		w.key[i] = w.iv[i] = w.hash_key[i] = (uint8_t)(3 * i);
	for (int turn = 0; turn < turns; turn++)
		for (size_t i = 0; i < countof(rows); i++)
			if (rows[i].run != NULL)
				time_row(&w, &rows[i], turn);
	printf("%-30s %-25s %2s %8s %8s %8s\n", "", "kernels", "n", "GB/s", "best", "times");
	for (size_t i = 0; i < countof(rows); i++) {
		qsort(rows[i].seconds, (size_t)turns, sizeof(double), by_size);
		print_row(&rows[i], turns);
	}
	return 0;
}
