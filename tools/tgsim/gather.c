/* The rule of gather.h. Owns nothing. */
#include "tools/tgsim/gather.h"

#include "proto/base/check.h"

enum { NEED_LEAST = 4, NEED_MOST = 256 };

void gather_init(struct gather *g)
{
	*g = (struct gather){.target = 1, .need = NEED_LEAST};
}

void gather_join(struct gather_company *c, int64_t came)
{
	if (c->count == 0 || came < c->first)
		c->first = came;
	if (c->count == 0 || came > c->last)
		c->last = came;
	c->count++;
}

int64_t gather_until(const struct gather *g, const struct gather_company *c, int64_t most_ns)
{
	int64_t all, quiet;

	check(c->count > 0);
	if (c->count >= g->target)
		return 0;
	all = c->first + most_ns;
	quiet = c->last + most_ns / GATHER_QUIET;
	return all < quiet ? all : quiet;
}

static uint32_t most_lately(const struct gather *g)
{
	uint32_t most = 1;

	for (int i = 0; i < GATHER_LATELY; i++)
		most = g->last[i] > most ? g->last[i] : most;
	return most;
}

void gather_done(struct gather *g, uint32_t count, uint32_t most)
{
	uint32_t lately;

	check(count > 0);
	if (g->probing && count >= g->target)
		g->need = NEED_LEAST;
	else if (g->probing && g->need < NEED_MOST)
		g->need *= 2;
	g->last[g->at++ % GATHER_LATELY] = count < most ? count : most;
	lately = most_lately(g);
	g->filled = g->probing ? 0 : g->filled + (count >= lately);
	g->probing = g->filled >= g->need && lately < most;
	g->target = lately + g->probing;
}

uint32_t gather_most(const struct gather *g)
{
	return g->at < GATHER_LATELY ? 0 : most_lately(g);
}
