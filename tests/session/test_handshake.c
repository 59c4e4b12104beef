/*
 * The key exchange: the vectors replayed byte by byte, retries, temporary keys, and more than forty
 * ways in which a server's answer must be refused, each for its reason.
 */
#include "proto/session/handshake.h"

#include "proto/crypto/dh.h"
#include "proto/crypto/digest.h"
#include "proto/crypto/ige.h"
#include "proto/wire/envelope.h"
#include "tests/vectors/handshake.h"
#include "tests/vectors/hex.h"

#include <criterion/criterion.h>

/* One exchange in the making, with the server's side as bytes. */
struct stage {
	const struct vec_exchange *v;
	struct rsa_public rsa[2];
	struct handshake_random random;
	struct handshake h;
	uint8_t mem[1024];
	struct buf out;
	enum handshake_status status;
};

static struct stage stage;

static const struct vec_exchange *exchange(const char *name)
{
	for (size_t i = 0; i < countof(vec_exchange); i++)
		if (strcmp(vec_exchange[i].name, name) == 0)
			return &vec_exchange[i];
	cr_assert_fail("no exchange %s", name);
	return NULL;
}

static void rsa_named(struct rsa_public *rsa, const char *name)
{
	for (size_t i = 0; i < countof(vec_rsa_key); i++) {
		uint8_t n[256];

		if (strcmp(vec_rsa_key[i].name, name) != 0)
			continue;
		vec_bytes(n, sizeof(n), vec_rsa_key[i].n);
		cr_assert_eq(rsa_public_from_numbers(rsa, n, vec_rsa_key[i].e), 0);
		return;
	}
	cr_assert_fail("no key %s", name);
}

static struct buf *fresh_out(struct stage *s)
{
	buf_init(&s->out, s->mem, sizeof(s->mem), 64);
	return &s->out;
}

static void start(struct stage *s, const char *name, int32_t dc, int32_t expires_in)
{
	const struct vec_exchange *v = exchange(name);
	size_t n;

	memset(s, 0x5a, sizeof(*s));
	s->v = v;
	rsa_named(&s->rsa[0], "production_server_key");
	rsa_named(&s->rsa[1], "test_only_key");
	vec_bytes(s->random.nonce, 16, v->nonce);
	vec_bytes(s->random.new_nonce, 32, v->new_nonce);
	vec_bytes(s->random.b[0], 256, v->b);
	vec_bytes(s->random.padding[0], 16, v->client_padding);
	n = vec_bytes(s->random.rsa_pad[0], RSA_PAD_RANDOM, v->rsa_padding);
	vec_bytes(s->random.rsa_pad[0] + n, RSA_PAD_RANDOM - n, v->rsa_temp_key);
	s->status = handshake_start(&s->h, s->rsa, 2, dc, expires_in, (const uint8_t *)&s->random,
				    fresh_out(s));
	cr_assert_eq(s->status, HANDSHAKE_SEND);
}

static void give(struct stage *s, const void *at, size_t len)
{
	s->status = handshake_consume(&s->h, cspan_of(at, len), fresh_out(s));
}

/* A whole unencrypted packet of the server. */
static void give_packet(struct stage *s, const char *hex)
{
	uint8_t mem[1024];
	struct buf packet;
	uint64_t msg_id;

	buf_init(&packet, mem, sizeof(mem), 0);
	buf_put(&packet, (uint32_t)vec_bytes(mem, sizeof(mem), hex));
	cr_assert(plain_open(&packet, &msg_id));
	give(s, buf_at(&packet), packet.len);
}

static void expect_packet(struct stage *s, const char *hex)
{
	uint8_t raw[1024] = {0};

	vec_bytes(raw, sizeof(raw), hex);
	plain_seal(&s->out, load_le64(raw + 8));
	cr_expect(vec_equal(buf_at(&s->out), s->out.len, hex));
}

static uint64_t le64_of(const char *hex)
{
	uint8_t raw[8] = {0};

	cr_assert_eq(vec_bytes(raw, 8, hex), 8);
	return load_le64(raw);
}

static void expect_done(const struct stage *s)
{
	const struct handshake_result *r = &s->h.result;

	cr_assert_eq(s->status, HANDSHAKE_DONE);
	cr_expect(vec_equal(r->key.key, 256, s->v->auth_key));
	cr_expect_eq(r->key.id, le64_of(s->v->auth_key_id));
	cr_expect_eq(r->key.aux_hash, le64_of(s->v->aux_hash));
	cr_expect_eq(r->salt, le64_of(s->v->salt));
	cr_expect_eq(r->server_time, s->v->server_time);
}

