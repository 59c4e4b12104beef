/*
 * messages.search and its relatives: the list of ids that pass (words, kind of media, sender,
 * topic, dates), then a page of it as in getHistory. Each message is looked at once, and forgotten
 * again.
 */
#include "tools/tgsim/methods_priv.h"

struct sieve {
	struct cspan words;
	enum tlc filter;
	struct peer from; /* id 0: anybody */
	int32_t min_date, max_date;
};

static bool is_any(enum media_kind k, enum media_kind a, enum media_kind b)
{
	return k == a || k == b;
}

static bool has_entity_url(const struct tl_obj *m)
{
	struct tl_vec v = tl_vec(m, TLF_entities);

	for (uint32_t i = 0; i < v.count; i++) {
		enum tlc c = tl_cons(tl_vec_obj(v, i));

		if (c == TLC_messageEntityUrl || c == TLC_messageEntityTextUrl)
			return true;
	}
	return false;
}

static bool passes_filter(struct rpc *r, enum tlc filter, const struct msg *m,
			  const struct tl_obj *body)
{
	const struct tl_obj *media = tl_sub(body, TLF_media);
	enum media_kind k = media_kind_of(media, r->world);
	enum tlc c = tl_cons(media);

	switch (filter) {
	case TLC_inputMessagesFilterPhotos:
		return k == MEDIA_PHOTO;
	case TLC_inputMessagesFilterVideo:
		return k == MEDIA_VIDEO;
	case TLC_inputMessagesFilterPhotoVideo:
		return is_any(k, MEDIA_PHOTO, MEDIA_VIDEO);
	case TLC_inputMessagesFilterDocument:
		return k == MEDIA_FILE;
	case TLC_inputMessagesFilterUrl:
		return has_entity_url(body);
	case TLC_inputMessagesFilterGif:
		return k == MEDIA_GIF;
	case TLC_inputMessagesFilterVoice:
		return k == MEDIA_VOICE;
	case TLC_inputMessagesFilterMusic:
		return k == MEDIA_AUDIO;
	case TLC_inputMessagesFilterRoundVideo:
		return k == MEDIA_ROUND;
	case TLC_inputMessagesFilterRoundVoice:
		return is_any(k, MEDIA_ROUND, MEDIA_VOICE);
	case TLC_inputMessagesFilterPinned:
		return m->pinned;
	case TLC_inputMessagesFilterPoll:
		return k == MEDIA_POLL;
	case TLC_inputMessagesFilterContacts:
		return c == TLC_messageMediaContact;
	case TLC_inputMessagesFilterGeo:
		return c == TLC_messageMediaGeo || c == TLC_messageMediaVenue ||
		       c == TLC_messageMediaGeoLive;
	case TLC_inputMessagesFilterChatPhotos:
		return tl_sub_cons(body, TLF_action) == TLC_messageActionChatEditPhoto;
	case TLC_inputMessagesFilterEmpty:
		return true;
	default:
		return false;
	}
}

static bool passes(struct rpc *r, const struct sieve *s, const struct msg *m)
{
	size_t mark = arena_mark(r->arena);
	const struct tl_obj *body;
	bool good;

	if ((s->min_date > 0 && m->date <= s->min_date) ||
	    (s->max_date > 0 && m->date >= s->max_date))
		return false;
	if (s->from.id != 0 && (s->from.kind != PEER_USER || m->from_id != s->from.id) &&
	    !(s->from.kind == PEER_CHANNEL && peer_equal(m->history->peer, s->from)))
		return false;
	if (s->filter == TLC_inputMessagesFilterEmpty && s->words.len == 0)
		return true;
	body = msg_body(r->world, r->arena, m);
	good = text_contains(tl_bytes(body, TLF_message), s->words) &&
	       passes_filter(r, s->filter, m, body);
	arena_rewind(r->arena, mark);
	return good;
}

