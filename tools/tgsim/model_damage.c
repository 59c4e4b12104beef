/*
 * Harm done to a chat behind everybody's back, to see who notices: for the control socket. Nobody is
 * asked for rights, and updates go out as for any edit.
 */
#include "proto/base/check.h"
#include "tools/tgsim/model_priv.h"
#include "tools/tgsim/world_setup.h"

#include <stdlib.h>

enum { ROOM = 1 << 20 };

static struct chat *find_chat(struct world *w, const char *chat)
{
	for (uint32_t i = 0; world_chat_at(w, i) != NULL; i++)
		if (chat_marked_id(world_chat_at(w, i)) == strtoll(chat, NULL, 10))
			return world_chat_at(w, i);
	return NULL;
}

/* Of the history of a basic group each member has his own: the first account's. */
static struct history *where(struct world *w, struct chat *c)
{
	enum peer_kind kind = c->kind == CHAT_GROUP ? PEER_GROUP : PEER_CHANNEL;

	return history_of(w, w->accounts, (struct peer){kind, c->id}, true);
}

static struct msg *find(struct world *w, const char *chat, int32_t id)
{
	struct chat *c = find_chat(w, chat);
	struct msg *m = c == NULL ? NULL : msg_find(w, where(w, c)->box, id);

	/* Basic groups share their ids. */
	return m != NULL && m->history == where(w, c) ? m : NULL;
}

/* One letter more, or the first one another. */
static void harm_text(struct arena *a, struct tl_obj *content, bool longer)
{
	struct cspan old = tl_bytes(content, TLF_message);
	size_t len = old.len + (longer || old.len == 0 ? 1 : 0);
	uint8_t *text = arena_take(a, len);

	check(text != NULL);
	memset(text, '?', len);
	memcpy(text, old.at, old.len);
	if (len == old.len)
		text[0] = text[0] == 'X' ? 'Y' : 'X';
	tl_set_bytes(content, TLF_message, cspan_of(text, len));
}

/* A dice that shows something else. */
static bool harm_dice(struct arena *a, struct tl_obj *content)
{
	const struct tl_obj *old = tl_sub(content, TLF_media);
	struct tl_obj *dice;

	if (tl_cons(old) != TLC_messageMediaDice)
		return false;
	dice = tl_copy(a, old);
	tl_set_int(dice, TLF_value, tl_int(old, TLF_value) % 6 + 1);
	tl_set_obj(content, TLF_media, dice);
	return true;
}

static bool harm_spoiler(struct arena *a, struct tl_obj *content)
{
	const struct tl_obj *old = tl_sub(content, TLF_media);
	struct tl_obj *media;

	if (tl_cons(old) != TLC_messageMediaPhoto && tl_cons(old) != TLC_messageMediaDocument)
		return false;
	media = tl_copy(a, old);
	tl_set_flag(media, TLF_spoiler, !tl_flag(old, TLF_spoiler));
	tl_set_obj(content, TLF_media, media);
	return true;
}

/* An answer to the message before it, in the same topic; or to none. */
static bool harm_reply(struct arena *a, struct tl_obj *content, bool answers)
{
	const struct tl_obj *old = tl_sub(content, TLF_reply_to);
	int32_t id = tl_int(content, TLF_id) - 1, top = tl_int(old, TLF_reply_to_top_id);
	bool in_topic = tl_flag(old, TLF_forum_topic);
	struct tl_obj *reply = tl_new(a, TLC_messageReplyHeader);

	if (in_topic && top == 0)
		top = tl_int(old, TLF_reply_to_msg_id);
	if (!answers && (old == NULL || (in_topic && !tl_has(old, TLF_reply_to_top_id))))
		return false;
	tl_unset(content, TLF_reply_to);
	if (!answers && !in_topic)
		return true;
	tl_set_flag(reply, TLF_forum_topic, in_topic);
	tl_set_int(reply, TLF_reply_to_msg_id, answers ? id : top);
	if (in_topic && answers)
		tl_set_int(reply, TLF_reply_to_top_id, top);
	tl_set_obj(content, TLF_reply_to, reply);
	return true;
}

static bool harm_author(struct arena *a, struct tl_obj *content)
{
	struct tl_obj *from = tl_new(a, TLC_messageFwdHeader);

	tl_set_str(from, TLF_from_name, "Somebody");
	tl_set_int(from, TLF_date, 1700000000);
	tl_set_obj(content, TLF_fwd_from, from);
	return true;
}

static bool harm_silent(struct arena *a, struct tl_obj *content)
{
	(void)a;
	tl_set_flag(content, TLF_silent, !tl_flag(content, TLF_silent));
	return true;
}

/* The picture has destroyed itself. */
static bool harm_expired(struct arena *a, struct tl_obj *content)
{
	if (tl_sub_cons(content, TLF_media) != TLC_messageMediaPhoto)
		return false;
	tl_set_obj(content, TLF_media, tl_new(a, TLC_messageMediaPhoto));
	return true;
}

/* It stands alone. */
static bool harm_album(struct arena *a, struct tl_obj *content)
{
	bool has = tl_has(content, TLF_grouped_id);

	(void)a;
	tl_unset(content, TLF_grouped_id);
	return has;
}

static bool harm_talk(struct arena *a, struct tl_obj *content)
{
	return harm_reply(a, content, true);
}

static bool harm_alone(struct arena *a, struct tl_obj *content)
{
	return harm_reply(a, content, false);
}

