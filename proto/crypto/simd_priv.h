/* What the x86 kernel files share: unaligned loads and stores, and full unrolling in both
 * compilers. */
#ifndef TGCLONE_CRYPTO_SIMD_PRIV_H
#define TGCLONE_CRYPTO_SIMD_PRIV_H

#include "proto/base/bytes.h"

#include <emmintrin.h>

/*
 * A loop of a constant number of turns, unrolled whole: else arrays of lanes live in memory. Each
 * compiler has a pragma of its own for it.
 */
#if defined(__clang__)
#define unroll(i, n) _Pragma("clang loop unroll(full)") for (int i = 0; i < (n); i++)
#else
#define unroll(i, n) _Pragma("GCC unroll 16") for (int i = 0; i < (n); i++)
#endif

static inline __m128i load128(const void *p)
{
	return _mm_loadu_si128((const __m128i *)p);
}

/* Of an address that is a multiple of 16: outside AVX only such a load becomes part of its user. */
static inline __m128i key128(const void *p)
{
	return _mm_load_si128((const __m128i *)p);
}

static inline void store128(void *p, __m128i v)
{
	_mm_storeu_si128((__m128i *)p, v);
}

/*
 * The compiler forgets what it knows of this memory. Round keys are read from memory by their one
 * user; taken for values, they would be copied to registers, spilled and read all the same.
 */
static inline void in_memory(void *p)
{
	__asm__ volatile("" : : "r"(p) : "memory");
}

#endif