Test(handshake, full_exchange_byte_by_byte)
{
	struct stage *s = &stage;

	start(s, "full_exchange", 10002, 0);
	expect_packet(s, s->v->step1_packet);
	give_packet(s, s->v->step2_packet);
	cr_assert_eq(s->status, HANDSHAKE_SEND);
	expect_packet(s, s->v->step3_packet);
	give_packet(s, s->v->step4_packet);
	cr_assert_eq(s->status, HANDSHAKE_SEND);
	expect_packet(s, s->v->step5_packet);
	give_packet(s, s->v->step6_packet);
	expect_done(s);
}

static size_t put_params(uint8_t *out, const struct vec_exchange *v, const uint8_t *encrypted,
			 uint32_t len)
{
	store_le32(out, 0xd0e8075c);
	vec_bytes(out + 4, 16, v->nonce);
	vec_bytes(out + 20, 16, v->server_nonce);
	store_le32(out + 36, len << 8 | 0xfe);
	memcpy(out + 40, encrypted, len);
	return 40 + len;
}

static size_t put_gen(uint8_t *out, const struct vec_exchange *v, uint32_t id,
		      const uint8_t hash[16])
{
	store_le32(out, id);
	vec_bytes(out + 4, 16, v->nonce);
	vec_bytes(out + 20, 16, v->server_nonce);
	memcpy(out + 36, hash, 16);
	return 52;
}

static size_t put_pq(uint8_t *out, const struct vec_exchange *v)
{
	size_t n = 56;

	memset(out, 0, 128);
	store_le32(out, 0x05162463);
	vec_bytes(out + 4, 16, v->nonce);
	vec_bytes(out + 20, 16, v->server_nonce);
	out[36] = 8;
	vec_bytes(out + 37, 8, v->pq);
	store_le32(out + 48, 0x1cb5c415);
	for (size_t i = 0; i < countof(v->fingerprints) && v->fingerprints[i] != NULL; i++)
		n += vec_bytes(out + n, 8, v->fingerprints[i]);
	store_le32(out + 52, (uint32_t)(n - 56) / 8);
	return n;
}

/* The published sample: all but its RSA block can be made again. */
Test(handshake, published_sample)
{
	struct stage *s = &stage;
	uint8_t msg[1024], raw[1024];
	size_t n;

	start(s, "published_2024_sample", 2, 0);
	n = put_pq(msg, s->v);
	give(s, msg, n);
	cr_assert_eq(s->status, HANDSHAKE_SEND);
	cr_expect_eq(s->out.len, 320);
	cr_expect_eq(load_le64(buf_at(&s->out) + 52), 0xd09d1d85de64fd85);
	n = vec_bytes(raw, sizeof(raw), s->v->encrypted_answer);
	n = put_params(msg, s->v, raw, (uint32_t)n);
	give(s, msg, n);
	cr_assert_eq(s->status, HANDSHAKE_SEND);
	cr_expect_eq(s->out.len, 376);
	cr_expect(vec_equal(buf_at(&s->out) + 40, 336, s->v->client_encrypted));
	vec_bytes(raw, 16, s->v->new_nonce_hash[0]);
	n = put_gen(msg, s->v, 0x3bcbf734, raw);
	give(s, msg, n);
	expect_done(s);
}

/* The inner data of a temporary key, as the server finds it. */
Test(handshake, temporary_key_names_its_end)
{
	const struct vec_inner_temp *v = &vec_inner_temp[0];
	struct rsa_private *rsa = rsa_private_from_pem(cspan_str(VEC_TEST_KEY_PRIVATE_PEM));
	struct stage *s = &stage;
	uint8_t inner[235];
	size_t len;
	bool old;

	start(s, "full_exchange", v->dc, (int32_t)v->expires_in);
	for (size_t i = 0; i < HANDSHAKE_PAD_MAX; i++)
		memset(s->h.random.rsa_pad[i], (int)(i * 16), RSA_PAD_RANDOM);
	give_packet(s, s->v->step2_packet);
	cr_assert_eq(s->status, HANDSHAKE_SEND);
	cr_assert(rsa_private_open(rsa, buf_at(&s->out) + 64, inner, &len, &old));
	cr_expect_not(old);
	cr_expect(vec_equal(inner, strlen(v->encoded) / 2, v->encoded));
	rsa_private_free(rsa);
}

