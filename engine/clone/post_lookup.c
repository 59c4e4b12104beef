/*
 * Looking for a send whose fate is unknown in the target, before the identical request goes out again
 * (reliability 2.4). Owns the place up to which the target was looked at; what follows from what is
 * found is post.c's.
 */
#include "engine/clone/clone_priv.h"

enum {
	DUPLICATES_MAX = 40, /* "sent before", and not found: half an hour */
	DUPLICATES_SURE = 3, /* from then on a changed text is taken for ours */
};

/* Page by page from the watermark on: others may have written a lot behind what we look for. */
void post_ask_lookup(struct clone *c)
{
	int32_t topic = c->o.target.forum && c->posting->target_topic > 1 ? c->posting->target_topic
									  : 0;

	/* Asked with the same method as the source's pages, and so bound by the same waits. */
	if (clone_now(c) < c->history.not_before_ns) {
		clone_wake(c, c->history.not_before_ns);
		return;
	}
	arena_rewind(&c->page, 0);
	if (!clone_ask(c, ask_history(&c->page, c->o.target.peer, topic, c->lookup_at, PAGE_SIZE),
		       ASK_LOOKUP, 0, 0, false))
		return;
	post_set_state(c, GROUP_LOOKUP);
	CRASH_POINT("clone.lookup.asked");
}

static bool is_meant(const struct group *g, const struct item *item, const struct message *m)
{
	uint8_t digest[32];

	message_fingerprint(m, digest);
	if (memcmp(digest, item->row.digest, sizeof(digest)) == 0)
		return true;
	return g->duplicates >= DUPLICATES_SURE && post_resembles(item, m);
}

/* Messages above the watermark that are ours and say what we meant, oldest first, each used once. */
static bool found_all(struct clone *c, const struct tl_obj *answer, struct group *g)
{
	struct tl_vec list = tl_vec(answer, TLF_messages);

	for (uint32_t i = list.count; i > 0 && c->lookup_found < g->count; i--) {
		struct message m;

		message_read(tl_vec_obj(list, i - 1), c->o.target.forum, &m);
		if (m.id <= c->lookup_at)
			continue;
		c->lookup_at = m.id;
		if (m.empty || m.service ||
		    (!m.out && c->o.target.peer.kind != PEER_SELF && !c->o.target.broadcast))
			continue;
		if (is_meant(g, &g->items[c->lookup_found], &m))
			c->lookup_ids[c->lookup_found++] = m.id;
	}
	return c->lookup_found == g->count;
}

/* Nobody has it. What is sent now is the message as it is now: true when that is what was meant then. */
static bool is_unchanged(struct group *g)
{
	bool same = true;

	for (uint32_t i = 0; i < g->count; i++) {
		uint8_t meant[32];

		memcpy(meant, g->items[i].row.digest, sizeof(meant));
		group_fingerprint(&g->items[i], g->items[i].row.digest);
		same &= memcmp(meant, g->items[i].row.digest, sizeof(meant)) == 0;
	}
	return same;
}

/* It is nowhere in the target. */
static void missed(struct clone *c, struct group *g)
{
	g->suspect = false;
	if (g->mode == PLAN_SKIP || g->duplicates > DUPLICATES_MAX) {
		post_back_to_ready(c);
		group_skip(c, g, g->mode == PLAN_SKIP ? g->note
						      : "sent before, they say, and not in the target");
	} else if (is_unchanged(g)) {
		CRASH_POINT("clone.lookup.missed");
		g->state = GROUP_INTENT; /* durable already: the identical request again */
	} else {
		post_back_to_ready(c);
	}
}

static void lookup_refused(struct clone *c, struct group *g, const struct net_event *ev)
{
	struct pending p = {.attempts = g->trouble};

	g->state = GROUP_INTENT; /* the same page later: what was seen is not read again */
	if (!clone_common_error(c, &p, ev->code, ev->text, true))
		clone_end(c, CLONE_TARGET, ev->text);
	if (p.not_before_ns > c->history.not_before_ns)
		c->history.not_before_ns = p.not_before_ns;
	holds_keep(c, HOLD_HISTORY, c->history.not_before_ns);
	g->trouble = p.attempts;
}

void post_lookup_got(struct clone *c, const struct net_event *ev)
{
	struct group *g = c->posting;
	const struct tl_obj *answer;
	struct tl_error error;
	int32_t from = c->lookup_at;

	check(g->state == GROUP_LOOKUP && c->batch == 1);
	if (ev->kind != NET_RESULT) {
		lookup_refused(c, g, ev);
		return;
	}
	answer = tl_decode_result(&c->page, TLC_messages_getHistory, ev->result, &error);
	CRASH_POINT("clone.lookup.got");
	if (found_all(c, answer, g)) {
		CRASH_POINT("clone.lookup.found");
		g->suspect = false;
		for (uint32_t i = 0; i < g->count; i++) {
			g->items[i].row.adopted = true;
			post_finish_item(c, &g->items[i], c->lookup_ids[i], "found in the target");
		}
		post_finish_batch(c);
	} else if (c->lookup_at > from) {
		g->state = GROUP_INTENT; /* the next page */
	} else {
		missed(c, g);
	}
}
