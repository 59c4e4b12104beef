/*
 * Reading messages: pages of a list of ids with the offset rules of getHistory (api.md 5), messages
 * by id, threads and topics. A page is chosen on ids alone; only what is answered is looked at.
 *
 *   newest                                                     oldest
 *     |----- add_offset < 0 -----|p|---- limit messages ----|
 *                                 ^ first id < offset_id
 */
#include "tools/tgsim/methods_priv.h"

void page_ask_from(struct page_ask *p, const struct tl_obj *q)
{
	*p = (struct page_ask){
	    .offset_id = tl_int(q, TLF_offset_id),
	    .add_offset = tl_int(q, TLF_add_offset),
	    .limit = tl_int(q, TLF_limit),
	    .max_id = tl_int(q, TLF_max_id),
	    .min_id = tl_int(q, TLF_min_id),
	    .hash = tl_long(q, TLF_hash),
	};
}

struct msg *history_msg(struct rpc *r, const struct history *h, int32_t id)
{
	struct msg *m = msg_find(r->world, h->box, id);

	return m != NULL && m->history == h ? m : NULL;
}

/* ---- choosing ---- */

struct page {
	uint32_t start; /* in descending order */
	uint32_t count;
};

/* Ids ascending: how many have a date below the wanted one. Dates do not fall along the ids. */
static uint32_t lower_by_date(struct rpc *r, const struct history *h, const struct idlist *ids,
			      int32_t date)
{
	uint32_t low = 0, high = ids->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const struct msg *m = msg_find(r->world, h->box, ids->ids[mid]);

		if (m != NULL && m->date < date)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static uint32_t first_index(struct rpc *r, const struct history *h, const struct idlist *ids,
			    const struct page_ask *a)
{
	uint32_t below = ids->count;

	if (a->offset_id > 0)
		below = idlist_lower(ids, a->offset_id);
	else if (a->offset_date > 0)
		below = lower_by_date(r, h, ids, a->offset_date);
	return ids->count - below;
}

/* The window, moved back into the list when it stands out at the newest end. */
static struct page choose(uint32_t first, uint32_t total, int32_t add_offset, int32_t limit)
{
	int64_t start = (int64_t)first + add_offset, end;

	if (start < 0)
		start = 0;
	end = start + limit;
	if (start > total)
		start = total;
	if (end > total)
		end = total;
	return (struct page){(uint32_t)start, (uint32_t)(end - start)};
}

static int64_t hash_ids(const int32_t *ids, uint32_t count)
{
	uint64_t h = 0;

	for (uint32_t i = 0; i < count; i++) {
		h ^= h >> 21;
		h ^= h << 35;
		h ^= h >> 4;
		h += (uint64_t)ids[i];
	}
	return (int64_t)h;
}

/* ---- answering ---- */

static void put_topics(struct rpc *r, struct roll *l, const struct target *t, struct tl_obj *o,
		       struct msg *const *messages, uint32_t count)
{
	struct topic *seen[PAGE_MAX];
	uint32_t n = 0, k;

	if (t == NULL || t->chat == NULL || !t->chat->forum)
		return;
	for (uint32_t i = 0; i < count; i++) {
		struct topic *topic =
		    messages[i] == NULL ? NULL : topic_find(t->chat, messages[i]->topic_id);

		for (k = 0; k < n && seen[k] != topic; k++)
			;
		if (topic != NULL && k == n && n < PAGE_MAX)
			seen[n++] = topic;
	}
	tl_set_vec(r->arena, o, TLF_topics, n);
	for (uint32_t i = 0; i < n; i++)
		tl_put_obj(o, TLF_topics, i, topic_obj(r, l, t, seen[i]));
}

static const struct tl_obj *empty_message(struct rpc *r, const struct target *t, int32_t id)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messageEmpty);

	tl_set_int(o, TLF_id, id);
	if (t != NULL && t->peer.kind == PEER_CHANNEL)
		tl_set_obj(o, TLF_peer_id, peer_obj(r->arena, t->peer));
	return o;
}

