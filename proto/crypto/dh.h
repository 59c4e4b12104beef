/*
 * Diffie-Hellman with its required checks (auth_key.md 4). Numbers are 256 bytes big-endian.
 */
#ifndef TGCLONE_CRYPTO_DH_H
#define TGCLONE_CRYPTO_DH_H

#include "proto/base/bytes.h"

/* The prime every server uses; compared first, so the primality test is rarely run. */
extern const uint8_t dh_known_prime[256];

enum dh_fault {
	DH_SOUND,
	DH_PRIME_SIZE, /* not exactly 2048 bit */
	DH_PRIME_WEAK, /* not a safe prime */
	DH_GENERATOR,  /* g not in 2..7 or no generator of the subgroup */
	DH_RANGE,      /* g_a, g_b outside 2^1984 .. p - 2^1984 */
};

/* p and g together. random: 64 bytes that seed the Miller-Rabin bases when p is not the known one.
 */
enum dh_fault dh_check_group(struct cspan p, uint32_t g, const uint8_t random[64]);
/*
 * Whether n, odd, above 2000 and of at most 256 bytes, is prime: 64 rounds of Miller-Rabin
 * (reliability H14) with bases spread out of random, so that no number made beforehand can pass.
 */
bool dh_is_prime(struct cspan n, const uint8_t random[64]);
/* g_a or g_b against p; the value may be shorter than 256 bytes. */
enum dh_fault dh_check_public(struct cspan p, struct cspan value);
/* out = base^exp mod p. base and exp any length up to 256. */
void dh_modexp(uint8_t out[256], struct cspan base, struct cspan exp, struct cspan p);
/* out = g^exp mod p */
void dh_modexp_g(uint8_t out[256], uint32_t g, struct cspan exp, struct cspan p);

#endif
