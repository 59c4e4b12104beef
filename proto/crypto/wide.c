/*
 * Sixteen messages at a time: what all of them have is done in 512-bit registers, and the ends of
 * each, where lengths and heads differ, by itself. Owns the round keys and hash states, on the
 * stack, and wipes them; the registers are wide_avx512.c.
 *
 *   message 0   | head |from ######################### |  rest |
 *   message 1   | head    |from ######################### | rest   |
 *   ...                        `- as many blocks in each -'
 */
#include "proto/crypto/wide_priv.h"

#include "proto/base/check.h"
#include "proto/crypto/kernels_priv.h"
#include "proto/crypto/reading_priv.h"

#if KERNELS_X86

#include <x86intrin.h>

enum {
	AES_PER_HASH = HASH_BLOCK / 16,
	STRIP = 32, /* hash blocks: all messages' strips fit into the first cache */
};

struct sixteen {
	struct reading reading[WIDE];
	struct ige_lane lane[WIDE];
	struct wide_chains chains;
	struct wide_hash hash;
};

static void chains_load(struct wide_chains *c, const struct ige_lane *lanes)
{
	for (int i = 0; i < WIDE; i++) {
		for (int r = 0; r < 15; r++)
			memcpy(c->keys[r][i], lanes[i].round_keys + 16 * r, 16);
		memcpy(c->before[i], lanes[i].before, 16);
		memcpy(c->behind[i], lanes[i].behind, 16);
		c->at[i] = lanes[i].at;
	}
}

/* The chains back to their lanes, each blocks further. */
static void chains_store(const struct wide_chains *c, struct ige_lane *lanes, size_t blocks)
{
	for (int i = 0; i < WIDE; i++) {
		memcpy(lanes[i].before, c->before[i], 16);
		memcpy(lanes[i].behind, c->behind[i], 16);
		lanes[i].at = c->at[i];
		lanes[i].blocks -= blocks;
	}
}

static void hash_load(struct wide_hash *h, int i, uint32_t state[2][8], const uint8_t *at)
{
	for (int j = 0; j < 8; j++) {
		h->state[0][j][i] = state[0][j];
		h->state[1][j][i] = state[1][j];
	}
	h->at[i] = at;
}

static void hash_store(const struct wide_hash *h, int i, uint32_t state[2][8])
{
	for (int j = 0; j < 8; j++) {
		state[0][j] = h->state[0][j][i];
		state[1][j] = h->state[1][j][i];
	}
}

static void walk_each(struct ige_lane *lanes, size_t *blocks, size_t count, bool decrypt)
{
	struct ige_lane *order[WIDE];

	for (size_t i = 0; i < count; i++)
		order[i] = &lanes[i];
	ige_lanes_walk(order, blocks, count, decrypt);
}

/* Up to the first shared block of each; returns how many shared blocks all of them have. */
static size_t begin(struct sixteen *s, struct fused_open *opens)
{
	size_t blocks[WIDE], common = SIZE_MAX;

	for (int i = 0; i < WIDE; i++) {
		struct reading *r = &s->reading[i];
		struct fused_open *o = &opens[i];

		reading_plan(r, o);
		ige_lane_init(&s->lane[i], o->key, o->iv, o->data, o->len, true);
		blocks[i] = r->from / 16;
		common = reading_blocks(r) < common ? reading_blocks(r) : common;
	}
	walk_each(s->lane, blocks, WIDE, true);
	for (int i = 0; i < WIDE; i++) {
		uint32_t state[2][8];

		reading_begin(&s->reading[i]);
		reading_lend(&s->reading[i], state);
		hash_load(&s->hash, i, state, s->lane[i].at);
	}
	return common;
}

/* What is left of each after the common blocks. */
static void finish(struct sixteen *s)
{
	size_t blocks[WIDE];

	for (int i = 0; i < WIDE; i++)
		blocks[i] = s->lane[i].blocks;
	walk_each(s->lane, blocks, WIDE, true);
	for (int i = 0; i < WIDE; i++) {
		struct reading *r = &s->reading[i];
		const uint8_t *end = r->job->data + r->to;
		uint32_t state[2][8];

		hash_store(&s->hash, i, state);
		sha256_shani_twin(state, s->hash.at[i], (size_t)(end - s->hash.at[i]) / HASH_BLOCK);
		reading_take(r, state);
		reading_end(r, r->to);
	}
}

static void open_sixteen(struct sixteen *s, struct fused_open *opens)
{
	size_t common = begin(s, opens);

	chains_load(&s->chains, s->lane);
	for (size_t done = 0; done < common; done += STRIP) {
		size_t blocks = common - done < STRIP ? common - done : STRIP;

		wide_decrypt(&s->chains, AES_PER_HASH * blocks);
		wide_twin(&s->hash, blocks);
	}
	chains_store(&s->chains, s->lane, AES_PER_HASH * common);
	finish(s);
}

