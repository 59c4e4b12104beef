/*
 * Envelopes: the vectors sealed and opened, refused ones refused for the right reason, paddings
 * from 0 to 1,100, flips of every bit, batches of any mix.
 */
#include "proto/wire/envelope.h"

#include "proto/crypto/ige.h"
#include "proto/wire/tl.h"
#include "tests/vectors/hex.h"
#include "tests/vectors/message.h"
#include "tests/vectors/transport.h"
#include "tests/wire/wire_kit.h"

#include <criterion/criterion.h>

static uint8_t scratch[8192];

static void key_of(struct auth_key *key, const char *hex)
{
	cr_assert_eq(vec_bytes(key->key, sizeof(key->key), hex), 256);
	authkey_finish(key);
}

static uint64_t le64_of(const char *hex)
{
	uint8_t raw[8];

	cr_assert_eq(vec_bytes(raw, sizeof(raw), hex), 8);
	return load_le64(raw);
}

static bool is_message(const struct vec_message *v)
{
	return v->salt != NULL;
}

Test(envelope, vectors_opened)
{
	static struct room room;

	for (size_t i = 0; i < countof(vec_message); i++) {
		const struct vec_message *v = &vec_message[i];
		struct auth_key key;
		struct envelope_job job = {
		    .packet = &room.buf, .key = &key, .dir = (enum msg_dir)v->x};

		if (!is_message(v))
			continue;
		key_of(&key, v->auth_key);
		room_with(&room, vec_span(scratch, sizeof(scratch), v->packet));
		envelope_open_batch(&job, 1);
		cr_expect_eq(job.fault, ENVELOPE_SOUND, "%s", v->name);
		cr_expect(vec_equal(buf_at(&room.buf), room.buf.len, v->body), "%s", v->name);
		cr_expect_eq(job.head.salt, le64_of(v->salt), "%s", v->name);
		cr_expect_eq(job.head.session_id, le64_of(v->session_id), "%s", v->name);
		cr_expect_eq(job.head.msg_id, v->msg_id, "%s", v->name);
		cr_expect_eq(job.head.seq_no, v->seq_no, "%s", v->name);
	}
}

/* What a real server put into one packet. */
Test(envelope, messages_inside_the_container_of_the_vectors)
{
	const struct vec_message *v = vec_message;
	struct tl_reader r;

	while (strcmp(v->name, "container_from_server") != 0)
		cr_assert_lt(++v - vec_message, (ptrdiff_t)countof(vec_message));
	tl_reader_init(&r, vec_span(scratch, sizeof(scratch), v->body));
	cr_expect_eq(tl_read_u32(&r), 0x73f1f8dc);
	cr_expect_eq(tl_read_u32(&r), countof(vec_container_part));
	for (size_t i = 0; i < countof(vec_container_part); i++) {
		const struct vec_container_part *part = &vec_container_part[i];
		uint32_t len;

		cr_expect_eq(tl_read_u64(&r), part->msg_id);
		cr_expect_eq(tl_read_u32(&r), part->seq_no);
		len = tl_read_u32(&r);
		cr_assert_eq(len, strlen(part->body) / 2);
		cr_expect(vec_equal(tl_read_raw(&r, len), len, part->body));
	}
	cr_expect(tl_ok(&r) && tl_left(&r) == 0);
}

/* With the least padding a packet can be made again byte by byte. */
Test(envelope, vectors_sealed)
{
	static struct room room;
	int sealed = 0;

	for (size_t i = 0; i < countof(vec_message); i++) {
		const struct vec_message *v = &vec_message[i];
		struct auth_key key;
		struct envelope_job job = {
		    .packet = &room.buf, .key = &key, .dir = (enum msg_dir)v->x};
		size_t body_len, pad_len;

		if (!is_message(v) || v->msg_key == NULL)
			continue;
		key_of(&key, v->auth_key);
		body_len = vec_bytes(scratch, sizeof(scratch), v->body);
		room_with(&room, cspan_of(scratch, body_len));
		pad_len = strlen(v->padding) / 2;
		if (pad_len != 12 + (16 - (32 + body_len + 12) % 16) % 16)
			continue;
		vec_bytes(job.padding, sizeof(job.padding), v->padding);
		job.head = (struct envelope_head){le64_of(v->salt), le64_of(v->session_id),
						  v->msg_id, v->seq_no};
		envelope_seal_batch(&job, 1);
		cr_expect(vec_equal(buf_at(&room.buf), room.buf.len, v->packet), "%s", v->name);
		sealed++;
	}
	cr_expect_geq(sealed, 5);
}

