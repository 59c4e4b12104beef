/*
 * The client half of the key exchange:
 *
 *   req_pq_multi -> resPQ | req_DH_params -> server_DH_params_ok | set_client_DH_params ->
 * dh_gen_ok WAIT_PQ          |          WAIT_PARAMS                 |        WAIT_GEN      -> DONE
 *                                                                     ^ dh_gen_retry |
 *
 * It owns its secrets until handshake_wipe and lays them nowhere else. Envelopes, message ids, time
 * limits and starting over are the caller's. Only the object that is due is accepted (check 16).
 */
#include "proto/session/handshake.h"

#include "proto/base/check.h"
#include "proto/crypto/dh.h"
#include "proto/crypto/digest.h"
#include "proto/crypto/ige.h"
#include "proto/crypto/pq.h"
#include "proto/wire/tl.h"

enum phase { WAIT_PQ, WAIT_PARAMS, WAIT_GEN, DONE, FAILED };

enum {
	ID_REQ_PQ_MULTI = (int)0xbe7e8ef1u,
	ID_RES_PQ = 0x05162463,
	ID_INNER_DC = (int)0xa9f55f95u,
	ID_INNER_TEMP_DC = 0x56fddf88,
	ID_REQ_DH_PARAMS = (int)0xd712e4beu,
	ID_PARAMS_OK = (int)0xd0e8075cu,
	ID_PARAMS_FAIL = 0x79cb045d,
	ID_SERVER_INNER = (int)0xb5890dbau,
	ID_CLIENT_INNER = 0x6643b654,
	ID_SET_CLIENT_DH = (int)0xf5045f1fu,
	ID_GEN_OK = 0x3bcbf734,
	ID_GEN_RETRY = 0x46dc1fb9,
	ID_GEN_FAIL = (int)0xa69dae02u,
};

enum {
	SHA1_LEN = 20,
	ANSWER_MAX = 1024,      /* 592 in practice */
	CLIENT_INNER_LEN = 304, /* with a g_b of 256 bytes */
	CLIENT_DATA_LEN = 336,
};

static enum handshake_status fail(struct handshake *h, enum handshake_fault why)
{
	if (h->fault == HANDSHAKE_SOUND)
		h->fault = why; /* the first reason is the true one */
	handshake_wipe(h);
	h->phase = FAILED;
	return HANDSHAKE_FAILED;
}

static void begin(struct tl_writer *w, struct buf *out)
{
	check(out->len == 0 && buf_tailroom(out) >= HANDSHAKE_OUT_MAX);
	tl_writer_init(w, (struct span){buf_at(out), buf_tailroom(out)});
}

static enum handshake_status end(struct tl_writer *w, struct buf *out)
{
	check(!w->full);
	buf_put(out, (uint32_t)tl_written(w));
	return HANDSHAKE_SEND;
}

enum handshake_status handshake_start(struct handshake *h, const struct rsa_public *rsa,
				      uint32_t rsa_count, int32_t dc, int32_t expires_in,
				      const uint8_t random[HANDSHAKE_RANDOM], struct buf *out)
{
	struct tl_writer w;

	memset(h, 0, sizeof(*h));
	h->rsa = rsa;
	h->rsa_count = rsa_count;
	h->dc = dc;
	h->expires_in = expires_in;
	memcpy(&h->random, random, HANDSHAKE_RANDOM);
	begin(&w, out);
	tl_write_u32(&w, (uint32_t)ID_REQ_PQ_MULTI);
	tl_write_raw(&w, h->random.nonce, 16);
	return end(&w, out);
}

static const struct rsa_public *find_rsa(const struct handshake *h, uint64_t fingerprint)
{
	for (uint32_t i = 0; i < h->rsa_count; i++)
		if (h->rsa[i].fingerprint == fingerprint)
			return &h->rsa[i];
	return NULL;
}

/* The first of the server's fingerprints that we know. */
static const struct rsa_public *read_rsa(const struct handshake *h, struct tl_reader *r)
{
	const struct rsa_public *rsa = NULL;

	for (uint32_t left = tl_read_vector(r, 8); left > 0; left--) {
		const struct rsa_public *known = find_rsa(h, tl_read_u64(r));

		if (rsa == NULL)
			rsa = known;
	}
	return rsa;
}

static uint64_t number_of(struct cspan big_endian)
{
	uint64_t v = 0;

	for (size_t i = 0; i < big_endian.len; i++)
		v = v << 8 | big_endian.at[i];
	return v;
}

/* A number as TL bytes: big-endian, no leading zeros. */
static void write_number(struct tl_writer *w, uint64_t v)
{
	uint8_t bytes[8];
	size_t zeros = 0;

	store_be64(bytes, v);
	while (zeros < 7 && bytes[zeros] == 0)
		zeros++;
	tl_write_bytes(w, (struct cspan){bytes + zeros, 8 - zeros});
}

