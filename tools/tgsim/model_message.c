/*
 * Messages: posting, editing, deleting, pinning. A message is kept as the bytes of its layer-228
 * form, which takes a tenth of what a tree would; msg_body decodes it again. Copies of a message in
 * the boxes of several accounts are twins, in a ring.
 */
#include "tools/tgsim/model_priv.h"

/* Messages by id: a table of pages, so that ids far apart cost nothing in between. */
enum { GENERAL = 1, TWINS_MAX = 256, PAGE = 4096, PAGES = (1u << 31) / PAGE };

/* ---- finding ---- */

static struct msg *placed(const struct box *b, int32_t id)
{
	struct msg **page = b->pages == NULL ? NULL : b->pages[id / PAGE];

	return page == NULL ? NULL : page[id % PAGE];
}

struct msg *msg_find(struct world *w, struct box *b, int32_t id)
{
	struct msg *m;

	if (id <= 0)
		return NULL;
	m = placed(b, id);
	if (m == NULL && b->synth != NULL && synth_has(b->synth, id)) {
		m = msg_place(w, b->synth_history, id);
		synth_fill(b->synth, w, m);
	}
	return m == NULL || m->deleted ? NULL : m;
}

const struct tl_obj *msg_body(struct world *w, struct arena *arena, const struct msg *m)
{
	struct tl_error error;

	if (m->body == NULL)
		return synth_body(m->history->box->synth, arena, m);
	return tl_decode(arena, cspan_of(m->body, m->body_len), &error);
}

/* ---- storing ---- */

static struct msg **slot_of(struct world *w, struct box *b, int32_t id)
{
	if (b->pages == NULL)
		b->pages = world_take(w, PAGES * sizeof(struct msg **));
	if (b->pages[id / PAGE] == NULL)
		b->pages[id / PAGE] = world_take(w, PAGE * sizeof(struct msg *));
	return &b->pages[id / PAGE][id % PAGE];
}

void box_made_lazily(struct box *b, struct synth *s, struct history *h, int32_t last_id)
{
	b->synth = s;
	b->synth_history = h;
	b->last_id = last_id;
}

struct msg *msg_place(struct world *w, struct history *h, int32_t id)
{
	struct msg *m = world_take(w, sizeof(*m)), **slot;

	check(id > 0);
	slot = slot_of(w, h->box, id);
	check(*slot == NULL);
	*slot = m;
	if (id > h->box->last_id)
		h->box->last_id = id;
	m->id = id;
	m->history = h;
	m->twin = m;
	return m;
}

/* The copy of the message `id` of another box that stands in this one; 0 when there is none. */
static int32_t id_in_box(struct world *w, struct box *from, int32_t id, const struct box *in)
{
	struct msg *first = msg_find(w, from, id), *m = first;

	if (from == in || first == NULL)
		return from == in ? id : 0;
	do {
		if (m->history->box == in)
			return m->id;
		m = m->twin;
	} while (m != first);
	return 0;
}

static void translate_reply(struct world *w, struct arena *tmp, struct tl_obj *o, struct box *from,
			    const struct box *in)
{
	const struct tl_obj *reply = tl_sub(o, TLF_reply_to);
	struct tl_obj *own;
	int32_t id;

	if (from == in || tl_cons(reply) != TLC_messageReplyHeader ||
	    tl_has(reply, TLF_reply_to_peer_id))
		return;
	id = id_in_box(w, from, tl_int(reply, TLF_reply_to_msg_id), in);
	if (id == 0) {
		tl_unset(o, TLF_reply_to);
		return;
	}
	own = tl_copy(tmp, reply);
	tl_set_int(own, TLF_reply_to_msg_id, id);
	tl_set_obj(o, TLF_reply_to, own);
}

static void set_sender(struct tl_obj *o, struct arena *tmp, const struct msg *m)
{
	const struct chat *c = m->history->chat;

	if (c != NULL && c->kind == CHAT_CHANNEL) {
		tl_unset(o, TLF_from_id);
		tl_set_flag(o, TLF_post, true);
		return;
	}
	if (c == NULL || tl_has(o, TLF_from_id) || m->from_id == 0)
		return;
	tl_set_obj(o, TLF_from_id, peer_obj(tmp, (struct peer){PEER_USER, m->from_id}));
}

/* content, as somebody wrote it in the box `from`, becomes the body of m. */
static void store(struct world *w, struct msg *m, const struct tl_obj *content, struct box *from)
{
	struct arena tmp;
	struct tl_obj *o;
	struct tl_error error;
	uint8_t *body;
	size_t len;

	arena_init(&tmp, w->scratch2, SCRATCH);
	o = tl_copy(&tmp, content);
	tl_set_int(o, TLF_id, m->id);
	tl_set_int(o, TLF_date, m->date);
	tl_set_obj(o, TLF_peer_id, peer_obj(&tmp, m->history->peer));
	tl_unset(o, TLF_out);
	set_sender(o, &tmp, m);
	translate_reply(w, &tmp, o, from, m->history->box);
	len = tl_encode(o, TL_LAYER, (struct span){w->scratch, SCRATCH}, &error);
	check(len > 0);
	body = world_take(w, len);
	memcpy(body, w->scratch, len);
	m->body = body;
	m->body_len = (uint32_t)len;
	m->service = tl_cons(content) == TLC_messageService;
	m->noforwards = !m->service && tl_flag(content, TLF_noforwards);
	m->history->held_back += m->noforwards;
	m->grouped_id = m->service ? 0 : tl_long(content, TLF_grouped_id);
	m->file = file_find(w, content_file_id(content));
}

/* ---- topics ---- */

