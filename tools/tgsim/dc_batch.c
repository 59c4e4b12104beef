/* Places for envelopes. Owns nothing: packets and keys are the callers'. */
#include "tools/tgsim/dc_batch.h"

void dc_batch_init(struct dc_batch *b)
{
	b->bulk = b->small = b->count = 0;
}

uint32_t dc_batch_add(struct dc_batch *b, struct buf *packet)
{
	uint32_t at;

	check(!dc_batch_full(b));
	at = packet->len >= DC_BULK_MIN ? b->bulk++ : DC_BATCH - ++b->small;
	b->jobs[at] = (struct envelope_job){.packet = packet};
	b->order[b->count++] = (uint8_t)at;
	return at;
}

bool dc_batch_full(const struct dc_batch *b)
{
	return b->count == DC_BATCH || b->bulk == DC_BATCH_BULK;
}

void dc_batch_run(struct dc_batch *open, struct dc_batch *seal)
{
	envelope_batch(open->jobs, open->bulk, seal->jobs, seal->bulk);
	envelope_batch(open->jobs + DC_BATCH - open->small, open->small,
		       seal->jobs + DC_BATCH - seal->small, seal->small);
}
