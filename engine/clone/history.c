/*
 * Pages of the source, oldest first, into groups and ledger rows. An album is one group; order is
 * fixed here. A page is planned durably before the next one is asked for (reliability F1). Rows of
 * earlier runs are found in the ledger: what is done is stepped over, what was left open comes again.
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

enum { ID_ROUNDS_MAX = 1000 };

/* Resume where the oldest row is that did not end; without one, where planning stopped. */
void history_start(struct clone *c)
{
	struct ledger_row row;
	bool ended = false;
	int32_t cursor = ledger_cursor(c->o.ledger, &ended);

	c->known_last = cursor;
	c->last_seen = cursor;
	if (ledger_scan_open(c->o.ledger, 0, &row, 1) == 1 && row.source_id - 1 < cursor)
		c->last_seen = row.source_id - 1;
	if (c->o.from_id > 0 && c->last_seen < c->o.from_id - 1)
		c->last_seen = c->o.from_id - 1;
	c->watermark = ledger_watermark(c->o.ledger);
	c->end_known = c->watermark > 0 || post_began(c);
}

static const struct tl_obj *by_id_query(struct clone *c)
{
	int32_t ids[PAGE_SIZE];

	for (uint32_t i = 0; i < c->id_span; i++)
		ids[i] = c->last_seen + 1 + (int32_t)i;
	return ask_messages(&c->page, c->o.source.peer, ids, c->id_span);
}

void history_step(struct clone *c)
{
	uint64_t now = clone_now(c);

	if (c->ended || c->history.out || !c->topics_ready || !window_wants_page(c->queued))
		return;
	if (ledger_durable(c->o.ledger) < c->plan_ticket)
		return; /* its eventfd wakes us */
	if (!shelf_has(&c->shelf, GROUP_ARENA))
		return;
	if (now < c->history.not_before_ns) {
		clone_wake(c, c->history.not_before_ns);
		return;
	}
	CRASH_POINT("clone.page.ask");
	arena_rewind(&c->page, 0);
	c->history.out = clone_ask(c,
				   c->by_id ? by_id_query(c)
					    : ask_history(&c->page, c->o.source.peer,
							  c->o.source_topic, c->last_seen, PAGE_SIZE),
				   ASK_HISTORY, 0, 0, false);
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
	bool cut; /* the rest found no room: it is asked for again */
};

static bool in_page(const struct page *p, int32_t id)
{
	for (uint32_t i = 0; p != NULL && i < p->count; i++)
		if (p->msgs[i].id == id)
			return true;
	return false;
}

static void skip_gone(struct clone *c, const struct ledger_row *row)
{
	struct item gone = {.row = *row};

	gone.row.state = ROW_SKIPPED;
	snprintf(gone.row.reason, sizeof(gone.row.reason), "deleted at the source");
	ledger_put(c->o.ledger, &gone.row);
	clone_note(c, NOTE_SKIPPED, &gone, gone.row.reason);
}

/* The same, but an earlier life may have sent it: its turn comes, and then it is looked for. */
static bool doubt_gone(struct clone *c, const struct ledger_row *row)
{
	struct list *at = c->queue.next;
	struct group *g;

	if (row->state != ROW_SENDING || list_empty(&c->free_groups))
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
	group_skip(c, g, "deleted at the source");
	return true;
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
			if (!in_page(page, rows[i].source_id) && !doubt_gone(c, &rows[i]))
				skip_gone(c, &rows[i]);
		after = n > 0 ? rows[n - 1].source_id : after;
	} while (n == countof(rows) && after < last);
}

static bool add_message(struct clone *c, struct page *p, const struct tl_obj *obj)
{
	struct message *m = &p->msgs[p->count];

	message_read(obj, c->o.source.forum, m);
	if (m->id <= (p->count > 0 ? p->msgs[p->count - 1].id : c->last_seen))
		return false;
	/* By id, holes and other topics' messages come as well. */
	if (c->by_id && (m->empty || (c->o.source_topic != 0 && m->topic != c->o.source_topic)))
		return false;
	p->count++;
	return true;
}

