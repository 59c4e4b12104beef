/* The client's host of a whole-program run (whole_client.c). */
#ifndef TGCLONE_TESTS_SIM_WHOLE_CLIENT_H
#define TGCLONE_TESTS_SIM_WHOLE_CLIENT_H

#include "engine/clone/clone.h"
#include "tests/sim/whole.h"

struct client {
	struct simworld *world;
	const struct scenario *scenario;
	struct telegram *telegram;
	struct disk *disk;
	struct net_account account; /* the session file: what outlives a death */
	struct net_account live;
	struct chat_info source, target;
	const struct wish *wish; /* of this life; NULL: for everything */
	struct ring *ring;
	struct slab *slab;
	struct net *net;
	struct ledger *ledger;
	struct clone *clone;
	enum clone_status status;
	uint64_t commit_at_ns;
	bool dead; /* NET_DEAD, or a ledger that cannot be opened */
	char why[200];
	uint32_t lives;
	uint64_t retried; /* rows that were taken back */
	uint64_t adopted; /* messages that an earlier life had sent */
	uint64_t untrue;  /* ends of rows that were told before they were written */
	char waited[112]; /* what was said of the last wait */
	/* Set after client_init, may be NULL: a last look at the options of a clone. */
	void (*adjust)(void *arg, struct clone_options *);
	void *adjust_arg;
};

void client_init(struct client *, struct simworld *, const struct scenario *, struct telegram *,
		 struct disk *);
/* A life begins: ring, net, ledger and clone, from what the disk and the session file hold. */
bool client_start(struct client *);
/* Logs in and looks the chats up, waiting for the answers in virtual time. */
bool client_login(struct client *);
/* One round of its loop. False: the run ended (status), or it cannot go on. */
bool client_turn(struct client *);
/* Whether it is there in its work; AT_TIME: always. */
bool client_is(const struct client *, enum moment);
/* After the end: one round without the clone; whether every chunk is back. */
void client_rest(struct client *);
bool client_drained(const struct client *);
/* After the end: what it left undone or skipped without a reason to, NULL when nothing. */
const char *client_left(struct client *);
/* What a live view counts. */
uint64_t client_moved(struct client *);
/* And what it shows where that stands still: no connection, a wait that has an end, a file or a topic on its way. */
bool client_waits(struct client *);
/* The salt in use at the home DC, and the key: a temporary one, where there are any. */
uint64_t client_salt(const struct client *);
uint64_t client_key(const struct client *);
/* A process that came to its end is gone, and what it wrote is safe. */
void client_end(struct client *);
/* As the program's own end does it: what is not given back by then (chunks, descriptors, operations) is a fault. */
void client_close(struct client *);
/* The process dies as the scenario says. */
void client_kill(struct client *);

#endif
