/* Messages of the simulated Telegram: ids, twins, pts, logs, topics, and what an account sees. */
#include "tests/tgsim/world_fixture.h"

static struct msg *say(struct world *w, struct history *to, struct user *from, const char *text)
{
	struct arena a = fixture_arena();
	struct post p = {.to = to, .from = from, .date = 1000, .session = 5};
	struct msg *m = msg_post(w, &p, fixture_text(&a, text));

	free(a.mem);
	return m;
}

static struct history *private_chat(struct world *w, uint32_t from, uint32_t with)
{
	struct peer p = {PEER_USER, world_account_at(w, with)->user->id};

	return history_of(w, world_account_at(w, from), p, true);
}

static void assert_text(struct world *w, const struct msg *m, const char *text)
{
	struct arena a = fixture_arena();
	struct cspan got = tl_bytes(msg_body(w, &a, m), TLF_message);

	cr_assert(cspan_equal(got, cspan_str(text)));
	free(a.mem);
}

Test(world, channel_counts_ids_and_pts)
{
	struct world *w = fixture_synth("messages=0");
	struct chat *c = world_chat_at(w, 1);
	struct user *u = world_account_at(w, 0)->user;
	int32_t pts = c->box.pts;
	struct msg *a = say(w, c->history, u, "one"), *b = say(w, c->history, u, "two");

	cr_assert_eq(b->id, a->id + 1);
	cr_assert_eq(c->box.pts, pts + 2);
	cr_assert_eq(msg_find(w, &c->box, b->id), b);
	assert_text(w, a, "one");
	cr_assert_eq(c->history->messages.count, 3, "its creation is the first");
	cr_assert_eq(c->box.log[c->box.log_count - 1].msg_id, b->id);
	cr_assert_eq(c->box.log[c->box.log_count - 1].pts, c->box.pts);
	world_close(w);
}

Test(world, wanted_ids_leave_gaps)
{
	struct world *w = fixture_synth("messages=0");
	struct chat *c = world_chat_at(w, 1);
	struct arena a = fixture_arena();
	struct post p = {.to = c->history, .date = 1, .id = 2000000000, .quiet = true};
	struct msg *m = msg_post(w, &p, fixture_text(&a, "far"));

	cr_assert_eq(m->id, 2000000000);
	cr_assert_null(msg_find(w, &c->box, 1999999999));
	cr_assert_null(msg_find(w, &c->box, -1));
	cr_assert_eq(c->box.log_count, 0, "history that was there before has no updates");
	cr_assert_eq(say(w, c->history, NULL, "next")->id, 2000000001);
	free(a.mem);
	world_close(w);
}

Test(world, private_messages_have_a_copy_in_each_box)
{
	struct world *w = fixture_synth("messages=0");
	struct account *a = world_account_at(w, 0), *b = world_account_at(w, 1);
	struct history *ab = private_chat(w, 0, 1), *own = private_chat(w, 1, 1);
	struct arena arena = fixture_arena();
	struct msg *m, *twin;

	say(w, own, b->user, "to myself");
	m = say(w, ab, a->user, "hello");
	twin = m->twin;
	cr_assert_neq(twin, m);
	cr_assert_eq(twin->twin, m);
	cr_assert_eq(m->id, 1);
	cr_assert_eq(twin->id, 2, "ids are counted by each account");
	cr_assert_eq(twin->history->owner, b);
	cr_assert_eq(twin->history->peer.id, a->user->id);
	cr_assert(tl_flag(msg_view(w, &arena, a, m, NOW), TLF_out));
	cr_assert_not(tl_flag(msg_view(w, &arena, b, twin, NOW), TLF_out));
	cr_assert_eq(b->box.pts, 3);
	free(arena.mem);
	world_close(w);
}

Test(world, a_wanted_id_is_for_one_box_only)
{
	struct world *w = fixture_synth("messages=0");
	struct arena a = fixture_arena();
	struct post p = {.to = private_chat(w, 0, 1), .date = 1, .id = 50, .quiet = true};
	struct msg *m = msg_post(w, &p, fixture_text(&a, "x"));

	cr_assert_eq(m->id, 50);
	cr_assert_eq(m->twin->id, 1);
	free(a.mem);
	world_close(w);
}

Test(world, a_reply_points_at_the_reader_s_own_copy)
{
	struct world *w = fixture_synth("messages=0");
	struct account *a = world_account_at(w, 0), *b = world_account_at(w, 1);
	struct history *ab = private_chat(w, 0, 1);
	struct arena arena = fixture_arena();
	struct tl_obj *o = fixture_text(&arena, "answer"), *reply;
	struct post p = {.to = ab, .from = a->user, .date = 5};
	struct msg *first, *answer;

	say(w, private_chat(w, 1, 1), b->user, "shifts the ids of b");
	first = say(w, ab, a->user, "question");
	reply = tl_new(&arena, TLC_messageReplyHeader);
	tl_set_int(reply, TLF_reply_to_msg_id, first->id);
	tl_set_obj(o, TLF_reply_to, reply);
	answer = msg_post(w, &p, o);
	reply = NULL;
	cr_assert_eq(tl_int(tl_sub(msg_body(w, &arena, answer), TLF_reply_to), TLF_reply_to_msg_id),
		     first->id);
	cr_assert_eq(
	    tl_int(tl_sub(msg_body(w, &arena, answer->twin), TLF_reply_to), TLF_reply_to_msg_id),
	    first->twin->id);
	free(arena.mem);
	world_close(w);
}

