/* Parts that wait for room among the uploads, in virtual time: an answer makes room, no timer. */
#include "tests/link/parts.h"
#include "tests/sim/virtual.h"

enum { UPLOAD_ID = 9003 };

static const uint64_t MS = 1000000;

/*
 * One connection each way with one request on it: the next part can only go when the one before it is
 * answered. A round trip is 20 ms, and a part makes two of them; a timer that had to be waited out for
 * each would be seen.
 */
Test(network_rooms, one_part_at_a_time_does_not_wait_for_timers)
{
	struct sim_options o = {
	    .synth = "messages=3,docs=1x9MB,seed=5", .links = 1, .inflight = 1};
	struct virtual *v;
	struct parts way;
	struct media_file f;
	struct sim s;
	uint64_t began, took;

	v = virtual_open(&s, &o, 1);
	virtual_delay(v, 10 * MS, 10 * MS);
	f = sim_document(&s);
	/* An upload link that stands already: else the first parts cannot wait for one. */
	cr_assert_eq(sim_ask(&s, 0, NET_UP, tl_new(&s.arena, TLC_help_getNearestDc)), NET_RESULT);
	began = ring_now(s.ring);
	parts_pass(&way, &s, &f, UPLOAD_ID, NULL);
	took = ring_now(s.ring) - began;
	cr_assert_gt(way.relayed, way.total / 2);
	cr_assert_lt(took, way.total * 100 * MS, "%u parts took %.3f s", way.total, (double)took / 1e9);
	virtual_close(&v, &s);
}
