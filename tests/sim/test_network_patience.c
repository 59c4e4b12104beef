/*
 * How long a question is waited for (reliability.md 4.1, N9, N11, S10): one that is never answered,
 * whether the server says that it has it or not, and one whose bytes come as slowly as they may. In
 * virtual time, of all three kinds of connections.
 */
#include "tests/sim/virtual.h"

#include "engine/link/limits.h"
#include "proto/api/ask.h"
#include "proto/api/part.h"
#include "tests/link/parts.h"

#include <stdio.h>
#include <string.h>

enum { SMALL_PART = 4096, LANES = 3 };

static const enum net_lane lanes[LANES] = {NET_MAIN, NET_DOWN, NET_UP};
static const char *const methods[LANES] = {"users.getUsers", "upload.getFile",
					   "upload.saveFilePart"};

struct asker {
	struct sim *s;
	struct virtual *v;
	uint8_t location[256];
	uint32_t location_len;
};

static void open_asker(struct asker *a, struct sim *s, uint32_t links, uint64_t seed)
{
	struct media_file doc;
	struct cspan location;

	*a = (struct asker){.s = s};
	a->v = virtual_open(s, &(struct sim_options){.links = links, .inflight = 4}, seed);
	doc = sim_document(s);
	location = sim_encode(s, media_location(&s->arena, &doc));
	cr_assert_leq(location.len, sizeof(a->location));
	memcpy(a->location, location.at, location.len);
	a->location_len = (uint32_t)location.len;
}

/* What is usual there. */
static uint32_t ask_lane(struct asker *a, uint32_t lane)
{
	static uint8_t memory[SMALL_PART];
	struct net_request r = {.lane = lanes[lane]};
	struct tl_obj *save;
	uint32_t ticket;

	arena_rewind(&a->s->arena, 0);
	if (lanes[lane] == NET_MAIN) {
		r.query = sim_encode(a->s, ask_self(&a->s->arena));
	} else if (lanes[lane] == NET_DOWN) {
		r.dc = DOC_DC;
		r.bulk_answer = true;
		r.query = cspan_of(memory, part_ask((struct span){memory, sizeof(memory)},
						    cspan_of(a->location, a->location_len), 0,
						    SMALL_PART));
	} else {
		save = tl_new(&a->s->arena, TLC_upload_saveFilePart);
		tl_set_long(save, TLF_file_id, 4711);
		tl_set_int(save, TLF_file_part, 0);
		tl_set_bytes(save, TLF_bytes, cspan_of(memory, sizeof(memory)));
		r.query = sim_encode(a->s, save);
	}
	cr_assert_eq(net_call(a->s->net, &r, &ticket), 0);
	return ticket;
}

/* Until that time; how many answers came, and when the last one did. */
static uint32_t answers_until(struct asker *a, uint32_t wanted, uint64_t until, uint64_t *last)
{
	struct sim *s = a->s;
	uint32_t got = 0;

	while (got < wanted && ring_now(s->ring) < until) {
		while (net_next(s->net, &s->ev)) {
			if (s->ev.kind == NET_STATE && s->state_text[0] == '\0')
				snprintf(s->state_text, sizeof(s->state_text), "%s", s->ev.text);
			if (s->ev.kind > NET_LOST)
				continue;
			cr_assert_eq(s->ev.kind, NET_RESULT, "%d %s", s->ev.code, s->ev.text);
			if (s->ev.chunk != NULL)
				slab_give(s->slab, &s->ev.chunk);
			got++;
			*last = ring_now(s->ring);
		}
		cr_assert_eq(net_turn(s->net, until), 0);
	}
	return got;
}

/* ---- never answered ---- */

static uint64_t unanswered(struct asker *a, uint32_t lane, bool executed, bool acked)
{
	uint64_t asked, answered = 0;
	char fault[100];

	ask_lane(a, lane); /* so that there is a connection */
	cr_assert_eq(answers_until(a, 1, ring_now(a->s->ring) + 30 * SECOND, &answered), 1);
	virtual_wait(a->s, 20 * SECOND);
	snprintf(fault, sizeof(fault), "fault silence:method=%s,before=%d,ack=%d,count=1",
		 methods[lane], !executed, acked);
	virtual_tell(a->v, fault);
	asked = ring_now(a->s->ring);
	ask_lane(a, lane);
	cr_assert_eq(answers_until(a, 1, asked + 600 * SECOND, &answered), 1, "%s is stuck",
		     methods[lane]);
	virtual_tell(a->v, "unfault all");
	return answered - asked;
}

