/* The pace of a lane, with time as a plain number. */
#include "engine/pace/pace.h"

#include <criterion/criterion.h>

static const uint64_t S = 1000000000;
static const uint64_t T0 = 1700000000000000000; /* a wall clock of 2023 */

static void expect(const struct pace_lane *l, uint64_t now, uint32_t tokens, enum pace_reason why,
		   uint64_t at)
{
	struct pace_verdict v = pace_ask(l, now, tokens);

	cr_assert_eq(v.reason, why, "reason %d instead of %d", v.reason, why);
	cr_assert_eq(v.at, at, "%lld ns off", (long long)(v.at - at));
}

Test(pace, fresh_lane_goes_at_once)
{
	struct pace_lane l;

	pace_init(&l, 20, 60 * S, 1, 0);
	expect(&l, T0, 1, PACE_NOW, T0);
}

Test(pace, rate_spaces_single_tokens)
{
	struct pace_lane l;

	pace_init(&l, 20, 60 * S, 1, 0);
	pace_take(&l, T0, 1);
	expect(&l, T0, 1, PACE_RATE, T0 + 3 * S);
	expect(&l, T0 + 3 * S - 1, 1, PACE_RATE, T0 + 3 * S);
	expect(&l, T0 + 3 * S, 1, PACE_NOW, T0 + 3 * S);
}

Test(pace, burst_goes_at_once_then_rate_holds)
{
	struct pace_lane l;

	pace_init(&l, 60, 60 * S, 5, 0);
	for (int i = 0; i < 5; i++) {
		expect(&l, T0, 1, PACE_NOW, T0);
		pace_take(&l, T0, 1);
	}
	expect(&l, T0, 1, PACE_RATE, T0 + S);
	expect(&l, T0, 3, PACE_RATE, T0 + 3 * S);
	/* Idle for ever refills to the bucket, not beyond. */
	expect(&l, T0 + 3600 * S, 5, PACE_NOW, T0 + 3600 * S);
	pace_take(&l, T0 + 3600 * S, 5);
	expect(&l, T0 + 3600 * S, 1, PACE_RATE, T0 + 3601 * S);
}

Test(pace, album_larger_than_bucket_goes_and_is_paid_after)
{
	struct pace_lane l;

	pace_init(&l, 20, 60 * S, 1, 0);
	expect(&l, T0, 10, PACE_NOW, T0);
	pace_take(&l, T0, 10);
	expect(&l, T0, 1, PACE_RATE, T0 + 30 * S);
	expect(&l, T0, 10, PACE_RATE, T0 + 30 * S);
}

Test(pace, rate_is_never_exceeded_in_any_minute)
{
	struct pace_lane l;
	uint64_t sent[1000], now = T0;

	pace_init(&l, 7, 60 * S, 1, 0); /* 60 / 7 s is no whole number of ns */
	for (uint32_t i = 0; i < 1000; i++) {
		struct pace_verdict v = pace_ask(&l, now, 1);

		now = v.at;
		cr_assert_eq(pace_ask(&l, now, 1).reason, PACE_NOW);
		pace_take(&l, now, 1);
		sent[i] = now;
		if (i >= 7)
			cr_assert_geq(sent[i] - sent[i - 7], 60 * S);
	}
}

Test(pace, interval_counts_from_the_last_one)
{
	struct pace_lane l;

	pace_init(&l, 0, 0, 1, 3500 * (S / 1000));
	expect(&l, T0, 1, PACE_NOW, T0);
	pace_take(&l, T0, 1);
	expect(&l, T0 + S, 1, PACE_INTERVAL, T0 + 3500 * (S / 1000));
	expect(&l, T0 + 4 * S, 1, PACE_NOW, T0 + 4 * S);
}

Test(pace, the_latest_reason_wins)
{
	struct pace_lane l;

	pace_init(&l, 20, 60 * S, 1, 3500 * (S / 1000));
	pace_take(&l, T0, 1);
	expect(&l, T0, 1, PACE_INTERVAL, T0 + 3500 * (S / 1000));
	pace_hold(&l, T0, 10 * S, PACE_SLOWMODE);
	expect(&l, T0, 1, PACE_SLOWMODE, T0 + 10 * S);
	pace_take(&l, T0, 10);
	expect(&l, T0, 1, PACE_RATE, T0 + 33 * S);
}

Test(pace, no_limit_means_no_limit)
{
	struct pace_lane l;

	pace_init(&l, 0, 0, 1, 0);
	for (int i = 0; i < 1000; i++) {
		expect(&l, T0, 100, PACE_NOW, T0);
		pace_take(&l, T0, 100);
	}
}

Test(pace, hold_is_obeyed_to_the_second_and_never_shortened)
{
	struct pace_lane l;

	pace_init(&l, 0, 0, 1, 0);
	pace_hold(&l, T0, 14 * 86400 * S, PACE_FLOOD);
	pace_hold(&l, T0 + S, 5 * S, PACE_BACKOFF);
	expect(&l, T0 + S, 1, PACE_FLOOD, T0 + 14 * 86400 * S);
	expect(&l, T0 + 14 * 86400 * S - 1, 1, PACE_FLOOD, T0 + 14 * 86400 * S);
	expect(&l, T0 + 14 * 86400 * S, 1, PACE_NOW, T0 + 14 * 86400 * S);
}

