/*
 * Looking for a send whose fate is unknown in the target, before the identical request goes out again
 * (reliability 2.4). Owns the place up to which the target was looked at; what follows from what is
 * found is post.c's.
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

enum {
	DUPLICATES_MAX = 40, /* "sent before", and not found: half an hour */
	SPOILT_MAX = 3,      /* answers, until it is a message that cannot be read */
	STEPS_MAX = 100,     /* past such ones */
	EMPTY_PAGES_MAX = 8, /* though there is more: some four minutes */
	CHANGED_MAX = 2,     /* one of file and words, or both */
};

/* What the server still runs then, without a word: nobody ever saw so. */
static const uint64_t LATE_NS = UINT64_C(120000000000);

static void look_from_the_start(struct clone *c)
{
	c->lookup_at = c->lookup_from;
	c->lookup_next = c->lookup_sure = 0;
	c->lookup_more = c->lookup_passed = 0;
	c->lookup_spoilt = c->lookup_steps = c->lookup_skip = c->lookup_empty = 0;
	c->lookup_probe = c->lookup_ended = c->lookup_odd = c->lookup_came = false;
	c->lookup_ahead = c->lookup_before;
	memset(c->found, 0, sizeof(c->found));
}

void post_begin_lookup(struct clone *c, struct group *head)
{
	post_place_lookup(c, head);
	if (head->suspect && !head->unanswered)
		post_is_unanswered(head, c->started_ns);
	c->lookup_from = c->lookup_at;
	c->lookup_changed = 0;
	c->lookup_album = 0;
	c->lookup_wide = c->lookup_any = false;
	c->lookup_limit = PAGE_SIZE;
	c->scheduled_seen = c->scheduled_blind = false;
	c->scheduled_spoilt = 0;
	c->lookup_before = head->suspect && head->count == 1 ? post_said_before(c, head) : 0;
	look_from_the_start(c);
}

static void missed(struct clone *, struct group *);

/* Which files it has, and which version it is: media that look the same have the same fingerprint. */
static uint64_t version_of(const struct group *g)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < g->count; i++)
		sum += (uint64_t)g->items[i].msg.media.file.id + (uint64_t)tl_int(g->items[i].msg.obj, TLF_edit_date);
	return sum;
}

/* What it says by now was looked for as well. */
static bool was_looked_for(const struct group *g)
{
	uint8_t now[32];

	for (uint32_t i = 0; i < g->count; i++) {
		post_fingerprint(&g->items[i], now);
		if (memcmp(g->items[i].row.digest, now, sizeof(now)) != 0)
			return false;
	}
	return version_of(g) == g->version;
}

/* Page by page from the watermark on: others may have written a lot behind what we look for. */
static const struct tl_obj *lookup_query(struct clone *c)
{
	bool narrow = c->o.target.forum && c->posting->target_topic > 1 && !c->lookup_wide;
	int32_t topic = narrow ? c->posting->target_topic : 0, skip = (int32_t)c->lookup_skip;
	struct peer peer = c->o.target.peer;

	if (c->lookup_probe)
		return ask_further(&c->page, peer, topic, c->lookup_at, skip);
	return ask_history_behind(&c->page, peer, topic, c->lookup_at, skip, (int32_t)c->lookup_limit);
}

void post_ask_lookup(struct clone *c)
{
	if (c->posting->reread && was_looked_for(c->posting)) {
		missed(c, c->posting);
		group_stir(c); /* it may need its bytes first, or another intent */
		clone_wake(c, clone_now(c));
		return;
	}
	if (post_ask_scheduled(c))
		return;
	post_bound_lookup(c, c->posting);
	/* Asked with the same method as the source's pages, and so bound by the same waits. */
	if (clone_now(c) < c->history.not_before_ns) {
		clone_wake(c, c->history.not_before_ns);
		return;
	}
	arena_rewind(&c->page, 0);
	if (!clone_ask(c, lookup_query(c), ASK_LOOKUP, 0, 0, false))
		return;
	post_set_state(c, GROUP_LOOKUP);
	CRASH_POINT("clone.lookup.asked");
}

