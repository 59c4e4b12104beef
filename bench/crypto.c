/*
 * The rows of `tgclone bench crypto` against what OpenSSL offers, and two kernels that only run inside
 * others, all in one run: rows are timed in turns, so that a noisy minute hits all alike. Median and
 * best of the turns in GB of message a second; the ratio of medians is to OpenSSL's row.
 *
 * usage: crypto [turns]        (default 15)
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* AES_ige_encrypt: what other clients use */

#include "tools/tgclone/crypto_rows.h"

#include "proto/base/bytes.h"
#include "proto/base/check.h"
#include "proto/crypto/cpu.h"
#include "proto/crypto/kernels_priv.h"

#include <openssl/aes.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

enum { TURNS_MAX = 101, OPENSSL_LANES = 2, ROWS_MAX = CRYPTO_ROWS + CRYPTO_WORKS + 2 };

static void openssl_ige(struct crypto_bench *w, uint8_t *data, int encrypt)
{
	uint8_t iv[32];
	AES_KEY key;

	memcpy(iv, w->iv, 32);
	if (encrypt)
		AES_set_encrypt_key(w->key, 256, &key);
	else
		AES_set_decrypt_key(w->key, 256, &key);
	AES_ige_encrypt(data, data, CRYPTO_MESSAGE, &key, iv, encrypt);
}

static void openssl_hash(struct crypto_bench *w, const uint8_t *data)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t out[32];

	EVP_DigestInit_ex(c, EVP_sha256(), NULL);
	EVP_DigestUpdate(c, w->hash_key, 32);
	EVP_DigestUpdate(c, data, CRYPTO_MESSAGE);
	EVP_DigestFinal_ex(c, out, NULL);
	EVP_MD_CTX_free(c);
}

static void run_openssl(struct crypto_bench *w, enum crypto_work work)
{
	bool opens = work == CRYPTO_RELAY || work == CRYPTO_OPEN;
	bool seals = work == CRYPTO_RELAY || work == CRYPTO_SEAL;

	for (size_t i = 0; i < w->lanes; i++) {
		uint8_t *data = crypto_bench_slot(w, i);

		if (opens || work == CRYPTO_DECRYPT)
			openssl_ige(w, data, 0);
		if (opens || work == CRYPTO_HASH)
			openssl_hash(w, data);
		if (seals)
			openssl_hash(w, data);
		if (seals || work == CRYPTO_ENCRYPT)
			openssl_ige(w, data, 1);
	}
}

static void run_hash_pair(struct crypto_bench *w, enum crypto_work work)
{
	uint32_t state[2][8] = {{0}};

	(void)work;
	for (size_t i = 0; i < w->lanes; i += 2) {
		const uint8_t *both[2] = {crypto_bench_slot(w, i), crypto_bench_slot(w, i + 1)};

		sha256_pair_blocks(state, both, CRYPTO_MESSAGE / 64);
	}
}

static void run_hash_twin(struct crypto_bench *w, enum crypto_work work)
{
	uint32_t state[2][8] = {{0}};

	(void)work;
	for (size_t i = 0; i < w->lanes; i++)
		sha256_twin_blocks(state, crypto_bench_slot(w, i), CRYPTO_MESSAGE / 64);
}

struct line {
	struct crypto_row row; /* cpu NULL: whatever is in use */
	void (*run)(struct crypto_bench *, enum crypto_work);
	double seconds[TURNS_MAX];
	bool gone; /* not on this machine */
};

/* OpenSSL's row in front of the rows of each work, the inner kernels at the end. */
static uint32_t fill_lines(struct line *lines)
{
	static const struct crypto_row pair = {"SHA-256, a pair", "sha", 4, CRYPTO_HASH};
	static const struct crypto_row twin = {"SHA-256 twice the same", "sha", 4, CRYPTO_HASH};
	uint32_t count, n = 0;
	const struct crypto_row *rows = crypto_rows(&count);

	for (uint32_t i = 0; i < count; i++) {
		if (i == 0 || rows[i].work != rows[i - 1].work)
			lines[n++] = (struct line){
			    {"OpenSSL", NULL, OPENSSL_LANES, rows[i].work}, run_openssl, {0}, false};
		lines[n++] = (struct line){rows[i], crypto_bench_run, {0}, false};
	}
	lines[n++] = (struct line){pair, run_hash_pair, {0}, false};
	lines[n++] = (struct line){twin, run_hash_twin, {0}, false};
	check(n <= ROWS_MAX);
	return n;
}

static void time_line(struct crypto_bench *w, struct line *l, int turn)
{
	if (l->row.cpu != NULL && cpu_select(l->row.cpu) != 0) {
		l->gone = true;
		return;
	}
	w->lanes = l->row.lanes;
	l->seconds[turn] = crypto_bench_time(w, l->run, l->row.work, 2e-3);
}

static void print_line(const struct line *l, int turns, double base)
{
	double median = l->seconds[turns / 2];

	printf("%-30s %-25s %2u", l->row.what, l->row.cpu == NULL ? "-" : l->row.cpu, l->row.lanes);
	if (l->gone)
		printf("   not on this machine\n");
	else
		printf(" %8.3f %8.3f %8.1f\n", CRYPTO_MESSAGE / median * 1e-9,
		       CRYPTO_MESSAGE / l->seconds[0] * 1e-9, base / median);
}

int main(int argc, char **argv)
{
	static struct line lines[ROWS_MAX];
	int turns = argc > 1 ? atoi(argv[1]) : 15;
	uint32_t count = fill_lines(lines);
	struct crypto_bench w;
	double base = 0;

	if (turns < 1 || turns > TURNS_MAX) {
		fprintf(stderr, "crypto: turns must be 1 to %d\n", TURNS_MAX);
		return 64;
	}
	check(crypto_bench_open(&w));
	for (int turn = 0; turn < turns; turn++)
		for (uint32_t i = 0; i < count; i++)
			time_line(&w, &lines[i], turn);
	printf("%-30s %-25s %2s %8s %8s %8s\n", "", "kernels", "n", "GB/s", "best", "times");
	for (uint32_t i = 0; i < count; i++) {
		crypto_bench_sort(lines[i].seconds, (size_t)turns);
		if (lines[i].run == run_openssl)
			base = lines[i].seconds[turns / 2];
		print_line(&lines[i], turns, base);
	}
	crypto_bench_close(&w);
	return 0;
}
