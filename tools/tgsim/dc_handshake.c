/*
 * The server half of the key exchange. Owns the state between the three questions of one client on
 * one connection and the answers it may have to repeat. Leaves to dc.c: transport frames, message
 * ids, the store of finished keys (whether an id is taken), and when a fault is wanted.
 */
#include "tools/tgsim/dc_handshake.h"

#include "proto/crypto/dh.h"
#include "proto/crypto/digest.h"
#include "proto/crypto/ige.h"
#include "proto/wire/tl.h"

enum {
	REQ_PQ = 0x60469778,
	REQ_PQ_MULTI = (int)0xbe7e8ef1u,
	REQ_DH_PARAMS = (int)0xd712e4beu,
	SET_CLIENT_DH = (int)0xf5045f1fu,
	RES_PQ = 0x05162463,
	DH_PARAMS_OK = (int)0xd0e8075cu,
	DH_INNER = (int)0xb5890dbau,
	CLIENT_DH_INNER = 0x6643b654,
	GEN_OK = 0x3bcbf734,
	GEN_RETRY = 0x46dc1fb9,
	GEN_FAIL = (int)0xa69dae02u,
	INNER = (int)0x83c95aecu,
	INNER_DC = (int)0xa9f55f95u,
	INNER_TEMP = 0x3c6a84d4,
	INNER_TEMP_DC = 0x56fddf88,
	GENERATOR = 3,
	TEST_DC = 10000,
	EXPIRES_MAX = 86400,
};

void dc_hs_init(struct dc_hs *hs)
{
	memset(hs, 0, sizeof(*hs));
}

void dc_hs_wipe(struct dc_hs *hs)
{
	bytes_wipe(hs, sizeof(*hs));
}

static enum dc_hs_outcome refuse(struct dc_hs *hs, const char *why)
{
	dc_hs_wipe(hs);
	hs->why = why;
	return DC_HS_REFUSED;
}

/* ---- answers ---- */

/* The object stands in out: random padding behind it, and a copy in case the answer gets lost. */
static void finish_answer(struct dc_hs *hs, uint32_t step, int64_t now,
			  const struct dc_hs_random *random, struct buf *out)
{
	struct dc_hs_memory *m = &hs->memory[step];

	check(step < DC_HS_STEPS);
	check(random->tail_len <= DC_HS_TAIL_MAX && random->tail_len % 4 == 0);
	memcpy(buf_put(out, random->tail_len), random->tail, random->tail_len);
	check(out->len <= DC_HS_ANSWER_MAX);
	m->at = now;
	memcpy(m->digest, hs->digest, sizeof(m->digest));
	m->answer_len = out->len;
	memcpy(m->answer, buf_at(out), out->len);
}

static bool repeat_answer(struct dc_hs *hs, int64_t now, struct buf *out)
{
	for (uint32_t i = 0; i < DC_HS_STEPS; i++) {
		const struct dc_hs_memory *m = &hs->memory[i];

		if (m->at == 0 || now - m->at > (int64_t)DC_HS_REPEAT_S * 1000000000 ||
		    memcmp(m->digest, hs->digest, sizeof(m->digest)) != 0)
			continue;
		memcpy(buf_put(out, m->answer_len), m->answer, m->answer_len);
		return true;
	}
	return false;
}

static struct tl_writer writer_of(struct buf *out)
{
	struct tl_writer w;

	tl_writer_init(&w, (struct span){buf_at(out), buf_tailroom(out)});
	return w;
}

static void write_nonces(struct tl_writer *w, uint32_t id, const struct dc_hs *hs)
{
	tl_write_u32(w, id);
	tl_write_raw(w, hs->nonce, 16);
	tl_write_raw(w, hs->server_nonce, 16);
}

/* ---- step 1: req_pq ---- */

static enum dc_hs_outcome take_req_pq(struct dc_hs *hs, const struct dc_hs_site *site,
				      struct tl_reader *r, int64_t now,
				      const struct dc_hs_random *random, struct buf *out)
{
	const uint8_t *nonce = tl_read_raw(r, 16);
	uint64_t p = random->p < random->q ? random->p : random->q;
	uint64_t q = random->p < random->q ? random->q : random->p;
	struct tl_writer w = writer_of(out);
	uint8_t digest[20];

	if (!tl_ok(r))
		return refuse(hs, "req_pq cut");
	memcpy(digest, hs->digest, sizeof(digest));
	dc_hs_wipe(hs); /* whatever was begun before is over */
	memcpy(hs->digest, digest, sizeof(digest));
	memcpy(hs->nonce, nonce, 16);
	memcpy(hs->server_nonce, random->server_nonce, 16);
	store_be64(hs->pq, p * q);
	store_be32(hs->p, (uint32_t)p);
	store_be32(hs->q, (uint32_t)q);
	write_nonces(&w, RES_PQ, hs);
	tl_write_bytes(&w, cspan_of(hs->pq, 8));
	tl_write_u32(&w, TL_VECTOR);
	tl_write_u32(&w, site->decoy != 0 ? 2 : 1);
	if (site->decoy != 0)
		tl_write_u64(&w, site->decoy);
	tl_write_u64(&w, site->fingerprint);
	check(!w.full);
	buf_put(out, (uint32_t)tl_written(&w));
	hs->phase = DC_HS_PQ;
	finish_answer(hs, 0, now, random, out);
	return DC_HS_ANSWER;
}

