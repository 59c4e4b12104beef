/* See deed.h. */
#include "tests/clone/deed.h"

#include "proto/base/check.h"
#include "tests/sim/whole.h"
#include "tools/tgsim/model.h"
#include "tools/tgsim/model_file.h"
#include "tools/tgsim/world_setup.h"

#include <stdio.h>
#include <string.h>

enum { MEM = 256 << 10, WORD = 4 };

static int32_t put(struct telegram *t, uint32_t chat, const struct tl_obj *content)
{
	struct world *w = telegram_world(t);
	struct account *a = world_account_at(w, 0);
	struct peer to = {PEER_CHANNEL, world_chat_at(w, chat)->id};
	struct post p = {.to = history_of(w, a, to, true), .from = a->user, .date = 1767300000};

	return msg_post(w, &p, content)->id;
}

int32_t deed_dice(struct telegram *t, uint32_t chat)
{
	static uint8_t mem[MEM];
	struct tl_obj *o, *media;
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	o = tl_new(&a, TLC_message);
	media = tl_new(&a, TLC_messageMediaDice);
	tl_set_int(media, TLF_value, 5);
	tl_set_str(media, TLF_emoticon, "\xf0\x9f\x8e\xb2");
	tl_set_obj(o, TLF_media, media);
	return put(t, chat, o);
}

static struct tl_obj *words(struct arena *a, const char *text)
{
	struct tl_obj *o = tl_new(a, TLC_textWithEntities);

	tl_set_str(o, TLF_text, text);
	return o;
}

static int32_t ask(struct telegram *t, uint32_t chat, bool quiz, bool public_voters)
{
	static uint8_t mem[MEM];
	struct tl_obj *o, *media, *poll;
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	o = tl_new(&a, TLC_message);
	media = tl_new(&a, TLC_messageMediaPoll);
	poll = tl_new(&a, TLC_poll);
	tl_set_long(poll, TLF_id, 4711);
	tl_set_flag(poll, TLF_quiz, quiz);
	tl_set_flag(poll, TLF_public_voters, public_voters);
	tl_set_obj(poll, TLF_question, words(&a, "who did it?"));
	tl_set_vec(&a, poll, TLF_answers, 2);
	for (uint32_t i = 0; i < 2; i++) {
		struct tl_obj *answer = tl_new(&a, TLC_pollAnswer);

		tl_set_obj(answer, TLF_text, words(&a, i == 0 ? "the gardener" : "the cook"));
		tl_set_bytes(answer, TLF_option, cspan_str(i == 0 ? "0" : "1"));
		tl_put_obj(poll, TLF_answers, i, answer);
	}
	tl_set_obj(media, TLF_poll, poll);
	tl_set_obj(media, TLF_results, tl_new(&a, TLC_pollResults));
	tl_set_obj(o, TLF_media, media);
	return put(t, chat, o);
}

int32_t deed_quiz(struct telegram *t, uint32_t chat)
{
	return ask(t, chat, true, false);
}

int32_t deed_poll(struct telegram *t, uint32_t chat, bool public_voters)
{
	return ask(t, chat, false, public_voters);
}

static struct tl_obj *with_emoji(struct arena *a, const struct tl_obj *text)
{
	struct tl_obj *o = tl_copy(a, text), *e = tl_new(a, TLC_messageEntityCustomEmoji);

	tl_set_int(e, TLF_offset, 0);
	tl_set_int(e, TLF_length, 1);
	tl_set_long(e, TLF_document_id, 5);
	tl_set_vec(a, o, TLF_entities, 1);
	tl_put_obj(o, TLF_entities, 0, e);
	return o;
}

