/*
 * The body for kernels and containers that forbid io_uring: epoll and plain system calls. Each fd
 * is watched edge-triggered in both directions from its first use; an op is tried at once, and
 * again after each edge. One op a direction and fd may be in flight, which is all our callers use.
 *
 *   start -> pending --run: try--> ended
 *                        `-EAGAIN-> waits in fds[fd] --edge: try--> ended
 */
#include "engine/ring/ring_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS_MAX = 256, FDS_MAX = 1 << 17 };

struct poll_fd {
	struct op *in, *out;
	bool watched;
};

struct poll_ring {
	struct ring base;
	int epoll;
	struct list pending;
	struct poll_fd *fds; /* by fd */
	uint32_t fd_count;
};

static struct poll_ring *of(struct ring *r)
{
	return container_of(r, struct poll_ring, base);
}

static struct op **slot(struct poll_ring *p, const struct op *op)
{
	bool out = op->kind == OP_SEND || op->kind == OP_CONNECT;

	return out ? &p->fds[op->fd].out : &p->fds[op->fd].in;
}

/* 0, -EPERM for a file that is always ready, or another -errno. */
static int watch(struct poll_ring *p, int fd, bool again)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
				 .data.fd = fd};

	if ((uint32_t)fd >= p->fd_count)
		return -EMFILE;
	if (p->fds[fd].watched && !again)
		return 0;
	p->base.stats.enters++;
	/* A foreign fd may have been closed and come back under the same number: look, don't trust.
	 */
	if (epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &ev) < 0) {
		if (errno != EEXIST)
			return -errno;
		if (epoll_ctl(p->epoll, EPOLL_CTL_MOD, fd, &ev) < 0)
			return -errno;
	}
	p->fds[fd].watched = true;
	return 0;
}

static void poll_start(struct ring *r, struct op *op)
{
	list_push(&of(r)->pending, &op->node);
}

static void poll_cancel(struct ring *r, struct op *op)
{
	struct poll_ring *p = of(r);

	if (op->place == OP_PENDING)
		list_del(&op->node);
	else
		*slot(p, op) = NULL;
	ring_end(r, op, ring_cut(op, -ECANCELED));
}

/* Ends the op, or leaves it to wait for an edge. Both return true when it ended. */
static bool end(struct ring *r, struct op *op, int32_t res)
{
	ring_end(r, op, res);
	return true;
}

static bool try_recv(struct ring *r, struct op *op)
{
	for (;;) {
		ssize_t n = recv(op->fd, op->at + op->moved, op->len - op->moved, 0);

		r->stats.enters++;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? false : end(r, op, -errno);
		op->moved += (uint32_t)n;
		r->stats.recv_bytes += (uint64_t)n;
		if (n == 0 || !op->all || op->moved == op->len)
			return end(r, op, (int32_t)op->moved);
	}
}

static bool try_send(struct ring *r, struct op *op)
{
	for (;;) {
		ssize_t n = send(op->fd, op->at + op->moved, op->len - op->moved, MSG_NOSIGNAL);

		r->stats.enters++;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? false : end(r, op, -errno);
		op->moved += (uint32_t)n;
		r->stats.send_bytes += (uint64_t)n;
		if (op->moved == op->len)
			return end(r, op, (int32_t)op->moved);
	}
}

