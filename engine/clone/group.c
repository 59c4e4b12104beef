/*
 * Groups on their way to the send slot: loaded with copies of their messages, prepared (files streamed
 * and stored by uploadMedia), refreshed when references expire, split when an album is refused. Several
 * groups ahead of the slot are prepared at once, so that the slot never waits for bytes.
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

enum { REFRESH_MAX = 6, REUPLOAD_MAX = 2, REPAIRS_MAX = 2, RESTARTS_MAX = 1, MISREAD_MAX = 3 };

static const uint64_t AGED_NS = 600 * UINT64_C(1000000000);
static const char deleted[] = "deleted at the source";

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
static void look_again(struct clone *c, uint64_t at_ns)
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

static void skip_item(struct clone *c, struct item *item, const char *reason)
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
	skip_item(c, item, reason);
	group_go_on_without(c, g, reason);
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

/* ---- references ---- */

bool group_aged(const struct clone *c, const struct group *g)
{
	return clone_now(c) - g->fresh_ns >= AGED_NS;
}

/* Again and again only where they are young: a slow pace meets expired ones as often as it waits. */
bool group_refresh(struct clone *c, struct group *g)
{
	if (g->refreshing || g->need_refresh)
		return true; /* one is on its way, or waits for its time: it is for all of them */
	if (group_aged(c, g))
		g->refreshes = 0;
	if (g->refreshes++ >= REFRESH_MAX)
		return false;
	g->need_refresh = true;
	group_stir(c);
	return true;
}

