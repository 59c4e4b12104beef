/*
 * Groups on their way to the send slot: loaded with copies of their messages, prepared (files streamed
 * and stored by uploadMedia), refreshed when references expire, split when an album is refused. Several
 * groups ahead of the slot are prepared at once, so that the slot never waits for bytes.
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

enum { REFRESH_MAX = 3, REUPLOAD_MAX = 2 };

struct group *group_take(struct clone *c)
{
	struct list *node = list_pop(&c->free_groups);
	struct group *g;

	check(node != NULL); /* history asks for a page only when slots are there */
	g = container_of(node, struct group, node);
	check(g->state == GROUP_FREE);
	g->state = GROUP_LOADED;
	list_push(&c->queue, &g->node);
	c->queued++;
	return g;
}

void group_give(struct clone *c, struct group *g)
{
	struct arena arena = g->arena;
	uint32_t slot = g->slot;

	if (g->state == GROUP_PREPARING)
		c->preparing--;
	list_del(&g->node);
	c->queued--;
	arena_rewind(&arena, 0);
	*g = (struct group){.slot = slot, .arena = arena};
	/* At the front: the same pages of memory are used again. */
	list_push_front(&c->free_groups, &g->node);
}

/* Previews with a whole cached page are large and not needed for sending. */
static const struct tl_obj *clone_message(struct group *g, const struct tl_obj *message)
{
	size_t mark = arena_mark(&g->arena);
	struct tl_obj *copy = tl_clone(&g->arena, message);
	struct tl_obj *light;

	if (copy != NULL)
		return copy;
	arena_rewind(&g->arena, mark);
	if (tl_sub_cons(message, TLF_media) != TLC_messageMediaWebPage)
		return NULL;
	light = tl_copy(&g->arena, message);
	if (light == NULL)
		return NULL;
	tl_unset(light, TLF_media);
	return tl_clone(&g->arena, light);
}

static bool read_item(struct clone *c, struct group *g, struct item *item,
		      const struct tl_obj *message, const struct tl_obj *answer)
{
	const struct tl_obj *copy = clone_message(g, message);

	if (copy == NULL)
		return false;
	message_read(copy, c->o.source.forum, &item->msg);
	return message_entities(&g->arena, &item->msg, answer, &item->entities);
}

bool group_add(struct clone *c, struct group *g, const struct tl_obj *message,
	       const struct tl_obj *answer, const struct ledger_row *row)
{
	struct item *item = &g->items[g->count];

	check(g->count < ALBUM_MAX);
	*item = (struct item){.row = *row};
	item->random_id = ledger_random_id(&c->o.job, row->source_id, 0);
	if (!read_item(c, g, item, message, answer))
		return false;
	g->count++;
	return true;
}

bool group_load_row(struct clone *c, struct group *g, const struct ledger_row *row)
{
	(void)c;
	g->items[g->count++] = (struct item){.row = *row};
	return true;
}

/* Transfers and requests that still have something under way keep the group's slot. */
static bool group_busy(const struct group *g)
{
	for (uint32_t i = 0; i < g->count; i++) {
		const struct item *item = &g->items[i];

		if (item->file != NULL || item->thumb != NULL || item->uploading_media)
			return true;
	}
	return g->refreshing;
}

static void skip_item(struct clone *c, struct item *item, const char *reason)
{
	if (item->row.state == ROW_SKIPPED)
		return;
	item->row.state = ROW_SKIPPED;
	snprintf(item->row.reason, sizeof(item->row.reason), "%s", reason);
	ledger_put(c->o.ledger, &item->row);
	clone_note(c, NOTE_SKIPPED, item, reason);
	if (item->file != NULL)
		transfer_fail(item->file, reason);
	if (item->thumb != NULL)
		transfer_fail(item->thumb, reason);
}

/* It may be in the target already: its turn comes, and what is not found there then is skipped. */
static void doubt_item(struct item *item, const char *reason)
{
	snprintf(item->row.reason, sizeof(item->row.reason), "%s", reason);
	if (item->file != NULL)
		transfer_fail(item->file, reason);
	if (item->thumb != NULL)
		transfer_fail(item->thumb, reason);
}

