/*
 * The program's front: hardens the process, finds the subcommand, reads its options, opens the log,
 * and hands over. What a subcommand does is in cmd_NAME.c.
 */
#include "engine/ledger/ledger.h"
#include "tools/tgclone/app.h"
#include "tools/tgclone/harden.h"
#include "tools/tgclone/operands.h"

#include "proto/base/crash.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int open_log(struct app *app)
{
	const struct options *o = &app->options;
	int rc = log_open(&app->log, o->log, (enum log_level)o->log_level);

	if (rc != 0)
		return app_fail(app, EXIT_CREATE, "log %s: %s", o->log, strerror(-rc));
	return 0;
}

/* The job was done without the log, but not in silence. */
static void close_log(struct app *app)
{
	uint64_t lost;
	const char *why = log_lost(&app->log, &lost);

	if (lost > 0 && !app->options.quiet)
		term_say(&app->err, "tgclone: log %s: %llu line%s dropped: %s", app->options.log,
			 (unsigned long long)lost, lost == 1 ? " was" : "s were", why);
	log_close(&app->log);
}

/* A setting that was mistyped would else be missed in silence. Its value may be a secret. */
static void tell_unknown(struct app *app, const char *command)
{
	const char *entry;
	uint32_t at = 0;

	while ((entry = options_unknown(app->environment, &at)) != NULL) {
		int len = (int)strcspn(entry, "=");
		char line[160];

		snprintf(line, sizeof(line),
			 "%.*s in the environment is no setting and does nothing (see tgclone help %s)",
			 len < 60 ? len : 60, entry, command);
		if (!app->options.quiet)
			term_say(&app->err, "tgclone: %s", line);
		log_hook(&app->log, LOG_WARN, line);
	}
}

/* argv: behind the command's name. */
static int run_with_options(struct app *app, const struct command *c, int argc, char **argv)
{
	struct options *o = &app->options;
	int rc = options_parse(o, c->name, argc, argv, app->environment);

	if (rc != 0)
		app_fail(app, rc, "%s", o->why);
	else if (o->help)
		command_page(&app->out, c);
	else if ((rc = operands_check(app, c->name)) == 0 && (rc = open_log(app)) == 0) {
		tell_unknown(app, c->name);
		rc = c->run(app, o->arg_count, (char **)(uintptr_t)o->args);
	}
	close_log(app);
	options_fini(o);
	return rc;
}

static int dispatch(struct app *app, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	const struct command *c;

	if (argc < 2) {
		command_overview(&app->err);
		return EXIT_USAGE;
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	if (strcmp(name, "--version") == 0)
		name = "version";
	c = command_find(name);
	if (c == NULL)
		return app_fail(app, EXIT_USAGE, "unknown command \"%s\" (see tgclone --help)",
				name);
	if (options_has(c->name))
		return run_with_options(app, c, argc - 2, argv + 2);
	if (argc == 3 && strcmp(argv[2], "--help") == 0) {
		command_page(&app->out, c);
		return EXIT_COMPLETE;
	}
	return c->run(app, argc - 2, argv + 2);
}

enum { STACK_LEAST = 512 << 10, STACK_WISH = 2 << 20 };

/* Pages of messages are planned on it; where it may not grow that far the kernel would end us without a word. */
static int check_stack(struct app *app)
{
	int64_t had = harden_stack(STACK_WISH);

	if (had >= STACK_LEAST)
		return 0;
	return app_fail(app, EXIT_UNAVAILABLE, "a stack of %lld KB is too small: ulimit -s %d", (long long)(had >> 10),
			STACK_WISH >> 10);
}

/* In a build with crash points the environment says where to die: tests/kill/kill_points. */
static bool arm_crash(void)
{
#ifdef TGCLONE_CRASH_POINTS
	return crash_arm(getenv("TGCLONE_CRASH"));
#else
	return true;
#endif
}

/* What ended well but could not be said did not: the output may be all that was wanted. */
static int told(struct app *app, int code)
{
	if (app->out.error == 0 || (code != EXIT_COMPLETE && code != EXIT_SKIPPED))
		return code;
	return app_fail(app, EXIT_IO, "standard output: %s", strerror(app->out.error));
}

int main(int argc, char **argv)
{
	bool hard = harden_process();
	struct app app = {.log.fd = -1, .environment = environ};
	int rc;

	harden_memory();
	term_init(&app.out, STDOUT_FILENO);
	term_init(&app.err, STDERR_FILENO);
	app.err.lossy = true;
	if (!hard)
		return app_fail(&app, EXIT_UNAVAILABLE,
				"the kernel refuses to protect this process");
	(void)ledger_take_memory();
	rc = check_stack(&app);
	if (rc != 0)
		return rc;
	if (!arm_crash())
		return app_fail(&app, EXIT_USAGE, "TGCLONE_CRASH is NAME:N");
	return told(&app, dispatch(&app, argc, argv));
}
