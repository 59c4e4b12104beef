/*
 * doctor --probe: how a server behaves where its documentation is silent and tgclone must not guess.
 * It writes: into chats that it makes for that, on test servers or a simulator only, and takes them
 * away again.
 */
#ifndef TGCLONE_TOOLS_PROBE_H
#define TGCLONE_TOOLS_PROBE_H

#include "tools/tgclone/app.h"

/* 0: all is as tgclone counts on; 2: something is otherwise or could not be asked, each named. */
int probe_run(struct app *);

#endif
