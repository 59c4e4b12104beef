/*
 * When the next request of a kind may go (reliability S13-S16). A lane is a token bucket with a
 * least interval, plus a hold that the server imposed. Pure: time is an argument, wall-clock ns
 * since 1970, because holds and the last post survive a restart. Nothing here waits.
 */
#ifndef TGCLONE_PACE_PACE_H
#define TGCLONE_PACE_PACE_H

#include "proto/base/bytes.h"

enum pace_reason {
	PACE_NOW,
	PACE_RATE,     /* bucket empty */
	PACE_INTERVAL, /* least distance between two */
	PACE_FLOOD,    /* FLOOD_WAIT_X and its kin */
	PACE_SLOWMODE, /* SLOWMODE_WAIT_X: this target only */
	PACE_BACKOFF,  /* server trouble */
	PACE_QUOTA,    /* learnt: so many in so many hours (learn.h) */
	PACE_CONVERTED, /* no lane's: the server converts a video that was sent (clone.h) */
};

enum {
	PACE_BURST_MAX = 100000,
	PACE_TOKENS_MAX = 1000, /* most tokens of one admission; an album has 10, a forward 100 */
	PACE_STATE_SIZE = 41,   /* bytes of pace_save */
};

struct pace_lane {
	uint64_t per_ns;      /* one token each per_ns; 0: no limit */
	uint32_t burst;       /* bucket size, >= 1 */
	uint64_t interval_ns; /* least distance */
	/* state, persisted by the ledger */
	uint64_t full_at;   /* wall ns at which the bucket will be full again */
	uint64_t last;      /* wall ns of the last admission, 0 = none */
	uint64_t hold_from; /* wall ns at which the hold was imposed */
	uint64_t hold_until;
	enum pace_reason hold_reason;
};

struct pace_verdict {
	enum pace_reason reason; /* PACE_NOW: go; the token is taken by pace_take */
	uint64_t at;             /* else: earliest time worth asking again */
};

/* count per unit_ns, for example 20 per minute. count 0: no limit. */
void pace_init(struct pace_lane *, uint64_t count, uint64_t unit_ns, uint32_t burst,
	       uint64_t interval_ns);
/*
 * More tokens than the bucket holds may go when it is full; the lane is in debt for them
 * afterwards, so the rate is kept over time.
 */
struct pace_verdict pace_ask(const struct pace_lane *, uint64_t now, uint32_t tokens);
/* Takes them, whatever pace_ask would say: what was sent was sent. */
void pace_take(struct pace_lane *, uint64_t now, uint32_t tokens);
/* The server said wait; a shorter hold never replaces a longer one. */
void pace_hold(struct pace_lane *, uint64_t now, uint64_t wait_ns, enum pace_reason);
/* After a restart or a clock that jumped back: no state lies in the future by more than it may. */
void pace_restore(struct pace_lane *, uint64_t now);

/* The state (not the settings) as bytes for the ledger. */
void pace_save(const struct pace_lane *, uint8_t out[PACE_STATE_SIZE]);
/* Into a lane that pace_init made; call pace_restore after it. False: not such bytes, lane
 * unchanged. */
bool pace_load(struct pace_lane *, struct cspan);

#endif