void deed_poll_is(struct telegram *t, uint32_t chat, int32_t id, enum deed_poll what)
{
	static uint8_t mem[MEM];
	struct world *w = telegram_world(t);
	struct msg *m = msg_find(w, &world_chat_at(w, chat)->box, id);
	struct tl_obj *content, *media, *poll, *results;
	struct arena a;

	check(m != NULL);
	arena_init(&a, mem, sizeof(mem));
	content = tl_copy(&a, msg_body(w, &a, m));
	media = tl_copy(&a, tl_sub(content, TLF_media));
	poll = tl_copy(&a, tl_sub(media, TLF_poll));
	results = tl_copy(&a, tl_sub(media, TLF_results));
	if (what == POLL_VOTED)
		tl_set_int(results, TLF_total_voters, 3);
	else if (what == POLL_TIMED)
		tl_set_int(poll, TLF_close_date, 1900000000);
	else if (what == POLL_EMOJI)
		tl_set_obj(poll, TLF_question, with_emoji(&a, tl_sub(poll, TLF_question)));
	else
		tl_set_flag(poll, what == POLL_LIMITED	? TLF_subscribers_only
				  : what == POLL_OPEN	? TLF_open_answers
							: TLF_closed, true);
	tl_set_obj(media, TLF_results, results);
	tl_set_obj(media, TLF_poll, poll);
	tl_set_obj(content, TLF_media, media);
	msg_edit(w, m, content, m->date + 1, 0);
}

void deed_channel(struct telegram *t, uint32_t chat)
{
	world_chat_at(telegram_world(t), chat)->kind = CHAT_CHANNEL;
}

int32_t deed_other(struct telegram *t, uint32_t chat, const char *text)
{
	struct world *w = telegram_world(t);
	struct chat *to = world_chat_at(w, chat);
	struct account *a = world_account_at(w, 1);
	uint8_t mem[4096];
	struct arena arena;
	struct tl_obj *o;
	struct post p = {.from = a->user, .date = 1767300000};

	arena_init(&arena, mem, sizeof(mem));
	o = tl_new(&arena, TLC_message);
	tl_set_str(o, TLF_message, text);
	member_add(w, to, a->user, 0, 0);
	p.to = history_of(w, a, (struct peer){PEER_CHANNEL, to->id}, true);
	return msg_post(w, &p, o)->id;
}

void deed_slow(struct telegram *t, uint32_t chat, int32_t seconds)
{
	struct chat *c = world_chat_at(telegram_world(t), chat);

	c->slowmode_seconds = seconds;
	for (uint32_t i = 0; i < c->member_count; i++)
		c->members[i].creator = c->members[i].admin = false;
}

int32_t deed_quote(struct telegram *t, uint32_t chat, int32_t to, const char *quote, const char *text)
{
	static uint8_t mem[MEM];
	struct tl_obj *o, *reply;
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	o = tl_new(&a, TLC_message);
	reply = tl_new(&a, TLC_messageReplyHeader);
	tl_set_int(reply, TLF_reply_to_msg_id, to);
	tl_set_flag(reply, TLF_quote, true);
	tl_set_str(reply, TLF_quote_text, quote);
	tl_set_int(reply, TLF_quote_offset, 0);
	tl_set_obj(o, TLF_reply_to, reply);
	tl_set_str(o, TLF_message, text);
	return put(t, chat, o);
}

int32_t deed_elsewhere(struct telegram *t, uint32_t chat, bool story, const char *text)
{
	static uint8_t mem[MEM];
	struct tl_obj *o, *reply, *peer;
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	o = tl_new(&a, TLC_message);
	reply = tl_new(&a, story ? TLC_messageReplyStoryHeader : TLC_messageReplyHeader);
	peer = tl_new(&a, TLC_peerChannel);
	tl_set_long(peer, TLF_channel_id, 4711);
	if (story) {
		tl_set_obj(reply, TLF_peer, peer);
		tl_set_int(reply, TLF_story_id, 5);
	} else {
		tl_set_int(reply, TLF_reply_to_msg_id, 5);
		tl_set_obj(reply, TLF_reply_to_peer_id, peer);
	}
	tl_set_obj(o, TLF_reply_to, reply);
	tl_set_str(o, TLF_message, text);
	return put(t, chat, o);
}

