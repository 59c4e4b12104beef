/*
 * What is read is kept as keys and marks, a few bytes of each message, and the ledger is written by
 * playing the job again: copy by copy as they stand in the target, each with the rows of what was passed on
 * the way to it; one whose message stands before another's that is there already came late, and the ledger
 * is told so before it, as a run would have done.
 */
#include "engine/clone/rebuild.h"

#include "engine/clone/clone_priv.h"

#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 100 };

enum mark {
	MARK_BUTTONS = 1 << 0,
	MARK_EFFECT = 1 << 1,
	MARK_ELSEWHERE = 1 << 2, /* it answers what is in another chat */
	MARK_THUMB = 1 << 3,
	MARK_MANUAL = 1 << 4, /* the link of its preview is named by itself */
	MARK_NAMED = 1 << 5,  /* whom it was forwarded from */
	MARK_QUOTE = 1 << 6,
	MARK_LIVE = 1 << 7,
	MARK_COVER = 1 << 8,
	MARK_VOTERS = 1 << 9,
	MARK_TIMER = 1 << 10,
	MARK_LONG = 1 << 11, /* a caption that only some may send */
};

bool rebuild_open(struct rebuild *r)
{
	check(r->memory >= REBUILD_LEAST);
	r->reasons = calloc(REBUILD_REASONS, sizeof(r->reasons[0]));
	return r->reasons != NULL;
}

void rebuild_close(struct rebuild *r)
{
	free(r->source.at);
	free(r->target.at);
	free(r->source_info);
	free(r->target_info);
	free(r->reasons);
	*r = (struct rebuild){.reasons = NULL};
}

/* ---- what is read ---- */

/* The table that compares each with each is not to take what messages need. */
static uint32_t cells_of(const struct rebuild *r)
{
	size_t cells = r->memory / 8 / sizeof(uint32_t);

	return cells < MATCH_CELLS ? (uint32_t)cells : MATCH_CELLS;
}

static bool may_take_more(const struct rebuild *r)
{
	uint32_t n = r->source.count + 1, k = r->target.count + 1;

	return n < INT32_MAX && k < INT32_MAX &&
	       n * (sizeof(r->source.at[0]) + sizeof(r->source_info[0])) +
			       k * (sizeof(r->target.at[0]) + sizeof(r->target_info[0])) +
			       match_bytes(n, k, cells_of(r)) <= r->memory;
}

/* Only what is in use of it counts: the rest was never touched. */
static bool make_room(const struct rebuild *r, struct match_side *side, void **info, size_t size, uint32_t *room)
{
	uint32_t more = *room + *room / 4 + 1024;
	void *at;

	if (!may_take_more(r))
		return false;
	if (side->count < *room)
		return true;
	at = realloc(side->at, more * sizeof(side->at[0]));
	if (at == NULL)
		return false;
	side->at = at;
	at = realloc(*info, more * size);
	if (at == NULL)
		return false;
	*info = at;
	*room = more;
	return true;
}

static bool make_room_source(struct rebuild *r)
{
	void *info = r->source_info;
	bool good = make_room(r, &r->source, &info, sizeof(r->source_info[0]), &r->source_room);

	r->source_info = info;
	return good;
}

static bool make_room_target(struct rebuild *r)
{
	void *info = r->target_info;
	bool good = make_room(r, &r->target, &info, sizeof(r->target_info[0]), &r->target_room);

	r->target_info = info;
	return good;
}

static bool has_long_caption(const struct message *m)
{
	static const struct plan_options least = {.premium = false};
	struct message cut = *m;

	plan_clip(&cut, &least);
	return cut.clipped;
}

