/*
 * What the rest of tgclone calls: questions in, events out, and what it learnt about the account.
 * The work is done in the turn (net.c).
 */
#include "engine/link/net_priv.h"

#include <errno.h>
#include <stdio.h>

enum {
	ID_WITHOUT_UPDATES = (int)0xbf9459b7u,
	FILE_HEAD = NET_PART_MAX - CHUNK_PART_MAX,
};

/* ---- questions ---- */

static bool relay_usable(const struct net_relay *to)
{
	return to->prefix_len > 0 && to->prefix_len % 4 == 0 &&
	       to->prefix_len <= sizeof(to->prefix) && to->body_at >= 4 && to->body_at <= 20 &&
	       to->body_at % 4 == 0 && to->body_len > 0 && to->body_len <= CHUNK_PART_MAX;
}

static bool request_usable(const struct net *n, const struct net_request *r)
{
	const struct buf *b;

	if (r->lane > NET_UP || (r->relay != NULL && !relay_usable(r->relay)))
		return false;
	if (r->chunk == NULL)
		return r->query.len > 0 && r->query.len <= NET_QUERY_MAX && r->query.len % 4 == 0;
	b = &(*r->chunk)->buf;
	return n->o.slab != NULL && b->len > 0 && b->len % 4 == 0 &&
	       buf_headroom(b) >= ENVELOPE_HEADROOM + FRAME_HEADROOM &&
	       buf_tailroom(b) >= ENVELOPE_TAILROOM + FRAME_TAILROOM;
}

/* False: no memory for it is free now. */
static bool take_query(struct question *q, const struct net_request *r)
{
	struct net *n = q->centre->net;
	struct buf *b;

	if (r->chunk != NULL) {
		q->chunk = *r->chunk;
		*r->chunk = NULL;
		slab_move(n->o.slab, q->chunk, CHUNK_SENDING);
		q->parcel.buf = &q->chunk->buf;
		return true;
	}
	b = question_memory(q, (uint32_t)r->query.len);
	if (b == NULL)
		return false;
	memcpy(buf_put(b, (uint32_t)r->query.len), r->query.at, r->query.len);
	/* File sessions never want updates; parts in chunks say so themselves or need not. */
	if (r->lane != NET_MAIN)
		store_le32(buf_push(b, 4), (uint32_t)ID_WITHOUT_UPDATES);
	return true;
}

static bool lane_full(const struct net *n, const struct lane *lane, enum net_lane kind)
{
	return lane->waiting_count + lane->flying_count >= lane_capacity(n, lane, kind);
}

int net_call(struct net *n, const struct net_request *r, uint32_t *ticket)
{
	struct centre *c = r->dc == 0 ? net_home(n) : centre_find(n, r->dc);
	struct question *q;

	bool known = c != NULL;

	if (n->dead)
		return -ESHUTDOWN;
	if (n->centre_count == 0 || !request_usable(n, r))
		return -EINVAL;
	if (!known)
		c = &n->centres[0]; /* it only has to be somebody's */
	else if (lane_full(n, &c->lanes[r->lane], r->lane))
		return -EAGAIN;
	q = question_take(n);
	if (q == NULL)
		return -EAGAIN;
	question_init(q, QUESTION_USER, c, r->lane);
	q->order = ++n->asked;
	q->home = r->dc == 0;
	q->once = r->once;
	q->bulk = r->bulk_answer;
	if (r->relay != NULL)
		q->relay_to = *r->relay;
	q->owner = r->owner;
	q->tag = r->tag;
	if (!take_query(q, r)) {
		question_give(q);
		return -EAGAIN;
	}
	*ticket = q->ticket;
	if (known)
		question_wait(q, false);
	else
		question_fail(q, -1, "no such data centre is known");
	return 0;
}

void net_cancel(struct net *n, uint32_t ticket)
{
	struct question *q = question_of_ticket(n, ticket);

	if (q == NULL)
		return;
	q->cancelled = true;
	if (q->state == QUESTION_FAILED) {
		list_del(&q->node);
	} else if (question_in_kernel(q)) {
		return; /* given back when it was sent */
	} else {
		question_recall(q, false);
	}
	question_give(q);
}

