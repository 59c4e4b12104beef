/*
 * Connections and the wire between their ends. Owns the bytes under way and every fault of the
 * network; which op of whom waits for them is sock_sim.c's business.
 *
 *   written        sent            arrived         read
 *   ---|------------|----------------|---------------|--->   one flow, totals of bytes
 *      sender's     on the wire:     receiver's      program's
 *      kernel       EVENT_DATA each  kernel
 *
 * TCP is what it seems to its users: bytes in order or not at all. A loss is a delay.
 */
#include "tests/sim/net_sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SEGMENT_MAX = 1 << 16, SEGMENT_SHORT = 1448 };

static const char *const fault_names[SIM_FAULTS] = {
    [SIM_REFUSE] = "refuse",   [SIM_SWALLOW] = "swallow", [SIM_SLOW] = "slow",
    [SIM_RESET] = "reset",     [SIM_END] = "end",         [SIM_VANISH] = "vanish",
    [SIM_ONE_WAY] = "one_way", [SIM_SEGMENT] = "segment", [SIM_STALL] = "stall",
    [SIM_FLIP] = "flip",       [SIM_SHORT] = "short",     [SIM_LATE] = "late",
};

const char *sim_fault_name(enum sim_fault f)
{
	check(f < SIM_FAULTS);
	return fault_names[f];
}

void sim_net_init(struct sim_net *n)
{
	*n = (struct sim_net){
	    .delay_min_ns = 1000000,
	    .delay_max_ns = 5000000,
	    .slow_bytes_per_s = 1024,
	    .stall_max_ns = UINT64_C(5000000000),
	    .reach = 4 << 20,
	    .buffer = 256 << 10,
	};
}

void sim_net_draw(struct sim_net *n, struct rng *r)
{
	/* Most a rate may be: faults that end a connection leave room for work between them. */
	static const uint32_t most[SIM_FAULTS] = {
	    [SIM_REFUSE] = 300000, [SIM_SWALLOW] = 100000, [SIM_SLOW] = 100000,
	    [SIM_RESET] = 500000,  [SIM_END] = 500000,     [SIM_VANISH] = 500000,
	    [SIM_ONE_WAY] = 500000, [SIM_SEGMENT] = 500000, [SIM_STALL] = 10000,
	    [SIM_FLIP] = 20000,    [SIM_SHORT] = 500000,   [SIM_LATE] = 300000,
	};

	sim_net_init(n);
	n->delay_min_ns = rng_log(r, 50000000);
	n->delay_max_ns = n->delay_min_ns + rng_log(r, 200000000);
	n->bytes_per_s = rng_chance(r, 500000) ? 100000 + rng_log(r, 1000000000) : 0;
	n->buffer = 4096 << rng_below(r, 9);
	n->reach = 1024 << rng_below(r, 16);
	for (int i = 0; i < SIM_FAULTS; i++) {
		uint32_t rate = most[i] >> rng_below(r, 8);

		n->rate[i] = rng_chance(r, 500000) ? rate : 0;
	}
}

void sim_net_print(const struct sim_net *n, FILE *out)
{
	fprintf(out,
		"delay_ns=%llu-%llu bytes_per_s=%llu slow=%llu stall_ns=%llu reach=%llu buffer=%u",
		(unsigned long long)n->delay_min_ns, (unsigned long long)n->delay_max_ns,
		(unsigned long long)n->bytes_per_s, (unsigned long long)n->slow_bytes_per_s,
		(unsigned long long)n->stall_max_ns, (unsigned long long)n->reach, n->buffer);
	for (int i = 0; i < SIM_FAULTS; i++)
		fprintf(out, " %s=%u", fault_names[i], n->rate[i]);
}

/* ---- addresses ---- */

