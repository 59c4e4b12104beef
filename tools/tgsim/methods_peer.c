/*
 * Who a query means: InputPeer, InputChannel, InputUser in all their forms, with the access hash
 * checked and the right to look at the place. A hash of another account, or 0, opens nothing;
 * "from message" forms open whoever appears in a message that the account can read.
 */
#include "tools/tgsim/methods_priv.h"

bool peer_equal(struct peer a, struct peer b)
{
	return a.kind == b.kind && a.id == b.id;
}

struct peer peer_of_obj(const struct tl_obj *o)
{
	switch (tl_cons(o)) {
	case TLC_peerUser:
		return (struct peer){PEER_USER, tl_long(o, TLF_user_id)};
	case TLC_peerChat:
		return (struct peer){PEER_GROUP, tl_long(o, TLF_chat_id)};
	case TLC_peerChannel:
		return (struct peer){PEER_CHANNEL, tl_long(o, TLF_channel_id)};
	default:
		return (struct peer){0, 0};
	}
}

struct peer peer_self(const struct rpc *r)
{
	return (struct peer){PEER_USER, r->account->user->id};
}

int64_t peer_min_hash(struct world *w, const struct account *a, struct peer p)
{
	return access_hash(w, a, p) ^ INT64_C(0x6d696e);
}

bool peer_username_good(struct cspan name, size_t least)
{
	if (name.len < least || name.len > USERNAME_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.at[i];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

		if (!letter && (i == 0 || ((c < '0' || c > '9') && c != '_')))
			return false;
	}
	return true;
}

bool target_is_admin(const struct target *t)
{
	return t->member != NULL && !t->member->left && (t->member->creator || t->member->admin);
}

bool target_may(const struct target *t, enum admin_right right)
{
	return target_is_admin(t) &&
	       (t->member->creator || (t->member->admin_lacks & 1u << right) == 0);
}

bool target_is_broadcast(const struct target *t)
{
	return t->chat != NULL && t->chat->kind == CHAT_CHANNEL;
}

struct history *target_history(struct rpc *r, struct target *t)
{
	if (t->history == NULL)
		t->history = history_of(r->world, r->account, t->peer, true);
	return t->history;
}

bool peer_room_for_channel(const struct rpc *r, struct rpc_reply *out)
{
	const struct account *a = r->account;
	uint32_t most = a->user->premium ? CHANNELS_MAX_PREMIUM : CHANNELS_MAX, n = 0;

	for (uint32_t i = 0; i < a->dialog_count; i++) {
		const struct chat *c = a->dialogs[i]->chat;
		const struct member *m =
		    c == NULL || c->kind == CHAT_GROUP ? NULL : member_find(c, a->user->id);

		n += m != NULL && !m->left && !m->banned;
	}
	if (n >= most)
		rpc_error(out, 400, "CHANNELS_TOO_MUCH");
	return n < most;
}

/* ---- filling in a target ---- */

static void set_user(struct rpc *r, struct user *u, struct target *t)
{
	*t = (struct target){.peer = {PEER_USER, u->id}, .user = u};
	t->history = history_of(r->world, r->account, t->peer, false);
}

/* A ban or restriction that was for a while ends by itself; who was thrown out has to come in
 * again. */
static struct member *lifted(const struct rpc *r, struct member *m)
{
	if (m == NULL || m->until == 0 || rpc_date(r) < m->until)
		return m;
	m->left = m->left || m->banned;
	m->banned = false;
	m->restricted = 0;
	m->until = 0;
	return m;
}

static void set_chat(struct rpc *r, struct chat *c, struct target *t)
{
	enum peer_kind kind = c->kind == CHAT_GROUP ? PEER_GROUP : PEER_CHANNEL;

	*t = (struct target){.peer = {kind, c->id}, .chat = c};
	t->member = lifted(r, member_find(c, r->account->user->id));
	t->history =
	    kind == PEER_CHANNEL ? c->history : history_of(r->world, r->account, t->peer, false);
}

static bool hash_good(const struct rpc *r, struct peer p, int64_t hash)
{
	return hash != 0 && hash == access_hash(r->world, r->account, p);
}

static bool refuse(struct rpc_reply *out, const char *text)
{
	rpc_error(out, 400, "%s", text);
	return false;
}

static bool find_channel(struct rpc *r, int64_t id, bool trusted, int64_t hash, struct target *t,
			 struct rpc_reply *out)
{
	struct chat *c = chat_find(r->world, id);

	if (c == NULL || c->kind == CHAT_GROUP ||
	    (!trusted && !hash_good(r, (struct peer){PEER_CHANNEL, id}, hash)))
		return refuse(out, "CHANNEL_INVALID");
	set_chat(r, c, t);
	return true;
}

static bool find_group(struct rpc *r, int64_t id, struct target *t, struct rpc_reply *out)
{
	struct chat *c = chat_find(r->world, id);

	if (c == NULL || c->kind != CHAT_GROUP || member_find(c, r->account->user->id) == NULL)
		return refuse(out, "PEER_ID_INVALID");
	set_chat(r, c, t);
	return true;
}

/* Members see, and everybody sees what has a public name; who was thrown out does not. */
static bool may_read(const struct target *t, struct rpc_reply *out)
{
	const struct member *m = t->member;
	bool inside = m != NULL && !m->left && !m->banned;

	if (t->peer.kind != PEER_CHANNEL || inside ||
	    (t->chat->username[0] != 0 && (m == NULL || !m->banned)))
		return true;
	rpc_error(out, 406, "CHANNEL_PRIVATE");
	return false;
}

