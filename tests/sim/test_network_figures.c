/*
 * Figures of the checklist (reliability.md 4.1) that need a load, in virtual time: what everybody else has
 * while one peer stops reading (N10). Each connection is limited by itself, so nobody gains from another
 * one's silence, and whoever has less was held up by us.
 */
#include "tests/sim/virtual.h"

#include "engine/link/net_priv.h"
#include "proto/api/ask.h"
#include "proto/api/part.h"
#include "tests/link/parts.h"

#include <stdio.h>
#include <string.h>

enum {
	LINKS = 3,
	EACH = 200000, /* bytes per s of a connection */
	PIECE = 16 * 1024,
	PIECES = 64,
	BIN_S = 5,
	BINS = 12,
	FIRST_BIN = 1, /* behind the warm-up */
	STALL_BIN = 5,
	BACK_BIN = 10, /* and from there on, all of them again */
	KINDS = NET_UP + 1,
};

/* Of each lane: so many questions are open all the time, and these were answered in each bin. */
struct load {
	struct sim s;
	struct virtual *v;
	uint8_t location[256];
	size_t location_len;
	uint32_t asked[KINDS], answered[BINS][KINDS];
	char why[160]; /* of a link that was closed */
};

static void open_load(struct load *l)
{
	struct sim_options o = {
	    .synth = "messages=3,docs=1x9MB,seed=5", .links = LINKS, .inflight = 3, .chunks = 24};
	struct media_file f;
	struct cspan at;

	memset(l, 0, sizeof(*l));
	l->v = virtual_open(&l->s, &o, 90);
	f = sim_document(&l->s);
	at = sim_encode(&l->s, media_location(&l->s.arena, &f));
	cr_assert_leq(at.len, sizeof(l->location));
	memcpy(l->location, at.at, at.len);
	l->location_len = at.len;
	cr_assert_eq(f.dc, DOC_DC);
	virtual_bandwidth(l->v, EACH);
}

static struct cspan small_part(struct load *l)
{
	static uint8_t bytes[PIECE];
	struct tl_obj *q = tl_new(&l->s.arena, TLC_upload_saveFilePart);

	tl_set_int(q, TLF_file_id, 42);
	tl_set_int(q, TLF_file_part, (int64_t)(l->asked[NET_UP] % PIECES));
	tl_set_bytes(q, TLF_bytes, cspan_of(bytes, sizeof(bytes)));
	return sim_encode(&l->s, q);
}

/* False: the lane is full. */
static bool ask(struct load *l, enum net_lane lane)
{
	static uint8_t query[512];
	struct net_request r = {.lane = lane, .tag = (uint32_t)lane, .bulk_answer = lane == NET_DOWN};
	size_t mark = arena_mark(&l->s.arena);
	uint32_t ticket;

	if (lane == NET_DOWN)
		r.dc = DOC_DC;
	if (lane != NET_MAIN && net_room(l->s.net, r.dc, lane) == 0)
		return false;
	if (lane == NET_DOWN)
		r.query = cspan_of(query, part_ask((struct span){query, sizeof(query)},
						   cspan_of(l->location, l->location_len),
						   (int64_t)(l->asked[lane] % PIECES) * PIECE, PIECE));
	else
		r.query = lane == NET_UP ? small_part(l) : sim_encode(&l->s, ask_self(&l->s.arena));
	arena_rewind(&l->s.arena, mark);
	if (net_call(l->s.net, &r, &ticket) != 0)
		return false;
	l->asked[lane]++;
	return true;
}

static void take(struct load *l, uint32_t bin)
{
	struct net_event *ev = &l->s.ev;

	if (ev->kind == NET_STATE && strstr(ev->text, "nothing moves") != NULL)
		snprintf(l->why, sizeof(l->why), "%s", ev->text);
	if (ev->kind > NET_LOST) {
		cr_assert_neq(ev->kind, NET_DEAD, "%s", ev->text);
		return;
	}
	cr_assert_eq(ev->kind, NET_RESULT, "%d %s", ev->code, ev->text);
	if (ev->chunk != NULL)
		slab_give(l->s.slab, &ev->chunk);
	l->answered[bin][ev->tag]++;
	if (ev->tag == NET_MAIN)
		ask(l, NET_MAIN);
}

static void run(struct load *l)
{
	uint64_t begun = ring_now(l->s.ring);

	ask(l, NET_MAIN);
	for (uint32_t bin = 0; bin < BINS; bin++) {
		uint64_t until = begun + (uint64_t)(bin + 1) * BIN_S * SECOND;

		while (ring_now(l->s.ring) < until) {
			while (net_next(l->s.net, &l->s.ev))
				take(l, bin);
			while (ask(l, NET_DOWN) || ask(l, NET_UP))
				;
			cr_assert_eq(net_turn(l->s.net, until), 0);
		}
	}
}

/* What a lane had in a bin before anything happened. */
static uint32_t usual(const struct load *l, enum net_lane lane)
{
	uint32_t sum = 0;

	for (uint32_t bin = FIRST_BIN; bin < STALL_BIN - 1; bin++)
		sum += l->answered[bin][lane];
	return sum / (STALL_BIN - 1 - FIRST_BIN);
}

/* Of those `parts` of `whole` of the lane's connections that nothing happened to. */
static void others_keep(const struct load *l, enum net_lane lane, uint32_t from, uint32_t parts,
			uint32_t whole)
{
	uint32_t least = usual(l, lane) * parts / whole * 95 / 100;

	for (uint32_t bin = from; bin < BINS; bin++)
		cr_assert_geq(l->answered[bin][lane], least, "lane %d: %u in %u s, usual %u", (int)lane,
			      l->answered[bin][lane], BIN_S, usual(l, lane));
}

/* Rows: N10 */
Test(network_figures, others_keep_their_rate_while_one_peer_stops_reading)
{
	static struct load l;
	struct net_stats stats;
	uint32_t alone = 0;
	char fault[80];

	open_load(&l);
	/* The first connection that uploads: what it has taken by then takes that long. */
	virtual_buffer(l.v, 32 * 1024);
	snprintf(fault, sizeof(fault), "fault stall:dc=2,at=%u,dir=in,count=1", EACH * BIN_S * STALL_BIN);
	virtual_tell(l.v, fault);
	run(&l);
	for (uint32_t bin = 0; bin < BINS; bin++)
		fprintf(stderr, "%u s: main %u, down %u, up %u\n", bin * BIN_S, l.answered[bin][NET_MAIN],
			l.answered[bin][NET_DOWN], l.answered[bin][NET_UP]);
	others_keep(&l, NET_MAIN, FIRST_BIN, 1, 1);
	others_keep(&l, NET_DOWN, FIRST_BIN, 1, 1);
	others_keep(&l, NET_UP, FIRST_BIN, LINKS - 1, LINKS);
	others_keep(&l, NET_UP, BACK_BIN, 1, 1);
	/* It did happen, and to one only. */
	for (uint32_t bin = FIRST_BIN; bin < BINS; bin++)
		alone += l.answered[bin][NET_UP] < usual(&l, NET_UP) * 3 / 4;
	cr_assert_geq(alone, 1);
	cr_assert_str_not_empty(l.why);
	net_stats(l.s.net, &stats);
	cr_assert_eq(stats.reconnects, 1);
	virtual_close(&l.v, &l.s);
}