bool address_of(const struct sockaddr *addr, struct sim_address *out)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	memset(out, 0, sizeof(*out)); /* the padding too: it is compared */
	out->family = addr->sa_family;
	switch (addr->sa_family) {
	case AF_INET:
		memcpy(&v4, addr, sizeof(v4));
		memcpy(out->ip, &v4.sin_addr, 4);
		out->port = ntohs(v4.sin_port);
		return true;
	case AF_INET6:
		memcpy(&v6, addr, sizeof(v6));
		memcpy(out->ip, &v6.sin6_addr, 16);
		out->port = ntohs(v6.sin6_port);
		return true;
	default:
		return false;
	}
}

bool address_covers(const struct sim_address *rule, const struct sim_address *a)
{
	static const uint8_t any[16];

	return rule->family == a->family && (rule->port == 0 || rule->port == a->port) &&
	       (memcmp(rule->ip, any, sizeof(any)) == 0 ||
		memcmp(rule->ip, a->ip, sizeof(any)) == 0);
}

static enum sim_route route_to(const struct simworld *w, const struct sim_address *to)
{
	for (uint32_t i = w->route_count; i > 0; i--)
		if (address_covers(&w->routes[i - 1].to, to))
			return w->routes[i - 1].how;
	return SIM_OPEN;
}

/* ---- the life of a connection ---- */

void conn_hold(struct conn *c)
{
	c->refs++;
}

void conn_drop(struct conn **owner)
{
	struct conn *c = *owner;

	*owner = NULL;
	check(c->refs > 0);
	if (--c->refs > 0)
		return;
	list_del(&c->node);
	list_del(&c->waiting);
	for (int i = 0; i < 2; i++) {
		check(c->end[i].pin_count == 0);
		free(c->end[i].pins);
		free(c->end[i].in.ring);
	}
	free(c);
}

static uint64_t delay(struct simworld *w)
{
	return rng_between(&w->net_rng, w->o.net.delay_min_ns, w->o.net.delay_max_ns);
}

/* Reaches that end, unless its direction is dead. Never before what was sent earlier. */
static void post(struct simworld *w, struct conn *c, int to, enum event_kind kind, uint64_t wait)
{
	struct flow *f = &c->end[to].in;
	uint64_t at = w->now + wait;

	if (f->dead)
		return;
	f->last_ns = at > f->last_ns ? at : f->last_ns;
	world_post(w, &(struct event){.at_ns = f->last_ns, .kind = kind, .side = to, .conn = c});
}

static void post_connected(struct simworld *w, struct conn *c, uint64_t wait, int err)
{
	struct flow *f = &c->end[0].in;
	uint64_t at = w->now + wait;

	f->last_ns = at > f->last_ns ? at : f->last_ns;
	world_post(w, &(struct event){.at_ns = f->last_ns,
				      .kind = EVENT_CONNECTED,
				      .side = 0,
				      .conn = c,
				      .value = (uint64_t)err});
}

/* The faults that a connection is born with. At most one strikes: the first would hide the rest. */
static void draw_fate(struct simworld *w, struct conn *c)
{
	static const enum sim_fault kinds[] = {SIM_RESET, SIM_END, SIM_VANISH, SIM_ONE_WAY};
	struct flow *f = &c->end[rng_below(&w->net_rng, 2)].in;
	uint64_t rate = w->o.net.bytes_per_s;

	if (world_strikes(w, SIM_SLOW))
		rate = w->o.net.slow_bytes_per_s;
	for (int i = 0; i < 2; i++) {
		c->end[i].in.strike_at = UINT64_MAX;
		c->end[i].in.bytes_per_s = rate;
	}
	for (size_t i = 0; i < countof(kinds); i++) {
		uint64_t at = rng_log(&w->net_rng, w->o.net.reach);

		if (rng_chance(&w->net_rng, w->o.net.rate[kinds[i]]) &&
		    f->strike_at == UINT64_MAX) {
			f->strike_at = at; /* counted when it strikes */
			f->strike = kinds[i];
		}
	}
}

struct conn *conn_start(struct simworld *w, const struct sim_address *to)
{
	struct conn *c = calloc(1, sizeof(*c));
	enum sim_route how = route_to(w, to);
	bool refuse = world_strikes(w, SIM_REFUSE), swallow = world_strikes(w, SIM_SWALLOW);

