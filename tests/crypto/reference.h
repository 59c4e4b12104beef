/* What the AES kernels are compared with: IGE and CTR written plainly over OpenSSL's AES. */
#ifndef TGCLONE_TESTS_CRYPTO_REFERENCE_H
#define TGCLONE_TESTS_CRYPTO_REFERENCE_H

#include "proto/base/bytes.h"
#include "proto/base/check.h"

#include <openssl/evp.h>

/* A context that is used again for every message: making one costs more than a short message. */
struct reference {
	EVP_CIPHER_CTX *ecb[2]; /* decrypting, encrypting */
	EVP_CIPHER_CTX *ctr;
};

static inline void reference_open(struct reference *r)
{
	uint8_t zero[32] = {0};

	for (int i = 0; i < 2; i++) {
		r->ecb[i] = EVP_CIPHER_CTX_new();
		check(EVP_CipherInit_ex(r->ecb[i], EVP_aes_256_ecb(), NULL, zero, NULL, i) == 1);
		EVP_CIPHER_CTX_set_padding(r->ecb[i], 0);
	}
	r->ctr = EVP_CIPHER_CTX_new();
	check(EVP_CipherInit_ex(r->ctr, EVP_aes_256_ctr(), NULL, zero, zero, 1) == 1);
}

static inline void reference_close(struct reference *r)
{
	EVP_CIPHER_CTX_free(r->ecb[0]);
	EVP_CIPHER_CTX_free(r->ecb[1]);
	EVP_CIPHER_CTX_free(r->ctr);
}

static inline void reference_block(EVP_CIPHER_CTX *c, uint8_t block[16])
{
	int n;

	check(EVP_CipherUpdate(c, block, &n, block, 16) == 1);
}

/* c[i] = E(p[i] ^ c[i-1]) ^ p[i-1], and its inverse. */
static inline void reference_ige(struct reference *r, bool encrypt, const uint8_t key[32],
				 const uint8_t iv[32], uint8_t *data, size_t len)
{
	EVP_CIPHER_CTX *c = r->ecb[encrypt];
	uint8_t cipher[16], plain[16], in[16];

	check(EVP_CipherInit_ex(c, NULL, NULL, key, NULL, encrypt) == 1);
	memcpy(cipher, iv, 16);
	memcpy(plain, iv + 16, 16);
	for (uint8_t *at = data; at < data + len; at += 16) {
		memcpy(in, at, 16);
		for (int i = 0; i < 16; i++)
			at[i] = (uint8_t)(at[i] ^ (encrypt ? cipher[i] : plain[i]));
		reference_block(c, at);
		for (int i = 0; i < 16; i++)
			at[i] = (uint8_t)(at[i] ^ (encrypt ? plain[i] : cipher[i]));
		memcpy(encrypt ? plain : cipher, in, 16);
		memcpy(encrypt ? cipher : plain, at, 16);
	}
}

static inline void reference_ctr(struct reference *r, const uint8_t key[32], const uint8_t iv[16],
				 uint8_t *data, size_t len)
{
	int n;

	check(EVP_CipherInit_ex(r->ctr, NULL, NULL, key, iv, 1) == 1);
	check(EVP_CipherUpdate(r->ctr, data, &n, data, (int)len) == 1);
}

#endif
