/*
 * Chats: looking them up, making them, their settings. Who is in them is in methods_member.c.
 */
#include "tools/tgsim/methods_priv.h"

enum { USERNAME_MIN = 5 };

static bool refuse(struct rpc_reply *out, int32_t code, const char *text)
{
	rpc_error(out, code, "%s", text);
	return false;
}

/* ---- looking ---- */

static void answer_chats(struct rpc *r, struct chat *const *chats, uint32_t count,
			 struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messages_chats);

	tl_set_vec(r->arena, o, TLF_chats, count);
	for (uint32_t i = 0; i < count; i++)
		tl_put_obj(o, TLF_chats, i, chat_obj(r->world, r->arena, r->account, chats[i]));
	rpc_result(out, o);
}

static void get_channels(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_vec ids = tl_vec(q, TLF_id);
	uint32_t count = ids.count < IDS_MAX ? ids.count : IDS_MAX;
	struct chat *chats[IDS_MAX];
	struct target t;

	for (uint32_t i = 0; i < count; i++) {
		if (!peer_take_channel(r, tl_vec_obj(ids, i), &t, out))
			return;
		chats[i] = t.chat;
	}
	answer_chats(r, chats, count, out);
}

static struct chat *group_take(struct rpc *r, int64_t id, struct target *t, struct rpc_reply *out)
{
	struct tl_obj *in = tl_new(r->arena, TLC_inputPeerChat);

	tl_set_long(in, TLF_chat_id, id);
	if (peer_take(r, in, t, out))
		return t->chat;
	rpc_error(out, 400, "CHAT_ID_INVALID");
	return NULL;
}

static void get_chats(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_vec ids = tl_vec(q, TLF_id);
	uint32_t count = ids.count < IDS_MAX ? ids.count : IDS_MAX, n = 0;
	struct chat *chats[IDS_MAX];
	struct rpc_reply why;
	struct target t;

	for (uint32_t i = 0; i < count; i++) {
		chats[n] = group_take(r, tl_vec_long(ids, i), &t, &why);
		n += chats[n] != NULL;
	}
	if (n == 0 && count > 0)
		rpc_error(out, 400, "CHAT_ID_INVALID");
	else
		answer_chats(r, chats, n, out);
}

static const struct tl_obj *full_photo(struct rpc *r, const struct chat *c)
{
	return c->photo == NULL ? tl_new(r->arena, TLC_photoEmpty)
				: file_obj(r->world, r->arena, r->account, c->photo, r->now);
}

static int32_t members(const struct chat *c, bool admins)
{
	int32_t n = 0;

	for (uint32_t i = 0; i < c->member_count; i++) {
		const struct member *m = &c->members[i];

		n += !m->left && !m->banned && (!admins || m->admin || m->creator);
	}
	return n;
}

static void full_common(struct rpc *r, const struct target *t, struct tl_obj *full)
{
	const struct idlist *pinned = t->history == NULL ? NULL : &t->history->pinned;

	tl_set_long(full, TLF_id, t->chat->id);
	tl_set_str(full, TLF_about, t->chat->about);
	tl_set_obj(full, TLF_chat_photo, full_photo(r, t->chat));
	tl_set_obj(full, TLF_notify_settings, tl_new(r->arena, TLC_peerNotifySettings));
	if (pinned != NULL && pinned->count > 0)
		tl_set_int(full, TLF_pinned_msg_id, pinned->ids[pinned->count - 1]);
	if (t->chat->invite_hash[0] != 0 && target_is_admin(t))
		tl_set_obj(full, TLF_exported_invite, invite_obj(r, t->chat));
}

static void answer_full(struct rpc *r, const struct target *t, const struct tl_obj *full,
			struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messages_chatFull);
	struct roll l = roll_start(r);

	roll_peer(&l, t->peer);
	for (uint32_t i = 0; t->peer.kind == PEER_GROUP && i < t->chat->member_count; i++)
		roll_user(&l, t->chat->members[i].user->id);
	tl_set_obj(o, TLF_full_chat, full);
	roll_set(&l, o);
	rpc_result(out, o);
}

