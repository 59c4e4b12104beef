/*
 * Pages of the source, oldest first, into groups and ledger rows. An album is one group; order is
 * fixed here. A page is planned durably before the next one is asked for (reliability F1). Rows of
 * earlier runs are found in the ledger: what is done is stepped over, what was left open comes again.
 * A page that cannot be read is asked for by ids (by_id.c); one that is empty is not believed before
 * the newest message says that it is the end.
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

enum { ASK_PAGE, ASK_NEWEST, ASK_NEXT, ASK_PROBE }; /* tags */
enum {
	SPOILT_MAX = 3, /* answers until it is the newest message that cannot be read */
	EMPTY_SURE = 3, /* answers in a row that name no message, until there is none */
};

/* The gap in front of the floor is closed. */
static void lower_floor(struct clone *c)
{
	if (c->from < c->floor && c->last_seen >= c->floor)
		history_keep_floor(c, c->from);
}

static uint32_t page_tag(const struct clone *c)
{
	if (c->end_doubted)
		return ASK_NEWEST;
	if (c->by_id && c->id_probing)
		return ASK_PROBE;
	return c->by_id && c->id_leap > 0 ? ASK_NEXT : ASK_PAGE;
}

static const struct tl_obj *page_query(struct clone *c)
{
	uint32_t tag = page_tag(c);

	if (tag == ASK_NEWEST)
		return ask_newest(&c->page, c->o.source.peer, c->o.source_topic, c->last_seen, 1);
	if (tag == ASK_NEXT)
		return ask_next(&c->page, c->o.source.peer, c->o.source_topic, c->last_seen,
				INT32_MAX - c->id_leap > c->last_seen ? c->last_seen + c->id_leap + 1 : INT32_MAX);
	if (c->by_id)
		return by_id_query(c);
	return ask_history(&c->page, c->o.source.peer, c->o.source_topic, c->last_seen, PAGE_SIZE);
}

static void end_history(struct clone *, bool limited);

void history_step(struct clone *c)
{
	uint64_t now = clone_now(c);

	if (c->ended || c->history.out || !c->topics_ready || !window_wants_page(c->queued))
		return;
	if (ledger_durable(c->o.ledger) < c->plan_ticket)
		return; /* its eventfd wakes us */
	if (c->last_seen == INT32_MAX) {
		end_history(c, false); /* no id is left: there is no page behind it to ask for */
		return;
	}
	if (!shelf_has(&c->shelf, GROUP_ARENA))
		return;
	if (now < c->history.not_before_ns) {
		clone_wake(c, c->history.not_before_ns);
		return;
	}
	CRASH_POINT("clone.page.ask");
	arena_rewind(&c->page, 0);
	c->history.out = clone_ask(c, page_query(c), ASK_HISTORY, 0, page_tag(c), false);
	CRASH_POINT("clone.page.asked");
}

/* The ledger's memory of a row, when an earlier run planned it. */
static bool known_row(struct clone *c, int32_t id, struct ledger_row *row)
{
	return id <= c->known_last && ledger_find(c->o.ledger, id, row);
}

static bool is_terminal(enum row_state state)
{
	return state == ROW_DONE || state == ROW_SKIPPED || state == ROW_SENT;
}

static void fill_row(const struct message *m, struct ledger_row *row)
{
	*row = (struct ledger_row){.source_id = m->id,
				   .grouped_id = m->grouped_id,
				   .state = ROW_PLANNED,
				   .kind = (uint8_t)m->media.kind,
				   .size = m->media.has_file ? m->media.file.size : 0,
				   .source_topic = m->topic,
				   .reply_to = m->reply_to};
	message_fingerprint(m, row->digest);
}

struct page {
	const struct tl_obj *answer;
	struct message msgs[PAGE_SIZE];
	uint32_t count; /* oldest first, all above last_seen */
	bool more;
	bool limited; /* the rest is for another run */
	bool cut; /* the rest found no room, or comes with what follows: it is asked for again */
	int32_t hole; /* of one cut at its beginning: up to here there is nothing; 0: not known */
};

static bool in_page(const struct page *p, int32_t id)
{
	for (uint32_t i = 0; p != NULL && i < p->count; i++)
		if (p->msgs[i].id == id)
			return true;
	return false;
}

