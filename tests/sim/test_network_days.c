/*
 * What a run of many days meets on a bad network and a real server (reliability.md 4.1 and 4.2):
 * front doors that hang up on everybody, forged words about the key, links so thin that one part
 * takes minutes, a buffer that stays full, addresses that change. In virtual time.
 */
#include "tests/sim/virtual.h"

#include "engine/link/net_priv.h"
#include "proto/api/ask.h"
#include "proto/api/error.h"
#include "proto/api/part.h"
#include "tests/link/parts.h"

#include <stdio.h>
#include <string.h>

static uint32_t connects_between(struct virtual *v, uint16_t port, uint64_t from, uint64_t to)
{
	const struct virtual_connect *c;
	uint32_t all = virtual_connects(v, &c), count = 0;

	for (uint32_t i = 0; i < all; i++)
		count += c[i].port == port && c[i].at_ns > from && c[i].at_ns < to;
	return count;
}

/* ---- doors ---- */

/*
 * A session that lives needs no word of the server to be taken for ready: a door that lets everybody
 * in and hangs up must be no better for that than one that is shut.
 */
/* Rows: N1 N20 */
Test(network_days, a_door_that_hangs_up_is_a_failed_address)
{
	const struct virtual_connect *c;
	uint32_t before, count, first = 0, ticket;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 31);

	virtual_add_address(v, &s, 2, "127.0.0.2");
	virtual_ask(&s, 0);
	before = virtual_connects(v, &c);
	virtual_tell(v, "fault drop:dc=2,at=1,dir=in");
	virtual_reset(v, 0);
	ticket = virtual_ask_later(&s, 0, NET_MAIN);
	virtual_wait(&s, 240 * SECOND);
	count = virtual_connects(v, &c) - before;
	for (uint32_t i = before; i < before + count; i++)
		first += c[i].host == 1;
	cr_assert_geq(first, count / 2 - 1, "the addresses take turns: %u of %u", first, count);
	cr_assert_leq(first, count / 2 + 1, "the addresses take turns: %u of %u", first, count);
	cr_assert_leq(virtual_most_connects(v, VIRTUAL_HOME_PORT, 60 * SECOND), 25);
	cr_assert_leq(count, 70, "%u connects in four minutes", count);
	virtual_tell(v, "unfault all");
	cr_assert_leq(virtual_await(&s, ticket, ring_now(s.ring)), 21 * SECOND);
	virtual_close(&v, &s);
}

/* "Too many connections" is for all of them: that another one comes through ends no wait. */
static void too_many(uint64_t seed)
{
	uint64_t told = 0, until;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 3}, seed);

	for (int i = 0; i < 6; i++)
		virtual_ask_later(&s, 4, NET_DOWN);
	for (int i = 0; i < 6; i++)
		cr_assert_not_null(sim_event(&s));
	virtual_wait(&s, 20 * SECOND);
	virtual_delay(v, MS, 400 * MS);
	virtual_tell(v, "fault delay:method=help.getNearestDc,ms=60000"); /* all are wanted */
	virtual_tell(v, "fault transport:dc=4,code=-429,count=1");
	virtual_reset(v, VIRTUAL_FILE_PORT);
	until = ring_now(s.ring) + 30 * SECOND;
	for (int i = 0; i < 6; i++)
		virtual_ask_later(&s, 4, NET_DOWN);
	while (ring_now(s.ring) < until) {
		while (net_next(s.net, &s.ev))
			if (s.ev.kind == NET_STATE && told == 0 &&
			    strstr(s.ev.text, "too many") != NULL)
				told = ring_now(s.ring);
		cr_assert_eq(net_turn(s.net, until), 0);
	}
	cr_assert_neq(told, 0);
	cr_assert_eq(connects_between(v, VIRTUAL_FILE_PORT, told + MS, told + 5 * SECOND - MS), 0,
		     "seed %d: the server asked for patience", (int)seed);
	cr_assert_gt(connects_between(v, VIRTUAL_FILE_PORT, told, until), 0);
	virtual_close(&v, &s);
}

/* Rows: S33 */
Test(network_days, too_many_connections_is_obeyed_by_all)
{
	for (uint64_t seed = 32; seed < 40; seed++)
		too_many(seed);
}

/* ---- forged words ---- */

/* Anybody on the way can say so for a while: the run outlives it, and the server is not asked often. */
static void forged(const char *fault, uint64_t ns, uint32_t connects_most)
{
	uint32_t ticket;
	uint64_t began;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 33);

	virtual_ask(&s, 0);
	virtual_tell(v, fault);
	began = ring_now(s.ring);
	ticket = virtual_ask_later(&s, 0, NET_MAIN);
	while (ring_now(s.ring) < began + ns) {
		while (net_next(s.net, &s.ev))
			cr_assert_neq(s.ev.kind, NET_DEAD, "%s: %s", fault, s.ev.text);
		cr_assert_eq(net_turn(s.net, began + ns), 0);
	}
	cr_assert_leq(connects_between(v, VIRTUAL_HOME_PORT, began, began + ns), connects_most);
	virtual_tell(v, "unfault all");
	cr_assert_leq(virtual_await(&s, ticket, ring_now(s.ring)), 21 * SECOND);
	virtual_close(&v, &s);
}

