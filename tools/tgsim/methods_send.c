/*
 * Sending: text, media, albums, uploadMedia. The order of the checks is the real server's as far as
 * it is known: peer, random_id, right to write, content, pace. A random_id that was used brings
 * what it made the first time.
 */
#include "tools/tgsim/methods_priv.h"

static bool refuse(struct rpc_reply *out, int32_t code, const char *text)
{
	rpc_error(out, code, "%s", text);
	return false;
}

/* ---- text ---- */

/* What an entity as sent is stored as; NULL: it is dropped. False: refused. */
static bool entity_take(struct rpc *r, const struct target *t, const struct tl_obj *in,
			const struct tl_obj **stored, struct rpc_reply *out)
{
	struct rpc_reply why;
	struct user *u;
	struct tl_obj *o;

	*stored = in;
	switch (tl_cons(in)) {
	case TLC_inputMessageEntityMentionName:
		u = peer_take_user(r, tl_sub(in, TLF_user_id), &why);
		if (u == NULL)
			return refuse(out, 400, "ENTITY_MENTION_USER_INVALID");
		o = tl_new(r->arena, TLC_messageEntityMentionName);
		tl_set_int(o, TLF_offset, tl_int(in, TLF_offset));
		tl_set_int(o, TLF_length, tl_int(in, TLF_length));
		tl_set_long(o, TLF_user_id, u->id);
		*stored = o;
		return true;
	case TLC_messageEntityMentionName: /* only the input form proves that one knows the user */
	case TLC_messageEntityUnknown:
		*stored = NULL;
		return true;
	case TLC_messageEntityCustomEmoji:
		if (methods_of(r->world)->premium_emoji && !r->account->user->premium &&
		    !peer_equal(t->peer, peer_self(r)))
			*stored = NULL;
		return true;
	default:
		return true;
	}
}

static bool text_fault(enum text_fault fault, struct rpc_reply *out)
{
	switch (fault) {
	case TEXT_SOUND:
		return true;
	case TEXT_NOT_UTF8:
		return refuse(out, 400, "INPUT_FETCH_ERROR");
	case TEXT_BOUNDS:
		return refuse(out, 400, "ENTITY_BOUNDS_INVALID");
	case TEXT_LARGE:
		return refuse(out, 400, "ENTITIES_TOO_LONG");
	case TEXT_MEMORY:
		break;
	}
	return refuse(out, 500, "RPC_CALL_FAIL");
}

bool send_text(struct rpc *r, const struct target *t, const struct tl_obj *from, int32_t limit,
	       const char *too_long, struct text *text, struct rpc_reply *out)
{
	struct tl_vec v = tl_vec(from, TLF_entities);
	const struct tl_obj **stored = arena_take_many(r->arena, v.count + 1, sizeof(*stored));
	uint32_t n = 0;

	if (stored == NULL)
		return text_fault(TEXT_MEMORY, out);
	for (uint32_t i = 0; i < v.count; i++) {
		if (!entity_take(r, t, tl_vec_obj(v, i), &stored[n], out))
			return false;
		n += stored[n] != NULL;
	}
	if (!text_fault(text_take(r->arena, tl_bytes(from, TLF_message), stored, n, text), out))
		return false;
	return (int32_t)text->units <= limit || refuse(out, 400, too_long);
}

int32_t send_caption_limit(const struct rpc *r)
{
	return r->account->user->premium ? CAPTION_UNITS_PREMIUM : CAPTION_UNITS_MAX;
}

/* ---- rights and pace ---- */

