/*
 * What reaches the user's terminal. term_clean is the filter, everything else writes through it;
 * the only escape sequences of the program are the few of the live view below. It owns no memory
 * and no file descriptor; what is worth saying is for others to know.
 */
#include "tools/tgclone/term.h"
#include "proto/base/check.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static_assert(TERM_LINE_MAX <= PIPE_BUF, "a line is written whole or not at all");
enum { LOSSY_WAIT_MS = 200 };

/* Invisible, or able to reorder or break what stands beside it. */
static const struct {
	uint32_t first, last;
} unseen[] = {
    {0x00, 0x1f},       {0x7f, 0x9f},       {0xad, 0xad},     {0x61c, 0x61c},   {0x115f, 0x1160},
    {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
    {0x3164, 0x3164},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0xfffe, 0xffff},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool is_unseen(uint32_t c)
{
	for (size_t i = 0; i < countof(unseen); i++) {
		if (c >= unseen[i].first && c <= unseen[i].last)
			return true;
	}
	return false;
}

/* Length of the well-formed UTF-8 character at p (no surrogates, nothing overlong); 0: none. */
static size_t utf8_take(const uint8_t *p, size_t len, uint32_t *out)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t c = p[0];

	if (n == 0 || n > len || p[0] > 0xf4)
		return 0;
	if (n > 1)
		c &= 0x7fU >> n;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*out = c;
	return n;
}

size_t term_clean(char *out, size_t size, struct cspan in)
{
	size_t used = 0;

	check(size >= 1);
	for (size_t i = 0; i < in.len;) {
		char piece[16];
		uint32_t c = 0;
		size_t n = utf8_take(in.at + i, in.len - i, &c);
		int len;

		if (n == 0)
			len = snprintf(piece, sizeof(piece), "\\x%02x", in.at[i]);
		else if (c == '\\')
			len = snprintf(piece, sizeof(piece), "\\\\");
		else if (is_unseen(c))
			len = snprintf(piece, sizeof(piece), c < 0x80 ? "\\x%02x" : "\\u{%x}", c);
		else
			len =
			    snprintf(piece, sizeof(piece), "%.*s", (int)n, (const char *)in.at + i);
		if (used + (size_t)len >= size)
			break;
		memcpy(out + used, piece, (size_t)len);
		used += (size_t)len;
		i += n == 0 ? 1 : n;
	}
	out[used] = 0;
	return used;
}

size_t term_utf8(char *out, size_t size, struct cspan in)
{
	static const char stand_in[] = "\xef\xbf\xbd";
	size_t used = 0;

	check(size >= 1);
	for (size_t i = 0; i < in.len;) {
		uint32_t c = 0;
		size_t n = utf8_take(in.at + i, in.len - i, &c), len = n > 0 ? n : 3;

		if (used + len >= size)
			break;
		memcpy(out + used, n > 0 ? (const char *)in.at + i : stand_in, len);
		used += len;
		i += n > 0 ? n : 1;
	}
	out[used] = 0;
	return used;
}

void term_init(struct term *t, int fd)
{
	const char *kind = getenv("TERM");

	*t = (struct term){.fd = fd, .tty = isatty(fd) == 1};
	t->dumb = kind == NULL || kind[0] == 0 || strcmp(kind, "dumb") == 0;
}

/* A whole line fits into whatever says that it can be written to: it is no longer than PIPE_BUF. */
static bool may_put(struct term *t)
{
	struct pollfd p = {.fd = t->fd, .events = POLLOUT};

	if (!t->lossy)
		return true;
	if (poll(&p, 1, t->stuck ? 0 : LOSSY_WAIT_MS) == 1) {
		t->stuck = false;
		return true;
	}
	t->stuck = true;
	t->dropped++;
	return false;
}

static void put_bytes(struct term *t, const char *at, size_t len)
{
	if (!may_put(t))
		return;
	while (len > 0) {
		ssize_t n = write(t->fd, at, len);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = {.fd = t->fd, .events = POLLOUT};

			poll(&p, 1, 1000);
		} else if (n < 0 && errno != EINTR) {
			if (t->error == 0 && errno != EPIPE)
				t->error = errno;
			return; /* nobody reads: not a reason to stop cloning */
		}
		at += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
}

