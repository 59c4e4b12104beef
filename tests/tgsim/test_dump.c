/* Dumps: a perfect copy prints the same text; each thing that can be lost changes it. */
#include "tests/tgsim/world_fixture.h"

#include "tools/tgsim/model_priv.h"

#include <errno.h>

enum { IDS = 4096 };

struct copy {
	struct world *world;
	struct chat *from, *to;
	int32_t ids[IDS]; /* by source id */
};

static int32_t copied_id(const struct copy *c, int32_t id)
{
	cr_assert(id >= 0 && id < IDS);
	return c->ids[id];
}

/* The header as it must be in the target: its own ids, nothing for what was not copied. */
static void set_reply(struct copy *c, struct arena *a, struct tl_obj *o, const struct msg *m)
{
	const struct tl_obj *reply = tl_sub(o, TLF_reply_to);
	int32_t parent = copied_id(c, tl_int(reply, TLF_reply_to_msg_id));
	int32_t top = m->topic_id > 1 ? copied_id(c, m->topic_id) : 0;
	struct tl_obj *own = reply == NULL ? NULL : tl_copy(a, reply);

	tl_unset(o, TLF_reply_to);
	if (parent == 0)
		parent = top;
	if (parent == 0)
		return;
	tl_set_int(own, TLF_reply_to_msg_id, parent);
	tl_unset(own, TLF_reply_to_top_id);
	if (top != 0 && top != parent)
		tl_set_int(own, TLF_reply_to_top_id, top);
	tl_set_obj(o, TLF_reply_to, own);
}

static void copy_message(struct copy *c, struct msg *m)
{
	struct arena a = fixture_arena();
	const struct tl_obj *body = msg_body(c->world, &a, m);
	struct post p = {
	    .to = c->to->history, .from = world_account_at(c->world, 0)->user, .date = 1750000000};
	struct tl_obj *o = tl_copy(&a, body);

	tl_unset(o, TLF_from_id);
	if (m->service) {
		if (tl_sub_cons(body, TLF_action) == TLC_messageActionTopicCreate)
			c->ids[m->id] = msg_post(c->world, &p, o)->id;
	} else {
		set_reply(c, &a, o, m);
		tl_unset(o, TLF_fwd_from);
		if (m->grouped_id != 0)
			tl_set_long(o, TLF_grouped_id, m->grouped_id + 1);
		c->ids[m->id] = msg_post(c->world, &p, o)->id;
	}
	free(a.mem);
}

static void copy_chat(struct copy *c)
{
	const struct idlist *l = &c->from->history->messages;

	/* So that ids differ. */
	c->to->box.last_id = 1000;
	for (uint32_t i = 0; i < l->count; i++)
		copy_message(c, msg_find(c->world, &c->from->box, l->ids[i]));
}

static struct copy demo_copy(void)
{
	struct world_options opt = fixture_options();
	struct copy c = {.world = fixture_open(&opt)};

	c.from = world_chat_at(c.world, 0);
	c.to = world_chat_at(c.world, 1);
	return c;
}

static bool dumps_equal(struct copy *c)
{
	char *a = fixture_dump(c->world, c->from->title, true);
	char *b = fixture_dump(c->world, c->to->title, true);
	bool equal = strcmp(a, b) == 0;

	free(a);
	free(b);
	return equal;
}

Test(dump, a_perfect_copy_is_equal)
{
	struct copy c = demo_copy();

	copy_chat(&c);
	cr_assert(dumps_equal(&c));
	world_close(c.world);
}

Test(dump, a_perfect_copy_of_a_synthetic_chat_is_equal)
{
	struct copy c = {.world = fixture_synth("messages=400,photos=40x1KB,video=6x4KB,albums=9,"
						"topics=4,voice=3x1KB,gifs=2x1KB")};

	c.from = world_chat_at(c.world, 0);
	c.to = world_chat_at(c.world, 1);
	copy_chat(&c);
	cr_assert(dumps_equal(&c));
	world_close(c.world);
}

typedef void spoil(struct copy *, struct arena *, struct tl_obj *);

/* After spoiling the copy of message `id` in one way, the dumps must differ. */
static void notices(int32_t id, spoil *how)
{
	struct copy c = demo_copy();
	struct arena a = fixture_arena();
	struct msg *m;
	struct tl_obj *o;

	copy_chat(&c);
	m = msg_find(c.world, &c.to->box, c.ids[id]);
	cr_assert_not_null(m, "message %d", id);
	o = tl_copy(&a, msg_body(c.world, &a, m));
	how(&c, &a, o);
	msg_edit(c.world, m, o, 0, 0);
	cr_assert_not(dumps_equal(&c), "message %d", id);
	free(a.mem);
	world_close(c.world);
}

static void other_text(struct copy *c, struct arena *a, struct tl_obj *o)
{
	tl_set_str(o, TLF_message, "other");
}

static void no_entities(struct copy *c, struct arena *a, struct tl_obj *o)
{
	tl_unset(o, TLF_entities);
}

static void no_media(struct copy *c, struct arena *a, struct tl_obj *o)
{
	tl_unset(o, TLF_media);
}

static void no_album(struct copy *c, struct arena *a, struct tl_obj *o)
{
	tl_unset(o, TLF_grouped_id);
}

static void no_reply(struct copy *c, struct arena *a, struct tl_obj *o)
{
	tl_unset(o, TLF_reply_to);
}

static void no_caption_above(struct copy *c, struct arena *a, struct tl_obj *o)
{
	tl_unset(o, TLF_invert_media);
}

static void not_silent(struct copy *c, struct arena *a, struct tl_obj *o)
{
	tl_unset(o, TLF_silent);
}

