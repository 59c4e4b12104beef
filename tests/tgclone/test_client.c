/* Questions one after the other, and accounts that end between them. */
#include "tests/link/sim.h"

#include "proto/api/ask.h"
#include "tools/tgclone/app.h"
#include "tools/tgclone/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* It ended while nobody waited for an answer: the next question is not waited with for ever. */
/* Rows: S29 I7 */
Test(client, an_account_that_ended_is_no_endless_wait, .timeout = 60)
{
	static struct app app;
	struct client cl = {.app = &app, .layer = 228, .scratch = malloc(256 * 1024)};
	const struct tl_obj *answer;
	struct sim s;

	sim_open(&s, &(struct sim_options){.links = 1});
	sim_login(&s);
	sim_ctl(&s, "fault error:method=users.getUsers,code=401,text=SESSION_REVOKED");
	cr_assert_eq(sim_ask(&s, 0, NET_MAIN, ask_self(&s.arena)), NET_ERROR);
	while (!s.dead)
		cr_assert_null(sim_event(&s));
	cl.ring = s.ring;
	cl.net = s.net;
	cl.arena = s.arena;
	cr_assert_eq(client_ask(&cl, TLC_users_getUsers, ask_self(&cl.arena), &answer),
		     CLIENT_GONE);
	free(cl.scratch);
	sim_close(&s);
}

/* The machine sleeps: the clock goes on, and nothing can be tried. */
static void sleep_over(uint64_t ns)
{
	struct timespec t = {.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};

	while (nanosleep(&t, &t) != 0)
		;
}

static void turn_until_away(struct client *cl)
{
	struct net_stats stats;
	struct net_event ev;

	do {
		while (net_next(cl->net, &ev))
			client_heard(cl, &ev);
		cr_assert_eq(client_turn(cl, ring_now(cl->ring) + 20000000), 0);
		net_stats(cl->net, &stats);
	} while (stats.links_ready > 0);
}

/* What ended all connections came while it slept, and is all that the first turn afterwards brings. */
/* Rows: N24 P5 */
Test(client, a_pause_is_no_time_without_a_connection, .timeout = 60)
{
	static const uint64_t MAX = 1500000000;
	static struct app app = {.options = {.max_offline_ns = (int64_t)MAX}};
	struct client cl = {.app = &app, .layer = 228};
	uint64_t began;
	char rule[32];
	struct sim s;

	sim_open(&s, &(struct sim_options){.links = 1});
	sim_login(&s);
	cl.ring = s.ring;
	cl.net = s.net;
	cr_assert_not(client_offline(&cl));
	snprintf(rule, sizeof(rule), "fault down:dc=%d", s.account.home_dc);
	sim_ctl(&s, rule);
	sim_ctl(&s, "reset");
	sleep_over(MAX + MAX / 2);
	turn_until_away(&cl);
	cr_assert_not(client_offline(&cl), "it has not yet tried");
	began = ring_now(s.ring);
	sleep_over(MAX + MAX / 2); /* once more, while it tries */
	cr_assert_not(client_offline(&cl), "it could not try");
	while (!client_offline(&cl))
		turn_until_away(&cl);
	cr_assert_geq(ring_now(s.ring) - began, MAX);
	sim_close(&s);
}