static void ask_refresh(struct clone *c, struct group *g)
{
	int32_t ids[ALBUM_MAX];

	if (clone_now(c) < c->refresh_ask.not_before_ns) {
		look_again(c, c->refresh_ask.not_before_ns);
		return;
	}
	for (uint32_t i = 0; i < g->count; i++)
		ids[i] = g->items[i].row.source_id;
	arena_rewind(&c->page, 0);
	if (!clone_ask(c, ask_messages(&c->page, c->o.source.peer, ids, g->count), ASK_REFRESH,
		       g->slot, 0, false)) {
		group_stir(c);
		return;
	}
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

/*
 * What is meant is what the source says now: the last version before `sending` is sent (S22). Of what
 * may have been sent the first version counts.
 */
static void note_change(struct clone *c, const struct group *g, struct item *item)
{
	uint8_t digest[32];

	post_fingerprint(item, digest);
	if (g->suspect || memcmp(digest, item->row.digest, sizeof(digest)) == 0)
		return;
	memcpy(item->row.digest, digest, sizeof(digest));
	item->row.kind = (uint8_t)item->msg.media.kind;
	if (item->msg.media.has_file)
		item->row.size = item->msg.media.file.size;
	ledger_put(c->o.ledger, &item->row);
	clone_note(c, NOTE_INFO, item, "changed at the source meanwhile");
}

/*
 * The messages as they are now. One that is gone stands for itself no more: some other one's tree lies in
 * its place, which nobody looks at. False: all are gone.
 */
static bool find_messages(const struct group *g, const struct tl_obj *answer, struct contents *in,
			  bool gone[ALBUM_MAX])
{
	const struct tl_obj *some = NULL;

	for (uint32_t i = 0; i < g->count; i++) {
		in->messages[i] = message_by_id(answer, g->items[i].row.source_id);
		gone[i] = tl_cons(in->messages[i]) != TLC_message;
		if (!gone[i])
			some = in->messages[i];
	}
	for (uint32_t i = 0; i < g->count; i++)
		if (gone[i])
			in->messages[i] = some;
	return some != NULL;
}

static void upload_anew(struct clone *c, struct item *item)
{
	item->stored.set = false;
	item->file_saved = false;
	item->thumb_saved = false;
	ledger_upload_drop(c->o.ledger, item->row.source_id, 0);
}

static void reloaded(struct clone *c, struct group *g, struct item *item)
{
	note_change(c, g, item);
	if ((item->file_saved || item->stored.set) && item->file_of != item->msg.media.file.id)
		upload_anew(c, item); /* those were the bytes of what it was before */
	if (item->thumb_of != item->msg.media.file.id)
		item->thumb_saved = false; /* also where its file has to come again for another reason */
	if (item->file != NULL)
		transfer_set_file(c, item->file, &item->msg.media.file);
	if (item->thumb != NULL)
		transfer_set_file(c, item->thumb, &item->msg.media.thumb);
}

static void refresh_later(struct clone *c, struct group *g, uint32_t attempts)
{
	g->need_refresh = true;
	g->not_before_ns = clone_now(c) + clone_backoff_ns(attempts);
}

/* True: it cannot be cloned any more, and takes the others of its album with it no more than that. */
static bool drop_item(struct clone *c, const struct group *g, struct item *item, bool gone)
{
	struct plan alone;

	item->gone = gone && g->suspect;
	if (item->gone)
		item->msg = (struct message){0}; /* not that other one's */
	if (item->row.state == ROW_SKIPPED || g->suspect)
		return false; /* it may have been sent */
	plan_group(&item->msg, 1, &c->o.plan, &alone);
	if (!gone && alone.mode != PLAN_SKIP)
		return false;
	skip_item(c, item, gone ? deleted : alone.reason);
	return true;
}

bool group_skip_gone(struct clone *c, struct group *g)
{
	bool any = false;

	for (uint32_t i = 0; i < g->count; i++) {
		if (g->items[i].gone)
			skip_item(c, &g->items[i], deleted);
		any |= g->items[i].gone;
	}
	return any;
}

/* The old trees go, the new ones come; transfers hold copies of what they need. */
static void reload(struct clone *c, struct group *g, const struct tl_obj *answer)
{
	struct contents in = {.count = g->count, .answer = answer};
	bool gone[ALBUM_MAX], any = false;
	enum group_fit fit = GROUP_TOO_LARGE;

	if (!find_messages(g, answer, &in, gone)) {
		group_skip(c, g, deleted);
		return;
	}
	fit = group_settle(c, g, g->items, &in, c->queue.next == &g->node);
	if (fit == GROUP_NO_ROOM)
		refresh_later(c, g, g->crowded++); /* others have to go first */
	else if (fit == GROUP_TOO_LARGE)
		group_skip(c, g, "message too large to hold");
	if (fit != GROUP_FITS)
		return;
	g->fresh_ns = clone_now(c);
	for (uint32_t i = 0; i < g->count; i++)
		if (!gone[i])
			reloaded(c, g, &g->items[i]);
	for (uint32_t i = 0; i < g->count; i++)
		any |= drop_item(c, g, &g->items[i], gone[i]);
	if (any)
		group_go_on_without(c, g, deleted);
}

/* Nobody wants the answer any more, but a wait that it tells of is for the next question, too. */
static void heed_wait(struct clone *c, struct pending *p, uint32_t hold, const struct net_event *ev)
{
	if (ev->kind != NET_ERROR || error_verdict(ev->code, ev->text).remedy != REMEDY_WAIT)
		return;
	clone_common_error(c, p, ev->code, ev->text, false);
	holds_keep(c, hold, p->not_before_ns);
}

/* One that is only looked for goes on with what was read of it before. */
static void not_reread(struct clone *c, struct group *g, const char *why)
{
	if (g->suspect && g->reread)
		g->misread = 0;
	else
		group_skip(c, g, why);
}

void group_refresh_got(struct clone *c, struct group *g, const struct net_event *ev)
{
	const struct tl_obj *answer;
	struct tl_error error;

	g->refreshing = false;
	if (g->mode == PLAN_SKIP) {
		heed_wait(c, &c->refresh_ask, HOLD_REFRESH, ev);
		group_skip(c, g, g->items[0].row.reason);
		return;
	}
	if (ev->kind != NET_RESULT) {
		g->need_refresh = clone_common_error(c, &c->refresh_ask, ev->code, ev->text, false);
		if (g->need_refresh)
			holds_keep(c, HOLD_REFRESH, c->refresh_ask.not_before_ns);
		else
			not_reread(c, g, ev->text);
		return;
	}
	CRASH_POINT("clone.refresh.got");
	c->refresh_ask.attempts = 0;
	answer = tl_decode_result(&c->page, TLC_channels_getMessages, ev->result, &error);
	if (answer == NULL && g->misread++ < MISREAD_MAX) {
		refresh_later(c, g, g->misread); /* one answer that was spoilt says nothing about the message */
	} else if (answer == NULL) {
		not_reread(c, g, "cannot be read any more");
	} else {
		g->misread = 0;
		reload(c, g, answer);
	}
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
		look_again(c, c->media_ask.not_before_ns);
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
		upload_anew(c, &g->items[i]);
	}
}

/* The others may have bytes or an uploadMedia under way: they are left alone. */
static bool item_reupload(struct clone *c, struct item *item)
{
	if (item->reuploads++ >= REUPLOAD_MAX)
		return false;
	upload_anew(c, item);
	return true;
}

bool group_reupload(struct clone *c, struct group *g)
{
	check(!group_busy(g));
	if (g->reuploads++ >= REUPLOAD_MAX)
		return false;
	for (uint32_t i = 0; i < g->count; i++)
		upload_anew(c, &g->items[i]);
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
		heed_wait(c, &c->media_ask, HOLD_MEDIA, ev);
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
		look_again(c, g->not_before_ns);
		return;
	}
	if (g->need_refresh)
		ask_refresh(c, g);
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
		skip_item(c, item, "no room for it alone");
		group_give(c, one);
	}
	g->count = 1;
	return true;
}
