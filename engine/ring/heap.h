/*
 * Timers of a ring: a binary heap of ops by due_ns. An op knows its place in it (heap_index), so
 * that it can be taken out from the middle. Room is taken once.
 */
#ifndef TGCLONE_RING_HEAP_H
#define TGCLONE_RING_HEAP_H

#include "engine/ring/ring.h"

struct heap {
	struct op **at;
	uint32_t count, room;
};

/* 0 or -ENOMEM */
int heap_init(struct heap *, uint32_t room);
void heap_fini(struct heap *);
/* False: it is full. */
bool heap_put(struct heap *, struct op *);
/* The op is in the heap. */
void heap_remove(struct heap *, struct op *);
/* The earliest, NULL when empty. It stays. */
struct op *heap_first(const struct heap *);

#endif
