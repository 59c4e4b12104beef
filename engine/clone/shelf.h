/*
 * Memory of the groups that are loaded: one mapping of the caller's, given out in runs and taken back
 * in any order, from the lowest place that is free, so that few pages of it are ever touched. A group
 * costs what its messages need, not what the largest album could need.
 */
#ifndef TGCLONE_CLONE_SHELF_H
#define TGCLONE_CLONE_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SHELF_UNIT = 1024,
	SHELF_SPARE = 4 << 20,  /* at the end, for the group in the send slot alone */
	SHELF_LEAST = 8 << 20,
	SHELF_MOST = 64 << 20,
	SHELF_WORDS = SHELF_MOST / SHELF_UNIT / 64,
};

struct shelf {
	uint8_t *mem; /* lent */
	uint32_t units;
	uint64_t taken[SHELF_WORDS]; /* a bit each unit */
};

/* size: SHELF_LEAST .. SHELF_MOST, a multiple of 64 units. */
void shelf_init(struct shelf *, void *mem, size_t size);
/* bytes > 0, from the start of a unit. spare: out of the spare as well. NULL: no run is that long. */
uint8_t *shelf_take(struct shelf *, size_t bytes, bool spare);
void shelf_give(struct shelf *, const uint8_t *at, size_t bytes);
/* A run of so many bytes is there outside the spare. */
bool shelf_has(const struct shelf *, size_t bytes);

#endif
