/* Whether the topics that the clone made are still like the source's. */
#ifndef TGCLONE_TOOLS_VERIFY_TOPICS_H
#define TGCLONE_TOOLS_VERIFY_TOPICS_H

#include "tools/tgclone/job.h"

/* found is called for each that is not. 0 or an exit code after an error line. */
int topics_look(struct client *, const struct job *, struct ledger *,
		void (*found)(void *ctx, int32_t source, int32_t target, const char *what), void *ctx);

#endif