Test(envelope, quick_token_is_the_first_int_of_the_hash)
{
	static struct room room;
	const struct vec_message *v = &vec_message[1];
	struct auth_key key;
	struct envelope_job job = {.packet = &room.buf, .key = &key, .dir = MSG_FROM_CLIENT};

	cr_assert_str_eq(v->name, "full_message");
	key_of(&key, v->auth_key);
	room_with(&room, vec_span(scratch, sizeof(scratch), v->packet));
	envelope_open_batch(&job, 1);
	cr_expect_eq(job.quick_token, vec_quick_ack[0].token);
}

static enum envelope_fault fault_of(enum vec_why why)
{
	switch (why) {
	case VEC_WHY_KEY_ID:
		return ENVELOPE_KEY_ID;
	case VEC_WHY_MSG_KEY:
		return ENVELOPE_MSG_KEY;
	case VEC_WHY_LENGTH:
		return ENVELOPE_LENGTH;
	case VEC_WHY_PADDING:
		return ENVELOPE_PADDING;
	default:
		return ENVELOPE_SOUND; /* the session's to refuse */
	}
}

Test(envelope, vectors_refused)
{
	static struct room room;

	for (size_t i = 0; i < countof(vec_reject); i++) {
		const struct vec_reject *v = &vec_reject[i];
		struct auth_key key;
		struct envelope_job job = {
		    .packet = &room.buf, .key = &key, .dir = MSG_FROM_SERVER};

		key_of(&key, v->auth_key);
		room_with(&room, vec_span(scratch, sizeof(scratch), v->packet));
		envelope_open_batch(&job, 1);
		cr_expect_eq(job.fault, fault_of(v->why), "%s", v->name);
		if (v->why == VEC_WHY_SESSION)
			cr_expect_neq(job.head.session_id, le64_of(v->session_id));
		if (v->why == VEC_WHY_MSG_ID)
			cr_expect_eq(job.head.msg_id % 2, 0);
	}
}

/* A server's packet with any padding, as a peer with the key could make it. */
static void craft(struct room *room, const struct auth_key *key, uint32_t body_len, uint32_t stated,
		  uint32_t padding)
{
	uint8_t large[32], aes_key[32], aes_iv[32];
	uint32_t plain_len = 32 + body_len + padding;
	struct buf *b = room_empty(room);
	uint8_t *plain = buf_put(b, plain_len);
	uint8_t *clear;

	memset(plain, 0x5a, plain_len);
	store_le64(plain + 16, 0x6955b90122222221);
	store_le32(plain + 28, stated);
	msgkey_large(large, key, MSG_FROM_SERVER, buf_view(b));
	msgkey_derive(aes_key, aes_iv, key, large + 8, MSG_FROM_SERVER);
	ige_encrypt(aes_key, aes_iv, plain, plain_len);
	clear = buf_push(b, 24);
	store_le64(clear, key->id);
	memcpy(clear + 8, large + 8, 16);
}

static enum envelope_fault open_one(struct room *room, const struct auth_key *key)
{
	struct envelope_job job = {.packet = &room->buf, .key = key, .dir = MSG_FROM_SERVER};

	envelope_open_batch(&job, 1);
	return job.fault;
}

/* Rows: H7 */
Test(envelope, padding_from_0_to_1100)
{
	static struct room room;
	struct auth_key key;

	key_of(&key, VEC_KEY_COUNTING);
	for (uint32_t padding = 0; padding <= 1100; padding += 4) {
		uint32_t body_len = 16 + (16 - (32 + 16 + padding) % 16) % 16;
		bool allowed = padding >= 12 && padding <= 1024;

		craft(&room, &key, body_len, body_len, padding);
		cr_expect_eq(open_one(&room, &key), allowed ? ENVELOPE_SOUND : ENVELOPE_PADDING,
			     "%u", padding);
		if (allowed)
			cr_expect_eq(room.buf.len, body_len);
	}
}

