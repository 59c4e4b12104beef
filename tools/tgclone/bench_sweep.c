/*
 * The walk. A setting wins when it is clearly faster (2 %), or as fast with less on the way: more
 * connections and more parts in flight cost memory here and patience there.
 */
#include "tools/tgclone/bench_sweep.h"

#include "proto/base/check.h"

enum { CHUNKS_EACH = 16 }; /* that an engine of several has at least */

static const uint32_t links_steps[] = {1, 2, 4, 8, 12, 16};
static const uint32_t inflight_steps[] = {1, 2, 4, 8, 16, 32};
static const uint32_t part_steps[] = {131072, 262144, 524288};
static const uint32_t cores_steps[] = {1, 2, 4, 8, 16};

static const struct {
	const uint32_t *steps;
	uint32_t count;
} axes[SWEEP_AXES] = {
    [SWEEP_LINKS] = {links_steps, countof(links_steps)},
    [SWEEP_INFLIGHT] = {inflight_steps, countof(inflight_steps)},
    [SWEEP_PART] = {part_steps, countof(part_steps)},
    [SWEEP_CORES] = {cores_steps, countof(cores_steps)},
};

void sweep_init(struct sweep *s, struct bench_report *report, const struct bench_point *start,
		uint32_t chunks, uint32_t cores_max)
{
	*s = (struct sweep){.report = report, .best = *start, .chunks = chunks, .cores_max = cores_max};
	s->best.cores = cores_max > 0 ? start->cores : 0;
}

static bool same(const struct bench_point *a, const struct bench_point *b)
{
	return a->links == b->links && a->inflight == b->inflight && a->part == b->part &&
	       a->cores == b->cores;
}

static bool known(const struct sweep *s, const struct bench_point *p)
{
	for (uint32_t i = 0; i < s->report->point_count; i++)
		if (same(&s->report->points[i], p))
			return true;
	return false;
}

static bool fits(const struct sweep *s, const struct bench_point *p)
{
	return (uint64_t)p->links * p->inflight <= s->chunks && p->cores <= s->cores_max &&
	       (p->cores <= 1 || s->chunks / p->cores >= CHUNKS_EACH);
}

/* The best with one value of the present axis instead of its own. */
static struct bench_point varied(const struct sweep *s)
{
	struct bench_point p = s->best;
	uint32_t value = axes[s->axis].steps[s->step];

	p.rate = p.cpu_per_gb = 0;
	p.won = false;
	if (s->axis == SWEEP_LINKS)
		p.links = value;
	else if (s->axis == SWEEP_INFLIGHT)
		p.inflight = value;
	else if (s->axis == SWEEP_PART)
		p.part = value;
	else
		p.cores = s->cores_max > 0 ? value : 0;
	return p;
}

/* False: a whole round bettered nothing. */
static bool forward(struct sweep *s)
{
	if (++s->step < axes[s->axis].count)
		return true;
	s->step = 0;
	s->axis = (enum sweep_axis)((s->axis + 1) % SWEEP_AXES);
	if (s->axis != SWEEP_LINKS)
		return true;
	if (!s->bettered)
		return false;
	s->bettered = false;
	return true;
}

bool sweep_next(struct sweep *s, struct bench_point *out)
{
	if (s->report->point_count == BENCH_POINTS)
		return false;
	if (!s->started) {
		s->started = true;
		*out = s->best;
		return true;
	}
	do {
		*out = varied(s);
		if (!known(s, out) && fits(s, out))
			return true;
	} while (forward(s));
	return false;
}

static bool better(const struct bench_point *a, const struct bench_point *b)
{
	uint64_t a_cost = (uint64_t)a->links * a->inflight, b_cost = (uint64_t)b->links * b->inflight;

	return a->rate > b->rate * 1.02 ||
	       (a->rate > b->rate * 0.99 && a_cost < b_cost && a->cores <= b->cores);
}

void sweep_got(struct sweep *s, const struct bench_point *p)
{
	struct bench_point *row = bench_report_point(s->report);

	check(row != NULL);
	*row = *p;
	if (same(p, &s->best)) {
		s->best = *p;
	} else if (better(p, &s->best)) {
		s->best = *p;
		s->bettered = true;
	}
}

void sweep_end(struct sweep *s)
{
	char cores[24] = "";

	for (uint32_t i = 0; i < s->report->point_count; i++)
		s->report->points[i].won = same(&s->report->points[i], &s->best);
	if (s->best.cores > 0)
		snprintf(cores, sizeof(cores), " --cores %u", s->best.cores);
	snprintf(s->report->flags, sizeof(s->report->flags),
		 "--connections-down %u --connections-up %u --inflight %u --part-size %uK%s",
		 s->best.links, s->best.links, s->best.inflight, s->best.part / 1024, cores);
}
