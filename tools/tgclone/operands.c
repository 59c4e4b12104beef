/*
 * What each subcommand takes beside its options. A chat may come as an operand or by --source and
 * --target; either way a reference that can mean no chat is refused here, by whoever is not logged in
 * too. What it means is resolve.c's question to the server.
 */
#include "tools/tgclone/operands.h"

#include "proto/base/check.h"
#include "tools/tgclone/chatref.h"

static const struct takes {
	const char *command;
	int most;  /* operands */
	int chats; /* that must be named */
} takes[] = {
    {"topics", 1, 1}, {"scan", 1, 1},  {"clone", 2, 2}, {"verify", 2, 2},
    {"retry", 2, 2},  {"status", 2, 0}, {"bench", 1, 0}, {"rebuild", 2, 2},
};

static struct takes takes_of(const char *command, const struct options *o)
{
	struct takes t = {command, 0, 0};

	for (size_t i = 0; i < countof(takes); i++)
		if (strcmp(takes[i].command, command) == 0)
			t = takes[i];
	if (o->dry_run && strcmp(command, "clone") == 0)
		t.chats = 1; /* a scan, where no target is named */
	return t;
}

static int check_chat(struct app *app, const char *text, const char *what)
{
	struct chatref ref;
	char why[160];

	if (text == NULL)
		return app_fail(app, EXIT_USAGE, "which chat? Name the %s (@name, -100..., t.me/..., me)",
				what);
	if (!chatref_parse(&ref, text, why, sizeof(why)))
		return app_fail(app, EXIT_USAGE, "%s: %s", what, why);
	return 0;
}

int operands_check(struct app *app, const char *command)
{
	const struct options *o = &app->options;
	struct takes t = takes_of(command, o);
	bool topics = strcmp(command, "topics") == 0;
	int rc = 0;

	if (o->arg_count > 0 && strcmp(command, "login") == 0) /* most likely the number, which is nobody's business */
		return app_fail(app, EXIT_USAGE, "login takes no operands: the number goes behind --phone");
	if (o->arg_count > t.most)
		return app_fail(app, EXIT_USAGE, "\"%.100s\" is an operand too many (see tgclone help %s)",
				o->args[t.most], command);
	if (t.chats > 0)
		rc = topics ? check_chat(app, o->args[0], "forum") : check_chat(app, o->source, "source");
	if (t.chats > 1 && rc == 0)
		rc = check_chat(app, o->target, "target");
	return rc;
}
