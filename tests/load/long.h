/*
 * A long job in virtual time: a story (tests/sim/story.h) with rates of faults, lives that end as a
 * seed says, and looks at the memory. Most of it goes wrong most of the time; at the end the target
 * is the source.
 */
#ifndef TGCLONE_TESTS_LOAD_LONG_H
#define TGCLONE_TESTS_LOAD_LONG_H

#include "tests/sim/story.h"

enum { LONG_LOOKS = 4096 };

/* What a life held at its end, or the last life so far. */
struct long_look {
	uint64_t done;     /* messages by then */
	uint64_t at_ns;    /* of the world */
	int64_t grown;     /* bytes of heap, more than at the life's beginning; without SQLite's */
	int64_t sqlite;    /* which keeps pages, so and so many */
	uint64_t resident; /* KiB of the whole process, the simulated Telegram included */
};

struct long_job {
	struct story t; /* s and wall_ns are the caller's, before it begins */
	/* The caller's too: */
	uint64_t post_ns;      /* a message each; 0: ten a second */
	uint32_t part_size;    /* 0: the largest */
	double rate;           /* of each kind of fault of the server; 0: none */
	uint32_t net_rate;     /* of each kind of the network's, per million */
	uint64_t death_ns;     /* how long a life is; 0: one life */
	bool moments;          /* lives end close behind a step of the work, and at half that at times */
	bool knobs;            /* each life meets another habit of the server */
	bool jumps;            /* and another time on the wall */
	bool references;       /* files are told by what they are, not by their bytes: these never moved */
	uint64_t look_every;   /* messages; 0: a look at each death */
	void (*watch)(struct long_job *, void *arg); /* each turn; may be NULL */
	void *watch_arg;

	/* What it came to: */
	uint64_t begun_ns, took_ns;
	uint64_t died[MOMENTS], lives, fired[64], net_fired[SIM_FAULTS];
	uint32_t lines;        /* of the target */
	struct long_look looks[LONG_LOOKS];
	uint32_t look_count;

	/* Its own: */
	struct rng rng;
	int64_t held, held_first, sqlite;
	uint64_t life_ns, calm_ns, next_look;
	struct death death;
	bool there;
	uint64_t turn_ns, dies_ns;
	uint32_t turns;
};

/* The account is logged in, and nothing went wrong yet. */
void long_begin(struct long_job *, enum plan_mode, const char *synth);
/* To the end, within limit_ns: done, the target is the source, the ledger says so, all chunks are back. */
void long_finish(struct long_job *, uint64_t limit_ns);
/* The process dies now, and another one goes on. */
void long_die(struct long_job *);
/* Messages done and skipped so far, of all lives. */
uint64_t long_done(const struct long_job *);
/* What a life holds does not grow with its messages; SQLite's pages have a bound of their own. */
void long_flat(const struct long_job *);
/* One line a look if many is false for few of them, and the totals, on stderr. */
void long_tell(const struct long_job *, const char *name);

#endif
