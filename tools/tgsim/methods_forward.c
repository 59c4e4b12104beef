/*
 * messages.forwardMessages (api.md 11): up to 100 ids, the rest is dropped without a word; what is
 * missing is skipped, and so is what destroys itself; protected sources are refused as a whole.
 *
 *  - Albums stay albums as far as their items are in the call. But two to ten files, or pieces of
 *    music, of one sender and nothing beside them become one album, whatever they were before.
 *  - A reply is kept when what it answers comes in the same call, earlier, or is in another chat.
 *  - A keyboard comes along when it holds nothing but links, with its author's name or without.
 *  - Slow mode lets one message, or one album, through.
 *  - A dice names its author, whatever the call wishes. A live location comes as the last point.
 *  - A poll without its author is another poll, without the votes, as TDLib takes it to be; with him it is the same.
 */
#include "tools/tgsim/methods_priv.h"

struct one {
	struct msg *from; /* NULL: missing, deleted, or nothing to forward */
	int64_t random_id;
	int32_t known;
	int32_t made;  /* the copy's id */
	int64_t group; /* of the copy; 0: none */
	enum media_kind kind;
	struct peer author; /* where it first came from */
};

struct forward {
	struct target from, to;
	struct reply reply;
	struct one *list;
	uint32_t count;
	bool drop_author, drop_captions;
	bool lump; /* all become one album */
};

static bool refuse(struct rpc_reply *out, int32_t code, const char *text)
{
	rpc_error(out, code, "%s", text);
	return false;
}

/* ---- what is asked ---- */

static bool may_leave(struct rpc *r, const struct msg *m)
{
	return !m->service &&
	       !tl_has(tl_sub(msg_body(r->world, r->arena, m), TLF_media), TLF_ttl_seconds);
}

static bool ids_take(struct rpc *r, const struct tl_obj *q, struct forward *f,
		     struct rpc_reply *out)
{
	struct tl_vec ids = tl_vec(q, TLF_id), randoms = tl_vec(q, TLF_random_id);

	if (ids.count == 0)
		return refuse(out, 400, "MESSAGE_IDS_EMPTY");
	if (ids.count != randoms.count)
		return refuse(out, 400, "RANDOM_ID_INVALID");
	f->count = ids.count < IDS_MAX ? ids.count : IDS_MAX;
	f->list = arena_take_many(r->arena, f->count, sizeof(*f->list));
	if (f->list == NULL)
		return refuse(out, 500, "RPC_CALL_FAIL");
	for (uint32_t i = 0; i < f->count; i++) {
		struct one *o = &f->list[i];
		struct msg *m = f->from.history == NULL
				    ? NULL
				    : history_msg(r, f->from.history, tl_vec_int(ids, i));

		o->random_id = tl_vec_long(randoms, i);
		o->from = m != NULL && may_leave(r, m) ? m : NULL;
		for (uint32_t k = 0; k < i; k++)
			if (f->list[k].random_id == o->random_id)
				return refuse(out, 400, "RANDOM_ID_INVALID");
		if (!send_random(r, &f->to, o->random_id, &o->known, out))
			return false;
	}
	return true;
}

/* top_msg_id is its own parameter here; newer layers take a reply_to as well. */
static bool topic_take(struct rpc *r, const struct tl_obj *q, struct forward *f,
		       struct rpc_reply *out)
{
	bool forum = f->to.chat != NULL && f->to.chat->forum;

	if (tl_int(q, TLF_top_msg_id) != 0 && !forum)
		return refuse(out, 400, "CHANNEL_FORUM_MISSING");
	return reply_take(r, &f->to, q, &f->reply, out);
}

static bool source_open(struct rpc *r, const struct forward *f, struct rpc_reply *out)
{
	if (f->from.chat != NULL && f->from.chat->noforwards)
		return refuse(out, 400, "CHAT_FORWARDS_RESTRICTED");
	for (uint32_t i = 0; i < f->count; i++)
		if (f->list[i].from != NULL && f->list[i].from->noforwards)
			return refuse(out, 400, "CHAT_FORWARDS_RESTRICTED");
	return true;
}

/* A poll that cannot be forwarded there, or not without its author. */
static bool poll_allowed(struct rpc *r, const struct forward *f, const struct tl_obj *media,
			 struct rpc_reply *out)
{
	const struct tl_obj *poll = tl_sub(media, TLF_poll);