static uint32_t marks_of(const struct message *m)
{
	const struct media *media = &m->media;
	const struct tl_obj *poll = tl_sub(media->obj, TLF_poll);
	bool webpage = media->kind == MEDIA_WEBPAGE;

	return (m->buttons ? MARK_BUTTONS : 0) | (tl_has(m->obj, TLF_effect) ? MARK_EFFECT : 0) |
	       (m->reply_elsewhere ? MARK_ELSEWHERE : 0) | (media->has_thumb ? MARK_THUMB : 0) |
	       (webpage && tl_flag(media->obj, TLF_manual) ? MARK_MANUAL : 0) |
	       (tl_has(m->obj, TLF_fwd_from) ? MARK_NAMED : 0) |
	       (m->reply != NULL && tl_has(m->reply, TLF_quote_text) ? MARK_QUOTE : 0) |
	       (media->file.photo && tl_sub(media->obj, TLF_video) != NULL ? MARK_LIVE : 0) |
	       (tl_has(media->obj, TLF_video_cover) ? MARK_COVER : 0) |
	       (tl_flag(poll, TLF_public_voters) ? MARK_VOTERS : 0) | (m->ttl > 0 ? MARK_TIMER : 0) |
	       (has_long_caption(m) ? MARK_LONG : 0);
}

static uint8_t value_of(const struct message *m)
{
	return m->media.kind == MEDIA_DICE ? (uint8_t)tl_int(m->media.obj, TLF_value) : 0;
}

static struct rebuild_info info_of(const struct message *m)
{
	struct rebuild_info info = {.grouped_id = m->grouped_id,
				    .size = m->media.has_file ? m->media.file.size : 0,
				    .topic = m->topic,
				    .marks = marks_of(m),
				    .value = value_of(m)};

	message_fingerprint(m, info.digest);
	return info;
}

/* Few texts, again and again; one that has no room is found out by the clone once more. */
static uint16_t keep_reason(struct rebuild *r, const char *text)
{
	uint32_t i = 0;

	if (text[0] == '\0')
		return 0;
	while (i < r->reason_count && strcmp(r->reasons[i], text) != 0)
		i++;
	if (i == REBUILD_REASONS)
		return 0;
	if (i == r->reason_count)
		snprintf(r->reasons[r->reason_count++], sizeof(r->reasons[0]), "%s", text);
	return (uint16_t)(i + 1);
}

static int by_source(const void *a, const void *b)
{
	const struct rebuild_topic *x = a, *y = b;

	return (x->source > y->source) - (x->source < y->source);
}

static struct rebuild_topic *find_topic(const struct rebuild *r, int32_t source_topic)
{
	struct rebuild_topic sought = {.source = source_topic};

	return r->topic_count > 0
		       ? bsearch(&sought, r->topics, r->topic_count, sizeof(sought), by_source)
		       : NULL;
}

/* Where its copy stands; 0: not known, or in what is no forum. */
static int32_t topic_of_copy(const struct rebuild *r, int32_t source_topic)
{
	const struct rebuild_topic *topic = find_topic(r, source_topic);

	if (!r->target_is_forum || r->topic != 0)
		return r->topic;
	return topic != NULL ? topic->target : 1;
}

bool rebuild_add_source(struct rebuild *r, const struct message *m)
{
	struct rebuild_info *info;
	struct match_entry *e;
	struct plan plan;

	if (!make_room_source(r))
		return false;
	plan_group(m, 1, &r->plan, &plan);
	info = &r->source_info[r->source.count];
	*info = info_of(m);
	info->mode = (uint8_t)plan.mode;
	info->reason = keep_reason(r, plan.reason);
	e = &r->source.at[r->source.count++];
	match_read(m, e);
	e->topic = topic_of_copy(r, m->topic);
	e->sendable = plan.mode != PLAN_SKIP;
	if (m->service || m->empty) /* it says nothing that could be found */
		e->date = INT32_MAX;
	return true;
}

bool rebuild_add_unread(struct rebuild *r, int32_t source_id)
{
	if (!make_room_source(r))
		return false;
	r->source_info[r->source.count] = (struct rebuild_info){.mode = PLAN_SKIP};
	r->source.at[r->source.count++] = (struct match_entry){
		.id = source_id, .date = INT32_MAX, .media = MATCH_UNREAD, .sendable = true, .pair = MATCH_NONE};
	return true;
}

bool rebuild_add_target(struct rebuild *r, const struct message *m)
{
	if (!make_room_target(r))
		return false;
	r->target_info[r->target.count] =
		(struct rebuild_copy){.grouped_id = m->grouped_id, .marks = marks_of(m), .value = value_of(m)};
	match_read(m, &r->target.at[r->target.count]);
	if (!r->target_is_forum)
		r->target.at[r->target.count].topic = 0;
	r->target.count++;
	return true;
}

