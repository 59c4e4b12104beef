/*
 * The rows that a bench of the cipher kernels times: what, with which kernels, how many messages side
 * by side. A message is a relayed part as on the wire: 60 bytes of head, 512 KiB of file, 20 of
 * padding.
 */
#ifndef TGCLONE_TOOLS_CRYPTO_ROWS_H
#define TGCLONE_TOOLS_CRYPTO_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CRYPTO_HEAD = 60,
	CRYPTO_FILE = 512 * 1024,
	CRYPTO_PADDING = 20,
	CRYPTO_MESSAGE = CRYPTO_HEAD + CRYPTO_FILE + CRYPTO_PADDING,
	CRYPTO_LANES = 16,
	CRYPTO_ROWS = 32, /* at most */
};

enum crypto_work {
	CRYPTO_RELAY, /* decrypt, check the hash, hash for the way out, encrypt */
	CRYPTO_OPEN,  /* decrypt and check: a download */
	CRYPTO_SEAL,  /* hash and encrypt: an upload */
	CRYPTO_ENCRYPT,
	CRYPTO_DECRYPT,
	CRYPTO_HASH,
	CRYPTO_WORKS,
};

struct crypto_bench {
	uint8_t *slots;
	uint8_t key[32], iv[32], hash_key[64], head[CRYPTO_HEAD], tail[CRYPTO_PADDING];
	size_t lanes; /* messages side by side */
};

struct crypto_row {
	const char *what, *cpu; /* as cpu_select reads it */
	uint32_t lanes;
	enum crypto_work work;
};

/* By work; the first of each is the portable one. */
const struct crypto_row *crypto_rows(uint32_t *count);

bool crypto_bench_open(struct crypto_bench *);
void crypto_bench_close(struct crypto_bench *);
uint8_t *crypto_bench_slot(struct crypto_bench *, size_t i);
/* The work of all lanes, once, by the kernels in use. */
void crypto_bench_run(struct crypto_bench *, enum crypto_work);

/*
 * Seconds that one message takes, measured for at least so many; the first lap warms the caches. Time
 * is the thread's CPU time: other processes cost a row its caches, not its clock.
 */
double crypto_bench_time(struct crypto_bench *, void (*run)(struct crypto_bench *, enum crypto_work),
			 enum crypto_work, double least);
/* Sorts the seconds of a row's turns: [0] is the best, [turns / 2] the median. */
void crypto_bench_sort(double *seconds, size_t turns);

#endif
