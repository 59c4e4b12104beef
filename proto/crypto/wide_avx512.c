/*
 * Sixteen messages side by side in 512-bit registers: SHA-256 of each under one state, or under two
 * on one schedule, a message a 32-bit lane; and AES-256-IGE, four chains a register. Owns no state and
 * knows nothing of messages: wide.c lays out what these walk on.
 *
 * Written in the compiler's own vectors, so that the same lines can be lowered to 256 bits: that is
 * how the tests run them where there is no AVX-512 (WIDE_LOWERED).
 */
#include "proto/crypto/kernels_priv.h"
#include "proto/crypto/simd_priv.h"

#include <immintrin.h>

enum { QUADS = WIDE / 4, ROUNDS = 16, STAGES = 15 };

/* A vector type has no name but a typedef's. */
typedef uint32_t words __attribute__((vector_size(64)));
typedef uint8_t bytes __attribute__((vector_size(64)));
typedef uint64_t half __attribute__((vector_size(32)));
typedef uint64_t block __attribute__((vector_size(16)));

#define mixed(a, b, ...) ((words)__builtin_shufflevector(a, b, __VA_ARGS__))

static inline words load512(const void *p)
{
	words v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline void store512(void *p, words v)
{
	memcpy(p, &v, sizeof(v));
}

/* ---- SHA-256 ---- */

static inline words rotated(words x, const int n)
{
	return x >> n | x << (32 - n);
}

#if defined(__AVX512F__)
static inline words ternary_xor(words a, words b, words c)
{
	return (words)_mm512_ternarylogic_epi32((__m512i)a, (__m512i)b, (__m512i)c, 0x96);
}

static inline words choice(words e, words f, words g)
{
	return (words)_mm512_ternarylogic_epi32((__m512i)e, (__m512i)f, (__m512i)g, 0xca);
}

static inline words majority(words a, words b, words c)
{
	return (words)_mm512_ternarylogic_epi32((__m512i)a, (__m512i)b, (__m512i)c, 0xe8);
}
#else
static inline words ternary_xor(words a, words b, words c)
{
	return a ^ b ^ c;
}

static inline words choice(words e, words f, words g)
{
	return g ^ (e & (f ^ g));
}

static inline words majority(words a, words b, words c)
{
	return (a & b) | (c & (a | b));
}
#endif

static inline words swapped(words x)
{
	bytes b = (bytes)x;

	return mixed(b, b, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 19, 18, 17, 16, 23,
		     22, 21, 20, 27, 26, 25, 24, 31, 30, 29, 28, 35, 34, 33, 32, 39, 38, 37, 36, 43,
		     42, 41, 40, 47, 46, 45, 44, 51, 50, 49, 48, 55, 54, 53, 52, 59, 58, 57, 56, 63,
		     62, 61, 60);
}

/* Four rows of which each 128-bit column holds a 4 x 4 square; all four squares are transposed. */
static inline __attribute__((always_inline)) void squares(words *r)
{
	words ab = mixed(r[0], r[1], 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
	words AB = mixed(r[0], r[1], 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
	words cd = mixed(r[2], r[3], 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
	words CD = mixed(r[2], r[3], 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);

	r[0] = mixed(ab, cd, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
	r[1] = mixed(ab, cd, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
	r[2] = mixed(AB, CD, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
	r[3] = mixed(AB, CD, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
}

/* Column c of the four rows a, b, c, d becomes row c: the same with whole squares as elements. */
static inline __attribute__((always_inline)) void columns(words *w, words a, words b, words c,
							  words d)
{
	words ab = mixed(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
	words AB = mixed(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
	words cd = mixed(c, d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
	words CD = mixed(c, d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);

	w[0] = mixed(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
	w[4] = mixed(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
	w[8] = mixed(AB, CD, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
	w[12] = mixed(AB, CD, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
}

/* w[t]: word t of all sixteen messages. */
static inline __attribute__((always_inline)) void take_words(words *w, const uint8_t *const *at,
							     size_t off)
{
	words r[WIDE];

	unroll(i, WIDE) r[i] = swapped(load512(at[i] + off));
	unroll(q, QUADS) squares(r + 4 * q);
	unroll(t, 4) columns(w + t, r[t], r[4 + t], r[8 + t], r[12 + t]);
}

/* Round r of one state; after sixteen of them every letter stands where it stood before. */
static inline __attribute__((always_inline)) void round_of(words *s, const int r, words kw)
{
	words a = s[(16 - r) & 7], b = s[(17 - r) & 7], c = s[(18 - r) & 7];
	words e = s[(20 - r) & 7], f = s[(21 - r) & 7], g = s[(22 - r) & 7];
	words *d = &s[(19 - r) & 7], *h = &s[(23 - r) & 7];
	words t =
	    *h + kw + ternary_xor(rotated(e, 6), rotated(e, 11), rotated(e, 25)) + choice(e, f, g);

	*d += t;
	*h = t + ternary_xor(rotated(a, 2), rotated(a, 13), rotated(a, 22)) + majority(a, b, c);
}

/* The word that takes the place of w[r], sixteen rounds on. */
static inline __attribute__((always_inline)) words next_word(const words *w, const int r)
{
	words x = w[(r + 1) & 15], y = w[(r + 14) & 15];

	return w[r] + w[(r + 9) & 15] + ternary_xor(rotated(x, 7), rotated(x, 18), x >> 3) +
	       ternary_xor(rotated(y, 17), rotated(y, 19), y >> 10);
}

static inline __attribute__((always_inline)) void
sixteen_rounds(words (*s)[8], const int states, words *w, const uint32_t *constants, const bool last)
{
	unroll(r, ROUNDS)
	{
		words kw = w[r] + constants[r];

		round_of(s[0], r, kw);
		if (states > 1)
			round_of(s[1], r, kw);
		if (!last)
			w[r] = next_word(w, r);
	}
}

/* states is a constant at each call. */
static inline __attribute__((always_inline)) void digest(struct wide_hash *hash, const int states,
							 size_t blocks)
{
	words now[2][8], w[16];

	unroll(s, states) unroll(i, 8) now[s][i] = load512(hash->state[s][i]);
	for (size_t off = 0; off < 64 * blocks; off += 64) {
		take_words(w, hash->at, off);
		for (int round = 0; round < 48; round += ROUNDS)
			sixteen_rounds(now, states, w, sha256_round + round, false);
		sixteen_rounds(now, states, w, sha256_round + 48, true);
		/* What they were is read where it lies: no register is kept for it. */
		unroll(s, states) unroll(i, 8)
		{
			now[s][i] += load512(hash->state[s][i]);
			store512(hash->state[s][i], now[s][i]);
		}
	}
	for (int i = 0; i < WIDE; i++)
		hash->at[i] += 64 * blocks;
	_mm256_zeroupper();
}

void wide_single(struct wide_hash *hash, size_t blocks)
{
	digest(hash, 1, blocks);
}

void wide_twin(struct wide_hash *hash, size_t blocks)
{
	digest(hash, 2, blocks);
}

/* ---- AES-256-IGE ---- */

/* One block of each of four chains. */
static inline words join(const uint8_t *const *at, size_t off)
{
	block b[4];
	half low, high;

	unroll(i, 4) memcpy(&b[i], at[i] + off, sizeof(b[i]));
	low = __builtin_shufflevector(b[0], b[1], 0, 1, 2, 3);
	high = __builtin_shufflevector(b[2], b[3], 0, 1, 2, 3);
	return mixed(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
}

static inline half low_half(words x)
{
	words v[1] = {x};
	half h;

	memcpy(&h, v, sizeof(h));
	return h;
}

static inline half high_half(words x)
{
	words v[1] = {x};
	half h;

	memcpy(&h, (const uint8_t *)v + sizeof(h), sizeof(h));
	return h;
}

static inline void part(uint8_t *const *at, size_t off, words x)
{
	half h[2] = {low_half(x), high_half(x)};

	unroll(i, 2)
	{
		store128(at[2 * i] + off, _mm256_extracti128_si256((__m256i)h[i], 0));
		store128(at[2 * i + 1] + off, _mm256_extracti128_si256((__m256i)h[i], 1));
	}
}

/* Stage r of the cipher: a round, or the last one, with the key in memory. */
#if defined(__AVX512F__)
static inline words stage(words x, words key, const bool decrypt, const bool last)
{
	__m512i v = (__m512i)x, k = (__m512i)key;

	if (last)
		return (words)(decrypt ? _mm512_aesdeclast_epi128(v, k)
				       : _mm512_aesenclast_epi128(v, k));
	return (words)(decrypt ? _mm512_aesdec_epi128(v, k) : _mm512_aesenc_epi128(v, k));
}
#else
static inline __m256i stage256(__m256i x, __m256i k, const bool decrypt, const bool last)
{
	if (last)
		return decrypt ? _mm256_aesdeclast_epi128(x, k) : _mm256_aesenclast_epi128(x, k);
	return decrypt ? _mm256_aesdec_epi128(x, k) : _mm256_aesenc_epi128(x, k);
}

static inline words stage(words x, words key, const bool decrypt, const bool last)
{
	half low = (half)stage256((__m256i)low_half(x), (__m256i)low_half(key), decrypt, last);
	half high = (half)stage256((__m256i)high_half(x), (__m256i)high_half(key), decrypt, last);

	return mixed(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
}
#endif

static inline __attribute__((always_inline)) void walk(struct wide_chains *c, const bool decrypt,
						       size_t blocks)
{
	words before[QUADS], behind[QUADS];

	unroll(q, QUADS)
	{
		before[q] = load512(c->before[4 * q]);
		behind[q] = load512(c->behind[4 * q]);
	}
	for (size_t off = 0; off < 16 * blocks; off += 16) {
		words in[QUADS], x[QUADS];

		unroll(q, QUADS)
		{
			in[q] = join((const uint8_t *const *)c->at + 4 * q, off);
			x[q] = ternary_xor(in[q], load512(c->keys[0][4 * q]), before[q]);
		}
		unroll(r, STAGES - 2) unroll(q, QUADS) x[q] =
		    stage(x[q], load512(c->keys[r + 1][4 * q]), decrypt, false);
		unroll(q, QUADS)
		{
			words last = behind[q] ^ load512(c->keys[STAGES - 1][4 * q]);

			before[q] = stage(x[q], last, decrypt, true);
			behind[q] = in[q];
			part(c->at + 4 * q, off, before[q]);
		}
	}
	unroll(q, QUADS)
	{
		store512(c->before[4 * q], before[q]);
		store512(c->behind[4 * q], behind[q]);
	}
	for (int i = 0; i < WIDE; i++)
		c->at[i] += 16 * blocks;
	_mm256_zeroupper();
}

void wide_encrypt(struct wide_chains *c, size_t blocks)
{
	walk(c, false, blocks);
}

void wide_decrypt(struct wide_chains *c, size_t blocks)
{
	walk(c, true, blocks);
}