/* Random bytes whose number is above the modulus are passed over. */
Test(handshake, rsa_draws_again)
{
	struct rsa_private *rsa = rsa_private_from_pem(cspan_str(VEC_TEST_KEY_PRIVATE_PEM));
	uint32_t missed = 0;

	for (uint8_t seed = 0; seed < 40; seed++) {
		struct stage *s = &stage;
		uint8_t inner[235], out[256];
		size_t len;
		bool old;

		start(s, "full_exchange", 10002, 0);
		for (size_t i = 0; i < HANDSHAKE_PAD_MAX; i++)
			memset(s->h.random.rsa_pad[i], (int)(seed + 40 * i), RSA_PAD_RANDOM);
		missed +=
		    !rsa_pad_encrypt(out, &s->rsa[1], cspan_of(inner, 100), s->h.random.rsa_pad[0]);
		give_packet(s, s->v->step2_packet);
		cr_assert_eq(s->status, HANDSHAKE_SEND);
		cr_expect(rsa_private_open(rsa, buf_at(&s->out) + 64, inner, &len, &old));
	}
	cr_expect_gt(missed, 0); /* the case was there */
	rsa_private_free(rsa);
}

/* The exchange up to where the server's message of that step is due. */
static void advance(struct stage *s, int step)
{
	start(s, "full_exchange", 10002, 0);
	if (step > 2)
		give_packet(s, s->v->step2_packet);
	if (step > 4)
		give_packet(s, s->v->step4_packet);
	cr_assert_eq(s->status, HANDSHAKE_SEND);
}

static void expect_fault(struct stage *s, enum handshake_fault fault, const char *what)
{
	static const struct handshake_random nothing;

	cr_expect_eq(s->status, HANDSHAKE_FAILED, "%s: %d", what, s->status);
	cr_expect_eq(s->h.fault, fault, "%s: %d", what, s->h.fault);
	cr_expect_arr_eq(&s->h.random, &nothing, sizeof(nothing), "%s: secrets remain", what);
	give(s, "", 0);
	cr_expect_eq(s->status, HANDSHAKE_FAILED, "%s", what);
	cr_expect_eq(s->h.fault, fault, "%s", what);
}

/* One place of a message changed: the bytes at `at` become those of hex, or one bit flips. */
struct edit {
	const char *what;
	int step;
	uint32_t at;
	const char *hex; /* NULL: flip */
	enum handshake_fault fault;
};

