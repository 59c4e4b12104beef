/* See hand.h. */
#include "tests/clone/hand.h"

#include "proto/base/check.h"
#include "tests/sim/whole.h"
#include "tools/tgsim/model.h"
#include "tools/tgsim/model_file.h"
#include "tools/tgsim/world_setup.h"

#include <stdio.h>
#include <string.h>

static const int64_t DATE = 1767300000;

static struct account *owner(struct telegram *t)
{
	return world_account_at(telegram_world(t), 0);
}

int64_t hand_self(struct telegram *t)
{
	return owner(t)->user->id;
}

static struct history *chat_history(struct telegram *t, int chat)
{
	struct world *w = telegram_world(t);

	if (chat < 0)
		return history_of(w, owner(t), (struct peer){PEER_USER, owner(t)->user->id}, true);
	return history_of(w, owner(t),
			  (struct peer){PEER_CHANNEL, world_chat_at(w, (uint32_t)chat)->id}, true);
}

static int32_t put(struct telegram *t, int chat, const struct tl_obj *content)
{
	struct post p = {
	    .to = chat_history(t, chat), .from = owner(t)->user, .date = DATE};

	return msg_post(telegram_world(t), &p, content)->id;
}

static struct tl_obj *text_of(struct arena *a, const char *text)
{
	struct tl_obj *o = tl_new(a, TLC_message);

	tl_set_str(o, TLF_message, text);
	return o;
}

int32_t hand_save(struct telegram *t, const char *text)
{
	uint8_t mem[8192];
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	return put(t, -1, text_of(&a, text));
}

int32_t hand_private(struct telegram *t, const char *text)
{
	struct world *w = telegram_world(t);
	uint8_t mem[8192];
	struct arena a;
	struct user *friend = user_find(w, 777777);
	struct post p = {.date = DATE};

	if (friend == NULL)
		friend = user_make(w, 777777, "A", "Friend");
	arena_init(&a, mem, sizeof(mem));
	p.from = friend;
	p.to = history_of(w, owner(t), (struct peer){PEER_USER, friend->id}, true);
	return msg_post(w, &p, text_of(&a, text))->id;
}

int32_t hand_topic(struct telegram *t, uint32_t chat, const char *title)
{
	uint8_t mem[8192];
	struct arena a;
	struct tl_obj *o, *action;

	arena_init(&a, mem, sizeof(mem));
	o = tl_new(&a, TLC_messageService);
	action = tl_new(&a, TLC_messageActionTopicCreate);
	tl_set_str(action, TLF_title, title);
	tl_set_int(action, TLF_icon_color, 0x6fb9f0);
	tl_set_obj(o, TLF_action, action);
	return put(t, (int)chat, o);
}

static int32_t say_under(struct telegram *t, uint32_t chat, int32_t to, bool topic, const char *text)
{
	uint8_t mem[8192];
	struct arena a;
	struct tl_obj *o, *reply;

	arena_init(&a, mem, sizeof(mem));
	o = text_of(&a, text);
	reply = tl_new(&a, TLC_messageReplyHeader);
	tl_set_flag(reply, TLF_forum_topic, topic);
	tl_set_int(reply, TLF_reply_to_msg_id, to);
	tl_set_obj(o, TLF_reply_to, reply);
	return put(t, (int)chat, o);
}

int32_t hand_say_in(struct telegram *t, uint32_t chat, int32_t topic, const char *text)
{
	return say_under(t, chat, topic, true, text);
}

void hand_lose_topic(struct telegram *t, uint32_t chat, int32_t topic)
{
	topic_find(world_chat_at(telegram_world(t), chat), topic)->deleted = true;
}

void hand_close_topic(struct telegram *t, uint32_t chat, int32_t topic)
{
	topic_find(world_chat_at(telegram_world(t), chat), topic)->closed = true;
}

void hand_delete(struct telegram *t, uint32_t chat, int32_t id)
{
	struct world *w = telegram_world(t);
	struct msg *m = msg_find(w, &world_chat_at(w, chat)->box, id);

	if (m != NULL)
		msg_delete(w, m, true, m->date, 0);
}

void hand_premium(struct telegram *t)
{
	owner(t)->user->premium = true;
}

void hand_protect(struct telegram *t, uint32_t chat)
{
	world_chat_at(telegram_world(t), chat)->noforwards = true;
}