static bool sieve_list(struct rpc *r, const struct target *t, const struct sieve *s,
		       const struct idlist *from, struct idlist *to)
{
	*to = (struct idlist){NULL, 0, 0};
	to->ids = arena_take_many(r->arena, from->count + 1, sizeof(int32_t));
	if (to->ids == NULL)
		return false;
	for (uint32_t i = 0; i < from->count; i++) {
		const struct msg *m = msg_find(r->world, t->history->box, from->ids[i]);

		if (m != NULL && passes(r, s, m))
			to->ids[to->count++] = from->ids[i];
	}
	return true;
}

/* The ids to look through: the peer's, or those of a topic or thread. */
static bool base_list(struct rpc *r, struct target *t, const struct tl_obj *q, struct idlist *list,
		      struct rpc_reply *out)
{
	if (!peer_take(r, tl_sub(q, TLF_peer), t, out))
		return false;
	if (target_history(r, t) == NULL) {
		rpc_error(out, 400, "PEER_ID_INVALID");
		return false;
	}
	*list = t->history->messages;
	return tl_int(q, TLF_top_msg_id) == 0 ||
	       thread_list(r, t, tl_int(q, TLF_top_msg_id), list, out);
}

static bool sieve_from(struct rpc *r, const struct tl_obj *q, struct sieve *s,
		       struct rpc_reply *out)
{
	const struct tl_obj *from = tl_sub(q, TLF_from_id);
	struct target sender;

	*s = (struct sieve){
	    .words = tl_bytes(q, TLF_q),
	    .filter = tl_sub_cons(q, TLF_filter),
	    .min_date = tl_int(q, TLF_min_date),
	    .max_date = tl_int(q, TLF_max_date),
	};
	if (from == NULL || tl_cons(from) == TLC_inputPeerEmpty)
		return true;
	if (!peer_take(r, from, &sender, out)) {
		rpc_error(out, 400, "FROM_PEER_INVALID");
		return false;
	}
	s->from = sender.peer;
	return true;
}

static void search(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct idlist base, list;
	struct page_ask a;
	struct target t;
	struct sieve s;

	if (!base_list(r, &t, q, &base, out) || !sieve_from(r, q, &s, out))
		return;
	page_ask_from(&a, q);
	if (s.filter == TLC_inputMessagesFilterEmpty && s.words.len == 0 && s.from.id == 0 &&
	    s.min_date == 0 && s.max_date == 0 && !tl_has(q, TLF_top_msg_id) && a.limit > 1)
		rpc_error(out, 400, "SEARCH_QUERY_EMPTY");
	else if (!sieve_list(r, &t, &s, &base, &list))
		rpc_error(out, 500, "RPC_CALL_FAIL");
	else
		page_answer(r, &t, &list, &a, out);
}

static void get_search_counters(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_vec filters = tl_vec(q, TLF_filters);
	struct idlist base, list;
	struct tl_obj *v;
	struct target t;

	if (!base_list(r, &t, q, &base, out))
		return;
	v = tl_new_vector(r->arena, filters.count);
	for (uint32_t i = 0; i < filters.count; i++) {
		struct sieve s = {.filter = tl_cons(tl_vec_obj(filters, i))};
		struct tl_obj *o = tl_new(r->arena, TLC_messages_searchCounter);
		size_t mark = arena_mark(r->arena);

		if (!sieve_list(r, &t, &s, &base, &list)) {
			rpc_error(out, 500, "RPC_CALL_FAIL");
			return;
		}
		arena_rewind(r->arena, mark);
		tl_set_obj(o, TLF_filter, tl_vec_obj(filters, i));
		tl_set_int(o, TLF_count, (int32_t)list.count);
		tl_put_obj(v, TLF_items, i, o);
	}
	rpc_result(out, v);
}

/* Mentions: nobody here has any. */
static void none(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct target t;

	if (peer_take(r, tl_sub(q, TLF_peer), &t, out))
		messages_answer(r, &t, NULL, NULL, 0, out);
}

const struct method methods_search_table[] = {
    {TLC_messages_search, search, 0, LIMIT_READ},
    {TLC_messages_getSearchCounters, get_search_counters, 0, LIMIT_READ},
    {TLC_messages_getUnreadMentions, none, 0, LIMIT_READ},
    {TLC_none, NULL, 0, LIMIT_NONE},
};
