/* What cmd_bench.c and cmd_tune.c share: settings, limits, what is measured, and how it is told. */
#ifndef TGCLONE_TOOLS_BENCH_RUN_H
#define TGCLONE_TOOLS_BENCH_RUN_H

#include "tools/tgclone/app.h"
#include "tools/tgclone/bench_crypto.h"
#include "tools/tgclone/bench_far.h"
#include "tools/tgclone/bench_load.h"

#include <sched.h>

/* The machine, the date and the flags into the head of a report. */
void bench_head(const struct app *, struct bench_report *);
/* Table or JSON to stdout, and the page where --html says. 0 or an exit code. */
int bench_tell(struct app *, const struct bench_report *);
/* Whether what is asked for fits this machine. 0, or 64 after a line that says what is allowed. */
int bench_check(struct app *);
/*
 * The line across the picture: the slower of what the ciphers of so many cores do and what the
 * network card can; loopback has no card.
 */
void bench_limit(struct bench_run *, enum crypto_work, uint32_t cores, bool loopback);

/* A client and the engines on other cores, as the options of the app say. */
struct bench_engines {
	struct client cl;
	struct crew *crew; /* NULL: one core */
	cpu_set_t cpus;	   /* where the thread might run before */
};
/* 0 or an exit code; bench_engines_close in any case. */
int bench_engines_open(struct bench_engines *, struct app *);
/* code: how the work went. That, or the exit code of a signal that came in between. */
int bench_engines_close(struct bench_engines *, int code);

/* A file to download again and again: the largest of the newest messages of a chat. */
int bench_largest(struct client *, int64_t chat, struct load_file *);
/* The file of the message that a link names. 0 or an exit code. */
int bench_linked(struct client *, const char *link, struct load_file *);
/*
 * CHAT and message of https://t.me/c/ID/MESSAGE, t.me/NAME/TOPIC/MESSAGE, CHAT/MESSAGE. False: it is
 * no such link.
 */
bool bench_split_link(const char *link, char *chat, size_t size, int32_t *message);

/* The commands behind `bench`, one file each. */
int bench_do_net(struct app *);
int bench_do_clone(struct app *);
int bench_do_telegram(struct app *);

#endif
