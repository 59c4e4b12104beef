/*
 * The pace of one lane: token bucket, least interval, server's hold. The bucket is kept as one
 * number, the time at which it will be full again:
 *
 *       now                      full_at         now + burst * per_ns
 *  ------|--------- missing --------|------- there ------|------> wall time
 *
 * Taking a token moves full_at right by per_ns. It owns nothing and asks nobody for the time; where
 * the state is stored is the ledger's business, what a lane is for the caller's.
 */
#include "engine/pace/pace.h"
#include "proto/base/check.h"

static uint64_t add_capped(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t mul_capped(uint64_t a, uint64_t b)
{
	return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

static uint64_t max_of(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t bucket_ns(const struct pace_lane *l)
{
	return mul_capped(l->burst, l->per_ns);
}

void pace_init(struct pace_lane *l, uint64_t count, uint64_t unit_ns, uint32_t burst,
	       uint64_t interval_ns)
{
	check(burst >= 1 && burst <= PACE_BURST_MAX);
	check(count == 0 || unit_ns > 0);
	/* Rounded up: a rate that is no whole number of ns must not be exceeded. */
	*l = (struct pace_lane){
	    .per_ns = count == 0 ? 0 : unit_ns / count + (unit_ns % count != 0),
	    .burst = burst,
	    .interval_ns = interval_ns,
	};
}

/* When the bucket holds the tokens, or all it can hold. */
static uint64_t bucket_ready(const struct pace_lane *l, uint32_t tokens)
{
	uint32_t spare = tokens < l->burst ? l->burst - tokens : 0;
	uint64_t early = mul_capped(spare, l->per_ns);

	return l->full_at > early ? l->full_at - early : 0;
}

static void later(struct pace_verdict *v, uint64_t now, uint64_t at, enum pace_reason why)
{
	if (at > now && (v->reason == PACE_NOW || at > v->at))
		*v = (struct pace_verdict){why, at};
}

struct pace_verdict pace_ask(const struct pace_lane *l, uint64_t now, uint32_t tokens)
{
	struct pace_verdict v = {PACE_NOW, now};

	check(tokens >= 1 && tokens <= PACE_TOKENS_MAX);
	if (l->per_ns != 0)
		later(&v, now, bucket_ready(l, tokens), PACE_RATE);
	if (l->last != 0)
		later(&v, now, add_capped(l->last, l->interval_ns), PACE_INTERVAL);
	later(&v, now, l->hold_until, l->hold_reason);
	return v;
}

void pace_take(struct pace_lane *l, uint64_t now, uint32_t tokens)
{
	check(tokens >= 1 && tokens <= PACE_TOKENS_MAX);
	l->full_at = add_capped(max_of(l->full_at, now), mul_capped(tokens, l->per_ns));
	l->last = max_of(now, 1);
}

void pace_hold(struct pace_lane *l, uint64_t now, uint64_t wait_ns, enum pace_reason why)
{
	uint64_t until = add_capped(now, wait_ns);

	check(why >= PACE_FLOOD && why <= PACE_BACKOFF);
	if (until <= l->hold_until)
		return;
	l->hold_from = now;
	l->hold_until = until;
	l->hold_reason = why;
}

/*
 * A time of ours that lies ahead of now shows that the clock was set back: what hangs on it moves
 * with it, so a wait starts over at worst and is never cut short.
 */
void pace_restore(struct pace_lane *l, uint64_t now)
{
	uint64_t debt_max = max_of(bucket_ns(l), mul_capped(PACE_TOKENS_MAX, l->per_ns));

	if (l->last > now) {
		uint64_t back = l->last - now;

		l->full_at = l->full_at > back ? l->full_at - back : 0;
		l->last = max_of(now, 1);
	}
	if (l->full_at > add_capped(now, debt_max))
		l->full_at = now + debt_max;
	if (l->hold_from > now) {
		l->hold_until = add_capped(now, l->hold_until - l->hold_from);
		l->hold_from = now;
	}
}

void pace_save(const struct pace_lane *l, uint8_t out[PACE_STATE_SIZE])
{
	store_le64(out, l->full_at);
	store_le64(out + 8, l->last);
	store_le64(out + 16, l->hold_from);
	store_le64(out + 24, l->hold_until);
	/* The rate these were made with: under another one a bucket holds as many messages, not as much time. */
	store_le64(out + 32, l->per_ns);
	out[40] = (uint8_t)l->hold_reason;
}

/* What was owed then, in messages and at the rate of now; nobody waits longer for it than before. */
static uint64_t debt_of(const struct pace_lane *l, uint64_t debt_ns, uint64_t per_ns)
{
	uint64_t tokens = per_ns == 0 ? 0 : debt_ns / per_ns + (debt_ns % per_ns != 0);
	uint64_t now_ns = mul_capped(tokens, l->per_ns);

	return now_ns < debt_ns ? now_ns : debt_ns;
}

bool pace_load(struct pace_lane *l, struct cspan in)
{
	uint64_t from, until;
	bool held;

	if (in.len != PACE_STATE_SIZE)
		return false;
	from = load_le64(in.at + 16);
	until = load_le64(in.at + 24);
	held = from != 0 || until != 0;
	if (from > until || (held && (in.at[40] < PACE_FLOOD || in.at[40] > PACE_BACKOFF)))
		return false;
	l->last = load_le64(in.at + 8);
	l->full_at = load_le64(in.at);
	if (l->full_at > l->last && load_le64(in.at + 32) != l->per_ns)
		l->full_at = l->last + debt_of(l, l->full_at - l->last, load_le64(in.at + 32));
	l->hold_from = from;
	l->hold_until = until;
	l->hold_reason = held ? (enum pace_reason)in.at[40] : PACE_NOW;
	return true;
}
