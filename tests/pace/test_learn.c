/*
 * The learner against limits it does not know, in virtual time. After the time for learning it must
 * get 90 % of what the limit gives, with at most one flood wait an hour.
 */
#include "engine/pace/methods.h"
#include "tests/pace/limiter.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static const uint64_t MS = 1000000;
static const uint64_t S = 1000000000;
static const uint64_t HOUR = 3600ull * 1000000000;
static const uint64_t T0 = 1700000123000000000; /* a wall clock of 2023 */

enum { LIMITS = 2, HOURS_MAX = 1200 };

/* A sender that always has something to send, an account's limits, and what came of it by the hour.
 */
struct sim {
	struct learn learn;
	struct pace_lane lane;
	struct limiter limits[LIMITS];
	uint32_t limit_count;
	uint64_t now, seed, round_trip_ns;
	uint32_t tokens; /* of each request */
	uint32_t sent[HOURS_MAX], floods[HOURS_MAX];
};

static void sim_start(struct sim *s)
{
	*s = (struct sim){.now = T0, .seed = 1, .tokens = 1, .round_trip_ns = 50 * MS};
	pace_init(&s->lane, 1, 3 * S, 1, 0);
	learn_init(&s->learn, 3 * S);
}

static void sim_limit(struct sim *s, enum limiter_kind kind, uint32_t most, uint64_t window_ns)
{
	limiter_init(&s->limits[s->limit_count++], kind, most, window_ns);
}

/* Up to 5 ms late, as a loop is. */
static uint64_t jitter(struct sim *s)
{
	s->seed = s->seed * 6364136223846793005u + 1442695040888963407u;
	return (s->seed >> 33) % (5 * MS);
}

static uint32_t hour_of(const struct sim *s)
{
	return (uint32_t)((s->now - T0) / HOUR);
}

static void request(struct sim *s)
{
	uint32_t wait = 0;

	learn_take(&s->learn, &s->lane, s->now, s->tokens);
	for (uint32_t i = 0; i < s->limit_count; i++) {
		uint32_t w = limiter_wait(&s->limits[i], s->now, s->tokens);

		wait = w > wait ? w : wait;
	}
	if (wait > 0) {
		s->floods[hour_of(s)]++;
		learn_flood(&s->learn, &s->lane, s->now, wait * S, s->tokens);
		return;
	}
	for (uint32_t i = 0; i < s->limit_count; i++)
		limiter_take(&s->limits[i], s->now, s->tokens);
	s->sent[hour_of(s)] += s->tokens;
}

static void sim_run(struct sim *s, uint32_t until_hour)
{
	uint64_t end = T0 + until_hour * HOUR;

	while (s->now < end) {
		struct pace_verdict v = learn_ask(&s->learn, &s->lane, s->now, s->tokens);

		cr_assert(v.reason == PACE_NOW || v.at > s->now);
		if (v.reason != PACE_NOW) {
			s->now = v.at + jitter(s);
			continue;
		}
		request(s);
		s->now += s->round_trip_ns;
	}
}

static uint32_t sum(const uint32_t *of, uint32_t from, uint32_t to)
{
	uint32_t n = 0;

	for (uint32_t i = from; i < to; i++)
		n += of[i];
	return n;
}

/* What the limits give in the long run, and no hour with two floods. */
static void expect_learnt(const struct sim *s, uint32_t from, uint32_t to, double per_hour,
			  const char *what)
{
	double share = sum(s->sent, from, to) / (per_hour * (to - from));
	uint32_t worst = 0;

	for (uint32_t i = from; i < to; i++)
		worst = s->floods[i] > worst ? s->floods[i] : worst;
	printf("%-44s %5.1f %% of the limit, floods: %u while learning, then %.2f an hour, %u at "
	       "most\n",
	       what, share * 100, sum(s->floods, 0, from),
	       (double)sum(s->floods, from, to) / (to - from), worst);
	cr_expect(share >= 0.90, "%s: %.1f %%", what, share * 100);
	cr_expect(share <= 1.05, "%s: %.1f %% of a limit", what, share * 100);
	cr_expect(worst <= 1, "%s: %u floods in an hour", what, worst);
}

