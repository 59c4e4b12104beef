/* Reading: history, peers, topics. Sending is in ask_send.c. */
#include "proto/api/ask.h"

static struct tl_obj *page_above(struct arena *a, struct peer peer, int32_t topic, int32_t last_seen,
				 int32_t limit)
{
	struct tl_obj *o = tl_new(a, topic > 0 ? TLC_messages_getReplies : TLC_messages_getHistory);

	tl_set_obj(o, TLF_peer, peer_input(a, peer));
	if (topic > 0)
		tl_set_int(o, TLF_msg_id, topic);
	/* The page that ends just above last_seen, newest first (api.md 5, "walking old to new"). */
	tl_set_int(o, TLF_offset_id, last_seen < INT32_MAX ? last_seen + 1 : last_seen);
	tl_set_int(o, TLF_add_offset, -limit);
	tl_set_int(o, TLF_limit, limit);
	tl_set_int(o, TLF_min_id, last_seen);
	return o;
}

const struct tl_obj *ask_history(struct arena *a, struct peer peer, int32_t topic, int32_t last_seen,
				 int32_t limit)
{
	return page_above(a, peer, topic, last_seen, limit);
}

const struct tl_obj *ask_history_behind(struct arena *a, struct peer peer, int32_t topic, int32_t last_seen,
					int32_t without, int32_t limit)
{
	struct tl_obj *o = page_above(a, peer, topic, last_seen, limit);

	tl_set_int(o, TLF_add_offset, -limit - without);
	return o;
}

const struct tl_obj *ask_next(struct arena *a, struct peer peer, int32_t topic, int32_t last_seen,
			      int32_t below)
{
	struct tl_obj *o = page_above(a, peer, topic, last_seen, 1);

	tl_set_int(o, TLF_max_id, below);
	return o;
}

const struct tl_obj *ask_newest(struct arena *a, struct peer peer, int32_t topic, int32_t min_id,
				int32_t limit)
{
	struct tl_obj *o = tl_new(a, topic > 0 ? TLC_messages_getReplies : TLC_messages_getHistory);

	tl_set_obj(o, TLF_peer, peer_input(a, peer));
	if (topic > 0)
		tl_set_int(o, TLF_msg_id, topic);
	tl_set_int(o, TLF_limit, limit);
	tl_set_int(o, TLF_min_id, min_id);
	return o;
}

const struct tl_obj *ask_further(struct arena *a, struct peer peer, int32_t topic, int32_t last_seen,
				 int32_t without)
{
	struct tl_obj *o = tl_new(a, topic > 0 ? TLC_messages_getReplies : TLC_messages_getHistory);

	tl_set_obj(o, TLF_peer, peer_input(a, peer));
	if (topic > 0)
		tl_set_int(o, TLF_msg_id, topic);
	tl_set_int(o, TLF_add_offset, without);
	tl_set_int(o, TLF_limit, 1);
	tl_set_int(o, TLF_min_id, last_seen);
	return o;
}

const struct tl_obj *ask_newest_but(struct arena *a, struct peer peer, int32_t without, int32_t limit)
{
	struct tl_obj *o = tl_new(a, TLC_messages_getHistory);

	tl_set_obj(o, TLF_peer, peer_input(a, peer));
	tl_set_int(o, TLF_add_offset, without);
	tl_set_int(o, TLF_limit, limit);
	return o;
}

const struct tl_obj *ask_messages(struct arena *a, struct peer peer, const int32_t *ids,
				  uint32_t count)
{
	bool channel = peer.kind == PEER_CHANNEL;
	struct tl_obj *o = tl_new(a, channel ? TLC_channels_getMessages : TLC_messages_getMessages);

	if (channel)
		tl_set_obj(o, TLF_channel, peer_input_channel(a, peer));
	tl_set_vec(a, o, TLF_id, count);
	for (uint32_t i = 0; i < count; i++) {
		struct tl_obj *id = tl_new(a, TLC_inputMessageID);

		tl_set_int(id, TLF_id, ids[i]);
		tl_put_obj(o, TLF_id, i, id);
	}
	return o;
}

const struct tl_obj *ask_scheduled(struct arena *a, struct peer peer)
{
	struct tl_obj *o = tl_new(a, TLC_messages_getScheduledHistory);

	tl_set_obj(o, TLF_peer, peer_input(a, peer));
	return o;
}