/* Fills messages, topics, chats and users of o. */
static void put_messages(struct rpc *r, const struct target *t, struct tl_obj *o,
			 struct msg *const *messages, const int32_t *ids, uint32_t count)
{
	struct roll l = roll_start(r);

	l.min = methods_of(r->world)->min_users && t != NULL && t->peer.kind == PEER_CHANNEL;
	if (t != NULL)
		roll_peer(&l, t->peer);
	tl_set_vec(r->arena, o, TLF_messages, count);
	for (uint32_t i = 0; i < count; i++) {
		const struct tl_obj *view;

		if (messages[i] == NULL) {
			tl_put_obj(o, TLF_messages, i, empty_message(r, t, ids[i]));
			continue;
		}
		view = msg_view(r->world, r->arena, r->account, messages[i], r->now);
		tl_put_obj(o, TLF_messages, i, view);
		roll_message(&l, view);
	}
	put_topics(r, &l, t, o, messages, count);
	roll_set(&l, o);
}

static struct tl_obj *container(struct rpc *r, const struct target *t, uint32_t total, bool all)
{
	bool channel = t != NULL && t->peer.kind == PEER_CHANNEL;
	struct tl_obj *o;

	if (channel && !methods_of(r->world)->history_slice) {
		o = tl_new(r->arena, TLC_messages_channelMessages);
		tl_set_int(o, TLF_pts, t->chat->box.pts);
	} else if (all && !channel) {
		return tl_new(r->arena, TLC_messages_messages);
	} else {
		o = tl_new(r->arena, TLC_messages_messagesSlice);
	}
	tl_set_int(o, TLF_count, (int32_t)(total + methods_of(r->world)->count_more));
	return o;
}

void messages_answer(struct rpc *r, const struct target *t, struct msg *const *messages,
		     const int32_t *ids, uint32_t count, struct rpc_reply *out)
{
	struct tl_obj *o = container(r, t, count, true);

	put_messages(r, t, o, messages, ids, count);
	rpc_result(out, o);
}

static void answer_empty(struct rpc *r, const struct target *t, struct rpc_reply *out)
{
	messages_answer(r, t, NULL, NULL, 0, out);
}

static bool comes_empty(struct methods *m, const struct page_ask *a)
{
	uint32_t *left = a->offset_id > 0 ? &m->page_empty : &m->newest_empty;

	if (*left == 0)
		return false;
	(*left)--;
	return true;
}

void page_answer(struct rpc *r, const struct target *t, const struct idlist *ids,
		 const struct page_ask *a, struct rpc_reply *out)
{
	int32_t limit = a->limit > PAGE_MAX ? PAGE_MAX : a->limit;
	struct msg *messages[PAGE_MAX];
	int32_t found[PAGE_MAX];
	uint32_t first, n = 0;
	struct tl_obj *o;
	struct page p;

	if (a->limit < 0 || a->offset_id < 0) {
		rpc_error(out, 400, a->limit < 0 ? "LIMIT_INVALID" : "OFFSET_INVALID");
		return;
	}
	first = first_index(r, t->history, ids, a);
	p = choose(first, ids->count, a->add_offset, limit);
	if (comes_empty(methods_of(r->world), a))
		p.count = 0;
	for (uint32_t i = 0; i < p.count; i++) {
		uint32_t at = methods_of(r->world)->page_ascending ? p.count - 1 - i : i;
		int32_t id = ids->ids[ids->count - 1 - p.start - at];

		if ((a->max_id > 0 && id >= a->max_id) || (a->min_id > 0 && id <= a->min_id))
			continue;
		found[n] = id;
		messages[n] = msg_find(r->world, t->history->box, id);
		n++;
	}
	if (a->hash != 0 && n > 0 && a->hash == hash_ids(found, n)) {
		o = tl_new(r->arena, TLC_messages_messagesNotModified);
		tl_set_int(o, TLF_count, (int32_t)ids->count);
		rpc_result(out, o);
		return;
	}
	o = container(r, t, ids->count, p.count == ids->count);
	if (a->offset_id > 0 && tl_cons(o) != TLC_messages_messages)
		tl_set_int(o, TLF_offset_id_offset, (int32_t)p.start);
	put_messages(r, t, o, messages, found, n);
	rpc_result(out, o);
}

