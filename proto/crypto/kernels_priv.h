/*
 * The kernels behind ige.h, ctr.h and digest.h. Each kernel file is compiled with its own
 * instruction-set flags into a library of its own and calls nothing outside itself. Which one runs
 * is decided by cpu_active(), nowhere else.
 */
#ifndef TGCLONE_CRYPTO_KERNELS_PRIV_H
#define TGCLONE_CRYPTO_KERNELS_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#define KERNELS_X86 1
#else
#define KERNELS_X86 0
#endif

enum { IGE_NARROW_MAX = 4, IGE_WIDE = 8, IGE_WIDE_LESS = 6 };

/*
 * One chain. Encrypting and decrypting are the same walk: out = F(in ^ before) ^ behind, then
 * before = out and behind = in. Encrypting starts with before = iv[0..15], decrypting with
 * before = iv[16..31].
 */
struct ige_lane {
	_Alignas(16) uint8_t round_keys[240];
	_Alignas(16) uint8_t before[16];
	_Alignas(16) uint8_t behind[16];
	uint8_t *at;
	size_t blocks;
};

/* A lane at the start of its message (ige.c). */
void ige_lane_init(struct ige_lane *, const uint8_t key[32], const uint8_t iv[32], uint8_t *data,
		   size_t len, bool decrypt);

/* blocks[i] blocks of lane i, up to four lanes side by side; blocks is used up (ige.c). */
void ige_lanes_walk(struct ige_lane *const *lanes, size_t *blocks, size_t count, bool decrypt);

/* FIPS 197: 15 round keys, at an address that is a multiple of 16. The inverse form is for the
 * decryption instructions. */
void aesni_expand(uint8_t round_keys[240], const uint8_t key[32]);
void aesni_invert(uint8_t round_keys[240]);
/* The next blocks blocks of count <= IGE_NARROW_MAX lanes, each of which has that many. */
void ige_aesni_encrypt(struct ige_lane *const *lanes, size_t count, size_t blocks);
void ige_aesni_decrypt(struct ige_lane *const *lanes, size_t count, size_t blocks);
/* count is IGE_WIDE or IGE_WIDE_LESS. */
void ige_vaes_encrypt(struct ige_lane *const *lanes, size_t count, size_t blocks);
void ige_vaes_decrypt(struct ige_lane *const *lanes, size_t count, size_t blocks);
/* data ^= E(counter), E(counter + 1), ... for whole blocks; counter moves on, big-endian, 128 bits.
 */
void ctr_aesni_apply(const uint8_t round_keys[240], uint8_t counter[16], uint8_t *data,
		     size_t blocks);

/* Big-endian words a..h, whole 64-byte blocks. */
void sha256_portable(uint32_t state[8], const uint8_t *data, size_t blocks);
void sha256_shani(uint32_t state[8], const uint8_t *data, size_t blocks);
/* Two messages side by side. */
void sha256_shani_pair(uint32_t state[2][8], const uint8_t *const data[2], size_t blocks);
/* Two states over the same message: the schedule is computed once, the second hash is nearly free.
 */
void sha256_shani_twin(uint32_t state[2][8], const uint8_t *data, size_t blocks);

/* By cpu_active(). */
void sha256_blocks(uint32_t state[8], const uint8_t *data, size_t blocks);
void sha256_pair_blocks(uint32_t state[2][8], const uint8_t *const data[2], size_t blocks);
void sha256_twin_blocks(uint32_t state[2][8], const uint8_t *data, size_t blocks);

/*
 * The fused pass. opens (1 or 2) messages are hashed under two states each, blocks blocks of 64
 * bytes from hash->at on, while the same number of 64-byte pieces of their own chains is decrypted
 * one piece ahead (lane->at = hash->at + 64 at the start), and of seals (0 to 2) other chains is
 * encrypted.
 */
enum { FUSED_OPENS = 2, FUSED_SEALS = 2 };

struct fused_hash {
	uint32_t state[2][8];
	const uint8_t *at;
};

struct fused_pass {
	struct ige_lane *open[FUSED_OPENS];
	struct fused_hash *hash[FUSED_OPENS];
	struct ige_lane *seal[FUSED_SEALS];
};

void fused_shani(const struct fused_pass *, size_t opens, size_t seals, size_t blocks);

/*
 * Sixteen messages in 512-bit registers (wide.c lays them out). Word j of the state s of message i
 * is state[s][j][i]; round key r of chain i is keys[r][i].
 */
enum { WIDE = 16 };

struct wide_hash {
	_Alignas(64) uint32_t state[2][8][WIDE];
	const uint8_t *at[WIDE];
};

struct wide_chains {
	_Alignas(64) uint8_t keys[15][WIDE][16];
	_Alignas(64) uint8_t before[WIDE][16];
	_Alignas(64) uint8_t behind[WIDE][16];
	uint8_t *at[WIDE];
};

/* The first states alone, or both. */
void wide_single(struct wide_hash *, size_t blocks);
void wide_twin(struct wide_hash *, size_t blocks);
void wide_encrypt(struct wide_chains *, size_t blocks);
void wide_decrypt(struct wide_chains *, size_t blocks);

extern const uint32_t sha256_start[8];
extern const uint32_t sha256_round[64]; /* aligned to 16 */

/* The self test: which of the present kernels gave the known answers. */
uint32_t selftest_run(uint32_t present);

#endif
