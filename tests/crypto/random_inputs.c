/*
 * Random inputs of the fused and multi-buffer kernels against the plain way: every message by
 * itself, on the portable kernels. An input is a handful of messages to open and to seal, of any
 * lengths, with heads of any lengths, at any addresses; all bytes around them must stay as they
 * were, too.
 *
 * usage: random_inputs [COUNT [SEED]]        (default 3000; COUNT in the environment serves as
 * well)
 */
#include "proto/base/check.h"
#include "proto/crypto/cpu.h"
#include "proto/crypto/digest.h"
#include "proto/crypto/fused.h"
#include "tests/crypto/kernels.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MANY = 36, /* of each kind; more than twice what the widest kernel takes */
	PART = 60 + 512 * 1024 + 20,
	EDGE = 256, /* heads and tails, at most */
	AREA = 40 << 20,
};

struct input {
	struct fused_open opens[MANY];
	struct ige_job seals[MANY];
	size_t open_count, seal_count, used;
	uint8_t keys[MANY][64], heads[MANY][EDGE], tails[MANY][EDGE];
	uint8_t hash[MANY][2][32]; /* what the plain way gave */
	uint8_t *data, *was, *expected;
	uint64_t seed;
};

struct tally {
	uint64_t shared, apart, opened_only, sealed, bytes;
};

static size_t below(struct input *in, size_t n)
{
	return random_u32(&in->seed) % n;
}

static bool one_in(struct input *in, size_t n)
{
	return below(in, n) == 0;
}

/* Eight bytes a step: the inputs are the smaller part of the work. */
static void fill(struct input *in, void *out, size_t len)
{
	uint8_t *to = out;

	for (; len >= 8; len -= 8, to += 8) {
		random_u32(&in->seed);
		store_le64(to, in->seed * 0x9e3779b97f4a7c15);
	}
	random_fill(&in->seed, to, len);
}

/* Mostly short, where all the edges are; sometimes a real part of a file. */
static size_t draw_len(struct input *in)
{
	if (one_in(in, 10000))
		return PART;
	if (one_in(in, 500))
		return 16 * below(in, 4096);
	if (one_in(in, 8))
		return 16 * below(in, 260);
	return 16 * below(in, 40);
}

/* Room for one message; NULL when the area is full. */
static uint8_t *place(struct input *in, size_t len)
{
	uint8_t *at;

	in->used += below(in, 70);
	if (in->used + len + 64 > AREA)
		return NULL;
	at = in->data + in->used;
	in->used += len;
	return at;
}

static void draw_open(struct input *in, struct tally *t, size_t i)
{
	struct fused_open *o = &in->opens[i];
	size_t head = below(in, EDGE);

	fill(in, o->key, 32);
	fill(in, o->iv, 32);
	fill(in, in->keys[i], 64);
	fill(in, in->heads[i], EDGE);
	fill(in, in->tails[i], EDGE);
	o->hash_key = in->keys[i];
	o->new_hash_key = one_in(in, 6) ? NULL : in->keys[i] + 32;
	o->body_at = below(in, (o->len < 200 ? o->len : 200) + 1);
	if (one_in(in, 3) && o->len >= 80)
		o->body_at = 60;
	o->body_len = o->len - o->body_at;
	if (!one_in(in, 4))
		o->body_len -= below(in, (o->body_len < 140 ? o->body_len : 140) + 1);
	if (!one_in(in, 3))
		head = o->body_at % 64 + 64 * below(in, 3);
	o->new_head = cspan_of(in->heads[i], head);
	o->new_tail = cspan_of(in->tails[i], below(in, EDGE));
	t->opened_only += o->new_hash_key == NULL;
	t->shared += o->new_hash_key != NULL && (o->body_at - head) % 64 == 0;
	t->apart += o->new_hash_key != NULL && (o->body_at - head) % 64 != 0;
	t->bytes += o->len;
}

static size_t like(struct input *in, size_t len)
{
	return len == SIZE_MAX ? draw_len(in) : len + (one_in(in, 8) ? 16 * below(in, 6) : 0);
}

