/*
 * A new ledger for a job whose own was lost: both histories go in, message by message; what is a copy of
 * what is found out (match.h); and the ledger is written as the job would have written it, in the order in
 * which the copies were sent. What has no copy stays planned, what may have one is skipped with a reason:
 * nothing is sent twice that can be told. Asks no server.
 */
#ifndef TGCLONE_CLONE_REBUILD_H
#define TGCLONE_CLONE_REBUILD_H

#include "engine/clone/match.h"
#include "engine/clone/plan.h"
#include "engine/ledger/ledger.h"

/* With what a skipped row begins that may have a copy, for retry --reason. */
#define REBUILD_DOUBT "rebuild: perhaps "

enum {
	REBUILD_REASONS = 256, /* different texts */
	REBUILD_LEAST = 4 << 20, /* of memory, the table of the comparison with it */
};

/* Beside what is compared: what a row tells of its message, and of the copy. */
struct rebuild_info {
	int64_t grouped_id, size;
	int32_t topic; /* in its own chat */
	uint32_t marks;
	uint8_t mode;  /* enum plan_mode, as it would go now */
	uint8_t value; /* of a dice */
	uint16_t reason; /* of that plan, and one; 0: none */
	uint8_t digest[32];
};

struct rebuild_copy {
	int64_t grouped_id;
	uint32_t marks;
	uint8_t value;
};

struct rebuild_topic {
	int32_t source, target; /* target 0: not known */
	int32_t best, votes;	/* where most of its messages' copies stand */
};

struct rebuild {
	struct match_side source, target;
	struct rebuild_info *source_info;
	struct rebuild_copy *target_info;
	size_t memory; /* the caller's: as much as all of this may take, the comparison with it; at least REBUILD_LEAST */
	uint32_t source_room, target_room;
	char (*reasons)[64];
	uint32_t reason_count;
	struct rebuild_topic *topics; /* in the order of the source's ids; the caller's, with their targets as far as known */
	uint32_t topic_count;
	struct plan_options plan;
	bool target_is_self, target_is_forum;
	const struct match_stop *stop; /* the caller's; NULL: it goes on to its end */
	int32_t topic;	/* that all goes to; 0: by the map */
	int32_t from_id; /* what stands before was left out, as far as it has no copy; 0: nothing was */
	int32_t end;	/* newest message of the target */
	struct rebuild_counts {
		uint64_t source, found, late, doubtful; /* source: without what was left out */
		uint64_t missing; /* in front of one that was found; behind all of them: to_come */
		uint64_t to_come;
		uint64_t skipped; /* no clone would send it */
	} counts;
};

/* memory is set. */
bool rebuild_open(struct rebuild *);
void rebuild_close(struct rebuild *);
/* Oldest first. False: no memory, or more than it may take. */
bool rebuild_add_source(struct rebuild *, const struct message *);
bool rebuild_add_target(struct rebuild *, const struct message *);
/* One that cannot be read: what it is a clone finds out; what it is a copy of nobody. */
bool rebuild_add_unread(struct rebuild *, int32_t source_id);
bool rebuild_add_unread_target(struct rebuild *, int32_t id);
/* False: no memory, or stopped. Else the counts are known, and topics that follow from their messages. */
bool rebuild_match(struct rebuild *);
/* So many messages of the source lie up to the last one that was found. */
uint32_t rebuild_reach(const struct rebuild *);
/* It stands before from_id and has no copy: no row, and no fault. */
bool rebuild_is_left_out(const struct rebuild *, uint32_t i);
/* Into an empty ledger of the job. Stopped, some of it is there. */
enum ledger_fault rebuild_write(struct rebuild *, struct ledger *);

#endif
