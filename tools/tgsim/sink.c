/*
 * Growing text with JSON strings. Owns its memory; callers own the struct. Leaves structure
 * (commas, braces) to the callers.
 */
#include "tools/tgsim/sink.h"

#include "proto/base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void sink_init(struct sink *t)
{
	*t = (struct sink){0};
}

void sink_free(struct sink *t)
{
	free(t->at);
	sink_init(t);
}

void sink_clear(struct sink *t)
{
	t->len = 0;
	if (t->at != NULL)
		t->at[0] = '\0';
}

char *sink_grow(struct sink *t, size_t n)
{
	char *at;

	if (t->room - t->len <= n) {
		size_t room = t->room < 256 ? 256 : t->room;

		while (room - t->len <= n)
			room *= 2;
		t->at = realloc(t->at, room);
		check(t->at != NULL);
		t->room = room;
	}
	at = t->at + t->len;
	t->len += n;
	t->at[t->len] = '\0';
	return at;
}

void sink_put_n(struct sink *t, const char *s, size_t n)
{
	char *at = sink_grow(t, n);

	if (n > 0)
		memcpy(at, s, n);
}

void sink_put(struct sink *t, const char *s)
{
	sink_put_n(t, s, strlen(s));
}

void sink_printf(struct sink *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	check(n >= 0);
	va_start(args, format);
	vsnprintf(sink_grow(t, (size_t)n), (size_t)n + 1, format, args);
	va_end(args);
}

/* Length of the valid UTF-8 sequence at s, 0 when it is none. */
static size_t utf8_len(const uint8_t *s, size_t left)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (n == 0 || n > left || s[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

void sink_json(struct sink *t, struct cspan in)
{
	sink_put(t, "\"");
	for (size_t i = 0; i < in.len;) {
		size_t n = utf8_len(in.at + i, in.len - i);
		uint8_t c = in.at[i];

		if (n == 0)
			sink_put(t, "\\ufffd");
		else if (c == '"' || c == '\\')
			sink_printf(t, "\\%c", c);
		else if (c == '\n')
			sink_put(t, "\\n");
		else if (c < 0x20 || c == 0x7f)
			sink_printf(t, "\\u%04x", c);
		else
			sink_put_n(t, (const char *)in.at + i, n);
		i += n == 0 ? 1 : n;
	}
	sink_put(t, "\"");
}

void sink_json_str(struct sink *t, const char *s)
{
	sink_json(t, cspan_str(s));
}

int sink_read_file(struct sink *t, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char piece[16384];
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		sink_put_n(t, piece, (size_t)n);
	n = n < 0 ? -errno : 0;
	close(fd);
	return (int)n;
}

static int write_all(int fd, const char *at, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int sink_write_file(const struct sink *t, const char *path, int mode)
{
	struct sink beside;
	int fd, error;

	sink_init(&beside);
	sink_printf(&beside, "%s.new", path);
	fd = open(beside.at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	error = fd < 0 ? -errno : write_all(fd, t->at, t->len);
	if (fd >= 0 && close(fd) < 0 && error == 0)
		error = -errno;
	if (error == 0 && rename(beside.at, path) < 0)
		error = -errno;
	sink_free(&beside);
	return error;
}
