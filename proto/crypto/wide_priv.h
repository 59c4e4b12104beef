/*
 * The pass of fused.h for sixteen messages at a time (CPU_AVX512). It opens and hashes all sixteen
 * in turns of a few blocks, so that the hash finds the plaintext in the first cache.
 */
#ifndef TGCLONE_CRYPTO_WIDE_PRIV_H
#define TGCLONE_CRYPTO_WIDE_PRIV_H

#include "proto/crypto/fused.h"

/* Whether the first sixteen are of like lengths: else most lanes would wait for the longest. */
bool wide_suits(const struct fused_open *opens);
/* Opens sixteen; seals seal_count, which is at most sixteen. */
void wide_run(struct fused_open *opens, struct ige_job *seals, size_t seal_count);
/* Timed against the fused pass, here and now: whether it is at least a quarter faster. */
bool wide_pays(void);

#endif
