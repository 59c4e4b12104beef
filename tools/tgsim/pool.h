/*
 * Packets: pieces of memory in a few sizes that are used again and again, so that a part of half a
 * megabyte costs no page faults. A packet is taken and given; its buf is a window into its memory.
 */
#ifndef TGSIM_POOL_H
#define TGSIM_POOL_H

#include "proto/base/buf.h"
#include "proto/base/list.h"

enum { POOL_CLASSES = 5, POOL_KEPT_BYTES = 32 << 20 };

struct dc_conn;

struct packet {
	struct list node;
	uint32_t size_class; /* POOL_CLASSES: an odd size */
	uint32_t shift;      /* where in mem it begins, see pool.c */
	struct buf buf;
	/* for the owners: */
	struct dc_conn *conn; /* received on */
	int64_t came;         /* when, ns */
	bool quick_ack;       /* the sender asked for one */
	uint32_t sent;        /* bytes of it that are gone */
	int64_t ready;        /* not to be sent before, ns */
	uint8_t mem[];
};

struct pool {
	struct list free[POOL_CLASSES];
	uint64_t kept; /* bytes in the free lists */
	uint32_t taken;
	uint32_t made;
};

void pool_init(struct pool *);
/* Every packet must have been given back. */
void pool_fini(struct pool *);
/* Room for at least room bytes, the content starting at head. Out of memory ends the simulator. */
struct packet *pool_take(struct pool *, uint32_t room, uint32_t head);
void pool_give(struct pool *, struct packet **);

#endif