/* Rows: S32 H26 */
Test(network_days, a_minute_of_forged_words_ends_nothing)
{
	forged("fault transport:dc=2,code=-404", 60 * SECOND, 14);
	forged("fault transport:dc=2,code=-444", 60 * SECOND, 14);
	forged("fault transport:dc=2,code=-429", 60 * SECOND, 12);
	forged("fault transport:dc=2,code=-500", 60 * SECOND, 14);
}

/* A run that begins while the front door is out of order has a login that was good: it is not thrown away. */
/* Rows: S32 */
Test(network_days, forged_words_from_the_first_packet_on)
{
	uint32_t ticket;
	uint64_t began;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 33);

	virtual_ask(&s, 0);
	net_set_authorized(s.net, s.account.home_dc, true);
	virtual_tell(v, "fault transport:dc=2,code=-404");
	sim_reopen_net(&s);
	began = ring_now(s.ring);
	ticket = virtual_ask_later(&s, 0, NET_MAIN);
	while (ring_now(s.ring) < began + 60 * SECOND) {
		while (net_next(s.net, &s.ev))
			cr_assert_neq(s.ev.kind, NET_DEAD, "%s", s.ev.text);
		cr_assert_eq(net_turn(s.net, began + 60 * SECOND), 0);
	}
	virtual_tell(v, "unfault all");
	cr_assert_leq(virtual_await(&s, ticket, ring_now(s.ring)), 21 * SECOND);
	virtual_tell(v, "fault transport:dc=2,code=-404");
	sim_reopen_net(&s);
	began = ring_now(s.ring);
	(void)virtual_ask_later(&s, 0, NET_MAIN);
	do {
		s.ev.kind = NET_STATE;
		if (!net_next(s.net, &s.ev))
			cr_assert_eq(net_turn(s.net, began + 600 * SECOND), 0);
	} while (s.ev.kind != NET_DEAD && ring_now(s.ring) < began + 600 * SECOND);
	cr_assert_eq(s.ev.kind, NET_DEAD, "it is never believed");
	virtual_close(&v, &s);
}

/* One that is no data centre of ours, or is said to be none, is no reason to give up the others. */
/* Rows: N19 S33 */
Test(network_days, wrong_words_of_one_data_centre_end_only_its_own)
{
	const uint64_t ns = 120 * SECOND;
	uint32_t ticket;
	uint64_t began;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 44);

	virtual_tell(v, "fault transport:dc=4,code=-444");
	began = ring_now(s.ring);
	ticket = virtual_ask_later(&s, 4, NET_DOWN);
	while (ring_now(s.ring) < began + ns) {
		while (net_next(s.net, &s.ev))
			cr_assert_neq(s.ev.kind, NET_DEAD, "%s", s.ev.text);
		cr_assert_eq(net_turn(s.net, began + ns), 0);
	}
	cr_assert_leq(virtual_ask(&s, 0), SECOND);
	cr_assert_leq(connects_between(v, VIRTUAL_FILE_PORT, began, began + ns), 20);
	virtual_tell(v, "unfault all");
	cr_assert_leq(virtual_await(&s, ticket, ring_now(s.ring)), 21 * SECOND);
	virtual_close(&v, &s);
}

/* Lists of RSA keys that are all forged, or of a server that is not well: a minute of them. */
static void lists_no_key_of_ours(struct sim *s, uint32_t ticket)
{
	uint32_t count = s->net->o.rsa_count;
	uint64_t until = ring_now(s->ring) + 60 * SECOND;

	s->net->o.rsa_count = 0;
	while (ring_now(s->ring) < until) {
		while (net_next(s->net, &s->ev)) {
			cr_assert_neq(s->ev.kind, NET_DEAD, "%s", s->ev.text);
			cr_assert_gt(s->ev.kind, NET_LOST, "%d %s", s->ev.code, s->ev.text);
		}
		cr_assert_eq(net_turn(s->net, until), 0);
	}
	s->net->o.rsa_count = count;
	cr_assert_leq(virtual_await(s, ticket, ring_now(s->ring)), 21 * SECOND);
}

/* Rows: S32 H12 N19 */
Test(network_days, keys_that_another_data_centre_lists_do_not_end_the_account)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 48);
	uint64_t began = ring_now(s.ring);

	lists_no_key_of_ours(&s, virtual_ask_later(&s, 4, NET_DOWN));
	cr_assert_leq(connects_between(v, VIRTUAL_FILE_PORT, began, ring_now(s.ring)), 20);
	virtual_close(&v, &s);
}

/* The home worked a moment ago: a temporary key cannot be made, for a minute. */
/* Rows: S32 H12 */
Test(network_days, keys_that_a_proven_home_lists_do_not_end_the_account)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1, .pfs = true}, 49);

	virtual_ask(&s, 0);
	s.keys_lost = true;
	virtual_tell(v, "fault tempgone:method=users.getUsers,count=1");
	virtual_ask(&s, 0); /* its key is gone afterwards */
	lists_no_key_of_ours(&s, virtual_ask_later(&s, 0, NET_MAIN));
	virtual_close(&v, &s);
}

