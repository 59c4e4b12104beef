/*
 * Chats: making them, members, topics, the dialogs of an account, and a chat as a schema object.
 * A supergroup's or channel's single history is in its own box; a basic group or a private chat
 * has one history for each account that sees it.
 */
#include "tools/tgsim/model_priv.h"

enum { GENERAL_COLOR = 0x6fb9f0 };

/* ---- histories and dialogs ---- */

struct history *dialog_add(struct world *w, struct account *a, struct history *h)
{
	for (uint32_t i = 0; i < a->dialog_count; i++)
		if (a->dialogs[i] == h)
			return h;
	a->dialogs =
	    world_grow(w, a->dialogs, a->dialog_count, &a->dialog_room, sizeof(struct history *));
	a->dialogs[a->dialog_count++] = h;
	return h;
}

static struct history *dialog_find(struct account *a, struct peer p)
{
	for (uint32_t i = 0; i < a->dialog_count; i++) {
		struct peer at = a->dialogs[i]->peer;

		if (at.kind == p.kind && at.id == p.id)
			return a->dialogs[i];
	}
	return NULL;
}

struct history *history_of(struct world *w, struct account *a, struct peer p, bool make)
{
	struct chat *c = p.kind == PEER_USER ? NULL : chat_find(w, p.id);
	struct user *u = p.kind == PEER_USER ? user_find(w, p.id) : NULL;
	struct history *h;

	if (c != NULL && (c->kind == CHAT_GROUP) != (p.kind == PEER_GROUP))
		return NULL;
	if (p.kind == PEER_CHANNEL)
		return c == NULL ? NULL : c->history;
	h = dialog_find(a, p);
	if (h != NULL || !make || (c == NULL && u == NULL))
		return h;
	h = world_take(w, sizeof(*h));
	h->peer = p;
	h->box = &a->box;
	h->owner = a;
	h->chat = c;
	h->user = u;
	return dialog_add(w, a, h);
}

/* ---- chats ---- */

struct chat *chat_find(struct world *w, int64_t id)
{
	return table_get(&w->chats_by_id, (uint64_t)id);
}

struct chat *chat_make(struct world *w, enum chat_kind kind, int64_t id, const char *title,
		       struct user *creator, int32_t date)
{
	struct chat *c = world_take(w, sizeof(*c));

	if (id == 0)
		id = w->next_chat_id;
	check(id > 0);
	check(id <= ID_MAX);
	if (id >= w->next_chat_id)
		w->next_chat_id = id + 1;
	check(chat_find(w, id) == NULL);
	c->kind = kind;
	c->id = id;
	c->title = world_str(w, cspan_str(title));
	c->about = c->username = c->invite_hash = "";
	c->date = date;
	c->version = 1;
	c->box.pts = 1;
	*w->chats_end = c;
	w->chats_end = &c->next;
	table_put(w, &w->chats_by_id, (uint64_t)id, c);
	if (kind != CHAT_GROUP) {
		c->history = world_take(w, sizeof(*c->history));
		c->history->peer = (struct peer){PEER_CHANNEL, id};
		c->history->box = &c->box;
		c->history->chat = c;
	}
	if (creator != NULL) {
		c->creator = creator->id;
		member_add(w, c, creator, creator->id, date)->creator = true;
	}
	return c;
}

struct member *member_find(const struct chat *c, int64_t user_id)
{
	for (uint32_t i = 0; i < c->member_count; i++)
		if (c->members[i].user->id == user_id)
			return &c->members[i];
	return NULL;
}

struct member *member_add(struct world *w, struct chat *c, struct user *u, int64_t inviter,
			  int32_t date)
{
	struct member *m = member_find(c, u->id);
	enum peer_kind kind = c->kind == CHAT_GROUP ? PEER_GROUP : PEER_CHANNEL;

	if (m == NULL) {
		c->members = world_grow(w, c->members, c->member_count, &c->member_room,
					sizeof(*c->members));
		m = &c->members[c->member_count++];
	}
	*m = (struct member){.user = u, .inviter = inviter, .date = date, .admin = m->admin};
	if (u->account != NULL)
		dialog_add(w, u->account,
			   history_of(w, u->account, (struct peer){kind, c->id}, true));
	return m;
}

