/*
 * One message on its way through both hashes: which bytes they have in common, what comes before
 * and after them.
 *
 * With its 32 bytes of key in front, hash block k is plaintext[64k - 32 .. 64k + 32). The shared
 * blocks are those that lie whole inside the body:
 *
 *   plaintext  | head    | body                                   | padding |
 *   blocks        |   |  |from  |      |      |      |      |  to |     |
 *                 own    `---- shared, one schedule, fused ------'  own
 */
#ifndef TGCLONE_CRYPTO_READING_PRIV_H
#define TGCLONE_CRYPTO_READING_PRIV_H

#include "proto/crypto/digest.h"
#include "proto/crypto/fused.h"

enum { HASH_BLOCK = 64 };

struct reading {
	struct fused_open *job;
	struct sha256_stream was, becomes;
	size_t from,
	    to;      /* the shared blocks: offsets into the plaintext; equal when there are none */
	bool shared; /* becomes runs beside was; else it is made afterwards, if at all */
};

void reading_plan(struct reading *, struct fused_open *);
static inline size_t reading_blocks(const struct reading *r)
{
	return (r->to - r->from) / HASH_BLOCK;
}
/* Both hashes as far as the shared blocks; the plaintext up to there is ready. */
void reading_begin(struct reading *);
/* The states of both for the shared blocks, and back when all of them were hashed. */
void reading_lend(const struct reading *, uint32_t state[2][8]);
void reading_take(struct reading *, uint32_t state[2][8]);
/* The rest of both, the plaintext being complete. done: how far the shared blocks were hashed. */
void reading_end(struct reading *, size_t done);

#endif
