/*
 * Logs and pushes. Each change of a box is an entry of its log, so getDifference can tell it again
 * at any time, and a push for every account that looks into the box.
 */
#include "tools/tgsim/model_priv.h"

static int32_t pts_count_of(enum update_kind kind)
{
	return kind != UPDATE_CHAT && kind != UPDATE_TOPIC_PIN;
}

static void push(struct world *w, struct account *a, const struct update *u, uint64_t session)
{
	uint32_t at = (w->push_head + w->push_count) % PUSH_ROOM;

	w->pushes[at] = (struct push){a, session, *u};
	if (w->push_count < PUSH_ROOM)
		w->push_count++;
	else
		w->push_head = (w->push_head + 1) % PUSH_ROOM;
}

bool push_next(struct world *w, struct push *out)
{
	if (w->push_count == 0)
		return false;
	*out = w->pushes[w->push_head];
	w->push_head = (w->push_head + 1) % PUSH_ROOM;
	w->push_count--;
	return true;
}

static void push_to_members(struct world *w, const struct chat *c, const struct update *u,
			    uint64_t session)
{
	for (uint32_t i = 0; i < c->member_count; i++) {
		const struct member *m = &c->members[i];

		if (m->user->account != NULL && !m->left && !m->banned)
			push(w, m->user->account, u, session);
	}
}

void update_note(struct world *w, struct history *h, enum update_kind kind, int32_t msg_id,
		 int32_t date, uint64_t session)
{
	struct box *b = h->box;
	struct update *u;

	b->log = world_grow(w, b->log, b->log_count, &b->log_room, sizeof(*b->log));
	u = &b->log[b->log_count++];
	u->kind = kind;
	u->pts_count = pts_count_of(kind);
	b->pts += u->pts_count;
	u->pts = b->pts;
	u->msg_id = msg_id;
	u->date = date;
	u->history = h;
	if (h->owner != NULL)
		push(w, h->owner, u, session);
	else
		push_to_members(w, h->chat, u, session);
}
