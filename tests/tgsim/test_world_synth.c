/* Synthetic worlds: totals, the same from the same seed, no memory for what nobody looks at. */
#include "tests/tgsim/world_fixture.h"

#include "tools/tgsim/model_priv.h"

struct totals {
	uint32_t messages, photos, documents, albums, in_albums, replies, broken;
	int64_t bytes;
};

static struct totals count(struct world *w)
{
	struct chat *c = world_chat_at(w, 0);
	struct totals t = {0};
	struct arena a = fixture_arena();
	int64_t last_album = 0;

	for (uint32_t i = 0; i < c->history->messages.count; i++) {
		struct msg *m = msg_find(w, &c->box, c->history->messages.ids[i]);
		const struct tl_obj *body;
		int32_t reply;

		if (m->service)
			continue;
		arena_rewind(&a, 0);
		body = msg_body(w, &a, m);
		t.messages++;
		t.photos += m->file != NULL && m->file->kind == FILE_PHOTO;
		t.documents += m->file != NULL && m->file->kind == FILE_DOCUMENT;
		t.bytes += m->file == NULL ? 0 : m->file->size;
		t.in_albums += m->grouped_id != 0;
		t.albums += m->grouped_id != 0 && m->grouped_id != last_album;
		last_album = m->grouped_id;
		reply = tl_int(tl_sub(body, TLF_reply_to), TLF_reply_to_msg_id);
		if (reply == 0 || reply == m->topic_id)
			continue;
		t.replies++;
		if (reply >= m->id || msg_find(w, &c->box, reply) == NULL ||
		    msg_find(w, &c->box, reply)->topic_id != m->topic_id)
			t.broken++;
	}
	free(a.mem);
	return t;
}

Test(synth, totals_are_what_was_asked_for)
{
	struct world *w =
	    fixture_synth("messages=300,photos=40,video=3x30MB,docs=2x4GB,albums=10,topics=12");
	struct totals t = count(w);

	cr_assert_eq(t.messages, 300);
	cr_assert_eq(t.photos, 40);
	cr_assert_eq(t.documents, 5);
	cr_assert_eq(t.albums, 10);
	cr_assert_geq(t.in_albums, 20);
	cr_assert_gt(t.replies, 0);
	cr_assert_eq(t.broken, 0);
	cr_assert_gt(t.bytes, 8090000000);
	cr_assert_eq(world_chat_at(w, 0)->topic_count, 13);
	cr_assert_eq(world_chat_at(w, 1)->history->messages.count, 1);
	cr_assert(world_chat_at(w, 1)->forum);
	cr_assert_null(world_chat_at(w, 2));
	world_close(w);
}

Test(synth, any_subset)
{
	struct totals t;
	struct world *w = fixture_synth("albums=4");

	t = count(w);
	cr_assert_eq(t.albums, 4);
	cr_assert_eq(t.messages, 12);
	world_close(w);
	w = fixture_synth("docs=3x1KB,docs=2x64");
	t = count(w);
	cr_assert_eq(t.bytes, 3128);
	cr_assert_not(world_chat_at(w, 0)->forum);
	world_close(w);
	w = fixture_synth("seed=18446744073709551615");
	cr_assert_eq(count(w).messages, 0);
	world_close(w);
	w = fixture_synth("photos=20,albums=10");
	t = count(w);
	cr_assert_eq(t.albums, 10);
	cr_assert_eq(t.in_albums, 20);
	world_close(w);
}

static const char spec[] = "messages=80,photos=9x1KB,video=2x2KB,voice=2x1KB,rounds=1x1KB,"
			   "gifs=1x1KB,audio=1x1KB,docs=2x3KB,albums=2,topics=3,seed=";

static char *dump_of_seed(const char *seed)
{
	char text[256];
	struct world *w;
	char *dump;

	strcpy(text, spec);
	strcat(text, seed);
	w = fixture_synth(text);
	dump = fixture_dump(w, "Synthetic source", false);
	world_close(w);
	return dump;
}

Test(synth, the_seed_fixes_everything)
{
	char *a = dump_of_seed("7"), *b = dump_of_seed("7"), *c = dump_of_seed("8");

	cr_assert_str_eq(a, b);
	cr_assert_str_neq(a, c);
	free(a);
	free(b);
	free(c);
}

