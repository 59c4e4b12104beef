/*
 * A video may be converted by the server before it is posted: until then it stands among the scheduled messages
 * of the target and nowhere in its history (api.md 11). What is looked for is looked for there first, since it
 * goes from there into the history and never back: what is in neither, in that order, was not sent. While it
 * stands there nothing is sent, and the slot waits for it; and a life begins with that what an earlier one sent
 * is posted, since it would come into the midst of what is sent now, wherever its place is.
 */
#include "engine/clone/clone_priv.h"
#include "engine/clone/compare.h"

#include <stdio.h>

enum {
	SPOILT_MAX = 3, /* answers, until the history alone tells */
	FAILED_MAX = 12, /* calls, some minutes, until that */
	BLIND_MAX = 12,	/* looks at that alone, some minutes, until one that is gone at the source was not sent */
	WAIT_LEAST_S = 5,
	WAIT_MOST_S = 60, /* what it takes is only estimated */
	FAR_S = 86400, /* no conversion takes so long, unless it is told: somebody scheduled it by hand */
};

static const uint64_t SECOND = 1000000000;

/*
 * When the last of those is due that an answer told of, an int32. Where what waits cannot be read it is all that
 * is known of it, also to the next life.
 */
static const char DUE[] = "post.due";

/* Of one whose message is gone, or says something else by now, nobody knows what it was. */
static bool may_have_been_video(const struct item *item)
{
	uint8_t now[32];

	if (item->msg.obj == NULL || item->msg.media.kind == MEDIA_VIDEO)
		return true;
	post_fingerprint(item, now);
	return memcmp(now, item->row.digest, sizeof(now)) != 0;
}

static bool may_wait(const struct clone *c, const struct group *g)
{
	if (c->o.target.peer.kind != PEER_CHANNEL)
		return false;
	for (uint32_t i = 0; i < g->count; i++) /* what is left of an album may have been sent with a video */
		if (g->items[i].row.grouped_id != 0 || may_have_been_video(&g->items[i]))
			return true;
	return false;
}

static bool is_near(const struct clone *c, int32_t due)
{
	int64_t left = due - net_server_time(c->o.net);

	return left >= -FAR_S && (left <= FAR_S || due <= ledger_state_int(c->o.ledger, DUE, 0));
}

/* ---- what waits there ---- */

/* Of the group in the slot: a row's id, its id there and its file, each time. */
static const char WAITED[] = "post.scheduled";

enum { WAITED_SIZE = 16 };

static_assert((int)ALBUM_MAX * (int)WAITED_SIZE <= (int)LEDGER_STATE_MAX, "an album has room");

static void keep_waited(struct clone *c, const struct group *g)
{
	uint8_t raw[ALBUM_MAX * WAITED_SIZE];

	for (uint32_t i = 0; i < g->count; i++) {
		store_le32(raw + i * WAITED_SIZE, (uint32_t)g->items[i].row.source_id);
		store_le32(raw + i * WAITED_SIZE + 4, (uint32_t)g->items[i].waited_id);
		store_le64(raw + i * WAITED_SIZE + 8, (uint64_t)g->items[i].waited_file);
	}
	ledger_state_put(c->o.ledger, WAITED, cspan_of(raw, g->count * WAITED_SIZE));
}

/* What an earlier life knew. */
static void recall_waited(struct clone *c, struct group *g)
{
	uint8_t raw[ALBUM_MAX * WAITED_SIZE];
	size_t len = ledger_state(c->o.ledger, WAITED, (struct span){raw, sizeof(raw)});

	for (uint32_t i = 0; i < g->count; i++) {
		struct item *item = &g->items[i];

		for (size_t at = 0; at + WAITED_SIZE <= len && item->in_doubt && item->waited_id == 0; at += WAITED_SIZE) {
			if ((int32_t)load_le32(raw + at) != item->row.source_id)
				continue;
			item->waited_id = (int32_t)load_le32(raw + at + 4);
			item->waited_file = (int64_t)load_le64(raw + at + 8);
		}
	}
}

