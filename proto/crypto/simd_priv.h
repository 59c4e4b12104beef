/* What the x86 kernel files share: unaligned loads and stores, and full unrolling in both compilers. */
#ifndef TGCLONE_CRYPTO_SIMD_PRIV_H
#define TGCLONE_CRYPTO_SIMD_PRIV_H

#include "proto/base/bytes.h"

#include <emmintrin.h>

/* clang does not know gcc's pragma, and without unrolling the lane arrays live in memory. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
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
