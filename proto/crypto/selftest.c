/*
 * The known-answer test of every kernel, run before the first use of any. Inputs come from a fixed
 * generator; what a kernel makes of them is hashed (by the portable SHA-256) and compared with the
 * answer that OpenSSL gave when this file was written. A kernel that is wrong is not used.
 */
#include "proto/crypto/kernels_priv.h"

#include "proto/base/bytes.h"
#include "proto/base/check.h"
#include "proto/crypto/cpu.h"

#if KERNELS_X86

enum { LANES = 8, LANE_BLOCKS = 5, LANE_BYTES = 16 * LANE_BLOCKS, CTR_BLOCKS = 11, SHA_BLOCKS = 3 };

static const uint8_t answer_ige[32] = {
    0x71, 0x5b, 0xca, 0x0f, 0xb5, 0xbf, 0x05, 0xc6, 0xc2, 0x48, 0x9c, 0x63, 0x22, 0x6c, 0xb7, 0x26,
    0xd3, 0x14, 0xde, 0x64, 0xfb, 0x10, 0xb4, 0x3f, 0xc3, 0xdd, 0x22, 0x9d, 0x2f, 0xbd, 0x58, 0x56,
};
static const uint8_t answer_ctr[32] = {
    0xbf, 0xd0, 0x43, 0x9b, 0xac, 0xc2, 0x92, 0x7b, 0x07, 0x66, 0xf3, 0xca, 0x75, 0xd3, 0x51, 0x4a,
    0x8c, 0x25, 0xe8, 0x4e, 0x20, 0xef, 0xf1, 0x87, 0x65, 0x1c, 0x4d, 0x4b, 0x9b, 0xe4, 0xd7, 0x1f,
};
static const uint8_t answer_sha[32] = {
    0x54, 0x54, 0xb1, 0x74, 0xec, 0x74, 0xb6, 0x2d, 0x36, 0x78, 0x47, 0x7d, 0x46, 0x4b, 0x10, 0xb2,
    0x5d, 0x0d, 0xde, 0x22, 0x10, 0xab, 0x34, 0xaa, 0x70, 0x6c, 0x69, 0x3f, 0xd3, 0xc6, 0x14, 0x60,
};
static const uint8_t answer_sha_pair[32] = {
    0x4b, 0xa5, 0xb3, 0x1a, 0x3e, 0x16, 0xae, 0xfa, 0xb0, 0x0d, 0xee, 0x62, 0x72, 0x33, 0x5d, 0xd1,
    0x5c, 0xaa, 0xbd, 0x34, 0x2f, 0x98, 0xcf, 0x54, 0x3b, 0xf3, 0x69, 0x70, 0x73, 0x1c, 0xde, 0x68,
};
static const uint8_t answer_sha_twin[32] = {
    0x02, 0xbf, 0x07, 0xba, 0x54, 0xf4, 0xc8, 0xce, 0xed, 0x79, 0x53, 0x7f, 0xf4, 0x9b, 0xc6, 0x22,
    0xcb, 0x6a, 0x8d, 0x47, 0x0a, 0xfc, 0xa9, 0xe3, 0x25, 0x4e, 0x02, 0xf9, 0xdd, 0x56, 0x55, 0x3e,
};

static const uint8_t answer_fused[32] = {
    0xd8, 0x2d, 0xde, 0x96, 0x67, 0x78, 0x6c, 0x96, 0x24, 0x4d, 0x95, 0x14, 0x9b, 0x65, 0x45, 0x01,
    0x69, 0xc4, 0xd0, 0x03, 0x96, 0x7a, 0xb3, 0xdf, 0xb5, 0x73, 0xff, 0x9a, 0x2a, 0xd5, 0x50, 0x78,
};

static const uint8_t answer_wide_ige[32] = {
    0x28, 0xda, 0xb8, 0xcb, 0x19, 0x98, 0x82, 0xff, 0xad, 0x93, 0xb0, 0x77, 0x7e, 0x63, 0x4e, 0xef,
    0x85, 0x08, 0xc4, 0xc1, 0x36, 0xb5, 0xdc, 0x56, 0xca, 0x53, 0x22, 0x92, 0x92, 0xf3, 0xd3, 0x3b,
};
static const uint8_t answer_wide_twin[32] = {
    0x27, 0x09, 0x00, 0x68, 0x28, 0x35, 0x13, 0x15, 0x03, 0xa3, 0xcf, 0xa4, 0x6d, 0xac, 0x75, 0x73,
    0x02, 0x47, 0x21, 0xfb, 0x07, 0xb5, 0x50, 0x49, 0x3a, 0x72, 0x37, 0xb7, 0xc9, 0xe4, 0x89, 0x60,
};

static void fill(uint8_t *out, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		out[i] = (uint8_t)(seed >> 24);
	}
}

