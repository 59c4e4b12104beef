/*
 * The one door to the kernel: sockets, timers, clocks, randomness. Several bodies stand behind it:
 * io_uring, poll (where io_uring is forbidden), and a simulated one for tests. Chosen by
 * ring_open_*; used through the table in struct ring.
 *
 * Contract, the same for every body:
 * - an op belongs to the ring from its start until its done() is called, once; so does its memory;
 * - done() is never called inside the call that starts an op, only inside ring_run();
 * - sends and receives may be short; a cancel is a request; close comes after the last completion.
 */
#ifndef TGCLONE_RING_RING_H
#define TGCLONE_RING_RING_H

#include "proto/base/bytes.h"
#include "proto/base/list.h"

#include <netinet/in.h>

struct ring;
struct op;

/* Kind of an op in flight; private to the bodies. */
enum op_kind {
	OP_NONE,
	OP_CONNECT,
	OP_ACCEPT,
	OP_RECV,
	OP_SEND,
	OP_TIMER,
	OP_READ, /* readability of a foreign fd: terminal, eventfd */
};

/* Zero it before its first use; done is set by the caller before each start. */
struct op {
	enum op_kind kind;
	int32_t res;               /* bytes, fd, 0, or -errno; -ECANCELED after a cancel */
	void (*done)(struct op *); /* the only continuation, but for: */
	/* After a send whose done() saw held: the kernel reads its memory no more. */
	void (*released)(struct op *);
	bool held;
	bool copied; /* of a zero-copy send: the kernel said that it copied all the same */
	/* private to the bodies */
	uint8_t place; /* enum op_place */
	bool all, cancelled, zerocopy;
	uint32_t notices; /* to come */
	int fd;
	uint32_t len, moved;
	uint8_t *at;
	uint64_t due_ns;
	uint32_t heap_index;
	struct sockaddr_storage *addr;
	struct list node;
};

/* What the kernel offered and what is used; for doctor and for the tests of each fallback. */
enum ring_feature {
	RING_SINGLE_ISSUER = 1 << 0,
	RING_DEFER_TASKRUN = 1 << 1,
	RING_COOP_TASKRUN = 1 << 2,
	RING_RECV_WAITALL = 1 << 3, /* MSG_WAITALL retried by the kernel */
	RING_SEND_WAITALL = 1 << 4,
	RING_FIXED_FILES = 1 << 5,
	RING_FIXED_BUFFERS = 1 << 6,
	RING_EXT_ARG = 1 << 7, /* timeout with the wait */
	RING_SEND_ZC = 1 << 8, /* sends without copying */
};

struct ring_options {
	/*
	 * Most ops in flight, timers apart (as many again); the completion queue is never smaller.
	 * An op above that ends with -ENOBUFS.
	 */
	uint32_t entries;
	uint32_t forbid; /* features that must not be used (tests) */
};

/* 0, or -errno with a reason for people in why (may be NULL). */
int ring_open_uring(struct ring **, const struct ring_options *, char *why, size_t why_size);
int ring_open_poll(struct ring **, const struct ring_options *);
/* Every op must have ended. */
void ring_close(struct ring *);
const char *ring_name(const struct ring *); /* "io_uring", "poll" */
uint32_t ring_features(const struct ring *);

/*
 * Sockets. fd or -errno. Close-on-exec, TCP_NODELAY, keepalive; blocking or not as the body needs
 * it: only the ring reads and writes them.
 */
int ring_socket(struct ring *, int family);
int ring_listen(struct ring *, const struct sockaddr *, socklen_t, struct sockaddr_storage *bound);
/* Nothing of it may be in flight. */
void ring_close_fd(struct ring *, int fd);
/* Ends both directions: ops in flight on it complete soon. */
void ring_shutdown(struct ring *, int fd);

/* Ends it at once; what was handed in and not yet acknowledged is sent no more, and not read. */
void ring_abort(struct ring *, int fd);

/*
 * What TCP knows of a connection, for watchdogs: a transfer in flight tells nothing until it ends.
 * False: this kernel does not say.
 */
struct ring_progress {
	uint64_t received, acked; /* bytes since the connection began */
	uint32_t unacked;         /* handed in, not yet acknowledged by the peer */
};
bool ring_progress(struct ring *, int fd, struct ring_progress *);
/* This machine's address in a connection, without a port; false: not known. */
bool ring_local(struct ring *, int fd, struct sockaddr_storage *);

/* addr must live until done. */
void ring_connect(struct ring *, struct op *, int fd, struct sockaddr_storage *addr, socklen_t);
void ring_accept(struct ring *, struct op *, int listen_fd); /* res: the new fd */
/* all: one completion when len bytes are there (or at the end of the stream, or an error). */
void ring_recv(struct ring *, struct op *, int fd, void *at, uint32_t len, bool all);
/* Always completes with len, or with an error or a short count that is an error's forerunner. */
void ring_send(struct ring *, struct op *, int fd, const void *at, uint32_t len);
/*
 * The same, and the kernel may go on reading the memory after done(): when held is set there, until
 * released() is called. Until then the op is not the caller's. Where the ring has no RING_SEND_ZC,
 * or this kernel does not lend it the pages now, it is ring_send, and held is not set.
 */
void ring_send_zc(struct ring *, struct op *, int fd, const void *at, uint32_t len);
/* Completes once when fd is readable (res = 0). */
void ring_readable(struct ring *, struct op *, int fd);
/* At due_ns on the ring's monotonic clock; res = 0, or -ECANCELED. */
void ring_timer(struct ring *, struct op *, uint64_t due_ns);
/* A request: the op still ends by done(), with what it had or -ECANCELED. */
void ring_cancel(struct ring *, struct op *);

/*
 * Registers memory that ring_send_zc sends from, when memlock allows: the kernel takes its pages
 * once and not at each send. All of it is in memory from then on. 0 or -errno, and it goes on
 * without; at most once. The memory stays as long as the ring may send from it.
 */
int ring_register(struct ring *, void *mem, size_t size);

/*
 * Submits what was started, waits until something completes or until_ns (0: only collects), and
 * calls done() of all that ended. Returns how many ended, or -errno for an unusable ring.
 */
int ring_run(struct ring *, uint64_t until_ns);

uint64_t ring_now(struct ring *);                       /* monotonic, ns */
uint64_t ring_wall(struct ring *);                      /* CLOCK_REALTIME, ns since 1970 */
void ring_random(struct ring *, void *out, size_t len); /* getrandom; failure is fatal */

/* Counters that do not waver, for the bench. */
struct ring_stats {
	uint64_t enters, ops, completions, recv_bytes, send_bytes;
};
const struct ring_stats *ring_stats(const struct ring *);

#endif