	if (target_is_broadcast(&f->to) && tl_flag(poll, TLF_public_voters))
		return refuse(out, 400, "BROADCAST_PUBLIC_VOTERS_FORBIDDEN");
	if (f->drop_author && poll_is_secret(r, media))
		return refuse(out, 400, "QUIZ_ANSWER_MISSING");
	return true;
}

static struct peer author_of(const struct forward *f, const struct msg *m,
			     const struct tl_obj *body)
{
	const struct tl_obj *first = tl_sub(tl_sub(body, TLF_fwd_from), TLF_from_id);

	if (first != NULL)
		return peer_of_obj(first);
	return target_is_broadcast(&f->from) ? f->from.peer : (struct peer){PEER_USER, m->from_id};
}

static bool is_one_album(const struct forward *f)
{
	int64_t group = 0;

	for (uint32_t i = 0; i < f->count; i++) {
		const struct one *o = &f->list[i];

		if (o->from == NULL || o->known != 0)
			continue;
		if (o->from->grouped_id == 0 || (group != 0 && o->from->grouped_id != group))
			return false;
		group = o->from->grouped_id;
	}
	return true;
}

/* Rights for each kind, what cannot be forwarded there, and the pace for all of them. */
static bool kinds_allowed(struct rpc *r, struct forward *f, struct rpc_reply *out)
{
	uint32_t fresh = 0;

	for (uint32_t i = 0; i < f->count; i++) {
		struct one *o = &f->list[i];
		const struct tl_obj *body, *media;

		if (o->from == NULL)
			continue;
		body = msg_body(r->world, r->arena, o->from);
		media = tl_sub(body, TLF_media);
		o->kind = media_kind_of(media, r->world);
		o->author = author_of(f, o->from, body);
		if (o->known != 0)
			continue;
		if (!send_right(&f->to, o->kind, f->reply.topic, out))
			return false;
		if (o->kind == MEDIA_POLL && !poll_allowed(r, f, media, out))
			return false;
		fresh++;
	}
	if (fresh > 1 && send_is_slow(&f->to) && !is_one_album(f))
		return refuse(out, 400, "SLOWMODE_MULTI_MSGS_DISABLED");
	return fresh == 0 || send_pace(r, &f->to, fresh, out);
}

static bool nothing_there(const struct forward *f)
{
	for (uint32_t i = 0; i < f->count; i++)
		if (f->list[i].from != NULL || f->list[i].known != 0)
			return false;
	return true;
}

/* Two to ten of one kind and one author, files or music, and nothing else. */
static bool becomes_one(const struct forward *f)
{
	const struct one *first = NULL;
	uint32_t n = 0;

	for (uint32_t i = 0; i < f->count; i++) {
		const struct one *o = &f->list[i];

		if (o->from == NULL)
			continue;
		first = first == NULL ? o : first;
		if ((o->kind != MEDIA_FILE && o->kind != MEDIA_AUDIO) || o->kind != first->kind ||
		    !peer_equal(o->author, first->author))
			return false;
		n++;
	}
	return n >= 2 && n <= ALBUM_MAX;
}

static bool together(const struct forward *f, const struct one *a, const struct one *b)
{
	return a->from != NULL && b->from != NULL &&
	       (f->lump ||
		(a->from->grouped_id != 0 && a->from->grouped_id == b->from->grouped_id));
}

/* One new id for each album of which more than one item is in the call. */
static void regroup(struct rpc *r, struct forward *f)
{
	for (uint32_t i = 0; i < f->count; i++) {
		struct one *o = &f->list[i];
		uint32_t mates = 0;
		int64_t group = 0;

		if (!together(f, o, o) || o->group != 0)
			continue;
		for (uint32_t k = 0; k < f->count; k++) {
			const struct one *x = &f->list[k];
			const struct msg *made;

			if (!together(f, o, x))
				continue;
			mates++;
			made = x->known == 0 ? NULL : history_msg(r, f->to.history, x->known);
			if (made != NULL)
				group = made->grouped_id;
		}
		if (mates < 2)
			continue;
		if (group == 0)
			group = rpc_new_id(r);
		for (uint32_t k = i; k < f->count; k++)
			if (together(f, o, &f->list[k]))
				f->list[k].group = group;
	}
}