/* What the home that was says about a login is no word of the home that is. */
/* Rows: S19 S29 */
Test(network_days, an_export_that_a_former_home_refuses)
{
	uint32_t ticket;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 50);

	virtual_ask_later(&s, 4, NET_DOWN);
	cr_assert_not_null(sim_event(&s));
	virtual_delay(v, 500 * MS, 500 * MS);
	virtual_tell(v, "fault error:method=auth.exportAuthorization,code=401,text=AUTH_KEY_UNREGISTERED");
	net_set_authorized(s.net, 4, false);
	ticket = virtual_ask_later(&s, 4, NET_DOWN);
	virtual_wait(&s, 500 * MS); /* the question is out */
	net_set_authorized(s.net, 4, true);
	net_set_home(s.net, 4);
	cr_assert_leq(virtual_await(&s, ticket, ring_now(s.ring)), 2 * SECOND);
	virtual_wait(&s, 20 * SECOND);
	cr_assert_not(s.net->dead, "%s", s.net->dead_text);
	virtual_close(&v, &s);
}

/* The former home is gone before it was asked: the new one is. */
/* Rows: S18 S19 */
Test(network_days, an_export_that_a_former_home_never_heard_of)
{
	struct net_addr a;
	double before;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 52);

	virtual_ask_later(&s, 4, NET_DOWN);
	cr_assert_not_null(sim_event(&s));
	a = sim_dc(&s, 4)->addrs[0];
	a.port = 4444; /* nobody is there: the login comes first */
	net_set_addrs(s.net, 5, &a, 1);
	virtual_route(v, NULL, VIRTUAL_HOME_PORT, VIRTUAL_REFUSED);
	virtual_reset(v, VIRTUAL_HOME_PORT);
	virtual_wait(&s, SECOND);
	before = sim_stat(&s, "requests/auth.exportAuthorization/count");
	virtual_ask_later(&s, 5, NET_DOWN);
	virtual_wait(&s, 5 * SECOND);
	net_set_home(s.net, 4);
	virtual_wait(&s, SECOND);
	cr_assert_gt(sim_stat(&s, "requests/auth.exportAuthorization/count"), before);
	virtual_close(&v, &s);
}

/* A file is not given up, nor the account, because it cannot be logged in where the file is. */
static void no_login_elsewhere(const char *fault)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 45);
	struct net_event *ev;

	virtual_tell(v, fault);
	virtual_ask_later(&s, 4, NET_DOWN);
	ev = sim_event(&s);
	cr_assert_not_null(ev, "%s", s.dead_text);
	cr_assert_eq(ev->kind, NET_ERROR);
	cr_assert_eq(error_verdict(ev->code, ev->text).remedy, REMEDY_RECONCILE, "%d %s", ev->code,
		     ev->text);
	virtual_tell(v, "unfault all");
	virtual_wait(&s, 5 * SECOND);
	virtual_await(&s, virtual_ask_later(&s, 4, NET_DOWN), 0);
	virtual_close(&v, &s);
}

/* Rows: S18 S29 */
Test(network_days, a_login_refused_elsewhere_says_nothing_about_a_file)
{
	no_login_elsewhere("fault error:method=auth.importAuthorization,code=400,text=AUTH_BYTES_INVALID");
	no_login_elsewhere("fault error:method=auth.importAuthorization,code=400,text=USER_ID_INVALID");
	no_login_elsewhere("fault error:method=auth.importAuthorization,code=401,text=AUTH_KEY_INVALID");
	no_login_elsewhere("fault error:method=help.getNearestDc,code=401,text=AUTH_KEY_UNREGISTERED");
}

/*
 * A key that counts as used from two places is thrown away there: no login goes with it any more. It
 * is no more than that of another data centre: a new one takes its place.
 */
static void copied_elsewhere(bool pfs)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1, .pfs = pfs}, 53);
	uint64_t old;

	virtual_await(&s, virtual_ask_later(&s, 4, NET_DOWN), 0);
	old = sim_dc(&s, 4)->key.id;
	virtual_tell(v, "fault copied:method=help.getNearestDc,dc=4,count=1");
	virtual_await(&s, virtual_ask_later(&s, 4, NET_DOWN), 0);
	cr_assert_leq(virtual_await(&s, virtual_ask_later(&s, 4, NET_DOWN), ring_now(s.ring)), 30 * SECOND);
	cr_assert_neq(sim_dc(&s, 4)->key.id, old);
	cr_assert_not(s.dead);
	virtual_close(&v, &s);
}

/* Rows: S18 S30 */
Test(network_days, a_key_that_was_copied_is_replaced_elsewhere)
{
	copied_elsewhere(false);
	copied_elsewhere(true);
}

/* A 401 of another data centre is about the login there, whatever its name (as TDLib takes it). */
/* Rows: S29 S39 */
Test(network_days, any_401_elsewhere_is_about_the_login_there)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 54);

	virtual_await(&s, virtual_ask_later(&s, 4, NET_DOWN), 0);
	virtual_tell(v, "fault error:method=help.getNearestDc,dc=4,code=401,text=ACTIVE_USER_REQUIRED,count=1");
	virtual_await(&s, virtual_ask_later(&s, 4, NET_DOWN), 0);
	cr_assert_eq(sim_stat(&s, "requests/auth.importAuthorization/count"), 2);
	virtual_close(&v, &s);
}

