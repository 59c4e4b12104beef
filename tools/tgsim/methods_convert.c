/*
 * Videos that a channel gets are converted before they are posted (knob video-convert): the send is
 * answered with a scheduled message of an id of its own, which stands among the scheduled ones until
 * it is due and then comes out as a message like any other, from_scheduled. An album waits as a whole.
 * What other admins have scheduled stands there, too.
 */
#include "tools/tgsim/methods_priv.h"

#include <stdlib.h>

/* One that waits; afterwards its random_id is known as the message's. */
struct converting {
	struct converting *next;
	struct account *account;
	struct chat *chat;
	int64_t random_id;
	int32_t id, due;
	int32_t edit_at; /* 0: it is not edited, or was */
	struct cspan body; /* the scheduled message, in its layer-228 form */
};

bool convert_keeps(struct rpc *r, const struct target *t, enum media_kind kind)
{
	return methods_of(r->world)->convert_s > 0 && target_is_broadcast(t) && kind == MEDIA_VIDEO;
}

static struct cspan encode(struct world *w, struct arena *arena, const struct tl_obj *o)
{
	struct tl_error error;
	size_t room = 1 << 16, len;
	uint8_t *bytes = arena_take(arena, room), *kept;

	check(bytes != NULL);
	len = tl_encode(o, TL_LAYER, (struct span){bytes, room}, &error);
	check(len > 0);
	kept = world_take(w, len);
	memcpy(kept, bytes, len);
	return cspan_of(kept, len);
}

static const struct tl_obj *view_of(struct rpc *r, const struct converting *c)
{
	struct tl_error error;
	const struct tl_obj *body = tl_decode(r->arena, c->body, &error);
	struct tl_obj *o = tl_copy(r->arena, body);

	if (tl_has(body, TLF_media))
		tl_set_obj(o, TLF_media,
			   media_view(r->world, r->arena, r->account, tl_sub(body, TLF_media), r->now));
	tl_set_flag(o, TLF_out, c->account == r->account);
	return o;
}

static void tell(struct rpc *r, struct batch *b, const struct converting *c)
{
	struct tl_obj *o = tl_new(r->arena, TLC_updateNewScheduledMessage);
	const struct tl_obj *view = view_of(r, c);

	batch_put_id(b, c->id, c->random_id);
	tl_set_obj(o, TLF_message, view);
	batch_put(b, o);
	roll_message(&b->roll, view);
}

/* Behind what is due no later. */
static struct converting *keep(struct world *w, struct arena *arena, const struct converting *as,
			       struct tl_obj *content, bool pending)
{
	struct methods *m = methods_of(w);
	struct converting **at = &m->converting, *c = world_take(w, sizeof(*c));

	while (*at != NULL && (*at)->due <= as->due)
		at = &(*at)->next;
	*c = *as;
	c->id = ++m->converting_last;
	tl_set_int(content, TLF_id, c->id);
	tl_set_int(content, TLF_date, c->due);
	tl_set_obj(content, TLF_peer_id, peer_obj(arena, c->chat->history->peer));
	tl_unset(content, TLF_from_id);
	tl_set_flag(content, TLF_post, true);
	tl_set_flag(content, TLF_video_processing_pending, pending);
	c->body = encode(w, arena, content);
	c->next = *at;
	*at = c;
	return c;
}

static void edit(struct rpc *r, struct converting *c)
{
	struct tl_error error;
	struct tl_obj *content = tl_copy(r->arena, tl_decode(r->arena, c->body, &error));

	tl_set_str(content, TLF_message, "edited while it waited");
	tl_unset(content, TLF_entities);
	c->body = encode(r->world, r->arena, content);
	c->edit_at = 0;
}

void convert_put(struct rpc *r, const struct target *t, struct tl_obj *content, int64_t random_id,
		 struct batch *b)
{
	const struct methods *m = methods_of(r->world);
	struct converting c = {.account = r->account,
			       .chat = t->chat,
			       .random_id = random_id,
			       .due = rpc_date(r) + m->convert_s};
	/* Of a video of its own alone does a message say so, not of one that waits in the same album. */
	bool video = tl_sub_cons(content, TLF_media) == TLC_messageMediaDocument &&
		     tl_flag(tl_sub(content, TLF_media), TLF_video);
	struct converting *kept = keep(r->world, r->arena, &c, content, video);

