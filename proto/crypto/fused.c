/*
 * The pass of fused.h: which bytes of a message both hashes have in common, what comes before and
 * after them, and which chains run in the loop together. Owns the round keys and hash states of at
 * most two opened and two sealed messages, on the stack, and wipes them; the loop is fused_shani.c.
 *
 * With its 32 bytes of key in front, hash block k is plaintext[64k - 32 .. 64k + 32). The shared
 * blocks are those that lie whole inside the body:
 *
 *   plaintext  | head    | body                                   | padding |
 *   blocks        |   |  |from  |      |      |      |      |  to |     |
 *                 own    `---- shared, one schedule, fused ------'  own
 */
#include "proto/crypto/fused.h"

#include "proto/base/check.h"
#include "proto/crypto/cpu.h"
#include "proto/crypto/digest.h"
#include "proto/crypto/kernels_priv.h"

enum { HASH_KEY = 32, BLOCK = 64 };

/* One message on its way through both hashes. */
struct reading {
	struct fused_open *job;
	struct sha256_stream was, becomes;
	size_t from,
	    to;      /* the shared blocks: offsets into the plaintext; equal when there are none */
	bool shared; /* becomes runs beside was; else it is made afterwards, if at all */
};

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

static void plan(struct reading *r, struct fused_open *job)
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

/* Both hashes as far as the shared blocks; the plaintext up to there is ready. */
static void hash_before(struct reading *r)
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

/* The rest of both, the plaintext being complete. done: how far the shared blocks were hashed. */
static void hash_after(struct reading *r, size_t done)
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

/* The plain way: every step by itself, on whatever kernels there are. */
static void hash_plain(struct fused_open *job)
{
	struct reading r;
	size_t blocks;

	plan(&r, job);
	hash_before(&r);
	blocks = (r.to - r.from) / BLOCK;
	if (blocks > 0 && r.shared) {
		uint32_t state[2][8];

		memcpy(state[0], r.was.state, sizeof(state[0]));
		memcpy(state[1], r.becomes.state, sizeof(state[1]));
		sha256_twin_blocks(state, job->data + r.from, blocks);
		memcpy(r.was.state, state[0], sizeof(state[0]));
		memcpy(r.becomes.state, state[1], sizeof(state[1]));
		r.was.total += BLOCK * blocks;
		r.becomes.total += BLOCK * blocks;
		hash_after(&r, r.to);
	} else {
		hash_after(&r, r.from);
	}
}

static void open_plain(struct fused_open *opens, size_t count)
{
	enum { GROUP = 16 };
	struct ige_job jobs[GROUP];

	for (size_t done = 0; done < count; done += GROUP) {
		size_t n = count - done < GROUP ? count - done : GROUP;

		for (size_t i = 0; i < n; i++) {
			memcpy(jobs[i].key, opens[done + i].key, 32);
			memcpy(jobs[i].iv, opens[done + i].iv, 32);
			jobs[i].data = opens[done + i].data;
			jobs[i].len = opens[done + i].len;
		}
		ige_decrypt_batch(jobs, n);
	}
	bytes_wipe(jobs, sizeof(jobs));
	for (size_t i = 0; i < count; i++)
		hash_plain(&opens[i]);
}

#if KERNELS_X86

struct opening {
	struct reading reading;
	struct ige_lane lane;
	struct fused_hash hash;
	size_t left; /* hash blocks that the loop may still take */
};

/* What is in hand at once. */
struct four {
	struct opening opening[FUSED_OPENS];
	struct ige_lane seal[FUSED_SEALS];
	size_t opens, seals;
};

/* blocks[i] blocks of lane i, side by side as long as there are two to do. */
static void walk_lanes(struct ige_lane *const *lanes, size_t *blocks, size_t count, bool decrypt)
{
	for (;;) {
		struct ige_lane *now[FUSED_OPENS];
		size_t n = 0, least = SIZE_MAX;

		for (size_t i = 0; i < count; i++) {
			if (blocks[i] == 0)
				continue;
			now[n++] = lanes[i];
			least = blocks[i] < least ? blocks[i] : least;
		}
		if (n == 0)
			return;
		for (size_t i = 0; i < count; i++)
			blocks[i] -= blocks[i] > 0 ? least : 0;
		if (decrypt)
			ige_aesni_decrypt(now, n, least);
		else
			ige_aesni_encrypt(now, n, least);
	}
}

