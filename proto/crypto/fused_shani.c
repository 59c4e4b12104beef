/*
 * The fused pass: SHA-256 rounds and AES rounds in one stream of instructions. Hashing one message
 * under two states is bound by the latency of sha256rnds2, 128 cycles for 64 bytes; into that wait
 * go one block each of up to four AES chains every 64 cycles, a little more than the 57 that a
 * chain needs for a block. So decryption, encryption and the second hash cost almost nothing.
 *
 * Registers: 4 for the states, 4 for the message words, 4 for the chains, and temporaries; all else
 * is read from memory where it is used. No AVX in this file: see sha_shani.c.
 */
#include "proto/crypto/kernels_priv.h"
#include "proto/crypto/sha_rounds_priv.h"

enum { CHAINS = FUSED_OPENS + FUSED_SEALS, QUADS = 16, STAGES = 15 };

/* Chains 0 .. opens-1 are decrypted, the others encrypted. */
struct chains {
	__m128i keys[STAGES][CHAINS];
	__m128i behind[CHAINS];
};

/*
 * Not before this point, and no load across it: left alone, clang reads all chains' blocks ahead,
 * has no registers left and keeps the hash states on the stack.
 */
static inline __attribute__((always_inline)) void here(__m128i *x, const bool crowded)
{
	if (crowded)
		__asm__ volatile("" : "+x"(*x) : : "memory");
}

/* Stage r of one block of one chain; x is what the block before came out as, then what this one
 * did. */
static inline __attribute__((always_inline)) void stage(struct chains *c, const int i, const int r,
							const bool decrypt, __m128i *x,
							uint8_t *block, const bool crowded)
{
	if (r == 0) {
		__m128i in = _mm_xor_si128(load128(block), c->keys[0][i]);

		__asm__("" : "+x"(in)); /* else two xors stand in the chain instead of one */
		*x = _mm_xor_si128(*x, in);
		here(x, crowded);
	} else if (r < STAGES - 1) {
		*x = decrypt ? _mm_aesdec_si128(*x, c->keys[r][i])
			     : _mm_aesenc_si128(*x, c->keys[r][i]);
	} else {
		__m128i last = _mm_xor_si128(c->behind[i], c->keys[r][i]);

		*x = decrypt ? _mm_aesdeclast_si128(*x, last) : _mm_aesenclast_si128(*x, last);
		c->behind[i] = load128(block); /* still what came in */
		store128(block, *x);
		here(x, crowded);
	}
}

/*
 * A piece has opens * 16 quads of rounds and four blocks of each chain: a block's 15 stages are
 * spread over opens * 4 quads. Everything but off is a constant after unrolling.
 */
static inline __attribute__((always_inline)) void quad_stages(struct chains *c, const int opens,
							      const int count, const int quad,
							      __m128i *x, uint8_t *const *at,
							      size_t off)
{
	const int span = 4 * opens;

	unroll (r, STAGES) {
		if (r * span / STAGES != quad % span)
			continue;
		unroll (i, count)
			stage(c, i, r,
			      i<opens, &x[i], at[i] + off + 16 * (quad / span), count> FUSED_OPENS);
	}
}

static inline __attribute__((always_inline)) void take_chains(struct chains *c, __m128i *x,
							      uint8_t **at,
							      const struct fused_pass *p,
							      const int opens, const int count)
{
	unroll (i, count) {
		const struct ige_lane *lane = i < opens ? p->open[i] : p->seal[i - opens];

		for (int r = 0; r < STAGES; r++)
			c->keys[r][i] = load128(lane->round_keys + 16 * r);
		c->behind[i] = load128(lane->behind);
		at[i] = lane->at;
		x[i] = load128(lane->before);
	}
	in_memory(c);
}

static inline __attribute__((always_inline)) void give_chains(struct chains *c, __m128i *x,
							      const struct fused_pass *p,
							      const int opens, const int count,
							      size_t blocks)
{
	unroll (i, count) {
		struct ige_lane *lane = i < opens ? p->open[i] : p->seal[i - opens];

		store128(lane->before, x[i]);
		store128(lane->behind, c->behind[i]);
		lane->at += 64 * blocks;
		lane->blocks -= 4 * blocks;
	}
	bytes_wipe(c->keys, sizeof(c->keys));
}

static inline __attribute__((always_inline)) void walk(const struct fused_pass *p, const int opens,
						       const int seals, size_t blocks)
{
	struct sha_state sum[2 * FUSED_OPENS];
	const uint8_t *text[FUSED_OPENS];
	uint8_t *at[CHAINS];
	struct chains c;
	__m128i x[CHAINS];

	take_chains(&c, x, at, p, opens, opens + seals);
	unroll (i, 2 * opens)
		sum[i] = sha_state_load(p->hash[i / 2]->state[i % 2]);
	unroll (m, opens)
		text[m] = p->hash[m]->at;
	in_memory(sum); /* the sums are not needed within a block: no register for them */
	for (size_t off = 0; off < 64 * blocks; off += 64) {
		unroll (m, opens) {
			struct sha_state now[2] = {sum[2 * m], sum[2 * m + 1]};
			__m128i w[4];

			sha_words_load(w, text[m] + off);
			unroll (q, QUADS) {
				__m128i kw = sha_first_half(w, q, now, 2);

				quad_stages(&c, opens, opens + seals, m * QUADS + q, x, at, off);
				sha_second_half(w, q, now, 2, kw);
			}
			sha_state_add(&sum[2 * m], &now[0]);
			sha_state_add(&sum[2 * m + 1], &now[1]);
		}
	}
	unroll (i, 2 * opens)
		sha_state_store(p->hash[i / 2]->state[i % 2], sum[i]);
	unroll (m, opens)
		p->hash[m]->at += 64 * blocks;
	give_chains(&c, x, p, opens, opens + seals, blocks);
}

void fused_shani(const struct fused_pass *p, size_t opens, size_t seals, size_t blocks)
{
	switch (4 * opens + seals) {
	case 4:
		walk(p, 1, 0, blocks);
		break;
	case 5:
		walk(p, 1, 1, blocks);
		break;
	case 6:
		walk(p, 1, 2, blocks);
		break;
	case 8:
		walk(p, 2, 0, blocks);
		break;
	case 9:
		walk(p, 2, 1, blocks);
		break;
	default:
		walk(p, 2, 2, blocks);
	}
}
