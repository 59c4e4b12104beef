/* Reading messages, and telling whether two are the same to people. */
#include "proto/api/message.h"

#include "proto/base/check.h"
#include "proto/crypto/digest.h"

enum { ENTITIES_MAX = 100 };

/* Out of one topic into another an answer names its own chat; what is said of its parent tells nothing. */
static bool is_elsewhere(const struct tl_obj *obj, const struct tl_obj *reply)
{
	struct peer chat = peer_read(tl_sub(obj, TLF_peer_id));

	if (tl_cons(reply) != TLC_messageReplyHeader || tl_flag(reply, TLF_reply_to_ephemeral))
		return true;
	if (!tl_has(reply, TLF_reply_to_peer_id))
		return tl_has(reply, TLF_reply_from);
	return chat.kind == PEER_NONE ||
	       !peer_same(peer_read(tl_sub(reply, TLF_reply_to_peer_id)), chat);
}

static void read_reply(const struct tl_obj *obj, bool is_forum, struct message *m)
{
	const struct tl_obj *reply = tl_sub(obj, TLF_reply_to);
	int32_t id = tl_int(reply, TLF_reply_to_msg_id);
	int32_t top = tl_int(reply, TLF_reply_to_top_id);
	bool in_topic = tl_flag(reply, TLF_forum_topic);

	m->topic = is_forum ? 1 : 0;
	if (tl_cons(reply) == TLC_none)
		return;
	if (is_elsewhere(obj, reply)) {
		m->reply_elsewhere = true;
		/* Where it is not told what is answered, the id is the topic's. */
		if (top == 0 && tl_has(reply, TLF_reply_from) && !tl_has(reply, TLF_reply_to_peer_id))
			top = id;
		if (in_topic && is_forum && top > 0)
			m->topic = top;
		return;
	}
	m->reply = reply;
	if (in_topic && is_forum)
		m->topic = top > 0 ? top : id;
	/* Without a top id, a message in a topic only names the topic's root (api.md 5). */
	if (!in_topic || top > 0)
		m->reply_to = id;
}

void message_read(const struct tl_obj *obj, bool is_forum, struct message *m)
{
	*m = (struct message){.obj = obj};
	m->id = tl_int(obj, TLF_id);
	if (tl_cons(obj) == TLC_messageEmpty || obj == NULL) {
		m->empty = true;
		return;
	}
	m->date = tl_int(obj, TLF_date);
	m->out = tl_flag(obj, TLF_out);
	read_reply(obj, is_forum, m);
	if (tl_cons(obj) == TLC_messageService) {
		m->service = true;
		return;
	}
	m->ttl = tl_int(obj, TLF_ttl_period);
	m->noforwards = tl_flag(obj, TLF_noforwards);
	m->silent = tl_flag(obj, TLF_silent);
	m->invert_media = tl_flag(obj, TLF_invert_media);
	m->pinned = tl_flag(obj, TLF_pinned);
	m->rich = tl_has(obj, TLF_rich_message);
	m->buttons = tl_sub_cons(obj, TLF_reply_markup) == TLC_replyInlineMarkup;
	m->grouped_id = tl_long(obj, TLF_grouped_id);
	m->text = tl_bytes(obj, TLF_message);
	m->entities = tl_vec(obj, TLF_entities);
	media_read(tl_sub(obj, TLF_media), &m->media);
}

const char *message_action_name(const struct tl_obj *service)
{
	static const char prefix[] = "messageAction";
	const char *name = tl_name(tl_cons(tl_sub(service, TLF_action)));

	if (strncmp(name, prefix, sizeof(prefix) - 1) == 0)
		return name + sizeof(prefix) - 1;
	return name;
}

/* Kinds that the server finds in the text by itself; they may be sent or left out (api.md 11). */
static bool is_derived(enum tlc entity)
{
	switch (entity) {
	case TLC_messageEntityUnknown:
	case TLC_messageEntityMention:
	case TLC_messageEntityHashtag:
	case TLC_messageEntityBotCommand:
	case TLC_messageEntityUrl:
	case TLC_messageEntityEmail:
	case TLC_messageEntityPhone:
	case TLC_messageEntityCashtag:
	case TLC_messageEntityBankCard:
	case TLC_messageEntityMentionName: /* kept only where the user is known */
	case TLC_inputMessageEntityMentionName:
		return true;
	default:
		return false;
	}
}

/* Length in UTF-16 units, in which entities count; of bytes that are no UTF-8, some length. */
static int64_t units_of(struct cspan text)
{
	int64_t units = 0;

	for (size_t i = 0; i < text.len; i++)
		units += ((text.at[i] & 0xc0) != 0x80) + (text.at[i] >= 0xf0);
	return units;
}