/* One block of padding says the length: what is hashed here is always whole blocks. */
static bool hash_is(const uint8_t *data, size_t len, const uint8_t answer[32])
{
	uint32_t state[8];
	uint8_t last[64] = {0x80};
	uint8_t out[32];

	check(len % 64 == 0);
	memcpy(state, sha256_start, sizeof(state));
	sha256_portable(state, data, len / 64);
	store_be64(last + 56, 8 * (uint64_t)len);
	sha256_portable(state, last, 1);
	for (int i = 0; i < 8; i++)
		store_be32(out + 4 * i, state[i]);
	return memcmp(out, answer, 32) == 0;
}

/* Eight lanes of five blocks, in steps of the widths given: a plan's widths add up to eight. */
static void run_lanes(uint8_t data[LANES][LANE_BYTES], const uint8_t *plan, bool decrypt)
{
	struct ige_lane lanes[LANES];
	struct ige_lane *order[LANES];
	uint8_t key[32], iv[32];
	size_t at = 0;

	for (uint32_t i = 0; i < LANES; i++) {
		fill(key, 32, 100 + i);
		fill(iv, 32, 200 + i);
		aesni_expand(lanes[i].round_keys, key);
		if (decrypt)
			aesni_invert(lanes[i].round_keys);
		memcpy(lanes[i].before, iv + (decrypt ? 16 : 0), 16);
		memcpy(lanes[i].behind, iv + (decrypt ? 0 : 16), 16);
		lanes[i].at = data[i];
		lanes[i].blocks = LANE_BLOCKS;
		order[i] = &lanes[i];
	}
	for (; at < LANES; at += *plan++) {
		bool wide = *plan > IGE_NARROW_MAX;

		if (wide && decrypt)
			ige_vaes_decrypt(order + at, *plan, LANE_BLOCKS);
		else if (wide)
			ige_vaes_encrypt(order + at, *plan, LANE_BLOCKS);
		else if (decrypt)
			ige_aesni_decrypt(order + at, *plan, LANE_BLOCKS);
		else
			ige_aesni_encrypt(order + at, *plan, LANE_BLOCKS);
	}
}

static bool ige_plan_sound(const uint8_t *plan)
{
	uint8_t data[LANES][LANE_BYTES], was[LANES][LANE_BYTES];

	fill(was[0], sizeof(was), 1);
	memcpy(data, was, sizeof(data));
	run_lanes(data, plan, false);
	if (!hash_is(data[0], sizeof(data), answer_ige))
		return false;
	run_lanes(data, plan, true);
	return memcmp(data, was, sizeof(data)) == 0;
}

static bool ctr_sound(void)
{
	_Alignas(16) uint8_t keys[240];
	uint8_t key[32], data[16 * CTR_BLOCKS + 16] = {0};
	uint8_t counter[16];

	fill(key, 32, 300);
	memset(counter, 0xff, 16);
	counter[15] = 0xfb; /* goes through the end of 128 bits */
	aesni_expand(keys, key);
	ctr_aesni_apply(keys, counter, data, CTR_BLOCKS);
	memcpy(data + 16 * CTR_BLOCKS, counter, 16);
	return hash_is(data, sizeof(data), answer_ctr);
}

static bool states_are(uint32_t state[2][8], const uint8_t answer[32])
{
	uint8_t bytes[64];

	memcpy(bytes, state, 64);
	return hash_is(bytes, sizeof(bytes), answer);
}

static bool sha_sound(void)
{
	uint8_t first[64 * SHA_BLOCKS], second[64 * SHA_BLOCKS];
	const uint8_t *both[2] = {first, second};
	uint32_t state[2][8];

	fill(first, sizeof(first), 400);
	fill(second, sizeof(second), 401);
	memcpy(state[0], sha256_start, 32);
	memcpy(state[1], sha256_start, 32);
	sha256_shani(state[0], first, SHA_BLOCKS);
	if (!states_are(state, answer_sha))
		return false;
	sha256_shani_pair(state, both, SHA_BLOCKS);
	if (!states_are(state, answer_sha_pair))
		return false;
	sha256_shani_twin(state, first, SHA_BLOCKS);
	return states_are(state, answer_sha_twin);
}

/*
 * One lane's 192 bytes: a message of which the loop hashes the second 64 bytes while it decrypts
 * the third (opens), or 64 bytes to encrypt (seals).
 */
static void set_lane(struct ige_lane *lane, uint8_t *data, uint32_t seed, bool decrypt)
{
	uint8_t key[32], iv[32];

	fill(key, 32, 500 + seed);
	fill(iv, 32, 600 + seed);
	ige_lane_init(lane, key, iv, data + (decrypt ? 128 : 0), 64, decrypt);
}