struct factors {
	struct cspan pq;
	uint64_t p, q;
};

/* p_q_inner_data_dc or p_q_inner_data_temp_dc (auth_key.md 3.3). */
static size_t write_inner(const struct handshake *h, const struct factors *f,
			  uint8_t inner[RSA_PAD_DATA_MAX])
{
	struct tl_writer w;

	tl_writer_init(&w, (struct span){inner, RSA_PAD_DATA_MAX});
	tl_write_u32(&w, (uint32_t)(h->expires_in > 0 ? ID_INNER_TEMP_DC : ID_INNER_DC));
	tl_write_bytes(&w, f->pq);
	write_number(&w, f->p);
	write_number(&w, f->q);
	tl_write_raw(&w, h->random.nonce, 16);
	tl_write_raw(&w, h->server_nonce, 16);
	tl_write_raw(&w, h->random.new_nonce, 32);
	tl_write_u32(&w, (uint32_t)h->dc);
	if (h->expires_in > 0)
		tl_write_u32(&w, (uint32_t)h->expires_in);
	check(!w.full); /* check 4 */
	return tl_written(&w);
}

static bool encrypt_inner(const struct handshake *h, const struct rsa_public *rsa,
			  const struct factors *f, uint8_t out[256])
{
	uint8_t inner[RSA_PAD_DATA_MAX];
	struct cspan data = {inner, write_inner(h, f, inner)};
	bool done = false;

	for (uint32_t i = 0; !done && i < HANDSHAKE_PAD_MAX; i++)
		done = rsa_pad_encrypt(out, rsa, data, h->random.rsa_pad[i]);
	bytes_wipe(inner, sizeof(inner));
	return done;
}

static enum handshake_status ask_params(struct handshake *h, const struct rsa_public *rsa,
					const struct factors *f, struct buf *out)
{
	uint8_t encrypted[256];
	struct tl_writer w;

	if (!encrypt_inner(h, rsa, f, encrypted))
		return fail(h, HANDSHAKE_UNLUCKY);
	begin(&w, out);
	tl_write_u32(&w, (uint32_t)ID_REQ_DH_PARAMS);
	tl_write_raw(&w, h->random.nonce, 16);
	tl_write_raw(&w, h->server_nonce, 16);
	write_number(&w, f->p);
	write_number(&w, f->q);
	tl_write_u64(&w, rsa->fingerprint);
	tl_write_bytes(&w, (struct cspan){encrypted, sizeof(encrypted)});
	h->phase = WAIT_PARAMS;
	return end(&w, out);
}

static enum handshake_status took_pq(struct handshake *h, struct tl_reader *r, struct buf *out)
{
	uint32_t id = tl_read_u32(r);
	const uint8_t *nonce = tl_read_raw(r, 16);
	const uint8_t *server_nonce = tl_read_raw(r, 16);
	struct factors f = {.pq = tl_read_bytes(r)};
	const struct rsa_public *rsa = read_rsa(h, r);
	uint64_t pq;

	if (!tl_ok(r) || id != ID_RES_PQ)
		return fail(h, HANDSHAKE_TL);
	if (!bytes_equal_ct(nonce, h->random.nonce, 16))
		return fail(h, HANDSHAKE_NONCE);
	if (rsa == NULL)
		return fail(h, HANDSHAKE_NO_RSA_KEY);
	pq = f.pq.len <= 8 ? number_of(f.pq) : 0;
	if (pq == 0 || pq > INT64_MAX || !pq_factor(pq, &f.p, &f.q))
		return fail(h, HANDSHAKE_PQ);
	memcpy(h->server_nonce, server_nonce, 16);
	return ask_params(h, rsa, &f, out);
}

static void sha1_of(uint8_t out[SHA1_LEN], const void *a, size_t a_len, const void *b, size_t b_len)
{
	const struct cspan parts[] = {{a, a_len}, {b, b_len}};

	digest_sha1(out, parts, countof(parts));
}

/* tmp_aes_key and tmp_aes_iv (auth_key.md 3.5). */
static void derive_aes(struct handshake *h)
{
	const uint8_t *fresh = h->random.new_nonce, *server = h->server_nonce;
	uint8_t fresh_server[SHA1_LEN], server_fresh[SHA1_LEN], fresh_fresh[SHA1_LEN];

	sha1_of(fresh_server, fresh, 32, server, 16);
	sha1_of(server_fresh, server, 16, fresh, 32);
	sha1_of(fresh_fresh, fresh, 32, fresh, 32);
	memcpy(h->aes_key, fresh_server, 20);
	memcpy(h->aes_key + 20, server_fresh, 12);
	memcpy(h->aes_iv, server_fresh + 12, 8);
	memcpy(h->aes_iv + 8, fresh_fresh, 20);
	memcpy(h->aes_iv + 28, fresh, 4);
	bytes_wipe(fresh_server, sizeof(fresh_server));
	bytes_wipe(server_fresh, sizeof(server_fresh));
	bytes_wipe(fresh_fresh, sizeof(fresh_fresh));
}

