/* Choosing kernels: names, what stands on what, and that a choice that cannot be made changes
 * nothing. */
#include "proto/crypto/cpu.h"
#include "proto/crypto/kernels_priv.h"

#include <criterion/criterion.h>
#include <errno.h>

Test(cpu, what_is_present_is_sound_and_in_use)
{
	struct cpu_report r;

	cpu_report(&r);
	cr_assert_eq(r.present, r.sound, "a kernel failed its known-answer test");
	/* The one that is used only where it pays. */
	cr_assert_eq(r.active & ~(uint32_t)CPU_AVX512, r.sound & ~(uint32_t)CPU_AVX512);
	cr_assert_eq(r.active & ~r.sound, 0);
	cr_assert_eq(r.active, cpu_active());
}

Test(cpu, portable_and_back)
{
	uint32_t before = cpu_active();
	struct cpu_report r;

	cr_assert_eq(cpu_select("portable"), 0);
	cr_assert_eq(cpu_active(), 0);
	cpu_report(&r);
	cr_assert_eq(r.sound, r.present, "a choice does not change what was found");
	cr_assert_eq(cpu_select("auto"), 0);
	cr_assert_eq(cpu_active(), before);
}

Test(cpu, names)
{
	cr_assert_str_eq(cpu_kernel_name(CPU_AES), "aes");
	cr_assert_str_eq(cpu_kernel_name(CPU_VAES), "vaes");
	cr_assert_str_eq(cpu_kernel_name(CPU_SHA), "sha");
	cr_assert_str_eq(cpu_kernel_name(CPU_FUSED), "fused");
	cr_assert_str_eq(cpu_kernel_name(CPU_AVX512), "avx512");
}

Test(cpu, bad_choices_change_nothing)
{
	static const char *const bad[] = {
	    "",          "+",         "aes+",     "+aes",         "AES",      "ae",
	    "aess",      "aes,sha",   "aes+sha+", "portable+aes", "auto+aes", "vaes",
	    "fused+aes", "fused+sha", "aes ",     "\xff",         "avx512",   "aes+sha+avx512"};
	uint32_t before = cpu_active();

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_assert_eq(cpu_select(bad[i]), -EINVAL, "%s", bad[i]);
		cr_assert_eq(cpu_active(), before);
	}
}

/* A combination is either selected as it stands or refused because the machine lacks it. */
/* Rows: X8 */
Test(cpu, combinations)
{
	static const struct {
		const char *name;
		uint32_t bits;
	} rows[] = {
	    {"aes", CPU_AES},
	    {"sha", CPU_SHA},
	    {"sha+aes", CPU_SHA | CPU_AES},
	    {"vaes+aes", CPU_VAES | CPU_AES},
	    {"fused+sha+aes", CPU_FUSED | CPU_SHA | CPU_AES},
	    {"avx512+fused+sha+aes", CPU_AVX512 | CPU_FUSED | CPU_SHA | CPU_AES},
	};
	struct cpu_report r;

	cpu_report(&r);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool possible = (rows[i].bits & ~r.sound) == 0;

		cr_assert_eq(cpu_select(rows[i].name), possible ? 0 : -ENOTSUP, "%s", rows[i].name);
		if (possible)
			cr_assert_eq(cpu_active(), rows[i].bits);
	}
}

Test(cpu, self_test_takes_only_what_is_present)
{
	struct cpu_report r;

	cpu_report(&r);
	cr_assert_eq(selftest_run(0), 0);
	for (uint32_t bit = 1; bit < CPU_ALL; bit <<= 1)
		if (r.present & bit)
			cr_assert_eq(selftest_run(bit) & ~bit, 0);
}
