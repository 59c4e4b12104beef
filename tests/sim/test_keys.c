/*
 * A whole clone under temporary keys (reliability.md S31), told step by step: the server forgets
 * them, calls them empty or lets them end early, and the program dies again and again. The target
 * must be the source, message by message.
 */
#include "tests/sim/story.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t MS = 1000000, SECOND = 1000000000;

#define WORLD "messages=40,photos=4,docs=2x300KB,albums=1,topics=0,seed=7"

static void begin(struct story *t, uint64_t seed, enum plan_mode mode)
{
	struct sim_net net;

	*t = (struct story){.s = {.seed = seed, .pfs = true}};
	sim_net_init(&net);
	net.delay_min_ns = net.delay_max_ns = 20 * MS;
	story_begin(t, mode, WORLD, &net);
}

static uint64_t bindings(const struct story *t)
{
	struct net_stats stats;

	net_stats(t->client.net, &stats);
	return stats.bindings;
}

/* How many permanent keys the servers know: one a data centre, whatever became of the others. */
static uint32_t permanent_keys(struct story *t)
{
	const char *at = telegram_control(t->telegram, "stats");
	uint32_t count = 0;

	while ((at = strstr(at, "\"temporary\":false")) != NULL) {
		count++;
		at++;
	}
	return count;
}

static void clone_although(const char *fault, enum plan_mode mode, uint64_t more)
{
	struct story t;

	begin(&t, 1, mode);
	telegram_fault(t.telegram, fault);
	story_finish(&t);
	cr_assert_str_empty(t.client.why, "%s", t.client.why);
	cr_assert_geq(bindings(&t), more, "%s: %llu", fault, (unsigned long long)bindings(&t));
	cr_assert_leq(permanent_keys(&t), WHOLE_DCS);
}

/* Rows: S31 */
Test(keys, empty_again_and_again)
{
	clone_although("unbind:every=20", PLAN_STREAM, 6);
	clone_although("unbind:method=messages.send*,every=3", PLAN_COPY, 6);
}

/* Rows: S31 */
Test(keys, forgotten_again_and_again)
{
	clone_although("tempgone:every=25", PLAN_STREAM, 6);
	clone_although("tempgone:method=messages.forwardMessages,every=2", PLAN_FORWARD, 2);
}

/* Posts are paced: the clone takes longer than the keys live. */
/* Rows: S31 */
Test(keys, expired_while_it_runs)
{
	struct story t;

	begin(&t, 2, PLAN_STREAM);
	telegram_fault(t.telegram, "templife:s=1");
	/* Never is one old enough to be renewed in time: each ends by the server's word. */
	for (int i = 0; i < 3; i++)
		story_go_for(&t, SECOND);
	telegram_control(t.telegram, "unfault all");
	story_finish(&t);
	cr_assert_geq(bindings(&t), 4);
	cr_assert_leq(permanent_keys(&t), WHOLE_DCS);
}

/* ---- deaths ---- */

/* Its keys were in its memory only. */
static void die(struct story *t)
{
	story_die(t);
	cr_assert(client_start(&t->client));
}

static void lives(uint64_t seed)
{
	static const enum plan_mode modes[] = {PLAN_STREAM, PLAN_COPY, PLAN_FORWARD};
	struct story t;

	begin(&t, seed, modes[seed % 3]);
	telegram_fault(t.telegram, seed % 2 == 0 ? "unbind:every=30" : "tempgone:every=30");
	for (uint64_t i = 0; i < 4; i++) {
		uint64_t until = simworld_now(t.world) + 100 * MS + (seed * 37 + i * 271) % 900 * MS;

		while (simworld_now(t.world) < until && story_go(&t))
			;
		if (t.client.status != CLONE_RUNNING)
			break;
		die(&t);
		cr_assert_eq(bindings(&t), 0, "a key outlived the process");
	}
	story_finish(&t);
	cr_assert_leq(permanent_keys(&t), WHOLE_DCS);
}

/* Rows: S31 */
Test(keys, deaths_between)
{
	for (uint64_t seed = 1; seed <= 12; seed++)
		lives(seed);
}
