/*
 * Service messages of an archive. The ones that mean something to a copy have their own action;
 * the others keep the export's word for it.
 */
#include "tools/tgsim/archive_priv.h"

enum { TOPIC_COLOR = 0x6fb9f0 };

static const struct tl_obj *titled(struct archive *a, enum tlc type, const char *title)
{
	struct tl_obj *o = tl_new(&a->tmp, type);

	tl_set_str(o, TLF_title, title);
	return o;
}

static const struct tl_obj *topic_created(struct archive *a, const json_t *m)
{
	struct tl_obj *o = tl_new(&a->tmp, TLC_messageActionTopicCreate);
	int64_t color = field_long(m, "icon_color"), emoji = field_long(m, "icon_emoji_id");

	tl_set_str(o, TLF_title, field_text(m, "title"));
	tl_set_int(o, TLF_icon_color, color > 0 ? (int32_t)color : TOPIC_COLOR);
	if (emoji != 0)
		tl_set_long(o, TLF_icon_emoji_id, emoji);
	return o;
}

/* The topic is the one that the service message stands in; what it says becomes true at once. */
static const struct tl_obj *topic_edit(struct archive *a, const json_t *m)
{
	struct tl_obj *o = tl_new(&a->tmp, TLC_messageActionTopicEdit);
	const char *title = field_text(m, "new_title");
	int32_t id = (int32_t)field_long(m, "topic_id");
	struct topic *t;

	if (id == 0)
		id = (int32_t)field_long(m, "reply_to_message_id");
	t = a->chat == NULL ? NULL : topic_find(a->chat, id);
	if (*title != 0) {
		tl_set_str(o, TLF_title, title);
		if (t != NULL)
			t->title = world_str(a->world, cspan_str(title));
	}
	if (field_long(m, "new_icon_emoji_id") != 0) {
		tl_set_long(o, TLF_icon_emoji_id, field_long(m, "new_icon_emoji_id"));
		if (t != NULL)
			t->icon_emoji_id = field_long(m, "new_icon_emoji_id");
	}
	return o;
}

static const struct tl_obj *custom(struct archive *a, const char *action)
{
	struct tl_obj *o = tl_new(&a->tmp, TLC_messageActionCustomAction);

	tl_set_str(o, TLF_message, action);
	return o;
}

const struct tl_obj *archive_action(struct archive *a, const json_t *m)
{
	const char *action = field_text(m, "action");

	if (strcmp(action, "pin_message") == 0)
		return tl_new(&a->tmp, TLC_messageActionPinMessage);
	if (strcmp(action, "create_channel") == 0 || strcmp(action, "create_supergroup") == 0)
		return titled(a, TLC_messageActionChannelCreate, field_text(m, "title"));
	if (strcmp(action, "create_group") == 0)
		return titled(a, TLC_messageActionChatCreate, field_text(m, "title"));
	if (strcmp(action, "edit_group_title") == 0)
		return titled(a, TLC_messageActionChatEditTitle, field_text(m, "title"));
	if (strcmp(action, "delete_group_photo") == 0)
		return tl_new(&a->tmp, TLC_messageActionChatDeletePhoto);
	if (strcmp(action, "invite_members") == 0)
		return tl_new(&a->tmp, TLC_messageActionChatAddUser);
	if (strcmp(action, "join_group_by_link") == 0)
		return tl_new(&a->tmp, TLC_messageActionChatJoinedByLink);
	if (strcmp(action, "join_group_by_request") == 0)
		return tl_new(&a->tmp, TLC_messageActionChatJoinedByRequest);
	if (strcmp(action, "topic_created") == 0)
		return topic_created(a, m);
	if (strcmp(action, "topic_edit") == 0)
		return topic_edit(a, m);
	return custom(a, action);
}
