/*
 * Server RSA keys: fingerprints, RSA_PAD (auth_key.md 3.4), and for a simulated server the private
 * operation and the older SHA-1 scheme. Randomness is an argument.
 */
#ifndef TGCLONE_CRYPTO_RSA_H
#define TGCLONE_CRYPTO_RSA_H

#include "proto/base/bytes.h"

struct rsa_public {
	uint8_t n[256];
	uint32_t e;
	uint64_t fingerprint; /* last 8 bytes of SHA1(TL(n) + TL(e)), read little-endian */
};

/* From PEM text, PKCS#1 ("RSA PUBLIC KEY") or SubjectPublicKeyInfo. 0, or -EINVAL. 2048 bit only.
 */
int rsa_public_from_pem(struct rsa_public *, struct cspan pem);
int rsa_public_from_numbers(struct rsa_public *, const uint8_t n[256], uint32_t e);

/* Random bytes for one attempt: 192 - data.len of padding, then 32 of temp_key. */
enum { RSA_PAD_RANDOM = 192 + 32, RSA_PAD_DATA_MAX = 144 };
/* data.len <= 144. False: the number was not below n; call again with fresh random bytes. */
bool rsa_pad_encrypt(uint8_t out[256], const struct rsa_public *, struct cspan data,
		     const uint8_t random[RSA_PAD_RANDOM]);

/* A server's key pair; owns OpenSSL memory. */
struct rsa_private;
struct rsa_private *rsa_private_from_pem(struct cspan pem); /* NULL when unusable */
struct rsa_private *rsa_private_generate(void);             /* 2048 bit, e = 65537 */
void rsa_private_free(struct rsa_private *);
void rsa_private_public(const struct rsa_private *, struct rsa_public *out);
/* PEM of the private key, and of the public one in PKCS#1 form; returns length, 0 if it won't fit.
 */
size_t rsa_private_pem(const struct rsa_private *, char *out, size_t size);
size_t rsa_public_pem(const struct rsa_public *, char *out, size_t size);
/*
 * Undoes RSA_PAD, or the older form SHA1(data) + data + padding (both are tried, the newer first).
 * The caller parses the TL object at the front of out; *out_len is 192 (RSA_PAD) or 235 (older
 * form).
 */
bool rsa_private_open(const struct rsa_private *, const uint8_t in[256], uint8_t out[235],
		      size_t *out_len, bool *is_old_form);
/* For the older form: whether SHA1 of the first object_len bytes of out is the hash that came. */
bool rsa_old_form_check(const struct rsa_private *, const uint8_t in[256], size_t object_len);

#endif
