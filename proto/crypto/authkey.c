/*
 * What is derived from an authorization key: its id, and the message keys of both protocol
 * versions. Owns nothing; every intermediate hash is wiped.
 */
#include "proto/crypto/authkey.h"

void authkey_finish(struct auth_key *k)
{
	struct cspan all = {k->key, sizeof(k->key)};
	uint8_t sha1[20];

	digest_sha1(sha1, &all, 1);
	k->aux_hash = load_le64(sha1);
	k->id = load_le64(sha1 + 12);
	bytes_wipe(sha1, sizeof(sha1));
}

void msgkey_large(uint8_t out[32], const struct auth_key *k, enum msg_dir dir,
		  struct cspan plaintext)
{
	struct cspan parts[2] = {{k->key + 88 + dir, 32}, plaintext};

	digest_sha256(out, parts, 2);
}

void msgkey_large_prepare(struct digest_job *job, const struct auth_key *k, enum msg_dir dir,
			  struct cspan plaintext)
{
	job->parts[0] = cspan_of(k->key + 88 + dir, 32);
	job->parts[1] = plaintext;
}

/* The 8 + 16 + 8 bytes of two hashes; the iv is the same with the hashes changed over. */
static void mix(uint8_t out[32], const uint8_t outer[32], const uint8_t inner[32])
{
	memcpy(out, outer, 8);
	memcpy(out + 8, inner + 8, 16);
	memcpy(out + 24, outer + 24, 8);
}

void msgkey_derive(uint8_t aes_key[32], uint8_t aes_iv[32], const struct auth_key *k,
		   const uint8_t msg_key[16], enum msg_dir dir)
{
	struct cspan first[2] = {{msg_key, 16}, {k->key + dir, 36}};
	struct cspan second[2] = {{k->key + 40 + dir, 36}, {msg_key, 16}};
	uint8_t a[32], b[32];

	digest_sha256(a, first, 2);
	digest_sha256(b, second, 2);
	mix(aes_key, a, b);
	mix(aes_iv, b, a);
	bytes_wipe(a, sizeof(a));
	bytes_wipe(b, sizeof(b));
}

void msgkey_derive_v1(uint8_t aes_key[32], uint8_t aes_iv[32], const struct auth_key *k,
		      const uint8_t msg_key[16], enum msg_dir dir)
{
	const uint8_t *key = k->key + dir;
	struct cspan a_parts[] = {{msg_key, 16}, {key, 32}};
	struct cspan b_parts[] = {{key + 32, 16}, {msg_key, 16}, {key + 48, 16}};
	struct cspan c_parts[] = {{key + 64, 32}, {msg_key, 16}};
	struct cspan d_parts[] = {{msg_key, 16}, {key + 96, 32}};
	uint8_t h[4][20];

	digest_sha1(h[0], a_parts, 2);
	digest_sha1(h[1], b_parts, 3);
	digest_sha1(h[2], c_parts, 2);
	digest_sha1(h[3], d_parts, 2);
	memcpy(aes_key, h[0], 8);
	memcpy(aes_key + 8, h[1] + 8, 12);
	memcpy(aes_key + 20, h[2] + 4, 12);
	memcpy(aes_iv, h[0] + 8, 12);
	memcpy(aes_iv + 12, h[1], 8);
	memcpy(aes_iv + 20, h[2] + 16, 4);
	memcpy(aes_iv + 24, h[3], 8);
	bytes_wipe(h, sizeof(h));
}
