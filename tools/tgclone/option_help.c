/* The options of a command as people read them, made from the table. */
#include "tools/tgclone/options_priv.h"
#include "proto/base/check.h"

#include <stdarg.h>
#include <stdio.h>

enum { HELP_INDENT = 30, HELP_WIDTH = 96 };

struct page {
	char *at;
	size_t size, used;
};

static void put(struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct page *p, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(p->at + p->used, p->size - p->used, format, args);
	va_end(args);
	check(n >= 0);
	p->used += (size_t)n < p->size - p->used ? (size_t)n : p->size - p->used - 1;
}

/* Words from column HELP_INDENT on, broken before HELP_WIDTH. */
static void put_wrapped(struct page *p, const char *text)
{
	int column = HELP_INDENT;

	while (*text != 0) {
		int len = (int)strcspn(text, " ");
		bool first = column == HELP_INDENT;

		if (!first && column + 1 + len > HELP_WIDTH) {
			put(p, "\n%*s", HELP_INDENT, "");
			column = HELP_INDENT;
			first = true;
		}
		put(p, "%s%.*s", first ? "" : " ", len, text);
		column += len + !first;
		text += len + (text[len] == ' ');
	}
	put(p, "\n");
}

static void put_option(struct page *p, const struct option_spec *spec)
{
	bool words = spec->type == OPT_CHOICE || spec->type == OPT_RATE;
	char head[64], body[256];
	int n = snprintf(head, sizeof(head), "  --%s%s%s", spec->name, spec->arg != NULL ? " " : "",
			 spec->arg == NULL ? ""
			 : words           ? "..."
					   : spec->arg);

	snprintf(body, sizeof(body), "%s%s%s%s%s%s%s", spec->help, words ? " (" : "",
		 words ? spec->arg : "", words ? ")" : "",
		 spec->initial != NULL && spec->type != OPT_BOOL ? " [" : "",
		 spec->initial != NULL && spec->type != OPT_BOOL ? spec->initial : "",
		 spec->initial != NULL && spec->type != OPT_BOOL ? "]" : "");
	put(p, "%-*s", HELP_INDENT, head);
	if (n >= HELP_INDENT)
		put(p, "\n%*s", HELP_INDENT, "");
	put_wrapped(p, body);
}

/* An option of nearly every command says little about this one. */
static bool is_common(const struct option_spec *spec)
{
	return (spec->commands & FOR_NET) == FOR_NET;
}

size_t options_help(char *out, size_t size, const char *command)
{
	struct page p = {out, size, 0};
	uint32_t bit = option_command(command);

	check(size > 0);
	out[0] = 0;
	for (int common = 0; common < 2; common++) {
		bool titled = false;

		for (uint32_t i = 0; i < option_count; i++) {
			const struct option_spec *spec = &option_table[i];

			if ((spec->commands & bit) == 0 || is_common(spec) != common)
				continue;
			if (!titled)
				put(&p, common ? "\nCommon options\n" : "\nOptions\n");
			titled = true;
			put_option(&p, spec);
		}
	}
	return p.used;
}