int32_t deed_across(struct telegram *t, uint32_t chat, int32_t topic, int32_t to, const char *text)
{
	static uint8_t mem[MEM];
	struct tl_obj *o, *reply, *peer;
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	o = tl_new(&a, TLC_message);
	reply = tl_new(&a, TLC_messageReplyHeader);
	peer = tl_new(&a, TLC_peerChannel);
	tl_set_long(peer, TLF_channel_id, world_chat_at(telegram_world(t), chat)->id);
	tl_set_int(reply, TLF_reply_to_msg_id, to);
	tl_set_obj(reply, TLF_reply_to_peer_id, peer);
	tl_set_flag(reply, TLF_forum_topic, topic > 0);
	if (topic > 0)
		tl_set_int(reply, TLF_reply_to_top_id, topic);
	tl_set_obj(o, TLF_reply_to, reply);
	tl_set_str(o, TLF_message, text);
	return put(t, chat, o);
}

int32_t deed_button(struct telegram *t, uint32_t chat, bool link, const char *text)
{
	static uint8_t mem[MEM];
	struct tl_obj *o, *markup, *row, *button;
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	o = tl_new(&a, TLC_message);
	button = tl_new(&a, link ? TLC_keyboardButtonUrl : TLC_keyboardButtonCallback);
	tl_set_str(button, TLF_text, "more");
	if (link)
		tl_set_str(button, TLF_url, "https://example.org/more");
	else
		tl_set_bytes(button, TLF_data, cspan_str("more"));
	row = tl_new(&a, TLC_keyboardButtonRow);
	tl_set_vec(&a, row, TLF_buttons, 1);
	tl_put_obj(row, TLF_buttons, 0, button);
	markup = tl_new(&a, TLC_replyInlineMarkup);
	tl_set_vec(&a, markup, TLF_rows, 1);
	tl_put_obj(markup, TLF_rows, 0, row);
	tl_set_obj(o, TLF_reply_markup, markup);
	tl_set_str(o, TLF_message, text);
	return put(t, chat, o);
}

bool deed_has_buttons(struct telegram *t, uint32_t chat, int32_t id)
{
	static uint8_t mem[MEM];
	struct world *w = telegram_world(t);
	struct msg *m = msg_find(w, &world_chat_at(w, chat)->box, id);
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	return m != NULL && tl_has(msg_body(w, &a, m), TLF_reply_markup);
}

int32_t deed_mention(struct telegram *t, uint32_t chat, bool exists, const char *text)
{
	enum { STRANGER = 424242, NOBODY };
	static uint8_t mem[MEM];
	struct tl_obj *o, *bold, *name;
	struct arena a;

	if (exists && user_find(telegram_world(t), STRANGER) == NULL)
		user_make(telegram_world(t), STRANGER, "A", "Stranger");
	arena_init(&a, mem, sizeof(mem));
	o = tl_new(&a, TLC_message);
	bold = tl_new(&a, TLC_messageEntityBold);
	tl_set_int(bold, TLF_length, (int32_t)strlen(text));
	name = tl_new(&a, TLC_messageEntityMentionName);
	tl_set_int(name, TLF_length, 2);
	tl_set_long(name, TLF_user_id, exists ? STRANGER : NOBODY);
	tl_set_vec(&a, o, TLF_entities, 2);
	tl_put_obj(o, TLF_entities, 0, bold);
	tl_put_obj(o, TLF_entities, 1, name);
	tl_set_str(o, TLF_message, text);
	return put(t, chat, o);
}

void deed_timer(struct telegram *t, uint32_t chat, int32_t seconds)
{
	world_chat_at(telegram_world(t), chat)->history_ttl = seconds;
}

