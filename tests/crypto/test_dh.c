/*
 * The group checks with everything that only looks like a good group; the range checks;
 * exponentiation against the exchanges of the vectors.
 */
#include "proto/crypto/dh.h"
#include "tests/crypto/kernels.h"
#include "tests/crypto/pseudoprimes.h"
#include "tests/crypto/safe_primes.h"
#include "tests/vectors/crypto.h"
#include "tests/vectors/handshake.h"
#include "tests/vectors/hex.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <openssl/bn.h>

static const uint8_t random_64[64] = {1, 2, 3};

enum { PRIME_TESTS = 64 };

/* In front of the library's, which is a round of the primality test: its base and what it is tested for. */
static struct {
	uint32_t count;
	uint8_t base[2 * PRIME_TESTS + 1][256], of[2 * PRIME_TESTS + 1][256];
} rounds;

int BN_mod_exp_mont(BIGNUM *r, const BIGNUM *base, const BIGNUM *exp, const BIGNUM *of, BN_CTX *ctx,
		    BN_MONT_CTX *mont)
{
	int (*real)(BIGNUM *, const BIGNUM *, const BIGNUM *, const BIGNUM *, BN_CTX *, BN_MONT_CTX *);

	*(void **)&real = dlsym(RTLD_NEXT, "BN_mod_exp_mont");
	if (rounds.count < countof(rounds.base)) {
		BN_bn2binpad(base, rounds.base[rounds.count], 256);
		BN_bn2binpad(of, rounds.of[rounds.count], 256);
		rounds.count++;
	}
	return real(r, base, exp, of, ctx, mont);
}

static struct cspan known(void)
{
	return cspan_of(dh_known_prime, 256);
}

Test(dh, the_known_prime)
{
	cr_assert(vec_equal(dh_known_prime, 256, VEC_DH_PRIME));
	for (size_t i = 0; i < countof(vec_dh_group); i++) {
		const struct vec_dh_group *v = &vec_dh_group[i];

		cr_assert_eq(dh_check_group(known(), v->g, random_64),
			     v->good ? DH_SOUND : DH_GENERATOR, "g = %u", v->g);
	}
}

Test(dh, other_generators_are_refused)
{
	static const uint32_t bad[] = {0, 1, 8, 9, 255, 0x80000003u, UINT32_MAX};

	for (size_t i = 0; i < countof(bad); i++)
		cr_assert_eq(dh_check_group(known(), bad[i], random_64), DH_GENERATOR);
}

Test(dh, size_of_the_prime)
{
	uint8_t p[257];

	memcpy(p, dh_known_prime, 256);
	cr_assert_eq(dh_check_group(cspan_of(p, 255), 3, random_64), DH_PRIME_SIZE);
	cr_assert_eq(dh_check_group(cspan_of(p, 0), 3, random_64), DH_PRIME_SIZE);
	cr_assert_eq(dh_check_group(cspan_of(p, 257), 3, random_64), DH_PRIME_SIZE);
	p[0] = 0x47; /* 2047 bits */
	cr_assert_eq(dh_check_group(cspan_of(p, 256), 3, random_64), DH_PRIME_SIZE);
}

/* Rows: H14 */
Test(dh, pseudoprimes_are_refused)
{
	cr_assert_geq(countof(pseudoprimes), 20);
	for (size_t i = 0; i < countof(pseudoprimes); i++) {
		uint8_t p[256];

		cr_assert_eq(vec_bytes(p, 256, pseudoprimes[i].p), 256);
		for (uint8_t draw = 0; draw < 4; draw++) {
			uint8_t random[64] = {draw};

			cr_assert_eq(dh_check_group(cspan_of(p, 256), 4, random), DH_PRIME_WEAK,
				     "row %zu: %s", i, pseudoprimes[i].what);
		}
	}
}

/* The primality test by itself: above, most rows fall over their half already. */
Test(dh, pseudoprimes_are_not_prime)
{
	for (size_t i = 0; i < countof(pseudoprimes); i++) {
		uint8_t p[256];

		vec_bytes(p, 256, pseudoprimes[i].p);
		for (uint8_t draw = 0; draw < (pseudoprimes[i].is_prime ? 1 : 4); draw++) {
			uint8_t random[64] = {draw};

			cr_assert_eq(dh_is_prime(cspan_of(p, 256), random),
				     pseudoprimes[i].is_prime, "row %zu: %s", i,
				     pseudoprimes[i].what);
		}
	}
}

