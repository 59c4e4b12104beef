/* Sending text: what is refused, random ids, replies, topics, rights, slow mode, all layers. */
#include "tests/tgsim/methods_fixture.h"

static const int layers[] = {144, 201, 228};

Test(methods_send, text_in_every_layer)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);

	for (int i = 0; i < 3; i++) {
		struct tl_obj *q = text_to(&c, in_peer(&c, chat), " hello #tag ", i + 1);
		const struct tl_obj *m;

		c.layer = layers[i];
		m = made_one(ok(&c, q), i + 1);
		cr_assert(is_text(tl_bytes(m, TLF_message), "hello #tag"));
		cr_assert_eq(tl_vec(m, TLF_entities).count, 1);
		cr_assert(tl_flag(m, TLF_out));
		cr_assert_eq(tl_long(tl_sub(m, TLF_from_id), TLF_user_id), c.account->user->id);
	}
	caller_close(&c);
}

Test(methods_send, what_is_refused)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *q = text_to(&c, in_peer(&c, chat), "x", 0);
	struct tl_obj *e = tl_new(&c.arena, TLC_messageEntityBold);
	char *text = arena_take(&c.arena, 5000);

	no(&c, q, 400, "RANDOM_ID_EMPTY");
	no(&c, text_to(&c, in_peer(&c, chat), " \n", 1), 400, "MESSAGE_EMPTY");
	memset(text, 'a', 4097);
	no(&c, text_to(&c, in_peer(&c, chat), text, 1), 400, "MESSAGE_TOO_LONG");
	text[4096] = 0;
	ok(&c, text_to(&c, in_peer(&c, chat), text, 1));
	q = text_to(&c, in_peer(&c, chat), "abc", 2);
	tl_set_vec(&c.arena, q, TLF_entities, 1);
	tl_put_obj(q, TLF_entities, 0, e);
	tl_set_int(e, TLF_offset, 2);
	tl_set_int(e, TLF_length, 2);
	no(&c, q, 400, "ENTITY_BOUNDS_INVALID");
	e = tl_new(&c.arena, TLC_messageEntityTextUrl);
	tl_set_int(e, TLF_length, 2);
	tl_set_bytes(e, TLF_url, cspan_of(memset(text, 'u', 100), 100));
	tl_set_vec(&c.arena, q, TLF_entities, 96);
	for (uint32_t i = 0; i < 96; i++)
		tl_put_obj(q, TLF_entities, i, e);
	no(&c, q, 400, "ENTITIES_TOO_LONG");
	q = text_to(&c, in_peer(&c, chat), "abc", 2);
	tl_set_int(q, TLF_schedule_date, 2000000000);
	no(&c, q, 400, "SCHEDULE_DATE_INVALID");
	caller_close(&c);
}

/* ---- random ids ---- */

Test(methods_send, random_id_brings_the_first_result_again)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *q = text_to(&c, in_peer(&c, chat), "once", 42);
	const struct tl_obj *first = ok(&c, q), *again;
	int32_t id = made_id(first, 42), pts = chat->box.pts;
	struct tl_vec v;

	c.session++;
	again = ok(&c, q);
	cr_assert_eq(made_id(again, 42), id);
	cr_assert_eq(chat->box.pts, pts, "nothing happened");
	v = tl_vec(again, TLF_updates);
	for (uint32_t i = 0; i < v.count; i++)
		cr_assert_eq(tl_int(tl_vec_obj(v, i), TLF_pts_count), 0);
	/* Elsewhere the same number is new. */
	cr_assert_neq(
	    made_id(ok(&c, text_to(&c, in_peer(&c, new_chat(&c, false, false)), "x", 42)), 42), 0);
	/* The message may be gone, the number stays used. */
	msg_delete(c.w, msg_find(c.w, &chat->box, id), true, 0, 0);
	again = ok(&c, q);
	cr_assert_eq(made_id(again, 42), id);
	cr_assert_null(made_message(again, id));
	caller_close(&c);
}