static void no_spoiler(struct copy *c, struct arena *a, struct tl_obj *o)
{
	struct tl_obj *media = tl_copy(a, tl_sub(o, TLF_media));

	tl_unset(media, TLF_spoiler);
	tl_set_obj(o, TLF_media, media);
}

static void no_quote(struct copy *c, struct arena *a, struct tl_obj *o)
{
	struct tl_obj *reply = tl_copy(a, tl_sub(o, TLF_reply_to));

	tl_unset(reply, TLF_quote_text);
	tl_set_obj(o, TLF_reply_to, reply);
}

/* The document of the message, as a file of its own with something missing. */
static struct file *own_file(struct copy *c, struct tl_obj *o, struct arena *a)
{
	struct tl_obj *media = tl_copy(a, tl_sub(o, TLF_media));
	struct file *old = file_find(c->world, tl_long(tl_sub(media, TLF_document), TLF_id));
	struct file *f = file_make(c->world, FILE_DOCUMENT, old->size, 1);

	f->mime = old->mime;
	f->attrs = old->attrs;
	f->thumb = old->thumb;
	f->source = old->source;
	tl_set_obj(media, TLF_document, file_stub(a, f));
	tl_set_obj(o, TLF_media, media);
	return f;
}

static void no_thumb(struct copy *c, struct arena *a, struct tl_obj *o)
{
	own_file(c, o, a)->thumb = NULL;
}

static void other_mime(struct copy *c, struct arena *a, struct tl_obj *o)
{
	own_file(c, o, a)->mime = "application/octet-stream";
}

static void no_attributes(struct copy *c, struct arena *a, struct tl_obj *o)
{
	own_file(c, o, a)->attrs = NULL;
}

static void shorter(struct copy *c, struct arena *a, struct tl_obj *o)
{
	own_file(c, o, a)->size--;
}

static void other_bytes(struct copy *c, struct arena *a, struct tl_obj *o)
{
	own_file(c, o, a)->source = (struct source){.kind = SOURCE_MADE, .seed = 1};
}

static void reverse_entities(struct tl_obj *o, struct arena *a)
{
	struct tl_vec e = tl_vec(o, TLF_entities);

	tl_set_vec(a, o, TLF_entities, e.count);
	for (uint32_t i = 0; i < e.count; i++)
		tl_put_obj(o, TLF_entities, i, tl_vec_obj(e, e.count - 1 - i));
}

Test(dump, the_order_of_entities_means_nothing)
{
	struct copy c = demo_copy();
	struct arena a = fixture_arena();
	struct msg *m;
	struct tl_obj *o;

	copy_chat(&c);
	m = msg_find(c.world, &c.to->box, c.ids[10]);
	o = tl_copy(&a, msg_body(c.world, &a, m));
	reverse_entities(o, &a);
	msg_edit(c.world, m, o, 0, 0);
	cr_assert(dumps_equal(&c));
	free(a.mem);
	world_close(c.world);
}

/* Message ids as in tests/data/demo/result.json. */
Test(dump, every_loss_shows)
{
	notices(5, other_text);
	notices(5, no_entities);
	notices(7, no_media);
	notices(14, no_media);
	notices(19, no_media);
	notices(25, no_media);
	notices(27, not_silent);
	notices(28, no_reply);
	notices(28, no_quote);
	notices(36, no_album);
	notices(39, no_caption_above);
	notices(48, no_spoiler);
	notices(47, no_thumb);
	notices(47, other_mime);
	notices(47, no_attributes);
	notices(52, no_attributes);
	notices(54, shorter);
	notices(54, other_bytes);
}

Test(dump, a_message_in_another_topic_shows)
{
	struct copy c = demo_copy();
	struct topic *t;

	copy_chat(&c);
	t = c.to->topics[1];
	t->title = "Another title";
	cr_assert_not(dumps_equal(&c));
	world_close(c.world);
}

Test(dump, a_missing_or_doubled_message_shows)
{
	struct copy c = demo_copy();

	copy_chat(&c);
	msg_delete(c.world, msg_find(c.world, &c.to->box, c.ids[58]), true, 1, 0);
	cr_assert_not(dumps_equal(&c));
	copy_message(&c, msg_find(c.world, &c.from->box, 58));
	cr_assert(dumps_equal(&c));
	copy_message(&c, msg_find(c.world, &c.from->box, 58));
	cr_assert_not(dumps_equal(&c));
	world_close(c.world);
}

static bool count_lines(void *arg, const char *line, size_t len)
{
	(*(int *)arg)++;
	cr_assert_eq(line[0], '{');
	cr_assert_eq(line[len - 1], '}');
	cr_assert_null(memchr(line, '\n', len));
	return true;
}

Test(dump, one_topic_only)
{
	struct copy c = demo_copy();
	struct dump_options opt = {.canonical = true, .topic = 4};
	int lines = 0;

	cr_assert_eq(world_dump(c.world, "-1001600000001", &opt, count_lines, &lines), 0);
	cr_assert_eq(lines, 4);
	world_close(c.world);
}

static bool stop_at_once(void *arg, const char *line, size_t len)
{
	(*(int *)arg)++;
	return false;
}

Test(dump, chats_by_any_name_and_stopping)
{
	struct copy c = demo_copy();
	struct dump_options opt = {0};
	int lines = 0;

	cr_assert_eq(world_dump(c.world, "@FieldNotes", &opt, count_lines, &lines), 0);
	cr_assert_gt(lines, 5);
	cr_assert_eq(world_dump(c.world, "nobody", &opt, count_lines, &lines), -ENOENT);
	lines = 0;
	cr_assert_eq(world_dump(c.world, "Casa do Rio", &opt, stop_at_once, &lines), 0);
	cr_assert_eq(lines, 1);
	world_close(c.world);
}
