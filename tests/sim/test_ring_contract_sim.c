/*
 * The conformance suite of tests/ring, word for word, over the simulated body: on a network without
 * delay, and on slow ones where completions come late and in any order.
 */
#define each_body each_real_body
#define body_open real_body_open
#include "tests/ring/bodies.h"
#undef each_body
#undef body_open

#include "tests/sim/ring_sim.h"

enum { SEEDS = 10 };

/* There are no features to forbid. */
static inline bool body_open(struct body *b, bool poll, uint32_t forbid, uint32_t entries)
{
	return false;
}

static void one_world(void (*test)(struct body *), uint32_t entries, uint64_t seed)
{
	struct sim_options o = {.seed = seed, .poison = false};
	struct sim_host host = {
	    .name = "both", .entries = entries, .waits = true, .zerocopy = seed % 2 == 1};
	struct body b = {0};
	struct simworld *w;

	sim_net_init(&o.net);
	if (seed == 0) {
		o.net.delay_min_ns = o.net.delay_max_ns = 0;
	} else {
		o.net.delay_max_ns = UINT64_C(1000000) << seed;
		o.net.rate[SIM_LATE] = 500000;
		o.net.rate[SIM_STALL] = 100000;
	}
	w = simworld_open(&o);
	cr_assert_eq(ring_open_sim(&b.ring, w, &host), 0);
	test(&b);
	ring_close(b.ring);
	simworld_close(&w);
}

static void each_body(void (*test)(struct body *), uint32_t entries)
{
	for (uint64_t seed = 0; seed < SEEDS; seed++)
		one_world(test, entries, seed);
}

#include "tests/ring/test_ring.c"