bool post_is_file_of(const struct item *item, int64_t file)
{
	return (item->msg.obj != NULL && item->msg.media.has_file && item->msg.media.file.id == file) ||
	       (item->waited_file != 0 && item->waited_file == file) ||
	       (item->stored.set && item->stored.id == file) || (item->sent_file != 0 && item->sent_file == file);
}

/* What was scheduled bears the date that it was to come out. */
static int32_t made_at(const struct message *m)
{
	return tl_flag(m->obj, TLF_from_scheduled) || tl_flag(m->obj, TLF_video_processing_pending) ? 0 : m->date;
}

/* Forwarded or named, and the same since that time. */
static bool keeps_file(const struct item *item, int32_t since)
{
	return (item->row.mode == PLAN_FORWARD || item->row.mode == PLAN_COPY) && item->msg.obj != NULL &&
	       (!tl_has(item->msg.obj, TLF_edit_date) || tl_int(item->msg.obj, TLF_edit_date) < since);
}

/* It was seen to wait, was sent for certain, or one of the group came out in that album. */
static bool is_certain(const struct clone *c, const struct item *item, const struct message *m)
{
	return item->waited_id != 0 || c->posting->duplicates >= DUPLICATES_SURE ||
	       (c->lookup_album != 0 && c->lookup_album == m->grouped_id);
}

/*
 * A conversion may make another file of it, and somebody may edit it meanwhile: one of both is as it was. Where that is
 * nowhere both have changed: it was posted from where it waited, and a server that converts forgets perhaps what its
 * random_id made.
 */
static bool came_out(const struct clone *c, const struct item *item, const struct message *m)
{
	bool both = c->lookup_changed == CHANGED_MAX && is_certain(c, item, m);

	return c->lookup_changed > 0 && post_came_out(item, m, both);
}

/*
 * Photos without a word have all the same fingerprint. But a file that is forwarded, or named, stays the
 * same one: where it is that of another message of ours, the copy is that one's.
 */
static bool is_of_another(const struct clone *c, const struct item *item, const struct message *m)
{
	if (!m->media.has_file || post_is_file_of(item, m->media.file.id))
		return false;
	/* Perhaps of one that is not read yet, or not in this run; unless it had another file then, or got one since. */
	if (keeps_file(item, made_at(m)) && !came_out(c, item, m))
		return true;
	list_each(node, &c->queue) {
		const struct group *g = container_of(node, struct group, node);

		for (uint32_t i = 0; i < g->count; i++)
			if (post_is_file_of(&g->items[i], m->media.file.id))
				return true;
	}
	return false;
}

/* That way, or perhaps: see post.c. */
static bool went(const struct item *item, enum plan_mode mode)
{
	return item->row.mode == mode || item->row.mode == PLAN_AUTO;
}

/*
 * As it was planned; or as it is now, since a forward takes what the source says when it is executed. How it went
 * then its row knows: by now it may be planned another way.
 */
static bool says_the_same(const struct item *item, const struct message *m)
{
	uint8_t digest[32], now[32];

	message_fingerprint(m, digest);
	if (memcmp(digest, item->row.digest, sizeof(digest)) == 0)
		return true;
	if (!went(item, PLAN_FORWARD) || item->msg.obj == NULL)
		return false;
	post_fingerprint(item, now);
	return memcmp(digest, now, sizeof(digest)) == 0;
}

/* It was sent without its formatting, or the server took that away. Of forwards another may say so. */
static bool says_the_words(const struct item *item, const struct message *m)
{
	struct message bare = *m;
	struct item meant = *item;
	uint8_t a[32], b[32];

	if ((!went(item, PLAN_COPY) && !went(item, PLAN_STREAM)) || item->msg.obj == NULL)
		return false;
	bare.entities = meant.msg.entities = (struct tl_vec){0};
	message_fingerprint(&bare, a);
	post_fingerprint(&meant, b);
	return memcmp(a, b, sizeof(a)) == 0;
}

/* Uploaded, some come out as another kind (plan.c). One message at most is under way then. */
static bool came_out_so(const struct item *item, const struct message *m)
{
	const struct media *was = &item->msg.media;

	if (!went(item, PLAN_STREAM) || item->msg.obj == NULL || !cspan_equal(item->msg.text, m->text))
		return false;
	if (was->kind == MEDIA_STICKER)
		return m->media.kind == MEDIA_DOCUMENT && m->media.file.size == was->file.size;
	return was->kind == MEDIA_GIF && cspan_equal(was->mime, cspan_str("image/gif")) &&
	       (m->media.kind == MEDIA_GIF || m->media.kind == MEDIA_VIDEO);
}