/* A server that is never content with our numbers is not asked as fast as the network carries it. */
/* Rows: S5 */
Test(network_days, refused_for_ever_is_not_asked_for_ever)
{
	static const char *const faults[] = {"fault badmsg:dc=2,code=33", "fault badmsg:dc=2,code=17"};

	for (size_t i = 0; i < countof(faults); i++) {
		struct net_stats before, after;
		uint32_t ticket;
		struct sim s;
		struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 34);

		virtual_ask(&s, 0);
		net_stats(s.net, &before);
		virtual_tell(v, faults[i]);
		ticket = virtual_ask_later(&s, 0, NET_MAIN);
		virtual_wait(&s, 60 * SECOND);
		net_stats(s.net, &after);
		cr_assert_leq(after.requests - before.requests, 60, "%s: %llu questions a minute",
			      faults[i], (unsigned long long)(after.requests - before.requests));
		virtual_tell(v, "unfault all");
		cr_assert_leq(virtual_await(&s, ticket, ring_now(s.ring)), 21 * SECOND);
		virtual_close(&v, &s);
	}
}

/* ---- messages that break a session ---- */

/* Of session_priv.h, whose messages are not those of the api. */
void session_break(struct session *, enum session_fault);

static struct link *main_link(struct sim *s)
{
	return &centre_find(s->net, s->account.home_dc)->lanes[NET_MAIN].links[0];
}

/* A message that cannot be used comes again with each connection: with its session it ends. */
/* Rows: S11 */
Test(network_days, what_breaks_a_session_again_and_again_ends_with_it)
{
	uint64_t id;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 41);

	virtual_ask(&s, 0);
	id = main_link(&s)->session.id;
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(main_link(&s)->session.id, id, "%d", i);
		session_break(&main_link(&s)->session, SESSION_TL);
		link_mark_ready(main_link(&s));
		virtual_wait(&s, 20 * SECOND);
	}
	cr_assert_neq(main_link(&s)->session.id, id);
	virtual_ask(&s, 0);
	virtual_close(&v, &s);
}

/* Once or twice is bad luck, with a server that says it to a first question. */
/* Rows: S37 */
Test(network_days, not_initialised_says_the_answer_to_the_introduction)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 43);

	virtual_ask(&s, 0);
	virtual_tell(v, "fault error:method=help.getConfig,code=400,text=CONNECTION_NOT_INITED,count=2");
	cr_assert_leq(virtual_await(&s, virtual_ask_later(&s, 0, NET_DOWN), ring_now(s.ring)), 5 * SECOND);
	virtual_close(&v, &s);
}

/* ---- thin links ---- */

enum {
	THIN = 4000, /* bytes a second: a part takes more than two minutes */
	THINNEST = 500,
};

static void put_part(struct sim *s, uint32_t part)
{
	struct part_save save = {4711, (int32_t)part, 64, true};
	struct net_request r = {.lane = NET_UP, .tag = part};
	struct chunk *c = slab_take(s->slab, CHUNK_HELD);
	uint32_t ticket;

	cr_assert_not_null(c);
	memset(buf_put(&c->buf, PART), (int)part, PART);
	part_push_save(&c->buf, &save);
	r.chunk = &c;
	cr_assert_eq(net_call(s->net, &r, &ticket), 0);
}

/* As many parts as links; how long until all were answered. */
static void thin_upload(uint32_t links, uint64_t each, uint64_t shared)
{
	struct net_stats stats;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = links, .inflight = 2}, 35);
	uint64_t began;
	uint32_t i;

	virtual_ask(&s, 0);
	virtual_segments(v, 1000000, 0, 0, 0); /* as small as they are */
	virtual_buffer(v, 16 * 1024);
	virtual_bandwidth(v, each);
	virtual_bottleneck(v, shared);
	began = ring_now(s.ring);
	for (i = 0; i < 2 * links; i++)
		put_part(&s, i);
	for (i = 0; i < 2 * links; i++) {
		cr_assert_not_null(sim_event(&s), "%s", s.dead_text);
		cr_assert_eq(s.ev.kind, NET_RESULT, "%d %s", s.ev.code, s.ev.text);
		slab_give(s.slab, &s.ev.chunk);
	}
	net_stats(s.net, &stats);
	cr_assert_eq(stats.reconnects, 0, "%llu times taken for dead: %s",
		     (unsigned long long)stats.reconnects, s.state_text);
	cr_assert_leq(ring_now(s.ring) - began, 330 * SECOND);
	virtual_close(&v, &s);
}

/* Questions whose bytes are plain again, and are still read by the kernel. */
static uint32_t opened_too_early(const struct sim *s)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < s->net->question_count; i++) {
		const struct question *q = &s->net->questions[i];

		count += q->chunk != NULL && q->chunk->pins > 0 && q->parcel.state < PARCEL_SEALED;
	}
	return count;
}

