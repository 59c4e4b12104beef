/*
 * The relay against the plain way: a server's message with a body is opened, and the body sealed
 * again as a client's message, both at once; the result is byte for byte what opening and sealing
 * by themselves give. Every mix of counts; every fault for its own reason.
 */
#include "proto/wire/relay.h"

#include "tests/wire/wire_kit.h"

#include <criterion/criterion.h>

enum { COUNT = 5, ANSWER_HEAD = 28 };

struct scene {
	struct room rooms[COUNT], plain[COUNT];
	struct auth_key in_keys[COUNT], out_keys[COUNT];
	struct relay_job jobs[COUNT];
	uint32_t lens[COUNT];
	uint64_t seed;
};

static struct scene scene;

static void draw_key(struct auth_key *k)
{
	kit_fill(&scene.seed, k->key, sizeof(k->key));
	authkey_finish(k);
}

static void seal(struct buf *packet, const struct auth_key *key, const struct envelope_head *head,
		 enum msg_dir dir, const uint8_t *padding)
{
	struct envelope_job job = {.packet = packet, .key = key, .head = *head, .dir = dir};

	memcpy(job.padding, padding, sizeof(job.padding));
	envelope_seal_batch(&job, 1);
}

/* A message as it comes: head of an answer, the body, TL's padding. */
static void draw_arrival(size_t i, uint32_t body_len)
{
	static uint8_t data[70 * 1024];
	struct relay_job *job = &scene.jobs[i];
	struct envelope_head head = {kit_next(&scene.seed), kit_next(&scene.seed),
				     kit_next(&scene.seed), (uint32_t)kit_next(&scene.seed)};
	uint32_t len = ANSWER_HEAD + body_len + (0u - body_len) % 4;
	uint8_t padding[ENVELOPE_TAILROOM + 5];

	kit_fill(&scene.seed, padding, sizeof(padding));
	kit_fill(&scene.seed, data, len);
	memset(data + ANSWER_HEAD + body_len, 0, len - ANSWER_HEAD - body_len);
	draw_key(&scene.in_keys[i]);
	draw_key(&scene.out_keys[i]);
	room_with(&scene.rooms[i], cspan_of(data, len));
	seal(&scene.rooms[i].buf, &scene.in_keys[i], &head, MSG_FROM_SERVER, padding);
	scene.lens[i] = body_len;
	*job = (struct relay_job){
	    .open = {.packet = &scene.rooms[i].buf,
		     .key = &scene.in_keys[i],
		     .dir = MSG_FROM_SERVER},
	    .key = &scene.out_keys[i],
	    .head = {kit_next(&scene.seed), kit_next(&scene.seed), kit_next(&scene.seed), 7},
	    .body_at = ANSWER_HEAD,
	    .body_len = body_len};
}

static void draw_leaving(size_t i, uint32_t prefix_len)
{
	struct relay_job *job = &scene.jobs[i];

	job->prefix_len = prefix_len;
	kit_fill(&scene.seed, job->prefix, prefix_len);
	kit_fill(&scene.seed, job->padding, sizeof(job->padding));
}

/* What the plain way makes of the same: opened by itself, cut, and sealed by itself. */
static void plain_way(size_t i)
{
	const struct relay_job *job = &scene.jobs[i];
	struct buf *b = &scene.plain[i].buf;
	struct envelope_job open = {.packet = b, .key = job->open.key, .dir = MSG_FROM_SERVER};
	uint32_t pad = (0u - job->body_len) % 4;

	memcpy(&scene.plain[i], &scene.rooms[i], sizeof(scene.rooms[i]));
	b->mem = scene.plain[i].mem;
	envelope_open_batch(&open, 1);
	cr_assert_eq(open.fault, ENVELOPE_SOUND);
	buf_pull(b, job->body_at);
	buf_trim(b, job->body_len);
	memset(buf_put(b, pad), 0, pad);
	memcpy(buf_push(b, job->prefix_len), job->prefix, job->prefix_len);
	seal(b, job->key, &job->head, MSG_FROM_CLIENT, job->padding);
}

static void expect_same(size_t i)
{
	const struct buf *a = &scene.rooms[i].buf, *b = &scene.plain[i].buf;

	cr_assert_eq(a->len, b->len, "%u bytes instead of %u", a->len, b->len);
	cr_assert_arr_eq(buf_at(a), buf_at(b), a->len, "message %zu, body of %u", i, scene.lens[i]);
}

/* Opened in one pass, sealed in the next one, beside the opening of others. */
static void relay_all(size_t count, size_t a_pass)
{
	struct relay_seal seals[COUNT];
	size_t waiting = 0;

	for (size_t at = 0; at < count || waiting > 0; at += a_pass) {
		size_t n = at >= count ? 0 : count - at < a_pass ? count - at : a_pass;

		relay_run(scene.jobs + (n > 0 ? at : 0), n, seals, waiting);
		for (size_t i = 0; i < n; i++) {
			struct relay_job *job = &scene.jobs[at + i];
			struct buf *b = job->open.packet;

			cr_assert_eq(job->open.fault, ENVELOPE_SOUND);
			cr_assert_eq(b->len,
				     ANSWER_HEAD + job->body_len + (0u - job->body_len) % 4);
			relay_turn(job, b);
			seals[i] = (struct relay_seal){b, job->key};
		}
		waiting = n;
	}
}