/* Where it came from, and the last message that was said there, as the account numbers them. */
static void put_origin(struct rpc *r, const struct chat *c, struct tl_obj *o)
{
	struct peer from = {PEER_GROUP, c->migrated_from};
	const struct history *h =
	    c->migrated_from == 0 ? NULL : history_of(r->world, r->account, from, false);

	if (h == NULL || h->messages.count == 0)
		return;
	tl_set_long(o, TLF_migrated_from_chat_id, c->migrated_from);
	tl_set_int(o, TLF_migrated_from_max_id, h->messages.ids[h->messages.count - 1]);
}

static void get_full_channel(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_channelFull);
	struct target t;

	if (!peer_take_channel(r, tl_sub(q, TLF_channel), &t, out))
		return;
	full_common(r, &t, o);
	tl_set_flag(o, TLF_can_view_participants,
		    t.chat->kind == CHAT_SUPERGROUP || target_is_admin(&t));
	tl_set_flag(o, TLF_can_set_username, t.member != NULL && t.member->creator);
	tl_set_int(o, TLF_participants_count, members(t.chat, false));
	tl_set_int(o, TLF_admins_count, members(t.chat, true));
	tl_set_int(o, TLF_read_inbox_max_id, t.history->read_inbox);
	tl_set_int(o, TLF_read_outbox_max_id, t.history->read_outbox);
	tl_set_int(o, TLF_pts, t.chat->box.pts);
	put_origin(r, t.chat, o);
	if (t.chat->slowmode_seconds > 0) {
		tl_set_int(o, TLF_slowmode_seconds, t.chat->slowmode_seconds);
		if (t.member != NULL && t.member->slow_until > rpc_date(r))
			tl_set_int(o, TLF_slowmode_next_send_date, t.member->slow_until);
	}
	answer_full(r, &t, o, out);
}

static const struct tl_obj *group_participants(struct rpc *r, const struct chat *c)
{
	struct tl_obj *o = tl_new(r->arena, TLC_chatParticipants);
	uint32_t n = 0;

	tl_set_long(o, TLF_chat_id, c->id);
	tl_set_int(o, TLF_version, c->version);
	tl_set_vec(r->arena, o, TLF_participants, (uint32_t)members(c, false));
	for (uint32_t i = 0; i < c->member_count; i++) {
		const struct member *m = &c->members[i];
		struct tl_obj *p = tl_new(r->arena, m->creator ? TLC_chatParticipantCreator
						    : m->admin ? TLC_chatParticipantAdmin
							       : TLC_chatParticipant);

		if (m->left || m->banned)
			continue;
		tl_set_long(p, TLF_user_id, m->user->id);
		if (!m->creator) {
			tl_set_long(p, TLF_inviter_id, m->inviter);
			tl_set_int(p, TLF_date, m->date);
		}
		tl_put_obj(o, TLF_participants, n++, p);
	}
	return o;
}

static void get_full_chat(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_chatFull);
	struct target t;

	if (group_take(r, tl_long(q, TLF_chat_id), &t, out) == NULL)
		return;
	full_common(r, &t, o);
	tl_set_obj(o, TLF_participants, group_participants(r, t.chat));
	answer_full(r, &t, o, out);
}

/* ---- making ---- */

/* Trimmed, in the arena; NULL: refused. */
static const char *title_take(struct rpc *r, struct cspan in, struct rpc_reply *out)
{
	struct text t;

	if (text_take(r->arena, in, NULL, 0, &t) == TEXT_SOUND && t.units > 0 &&
	    t.units <= TITLE_MAX)
		return rpc_cstr(r, t.bytes, t.bytes.len);
	refuse(out, 400, "CHAT_TITLE_EMPTY");
	return NULL;
}

static void set_target(struct rpc *r, struct chat *c, struct target *t)
{
	enum peer_kind kind = c->kind == CHAT_GROUP ? PEER_GROUP : PEER_CHANNEL;

	*t = (struct target){.peer = {kind, c->id}, .chat = c};
	t->member = member_find(c, r->account->user->id);
	t->history = history_of(r->world, r->account, t->peer, true);
}

