/*
 * The target's topics are read first, then each of the source's that has one there is compared with it:
 * title and colour, and the icon if there is one, since not every account may set it. Whether it is
 * closed may change any day.
 */
#include "tools/tgclone/verify_topics.h"

#include "tools/tgclone/forum.h"
#include "tools/tgclone/talk.h"

#include <stdlib.h>

enum { TITLE_MAX = 512 };

struct topic {
	int32_t id, color;
	int64_t icon;
	uint32_t len;
	uint8_t title[TITLE_MAX];
};

struct look {
	struct ledger *ledger;
	struct topic *topics; /* of the target */
	size_t count, room;
	bool full;
	void (*found)(void *ctx, int32_t source, int32_t target, const char *what);
	void *ctx;
};

static struct topic read_topic(const struct tl_obj *t)
{
	struct cspan title = tl_bytes(t, TLF_title);
	struct topic out = {.id = tl_int(t, TLF_id),
			    .color = tl_int(t, TLF_icon_color),
			    .icon = tl_long(t, TLF_icon_emoji_id),
			    .len = (uint32_t)(title.len < TITLE_MAX ? title.len : TITLE_MAX)};

	if (out.len > 0)
		memcpy(out.title, title.at, out.len);
	return out;
}

static void keep(void *ctx, const struct tl_obj *t)
{
	struct look *l = ctx;

	if (l->count == l->room) {
		size_t room = l->room > 0 ? 2 * l->room : 64;
		void *more = realloc(l->topics, room * sizeof(l->topics[0]));

		l->full = l->full || more == NULL;
		if (more == NULL)
			return;
		l->topics = more;
		l->room = room;
	}
	l->topics[l->count++] = read_topic(t);
}

static const struct topic *find(const struct look *l, int32_t id)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->topics[i].id == id)
			return &l->topics[i];
	return NULL;
}

static void compare(void *ctx, const struct tl_obj *t)
{
	struct look *l = ctx;
	struct topic source = read_topic(t);
	int32_t target = ledger_topic_of(l->ledger, source.id);
	const struct topic *there = target > 1 ? find(l, target) : NULL;

	if (source.id <= 1 || target <= 1)
		return;
	if (there == NULL)
		l->found(l->ctx, source.id, target, "the topic is gone");
	else if (there->len != source.len || memcmp(there->title, source.title, source.len) != 0)
		l->found(l->ctx, source.id, target, "the topic's title differs");
	else if (there->color != source.color)
		l->found(l->ctx, source.id, target, "the topic's colour differs");
	else if (there->icon != 0 && there->icon != source.icon)
		l->found(l->ctx, source.id, target, "the topic's icon differs");
}

int topics_look(struct client *cl, const struct job *j, struct ledger *ledger,
		void (*found)(void *ctx, int32_t source, int32_t target, const char *what), void *ctx)
{
	struct look l = {.ledger = ledger, .found = found, .ctx = ctx};
	int code = 0;

	if (!j->source.forum || !j->target.forum || j->source_topic != 0 || j->target_topic != 0)
		return 0;
	code = forum_topics(cl, &j->target, keep, &l);
	if (code == 0 && l.full)
		code = app_fail(cl->app, EXIT_LATER, "no memory for the topics");
	if (code == 0)
		code = forum_topics(cl, &j->source, compare, &l);
	free(l.topics);
	return code;
}
