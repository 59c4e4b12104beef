/*
 * A binary heap of timers, smallest due_ns on top; equal times leave in no particular order. It
 * owns its array of pointers, never the ops. Who is due, and what then happens, is the ring's
 * business.
 */
#include "engine/ring/heap.h"

#include <errno.h>
#include <stdlib.h>

int heap_init(struct heap *h, uint32_t room)
{
	*h = (struct heap){calloc(room, sizeof(struct op *)), 0, room};
	return h->at == NULL ? -ENOMEM : 0;
}

void heap_fini(struct heap *h)
{
	free(h->at);
	*h = (struct heap){0};
}

static void set(struct heap *h, uint32_t i, struct op *op)
{
	h->at[i] = op;
	op->heap_index = i;
}

static void sift_up(struct heap *h, uint32_t i, struct op *op)
{
	while (i > 0 && h->at[(i - 1) / 2]->due_ns > op->due_ns) {
		set(h, i, h->at[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	set(h, i, op);
}

static void sift_down(struct heap *h, uint32_t i, struct op *op)
{
	for (;;) {
		uint32_t kid = 2 * i + 1;

		if (kid >= h->count)
			break;
		if (kid + 1 < h->count && h->at[kid + 1]->due_ns < h->at[kid]->due_ns)
			kid++;
		if (h->at[kid]->due_ns >= op->due_ns)
			break;
		set(h, i, h->at[kid]);
		i = kid;
	}
	set(h, i, op);
}

bool heap_put(struct heap *h, struct op *op)
{
	if (h->count == h->room)
		return false;
	h->count++;
	sift_up(h, h->count - 1, op);
	return true;
}

void heap_remove(struct heap *h, struct op *op)
{
	uint32_t i = op->heap_index;
	struct op *last;

	check(i < h->count);
	check(h->at[i] == op);
	last = h->at[--h->count];
	if (last == op)
		return;
	/* The last one takes the hole, and may belong above or below it. */
	if (i > 0 && h->at[(i - 1) / 2]->due_ns > last->due_ns)
		sift_up(h, i, last);
	else
		sift_down(h, i, last);
}

struct op *heap_first(const struct heap *h)
{
	return h->count == 0 ? NULL : h->at[0];
}
