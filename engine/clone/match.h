/*
 * Which message of a target is the copy of which message of a source, when no ledger tells: for
 * rebuild. Copies stand in the source's order, but for those that were sent late; others may have
 * written between; some messages have no copy. Pure: two lists in, pairs out, in memory of the caller
 * and what a match borrows while it runs.
 *
 *   source  a  ok  b  ok  c  d | e ...         chain: a copy behind each other copy, as many as possible
 *   target  a  ok  (hi)  ok  c | b             late: b, behind c though its message stands before c's
 */
#ifndef TGCLONE_CLONE_MATCH_H
#define TGCLONE_CLONE_MATCH_H

#include "proto/api/message.h"

enum {
	MATCH_NONE = -1,
	MATCH_SURE = 8,	 /* so many in a row are believed behind any hole */
	MATCH_ROUNDS = 16, /* of late ones, each in order */
	MATCH_UNREAD = 255, /* as media: nothing is known of it */
	MATCH_CELLS = 1 << 23, /* as usual */
};

/* What is the same of the two; less from top to bottom. */
enum match_level {
	MATCH_SAME,  /* all that a fingerprint holds, and the file unless it was sent anew */
	MATCH_WORDS, /* the formatting is gone */
	MATCH_TEXT,  /* the words, or the file's name, and that there is a file */
	MATCH_LEVELS
};

enum match_kind {
	MATCH_MISSING, /* nothing in the target can be it */
	MATCH_CHAIN,
	MATCH_LATE,
	MATCH_DOUBTFUL, /* it may be `pair`, or not */
};

struct match_entry {
	int32_t id, date;
	int32_t edited; /* 0: never */
	int32_t topic;	/* of the target; of a source's message the one that its copy is in; 0: not known */
	int32_t reply;	/* id in the same chat */
	int32_t pair;	/* out: index on the other side, or MATCH_NONE */
	bool album, sendable; /* sendable: a clone would send it, so it should have a copy */
	uint8_t media;	      /* enum media_kind, or MATCH_UNREAD */
	bool elsewhere;	      /* it answers what stands in another chat */
	bool vague;	      /* while it runs: a photo that only its neighbours tell from others */
	uint8_t kind, level;  /* out, of the source's: enum match_kind, match_level */
	int64_t file;	      /* or the place; 0: none */
	uint64_t print[MATCH_LEVELS];
};
static_assert(sizeof(struct match_entry) == 64, "there may be millions");

struct match_side {
	struct match_entry *at; /* in the order of ids */
	uint32_t count;
	uint32_t begin; /* of the source: what stands before this one was left out at first */
};

/* A large match takes a minute: asked again and again whether it is to be broken off. */
struct match_stop {
	bool (*wanted)(void *ctx);
	void *ctx;
};

/* Fills what the message itself says; topic, sendable and out fields are the caller's and match_run's. */
void match_read(const struct message *, struct match_entry *);
/* What it takes beside the two sides. */
size_t match_bytes(uint32_t source_count, uint32_t target_count, uint32_t cells);
/*
 * cells: of a table that compares each with each, more makes better guesses of large holes; 0: as
 * usual. stop: NULL: never. False: no memory, or stopped. What of the target has a pair is a copy, or in doubt.
 */
bool match_run(struct match_side *source, struct match_side *target, uint32_t cells,
	       const struct match_stop *);

#endif
