/*
 * What clients with a window ask beside the work: links, views, who one can send as, search for
 * chats, and the ends of chats and histories.
 */
#include "tools/tgsim/methods_priv.h"

#include <stdio.h>

enum { FOUND_MAX = 50 };

static bool refuse(struct rpc_reply *out, int32_t code, const char *text)
{
	rpc_error(out, code, "%s", text);
	return false;
}

/* ---- about messages ---- */

static void export_link(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_exportedMessageLink);
	int32_t id = tl_int(q, TLF_id);
	char *link = arena_take(r->arena, 96);
	struct target t;

	if (!peer_take_channel(r, tl_sub(q, TLF_channel), &t, out))
		return;
	if (history_msg(r, t.history, id) == NULL || link == NULL) {
		rpc_error(out, 400, "MESSAGE_ID_INVALID");
		return;
	}
	if (t.chat->username[0] != 0)
		snprintf(link, 96, "https://t.me/%s/%d", t.chat->username, id);
	else
		snprintf(link, 96, "https://t.me/c/%lld/%d", (long long)t.chat->id, id);
	tl_set_str(o, TLF_link, link);
	tl_set_str(o, TLF_html, "");
	rpc_result(out, o);
}

static void get_views(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messages_messageViews);
	struct tl_vec ids = tl_vec(q, TLF_id);
	struct roll l = roll_start(r);
	struct target t;

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out))
		return;
	tl_set_vec(r->arena, o, TLF_views, ids.count);
	for (uint32_t i = 0; i < ids.count; i++) {
		struct tl_obj *v = tl_new(r->arena, TLC_messageViews);

		tl_set_int(v, TLF_views, 1);
		tl_put_obj(o, TLF_views, i, v);
	}
	roll_set(&l, o);
	rpc_result(out, o);
}

static void answer_affected(struct rpc *r, const struct target *t, int32_t count,
			    struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messages_affectedHistory);

	tl_set_int(o, TLF_pts,
		   t->peer.kind == PEER_CHANNEL ? t->chat->box.pts : r->account->box.pts);
	tl_set_int(o, TLF_pts_count, count);
	rpc_result(out, o);
}

static void read_mentions(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct target t;

	if (peer_take(r, tl_sub(q, TLF_peer), &t, out))
		answer_affected(r, &t, 0, out);
}

static void get_reactions(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	rpc_result(out, tl_new(r->arena, TLC_messages_availableReactions));
}

/* ---- about chats ---- */

static void get_onlines(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_chatOnlines);
	struct target t;

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out))
		return;
	tl_set_int(o, TLF_onlines, 1);
	rpc_result(out, o);
}

/* Oneself, and for admins the chat. */
static void get_send_as(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_channels_sendAsPeers);
	struct roll l = roll_start(r);
	struct peer peers[2];
	uint32_t count = 1;
	struct target t;

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out))
		return;
	peers[0] = peer_self(r);
	if (t.peer.kind == PEER_CHANNEL && target_is_admin(&t))
		peers[count++] = t.peer;
	tl_set_vec(r->arena, o, TLF_peers, count);
	for (uint32_t i = 0; i < count; i++) {
		struct tl_obj *one = tl_new(r->arena, TLC_sendAsPeer);

		tl_set_obj(one, TLF_peer, peer_obj(r->arena, peers[i]));
		tl_put_obj(o, TLF_peers, i, r->layer < 145 ? peer_obj(r->arena, peers[i]) : one);
		roll_peer(&l, peers[i]);
	}
	roll_set(&l, o);
	rpc_result(out, o);
}

/* Public chats by a part of their name or title; one's own by their title. */
static void search_chats(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_contacts_found);
	struct cspan words = tl_bytes(q, TLF_q);
	const struct history *found[FOUND_MAX];
	struct roll l = roll_start(r);
	uint32_t n = 0;

	if (words.len == 0) {
		rpc_error(out, 400, "SEARCH_QUERY_EMPTY");
		return;
	}
	for (uint32_t i = 0; i < r->account->dialog_count && n < FOUND_MAX; i++) {
		const struct history *h = r->account->dialogs[i];
		const char *title = h->chat != NULL ? h->chat->title : h->user->first_name;
		const char *name = h->chat != NULL ? h->chat->username : h->user->username;

		if (text_contains(cspan_str(title), words) || text_contains(cspan_str(name), words))
			found[n++] = h;
	}
	tl_set_vec(r->arena, o, TLF_my_results, n);
	for (uint32_t i = 0; i < n; i++) {
		tl_put_obj(o, TLF_my_results, i, peer_obj(r->arena, found[i]->peer));
		roll_peer(&l, found[i]->peer);
	}
	roll_set(&l, o);
	rpc_result(out, o);
}

