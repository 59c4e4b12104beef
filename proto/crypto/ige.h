/*
 * AES-256-IGE, in place. The chain is serial within one message, so speed comes from several
 * messages at once: callers hand over batches. iv is c[-1] followed by p[-1].
 */
#ifndef TGCLONE_CRYPTO_IGE_H
#define TGCLONE_CRYPTO_IGE_H

#include "proto/base/bytes.h"

struct ige_job {
	uint8_t key[32];
	uint8_t iv[32];
	uint8_t *data;
	size_t len; /* a multiple of 16 */
};

/* Jobs are independent; any mix of lengths. iv is not kept up to date. */
void ige_encrypt_batch(struct ige_job *jobs, size_t count);
void ige_decrypt_batch(struct ige_job *jobs, size_t count);

void ige_encrypt(const uint8_t key[32], const uint8_t iv[32], uint8_t *data, size_t len);
void ige_decrypt(const uint8_t key[32], const uint8_t iv[32], uint8_t *data, size_t len);

#endif