/* ---- the copy ---- */

/*
 * Where it first came from: kept when it was forwarded before, else made from the message. What one
 * wrote into the Saved Messages comes from nowhere, unless it is a dice.
 */
static const struct tl_obj *origin(struct rpc *r, const struct forward *f, const struct one *one,
				   const struct tl_obj *body)
{
	const struct tl_obj *old = tl_sub(body, TLF_fwd_from);
	const struct msg *m = one->from;
	bool own = peer_equal(f->from.peer, peer_self(r)) && one->kind != MEDIA_DICE;
	struct tl_obj *o;

	if (old == NULL && own && !peer_equal(f->to.peer, peer_self(r)))
		return NULL;
	o = old != NULL ? tl_copy(r->arena, old) : tl_new(r->arena, TLC_messageFwdHeader);
	if (old == NULL) {
		if (target_is_broadcast(&f->from)) {
			tl_set_int(o, TLF_channel_post, m->id);
			if (tl_has(body, TLF_post_author))
				tl_set_bytes(o, TLF_post_author, tl_bytes(body, TLF_post_author));
		}
		if (one->author.id != 0)
			tl_set_obj(o, TLF_from_id, peer_obj(r->arena, one->author));
		tl_set_int(o, TLF_date, m->date);
	}
	if (peer_equal(f->to.peer, peer_self(r))) {
		tl_set_obj(o, TLF_saved_from_peer, peer_obj(r->arena, f->from.peer));
		tl_set_int(o, TLF_saved_from_msg_id, m->id);
	}
	return o;
}

/* The reply to a message that came earlier in the call, or to one of another chat; else the topic alone. */
static const struct tl_obj *reply_kept(struct rpc *r, const struct forward *f,
				       const struct tl_obj *body)
{
	const struct tl_obj *old = tl_sub(body, TLF_reply_to);
	const struct topic *topic = f->reply.topic;
	int32_t to = tl_int(old, TLF_reply_to_msg_id), made = 0;
	bool abroad = tl_has(old, TLF_reply_to_peer_id);
	struct tl_obj *o;

	for (uint32_t i = 0; i < f->count && to != 0; i++)
		if (f->list[i].from != NULL && f->list[i].from->id == to)
			made = f->list[i].made;
	if (made == 0 && !abroad)
		return f->reply.header;
	o = tl_copy(r->arena, old);
	if (!abroad)
		tl_set_int(o, TLF_reply_to_msg_id, made);
	tl_unset(o, TLF_reply_to_top_id);
	tl_set_flag(o, TLF_forum_topic, reply_topic_header(r, topic) != NULL);
	if (reply_topic_header(r, topic) != NULL)
		tl_set_int(o, TLF_reply_to_top_id, topic->id);
	return o;
}

static const struct tl_obj *media_kept(struct rpc *r, const struct forward *f, const struct tl_obj *media)
{
	struct tl_obj *o;

	if (tl_cons(media) == TLC_messageMediaPoll && f->drop_author)
		return poll_anew(r, &f->to, media);
	if (tl_cons(media) != TLC_messageMediaGeoLive)
		return media;
	o = tl_new(r->arena, TLC_messageMediaGeo);
	tl_set_obj(o, TLF_geo, tl_sub(media, TLF_geo));
	return o;
}

static bool drops_caption(const struct forward *f, const struct one *o)
{
	return f->drop_captions && o->kind != MEDIA_NONE && o->kind != MEDIA_WEBPAGE;
}

/* Links go along; what asks a bot does not, and takes the whole keyboard with it. */
static const struct tl_obj *keyboard_kept(const struct tl_obj *markup)
{
	struct tl_vec rows = tl_vec(markup, TLF_rows);

	if (tl_cons(markup) != TLC_replyInlineMarkup)
		return NULL;
	for (uint32_t i = 0; i < rows.count; i++) {
		struct tl_vec buttons = tl_vec(tl_vec_obj(rows, i), TLF_buttons);

		for (uint32_t k = 0; k < buttons.count; k++)
			if (tl_cons(tl_vec_obj(buttons, k)) != TLC_keyboardButtonUrl)
				return NULL;
	}
	return markup;
}

