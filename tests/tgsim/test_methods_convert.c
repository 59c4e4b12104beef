/* Videos that a channel's server converts before it posts them: scheduled meanwhile, by another id. */
#include "tests/tgsim/methods_fixture.h"

static struct tl_obj *video_in(struct caller *c, const struct chat *chat, int64_t file_id)
{
	struct tl_obj *video = tl_new(&c->arena, TLC_documentAttributeVideo);

	tl_set_int(video, TLF_w, 640);
	tl_set_int(video, TLF_h, 480);
	return uploaded(c, chat, in_document_upload(c, file_id, "video/mp4", video));
}

static const struct tl_obj *scheduled(struct caller *c, const struct chat *chat)
{
	struct tl_obj *q = ask(c, TLC_messages_getScheduledHistory);

	tl_set_obj(q, TLF_peer, in_peer(c, chat));
	return ok(c, q);
}

static const struct tl_obj *told(const struct tl_obj *updates)
{
	struct tl_vec v = tl_vec(updates, TLF_updates);

	for (uint32_t i = 0; i < v.count; i++)
		if (tl_cons(tl_vec_obj(v, i)) == TLC_updateNewScheduledMessage)
			return tl_sub(tl_vec_obj(v, i), TLF_message);
	return NULL;
}

Test(methods_convert, a_video_waits_and_is_posted)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, true, false);
	uint32_t before = chat->history->messages.count;
	struct tl_obj *in = video_in(&c, chat, 1);
	const struct tl_obj *o, *m;
	int32_t id;

	methods_knob(c.w, "video-convert", "300");
	o = ok(&c, media_to(&c, in_peer(&c, chat), in, 7));
	m = told(o);
	id = made_id(o, 7);
	cr_assert_not_null(m);
	cr_assert_eq(tl_int(m, TLF_id), id);
	cr_assert(tl_flag(m, TLF_video_processing_pending) && tl_flag(m, TLF_out));
	cr_assert_eq(tl_int(m, TLF_date), NOW / 1000000000 + 300);
	cr_assert_null(made_message(o, id));
	cr_assert_eq(chat->history->messages.count, before);
	/* Said again it is the same one. */
	o = ok(&c, media_to(&c, in_peer(&c, chat), in, 7));
	cr_assert_eq(made_id(o, 7), id);
	cr_assert_not_null(told(o));
	cr_assert_eq(tl_vec(scheduled(&c, chat), TLF_messages).count, 1);
	/* Others go past it. */
	cr_assert_gt(say(&c, chat, "x", 8), 0);
	c.now += INT64_C(300) * 1000000000;
	cr_assert_eq(tl_vec(scheduled(&c, chat), TLF_messages).count, 0);
	cr_assert_eq(chat->history->messages.count, before + 2);
	o = ok(&c, media_to(&c, in_peer(&c, chat), in, 7));
	m = made_one(o, 7);
	cr_assert(tl_flag(m, TLF_from_scheduled) && tl_flag(m, TLF_out) && tl_flag(m, TLF_post));
	cr_assert_not(tl_flag(m, TLF_video_processing_pending));
	cr_assert_eq(chat->history->messages.count, before + 2);
	caller_close(&c);
}

Test(methods_convert, what_is_no_video_or_no_channel_waits_for_nothing)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, true, false), *group = new_chat(&c, false, false);
	struct caller m = caller_of(c.w, world_account_at(c.w, 1));
	struct tl_obj *q = ask(&m, TLC_messages_getScheduledHistory);

	methods_knob(c.w, "video-convert", "300");
	made_one(ok(&c, media_to(&c, in_peer(&c, chat), in_photo_upload(&c, 1, 10, 10), 1)), 1);
	made_one(ok(&c, media_to(&c, in_peer(&c, group), video_in(&c, group, 2), 2)), 2);
	/* Who reads only is not told of what waits. */
	member_add(c.w, chat, m.account->user, 0, 0);
	tl_set_obj(q, TLF_peer, in_peer(&m, chat));
	no(&m, q, 400, "CHAT_ADMIN_REQUIRED");
	caller_fini(&m);
	caller_close(&c);
}

