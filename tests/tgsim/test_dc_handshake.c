/*
 * The server half of the key exchange: the published exchange replayed byte by byte, both RSA
 * schemes, all four inner objects, and everything that must be refused.
 */
#include "tools/tgsim/dc_handshake.h"

#include "proto/crypto/digest.h"
#include "proto/crypto/dh.h"
#include "proto/crypto/ige.h"
#include "proto/session/handshake.h"
#include "proto/wire/tl.h"
#include "tests/vectors/handshake.h"
#include "tests/vectors/hex.h"

#include <criterion/criterion.h>

#define NOW INT64_C(1767225600000000000)

struct stage {
	const struct vec_exchange *v;
	struct rsa_private *rsa;
	struct rsa_public public;
	struct dc_hs_site site;
	struct dc_hs hs;
	struct dc_hs_random random;
	uint8_t mem[1024];
	struct buf out;
};

static struct stage st;

static void finish(void)
{
	rsa_private_free(st.rsa);
}

TestSuite(dc_handshake, .fini = finish);

static struct buf *fresh_out(void)
{
	buf_init(&st.out, st.mem, sizeof(st.mem), 0);
	return &st.out;
}

static void set_tail(const char *packet_hex, size_t body_len)
{
	uint8_t packet[1024];
	size_t n = vec_bytes(packet, sizeof(packet), packet_hex);

	st.random.tail_len = (uint32_t)(n - 20 - body_len);
	memcpy(st.random.tail, packet + 20 + body_len, st.random.tail_len);
}

static void start(void)
{
	static const char pem[] = VEC_TEST_KEY_PRIVATE_PEM;
	uint8_t number[8];

	rsa_private_free(st.rsa); /* of the start before, if any */
	memset(&st, 0, sizeof(st));
	for (size_t i = 0; i < countof(vec_exchange); i++)
		if (vec_exchange[i].step6_packet != NULL && vec_exchange[i].rsa_temp_key != NULL)
			st.v = &vec_exchange[i];
	cr_assert_not_null(st.v);
	st.rsa = rsa_private_from_pem(cspan_str(pem));
	rsa_private_public(st.rsa, &st.public);
	vec_bytes(number, 8, "a5b7f709355fc30b");
	st.site =
	    (struct dc_hs_site){st.rsa, st.public.fingerprint, load_le64(number), 2, false, true};
	dc_hs_init(&st.hs);
	vec_bytes(st.random.server_nonce, 16, st.v->server_nonce);
	st.random.p = 0x6a26db65; /* the smaller one is named p whatever the order here */
	st.random.q = 0x5a300d4b;
	vec_bytes(st.random.a, 256, st.v->a);
	vec_bytes(st.random.padding, 16, st.v->answer_padding);
}

static enum dc_hs_outcome consume(const void *data, size_t len)
{
	return dc_hs_consume(&st.hs, &st.site, cspan_of(data, len), NOW, &st.random, fresh_out());
}

/* The message data of a client packet of the exchange. */
static enum dc_hs_outcome step(const char *packet_hex)
{
	uint8_t packet[1024];
	size_t n = vec_bytes(packet, sizeof(packet), packet_hex);

	return consume(packet + 20, n - 20);
}

static bool answered(const char *packet_hex)
{
	return vec_equal(buf_at(&st.out), st.out.len, packet_hex + 40);
}

static void to_pq(void)
{
	start();
	set_tail(st.v->step2_packet, 72);
	cr_assert_eq(step(st.v->step1_packet), DC_HS_ANSWER);
}

static void to_dh(void)
{
	to_pq();
	set_tail(st.v->step4_packet, 632);
	cr_assert_eq(step(st.v->step3_packet), DC_HS_ANSWER);
}