/* Posts a service message and answers with it, after an updateChannel or updateChat. */
static struct tl_obj *service_updates(struct rpc *r, struct target *t, const struct tl_obj *action)
{
	struct tl_obj *content = tl_new(r->arena, TLC_messageService);
	struct batch *b = arena_take(r->arena, sizeof(*b));
	const struct msg *m;

	if (b == NULL)
		return NULL;
	tl_set_obj(content, TLF_action, action);
	m = send_post(r, t, content, 0);
	batch_start(b, r);
	roll_peer(&b->roll, t->peer);
	if (t->peer.kind == PEER_CHANNEL) {
		struct tl_obj *u = tl_new(r->arena, TLC_updateChannel);

		tl_set_long(u, TLF_channel_id, t->peer.id);
		batch_put(b, u);
	}
	batch_put_message(b, m, 1);
	return batch_end(b);
}

static void create_channel(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	bool group = tl_flag(q, TLF_megagroup) || tl_flag(q, TLF_forum);
	const char *title = title_take(r, tl_bytes(q, TLF_title), out);
	struct tl_obj *action = tl_new(r->arena, TLC_messageActionChannelCreate);
	struct chat *c;
	struct target t;

	if (title == NULL)
		return;
	if (text_units(tl_bytes(q, TLF_about)) > ABOUT_MAX) {
		rpc_error(out, 400, "CHAT_ABOUT_TOO_LONG");
		return;
	}
	if (!peer_room_for_channel(r, out))
		return;
	c = chat_make(r->world, group ? CHAT_SUPERGROUP : CHAT_CHANNEL, 0, title, r->account->user,
		      rpc_date(r));
	c->about = world_str(r->world, tl_bytes(q, TLF_about));
	if (tl_flag(q, TLF_forum))
		chat_set_forum(r->world, c, true);
	set_target(r, c, &t);
	tl_set_str(action, TLF_title, c->title);
	rpc_result(out, service_updates(r, &t, action));
}

static bool invited(struct rpc *r, const struct tl_obj *q, struct user **users, uint32_t *count,
		    struct rpc_reply *out)
{
	struct tl_vec v = tl_vec(q, TLF_users);

	*count = 0;
	/* A group of one is something that clients of later layers make. */
	if (v.count == 0 && !rpc_newest_form(q))
		return refuse(out, 400, "USERS_TOO_FEW");
	for (uint32_t i = 0; i < v.count && i < IDS_MAX; i++) {
		struct user *u = peer_take_user(r, tl_vec_obj(v, i), out);

		if (u == NULL)
			return false;
		if (u != r->account->user)
			users[(*count)++] = u;
	}
	return true;
}

static void create_chat(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	const char *title = title_take(r, tl_bytes(q, TLF_title), out);
	struct tl_obj *action = tl_new(r->arena, TLC_messageActionChatCreate);
	struct user *users[IDS_MAX];
	struct tl_obj *updates, *o;
	uint32_t count;
	struct chat *c;
	struct target t;

	if (title == NULL || !invited(r, q, users, &count, out))
		return;
	c = chat_make(r->world, CHAT_GROUP, 0, title, r->account->user, rpc_date(r));
	tl_set_str(action, TLF_title, c->title);
	tl_set_vec(r->arena, action, TLF_users, count + 1);
	tl_put_long(action, TLF_users, 0, r->account->user->id);
	for (uint32_t i = 0; i < count; i++) {
		member_add(r->world, c, users[i], r->account->user->id, rpc_date(r));
		tl_put_long(action, TLF_users, i + 1, users[i]->id);
	}
	set_target(r, c, &t);
	updates = service_updates(r, &t, action);
	o = tl_new(r->arena, TLC_messages_invitedUsers);
	tl_set_obj(o, TLF_updates, updates);
	rpc_result(out, rpc_newest_form(q) ? o : updates);
}

/* ---- settings ---- */

