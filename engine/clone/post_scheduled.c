/*
 * A video may be converted by the server before it is posted: until then it stands among the scheduled messages
 * of the target and nowhere in its history (api.md 11). What is looked for is looked for there first, since it
 * goes from there into the history and never back: what is in neither, in that order, was not sent. While it
 * stands there nothing is sent, and the slot waits for it.
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

enum {
	SPOILT_MAX = 3, /* answers, until the history alone tells */
	WAIT_LEAST_S = 5,
	WAIT_MOST_S = 60, /* what it takes is only estimated */
};

static const uint64_t SECOND = 1000000000;

/*
 * When the last of those is due that an answer told of, an int32. Where what waits cannot be read it is all that
 * is known of it, also to the next life.
 */
static const char DUE[] = "post.due";

/* Of one whose message is gone, or says something else by now, nobody knows what it was. */
static bool may_have_been_video(const struct item *item)
{
	uint8_t now[32];

	if (item->msg.obj == NULL || item->msg.media.kind == MEDIA_VIDEO)
		return true;
	post_fingerprint(item, now);
	return memcmp(now, item->row.digest, sizeof(now)) != 0;
}

static bool may_wait(const struct clone *c, const struct group *g)
{
	if (c->o.target.peer.kind != PEER_CHANNEL)
		return false;
	for (uint32_t i = 0; i < g->count; i++)
		if (may_have_been_video(&g->items[i]))
			return true;
	return false;
}

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

static bool is_one_of(const struct clone *c, const struct group *g, const struct message *m)
{
	for (uint32_t i = 0; i < g->count; i++)
		if (post_is_meant(c, g, &g->items[i], m))
			return true;
	return false;
}

/* When what the group is will be posted; 0: it does not wait. Others may have scheduled what they like. */
static int32_t due_of(const struct clone *c, const struct tl_obj *answer, const struct group *g)
{
	struct tl_vec list = tl_vec(answer, TLF_messages);

	for (uint32_t i = 0; i < list.count; i++) {
		const struct tl_obj *obj = tl_vec_obj(list, i);
		struct message m;

		message_read(obj, c->o.target.forum, &m);
		if (!m.empty && !m.service && tl_flag(obj, TLF_video_processing_pending) &&
		    is_one_of(c, g, &m))
			return m.date;
	}
	return 0;
}

static void wait_for_it(struct clone *c, int32_t due)
{
	int64_t left = due - net_server_time(c->o.net);

	left = left < WAIT_LEAST_S ? WAIT_LEAST_S : left > WAIT_MOST_S ? WAIT_MOST_S : left;
	if (c->scheduled_noted != c->posting->items[0].row.source_id)
		clone_note(c, NOTE_RETRY, &c->posting->items[0], "the server converts the video first");
	c->scheduled_noted = c->posting->items[0].row.source_id;
	post_reconcile(c, (uint64_t)left * SECOND);
}

bool post_is_scheduled(struct clone *c, const struct tl_obj *updates)
{
	struct group *g = c->posting;
	int32_t due = 0;

	for (uint32_t i = 0; i < c->batch && due == 0; i++, g = group_after(c, g))
		for (uint32_t k = 0; k < g->count && due == 0; k++)
			due = ask_read_sent(updates, g->items[k].random_id).due;
	if (due == 0)
		return false;
	if (due > ledger_state_int(c->o.ledger, DUE, 0))
		ledger_state_put_int(c->o.ledger, DUE, due);
	wait_for_it(c, due);
	return true;
}

bool post_may_be_scheduled(struct clone *c)
{
	int32_t due = c->scheduled_blind ? ledger_state_int(c->o.ledger, DUE, 0) : 0;

	if (due <= net_server_time(c->o.net))
		return false;
	wait_for_it(c, due);
	return true;
}

/* The history alone tells; and what is not there may wait all the same. */
static void unseen(struct clone *c)
{
	c->scheduled_seen = c->scheduled_blind = true;
}

static void refused(struct clone *c, const struct net_event *ev)
{
	enum remedy remedy = error_verdict(ev->code, ev->text).remedy;
	struct pending *ask = &c->scheduled_ask;

	c->posting->state = GROUP_INTENT;
	/* It may not be asked: the history has to tell, also whether there is a target at all. */
	if (remedy == REMEDY_TARGET || remedy == REMEDY_SOURCE ||
	    !clone_common_error(c, ask, ev->code, ev->text, true))
		unseen(c);
	holds_keep(c, HOLD_SCHEDULED, ask->not_before_ns);
}

void post_scheduled_got(struct clone *c, const struct net_event *ev)
{
	const struct tl_obj *answer;
	struct tl_error error;
	int32_t due;

	check(c->posting->state == GROUP_LOOKUP && c->batch == 1);
	if (ev->kind != NET_RESULT) {
		refused(c, ev);
		return;
	}
	c->scheduled_ask.attempts = 0;
	answer = tl_decode_result(&c->page, TLC_messages_getScheduledHistory, ev->result, &error);
	due = due_of(c, answer, c->posting);
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
