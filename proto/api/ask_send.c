/*
 * Sending, and reading what a send answered (api.md 11). New ids are found by random_id only, never by
 * position; a random_id without updateMessageID was not sent.
 */
#include "proto/api/ask.h"

#include "proto/base/check.h"

/* A message in a topic names it: as the thing replied to, or beside it (api.md 6). */
static const struct tl_obj *reply_of(struct arena *a, const struct post *p)
{
	int32_t topic = p->topic > 1 ? p->topic : 0;
	const struct tl_obj *quote = p->reply_to > 0 ? p->quote : NULL;
	struct tl_vec entities;
	struct tl_obj *o;

	if (p->reply_to == 0 && topic == 0)
		return NULL;
	o = tl_new(a, TLC_inputReplyToMessage);
	tl_set_int(o, TLF_reply_to_msg_id, p->reply_to > 0 ? p->reply_to : topic);
	if (p->reply_to > 0 && topic > 0)
		tl_set_int(o, TLF_top_msg_id, topic);
	if (p->reply_to > 0 && p->across) /* else it would land in the topic of what it answers */
		tl_set_obj(o, TLF_reply_to_peer_id, peer_input(a, p->to));
	if (!p->no_part && tl_has(quote, TLF_todo_item_id))
		tl_set_int(o, TLF_todo_item_id, tl_int(quote, TLF_todo_item_id));
	if (!p->no_part && tl_has(quote, TLF_poll_option))
		tl_set_bytes(o, TLF_poll_option, tl_bytes(quote, TLF_poll_option));
	if (p->no_quote || !tl_has(quote, TLF_quote_text))
		return o;
	entities = tl_vec(quote, TLF_quote_entities);
	tl_set_bytes(o, TLF_quote_text, tl_bytes(quote, TLF_quote_text));
	if (tl_has(quote, TLF_quote_offset))
		tl_set_int(o, TLF_quote_offset, tl_int(quote, TLF_quote_offset));
	tl_set_vec(a, o, TLF_quote_entities, entities.count);
	for (uint32_t i = 0; i < entities.count; i++)
		tl_put_obj(o, TLF_quote_entities, i, tl_vec_obj(entities, i));
	return o;
}

static void put_entities(struct arena *a, struct tl_obj *o, const struct entity_list *list)
{
	if (list->count == 0)
		return;
	tl_set_vec(a, o, TLF_entities, list->count);
	for (uint32_t i = 0; i < list->count; i++)
		tl_put_obj(o, TLF_entities, i, list->at[i]);
}

static void put_common(struct arena *a, struct tl_obj *o, const struct post *p)
{
	const struct tl_obj *reply = reply_of(a, p);

	tl_set_flag(o, TLF_silent, p->silent);
	tl_set_flag(o, TLF_invert_media, p->invert_media);
	tl_set_obj(o, TLF_peer, peer_input(a, p->to));
	if (reply != NULL)
		tl_set_obj(o, TLF_reply_to, reply);
}

const struct tl_obj *ask_send(struct arena *a, const struct post *p)
{
	struct tl_obj *o = tl_new(a, p->media != NULL ? TLC_messages_sendMedia
						      : TLC_messages_sendMessage);

	put_common(a, o, p);
	if (p->media != NULL)
		tl_set_obj(o, TLF_media, p->media);
	else
		tl_set_flag(o, TLF_no_webpage, p->no_webpage);
	tl_set_bytes(o, TLF_message, p->text);
	tl_set_long(o, TLF_random_id, p->random_id);
	put_entities(a, o, &p->entities);
	return o;
}

const struct tl_obj *ask_send_album(struct arena *a, const struct post *items, uint32_t count)
{
	struct tl_obj *o = tl_new(a, TLC_messages_sendMultiMedia);

	check(count >= 2 && count <= 10);
	put_common(a, o, &items[0]);
	tl_set_vec(a, o, TLF_multi_media, count);
	for (uint32_t i = 0; i < count; i++) {
		struct tl_obj *single = tl_new(a, TLC_inputSingleMedia);

		tl_set_obj(single, TLF_media, items[i].media);
		tl_set_long(single, TLF_random_id, items[i].random_id);
		tl_set_bytes(single, TLF_message, items[i].text);
		put_entities(a, single, &items[i].entities);
		tl_put_obj(o, TLF_multi_media, i, single);
	}
	return o;
}

