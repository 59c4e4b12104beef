/* What the lead's side (crew.c) and an engine's thread (engine.c) share. */
#ifndef TGCLONE_CREW_PRIV_H
#define TGCLONE_CREW_PRIV_H

#include "engine/crew/box.h"
#include "engine/crew/crew.h"
#include "engine/crew/ear.h"

#include <pthread.h>

enum {
	LOANS_MAX = 128, /* out at one engine */
	BOX_COUNT = 256, /* above LOANS_MAX, one key per data centre and a beat */
	RING_ENTRIES = 512,
};

enum order_kind {
	ORDER_PART,
	ORDER_KEY, /* a data centre: addresses, key, login */
	ORDER_BEAT, /* only to be taken: a loop that turns does */
	ORDER_END,
};

/* From the lead to an engine. */
struct order {
	enum order_kind kind;
	union {
		struct loan loan;
		struct net_dc dc;
	};
};

struct engine {
	pthread_t thread;
	bool started;
	int cpu; /* -1: anywhere */
	bool poll;
	size_t buffer;
	struct box *orders, *results;

	/* The lead's. */
	struct ear ear; /* for the results: only wakes */
	uint32_t out, capacity;
	uint64_t key_ids[NET_DC_MAX]; /* told, by data centre */
	uint32_t beat;                /* orders up to the last beat */

	/* The engine's, after its start. */
	struct net_options net_options;
	struct net_account account;

	/* Both, at its start and at its end. */
	pthread_mutex_t lock;
	pthread_cond_t changed; /* by CLOCK_MONOTONIC */
	bool stands, ended;
	int status;
};

/* The thread's body. */
void *engine_run(void *engine);

#endif