uint32_t net_room(struct net *n, uint16_t dc, enum net_lane kind)
{
	struct centre *c = dc == 0 ? net_home(n) : centre_find(n, dc);
	uint32_t open, most;

	if (n->dead)
		return 0;
	if (c == NULL)
		return MAIN_INFLIGHT; /* they are answered at once: not known */
	open = c->lanes[kind].waiting_count + c->lanes[kind].flying_count;
	most = lane_capacity(n, &c->lanes[kind], kind);
	return open < most ? most - open : 0;
}

bool net_knows(struct net *n, uint16_t dc)
{
	return centre_find(n, dc) != NULL;
}

/* ---- events ---- */

struct chunk *net_event_chunk(struct net *n, const struct net_event *ev)
{
	struct chunk *c = ev->chunk;

	if (c != NULL || ev->result.len > NET_PART_MAX)
		return c;
	c = slab_take(n->o.slab, CHUNK_HELD);
	if (c == NULL)
		return NULL;
	buf_init(&c->buf, c->buf.mem, c->buf.size, CHUNK_FILE_AT - FILE_HEAD);
	memcpy(buf_put(&c->buf, (uint32_t)ev->result.len), ev->result.at, ev->result.len);
	return c;
}

static void tell_dead(struct net *n, struct net_event *ev)
{
	n->dead_told = true;
	*ev =
	    (struct net_event){.kind = NET_DEAD, .dc = n->o.account->home_dc, .code = n->dead_code};
	net_clean(ev->text, sizeof(ev->text), n->dead_text);
}

static void tell_failed(struct net *n, struct net_event *ev)
{
	struct question *q = container_of(list_pop(&n->failed), struct question, node);

	*ev = (struct net_event){.kind = q->lost ? NET_LOST : NET_ERROR,
				 .owner = q->owner,
				 .tag = q->tag,
				 .ticket = q->ticket,
				 .dc = q->centre->dc->id,
				 .code = q->code};
	net_clean(ev->text, sizeof(ev->text), q->text);
	if (q->chunk != NULL) {
		slab_move(n->o.slab, q->chunk, CHUNK_HELD);
		ev->chunk = q->chunk;
		q->chunk = NULL;
	}
	question_give(q);
}

static void tell_notice(struct net *n, struct net_event *ev)
{
	struct notice *notice = &n->notices[n->notice_at];

	*ev = (struct net_event){.kind = NET_STATE, .dc = notice->dc};
	net_clean(ev->text, sizeof(ev->text), notice->text);
	n->notice_at = (n->notice_at + 1) % NOTICES_MAX;
	n->notice_count--;
}

/* What is not in a packet. */
static bool next_own(struct net *n, struct net_event *ev)
{
	if (n->dead && !n->dead_told) {
		tell_dead(n, ev);
	} else if (n->changed) {
		n->changed = false;
		*ev = (struct net_event){.kind = NET_ACCOUNT_CHANGED, .dc = n->o.account->home_dc};
	} else if (!list_empty(&n->failed)) {
		tell_failed(n, ev);
	} else if (n->notice_count > 0) {
		tell_notice(n, ev);
	} else {
		return false;
	}
	return true;
}

bool net_next(struct net *n, struct net_event *ev)
{
	while (!next_own(n, ev)) {
		struct link *l;

		if (list_empty(&n->ready))
			return false;
		l = container_of(n->ready.next, struct link, ready_node);
		if (answer_next(l, ev))
			return true;
		list_del(&l->ready_node);
		link_drop_got(l);
	}
	return true;
}

void net_relay_hold(struct net *n, uint64_t until_ns)
{
	if (until_ns > n->relay_hold_ns)
		n->relay_hold_ns = until_ns;
}

/* ---- the account ---- */

/* Questions to "the home DC", wherever that is, go to the new one; exports are asked there anew. */
static void move_waiting(struct lane *from, struct centre *to, enum net_lane kind)
{
	list_each_safe (node, next, &from->waiting) {
		struct question *q = container_of(node, struct question, node);

		if (q->kind == QUESTION_EXPORT) {
			question_recall(q, true);
			authorize_lost(q);
			continue;
		}
		if (!q->home || q->kind != QUESTION_USER)
			continue;
		question_recall(q, true);
		q->centre = to;
		q->lane = kind;
		question_wait(q, true);
	}
}

