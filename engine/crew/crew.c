/*
 * The lead's side of its engines: starts them, lends to the one with most room, counts what is out.
 * Keys that an engine does not know yet go ahead of the first part that needs them. An engine that
 * takes no more orders is stuck.
 */
#include "engine/crew/crew_priv.h"
#include "proto/base/signals.h"

#include <errno.h>
#include <stdlib.h>

enum { ENGINE_STACK = 2 << 20 }; /* reserved, not touched */

#define END_WAIT (5 * UINT64_C(1000000000)) /* ns, for all engines together */

struct crew {
	uint32_t count;
	struct ring *ring;
	struct net_account *account;
	struct engine engines[];
};

/* ---- opening ---- */

static uint32_t capacity_of(const struct crew_options *o)
{
	uint32_t chunks = (uint32_t)(o->buffer / CHUNK_STRIDE);
	uint32_t most = o->net.links_down * o->net.inflight;

	most = chunks < most ? chunks : most;
	return most < LOANS_MAX ? most : LOANS_MAX;
}

/* Its stack is not left to a limit, or a C library, that gives a few pages only. */
static int start_thread(struct engine *e)
{
	pthread_attr_t attr;
	sigset_t before;
	int res = pthread_attr_init(&attr);

	if (res != 0)
		return -res;
	signals_hold(&before);
	res = pthread_attr_setstacksize(&attr, ENGINE_STACK);
	if (res == 0)
		res = pthread_create(&e->thread, &attr, engine_run, e);
	signals_restore(&before);
	pthread_attr_destroy(&attr);
	return -res;
}

static int start_engine(struct engine *e)
{
	int res = box_open(&e->orders, sizeof(struct order), BOX_COUNT);

	if (res == 0)
		res = box_open(&e->results, sizeof(struct loan_result), BOX_COUNT);
	if (res == 0)
		res = start_thread(e);
	if (res != 0)
		return res;
	e->started = true;
	pthread_mutex_lock(&e->lock);
	while (!e->stands)
		pthread_cond_wait(&e->changed, &e->lock);
	pthread_mutex_unlock(&e->lock);
	return e->status;
}

/* Its waits are told when they end by the ring's clock. */
static void init_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
}

static void init_engine(struct engine *e, const struct crew_options *o, uint32_t i)
{
	*e = (struct engine){.cpu = o->cpus == NULL ? -1 : o->cpus[i],
			     .poll = o->poll,
			     .buffer = o->buffer,
			     .capacity = capacity_of(o),
			     .net_options = o->net,
			     .account = *o->account};
	pthread_mutex_init(&e->lock, NULL);
	init_condition(&e->changed);
	for (uint32_t k = 0; k < e->account.dc_count; k++)
		if (e->account.dcs[k].has_key && e->account.dcs[k].authorized)
			e->key_ids[k] = e->account.dcs[k].key.id;
}

int crew_open(struct crew **out, const struct crew_options *o)
{
	struct crew *c;
	int res = 0;

	check(o->engines >= 1 && o->engines <= CREW_MAX);
	c = calloc(1, sizeof(*c) + o->engines * sizeof(c->engines[0]));
	if (c == NULL)
		return -ENOMEM;
	c->ring = o->ring;
	c->account = o->account;
	c->count = o->engines;
	for (uint32_t i = 0; i < c->count; i++)
		init_engine(&c->engines[i], o, i);
	for (uint32_t i = 0; i < c->count && res == 0; i++) {
		res = start_engine(&c->engines[i]);
		if (res == 0)
			ear_open(&c->engines[i].ear, c->ring, c->engines[i].results);
	}
	if (res != 0) {
		crew_close(&c);
		return res;
	}
	*out = c;
	return 0;
}

/* ---- closing ---- */

static void tell_end(struct engine *e)
{
	struct order order = {.kind = ORDER_END};

	/* Only the box of one that is stuck can be full. */
	if (e->started)
		(void)box_put(e->orders, &order);
}

/* Whether its thread is at its end, by then at the latest. */
static bool await_end(struct engine *e, uint64_t until)
{
	struct timespec at = {(time_t)(until / 1000000000u), (long)(until % 1000000000u)};
	int res = 0;
	bool ended;

	pthread_mutex_lock(&e->lock);
	while (!e->ended && res == 0)
		res = pthread_cond_timedwait(&e->changed, &e->lock, &at);
	ended = e->ended;
	pthread_mutex_unlock(&e->lock);
	return ended;
}

/* False: it is stuck, and keeps what it has. */
static bool end_engine(struct engine *e, uint64_t until)
{
	if (e->started && !await_end(e, until)) {
		pthread_detach(e->thread);
		return false;
	}
	if (e->started)
		pthread_join(e->thread, NULL);
	box_close(&e->orders);
	box_close(&e->results);
	pthread_cond_destroy(&e->changed);
	pthread_mutex_destroy(&e->lock);
	bytes_wipe(&e->account, sizeof(e->account));
	return true;
}

