/*
 * Wakes a thread's ring when something was put into a box of its. A kernel that does not want to
 * watch is asked again after a moment, and until then the ring wakes by the clock.
 */
#ifndef TGCLONE_CREW_EAR_H
#define TGCLONE_CREW_EAR_H

#include "engine/crew/box.h"
#include "engine/ring/ring.h"

struct ear {
	struct ring *ring;
	struct box *box;
	struct op op;
	bool busy, closing;
};

/* Both are lent until the ear is closed. What came is asked for with box_take after each ring_run. */
void ear_open(struct ear *, struct ring *, struct box *);
/* It is closed when the ring holds nothing of it any more: busy is false. One never opened is. */
void ear_close(struct ear *);

#endif