/* ---- step 2: req_DH_params ---- */

static bool dc_is_right(const struct dc_hs_site *site, int32_t dc)
{
	int64_t number = dc;

	if (number < 0 && !site->media)
		return false;
	if (number < 0)
		number = -number;
	return number == site->dc + (site->test ? TEST_DC : 0);
}

/* p_q_inner_data in one of its four forms at the front of data. */
static enum dc_hs_outcome read_inner(struct dc_hs *hs, const struct dc_hs_site *site,
				     struct cspan data, size_t *object_len)
{
	struct tl_reader r;
	uint32_t id;
	struct cspan pq, p, q;
	const uint8_t *nonce, *server_nonce, *new_nonce;
	int32_t dc = 0;

	tl_reader_init(&r, data);
	id = tl_read_u32(&r);
	pq = tl_read_bytes(&r);
	p = tl_read_bytes(&r);
	q = tl_read_bytes(&r);
	nonce = tl_read_raw(&r, 16);
	server_nonce = tl_read_raw(&r, 16);
	new_nonce = tl_read_raw(&r, 32);
	if (id != (uint32_t)INNER && id != (uint32_t)INNER_DC && id != INNER_TEMP &&
	    id != INNER_TEMP_DC)
		return refuse(hs, "no p_q_inner_data");
	hs->temporary = id == INNER_TEMP || id == INNER_TEMP_DC;
	if (id == (uint32_t)INNER_DC || id == INNER_TEMP_DC)
		dc = tl_read_i32(&r);
	hs->expires_in = hs->temporary ? tl_read_i32(&r) : 0;
	if (!tl_ok(&r))
		return refuse(hs, "p_q_inner_data cut");
	*object_len = (size_t)(r.at - r.start);
	if (!cspan_equal(pq, cspan_of(hs->pq, 8)) || !cspan_equal(p, cspan_of(hs->p, 4)) ||
	    !cspan_equal(q, cspan_of(hs->q, 4)))
		return refuse(hs, "wrong pq, p or q inside");
	if (memcmp(nonce, hs->nonce, 16) != 0 || memcmp(server_nonce, hs->server_nonce, 16) != 0)
		return refuse(hs, "wrong nonce inside");
	if (hs->temporary && (hs->expires_in <= 0 || hs->expires_in > EXPIRES_MAX))
		return refuse(hs, "expires_in out of range");
	memcpy(hs->new_nonce, new_nonce, 32);
	if ((id == (uint32_t)INNER_DC || id == INNER_TEMP_DC) && !dc_is_right(site, dc)) {
		refuse(hs, "wrong DC inside");
		return DC_HS_WRONG_DC;
	}
	return DC_HS_ANSWER;
}

/* Opens the RSA block; on success everything of the client's secret half is in hs. */
static enum dc_hs_outcome open_rsa(struct dc_hs *hs, const struct dc_hs_site *site,
				   struct cspan block)
{
	uint8_t data[235], number[256] = {0};
	size_t len, object_len = 0;
	enum dc_hs_outcome outcome;

	if (block.len > 256)
		return refuse(hs, "RSA block too long");
	memcpy(number + 256 - block.len, block.at, block.len);
	if (!rsa_private_open(site->rsa, number, data, &len, &hs->old_rsa))
		return refuse(hs, "RSA block does not open");
	outcome = read_inner(hs, site, cspan_of(data, len), &object_len);
	if (outcome == DC_HS_ANSWER && hs->old_rsa &&
	    !rsa_old_form_check(site->rsa, number, object_len))
		outcome = refuse(hs, "SHA-1 of p_q_inner_data is wrong");
	bytes_wipe(data, sizeof(data));
	return outcome;
}

static void sha1_of_two(uint8_t out[20], const uint8_t *a, size_t a_len, const uint8_t *b,
			size_t b_len)
{
	struct cspan parts[2] = {cspan_of(a, a_len), cspan_of(b, b_len)};

	digest_sha1(out, parts, 2);
}