static const struct edit edits[] = {
    {"pq: other object", 2, 0, "63241606", HANDSHAKE_TL},
    {"pq: an Updates object", 2, 0, "0dc317e3", HANDSHAKE_TL},
    {"pq: nonce, first byte", 2, 4, NULL, HANDSHAKE_NONCE},
    {"pq: nonce, last byte", 2, 19, NULL, HANDSHAKE_NONCE},
    {"pq: no known fingerprint", 2, 64, NULL, HANDSHAKE_NO_RSA_KEY},
    {"pq: empty list", 2, 52, "00000000", HANDSHAKE_NO_RSA_KEY},
    {"pq: bare list", 2, 48, "02000000", HANDSHAKE_TL},
    {"pq: negative count", 2, 52, "ffffffff", HANDSHAKE_TL},
    {"pq: count beyond the message", 2, 52, "00010000", HANDSHAKE_TL},
    {"pq: zero", 2, 36, "080000000000000000", HANDSHAKE_PQ},
    {"pq: one", 2, 36, "080000000000000001", HANDSHAKE_PQ},
    {"pq: a prime", 2, 36, "0800000000075bcd15", HANDSHAKE_PQ}, /* 123456789 = 3 3 3607 3803 */
    {"pq: prime 2^61 - 1", 2, 36, "081fffffffffffffff", HANDSHAKE_PQ},
    {"pq: a square", 2, 36, "080000000000000031", HANDSHAKE_PQ},
    {"pq: three factors", 2, 36, "080000000000000069", HANDSHAKE_PQ},
    {"pq: 64 bits", 2, 36, "08ffffffea00000055", HANDSHAKE_PQ}, /* two primes below 2^32 */
    {"pq: nine bytes", 2, 36, "09256595edb776679701", HANDSHAKE_PQ},
    {"pq: empty", 2, 36, "00000000", HANDSHAKE_TL}, /* the list is not where it was */
    {"params: other object", 4, 0, "5d07e8d0", HANDSHAKE_TL},
    {"params: nonce", 4, 4, NULL, HANDSHAKE_NONCE},
    {"params: server_nonce", 4, 35, NULL, HANDSHAKE_NONCE},
    {"params: failed", 4, 0, "5d04cb79", HANDSHAKE_REFUSED},
    {"params: length not in blocks", 4, 36, "fe4f0200", HANDSHAKE_ANSWER},
    {"params: empty", 4, 36, "00", HANDSHAKE_ANSWER},
    {"params: two blocks", 4, 36, "fe200000", HANDSHAKE_ANSWER},
    {"params: one block less", 4, 36, "fe400200", HANDSHAKE_ANSWER},
    {"params: first block changed", 4, 40, NULL, HANDSHAKE_ANSWER},
    {"params: last block changed", 4, 631, NULL, HANDSHAKE_ANSWER},
    {"gen: other object", 6, 0, "35f7cb3b", HANDSHAKE_TL},
    {"gen: nonce", 6, 4, NULL, HANDSHAKE_NONCE},
    {"gen: server_nonce", 6, 20, NULL, HANDSHAKE_NONCE},
    {"gen: hash, first byte", 6, 36, NULL, HANDSHAKE_HASH},
    {"gen: hash, last byte", 6, 51, NULL, HANDSHAKE_HASH},
    {"gen: hash1 under retry", 6, 0, "b91fdc46", HANDSHAKE_HASH},
    {"gen: hash1 under fail", 6, 0, "02ae9da6", HANDSHAKE_HASH},
};

static size_t message_of(const struct vec_exchange *v, int step, uint8_t out[1024])
{
	const char *packet = step == 2   ? v->step2_packet
			     : step == 4 ? v->step4_packet
					 : v->step6_packet;
	size_t n = vec_bytes(out, 1024, packet);

	memmove(out, out + 20, n - 20);
	return n - 20;
}

static void change(uint8_t *msg, const struct edit *e)
{
	if (e->hex == NULL)
		msg[e->at] ^= 1;
	else
		vec_bytes(msg + e->at, 16, e->hex);
}

/* Rows: H12 */
Test(handshake, messages_changed_in_one_place)
{
	for (size_t i = 0; i < countof(edits); i++) {
		const struct edit *e = &edits[i];
		struct stage *s = &stage;
		uint8_t msg[1024];
		size_t n;

		advance(s, e->step);
		n = message_of(s->v, e->step, msg);
		change(msg, e);
		give(s, msg, n);
		expect_fault(s, e->fault, e->what);
	}
}

Test(handshake, cut_at_every_byte)
{
	static const uint32_t object_len[] = {[2] = 72, [4] = 632, [6] = 52};

	for (int step = 2; step <= 6; step += 2)
		for (size_t cut = 0; cut < object_len[step]; cut++) {
			struct stage *s = &stage;
			uint8_t msg[1024];

			advance(s, step);
			message_of(s->v, step, msg);
			give(s, msg, cut);
			expect_fault(s, HANDSHAKE_TL, "cut");
		}
}

Test(handshake, padding_behind_the_object_does_not_matter)
{
	for (size_t extra = 0; extra < 64; extra += 4) {
		struct stage *s = &stage;
		uint8_t msg[1024];

		advance(s, 6);
		message_of(s->v, 6, msg);
		give(s, msg, 52 + extra);
		expect_done(s);
	}
}

Test(handshake, another_server_nonce_later)
{
	struct stage *s = &stage;
	uint8_t msg[1024];
	size_t n;

	advance(s, 2);
	n = message_of(s->v, 2, msg);
	msg[25] ^= 1;
	give(s, msg, n);
	cr_assert_eq(s->status, HANDSHAKE_SEND); /* nothing to compare it with yet */
	give_packet(s, s->v->step4_packet);
	expect_fault(s, HANDSHAKE_NONCE, "server_nonce of pq");
}

