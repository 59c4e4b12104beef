/*
 * Limits as a server might keep them, unknown to the learner under test: each answers 0 for "go" or
 * the whole seconds of a FLOOD_WAIT_X, and nothing else. Time is a plain number.
 */
#ifndef TGCLONE_TESTS_PACE_LIMITER_H
#define TGCLONE_TESTS_PACE_LIMITER_H

#include <stdint.h>

enum limiter_kind {
	LIMITER_BUCKET,  /* most: burst, refilled within window_ns */
	LIMITER_FIXED,   /* most in each window, counted from time 0 */
	LIMITER_SLIDING, /* most in any window */
};

enum { LIMITER_LOG = 8192 };

struct limiter {
	enum limiter_kind kind;
	uint64_t window_ns;
	uint32_t most;
	/* state */
	double tokens;
	uint64_t at; /* bucket: when tokens was true; fixed: the window's start */
	uint32_t used;
	uint64_t log[LIMITER_LOG]; /* sliding: a ring of the last moments */
	uint32_t first, count;
};

void limiter_init(struct limiter *, enum limiter_kind, uint32_t most, uint64_t window_ns);
/* Another limit from now on; what was used stays used. */
void limiter_change(struct limiter *, uint32_t most, uint64_t window_ns, uint64_t now);
/* Seconds to wait for n more, 0: they may go. Takes nothing. */
uint32_t limiter_wait(struct limiter *, uint64_t now, uint32_t n);
void limiter_take(struct limiter *, uint64_t now, uint32_t n);

#endif