void group_skip(struct clone *c, struct group *g, const char *reason)
{
	char why[sizeof(g->note)];

	snprintf(why, sizeof(why), "%s", reason); /* it may be the group's own */
	for (uint32_t i = 0; i < g->count; i++) {
		if (g->suspect)
			doubt_item(&g->items[i], why);
		else
			skip_item(c, &g->items[i], why);
	}
	if (!g->suspect && !group_busy(g)) {
		group_give(c, g);
		return;
	}
	if (g->state == GROUP_PREPARING)
		c->preparing--;
	g->state = group_busy(g) ? GROUP_LOADED : GROUP_READY;
	g->mode = PLAN_SKIP;
	memcpy(g->note, why, sizeof(why));
}

/* ---- references ---- */

void group_refresh(struct clone *c, struct group *g)
{
	if (g->refreshing)
		return;
	if (g->refreshes++ >= REFRESH_MAX) {
		group_skip(c, g, "file reference cannot be renewed");
		return;
	}
	g->need_refresh = true;
}

static void ask_refresh(struct clone *c, struct group *g)
{
	int32_t ids[ALBUM_MAX];

	for (uint32_t i = 0; i < g->count; i++)
		ids[i] = g->items[i].row.source_id;
	arena_rewind(&c->page, 0);
	if (!clone_ask(c, ask_messages(&c->page, c->o.source.peer, ids, g->count), ASK_REFRESH,
		       g->slot, 0, false))
		return;
	CRASH_POINT("clone.refresh.asked");
	g->refreshing = true;
	g->need_refresh = false;
}

static const struct tl_obj *message_by_id(const struct tl_obj *answer, int32_t id)
{
	struct tl_vec list = tl_vec(answer, TLF_messages);

	for (uint32_t i = 0; i < list.count; i++)
		if (tl_int(tl_vec_obj(list, i), TLF_id) == id)
			return tl_vec_obj(list, i);
	return NULL;
}

/* The old trees go, the new ones come; transfers hold copies of what they need. */
static bool reload(struct clone *c, struct group *g, const struct tl_obj *answer)
{
	arena_rewind(&g->arena, 0);
	for (uint32_t i = 0; i < g->count; i++) {
		struct item *item = &g->items[i];
		const struct tl_obj *m = message_by_id(answer, item->row.source_id);

		if (tl_cons(m) != TLC_message || !read_item(c, g, item, m, answer))
			return false;
		if (item->file != NULL)
			transfer_set_file(c, item->file, &item->msg.media.file);
		if (item->thumb != NULL)
			transfer_set_file(c, item->thumb, &item->msg.media.thumb);
	}
	return true;
}

void group_refresh_got(struct clone *c, struct group *g, const struct net_event *ev)
{
	const struct tl_obj *answer;
	struct pending p = {.attempts = g->attempts};
	struct tl_error error;

	g->refreshing = false;
	if (g->mode == PLAN_SKIP) {
		group_skip(c, g, g->items[0].row.reason);
		return;
	}
	if (ev->kind != NET_RESULT) {
		if (!clone_common_error(c, &p, ev->code, ev->text, false)) {
			group_skip(c, g, ev->text);
			return;
		}
		g->need_refresh = true;
		g->not_before_ns = p.not_before_ns;
		g->attempts = p.attempts;
		return;
	}
	CRASH_POINT("clone.refresh.got");
	answer = tl_decode_result(&c->page, TLC_channels_getMessages, ev->result, &error);
	if (answer == NULL || !reload(c, g, answer))
		group_skip(c, g, "deleted at the source");
}

/* ---- preparation: stream mode ---- */

static bool item_needs_bytes(const struct group *g, const struct item *item)
{
	return g->mode == PLAN_STREAM && media_streams(item->msg.media.kind) && !item->stored.set;
}