Test(methods_send, random_id_modes)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *q = text_to(&c, in_peer(&c, chat), "once", 42);
	int32_t id = made_id(ok(&c, q), 42);

	methods_knob(c.w, "random-id-busy", "2");
	no(&c, q, 500, "RANDOM_ID_DUPLICATE");
	no(&c, q, 500, "RANDOM_ID_DUPLICATE");
	cr_assert_eq(made_id(ok(&c, q), 42), id);
	methods_knob(c.w, "random-id", "duplicate");
	no(&c, q, 500, "RANDOM_ID_DUPLICATE");
	methods_knob(c.w, "random-id", "replay");
	methods_knob(c.w, "random-id-forget", "1");
	cr_assert_neq(made_id(ok(&c, q), 42), id);
	caller_close(&c);
}

Test(methods_send, refused_sends_leave_the_random_id_free)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);

	no(&c, text_to(&c, in_peer(&c, chat), "", 7), 400, "MESSAGE_EMPTY");
	cr_assert_neq(made_id(ok(&c, text_to(&c, in_peer(&c, chat), "now", 7)), 7), 0);
	caller_close(&c);
}

/* ---- replies and quotes ---- */

Test(methods_send, replies_point_at_their_parent)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	int32_t first = say(&c, chat, "first", 1), second;
	const struct tl_obj *m, *h;
	struct tl_obj *q = text_to(&c, in_peer(&c, chat), "second", 2);

	reply_to(&c, q, first, 0);
	m = made_one(ok(&c, q), 2);
	h = tl_sub(m, TLF_reply_to);
	cr_assert_eq(tl_int(h, TLF_reply_to_msg_id), first);
	cr_assert_not(tl_has(h, TLF_reply_to_top_id));
	second = tl_int(m, TLF_id);
	q = text_to(&c, in_peer(&c, chat), "third", 3);
	reply_to(&c, q, second, 0);
	h = tl_sub(made_one(ok(&c, q), 3), TLF_reply_to);
	cr_assert_eq(tl_int(h, TLF_reply_to_msg_id), second);
	cr_assert_eq(tl_int(h, TLF_reply_to_top_id), first);
	c.layer = 144;
	q = text_to(&c, in_peer(&c, chat), "fourth", 4);
	reply_to(&c, q, first, 0);
	h = tl_sub(made_one(ok(&c, q), 4), TLF_reply_to);
	cr_assert_eq(tl_int(h, TLF_reply_to_msg_id), first);
	q = text_to(&c, in_peer(&c, chat), "x", 5);
	reply_to(&c, q, 999, 0);
	no(&c, q, 400, "REPLY_MESSAGE_ID_INVALID");
	caller_close(&c);
}

/* What it answers was deleted: sent without the reply, or refused. */
Test(methods_send, replies_to_what_is_gone)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	int32_t id = say(&c, chat, "first", 1);
	struct tl_obj *q = text_to(&c, in_peer(&c, chat), "late", 2);

	msg_delete(c.w, msg_find(c.w, &chat->box, id), true, 0, 0);
	reply_to(&c, q, id, 0);
	methods_knob(c.w, "reply-refused", "1");
	no(&c, q, 400, "REPLY_MESSAGE_ID_INVALID");
	methods_knob(c.w, "reply-refused", "0");
	cr_assert_not(tl_has(made_one(ok(&c, q), 2), TLF_reply_to));
	caller_close(&c);
}

Test(methods_send, quotes_must_be_in_the_text)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	int32_t first = say(&c, chat, "one two one two", 1);
	struct tl_obj *q = text_to(&c, in_peer(&c, chat), "x", 2), *in = reply_to(&c, q, first, 0);
	const struct tl_obj *h;

	tl_set_str(in, TLF_quote_text, "three");
	no(&c, q, 400, "QUOTE_TEXT_INVALID");
	tl_set_str(in, TLF_quote_text, "two");
	tl_set_int(in, TLF_quote_offset, 12);
	h = tl_sub(made_one(ok(&c, q), 2), TLF_reply_to);
	cr_assert(tl_flag(h, TLF_quote));
	cr_assert(is_text(tl_bytes(h, TLF_quote_text), "two"));
	cr_assert_eq(tl_int(h, TLF_quote_offset), 12);
	q = text_to(&c, in_peer(&c, chat), "x", 3);
	in = reply_to(&c, q, first, 0);
	tl_set_str(in, TLF_quote_text, "two");
	h = tl_sub(made_one(ok(&c, q), 3), TLF_reply_to);
	cr_assert_eq(tl_int(h, TLF_quote_offset), 4, "found where it is");
	caller_close(&c);
}

