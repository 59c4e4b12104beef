/*
 * A part that goes through in one pass (relay.c): the answer of a download link is opened, and at
 * once hashed as the query that an upload link will send. The place of that query in the upload's
 * session, its message id, must be known before; so it is reserved, and given up when the answer is
 * not what it looked like.
 */
#ifndef TGCLONE_LINK_RELAY_PRIV_H
#define TGCLONE_LINK_RELAY_PRIV_H

#include "engine/link/link_priv.h"
#include "proto/wire/relay.h"

struct relay {
	bool used;
	struct relay_job job;
	struct question *up;  /* reserved; NULL: its link went away meanwhile */
	uint32_t down_ticket; /* whose answer it must be */
};

/* packet.c */
void packets_open(struct net *);
/* When packets_open has something to do without further input; 0: now; UINT64_MAX: never. */
uint64_t packets_due(struct net *);

/*
 * The question whose answer the link's whole packet seems to be, when that answer is to be relayed;
 * NULL: it is to be opened as any other.
 */
struct question *relay_expected(const struct link *);
/* Uploads that could be reserved now; most: were none under way. */
uint32_t relay_room(struct net *, uint32_t *most);
/* Reserves a place for the packet's bytes; NULL: not now, the plain way serves. */
struct relay *relay_reserve(struct link *, struct question *);
/* The answer was judged: true when it became the query, and ev says so. */
bool relay_commit(struct link *, const struct question *, struct net_event *ev);
/* What the link's packet has reserved and not used is free again. */
void relay_drop(struct link *);
void relay_release(struct relay *);
/* True: the question was only a reserved place, and is gone. */
bool relay_revoke(struct question *);

#endif
