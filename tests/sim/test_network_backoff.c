/*
 * The pauses between attempts to connect (reliability.md 4.1, N1): 0.2 * 2^k s up to 16 s, each with a
 * jitter of its own, so that many clients do not come back together. In virtual time.
 */
#include "tests/sim/virtual.h"

#include "engine/link/limits.h"

enum { ROUNDS = 12, WORLDS = 6, FIRST_LONG = 5, DIFFERS_PERCENT = 2 };

/* A refusal takes a round trip, and an attempt is noted a little after it was made. */
#define SLACK (11 * MS)

/* Of k, before its jitter. */
static uint64_t usual(uint32_t k)
{
	uint64_t wait = BACKOFF_FIRST << k;

	return wait < BACKOFF_LAST ? wait : BACKOFF_LAST;
}

/* The pause behind each of the first attempts, of a client whose server refuses them all. */
static void pauses(uint64_t seed, uint64_t out[ROUNDS])
{
	const struct virtual_connect *c;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, seed);
	uint32_t before;

	virtual_wait(&s, CONNECTS_WINDOW);
	sim_reopen_net(&s);
	virtual_route(v, NULL, VIRTUAL_HOME_PORT, VIRTUAL_REFUSED);
	before = virtual_connects(v, &c);
	virtual_ask_later(&s, 0, NET_MAIN);
	virtual_wait(&s, 200 * SECOND);
	cr_assert_gt(virtual_connects(v, &c), before + ROUNDS);
	for (uint32_t k = 0; k < ROUNDS; k++) {
		const struct virtual_connect *at = &c[before + k];

		out[k] = at[1].at_ns - at->at_ns;
		/* Five in ten seconds are all that it may: that pause was longer for another reason. */
		if (k >= CONNECTS_MAX - 1 && at[1].at_ns - at[1 - CONNECTS_MAX].at_ns <
						 CONNECTS_WINDOW + SLACK)
			out[k] = 0;
	}
	virtual_close(&v, &s);
}

static void judge_one(const uint64_t all[ROUNDS])
{
	uint32_t limited = 0;

	for (uint32_t k = 0; k < ROUNDS; k++) {
		limited += all[k] == 0;
		if (all[k] == 0)
			continue;
		cr_expect_geq(all[k], usual(k) * 3 / 4, "%u: %.3f s", k, (double)all[k] / 1e9);
		cr_expect_leq(all[k], usual(k) * 5 / 4 + SLACK, "%u: %.3f s", k,
			      (double)all[k] / 1e9);
		cr_expect_leq(all[k], 16 * SECOND + SLACK, "%u: %.3f s", k, (double)all[k] / 1e9);
	}
	cr_expect_leq(limited, 1);
}

/* Whether they are different in more than the time that a refusal takes. */
static bool differ(uint64_t a, uint64_t b, uint32_t k)
{
	return (a > b ? a - b : b - a) > usual(k) * DIFFERS_PERCENT / 100;
}

/* Rows: N1 */
Test(network_backoff, each_pause_has_a_jitter_of_its_own)
{
	uint64_t all[WORLDS][ROUNDS];

	for (uint32_t w = 0; w < WORLDS; w++) {
		uint32_t unlike = 0;

		pauses(80 + w, all[w]);
		judge_one(all[w]);
		for (uint32_t k = FIRST_LONG; w > 0 && k < ROUNDS; k++)
			unlike += differ(all[w][k], all[w - 1][k], k);
		cr_expect(w == 0 || unlike >= (ROUNDS - FIRST_LONG) / 2,
			  "%u of %u pauses unlike those of another client", unlike,
			  ROUNDS - FIRST_LONG);
		unlike = 0;
		for (uint32_t k = 8; k < ROUNDS; k++) /* the longest of one client */
			unlike += differ(all[w][k], all[w][k - 1], k);
		cr_expect_geq(unlike, 2);
	}
}