static void skip_gone(struct clone *c, const struct ledger_row *row, const char *reason)
{
	struct item gone = {.row = *row};

	gone.row.state = ROW_SKIPPED;
	snprintf(gone.row.reason, sizeof(gone.row.reason), "%s", reason);
	ledger_put(c->o.ledger, &gone.row);
	clone_note(c, NOTE_SKIPPED, &gone, gone.row.reason);
}

/* The same, but an earlier life may have sent it: its turn comes, and then it is looked for. */
static bool doubt_gone(struct clone *c, const struct ledger_row *row, const char *reason)
{
	struct list *at = c->queue.next;
	struct group *g;

	if (row->state != ROW_SENDING || c->queued == GROUP_SLOTS)
		return false;
	while (at != &c->queue &&
	       container_of(at, struct group, node)->items[0].row.source_id < row->source_id)
		at = at->next;
	g = group_take(c);
	if (!group_load_row(c, g, row)) {
		group_give(c, g);
		return false;
	}
	list_del(&g->node);
	list_link(at, &g->node);
	g->suspect = true;
	g->doubted = 1;
	group_skip(c, g, reason);
	return true;
}

static void vanished(struct clone *c, const struct ledger_row *row)
{
	char reason[64];

	if (!by_id_why(c, row->source_id, reason))
		snprintf(reason, sizeof(reason), "deleted at the source");
	if (!doubt_gone(c, row, reason))
		skip_gone(c, row, reason);
}

/* Rows that an earlier run left open and that the page should have shown: gone meanwhile. */
static void skip_vanished(struct clone *c, const struct page *page, int32_t after, int32_t last)
{
	struct ledger_row rows[64];
	uint32_t n;

	if (after >= c->known_last)
		return;
	do {
		n = ledger_scan_open(c->o.ledger, after, rows, countof(rows));
		for (uint32_t i = 0; i < n && rows[i].source_id <= last; i++)
			if (!in_page(page, rows[i].source_id))
				vanished(c, &rows[i]);
		after = n > 0 ? rows[n - 1].source_id : after;
	} while (n == countof(rows) && after < last);
}

/* By id, holes and other topics' messages come as well, and other chats' where ids are the account's. */
static bool belongs(const struct clone *c, const struct message *m)
{
	return !c->by_id || (!m->empty && by_id_is_here(c, m->obj) &&
			     (c->o.source_topic == 0 || m->topic == c->o.source_topic));
}

/* At its place: pages come newest first and by id as asked, but nobody promises it. */
static void add_message(struct clone *c, struct page *p, const struct tl_obj *obj)
{
	uint32_t at = p->count;
	struct message m;

	message_read(obj, c->o.source.forum, &m);
	if (m.noforwards || c->o.plan.source_protected)
		plan_clip(&m, &c->o.plan);
	while (at > 0 && p->msgs[at - 1].id > m.id)
		at--;
	if (m.id <= c->last_seen || (at > 0 && p->msgs[at - 1].id == m.id) || at == PAGE_SIZE ||
	    !belongs(c, &m))
		return;
	p->count += p->count < PAGE_SIZE; /* what is too much of one comes with the next */
	memmove(&p->msgs[at + 1], &p->msgs[at], (p->count - 1 - at) * sizeof(m));
	p->msgs[at] = m;
}

/* Possibly with messages at or below last_seen near the newest end. */
static void read_page(struct clone *c, const struct tl_obj *answer, struct page *p)
{
	struct tl_vec list = tl_vec(answer, TLF_messages);

	p->answer = answer;
	p->count = 0;
	p->cut = p->limited = false;
	p->hole = 0;
	for (uint32_t i = list.count; i > 0; i--)
		add_message(c, p, tl_vec_obj(list, i - 1));
	p->more = p->count > 0 || c->by_id;
}

/* What found no room comes again when there is some: one group of any size was waited for. */
static void cut_page(struct page *p, uint32_t at)
{
	p->count = at;
	p->more = true;
	p->cut = true;
}