bool post_is_meant(const struct clone *c, const struct group *g, const struct item *item,
		   const struct message *m)
{
	if (!says_the_same(item, m) && !says_the_words(item, m) && !came_out_so(item, m) &&
	    !came_out(c, item, m) &&
	    (g->duplicates < DUPLICATES_SURE || !post_resembles(item, m)))
		return false;
	return !is_of_another(c, item, m);
}

/* One below the watermark may be known as some other message's, any one as that of another job. */
static bool is_taken(struct clone *c, const struct message *m)
{
	return (m->id <= c->watermark && post_source_of(c, m->id) != 0) ||
	       (c->o.is_anothers != NULL && c->o.is_anothers(c->o.others, m->id));
}

/* Another one that waits for its turn to be looked for has that file. */
static bool waits_for(const struct clone *c, const struct group *g, int64_t file)
{
	list_each(node, &c->queue) {
		const struct group *other = container_of(node, struct group, node);

		for (uint32_t i = 0; i < other->count && other != g && other->suspect; i++)
			if (post_is_file_of(&other->items[i], file))
				return true;
	}
	return false;
}

/* It was sent, and given that other one's file since: what stands in front is its own copy. */
static bool is_left(const struct clone *c, const struct group *g, uint32_t k, const struct message *m)
{
	return c->found[k].id != 0 && c->found[k].file == 0 && waits_for(c, g, m->media.file.id);
}

/*
 * The first item that it may be, or the one whose very file it has: that it says the same as another is no
 * matter then, whatever was found for that. count: none.
 */
static uint32_t item_of(struct clone *c, const struct group *g, const struct message *m, bool *sure)
{
	uint32_t k = c->lookup_sure;

	for (*sure = true; k < g->count; k++)
		if (m->media.has_file && post_is_file_of(&g->items[k], m->media.file.id) &&
		    post_is_meant(c, g, &g->items[k], m))
			return is_taken(c, m) || is_left(c, g, k, m) ? g->count : k;
	*sure = false;
	for (k = c->lookup_next; k < g->count; k++)
		if (post_is_meant(c, g, &g->items[k], m))
			return is_taken(c, m) ? g->count : k;
	return k;
}

/* Of forwards the plan tells. */
static bool answers(const struct group *g, const struct message *meant)
{
	return g->mode != PLAN_FORWARD && (meant->reply_to != 0 || meant->reply_elsewhere);
}

static void set_found(struct clone *c, const struct group *g, uint32_t k, const struct message *m, bool sure)
{
	const struct item *item = &g->items[k];
	char *lost = c->found[k].lost;

	c->found[k] = (struct found){.id = m->id};
	c->found[k].has = m->media.has_file ? m->media.file.id : 0;
	c->found[k].made = made_at(m);
	c->found[k].file = sure ? c->found[k].has : 0;
	c->found[k].answers = m->reply_to != 0;
	if (!says_the_same(item, m) && says_the_words(item, m))
		note_add(lost, "formatting not kept");
	if (c->lookup_changed && !says_the_same(item, m) && !says_the_words(item, m))
		note_add(lost, "changed by the server");
	if (m->reply_to == 0 && answers(g, &item->msg))
		note_add(lost, "reply not kept: what it answers was gone");
	if (post_names_author(c, g, m))
		note_add(lost, "author named: it does not go without");
	post_note_seen(item, m, lost);
}

static void keep_found(struct clone *c, const struct group *g, uint32_t k, const struct message *m, bool sure)
{
	for (uint32_t i = k; i < g->count; i++)
		c->found[i] = (struct found){0};
	set_found(c, g, k, m, sure);
	if (tl_flag(m->obj, TLF_from_scheduled))
		c->lookup_album = m->grouped_id;
	c->lookup_next = k + 1;
	if (sure)
		c->lookup_sure = k + 1;
}