Test(dc_handshake, published_exchange_byte_by_byte)
{
	to_pq();
	cr_assert(answered(st.v->step2_packet));
	set_tail(st.v->step4_packet, 632);
	cr_assert_eq(step(st.v->step3_packet), DC_HS_ANSWER);
	cr_assert(answered(st.v->step4_packet));
	set_tail(st.v->step6_packet, 52);
	cr_assert_eq(step(st.v->step5_packet), DC_HS_OFFER);
	dc_hs_verdict(&st.hs, DC_HS_OK, NOW, &st.random, &st.out);
	cr_assert(answered(st.v->step6_packet));
	cr_assert(vec_equal(st.hs.key.key, 256, st.v->auth_key));
	cr_assert(vec_equal(&st.hs.key.id, 8, st.v->auth_key_id));
	cr_assert(vec_equal(&st.hs.salt, 8, st.v->salt));
	cr_assert(!st.hs.temporary && !st.hs.old_rsa);
}

Test(dc_handshake, retry_and_fail_carry_their_hashes)
{
	to_dh();
	st.random.tail_len = 0;
	cr_assert_eq(step(st.v->step5_packet), DC_HS_OFFER);
	dc_hs_verdict(&st.hs, DC_HS_RETRY, NOW, &st.random, &st.out);
	cr_assert(vec_equal(buf_at(&st.out), st.out.len, st.v->retry_body));
	cr_assert(vec_equal(&st.hs.retry_id, 8, st.v->aux_hash));

	to_dh();
	st.random.tail_len = 0;
	cr_assert_eq(step(st.v->step5_packet), DC_HS_OFFER);
	dc_hs_verdict(&st.hs, DC_HS_FAIL, NOW, &st.random, &st.out);
	cr_assert(vec_equal(buf_at(&st.out), st.out.len, st.v->fail_body));
	cr_assert_eq(step(st.v->step3_packet), DC_HS_ANSWER, "still repeated");
	cr_assert_eq(st.hs.phase, DC_HS_IDLE);
}

Test(dc_handshake, same_message_same_answer_for_ten_minutes)
{
	uint8_t packet[1024], first[1024];
	size_t n;

	to_dh();
	n = vec_bytes(packet, sizeof(packet), st.v->step3_packet);
	memcpy(first, buf_at(&st.out), st.out.len);
	memset(st.random.a, 9, 256);
	cr_assert_eq(dc_hs_consume(&st.hs, &st.site, cspan_of(packet + 20, n - 20),
				   NOW + INT64_C(599000000000), &st.random, fresh_out()),
		     DC_HS_ANSWER);
	cr_assert_eq(memcmp(first, buf_at(&st.out), st.out.len), 0);
	cr_assert_eq(st.hs.phase, DC_HS_DH);
	cr_assert_eq(dc_hs_consume(&st.hs, &st.site, cspan_of(packet + 20, n - 20),
				   NOW + INT64_C(601000000000), &st.random, fresh_out()),
		     DC_HS_REFUSED);
}

Test(dc_handshake, out_of_order_is_refused)
{
	start();
	cr_assert_eq(step(st.v->step3_packet), DC_HS_REFUSED);
	start();
	cr_assert_eq(step(st.v->step5_packet), DC_HS_REFUSED);
	to_pq();
	cr_assert_eq(step(st.v->step5_packet), DC_HS_REFUSED);
	cr_assert_eq(step(st.v->step3_packet), DC_HS_REFUSED, "a refusal ends it for good");
}

Test(dc_handshake, each_field_of_req_dh_params_counts)
{
	uint8_t packet[1024], changed[1024];
	/* id; nonces; p; q; fingerprint; the RSA block's length, first and last byte */
	static const size_t at[] = {0, 4, 20, 37, 45, 52, 60, 64, 319};
	size_t n = 0;

	for (size_t i = 0; i < countof(at); i++) {
		to_pq();
		n = vec_bytes(packet, sizeof(packet), st.v->step3_packet) - 20;
		memcpy(changed, packet + 20, n);
		changed[at[i]] ^= 1;
		cr_assert_eq(consume(changed, n), DC_HS_REFUSED, "byte %zu", at[i]);
	}
	for (size_t cut = 4; cut < n; cut += 12) {
		to_pq();
		cr_assert_eq(consume(packet + 20, cut), DC_HS_REFUSED, "cut at %zu", cut);
	}
}