/* tmp_aes_key and tmp_aes_iv (auth_key.md 3.5). */
static void derive_aes(struct dc_hs *hs)
{
	uint8_t ns[20], sn[20], nn[20];

	sha1_of_two(ns, hs->new_nonce, 32, hs->server_nonce, 16);
	sha1_of_two(sn, hs->server_nonce, 16, hs->new_nonce, 32);
	sha1_of_two(nn, hs->new_nonce, 32, hs->new_nonce, 32);
	memcpy(hs->aes_key, ns, 20);
	memcpy(hs->aes_key + 20, sn, 12);
	memcpy(hs->aes_iv, sn + 12, 8);
	memcpy(hs->aes_iv + 8, nn, 20);
	memcpy(hs->aes_iv + 28, hs->new_nonce, 4);
}

/* SHA1(answer) + answer + padding, encrypted, as the last field of server_DH_params_ok. */
static void write_dh_answer(struct dc_hs *hs, const struct dc_hs_random *random, int64_t now,
			    struct tl_writer *out)
{
	uint8_t plain[20 + 576 + 16], g_a[256];
	struct tl_writer w;
	struct cspan object;
	size_t len;

	tl_writer_init(&w, (struct span){plain + 20, sizeof(plain) - 20});
	write_nonces(&w, (uint32_t)DH_INNER, hs);
	tl_write_u32(&w, GENERATOR);
	tl_write_bytes(&w, cspan_of(dh_known_prime, 256));
	dh_modexp_g(g_a, GENERATOR, cspan_of(hs->a, 256), cspan_of(dh_known_prime, 256));
	tl_write_bytes(&w, cspan_of(g_a, 256));
	tl_write_u32(&w, (uint32_t)(now / 1000000000));
	check(!w.full);
	object = cspan_of(plain + 20, tl_written(&w));
	digest_sha1(plain, &object, 1);
	len = (20 + object.len + 15) & ~(size_t)15;
	memcpy(plain + 20 + object.len, random->padding, len - 20 - object.len);
	ige_encrypt(hs->aes_key, hs->aes_iv, plain, len);
	tl_write_bytes(out, cspan_of(plain, len));
}

static bool read_nonces(const struct dc_hs *hs, struct tl_reader *r)
{
	const uint8_t *nonce = tl_read_raw(r, 16);
	const uint8_t *server_nonce = tl_read_raw(r, 16);

	return tl_ok(r) && memcmp(nonce, hs->nonce, 16) == 0 &&
	       memcmp(server_nonce, hs->server_nonce, 16) == 0;
}

static enum dc_hs_outcome take_req_dh(struct dc_hs *hs, const struct dc_hs_site *site,
				      struct tl_reader *r, int64_t now,
				      const struct dc_hs_random *random, struct buf *out)
{
	bool same = read_nonces(hs, r);
	struct cspan p = tl_read_bytes(r), q = tl_read_bytes(r);
	uint64_t fingerprint = tl_read_u64(r);
	struct cspan block = tl_read_bytes(r);
	struct tl_writer w = writer_of(out);
	enum dc_hs_outcome outcome;

	if (!tl_ok(r) || hs->phase != DC_HS_PQ)
		return refuse(hs, "req_DH_params cut or out of order");
	if (!same)
		return refuse(hs, "req_DH_params with another nonce");
	if (!cspan_equal(p, cspan_of(hs->p, 4)) || !cspan_equal(q, cspan_of(hs->q, 4)))
		return refuse(hs, "wrong p or q");
	if (fingerprint != site->fingerprint)
		return refuse(hs, "RSA key that we do not have");
	outcome = open_rsa(hs, site, block);
	if (outcome != DC_HS_ANSWER)
		return outcome;
	derive_aes(hs);
	memcpy(hs->a, random->a, 256);
	write_nonces(&w, (uint32_t)DH_PARAMS_OK, hs);
	write_dh_answer(hs, random, now, &w);
	check(!w.full);
	buf_put(out, (uint32_t)tl_written(&w));
	hs->phase = DC_HS_DH;
	hs->retry_id = 0;
	finish_answer(hs, 1, now, random, out);
	return DC_HS_ANSWER;
}

/* ---- step 3: set_client_DH_params ---- */

/* Decrypts and checks client_DH_inner_data; NULL or the reason. g_b is a view into plain. */
static const char *open_client_dh(const struct dc_hs *hs, uint8_t *plain, size_t len,
				  struct cspan *g_b)
{
	struct tl_reader r;
	uint64_t retry_id;
	uint8_t digest[20];
	struct cspan object;

