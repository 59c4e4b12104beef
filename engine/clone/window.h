/*
 * How far ahead of the send slot the clone works: when the next page is asked for, which groups'
 * bytes may be on their way, how many messages go in one forward. Pure, so that bench/makespan
 * drives the decisions of the product.
 */
#ifndef TGCLONE_CLONE_WINDOW_H
#define TGCLONE_CLONE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

enum {
	ALBUM_MAX = 10,
	PAGE_SIZE = 100,
	FORWARD_MAX = 100,
	GROUP_SLOTS = 1024, /* groups loaded, the one in the send slot included */
};

/* queued: groups loaded. A whole page must have room, and an album held back by the last one. */
bool window_wants_page(uint32_t queued);
/*
 * preparing: groups with bytes on their way. What is ready costs no chunks and does not count.
 * before: messages in front of the group, each of which takes per_ns (0: no limit): what would lie in
 * the upload area for hours is not brought there yet.
 */
bool window_may_prepare(uint32_t preparing, uint32_t ahead, uint32_t before, uint64_t per_ns);
/* Most messages of one forward: what a minute of the rate allows; count 0: no limit. */
uint32_t window_batch_max(uint64_t count, uint64_t unit_ns, uint32_t burst);

#endif
