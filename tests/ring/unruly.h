/*
 * A kernel that is short of something, for tests: stands between the ring and liburing or libc (the
 * program's own symbols come first), and does what it is told.
 */
#ifndef TGCLONE_TESTS_RING_UNRULY_H
#define TGCLONE_TESTS_RING_UNRULY_H

#include "proto/base/bytes.h"

enum { UNRULY_OPS = 16 };

struct unruly {
	int setup_error;        /* of io_uring_setup; 0: none */
	uint32_t known_flags;   /* setup flags of this kernel; 0: all */
	uint32_t hidden;        /* feature bits of the ring that it lacks */
	uint32_t missing[UNRULY_OPS]; /* opcodes + 1 that it lacks */
	uint64_t memlock;       /* bytes that rings may take; 0: no limit */
	bool no_files;          /* files cannot be registered */
	/* Per thousand calls. */
	uint32_t submit_errors; /* EBUSY, EAGAIN, EINTR by turns, nothing is submitted */
	uint32_t wait_errors;   /* of epoll_wait and ppoll: EINTR */
	uint32_t call_errors;   /* of recv, send and accept: EINTR */
	uint32_t shorts;        /* of recv and send: fewer bytes than there were */
	uint64_t seed;
	/* What was done. */
	uint64_t setups, setup_bytes, errors, shortened;
};

/* The one in force. */
struct unruly *unruly(void);

#endif
