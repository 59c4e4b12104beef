/*
 * The sockets of the hosts: numbers, listeners, and the ops that wait on them. An op ends as soon
 * as its connection has what it wants; done() is called later, by the host's ring_run. Bytes are
 * written into a receive's memory when they arrive and read from a send's memory as long as it
 * lasts, as a kernel may do it: memory given back too early is found out.
 */
#include "tests/sim/net_sim.h"

#include <errno.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIM_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SIM_ASAN 1
#endif
#ifdef SIM_ASAN
#include <sanitizer/asan_interface.h>
#define poison(at, len)   ASAN_POISON_MEMORY_REGION(at, len)
#define unpoison(at, len) ASAN_UNPOISON_MEMORY_REGION(at, len)
#else
#define poison(at, len)   ((void)(at), (void)(len))
#define unpoison(at, len) ((void)(at), (void)(len))
#endif

static int fd_of(const struct sock *s)
{
	return SIM_FD_BASE + (int)(s - s->host->world->socks);
}

/* The lowest free number, as a kernel does it: whoever keeps an old one meets a stranger. */
static struct sock *take_sock(struct host *h, int family)
{
	struct simworld *w = h->world;

	for (uint32_t i = 0; i < w->sock_count; i++) {
		struct sock *s = &w->socks[i];

		if (s->state != SOCK_FREE)
			continue;
		check(s->in == NULL && s->out == NULL);
		*s = (struct sock){.state = SOCK_FRESH, .host = h, .family = family};
		list_init(&s->waiting);
		return s;
	}
	return NULL;
}

int sock_new(struct host *h, int family)
{
	struct sock *s = take_sock(h, family);

	return s != NULL ? fd_of(s) : -EMFILE;
}

struct sock *sock_of(struct host *h, int fd)
{
	struct sock *s;

	check(fd >= SIM_FD_BASE);
	check((uint32_t)(fd - SIM_FD_BASE) < h->world->sock_count);
	s = &h->world->socks[fd - SIM_FD_BASE];
	check(s->state != SOCK_FREE); /* else it was closed before */
	check(s->host == h);
	return s;
}

/* ---- listening ---- */

struct sock *sock_listener(struct simworld *w, const struct sim_address *to)
{
	for (uint32_t i = 0; i < w->sock_count; i++) {
		struct sock *s = &w->socks[i];

		if (s->state == SOCK_LISTENING && !s->shut && address_covers(&s->local, to))
			return s;
	}
	return NULL;
}

int sock_listen(struct host *h, const struct sockaddr *addr, struct sockaddr_storage *bound)
{
	struct sim_address local;
	struct sock *s;

	if (!address_of(addr, &local))
		return -EAFNOSUPPORT;
	if (local.port == 0)
		local.port = h->world->next_port++;
	if (sock_listener(h->world, &local) != NULL)
		return -EADDRINUSE;
	s = take_sock(h, local.family);
	if (s == NULL)
		return -EMFILE;
	s->state = SOCK_LISTENING;
	s->local = local;
	memset(bound, 0, sizeof(*bound));
	if (local.family == AF_INET) {
		memcpy(bound, addr, sizeof(struct sockaddr_in));
		((struct sockaddr_in *)bound)->sin_port = htons(local.port);
	} else {
		memcpy(bound, addr, sizeof(struct sockaddr_in6));
		((struct sockaddr_in6 *)bound)->sin6_port = htons(local.port);
	}
	return fd_of(s);
}

/* ---- ending ops ---- */

uint64_t send_digest(const struct op *op)
{
	const uint8_t *at = op->at;
	uint64_t h = op->len, word;
	uint32_t len = op->len;

	for (; len >= 8; at += 8, len -= 8) {
		memcpy(&word, at, 8);
		h = rng_turn(h ^ word, 23) * UINT64_C(0x9e3779b97f4a7c15);
	}
	for (; len > 0; at++, len--)
		h = rng_turn(h ^ *at, 23) * UINT64_C(0x9e3779b97f4a7c15);
	return h;
}

