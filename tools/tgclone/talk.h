/*
 * How subcommands speak: results to stdout as lines or NDJSON, news and errors to stderr, all of it
 * cleaned by term.h; and the log.
 */
#ifndef TGCLONE_TOOLS_TALK_H
#define TGCLONE_TOOLS_TALK_H

#include "tools/tgclone/app.h"

#include <jansson.h>

/* One line of results on stdout; nothing with --json. */
void app_say(struct app *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* One event as a line of JSON on stdout; takes the reference. */
void app_json(struct app *, json_t *event);
/* For an event: text that somebody else wrote, or that was cut. What is no UTF-8 becomes U+FFFD. */
json_t *app_text(const char *);
json_t *app_text_of(struct cspan);
/* One error line, without an exit code. */
void app_error(struct app *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Something the user should know that is no error; to stderr, with --json an event. */
void app_warn(struct app *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void app_log(struct app *, enum log_level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Somebody sits there; and sees lines that change. */
bool app_is_tty(const struct app *);
bool app_is_live(const struct app *);

/* For "%llu message%s". */
static inline const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static inline const struct options *app_options(const struct app *app)
{
	return &app->options;
}

#endif
