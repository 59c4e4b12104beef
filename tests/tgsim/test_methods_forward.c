/* forwardMessages: what is kept, what is dropped without a word, what is refused. */
#include "tests/tgsim/methods_fixture.h"

static struct tl_obj *forward_ask(struct caller *c, const struct chat *from, const struct chat *to,
				  int32_t first, uint32_t count, int64_t random_id)
{
	struct tl_obj *q = ask(c, TLC_messages_forwardMessages);

	tl_set_obj(q, TLF_from_peer, in_peer(c, from));
	tl_set_obj(q, TLF_to_peer, in_peer(c, to));
	tl_set_vec(&c->arena, q, TLF_id, count);
	tl_set_vec(&c->arena, q, TLF_random_id, count);
	for (uint32_t i = 0; i < count; i++) {
		tl_put_int(q, TLF_id, i, first + (int32_t)i);
		tl_put_long(q, TLF_random_id, i, random_id + i);
	}
	return q;
}

static uint32_t made(const struct tl_obj *updates)
{
	struct tl_vec v = tl_vec(updates, TLF_updates);
	uint32_t n = 0;

	for (uint32_t i = 0; i < v.count; i++)
		n += tl_cons(tl_vec_obj(v, i)) == TLC_updateMessageID;
	return n;
}

Test(methods_forward, with_and_without_the_author)
{
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, true, false), *to = new_chat(&c, false, false);
	int32_t id = say(&c, from, "a post", 1);
	struct tl_obj *q = forward_ask(&c, from, to, id, 1, 10);
	const struct tl_obj *m, *fwd;

	for (int i = 0; i < 3; i++) {
		c.layer = (const int[]){144, 201, 228}[i];
		q = forward_ask(&c, from, to, id, 1, 10 * (i + 1));
		m = made_one(ok(&c, q), 10 * (i + 1));
		fwd = tl_sub(m, TLF_fwd_from);
		cr_assert_eq(tl_long(tl_sub(fwd, TLF_from_id), TLF_channel_id), from->id);
		cr_assert_eq(tl_int(fwd, TLF_channel_post), id);
		tl_set_flag(q, TLF_drop_author, true);
		q = forward_ask(&c, from, to, id, 1, 100 * (i + 1));
		tl_set_flag(q, TLF_drop_author, true);
		m = made_one(ok(&c, q), 100 * (i + 1));
		cr_assert_not(tl_has(m, TLF_fwd_from));
		cr_assert(is_text(tl_bytes(m, TLF_message), "a post"));
	}
	/* A forward of a forward names the first author. */
	q = forward_ask(&c, to, to,
			tl_int(made_one(ok(&c, forward_ask(&c, from, to, id, 1, 7)), 7), TLF_id), 1,
			8);
	fwd = tl_sub(made_one(ok(&c, q), 8), TLF_fwd_from);
	cr_assert_eq(tl_int(fwd, TLF_channel_post), id);
	caller_close(&c);
}

/* Below a text in that chat, each of so many buttons in a row of its own; the last one may ask a bot. */
static int32_t say_with_buttons(struct caller *c, const struct chat *to, bool asks)
{
	struct tl_obj *content = tl_new(&c->arena, TLC_message);
	struct tl_obj *markup = tl_new(&c->arena, TLC_replyInlineMarkup);
	struct post p = {.to = to->history, .from = c->account->user, .date = 5};

	tl_set_str(content, TLF_message, "choose");
	tl_set_vec(&c->arena, markup, TLF_rows, 2);
	for (uint32_t i = 0; i < 2; i++) {
		struct tl_obj *row = tl_new(&c->arena, TLC_keyboardButtonRow);
		bool call = asks && i == 1;
		struct tl_obj *button = tl_new(&c->arena, call ? TLC_keyboardButtonCallback
							       : TLC_keyboardButtonUrl);

		tl_set_str(button, TLF_text, "more");
		if (!call)
			tl_set_str(button, TLF_url, "https://example.org");
		tl_set_vec(&c->arena, row, TLF_buttons, 1);
		tl_put_obj(row, TLF_buttons, 0, button);
		tl_put_obj(markup, TLF_rows, i, row);
	}
	tl_set_obj(content, TLF_reply_markup, markup);
	return msg_post(c->w, &p, content)->id;
}

