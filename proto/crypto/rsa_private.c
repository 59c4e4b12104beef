/*
 * The server's half of RSA, for a simulated server: key pairs, PEM, and undoing what clients send,
 * in the present form (RSA_PAD) and in the older one. Owns an OpenSSL key.
 */
#include "proto/crypto/rsa.h"

#include "proto/base/check.h"
#include "proto/crypto/digest.h"
#include "proto/crypto/ige.h"
#include "proto/crypto/rsa_priv.h"

#include <openssl/core_names.h>
#include <openssl/encoder.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <stdlib.h>

enum { PADDED = 192, HASHED = PADDED + 32, OLD_HASH = 20, OLD_DATA = 235 };

struct rsa_private {
	EVP_PKEY *pkey;
	struct rsa_public public;
};

/* Takes the key. NULL when it is not one that we can serve with. */
static struct rsa_private *wrap(EVP_PKEY *pkey)
{
	struct rsa_private *k;

	if (pkey == NULL)
		return NULL;
	k = calloc(1, sizeof(*k));
	check(k != NULL);
	k->pkey = pkey;
	if (rsa_public_of_pkey(&k->public, pkey) != 0) {
		rsa_private_free(k);
		return NULL;
	}
	return k;
}

struct rsa_private *rsa_private_from_pem(struct cspan pem)
{
	return wrap(rsa_pem_decode(pem, EVP_PKEY_KEYPAIR));
}

struct rsa_private *rsa_private_generate(void)
{
	return wrap(EVP_RSA_gen(2048));
}

void rsa_private_free(struct rsa_private *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey);
	free(k);
}

void rsa_private_public(const struct rsa_private *k, struct rsa_public *out)
{
	*out = k->public;
}

/* PKCS#1 text; 0 when it does not fit with its closing zero. */
static size_t encode(const EVP_PKEY *pkey, int selection, char *out, size_t size)
{
	OSSL_ENCODER_CTX *c =
	    OSSL_ENCODER_CTX_new_for_pkey(pkey, selection, "PEM", "type-specific", NULL);
	unsigned char *text = NULL;
	size_t len = 0;

	check(c != NULL);
	if (OSSL_ENCODER_to_data(c, &text, &len) != 1 || len >= size)
		len = 0;
	if (size > 0) {
		if (len > 0)
			memcpy(out, text, len);
		out[len] = 0;
	}
	OPENSSL_clear_free(text, len);
	OSSL_ENCODER_CTX_free(c);
	return len;
}

size_t rsa_private_pem(const struct rsa_private *k, char *out, size_t size)
{
	return encode(k->pkey, EVP_PKEY_KEYPAIR, out, size);
}

static EVP_PKEY *pkey_of_public(const struct rsa_public *k)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *n = BN_bin2bn(k->n, 256, NULL);
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM *params;

	check(build != NULL && c != NULL && n != NULL);
	check(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1);
	check(OSSL_PARAM_BLD_push_uint(build, OSSL_PKEY_PARAM_RSA_E, k->e) == 1);
	params = OSSL_PARAM_BLD_to_param(build);
	check(params != NULL);
	check(EVP_PKEY_fromdata_init(c) == 1);
	check(EVP_PKEY_fromdata(c, &pkey, EVP_PKEY_PUBLIC_KEY, params) == 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_free(n);
	EVP_PKEY_CTX_free(c);
	return pkey;
}

size_t rsa_public_pem(const struct rsa_public *k, char *out, size_t size)
{
	EVP_PKEY *pkey = pkey_of_public(k);
	size_t len = encode(pkey, EVP_PKEY_PUBLIC_KEY, out, size);

	EVP_PKEY_free(pkey);
	return len;
}

/* in^d mod n. False: in is not below n. */
static bool private_operation(const struct rsa_private *k, const uint8_t in[256], uint8_t out[256])
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(k->pkey, NULL);
	size_t len = 256;
	bool ok;

	check(c != NULL);
	check(EVP_PKEY_decrypt_init(c) == 1);
	check(EVP_PKEY_CTX_set_rsa_padding(c, RSA_NO_PADDING) == 1);
	ok = EVP_PKEY_decrypt(c, out, &len, in, 256) == 1 && len == 256;
	EVP_PKEY_CTX_free(c);
	return ok;
}

/* block is used up. True when its hash says that it is RSA_PAD; out then has the 192 bytes. */
static bool undo_pad(uint8_t block[256], uint8_t out[PADDED])
{
	static const uint8_t zero_iv[32];
	uint8_t *inner = block + 32;
	struct cspan encrypted = {inner, HASHED};
	uint8_t temp_key[32], hash[32];
	bool ok;

	digest_sha256(temp_key, &encrypted, 1);
	for (size_t i = 0; i < 32; i++)
		temp_key[i] = (uint8_t)(temp_key[i] ^ block[i]);
	ige_decrypt(temp_key, zero_iv, inner, HASHED);
	for (size_t i = 0; i < PADDED; i++)
		out[i] = inner[PADDED - 1 - i];
	rsa_pad_hash(hash, temp_key, out);
	ok = bytes_equal_ct(hash, inner + PADDED, 32);
	bytes_wipe(temp_key, sizeof(temp_key));
	return ok;
}

bool rsa_private_open(const struct rsa_private *k, const uint8_t in[256], uint8_t out[235],
		      size_t *out_len, bool *is_old_form)
{
	uint8_t block[256], work[256];
	bool ok = false;

	if (!private_operation(k, in, block))
		return false;
	memcpy(work, block, 256);
	if (undo_pad(work, out)) {
		*out_len = PADDED;
		*is_old_form = false;
		ok = true;
	} else if (block[0] == 0) {
		memcpy(out, block + 1 + OLD_HASH, OLD_DATA);
		*out_len = OLD_DATA;
		*is_old_form = true;
		ok = true;
	}
	bytes_wipe(block, sizeof(block));
	bytes_wipe(work, sizeof(work));
	return ok;
}

bool rsa_old_form_check(const struct rsa_private *k, const uint8_t in[256], size_t object_len)
{
	uint8_t block[256], sha1[20];
	struct cspan object = {block + 1 + OLD_HASH, object_len};
	bool ok;

	if (object_len > OLD_DATA || !private_operation(k, in, block))
		return false;
	digest_sha1(sha1, &object, 1);
	ok = block[0] == 0 && bytes_equal_ct(sha1, block + 1, OLD_HASH);
	bytes_wipe(block, sizeof(block));
	return ok;
}
