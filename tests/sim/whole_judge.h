/*
 * What became of each message of the source, by the random_ids that its copies were made with: whatever the
 * ledger says is held against that (reliability I1 - I4, I6).
 */
#ifndef TGCLONE_TESTS_SIM_WHOLE_JUDGE_H
#define TGCLONE_TESTS_SIM_WHOLE_JUDGE_H

#include "tests/sim/whole_client.h"

enum { JUDGE_VERSIONS = 2 * WHOLE_DEEDS, WHOLE_RARE = 32 };

struct judge {
	const struct scenario *s;
	struct telegram *telegram;
	struct posted *source; /* what was there when the job began */
	uint32_t source_count;
	struct version { /* of a message of the source */
		int32_t id;
		char *line; /* what it said before */
	} versions[JUDGE_VERSIONS];
	uint32_t version_count;
	int32_t gone[WHOLE_DEEDS], fresh[WHOLE_DEEDS], removed[WHOLE_DEEDS];
	uint32_t gone_count, fresh_count, removed_count;
	int32_t rare[WHOLE_RARE]; /* what cannot always be kept */
	uint32_t rare_count;
	uint32_t skipped, late, noted, came_out; /* of the last look */
	char why[400];
};

void judge_begin(struct judge *, const struct scenario *, struct telegram *);
/* A message that may end as skipped, with a reason. */
void judge_rare(struct judge *, int32_t id);
/* Somebody's deed comes; it is done. */
bool judge_deed(struct judge *, const struct deed *);
/* The job is done. NULL: all is well; else what is not. source, target: the canonical lines of both. */
const char *judge_end(struct judge *, struct client *, const char *source, const char *target);

#endif