Test(methods_forward, a_keyboard_of_links_comes_along)
{
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, true, false), *to = new_chat(&c, false, false);

	for (int i = 0; i < 4; i++) {
		bool asks = i % 2 == 1;
		struct tl_obj *q = forward_ask(&c, from, to, say_with_buttons(&c, from, asks), 1, i + 1);
		const struct tl_obj *m;

		tl_set_flag(q, TLF_drop_author, i >= 2);
		m = made_one(ok(&c, q), i + 1);
		cr_assert_eq(tl_has(m, TLF_reply_markup), !asks, "%d", i);
	}
	caller_close(&c);
}

Test(methods_forward, an_answer_to_another_chat_still_answers_it)
{
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, false, false), *to = new_chat(&c, false, false);
	struct tl_obj *content = tl_new(&c.arena, TLC_message);
	struct tl_obj *reply = tl_new(&c.arena, TLC_messageReplyHeader);
	struct tl_obj *peer = tl_new(&c.arena, TLC_peerChannel);
	struct post p = {.to = from->history, .from = c.account->user, .date = 5};
	const struct tl_obj *m;

	tl_set_long(peer, TLF_channel_id, to->id);
	tl_set_int(reply, TLF_reply_to_msg_id, 9);
	tl_set_obj(reply, TLF_reply_to_peer_id, peer);
	tl_set_obj(content, TLF_reply_to, reply);
	tl_set_str(content, TLF_message, "about that");
	m = made_one(ok(&c, forward_ask(&c, from, to, msg_post(c.w, &p, content)->id, 1, 3)), 3);
	cr_assert_eq(tl_int(tl_sub(m, TLF_reply_to), TLF_reply_to_msg_id), 9);
	cr_assert(tl_has(tl_sub(m, TLF_reply_to), TLF_reply_to_peer_id));
	caller_close(&c);
}

Test(methods_forward, beyond_a_hundred_is_dropped_in_silence)
{
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, false, false), *to = new_chat(&c, false, false);

	for (int i = 0; i < 130; i++)
		say(&c, from, "x", i + 1);
	cr_assert_eq(made(ok(&c, forward_ask(&c, from, to, 2, 130, 1))), 100);
	caller_close(&c);
}

Test(methods_forward, missing_and_service_messages_are_skipped)
{
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, false, false), *to = new_chat(&c, false, false);
	const struct tl_obj *o;

	say(&c, from, "two", 1);
	say(&c, from, "three", 2);
	msg_delete(c.w, msg_find(c.w, &from->box, 2), true, 0, 0);
	o = ok(&c, forward_ask(&c, from, to, 1, 4, 1)); /* 1 is service, 2 gone, 4 never was */
	cr_assert_eq(made(o), 1);
	cr_assert_neq(made_id(o, 3), 0);
	no(&c, forward_ask(&c, from, to, 1, 2, 100), 400, "MESSAGE_ID_INVALID");
	no(&c, forward_ask(&c, from, to, 1, 0, 100), 400, "MESSAGE_IDS_EMPTY");
	caller_close(&c);
}

Test(methods_forward, random_ids_must_match)
{
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, false, false), *to = new_chat(&c, false, false);
	struct tl_obj *q;

	say(&c, from, "two", 1);
	q = forward_ask(&c, from, to, 2, 1, 1);
	tl_set_vec(&c.arena, q, TLF_random_id, 2);
	no(&c, q, 400, "RANDOM_ID_INVALID");
	no(&c, forward_ask(&c, from, to, 2, 1, 0), 400, "RANDOM_ID_EMPTY");
	caller_close(&c);
}

Test(methods_forward, again_is_the_same)
{
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, false, false), *to = new_chat(&c, false, false);
	struct tl_obj *q;
	int32_t a, pts;

	say(&c, from, "two", 1);
	say(&c, from, "three", 2);
	q = forward_ask(&c, from, to, 2, 2, 1);
	methods_knob(c.w, "album-part", "1");
	a = made_id(ok(&c, q), 1);
	cr_assert_eq(to->history->messages.count, 2);
	cr_assert_eq(made_id(ok(&c, q), 1), a);
	cr_assert_eq(to->history->messages.count, 3);
	pts = to->box.pts;
	cr_assert_eq(made(ok(&c, q)), 2);
	cr_assert_eq(to->box.pts, pts);
	caller_close(&c);
}

