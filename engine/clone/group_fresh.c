/*
 * Messages read again while they wait for their turn: references expire, people edit and delete. What is meant is
 * what the source says when it is sent; of what may have been sent already, the first version counts.
 */
#include "engine/clone/clone_priv.h"

enum { REFRESH_MAX = 3, MISREAD_MAX = 3 };

static const uint64_t AGED_NS = 600 * UINT64_C(1000000000);
static const char deleted[] = "deleted at the source";

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

void group_ask_refresh(struct clone *c, struct group *g)
{
	int32_t ids[ALBUM_MAX];

	if (clone_now(c) < c->refresh_ask.not_before_ns) {
		group_look_again(c, c->refresh_ask.not_before_ns);
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

void group_upload_anew(struct clone *c, struct item *item)
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
		group_upload_anew(c, item); /* those were the bytes of what it was before */
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
	group_skip_item(c, item, gone ? deleted : alone.reason);
	return true;
}

bool group_skip_gone(struct clone *c, struct group *g)
{
	bool any = false;

	for (uint32_t i = 0; i < g->count; i++) {
		if (g->items[i].gone)
			group_skip_item(c, &g->items[i], deleted);
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
void group_heed_wait(struct clone *c, struct pending *p, uint32_t hold, const struct net_event *ev)
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
		group_heed_wait(c, &c->refresh_ask, HOLD_REFRESH, ev);
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