static void update_profile(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct user *u = r->account->user;

	if (tl_has(q, TLF_first_name) && tl_bytes(q, TLF_first_name).len == 0) {
		rpc_error(out, 400, "FIRSTNAME_INVALID");
		return;
	}
	if (tl_has(q, TLF_first_name))
		u->first_name = world_str(r->world, tl_bytes(q, TLF_first_name));
	if (tl_has(q, TLF_last_name))
		u->last_name = world_str(r->world, tl_bytes(q, TLF_last_name));
	rpc_result(out, user_obj(r->world, r->arena, r->account, u));
}

/* ---- ends ---- */

static int32_t clear(struct rpc *r, struct history *h, int32_t max_id, bool for_all)
{
	int32_t n = 0;

	while (h != NULL && h->messages.count > 0) {
		struct msg *m = history_msg(r, h, h->messages.ids[0]);

		check(m != NULL);
		if (max_id > 0 && m->id > max_id)
			break;
		msg_delete(r->world, m, for_all, rpc_date(r), r->session_id);
		n++;
	}
	return n;
}

static void delete_history(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct target t;

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out))
		return;
	if (t.peer.kind == PEER_CHANNEL) {
		rpc_error(out, 400, "PEER_ID_INVALID");
		return;
	}
	answer_affected(r, &t, clear(r, t.history, tl_int(q, TLF_max_id), tl_flag(q, TLF_revoke)),
			out);
}

static void channel_delete_history(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct target t;

	if (!peer_take_channel(r, tl_sub(q, TLF_channel), &t, out))
		return;
	if (tl_flag(q, TLF_for_everyone)) {
		if (!target_is_admin(&t)) {
			rpc_error(out, 400, "CHAT_ADMIN_REQUIRED");
			return;
		}
		clear(r, t.history, tl_int(q, TLF_max_id), true);
	}
	rpc_result(out, updates_of_chat(r, t.chat));
}

/* Nobody is in it any more, and its name is free. */
static void close_chat(struct rpc *r, const struct target *t)
{
	chat_changed(r->world, t->chat, UPDATE_CHAT, 0, rpc_date(r), r->session_id);
	t->chat->username = "";
	t->chat->deactivated = true;
	for (uint32_t i = 0; i < t->chat->member_count; i++)
		t->chat->members[i].left = true;
}

static void delete_chat(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *in = tl_new(r->arena, TLC_inputPeerChat);
	struct target t;

	tl_set_long(in, TLF_chat_id, tl_long(q, TLF_chat_id));
	if (!peer_take(r, in, &t, out))
		return;
	if (t.member == NULL || !t.member->creator) {
		rpc_error(out, 400, "CHAT_ADMIN_REQUIRED");
		return;
	}
	close_chat(r, &t);
	rpc_bool(r, out, true);
}

static void migrate_chat(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *in = tl_new(r->arena, TLC_inputPeerChat);
	struct target t;

	tl_set_long(in, TLF_chat_id, tl_long(q, TLF_chat_id));
	if (!peer_take(r, in, &t, out))
		return;
	if (t.member == NULL || !t.member->creator)
		rpc_error(out, 400, "CHAT_ADMIN_REQUIRED");
	else if (t.chat->deactivated)
		rpc_error(out, 400, "CHAT_ID_INVALID");
	else
		rpc_result(out, updates_of_chat(r, chat_migrate(r->world, t.chat, rpc_date(r))));
}

static void delete_channel(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct target t;

	if (!peer_take_channel(r, tl_sub(q, TLF_channel), &t, out))
		return;
	if (t.member == NULL || !t.member->creator) {
		rpc_error(out, 400, "CHAT_ADMIN_REQUIRED");
		return;
	}
	close_chat(r, &t);
	rpc_result(out, updates_of_chat(r, t.chat));
}

/* ---- members of basic groups ---- */

