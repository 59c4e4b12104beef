/*
 * Who is in a chat: lists, joining and leaving, invite links, rights of one member.
 */
#include "tools/tgsim/methods_priv.h"

#include <stdio.h>

enum { PARTICIPANTS_MAX = 200, BAN_LEAST_S = 30, BAN_MOST_S = 366 * 86400 };

static bool refuse(struct rpc_reply *out, int32_t code, const char *text)
{
	rpc_error(out, code, "%s", text);
	return false;
}

static bool inside(const struct member *m)
{
	return m != NULL && !m->left && !m->banned;
}

/* ---- lists ---- */

static const struct tl_obj *rights_of(const struct rpc *r, const struct member *m)
{
	struct tl_obj *o = tl_new(r->arena, TLC_chatAdminRights);

	for (size_t i = 0; i < ADMIN_RIGHTS; i++)
		if (m->creator || (m->admin_lacks & 1u << admin_rights[i].bit) == 0)
			tl_set_flag(o, admin_rights[i].field, true);
	return o;
}

static const struct tl_obj *participant_obj(const struct rpc *r, const struct member *m)
{
	bool self = m->user->id == r->account->user->id;
	struct tl_obj *o;

	if (m->left || m->banned) {
		o = tl_new(r->arena, TLC_channelParticipantLeft);
		tl_set_obj(o, TLF_peer, peer_obj(r->arena, (struct peer){PEER_USER, m->user->id}));
		return o;
	}
	o = tl_new(r->arena, m->creator ? TLC_channelParticipantCreator
			     : m->admin ? TLC_channelParticipantAdmin
			     : self     ? TLC_channelParticipantSelf
					: TLC_channelParticipant);
	tl_set_long(o, TLF_user_id, m->user->id);
	if (m->creator || m->admin)
		tl_set_obj(o, TLF_admin_rights, rights_of(r, m));
	if (!m->creator)
		tl_set_int(o, TLF_date, m->date);
	if (!m->creator && m->admin) {
		tl_set_flag(o, TLF_self, self);
		tl_set_long(o, TLF_promoted_by, m->inviter);
	}
	if (!m->creator && self)
		tl_set_long(o, TLF_inviter_id, m->inviter);
	return o;
}

static bool wanted(const struct tl_obj *filter, const struct member *m)
{
	enum tlc c = tl_cons(filter);
	struct cspan q = tl_bytes(filter, TLF_q);

	if (c == TLC_channelParticipantsAdmins)
		return inside(m) && (m->admin || m->creator);
	if (c == TLC_channelParticipantsKicked || c == TLC_channelParticipantsBanned)
		return m->banned;
	if (c == TLC_channelParticipantsBots)
		return inside(m) && m->user->bot;
	return inside(m) && (text_contains(cspan_str(m->user->first_name), q) ||
			     text_contains(cspan_str(m->user->last_name), q) ||
			     text_contains(cspan_str(m->user->username), q));
}

static void get_participants(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	int32_t offset = tl_int(q, TLF_offset), limit = tl_int(q, TLF_limit), n = 0;
	struct tl_obj *o = tl_new(r->arena, TLC_channels_channelParticipants);
	const struct member *found[PARTICIPANTS_MAX];
	struct roll l = roll_start(r);
	uint32_t count = 0;
	struct target t;

	if (!peer_take_channel(r, tl_sub(q, TLF_channel), &t, out))
		return;
	if (t.chat->kind == CHAT_CHANNEL && !target_is_admin(&t)) {
		rpc_error(out, 400, "CHAT_ADMIN_REQUIRED");
		return;
	}
	if (limit <= 0 || limit > PARTICIPANTS_MAX)
		limit = PARTICIPANTS_MAX;
	for (uint32_t i = 0; i < t.chat->member_count; i++) {
		if (!wanted(tl_sub(q, TLF_filter), &t.chat->members[i]))
			continue;
		if (n >= offset && count < (uint32_t)limit)
			found[count++] = &t.chat->members[i];
		n++;
	}
	tl_set_int(o, TLF_count, n);
	tl_set_vec(r->arena, o, TLF_participants, count);
	for (uint32_t i = 0; i < count; i++) {
		tl_put_obj(o, TLF_participants, i, participant_obj(r, found[i]));
		roll_user(&l, found[i]->user->id);
	}
	roll_set(&l, o);
	rpc_result(out, o);
}

