/*
 * What the bodies of ring.h share. A body fills the table, starts and cancels I/O ops, and in run()
 * moves ops that ended to the ended list with ring_end(). Timers, limits, counting and the calling
 * of done() are common (ring.c); sockets, clocks and randomness of the two real bodies too
 * (posix.c).
 */
#ifndef TGCLONE_RING_RING_PRIV_H
#define TGCLONE_RING_RING_PRIV_H

#include "engine/ring/heap.h"
#include "engine/ring/ring.h"

enum op_place {
	OP_IDLE,       /* the caller's */
	OP_PENDING,    /* started, not yet tried; in the body's list */
	OP_FLYING,     /* the kernel has it, or its fd is awaited */
	OP_CANCELLING, /* flying, and in the body's list of cancels to be sent */
	OP_IN_HEAP,    /* a timer */
	OP_ENDED,      /* result is known, done() not yet called; in the ended list */
	OP_HELD,       /* done() was called, its memory is still read */
	OP_RELEASED,   /* not any more; released() not yet called; in the ended list */
};

struct ring_body {
	const char *name;
	void (*start)(struct ring *, struct op *);  /* place is PENDING, node is loose */
	void (*cancel)(struct ring *, struct op *); /* place is PENDING or FLYING */
	/* Submits, waits until something ended or until_ns, collects. 0 or -errno. */
	int (*run)(struct ring *, uint64_t until_ns);
	void (*close)(struct ring *);
	int (*add_memory)(struct ring *, void *mem, size_t size);
	void (*fd_opened)(struct ring *, int fd);
	void (*fd_closing)(struct ring *, int fd);
	int (*socket)(struct ring *, int family);
	int (*listen)(struct ring *, const struct sockaddr *, socklen_t, struct sockaddr_storage *);
	void (*shutdown)(struct ring *, int fd);
	void (*abort)(struct ring *, int fd);
	void (*close_fd)(struct ring *, int fd);
	bool (*progress)(struct ring *, int fd, struct ring_progress *);
	bool (*local)(struct ring *, int fd, struct sockaddr_storage *);
	uint64_t (*now)(struct ring *);
	uint64_t (*wall)(struct ring *);
	void (*random)(struct ring *, void *out, size_t len);
	int socket_flags; /* for socket() and accept4() */
};

struct ring {
	const struct ring_body *body;
	uint32_t entries, in_flight; /* I/O ops, without timers */
	uint32_t features, forbid;
	struct heap timers;
	struct list ended;
	struct ring_stats stats;
};

/* 0 or -ENOMEM */
int ring_init(struct ring *, const struct ring_body *, const struct ring_options *);
void ring_fini(struct ring *);
/* The op's result is known: its node must be loose. */
void ring_end(struct ring *, struct op *, int32_t res);
/* The last notice of a zero-copy send came. */
void ring_release(struct ring *, struct op *);
/* Result of a transfer that was cut short by error res < 0. */
int32_t ring_cut(const struct op *, int32_t res);

int posix_socket(struct ring *, int family);
int posix_listen(struct ring *, const struct sockaddr *, socklen_t, struct sockaddr_storage *);
void posix_shutdown(struct ring *, int fd);
void posix_abort(struct ring *, int fd);
void posix_close_fd(struct ring *, int fd);
bool posix_progress(struct ring *, int fd, struct ring_progress *);
bool posix_local(struct ring *, int fd, struct sockaddr_storage *);
void posix_tune(int fd);
uint64_t posix_now(struct ring *);
uint64_t posix_wall(struct ring *);
void posix_random(struct ring *, void *out, size_t len);

#endif
