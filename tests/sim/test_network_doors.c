/*
 * What a front door says, or lets through, that no server behind it meant (reliability.md S33, H11),
 * and which of two families of addresses the others join (N22). In virtual time.
 */
#include "tests/sim/virtual.h"

#include "engine/link/net_priv.h"
#include "proto/api/ask.h"

#include <string.h>

static uint64_t reconnects(struct sim *s)
{
	struct net_stats stats;

	net_stats(s->net, &stats);
	return stats.reconnects;
}

/* ---- S33 ---- */

/* The gap is a back-off of so many seconds, give or take a quarter, and what a connection takes. */
static void is_backoff(uint64_t gap, uint64_t seconds, uint32_t number)
{
	cr_assert_geq(gap, seconds * SECOND * 3 / 4, "gap %u: %.3f s", number, (double)gap / 1e9);
	cr_assert_leq(gap, seconds * SECOND * 5 / 4 + SECOND / 10, "gap %u: %.3f s", number,
		      (double)gap / 1e9);
}

/* Rows: S33 */
Test(network_doors, a_code_that_nobody_described_backs_off_from_one_second_on)
{
	const struct virtual_connect *c;
	uint32_t before, count, ticket;
	uint64_t last;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 71);

	virtual_ask(&s, 0);
	virtual_tell(v, "fault transport:dc=2,code=-500");
	before = virtual_connects(v, &c);
	last = ring_now(s.ring);
	ticket = virtual_ask_later(&s, 0, NET_MAIN);
	virtual_wait(&s, 400 * SECOND);
	count = virtual_connects(v, &c) - before;
	cr_assert_geq(count, 9, "%u connects", count);
	for (uint32_t i = 0; i < count; i++) {
		is_backoff(c[before + i].at_ns - last, i < 6 ? UINT64_C(1) << i : 64, i);
		last = c[before + i].at_ns;
	}
	cr_assert_not_null(strstr(s.state_text, "-500"), "%s", s.state_text);
	virtual_tell(v, "unfault all");
	cr_assert_leq(virtual_await(&s, ticket, ring_now(s.ring)), 81 * SECOND);
	/* After a quiet time it begins anew. */
	virtual_wait(&s, 200 * SECOND);
	virtual_tell(v, "fault transport:dc=2,code=-500,count=1");
	before = virtual_connects(v, &c);
	last = ring_now(s.ring);
	virtual_ask(&s, 0);
	cr_assert_eq(virtual_connects(v, &c), before + 1);
	is_backoff(c[before].at_ns - last, 1, 0);
	virtual_close(&v, &s);
}

/* Rows: S33 */
Test(network_doors, not_of_this_data_centre_is_no_address_to_come_back_to)
{
	const struct virtual_connect *c;
	uint32_t before;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 72);

	virtual_add_address(v, &s, 2, "127.0.0.2");
	virtual_ask(&s, 0);
	virtual_wait(&s, 20 * SECOND);
	virtual_tell(v, "fault transport:dc=2,code=-444,count=1");
	before = virtual_connects(v, &c);
	cr_assert_eq(c[before - 1].host, 1);
	cr_assert_leq(virtual_ask(&s, 0), 5 * SECOND);
	cr_assert_eq(virtual_connects(v, &c), before + 1);
	cr_assert_eq(c[before].host, 2, "the same address again");
	virtual_close(&v, &s);
}

/* ---- H11 ---- */

/* In clear text anybody can have said it: nothing of it is believed, and the connection ends. */
static void is_not_heard(struct sim *s, struct virtual *v)
{
	uint64_t before = reconnects(s);
	uint32_t updates = s->updates;

	virtual_tell(v, "fault plain:dc=2,count=1");
	cr_assert_leq(virtual_ask(s, 0), 30 * SECOND);
	cr_assert_eq(sim_stat(s, "faults/fired/plain"), 1);
	cr_assert_eq(s->updates, updates, "what was not sealed was taken for an update");
	cr_assert_eq(reconnects(s), before + 1, "%u closed",
		     (unsigned)(reconnects(s) - before));
	virtual_tell(v, "unfault all");
}

/* Rows: H11 */
Test(network_doors, clear_text_on_a_connection_with_a_key)
{
	for (int pfs = 0; pfs < 2; pfs++) {
		struct sim s;
		struct virtual *v =
		    virtual_open(&s, &(struct sim_options){.links = 1, .pfs = pfs == 1}, 73);

		virtual_ask(&s, 0);
		is_not_heard(&s, v);
		virtual_close(&v, &s);
	}
}

/* The exchange of the next key beside the session is in clear text; what comes behind it is not of it. */
/* Rows: H11 */
Test(network_doors, clear_text_after_a_key_was_made_beside_the_session)
{
	struct net_stats first, stats;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1, .pfs = true}, 74);
	uint64_t until;

	virtual_ask(&s, 0);
	net_stats(s.net, &first);
	until = ring_now(s.ring) + 26 * 3600 * SECOND;
	do {
		virtual_wait(&s, 60 * SECOND);
		net_stats(s.net, &stats);
	} while (stats.bindings == first.bindings && ring_now(s.ring) < until);
	cr_assert_gt(stats.bindings, first.bindings);
	cr_assert_eq(stats.reconnects, first.reconnects, "it was made by another connection");
	is_not_heard(&s, v);
	virtual_close(&v, &s);
}