static void start_files(struct clone *c, struct group *g, uint32_t i)
{
	struct item *item = &g->items[i];
	bool wants_thumb = item->msg.media.has_thumb && !item->plain;

	if (item->file == NULL && !item->file_saved)
		transfer_start(c, g, i, false);
	if (wants_thumb && item->thumb == NULL && !item->thumb_saved)
		transfer_start(c, g, i, true);
}

static const struct tl_obj *thumb_file(struct clone *c, const struct item *item)
{
	if (!item->thumb_saved || item->thumb_parts == 0)
		return NULL;
	return media_input_file(&c->page, item->thumb_upload_id, (int32_t)item->thumb_parts, false,
				cspan_str("thumb.jpg"));
}

/* All bytes are in the upload area: make media of them, which any send may then name. */
static void store_media(struct clone *c, struct group *g, uint32_t i)
{
	struct item *item = &g->items[i];
	const struct tl_obj *file, *media;

	if (item->uploading_media || clone_now(c) < item->media_again_ns) {
		clone_wake(c, item->media_again_ns);
		return;
	}
	arena_rewind(&c->page, 0);
	file = media_input_file(&c->page, item->file_upload_id, (int32_t)item->file_parts,
				item->file_big, media_upload_name(&item->msg.media));
	media = media_input_uploaded(&c->page, &item->msg.media, file, thumb_file(c, item),
				     item->plain);
	CRASH_POINT("clone.media.ask");
	item->uploading_media = clone_ask(c, ask_upload_media(&c->page, c->o.target.peer, media),
					  ASK_UPLOAD_MEDIA, g->slot, i, false);
	CRASH_POINT("clone.media.asked");
}

static void keep_stored(struct item *item, const struct tl_obj *media)
{
	bool photo = tl_cons(media) == TLC_messageMediaPhoto;
	const struct tl_obj *body = tl_sub(media, photo ? TLF_photo : TLF_document);
	struct cspan reference = tl_bytes(body, TLF_file_reference);
	struct stored *s = &item->stored;

	if (body == NULL || reference.len > sizeof(s->reference))
		return;
	s->set = true;
	s->photo = photo;
	s->id = tl_long(body, TLF_id);
	s->access_hash = tl_long(body, TLF_access_hash);
	s->reference_len = (uint32_t)reference.len;
	if (reference.len > 0)
		memcpy(s->reference, reference.at, reference.len);
}

bool group_reupload(struct clone *c, struct group *g)
{
	if (g->reuploads++ >= REUPLOAD_MAX)
		return false;
	for (uint32_t i = 0; i < g->count; i++) {
		struct item *item = &g->items[i];

		item->stored.set = false;
		item->file_saved = false;
		item->thumb_saved = false;
		ledger_upload_drop(c->o.ledger, item->row.source_id, 0);
	}
	if (g->state != GROUP_PREPARING)
		g->state = GROUP_LOADED;
	return true;
}

static void media_refused(struct clone *c, struct group *g, struct item *item, int32_t code,
			  const char *text)
{
	struct pending p = {.attempts = g->attempts};
	struct verdict v = error_verdict(code, text);

	if (v.remedy == REMEDY_DOCUMENT && !item->plain) {
		item->plain = true;
	} else if (v.remedy == REMEDY_PART || v.remedy == REMEDY_REUPLOAD ||
		   v.remedy == REMEDY_REFERENCE) {
		if (!group_reupload(c, g))
			group_skip(c, g, text);
	} else if (clone_common_error(c, &p, code, text, true)) {
		item->media_again_ns = p.not_before_ns;
		g->attempts = p.attempts;
	} else {
		group_skip(c, g, text);
	}
}