Test(dc_handshake, each_byte_of_the_last_step_counts)
{
	uint8_t packet[1024], changed[1024];

	for (size_t at = 0; at < 376; at += at < 44 ? 5 : 48) {
		size_t n;

		to_dh();
		n = vec_bytes(packet, sizeof(packet), st.v->step5_packet) - 20;
		cr_assert_eq(n, 376);
		memcpy(changed, packet + 20, n);
		changed[at] ^= 1;
		cr_assert_eq(consume(changed, n), DC_HS_REFUSED, "byte %zu", at);
	}
}

Test(dc_handshake, wrong_dc_has_a_code_of_its_own)
{
	to_pq();
	st.site.dc = 4;
	cr_assert_eq(step(st.v->step3_packet), DC_HS_WRONG_DC);
	to_pq();
	st.site.test = false;
	cr_assert_eq(step(st.v->step3_packet), DC_HS_WRONG_DC);
}

/* ---- a client of our own for the other forms ---- */

/* Writes p_q_inner_data in one of its forms; returns its length. */
static size_t write_inner(uint8_t out[192], uint32_t id, int32_t dc, int32_t expires_in)
{
	struct tl_writer w;
	uint8_t new_nonce[32];

	memset(new_nonce, 0x42, 32);
	tl_writer_init(&w, (struct span){out, 192});
	tl_write_u32(&w, id);
	tl_write_bytes(&w, cspan_of(st.hs.pq, 8));
	tl_write_bytes(&w, cspan_of(st.hs.p, 4));
	tl_write_bytes(&w, cspan_of(st.hs.q, 4));
	tl_write_raw(&w, st.hs.nonce, 16);
	tl_write_raw(&w, st.hs.server_nonce, 16);
	tl_write_raw(&w, new_nonce, 32);
	if (id == 0xa9f55f95 || id == 0x56fddf88)
		tl_write_u32(&w, (uint32_t)dc);
	if (id == 0x3c6a84d4 || id == 0x56fddf88)
		tl_write_u32(&w, (uint32_t)expires_in);
	return tl_written(&w);
}

static enum dc_hs_outcome send_block(const uint8_t block[256])
{
	uint8_t data[400];
	struct tl_writer w;

	tl_writer_init(&w, (struct span){data, sizeof(data)});
	tl_write_u32(&w, 0xd712e4be);
	tl_write_raw(&w, st.hs.nonce, 16);
	tl_write_raw(&w, st.hs.server_nonce, 16);
	tl_write_bytes(&w, cspan_of(st.hs.p, 4));
	tl_write_bytes(&w, cspan_of(st.hs.q, 4));
	tl_write_u64(&w, st.public.fingerprint);
	tl_write_bytes(&w, cspan_of(block, 256));
	st.random.tail_len = 0;
	return consume(data, tl_written(&w));
}

static enum dc_hs_outcome try_inner(uint32_t id, int32_t dc, int32_t expires_in)
{
	uint8_t inner[192], block[256], random[RSA_PAD_RANDOM];
	size_t len = write_inner(inner, id, dc, expires_in);

	memset(random, 1, sizeof(random));
	while (!rsa_pad_encrypt(block, &st.public, cspan_of(inner, len), random))
		random[192 - len]++; /* the temp_key */
	return send_block(block);
}

Test(dc_handshake, all_four_inner_objects)
{
	to_pq();
	st.site.test = false;
	cr_assert_eq(try_inner(0x83c95aec, 0, 0), DC_HS_ANSWER);
	cr_assert(!st.hs.temporary);
	to_pq();
	st.site.test = false;
	cr_assert_eq(try_inner(0xa9f55f95, 2, 0), DC_HS_ANSWER);
	cr_assert(!st.hs.temporary);
	to_pq();
	cr_assert_eq(try_inner(0x3c6a84d4, 0, 86400), DC_HS_ANSWER);
	cr_assert(st.hs.temporary);
	cr_assert_eq(st.hs.expires_in, 86400);
	to_pq();
	st.site.test = false;
	cr_assert_eq(try_inner(0x56fddf88, 2, 3600), DC_HS_ANSWER);
	cr_assert_eq(st.hs.expires_in, 3600);
	to_pq();
	cr_assert_eq(try_inner(0x3c6a84d4, 0, 0), DC_HS_REFUSED);
	to_pq();
	cr_assert_eq(try_inner(0x3c6a84d4, 0, 86401), DC_HS_REFUSED);
	to_pq();
	cr_assert_eq(try_inner(0x3c6a84d5, 0, 0), DC_HS_REFUSED);
}

