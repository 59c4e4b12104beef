/* See unruly.h. The real functions are found by name behind ours. */
#undef _FORTIFY_SOURCE /* its inline forms of recv and the like are not what is replaced here */
#include "tests/ring/unruly.h"

#include "proto/base/check.h"

#include <dlfcn.h>
#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

struct unruly *unruly(void)
{
	static struct unruly u;

	return &u;
}

static void *real(const char *name)
{
	void *at = dlsym(RTLD_NEXT, name);

	check(at != NULL);
	return at;
}

static uint32_t draw(uint32_t below)
{
	struct unruly *u = unruly();

	u->seed = u->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((u->seed >> 33) % below);
}

static bool strikes(uint32_t per_thousand)
{
	if (per_thousand == 0 || draw(1000) >= per_thousand)
		return false;
	unruly()->errors++;
	return true;
}

/* ---- io_uring ---- */

/* Both rings and the submissions, in whole pages. */
static uint64_t bytes_of(unsigned entries, const struct io_uring_params *p)
{
	uint64_t sq = 1, cq = 1, page = 4096;

	while (sq < entries)
		sq *= 2;
	while (cq < p->cq_entries)
		cq *= 2;
	return (sq * sizeof(struct io_uring_sqe) + page - 1) / page * page +
	       (256 + sq * 4 + cq * sizeof(struct io_uring_cqe) + page - 1) / page * page;
}

int io_uring_queue_init_params(unsigned entries, struct io_uring *ring, struct io_uring_params *p)
{
	int (*next)(unsigned, struct io_uring *, struct io_uring_params *);
	struct unruly *u = unruly();
	int res;

	*(void **)&next = real("io_uring_queue_init_params");
	u->setups++;
	u->setup_bytes = bytes_of(entries, p);
	if (u->setup_error != 0)
		return u->setup_error;
	if (u->known_flags != 0 && (p->flags & ~u->known_flags) != 0)
		return -EINVAL;
	if (u->memlock != 0 && u->setup_bytes > u->memlock)
		return -ENOMEM;
	res = next(entries, ring, p);
	if (res == 0)
		ring->features &= ~u->hidden;
	return res;
}

struct io_uring_probe *io_uring_get_probe_ring(struct io_uring *ring)
{
	struct io_uring_probe *(*next)(struct io_uring *), *p;

	*(void **)&next = real("io_uring_get_probe_ring");
	p = next(ring);
	for (int i = 0; p != NULL && i < UNRULY_OPS; i++) {
		uint32_t op = unruly()->missing[i];

		if (op != 0)
			p->ops[op - 1].flags &= (uint16_t)~IO_URING_OP_SUPPORTED;
	}
	return p;
}

int io_uring_register_files_sparse(struct io_uring *ring, unsigned count)
{
	int (*next)(struct io_uring *, unsigned);

	*(void **)&next = real("io_uring_register_files_sparse");
	return unruly()->no_files ? -EMFILE : next(ring, count);
}

static int submit_error(void)
{
	static const int errors[] = {-EBUSY, -EAGAIN, -EINTR};

	return strikes(unruly()->submit_errors) ? errors[draw(3)] : 0;
}

int io_uring_submit(struct io_uring *ring)
{
	int (*next)(struct io_uring *), error = submit_error();

	*(void **)&next = real("io_uring_submit");
	return error != 0 ? error : next(ring);
}

int io_uring_submit_and_get_events(struct io_uring *ring)
{
	int (*next)(struct io_uring *), error = submit_error();

	*(void **)&next = real("io_uring_submit_and_get_events");
	return error != 0 ? error : next(ring);
}

int io_uring_submit_and_wait_timeout(struct io_uring *ring, struct io_uring_cqe **cqe, unsigned nr,
				     struct __kernel_timespec *ts, sigset_t *set)
{
	int (*next)(struct io_uring *, struct io_uring_cqe **, unsigned,
		    struct __kernel_timespec *, sigset_t *);
	int error = submit_error();

	*(void **)&next = real("io_uring_submit_and_wait_timeout");
	return error != 0 ? error : next(ring, cqe, nr, ts, set);
}

/* ---- plain calls ---- */

static bool interrupted(uint32_t per_thousand)
{
	if (!strikes(per_thousand))
		return false;
	errno = EINTR;
	return true;
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *ts, const sigset_t *set)
{
	int (*next)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);

	*(void **)&next = real("ppoll");
	return interrupted(unruly()->wait_errors) ? -1 : next(fds, count, ts, set);
}

int epoll_wait(int epoll, struct epoll_event *events, int max, int timeout)
{
	int (*next)(int, struct epoll_event *, int, int);

	*(void **)&next = real("epoll_wait");
	return interrupted(unruly()->wait_errors) ? -1 : next(epoll, events, max, timeout);
}

static size_t shorter(size_t len)
{
	if (len < 2 || !strikes(unruly()->shorts))
		return len;
	unruly()->shortened++;
	return 1 + draw((uint32_t)len - 1);
}

ssize_t recv(int fd, void *at, size_t len, int flags)
{
	ssize_t (*next)(int, void *, size_t, int);

	*(void **)&next = real("recv");
	return interrupted(unruly()->call_errors) ? -1 : next(fd, at, shorter(len), flags);
}

ssize_t send(int fd, const void *at, size_t len, int flags)
{
	ssize_t (*next)(int, const void *, size_t, int);

	*(void **)&next = real("send");
	return interrupted(unruly()->call_errors) ? -1 : next(fd, at, shorter(len), flags);
}
