/*
 * The simulated body of ring.h: one host of a world. Owns the host's ops that are not on a socket
 * (started, cancelled, foreign, held back) and its view of the clocks.
 *
 *   start -> pending --run--> on a socket, or foreign --end--> ended --(late: held)--> done()
 *
 * What ends in one run is told in a drawn order, and some of it one run later.
 */
#include "tests/sim/net_sim.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

static struct host *of(struct ring *r)
{
	return container_of(r, struct host, base);
}

static uint64_t to_world(const struct host *h, uint64_t at_ns)
{
	return at_ns > UINT64_MAX - h->lag ? UINT64_MAX : at_ns == 0 ? 0 : at_ns + h->lag;
}

/* ---- clocks and chance ---- */

static uint64_t sim_now(struct ring *r)
{
	const struct host *h = of(r);
	uint64_t now = h->world->now > h->asleep_until ? h->world->now : h->asleep_until;

	return now - h->lag;
}

static uint64_t sim_wall(struct ring *r)
{
	const struct host *h = of(r);

	return h->world->o.wall_ns + h->world->now + (uint64_t)h->wall_offset;
}

static void sim_random(struct ring *r, void *out, size_t len)
{
	rng_fill(&of(r)->rng, out, len);
}

/* ---- ops ---- */

static void sim_start(struct ring *r, struct op *op)
{
	struct host *h = of(r);

	h->flying++;
	if (op->kind != OP_READ || op->fd >= SIM_FD_BASE)
		(void)sock_of(h, op->fd); /* it is open and ours */
	list_push(&h->pending, &op->node);
}

void host_end(struct host *h, struct op *op, int32_t res)
{
	static const char *const names[] = {[OP_CONNECT] = "connect",
					    [OP_ACCEPT] = "accept",
					    [OP_RECV] = "recv",
					    [OP_SEND] = "send",
					    [OP_READ] = "readable"};
	uint64_t more = op->fd < SIM_FD_BASE ? 0 : (uint64_t)(op->fd - SIM_FD_BASE);

	check(h->flying > 0);
	h->flying--;
	list_del(&op->node); /* of the cancels, when one came too late */
	if (op->kind == OP_SEND)
		more = op->due_ns; /* what was sent tells runs apart better than where */
	world_note(h->world, h, names[op->kind], (uint64_t)(int64_t)res, more);
	ring_end(&h->base, op, res);
}

void host_release(struct host *h, struct op *op)
{
	check(send_digest(op) == op->due_ns); /* else it was changed while the kernel read it */
	op->notices = 0;
	world_note(h->world, h, "released", (uint64_t)(op->fd - SIM_FD_BASE), 0);
	ring_release(&h->base, op);
}

static void sim_cancel(struct ring *r, struct op *op)
{
	struct host *h = of(r);

	if (op->place == OP_PENDING) {
		host_end(h, op, -ECANCELED);
		return;
	}
	list_del(&op->node);
	op->place = OP_CANCELLING;
	list_push(&h->cancels, &op->node);
}

static void start_pending(struct host *h)
{
	struct list *node;

	while ((node = list_pop(&h->pending)) != NULL) {
		struct op *op = container_of(node, struct op, node);

		op->place = OP_FLYING;
		if (op->kind == OP_READ)
			list_push(&h->foreign, &op->node);
		else
			sock_start(h, op);
	}
}

/* A cancel may find its op now or a while later: what arrives meanwhile still counts. */
static void send_cancels(struct host *h)
{
	list_each_safe (n, tmp, &h->cancels) {
		struct op *op = container_of(n, struct op, node);

		if (rng_chance(&h->world->net_rng, 500000))
			continue;
		if (op->kind == OP_READ)
			host_end(h, op, -ECANCELED);
		else
			sock_forget(sock_of(h, op->fd), op);
	}
}

/* 0: not readable, 1: readable. Errors are readable too: the reader will meet them. */
static int look(const struct op *op, int timeout_ms)
{
	struct pollfd p = {.fd = op->fd, .events = POLLIN};

	return poll(&p, 1, timeout_ms) > 0;
}

static void end_foreign(struct host *h)
{
	list_each_safe (n, tmp, &h->foreign) {
		struct op *op = container_of(n, struct op, node);

		if (look(op, 0))
			host_end(h, op, 0);
	}
}

static bool foreign_ready(const struct host *h)
{
	list_each (n, &h->foreign)
		if (look(container_of(n, struct op, node), 0))
			return true;
	return false;
}

/* ---- when ---- */

static uint64_t timer_due(const struct host *h)
{
	const struct op *first = heap_first(&h->base.timers);

	return first != NULL ? to_world(h, first->due_ns) : UINT64_MAX;
}

