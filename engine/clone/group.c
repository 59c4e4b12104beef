/*
 * Groups on their way to the send slot: loaded with copies of their messages, prepared (files streamed
 * and stored by uploadMedia), split when an album is refused. Several groups ahead of the slot are
 * prepared at once, so that the slot never waits for bytes.
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

enum { REUPLOAD_MAX = 2, REPAIRS_MAX = 2, RESTARTS_MAX = 1, MISREAD_MAX = 3 };

/* What was given back first: the memory of the others is touched when it is needed for the first time. */
static struct group *free_group(struct clone *c)
{
	struct list *node = list_pop(&c->free_groups);
	struct group *g;

	if (node != NULL)
		return container_of(node, struct group, node);
	check(c->groups_used < GROUP_SLOTS); /* history asks for a page only when slots are there */
	g = &c->groups[c->groups_used];
	g->slot = c->groups_used++;
	return g;
}

struct group *group_take(struct clone *c)
{
	struct group *g = free_group(c);

	check(g->state == GROUP_FREE);
	g->state = GROUP_LOADED;
	list_push(&c->queue, &g->node);
	c->queued++;
	return g;
}

void group_give(struct clone *c, struct group *g)
{
	uint32_t slot = g->slot;

	if (g->state == GROUP_PREPARING)
		c->preparing--;
	list_del(&g->node);
	c->queued--;
	group_give_run(c, g);
	*g = (struct group){.slot = slot};
	list_push_front(&c->free_groups, &g->node);
	group_stir(c);
}

void group_stir(struct clone *c)
{
	c->stirred = true;
}

/* A group that cannot go on before at_ns. */
void group_look_again(struct clone *c, uint64_t at_ns)
{
	if (at_ns < c->groups_at_ns)
		c->groups_at_ns = at_ns;
}

/* ---- messages ---- */

enum group_fit group_load(struct clone *c, struct group *g, const struct message *msgs, uint32_t count,
			  const struct tl_obj *answer, const struct ledger_row *rows)
{
	struct item items[ALBUM_MAX];
	struct contents in = {.count = count, .answer = answer};

	check(g->count == 0 && count <= ALBUM_MAX);
	for (uint32_t i = 0; i < count; i++) {
		items[i] = (struct item){.row = rows[i], .in_doubt = rows[i].state == ROW_SENDING};
		items[i].random_id = ledger_random_id(&c->o.job, rows[i].source_id, 0);
		in.messages[i] = msgs[i].obj;
	}
	group_stir(c);
	g->fresh_ns = clone_now(c);
	return group_settle(c, g, items, &in, false);
}

bool group_load_row(struct clone *c, struct group *g, const struct ledger_row *row)
{
	uint8_t *at = shelf_take(&c->shelf, sizeof(*g->items), true);

	if (at == NULL)
		return false;
	g->run = (struct span){at, sizeof(*g->items)};
	g->items = (struct item *)at;
	g->items[g->count++] = (struct item){.row = *row, .in_doubt = row->state == ROW_SENDING};
	return true;
}

