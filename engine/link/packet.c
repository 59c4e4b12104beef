/*
 * Packets that came whole: opened in batches, oldest first. File parts that are to be relayed go
 * two by two (sixteen, where AVX-512 is in use), beside the sealing of those that were opened
 * before them (relay.c). A single one waits a moment for a partner, and all wait a while for room
 * among the uploads: were they opened the plain way at once, they would fill the slab, and the
 * uploads' queue would never be empty again. Afterwards the packet's events can be asked for
 * (answer.c).
 */
#include "engine/link/net_priv.h"

/* What one turn opens. */
struct opening {
	struct net *net;
	struct envelope_job jobs[JOBS_MAX + RELAY_WIDTH_MAX];
	struct link *links[JOBS_MAX + RELAY_WIDTH_MAX];
	uint32_t count;
	/* Parts to be relayed: candidates first, then what was reserved for them. */
	struct link *down[RELAY_WIDTH_MAX];
	struct question *asked[RELAY_WIDTH_MAX];
	uint32_t down_count, width; /* at most so many */
};

static struct link *link_of_whole(struct list *node)
{
	return container_of(node, struct link, whole_node);
}

/* Another link has something to answer: it may be a partner soon. */
static bool partner_comes(const struct net *n, const struct link *except)
{
	for (uint32_t i = 0; i < n->centre_count; i++) {
		const struct lane *lane = &n->centres[i].lanes[NET_DOWN];

		if (lane->flying_count == 0)
			continue;
		for (const struct link *l = lane->links; l < link_end(lane); l++)
			if (l != except && l->state == LINK_READY && l->question_count > 0 &&
			    !link_has_whole(l))
				return true;
	}
	return false;
}

/* ---- packets that came whole ---- */

/* A packet that is not what it must be: the connection ends, the session goes on (N25). */
static void refuse(struct link *l)
{
	static const char damaged[] = "a damaged packet came";

	net_log(l->net, 1, "a packet that cannot be opened");
	link_drop_in(l);
	/* Seen again and again it may be the session itself. */
	if (++l->bad_envelopes >= ENVELOPES_MAX)
		l->renew = true;
	link_close(l, l->proved ? damaged : centre_misheard(l->centre, damaged), 0);
}

static void took(struct link *l, const struct envelope_job *job, struct relay *relay)
{
	/* Only who has the key can have sealed it: it is the right server, and it knows the key. */
	centre_proved(l->centre);
	if (!l->proved && l->state == LINK_READY)
		centre_works(l->centre);
	l->proved = true;
	l->bad_envelopes = 0;
	l->got = l->in;
	l->got.head = job->head;
	if (l->got.chunk == NULL)
		l->got.buf = &l->got.own;
	l->got_relay = relay;
	l->in = (struct packet){0};
	list_del(&l->whole_node);
	l->got_consumed = false;
	link_mark_ready(l);
	link_recv(l);
}

static void add_plain(struct opening *o, struct link *l)
{
	o->jobs[o->count] = (struct envelope_job){
	    .packet = l->in.buf, .key = &l->key->key, .dir = MSG_FROM_SERVER};
	o->links[o->count++] = l;
}

static void open_plain(struct opening *o)
{
	envelope_open_batch(o->jobs, o->count);
	for (uint32_t i = 0; i < o->count; i++) {
		if (o->jobs[i].fault == ENVELOPE_SOUND)
			took(o->links[i], &o->jobs[i], NULL);
		else
			refuse(o->links[i]);
	}
}

/* Its events have not been asked for yet, or a pair is complete: it waits. */
static void sort_packet(struct opening *o, struct link *l)
{
	struct question *q;

	if (l->got.live)
		return;
	q = relay_expected(l);
	if (q == NULL) {
		add_plain(o, l);
	} else if (o->down_count < o->width) {
		o->asked[o->down_count] = q;
		o->down[o->down_count++] = l;
	}
}

/* Those that are no session's. Before all others: what comes of an exchange may close their links. */
static void take_exchanges(struct list *whole)
{
	struct list *node = whole->next;

	while (node != whole) {
		struct link *l = link_of_whole(node);

		if (l->state == LINK_HANDSHAKE)
			handshaking_packet(l);
		else if (l->temp == NULL || !temporary_packet(l)) {
			node = node->next;
			continue;
		}
		node = whole->next;
	}
}

static void sort_packets(struct opening *o)
{
	struct list *whole = &o->net->whole;
	struct list *node = whole->next;

	while (node != whole && o->count < JOBS_MAX) {
		struct link *l = link_of_whole(node);

		node = node->next;
		sort_packet(o, l);
	}
}

/* ---- relayed parts ---- */

struct pass {
	struct relay_seal seals[RELAYS_MAX];
	struct parcel *parcels[RELAYS_MAX];
	uint32_t seal_count;
	struct relay *relays[RELAY_WIDTH_MAX];
	struct relay_job jobs[RELAY_WIDTH_MAX];
	struct link *links[RELAY_WIDTH_MAX];
	uint32_t count;
};