static void draw(struct input *in, struct tally *t)
{
	bool crowd = one_in(in, 24); /* enough for sixteen at a time */
	size_t opens = crowd ? 14 + below(in, MANY - 13) : below(in, 6);
	size_t seals = crowd ? 14 + below(in, MANY - 13) : below(in, 6);
	/* Parts of one file, or of much the same length. */
	size_t same = crowd || one_in(in, 3) ? draw_len(in) : SIZE_MAX;

	in->used = in->open_count = in->seal_count = 0;
	for (size_t i = 0; i < opens; i++) {
		size_t len = like(in, same);
		uint8_t *at = place(in, len);

		if (at == NULL)
			break;
		in->opens[i].data = at;
		in->opens[i].len = len;
		draw_open(in, t, in->open_count++);
	}
	for (size_t i = 0; i < seals; i++) {
		size_t len = like(in, same);
		struct ige_job *j = &in->seals[i];

		j->data = place(in, len);
		if (j->data == NULL)
			break;
		fill(in, j->key, 32);
		fill(in, j->iv, 32);
		j->len = len;
		in->seal_count++;
		t->bytes += len;
	}
	t->sealed += in->seal_count;
	in->used += 64;
	fill(in, in->was, in->used);
}

/* Each step by itself, one message after the other. */
static void plain_way(struct input *in)
{
	check(cpu_select("portable") == 0);
	memcpy(in->data, in->was, in->used);
	for (size_t i = 0; i < in->open_count; i++) {
		const struct fused_open *o = &in->opens[i];
		struct cspan before[2] = {{o->hash_key, 32}, {o->data, o->len}};
		struct cspan after[4] = {{o->new_hash_key, 32},
					 o->new_head,
					 {o->data + o->body_at, o->body_len},
					 o->new_tail};

		ige_decrypt(o->key, o->iv, o->data, o->len);
		digest_sha256(in->hash[i][0], before, 2);
		if (o->new_hash_key != NULL)
			digest_sha256(in->hash[i][1], after, 4);
	}
	for (size_t i = 0; i < in->seal_count; i++) {
		struct ige_job *j = &in->seals[i];

		ige_encrypt(j->key, j->iv, j->data, j->len);
	}
	memcpy(in->expected, in->data, in->used);
}

static bool right(const struct input *in)
{
	for (size_t i = 0; i < in->open_count; i++) {
		const struct fused_open *o = &in->opens[i];

		if (memcmp(o->hash, in->hash[i][0], 32) != 0)
			return false;
		if (o->new_hash_key != NULL && memcmp(o->new_hash, in->hash[i][1], 32) != 0)
			return false;
	}
	return memcmp(in->data, in->expected, in->used) == 0;
}

/* The kernels of this machine but the portable one, by name. */
static size_t choose(const char **names)
{
	const char *name;
	size_t at = 0, count = 0;

	while ((name = kernels_next(&at)) != NULL)
		if (strcmp(name, "portable") != 0)
			names[count++] = name;
	return count;
}

static uint64_t number(const char *text, uint64_t otherwise)
{
	char *end;
	unsigned long long v;

	if (text == NULL)
		return otherwise;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || v == 0 || *text == '-') {
		fprintf(stderr, "random_inputs: \"%s\" must be a number from 1\n", text);
		exit(64);
	}
	return v;
}

static int run(struct input *in, uint64_t count, const char *const *names, size_t kernels)
{
	struct tally t = {0};

	for (uint64_t i = 0; i < count; i++) {
		uint64_t seed = in->seed;

		draw(in, &t);
		plain_way(in);
		for (size_t k = 0; k < kernels; k++) {
			check(cpu_select(names[k]) == 0);
			memcpy(in->data, in->was, in->used);
			fused_run(in->opens, in->open_count, in->seals, in->seal_count);
			if (!right(in)) {
				printf("%s differs: random_inputs 1 %llu\n", names[k],
				       (unsigned long long)seed);
				return 1;
			}
		}
	}
	printf("%llu inputs, %.2f GB: opened and to be sent on %llu on one schedule, %llu in two "
	       "passes; "
	       "%llu opened only, %llu sealed: equal on",
	       (unsigned long long)count, (double)t.bytes * 1e-9, (unsigned long long)t.shared,
	       (unsigned long long)t.apart, (unsigned long long)t.opened_only,
	       (unsigned long long)t.sealed);
	for (size_t k = 0; k < kernels; k++)
		printf(" %s", names[k]);
	printf("%s\n", cpu_select("aes+sha+fused+avx512") == 0 ? "" : "; avx512 not run here");
	return 0;
}

/* Rows: X8 */
int main(int argc, char **argv)
{
	static struct input in;
	const char *names[KERNELS_MAX];
	uint64_t count = number(argc > 1 ? argv[1] : getenv("COUNT"), 3000);
	size_t kernels = choose(names);
	int rc;

	in.seed = number(argc > 2 ? argv[2] : NULL, 81);
	in.data = malloc(AREA);
	in.was = malloc(AREA);
	in.expected = malloc(AREA);
	check(in.data != NULL && in.was != NULL && in.expected != NULL);
	rc = run(&in, count, names, kernels);
	free(in.data);
	free(in.was);
	free(in.expected);
	return rc;
}
