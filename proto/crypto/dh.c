/*
 * Diffie-Hellman: the one known group, the checks that any other group and each public value must
 * pass, and exponentiation. The primality test is our own Miller-Rabin over OpenSSL's numbers,
 * because its bases have to come from the caller's randomness and their count is fixed by rule.
 */
#include "proto/crypto/dh.h"

#include "proto/crypto/bn_priv.h"
#include "proto/crypto/digest.h"

enum {
	PRIME_ROUNDS = 64, /* random bases, for p and for (p - 1) / 2 each */
	RANGE_MARGIN = 64, /* g_a lies 2^(2048-64) away from both ends */
};

const uint8_t dh_known_prime[256] = {
    0xc7, 0x1c, 0xae, 0xb9, 0xc6, 0xb1, 0xc9, 0x04, 0x8e, 0x6c, 0x52, 0x2f, 0x70, 0xf1, 0x3f, 0x73,
    0x98, 0x0d, 0x40, 0x23, 0x8e, 0x3e, 0x21, 0xc1, 0x49, 0x34, 0xd0, 0x37, 0x56, 0x3d, 0x93, 0x0f,
    0x48, 0x19, 0x8a, 0x0a, 0xa7, 0xc1, 0x40, 0x58, 0x22, 0x94, 0x93, 0xd2, 0x25, 0x30, 0xf4, 0xdb,
    0xfa, 0x33, 0x6f, 0x6e, 0x0a, 0xc9, 0x25, 0x13, 0x95, 0x43, 0xae, 0xd4, 0x4c, 0xce, 0x7c, 0x37,
    0x20, 0xfd, 0x51, 0xf6, 0x94, 0x58, 0x70, 0x5a, 0xc6, 0x8c, 0xd4, 0xfe, 0x6b, 0x6b, 0x13, 0xab,
    0xdc, 0x97, 0x46, 0x51, 0x29, 0x69, 0x32, 0x84, 0x54, 0xf1, 0x8f, 0xaf, 0x8c, 0x59, 0x5f, 0x64,
    0x24, 0x77, 0xfe, 0x96, 0xbb, 0x2a, 0x94, 0x1d, 0x5b, 0xcd, 0x1d, 0x4a, 0xc8, 0xcc, 0x49, 0x88,
    0x07, 0x08, 0xfa, 0x9b, 0x37, 0x8e, 0x3c, 0x4f, 0x3a, 0x90, 0x60, 0xbe, 0xe6, 0x7c, 0xf9, 0xa4,
    0xa4, 0xa6, 0x95, 0x81, 0x10, 0x51, 0x90, 0x7e, 0x16, 0x27, 0x53, 0xb5, 0x6b, 0x0f, 0x6b, 0x41,
    0x0d, 0xba, 0x74, 0xd8, 0xa8, 0x4b, 0x2a, 0x14, 0xb3, 0x14, 0x4e, 0x0e, 0xf1, 0x28, 0x47, 0x54,
    0xfd, 0x17, 0xed, 0x95, 0x0d, 0x59, 0x65, 0xb4, 0xb9, 0xdd, 0x46, 0x58, 0x2d, 0xb1, 0x17, 0x8d,
    0x16, 0x9c, 0x6b, 0xc4, 0x65, 0xb0, 0xd6, 0xff, 0x9c, 0xa3, 0x92, 0x8f, 0xef, 0x5b, 0x9a, 0xe4,
    0xe4, 0x18, 0xfc, 0x15, 0xe8, 0x3e, 0xbe, 0xa0, 0xf8, 0x7f, 0xa9, 0xff, 0x5e, 0xed, 0x70, 0x05,
    0x0d, 0xed, 0x28, 0x49, 0xf4, 0x7b, 0xf9, 0x59, 0xd9, 0x56, 0x85, 0x0c, 0xe9, 0x29, 0x85, 0x1f,
    0x0d, 0x81, 0x15, 0xf6, 0x35, 0xb1, 0x05, 0xee, 0x2e, 0x4e, 0x15, 0xd0, 0x4b, 0x24, 0x54, 0xbf,
    0x6f, 0x4f, 0xad, 0xf0, 0x34, 0xb1, 0x04, 0x03, 0x11, 0x9c, 0xd8, 0xe3, 0xb9, 0x2f, 0xcc, 0x5b,
};

/* Base number index: 256 bytes spread out of the caller's 64, between 2 and n - 2. */
static void draw_base(BIGNUM *base, const uint8_t random[64], uint32_t index, const BIGNUM *n,
		      BN_CTX *ctx)
{
	uint8_t wide[256 + 32], label[8];
	struct cspan parts[2] = {{random, 64}, {label, 8}};
	BIGNUM *limit = BN_dup(n);

	check(limit != NULL);
	store_le32(label, index);
	for (uint32_t i = 0; i < sizeof(wide) / 32; i++) {
		store_le32(label + 4, i);
		digest_sha256(wide + 32 * i, parts, 2);
	}
	check(BN_bin2bn(wide, sizeof(wide), base) != NULL);
	check(BN_sub_word(limit, 3) == 1);
	check(BN_nnmod(base, base, limit, ctx) == 1);
	check(BN_add_word(base, 2) == 1);
	bn_drop(limit);
}