Test(world, edit_pin_and_delete_reach_all_copies)
{
	struct world *w = fixture_synth("messages=0");
	struct account *a = world_account_at(w, 0);
	struct history *ab = private_chat(w, 0, 1);
	struct arena arena = fixture_arena();
	struct msg *m = say(w, ab, a->user, "before"), *twin = m->twin;
	int32_t pts = twin->history->box->pts;

	msg_edit(w, m, fixture_text(&arena, "after"), 2000, 0);
	assert_text(w, m, "after");
	assert_text(w, twin, "after");
	cr_assert_eq(tl_int(msg_body(w, &arena, twin), TLF_edit_date), 2000);
	msg_pin(w, m, true, 2001, 0);
	cr_assert(idlist_has(&twin->history->pinned, twin->id));
	cr_assert(tl_flag(msg_view(w, &arena, a, m, NOW), TLF_pinned));
	msg_delete(w, m, true, 2002, 0);
	cr_assert_null(msg_find(w, &a->box, 1));
	cr_assert_eq(twin->history->messages.count, 0);
	cr_assert_eq(twin->history->pinned.count, 0);
	cr_assert_eq(twin->history->box->pts, pts + 3);
	free(arena.mem);
	world_close(w);
}

Test(world, deleting_for_oneself_leaves_the_other_copy)
{
	struct world *w = fixture_synth("messages=0");
	struct msg *m = say(w, private_chat(w, 0, 1), world_account_at(w, 0)->user, "x");

	msg_delete(w, m, false, 1, 0);
	cr_assert(m->deleted);
	cr_assert_not(m->twin->deleted);
	world_close(w);
}

Test(world, pushes_name_every_reader_and_the_session_that_caused_them)
{
	struct world *w = fixture_synth("messages=0");
	struct chat *c = world_chat_at(w, 1);
	struct push p;
	struct msg *m;
	int count = 0;

	while (push_next(w, &p))
		count++;
	m = say(w, c->history, world_account_at(w, 0)->user, "x");
	for (count = 0; push_next(w, &p); count++) {
		cr_assert_eq(p.update.kind, UPDATE_NEW);
		cr_assert_eq(p.update.msg_id, m->id);
		cr_assert_eq(p.except_session, 5);
		cr_assert_eq(p.account, world_account_at(w, (uint32_t)count));
	}
	cr_assert_eq(count, 2);
	world_close(w);
}

Test(world, pushes_nobody_fetches_do_not_pile_up)
{
	struct world *w = fixture_synth("messages=0");
	struct chat *c = world_chat_at(w, 1);
	struct push p;
	int32_t last = 0;

	for (int i = 0; i < 20000; i++)
		chat_changed(w, c, UPDATE_TOPIC_PIN, i, 1, 0);
	while (push_next(w, &p))
		last = p.update.msg_id;
	cr_assert_eq(last, 19999, "the newest are kept");
	cr_assert_eq(c->box.pts, 1, "a topic's pin has no pts");
	world_close(w);
}

Test(world, random_ids_are_remembered_by_account_and_peer)
{
	struct world *w = fixture_synth("messages=0");
	struct chat *c = world_chat_at(w, 1);
	struct account *a = world_account_at(w, 0), *b = world_account_at(w, 1);
	struct arena arena = fixture_arena();
	struct post p = {.to = c->history, .from = a->user, .date = 5, .random_id = 77};
	struct msg *m = msg_post(w, &p, fixture_text(&arena, "x"));
	struct peer other = {PEER_CHANNEL, world_chat_at(w, 0)->id};

	cr_assert_eq(random_id_find(w, a, c->history->peer, 77), m->id);
	cr_assert_eq(random_id_find(w, b, c->history->peer, 77), 0);
	cr_assert_eq(random_id_find(w, a, other, 77), 0);
	for (int64_t i = 1; i < 5000; i++)
		random_id_note(w, b, other, i, (int32_t)i);
	for (int64_t i = 1; i < 5000; i++)
		cr_assert_eq(random_id_find(w, b, other, i), (int32_t)i);
	cr_assert_eq(random_id_find(w, a, c->history->peer, 77), m->id);
	free(arena.mem);
	world_close(w);
}

static struct msg *create_topic(struct world *w, struct chat *c, const char *title)
{
	struct arena a = fixture_arena();
	struct tl_obj *o = tl_new(&a, TLC_messageService);
	struct tl_obj *action = tl_new(&a, TLC_messageActionTopicCreate);
	struct post p = {.to = c->history, .from = world_account_at(w, 0)->user, .date = 1};
	struct msg *m;

