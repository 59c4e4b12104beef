/*
 * For tests that must hold on every kernel: each way of computing that this machine offers, the
 * portable one first. Criterion runs each test in a process of its own, so a selection does not
 * leak.
 */
#ifndef TGCLONE_TESTS_CRYPTO_KERNELS_H
#define TGCLONE_TESTS_CRYPTO_KERNELS_H

#include "proto/crypto/cpu.h"

#include <stdlib.h>

enum { KERNELS_MAX = 16 };

/* The next selectable name at or after *at, selected; NULL when there is no more. */
static inline const char *kernels_next(size_t *at)
{
	static const char *const all[] = {
	    "portable", "aes",           "sha",  "aes+vaes",
	    "aes+sha",  "aes+sha+fused", "auto", "aes+vaes+sha+fused+avx512"};

	while (*at < sizeof(all) / sizeof(all[0])) {
		const char *name = all[(*at)++];

		if (cpu_select(name) == 0)
			return name;
	}
	return NULL;
}

#define each_kernel(name)                                                                          \
	for (size_t kernel_at = 0, kernel_once = 1; kernel_once; kernel_once = 0)                  \
		for (const char *name; (name = kernels_next(&kernel_at)) != NULL;)

/* TGCLONE_TEST_TIMES=n in the environment: n times as many random inputs, for a long night. */
static inline int rounds_of(int rounds)
{
	const char *times = getenv("TGCLONE_TEST_TIMES");

	return times == NULL ? rounds : rounds * atoi(times);
}

/* A small generator for test inputs: same seed, same inputs. */
static inline uint32_t random_u32(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 16);
}

static inline void random_fill(uint64_t *state, void *out, size_t len)
{
	uint8_t *to = out;

	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)random_u32(state);
}

#endif