Test(methods_convert, an_album_waits_as_a_whole)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, true, false);
	struct tl_obj *q = ask(&c, TLC_messages_sendMultiMedia);
	struct tl_obj *media[2] = {uploaded(&c, chat, in_photo_upload(&c, 1, 20, 20)),
				   video_in(&c, chat, 2)};
	uint32_t before = chat->history->messages.count;
	const struct tl_obj *o;
	struct tl_vec v;

	methods_knob(c.w, "video-convert", "300");
	tl_set_obj(q, TLF_peer, in_peer(&c, chat));
	tl_set_vec(&c.arena, q, TLF_multi_media, 2);
	for (uint32_t i = 0; i < 2; i++) {
		struct tl_obj *single = tl_new(&c.arena, TLC_inputSingleMedia);

		tl_set_obj(single, TLF_media, media[i]);
		tl_set_long(single, TLF_random_id, 5 + i);
		tl_set_str(single, TLF_message, "");
		tl_put_obj(q, TLF_multi_media, i, single);
	}
	o = ok(&c, q);
	cr_assert(made_id(o, 5) > 0 && made_id(o, 6) > made_id(o, 5));
	v = tl_vec(scheduled(&c, chat), TLF_messages);
	cr_assert_eq(v.count, 2);
	cr_assert_eq(tl_int(tl_vec_obj(v, 1), TLF_id), made_id(o, 5));
	cr_assert_eq(tl_long(tl_vec_obj(v, 0), TLF_grouped_id), tl_long(tl_vec_obj(v, 1), TLF_grouped_id));
	cr_assert_eq(chat->history->messages.count, before);
	c.now += INT64_C(300) * 1000000000;
	o = ok(&c, q);
	cr_assert_eq(tl_long(made_one(o, 5), TLF_grouped_id), tl_long(made_one(o, 6), TLF_grouped_id));
	cr_assert_eq(chat->history->messages.count, before + 2);
	caller_close(&c);
}

/* What another admin has scheduled stands there as well, is not one's own, and holds up nobody. */
Test(methods_convert, others_schedule_too)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, true, false);
	uint32_t before = chat->history->messages.count;
	struct tl_obj *in = video_in(&c, chat, 1), *o;
	const struct tl_obj *other;
	struct tl_vec v;

	methods_knob(c.w, "video-convert", "300");
	o = tl_new(&c.arena, TLC_message);
	tl_set_str(o, TLF_message, "in a year");
	methods_plan(c.w, world_account_at(c.w, 1), chat, o, NOW / 1000000000 + 365 * 86400, false);
	ok(&c, media_to(&c, in_peer(&c, chat), in, 7));
	v = tl_vec(scheduled(&c, chat), TLF_messages);
	cr_assert_eq(v.count, 2);
	other = tl_vec_obj(v, 0); /* the last to come */
	cr_assert(bytes_equal_ct(tl_bytes(other, TLF_message).at, "in a year", 9));
	cr_assert_not(tl_flag(other, TLF_out));
	cr_assert_not(tl_flag(other, TLF_video_processing_pending));
	cr_assert(tl_flag(tl_vec_obj(v, 1), TLF_out));
	c.now += INT64_C(300) * 1000000000;
	cr_assert_eq(tl_vec(scheduled(&c, chat), TLF_messages).count, 1);
	cr_assert_eq(chat->history->messages.count, before + 1);
	c.now += INT64_C(366) * 86400 * 1000000000;
	cr_assert_eq(tl_vec(scheduled(&c, chat), TLF_messages).count, 0);
	cr_assert_eq(chat->history->messages.count, before + 2);
	caller_close(&c);
}
