/*
 * Every answer brings the users and chats that its messages name, or a client could not make sense
 * of the ids. A roll collects peers while an answer is made, each once, and writes them out at the
 * end.
 */
#include "tools/tgsim/methods_priv.h"

struct roll roll_start(const struct rpc *r)
{
	return (struct roll){.world = r->world, .arena = r->arena, .account = r->account};
}

void roll_peer(struct roll *l, struct peer p)
{
	struct peer *more;

	if (p.id == 0)
		return;
	for (uint32_t i = l->count; i-- > 0;)
		if (peer_equal(l->peers[i], p))
			return;
	if (l->count == l->room) {
		uint32_t room = l->room == 0 ? 16 : l->room * 2;

		more = arena_take_many(l->arena, room, sizeof(*more));
		if (more == NULL)
			return;
		if (l->count > 0)
			memcpy(more, l->peers, l->count * sizeof(*more));
		l->peers = more;
		l->room = room;
	}
	l->peers[l->count++] = p;
}

void roll_user(struct roll *l, int64_t id)
{
	roll_peer(l, (struct peer){PEER_USER, id});
}

static void roll_forward(struct roll *l, const struct tl_obj *fwd)
{
	roll_peer(l, peer_of_obj(tl_sub(fwd, TLF_from_id)));
	roll_peer(l, peer_of_obj(tl_sub(fwd, TLF_saved_from_peer)));
	roll_peer(l, peer_of_obj(tl_sub(fwd, TLF_saved_from_id)));
}

static void roll_action(struct roll *l, const struct tl_obj *action)
{
	struct tl_vec users = tl_vec(action, TLF_users);

	switch (tl_cons(action)) {
	case TLC_messageActionChatAddUser:
	case TLC_messageActionChatCreate:
		for (uint32_t i = 0; i < users.count; i++)
			roll_user(l, tl_vec_long(users, i));
		break;
	case TLC_messageActionChatDeleteUser:
		roll_user(l, tl_long(action, TLF_user_id));
		break;
	case TLC_messageActionChatJoinedByLink:
		roll_user(l, tl_long(action, TLF_inviter_id));
		break;
	default:
		break;
	}
}

void roll_message(struct roll *l, const struct tl_obj *m)
{
	const struct tl_obj *reply = tl_sub(m, TLF_reply_to);
	const struct tl_obj *media = tl_sub(m, TLF_media);
	struct tl_vec entities = tl_vec(m, TLF_entities);

	roll_peer(l, peer_of_obj(tl_sub(m, TLF_from_id)));
	roll_peer(l, peer_of_obj(tl_sub(m, TLF_peer_id)));
	roll_forward(l, tl_sub(m, TLF_fwd_from));
	roll_peer(l, peer_of_obj(tl_sub(reply, TLF_reply_to_peer_id)));
	roll_forward(l, tl_sub(reply, TLF_reply_from));
	roll_user(l, tl_long(m, TLF_via_bot_id));
	roll_action(l, tl_sub(m, TLF_action));
	if (tl_cons(media) == TLC_messageMediaContact)
		roll_user(l, tl_long(media, TLF_user_id));
	for (uint32_t i = 0; i < entities.count; i++)
		if (tl_cons(tl_vec_obj(entities, i)) == TLC_messageEntityMentionName)
			roll_user(l, tl_long(tl_vec_obj(entities, i), TLF_user_id));
}

/* ---- writing out ---- */

static bool is_stranger(const struct roll *l, const struct user *u)
{
	struct account *a = account_find(l->world, l->account->user->id);

	return u->account != l->account &&
	       history_of(l->world, a, (struct peer){PEER_USER, u->id}, false) == NULL;
}

/* A min user: partial, and its hash opens nothing but the profile photo. */
static const struct tl_obj *min_user(struct roll *l, const struct user *u)
{
	struct tl_obj *o = tl_copy(l->arena, user_obj(l->world, l->arena, l->account, u));

	tl_set_flag(o, TLF_min, true);
	tl_set_long(o, TLF_access_hash,
		    peer_min_hash(l->world, l->account, (struct peer){PEER_USER, u->id}));
	tl_unset(o, TLF_phone);
	return o;
}

static const struct tl_obj *out_user(struct roll *l, int64_t id)
{
	const struct user *u = user_find(l->world, id);
	struct tl_obj *empty;

	if (u != NULL && l->min && is_stranger(l, u))
		return min_user(l, u);
	if (u != NULL)
		return user_obj(l->world, l->arena, l->account, u);
	empty = tl_new(l->arena, TLC_userEmpty);
	tl_set_long(empty, TLF_id, id);
	return empty;
}

static const struct tl_obj *out_chat(struct roll *l, struct peer p)
{
	const struct chat *c = chat_find(l->world, p.id);
	struct tl_obj *gone;

	if (c != NULL)
		return chat_obj(l->world, l->arena, l->account, c);
	gone = tl_new(l->arena, p.kind == PEER_GROUP ? TLC_chatForbidden : TLC_channelForbidden);
	tl_set_long(gone, TLF_id, p.id);
	tl_set_str(gone, TLF_title, "");
	return gone;
}

void roll_set(struct roll *l, struct tl_obj *o)
{
	uint32_t users = 0, chats = 0;

	for (uint32_t i = 0; i < l->count; i++)
		users += l->peers[i].kind == PEER_USER;
	tl_set_vec(l->arena, o, TLF_users, users);
	tl_set_vec(l->arena, o, TLF_chats, l->count - users);
	users = 0;
	for (uint32_t i = 0; i < l->count; i++) {
		if (l->peers[i].kind == PEER_USER)
			tl_put_obj(o, TLF_users, users++, out_user(l, l->peers[i].id));
		else
			tl_put_obj(o, TLF_chats, chats++, out_chat(l, l->peers[i]));
	}
}
