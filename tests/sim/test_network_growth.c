/*
 * How many connections a net comes to, in virtual time: as many as the total needs where each one is
 * limited, few where they share a bottleneck, fewer when it is told to wait.
 */
#include "tests/link/sim.h"
#include "tests/sim/virtual.h"

#include "proto/api/part.h"

enum { FIRST = 4, MOST = 16, PIECE = 16 * 1024, PIECES = 64 };

enum { EACH = 50000 }; /* bytes per s of a connection */

static const uint64_t SECOND = 1000000000;

struct load {
	struct sim s;
	struct virtual *v;
	uint8_t location[256];
	size_t location_len;
	uint16_t dc;
	uint32_t asked, answered, errors;
	uint32_t most; /* connections that were tried */
	uint64_t hold_ns;
};

static void open_load(struct load *l)
{
	struct sim_options o = {
	    .synth = "messages=3,docs=1x9MB,seed=5", .links = MOST, .inflight = 2, .chunks = 40};

	struct media_file f;
	struct cspan at;

	memset(l, 0, sizeof(*l));
	l->v = virtual_open(&l->s, &o, 1);
	f = sim_document(&l->s);
	at = sim_encode(&l->s, media_location(&l->s.arena, &f));
	cr_assert_leq(at.len, sizeof(l->location));
	memcpy(l->location, at.at, at.len);
	l->location_len = at.len;
	l->dc = (uint16_t)f.dc;
	l->s.options.links_down_first = l->s.options.links_up_first = FIRST;
	sim_reopen_net(&l->s);
}

static bool ask(struct load *l)
{
	uint8_t query[512];
	struct net_request r = {.dc = l->dc, .lane = NET_DOWN, .bulk_answer = true};
	uint32_t ticket;

	if (net_room(l->s.net, r.dc, NET_DOWN) == 0)
		return false;
	r.query = cspan_of(query, part_ask((struct span){query, sizeof(query)},
					   cspan_of(l->location, l->location_len),
					   (int64_t)(l->asked % PIECES) * PIECE, PIECE));
	if (net_call(l->s.net, &r, &ticket) != 0)
		return false;
	l->asked++;
	return true;
}

static void take(struct load *l, struct net_event *ev)
{
	if (ev->kind > NET_LOST)
		return;
	l->answered += ev->kind == NET_RESULT;
	if (ev->kind == NET_ERROR) {
		cr_assert_str_eq(ev->text, "FLOOD_PREMIUM_WAIT_3");
		l->hold_ns = ring_now(l->s.ring) + 3 * SECOND;
		l->errors++;
	}
	if (ev->chunk != NULL)
		slab_give(l->s.slab, &ev->chunk);
}

/* Pieces of the file, over and over. */
static void run(struct load *l, uint32_t seconds)
{
	uint64_t until = ring_now(l->s.ring) + seconds * SECOND;

	while (ring_now(l->s.ring) < until) {
		struct net_stats stats;
		struct net_event ev;

		while (net_next(l->s.net, &ev))
			take(l, &ev);
		while (ring_now(l->s.ring) >= l->hold_ns && ask(l))
			;
		net_stats(l->s.net, &stats);
		l->most = stats.links_down > l->most ? stats.links_down : l->most;
		cr_assert_eq(net_turn(l->s.net, l->hold_ns > ring_now(l->s.ring) ? l->hold_ns : until), 0);
	}
}

/* Download connections that stand; the home's main one is another. */
static uint32_t standing(struct load *l)
{
	struct net_stats stats;

	net_stats(l->s.net, &stats);
	return stats.links_ready - 1;
}

static uint32_t links(struct load *l)
{
	struct net_stats stats;

	net_stats(l->s.net, &stats);
	return stats.links_down;
}

static void close_load(struct load *l)
{
	struct net_event ev;

	net_close(&l->s.net);
	cr_assert_eq(net_open(&l->s.net, &l->s.options), 0);
	while (net_next(l->s.net, &ev))
		;
	virtual_close(&l->v, &l->s);
}