const struct tl_obj *ask_dialogs(struct arena *a, const struct dialog_offset *offset, int32_t limit)
{
	struct tl_obj *o = tl_new(a, TLC_messages_getDialogs);

	tl_set_flag(o, TLF_exclude_pinned, offset->exclude_pinned);
	tl_set_int(o, TLF_offset_date, offset->date);
	tl_set_int(o, TLF_offset_id, offset->id);
	tl_set_obj(o, TLF_offset_peer, peer_input(a, offset->peer));
	tl_set_int(o, TLF_limit, limit);
	return o;
}

const struct tl_obj *ask_username(struct arena *a, struct cspan name)
{
	struct tl_obj *o = tl_new(a, TLC_contacts_resolveUsername);

	tl_set_bytes(o, TLF_username, name);
	return o;
}

const struct tl_obj *ask_check_invite(struct arena *a, struct cspan hash)
{
	struct tl_obj *o = tl_new(a, TLC_messages_checkChatInvite);

	tl_set_bytes(o, TLF_hash, hash);
	return o;
}

const struct tl_obj *ask_full_channel(struct arena *a, struct peer peer)
{
	struct tl_obj *o = tl_new(a, TLC_channels_getFullChannel);

	tl_set_obj(o, TLF_channel, peer_input_channel(a, peer));
	return o;
}

const struct tl_obj *ask_self(struct arena *a)
{
	struct tl_obj *o = tl_new(a, TLC_users_getUsers);

	tl_set_vec(a, o, TLF_id, 1);
	tl_put_obj(o, TLF_id, 0, tl_new(a, TLC_inputUserSelf));
	return o;
}

/* Forum methods moved from channels. to messages. between the layers (api.md 6). */
static struct tl_obj *forum_method(struct arena *a, enum tlc now, enum tlc before, struct peer peer,
				   int layer)
{
	struct tl_obj *o = tl_new(a, layer >= TL_LAYER ? now : before);

	if (layer >= TL_LAYER)
		tl_set_obj(o, TLF_peer, peer_input(a, peer));
	else
		tl_set_obj(o, TLF_channel, peer_input_channel(a, peer));
	return o;
}

const struct tl_obj *ask_topics(struct arena *a, struct peer peer, const struct topic_offset *offset,
				int32_t limit, int layer)
{
	struct tl_obj *o = forum_method(a, TLC_messages_getForumTopics, TLC_channels_getForumTopics,
					peer, layer);

	tl_set_int(o, TLF_offset_date, offset->date);
	tl_set_int(o, TLF_offset_id, offset->id);
	tl_set_int(o, TLF_offset_topic, offset->topic);
	tl_set_int(o, TLF_limit, limit);
	return o;
}

const struct tl_obj *ask_topic(struct arena *a, struct peer peer, int32_t topic, int layer)
{
	struct tl_obj *o = forum_method(a, TLC_messages_getForumTopicsByID, TLC_channels_getForumTopicsByID,
					peer, layer);

	tl_set_vec(a, o, TLF_topics, 1);
	tl_put_int(o, TLF_topics, 0, topic);
	return o;
}

const struct tl_obj *ask_create_topic(struct arena *a, struct peer to, const struct tl_obj *source,
				      int64_t random_id, int layer)
{
	struct tl_obj *o = forum_method(a, TLC_messages_createForumTopic,
					TLC_channels_createForumTopic, to, layer);

	tl_set_bytes(o, TLF_title, tl_bytes(source, TLF_title));
	if (tl_int(source, TLF_icon_color) != 0)
		tl_set_int(o, TLF_icon_color, tl_int(source, TLF_icon_color));
	if (tl_has(source, TLF_icon_emoji_id))
		tl_set_long(o, TLF_icon_emoji_id, tl_long(source, TLF_icon_emoji_id));
	tl_set_long(o, TLF_random_id, random_id);
	return o;
}

const struct tl_obj *ask_close_topic(struct arena *a, struct peer peer, int32_t topic, int layer)
{
	struct tl_obj *o = forum_method(a, TLC_messages_editForumTopic, TLC_channels_editForumTopic,
					peer, layer);

	tl_set_int(o, TLF_topic_id, topic);
	tl_set_flag(o, TLF_closed, true); /* a Bool */
	return o;
}