static void seal_sixteen(struct sixteen *s, const struct ige_job *jobs)
{
	size_t blocks[WIDE], common = SIZE_MAX;

	for (int i = 0; i < WIDE; i++) {
		check(jobs[i].len % 16 == 0);
		ige_lane_init(&s->lane[i], jobs[i].key, jobs[i].iv, jobs[i].data, jobs[i].len,
			      false);
		common = s->lane[i].blocks < common ? s->lane[i].blocks : common;
	}
	chains_load(&s->chains, s->lane);
	wide_encrypt(&s->chains, common);
	chains_store(&s->chains, s->lane, common);
	for (int i = 0; i < WIDE; i++)
		blocks[i] = s->lane[i].blocks;
	walk_each(s->lane, blocks, WIDE, false);
}

static bool alike(size_t least, size_t most)
{
	return most <= least + least / 8;
}

bool wide_suits(const struct fused_open *opens)
{
	size_t least = SIZE_MAX, most = 0;

	for (int i = 0; i < WIDE; i++) {
		least = opens[i].len < least ? opens[i].len : least;
		most = opens[i].len > most ? opens[i].len : most;
	}
	return alike(least, most);
}

static bool seals_suit(const struct ige_job *seals, size_t count)
{
	size_t least = SIZE_MAX, most = 0;

	for (size_t i = 0; i < count; i++) {
		least = seals[i].len < least ? seals[i].len : least;
		most = seals[i].len > most ? seals[i].len : most;
	}
	return count == WIDE && alike(least, most);
}

void wide_run(struct fused_open *opens, struct ige_job *seals, size_t seal_count)
{
	struct sixteen s;

	open_sixteen(&s, opens);
	if (seals_suit(seals, seal_count))
		seal_sixteen(&s, seals);
	else
		ige_encrypt_batch(seals, seal_count);
	bytes_wipe(&s, sizeof(s));
}

/* ---- is it worth it ---- */

enum { TRIAL_BLOCKS = 24, TRIAL_BYTES = HASH_BLOCK * (TRIAL_BLOCKS + 1), TURNS = 24 };

/* Any keys and any bytes do: both take the same time for all. */
struct trial {
	uint8_t data[2 * WIDE][TRIAL_BYTES + HASH_BLOCK]; /* to open, to seal */
	struct ige_lane lane[2 * WIDE];
	struct fused_hash hash[WIDE];
	struct wide_chains chains;
	struct wide_hash wide;
};

static void trial_reset(struct trial *t)
{
	for (int i = 0; i < 2 * WIDE; i++) {
		t->lane[i].at = t->data[i] + (i < WIDE ? HASH_BLOCK : 0);
		t->lane[i].blocks = AES_PER_HASH * TRIAL_BLOCKS;
	}
	for (int i = 0; i < WIDE; i++) {
		t->hash[i].at = t->data[i];
		t->wide.at[i] = t->data[i];
	}
}

static uint64_t time_pairs(struct trial *t)
{
	uint64_t start;

	trial_reset(t);
	start = __rdtsc();
	for (int i = 0; i < WIDE; i += 2) {
		struct fused_pass pass = {
		    .open = {&t->lane[i], &t->lane[i + 1]},
		    .hash = {&t->hash[i], &t->hash[i + 1]},
		    .seal = {&t->lane[WIDE + i], &t->lane[WIDE + i + 1]},
		};

		fused_shani(&pass, 2, 2, TRIAL_BLOCKS);
	}
	return __rdtsc() - start;
}

static uint64_t time_sixteen(struct trial *t)
{
	uint64_t start;

	trial_reset(t);
	start = __rdtsc();
	chains_load(&t->chains, t->lane);
	wide_decrypt(&t->chains, AES_PER_HASH * TRIAL_BLOCKS);
	wide_twin(&t->wide, TRIAL_BLOCKS);
	chains_load(&t->chains, t->lane + WIDE);
	wide_encrypt(&t->chains, AES_PER_HASH * TRIAL_BLOCKS);
	return __rdtsc() - start;
}

/* The best of some turns of each: what an interrupt or a cold clock costs counts for neither. */
bool wide_pays(void)
{
	uint64_t pairs = UINT64_MAX, sixteen = UINT64_MAX;
	struct trial t;

	memset(&t, 0, sizeof(t));
	for (int i = 0; i < TURNS; i++) {
		uint64_t a = time_pairs(&t), b = time_sixteen(&t);

		pairs = a < pairs ? a : pairs;
		sixteen = b < sixteen ? b : sixteen;
	}
	return 4 * pairs >= 5 * sixteen;
}

#endif