static bool group_and_user(struct rpc *r, const struct tl_obj *q, struct target *t, struct user **u,
			   struct rpc_reply *out)
{
	struct tl_obj *in = tl_new(r->arena, TLC_inputPeerChat);

	tl_set_long(in, TLF_chat_id, tl_long(q, TLF_chat_id));
	if (!peer_take(r, in, t, out))
		return refuse(out, 400, "CHAT_ID_INVALID");
	*u = peer_take_user(r, tl_sub(q, TLF_user_id), out);
	return *u != NULL;
}

static struct tl_obj *say(struct rpc *r, struct target *t, const struct tl_obj *action)
{
	struct tl_obj *content = tl_new(r->arena, TLC_messageService);
	struct batch *b = arena_take(r->arena, sizeof(*b));

	if (b == NULL)
		return NULL;
	chat_changed(r->world, t->chat, UPDATE_CHAT, 0, rpc_date(r), r->session_id);
	tl_set_obj(content, TLF_action, action);
	batch_start(b, r);
	roll_peer(&b->roll, t->peer);
	batch_put_message(b, send_post(r, t, content, 0), 1);
	return batch_end(b);
}

static void add_chat_user(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *action = tl_new(r->arena, TLC_messageActionChatAddUser);
	struct tl_obj *o = tl_new(r->arena, TLC_messages_invitedUsers), *updates;
	const struct member *m;
	struct target t;
	struct user *u;

	if (!group_and_user(r, q, &t, &u, out))
		return;
	m = member_find(t.chat, u->id);
	if (m != NULL && !m->left) {
		rpc_error(out, 400, "USER_ALREADY_PARTICIPANT");
		return;
	}
	member_add(r->world, t.chat, u, r->account->user->id, rpc_date(r));
	t.member = member_find(t.chat, r->account->user->id);
	tl_set_vec(r->arena, action, TLF_users, 1);
	tl_put_long(action, TLF_users, 0, u->id);
	updates = say(r, &t, action);
	tl_set_obj(o, TLF_updates, updates);
	rpc_result(out, rpc_newest_form(q) ? o : updates);
}

static void delete_chat_user(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *action = tl_new(r->arena, TLC_messageActionChatDeleteUser);
	struct tl_obj *updates;
	struct member *m;
	struct target t;
	struct user *u;

	if (!group_and_user(r, q, &t, &u, out))
		return;
	m = member_find(t.chat, u->id);
	if (m == NULL || m->left) {
		rpc_error(out, 400, "USER_NOT_PARTICIPANT");
		return;
	}
	if (u != r->account->user && !target_is_admin(&t)) {
		rpc_error(out, 400, "CHAT_ADMIN_REQUIRED");
		return;
	}
	tl_set_long(action, TLF_user_id, u->id);
	updates = say(r, &t, action);
	m->left = true;
	rpc_result(out, updates);
}

const struct method methods_more_table[] = {
    {TLC_channels_exportMessageLink, export_link, 0, LIMIT_NONE},
    {TLC_messages_getMessagesViews, get_views, 0, LIMIT_READ},
    {TLC_messages_readMentions, read_mentions, 0, LIMIT_NONE},
    {TLC_messages_getAvailableReactions, get_reactions, 0, LIMIT_NONE},
    {TLC_messages_getOnlines, get_onlines, 0, LIMIT_NONE},
    {TLC_channels_getSendAs, get_send_as, 0, LIMIT_NONE},
    {TLC_contacts_search, search_chats, 0, LIMIT_RESOLVE},
    {TLC_account_updateProfile, update_profile, 0, LIMIT_NONE},
    {TLC_messages_deleteHistory, delete_history, 0, LIMIT_NONE},
    {TLC_channels_deleteHistory, channel_delete_history, 0, LIMIT_NONE},
    {TLC_channels_deleteChannel, delete_channel, 0, LIMIT_NONE},
    {TLC_messages_migrateChat, migrate_chat, 0, LIMIT_NONE},
    {TLC_messages_deleteChat, delete_chat, 0, LIMIT_NONE},
    {TLC_messages_addChatUser, add_chat_user, 0, LIMIT_NONE},
    {TLC_messages_deleteChatUser, delete_chat_user, 0, LIMIT_NONE},
    {TLC_none, NULL, 0, LIMIT_NONE},
};
