/*
 * The bodies that the conformance suite runs on: poll, io_uring with all it has, and io_uring with
 * features forbidden. each_body() calls a test for one after the other.
 */
#ifndef TGCLONE_TESTS_RING_BODIES_H
#define TGCLONE_TESTS_RING_BODIES_H

#include "engine/ring/ring.h"

#include <criterion/criterion.h>

/* Every feature that can be forbidden. */
enum { RING_ALL = RING_SEND_ZC * 2 - 1 };

struct body {
	struct ring *ring;
	uint32_t forbid;
	bool poll;
};

static inline bool body_open(struct body *b, bool poll, uint32_t forbid, uint32_t entries)
{
	struct ring_options o = {.entries = entries, .forbid = forbid};
	char why[128] = "";
	int err;

	*b = (struct body){.forbid = forbid, .poll = poll};
	err = poll ? ring_open_poll(&b->ring, &o) : ring_open_uring(&b->ring, &o, why, sizeof(why));
	if (err < 0)
		cr_log_warn("no %s here: %s", poll ? "poll" : "io_uring", why);
	cr_assert(err == 0 || !poll);
	return err == 0;
}

static inline void each_body(void (*test)(struct body *), uint32_t entries)
{
	static const uint32_t forbid[] = {
	    0,
	    RING_SINGLE_ISSUER,
	    RING_DEFER_TASKRUN,
	    RING_DEFER_TASKRUN | RING_COOP_TASKRUN,
	    RING_RECV_WAITALL,
	    RING_SEND_WAITALL,
	    RING_FIXED_FILES,
	    RING_FIXED_BUFFERS,
	    RING_EXT_ARG,
	    RING_SEND_ZC,
	    RING_ALL,
	};
	struct body b;

	cr_assert(body_open(&b, true, 0, entries));
	test(&b);
	ring_close(b.ring);
	for (size_t i = 0; i < countof(forbid); i++) {
		if (!body_open(&b, false, forbid[i], entries))
			continue;
		cr_assert_eq(ring_features(b.ring) & forbid[i], 0);
		test(&b);
		ring_close(b.ring);
	}
}

/* An op that remembers how often it ended. */
struct probe {
	struct op op;
	int done, released;
};

static inline void probe_done(struct op *op)
{
	container_of(op, struct probe, op)->done++;
}

static inline void probe_released(struct op *op)
{
	struct probe *p = container_of(op, struct probe, op);

	cr_assert_eq(p->done, p->released + 1, "released before it was done, or twice");
	p->released++;
}

static inline struct op *probe_op(struct probe *p)
{
	p->op.done = probe_done;
	p->op.released = probe_released;
	return &p->op;
}

/* Runs the ring until the probe has ended once more than before. */
static inline void await(struct ring *r, struct probe *p)
{
	int before = p->done;

	while (p->done == before)
		cr_assert_geq(ring_run(r, UINT64_MAX), 0);
	cr_assert_eq(p->done, before + 1);
}

struct pair {
	int listen, client, server;
	struct sockaddr_storage addr;
};

static inline void pair_open(struct ring *r, struct pair *p)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct probe accept = {0}, connect = {0};

	p->listen = ring_listen(r, (struct sockaddr *)&any, sizeof(any), &p->addr);
	cr_assert_geq(p->listen, 0);
	p->client = ring_socket(r, AF_INET);
	cr_assert_geq(p->client, 0);
	ring_accept(r, probe_op(&accept), p->listen);
	ring_connect(r, probe_op(&connect), p->client, &p->addr, sizeof(struct sockaddr_in));
	while (accept.done == 0 || connect.done == 0)
		cr_assert_geq(ring_run(r, UINT64_MAX), 0);
	cr_assert_eq(connect.op.res, 0);
	p->server = accept.op.res;
	cr_assert_geq(p->server, 0);
}

static inline void pair_close(struct ring *r, struct pair *p)
{
	if (p->client >= 0)
		ring_close_fd(r, p->client);
	if (p->server >= 0)
		ring_close_fd(r, p->server);
	ring_close_fd(r, p->listen);
}

#endif
