/*
 * What is sent: a group as sendMessage, sendMedia or sendMultiMedia, a batch of groups as forwardMessages.
 * Trees are built in the page arena; nothing is remembered here.
 */
#include "engine/clone/clone_priv.h"

void post_fingerprint(const struct item *item, uint8_t out[32])
{
	struct message m = item->msg;

	if (item->plain) {
		m.media.kind = MEDIA_DOCUMENT;
		m.media.file.photo = false;
	}
	message_fingerprint(&m, out);
}

static const struct tl_obj *stored_media(struct clone *c, const struct item *item)
{
	const struct tl_obj *media = item->msg.media.obj;
	const struct stored *s = &item->stored;
	struct tl_obj *id = tl_new(&c->page, s->photo ? TLC_inputPhoto : TLC_inputDocument);
	struct tl_obj *o = tl_new(&c->page, s->photo ? TLC_inputMediaPhoto : TLC_inputMediaDocument);

	tl_set_long(id, TLF_id, s->id);
	tl_set_long(id, TLF_access_hash, s->access_hash);
	tl_set_bytes(id, TLF_file_reference, cspan_of(s->reference, s->reference_len));
	tl_set_obj(o, TLF_id, id);
	tl_set_flag(o, TLF_spoiler, item->msg.media.spoiler);
	/* Those are the message's, not the file's: what uploadMedia was told of them is forgotten. */
	if (!s->photo && !item->plain && tl_has(media, TLF_video_timestamp))
		tl_set_int(o, TLF_video_timestamp, tl_int(media, TLF_video_timestamp));
	if (tl_has(media, TLF_ttl_seconds))
		tl_set_int(o, TLF_ttl_seconds, tl_int(media, TLF_ttl_seconds));
	return o;
}

/*
 * A preview is asked for as the source had it: by the text's own link, or named with its size. Where there is no text,
 * it is all there is.
 */
static const struct tl_obj *preview_media(struct clone *c, const struct message *m)
{
	const struct tl_obj *media = m->media.obj;
	struct cspan url = tl_bytes(tl_sub(media, TLF_webpage), TLF_url);
	bool large = tl_flag(media, TLF_force_large_media);
	bool small = tl_flag(media, TLF_force_small_media);
	struct tl_obj *o;

	if (url.len == 0 || (!large && !small && !tl_flag(media, TLF_manual) && m->text.len > 0))
		return NULL;
	o = tl_new(&c->page, TLC_inputMediaWebPage);
	tl_set_flag(o, TLF_force_large_media, large);
	tl_set_flag(o, TLF_force_small_media, small);
	tl_set_flag(o, TLF_optional, true);
	tl_set_bytes(o, TLF_url, url);
	return o;
}

/*
 * Channels take none that shows who voted, and only they take one that says who may. Who adds an answer is shown
 * as well.
 */
static const struct tl_obj *poll_for_target(struct clone *c, const struct group *g, const struct tl_obj *media)
{
	struct tl_obj *poll, *o;

	if (tl_cons(media) != TLC_inputMediaPoll)
		return media;
	o = tl_copy(&c->page, media);
	poll = tl_copy(&c->page, tl_sub(media, TLF_poll));
	if (g->no_voters)
		tl_set_flag(poll, TLF_public_voters, false);
	if (!tl_flag(poll, TLF_public_voters))
		tl_set_flag(poll, TLF_open_answers, false);
	if (g->no_closed)
		tl_set_flag(poll, TLF_closed, false);
	if (!c->o.target.broadcast) {
		tl_set_flag(poll, TLF_subscribers_only, false);
		tl_unset(poll, TLF_countries_iso2);
	}
	tl_set_obj(o, TLF_poll, poll);
	return o;
}