static void rate_case(enum limiter_kind kind, uint32_t most, uint64_t window_ns, const char *what)
{
	struct sim s;

	sim_start(&s);
	sim_limit(&s, kind, most, window_ns);
	sim_run(&s, 25);
	expect_learnt(&s, 1, 25, (double)most * HOUR / window_ns, what);
}

Test(learn, token_buckets)
{
	rate_case(LIMITER_BUCKET, 20, 60 * S, "bucket 20/60 s");
	rate_case(LIMITER_BUCKET, 60, 60 * S, "bucket 60/60 s");
	rate_case(LIMITER_BUCKET, 1, S, "bucket 1/s");
	rate_case(LIMITER_BUCKET, 30, 10 * S, "bucket 30/10 s");
	rate_case(LIMITER_BUCKET, 5, 60 * S, "bucket 5/60 s");
	rate_case(LIMITER_BUCKET, 300, 600 * S, "bucket 300/600 s");
	rate_case(LIMITER_BUCKET, 100, 10 * S, "bucket 100/10 s");
}

Test(learn, fixed_windows)
{
	rate_case(LIMITER_FIXED, 30, 60 * S, "fixed window 30/60 s");
	rate_case(LIMITER_FIXED, 20, 60 * S, "fixed window 20/60 s");
	rate_case(LIMITER_FIXED, 100, 600 * S, "fixed window 100/600 s");
	rate_case(LIMITER_FIXED, 500, 600 * S, "fixed window 500/600 s");
}

Test(learn, sliding_windows)
{
	rate_case(LIMITER_SLIDING, 30, 60 * S, "sliding window 30/60 s");
	rate_case(LIMITER_SLIDING, 20, 60 * S, "sliding window 20/60 s");
	rate_case(LIMITER_SLIDING, 600, 900 * S, "sliding window 600/900 s");
}

/* A rate and a quota at once, as reports have it: 2,500 in some hours. */
static void quota_case(enum limiter_kind kind, uint32_t most, uint32_t hours, uint32_t rate,
		       const char *what)
{
	uint32_t learning = 2 * hours + 1, end = 30 * hours;
	struct sim s;

	sim_start(&s);
	sim_limit(&s, LIMITER_BUCKET, rate, 60 * S);
	sim_limit(&s, kind, most, hours * HOUR);
	sim_run(&s, learning + end);
	expect_learnt(&s, learning, learning + end, (double)most / hours, what);
}

Test(learn, long_quotas)
{
	quota_case(LIMITER_SLIDING, 2500, 3, 60, "1/s and sliding 2,500 in 3 h");
	quota_case(LIMITER_SLIDING, 2500, 6, 60, "1/s and sliding 2,500 in 6 h");
	quota_case(LIMITER_SLIDING, 2500, 24, 20, "20/min and sliding 2,500 in 24 h");
	quota_case(LIMITER_SLIDING, 3000, 12, 120, "2/s and sliding 3,000 in 12 h");
	quota_case(LIMITER_FIXED, 2500, 6, 60, "1/s and fixed 2,500 in 6 h");
	quota_case(LIMITER_FIXED, 2000, 24, 60, "1/s and fixed 2,000 in 24 h");
	quota_case(LIMITER_BUCKET, 2500, 6, 60, "1/s and bucket 2,500 in 6 h");
}

Test(learn, rate_limit_that_changes)
{
	struct sim s;

	sim_start(&s);
	sim_limit(&s, LIMITER_BUCKET, 20, 60 * S);
	sim_run(&s, 10);
	limiter_change(&s.limits[0], 10, 60 * S, s.now);
	sim_run(&s, 20);
	limiter_change(&s.limits[0], 30, 60 * S, s.now);
	sim_run(&s, 40);
	expect_learnt(&s, 1, 10, 20 * 60, "bucket 20/60 s");
	expect_learnt(&s, 11, 20, 10 * 60, "  halved");
	expect_learnt(&s, 24, 40, 30 * 60, "  tripled");
}

