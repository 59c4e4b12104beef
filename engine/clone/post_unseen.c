/*
 * Ids that a send answered without their messages: sent before, under the same random_ids, and perhaps
 * gone since; or told in short, which leaves out whether an answer is one. They are looked at by id before they are called cloned. Owns nothing; the batch stays in
 * the slot meanwhile.
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

enum { UNREAD_MAX = 3 };

struct unseen {
	struct group *group;
	struct item *item;
};

static uint32_t unseen_of(const struct clone *c, struct unseen out[FORWARD_MAX + ALBUM_MAX])
{
	struct group *g = c->posting;
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->batch; i++, g = group_after(c, g))
		for (uint32_t k = 0; k < g->count; k++)
			if (g->items[k].row.state == ROW_SENDING && g->items[k].row.target_id != 0)
				out[n++] = (struct unseen){g, &g->items[k]};
	return n;
}

/* Looked up with the others of its batch, those that were seen too, and sent again. */
static void doubt(struct clone *c)
{
	uint64_t now = clone_now(c), wait = clone_backoff_ns(c->posting->trouble++);
	struct group *g = c->posting;

	for (uint32_t i = 0; i < c->batch; i++, g = group_after(c, g))
		for (uint32_t k = 0; k < g->count; k++)
			g->items[k].row.target_id = 0;
	/* Asked with the same method as references, and so bound by the same waits. */
	if (c->refresh_ask.not_before_ns > now + wait)
		wait = c->refresh_ask.not_before_ns - now;
	post_reconcile(c, wait);
}

bool post_ask_unseen(struct clone *c)
{
	struct unseen unseen[FORWARD_MAX + ALBUM_MAX];
	int32_t ids[FORWARD_MAX + ALBUM_MAX];
	uint32_t n = unseen_of(c, unseen);

	for (uint32_t i = 0; i < n; i++)
		ids[i] = unseen[i].item->row.target_id;
	if (n == 0)
		return false;
	arena_rewind(&c->page, 0);
	if (clone_now(c) >= c->refresh_ask.not_before_ns &&
	    clone_ask(c, ask_messages(&c->page, c->o.target.peer, ids, n), ASK_UNSEEN, 0, 0, false))
		post_set_state(c, GROUP_LOOKUP);
	else
		doubt(c);
	return true;
}

static const struct tl_obj *find_message(const struct tl_obj *answer, int32_t id)
{
	struct tl_vec list = tl_vec(answer, TLF_messages);

	for (uint32_t i = 0; i < list.count; i++)
		if (tl_int(tl_vec_obj(list, i), TLF_id) == id &&
		    tl_cons(tl_vec_obj(list, i)) == TLC_message)
			return tl_vec_obj(list, i);
	return NULL;
}

/* One group at a time, since one message is enough to spoil the answer; then the ids are taken as they are. */
static void unreadable(struct clone *c, const struct unseen *unseen, uint32_t n)
{
	if (c->batch > 1 || c->posting->unread++ < UNREAD_MAX) {
		doubt(c);
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		post_finish_item(unseen[i].item, unseen[i].item->row.target_id,
				 "sent before; the copy cannot be read");
	post_finish_batch(c);
}

static void refused(struct clone *c, const struct unseen *unseen, uint32_t n, const struct net_event *ev)
{
	if (!clone_common_error(c, &c->refresh_ask, ev->code, ev->text, true)) {
		unreadable(c, unseen, n);
		return;
	}
	holds_keep(c, HOLD_REFRESH, c->refresh_ask.not_before_ns);
	doubt(c);
}

/* What is not in the target any more is not called cloned. */
void post_unseen_got(struct clone *c, const struct net_event *ev)
{
	struct unseen unseen[FORWARD_MAX + ALBUM_MAX];
	uint32_t n = unseen_of(c, unseen);
	const struct tl_obj *answer;
	struct tl_error error;

	if (ev->kind != NET_RESULT) {
		refused(c, unseen, n, ev);
		return;
	}
	answer = tl_decode_result(&c->page, TLC_channels_getMessages, ev->result, &error);
	if (answer == NULL) {
		unreadable(c, unseen, n);
		return;
	}
	c->refresh_ask.attempts = 0;
	for (uint32_t i = 0; i < n; i++) {
		struct item *item = unseen[i].item;
		struct sent s = {.id = item->row.target_id,
				 .message = find_message(answer, item->row.target_id)};

		item->row.target_id = 0;
		if (s.message == NULL) {
			item->row.state = ROW_SKIPPED;
			snprintf(item->row.reason, sizeof(item->row.reason),
				 "sent before and deleted since (see --generation)");
		} else if (!post_compare(c, unseen[i].group, item, &s)) {
			post_conflict(c);
			return;
		}
	}
	post_finish_batch(c);
}
