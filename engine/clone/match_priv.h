/*
 * Inside of the match: match.c makes the chain, match_rest.c sees to what is left, match_near.c and
 * match_photos.c to who stands beside whom.
 */
#ifndef TGCLONE_CLONE_MATCH_PRIV_H
#define TGCLONE_CLONE_MATCH_PRIV_H

#include "engine/clone/match.h"

#include "proto/base/check.h"

#include <string.h>

enum {
	MATCH_PASSES = 5,
	MATCH_CLOCKS = 3600, /* seconds: a copy is no older than its message, as clocks go */
};

/* How two are compared in one pass. */
struct pass {
	enum match_level level;
	bool topic, file;
};
extern const struct pass match_passes[MATCH_PASSES];

/* One that may still pair in this pass. */
struct candidate {
	uint64_t key;
	uint32_t index;
};

struct list_of {
	struct candidate *at;
	uint32_t count;
};

struct match {
	struct match_side *source, *target;
	const struct pass *pass;
	struct list_of s, t;   /* of the gap in hand */
	struct candidate *sorted; /* room for both */
	uint32_t *lis;	       /* room for one side, three times */
	uint32_t *table;
	uint32_t cells;
	bool found; /* in this round */
	const struct match_stop *stop;
	bool stopped;
};

static inline bool match_is_stopped(struct match *m)
{
	if (!m->stopped && m->stop != NULL)
		m->stopped = m->stop->wanted(m->stop->ctx);
	return m->stopped;
}

/* It should have a copy, and has none. */
static inline bool match_is_hole(const struct match_entry *s)
{
	return s->pair == MATCH_NONE && s->sendable;
}

/*
 * As far as what they say and when they say it does not count: one whose very file is another's is that one's copy, and
 * an answer may be lost, but none comes to what answered nobody.
 */
static inline bool match_agree(const struct match_entry *s, const struct match_entry *t)
{
	return s->date <= t->date + (int64_t)MATCH_CLOCKS && (t->file == 0 || t->file == s->file) &&
	       (t->reply == 0 || s->reply != 0 || s->elsewhere || s->media == MATCH_UNREAD);
}

int match_by_key(const void *, const void *); /* of candidates, for qsort and bsearch */
uint64_t match_key(const struct match_entry *, const struct pass *);
/* Pairs of what lies between, in order, in the pass of m. */
void match_gap(struct match *, uint32_t s0, uint32_t s1, uint32_t t0, uint32_t t1);
/* Of all that has none in the source up to end, and in the target from t0 on, in an order of their own. */
void match_rest(struct match *, uint32_t end, uint32_t t0, const struct pass *);
/* Those behind others whose messages stand behind theirs. False: no memory. */
bool match_late(struct match *);
/* The same. */
bool match_doubt(struct match *);
/* Into `sorted`: what each of the source says, in order. */
void match_sort(struct match *, const struct pass *);
/* What stands beside one in doubt, and is like what stands beside its message, is in doubt as well. */
void match_grow(struct match *);
/* Copies go to those whose neighbours' copies stand beside them. Whether any did. */
bool match_near(struct match *);
/*
 * The next of the source behind i, or in front of it, that was to be sent when copy k was made; the source's count:
 * none.
 */
uint32_t match_next(const struct match *, int32_t i, uint32_t k);
uint32_t match_last(const struct match *, int32_t i, uint32_t k);
bool match_may_be(const struct match_entry *s, const struct match_entry *t, uint8_t level);
/* Photos that nothing but their neighbours tells from each other. False: no memory. */
bool match_photos(struct match *);

#endif
