/*
 * How many of a kind to wait for before they are handled together. Nobody says how many a client
 * will have under way, so it is found out: as many as came together lately, and now and then one
 * more; probes that fail become rarer. A client that sends one and waits for its answer is hardly
 * ever kept waiting.
 */
#ifndef TGSIM_GATHER_H
#define TGSIM_GATHER_H

#include <stdbool.h>
#include <stdint.h>

enum { GATHER_LATELY = 16 };

struct gather {
	uint32_t target;
	uint32_t last[GATHER_LATELY], at; /* how many came together, round robin */
	uint32_t filled;                  /* reached the most of lately, since the last probe */
	uint32_t need;                    /* so many before the next probe */
	bool probing;                     /* target is one more than was seen lately */
};

void gather_init(struct gather *);
/* count > 0 are there: whether to wait for more, when until (ns, as now) is not reached. */
bool gather_waits(const struct gather *, uint32_t count, int64_t now, int64_t until);
/* count > 0 are handled now; to wait for more than `most` makes no sense. */
void gather_done(struct gather *, uint32_t count, uint32_t most);
/* The most that came together lately; 0 as long as too little is known. */
uint32_t gather_most(const struct gather *);

#endif