/* True: that is news. */
static bool take_waited(struct item *item, const struct message *m)
{
	bool fresh = item->waited_id != m->id;

	item->waited_id = m->id;
	if (fresh)
		item->waited_file = m->media.has_file ? m->media.file.id : 0;
	return fresh;
}

static double seconds_of(const struct media *m)
{
	return tl_double(compare_attribute(m, TLC_documentAttributeVideo), TLF_duration);
}

/* As long, but for a second that a conversion may cost, and with the same words. */
static bool is_same_video(const struct item *item, const struct message *m)
{
	double longer;

	if (item->msg.obj == NULL || item->msg.media.kind != MEDIA_VIDEO || m->media.kind != MEDIA_VIDEO)
		return false;
	longer = seconds_of(&m->media) - seconds_of(&item->msg.media);
	return longer > -1 && longer < 1 && cspan_equal(item->msg.text, m->text);
}

/* Nobody may have told which file it became. */
static bool may_be_uploaded(const struct item *item)
{
	return item->msg.obj != NULL && (item->row.mode == PLAN_STREAM || item->row.mode == PLAN_AUTO);
}

static bool may_be_upload_of(const struct item *item, const struct media *copy)
{
	const struct media *was = &item->msg.media;

	return may_be_uploaded(item) && was->kind == MEDIA_VIDEO && copy->kind == MEDIA_VIDEO &&
	       was->file.size == copy->file.size;
}

/* Whatever it says: the file that it was seen to have, or, where nobody saw it wait, that was sent. */
static bool has_file_of(const struct item *item, const struct message *m)
{
	if (!m->media.has_file)
		return false;
	if (item->waited_id != 0)
		return item->waited_file != 0 && item->waited_file == m->media.file.id;
	return post_is_file_of(item, m->media.file.id) || may_be_upload_of(item, &m->media);
}

/* What is sent in an album with a video waits with it, and of that no other file is made. */
static bool is_of_its_kind(const struct item *item, const struct message *m)
{
	if (m->media.kind == MEDIA_VIDEO)
		return item->waited_id != 0 || may_have_been_video(item);
	return may_be_uploaded(item) && m->media.kind == item->msg.media.kind;
}

/*
 * By its id there, whatever somebody made of its words since; else by what it says, and else by its file. NULL: it is
 * none of them.
 */
static struct item *item_that_is(const struct clone *c, struct group *g, const struct message *m, bool pending)
{
	for (uint32_t i = 0; i < g->count; i++)
		if (g->items[i].waited_id == m->id)
			return &g->items[i];
	for (uint32_t i = 0; i < g->count && pending; i++)
		if (g->items[i].waited_id == 0 && post_is_meant(c, g, &g->items[i], m))
			return &g->items[i];
	for (uint32_t i = 0; i < g->count && pending && m->out; i++)
		if (g->items[i].waited_id == 0 && has_file_of(&g->items[i], m))
			return &g->items[i];
	return NULL;
}

static bool take_of_album(struct group *g, const struct message *m)
{
	for (uint32_t i = 0; i < g->count; i++)
		if (g->items[i].waited_id == m->id)
			return false;
	for (uint32_t i = 0; i < g->count; i++)
		if (g->items[i].waited_id == 0 && is_of_its_kind(&g->items[i], m))
			return take_waited(&g->items[i], m);
	return false;
}

/* What waits in one album with one of the group, in whatever words, is the group's, in its order. */
static bool take_album(struct clone *c, struct tl_vec list, struct group *g, int64_t album)
{
	bool fresh = false;

	for (uint32_t i = list.count; i > 0 && album != 0; i--) {
		struct message m;

		message_read(tl_vec_obj(list, i - 1), c->o.target.forum, &m);
		if (!m.empty && !m.service && m.grouped_id == album)
			fresh |= take_of_album(g, &m);
	}
	return fresh;
}

