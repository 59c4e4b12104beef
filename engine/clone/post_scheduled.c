/*
 * A video may be converted by the server before it is posted: until then it stands among the scheduled messages
 * of the target and nowhere in its history (api.md 11). What is looked for is looked for there first, since it
 * goes from there into the history and never back: what is in neither, in that order, was not sent. While it
 * stands there nothing is sent, and the slot waits for it; and a life begins with that what an earlier one sent
 * is posted, since it would come into the midst of what is sent now, wherever its place is.
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

enum {
	SPOILT_MAX = 3, /* answers, until the history alone tells */
	FAILED_MAX = 12, /* calls, some minutes, until that */
	BLIND_MAX = 12,	/* looks at that alone, some minutes, until one that is gone at the source was not sent */
	WAIT_LEAST_S = 5,
	WAIT_MOST_S = 60, /* what it takes is only estimated */
	FAR_S = 86400, /* no conversion takes so long, unless it is told: somebody scheduled it by hand */
};

static const uint64_t SECOND = 1000000000;

/*
 * When the last of those is due that an answer told of, an int32. Where what waits cannot be read it is all that
 * is known of it, also to the next life.
 */
static const char DUE[] = "post.due";

static bool may_wait(const struct clone *c, const struct group *g)
{
	if (c->o.target.peer.kind != PEER_CHANNEL)
		return false;
	for (uint32_t i = 0; i < g->count; i++) /* what is left of an album may have been sent with a video */
		if (g->items[i].row.grouped_id != 0 || post_may_be_video(&g->items[i]))
			return true;
	return false;
}

static bool is_near(const struct clone *c, int32_t due)
{
	int64_t left = due - net_server_time(c->o.net);

	return left >= -FAR_S && (left <= FAR_S || due <= ledger_state_int(c->o.ledger, DUE, 0));
}

/* ---- what waits there ---- */

static bool is_converted(const struct clone *c, const struct tl_obj *m)
{
	return tl_flag(m, TLF_video_processing_pending) && is_near(c, tl_int(m, TLF_date));
}

/* It is converted, or waits for what is, in the same album. */
static bool is_pending(const struct clone *c, struct tl_vec list, const struct message *m)
{
	for (uint32_t i = 0; i < list.count; i++) {
		const struct tl_obj *obj = tl_vec_obj(list, i);

		if ((obj == m->obj || (m->grouped_id != 0 && tl_long(obj, TLF_grouped_id) == m->grouped_id)) &&
		    is_converted(c, obj))
			return true;
	}
	return false;
}

/* All that is the account's own, whichever message it is of. */
static void see(struct clone *c, struct tl_vec list)
{
	for (uint32_t i = 0; i < list.count; i++) {
		struct message m;

		message_read(tl_vec_obj(list, i), c->o.target.forum, &m);
		if (!m.empty && !m.service && m.out && is_pending(c, list, &m))
			post_waits_see(c, &m);
	}
}

/* When what the group is will be posted; 0: it does not wait. Others may have scheduled what they like. */
static int32_t due_of(struct clone *c, const struct tl_obj *answer, struct group *g)
{
	struct tl_vec list = tl_vec(answer, TLF_messages);
	int32_t due = 0;

	see(c, list);
	post_waits_recall(c, g);
	for (uint32_t i = 0; i < list.count; i++) {
		const struct tl_obj *m = tl_vec_obj(list, i);

		if (post_waits_whose(g, tl_int(m, TLF_id)) != NULL && (due == 0 || tl_int(m, TLF_date) < due))
			due = tl_int(m, TLF_date);
	}
	return due;
}

bool post_waited(const struct group *g)
{
	for (uint32_t i = 0; i < g->count; i++)
		if (g->items[i].waited_id != 0)
			return true;
	return false;
}

bool post_may_have_waited(const struct clone *c, const struct group *g)
{
	return post_waited(g) || may_wait(c, g);
}

/* ---- asking ---- */

bool post_ask_scheduled(struct clone *c)
{
	struct pending *ask = &c->scheduled_ask;

	if (c->scheduled_seen || !may_wait(c, c->posting))
		return false;
	if (clone_now(c) < ask->not_before_ns) {
		clone_wake(c, ask->not_before_ns);
		return true;
	}
	arena_rewind(&c->page, 0);
	if (clone_ask(c, ask_scheduled(&c->page, c->o.target.peer), ASK_SCHEDULED, 0, 0, false))
		post_set_state(c, GROUP_LOOKUP);
	return true;
}

static uint64_t wait_ns(const struct clone *c, int32_t due)
{
	int64_t left = due - net_server_time(c->o.net);

	left = left < WAIT_LEAST_S ? WAIT_LEAST_S : left > WAIT_MOST_S ? WAIT_MOST_S : left;
	return (uint64_t)left * SECOND;
}

/* For whoever looks: when that is posted is told, and not always kept. */
static void show_wait(struct clone *c, int32_t due)
{
	int64_t left = due - net_server_time(c->o.net);

	post_show_wait(c, PACE_CONVERTED, (uint64_t)(left < WAIT_LEAST_S ? WAIT_LEAST_S : left) * SECOND);
}

static void wait_for_it(struct clone *c, int32_t due)
{
	if (c->scheduled_noted != c->posting->items[0].row.source_id)
		clone_note(c, NOTE_RETRY, &c->posting->items[0], "the server converts the video first");
	c->scheduled_noted = c->posting->items[0].row.source_id;
	post_reconcile(c, wait_ns(c, due));
	show_wait(c, due);
}

