/*
 * obfuscated2 (transport.md 6): a 64-byte header from which both sides make two AES-256-CTR
 * streams. It makes a connection look random; it protects nothing.
 *
 *   header  0..7 random | 8..39 key | 40..55 iv | 56..59 tag | 60..61 dc | 62..63 random
 *           `--------- in clear ---------------' `------ enciphered ------------------'
 *
 * Owns nothing: it fills the two streams of the framer. Framing itself is frame.c's.
 */
#include "proto/wire/frame_priv.h"

#include "proto/crypto/digest.h"

enum { INIT_LEN = 64, KEY_AT = 8, IV_AT = 40, KEYS_LEN = 48, TAG_AT = 56, DC_AT = 60 };

static const uint32_t taken_prefixes[] = {
    0x44414548, /* HEAD */
    0x54534f50, /* POST */
    0x20544547, /* GET */
    0x4954504f, /* OPTI */
    0x02010316, /* a TLS ClientHello */
    0xdddddddd, 0xeeeeeeee,
};

bool obfs_prefix_taken(uint32_t first_int)
{
	for (size_t i = 0; i < countof(taken_prefixes); i++)
		if (taken_prefixes[i] == first_int)
			return true;
	return (first_int & 0xff) == 0xef;
}

bool obfs_init_allowed(const uint8_t init[64])
{
	return !obfs_prefix_taken(load_le32(init)) && load_le32(init + 4) != 0;
}

uint32_t obfs_tag(enum transport transport)
{
	switch (transport) {
	case TRANSPORT_ABRIDGED:
		return 0xefefefef;
	case TRANSPORT_PADDED:
		return 0xdddddddd;
	default:
		check(transport == TRANSPORT_INTERMEDIATE);
		return 0xeeeeeeee;
	}
}

static void start_stream(struct ctr_stream *s, const uint8_t keys[KEYS_LEN], const uint8_t *secret)
{
	uint8_t key[32];

	if (secret == NULL) {
		memcpy(key, keys, sizeof(key));
	} else {
		const struct cspan parts[] = {{keys, 32}, {secret, 16}};

		digest_sha256(key, parts, countof(parts));
	}
	ctr_init(s, key, keys + 32);
}

/* toward is the stream of the side that sent the header, back the other one. */
static void start_streams(struct ctr_stream *toward, struct ctr_stream *back,
			  const uint8_t header[INIT_LEN], const uint8_t *secret)
{
	uint8_t reversed[KEYS_LEN];

	for (uint32_t i = 0; i < KEYS_LEN; i++)
		reversed[i] = header[KEY_AT + KEYS_LEN - 1 - i];
	start_stream(toward, header + KEY_AT, secret);
	start_stream(back, reversed, secret);
}

void obfs_start_client(struct framer *f, const uint8_t init[64], const uint8_t *secret,
		       uint8_t header[64])
{
	start_streams(&f->out, &f->in, init, secret);
	memcpy(header, init, INIT_LEN);
	ctr_apply(&f->out, header, INIT_LEN);
	memcpy(header, init, TAG_AT);
}

bool obfs_start_server(struct framer *f, const uint8_t header[64])
{
	uint8_t init[INIT_LEN];

	start_streams(&f->in, &f->out, header, NULL);
	memcpy(init, header, INIT_LEN);
	ctr_apply(&f->in, init, INIT_LEN);
	f->dc = (int16_t)load_le16(init + DC_AT);
	for (enum transport t = TRANSPORT_INTERMEDIATE; t < TRANSPORT_FULL; t++) {
		if (load_le32(init + TAG_AT) != obfs_tag(t))
			continue;
		f->transport = t;
		f->obfuscated = true;
		return true;
	}
	return false;
}
