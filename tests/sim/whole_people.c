/*
 * People in a whole-program run: the kinds of chats that they clone into, what they do there and in the source
 * while a job runs, and what stands in a chat afterwards, by the random_ids that it was made with.
 */
#include "tests/sim/whole_people.h"

#include "proto/base/check.h"
#include "tools/tgsim/methods.h"

#include <stdio.h>
#include <stdlib.h>

/* The third chat of the world, behind source and target. */
enum { BASIC_GROUP = 2, CONTENT = 64 * 1024, CROWD = 130 };

const char *deed_name(enum deed_kind kind)
{
	static const char *const names[DEEDS] = {"edit", "media",  "delete", "new",   "protect", "open", "echo",
						 "remove", "expire", "crowd",  "topic", "twin",    "move", "plan"};

	return names[kind];
}

const char *target_name(enum target_kind kind)
{
	static const char *const names[TARGETS] = {"group", "channel", "basic", "saved"};

	return names[kind];
}

void people_chats(struct world *w, bool source_channel, enum target_kind kind)
{
	struct chat *group;

	if (source_channel)
		world_chat_at(w, 0)->kind = CHAT_CHANNEL;
	if (kind == TARGET_CHANNEL)
		world_chat_at(w, 1)->kind = CHAT_CHANNEL;
	if (kind != TARGET_BASIC)
		return;
	group = chat_make(w, CHAT_GROUP, BASIC_GROUP, "A few people", world_account_at(w, 0)->user, 1767000000);
	member_add(w, group, world_account_at(w, 1)->user, group->creator, group->date);
}

struct peer people_peer(struct telegram *t, uint32_t chat)
{
	struct world *w = telegram_world(t);

	if (chat == 1 && telegram_target(t) == TARGET_BASIC)
		return (struct peer){PEER_GROUP, BASIC_GROUP};
	if (chat == 1 && telegram_target(t) == TARGET_SAVED)
		return (struct peer){PEER_USER, world_account_at(w, 0)->user->id};
	return (struct peer){PEER_CHANNEL, world_chat_at(w, chat)->id};
}

struct history *people_history(struct telegram *t, uint32_t chat)
{
	return history_of(telegram_world(t), world_account_at(telegram_world(t), 0), people_peer(t, chat), true);
}

/* ---- what they do ---- */

/* The pick-th message of a chat that is no service message and, if so wanted, has media; NULL: there is none. */
static struct msg *pick(struct telegram *t, uint32_t chat, uint32_t pick, bool media, bool copies)
{
	struct history *h = people_history(t, chat);

	for (uint32_t i = 0; i < h->messages.count; i++) {
		uint32_t at = (i + pick) % h->messages.count;
		struct msg *m = msg_find(telegram_world(t), h->box, h->messages.ids[at]);

		if (m != NULL && !m->service && (!media || m->file != NULL) && (!copies || m->random_id != 0))
			return m;
	}
	return NULL;
}

static struct tl_obj *content_of(struct telegram *t, struct arena *arena, const struct msg *m)
{
	static uint8_t mem[CONTENT];

	arena_init(arena, mem, sizeof(mem));
	return tl_copy(arena, msg_body(telegram_world(t), arena, m));
}

static void say(struct telegram *t, const struct msg *m, uint32_t account, uint32_t chat)
{
	struct post p = {.to = people_history(t, chat),
			 .from = world_account_at(telegram_world(t), account)->user,
			 .date = telegram_now(t) / 1000000000};
	struct arena arena;
	struct tl_obj *o = content_of(t, &arena, m);

	tl_unset(o, TLF_reply_to);
	tl_unset(o, TLF_grouped_id);
	tl_unset(o, TLF_from_id);
	tl_unset(o, TLF_edit_date);
	msg_post(telegram_world(t), &p, o);
}

void telegram_say_again(struct telegram *t, uint32_t n)
{
	say(t, pick(t, 0, n, false, false), 0, 1);
}

void telegram_show_again(struct telegram *t, uint32_t n)
{
	say(t, pick(t, 0, n, true, false), 0, 0);
}

