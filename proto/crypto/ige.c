/*
 * Which chain runs beside which. Jobs of any lengths are taken up to sixteen at a time; in each
 * step the ones with most left to do run side by side, as many as the widest kernel takes, so that
 * lanes stay full as long as there is work for them. Owns the round keys of the jobs at hand, on
 * the stack, and wipes them; the instructions are in aes_*.c.
 */
#include "proto/crypto/ige.h"

#include "proto/base/check.h"
#include "proto/crypto/aes_priv.h"
#include "proto/crypto/cpu.h"
#include "proto/crypto/kernels_priv.h"

enum {
	GROUP = 16,
	STRIP = 512, /* blocks between two looks at who has most left, while somebody waits */
};

#if KERNELS_X86

struct group {
	struct ige_lane lanes[GROUP];
	struct ige_lane *order[GROUP]; /* unfinished ones, most blocks first */
	size_t count;
};

void ige_lane_init(struct ige_lane *lane, const uint8_t key[32], const uint8_t iv[32],
		   uint8_t *data, size_t len, bool decrypt)
{
	aesni_expand(lane->round_keys, key);
	if (decrypt)
		aesni_invert(lane->round_keys);
	memcpy(lane->before, iv + (decrypt ? 16 : 0), 16);
	memcpy(lane->behind, iv + (decrypt ? 0 : 16), 16);
	lane->at = data;
	lane->blocks = len / 16;
}

void ige_lanes_walk(struct ige_lane *const *lanes, size_t *blocks, size_t count, bool decrypt)
{
	for (;;) {
		struct ige_lane *now[IGE_NARROW_MAX];
		size_t which[IGE_NARROW_MAX], n = 0, least = SIZE_MAX;

		for (size_t i = 0; i < count && n < IGE_NARROW_MAX; i++) {
			if (blocks[i] == 0)
				continue;
			which[n] = i;
			now[n++] = lanes[i];
			least = blocks[i] < least ? blocks[i] : least;
		}
		if (n == 0)
			return;
		for (size_t i = 0; i < n; i++)
			blocks[which[i]] -= least;
		if (decrypt)
			ige_aesni_decrypt(now, n, least);
		else
			ige_aesni_encrypt(now, n, least);
	}
}

static void group_take(struct group *g, const struct ige_job *jobs, size_t count, bool decrypt)
{
	g->count = 0;
	for (size_t i = 0; i < count; i++) {
		struct ige_lane *lane = &g->lanes[i];

		ige_lane_init(lane, jobs[i].key, jobs[i].iv, jobs[i].data, jobs[i].len, decrypt);
		if (lane->blocks > 0)
			g->order[g->count++] = lane;
	}
}

/* Insertion sort: nearly sorted at each step, and at most sixteen. Finished lanes fall off the end.
 */
static void group_sort(struct group *g)
{
	for (size_t i = 1; i < g->count; i++) {
		struct ige_lane *lane = g->order[i];
		size_t at = i;

		for (; at > 0 && g->order[at - 1]->blocks < lane->blocks; at--)
			g->order[at] = g->order[at - 1];
		g->order[at] = lane;
	}
	while (g->count > 0 && g->order[g->count - 1]->blocks == 0)
		g->count--;
}

static size_t group_width(const struct group *g, bool wide)
{
	if (wide && g->count >= IGE_WIDE)
		return IGE_WIDE;
	if (wide && g->count >= IGE_WIDE_LESS)
		return IGE_WIDE_LESS;
	return g->count < IGE_NARROW_MAX ? g->count : IGE_NARROW_MAX;
}

static void group_step(struct group *g, bool wide, bool decrypt)
{
	size_t width = group_width(g, wide);
	size_t blocks = g->order[width - 1]->blocks;

	if (g->count > width && blocks > STRIP)
		blocks = STRIP;
	if (width > IGE_NARROW_MAX && decrypt)
		ige_vaes_decrypt(g->order, width, blocks);
	else if (width > IGE_NARROW_MAX)
		ige_vaes_encrypt(g->order, width, blocks);
	else if (decrypt)
		ige_aesni_decrypt(g->order, width, blocks);
	else
		ige_aesni_encrypt(g->order, width, blocks);
}

static void run_group(const struct ige_job *jobs, size_t count, bool wide, bool decrypt)
{
	struct group g;

	group_take(&g, jobs, count, decrypt);
	for (group_sort(&g); g.count > 0; group_sort(&g))
		group_step(&g, wide, decrypt);
	bytes_wipe(&g, sizeof(g.lanes[0]) * count);
}

static void run_kernels(struct ige_job *jobs, size_t count, uint32_t cpu, bool decrypt)
{
	while (count > 0) {
		size_t n = count < GROUP ? count : GROUP;

		run_group(jobs, n, cpu & CPU_VAES, decrypt);
		jobs += n;
		count -= n;
	}
}

#else

static void run_kernels(struct ige_job *jobs, size_t count, uint32_t cpu, bool decrypt)
{
	check(cpu == 0); /* no other processor's kernels are ever active */
}

#endif

static void run(struct ige_job *jobs, size_t count, bool decrypt)
{
	uint32_t cpu = cpu_active();

	for (size_t i = 0; i < count; i++)
		check(jobs[i].len % 16 == 0);
	if (cpu & CPU_AES) {
		run_kernels(jobs, count, cpu, decrypt);
		return;
	}
	for (size_t i = 0; i < count; i++)
		ige_evp(&jobs[i], decrypt);
}

void ige_encrypt_batch(struct ige_job *jobs, size_t count)
{
	run(jobs, count, false);
}

void ige_decrypt_batch(struct ige_job *jobs, size_t count)
{
	run(jobs, count, true);
}

static void run_one(const uint8_t key[32], const uint8_t iv[32], uint8_t *data, size_t len,
		    bool decrypt)
{
	struct ige_job job;

	memcpy(job.key, key, 32);
	memcpy(job.iv, iv, 32);
	job.data = data;
	job.len = len;
	run(&job, 1, decrypt);
	bytes_wipe(&job, sizeof(job));
}

void ige_encrypt(const uint8_t key[32], const uint8_t iv[32], uint8_t *data, size_t len)
{
	run_one(key, iv, data, len, false);
}

void ige_decrypt(const uint8_t key[32], const uint8_t iv[32], uint8_t *data, size_t len)
{
	run_one(key, iv, data, len, true);
}