/* An album at the end of a page, which may go on, comes whole with the next one: pages may be short. */
static void hold_back_album(struct clone *c, struct page *p)
{
	int64_t group = p->count > 0 ? p->msgs[p->count - 1].grouped_id : 0;
	uint32_t keep = p->count;

	if (group == 0 || !p->more)
		return;
	while (keep > 0 && p->msgs[keep - 1].grouped_id == group)
		keep--;
	if (keep > 0) {
		cut_page(p, keep);
	} else if (c->by_id && p->msgs[0].id - 1 > c->last_seen) {
		p->hole = p->msgs[0].id - 1; /* the next window begins with it */
		cut_page(p, 0);
	}
}

static uint32_t album_length(const struct page *p, uint32_t at)
{
	int64_t group = p->msgs[at].grouped_id;
	uint32_t n = 1;

	while (group != 0 && n < ALBUM_MAX && at + n < p->count &&
	       p->msgs[at + n].grouped_id == group)
		n++;
	return n;
}

/*
 * Of an album that a range cut in two one part may have been sent, and the other not: nobody looks for what was
 * not. Those that are done or skipped go with either.
 */
static uint32_t group_length(struct clone *c, const struct page *p, uint32_t at)
{
	uint32_t n = album_length(p, at);
	bool found = false, sending = false;

	for (uint32_t i = 0; i < n && n > 1; i++) {
		struct ledger_row known = {.state = ROW_PLANNED};

		if (known_row(c, p->msgs[at + i].id, &known) && is_terminal(known.state))
			continue;
		if (found && sending != (known.state == ROW_SENDING))
			return i;
		sending = known.state == ROW_SENDING;
		found = true;
	}
	return n;
}

/* False: it is done or skipped already. */
static bool fill_known(struct clone *c, const struct message *m, struct ledger_row *row)
{
	struct ledger_row known;

	fill_row(m, row);
	if (!known_row(c, m->id, &known))
		return true;
	if (is_terminal(known.state)) {
		*row = known;
		return false;
	}
	row->state = known.state;
	if (known.state == ROW_SENDING) { /* what to look for */
		memcpy(row->digest, known.digest, sizeof(known.digest));
		row->mode = known.mode;
	}
	return true;
}

static void skip_row(struct clone *c, struct ledger_row *row, const char *reason)
{
	struct item item;

	row->state = ROW_SKIPPED;
	snprintf(row->reason, sizeof(row->reason), "%s", reason);
	item = (struct item){.row = *row};
	clone_note(c, NOTE_SKIPPED, &item, reason);
	if (row->source_id <= c->known_last)
		ledger_put(c->o.ledger, row);
}

/* What of an album, or of one message, is to be cloned; rows: where they stand among the page's. */
struct pick {
	struct message msgs[ALBUM_MAX];
	struct ledger_row *rows[ALBUM_MAX];
	uint32_t count;
	bool suspect; /* an earlier life may have sent it */
	bool parted;  /* a part of the album is in the target already */
};

/* One that cannot be cloned at all takes the others of its album with it no more than one that is done. */
static void pick_items(struct clone *c, const struct page *p, uint32_t at, uint32_t n,
		       struct ledger_row *rows, struct pick *pick)
{
	pick->count = 0;
	pick->suspect = false;
	for (uint32_t i = at; i < at + n; i++) {
		struct plan alone;

		if (!fill_known(c, &p->msgs[i], &rows[i])) {
			pick->parted |= rows[i].state != ROW_SKIPPED;
			continue;
		}
		plan_group(&p->msgs[i], 1, &c->o.plan, &alone);
		if (n > 1 && alone.mode == PLAN_SKIP && rows[i].state != ROW_SENDING) {
			skip_row(c, &rows[i], alone.reason);
			continue;
		}
		pick->suspect |= rows[i].state == ROW_SENDING;
		pick->rows[pick->count] = &rows[i];
		pick->msgs[pick->count++] = p->msgs[i];
	}
}

/* What there is to say of a group before it is sent. */
static const char *first_note(struct clone *c, const struct pick *pick, int32_t target_topic,
			      const struct plan *plan)
{
	if (target_topic == 0 && topics_is_lost(c, pick->msgs[0].topic))
		return "its topic is in no list: sent outside of topics";
	return plan->reason;
}

static const char PARTED[] = "album not kept: a part of it was there";

