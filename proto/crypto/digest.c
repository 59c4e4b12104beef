/*
 * Digests. SHA-256 is on the data path: our own stream over the chosen kernel, no allocation. MD5 comes
 * from OpenSSL; it is the check sum of a small file. SHA-1 has its own file.
 */
#include "proto/crypto/digest.h"

#include "proto/base/check.h"
#include "proto/crypto/cpu.h"
#include "proto/crypto/kernels_priv.h"

#include <openssl/evp.h>

void sha256_blocks(uint32_t state[8], const uint8_t *data, size_t blocks)
{
#if KERNELS_X86
	if (cpu_active() & CPU_SHA) {
		sha256_shani(state, data, blocks);
		return;
	}
#endif
	sha256_portable(state, data, blocks);
}

void sha256_pair_blocks(uint32_t state[2][8], const uint8_t *const data[2], size_t blocks)
{
#if KERNELS_X86
	if (cpu_active() & CPU_SHA) {
		sha256_shani_pair(state, data, blocks);
		return;
	}
#endif
	sha256_portable(state[0], data[0], blocks);
	sha256_portable(state[1], data[1], blocks);
}

void sha256_twin_blocks(uint32_t state[2][8], const uint8_t *data, size_t blocks)
{
#if KERNELS_X86
	if (cpu_active() & CPU_SHA) {
		sha256_shani_twin(state, data, blocks);
		return;
	}
#endif
	sha256_portable(state[0], data, blocks);
	sha256_portable(state[1], data, blocks);
}

void sha256_init(struct sha256_stream *s)
{
	memcpy(s->state, sha256_start, sizeof(s->state));
	s->total = 0;
}

void sha256_put(struct sha256_stream *s, const void *data, size_t len)
{
	const uint8_t *at = data;
	size_t held = s->total % 64;

	if (len == 0)
		return; /* then data may be NULL, which memcpy must not see */
	s->total += len;
	if (held > 0) {
		size_t n = 64 - held < len ? 64 - held : len;

		memcpy(s->tail + held, at, n);
		at += n;
		len -= n;
		if (held + n < 64)
			return;
		sha256_blocks(s->state, s->tail, 1);
	}
	if (len >= 64)
		sha256_blocks(s->state, at, len / 64);
	if (len % 64 > 0)
		memcpy(s->tail, at + len / 64 * 64, len % 64);
}

void sha256_end(struct sha256_stream *s, uint8_t out[32])
{
	size_t held = s->total % 64;

	s->tail[held++] = 0x80;
	if (held > 56) {
		memset(s->tail + held, 0, 64 - held);
		sha256_blocks(s->state, s->tail, 1);
		held = 0;
	}
	memset(s->tail + held, 0, 56 - held);
	store_be64(s->tail + 56, s->total * 8);
	sha256_blocks(s->state, s->tail, 1);
	for (int i = 0; i < 8; i++)
		store_be32(out + 4 * i, s->state[i]);
	bytes_wipe(s, sizeof(*s));
}

void digest_sha256(uint8_t out[32], const struct cspan *parts, size_t count)
{
	struct sha256_stream s;

	sha256_init(&s);
	for (size_t i = 0; i < count; i++)
		sha256_put(&s, parts[i].at, parts[i].len);
	sha256_end(&s, out);
}

/* As much of the job as brings the stream to a block's end; returns how far into the second part
 * that is. */
static size_t begin_job(struct sha256_stream *s, const struct digest_job *job)
{
	size_t n = (0 - job->parts[0].len) % 64;

	n = n < job->parts[1].len ? n : job->parts[1].len;
	sha256_init(s);
	sha256_put(s, job->parts[0].at, job->parts[0].len);
	sha256_put(s, job->parts[1].at, n);
	return n;
}

static void end_job(struct sha256_stream *s, struct digest_job *job, size_t at)
{
	sha256_put(s, job->parts[1].at + at, job->parts[1].len - at);
	sha256_end(s, job->hash);
}