/* ---- topics ---- */

static int32_t new_topic(struct caller *c, const struct chat *forum, const char *title, int64_t id)
{
	bool old = c->layer < 216;
	struct tl_obj *q =
	    ask(c, old ? TLC_channels_createForumTopic : TLC_messages_createForumTopic);

	if (old)
		tl_set_obj(q, TLF_channel, in_channel(c, forum));
	else
		tl_set_obj(q, TLF_peer, in_peer(c, forum));
	tl_set_str(q, TLF_title, title);
	tl_set_int(q, TLF_icon_color, 0xCB86DB);
	tl_set_long(q, TLF_random_id, id);
	return made_id(ok(c, q), id);
}

Test(methods_send, topics_in_both_words)
{
	struct caller c = caller_open();
	struct chat *forum = new_chat(&c, false, true);
	int32_t a = new_topic(&c, forum, "new words", 1), b, reply;
	struct tl_obj *q;
	const struct tl_obj *m, *h;

	c.layer = 201;
	b = new_topic(&c, forum, "old words", 2);
	cr_assert_neq(a, b);
	cr_assert_eq(new_topic(&c, forum, "old words", 2), b, "random_id");
	cr_assert_eq(topic_find(forum, b)->icon_color, 0xCB86DB);
	q = text_to(&c, in_peer(&c, forum), "into b", 3);
	reply_to(&c, q, b, 0);
	m = made_one(ok(&c, q), 3);
	h = tl_sub(m, TLF_reply_to);
	cr_assert(tl_flag(h, TLF_forum_topic));
	cr_assert_eq(tl_int(h, TLF_reply_to_msg_id), b);
	cr_assert_not(tl_has(h, TLF_reply_to_top_id));
	reply = tl_int(m, TLF_id);
	q = text_to(&c, in_peer(&c, forum), "answer in b", 4);
	reply_to(&c, q, reply, b);
	h = tl_sub(made_one(ok(&c, q), 4), TLF_reply_to);
	cr_assert(tl_flag(h, TLF_forum_topic));
	cr_assert_eq(tl_int(h, TLF_reply_to_msg_id), reply);
	cr_assert_eq(tl_int(h, TLF_reply_to_top_id), b);
	m = made_one(ok(&c, text_to(&c, in_peer(&c, forum), "general", 5)), 5);
	cr_assert_not(tl_has(m, TLF_reply_to));
	cr_assert_eq(topic_find(forum, a)->messages.count, 1);
	cr_assert_eq(topic_find(forum, b)->messages.count, 3);
	caller_close(&c);
}

Test(methods_send, topics_edited_pinned_deleted)
{
	struct caller c = caller_open();
	struct chat *forum = new_chat(&c, false, true);
	int32_t id = new_topic(&c, forum, "plans", 1);
	struct tl_obj *edit = ask(&c, TLC_messages_editForumTopic), *q;
	const struct tl_obj *t;

	tl_set_obj(edit, TLF_peer, in_peer(&c, forum));
	tl_set_int(edit, TLF_topic_id, id);
	tl_set_str(edit, TLF_title, "plans");
	no(&c, edit, 400, "TOPIC_NOT_MODIFIED");
	tl_set_flag(edit, TLF_closed, true);
	no(&c, edit, 400, "TOPIC_CLOSE_SEPARATELY");
	tl_unset(edit, TLF_title);
	ok(&c, edit);
	cr_assert(topic_find(forum, id)->closed);
	q = ask(&c, TLC_messages_updatePinnedForumTopic);
	tl_set_obj(q, TLF_peer, in_peer(&c, forum));
	tl_set_int(q, TLF_topic_id, id);
	tl_set_flag(q, TLF_pinned, true);
	ok(&c, q);
	no(&c, q, 400, "PINNED_TOPIC_NOT_MODIFIED");
	q = ask(&c, TLC_messages_getForumTopics);
	tl_set_obj(q, TLF_peer, in_peer(&c, forum));
	tl_set_int(q, TLF_limit, 10);
	t = tl_vec_obj(tl_vec(ok(&c, q), TLF_topics), 0);
	cr_assert_eq(tl_int(t, TLF_id), id);
	cr_assert(tl_flag(t, TLF_pinned) && tl_flag(t, TLF_closed));
	q = ask(&c, TLC_messages_deleteTopicHistory);
	tl_set_obj(q, TLF_peer, in_peer(&c, forum));
	tl_set_int(q, TLF_top_msg_id, id);
	ok(&c, q);
	q = text_to(&c, in_peer(&c, forum), "late", 9);
	reply_to(&c, q, id, 0);
	no(&c, q, 406, "TOPIC_DELETED");
	caller_close(&c);
}