	check(c != NULL);
	c->number = ++w->conn_number;
	c->refs = 1; /* the connecting end */
	c->to = *to;
	list_init(&c->waiting);
	list_push(&w->conns, &c->node);
	draw_fate(w, c);
	if (how == SIM_UNREACHABLE)
		post_connected(w, c, 1000, ENETUNREACH);
	else if (how == SIM_SWALLOWED || (how == SIM_OPEN && swallow))
		post_connected(w, c, SIM_SYN_NS, ETIMEDOUT);
	else if (how == SIM_REFUSED || refuse)
		post_connected(w, c, 2 * delay(w), ECONNREFUSED);
	else
		post(w, c, 1, EVENT_SYN, delay(w));
	return c;
}

static void syn_arrived(struct simworld *w, struct conn *c)
{
	struct sock *l = sock_listener(w, &c->to);

	if (l == NULL) {
		post_connected(w, c, delay(w), ECONNREFUSED);
		return;
	}
	if (l->waiting_count >= BACKLOG_MAX) {
		post_connected(w, c, SIM_SYN_NS, ETIMEDOUT);
		return;
	}
	conn_hold(c); /* the accepting end */
	c->up = true;
	list_push(&l->waiting, &c->waiting);
	l->waiting_count++;
	post_connected(w, c, delay(w), 0);
	sock_match(l);
}

void conn_vanish(struct simworld *w, struct conn *c)
{
	c->end[0].in.dead = c->end[1].in.dead = true;
	world_note(w, NULL, "vanish", c->number, 0);
}

void conn_reset(struct simworld *w, struct conn *c)
{
	for (int i = 0; i < 2; i++) {
		c->end[i].in.cut = true;
		post(w, c, i, EVENT_RST, delay(w));
	}
	world_note(w, NULL, "reset", c->number, 0);
}

/* ---- sending ---- */

static void strike(struct simworld *w, struct conn *c, int to)
{
	struct flow *f = &c->end[to].in;

	f->strike_at = UINT64_MAX;
	w->fired[f->strike]++;
	world_note(w, NULL, fault_names[f->strike], c->number, f->sent);
	switch (f->strike) {
	case SIM_RESET:
	case SIM_END:
		for (int i = 0; i < 2; i++) {
			c->end[i].in.cut = true;
			post(w, c, i, f->strike == SIM_RESET ? EVENT_RST : EVENT_FIN, delay(w));
		}
		break;
	case SIM_VANISH:
		c->end[0].in.dead = c->end[1].in.dead = true;
		break;
	case SIM_ONE_WAY:
		f->dead = true;
		break;
	default:
		check(false);
	}
}

static void flip(struct simworld *w, struct flow *f, uint64_t len)
{
	uint64_t at = f->sent + rng_below(&w->net_rng, len);
	uint64_t bit = rng_below(&w->net_rng, 8);

	f->ring[at % f->size] ^= (uint8_t)(1u << bit);
}

/* The wire that all connections share is free again when this went over it, too. */
static void take_shared(struct simworld *w, struct flow *f, int to, uint64_t len)
{
	uint64_t *free_ns = &w->shared_free_ns[to];

	if (w->o.net.shared_bytes_per_s == 0)
		return;
	*free_ns = *free_ns > w->now ? *free_ns : w->now;
	*free_ns += len * 1000000000 / w->o.net.shared_bytes_per_s;
	f->free_ns = f->free_ns > *free_ns ? f->free_ns : *free_ns;
}

