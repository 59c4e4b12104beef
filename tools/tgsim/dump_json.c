/*
 * JSON text, written straight: the dump's order of keys is its own, and a line can be long.
 */
#include "tools/tgsim/dump_priv.h"

#include <stdio.h>
#include <stdlib.h>

void line_init(struct line *l)
{
	*l = (struct line){.room = 4096, .first = true};
	l->at = malloc(l->room);
	check(l->at != NULL);
}

void line_fini(struct line *l)
{
	free(l->at);
	l->at = NULL;
}

void line_reset(struct line *l)
{
	l->len = 0;
	l->first = true;
}

static void put(struct line *l, const char *s, size_t n)
{
	while (l->room - l->len < n + 1) {
		l->room *= 2;
		l->at = realloc(l->at, l->room);
		check(l->at != NULL);
	}
	memcpy(l->at + l->len, s, n);
	l->len += n;
	l->at[l->len] = 0;
}

static void put_escaped(struct line *l, struct cspan s)
{
	put(l, "\"", 1);
	for (size_t i = 0; i < s.len; i++) {
		char c = (char)s.at[i], code[8];

		if (c == '"' || c == '\\') {
			put(l, "\\", 1);
			put(l, &c, 1);
		} else if (c == '\n') {
			put(l, "\\n", 2);
		} else if (s.at[i] < 0x20) {
			snprintf(code, sizeof(code), "\\u%04x", s.at[i]);
			put(l, code, 6);
		} else {
			put(l, &c, 1);
		}
	}
	put(l, "\"", 1);
}

static void begin(struct line *l, const char *key)
{
	if (!l->first)
		put(l, ",", 1);
	l->first = false;
	if (key == NULL)
		return;
	put_escaped(l, cspan_str(key));
	put(l, ":", 1);
}

void line_open(struct line *l, const char *key, char bracket)
{
	begin(l, key);
	put(l, &bracket, 1);
	l->first = true;
}

void line_close(struct line *l, char bracket)
{
	put(l, &bracket, 1);
	l->first = false;
}

void line_text(struct line *l, const char *key, struct cspan utf8)
{
	begin(l, key);
	put_escaped(l, utf8);
}

void line_long(struct line *l, const char *key, int64_t v)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%lld", (long long)v);

	begin(l, key);
	put(l, text, (size_t)n);
}

void line_real(struct line *l, const char *key, double v)
{
	char text[400];
	int n = snprintf(text, sizeof(text), "%.6f", v);

	while (text[n - 1] == '0')
		n--;
	if (text[n - 1] == '.')
		n--;
	begin(l, key);
	put(l, text, (size_t)n);
}

void line_hex(struct line *l, const char *key, struct cspan bytes)
{
	begin(l, key);
	put(l, "\"", 1);
	for (size_t i = 0; i < bytes.len; i++) {
		char two[3];

		snprintf(two, sizeof(two), "%02x", bytes.at[i]);
		put(l, two, 2);
	}
	put(l, "\"", 1);
}

void line_flag(struct line *l, const char *key, bool on)
{
	if (!on)
		return;
	begin(l, key);
	put(l, "true", 4);
}
