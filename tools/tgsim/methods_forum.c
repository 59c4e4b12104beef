/*
 * Forum topics, in the words of layer 228 (messages.*, peer) and of older ones (channels.*,
 * channel): list, create, edit, pin, delete. A topic is made by its messageActionTopicCreate; what
 * happens to it later is a messageActionTopicEdit inside it.
 */
#include "tools/tgsim/methods_priv.h"

enum { GENERAL = 1, RIGHT_MANAGE_TOPICS = 18 };

/* ---- one topic as an object ---- */

struct tl_obj *topic_obj(struct rpc *r, struct roll *l, const struct target *t,
			 const struct topic *topic)
{
	const struct idlist *ids = &topic->messages;
	struct tl_obj *o;

	if (topic->deleted) {
		o = tl_new(r->arena, TLC_forumTopicDeleted);
		tl_set_int(o, TLF_id, topic->id);
		return o;
	}
	o = tl_new(r->arena, TLC_forumTopic);
	tl_set_flag(o, TLF_my, topic->creator == r->account->user->id);
	tl_set_flag(o, TLF_closed, topic->closed);
	tl_set_flag(o, TLF_pinned, topic->pinned);
	tl_set_flag(o, TLF_hidden, topic->hidden);
	tl_set_int(o, TLF_id, topic->id);
	tl_set_int(o, TLF_date, topic->date);
	tl_set_obj(o, TLF_peer, peer_obj(r->arena, t->peer));
	tl_set_str(o, TLF_title, topic->title);
	tl_set_int(o, TLF_icon_color, topic->icon_color);
	if (topic->icon_emoji_id != 0)
		tl_set_long(o, TLF_icon_emoji_id, topic->icon_emoji_id);
	tl_set_int(o, TLF_top_message, ids->count > 0 ? ids->ids[ids->count - 1] : topic->id);
	tl_set_obj(o, TLF_from_id, peer_obj(r->arena, (struct peer){PEER_USER, topic->creator}));
	tl_set_obj(o, TLF_notify_settings, tl_new(r->arena, TLC_peerNotifySettings));
	roll_user(l, topic->creator);
	return o;
}

/* ---- lists ---- */

static bool forum_take(struct rpc *r, const struct tl_obj *q, struct target *t,
		       struct rpc_reply *out)
{
	if (!peer_take_channel(r, rpc_peer_field(q), t, out))
		return false;
	if (t->chat->forum)
		return true;
	rpc_error(out, 400, "CHANNEL_FORUM_MISSING");
	return false;
}

static const struct msg *top_message(struct rpc *r, const struct target *t,
				     const struct topic *topic)
{
	const struct idlist *ids = &topic->messages;

	return ids->count == 0 ? NULL : history_msg(r, t->history, ids->ids[ids->count - 1]);
}

struct row {
	struct topic *topic;
	const struct msg *top;
	int32_t date, id;
};

static int newest_first(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->topic->pinned != y->topic->pinned)
		return x->topic->pinned ? -1 : 1;
	if (x->date != y->date)
		return x->date > y->date ? -1 : 1;
	return x->id > y->id ? -1 : x->id < y->id;
}

static void answer_topics(struct rpc *r, struct target *t, const struct row *rows, uint32_t count,
			  uint32_t total, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messages_forumTopics);
	bool by_date = methods_of(r->world)->topics_by_date;
	struct roll l = roll_start(r);
	uint32_t n = 0;

	tl_set_flag(o, TLF_order_by_create_date, by_date);
	tl_set_int(o, TLF_count, (int32_t)total);
	tl_set_int(o, TLF_pts, t->chat->box.pts);
	tl_set_vec(r->arena, o, TLF_topics, count);
	for (uint32_t i = 0; i < count; i++) {
		tl_put_obj(o, TLF_topics, i, topic_obj(r, &l, t, rows[i].topic));
		n += rows[i].top != NULL;
	}
	tl_set_vec(r->arena, o, TLF_messages, n);
	n = 0;
	for (uint32_t i = 0; i < count; i++) {
		const struct tl_obj *view;

		if (rows[i].top == NULL)
			continue;
		view = msg_view(r->world, r->arena, r->account, rows[i].top, r->now);
		tl_put_obj(o, TLF_messages, n++, view);
		roll_message(&l, view);
	}
	roll_peer(&l, t->peer);
	roll_set(&l, o);
	rpc_result(out, o);
}

