/*
 * A Telegram and a network in virtual time, for tests that ask their questions through a net: the
 * struct sim of tests/link/sim.h, whose simulator is here no process but a host of a simulated
 * world. Hours cost milliseconds, and what the network does is said to the byte.
 *
 * DC 2 is the home and listens at 127.0.0.1:4430, DC 4 has the files and listens at 127.0.0.1:4431.
 */
#ifndef TGCLONE_TESTS_SIM_VIRTUAL_H
#define TGCLONE_TESTS_SIM_VIRTUAL_H

#include "tests/link/sim.h"
#include "tests/sim/virtual_world.h"

/* The simulator's seed is the world's. Logged in, unless told otherwise. */
struct virtual *virtual_open(struct sim *, const struct sim_options *, uint64_t seed);
struct virtual *virtual_open_apart(struct sim *, const struct sim_options *, uint64_t seed);
void virtual_close(struct virtual **, struct sim *);

/* One more address of that DC, at its port: the account knows it, and the server listens there. */
void virtual_add_address(struct virtual *, struct sim *, uint16_t id, const char *host);
/* Asks nothing: time passes, and events are counted as sim_event does. */
void virtual_wait(struct sim *, uint64_t ns);
/* Asks for the own user; how long the answer took. */
uint64_t virtual_ask(struct sim *, uint16_t dc);
/* A question whose answer is not waited for; its ticket. */
uint32_t virtual_ask_later(struct sim *, uint16_t dc, enum net_lane);
/* Until its answer is here; how long after `since` it came. */
uint64_t virtual_await(struct sim *, uint32_t ticket, uint64_t since);

#endif