/* The n-th one of the same album, from 0 on, that says the same and is looked for by itself. */
static const struct item *left_out(const struct clone *c, const struct group *g, const struct item *item,
				   uint32_t n)
{
	list_each(node, &c->queue) {
		const struct group *other = container_of(node, struct group, node);

		for (uint32_t i = 0; i < other->count && other != g && other->suspect; i++)
			if (item->row.grouped_id != 0 && other->items[i].row.grouped_id == item->row.grouped_id &&
			    memcmp(other->items[i].row.digest, item->row.digest, sizeof(item->row.digest)) == 0 &&
			    n-- == 0)
				return &other->items[i];
	}
	return NULL;
}

/*
 * One copy more than there are items that it could be, while one of the album is gone at the source and has its
 * turn later: copies stand in the album's order, so those behind that one have theirs one further on.
 */
static void pass_one(struct clone *c, const struct group *g, const struct message *m)
{
	const struct item *other = NULL;
	uint32_t last = g->count, before = g->count;

	for (uint32_t k = c->lookup_sure; k < c->lookup_next; k++)
		if (c->found[k].id != 0 && post_is_meant(c, g, &g->items[k], m))
			last = k;
	if (last == g->count || is_taken(c, m))
		return;
	if (c->lookup_ahead > 0) { /* what was sent with this one, and is not in this run, says the same */
		c->lookup_ahead--;
		set_found(c, g, last, m, false);
		return;
	}
	c->lookup_more++;
	other = left_out(c, g, &g->items[last], c->lookup_passed);
	if (other == NULL)
		return;
	c->lookup_passed++;
	for (uint32_t k = c->lookup_sure; k <= last; k++) {
		if (c->found[k].id == 0 || g->items[k].row.source_id < other->row.source_id ||
		    !post_is_meant(c, g, &g->items[k], m))
			continue;
		if (before < g->count)
			c->found[before] = c->found[k];
		before = k;
	}
	if (before < g->count)
		set_found(c, g, before, m, false);
}

/* Pages come newest first, but nobody promises it. NULL: there is none. */
static const struct tl_obj *next_above(struct tl_vec list, int32_t id)
{
	const struct tl_obj *next = NULL;

	for (uint32_t i = 0; i < list.count; i++) {
		const struct tl_obj *m = tl_vec_obj(list, i);

		if (tl_int(m, TLF_id) > id && (next == NULL || tl_int(m, TLF_id) < tl_int(next, TLF_id)))
			next = m;
	}
	return next;
}

/*
 * What went in an album is in one, and what went alone is in none, unless the server made another of it: so one that
 * says the same but is not so may be that of another message.
 */
static bool is_odd(const struct group *g, const struct message *m)
{
	return (g->items[0].row.grouped_id != 0) != (m->grouped_id != 0);
}

/*
 * Messages above the watermark that are ours and say what we meant, oldest first, each used once. Of an
 * album that was executed in part some are missing, in whatever place. A post of a channel names no sender,
 * but to the one who sent it it went out; what one writes to oneself does not.
 */
static void look(struct clone *c, const struct tl_obj *answer, struct group *g)
{
	struct tl_vec list = tl_vec(answer, TLF_messages);
	const struct tl_obj *next;

	while (c->lookup_sure < g->count && (next = next_above(list, c->lookup_at)) != NULL &&
	       tl_int(next, TLF_id) <= c->lookup_end) {
		struct message m;
		uint32_t k;
		bool sure;

		message_read(next, c->o.target.forum, &m);
		c->lookup_at = m.id;
		if (m.empty || m.service || (!m.out && c->o.target.peer.kind != PEER_SELF))
			continue;
		c->lookup_came |= tl_flag(next, TLF_from_scheduled);
		k = item_of(c, g, &m, &sure);
		if (!sure && !c->lookup_any && is_odd(g, &m))
			c->lookup_odd |= k < g->count;
		else if (k < g->count)
			keep_found(c, g, k, &m, sure);
		else
			pass_one(c, g, &m);
	}
}

static uint32_t found_items(const struct clone *c, const struct group *g)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < g->count; i++)
		n += c->found[i].id != 0;
	return n;
}