static void hash_two(struct digest_job *a, struct digest_job *b)
{
	struct sha256_stream s[2];
	size_t at[2] = {begin_job(&s[0], a), begin_job(&s[1], b)};
	size_t blocks_a = (a->parts[1].len - at[0]) / 64;
	size_t blocks_b = (b->parts[1].len - at[1]) / 64;
	size_t blocks = blocks_a < blocks_b ? blocks_a : blocks_b;

	if (blocks > 0) {
		const uint8_t *data[2] = {a->parts[1].at + at[0], b->parts[1].at + at[1]};
		uint32_t state[2][8];

		memcpy(state[0], s[0].state, sizeof(state[0]));
		memcpy(state[1], s[1].state, sizeof(state[1]));
		sha256_pair_blocks(state, data, blocks);
		for (int i = 0; i < 2; i++) {
			memcpy(s[i].state, state[i], sizeof(state[i]));
			s[i].total += 64 * blocks;
			at[i] += 64 * blocks;
		}
	}
	end_job(&s[0], a, at[0]);
	end_job(&s[1], b, at[1]);
}

#if KERNELS_X86

/*
 * What the sixteen lanes cost does not depend on how many of them are filled: with fewer messages
 * than MANY, or with short ones, pairs are faster.
 */
enum { MANY = 10, WIDE_BLOCKS_MIN = 8 };

/* Whole blocks that all of them have; at[i]: where those of job i begin. */
static size_t begin_jobs(struct sha256_stream *s, const struct digest_job *jobs, size_t count,
			 size_t *at, size_t *most)
{
	size_t least = SIZE_MAX;

	*most = 0;
	for (size_t i = 0; i < count; i++) {
		size_t blocks;

		at[i] = begin_job(&s[i], &jobs[i]);
		blocks = (jobs[i].parts[1].len - at[i]) / 64;
		least = blocks < least ? blocks : least;
		*most = blocks > *most ? blocks : *most;
	}
	return least;
}

/* Lanes without a message hash the first one's; what they get is not looked at. */
static void hash_blocks_wide(struct sha256_stream *s, const struct digest_job *jobs, size_t count,
			     size_t *at, size_t blocks)
{
	struct wide_hash h;

	for (size_t lane = 0; lane < WIDE; lane++) {
		size_t i = lane < count ? lane : 0;

		for (size_t j = 0; j < 8; j++)
			h.state[0][j][lane] = s[i].state[j];
		h.at[lane] = jobs[i].parts[1].at + at[i];
	}
	wide_single(&h, blocks);
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < 8; j++)
			s[i].state[j] = h.state[0][j][i];
		s[i].total += 64 * blocks;
		at[i] += 64 * blocks;
	}
	bytes_wipe(&h, sizeof(h));
}

/* False: they are not worth it, and nothing was done. */
static bool hash_many(struct digest_job *jobs, size_t count)
{
	struct sha256_stream s[WIDE];
	size_t at[WIDE], most, blocks;

	if (count < MANY || !(cpu_active() & CPU_AVX512))
		return false;
	blocks = begin_jobs(s, jobs, count, at, &most);
	if (blocks < WIDE_BLOCKS_MIN || most > blocks + blocks / 8) {
		bytes_wipe(s, sizeof(s[0]) * count);
		return false;
	}
	hash_blocks_wide(s, jobs, count, at, blocks);
	for (size_t i = 0; i < count; i++)
		end_job(&s[i], &jobs[i], at[i]);
	return true;
}

#else

static bool hash_many(struct digest_job *jobs, size_t count)
{
	(void)jobs;
	(void)count;
	return false;
}

#endif

void digest_sha256_batch(struct digest_job *jobs, size_t count)
{
	for (size_t n = count < WIDE ? count : WIDE; hash_many(jobs, n);
	     n = count < WIDE ? count : WIDE) {
		jobs += n;
		count -= n;
	}
	for (; count >= 2; jobs += 2, count -= 2)
		hash_two(&jobs[0], &jobs[1]);
	if (count == 1)
		digest_sha256(jobs->hash, jobs->parts, 2);
}

void digest_md5(uint8_t out[16], const struct cspan *parts, size_t count)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	check(c != NULL);
	check(EVP_DigestInit_ex(c, EVP_md5(), NULL) == 1);
	for (size_t i = 0; i < count; i++)
		check(EVP_DigestUpdate(c, parts[i].at, parts[i].len) == 1);
	check(EVP_DigestFinal_ex(c, out, NULL) == 1);
	EVP_MD_CTX_free(c);
}