/* Bit of chatBannedRights and the name of its error. */
static bool kind_banned(uint32_t rights, enum media_kind kind, const char **error)
{
	static const struct {
		enum media_kind kind;
		uint8_t bit;
		const char *error;
	} bans[] = {
	    {MEDIA_NONE, 25, "CHAT_SEND_PLAIN_FORBIDDEN"},
	    {MEDIA_WEBPAGE, 25, "CHAT_SEND_PLAIN_FORBIDDEN"},
	    {MEDIA_PHOTO, 19, "CHAT_SEND_PHOTOS_FORBIDDEN"},
	    {MEDIA_VIDEO, 20, "CHAT_SEND_VIDEOS_FORBIDDEN"},
	    {MEDIA_ROUND, 21, "CHAT_SEND_ROUNDVIDEOS_FORBIDDEN"},
	    {MEDIA_AUDIO, 22, "CHAT_SEND_AUDIOS_FORBIDDEN"},
	    {MEDIA_VOICE, 23, "CHAT_SEND_VOICES_FORBIDDEN"},
	    {MEDIA_FILE, 24, "CHAT_SEND_DOCS_FORBIDDEN"},
	    {MEDIA_GIF, 4, "CHAT_SEND_GIFS_FORBIDDEN"},
	    {MEDIA_STICKER, 3, "CHAT_SEND_STICKERS_FORBIDDEN"},
	    {MEDIA_DICE, 3, "CHAT_SEND_STICKERS_FORBIDDEN"},
	    {MEDIA_POLL, 8, "CHAT_SEND_POLL_FORBIDDEN"},
	};

	*error = "CHAT_SEND_MEDIA_FORBIDDEN";
	if ((rights & 1u << 2) != 0 && kind != MEDIA_NONE && kind != MEDIA_WEBPAGE)
		return true;
	for (size_t i = 0; i < countof(bans); i++) {
		if (bans[i].kind == kind && (rights & 1u << bans[i].bit) != 0) {
			*error = bans[i].error;
			return true;
		}
	}
	*error = "CHAT_RESTRICTED";
	return (rights & 1u << 1) != 0;
}

bool send_right(const struct target *t, enum media_kind kind, const struct topic *topic,
		struct rpc_reply *out)
{
	const struct member *m = t->member;
	const char *error;

	if (t->user != NULL)
		return !t->user->deleted || refuse(out, 400, "INPUT_USER_DEACTIVATED");
	if (t->chat->deactivated)
		return refuse(out, 400, t->chat->migrated_to != 0 ? "PEER_ID_INVALID" : "CHAT_ID_INVALID");
	if (m != NULL && m->banned)
		return refuse(out, 400, "USER_BANNED_IN_CHANNEL");
	if (target_is_broadcast(t))
		return target_may(t, ADMIN_POST) || refuse(out, 400, "CHAT_ADMIN_REQUIRED");
	if (!target_is_admin(t)) {
		if (m == NULL || m->left || (m->restricted & 1u << 1) != 0)
			return refuse(out, 403, "CHAT_WRITE_FORBIDDEN");
		if (kind_banned(t->chat->banned_rights | m->restricted, kind, &error))
			return refuse(out, 403, error);
	}
	if (topic != NULL && topic->closed && !target_may(t, ADMIN_TOPICS) &&
	    (m == NULL || m->user->id != topic->creator))
		return refuse(out, 400, "TOPIC_CLOSED");
	return true;
}

bool send_is_slow(const struct target *t)
{
	return t->member != NULL && t->chat->slowmode_seconds > 0 && !target_is_admin(t);
}

/* An album is one message to slow mode. */
bool send_pace(struct rpc *r, const struct target *t, uint32_t count, struct rpc_reply *out)
{
	int32_t now = rpc_date(r);

	if (send_is_slow(t) && now < t->member->slow_until) {
		rpc_error(out, 420, "SLOWMODE_WAIT_%d", t->member->slow_until - now);
		return false;
	}
	return rpc_limit(r, LIMIT_POST, (int64_t)t->peer.kind << 56 ^ t->peer.id, count, out);
}

void send_done(struct rpc *r, const struct target *t)
{
	if (t->member != NULL && t->chat->slowmode_seconds > 0)
		t->member->slow_until = rpc_date(r) + t->chat->slowmode_seconds;
}

/* ---- random_id ---- */

bool send_random(struct rpc *r, const struct target *t, int64_t random_id, int32_t *id,
		 struct rpc_reply *out)
{
	struct methods *m = methods_of(r->world);

	*id = 0;
	if (random_id == 0)
		return refuse(out, 400, "RANDOM_ID_EMPTY");
	*id = random_id_find(r->world, r->account, t->peer, random_id);
	if (*id == 0)
		*id = -convert_find(r, t, random_id);
	m->repeats += *id != 0;
	if (m->random_forget)
		*id = 0;
	if (*id == 0)
		return true;
	if (m->random_busy > 0) {
		m->random_busy--;
		return refuse(out, 500, "RANDOM_ID_DUPLICATE");
	}
	return m->random_mode != RANDOM_DUPLICATE || refuse(out, 500, "RANDOM_ID_DUPLICATE");
}