static void end_op(struct sock *s, struct op **slot, int32_t res)
{
	struct op *op = *slot;

	*slot = NULL;
	if (op->kind == OP_RECV && s->host->world->o.poison)
		unpoison(op->at, op->len);
	/* Else the program changed what was still the ring's. */
	check(op->kind != OP_SEND || send_digest(op) == op->due_ns);
	if (op->zerocopy && op->moved > 0 && !s->conn->end[s->side].broken)
		conn_pin(s->conn, s->side, s->host, op);
	host_end(s->host, op, res);
}

void sock_forget(struct sock *s, struct op *op)
{
	struct op **slot = s->in == op ? &s->in : &s->out;

	check(*slot == op);
	end_op(s, slot, ring_cut(op, -ECANCELED));
}

/* ---- what an op wants, and whether it is there ---- */

static void match_accept(struct sock *s)
{
	struct list *node;
	struct sock *n;

	if (s->shut) {
		end_op(s, &s->in, -EINVAL);
		return;
	}
	if (list_empty(&s->waiting))
		return;
	n = take_sock(s->host, s->family);
	if (n == NULL) {
		end_op(s, &s->in, -EMFILE);
		return;
	}
	node = list_pop(&s->waiting);
	s->waiting_count--;
	n->state = SOCK_UP;
	n->conn = container_of(node, struct conn, waiting);
	n->side = 1;
	n->conn->end[1].sock = n;
	end_op(s, &s->in, fd_of(n));
}

/* True when the end has nothing more to give; then res is said. */
static bool receive_ended(struct sock *s, int32_t *res)
{
	struct end *e = &s->conn->end[s->side];

	*res = 0;
	if (e->in.fin_arrived || s->shut)
		return true;
	if (e->err != 0) {
		*res = -e->err;
		e->err = 0;
		return true;
	}
	return e->broken;
}

static void match_recv(struct sock *s)
{
	struct simworld *w = s->host->world;
	struct op *op = s->in;
	uint32_t ready, n;
	int32_t res;

	if (s->state != SOCK_UP) {
		if (s->state != SOCK_CONNECTING)
			end_op(s, &s->in, -ENOTCONN);
		return;
	}
	ready = flow_ready(s->conn, s->side);
	n = ready < op->len - op->moved ? ready : op->len - op->moved;
	if (n > 0) {
		if (!op->all && world_strikes(w, SIM_SHORT))
			n = (uint32_t)rng_log(&w->net_rng, n);
		unpoison(op->at + op->moved, n);
		n = flow_pull(w, s->conn, s->side, op->at + op->moved, n);
		op->moved += n;
		s->host->base.stats.recv_bytes += n;
		if (w->o.poison)
			poison(op->at, op->moved);
		if (!op->all || op->moved == op->len) {
			end_op(s, &s->in, (int32_t)op->moved);
			return;
		}
	}
	/* What was there and its end may have come before the receive began: then nothing else comes. */
	if (receive_ended(s, &res))
		end_op(s, &s->in, res < 0 ? ring_cut(op, res) : (int32_t)op->moved);
}

static void match_send(struct sock *s)
{
	struct op *op = s->out;
	struct end *e;
	uint32_t n;

	if (s->state != SOCK_UP) {
		if (s->state != SOCK_CONNECTING)
			end_op(s, &s->out, s->state == SOCK_FRESH ? -ENOTCONN : -EPIPE);
		return;
	}
	e = &s->conn->end[s->side];
	if (e->err != 0) {
		int32_t res = -e->err;

		e->err = 0;
		end_op(s, &s->out, res);
	} else if (s->shut || e->broken) {
		end_op(s, &s->out, -EPIPE);
	} else {
		n = flow_push(s->host->world, s->conn, !s->side, op->at + op->moved,
			      op->len - op->moved);
		op->moved += n;
		s->host->base.stats.send_bytes += n;
		if (op->moved == op->len)
			end_op(s, &s->out, (int32_t)op->moved);
	}
}

static void match_connect(struct sock *s)
{
	if (s->connect_known)
		end_op(s, &s->out, -s->connect_res);
	else if (s->shut)
		end_op(s, &s->out, -ECONNABORTED);
}

void sock_match(struct sock *s)
{
	if (s->out != NULL && s->out->kind == OP_CONNECT)
		match_connect(s);
	else if (s->out != NULL)
		match_send(s);
	if (s->in != NULL && s->in->kind == OP_ACCEPT)
		match_accept(s);
	else if (s->in != NULL)
		match_recv(s);
}

