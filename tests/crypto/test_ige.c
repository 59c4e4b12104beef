/*
 * AES-256-IGE: the vectors on every kernel, batches of any mix of lengths against a plain
 * reference, and NIST's single-block answers.
 */
#include "proto/crypto/ige.h"
#include "tests/crypto/kernels.h"
#include "tests/crypto/reference.h"
#include "tests/vectors/crypto.h"
#include "tests/vectors/hex.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { JOBS_MAX = 40, LEN_MAX = 1200 };

/* Rows: X8 */
Test(ige, vectors)
{
	uint8_t key[32], iv[32], data[1024];

	each_kernel (name) {
		for (size_t i = 0; i < countof(vec_ige); i++) {
			const struct vec_ige *v = &vec_ige[i];
			size_t len = vec_bytes(data, sizeof(data), v->plain);

			vec_bytes(key, 32, v->key);
			vec_bytes(iv, 32, v->iv);
			ige_encrypt(key, iv, data, len);
			cr_assert(vec_equal(data, len, v->cipher), "%s: %s", name, v->name);
			ige_decrypt(key, iv, data, len);
			cr_assert(vec_equal(data, len, v->plain), "%s: %s", name, v->name);
		}
	}
}

/* The iv after a call is its last ciphertext block and its last plaintext block. */
Test(ige, in_three_calls)
{
	const struct vec_ige *whole = &vec_ige[countof(vec_ige) - 1];
	const struct vec_ige_split *v = &vec_ige_split[0];

	each_kernel (name) {
		uint8_t key[32], iv[32], plain[1024], data[1024], *at = data;
		size_t len = vec_bytes(plain, sizeof(plain), whole->plain);

		vec_bytes(key, 32, whole->key);
		vec_bytes(iv, 32, whole->iv);
		memcpy(data, plain, len);
		for (int i = 0; i < 3; i++) {
			cr_assert(vec_equal(iv, 32, v->iv_before[i]), "%s: call %d", name, i);
			ige_encrypt(key, iv, at, v->sizes[i]);
			at += v->sizes[i];
			memcpy(iv, at - 16, 16);
			memcpy(iv + 16, plain + (at - 16 - data), 16);
		}
		cr_assert(vec_equal(iv, 32, v->iv_after));
		cr_assert(vec_equal(data, len, whole->cipher), "%s", name);
	}
}

/* SP 800-38A F.1.5: with a zero iv the first block of IGE is AES itself. */
Test(ige, nist_single_blocks)
{
	static const char key_hex[] =
	    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
	static const char *const blocks[4][2] = {
	    {"6bc1bee22e409f96e93d7e117393172a", "f3eed1bdb5d2a03c064b5a7e3db181f8"},
	    {"ae2d8a571e03ac9c9eb76fac45af8e51", "591ccb10d410ed26dc5ba74a31362870"},
	    {"30c81c46a35ce411e5fbc1191a0a52ef", "b6ed21b99ca6f4f9f153e7b1beafed1d"},
	    {"f69f2445df4f9b17ad2b417be66c3710", "23304b7a39f9f3ff067d8d8f9e24ecc7"},
	};
	uint8_t key[32], iv[32] = {0}, data[16];

	vec_bytes(key, 32, key_hex);
	each_kernel (name) {
		for (size_t i = 0; i < countof(blocks); i++) {
			vec_bytes(data, 16, blocks[i][0]);
			ige_encrypt(key, iv, data, 16);
			cr_assert(vec_equal(data, 16, blocks[i][1]), "%s: block %zu", name, i);
		}
	}
}

Test(ige, empty_jobs_and_empty_batches)
{
	uint8_t data[16] = {7}, was[16] = {7};
	struct ige_job jobs[3] = {{.data = data, .len = 0}, {.data = NULL, .len = 0}};

	each_kernel (name) {
		ige_encrypt_batch(jobs, 0);
		ige_encrypt_batch(jobs, 3);
		ige_decrypt_batch(jobs, 3);
		cr_assert_arr_eq(data, was, 16, "%s", name);
	}
}

