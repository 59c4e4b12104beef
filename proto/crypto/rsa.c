/*
 * Public RSA keys: reading them, their fingerprints, and RSA_PAD (auth_key.md 3.4). Owns nothing;
 * the private half is rsa_private.c.
 */
#include "proto/crypto/rsa.h"

#include "proto/crypto/bn_priv.h"
#include "proto/crypto/digest.h"
#include "proto/crypto/ige.h"
#include "proto/crypto/rsa_priv.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/evp.h>

enum { PADDED = 192, HASHED = PADDED + 32 };

/* e without leading zeros; returns its length. */
static size_t exponent_bytes(uint8_t out[4], uint32_t e)
{
	size_t skip = 0;

	store_be32(out, e);
	while (skip < 3 && out[skip] == 0)
		skip++;
	memmove(out, out + skip, 4 - skip);
	return 4 - skip;
}

/* SHA1 of n and e as TL bytes: a long length for n, a short one for e, zeros up to 4. */
static uint64_t fingerprint_of(const uint8_t n[256], uint32_t e)
{
	uint8_t e_bytes[4], sha1[20];
	uint8_t e_len = (uint8_t)exponent_bytes(e_bytes, e);
	struct cspan parts[5] = {
	    {(const uint8_t *)"\xfe\x00\x01\x00", 4},
	    {n, 256},
	    {&e_len, 1},
	    {e_bytes, e_len},
	    {(const uint8_t *)"\0\0\0", (size_t)(3 - e_len + 4) % 4},
	};

	digest_sha1(sha1, parts, 5);
	return load_le64(sha1 + 12);
}

int rsa_public_from_numbers(struct rsa_public *k, const uint8_t n[256], uint32_t e)
{
	if (!(n[0] & 0x80) || !(n[255] & 1) || e < 3 || e % 2 == 0)
		return -EINVAL;
	memcpy(k->n, n, 256);
	k->e = e;
	k->fingerprint = fingerprint_of(n, e);
	return 0;
}

EVP_PKEY *rsa_pem_decode(struct cspan pem, int selection)
{
	EVP_PKEY *key = NULL;
	const uint8_t *at = pem.at;
	size_t len = pem.len;
	OSSL_DECODER_CTX *c =
	    OSSL_DECODER_CTX_new_for_pkey(&key, "PEM", NULL, "RSA", selection, NULL, NULL);

	check(c != NULL);
	if (OSSL_DECODER_from_data(c, &at, &len) != 1) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	OSSL_DECODER_CTX_free(c);
	return key;
}

int rsa_public_of_pkey(struct rsa_public *out, const EVP_PKEY *key)
{
	BIGNUM *n = NULL, *e = NULL;
	uint8_t n_bytes[256];
	int rc = -EINVAL;

	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_num_bits(n) == 2048 &&
	    BN_num_bits(e) <= 32) {
		bn_put(n_bytes, n);
		rc = rsa_public_from_numbers(out, n_bytes, (uint32_t)BN_get_word(e));
	}
	BN_free(n);
	BN_free(e);
	return rc;
}

int rsa_public_from_pem(struct rsa_public *out, struct cspan pem)
{
	EVP_PKEY *key;
	int rc = -EINVAL;

	if (rsa_pem_plain(out, pem))
		return 0;
	key = rsa_pem_decode(pem, EVP_PKEY_PUBLIC_KEY);
	if (key != NULL)
		rc = rsa_public_of_pkey(out, key);
	EVP_PKEY_free(key);
	return rc;
}

void rsa_pad_hash(uint8_t out[32], const uint8_t temp_key[32], const uint8_t padded[192])
{
	struct cspan parts[2] = {{temp_key, 32}, {padded, PADDED}};

	digest_sha256(out, parts, 2);
}

/* What RSA gets: 32 bytes of masked key, then 224 of ciphertext. */
static void pad_data(uint8_t block[256], struct cspan data, const uint8_t *random)
{
	static const uint8_t zero_iv[32];
	const uint8_t *temp_key = random + PADDED - data.len;
	uint8_t padded[PADDED], mask[32];
	uint8_t *inner = block + 32;
	struct cspan encrypted = {inner, HASHED};

	memcpy(padded, data.at, data.len);
	memcpy(padded + data.len, random, PADDED - data.len);
	for (size_t i = 0; i < PADDED; i++)
		inner[i] = padded[PADDED - 1 - i];
	rsa_pad_hash(inner + PADDED, temp_key, padded);
	ige_encrypt(temp_key, zero_iv, inner, HASHED);
	digest_sha256(mask, &encrypted, 1);
	for (size_t i = 0; i < 32; i++)
		block[i] = (uint8_t)(temp_key[i] ^ mask[i]);
	bytes_wipe(padded, sizeof(padded));
}

bool rsa_pad_encrypt(uint8_t out[256], const struct rsa_public *k, struct cspan data,
		     const uint8_t random[RSA_PAD_RANDOM])
{
	uint8_t block[256];
	BN_CTX *ctx;
	BIGNUM *n, *e, *m;
	bool below;

	check(data.len <= RSA_PAD_DATA_MAX);
	pad_data(block, data, random);
	ctx = bn_ctx();
	n = bn_of(cspan_of(k->n, 256));
	e = bn_of_word(k->e);
	m = bn_of(cspan_of(block, 256));
	below = BN_cmp(m, n) < 0;
	if (below) {
		check(BN_mod_exp(m, m, e, n, ctx) == 1);
		bn_put(out, m);
	}
	bn_drop(m);
	bn_drop(e);
	bn_drop(n);
	BN_CTX_free(ctx);
	bytes_wipe(block, sizeof(block));
	return below;
}