/* What is to be said of its group is to be said of it, too: that it was found, its row tells. */
static void finish_found(const struct group *g, struct item *item, const struct found *found)
{
	char all[GROUP_NOTE] = "";

	if (g->mode != PLAN_SKIP) /* not why it would have been skipped */
		memcpy(all, g->note, sizeof(all));
	if (found->answers)
		note_drop(all, "reply not kept"); /* it went another way than is planned by now */
	note_join(all, found->lost);
	item->row.adopted = true;
	post_finish_item(item, found->id, all[0] != '\0' ? all : "found in the target");
}

/* What is there of an album is done, and leaves it. */
static void keep_part(struct clone *c, struct group *g)
{
	struct ledger_row rows[ALBUM_MAX];
	uint32_t n = 0, kept = 0;

	if (g->mode != PLAN_SKIP)
		group_say(g, "album not kept: a part of it was there");
	for (uint32_t i = 0; i < g->count; i++) {
		if (c->found[i].id == 0) {
			g->items[kept++] = g->items[i];
			continue;
		}
		finish_found(g, &g->items[i], &c->found[i]);
		post_settle_item(c, &g->items[i]);
		clone_note(c, NOTE_DONE, &g->items[i], g->items[i].row.reason);
		rows[n++] = g->items[i].row;
		if (g->items[i].stored.set)
			ledger_upload_drop(c->o.ledger, g->items[i].row.source_id, 0);
		c->posts++;
	}
	ledger_sent(c->o.ledger, rows, n);
	g->count = kept;
}

/* Nobody has it. What is sent now is the message as it is now: true when that is what was meant then, and that way. */
static bool is_unchanged(struct group *g)
{
	bool same = true;

	for (uint32_t i = 0; i < g->count; i++) {
		uint8_t meant[32];

		if (g->items[i].gone)
			continue;
		memcpy(meant, g->items[i].row.digest, sizeof(meant));
		post_fingerprint(&g->items[i], g->items[i].row.digest);
		same &= memcmp(meant, g->items[i].row.digest, sizeof(meant)) == 0 &&
			g->items[i].row.mode == g->mode;
	}
	return same;
}

/*
 * A forward took what the source said when it was executed, and that may be something else than what was read
 * before: it is read once more, and if it says something else it is looked for once more.
 */
static bool read_again(struct clone *c, struct group *g)
{
	if (!went(&g->items[0], PLAN_FORWARD) || g->reread)
		return false;
	g->reread = g->need_refresh = true;
	g->version = version_of(g);
	post_back_to_ready(c);
	group_stir(c);
	clone_wake(c, clone_now(c));
	return true;
}

/* So many others that wait for their turn said the same then, are there still, and may have that file (NULL: any). */
static uint32_t alike(const struct clone *c, const struct group *g, const struct item *item,
		      const struct found *copy)
{
	int64_t has = copy != NULL ? copy->has : 0;
	uint32_t n = 0;

	list_each(node, &c->queue) {
		const struct group *other = container_of(node, struct group, node);

		for (uint32_t i = 0; i < other->count && other != g && other->suspect && other->mode != PLAN_SKIP; i++)
			n += memcmp(other->items[i].row.digest, item->row.digest, sizeof(item->row.digest)) == 0 &&
			     post_same_doubt(c, other->items[i].row.source_id, item->row.source_id) &&
			     (has == 0 || !keeps_file(&other->items[i], copy->made) || post_is_file_of(&other->items[i], has));
	}
	return n;
}

static bool is_shared(const struct clone *c, const struct group *g)
{
	bool any = false;

	for (uint32_t k = 0; k < g->count; k++)
		any |= c->found[k].file != 0 ? waits_for(c, g, c->found[k].file) : alike(c, g, &g->items[k], NULL) > 0;
	return any;
}

/*
 * Of several that say the same, or are one file, the first may have become another before it was forwarded, and have
 * its copy in front of this one, which is the next one's then; or it was gone, and has none.
 */
static bool is_doubtful(struct clone *c, struct group *g)
{
	if (!is_shared(c, g) || !read_again(c, g))
		return false;
	g->version = ~g->version; /* it is looked for again though nothing changed */
	return true;
}

/*
 * It is gone at the source, and was perhaps before it was forwarded: those that say the same and are there still
 * were not, and come first. True: there are no more copies than they need.
 */