Test(relay, same_as_opening_and_sealing)
{
	/* 28: the body stands at the same place in both. */
	static const uint32_t prefixes[] = {28, 24, 0, 40};

	for (uint32_t round = 0; round < 60; round++) {
		size_t count = 1 + round % COUNT;

		scene.seed = 77 + round;
		for (size_t i = 0; i < count; i++) {
			uint32_t len =
			    (uint32_t)kit_next(&scene.seed) % (round < 30 ? 1200 : 60000);

			draw_arrival(i, len);
			draw_leaving(i, prefixes[round % 4]);
			plain_way(i);
		}
		relay_all(count, 1 + round % 3);
		for (size_t i = 0; i < count; i++)
			expect_same(i);
	}
}

Test(relay, turned_and_taken_back)
{
	struct buf *b = &scene.rooms[0].buf;
	uint8_t body[333];

	scene.seed = 5;
	draw_arrival(0, sizeof(body));
	draw_leaving(0, 28);
	relay_run(scene.jobs, 1, NULL, 0);
	memcpy(body, buf_at(b) + ANSWER_HEAD, sizeof(body));
	relay_turn(&scene.jobs[0], b);
	relay_undo(b);
	cr_assert_eq(b->len, relay_data_len(&scene.jobs[0]));
	cr_assert_eq(b->len, 28 + 336);
	cr_assert_arr_eq(buf_at(b), scene.jobs[0].prefix, 28);
	cr_assert_arr_eq(buf_at(b) + 28, body, sizeof(body));
}

static enum envelope_fault fault_of(void)
{
	relay_run(scene.jobs, 1, NULL, 0);
	return scene.jobs[0].open.fault;
}

static void draw_one(uint64_t seed)
{
	scene.seed = seed;
	draw_arrival(0, 500);
	draw_leaving(0, 28);
}

Test(relay, faults_have_their_names)
{
	struct buf *b = &scene.rooms[0].buf;

	for (uint32_t at = 8; at < 560; at += 23) {
		draw_one(at);
		buf_at(b)[at] ^= 0x10;
		cr_assert_eq(fault_of(), ENVELOPE_MSG_KEY, "byte %u", at);
	}
	draw_one(1);
	buf_at(b)[3] ^= 1;
	cr_assert_eq(fault_of(), ENVELOPE_KEY_ID);
	draw_one(2);
	buf_trim(b, ENVELOPE_MIN - 1);
	cr_assert_eq(fault_of(), ENVELOPE_SHORT);
	draw_one(3);
	scene.jobs[0].body_len = b->len;
	cr_assert_eq(fault_of(), ENVELOPE_LENGTH);
	draw_one(4);
	scene.jobs[0].body_at = UINT32_MAX;
	cr_assert_eq(fault_of(), ENVELOPE_LENGTH);
}

/* A bad one beside good ones harms nobody. */
Test(relay, a_bad_one_among_others)
{
	scene.seed = 9;
	for (size_t i = 0; i < 3; i++) {
		draw_arrival(i, 5000);
		draw_leaving(i, 28);
		plain_way(i);
	}
	buf_at(&scene.rooms[1].buf)[100] ^= 1;
	relay_run(scene.jobs, 3, NULL, 0);
	cr_assert_eq(scene.jobs[1].open.fault, ENVELOPE_MSG_KEY);
	for (size_t i = 0; i < 3; i += 2) {
		struct relay_seal s = {&scene.rooms[i].buf, &scene.out_keys[i]};

		cr_assert_eq(scene.jobs[i].open.fault, ENVELOPE_SOUND);
		relay_turn(&scene.jobs[i], s.packet);
		relay_run(NULL, 0, &s, 1);
		expect_same(i);
	}
}

Test(relay, peek_shows_the_plaintext_and_changes_nothing)
{
	uint8_t plain[RELAY_PEEK], before[256];
	struct buf *b = &scene.rooms[0].buf;

	draw_one(11);
	memcpy(before, buf_at(b), sizeof(before));
	cr_assert(relay_peek(b, &scene.in_keys[0], MSG_FROM_SERVER, plain));
	cr_assert_arr_eq(before, buf_at(b), sizeof(before));
	cr_assert_eq(fault_of(), ENVELOPE_SOUND);
	cr_assert_arr_eq(plain, buf_at(b) - 32, RELAY_PEEK);
	buf_trim(b, 24 + RELAY_PEEK - 1);
	cr_assert_not(relay_peek(b, &scene.in_keys[0], MSG_FROM_SERVER, plain));
}