Test(methods_forward, albums_stay_together_as_far_as_they_are_in_the_call)
{
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, false, false), *to = new_chat(&c, false, false);
	struct tl_obj *q = ask(&c, TLC_messages_sendMultiMedia);
	const struct tl_obj *o;
	int32_t first;

	tl_set_obj(q, TLF_peer, in_peer(&c, from));
	tl_set_vec(&c.arena, q, TLF_multi_media, 3);
	for (uint32_t i = 0; i < 3; i++) {
		struct tl_obj *s = tl_new(&c.arena, TLC_inputSingleMedia);

		tl_set_obj(s, TLF_media, uploaded(&c, from, in_photo_upload(&c, i + 1, 10, 10)));
		tl_set_str(s, TLF_message, "caption");
		tl_set_long(s, TLF_random_id, i + 1);
		tl_put_obj(q, TLF_multi_media, i, s);
	}
	first = made_id(ok(&c, q), 1);
	o = ok(&c, forward_ask(&c, from, to, first, 3, 10));
	cr_assert_neq(tl_long(made_one(o, 10), TLF_grouped_id), 0);
	cr_assert_eq(tl_long(made_one(o, 10), TLF_grouped_id),
		     tl_long(made_one(o, 12), TLF_grouped_id));
	cr_assert_neq(tl_long(made_one(o, 10), TLF_grouped_id),
		      msg_find(c.w, &from->box, first)->grouped_id);
	/* One item alone is no album. */
	o = ok(&c, forward_ask(&c, from, to, first, 1, 20));
	cr_assert_not(tl_has(made_one(o, 20), TLF_grouped_id));
	q = forward_ask(&c, from, to, first, 1, 30);
	tl_set_flag(q, TLF_drop_author, true);
	tl_set_flag(q, TLF_drop_media_captions, true);
	cr_assert_eq(tl_bytes(made_one(ok(&c, q), 30), TLF_message).len, 0);
	caller_close(&c);
}

/* One message, or one album: a second one has to wait, and two of them do not go at once. */
Test(methods_forward, into_slow_mode)
{
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, false, false), *to = new_chat(&c, false, false);
	struct caller m = caller_of(c.w, world_account_at(c.w, 1));
	int32_t album[2], text;
	const struct tl_obj *o;

	member_add(c.w, from, m.account->user, 0, 0);
	member_add(c.w, to, m.account->user, 0, 0);
	for (uint32_t i = 0; i < 2; i++)
		album[i] = made_id(ok(&c, media_to(&c, in_peer(&c, from), in_photo_upload(&c, i + 1, 10, 10), 5 + i)), 5 + i);
	for (uint32_t i = 0; i < 2; i++)
		msg_find(c.w, &from->box, album[i])->grouped_id = 77;
	text = say(&c, from, "x", 9);
	cr_assert(album[1] == album[0] + 1 && text == album[1] + 1);
	to->slowmode_seconds = 30;
	no(&m, forward_ask(&m, from, to, album[1], 2, 10), 400, "SLOWMODE_MULTI_MSGS_DISABLED");
	ok(&c, forward_ask(&c, from, to, album[1], 2, 10));
	o = ok(&m, forward_ask(&m, from, to, album[0], 2, 20));
	cr_assert_neq(tl_long(made_one(o, 20), TLF_grouped_id), 0);
	no(&m, forward_ask(&m, from, to, text, 1, 30), 420, "SLOWMODE_WAIT_30");
	m.now += INT64_C(30) * 1000000000;
	ok(&m, forward_ask(&m, from, to, text, 1, 30));
	caller_fini(&m);
	caller_close(&c);
}

