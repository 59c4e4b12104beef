/*
 * Changing what was sent: edit, delete, pin.
 */
#include "tools/tgsim/methods_priv.h"

enum { EDIT_SECONDS = 172800, RIGHT_PIN = 17 };

static bool refuse(struct rpc_reply *out, int32_t code, const char *text)
{
	rpc_error(out, code, "%s", text);
	return false;
}

/* ---- editing ---- */

static bool may_edit(struct rpc *r, const struct target *t, const struct msg *m,
		     struct rpc_reply *out)
{
	bool own = m->from_id == r->account->user->id;

	if (m->service)
		return refuse(out, 400, "MESSAGE_ID_INVALID");
	if (tl_has(msg_body(r->world, r->arena, m), TLF_fwd_from) &&
	    !(target_is_broadcast(t) && target_is_admin(t)))
		return refuse(out, 403, "MESSAGE_AUTHOR_REQUIRED");
	if (target_is_broadcast(t) && target_may(t, own ? ADMIN_POST : ADMIN_EDIT))
		return true;
	if (!own)
		return refuse(out, 403, "MESSAGE_AUTHOR_REQUIRED");
	if (!peer_equal(t->peer, peer_self(r)) && rpc_date(r) - m->date > EDIT_SECONDS)
		return refuse(out, 400, "MESSAGE_EDIT_TIME_EXPIRED");
	return true;
}

static bool is_file_media(const struct tl_obj *media)
{
	return tl_cons(media) == TLC_messageMediaPhoto ||
	       tl_cons(media) == TLC_messageMediaDocument;
}

/* The media after the edit. */
static bool edit_media(struct rpc *r, const struct target *t, const struct tl_obj *q,
		       const struct msg *m, struct media *media, struct rpc_reply *out)
{
	if (!tl_has(q, TLF_media))
		return true;
	if (!media_take(r, t, tl_sub(q, TLF_media), -1, media, out))
		return false;
	if (m->grouped_id != 0 && !is_file_media(media->obj))
		return refuse(out, 400, "MEDIA_GROUPED_INVALID");
	if (media->kind == MEDIA_POLL || media->kind == MEDIA_DICE)
		return refuse(out, 400, "MEDIA_PREV_INVALID");
	return true;
}

/* The encoded forms are compared: whatever differs, differs there. */
static bool same_content(struct rpc *r, const struct tl_obj *a, const struct tl_obj *b)
{
	enum { ROOM = 256 << 10 };
	uint8_t *x = arena_take(r->arena, ROOM), *y = arena_take(r->arena, ROOM);
	struct tl_error error;
	size_t n, k;

	if (x == NULL || y == NULL)
		return false;
	n = tl_encode(a, TL_LAYER, (struct span){x, ROOM}, &error);
	k = tl_encode(b, TL_LAYER, (struct span){y, ROOM}, &error);
	return n > 0 && n == k && memcmp(x, y, n) == 0;
}

static bool edit_text(struct rpc *r, const struct target *t, const struct tl_obj *q,
		      const struct media *media, struct tl_obj *content, struct rpc_reply *out)
{
	bool caption = is_file_media(media->obj);
	struct text text;

	if (!tl_has(q, TLF_message))
		return true;
	if (!send_text(r, t, q, caption ? send_caption_limit(r) : TEXT_UNITS_MAX,
		       caption ? "MEDIA_CAPTION_TOO_LONG" : "MESSAGE_TOO_LONG", &text, out))
		return false;
	if (text.units == 0 && media->obj == NULL)
		return refuse(out, 400, "MESSAGE_EMPTY");
	tl_set_bytes(content, TLF_message, text.bytes);
	tl_unset(content, TLF_entities);
	text_set_entities(r->arena, content, TLF_entities, &text);
	if (!caption && (media->obj == NULL || media->kind == MEDIA_WEBPAGE) &&
	    !tl_has(q, TLF_media))
		tl_set_obj(content, TLF_media,
			   tl_flag(q, TLF_no_webpage) ? NULL : media_preview(r, &text));
	return true;
}