Test(dc_handshake, numbers_of_media_and_test_dcs)
{
	static const struct {
		bool media, test;
		int32_t dc;
		enum dc_hs_outcome outcome;
	} cases[] = {
	    {false, false, 2, DC_HS_ANSWER},          {false, false, -2, DC_HS_WRONG_DC},
	    {false, false, 10002, DC_HS_WRONG_DC},    {false, false, 0, DC_HS_WRONG_DC},
	    {true, false, -2, DC_HS_ANSWER},          {true, false, 2, DC_HS_ANSWER},
	    {false, true, 10002, DC_HS_ANSWER},       {false, true, 2, DC_HS_WRONG_DC},
	    {true, true, -10002, DC_HS_ANSWER},       {true, false, -4, DC_HS_WRONG_DC},
	    {true, false, INT32_MIN, DC_HS_WRONG_DC},
	};

	for (size_t i = 0; i < countof(cases); i++) {
		to_pq();
		st.site.media = cases[i].media;
		st.site.test = cases[i].test;
		cr_assert_eq(try_inner(0xa9f55f95, cases[i].dc, 0), cases[i].outcome, "case %zu",
			     i);
	}
}

/* SHA1(data) + data + padding to 255 bytes, raised to e: what Telethon and GramJS send. */
static enum dc_hs_outcome try_old_form(bool right_hash)
{
	uint8_t plain[256] = {0}, block[256], inner[192];
	struct cspan object;
	uint8_t e[3] = {1, 0, 1};

	object = cspan_of(inner, write_inner(inner, 0x83c95aec, 0, 0));
	digest_sha1(plain + 1, &object, 1);
	if (!right_hash)
		plain[3] ^= 1;
	memcpy(plain + 21, inner, object.len);
	memset(plain + 21 + object.len, 0x77, 235 - object.len);
	dh_modexp(block, cspan_of(plain, 256), cspan_of(e, 3), cspan_of(st.public.n, 256));
	return send_block(block);
}

Test(dc_handshake, the_older_rsa_scheme)
{
	to_pq();
	cr_assert_eq(try_old_form(true), DC_HS_ANSWER);
	cr_assert(st.hs.old_rsa);
	to_pq();
	cr_assert_eq(try_old_form(false), DC_HS_REFUSED);
}

/* ---- with the client of the house ---- */

Test(dc_handshake, our_own_client_agrees)
{
	static struct handshake h;
	struct handshake_random random;
	uint8_t mem[1024];
	struct buf out;
	enum dc_hs_outcome outcome;

	start();
	memset(&random, 0x3d, sizeof(random));
	for (size_t i = 0; i < HANDSHAKE_PAD_MAX; i++)
		memset(random.rsa_pad[i], (int)i + 1, sizeof(random.rsa_pad[i]));
	buf_init(&out, mem, sizeof(mem), 64);
	st.random.tail_len = 48;
	cr_assert_eq(
	    handshake_start(&h, &st.public, 1, -10002, 5000, (const uint8_t *)&random, &out),
	    HANDSHAKE_SEND);
	st.site.media = true;
	for (int i = 0;; i++) {
		enum handshake_status status;

		outcome = consume(buf_at(&out), out.len);
		if (outcome == DC_HS_OFFER)
			dc_hs_verdict(&st.hs, i == 2 ? DC_HS_RETRY : DC_HS_OK, NOW, &st.random,
				      &st.out);
		else
			cr_assert_eq(outcome, DC_HS_ANSWER, "%s", st.hs.why);
		buf_init(&out, mem, sizeof(mem), 64);
		status = handshake_consume(&h, buf_view(&st.out), &out);
		if (status == HANDSHAKE_DONE)
			break;
		cr_assert_eq(status, HANDSHAKE_SEND);
		cr_assert_lt(i, 4);
	}
	cr_assert_eq(memcmp(h.result.key.key, st.hs.key.key, 256), 0);
	cr_assert_eq(h.result.salt, st.hs.salt);
	cr_assert_eq(h.result.server_time, NOW / 1000000000);
	cr_assert(st.hs.temporary);
}