/* Hashing starts when its first block is plaintext; decryption then stays one block ahead of it. */
static void begin_opens(struct four *f, struct fused_open *jobs)
{
	struct ige_lane *lanes[FUSED_OPENS];
	size_t blocks[FUSED_OPENS];

	for (size_t i = 0; i < f->opens; i++) {
		struct opening *o = &f->opening[i];

		plan(&o->reading, &jobs[i]);
		ige_lane_init(&o->lane, jobs[i].key, jobs[i].iv, jobs[i].data, jobs[i].len, true);
		o->left = (o->reading.to - o->reading.from) / BLOCK;
		lanes[i] = &o->lane;
		blocks[i] = o->left > 0 ? (o->reading.from + BLOCK) / 16 : 0;
	}
	walk_lanes(lanes, blocks, f->opens, true);
	for (size_t i = 0; i < f->opens; i++) {
		struct opening *o = &f->opening[i];

		if (o->left == 0)
			continue;
		o->left--;
		hash_before(&o->reading);
		memcpy(o->hash.state[0], o->reading.was.state, sizeof(o->hash.state[0]));
		memcpy(o->hash.state[1], o->reading.becomes.state, sizeof(o->hash.state[1]));
		o->hash.at = jobs[i].data + o->reading.from;
	}
}

/* As far as all that still take part reach; false when no opened message has a block left. */
static bool run_strip(struct four *f)
{
	struct fused_pass pass;
	size_t opens = 0, seals = 0, blocks = SIZE_MAX;

	for (size_t i = 0; i < f->opens; i++) {
		struct opening *o = &f->opening[i];

		if (o->left == 0)
			continue;
		pass.open[opens] = &o->lane;
		pass.hash[opens++] = &o->hash;
		blocks = o->left < blocks ? o->left : blocks;
	}
	if (opens == 0)
		return false;
	for (size_t i = 0; i < f->seals; i++) {
		struct ige_lane *lane = &f->seal[i];

		if (lane->blocks < BLOCK / 16)
			continue;
		pass.seal[seals++] = lane;
		blocks = lane->blocks / 4 < blocks ? lane->blocks / 4 : blocks;
	}
	fused_shani(&pass, opens, seals, blocks);
	for (size_t i = 0; i < f->opens; i++)
		f->opening[i].left -= f->opening[i].left > 0 ? blocks : 0;
	return true;
}

/* The last shared blocks, and what is each hash's own. */
static void finish_open(struct opening *o)
{
	struct reading *r = &o->reading;
	const uint8_t *end = r->job->data + r->to;

	if (r->to == r->from) {
		hash_before(r);
	} else {
		sha256_shani_twin(o->hash.state, o->hash.at, (size_t)(end - o->hash.at) / BLOCK);
		memcpy(r->was.state, o->hash.state[0], sizeof(r->was.state));
		r->was.total += r->to - r->from;
		if (r->shared) {
			memcpy(r->becomes.state, o->hash.state[1], sizeof(r->becomes.state));
			r->becomes.total += r->to - r->from;
		}
	}
	hash_after(r, r->to);
}

static void finish_opens(struct four *f)
{
	struct ige_lane *lanes[FUSED_OPENS];
	size_t blocks[FUSED_OPENS];

	for (size_t i = 0; i < f->opens; i++) {
		lanes[i] = &f->opening[i].lane;
		blocks[i] = lanes[i]->blocks;
	}
	walk_lanes(lanes, blocks, f->opens, true);
	for (size_t i = 0; i < f->opens; i++)
		finish_open(&f->opening[i]);
}

static void finish_seals(struct four *f)
{
	struct ige_lane *lanes[FUSED_SEALS];
	size_t blocks[FUSED_SEALS];

	for (size_t i = 0; i < f->seals; i++) {
		lanes[i] = &f->seal[i];
		blocks[i] = lanes[i]->blocks;
	}
	walk_lanes(lanes, blocks, f->seals, false);
}

static void run_four(struct fused_open *opens, size_t open_count, struct ige_job *seals,
		     size_t seal_count)
{
	struct four f;

	f.opens = open_count;
	f.seals = seal_count;
	for (size_t i = 0; i < seal_count; i++) {
		check(seals[i].len % 16 == 0);
		ige_lane_init(&f.seal[i], seals[i].key, seals[i].iv, seals[i].data, seals[i].len,
			      false);
	}
	begin_opens(&f, opens);
	while (run_strip(&f))
		;
	finish_opens(&f);
	finish_seals(&f);
	bytes_wipe(&f, sizeof(f));
}

static void run_fused(struct fused_open *opens, size_t open_count, struct ige_job *seals,
		      size_t seal_count)
{
	while (open_count > 0) {
		size_t o = open_count < FUSED_OPENS ? open_count : FUSED_OPENS;
		size_t s = seal_count < FUSED_SEALS ? seal_count : FUSED_SEALS;

		run_four(opens, o, seals, s);
		opens += o;
		open_count -= o;
		seals += s;
		seal_count -= s;
	}
	ige_encrypt_batch(seals, seal_count);
}

#else

static void run_fused(struct fused_open *opens, size_t open_count, struct ige_job *seals,
		      size_t seal_count)
{
	check(open_count + seal_count == 0); /* no other processor has this kernel */
}

#endif

void fused_run(struct fused_open *opens, size_t open_count, struct ige_job *seals,
	       size_t seal_count)
{
	if (cpu_active() & CPU_FUSED) {
		run_fused(opens, open_count, seals, seal_count);
		return;
	}
	open_plain(opens, open_count);
	ige_encrypt_batch(seals, seal_count);
}