Test(learn, quota_that_changes)
{
	struct sim s;

	sim_start(&s);
	sim_limit(&s, LIMITER_BUCKET, 60, 60 * S);
	sim_limit(&s, LIMITER_SLIDING, 2500, 3 * HOUR);
	sim_run(&s, 100);
	limiter_change(&s.limits[1], 1500, 3 * HOUR, s.now);
	sim_run(&s, 200);
	limiter_change(&s.limits[1], 2500, 2 * HOUR, s.now);
	sim_run(&s, 300);
	expect_learnt(&s, 7, 100, 2500 / 3.0, "1/s and sliding 2,500 in 3 h");
	expect_learnt(&s, 107, 200, 1500 / 3.0, "  now 1,500 in 3 h");
	expect_learnt(&s, 212, 300, 2500 / 2.0, "  now 2,500 in 2 h");
}

Test(learn, batches)
{
	struct sim s;

	sim_start(&s);
	s.tokens = 10;
	sim_limit(&s, LIMITER_BUCKET, 20, 60 * S);
	sim_run(&s, 25);
	expect_learnt(&s, 1, 25, 20 * 60, "bucket 20/60 s, ten at a time");
}

/* Limits nobody chose: nearly all are met as well, and none is met badly. */
Test(learn, random_limits)
{
	uint64_t seed = 7;
	uint32_t good = 0, cases = 60;

	for (uint32_t i = 0; i < cases; i++) {
		struct sim s;
		uint32_t draw[3];
		double per_hour, share;

		for (uint32_t k = 0; k < 3; k++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			draw[k] = (uint32_t)(seed >> 40);
		}
		sim_start(&s);
		s.seed = i + 1;
		s.now += draw[0] % 1000 * S;
		/* 20 .. 219 in 20 .. 419 s */
		sim_limit(&s, (enum limiter_kind)(draw[0] % 3), 20 + draw[1] % 200,
			  (20 + draw[2] % 400) * S);
		sim_run(&s, 14);
		per_hour = (double)s.limits[0].most * HOUR / s.limits[0].window_ns;
		share = sum(s.sent, 2, 14) / (per_hour * 12);
		good += share >= 0.90;
		cr_expect(share >= 0.80, "%u in %llu s: %.1f %%", s.limits[0].most,
			  (unsigned long long)(s.limits[0].window_ns / S), share * 100);
		cr_expect(sum(s.floods, 2, 14) <= 12, "%u in %llu s: %u floods in 12 hours",
			  s.limits[0].most, (unsigned long long)(s.limits[0].window_ns / S),
			  sum(s.floods, 2, 14));
	}
	printf("random limits: %u of %u at 90 %% or more\n", good, cases);
	cr_expect(good >= cases * 9 / 10, "%u of %u", good, cases);
}

/* ---- waits, other methods ---- */

Test(learn, wait_is_kept_to_the_end)
{
	struct learn l;
	struct pace_lane lane;

	pace_init(&lane, 1, 3 * S, 1, 0);
	learn_init(&l, 3 * S);
	learn_take(&l, &lane, T0, 1);
	learn_flood(&l, &lane, T0, 14 * 86400 * S, 1);
	cr_assert_eq(learn_ask(&l, &lane, T0 + 14 * 86400 * S - 1, 1).reason, PACE_FLOOD);
	cr_assert_eq(learn_ask(&l, &lane, T0 + 14 * 86400 * S, 1).reason, PACE_NOW);
	learn_flood(&l, &lane, T0, UINT64_MAX, 1); /* nonsense holds, and breaks nothing */
	cr_assert_eq(learn_ask(&l, &lane, T0, 1).reason, PACE_FLOOD);
}

Test(learn, nothing_to_send_is_no_reason_to_go_faster)
{
	struct learn l;
	struct pace_lane lane;

	pace_init(&lane, 1, 3 * S, 1, 0);
	learn_init(&l, 3 * S);
	for (uint64_t i = 0; i < 1000; i++)
		learn_take(&l, &lane, T0 + i * 10 * S, 1);
	cr_assert_eq(l.per_ns, 3 * S);
	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t at = learn_ask(&l, &lane, T0 + 10000 * S, 1).at;

		learn_take(&l, &lane, at > T0 + 10000 * S ? at : T0 + 10000 * S, 1);
	}
	cr_assert_lt(l.per_ns, S);
}