/* What earlier runs sent of the album, since their ranges cut it, is none either: that is said of it, too. */
static bool tell_rest(struct clone *c, const struct pick *pick)
{
	int64_t last = pick->msgs[pick->count - 1].id, grouped_id = pick->msgs[0].grouped_id;
	bool any = false;
	struct ledger_row row;

	for (int64_t id = (int64_t)pick->msgs[0].id - ALBUM_MAX + 1; id < last + ALBUM_MAX; id++) {
		if (grouped_id == 0 || id > c->known_last)
			break;
		if (!known_row(c, (int32_t)id, &row) || row.grouped_id != grouped_id || row.target_id == 0)
			continue;
		any = true;
		note_add(row.reason, PARTED);
		ledger_put(c->o.ledger, &row);
	}
	return any;
}

/* False: no room for it now. */
static bool load_group(struct clone *c, const struct page *p, const struct pick *pick,
		       const struct plan *plan)
{
	struct ledger_row rows[ALBUM_MAX];
	struct group *g = group_take(c);
	enum group_fit fit;

	g->mode = plan->mode;
	g->suspect = pick->suspect;
	g->reply_source = pick->msgs[0].reply_to;
	g->target_topic = topics_target(c, pick->msgs[0].topic);
	snprintf(g->note, sizeof(g->note), "%s", first_note(c, pick, g->target_topic, plan));
	if (tell_rest(c, pick) || pick->parted)
		group_say(g, PARTED);
	for (uint32_t i = 0; i < pick->count; i++) {
		if (pick->rows[i]->state != ROW_SENDING)
			pick->rows[i]->mode = (uint8_t)plan->mode;
		pick->rows[i]->target_topic = g->target_topic;
		rows[i] = *pick->rows[i];
	}
	for (uint32_t i = 0; i < pick->count; i++)
		g->doubted += rows[i].state == ROW_SENDING;
	fit = group_load(c, g, pick->msgs, pick->count, p->answer, rows);
	for (uint32_t i = 0; i < pick->count && fit == GROUP_TOO_LARGE; i++)
		skip_row(c, pick->rows[i], "message too large to hold");
	if (fit != GROUP_FITS)
		group_give(c, g);
	else if (plan->mode == PLAN_SKIP)
		group_skip(c, g, plan->reason); /* when it is sure that it was not sent */
	return fit != GROUP_NO_ROOM;
}

/* The messages of one group become rows, and a group when there is something to send. */
static void plan_one(struct clone *c, struct page *p, uint32_t at, uint32_t n,
		     struct ledger_row *rows, bool parted)
{
	struct pick pick = {.parted = parted};
	struct plan plan;

	pick_items(c, p, at, n, rows, &pick);
	if (pick.count == 0)
		return;
	plan_group(pick.msgs, pick.count, &c->o.plan, &plan);
	if (plan.mode == PLAN_SKIP && !pick.suspect) {
		for (uint32_t i = 0; i < pick.count; i++)
			skip_row(c, pick.rows[i], plan.reason);
	} else if (!topics_know(c, pick.msgs[0].topic) || !load_group(c, p, &pick, &plan)) {
		cut_page(p, at);
	}
}

/* Those that this run has to see to: what an earlier one brought to its end counts for no limit. */
static bool is_work(struct clone *c, const struct message *m)
{
	struct ledger_row known;

	return !known_row(c, m->id, &known) || !is_terminal(known.state);
}

static uint32_t work_of(struct clone *c, const struct page *p)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->count; i++)
		n += is_work(c, &p->msgs[i]);
	return n;
}

/* Plans one page: rows of one transaction, groups in the queue. */
static void plan_page(struct clone *c, struct page *p)
{
	struct ledger_row rows[2 * PAGE_SIZE];
	bool parted = false;
	uint32_t count;
	int32_t last;

	for (uint32_t at = 0, n; at < p->count; at += n) {
		uint32_t whole = album_length(p, at);

		n = group_length(c, p, at);
		plan_one(c, p, at, n, rows, parted || n < whole);
		parted = n < whole;
	}
	last = p->count > 0 ? p->msgs[p->count - 1].id : p->hole > 0 ? p->hole : c->last_seen;
	if (c->by_id && !p->cut && !p->limited)
		last = by_id_seen(c, last);
	else if (p->count > 0)
		by_id_believe(c); /* what was read is there, though the window is not passed */
	if (last <= c->last_seen)
		return;
	CRASH_POINT("clone.plan.before");
	skip_vanished(c, p, c->last_seen, last);
	count = p->count;
	if (c->by_id)
		count += by_id_bad(c, last, rows + count);
	c->plan_ticket = ledger_plan(c->o.ledger, rows, count, by_id_sure(c, last));
	CRASH_POINT("clone.plan.after");
	if (c->o.limit > 0)
		c->planned_rows += work_of(c, p);
	if (c->by_id)
		by_id_move(c, last, count);
	c->last_seen = last;
	lower_floor(c);
}

