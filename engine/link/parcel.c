/*
 * Packets in batches: all that leave in a turn are sealed together, all that arrived are opened
 * together, because the cipher wants several messages side by side. And the way back: a parcel
 * whose link died becomes plain again in place, so that no second copy is held.
 *
 *   PLAIN -queue-> QUEUED -seal-> SEALED -(link_send) frame_wrap-> WRAPPED -> PLAIN, or forgotten
 */
#include "engine/link/net_priv.h"

void parcel_init(struct parcel *p, struct buf *buf)
{
	*p = (struct parcel){.buf = buf, .state = PARCEL_PLAIN};
	list_init(&p->node);
}

void parcel_queue(struct link *l, struct parcel *p, const struct envelope_head *head)
{
	check(p->state == PARCEL_PLAIN);
	check(list_empty(&p->node));
	if (head != NULL)
		p->head = *head;
	p->clear = head == NULL;
	p->state = p->clear ? PARCEL_SEALED : PARCEL_QUEUED;
	list_push(&l->out, &p->node);
	l->out_count++;
}

static void reopen(struct link *l, struct parcel *p)
{
	struct envelope_job job = {
	    .packet = p->buf, .key = &l->centre->key.key, .dir = MSG_FROM_CLIENT};

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
					     .key = &l->centre->key.key,
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

/* ---- opening ---- */

struct opening {
	struct envelope_job jobs[JOBS_MAX];
	struct link *links[JOBS_MAX];
	uint32_t count;
};

/* A packet that is not what it must be: the connection ends, the session goes on (N25). */
static void refuse(struct link *l)
{
	net_log(l->net, 1, "a packet that cannot be opened");
	link_drop_in(l);
	/* Seen again and again it may be the session itself. */
	if (++l->bad_envelopes >= ENVELOPES_MAX)
		l->renew = true;
	link_close(l, "a damaged packet came", 0);
}

static void took(struct link *l, const struct envelope_job *job)
{
	l->bad_envelopes = 0;
	l->got = l->in;
	l->got.head = job->head;
	if (l->got.chunk == NULL)
		l->got.buf = &l->got.own;
	l->in = (struct packet){0};
	l->in_whole = false;
	l->got_consumed = false;
	link_mark_ready(l);
	link_recv(l);
}

static void open_jobs(struct opening *o)
{
	envelope_open_batch(o->jobs, o->count);
	for (uint32_t i = 0; i < o->count; i++) {
		if (o->jobs[i].fault == ENVELOPE_SOUND)
			took(o->links[i], &o->jobs[i]);
		else
			refuse(o->links[i]);
	}
	o->count = 0;
}

static void open_link(struct link *l, struct opening *o)
{
	if (l->state == LINK_HANDSHAKE) {
		handshaking_packet(l);
		return;
	}
	if (l->got.live) /* its events have not been asked for yet */
		return;
	o->jobs[o->count] = (struct envelope_job){
	    .packet = l->in.buf, .key = &l->centre->key.key, .dir = MSG_FROM_SERVER};
	o->links[o->count++] = l;
	if (o->count == JOBS_MAX)
		open_jobs(o);
}

void packets_open(struct net *n)
{
	struct opening o;

	o.count = 0;
	for (uint32_t i = 0; i < n->centre_count; i++)
		for (struct lane *lane = n->centres[i].lanes; lane < lane_end(&n->centres[i]);
		     lane++)
			for (struct link *l = lane->links; l < link_end(lane); l++)
				if (l->in_whole && link_is_open(l))
					open_link(l, &o);
	open_jobs(&o);
}