static int32_t topic_of(const struct msg *m, const struct tl_obj *content)
{
	const struct tl_obj *reply = tl_sub(content, TLF_reply_to);
	int32_t top;

	if (tl_sub_cons(content, TLF_action) == TLC_messageActionTopicCreate)
		return m->id;
	if (!tl_flag(reply, TLF_forum_topic))
		return GENERAL;
	top = tl_int(reply, TLF_reply_to_top_id);
	return top != 0 ? top : tl_int(reply, TLF_reply_to_msg_id);
}

static void enter_topic(struct world *w, struct msg *m, const struct tl_obj *content)
{
	struct chat *c = m->history->chat;
	const struct tl_obj *action = tl_sub(content, TLF_action);
	struct topic *t;

	if (c == NULL || !c->forum)
		return;
	m->topic_id = topic_of(m, content);
	if (tl_cons(action) == TLC_messageActionTopicCreate) {
		struct cspan title = tl_bytes(action, TLF_title);

		t = topic_make(w, c, m->id, world_str(w, title), m->date);
		t->icon_color = tl_int(action, TLF_icon_color);
		t->icon_emoji_id = tl_long(action, TLF_icon_emoji_id);
		t->creator = m->from_id;
	}
	t = topic_find(c, m->topic_id);
	if (t == NULL) {
		m->topic_id = GENERAL;
		t = topic_find(c, GENERAL);
	}
	idlist_add(w, &t->messages, m->id);
}

static struct topic *topic_of_msg(const struct msg *m)
{
	struct chat *c = m->history->chat;

	return c == NULL || m->topic_id == 0 ? NULL : topic_find(c, m->topic_id);
}

/* ---- posting ---- */

static struct msg *post_into(struct world *w, struct history *h, const struct post *p, int32_t id,
			     const struct tl_obj *content)
{
	struct msg *m = msg_place(w, h, id != 0 ? id : h->box->last_id + 1);

	m->date = (int32_t)p->date;
	m->from_id = p->from == NULL ? 0 : p->from->id;
	m->random_id = p->random_id;
	store(w, m, content, p->to->box);
	enter_topic(w, m, content);
	idlist_add(w, &h->messages, m->id);
	return m;
}

/* The other histories that the message shows up in. */
static uint32_t other_histories(struct world *w, const struct history *to,
				struct history *out[TWINS_MAX])
{
	uint32_t n = 0;

	if (to->owner == NULL)
		return 0;
	if (to->chat == NULL) {
		struct account *a = to->user->account;

		if (a != NULL && a != to->owner)
			out[n++] =
			    history_of(w, a, (struct peer){PEER_USER, to->owner->user->id}, true);
		return n;
	}
	for (uint32_t i = 0; i < to->chat->member_count && n < TWINS_MAX; i++) {
		const struct member *m = &to->chat->members[i];
		struct account *a = m->user->account;

		if (a != NULL && a != to->owner && !m->left && !m->banned)
			out[n++] = history_of(w, a, to->peer, true);
	}
	return n;
}

static void join_twins(struct msg *m, struct msg *other)
{
	other->twin = m->twin;
	m->twin = other;
}

struct msg *msg_post(struct world *w, const struct post *p, const struct tl_obj *content)
{
	struct history *others[TWINS_MAX];
	uint32_t count = other_histories(w, p->to, others);
	struct msg *m = post_into(w, p->to, p, p->id, content);

	for (uint32_t i = 0; i < count; i++)
		join_twins(m, post_into(w, others[i], p, 0, content));
	if (p->random_id != 0 && p->from != NULL && p->from->account != NULL)
		random_id_note(w, p->from->account, p->to->peer, p->random_id, m->id);
	if (p->quiet)
		return m;
	update_note(w, p->to, UPDATE_NEW, m->id, m->date, p->session);
	for (struct msg *t = m->twin; t != m; t = t->twin)
		update_note(w, t->history, UPDATE_NEW, t->id, t->date, 0);
	return m;
}

/* ---- changing ---- */

void msg_edit(struct world *w, struct msg *m, const struct tl_obj *content, int32_t date,
	      uint64_t session)
{
	struct msg *at = m;
	struct arena tmp;
	struct tl_obj *o;

	do {
		uint8_t room[4096]; /* store() has the scratch memory */

		arena_init(&tmp, room, sizeof(room));
		o = tl_copy(&tmp, content);
		check(o != NULL);
		if (date != 0 && tl_cons(o) == TLC_message)
			tl_set_int(o, TLF_edit_date, date);
		store(w, at, o, m->history->box);
		update_note(w, at->history, UPDATE_EDIT, at->id, date != 0 ? date : at->date,
			    session);
		at = at->twin;
	} while (at != m);
}

static void forget(struct msg *m)
{
	struct topic *t = topic_of_msg(m);

	m->deleted = true;
	idlist_drop(&m->history->messages, m->id);
	idlist_drop(&m->history->pinned, m->id);
	if (t != NULL)
		idlist_drop(&t->messages, m->id);
}

void msg_delete(struct world *w, struct msg *m, bool for_all, int32_t date, uint64_t session)
{
	struct msg *at = m;

	do {
		if (!at->deleted) {
			forget(at);
			update_note(w, at->history, UPDATE_DELETE, at->id, date, session);
		}
		at = at->twin;
	} while (for_all && at != m);
}

void msg_pin(struct world *w, struct msg *m, bool pinned, int32_t date, uint64_t session)
{
	struct msg *at = m;

	do {
		at->pinned = pinned;
		if (pinned)
			idlist_add(w, &at->history->pinned, at->id);
		else
			idlist_drop(&at->history->pinned, at->id);
		update_note(w, at->history, pinned ? UPDATE_PIN : UPDATE_UNPIN, at->id, date,
			    session);
		at = at->twin;
	} while (at != m);
}