struct mix {
	struct ige_job jobs[JOBS_MAX];
	uint8_t *data; /* JOBS_MAX slots of LEN_MAX + 16 */
	uint8_t *was;
	size_t count;
};

static void draw_mix(struct mix *m, uint64_t *seed, size_t count_max, size_t blocks_max)
{
	m->count = 1 + random_u32(seed) % count_max;
	for (size_t i = 0; i < m->count; i++) {
		struct ige_job *j = &m->jobs[i];
		size_t shift = random_u32(seed) % 16;

		random_fill(seed, j->key, 32);
		random_fill(seed, j->iv, 32);
		j->len = random_u32(seed) % (blocks_max + 1) * 16;
		j->data = m->data + i * (LEN_MAX + 16) + shift;
		random_fill(seed, j->data, j->len < 32 ? j->len : 32);
	}
	memcpy(m->was, m->data, m->count * (LEN_MAX + 16));
}

/* Whole slots are compared, so a byte written beside a job is found too. */
static void try_mix(struct mix *m, struct reference *r, const char *name)
{
	size_t size = m->count * (LEN_MAX + 16);

	ige_encrypt_batch(m->jobs, m->count);
	for (size_t i = 0; i < m->count; i++) {
		struct ige_job *j = &m->jobs[i];

		reference_ige(r, true, j->key, j->iv, m->was + (j->data - m->data), j->len);
	}
	cr_assert(memcmp(m->data, m->was, size) == 0, "%s: encrypting %zu jobs", name, m->count);
	ige_decrypt_batch(m->jobs, m->count);
	for (size_t i = 0; i < m->count; i++) {
		struct ige_job *j = &m->jobs[i];

		reference_ige(r, false, j->key, j->iv, m->was + (j->data - m->data), j->len);
	}
	cr_assert(memcmp(m->data, m->was, size) == 0, "%s: decrypting %zu jobs", name, m->count);
}

static void try_mixes(uint64_t seed, int rounds, size_t count_max, size_t blocks_max)
{
	struct mix m = {.data = calloc(JOBS_MAX, LEN_MAX + 16),
			.was = calloc(JOBS_MAX, LEN_MAX + 16)};
	struct reference r;

	reference_open(&r);
	each_kernel (name) {
		for (int i = 0; i < rounds; i++) {
			draw_mix(&m, &seed, count_max, blocks_max);
			try_mix(&m, &r, name);
		}
	}
	reference_close(&r);
	free(m.data);
	free(m.was);
}

Test(ige, any_mix_of_lengths)
{
	try_mixes(21, rounds_of(400), JOBS_MAX, LEN_MAX / 16);
}

Test(ige, short_messages)
{
	try_mixes(22, rounds_of(2000), 9, 4);
}

/* Long enough for the lanes to be shared out again while somebody waits. */
Test(ige, more_long_jobs_than_lanes)
{
	enum { COUNT = 19, LEN = 16 * 1700 };
	struct ige_job jobs[COUNT];
	uint8_t *data = calloc(COUNT, LEN), *was = calloc(COUNT, LEN);
	struct reference r;
	uint64_t seed = 23;

	reference_open(&r);
	each_kernel (name) {
		random_fill(&seed, data, 4096);
		memcpy(was, data, (size_t)COUNT * LEN);
		for (size_t i = 0; i < COUNT; i++) {
			random_fill(&seed, jobs[i].key, 32);
			random_fill(&seed, jobs[i].iv, 32);
			jobs[i].data = data + i * LEN;
			jobs[i].len = LEN - 16 * (i % 3) * 300;
			reference_ige(&r, true, jobs[i].key, jobs[i].iv, was + i * LEN,
				      jobs[i].len);
		}
		ige_encrypt_batch(jobs, COUNT);
		cr_assert(memcmp(data, was, (size_t)COUNT * LEN) == 0, "%s", name);
	}
	reference_close(&r);
	free(data);
	free(was);
}
