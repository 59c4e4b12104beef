/* What a careless client runs into: rights that an admin was not given, restrictions of one member,
 * quizzes nobody answered, icons that cost, single messages that may not be copied, one chat too
 * many. */
#include "tests/tgsim/methods_fixture.h"

static struct caller member_of(struct caller *c, struct chat *chat)
{
	struct caller m = caller_of(c->w, world_account_at(c->w, 1));

	member_add(c->w, chat, m.account->user, c->account->user->id, 0);
	return m;
}

/* ---- admins ---- */

static struct tl_obj *promotion(struct caller *by, const struct chat *chat, const struct user *whom,
				const enum tlf *fields, size_t count)
{
	struct tl_obj *q = ask(by, TLC_channels_editAdmin);
	struct tl_obj *rights = tl_new(&by->arena, TLC_chatAdminRights);

	for (size_t i = 0; i < count; i++)
		tl_set_flag(rights, fields[i], true);
	tl_set_obj(q, TLF_channel, in_channel(by, chat));
	tl_set_obj(q, TLF_user_id, in_user(by, whom, false));
	tl_set_obj(q, TLF_admin_rights, rights);
	tl_set_str(q, TLF_rank, "");
	return q;
}

#define PROMOTE(by, chat, whom, ...)                                                               \
	ok(by, promotion(by, chat, whom, (const enum tlf[]){__VA_ARGS__},                          \
			 countof(((const enum tlf[]){__VA_ARGS__}))))

static struct tl_obj *pin_ask(struct caller *c, const struct chat *chat, int32_t id)
{
	struct tl_obj *q = ask(c, TLC_messages_updatePinnedMessage);

	tl_set_obj(q, TLF_peer, in_peer(c, chat));
	tl_set_int(q, TLF_id, id);
	return q;
}

static struct tl_obj *edit_ask(struct caller *c, const struct chat *chat, int32_t id,
			       const char *text)
{
	struct tl_obj *q = ask(c, TLC_messages_editMessage);

	tl_set_obj(q, TLF_peer, in_peer(c, chat));
	tl_set_int(q, TLF_id, id);
	tl_set_str(q, TLF_message, text);
	return q;
}

static struct tl_obj *delete_ask(struct caller *c, const struct chat *chat, int32_t id)
{
	struct tl_obj *q = ask(c, TLC_channels_deleteMessages);

	tl_set_obj(q, TLF_channel, in_channel(c, chat));
	tl_set_vec(&c->arena, q, TLF_id, 1);
	tl_put_int(q, TLF_id, 0, id);
	return q;
}

static const struct tl_obj *seen_by(struct caller *c, const struct chat *chat)
{
	struct tl_obj *q = ask(c, TLC_channels_getChannels);

	tl_set_vec(&c->arena, q, TLF_id, 1);
	tl_put_obj(q, TLF_id, 0, in_channel(c, chat));
	return tl_vec_obj(tl_vec(ok(c, q), TLF_chats), 0);
}

Test(methods_strict, admins_of_a_channel_have_the_rights_they_were_given)
{
	struct caller c = caller_open();
	struct chat *channel = new_chat(&c, true, false);
	struct caller m = member_of(&c, channel);
	int32_t id = say(&c, channel, "the owner's", 1), own;
	const struct tl_obj *rights;

	PROMOTE(&c, channel, m.account->user, TLF_invite_users);
	no(&m, text_to(&m, in_peer(&m, channel), "x", 1), 400, "CHAT_ADMIN_REQUIRED");
	PROMOTE(&c, channel, m.account->user, TLF_post_messages);
	own = say(&m, channel, "the admin's", 2);
	ok(&m, edit_ask(&m, channel, own, "better"));
	no(&m, edit_ask(&m, channel, id, "mine"), 403, "MESSAGE_AUTHOR_REQUIRED");
	no(&m, pin_ask(&m, channel, own), 400, "CHAT_ADMIN_REQUIRED");
	no(&m, delete_ask(&m, channel, id), 403, "MESSAGE_DELETE_FORBIDDEN");
	rights = tl_sub(seen_by(&m, channel), TLF_admin_rights);
	cr_assert(tl_flag(rights, TLF_post_messages));
	cr_assert_not(tl_flag(rights, TLF_edit_messages));
	PROMOTE(&c, channel, m.account->user, TLF_edit_messages, TLF_delete_messages);
	ok(&m, edit_ask(&m, channel, id, "mine"));
	ok(&m, pin_ask(&m, channel, id));
	ok(&m, delete_ask(&m, channel, id));
	no(&m, text_to(&m, in_peer(&m, channel), "x", 3), 400, "CHAT_ADMIN_REQUIRED");
	caller_fini(&m);
	caller_close(&c);
}