/* ---- "from message" ---- */

static bool names_peer(const struct tl_obj *m, struct peer p)
{
	static const enum tlf direct[] = {TLF_from_id, TLF_peer_id};
	static const enum tlf forwarded[] = {TLF_from_id, TLF_saved_from_peer};
	const struct tl_obj *fwd = tl_sub(m, TLF_fwd_from);
	const struct tl_obj *action = tl_sub(m, TLF_action);
	struct tl_vec list;

	for (size_t i = 0; i < countof(direct); i++)
		if (peer_equal(peer_of_obj(tl_sub(m, direct[i])), p))
			return true;
	for (size_t i = 0; i < countof(forwarded); i++)
		if (peer_equal(peer_of_obj(tl_sub(fwd, forwarded[i])), p))
			return true;
	if (p.kind != PEER_USER)
		return false;
	list = tl_vec(m, TLF_entities);
	for (uint32_t i = 0; i < list.count; i++)
		if (tl_cons(tl_vec_obj(list, i)) == TLC_messageEntityMentionName &&
		    tl_long(tl_vec_obj(list, i), TLF_user_id) == p.id)
			return true;
	list = tl_vec(action, TLF_users);
	for (uint32_t i = 0; tl_cons(action) == TLC_messageActionChatAddUser && i < list.count; i++)
		if (tl_vec_long(list, i) == p.id)
			return true;
	return tl_long(m, TLF_via_bot_id) == p.id;
}

static bool seen_in_message(struct rpc *r, const struct tl_obj *input, struct peer p,
			    struct rpc_reply *out)
{
	struct target place;
	const struct msg *m;

	if (!peer_take(r, tl_sub(input, TLF_peer), &place, out))
		return false;
	m = place.history == NULL ? NULL : history_msg(r, place.history, tl_int(input, TLF_msg_id));
	if (m == NULL)
		return refuse(out, "MSG_ID_INVALID");
	if (!names_peer(msg_body(r->world, r->arena, m), p))
		return refuse(out, p.kind == PEER_USER ? "PEER_ID_INVALID" : "CHANNEL_INVALID");
	return true;
}

/* ---- the questions ---- */

static bool find_user(struct rpc *r, const struct tl_obj *in, const char *error, struct user **u,
		      struct rpc_reply *out)
{
	struct peer p = {PEER_USER, tl_long(in, TLF_user_id)};

	switch (tl_cons(in)) {
	case TLC_inputPeerSelf:
	case TLC_inputUserSelf:
		*u = r->account->user;
		return true;
	case TLC_inputPeerUser:
	case TLC_inputUser:
		*u = user_find(r->world, p.id);
		if (*u == NULL || !hash_good(r, p, tl_long(in, TLF_access_hash)))
			return refuse(out, error);
		return true;
	case TLC_inputPeerUserFromMessage:
	case TLC_inputUserFromMessage:
		*u = user_find(r->world, p.id);
		if (*u == NULL)
			return refuse(out, error);
		return seen_in_message(r, in, p, out);
	default:
		return refuse(out, error);
	}
}

static bool take_any(struct rpc *r, const struct tl_obj *in, struct target *t,
		     struct rpc_reply *out)
{
	struct user *u;
	int64_t id;

	switch (tl_cons(in)) {
	case TLC_inputPeerChannel:
	case TLC_inputChannel:
		return find_channel(r, tl_long(in, TLF_channel_id), false,
				    tl_long(in, TLF_access_hash), t, out);
	case TLC_inputPeerChannelFromMessage:
	case TLC_inputChannelFromMessage:
		id = tl_long(in, TLF_channel_id);
		return seen_in_message(r, in, (struct peer){PEER_CHANNEL, id}, out) &&
		       find_channel(r, id, true, 0, t, out);
	case TLC_inputPeerChat:
		return find_group(r, tl_long(in, TLF_chat_id), t, out);
	case TLC_inputChannelEmpty:
		return refuse(out, "CHANNEL_INVALID");
	default:
		if (!find_user(r, in, "PEER_ID_INVALID", &u, out))
			return false;
		set_user(r, u, t);
		return true;
	}
}

bool peer_take(struct rpc *r, const struct tl_obj *in, struct target *t, struct rpc_reply *out)
{
	return take_any(r, in, t, out) && may_read(t, out);
}

bool peer_find_channel(struct rpc *r, const struct tl_obj *in, struct target *t,
		       struct rpc_reply *out)
{
	enum tlc c = tl_cons(in);

	if (c != TLC_inputChannel && c != TLC_inputChannelFromMessage &&
	    c != TLC_inputPeerChannel && c != TLC_inputPeerChannelFromMessage)
		return refuse(out, "CHANNEL_INVALID");
	return take_any(r, in, t, out);
}

bool peer_take_channel(struct rpc *r, const struct tl_obj *in, struct target *t,
		       struct rpc_reply *out)
{
	return peer_find_channel(r, in, t, out) && may_read(t, out);
}

struct user *peer_take_user(struct rpc *r, const struct tl_obj *in, struct rpc_reply *out)
{
	struct user *u;

	return find_user(r, in, "USER_ID_INVALID", &u, out) ? u : NULL;
}
