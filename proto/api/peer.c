/* Marked ids, and reading and writing of peers. Pure conversions; nothing is remembered here. */
#include "proto/api/peer.h"

#include "proto/base/check.h"

static const int64_t CHANNEL_MARK = -1000000000000;

/* Up to 2^52 (api.md 4); a group's marked id must not be a channel's. */
static const int64_t ID_MAX = INT64_C(1) << 52, GROUP_ID_MAX = 999999999999;

int64_t peer_marked(struct peer p)
{
	switch (p.kind) {
	case PEER_GROUP:
		return -p.id;
	case PEER_CHANNEL:
		return CHANNEL_MARK - p.id;
	case PEER_SELF:
	case PEER_USER:
		return p.id;
	case PEER_NONE:
		break;
	}
	return 0;
}

struct peer peer_of_marked(int64_t marked)
{
	if (marked > 0)
		return (struct peer){PEER_USER, marked, 0};
	if (marked < CHANNEL_MARK)
		return (struct peer){PEER_CHANNEL, CHANNEL_MARK - marked, 0};
	if (marked < 0)
		return (struct peer){PEER_GROUP, -marked, 0};
	return (struct peer){PEER_NONE, 0, 0};
}

bool peer_same(struct peer a, struct peer b)
{
	return peer_marked(a) == peer_marked(b);
}

/* Of what came from outside: an id that no chat has is nobody's. */
static struct peer sound(enum peer_kind kind, int64_t id, int64_t access_hash)
{
	if (id <= 0 || id > (kind == PEER_GROUP ? GROUP_ID_MAX : ID_MAX))
		return (struct peer){PEER_NONE, 0, 0};
	return (struct peer){kind, id, access_hash};
}

struct peer peer_read(const struct tl_obj *o)
{
	switch (tl_cons(o)) {
	case TLC_peerUser:
		return sound(PEER_USER, tl_long(o, TLF_user_id), 0);
	case TLC_peerChat:
		return sound(PEER_GROUP, tl_long(o, TLF_chat_id), 0);
	case TLC_peerChannel:
		return sound(PEER_CHANNEL, tl_long(o, TLF_channel_id), 0);
	default:
		return (struct peer){PEER_NONE, 0, 0};
	}
}

/* Text of a field, cut to fit at the start of a UTF-8 character. */
static void copy_text(char *out, size_t size, struct cspan text)
{
	size_t n = text.len < size - 1 ? text.len : size - 1;

	while (n > 0 && n < text.len && (text.at[n] & 0xc0) == 0x80)
		n--;
	if (n > 0)
		memcpy(out, text.at, n);
	out[n] = '\0';
}

static void read_user(const struct tl_obj *o, struct chat_info *c)
{
	struct cspan first = tl_bytes(o, TLF_first_name);
	struct cspan last = tl_bytes(o, TLF_last_name);
	char name[2][128];

	c->self = tl_flag(o, TLF_self);
	c->premium = tl_flag(o, TLF_premium);
	c->peer = sound(c->self ? PEER_SELF : PEER_USER, tl_long(o, TLF_id),
			tl_long(o, TLF_access_hash));
	copy_text(name[0], sizeof(name[0]), first);
	copy_text(name[1], sizeof(name[1]), last);
	memcpy(c->title, name[0], strlen(name[0]) + 1);
	if (name[1][0] != '\0' && name[0][0] != '\0')
		strcat(c->title, " ");
	strcat(c->title, name[1]);
}

static void read_username(const struct tl_obj *o, struct chat_info *c)
{
	struct tl_vec names = tl_vec(o, TLF_usernames);

	copy_text(c->username, sizeof(c->username), tl_bytes(o, TLF_username));
	for (uint32_t i = 0; i < names.count && c->username[0] == '\0'; i++) {
		const struct tl_obj *name = tl_vec_obj(names, i);

		if (tl_flag(name, TLF_active))
			copy_text(c->username, sizeof(c->username), tl_bytes(name, TLF_username));
	}
}