/* When what the group is will be posted; 0: it does not wait. Others may have scheduled what they like. */
static int32_t due_of(struct clone *c, const struct tl_obj *answer, struct group *g)
{
	struct tl_vec list = tl_vec(answer, TLF_messages);
	bool fresh = false;
	int64_t album = 0;
	int32_t due = 0;

	for (uint32_t i = list.count; i > 0; i--) { /* newest first, as a rule */
		const struct tl_obj *obj = tl_vec_obj(list, i - 1);
		struct item *item = NULL;
		struct message m;

		message_read(obj, c->o.target.forum, &m);
		if (!m.empty && !m.service)
			item = item_that_is(c, g, &m, tl_flag(obj, TLF_video_processing_pending) && is_near(c, m.date));
		if (item == NULL)
			continue;
		due = due == 0 || m.date < due ? m.date : due;
		album = m.grouped_id;
		fresh |= take_waited(item, &m);
	}
	fresh |= take_album(c, list, g, album);
	if (fresh)
		keep_waited(c, g);
	return due;
}

bool post_came_out(const struct item *item, const struct message *m, bool whatever)
{
	if (!tl_flag(m->obj, TLF_from_scheduled))
		return false;
	if (has_file_of(item, m))
		return true;
	return whatever ? is_of_its_kind(item, m) : is_same_video(item, m);
}

bool post_waited(const struct group *g)
{
	for (uint32_t i = 0; i < g->count; i++)
		if (g->items[i].waited_id != 0)
			return true;
	return false;
}

bool post_may_have_waited(const struct clone *c, const struct group *g)
{
	return post_waited(g) || may_wait(c, g);
}

/* ---- asking ---- */

bool post_ask_scheduled(struct clone *c)
{
	struct pending *ask = &c->scheduled_ask;

	if (c->scheduled_seen || !may_wait(c, c->posting))
		return false;
	recall_waited(c, c->posting);
	if (clone_now(c) < ask->not_before_ns) {
		clone_wake(c, ask->not_before_ns);
		return true;
	}
	arena_rewind(&c->page, 0);
	if (clone_ask(c, ask_scheduled(&c->page, c->o.target.peer), ASK_SCHEDULED, 0, 0, false))
		post_set_state(c, GROUP_LOOKUP);
	return true;
}

static uint64_t wait_ns(const struct clone *c, int32_t due)
{
	int64_t left = due - net_server_time(c->o.net);

	left = left < WAIT_LEAST_S ? WAIT_LEAST_S : left > WAIT_MOST_S ? WAIT_MOST_S : left;
	return (uint64_t)left * SECOND;
}

static void wait_for_it(struct clone *c, int32_t due)
{
	if (c->scheduled_noted != c->posting->items[0].row.source_id)
		clone_note(c, NOTE_RETRY, &c->posting->items[0], "the server converts the video first");
	c->scheduled_noted = c->posting->items[0].row.source_id;
	post_reconcile(c, wait_ns(c, due));
}

bool post_is_scheduled(struct clone *c, const struct tl_obj *updates)
{
	struct group *g = c->posting;
	bool fresh = false;
	int32_t due = 0;

	for (uint32_t i = 0; i < c->batch; i++, g = group_after(c, g)) {
		for (uint32_t k = 0; k < g->count; k++) {
			const struct tl_obj *later = ask_read_sent(updates, g->items[k].random_id).later;
			struct message m;

			if (later == NULL)
				continue;
			message_read(later, c->o.target.forum, &m);
			fresh |= take_waited(&g->items[k], &m);
			due = due == 0 ? m.date : due;
		}
	}
	if (due == 0)
		return false;
	if (fresh && c->batch == 1)
		keep_waited(c, c->posting);
	if (due > ledger_state_int(c->o.ledger, DUE, 0))
		ledger_state_put_int(c->o.ledger, DUE, due);
	wait_for_it(c, due);
	return true;
}

/* By what was told of it; 0: nothing waits any more. */
static int32_t told_due(const struct clone *c)
{
	int32_t due = ledger_state_int(c->o.ledger, DUE, 0);

	return due > net_server_time(c->o.net) ? due : 0;
}

bool post_may_be_scheduled(struct clone *c)
{
	struct group *g = c->posting;
	int32_t due = c->scheduled_blind ? told_due(c) : 0;

	if (due != 0)
		wait_for_it(c, due);
	else if (c->scheduled_blind && g->mode == PLAN_SKIP && g->trouble < BLIND_MAX)
		post_reconcile(c, clone_backoff_ns(g->trouble++)); /* what is sent again by its random_id is no other one */
	else
		return false;
	return true;
}