/* ---- histories and threads ---- */

/* The ids of the range that invokeWithMessagesRange names; channels have none. */
static struct idlist in_range(const struct rpc *r, const struct history *h)
{
	struct idlist all = h->messages;
	uint32_t from, to;

	if (r->range_max == 0 || h->owner == NULL || all.count == 0)
		return all;
	from = idlist_lower(&all, r->range_min);
	to = r->range_max == INT32_MAX ? all.count : idlist_lower(&all, r->range_max + 1);
	return (struct idlist){all.ids + from, to > from ? to - from : 0, 0};
}

static void get_history(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct idlist list;
	struct page_ask a;
	struct target t;

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out))
		return;
	page_ask_from(&a, q);
	a.offset_date = tl_int(q, TLF_offset_date);
	if (t.history == NULL) {
		answer_empty(r, &t, out);
		return;
	}
	list = in_range(r, t.history);
	page_answer(r, &t, &list, &a, out);
}

/* Outside forums: whoever replies to the message, directly or in its thread. */
static bool in_thread(struct rpc *r, const struct msg *m, int32_t root)
{
	size_t mark = arena_mark(r->arena);
	const struct tl_obj *reply = tl_sub(msg_body(r->world, r->arena, m), TLF_reply_to);
	bool in = tl_int(reply, TLF_reply_to_msg_id) == root ||
		  tl_int(reply, TLF_reply_to_top_id) == root;

	arena_rewind(r->arena, mark);
	return in;
}

bool thread_list(struct rpc *r, const struct target *t, int32_t root, struct idlist *list,
		 struct rpc_reply *out)
{
	const struct idlist *all = &t->history->messages;
	const struct topic *topic;

	*list = (struct idlist){NULL, 0, 0};
	if (t->chat != NULL && t->chat->forum) {
		topic = topic_find(t->chat, root);
		if (topic == NULL || topic->deleted) {
			rpc_error(out, 400, "TOPIC_ID_INVALID");
			return false;
		}
		*list = topic->messages;
		return true;
	}
	if (history_msg(r, t->history, root) == NULL) {
		rpc_error(out, 400, "MSG_ID_INVALID");
		return false;
	}
	list->ids = arena_take_many(r->arena, all->count + 1, sizeof(int32_t));
	for (uint32_t i = idlist_lower(all, root); list->ids != NULL && i < all->count; i++)
		if (in_thread(r, msg_find(r->world, t->history->box, all->ids[i]), root))
			list->ids[list->count++] = all->ids[i];
	return true;
}

static void get_replies(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct page_ask a;
	struct idlist list;
	struct target t;

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out))
		return;
	page_ask_from(&a, q);
	a.offset_date = tl_int(q, TLF_offset_date);
	if (t.history == NULL)
		rpc_error(out, 400, "MSG_ID_INVALID");
	else if (thread_list(r, &t, tl_int(q, TLF_msg_id), &list, out))
		page_answer(r, &t, &list, &a, out);
}

/* ---- by id ---- */

static int32_t reply_target(struct rpc *r, struct box *b, int32_t id)
{
	const struct msg *m = msg_find(r->world, b, id);
	const struct tl_obj *reply =
	    m == NULL ? NULL : tl_sub(msg_body(r->world, r->arena, m), TLF_reply_to);

	return tl_int(reply, TLF_reply_to_msg_id);
}