Test(methods_forward, protected_sources)
{
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, false, false), *to = new_chat(&c, false, false);
	struct tl_obj *q = ask(&c, TLC_messages_toggleNoForwards);
	struct tl_obj *text;
	int32_t id = say(&c, from, "x", 1);

	tl_set_obj(q, TLF_peer, in_peer(&c, from));
	tl_set_flag(q, TLF_enabled, true);
	ok(&c, q);
	no(&c, q, 400, "CHAT_NOT_MODIFIED");
	no(&c, forward_ask(&c, from, to, id, 1, 5), 400, "CHAT_FORWARDS_RESTRICTED");
	tl_set_flag(q, TLF_enabled, false);
	ok(&c, q);
	ok(&c, forward_ask(&c, from, to, id, 1, 5));
	text = text_to(&c, in_peer(&c, from), "only this one", 2);
	tl_set_flag(text, TLF_noforwards, true);
	id = made_id(ok(&c, text), 2);
	no(&c, forward_ask(&c, from, to, id, 1, 6), 400, "CHAT_FORWARDS_RESTRICTED");
	caller_close(&c);
}

Test(methods_forward, into_topics)
{
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, false, false), *to = new_chat(&c, false, true);
	struct tl_obj *t = ask(&c, TLC_messages_createForumTopic), *q;
	int32_t topic, id = say(&c, from, "x", 1);
	const struct tl_obj *m;

	tl_set_obj(t, TLF_peer, in_peer(&c, to));
	tl_set_str(t, TLF_title, "topic");
	tl_set_long(t, TLF_random_id, 1);
	topic = made_id(ok(&c, t), 1);
	q = forward_ask(&c, from, to, id, 1, 5);
	tl_set_int(q, TLF_top_msg_id, topic);
	m = made_one(ok(&c, q), 5);
	cr_assert(tl_flag(tl_sub(m, TLF_reply_to), TLF_forum_topic));
	cr_assert_eq(tl_int(tl_sub(m, TLF_reply_to), TLF_reply_to_msg_id), topic);
	q = forward_ask(&c, from, to, id, 1, 6);
	tl_set_int(q, TLF_top_msg_id, 4040);
	no(&c, q, 400, "TOPIC_ID_INVALID");
	q = forward_ask(&c, from, from, id, 1, 6);
	tl_set_int(q, TLF_top_msg_id, topic);
	no(&c, q, 400, "CHANNEL_FORUM_MISSING");
	caller_close(&c);
}

static int32_t send_kind(struct caller *c, const struct chat *chat, int64_t id, enum tlc attribute)
{
	const struct tl_obj *in =
	    attribute == TLC_inputMediaUploadedPhoto
		? in_photo_upload(c, id, 10, 10)
		: in_document_upload(c, id, "application/pdf",
				     attribute == TLC_none ? NULL : tl_new(&c->arena, attribute));

	return made_id(ok(c, media_to(c, in_peer(c, chat), in, id)), id);
}

static int64_t album_of(const struct tl_obj *updates, int64_t random_id)
{
	return tl_long(made_one(updates, random_id), TLF_grouped_id);
}

/* Files, or music, that come alone are put together; with anything beside them they are not. */
Test(methods_forward, files_alone_become_an_album)
{
	static const enum tlc kinds[] = {TLC_none, TLC_documentAttributeAudio,
					 TLC_documentAttributeAnimated,
					 TLC_inputMediaUploadedPhoto};
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, false, false), *to = new_chat(&c, true, false);
	const struct tl_obj *o;
	int32_t first;

	for (int k = 0; k < 4; k++) {
		first = send_kind(&c, from, 100 * k + 1, kinds[k]);
		for (int i = 1; i < 11; i++)
			send_kind(&c, from, 100 * k + 1 + i, kinds[k]);
		o = ok(&c, forward_ask(&c, from, to, first, 10, 1000 + 100 * k));
		cr_assert_eq(album_of(o, 1000 + 100 * k) != 0, k < 2, "%d", k);
		cr_assert_eq(album_of(o, 1000 + 100 * k), album_of(o, 1009 + 100 * k));
		o = ok(&c, forward_ask(&c, from, to, first, 11, 2000 + 100 * k));
		cr_assert_eq(album_of(o, 2000 + 100 * k), 0, "%d", k);
		o = ok(&c, forward_ask(&c, from, to, first, 1, 3000 + 100 * k));
		cr_assert_eq(album_of(o, 3000 + 100 * k), 0);
	}
	first = send_kind(&c, from, 901, TLC_none);
	send_kind(&c, from, 902, TLC_none);
	say(&c, from, "a word beside them", 903);
	cr_assert_neq(album_of(ok(&c, forward_ask(&c, from, to, first, 2, 4000)), 4000), 0);
	cr_assert_eq(album_of(ok(&c, forward_ask(&c, from, to, first, 3, 4100)), 4100), 0);
	caller_close(&c);
}

