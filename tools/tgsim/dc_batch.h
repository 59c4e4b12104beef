/*
 * Envelopes of a turn, side by side. File parts stand together in front, small messages together
 * behind, because the kernels want neighbours of one length; in the end each caller goes through
 * them in the order they were added.
 */
#ifndef TGSIM_DC_BATCH_H
#define TGSIM_DC_BATCH_H

#include "proto/wire/envelope.h"

enum {
	DC_BATCH = 32,
	DC_BATCH_BULK = 8,      /* as many as the widest cipher takes, and as caches hold */
	DC_PASS_LEAST = 10, /* both ways: with fewer the cipher of each way wants its own company */
	DC_PASS_BULK = 2 * DC_BATCH_BULK, /* each way: as many as the widest hash takes */
	DC_BULK_MIN = 64 << 10, /* bytes of a packet that counts as bulk */
};

struct dc_batch {
	struct envelope_job jobs[DC_BATCH]; /* bulk from the front, the others from the end */
	uint32_t bulk, small, count;
	uint8_t order[DC_BATCH]; /* count of them: places in jobs */
};

void dc_batch_init(struct dc_batch *);
/* A place for that packet, the job zero but for it; room must be there. */
uint32_t dc_batch_add(struct dc_batch *, struct buf *packet);
/* No room: run, go through order, and init again. */
bool dc_batch_full(const struct dc_batch *);
/* Opens what stands in one and seals what stands in the other, side by side. */
void dc_batch_run(struct dc_batch *open, struct dc_batch *seal);

#endif
