/*
 * Waits that the server imposed on a kind of request other than posts: kept in the ledger by the wall
 * clock, so that a restart asks no earlier than it was told to (reliability S14). When they are obeyed
 * the modules know whose requests they are. And what the ledger tells of all waits to one who looks at
 * a job that stands still.
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

enum { HOLDS = HOLD_SCHEDULED + 1, STATE_SIZE = 16 };

static_assert(1 + HOLDS <= CLONE_WAITS, "each has its place in a list");

static const char WAIT_NAME[] = "wait.post";

/* Shorter ones are over before a restart would ask again. */
static const uint64_t KEPT_LEAST_NS = 1000000000;
/* A post's wait that somebody may ask about. */
static const uint64_t POST_LEAST_NS = UINT64_C(10000000000);

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

/* What is left at that time; 0: nothing. A clock that was set back cuts no wait short (see pace.h). */
static uint64_t left_of(uint64_t from, uint64_t until, uint64_t wall)
{
	if (from > until)
		return 0;
	if (from > wall)
		return until - from;
	return until > wall ? until - wall : 0;
}

static uint64_t left(struct ledger *ledger, uint32_t hold, uint64_t wall)
{
	uint8_t state[STATE_SIZE];
	char name[16];

	name_of(hold, name);
	if (ledger_state(ledger, name, (struct span){state, sizeof(state)}) != sizeof(state))
		return 0;
	return left_of(load_le64(state), load_le64(state + 8), wall);
}

/* Monotonic; 0: nothing to wait for. */
static uint64_t kept(struct clone *c, uint32_t hold)
{
	uint64_t wait_ns = left(c->o.ledger, hold, ring_wall(c->o.ring));

	return wait_ns > 0 ? clone_now(c) + wait_ns : 0;
}

void holds_start(struct clone *c)
{
	c->history.not_before_ns = kept(c, HOLD_HISTORY);
	c->topic_ask.not_before_ns = kept(c, HOLD_TOPICS);
	c->refresh_ask.not_before_ns = kept(c, HOLD_REFRESH);
	c->media_ask.not_before_ns = kept(c, HOLD_MEDIA);
	c->scheduled_ask.not_before_ns = kept(c, HOLD_SCHEDULED);
	c->hold_up_ns = kept(c, HOLD_UP);
	net_relay_hold(c->o.net, c->hold_up_ns);
	for (uint32_t dc = 0; dc < NET_DC_MAX; dc++)
		c->hold_down_ns[dc] = kept(c, HOLD_DOWN + dc);
}

/* ---- for status ---- */

void holds_keep_post(struct clone *c, uint64_t now, struct pace_verdict v)
{
	uint8_t state[STATE_SIZE + 1];

	if (v.at < now + POST_LEAST_NS || c->wait_kept == v.at)
		return;
	c->wait_kept = v.at;
	store_le64(state, now);
	store_le64(state + 8, v.at);
	state[16] = (uint8_t)v.reason;
	ledger_state_put(c->o.ledger, WAIT_NAME, cspan_of(state, sizeof(state)));
}

static uint64_t until_of(uint64_t wall, uint64_t wait_ns)
{
	return wait_ns > UINT64_MAX - wall ? UINT64_MAX : wall + wait_ns;
}

/* What the server imposed on posts, else what they waited for when they were looked at last. */
static bool post_wait(struct ledger *ledger, uint64_t wall, struct clone_wait *out)
{
	uint8_t state[PACE_STATE_SIZE];
	size_t len = ledger_state(ledger, POST_PACE, (struct span){state, sizeof(state)});
	struct pace_lane lane;

	*out = (struct clone_wait){.what = "posts"};
	pace_init(&lane, 0, 1, 1, 0);
	if (len > 0 && pace_load(&lane, cspan_of(state, len)))
		out->until = left_of(lane.hold_from, lane.hold_until, wall);
	out->why = lane.hold_reason;
	len = ledger_state(ledger, WAIT_NAME, (struct span){state, sizeof(state)});
	if (out->until == 0 && len == STATE_SIZE + 1 && load_le64(state) >= lane.last &&
	    state[16] <= PACE_CONVERTED) {
		out->until = left_of(load_le64(state), load_le64(state + 8), wall);
		out->why = (enum pace_reason)state[16];
	}
	out->until = until_of(wall, out->until);
	return out->until > wall;
}

static void what_of(uint32_t hold, char out[32])
{
	static const char *const names[] = {[HOLD_HISTORY] = "history",
					    [HOLD_TOPICS] = "topics",
					    [HOLD_REFRESH] = "file references",
					    [HOLD_MEDIA] = "uploaded media",
					    [HOLD_UP] = "uploads"};

	if (hold < HOLD_DOWN)
		snprintf(out, 32, "%s", names[hold]);
	else if (hold == HOLD_SCHEDULED)
		snprintf(out, 32, "scheduled messages");
	else
		snprintf(out, 32, "downloads of DC %u", hold - HOLD_DOWN);
}

uint32_t clone_waits(struct ledger *ledger, uint64_t wall_ns, struct clone_wait out[CLONE_WAITS])
{
	uint32_t n = post_wait(ledger, wall_ns, &out[0]) ? 1 : 0;

	for (uint32_t hold = 0; hold < HOLDS; hold++) {
		uint64_t wait_ns = left(ledger, hold, wall_ns);

		if (wait_ns == 0)
			continue;
		out[n] = (struct clone_wait){.why = PACE_FLOOD, .until = until_of(wall_ns, wait_ns)};
		what_of(hold, out[n++].what);
	}
	return n;
}