Test(handshake, out_of_order)
{
	struct stage *s = &stage;

	advance(s, 2);
	give_packet(s, s->v->step4_packet);
	expect_fault(s, HANDSHAKE_TL, "params first");
	advance(s, 2);
	give_packet(s, s->v->step6_packet);
	expect_fault(s, HANDSHAKE_TL, "gen first");
	advance(s, 4);
	give_packet(s, s->v->step2_packet);
	expect_fault(s, HANDSHAKE_TL, "pq twice");
	advance(s, 6);
	give_packet(s, s->v->step4_packet);
	expect_fault(s, HANDSHAKE_TL, "params twice");
}

/* The inner answer: made by us, so that everything behind the hash can be wrong. */
struct answer {
	uint8_t bytes[1024]; /* SHA1, then the object, then padding */
	size_t object_len, padding;
};

enum { G_AT = 36, P_AT = 40, G_A_AT = 300, TIME_AT = 560, ANSWER_LEN = 564 };

static void open_answer(struct answer *a, const struct vec_exchange *v)
{
	memset(a->bytes, 0x33, sizeof(a->bytes));
	a->object_len = vec_bytes(a->bytes + 20, sizeof(a->bytes) - 20, v->answer);
	a->padding = 8;
	cr_assert_eq(a->object_len, ANSWER_LEN);
}

static void give_answer(struct stage *s, struct answer *a)
{
	uint8_t key[32], iv[32], msg[1200];
	size_t len = 20 + a->object_len + a->padding;

	digest_sha1(a->bytes, &(struct cspan){a->bytes + 20, a->object_len}, 1);
	vec_bytes(key, 32, s->v->aes_key);
	vec_bytes(iv, 32, s->v->aes_iv);
	ige_encrypt(key, iv, a->bytes, len);
	give(s, msg, put_params(msg, s->v, a->bytes, (uint32_t)len));
}

static const struct edit answers[] = {
    {"inner: other object", 4, 0, "bb0d89b5", HANDSHAKE_TL},
    {"inner: nonce", 4, 4, NULL, HANDSHAKE_NONCE},
    {"inner: server_nonce", 4, 35, NULL, HANDSHAKE_NONCE},
    {"inner: g = 0", 4, G_AT, "00000000", HANDSHAKE_GROUP},
    {"inner: g = 1", 4, G_AT, "01000000", HANDSHAKE_GROUP},
    {"inner: g = 2, no generator here", 4, G_AT, "02000000", HANDSHAKE_GROUP},
    {"inner: g = 6, no generator here", 4, G_AT, "06000000", HANDSHAKE_GROUP},
    {"inner: g = 8", 4, G_AT, "08000000", HANDSHAKE_GROUP},
    {"inner: g negative", 4, G_AT, "fdffffff", HANDSHAKE_GROUP},
    {"inner: p even", 4, P_AT + 4 + 255, "5a", HANDSHAKE_GROUP},
    {"inner: p another number", 4, P_AT + 4 + 255, "5d", HANDSHAKE_GROUP},
    {"inner: p of 2047 bits", 4, P_AT + 4, "47", HANDSHAKE_GROUP},
    {"inner: p with a zero in front", 4, P_AT + 4, "00", HANDSHAKE_GROUP},
    {"inner: p longer than the message", 4, P_AT, "fe000300", HANDSHAKE_ANSWER},
    {"inner: p of a form that is refused", 4, P_AT, "ff000100", HANDSHAKE_ANSWER},
    {"inner: g_a longer than the message", 4, G_A_AT, "fe000300", HANDSHAKE_ANSWER},
};

/* Rows: H12 H13 */
Test(handshake, inner_answers_changed_in_one_place)
{
	for (size_t i = 0; i < countof(answers); i++) {
		const struct edit *e = &answers[i];
		struct stage *s = &stage;
		struct answer a;

		advance(s, 4);
		open_answer(&a, s->v);
		change(a.bytes + 20, e);
		give_answer(s, &a);
		expect_fault(s, e->fault, e->what);
	}
}

/* Public values at and beyond the limits (auth_key.md 4.3). */
/* Rows: H13 */
Test(handshake, public_values_out_of_range)
{
	for (size_t i = 0; i < countof(vec_dh_range); i++) {
		struct stage *s = &stage;
		struct answer a;
		uint8_t value[256], *g_a = a.bytes + 20 + G_A_AT + 4;
		size_t n = vec_bytes(value, sizeof(value), vec_dh_range[i].value);

		advance(s, 4);
		open_answer(&a, s->v);
		memset(g_a, 0, 256);
		memcpy(g_a + 256 - n, value, n);
		give_answer(s, &a);
		if (vec_dh_range[i].accept)
			cr_expect_eq(s->status, HANDSHAKE_SEND, "%s", vec_dh_range[i].name);
		else
			expect_fault(s, HANDSHAKE_PUBLIC, vec_dh_range[i].name);
	}
}