const struct tl_obj *ask_upload_media(struct arena *a, struct peer to, const struct tl_obj *media)
{
	struct tl_obj *o = tl_new(a, TLC_messages_uploadMedia);

	tl_set_obj(o, TLF_peer, peer_input(a, to));
	tl_set_obj(o, TLF_media, media);
	return o;
}

const struct tl_obj *ask_forward(struct arena *a, const struct forward *f)
{
	struct tl_obj *o = tl_new(a, TLC_messages_forwardMessages);

	check(f->count >= 1 && f->count <= 100);
	tl_set_flag(o, TLF_drop_author, !f->keep_author);
	tl_set_flag(o, TLF_silent, f->silent);
	tl_set_obj(o, TLF_from_peer, peer_input(a, f->from));
	tl_set_obj(o, TLF_to_peer, peer_input(a, f->to));
	if (f->topic > 1)
		tl_set_int(o, TLF_top_msg_id, f->topic);
	tl_set_vec(a, o, TLF_id, f->count);
	tl_set_vec(a, o, TLF_random_id, f->count);
	for (uint32_t i = 0; i < f->count; i++) {
		tl_put_int(o, TLF_id, i, f->ids[i]);
		tl_put_long(o, TLF_random_id, i, f->random_ids[i]);
	}
	return o;
}

static const struct tl_obj *message_of_update(const struct tl_obj *update)
{
	switch (tl_cons(update)) {
	case TLC_updateNewMessage:
	case TLC_updateNewChannelMessage:
		return tl_sub(update, TLF_message);
	default:
		return NULL;
	}
}

static const struct tl_obj *scheduled_of(struct tl_vec list, int32_t id)
{
	for (uint32_t i = 0; i < list.count; i++) {
		const struct tl_obj *u = tl_vec_obj(list, i);

		if (tl_cons(u) == TLC_updateNewScheduledMessage &&
		    tl_int(tl_sub(u, TLF_message), TLF_id) == id)
			return tl_sub(u, TLF_message);
	}
	return NULL;
}

bool ask_names_ids(const struct tl_obj *updates, bool one_text)
{
	switch (tl_cons(updates)) {
	case TLC_updates:
	case TLC_updatesCombined:
		return true;
	case TLC_updateShortSentMessage:
		return one_text;
	default:
		return false;
	}
}

struct sent ask_read_sent(const struct tl_obj *updates, int64_t random_id)
{
	struct tl_vec list = tl_vec(updates, TLF_updates);
	struct sent s = {.id = 0};

	/* A single text to a user or basic group answers with its id only. */
	if (tl_cons(updates) == TLC_updateShortSentMessage) {
		s.id = tl_int(updates, TLF_id);
		s.short_form = true;
		s.ttl = tl_int(updates, TLF_ttl_period);
		s.entities = tl_vec(updates, TLF_entities);
		return s;
	}
	for (uint32_t i = 0; i < list.count && s.id == 0; i++) {
		const struct tl_obj *u = tl_vec_obj(list, i);

		if (tl_cons(u) == TLC_updateMessageID && tl_long(u, TLF_random_id) == random_id)
			s.id = tl_int(u, TLF_id);
	}
	for (uint32_t i = 0; i < list.count && s.id != 0 && s.message == NULL; i++) {
		const struct tl_obj *m = message_of_update(tl_vec_obj(list, i));

		if (m != NULL && tl_int(m, TLF_id) == s.id)
			s.message = m;
	}
	s.later = s.id != 0 && s.message == NULL ? scheduled_of(list, s.id) : NULL;
	if (s.later != NULL)
		s.id = 0;
	return s;
}