bool rebuild_add_unread_target(struct rebuild *r, int32_t id)
{
	if (!make_room_target(r))
		return false;
	r->target_info[r->target.count] = (struct rebuild_copy){.value = 0};
	r->target.at[r->target.count++] = (struct match_entry){
		.id = id, .date = INT32_MIN, .media = MATCH_UNREAD, .pair = MATCH_NONE};
	return true;
}

/* ---- what follows ---- */

static bool is_found(const struct match_entry *s)
{
	return s->kind == MATCH_CHAIN || s->kind == MATCH_LATE;
}

/* Most copies of a topic's messages stand in one topic, whatever its title is by now. */
static void vote(struct rebuild *r)
{
	for (uint32_t i = 0; i < r->source.count; i++) {
		const struct match_entry *s = &r->source.at[i];
		struct rebuild_topic *topic = find_topic(r, r->source_info[i].topic);
		int32_t there;

		if (!is_found(s) || topic == NULL)
			continue;
		there = r->target.at[s->pair].topic;
		if (topic->votes == 0)
			topic->best = there;
		topic->votes += there == topic->best ? 1 : -1;
	}
	for (uint32_t i = 0; i < r->topic_count; i++)
		if (r->topics[i].votes > 0 && r->topics[i].best > 1)
			r->topics[i].target = r->topics[i].best;
}

uint32_t rebuild_reach(const struct rebuild *r)
{
	uint32_t end = r->source.count;

	while (end > 0 && !is_found(&r->source.at[end - 1]))
		end--;
	return end;
}

bool rebuild_is_left_out(const struct rebuild *r, uint32_t i)
{
	return i < r->source.begin && r->source.at[i].pair == MATCH_NONE;
}

static void count(struct rebuild *r)
{
	struct rebuild_counts *n = &r->counts;
	uint32_t reach = rebuild_reach(r);

	*n = (struct rebuild_counts){.source = 0};
	for (uint32_t i = 0; i < r->source.count; i++) {
		const struct match_entry *s = &r->source.at[i];

		if (rebuild_is_left_out(r, i))
			continue;
		n->source++;
		n->found += is_found(s);
		n->late += s->kind == MATCH_LATE;
		n->doubtful += s->kind == MATCH_DOUBTFUL;
		n->missing += s->kind == MATCH_MISSING && s->sendable && i < reach;
		n->to_come += s->kind == MATCH_MISSING && s->sendable && i >= reach;
		n->skipped += s->kind == MATCH_MISSING && !s->sendable;
	}
}

bool rebuild_match(struct rebuild *r)
{
	while (r->source.begin < r->source.count && r->source.at[r->source.begin].id < r->from_id)
		r->source.begin++;
	if (!match_run(&r->source, &r->target, cells_of(r), r->stop))
		return false;
	count(r);
	vote(r);
	return true;
}

/* ---- rows ---- */

static void note_media(const struct match_entry *s, const struct match_entry *t, uint32_t lost,
		       char note[GROUP_NOTE])
{
	char text[64];

	snprintf(text, sizeof(text), "%s sent as a document", media_kind_name((enum media_kind)s->media));
	if (s->level == MATCH_WORDS)
		note_add(note, "formatting not kept: by the server");
	else if (s->level == MATCH_TEXT && s->media != t->media && t->media == MEDIA_DOCUMENT)
		note_add(note, text);
	else if (s->level == MATCH_TEXT && s->media == MEDIA_GIF && t->media == MEDIA_GIF)
		note_add(note, "gif made a video by the server");
	else if (s->level == MATCH_TEXT && !(lost & MARK_LONG))
		note_add(note, "changed by the server");
	if ((lost & MARK_THUMB) && s->media == t->media)
		note_add(note, "without its thumbnail");
	if ((lost & MARK_MANUAL) && t->media == MEDIA_NONE)
		note_add(note, "link preview not kept");
	if (lost & MARK_LONG)
		note_add(note, "caption cut");
	if (lost & MARK_LIVE)
		note_add(note, "live photo not kept");
	if (lost & MARK_COVER)
		note_add(note, "video's cover not kept");
	if (lost & MARK_VOTERS)
		note_add(note, "voters not shown");
}

