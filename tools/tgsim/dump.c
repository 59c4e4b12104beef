/*
 * A chat as canonical JSON, a line a message, so that two chats can be compared as text. With
 * `canonical` there are no ids, dates, senders and service messages: replies, topics and albums are
 * told by ordinals and titles, and what a copy cannot have (votes, views, the forward header) is
 * left out.
 */
#include "tools/tgsim/dump_priv.h"

#include <errno.h>
#include <stdlib.h>

enum { ARENA_SIZE = 4 << 20, GENERAL = 1 };

/* ---- which chat ---- */

static struct history *history_of_chat(struct world *w, struct chat *c)
{
	if (c == NULL || c->history != NULL || w->accounts == NULL)
		return c == NULL ? NULL : c->history;
	return history_of(w, w->accounts, (struct peer){PEER_GROUP, c->id}, false);
}

static struct history *find_private(struct world *w, const char *name)
{
	const char *slash = strchr(name, '/');
	struct account *a = w->accounts;
	int64_t id;
	char phone[32];

	if (slash != NULL) {
		if ((size_t)(slash - name) >= sizeof(phone))
			return NULL;
		memcpy(phone, name, (size_t)(slash - name));
		phone[slash - name] = 0;
		a = account_by_phone(w, phone);
		name = slash + 1;
	}
	if (a == NULL)
		return NULL;
	id = strcmp(name, "me") == 0 ? a->user->id : strtoll(name, NULL, 10);
	return history_of(w, a, (struct peer){PEER_USER, id}, false);
}

static struct history *find_history(struct world *w, const char *name)
{
	struct user *user;
	struct chat *chat = NULL;
	struct history *h;

	if (*name == '@' && username_find(w, cspan_str(name + 1), &user, &chat) && chat != NULL)
		return history_of_chat(w, chat);
	for (chat = w->chats; chat != NULL; chat = chat->next)
		if (chat_marked_id(chat) == strtoll(name, NULL, 10))
			return history_of_chat(w, chat);
	h = find_private(w, name);
	for (chat = w->chats; h == NULL && chat != NULL; chat = chat->next)
		if (strcmp(chat->title, name) == 0)
			h = history_of_chat(w, chat);
	return h;
}

/* ---- topics ---- */

static int by_title(const void *va, const void *vb)
{
	const struct topic *a = *(struct topic *const *)va, *b = *(struct topic *const *)vb;
	int d = strcmp(a->title, b->title);

	return d != 0 ? d : (a->id > b->id) - (a->id < b->id);
}

static bool put_topic(struct dump *d, const struct topic *t, dump_line *out, void *arg)
{
	struct line *l = &d->line;

	line_reset(l);
	line_open(l, NULL, '{');
	if (!d->opt.canonical)
		line_long(l, "id", t->id);
	line_text(l, "topic", cspan_str(t->title));
	if (t->id != GENERAL)
		line_long(l, "icon_color", t->icon_color);
	if (t->icon_emoji_id != 0)
		line_long(l, "icon_emoji_id", t->icon_emoji_id);
	if (!d->opt.canonical) {
		line_flag(l, "closed", t->closed);
		line_flag(l, "hidden", t->hidden);
		line_flag(l, "pinned", t->pinned);
	}
	line_close(l, '}');
	return out(arg, l->at, l->len);
}

static bool put_topics(struct dump *d, dump_line *out, void *arg)
{
	const struct chat *c = d->history->chat;
	struct topic **list;
	bool go_on = true;

	if (c == NULL || !c->forum || d->opt.topic != 0)
		return true;
	list = malloc((c->topic_count + 1) * sizeof(struct topic *));
	check(list != NULL);
	memcpy(list, c->topics, c->topic_count * sizeof(struct topic *));
	if (d->opt.canonical)
		qsort(list, c->topic_count, sizeof(struct topic *), by_title);
	for (uint32_t i = 0; i < c->topic_count && go_on; i++)
		if (!list[i]->deleted)
			go_on = put_topic(d, list[i], out, arg);
	free(list);
	return go_on;
}

/* ---- messages ---- */

static uint32_t album_ordinal(struct dump *d, int64_t grouped_id)
{
	const uint32_t room = countof(d->albums);
	struct album_seen *a;

	for (uint32_t i = 0; i < room; i++)
		if (d->albums[i].grouped_id == grouped_id)
			return d->albums[i].ordinal;
	a = &d->albums[d->album_count++ % room];
	*a = (struct album_seen){grouped_id, d->album_count};
	return a->ordinal;
}

static uint32_t ordinal_of(const struct dump *d, int32_t id)
{
	const struct idlist *l = &d->history->messages;
	uint32_t at = idlist_lower(l, id);

	return at < l->count && l->ids[at] == id ? d->ordinals[at] : 0;
}