bool host_ready(struct host *h)
{
	uint64_t now = h->world->now;

	if (h->asleep_until > now)
		return false;
	return !list_empty(&h->base.ended) || !list_empty(&h->held) || !list_empty(&h->pending) ||
	       !list_empty(&h->cancels) || h->wish <= now || timer_due(h) <= now ||
	       foreign_ready(h);
}

uint64_t host_next(struct host *h)
{
	uint64_t timer = timer_due(h), next = timer < h->wish ? timer : h->wish;

	if (next == UINT64_MAX || next > h->asleep_until)
		return next;
	return h->asleep_until;
}

bool simhost_ready(struct ring *r)
{
	return host_ready(of(r));
}

/* ---- run ---- */

/* Draws the order in which what ended is told, and holds some of it back for the next run. */
static void shuffle(struct host *h)
{
	struct rng *rng = &h->world->net_rng;
	struct op *ops[256];
	struct list *node;
	uint32_t count = 0;
	bool late;

	while (count < countof(ops) && (node = list_pop(&h->base.ended)) != NULL)
		ops[count++] = container_of(node, struct op, node);
	late = count > 1 && rng_chance(rng, h->world->o.net.rate[SIM_LATE]);
	for (uint32_t left = count; left > 0; left--) {
		uint32_t i = (uint32_t)rng_below(rng, left);
		bool hold = late && left < count && rng_chance(rng, 500000);

		/* Timers are ring.c's own, and as prompt as there. */
		hold = hold && ops[i]->kind != OP_TIMER;
		list_push(hold ? &h->held : &h->base.ended, &ops[i]->node);
		h->world->fired[SIM_LATE] += hold;
		ops[i] = ops[left - 1];
	}
}

static void unhold(struct host *h)
{
	struct list *node;

	while ((node = list_pop(&h->held)) != NULL)
		list_push(&h->base.ended, node);
}

/* Nothing has ended: let the others work, or the time pass. 0 or -EDEADLK. */
static int wait(struct host *h)
{
	struct simworld *w = h->world;
	uint64_t next;

	if (world_turns(w, h) > 0 || world_idle(w))
		return 0;
	next = list_empty(&h->cancels) ? world_next(w) : w->now + w->o.call_ns;
	if (next == UINT64_MAX) {
		/* Only something real can come now, from another thread. */
		if (list_empty(&h->foreign))
			return -EDEADLK;
		(void)look(container_of(h->foreign.next, struct op, node), 1);
		return 0;
	}
	w->now = next > w->now ? next : w->now;
	return 0;
}

static int run_once(struct host *h)
{
	start_pending(h);
	world_deliver(h->world);
	end_foreign(h);
	send_cancels(h);
	if (!list_empty(&h->base.ended) || h->world->now >= h->wish || !h->waits)
		return 1;
	return wait(h);
}

static int sim_run(struct ring *r, uint64_t until_ns)
{
	struct host *h = of(r);
	struct simworld *w = h->world;
	int res;

	check(!h->running);
	h->running = true;
	w->now += w->o.call_ns;
	h->wish = to_world(h, until_ns);
	if (h->waits && h->asleep_until > w->now)
		w->now = h->asleep_until;
	unhold(h);
	do
		res = run_once(h);
	while (res == 0);
	/* A program that is told something goes round again before it waits. */
	if (!list_empty(&h->base.ended) || timer_due(h) <= w->now)
		h->wish = 0;
	shuffle(h);
	r->stats.enters++;
	h->running = false;
	return res < 0 ? res : 0;
}

/* ---- sockets ---- */

static int sim_socket(struct ring *r, int family)
{
	return sock_new(of(r), family);
}

static int sim_listen(struct ring *r, const struct sockaddr *addr, socklen_t addr_len,
		      struct sockaddr_storage *bound)
{
	return sock_listen(of(r), addr, bound);
}

static void sim_shutdown(struct ring *r, int fd)
{
	sock_shutdown(sock_of(of(r), fd));
}

static void sim_abort(struct ring *r, int fd)
{
	sock_abort(sock_of(of(r), fd));
}

static void sim_close_fd(struct ring *r, int fd)
{
	struct host *h = of(r);

	/* Not even one that was only started. */
	list_each (n, &h->pending)
		check(container_of(n, struct op, node)->fd != fd);
	sock_close(sock_of(h, fd));
}

void simhost_reset_fd(struct ring *r, int fd)
{
	sock_of(of(r), fd)->reset = true;
}