bool post_is_scheduled(struct clone *c, const struct tl_obj *updates)
{
	struct group *g = c->posting;
	int32_t due = 0;

	for (uint32_t i = 0; i < c->batch; i++, g = group_after(c, g)) {
		for (uint32_t k = 0; k < g->count; k++) {
			const struct tl_obj *later = ask_read_sent(updates, g->items[k].random_id).later;
			struct message m;

			if (later == NULL)
				continue;
			message_read(later, c->o.target.forum, &m);
			post_waits_take(c, &g->items[k], &m);
			due = due == 0 ? m.date : due;
		}
	}
	if (due == 0)
		return false;
	if (due > ledger_state_int(c->o.ledger, DUE, 0))
		ledger_state_put_int(c->o.ledger, DUE, due);
	wait_for_it(c, due);
	return true;
}

/* By what was told of it; 0: nothing waits any more. */
static int32_t told_due(const struct clone *c)
{
	int32_t due = ledger_state_int(c->o.ledger, DUE, 0);

	return due > net_server_time(c->o.net) ? due : 0;
}

bool post_may_be_scheduled(struct clone *c)
{
	struct group *g = c->posting;
	int32_t due = c->scheduled_blind ? told_due(c) : 0;

	if (due != 0)
		wait_for_it(c, due);
	else if (c->scheduled_blind && g->mode == PLAN_SKIP && g->trouble < BLIND_MAX)
		post_reconcile(c, clone_backoff_ns(g->trouble++)); /* what is sent again by its random_id is no other one */
	else
		return false;
	return true;
}

/* The history alone tells; and what is not there may wait all the same. */
static void unseen(struct clone *c)
{
	post_waits_recall(c, c->posting);
	c->scheduled_seen = c->scheduled_blind = true;
}

/* True: it may not be asked, or it is never answered. The history has to tell, also whether there is a target at all. */
static bool refused(struct clone *c, const struct net_event *ev)
{
	enum remedy remedy = error_verdict(ev->code, ev->text).remedy;
	struct pending *ask = &c->scheduled_ask;
	bool never = remedy == REMEDY_TARGET || remedy == REMEDY_SOURCE ||
		     !clone_common_error(c, ask, ev->code, ev->text, true) || ask->attempts > FAILED_MAX;

	holds_keep(c, HOLD_SCHEDULED, ask->not_before_ns);
	return never;
}

/* ---- before anything is sent ---- */

bool post_nothing_waits(struct clone *c)
{
	struct pending *ask = &c->scheduled_ask;

	if (c->scheduled_none || ask->out)
		return c->scheduled_none;
	if (clone_now(c) < ask->not_before_ns) {
		clone_wake(c, ask->not_before_ns);
		return false;
	}
	arena_rewind(&c->page, 0);
	ask->out = clone_ask(c, ask_scheduled(&c->page, c->o.target.peer), ASK_SCHEDULED, 0, 0, false);
	return false;
}

/* Of what the account itself sent, and not for later. */
static int32_t first_due(const struct clone *c, struct tl_vec list)
{
	int32_t due = 0;

	for (uint32_t i = 0; i < list.count; i++) {
		const struct tl_obj *m = tl_vec_obj(list, i);

		if (tl_flag(m, TLF_out) && is_converted(c, m) && (due == 0 || tl_int(m, TLF_date) < due))
			due = tl_int(m, TLF_date);
	}
	return due;
}

static void waits_got(struct clone *c, const struct net_event *ev)
{
	struct pending *ask = &c->scheduled_ask;
	const struct tl_obj *answer = NULL;
	struct tl_error error;
	int32_t due;

	ask->out = false;
	if (ev->kind == NET_RESULT)
		answer = tl_decode_result(&c->page, TLC_messages_getScheduledHistory, ev->result, &error);
	if (ev->kind != NET_RESULT ? !refused(c, ev) : answer == NULL && ++c->scheduled_spoilt < SPOILT_MAX)
		return; /* it is asked again */
	if (answer != NULL) /* by the time that it is looked for it may be posted */
		see(c, tl_vec(answer, TLF_messages));
	due = answer != NULL ? first_due(c, tl_vec(answer, TLF_messages)) : told_due(c);
	c->scheduled_none = due == 0;
	c->scheduled_spoilt = 0;
	if (due == 0)
		return;
	if (!c->scheduled_told)
		clone_note(c, NOTE_RETRY, NULL, "what was sent before is converted by the server first");
	c->scheduled_told = true;
	show_wait(c, due);
	pending_later(ask, clone_now(c) + wait_ns(c, due));
}

/* ---- when something is looked for ---- */

void post_scheduled_got(struct clone *c, const struct net_event *ev)
{
	const struct tl_obj *answer;
	struct tl_error error;
	int32_t due;

	if (c->scheduled_ask.out) {
		waits_got(c, ev);
		return;
	}
	check(c->posting->state == GROUP_LOOKUP && c->batch == 1);
	if (ev->kind != NET_RESULT) {
		c->posting->state = GROUP_INTENT;
		if (refused(c, ev))
			unseen(c);
		return;
	}
	c->scheduled_ask.attempts = 0;
	answer = tl_decode_result(&c->page, TLC_messages_getScheduledHistory, ev->result, &error);
	due = answer != NULL ? due_of(c, answer, c->posting) : 0;
	if (due != 0) {
		wait_for_it(c, due);
		return;
	}
	c->posting->state = GROUP_INTENT;
	if (answer != NULL)
		c->scheduled_seen = true;
	else if (++c->scheduled_spoilt >= SPOILT_MAX)
		unseen(c);
}
