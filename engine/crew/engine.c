/*
 * An engine's thread: takes parts out of its box, fetches each and has it relayed, or stores it the
 * plain way, and puts the end of each into the other box. Owns its ring, slab, net and jobs; shares
 * nothing else with the lead.
 */
#include "engine/crew/crew_priv.h"

#include "proto/api/error.h"
#include "proto/wire/tl.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

static const uint64_t WAIT_UNIT = 1000000000; /* ns: waits are told in seconds */

/* Owners of its questions: which way, and the job. */
enum { WAY_DOWN = 1, WAY_UP = 2 };

struct job {
	bool used;
	bool asked;          /* getFile is out or was answered */
	bool starved;        /* it was, and no chunk was free: not again until one is */
	struct chunk *chunk; /* to be stored, waits for room */
	struct loan loan;
};

struct work {
	struct engine *engine;
	struct ring *ring;
	struct slab *slab;
	struct net *net;
	struct ear ear; /* for the orders */
	bool ending;
	const char *gone; /* why it cannot go on */
	uint64_t hold_up_ns, hold_down_ns[NET_DC_MAX]; /* nothing of that way before: the server said so */
	struct job jobs[LOANS_MAX];
};

static uint64_t owner_of(const struct work *w, const struct job *j, uint64_t way)
{
	return way << 32 | (uint64_t)(j - w->jobs);
}

/* ---- ends ---- */

static void end_job(struct work *w, struct job *j, enum loan_end end, int32_t code,
		    const char *text)
{
	struct loan_result r = {.owner = j->loan.owner,
				.tag = j->loan.tag,
				.end = end,
				.dc = j->loan.dc,
				.len = j->chunk != NULL ? j->chunk->buf.len : 0,
				.code = code};

	for (size_t i = 0; text != NULL && text[i] != '\0' && i + 1 < sizeof(r.text); i++)
		r.text[i] = text[i];
	if (j->chunk != NULL)
		slab_give(w->slab, &j->chunk);
	j->used = false;
	/* Never full: fewer parts than the box has places are out. */
	check(box_put(w->engine->results, &r));
}

/* ---- waits ---- */

/* Which of them the job is bound by; NULL: none. */
static uint64_t *hold_of(struct work *w, const struct job *j, uint64_t way)
{
	if (way == WAY_UP)
		return &w->hold_up_ns;
	return j->loan.dc < NET_DC_MAX ? &w->hold_down_ns[j->loan.dc] : NULL;
}

/* A wait that one part was told holds for the others. */
static void heed_wait(struct work *w, const struct job *j, uint64_t way, const struct net_event *ev)
{
	struct verdict v = error_verdict(ev->code, ev->text);
	uint64_t *hold = hold_of(w, j, way);
	uint64_t until = ring_now(w->ring) + (uint64_t)v.wait_s * WAIT_UNIT;

	if (v.remedy != REMEDY_WAIT || hold == NULL || *hold >= until)
		return;
	*hold = until;
	if (way == WAY_UP)
		net_relay_hold(w->net, until);
}

/* What may not be asked now goes back, with the rest of the wait: the lead knows what is still wanted. */
static bool give_back_held(struct work *w, struct job *j, uint64_t way)
{
	const uint64_t *hold = hold_of(w, j, way);
	uint64_t now = ring_now(w->ring);
	char text[48];

	if (hold == NULL || *hold <= now)
		return false;
	snprintf(text, sizeof(text), "FLOOD_WAIT_%llu",
		 (unsigned long long)((*hold - now + WAIT_UNIT - 1) / WAIT_UNIT));
	end_job(w, j, way == WAY_UP ? LOAN_UP : LOAN_DOWN, 420, text);
	return true;
}

/* ---- parts ---- */

