/* Message ids: made from the server's time, read back as one. The sequence is the caller's. */
#include "proto/session/msgid.h"

enum { NS = 1000000000 };

uint64_t msgid_next(uint64_t *last, int64_t unix_ns)
{
	uint64_t ns = unix_ns > 0 ? (uint64_t)unix_ns : 0;
	uint64_t id = (ns / NS) << 32 | ((ns % NS) << 32) / NS;

	id &= ~(uint64_t)3;
	if (id <= *last)
		id = *last + 4;
	if ((id & UINT32_MAX) == 0) /* servers want a fraction of the second there */
		id += 4;
	*last = id;
	return id;
}

int64_t msgid_time(uint64_t msg_id)
{
	uint64_t fraction = ((msg_id & UINT32_MAX) * NS) >> 32;

	return (int64_t)((msg_id >> 32) * NS + fraction);
}