static bool harm(struct arena *a, struct tl_obj *content, const char *how)
{
	static const struct {
		const char *how;
		bool (*harm)(struct arena *, struct tl_obj *content);
	} others[] = {{"dice", harm_dice},     {"spoiler", harm_spoiler}, {"talk", harm_talk},
		      {"alone", harm_alone}, {"author", harm_author},   {"silent", harm_silent},
		      {"expired", harm_expired}, {"ungroup", harm_album}};
	bool has;

	for (size_t i = 0; i < countof(others); i++)
		if (strcmp(how, others[i].how) == 0)
			return others[i].harm(a, content);

	if (strcmp(how, "text") == 0 || strcmp(how, "letter") == 0) {
		harm_text(a, content, strcmp(how, "text") == 0);
		return true;
	}
	if (strcmp(how, "media") == 0) {
		has = tl_has(content, TLF_media);
		tl_unset(content, TLF_media);
		return has;
	}
	has = strcmp(how, "plain") == 0 && tl_has(content, TLF_entities);
	if (has)
		tl_unset(content, TLF_entities);
	return has;
}

/* Another file of that size and looks, but for one bit of its last byte. */
static bool harm_bytes(struct world *w, struct arena *a, struct tl_obj *content)
{
	const struct tl_obj *old = tl_sub(content, TLF_media);
	enum tlf field = tl_cons(old) == TLC_messageMediaPhoto ? TLF_photo : TLF_document;
	struct file *was = NULL, *is;
	struct tl_obj *media;
	uint8_t *bytes;
	int64_t id;

	if (tl_cons(old) == TLC_messageMediaPhoto || tl_cons(old) == TLC_messageMediaDocument)
		was = file_find(w, tl_long(tl_sub(old, field), TLF_id));
	if (was == NULL || was->size == 0 || was->size > ROOM)
		return false;
	bytes = world_take(w, (size_t)was->size);
	file_read(w, was, 0, bytes, (uint32_t)was->size);
	bytes[was->size - 1] ^= 1;
	is = file_make(w, was->kind, was->size, was->date);
	id = is->id;
	*is = *was;
	is->id = id;
	is->digest_known = false;
	is->size_next = NULL;
	is->source = (struct source){.kind = SOURCE_BYTES, .bytes = bytes, .head_len = (uint32_t)was->size};
	media = tl_copy(a, old);
	tl_set_obj(media, field, file_stub(a, is));
	tl_set_obj(content, TLF_media, media);
	return true;
}

static struct topic *find_topic(struct world *w, const char *chat, int32_t id)
{
	struct chat *c = find_chat(w, chat);

	return c == NULL ? NULL : topic_find(c, id);
}

/* Another title; id is the topic's. */
static bool harm_title(struct world *w, const char *chat, int32_t id)
{
	struct topic *t = find_topic(w, chat, id);

	if (t != NULL)
		t->title = "Another title";
	return t != NULL;
}

/* Closed, or open again. */
static bool harm_closed(struct world *w, const char *chat, int32_t id)
{
	struct topic *t = find_topic(w, chat, id);

	if (t != NULL)
		t->closed = !t->closed;
	return t != NULL;
}

/* Posted once more, by the same account. */
static bool post_again(struct world *w, const struct msg *m, const struct tl_obj *content, int64_t now)
{
	struct post post = {.to = m->history, .from = user_find(w, m->from_id), .date = now / 1000000000};

	return msg_post(w, &post, content) != NULL;
}

bool world_damage(struct world *w, const char *chat, int32_t id, const char *how, int64_t now)
{
	struct msg *m = find(w, chat, id);
	void *mem = malloc(ROOM);
	struct tl_obj *content;
	struct arena a;
	bool done = m != NULL && !m->service;

	check(mem != NULL);
	arena_init(&a, mem, ROOM);
	if (strcmp(how, "title") == 0)
		done = harm_title(w, chat, id);
	else if (strcmp(how, "close") == 0)
		done = harm_closed(w, chat, id);
	else if (done && strcmp(how, "twice") == 0)
		done = post_again(w, m, tl_copy(&a, msg_body(w, &a, m)), now);
	else if (done && strcmp(how, "delete") == 0) {
		msg_delete(w, m, true, (int32_t)(now / 1000000000), 0);
	} else if (done) {
		content = tl_copy(&a, msg_body(w, &a, m));
		done = strcmp(how, "bytes") == 0 ? harm_bytes(w, &a, content) : harm(&a, content, how);
		if (done)
			msg_edit(w, m, content, (int32_t)(now / 1000000000), 0);
	}
	free(mem);
	return done;
}

bool world_say(struct world *w, const char *chat, const char *text, int32_t topic, int64_t now)
{
	struct account *other = world_account_at(w, 1);
	struct chat *c = find_chat(w, chat);
	struct tl_obj *o, *reply;
	void *mem = malloc(ROOM);
	struct arena a;

	check(mem != NULL);
	arena_init(&a, mem, ROOM);
	o = tl_new(&a, TLC_message);
	tl_set_str(o, TLF_message, text);
	if (topic > 1) {
		reply = tl_new(&a, TLC_messageReplyHeader);
		tl_set_int(reply, TLF_reply_to_msg_id, topic);
		tl_set_flag(reply, TLF_forum_topic, true);
		tl_set_obj(o, TLF_reply_to, reply);
	}
	if (c != NULL && other != NULL)
		msg_post(w, &(struct post){.to = where(w, c), .from = other->user, .date = (int32_t)(now / 1000000000)},
			 o);
	free(mem);
	return c != NULL && other != NULL;
}

bool world_protect(struct world *w, const char *chat, bool on)
{
	struct chat *c = find_chat(w, chat);

	if (c != NULL)
		c->noforwards = on;
	return c != NULL;
}
