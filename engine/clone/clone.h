/*
 * The clone itself: history in, groups planned, bytes moved, posts made in order, every step in the
 * ledger (design: the two walks). One struct, driven by three calls a turn:
 *
 *   while (net_next(net, &ev)) clone_event(c, &ev);
 *   status = clone_step(c, &until);
 *   net_turn(net, until);
 *
 * clone_event only takes notes of what arrived; work is started in clone_step.
 */
#ifndef TGCLONE_CLONE_CLONE_H
#define TGCLONE_CLONE_CLONE_H

#include "engine/clone/plan.h"
#include "engine/crew/crew.h"
#include "engine/ledger/ledger.h"
#include "engine/link/net.h"
#include "engine/pace/methods.h"

struct clone;

struct clone_options {
	struct net *net;
	struct ring *ring;
	struct slab *slab;
	struct ledger *ledger;
	struct crew *crew; /* more engines for file parts; NULL: none */
	struct ledger_job job;
	struct chat_info source, target;
	int32_t source_topic; /* 0: the whole chat */
	int32_t target_topic; /* 0: none, or by map */
	struct plan_options plan;
	int layer;
	uint64_t rate_count, rate_unit_ns; /* posts; count 0: no limit */
	struct pace_methods *learnt; /* lent; NULL: the rate above, else what floods teach */
	uint32_t burst;
	uint64_t interval_ns;
	uint32_t ahead;	      /* groups whose bytes may be on their way before their slot */
	int32_t from_id, to_id; /* source range, 0: open */
	uint64_t limit;	      /* most messages to plan in this run, 0: no limit */
	uint32_t part_size;   /* of a file part: 4096 .. 524288, divides 524288 */
	uint64_t max_wait_ns; /* a longer wait ends the run with CLONE_LATER; 0: wait as told */
	size_t look_bytes;    /* most memory for messages that were read and wait; 0: the least */
	bool close_topics;    /* topics closed at the source are closed in the target at the end */
	/* Whether that message of the target is the copy of another job; asked of what looks like ours. NULL: none is. */
	bool (*is_anothers)(void *others, int32_t target_id);
	void *others; /* borrowed */
};

enum clone_status {
	CLONE_RUNNING,
	CLONE_DONE,	 /* every row is DONE or SKIPPED */
	CLONE_STOPPED,	 /* asked by clone_stop; what was started is finished */
	CLONE_TARGET,	 /* the target cannot take more (exit 69) */
	CLONE_SOURCE,	 /* the source cannot be read (69) */
	CLONE_ACCOUNT,	 /* limits, frozen (69) */
	CLONE_LOGIN,	 /* 77 */
	CLONE_LEDGER,	 /* by what is wrong with it: 65, 73, 74, 75 */
	CLONE_LATER,	 /* 75 */
	CLONE_CONFLICT,	 /* a random_id was answered with another message (70) */
	CLONE_FAULT,	 /* the server finds our messages malformed (70) */
};

int clone_open(struct clone **, const struct clone_options *);
void clone_close(struct clone **);
void clone_event(struct clone *, const struct net_event *);
/* *until_ns (monotonic): when to come again without an event. */
enum clone_status clone_step(struct clone *, uint64_t *until_ns);
/* No new work; ends when the post under way is answered and recorded. */
void clone_stop(struct clone *);
/* One line for people about a status that ended the run. */
const char *clone_why(const struct clone *);

struct clone_progress {
	uint64_t planned, done, skipped; /* rows, earlier runs included */
	bool planned_all;		 /* the source's end was seen */
	uint64_t unseen; /* so many more messages the server counts in the source than it showed */
	int64_t bytes_total, bytes_done; /* streamed bytes of what is planned so far */
	uint64_t posts, requests;	 /* of this run: messages, and what they went in */
	uint64_t down_bytes, up_bytes;	 /* file bytes of this run */
	uint32_t groups_ahead, groups_ready, transfers;
	uint64_t per_ns;		 /* one message each, by the rate; 0: no limit */
	enum pace_reason wait;		 /* why the next post waits; PACE_NOW: it does not */
	uint64_t wait_until;		 /* wall ns */
};
void clone_progress(struct clone *, struct clone_progress *);

/* One file on its way, for a live view; index 0.. until false. */
struct clone_file {
	int32_t source_id;
	char name[64];
	int64_t size, down, up;
};
bool clone_file(const struct clone *, uint32_t index, struct clone_file *);

/*
 * What happened, for logs and --json; oldest first; a full queue drops the oldest and counts it. Told only once it
 * is durable in the ledger: at the end of a run that is behind ledger_sync.
 */
enum clone_note_kind { NOTE_DONE, NOTE_SKIPPED, NOTE_WAIT, NOTE_RETRY, NOTE_INFO };
struct clone_note {
	enum clone_note_kind kind;
	int32_t source_id, target_id;
	enum plan_mode mode;
	enum media_kind media;
	int64_t size;
	uint64_t wait_ns;
	char text[112];
};
bool clone_next_note(struct clone *, struct clone_note *);
uint64_t clone_notes_lost(const struct clone *);

/*
 * What a job waits for, as its ledger says (status asks while another process runs): posts with the
 * reason of their pace, other kinds of requests because the server said so. Returns how many.
 */
enum { CLONE_WAITS = 24 };
struct clone_wait {
	char what[32]; /* "posts", "history", "downloads of DC 4" */
	enum pace_reason why;
	uint64_t until; /* wall ns, ahead of wall_ns */
};
uint32_t clone_waits(struct ledger *, uint64_t wall_ns, struct clone_wait out[CLONE_WAITS]);

/* Of the messages up to this one, earlier runs left some out by their from_id; 0: none. */
int32_t clone_left_out(struct ledger *);

#endif