static struct tl_obj *topics_after(struct caller *c, const struct chat *forum, int32_t date,
				   int32_t id, int32_t topic)
{
	struct tl_obj *q = ask(c, TLC_messages_getForumTopics);

	tl_set_obj(q, TLF_peer, in_peer(c, forum));
	tl_set_int(q, TLF_offset_date, date);
	tl_set_int(q, TLF_offset_id, id);
	tl_set_int(q, TLF_offset_topic, topic);
	tl_set_int(q, TLF_limit, 2);
	return q;
}

static int32_t first_topic(const struct tl_obj *topics)
{
	return tl_int(tl_vec_obj(tl_vec(topics, TLF_topics), 0), TLF_id);
}

/* Pages go on behind a date and a message: the topic's id alone leads to the first page again. */
Test(methods_send, pages_of_topics_are_found_by_date)
{
	struct caller c = caller_open();
	struct chat *forum = new_chat(&c, false, true);
	int32_t ids[4], last = 0;
	const struct tl_obj *o;
	struct tl_obj *q;

	for (int i = 0; i < 4; i++) {
		q = ask(&c, TLC_messages_createForumTopic);
		tl_set_obj(q, TLF_peer, in_peer(&c, forum));
		tl_set_str(q, TLF_title, "topic");
		tl_set_long(q, TLF_random_id, i + 1);
		ids[i] = made_id(ok(&c, q), i + 1);
		c.now += 60 * INT64_C(1000000000);
	}
	q = text_to(&c, in_peer(&c, forum), "the latest word", 9);
	reply_to(&c, q, ids[0], 0);
	o = ok(&c, q);
	last = made_id(o, 9);
	o = ok(&c, topics_after(&c, forum, 0, 0, 0));
	cr_assert_not(tl_flag(o, TLF_order_by_create_date));
	cr_assert_eq(first_topic(o), ids[0]);
	cr_assert_eq(first_topic(ok(&c, topics_after(&c, forum, 0, 0, ids[3]))), ids[0]);
	o = ok(&c, topics_after(&c, forum, (int32_t)(c.now / 1000000000), last, ids[0]));
	cr_assert_eq(first_topic(o), ids[3]);
	methods_knob(c.w, "topics-by-date", "1");
	o = ok(&c, topics_after(&c, forum, 0, 0, 0));
	cr_assert(tl_flag(o, TLF_order_by_create_date));
	cr_assert_eq(first_topic(o), ids[3]);
	caller_close(&c);
}

Test(methods_send, topics_where_there_are_none)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *q = ask(&c, TLC_messages_createForumTopic);

	tl_set_obj(q, TLF_peer, in_peer(&c, chat));
	tl_set_str(q, TLF_title, "x");
	tl_set_long(q, TLF_random_id, 1);
	no(&c, q, 400, "CHANNEL_FORUM_MISSING");
	q = ask(&c, TLC_messages_createForumTopic);
	tl_set_obj(q, TLF_peer, in_peer(&c, new_chat(&c, false, true)));
	tl_set_str(q, TLF_title, " ");
	tl_set_long(q, TLF_random_id, 1);
	no(&c, q, 400, "TOPIC_TITLE_EMPTY");
	caller_close(&c);
}

/* ---- rights and pace ---- */