/* Rows: H7 */
Test(envelope, stated_lengths)
{
	static const struct {
		uint32_t stated;
		enum envelope_fault fault;
	} cases[] = {
	    {0, ENVELOPE_SOUND},           {4, ENVELOPE_SOUND},
	    {1, ENVELOPE_LENGTH},          {2, ENVELOPE_LENGTH},
	    {3, ENVELOPE_LENGTH},          {40, ENVELOPE_PADDING},
	    {48, ENVELOPE_PADDING},        {52, ENVELOPE_LENGTH},
	    {0xfffffffc, ENVELOPE_LENGTH}, {0x80000000, ENVELOPE_LENGTH},
	    {0x7ffffffc, ENVELOPE_LENGTH}, {0xffffffff, ENVELOPE_LENGTH},
	};
	static struct room room;
	struct auth_key key;

	key_of(&key, VEC_KEY_COUNTING);
	for (size_t i = 0; i < countof(cases); i++) {
		craft(&room, &key, 32, cases[i].stated, 16);
		cr_expect_eq(open_one(&room, &key), cases[i].fault, "%x", cases[i].stated);
	}
}

Test(envelope, too_short_to_be_one)
{
	static struct room room;
	struct auth_key key;

	key_of(&key, VEC_KEY_COUNTING);
	for (uint32_t len = 0; len < ENVELOPE_MIN; len++) {
		craft(&room, &key, 16, 16, 16);
		buf_trim(&room.buf, len);
		cr_expect_eq(open_one(&room, &key), ENVELOPE_SHORT, "%u", len);
	}
}

Test(envelope, transport_padding_is_dropped)
{
	static struct room room;
	struct auth_key key;

	key_of(&key, VEC_KEY_COUNTING);
	for (uint32_t extra = 0; extra < 16; extra++) {
		craft(&room, &key, 16, 16, 16);
		memset(buf_put(&room.buf, extra), 0x77, extra);
		cr_expect_eq(open_one(&room, &key), ENVELOPE_SOUND, "%u", extra);
		cr_expect_eq(room.buf.len, 16);
	}
}

/* Rows: N25 H5 */
Test(envelope, every_flipped_bit_is_noticed)
{
	static struct room room;
	struct auth_key key;
	uint32_t len;

	key_of(&key, VEC_KEY_COUNTING);
	craft(&room, &key, 16, 16, 16);
	len = room.buf.len;
	for (uint32_t bit = 0; bit < len * 8; bit++) {
		enum envelope_fault fault;

		craft(&room, &key, 16, 16, 16);
		buf_at(&room.buf)[bit / 8] ^= (uint8_t)(1 << bit % 8);
		fault = open_one(&room, &key);
		cr_expect_eq(fault, bit < 64 ? ENVELOPE_KEY_ID : ENVELOPE_MSG_KEY, "bit %u", bit);
	}
}

Test(envelope, wrong_direction_or_key_is_refused)
{
	static struct room room;
	struct auth_key key, key2;
	struct envelope_job job = {.packet = &room.buf, .key = &key, .dir = MSG_FROM_CLIENT};

	key_of(&key, VEC_KEY_COUNTING);
	key_of(&key2, VEC_KEY_LIVE);
	craft(&room, &key, 16, 16, 16);
	envelope_open_batch(&job, 1);
	cr_expect_eq(job.fault, ENVELOPE_MSG_KEY);
	craft(&room, &key2, 16, 16, 16);
	store_le64(buf_at(&room.buf), key.id);
	cr_expect_eq(open_one(&room, &key), ENVELOPE_MSG_KEY);
}

enum { BATCH = 37 };

