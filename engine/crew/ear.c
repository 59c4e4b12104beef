/*
 * Listening to a box by the ring of the thread that takes from it:
 *
 *   watch -> (readable) watch -> ...
 *     ^`---- (refused) rest ----.
 *     `---------- a while later '
 *
 * One op does both. Ends by its cancel only.
 */
#include "engine/crew/ear.h"

#define REST (100 * UINT64_C(1000000)) /* ns */

static void watch(struct ear *e);

static void rested(struct op *op)
{
	struct ear *e = container_of(op, struct ear, op);

	e->busy = false;
	if (!e->closing)
		watch(e);
}

static void heard(struct op *op)
{
	struct ear *e = container_of(op, struct ear, op);

	e->busy = false;
	if (e->closing)
		return;
	if (op->res == 0) {
		box_heard(e->box);
		watch(e);
		return;
	}
	e->busy = true;
	op->done = rested;
	ring_timer(e->ring, op, ring_now(e->ring) + REST);
}

static void watch(struct ear *e)
{
	e->busy = true;
	e->op.done = heard;
	ring_readable(e->ring, &e->op, box_eventfd(e->box));
}

void ear_open(struct ear *e, struct ring *ring, struct box *box)
{
	*e = (struct ear){.ring = ring, .box = box};
	watch(e);
}

void ear_close(struct ear *e)
{
	e->closing = true;
	if (e->busy)
		ring_cancel(e->ring, &e->op);
}
