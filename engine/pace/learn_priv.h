/* Inside of the learner: its numbers, and what moves both estimates. */
#ifndef TGCLONE_PACE_LEARN_PRIV_H
#define TGCLONE_PACE_LEARN_PRIV_H

#include "engine/pace/learn.h"

#define SECOND UINT64_C(1000000000)

#define PER_MIN_NS    (SECOND / 200)
#define PER_MAX_NS    (3600 * SECOND) /* the slowest rate that can be named: 1/h */
#define TRIAL_NS      (3900 * SECOND) /* no trial sooner after a flood */
#define TRIAL_STEP_NS (600 * SECOND)
#define CLIMB_NS      (60 * SECOND)
#define START_NS      (15 * SECOND)
#define FRESH_NS      (7200 * SECOND) /* a flood says nothing about later ones */
#define MEASURE_NS    (20 * SECOND)   /* X is whole seconds: shorter is no measure */
#define PAUSE_NS      (3600 * SECOND)
#define KEEP_NS       (36 * 3600 * SECOND)
#define GRAIN_NS      SECOND
#define WINDOW_MIN_NS (1800 * SECOND) /* a shorter one is better served by an even flow */
#define WINDOW_MAX_NS (14 * 86400 * SECOND)
#define LEVEL_MAX_NS  (UINT64_C(1) << 60)
#define LONG_WAIT_NS  (120 * SECOND)

enum {
	MEASURE_MIN = 5,  /* messages between two floods that make a measure */
	PRECISE_MIN = 30, /* that make a good one */
	QUOTA_MIN = 200,  /* fewer before a long wait are a rate's, not a quota's */
	START_MIN = 15,   /* messages of a step at the start */
	CLIMB_MIN = 20,
	TRIAL_MIN = 30,
	TRIAL_SLACK = 10, /* messages that a trial may be ahead without a meaning */
	GRAINS = 128,     /* of a known window */
};

static inline uint64_t clamp(uint64_t v, uint64_t low, uint64_t high)
{
	return v < low ? low : v > high ? high : v;
}

/* How long ago it was. A time ahead of now is no age. */
static inline uint64_t age(uint64_t now, uint64_t then)
{
	return now > then ? now - then : 0;
}

static inline uint64_t percent(uint64_t v, uint64_t of_hundred)
{
	return v / 100 * of_hundred + v % 100 * of_hundred / 100;
}

/* The quota's next trial after a flood at now. */
static inline uint64_t lift_after(const struct learn *l, uint64_t now)
{
	uint64_t wait = l->window_ns / 2 * 3;

	return now + (wait > TRIAL_NS ? wait : TRIAL_NS);
}

static inline void set_spacing(struct learn *l, uint64_t per_ns, uint64_t now)
{
	l->per_ns = clamp(per_ns, PER_MIN_NS, PER_MAX_NS);
	l->since = now;
	l->calm = 0;
}

/* learn_rate.c: a flood that the rate explains. window_ns: a short window's spacing, or 0. */
void learn_rate(struct learn *, uint64_t now, uint64_t end, uint64_t window_ns);
/* learn_quota.c: true when the flood was the quota's; else *even_ns is a short window's spacing. */
bool learn_quota(struct learn *, uint64_t now, uint64_t end, uint32_t tokens, uint64_t *even_ns);

#endif