static struct row row_of(struct rpc *r, const struct target *t, struct topic *topic)
{
	const struct msg *top = topic->deleted ? NULL : top_message(r, t, topic);
	struct row row = {topic, top, topic->date, topic->id};

	if (top != NULL)
		row.id = top->id;
	if (top != NULL && !methods_of(r->world)->topics_by_date)
		row.date = top->date;
	return row;
}

/*
 * Behind the date and the message that the client names: the topic's id alone leads nowhere, and a
 * date that the list is not ordered by leads to the wrong place. Pinned ones stand in front of all.
 */
static uint32_t page_start(const struct row *rows, uint32_t count, const struct tl_obj *q)
{
	int32_t date = tl_int(q, TLF_offset_date), id = tl_int(q, TLF_offset_id);
	int32_t topic = tl_int(q, TLF_offset_topic);
	uint32_t i;

	if (date == 0)
		return 0;
	for (i = 0; i < count && rows[i].topic->pinned; i++)
		if (rows[i].topic->id == topic)
			return i + 1;
	for (; i < count; i++)
		if (rows[i].date < date || (rows[i].date == date && rows[i].id < id))
			break;
	return i;
}

static void get_topics(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	int32_t limit = tl_int(q, TLF_limit);
	struct row *rows;
	struct target t;
	uint32_t n = 0, start, count;

	if (!forum_take(r, q, &t, out))
		return;
	rows = arena_take_many(r->arena, t.chat->topic_count + 1, sizeof(*rows));
	if (rows == NULL || limit < 0) {
		rpc_error(out, limit < 0 ? 400 : 500,
			  limit < 0 ? "LIMIT_INVALID" : "RPC_CALL_FAIL");
		return;
	}
	for (uint32_t i = 0; i < t.chat->topic_count; i++) {
		struct topic *topic = t.chat->topics[i];

		if (!topic->deleted && text_contains(cspan_str(topic->title), tl_bytes(q, TLF_q)))
			rows[n++] = row_of(r, &t, topic);
	}
	qsort(rows, n, sizeof(*rows), newest_first);
	start = page_start(rows, n, q);
	count = n - start;
	if (limit == 0 || limit > PAGE_MAX)
		limit = PAGE_MAX;
	answer_topics(r, &t, rows + start, count < (uint32_t)limit ? count : (uint32_t)limit, n,
		      out);
}

static void get_topics_by_id(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_vec ids = tl_vec(q, TLF_topics);
	uint32_t count = ids.count < PAGE_MAX ? ids.count : PAGE_MAX;
	struct row rows[PAGE_MAX];
	struct target t;

	if (!forum_take(r, q, &t, out))
		return;
	if (ids.count == 0) {
		rpc_error(out, 400, "TOPICS_EMPTY");
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		struct topic *topic = topic_find(t.chat, tl_vec_int(ids, i));

		if (topic == NULL) {
			topic = arena_take(r->arena, sizeof(*topic));
			if (topic == NULL) {
				rpc_error(out, 500, "RPC_CALL_FAIL");
				return;
			}
			topic->id = tl_vec_int(ids, i);
			topic->deleted = true;
		}
		rows[i] = row_of(r, &t, topic);
	}
	answer_topics(r, &t, rows, count, count, out);
}

/* ---- making and changing ---- */

static bool may_manage(const struct rpc *r, const struct target *t, const struct topic *topic,
		       struct rpc_reply *out)
{
	bool member = t->member != NULL && !t->member->left && !t->member->banned;
	uint32_t denied = t->chat->banned_rights | (member ? t->member->restricted : 0);

