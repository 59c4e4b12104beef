/* What every subcommand is given, and the table of them. */
#ifndef TGCLONE_TOOLS_APP_H
#define TGCLONE_TOOLS_APP_H

#include "tools/tgclone/exits.h"
#include "tools/tgclone/log.h"
#include "tools/tgclone/options.h"
#include "tools/tgclone/term.h"

struct app {
	struct options options;
	struct term out, err; /* results; everything else */
	struct log log;
	char **environment;
};

struct command {
	const char *name;
	const char *summary; /* half a line */
	const char *help;    /* usage and what it does; the options are added from their table */
	int (*run)(struct app *, int argc, char **argv);
};

/* commands.c; ends with a NULL name. run is given the operands: argv[0] is the first of them. */
extern const struct command commands[];
const struct command *command_find(const char *name);
/* Overview of all commands, and the page of one. */
void command_overview(struct term *);
void command_page(struct term *, const struct command *);

/* Tells one error line, to stderr and the log; returns code. */
int app_fail(struct app *, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* One line of news for people: nothing with --quiet or --json. */
void app_note(struct app *, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