/* The other account, as a plain member. */
static struct caller member_of(struct caller *c, struct chat *chat)
{
	struct caller m = caller_of(c->w, world_account_at(c->w, 1));

	member_add(c->w, chat, m.account->user, c->account->user->id, 0);
	return m;
}

Test(methods_send, who_may_write)
{
	struct caller c = caller_open();
	struct chat *group = new_chat(&c, false, false), *channel = new_chat(&c, true, false);
	struct caller m = member_of(&c, group);

	member_add(c.w, channel, m.account->user, 0, 0);
	ok(&m, text_to(&m, in_peer(&m, group), "x", 1));
	no(&m, text_to(&m, in_peer(&m, channel), "x", 1), 400, "CHAT_ADMIN_REQUIRED");
	group->banned_rights = 1u << 25;
	no(&m, text_to(&m, in_peer(&m, group), "x", 2), 403, "CHAT_SEND_PLAIN_FORBIDDEN");
	no(&m, media_to(&m, in_peer(&m, group), in_photo_upload(&m, 1, 10, 10), 0), 400,
	   "RANDOM_ID_EMPTY");
	ok(&m, media_to(&m, in_peer(&m, group), in_photo_upload(&m, 1, 10, 10), 3));
	group->banned_rights = 1u << 19;
	no(&m, media_to(&m, in_peer(&m, group), in_photo_upload(&m, 2, 10, 10), 4), 403,
	   "CHAT_SEND_PHOTOS_FORBIDDEN");
	ok(&c, media_to(&c, in_peer(&c, group), in_photo_upload(&c, 2, 10, 10), 4));
	member_find(group, m.account->user->id)->left = true;
	group->username = "public_group";
	no(&m, text_to(&m, in_peer(&m, group), "x", 5), 403, "CHAT_WRITE_FORBIDDEN");
	caller_fini(&m);
	caller_close(&c);
}

Test(methods_send, closed_topics_are_for_admins)
{
	struct caller c = caller_open();
	struct chat *forum = new_chat(&c, false, true);
	int32_t id = new_topic(&c, forum, "closed", 1);
	struct caller m = member_of(&c, forum);
	struct tl_obj *q;

	topic_find(forum, id)->closed = true;
	q = text_to(&m, in_peer(&m, forum), "x", 2);
	reply_to(&m, q, id, 0);
	no(&m, q, 400, "TOPIC_CLOSED");
	q = text_to(&c, in_peer(&c, forum), "x", 2);
	reply_to(&c, q, id, 0);
	ok(&c, q);
	caller_fini(&m);
	caller_close(&c);
}

Test(methods_send, slow_mode)
{
	struct caller c = caller_open();
	struct chat *group = new_chat(&c, false, false);
	struct caller m = member_of(&c, group);
	struct tl_obj *q = ask(&c, TLC_channels_toggleSlowMode);

	tl_set_obj(q, TLF_channel, in_channel(&c, group));
	tl_set_int(q, TLF_seconds, 7);
	no(&c, q, 400, "SECONDS_INVALID");
	tl_set_int(q, TLF_seconds, 30);
	ok(&c, q);
	no(&c, q, 400, "CHAT_NOT_MODIFIED");
	ok(&m, text_to(&m, in_peer(&m, group), "x", 1));
	m.now += INT64_C(10000000000);
	no(&m, text_to(&m, in_peer(&m, group), "x", 2), 420, "SLOWMODE_WAIT_20");
	/* What was sent before is answered in any case. */
	ok(&m, text_to(&m, in_peer(&m, group), "x", 1));
	m.now += INT64_C(20000000000);
	ok(&m, text_to(&m, in_peer(&m, group), "x", 2));
	ok(&c, text_to(&c, in_peer(&c, group), "admins do not wait", 1));
	ok(&c, text_to(&c, in_peer(&c, group), "admins do not wait", 2));
	caller_fini(&m);
	caller_close(&c);
}