static bool is_needed(const struct clone *c, const struct group *g)
{
	return g->mode == PLAN_SKIP && g->count == 1 && c->found[0].file == 0 &&
	       c->lookup_more < alike(c, g, &g->items[0], &c->found[0]);
}

/* What it is now may go: what is gone of it does not, and files are fetched where they are needed. */
static void send_anew(struct clone *c, struct group *g)
{
	bool gone = group_skip_gone(c, g), same = is_unchanged(g) && !gone;

	if (same && !group_needs_bytes(g)) {
		CRASH_POINT("clone.lookup.missed");
		post_mark_send(c);
		g->state = GROUP_INTENT; /* durable already: the identical request again */
		return;
	}
	post_back_to_ready(c);
	g->state = GROUP_LOADED;
	if (gone)
		group_go_on_without(c, g, g->items[0].row.reason);
}

/* It is not sent again by its random_id, which would tell: so the server has its time. */
static bool may_come_late(struct clone *c, struct group *g)
{
	if (g->mode != PLAN_SKIP || !g->unanswered || clone_now(c) >= g->unanswered_ns + LATE_NS)
		return false;
	post_reconcile(c, clone_backoff_ns(g->looks++));
	return true;
}

/* It is nowhere in the target. */
static void missed(struct clone *c, struct group *g)
{
	if (post_may_be_scheduled(c) || read_again(c, g) || may_come_late(c, g))
		return;
	g->suspect = false;
	post_waits_give_back(c, g);
	if (g->mode == PLAN_SKIP || g->duplicates > DUPLICATES_MAX) {
		g->unanswered = false; /* that was looked at */
		post_back_to_ready(c);
		group_skip(c, g, g->mode == PLAN_SKIP ? g->note
						      : "sent before, they say, and not in the target");
	} else {
		send_anew(c, g);
	}
}

/* Nothing is in a topic that was deleted; should it be there all the same, it is in the chat. */
static bool names_topic(const struct clone *c, const char *text)
{
	return c->o.target.forum && c->posting->target_topic > 1 && !c->lookup_wide &&
	       (strncmp(text, "TOPIC_", 6) == 0 || strcmp(text, "MSG_ID_INVALID") == 0);
}

static void lookup_refused(struct clone *c, struct group *g, const struct net_event *ev)
{
	struct pending p = {.attempts = g->trouble};

	g->state = GROUP_INTENT; /* the same page later: what was seen is not read again */
	if (names_topic(c, ev->text)) {
		c->lookup_wide = true;
		return;
	}
	if (!clone_common_error(c, &p, ev->code, ev->text, true))
		clone_end(c, CLONE_TARGET, ev->text);
	if (p.not_before_ns > c->history.not_before_ns)
		c->history.not_before_ns = p.not_before_ns;
	holds_keep(c, HOLD_HISTORY, c->history.not_before_ns);
	g->trouble = p.attempts;
}

/*
 * As far as it can be read; and past one message that cannot be, whose id nobody tells: they are counted, and whether
 * there are more of them than that is asked. Where too many stand in a row nobody can say that it was not sent.
 */
static void go_past(struct clone *c)
{
	if (c->lookup_limit > 1) {
		c->lookup_limit /= 2;
		return;
	}
	if (++c->lookup_spoilt <= SPOILT_MAX) /* it may have been this answer */
		return;
	if (c->lookup_steps++ == STEPS_MAX) {
		clone_end(c, CLONE_TARGET, "messages of the target cannot be read, and what was sent may be among "
					   "them: is there a newer version of this program?");
		return;
	}
	c->lookup_spoilt = 0;
	c->lookup_skip++;
	c->lookup_probe = true;
	c->lookup_blank = false;
}

/* Something is there, though a page came empty: that is asked for again. */
static void came_empty(struct clone *c)
{
	struct group *g = c->posting;

	if (c->lookup_empty++ == EMPTY_PAGES_MAX) {
		clone_end(c, CLONE_LATER, "pages of the target come empty, though there is more");
		return;
	}
	clone_note(c, NOTE_RETRY, NULL, "a page of the target came empty, though there is more");
	pending_later(&c->history, clone_now(c) + clone_backoff_ns(c->lookup_empty - 1));
	g->state = GROUP_INTENT;
}

