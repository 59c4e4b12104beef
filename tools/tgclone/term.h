/*
 * The one way to a terminal for text that somebody else wrote: titles, names, error texts
 * (reliability H18-H19). One call is one line, whatever the text holds: C0, C1, DEL, bidi marks,
 * zero-width characters, line separators and bytes that are no UTF-8 are shown as \x1b or \u{202e},
 * a backslash as \\. Formats are literals.
 */
#ifndef TGCLONE_TOOLS_TERM_H
#define TGCLONE_TOOLS_TERM_H

#include "proto/base/bytes.h"

enum { TERM_LINE_MAX = 4096, TERM_LIVE_MAX = 24 };

struct term {
	int fd;
	bool tty;
	bool dumb; /* a terminal without a cursor that can be moved: TERM is not set, or dumb */
	uint32_t live; /* lines of the live view on the screen, the cursor below them */
	/*
	 * Set for news that nobody must wait for (P19): what its reader does not take within a moment
	 * is dropped and counted. Without, a slow reader slows us.
	 */
	bool lossy;
	bool stuck; /* the last line was dropped */
	int error;  /* errno of the first line that could not be written, and that somebody wanted to read */
	uint64_t dropped, dropped_told;
};

void term_init(struct term *, int fd);
/*
 * Cleans in into out (size >= 1), always ends with NUL, returns the length. What does not fit is
 * cut between characters.
 */
size_t term_clean(char *out, size_t size, struct cspan in);
/*
 * The same text as UTF-8, for who keeps or packs it: each byte that is none becomes U+FFFD. Cut between
 * characters, ends with NUL, returns the length.
 */
size_t term_utf8(char *out, size_t size, struct cspan in);
/* One line, newline added; above the live view, if there is one. */
void term_say(struct term *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A text of our own with newlines of its own: help. Lines are cleaned one by one. */
void term_page(struct term *, const char *text);
/* One JSON document of json_dumps (compact, ASCII) on a line; a control byte in it is escaped. */
void term_json(struct term *, const char *json);
/*
 * The live view: these lines instead of the ones shown last, as many as the terminal has room for, each
 * cut to its width. Nothing on what is no terminal, or a dumb one. count 0 takes it away.
 */
void term_live(struct term *, const char *const *lines, uint32_t count);

#endif