static const struct tl_obj *edit_update(struct roll *l, const struct msg *m, int64_t now)
{
	struct update u = {
	    .kind = UPDATE_EDIT,
	    .pts = m->history->box->pts,
	    .pts_count = 1,
	    .msg_id = m->id,
	    .history = m->history,
	};

	return update_obj(l, &u, now);
}

static void answer_edit(struct rpc *r, const struct target *t, const struct msg *m,
			struct rpc_reply *out)
{
	struct batch *b = arena_take(r->arena, sizeof(*b));

	if (b == NULL) {
		rpc_error(out, 500, "RPC_CALL_FAIL");
		return;
	}
	batch_start(b, r);
	roll_peer(&b->roll, t->peer);
	batch_put(b, edit_update(&b->roll, m, r->now));
	rpc_result(out, batch_end(b));
}

static struct msg *message_take(struct rpc *r, const struct tl_obj *q, struct target *t,
				struct rpc_reply *out)
{
	struct msg *m;

	if (!peer_take(r, tl_sub(q, TLF_peer), t, out))
		return NULL;
	m = t->history == NULL ? NULL : history_msg(r, t->history, tl_int(q, TLF_id));
	if (m == NULL)
		rpc_error(out, 400, "MESSAGE_ID_INVALID");
	return m;
}

static void edit_message(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	const struct tl_obj *body;
	struct tl_obj *content;
	struct media media;
	struct target t;
	struct msg *m = message_take(r, q, &t, out);

	if (m == NULL || !may_edit(r, &t, m, out))
		return;
	body = msg_body(r->world, r->arena, m);
	content = tl_copy(r->arena, body);
	media = (struct media){media_kind_of(tl_sub(body, TLF_media), r->world),
			       tl_sub(body, TLF_media), false};
	if (!edit_media(r, &t, q, m, &media, out))
		return;
	tl_set_obj(content, TLF_media, media.obj);
	if (!edit_text(r, &t, q, &media, content, out))
		return;
	if (tl_has(q, TLF_invert_media))
		tl_set_flag(content, TLF_invert_media, true);
	if (same_content(r, content, body)) {
		rpc_error(out, 400, "MESSAGE_NOT_MODIFIED");
		return;
	}
	msg_edit(r->world, m, content, rpc_date(r), r->session_id);
	answer_edit(r, &t, m, out);
}

/* ---- deleting ---- */

static void answer_affected(struct rpc *r, int32_t pts, int32_t count, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messages_affectedMessages);

	tl_set_int(o, TLF_pts, pts);
	tl_set_int(o, TLF_pts_count, count);
	rpc_result(out, o);
}

static void channels_delete(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_vec ids = tl_vec(q, TLF_id);
	uint32_t count = ids.count < IDS_MAX ? ids.count : IDS_MAX;
	struct target t;
	int32_t n = 0;

	if (!peer_take_channel(r, tl_sub(q, TLF_channel), &t, out))
		return;
	for (uint32_t i = 0; i < count; i++) {
		const struct msg *m = history_msg(r, t.history, tl_vec_int(ids, i));

		if (m != NULL && !target_may(&t, ADMIN_DELETE) &&
		    m->from_id != r->account->user->id) {
			rpc_error(out, 403, "MESSAGE_DELETE_FORBIDDEN");
			return;
		}
	}
	for (uint32_t i = 0; i < count; i++) {
		struct msg *m = history_msg(r, t.history, tl_vec_int(ids, i));

		if (m == NULL)
			continue;
		msg_delete(r->world, m, true, rpc_date(r), r->session_id);
		n++;
	}
	answer_affected(r, t.chat->box.pts, n, out);
}

static void messages_delete(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_vec ids = tl_vec(q, TLF_id);
	uint32_t count = ids.count < IDS_MAX ? ids.count : IDS_MAX;
	int32_t n = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct msg *m = msg_find(r->world, &r->account->box, tl_vec_int(ids, i));

		if (m == NULL)
			continue;
		msg_delete(r->world, m, tl_flag(q, TLF_revoke), rpc_date(r), r->session_id);
		n++;
	}
	answer_affected(r, r->account->box.pts, n, out);
}

