/*
 * Connecting when it is hard (reliability.md 4.1, N1, N2, N19, N20, N22): which address, when, how
 * often. In virtual time, so that the seconds are exact and a day is short.
 */
#include "tests/sim/virtual.h"

#include "proto/api/ask.h"
#include "tests/sim/rng.h"

#include <malloc.h>
#include <string.h>

static const uint64_t MS = 1000000, SECOND = 1000000000;

enum { CONNECTS_MAX = 5 };
#define CONNECTS_WINDOW (10 * SECOND)
/* An attempt is noted up to some microseconds after it was made. */
#define NOTED_WINDOW (CONNECTS_WINDOW - MS)

/* One that knows these addresses; what the other one connected to is not counted any more. */
static void another_net(struct sim *s)
{
	virtual_wait(s, CONNECTS_WINDOW);
	sim_reopen_net(s);
}

/* ---- N1, N2 ---- */

/* Rows: N2 */
Test(network, swallowed_syn_goes_to_the_next_address_after_five_seconds)
{
	const struct virtual_connect *c;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 1);
	uint64_t took;
	uint32_t before;

	virtual_add_address(v, &s, 2, "127.0.0.2");
	another_net(&s);
	virtual_route(v, "127.0.0.1", 0, VIRTUAL_SWALLOWED);
	before = virtual_connects(v, &c);
	took = virtual_ask(&s, 0);
	cr_assert_eq(virtual_connects(v, &c), before + 2);
	cr_assert_eq(c[before].host, 1);
	cr_assert_eq(c[before + 1].host, 2);
	cr_assert_geq(took, 5 * SECOND);
	cr_assert_leq(took, 6 * SECOND, "%.3f s", (double)took / 1e9);
	cr_assert_eq((c[before + 1].at_ns - c[before].at_ns) / (100 * MS), 50);
	virtual_close(&v, &s);
}

static void refused_then_open(enum virtual_route how)
{
	const struct virtual_connect *c;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 3}, 2);
	uint32_t before, count, ticket, first = 0;
	uint64_t longest = 0, took;

	virtual_add_address(v, &s, 2, "127.0.0.2");
	another_net(&s);
	virtual_route(v, NULL, VIRTUAL_HOME_PORT, how);
	before = virtual_connects(v, &c);
	ticket = virtual_ask_later(&s, 0, NET_MAIN);
	virtual_wait(&s, 120 * SECOND);
	count = virtual_connects(v, &c) - before;
	for (uint32_t i = before; i < before + count; i++) {
		first += c[i].host == 1;
		if (i > before && c[i].at_ns - c[i - 1].at_ns > longest)
			longest = c[i].at_ns - c[i - 1].at_ns;
	}
	cr_assert_geq(first, count / 2 - 1, "the addresses take turns: %u of %u", first, count);
	cr_assert_leq(first, count / 2 + 1);
	/* 0.2, 0.4 .. 16 s, each by up to a quarter more or less. */
	cr_assert_geq(longest, 12 * SECOND);
	cr_assert_leq(longest, 20 * SECOND + 10 * MS);
	cr_assert_geq(count, 14);
	cr_assert_leq(count, 40, "%u connects in two minutes", count);
	cr_assert_leq(virtual_most_connects(v, VIRTUAL_HOME_PORT, NOTED_WINDOW),
		      (uint32_t)CONNECTS_MAX);
	virtual_route(v, NULL, VIRTUAL_HOME_PORT, VIRTUAL_OPEN);
	took = virtual_await(&s, ticket, ring_now(s.ring));
	cr_assert_leq(took, 21 * SECOND, "%.3f s", (double)took / 1e9);
	virtual_close(&v, &s);
}

/* Rows: N1 */
Test(network, refused_takes_turns_and_backs_off)
{
	refused_then_open(VIRTUAL_REFUSED);
}

/* Rows: N1 */
Test(network, unreachable_takes_turns_and_backs_off)
{
	refused_then_open(VIRTUAL_UNREACHABLE);
}

