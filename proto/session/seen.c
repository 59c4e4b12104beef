/*
 * The replay window (check 9): the highest SESSION_SEEN ids that came, sorted. Ids come almost in
 * order, so adding one moves almost nothing.
 */
#include "proto/session/session_priv.h"

/* The first place whose id is not below msg_id. */
static uint32_t lower_bound(const struct session *s, uint64_t msg_id)
{
	uint32_t low = 0, high = s->seen_count;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (s->seen[mid] < msg_id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

enum seen session_seen(const struct session *s, uint64_t msg_id)
{
	uint32_t at = lower_bound(s, msg_id);

	if (at < s->seen_count && s->seen[at] == msg_id)
		return SEEN_TWICE;
	return at == 0 && s->seen_count == SESSION_SEEN ? SEEN_BELOW : SEEN_NEW;
}

void session_see(struct session *s, uint64_t msg_id)
{
	uint32_t at = lower_bound(s, msg_id);

	if (s->seen_count == SESSION_SEEN) {
		if (at == 0)
			return; /* below the window: nothing to remember it by */
		at--;
		memmove(s->seen, s->seen + 1, at * sizeof(s->seen[0]));
	} else {
		memmove(s->seen + at + 1, s->seen + at, (s->seen_count - at) * sizeof(s->seen[0]));
		s->seen_count++;
	}
	s->seen[at] = msg_id;
}