int32_t hand_emoji(struct telegram *t, uint32_t chat, const char *text)
{
	uint8_t mem[8192];
	struct arena a;
	struct tl_obj *o, *e;

	arena_init(&a, mem, sizeof(mem));
	o = text_of(&a, text);
	e = tl_new(&a, TLC_messageEntityCustomEmoji);
	tl_set_int(e, TLF_offset, 0);
	tl_set_int(e, TLF_length, (int32_t)strlen(text));
	tl_set_long(e, TLF_document_id, 5);
	tl_set_vec(&a, o, TLF_entities, 1);
	tl_put_obj(o, TLF_entities, 0, e);
	return put(t, (int)chat, o);
}

static struct tl_obj *text_entity(struct arena *a, enum tlc kind, int32_t length)
{
	struct tl_obj *e = tl_new(a, kind);

	tl_set_int(e, TLF_offset, 0);
	tl_set_int(e, TLF_length, length);
	return e;
}

static struct tl_obj *page_of(struct arena *a, uint32_t count)
{
	struct tl_obj *page = tl_new(a, TLC_page);

	tl_set_str(page, TLF_url, "https://example.org/long");
	tl_set_vec(a, page, TLF_blocks, count);
	for (uint32_t i = 0; i < count; i++) {
		struct tl_obj *block = tl_new(a, TLC_pageBlockParagraph);
		struct tl_obj *words = tl_new(a, TLC_textPlain);

		tl_set_str(words, TLF_text, "and so on");
		tl_set_obj(block, TLF_text, words);
		tl_put_obj(page, TLF_blocks, i, block);
	}
	tl_set_vec(a, page, TLF_photos, 0);
	tl_set_vec(a, page, TLF_documents, 0);
	return page;
}

static struct tl_obj *preview_of(struct arena *a, const char *link)
{
	struct tl_obj *page = tl_new(a, TLC_webPage);

	tl_set_long(page, TLF_id, 77);
	tl_set_str(page, TLF_url, link);
	tl_set_str(page, TLF_display_url, "example.org/long");
	return page;
}

static int32_t put_link(struct telegram *t, uint32_t chat, struct arena *a, const char *link,
			const struct tl_obj *page)
{
	struct tl_obj *o = text_of(a, link), *media = tl_new(a, TLC_messageMediaWebPage);

	tl_set_vec(a, o, TLF_entities, 1);
	tl_put_obj(o, TLF_entities, 0,
		   text_entity(a, TLC_messageEntityUrl, (int32_t)strlen(link)));
	tl_set_obj(media, TLF_webpage, page);
	tl_set_obj(o, TLF_media, media);
	return put(t, (int)chat, o);
}

int32_t hand_link(struct telegram *t, uint32_t chat, uint32_t count)
{
	static const char link[] = "https://example.org/long";
	static uint8_t mem[16 << 20];
	struct arena a;
	struct tl_obj *page;

	arena_init(&a, mem, sizeof(mem));
	page = preview_of(&a, link);
	tl_set_obj(page, TLF_cached_page, page_of(&a, count));
	return put_link(t, chat, &a, link, page);
}

int32_t hand_rich_link(struct telegram *t, uint32_t chat, uint32_t count)
{
	static const char link[] = "https://example.org/rich";
	static uint8_t mem[16 << 20];
	struct arena a;
	struct tl_obj *page, *attribute;

	arena_init(&a, mem, sizeof(mem));
	page = preview_of(&a, link);
	attribute = tl_new(&a, TLC_webPageAttributeTheme);
	tl_set_vec(&a, attribute, TLF_documents, count);
	for (uint32_t i = 0; i < count; i++)
		tl_put_obj(attribute, TLF_documents, i, tl_new(&a, TLC_documentEmpty));
	tl_set_vec(&a, page, TLF_attributes, 1);
	tl_put_obj(page, TLF_attributes, 0, attribute);
	return put_link(t, chat, &a, link, page);
}

int32_t hand_reply(struct telegram *t, uint32_t chat, int32_t to, const char *text)
{
	return say_under(t, chat, to, false, text);
}

int32_t hand_reply_to_part(struct telegram *t, uint32_t chat, int32_t to, const char *text)
{
	uint8_t mem[8192];
	struct arena a;
	struct tl_obj *o, *reply;

	arena_init(&a, mem, sizeof(mem));
	o = text_of(&a, text);
	reply = tl_new(&a, TLC_messageReplyHeader);
	tl_set_int(reply, TLF_reply_to_msg_id, to);
	tl_set_int(reply, TLF_todo_item_id, 7);
	tl_set_str(reply, TLF_poll_option, "7");
	tl_set_obj(o, TLF_reply_to, reply);
	return put(t, (int)chat, o);
}