static void ask_file(struct work *w, struct job *j)
{
	const struct loan *loan = &j->loan;
	uint8_t query[LOAN_LOCATION_MAX + 64];
	struct net_relay to = {.answer_id = part_file_id(),
			       .body_at = PART_FILE_AT,
			       .body_len = loan->len,
			       .owner = owner_of(w, j, WAY_UP)};
	struct net_request r = {.dc = loan->dc,
				.lane = NET_DOWN,
				.bulk_answer = true,
				.owner = owner_of(w, j, WAY_DOWN)};
	uint32_t ticket;

	if (give_back_held(w, j, WAY_DOWN))
		return;
	if (loan->len >= PART_LONG_MIN) {
		to.word_before = part_file_word(loan->len);
		to.prefix_len = part_save_head(to.prefix, &loan->save, loan->len);
		r.relay = &to;
	}
	r.query.at = query;
	r.query.len = part_ask((struct span){query, sizeof(query)},
			       cspan_of(loan->location, loan->location_len), loan->offset,
			       (int32_t)loan->limit);
	j->asked = net_call(w->net, &r, &ticket) == 0;
}

static void store_part(struct work *w, struct job *j)
{
	struct net_request r = {
	    .lane = NET_UP, .chunk = &j->chunk, .owner = owner_of(w, j, WAY_UP)};
	uint32_t ticket;

	if (give_back_held(w, j, WAY_UP))
		return;
	(void)net_call(w->net, &r, &ticket); /* no room: j->chunk stays, and is tried again */
}

static void got_file(struct work *w, struct job *j, struct net_event *ev)
{
	enum part_status status;

	if (ev->relayed != 0)
		return;
	if (ev->kind != NET_RESULT) {
		heed_wait(w, j, WAY_DOWN, ev);
		end_job(w, j, LOAN_DOWN, ev->code, ev->text);
		return;
	}
	j->chunk = net_event_chunk(w->net, ev);
	if (j->chunk == NULL && ev->result.len > NET_PART_MAX) {
		end_job(w, j, LOAN_BAD, 0, NULL);
		return;
	}
	if (j->chunk == NULL) { /* no word about the part: it is asked for again */
		j->asked = false;
		j->starved = true;
		return;
	}
	status = part_pull_file(&j->chunk->buf);
	if (status != PART_OK) {
		end_job(w, j, status == PART_CDN ? LOAN_CDN : LOAN_BAD, 0, NULL);
	} else if (j->chunk->buf.len != j->loan.len) {
		end_job(w, j, LOAN_SHORT, 0, NULL);
	} else {
		part_push_save(&j->chunk->buf, &j->loan.save);
		store_part(w, j);
	}
}

static void got_stored(struct work *w, struct job *j, struct net_event *ev)
{
	bool saved = ev->kind == NET_RESULT && ev->result.len >= 4 &&
		     load_le32(ev->result.at) == (uint32_t)TL_BOOL_TRUE;

	if (ev->chunk != NULL)
		slab_give(w->slab, &ev->chunk);
	if (ev->kind == NET_ERROR)
		heed_wait(w, j, WAY_UP, ev);
	if (saved)
		end_job(w, j, LOAN_SAVED, 0, NULL);
	else
		end_job(w, j, LOAN_UP, ev->kind == NET_ERROR ? ev->code : 0, ev->text);
}

static void event(struct work *w, struct net_event *ev)
{
	struct job *j = &w->jobs[(uint32_t)ev->owner % LOANS_MAX];

	if (ev->kind == NET_DEAD)
		w->gone = "an engine's account cannot go on";
	if (ev->kind > NET_LOST) /* news of links and keys: the lead has its own */
		return;
	check(j->used);
	/* That the account ended is no word about this part: give_back. */
	if (w->gone != NULL && ev->kind == NET_ERROR) {
		if (ev->chunk != NULL)
			slab_give(w->slab, &ev->chunk);
		return;
	}
	if (ev->owner >> 32 == WAY_DOWN)
		got_file(w, j, ev);
	else
		got_stored(w, j, ev);
}

/* ---- orders ---- */

static void take_part(struct work *w, const struct loan *loan)
{
	/* The lead counts what is out: there is a place. */
	for (uint32_t i = 0; i < LOANS_MAX; i++) {
		if (w->jobs[i].used)
			continue;
		w->jobs[i] = (struct job){.used = true, .loan = *loan};
		return;
	}
	check(false);
}

