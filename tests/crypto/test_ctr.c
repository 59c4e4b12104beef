/* The CTR stream: vectors, every cut of them, the end of the counter, and OpenSSL on random calls.
 */
#include "proto/crypto/ctr.h"
#include "tests/crypto/kernels.h"
#include "tests/crypto/reference.h"
#include "tests/vectors/crypto.h"
#include "tests/vectors/hex.h"

#include <criterion/criterion.h>

static void start(struct ctr_stream *s, const struct vec_ctr *v)
{
	uint8_t key[32], iv[16];

	vec_bytes(key, 32, v->key);
	vec_bytes(iv, 16, v->iv);
	ctr_init(s, key, iv);
}

Test(ctr, vectors_in_their_own_cuts)
{
	each_kernel (name) {
		for (size_t i = 0; i < countof(vec_ctr); i++) {
			const struct vec_ctr *v = &vec_ctr[i];
			struct ctr_stream s;
			uint8_t data[128], *at = data;
			size_t len = vec_bytes(data, sizeof(data), v->plain);

			start(&s, v);
			for (const uint32_t *n = v->splits; *n > 0; at += *n++)
				ctr_apply(&s, at, *n);
			cr_assert_eq((size_t)(at - data), len);
			cr_assert(vec_equal(data, len, v->cipher), "%s: %s", name, v->name);
		}
	}
}

Test(ctr, vectors_cut_at_every_byte)
{
	each_kernel (name) {
		for (size_t i = 0; i < countof(vec_ctr); i++) {
			const struct vec_ctr *v = &vec_ctr[i];
			size_t len = strlen(v->plain) / 2;

			for (size_t cut = 0; cut <= len; cut++) {
				struct ctr_stream s;
				uint8_t data[128];

				vec_bytes(data, sizeof(data), v->plain);
				start(&s, v);
				ctr_apply(&s, data, cut);
				ctr_apply(&s, data + cut, len - cut);
				cr_assert(vec_equal(data, len, v->cipher), "%s: %s cut at %zu",
					  name, v->name, cut);
			}
		}
	}
}

Test(ctr, files_from_a_cdn)
{
	for (size_t i = 0; i < countof(vec_cdn_ctr); i++) {
		const struct vec_cdn_ctr *v = &vec_cdn_ctr[i];
		struct ctr_stream s;
		uint8_t key[32], iv[16], data[64];
		size_t len = vec_bytes(data, sizeof(data), v->plain);

		vec_bytes(key, 32, v->key);
		vec_bytes(iv, 16, v->iv);
		store_be32(iv + 12, v->offset / 16);
		cr_assert(vec_equal(iv, 16, v->iv_used));
		ctr_init(&s, key, iv);
		ctr_apply(&s, data, len);
		cr_assert(vec_equal(data, len, v->cipher), "%s", v->name);
	}
}

/* Random keys, counters near every carry, random calls. */
Test(ctr, like_openssl)
{
	static uint8_t ours[2000], theirs[2000];
	uint8_t key[32], iv[16];
	struct reference r;
	uint64_t seed = 31;

	reference_open(&r);
	each_kernel (name) {
		for (int round = 0; round < rounds_of(3000); round++) {
			struct ctr_stream s;
			size_t at = 0, len = random_u32(&seed) % sizeof(ours);

			random_fill(&seed, key, 32);
			random_fill(&seed, iv, 16);
			for (uint32_t n = random_u32(&seed) % 17; n > 0; n--)
				iv[16 - n] = 0xff;
			random_fill(&seed, ours, len < 64 ? len : 64);
			memcpy(theirs, ours, sizeof(ours));
			ctr_init(&s, key, iv);
			while (at < len) {
				size_t n = 1 + random_u32(&seed) % 300;

				n = n < len - at ? n : len - at;
				ctr_apply(&s, ours + at, n);
				at += n;
			}
			reference_ctr(&r, key, iv, theirs, len);
			cr_assert(memcmp(ours, theirs, sizeof(ours)) == 0, "%s: round %d", name,
				  round);
		}
	}
	reference_close(&r);
}
