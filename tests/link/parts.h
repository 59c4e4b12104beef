/*
 * A file fetched part by part from the simulated Telegram, for the tests of this room: kept as the
 * hashes of its parts, or relayed into an upload.
 */
#ifndef TGCLONE_TESTS_LINK_PARTS_H
#define TGCLONE_TESTS_LINK_PARTS_H

#include "tests/link/sim.h"

enum { PART = 512 * 1024, PARTS_MAX = 64, DOC_DC = 4 };

struct parts {
	struct sim *s;
	uint8_t location[256];
	uint32_t location_len;
	int64_t size;
	uint16_t dc;
	int64_t upload_id; /* not 0: each part goes on into this big file */
	uint32_t total, asked, done, errors, relayed;
	uint8_t digests[PARTS_MAX][32];
	uint32_t sizes[PARTS_MAX];
	bool got[PARTS_MAX];
};

/* disturb: a control command in the middle, or NULL. */
void parts_fetch(struct parts *, struct sim *, const struct media_file *, const char *disturb);
/* The same, each part saved again; ends when all are. upload_id must not be 0. */
void parts_pass(struct parts *, struct sim *, const struct media_file *, int64_t upload_id,
		const char *disturb);
void parts_same(const struct parts *, const struct parts *);
/* A big file that was saved by its parts, made a document of the simulated Telegram. */
struct media_file parts_stored(struct sim *, int64_t upload_id, uint32_t total);

#endif
