/*
 * Big numbers of the key exchange and of SRP: thin wraps of OpenSSL that cannot fail on input. Only
 * want of memory can make them fail, and that ends the process.
 */
#ifndef TGCLONE_CRYPTO_BN_PRIV_H
#define TGCLONE_CRYPTO_BN_PRIV_H

#include "proto/base/bytes.h"
#include "proto/base/check.h"

#include <openssl/bn.h>

/* A number for the scope of one function; freed and wiped by bn_drop. */
static inline BIGNUM *bn_new(void)
{
	BIGNUM *b = BN_new();

	check(b != NULL);
	return b;
}

static inline BIGNUM *bn_of(struct cspan bytes)
{
	BIGNUM *b = BN_bin2bn(bytes.at, (int)bytes.len, NULL);

	check(b != NULL);
	return b;
}

static inline BIGNUM *bn_of_word(uint64_t w)
{
	BIGNUM *b = bn_new();

	check(BN_set_word(b, w) == 1);
	return b;
}

/* 256 bytes, with leading zeros. */
static inline void bn_put(uint8_t out[256], const BIGNUM *b)
{
	check(BN_bn2binpad(b, out, 256) == 256);
}

static inline BN_CTX *bn_ctx(void)
{
	BN_CTX *c = BN_CTX_new();

	check(c != NULL);
	return c;
}

static inline void bn_drop(BIGNUM *b)
{
	BN_clear_free(b);
}

/* out = base^exp mod p, p odd, in time that does not depend on exp. */
static inline void bn_power(BIGNUM *out, const BIGNUM *base, BIGNUM *exp, const BIGNUM *p,
			    BN_CTX *ctx)
{
	BIGNUM *reduced = bn_new();

	check(BN_is_odd(p));
	check(BN_nnmod(reduced, base, p, ctx) == 1);
	BN_set_flags(exp, BN_FLG_CONSTTIME);
	check(BN_mod_exp_mont_consttime(out, reduced, exp, p, ctx, NULL) == 1);
	bn_drop(reduced);
}

#endif