/* n - 1 = odd * 2^twos; x = base^odd has to reach -1 by squaring. */
static bool passes(BIGNUM *x, const BIGNUM *base, const BIGNUM *n, const BIGNUM *minus_one,
		   BN_MONT_CTX *mont, BN_CTX *ctx)
{
	BIGNUM *odd = BN_dup(minus_one);
	int twos = 0;
	bool ok;

	check(odd != NULL);
	for (; !BN_is_odd(odd); twos++)
		check(BN_rshift1(odd, odd) == 1);
	check(BN_mod_exp_mont(x, base, odd, n, ctx, mont) == 1);
	ok = BN_is_one(x) || BN_cmp(x, minus_one) == 0;
	for (int i = 1; i < twos && !ok; i++) {
		check(BN_mod_sqr(x, x, n, ctx) == 1);
		ok = BN_cmp(x, minus_one) == 0;
	}
	bn_drop(odd);
	return ok;
}

/* n odd and above 2000. first: where this number's bases start among those of the caller. */
static bool is_prime(const BIGNUM *n, const uint8_t random[64], uint32_t first, BN_CTX *ctx)
{
	BIGNUM *base = bn_new(), *x = bn_new(), *minus_one = BN_dup(n);
	BN_MONT_CTX *mont = BN_MONT_CTX_new();
	bool ok = true;

	check(minus_one != NULL && mont != NULL);
	check(BN_sub_word(minus_one, 1) == 1);
	check(BN_MONT_CTX_set(mont, n, ctx) == 1);
	for (BN_ULONG small = 3; small < 2000 && ok; small += 2)
		ok = BN_mod_word(n, small) != 0;
	for (uint32_t i = 0; i < PRIME_ROUNDS && ok; i++) {
		draw_base(base, random, first + i, n, ctx);
		ok = passes(x, base, n, minus_one, mont, ctx);
	}
	BN_MONT_CTX_free(mont);
	bn_drop(minus_one);
	bn_drop(x);
	bn_drop(base);
	return ok;
}

bool dh_is_prime(struct cspan bytes, const uint8_t random[64])
{
	BN_CTX *ctx = bn_ctx();
	BIGNUM *n = bn_of(bytes);
	bool ok;

	check(bytes.len <= 256 && BN_is_odd(n));
	ok = is_prime(n, random, 0, ctx);
	bn_drop(n);
	BN_CTX_free(ctx);
	return ok;
}

static bool is_safe_prime(struct cspan p, const uint8_t random[64])
{
	BN_CTX *ctx = bn_ctx();
	BIGNUM *n = bn_of(p), *half = bn_new();
	bool ok;

	check(BN_rshift1(half, n) == 1);
	ok = BN_is_odd(n) && BN_is_odd(half) && is_prime(half, random, 0, ctx) &&
	     is_prime(n, random, PRIME_ROUNDS, ctx);
	bn_drop(half);
	bn_drop(n);
	BN_CTX_free(ctx);
	return ok;
}

static uint32_t remainder_of(struct cspan p, uint32_t by)
{
	uint32_t r = 0;

	for (size_t i = 0; i < p.len; i++)
		r = (r << 8 | p.at[i]) % by;
	return r;
}

/* Whether g generates the subgroup of order (p - 1) / 2: auth_key.md 4, rule 2. */
static bool generates(uint32_t g, struct cspan p)
{
	uint32_t r;

	switch (g) {
	case 2:
		return remainder_of(p, 8) == 7;
	case 3:
		return remainder_of(p, 3) == 2;
	case 4:
		return true;
	case 5:
		r = remainder_of(p, 5);
		return r == 1 || r == 4;
	case 6:
		r = remainder_of(p, 24);
		return r == 19 || r == 23;
	case 7:
		r = remainder_of(p, 7);
		return r == 3 || r == 5 || r == 6;
	default:
		return false;
	}
}

enum dh_fault dh_check_group(struct cspan p, uint32_t g, const uint8_t random[64])
{
	if (p.len != 256 || !(p.at[0] & 0x80))
		return DH_PRIME_SIZE;
	if (memcmp(p.at, dh_known_prime, 256) != 0 && !is_safe_prime(p, random))
		return DH_PRIME_WEAK;
	return generates(g, p) ? DH_SOUND : DH_GENERATOR;
}

enum dh_fault dh_check_public(struct cspan p, struct cspan value)
{
	BIGNUM *n, *v, *low;
	bool ok;

	if (p.len != 256 || value.len > 256)
		return DH_RANGE;
	n = bn_of(p);
	v = bn_of(value);
	low = bn_new();
	check(BN_lshift(low, BN_value_one(), 2048 - RANGE_MARGIN) == 1);
	check(BN_sub(n, n, low) == 1);
	ok = BN_cmp(v, low) >= 0 && BN_cmp(v, n) <= 0;
	bn_drop(low);
	bn_drop(v);
	bn_drop(n);
	return ok ? DH_SOUND : DH_RANGE;
}

static void modexp(uint8_t out[256], BIGNUM *base, struct cspan exp, struct cspan p)
{
	BN_CTX *ctx = bn_ctx();
	BIGNUM *n = bn_of(p), *e = bn_of(exp), *r = bn_new();

	bn_power(r, base, e, n, ctx);
	bn_put(out, r);
	bn_drop(r);
	bn_drop(e);
	bn_drop(n);
	bn_drop(base);
	BN_CTX_free(ctx);
}

void dh_modexp(uint8_t out[256], struct cspan base, struct cspan exp, struct cspan p)
{
	check(base.len <= 256 && exp.len <= 256 && p.len <= 256);
	modexp(out, bn_of(base), exp, p);
}

void dh_modexp_g(uint8_t out[256], uint32_t g, struct cspan exp, struct cspan p)
{
	check(exp.len <= 256 && p.len <= 256);
	modexp(out, bn_of_word(g), exp, p);
}
