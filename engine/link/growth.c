/* The rule of growth_priv.h. Owns nothing but its numbers. */
#include "engine/link/growth_priv.h"

#include "engine/link/limits.h"
#include "proto/base/check.h"

void growth_init(struct growth *g, uint64_t now)
{
	*g = (struct growth){
	    .at_ns = now, .window_ns = now, .patience_ns = GROWTH_PATIENCE_FIRST};
}

void growth_bounds(struct growth *g, uint32_t way, uint32_t first, uint32_t most)
{
	uint32_t want = first == 0 ? most : first;

	check(most > 0 && first <= most);
	g->way[way] =
	    (struct growth_way){.fixed = first == 0, .want = want, .before = want, .most = most};
}

bool growth_fixed(const struct growth *g)
{
	return g->way[GROWTH_DOWN].fixed && g->way[GROWTH_UP].fixed;
}

void growth_part(struct growth *g, uint64_t bytes)
{
	g->bytes += bytes;
	g->answers++;
}

static void enter(struct growth *g, enum growth_phase phase, uint64_t now)
{
	g->phase = phase;
	g->window_ns = now;
	g->up_ns = g->bytes = g->answers = 0;
	for (int i = 0; i < GROWTH_WAYS; i++)
		g->way[i].busy_ns = 0;
}

/* Long enough, and with so many answers that one more or less does not matter. */
static bool window_full(const struct growth *g, uint64_t now)
{
	uint64_t span = now - g->window_ns;

	return span >= GROWTH_WINDOW_MAX ||
	       (span >= GROWTH_WINDOW && g->answers >= GROWTH_ANSWERS);
}

/* Of fewer one more or less would be taken for a change: a thin link got more for answers it had not. */
static bool tells_something(const struct growth *g)
{
	return g->answers >= GROWTH_LEAST;
}

static bool was_busy(const struct growth *g, const struct growth_way *w, uint64_t now)
{
	uint64_t span = now - g->window_ns;

	return w->busy_ns >= span - span / 8;
}

static uint64_t rate_of(const struct growth *g, uint64_t now)
{
	return g->bytes * SECOND / (now - g->window_ns);
}

/* How many more would be tried. */
static uint32_t step_of(const struct growth_way *w, uint64_t now)
{
	uint32_t most = now < w->ceiling_ns ? w->ceiling : w->most;
	uint32_t more = w->want < 8 ? 1 : w->want / 4;

	if (w->want >= most)
		return 0;
	more = more < GROWTH_STEP_MAX ? more : GROWTH_STEP_MAX;
	return more < most - w->want ? more : most - w->want;
}

static void try_more(struct growth *g, uint64_t now)
{
	bool any = false;

	for (int i = 0; i < GROWTH_WAYS && now >= g->next_ns; i++) {
		struct growth_way *w = &g->way[i];

		w->before = w->want;
		if (was_busy(g, w, now))
			w->want += step_of(w, now);
		any |= w->want > w->before;
	}
	g->rate = rate_of(g, now);
	enter(g, any ? GROWTH_SETTLE : GROWTH_WATCH, now);
}

static bool in_trial(const struct growth_way *w)
{
	return w->want > w->before;
}

/* The trial ends as it began; the next one after a while, a longer one when this one was in vain. */
static void leave(struct growth *g, bool in_vain, uint64_t now)
{
	for (int i = 0; i < GROWTH_WAYS; i++)
		g->way[i].want = g->way[i].before;
	g->next_ns = now + g->patience_ns;
	if (in_vain && g->patience_ns < GROWTH_PATIENCE_LAST)
		g->patience_ns *= 2;
	enter(g, GROWTH_WATCH, now);
}

/* So many bytes are expected of what was added, where each brings its share: the least of both. */
static uint64_t share(const struct growth *g)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < GROWTH_WAYS; i++) {
		const struct growth_way *w = &g->way[i];
		uint64_t part = g->rate * (w->want - w->before) / w->before;

		if (in_trial(w) && part < least)
			least = part;
	}
	return least;
}

static void judge(struct growth *g, uint64_t now)
{
	uint64_t rate = rate_of(g, now), least = share(g);

	for (int i = 0; i < GROWTH_WAYS; i++)
		if (in_trial(&g->way[i]) && !was_busy(g, &g->way[i], now)) {
			leave(g, false, now); /* the work ran out: nothing is known */
			return;
		}
	if (!tells_something(g) || rate < g->rate + least * GROWTH_PAYS_PERCENT / 100) {
		leave(g, true, now);
		return;
	}
	g->patience_ns = GROWTH_PATIENCE_FIRST;
	try_more(g, now); /* this window is the next one's measure */
}

/* Up, and warmed up: windows begin with one question each. */
static bool settled(struct growth *g, const struct growth_load *load, uint64_t now)
{
	for (int i = 0; i < GROWTH_WAYS; i++)
		if (in_trial(&g->way[i]) && load->ready[i] < g->way[i].want)
			return false;
	if (g->up_ns == 0)
		g->up_ns = now;
	return now - g->up_ns >= GROWTH_WARM_UP;
}

void growth_step(struct growth *g, const struct growth_load *load, uint64_t now)
{
	if (growth_fixed(g))
		return;
	for (int i = 0; i < GROWTH_WAYS; i++) {
		struct growth_way *w = &g->way[i];

		if (w->busy)
			w->busy_ns += now - g->at_ns;
		w->busy = load->busy[i] && load->ready[i] >= w->want;
	}
	g->at_ns = now;
	switch (g->phase) {
	case GROWTH_WATCH:
		if (window_full(g, now) && tells_something(g))
			try_more(g, now);
		else if (window_full(g, now))
			enter(g, GROWTH_WATCH, now);
		break;
	case GROWTH_SETTLE:
		if (settled(g, load, now))
			enter(g, GROWTH_TRY, now);
		else if (now - g->window_ns >= GROWTH_SETTLE_MAX)
			leave(g, true, now);
		break;
	case GROWTH_TRY:
		if (window_full(g, now))
			judge(g, now);
		break;
	}
}

void growth_flood(struct growth *g, uint32_t way, uint64_t wait, uint64_t now)
{
	struct growth_way *w = &g->way[way];

	if (w->fixed || now < w->flood_ns)
		return;
	if (g->phase != GROWTH_WATCH)
		leave(g, true, now);
	w->ceiling = w->want > 1 ? w->want - 1 : 1;
	w->ceiling_ns = now + wait + GROWTH_CEILING;
	w->want = w->before = w->want > 1 ? w->want / 2 : 1;
	w->flood_ns = now + wait + GROWTH_WINDOW; /* what is on its way hears it too */
	if (g->patience_ns < GROWTH_PATIENCE_FLOOD)
		g->patience_ns = GROWTH_PATIENCE_FLOOD;
	g->next_ns = now + wait + g->patience_ns;
	enter(g, GROWTH_WATCH, now);
}
