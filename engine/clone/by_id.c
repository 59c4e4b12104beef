/*
 * Where the pages cannot be read, or come empty: a window of ids is asked for instead. What no answer
 * can be read with is found by halving, so that one strange message costs only itself (reliability S41);
 * then the window is asked for once more without it, and planned as a page. Owns the window's bookkeeping.
 *
 *   last_seen |--- read ---|lo|--- span: asked for now ---|   |  last_seen + PAGE_SIZE
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

enum { ROUNDS_MAX = 1000 }; /* windows without anything */

static void whole_window(struct clone *c)
{
	c->id_lo = 0;
	c->id_span = PAGE_SIZE;
}

void by_id_start(struct clone *c)
{
	c->by_id = true;
	c->by_id_found = false;
	c->id_rounds = 0;
	c->id_newest = 0;
	memset(c->id_bad, 0, sizeof(c->id_bad));
	whole_window(c);
}

bool by_id_is_whole(struct clone *c)
{
	if (c->id_lo == 0 && c->id_span == PAGE_SIZE)
		return true;
	c->id_lo += c->id_span;
	if (c->id_lo >= PAGE_SIZE)
		whole_window(c);
	else if (c->id_span > PAGE_SIZE - c->id_lo)
		c->id_span = PAGE_SIZE - c->id_lo;
	return false;
}

const struct tl_obj *by_id_query(struct clone *c)
{
	int32_t ids[PAGE_SIZE];
	uint32_t count = 0;

	for (uint32_t i = c->id_lo; i < c->id_lo + c->id_span; i++)
		if (c->id_bad[i] == 0 && c->last_seen < INT32_MAX - (int32_t)i)
			ids[count++] = c->last_seen + 1 + (int32_t)i;
	if (count == 0)
		ids[count++] = c->last_seen; /* none is left: one that is not looked at */
	return ask_messages(&c->page, c->o.source.peer, ids, count);
}

void by_id_unreadable(struct clone *c, const struct tl_error *error)
{
	if (!c->by_id) {
		by_id_start(c);
		return;
	}
	if (c->id_span > 1) {
		c->id_span /= 2;
		return;
	}
	c->id_bad[c->id_lo] = error->id != 0 ? error->id : 1;
	c->by_id_found = true;
	c->id_lo++;
	c->id_span = PAGE_SIZE - c->id_lo;
	if (c->id_span == 0)
		whole_window(c);
}

bool by_id_is_here(const struct clone *c, const struct tl_obj *message)
{
	return c->o.source.peer.kind == PEER_CHANNEL ||
	       peer_same(peer_read(tl_sub(message, TLF_peer_id)), c->o.source.peer);
}

int32_t by_id_end(const struct clone *c)
{
	return c->last_seen < INT32_MAX - PAGE_SIZE ? c->last_seen + PAGE_SIZE : INT32_MAX;
}

int32_t by_id_last_bad(const struct clone *c, int32_t end)
{
	int32_t last = 0;

	for (int32_t i = 0; i < PAGE_SIZE && i < end - c->last_seen; i++)
		if (c->id_bad[i] != 0)
			last = c->last_seen + 1 + i;
	return last;
}

uint32_t by_id_bad(struct clone *c, int32_t last, struct ledger_row *rows)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < PAGE_SIZE && c->last_seen + 1 + (int64_t)i <= last; i++) {
		struct ledger_row *row = &rows[n];
		struct item item;

		if (c->id_bad[i] == 0)
			continue;
		*row = (struct ledger_row){.source_id = c->last_seen + 1 + (int32_t)i,
					   .state = ROW_SKIPPED};
		snprintf(row->reason, sizeof(row->reason), "unsupported (constructor %08x)",
			 c->id_bad[i]);
		item = (struct item){.row = *row};
		clone_note(c, NOTE_SKIPPED, &item, row->reason);
		n++;
	}
	return n;
}

void by_id_move(struct clone *c, int32_t last, bool any)
{
	uint32_t passed = (uint32_t)(last - c->last_seen);
	bool known = false;

	for (uint32_t i = 0; i < PAGE_SIZE; i++) {
		c->id_bad[i] = i + passed < PAGE_SIZE ? c->id_bad[i + passed] : 0;
		known |= c->id_bad[i] != 0;
	}
	whole_window(c);
	if (any || c->by_id_found)
		c->id_rounds = 0;
	else
		c->id_rounds++;
	/* A page is tried again when what stopped it is behind us. */
	if (!known && (c->by_id_found || (any && c->empty_pages > 0)))
		c->by_id = false;
	if (c->id_rounds > ROUNDS_MAX)
		clone_end(c, CLONE_SOURCE,
			  "a page of the source cannot be read, but each message of it can");
}
