/*
 * Where a run begins in the source, by the rows of earlier ones: where they left something open, behind what its range
 * leaves out, and which of that will be late.
 */
#include "engine/clone/clone_priv.h"

/* The last row that was being sent behind a range when that was marked as late for it; an int32. */
static const char BEHIND[] = "history.behind";

/* 1: a range began behind open rows. What it was sending may be there, and what is in front of it, too, need not be. */
static const char PASSED[] = "history.passed";

void history_keep_floor(struct clone *c, int32_t floor)
{
	c->floor = floor;
	ledger_state_put_int(c->o.ledger, HISTORY_FLOOR, floor);
}

int32_t clone_left_out(struct ledger *ledger)
{
	return ledger_state_int(ledger, HISTORY_FLOOR, 0);
}

/* The id before a row, or before the album that it is of: what is there of that is to be known. */
static int32_t before_album(struct clone *c, const struct ledger_row *row)
{
	int32_t before = row->source_id - 1;
	struct ledger_row other;

	for (int32_t i = 1; row->grouped_id != 0 && i < ALBUM_MAX && i < row->source_id; i++)
		if (ledger_find(c->o.ledger, row->source_id - i, &other) &&
		    other.grouped_id == row->grouped_id)
			before = row->source_id - i - 1;
	return before;
}

static uint32_t late_when_sent(const struct ledger_late *late, const struct ledger_row *open)
{
	struct ledger_row row = *open;

	row.target_id = INT32_MAX;
	return ledger_lateness(late, &row);
}

/*
 * Whether the range's open rows stand in front of some that were sent already: a run of a later range
 * passed them. Not when they were late before, and the others were not.
 */
static bool comes_behind(struct clone *c)
{
	struct ledger_row rows[64], first;
	struct ledger_late late;
	bool open[LEDGER_LATE_MAX + 1] = {false}; /* of each lateness some row is */
	uint32_t n, lateness;
	int32_t sending = 0; /* behind one that was not even tried, or behind the range */
	bool waits, passed = ledger_state_int(c->o.ledger, PASSED, 0) != 0;

	if (ledger_scan_open(c->o.ledger, c->last_seen, &first, 1) == 0 ||
	    (c->o.to_id > 0 && first.source_id > c->o.to_id))
		return false;
	ledger_late(c->o.ledger, &late);
	waits = first.state != ROW_SENDING || passed;
	lateness = late_when_sent(&late, &first);
	open[lateness] = true;
	for (int32_t after = first.source_id;; after = rows[n - 1].source_id) {
		n = ledger_scan(c->o.ledger, after, rows, countof(rows));
		for (uint32_t i = 0; i < n; i++) {
			bool wanted = c->o.to_id == 0 || rows[i].source_id <= c->o.to_id;

			if (rows[i].state == ROW_SENDING && (waits || !wanted))
				sending = rows[i].source_id; /* it may be there */
			if (rows[i].target_id > 0 && open[ledger_lateness(&late, &rows[i])])
				return true;
			if (rows[i].state > ROW_SENDING || !wanted)
				continue;
			open[late_when_sent(&late, &rows[i])] = true; /* also what was being sent may not be there */
			waits |= rows[i].state < ROW_SENDING;
		}
		if (n < countof(rows))
			break;
	}
	if (sending == 0 || (lateness > 0 && !passed && sending == ledger_state_int(c->o.ledger, BEHIND, 0)))
		return false;
	ledger_state_put_int(c->o.ledger, BEHIND, sending);
	return true;
}

/* What a range leaves open in front of it, behind the mark that this run sets. */
static void keep_passed(struct clone *c, bool marked)
{
	struct ledger_row first;
	bool passed = ledger_scan_open(c->o.ledger, 0, &first, 1) == 1 && first.source_id <= c->last_seen;

	if ((passed || marked) && passed != (ledger_state_int(c->o.ledger, PASSED, 0) != 0))
		ledger_state_put_int(c->o.ledger, PASSED, passed);
}

/* A range does not begin within an album that was being sent: nobody could tell its items from each other. */
static void begin_whole(struct clone *c)
{
	struct ledger_row row, other;

	if (c->last_seen == INT32_MAX || !ledger_find(c->o.ledger, c->last_seen + 1, &row) || row.grouped_id == 0 ||
	    row.state != ROW_SENDING)
		return;
	while (c->last_seen > 0 && ledger_find(c->o.ledger, c->last_seen, &other) &&
	       other.grouped_id == row.grouped_id && other.state == ROW_SENDING)
		c->last_seen--;
}

static void mark_late(struct clone *c)
{
	bool anew = comes_behind(c);

	if (anew)
		ledger_mark_late_anew(c->o.ledger, c->from < c->floor ? c->from : c->last_seen);
	else if (c->from < c->floor)
		ledger_mark_late(c->o.ledger, c->from); /* behind what was sent before */
	keep_passed(c, anew);
	ledger_sync(c->o.ledger); /* a fault is told in the first step */
	c->late_open = ledger_late_is_open(c->o.ledger);
}

/*
 * Resume where the oldest row is that did not end; without one, where planning stopped. A run whose
 * range begins behind that leaves a gap: one that wants what is in it begins at its own beginning.
 */
void history_start(struct clone *c)
{
	struct ledger_row row;
	bool ended = false;
	int32_t cursor = ledger_cursor(c->o.ledger, &ended);

	c->known_last = cursor;
	c->last_seen = cursor;
	c->from = c->o.from_id > 0 ? c->o.from_id - 1 : 0;
	c->floor = clone_left_out(c->o.ledger);
	if (ledger_scan_open(c->o.ledger, 0, &row, 1) == 1 && row.source_id - 1 < cursor)
		c->last_seen = before_album(c, &row);
	if (c->last_seen < c->from || c->from < c->floor)
		c->last_seen = c->from;
	begin_whole(c);
	mark_late(c);
	if (c->last_seen > cursor)
		history_keep_floor(c, c->last_seen);
	c->began_at = c->last_seen;
	c->watermark = ledger_watermark(c->o.ledger);
	c->end_known = c->watermark > 0 || post_began(c);
	post_start_doubt(c);
}