Test(methods_strict, nobody_gives_away_what_he_has_not_got)
{
	struct caller c = caller_open();
	struct chat *group = new_chat(&c, false, false);
	struct caller m = member_of(&c, group);
	struct user *third = user_make(c.w, 0x7001, "Third", "");
	const enum tlf ban[] = {TLF_ban_users}, pin[] = {TLF_pin_messages};

	member_add(c.w, group, third, 0, 0);
	PROMOTE(&c, group, m.account->user, TLF_pin_messages);
	no(&m, promotion(&m, group, third, pin, 1), 400, "CHAT_ADMIN_REQUIRED");
	PROMOTE(&c, group, m.account->user, TLF_pin_messages, TLF_add_admins);
	no(&m, promotion(&m, group, third, ban, 1), 403, "RIGHT_FORBIDDEN");
	ok(&m, promotion(&m, group, third, pin, 1));
	no(&m, promotion(&m, group, c.account->user, pin, 1), 400, "USER_CREATOR");
	caller_fini(&m);
	caller_close(&c);
}

static struct tl_obj *topic_ask(struct caller *c, const struct chat *forum, int64_t random_id)
{
	struct tl_obj *q = ask(c, TLC_messages_createForumTopic);

	tl_set_obj(q, TLF_peer, in_peer(c, forum));
	tl_set_str(q, TLF_title, "topic");
	tl_set_long(q, TLF_random_id, random_id);
	return q;
}

Test(methods_strict, topics_and_closed_ones_need_their_right)
{
	struct caller c = caller_open();
	struct chat *forum = new_chat(&c, false, true);
	struct caller m = member_of(&c, forum);
	int32_t id = made_id(ok(&c, topic_ask(&c, forum, 1)), 1);
	struct tl_obj *q = text_to(&m, in_peer(&m, forum), "x", 2);

	forum->banned_rights = 1u << 18;
	reply_to(&m, q, id, 0);
	topic_find(forum, id)->closed = true;
	PROMOTE(&c, forum, m.account->user, TLF_pin_messages);
	no(&m, q, 400, "TOPIC_CLOSED");
	no(&m, topic_ask(&m, forum, 3), 403, "CHAT_WRITE_FORBIDDEN");
	PROMOTE(&c, forum, m.account->user, TLF_manage_topics);
	ok(&m, q);
	ok(&m, topic_ask(&m, forum, 3));
	caller_fini(&m);
	caller_close(&c);
}

/* Who opened a topic may write in it when it is closed; in another one only who may manage them. */
Test(methods_strict, a_closed_topic_is_open_to_who_made_it)
{
	struct caller c = caller_open();
	struct chat *forum = new_chat(&c, false, true);
	struct caller m = member_of(&c, forum);
	int32_t own = made_id(ok(&m, topic_ask(&m, forum, 1)), 1);
	int32_t other = made_id(ok(&c, topic_ask(&c, forum, 2)), 2);
	struct tl_obj *q;

	topic_find(forum, own)->closed = topic_find(forum, other)->closed = true;
	q = text_to(&m, in_peer(&m, forum), "x", 3);
	reply_to(&m, q, own, 0);
	ok(&m, q);
	q = text_to(&m, in_peer(&m, forum), "x", 4);
	reply_to(&m, q, other, 0);
	no(&m, q, 400, "TOPIC_CLOSED");
	caller_fini(&m);
	caller_close(&c);
}

/* ---- restrictions of one member ---- */

static void restrict_member(struct caller *by, const struct chat *chat, const struct user *whom,
			    enum tlf field, int32_t until)
{
	struct tl_obj *q = ask(by, TLC_channels_editBanned);
	struct tl_obj *rights = tl_new(&by->arena, TLC_chatBannedRights);

	tl_set_flag(rights, field, true);
	tl_set_int(rights, TLF_until_date, until);
	tl_set_obj(q, TLF_channel, in_channel(by, chat));
	tl_set_obj(q, TLF_participant, in_user(by, whom, true));
	tl_set_obj(q, TLF_banned_rights, rights);
	ok(by, q);
}

