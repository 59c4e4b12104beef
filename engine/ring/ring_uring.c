/*
 * The io_uring body. Ops wait in a list until ring_run turns them into submissions, so that the
 * completion queue can be kept from overflowing: what the kernel holds never exceeds it (K4). A
 * transfer that came back short is handed in again for the rest; where the kernel retries by itself
 * (MSG_WAITALL) that happens rarely.
 *
 *   start -> pending --flush--> flying --completion--> ended
 *               ^------- short ------'
 *
 * Features are probed one by one; each has a path without it, and options can forbid each (K2).
 */
#include "engine/ring/ring_priv.h"

#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	SQ_MAX = 1024,
	SQ_MIN = 64,      /* of a ring that was made smaller */
	ENTRIES_MIN = 64, /* fewer ops are no good to anybody: poll is better then */
	FILES_MAX = 4096,
	REST_NS = 10000000,
};

/* Since Linux 6.2: a notice says whether the kernel copied after all. */
#define ZC_REPORT_USAGE (1u << 3)
#define ZC_FIXED        (1u << 2) /* from registered memory: number 0, the only one */
#define ZC_COPIED       (1u << 31)

struct uring {
	struct ring base;
	struct io_uring ring;
	uint32_t flying; /* submissions whose completion has not been seen, cancels included */
	struct list pending, cancels;
	uint32_t file_count; /* registered table: fd is its own index; 0 none */
	bool *files;         /* fd stands in the table */
	const uint8_t *memory; /* registered: the kernel keeps its pages */
	size_t memory_size;
};

static struct uring *of(struct ring *r)
{
	return container_of(r, struct uring, base);
}

static bool has(const struct uring *u, uint32_t feature)
{
	return (u->base.features & feature) != 0;
}

static void uring_start(struct ring *r, struct op *op)
{
	list_push(&of(r)->pending, &op->node);
}

static void uring_cancel(struct ring *r, struct op *op)
{
	if (op->place == OP_PENDING) {
		list_del(&op->node);
		ring_end(r, op, ring_cut(op, -ECANCELED));
		return;
	}
	op->place = OP_CANCELLING;
	list_push(&of(r)->cancels, &op->node);
}

/* ---- submitting ---- */

static bool is_registered(const struct uring *u, const struct op *op)
{
	uintptr_t from = (uintptr_t)op->at - (uintptr_t)u->memory;

	return from < u->memory_size && op->len <= u->memory_size - from;
}

/*
 * A free submission that will have so many completions, or NULL when the kernel would not take more
 * now.
 */
static struct io_uring_sqe *take_sqe(struct uring *u, uint32_t completions)
{
	struct io_uring_sqe *sqe;

	if (u->flying + completions > *u->ring.cq.kring_entries)
		return NULL;
	sqe = io_uring_get_sqe(&u->ring);
	if (sqe == NULL) {
		u->base.stats.enters++;
		if (io_uring_submit(&u->ring) < 0)
			return NULL;
		sqe = io_uring_get_sqe(&u->ring);
	}
	if (sqe != NULL)
		u->flying += completions;
	return sqe;
}

static void prepare(struct uring *u, struct io_uring_sqe *sqe, struct op *op)
{
	bool whole = op->all &&
		     (op->kind == OP_SEND ? has(u, RING_SEND_WAITALL) : has(u, RING_RECV_WAITALL));
	int wait_all = whole ? MSG_WAITALL : 0;

	switch (op->kind) {
	case OP_CONNECT:
		io_uring_prep_connect(sqe, op->fd, (struct sockaddr *)op->addr, op->len);
		break;
	case OP_ACCEPT:
		io_uring_prep_accept(sqe, op->fd, NULL, NULL, SOCK_CLOEXEC);
		break;
	case OP_RECV:
		io_uring_prep_recv(sqe, op->fd, op->at + op->moved, op->len - op->moved, wait_all);
		break;
	case OP_SEND:
		if (op->zerocopy) {
			io_uring_prep_send_zc(sqe, op->fd, op->at + op->moved, op->len - op->moved,
					      wait_all | MSG_NOSIGNAL,
					      ZC_REPORT_USAGE | (is_registered(u, op) ? ZC_FIXED : 0));
			break;
		}
		io_uring_prep_send(sqe, op->fd, op->at + op->moved, op->len - op->moved,
				   wait_all | MSG_NOSIGNAL);
		break;
	case OP_READ:
		io_uring_prep_poll_add(sqe, op->fd, POLLIN);
		break;
	case OP_NONE:
	case OP_TIMER:
		check(false);
	}
	if (op->kind != OP_READ && (uint32_t)op->fd < u->file_count && u->files[op->fd])
		sqe->flags |= IOSQE_FIXED_FILE;
	io_uring_sqe_set_data(sqe, op);
}