/* Service messages of the one who made it: where it went, and in there, where it came from. */
static void say_migrated(struct world *w, struct chat *group, struct chat *super, int32_t date)
{
	struct user *u = user_find(w, group->creator);
	uint8_t mem[4096];
	struct tl_obj *o, *to, *from;
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	o = tl_new(&a, TLC_messageService);
	to = tl_new(&a, TLC_messageActionChatMigrateTo);
	from = tl_new(&a, TLC_messageActionChannelMigrateFrom);
	tl_set_long(to, TLF_channel_id, super->id);
	tl_set_obj(o, TLF_action, to);
	if (u->account != NULL)
		msg_post(w, &(struct post){.to = history_of(w, u->account,
							    (struct peer){PEER_GROUP, group->id}, true),
					   .from = u, .date = date}, o);
	tl_set_str(from, TLF_title, group->title);
	tl_set_long(from, TLF_chat_id, group->id);
	tl_set_obj(o, TLF_action, from);
	msg_post(w, &(struct post){.to = super->history, .from = u, .date = date}, o);
}

struct chat *chat_migrate(struct world *w, struct chat *group, int32_t date)
{
	struct chat *super = chat_make(w, CHAT_SUPERGROUP, 0, group->title,
				       user_find(w, group->creator), date);

	check(group->kind == CHAT_GROUP && group->migrated_to == 0);
	for (uint32_t i = 0; i < group->member_count; i++) {
		const struct member *m = &group->members[i];

		if (!m->left && !m->banned && !m->creator)
			member_add(w, super, m->user, m->inviter, date)->admin = m->admin;
	}
	say_migrated(w, group, super, date);
	group->deactivated = true;
	group->migrated_to = super->id;
	super->migrated_from = group->id;
	chat_changed(w, group, UPDATE_CHAT, 0, date, 0);
	return super;
}

void chat_changed(struct world *w, struct chat *c, enum update_kind kind, int32_t id, int32_t date,
		  uint64_t session)
{
	c->version++;
	if (c->kind != CHAT_GROUP) {
		update_note(w, c->history, kind, id, date, session);
		return;
	}
	for (uint32_t i = 0; i < c->member_count; i++) {
		struct account *a = c->members[i].user->account;

		if (a != NULL)
			update_note(w, history_of(w, a, (struct peer){PEER_GROUP, c->id}, true),
				    kind, id, date, session);
	}
}

int64_t chat_marked_id(const struct chat *c)
{
	return c->kind == CHAT_GROUP ? -c->id : -1000000000000 - c->id;
}

const char *world_kind_name(const struct chat *c)
{
	static const char *const names[] = {"group", "supergroup", "channel"};

	return names[c->kind];
}

struct chat *world_chat_at(struct world *w, uint32_t i)
{
	return i < w->listed_count ? w->listed[i] : NULL;
}

/* ---- topics ---- */

