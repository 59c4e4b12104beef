/*
 * What a link does because time passed: it notices that its peer is gone (N1, N6-N10), says what
 * the session has to say, and goes when nobody needs it. A transfer in flight tells nothing until
 * it ends, so TCP is asked every two seconds whether bytes move; a slow peer is not a dead one
 * (N11).
 */
#include "engine/link/net_priv.h"

#include <errno.h>

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static bool passed(const struct link *l, uint64_t since, uint64_t wait)
{
	return l->net->now >= since && l->net->now - since >= wait;
}

/* Something is under way whose end would be noticed by nobody else. */
static bool owed(const struct link *l)
{
	return l->state == LINK_HANDSHAKE || l->state == LINK_INIT || l->send_busy ||
	       l->question_count > 0 || (l->in.live && !link_has_whole(l)) ||
	       l->session.ping_id != 0;
}

/* Not all of it has arrived there yet; or nobody knows, and it is in our hands. */
static bool is_leaving(const struct link *l, const struct question *q)
{
	return q->end_at == UINT64_MAX || (l->progress_known && q->end_at > l->progress.acked);
}

/* A packet waits for room or for its turn: what is behind it cannot be heard. */
static bool is_deaf(const struct link *l)
{
	return l->in_waits || link_has_whole(l);
}

/*
 * A packet takes its time, and what is behind it cannot have come yet. The patience grows with its
 * bytes (N11): a part of the full size may arrive as slowly as it likes, as long as it does. It is the
 * packet's: how long a question has waited behind others before says nothing about this one.
 */
static bool is_arriving(const struct link *l)
{
	uint64_t came = l->progress_known ? l->progress.received - l->in_received : 0;

	return l->in.live && passed(l, l->in_since_ns, SAMPLE_EVERY) &&
	       !passed(l, l->in_since_ns, PATIENCE_MAX + came * SECOND / PATIENCE_RATE);
}

/* A part is on its way up for minutes, and still is. */
static bool is_thin(const struct link *l)
{
	list_each (node, &l->questions) {
		const struct question *q = container_of(node, struct question, node);

		if (q->chunk != NULL && is_leaving(l, q) && passed(l, q->call.sent_ns, PART_THIN))
			return true;
	}
	return false;
}

/*
 * N11: what comes up too late is too old for the server, each time again. The fewer share the way,
 * the sooner each arrives.
 */
static void share_less(struct link *l)
{
	if (l->lane == NET_UP && is_thin(l))
		growth_flood(&l->net->growth, GROWTH_UP, PART_THIN / 2, l->net->now);
}

/* Deadlines are for the server: they begin when it has the question, and can be heard. */
static void be_patient(struct link *l)
{
	bool unheard = is_deaf(l) || is_arriving(l);

	list_each (node, &l->questions) {
		struct question *q = container_of(node, struct question, node);

		if (unheard || is_leaving(l, q))
			session_patience(&l->session, &q->call, l->net->now);
	}
}

static void sample(struct link *l)
{
	struct ring_progress p;
	uint64_t now = l->net->now;

	/* After a quiet time nothing was looked at: it begins anew. */
	if (now > l->sample_ns + SAMPLE_EVERY)
		l->alive_ns = l->acked_ns = now;
	l->sample_ns = now + SAMPLE_EVERY;
	l->progress_known = ring_progress(l->net->ring, l->fd, &p);
	if (!l->progress_known) {
		l->acked_ns = now; /* not known: other watchdogs must do */
		return;
	}
	if (p.received != l->progress.received || p.acked != l->progress.acked)
		l->alive_ns = now;
	if (p.acked != l->progress.acked || p.unacked == 0)
		l->acked_ns = now;
	l->progress = p;
}

/* NULL, or why the connection is given up. */
static const char *verdict(const struct link *l)
{
	uint64_t moved = later(l->alive_ns, l->heard_ns);

	if (passed(l, l->acked_ns, UNACKED_WAIT))
		return "the server takes nothing of what we send";
	if (l->state == LINK_HANDSHAKE)
		return passed(l, l->state_ns, HANDSHAKE_WAIT) ? "the key exchange takes too long"
							      : NULL;
	if (l->state == LINK_INIT && passed(l, later(l->state_ns, moved), INIT_WAIT))
		return "no answer to the first question";
	if ((l->send_busy || (l->in.live && !link_has_whole(l))) && passed(l, moved, STALL_WAIT))
		return "nothing moves any more";
	if (is_deaf(l))
		return NULL; /* it is we who do not read */
	if (session_silent(&l->session, l->net->now) > SILENCE_WAIT &&
	    passed(l, moved, SILENCE_WAIT))
		return "no answer to a ping";
	return NULL;
}