/* Into that topic; 0: outside of any. Its id. */
static int32_t post_text(struct telegram *t, uint32_t chat, uint32_t account, int32_t topic, const char *text)
{
	struct post p = {.to = people_history(t, chat),
			 .from = world_account_at(telegram_world(t), account)->user,
			 .date = telegram_now(t) / 1000000000};
	uint8_t mem[4096];
	struct arena arena;
	struct tl_obj *o, *reply;

	arena_init(&arena, mem, sizeof(mem));
	o = tl_new(&arena, TLC_message);
	tl_set_str(o, TLF_message, text);
	if (topic != 0) {
		reply = tl_new(&arena, TLC_messageReplyHeader);
		tl_set_int(reply, TLF_reply_to_msg_id, topic);
		tl_set_flag(reply, TLF_forum_topic, true);
		tl_set_obj(o, TLF_reply_to, reply);
	}
	return msg_post(telegram_world(t), &p, o)->id;
}

static int32_t make_topic(struct telegram *t, uint32_t chat, uint32_t account, const char *title)
{
	struct post p = {.to = people_history(t, chat),
			 .from = world_account_at(telegram_world(t), account)->user,
			 .date = telegram_now(t) / 1000000000};
	uint8_t mem[4096];
	struct arena arena;
	struct tl_obj *o, *action;

	arena_init(&arena, mem, sizeof(mem));
	o = tl_new(&arena, TLC_messageService);
	action = tl_new(&arena, TLC_messageActionTopicCreate);
	tl_set_str(action, TLF_title, title);
	tl_set_int(action, TLF_icon_color, 0x6fb9f0);
	tl_set_obj(o, TLF_action, action);
	return msg_post(telegram_world(t), &p, o)->id;
}

static void edit(struct telegram *t, struct msg *m, uint32_t n)
{
	char text[64];

	snprintf(text, sizeof(text), "in other words, %u", n);
	telegram_edit(t, 0, m->id, text);
}

static void edit_media(struct telegram *t, const struct msg *m, uint32_t n)
{
	struct msg *other = pick(t, 0, n / 2, true, false);

	telegram_edit_media(t, 0, m->id, other->id);
}

static struct msg *picked(struct telegram *t, const struct deed *d)
{
	bool there = d->kind == DEED_REMOVE;
	struct msg *m = pick(t, there, d->pick, d->kind == DEED_MEDIA, there);

	return m == NULL || (d->kind == DEED_MEDIA && m->grouped_id != 0) ? NULL : m;
}

int32_t telegram_picks(struct telegram *t, const struct deed *d)
{
	const struct msg *m = picked(t, d);

	return m == NULL ? 0 : m->id;
}

static bool in_source(struct telegram *t, const struct deed *d, int32_t *id)
{
	struct msg *m = picked(t, d);

	if (m == NULL)
		return false;
	*id = m->id;
	if (d->kind == DEED_EDIT)
		edit(t, m, d->pick);
	else if (d->kind == DEED_MEDIA)
		edit_media(t, m, d->pick);
	else
		telegram_delete(t, 0, m->id);
	return true;
}

static bool in_target(struct telegram *t, const struct deed *d, int32_t *id)
{
	struct msg *m = picked(t, d);

	if (m == NULL)
		return false;
	*id = m->id;
	if (d->kind == DEED_ECHO)
		say(t, m, 1, 1);
	else
		telegram_delete(t, 1, m->id);
	return true;
}

/* A video that is converted first, what is due soon, or in a year; by another admin, or in a year by the owner. */
static bool plan(struct telegram *t, uint32_t n)
{
	enum { SOON = 30, YEAR = 365 * 86400 };
	struct world *w = telegram_world(t);
	const struct msg *m = pick(t, 0, n, true, false);
	int32_t now = (int32_t)(telegram_now(t) / 1000000000);
	bool own = n % 4 == 3;
	struct arena arena;
	struct tl_obj *o;

	if (m == NULL || telegram_target(t) != TARGET_CHANNEL)
		return false;
	o = content_of(t, &arena, m);
	tl_unset(o, TLF_reply_to);
	tl_unset(o, TLF_grouped_id);
	tl_unset(o, TLF_edit_date);
	methods_plan(w, world_account_at(w, !own), world_chat_at(w, 1), o, now + (own || n % 3 == 2 ? YEAR : SOON),
		     own || n % 3 == 0);
	return true;
}