static bool owner(const struct target *t, struct rpc_reply *out)
{
	return (t->member != NULL && t->member->creator) || refuse(out, 400, "CHAT_ADMIN_REQUIRED");
}

static bool admin(const struct target *t, struct rpc_reply *out)
{
	return target_may(t, ADMIN_CHANGE_INFO) || refuse(out, 400, "CHAT_ADMIN_REQUIRED");
}

static void changed(struct rpc *r, struct chat *c, struct rpc_reply *out)
{
	chat_changed(r->world, c, UPDATE_CHAT, 0, rpc_date(r), r->session_id);
	rpc_result(out, updates_of_chat(r, c));
}

static void toggle_noforwards(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	bool on = tl_flag(q, TLF_enabled);
	struct target t;

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out))
		return;
	if (t.chat == NULL)
		rpc_error(out, 400, "PEER_ID_INVALID");
	else if (!owner(&t, out))
		return;
	else if (t.chat->noforwards == on)
		rpc_error(out, 400, "CHAT_NOT_MODIFIED");
	else
		t.chat->noforwards = on, changed(r, t.chat, out);
}

static void toggle_slow_mode(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	static const int32_t allowed[] = {0, 5, 10, 30, 60, 300, 900, 3600};
	int32_t seconds = tl_int(q, TLF_seconds);
	bool known = false;
	struct target t;

	if (!peer_take_channel(r, tl_sub(q, TLF_channel), &t, out) || !admin(&t, out))
		return;
	for (size_t i = 0; i < countof(allowed); i++)
		known |= allowed[i] == seconds;
	if (!known || t.chat->kind != CHAT_SUPERGROUP)
		rpc_error(out, 400, known ? "CHANNEL_INVALID" : "SECONDS_INVALID");
	else if (t.chat->slowmode_seconds == seconds)
		rpc_error(out, 400, "CHAT_NOT_MODIFIED");
	else
		t.chat->slowmode_seconds = seconds, changed(r, t.chat, out);
}

static void toggle_signatures(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	/* Before layer 186 a Bool `enabled`, now a flag. */
	bool on = tl_flag(q, TLF_signatures_enabled) || tl_flag(q, TLF_enabled);
	struct target t;

	if (!peer_take_channel(r, tl_sub(q, TLF_channel), &t, out) || !admin(&t, out))
		return;
	if (t.chat->signatures == on)
		rpc_error(out, 400, "CHAT_NOT_MODIFIED");
	else
		t.chat->signatures = on, changed(r, t.chat, out);
}

static void edit_default_rights(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	const struct tl_obj *rights = tl_sub(q, TLF_banned_rights);
	uint32_t word = rights_word(banned_rights, BANNED_RIGHTS, rights);
	struct target t;

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out))
		return;
	if (t.chat == NULL)
		rpc_error(out, 400, "PEER_ID_INVALID");
	else if (!admin(&t, out))
		return;
	else if (t.chat->banned_rights == word)
		rpc_error(out, 400, "CHAT_NOT_MODIFIED");
	else
		t.chat->banned_rights = word, changed(r, t.chat, out);
}

/* From then on; messages carry it, and nothing is deleted here. */
static void set_history_ttl(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	static const int32_t most = 366 * 86400;
	struct tl_obj *action = tl_new(r->arena, TLC_messageActionSetMessagesTTL);
	int32_t period = tl_int(q, TLF_period);
	struct target t;

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out))
		return;
	if (t.chat == NULL)
		rpc_error(out, 400, "PEER_ID_INVALID");
	else if (!admin(&t, out))
		return;
	else if (period < 0 || period > most)
		rpc_error(out, 400, "TTL_PERIOD_INVALID");
	else if (t.chat->history_ttl == period)
		rpc_error(out, 400, "CHAT_NOT_MODIFIED");
	else {
		t.chat->history_ttl = period;
		tl_set_int(action, TLF_period, period);
		rpc_result(out, service_updates(r, &t, action));
	}
}

