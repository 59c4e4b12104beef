/*
 * The world of a simulation: its clock, its queue of events, its trace, and whose turn it is. Owns
 * the memory of all of them. What an event does to a connection is net_sim.c's business.
 */
#include "tests/sim/net_sim.h"

#include <stdlib.h>

enum { SOCKETS_MAX = 4096, PORT_FIRST = 20000 };

static const uint64_t START_NS = UINT64_C(1000) * 1000000000; /* the machine is up for a while */
static const uint64_t WALL_NS = UINT64_C(1767225600) * 1000000000; /* 2026-01-01 */
static const uint64_t CALL_NS = 1000;

struct simworld *simworld_open(const struct sim_options *o)
{
	struct simworld *w = calloc(1, sizeof(*w));

	check(w != NULL);
	w->o = *o;
	w->o.call_ns = o->call_ns > 0 ? o->call_ns : CALL_NS;
	w->o.wall_ns = o->wall_ns > 0 ? o->wall_ns : WALL_NS;
	check(o->net.buffer >= 4 && o->net.reach > 0);
	w->seed_state = o->seed;
	rng_init(&w->net_rng, rng_mix(&w->seed_state));
	rng_init(&w->harness_rng, rng_mix(&w->seed_state));
	w->now = START_NS;
	w->hash = UINT64_C(0xcbf29ce484222325);
	list_init(&w->hosts);
	list_init(&w->conns);
	w->sock_count = o->sockets_max > 0 ? o->sockets_max : SOCKETS_MAX;
	w->socks = calloc(w->sock_count, sizeof(*w->socks));
	check(w->socks != NULL);
	w->next_port = PORT_FIRST;
	return w;
}

void simworld_close(struct simworld **owner)
{
	struct simworld *w = *owner;

	*owner = NULL;
	check(list_empty(&w->hosts));
	for (uint32_t i = 0; i < w->event_count; i++)
		if (w->events[i].conn != NULL)
			conn_drop(&w->events[i].conn);
	check(list_empty(&w->conns));
	free(w->events);
	free(w->socks);
	free(w);
}

uint64_t simworld_now(const struct simworld *w)
{
	return w->now;
}

struct sim_net *simworld_net(struct simworld *w)
{
	return &w->o.net;
}

void simworld_calm(struct simworld *w)
{
	memset(w->o.net.rate, 0, sizeof(w->o.net.rate));
}

uint64_t simworld_fired(const struct simworld *w, enum sim_fault f)
{
	check(f < SIM_FAULTS);
	return w->fired[f];
}

struct rng *simworld_rng(struct simworld *w)
{
	return &w->harness_rng;
}

bool world_strikes(struct simworld *w, enum sim_fault f)
{
	bool strikes = rng_chance(&w->net_rng, w->o.net.rate[f]);

	w->fired[f] += strikes;
	return strikes;
}

/* ---- trace ---- */

static void fold(struct simworld *w, uint64_t word)
{
	for (int i = 0; i < 8; i++) {
		w->hash ^= word >> (8 * i) & 0xff;
		w->hash *= UINT64_C(0x100000001b3);
	}
}

void world_note(struct simworld *w, const struct host *h, const char *what, uint64_t a, uint64_t b)
{
	w->notes++;
	fold(w, w->now);
	fold(w, h != NULL ? h->index : UINT64_MAX);
	for (const char *c = what; *c != '\0'; c++)
		fold(w, (uint8_t)*c);
	fold(w, a);
	fold(w, b);
	if (w->o.trace != NULL)
		fprintf(w->o.trace, "%llu.%09llu %s %s %lld %lld\n",
			(unsigned long long)(w->now / 1000000000),
			(unsigned long long)(w->now % 1000000000), h != NULL ? h->name : "-", what,
			(long long)a, (long long)b);
}

void simworld_note(struct simworld *w, const char *what, uint64_t a, uint64_t b)
{
	world_note(w, NULL, what, a, b);
}

uint64_t simworld_hash(const struct simworld *w)
{
	return w->hash;
}

uint64_t simworld_events(const struct simworld *w)
{
	return w->notes;
}

/* ---- events: a binary heap ---- */

static bool earlier(const struct event *a, const struct event *b)
{
	return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->number < b->number;
}

static void swap_events(struct event *a, struct event *b)
{
	struct event t = *a;

	*a = *b;
	*b = t;
}

