/*
 * What a message answers to and which topic it goes into, from the words of any layer
 * (reply_to_msg_id and top_msg_id as fields, or an InputReplyTo) to the stored messageReplyHeader:
 *
 *   into a topic                  forum_topic, reply_to_msg_id = topic
 *   answer inside a topic         forum_topic, reply_to_msg_id = message, reply_to_top_id = topic
 *   answer in General, elsewhere  reply_to_msg_id = message (supergroups: reply_to_top_id = thread)
 */
#include "tools/tgsim/methods_priv.h"

enum { GENERAL = 1 };

/* The query's wish, whatever the layer called it. */
struct wish {
	int32_t id, top;
	const struct tl_obj *peer; /* of another chat; NULL */
	struct cspan quote;
	bool has_quote;
	int32_t quote_offset;
	const struct tl_obj *from; /* for quote_entities */
};

static bool refuse(struct rpc_reply *out, int32_t code, const char *text)
{
	rpc_error(out, code, "%s", text);
	return false;
}

static bool wish_from(const struct tl_obj *q, struct wish *w, struct rpc_reply *out)
{
	const struct tl_obj *in = tl_sub(q, TLF_reply_to);

	*w = (struct wish){.id = tl_int(q, TLF_reply_to_msg_id), .top = tl_int(q, TLF_top_msg_id)};
	if (in == NULL)
		return true;
	if (tl_cons(in) != TLC_inputReplyToMessage)
		return refuse(out, 400, "REPLY_TO_INVALID");
	if (tl_has(in, TLF_monoforum_peer_id))
		return refuse(out, 400, "REPLY_TO_MONOFORUM_PEER_INVALID");
	w->id = tl_int(in, TLF_reply_to_msg_id);
	if (tl_int(in, TLF_top_msg_id) != 0)
		w->top = tl_int(in, TLF_top_msg_id);
	w->peer = tl_sub(in, TLF_reply_to_peer_id);
	w->has_quote = tl_has(in, TLF_quote_text);
	w->quote = tl_bytes(in, TLF_quote_text);
	w->quote_offset = tl_int(in, TLF_quote_offset);
	w->from = in;
	return true;
}

const struct tl_obj *reply_topic_header(const struct rpc *r, const struct topic *topic)
{
	struct tl_obj *o;

	if (topic == NULL || topic->id == GENERAL)
		return NULL;
	o = tl_new(r->arena, TLC_messageReplyHeader);
	tl_set_flag(o, TLF_forum_topic, true);
	tl_set_int(o, TLF_reply_to_msg_id, topic->id);
	return o;
}

/* ---- topics ---- */

static bool open_topic(struct chat *c, int32_t id, struct topic **topic, struct rpc_reply *out)
{
	*topic = topic_find(c, id);
	if (*topic == NULL)
		return refuse(out, 400, "TOPIC_ID_INVALID");
	return !(*topic)->deleted || refuse(out, 406, "TOPIC_DELETED");
}

/* ---- quotes ---- */

static struct tl_obj *set_quote(struct rpc *r, struct tl_obj *header, const struct wish *w,
				int32_t offset)
{
	struct tl_vec entities = tl_vec(w->from, TLF_quote_entities);

	tl_set_flag(header, TLF_quote, true);
	tl_set_bytes(header, TLF_quote_text, w->quote);
	if (entities.count > 0) {
		tl_set_vec(r->arena, header, TLF_quote_entities, entities.count);
		for (uint32_t i = 0; i < entities.count; i++)
			tl_put_obj(header, TLF_quote_entities, i, tl_vec_obj(entities, i));
	}
	tl_set_int(header, TLF_quote_offset, offset);
	return header;
}

/* Where the quote stands in the text, in UTF-16 units: there, else anywhere; -1: not in it. */
static int32_t quote_place(struct cspan text, const struct wish *w)
{
	int32_t units = text_units(w->quote);
	struct cspan there = text_slice(text, w->quote_offset, units);

	if (units > 0 && cspan_equal(there, w->quote))
		return w->quote_offset;
	for (size_t i = 0; w->quote.len > 0 && i + w->quote.len <= text.len; i++)
		if (memcmp(text.at + i, w->quote.at, w->quote.len) == 0)
			return text_units(cspan_of(text.at, i));
	return -1;
}

static bool put_quote(struct rpc *r, const struct msg *m, const struct wish *w,
		      struct tl_obj *header, struct rpc_reply *out)
{
	const struct tl_obj *body = msg_body(r->world, r->arena, m);
	int32_t offset;

	if (!w->has_quote)
		return true;
	offset = quote_place(tl_bytes(body, TLF_message), w);
	if (offset < 0 || text_units(w->quote) > QUOTE_UNITS_MAX)
		return refuse(out, 400, "QUOTE_TEXT_INVALID");
	set_quote(r, header, w, offset);
	return true;
}

