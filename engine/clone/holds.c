/*
 * Waits that the server imposed on a kind of request other than posts: kept in the ledger by the wall
 * clock, so that a restart asks no earlier than it was told to (reliability S14). When they are obeyed
 * the modules know whose requests they are.
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

enum { HOLDS = HOLD_DOWN + NET_DC_MAX, STATE_SIZE = 16 };

/* Shorter ones are over before a restart would ask again. */
static const uint64_t KEPT_LEAST_NS = 1000000000;

static void name_of(uint32_t hold, char out[16])
{
	snprintf(out, 16, "hold.%u", hold);
}

void holds_keep(struct clone *c, uint32_t hold, uint64_t until_ns)
{
	uint64_t now = clone_now(c), wall = ring_wall(c->o.ring);
	uint8_t state[STATE_SIZE];
	char name[16];

	check(hold < HOLDS);
	if (until_ns < now + KEPT_LEAST_NS)
		return;
	name_of(hold, name);
	store_le64(state, wall);
	store_le64(state + 8, wall + (until_ns - now));
	ledger_state_put(c->o.ledger, name, cspan_of(state, sizeof(state)));
}

/* Monotonic; 0: nothing to wait for. A clock that was set back cuts no wait short (see pace.h). */
static uint64_t kept(struct clone *c, uint32_t hold)
{
	uint64_t wall = ring_wall(c->o.ring), from, until;
	uint8_t state[STATE_SIZE];
	char name[16];

	name_of(hold, name);
	if (ledger_state(c->o.ledger, name, (struct span){state, sizeof(state)}) != sizeof(state))
		return 0;
	from = load_le64(state);
	until = load_le64(state + 8);
	if (from > until)
		return 0;
	if (from > wall)
		return clone_now(c) + (until - from);
	return until > wall ? clone_now(c) + (until - wall) : 0;
}

void holds_start(struct clone *c)
{
	c->history.not_before_ns = kept(c, HOLD_HISTORY);
	c->topic_ask.not_before_ns = kept(c, HOLD_TOPICS);
	c->refresh_ask.not_before_ns = kept(c, HOLD_REFRESH);
	c->media_ask.not_before_ns = kept(c, HOLD_MEDIA);
	c->hold_up_ns = kept(c, HOLD_UP);
	net_relay_hold(c->o.net, c->hold_up_ns);
	for (uint32_t dc = 0; dc < NET_DC_MAX; dc++)
		c->hold_down_ns[dc] = kept(c, HOLD_DOWN + dc);
}