void world_post(struct simworld *w, const struct event *e)
{
	uint32_t i = w->event_count;

	check(e->at_ns >= w->now);
	if (w->event_count == w->event_room) {
		w->event_room = w->event_room > 0 ? w->event_room * 2 : 64;
		w->events = realloc(w->events, w->event_room * sizeof(*w->events));
		check(w->events != NULL);
	}
	w->events[i] = *e;
	w->events[i].number = w->number++;
	w->event_count++;
	if (e->conn != NULL)
		conn_hold(e->conn);
	for (; i > 0 && earlier(&w->events[i], &w->events[(i - 1) / 2]); i = (i - 1) / 2)
		swap_events(&w->events[i], &w->events[(i - 1) / 2]);
}

static struct event take(struct simworld *w)
{
	struct event first = w->events[0];
	uint32_t i = 0;

	w->events[0] = w->events[--w->event_count];
	for (;;) {
		uint32_t least = i;

		for (uint32_t k = 2 * i + 1; k <= 2 * i + 2 && k < w->event_count; k++)
			if (earlier(&w->events[k], &w->events[least]))
				least = k;
		if (least == i)
			return first;
		swap_events(&w->events[i], &w->events[least]);
		i = least;
	}
}

void world_deliver(struct simworld *w)
{
	while (w->event_count > 0 && w->events[0].at_ns <= w->now) {
		struct event e = take(w);

		if (e.kind == EVENT_CALL) {
			e.fn(e.arg);
		} else {
			conn_event(w, &e);
			conn_drop(&e.conn);
		}
	}
}

void simworld_at(struct simworld *w, uint64_t at_ns, void (*fn)(void *), void *arg)
{
	check(fn != NULL);
	world_post(w, &(struct event){.at_ns = at_ns > w->now ? at_ns : w->now,
				      .kind = EVENT_CALL,
				      .fn = fn,
				      .arg = arg});
}

/* ---- turns ---- */

void simworld_on_idle(struct simworld *w, bool (*fn)(void *), void *arg)
{
	w->idle = fn;
	w->idle_arg = arg;
}

bool world_idle(struct simworld *w)
{
	return w->idle != NULL && w->idle(w->idle_arg);
}

uint64_t world_next(struct simworld *w)
{
	uint64_t next = w->event_count > 0 ? w->events[0].at_ns : UINT64_MAX;

	list_each (n, &w->hosts) {
		uint64_t at = host_next(container_of(n, struct host, node));

		next = at < next ? at : next;
	}
	return next;
}

static void take_turn(struct host *h)
{
	h->in_turn = true;
	h->wish = UINT64_MAX; /* until its ring_run says otherwise */
	h->turn(h->arg);
	h->in_turn = false;
}

/* The order is drawn: no program may count on being first. */
uint32_t world_turns(struct simworld *w, const struct host *except)
{
	struct host *ready[64];
	uint32_t count = 0;

	list_each (n, &w->hosts) {
		struct host *h = container_of(n, struct host, node);

		if (h == except || h->turn == NULL || h->in_turn || !host_ready(h))
			continue;
		check(count < countof(ready));
		ready[count++] = h;
	}
	for (uint32_t left = count; left > 0; left--) {
		uint32_t i = (uint32_t)rng_below(&w->net_rng, left);
		struct host *h = ready[i];

		ready[i] = ready[left - 1];
		take_turn(h);
	}
	return count;
}

uint32_t simworld_turn(struct simworld *w)
{
	world_deliver(w);
	return world_turns(w, NULL);
}

bool simworld_step(struct simworld *w)
{
	uint64_t next;

	if (world_idle(w))
		return true;
	next = world_next(w);
	if (next == UINT64_MAX)
		return false;
	if (next > w->now)
		w->now = next;
	world_deliver(w);
	return true;
}

/* ---- what a harness does to connections ---- */

void simworld_route(struct simworld *w, const struct sockaddr *addr, enum sim_route how)
{
	struct sim_address to;

	check(address_of(addr, &to));
	for (uint32_t i = 0; i < w->route_count; i++)
		if (memcmp(&w->routes[i].to, &to, sizeof(to)) == 0) {
			w->routes[i].how = how;
			return;
		}
	check(w->route_count < ROUTES_MAX);
	w->routes[w->route_count++] = (struct route){to, how};
}

static void each_conn(struct simworld *w, const struct sockaddr *addr,
		      void (*fn)(struct simworld *, struct conn *))
{
	struct sim_address to;

	check(address_of(addr, &to));
	list_each (n, &w->conns) {
		struct conn *c = container_of(n, struct conn, node);

		if (address_covers(&to, &c->to))
			fn(w, c);
	}
}

void simworld_vanish(struct simworld *w, const struct sockaddr *addr)
{
	each_conn(w, addr, conn_vanish);
}

void simworld_reset(struct simworld *w, const struct sockaddr *addr)
{
	each_conn(w, addr, conn_reset);
}
