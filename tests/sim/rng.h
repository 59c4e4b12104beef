/*
 * The one source of chance of a simulation: xoshiro256**, seeded through splitmix64. Equal seeds
 * give equal streams on every machine. Never two draws in one expression: the order would be the
 * compiler's.
 */
#ifndef TGCLONE_TESTS_SIM_RNG_H
#define TGCLONE_TESTS_SIM_RNG_H

#include "proto/base/bytes.h"

struct rng {
	uint64_t s[4];
};

static inline uint64_t rng_mix(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static inline void rng_init(struct rng *r, uint64_t seed)
{
	for (int i = 0; i < 4; i++)
		r->s[i] = rng_mix(&seed);
}

static inline uint64_t rng_turn(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static inline uint64_t rng_next(struct rng *r)
{
	uint64_t *s = r->s, result = rng_turn(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rng_turn(s[3], 45);
	return result;
}

/* 0 .. n-1, n > 0 */
static inline uint64_t rng_below(struct rng *r, uint64_t n)
{
	return rng_next(r) % n;
}

/* Both ends included. */
static inline uint64_t rng_between(struct rng *r, uint64_t least, uint64_t most)
{
	return least >= most ? least : least + rng_below(r, most - least + 1);
}

/* Draws always, so that a rate of 0 does not shift what comes after. */
static inline bool rng_chance(struct rng *r, uint32_t per_million)
{
	return rng_below(r, 1000000) < per_million;
}

/* 1 .. most, each power of two as likely as the next: small numbers are met as often as big. */
static inline uint64_t rng_log(struct rng *r, uint64_t most)
{
	uint64_t bits = 64 - (uint64_t)__builtin_clzll(most | 1);
	uint64_t top = rng_below(r, bits);
	uint64_t low = rng_below(r, UINT64_C(1) << top);
	uint64_t value = (UINT64_C(1) << top) | low;

	return value < most ? value : most;
}

static inline void rng_fill(struct rng *r, void *out, size_t len)
{
	uint8_t *at = out;

	while (len > 0) {
		uint64_t word = rng_next(r);
		size_t n = len < sizeof(word) ? len : sizeof(word);

		for (size_t i = 0; i < n; i++)
			at[i] = (uint8_t)(word >> (8 * i));
		at += n;
		len -= n;
	}
}

#endif