/* Others of its album are there, and are none with it. */
static bool is_parted(const struct rebuild *r, uint32_t i)
{
	int64_t there = r->target_info[r->source.at[i].pair].grouped_id;
	uint32_t from = i < ALBUM_MAX ? 0 : i - ALBUM_MAX + 1;

	for (uint32_t k = from; k < r->source.count && k < i + ALBUM_MAX; k++)
		if (k != i && is_found(&r->source.at[k]) && r->source_info[i].grouped_id != 0 &&
		    r->source_info[k].grouped_id == r->source_info[i].grouped_id &&
		    r->target_info[r->source.at[k].pair].grouped_id != there)
			return true;
	return false;
}

static void note_pair(const struct rebuild *r, uint32_t i, char note[GROUP_NOTE])
{
	const struct match_entry *s = &r->source.at[i], *t = &r->target.at[s->pair];
	const struct rebuild_info *a = &r->source_info[i];
	const struct rebuild_copy *b = &r->target_info[s->pair];
	uint32_t lost = a->marks & ~b->marks;
	bool answers = s->reply != 0 || (a->marks & MARK_ELSEWHERE);

	if (lost & MARK_BUTTONS)
		note_add(note, "buttons not kept");
	if (lost & MARK_EFFECT)
		note_add(note, "effect not kept");
	if (answers && t->reply == 0 && !(b->marks & MARK_ELSEWHERE))
		note_add(note, "reply not kept");
	else if (lost & MARK_QUOTE)
		note_add(note, "quote not kept");
	if (is_parted(r, i))
		note_add(note, "album not kept: a part of it was there");
	else if (s->album != t->album)
		note_add(note, "album not kept by the server");
	if ((b->marks & MARK_NAMED) && !r->plan.keep_author && !r->target_is_self)
		note_add(note, "author named: it does not go without");
	if (s->media == MEDIA_DICE && a->value != b->value)
		note_add(note, "dice thrown again");
	if (b->marks & MARK_TIMER)
		note_add(note, "deleted again by the target's timer");
	note_media(s, t, lost, note);
	if (note[0] == '\0')
		snprintf(note, GROUP_NOTE, "found in the target");
}

/* By which way it went, as far as the copy shows it. */
static enum plan_mode mode_of(const struct rebuild *r, uint32_t i)
{
	const struct match_entry *s = &r->source.at[i], *t = &r->target.at[s->pair];
	enum plan_mode now = (enum plan_mode)r->source_info[i].mode;

	if (r->target_info[s->pair].marks & MARK_NAMED)
		return PLAN_FORWARD;
	if (media_streams((enum media_kind)s->media) && (s->file == 0 || s->file != t->file))
		return PLAN_STREAM;
	return now == PLAN_FORWARD && t->reply == 0 ? PLAN_FORWARD : PLAN_COPY;
}

static struct ledger_row row_of(const struct rebuild *r, uint32_t i)
{
	const struct match_entry *s = &r->source.at[i];
	const struct rebuild_info *info = &r->source_info[i];
	struct ledger_row row = {.source_id = s->id,
				 .grouped_id = info->grouped_id,
				 .kind = s->media != MATCH_UNREAD ? s->media : MEDIA_NONE,
				 .mode = info->mode,
				 .size = info->size,
				 .source_topic = info->topic,
				 .reply_to = s->reply};

	memcpy(row.digest, info->digest, sizeof(row.digest));
	return row;
}

/* As a page is planned; what has a copy becomes done when its turn comes. */
static struct ledger_row planned(const struct rebuild *r, uint32_t i)
{
	const struct match_entry *s = &r->source.at[i];
	uint16_t reason = r->source_info[i].reason;
	struct ledger_row row = row_of(r, i);

	if (s->kind == MATCH_DOUBTFUL) {
		row.state = ROW_SKIPPED;
		snprintf(row.reason, sizeof(row.reason), REBUILD_DOUBT "%d of the target",
			 r->target.at[s->pair].id);
	} else if (s->kind == MATCH_MISSING && !s->sendable && reason > 0) {
		row.state = ROW_SKIPPED;
		memcpy(row.reason, r->reasons[reason - 1], sizeof(row.reason));
	}
	return row;
}