	tl_set_str(action, TLF_title, title);
	tl_set_int(action, TLF_icon_color, 0xffd67e);
	tl_set_obj(o, TLF_action, action);
	m = msg_post(w, &p, o);
	free(a.mem);
	return m;
}

static struct msg *say_in_topic(struct world *w, struct chat *c, int32_t topic, int32_t reply_to)
{
	struct arena a = fixture_arena();
	struct tl_obj *o = fixture_text(&a, "x"), *reply = tl_new(&a, TLC_messageReplyHeader);
	struct post p = {.to = c->history, .from = world_account_at(w, 0)->user, .date = 1};
	struct msg *m;

	tl_set_flag(reply, TLF_forum_topic, true);
	tl_set_int(reply, TLF_reply_to_msg_id, reply_to != 0 ? reply_to : topic);
	if (reply_to != 0)
		tl_set_int(reply, TLF_reply_to_top_id, topic);
	tl_set_obj(o, TLF_reply_to, reply);
	m = msg_post(w, &p, o);
	free(a.mem);
	return m;
}

Test(world, a_topic_is_its_creation_and_what_answers_it)
{
	struct world *w = fixture_synth("messages=0,topics=1");
	struct chat *c = world_chat_at(w, 1);
	struct msg *t = create_topic(w, c, "Plans"), *in, *answer, *general;

	in = say_in_topic(w, c, t->id, 0);
	answer = say_in_topic(w, c, t->id, in->id);
	general = say(w, c->history, world_account_at(w, 0)->user, "general");
	cr_assert_eq(t->topic_id, t->id);
	cr_assert_eq(in->topic_id, t->id);
	cr_assert_eq(answer->topic_id, t->id);
	cr_assert_eq(general->topic_id, 1);
	cr_assert_eq(topic_find(c, t->id)->messages.count, 3);
	cr_assert_str_eq(topic_find(c, t->id)->title, "Plans");
	cr_assert_eq(topic_find(c, t->id)->icon_color, 0xffd67e);
	msg_delete(w, answer, true, 1, 0);
	cr_assert_eq(topic_find(c, t->id)->messages.count, 2);
	world_close(w);
}

Test(world, access_hashes_belong_to_the_account)
{
	struct world *w = fixture_synth("messages=0");
	struct peer p = world_chat_at(w, 0)->history->peer;
	int64_t a = access_hash(w, world_account_at(w, 0), p);

	cr_assert_neq(a, access_hash(w, world_account_at(w, 1), p));
	cr_assert_eq(a, access_hash(w, world_account_at(w, 0), p));
	cr_assert_neq(a,
		      access_hash(w, world_account_at(w, 0), world_chat_at(w, 1)->history->peer));
	world_close(w);
}

Test(world, basic_groups_have_a_copy_for_each_member)
{
	struct world *w = fixture_synth("messages=0");
	struct account *a = world_account_at(w, 0), *b = world_account_at(w, 1);
	struct chat *g = chat_make(w, CHAT_GROUP, 0, "Small", a->user, 1);
	struct history *h;
	struct msg *m;

	member_add(w, g, b->user, a->user->id, 2);
	h = history_of(w, a, (struct peer){PEER_GROUP, g->id}, false);
	cr_assert_not_null(h);
	m = say(w, h, a->user, "hi");
	cr_assert_eq(m->twin->history->owner, b);
	member_find(g, b->user->id)->left = true;
	cr_assert_eq(say(w, h, a->user, "alone")->twin->history, h);
	cr_assert_eq(chat_marked_id(g), -g->id);
	world_close(w);
}

Test(world, names_are_found_in_any_case)
{
	struct world *w = fixture_synth("messages=0");
	struct user *u;
	struct chat *c;

	world_chat_at(w, 0)->username = "FieldNotes";
	cr_assert(username_find(w, cspan_str("fieldnotes"), &u, &c));
	cr_assert_eq(c, world_chat_at(w, 0));
	cr_assert_null(u);
	cr_assert_not(username_find(w, cspan_str("fieldnote"), &u, &c));
	cr_assert_not(username_find(w, cspan_str(""), &u, &c));
	cr_assert_eq(account_by_phone(w, "+9996620001"), world_account_at(w, 0));
	world_close(w);
}

Test(world, utf16_slices)
{
	struct cspan text = cspan_str("a\xc3\xa9\xf0\x9f\x8f\xa1z");

	cr_assert_eq(utf16_len(text), 5);
	cr_assert(cspan_equal(utf16_slice(text, 2, 2), cspan_str("\xf0\x9f\x8f\xa1")));
	cr_assert(cspan_equal(utf16_slice(text, 1, 1), cspan_str("\xc3\xa9")));
	cr_assert(cspan_equal(utf16_slice(text, 4, 9), cspan_str("z")));
	cr_assert_eq(utf16_slice(text, 9, 3).len, 0);
}