Test(dh, primality_of_smaller_numbers)
{
	uint8_t n[8];

	for (uint64_t k = 2003; k < 9000; k += 2) {
		bool prime = true;

		for (uint64_t d = 3; d * d <= k && prime; d += 2)
			prime = k % d != 0;
		store_be64(n, k);
		cr_assert_eq(dh_is_prime(cspan_of(n, 8), random_64), prime, "%u", (unsigned)k);
	}
}

/* Rows: H14 */
Test(dh, one_bit_off_the_known_prime)
{
	for (size_t bit = 1; bit < 2048; bit += 97) {
		uint8_t p[256];

		memcpy(p, dh_known_prime, 256);
		p[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
		cr_assert_eq(dh_check_group(cspan_of(p, 256), 4, random_64), DH_PRIME_WEAK,
			     "bit %zu", bit);
	}
}

/* The 2048 bits of p, shifted down by one. */
static void halve(uint8_t half[256], const uint8_t p[256])
{
	for (int i = 255; i >= 0; i--)
		half[i] = (uint8_t)(p[i] >> 1 | (i > 0 ? p[i - 1] << 7 : 0));
}

/* Each base of its own, as long as the number: not drawn from a few, or from small ones. */
static void expect_fresh_bases(uint32_t first, uint32_t n)
{
	for (uint32_t i = first; i < first + n; i++) {
		static const uint8_t zeros[8];

		cr_expect_neq(memcmp(rounds.base[i] + 1, zeros, 8), 0, "base %u is small", i);
		for (uint32_t k = 0; k < i; k++)
			cr_expect_neq(memcmp(rounds.base[i], rounds.base[k], 256), 0,
				      "bases %u and %u are one", k, i);
	}
}

/* Rows: H14 */
Test(dh, sixty_four_random_bases_for_p_and_for_its_half)
{
	static uint8_t first_bases[2 * PRIME_TESTS][256];
	uint8_t p[256], half[256], other[64] = {1, 2, 4};

	vec_bytes(p, 256, safe_primes[0].p);
	halve(half, p);
	rounds.count = 0;
	cr_assert_neq(dh_check_group(cspan_of(p, 256), 4, random_64), DH_PRIME_WEAK);
	cr_assert_eq(rounds.count, 2 * PRIME_TESTS);
	for (uint32_t i = 0; i < 2 * PRIME_TESTS; i++)
		cr_expect_arr_eq(rounds.of[i], i < PRIME_TESTS ? half : p, 256, "round %u", i);
	expect_fresh_bases(0, 2 * PRIME_TESTS);
	memcpy(first_bases, rounds.base, sizeof(first_bases));

	/* Other randomness, other bases, every one. */
	rounds.count = 0;
	dh_check_group(cspan_of(p, 256), 4, other);
	cr_assert_eq(rounds.count, 2 * PRIME_TESTS);
	for (uint32_t i = 0; i < 2 * PRIME_TESTS; i++)
		cr_expect_neq(memcmp(rounds.base[i], first_bases[i], 256), 0, "base %u is fixed", i);
}

/* By definition, and by OpenSSL: g^((p - 1) / 2) = 1 mod p. */
static bool generates_half(uint32_t g, const uint8_t p[256])
{
	BIGNUM *n = BN_bin2bn(p, 256, NULL), *half = BN_new(), *r = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	bool one;

	BN_rshift1(half, n);
	BN_set_word(r, g);
	BN_mod_exp(r, r, half, n, ctx);
	one = BN_is_one(r);
	BN_CTX_free(ctx);
	BN_free(r);
	BN_free(half);
	BN_free(n);
	return one;
}

/* Safe primes that are not the known one: accepted with the generators that are such. */
/* Rows: H14 */
Test(dh, generators_of_published_groups)
{
	unsigned sound = 0, refused = 0;

	for (size_t i = 0; i < countof(safe_primes); i++)
		for (const uint32_t *g = safe_primes[i].g; g < safe_primes[i].g + 4 && *g != 0; g++) {
			uint8_t p[256];
			bool good;

			vec_bytes(p, 256, safe_primes[i].p);
			good = generates_half(*g, p);
			cr_expect_eq(dh_check_group(cspan_of(p, 256), *g, random_64),
				     good ? DH_SOUND : DH_GENERATOR, "%s, %u", safe_primes[i].what,
				     *g);
			sound += good;
			refused += !good;
		}
	cr_expect_geq(sound, 4);
	cr_expect_geq(refused, 4);
}

Test(dh, range)
{
	for (size_t i = 0; i < countof(vec_dh_range); i++) {
		const struct vec_dh_range *v = &vec_dh_range[i];
		uint8_t value[256];

		vec_bytes(value, 256, v->value);
		cr_assert_eq(dh_check_public(known(), cspan_of(value, 256)),
			     v->accept ? DH_SOUND : DH_RANGE, "%s", v->name);
	}
}

/* Exactly at 2^1984 and p - 2^1984, and one beside them. */
Test(dh, edges_of_the_range)
{
	uint8_t low[256] = {0}, below[256], high[256], above[256];

	low[7] = 1;
	memset(below, 0xff, 256);
	memset(below, 0, 8);
	memcpy(high, dh_known_prime, 256);
	for (int i = 7; high[i]-- == 0; i--)
		;
	memcpy(above, high, 256);
	for (int i = 255; ++above[i] == 0; i--)
		;
	cr_assert_eq(dh_check_public(known(), cspan_of(low, 256)), DH_SOUND);
	cr_assert_eq(dh_check_public(known(), cspan_of(low + 7, 249)), DH_SOUND);
	cr_assert_eq(dh_check_public(known(), cspan_of(below, 256)), DH_RANGE);
	cr_assert_eq(dh_check_public(known(), cspan_of(high, 256)), DH_SOUND);
	cr_assert_eq(dh_check_public(known(), cspan_of(above, 256)), DH_RANGE);
}

Test(dh, range_of_odd_lengths)
{
	uint8_t value[257] = {0};

	value[10] = 1;
	cr_assert_eq(dh_check_public(known(), cspan_of(value, 257)), DH_RANGE);
	cr_assert_eq(dh_check_public(known(), cspan_of(value, 0)), DH_RANGE);
	cr_assert_eq(dh_check_public(cspan_of(dh_known_prime, 255), cspan_of(value, 256)),
		     DH_RANGE);
}

Test(dh, exchanges_of_the_vectors)
{
	for (size_t i = 0; i < countof(vec_exchange); i++) {
		const struct vec_exchange *v = &vec_exchange[i];
		uint8_t b[256], g_a[256], out[256];

		vec_bytes(b, 256, v->b);
		vec_bytes(g_a, 256, v->g_a);
		dh_modexp_g(out, v->g, cspan_of(b, 256), known());
		cr_assert(vec_equal(out, 256, v->g_b), "%s", v->name);
		dh_modexp(out, cspan_of(g_a, 256), cspan_of(b, 256), known());
		cr_assert(vec_equal(out, 256, v->auth_key), "%s", v->name);
	}
}

/* The result keeps its leading zero byte. */
Test(dh, leading_zero_of_a_key)
{
	for (size_t i = 0; i < countof(vec_auth_key); i++) {
		const struct vec_auth_key *v = &vec_auth_key[i];
		uint8_t b[256], g_a[256], out[256];

		if (v->g_a == NULL)
			continue;
		dh_modexp(out, vec_span(g_a, 256, v->g_a), vec_span(b, 256, v->b), known());
		cr_assert(vec_equal(out, 256, v->auth_key), "%s", v->name);
		cr_assert_eq(out[0], 0);
	}
}

Test(dh, small_and_large_bases)
{
	uint8_t one[1] = {1}, top[256], out[256], expect[256] = {0};

	dh_modexp(out, cspan_of(one, 1), cspan_of(one, 1), known());
	expect[255] = 1;
	cr_assert_arr_eq(out, expect, 256);
	memset(top, 0xff, 256); /* above p: reduced first */
	dh_modexp(out, cspan_of(top, 256), cspan_of(one, 1), known());
	for (int i = 255, borrow = 0; i >= 0; i--) {
		int d = top[i] - dh_known_prime[i] - borrow;

		borrow = d < 0;
		expect[i] = (uint8_t)d;
	}
	cr_assert_arr_eq(out, expect, 256);
}