/* ---- posting ---- */

struct msg *send_post(struct rpc *r, struct target *t, const struct tl_obj *content,
		      int64_t random_id)
{
	struct post p = {
	    .to = target_history(r, t),
	    .from = r->account->user,
	    .date = rpc_date(r),
	    .random_id = random_id,
	    .session = r->session_id,
	};

	return msg_post(r->world, &p, content);
}

static bool put_sender(struct rpc *r, const struct target *t, const struct tl_obj *q,
		       struct tl_obj *content, struct rpc_reply *out)
{
	const struct tl_obj *as = tl_sub(q, TLF_send_as);
	struct rpc_reply why;
	struct target sender;

	if (target_is_broadcast(t) && t->chat->signatures)
		tl_set_str(content, TLF_post_author, r->account->user->first_name);
	if (as == NULL)
		return true;
	if (!peer_take(r, as, &sender, &why))
		return refuse(out, 400, "SEND_AS_PEER_INVALID");
	if (peer_equal(sender.peer, peer_self(r)))
		return true;
	if (!peer_equal(sender.peer, t->peer) || !target_is_admin(t))
		return refuse(out, 400, "SEND_AS_PEER_INVALID");
	tl_set_obj(content, TLF_from_id, peer_obj(r->arena, t->peer));
	return true;
}

struct tl_obj *send_content(struct rpc *r, const struct target *t, const struct tl_obj *q,
			    struct rpc_reply *out)
{
	struct tl_obj *content = tl_new(r->arena, TLC_message);

	if (tl_has(q, TLF_schedule_date)) {
		rpc_error(out, 400, "SCHEDULE_DATE_INVALID"); /* nothing is scheduled here */
		return NULL;
	}
	if (t->chat != NULL && t->chat->history_ttl > 0)
		tl_set_int(content, TLF_ttl_period, t->chat->history_ttl);
	tl_set_flag(content, TLF_silent, tl_flag(q, TLF_silent));
	tl_set_flag(content, TLF_noforwards, tl_flag(q, TLF_noforwards));
	tl_set_flag(content, TLF_invert_media, tl_flag(q, TLF_invert_media));
	return put_sender(r, t, q, content, out) ? content : NULL;
}

static void put_text(struct rpc *r, struct tl_obj *content, const struct text *text)
{
	tl_set_bytes(content, TLF_message, text->bytes);
	text_set_entities(r->arena, content, TLF_entities, text);
}

static struct batch *answer_start(struct rpc *r, const struct target *t, struct rpc_reply *out)
{
	struct batch *b = arena_take(r->arena, sizeof(*b));

	if (b == NULL) {
		rpc_error(out, 500, "RPC_CALL_FAIL");
		return NULL;
	}
	batch_start(b, r);
	roll_peer(&b->roll, t->peer);
	return b;
}

/* What the random_id made before: its id, and the message when it is still there. */
static void put_known(struct rpc *r, const struct target *t, struct batch *b, int32_t id,
		      int64_t random_id)
{
	const struct msg *m = t->history == NULL ? NULL : history_msg(r, t->history, id);

	if (id < 0) {
		convert_again(r, -id, b);
		return;
	}
	batch_put_id(b, id, random_id);
	if (m != NULL && !methods_of(r->world)->replay_bare)
		batch_put_message(b, m, 0);
}

/* True when the random_id is new. Else the answer is given, or the refusal. */
static bool is_new(struct rpc *r, const struct target *t, int64_t random_id, struct rpc_reply *out)
{
	struct batch *b;
	int32_t id;

	if (!send_random(r, t, random_id, &id, out))
		return false;
	if (id == 0)
		return true;
	b = answer_start(r, t, out);
	if (b == NULL)
		return false;
	put_known(r, t, b, id, random_id);
	rpc_result(out, batch_end(b));
	return false;
}

static void answer_post(struct rpc *r, struct target *t, const struct msg *m, int64_t random_id,
			struct rpc_reply *out)
{
	struct batch *b = answer_start(r, t, out);

	if (b == NULL)
		return;
	batch_put_id(b, m->id, random_id);
	batch_put_message(b, m, 1);
	rpc_result(out, batch_end(b));
}