/* Numbers of another length than 256 bytes: the object becomes shorter or longer. */
static void resize(struct answer *a, uint32_t at, uint32_t from, uint32_t to)
{
	uint8_t *data = a->bytes + 20 + at;
	size_t behind = a->object_len - at - 4 - from;

	store_le32(data, to << 8 | 0xfe);
	memmove(data + 4 + to, data + 4 + from, behind);
	a->object_len = a->object_len + to - from;
	a->padding = (16 - (20 + a->object_len) % 16) % 16;
}

/* Rows: H13 */
Test(handshake, numbers_of_the_wrong_length)
{
	static const struct {
		const char *what;
		uint32_t at, len;
		enum handshake_fault fault;
	} cases[] = {
	    {"p empty", P_AT, 0, HANDSHAKE_GROUP},
	    {"p short", P_AT, 252, HANDSHAKE_GROUP},
	    {"p long", P_AT, 260, HANDSHAKE_GROUP},
	    {"g_a empty", G_A_AT, 0, HANDSHAKE_PUBLIC},
	    {"g_a short", G_A_AT, 244, HANDSHAKE_PUBLIC},
	    {"g_a long", G_A_AT, 260, HANDSHAKE_PUBLIC},
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct stage *s = &stage;
		struct answer a;

		advance(s, 4);
		open_answer(&a, s->v);
		resize(&a, cases[i].at, 256, cases[i].len);
		give_answer(s, &a);
		expect_fault(s, cases[i].fault, cases[i].what);
	}
}

Test(handshake, inner_paddings)
{
	static const struct {
		size_t padding;
		bool sound;
	} cases[] = {{8, true}, {24, false}, {40, false}};

	for (size_t i = 0; i < countof(cases); i++) {
		struct stage *s = &stage;
		struct answer a;

		advance(s, 4);
		open_answer(&a, s->v);
		a.padding = cases[i].padding;
		give_answer(s, &a);
		if (cases[i].sound)
			cr_expect_eq(s->status, HANDSHAKE_SEND);
		else
			expect_fault(s, HANDSHAKE_ANSWER, "padding");
	}
}

Test(handshake, answer_larger_than_any)
{
	struct stage *s = &stage;
	uint8_t msg[1200], block[1040] = {0};

	advance(s, 4);
	give(s, msg, put_params(msg, s->v, block, sizeof(block)));
	expect_fault(s, HANDSHAKE_ANSWER, "1040 bytes");
}

/* Rows: H15 */
Test(handshake, server_times_of_any_age)
{
	static const uint32_t times[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff};

	for (size_t i = 0; i < countof(times); i++) {
		struct stage *s = &stage;
		struct answer a;

		advance(s, 4);
		open_answer(&a, s->v);
		store_le32(a.bytes + 20 + TIME_AT, times[i]);
		give_answer(s, &a);
		cr_assert_eq(s->status, HANDSHAKE_SEND);
		give_packet(s, s->v->step6_packet);
		cr_assert_eq(s->status, HANDSHAKE_DONE);
		cr_expect_eq(s->h.result.server_time, (int64_t)times[i]);
	}
}

Test(handshake, dh_gen_fail_is_believed_with_its_hash)
{
	struct stage *s = &stage;
	uint8_t msg[128];

	advance(s, 6);
	give(s, msg, vec_bytes(msg, sizeof(msg), s->v->fail_body));
	expect_fault(s, HANDSHAKE_REFUSED, "fail");
}

/* Our g_b out of set_client_DH_params: the server's half of the retry. */
static void read_client(struct stage *s, uint64_t *retry_id, uint8_t g_b[256])
{
	uint8_t key[32], iv[32], data[336], hash[20];

	cr_assert_eq(s->out.len, 376);
	memcpy(data, buf_at(&s->out) + 40, 336);
	vec_bytes(key, 32, s->v->aes_key);
	vec_bytes(iv, 32, s->v->aes_iv);
	ige_decrypt(key, iv, data, 336);
	digest_sha1(hash, &(struct cspan){data + 20, 304}, 1);
	cr_assert_arr_eq(hash, data, 20);
	*retry_id = load_le64(data + 20 + 36);
	memcpy(g_b, data + 20 + 48, 256);
}

