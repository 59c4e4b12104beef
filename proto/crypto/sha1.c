/*
 * SHA-1 (FIPS 180-4), in plain C: MTProto's key exchange and fingerprints want it of a few hundred
 * bytes now and then. OpenSSL's would be as right, but the first digest asked of it loads its providers
 * and all their names: two megabytes that nothing else of a run touches.
 */
#include "proto/crypto/digest.h"

struct sha1 {
	uint32_t state[5];
	uint8_t block[64];
	uint64_t total;
};

static uint32_t rotl(uint32_t v, int by)
{
	return v << by | v >> (32 - by);
}

static void schedule(uint32_t w[80], const uint8_t block[64])
{
	for (int i = 0; i < 16; i++)
		w[i] = __builtin_bswap32(load_le32(block + 4 * i));
	for (int i = 16; i < 80; i++)
		w[i] = rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
}

/* What mixes b, c and d in a round, with the constant of its twenty. */
static uint32_t mixed(int round, uint32_t b, uint32_t c, uint32_t d)
{
	if (round < 20)
		return ((b & c) | (~b & d)) + 0x5a827999;
	if (round < 40)
		return (b ^ c ^ d) + 0x6ed9eba1;
	if (round < 60)
		return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
	return (b ^ c ^ d) + 0xca62c1d6;
}

static void take_block(struct sha1 *s)
{
	uint32_t w[80], v[5];

	schedule(w, s->block);
	memcpy(v, s->state, sizeof(v));
	for (int i = 0; i < 80; i++) {
		uint32_t next = rotl(v[0], 5) + mixed(i, v[1], v[2], v[3]) + v[4] + w[i];

		v[4] = v[3];
		v[3] = v[2];
		v[2] = rotl(v[1], 30);
		v[1] = v[0];
		v[0] = next;
	}
	for (int i = 0; i < 5; i++)
		s->state[i] += v[i];
	bytes_wipe(w, sizeof(w));
	bytes_wipe(v, sizeof(v));
}

static void put(struct sha1 *s, const uint8_t *at, size_t len)
{
	while (len > 0) {
		size_t held = s->total % 64, n = 64 - held < len ? 64 - held : len;

		memcpy(s->block + held, at, n);
		s->total += n;
		at += n;
		len -= n;
		if (s->total % 64 == 0)
			take_block(s);
	}
}

void digest_sha1(uint8_t out[20], const struct cspan *parts, size_t count)
{
	struct sha1 s = {.state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}};
	static const uint8_t padding[64] = {0x80};
	uint8_t bits[8];

	for (size_t i = 0; i < count; i++)
		put(&s, parts[i].at, parts[i].len);
	store_be64(bits, s.total * 8);
	put(&s, padding, 1 + (55 - s.total) % 64);
	put(&s, bits, sizeof(bits));
	for (int i = 0; i < 5; i++)
		store_be32(out + 4 * i, s.state[i]);
	bytes_wipe(&s, sizeof(s));
}