	if (target_may(t, ADMIN_TOPICS) ||
	    (member && topic != NULL && topic->creator == r->account->user->id))
		return true;
	if (member && topic == NULL && !(denied & 1u << RIGHT_MANAGE_TOPICS))
		return true;
	rpc_error(out, topic == NULL ? 403 : 400,
		  topic == NULL ? "CHAT_WRITE_FORBIDDEN" : "CHAT_ADMIN_REQUIRED");
	return false;
}

static bool title_good(struct rpc *r, struct cspan title, struct rpc_reply *out)
{
	struct text t;

	if (text_take(r->arena, title, NULL, 0, &t) == TEXT_SOUND && t.units > 0 &&
	    t.units <= TITLE_MAX)
		return true;
	rpc_error(out, 400,
		  title.len == 0 || t.units == 0 ? "TOPIC_TITLE_EMPTY" : "TOPIC_TITLE_TOO_LONG");
	return false;
}

static int32_t color_of(const struct tl_obj *q)
{
	static const int32_t colors[] = {0x6FB9F0, 0xFFD67E, 0xCB86DB,
					 0x8EEE98, 0xFF93B2, 0xFB6F5F};

	for (size_t i = 0; i < countof(colors); i++)
		if (tl_int(q, TLF_icon_color) == colors[i])
			return colors[i];
	return colors[0];
}

/* The set of icons that is free for everybody has no member here. */
static bool icon_good(const struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	if (tl_long(q, TLF_icon_emoji_id) == 0 || r->account->user->premium)
		return true;
	rpc_error(out, 403, "PREMIUM_ACCOUNT_REQUIRED");
	return false;
}

static void answer_message(struct rpc *r, const struct msg *m, int64_t random_id, int32_t pts_count,
			   struct rpc_reply *out)
{
	struct batch *b = arena_take(r->arena, sizeof(*b));

	if (b == NULL) {
		rpc_error(out, 500, "RPC_CALL_FAIL");
		return;
	}
	batch_start(b, r);
	roll_peer(&b->roll, m->history->peer);
	batch_put_id(b, m->id, random_id);
	batch_put_message(b, m, pts_count);
	rpc_result(out, batch_end(b));
}

static void create_topic(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	int64_t random_id = tl_long(q, TLF_random_id);
	struct tl_obj *action = tl_new(r->arena, TLC_messageActionTopicCreate);
	struct tl_obj *content = tl_new(r->arena, TLC_messageService);
	struct target t;
	int32_t known;
	const struct msg *m;

	if (!forum_take(r, q, &t, out) || !may_manage(r, &t, NULL, out) ||
	    (!tl_flag(q, TLF_title_missing) && !title_good(r, tl_bytes(q, TLF_title), out)) ||
	    !icon_good(r, q, out) || !send_random(r, &t, random_id, &known, out))
		return;
	m = known != 0 ? history_msg(r, t.history, known) : NULL;
	if (m != NULL) {
		answer_message(r, m, random_id, 0, out);
		return;
	}
	if (!rpc_limit(r, LIMIT_CREATE, 0, 1, out))
		return;
	tl_set_flag(action, TLF_title_missing, tl_flag(q, TLF_title_missing));
	tl_set_bytes(action, TLF_title, tl_bytes(q, TLF_title));
	tl_set_int(action, TLF_icon_color, color_of(q));
	if (tl_long(q, TLF_icon_emoji_id) != 0)
		tl_set_long(action, TLF_icon_emoji_id, tl_long(q, TLF_icon_emoji_id));
	tl_set_obj(content, TLF_action, action);
	m = send_post(r, &t, content, random_id);
	answer_message(r, m, random_id, 1, out);
}

static struct topic *topic_take(struct target *t, const struct tl_obj *q, enum tlf field,
				struct rpc_reply *out)
{
	struct topic *topic = topic_find(t->chat, tl_int(q, field));

	if (topic != NULL && !topic->deleted)
		return topic;
	rpc_error(out, 400, topic == NULL ? "TOPIC_ID_INVALID" : "TOPIC_DELETED");
	return NULL;
}

