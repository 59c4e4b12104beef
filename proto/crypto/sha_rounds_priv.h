/*
 * The pieces of a SHA-256 block in SHA instructions, shared by the hash kernels and the fused pass.
 * A block is 16 quads of four rounds; a quad has two halves, so that other work can stand between.
 */
#ifndef TGCLONE_CRYPTO_SHA_ROUNDS_PRIV_H
#define TGCLONE_CRYPTO_SHA_ROUNDS_PRIV_H

#include "proto/crypto/kernels_priv.h"
#include "proto/crypto/simd_priv.h"

#include <immintrin.h>

/* The order that sha256rnds2 wants. */
struct sha_state {
	__m128i abef, cdgh;
};

static inline struct sha_state sha_state_load(const uint32_t s[8])
{
	__m128i badc = _mm_shuffle_epi32(load128(s), 0xb1);
	__m128i hgfe = _mm_shuffle_epi32(load128(s + 4), 0x1b);

	return (struct sha_state){_mm_alignr_epi8(badc, hgfe, 8),
				  _mm_blend_epi16(hgfe, badc, 0xf0)};
}

static inline void sha_state_store(uint32_t s[8], struct sha_state v)
{
	__m128i feba = _mm_shuffle_epi32(v.abef, 0x1b);
	__m128i dchg = _mm_shuffle_epi32(v.cdgh, 0xb1);

	store128(s, _mm_blend_epi16(feba, dchg, 0xf0));
	store128(s + 4, _mm_alignr_epi8(dchg, feba, 8));
}

static inline void sha_state_add(struct sha_state *to, const struct sha_state *what)
{
	to->abef = _mm_add_epi32(to->abef, what->abef);
	to->cdgh = _mm_add_epi32(to->cdgh, what->cdgh);
}

static inline __attribute__((always_inline)) void sha_words_load(__m128i w[4], const uint8_t *data)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

	unroll (i, 4)
		w[i] = _mm_shuffle_epi8(load128(data + 16 * i), swap);
}

/*
 * Quad q: rounds 4q and 4q+1 of all states; then, where later quads need it, the last step of the
 * words of quad q+1. Returns the words with their constants for the other half.
 */
static inline __attribute__((always_inline)) __m128i
sha_first_half(__m128i w[4], const int q, struct sha_state *states, const int count)
{
	__m128i kw = _mm_add_epi32(w[q & 3], key128(sha256_round + 4 * q));

	unroll (s, count)
		states[s].cdgh = _mm_sha256rnds2_epu32(states[s].cdgh, states[s].abef, kw);
	if (q >= 3 && q < 15) {
		__m128i *next = &w[(q + 1) & 3];
		__m128i seven = _mm_alignr_epi8(w[q & 3], w[(q - 1) & 3], 4);

		*next = _mm_sha256msg2_epu32(_mm_add_epi32(*next, seven), w[q & 3]);
	}
	return kw;
}

/* Rounds 4q+2 and 4q+3; and the first step of the words of quad q+3. */
static inline __attribute__((always_inline)) void
sha_second_half(__m128i w[4], const int q, struct sha_state *states, const int count, __m128i kw)
{
	kw = _mm_shuffle_epi32(kw, 0x0e);
	unroll (s, count)
		states[s].abef = _mm_sha256rnds2_epu32(states[s].abef, states[s].cdgh, kw);
	if (q >= 1 && q < 13)
		w[(q - 1) & 3] = _mm_sha256msg1_epu32(w[(q - 1) & 3], w[q & 3]);
}

#endif