static void get_participant(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_channels_channelParticipant);
	const struct tl_obj *in = tl_sub(q, TLF_participant);
	struct roll l = roll_start(r);
	struct target t, who;
	const struct member *m;

	if (in == NULL)
		in = tl_sub(q, TLF_user_id); /* an InputUser in older layers */
	if (!peer_take_channel(r, tl_sub(q, TLF_channel), &t, out) || !peer_take(r, in, &who, out))
		return;
	m = who.user == NULL ? NULL : member_find(t.chat, who.user->id);
	if (m == NULL || m->left) {
		rpc_error(out, 400, "USER_NOT_PARTICIPANT");
		return;
	}
	roll_user(&l, m->user->id);
	roll_peer(&l, t.peer);
	tl_set_obj(o, TLF_participant, participant_obj(r, m));
	roll_set(&l, o);
	rpc_result(out, o);
}

/* ---- coming and going ---- */

static void set_target(struct rpc *r, struct chat *c, struct target *t)
{
	enum peer_kind kind = c->kind == CHAT_GROUP ? PEER_GROUP : PEER_CHANNEL;

	*t = (struct target){.peer = {kind, c->id}, .chat = c};
	t->member = member_find(c, r->account->user->id);
	t->history = history_of(r->world, r->account, t->peer, true);
}

/* The service message, in groups of any size; a channel says nothing. */
static struct tl_obj *say(struct rpc *r, struct target *t, const struct tl_obj *action)
{
	struct tl_obj *content = tl_new(r->arena, TLC_messageService);
	struct batch *b = arena_take(r->arena, sizeof(*b));

	chat_changed(r->world, t->chat, UPDATE_CHAT, 0, rpc_date(r), r->session_id);
	if (target_is_broadcast(t) || b == NULL)
		return updates_of_chat(r, t->chat);
	tl_set_obj(content, TLF_action, action);
	batch_start(b, r);
	roll_peer(&b->roll, t->peer);
	batch_put_message(b, send_post(r, t, content, 0), 1);
	return batch_end(b);
}

static const struct tl_obj *added_action(const struct rpc *r, struct user *const *users,
					 uint32_t count)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messageActionChatAddUser);

	tl_set_vec(r->arena, o, TLF_users, count);
	for (uint32_t i = 0; i < count; i++)
		tl_put_long(o, TLF_users, i, users[i]->id);
	return o;
}

/* Updates, or since layer 227 an object around them. */
static void answer_join(struct rpc *r, const struct tl_obj *q, struct tl_obj *updates,
			struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messages_chatInviteJoinResultOk);

	tl_set_obj(o, TLF_updates, updates);
	rpc_result(out, rpc_newest_form(q) ? o : updates);
}

static bool join(struct rpc *r, struct chat *c, int64_t inviter, struct target *t,
		 struct rpc_reply *out)
{
	struct member *m = member_find(c, r->account->user->id);

	if (m != NULL && m->banned)
		return refuse(out, 400, "USER_BANNED_IN_CHANNEL");
	if (inside(m))
		return refuse(out, 400, "USER_ALREADY_PARTICIPANT");
	if (c->kind != CHAT_GROUP && !peer_room_for_channel(r, out))
		return false;
	member_add(r->world, c, r->account->user, inviter, rpc_date(r));
	set_target(r, c, t);
	return true;
}

static void join_channel(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct user *self = r->account->user;
	struct target t;

	if (!peer_find_channel(r, tl_sub(q, TLF_channel), &t, out))
		return;
	if (inside(t.member)) { /* joining again changes nothing */
		answer_join(r, q, updates_of_chat(r, t.chat), out);
		return;
	}
	if (t.chat->username[0] == 0 && t.member == NULL) {
		rpc_error(out, 406, "CHANNEL_PRIVATE");
		return;
	}
	if (join(r, t.chat, self->id, &t, out))
		answer_join(r, q, say(r, &t, added_action(r, &self, 1)), out);
}

static void leave_channel(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *action = tl_new(r->arena, TLC_messageActionChatDeleteUser);
	struct tl_obj *updates;
	struct target t;

	if (!peer_take_channel(r, tl_sub(q, TLF_channel), &t, out))
		return;
	if (!inside(t.member)) {
		rpc_error(out, 400, "USER_NOT_PARTICIPANT");
		return;
	}
	if (t.member->creator) {
		rpc_error(out, 400, "USER_CREATOR");
		return;
	}
	tl_set_long(action, TLF_user_id, r->account->user->id);
	updates = say(r, &t, action);
	member_find(t.chat, r->account->user->id)->left = true;
	rpc_result(out, updates);
}

