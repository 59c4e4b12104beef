/*
 * A group's messages on the shelf: copies of what an answer said, laid out behind the group's items and
 * read there. Owns the runs of the shelf that groups hold; which messages they are, group.c knows.
 */
#include "engine/clone/clone_priv.h"

void group_give_run(struct clone *c, struct group *g)
{
	if (g->run.len > 0)
		shelf_give(&c->shelf, g->run.at, g->run.len);
	g->run = (struct span){NULL, 0};
	g->items = NULL;
}

/* The preview's whole page, which may be large, is not needed for sending. */
static const struct tl_obj *without_page(struct arena *mem, const struct tl_obj *message)
{
	const struct tl_obj *preview = tl_sub(message, TLF_media);
	struct tl_obj *light = tl_copy(mem, message), *media = tl_copy(mem, preview);
	struct tl_obj *page = tl_copy(mem, tl_sub(preview, TLF_webpage));

	if (light == NULL || media == NULL || page == NULL)
		return NULL;
	tl_unset(page, TLF_cached_page);
	tl_set_obj(media, TLF_webpage, page);
	tl_set_obj(light, TLF_media, media);
	return tl_clone(mem, light);
}

/* *bare: without its preview, which is too large even so. */
static const struct tl_obj *clone_message(struct arena *mem, const struct tl_obj *message, bool *bare)
{
	bool has_page = tl_cons(tl_sub(tl_sub(message, TLF_media), TLF_webpage)) == TLC_webPage;
	size_t mark = arena_mark(mem);
	const struct tl_obj *copy = has_page ? without_page(mem, message) : tl_clone(mem, message);
	struct tl_obj *light;

	*bare = false;
	if (copy != NULL || !has_page)
		return copy;
	arena_rewind(mem, mark);
	*bare = true;
	light = tl_copy(mem, message);
	if (light == NULL)
		return NULL;
	tl_unset(light, TLF_media);
	return tl_clone(mem, light);
}

static bool clone_entities(struct arena *mem, const struct entity_list *from, struct entity_list *to)
{
	*to = (struct entity_list){.dropped = from->dropped, .strangers = from->strangers};
	to->at = arena_take_many(mem, from->count, sizeof(to->at[0]));
	for (uint32_t i = 0; to->at != NULL && i < from->count; i++) {
		to->at[i] = tl_clone(mem, from->at[i]);
		if (to->at[i] == NULL)
			return false;
		to->count++;
	}
	return to->at != NULL;
}

static bool read_item(struct clone *c, struct arena *mem, struct item *item,
		      const struct tl_obj *message, const struct tl_obj *answer)
{
	const struct tl_obj *copy = clone_message(mem, message, &item->bare);
	struct entity_list before = item->entities;

	if (copy == NULL)
		return false;
	message_read(copy, c->o.source.forum, &item->msg);
	/* Without an answer nobody knows whom it mentions any more: what was found out then holds. */
	return answer != NULL ? message_entities(mem, &item->msg, c->o.source.peer, answer, &item->entities)
			      : clone_entities(mem, &before, &item->entities);
}

/* The items, and behind them their messages. NULL: mem is full. */
static struct item *lay_out(struct clone *c, struct arena *mem, const struct item *items,
			    const struct contents *in)
{
	struct item *out = arena_take_many(mem, in->count, sizeof(*out));

	for (uint32_t i = 0; out != NULL && i < in->count; i++) {
		out[i] = items[i];
		if (!read_item(c, mem, &out[i], in->messages[i], in->answer))
			return NULL;
	}
	return out;
}

/*
 * Laid out in the draft first: that tells what it takes, and the group's old run stays as it is when
 * there is no room. The oldest group may use the spare, since nobody leaves before it.
 */
enum group_fit group_settle(struct clone *c, struct group *g, const struct item *items,
			    const struct contents *in, bool oldest)
{
	struct arena draft, run;
	const struct item *drawn;

	arena_init(&draft, c->draft_mem, GROUP_ARENA);
	drawn = lay_out(c, &draft, items, in);
	if (drawn == NULL)
		return GROUP_TOO_LARGE;
	if (draft.used > g->run.len) {
		uint8_t *at = shelf_take(&c->shelf, draft.used, oldest);

		if (at == NULL)
			return GROUP_NO_ROOM;
		group_give_run(c, g);
		g->run = (struct span){at, draft.used};
	}
	arena_init(&run, g->run.at, g->run.len);
	g->items = lay_out(c, &run, drawn, in);
	check(g->items != NULL);
	g->count = in->count;
	for (uint32_t i = 0; i < g->count && g->mode == PLAN_STREAM; i++)
		plan_clip(&g->items[i].msg, &c->o.plan);
	return GROUP_FITS;
}
