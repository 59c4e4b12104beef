/*
 * The part of a ring that does not depend on its body: starting ops, timers, the limit of ops in
 * flight, and ring_run, which lets the body collect what ended and only then calls done(). So no
 * continuation ever runs inside a start, nor inside the body.
 */
#include "engine/ring/ring_priv.h"

#include <errno.h>

int ring_init(struct ring *r, const struct ring_body *body, const struct ring_options *options)
{
	check(options->entries > 0);
	*r = (struct ring){.body = body, .entries = options->entries, .forbid = options->forbid};
	list_init(&r->ended);
	return heap_init(&r->timers, options->entries);
}

void ring_fini(struct ring *r)
{
	check(r->in_flight == 0);
	check(r->timers.count == 0);
	check(list_empty(&r->ended));
	heap_fini(&r->timers);
}

void ring_close(struct ring *r)
{
	r->body->close(r);
}

const char *ring_name(const struct ring *r)
{
	return r->body->name;
}

uint32_t ring_features(const struct ring *r)
{
	return r->features;
}

const struct ring_stats *ring_stats(const struct ring *r)
{
	return &r->stats;
}

int ring_register(struct ring *r, void *mem, size_t size)
{
	return r->body->add_memory(r, mem, size);
}

int ring_socket(struct ring *r, int family)
{
	return r->body->socket(r, family);
}

int ring_listen(struct ring *r, const struct sockaddr *addr, socklen_t addr_len,
		struct sockaddr_storage *bound)
{
	return r->body->listen(r, addr, addr_len, bound);
}

void ring_close_fd(struct ring *r, int fd)
{
	check(fd >= 0);
	r->body->close_fd(r, fd);
}

void ring_shutdown(struct ring *r, int fd)
{
	check(fd >= 0);
	r->body->shutdown(r, fd);
}

void ring_abort(struct ring *r, int fd)
{
	check(fd >= 0);
	r->body->abort(r, fd);
}

bool ring_progress(struct ring *r, int fd, struct ring_progress *out)
{
	check(fd >= 0);
	return r->body->progress(r, fd, out);
}

bool ring_local(struct ring *r, int fd, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	return r->body->local(r, fd, out);
}

uint64_t ring_now(struct ring *r)
{
	return r->body->now(r);
}

uint64_t ring_wall(struct ring *r)
{
	return r->body->wall(r);
}

void ring_random(struct ring *r, void *out, size_t len)
{
	r->body->random(r, out, len);
}

void ring_end(struct ring *r, struct op *op, int32_t res)
{
	check(op->place != OP_IDLE && op->place != OP_ENDED);
	op->place = OP_ENDED;
	op->res = res;
	list_push(&r->ended, &op->node);
}

void ring_release(struct ring *r, struct op *op)
{
	check(op->notices == 0);
	if (op->place != OP_HELD) /* done() will see that nothing is held */
		return;
	op->place = OP_RELEASED;
	list_push(&r->ended, &op->node);
}

int32_t ring_cut(const struct op *op, int32_t res)
{
	/* A cancelled transfer tells what it had; a failed one tells why. */
	return res == -ECANCELED && op->moved > 0 ? (int32_t)op->moved : res;
}

/* Common start: the op is the ring's from here on. */
static void begin(struct ring *r, struct op *op, enum op_kind kind, int fd)
{
	check(op->done != NULL);
	check(op->place == OP_IDLE);
	op->kind = kind;
	op->place = OP_PENDING;
	op->fd = fd;
	op->res = 0;
	op->moved = 0;
	op->cancelled = op->zerocopy = op->held = op->copied = false;
	op->notices = 0;
	list_init(&op->node);
	r->stats.ops++;
}

static void launch(struct ring *r, struct op *op)
{
	check(op->fd >= 0);
	r->in_flight++;
	if (r->in_flight > r->entries)
		ring_end(r, op, -ENOBUFS);
	else
		r->body->start(r, op);
}