Test(pace, longer_hold_replaces_a_shorter_one)
{
	struct pace_lane l;

	pace_init(&l, 0, 0, 1, 0);
	pace_hold(&l, T0, 5 * S, PACE_BACKOFF);
	pace_hold(&l, T0, 30 * S, PACE_SLOWMODE);
	expect(&l, T0, 1, PACE_SLOWMODE, T0 + 30 * S);
}

Test(pace, absurd_waits_saturate)
{
	struct pace_lane l;

	pace_init(&l, 1, UINT64_MAX, 100000, UINT64_MAX);
	pace_take(&l, T0, 1000);
	pace_hold(&l, T0, UINT64_MAX, PACE_FLOOD);
	cr_assert_eq(pace_ask(&l, T0, 1).at, UINT64_MAX);
	pace_restore(&l, T0);
	cr_assert_neq(pace_ask(&l, T0, 1).reason, PACE_NOW);
}

Test(pace, state_survives_a_restart)
{
	struct pace_lane a, b;
	uint8_t state[PACE_STATE_SIZE];

	pace_init(&a, 20, 60 * S, 3, 3 * S);
	pace_take(&a, T0, 3);
	pace_hold(&a, T0, 100 * S, PACE_FLOOD);
	pace_save(&a, state);
	pace_init(&b, 20, 60 * S, 3, 3 * S);
	cr_assert(pace_load(&b, cspan_of(state, sizeof(state))));
	pace_restore(&b, T0 + 50 * S);
	expect(&b, T0 + 50 * S, 1, PACE_FLOOD, T0 + 100 * S);
	cr_assert_eq(b.full_at, a.full_at);
	cr_assert_eq(b.last, a.last);
}

Test(pace, bucket_of_another_rate_is_not_taken_over)
{
	struct pace_lane slow, fast;
	uint8_t state[PACE_STATE_SIZE];

	pace_init(&slow, 1, 3600 * S, 1, 0);
	pace_take(&slow, T0, 1);
	pace_save(&slow, state);
	pace_init(&fast, 6000, 60 * S, 1, 0);
	cr_assert(pace_load(&fast, cspan_of(state, sizeof(state))));
	pace_restore(&fast, T0 + S);
	expect(&fast, T0 + S, 1, PACE_NOW, T0 + S);
}

/* A learnt pace is another one after a restart: what went in advance is still to be paid for. */
/* Rows: P1 S13 */
Test(pace, debt_outlives_a_change_of_the_rate)
{
	static const uint64_t per[] = {2999 * S / 1000, 3300 * S / 1000, S, 3600 * S};
	static const uint64_t ready[] = {2999 * S / 100, 30 * S, 10 * S, 30 * S};

	for (size_t i = 0; i < sizeof(per) / sizeof(per[0]); i++) {
		struct pace_lane before, after;
		uint8_t state[PACE_STATE_SIZE];

		pace_init(&before, 1, 3 * S, 1, 0);
		pace_take(&before, T0, 10);
		pace_save(&before, state);
		pace_init(&after, 1, per[i], 1, 0);
		cr_assert(pace_load(&after, cspan_of(state, sizeof(state))));
		pace_restore(&after, T0 + S);
		expect(&after, T0 + S, 1, PACE_RATE, T0 + ready[i]);
	}
}

Test(pace, bytes_that_are_no_state_are_refused)
{
	struct pace_lane l, was;
	uint8_t state[PACE_STATE_SIZE];

	pace_init(&l, 20, 60 * S, 3, 3 * S);
	pace_hold(&l, T0, S, PACE_FLOOD);
	pace_save(&l, state);
	was = l;
	cr_assert_not(pace_load(&l, cspan_of(state, sizeof(state) - 1)));
	state[40] = PACE_RATE;
	cr_assert_not(pace_load(&l, cspan_of(state, sizeof(state))));
	state[40] = PACE_FLOOD;
	store_le64(state + 16, T0 + 2 * S); /* from after until */
	cr_assert_not(pace_load(&l, cspan_of(state, sizeof(state))));
	cr_assert_eq(l.hold_until, was.hold_until);
	cr_assert_eq(l.last, was.last);
}

Test(pace, clock_set_back_starts_waits_over_and_never_cuts_them)
{
	struct pace_lane l;
	uint64_t before = T0 - 86400 * S;

	pace_init(&l, 20, 60 * S, 1, 5 * S);
	pace_take(&l, T0, 2);
	pace_hold(&l, T0, 60 * S, PACE_FLOOD);
	pace_restore(&l, before);
	expect(&l, before, 1, PACE_FLOOD, before + 60 * S);
	l.hold_until = 0;
	expect(&l, before, 1, PACE_RATE, before + 6 * S);
	cr_assert_eq(l.last, before);
}

Test(pace, restore_leaves_a_sane_state_alone)
{
	struct pace_lane l, was;

	pace_init(&l, 20, 60 * S, 1, 5 * S);
	pace_take(&l, T0, 100);
	pace_hold(&l, T0, 86400 * S, PACE_FLOOD);
	was = l;
	pace_restore(&l, T0 + S);
	cr_assert_eq(l.full_at, was.full_at);
	cr_assert_eq(l.last, was.last);
	cr_assert_eq(l.hold_from, was.hold_from);
	cr_assert_eq(l.hold_until, was.hold_until);
}