static void send_segment(struct simworld *w, struct conn *c, int to)
{
	struct flow *f = &c->end[to].in;
	uint64_t len = f->written - f->sent, wait, at;

	len = len < SEGMENT_MAX ? len : SEGMENT_MAX;
	if (world_strikes(w, SIM_SEGMENT)) {
		uint64_t few = rng_log(&w->net_rng, SEGMENT_SHORT);

		len = few < len ? few : len;
	}
	if (f->trickle_ns > 0)
		len = 1;
	if (f->sent + len > f->strike_at)
		len = f->strike_at - f->sent;
	if (world_strikes(w, SIM_FLIP))
		flip(w, f, len);
	wait = delay(w);
	if (world_strikes(w, SIM_STALL))
		wait += rng_log(&w->net_rng, w->o.net.stall_max_ns);
	f->free_ns = f->free_ns > w->now ? f->free_ns : w->now;
	if (f->bytes_per_s > 0)
		f->free_ns += len * 1000000000 / f->bytes_per_s;
	f->free_ns += f->trickle_ns;
	take_shared(w, f, to, len);
	at = f->free_ns + wait;
	f->last_ns = at > f->last_ns ? at : f->last_ns;
	f->sent += len;
	/* An answer acknowledges what it answers. */
	world_post(w, &(struct event){.at_ns = f->last_ns,
				      .kind = EVENT_DATA,
				      .side = to,
				      .conn = c,
				      .value = f->sent,
				      .acked = c->end[!to].in.arrived,
				      .freed = c->end[!to].in.read});
}

static void transmit(struct simworld *w, struct conn *c, int to)
{
	struct flow *f = &c->end[to].in;

	while (f->sent < f->written && !f->dead && !f->cut) {
		if (f->sent >= f->strike_at)
			strike(w, c, to);
		else
			send_segment(w, c, to);
	}
	if (f->fin_wanted && !f->fin_sent && f->sent == f->written && !f->cut) {
		f->fin_sent = true;
		post(w, c, to, EVENT_FIN, delay(w));
	}
}

uint32_t flow_push(struct simworld *w, struct conn *c, int to, const uint8_t *at, uint32_t len)
{
	struct flow *f = &c->end[to].in;
	uint64_t room;

	if (f->ring == NULL) {
		f->size = w->o.net.buffer;
		f->ring = malloc(f->size);
		check(f->ring != NULL);
	}
	room = f->size - (f->written - f->freed);
	/* As TCP does: a window that is nearly shut would be filled with a byte at a time. */
	if (room < len && room < f->size / 4)
		return 0;
	len = len < room ? len : (uint32_t)room;
	for (uint32_t done = 0; done < len;) {
		uint32_t where = (uint32_t)((f->written + done) % f->size);
		uint32_t n = f->size - where < len - done ? f->size - where : len - done;

		memcpy(f->ring + where, at + done, n);
		done += n;
	}
	f->written += len;
	transmit(w, c, to);
	return len;
}

void flow_end(struct simworld *w, struct conn *c, int to, bool reset)
{
	struct flow *f = &c->end[to].in;

	if (reset) {
		if (!f->cut)
			post(w, c, to, EVENT_RST, delay(w));
		f->cut = true;
		return;
	}
	f->fin_wanted = true;
	transmit(w, c, to);
}

/* ---- sends without copying ---- */

void conn_pin(struct conn *c, int side, struct host *h, struct op *op)
{
	struct end *e = &c->end[side];

	if (e->pin_count == e->pin_room) {
		e->pin_room = e->pin_room > 0 ? e->pin_room * 2 : 8;
		e->pins = realloc(e->pins, e->pin_room * sizeof(*e->pins));
		check(e->pins != NULL);
	}
	e->pins[e->pin_count++] = (struct pin){h, op, c->end[!side].in.written};
	op->notices = 1;
}

void conn_unpin(struct conn *c, int side, bool all)
{
	struct end *e = &c->end[side];
	uint32_t count = 0;

	while (count < e->pin_count && (all || e->pins[count].upto <= c->end[!side].in.acked))
		count++;
	for (uint32_t i = 0; i < count; i++)
		host_release(e->pins[i].host, e->pins[i].op);
	e->pin_count -= count;
	if (count > 0)
		memmove(e->pins, e->pins + count, e->pin_count * sizeof(*e->pins));
}