static void flush(struct uring *u)
{
	struct io_uring_sqe *sqe;

	while (!list_empty(&u->cancels) && (sqe = take_sqe(u, 1)) != NULL) {
		struct op *op = container_of(u->cancels.next, struct op, node);

		list_del(&op->node);
		op->place = OP_FLYING;
		io_uring_prep_cancel(sqe, op, 0);
		io_uring_sqe_set_data(sqe, NULL);
	}
	while (!list_empty(&u->pending)) {
		struct op *op = container_of(u->pending.next, struct op, node);

		sqe = take_sqe(u, op->zerocopy ? 2 : 1); /* a notice comes, too */
		if (sqe == NULL)
			break;
		list_del(&op->node);
		prepare(u, sqe, op);
		op->place = OP_FLYING;
	}
}

/* ---- collecting ---- */

static void again(struct uring *u, struct op *op)
{
	op->place = OP_PENDING;
	list_push(&u->pending, &op->node);
}

static void end_transfer(struct uring *u, struct op *op, int32_t res)
{
	struct ring *r = &u->base;

	if (res == -EINTR && !op->cancelled) {
		again(u, op);
		return;
	}
	if (res < 0) {
		ring_end(r, op, ring_cut(op, res));
		return;
	}
	op->moved += (uint32_t)res;
	*(op->kind == OP_SEND ? &r->stats.send_bytes : &r->stats.recv_bytes) += (uint64_t)res;
	if (op->all && res > 0 && op->moved < op->len && !op->cancelled)
		again(u, op);
	else
		ring_end(r, op, (int32_t)op->moved);
}

static void end_op(struct uring *u, struct op *op, int32_t res)
{
	if (op->place == OP_CANCELLING)
		list_del(&op->node); /* too late, and nothing left to cancel */
	op->place = OP_FLYING;
	switch (op->kind) {
	case OP_RECV:
	case OP_SEND:
		end_transfer(u, op, res);
		break;
	case OP_ACCEPT:
		if (res >= 0) {
			posix_tune(res);
			u->base.body->fd_opened(&u->base, res);
		}
		ring_end(&u->base, op, res);
		break;
	case OP_CONNECT:
	case OP_READ:
		ring_end(&u->base, op, res > 0 ? 0 : res);
		break;
	case OP_NONE:
	case OP_TIMER:
		check(false);
	}
}

/* The kernel reads the memory of an earlier send no more. */
static void notice(struct uring *u, struct op *op, const struct io_uring_cqe *cqe)
{
	check(op->notices > 0);
	op->notices--;
	op->copied = op->copied || ((uint32_t)cqe->res & ZC_COPIED) != 0;
	if (op->notices == 0)
		ring_release(&u->base, op);
}

/*
 * Handed in again as a plain send? Refused as a kind; or this one, for pages of memory that is not
 * registered count to RLIMIT_MEMLOCK until the notice comes.
 */
static bool goes_plain(struct uring *u, struct op *op, int32_t res)
{
	if (res == -EINVAL || res == -EOPNOTSUPP)
		u->base.features &= ~(uint32_t)RING_SEND_ZC;
	else if (res != -ENOBUFS && res != -ENOMEM)
		return false;
	op->zerocopy = false;
	return op->place != OP_CANCELLING;
}

