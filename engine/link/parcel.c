/*
 * Packets on their way out, in batches: all that leave in a turn are sealed together, because the
 * cipher wants several messages side by side. And the way back: a parcel whose link died becomes
 * plain again in place, so that no second copy is held.
 *
 *   PLAIN -queue-> QUEUED -seal-> SEALED -(link_send) frame_wrap-> WRAPPED -> PLAIN, or forgotten
 *     `-reserve-> RESERVED -> HASHED -' (relay.c, packet.c)
 */
#include "engine/link/net_priv.h"

#include "proto/wire/relay.h"

void parcel_init(struct parcel *p, struct buf *buf)
{
	*p = (struct parcel){.buf = buf, .state = PARCEL_PLAIN};
	list_init(&p->node);
}

static void push(struct link *l, struct parcel *p, enum parcel_state state)
{
	check(p->state == PARCEL_PLAIN);
	check(list_empty(&p->node));
	p->state = state;
	list_push(&l->out, &p->node);
	l->out_count++;
}

void parcel_queue(struct link *l, struct parcel *p, const struct envelope_head *head)
{
	if (head != NULL)
		p->head = *head;
	p->clear = head == NULL;
	push(l, p, p->clear ? PARCEL_SEALED : PARCEL_QUEUED);
}

void parcel_reserve(struct link *l, struct parcel *p)
{
	p->clear = false;
	push(l, p, PARCEL_RESERVED);
}

static void reopen(struct link *l, struct parcel *p)
{
	struct envelope_job job = {
	    .packet = p->buf, .key = &l->key->key, .dir = MSG_FROM_CLIENT};

	if (p->state == PARCEL_HASHED)
		relay_undo(p->buf);
	if (p->state == PARCEL_WRAPPED)
		frame_unwrap(&l->framer, &p->mark, p->buf);
	if (p->state >= PARCEL_SEALED && !p->clear)
		envelope_reopen(&job);
	if (p->state == PARCEL_WRAPPED)
		l->net->stats.resends++;
}

void parcel_recall(struct link *l, struct parcel *p, bool plain)
{
	check(l->sending != p);
	if (!list_empty(&p->node)) {
		list_del(&p->node);
		l->out_count--;
	}
	if (plain)
		reopen(l, p);
	p->state = PARCEL_PLAIN;
}

/* ---- sealing ---- */

struct sealing {
	struct envelope_job jobs[JOBS_MAX];
	struct parcel *parcels[JOBS_MAX];
	uint32_t count;
};

static void seal(struct sealing *s)
{
	envelope_seal_batch(s->jobs, s->count);
	for (uint32_t i = 0; i < s->count; i++)
		s->parcels[i]->state = PARCEL_SEALED;
	s->count = 0;
}

static void seal_link(struct link *l, struct sealing *s)
{
	list_each (node, &l->out) {
		struct parcel *p = container_of(node, struct parcel, node);
		struct envelope_job *job = &s->jobs[s->count];

		if (p->state != PARCEL_QUEUED)
			continue;
		*job = (struct envelope_job){.packet = p->buf,
					     .key = &l->key->key,
					     .head = p->head,
					     .dir = MSG_FROM_CLIENT};
		net_random(l->net, job->padding, sizeof(job->padding));
		s->parcels[s->count++] = p;
		if (s->count == JOBS_MAX)
			seal(s);
	}
}

void parcels_seal(struct net *n)
{
	struct sealing s;

	s.count = 0;
	for (uint32_t i = 0; i < n->centre_count; i++)
		for (struct lane *lane = n->centres[i].lanes; lane < lane_end(&n->centres[i]);
		     lane++)
			for (struct link *l = lane->links; l < link_end(lane); l++)
				if (l->out_count > 0)
					seal_link(l, &s);
	seal(&s);
}
