/*
 * Peers that fall silent, and those that are only slow (reliability.md 4.1, N6-N11, N23, N24). In
 * virtual time: what is measured is the product's patience, to the millisecond.
 */
#include "tests/sim/virtual.h"

#include "engine/link/net_priv.h"
#include "proto/api/ask.h"
#include "proto/api/part.h"
#include "tests/link/parts.h"
#include "tests/sim/rng.h"

#include <stdio.h>
#include <string.h>

/* What became of a question whose connection died. */
struct outcome {
	uint64_t seen_ns, answered_ns; /* since it died */
	char why[160];
};

/* Until the next answer; begun: when the connection died. */
static struct outcome outlive(struct sim *s, uint64_t begun)
{
	struct outcome o = {0};

	for (;;) {
		while (net_next(s->net, &s->ev)) {
			if (s->ev.kind == NET_STATE && o.seen_ns == 0) {
				o.seen_ns = ring_now(s->ring) - begun;
				snprintf(o.why, sizeof(o.why), "%s", s->ev.text);
			}
			s->updates += s->ev.kind == NET_UPDATE;
			cr_assert_neq(s->ev.kind, NET_DEAD, "%s", s->ev.text);
			cr_assert_neq(s->ev.kind, NET_ERROR, "%s", s->ev.text);
			if (s->ev.kind != NET_RESULT)
				continue;
			o.answered_ns = ring_now(s->ring) - begun;
			return o;
		}
		cr_assert_eq(net_turn(s->net, UINT64_MAX), 0);
	}
}

static void ask_now(struct sim *s)
{
	struct net_request r = {.lane = NET_MAIN};
	uint32_t ticket;

	r.query = sim_encode(s, ask_self(&s->arena));
	cr_assert_eq(net_call(s->net, &r, &ticket), 0);
}

/* Some turns, so that it may be anywhere between here and there. */
static void travel(struct sim *s, uint64_t ns)
{
	uint64_t until = ring_now(s->ring) + ns;

	while (ring_now(s->ring) < until)
		cr_assert_eq(net_turn(s->net, until), 0);
}

/* Rows: N6 */
Test(network, half_open_a_hundred_times)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 11);
	struct rng r;

	rng_init(&r, 11);
	for (int i = 0; i < 100; i++) {
		struct outcome o;
		uint64_t begun;

		virtual_ask(&s, 0);
		virtual_wait(&s, rng_below(&r, 70 * SECOND));
		ask_now(&s);
		travel(&s, rng_below(&r, 3 * MS)); /* the answer takes 2 ms at least */
		begun = ring_now(s.ring);
		virtual_vanish(v, 0);
		o = outlive(&s, begun);
		cr_assert_leq(o.seen_ns, 15 * SECOND, "%d: %.3f s", i, (double)o.seen_ns / 1e9);
		cr_assert_leq(o.answered_ns, 20 * SECOND, "%d: %.3f s", i,
			      (double)o.answered_ns / 1e9);
	}
	virtual_close(&v, &s);
}

/* Nobody asks anything: the next ping finds out, and updates can come again. */
/* Rows: N6 */
Test(network, half_open_while_idle)
{
	struct net_stats stats;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 12);

	virtual_ask(&s, 0);
	virtual_vanish(v, 0);
	virtual_wait(&s, 80 * SECOND);
	net_stats(s.net, &stats);
	cr_assert_eq(stats.reconnects, 1);
	cr_assert_eq(stats.links_ready, 1);
	virtual_close(&v, &s);
}

static void push(void *arg)
{
	virtual_tell(arg, "push");
}

/* Rows: N7 */
Test(network, nothing_of_ours_arrives)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 13);

	for (int i = 0; i < 100; i++) {
		struct outcome o;
		uint64_t begun;

		virtual_ask(&s, 0);
		begun = ring_now(s.ring);
		s.updates = 0;
		virtual_deafen(v, 0, true);
		for (uint64_t k = 1; k < 20; k++)
			virtual_at(v, begun + k * SECOND, push, v);
		ask_now(&s);
		o = outlive(&s, begun);
		cr_assert_not_null(strstr(o.why, "takes nothing"), "%s", o.why);
		cr_assert_geq(s.updates, 10, "data came all the time");
		cr_assert_geq(o.seen_ns, 15 * SECOND - 100 * MS);
		cr_assert_leq(o.seen_ns, 20 * SECOND, "%.3f s", (double)o.seen_ns / 1e9);
		virtual_wait(&s, 20 * SECOND);
	}
	virtual_close(&v, &s);
}