static void put_reply(struct dump *d, const struct tl_obj *body)
{
	const struct tl_obj *reply = tl_sub(body, TLF_reply_to);
	int32_t id = tl_int(reply, TLF_reply_to_msg_id);
	uint32_t ordinal = ordinal_of(d, id);
	struct line *l = &d->line;

	if (tl_cons(reply) != TLC_messageReplyHeader || (ordinal == 0 && d->opt.canonical))
		return;
	line_open(l, "reply", '{');
	if (ordinal != 0)
		line_long(l, "n", ordinal);
	if (!d->opt.canonical)
		line_long(l, "id", id);
	if (tl_has(reply, TLF_quote_text)) {
		line_text(l, "quote", tl_bytes(reply, TLF_quote_text));
		dump_entities(d, "entities", tl_vec(reply, TLF_quote_entities));
		line_long(l, "offset", tl_int(reply, TLF_quote_offset));
	}
	line_close(l, '}');
}

static void put_topic_of(struct dump *d, const struct msg *m)
{
	const struct chat *c = m->history->chat;
	const struct topic *t = c == NULL ? NULL : topic_find(d->history->chat, m->topic_id);

	if (d->opt.topic != 0 || t == NULL || !c->forum)
		return;
	line_text(&d->line, "topic", cspan_str(t->title));
	if (!d->opt.canonical)
		line_long(&d->line, "topic_id", t->id);
}

static void put_ids(struct dump *d, const struct msg *m)
{
	line_long(&d->line, "id", m->id);
	line_long(&d->line, "date", m->date);
	if (m->from_id != 0)
		line_long(&d->line, "from", m->from_id);
}

static void put_message(struct dump *d, const struct msg *m, const struct tl_obj *body,
			uint32_t ordinal)
{
	struct line *l = &d->line;

	line_long(l, "n", ordinal);
	if (!d->opt.canonical)
		put_ids(d, m);
	put_topic_of(d, m);
	line_text(l, "text", tl_bytes(body, TLF_message));
	dump_entities(d, "entities", tl_vec(body, TLF_entities));
	dump_media(d, tl_sub(body, TLF_media));
	if (m->grouped_id != 0)
		line_long(l, "album", album_ordinal(d, m->grouped_id));
	put_reply(d, body);
	line_flag(l, "caption_above", tl_flag(body, TLF_invert_media));
	line_flag(l, "silent", tl_flag(body, TLF_silent));
	if (d->opt.canonical)
		return;
	line_flag(l, "forwarded", tl_has(body, TLF_fwd_from));
	line_flag(l, "pinned", m->pinned);
	line_flag(l, "noforwards", m->noforwards);
	if (tl_has(body, TLF_edit_date))
		line_long(l, "edited", tl_int(body, TLF_edit_date));
}

static void put_service(struct dump *d, const struct msg *m, const struct tl_obj *body)
{
	const struct tl_obj *action = tl_sub(body, TLF_action);
	struct line *l = &d->line;

	put_ids(d, m);
	put_topic_of(d, m);
	line_text(l, "service", cspan_str(tl_name(tl_cons(action))));
	if (tl_cons(action) == TLC_messageActionTopicCreate ||
	    tl_cons(action) == TLC_messageActionChannelCreate)
		line_text(l, "title", tl_bytes(action, TLF_title));
	put_reply(d, body);
}

static bool wanted(const struct dump *d, const struct msg *m)
{
	return d->opt.topic == 0 || m->topic_id == d->opt.topic;
}

static bool put_line(struct dump *d, const struct msg *m, uint32_t ordinal, dump_line *out,
		     void *arg)
{
	const struct tl_obj *body;

	if (m->service && d->opt.canonical)
		return true;
	arena_rewind(&d->arena, 0);
	body = msg_body(d->world, &d->arena, m);
	check(body != NULL);
	line_reset(&d->line);
	line_open(&d->line, NULL, '{');
	if (m->service)
		put_service(d, m, body);
	else
		put_message(d, m, body, ordinal);
	line_close(&d->line, '}');
	return out(arg, d->line.at, d->line.len);
}

/* Ordinals first: a reply is told by the ordinal of what it answers. */
static void number(struct dump *d)
{
	const struct idlist *l = &d->history->messages;
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->count; i++) {
		const struct msg *m = msg_find(d->world, d->history->box, l->ids[i]);

		if (m != NULL && !m->service && wanted(d, m))
			d->ordinals[i] = ++n;
	}
}

static void put_messages(struct dump *d, dump_line *out, void *arg)
{
	const struct idlist *l = &d->history->messages;
	bool go_on = true;

	for (uint32_t i = 0; i < l->count && go_on; i++) {
		const struct msg *m = msg_find(d->world, d->history->box, l->ids[i]);

		if (m != NULL && wanted(d, m))
			go_on = put_line(d, m, d->ordinals[i], out, arg);
	}
}

int world_dump(struct world *w, const char *chat, const struct dump_options *opt, dump_line *out,
	       void *arg)
{
	struct dump d = {.world = w, .history = find_history(w, chat), .opt = *opt};
	void *memory;

	if (d.history == NULL)
		return -ENOENT;
	memory = malloc(ARENA_SIZE);
	d.ordinals = calloc((size_t)d.history->messages.count + 1, sizeof(*d.ordinals));
	check(memory != NULL);
	check(d.ordinals != NULL);
	arena_init(&d.arena, memory, ARENA_SIZE);
	line_init(&d.line);
	number(&d);
	if (put_topics(&d, out, arg))
		put_messages(&d, out, arg);
	line_fini(&d.line);
	free(d.ordinals);
	free(memory);
	return 0;
}
