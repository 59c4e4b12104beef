/*
 * The binding of a temporary key, as bytes:
 *
 *   call    id 4 | perm_id 8 | nonce 8 | expires_at 4 | bytes: length 1, sealed 104, zeros 3
 *   sealed  perm_id 8 | msg_key 16 | IGE(random 16, msg_id 8, seq_no 4, length 4, inner 40, padding 8)
 *
 * msg_key is of everything enciphered but the padding. Owns nothing and wipes what it derives.
 */
#include "proto/session/binding.h"

#include "proto/base/check.h"
#include "proto/crypto/ige.h"
#include "proto/wire/tl.h"

enum {
	ID_BIND = (int)0xcdd42a05u,
	ID_INNER = 0x75a3f765,
	RANDOM_LEN = 16,
	INNER_LEN = 40,
	PLAIN_LEN = RANDOM_LEN + 16 + INNER_LEN,
	PADDING_LEN = 8,
	SEALED_LEN = 8 + 16 + PLAIN_LEN + PADDING_LEN,
};

static_assert(RANDOM_LEN + PADDING_LEN + 8 == (int)BINDING_RANDOM, "each random byte has one use");
static_assert((PLAIN_LEN + PADDING_LEN) % 16 == 0, "whole blocks are enciphered");

static void write_plain(uint8_t plain[PLAIN_LEN + PADDING_LEN], const struct binding *b,
			const uint8_t *random)
{
	struct tl_writer w;

	tl_writer_init(&w, (struct span){plain, PLAIN_LEN + PADDING_LEN});
	tl_write_raw(&w, random + 8, RANDOM_LEN);
	tl_write_u64(&w, b->msg_id);
	tl_write_u32(&w, 0); /* seq_no */
	tl_write_u32(&w, INNER_LEN);
	tl_write_u32(&w, ID_INNER);
	tl_write_raw(&w, random, 8);
	tl_write_u64(&w, b->temp_id);
	tl_write_u64(&w, b->perm->id);
	tl_write_u64(&w, b->session_id);
	tl_write_u32(&w, (uint32_t)b->expires_at);
	check(!w.full && tl_written(&w) == PLAIN_LEN);
	tl_write_raw(&w, random + 8 + RANDOM_LEN, PADDING_LEN);
}

static void seal(uint8_t sealed[SEALED_LEN], const struct binding *b, const uint8_t *random)
{
	uint8_t aes_key[32], aes_iv[32], digest[20];
	uint8_t *msg_key = sealed + 8, *plain = sealed + 24;

	store_le64(sealed, b->perm->id);
	write_plain(plain, b, random);
	digest_sha1(digest, &(struct cspan){plain, PLAIN_LEN}, 1);
	memcpy(msg_key, digest + 4, 16);
	msgkey_derive_v1(aes_key, aes_iv, b->perm, msg_key, MSG_FROM_CLIENT);
	ige_encrypt(aes_key, aes_iv, plain, PLAIN_LEN + PADDING_LEN);
	bytes_wipe(aes_key, sizeof(aes_key));
	bytes_wipe(aes_iv, sizeof(aes_iv));
	bytes_wipe(digest, sizeof(digest));
}

void binding_write(uint8_t query[BINDING_QUERY], const struct binding *b,
		   const uint8_t random[BINDING_RANDOM])
{
	uint8_t sealed[SEALED_LEN];
	struct tl_writer w;

	seal(sealed, b, random);
	tl_writer_init(&w, (struct span){query, BINDING_QUERY});
	tl_write_u32(&w, (uint32_t)ID_BIND);
	tl_write_u64(&w, b->perm->id);
	tl_write_raw(&w, random, 8);
	tl_write_u32(&w, (uint32_t)b->expires_at);
	tl_write_bytes(&w, (struct cspan){sealed, sizeof(sealed)});
	check(!w.full && tl_written(&w) == BINDING_QUERY);
}
