/*
 * Where the pages cannot be read, or come empty: a window of ids is asked for instead. What no answer
 * can be read with is found by halving, so that one strange message costs only itself (reliability S41);
 * then the window is asked for once more without it, and planned as a page. One that can be read in parts
 * only becomes as narrow as they are. Holes, which are wide where ids are the account's, are passed by
 * asking for the next message within ever more ids. Behind what nobody knows to be there windows are passed on trial
 * only: the ids may be those of messages that are not written yet. Owns the window's bookkeeping.
 *
 *   last_seen |--- read ---|lo|--- span: asked for now ---|   |  last_seen + window
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

enum { LEAP_MOST = 1 << 28 };

static const uint64_t AGAIN_NS = 1000000000;

static void whole_window(struct clone *c)
{
	c->id_lo = 0;
	c->id_span = c->id_window;
	c->id_round_found = false;
}

/* What was too wide then may be so still: not so wide at once. */
static uint32_t first_window(uint32_t before)
{
	return before == 0 || before > PAGE_SIZE / 2 ? PAGE_SIZE : 2 * before;
}

void by_id_start(struct clone *c)
{
	c->by_id = true;
	c->by_id_found = false;
	c->id_passed = 0;
	c->id_newest = 0;
	c->id_leap = 0;
	c->id_again = c->id_probing = c->id_probed = false;
	c->id_window = first_window(c->id_window);
	memset(c->id_bad, 0, sizeof(c->id_bad));
	whole_window(c);
}

/* All of it was read, part by part, and nothing in it was to blame: parts it is, then. */
static void end_round(struct clone *c, uint32_t part)
{
	if (!c->id_round_found)
		c->id_window = part;
	whole_window(c);
}

bool by_id_is_whole(struct clone *c)
{
	uint32_t part = c->id_span;

	c->id_again = false;
	if (c->id_lo == 0 && c->id_span == c->id_window)
		return true;
	c->id_lo += c->id_span;
	if (c->id_lo >= c->id_window)
		end_round(c, part);
	else if (c->id_span > c->id_window - c->id_lo)
		c->id_span = c->id_window - c->id_lo;
	return false;
}

const struct tl_obj *by_id_query(struct clone *c)
{
	int32_t ids[PAGE_SIZE];
	uint32_t count = 0;

	for (uint32_t i = c->id_lo; i < c->id_lo + c->id_span && !c->id_probing; i++)
		if (c->id_bad[i] == 0 && c->last_seen < INT32_MAX - (int32_t)i)
			ids[count++] = c->last_seen + 1 + (int32_t)i;
	if (count == 0)
		ids[count++] = INT32_MAX; /* none is left: one that is not there */
	return ask_messages(&c->page, c->o.source.peer, ids, count);
}

static void found_bad(struct clone *c, const struct tl_error *error)
{
	c->id_bad[c->id_lo] = error->id != 0 ? error->id : 1;
	c->by_id_found = c->id_round_found = true;
	c->id_lo++;
	c->id_span = c->id_window - c->id_lo;
	if (c->id_span == 0)
		whole_window(c);
}

/* One id is believed to be to blame when it could not be read twice, and another could. */
void by_id_unreadable(struct clone *c, const struct tl_error *error)
{
	if (!c->by_id) {
		by_id_start(c);
	} else if (c->id_span > 1) {
		c->id_span /= 2;
	} else if (!c->id_again) {
		c->id_again = true;
		c->id_probing = !c->id_probed;
		pending_later(&c->history, clone_now(c) + AGAIN_NS);
	} else {
		c->id_again = false;
		found_bad(c, error);
	}
}

void by_id_probed(struct clone *c, bool readable)
{
	c->id_probing = false;
	c->id_probed = true;
	if (!readable)
		clone_end(c, CLONE_SOURCE, "nothing that the server says of the source can be read: "
					   "is there a newer version of this program?");
}

bool by_id_is_here(const struct clone *c, const struct tl_obj *message)
{
	return c->o.source.peer.kind == PEER_CHANNEL ||
	       peer_same(peer_read(tl_sub(message, TLF_peer_id)), c->o.source.peer);
}

int32_t by_id_end(const struct clone *c)
{
	int32_t window = (int32_t)c->id_window;

	return c->last_seen < INT32_MAX - window ? c->last_seen + window : INT32_MAX;
}

int32_t by_id_last_bad(const struct clone *c, int32_t end)
{
	int32_t last = 0;

	for (int32_t i = 0; i < PAGE_SIZE && i < end - c->last_seen; i++)
		if (c->id_bad[i] != 0)
			last = c->last_seen + 1 + i;
	return last;
}

