/*
 * The far side of a bench: a simulated Telegram, either our own child on loopback or one that the
 * user runs (--dc-config), and an account logged in there. State is kept in a directory that goes
 * with it, under $TMPDIR or /tmp; the user's own profiles are not touched.
 */
#ifndef TGCLONE_TOOLS_BENCH_FAR_H
#define TGCLONE_TOOLS_BENCH_FAR_H

#include "tools/tgclone/app.h"
#include "tools/tgclone/client.h"

#include <jansson.h>
#include <sys/types.h>

struct far {
	struct app *app; /* the user's */
	struct app sub;	 /* the same with the options of this far side */
	char dir[80];	 /* "" when there is none; a socket's path must fit behind it */
	char config[128], state[96];
	pid_t child;	 /* our simulator, 0: none */
	pid_t pid;	 /* whose CPU time tells the far side's; 0: not known */
	bool ready;	 /* it listened once */
	bool loopback;	 /* every server is on this machine */
	json_t *world;	 /* what tgsim.json says */
};

/*
 * synth: the world of our own simulator. own: it is wanted even where --dc-config names another one.
 * 0, or an exit code after an error line; far_close in any case.
 */
int far_open(struct far *, struct app *, const char *synth, bool own);
/*
 * code: how the work went. That, or another exit code after an error line: our simulator had ended
 * before, which explains all other trouble.
 */
int far_close(struct far *, int code);
/*
 * To be asked before each client is opened there: 0, or 69 when our simulator has ended. (Once a
 * client is open, that comes to it as a signal to end.)
 */
int far_check(const struct far *);
/* Marked id of chat number index of the far side's list; 0: there is none. */
int64_t far_chat(const struct far *, size_t index);

/*
 * Where tgsim is: beside the program, in the build tree, or on PATH. False: nowhere. self: the
 * program's path; path: the environment's PATH, NULL: none.
 */
bool far_find_tgsim(const char *self, const char *path, char *out, size_t size);

#endif