int32_t hand_say_long(struct telegram *t, uint32_t chat, const char *text)
{
	static uint8_t mem[1 << 20];
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	return put(t, (int)chat, text_of(&a, text));
}

void hand_answer(struct telegram *t, uint32_t chat, int32_t id, int32_t to)
{
	static uint8_t mem[64 * 1024];
	struct world *w = telegram_world(t);
	struct msg *m = msg_find(w, &world_chat_at(w, chat)->box, id);
	struct arena a;
	struct tl_obj *content, *reply, *mention;

	check(m != NULL);
	arena_init(&a, mem, sizeof(mem));
	content = tl_copy(&a, msg_body(w, &a, m));
	reply = tl_new(&a, TLC_messageReplyHeader);
	tl_set_int(reply, TLF_reply_to_msg_id, to);
	tl_set_obj(content, TLF_reply_to, reply);
	mention = text_entity(&a, TLC_messageEntityMentionName, 2);
	tl_set_long(mention, TLF_user_id, owner(t)->user->id);
	tl_set_str(content, TLF_message, "me");
	tl_set_vec(&a, content, TLF_entities, 1);
	tl_put_obj(content, TLF_entities, 0, mention);
	msg_edit(w, m, content, m->date + 1, 0);
}

/* Media of a message: which it has, and which it is to have. */
static const struct tl_obj *media_in(struct telegram *t, uint32_t chat, int32_t id, struct arena *a)
{
	struct world *w = telegram_world(t);
	struct msg *m = msg_find(w, &world_chat_at(w, chat)->box, id);

	check(m != NULL);
	return tl_sub(msg_body(w, a, m), TLF_media);
}

static void put_media(struct telegram *t, uint32_t chat, int32_t id, struct arena *a,
		      const struct tl_obj *media)
{
	struct world *w = telegram_world(t);
	struct msg *m = msg_find(w, &world_chat_at(w, chat)->box, id);
	struct tl_obj *content = tl_copy(a, msg_body(w, a, m));

	tl_set_obj(content, TLF_media, media);
	msg_edit(w, m, content, m->date + 1, 0);
}

void hand_start(struct telegram *t, uint32_t chat, int32_t id, int32_t second)
{
	static uint8_t mem[64 * 1024];
	struct arena a;
	struct tl_obj *media;

	arena_init(&a, mem, sizeof(mem));
	media = tl_copy(&a, media_in(t, chat, id, &a));
	tl_set_int(media, TLF_video_timestamp, second);
	put_media(t, chat, id, &a, media);
}

void hand_cover(struct telegram *t, uint32_t chat, int32_t id, int32_t picture)
{
	static uint8_t mem[64 * 1024];
	struct arena a;
	struct tl_obj *media;

	arena_init(&a, mem, sizeof(mem));
	media = tl_copy(&a, media_in(t, chat, id, &a));
	tl_set_obj(media, TLF_video_cover, tl_sub(media_in(t, chat, picture, &a), TLF_photo));
	put_media(t, chat, id, &a, media);
}

static struct file *file_in(struct telegram *t, uint32_t chat, int32_t id, struct arena *a)
{
	const struct tl_obj *document = tl_sub(media_in(t, chat, id, a), TLF_document);

	return file_find(telegram_world(t), tl_long(document, TLF_id));
}

void hand_size(struct telegram *t, uint32_t chat, int32_t id, int64_t size)
{
	static uint8_t mem[64 * 1024];
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	file_in(t, chat, id, &a)->size = size;
}

void hand_name(struct telegram *t, uint32_t chat, int32_t id, uint32_t bytes)
{
	static uint8_t mem[2 << 20];
	struct tl_obj *document, *name;
	struct arena a;
	uint8_t *letters;

	arena_init(&a, mem, sizeof(mem));
	letters = arena_take_many(&a, bytes, 1);
	check(letters != NULL);
	memset(letters, 'n', bytes);
	name = tl_new(&a, TLC_documentAttributeFilename);
	tl_set_bytes(name, TLF_file_name, cspan_of(letters, bytes));
	document = tl_new(&a, TLC_document);
	tl_set_vec(&a, document, TLF_attributes, 1);
	tl_put_obj(document, TLF_attributes, 0, name);
	file_set_attrs(telegram_world(t), file_in(t, chat, id, &a), tl_vec(document, TLF_attributes));
}