/* Newest first on the wire, possibly with messages at or below last_seen near the newest end. */
static void read_page(struct clone *c, const struct tl_obj *answer, struct page *p)
{
	struct tl_vec list = tl_vec(answer, TLF_messages);

	p->answer = answer;
	p->count = 0;
	p->cut = false;
	for (uint32_t i = 0; i < list.count && p->count < PAGE_SIZE; i++)
		add_message(c, p, tl_vec_obj(list, c->by_id ? i : list.count - 1 - i));
	p->more = p->count > 0 || c->by_id;
}

/* An album cut by the end of a full page comes whole with the next one. */
static void hold_back_album(struct page *p)
{
	int64_t group = p->count > 0 ? p->msgs[p->count - 1].grouped_id : 0;
	uint32_t keep = p->count;

	if (group == 0 || !p->more || p->count < PAGE_SIZE / 2)
		return;
	while (keep > 0 && p->msgs[keep - 1].grouped_id == group)
		keep--;
	if (keep > 0)
		p->count = keep;
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

static void count_known(struct clone *c, const struct message *msgs, uint32_t n,
			struct ledger_row *rows, uint32_t *terminal, bool *suspect)
{
	*terminal = 0;
	*suspect = false;
	for (uint32_t i = 0; i < n; i++) {
		struct ledger_row known;

		fill_row(&msgs[i], &rows[i]);
		if (!known_row(c, msgs[i].id, &known))
			continue;
		*terminal += is_terminal(known.state);
		rows[i].state = known.state;
		if (known.state != ROW_SENDING && known.state != ROW_SENT)
			continue;
		*suspect = true;
		memcpy(rows[i].digest, known.digest, sizeof(known.digest)); /* what to look for */
	}
}

static void skip_rows(struct clone *c, struct ledger_row *rows, uint32_t n, const char *reason)
{
	for (uint32_t i = 0; i < n; i++) {
		struct item item;

		rows[i].state = ROW_SKIPPED;
		snprintf(rows[i].reason, sizeof(rows[i].reason), "%s", reason);
		item = (struct item){.row = rows[i]};
		clone_note(c, NOTE_SKIPPED, &item, reason);
	}
}

/* False: no room for it now. */
static bool load_group(struct clone *c, const struct page *p, uint32_t at, uint32_t n,
		       struct ledger_row *rows, const struct plan *plan, bool suspect)
{
	struct group *g = group_take(c);
	enum group_fit fit;

	g->mode = plan->mode;
	g->suspect = suspect;
	g->reply_source = p->msgs[at].reply_to;
	g->target_topic = topics_target(c, p->msgs[at].topic);
	snprintf(g->note, sizeof(g->note), "%s", plan->reason);
	for (uint32_t i = 0; i < n; i++) {
		rows[i].mode = (uint8_t)plan->mode;
		rows[i].target_topic = g->target_topic;
	}
	fit = group_load(c, g, &p->msgs[at], n, p->answer, rows);
	if (fit == GROUP_TOO_LARGE)
		skip_rows(c, rows, n, "message too large to hold");
	if (fit != GROUP_FITS)
		group_give(c, g);
	return fit != GROUP_NO_ROOM;
}

/* What found no room comes again when there is some: one group of any size was waited for. */
static void cut_page(struct page *p, uint32_t at)
{
	p->count = at;
	p->more = true;
	p->cut = true;
}

/* Plans one page: rows of one transaction, groups in the queue. */
static void plan_page(struct clone *c, struct page *p)
{
	struct ledger_row rows[PAGE_SIZE];
	int32_t last;

	for (uint32_t at = 0, n; at < p->count; at += n) {
		struct plan plan;
		uint32_t terminal;
		bool suspect;

		n = album_length(p, at);
		count_known(c, &p->msgs[at], n, &rows[at], &terminal, &suspect);
		if (terminal == n)
			continue;
		plan_group(&p->msgs[at], n, &c->o.plan, &plan);
		if (plan.mode == PLAN_SKIP)
			skip_rows(c, &rows[at], n, plan.reason);
		else if (!load_group(c, p, at, n, &rows[at], &plan, suspect))
			cut_page(p, at);
		for (uint32_t i = at; i < at + n && i < p->count && rows[i].source_id <= c->known_last;
		     i++)
			if (rows[i].state == ROW_SKIPPED)
				ledger_put(c->o.ledger, &rows[i]);
	}
	if (p->count == 0)
		return;
	last = p->msgs[p->count - 1].id;
	CRASH_POINT("clone.plan.before");
	skip_vanished(c, p, c->last_seen, last);
	c->plan_ticket = ledger_plan(c->o.ledger, rows, p->count, last > c->known_last ? last
										     : c->known_last);
	CRASH_POINT("clone.plan.after");
	c->planned_rows += p->count;
	c->last_seen = last;
}

/* The range's end, by --to or --limit: what lies above is not looked at in this run. */
static void cut_range(const struct clone *c, struct page *p)
{
	while (c->o.to_id > 0 && p->count > 0 && p->msgs[p->count - 1].id > c->o.to_id) {
		p->count--;
		p->more = false;
	}
	if (c->o.limit != 0 && c->planned_rows + p->count >= c->o.limit) {
		p->count = (uint32_t)(c->o.limit - c->planned_rows);
		p->more = false;
	}
}

static void end_history(struct clone *c)
{
	skip_vanished(c, NULL, c->last_seen, c->o.to_id > 0 ? c->o.to_id : INT32_MAX);
	CRASH_POINT("clone.planend.before");
	c->plan_ticket = ledger_plan_end(c->o.ledger, c->last_seen);
	CRASH_POINT("clone.planend.after");
	c->ended = true;
}

/* One message that this program has no words for: its row says so, and the pages go on behind it. */
static void skip_unreadable(struct clone *c, const struct tl_error *error)
{
	struct ledger_row row = {.source_id = c->last_seen + 1, .state = ROW_SKIPPED};
	struct item item;

	snprintf(row.reason, sizeof(row.reason), "unsupported (constructor %08x)", error->id);
	item = (struct item){.row = row};
	clone_note(c, NOTE_SKIPPED, &item, row.reason);
	c->last_seen++;
	c->plan_ticket = ledger_plan(c->o.ledger, &row, 1, c->last_seen > c->known_last ? c->last_seen
										   : c->known_last);
	c->by_id = false;
}

/* Halved down to a single id, so that one strange message costs only itself (reliability S41). */
static void unreadable(struct clone *c, const struct tl_error *error)
{
	if (!c->by_id) {
		c->by_id = true;
		c->id_span = PAGE_SIZE;
	} else if (c->id_span > 1) {
		c->id_span = c->id_span / 2;
	} else {
		skip_unreadable(c, error);
	}
}

static void take_page(struct clone *c, const struct tl_obj *answer)
{
	struct page page;
	int32_t behind = c->last_seen + (c->by_id ? (int32_t)c->id_span : 0);

	read_page(c, answer, &page);
	cut_range(c, &page);
	hold_back_album(&page);
	if (page.count > 0)
		plan_page(c, &page);
	if (c->by_id && !page.cut && c->last_seen < behind)
		c->last_seen = behind;
	if (!page.more || (c->o.to_id > 0 && c->last_seen >= c->o.to_id))
		end_history(c);
	else if (!c->by_id)
		c->id_rounds = 0;
	else if (++c->id_rounds > ID_ROUNDS_MAX)
		clone_end(c, CLONE_SOURCE, "a page of the source cannot be read, but each message of it can");
}

void history_got(struct clone *c, const struct net_event *ev)
{
	const struct tl_obj *answer;
	struct tl_error error;

	c->history.out = false;
	if (ev->kind != NET_RESULT) {
		if (!clone_common_error(c, &c->history, ev->code, ev->text, false))
			clone_end(c, CLONE_SOURCE, ev->text);
		holds_keep(c, HOLD_HISTORY, c->history.not_before_ns);
		return;
	}
	CRASH_POINT("clone.page.got");
	answer = tl_decode_result(&c->page, TLC_messages_getHistory, ev->result, &error);
	c->history.attempts = 0;
	if (answer != NULL)
		take_page(c, answer);
	else
		unreadable(c, &error);
}
