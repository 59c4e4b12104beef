/* The clone's look-ahead as numbers. Who waits for what, and in which order, the other modules
 * know. */
#include "engine/clone/window.h"

static const uint64_t SECOND = 1000000000;
static const uint64_t STORED_NS = 2 * 3600 * UINT64_C(1000000000); /* well below reliability 2.6 */

bool window_wants_page(uint32_t queued)
{
	return GROUP_SLOTS - queued >= PAGE_SIZE + ALBUM_MAX;
}

bool window_may_prepare(uint32_t preparing, uint32_t ahead, uint32_t before, uint64_t per_ns)
{
	return preparing < ahead && (per_ns == 0 || before <= STORED_NS / per_ns);
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