/*
 * A new session, or connection, opens again what the old one has asked; what the kernel has not sent
 * yet of a part that it reads in place would leave as plain text.
 */
/* Rows: S6 */
Test(network_days, a_new_session_beside_a_part_that_is_still_read)
{
	struct net_stats stats = {0};
	struct sim s;
	struct virtual *v = virtual_open(
	    &s, &(struct sim_options){.links = 1, .inflight = 4, .zerocopy = NET_ZEROCOPY_ON}, 43);
	uint32_t done = 0, put = 0, pinned = 0;

	virtual_ask(&s, 0);
	virtual_buffer(v, 4 * 1024 * 1024);
	virtual_bandwidth(v, 400 * 1000);
	while (done < 8) {
		for (; put < 8 && put < done + 3; put++)
			put_part(&s, put);
		if (put == 7 && pinned++ == 0)
			virtual_tell(v, "fault badmsg:code=33,count=1");
		while (net_next(s.net, &s.ev)) {
			if (s.ev.kind > NET_LOST)
				continue;
			cr_assert_eq(s.ev.kind, NET_RESULT, "%d %s", s.ev.code, s.ev.text);
			slab_give(s.slab, &s.ev.chunk);
			done++;
		}
		net_stats(s.net, &stats);
		cr_assert_eq(opened_too_early(&s), 0);
		cr_assert_eq(net_turn(s.net, UINT64_MAX), 0);
	}
	cr_assert_geq(stats.zerocopy, 8);
	cr_assert_eq(stats.reconnects, 1, "by the message that was refused: %s", s.state_text);
	virtual_close(&v, &s);
}

/* The account ends while a link waits for the kernel: what was asked on it is told all the same. */
Test(network_days, an_end_beside_a_part_that_is_still_read)
{
	struct sim s;
	struct virtual *v = virtual_open(
	    &s, &(struct sim_options){.links = 1, .inflight = 4, .zerocopy = NET_ZEROCOPY_ON}, 46);
	struct link *up = centre_find(s.net, s.account.home_dc)->lanes[NET_UP].links;
	uint32_t told = 0, put = 0;
	uint64_t until;

	virtual_ask(&s, 0);
	virtual_buffer(v, 4 * 1024 * 1024);
	virtual_bandwidth(v, 400 * 1000);
	for (; put < 2; put++)
		put_part(&s, put);
	while (up->state != LINK_READY || !link_is_read(up)) {
		while (net_next(s.net, &s.ev))
			cr_assert_gt(s.ev.kind, NET_LOST);
		cr_assert_eq(net_turn(s.net, UINT64_MAX), 0);
	}
	link_close(up, "the test says so", 0);
	while (up->send_busy || up->recv_busy)
		cr_assert_geq(ring_run(s.ring, UINT64_MAX), 0);
	cr_assert_eq(up->state, LINK_CLOSING);
	net_die(s.net, 1, "the end");
	until = ring_now(s.ring) + 5 * SECOND;
	while (told < put && ring_now(s.ring) < until) {
		while (net_next(s.net, &s.ev)) {
			if (s.ev.kind > NET_LOST)
				continue;
			cr_assert_eq(s.ev.kind, NET_ERROR);
			slab_give(s.slab, &s.ev.chunk);
			told++;
		}
		cr_assert_eq(net_turn(s.net, until), 0);
	}
	cr_assert_eq(told, put);
	virtual_close(&v, &s);
}

/* Rows: N11 */
Test(network_days, large_parts_up_a_thin_link)
{
	thin_upload(1, THIN, 0);
}

/* Rows: N11 */
Test(network_days, eight_links_share_what_is_thin)
{
	thin_upload(8, 0, 8 * THIN);
}

/* Rows: N11 */
Test(network_days, large_parts_down_a_thin_link)
{
	struct net_stats stats;
	struct sim s;
	struct virtual *v = virtual_open(
	    &s,
	    &(struct sim_options){.links = 1, .inflight = 2, .synth = "messages=3,docs=1x2MB,seed=5"},
	    36);
	struct media_file f = sim_document(&s);
	uint64_t began;
	struct parts p;

	virtual_ask_later(&s, 4, NET_DOWN); /* so that it knows us there */
	cr_assert_not_null(sim_event(&s));
	virtual_wait(&s, 10 * SECOND);
	virtual_segments(v, 1000000, 0, 0, 0);
	virtual_bandwidth(v, THIN);
	virtual_reset(v, VIRTUAL_FILE_PORT);
	virtual_wait(&s, 10 * SECOND);
	net_stats(s.net, &stats);
	began = ring_now(s.ring);
	parts_fetch(&p, &s, &f, NULL);
	cr_assert_leq(ring_now(s.ring) - began, 600 * SECOND, "%.0f s for %u parts",
		      (double)(ring_now(s.ring) - began) / 1e9, p.total);
	{
		struct net_stats after;

		net_stats(s.net, &after);
		cr_assert_eq(after.reconnects, stats.reconnects, "taken for dead: %s", s.state_text);
	}
	virtual_close(&v, &s);
}

