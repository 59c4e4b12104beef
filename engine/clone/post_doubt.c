/*
 * Sends whose fate is not known, and where in the target what became of them can stand. What an earlier life was
 * sending may have to wait: for another run, or behind what a gap still lacks. Meanwhile others are sent, which may
 * say the same, and the watermark passes its copy. So each such send keeps its own mark, above which its copy
 * stands; and where the target ended when it was made is the end of what stands for those before it.
 *
 *   sent, first life          sent, next life
 *   |above ...... copies .....|above ...... copies ......  (ids of the target)
 *
 * Owns the marks and the state they are kept in.
 */
#include "engine/clone/clone_priv.h"

enum { MARK_SIZE = 16 };

static const char MARKS[] = "post.doubts";
/* One for all of them, of earlier versions; an int32, -1: none. */
static const char SHARED[] = "post.doubt";

static_assert((int)DOUBTS_MAX * (int)MARK_SIZE <= (int)LEDGER_STATE_MAX, "all marks have a place");

/* How far below above that one is stands in the word of ends, where earlier versions had nothing. */
static struct doubt unpacked(const uint8_t raw[MARK_SIZE])
{
	struct doubt d = {.first = (int32_t)load_le32(raw),
			  .last = (int32_t)load_le32(raw + 4),
			  .above = (int32_t)load_le32(raw + 8),
			  .ends = (load_le32(raw + 12) & 1) != 0};

	d.from = d.above > 0 ? d.above - (int32_t)(load_le32(raw + 12) >> 1) : d.above;
	return d;
}

static void pack(const struct doubt *d, uint8_t raw[MARK_SIZE])
{
	store_le32(raw, (uint32_t)d->first);
	store_le32(raw + 4, (uint32_t)d->last);
	store_le32(raw + 8, (uint32_t)d->above);
	store_le32(raw + 12, (uint32_t)(d->above - d->from) << 1 | d->ends);
}

static void load(struct clone *c)
{
	uint8_t raw[DOUBTS_MAX * MARK_SIZE];
	size_t len = ledger_state(c->o.ledger, MARKS, (struct span){raw, sizeof(raw)});

	for (size_t at = 0; at + MARK_SIZE <= len; at += MARK_SIZE)
		c->doubts[c->doubt_count++] = unpacked(raw + at);
}

static void store(struct clone *c)
{
	uint8_t raw[DOUBTS_MAX * MARK_SIZE];

	for (uint32_t i = 0; i < c->doubt_count; i++)
		pack(&c->doubts[i], raw + i * MARK_SIZE);
	ledger_state_put(c->o.ledger, MARKS, cspan_of(raw, c->doubt_count * MARK_SIZE));
}

static void remove_mark(struct clone *c, uint32_t at)
{
	memmove(c->doubts + at, c->doubts + at + 1, (--c->doubt_count - at) * sizeof(*c->doubts));
}

/* The two oldest share one when there is no room: what they left stands above the lower one. */
static void add_mark(struct clone *c, struct doubt d)
{
	struct doubt *old = c->doubts;

	if (c->doubt_count == DOUBTS_MAX) {
		old[1].first = old[0].first < old[1].first ? old[0].first : old[1].first;
		old[1].last = old[0].last > old[1].last ? old[0].last : old[1].last;
		old[1].above = old[0].above < old[1].above ? old[0].above : old[1].above;
		old[1].from = old[0].from < old[1].from ? old[0].from : old[1].from;
		remove_mark(c, 0);
	}
	c->doubts[c->doubt_count++] = d;
	store(c);
}

/* The last send of it counts: what stands from those before that was looked for. -1: it has none. */
static int32_t mark_of(const struct clone *c, int32_t source_id)
{
	int32_t at = (int32_t)c->doubt_count;

	while (--at >= 0)
		if (c->doubts[at].first <= source_id && source_id <= c->doubts[at].last)
			break;
	return at;
}

bool post_same_doubt(const struct clone *c, int32_t source_id, int32_t other_id)
{
	return mark_of(c, source_id) == mark_of(c, other_id);
}

/* ---- a life begins ---- */

/* The rows in doubt up to one, in order; among them may be many that are only planned. */
struct sending {
	struct ledger_row rows[64];
	uint32_t count, at;
	int32_t after, last;
};