/* Any mix of lengths, sound and faulty side by side, more than one group. */
Test(envelope, batches_of_any_mix)
{
	static struct room rooms[BATCH];
	static uint8_t bodies[BATCH][2048];
	struct envelope_job jobs[BATCH];
	struct auth_key key;
	uint64_t seed = 42;

	key_of(&key, VEC_KEY_LIVE);
	for (uint32_t i = 0; i < BATCH; i++) {
		uint32_t len = (uint32_t)(kit_next(&seed) % 500) * 4 + 4;

		kit_fill(&seed, bodies[i], len);
		room_with(&rooms[i], cspan_of(bodies[i], len));
		jobs[i] = (struct envelope_job){.packet = &rooms[i].buf,
						.key = &key,
						.dir = MSG_FROM_CLIENT,
						.head = {kit_next(&seed), 2, 3 + i, i}};
		kit_fill(&seed, jobs[i].padding, sizeof(jobs[i].padding));
	}
	envelope_seal_batch(jobs, BATCH);
	for (uint32_t i = 0; i < BATCH; i++) {
		cr_expect_eq(rooms[i].buf.len % 16, 8);
		jobs[i].head = (struct envelope_head){0};
		if (i % 5 == 3)
			buf_at(&rooms[i].buf)[30] ^= 1;
		if (i % 7 == 6)
			buf_trim(&rooms[i].buf, 64);
	}
	envelope_open_batch(jobs, BATCH);
	for (uint32_t i = 0; i < BATCH; i++) {
		if (i % 7 == 6) {
			cr_expect_eq(jobs[i].fault, ENVELOPE_SHORT);
		} else if (i % 5 == 3) {
			cr_expect_eq(jobs[i].fault, ENVELOPE_MSG_KEY);
		} else {
			cr_expect_eq(jobs[i].fault, ENVELOPE_SOUND);
			cr_expect_eq(jobs[i].head.msg_id, 3 + i);
			cr_expect_arr_eq(buf_at(&rooms[i].buf), bodies[i], rooms[i].buf.len);
		}
	}
	envelope_open_batch(jobs, 0);
}

/* As one by one: the batch is only faster. */
Test(envelope, a_batch_seals_as_single_ones)
{
	static struct room one, many[3];
	struct envelope_job jobs[3];
	struct auth_key key;
	uint64_t seed = 9;

	key_of(&key, VEC_KEY_LIVE);
	kit_fill(&seed, scratch, sizeof(scratch));
	for (uint32_t i = 0; i < 3; i++) {
		room_with(&many[i], cspan_of(scratch, 400 + 4 * i));
		jobs[i] = (struct envelope_job){
		    .packet = &many[i].buf, .key = &key, .head = {1, 2, 3, 4}};
		memcpy(jobs[i].padding, scratch + 500, sizeof(jobs[i].padding));
	}
	envelope_seal_batch(jobs, 3);
	for (uint32_t i = 0; i < 3; i++) {
		struct envelope_job job = {.packet = &one.buf, .key = &key, .head = {1, 2, 3, 4}};

		memcpy(job.padding, scratch + 500, sizeof(job.padding));
		room_with(&one, cspan_of(scratch, 400 + 4 * i));
		envelope_seal_batch(&job, 1);
		cr_expect_eq(one.buf.len, many[i].buf.len);
		cr_expect_arr_eq(buf_at(&one.buf), buf_at(&many[i].buf), one.buf.len);
	}
}