/* So thin that a part takes a quarter of an hour: it arrives all the same, as it moves. */
/* Rows: N11 */
Test(network_days, large_parts_down_the_thinnest_link)
{
	struct net_stats before, after;
	struct sim s;
	struct virtual *v = virtual_open(
	    &s,
	    &(struct sim_options){.links = 1, .inflight = 2, .synth = "messages=3,docs=1x1MB,seed=5"},
	    47);
	struct media_file f = sim_document(&s);
	uint64_t began;
	struct parts p;

	virtual_ask_later(&s, 4, NET_DOWN);
	cr_assert_not_null(sim_event(&s));
	virtual_segments(v, 1000000, 0, 0, 0);
	virtual_bandwidth(v, THINNEST);
	virtual_reset(v, VIRTUAL_FILE_PORT);
	virtual_wait(&s, 10 * SECOND);
	net_stats(s.net, &before);
	began = ring_now(s.ring);
	parts_fetch(&p, &s, &f, NULL);
	cr_assert_leq(ring_now(s.ring) - began, (uint64_t)(f.size / THINNEST) * SECOND * 11 / 10);
	net_stats(s.net, &after);
	cr_assert_eq(after.reconnects, before.reconnects, "taken for dead: %s", s.state_text);
	virtual_close(&v, &s);
}

/* ---- back-pressure ---- */

/* It is we who do not read: the peer is not called dead for that. */
/* Rows: H25 */
Test(network_days, a_full_buffer_is_no_dead_peer)
{
	struct net_stats before, after;
	struct chunk *all[8];
	struct sim s;
	struct virtual *v = virtual_open(
	    &s,
	    &(struct sim_options){
		.links = 2, .inflight = 2, .chunks = 8, .synth = "messages=3,docs=1x2MB,seed=5"},
	    37);
	struct media_file f = sim_document(&s);
	static uint8_t location[256];
	struct cspan bytes = sim_encode(&s, media_location(&s.arena, &f));
	uint32_t got = 0;

	memcpy(location, bytes.at, bytes.len);
	virtual_ask_later(&s, 4, NET_DOWN);
	cr_assert_not_null(sim_event(&s));
	for (int i = 0; i < 8; i++)
		all[i] = slab_take(s.slab, CHUNK_HELD);
	for (uint32_t i = 0; i < 4; i++) {
		uint8_t query[512];
		struct net_request r = {.dc = 4, .lane = NET_DOWN, .bulk_answer = true, .tag = i};
		uint32_t ticket;

		r.query = cspan_of(query, part_ask((struct span){query, sizeof(query)},
						   cspan_of(location, bytes.len),
						   (int64_t)i * PART, PART));
		cr_assert_eq(net_call(s.net, &r, &ticket), 0);
	}
	virtual_wait(&s, SECOND);
	net_stats(s.net, &before);
	virtual_wait(&s, 300 * SECOND); /* as when the uploads were told to wait */
	net_stats(s.net, &after);
	cr_assert_eq(after.reconnects, before.reconnects, "%llu times: %s",
		     (unsigned long long)(after.reconnects - before.reconnects), s.state_text);
	for (int i = 0; i < 8; i++)
		slab_give(s.slab, &all[i]);
	while (got < 4) {
		cr_assert_not_null(sim_event(&s));
		cr_assert_eq(s.ev.kind, NET_RESULT, "%d %s", s.ev.code, s.ev.text);
		if (s.ev.chunk != NULL)
			slab_give(s.slab, &s.ev.chunk);
		got++;
	}
	virtual_close(&v, &s);
}

/* ---- addresses ---- */

/* Nobody has a key there yet, and the first address is dead: downloads find the second one, too. */
/* Rows: N1 N2 */
Test(network_days, the_first_address_of_a_new_data_centre_is_dead)
{
	static const enum net_lane lanes[] = {NET_DOWN, NET_UP, NET_MAIN};

	for (size_t i = 0; i < countof(lanes); i++) {
		struct sim s;
		struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 39);

		virtual_add_address(v, &s, 4, "127.0.0.2");
		virtual_route(v, "127.0.0.1", VIRTUAL_FILE_PORT, VIRTUAL_REFUSED);
		cr_assert_leq(virtual_await(&s, virtual_ask_later(&s, 4, lanes[i]), ring_now(s.ring)), 2 * SECOND);
		virtual_close(&v, &s);
	}
}

/* Whatever was learnt over the months, what the server says today has a place. */
/* Rows: N2 */
Test(network_days, a_full_list_has_room_for_todays_addresses)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 38);
	struct net_dc *dc = sim_dc(&s, 4);

	for (uint32_t i = 0; i < NET_ADDR_MAX; i++) {
		dc->addrs[i] = dc->addrs[0];
		snprintf(dc->addrs[i].host, sizeof(dc->addrs[i].host), "127.0.9.%u", i + 1);
	}
	dc->addr_count = NET_ADDR_MAX;
	sim_reopen_net(&s);
	virtual_ask(&s, 0); /* with it comes help.getConfig */
	cr_assert_leq(virtual_await(&s, virtual_ask_later(&s, 4, NET_DOWN), ring_now(s.ring)), 60 * SECOND);
	virtual_close(&v, &s);
}

