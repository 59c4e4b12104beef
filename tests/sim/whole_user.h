/* What a seed draws of the user, of other people and of what a strict server refuses (whole_user.c). */
#ifndef TGCLONE_TESTS_SIM_WHOLE_USER_H
#define TGCLONE_TESTS_SIM_WHOLE_USER_H

#include "tests/sim/rng.h"
#include "tests/sim/whole.h"

#define FORGETS "random-id-forget=1"

/* What a life asked for, and what came of it, counted: none of them may never happen. */
enum axis {
	AXIS_RANGE,  /* a life wanted a part of the source */
	AXIS_LIMIT,
	AXIS_MODE,   /* one went another way than the last one */
	AXIS_STOP,   /* one was told to stop */
	AXIS_RETRY,  /* rows that were taken back */
	AXIS_AUTHOR, /* names of authors are kept */
	AXIS_SHUT,   /* nothing may go out of a protected source */
	AXIS_OLD,    /* copies that stood in the target before */
	AXIS_SHOWN,   /* messages with the same file */
	AXIS_PARTS,   /* another size of parts */
	AXIS_UNPACED,
	AXIS_PFS,
	AXIS_CHANNEL, /* the source is one */
	AXIS_TOPIC,   /* one topic only */
	AXIS_LATE,   /* messages that were sent behind their place */
	AXIS_NOTED,  /* those of which something was lost, and said */
	AXIS_GAVE_UP, /* lives that ended before they were done */
	AXIS_SLOW,    /* slow mode binds the account */
	AXIS_CAME_OUT, /* videos that came out of their conversion as another file, or edited */
	AXES,
};
const char *axis_name(enum axis);

/* Refusals, and answers that nobody can read. skips: a message may be left for a retry for it. */
struct refusal_kind {
	const char *rule;
	bool skips;
};
enum { REFUSALS = 28, HABITS = 21 };
extern const struct refusal_kind refusal_kinds[REFUSALS];
extern const char *const habits[HABITS]; /* knobs of the server */

/* Kinds of refusals are numbered from `first` on among the scenario's kinds of faults. */
void user_draw(struct scenario *, uint32_t first);
void user_print(const struct scenario *);
/* Nobody did anything: the target has to be the source, line by line. */
bool user_is_quiet(const struct scenario *);

#endif
