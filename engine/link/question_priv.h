/*
 * A question (question.c): one net_call, or one of our own: the first of a session, the binding of
 * its key before it, the export and the import of an authorization.
 */
#ifndef TGCLONE_LINK_QUESTION_PRIV_H
#define TGCLONE_LINK_QUESTION_PRIV_H

#include "engine/link/limits.h"
#include "engine/link/net.h"
#include "engine/link/parcel_priv.h"
#include "proto/session/call.h"

struct centre;
struct relay;

enum { /* around a query */
	QUERY_ROOMS =
	    FRAME_HEADROOM + ENVELOPE_HEADROOM + PREFIX_MAX + ENVELOPE_TAILROOM + FRAME_TAILROOM,
	QUESTION_SMALL = (QUERY_ROOMS + SMALL_QUERY + 63) / 64 * 64, /* for a short one */
};

enum question_state { QUESTION_FREE, QUESTION_WAITING, QUESTION_ON_LINK, QUESTION_FAILED };

enum question_kind { QUESTION_USER, QUESTION_BIND, QUESTION_WARM, QUESTION_EXPORT, QUESTION_IMPORT };

struct question {
	struct call call;
	struct parcel parcel;
	struct list node; /* lane, link->questions, net->failed or net->free_questions */
	enum question_state state;
	enum question_kind kind;
	uint32_t ticket, index, generation;
	uint64_t order; /* in which the caller asked; 0: it is our own */
	struct centre *centre;
	struct link *link;
	enum net_lane lane;
	bool home; /* asked for the home DC, wherever that is */
	bool once, bulk, cancelled;
	bool sent;  /* bytes of it may have left */
	uint64_t end_at; /* sent: its end among the bytes of its connection */
	bool moved; /* it was late on one link and was asked on another: not again */
	uint32_t unanswered; /* times that no answer came in time: each has twice the time before */
	uint32_t resends, repairs, too_late, inits, disowned;
	uint64_t owner;
	uint32_t tag;
	struct net_relay relay_to; /* prefix_len 0: the answer is not to be relayed */
	struct relay *relay;       /* a place in a session for bytes that are not judged yet */
	struct chunk *chunk;       /* buf of the parcel when not NULL */
	struct buf buf;            /* else this one, in memory of: */
	uint8_t *small;
	int32_t large; /* index of the large query memory, -1 none */
	bool lost;     /* QUESTION_FAILED: nobody knows whether it ran */
	int32_t code;  /* QUESTION_FAILED */
	char text[TEXT_MAX];
};

struct question *question_take(struct net *); /* NULL: all are in use */
void question_init(struct question *, enum question_kind, struct centre *, enum net_lane);
/* Memory for a query of len bytes and prefixes in front; NULL: none is free. Empty. */
struct buf *question_memory(struct question *, uint32_t len);
void question_give(struct question *);
/*
 * Into its lane: at the back, or again, before all that were asked for later. Of a net that is dead
 * it fails instead.
 */
void question_wait(struct question *, bool again);
/* Onto the link: an id, a place in the session, and into the link's queue. */
void question_assign(struct question *, struct link *);
/* The same for a query of len bytes that is still to come: head is what it will be sealed with. */
void question_reserve(struct question *, struct link *, uint32_t len, struct envelope_head *head);
/* Out of its lane, or off its link, its bytes plain again when that is asked. The kernel must not
 * hold them. */
void question_recall(struct question *, bool plain);
/* Its answer is NET_ERROR, or NET_LOST. It is on no link and in no lane. */
void question_fail(struct question *, int32_t code, const char *text);
void question_lose(struct question *);
struct question *question_of_ticket(struct net *, uint32_t ticket);
/* True while its bytes are in the hands of the kernel. */
bool question_in_kernel(const struct question *);

#endif