static void retitle(struct rpc *r, const struct tl_obj *q, struct target *t, struct rpc_reply *out)
{
	const char *title = title_take(r, tl_bytes(q, TLF_title), out);
	struct tl_obj *action = tl_new(r->arena, TLC_messageActionChatEditTitle);

	if (title == NULL || !admin(t, out))
		return;
	if (strcmp(t->chat->title, title) == 0) {
		rpc_error(out, 400, "CHAT_NOT_MODIFIED");
		return;
	}
	t->chat->title = world_str(r->world, cspan_str(title));
	chat_changed(r->world, t->chat, UPDATE_CHAT, 0, rpc_date(r), r->session_id);
	tl_set_str(action, TLF_title, t->chat->title);
	rpc_result(out, service_updates(r, t, action));
}

static void edit_title(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct target t;

	if (peer_take_channel(r, tl_sub(q, TLF_channel), &t, out))
		retitle(r, q, &t, out);
}

static void edit_chat_title(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct target t;

	if (group_take(r, tl_long(q, TLF_chat_id), &t, out) != NULL)
		retitle(r, q, &t, out);
}

/* ---- usernames ---- */

static bool username_take(struct rpc *r, const struct tl_obj *q, struct target *t,
			  struct rpc_reply *out)
{
	struct cspan name = tl_bytes(q, TLF_username);
	struct user *u = NULL;
	struct chat *c = NULL;

	if (!peer_take_channel(r, tl_sub(q, TLF_channel), t, out) || !owner(t, out))
		return false;
	if (cspan_equal(name, cspan_str(t->chat->username)))
		return refuse(out, 400, "USERNAME_NOT_MODIFIED");
	if (name.len > 0 && !peer_username_good(name, USERNAME_MIN))
		return refuse(out, 400, "USERNAME_INVALID");
	if (name.len > 0 && username_find(r->world, name, &u, &c) && c != t->chat)
		return refuse(out, 400, "USERNAME_OCCUPIED");
	return true;
}

static void update_username(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct target t;

	if (!username_take(r, q, &t, out))
		return;
	t.chat->username = world_str(r->world, tl_bytes(q, TLF_username));
	chat_changed(r->world, t.chat, UPDATE_CHAT, 0, rpc_date(r), r->session_id);
	rpc_bool(r, out, true);
}

static void check_username(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct target t;

	if (username_take(r, q, &t, out))
		rpc_bool(r, out, true);
	else if (out->outcome == RPC_ERROR && strcmp(out->text, "USERNAME_OCCUPIED") == 0)
		rpc_bool(r, out, false);
}

const struct method methods_chat_table[] = {
    {TLC_channels_getChannels, get_channels, 0, LIMIT_NONE},
    {TLC_channels_getFullChannel, get_full_channel, 0, LIMIT_NONE},
    {TLC_messages_getChats, get_chats, 0, LIMIT_NONE},
    {TLC_messages_getFullChat, get_full_chat, 0, LIMIT_NONE},
    {TLC_channels_createChannel, create_channel, 0, LIMIT_CREATE},
    {TLC_messages_createChat, create_chat, 0, LIMIT_CREATE},
    {TLC_messages_toggleNoForwards, toggle_noforwards, 0, LIMIT_NONE},
    {TLC_messages_setHistoryTTL, set_history_ttl, 0, LIMIT_NONE},
    {TLC_channels_toggleSlowMode, toggle_slow_mode, 0, LIMIT_NONE},
    {TLC_channels_toggleSignatures, toggle_signatures, 0, LIMIT_NONE},
    {TLC_messages_editChatDefaultBannedRights, edit_default_rights, 0, LIMIT_NONE},
    {TLC_channels_editTitle, edit_title, 0, LIMIT_NONE},
    {TLC_messages_editChatTitle, edit_chat_title, 0, LIMIT_NONE},
    {TLC_channels_updateUsername, update_username, 0, LIMIT_NONE},
    {TLC_channels_checkUsername, check_username, 0, LIMIT_NONE},
    {TLC_none, NULL, 0, LIMIT_NONE},
};