Test(synth, the_order_of_looking_changes_nothing)
{
	struct world *w = fixture_synth("messages=200,photos=50x1KB,topics=3");
	struct chat *c = world_chat_at(w, 0);
	struct world *other = fixture_synth("messages=200,photos=50x1KB,topics=3");
	char *a, *b;

	for (uint32_t i = c->history->messages.count; i > 0; i--)
		msg_find(w, &c->box, c->history->messages.ids[i - 1]);
	a = fixture_dump(w, "Synthetic source", false);
	b = fixture_dump(other, "Synthetic source", false);
	cr_assert_str_eq(a, b);
	free(a);
	free(b);
	world_close(other);
	world_close(w);
}

Test(synth, ids_have_gaps)
{
	struct world *w = fixture_synth("messages=500");
	struct chat *c = world_chat_at(w, 0);
	const struct idlist *l = &c->history->messages;
	int32_t missing = l->ids[l->count - 1] - (int32_t)l->count;

	cr_assert_geq(missing, 4);
	for (int32_t id = 1; id <= l->ids[l->count - 1]; id++)
		cr_assert_eq(msg_find(w, &c->box, id) != NULL, idlist_has(l, id));
	cr_assert_null(msg_find(w, &c->box, l->ids[l->count - 1] + 1));
	world_close(w);
}

Test(synth, a_deleted_message_does_not_come_back)
{
	struct world *w = fixture_synth("messages=20");
	struct chat *c = world_chat_at(w, 0);
	int32_t id = c->history->messages.ids[5];

	msg_delete(w, msg_find(w, &c->box, id), true, 1, 0);
	cr_assert_null(msg_find(w, &c->box, id));
	cr_assert_not(idlist_has(&c->history->messages, id));
	world_close(w);
}

Test(synth, edited_messages_stay_edited)
{
	struct world *w = fixture_synth("messages=20");
	struct chat *c = world_chat_at(w, 0);
	struct msg *m = msg_find(w, &c->box, c->history->messages.ids[5]);
	struct arena a = fixture_arena();

	msg_edit(w, m, fixture_text(&a, "new"), 5, 0);
	cr_assert(cspan_equal(tl_bytes(msg_body(w, &a, m), TLF_message), cspan_str("new")));
	free(a.mem);
	world_close(w);
}

Test(synth, terabytes_cost_no_memory)
{
	struct world *w = fixture_synth("docs=1000x4GB");
	size_t used = w->arena.used;
	struct totals t = count(w);

	cr_assert_eq(t.bytes, 4000000000000);
	cr_assert_lt(used, 64 << 20);
	cr_assert_lt(w->arena.used, 64 << 20);
	cr_assert(world_account_at(w, 0)->user->premium, "such files need a Premium account");
	world_close(w);
}

Test(synth, a_million_messages_fit)
{
	struct world *w = fixture_synth("messages=1000000,topics=12");
	struct chat *c = world_chat_at(w, 0);

	cr_assert_eq(c->history->messages.count, 1000000 + 13);
	cr_assert_lt(w->arena.used, 256 << 20);
	cr_assert_not_null(msg_find(w, &c->box, c->box.last_id));
	world_close(w);
}

static void refused(const char *text, const char *part)
{
	struct world_options opt = fixture_options();
	struct world *w;
	char error[512] = "";

	opt.synth = text;
	cr_assert_eq(world_open(&opt, &w, error, sizeof(error)), 64, "%s", text);
	cr_assert_not_null(strstr(error, part), "\"%s\" lacks \"%s\"", error, part);
	cr_assert_null(w);
}

Test(synth, wrong_specs_name_the_key)
{
	refused("fotos=3", "fotos");
	refused("messages", "messages");
	refused("messages=", "from 0 to");
	refused("messages=1x", "from 0 to");
	refused("messages=-1", "from 0 to");
	refused("messages=99999999", "10000000");
	refused("messages=1,messages=2", "twice");
	refused("topics=1001", "1000");
	refused("photos=3x11MB", "10485760");
	refused("docs=2x5GB", "4194304000");
	refused("docs=2x", "SIZE");
	refused("docs=2x1TB", "SIZE");
	refused("docs=2x1MBs", "SIZE");
	refused("docs=2x99999999999999999999GB", "SIZE");
	refused("docs=9999999", "1000000");
	refused("video=1 x2", "COUNT");
	refused("albums=3,photos=5", "albums=3");
	refused("messages=3,photos=4", "messages=3");
	refused("seed=18446744073709551616", "seed");
}