Test(learn, what_other_methods_sent_fills_the_window)
{
	struct learn l;
	struct pace_lane lane;

	pace_init(&lane, 1, S, 1, 0);
	learn_init(&l, S);
	for (uint64_t i = 0; i < 2000; i++)
		learn_take(&l, &lane, T0 + i * S, 1);
	learn_flood(&l, &lane, T0 + 2000 * S, 5200 * S, 1);
	cr_assert_eq(l.quota, 1999); /* the refused one does not count */
	cr_assert(l.window_ns > 7190 * S && l.window_ns <= 7200 * S);
	learn_seen(&l, T0 + 9200 * S, 1940);
	cr_assert_eq(learn_ask(&l, &lane, T0 + 9300 * S, 100).reason, PACE_QUOTA);
}

Test(learn, requests_stay_small_beside_a_window)
{
	struct learn l;

	learn_init(&l, 3 * S);
	cr_assert_eq(learn_batch_max(&l), 10);
	learn_init(&l, S / 4);
	cr_assert_eq(learn_batch_max(&l), 60);
	learn_init(&l, 1);
	cr_assert_eq(learn_batch_max(&l), 100);
}

/* ---- as bytes ---- */

static struct learn taught(void)
{
	struct sim s;

	sim_start(&s);
	sim_limit(&s, LIMITER_BUCKET, 60, 60 * S);
	sim_limit(&s, LIMITER_SLIDING, 2500, 3 * HOUR);
	sim_run(&s, 7);
	return s.learn;
}

Test(learn, survives_a_restart)
{
	struct learn a = taught(), b;
	struct pace_lane lane, same;
	uint8_t state[LEARN_STATE_MAX];
	size_t len = learn_save(&a, state);
	uint64_t now = T0 + 7 * HOUR;

	cr_assert_neq(a.quota, 0);
	cr_assert(learn_load(&b, cspan_of(state, len), now));
	pace_init(&lane, 1, a.per_ns, 1, 0);
	same = lane;
	for (uint32_t i = 0; i < 3000; i++) {
		struct pace_verdict v = learn_ask(&a, &lane, now, 1),
				    w = learn_ask(&b, &same, now, 1);

		cr_assert(v.reason == w.reason && v.at == w.at);
		now = v.at;
		learn_take(&a, &lane, now, 1);
		learn_take(&b, &same, now, 1);
	}
	cr_assert_eq(a.per_ns, b.per_ns);
}

Test(learn, bytes_that_are_no_state_are_refused)
{
	struct learn a = taught(), b = a, was = a;
	uint8_t state[LEARN_STATE_MAX];
	size_t len = learn_save(&a, state);
	uint64_t now = T0 + 7 * HOUR;

	cr_assert_not(learn_load(&b, cspan_of(state, len - 1), now));
	cr_assert_not(learn_load(&b, cspan_of(state, 7), now));
	state[4]++; /* a newer version */
	cr_assert_not(learn_load(&b, cspan_of(state, len), now));
	state[4]--;
	store_le64(state + 8, 0); /* no spacing at all */
	cr_assert_not(learn_load(&b, cspan_of(state, len), now));
	cr_assert_eq(memcmp(&b, &was, sizeof(b)), 0);
}

/* Any bytes: refused, or a state that asks and learns without a fault. */
Test(learn, damaged_states_do_no_harm)
{
	struct learn a = taught();
	uint8_t good[LEARN_STATE_MAX], state[LEARN_STATE_MAX];
	size_t len = learn_save(&a, good);
	uint64_t now = T0 + 7 * HOUR, seed = 3;

	for (uint32_t i = 0; i < 3000; i++) {
		struct learn b = a;
		struct pace_lane lane;

		memcpy(state, good, len);
		for (uint32_t k = 0; k < 4; k++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			state[8 + (seed >> 33) % (LEARN_HEAD_SIZE + 24)] = (uint8_t)(seed >> 20);
		}
		learn_load(&b, cspan_of(state, len), now);
		pace_init(&lane, 1, b.per_ns, 1, 0);
		learn_take(&b, &lane, now, 10);
		learn_ask(&b, &lane, now, 10);
		learn_flood(&b, &lane, now, (i % 2 ? 3 : 5000) * S, 10);
		learn_take(&b, &lane, now + 6000 * S, 10);
	}
}