/* An exchange that was given up is still answered, too late: that is no reason to end the session. */
Test(network_doors, late_answers_of_an_exchange_that_was_given_up)
{
	struct net_stats first, stats;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1, .pfs = true}, 76);
	struct centre *home = net_home(s.net);
	const struct temporary *t = home->lanes[NET_MAIN].links[0].temp;

	virtual_ask(&s, 0);
	net_stats(s.net, &first);
	virtual_wait(&s, t->use.renew_ns - ring_now(s.ring) - SECOND);
	virtual_tell(v, "fault latency:dc=2,ms=15000");
	for (int i = 0; home->handshaker == NULL && i < 3000; i++)
		virtual_wait(&s, MS);
	cr_assert_not_null(home->handshaker);
	virtual_wait(&s, SECOND); /* its answer is on its way, and takes its time */
	virtual_tell(v, "unfault all");
	virtual_wait(&s, HANDSHAKE_WAIT);
	cr_assert_null(home->handshaker, "it is not given up");
	cr_assert_eq(t->owed, 1);
	virtual_wait(&s, 10 * SECOND);
	cr_assert_eq(t->owed, 0, "the answer never came");
	virtual_wait(&s, 120 * SECOND);
	net_stats(s.net, &stats);
	cr_assert_eq(stats.reconnects, first.reconnects);
	cr_assert_eq(stats.bindings, first.bindings + 1, "no other exchange took its place");
	virtual_close(&v, &s);
}

/* Until so many answers are here; how many frames were broken. None of them is counted as a portal's. */
static uint32_t broken_until(struct sim *s, uint32_t answers)
{
	uint32_t count = 0;

	while (answers > 0) {
		if (!net_next(s->net, &s->ev)) {
			cr_assert_eq(net_turn(s->net, UINT64_MAX), 0);
			continue;
		}
		answers -= s->ev.kind == NET_RESULT;
		if (s->ev.kind != NET_STATE || strstr(s->ev.text, "broken frame") == NULL)
			continue;
		cr_assert_eq(centre_find(s->net, 4)->not_mtproto, 0);
		count++;
	}
	return count;
}

/* What is too large ends a file session's connection; it came from the server, and so it is no portal. */
/* Rows: H25 */
Test(network_doors, too_large_for_a_file_session)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 77);

	virtual_ask_later(&s, 4, NET_DOWN);
	cr_assert_eq(broken_until(&s, 1), 0);
	virtual_tell(v, "fault update:dc=4,kib=1024,count=1");
	virtual_ask_later(&s, 4, NET_DOWN);
	virtual_ask_later(&s, 4, NET_DOWN);
	cr_assert_gt(broken_until(&s, 2), 0);
	virtual_close(&v, &s);
}

/* ---- N22 ---- */

static uint32_t of_ipv6(const struct virtual *v, uint32_t from)
{
	const struct virtual_connect *c;
	uint32_t all = virtual_connects(v, &c), count = 0;

	for (uint32_t i = from; i < all; i++)
		count += c[i].ipv6;
	return count;
}

/*
 * That one connect fails says nothing about the family that others of the same key stand on. When
 * all of it is gone the other one takes over, as a whole.
 */
/* Rows: N22 */
Test(network_doors, no_key_is_used_from_both_families)
{
	const struct virtual_connect *c;
	uint32_t before, ticket;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 2}, 75);

	virtual_add_address(v, &s, 2, "::1");
	virtual_ask(&s, 0);
	before = virtual_connects(v, &c);
	virtual_route(v, "127.0.0.1", VIRTUAL_HOME_PORT, VIRTUAL_REFUSED);
	ticket = virtual_ask_later(&s, 0, NET_DOWN);
	virtual_wait(&s, 60 * SECOND);
	cr_assert_gt(virtual_connects(v, &c), before + 2, "it is not given up");
	cr_assert_eq(of_ipv6(v, before), 0, "beside a connection over IPv4");
	virtual_route(v, "127.0.0.1", VIRTUAL_HOME_PORT, VIRTUAL_OPEN);
	cr_assert_leq(virtual_await(&s, ticket, ring_now(s.ring)), 21 * SECOND);
	virtual_route(v, "127.0.0.1", VIRTUAL_HOME_PORT, VIRTUAL_REFUSED);
	before = virtual_connects(v, &c);
	virtual_reset(v, VIRTUAL_HOME_PORT);
	cr_assert_leq(virtual_ask(&s, 0), 5 * SECOND);
	cr_assert_gt(of_ipv6(v, before), 0);
	virtual_route(v, "127.0.0.1", VIRTUAL_HOME_PORT, VIRTUAL_OPEN);
	before = virtual_connects(v, &c);
	virtual_await(&s, virtual_ask_later(&s, 0, NET_DOWN), 0);
	cr_assert_gt(virtual_connects(v, &c), before);
	cr_assert_eq(of_ipv6(v, before), virtual_connects(v, &c) - before,
		     "beside a connection over IPv6");
	virtual_close(&v, &s);
}
