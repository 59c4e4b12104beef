/*
 * What is sent behind its place: a retry, or a range that fills a gap, sends messages whose neighbours
 * were sent before. Where the job stood then is kept in a named state, so that whoever looks at the
 * order later can tell what was meant from what is a fault. Owns the form of that state.
 *
 *   source id up to the cursor, target id above the watermark -> sent after the mark was set
 */
#include "engine/ledger/ledger_priv.h"

enum { MARK_SIZE = 12 };

static const char LATE[] = "late.marks";

static_assert(LEDGER_LATE_MAX * MARK_SIZE <= LEDGER_STATE_MAX, "all marks are one state");

void ledger_late(struct ledger *l, struct ledger_late *out)
{
	uint8_t raw[LEDGER_STATE_MAX];
	size_t len = ledger_state(l, LATE, (struct span){raw, sizeof(raw)});

	*out = (struct ledger_late){.count = 0};
	for (size_t at = 0; at + MARK_SIZE <= len && out->count < LEDGER_LATE_MAX; at += MARK_SIZE)
		out->marks[out->count++] = (struct ledger_mark){(int32_t)load_le32(raw + at),
								(int32_t)load_le32(raw + at + 4),
								(int32_t)load_le32(raw + at + 8)};
}

static void put_marks(struct ledger *l, const struct ledger_late *late)
{
	uint8_t raw[LEDGER_STATE_MAX];

	for (uint32_t i = 0; i < late->count; i++) {
		store_le32(raw + i * MARK_SIZE, (uint32_t)late->marks[i].cursor);
		store_le32(raw + i * MARK_SIZE + 4, (uint32_t)late->marks[i].watermark);
		store_le32(raw + i * MARK_SIZE + 8, (uint32_t)late->marks[i].from);
	}
	ledger_state_put(l, LATE, cspan_of(raw, late->count * MARK_SIZE));
}

void ledger_mark_late(struct ledger *l, int32_t from)
{
	bool ended;
	struct ledger_mark now = {ledger_cursor(l, &ended), ledger_watermark(l), from};
	struct ledger_late late;
	const struct ledger_mark *last;

	ledger_late(l, &late);
	last = late.count > 0 ? &late.marks[late.count - 1] : NULL;
	if (now.watermark == 0)
		return; /* nothing was sent that it could come behind */
	if (last != NULL && last->cursor == now.cursor && last->from == from &&
	    (from != LEDGER_RETRIED || last->watermark == now.watermark))
		return; /* the same goes on */
	if (last != NULL && !ledger_sent_behind(l, last->cursor, last->watermark)) {
		late.count--; /* nothing came behind it: it tells nobody apart */
	} else if (late.count == LEDGER_LATE_MAX) {
		memmove(late.marks, late.marks + 1, (LEDGER_LATE_MAX - 1) * sizeof(late.marks[0]));
		late.count--;
	}
	late.marks[late.count++] = now;
	put_marks(l, &late);
}

uint32_t ledger_lateness(const struct ledger_late *late, const struct ledger_row *row)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < late->count; i++)
		n += row->source_id <= late->marks[i].cursor &&
		     row->target_id > late->marks[i].watermark;
	return n;
}