bool chat_info_read(const struct tl_obj *o, struct chat_info *c)
{
	*c = (struct chat_info){.peer = {PEER_NONE, 0, 0}};
	switch (tl_cons(o)) {
	case TLC_user:
		read_user(o, c);
		break;
	case TLC_channelForbidden:
		c->forbidden = true;
		/* fall through */
	case TLC_channel:
		c->peer = sound(PEER_CHANNEL, tl_long(o, TLF_id), tl_long(o, TLF_access_hash));
		break;
	case TLC_chatForbidden:
		c->forbidden = true;
		/* fall through */
	case TLC_chat:
		c->peer = sound(PEER_GROUP, tl_long(o, TLF_id), 0);
		c->migrated_to = tl_long(tl_sub(o, TLF_migrated_to), TLF_channel_id);
		break;
	default:
		return false;
	}
	if (c->peer.kind == PEER_NONE)
		return false;
	if (c->title[0] == '\0')
		copy_text(c->title, sizeof(c->title), tl_bytes(o, TLF_title));
	read_username(o, c);
	c->broadcast = tl_flag(o, TLF_broadcast);
	c->megagroup = tl_flag(o, TLF_megagroup);
	c->forum = tl_flag(o, TLF_forum);
	c->noforwards = tl_flag(o, TLF_noforwards);
	c->slowmode = tl_flag(o, TLF_slowmode_enabled);
	c->min = tl_flag(o, TLF_min);
	return true;
}

const char *chat_kind_name(const struct chat_info *c)
{
	switch (c->peer.kind) {
	case PEER_SELF:
		return "me";
	case PEER_USER:
		return "user";
	case PEER_GROUP:
		return "group";
	case PEER_CHANNEL:
		if (c->forum)
			return "forum";
		return c->broadcast ? "channel" : "supergroup";
	case PEER_NONE:
		break;
	}
	return "none";
}

const struct tl_obj *peer_find(const struct tl_obj *answer, struct peer p)
{
	struct tl_vec list = tl_vec(answer, p.kind == PEER_USER || p.kind == PEER_SELF ? TLF_users
										       : TLF_chats);

	for (uint32_t i = 0; i < list.count; i++) {
		const struct tl_obj *o = tl_vec_obj(list, i);
		struct chat_info c;

		if (!chat_info_read(o, &c))
			continue;
		if (peer_same(c.peer, p))
			return o;
	}
	return NULL;
}

const struct tl_obj *peer_input(struct arena *a, struct peer p)
{
	struct tl_obj *o = NULL;

	switch (p.kind) {
	case PEER_SELF:
		o = tl_new(a, TLC_inputPeerSelf);
		break;
	case PEER_USER:
		o = tl_new(a, TLC_inputPeerUser);
		tl_set_long(o, TLF_user_id, p.id);
		tl_set_long(o, TLF_access_hash, p.access_hash);
		break;
	case PEER_GROUP:
		o = tl_new(a, TLC_inputPeerChat);
		tl_set_long(o, TLF_chat_id, p.id);
		break;
	case PEER_CHANNEL:
		o = tl_new(a, TLC_inputPeerChannel);
		tl_set_long(o, TLF_channel_id, p.id);
		tl_set_long(o, TLF_access_hash, p.access_hash);
		break;
	case PEER_NONE:
		o = tl_new(a, TLC_inputPeerEmpty);
		break;
	}
	return o;
}

const struct tl_obj *peer_input_channel(struct arena *a, struct peer p)
{
	struct tl_obj *o = tl_new(a, TLC_inputChannel);

	check(p.kind == PEER_CHANNEL);
	tl_set_long(o, TLF_channel_id, p.id);
	tl_set_long(o, TLF_access_hash, p.access_hash);
	return o;
}

const struct tl_obj *peer_input_user(struct arena *a, struct peer p)
{
	struct tl_obj *o;

	if (p.kind == PEER_SELF)
		return tl_new(a, TLC_inputUserSelf);
	o = tl_new(a, TLC_inputUser);
	tl_set_long(o, TLF_user_id, p.id);
	tl_set_long(o, TLF_access_hash, p.access_hash);
	return o;
}