Test(network_growth, grows_to_what_the_total_needs)
{
	struct load l;
	uint32_t first;

	open_load(&l);
	virtual_bandwidth(l.v, EACH);
	virtual_bottleneck(l.v, 10 * EACH);
	run(&l, 15);
	first = l.answered;
	run(&l, 300);
	l.answered = 0;
	run(&l, 15);
	/* Ten connections carry it; the last step may have been a quarter. */
	cr_assert(links(&l) >= 8 && links(&l) <= 13, "%u", links(&l));
	cr_assert_gt(l.answered, first * 7 / 4, "%u, and %u at first", l.answered, first);
	cr_assert_leq(virtual_most_connects(l.v, VIRTUAL_FILE_PORT, 10 * SECOND), 5);
	close_load(&l);
}

Test(network_growth, stays_small_on_a_shared_bottleneck)
{
	struct load l;

	open_load(&l);
	virtual_bottleneck(l.v, 3 * EACH);
	run(&l, 400);
	cr_assert_leq(l.most, FIRST + 1, "%u", l.most);
	cr_assert_leq(standing(&l), FIRST + 1);
	close_load(&l);
}

Test(network_growth, shrinks_when_told_to_wait)
{
	struct load l;

	open_load(&l);
	virtual_bandwidth(l.v, EACH);
	run(&l, 60);
	cr_assert_gt(l.most, FIRST);
	sim_ctl(&l.s, "fault error:method=upload.getFile,code=420,text=FLOOD_PREMIUM_WAIT_3,count=8");
	l.most = links(&l);
	run(&l, 2);
	cr_assert_gt(l.errors, 0);
	cr_assert_eq(links(&l), l.most / 2);
	run(&l, 30);
	cr_assert_leq(links(&l), l.most / 2, "not at once again");
	/* What is too many now is closed. */
	cr_assert_leq(standing(&l), links(&l) + 1);
	l.most = 0;
	run(&l, 200);
	cr_assert_gt(links(&l), 3, "but later, below what was too much: %u", links(&l));
	close_load(&l);
}

/* ---- thin links ---- */

enum { WHOLE = 512 * 1024, PARTS = 4 };

static void put(struct load *l, uint32_t part)
{
	struct part_save save = {4711, (int32_t)part, 64, true};
	struct net_request r = {.lane = NET_UP, .tag = part};
	struct chunk *c = slab_take(l->s.slab, CHUNK_HELD);
	uint32_t ticket;

	cr_assert_not_null(c);
	memset(buf_put(&c->buf, WHOLE), (int)part, WHOLE);
	part_push_save(&c->buf, &save);
	r.chunk = &c;
	cr_assert_eq(net_call(l->s.net, &r, &ticket), 0);
}

/*
 * Four parts beside each other would take seven minutes, and be too old for the server when they are
 * there, each time again; one by one they arrive.
 */
/* Rows: N11 S2 */
Test(network_growth, parts_share_a_thin_way_up_with_fewer)
{
	struct net_stats stats;
	struct net_event ev;
	uint32_t stored = 0;
	bool told = false;
	uint64_t began;
	struct load l;

	open_load(&l);
	virtual_ask(&l.s, 0);
	virtual_segments(l.v, 1000000, 0, 0, 0);
	virtual_buffer(l.v, 16 * 1024);
	virtual_bottleneck(l.v, 5000);
	began = ring_now(l.s.ring);
	for (uint32_t i = 0; i < PARTS; i++)
		put(&l, i);
	while (stored < PARTS) {
		while (net_next(l.s.net, &ev)) {
			told |= ev.kind == NET_STATE && strstr(ev.text, "longer than the server waits");
			if (ev.kind > NET_LOST)
				continue;
			cr_assert_eq(ev.kind, NET_RESULT, "%d %s", ev.code, ev.text);
			slab_give(l.s.slab, &ev.chunk);
			stored++;
		}
		cr_assert_eq(net_turn(l.s.net, UINT64_MAX), 0);
	}
	/* Once in vain, and then one by one. */
	cr_assert_leq(ring_now(l.s.ring) - began, (2 * PARTS * WHOLE / 5000 + 200) * SECOND, "%.0f s",
		      (double)(ring_now(l.s.ring) - began) / 1e9);
	net_stats(l.s.net, &stats);
	cr_assert_lt(stats.links_up, FIRST);
	cr_assert(told);
	close_load(&l);
}