static struct ledger_row done(const struct rebuild *r, uint32_t i)
{
	const struct match_entry *s = &r->source.at[i];
	struct ledger_row row = row_of(r, i);

	row.state = ROW_DONE;
	row.mode = (uint8_t)mode_of(r, i);
	row.target_id = r->target.at[s->pair].id;
	row.target_topic = r->target_is_forum ? r->target.at[s->pair].topic : 0;
	row.adopted = true;
	if (row.mode == r->source_info[i].mode && r->source_info[i].reason > 0)
		memcpy(row.reason, r->reasons[r->source_info[i].reason - 1], sizeof(row.reason));
	note_pair(r, i, row.reason);
	return row;
}

/* ---- the job, played again ---- */

struct play {
	const struct rebuild *r;
	struct ledger *ledger;
	struct ledger_row rows[BATCH]; /* found, and not written yet */
	uint32_t count;
	uint32_t planned; /* so many of the source have rows */
	uint32_t reach;	  /* behind the last one that was in its place */
	uint32_t late;	  /* the last one that was late, and one; 0: what came last was in its place */
};

static void flush(struct play *p)
{
	if (p->count > 0)
		ledger_sent(p->ledger, p->rows, p->count);
	p->count = 0;
}

/* An album is planned as a whole. */
static void plan_up_to(struct play *p, uint32_t end)
{
	const struct rebuild_info *info = p->r->source_info;
	struct ledger_row rows[BATCH];

	while (end > 0 && end < p->r->source.count && info[end].grouped_id != 0 &&
	       info[end].grouped_id == info[end - 1].grouped_id)
		end++;
	while (p->planned < end) {
		uint32_t n = 0;

		for (; n < BATCH && p->planned < end; p->planned++)
			if (!rebuild_is_left_out(p->r, p->planned))
				rows[n++] = planned(p->r, p->planned);
		if (n > 0)
			ledger_plan(p->ledger, rows, n, rows[n - 1].source_id);
	}
}

static void play_copy(struct play *p, uint32_t i)
{
	if (i >= p->reach) {
		p->late = 0;
		p->reach = i + 1;
		plan_up_to(p, i + 1);
	} else if (p->late == 0 || i < p->late) {
		flush(p);
		ledger_sync(p->ledger);
		ledger_mark_late_anew(p->ledger, LEDGER_RETRIED);
		ledger_sync(p->ledger);
		p->late = i + 1;
	} else {
		p->late = i + 1;
	}
	p->rows[p->count++] = done(p->r, i);
	if (p->count == BATCH)
		flush(p);
}

static bool is_stopped(const struct rebuild *r)
{
	return r->stop != NULL && r->stop->wanted(r->stop->ctx);
}

/* One in doubt behind all copies has a row, too. */
static uint32_t last_row(const struct rebuild *r)
{
	uint32_t end = r->source.count;

	while (end > 0 && r->source.at[end - 1].pair == MATCH_NONE)
		end--;
	return end;
}

enum ledger_fault rebuild_write(struct rebuild *r, struct ledger *ledger)
{
	struct play *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return LEDGER_MEMORY;
	p->r = r;
	p->ledger = ledger;
	if (r->from_id > 1)
		ledger_state_put_int(ledger, HISTORY_FLOOR, r->from_id - 1);
	for (uint32_t k = 0; k < r->target.count && !is_stopped(r); k++) {
		int32_t i = r->target.at[k].pair;

		if (i != MATCH_NONE && is_found(&r->source.at[i]))
			play_copy(p, (uint32_t)i);
	}
	flush(p);
	plan_up_to(p, last_row(r));
	for (uint32_t i = 0; i < r->topic_count; i++)
		if (r->topics[i].target > 1)
			ledger_topic_put(ledger, r->topics[i].source, r->topics[i].target);
	/* What stands in the target by now was looked at. */
	ledger_intent(ledger, NULL, 0, r->end);
	free(p);
	return ledger_sync(ledger);
}