static void take_orders(struct work *w)
{
	struct order order;

	while (!w->ending && box_take(w->engine->orders, &order)) {
		switch (order.kind) {
		case ORDER_PART:
			take_part(w, &order.loan);
			break;
		case ORDER_KEY:
			net_adopt(w->net, &order.dc);
			break;
		case ORDER_BEAT:
			break;
		case ORDER_END:
			w->ending = true;
			break;
		}
	}
	bytes_wipe(&order, sizeof(order));
}

static void step(struct work *w)
{
	for (uint32_t i = 0; i < LOANS_MAX; i++) {
		struct job *j = &w->jobs[i];

		if (!j->used)
			continue;
		if (!j->asked && (!j->starved || slab_free(w->slab) > 0))
			ask_file(w, j);
		else if (j->chunk != NULL)
			store_part(w, j);
	}
}

/* Until the lead says so, or there is no going on. */
static void loop(struct work *w)
{
	struct net_event ev;
	int res = 0;

	ear_open(&w->ear, w->ring, w->engine->orders);
	while (!w->ending && w->gone == NULL) {
		while (net_next(w->net, &ev))
			event(w, &ev);
		take_orders(w);
		step(w);
		if (!w->ending && w->gone == NULL)
			res = net_turn(w->net, UINT64_MAX);
		if (res < 0 && res != -EINTR)
			w->gone = "an engine's ring failed";
	}
}

/* Everything lent, and what may still come, goes back; the end is waited for. */
static void give_back(struct work *w)
{
	struct pollfd fd = {.fd = box_eventfd(w->engine->orders), .events = POLLIN};

	/* Orders first: the last turn may have made the eventfd silent already. */
	for (take_orders(w); !w->ending; take_orders(w)) {
		for (uint32_t i = 0; i < LOANS_MAX; i++)
			if (w->jobs[i].used)
				end_job(w, &w->jobs[i], LOAN_GONE, -1, w->gone);
		(void)poll(&fd, 1, -1);
		box_heard(w->engine->orders);
	}
}

/* ---- the thread ---- */

static void settle(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	/* Refused where the set of CPUs changed meanwhile: then it runs anywhere. */
	(void)pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

static int open_work(struct work *w)
{
	struct engine *e = w->engine;
	struct ring_options o = {.entries = RING_ENTRIES};
	struct net_options *n = &e->net_options;
	int res = e->poll ? ring_open_poll(&w->ring, &o) : ring_open_uring(&w->ring, &o, NULL, 0);

	if (res == 0)
		res = slab_open(&w->slab, e->buffer);
	if (res != 0)
		return res;
	n->ring = w->ring;
	n->slab = w->slab;
	n->account = &e->account;
	n->follows = true;
	n->log = NULL;
	return net_open(&w->net, n);
}

static void close_work(struct work *w)
{
	ear_close(&w->ear);
	while (w->ear.busy && ring_run(w->ring, UINT64_MAX) >= 0)
		;
	if (w->net != NULL)
		net_close(&w->net);
	for (uint32_t i = 0; i < LOANS_MAX; i++)
		if (w->jobs[i].used && w->jobs[i].chunk != NULL)
			slab_give(w->slab, &w->jobs[i].chunk);
	if (w->slab != NULL)
		slab_close(&w->slab);
	if (w->ring != NULL)
		ring_close(w->ring);
}

static void tell_stands(struct engine *e, int status)
{
	pthread_mutex_lock(&e->lock);
	e->status = status;
	e->stands = true;
	pthread_cond_signal(&e->changed);
	pthread_mutex_unlock(&e->lock);
}

/* The last that it touches of what it shares. */
static void tell_ended(struct engine *e)
{
	pthread_mutex_lock(&e->lock);
	e->ended = true;
	pthread_cond_signal(&e->changed);
	pthread_mutex_unlock(&e->lock);
}

static void work_until_the_end(struct engine *e)
{
	struct work *w = calloc(1, sizeof(*w));
	int res;

	if (w == NULL) {
		tell_stands(e, -ENOMEM);
		return;
	}
	w->engine = e;
	settle(e->cpu);
	res = open_work(w);
	tell_stands(e, res);
	if (res == 0)
		loop(w);
	if (res == 0 && !w->ending)
		give_back(w);
	close_work(w);
	free(w);
}

void *engine_run(void *engine)
{
	work_until_the_end(engine);
	tell_ended(engine);
	return NULL;
}
