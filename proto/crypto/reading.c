/* Both hashes of a message that is relayed: the ends that each has for itself. See reading_priv.h.
 */
#include "proto/crypto/reading_priv.h"

#include "proto/base/check.h"

enum { HASH_KEY = 32, BLOCK = HASH_BLOCK };

/* The first offset at or after at where a hash block starts; the last at or before it. */
static size_t block_after(size_t at)
{
	return at + (0 - (at + HASH_KEY)) % BLOCK;
}

static size_t block_before(size_t at)
{
	return at < HASH_KEY ? 0 : at - (at - HASH_KEY) % BLOCK;
}

static void check_job(const struct fused_open *job)
{
	check(job->len % 16 == 0);
	check(job->body_at <= job->len && job->body_len <= job->len - job->body_at);
}

void reading_plan(struct reading *r, struct fused_open *job)
{
	size_t end = job->body_at + job->body_len;

	check_job(job);
	r->job = job;
	r->shared = job->new_hash_key != NULL && (job->body_at - job->new_head.len) % BLOCK == 0;
	r->from = block_after(r->shared ? job->body_at : 0);
	r->to = block_before(r->shared ? end : job->len);
	if (r->to < r->from)
		r->to = r->from = 0; /* too short to share a block: all of it is "after" */
}

void reading_begin(struct reading *r)
{
	const struct fused_open *job = r->job;

	sha256_init(&r->was);
	sha256_init(&r->becomes);
	sha256_put(&r->was, job->hash_key, HASH_KEY);
	sha256_put(&r->was, job->data, r->from);
	if (!r->shared)
		return;
	sha256_put(&r->becomes, job->new_hash_key, HASH_KEY);
	sha256_put(&r->becomes, job->new_head.at, job->new_head.len);
	if (r->from > job->body_at)
		sha256_put(&r->becomes, job->data + job->body_at, r->from - job->body_at);
}

void reading_lend(const struct reading *r, uint32_t state[2][8])
{
	memcpy(state[0], r->was.state, sizeof(state[0]));
	memcpy(state[1], r->becomes.state, sizeof(state[1]));
}

void reading_take(struct reading *r, uint32_t state[2][8])
{
	memcpy(r->was.state, state[0], sizeof(state[0]));
	r->was.total += r->to - r->from;
	if (!r->shared)
		return;
	memcpy(r->becomes.state, state[1], sizeof(state[1]));
	r->becomes.total += r->to - r->from;
}

void reading_end(struct reading *r, size_t done)
{
	struct fused_open *job = r->job;
	size_t end = job->body_at + job->body_len;

	sha256_put(&r->was, job->data + done, job->len - done);
	sha256_end(&r->was, job->hash);
	if (job->new_hash_key == NULL)
		return;
	if (!r->shared) {
		sha256_put(&r->becomes, job->new_hash_key, HASH_KEY);
		sha256_put(&r->becomes, job->new_head.at, job->new_head.len);
		done = job->body_at;
	} else if (done < job->body_at) {
		done = job->body_at;
	}
	sha256_put(&r->becomes, job->data + done, end - done);
	sha256_put(&r->becomes, job->new_tail.at, job->new_tail.len);
	sha256_end(&r->becomes, job->new_hash);
}