/* Some are opened and others sealed in the same call, any counts: as apart from each other. */
Test(envelope, opens_and_seals_together_are_as_apart)
{
	static struct room in[BATCH], out[BATCH], apart;
	struct envelope_job opens[BATCH], seals[BATCH];
	struct auth_key key;
	uint64_t seed = 43;

	key_of(&key, VEC_KEY_LIVE);
	kit_fill(&seed, scratch, sizeof(scratch));
	for (uint32_t round = 0; round < 40; round++) {
		uint32_t n = kit_next(&seed) % BATCH, m = kit_next(&seed) % BATCH;

		for (uint32_t i = 0; i < n; i++) {
			room_with(&in[i], cspan_of(scratch + i, 1400 + 4 * i));
			opens[i] = (struct envelope_job){
			    .packet = &in[i].buf, .key = &key, .head = {1, 2, 4 * i, 6}};
		}
		envelope_seal_batch(opens, n);
		for (uint32_t i = 0; i < n; i++)
			if (i % 5 == 3)
				buf_at(&in[i].buf)[40 + i] ^= 1;
		for (uint32_t i = 0; i < m; i++) {
			room_with(&out[i], cspan_of(scratch + 3 * i, 1440 - 4 * i));
			seals[i] = (struct envelope_job){
			    .packet = &out[i].buf, .key = &key, .head = {1, 2, 3, i}};
		}
		envelope_batch(opens, n, seals, m);
		for (uint32_t i = 0; i < n; i++) {
			if (i % 5 == 3) {
				cr_expect_eq(opens[i].fault, ENVELOPE_MSG_KEY);
				continue;
			}
			cr_expect_eq(opens[i].fault, ENVELOPE_SOUND);
			cr_expect_eq(opens[i].head.msg_id, 4 * i);
			cr_expect_eq(in[i].buf.len, 1400 + 4 * i);
			cr_expect_arr_eq(buf_at(&in[i].buf), scratch + i, in[i].buf.len);
		}
		for (uint32_t i = 0; i < m; i++) {
			struct envelope_job job = {
			    .packet = &apart.buf, .key = &key, .head = {1, 2, 3, i}};

			room_with(&apart, cspan_of(scratch + 3 * i, 1440 - 4 * i));
			envelope_seal_batch(&job, 1);
			cr_expect_eq(seals[i].quick_token, job.quick_token);
			cr_expect_eq(apart.buf.len, out[i].buf.len);
			cr_expect_arr_eq(buf_at(&apart.buf), buf_at(&out[i].buf), apart.buf.len);
		}
	}
}

Test(envelope, reopened_packets_are_what_was_sealed)
{
	static struct room room;
	struct auth_key key;
	struct envelope_job job = {
	    .packet = &room.buf, .key = &key, .dir = MSG_FROM_CLIENT, .head = {5, 6, 7, 8}};
	uint64_t seed = 77;

	key_of(&key, VEC_KEY_LIVE);
	kit_fill(&seed, scratch, 4096);
	room_with(&room, cspan_of(scratch, 4096));
	envelope_seal_batch(&job, 1);
	memset(buf_put(&room.buf, 9), 1, 9); /* padding of a transport */
	envelope_reopen(&job);
	cr_expect_eq(room.buf.len, 4096);
	cr_expect_arr_eq(buf_at(&room.buf), scratch, 4096);
	cr_expect_eq(job.head.msg_id, 7);
}

Test(envelope, plain_messages)
{
	static struct room room;
	uint64_t id = 0;

	room_with(&room, cspan_of("abcdefgh", 8));
	plain_seal(&room.buf, 0x0102030405060708);
	cr_expect_eq(room.buf.len, 28);
	memset(buf_put(&room.buf, 7), 0, 7); /* padding of a transport */
	cr_expect(plain_open(&room.buf, &id));
	cr_expect_eq(id, 0x0102030405060708);
	cr_expect_eq(room.buf.len, 8);
	cr_expect_arr_eq(buf_at(&room.buf), "abcdefgh", 8);
}

Test(envelope, plain_messages_that_are_none)
{
	static struct room room;
	uint64_t id;

	for (uint32_t len = 0; len < 28; len++) {
		room_with(&room, cspan_of("abcdefgh", 8));
		plain_seal(&room.buf, 4);
		buf_trim(&room.buf, len);
		cr_expect_not(plain_open(&room.buf, &id), "%u", len);
	}
	room_with(&room, cspan_of("abcdefgh", 8));
	plain_seal(&room.buf, 4);
	buf_at(&room.buf)[3] = 1; /* a key id */
	cr_expect_not(plain_open(&room.buf, &id));
	room_with(&room, cspan_of("abcdefgh", 8));
	plain_seal(&room.buf, 4);
	store_le32(buf_at(&room.buf) + 16, 0);
	cr_expect_not(plain_open(&room.buf, &id));
	store_le32(buf_at(&room.buf) + 16, 0xfffffff8);
	cr_expect_not(plain_open(&room.buf, &id));
}
