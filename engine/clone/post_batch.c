/*
 * Which groups at the head of the queue go in one request. Only forwards go together; albums whole, in
 * source order, at most 100 ids. It decides and remembers nothing.
 */
#include "engine/clone/clone_priv.h"

/* What the rate allows in a minute may go at once; the lane is in debt for it afterwards. */
static uint32_t batch_max(const struct clone *c)
{
	if (c->o.learnt != NULL)
		return learn_batch_max(&c->o.learnt->of[PACE_FORWARD]);
	return window_batch_max(c->o.rate_count, c->o.rate_unit_ns, c->o.burst);
}

bool post_is_ready(const struct group *g)
{
	return g->state == GROUP_READY && !g->refreshing && !g->need_refresh;
}

bool post_is_bound(const struct group *g)
{
	for (uint32_t i = 0; i < g->count; i++)
		if (plan_is_bound(&g->items[i].msg))
			return true;
	return false;
}

/*
 * Files that are forwarded with nothing beside them become one album there, and so does music: up to ten,
 * as clients have seen it; what becomes of more nobody says.
 */
static bool would_merge(const struct clone *c, const struct group *head, uint32_t groups)
{
	enum media_kind kind = head->items[0].msg.media.kind;

	if (kind != MEDIA_DOCUMENT && kind != MEDIA_AUDIO)
		return false;
	for (const struct group *g = head; groups > 0; groups--) {
		if (g->items[0].msg.media.kind != kind)
			return false;
		if (groups > 1)
			g = group_after(c, g);
	}
	return true;
}

uint32_t post_batch(const struct clone *c, const struct group *head)
{
	uint32_t most = batch_max(c);
	uint32_t n = head->count, groups = 1;

	if (post_is_bound(head))
		return 1;
	for (const struct group *g = group_after(c, head); g != NULL; g = group_after(c, g)) {
		if (!post_is_ready(g) || g->mode != PLAN_FORWARD || g->suspect || post_is_bound(g) ||
		    g->with_author != head->with_author ||
		    g->target_topic != head->target_topic || n + g->count > most ||
		    g->items[0].msg.silent != head->items[0].msg.silent)
			break;
		n += g->count;
		groups++;
	}
	return would_merge(c, head, groups) ? 1 : groups;
}