static void tell_dropped(struct term *t)
{
	char line[80];
	uint64_t dropped = t->dropped;
	int len;

	if (dropped == t->dropped_told)
		return;
	len = snprintf(line, sizeof(line), "%llu lines were dropped: nobody read them\n",
		       (unsigned long long)(dropped - t->dropped_told));
	put_bytes(t, line, (size_t)len);
	if (t->dropped == dropped)
		t->dropped_told = dropped;
}

/* A terminal that does not know its size has none of its own. */
static void size_of(const struct term *t, uint32_t *columns, uint32_t *rows)
{
	struct winsize w = {.ws_col = 0};
	bool known = ioctl(t->fd, TIOCGWINSZ, &w) == 0;

	*columns = known && w.ws_col > 0 ? w.ws_col : 80;
	*rows = known && w.ws_row > 0 ? w.ws_row : TERM_LIVE_MAX + 1;
}

static bool is_wide(uint32_t c)
{
	return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
	       (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
	       (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
	       (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
}

/* Bytes of a clean text that fit into so many columns. */
static size_t fit(const char *text, size_t len, uint32_t width)
{
	uint32_t used = 0;
	size_t i = 0;

	while (i < len) {
		uint32_t c = 0;
		size_t n = utf8_take((const uint8_t *)text + i, len - i, &c);

		check(n > 0);
		used += is_wide(c) ? 2 : 1;
		if (used > width)
			break;
		i += n;
	}
	return i;
}

/* Cursor to the first line of the live view, and all below it gone. */
static void live_clear(struct term *t)
{
	char up[32];

	if (t->live > 0)
		put_bytes(t, up, (size_t)snprintf(up, sizeof(up), "\033[%uA\r\033[J", t->live));
	t->live = 0;
}

void term_say(struct term *t, const char *format, ...)
{
	char raw[TERM_LINE_MAX / 2], line[TERM_LINE_MAX + 1];
	va_list args;
	size_t len;
	int n;

	va_start(args, format);
	n = vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	check(n >= 0);
	len = term_clean(line, TERM_LINE_MAX, cspan_of(raw, strlen(raw)));
	line[len++] = '\n';
	live_clear(t);
	tell_dropped(t);
	put_bytes(t, line, len);
}

void term_page(struct term *t, const char *text)
{
	while (*text != 0) {
		size_t len = strcspn(text, "\n");
		char line[512];
		size_t n = term_clean(line, sizeof(line) - 1, cspan_of(text, len));

		line[n++] = '\n';
		put_bytes(t, line, n);
		text += len + (text[len] == '\n');
	}
}

/* jansson leaves DEL as it is; what JSON_ENSURE_ASCII would never write becomes a question mark. */
void term_json(struct term *t, const char *json)
{
	char piece[512];
	size_t used = 0;

	live_clear(t);
	for (; *json != 0; json++) {
		uint8_t c = (uint8_t)*json;

		if (used + 8 > sizeof(piece)) {
			put_bytes(t, piece, used);
			used = 0;
		}
		if (c < 0x20 || c == 0x7f)
			used += (size_t)sprintf(piece + used, "\\u%04x", c);
		else
			piece[used++] = c < 0x80 ? (char)c : '?';
	}
	piece[used++] = '\n';
	put_bytes(t, piece, used);
}

void term_live(struct term *t, const char *const *lines, uint32_t count)
{
	uint32_t width, rows;

	check(count <= TERM_LIVE_MAX);
	if (!t->tty || t->dumb)
		return;
	live_clear(t);
	size_of(t, &width, &rows);
	width--;
	count = count < rows ? count : rows - 1; /* the cursor has a row of its own */
	for (uint32_t i = 0; i < count; i++) {
		char line[1024];
		size_t len = term_clean(line, sizeof(line) - 1, cspan_str(lines[i]));

		len = fit(line, len, width);
		line[len++] = '\n';
		put_bytes(t, line, len);
	}
	t->live = count;
}