void people_topic(struct telegram *t)
{
	check(make_topic(t, 1, 0, "Cloned") == WHOLE_TOPIC);
}

/* Of one that there is, or of one that is new. */
static const char *title_of(const struct deed *d)
{
	return d->pick % 3 == 0 ? "Topic 1" : "Something else";
}

bool telegram_deed(struct telegram *t, const struct deed *d, int32_t *id)
{
	struct chat *source = world_chat_at(telegram_world(t), 0);

	*id = 0;
	switch (d->kind) {
	case DEED_EDIT:
	case DEED_MEDIA:
	case DEED_DELETE:
		return in_source(t, d, id);
	case DEED_ECHO:
	case DEED_REMOVE:
		return in_target(t, d, id);
	case DEED_NEW:
		*id = telegram_say(t, 0, d->pick % 2 == 0 ? "the same words again" : "something new");
		return true;
	case DEED_PROTECT:
	case DEED_OPEN:
		source->noforwards = d->kind == DEED_PROTECT;
		return true;
	case DEED_EXPIRE:
		world_expire_references(telegram_world(t));
		return true;
	case DEED_CROWD:
		for (uint32_t i = 0; i < CROWD; i++)
			(void)post_text(t, 1, 1, 0, "a crowd");
		return true;
	case DEED_TOPIC:
		*id = post_text(t, 0, 0, make_topic(t, 0, 0, title_of(d)), "within a new topic");
		return true;
	case DEED_TWIN:
		make_topic(t, 1, 1, title_of(d));
		return true;
	case DEED_MOVE:
		return methods_knob(telegram_world(t), "home-dc", d->pick % 2 == 0 ? "4" : "2");
	case DEED_PLAN:
		return plan(t, d->pick);
	case DEEDS:
		break;
	}
	return false;
}

/* ---- what is there ---- */

static bool is_elsewhere(const struct history *h, const struct tl_obj *reply)
{
	const struct tl_obj *peer = tl_sub(reply, TLF_reply_to_peer_id);

	return peer != NULL && (tl_cons(peer) != TLC_peerChannel || tl_long(peer, TLF_channel_id) != h->peer.id);
}

struct posted *telegram_posted(struct telegram *t, uint32_t chat, uint32_t *count)
{
	static uint8_t mem[CONTENT];
	struct history *h = people_history(t, chat);
	struct posted *all = calloc(h->messages.count + 1, sizeof(*all));

	check(all != NULL);
	*count = 0;
	for (uint32_t i = 0; i < h->messages.count; i++) {
		struct msg *m = msg_find(telegram_world(t), h->box, h->messages.ids[i]);
		const struct tl_obj *reply;
		struct arena arena;

		if (m == NULL || m->service)
			continue;
		arena_init(&arena, mem, sizeof(mem));
		reply = tl_sub(msg_body(telegram_world(t), &arena, m), TLF_reply_to);
		all[(*count)++] = (struct posted){
			m->id, is_elsewhere(h, reply) ? 0 : tl_int(reply, TLF_reply_to_msg_id), m->topic_id,
			m->random_id, m->grouped_id,
			tl_flag(msg_body(telegram_world(t), &arena, m), TLF_from_scheduled)};
	}
	return all;
}

bool telegram_protected(struct telegram *t)
{
	return world_chat_at(telegram_world(t), 0)->noforwards;
}

int32_t telegram_made(struct telegram *t, int64_t random_id)
{
	return random_id_find(telegram_world(t), world_account_at(telegram_world(t), 0), people_peer(t, 1),
			      random_id);
}
