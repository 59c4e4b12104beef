/*
 * Questions: their slots, their memory, and where each one is. A question of the caller is in its
 * lane (waiting), on a link, or failed and about to be told; our own (the session's first one,
 * export and import) go the same way but live inside links and centres.
 *
 *   take -> wait -> assign -> (answer) recall -> give
 *             ^------ recall ----'  `-> fail -> (told) give
 */
#include "engine/link/net_priv.h"

enum {
	ROOMS = FRAME_HEADROOM + ENVELOPE_HEADROOM + PREFIX_MAX,
	TAIL = ENVELOPE_TAILROOM + FRAME_TAILROOM
};

enum { TICKET_INDEX_BITS = 13 };

static_assert(QUESTIONS_MAX <= 1 << TICKET_INDEX_BITS, "an index fits in a ticket");

/* Everything but what belongs to the slot: memory, index, generation. */
void question_init(struct question *q, enum question_kind kind, struct centre *c,
		   enum net_lane lane)
{
	struct question fresh = {
	    .kind = kind,
	    .centre = c,
	    .lane = lane,
	    .state = QUESTION_FREE,
	    .index = q->index,
	    .generation = q->generation,
	    .ticket = q->ticket,
	    .small = q->small,
	    .large = -1,
	};

	*q = fresh;
	list_init(&q->node);
	parcel_init(&q->parcel, &q->buf);
}

static struct question *make(struct net *n)
{
	uint32_t index = n->question_made;
	struct question *q = &n->questions[index];

	if (index == n->question_count)
		return NULL;
	n->question_made++;
	q->index = index;
	q->small = n->smalls + (size_t)index * QUESTION_SMALL;
	return q;
}

struct question *question_take(struct net *n)
{
	struct list *node = list_pop(&n->free_questions);
	struct question *q = node != NULL ? container_of(node, struct question, node) : make(n);

	if (q == NULL)
		return NULL;
	q->generation++;
	q->ticket = q->generation << TICKET_INDEX_BITS | q->index;
	if (q->ticket >> TICKET_INDEX_BITS == 0) { /* the generation wrapped */
		q->generation = 1;
		q->ticket = 1u << TICKET_INDEX_BITS | q->index;
	}
	n->stats.in_flight++;
	return q;
}

static uint8_t *take_large(struct question *q)
{
	struct net *n = q->centre->net;

	for (int32_t i = 0; i < LARGE_QUERIES; i++)
		if (!n->large_used[i]) {
			n->large_used[i] = true;
			q->large = i;
			return n->large[i];
		}
	return NULL;
}

struct buf *question_memory(struct question *q, uint32_t len)
{
	uint8_t *mem = len <= SMALL_QUERY ? q->small : take_large(q);

	if (mem == NULL)
		return NULL;
	buf_init(&q->buf, mem, ROOMS + len + TAIL, ROOMS);
	return &q->buf;
}

void question_give(struct question *q)
{
	struct net *n = q->centre->net;

	check(q->kind == QUESTION_USER);
	check(list_empty(&q->node));
	check(!question_in_kernel(q));
	if (q->chunk != NULL)
		slab_give(n->o.slab, &q->chunk);
	if (q->large >= 0)
		n->large_used[q->large] = false;
	q->large = -1;
	q->state = QUESTION_FREE;
	q->ticket = 0;
	n->stats.in_flight--;
	list_push(&n->free_questions, &q->node);
}

struct question *question_of_ticket(struct net *n, uint32_t ticket)
{
	uint32_t index = ticket & ((1u << TICKET_INDEX_BITS) - 1);

	if (ticket == 0 || index >= n->question_made || n->questions[index].ticket != ticket)
		return NULL;
	return &n->questions[index];
}

bool question_in_kernel(const struct question *q)
{
	return q->link != NULL && q->link->sending == &q->parcel;
}

/*
 * Those that come back first are not always those that went first: what was asked in an order goes
 * out again in that order.
 */
static void wait_again(struct lane *lane, struct question *q)
{
	struct list *at = lane->waiting.next;

	while (at != &lane->waiting && container_of(at, struct question, node)->order < q->order)
		at = at->next;
	list_link(at, &q->node);
}

void question_wait(struct question *q, bool again)
{
	struct lane *lane = &q->centre->lanes[q->lane];
	struct net *n = q->centre->net;

	check(list_empty(&q->node));
	check(q->parcel.state == PARCEL_PLAIN);
	if (n->dead && q->kind == QUESTION_USER) { /* what was still read in that turn */
		question_fail(q, n->dead_code, n->dead_text);
		return;
	}
	q->state = QUESTION_WAITING;
	lane->waiting_count++;
	lane->used = true;
	if (again)
		wait_again(lane, q);
	else
		list_push(&lane->waiting, &q->node);
}

static void join_link(struct question *q, struct link *l, const struct buf *query,
		      struct envelope_head *head)
{
	check(list_empty(&q->node));
	check(l->session_live);
	q->state = QUESTION_ON_LINK;
	q->link = l;
	q->sent = false;
	q->end_at = UINT64_MAX;
	q->call = (struct call){.once = q->once, .patience = (uint8_t)net_less(q->unanswered, SLOWER_MAX)};
	session_call(&l->session, &q->call, query, l->net->now, head);
	if (l->session.event_count > 0)
		link_mark_ready(l); /* it may want to be another one */
	list_push(&l->questions, &q->node);
	l->question_count++;
	l->centre->lanes[l->lane].flying_count++;
	l->net->stats.requests++;
}

void question_assign(struct question *q, struct link *l)
{
	struct envelope_head head;

	join_link(q, l, q->parcel.buf, &head);
	parcel_queue(l, &q->parcel, &head);
}

void question_reserve(struct question *q, struct link *l, uint32_t len, struct envelope_head *head)
{
	struct buf query = {.len = len};

	join_link(q, l, &query, head);
	parcel_reserve(l, &q->parcel);
}

static void leave_link(struct question *q, bool plain)
{
	struct link *l = q->link;

	check(!question_in_kernel(q));
	if (session_holds(&q->call))
		session_forget(&l->session, &q->call);
	parcel_recall(l, &q->parcel, plain);
	check(l->question_count > 0);
	if (--l->question_count == 0)
		l->idle_ns = l->net->now;
	l->centre->lanes[l->lane].flying_count--;
	q->link = NULL;
}

void question_recall(struct question *q, bool plain)
{
	if (q->state == QUESTION_ON_LINK) {
		leave_link(q, plain);
	} else {
		check(q->state == QUESTION_WAITING);
		q->centre->lanes[q->lane].waiting_count--;
	}
	list_del(&q->node);
	q->state = QUESTION_FREE;
}

void question_fail(struct question *q, int32_t code, const char *text)
{
	check(q->state == QUESTION_FREE && list_empty(&q->node));
	check(q->kind == QUESTION_USER);
	if (q->cancelled) {
		question_give(q);
		return;
	}
	q->state = QUESTION_FAILED;
	q->code = code;
	net_clean(q->text, sizeof(q->text), text);
	list_push(&q->centre->net->failed, &q->node);
}

void question_lose(struct question *q)
{
	q->lost = true;
	question_fail(q, -1, "nobody knows whether the server ran it");
}
