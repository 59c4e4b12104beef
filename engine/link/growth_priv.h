/*
 * How many file connections a data centre gets: found out by trying, as official clients do. It
 * starts with few; while the connections are busy all the time, one more is tried (a quarter more,
 * when there are many), and kept when the bytes grow with it. What does not pay is left again, and
 * tried again ever more rarely. An answer that says "wait" halves them, and so many are not tried
 * again for a long time.
 *
 *   WATCH --busy for a window--> SETTLE --they are up--> TRY --more bytes--> WATCH with more
 *     ^ `-- not busy: again        `-- cannot connect       `-- as before --.
 *     `---------------------------------------------------------------------'
 *
 * Downloads and uploads grow together where both are busy: the bytes of a relay go through both,
 * and more of one alone would bring nothing. Numbers and times only; knows no link.
 */
#ifndef TGCLONE_LINK_GROWTH_PRIV_H
#define TGCLONE_LINK_GROWTH_PRIV_H

#include <stdbool.h>
#include <stdint.h>

enum { GROWTH_DOWN, GROWTH_UP, GROWTH_WAYS };

enum growth_phase { GROWTH_WATCH, GROWTH_SETTLE, GROWTH_TRY };

struct growth_way {
	uint32_t want, most;
	bool fixed;
	uint32_t before; /* a trial */
	bool busy; /* and all that are wanted are up */
	uint64_t busy_ns;    /* of this window */
	uint64_t flood_ns;   /* until then a flood is the one that was told already */
	uint32_t ceiling;    /* so many were not told to wait, or not known to be: */
	uint64_t ceiling_ns; /* until then no more are tried */
};

struct growth {
	struct growth_way way[GROWTH_WAYS];
	enum growth_phase phase;
	uint64_t at_ns, window_ns; /* last step; start of the phase or window */
	uint64_t up_ns;            /* SETTLE: since when all are up; 0: not yet */
	uint64_t bytes, answers;   /* of this window */
	uint64_t rate;             /* bytes per s before the trial */
	uint64_t next_ns;          /* no trial before */
	uint64_t patience_ns;      /* until the next one, when this one brings nothing */
};

/* What the connections do at a moment. */
struct growth_load {
	bool busy[GROWTH_WAYS];     /* more is asked than the connections that are up take */
	uint32_t ready[GROWTH_WAYS]; /* of the busiest data centre, as many as wanted at most */
};

void growth_init(struct growth *, uint64_t now_ns);
/* To be said of both ways: so many at first. first 0: always the most. */
void growth_bounds(struct growth *, uint32_t way, uint32_t first, uint32_t most);
bool growth_fixed(const struct growth *); /* there is nothing to find out */
/* A part came, or was taken by the server. */
void growth_part(struct growth *, uint64_t bytes);
/* To be called in every turn, as long as anything is asked. */
void growth_step(struct growth *, const struct growth_load *, uint64_t now_ns);
/* Told to wait so long; or a part is on its way for so long, and fewer are to share it. */
void growth_flood(struct growth *, uint32_t way, uint64_t wait_ns, uint64_t now_ns);

#endif