Test(methods_send, floods_count_by_target)
{
	struct caller c = caller_open();
	struct chat *a = new_chat(&c, false, false), *b = new_chat(&c, false, false);

	methods_knob(c.w, "limit.post", "2/60");
	ok(&c, text_to(&c, in_peer(&c, a), "x", 1));
	ok(&c, text_to(&c, in_peer(&c, a), "x", 2));
	no(&c, text_to(&c, in_peer(&c, a), "x", 3), 420, "FLOOD_WAIT_30");
	ok(&c, text_to(&c, in_peer(&c, a), "x", 2));
	ok(&c, text_to(&c, in_peer(&c, b), "x", 3));
	c.now += INT64_C(30000000000);
	ok(&c, text_to(&c, in_peer(&c, a), "x", 3));
	caller_close(&c);
}

/* Whoever it is shown to be from: to the one who wrote it, it went out. */
Test(methods_send, what_went_out)
{
	struct caller c = caller_open();
	struct chat *group = new_chat(&c, false, false), *channel = new_chat(&c, true, false);
	struct tl_obj *q = text_to(&c, in_peer(&c, group), "x", 1);
	const struct tl_obj *m;

	tl_set_obj(q, TLF_send_as, in_peer(&c, group));
	m = made_one(ok(&c, q), 1);
	cr_assert(tl_flag(m, TLF_out));
	cr_assert_eq(tl_long(tl_sub(m, TLF_from_id), TLF_channel_id), group->id);
	channel->signatures = true;
	m = made_one(ok(&c, text_to(&c, in_peer(&c, channel), "x", 2)), 2);
	cr_assert(tl_flag(m, TLF_out) && tl_flag(m, TLF_post) && tl_has(m, TLF_post_author));
	cr_assert_not(tl_has(m, TLF_from_id));
	caller_close(&c);
}

/* ---- private chats ---- */

Test(methods_send, private_texts_have_short_answers)
{
	struct caller c = caller_open();
	struct user *other = world_account_at(c.w, 1)->user;
	struct tl_obj *q = text_to(&c, in_user(&c, other, true), "hi /start", 1);
	const struct tl_obj *o;

	for (int i = 0; i < 3; i++) {
		c.layer = layers[i];
		tl_set_long(q, TLF_random_id, i + 1);
		o = ok(&c, q);
		cr_assert_eq(tl_cons(o), TLC_updateShortSentMessage);
		cr_assert(tl_flag(o, TLF_out));
		cr_assert_eq(tl_int(o, TLF_pts), c.account->box.pts);
		cr_assert_eq(tl_vec(o, TLF_entities).count, 1);
	}
	/* Saved Messages are told in full. */
	o = ok(&c, text_to(&c, in_self(&c), "note", 50));
	cr_assert_eq(tl_cons(o), TLC_updates);
	cr_assert_not(tl_flag(made_one(o, 50), TLF_out)); /* it comes in */
	/* A repeated one tells the whole message. */
	o = ok(&c, q);
	cr_assert_eq(tl_cons(o), TLC_updates);
	cr_assert_eq(tl_int(made_one(o, 3), TLF_id), made_id(o, 3));
	methods_knob(c.w, "short-sent", "0");
	tl_set_long(q, TLF_random_id, 9);
	cr_assert_eq(tl_cons(ok(&c, q)), TLC_updates);
	caller_close(&c);
}

Test(methods_send, both_sides_have_their_copy)
{
	struct caller c = caller_open();
	struct caller other = caller_of(c.w, world_account_at(c.w, 1));
	struct tl_obj *q = ask(&other, TLC_messages_getHistory);
	struct tl_vec v;

	ok(&c, text_to(&c, in_user(&c, other.account->user, true), "to you", 1));
	tl_set_obj(q, TLF_peer, in_user(&other, c.account->user, true));
	tl_set_int(q, TLF_limit, 1);
	v = tl_vec(ok(&other, q), TLF_messages);
	cr_assert(is_text(tl_bytes(tl_vec_obj(v, 0), TLF_message), "to you"));
	cr_assert_not(tl_flag(tl_vec_obj(v, 0), TLF_out));
	caller_fini(&other);
	caller_close(&c);
}

/* ---- previews ---- */