/* What the query changes, as fields of action; false with the error when it changes nothing. */
static bool edit_action(struct rpc *r, const struct tl_obj *q, const struct topic *topic,
			struct tl_obj *action, struct rpc_reply *out)
{
	bool title = tl_has(q, TLF_title), icon = tl_has(q, TLF_icon_emoji_id);
	bool closed = tl_has(q, TLF_closed), hidden = tl_has(q, TLF_hidden);
	bool changed = false;

	if (closed && (title || icon || hidden)) {
		rpc_error(out, 400, "TOPIC_CLOSE_SEPARATELY");
		return false;
	}
	if (hidden && topic->id != GENERAL) {
		rpc_error(out, 400, "TOPIC_ID_INVALID");
		return false;
	}
	if ((title && !title_good(r, tl_bytes(q, TLF_title), out)) || !icon_good(r, q, out))
		return false;
	if (title && !cspan_equal(tl_bytes(q, TLF_title), cspan_str(topic->title)))
		tl_set_bytes(action, TLF_title, tl_bytes(q, TLF_title)), changed = true;
	if (icon && tl_long(q, TLF_icon_emoji_id) != topic->icon_emoji_id)
		tl_set_long(action, TLF_icon_emoji_id, tl_long(q, TLF_icon_emoji_id)),
		    changed = true;
	if (closed && tl_flag(q, TLF_closed) != topic->closed)
		tl_set_flag(action, TLF_closed, tl_flag(q, TLF_closed)), changed = true;
	if (hidden && tl_flag(q, TLF_hidden) != topic->hidden)
		tl_set_flag(action, TLF_hidden, tl_flag(q, TLF_hidden)), changed = true;
	if (!changed)
		rpc_error(out, 400, "TOPIC_NOT_MODIFIED");
	return changed;
}

static void apply_edit(struct rpc *r, struct topic *topic, const struct tl_obj *action)
{
	if (tl_has(action, TLF_title))
		topic->title = world_str(r->world, tl_bytes(action, TLF_title));
	if (tl_has(action, TLF_icon_emoji_id))
		topic->icon_emoji_id = tl_long(action, TLF_icon_emoji_id);
	if (tl_has(action, TLF_closed))
		topic->closed = tl_flag(action, TLF_closed);
	if (tl_has(action, TLF_hidden)) {
		topic->hidden = tl_flag(action, TLF_hidden);
		topic->closed = topic->hidden; /* a hidden General is closed as well */
	}
}

static void edit_topic(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *action = tl_new(r->arena, TLC_messageActionTopicEdit);
	struct tl_obj *content = tl_new(r->arena, TLC_messageService);
	struct topic *topic;
	struct target t;

	if (!forum_take(r, q, &t, out))
		return;
	topic = topic_take(&t, q, TLF_topic_id, out);
	if (topic == NULL || !may_manage(r, &t, topic, out) ||
	    !edit_action(r, q, topic, action, out))
		return;
	apply_edit(r, topic, action);
	tl_set_obj(content, TLF_action, action);
	tl_set_obj(content, TLF_reply_to, reply_topic_header(r, topic));
	answer_message(r, send_post(r, &t, content, 0), 0, 1, out);
}

static const struct tl_obj *pinned_update(const struct rpc *r, const struct target *t,
					  const struct topic *topic)
{
	bool old = r->layer < TL_LAYER;
	struct tl_obj *o =
	    tl_new(r->arena, old ? TLC_updateChannelPinnedTopic : TLC_updatePinnedForumTopic);

	tl_set_flag(o, TLF_pinned, topic->pinned);
	tl_set_int(o, TLF_topic_id, topic->id);
	if (old)
		tl_set_long(o, TLF_channel_id, t->chat->id);
	else
		tl_set_obj(o, TLF_peer, peer_obj(r->arena, t->peer));
	return o;
}

static uint32_t pinned_topics(const struct chat *c)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->topic_count; i++)
		n += c->topics[i]->pinned && !c->topics[i]->deleted;
	return n;
}