/* Once more from the beginning: by what waits to be posted alone can nobody be deceived, so it comes second. */
static void look_for_changed(struct clone *c)
{
	c->lookup_changed++;
	look_from_the_start(c);
}

/* Something came out of what waits, and this may be it. That file and words are others now has to be certain. */
static bool may_have_changed(const struct clone *c, const struct group *g)
{
	bool certain = post_waited(g) || g->duplicates >= DUPLICATES_SURE || c->lookup_album != 0;

	return c->lookup_came && post_may_have_waited(c, g) &&
	       c->lookup_changed < (certain ? CHANGED_MAX : CHANGED_MAX - 1);
}

static bool is_empty(const struct tl_obj *answer)
{
	return tl_vec(answer, TLF_messages).count == 0;
}

/* The answer to whether there is more. It is the end, or the next page is asked for. */
static void probed(struct clone *c, const struct tl_obj *answer)
{
	c->lookup_probe = false;
	c->lookup_ended = answer != NULL && is_empty(answer);
	if (!c->lookup_ended && c->lookup_blank)
		came_empty(c);
}

/* The page could be read, and what is in it was looked at. */
static void went_on(struct clone *c, int32_t from)
{
	c->lookup_spoilt = 0;
	c->lookup_limit = c->lookup_limit < PAGE_SIZE / 2 ? 2 * c->lookup_limit : PAGE_SIZE;
	if (c->lookup_at > from)
		c->lookup_skip = c->lookup_empty = 0;
}

/* What of a forward was changed before it was executed stands among those that were found, below their watermark. */
static void keep_place(struct clone *c, struct group *g)
{
	if (went(&g->items[0], PLAN_FORWARD) && !g->reread)
		post_keep_place(c);
}

/* What was found is all that there is of the group in the target. */
static void conclude(struct clone *c, struct group *g, uint32_t found)
{
	if (found == g->count) {
		CRASH_POINT("clone.lookup.found");
		g->suspect = false;
		for (uint32_t i = 0; i < g->count; i++)
			finish_found(g, &g->items[i], &c->found[i]);
		post_finish_batch(c);
		return;
	}
	if (found > 0) {
		keep_place(c, g);
		keep_part(c, g);
	}
	missed(c, g);
}

/* A page, or the end of all pages, was looked at. */
static void judge(struct clone *c, struct group *g, const struct tl_obj *answer, int32_t from)
{
	uint32_t found = found_items(c, g);

	if (found == g->count && is_needed(c, g)) {
		if (c->lookup_at > from) {
			g->state = GROUP_INTENT; /* the next page may show another one */
			return;
		}
		memset(c->found, 0, sizeof(c->found));
		found = 0;
	}
	if (found == g->count && is_doubtful(c, g))
		return;
	if (found < g->count && c->lookup_at > from && c->lookup_next < g->count) {
		g->state = GROUP_INTENT; /* the next page */
	} else if (found < g->count && !c->lookup_ended && is_empty(answer)) {
		c->lookup_probe = c->lookup_blank = true; /* by chance, it would be the last word */
		g->state = GROUP_INTENT;
	} else if (found == 0 && c->lookup_odd) {
		look_from_the_start(c);
		c->lookup_any = true;
		g->state = GROUP_INTENT;
	} else if (found < g->count && may_have_changed(c, g)) {
		look_for_changed(c);
		g->state = GROUP_INTENT;
	} else {
		conclude(c, g, found);
	}
}

void post_lookup_got(struct clone *c, const struct net_event *ev)
{
	struct group *g = c->posting;
	const struct tl_obj *answer;
	struct tl_error error;
	int32_t from = c->lookup_at;

	check(g->state == GROUP_LOOKUP && c->batch == 1);
	if (ev->kind != NET_RESULT) {
		lookup_refused(c, g, ev);
		return;
	}
	answer = tl_decode_result(&c->page, TLC_messages_getHistory, ev->result, &error);
	CRASH_POINT("clone.lookup.got");
	g->state = GROUP_INTENT;
	if (c->lookup_probe) {
		probed(c, answer);
		if (!c->lookup_ended)
			return;
	} else if (answer == NULL) {
		go_past(c);
		return;
	} else {
		look(c, answer, g);
		went_on(c, from);
	}
	judge(c, g, answer, from);
}
