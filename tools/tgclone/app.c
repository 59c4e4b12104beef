/* The few lines that all subcommands say the same way, and the pages of help. */
#include "tools/tgclone/app.h"

#include <stdarg.h>
#include <stdio.h>

static const char exits_text[] =
    "\nExit codes\n"
    "  0 complete and verified   2 complete, with skipped messages   64 bad arguments\n"
    "  65 bad data file          69 chat or facility unavailable     70 internal error\n"
    "  73 cannot create a file   74 input or output error            75 temporary, run again\n"
    "  77 log in first           128+n ended by signal n\n";

static const char sources_text[] =
    "\nEach option may also be set as TGCLONE_NAME in the environment (- becomes _) or as\n"
    "`name = value` in the config file; a flag wins over the environment, that over the file.\n"
    "What is on or off is off by --no-NAME, or NAME=false.\n"
    "SIZE is like 128M or 1G, TIME like 500ms, 3.5s, 10m or 2h.\n";

int app_fail(struct app *app, int code, const char *format, ...)
{
	char line[TERM_LINE_MAX / 4];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	term_say(&app->err, "tgclone: %s", line);
	log_hook(&app->log, LOG_ERROR, line);
	return code;
}

void app_note(struct app *app, const char *format, ...)
{
	char line[TERM_LINE_MAX / 4];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (app->out.live > 0)
		term_live(&app->out, NULL, 0); /* the same screen */
	if (!app->options.quiet && !app->options.json)
		term_say(&app->err, "%s", line);
	log_hook(&app->log, LOG_INFO, line);
}

const struct command *command_find(const char *name)
{
	for (const struct command *c = commands; c->name != NULL; c++) {
		if (strcmp(c->name, name) == 0)
			return c;
	}
	return NULL;
}

void command_overview(struct term *t)
{
	term_page(t, "tgclone clones a Telegram chat into another one.\n\n"
		     "Usage: tgclone COMMAND [OPTION]... [CHAT]...\n\nCommands");
	for (const struct command *c = commands; c->name != NULL; c++)
		term_say(t, "  %-10s %s", c->name, c->summary);
	term_page(t, "\nCHAT is @name, -1001234567890, a t.me link or me, with #TOPIC behind it if "
		     "you like.\ntgclone help COMMAND tells more.");
	term_page(t, exits_text);
}

void command_page(struct term *t, const struct command *c)
{
	char options[16384];

	term_page(t, c->help);
	if (!options_has(c->name))
		return;
	options_help(options, sizeof(options), c->name);
	term_page(t, options);
	term_page(t, sources_text);
	term_page(t, exits_text);
}
