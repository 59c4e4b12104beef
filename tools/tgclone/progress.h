/*
 * What the user sees of a clone: a live view on a terminal, a line a minute elsewhere, NDJSON events with
 * --json, and the summary at the end. Every wait is shown with its reason and its end.
 */
#ifndef TGCLONE_PROGRESS_H
#define TGCLONE_PROGRESS_H

#include "engine/clone/clone.h"

struct app;

struct progress {
	struct app *app;
	struct ring *ring;
	uint64_t started_ns, drawn_ns, line_ns;
	uint64_t last_ns, last_down, last_up, last_posts;
	double down_rate, up_rate; /* bytes a second, smoothed */
	double moving_s;	   /* so long bytes went out in this run */
	int64_t first_done;	   /* bytes that earlier runs had done */
	bool looked;
	uint64_t offline_ns; /* nothing is connected for so long; whoever knows sets it */
	uint16_t away_dc;    /* the same: one of several data centres is not; 0: each is */
	uint64_t skipped_shown;
};

void progress_start(struct progress *, struct app *, struct ring *);
/* Hands out notes, draws when it is time; *until_ns is lowered to the next drawing. */
void progress_step(struct progress *, struct clone *, uint64_t *until_ns);
/* How far it is, in one line. */
void progress_text(struct progress *, struct clone *, char *out, size_t size);
void progress_end(struct progress *, struct clone *, struct ledger *);

#endif
