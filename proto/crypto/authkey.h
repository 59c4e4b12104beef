/*
 * The authorization key and what is derived from it (messages.md 1, auth_key.md 1 and 10).
 */
#ifndef TGCLONE_CRYPTO_AUTHKEY_H
#define TGCLONE_CRYPTO_AUTHKEY_H

#include "proto/base/bytes.h"
#include "proto/crypto/digest.h"

/* The key in big-endian, with its leading zeros. Wipe with bytes_wipe when it goes. */
struct auth_key {
	uint8_t key[256];
	uint64_t id;       /* SHA1(key)[12..19], read little-endian */
	uint64_t aux_hash; /* SHA1(key)[0..7], read little-endian */
};

/* The x of the key derivation: which side wrote the message. */
enum msg_dir { MSG_FROM_CLIENT = 0, MSG_FROM_SERVER = 8 };

/* Fills id and aux_hash from key. */
void authkey_finish(struct auth_key *);

/* SHA256(key[88+x..119+x] + plaintext), all 32 bytes; msg_key is bytes 8..23 of it. */
void msgkey_large(uint8_t out[32], const struct auth_key *, enum msg_dir, struct cspan plaintext);
/* The same for many messages: digest_sha256_batch() over what this prepares. */
void msgkey_large_prepare(struct digest_job *, const struct auth_key *, enum msg_dir,
			  struct cspan plaintext);
/* AES key and iv of one message, MTProto 2.0. */
void msgkey_derive(uint8_t aes_key[32], uint8_t aes_iv[32], const struct auth_key *,
		   const uint8_t msg_key[16], enum msg_dir);
/* MTProto 1.0 (SHA-1) derivation: only for auth.bindTempAuthKey. */
void msgkey_derive_v1(uint8_t aes_key[32], uint8_t aes_iv[32], const struct auth_key *,
		      const uint8_t msg_key[16], enum msg_dir);

#endif
