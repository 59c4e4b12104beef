/*
 * A fixed list of records, as a clone would hand them in: pages, and per message uploads, states,
 * intent, sent, done. After a crash a ledger must hold exactly the first n of them.
 */
#ifndef TGCLONE_TESTS_LEDGER_SCRIPT_H
#define TGCLONE_TESTS_LEDGER_SCRIPT_H

#include "tests/ledger/ledger_help.h"

enum { MESSAGES = 60, PAGE = 10, STEPS = 6, OPS = MESSAGES / PAGE * (1 + PAGE * STEPS) };

static inline uint64_t mix(uint64_t *seed)
{
	uint64_t z = (*seed += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static inline struct ledger_upload upload_of(int32_t id, uint8_t bits)
{
	struct ledger_upload u = {.source_id = id,
				  .file_id = id * 1000LL,
				  .size = 2LL << 30,
				  .part_size = 524288,
				  .part_total = 4096};

	u.bitmap[0] = bits;
	return u;
}

/* Record number n of the list: a page, or one step (F2, F3, F4, F5, F6, F7) of one message. */
static inline void hand_in(struct help *h, uint32_t n)
{
	uint32_t page = n / (1 + PAGE * STEPS), at = n % (1 + PAGE * STEPS);
	int32_t id = (int32_t)(page * PAGE + 1 + (at - 1) / STEPS);
	struct ledger_upload u;
	struct ledger_row r;

	if (at == 0) {
		help_plan(h, (int32_t)(page * PAGE + 1), PAGE);
		return;
	}
	switch ((at - 1) % STEPS) {
	case 0:
	case 1:
		u = upload_of(id, (at - 1) % STEPS == 0 ? 0 : 0xff);
		ledger_upload_put(h->ledger, &u);
		return;
	case 2:
		r = help_row(id, ROW_UPLOADED);
		ledger_put(h->ledger, &r);
		return;
	case 3:
		r = help_row(id, ROW_SENDING);
		ledger_intent(h->ledger, &r, 1, 5000 + id);
		return;
	default:
		r = help_row(id, (at - 1) % STEPS == 4 ? ROW_SENT : ROW_DONE);
		r.target_id = 5001 + id;
		if (r.state == ROW_SENT)
			ledger_sent(h->ledger, &r, 1);
		else
			ledger_put(h->ledger, &r);
	}
}

/* What the ledger must say of message id after the first n records. */
static inline enum row_state state_after(uint32_t n, int32_t id, int *upload)
{
	uint32_t page = (uint32_t)(id - 1) / PAGE, in_page = (uint32_t)(id - 1) % PAGE;
	uint32_t first = page * (1 + PAGE * STEPS) + 1 + in_page * STEPS;
	uint32_t steps = n <= first ? 0 : n - first;

	*upload = steps == 0 ? -1 : steps == 1 ? 0 : 0xff;
	return steps < 3    ? ROW_PLANNED
	       : steps == 3 ? ROW_UPLOADED
	       : steps == 4 ? ROW_SENDING
	       : steps == 5 ? ROW_SENT
			    : ROW_DONE;
}

static inline bool holds_first(struct help *h, uint32_t n)
{
	uint32_t pages = (n + PAGE * STEPS) / (1 + PAGE * STEPS);
	struct ledger_upload u;
	struct ledger_row r;
	int bits, watermark = 0;

	if (ledger_cursor(h->ledger, NULL) != (int32_t)(pages * PAGE))
		return false;
	for (int32_t id = 1; id <= MESSAGES; id++) {
		bool there = ledger_find(h->ledger, id, &r);

		if (there != (id <= (int32_t)(pages * PAGE)))
			return false;
		if (!there)
			continue;
		if (r.state != state_after(n, id, &bits))
			return false;
		if (r.state >= ROW_SENT && r.target_id != 5001 + id)
			return false;
		if (r.state >= ROW_SENDING)
			watermark = r.state >= ROW_SENT ? 5001 + id : 5000 + id;
		if (ledger_upload_find(h->ledger, id, 0, &u) != (bits >= 0))
			return false;
		if (bits >= 0 && u.bitmap[0] != bits)
			return false;
	}
	return ledger_watermark(h->ledger) == watermark;
}

#endif