/* Each way of it, in each lane. */
static void never_answered(bool acked, uint64_t limit, uint64_t seed)
{
	struct asker a;
	struct sim s;

	open_asker(&a, &s, 1, seed);
	for (uint32_t i = 0; i < 2 * LANES; i++) {
		uint64_t took = unanswered(&a, i / 2, i % 2 == 0, acked);

		cr_expect_geq(took, limit, "%s: %.3f s, was it silent?", methods[i / 2],
			      (double)took / 1e9);
		cr_expect_leq(took, limit + SECOND, "%s: %.3f s", methods[i / 2],
			      (double)took / 1e9);
	}
	cr_expect_eq(sim_stat(&s, "faults/fired/silence"), 2 * LANES);
	virtual_close(&a.v, &s);
}

/* Rows: N9 */
Test(network_patience, neither_acked_nor_answered)
{
	never_answered(false, 45 * SECOND, 51);
}

/* Rows: S10 */
Test(network_patience, acked_and_never_answered)
{
	never_answered(true, 90 * SECOND, 52);
}

enum { ROUND = 12, SILENT = 4 };

/* As many as there is room for at a time; how many were answered until then. */
static uint32_t ask_all(struct asker *a, uint64_t until)
{
	uint32_t asked[LANES] = {0}, got = 0;
	uint64_t last;

	while (got < ROUND * LANES && ring_now(a->s->ring) < until) {
		for (uint32_t lane = 0; lane < LANES; lane++) {
			uint16_t dc = lanes[lane] == NET_DOWN ? DOC_DC : 0;

			while (asked[lane] < ROUND && net_room(a->s->net, dc, lanes[lane]) > 0) {
				ask_lane(a, lane);
				asked[lane]++;
			}
		}
		got += answers_until(a, 1, until, &last);
	}
	return got;
}

/* One in five, of both kinds: whatever falls together, everything is answered. */
/* Rows: N9 S10 */
Test(network_patience, none_is_stuck_among_many)
{
	for (uint64_t seed = 60; seed < 66; seed++) {
		struct asker a;
		struct sim s;

		open_asker(&a, &s, 1 + (uint32_t)(seed % 3), seed);
		for (uint32_t lane = 0; lane < LANES; lane++) {
			char fault[100];

			for (int ack = 0; ack < 2; ack++) {
				snprintf(fault, sizeof(fault),
					 "fault silence:method=%s,rate=0.2,count=%d,ack=%d",
					 methods[lane], SILENT / 2, ack);
				virtual_tell(a.v, fault);
			}
		}
		/* The same one may be met each time. */
		cr_assert_eq(ask_all(&a, ring_now(s.ring) + SILENT * 91 * SECOND), ROUND * LANES,
			     "seed %llu: some are stuck", (unsigned long long)seed);
		cr_assert_geq(sim_stat(&s, "faults/fired/silence"), LANES);
		virtual_close(&a.v, &s);
	}
}

/* No connection lives as long as a deadline: what is never answered is asked elsewhere all the same. */
/* Rows: N9 S10 */
Test(network_patience, never_answered_on_connections_that_die_young)
{
	struct asker a;
	struct sim s;

	open_asker(&a, &s, 1, 57);
	for (uint32_t lane = 0; lane < LANES; lane++) {
		uint64_t asked, answered;
		char fault[100];

		ask_lane(&a, lane);
		cr_assert_eq(answers_until(&a, 1, ring_now(s.ring) + 30 * SECOND, &answered), 1);
		snprintf(fault, sizeof(fault), "fault silence:method=%s,count=1", methods[lane]);
		virtual_tell(a.v, fault);
		asked = ring_now(s.ring);
		ask_lane(&a, lane);
		while (answers_until(&a, 1, ring_now(s.ring) + 8 * SECOND, &answered) == 0) {
			cr_assert_lt(ring_now(s.ring) - asked, 150 * SECOND, "%s is stuck",
				     methods[lane]);
			virtual_reset(a.v, 0);
		}
		cr_assert_geq(answered - asked, 45 * SECOND);
	}
	cr_assert_eq(sim_stat(&s, "faults/fired/silence"), LANES);
	virtual_close(&a.v, &s);
}

/* ---- slow, not silent ---- */

/* Eight connections share what is thin: an answer may wait long for its turn on the way. */
/* Rows: N11 */
Test(network_patience, eight_answers_share_a_thin_way)
{
	struct net_stats before, after;
	struct sim s;
	struct virtual *v = virtual_open(
	    &s,
	    &(struct sim_options){.links = 8, .inflight = 2, .synth = "messages=3,docs=1x8MB,seed=5"},
	    71);
	struct media_file f = sim_document(&s);
	struct parts p;

	parts_fetch(&p, &s, &f, NULL);
	virtual_buffer(v, 16 * 1024);
	virtual_segments(v, 1000000, 0, 0, 0);
	virtual_bottleneck(v, 32 * 1000);
	virtual_reset(v, VIRTUAL_FILE_PORT); /* what is there is larger */
	virtual_wait(&s, 10 * SECOND);
	net_stats(s.net, &before);
	parts_fetch(&p, &s, &f, NULL);
	net_stats(s.net, &after);
	cr_expect_eq(after.reconnects, before.reconnects, "taken for dead: %s", s.state_text);
	virtual_close(&v, &s);
}