/* The range's end, by --to or --limit: what lies above is not looked at in this run. */
static void cut_range(struct clone *c, struct page *p)
{
	uint64_t left = c->planned_rows < c->o.limit ? c->o.limit - c->planned_rows : 0;
	uint32_t whole;

	while (c->o.to_id > 0 && p->count > 0 && p->msgs[p->count - 1].id > c->o.to_id) {
		p->count--;
		p->more = false;
	}
	if (c->o.limit == 0 || work_of(c, p) <= left)
		return; /* one more page tells whether it is the end, or how an album goes on */
	whole = p->count;
	for (p->count = 0; left > 0 || !is_work(c, &p->msgs[p->count]); p->count++)
		left -= is_work(c, &p->msgs[p->count]);
	while (p->count > 0 && p->count < whole && p->msgs[p->count].grouped_id != 0 &&
	       p->msgs[p->count].grouped_id == p->msgs[p->count - 1].grouped_id)
		p->count++; /* an album is one group */
	if (p->count == whole)
		return; /* and may go on behind the page */
	p->more = false;
	p->limited = true;
}

/* limited: what lies behind was not looked at. */
static void end_history(struct clone *c, bool limited)
{
	by_id_return(c);
	if (!limited) {
		skip_vanished(c, NULL, c->last_seen, c->o.to_id > 0 ? c->o.to_id : INT32_MAX);
		if (c->from < c->floor && (c->o.to_id == 0 || c->o.to_id >= c->floor))
			history_keep_floor(c, c->from);
	}
	CRASH_POINT("clone.planend.before");
	c->plan_ticket = ledger_plan_end(c->o.ledger, c->last_seen);
	CRASH_POINT("clone.planend.after");
	c->ended = true;
}

static void take_page(struct clone *c, const struct tl_obj *answer)
{
	struct page page;
	bool empty;

	read_page(c, answer, &page);
	empty = page.count == 0 && !page.more;
	cut_range(c, &page);
	hold_back_album(c, &page);
	if (!empty)
		plan_page(c, &page);
	if (page.count > 0)
		c->empty_pages = 0;
	if (empty)
		c->end_doubted = true; /* the newest one is asked for */
	else if (!page.more || (c->o.to_id > 0 && c->last_seen >= c->o.to_id))
		end_history(c, page.limited);
}

static uint64_t all_rows(const struct clone *c)
{
	struct ledger_counts counts;
	uint64_t rows = 0;

	ledger_counts(c->o.ledger, &counts);
	for (uint32_t i = 0; i <= ROW_SKIPPED; i++)
		rows += counts.rows[i];
	return rows;
}

/* What a topic holds is counted with what is in no topic. 0: the server does not say. */
static int32_t told_count(const struct clone *c, const struct tl_obj *answer)
{
	return c->o.source_topic == 0 && !tl_flag(answer, TLF_inexact) ? tl_int(answer, TLF_count) : 0;
}

/*
 * Each message that is there has a row, and rows stay when messages go: so fewer rows than the server
 * counts are messages that it does not show. More of them say nothing.
 */
static void compare_count(struct clone *c)
{
	uint64_t rows = all_rows(c);
	char text[112];

	c->counted = true;
	if (c->from > 0 || c->floor > 0 || c->told <= 0 || rows >= (uint64_t)c->told)
		return;
	c->unseen = (uint64_t)c->told - rows;
	snprintf(text, sizeof(text), "the server counts %d messages in the source and showed %llu", c->told,
		 (unsigned long long)rows);
	clone_note(c, NOTE_INFO, NULL, text);
}

bool history_is_over(struct clone *c)
{
	if (!c->ended || ledger_durable(c->o.ledger) < c->plan_ticket)
		return false;
	if (!c->counted)
		compare_count(c);
	return true;
}