Test(methods_forward, a_reply_is_kept_when_both_come)
{
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, false, false), *to = new_chat(&c, false, false);
	int32_t id = say(&c, from, "question", 1);
	struct tl_obj *q = text_to(&c, in_peer(&c, from), "answer", 2);
	const struct tl_obj *o;

	reply_to(&c, q, id, 0);
	ok(&c, q);
	o = ok(&c, forward_ask(&c, from, to, id, 2, 10));
	cr_assert_eq(tl_int(tl_sub(made_one(o, 11), TLF_reply_to), TLF_reply_to_msg_id),
		     made_id(o, 10));
	o = ok(&c, forward_ask(&c, from, to, id + 1, 1, 20));
	cr_assert_not(tl_has(made_one(o, 20), TLF_reply_to));
	caller_close(&c);
}

Test(methods_forward, a_dice_names_its_author)
{
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, false, false), *to = new_chat(&c, false, false);
	struct tl_obj *dice = tl_new(&c.arena, TLC_inputMediaDice), *q;
	const struct tl_obj *thrown, *m;

	tl_set_str(dice, TLF_emoticon, "\xf0\x9f\x8e\xb2");
	thrown = made_one(ok(&c, media_to(&c, in_peer(&c, from), dice, 1)), 1);
	q = forward_ask(&c, from, to, tl_int(thrown, TLF_id), 1, 5);
	tl_set_flag(q, TLF_drop_author, true);
	m = made_one(ok(&c, q), 5);
	cr_assert(tl_has(m, TLF_fwd_from));
	cr_assert_eq(tl_int(tl_sub(m, TLF_media), TLF_value),
		     tl_int(tl_sub(thrown, TLF_media), TLF_value));
	caller_close(&c);
}

/* A live location stands still, and what was said to oneself comes from nobody. */
Test(methods_forward, what_becomes_another_thing)
{
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, false, false), *to = new_chat(&c, false, false);
	struct tl_obj *live = tl_new(&c.arena, TLC_inputMediaGeoLive), *q;
	struct tl_obj *point = tl_new(&c.arena, TLC_inputGeoPoint);
	const struct tl_obj *m;
	int32_t id;

	tl_set_double(point, TLF_lat, 1);
	tl_set_obj(live, TLF_geo_point, point);
	tl_set_int(live, TLF_period, 900);
	id = made_id(ok(&c, media_to(&c, in_peer(&c, from), live, 1)), 1);
	m = made_one(ok(&c, forward_ask(&c, from, to, id, 1, 5)), 5);
	cr_assert_eq(tl_cons(tl_sub(m, TLF_media)), TLC_messageMediaGeo);
	id = made_id(ok(&c, text_to(&c, in_self(&c), "a thought", 2)), 2);
	q = forward_ask(&c, from, to, id, 1, 6);
	tl_set_obj(q, TLF_from_peer, in_self(&c));
	cr_assert_not(tl_has(made_one(ok(&c, q), 6), TLF_fwd_from));
	caller_close(&c);
}

Test(methods_forward, what_destroys_itself_is_left_out)
{
	struct caller c = caller_open();
	struct chat *to = new_chat(&c, false, false);
	struct tl_obj *photo = in_photo_upload(&c, 1, 10, 10), *q;
	int32_t id = made_id(ok(&c, text_to(&c, in_self(&c), "stays", 1)), 1);
	const struct tl_obj *o;

	tl_set_int(photo, TLF_ttl_seconds, 10);
	ok(&c, media_to(&c, in_self(&c), photo, 2));
	q = forward_ask(&c, to, to, id, 2, 10);
	tl_set_obj(q, TLF_from_peer, in_self(&c));
	o = ok(&c, q);
	cr_assert_eq(made(o), 1);
	cr_assert_neq(made_id(o, 10), 0);
	caller_close(&c);
}