static int32_t wanted_id(struct rpc *r, const struct target *t, struct box *b,
			 const struct tl_obj *in)
{
	const struct idlist *pinned = t == NULL ? NULL : &t->history->pinned;

	switch (tl_cons(in)) {
	case TLC_inputMessageID:
		return tl_int(in, TLF_id);
	case TLC_inputMessageReplyTo:
		return reply_target(r, b, tl_int(in, TLF_id));
	case TLC_inputMessagePinned:
		return pinned != NULL && pinned->count > 0 ? pinned->ids[pinned->count - 1] : 0;
	default:
		return 0;
	}
}

static void by_ids(struct rpc *r, const struct target *t, struct box *b, struct tl_vec ids,
		   struct rpc_reply *out)
{
	uint32_t count = ids.count < IDS_MAX ? ids.count : IDS_MAX;
	struct msg *messages[IDS_MAX];
	int32_t found[IDS_MAX];

	if (ids.count == 0) {
		rpc_error(out, 400, "MESSAGE_IDS_EMPTY");
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		found[i] = wanted_id(r, t, b, tl_vec_obj(ids, i));
		messages[i] = msg_find(r->world, b, found[i]);
	}
	messages_answer(r, t, messages, found, count, out);
}

static void channels_get_messages(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct target t;

	if (peer_take_channel(r, tl_sub(q, TLF_channel), &t, out))
		by_ids(r, &t, &t.chat->box, tl_vec(q, TLF_id), out);
}

static void messages_get_messages(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	by_ids(r, NULL, &r->account->box, tl_vec(q, TLF_id), out);
}

static void get_rich_message(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct target t;

	if (peer_take(r, tl_sub(q, TLF_peer), &t, out))
		rpc_error(out, 400, "MESSAGE_ID_INVALID"); /* no message here is a rich one */
}

/* ---- reading marks ---- */

static void mark_read(struct history *h, int32_t max_id)
{
	int32_t last = h->messages.count > 0 ? h->messages.ids[h->messages.count - 1] : 0;
	int32_t to = max_id <= 0 || max_id > last ? last : max_id;

	if (to > h->read_inbox)
		h->read_inbox = to;
}

static void affected(struct rpc *r, int32_t pts, int32_t pts_count, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messages_affectedMessages);

	tl_set_int(o, TLF_pts, pts);
	tl_set_int(o, TLF_pts_count, pts_count);
	rpc_result(out, o);
}

static void messages_read_history(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct target t;

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out))
		return;
	if (t.peer.kind == PEER_CHANNEL) {
		rpc_error(out, 400, "PEER_ID_INVALID");
		return;
	}
	if (t.history != NULL)
		mark_read(t.history, tl_int(q, TLF_max_id));
	affected(r, r->account->box.pts, 0, out);
}

static void channels_read_history(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct target t;

	if (!peer_take_channel(r, tl_sub(q, TLF_channel), &t, out))
		return;
	/* Channels share one history, so the mark is everybody's; nothing here depends on it. */
	mark_read(t.history, tl_int(q, TLF_max_id));
	rpc_bool(r, out, true);
}

static void read_contents(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	if (tl_cons(q) == TLC_channels_readMessageContents)
		rpc_bool(r, out, true);
	else
		affected(r, r->account->box.pts, 0, out);
}

const struct method methods_history_table[] = {
    {TLC_messages_getHistory, get_history, 0, LIMIT_READ},
    {TLC_messages_getReplies, get_replies, 0, LIMIT_READ},
    {TLC_channels_getMessages, channels_get_messages, 0, LIMIT_READ},
    {TLC_messages_getMessages, messages_get_messages, 0, LIMIT_READ},
    {TLC_messages_getRichMessage, get_rich_message, 0, LIMIT_READ},
    {TLC_messages_readHistory, messages_read_history, 0, LIMIT_NONE},
    {TLC_channels_readHistory, channels_read_history, 0, LIMIT_NONE},
    {TLC_messages_readMessageContents, read_contents, 0, LIMIT_NONE},
    {TLC_channels_readMessageContents, read_contents, 0, LIMIT_NONE},
    {TLC_none, NULL, 0, LIMIT_NONE},
};