static void collect_of(const struct lane *lane, struct pass *p)
{
	for (struct link *l = lane->links; l < link_end(lane); l++) {
		list_each (node, &l->out) {
			struct parcel *parcel = container_of(node, struct parcel, node);

			if (parcel->state != PARCEL_HASHED || p->seal_count == RELAYS_MAX)
				continue;
			p->seals[p->seal_count] =
			    (struct relay_seal){parcel->buf, &l->key->key};
			p->parcels[p->seal_count++] = parcel;
		}
	}
}

/* Hashed parcels, in the order of their links. The home may have moved since they were hashed. */
static void collect_hashed(struct net *n, struct pass *p)
{
	p->seal_count = 0;
	for (uint32_t i = 0; i < n->centre_count; i++)
		if (n->centres[i].lanes[NET_UP].flying_count > 0)
			collect_of(&n->centres[i].lanes[NET_UP], p);
}

/* When what is hashed must be encrypted at last; UINT64_MAX: nothing is. */
static uint64_t hashed_due(const struct net *n, const struct pass *p)
{
	uint64_t oldest = UINT64_MAX;

	for (uint32_t i = 0; i < p->seal_count; i++)
		if (p->parcels[i]->hashed_ns < oldest)
			oldest = p->parcels[i]->hashed_ns;
	if (oldest == UINT64_MAX)
		return oldest;
	return partner_comes(n, NULL) ? oldest + PARTNER_WAIT : 0;
}

static void run_pass(struct pass *p)
{
	relay_run(p->jobs, p->count, p->seals, p->seal_count);
	for (uint32_t i = 0; i < p->seal_count; i++)
		p->parcels[i]->state = PARCEL_SEALED;
	for (uint32_t i = 0; i < p->count; i++) {
		p->relays[i]->job = p->jobs[i];
		if (p->jobs[i].open.fault == ENVELOPE_SOUND) {
			took(p->links[i], &p->jobs[i].open, p->relays[i]);
		} else {
			relay_release(p->relays[i]);
			refuse(p->links[i]);
		}
	}
}

/* Until when the parts wait; 0: *count of them go now. */
static uint64_t parts_wait(const struct opening *o, uint32_t *count)
{
	uint64_t now = o->net->now, since;
	uint32_t most, room;

	*count = o->down_count;
	if (o->down_count == 0)
		return 0;
	since = o->down[0]->whole_ns;
	room = relay_room(o->net, &most);
	if (most == 0)
		return 0;
	o->net->parts_want = net_less(net_less(most, o->down_count), RELAY_PAIR);
	if (now >= since + ROOM_WAIT)
		return 0;
	o->net->parts_short = room < o->net->parts_want;
	if (o->net->parts_short)
		return since + ROOM_WAIT;
	if (o->down_count < o->width && now < since + PARTNER_WAIT &&
	    partner_comes(o->net, o->down[0]))
		return since + PARTNER_WAIT;
	*count = net_less(o->down_count, room);
	return 0;
}

static void add_part(struct opening *o, struct pass *p, uint32_t i)
{
	struct relay *r = relay_reserve(o->down[i], o->asked[i]);

	if (r == NULL) {
		add_plain(o, o->down[i]);
		return;
	}
	p->relays[p->count] = r;
	p->jobs[p->count] = r->job;
	p->links[p->count++] = o->down[i];
}

static void relay_parts(struct opening *o)
{
	struct net *n = o->net;
	uint32_t count;
	struct pass p;

	p.count = 0;
	n->parts_due_ns = parts_wait(o, &count);
	for (uint32_t i = 0; i < count && n->parts_due_ns == 0; i++)
		add_part(o, &p, i);
	if (n->parts_due_ns == 0 && count < o->down_count) {
		n->parts_due_ns = o->down[count]->whole_ns + ROOM_WAIT;
		n->parts_short = true;
		n->parts_want = 1;
	}
	collect_hashed(n, &p);
	if (p.count > 0 || hashed_due(n, &p) <= n->now)
		run_pass(&p);
}

/*
 * Sixteen only where so many can come together. Of fewer links each pass takes a pair: did it wait
 * for all of them, nothing would be left to be opened while what it opened is encrypted.
 */
static uint32_t pass_width(const struct net *n)
{
	uint32_t links = 0;

	for (uint32_t i = 0; i < n->centre_count; i++)
		if (n->centres[i].lanes[NET_DOWN].flying_count > 0)
			links += n->centres[i].lanes[NET_DOWN].want;
	return links < n->relay_width ? RELAY_PAIR : n->relay_width;
}

void packets_open(struct net *n)
{
	struct opening o;

	o.net = n;
	o.width = pass_width(n);
	o.count = o.down_count = 0;
	take_exchanges(&n->whole);
	sort_packets(&o);
	relay_parts(&o);
	open_plain(&o);
}

/* Room came meanwhile: by an answer, which is no packet of theirs. */
static bool room_came(struct net *n)
{
	uint32_t most;

	return relay_room(n, &most) >= n->parts_want;
}

uint64_t packets_due(struct net *n)
{
	uint64_t due;
	struct pass p;

	collect_hashed(n, &p);
	due = hashed_due(n, &p);
	if (!list_empty(&n->whole) && n->parts_due_ns < due)
		due = n->parts_short && room_came(n) ? 0 : n->parts_due_ns;
	return due;
}