/* ---- pinning ---- */

static bool may_pin(const struct target *t, struct rpc_reply *out)
{
	bool broadcast = target_is_broadcast(t);
	const struct member *m = t->member;

	if (t->chat == NULL || target_may(t, broadcast ? ADMIN_EDIT : ADMIN_PIN) ||
	    (m != NULL && !m->left && !broadcast &&
	     !((t->chat->banned_rights | m->restricted) & 1u << RIGHT_PIN)))
		return true;
	return refuse(out, 400, "CHAT_ADMIN_REQUIRED");
}

/* "... pinned a message": a service message that answers to it, in its topic. */
static struct msg *pin_notice(struct rpc *r, struct target *t, const struct msg *m)
{
	struct tl_obj *content = tl_new(r->arena, TLC_messageService);
	struct tl_obj *reply = tl_new(r->arena, TLC_messageReplyHeader);

	tl_set_int(reply, TLF_reply_to_msg_id, m->id);
	if (m->topic_id > 1) {
		tl_set_flag(reply, TLF_forum_topic, true);
		tl_set_int(reply, TLF_reply_to_top_id, m->topic_id);
	}
	tl_set_obj(content, TLF_reply_to, reply);
	tl_set_obj(content, TLF_action, tl_new(r->arena, TLC_messageActionPinMessage));
	return send_post(r, t, content, 0);
}

static const struct tl_obj *pin_update(struct roll *l, const struct msg *m, int64_t now)
{
	struct update u = {
	    .kind = m->pinned ? UPDATE_PIN : UPDATE_UNPIN,
	    .pts = m->history->box->pts,
	    .pts_count = 1,
	    .msg_id = m->id,
	    .history = m->history,
	};

	return update_obj(l, &u, now);
}

static void update_pinned(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	bool pin = !tl_flag(q, TLF_unpin);
	struct target t;
	struct msg *m = message_take(r, q, &t, out);
	struct batch *b = arena_take(r->arena, sizeof(*b));

	if (m == NULL || b == NULL || !may_pin(&t, out))
		return;
	if (m->pinned == pin || m->service) {
		rpc_error(out, 400, m->service ? "MESSAGE_ID_INVALID" : "CHAT_NOT_MODIFIED");
		return;
	}
	batch_start(b, r);
	roll_peer(&b->roll, t.peer);
	msg_pin(r->world, m, pin, rpc_date(r), r->session_id);
	batch_put(b, pin_update(&b->roll, m, r->now));
	if (pin)
		batch_put_message(b, pin_notice(r, &t, m), 1);
	rpc_result(out, batch_end(b));
}

static void unpin_all(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messages_affectedHistory);
	struct target t;
	int32_t n = 0;

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out) || !may_pin(&t, out))
		return;
	while (t.history != NULL && t.history->pinned.count > 0) {
		struct msg *m = history_msg(r, t.history, t.history->pinned.ids[0]);

		check(m != NULL);
		msg_pin(r->world, m, false, rpc_date(r), r->session_id);
		n++;
	}
	tl_set_int(o, TLF_pts, t.history == NULL ? r->account->box.pts : t.history->box->pts);
	tl_set_int(o, TLF_pts_count, n);
	rpc_result(out, o);
}

const struct method methods_edit_table[] = {
    {TLC_messages_editMessage, edit_message, 0, LIMIT_NONE},
    {TLC_channels_deleteMessages, channels_delete, 0, LIMIT_NONE},
    {TLC_messages_deleteMessages, messages_delete, 0, LIMIT_NONE},
    {TLC_messages_updatePinnedMessage, update_pinned, 0, LIMIT_NONE},
    {TLC_messages_unpinAllMessages, unpin_all, 0, LIMIT_NONE},
    {TLC_none, NULL, 0, LIMIT_NONE},
};