static void say_service(struct link *l)
{
	struct envelope_head head;

	if (l->service.state != PARCEL_PLAIN || session_due(&l->session) > l->net->now)
		return;
	buf_init(&l->service_buf, l->service_mem, SERVICE_MEM, FRAME_HEADROOM + ENVELOPE_HEADROOM);
	if (session_service(&l->session, &l->service_buf, l->net->now, false, &head))
		parcel_queue(l, &l->service, &head);
	link_mark_ready(l); /* it may have given up on something */
}

/* ---- questions that are late ---- */

static uint64_t late_at(const struct link *l, const struct question *q)
{
	const struct lane *lane = &l->centre->lanes[l->lane];

	return q->call.sent_ns + LATE_LEAST + LATE_TIMES * lane->took_ns;
}

/* It may be asked twice, it was not yet, and its bytes are nobody's now. */
static bool may_move(const struct question *q)
{
	return q->kind == QUESTION_USER && !q->once && !q->moved && !q->cancelled && q->sent &&
	       q->relay == NULL && !question_in_kernel(q) &&
	       (q->chunk == NULL || q->chunk->pins == 0);
}

/* The oldest one that may move; one that is just arriving is left. */
static struct question *late_one(const struct link *l)
{
	const struct lane *lane = &l->centre->lanes[l->lane];
	bool arriving = l->lane == NET_DOWN && l->in.live;

	if (l->state != LINK_READY || l->lane == NET_MAIN || lane->want < 2 ||
	    lane->took_known < LATE_KNOWN || !list_empty(&lane->waiting) || l->in_waits ||
	    link_has_whole(l)) /* then it is we who are slow */
		return NULL;
	list_each (node, &l->questions) {
		struct question *q = container_of(node, struct question, node);

		if (may_move(q) && !arriving)
			return q;
		arriving = false;
	}
	return NULL;
}

/* Somebody else who has room and is not slow himself; NULL. */
static struct link *better_than(const struct link *l, const struct question *q)
{
	struct link *best = centre_best_link(&l->centre->lanes[l->lane], q->chunk != NULL);

	return best == l || best == NULL || l->net->now < best->slow_ns ? NULL : best;
}

/* A slow connection does not hold a file: what it owes for too long is asked elsewhere. */
static void move_late(struct link *l)
{
	struct question *q;
	struct link *to;

	while ((q = late_one(l)) != NULL && late_at(l, q) <= l->net->now &&
	       (to = better_than(l, q)) != NULL) {
		l->slow_ns = l->net->now + SLOW_MARK;
		l->window = 1;
		l->net->stats.moved++;
		question_recall(q, true);
		q->moved = true;
		question_assign(q, to);
	}
}

static uint64_t idle_wait(const struct link *l)
{
	return l->number < l->centre->lanes[l->lane].want ? IDLE_WAIT : SPARE_WAIT;
}

static bool is_idle(const struct link *l)
{
	return l->state == LINK_READY && l->lane != NET_MAIN && l->question_count == 0 &&
	       passed(l, l->idle_ns, idle_wait(l));
}

void link_watch(struct link *l)
{
	const char *why;

	if (l->state == LINK_CONNECTING && passed(l, l->state_ns, l->patience_ns)) {
		link_close(l, "cannot connect", ETIMEDOUT);
		return;
	}
	if (l->state == LINK_CLOSING) {
		link_join(l);
		return;
	}
	if (link_lend_at(l) <= l->net->now) {
		link_lend(l);
		return;
	}
	if (!link_is_open(l))
		return;
	if (l->net->now >= l->sample_ns && owed(l)) {
		sample(l);
		why = verdict(l);
		if (why != NULL) {
			link_close(l, why, 0);
			return;
		}
		be_patient(l);
		share_less(l);
	}
	move_late(l);
	if (l->in_waits)
		link_place(l);
	if (l->state == LINK_HANDSHAKE)
		return;
	if (l->temp != NULL)
		temporary_watch(l);
	if (is_idle(l))
		link_close(l, "not needed for the moment", 0);
	else
		say_service(l);
}

uint64_t link_due(const struct link *l)
{
	uint64_t due = UINT64_MAX, at;
	const struct question *late;

	if (l->state == LINK_CONNECTING)
		return l->state_ns + l->patience_ns;
	if (l->state == LINK_IDLE)
		return link_lend_at(l);
	if (l->state == LINK_CLOSING)
		return link_join_at(l);
	if (!link_is_open(l))
		return due;
	if (owed(l))
		due = l->sample_ns;
	if (l->state == LINK_HANDSHAKE)
		return due;
	if (l->temp != NULL) {
		at = temporary_due(l);
		due = at < due ? at : due;
	}
	late = late_one(l);
	if (late != NULL && late_at(l, late) < due && better_than(l, late) != NULL)
		due = late_at(l, late);
	at = l->service.state == PARCEL_PLAIN ? session_due(&l->session) : UINT64_MAX;
	due = at < due ? at : due;
	if (l->state == LINK_READY && l->lane != NET_MAIN && l->question_count == 0) {
		at = l->idle_ns + idle_wait(l);
		due = at < due ? at : due;
	}
	return due;
}
