/*
 * The log file: one cleaned line a call, never blocking (reliability P19): when its reader (a pipe,
 * a fifo) does not keep up, or its disk is full, lines are dropped and counted. Secrets are never
 * handed to it (X2).
 */
#ifndef TGCLONE_TOOLS_LOG_H
#define TGCLONE_TOOLS_LOG_H

#include "proto/base/bytes.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum { LOG_LINE_MAX = 1024 };

struct log {
	int fd; /* -1: no log */
	enum log_level level;
	int fault; /* errno of the last line that was dropped */
	uint64_t dropped, dropped_told;
};

/* path NULL: no log. 0 or -errno. A new file is for the owner alone. */
int log_open(struct log *, const char *path, enum log_level);
void log_close(struct log *);
/* wall_ns: ns since 1970. */
void log_line(struct log *, uint64_t wall_ns, enum log_level, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* How many lines are missing that the log does not tell of, and why the last of them. */
const char *log_lost(const struct log *, uint64_t *lines);
/* For struct net_options: ctx is the log; takes the time itself. */
void log_hook(void *ctx, int level, const char *line);

#endif