static const struct tl_obj *media_of(struct clone *c, const struct group *g, const struct item *item,
				     const char **why)
{
	const struct tl_obj *media;

	*why = NULL;
	if (item->stored.set)
		return stored_media(c, item);
	if (item->msg.media.kind == MEDIA_NONE)
		return NULL;
	if (item->msg.media.kind == MEDIA_WEBPAGE)
		return g->no_preview ? NULL : preview_media(c, &item->msg);
	media = media_input(&c->page, &item->msg.media, c->o.layer, why);
	return poll_for_target(c, g, media);
}

static struct entity_list without_mentions(struct clone *c, const struct entity_list *all)
{
	struct entity_list list = {.at = arena_take_many(&c->page, all->count, sizeof(list.at[0]))};

	for (uint32_t i = 0; list.at != NULL && i < all->count; i++)
		if (tl_cons(all->at[i]) != TLC_inputMessageEntityMentionName)
			list.at[list.count++] = all->at[i];
	return list;
}

static int32_t topic_or_general(int32_t topic)
{
	return topic > 0 ? topic : 1;
}

bool post_goes_across(const struct clone *c, const struct group *g)
{
	struct ledger_row parent;

	return c->o.target.forum && g->reply_source != 0 &&
	       ledger_find(c->o.ledger, g->reply_source, &parent) &&
	       topic_or_general(parent.target_topic) != topic_or_general(g->target_topic);
}

static void fill_post(struct clone *c, const struct group *g, const struct item *item,
		      struct post *p, const char **why)
{
	*p = (struct post){.to = c->o.target.peer,
			   .topic = g->target_topic,
			   .silent = item->msg.silent,
			   .invert_media = item->msg.invert_media,
			   .no_webpage = item->msg.media.kind != MEDIA_WEBPAGE || g->no_preview,
			   .text = item->msg.text,
			   .random_id = item->random_id};
	if (g->reply_source != 0 && !g->no_reply)
		p->reply_to = post_target_of(c, g->reply_source);
	p->across = p->reply_to != 0 && post_goes_across(c, g);
	p->quote = item->msg.reply;
	p->no_part = g->no_part;
	p->no_quote = g->no_quote;
	if (!g->no_entity)
		p->entities = g->no_mention ? without_mentions(c, &item->entities) : item->entities;
	if (item->msg.clipped) {
		struct entity_list all = p->entities;

		if (!message_fit_entities(&c->page, item->msg.text, &all, &p->entities))
			p->entities = (struct entity_list){0};
	}
	p->media = media_of(c, g, item, why);
}

static const struct tl_obj *forward_query(struct clone *c, const struct group *g)
{
	static const uint32_t max = FORWARD_MAX;
	int32_t ids[FORWARD_MAX];
	int64_t random_ids[FORWARD_MAX];
	struct forward f = {.from = c->o.source.peer,
			    .to = c->o.target.peer,
			    .topic = g->target_topic,
			    .ids = ids,
			    .random_ids = random_ids,
			    .keep_author = c->o.plan.keep_author || g->with_author,
			    .silent = g->items[0].msg.silent};

	for (uint32_t i = 0; i < c->batch; i++, g = group_after(c, g)) {
		for (uint32_t k = 0; k < g->count; k++) {
			check(f.count < max);
			ids[f.count] = g->items[k].row.source_id;
			random_ids[f.count++] = g->items[k].random_id;
		}
	}
	return ask_forward(&c->page, &f);
}

/* NULL: this group cannot be sent; *why says so. */
const struct tl_obj *post_query(struct clone *c, const struct group *g, const char **why)
{
	struct post posts[ALBUM_MAX];

	if (g->mode == PLAN_FORWARD)
		return forward_query(c, g);
	for (uint32_t i = 0; i < g->count; i++) {
		fill_post(c, g, &g->items[i], &posts[i], why);
		if (*why != NULL && posts[i].media == NULL)
			return NULL;
	}
	*why = "out of memory for the request";
	return g->count == 1 ? ask_send(&c->page, &posts[0])
			     : ask_send_album(&c->page, posts, g->count);
}