/* The history alone tells; and what is not there may wait all the same. */
static void unseen(struct clone *c)
{
	c->scheduled_seen = c->scheduled_blind = true;
}

/* True: it may not be asked, or it is never answered. The history has to tell, also whether there is a target at all. */
static bool refused(struct clone *c, const struct net_event *ev)
{
	enum remedy remedy = error_verdict(ev->code, ev->text).remedy;
	struct pending *ask = &c->scheduled_ask;
	bool never = remedy == REMEDY_TARGET || remedy == REMEDY_SOURCE ||
		     !clone_common_error(c, ask, ev->code, ev->text, true) || ask->attempts > FAILED_MAX;

	holds_keep(c, HOLD_SCHEDULED, ask->not_before_ns);
	return never;
}

/* ---- before anything is sent ---- */

bool post_nothing_waits(struct clone *c)
{
	struct pending *ask = &c->scheduled_ask;

	if (c->scheduled_none || ask->out)
		return c->scheduled_none;
	if (clone_now(c) < ask->not_before_ns) {
		clone_wake(c, ask->not_before_ns);
		return false;
	}
	arena_rewind(&c->page, 0);
	ask->out = clone_ask(c, ask_scheduled(&c->page, c->o.target.peer), ASK_SCHEDULED, 0, 0, false);
	return false;
}

/* Of what the account itself sent, and not for later. */
static int32_t first_due(const struct clone *c, const struct tl_obj *answer)
{
	struct tl_vec list = tl_vec(answer, TLF_messages);
	int32_t due = 0;

	for (uint32_t i = 0; i < list.count; i++) {
		const struct tl_obj *m = tl_vec_obj(list, i);

		if (tl_flag(m, TLF_video_processing_pending) && tl_flag(m, TLF_out) &&
		    is_near(c, tl_int(m, TLF_date)) && (due == 0 || tl_int(m, TLF_date) < due))
			due = tl_int(m, TLF_date);
	}
	return due;
}

static void waits_got(struct clone *c, const struct net_event *ev)
{
	struct pending *ask = &c->scheduled_ask;
	const struct tl_obj *answer = NULL;
	struct tl_error error;
	int32_t due;

	ask->out = false;
	if (ev->kind == NET_RESULT)
		answer = tl_decode_result(&c->page, TLC_messages_getScheduledHistory, ev->result, &error);
	if (ev->kind != NET_RESULT ? !refused(c, ev) : answer == NULL && ++c->scheduled_spoilt < SPOILT_MAX)
		return; /* it is asked again */
	due = answer != NULL ? first_due(c, answer) : told_due(c);
	c->scheduled_none = due == 0;
	c->scheduled_spoilt = 0;
	if (due == 0)
		return;
	if (!c->scheduled_told)
		clone_note(c, NOTE_RETRY, NULL, "what was sent before is converted by the server first");
	c->scheduled_told = true;
	pending_later(ask, clone_now(c) + wait_ns(c, due));
}

/* ---- when something is looked for ---- */

void post_scheduled_got(struct clone *c, const struct net_event *ev)
{
	const struct tl_obj *answer;
	struct tl_error error;
	int32_t due;

	if (c->scheduled_ask.out) {
		waits_got(c, ev);
		return;
	}
	check(c->posting->state == GROUP_LOOKUP && c->batch == 1);
	if (ev->kind != NET_RESULT) {
		c->posting->state = GROUP_INTENT;
		if (refused(c, ev))
			unseen(c);
		return;
	}
	c->scheduled_ask.attempts = 0;
	answer = tl_decode_result(&c->page, TLC_messages_getScheduledHistory, ev->result, &error);
	due = due_of(c, answer, c->posting);
	if (due != 0) {
		wait_for_it(c, due);
		return;
	}
	c->posting->state = GROUP_INTENT;
	if (answer != NULL)
		c->scheduled_seen = true;
	else if (++c->scheduled_spoilt >= SPOILT_MAX)
		unseen(c);
}
