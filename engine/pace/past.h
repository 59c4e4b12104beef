/*
 * How many messages were sent when: the memory that a long window is learnt from and kept with.
 * Messages sent close to one another share a span; a span counts as sent at its last moment, so a
 * window is never thought to be emptier than it is. Pure, fixed size; when it is full, spans are
 * joined in pairs and everything gets twice as coarse.
 */
#ifndef TGCLONE_PACE_PAST_H
#define TGCLONE_PACE_PAST_H

#include "proto/base/bytes.h"

enum {
	PAST_SPANS = 512,
	PAST_SPAN_SIZE = 12,
	PAST_HEAD_SIZE = 20,
	PAST_STATE_MAX = PAST_HEAD_SIZE + PAST_SPANS * PAST_SPAN_SIZE, /* bytes of past_save */
};

struct past_span {
	uint64_t last; /* wall ns */
	uint32_t count;
};

struct past {
	uint64_t grain_ns; /* messages within it share a span */
	uint64_t opened;   /* first moment of the newest span */
	uint32_t count;
	struct past_span spans[PAST_SPANS]; /* oldest first */
};

void past_init(struct past *, uint64_t grain_ns);
/* n more at now; what is older than keep_ns is forgotten. */
void past_put(struct past *, uint64_t now, uint32_t n, uint64_t keep_ns);
/* The newest n were refused: they are taken out again. */
void past_undo(struct past *, uint32_t n);
/* How many after that moment. */
uint64_t past_after(const struct past *, uint64_t since);
/* When the window behind that moment will hold at most `most` of what was sent so far. */
uint64_t past_fits_at(const struct past *, uint64_t window_ns, uint64_t most);
/* The moment of the oldest message with no pause of pause_ns behind it; 0: nothing was sent. */
uint64_t past_run_start(const struct past *, uint64_t pause_ns);
/* The moment of the newest message; 0: nothing was sent. */
uint64_t past_newest(const struct past *);
/* All moments move by as much: the clock was set back. */
void past_move_back(struct past *, uint64_t by_ns);

/* Returns the length. */
size_t past_save(const struct past *, uint8_t out[PAST_STATE_MAX]);
/* False: no such bytes, nothing changed. */
bool past_load(struct past *, struct cspan);

#endif