void group_say(struct group *g, const char *loss)
{
	note_add(g->note, loss);
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

static void stop_files(struct item *item, const char *reason)
{
	if (item->file != NULL)
		transfer_stop(item->file, reason);
	if (item->thumb != NULL)
		transfer_stop(item->thumb, reason);
}

void group_skip_item(struct clone *c, struct item *item, const char *reason)
{
	if (item->row.state == ROW_SKIPPED)
		return;
	item->row.state = ROW_SKIPPED;
	snprintf(item->row.reason, sizeof(item->row.reason), "%s", reason);
	ledger_put(c->o.ledger, &item->row);
	clone_note(c, NOTE_SKIPPED, item, reason);
	stop_files(item, reason);
}

/* It may be in the target already: its turn comes, and what is not found there then is skipped. */
static void doubt_item(struct item *item, const char *reason)
{
	snprintf(item->row.reason, sizeof(item->row.reason), "%s", reason);
	stop_files(item, reason);
}

/* Those of an album that are skipped leave it; their files are at rest. */
static void drop_skipped(struct group *g)
{
	uint32_t kept = 0;

	check(!group_busy(g));
	for (uint32_t i = 0; i < g->count; i++)
		if (g->items[i].row.state != ROW_SKIPPED)
			kept++;
	if (kept == 0 || kept == g->count || g->suspect)
		return;
	kept = 0;
	for (uint32_t i = 0; i < g->count; i++)
		if (g->items[i].row.state != ROW_SKIPPED)
			g->items[kept++] = g->items[i];
	g->count = kept;
}

/* Items were skipped: the others go on, if there are any. */
void group_go_on_without(struct clone *c, struct group *g, const char *reason)
{
	uint32_t left = 0;

	for (uint32_t i = 0; i < g->count; i++)
		left += g->items[i].row.state != ROW_SKIPPED;
	if (left == 0) {
		group_skip(c, g, reason);
		return;
	}
	if (!group_busy(g))
		drop_skipped(g);
	group_stir(c);
	clone_wake(c, clone_now(c));
}

/* One item of an album cannot go: the others do. What may have been sent was sent whole. */
static void skip_one(struct clone *c, struct group *g, struct item *item, const char *reason)
{
	if (g->suspect || g->mode == PLAN_SKIP) {
		group_skip(c, g, reason);
		return;
	}
	group_skip_item(c, item, reason);
	group_go_on_without(c, g, reason);
}

/* That it cannot go by now says nothing of a send that nobody answered. */
static bool may_be_there(const struct group *g)
{
	bool any = false;

	for (uint32_t i = 0; i < g->count; i++)
		any |= g->items[i].row.state != ROW_SKIPPED;
	return any && g->unanswered && g->mode != PLAN_SKIP;
}

void group_skip(struct clone *c, struct group *g, const char *reason)
{
	char why[sizeof(g->note)];

	g->suspect |= may_be_there(g);
	snprintf(why, sizeof(why), "%s", reason); /* it may be the group's own */
	for (uint32_t i = 0; i < g->count; i++) {
		if (g->suspect)
			doubt_item(&g->items[i], why);
		else
			group_skip_item(c, &g->items[i], why);
	}
	group_stir(c);
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

/* ---- preparation: stream mode ---- */

static bool item_needs_bytes(const struct group *g, const struct item *item)
{
	return g->mode == PLAN_STREAM && item->row.state != ROW_SKIPPED &&
	       media_streams(item->msg.media.kind) && !item->stored.set;
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

/* The bytes do not go: it goes another way, or not at all. */
static void skip_unstored(struct clone *c, struct group *g, struct item *item, const char *reason)
{
	if (!post_without_bytes(c, g, reason))
		skip_one(c, g, item, reason);
}

/* All bytes are in the upload area: make media of them, which any send may then name. */
static void store_media(struct clone *c, struct group *g, uint32_t i, uint64_t now)
{
	struct item *item = &g->items[i];
	const struct tl_obj *file, *media;

	if (item->uploading_media)
		return;
	if (now < c->media_ask.not_before_ns) {
		group_look_again(c, c->media_ask.not_before_ns);
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
	item->media_of = item->file_upload_id;
	CRASH_POINT("clone.media.asked");
	if (!item->uploading_media && c->unspeakable)
		skip_unstored(c, g, item, "longer than a request may be, or not in this layer");
	else if (!item->uploading_media)
		group_stir(c);
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

void group_stop_files(struct clone *c, struct group *g, const char *reason)
{
	for (uint32_t i = 0; i < g->count; i++) {
		stop_files(&g->items[i], reason);
		g->items[i].repair = 0;
		group_upload_anew(c, &g->items[i]);
	}
}

/* The others may have bytes or an uploadMedia under way: they are left alone. */
static bool item_reupload(struct clone *c, struct item *item)
{
	if (item->reuploads++ >= REUPLOAD_MAX)
		return false;
	group_upload_anew(c, item);
	return true;
}

bool group_reupload(struct clone *c, struct group *g)
{
	check(!group_busy(g));
	if (g->reuploads++ >= REUPLOAD_MAX)
		return false;
	for (uint32_t i = 0; i < g->count; i++)
		group_upload_anew(c, &g->items[i]);
	g->state = GROUP_LOADED;
	return true;
}

/* One lost part is sent again; the first one, or a third, shows that more is gone (S23). */
static bool repair_part(struct item *item, int32_t part)
{
	if (part <= 0 || item->repairs++ >= REPAIRS_MAX)
		return false;
	item->repair = (uint32_t)part + 1;
	item->file_saved = false;
	return true;
}

/* Parts that do not fit together: all of them once more, and only once (S24). */
static bool restart_item(struct clone *c, struct item *item)
{
	return item->restarts++ < RESTARTS_MAX && item_reupload(c, item);
}

static bool media_mended(struct clone *c, struct group *g, struct item *item,
			 const struct verdict *v, const char *text)
{
	if (v->remedy == REMEDY_DOCUMENT || strncmp(text, "MEDIA_", 6) == 0)
		return group_make_plain(c, g, item);
	if (v->remedy == REMEDY_PART)
		return repair_part(item, v->number) || item_reupload(c, item);
	if (v->remedy == REMEDY_REUPLOAD)
		return restart_item(c, item);
	return v->remedy == REMEDY_REFERENCE && item_reupload(c, item);
}

static void skip_refused(struct clone *c, struct group *g, struct item *item, const char *text)
{
	if (post_without_bytes(c, g, text))
		return;
	skip_one(c, g, item, text);
	clone_refused(c, &c->refused_files, text);
}

/* Else it was changed meanwhile, and what is said of it is about what it was before. */
static bool is_current(const struct item *item)
{
	return item->file_saved && item->file_upload_id == item->media_of;
}

static void media_refused(struct clone *c, struct group *g, struct item *item, int32_t code,
			  const char *text)
{
	struct verdict v = error_verdict(code, text);
	bool current = is_current(item);

	if (current && media_mended(c, g, item, &v, text))
		return;
	if (clone_common_error(c, &c->media_ask, code, text, true))
		holds_keep(c, HOLD_MEDIA, c->media_ask.not_before_ns);
	else if (current)
		skip_refused(c, g, item, text);
}

void group_media_got(struct clone *c, struct group *g, uint32_t i, const struct net_event *ev)
{
	struct item *item = &g->items[i];
	const struct tl_obj *media;
	struct tl_error error;

	item->uploading_media = false;
	if (g->mode != PLAN_STREAM || item->row.state == ROW_SKIPPED)
		group_heed_wait(c, &c->media_ask, HOLD_MEDIA, ev);
	if (g->mode == PLAN_SKIP) {
		group_skip(c, g, item->row.reason);
		return;
	}
	if (g->mode != PLAN_STREAM)
		return; /* it goes another way by now */
	if (item->row.state == ROW_SKIPPED) {
		skip_one(c, g, item, item->row.reason); /* its last question is answered */
		return;
	}
	if (ev->kind != NET_RESULT) {
		media_refused(c, g, item, ev->code, ev->text);
		return;
	}
	CRASH_POINT("clone.media.got");
	if (!is_current(item))
		return;
	c->media_ask.attempts = 0;
	media = tl_decode_result(&c->page, TLC_messages_uploadMedia, ev->result, &error);
	if (media != NULL)
		keep_stored(item, media);
	g->fresh_ns = clone_now(c);
	if (!item->stored.set && item->misread++ < MISREAD_MAX) {
		g->not_before_ns = g->fresh_ns + clone_backoff_ns(item->misread - 1);
		group_stir(c);
		return;
	}
	item->misread = 0;
	if (!item->stored.set) {
		skip_unstored(c, g, item, "the server's answer to uploadMedia cannot be read");
		return;
	}
	c->refused_files.count = 0;
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
		item->thumb_of = item->msg.media.file.id;
		item->thumb_upload_id = t->upload_id;
		item->thumb_parts = t->failed ? 0 : t->part_total; /* a lost thumbnail loses no message */
		if (t->failed && item->msg.media.has_thumb && g->mode == PLAN_STREAM)
			group_say(g, "without its thumbnail");
	} else {
		item->file = NULL;
		item->file_saved = !t->failed;
		item->file_upload_id = t->upload_id;
		item->file_of = t->file.id;
		item->file_parts = t->part_total;
		item->file_big = t->big;
	}
	if (g->mode == PLAN_SKIP || item->row.state == ROW_SKIPPED ||
	    (t->failed && !t->thumb && g->mode == PLAN_STREAM)) {
		transfer_give(c, t);
		if (g->mode == PLAN_SKIP || item->row.state == ROW_SKIPPED)
			skip_one(c, g, item, item->row.reason);
		else
			skip_refused(c, g, item, reason);
		return;
	}
	transfer_give(c, t);
	group_stir(c);
	clone_wake(c, clone_now(c)); /* what the group needs next is group_step's */
}

static void prepare(struct clone *c, struct group *g, uint64_t now)
{
	bool ready = true;

	for (uint32_t i = 0; i < g->count && g->state == GROUP_PREPARING; i++) {
		struct item *item = &g->items[i];

		if (!item_needs_bytes(g, item))
			continue;
		ready = false;
		start_files(c, g, i);
		if (item->file_saved && item->file == NULL && item->thumb == NULL)
			store_media(c, g, i, now);
	}
	if (g->state == GROUP_PREPARING && ready && !group_busy(g)) {
		c->preparing--;
		drop_skipped(g);
		g->state = GROUP_READY;
		group_stir(c); /* one in front of it may have waited for its place */
		clone_wake(c, now);
	}
}

bool group_needs_bytes(const struct group *g)
{
	for (uint32_t i = 0; i < g->count; i++)
		if (item_needs_bytes(g, &g->items[i]))
			return true;
	return false;
}

static uint64_t post_takes_ns(const struct clone *c)
{
	return c->pace.per_ns > c->pace.interval_ns ? c->pace.per_ns : c->pace.interval_ns;
}

static void step_one(struct clone *c, struct group *g, uint64_t now, uint32_t before)
{
	if (now < g->not_before_ns) {
		group_look_again(c, g->not_before_ns);
		return;
	}
	if (g->need_refresh)
		group_ask_refresh(c, g);
	if (g->refreshing || g->need_refresh || g->mode == PLAN_SKIP)
		return;
	if (g->state == GROUP_LOADED) {
		if (g->suspect || !group_needs_bytes(g)) {
			g->state = GROUP_READY;
		} else if (window_may_prepare(before == 0 ? 0 : c->preparing, c->o.ahead, before,
					      post_takes_ns(c))) { /* nothing goes before the first one */
			g->state = GROUP_PREPARING;
			c->preparing++;
		}
	}
	if (g->state == GROUP_PREPARING)
		prepare(c, g, now);
}

/* Most turns move parts only, and leave no group anything to do. */
void group_step(struct clone *c)
{
	uint64_t now = clone_now(c);
	uint32_t before = 0;

	if (c->stirred || now >= c->groups_at_ns) {
		c->stirred = false;
		c->groups_at_ns = UINT64_MAX;
		list_each_safe(node, next, &c->queue) {
			struct group *g = container_of(node, struct group, node);

			step_one(c, g, now, before);
			before += g->count;
		}
	}
	clone_wake(c, c->groups_at_ns);
}

/* An album that cannot go as one becomes single messages at the same place in the queue. */
bool group_split(struct clone *c, struct group *g)
{
	if (g->count < 2 || GROUP_SLOTS - c->queued < g->count)
		return false;
	group_say(g, "album not kept");
	for (uint32_t i = g->count; i > 1; i--) {
		struct item *item = &g->items[i - 1];
		struct group *one = group_take(c);

		list_del(&one->node);
		list_link(g->node.next, &one->node);
		one->mode = g->mode;
		one->target_topic = g->target_topic;
		one->suspect = g->suspect;
		one->reply_source = item->msg.reply_to;
		one->no_reply = g->no_reply;
		one->no_part = g->no_part;
		one->no_quote = g->no_quote;
		one->no_entity = g->no_entity;
		one->no_mention = g->no_mention;
		one->no_forward = g->no_forward;
		one->no_copy = g->no_copy;
		one->no_bytes = g->no_bytes;
		one->no_voters = g->no_voters;
		one->fresh_ns = g->fresh_ns;
		memcpy(one->note, g->note, sizeof(one->note));
		if (group_settle(c, one, item, &(struct contents){{item->msg.obj}, 1, NULL},
				 true) == GROUP_FITS)
			continue;
		group_skip_item(c, item, "no room for it alone");
		group_give(c, one);
	}
	g->count = 1;
	return true;
}