/*
 * The part of an entity that lies on the text (reliability H21): a server refuses a whole message for
 * one that does not. False: there is none. Entities may cross each other, the server puts them in order.
 */
static bool clamp(const struct tl_obj *entity, int64_t units, int32_t *offset, int32_t *length)
{
	int64_t from = tl_int(entity, TLF_offset);
	int64_t to = from + tl_int(entity, TLF_length);

	from = from < 0 ? 0 : from;
	to = to > units ? units : to;
	if (from >= to)
		return false;
	*offset = (int32_t)from;
	*length = (int32_t)(to - from);
	return true;
}

static void put_number(struct sha256_stream *s, int64_t value)
{
	uint8_t raw[8];

	store_le64(raw, (uint64_t)value);
	sha256_put(s, raw, sizeof(raw));
}

static void put_bytes(struct sha256_stream *s, struct cspan bytes)
{
	put_number(s, (int64_t)bytes.len);
	if (bytes.len > 0)
		sha256_put(s, bytes.at, bytes.len);
}

/* Order-independent: the server may sort entities. Each is hashed alone and the hashes are summed. */
static void put_entities(struct sha256_stream *s, const struct message *m)
{
	int64_t units = units_of(m->text);
	uint64_t sum[4] = {0};

	for (uint32_t i = 0; i < m->entities.count; i++) {
		const struct tl_obj *e = tl_vec_obj(m->entities, i);
		struct sha256_stream one;
		int32_t offset, length;
		uint8_t digest[32];

		if (is_derived(tl_cons(e)) || !clamp(e, units, &offset, &length))
			continue;
		sha256_init(&one);
		put_bytes(&one, cspan_str(tl_name(tl_cons(e))));
		put_number(&one, offset);
		put_number(&one, length);
		put_bytes(&one, tl_bytes(e, TLF_url));
		put_bytes(&one, tl_bytes(e, TLF_language));
		put_number(&one, tl_long(e, TLF_document_id));
		sha256_end(&one, digest);
		for (uint32_t k = 0; k < 4; k++)
			sum[k] += load_le64(digest + 8 * k);
	}
	sha256_put(s, sum, sizeof(sum));
}

/* Kinds that become another on the way are counted as what they become. */
static enum media_kind settled_kind(enum media_kind kind)
{
	if (kind == MEDIA_WEBPAGE)
		return MEDIA_NONE;
	return kind == MEDIA_GEO_LIVE ? MEDIA_GEO : kind;
}

static void put_text(struct sha256_stream *s, const struct tl_obj *o, enum tlf field)
{
	put_bytes(s, tl_bytes(tl_sub(o, field), TLF_text));
}

static void put_poll(struct sha256_stream *s, const struct tl_obj *poll)
{
	struct tl_vec answers = tl_vec(poll, TLF_answers);

	put_text(s, poll, TLF_question);
	put_number(s, answers.count);
	for (uint32_t i = 0; i < answers.count; i++)
		put_text(s, tl_vec_obj(answers, i), TLF_text);
}

static void put_checklist(struct sha256_stream *s, const struct tl_obj *todo)
{
	struct tl_vec list = tl_vec(todo, TLF_list);

	put_text(s, todo, TLF_title);
	for (uint32_t i = 0; i < list.count; i++)
		put_text(s, tl_vec_obj(list, i), TLF_title);
}

/* What tells two of a kind without a file from each other; a place's point may be rounded away. */
static void put_content(struct sha256_stream *s, enum media_kind kind, const struct tl_obj *media)
{
	static const enum tlf contact[] = {TLF_phone_number, TLF_first_name, TLF_last_name, TLF_vcard};

	switch (kind) {
	case MEDIA_POLL:
	case MEDIA_QUIZ:
		put_poll(s, tl_sub(media, TLF_poll));
		break;
	case MEDIA_CHECKLIST:
		put_checklist(s, tl_sub(media, TLF_todo));
		break;
	case MEDIA_CONTACT:
		for (size_t i = 0; i < countof(contact); i++)
			put_bytes(s, tl_bytes(media, contact[i]));
		break;
	case MEDIA_VENUE:
		put_bytes(s, tl_bytes(media, TLF_title));
		put_bytes(s, tl_bytes(media, TLF_address));
		break;
	default:
		break;
	}
}

void message_fingerprint(const struct message *m, uint8_t out[32])
{
	struct sha256_stream s;
	enum media_kind kind = settled_kind(m->media.kind);

	sha256_init(&s);
	put_bytes(&s, m->text);
	put_entities(&s, m);
	put_number(&s, kind);
	if (m->media.has_file && !m->media.file.photo) {
		put_number(&s, m->media.file.size);
		put_bytes(&s, m->media.mime);
	}
	put_content(&s, kind, m->media.obj);
	sha256_end(&s, out);
}

