/*
 * What a flood says about the quota. A wait of minutes after hundreds of messages tells where a
 * window ends; where it began and how much went since is read from what was sent:
 *
 *        start                                 now        end
 *   ------|--- messages: the quota -------------|--- X ----|----> wall time
 *         `-------------------- the window ----------------'
 *
 * It is held by a sliding window of that length, which keeps to a fixed one and to a bucket as
 * well.
 */
#include "engine/pace/learn_priv.h"

static bool near(uint64_t a, uint64_t b, uint64_t of_hundred)
{
	return a >= percent(b, 100 - of_hundred) && a <= percent(b, 100 + of_hundred);
}

/* The last wait's end and this one's are whole windows apart. */
static bool is_beat(const struct learn *l, uint64_t end)
{
	uint64_t apart = end - l->quota_mark.at, off;

	if (l->quota_mark.at == 0 || l->window_ns == 0 || end < l->quota_mark.at)
		return false;
	off = (apart + l->window_ns / 2) % l->window_ns;
	return near(off, l->window_ns / 2, 2);
}

/* The run since the last pause is as much as the quota, and in less than the known window. */
static bool is_shorter(const struct learn *l, uint64_t end, uint64_t run)
{
	return l->window_ns != 0 && !is_beat(l, end) && end - run < percent(l->window_ns, 90) &&
	       past_after(&l->past, run - 1) >= percent(l->quota, 95);
}

/* We went on right when the last wait ended, and there was one window's worth since then. */
static bool follows(const struct learn *l, uint64_t now, uint64_t end)
{
	const struct learn_mark *m = &l->quota_mark;

	return m->at != 0 && m->at < now && m->sent >= QUOTA_MIN &&
	       (l->window_ns == 0 || m->sent <= percent(l->quota, 120)) &&
	       m->first - m->at <= (end - m->at) / 4;
}

/*
 * Where the window began whose end is now told. A message leaves it then, or all do: in both cases
 * what was sent since is the quota.
 */
static uint64_t window_start(const struct learn *l, uint64_t now, uint64_t end)
{
	uint64_t run = past_run_start(&l->past, LONG_WAIT_NS), known = end - l->window_ns;
	bool fits = l->window_ns != 0 && known < now;

	if (is_shorter(l, end, run))
		return run;
	if (fits && near(past_after(&l->past, known - 1), l->quota, 10))
		return known;
	if (follows(l, now, end))
		return l->quota_mark.at;
	if (fits)
		return known;
	return past_run_start(&l->past, end - now > PAUSE_NS ? end - now : PAUSE_NS);
}

static void hold_quota(struct learn *l, uint64_t now, uint64_t end)
{
	l->window_ns = clamp(l->window_ns, WINDOW_MIN_NS, WINDOW_MAX_NS);
	l->quota = l->quota > 0 ? l->quota : 1;
	l->told = l->quota;
	l->past.grain_ns = clamp(l->window_ns / GRAINS, GRAIN_NS, KEEP_NS / GRAINS);
	l->lift_at = lift_after(l, now);
	l->quota_mark = (struct learn_mark){.at = end};
	if (l->step > 0)
		set_spacing(l, l->good_ns, now);
	l->step = 0;
	l->good_ns = 0;
}

/* The window we know is full, and no trial of the rate explains the flood as well or better. */
static bool is_full(const struct learn *l, uint64_t now)
{
	if (l->window_ns == 0 || now < l->window_ns || age(now, l->filled) < LONG_WAIT_NS)
		return false;
	if (l->step > 0 && (l->limit_ns == 0 || l->level_ns / l->limit_ns > l->burst / 2))
		return false;
	return past_after(&l->past, now - l->window_ns) >= l->quota - l->quota / 20;
}

/* A long wait after as many messages, and long for each message of the request too. */
static bool is_quota(const struct learn *l, uint64_t now, uint64_t wait_ns, uint32_t tokens)
{
	uint64_t since = now > wait_ns ? now - wait_ns : 0;

	return wait_ns >= LONG_WAIT_NS && wait_ns / tokens >= 10 * SECOND &&
	       past_after(&l->past, since) >= QUOTA_MIN;
}

bool learn_quota(struct learn *l, uint64_t now, uint64_t end, uint32_t tokens, uint64_t *even_ns)
{
	uint64_t start, n;

	*even_ns = 0;
	if (is_quota(l, now, end - now, tokens))
		start = window_start(l, now, end);
	else if (is_full(l, now))
		start = now - l->window_ns;
	else
		return false;
	n = past_after(&l->past, start - 1);
	if (n > 0 && end - start < WINDOW_MIN_NS)
		*even_ns = clamp((end - start) / n, PER_MIN_NS, PER_MAX_NS);
	if (n == 0 || end - start < WINDOW_MIN_NS)
		return false;
	if (start != now - l->window_ns)
		l->window_ns = end - start;
	l->quota = n;
	l->filled = now;
	hold_quota(l, now, end);
	return true;
}