	ige_decrypt(hs->aes_key, hs->aes_iv, plain, len);
	tl_reader_init(&r, cspan_of(plain + 20, len - 20));
	if (tl_read_u32(&r) != CLIENT_DH_INNER)
		return "no client_DH_inner_data";
	if (!read_nonces(hs, &r))
		return "wrong nonce in client_DH_inner_data";
	retry_id = tl_read_u64(&r);
	*g_b = tl_read_bytes(&r);
	if (!tl_ok(&r))
		return "client_DH_inner_data cut";
	object = cspan_of(plain + 20, (size_t)(r.at - r.start));
	if (len - 20 - object.len > 15)
		return "client_DH_inner_data with too much padding";
	digest_sha1(digest, &object, 1);
	if (!bytes_equal_ct(digest, plain, 20))
		return "SHA-1 of client_DH_inner_data is wrong";
	if (retry_id != hs->retry_id)
		return "wrong retry_id";
	if (g_b->len > 256 || dh_check_public(cspan_of(dh_known_prime, 256), *g_b) != DH_SOUND)
		return "g_b out of range";
	return NULL;
}

static enum dc_hs_outcome take_set_client_dh(struct dc_hs *hs, struct tl_reader *r)
{
	bool same = read_nonces(hs, r);
	struct cspan sealed = tl_read_bytes(r), g_b = {0};
	uint8_t plain[512];
	const char *why;

	if (!tl_ok(r) || hs->phase != DC_HS_DH)
		return refuse(hs, "set_client_DH_params cut or out of order");
	if (!same)
		return refuse(hs, "set_client_DH_params with another nonce");
	if (sealed.len < 48 || sealed.len > sizeof(plain) || sealed.len % 16 != 0)
		return refuse(hs, "encrypted_data of impossible length");
	memcpy(plain, sealed.at, sealed.len);
	why = open_client_dh(hs, plain, sealed.len, &g_b);
	if (why != NULL)
		return refuse(hs, why);
	memset(hs->g_b, 0, sizeof(hs->g_b));
	memcpy(hs->g_b + sizeof(hs->g_b) - g_b.len, g_b.at, g_b.len);
	dh_modexp(hs->key.key, g_b, cspan_of(hs->a, 256), cspan_of(dh_known_prime, 256));
	authkey_finish(&hs->key);
	hs->salt = load_le64(hs->new_nonce) ^ load_le64(hs->server_nonce);
	return DC_HS_OFFER;
}

void dc_hs_verdict(struct dc_hs *hs, enum dc_hs_verdict verdict, int64_t now,
		   const struct dc_hs_random *random, struct buf *out)
{
	static const uint32_t ids[] = {GEN_OK, GEN_RETRY, (uint32_t)GEN_FAIL};
	struct tl_writer w = writer_of(out);
	uint8_t number = (uint8_t)(verdict + 1), digest[20], aux[8];
	struct cspan parts[3] = {cspan_of(hs->new_nonce, 32), cspan_of(&number, 1),
				 cspan_of(aux, 8)};

	check(hs->phase == DC_HS_DH);
	store_le64(aux, hs->key.aux_hash);
	digest_sha1(digest, parts, 3);
	write_nonces(&w, ids[verdict], hs);
	tl_write_raw(&w, digest + 4, 16);
	check(!w.full);
	buf_put(out, (uint32_t)tl_written(&w));
	if (verdict == DC_HS_RETRY)
		hs->retry_id = hs->key.aux_hash;
	else
		hs->phase = verdict == DC_HS_OK ? DC_HS_DONE : DC_HS_IDLE;
	finish_answer(hs, 2, now, random, out);
}

/* ---- the door ---- */

enum dc_hs_outcome dc_hs_consume(struct dc_hs *hs, const struct dc_hs_site *site, struct cspan in,
				 int64_t now, const struct dc_hs_random *random, struct buf *out)
{
	struct tl_reader r;

	check(out->len == 0 && buf_tailroom(out) >= DC_HS_ANSWER_MAX);
	digest_sha1(hs->digest, &in, 1);
	if (repeat_answer(hs, now, out))
		return DC_HS_ANSWER;
	tl_reader_init(&r, in);
	switch (tl_read_u32(&r)) {
	case REQ_PQ:
	case (uint32_t)REQ_PQ_MULTI:
		return take_req_pq(hs, site, &r, now, random, out);
	case (uint32_t)REQ_DH_PARAMS:
		return take_req_dh(hs, site, &r, now, random, out);
	case (uint32_t)SET_CLIENT_DH:
		return take_set_client_dh(hs, &r);
	default:
		return refuse(hs, "not a message of the key exchange");
	}
}
