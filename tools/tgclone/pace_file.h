/*
 * What was learnt about the account's limits, in the file DIR/PROFILE/pace: what methods_save made, and
 * its SHA-256, since a flipped bit could mean any rate. It is a convenience: a file that is missing,
 * damaged or of another version is as good as none, and one that cannot be written stops nothing.
 * Holds are not here; they are in the ledgers.
 */
#ifndef TGCLONE_TOOLS_PACE_FILE_H
#define TGCLONE_TOOLS_PACE_FILE_H

#include "engine/pace/methods.h"
#include "tools/tgclone/store.h"

enum pace_found {
	PACE_NOTHING, /* nothing was learnt before */
	PACE_LEARNT,
	PACE_DAMAGED, /* there is a file, and it cannot be used */
};

#define PACE_DAMAGED_TEXT "%s/pace is damaged or of another version: the pace is learnt anew"

/* Into methods that methods_init made; they stay so unless something was learnt. */
enum pace_found pace_file_load(const struct store *, struct pace_methods *, uint64_t wall_ns);
/* Whole or not at all; not synced. 0 or -errno. */
int pace_file_save(const struct store *, const struct pace_methods *);

#endif