/* The answer with that number, right for the key the server computes from g_b. */
static void answer_gen(struct stage *s, uint8_t number, const uint8_t g_b[256])
{
	static const uint32_t ids[] = {0, 0x3bcbf734, 0x46dc1fb9, 0xa69dae02};
	struct auth_key key;
	uint8_t a[256], p[256], new_nonce[32], hash[20], msg[64];
	struct cspan parts[3] = {{new_nonce, 32}, {&number, 1}, {(const void *)&key.aux_hash, 8}};

	vec_bytes(a, 256, s->v->a);
	vec_bytes(p, 256, VEC_DH_PRIME);
	vec_bytes(new_nonce, 32, s->v->new_nonce);
	dh_modexp(key.key, cspan_of(g_b, 256), cspan_of(a, 256), cspan_of(p, 256));
	authkey_finish(&key);
	digest_sha1(hash, parts, 3);
	give(s, msg, put_gen(msg, s->v, ids[number], hash + 4));
}

Test(handshake, retry_makes_another_key)
{
	struct stage *s = &stage;
	uint8_t msg[128], g_b[256], first[256];
	uint64_t retry_id;

	advance(s, 6);
	read_client(s, &retry_id, first);
	cr_expect_eq(retry_id, 0);
	give(s, msg, vec_bytes(msg, sizeof(msg), s->v->retry_body));
	cr_assert_eq(s->status, HANDSHAKE_SEND);
	read_client(s, &retry_id, g_b);
	cr_expect_eq(retry_id, le64_of(s->v->aux_hash));
	cr_expect_arr_neq(g_b, first, 256);
	answer_gen(s, 1, g_b);
	cr_assert_eq(s->status, HANDSHAKE_DONE);
	cr_expect_not(vec_equal(s->h.result.key.key, 256, s->v->auth_key));
	cr_expect_eq(s->h.result.salt, le64_of(s->v->salt));
}

/* Rows: H12 */
Test(handshake, retries_end)
{
	struct stage *s = &stage;
	uint8_t g_b[256];
	uint64_t retry_id;
	uint32_t retries = 0;

	advance(s, 6);
	while (s->status == HANDSHAKE_SEND && retries < 10) {
		read_client(s, &retry_id, g_b);
		for (size_t i = 0; i < HANDSHAKE_B_MAX; i++)
			s->h.random.b[i][0] = (uint8_t)(retries + i); /* all different */
		answer_gen(s, 2, g_b);
		retries++;
	}
	cr_expect_eq(retries, HANDSHAKE_B_MAX);
	expect_fault(s, HANDSHAKE_RETRIES, "retries");
}

/* g_b out of range: the next exponent is taken. */
Test(handshake, weak_exponents_are_passed_over)
{
	struct stage *s = &stage;
	uint8_t g_b[256];
	uint64_t retry_id;

	advance(s, 4);
	memset(s->h.random.b[0], 0, 256); /* g_b = 1 */
	memset(s->h.random.b[1], 0, 256);
	s->h.random.b[1][255] = 5; /* 243 */
	give_packet(s, s->v->step4_packet);
	cr_assert_eq(s->status, HANDSHAKE_SEND);
	read_client(s, &retry_id, g_b);
	answer_gen(s, 1, g_b);
	cr_expect_eq(s->status, HANDSHAKE_DONE);
	advance(s, 4);
	memset(s->h.random.b, 0, sizeof(s->h.random.b));
	give_packet(s, s->v->step4_packet);
	expect_fault(s, HANDSHAKE_PUBLIC, "no exponent left");
}

/* Rows: X5 */
Test(handshake, nothing_secret_stays)
{
	static const uint8_t zeros[256];
	struct stage *s = &stage;

	advance(s, 6);
	give_packet(s, s->v->step6_packet);
	expect_done(s);
	cr_expect_arr_eq(s->h.random.new_nonce, zeros, 32);
	cr_expect_arr_eq(s->h.random.b[0], zeros, 256);
	cr_expect_arr_eq(s->h.aes_key, zeros, 32);
	handshake_wipe(&s->h);
	cr_expect_arr_eq(s->h.result.key.key, zeros, 256);
	cr_expect_eq(s->h.result.salt, 0);
}