	tell(r, b, kept);
	if (m->convert_edit == 1) /* nobody but who was answered saw it before */
		edit(r, kept);
	else if (m->convert_edit != 0)
		kept->edit_at = c.due - m->convert_s / 2;
}

void methods_plan(struct world *w, struct account *by, struct chat *channel, struct tl_obj *content, int32_t due,
		  bool pending)
{
	struct converting c = {.account = by, .chat = channel, .due = due};
	void *mem = malloc(1 << 17);
	struct arena arena;

	check(mem != NULL);
	arena_init(&arena, mem, 1 << 17);
	keep(w, &arena, &c, content, pending);
	free(mem);
}

int32_t convert_find(struct rpc *r, const struct target *t, int64_t random_id)
{
	for (const struct converting *c = methods_of(r->world)->converting; c != NULL; c = c->next)
		if (c->account == r->account && c->chat == t->chat && c->random_id == random_id)
			return c->id;
	return 0;
}

void convert_again(struct rpc *r, int32_t id, struct batch *b)
{
	for (const struct converting *c = methods_of(r->world)->converting; c != NULL; c = c->next)
		if (c->id == id)
			tell(r, b, c);
}

/* What comes out is another file than what waited, and smaller. */
static const struct tl_obj *converted(struct rpc *r, const struct tl_obj *content)
{
	struct tl_obj *media = tl_copy(r->arena, tl_sub(content, TLF_media));
	struct file *was = file_find(r->world, tl_long(tl_sub(media, TLF_document), TLF_id)), *now;

	check(was != NULL);
	now = file_make(r->world, FILE_DOCUMENT, was->size - was->size / 3, rpc_date(r));
	now->mime = was->mime;
	now->attrs = was->attrs;
	now->thumb = was->thumb;
	now->source = (struct source){.kind = SOURCE_MADE, .seed = (uint64_t)now->id};
	tl_set_obj(media, TLF_document, file_stub(r->arena, now));
	return media;
}

static void post(struct rpc *r, const struct converting *c)
{
	struct tl_error error;
	struct tl_obj *content = tl_copy(r->arena, tl_decode(r->arena, c->body, &error));
	struct post p = {.to = c->chat->history,
			 .from = c->account->user,
			 .date = c->due,
			 .random_id = c->random_id};

	tl_set_flag(content, TLF_video_processing_pending, false);
	tl_set_flag(content, TLF_from_scheduled, true);
	if (methods_of(r->world)->convert_file && tl_sub_cons(content, TLF_media) == TLC_messageMediaDocument)
		tl_set_obj(content, TLF_media, converted(r, content));
	msg_post(r->world, &p, content);
}

void convert_due(struct rpc *r)
{
	struct methods *m = methods_of(r->world);

	for (struct converting *c = m->converting; c != NULL; c = c->next)
		if (c->edit_at != 0 && c->edit_at <= rpc_date(r))
			edit(r, c);
	while (m->converting != NULL && m->converting->due <= rpc_date(r)) {
		post(r, m->converting);
		m->converting = m->converting->next;
	}
}

/* Newest first. */
static void get_scheduled_history(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messages_messages);
	const struct converting *c = methods_of(r->world)->converting;
	struct roll l = roll_start(r);
	uint32_t n = 0, at;
	struct target t;

	if (!peer_take(r, tl_sub(q, TLF_peer), &t, out))
		return;
	if (target_is_broadcast(&t) && !target_may(&t, ADMIN_POST)) {
		rpc_error(out, 400, "CHAT_ADMIN_REQUIRED");
		return;
	}
	for (const struct converting *i = c; i != NULL; i = i->next)
		n += i->chat == t.chat;
	roll_peer(&l, t.peer);
	tl_set_vec(r->arena, o, TLF_messages, n);
	for (at = n; c != NULL; c = c->next) {
		const struct tl_obj *view = c->chat == t.chat ? view_of(r, c) : NULL;

		if (view == NULL)
			continue;
		tl_put_obj(o, TLF_messages, --at, view);
		roll_message(&l, view);
	}
	roll_set(&l, o);
	rpc_result(out, o);
}

const struct method methods_convert_table[] = {
    {TLC_messages_getScheduledHistory, get_scheduled_history, 0, LIMIT_READ},
    {TLC_none, NULL, 0, LIMIT_NONE},
};
