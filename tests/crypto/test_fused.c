/*
 * The fused pass against its plain way: decrypt, hash twice, encrypt, each by itself and with
 * OpenSSL's AES. Every mix of counts, lengths and offsets must come out the same, on every kernel.
 */
#include "proto/crypto/fused.h"
#include "proto/crypto/digest.h"
#include "proto/crypto/kernels_priv.h"
#include "tests/crypto/kernels.h"
#include "tests/crypto/reference.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum {
	OPENS_MAX = 7,
	SEALS_MAX = 7,
	SLOTS = OPENS_MAX + SEALS_MAX,
	HEAD_MAX = 200,
	TAIL_MAX = 100
};

struct scene {
	struct fused_open opens[OPENS_MAX];
	struct ige_job seals[SEALS_MAX];
	size_t open_count, seal_count, slot;
	uint8_t *data, *was;
	uint8_t keys[OPENS_MAX][64], heads[OPENS_MAX][HEAD_MAX], tails[OPENS_MAX][TAIL_MAX];
	struct reference reference;
	uint64_t seed;
};

static void scene_open(struct scene *s, size_t len_max, uint64_t seed)
{
	memset(s, 0, sizeof(*s));
	s->slot = len_max + 64;
	s->data = calloc(SLOTS, s->slot);
	s->was = calloc(SLOTS, s->slot);
	s->seed = seed;
	reference_open(&s->reference);
	random_fill(&s->seed, s->data, SLOTS * s->slot);
}

static void scene_close(struct scene *s)
{
	reference_close(&s->reference);
	free(s->data);
	free(s->was);
}

static size_t below(struct scene *s, size_t n)
{
	return random_u32(&s->seed) % n;
}

/* Half of the messages have the body at the same place modulo 64 in both, a quarter leave as
 * nothing. */
static void draw_open(struct scene *s, size_t i, size_t len)
{
	struct fused_open *o = &s->opens[i];
	size_t head = below(s, HEAD_MAX);

	random_fill(&s->seed, o->key, 32);
	random_fill(&s->seed, o->iv, 32);
	random_fill(&s->seed, s->keys[i], 64);
	random_fill(&s->seed, s->heads[i], HEAD_MAX);
	random_fill(&s->seed, s->tails[i], TAIL_MAX);
	o->data = s->data + i * s->slot + below(s, 17);
	o->len = len;
	o->hash_key = s->keys[i];
	o->new_hash_key = below(s, 4) > 0 ? s->keys[i] + 32 : NULL;
	o->body_at = len > 0 ? below(s, len < 300 ? len : 300) : 0;
	o->body_len = len - o->body_at;
	if (below(s, 4) > 0 && o->body_len > 0)
		o->body_len -= below(s, o->body_len < 120 ? o->body_len : 120);
	if (below(s, 3) > 0)
		head = o->body_at % 64 + 64 * below(s, 2);
	o->new_head = cspan_of(s->heads[i], head);
	o->new_tail = cspan_of(s->tails[i], below(s, TAIL_MAX));
}

static void draw_seal(struct scene *s, size_t i, size_t len)
{
	struct ige_job *j = &s->seals[i];

	random_fill(&s->seed, j->key, 32);
	random_fill(&s->seed, j->iv, 32);
	j->data = s->data + (OPENS_MAX + i) * s->slot + below(s, 17);
	j->len = len;
}

static void expect_hash(const uint8_t hash[32], const struct cspan *parts, size_t count)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t expect[32];

	EVP_DigestInit_ex(c, EVP_sha256(), NULL);
	for (size_t i = 0; i < count; i++)
		EVP_DigestUpdate(c, parts[i].at, parts[i].len);
	EVP_DigestFinal_ex(c, expect, NULL);
	EVP_MD_CTX_free(c);
	cr_assert_arr_eq(hash, expect, 32);
}