static const struct ledger_row *next_sending(struct clone *c, struct sending *s)
{
	while (s->after < s->last) {
		uint32_t ids = (uint32_t)(s->last - s->after);

		if (s->at == s->count) {
			s->count = ledger_scan_open(c->o.ledger, s->after, s->rows,
						    ids < countof(s->rows) ? ids : countof(s->rows));
			s->at = 0;
		}
		if (s->count == 0)
			return NULL;
		s->after = s->rows[s->at].source_id;
		if (s->rows[s->at++].state == ROW_SENDING && s->after <= s->last)
			return &s->rows[s->at - 1];
	}
	return NULL;
}

/* What the last life had in its slot when it ended. */
static bool unmarked(struct clone *c, struct doubt *out)
{
	struct sending s = {.last = INT32_MAX};
	const struct ledger_row *row;

	for (uint32_t i = 0; i < c->doubted && (row = next_sending(c, &s)) != NULL; i++) {
		if (mark_of(c, row->source_id) >= 0)
			continue;
		out->first = out->first != 0 ? out->first : row->source_id;
		out->last = row->source_id;
	}
	return out->first != 0;
}

void post_start_doubt(struct clone *c)
{
	int32_t shared = ledger_state_int(c->o.ledger, SHARED, -1);
	struct doubt d = {.above = c->watermark};
	struct ledger_counts n;

	ledger_counts(c->o.ledger, &n);
	c->doubted = (uint32_t)n.rows[ROW_SENDING];
	c->scheduled_none = c->doubted == 0 || c->o.target.peer.kind != PEER_CHANNEL;
	load(c);
	post_waits_start(c);
	if (c->doubt_count == 0 && shared >= 0)
		d.above = shared;
	d.from = d.above;
	if (unmarked(c, &d))
		add_mark(c, d);
	if (shared >= 0)
		ledger_state_put_int(c->o.ledger, SHARED, -1);
	if (c->doubted == 0 && c->doubt_count > 0) {
		c->doubt_count = 0;
		store(c);
	}
}

/* ---- what is sent ---- */

/* The run of ids that begins with the n-th row of the album: another one of it, which is gone, may stand between. */
static uint32_t run_of(const struct group *g, uint32_t n, struct doubt *d)
{
	uint32_t at = n;

	while (at + 1 < g->count && g->items[at + 1].row.source_id == g->items[at].row.source_id + 1)
		at++;
	d->first = g->items[n].row.source_id;
	d->last = g->items[at].row.source_id;
	return at + 1;
}

/* What is in the slot, in runs; of several groups all stands in the queue, one behind the other. */
static uint32_t runs_of_slot(const struct clone *c, struct doubt runs[ALBUM_MAX])
{
	const struct group *g = c->posting, *end = g;
	uint32_t n = 0;

	for (uint32_t i = 1; i < c->batch; i++)
		end = group_after(c, end);
	if (end != g) {
		runs[n++] = (struct doubt){.first = g->items[0].row.source_id,
					   .last = end->items[end->count - 1].row.source_id};
		return n;
	}
	for (uint32_t at = 0; at < g->count;)
		at = run_of(g, at, &runs[n++]);
	return n;
}

/* The last mark of exactly that goes; false: there was none. What d says of it begins no higher. */
static bool drop_mark(struct clone *c, struct doubt *d)
{
	int32_t at = mark_of(c, d->first);

	if (at < 0 || c->doubts[at].first != d->first || c->doubts[at].last != d->last)
		return false;
	if (c->doubts[at].from < d->from)
		d->from = c->doubts[at].from;
	remove_mark(c, (uint32_t)at);
	return true;
}

static void mark_slot(struct clone *c)
{
	struct doubt runs[ALBUM_MAX];
	uint32_t n = runs_of_slot(c, runs);

	for (uint32_t i = 0; i < n; i++) {
		runs[i].above = runs[i].from = c->watermark;
		runs[i].ends = c->doubt_end;
		(void)drop_mark(c, &runs[i]);
		add_mark(c, runs[i]);
	}
	c->slot_marked = true;
}

void post_mark_send(struct clone *c)
{
	if (c->doubt_count > 0) /* else nothing else is in doubt */
		mark_slot(c);
}

void post_keep_place(struct clone *c)
{
	if (mark_of(c, c->posting->items[0].row.source_id) < 0)
		mark_slot(c);
}

void post_unmark_send(struct clone *c)
{
	struct doubt runs[ALBUM_MAX];
	uint32_t n = c->slot_marked ? runs_of_slot(c, runs) : 0;

	c->slot_marked = false;
	for (uint32_t i = 0; i < n; i++)
		if (drop_mark(c, &runs[i]))
			store(c);
}