/* Degrees may be anything that a peer says, no number as well. */
static int64_t thousandths(double degrees)
{
	return degrees >= -360 && degrees <= 360 ? (int64_t)(degrees * 1000 + 360000.5) : 0;
}

int64_t message_place(const struct message *m)
{
	const struct tl_obj *geo = tl_sub(m->media.obj, TLF_geo);

	if (m->media.has_file || tl_cons(geo) != TLC_geoPoint)
		return 0;
	return 1 + thousandths(tl_double(geo, TLF_lat)) * (INT64_C(1) << 32) + thousandths(tl_double(geo, TLF_long));
}

/* One whom the account never met (api.md 4): only by the message. */
static const struct tl_obj *input_stranger(struct arena *a, const struct message *m, struct peer chat,
					   int64_t id)
{
	struct tl_obj *o = tl_new(a, TLC_inputUserFromMessage);

	tl_set_obj(o, TLF_peer, peer_input(a, chat));
	tl_set_int(o, TLF_msg_id, m->id);
	tl_set_long(o, TLF_user_id, id);
	return o;
}

static const struct tl_obj *input_mention(struct arena *a, const struct message *m, struct peer chat,
					  const struct tl_obj *entity, const struct tl_obj *answer)
{
	struct peer who = {PEER_USER, tl_long(entity, TLF_user_id), 0};
	const struct tl_obj *user = answer == NULL ? NULL : peer_find(answer, who);
	struct chat_info info;
	struct tl_obj *o;

	if (user == NULL || !chat_info_read(user, &info) || (info.min && chat.kind == PEER_NONE))
		return NULL;
	o = tl_new(a, TLC_inputMessageEntityMentionName);
	tl_set_int(o, TLF_offset, tl_int(entity, TLF_offset));
	tl_set_int(o, TLF_length, tl_int(entity, TLF_length));
	tl_set_obj(o, TLF_user_id, info.min ? input_stranger(a, m, chat, who.id)
					    : peer_input_user(a, info.peer));
	return o;
}

/* The part of it that lies on the text; NULL: there is none. False: arena full. */
static bool fit(struct arena *a, const struct tl_obj **entity, int64_t units)
{
	const struct tl_obj *e = *entity;
	int32_t offset, length;
	struct tl_obj *fitted;

	*entity = NULL;
	if (!clamp(e, units, &offset, &length))
		return true;
	if (offset != tl_int(e, TLF_offset) || length != tl_int(e, TLF_length)) {
		fitted = tl_copy(a, e);
		if (fitted == NULL)
			return false;
		tl_set_int(fitted, TLF_offset, offset);
		tl_set_int(fitted, TLF_length, length);
		e = fitted;
	}
	*entity = e;
	return true;
}

bool message_fit_entities(struct arena *a, struct cspan text, const struct entity_list *all,
			  struct entity_list *out)
{
	int64_t units = units_of(text);

	*out = (struct entity_list){.at = arena_take_many(a, all->count, sizeof(out->at[0]))};
	for (uint32_t i = 0; out->at != NULL && i < all->count; i++) {
		const struct tl_obj *e = all->at[i];

		if (!fit(a, &e, units))
			return false;
		if (e != NULL)
			out->at[out->count++] = e;
	}
	return out->at != NULL;
}

/* Found again by the server: in a crowd they only take the room of others, which has a limit (api.md 16). */
static bool is_left_out(const struct message *m, enum tlc entity)
{
	return entity == TLC_messageEntityUnknown ||
	       (m->entities.count > ENTITIES_MAX && is_derived(entity) &&
		entity != TLC_messageEntityMentionName);
}

bool message_entities(struct arena *a, const struct message *m, struct peer chat,
		      const struct tl_obj *answer, struct entity_list *list)
{
	int64_t units = units_of(m->text);

	*list = (struct entity_list){.count = 0};
	list->at = arena_take_many(a, m->entities.count, sizeof(list->at[0]));
	if (list->at == NULL)
		return false;
	for (uint32_t i = 0; i < m->entities.count; i++) {
		const struct tl_obj *e = tl_vec_obj(m->entities, i);
		bool names = tl_cons(e) == TLC_messageEntityMentionName;

		if (is_left_out(m, tl_cons(e)))
			continue;
		if (!fit(a, &e, units))
			return false;
		if (names && e != NULL) {
			e = input_mention(a, m, chat, e, answer);
			list->strangers += e == NULL;
		}
		if (e == NULL)
			list->dropped++;
		else
			list->at[list->count++] = e;
	}
	return true;
}