/* Rows: N8 */
Test(network, nothing_arrives_here)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 14);
	struct rng r;

	rng_init(&r, 14);
	for (int i = 0; i < 100; i++) {
		struct outcome o;
		uint64_t begun;

		virtual_ask(&s, 0);
		virtual_wait(&s, rng_below(&r, 30 * SECOND));
		begun = ring_now(s.ring);
		virtual_deafen(v, 0, false);
		ask_now(&s);
		o = outlive(&s, begun);
		cr_assert_leq(o.seen_ns, 15 * SECOND, "%.3f s", (double)o.seen_ns / 1e9);
		cr_assert_leq(o.answered_ns, 20 * SECOND);
	}
	virtual_close(&v, &s);
}

static uint64_t unanswered(const char *fault)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 15);
	struct outcome o;

	virtual_ask(&s, 0);
	virtual_tell(v, fault);
	ask_now(&s);
	o = outlive(&s, ring_now(s.ring));
	virtual_close(&v, &s);
	return o.answered_ns;
}

/* Rows: N9 */
Test(network, accepted_and_never_answered)
{
	uint64_t took = unanswered("fault silence:method=users.getUsers,count=1");

	/* It was acknowledged: 60 s until the state request, 30 more. */
	cr_assert_leq(took, 91 * SECOND, "%.3f s", (double)took / 1e9);
	took = unanswered("fault silence:method=users.getUsers,before=1,count=1");
	cr_assert_leq(took, 91 * SECOND, "%.3f s", (double)took / 1e9);
}

/* A question too large for what a connection holds. */
static void send_large(struct sim *s)
{
	static uint8_t bytes[128 * 1024];
	struct net_request r = {.lane = NET_UP};
	struct tl_obj *q = tl_new(&s->arena, TLC_upload_saveFilePart);
	uint32_t ticket;

	tl_set_int(q, TLF_file_id, 42);
	tl_set_int(q, TLF_file_part, 0);
	tl_set_bytes(q, TLF_bytes, cspan_of(bytes, sizeof(bytes)));
	r.query = sim_encode(s, q);
	cr_assert_eq(net_call(s->net, &r, &ticket), 0);
}

/* Rows: N10 */
Test(network, peer_that_stops_reading)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 16);
	uint64_t alone = 0, beside = 0, begun;
	struct outcome o;

	for (int i = 0; i < 50; i++)
		alone += virtual_ask(&s, 0);
	virtual_buffer(v, 32 * 1024);
	virtual_tell(v, "fault stall:at=20000,dir=in,count=1");
	begun = ring_now(s.ring);
	send_large(&s);
	virtual_wait(&s, 500 * MS);
	for (int i = 0; i < 50; i++)
		beside += virtual_ask(&s, 0);
	cr_assert_leq(beside, alone * 105 / 100, "%.3f s, else %.3f s", (double)beside / 1e9,
		      (double)alone / 1e9);
	o = outlive(&s, begun);
	cr_assert_not_null(strstr(o.why, "nothing moves"), "%s", o.why);
	cr_assert_leq(o.seen_ns, 13 * SECOND, "%.3f s", (double)o.seen_ns / 1e9);
	cr_assert_leq(o.answered_ns, 16 * SECOND);
	virtual_close(&v, &s);
}

/* ---- slow, not dead ---- */

enum { SMALL_PART = 16 * 1024, TRICKLE = 1200 };

struct watched {
	struct sim *s;
	struct virtual *v;
	uint32_t window_most;
};

/* Whatever a file link has in flight. */
static void look_at_windows(void *arg)
{
	struct watched *w = arg;
	struct centre *c = centre_find(w->s->net, DOC_DC);
	const struct lane *lane = &c->lanes[NET_DOWN];

	for (const struct link *l = lane->links; l < link_end(lane); l++)
		if (l->question_count > w->window_most)
			w->window_most = l->question_count;
	virtual_at(w->v, ring_now(w->s->ring) + 10 * SECOND, look_at_windows, w);
}

/* The part that begins there. Parts of a slow connection are small ones. */
static void ask_small_part(struct sim *s, struct cspan location, uint32_t number)
{
	uint8_t query[512];
	struct net_request r = {.dc = DOC_DC, .lane = NET_DOWN, .bulk_answer = true, .tag = number};
	uint32_t ticket;

	r.query = cspan_of(query, part_ask((struct span){query, sizeof(query)}, location,
					   (int64_t)number * SMALL_PART, SMALL_PART));
	cr_assert_eq(net_call(s->net, &r, &ticket), 0);
}

