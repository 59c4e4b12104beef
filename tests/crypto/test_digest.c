/*
 * Digests against published values (FIPS 180-4 examples, RFC 1321) and, on every kernel, against
 * OpenSSL; the stream against itself under every cut.
 */
#include "proto/crypto/digest.h"
#include "proto/crypto/kernels_priv.h"
#include "tests/crypto/kernels.h"
#include "tests/vectors/hex.h"

#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <stdlib.h>

static const char alphabet_448[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
static const char alphabet_896[] = "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
				   "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";

/* Rows: X8 */
Test(digest, published_sha256)
{
	static const struct {
		const char *text, *hash;
	} rows[] = {
	    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	    {alphabet_448, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	    {alphabet_896, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
	};
	uint8_t out[32];

	each_kernel (name) {
		for (size_t i = 0; i < countof(rows); i++) {
			struct cspan part = cspan_str(rows[i].text);

			digest_sha256(out, &part, 1);
			cr_assert(vec_equal(out, 32, rows[i].hash), "%s: row %zu", name, i);
		}
	}
}

Test(digest, published_sha256_of_a_million)
{
	uint8_t out[32], thousand[1000];

	memset(thousand, 'a', sizeof(thousand));
	each_kernel (name) {
		struct sha256_stream s;

		sha256_init(&s);
		for (int i = 0; i < 1000; i++)
			sha256_put(&s, thousand, sizeof(thousand));
		sha256_end(&s, out);
		cr_assert(vec_equal(out, 32,
				    "cdc76e5c9914fb9281a1c7e284d73e67"
				    "f1809a48a497200e046d39ccc7112cd0"),
			  "%s", name);
	}
}

/* Rows: X8 */
Test(digest, published_sha1_and_md5)
{
	struct cspan parts[2] = {cspan_str("a"), cspan_str("bc")};
	struct cspan long_part = cspan_str(alphabet_448);
	uint8_t out[20];

	digest_sha1(out, parts, 2);
	cr_assert(vec_equal(out, 20, "a9993e364706816aba3e25717850c26c9cd0d89d"));
	digest_sha1(out, &long_part, 1);
	cr_assert(vec_equal(out, 20, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"));
	digest_md5(out, parts, 2);
	cr_assert(vec_equal(out, 16, "900150983cd24fb0d6963f7d28e17f72"));
	digest_md5(out, NULL, 0);
	cr_assert(vec_equal(out, 16, "d41d8cd98f00b204e9800998ecf8427e"));
}

Test(digest, sha256_like_openssl_at_every_length)
{
	uint8_t data[700], ours[32], theirs[32];
	uint64_t seed = 11;

	random_fill(&seed, data, sizeof(data));
	each_kernel (name) {
		for (size_t len = 0; len <= sizeof(data); len++) {
			struct cspan part = {data, len};

			digest_sha256(ours, &part, 1);
			EVP_Digest(data, len, theirs, NULL, EVP_sha256(), NULL);
			cr_assert_arr_eq(ours, theirs, 32, "%s: length %zu", name, len);
		}
	}
}

/* Twice: whole, and in two parts. */
Test(digest, sha1_like_openssl_at_every_length)
{
	uint8_t data[300], ours[20], theirs[20];
	uint64_t seed = 13;

	random_fill(&seed, data, sizeof(data));
	for (size_t len = 0; len <= sizeof(data); len++) {
		struct cspan parts[3] = {{data, len / 3}, {NULL, 0}, {data + len / 3, len - len / 3}};

		EVP_Digest(data, len, theirs, NULL, EVP_sha1(), NULL);
		digest_sha1(ours, &(struct cspan){data, len}, 1);
		cr_assert_arr_eq(ours, theirs, 20, "length %zu", len);
		digest_sha1(ours, parts, countof(parts));
		cr_assert_arr_eq(ours, theirs, 20, "length %zu, in parts", len);
	}
}

Test(digest, sha256_of_parts_cut_anywhere)
{
	uint8_t data[300], whole[32], cut[32];
	struct cspan all = {data, sizeof(data)};
	uint64_t seed = 12;

	random_fill(&seed, data, sizeof(data));
	digest_sha256(whole, &all, 1);
	for (size_t at = 0; at <= sizeof(data); at++) {
		size_t rest = sizeof(data) - at;
		struct cspan parts[3] = {
		    {data, at}, {data + at, rest / 2}, {data + at + rest / 2, 0}};

		parts[2].len = rest - rest / 2;
		digest_sha256(cut, parts, 3);
		cr_assert_arr_eq(cut, whole, 32, "cut at %zu", at);
	}
}

/* Rows: X5 */
/* A part that is nowhere is an empty one, also when others stand around it. */
Test(digest, sha256_of_parts_that_are_not_there)
{
	struct cspan parts[5] = {{NULL, 0}, cspan_str("a"), {NULL, 0}, cspan_str("bc"), {NULL, 0}};
	uint8_t out[32];

	digest_sha256(out, parts, 5);
	cr_assert(vec_equal(out, 32,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
}

Test(digest, stream_is_wiped_at_its_end)
{
	struct sha256_stream s, zero;
	uint8_t out[32];

	memset(&zero, 0, sizeof(zero));
	sha256_init(&s);
	sha256_put(&s, "secret", 6);
	sha256_end(&s, out);
	cr_assert_eq(memcmp(&s, &zero, sizeof(s)), 0);
}

/*
 * Batches of any count and any two part lengths, some empty, against one message at a time; every
 * fourth one of much the same length, which sixteen lanes are for.
 */
Test(digest, batches)
{
	enum { JOBS = 37, LEN = 1500 };
	static uint8_t data[JOBS][LEN];
	struct digest_job jobs[JOBS];
	uint64_t seed = 14;

	random_fill(&seed, data, sizeof(data));
	each_kernel (name) {
		for (int round = 0; round < rounds_of(2000); round++) {
			size_t count = random_u32(&seed) % (JOBS + 1);

			for (size_t i = 0; i < count; i++) {
				size_t first = round % 2 ? 32 : random_u32(&seed) % 150;
				size_t second = random_u32(&seed) % (LEN - first);

				if (round % 4 == 3)
					second = LEN - first - random_u32(&seed) % 140;
				jobs[i].parts[0] = cspan_of(data[i], first);
				jobs[i].parts[1] = cspan_of(data[i] + first, second);
			}
			digest_sha256_batch(jobs, count);
			for (size_t i = 0; i < count; i++) {
				uint8_t expect[32];

				EVP_Digest(data[i], jobs[i].parts[0].len + jobs[i].parts[1].len,
					   expect, NULL, EVP_sha256(), NULL);
				cr_assert_arr_eq(jobs[i].hash, expect, 32, "%s: job %zu of %zu",
						 name, i, count);
			}
		}
	}
}

static void random_state(uint64_t *seed, uint32_t state[8])
{
	for (int i = 0; i < 8; i++)
		state[i] = random_u32(seed);
}

/* The kernels beneath: one, two and twin give what the portable form gives, from any state. */
Test(digest, kernels_agree_block_by_block)
{
	static uint8_t first[64 * 9 + 15], second[64 * 9 + 15];
	struct cpu_report r;
	uint64_t seed = 13;

	cpu_report(&r);
	if (!(r.sound & CPU_SHA))
		cr_skip_test("not run here: no SHA instructions");
	for (int round = 0; round < rounds_of(20000); round++) {
		size_t blocks = random_u32(&seed) % 10, shift = random_u32(&seed) % 16;
		const uint8_t *data[2] = {first + shift, second + shift};
		uint32_t a[2][8], b[2][8], single[8], expect[2][8];

		random_fill(&seed, first, 40);
		random_fill(&seed, second, 40);
		random_state(&seed, a[0]);
		random_state(&seed, a[1]);
		memcpy(expect, a, sizeof(a));
		memcpy(b, a, sizeof(a));
		memcpy(single, a[0], 32);
		sha256_portable(expect[0], data[0], blocks);
		sha256_portable(expect[1], data[1], blocks);
		sha256_shani(single, data[0], blocks);
		cr_assert_arr_eq(single, expect[0], 32);
		sha256_shani_pair(a, data, blocks);
		cr_assert_arr_eq(a, expect, 64);
		memcpy(expect[1], b[1], 32);
		sha256_portable(expect[1], data[0], blocks);
		sha256_shani_twin(b, data[0], blocks);
		cr_assert_arr_eq(b, expect, 64);
	}
}