static void answer_later(struct rpc *r, const struct target *t, struct tl_obj *content,
			 int64_t random_id, struct rpc_reply *out)
{
	struct batch *b = answer_start(r, t, out);

	if (b == NULL)
		return;
	convert_put(r, t, content, random_id, b);
	rpc_result(out, batch_end(b));
}

/*
 * A text to somebody else or to a basic group: the client knows the rest. Saved Messages are told
 * in full, as clients expect that know short answers only for others.
 */
static void answer_short(struct rpc *r, const struct msg *m, struct rpc_reply *out)
{
	const struct tl_obj *view = msg_view(r->world, r->arena, r->account, m, r->now);
	struct tl_vec entities = tl_vec(view, TLF_entities);
	struct tl_obj *o = tl_new(r->arena, TLC_updateShortSentMessage);

	tl_set_flag(o, TLF_out, true);
	tl_set_int(o, TLF_id, m->id);
	tl_set_int(o, TLF_pts, r->account->box.pts);
	tl_set_int(o, TLF_pts_count, 1);
	tl_set_int(o, TLF_date, m->date);
	if (tl_has(view, TLF_media))
		tl_set_obj(o, TLF_media, tl_sub(view, TLF_media));
	if (entities.count > 0) {
		tl_set_vec(r->arena, o, TLF_entities, entities.count);
		for (uint32_t i = 0; i < entities.count; i++)
			tl_put_obj(o, TLF_entities, i, tl_vec_obj(entities, i));
	}
	rpc_result(out, o);
}

/* ---- sendMessage ---- */

static void send_message(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	int64_t random_id = tl_long(q, TLF_random_id);
	const struct tl_obj *preview;
	struct tl_obj *content;
	struct reply reply;
	struct target t;
	struct text text;
	struct msg *m;

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out) || !is_new(r, &t, random_id, out) ||
	    !reply_take(r, &t, q, &reply, out) || !send_right(&t, MEDIA_NONE, reply.topic, out) ||
	    !send_text(r, &t, q, TEXT_UNITS_MAX, "MESSAGE_TOO_LONG", &text, out))
		return;
	if (text.units == 0) {
		rpc_error(out, 400, "MESSAGE_EMPTY");
		return;
	}
	content = send_content(r, &t, q, out);
	if (content == NULL || !send_pace(r, &t, 1, out))
		return;
	put_text(r, content, &text);
	tl_set_obj(content, TLF_reply_to, reply.header);
	preview = tl_flag(q, TLF_no_webpage) ? NULL : media_preview(r, &text);
	tl_set_obj(content, TLF_media, preview);
	m = send_post(r, &t, content, random_id);
	send_done(r, &t);
	if (methods_of(r->world)->short_sent && t.peer.kind != PEER_CHANNEL &&
	    !peer_equal(t.peer, peer_self(r)) && reply.header == NULL)
		answer_short(r, m, out);
	else
		answer_post(r, &t, m, random_id, out);
}

/* ---- sendMedia, uploadMedia ---- */

static bool caption_take(struct rpc *r, const struct target *t, const struct tl_obj *from,
			 enum media_kind kind, struct text *text, struct rpc_reply *out)
{
	if (kind == MEDIA_WEBPAGE)
		return send_text(r, t, from, TEXT_UNITS_MAX, "MESSAGE_TOO_LONG", text, out);
	return send_text(r, t, from, send_caption_limit(r), "MEDIA_CAPTION_TOO_LONG", text, out);
}

static void send_media(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	bool media_first = methods_of(r->world)->media_first;
	int64_t random_id = tl_long(q, TLF_random_id);
	const struct tl_obj *in = tl_sub(q, TLF_media);
	struct tl_obj *content;
	struct reply reply;
	struct media media;
	struct target t;
	struct text text;

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out) ||
	    (media_first && !media_take(r, &t, in, -1, &media, out)) ||
	    !is_new(r, &t, random_id, out) || !reply_take(r, &t, q, &reply, out) ||
	    !send_right(&t, MEDIA_OTHER, reply.topic, out) ||
	    (!media_first && !media_take(r, &t, in, -1, &media, out)) ||
	    !send_right(&t, media.kind, reply.topic, out) ||
	    !caption_take(r, &t, q, media.kind, &text, out))
		return;
	if (media.obj == NULL && text.units == 0) {
		rpc_error(out, 400, "MESSAGE_EMPTY");
		return;
	}
	content = send_content(r, &t, q, out);
	if (content == NULL || !send_pace(r, &t, 1, out))
		return;
	put_text(r, content, &text);
	tl_set_obj(content, TLF_reply_to, reply.header);
	tl_set_obj(content, TLF_media, media.obj);
	send_done(r, &t);
	if (convert_keeps(r, &t, media.kind))
		answer_later(r, &t, content, random_id, out);
	else
		answer_post(r, &t, send_post(r, &t, content, random_id), random_id, out);
}

