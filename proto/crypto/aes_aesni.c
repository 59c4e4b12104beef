/*
 * AES-256 by the AES-NI instructions: key schedule, IGE of one to four independent chains, CTR. One
 * IGE chain is a chain of latencies (14 rounds of 4 cycles), so chains are interleaved. Owns no
 * state; the choice of lanes is ige.c's.
 */
#include "proto/crypto/kernels_priv.h"
#include "proto/crypto/simd_priv.h"

#include <wmmintrin.h>
#include <tmmintrin.h>

/* Each word of k plus all words before it, plus the new material. */
static inline __m128i spread(__m128i k, __m128i with)
{
	k = _mm_xor_si128(k, _mm_slli_si128(k, 4));
	k = _mm_xor_si128(k, _mm_slli_si128(k, 8));
	return _mm_xor_si128(k, with);
}

/*
 * SubWord comes from aesenclast on a register of four equal words: with all columns equal,
 * ShiftRows moves nothing. It is faster than aeskeygenassist, and its round constant need not be an
 * immediate.
 */
void aesni_expand(uint8_t round_keys[240], const uint8_t key[32])
{
	const __m128i rotated = _mm_set1_epi32(0x0c0f0e0d);
	const __m128i last_word = _mm_set1_epi32(0x0f0e0d0c);
	__m128i *out = (__m128i *)(void *)round_keys;
	__m128i even = load128(key), odd = load128(key + 16);
	__m128i rcon = _mm_set1_epi32(1);

	_mm_storeu_si128(out, even);
	_mm_storeu_si128(out + 1, odd);
	for (int i = 2; i < 15; i += 2) {
		even = spread(even, _mm_aesenclast_si128(_mm_shuffle_epi8(odd, rotated), rcon));
		rcon = _mm_slli_epi32(rcon, 1);
		_mm_storeu_si128(out + i, even);
		if (i == 14)
			break;
		odd = spread(odd, _mm_aesenclast_si128(_mm_shuffle_epi8(even, last_word),
						       _mm_setzero_si128()));
		_mm_storeu_si128(out + i + 1, odd);
	}
}

void aesni_invert(uint8_t round_keys[240])
{
	for (int i = 0; i <= 7; i++) {
		__m128i low = load128(round_keys + 16 * i);
		__m128i high = load128(round_keys + 16 * (14 - i));

		if (i > 0) {
			low = _mm_aesimc_si128(low);
			high = _mm_aesimc_si128(high);
		}
		store128(round_keys + 16 * i, high);
		store128(round_keys + 16 * (14 - i), low);
	}
}

/* n and decrypt are constants at each call, so that everything below unrolls into registers. */
static inline __attribute__((always_inline)) void walk(struct ige_lane *const *lanes, const int n,
						       const bool decrypt, size_t blocks)
{
	const uint8_t *keys[IGE_NARROW_MAX];
	uint8_t *at[IGE_NARROW_MAX];
	__m128i before[IGE_NARROW_MAX], behind[IGE_NARROW_MAX];

	unroll (i, n) {
		keys[i] = lanes[i]->round_keys;
		at[i] = lanes[i]->at;
		before[i] = load128(lanes[i]->before);
		behind[i] = load128(lanes[i]->behind);
	}
	for (size_t off = 0; off < 16 * blocks; off += 16) {
		__m128i in[IGE_NARROW_MAX], x[IGE_NARROW_MAX];

		unroll (i, n) {
			in[i] = load128(at[i] + off);
			x[i] = _mm_xor_si128(_mm_xor_si128(in[i], key128(keys[i])), before[i]);
			behind[i] = _mm_xor_si128(behind[i], key128(keys[i] + 224));
		}
		unroll (r, 13)
			unroll (i, n) {
				__m128i k = key128(keys[i] + 16 + 16 * r);

				x[i] =
				    decrypt ? _mm_aesdec_si128(x[i], k) : _mm_aesenc_si128(x[i], k);
			}
		unroll (i, n) {
			before[i] = decrypt ? _mm_aesdeclast_si128(x[i], behind[i])
					    : _mm_aesenclast_si128(x[i], behind[i]);
			behind[i] = in[i];
			store128(at[i] + off, before[i]);
		}
	}
	unroll (i, n) {
		store128(lanes[i]->before, before[i]);
		store128(lanes[i]->behind, behind[i]);
		lanes[i]->at += 16 * blocks;
		lanes[i]->blocks -= blocks;
	}
}

void ige_aesni_encrypt(struct ige_lane *const *lanes, size_t count, size_t blocks)
{
	switch (count) {
	case 1:
		walk(lanes, 1, false, blocks);
		break;
	case 2:
		walk(lanes, 2, false, blocks);
		break;
	case 3:
		walk(lanes, 3, false, blocks);
		break;
	default:
		walk(lanes, 4, false, blocks);
	}
}

void ige_aesni_decrypt(struct ige_lane *const *lanes, size_t count, size_t blocks)
{
	switch (count) {
	case 1:
		walk(lanes, 1, true, blocks);
		break;
	case 2:
		walk(lanes, 2, true, blocks);
		break;
	case 3:
		walk(lanes, 3, true, blocks);
		break;
	default:
		walk(lanes, 4, true, blocks);
	}
}

/* The counter as two little-endian halves; a carry into the high half happens once in 2^64 blocks.
 */
static inline __m128i next_counter(uint64_t *high, uint64_t *low)
{
	__m128i c =
	    _mm_set_epi64x((long long)__builtin_bswap64(*low), (long long)__builtin_bswap64(*high));

	*low += 1;
	*high += *low == 0;
	return c;
}

static inline __attribute__((always_inline)) void
ctr_some(const uint8_t *keys, uint64_t *high, uint64_t *low, uint8_t *data, const int n)
{
	__m128i x[8];

	unroll (i, n)
		x[i] = _mm_xor_si128(next_counter(high, low), key128(keys));
	unroll (r, 13)
		unroll (i, n)
			x[i] = _mm_aesenc_si128(x[i], key128(keys + 16 + 16 * r));
	unroll (i, n) {
		x[i] = _mm_aesenclast_si128(x[i], key128(keys + 224));
		store128(data + 16 * i, _mm_xor_si128(x[i], load128(data + 16 * i)));
	}
}

void ctr_aesni_apply(const uint8_t round_keys[240], uint8_t counter[16], uint8_t *data,
		     size_t blocks)
{
	uint64_t high = load_be64(counter), low = load_be64(counter + 8);

	for (; blocks >= 8; blocks -= 8, data += 128)
		ctr_some(round_keys, &high, &low, data, 8);
	for (; blocks > 0; blocks--, data += 16)
		ctr_some(round_keys, &high, &low, data, 1);
	store_be64(counter, high);
	store_be64(counter + 8, low);
}