void conn_forget_pins(struct conn *c, const struct host *h)
{
	for (int i = 0; i < 2; i++)
		if (c->end[i].pin_count > 0 && c->end[i].pins[0].host == h)
			c->end[i].pin_count = 0;
}

/* ---- receiving ---- */

static void post_ack(struct simworld *w, struct conn *c, int from)
{
	struct flow *f = &c->end[from].in;

	if (c->end[!from].in.dead)
		return;
	f->told = f->read;
	/* Acks do not queue behind data; a late one that tells less is ignored. */
	world_post(w, &(struct event){.at_ns = w->now + delay(w),
				      .kind = EVENT_ACK,
				      .side = !from,
				      .conn = c,
				      .acked = f->arrived,
				      .freed = f->read});
}

uint32_t flow_ready(const struct conn *c, int side)
{
	return (uint32_t)(c->end[side].in.arrived - c->end[side].in.read);
}

uint32_t flow_pull(struct simworld *w, struct conn *c, int side, uint8_t *at, uint32_t len)
{
	struct flow *f = &c->end[side].in;

	check(len <= flow_ready(c, side));
	for (uint32_t done = 0; done < len;) {
		uint32_t where = (uint32_t)((f->read + done) % f->size);
		uint32_t n = f->size - where < len - done ? f->size - where : len - done;

		memcpy(at + done, f->ring + where, n);
		done += n;
	}
	f->read += len;
	/* Whoever may wait for room is told; others learn it with the next ack of data. */
	if (f->read - f->told >= f->size / 4)
		post_ack(w, c, side);
	return len;
}

static void ack_arrived(struct conn *c, int side, const struct event *e)
{
	struct flow *f = &c->end[!side].in; /* what this end sends */

	f->acked = e->acked > f->acked ? e->acked : f->acked;
	f->freed = e->freed > f->freed ? e->freed : f->freed;
	conn_unpin(c, side, false);
}

static void data_arrived(struct simworld *w, struct conn *c, int side, const struct event *e)
{
	struct end *end = &c->end[side];

	if (end->broken || (end->in.dead && end->in.trickle_ns > 0)) /* it is on its way for hours */
		return;
	ack_arrived(c, side, e);
	if (end->closed || end->shut) { /* nobody will read it, and the kernel says so */
		flow_end(w, c, !side, true);
		return;
	}
	end->in.arrived = e->value;
	post_ack(w, c, side);
}

static void rst_arrived(struct conn *c, int side)
{
	struct end *e = &c->end[side];

	if (!e->broken && !e->in.fin_arrived)
		e->err = ECONNRESET;
	else if (!e->broken)
		e->err = EPIPE;
	e->broken = true;
	c->end[!side].in.cut = true; /* it sends no more either */
	conn_unpin(c, side, true);
}

void conn_event(struct simworld *w, struct event *e)
{
	static const char *const names[] = {[EVENT_SYN] = "syn",   [EVENT_CONNECTED] = "connected",
					    [EVENT_DATA] = "data", [EVENT_ACK] = "ack",
					    [EVENT_FIN] = "fin",   [EVENT_RST] = "rst"};
	struct conn *c = e->conn;
	struct end *end = &c->end[e->side];

	world_note(w, end->sock != NULL ? end->sock->host : NULL, names[e->kind], c->number,
		   e->kind == EVENT_ACK ? e->acked : e->value);
	switch (e->kind) {
	case EVENT_SYN:
		syn_arrived(w, c);
		break;
	case EVENT_CONNECTED:
		if (end->sock != NULL)
			sock_connected(end->sock, (int)e->value);
		return;
	case EVENT_DATA:
		data_arrived(w, c, e->side, e);
		break;
	case EVENT_ACK:
		ack_arrived(c, e->side, e);
		break;
	case EVENT_FIN:
		end->in.fin_arrived = true;
		break;
	case EVENT_RST:
		rst_arrived(c, e->side);
		break;
	case EVENT_CALL:
		check(false);
	}
	if (end->sock != NULL)
		sock_match(end->sock);
}
