/*
 * Random sequences on the two real bodies. Few in each run of the tests; RING_OPS, RING_TEARDOWNS and
 * RING_EXITS in the environment ask for more:
 *
 *   RING_OPS=1000000 RING_TEARDOWNS=1000000 RING_EXITS=1000 BUILD/tests/ring/test_ring_random
 */
#include "tests/ring/bodies.h"
#include "tests/ring/play.h"

#include <stdio.h>
#include <unistd.h>

static const struct {
	bool poll;
	uint32_t forbid;
} kinds[] = {
    {true, 0},
    {false, 0},
    {false, RING_RECV_WAITALL | RING_SEND_WAITALL | RING_FIXED_FILES},
    {false, RING_ALL},
};

static void tell(const struct body *b, const struct play_told *t)
{
	fprintf(stderr,
		"%s without %03x: %llu ops, %llu cancels, %llu refused, %llu teardowns, %llu short, "
		"%llu held\n",
		ring_name(b->ring), b->forbid, (unsigned long long)t->ops,
		(unsigned long long)t->cancels, (unsigned long long)t->refused,
		(unsigned long long)t->teardowns, (unsigned long long)t->shorts,
		(unsigned long long)t->held);
}

/* Rows: K4 K6 */
Test(ring_random, sequences_end_as_the_model_says)
{
	uint64_t ops = play_count("RING_OPS", 6000);
	struct play_told told;
	struct body b;

	for (size_t i = 0; i < countof(kinds); i++) {
		if (!body_open(&b, kinds[i].poll, kinds[i].forbid, PLAY_ENTRIES))
			continue;
		play(b.ring, 1 + i, ops, &told);
		tell(&b, &told);
		cr_assert_geq(told.ops, ops);
		cr_assert(told.refused > 0 && told.cancels > 0 && told.teardowns > 0 && told.shorts > 0);
		ring_close(b.ring);
	}
}

/* Rows: K7 */
Test(ring_random, memory_of_a_torn_connection_is_not_touched)
{
	uint64_t count = play_count("RING_TEARDOWNS", 400);
	struct play_told told;
	struct body b;

	for (size_t i = 0; i < countof(kinds); i++) {
		if (!body_open(&b, kinds[i].poll, kinds[i].forbid, PLAY_ENTRIES))
			continue;
		play_teardowns(b.ring, 7 + i, count, &told);
		tell(&b, &told);
		ring_close(b.ring);
	}
}

/* Ops that would never end by themselves, and some that have. */
struct full {
	struct probe recv[4], send[4], wait, timer;
	struct pair pairs[4];
	uint8_t in[4][64], out[1 << 20];
	int pipes[2];
};

static int ended(const struct full *f)
{
	int done = f->wait.done + f->timer.done;

	for (int i = 0; i < 4; i++)
		done += f->recv[i].done + f->send[i].done;
	return done;
}

static void fill(struct full *f, struct ring *r)
{
	*f = (struct full){.wait.done = 0};
	cr_assert_eq(pipe(f->pipes), 0);
	for (int i = 0; i < 4; i++) {
		struct pair *p = &f->pairs[i];

		pair_open(r, p);
		ring_recv(r, probe_op(&f->recv[i]), p->client, f->in[i], sizeof(f->in[i]), true);
		ring_send(r, probe_op(&f->send[i]), p->client, f->out, sizeof(f->out));
	}
	ring_readable(r, probe_op(&f->wait), f->pipes[0]);
	ring_timer(r, probe_op(&f->timer), UINT64_MAX);
	cr_assert_geq(ring_run(r, 0), 0);
}

static void leave(struct full *f, struct ring *r)
{
	uint64_t until;

	for (int i = 0; i < 4; i++) {
		ring_cancel(r, &f->recv[i].op);
		ring_cancel(r, &f->send[i].op);
	}
	ring_cancel(r, &f->wait.op);
	ring_cancel(r, &f->timer.op);
	until = ring_now(r) + UINT64_C(2000000000);
	while (ended(f) < 10) {
		int n = ring_run(r, until);

		cr_assert(n > 0 || (n == 0 && ring_now(r) < until), "%d of 10 ended", ended(f));
	}
	for (int i = 0; i < 4; i++)
		pair_close(r, &f->pairs[i]);
	close(f->pipes[0]);
	close(f->pipes[1]);
	ring_close(r);
}

/* Rows: K8 */
Test(ring_random, everything_in_flight_ends_when_cancelled)
{
	uint64_t count = play_count("RING_EXITS", 20);
	static struct full f;
	struct body b;

	for (uint64_t n = 0; n < count; n++)
		for (size_t i = 0; i < countof(kinds); i++)
			if (body_open(&b, kinds[i].poll, kinds[i].forbid, 16)) {
				fill(&f, b.ring);
				leave(&f, b.ring);
			}
}