/* It may have moved: who has the account is asked for its addresses, not all the time. */
/* Rows: N2 */
Test(network_days, addresses_that_all_fail_are_asked_for_anew)
{
	double before, after;
	uint32_t ticket;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 40);

	virtual_await(&s, virtual_ask_later(&s, 4, NET_DOWN), 0);
	virtual_route(v, NULL, VIRTUAL_FILE_PORT, VIRTUAL_REFUSED);
	virtual_reset(v, VIRTUAL_FILE_PORT);
	before = sim_stat(&s, "requests/help.getConfig/count");
	ticket = virtual_ask_later(&s, 4, NET_DOWN);
	virtual_wait(&s, 600 * SECOND);
	after = sim_stat(&s, "requests/help.getConfig/count");
	cr_assert_geq(after - before, 1);
	cr_assert_leq(after - before, 10, "%.0f times in ten minutes", after - before);
	virtual_route(v, NULL, VIRTUAL_FILE_PORT, VIRTUAL_OPEN);
	cr_assert_leq(virtual_await(&s, ticket, ring_now(s.ring)), 21 * SECOND);
	virtual_close(&v, &s);
}

/* Hashed, and not yet encrypted: the home moves, and the part goes all the same, at once. */
/* Rows: S19 */
Test(network_days, a_home_that_moves_between_the_passes_of_a_part)
{
	struct sim s;
	struct virtual *v = virtual_open(
	    &s, &(struct sim_options){.links = 1, .synth = "messages=3,docs=1x1MB,seed=5"}, 51);
	struct media_file f = sim_document(&s);
	struct net_request r = {.dc = 4, .lane = NET_DOWN, .bulk_answer = true};
	struct net_relay to = {.answer_id = part_file_id(), .body_at = PART_FILE_AT, .body_len = PART};
	struct part_save save = {4711, 0, 64, true};
	uint32_t ticket, stored = 0;
	uint8_t query[512];
	uint64_t until;
	struct cspan at;

	virtual_ask_later(&s, 4, NET_DOWN);
	cr_assert_not_null(sim_event(&s));
	virtual_ask_later(&s, 0, NET_UP);
	cr_assert_not_null(sim_event(&s));
	at = sim_encode(&s, media_location(&s.arena, &f));
	r.query = cspan_of(query, part_ask((struct span){query, sizeof(query)}, at, 0, PART));
	to.word_before = part_file_word(PART);
	to.prefix_len = part_save_head(to.prefix, &save, PART);
	r.relay = &to;
	cr_assert_eq(net_call(s.net, &r, &ticket), 0);
	until = ring_now(s.ring) + 5 * SECOND;
	while (stored != UINT32_MAX && ring_now(s.ring) < until) {
		while (net_next(s.net, &s.ev)) {
			if (s.ev.kind > NET_LOST)
				continue;
			cr_assert_eq(s.ev.kind, NET_RESULT, "%d %s", s.ev.code, s.ev.text);
			if (s.ev.relayed != 0) {
				net_set_home(s.net, 4);
				stored = s.ev.relayed;
				continue;
			}
			cr_assert_eq(s.ev.ticket, stored);
			slab_give(s.slab, &s.ev.chunk);
			stored = UINT32_MAX;
		}
		cr_assert_eq(net_turn(s.net, until), 0);
	}
	cr_assert_eq(stored, UINT32_MAX, "%s", stored == 0 ? "it was not relayed" : "it never left");
	virtual_close(&v, &s);
}

/* A key exchange that ends the account closes links whose parts wait in that turn. */
/* Rows: S30 */
Test(network_days, an_exchange_that_ends_the_account_beside_a_part_that_waits)
{
	struct sim s;
	struct virtual *v =
	    virtual_open(&s, &(struct sim_options){.links = 1, .pfs = true}, 44);
	struct media_file f = sim_document(&s);
	struct net_request r = {.dc = 4, .lane = NET_DOWN, .bulk_answer = true};
	struct net_relay to = {.answer_id = part_file_id(), .body_at = PART_FILE_AT, .body_len = PART};
	struct part_save save = {4711, 0, 64, true};
	uint64_t until;
	uint32_t ticket;
	uint8_t query[512];
	struct cspan at;

	virtual_ask_later(&s, 4, NET_DOWN);
	cr_assert_not_null(sim_event(&s));
	virtual_ask_later(&s, 0, NET_UP);
	cr_assert_not_null(sim_event(&s));
	at = sim_encode(&s, media_location(&s.arena, &f));
	r.query = cspan_of(query, part_ask((struct span){query, sizeof(query)}, at, 0, PART));
	to.word_before = part_file_word(PART);
	to.prefix_len = part_save_head(to.prefix, &save, PART);
	r.relay = &to;
	/* No room for it among the uploads: it waits. */
	virtual_tell(v, "fault delay:method=help.getNearestDc,ms=60000");
	virtual_ask_later(&s, 0, NET_UP);
	virtual_ask_later(&s, 0, NET_UP);
	virtual_ask_later(&s, 0, NET_UP);
	s.keys_lost = true;
	virtual_tell(v, "fault tempgone:method=users.getUsers,count=1");
	virtual_ask(&s, 0);
	s.net->o.rsa_count = 0; /* the list of keys is too old from now on */
	centre_find(s.net, 2)->no_rsa_key = HANDSHAKES_MAX - 1;
	centre_find(s.net, 2)->doubted_ns = ring_now(s.ring) - BELIEVED_AFTER;
	cr_assert_eq(net_call(s.net, &r, &ticket), 0);
	r = (struct net_request){.lane = NET_MAIN};
	r.query = sim_encode(&s, ask_self(&s.arena));
	cr_assert_eq(net_call(s.net, &r, &ticket), 0);
	until = ring_now(s.ring) + 60 * SECOND;
	while (!s.net->dead && ring_now(s.ring) < until) {
		while (net_next(s.net, &s.ev))
			if (s.ev.chunk != NULL)
				slab_give(s.slab, &s.ev.chunk);
		cr_assert_eq(net_turn(s.net, until), 0);
	}
	cr_assert(s.net->dead);
	virtual_close(&v, &s);
}