Test(methods_strict, a_member_can_be_restricted_alone_and_for_a_while)
{
	struct caller c = caller_open();
	struct chat *group = new_chat(&c, false, false);
	struct caller m = member_of(&c, group);
	int32_t now = (int32_t)(c.now / 1000000000);

	restrict_member(&c, group, m.account->user, TLF_send_photos, 0);
	no(&m, media_to(&m, in_peer(&m, group), in_photo_upload(&m, 1, 10, 10), 1), 403,
	   "CHAT_SEND_PHOTOS_FORBIDDEN");
	ok(&m, text_to(&m, in_peer(&m, group), "a text", 2));
	cr_assert(tl_flag(tl_sub(seen_by(&m, group), TLF_banned_rights), TLF_send_photos));
	restrict_member(&c, group, m.account->user, TLF_send_messages, now + 60);
	no(&m, text_to(&m, in_peer(&m, group), "x", 3), 403, "CHAT_WRITE_FORBIDDEN");
	m.now += INT64_C(59) * 1000000000;
	no(&m, text_to(&m, in_peer(&m, group), "x", 3), 403, "CHAT_WRITE_FORBIDDEN");
	m.now += INT64_C(1) * 1000000000;
	ok(&m, text_to(&m, in_peer(&m, group), "x", 3));
	restrict_member(&c, group, m.account->user, TLF_send_messages,
			now + 10); /* too short: for ever */
	m.now += INT64_C(1000) * 1000000000;
	no(&m, text_to(&m, in_peer(&m, group), "x", 4), 403, "CHAT_WRITE_FORBIDDEN");
	caller_fini(&m);
	caller_close(&c);
}

Test(methods_strict, who_was_thrown_out_for_a_while_has_to_come_in_again)
{
	struct caller c = caller_open();
	struct chat *group = new_chat(&c, false, false);
	struct caller m = member_of(&c, group);

	group->username = "a_public_group";
	restrict_member(&c, group, m.account->user, TLF_view_messages,
			(int32_t)(c.now / 1000000000) + 60);
	no(&m, text_to(&m, in_peer(&m, group), "x", 1), 406, "CHANNEL_PRIVATE");
	m.now += INT64_C(60) * 1000000000;
	no(&m, text_to(&m, in_peer(&m, group), "x", 1), 403, "CHAT_WRITE_FORBIDDEN");
	caller_fini(&m);
	caller_close(&c);
}

/* ---- quizzes, icons, single protected messages, too many chats ---- */

static struct tl_obj *quiz_in(struct caller *c)
{
	struct tl_obj *in = tl_new(&c->arena, TLC_inputMediaPoll);
	struct tl_obj *poll = tl_new(&c->arena, TLC_poll);
	struct tl_obj *text = tl_new(&c->arena, TLC_textWithEntities);

	tl_set_str(text, TLF_text, "Which?");
	tl_set_obj(poll, TLF_question, text);
	tl_set_flag(poll, TLF_quiz, true);
	tl_set_vec(&c->arena, poll, TLF_answers, 2);
	for (uint32_t i = 0; i < 2; i++) {
		struct tl_obj *a = tl_new(&c->arena, TLC_pollAnswer);

		tl_set_obj(a, TLF_text, text);
		tl_set_str(a, TLF_option, i == 0 ? "a" : "b");
		tl_put_obj(poll, TLF_answers, i, a);
	}
	tl_set_obj(in, TLF_poll, poll);
	tl_set_vec(&c->arena, in, TLF_correct_answers, 1);
	tl_put_int(in, TLF_correct_answers, 0, 1);
	return in;
}

static struct tl_obj *forward_ask(struct caller *c, const struct chat *from, const struct chat *to,
				  int32_t id, bool drop_author, int64_t random_id)
{
	struct tl_obj *q = ask(c, TLC_messages_forwardMessages);

	tl_set_obj(q, TLF_from_peer, in_peer(c, from));
	tl_set_obj(q, TLF_to_peer, in_peer(c, to));
	tl_set_vec(&c->arena, q, TLF_id, 1);
	tl_put_int(q, TLF_id, 0, id);
	tl_set_vec(&c->arena, q, TLF_random_id, 1);
	tl_put_long(q, TLF_random_id, 0, random_id);
	tl_set_flag(q, TLF_drop_author, drop_author);
	return q;
}

Test(methods_strict, a_quiz_goes_without_its_author_only_once_it_was_answered)
{
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, false, false), *to = new_chat(&c, false, false);
	int32_t id = made_id(ok(&c, media_to(&c, in_peer(&c, from), quiz_in(&c), 1)), 1);
	struct tl_obj *vote = ask(&c, TLC_messages_sendVote);

	no(&c, forward_ask(&c, from, to, id, true, 2), 400, "QUIZ_ANSWER_MISSING");
	ok(&c, forward_ask(&c, from, to, id, false, 3));
	tl_set_obj(vote, TLF_peer, in_peer(&c, from));
	tl_set_int(vote, TLF_msg_id, id);
	tl_set_vec(&c.arena, vote, TLF_options, 1);
	tl_put_bytes(vote, TLF_options, 0, cspan_str("a"));
	ok(&c, vote);
	ok(&c, forward_ask(&c, from, to, id, true, 2));
	/* One of the archive, where the account had voted. */
	from = chat_find(c.w, 1600000001);
	cr_assert_not_null(from);
	ok(&c, forward_ask(&c, from, to, 20, true, 4));
	caller_close(&c);
}

