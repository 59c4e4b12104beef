/* AES-256-CTR as a stream with a 16-byte big-endian counter: obfuscated2 (transport.md 6). */
#ifndef TGCLONE_CRYPTO_CTR_H
#define TGCLONE_CRYPTO_CTR_H

#include "proto/base/bytes.h"

struct ctr_stream {
	_Alignas(16) uint8_t round_keys[240];
	uint8_t counter[16];
	uint8_t pad[16];
	uint32_t used; /* bytes of pad already spent; 16 = none left */
};

void ctr_init(struct ctr_stream *, const uint8_t key[32], const uint8_t iv[16]);
/* In place; the state advances by exactly len. */
void ctr_apply(struct ctr_stream *, uint8_t *data, size_t len);

#endif
