/* tgclone version, tgclone help. */
#include "tools/tgclone/cmd.h"

#include "proto/base/check.h"

#ifndef TGCLONE_VERSION
#error "the build names the version"
#endif

int cmd_version(struct app *app, int argc, char **argv)
{
	(void)argv;
	if (argc != 0)
		return app_fail(app, EXIT_USAGE, "version takes no operands");
	term_say(&app->out, "tgclone %s", TGCLONE_VERSION);
	return EXIT_COMPLETE;
}

int cmd_help(struct app *app, int argc, char **argv)
{
	const struct command *c = argc == 1 ? command_find(argv[0]) : NULL;

	if (argc > 1)
		return app_fail(app, EXIT_USAGE, "help takes one command");
	if (argc == 1 && c == NULL)
		return app_fail(app, EXIT_USAGE, "there is no command \"%s\"", argv[0]);
	if (c != NULL)
		command_page(&app->out, c);
	else
		command_overview(&app->out);
	return EXIT_COMPLETE;
}