int32_t deed_preview(struct telegram *t, uint32_t chat, const char *text)
{
	static uint8_t mem[MEM];
	struct tl_obj *o, *media, *page;
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	o = tl_new(&a, TLC_message);
	media = tl_new(&a, TLC_messageMediaWebPage);
	page = tl_new(&a, TLC_webPage);
	tl_set_long(page, TLF_id, 78);
	tl_set_str(page, TLF_url, "https://example.org/hidden");
	tl_set_str(page, TLF_display_url, "example.org/hidden");
	tl_set_obj(media, TLF_webpage, page);
	tl_set_flag(media, TLF_manual, true);
	tl_set_obj(o, TLF_media, media);
	tl_set_str(o, TLF_message, text);
	return put(t, chat, o);
}

int32_t deed_effect(struct telegram *t, uint32_t chat, const char *text)
{
	static uint8_t mem[MEM];
	struct tl_obj *o;
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	o = tl_new(&a, TLC_message);
	tl_set_str(o, TLF_message, text);
	tl_set_long(o, TLF_effect, 5104841245755180586);
	return put(t, chat, o);
}

int32_t deed_game(struct telegram *t, uint32_t chat)
{
	static uint8_t mem[MEM];
	struct tl_obj *o, *media, *game;
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	o = tl_new(&a, TLC_message);
	media = tl_new(&a, TLC_messageMediaGame);
	game = tl_new(&a, TLC_game);
	tl_set_str(game, TLF_short_name, "chess");
	tl_set_str(game, TLF_title, "Chess");
	tl_set_obj(game, TLF_photo, tl_new(&a, TLC_photoEmpty));
	tl_set_obj(media, TLF_game, game);
	tl_set_obj(o, TLF_media, media);
	return put(t, chat, o);
}

int32_t deed_list(struct telegram *t, uint32_t chat)
{
	static uint8_t mem[MEM];
	struct tl_obj *o, *media, *todo;
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	o = tl_new(&a, TLC_message);
	media = tl_new(&a, TLC_messageMediaToDo);
	todo = tl_new(&a, TLC_todoList);
	tl_set_obj(todo, TLF_title, words(&a, "before we leave"));
	tl_set_vec(&a, todo, TLF_list, 2);
	for (int32_t i = 0; i < 2; i++) {
		struct tl_obj *item = tl_new(&a, TLC_todoItem);

		tl_set_int(item, TLF_id, i + 1);
		tl_set_obj(item, TLF_title, words(&a, i == 0 ? "the key" : "the light"));
		tl_put_obj(todo, TLF_list, (uint32_t)i, item);
	}
	tl_set_obj(media, TLF_todo, todo);
	tl_set_obj(o, TLF_media, media);
	return put(t, chat, o);
}

void deed_tick(struct telegram *t, uint32_t chat, int32_t id)
{
	static uint8_t mem[MEM];
	struct world *w = telegram_world(t);
	struct msg *m = msg_find(w, &world_chat_at(w, chat)->box, id);
	struct tl_obj *content, *media, *tick, *by;
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	content = tl_copy(&a, msg_body(w, &a, m));
	media = tl_copy(&a, tl_sub(content, TLF_media));
	tick = tl_new(&a, TLC_todoCompletion);
	tl_set_int(tick, TLF_id, 1);
	by = tl_new(&a, TLC_peerUser);
	tl_set_long(by, TLF_user_id, 777777);
	tl_set_obj(tick, TLF_completed_by, by);
	tl_set_int(tick, TLF_date, m->date);
	tl_set_vec(&a, media, TLF_completions, 1);
	tl_put_obj(media, TLF_completions, 0, tick);
	tl_set_obj(content, TLF_media, media);
	msg_edit(w, m, content, m->date, 0);
}

int32_t deed_via(struct telegram *t, uint32_t chat, const char *text)
{
	static uint8_t mem[MEM];
	struct tl_obj *o;
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	o = tl_new(&a, TLC_message);
	tl_set_str(o, TLF_message, text);
	tl_set_long(o, TLF_via_bot_id, 777777);
	return put(t, chat, o);
}