/* Rows: N11 */
Test(network, an_hour_at_one_kib_a_second)
{
	struct net_stats stats;
	struct sim s;
	struct virtual *v = virtual_open(
	    &s,
	    &(struct sim_options){
		.links = 2, .inflight = 4, .synth = "messages=3,docs=1x9MB,seed=5"},
	    17);
	struct watched w = {&s, v, 0};
	struct media_file f = sim_document(&s);
	static uint8_t location[256];
	struct cspan bytes = sim_encode(&s, media_location(&s.arena, &f));
	uint64_t until = ring_now(s.ring) + 3600 * SECOND;
	uint32_t asked = 0, got = 0;

	memcpy(location, bytes.at, bytes.len);
	bytes.at = location;
	/* A part takes longer than a transfer may stand still, but it does not stand still. */
	virtual_bandwidth(v, TRICKLE);
	virtual_at(v, ring_now(s.ring) + 60 * SECOND, look_at_windows, &w);
	while (ring_now(s.ring) < until) {
		while (net_room(s.net, DOC_DC, NET_DOWN) > 4)
			ask_small_part(&s, bytes, asked++);
		cr_assert_not_null(sim_event(&s));
		cr_assert_eq(s.ev.kind, NET_RESULT, "%d %s", s.ev.code, s.ev.text);
		if (s.ev.chunk != NULL)
			slab_give(s.slab, &s.ev.chunk);
		got++;
	}
	net_stats(s.net, &stats);
	cr_assert_eq(stats.reconnects, 0, "%llu times taken for dead",
		     (unsigned long long)stats.reconnects);
	cr_assert_leq(w.window_most, 2, "%u parts in flight on one connection", w.window_most);
	cr_assert_eq(sim_stat(&s, "resends"), 0, "what is on its way is sent again");
	cr_assert_geq(got, 2 * 3600 / (SMALL_PART / TRICKLE) * 9 / 10, "%u parts", got);
	virtual_close(&v, &s);
}

/* ---- this machine ---- */

/* Rows: N23 */
Test(network, the_own_address_changes)
{
	struct sim s;
	struct virtual *v = virtual_open(
	    &s, &(struct sim_options){.links = 4, .synth = "messages=3,docs=1x3MB,seed=5"}, 18);
	struct media_file f = sim_document(&s);
	struct rng r;

	rng_init(&r, 18);
	for (int i = 0; i < 10; i++) {
		struct parts p;
		struct outcome o;
		uint64_t begun;

		parts_fetch(&p, &s, &f, NULL); /* so that there are connections to both */
		virtual_wait(&s, rng_below(&r, 8 * SECOND));
		cr_assert_eq(sim_ask(&s, 0, NET_UP, tl_new(&s.arena, TLC_help_getNearestDc)),
			     NET_RESULT);
		begun = ring_now(s.ring);
		virtual_unplug(v);
		ask_now(&s);
		o = outlive(&s, begun);
		cr_assert_leq(o.answered_ns, 20 * SECOND, "%.3f s", (double)o.answered_ns / 1e9);
		parts_fetch(&p, &s, &f, NULL);
	}
	cr_assert_eq(virtual_stale_most(v), 0,
		     "%u old connections beside new ones of the same key", virtual_stale_most(v));
	virtual_close(&v, &s);
}

/* Rows: N24 */
Test(network, asleep_for_eight_hours)
{
	struct sim s;
	struct virtual *v = virtual_open(
	    &s, &(struct sim_options){.links = 3, .synth = "messages=3,docs=1x3MB,seed=5"}, 19);
	struct media_file f = sim_document(&s);
	struct parts plain, after;
	struct net_stats stats;
	int64_t ahead;
	uint64_t took;

	parts_fetch(&plain, &s, &f, NULL);
	for (int i = 0; i < 5; i++) {
		virtual_tell(v, "salts");
		virtual_suspend(v, 8 * 3600 * SECOND);
		virtual_unplug(v); /* no router remembers them */
		took = virtual_ask(&s, 0);
		cr_assert_leq(took, SECOND, "%.3f s", (double)took / 1e9);
		net_stats(s.net, &stats);
		cr_assert_geq(stats.reconnects, (uint64_t)i + 1);
		ahead = net_server_time(s.net) - (int64_t)(ring_wall(s.ring) / SECOND);
		cr_assert_leq(ahead * ahead, 4, "the clock is off by %lld s", (long long)ahead);
		parts_fetch(&after, &s, &f, NULL);
		parts_same(&plain, &after);
	}
	cr_assert_eq(virtual_stale_most(v), 0);
	virtual_close(&v, &s);
}