static void invite(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messages_invitedUsers);
	struct tl_vec v = tl_vec(q, TLF_users);
	struct user *users[IDS_MAX];
	struct tl_obj *updates;
	struct target t;
	uint32_t n = 0;

	if (!peer_take_channel(r, tl_sub(q, TLF_channel), &t, out))
		return;
	if (!target_is_admin(&t) && (!inside(t.member) || target_is_broadcast(&t))) {
		rpc_error(out, 400, "CHAT_ADMIN_REQUIRED");
		return;
	}
	for (uint32_t i = 0; i < v.count && i < IDS_MAX; i++) {
		struct user *u = peer_take_user(r, tl_vec_obj(v, i), out);

		if (u == NULL)
			return;
		if (!inside(member_find(t.chat, u->id)))
			users[n++] = u;
	}
	for (uint32_t i = 0; i < n; i++)
		member_add(r->world, t.chat, users[i], r->account->user->id, rpc_date(r));
	set_target(r, t.chat, &t); /* the members may have moved */
	updates = n == 0 ? updates_of_chat(r, t.chat) : say(r, &t, added_action(r, users, n));
	tl_set_obj(o, TLF_updates, updates);
	rpc_result(out, rpc_newest_form(q) ? o : updates);
}

/* ---- invite links ---- */

const struct tl_obj *invite_obj(const struct rpc *r, const struct chat *c)
{
	struct tl_obj *o = tl_new(r->arena, TLC_chatInviteExported);
	size_t room = strlen(c->invite_hash) + 32;
	char *link = arena_take(r->arena, room);

	if (link != NULL)
		snprintf(link, room, "https://t.me/+%s", c->invite_hash);
	tl_set_flag(o, TLF_permanent, true);
	tl_set_str(o, TLF_link, link != NULL ? link : "");
	tl_set_long(o, TLF_admin_id, c->creator);
	tl_set_int(o, TLF_date, c->date);
	return o;
}

static void export_invite(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct target t;
	char hash[24];

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out))
		return;
	if (t.chat == NULL || !target_may(&t, ADMIN_INVITE)) {
		rpc_error(out, 400, t.chat == NULL ? "PEER_ID_INVALID" : "CHAT_ADMIN_REQUIRED");
		return;
	}
	if (t.chat->invite_hash[0] == 0) {
		snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)world_random(r->world));
		t.chat->invite_hash = world_str(r->world, cspan_str(hash));
	}
	rpc_result(out, invite_obj(r, t.chat));
}

/* Chats that the account sees are looked through: there is no other list of them. */
static struct chat *chat_of_invite(struct rpc *r, struct cspan hash, struct rpc_reply *out)
{
	struct account *a;

	for (uint32_t k = 0; hash.len > 0 && (a = world_account_at(r->world, k)) != NULL; k++) {
		for (uint32_t i = 0; i < a->dialog_count; i++) {
			struct chat *c = a->dialogs[i]->chat;

			if (c != NULL && cspan_equal(hash, cspan_str(c->invite_hash)))
				return c;
		}
	}
	rpc_error(out, 400, hash.len == 0 ? "INVITE_HASH_EMPTY" : "INVITE_HASH_EXPIRED");
	return NULL;
}

static int32_t member_total(const struct chat *c)
{
	int32_t n = 0;

	for (uint32_t i = 0; i < c->member_count; i++)
		n += inside(&c->members[i]);
	return n;
}

static void check_invite(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct chat *c = chat_of_invite(r, tl_bytes(q, TLF_hash), out);
	struct tl_obj *o;

	if (c == NULL)
		return;
	if (inside(member_find(c, r->account->user->id))) {
		o = tl_new(r->arena, TLC_chatInviteAlready);
		tl_set_obj(o, TLF_chat, chat_obj(r->world, r->arena, r->account, c));
	} else {
		o = tl_new(r->arena, TLC_chatInvite);
		tl_set_flag(o, TLF_channel, c->kind != CHAT_GROUP);
		tl_set_flag(o, TLF_broadcast, c->kind == CHAT_CHANNEL);
		tl_set_flag(o, TLF_public, c->username[0] != 0);
		tl_set_flag(o, TLF_megagroup, c->kind == CHAT_SUPERGROUP);
		tl_set_str(o, TLF_title, c->title);
		tl_set_obj(o, TLF_photo, tl_new(r->arena, TLC_photoEmpty));
		tl_set_int(o, TLF_participants_count, member_total(c));
	}
	rpc_result(out, o);
}

