/*
 * The log: JSON, one line a message that came or went. Lines are gathered here; whoever runs the
 * simulator writes them out when it has nothing better to do.
 */
#ifndef TGSIM_SIMLOG_H
#define TGSIM_SIMLOG_H

#include "tools/tgsim/sink.h"

struct simlog {
	bool on;
	struct sink lines;
};

struct simlog_line {
	int64_t t; /* ns since 1970, the server's clock */
	int dc;
	uint64_t conn;
	uint64_t key, session; /* 0: none */
	bool out;
	uint64_t msg_id;
	uint32_t seq;
	const char *name;
	int layer;
	uint64_t bytes;
	const char *error; /* NULL: none */
};

void simlog_init(struct simlog *, bool on);
void simlog_free(struct simlog *);
void simlog_put(struct simlog *, const struct simlog_line *);

#endif