/* ---- a key that nobody knows ---- */

/* Links of a lane in that state. */
static uint32_t links_in(struct sim *s, uint16_t dc, enum net_lane kind, enum link_state state)
{
	struct centre *c = centre_find(s->net, dc);
	struct lane *lane = &c->lanes[kind];
	uint32_t count = 0;

	for (struct link *l = lane->links; l < link_end(lane); l++)
		count += l->state == state;
	return count;
}

/* Those that are just connecting were going to use the old key: no second exchange begins. */
/* Rows: S32 */
Test(network_days, a_key_that_is_unknown_while_others_connect)
{
	const uint32_t open = 24;
	uint32_t answers = 0, asked = 0;
	bool told = false;
	uint64_t until;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 16}, 41);
	uint64_t old;

	virtual_ask_later(&s, 4, NET_DOWN);
	cr_assert_not_null(sim_event(&s));
	old = sim_dc(&s, 4)->key.id;
	virtual_delay(v, 400 * MS, 400 * MS);
	until = ring_now(s.ring) + 400 * SECOND;
	while (ring_now(s.ring) < until) {
		for (; !told && asked - answers < open; asked++)
			virtual_ask_later(&s, 4, NET_DOWN);
		while (net_next(s.net, &s.ev)) {
			cr_assert_neq(s.ev.kind, NET_DEAD);
			answers += s.ev.kind <= NET_LOST;
			if (s.ev.kind <= NET_LOST)
				cr_assert_eq(s.ev.kind, NET_RESULT, "%d %s", s.ev.code, s.ev.text);
		}
		cr_assert_eq(net_turn(s.net, until), 0);
		if (!told && links_in(&s, 4, NET_DOWN, LINK_READY) >= 6 &&
		    links_in(&s, 4, NET_DOWN, LINK_CONNECTING) >= 2) {
			told = true;
			virtual_tell(v, "fault transport:dc=4,code=-404,count=8");
		}
	}
	cr_assert(told);
	cr_assert_neq(sim_dc(&s, 4)->key.id, old, "five said that they do not know it");
	cr_assert_eq(answers, asked);
	virtual_close(&v, &s);
}

/* ---- the end ---- */

/* What another connection says in the very turn in which the account ends. */
/* Rows: S29 */
Test(network_days, each_question_ends_with_the_account)
{
	struct net_request r = {.lane = NET_MAIN};
	uint32_t tickets[2], ends[2] = {0};
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 42);
	uint64_t until;

	virtual_ask_later(&s, 0, NET_UP);
	cr_assert_not_null(sim_event(&s));
	virtual_tell(v, "fault delay:method=users.getUsers,ms=1000");
	virtual_tell(v, "fault delay:method=help.getNearestDc,ms=1000");
	virtual_tell(v, "fault error:method=users.getUsers,code=401,text=SESSION_REVOKED");
	virtual_tell(v, "fault error:method=help.getNearestDc,code=400,text=CONNECTION_NOT_INITED");
	r.query = sim_encode(&s, ask_self(&s.arena));
	cr_assert_eq(net_call(s.net, &r, &tickets[0]), 0);
	tickets[1] = virtual_ask_later(&s, 0, NET_UP);
	until = ring_now(s.ring) + 60 * SECOND;
	for (bool slept = false; ring_now(s.ring) < until;) {
		while (net_next(s.net, &s.ev))
			for (int i = 0; i < 2; i++)
				ends[i] += s.ev.kind <= NET_LOST && s.ev.ticket == tickets[i];
		cr_assert_eq(net_turn(s.net, until), 0);
		if (!slept && !list_empty(&s.net->ready)) { /* the other one comes meanwhile */
			slept = true;
			virtual_suspend(v, 5 * SECOND);
			for (int i = 0; i < 4; i++)
				cr_assert_eq(net_turn(s.net, until), 0);
		}
	}
	cr_assert(s.net->dead);
	cr_assert_eq(ends[0], 1);
	cr_assert_eq(ends[1], 1, "nobody hears of it: %u", ends[1]);
	virtual_close(&v, &s);
}