void hand_expire(struct telegram *t, uint32_t chat, int32_t id)
{
	static uint8_t mem[64 * 1024];
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	put_media(t, chat, id, &a, tl_new(&a, TLC_messageMediaPhoto));
}

int32_t hand_album_item(struct telegram *t, uint32_t chat, uint32_t album, uint32_t item)
{
	struct history *h = chat_history(t, (int)chat);
	int64_t group = 0;

	for (uint32_t i = 0; i < h->messages.count; i++) {
		const struct msg *m = msg_find(telegram_world(t), h->box, h->messages.ids[i]);

		if (m == NULL || m->grouped_id == 0)
			continue;
		album -= m->grouped_id != group;
		group = m->grouped_id;
		if (album == 0 && item-- == 0)
			return m->id;
	}
	return 0;
}

/* The n-th message whose media is that, and without a word, or whatever it says. */
static int32_t one_with(struct telegram *t, uint32_t chat, enum tlc media, bool wordless, uint32_t n)
{
	static uint8_t mem[256 * 1024];
	struct history *h = chat_history(t, (int)chat);

	for (uint32_t i = 0; i < h->messages.count; i++) {
		struct msg *m = msg_find(telegram_world(t), h->box, h->messages.ids[i]);
		const struct tl_obj *body, *has;
		struct arena a;

		arena_init(&a, mem, sizeof(mem));
		if (m == NULL || m->service)
			continue;
		body = msg_body(telegram_world(t), &a, m);
		has = tl_sub(body, TLF_media);
		if (has != NULL && (media == TLC_none || tl_cons(has) == media) &&
		    (!wordless || tl_bytes(body, TLF_message).len == 0) && n-- == 0)
			return m->id;
	}
	return 0;
}

int32_t hand_wordless(struct telegram *t, uint32_t chat)
{
	return one_with(t, chat, TLC_none, true, 0);
}

int32_t hand_photo(struct telegram *t, uint32_t chat)
{
	return one_with(t, chat, TLC_messageMediaPhoto, false, 0);
}

int32_t hand_file(struct telegram *t, uint32_t chat, uint32_t n)
{
	return one_with(t, chat, TLC_messageMediaDocument, false, n);
}

int32_t hand_last(struct telegram *t, uint32_t chat)
{
	struct history *h = chat_history(t, (int)chat);
	int32_t last = 0;

	for (uint32_t i = 0; i < h->messages.count; i++) {
		const struct msg *m = msg_find(telegram_world(t), h->box, h->messages.ids[i]);

		if (m != NULL && !m->service)
			last = m->id;
	}
	return last;
}

struct texts {
	char at[1 << 20];
	size_t len;
};

static void each_text(struct telegram *t, int chat, struct texts *out, const char *only,
		      int32_t *topic)
{
	static uint8_t mem[256 * 1024];
	struct history *h = chat_history(t, chat);
	struct arena a;

	out->len = 0;
	out->at[0] = '\0';
	for (uint32_t i = 0; i < h->messages.count; i++) {
		struct msg *m = msg_find(telegram_world(t), h->box, h->messages.ids[i]);
		char text[512];
		struct cspan s;

		arena_init(&a, mem, sizeof(mem));
		if (m == NULL || m->service)
			continue;
		s = tl_bytes(msg_body(telegram_world(t), &a, m), TLF_message);
		snprintf(text, sizeof(text), "%.*s", (int)s.len, (const char *)s.at);
		if (only != NULL && strcmp(only, text) == 0)
			*topic = m->topic_id;
		out->len += (size_t)snprintf(out->at + out->len, sizeof(out->at) - out->len, "%s\n",
					     text);
	}
}

const char *hand_texts(struct telegram *t, int chat)
{
	static struct texts texts;

	each_text(t, chat, &texts, NULL, NULL);
	return texts.at;
}

const char *hand_topic_of(struct telegram *t, uint32_t chat, const char *text)
{
	static struct texts texts;
	struct topic *topic;
	int32_t id = 0;

	each_text(t, (int)chat, &texts, text, &id);
	topic = id == 0 ? NULL : topic_find(world_chat_at(telegram_world(t), chat), id);
	return topic == NULL ? "" : topic->title;
}
