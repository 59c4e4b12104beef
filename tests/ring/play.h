/*
 * Random sequences of ops on one ring, judged against a model: byte streams that may not lose, double
 * or change a byte, a count of ops in flight, and for each op what it may end with. Memory that is not
 * the ring's is either out of reach (PROT_NONE) or filled and looked at: ASan cannot see what the kernel
 * writes.
 */
#ifndef TGCLONE_TESTS_RING_PLAY_H
#define TGCLONE_TESTS_RING_PLAY_H

#include "engine/ring/ring.h"

enum { PLAY_ENTRIES = 5 }; /* so the completion queue of io_uring has 16 places */

struct play_told {
	uint64_t ops, cancels, refused, teardowns, shorts, held;
};

/* From the environment, for long runs by hand; few when it is not there. */
uint64_t play_count(const char *name, uint64_t few);

/* Plays until ops have ended so often, cancels everything and checks what is left. */
void play(struct ring *, uint64_t seed, uint64_t ops, struct play_told *);
/* Only teardowns: a connection with transfers in flight is shut or aborted, joined and closed. */
void play_teardowns(struct ring *, uint64_t seed, uint64_t teardowns, struct play_told *);

#endif