/* False: handed in again as a plain send. */
static bool took_zerocopy(struct uring *u, struct op *op, const struct io_uring_cqe *cqe)
{
	if (cqe->flags & IORING_CQE_F_MORE)
		op->notices++; /* after an error, too */
	else
		u->flying--;
	if (!goes_plain(u, op, cqe->res))
		return true;
	again(u, op);
	return false;
}

static void take_cqe(struct uring *u, const struct io_uring_cqe *cqe)
{
	struct op *op = io_uring_cqe_get_data(cqe);

	if (op == NULL)
		return;
	if (cqe->flags & IORING_CQE_F_NOTIF)
		notice(u, op, cqe);
	else if (!op->zerocopy || took_zerocopy(u, op, cqe))
		end_op(u, op, cqe->res);
}

static void collect(struct uring *u)
{
	struct io_uring_cqe *cqe;
	unsigned head, count = 0;

	io_uring_for_each_cqe(&u->ring, head, cqe)
	{
		count++;
		check(u->flying > 0);
		u->flying--;
		take_cqe(u, cqe);
	}
	io_uring_cq_advance(&u->ring, count);
}

/* Without EXT_ARG: submit, then wait for the ring's own fd to become readable. */
static int wait_by_poll(struct uring *u, uint64_t ns)
{
	struct timespec ts = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
	struct pollfd pfd = {.fd = u->ring.ring_fd, .events = POLLIN};
	int res = io_uring_submit(&u->ring);

	if (res < 0)
		return res;
	if (io_uring_cq_ready(&u->ring) > 0)
		return 0;
	u->base.stats.enters++;
	return ppoll(&pfd, 1, &ts, NULL) < 0 ? -errno : 0;
}

static int enter(struct uring *u, uint64_t until_ns)
{
	uint64_t now = until_ns > 0 ? ring_now(&u->base) : 0;
	uint64_t ns = until_ns > now ? until_ns - now : 0;
	struct __kernel_timespec ts;
	struct io_uring_cqe *cqe;

	u->base.stats.enters++;
	if (ns == 0 || io_uring_cq_ready(&u->ring) > 0)
		return io_uring_submit_and_get_events(&u->ring);
	if (ns > UINT64_C(3600000000000))
		ns = UINT64_C(3600000000000);
	if (!has(u, RING_EXT_ARG))
		return wait_by_poll(u, ns);
	ts.tv_sec = (int64_t)(ns / 1000000000u);
	ts.tv_nsec = (int64_t)(ns % 1000000000u);
	return io_uring_submit_and_wait_timeout(&u->ring, &cqe, 1, &ts, NULL);
}

/* K5: the kernel is short of something, and did not wait. What it has already may still complete. */
static void rest(struct uring *u, uint64_t until_ns)
{
	struct pollfd pfd = {.fd = u->ring.ring_fd, .events = POLLIN};
	uint64_t now = ring_now(&u->base);
	struct timespec ts = {.tv_nsec = REST_NS};

	if (!list_empty(&u->base.ended) || until_ns <= now)
		return;
	if (until_ns - now < REST_NS)
		ts.tv_nsec = (long)(until_ns - now);
	u->base.stats.enters++;
	(void)ppoll(&pfd, 1, &ts, NULL);
}

static int uring_run(struct ring *r, uint64_t until_ns)
{
	struct uring *u = of(r);
	int res;

	flush(u);
	res = enter(u, until_ns);
	collect(u);
	switch (res < 0 ? -res : 0) {
	case 0:
	case ETIME:
	case EINTR:
		return 0;
	case EAGAIN: /* the next run tries again */
	case EBUSY:
		rest(u, until_ns);
		return 0;
	default:
		return res;
	}
}

/* ---- files and memory ---- */

