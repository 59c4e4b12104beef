/*
 * The probe's own chats: one of each kind, made with a title that tells where it comes from, and
 * removed by the ids that the server gave. Nothing else of the account is ever named.
 */
#include "tools/tgclone/probe_priv.h"

#include <stdio.h>

enum { GROUP, SUPERGROUP, CHANNEL, FORUM };

static const struct tl_obj *make_query(struct arena *a, uint32_t kind, const char *title)
{
	struct tl_obj *q;

	if (kind == GROUP) {
		q = tl_new(a, TLC_messages_createChat);
		tl_set_vec(a, q, TLF_users, 0);
	} else {
		q = tl_new(a, TLC_channels_createChannel);
		tl_set_flag(q, TLF_broadcast, kind == CHANNEL);
		tl_set_flag(q, TLF_megagroup, kind != CHANNEL);
		tl_set_flag(q, TLF_forum, kind == FORUM);
		tl_set_str(q, TLF_about, "made by tgclone doctor --probe; removed at its end");
	}
	tl_set_str(q, TLF_title, title);
	return q;
}

/* messages.invitedUsers holds the Updates, of older layers the answer is them. */
static bool take_chat(const struct tl_obj *answer, struct probe_chat *chat)
{
	const struct tl_obj *updates = tl_sub(answer, TLF_updates);
	struct tl_vec chats = tl_vec(tl_cons(answer) == TLC_messages_invitedUsers ? updates : answer,
				     TLF_chats);
	struct chat_info info;

	if (chats.count != 1 || !chat_info_read(tl_vec_obj(chats, 0), &info))
		return false;
	chat->peer = info.peer;
	return true;
}

static enum client_status make_topic(struct probe *p, struct probe_chat *chat)
{
	struct arena *a = &p->cl.arena;
	const struct tl_obj *answer;
	int64_t random_id = probe_random(p);
	enum client_status status;
	struct tl_obj *like;

	client_fresh(&p->cl);
	like = tl_new(a, TLC_forumTopic);
	tl_set_str(like, TLF_title, "probe");
	tl_set_int(like, TLF_icon_color, 0x6fb9f0);
	status = probe_ask(p, TLC_messages_sendMessage,
			   ask_create_topic(a, chat->peer, like, random_id, p->cl.layer), &answer);
	if (status != CLIENT_OK)
		return status;
	chat->topic = ask_read_sent(answer, random_id).id;
	if (chat->topic > 0)
		return CLIENT_OK;
	snprintf(p->cl.text, sizeof(p->cl.text), "the answer names no topic");
	return CLIENT_REFUSED;
}

static void make(struct probe *p, uint32_t kind)
{
	static const char *const kinds[] = {"group", "supergroup", "channel", "topic"};
	struct probe_chat *chat = &p->chats[kind];
	const struct tl_obj *answer, *q;
	enum client_status status;

	chat->kind = kinds[kind];
	snprintf(chat->title, sizeof(chat->title), "tgclone probe %s %04x", kinds[kind],
		 (unsigned)probe_random(p) & 0xffff);
	client_fresh(&p->cl);
	q = make_query(&p->cl.arena, kind, chat->title);
	status = probe_ask(p, kind == GROUP ? TLC_messages_createChat : TLC_channels_createChannel, q,
			   &answer);
	if (status != CLIENT_OK && status != CLIENT_REFUSED)
		app_error(p->cl.app, "\"%s\" may have been made: look for it", chat->title);
	if (status == CLIENT_OK && !take_chat(answer, chat)) {
		snprintf(p->cl.text, sizeof(p->cl.text), "the answer names no chat");
		status = CLIENT_REFUSED;
	}
	if (status == CLIENT_OK && kind == FORUM)
		status = make_topic(p, chat);
	chat->ready = status == CLIENT_OK;
	if (status == CLIENT_REFUSED)
		probe_tell(p, "a chat to try it in", chat->kind, PROBE_UNTESTED, "untested", p->cl.text);
}

void probe_chats_make(struct probe *p)
{
	for (uint32_t kind = 0; kind < PROBE_CHATS && p->ended == CLIENT_OK; kind++)
		make(p, kind);
}

static bool remove_chat(struct probe *p, const struct probe_chat *chat)
{
	struct arena *a = &p->cl.arena;
	bool group = chat->peer.kind == PEER_GROUP;
	enum tlc method = group ? TLC_messages_deleteChat : TLC_channels_deleteChannel;
	const struct tl_obj *answer;
	struct tl_obj *q;

	client_fresh(&p->cl);
	q = tl_new(a, method);
	if (group)
		tl_set_long(q, TLF_chat_id, chat->peer.id);
	else
		tl_set_obj(q, TLF_channel, peer_input_channel(a, chat->peer));
	return client_ask(&p->cl, method, q, &answer) == CLIENT_OK;
}

int probe_chats_remove(struct probe *p)
{
	int signal_got = p->cl.signal_got, code = 0;

	p->cl.signal_got = 0; /* another one ends this, too */
	for (uint32_t i = 0; i < PROBE_CHATS; i++) {
		struct probe_chat *chat = &p->chats[i];

		if (chat->peer.kind == PEER_NONE)
			continue;
		if (remove_chat(p, chat)) {
			chat->peer.kind = PEER_NONE;
			continue;
		}
		app_error(p->cl.app, "\"%s\" is still there (%s): delete it by hand", chat->title,
			  p->cl.text);
		code = EXIT_UNAVAILABLE;
	}
	if (signal_got != 0)
		p->cl.signal_got = signal_got;
	return code;
}
