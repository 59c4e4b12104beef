/*
 * SHA-256 by the SHA instructions: one message, two messages side by side, and one message under
 * two states ("twin": the check of what came down and the msg_key of what goes up). One stream is
 * bound by the latency of sha256rnds2; a second state on the same schedule fits into its gaps.
 *
 * This file must be compiled without AVX: these instructions exist in legacy encoding only, and a
 * dirty upper half of a ymm register costs hundreds of cycles at each switch.
 */
#include "proto/crypto/kernels_priv.h"
#include "proto/crypto/sha_rounds_priv.h"

/* messages streams of states states each; state number m * states + s. All three are constants. */
static inline __attribute__((always_inline)) void walk(uint32_t (*state)[8],
						       const uint8_t *const *data,
						       const int messages, const int states,
						       size_t blocks)
{
	struct sha_state now[4];

	unroll (i, messages * states)
		now[i] = sha_state_load(state[i]);
	for (size_t off = 0; off < 64 * blocks; off += 64) {
		struct sha_state was[4];
		__m128i w[2][4];

		unroll (i, messages * states)
			was[i] = now[i];
		unroll (m, messages)
			sha_words_load(w[m], data[m] + off);
		unroll (q, 16)
			unroll (m, messages) {
				__m128i kw = sha_first_half(w[m], q, now + m * states, states);

				sha_second_half(w[m], q, now + m * states, states, kw);
			}
		unroll (i, messages * states)
			sha_state_add(&now[i], &was[i]);
	}
	unroll (i, messages * states)
		sha_state_store(state[i], now[i]);
}

void sha256_shani(uint32_t state[8], const uint8_t *data, size_t blocks)
{
	walk((uint32_t(*)[8])(void *)state, &data, 1, 1, blocks);
}

void sha256_shani_pair(uint32_t state[2][8], const uint8_t *const data[2], size_t blocks)
{
	walk(state, data, 2, 1, blocks);
}

void sha256_shani_twin(uint32_t state[2][8], const uint8_t *data, size_t blocks)
{
	walk(state, &data, 1, 2, blocks);
}