/* Stub -> the whole photo or document, as this account sees it. */
static const struct tl_obj *complete(struct rpc *r, const struct tl_obj *media)
{
	enum tlf field = tl_cons(media) == TLC_messageMediaPhoto ? TLF_photo : TLF_document;
	struct file *f = file_find(r->world, tl_long(tl_sub(media, field), TLF_id));
	struct tl_obj *o = tl_copy(r->arena, media);

	tl_set_obj(o, field, file_obj(r->world, r->arena, r->account, f, r->now));
	return o;
}

static void upload_media(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct media media;
	struct target t;

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out) ||
	    !send_right(&t, MEDIA_OTHER, NULL, out) ||
	    !media_take(r, &t, tl_sub(q, TLF_media), -1, &media, out))
		return;
	if (tl_cons(media.obj) == TLC_messageMediaPhoto ||
	    tl_cons(media.obj) == TLC_messageMediaDocument)
		rpc_result(out, complete(r, media.obj));
	else
		rpc_error(out, 400, "MEDIA_INVALID");
}

/* ---- albums ---- */

struct item {
	int64_t random_id;
	int32_t known; /* message of that random_id; 0: new */
	struct media media;
	struct text text;
};

/* Which kinds may stand together: photos with videos, files with files, music with music. */
static int album_class(enum media_kind kind)
{
	switch (kind) {
	case MEDIA_PHOTO:
	case MEDIA_VIDEO:
		return 1;
	case MEDIA_FILE:
		return 2;
	case MEDIA_AUDIO:
		return 3;
	default:
		return 0;
	}
}

static bool random_ids_good(struct rpc *r, const struct target *t, struct tl_vec v,
			    struct item *items, struct rpc_reply *out)
{
	for (uint32_t i = 0; i < v.count; i++) {
		items[i].random_id = tl_long(tl_vec_obj(v, i), TLF_random_id);
		for (uint32_t k = 0; k < i; k++)
			if (items[k].random_id == items[i].random_id)
				return refuse(out, 400, "RANDOM_ID_INVALID");
		if (!send_random(r, t, items[i].random_id, &items[i].known, out))
			return false;
	}
	return true;
}

static bool item_take(struct rpc *r, const struct target *t, const struct tl_obj *in, int index,
		      struct item *item, struct rpc_reply *out)
{
	const struct tl_obj *media = tl_sub(in, TLF_media);

	/* Only what has an id already: fresh uploads go through uploadMedia first. */
	if (tl_cons(media) != TLC_inputMediaPhoto && tl_cons(media) != TLC_inputMediaDocument)
		return refuse(out, 400, "MEDIA_INVALID");
	return media_take(r, t, media, index, &item->media, out) &&
	       caption_take(r, t, in, item->media.kind, &item->text, out);
}

static bool items_take(struct rpc *r, const struct target *t, struct tl_vec v, struct item *items,
		       struct rpc_reply *out)
{
	int class = 0;

	for (uint32_t i = 0; i < v.count; i++) {
		if (items[i].known != 0)
			continue;
		if (!item_take(r, t, tl_vec_obj(v, i), (int)i, &items[i], out))
			return false;
		if (class == 0)
			class = album_class(items[i].media.kind);
		if (v.count > 1 && (class == 0 || album_class(items[i].media.kind) != class))
			return refuse(out, 400, "MEDIA_INVALID");
	}
	return true;
}

/* An album that was made in part before keeps its id. */
static int64_t album_id(struct rpc *r, const struct target *t, const struct item *items,
			uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct msg *m = items[i].known == 0 || t->history == NULL
					  ? NULL
					  : history_msg(r, t->history, items[i].known);

		if (m != NULL && m->grouped_id != 0)
			return m->grouped_id;
	}
	return rpc_new_id(r);
}