static void uring_fd_opened(struct ring *r, int fd)
{
	struct uring *u = of(r);

	if ((uint32_t)fd < u->file_count)
		u->files[fd] = io_uring_register_files_update(&u->ring, (unsigned)fd, &fd, 1) == 1;
}

static void uring_fd_closing(struct ring *r, int fd)
{
	struct uring *u = of(r);
	int none = -1;

	if ((uint32_t)fd >= u->file_count || !u->files[fd])
		return;
	/*
	 * Else the table keeps the connection open after close(). A kernel without memory may refuse;
	 * then the place is taken over with the next descriptor of that number.
	 */
	if (io_uring_register_files_update(&u->ring, (unsigned)fd, &none, 1) == 1)
		u->files[fd] = false;
}

static int uring_add_memory(struct ring *r, void *mem, size_t size)
{
	struct uring *u = of(r);
	struct iovec iov = {mem, size};
	int err;

	if (r->forbid & RING_FIXED_BUFFERS)
		return -EOPNOTSUPP;
	err = io_uring_register_buffers(&u->ring, &iov, 1);
	if (err < 0)
		return err;
	u->memory = mem;
	u->memory_size = size;
	r->features |= RING_FIXED_BUFFERS;
	return 0;
}

static void add_files(struct uring *u)
{
	uint32_t count = u->base.entries * 2 + 64;

	if (u->base.forbid & RING_FIXED_FILES)
		return;
	if (count > FILES_MAX)
		count = FILES_MAX;
	u->files = calloc(count, sizeof(*u->files));
	if (u->files == NULL || io_uring_register_files_sparse(&u->ring, count) < 0)
		return;
	u->file_count = count;
	u->base.features |= RING_FIXED_FILES;
}

/* ---- opening and closing ---- */

static void uring_free(struct uring *u)
{
	free(u->files);
	free(u);
}

static void uring_close(struct ring *r)
{
	struct uring *u = of(r);

	check(list_empty(&u->pending) && list_empty(&u->cancels));
	/* Answers to cancels may still be on their way; they name no op. */
	io_uring_queue_exit(&u->ring);
	ring_fini(r);
	uring_free(u);
}

static const struct ring_body uring_body = {
    .name = "io_uring",
    .start = uring_start,
    .cancel = uring_cancel,
    .run = uring_run,
    .close = uring_close,
    .add_memory = uring_add_memory,
    .fd_opened = uring_fd_opened,
    .fd_closing = uring_fd_closing,
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
    /* Blocking sockets: io_uring itself waits for them, and O_NONBLOCK would forbid it that. */
    .socket_flags = 0,
};

static const struct setup_try {
	unsigned flags;
	uint32_t needs; /* all of these may be used */
	uint32_t gives;
} setup_tries[] = {
    {IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
     RING_SINGLE_ISSUER | RING_DEFER_TASKRUN | RING_EXT_ARG,
     RING_SINGLE_ISSUER | RING_DEFER_TASKRUN},
    {IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN, RING_SINGLE_ISSUER | RING_COOP_TASKRUN,
     RING_SINGLE_ISSUER | RING_COOP_TASKRUN},
    {IORING_SETUP_COOP_TASKRUN, RING_COOP_TASKRUN, RING_COOP_TASKRUN},
    {IORING_SETUP_SINGLE_ISSUER, RING_SINGLE_ISSUER, RING_SINGLE_ISSUER},
    {0, 0, 0},
};

/* 0 or -errno. Unknown flags are refused with EINVAL by older kernels: the next try has fewer. */
static int try_setups(struct uring *u, uint32_t sq)
{
	int err = -EINVAL;

	for (size_t i = 0; i < countof(setup_tries) && err == -EINVAL; i++) {
		const struct setup_try *t = &setup_tries[i];
		/* Each op may have a notice and a cancel beside it. */
		struct io_uring_params params = {.flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP |
							  t->flags,
						 .cq_entries = u->base.entries * 3};

		if (u->base.forbid & t->needs)
			continue;
		err = io_uring_queue_init_params(sq, &u->ring, &params);
		if (err == 0)
			u->base.features |= t->gives;
	}
	return err;
}