void sock_connected(struct sock *s, int err)
{
	if (s->connect_known || s->shut)
		return;
	s->connect_known = true;
	s->connect_res = err;
	s->state = err == 0 ? SOCK_UP : SOCK_FAILED;
	sock_match(s);
}

/* ---- starting ---- */

static void start_connect(struct sock *s, struct op *op)
{
	struct sim_address to;

	if (s->state != SOCK_FRESH) {
		end_op(s, &s->out, s->state == SOCK_UP ? -EISCONN : -EALREADY);
		return;
	}
	if (!address_of((struct sockaddr *)op->addr, &to) || to.family != s->family) {
		end_op(s, &s->out, -EAFNOSUPPORT);
		return;
	}
	s->state = SOCK_CONNECTING;
	s->side = 0;
	s->from = s->host->address;
	s->conn = conn_start(s->host->world, &to);
	s->conn->end[0].sock = s;
	sock_match(s);
}

void sock_start(struct host *h, struct op *op)
{
	struct sock *s = sock_of(h, op->fd);
	bool out = op->kind == OP_SEND || op->kind == OP_CONNECT;
	struct op **slot = out ? &s->out : &s->in;

	check(*slot == NULL); /* one op a direction */
	check(op->kind != OP_ACCEPT || s->state == SOCK_LISTENING);
	*slot = op;
	if (op->kind == OP_SEND)
		op->due_ns = send_digest(op);
	if (op->kind == OP_RECV && h->world->o.poison)
		poison(op->at, op->len);
	if (op->kind == OP_CONNECT)
		start_connect(s, op);
	else
		sock_match(s);
}

/* ---- ending sockets ---- */

void sock_shutdown(struct sock *s)
{
	if (s->shut)
		return;
	s->shut = true;
	if (s->state == SOCK_UP) {
		s->conn->end[s->side].shut = true;
		flow_end(s->host->world, s->conn, !s->side, false);
	} else if (s->state == SOCK_CONNECTING) {
		s->state = SOCK_FAILED;
	}
	sock_match(s);
}

/* TCP forgets its queues at once; what the network card was given is still read for a while. */
static void release_late(struct sock *s)
{
	struct simworld *w = s->host->world;

	if (s->conn->end[s->side].pin_count == 0)
		return;
	world_post(w, &(struct event){.at_ns = w->now + rng_between(&w->net_rng, 0, 20000000),
				      .kind = EVENT_ACK,
				      .side = s->side,
				      .conn = s->conn,
				      .acked = s->conn->end[!s->side].in.written});
}

void sock_abort(struct sock *s)
{
	struct end *e;

	if (s->state != SOCK_UP) {
		sock_shutdown(s);
		return;
	}
	e = &s->conn->end[s->side];
	s->shut = e->shut = e->broken = true;
	e->err = ECONNRESET;
	e->in.read = e->in.arrived;
	release_late(s);
	flow_end(s->host->world, s->conn, !s->side, true);
	sock_match(s);
}

static void drop_waiting(struct sock *s)
{
	struct list *node;

	while ((node = list_pop(&s->waiting)) != NULL) {
		struct conn *c = container_of(node, struct conn, waiting);

		c->end[1].closed = true;
		flow_end(s->host->world, c, 0, true);
		conn_drop(&c);
	}
}

void sock_close(struct sock *s)
{
	struct conn *c = s->conn;

	check(s->in == NULL && s->out == NULL);
	world_note(s->host->world, s->host, "close", (uint64_t)(fd_of(s) - SIM_FD_BASE), 0);
	if (s->state == SOCK_LISTENING)
		drop_waiting(s);
	if (c != NULL) {
		/* A kernel answers unread bytes with RST: the peer must know they were not taken.
		 */
		bool unread = s->state == SOCK_UP && flow_ready(c, s->side) > 0;

		c->end[s->side].sock = NULL;
		c->end[s->side].closed = true;
		if (s->state == SOCK_UP || c->up)
			flow_end(s->host->world, c, !s->side, s->reset || unread);
		conn_drop(&c);
	}
	*s = (struct sock){.state = SOCK_FREE};
}

void sock_kill(struct sock *s)
{
	if (s->in != NULL && s->in->kind == OP_RECV)
		unpoison(s->in->at, s->in->len);
	s->in = s->out = NULL;
	sock_close(s);
}
