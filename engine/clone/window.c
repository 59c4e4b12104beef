/* The clone's look-ahead as numbers. Who waits for what, and in which order, the other modules
 * know. */
#include "engine/clone/window.h"

static const uint64_t SECOND = 1000000000;

bool window_wants_page(uint32_t queued)
{
	return GROUP_SLOTS - queued >= PAGE_SIZE + ALBUM_MAX;
}

bool window_may_prepare(uint32_t preparing, uint32_t ahead)
{
	return preparing < ahead;
}

uint32_t window_batch_max(uint64_t count, uint64_t unit_ns, uint32_t burst)
{
	uint64_t minute;

	if (count == 0)
		return FORWARD_MAX;
	minute = count * (60 * SECOND / 1000) / (unit_ns / 1000);
	if (minute < burst)
		minute = burst;
	return minute < FORWARD_MAX ? (uint32_t)minute : FORWARD_MAX;
}