bool by_id_why(const struct clone *c, int32_t id, char why[64])
{
	int64_t at = (int64_t)id - c->last_seen - 1;

	if (!c->by_id || at < 0 || at >= PAGE_SIZE || c->id_bad[at] == 0)
		return false;
	snprintf(why, 64, "unsupported (constructor %08x)", c->id_bad[at]);
	return true;
}

uint32_t by_id_bad(struct clone *c, int32_t last, struct ledger_row *rows)
{
	uint32_t n = 0;

	for (int64_t id = (int64_t)c->last_seen + 1; id <= last; id++) {
		struct ledger_row *row = &rows[n];
		struct item item;
		char why[64];

		if (!by_id_why(c, (int32_t)id, why) ||
		    (id <= c->known_last && ledger_find(c->o.ledger, (int32_t)id, row)))
			continue;
		*row = (struct ledger_row){.source_id = (int32_t)id, .state = ROW_SKIPPED};
		memcpy(row->reason, why, sizeof(why));
		item = (struct item){.row = *row};
		clone_note(c, NOTE_SKIPPED, &item, row->reason);
		n++;
	}
	return n;
}

void by_id_move(struct clone *c, int32_t last, uint32_t messages)
{
	uint32_t passed = (uint32_t)(last - c->last_seen);
	bool known = false;

	for (uint32_t i = 0; i < PAGE_SIZE; i++) {
		uint64_t from = (uint64_t)i + passed;

		c->id_bad[i] = from < PAGE_SIZE ? c->id_bad[from] : 0;
		known |= c->id_bad[i] != 0;
	}
	whole_window(c);
	c->id_passed += messages;
	/* A page is tried again when what stopped it is behind us. */
	if (!known && (c->by_id_found || c->id_passed >= PAGE_SIZE ||
		       (messages > 0 && c->empty_pages > 0)))
		c->by_id = false;
}

void by_id_leap(struct clone *c)
{
	if (by_id_last_bad(c, INT32_MAX) == 0)
		c->id_leap = 2 * PAGE_SIZE;
}

void by_id_newest(struct clone *c, int32_t newest)
{
	if (newest == 0 && c->id_believed == 0)
		c->id_believed = c->last_seen + 1;
	c->id_newest = newest > 0 ? newest : by_id_end(c);
}

int32_t by_id_sure(const struct clone *c, int32_t last)
{
	if (c->id_believed > 0)
		last = c->id_believed - 1;
	return last > c->known_last ? last : c->known_last;
}

void by_id_return(struct clone *c)
{
	if (c->id_believed == 0)
		return;
	c->last_seen = c->id_believed - 1;
	c->id_believed = 0;
	if (c->by_id)
		by_id_start(c);
}

/* The next message, on the page that an answer is. */
static int32_t next_of(const struct clone *c, const struct tl_obj *answer)
{
	struct tl_vec list = tl_vec(answer, TLF_messages);
	int32_t next = 0;

	for (uint32_t i = 0; i < list.count; i++) {
		int32_t id = tl_int(tl_vec_obj(list, i), TLF_id);

		if (id > c->last_seen && (next == 0 || id < next))
			next = id;
	}
	return next;
}

int32_t by_id_landed(struct clone *c, const struct tl_obj *answer)
{
	int32_t next = next_of(c, answer), leap = c->id_leap;
	int32_t most = c->id_newest > c->last_seen ? c->id_newest - 1 : c->last_seen;

	c->id_leap = 0;
	if (answer == NULL && leap > PAGE_SIZE) {
		c->id_leap = leap / 2; /* what cannot be read is within it */
		return c->last_seen;
	}
	if (answer == NULL || most == c->last_seen)
		return c->last_seen;
	if (next > 0)
		return next - 1 < most ? next - 1 : most;
	if (leap >= most - c->last_seen)
		return most;
	c->id_leap = leap < LEAP_MOST ? 2 * leap : leap;
	return c->last_seen + leap;
}

static int32_t window_end(const struct clone *c)
{
	int32_t end = by_id_end(c);

	return c->o.to_id > 0 && c->o.to_id < end ? c->o.to_id : end;
}

void by_id_believe(struct clone *c)
{
	c->id_newest = c->id_believed = 0;
}

int32_t by_id_seen(struct clone *c, int32_t last)
{
	int32_t end = window_end(c), bad = by_id_last_bad(c, end);

	if (bad > last && bad <= c->id_newest)
		last = bad;
	if (last > c->last_seen) {
		by_id_believe(c);
		return last;
	}
	if (c->id_newest > last) {
		if (c->empty_pages < EMPTY_MAX)
			by_id_leap(c);
		return c->id_newest < end ? c->id_newest : end;
	}
	c->end_doubted = true;
	return last;
}
