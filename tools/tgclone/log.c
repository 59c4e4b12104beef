/*
 * The log. It owns its file descriptor, opened non-blocking and for appending, so that several
 * processes may share a file and a line is one write. The time is an argument, but for the hook
 * that the rooms below call, which has nobody to ask.
 */
#include "tools/tgclone/log.h"
#include "tools/tgclone/term.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int log_open(struct log *l, const char *path, enum log_level level)
{
	*l = (struct log){.fd = -1, .level = level};
	if (path == NULL)
		return 0;
	l->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
	return l->fd >= 0 ? 0 : -errno;
}

void log_close(struct log *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

static size_t put_time(char *out, size_t size, uint64_t wall_ns)
{
	time_t s = (time_t)(wall_ns / 1000000000);
	struct tm tm;

	gmtime_r(&s, &tm);
	return (size_t)snprintf(out, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
				tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
				(int)(wall_ns / 1000000 % 1000));
}

/* One write or none: half a line would be worse than no line. */
static bool put_line(struct log *l, uint64_t wall_ns, enum log_level level, const char *text)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};
	char line[LOG_LINE_MAX + 64];
	size_t len = put_time(line, sizeof(line), wall_ns);

	len += (size_t)snprintf(line + len, sizeof(line) - len, " %-5s ", names[level]);
	len += term_clean(line + len, LOG_LINE_MAX, cspan_str(text));
	line[len++] = '\n';
	errno = ENOSPC; /* of a line that was written in part */
	if (write(l->fd, line, len) == (ssize_t)len)
		return true;
	l->fault = errno;
	return false;
}

const char *log_lost(const struct log *l, uint64_t *lines)
{
	*lines = l->dropped - l->dropped_told;
	return l->fault == EAGAIN ? "the reader is too slow" : strerror(l->fault);
}

void log_line(struct log *l, uint64_t wall_ns, enum log_level level, const char *format, ...)
{
	char text[LOG_LINE_MAX];
	const char *why;
	uint64_t lost;
	va_list args;

	if (l->fd < 0 || level > l->level)
		return;
	why = log_lost(l, &lost);
	if (lost > 0) {
		snprintf(text, sizeof(text), "%llu lines were dropped: %s", (unsigned long long)lost, why);
		if (put_line(l, wall_ns, LOG_WARN, text))
			l->dropped_told = l->dropped;
	}
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!put_line(l, wall_ns, level, text))
		l->dropped++;
}

void log_hook(void *ctx, int level, const char *line)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	log_line(ctx, (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec,
		 level < 0   ? LOG_ERROR
		 : level > 3 ? LOG_DEBUG
			     : (enum log_level)level,
		 "%s", line);
}
