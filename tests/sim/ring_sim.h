/*
 * The simulated body of ring.h. One world holds a seed, a clock, a network and any number of rings
 * ("hosts": the client's, the server's); all run in one thread, and everything that happens
 * follows from the seed.
 *
 * Time moves only in simworld_step(), in the ring_run() of a host that waits, and by call_ns with
 * each ring_run(). Two ways to drive hosts, which mix:
 *
 *   by turns    ring_run() never waits: it delivers what is due and returns; when that was nothing,
 *               `until` is kept as the host's wish. A host with a turn function is called by the
 *               world when it is ready.
 *                   while (!finished)
 *                       if (simworld_turn(w) == 0 && !simworld_step(w))
 *                           nothing will ever happen again
 *   waiting     ring_run() behaves as a real one: while nothing has ended it lets the other hosts
 *               take their turns and moves the clock. One host at a time may wait so.
 *
 * Simulated fds are numbers that no kernel gives out, so a stray system call on one hits nothing.
 * ring_readable() takes real fds too (eventfd, pipe); they are looked at, never waited for, as long
 * as the world itself has something to do.
 *
 * Misuse stops the process by check(): a second op in one direction of an fd, an fd of another
 * host, a close with ops in flight, bytes of a send that changed before its end; with poison also
 * (under ASan) any touch of a receive's memory before its end.
 */
#ifndef TGCLONE_TESTS_SIM_RING_SIM_H
#define TGCLONE_TESTS_SIM_RING_SIM_H

#include "engine/ring/ring.h"
#include "tests/sim/rng.h"

#include <stdio.h>

struct simworld;

/* What can go wrong. The first group is drawn once a connection, the second for each segment. */
enum sim_fault {
	SIM_REFUSE,  /* connect ends with -ECONNREFUSED */
	SIM_SWALLOW, /* SYN lost for good: connect ends with -ETIMEDOUT after SIM_SYN_NS */
	SIM_SLOW,    /* slow_bytes_per_s instead of bytes_per_s, both directions */
	SIM_RESET,   /* RST to both ends after byte k of one direction */
	SIM_END,     /* FIN to both ends after byte k: what was behind it is lost */
	SIM_VANISH,  /* after byte k nothing passes any more, and nobody is told: half-open */
	SIM_ONE_WAY, /* after byte k one direction is dead, acks included */
	SIM_SEGMENT, /* a short segment, down to one byte */
	SIM_STALL,   /* the segment, and all behind it, comes up to stall_max_ns late */
	SIM_FLIP,    /* one bit of the segment is turned */
	SIM_SHORT,   /* a receive takes less than there is */
	SIM_LATE,    /* of what ended together some is told one ring_run() later */
	SIM_FAULTS,
};

#define SIM_SYN_NS  (UINT64_C(127) * 1000000000)
#define SIM_FD_BASE (1 << 24)

struct sim_net {
	uint64_t delay_min_ns, delay_max_ns; /* one way, drawn for each segment */
	uint64_t bytes_per_s;                /* of each direction of a connection; 0 unlimited */
	uint64_t shared_bytes_per_s;         /* of all of them together, each direction; 0 unlimited */
	uint64_t slow_bytes_per_s;
	uint64_t stall_max_ns;
	uint64_t reach;  /* byte k of a connection's fault is 1..reach, small as often as big */
	uint32_t buffer; /* bytes one direction holds, sender's and receiver's together */
	uint32_t rate[SIM_FAULTS]; /* per million */
};

struct sim_options {
	uint64_t seed;
	struct sim_net net;
	uint64_t call_ns;     /* what each ring_run costs; 0: 1 microsecond */
	uint64_t wall_ns;     /* wall clock at the start; 0: 2026-01-01 */
	uint32_t sockets_max; /* 0: 4096; above it -EMFILE */
	bool poison;          /* see above */
	FILE *trace;          /* one line for each event; NULL none */
};

/* A sane network without faults: 1-5 ms, no limit of bandwidth, 256 KiB of buffer. */
void sim_net_init(struct sim_net *);
/* A network of a seed: some faults off, the others with drawn rates. */
void sim_net_draw(struct sim_net *, struct rng *);
/* "delay=1.0-5.0ms reset=1200 ..." for the first line of a run. */
void sim_net_print(const struct sim_net *, FILE *);
const char *sim_fault_name(enum sim_fault);

/* ---- the world ---- */

struct simworld *simworld_open(const struct sim_options *);
/* Every ring is closed or killed. */
void simworld_close(struct simworld **);
uint64_t simworld_now(const struct simworld *);
/* The network in force: it may be changed between two steps, connections keep what they drew. */
struct sim_net *simworld_net(struct simworld *);
/* Faults off; what is dead stays dead until somebody closes it. */
void simworld_calm(struct simworld *);
uint64_t simworld_fired(const struct simworld *, enum sim_fault);
/* A stream of its own for the harness, so that its draws do not shift those of the network. */
struct rng *simworld_rng(struct simworld *);
/* Over every event so far: time, host, kind, result, bytes. */
uint64_t simworld_hash(const struct simworld *);
uint64_t simworld_events(const struct simworld *);
/* The harness's own events belong into the trace too. `what` is a constant of the program. */
void simworld_note(struct simworld *, const char *what, uint64_t a, uint64_t b);
/* Calls fn at that time of the world, between two events. */
void simworld_at(struct simworld *, uint64_t at_ns, void (*fn)(void *), void *arg);
/* Asked before the clock moves: true when it did something, and the clock stays. */
void simworld_on_idle(struct simworld *, bool (*fn)(void *), void *arg);

enum sim_route {
	SIM_OPEN,
	SIM_REFUSED,
	SIM_SWALLOWED,
	SIM_UNREACHABLE, /* -ENETUNREACH at once */
};
/* New connections to this address (port 0: every port; AF only, address 0: the whole family). */
void simworld_route(struct simworld *, const struct sockaddr *, enum sim_route);
/* Connections to this address that exist: nothing passes any more, and nobody is told. */
void simworld_vanish(struct simworld *, const struct sockaddr *);
/* As above, by RST to both ends. */
void simworld_reset(struct simworld *, const struct sockaddr *);

/* Turns of every host that has a turn function and is ready; how many. */
uint32_t simworld_turn(struct simworld *);
/* Moves the clock to whatever comes next and delivers it. False: nothing will ever come. */
bool simworld_step(struct simworld *);

/* ---- a host ---- */

struct sim_host {
	const char *name; /* at most 15 characters */
	uint32_t entries;
	bool waits;
	bool zerocopy; /* offers RING_SEND_ZC: memory of such a send is held until it is acked */
	/* One round of the host's program, with one ring_run() in it. NULL: the harness calls it.
	 */
	void (*turn)(void *arg);
	void *arg;
};

/* 0 or -ENOMEM. ring_close() ends it. */
int ring_open_sim(struct ring **, struct simworld *, const struct sim_host *);
/*
 * The process dies, not inside a turn of its own and before its memory is given back: the kernel
 * closes its sockets, its ops are forgotten and no done() is called.
 */
void simhost_kill(struct ring **);
/* The cable is pulled and another one put in: all connections it has are dead, and nobody is told. */
void simhost_vanish(struct ring *);
/* Its monotonic clock stands still for that long, the wall clock goes on, its turns pause. */
void simhost_suspend(struct ring *, uint64_t ns);
void simhost_wall_jump(struct ring *, int64_t ns);
/* The close that follows is an RST (SO_LINGER of zero). */
void simhost_reset_fd(struct ring *, int fd);
/* Something has ended, or its wish or a timer is due. */
bool simhost_ready(struct ring *);

#endif