/* Every number of opens and seals, one after the other over the same bytes. */
static bool fused_sound(void)
{
	uint8_t data[FUSED_OPENS + FUSED_SEALS][192];
	struct ige_lane lanes[FUSED_OPENS + FUSED_SEALS];
	struct fused_hash hash[FUSED_OPENS];
	uint8_t out[sizeof(data) + 128];

	fill(data[0], sizeof(data), 700);
	for (size_t run = 0; run < 6; run++) {
		size_t opens = 1 + run / 3, seals = run % 3;
		struct fused_pass pass;

		for (uint32_t i = 0; i < FUSED_OPENS + FUSED_SEALS; i++)
			set_lane(&lanes[i], data[i], i, i < FUSED_OPENS);
		for (size_t i = 0; i < FUSED_OPENS; i++) {
			memcpy(hash[i].state, data[i], 64);
			hash[i].at = data[i] + 64;
			pass.open[i] = &lanes[i];
			pass.hash[i] = &hash[i];
		}
		for (size_t i = 0; i < FUSED_SEALS; i++)
			pass.seal[i] = &lanes[FUSED_OPENS + i];
		fused_shani(&pass, opens, seals, 1);
		for (size_t i = 0; i < FUSED_OPENS; i++)
			memcpy(data[i], hash[i].state, 64);
	}
	memcpy(out, data, sizeof(data));
	for (size_t i = 0; i < FUSED_OPENS + FUSED_SEALS; i++) {
		memcpy(out + sizeof(data) + 32 * i, lanes[i].before, 16);
		memcpy(out + sizeof(data) + 32 * i + 16, lanes[i].behind, 16);
	}
	return hash_is(out, sizeof(out), answer_fused);
}

static void set_chain(struct wide_chains *c, uint32_t i, uint8_t *data, bool decrypt)
{
	struct ige_lane lane;
	uint8_t key[32], iv[32];

	fill(key, 32, 800 + i);
	fill(iv, 32, 900 + i);
	ige_lane_init(&lane, key, iv, data, LANE_BYTES, decrypt);
	for (size_t r = 0; r < 15; r++)
		memcpy(c->keys[r][i], lane.round_keys + 16 * r, 16);
	memcpy(c->before[i], lane.before, 16);
	memcpy(c->behind[i], lane.behind, 16);
	c->at[i] = data;
}

/* Encrypted and back, in two calls each: what is kept between them counts too. */
static bool wide_ige_sound(void)
{
	uint8_t data[WIDE][LANE_BYTES], was[WIDE][LANE_BYTES];
	struct wide_chains c;

	fill(was[0], sizeof(was), 1000);
	memcpy(data, was, sizeof(data));
	for (uint32_t i = 0; i < WIDE; i++)
		set_chain(&c, i, data[i], false);
	wide_encrypt(&c, 2);
	wide_encrypt(&c, LANE_BLOCKS - 2);
	if (!hash_is(data[0], sizeof(data), answer_wide_ige))
		return false;
	for (uint32_t i = 0; i < WIDE; i++)
		set_chain(&c, i, data[i], true);
	wide_decrypt(&c, LANE_BLOCKS - 2);
	wide_decrypt(&c, 2);
	return memcmp(data, was, sizeof(data)) == 0;
}

/* The first states alone come out as they do with the second ones beside them. */
static bool wide_hash_sound(void)
{
	uint8_t data[WIDE][64 * SHA_BLOCKS + 4], states[sizeof(uint32_t) * 2 * 8 * WIDE];
	struct wide_hash h, single;

	fill(data[0], sizeof(data), 1100);
	fill(states, sizeof(states), 1200);
	memcpy(h.state, states, sizeof(states));
	for (size_t i = 0; i < WIDE; i++)
		h.at[i] = data[i];
	single = h;
	wide_twin(&h, 1);
	wide_twin(&h, SHA_BLOCKS - 1);
	wide_single(&single, 1);
	wide_single(&single, SHA_BLOCKS - 1);
	memcpy(states, h.state, sizeof(states));
	return memcmp(h.state[0], single.state[0], sizeof(h.state[0])) == 0 &&
	       hash_is(states, sizeof(states), answer_wide_twin);
}

uint32_t selftest_run(uint32_t present)
{
	static const uint8_t narrow[] = {1, 2, 3, 2}, four[] = {4, 4}, wide[] = {8},
			     less[] = {6, 2};
	uint32_t sound = 0;

	if ((present & CPU_AES) && ige_plan_sound(narrow) && ige_plan_sound(four) && ctr_sound())
		sound |= CPU_AES;
	if ((present & CPU_VAES) && ige_plan_sound(wide) && ige_plan_sound(less))
		sound |= CPU_VAES;
	if ((present & CPU_SHA) && sha_sound())
		sound |= CPU_SHA;
	if ((present & CPU_FUSED) && fused_sound())
		sound |= CPU_FUSED;
	if ((present & CPU_AVX512) && wide_ige_sound() && wide_hash_sound())
		sound |= CPU_AVX512;
	return sound;
}

#else

uint32_t selftest_run(uint32_t present)
{
	return present & 0; /* no kernels for this processor */
}

#endif