void group_media_got(struct clone *c, struct group *g, uint32_t i, const struct net_event *ev)
{
	struct item *item = &g->items[i];
	const struct tl_obj *media;
	struct tl_error error;

	item->uploading_media = false;
	if (g->mode == PLAN_SKIP) {
		group_skip(c, g, item->row.reason);
		return;
	}
	if (ev->kind != NET_RESULT) {
		media_refused(c, g, item, ev->code, ev->text);
		return;
	}
	CRASH_POINT("clone.media.got");
	media = tl_decode_result(&c->page, TLC_messages_uploadMedia, ev->result, &error);
	if (media != NULL)
		keep_stored(item, media);
	if (!item->stored.set) {
		group_skip(c, g, "the server's answer to uploadMedia cannot be read");
		return;
	}
	if (item->row.state < ROW_UPLOADED) {
		item->row.state = ROW_UPLOADED;
	CRASH_POINT("clone.media.before");
		ledger_put(c->o.ledger, &item->row); /* F4 */
	CRASH_POINT("clone.media.after");
	}
}

void group_transfer_done(struct clone *c, struct transfer *t)
{
	struct group *g = t->group;
	struct item *item = &g->items[t->item];
	char reason[64];

	CRASH_POINT("clone.file.whole");
	snprintf(reason, sizeof(reason), "%s", t->reason);
	if (t->thumb) {
		item->thumb = NULL;
		item->thumb_saved = true;
		item->thumb_upload_id = t->upload_id;
		item->thumb_parts = t->failed ? 0 : t->part_total; /* a lost thumbnail loses no message */
	} else {
		item->file = NULL;
		item->file_saved = !t->failed;
		item->file_upload_id = t->upload_id;
		item->file_parts = t->part_total;
		item->file_big = t->big;
	}
	if (g->mode == PLAN_SKIP || (t->failed && !t->thumb)) {
		transfer_give(c, t);
		group_skip(c, g, g->mode == PLAN_SKIP ? item->row.reason : reason);
		return;
	}
	transfer_give(c, t);
	clone_wake(c, clone_now(c)); /* what the group needs next is group_step's */
}

static void prepare(struct clone *c, struct group *g)
{
	bool ready = true;

	for (uint32_t i = 0; i < g->count && g->state == GROUP_PREPARING; i++) {
		struct item *item = &g->items[i];

		if (!item_needs_bytes(g, item))
			continue;
		ready = false;
		start_files(c, g, i);
		if (item->file_saved && item->file == NULL && item->thumb == NULL)
			store_media(c, g, i);
	}
	if (g->state == GROUP_PREPARING && ready) {
		c->preparing--;
		g->state = GROUP_READY;
	}
}

static bool needs_bytes(const struct group *g)
{
	for (uint32_t i = 0; i < g->count; i++)
		if (item_needs_bytes(g, &g->items[i]))
			return true;
	return false;
}

static void step_one(struct clone *c, struct group *g)
{
	if (clone_now(c) < g->not_before_ns) {
		clone_wake(c, g->not_before_ns);
		return;
	}
	if (g->need_refresh)
		ask_refresh(c, g);
	if (g->refreshing || g->need_refresh || g->mode == PLAN_SKIP)
		return;
	if (g->state == GROUP_LOADED) {
		if (!needs_bytes(g)) {
			g->state = GROUP_READY;
		} else if (window_may_prepare(c->preparing, c->o.ahead)) {
			g->state = GROUP_PREPARING;
			c->preparing++;
		}
	}
	if (g->state == GROUP_PREPARING)
		prepare(c, g);
}

void group_step(struct clone *c)
{
	list_each_safe(node, next, &c->queue)
		step_one(c, container_of(node, struct group, node));
}

/* An album that cannot go as one becomes single messages at the same place in the queue. */
bool group_split(struct clone *c, struct group *g)
{
	if (g->count < 2 || GROUP_SLOTS - c->queued < g->count)
		return false;
	for (uint32_t i = g->count; i > 1; i--) {
		struct item *item = &g->items[i - 1];
		struct group *one = group_take(c);

		list_del(&one->node);
		list_link(g->node.next, &one->node);
		one->mode = g->mode;
		one->target_topic = g->target_topic;
		one->items[0] = *item;
		one->count = 1;
		one->suspect = g->suspect;
		if (!read_item(c, one, &one->items[0], item->msg.obj, NULL))
			group_skip(c, one, "message too large to hold");
	}
	g->count = 1;
	return true;
}