/*
 * A server that takes longer than anything is waited for: each question has twice the time of the one
 * before it, or it would be asked for ever.
 */
/* Rows: S10 */
Test(network_patience, each_answer_takes_minutes)
{
	struct asker a;
	struct sim s;

	open_asker(&a, &s, 1, 72);
	for (uint32_t lane = 0; lane < LANES; lane++) {
		char fault[100];
		uint64_t answered;

		snprintf(fault, sizeof(fault), "fault delay:method=%s,ms=150000", methods[lane]);
		virtual_tell(a.v, fault);
		ask_lane(&a, lane);
		cr_expect_eq(answers_until(&a, 1, ring_now(s.ring) + 1200 * SECOND, &answered), 1,
			     "%s is stuck", methods[lane]);
	}
	virtual_close(&a.v, &s);
}

/* ---- byte by byte ---- */

static uint16_t port_of(uint32_t lane)
{
	return lanes[lane] == NET_DOWN ? VIRTUAL_FILE_PORT : VIRTUAL_HOME_PORT;
}

/*
 * An answer of which a byte comes now and then, or a part on its way up of which one goes: when that
 * connection was given up, and why; 0: not at all. From stop on nothing moves.
 */
static uint64_t given_up(uint32_t lane, uint64_t each, uint64_t stop, uint64_t until, char why[160])
{
	uint64_t last, begun, closed = 0;
	struct net_stats before, after;
	bool stopped = false;
	struct asker a;
	struct sim s;

	open_asker(&a, &s, 1, 70);
	ask_lane(&a, lane);
	cr_assert_eq(answers_until(&a, 1, ring_now(s.ring) + 30 * SECOND, &last), 1);
	virtual_wait(&s, 20 * SECOND);
	net_stats(s.net, &before);
	virtual_trickle(a.v, port_of(lane), lanes[lane] == NET_UP, each);
	begun = ring_now(s.ring);
	s.state_text[0] = '\0';
	ask_lane(&a, lane);
	while (closed == 0 && ring_now(s.ring) < begun + until) {
		answers_until(&a, 1, ring_now(s.ring) + SECOND / 2, &last);
		net_stats(s.net, &after);
		if (after.reconnects > before.reconnects)
			closed = ring_now(s.ring) - begun;
		if (!stopped && ring_now(s.ring) - begun >= stop)
			virtual_vanish(a.v, port_of(lane));
		stopped = ring_now(s.ring) - begun >= stop;
	}
	snprintf(why, 160, "%s", s.state_text);
	virtual_close(&a.v, &s);
	return closed;
}

/* What is open for longer than that is the server's to close: it was told by the last ping. */
static const uint64_t hours[LANES] = {3600, 3600, 600};

/* Rows: N11 */
Test(network_patience, a_byte_in_less_than_ten_seconds_is_alive)
{
	static const uint64_t each[] = {8300, 9000, 9600, 9900};
	char why[160];

	for (uint32_t i = 0; i < countof(each) * LANES; i++) {
		uint32_t lane = i % LANES;
		uint64_t closed = given_up(lane, each[i / LANES] * MS, UINT64_MAX,
					   hours[lane] * SECOND, why);

		cr_expect_eq(closed, 0, "%s, each %llu ms: %s, after %.1f s", methods[lane],
			     (unsigned long long)each[i / LANES], why, (double)closed / 1e9);
	}
}

/* Rows: N11 */
Test(network_patience, a_byte_in_more_than_twelve_seconds_is_dead)
{
	static const uint64_t each[] = {12500, 13000, 14000, 20000};
	char why[160];

	for (uint32_t i = 0; i < countof(each) * LANES; i++) {
		uint32_t lane = i % LANES;
		uint64_t closed =
		    given_up(lane, each[i / LANES] * MS, UINT64_MAX, 120 * SECOND, why);

		cr_expect(closed != 0 && closed <= 30 * SECOND, "%s, each %llu ms: %s, after %.1f s",
			  methods[lane], (unsigned long long)each[i / LANES], why,
			  (double)closed / 1e9);
	}
}

/* Rows: N11 */
Test(network_patience, bytes_that_come_no_more)
{
	char why[160];

	for (uint32_t i = 0; i < 4 * LANES; i++) {
		uint64_t stop = 100 * SECOND + i / LANES * 2200 * MS;
		uint64_t closed = given_up(i % LANES, 9 * SECOND, stop, 200 * SECOND, why);

		cr_expect(closed > stop && closed <= stop + 15 * SECOND, "%s: after %.1f s of %.1f",
			  methods[i % LANES], (double)closed / 1e9, (double)stop / 1e9);
		/* What is small has left at once: of that its ping is missed. */
		cr_expect_not_null(strstr(why, lanes[i % LANES] == NET_UP ? "ping" : "nothing moves"),
				   "%s: %s", methods[i % LANES], why);
	}
}