void ring_connect(struct ring *r, struct op *op, int fd, struct sockaddr_storage *addr,
		  socklen_t addr_len)
{
	begin(r, op, OP_CONNECT, fd);
	op->addr = addr;
	op->len = addr_len;
	launch(r, op);
}

void ring_accept(struct ring *r, struct op *op, int listen_fd)
{
	begin(r, op, OP_ACCEPT, listen_fd);
	launch(r, op);
}

void ring_recv(struct ring *r, struct op *op, int fd, void *at, uint32_t len, bool all)
{
	check(len > 0 && len <= INT32_MAX);
	begin(r, op, OP_RECV, fd);
	op->at = at;
	op->len = len;
	op->all = all;
	launch(r, op);
}

void ring_send(struct ring *r, struct op *op, int fd, const void *at, uint32_t len)
{
	check(len > 0 && len <= INT32_MAX);
	begin(r, op, OP_SEND, fd);
	op->at = (uint8_t *)(uintptr_t)at;
	op->len = len;
	op->all = true;
	launch(r, op);
}

void ring_send_zc(struct ring *r, struct op *op, int fd, const void *at, uint32_t len)
{
	check(len > 0 && len <= INT32_MAX);
	check(op->released != NULL);
	begin(r, op, OP_SEND, fd);
	op->at = (uint8_t *)(uintptr_t)at;
	op->len = len;
	op->all = true;
	op->zerocopy = (r->features & RING_SEND_ZC) != 0;
	launch(r, op);
}

void ring_readable(struct ring *r, struct op *op, int fd)
{
	begin(r, op, OP_READ, fd);
	launch(r, op);
}

void ring_timer(struct ring *r, struct op *op, uint64_t due_ns)
{
	begin(r, op, OP_TIMER, -1);
	op->due_ns = due_ns;
	if (!heap_put(&r->timers, op))
		ring_end(r, op, -ENOBUFS);
	else
		op->place = OP_IN_HEAP;
}

void ring_cancel(struct ring *r, struct op *op)
{
	switch ((enum op_place)op->place) {
	case OP_IN_HEAP:
		heap_remove(&r->timers, op);
		ring_end(r, op, -ECANCELED);
		break;
	case OP_PENDING:
	case OP_FLYING:
		if (op->cancelled)
			break;
		op->cancelled = true;
		r->body->cancel(r, op);
		break;
	case OP_IDLE:
	case OP_CANCELLING:
	case OP_ENDED:
	case OP_HELD:
	case OP_RELEASED:
		break; /* it has ended, or will without our help */
	}
}

static void end_timers(struct ring *r)
{
	struct op *op = heap_first(&r->timers);
	uint64_t now;

	if (op == NULL)
		return;
	now = ring_now(r);
	for (; op != NULL && op->due_ns <= now; op = heap_first(&r->timers)) {
		heap_remove(&r->timers, op);
		ring_end(r, op, 0);
	}
}

/* Calls done() of what has ended by now; what ends meanwhile waits for the next run. */
static int finish(struct ring *r)
{
	struct list batch, *node;
	int count = 0;

	list_init(&batch);
	while ((node = list_pop(&r->ended)) != NULL)
		list_push(&batch, node);
	while ((node = list_pop(&batch)) != NULL) {
		struct op *op = container_of(node, struct op, node);

		count++;
		if (op->place == OP_RELEASED) {
			r->in_flight--;
			op->place = OP_IDLE;
			op->released(op);
			continue;
		}
		op->held = op->notices > 0;
		if (op->kind != OP_TIMER && !op->held)
			r->in_flight--;
		op->place = op->held ? OP_HELD : OP_IDLE;
		r->stats.completions++;
		op->done(op);
	}
	return count;
}

int ring_run(struct ring *r, uint64_t until_ns)
{
	struct op *first = heap_first(&r->timers);
	int err;

	if (first != NULL && first->due_ns < until_ns)
		until_ns = first->due_ns;
	if (!list_empty(&r->ended))
		until_ns = 0;
	err = r->body->run(r, until_ns);
	if (err < 0)
		return err;
	end_timers(r);
	return finish(r);
}
