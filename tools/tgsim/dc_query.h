/* A query without its wrappers (messages.md 13). Private to dc_query.c, dc_rpc.c. */
#ifndef TGSIM_DC_QUERY_H
#define TGSIM_DC_QUERY_H

#include "tools/tgsim/dc_priv.h"

enum { QUERY_AFTER_MAX = 64, QUERY_WRAPS_MAX = 16 };

struct dc_query {
	struct cspan body; /* the innermost method */
	int32_t layer;     /* of invokeWithLayer; 0: none */
	bool init;         /* initConnection was there and is sound */
	bool without_updates;
	int64_t takeout_id;
	int32_t range_min, range_max;
	uint64_t after[QUERY_AFTER_MAX];
	uint32_t after_count;
	/* refusal: */
	const char *error; /* NULL: sound */
	enum stat_rule rule;
};

/* Takes the wrappers off. body (and the server's second inflate buffer) must outlive the query. */
bool dc_query_read(struct dc_server *, struct dc_query *, struct cspan body);

#endif