void crew_close(struct crew **owner)
{
	struct crew *c = *owner;
	bool all = true;
	uint64_t until;

	*owner = NULL;
	if (c == NULL)
		return;
	for (uint32_t i = 0; i < c->count; i++)
		ear_close(&c->engines[i].ear);
	for (uint32_t i = 0; i < c->count; i++)
		while (c->engines[i].ear.busy)
			check(ring_run(c->ring, UINT64_MAX) >= 0);
	until = ring_now(c->ring) + END_WAIT;
	for (uint32_t i = 0; i < c->count; i++)
		tell_end(&c->engines[i]);
	for (uint32_t i = 0; i < c->count; i++)
		all = end_engine(&c->engines[i], until) && all;
	if (all)
		free(c);
}

/* ---- lending ---- */

static int place_of(const struct crew *c, uint16_t dc)
{
	for (uint32_t i = 0; i < c->account->dc_count; i++)
		if (c->account->dcs[i].id == dc)
			return (int)i;
	return -1;
}

/* The place of a data centre whose key and login an engine may use; -1: there is none yet. */
static int usable_dc(const struct crew *c, uint16_t dc)
{
	int place = place_of(c, dc);

	if (place < 0 || !c->account->dcs[place].has_key || !c->account->dcs[place].authorized)
		return -1;
	return place;
}

static uint32_t room_of(const struct engine *e)
{
	return e->capacity > e->out ? e->capacity - e->out : 0;
}

static uint32_t roomiest(const struct crew *c)
{
	uint32_t best = 0;

	for (uint32_t i = 1; i < c->count; i++)
		if (room_of(&c->engines[i]) > room_of(&c->engines[best]))
			best = i;
	return best;
}

uint32_t crew_room(const struct crew *c, uint16_t dc)
{
	if (usable_dc(c, dc) < 0 || usable_dc(c, c->account->home_dc) < 0)
		return 0;
	return room_of(&c->engines[roomiest(c)]);
}

uint32_t crew_out(const struct crew *c)
{
	uint32_t out = 0;

	for (uint32_t i = 0; i < c->count; i++)
		out += c->engines[i].out;
	return out;
}

/* False: the engine's box is full. */
static bool tell_key(struct crew *c, struct engine *e, uint16_t dc)
{
	int place = usable_dc(c, dc);
	struct order order = {.kind = ORDER_KEY};
	bool taken;

	if (place < 0)
		return false;
	if (e->key_ids[place] == c->account->dcs[place].key.id)
		return true;
	order.dc = c->account->dcs[place];
	taken = box_put(e->orders, &order);
	if (taken)
		e->key_ids[place] = order.dc.key.id;
	bytes_wipe(&order, sizeof(order));
	return taken;
}

bool crew_lend(struct crew *c, const struct loan *loan)
{
	struct engine *e = &c->engines[roomiest(c)];
	struct order order = {.kind = ORDER_PART, .loan = *loan};

	if (room_of(e) == 0 || !tell_key(c, e, c->account->home_dc) || !tell_key(c, e, loan->dc) ||
	    !box_put(e->orders, &order))
		return false;
	e->out++;
	return true;
}

/* The lead asks for the login there again, with a new key when the server does not know this one. */
static void lost_login(struct crew *c, struct engine *e, uint16_t dc)
{
	int place = place_of(c, dc);

	if (place < 0 || e->key_ids[place] == 0)
		return; /* it is to be told again already */
	if (e->key_ids[place] == c->account->dcs[place].key.id && dc != c->account->home_dc)
		c->account->dcs[place].authorized = false;
	e->key_ids[place] = 0;
}

bool crew_next(struct crew *c, struct loan_result *result)
{
	for (uint32_t i = 0; i < c->count; i++) {
		struct engine *e = &c->engines[i];

		if (box_take(e->results, result)) {
			check(e->out > 0);
			e->out--;
			if (result->end == LOAN_GONE)
				e->capacity = 0;
			if (result->end == LOAN_DOWN && result->code == NET_NO_LOGIN)
				lost_login(c, e, result->dc);
			return true;
		}
	}
	return false;
}

uint32_t crew_engines(const struct crew *c)
{
	return c->count;
}

/* ---- signs of life ---- */

bool crew_alive(struct crew *c)
{
	struct order order = {.kind = ORDER_BEAT};

	for (uint32_t i = 0; i < c->count; i++)
		if (!box_took(c->engines[i].orders, c->engines[i].beat))
			return false;
	for (uint32_t i = 0; i < c->count; i++) {
		struct engine *e = &c->engines[i];

		(void)box_put(e->orders, &order); /* full: what is there must be taken */
		e->beat = box_put_count(e->orders);
	}
	return true;
}
