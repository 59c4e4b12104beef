/*
 * The files of a rebuild. While it is under way a marker stands beside the ledger's place, so that no clone
 * begins with nothing there; the new ledger grows under a name that nobody opens, and takes its place when
 * it is whole.
 *
 *   PATH            the ledger            PATH.aside-N    one that was there before
 *   PATH.rebuild    the marker            PATH.fresh      the new one, until it is whole
 *                                         PATH.aside-N.moving   it is not there as a whole yet
 */
#ifndef TGCLONE_TOOLS_REBUILD_FILE_H
#define TGCLONE_TOOLS_REBUILD_FILE_H

#include "tools/tgclone/job.h"

struct rebuild_file {
	char fresh[PATH_MAX], marker[PATH_MAX];
	char aside[PATH_MAX]; /* where the old one is in the end; "": there was none */
	bool alone;  /* no ledger is there */
	bool marked; /* by this run: it goes with a failure that changed nothing */
	bool swapping;
	struct ledger *ledger;
};

/* Whether there may be one: 0 or an exit code after a line. Changes nothing. */
int rebuild_file_may(struct client *, const struct job *, struct rebuild_file *);
int rebuild_file_mark(struct client *, struct rebuild_file *);
/* An empty ledger of the job: file->ledger. */
int rebuild_file_begin(struct client *, const struct job *, struct rebuild_file *);
/* It is whole: it is closed, and put in its place. */
int rebuild_file_finish(struct client *, const struct job *, struct rebuild_file *);
/* The end, good or bad. later: it was stopped, and there may be copies that no ledger knows of. */
void rebuild_file_close(struct rebuild_file *, bool later);

#endif
