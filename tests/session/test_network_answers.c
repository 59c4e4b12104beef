/*
 * Answers as a bad network delivers them (reliability.md 4.1): in any order, more than once, and
 * acknowledged in vain. A million of each (COUNT=n: so many); a session's memory is the same after.
 */
#include "tests/session/fixture.h"

#include "proto/session/session_priv.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { OPEN = 40, KEPT = 400 };

static struct fixture fx;
static struct fixture *const f = &fx;

static void setup(void)
{
	fx_start(f);
}

static void teardown(void)
{
	fx_end(f);
}

TestSuite(network_answers, .init = setup, .fini = teardown, .timeout = 600);

static uint32_t wanted(void)
{
	const char *count = getenv("COUNT");

	return count != NULL ? (uint32_t)atoi(count) : 1000000;
}

static uint32_t draw(uint32_t below)
{
	static uint64_t state = 7;

	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((state >> 33) % below);
}

/* What is acknowledged goes before there are too many; how many went. */
static uint32_t send_acks(void)
{
	uint32_t count = f->s.ack_count;

	if (count == 0)
		return 0;
	cr_assert(fx_service(f, true));
	cr_assert_eq(f->s.ack_count, 0);
	return count;
}

static void shuffle(uint32_t *order, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	for (uint32_t i = count; i > 1; i--) {
		uint32_t k = draw(i), t = order[k];

		order[k] = order[i - 1];
		order[i - 1] = t;
	}
}

/* Told as message id, and by the same id or another one again: nobody hears of it. */
static void again(uint64_t req, uint64_t id, uint32_t object)
{
	uint32_t acks = f->s.ack_count;

	fx_result(f, req, object);
	fx_give(f, id, 1);
	cr_assert_eq(fx_next(f), -1, "answered twice");
	cr_assert_eq(f->s.ack_count, acks + 1, "not acknowledged");
}

/* Rows: N14 N15 */
Test(network_answers, out_of_order_and_twice)
{
	uint32_t order[OPEN], doubles = 0, answers = 0;
	uint64_t req[OPEN];

	while (doubles < wanted()) {
		for (uint32_t i = 0; i < OPEN; i++)
			req[i] = fx_call(f, i);
		shuffle(order, OPEN);
		for (uint32_t i = 0; i < OPEN; i++) {
			uint32_t k = order[i];
			uint64_t id = fx_id(f);

			fx_result(f, req[k], 1000 + k);
			fx_give(f, id, 1);
			cr_assert_eq(fx_next(f), SESSION_RESULT);
			cr_assert_eq(f->ev.call, &f->calls[k], "another one's answer");
			cr_assert_eq(load_le32(f->ev.body.at), 1000 + k);
			cr_assert_eq(fx_next(f), -1);
			answers++;
			again(req[k], id, 1000 + k);
			again(req[k], fx_id(f), 1000 + k);
			doubles += 2;
			if (draw(3) == 0) {
				again(req[order[draw(i + 1)]], fx_id(f), 5);
				doubles++;
			}
			cr_assert_leq(f->s.seen_count, (uint32_t)SESSION_SEEN);
			send_acks();
		}
		cr_assert_eq(f->s.call_count, 0);
		f->now += FX_SECOND;
	}
	cr_assert_geq(answers * 2, wanted() / 2);
}

/* Rows: N16 */
Test(network_answers, acks_that_never_arrive)
{
	static uint64_t ids[KEPT];
	uint32_t told = 0, repeated = 0, acked = 0;

	while (repeated < wanted()) {
		uint32_t place = told % KEPT;

		/* A new one, and all that the server thinks lost come once more now and then. */
		ids[place] = fx_id(f);
		fx_body(f, 0xdeadbeef);
		fx_give(f, ids[place], 1);
		cr_assert_eq(fx_next(f), SESSION_UPDATE);
		cr_assert_eq(fx_next(f), -1);
		told++;
		for (uint32_t i = 0; i < 8; i++) {
			uint32_t k = draw(told < KEPT ? told : KEPT);

			fx_body(f, 0xdeadbeef);
			fx_give(f, ids[k], 1);
			cr_assert_eq(fx_next(f), -1, "told twice");
			repeated++;
		}
		acked += send_acks();
		f->now += FX_SECOND / 100;
	}
	cr_assert_eq(acked, told + repeated, "a message that is sent again is acknowledged again");
	cr_assert_leq(f->s.seen_count, (uint32_t)SESSION_SEEN);
}
