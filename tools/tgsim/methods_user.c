/*
 * users.*, contacts.*: who is who. Accounts of the simulator are each other's contacts.
 */
#include "tools/tgsim/methods_priv.h"

enum { NAME_MIN = 4 }; /* of what exists: some old names are that short */

static void get_users(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_vec ids = tl_vec(q, TLF_id);
	uint32_t n = 0, count = ids.count < IDS_MAX ? ids.count : IDS_MAX;
	const struct user *users[IDS_MAX];
	struct tl_obj *v;

	/* Those that are not known by that hash are left out, as the real server does. */
	for (uint32_t i = 0; i < count; i++) {
		struct rpc_reply ignored;
		struct user *u = peer_take_user(r, tl_vec_obj(ids, i), &ignored);

		if (u != NULL)
			users[n++] = u;
	}
	v = tl_new_vector(r->arena, n);
	for (uint32_t i = 0; i < n; i++)
		tl_put_obj(v, TLF_items, i, user_obj(r->world, r->arena, r->account, users[i]));
	rpc_result(out, v);
}

static void get_full_user(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct user *u = peer_take_user(r, tl_sub(q, TLF_id), out);
	struct tl_obj *full = tl_new(r->arena, TLC_userFull);
	struct tl_obj *o = tl_new(r->arena, TLC_users_userFull);
	struct roll l = roll_start(r);

	if (u == NULL)
		return;
	tl_set_long(full, TLF_id, u->id);
	tl_set_obj(full, TLF_settings, tl_new(r->arena, TLC_peerSettings));
	tl_set_obj(full, TLF_notify_settings, tl_new(r->arena, TLC_peerNotifySettings));
	tl_set_flag(full, TLF_can_pin_message, true);
	roll_user(&l, u->id);
	tl_set_obj(o, TLF_full_user, full);
	roll_set(&l, o);
	rpc_result(out, o);
}

/* ---- contacts ---- */

static void get_contacts(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_contacts_contacts);
	uint32_t n = 0, i = 0;
	struct account *a;

	for (uint32_t k = 0; (a = world_account_at(r->world, k)) != NULL; k++)
		n += a != r->account;
	tl_set_vec(r->arena, o, TLF_contacts, n);
	tl_set_vec(r->arena, o, TLF_users, n);
	for (uint32_t k = 0; (a = world_account_at(r->world, k)) != NULL; k++) {
		struct tl_obj *c = tl_new(r->arena, TLC_contact);

		if (a == r->account)
			continue;
		tl_set_long(c, TLF_user_id, a->user->id);
		tl_set_flag(c, TLF_mutual, true);
		tl_put_obj(o, TLF_contacts, i, c);
		tl_put_obj(o, TLF_users, i, user_obj(r->world, r->arena, r->account, a->user));
		i++;
	}
	tl_set_int(o, TLF_saved_count, (int32_t)n);
	rpc_result(out, o);
}

static void answer_resolved(struct rpc *r, struct peer p, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_contacts_resolvedPeer);
	struct roll l = roll_start(r);

	roll_peer(&l, p);
	tl_set_obj(o, TLF_peer, peer_obj(r->arena, p));
	roll_set(&l, o);
	rpc_result(out, o);
}

static void resolve_username(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct cspan name = tl_bytes(q, TLF_username);
	struct user *u = NULL;
	struct chat *c = NULL;

	if (!peer_username_good(name, NAME_MIN))
		rpc_error(out, 400, "USERNAME_INVALID");
	else if (!username_find(r->world, name, &u, &c))
		rpc_error(out, 400, "USERNAME_NOT_OCCUPIED");
	else if (u != NULL)
		answer_resolved(r, (struct peer){PEER_USER, u->id}, out);
	else
		answer_resolved(r, (struct peer){PEER_CHANNEL, c->id}, out);
}

static void resolve_phone(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct account *a = account_by_phone(r->world, rpc_cstr(r, tl_bytes(q, TLF_phone), 32));

	if (a == NULL)
		rpc_error(out, 400, "PHONE_NOT_OCCUPIED");
	else
		answer_resolved(r, (struct peer){PEER_USER, a->user->id}, out);
}

static void get_peer_settings(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messages_peerSettings);
	struct roll l = roll_start(r);
	struct target t;

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out))
		return;
	tl_set_obj(o, TLF_settings, tl_new(r->arena, TLC_peerSettings));
	roll_peer(&l, t.peer);
	roll_set(&l, o);
	rpc_result(out, o);
}

const struct method methods_user_table[] = {
    {TLC_users_getUsers, get_users, 0, LIMIT_NONE},
    {TLC_users_getFullUser, get_full_user, 0, LIMIT_NONE},
    {TLC_contacts_getContacts, get_contacts, 0, LIMIT_NONE},
    {TLC_contacts_resolveUsername, resolve_username, 0, LIMIT_RESOLVE},
    {TLC_contacts_resolvePhone, resolve_phone, 0, LIMIT_RESOLVE},
    {TLC_messages_getPeerSettings, get_peer_settings, 0, LIMIT_NONE},
    {TLC_none, NULL, 0, LIMIT_NONE},
};