static void import_invite(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct chat *c = chat_of_invite(r, tl_bytes(q, TLF_hash), out);
	struct tl_obj *action = tl_new(r->arena, TLC_messageActionChatJoinedByLink);
	struct target t;

	if (c == NULL || !join(r, c, c->creator, &t, out))
		return;
	tl_set_long(action, TLF_inviter_id, c->creator);
	answer_join(r, q, say(r, &t, action), out);
}

/* ---- rights of one member ---- */

static struct member *member_take(struct rpc *r, const struct tl_obj *q, enum tlf field,
				  enum admin_right right, struct target *t, struct rpc_reply *out)
{
	const struct tl_obj *in =
	    tl_sub(q, field) != NULL ? tl_sub(q, field) : tl_sub(q, TLF_user_id);
	struct target who;

	if (!peer_take_channel(r, tl_sub(q, TLF_channel), t, out) || !peer_take(r, in, &who, out))
		return NULL;
	if (!target_may(t, right)) {
		rpc_error(out, 400, "CHAT_ADMIN_REQUIRED");
		return NULL;
	}
	if (who.user == NULL || member_find(t->chat, who.user->id) == NULL) {
		rpc_error(out, 400, "USER_NOT_PARTICIPANT");
		return NULL;
	}
	return member_find(t->chat, who.user->id);
}

static void edit_admin(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	uint32_t word = rights_word(admin_rights, ADMIN_RIGHTS, tl_sub(q, TLF_admin_rights));
	struct target t;
	struct member *m = member_take(r, q, TLF_user_id, ADMIN_ADD_ADMINS, &t, out);

	if (m == NULL)
		return;
	if (m->creator) {
		rpc_error(out, 400, "USER_CREATOR");
		return;
	}
	/* Nobody gives away what he has not got. */
	if (!t.member->creator && (word & t.member->admin_lacks) != 0) {
		rpc_error(out, 403, "RIGHT_FORBIDDEN");
		return;
	}
	m->admin = word != 0;
	m->admin_lacks = ~word;
	chat_changed(r->world, t.chat, UPDATE_CHAT, 0, rpc_date(r), r->session_id);
	rpc_result(out, updates_of_chat(r, t.chat));
}

/* Less than half a minute or more than a year is for ever. */
static int32_t until_of(const struct rpc *r, const struct tl_obj *rights)
{
	int64_t seconds = (int64_t)tl_int(rights, TLF_until_date) - rpc_date(r);

	return seconds < BAN_LEAST_S || seconds > BAN_MOST_S ? 0 : tl_int(rights, TLF_until_date);
}

static void edit_banned(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	const struct tl_obj *rights = tl_sub(q, TLF_banned_rights);
	struct target t;
	struct member *m = member_take(r, q, TLF_participant, ADMIN_BAN, &t, out);

	if (m == NULL)
		return;
	if (m->creator) {
		rpc_error(out, 400, "USER_ADMIN_INVALID");
		return;
	}
	m->restricted = rights_word(banned_rights, BANNED_RIGHTS, rights);
	m->banned = tl_flag(rights, TLF_view_messages);
	m->until = m->restricted != 0 ? until_of(r, rights) : 0;
	chat_changed(r->world, t.chat, UPDATE_CHAT, 0, rpc_date(r), r->session_id);
	rpc_result(out, updates_of_chat(r, t.chat));
}

const struct method methods_member_table[] = {
    {TLC_channels_getParticipants, get_participants, 0, LIMIT_READ},
    {TLC_channels_getParticipant, get_participant, 0, LIMIT_NONE},
    {TLC_channels_joinChannel, join_channel, 0, LIMIT_NONE},
    {TLC_channels_leaveChannel, leave_channel, 0, LIMIT_NONE},
    {TLC_channels_inviteToChannel, invite, 0, LIMIT_NONE},
    {TLC_messages_exportChatInvite, export_invite, 0, LIMIT_NONE},
    {TLC_messages_checkChatInvite, check_invite, 0, LIMIT_NONE},
    {TLC_messages_importChatInvite, import_invite, 0, LIMIT_NONE},
    {TLC_channels_editAdmin, edit_admin, 0, LIMIT_NONE},
    {TLC_channels_editBanned, edit_banned, 0, LIMIT_NONE},
    {TLC_none, NULL, 0, LIMIT_NONE},
};
