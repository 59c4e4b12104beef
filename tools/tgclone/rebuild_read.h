/* Both sides of a job whose ledger is lost, into what engine/clone/rebuild.h makes a ledger of. */
#ifndef TGCLONE_TOOLS_REBUILD_READ_H
#define TGCLONE_TOOLS_REBUILD_READ_H

#include "engine/clone/rebuild.h"
#include "tools/tgclone/job.h"

/*
 * The range of the source that the options name, all of the target, and the topics of both. What other
 * ledgers of the profile say that they sent is left out. r->topics are taken from the heap. 0 or an exit
 * code after an error line.
 */
int rebuild_read(struct client *, const struct job *, struct rebuild *);

#endif