static int32_t voters_of(struct caller *c, const struct chat *chat, int32_t id, int64_t *poll)
{
	struct tl_obj *q = ask(c, TLC_messages_getPollResults);
	const struct tl_obj *u;

	tl_set_obj(q, TLF_peer, in_peer(c, chat));
	tl_set_int(q, TLF_msg_id, id);
	u = tl_vec_obj(tl_vec(ok(c, q), TLF_updates), 0);
	*poll = tl_long(u, TLF_poll_id);
	return tl_int(tl_sub(u, TLF_results), TLF_total_voters);
}

/* With its author it is the same poll; without him another one, whose right answer is known all the same. */
Test(methods_strict, votes_stay_with_the_poll)
{
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, false, false), *to = new_chat(&c, false, false);
	int32_t id = made_id(ok(&c, media_to(&c, in_peer(&c, from), quiz_in(&c), 1)), 1), same, other, again;
	struct tl_obj *vote = ask(&c, TLC_messages_sendVote);
	int64_t poll[3];

	tl_set_obj(vote, TLF_peer, in_peer(&c, from));
	tl_set_int(vote, TLF_msg_id, id);
	tl_set_vec(&c.arena, vote, TLF_options, 1);
	tl_put_bytes(vote, TLF_options, 0, cspan_str("a"));
	ok(&c, vote);
	same = made_id(ok(&c, forward_ask(&c, from, to, id, false, 2)), 2);
	other = made_id(ok(&c, forward_ask(&c, from, to, id, true, 3)), 3);
	cr_assert_eq(voters_of(&c, from, id, &poll[0]), 1);
	cr_assert_eq(voters_of(&c, to, same, &poll[1]), 1);
	cr_assert_eq(voters_of(&c, to, other, &poll[2]), 0);
	cr_assert_eq(poll[0], poll[1]);
	cr_assert_neq(poll[0], poll[2]);
	no(&c, forward_ask(&c, to, from, other, true, 4), 400, "QUIZ_ANSWER_MISSING");
	tl_set_obj(vote, TLF_peer, in_peer(&c, to));
	tl_set_int(vote, TLF_msg_id, other);
	ok(&c, vote);
	again = made_id(ok(&c, forward_ask(&c, to, from, other, true, 4)), 4);
	cr_assert_eq(voters_of(&c, from, again, &poll[1]), 0);
	caller_close(&c);
}

static uint32_t formats_of_question(const struct tl_obj *updates, int64_t random_id)
{
	const struct tl_obj *media = tl_sub(made_one(updates, random_id), TLF_media);

	return tl_vec(tl_sub(tl_sub(media, TLF_poll), TLF_question), TLF_entities).count;
}

Test(methods_strict, emoji_of_polls_are_for_premium)
{
	struct caller c = caller_open();
	struct chat *from = new_chat(&c, false, false), *to = new_chat(&c, false, false);
	struct tl_obj *in = quiz_in(&c), *poll = tl_copy(&c.arena, tl_sub(in, TLF_poll));
	struct tl_obj *question = tl_copy(&c.arena, tl_sub(poll, TLF_question));
	struct tl_obj *emoji = tl_new(&c.arena, TLC_messageEntityCustomEmoji);
	const struct tl_obj *made;
	int32_t id;

	tl_set_int(emoji, TLF_offset, 0);
	tl_set_int(emoji, TLF_length, 1);
	tl_set_long(emoji, TLF_document_id, 5);
	tl_set_vec(&c.arena, question, TLF_entities, 1);
	tl_put_obj(question, TLF_entities, 0, emoji);
	tl_set_flag(poll, TLF_quiz, false);
	tl_set_obj(poll, TLF_question, question);
	tl_set_obj(in, TLF_poll, poll);
	tl_unset(in, TLF_correct_answers);
	cr_assert(methods_knob(c.w, "premium-emoji", "1"));
	c.account->user->premium = false;
	cr_assert_eq(formats_of_question(ok(&c, media_to(&c, in_peer(&c, from), in, 1)), 1), 0);
	c.account->user->premium = true;
	made = ok(&c, media_to(&c, in_peer(&c, from), in, 2));
	id = made_id(made, 2);
	cr_assert_eq(formats_of_question(made, 2), 1);
	c.account->user->premium = false;
	cr_assert_eq(formats_of_question(ok(&c, forward_ask(&c, from, to, id, false, 3)), 3), 1);
	cr_assert_eq(formats_of_question(ok(&c, forward_ask(&c, from, to, id, true, 4)), 4), 0);
	caller_close(&c);
}

