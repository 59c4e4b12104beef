/*
 * What a flood says about the rate. From the end of one flood's wait to the end of the next one's
 * exactly the limit was used, if the limit was used all the time: then the messages between are a
 * measure. Without one the rate is cut, and climbs again between what was measured and what
 * flooded.
 */
#include "engine/pace/learn_priv.h"

/*
 * Spacing from the end of the last wait to the end of this one. 0: no measure. A rough one, of few
 * messages, does not replace a measure that it does not clearly contradict.
 */
static uint64_t measured_ns(const struct learn *l, uint64_t now, uint64_t end)
{
	const struct learn_mark *m = &l->rate_mark;
	uint64_t per;

	if (m->at == 0 || now < m->at || now - m->at > FRESH_NS || m->sent < MEASURE_MIN ||
	    end - m->at < MEASURE_NS)
		return 0;
	per = clamp((end - m->at) / m->sent, PER_MIN_NS, PER_MAX_NS);
	if (m->sent < PRECISE_MIN && l->limit_ns != 0 && per < percent(l->limit_ns, 125))
		return 0;
	return per;
}

/* What the steps of the start let through above the limit. */
static uint64_t start_burst(const struct learn *l)
{
	uint64_t n = 0;

	for (uint64_t per = l->top_ns; per < l->limit_ns; per = per / 2 * 3) {
		uint64_t step_ns = START_MIN * per > START_NS ? START_MIN * per : START_NS;

		n += step_ns / per - step_ns / l->limit_ns;
	}
	return n;
}

/* A measure of the limit; with it, the flood before says how many may go at once. */
static void measure(struct learn *l, uint64_t per_ns)
{
	if (l->doubt > l->burst && per_ns > percent(l->limit_ns, 97))
		l->burst = l->doubt; /* it was no new limit */
	l->limit_ns = per_ns;
	if (l->top_ns != 0)
		l->burst = start_burst(l);
	l->top_ns = 0;
	l->doubt = 0;
	l->level_ns = 0;
}

/*
 * The limit was used up all the time, so the measure is exact; or it says the same as the one
 * before, and we went far above it. Else it is a lower bound only, and what flooded is an upper
 * one.
 */
static bool is_exact(const struct learn *l, uint64_t measured)
{
	if (l->rate_mark.sent < PRECISE_MIN)
		return false;
	return l->after_ns <= measured ||
	       (measured > percent(l->limit_ns, 96) && measured < percent(l->limit_ns, 104) &&
		l->per_ns < percent(measured, 80));
}

/*
 * A trial ended in a flood: the limit stands where it was, unless more went than its burst
 * explains. Then the last step but one, which held for its whole time, is where we go.
 */
static uint64_t after_trial(struct learn *l)
{
	uint64_t ahead = l->limit_ns != 0 ? l->level_ns / l->limit_ns : UINT64_MAX;

	if (ahead <= l->burst / 2 * 3 + TRIAL_SLACK) {
		l->bad_ns = l->limit_ns;
		return percent(l->limit_ns, 103);
	}
	l->doubt = l->limit_ns != 0 ? ahead : 0;
	l->bad_ns = l->per_ns;
	return percent(l->good_ns, 102);
}

static uint64_t after_flood(struct learn *l, uint64_t now, uint64_t end, uint64_t window_ns)
{
	uint64_t measured = window_ns != 0 ? window_ns : measured_ns(l, now, end);

	bool again = l->rate_mark.at != 0 && end - l->rate_mark.at < 2 * MEASURE_NS;

	if (l->bad_ns == 0)
		l->top_ns = l->per_ns;
	/* Right after another flood a limit is used up whatever the rate: that says nothing new. */
	if (l->bad_ns == 0 || measured != 0 || !again)
		l->bad_ns = l->per_ns;
	if (measured == 0)
		return percent(l->per_ns, 140);
	if (window_ns != 0 || is_exact(l, measured))
		l->bad_ns = measured;
	measure(l, measured);
	return percent(measured, 103);
}

void learn_rate(struct learn *l, uint64_t now, uint64_t end, uint64_t window_ns)
{
	uint64_t was = l->per_ns;
	uint64_t to = l->step > 0 ? after_trial(l) : after_flood(l, now, end, window_ns);

	l->good_ns = 0;
	l->step = 0;
	set_spacing(l, clamp(to, percent(was, 103), percent(was, 400)), now);
	l->after_ns = l->per_ns;
	l->rate_mark = (struct learn_mark){.at = end};
}
