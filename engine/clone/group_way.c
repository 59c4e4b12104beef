/*
 * A group goes another way than was planned: what that keeps, what it loses, and what a look-up will know
 * it by. Owns nothing.
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

static void keep_digest(struct clone *c, const struct group *g, struct item *item)
{
	if (g->suspect)
		return;
	post_fingerprint(item, item->row.digest); /* what a lookup will look for */
	ledger_put(c->o.ledger, &item->row);
}

void group_answers(struct group *g)
{
	if (g->reply_source != 0 && !g->no_reply)
		note_drop(g->note, "reply not kept");
}

void group_streams(struct clone *c, struct group *g, const char *loss)
{
	g->mode = PLAN_STREAM;
	g->state = GROUP_LOADED;
	for (uint32_t i = 0; i < g->count; i++) {
		plan_clip(&g->items[i].msg, &c->o.plan);
		if (g->items[i].msg.clipped)
			keep_digest(c, g, &g->items[i]);
	}
	group_answers(g);
	if (loss[0] != '\0')
		group_say(g, loss);
}

bool group_make_plain(struct clone *c, struct group *g, struct item *item)
{
	char loss[sizeof(g->note)];

	if (item->plain)
		return false;
	item->plain = true;
	snprintf(loss, sizeof(loss), "%s sent as a document", media_kind_name(item->msg.media.kind));
	group_say(g, loss);
	keep_digest(c, g, item);
	return true;
}

static void unmake_plain(struct clone *c, struct group *g)
{
	char loss[sizeof(g->note)];

	for (uint32_t i = 0; i < g->count; i++) {
		struct item *item = &g->items[i];

		if (!item->plain)
			continue;
		item->plain = false;
		snprintf(loss, sizeof(loss), "%s sent as a document", media_kind_name(item->msg.media.kind));
		note_drop(g->note, loss);
		keep_digest(c, g, item);
	}
}

void group_forwards(struct clone *c, struct group *g)
{
	g->mode = PLAN_FORWARD;
	unmake_plain(c, g);
}

void group_copies(struct clone *c, struct group *g, const char *why)
{
	g->mode = PLAN_COPY;
	group_stop_files(c, g, why);
	unmake_plain(c, g);
	note_drop(g->note, "without its thumbnail");
}
