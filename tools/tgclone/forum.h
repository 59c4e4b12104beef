/* A forum's topics, page after page: for the list of them, and for verify. */
#ifndef TGCLONE_TOOLS_FORUM_H
#define TGCLONE_TOOLS_FORUM_H

#include "tools/tgclone/client.h"

/* each gets every forumTopic; it is valid for the call. 0 or an exit code after an error line. */
int forum_topics(struct client *, const struct chat_info *,
		 void (*each)(void *ctx, const struct tl_obj *topic), void *ctx);

/* Whether it has that topic. 0 or an exit code after an error line. */
int forum_has(struct client *, const struct chat_info *, int32_t topic, bool *has);

#endif
