/*
 * AES-256-IGE of eight (or six) independent chains, two to a 256-bit register. Owns no state. It
 * must never share a file, or an instruction stream, with the SHA instructions: see sha_shani.c.
 */
#include "proto/crypto/kernels_priv.h"
#include "proto/crypto/simd_priv.h"

#include <immintrin.h>

enum { PAIRS_MAX = IGE_WIDE / 2 };

static inline __m256i join(const void *low, const void *high)
{
	return _mm256_inserti128_si256(_mm256_castsi128_si256(load128(low)), load128(high), 1);
}

static inline void part(void *low, void *high, __m256i v)
{
	store128(low, _mm256_castsi256_si128(v));
	store128(high, _mm256_extracti128_si256(v, 1));
}

/* pairs and decrypt are constants at each call. */
static inline __attribute__((always_inline)) void
walk(struct ige_lane *const *lanes, const int pairs, const bool decrypt, size_t blocks)
{
	__m256i keys[15][PAIRS_MAX];
	__m256i before[PAIRS_MAX], behind[PAIRS_MAX];
	uint8_t *at[IGE_WIDE];

	unroll (i, pairs) {
		struct ige_lane *a = lanes[2 * i], *b = lanes[2 * i + 1];

		at[2 * i] = a->at;
		at[2 * i + 1] = b->at;
		before[i] = join(a->before, b->before);
		behind[i] = join(a->behind, b->behind);
		for (int r = 0; r < 15; r++)
			keys[r][i] = join(a->round_keys + 16 * r, b->round_keys + 16 * r);
	}
	in_memory(keys);
	for (size_t off = 0; off < 16 * blocks; off += 16) {
		__m256i in[PAIRS_MAX], x[PAIRS_MAX];

		unroll (i, pairs) {
			in[i] = join(at[2 * i] + off, at[2 * i + 1] + off);
			x[i] = _mm256_xor_si256(_mm256_xor_si256(in[i], keys[0][i]), before[i]);
			behind[i] = _mm256_xor_si256(behind[i], keys[14][i]);
		}
		unroll (r, 13)
			unroll (i, pairs)
				x[i] = decrypt ? _mm256_aesdec_epi128(x[i], keys[r + 1][i])
					       : _mm256_aesenc_epi128(x[i], keys[r + 1][i]);
		unroll (i, pairs) {
			before[i] = decrypt ? _mm256_aesdeclast_epi128(x[i], behind[i])
					    : _mm256_aesenclast_epi128(x[i], behind[i]);
			behind[i] = in[i];
			part(at[2 * i] + off, at[2 * i + 1] + off, before[i]);
		}
	}
	unroll (i, pairs) {
		struct ige_lane *a = lanes[2 * i], *b = lanes[2 * i + 1];

		part(a->before, b->before, before[i]);
		part(a->behind, b->behind, behind[i]);
	}
	for (int i = 0; i < 2 * pairs; i++) {
		lanes[i]->at += 16 * blocks;
		lanes[i]->blocks -= blocks;
	}
	bytes_wipe(keys, sizeof(keys));
	_mm256_zeroupper();
}

void ige_vaes_encrypt(struct ige_lane *const *lanes, size_t count, size_t blocks)
{
	if (count == IGE_WIDE)
		walk(lanes, IGE_WIDE / 2, false, blocks);
	else
		walk(lanes, IGE_WIDE_LESS / 2, false, blocks);
}

void ige_vaes_decrypt(struct ige_lane *const *lanes, size_t count, size_t blocks)
{
	if (count == IGE_WIDE)
		walk(lanes, IGE_WIDE / 2, true, blocks);
	else
		walk(lanes, IGE_WIDE_LESS / 2, true, blocks);
}
