/*
 * Fuzz target: what reaches the terminal. Whatever goes in, what comes out is well-formed UTF-8 on
 * one line without a character that acts, and is never cut inside one.
 */
#include "proto/base/check.h"
#include "tools/tgclone/term.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A decoder of the test's own; 0 for anything malformed. */
static uint32_t next(const uint8_t **p)
{
	uint32_t c = *(*p)++, more = c < 0x80 ? 0 : c < 0xc2 ? 9 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

	if (more == 9)
		return 0;
	c &= more == 0 ? 0x7f : 0x3fU >> more;
	for (; more > 0; more--) {
		if ((**p & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (*(*p)++ & 0x3f);
	}
	return c;
}

/* Rows: H18 H19 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = size == 0 ? 1 : 1 + data[0] * 4;
	char *out = malloc(room);
	const uint8_t *p = (const uint8_t *)out, *stop;
	size_t n;

	check(out != NULL);
	n = term_clean(out, room, cspan_of(data, size));
	check(n < room && out[n] == 0);
	for (stop = p + n; p < stop;) {
		uint32_t c = next(&p);

		check(c >= 0x20 && !(c >= 0x7f && c <= 0x9f));
		check(!(c >= 0x200b && c <= 0x200f) && !(c >= 0x2028 && c <= 0x202e));
		check(!(c >= 0x2060 && c <= 0x206f) && c != 0xfeff && c != 0x61c);
		check(!(c >= 0xe0000 && c <= 0xe0fff) && c <= 0x10ffff);
		check(!(c >= 0xd800 && c <= 0xdfff));
	}
	check(p == stop);
	free(out);
	return 0;
}
