/*
 * What the processor can do, what of it gave right answers, and what is in use. One word holds all
 * of it; it is computed at most a few times (threads that race compute the same) and then only
 * read.
 */
#include "proto/crypto/cpu.h"

#include "proto/base/check.h"
#include "proto/crypto/kernels_priv.h"
#include "proto/crypto/wide_priv.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#if KERNELS_X86
#include <cpuid.h>
#endif

enum {
	PRESENT_SHIFT = 0,
	SOUND_SHIFT = 8,
	ACTIVE_SHIFT = 16,
	KNOWN = 1 << 24,
	AVX512_PAYS = 1 << 25,
	FIELD = 0xff
};

static const struct {
	enum cpu_kernel bit;
	const char *name;
} names[] = {
    {CPU_AES, "aes"},     {CPU_VAES, "vaes"},     {CPU_SHA, "sha"},
    {CPU_FUSED, "fused"}, {CPU_AVX512, "avx512"},
};

/* The exception to "no mutable object at file scope", see cpu.h. 0 = not yet known. */
static _Atomic uint32_t verdict = 0;

#if KERNELS_X86

enum {
	LEAF1_SSSE3 = 1 << 9,
	LEAF1_SSE41 = 1 << 19,
	LEAF1_AES = 1 << 25,
	LEAF1_OSXSAVE = 1 << 27,
	LEAF7_EBX_AVX2 = 1 << 5,
	LEAF7_EBX_AVX512F = 1 << 16,
	LEAF7_EBX_SHA = 1 << 29,
	LEAF7_EBX_AVX512BW = 1 << 30,
	LEAF7_ECX_VAES = 1 << 9,
	XCR0_YMM = 0x06,
	XCR0_ZMM = 0xe6,
};

static bool has(uint32_t word, uint32_t bits)
{
	return (word & bits) == bits;
}

static bool system_saves(uint32_t leaf1_ecx, uint32_t registers)
{
	uint32_t low = 0, high = 0;

	if (has(leaf1_ecx, LEAF1_OSXSAVE))
		__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return has(low, registers);
}

/* F, BW and VL; the last is the sign bit, which no enumerator holds. */
static bool has_avx512(uint32_t leaf1_ecx, uint32_t leaf7_ebx)
{
#if defined(WIDE_LOWERED)
	return true; /* a build of the tests: the same lines in 256 bits */
#else
	return has(leaf7_ebx, LEAF7_EBX_AVX512F | LEAF7_EBX_AVX512BW | UINT32_C(1) << 31) &&
	       system_saves(leaf1_ecx, XCR0_ZMM);
#endif
}

static uint32_t present_kernels(void)
{
	uint32_t a = 0, b = 0, c1 = 0, d = 0, b7 = 0, c7 = 0, bits = 0;

	if (!__get_cpuid(1, &a, &b, &c1, &d))
		return 0;
	if (!__get_cpuid_count(7, 0, &a, &b7, &c7, &d))
		b7 = c7 = 0;
	if (has(c1, LEAF1_AES | LEAF1_SSSE3))
		bits |= CPU_AES;
	if (has(b7, LEAF7_EBX_SHA) && has(c1, LEAF1_SSSE3 | LEAF1_SSE41))
		bits |= CPU_SHA;
	if (has(bits, CPU_AES) && has(b7, LEAF7_EBX_AVX2) && has(c7, LEAF7_ECX_VAES) &&
	    system_saves(c1, XCR0_YMM))
		bits |= CPU_VAES;
	if (has(bits, CPU_AES | CPU_SHA))
		bits |= CPU_FUSED;
	if (has(bits, CPU_FUSED | CPU_VAES) && has_avx512(c1, b7))
		bits |= CPU_AVX512;
	return bits;
}

#else

static uint32_t present_kernels(void)
{
	return 0;
}

#endif

/*
 * VAES walks on AES-NI's key schedule, the fused pass on both others, and what sixteen messages
 * leave over on the fused pass.
 */
static uint32_t without_orphans(uint32_t bits)
{
	if (!(bits & CPU_AES))
		bits &= ~(uint32_t)(CPU_VAES | CPU_FUSED);
	if (!(bits & CPU_SHA))
		bits &= ~(uint32_t)CPU_FUSED;
	if (!(bits & CPU_FUSED))
		bits &= ~(uint32_t)CPU_AVX512;
	return bits;
}

/* What is used unless somebody chooses: all that is sound, but for what does not pay. */
static uint32_t best_of(uint32_t v)
{
	uint32_t sound = v >> SOUND_SHIFT & FIELD;

	return v & AVX512_PAYS ? sound : sound & ~(uint32_t)CPU_AVX512;
}

static bool avx512_pays(uint32_t sound)
{
#if KERNELS_X86
	return (sound & CPU_AVX512) && wide_pays();
#else
	return sound & 0;
#endif
}

static uint32_t known_verdict(void)
{
	uint32_t v = atomic_load_explicit(&verdict, memory_order_acquire);
	uint32_t present, sound;

	if (v != 0)
		return v;
	present = present_kernels();
	sound = without_orphans(selftest_run(present));
	v = KNOWN | present << PRESENT_SHIFT | sound << SOUND_SHIFT;
	if (avx512_pays(sound))
		v |= AVX512_PAYS;
	v |= best_of(v) << ACTIVE_SHIFT;
	atomic_store_explicit(&verdict, v, memory_order_release);
	return v;
}

void cpu_report(struct cpu_report *r)
{
	uint32_t v = known_verdict();

	r->present = v >> PRESENT_SHIFT & FIELD;
	r->sound = v >> SOUND_SHIFT & FIELD;
	r->active = v >> ACTIVE_SHIFT & FIELD;
}

uint32_t cpu_active(void)
{
	return known_verdict() >> ACTIVE_SHIFT & FIELD;
}

const char *cpu_kernel_name(enum cpu_kernel kernel)
{
	for (size_t i = 0; i < countof(names); i++)
		if (names[i].bit == kernel)
			return names[i].name;
	return "portable";
}

/* The bit of a name of len bytes; 0 when there is none. */
static uint32_t bit_of(const char *name, size_t len)
{
	for (size_t i = 0; i < countof(names); i++)
		if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0)
			return names[i].bit;
	return 0;
}

int cpu_select(const char *wanted)
{
	uint32_t v = known_verdict(), bits = 0;

	if (strcmp(wanted, "auto") == 0) {
		bits = best_of(v);
	} else if (strcmp(wanted, "portable") != 0) {
		for (const char *at = wanted;;) {
			size_t len = strcspn(at, "+");
			uint32_t bit = bit_of(at, len);

			if (bit == 0)
				return -EINVAL;
			bits |= bit;
			if (at[len] == 0)
				break;
			at += len + 1;
		}
	}
	if (without_orphans(bits) != bits)
		return -EINVAL;
	if (bits & ~(v >> SOUND_SHIFT & FIELD))
		return -ENOTSUP;
	v = (v & ~((uint32_t)FIELD << ACTIVE_SHIFT)) | bits << ACTIVE_SHIFT;
	atomic_store_explicit(&verdict, v, memory_order_release);
	return 0;
}
