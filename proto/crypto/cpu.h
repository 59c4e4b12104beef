/*
 * Which kernels this process computes with. A kernel is used when the processor has its
 * instructions and it gave the known answers of a self test. The test runs once, at the first use
 * of any cipher or digest; its verdict is one atomic word, the only mutable object at file scope in
 * proto/ (it is a fact about the machine, the same whoever computes it first).
 */
#ifndef TGCLONE_CRYPTO_CPU_H
#define TGCLONE_CRYPTO_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cpu_kernel {
	CPU_AES = 1 << 0,   /* AES-NI: IGE up to 4 chains at once, CTR */
	CPU_VAES = 1 << 1,  /* 256-bit VAES: IGE up to 8 chains at once */
	CPU_SHA = 1 << 2,   /* SHA-NI: SHA-256 of one, two, or twice the same message */
	CPU_FUSED = 1 << 3, /* SHA-NI and AES-NI in one pass (fused.h) */
	/* AVX-512: the same for sixteen messages at once. In use where it was timed at start and is
	 * at least a quarter faster, or chosen by name. */
	CPU_AVX512 = 1 << 4,
	CPU_ALL = CPU_AES | CPU_VAES | CPU_SHA | CPU_FUSED | CPU_AVX512,
};

/* Bits of enum cpu_kernel. */
struct cpu_report {
	uint32_t present; /* the processor can run it */
	uint32_t sound;   /* and it passed the self test; what is present and not sound is broken */
	uint32_t active;  /* and it is in use */
};

void cpu_report(struct cpu_report *);
uint32_t cpu_active(void);
/* Name of one kernel: "aes", "vaes", "sha", "fused", "avx512". */
const char *cpu_kernel_name(enum cpu_kernel);

/*
 * For tests and for a user who doubts: "auto", "portable", or names joined by "+" ("aes+sha"). To
 * be called before other threads compute, and never between the start and the end of one stream. 0;
 * -EINVAL: no such name, or one without what it stands on (vaes needs aes; fused needs aes and
 * sha; avx512 needs fused); -ENOTSUP: not sound on this machine. Unless 0, nothing has changed.
 */
int cpu_select(const char *names);

#endif
