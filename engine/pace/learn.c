/*
 * Two estimates and what moves them. The rate moves by steps:
 *
 *   flood    -> what the time since the last flood shows, or a cut           (learn_flood)
 *   no flood -> start: times 1.5 · below what flooded: up to it · at it: after an hour, by trial
 *
 * The quota moves by long waits only. It owns its numbers; the lane belongs to the caller, who also
 * stores both.
 */
#include "engine/pace/learn_priv.h"
#include "proto/base/check.h"

void learn_init(struct learn *l, uint64_t per_ns)
{
	*l = (struct learn){.per_ns = clamp(per_ns, PER_MIN_NS, PER_MAX_NS)};
	past_init(&l->past, GRAIN_NS);
}

/* ---- asking ---- */

/* A little is left for what the account's owner writes meanwhile, and for grains. */
static uint64_t quota_kept(const struct learn *l)
{
	uint64_t kept = l->quota - l->quota / 50;

	return kept > 0 ? kept : 1;
}

static uint64_t quota_at(const struct learn *l, uint64_t now, uint32_t tokens)
{
	uint64_t kept;

	if (l->window_ns == 0 || (now >= l->lift_at && age(now, l->flooded) >= TRIAL_NS))
		return 0;
	kept = quota_kept(l);
	return past_fits_at(&l->past, l->window_ns + l->window_ns / 64,
			    tokens < kept ? kept - tokens : 0);
}

struct pace_verdict learn_ask(const struct learn *l, const struct pace_lane *lane, uint64_t now,
			      uint32_t tokens)
{
	struct pace_verdict v = pace_ask(lane, now, tokens);
	uint64_t at = quota_at(l, now, tokens);

	if (at > now && (v.reason == PACE_NOW || at > v.at))
		v = (struct pace_verdict){PACE_QUOTA, at};
	return v;
}

uint32_t learn_batch_max(const struct learn *l)
{
	return (uint32_t)clamp(15 * SECOND / l->per_ns, 10, 100);
}

/* ---- what was sent ---- */

static void mark_put(struct learn_mark *m, uint64_t now, uint32_t tokens)
{
	if (m->sent == 0)
		m->first = now;
	m->sent += tokens;
}

static void mark_undo(struct learn_mark *m, uint32_t tokens)
{
	m->sent -= tokens < m->sent ? tokens : m->sent;
}

static uint64_t keep_ns(const struct learn *l)
{
	return l->window_ns == 0 ? KEEP_NS : 2 * l->window_ns;
}

/* As a bucket that drains at the measured limit. */
static void rise(struct learn *l, uint64_t now, uint32_t tokens)
{
	uint64_t drained = age(now, l->level_at);

	l->level_ns = l->level_ns > drained ? l->level_ns - drained : 0;
	l->level_ns = clamp(l->level_ns + tokens * l->limit_ns, 0, LEVEL_MAX_NS);
	l->level_at = now;
}

/* n went through in one window: clearly more than the quota raises it, twice as much ends it. */
static void outgrow(struct learn *l, uint64_t n)
{
	if (n > l->quota + l->quota / 20)
		l->quota = n;
	if (n > 2 * l->told)
		l->window_ns = 0;
}

void learn_seen(struct learn *l, uint64_t now, uint32_t tokens)
{
	past_put(&l->past, now, tokens, keep_ns(l));
	mark_put(&l->rate_mark, now, tokens);
	mark_put(&l->quota_mark, now, tokens);
	rise(l, now, tokens);
	if (l->window_ns != 0 && now > l->window_ns)
		outgrow(l, past_after(&l->past, now - l->window_ns));
}

/* Steps of a trial: 3 %, 6 %, 12 %, then 25 % each. */
static void trial(struct learn *l, uint64_t now)
{
	static const uint64_t up[] = {103, 106, 112, 125};
	uint64_t steps = countof(up) - 1;

	/* More went evenly than any burst explains: the limit is higher than it was measured. */
	if (l->per_ns < l->limit_ns && l->level_ns / l->limit_ns > l->burst / 2 * 3 + TRIAL_SLACK) {
		l->limit_ns = l->per_ns;
		l->level_ns = 0;
	}
	/* One trial at a time: the quota's, when it is due. */
	if (l->window_ns != 0 && now >= l->lift_at && l->step == 0)
		return;
	if (age(now, l->flooded) < TRIAL_NS || l->calm * l->per_ns < TRIAL_STEP_NS ||
	    l->calm < TRIAL_MIN)
		return;
	l->good_ns = l->per_ns;
	set_spacing(l, l->per_ns * 100 / up[l->step < steps ? l->step : steps], now);
	if (l->per_ns < l->bad_ns)
		l->bad_ns = l->per_ns;
	l->step++;
}

/* No flood so far: up, if the rate is what held us back and was tried long enough. */
static void grow(struct learn *l, uint64_t now)
{
	uint64_t up = l->per_ns / 110 * 100, most = percent(l->bad_ns, 104);

	if (now < l->since) {
		l->since = now;
	} else if (l->bad_ns == 0) {
		if (l->calm * l->per_ns >= START_NS && l->calm >= START_MIN)
			set_spacing(l, percent(l->per_ns, 67), now);
	} else if (l->per_ns > percent(l->bad_ns, 110)) {
		if (l->calm * l->per_ns >= CLIMB_NS && l->calm >= CLIMB_MIN)
			set_spacing(l, up > most ? up : most, now);
	} else {
		trial(l, now);
	}
}

/* The lane was ready just now and not long ago: the rate is what the sender waited for. */
static bool held_back(const struct learn *l, const struct pace_lane *lane, uint64_t now)
{
	return lane->full_at != 0 && now >= lane->full_at &&
	       now - lane->full_at <= l->per_ns / 2 + SECOND / 50;
}

void learn_take(struct learn *l, struct pace_lane *lane, uint64_t now, uint32_t tokens)
{
	if (l->since == 0)
		l->since = now;
	if (held_back(l, lane, now))
		l->calm += tokens;
	grow(l, now);
	lane->per_ns = l->per_ns;
	pace_take(lane, now, tokens);
	learn_seen(l, now, tokens);
}

/* ---- floods ---- */

void learn_unseen(struct learn *l, uint32_t tokens)
{
	uint64_t rise = tokens * l->limit_ns;

	past_undo(&l->past, tokens);
	mark_undo(&l->rate_mark, tokens);
	mark_undo(&l->quota_mark, tokens);
	l->level_ns -= rise < l->level_ns ? rise : l->level_ns;
}

void learn_flood(struct learn *l, struct pace_lane *lane, uint64_t now, uint64_t wait_ns,
		 uint32_t tokens)
{
	/* No limit is longer than that; the hold is as told all the same. */
	uint64_t end = now + (wait_ns < WINDOW_MAX_NS ? wait_ns : WINDOW_MAX_NS), even;
	uint64_t debt = tokens * lane->per_ns;

	check(tokens >= 1 && tokens <= PACE_TOKENS_MAX);
	pace_hold(lane, now, wait_ns, PACE_FLOOD);
	lane->full_at -= debt < lane->full_at ? debt : lane->full_at;
	learn_unseen(l, tokens);
	if (!learn_quota(l, now, end, tokens, &even))
		learn_rate(l, now, end, even);
	l->flooded = now;
}