/*
 * Set back while it runs, by an hour: it is asked as if nothing had happened, neither at once nor
 * after that hour, and it tries nothing because a flood seems to be long ago.
 */
Test(learn, clock_set_back_while_it_runs_moves_all_times)
{
	struct learn a = taught(), b = a;
	uint64_t now = T0 + 7 * HOUR;
	struct pace_lane lane, same;

	pace_init(&lane, 1, a.per_ns, 1, 0);
	same = lane;
	for (uint32_t i = 0; i < 20000; i++) {
		uint64_t off = i < 1000 ? 0 : HOUR;
		struct pace_verdict v = learn_ask(&a, &lane, now, 1), w;

		pace_restore(&same, now - off);
		learn_restore(&b, now - off);
		w = learn_ask(&b, &same, now - off, 1);
		cr_assert_eq(v.reason, w.reason, "%u", i);
		cr_assert_eq(v.at, w.at + off, "%u: %lu %lu", i, v.at, w.at + off);
		now = v.at;
		learn_take(&a, &lane, now, 1);
		learn_take(&b, &same, now - off, 1);
		if (i % 3000 == 2999) {
			learn_flood(&a, &lane, now, 20 * S, 1);
			learn_flood(&b, &same, now - off, 20 * S, 1);
		}
	}
	cr_assert_eq(a.per_ns, b.per_ns);
	cr_assert_eq(a.quota, b.quota);
}

/* Nobody said that it was: no trial begins because a flood seems to be centuries old. */
Test(learn, a_flood_ahead_of_now_is_not_long_ago)
{
	struct learn l = taught();
	struct pace_lane lane;
	uint64_t per_ns = l.per_ns;

	l.calm = 100000;
	l.since = l.flooded - 2 * HOUR;
	pace_init(&lane, 1, l.per_ns, 1, 0);
	learn_take(&l, &lane, l.flooded - HOUR, 1);
	cr_assert_eq(l.per_ns, per_ns);
	cr_assert_eq(l.step, 0);
}

Test(learn, the_slowest_rate_that_can_be_named_is_where_it_starts)
{
	struct learn l;

	learn_init(&l, HOUR);
	cr_assert_eq(l.per_ns, HOUR);
}

Test(learn, clock_set_back_starts_over_and_keeps_what_was_learnt)
{
	struct learn a = taught(), b;
	uint8_t state[LEARN_STATE_MAX];
	size_t len = learn_save(&a, state);
	struct pace_lane lane;

	cr_assert(learn_load(&b, cspan_of(state, len), T0 - 1000 * HOUR));
	cr_assert_eq(b.per_ns, a.per_ns);
	cr_assert_eq(b.quota, a.quota);
	cr_assert_leq(b.flooded, T0 - 1000 * HOUR);
	pace_init(&lane, 1, b.per_ns, 1, 0);
	cr_assert_leq(learn_ask(&b, &lane, T0 - 1000 * HOUR, 1).at, T0 - 1000 * HOUR + 4 * HOUR);
}

Test(methods, time_by_spacing_or_by_quota)
{
	uint64_t counts[PACE_METHODS] = {[PACE_FORWARD] = 100, [PACE_TEXT] = 60};
	struct pace_methods *m = malloc(sizeof(*m));

	methods_init(m, S);
	cr_assert_float_eq(methods_seconds(m, counts), 160, 1e-6);
	m->of[PACE_TEXT].per_ns = 2 * S;
	cr_assert_float_eq(methods_seconds(m, counts), 220, 1e-6);
	/* 80 go at once, 80 a window later. */
	m->of[PACE_TEXT].quota = 80;
	m->of[PACE_TEXT].window_ns = HOUR;
	cr_assert_float_eq(methods_seconds(m, counts), 3600, 1e-6);
	counts[PACE_TEXT] = 0;
	cr_assert_float_eq(methods_seconds(m, counts), 100, 1e-6, "a quota that nobody fills");
	free(m);
}