/*
 * They are looked for one by one, and what is not there is sent: the watermark passes copies of those behind it,
 * which the server may have made without it.
 */
void post_doubt_batch(struct clone *c)
{
	struct group *g = c->posting;

	mark_slot(c);
	for (uint32_t i = 0; i < c->batch; i++, g = group_after(c, g)) {
		c->doubted += g->count - g->doubted;
		g->doubted = g->count;
	}
	c->doubt_asked = c->doubt_end = false;
}

/* ---- what is looked for ---- */

bool post_wants_end(const struct clone *c, const struct group *head)
{
	return !c->doubt_asked && c->doubted > head->doubted;
}

/* Where that begins which was sent later. */
static int32_t end_of(const struct clone *c, uint32_t mark)
{
	int32_t end = INT32_MAX;

	for (uint32_t i = mark + 1; i < c->doubt_count; i++)
		if (c->doubts[i].ends && c->doubts[i].above < end)
			end = c->doubts[i].above;
	return end;
}

/* Known to have been sent, and not by the last send of it, it was executed after it had been looked for. */
static int32_t begin_of(const struct clone *c, const struct group *g, int32_t mark)
{
	if (mark < 0)
		return c->watermark;
	return g->duplicates >= DUPLICATES_SURE ? c->doubts[mark].from : c->doubts[mark].above;
}

static bool is_said_by(const struct group *g, const struct ledger_row *other)
{
	uint8_t now[32];

	for (uint32_t i = 0; i < g->count; i++) {
		post_fingerprint(&g->items[i], now);
		if (memcmp(other->digest, g->items[i].row.digest, sizeof(now)) == 0 ||
		    memcmp(other->digest, now, sizeof(now)) == 0)
			return true;
	}
	return false;
}

/* Those of one mark: it is known where they stand, however many are open in front of them. */
static struct sending sending_of(const struct clone *c, int32_t mark)
{
	return (struct sending){.after = c->doubts[mark].first - 1, .last = c->doubts[mark].last};
}

/* Something that was sent later says the same, and is in doubt as well: else what stands there is its copy, however late. */
static bool is_said_later(struct clone *c, const struct group *g)
{
	int32_t mark = mark_of(c, g->items[0].row.source_id);
	const struct ledger_row *row;

	while (++mark < (int32_t)c->doubt_count) {
		struct sending s = sending_of(c, mark);

		while ((row = next_sending(c, &s)) != NULL)
			if (is_said_by(g, row))
				return true;
	}
	return false;
}

uint32_t post_said_before(struct clone *c, const struct group *g)
{
	int32_t mark = mark_of(c, g->items[0].row.source_id);
	const struct ledger_row *row;
	struct sending s;
	uint32_t n = 0;

	if (mark < 0)
		return 0;
	s = sending_of(c, mark);
	if (s.last >= c->o.from_id)
		s.last = c->o.from_id - 1;
	while ((row = next_sending(c, &s)) != NULL)
		n += mark_of(c, row->source_id) == mark &&
		     memcmp(row->digest, g->items[0].row.digest, sizeof(row->digest)) == 0;
	return n;
}

void post_place_lookup(struct clone *c, struct group *head)
{
	c->doubted -= head->doubted < c->doubted ? head->doubted : c->doubted;
	head->doubted = 0;
	/* Those that had their turn are settled: the slot is free, and one in doubt goes first. */
	if (!head->suspect && c->doubted == 0 && c->doubt_count > 0) {
		c->doubt_count = 0;
		store(c);
	}
	c->slot_marked = false;
	c->lookup_at = c->watermark;
	c->lookup_end = 0;
	for (uint32_t i = 0; i < head->count; i++) {
		int32_t at = mark_of(c, head->items[i].row.source_id);
		int32_t end = at < 0 ? INT32_MAX : end_of(c, (uint32_t)at), above = begin_of(c, head, at);

		if (above < c->lookup_at)
			c->lookup_at = above;
		if (end > c->lookup_end)
			c->lookup_end = end;
	}
	c->lookup_bounded = c->lookup_end < INT32_MAX;
}

void post_bound_lookup(struct clone *c, const struct group *g)
{
	if (c->lookup_bounded && (g->duplicates >= DUPLICATES_SURE || !is_said_later(c, g)))
		c->lookup_end = INT32_MAX;
	c->lookup_bounded = false;
}
