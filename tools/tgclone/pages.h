/*
 * Whole histories, oldest first, for scan and verify: pages asked for one after the other. A message that
 * no answer can be read with costs only itself; an empty page is not believed before the newest message
 * says that it is the end (as in engine/clone/history.c).
 */
#ifndef TGCLONE_PAGES_H
#define TGCLONE_PAGES_H

#include "tools/tgclone/client.h"

enum { PAGES_MAX = 100 };

struct pages {
	struct client *cl;
	struct chat_info chat;
	int32_t topic, last_seen, to_id;
	int32_t size; /* of the next page */
	uint64_t left; /* of the limit */
	uint64_t seen; /* messages so far */
	bool whole; /* the chat from its beginning on */
	uint64_t told; /* messages, as the server counts them; 0: it did not */
	/* the page in hand; views into the client's arena */
	struct message msgs[PAGES_MAX];
	uint32_t count;
	bool unread; /* it is one message, of which nothing is known but its id; client.text says why */
};

void pages_start(struct pages *, struct client *, const struct chat_info *, int32_t topic,
		 int32_t from_id, int32_t to_id);
/* No more than so many; 0: all. */
void pages_limit(struct pages *, uint64_t most);
/* The next page; count 0 at the end. 0 or an exit code after an error line. */
int pages_next(struct pages *);
/*
 * Messages by id, at most 100, in the order asked for; missing ones are `empty`, one that cannot be read is
 * not, and has no obj. The client's arena is not emptied. 0 or an exit code.
 */
int pages_by_id(struct client *, const struct chat_info *, const int32_t *ids, uint32_t count,
		struct message *out);

#endif
