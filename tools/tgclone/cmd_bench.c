/*
 * bench: which one, and whether the flags go together. The benches are bench_crypto.c and
 * cmd_bench_*.c.
 */
#include "tools/tgclone/bench_run.h"
#include "tools/tgclone/cmd.h"
#include "tools/tgclone/talk.h"

#include <stdlib.h>

static int do_crypto(struct app *app)
{
	struct bench_report *r = bench_report_new("crypto");
	int code;

	bench_head(app, r);
	if (bench_crypto_all(r, (double)app_options(app)->seconds) != 0)
		code = app_fail(app, EXIT_LATER, "no memory for the messages");
	else
		code = bench_tell(app, r);
	free(r);
	return code;
}

enum { TAKES_MESSAGE = 1, TAKES_SYNTH = 2, TAKES_SECONDS = 4, TAKES_SERVERS = 8 };

static const struct bench {
	const char *name;
	int (*run)(struct app *);
	int takes;
} benches[] = {
    {"crypto", do_crypto, TAKES_SECONDS},
    {"net", bench_do_net, TAKES_SECONDS | TAKES_SYNTH | TAKES_SERVERS},
    {"clone", bench_do_clone, TAKES_SYNTH},
    {"telegram", bench_do_telegram, TAKES_SECONDS | TAKES_MESSAGE | TAKES_SERVERS},
};

/* A flag that this bench would not look at was meant for another one. */
static int refuse_stray(struct app *app, const struct bench *b)
{
	static const struct {
		const char *name, *belongs;
		int bit;
	} rules[] = {
	    {"message", "bench telegram and tune", TAKES_MESSAGE},
	    {"synth", "bench net, bench clone and tune", TAKES_SYNTH},
	    {"seconds", "bench crypto, net and telegram (a clone takes as long as its world)",
	     TAKES_SECONDS},
	    {"dc-config", "bench net and bench telegram (bench clone runs its own simulator)",
	     TAKES_SERVERS},
	};

	for (size_t i = 0; i < countof(rules); i++)
		if (!(b->takes & rules[i].bit) &&
		    options_origin(app_options(app), rules[i].name) == FROM_FLAG)
			return app_fail(app, EXIT_USAGE, "--%s has no place in bench %s: it is for %s",
					rules[i].name, b->name, rules[i].belongs);
	return 0;
}

static int refuse_conflict(struct app *app, const struct bench *b)
{
	const struct options *o = app_options(app);

	if ((b->takes & TAKES_MESSAGE) && o->message == NULL)
		return app_fail(app, EXIT_USAGE,
				"bench telegram needs --message LINK, a message with a file to download");
	if ((b->takes & TAKES_SYNTH) && (b->takes & TAKES_SERVERS) && o->dc_config != NULL &&
	    options_origin(o, "synth") == FROM_FLAG)
		return app_fail(app, EXIT_USAGE,
				"synth and dc-config exclude each other: one makes a simulator, one names it");
	if (o->test && !(b->takes & TAKES_MESSAGE))
		return app_fail(app, EXIT_USAGE, "--test is only for bench telegram");
	return bench_check(app);
}

int cmd_bench(struct app *app, int argc, char **argv)
{
	int code;

	if (argc != 1)
		return app_fail(app, EXIT_USAGE, "one bench: allowed crypto, net, clone, telegram");
	for (size_t i = 0; i < countof(benches); i++) {
		if (strcmp(benches[i].name, argv[0]) != 0)
			continue;
		code = refuse_stray(app, &benches[i]);
		if (code == 0)
			code = refuse_conflict(app, &benches[i]);
		return code == 0 ? benches[i].run(app) : code;
	}
	return app_fail(app, EXIT_USAGE, "no bench \"%.40s\": allowed crypto, net, clone, telegram",
			argv[0]);
}