static bool try_connect(struct ring *r, struct op *op, bool first)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(int), peer_len = sizeof(peer);
	int err = 0;

	r->stats.enters++;
	if (first) {
		if (connect(op->fd, (struct sockaddr *)op->addr, op->len) == 0)
			return end(r, op, 0);
		return errno == EINPROGRESS ? false : end(r, op, -errno);
	}
	if (getsockopt(op->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		err = errno;
	/* A socket that was shut down while connecting is "ready" without an error, and not
	 * connected. */
	if (err == 0 && getpeername(op->fd, (struct sockaddr *)&peer, &peer_len) < 0)
		err = errno;
	return end(r, op, -err);
}

static bool try_accept(struct ring *r, struct op *op)
{
	int fd;

	do {
		fd = accept4(op->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		r->stats.enters++;
	} while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (fd < 0)
		return errno == EAGAIN ? false : end(r, op, -errno);
	posix_tune(fd);
	r->body->fd_opened(r, fd);
	return end(r, op, fd);
}

static bool try_op(struct ring *r, struct op *op, bool first)
{
	switch (op->kind) {
	case OP_RECV:
		return try_recv(r, op);
	case OP_SEND:
		return try_send(r, op);
	case OP_CONNECT:
		return try_connect(r, op, first);
	case OP_ACCEPT:
		return try_accept(r, op);
	case OP_READ:
		/* The edge says it; being watched anew, a ready fd gives one at once. */
		return first ? false : end(r, op, 0);
	case OP_NONE:
	case OP_TIMER:
		break;
	}
	check(false);
	return false;
}

static void try_pending(struct poll_ring *p)
{
	struct list *node;

	while ((node = list_pop(&p->pending)) != NULL) {
		struct op *op = container_of(node, struct op, node);
		int err = watch(p, op->fd, op->kind == OP_READ);

		if (err < 0) {
			ring_end(&p->base, op, err == -EPERM && op->kind == OP_READ ? 0 : err);
			continue;
		}
		check(*slot(p, op) == NULL);
		op->place = OP_FLYING;
		if (!try_op(&p->base, op, true))
			*slot(p, op) = op;
	}
}

static void edge(struct poll_ring *p, struct op **at)
{
	struct op *op = *at;

	if (op == NULL)
		return;
	*at = NULL;
	if (!try_op(&p->base, op, false))
		*at = op;
}

static int poll_run(struct ring *r, uint64_t until_ns)
{
	struct poll_ring *p = of(r);
	struct epoll_event events[EVENTS_MAX];
	int timeout = 0, n;

	try_pending(p);
	if (until_ns > 0 && list_empty(&r->ended)) {
		uint64_t now = ring_now(r);
		uint64_t ms = until_ns > now ? (until_ns - now + 999999) / 1000000 : 0;

		timeout = ms > 3600 * 1000 ? 3600 * 1000 : (int)ms;
	}
	r->stats.enters++;
	n = epoll_wait(p->epoll, events, EVENTS_MAX, timeout);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		struct poll_fd *f = &p->fds[events[i].data.fd];
		uint32_t what = events[i].events;

		if (what & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
			edge(p, &f->in);
		if (what & (EPOLLOUT | EPOLLHUP | EPOLLERR))
			edge(p, &f->out);
	}
	return 0;
}

static void poll_fd_opened(struct ring *r, int fd)
{
	struct poll_ring *p = of(r);

	if ((uint32_t)fd < p->fd_count)
		p->fds[fd] = (struct poll_fd){0};
}

static void poll_fd_closing(struct ring *r, int fd)
{
	struct poll_ring *p = of(r);

	if ((uint32_t)fd >= p->fd_count)
		return;
	check(p->fds[fd].in == NULL);
	check(p->fds[fd].out == NULL);
	if (p->fds[fd].watched)
		(void)epoll_ctl(p->epoll, EPOLL_CTL_DEL, fd, NULL);
	p->fds[fd] = (struct poll_fd){0};
}

static int poll_add_memory(struct ring *r, void *mem, size_t size)
{
	return -EOPNOTSUPP;
}

static void poll_free(struct poll_ring *p)
{
	if (p->epoll >= 0)
		close(p->epoll);
	free(p->fds);
	free(p);
}

static void poll_close(struct ring *r)
{
	struct poll_ring *p = of(r);

	check(list_empty(&p->pending));
	ring_fini(r);
	poll_free(p);
}

static const struct ring_body poll_body = {
    .name = "poll",
    .start = poll_start,
    .cancel = poll_cancel,
    .run = poll_run,
    .close = poll_close,
    .add_memory = poll_add_memory,
    .fd_opened = poll_fd_opened,
    .fd_closing = poll_fd_closing,
    .socket = posix_socket,
    .listen = posix_listen,
    .shutdown = posix_shutdown,
    .abort = posix_abort,
    .close_fd = posix_close_fd,
    .progress = posix_progress,
    .local = posix_local,
    .now = posix_now,
    .wall = posix_wall,
    .random = posix_random,
    .socket_flags = SOCK_NONBLOCK,
};

static uint32_t fd_limit(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) < 0 || lim.rlim_cur > FDS_MAX)
		return FDS_MAX;
	return (uint32_t)lim.rlim_cur;
}

int ring_open_poll(struct ring **out, const struct ring_options *options)
{
	struct poll_ring *p = calloc(1, sizeof(*p));
	int err;

	if (p == NULL)
		return -ENOMEM;
	list_init(&p->pending);
	p->fd_count = fd_limit();
	p->fds = calloc(p->fd_count, sizeof(*p->fds));
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	err = p->epoll < 0 ? -errno : p->fds == NULL ? -ENOMEM : 0;
	if (err == 0)
		err = ring_init(&p->base, &poll_body, options);
	if (err < 0) {
		poll_free(p);
		return err;
	}
	*out = &p->base;
	return 0;
}