Test(methods_strict, icons_of_topics_are_for_premium)
{
	struct caller c = caller_open();
	struct chat *forum = new_chat(&c, false, true);
	struct tl_obj *q = topic_ask(&c, forum, 1), *edit = ask(&c, TLC_messages_editForumTopic);

	c.account->user->premium = false;
	tl_set_long(q, TLF_icon_emoji_id, 4242);
	no(&c, q, 403, "PREMIUM_ACCOUNT_REQUIRED");
	tl_set_obj(edit, TLF_peer, in_peer(&c, forum));
	tl_set_int(edit, TLF_topic_id, made_id(ok(&c, topic_ask(&c, forum, 2)), 2));
	tl_set_long(edit, TLF_icon_emoji_id, 4242);
	no(&c, edit, 403, "PREMIUM_ACCOUNT_REQUIRED");
	c.account->user->premium = true;
	ok(&c, q);
	ok(&c, edit);
	caller_close(&c);
}

/* A made-up photo of the world's first chat that has one, as the account sees it. */
static const struct tl_obj *some_photo(struct caller *c, struct chat **chat, int32_t *id)
{
	const struct account *a = c->account;

	for (uint32_t i = 0; i < a->dialog_count; i++) {
		const struct history *h = a->dialogs[i];

		for (uint32_t k = 0; h->chat != NULL && k < h->messages.count; k++) {
			struct msg *m = msg_find(c->w, h->box, h->messages.ids[k]);
			const struct tl_obj *media =
			    m == NULL ? NULL
				      : tl_sub(msg_view(c->w, &c->arena, a, m, c->now), TLF_media);

			if (tl_cons(media) != TLC_messageMediaPhoto || h->chat->noforwards)
				continue;
			*chat = h->chat;
			*id = m->id;
			return media;
		}
	}
	return NULL;
}

Test(methods_strict, a_single_protected_message_lends_its_media_to_nobody)
{
	struct world_options opt = fixture_options();
	struct caller c;
	struct chat *from, *to;
	const struct tl_obj *media;
	struct msg *m;
	struct tl_obj *content;
	int32_t id;

	opt.synth = "messages=20,photos=3,seed=5";
	c = caller_of(fixture_open(&opt), NULL);
	c.account = world_account_at(c.w, 0);
	to = new_chat(&c, false, false);
	media = some_photo(&c, &from, &id);
	cr_assert_not_null(media);
	ok(&c, media_to(&c, in_peer(&c, to), referenced(&c, media), 1));
	m = msg_find(c.w, from->history->box, id);
	content = tl_copy(&c.arena, msg_body(c.w, &c.arena, m));
	tl_set_flag(content, TLF_noforwards, true);
	msg_edit(c.w, m, content, (int32_t)(c.now / 1000000000), 0);
	no(&c, media_to(&c, in_peer(&c, to), referenced(&c, media), 2), 400,
	   "CHAT_FORWARDS_RESTRICTED");
	caller_close(&c);
}

Test(methods_strict, no_more_than_so_many_channels)
{
	struct caller c = caller_open();
	struct tl_obj *q = ask(&c, TLC_channels_createChannel),
		      *join = ask(&c, TLC_channels_joinChannel);
	struct caller other = caller_of(c.w, world_account_at(c.w, 1));
	struct chat *open = new_chat(&other, false, false);

	c.account->user->premium = false;
	for (int i = 0; i < 500; i++) {
		struct chat *chat =
		    chat_make(c.w, CHAT_SUPERGROUP, 0, "one of many", c.account->user, 0);

		cr_assert_not_null(chat);
	}
	tl_set_flag(q, TLF_megagroup, true);
	tl_set_str(q, TLF_title, "one too many");
	tl_set_str(q, TLF_about, "");
	no(&c, q, 400, "CHANNELS_TOO_MUCH");
	open->username = "come_in";
	tl_set_obj(join, TLF_channel, in_channel(&c, open));
	no(&c, join, 400, "CHANNELS_TOO_MUCH");
	c.account->user->premium = true;
	ok(&c, q);
	ok(&c, join);
	caller_fini(&other);
	caller_close(&c);
}
