/*
 * How many messages were sent when: the memory that a long window is learnt from and kept with.
 * Messages sent close to one another share a span; a span counts as sent at its last moment, so a
 * window is never thought to be emptier than it is. Pure, fixed size; when it is full, spans are
 * joined in pairs and everything gets twice as coarse.
 */
#ifndef TGCLONE_PACE_SENT_H
#define TGCLONE_PACE_SENT_H

#include "proto/base/bytes.h"

enum {
	SENT_SPANS = 512,
	SENT_SPAN_SIZE = 12,
	SENT_HEAD_SIZE = 20,
	SENT_STATE_MAX = SENT_HEAD_SIZE + SENT_SPANS * SENT_SPAN_SIZE, /* bytes of sent_save */
};

struct sent_span {
	uint64_t last; /* wall ns */
	uint32_t count;
};

struct sent {
	uint64_t grain_ns; /* messages within it share a span */
	uint64_t opened;   /* first moment of the newest span */
	uint32_t count;
	struct sent_span spans[SENT_SPANS]; /* oldest first */
};

void sent_init(struct sent *, uint64_t grain_ns);
/* n more at now; what is older than keep_ns is forgotten. */
void sent_put(struct sent *, uint64_t now, uint32_t n, uint64_t keep_ns);
/* The newest n were refused: they are taken out again. */
void sent_undo(struct sent *, uint32_t n);
/* How many after that moment. */
uint64_t sent_after(const struct sent *, uint64_t since);
/* When the window behind that moment will hold at most `most` of what was sent so far. */
uint64_t sent_fits_at(const struct sent *, uint64_t window_ns, uint64_t most);
/* The moment of the oldest message with no pause of pause_ns behind it; 0: nothing was sent. */
uint64_t sent_run_start(const struct sent *, uint64_t pause_ns);
/* All moments after now move to now: the clock was set back. */
void sent_restore(struct sent *, uint64_t now);

/* Returns the length. */
size_t sent_save(const struct sent *, uint8_t out[SENT_STATE_MAX]);
/* False: no such bytes, nothing changed. */
bool sent_load(struct sent *, struct cspan);

#endif