void net_set_home(struct net *n, uint16_t dc)
{
	struct centre *old = net_home(n), *home = centre_find(n, dc);

	if (home == NULL || home == old)
		return;
	n->o.account->home_dc = dc;
	n->changed = true;
	if (old == NULL)
		return;
	for (int k = NET_MAIN; k <= NET_UP; k++)
		move_waiting(&old->lanes[k], home, (enum net_lane)k);
	for (struct link *l = old->lanes[NET_MAIN].links; l < link_end(&old->lanes[NET_MAIN]); l++)
		if (l->question_count == 0)
			link_close(l, "no longer the home DC", 0);
}

static struct centre *add_centre(struct net *n, uint16_t dc)
{
	struct net_account *a = n->o.account;
	struct net_dc *entry;

	if (a->dc_count == NET_DC_MAX)
		return NULL;
	entry = &a->dcs[a->dc_count++];
	*entry = (struct net_dc){.id = dc};
	centre_init(&n->centres[n->centre_count], n, entry);
	return &n->centres[n->centre_count++];
}

void net_set_addrs(struct net *n, uint16_t dc, const struct net_addr *addrs, uint32_t count)
{
	struct centre *c = centre_find(n, dc);

	/* An empty list helps nobody. */
	if (count == 0)
		return;
	if (count > NET_ADDR_MAX)
		count = NET_ADDR_MAX;
	if (c == NULL)
		c = add_centre(n, dc);
	if (c == NULL)
		return;
	if (c->dc->addr_count == count && memcmp(c->dc->addrs, addrs, count * sizeof(*addrs)) == 0)
		return;
	memcpy(c->dc->addrs, addrs, count * sizeof(*addrs));
	c->dc->addr_count = count;
	n->changed = true;
}

void net_adopt(struct net *n, const struct net_dc *dc)
{
	struct centre *c;

	net_set_addrs(n, dc->id, dc->addrs, dc->addr_count);
	c = centre_find(n, dc->id);
	if (c != NULL && c->dc->has_key && c->dc->key.id == dc->key.id && dc->authorized)
		c->dc->authorized = true; /* with the key that we have, meanwhile */
	if (c != NULL && c->dc->has_key && c->dc->key.id != dc->key.id && n->o.follows)
		centre_lend_key(c, dc);
	if (c == NULL || c->dc->has_key || c->handshaker != NULL)
		return;
	c->dc->key = dc->key;
	c->dc->salt = dc->salt;
	c->dc->has_key = true;
	c->dc->authorized = dc->authorized;
	c->made_ns = n->now;
	centre_init_key(c);
}

void net_set_authorized(struct net *n, uint16_t dc, bool authorized)
{
	struct centre *c = centre_find(n, dc);

	if (c == NULL || c->dc->authorized == authorized)
		return;
	c->dc->authorized = authorized;
	n->changed = true;
}

int64_t net_server_time(struct net *n)
{
	struct centre *home = net_home(n);
	uint64_t now = ring_now(n->ring);

	if (home != NULL && home->dc->has_key)
		return session_server_time(&home->key, now);
	return (int64_t)(ring_wall(n->ring) / SECOND) + n->o.account->time_offset_s;
}

void net_stats(const struct net *n, struct net_stats *out)
{
	*out = n->stats;
	out->links_down = n->growth.way[GROWTH_DOWN].want;
	out->links_up = n->growth.way[GROWTH_UP].want;
}

static bool is_away(struct centre *c)
{
	bool ready = false, asked = false;

	if (c->away_ns == 0) /* asked in each turn, and seldom so */
		return false;
	for (struct lane *lane = c->lanes; lane < lane_end(c); lane++) {
		asked |= lane->waiting_count > 0;
		for (struct link *l = lane->links; l < link_end(lane); l++)
			ready |= l->state == LINK_READY;
	}
	return asked && !ready;
}

uint16_t net_away(struct net *n, uint64_t *away_ns)
{
	uint16_t dc = 0;

	*away_ns = 0;
	for (uint32_t i = 0; i < n->centre_count; i++) {
		struct centre *c = &n->centres[i];

		if (is_away(c) && n->now - c->away_ns >= *away_ns) {
			*away_ns = n->now - c->away_ns;
			dc = c->dc->id;
		}
	}
	return dc;
}

bool net_answers(const struct net *n, uint16_t dc)
{
	for (uint32_t i = 0; i < n->centre_count; i++)
		if (n->centres[i].dc->id == dc)
			return n->centres[i].away_ns == 0;
	return false;
}
