/*
 * Users and accounts: making them, finding them by id, phone or name, the hashes by which an
 * account addresses them, and a user as a schema object. An account is a user that can log in.
 */
#include "tools/tgsim/model_priv.h"

struct user *user_find(struct world *w, int64_t id)
{
	return table_get(&w->users_by_id, (uint64_t)id);
}

struct account *account_find(struct world *w, int64_t user_id)
{
	struct user *u = user_find(w, user_id);

	return u == NULL ? NULL : u->account;
}

static const char *digits(const char *phone)
{
	return *phone == '+' ? phone + 1 : phone;
}

struct account *account_by_phone(struct world *w, const char *phone)
{
	for (struct account *a = w->accounts; a != NULL; a = a->next)
		if (strcmp(digits(a->user->phone), digits(phone)) == 0)
			return a;
	return NULL;
}

bool username_find(struct world *w, struct cspan name, struct user **user, struct chat **chat)
{
	*user = NULL;
	*chat = NULL;
	if (name.len == 0)
		return false;
	for (struct user *u = w->users; u != NULL; u = u->next) {
		if (name_equal(name, u->username)) {
			*user = u;
			return true;
		}
	}
	for (struct chat *c = w->chats; c != NULL; c = c->next) {
		if (name_equal(name, c->username)) {
			*chat = c;
			return true;
		}
	}
	return false;
}

struct user *user_make(struct world *w, int64_t id, const char *first, const char *last)
{
	struct user *u = world_take(w, sizeof(*u));

	if (id == 0)
		id = w->next_user_id;
	check(id > 0);
	check(id <= ID_MAX);
	if (id >= w->next_user_id)
		w->next_user_id = id + 1;
	check(user_find(w, id) == NULL);
	u->id = id;
	u->first_name = world_str(w, cspan_str(first));
	u->last_name = world_str(w, cspan_str(last));
	u->username = u->phone = "";
	*w->users_end = u;
	w->users_end = &u->next;
	table_put(w, &w->users_by_id, (uint64_t)id, u);
	return u;
}

struct account *account_make(struct world *w, const struct world_account *wanted)
{
	static const char *const names[][2] = {
	    {"Ana", "Ribeiro"}, {"Bruno", "Costa"}, {"Carla", "Mendes"}, {"Diego", "Farias"}};
	struct account *a = world_take(w, sizeof(*a));
	uint32_t n = 0;

	for (struct account *at = w->accounts; at != NULL; at = at->next)
		n++;
	a->user =
	    user_make(w, wanted->id, names[n % countof(names)][0], names[n % countof(names)][1]);
	a->user->phone = world_str(w, cspan_str(digits(wanted->phone)));
	a->user->premium = wanted->premium;
	a->user->account = a;
	a->code = world_str(w, cspan_str(wanted->code));
	a->password = wanted->password == NULL ? NULL : world_str(w, cspan_str(wanted->password));
	a->box.pts = 1;
	*w->accounts_end = a;
	w->accounts_end = &a->next;
	return a;
}

struct account *world_account_at(struct world *w, uint32_t i)
{
	struct account *a = w->accounts;

	while (a != NULL && i-- > 0)
		a = a->next;
	return a;
}

int64_t access_hash(const struct world *w, const struct account *a, struct peer p)
{
	int64_t h = (int64_t)keyed_hash(w->key, (uint64_t)a->user->id, p.kind, (uint64_t)p.id);

	return h == 0 ? 1 : h;
}

/* ---- schema objects ---- */

const struct tl_obj *peer_obj(struct arena *arena, struct peer p)
{
	struct tl_obj *o;

	switch (p.kind) {
	case PEER_USER:
		o = tl_new(arena, TLC_peerUser);
		tl_set_long(o, TLF_user_id, p.id);
		return o;
	case PEER_GROUP:
		o = tl_new(arena, TLC_peerChat);
		tl_set_long(o, TLF_chat_id, p.id);
		return o;
	default:
		o = tl_new(arena, TLC_peerChannel);
		tl_set_long(o, TLF_channel_id, p.id);
		return o;
	}
}

static void set_if(struct tl_obj *o, enum tlf field, const char *text)
{
	if (*text != 0)
		tl_set_str(o, field, text);
}

const struct tl_obj *user_obj(struct world *w, struct arena *arena, const struct account *viewer,
			      const struct user *u)
{
	struct tl_obj *o = tl_new(arena, TLC_user);
	bool self = viewer != NULL && viewer->user == u;

	tl_set_long(o, TLF_id, u->id);
	if (self)
		tl_set_flag(o, TLF_self, true);
	if (u->bot) {
		tl_set_flag(o, TLF_bot, true);
		tl_set_int(o, TLF_bot_info_version, 1);
	}
	if (u->premium)
		tl_set_flag(o, TLF_premium, true);
	if (u->deleted)
		tl_set_flag(o, TLF_deleted, true);
	if (viewer != NULL)
		tl_set_long(o, TLF_access_hash,
			    access_hash(w, viewer, (struct peer){PEER_USER, u->id}));
	set_if(o, TLF_first_name, u->first_name);
	set_if(o, TLF_last_name, u->last_name);
	set_if(o, TLF_username, u->username);
	if (self)
		set_if(o, TLF_phone, u->phone);
	return o;
}