/*
 * Before Linux 5.12 rings count to RLIMIT_MEMLOCK of plain users (K3): a smaller queue of
 * submissions only means more calls, fewer ops in flight may mean -ENOBUFS, so that comes last.
 */
static int set_up(struct uring *u)
{
	uint32_t sq = u->base.entries < SQ_MAX ? u->base.entries : SQ_MAX;
	int err = try_setups(u, sq);

	while (err == -ENOMEM && (sq > SQ_MIN || u->base.entries > ENTRIES_MIN)) {
		if (sq > SQ_MIN)
			sq /= 2;
		else
			u->base.entries /= 2;
		err = try_setups(u, sq);
	}
	return err;
}

static bool probe(struct uring *u)
{
	static const int needed[] = {IORING_OP_CONNECT, IORING_OP_ACCEPT,   IORING_OP_RECV,
				     IORING_OP_SEND,    IORING_OP_POLL_ADD, IORING_OP_ASYNC_CANCEL};
	struct io_uring_probe *p = io_uring_get_probe_ring(&u->ring);
	bool good = p != NULL;

	for (size_t i = 0; good && i < countof(needed); i++)
		good = io_uring_opcode_supported(p, needed[i]);
	/* The op that came with the same kernel (5.19) as the retry of short transfers. */
	if (good && io_uring_opcode_supported(p, IORING_OP_SOCKET))
		u->base.features |= RING_RECV_WAITALL | RING_SEND_WAITALL;
	if (good && io_uring_opcode_supported(p, IORING_OP_SEND_ZC))
		u->base.features |= RING_SEND_ZC;
	if (u->ring.features & IORING_FEAT_EXT_ARG)
		u->base.features |= RING_EXT_ARG;
	io_uring_free_probe(p);
	u->base.features &= ~u->base.forbid;
	/* Without fast poll each waiting receive would hold a kernel thread: epoll is better then.
	 */
	return good && (u->ring.features & IORING_FEAT_FAST_POLL) != 0 &&
	       (u->ring.features & IORING_FEAT_NODROP) != 0;
}

/* A filter may let rings be made and refuse to enter them. */
static bool may_enter(struct uring *u, int *err)
{
	int res = io_uring_submit_and_get_events(&u->ring);

	if (res != -EPERM && res != -EACCES && res != -ENOSYS)
		return true;
	*err = res;
	return false;
}

static int refuse(struct uring *u, int err, const char *what, char *why, size_t why_size)
{
	if (why != NULL)
		snprintf(why, why_size, "%s: %s%s", what, strerror(-err),
			 err == -EPERM    ? " (forbidden by sysctl, seccomp or the container)"
			 : err == -ENOMEM ? " (RLIMIT_MEMLOCK too small)"
					  : "");
	uring_free(u);
	return err;
}

int ring_open_uring(struct ring **out, const struct ring_options *options, char *why,
		    size_t why_size)
{
	struct uring *u = calloc(1, sizeof(*u));
	const char *what = "";
	int err;

	if (u == NULL)
		return -ENOMEM;
	list_init(&u->pending);
	list_init(&u->cancels);
	err = ring_init(&u->base, &uring_body, options);
	if (err < 0)
		return refuse(u, err, "timers", why, why_size);
	err = set_up(u);
	if (err < 0) {
		ring_fini(&u->base);
		return refuse(u, err, "io_uring_setup", why, why_size);
	}
	if (!probe(u)) {
		err = -EOPNOTSUPP;
		what = "io_uring of this kernel";
	} else if (!may_enter(u, &err)) {
		what = "io_uring_enter";
	}
	if (err < 0) {
		io_uring_queue_exit(&u->ring);
		ring_fini(&u->base);
		return refuse(u, err, what, why, why_size);
	}
	check(*u->ring.cq.kring_entries >= u->base.entries);
	add_files(u);
	*out = &u->base;
	return 0;
}