static void pin_topic(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct batch *b = arena_take(r->arena, sizeof(*b));
	struct topic *topic;
	struct target t;

	if (b == NULL || !forum_take(r, q, &t, out))
		return;
	topic = topic_take(&t, q, TLF_topic_id, out);
	if (topic == NULL || !may_manage(r, &t, topic, out))
		return;
	if (topic->pinned == tl_flag(q, TLF_pinned)) {
		rpc_error(out, 400, "PINNED_TOPIC_NOT_MODIFIED");
		return;
	}
	if (!topic->pinned && pinned_topics(t.chat) >= PINNED_TOPICS_MAX) {
		rpc_error(out, 400, "PINNED_TOO_MUCH");
		return;
	}
	topic->pinned = !topic->pinned;
	chat_changed(r->world, t.chat, UPDATE_TOPIC_PIN, topic->id, rpc_date(r), r->session_id);
	batch_start(b, r);
	roll_peer(&b->roll, t.peer);
	batch_put(b, pinned_update(r, &t, topic));
	rpc_result(out, batch_end(b));
}

static void delete_topic(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messages_affectedHistory);
	struct topic *topic;
	struct target t;
	int32_t n = 0;

	if (!forum_take(r, q, &t, out))
		return;
	topic = topic_take(&t, q, TLF_top_msg_id, out);
	if (topic == NULL || !may_manage(r, &t, topic, out))
		return;
	while (topic->messages.count > 0) {
		struct msg *m = history_msg(r, t.history, topic->messages.ids[0]);

		check(m != NULL);
		msg_delete(r->world, m, true, rpc_date(r), r->session_id);
		n++;
	}
	topic->deleted = topic->id != GENERAL;
	tl_set_int(o, TLF_pts, t.chat->box.pts);
	tl_set_int(o, TLF_pts_count, n);
	rpc_result(out, o);
}

static void toggle_forum(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	bool on = tl_flag(q, TLF_enabled);
	struct target t;

	if (!peer_take_channel(r, tl_sub(q, TLF_channel), &t, out))
		return;
	if (t.member == NULL || !t.member->creator || t.chat->kind != CHAT_SUPERGROUP) {
		rpc_error(out, 400,
			  t.chat->kind == CHAT_SUPERGROUP ? "CHAT_ADMIN_REQUIRED"
							  : "CHANNEL_INVALID");
		return;
	}
	if (t.chat->forum == on) {
		rpc_error(out, 400, "CHAT_NOT_MODIFIED");
		return;
	}
	chat_set_forum(r->world, t.chat, on);
	chat_changed(r->world, t.chat, UPDATE_CHAT, 0, rpc_date(r), r->session_id);
	rpc_result(out, updates_of_chat(r, t.chat));
}

const struct method methods_forum_table[] = {
    {TLC_messages_getForumTopics, get_topics, 0, LIMIT_READ},
    {TLC_channels_getForumTopics, get_topics, 0, LIMIT_READ},
    {TLC_messages_getForumTopicsByID, get_topics_by_id, 0, LIMIT_READ},
    {TLC_channels_getForumTopicsByID, get_topics_by_id, 0, LIMIT_READ},
    {TLC_messages_createForumTopic, create_topic, 0, LIMIT_NONE},
    {TLC_channels_createForumTopic, create_topic, 0, LIMIT_NONE},
    {TLC_messages_editForumTopic, edit_topic, 0, LIMIT_NONE},
    {TLC_channels_editForumTopic, edit_topic, 0, LIMIT_NONE},
    {TLC_messages_updatePinnedForumTopic, pin_topic, 0, LIMIT_NONE},
    {TLC_channels_updatePinnedForumTopic, pin_topic, 0, LIMIT_NONE},
    {TLC_messages_deleteTopicHistory, delete_topic, 0, LIMIT_NONE},
    {TLC_channels_deleteTopicHistory, delete_topic, 0, LIMIT_NONE},
    {TLC_channels_toggleForum, toggle_forum, 0, LIMIT_NONE},
    {TLC_none, NULL, 0, LIMIT_NONE},
};