static void judge_open(struct scene *s, const struct fused_open *o)
{
	uint8_t *plain = s->was + (o->data - s->data);
	struct cspan before[2] = {{o->hash_key, 32}, {plain, o->len}};
	struct cspan after[4] = {
	    {o->new_hash_key, 32}, o->new_head, {plain + o->body_at, o->body_len}, o->new_tail};

	reference_ige(&s->reference, false, o->key, o->iv, plain, o->len);
	expect_hash(o->hash, before, 2);
	if (o->new_hash_key != NULL)
		expect_hash(o->new_hash, after, 4);
}

static void play(struct scene *s, const char *name)
{
	memcpy(s->was, s->data, SLOTS * s->slot);
	fused_run(s->opens, s->open_count, s->seals, s->seal_count);
	for (size_t i = 0; i < s->open_count; i++)
		judge_open(s, &s->opens[i]);
	for (size_t i = 0; i < s->seal_count; i++) {
		const struct ige_job *j = &s->seals[i];

		reference_ige(&s->reference, true, j->key, j->iv, s->was + (j->data - s->data),
			      j->len);
	}
	cr_assert(memcmp(s->data, s->was, SLOTS * s->slot) == 0, "%s: %zu opens, %zu seals", name,
		  s->open_count, s->seal_count);
}

static void play_random(uint64_t seed, int rounds, size_t blocks_max)
{
	struct scene s;

	scene_open(&s, 16 * blocks_max, seed);
	each_kernel (name) {
		for (int i = 0; i < rounds; i++) {
			s.open_count = below(&s, OPENS_MAX + 1);
			s.seal_count = below(&s, SEALS_MAX + 1);
			for (size_t k = 0; k < s.open_count; k++)
				draw_open(&s, k, 16 * below(&s, blocks_max + 1));
			for (size_t k = 0; k < s.seal_count; k++)
				draw_seal(&s, k, 16 * below(&s, blocks_max + 1));
			play(&s, name);
		}
	}
	scene_close(&s);
}

/* Rows: X8 */
Test(fused, any_mix)
{
	play_random(71, rounds_of(800), 90);
}

/* Around the lengths at which there are no, one or two shared blocks. */
Test(fused, short_messages)
{
	play_random(72, rounds_of(3000), 14);
}

/* The shape it is made for: heads of 60 bytes, bodies of one size, pairs with pairs. */
Test(fused, parts_of_files)
{
	enum { BODY = 16 * 1024, LEN = 60 + BODY + 20 };
	struct scene s;

	scene_open(&s, LEN, 73);
	each_kernel (name) {
		for (size_t opens = 0; opens <= 5; opens++) {
			s.open_count = opens;
			s.seal_count = below(&s, 6);
			for (size_t k = 0; k < opens; k++) {
				draw_open(&s, k, LEN);
				s.opens[k].new_hash_key = s.keys[k] + 32;
				s.opens[k].body_at = 60;
				s.opens[k].body_len = BODY;
				s.opens[k].new_head.len = 60;
				s.opens[k].new_tail.len = 20;
			}
			for (size_t k = 0; k < s.seal_count; k++)
				draw_seal(&s, k, LEN);
			play(&s, name);
		}
	}
	scene_close(&s);
}

/* Every body_at from 0 to 130 with every head of the same remainder, and one that is not. */
Test(fused, every_offset)
{
	enum { LEN = 16 * 40 };
	struct scene s;

	scene_open(&s, LEN, 74);
	each_kernel (name) {
		for (size_t at = 0; at <= 130; at++) {
			s.open_count = 2;
			s.seal_count = 2;
			for (size_t k = 0; k < 2; k++) {
				draw_open(&s, k, LEN);
				draw_seal(&s, k, LEN);
				s.opens[k].new_hash_key = s.keys[k] + 32;
				s.opens[k].body_at = at;
				s.opens[k].body_len = LEN - at - below(&s, 100);
				s.opens[k].new_head.len = at % 64 + (k == 1 && at % 3 == 0);
			}
			play(&s, name);
		}
	}
	scene_close(&s);
}

Test(fused, nothing_to_do)
{
	each_kernel (name)
		fused_run(NULL, 0, NULL, 0);
}