void deed_answer(struct telegram *t, uint32_t chat, int32_t id, int32_t to)
{
	static uint8_t mem[MEM];
	struct world *w = telegram_world(t);
	struct msg *m = msg_find(w, &world_chat_at(w, chat)->box, id);
	struct tl_obj *content, *reply;
	struct arena a;

	check(m != NULL);
	arena_init(&a, mem, sizeof(mem));
	content = tl_copy(&a, msg_body(w, &a, m));
	reply = tl_new(&a, TLC_messageReplyHeader);
	tl_set_int(reply, TLF_reply_to_msg_id, to);
	tl_set_obj(content, TLF_reply_to, reply);
	msg_edit(w, m, content, m->date + 1, 0);
}

int32_t deed_crowd(struct telegram *t, uint32_t chat, uint32_t tags, uint32_t bold)
{
	static uint8_t mem[MEM];
	static char text[4097];
	struct tl_obj *o;
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	o = tl_new(&a, TLC_message);
	tl_set_vec(&a, o, TLF_entities, tags + bold);
	for (uint32_t i = 0; i < tags + bold; i++) {
		struct tl_obj *e = tl_new(&a, i < tags ? TLC_messageEntityHashtag
						       : TLC_messageEntityBold);

		snprintf(text + WORD * i, WORD + 1, "%s ", i < tags ? "#ab" : "abc");
		tl_set_int(e, TLF_offset, (int32_t)(WORD * i));
		tl_set_int(e, TLF_length, WORD - 1);
		tl_put_obj(o, TLF_entities, i, e);
	}
	tl_set_bytes(o, TLF_message, cspan_of(text, WORD * (tags + bold) - 1));
	return put(t, chat, o);
}

int32_t deed_sticker(struct telegram *t, uint32_t chat, const char *mime)
{
	static uint8_t mem[MEM];
	bool gif = strcmp(mime, "image/gif") == 0;
	struct file *f = file_make(telegram_world(t), FILE_DOCUMENT, 3000, 1767300000);
	struct tl_obj *o, *media, *attribute, *attributes;
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	f->mime = mime;
	f->source = (struct source){.kind = SOURCE_MADE, .seed = 17};
	attribute = tl_new(&a, gif ? TLC_documentAttributeAnimated : TLC_documentAttributeSticker);
	if (!gif)
		tl_set_str(attribute, TLF_alt, "x");
	if (!gif)
		tl_set_obj(attribute, TLF_stickerset, tl_new(&a, TLC_inputStickerSetEmpty));
	attributes = tl_new(&a, TLC_document);
	tl_set_vec(&a, attributes, TLF_attributes, 1);
	tl_put_obj(attributes, TLF_attributes, 0, attribute);
	file_set_attrs(telegram_world(t), f, tl_vec(attributes, TLF_attributes));
	file_known(telegram_world(t), f);
	o = tl_new(&a, TLC_message);
	media = tl_new(&a, TLC_messageMediaDocument);
	tl_set_obj(media, TLF_document, file_stub(&a, f));
	tl_set_obj(o, TLF_media, media);
	return put(t, chat, o);
}

void deed_caption(struct telegram *t, uint32_t chat, int32_t id, const char *text, int32_t bold_at, int32_t bold)
{
	static uint8_t mem[MEM];
	struct world *w = telegram_world(t);
	struct msg *m = msg_find(w, &world_chat_at(w, chat)->box, id);
	struct tl_obj *o, *e;
	struct arena a;

	check(m != NULL);
	arena_init(&a, mem, sizeof(mem));
	o = tl_copy(&a, msg_body(w, &a, m));
	e = tl_new(&a, TLC_messageEntityBold);
	tl_set_int(e, TLF_offset, bold_at);
	tl_set_int(e, TLF_length, bold);
	tl_set_vec(&a, o, TLF_entities, 1);
	tl_put_obj(o, TLF_entities, 0, e);
	tl_set_str(o, TLF_message, text);
	msg_edit(w, m, o, m->date, 0);
}