static const struct tl_obj *copy_of(struct rpc *r, const struct tl_obj *q, const struct forward *f,
				    const struct one *o, struct rpc_reply *out)
{
	const struct tl_obj *body = msg_body(r->world, r->arena, o->from);
	struct tl_obj *content = send_content(r, &f->to, q, out);
	struct tl_vec entities = tl_vec(body, TLF_entities);

	if (content == NULL)
		return NULL;
	if (!drops_caption(f, o)) {
		tl_set_bytes(content, TLF_message, tl_bytes(body, TLF_message));
		if (entities.count > 0)
			tl_set_vec(r->arena, content, TLF_entities, entities.count);
		for (uint32_t i = 0; i < entities.count; i++)
			tl_put_obj(content, TLF_entities, i, tl_vec_obj(entities, i));
	}
	tl_set_flag(content, TLF_invert_media, tl_flag(body, TLF_invert_media));
	tl_set_obj(content, TLF_media, media_kept(r, f, tl_sub(body, TLF_media)));
	if (tl_has(body, TLF_via_bot_id) && !f->drop_author)
		tl_set_long(content, TLF_via_bot_id, tl_long(body, TLF_via_bot_id));
	if (!f->drop_author || o->kind == MEDIA_DICE)
		tl_set_obj(content, TLF_fwd_from, origin(r, f, o, body));
	tl_set_obj(content, TLF_reply_to, reply_kept(r, f, body));
	tl_set_obj(content, TLF_reply_markup, keyboard_kept(tl_sub(body, TLF_reply_markup)));
	if (o->group != 0)
		tl_set_long(content, TLF_grouped_id, o->group);
	return content;
}

static bool forward_one(struct rpc *r, const struct tl_obj *q, struct forward *f, struct one *o,
			struct batch *b, struct rpc_reply *out)
{
	const struct tl_obj *content;
	const struct msg *m;

	if (o->known != 0) {
		o->made = o->known;
		m = history_msg(r, f->to.history, o->known);
		if (o->known < 0) {
			convert_again(r, -o->known, b);
			return true;
		}
		batch_put_id(b, o->known, o->random_id);
		if (m != NULL && !methods_of(r->world)->replay_bare)
			batch_put_message(b, m, 0);
		return true;
	}
	if (o->from == NULL)
		return true;
	content = copy_of(r, q, f, o, out);
	if (content == NULL)
		return false;
	m = send_post(r, &f->to, content, o->random_id);
	o->made = m->id;
	batch_put_id(b, m->id, o->random_id);
	batch_put_message(b, m, 1);
	return true;
}

static void run(struct rpc *r, const struct tl_obj *q, struct forward *f, struct rpc_reply *out)
{
	struct methods *m = methods_of(r->world);
	uint32_t most = m->album_part > 0 ? m->album_part : f->count;
	struct batch *b = arena_take(r->arena, sizeof(*b));

	if (b == NULL) {
		rpc_error(out, 500, "RPC_CALL_FAIL");
		return;
	}
	m->album_part = 0;
	batch_start(b, r);
	roll_peer(&b->roll, f->to.peer);
	target_history(r, &f->to);
	f->lump = becomes_one(f);
	regroup(r, f);
	for (uint32_t i = 0; i < f->count && i < most; i++)
		if (!forward_one(r, q, f, &f->list[i], b, out))
			return;
	send_done(r, &f->to);
	if (m->forward_mute > 0) {
		m->forward_mute--;
		batch_start(b, r);
	}
	rpc_result(out, batch_end(b));
}

static void forward_messages(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct forward f = {
	    .drop_author = tl_flag(q, TLF_drop_author),
	    .drop_captions = tl_flag(q, TLF_drop_author) && tl_flag(q, TLF_drop_media_captions),
	};

	if (!peer_take(r, tl_sub(q, TLF_from_peer), &f.from, out) ||
	    !peer_take(r, tl_sub(q, TLF_to_peer), &f.to, out) || !ids_take(r, q, &f, out) ||
	    !source_open(r, &f, out) || !topic_take(r, q, &f, out))
		return;
	if (nothing_there(&f))
		rpc_error(out, 400, "MESSAGE_ID_INVALID");
	else if (kinds_allowed(r, &f, out))
		run(r, q, &f, out);
}

const struct method methods_forward_table[] = {
    {TLC_messages_forwardMessages, forward_messages, 0, LIMIT_NONE},
    {TLC_none, NULL, 0, LIMIT_NONE},
};