struct topic *topic_find(struct chat *c, int32_t id)
{
	uint32_t low = 0, high = c->topic_count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (c->topics[mid]->id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low < c->topic_count && c->topics[low]->id == id ? c->topics[low] : NULL;
}

struct topic *topic_make(struct world *w, struct chat *c, int32_t id, const char *title,
			 int32_t date)
{
	struct topic *t = topic_find(c, id);
	uint32_t at = c->topic_count;

	if (t != NULL)
		return t;
	c->topics =
	    world_grow(w, c->topics, c->topic_count, &c->topic_room, sizeof(struct topic *));
	t = world_take(w, sizeof(*t));
	for (; at > 0 && c->topics[at - 1]->id > id; at--)
		c->topics[at] = c->topics[at - 1];
	c->topics[at] = t;
	c->topic_count++;
	t->id = id;
	t->date = date;
	t->title = world_str(w, cspan_str(title));
	t->icon_color = GENERAL_COLOR;
	t->creator = c->creator;
	return t;
}

void chat_set_forum(struct world *w, struct chat *c, bool on)
{
	check(!on || c->kind == CHAT_SUPERGROUP);
	c->forum = on;
	if (on)
		topic_make(w, c, 1, "General", c->date);
}

/* As every such chat begins: message 1 says that it was created. In a forum, 1 is General's id too.
 */
static void post_creation(struct world *w, struct chat *c)
{
	struct post post = {
	    .to = c->history, .from = user_find(w, c->creator), .date = c->date, .quiet = true};
	uint8_t room[8192];
	struct arena tmp;
	struct tl_obj *o, *action;

	arena_init(&tmp, room, sizeof(room));
	o = tl_new(&tmp, TLC_messageService);
	action = tl_new(&tmp, TLC_messageActionChannelCreate);
	tl_set_str(action, TLF_title, c->title);
	tl_set_obj(o, TLF_action, action);
	msg_post(w, &post, o);
}

struct chat *target_make(struct world *w, enum chat_kind kind, bool forum, const char *title,
			 int64_t id)
{
	struct chat *c =
	    chat_make(w, kind, id, title, w->accounts->user, (int32_t)(w->opt.now / 1000000000));

	for (struct account *a = w->accounts; a != NULL; a = a->next)
		member_add(w, c, a->user, c->creator, c->date)->admin = true;
	member_find(c, c->creator)->creator = true;
	if (forum)
		chat_set_forum(w, c, true);
	post_creation(w, c);
	world_list_chat(w, c);
	return c;
}

/* ---- schema objects ---- */

const struct right_bit admin_rights[ADMIN_RIGHTS] = {
    {ADMIN_CHANGE_INFO, TLF_change_info}, {ADMIN_POST, TLF_post_messages},
    {ADMIN_EDIT, TLF_edit_messages},      {ADMIN_DELETE, TLF_delete_messages},
    {ADMIN_BAN, TLF_ban_users},           {ADMIN_INVITE, TLF_invite_users},
    {ADMIN_PIN, TLF_pin_messages},        {ADMIN_ADD_ADMINS, TLF_add_admins},
    {ADMIN_MANAGE_CALL, TLF_manage_call}, {ADMIN_OTHER, TLF_other},
    {ADMIN_TOPICS, TLF_manage_topics},
};

const struct right_bit banned_rights[BANNED_RIGHTS] = {
    {0, TLF_view_messages},     {1, TLF_send_messages}, {2, TLF_send_media},
    {3, TLF_send_stickers},     {4, TLF_send_gifs},     {5, TLF_send_games},
    {6, TLF_send_inline},       {7, TLF_embed_links},   {8, TLF_send_polls},
    {10, TLF_change_info},      {15, TLF_invite_users}, {17, TLF_pin_messages},
    {18, TLF_manage_topics},    {19, TLF_send_photos},  {20, TLF_send_videos},
    {21, TLF_send_roundvideos}, {22, TLF_send_audios},  {23, TLF_send_voices},
    {24, TLF_send_docs},        {25, TLF_send_plain},
};

uint32_t rights_word(const struct right_bit *rights, size_t count, const struct tl_obj *o)
{
	uint32_t word = 0;

	for (size_t i = 0; i < count; i++)
		if (tl_flag(o, rights[i].field))
			word |= 1u << rights[i].bit;
	return word;
}

/* What the chat's kind knows of, less what the admin was not given. */
static const struct tl_obj *admin_rights_obj(struct arena *arena, const struct chat *c,
					     const struct member *m)
{
	struct tl_obj *o = tl_new(arena, TLC_chatAdminRights);
	uint32_t word = m->creator ? UINT32_MAX : ~m->admin_lacks;

	if (c->kind != CHAT_CHANNEL)
		word &= ~(1u << ADMIN_POST | 1u << ADMIN_EDIT);
	if (!c->forum)
		word &= ~(1u << ADMIN_TOPICS);
	for (size_t i = 0; i < ADMIN_RIGHTS; i++)
		if (word & 1u << admin_rights[i].bit)
			tl_set_flag(o, admin_rights[i].field, true);
	return o;
}

static const struct tl_obj *banned_rights_obj(struct arena *arena, uint32_t word, int32_t until)
{
	struct tl_obj *o = tl_new(arena, TLC_chatBannedRights);

	for (size_t i = 0; i < BANNED_RIGHTS; i++)
		if (word & 1u << banned_rights[i].bit)
			tl_set_flag(o, banned_rights[i].field, true);
	tl_set_int(o, TLF_until_date, until == 0 ? INT32_MAX : until);
	return o;
}

static int32_t member_total(const struct chat *c)
{
	int32_t n = 0;

	for (uint32_t i = 0; i < c->member_count; i++)
		n += !c->members[i].left && !c->members[i].banned;
	return n;
}

static const struct tl_obj *chat_photo(struct arena *arena, const struct chat *c)
{
	struct tl_obj *o;

	if (c->photo == NULL)
		return tl_new(arena, TLC_chatPhotoEmpty);
	o = tl_new(arena, TLC_chatPhoto);
	tl_set_long(o, TLF_photo_id, c->photo->id);
	tl_set_int(o, TLF_dc_id, c->photo->dc);
	return o;
}

static void set_flag_if(struct tl_obj *o, enum tlf field, bool on)
{
	if (on)
		tl_set_flag(o, field, true);
}

static void set_channel(struct world *w, struct tl_obj *o, const struct account *viewer,
			const struct chat *c)
{
	set_flag_if(o, TLF_broadcast, c->kind == CHAT_CHANNEL);
	set_flag_if(o, TLF_megagroup, c->kind == CHAT_SUPERGROUP);
	set_flag_if(o, TLF_signatures, c->signatures);
	set_flag_if(o, TLF_slowmode_enabled, c->slowmode_seconds > 0);
	set_flag_if(o, TLF_forum, c->forum);
	if (viewer != NULL)
		tl_set_long(o, TLF_access_hash,
			    access_hash(w, viewer, (struct peer){PEER_CHANNEL, c->id}));
	if (*c->username != 0)
		tl_set_str(o, TLF_username, c->username);
}

static const struct tl_obj *successor(struct world *w, struct arena *arena,
				      const struct account *viewer, const struct chat *c)
{
	struct tl_obj *o = tl_new(arena, TLC_inputChannel);

	tl_set_long(o, TLF_channel_id, c->migrated_to);
	if (viewer != NULL)
		tl_set_long(o, TLF_access_hash,
			    access_hash(w, viewer, (struct peer){PEER_CHANNEL, c->migrated_to}));
	return o;
}

const struct tl_obj *chat_obj(struct world *w, struct arena *arena, const struct account *viewer,
			      const struct chat *c)
{
	struct tl_obj *o = tl_new(arena, c->kind == CHAT_GROUP ? TLC_chat : TLC_channel);
	const struct member *m = viewer == NULL ? NULL : member_find(c, viewer->user->id);

	if (c->kind != CHAT_GROUP)
		set_channel(w, o, viewer, c);
	else
		tl_set_int(o, TLF_version, c->version);
	set_flag_if(o, TLF_creator, m != NULL && m->creator);
	set_flag_if(o, TLF_left, m == NULL || m->left);
	set_flag_if(o, TLF_noforwards, c->noforwards);
	if (c->kind == CHAT_GROUP)
		set_flag_if(o, TLF_deactivated, c->deactivated);
	if (c->migrated_to != 0)
		tl_set_obj(o, TLF_migrated_to, successor(w, arena, viewer, c));
	tl_set_long(o, TLF_id, c->id);
	tl_set_str(o, TLF_title, c->title);
	tl_set_obj(o, TLF_photo, chat_photo(arena, c));
	tl_set_int(o, TLF_date, c->date);
	tl_set_int(o, TLF_participants_count, member_total(c));
	if (m != NULL && (m->creator || m->admin))
		tl_set_obj(o, TLF_admin_rights, admin_rights_obj(arena, c, m));
	if (m != NULL && m->restricted != 0 && c->kind != CHAT_GROUP)
		tl_set_obj(o, TLF_banned_rights, banned_rights_obj(arena, m->restricted, m->until));
	tl_set_obj(o, TLF_default_banned_rights, banned_rights_obj(arena, c->banned_rights, 0));
	return o;
}