/* Whether both nonces that follow are those of this exchange. Reads them. */
static bool read_nonces(const struct handshake *h, struct tl_reader *r)
{
	const uint8_t *nonce = tl_read_raw(r, 16);
	const uint8_t *server_nonce = tl_read_raw(r, 16);

	return bytes_equal_ct(nonce, h->random.nonce, 16) &&
	       bytes_equal_ct(server_nonce, h->server_nonce, 16);
}

/* A new exponent: g_b into out, the key into result. False when none is left. */
static bool make_key(struct handshake *h, uint8_t g_b[256])
{
	struct cspan p = {h->p, sizeof(h->p)};

	while (h->b_used < HANDSHAKE_B_MAX) {
		struct cspan b = {h->random.b[h->b_used++], 256};

		dh_modexp_g(g_b, h->g, b, p);
		if (dh_check_public(p, (struct cspan){g_b, 256}) != DH_SOUND)
			continue;
		dh_modexp(h->result.key.key, (struct cspan){h->g_a, sizeof(h->g_a)}, b, p);
		authkey_finish(&h->result.key);
		return true;
	}
	return false;
}

/* SHA1(data) + data + padding, enciphered: client_DH_inner_data (auth_key.md 3.6). */
static void encrypt_client(const struct handshake *h, const uint8_t g_b[256],
			   uint8_t out[CLIENT_DATA_LEN])
{
	uint8_t *data = out + SHA1_LEN;
	struct tl_writer w;

	tl_writer_init(&w, (struct span){data, CLIENT_INNER_LEN});
	tl_write_u32(&w, ID_CLIENT_INNER);
	tl_write_raw(&w, h->random.nonce, 16);
	tl_write_raw(&w, h->server_nonce, 16);
	tl_write_u64(&w, h->retry_id);
	tl_write_bytes(&w, (struct cspan){g_b, 256});
	check(!w.full && tl_written(&w) == CLIENT_INNER_LEN);
	digest_sha1(out, &(struct cspan){data, CLIENT_INNER_LEN}, 1);
	memcpy(data + CLIENT_INNER_LEN, h->random.padding[h->b_used - 1],
	       CLIENT_DATA_LEN - SHA1_LEN - CLIENT_INNER_LEN);
	ige_encrypt(h->aes_key, h->aes_iv, out, CLIENT_DATA_LEN);
}

static enum handshake_status send_client(struct handshake *h, struct buf *out)
{
	uint8_t g_b[256], data[CLIENT_DATA_LEN];
	struct tl_writer w;

	if (!make_key(h, g_b))
		return fail(h, HANDSHAKE_PUBLIC);
	encrypt_client(h, g_b, data);
	begin(&w, out);
	tl_write_u32(&w, (uint32_t)ID_SET_CLIENT_DH);
	tl_write_raw(&w, h->random.nonce, 16);
	tl_write_raw(&w, h->server_nonce, 16);
	tl_write_bytes(&w, (struct cspan){data, sizeof(data)});
	h->phase = WAIT_GEN;
	return end(&w, out);
}

/* A number of at most 256 bytes, written with its leading zeros. */
static bool widen(uint8_t out[256], struct cspan v)
{
	if (v.len > 256)
		return false;
	memset(out, 0, 256 - v.len);
	memcpy(out + 256 - v.len, v.at, v.len);
	return true;
}

/* server_DH_inner_data, decrypted, hash in front: checks 7 to 11. */
static enum handshake_fault read_answer(struct handshake *h, const uint8_t *plain, size_t len)
{
	struct tl_reader r;
	uint8_t hash[SHA1_LEN];
	uint32_t id;
	bool nonces;
	struct cspan p, g_a;
	size_t used;

	tl_reader_init(&r, (struct cspan){plain + SHA1_LEN, len - SHA1_LEN});
	id = tl_read_u32(&r);
	nonces = read_nonces(h, &r);
	h->g = tl_read_u32(&r);
	p = tl_read_bytes(&r);
	g_a = tl_read_bytes(&r);
	h->result.server_time = tl_read_u32(&r);
	used = len - SHA1_LEN - tl_left(&r);
	if (!tl_ok(&r) || tl_left(&r) >= 16)
		return HANDSHAKE_ANSWER;
	digest_sha1(hash, &(struct cspan){plain + SHA1_LEN, used}, 1);
	if (!bytes_equal_ct(hash, plain, SHA1_LEN))
		return HANDSHAKE_ANSWER;
	if (id != (uint32_t)ID_SERVER_INNER)
		return HANDSHAKE_TL;
	if (!nonces)
		return HANDSHAKE_NONCE;
	if (dh_check_group(p, h->g, h->random.group) != DH_SOUND || !widen(h->p, p))
		return HANDSHAKE_GROUP;
	if (dh_check_public(p, g_a) != DH_SOUND || !widen(h->g_a, g_a))
		return HANDSHAKE_PUBLIC;
	return HANDSHAKE_SOUND;
}

