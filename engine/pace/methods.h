/*
 * What was learnt of one account, method by method: the server may count each method for itself, or
 * all together. A send is taken from its own method's limits and seen by the others'.
 */
#ifndef TGCLONE_PACE_METHODS_H
#define TGCLONE_PACE_METHODS_H

#include "engine/pace/learn.h"

/* Numbers are stored: new ones come at the end. */
enum pace_method {
	PACE_FORWARD, /* messages.forwardMessages */
	PACE_TEXT,    /* messages.sendMessage */
	PACE_MEDIA,   /* messages.sendMedia */
	PACE_ALBUM,   /* messages.sendMultiMedia */
	PACE_METHODS,
};

enum { METHODS_STATE_MAX = 8 + PACE_METHODS * (8 + LEARN_STATE_MAX) };

struct pace_methods {
	struct learn of[PACE_METHODS];
	uint64_t floods; /* of this run: what was learnt changed */
};

void methods_init(struct pace_methods *, uint64_t per_ns);
/* Like learn_ask, learn_take and learn_flood. */
struct pace_verdict methods_ask(const struct pace_methods *, enum pace_method,
				const struct pace_lane *, uint64_t now, uint32_t tokens);
void methods_take(struct pace_methods *, enum pace_method, struct pace_lane *, uint64_t now,
		  uint32_t tokens);
void methods_flood(struct pace_methods *, enum pace_method, struct pace_lane *, uint64_t now,
		   uint64_t wait_ns, uint32_t tokens);

/* After a clock that may have been set back: see learn_restore. */
void methods_restore(struct pace_methods *, uint64_t now);

/* Seconds that so many messages of each method take, one after the other, by what is known now. */
double methods_seconds(const struct pace_methods *, const uint64_t counts[PACE_METHODS]);

size_t methods_save(const struct pace_methods *, uint8_t out[METHODS_STATE_MAX]);
/* Methods that are not there, or whose part is damaged, stay as they are. False: no such bytes. */
bool methods_load(struct pace_methods *, struct cspan, uint64_t now);

#endif
