/*
 * Fuzz target: the key exchange, with arithmetic that costs nothing. Messages of the server follow
 * each other, each with two bytes of length and one of help: whether the nonces are made to fit,
 * and whether the message is the inner answer, to be hashed and encrypted as the server does it.
 * Done is only reached with the right hash, and a fault leaves no secret.
 */
#include "proto/base/check.h"
#include "proto/crypto/dh.h"
#include "proto/crypto/digest.h"
#include "proto/crypto/ige.h"
#include "proto/session/handshake.h"

#include <stdlib.h>

enum { MESSAGE_MAX = 2048, HELP_NONCES = 1, HELP_INNER = 2, HELP_HASH = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stand-ins for proto/crypto/dh.c. */

const uint8_t dh_known_prime[256] = {0xc7};

enum dh_fault dh_check_group(struct cspan p, uint32_t g, const uint8_t random[64])
{
	(void)random;
	if (p.len != 256)
		return DH_PRIME_SIZE;
	return g < 2 || g > 7 ? DH_GENERATOR : DH_SOUND;
}

enum dh_fault dh_check_public(struct cspan p, struct cspan value)
{
	(void)p;
	return value.len != 256 || value.at[0] == 0 ? DH_RANGE : DH_SOUND;
}

void dh_modexp(uint8_t out[256], struct cspan base, struct cspan exp, struct cspan p)
{
	for (size_t i = 0; i < 256; i++)
		out[i] = (uint8_t)(base.at[i % base.len] ^ exp.at[i % exp.len] ^ p.at[i % p.len]);
}

void dh_modexp_g(uint8_t out[256], uint32_t g, struct cspan exp, struct cspan p)
{
	uint8_t base = (uint8_t)g;

	dh_modexp(out, (struct cspan){&base, 1}, exp, p);
}

static void encrypt_inner(const struct handshake *h, uint8_t *msg, size_t *len)
{
	uint8_t block[MESSAGE_MAX], keys[64];
	size_t inner = *len, n = (20 + inner + 15) / 16 * 16;
	const uint8_t *fresh = h->random.new_nonce, *server = h->server_nonce;
	const struct cspan a[2] = {{fresh, 32}, {server, 16}}, b[2] = {{server, 16}, {fresh, 32}},
			   c[2] = {{fresh, 32}, {fresh, 32}};
	uint8_t ha[20], hb[20], hc[20];

	if (n + 40 > MESSAGE_MAX)
		return;
	digest_sha1(ha, a, 2);
	digest_sha1(hb, b, 2);
	digest_sha1(hc, c, 2);
	memcpy(keys, ha, 20);
	memcpy(keys + 20, hb, 20);
	memcpy(keys + 40, hc, 20);
	memcpy(keys + 60, fresh, 4);
	memset(block, 0, sizeof(block));
	digest_sha1(block, &(struct cspan){msg, inner}, 1);
	memcpy(block + 20, msg, inner);
	ige_encrypt(keys, keys + 32, block, n);
	store_le32(msg, 0xd0e8075c);
	memcpy(msg + 4, h->random.nonce, 16);
	memcpy(msg + 20, h->server_nonce, 16);
	store_le32(msg + 36, (uint32_t)n << 8 | 254);
	memcpy(msg + 40, block, n);
	*len = 40 + n;
}

static void put_hash(const struct handshake *h, uint8_t *msg)
{
	uint8_t number = load_le32(msg) == 0x3bcbf734 ? 1 : load_le32(msg) == 0x46dc1fb9 ? 2 : 3;
	const struct cspan parts[3] = {
	    {h->random.new_nonce, 32}, {&number, 1}, {(const void *)&h->result.key.aux_hash, 8}};
	uint8_t hash[20];

	digest_sha1(hash, parts, 3);
	memcpy(msg + 36, hash + 4, 16);
}

static size_t prepare(const struct handshake *h, uint8_t *msg, size_t len, uint8_t help)
{
	if ((help & HELP_NONCES) && len >= 36) {
		memcpy(msg + 4, h->random.nonce, 16);
		if (h->phase != 0)
			memcpy(msg + 20, h->server_nonce, 16);
	}
	if ((help & HELP_HASH) && len >= 52)
		put_hash(h, msg);
	if (help & HELP_INNER)
		encrypt_inner(h, msg, &len);
	return len;
}

static void expect_clean(const struct handshake *h)
{
	static const struct handshake_random nothing;

	check(h->fault != HANDSHAKE_SOUND);
	check(memcmp(&h->random, &nothing, sizeof(nothing)) == 0);
}

/* Rows: H12 H13 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct rsa_public rsa = {
	    .n = {0xff}, .e = 65537, .fingerprint = 0x0123456789abcdef};
	struct handshake *h = malloc(sizeof(*h));
	uint8_t *random = calloc(1, HANDSHAKE_RANDOM), *msg = malloc(MESSAGE_MAX);
	uint8_t mem[HANDSHAKE_OUT_MAX];
	enum handshake_status status;
	struct buf out;

	check(h != NULL && random != NULL && msg != NULL);
	random[0] = 0x77;
	memset(random + 48, 0x11, 1024);
	buf_init(&out, mem, sizeof(mem), 0);
	status = handshake_start(h, &rsa, 1, 2, 0, random, &out);
	while (size >= 3 && status == HANDSHAKE_SEND) {
		size_t len = load_le16(data) % 1200;
		uint8_t help = data[2];

		data += 3;
		size -= 3;
		len = len < size ? len : size;
		memcpy(msg, data, len);
		data += len;
		size -= len;
		len = prepare(h, msg, len, help);
		buf_init(&out, mem, sizeof(mem), 0);
		status = handshake_consume(h, (struct cspan){msg, len}, &out);
		if (status == HANDSHAKE_SEND)
			check(out.len > 0 && out.len % 4 == 0);
		if (status == HANDSHAKE_FAILED)
			expect_clean(h);
	}
	handshake_wipe(h);
	free(h);
	free(random);
	free(msg);
	return 0;
}
