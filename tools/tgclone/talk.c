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

	/* NULL: a title that is no UTF-8. The event is still told, without it. */
	term_json(&app->out, text != NULL ? text : "{\"event\":\"unprintable\"}");
	free(text);
	json_decref(event);
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
