/*
 * Opening messages, hashing them, and sealing others, in one pass. A part that is relayed is hashed
 * twice: as the message it came in (to check its msg_key) and as the message it will leave in (to
 * make one). Where the body stands at the same place modulo 64 in both, both hashes share a message
 * schedule; and the AES of two messages that are opened and two that are sealed fits into the
 * hashing's waits.
 *
 *   arrives   hash_key 32 | head ...... | body ............................ | padding
 *   leaves    new_hash_key| new head .. | the same body, not moved ......... | new padding
 *
 * A message cannot be sealed in the pass that opens it, since its key comes from its hash: pair k
 * is sealed while pair k+1 is opened. The first pair has nothing to seal, the last nothing to open:
 * any counts are allowed, 0 too. Any lengths and offsets give the same as the plain way, which is
 * ige_decrypt_batch, digest_sha256 twice, ige_encrypt_batch; only the speed differs.
 */
#ifndef TGCLONE_CRYPTO_FUSED_H
#define TGCLONE_CRYPTO_FUSED_H

#include "proto/crypto/ige.h"

struct fused_open {
	/* In: ciphertext at data, in place; len is a multiple of 16. */
	uint8_t key[32];
	uint8_t iv[32];
	uint8_t *data;
	size_t len;
	const uint8_t *hash_key; /* 32 bytes in front of the plaintext, in the hash only */
	/*
	 * In: what it will leave as. The body is data[body_at .. body_at + body_len), inside the
	 * message. new_head stands elsewhere until the caller has judged what arrived. No
	 * new_hash_key (NULL): it leaves as nothing, and only the first hash is made.
	 */
	const uint8_t *new_hash_key;
	struct cspan new_head;
	size_t body_at, body_len;
	struct cspan new_tail;
	/* Out. */
	uint8_t hash[32];     /* SHA256(hash_key + plaintext) */
	uint8_t new_hash[32]; /* SHA256(new_hash_key + new_head + body + new_tail) */
};

/*
 * The two are paired in order: opens 0 and 1 with seals 0 and 1, and so on; where AVX-512 is in
 * use, the first sixteen with the first sixteen, as long as there are so many of much the same
 * length. No message may be in both. Nothing is judged here: compare hash with the msg_key that
 * came before using anything.
 */
void fused_run(struct fused_open *opens, size_t open_count, struct ige_job *seals,
	       size_t seal_count);

#endif