Test(methods_send, previews_by_knob)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *q = text_to(&c, in_peer(&c, chat), "see https://example.com/x", 1);
	const struct tl_obj *media;

	media = tl_sub(made_one(ok(&c, q), 1), TLF_media);
	cr_assert_eq(tl_sub_cons(media, TLF_webpage), TLC_webPage);
	methods_knob(c.w, "webpage", "pending");
	tl_set_long(q, TLF_random_id, 2);
	media = tl_sub(made_one(ok(&c, q), 2), TLF_media);
	cr_assert_eq(tl_sub_cons(media, TLF_webpage), TLC_webPagePending);
	methods_knob(c.w, "webpage", "none");
	tl_set_long(q, TLF_random_id, 3);
	cr_assert_not(tl_has(made_one(ok(&c, q), 3), TLF_media));
	methods_knob(c.w, "webpage", "simple");
	tl_set_long(q, TLF_random_id, 4);
	tl_set_flag(q, TLF_no_webpage, true);
	cr_assert_not(tl_has(made_one(ok(&c, q), 4), TLF_media));
	caller_close(&c);
}

/* ---- edits, pins, deletes ---- */

static struct tl_obj *edit_ask(struct caller *c, const struct chat *chat, int32_t id,
			       const char *text)
{
	struct tl_obj *q = ask(c, TLC_messages_editMessage);

	tl_set_obj(q, TLF_peer, in_peer(c, chat));
	tl_set_int(q, TLF_id, id);
	tl_set_str(q, TLF_message, text);
	return q;
}

Test(methods_send, edits)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct caller m = member_of(&c, chat);
	int32_t id = say(&c, chat, "before", 1);

	no(&c, edit_ask(&c, chat, id, "before"), 400, "MESSAGE_NOT_MODIFIED");
	no(&c, edit_ask(&c, chat, id, " "), 400, "MESSAGE_EMPTY");
	no(&c, edit_ask(&c, chat, 999, "x"), 400, "MESSAGE_ID_INVALID");
	no(&m, edit_ask(&m, chat, id, "x"), 403, "MESSAGE_AUTHOR_REQUIRED");
	ok(&c, edit_ask(&c, chat, id, "after"));
	c.now += INT64_C(1000000000) * (172800 + 1);
	no(&c, edit_ask(&c, chat, id, "late"), 400, "MESSAGE_EDIT_TIME_EXPIRED");
	caller_fini(&m);
	caller_close(&c);
}

Test(methods_send, pins_leave_a_notice)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	int32_t id = say(&c, chat, "important", 1);
	struct tl_obj *q = ask(&c, TLC_messages_updatePinnedMessage);
	struct tl_vec v;

	tl_set_obj(q, TLF_peer, in_peer(&c, chat));
	tl_set_int(q, TLF_id, id);
	tl_set_flag(q, TLF_silent, true);
	v = tl_vec(ok(&c, q), TLF_updates);
	cr_assert_eq(tl_cons(tl_vec_obj(v, 0)), TLC_updatePinnedChannelMessages);
	cr_assert_eq(tl_sub_cons(tl_sub(tl_vec_obj(v, 1), TLF_message), TLF_action),
		     TLC_messageActionPinMessage);
	no(&c, q, 400, "CHAT_NOT_MODIFIED");
	tl_set_flag(q, TLF_unpin, true);
	cr_assert_eq(tl_vec(ok(&c, q), TLF_updates).count, 1);
	caller_close(&c);
}

Test(methods_send, deletes_need_the_right)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct caller m = member_of(&c, chat);
	struct tl_obj *q = ask(&c, TLC_channels_deleteMessages);
	int32_t id = say(&c, chat, "x", 1);

	tl_set_vec(&c.arena, q, TLF_id, 2);
	tl_put_int(q, TLF_id, 0, id);
	tl_put_int(q, TLF_id, 1, 999);
	tl_set_obj(q, TLF_channel, in_channel(&m, chat));
	no(&m, q, 403, "MESSAGE_DELETE_FORBIDDEN");
	tl_set_obj(q, TLF_channel, in_channel(&c, chat));
	cr_assert_eq(tl_int(ok(&c, q), TLF_pts_count), 1);
	cr_assert_eq(tl_int(ok(&c, q), TLF_pts_count), 0);
	caller_fini(&m);
	caller_close(&c);
}
