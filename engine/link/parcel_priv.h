/*
 * A packet on its way out (parcel.c): plain, waiting to be sealed with all others of the turn,
 * sealed, wrapped as a frame; and made plain again in place when its link died.
 */
#ifndef TGCLONE_LINK_PARCEL_PRIV_H
#define TGCLONE_LINK_PARCEL_PRIV_H

#include "proto/wire/envelope.h"
#include "proto/wire/frame.h"
#include "proto/base/list.h"

struct net;
struct link;

enum parcel_state {
	PARCEL_PLAIN,    /* content only */
	PARCEL_RESERVED, /* in link->out; its bytes are being relayed and are not there yet */
	PARCEL_HASHED,   /* in link->out, relayed: to be encrypted */
	PARCEL_QUEUED,   /* in link->out, head is set, to be sealed in this turn */
	PARCEL_SEALED,   /* in link->out */
	PARCEL_WRAPPED,  /* a frame: being sent, or sent */
};

struct parcel {
	struct list node; /* link->out */
	enum parcel_state state;
	bool clear; /* a message of the key exchange: never sealed */
	struct buf *buf;
	struct envelope_head head;
	uint64_t hashed_ns; /* since when */
	struct frame_mark mark;
};

void parcel_init(struct parcel *, struct buf *);
void parcel_queue(struct link *, struct parcel *, const struct envelope_head *);
/* Out of the queue, and its bytes plain again when that is asked. The kernel must not hold it. */
void parcel_recall(struct link *, struct parcel *, bool plain);
void parcel_reserve(struct link *, struct parcel *);
void parcels_seal(struct net *);

#endif
