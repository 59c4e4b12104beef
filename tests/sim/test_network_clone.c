/*
 * A whole clone on a network that cuts, sleeps and goes away (reliability.md 4.1, N18-N20, N24):
 * the target must be the source, message by message. COUNT=10000 cuts so often after a send was
 * done.
 */
#include "tests/sim/story.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t MS = 1000000, SECOND = 1000000000;

/* ---- N18 ---- */

static uint64_t cuts_of_a_clone(uint64_t seed, bool remembers)
{
	static const enum plan_mode modes[] = {PLAN_COPY, PLAN_FORWARD, PLAN_STREAM};
	struct story j = {0};

	snprintf(j.s.faults[0], sizeof(j.s.faults[0]), "%s:method=messages.%s,every=%d",
		 seed % 2 == 0 ? "drop" : "reset",
		 seed % 3 == 1 ? "forwardMessages" : "send*", 2 + (int)(seed / 3 % 2));
	/* Without its session's memory the server does not send the answer again either. */
	snprintf(j.s.faults[1], sizeof(j.s.faults[1]), "forget:method=messages.*,every=3");
	j.s.fault_count = remembers ? 1 : 2;
	j.s.knobs[0] = "random-id-forget=1";
	j.s.knob_count = remembers ? 0 : 1;
	j.s.seed = seed;
	story_begin(&j, modes[seed % 3],
		    "messages=40,photos=4,docs=1x100KB,albums=1,topics=0,seed=7", NULL);
	story_finish(&j);
	return telegram_fired(j.telegram, 0);
}

static void cut_after_sends(bool remembers)
{
	const char *count = getenv("COUNT");
	uint64_t wanted = count != NULL ? strtoull(count, NULL, 10) : 40, cuts = 0, seed = 1;

	for (; cuts < wanted; seed++)
		cuts += cuts_of_a_clone(seed, remembers);
	if (count != NULL)
		fprintf(stderr, "%llu cuts in %llu clones\n", (unsigned long long)cuts,
			(unsigned long long)seed - 1);
}

/* Rows: N18 */
Test(network_clone, cut_after_the_server_ran_a_send, .timeout = 3600)
{
	cut_after_sends(true);
}

/* A server that forgets random_ids: what the program does by itself is all there is. */
/* Rows: N18 */
Test(network_clone, cut_after_a_send_that_is_not_remembered, .timeout = 3600)
{
	cut_after_sends(false);
}

static void set_delay(struct story *j, uint64_t least_ns, uint64_t most_ns)
{
	simworld_net(j->world)->delay_min_ns = least_ns;
	simworld_net(j->world)->delay_max_ns = most_ns;
}

/*
 * What is under way on a connection that was given up may still arrive: that the server did not have
 * it a moment ago means nothing.
 */
/* Rows: N18 */
Test(network_clone, a_send_that_arrives_after_its_connection, .timeout = 600)
{
	for (uint64_t seed = 1; seed <= 100; seed++) {
		struct story j = {.s = {.seed = seed, .knobs = {"random-id-forget=1"}, .knob_count = 1}};

		story_begin(&j, PLAN_COPY, "messages=150,photos=2,albums=1,topics=0,seed=7", NULL);
		story_go_for(&j, 20 * MS + seed * 3 * MS);
		set_delay(&j, 17500 * MS, 18500 * MS);
		story_go_for(&j, 4 * MS);
		set_delay(&j, MS, 5 * MS);
		story_finish(&j);
	}
}

/* ---- N19, N20, N24 ---- */

static struct sockaddr_in port_of(struct story *j, uint32_t dc)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	uint16_t port = 0;

	if (dc < WHOLE_DCS)
		telegram_dc(j->telegram, dc, &port);
	a.sin_port = htons(port);
	return a;
}

static void route(struct story *j, uint32_t dc, enum sim_route how)
{
	struct sockaddr_in a = port_of(j, dc);

	simworld_route(j->world, (struct sockaddr *)&a, how);
	if (how != SIM_OPEN)
		simworld_vanish(j->world, (struct sockaddr *)&a);
}

#define MIXED "messages=30,photos=6,docs=2x1MB,albums=1,topics=0,seed=9"

/* Rows: N19 */
Test(network_clone, the_files_data_centre_away_for_five_minutes)
{
	struct story j = {.s.seed = 31};

	story_begin(&j, PLAN_STREAM, MIXED, NULL);
	story_go_for(&j, 40 * MS);
	route(&j, 1, SIM_SWALLOWED);
	story_go_for(&j, 300 * SECOND);
	route(&j, 1, SIM_OPEN);
	cr_assert_leq(story_finish(&j), 120 * SECOND);
}

/* Rows: N20 */
Test(network_clone, all_away_for_an_hour)
{
	struct story j = {.s.seed = 32};

	story_begin(&j, PLAN_STREAM, MIXED, NULL);
	story_go_for(&j, 300 * MS);
	route(&j, WHOLE_DCS, SIM_REFUSED);
	story_go_for(&j, 3600 * SECOND);
	route(&j, WHOLE_DCS, SIM_OPEN);
	cr_assert_leq(story_finish(&j), 120 * SECOND);
}

/* Rows: N24 */
Test(network_clone, asleep_for_eight_hours_in_the_middle)
{
	for (uint64_t seed = 41; seed < 47; seed++) {
		struct story j = {0};
		uint64_t took;

		j.s.seed = seed;
		story_begin(&j, PLAN_STREAM, MIXED, NULL);
		story_go_for(&j, (seed - 40) * 60 * MS);
		simhost_suspend(j.client.ring, 8 * 3600 * SECOND);
		simhost_vanish(j.client.ring);
		/*
		 * What slept knows that its connections are gone. Only a question whose answer was
		 * under way, and is kept by nobody, is waited for: 60 s of a file session (S10).
		 */
		took = story_finish(&j) - 8 * 3600 * SECOND;
		cr_assert_leq(took, 65 * SECOND, "seed %llu: %.3f s", (unsigned long long)seed,
			      (double)took / 1e9);
	}
}
