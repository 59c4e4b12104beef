/*
 * Which setting to try next: a walk along one axis after the other, from a start, keeping the best so
 * far; repeated until a whole round betters nothing. Pure: the caller measures and says when time is
 * up. A setting is never proposed twice, nor one that the chunk pool cannot hold.
 */
#ifndef TGCLONE_TOOLS_BENCH_SWEEP_H
#define TGCLONE_TOOLS_BENCH_SWEEP_H

#include "tools/tgclone/bench_report.h"

enum sweep_axis { SWEEP_LINKS, SWEEP_INFLIGHT, SWEEP_PART, SWEEP_CORES, SWEEP_AXES };

struct sweep {
	struct bench_report *report; /* its points are what was measured */
	struct bench_point best;
	uint32_t chunks;	/* that the pool holds */
	uint32_t cores_max;	/* 0: there is no such option */
	enum sweep_axis axis;
	uint32_t step;		/* next value of the axis */
	bool started, bettered;
};

/* start: where the walk begins, its rate not known yet. */
void sweep_init(struct sweep *, struct bench_report *, const struct bench_point *start,
		uint32_t chunks, uint32_t cores_max);
/* The next setting to be measured; false: the walk is over. */
bool sweep_next(struct sweep *, struct bench_point *out);
/* What it gave; goes into the report. */
void sweep_got(struct sweep *, const struct bench_point *);
/* Marks the winner in the report and writes its flags. */
void sweep_end(struct sweep *);

#endif
