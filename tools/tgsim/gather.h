/*
 * How many of a kind to wait for before they are handled together. Nobody says how many a client
 * will have under way, so it is found out: as many as came together lately, and now and then one
 * more; probes that fail become rarer. A client that sends one and waits for its answer is hardly
 * ever kept waiting. And who has sent all that he has under way is not either: he waits for an answer,
 * so when nobody came for a while nobody will.
 */
#ifndef TGSIM_GATHER_H
#define TGSIM_GATHER_H

#include <stdbool.h>
#include <stdint.h>

enum { GATHER_LATELY = 16, GATHER_QUIET = 16 };

struct gather {
	uint32_t target;
	uint32_t last[GATHER_LATELY], at; /* how many came together, round robin */
	uint32_t filled;                  /* reached the most of lately, since the last probe */
	uint32_t need;                    /* so many before the next probe */
	bool probing;                     /* target is one more than was seen lately */
};

/* Those that are there. Times in ns; any clock, the same for all. */
struct gather_company {
	uint32_t count;
	int64_t first, last; /* of count > 0: when the first and the last of them came */
};

void gather_init(struct gather *);
void gather_join(struct gather_company *, int64_t came);
/*
 * Until when those that are there (one at least) wait for others: most_ns after the first one came, a
 * GATHER_QUIETth of it after the last one; 0: they do not, there are enough.
 */
int64_t gather_until(const struct gather *, const struct gather_company *, int64_t most_ns);
/* count > 0 are handled now; to wait for more than `most` makes no sense. */
void gather_done(struct gather *, uint32_t count, uint32_t most);
/* The most that came together lately; 0 as long as too little is known. */
uint32_t gather_most(const struct gather *);

#endif
