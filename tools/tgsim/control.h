/*
 * The line protocol of DIR/control: a command in, one answer out. Sans I/O; the socket is
 * shell.c's.
 *
 *   client: COMMAND [WORD...]\n
 *   server: ok LENGTH\n and then LENGTH bytes, or err TEXT\n
 */
#ifndef TGSIM_CONTROL_H
#define TGSIM_CONTROL_H

#include "tools/tgsim/dc.h"

enum { CONTROL_LINE_MAX = 4096 };

struct control {
	struct dc_server *server;
	struct world *world;
	struct faults *faults;
	struct stats *stats;
	const struct sink *config; /* tgsim.json */
	bool stop;                 /* out: the command was stop */
};

/* line without its newline, changed in place. The whole answer, head included, goes into out. */
void control_take(struct control *, char *line, int64_t now, struct sink *out);

#endif
