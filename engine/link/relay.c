/*
 * From link to link: a place in an upload's session for a part that is being opened, and what
 * becomes of it. Until the answer is judged nothing but the place exists; afterwards the upload is
 * a question like any other, whose bytes happen to be hashed already.
 *
 *   expected -> reserve -> (packet.c: the pass) -> commit
 *                  `-> drop, revoke                  `-> HASHED -> sealed in the next pass
 */
#include "engine/link/net_priv.h"

enum {
	ID_RPC_RESULT = (int)0xf35c6d01u,
	/* Offsets in the plaintext. */
	LEN_AT = 28,
	RESULT_AT = 32,
	REQ_AT = RESULT_AT + 4,
	OBJECT_AT = REQ_AT + 8,
	DATA_BEFORE_OBJECT = OBJECT_AT - RESULT_AT,
};

static bool looks_like(const struct net_relay *to, const uint8_t plain[RELAY_PEEK])
{
	uint32_t padded = to->body_len + (0u - to->body_len) % 4;

	return load_le32(plain + LEN_AT) == DATA_BEFORE_OBJECT + to->body_at + padded &&
	       load_le32(plain + OBJECT_AT) == to->answer_id &&
	       load_le32(plain + OBJECT_AT + to->body_at - 4) == to->word_before;
}

struct question *relay_expected(const struct link *l)
{
	uint8_t plain[RELAY_PEEK];
	struct question *q;
	struct call *call;

	if (l->lane != NET_DOWN || l->in.chunk == NULL || !l->session_live ||
	    !relay_peek(l->in.buf, &l->key->key, MSG_FROM_SERVER, plain) ||
	    load_le32(plain + RESULT_AT) != (uint32_t)ID_RPC_RESULT)
		return NULL;
	call = session_find(&l->session, load_le64(plain + REQ_AT));
	if (call == NULL)
		return NULL;
	q = container_of(call, struct question, call);
	if (q->kind != QUESTION_USER || q->relay_to.prefix_len == 0 || q->cancelled ||
	    !looks_like(&q->relay_to, plain))
		return NULL;
	return q;
}

static struct relay *free_relay(struct net *n)
{
	for (uint32_t i = 0; i < RELAYS_MAX; i++)
		if (!n->relays[i].used)
			return &n->relays[i];
	return NULL;
}

/* The lane that may take uploads; NULL: none may. */
static struct lane *upload_lane(struct net *n)
{
	struct centre *home = net_home(n);

	if (home == NULL || n->dead || n->now < n->relay_hold_ns || authorize_needed(home))
		return NULL;
	return &home->lanes[NET_UP];
}

uint32_t relay_room(struct net *n, uint32_t *most)
{
	struct lane *lane = upload_lane(n);
	uint32_t room = 0;

	*most = 0;
	if (lane == NULL)
		return 0;
	for (const struct link *l = lane->links; l < link_used_end(lane); l++) {
		uint32_t window = net_less(l->window, OUT_CHUNKS_MAX);

		if (l->state != LINK_READY || temporary_drains(l))
			continue;
		*most += window;
		if (l->question_count < l->window && l->out_count < OUT_CHUNKS_MAX)
			room +=
			    net_less(l->window - l->question_count, OUT_CHUNKS_MAX - l->out_count);
	}
	/* Questions that wait already go first. */
	return list_empty(&lane->waiting) ? room : 0;
}

/* The link that would take an upload now. */
static struct link *upload_link(struct net *n)
{
	struct lane *lane = upload_lane(n);

	if (lane == NULL || !list_empty(&lane->waiting) ||
	    lane->flying_count >= lane_capacity(n, lane, NET_UP))
		return NULL;
	return centre_best_link(lane, true);
}

static void fill_job(struct relay_job *job, struct link *l, const struct net_relay *to,
		     const struct auth_key *key)
{
	*job = (struct relay_job){
	    .open = {.packet = l->in.buf, .key = &l->key->key, .dir = MSG_FROM_SERVER},
	    .key = key,
	    .prefix_len = to->prefix_len,
	    .body_at = DATA_BEFORE_OBJECT + to->body_at,
	    .body_len = to->body_len,
	};
	memcpy(job->prefix, to->prefix, to->prefix_len);
	net_random(l->net, job->padding, sizeof(job->padding));
}

struct relay *relay_reserve(struct link *l, struct question *q)
{
	struct net *n = l->net;
	struct link *up = upload_link(n);
	struct relay *r = free_relay(n);
	struct question *next;

	if (up == NULL || r == NULL)
		return NULL;
	next = question_take(n);
	if (next == NULL)
		return NULL;
	question_init(next, QUESTION_USER, up->centre, NET_UP);
	next->order = ++n->asked;
	next->home = true;
	next->owner = q->relay_to.owner;
	next->tag = q->relay_to.tag;
	next->relay = r;
	r->used = true;
	r->up = next;
	r->down_ticket = q->ticket;
	fill_job(&r->job, l, &q->relay_to, &up->key->key);
	question_reserve(next, up, relay_data_len(&r->job), &r->job.head);
	up->centre->lanes[NET_UP].used = true;
	return r;
}

void relay_release(struct relay *r)
{
	if (r->up != NULL)
		relay_revoke(r->up);
	r->used = false;
}

void relay_drop(struct link *l)
{
	struct relay *r = l->got_relay;

	l->got_relay = NULL;
	if (r != NULL)
		relay_release(r);
}

bool relay_revoke(struct question *q)
{
	if (q->relay == NULL)
		return false;
	q->relay->up = NULL;
	q->relay = NULL;
	question_recall(q, false);
	question_give(q);
	return true;
}

/* Nothing else is in the packet, or to be asked for, so its memory may go. */
static bool is_alone(const struct link *l)
{
	return l->session.in.left == 0 && l->session.event_count == 0;
}

bool relay_commit(struct link *l, const struct question *q, struct net_event *ev)
{
	struct relay *r = l->got_relay;
	struct chunk *c = l->got.chunk;
	struct question *up;

	if (r == NULL || r->up == NULL || r->down_ticket != q->ticket || c == NULL ||
	    !is_alone(l) || ev->result.at != c->buf.mem + r->job.body_offset - q->relay_to.body_at)
		return false;
	up = r->up;
	l->got.chunk = NULL;
	l->got.buf = NULL;
	l->got_relay = NULL;
	relay_turn(&r->job, &c->buf);
	slab_move(l->net->o.slab, c, CHUNK_HELD);
	slab_move(l->net->o.slab, c, CHUNK_SENDING);
	up->chunk = c;
	up->relay = NULL;
	up->parcel.buf = &c->buf;
	up->parcel.state = PARCEL_HASHED;
	up->parcel.hashed_ns = l->net->now;
	r->used = false;
	l->net->stats.relayed++;
	ev->relayed = up->ticket;
	ev->result = (struct cspan){0};
	return true;
}
