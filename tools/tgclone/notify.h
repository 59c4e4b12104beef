/*
 * Telling a service manager how we are: the datagrams of sd_notify(3), written by ourselves.
 * Without $NOTIFY_SOCKET everything here does nothing. Nothing waits: a datagram that the manager
 * has no room for is sent again at the next turn (ready, watchdog) or dropped (status).
 */
#ifndef TGCLONE_NOTIFY_H
#define TGCLONE_NOTIFY_H

#include "proto/base/bytes.h"

#include <sys/socket.h>
#include <sys/un.h>

struct notify {
	int fd; /* -1: nobody listens */
	socklen_t to_len;
	struct sockaddr_un to;
	bool ready, stopping;
	uint64_t beat_ns; /* half of what the watchdog allows; 0: there is none */
	uint64_t beat_due_ns, status_due_ns;
};

/*
 * By $NOTIFY_SOCKET (a path, or @ and an abstract name), $WATCHDOG_USEC and $WATCHDOG_PID of
 * environment. 0, or -errno: named but unusable; nothing is sent then.
 */
int notify_open(struct notify *, char *const *environment);
void notify_close(struct notify *);
/*
 * To be called in every turn of the loop that does the work, so that a stuck loop falls silent:
 * READY=1 at first, WATCHDOG=1 when it is time. *until_ns is lowered to the next time. Returns
 * whether a new status is due.
 */
bool notify_turn(struct notify *, uint64_t now_ns, uint64_t *until_ns);
/* Whether the next turn would say WATCHDOG=1; and not yet: somebody who works for us is silent. */
bool notify_beats(const struct notify *, uint64_t now_ns);
void notify_withhold(struct notify *, uint64_t now_ns);
/* One line for people, without a line break. */
void notify_status(struct notify *, const char *text);
/* Once, however often it is called. */
void notify_stopping(struct notify *);

#endif
