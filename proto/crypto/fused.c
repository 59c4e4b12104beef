/*
 * The pass of fused.h for two messages at a time: which chains run in the loop together. Owns the
 * round keys and hash states of at most two opened and two sealed messages, on the stack, and wipes
 * them; the loop is fused_shani.c, what a message's two hashes share is reading.c, and sixteen
 * messages at a time are wide.c.
 */
#include "proto/crypto/fused.h"

#include "proto/base/check.h"
#include "proto/crypto/cpu.h"
#include "proto/crypto/kernels_priv.h"
#include "proto/crypto/reading_priv.h"
#include "proto/crypto/wide_priv.h"

/* The plain way: every step by itself, on whatever kernels there are. */
static void hash_plain(struct fused_open *job)
{
	struct reading r;
	size_t blocks;

	reading_plan(&r, job);
	reading_begin(&r);
	blocks = reading_blocks(&r);
	if (blocks > 0 && r.shared) {
		uint32_t state[2][8];

		reading_lend(&r, state);
		sha256_twin_blocks(state, job->data + r.from, blocks);
		reading_take(&r, state);
		reading_end(&r, r.to);
	} else {
		reading_end(&r, r.from);
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

/* Hashing starts when its first block is plaintext; decryption then stays one block ahead of it. */
static void begin_opens(struct four *f, struct fused_open *jobs)
{
	struct ige_lane *lanes[FUSED_OPENS];
	size_t blocks[FUSED_OPENS];

	for (size_t i = 0; i < f->opens; i++) {
		struct opening *o = &f->opening[i];

		reading_plan(&o->reading, &jobs[i]);
		ige_lane_init(&o->lane, jobs[i].key, jobs[i].iv, jobs[i].data, jobs[i].len, true);
		o->left = reading_blocks(&o->reading);
		lanes[i] = &o->lane;
		blocks[i] = o->left > 0 ? (o->reading.from + HASH_BLOCK) / 16 : 0;
	}
	ige_lanes_walk(lanes, blocks, f->opens, true);
	for (size_t i = 0; i < f->opens; i++) {
		struct opening *o = &f->opening[i];

		if (o->left == 0)
			continue;
		o->left--;
		reading_begin(&o->reading);
		reading_lend(&o->reading, o->hash.state);
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

		if (lane->blocks < HASH_BLOCK / 16)
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
		reading_begin(r);
	} else {
		sha256_shani_twin(o->hash.state, o->hash.at,
				  (size_t)(end - o->hash.at) / HASH_BLOCK);
		reading_take(r, o->hash.state);
	}
	reading_end(r, r->to);
}

static void finish_opens(struct four *f)
{
	struct ige_lane *lanes[FUSED_OPENS];
	size_t blocks[FUSED_OPENS];

	for (size_t i = 0; i < f->opens; i++) {
		lanes[i] = &f->opening[i].lane;
		blocks[i] = lanes[i]->blocks;
	}
	ige_lanes_walk(lanes, blocks, f->opens, true);
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
	ige_lanes_walk(lanes, blocks, f->seals, false);
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
		      size_t seal_count, bool wide)
{
	while (open_count > 0) {
		bool many = wide && open_count >= WIDE && wide_suits(opens);
		size_t width = many ? WIDE : FUSED_OPENS;
		size_t o = open_count < width ? open_count : width;
		size_t s = seal_count < width ? seal_count : width;

		if (many)
			wide_run(opens, seals, s);
		else
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
		      size_t seal_count, bool wide)
{
	check(!wide);
	check(open_count + seal_count == 0); /* no other processor has this kernel */
}

#endif

void fused_run(struct fused_open *opens, size_t open_count, struct ige_job *seals,
	       size_t seal_count)
{
	uint32_t cpu = cpu_active();

	if (cpu & CPU_FUSED) {
		run_fused(opens, open_count, seals, seal_count, cpu & CPU_AVX512);
		return;
	}
	open_plain(opens, open_count);
	ige_encrypt_batch(seals, seal_count);
}
