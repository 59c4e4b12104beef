/* Thin layers over term and log, so that every subcommand speaks the same way. */
#include "tools/tgclone/talk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINE = 1024 };

void app_say(struct app *app, const char *format, ...)
{
	char line[LINE];
	va_list args;

	if (app->options.json)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	term_say(&app->out, "%s", line);
}

void app_json(struct app *app, json_t *event)
{
	char *text = event != NULL ? json_dumps(event, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

	/* NULL: no memory. That there was something is told all the same. */
	term_json(&app->out, text != NULL ? text : "{\"event\":\"unprintable\"}");
	free(text);
	json_decref(event);
}

json_t *app_text_of(struct cspan text)
{
	size_t size = 3 * text.len + 1;
	char *clean = malloc(size);
	json_t *out = NULL;

	if (clean != NULL)
		out = json_stringn(clean, term_utf8(clean, size, text));
	free(clean);
	return out;
}

json_t *app_text(const char *text)
{
	return app_text_of(cspan_str(text));
}

void app_error(struct app *app, const char *format, ...)
{
	char line[LINE];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	app_fail(app, 1, "%s", line);
}

void app_warn(struct app *app, const char *format, ...)
{
	char line[LINE];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	app_note(app, "%s", line);
	if (app->options.json && !app->options.quiet)
		app_json(app, json_pack("{s:s, s:o}", "event", "info", "text", app_text(line)));
}

void app_log(struct app *app, enum log_level level, const char *format, ...)
{
	char line[LINE];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	log_hook(&app->log, (int)level, line);
}

bool app_is_tty(const struct app *app)
{
	return app->out.tty;
}

bool app_is_live(const struct app *app)
{
	return app->out.tty && !app->out.dumb;
}
