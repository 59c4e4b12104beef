/*
 * AES-256 without instructions of our own: OpenSSL's block cipher, one context per call. It is the
 * only path in the data's way that allocates, and runs only where the processor has no AES-NI.
 */
#ifndef TGCLONE_CRYPTO_AES_PRIV_H
#define TGCLONE_CRYPTO_AES_PRIV_H

#include "proto/crypto/ige.h"

void ige_evp(struct ige_job *, bool decrypt);
void ctr_evp_apply(const uint8_t key[32], uint8_t counter[16], uint8_t *data, size_t blocks);

#endif