static int32_t highest_id(const struct tl_obj *answer)
{
	struct tl_vec list = tl_vec(answer, TLF_messages);
	int32_t highest = 0;

	for (uint32_t i = 0; i < list.count; i++)
		if (tl_int(tl_vec_obj(list, i), TLF_id) > highest)
			highest = tl_int(tl_vec_obj(list, i), TLF_id);
	return highest;
}

/* It says that there is nothing, and so did the page: by chance, that would be the end of a source with all in it. */
static bool is_hardly_so(struct clone *c, const struct tl_obj *answer)
{
	uint64_t rows = all_rows(c);
	struct ledger_row open;

	if (tl_vec(answer, TLF_messages).count > 0)
		return false;
	if (ledger_scan_open(c->o.ledger, c->last_seen, &open, 1) == 1)
		return true;
	if (c->from > 0 || c->floor > 0 || c->o.source_topic != 0)
		return c->last_seen == c->began_at;
	return rows == 0 || told_count(c, answer) > (int64_t)rows;
}

/*
 * The newest message above what was seen: none, and the end is the end. Else the page is asked for
 * again, and at last by ids: servers leave out what they may not show (reliability I1).
 */
static void take_newest(struct clone *c, const struct tl_obj *answer)
{
	if (answer == NULL && c->newest_spoilt++ < SPOILT_MAX) { /* which says nothing about a message yet */
		pending_later(&c->history, clone_now(c) + clone_backoff_ns(c->newest_spoilt - 1));
		return;
	}
	c->newest_spoilt = 0;
	if (answer != NULL && is_hardly_so(c, answer) && ++c->newest_empty < EMPTY_SURE) {
		pending_later(&c->history, clone_now(c) + clone_backoff_ns(c->newest_empty - 1));
		return;
	}
	c->newest_empty = 0;
	c->end_doubted = false;
	if (answer != NULL)
		by_id_return(c);
	if (answer != NULL && highest_id(answer) <= c->last_seen) {
		c->told = told_count(c, answer);
		end_history(c, false);
		return;
	}
	if (c->by_id) {
		by_id_newest(c, answer != NULL ? highest_id(answer) : 0);
		return;
	}
	clone_note(c, NOTE_RETRY, NULL, "a page of the source came empty, though there is more");
	pending_later(&c->history, clone_now(c) + clone_backoff_ns(c->empty_pages));
	if (++c->empty_pages >= EMPTY_MAX)
		by_id_start(c);
}

/* Nothing is up to there: the window begins behind it. */
static void pass_hole(struct clone *c, int32_t to)
{
	if (c->o.to_id > 0 && to > c->o.to_id)
		to = c->o.to_id;
	if (to <= c->last_seen)
		return;
	skip_vanished(c, NULL, c->last_seen, to);
	c->plan_ticket = ledger_plan(c->o.ledger, NULL, 0, by_id_sure(c, to));
	by_id_move(c, to, 0);
	c->last_seen = to;
	lower_floor(c);
	if (c->last_seen == c->o.to_id)
		end_history(c, false);
}

static void take_answer(struct clone *c, uint32_t tag, const struct tl_obj *answer,
			const struct tl_error *error)
{
	if (tag == ASK_NEWEST)
		take_newest(c, answer);
	else if (tag == ASK_PROBE)
		by_id_probed(c, answer != NULL);
	else if (tag == ASK_NEXT)
		pass_hole(c, by_id_landed(c, answer));
	else if (answer == NULL)
		by_id_unreadable(c, error);
	else if (!c->by_id || by_id_is_whole(c))
		take_page(c, answer);
}

void history_got(struct clone *c, const struct net_event *ev)
{
	const struct tl_obj *answer;
	struct tl_error error;

	c->history.out = false;
	if (ev->kind != NET_RESULT) {
		if (clone_common_error(c, &c->history, ev->code, ev->text, false))
			holds_keep(c, HOLD_HISTORY, c->history.not_before_ns);
		else if (ev->tag == ASK_PROBE)
			by_id_probed(c, true);
		else
			clone_end(c, CLONE_SOURCE, ev->text);
		return;
	}
	CRASH_POINT("clone.page.got");
	answer = tl_decode_result(&c->page, TLC_messages_getHistory, ev->result, &error);
	c->history.attempts = 0;
	take_answer(c, ev->tag, answer, &error);
}
