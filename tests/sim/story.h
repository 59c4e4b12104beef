/*
 * One job in virtual time, told step by step by a test: the world, the server, and tgclone's engine
 * that is killed and started again as the story wants it.
 */
#ifndef TGCLONE_TESTS_SIM_STORY_H
#define TGCLONE_TESTS_SIM_STORY_H

#include "tests/sim/whole_client.h"

struct story {
	struct scenario s; /* the test's, before it begins */
	uint64_t wall_ns;  /* the same: what the clocks on the wall say at first; 0: 2026-01-01 */
	void (*adjust)(void *arg, struct clone_options *); /* the same; of each life; may be NULL */
	void *adjust_arg;
	struct simworld *world;
	struct telegram *telegram;
	struct client client;
};

/* The program is started, nobody is logged in. What s leaves open (links, requests in flight, chunks,
 * time of a commit, seed, key) is small and quiet. net NULL: a quiet one. */
void story_open(struct story *, enum plan_mode, const char *synth, const struct sim_net *net);
/* The same, and the account is logged in: the clone begins. */
void story_begin(struct story *, enum plan_mode, const char *synth, const struct sim_net *net);
/* Everybody's next thing. False: the clone ended. A dead account or a world at its end fails. */
bool story_go(struct story *);
/* It must not end before. */
void story_go_for(struct story *, uint64_t ns);
/* The process is gone; what it sent arrives. client_start begins the next life. */
void story_die(struct story *);
/* While it is gone, the others live on. */
void story_wait(struct story *, uint64_t ns);
/* To the end, within a day: nothing lost, doubled or out of order. The virtual time it took. */
uint64_t story_finish(struct story *);

#endif