static enum handshake_fault open_answer(struct handshake *h, struct cspan encrypted)
{
	uint8_t plain[ANSWER_MAX];
	enum handshake_fault fault;

	if (encrypted.len < 48 || encrypted.len % 16 != 0 || encrypted.len > sizeof(plain))
		return HANDSHAKE_ANSWER;
	derive_aes(h);
	memcpy(plain, encrypted.at, encrypted.len);
	ige_decrypt(h->aes_key, h->aes_iv, plain, encrypted.len);
	fault = read_answer(h, plain, encrypted.len);
	bytes_wipe(plain, sizeof(plain));
	return fault;
}

static enum handshake_status took_params(struct handshake *h, struct tl_reader *r, struct buf *out)
{
	uint32_t id = tl_read_u32(r);
	bool nonces = read_nonces(h, r);
	struct cspan encrypted = {NULL, 0};
	enum handshake_fault fault;

	if (id == ID_PARAMS_FAIL)
		tl_read_raw(r, 16);
	else
		encrypted = tl_read_bytes(r);
	if (!tl_ok(r) || (id != ID_PARAMS_FAIL && id != (uint32_t)ID_PARAMS_OK))
		return fail(h, HANDSHAKE_TL);
	if (!nonces)
		return fail(h, HANDSHAKE_NONCE);
	if (id == ID_PARAMS_FAIL)
		return fail(h, HANDSHAKE_REFUSED);
	fault = open_answer(h, encrypted);
	return fault == HANDSHAKE_SOUND ? send_client(h, out) : fail(h, fault);
}

/* SHA1(new_nonce + number + aux_hash)[4..19] */
static bool hash_matches(const struct handshake *h, uint8_t number, const uint8_t *theirs)
{
	const struct cspan parts[] = {
	    {h->random.new_nonce, 32}, {&number, 1}, {(const void *)&h->result.key.aux_hash, 8}};
	uint8_t hash[SHA1_LEN];

	digest_sha1(hash, parts, countof(parts));
	return bytes_equal_ct(hash + 4, theirs, 16);
}

static enum handshake_status done(struct handshake *h)
{
	struct handshake_result result = h->result;

	result.salt = load_le64(h->random.new_nonce) ^ load_le64(h->server_nonce);
	handshake_wipe(h);
	h->result = result;
	h->phase = DONE;
	bytes_wipe(&result, sizeof(result));
	return HANDSHAKE_DONE;
}

static uint8_t gen_number(uint32_t id)
{
	switch (id) {
	case ID_GEN_OK:
		return 1;
	case ID_GEN_RETRY:
		return 2;
	case (uint32_t)ID_GEN_FAIL:
		return 3;
	default:
		return 0;
	}
}

static enum handshake_status took_gen(struct handshake *h, struct tl_reader *r, struct buf *out)
{
	uint8_t number = gen_number(tl_read_u32(r));
	bool nonces = read_nonces(h, r);
	const uint8_t *hash = tl_read_raw(r, 16);

	if (!tl_ok(r) || number == 0)
		return fail(h, HANDSHAKE_TL);
	if (!nonces)
		return fail(h, HANDSHAKE_NONCE);
	if (!hash_matches(h, number, hash))
		return fail(h, HANDSHAKE_HASH);
	if (number == 1)
		return done(h);
	if (number == 3)
		return fail(h, HANDSHAKE_REFUSED);
	if (h->b_used == HANDSHAKE_B_MAX)
		return fail(h, HANDSHAKE_RETRIES);
	h->retry_id = h->result.key.aux_hash;
	return send_client(h, out);
}

enum handshake_status handshake_consume(struct handshake *h, struct cspan in, struct buf *out)
{
	struct tl_reader r;

	tl_reader_init(&r, in);
	switch (h->phase) {
	case WAIT_PQ:
		return took_pq(h, &r, out);
	case WAIT_PARAMS:
		return took_params(h, &r, out);
	case WAIT_GEN:
		return took_gen(h, &r, out);
	default:
		return HANDSHAKE_FAILED; /* nothing was due */
	}
}

void handshake_wipe(struct handshake *h)
{
	enum handshake_fault fault = h->fault;

	bytes_wipe(h, sizeof(*h));
	h->fault = fault;
	h->phase = FAILED;
}
