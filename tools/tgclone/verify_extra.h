/*
 * What stands in the target twice: a message of ours that no row of a ledger names, and that is the
 * same as a copy before or behind it, with no more copies between than one request sends. The same words said by
 * hand later on are none of the job's; right there nobody can tell. Exactly once is a promise about the target, so that is looked at,
 * not only at what the ledger says.
 */
#ifndef TGCLONE_TOOLS_VERIFY_EXTRA_H
#define TGCLONE_TOOLS_VERIFY_EXTRA_H

#include "tools/tgclone/job.h"

/*
 * Reads the target from shortly before the first copy to some way behind the last one; found is called for each
 * message that stands there a second time, and for one that is the copy of two (extra is that one, too). Copies are what this job's ledger and those of other jobs name. 0 or
 * an exit code after an error line.
 */
int extra_look(struct client *, const struct job *, struct ledger *,
	       void (*found)(void *ctx, int32_t source, int32_t copy, int32_t extra), void *ctx);

#endif