/* The network changes its mind all the time: whatever it does, the limit holds. */
static void weather(uint64_t seed)
{
	struct rng r;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 3}, seed);
	uint32_t ticket;

	rng_init(&r, seed);
	virtual_add_address(v, &s, 2, "127.0.0.2");
	another_net(&s);
	for (int i = 0; i < 40; i++) {
		static const char *const hosts[] = {"127.0.0.1", "127.0.0.2"};

		for (int h = 0; h < 2; h++)
			virtual_route(v, hosts[h], VIRTUAL_HOME_PORT,
				      (enum virtual_route)rng_below(&r, 4));
		if (rng_below(&r, 2) == 0)
			virtual_reset(v, 0);
		if (net_room(s.net, 0, NET_DOWN) > 0)
			virtual_ask_later(&s, 0, (enum net_lane)(i % 3));
		for (uint64_t until = ring_now(s.ring) + rng_below(&r, 8 * SECOND);
		     ring_now(s.ring) < until;) {
			while (net_next(s.net, &s.ev))
				cr_assert_neq(s.ev.kind, NET_DEAD);
			cr_assert_eq(net_turn(s.net, until), 0);
		}
	}
	cr_assert_leq(virtual_most_connects(v, VIRTUAL_HOME_PORT, NOTED_WINDOW),
		      (uint32_t)CONNECTS_MAX, "seed %llu", (unsigned long long)seed);
	virtual_route(v, "127.0.0.1", VIRTUAL_HOME_PORT, VIRTUAL_OPEN);
	virtual_route(v, "127.0.0.2", VIRTUAL_HOME_PORT, VIRTUAL_OPEN);
	ticket = virtual_ask_later(&s, 0, NET_MAIN);
	cr_assert_leq(virtual_await(&s, ticket, ring_now(s.ring)), 40 * SECOND);
	virtual_close(&v, &s);
}

/* Rows: N1 N2 */
Test(network, never_more_than_five_connects_in_ten_seconds)
{
	for (uint64_t seed = 1; seed <= 4; seed++)
		weather(seed);
}

/* Rows: N2 */
Test(network, other_data_centres_go_on)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 2}, 3);
	uint64_t took;
	uint32_t ticket;

	virtual_route(v, NULL, VIRTUAL_FILE_PORT, VIRTUAL_SWALLOWED);
	ticket = virtual_ask_later(&s, 4, NET_DOWN);
	for (int i = 0; i < 30; i++) {
		took = virtual_ask(&s, 0);
		cr_assert_leq(took, SECOND, "%.3f s", (double)took / 1e9);
		virtual_wait(&s, SECOND);
	}
	virtual_route(v, NULL, VIRTUAL_FILE_PORT, VIRTUAL_OPEN);
	cr_assert_leq(virtual_await(&s, ticket, ring_now(s.ring)), 25 * SECOND);
	virtual_close(&v, &s);
}

/* ---- N19, N20 ---- */

static uint32_t tried_since(struct virtual *v, uint64_t since)
{
	const struct virtual_connect *c;
	uint32_t all = virtual_connects(v, &c), count = 0;

	for (uint32_t i = 0; i < all; i++)
		count += c[i].port == VIRTUAL_FILE_PORT && c[i].at_ns >= since;
	return count;
}

/* Rows: N19 */
Test(network, one_data_centre_away_for_five_minutes)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 2}, 4);
	uint32_t ticket;
	uint64_t took;

	virtual_await(&s, virtual_ask_later(&s, 4, NET_DOWN), 0);
	virtual_route(v, NULL, VIRTUAL_FILE_PORT, VIRTUAL_REFUSED);
	virtual_reset(v, VIRTUAL_FILE_PORT);
	ticket = virtual_ask_later(&s, 4, NET_DOWN);
	for (int i = 0; i < 30; i++) {
		cr_assert_leq(virtual_ask(&s, 0), SECOND, "the other one waits too");
		virtual_wait(&s, 10 * SECOND);
	}
	cr_assert_not_null(strstr(s.state_text, "DC 4"), "%s", s.state_text);
	cr_assert_not_null(strstr(s.state_text, "refused"), "%s", s.state_text);
	cr_assert_leq(virtual_most_connects(v, VIRTUAL_FILE_PORT, 60 * SECOND), 20);
	cr_assert_geq(tried_since(v, ring_now(s.ring) - 100 * SECOND), 4, "it is not given up");
	virtual_route(v, NULL, VIRTUAL_FILE_PORT, VIRTUAL_OPEN);
	took = virtual_await(&s, ticket, ring_now(s.ring));
	cr_assert_leq(took, 21 * SECOND, "%.3f s", (double)took / 1e9);
	virtual_close(&v, &s);
}

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t allocated(void)
{
	if (__sanitizer_get_current_allocated_bytes != NULL)
		return __sanitizer_get_current_allocated_bytes();
	return mallinfo2().uordblks;
}

