/*
 * SHA-1, SHA-256, MD5 over one or several pieces, and SHA-256 as a stream. SHA-1 is used only
 * where the protocol prescribes it (key exchange, key ids).
 */
#ifndef TGCLONE_CRYPTO_DIGEST_H
#define TGCLONE_CRYPTO_DIGEST_H

#include "proto/base/bytes.h"

void digest_sha1(uint8_t out[20], const struct cspan *parts, size_t count);
void digest_sha256(uint8_t out[32], const struct cspan *parts, size_t count);
void digest_md5(uint8_t out[16], const struct cspan *parts, size_t count);

/* Independent messages of two parts each; neighbours are hashed side by side, nearly twice as fast.
 */
struct digest_job {
	struct cspan parts[2];
	uint8_t hash[32]; /* out */
};

void digest_sha256_batch(struct digest_job *jobs, size_t count);

struct sha256_stream {
	uint32_t state[8];
	uint64_t total;
	uint8_t tail[64];
};

void sha256_init(struct sha256_stream *);
void sha256_put(struct sha256_stream *, const void *data, size_t len);
/* Writes the digest and wipes the stream. */
void sha256_end(struct sha256_stream *, uint8_t out[32]);

#endif