/* ---- headers ---- */

/* A message of another chat: the header says from where, and shows its media. */
static bool reply_abroad(struct rpc *r, const struct wish *w, struct tl_obj *header,
			 struct rpc_reply *out)
{
	struct tl_obj *from = tl_new(r->arena, TLC_messageFwdHeader);
	const struct tl_obj *body;
	const struct msg *m;
	struct target t;

	if (!peer_take(r, w->peer, &t, out))
		return false;
	m = t.history == NULL ? NULL : history_msg(r, t.history, w->id);
	if (m == NULL)
		return refuse(out, 400, "REPLY_MESSAGE_ID_INVALID");
	if (m->noforwards || (t.chat != NULL && t.chat->noforwards))
		return refuse(out, 400, "CHAT_FORWARDS_RESTRICTED");
	body = msg_body(r->world, r->arena, m);
	if (tl_has(body, TLF_from_id))
		tl_set_obj(from, TLF_from_id, tl_sub(body, TLF_from_id));
	tl_set_int(from, TLF_date, m->date);
	tl_set_int(header, TLF_reply_to_msg_id, w->id);
	tl_set_obj(header, TLF_reply_to_peer_id, peer_obj(r->arena, t.peer));
	tl_set_obj(header, TLF_reply_from, from);
	if (tl_has(body, TLF_media))
		tl_set_obj(header, TLF_reply_media, tl_sub(body, TLF_media));
	return put_quote(r, m, w, header, out);
}

static int32_t thread_of(struct rpc *r, const struct msg *m)
{
	const struct tl_obj *reply = tl_sub(msg_body(r->world, r->arena, m), TLF_reply_to);
	int32_t top = tl_int(reply, TLF_reply_to_top_id);

	return top != 0 ? top : tl_int(reply, TLF_reply_to_msg_id);
}

static bool reply_here(struct rpc *r, const struct target *t, const struct wish *w,
		       struct tl_obj *header, struct reply *reply, struct rpc_reply *out)
{
	const struct msg *m = t->history == NULL ? NULL : history_msg(r, t->history, w->id);
	bool forum = t->chat != NULL && t->chat->forum;
	int32_t top = 0;

	if (m == NULL)
		return refuse(out, 400, "REPLY_MESSAGE_ID_INVALID");
	if (forum && !open_topic(t->chat, m->topic_id, &reply->topic, out))
		return false;
	if (forum && reply->topic->id != GENERAL)
		top = reply->topic->id;
	else if (!forum && t->chat != NULL && t->chat->kind == CHAT_SUPERGROUP)
		top = thread_of(r, m);
	tl_set_flag(header, TLF_forum_topic, forum && top != 0);
	tl_set_int(header, TLF_reply_to_msg_id, w->id);
	if (top != 0 && top != w->id)
		tl_set_int(header, TLF_reply_to_top_id, top);
	return put_quote(r, m, w, header, out);
}

/* What is answered was deleted: the message goes without the reply (or not, by the knob). */
static bool is_gone(struct rpc *r, const struct target *t, const struct wish *w)
{
	return !methods_of(r->world)->reply_refused && w->peer == NULL && t->history != NULL &&
	       w->id > 0 && w->id <= t->history->box->last_id &&
	       history_msg(r, t->history, w->id) == NULL;
}

bool reply_take(struct rpc *r, const struct target *t, const struct tl_obj *q, struct reply *reply,
		struct rpc_reply *out)
{
	struct tl_obj *header = tl_new(r->arena, TLC_messageReplyHeader);
	bool forum = t->chat != NULL && t->chat->forum;
	struct wish w;

	*reply = (struct reply){NULL, NULL};
	if (!wish_from(q, &w, out))
		return false;
	if (forum) {
		int32_t id = w.top != 0 ? w.top : GENERAL;

		/* reply_to_msg_id may be the topic itself: then nothing is answered. */
		if (w.peer == NULL && w.id != 0 && topic_find(t->chat, w.id) != NULL) {
			id = w.id;
			w.id = 0;
		}
		if (!open_topic(t->chat, id, &reply->topic, out))
			return false;
	}
	if (w.id == 0 || is_gone(r, t, &w)) {
		reply->header = reply_topic_header(r, reply->topic);
		return true;
	}
	reply->header = header;
	if (w.peer != NULL) {
		if (!reply_abroad(r, &w, header, out))
			return false;
		if (forum && reply->topic->id != GENERAL) {
			tl_set_flag(header, TLF_forum_topic, true);
			tl_set_int(header, TLF_reply_to_top_id, reply->topic->id);
		}
		return true;
	}
	return reply_here(r, t, &w, header, reply, out);
}
