/*
 * The pace of an account and method, learnt from the server's FLOOD_WAIT_X (--rate auto). Two
 * terms, since reports know two kinds of limits: a rate (so many a second or minute) and a quota
 * (2,000 to 3,000 in some hours). Neither is told by the server; what a flood says is how many went
 * before it and X, when the next may go. From the end of one flood's wait to the end of the next
 * one's exactly the limit was used: so many messages in so much time.
 *
 *   rate   slow start, then held a little below what floods showed; after an hour without a
 *          flood it is tried higher, in small steps that grow, so a raised limit is found again
 *   quota  learnt when a wait is long; a sliding window of the learnt length holds it. It is let
 *          go once in a while, until a flood says where it stands now
 *
 * Pure: time is an argument, wall-clock ns since 1970. The lane beside it (pace.h) keeps the
 * spacing and the holds; a flood's wait is always kept to the end, whatever was learnt.
 */
#ifndef TGCLONE_PACE_LEARN_H
#define TGCLONE_PACE_LEARN_H

#include "engine/pace/pace.h"
#include "engine/pace/past.h"

enum {
	LEARN_HEAD_SIZE = 200,
	LEARN_STATE_MAX = LEARN_HEAD_SIZE + PAST_STATE_MAX, /* bytes of learn_save */
};

/* What happened since the end of a flood's wait. */
struct learn_mark {
	uint64_t at;    /* wall ns of that end; 0: no flood yet */
	uint64_t first; /* first message after it, 0: none yet */
	uint64_t sent;
};

struct learn {
	uint64_t per_ns;   /* spacing now */
	uint64_t good_ns;  /* spacing before a step up that is not proven yet; 0: none */
	uint64_t bad_ns;   /* spacing that met a flood last; 0: none did */
	uint64_t limit_ns; /* spacing that floods measured; 0: not yet */
	uint64_t burst;    /* so many more than the limit's even flow went before a flood came */
	uint64_t top_ns;   /* spacing at which the start ended; 0: it goes on, or burst is known */
	uint64_t after_ns; /* spacing after the last flood */
	uint64_t doubt;    /* as burst, of a flood that seemed to show a new limit */
	uint64_t level_ns, level_at; /* how far ahead of the measured limit's even flow we are */
	uint64_t since;              /* of per_ns */
	uint64_t flooded;            /* when the last flood came, of any kind */
	uint64_t filled;             /* when the last one came that the quota alone explains */
	uint32_t calm;               /* messages since then that the rate alone held back */
	uint32_t step;               /* steps up above what is known */
	struct learn_mark rate_mark, quota_mark;
	uint64_t window_ns; /* 0: no quota is known */
	uint64_t quota;
	uint64_t told;    /* quota as the last flood told it */
	uint64_t lift_at; /* from then on the quota is tried higher */
	struct past past;
};

/* Starts at one message each per_ns. */
void learn_init(struct learn *, uint64_t per_ns);
/* As pace_ask, by both terms and the lane's holds. The lane has a burst of its own. */
struct pace_verdict learn_ask(const struct learn *, const struct pace_lane *, uint64_t now,
			      uint32_t tokens);
/* As pace_take, at the learnt spacing; an answer that is no flood needs no further call. */
void learn_take(struct learn *, struct pace_lane *, uint64_t now, uint32_t tokens);
/* The account sent tokens by another method: this one's limit may count them too. */
void learn_seen(struct learn *, uint64_t now, uint32_t tokens);
/* They were refused. */
void learn_unseen(struct learn *, uint32_t tokens);
/* What was taken last, by this method, was refused for wait_ns. Holds the lane, learns. */
void learn_flood(struct learn *, struct pace_lane *, uint64_t now, uint64_t wait_ns,
		 uint32_t tokens);
/* Most messages of one request: small enough that a window sees an even flow. */
uint32_t learn_batch_max(const struct learn *);

/* As pace_restore, for the learner: before it is asked, after a clock that may have been set back. */
void learn_restore(struct learn *, uint64_t now);

/* All of it as bytes. Returns the length. */
size_t learn_save(const struct learn *, uint8_t out[LEARN_STATE_MAX]);
/* False: no such bytes, or of another version; nothing changed. now: see pace_restore. */
bool learn_load(struct learn *, struct cspan, uint64_t now);

#endif
