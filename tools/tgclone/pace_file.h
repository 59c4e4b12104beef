/*
 * What was learnt about the account's limits, in the file DIR/PROFILE/pace. It is a convenience: a
 * file that is missing, damaged or of another version is as good as none, and one that cannot be
 * written stops nothing. Holds are not here; they are in the ledgers.
 */
#ifndef TGCLONE_TOOLS_PACE_FILE_H
#define TGCLONE_TOOLS_PACE_FILE_H

#include "engine/pace/methods.h"
#include "tools/tgclone/store.h"

/* Into methods that methods_init made. False: nothing was learnt before, or it cannot be read. */
bool pace_file_load(const struct store *, struct pace_methods *, uint64_t wall_ns);
/* Whole or not at all; not synced. 0 or -errno. */
int pace_file_save(const struct store *, const struct pace_methods *);

#endif