/* Rows: N20 */
Test(network, all_away_for_a_day)
{
	const struct virtual_connect *c;
	struct net_stats stats;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 2}, 5);
	uint32_t ticket, connects;
	uint64_t took;
	size_t memory;

	virtual_route(v, NULL, 0, VIRTUAL_REFUSED);
	virtual_reset(v, 0);
	ticket = virtual_ask_later(&s, 0, NET_MAIN);
	virtual_wait(&s, 3600 * SECOND);
	memory = allocated();
	connects = virtual_connects(v, &c);
	virtual_wait(&s, 23 * 3600 * SECOND);
	connects = virtual_connects(v, &c) - connects;
	cr_assert_leq(allocated(), memory + 64 * 1024, "memory grows while nothing happens");
	cr_assert_leq(connects, 23 * 60 * 5, "%u connects", connects);
	cr_assert_leq(virtual_most_connects(v, VIRTUAL_HOME_PORT, 60 * SECOND), 20);
	cr_assert_not_null(strstr(s.state_text, "refused"), "%s", s.state_text);
	net_stats(s.net, &stats);
	cr_assert_eq(stats.links_ready, 0, "what --max-offline goes by");
	virtual_route(v, NULL, 0, VIRTUAL_OPEN);
	took = virtual_await(&s, ticket, ring_now(s.ring));
	cr_assert_leq(took, 21 * SECOND, "%.3f s", (double)took / 1e9);
	virtual_close(&v, &s);
}

/* ---- N21, N22 ---- */

static void one_family_is_dead(const char *dead, bool works_ipv6, enum virtual_route how)
{
	const struct virtual_connect *c;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 3}, 6);
	uint32_t before, count;
	uint64_t took;

	for (uint16_t dc = 2; dc <= 4; dc += 2) {
		virtual_add_address(v, &s, dc, "::1");
		virtual_add_address(v, &s, dc, "127.0.0.2");
		virtual_add_address(v, &s, dc, "::2");
	}
	another_net(&s);
	virtual_route(v, dead, 0, how);
	before = virtual_connects(v, &c);
	took = virtual_ask(&s, 0);
	cr_assert_leq(took, SECOND, "%.3f s", (double)took / 1e9);
	count = virtual_connects(v, &c) - before;
	cr_assert_leq(count, 2, "%u connects", count);
	cr_assert_eq(c[before + count - 1].ipv6, works_ipv6);
	/* From then on, and at another data centre, no key is used from both. */
	for (int i = 0; i < 4; i++)
		virtual_ask_later(&s, i < 2 ? 0 : 4, i % 2 == 0 ? NET_DOWN : NET_UP);
	for (uint32_t left = 4; left > 0; left--) {
		struct net_event *ev = sim_event(&s);

		cr_assert_not_null(ev);
		cr_assert_eq(ev->kind, NET_RESULT);
	}
	virtual_reset(v, 0);
	virtual_ask(&s, 0);
	count = virtual_connects(v, &c);
	for (uint32_t i = before + 1; i < count; i++)
		if (c[i].at_ns > c[before].at_ns + 300 * MS)
			cr_assert_eq(c[i].ipv6, works_ipv6, "connect %u of %u", i - before,
				     count - before);
	virtual_close(&v, &s);
}

/* Rows: N22 */
Test(network, black_hole_of_ipv6)
{
	one_family_is_dead("::", false, VIRTUAL_SWALLOWED);
}

/* Rows: N22 */
Test(network, black_hole_of_ipv4)
{
	one_family_is_dead(NULL, true, VIRTUAL_SWALLOWED);
}

/* Rows: N21 */
Test(network, no_way_of_ipv4)
{
	one_family_is_dead(NULL, true, VIRTUAL_UNREACHABLE);
}

/* ---- N23 ---- */

/*
 * A machine with two ways out has not moved because one connection took the other way: they stand
 * beside each other.
 */
/* Rows: N23 */
Test(network, two_addresses_by_turns)
{
	const struct virtual_connect *c;
	uint32_t before, count, tickets[6];
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 3}, 8);

	virtual_two_ways(v);
	another_net(&s);
	virtual_tell(v, "fault delay:method=help.getNearestDc,ms=90000");
	before = virtual_connects(v, &c);
	for (int i = 0; i < 6; i++)
		tickets[i] = virtual_ask_later(&s, i < 3 ? 0 : 4, NET_DOWN);
	for (int i = 0; i < 8; i++) {
		virtual_wait(&s, 10 * SECOND);
		virtual_ask(&s, 0);
	}
	virtual_await(&s, tickets[5], 0);
	count = virtual_connects(v, &c) - before;
	cr_assert_leq(count, 16, "%u connects", count);
	virtual_close(&v, &s);
}

/* A connect that takes longer than the other family is waited for is not given up for good. */
Test(network, a_slow_network_is_no_black_hole)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 7);
	uint64_t took;

	virtual_add_address(v, &s, 2, "::1");
	another_net(&s);
	virtual_delay(v, 400 * MS, 500 * MS);
	took = virtual_ask(&s, 0);
	cr_assert_leq(took, 6 * SECOND, "%.3f s", (double)took / 1e9);
	virtual_close(&v, &s);
}