static uint32_t new_items(const struct item *items, uint32_t count)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < count; i++)
		n += items[i].known == 0;
	return n;
}

static bool items_wait(struct rpc *r, const struct target *t, const struct item *items, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (items[i].known == 0 && convert_keeps(r, t, items[i].media.kind))
			return true;
	return false;
}

static void post_items(struct rpc *r, struct target *t, const struct tl_obj *base,
		       const struct item *items, uint32_t count, struct batch *b)
{
	bool wait = items_wait(r, t, items, count);
	struct methods *m = methods_of(r->world);
	int64_t group = album_id(r, t, items, count);
	uint32_t most = m->album_part > 0 ? m->album_part : count;

	m->album_part = 0;
	for (uint32_t i = 0; i < count && i < most; i++) {
		struct tl_obj *content = tl_copy(r->arena, base);
		const struct msg *made;

		if (items[i].known != 0) {
			put_known(r, t, b, items[i].known, items[i].random_id);
			continue;
		}
		put_text(r, content, &items[i].text);
		tl_set_obj(content, TLF_media, items[i].media.obj);
		if (count > 1)
			tl_set_long(content, TLF_grouped_id, group);
		if (wait) {
			convert_put(r, t, content, items[i].random_id, b);
			continue;
		}
		made = send_post(r, t, content, items[i].random_id);
		batch_put_id(b, made->id, items[i].random_id);
		batch_put_message(b, made, 1);
	}
}

static void send_multi_media(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_vec v = tl_vec(q, TLF_multi_media);
	struct item items[ALBUM_MAX] = {0};
	struct tl_obj *base;
	struct reply reply;
	struct target t;
	struct batch *b;
	uint32_t fresh;

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out))
		return;
	if (v.count == 0 || v.count > ALBUM_MAX) {
		rpc_error(out, 400, v.count == 0 ? "MEDIA_EMPTY" : "MULTI_MEDIA_TOO_LONG");
		return;
	}
	if (!random_ids_good(r, &t, v, items, out) || !reply_take(r, &t, q, &reply, out) ||
	    !send_right(&t, MEDIA_OTHER, reply.topic, out) || !items_take(r, &t, v, items, out))
		return;
	for (uint32_t i = 0; i < v.count; i++)
		if (items[i].known == 0 && !send_right(&t, items[i].media.kind, NULL, out))
			return;
	fresh = new_items(items, v.count);
	base = send_content(r, &t, q, out);
	if (base == NULL || (fresh > 0 && !send_pace(r, &t, fresh, out)))
		return;
	b = answer_start(r, &t, out);
	if (b == NULL)
		return;
	tl_set_obj(base, TLF_reply_to, reply.header);
	post_items(r, &t, base, items, v.count, b);
	if (fresh > 0)
		send_done(r, &t);
	rpc_result(out, batch_end(b));
}

/* ---- small things ---- */

static void set_typing(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct target t;

	if (peer_take(r, tl_sub(q, TLF_peer), &t, out))
		rpc_bool(r, out, true);
}

static void get_preview(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messages_webPagePreview);
	const struct tl_obj *media = tl_new(r->arena, TLC_messageMediaEmpty);
	struct target self = {.peer = peer_self(r)};
	struct text text;

	if (!send_text(r, &self, q, TEXT_UNITS_MAX, "MESSAGE_TOO_LONG", &text, out))
		return;
	if (media_preview(r, &text) != NULL)
		media = media_preview(r, &text);
	tl_set_obj(o, TLF_media, media);
	rpc_result(out, rpc_newest_form(q) ? o : media); /* no wrapper before layer 198 */
}

const struct method methods_send_table[] = {
    {TLC_messages_sendMessage, send_message, 0, LIMIT_NONE},
    {TLC_messages_sendMedia, send_media, 0, LIMIT_NONE},
    {TLC_messages_sendMultiMedia, send_multi_media, 0, LIMIT_NONE},
    {TLC_messages_uploadMedia, upload_media, 0, LIMIT_NONE},
    {TLC_messages_setTyping, set_typing, 0, LIMIT_NONE},
    {TLC_messages_saveDraft, set_typing, 0, LIMIT_NONE},
    {TLC_messages_getWebPagePreview, get_preview, 0, LIMIT_NONE},
    {TLC_none, NULL, 0, LIMIT_NONE},
};