static bool sim_progress(struct ring *r, int fd, struct ring_progress *out)
{
	struct host *h = of(r);
	const struct sock *s = sock_of(h, fd);

	/* Who asks again and again without ring_run() gets on too. */
	if (h->waits && !h->running) {
		h->world->now += h->world->o.call_ns;
		world_deliver(h->world);
	}
	*out = (struct ring_progress){0};
	if (s->conn == NULL)
		return true;
	out->received = s->conn->end[s->side].in.arrived;
	out->acked = s->conn->end[!s->side].in.acked;
	out->unacked = (uint32_t)(s->conn->end[!s->side].in.written - out->acked);
	return true;
}

static bool sim_local(struct ring *r, int fd, struct sockaddr_storage *out)
{
	const struct sock *s = sock_of(of(r), fd);

	if (s->conn == NULL)
		return false;
	out->ss_family = (sa_family_t)s->family;
	((struct sockaddr_in *)out)->sin_addr.s_addr = s->from;
	return true;
}

static int sim_add_memory(struct ring *r, void *mem, size_t size)
{
	return -EOPNOTSUPP;
}

static void sim_fd_nothing(struct ring *r, int fd)
{
}

/* ---- life ---- */

static void host_free(struct host *h)
{
	list_del(&h->node);
	free(h);
}

static void sim_close(struct ring *r)
{
	struct host *h = of(r);

	check(!h->in_turn && !h->running);
	check(h->flying == 0);
	check(list_empty(&h->held));
	ring_fini(r);
	for (uint32_t i = 0; i < h->world->sock_count; i++)
		check(h->world->socks[i].host != h); /* every fd was closed */
	host_free(h);
}

static const struct ring_body sim_body = {
    .name = "sim",
    .start = sim_start,
    .cancel = sim_cancel,
    .run = sim_run,
    .close = sim_close,
    .add_memory = sim_add_memory,
    .fd_opened = sim_fd_nothing,
    .fd_closing = sim_fd_nothing,
    .socket = sim_socket,
    .listen = sim_listen,
    .shutdown = sim_shutdown,
    .abort = sim_abort,
    .close_fd = sim_close_fd,
    .progress = sim_progress,
    .local = sim_local,
    .now = sim_now,
    .wall = sim_wall,
    .random = sim_random,
};

int ring_open_sim(struct ring **out, struct simworld *w, const struct sim_host *o)
{
	struct host *h = calloc(1, sizeof(*h));
	int err;

	if (h == NULL)
		return -ENOMEM;
	err = ring_init(&h->base, &sim_body, &(struct ring_options){.entries = o->entries});
	if (err < 0) {
		free(h);
		return err;
	}
	check(!o->waits || o->turn == NULL);
	h->world = w;
	h->index = w->host_count++;
	h->waits = o->waits;
	h->base.features = o->zerocopy ? RING_SEND_ZC : 0;
	h->turn = o->turn;
	h->arg = o->arg;
	snprintf(h->name, sizeof(h->name), "%s", o->name);
	rng_init(&h->rng, rng_mix(&w->seed_state));
	list_init(&h->pending);
	list_init(&h->cancels);
	list_init(&h->held);
	list_init(&h->foreign);
	list_push(&w->hosts, &h->node);
	*out = &h->base;
	return 0;
}

void simhost_kill(struct ring **owner)
{
	struct host *h = of(*owner);

	*owner = NULL;
	check(!h->in_turn && !h->running);
	world_note(h->world, h, "kill", 0, 0);
	list_each (n, &h->world->conns)
		conn_forget_pins(container_of(n, struct conn, node), h);
	for (uint32_t i = 0; i < h->world->sock_count; i++)
		if (h->world->socks[i].host == h)
			sock_kill(&h->world->socks[i]);
	heap_fini(&h->base.timers);
	host_free(h);
}

void simhost_vanish(struct ring *r)
{
	struct host *h = of(r);

	h->address++;
	for (uint32_t i = 0; i < h->world->sock_count; i++) {
		struct sock *s = &h->world->socks[i];

		if (s->host == h && s->conn != NULL)
			conn_vanish(h->world, s->conn);
	}
}

void simhost_suspend(struct ring *r, uint64_t ns)
{
	struct host *h = of(r);
	uint64_t from = h->asleep_until > h->world->now ? h->asleep_until : h->world->now;

	check(!h->running);
	world_note(h->world, h, "suspend", ns, 0);
	h->asleep_until = from + ns;
	h->lag += ns;
	if (h->wish > 0 && h->wish < UINT64_MAX)
		h->wish += ns;
}

void simhost_wall_jump(struct ring *r, int64_t ns)
{
	of(r)->wall_offset += ns;
	world_note(of(r)->world, of(r), "wall_jump", (uint64_t)ns, 0);
}
