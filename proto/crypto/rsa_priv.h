/* What the two halves of rsa.h share. */
#ifndef TGCLONE_CRYPTO_RSA_PRIV_H
#define TGCLONE_CRYPTO_RSA_PRIV_H

#include "proto/crypto/rsa.h"

#include <openssl/evp.h>

/* False: another form, or no key at all, and *out says nothing. */
bool rsa_pem_plain(struct rsa_public *out, struct cspan pem);
/* NULL when the text is no RSA key of that kind; the caller frees it. */
EVP_PKEY *rsa_pem_decode(struct cspan pem, int selection);
int rsa_public_of_pkey(struct rsa_public *, const EVP_PKEY *);
/* SHA256(temp_key + padded) */
void rsa_pad_hash(uint8_t out[32], const uint8_t temp_key[32], const uint8_t padded[192]);

#endif
