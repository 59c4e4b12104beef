/*
 * What is sent behind its place: a retry, or a range that fills a gap, sends messages whose neighbours
 * were sent before. Where the job stood then is kept in a named state, so that whoever looks at the
 * order later can tell what was meant from what is a fault. Owns the form of that state.
 *
 *   source id up to the cursor, target id above the watermark -> sent after the mark was set
 */
#include "engine/ledger/ledger_priv.h"

enum { MARK_SIZE = 12, MARKS_EACH = LEDGER_STATE_MAX / MARK_SIZE };

/* A state holds so many; each is begun when the one before it is full. */
static const char *const LATE[] = {"late.marks",   "late.marks.2", "late.marks.3", "late.marks.4",
				   "late.marks.5", "late.marks.6", "late.marks.7", "late.marks.8"};

/* The last mark is of a moment when copies may have stood above the watermark; an int32. */
static const char OPEN[] = "late.open";

static_assert(LEDGER_LATE_MAX == countof(LATE) * MARKS_EACH, "all marks have a place");

void ledger_late(struct ledger *l, struct ledger_late *out)
{
	uint8_t raw[LEDGER_STATE_MAX];

	*out = (struct ledger_late){.count = 0};
	for (size_t i = 0; i < countof(LATE) && out->count == i * MARKS_EACH; i++) {
		size_t len = ledger_state(l, LATE[i], (struct span){raw, MARKS_EACH * MARK_SIZE});

		for (size_t at = 0; at + MARK_SIZE <= len; at += MARK_SIZE)
			out->marks[out->count++] =
				(struct ledger_mark){(int32_t)load_le32(raw + at),
						     (int32_t)load_le32(raw + at + 4),
						     (int32_t)load_le32(raw + at + 8)};
	}
}

static void put_state(struct ledger *l, const char *name, const struct ledger_mark *marks, uint32_t count)
{
	uint8_t raw[LEDGER_STATE_MAX];

	for (uint32_t i = 0; i < count; i++) {
		store_le32(raw + i * MARK_SIZE, (uint32_t)marks[i].cursor);
		store_le32(raw + i * MARK_SIZE + 4, (uint32_t)marks[i].watermark);
		store_le32(raw + i * MARK_SIZE + 8, (uint32_t)marks[i].from);
	}
	ledger_state_put(l, name, cspan_of(raw, count * MARK_SIZE));
}

/* Those from `first` on are others than before. */
static void put_marks(struct ledger *l, const struct ledger_late *late, uint32_t first)
{
	for (uint32_t at = first / MARKS_EACH * MARKS_EACH; at < late->count; at += MARKS_EACH) {
		uint32_t n = late->count - at;

		put_state(l, LATE[at / MARKS_EACH], late->marks + at, n < MARKS_EACH ? n : MARKS_EACH);
	}
}

static void mark_late(struct ledger *l, int32_t from, bool anew)
{
	bool ended;
	struct ledger_mark now = {ledger_cursor(l, &ended), ledger_watermark(l), from};
	const struct ledger_mark *last;
	struct ledger_counts counts;
	struct ledger_late late;
	uint32_t first;

	ledger_late(l, &late);
	ledger_counts(l, &counts);
	last = late.count > 0 ? &late.marks[late.count - 1] : NULL;
	if (now.watermark == 0 && counts.rows[ROW_SENDING] == 0)
		return; /* nothing was sent that it could come behind */
	if (!anew && last != NULL && last->cursor == now.cursor && last->from == from &&
	    (from != LEDGER_RETRIED || last->watermark == now.watermark))
		return; /* the same goes on */
	first = late.count;
	if (last != NULL && counts.rows[ROW_SENDING] == 0 &&
	    !ledger_sent_behind(l, last->cursor, last->watermark)) {
		first = --late.count; /* nothing came behind it: it tells nobody apart */
	} else if (late.count == LEDGER_LATE_MAX) {
		memmove(late.marks, late.marks + 1, (LEDGER_LATE_MAX - 1) * sizeof(late.marks[0]));
		late.count--;
		first = 0;
	}
	late.marks[late.count++] = now;
	put_marks(l, &late, first);
	ledger_state_put_int(l, OPEN, counts.rows[ROW_SENDING] > 0);
}

void ledger_mark_late(struct ledger *l, int32_t from)
{
	mark_late(l, from, false);
}

void ledger_mark_late_anew(struct ledger *l, int32_t from)
{
	mark_late(l, from, true);
}

bool ledger_late_is_open(struct ledger *l)
{
	return ledger_state_int(l, OPEN, 0) != 0;
}

void ledger_late_close(struct ledger *l, int32_t end)
{
	struct ledger_late late;

	ledger_late(l, &late);
	if (late.count > 0 && end > late.marks[late.count - 1].watermark) {
		late.marks[late.count - 1].watermark = end;
		put_marks(l, &late, late.count - 1);
	}
	ledger_state_put_int(l, OPEN, 0);
}

uint32_t ledger_lateness(const struct ledger_late *late, const struct ledger_row *row)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < late->count; i++)
		n += row->source_id <= late->marks[i].cursor &&
		     row->target_id > late->marks[i].watermark;
	return n;
}
