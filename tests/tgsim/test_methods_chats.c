/* Chats made and changed, members, invites; updates: pushes and differences tell the same story. */
#include "tests/tgsim/methods_fixture.h"

Test(methods_chats, made)
{
	struct caller c = caller_open();
	struct tl_obj *q = ask(&c, TLC_channels_createChannel);
	struct chat *forum = new_chat(&c, false, true), *channel = new_chat(&c, true, false);
	const struct tl_obj *o;

	cr_assert(forum->forum && forum->kind == CHAT_SUPERGROUP);
	cr_assert_eq(channel->kind, CHAT_CHANNEL);
	cr_assert_eq(forum->history->messages.count, 1, "its creation");
	tl_set_flag(q, TLF_megagroup, true);
	tl_set_str(q, TLF_title, " \n");
	tl_set_str(q, TLF_about, "");
	no(&c, q, 400, "CHAT_TITLE_EMPTY");
	c.layer = 144;
	tl_set_str(q, TLF_title, "old layer");
	o = ok(&c, q);
	cr_assert(is_text(tl_bytes(tl_vec_obj(tl_vec(o, TLF_chats), 0), TLF_title), "old layer"));
	caller_close(&c);
}

Test(methods_chats, basic_groups)
{
	struct caller c = caller_open();
	struct caller other = caller_of(c.w, world_account_at(c.w, 1));
	struct tl_obj *q = ask(&c, TLC_messages_createChat);
	const struct tl_obj *o, *chat;
	struct tl_obj *full, *del;

	tl_set_str(q, TLF_title, "basic");
	tl_set_vec(&c.arena, q, TLF_users, 0);
	c.layer = 144;
	no(&c, q, 400, "USERS_TOO_FEW");
	c.layer = 228;
	ok(&c, q);
	tl_set_vec(&c.arena, q, TLF_users, 1);
	tl_put_obj(q, TLF_users, 0, in_user(&c, other.account->user, false));
	o = ok(&c, q);
	chat = tl_vec_obj(tl_vec(tl_sub(o, TLF_updates), TLF_chats), 0);
	cr_assert_eq(tl_cons(chat), TLC_chat);
	full = ask(&other, TLC_messages_getFullChat);
	tl_set_long(full, TLF_chat_id, tl_long(chat, TLF_id));
	o = ok(&other, full);
	cr_assert_eq(
	    tl_vec(tl_sub(tl_sub(o, TLF_full_chat), TLF_participants), TLF_participants).count, 2);
	tl_set_long(full, TLF_chat_id, 424242);
	no(&other, full, 400, "CHAT_ID_INVALID");
	del = ask(&other, TLC_messages_deleteChat);
	tl_set_long(del, TLF_chat_id, tl_long(chat, TLF_id));
	no(&other, del, 400, "CHAT_ADMIN_REQUIRED");
	cr_assert_eq(tl_cons(ok(&c, del)), TLC_boolTrue);
	c.layer = 144;
	cr_assert_eq(tl_cons(ok(&c, q)), TLC_updates, "before there were invitedUsers");
	caller_fini(&other);
	caller_close(&c);
}

Test(methods_chats, only_owners_and_admins_change_them)
{
	struct caller c = caller_open();
	struct caller m = caller_of(c.w, world_account_at(c.w, 1));
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *q = ask(&m, TLC_messages_toggleNoForwards);

	member_add(c.w, chat, m.account->user, 0, 0);
	tl_set_obj(q, TLF_peer, in_peer(&m, chat));
	tl_set_flag(q, TLF_enabled, true);
	no(&m, q, 400, "CHAT_ADMIN_REQUIRED");
	q = ask(&m, TLC_channels_toggleForum);
	tl_set_obj(q, TLF_channel, in_channel(&m, chat));
	tl_set_flag(q, TLF_enabled, true);
	no(&m, q, 400, "CHAT_ADMIN_REQUIRED");
	q = ask(&c, TLC_channels_toggleForum);
	tl_set_obj(q, TLF_channel, in_channel(&c, chat));
	tl_set_flag(q, TLF_enabled, true);
	c.layer = 201;
	ok(&c, q);
	cr_assert(chat->forum);
	no(&c, q, 400, "CHAT_NOT_MODIFIED");
	caller_fini(&m);
	caller_close(&c);
}

Test(methods_chats, what_is_sent_may_be_for_a_time)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *q = ask(&c, TLC_messages_setHistoryTTL);
	const struct tl_obj *m;

	tl_set_obj(q, TLF_peer, in_peer(&c, chat));
	tl_set_int(q, TLF_period, -1);
	no(&c, q, 400, "TTL_PERIOD_INVALID");
	tl_set_int(q, TLF_period, 86400);
	ok(&c, q);
	no(&c, q, 400, "CHAT_NOT_MODIFIED");
	say(&c, chat, "until tomorrow", 1);
	m = msg_body(c.w, &c.arena, msg_find(c.w, &chat->box, chat->box.last_id));
	cr_assert_eq(tl_int(m, TLF_ttl_period), 86400);
	tl_set_int(q, TLF_period, 0);
	ok(&c, q);
	say(&c, chat, "for ever", 2);
	m = msg_body(c.w, &c.arena, msg_find(c.w, &chat->box, chat->box.last_id));
	cr_assert_not(tl_has(m, TLF_ttl_period));
	caller_close(&c);
}

Test(methods_chats, usernames_are_unique)
{
	struct caller c = caller_open();
	struct chat *a = new_chat(&c, false, false), *b = new_chat(&c, false, false);
	struct tl_obj *q = ask(&c, TLC_channels_updateUsername);

	tl_set_obj(q, TLF_channel, in_channel(&c, a));
	tl_set_str(q, TLF_username, "abc");
	no(&c, q, 400, "USERNAME_INVALID");
	tl_set_str(q, TLF_username, "Some_Name");
	ok(&c, q);
	no(&c, q, 400, "USERNAME_NOT_MODIFIED");
	tl_set_obj(q, TLF_channel, in_channel(&c, b));
	tl_set_str(q, TLF_username, "some_name");
	no(&c, q, 400, "USERNAME_OCCUPIED");
	caller_close(&c);
}

Test(methods_chats, invites)
{
	struct caller c = caller_open();
	struct caller other = caller_of(c.w, world_account_at(c.w, 1));
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *q = ask(&c, TLC_messages_exportChatInvite);
	struct tl_obj *check_q, *join;
	struct cspan hash;

	tl_set_obj(q, TLF_peer, in_peer(&c, chat));
	ok(&c, q);
	hash = cspan_str(chat->invite_hash);
	check_q = ask(&other, TLC_messages_checkChatInvite);
	tl_set_bytes(check_q, TLF_hash, hash);
	cr_assert_eq(tl_cons(ok(&other, check_q)), TLC_chatInvite);
	join = ask(&other, TLC_messages_importChatInvite);
	tl_set_str(join, TLF_hash, "nonsense");
	no(&other, join, 400, "INVITE_HASH_EXPIRED");
	tl_set_bytes(join, TLF_hash, hash);
	cr_assert_eq(tl_cons(ok(&other, join)), TLC_messages_chatInviteJoinResultOk);
	no(&other, join, 400, "USER_ALREADY_PARTICIPANT");
	cr_assert_eq(tl_cons(ok(&other, check_q)), TLC_chatInviteAlready);
	q = ask(&other, TLC_channels_leaveChannel);
	tl_set_obj(q, TLF_channel, in_channel(&other, chat));
	ok(&other, q);
	other.layer = 201;
	cr_assert_eq(tl_cons(ok(&other, join)), TLC_updates, "no wrapper before layer 227");
	caller_fini(&other);
	caller_close(&c);
}

Test(methods_chats, members)
{
	struct caller c = caller_open();
	struct caller other = caller_of(c.w, world_account_at(c.w, 1));
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *q = ask(&c, TLC_channels_getParticipant);
	struct tl_obj *rights = tl_new(&c.arena, TLC_chatBannedRights);

	tl_set_obj(q, TLF_channel, in_channel(&c, chat));
	tl_set_obj(q, TLF_participant, in_user(&c, other.account->user, true));
	no(&c, q, 400, "USER_NOT_PARTICIPANT");
	member_add(c.w, chat, other.account->user, 0, 0);
	cr_assert_eq(tl_sub_cons(ok(&c, q), TLF_participant), TLC_channelParticipant);
	q = ask(&c, TLC_channels_getParticipants);
	tl_set_obj(q, TLF_channel, in_channel(&c, chat));
	tl_set_obj(q, TLF_filter, tl_new(&c.arena, TLC_channelParticipantsRecent));
	cr_assert_eq(tl_int(ok(&c, q), TLF_count), 2);
	q = ask(&c, TLC_channels_editBanned);
	tl_set_obj(q, TLF_channel, in_channel(&c, chat));
	tl_set_obj(q, TLF_participant, in_user(&c, other.account->user, true));
	tl_set_flag(rights, TLF_view_messages, true);
	tl_set_obj(q, TLF_banned_rights, rights);
	ok(&c, q);
	no(&other, text_to(&other, in_peer(&other, chat), "x", 1), 406, "CHANNEL_PRIVATE");
	chat->username = "everybody";
	no(&other, text_to(&other, in_peer(&other, chat), "x", 1), 406, "CHANNEL_PRIVATE");
	caller_fini(&other);
	caller_close(&c);
}

Test(methods_chats, a_group_becomes_a_supergroup)
{
	struct caller c = caller_open();
	struct caller other = caller_of(c.w, world_account_at(c.w, 1));
	struct chat *g = chat_make(c.w, CHAT_GROUP, 0, "basic", c.account->user, 1), *super;
	struct tl_obj *q = ask(&c, TLC_messages_migrateChat);
	const struct tl_obj *o;

	member_add(c.w, g, other.account->user, 0, 0);
	ok(&c, text_to(&c, in_peer(&c, g), "before", 1));
	tl_set_long(q, TLF_chat_id, g->id);
	no(&other, q, 400, "CHAT_ADMIN_REQUIRED");
	ok(&c, q);
	no(&c, q, 400, "CHAT_ID_INVALID");
	super = chat_find(c.w, g->migrated_to);
	cr_assert_eq(super->kind, CHAT_SUPERGROUP);
	cr_assert(member_find(super, c.account->user->id)->creator);
	cr_assert_not_null(member_find(super, other.account->user->id));
	no(&c, text_to(&c, in_peer(&c, g), "behind", 2), 400, "PEER_ID_INVALID");
	ok(&c, text_to(&c, in_peer(&c, super), "behind", 2));
	q = ask(&c, TLC_messages_getHistory);
	tl_set_obj(q, TLF_peer, in_peer(&c, g));
	tl_set_int(q, TLF_limit, 10);
	o = ok(&c, q);
	cr_assert_eq(tl_vec(o, TLF_messages).count, 2, "what was said there is there");
	cr_assert_eq(tl_sub_cons(tl_vec_obj(tl_vec(o, TLF_messages), 0), TLF_action),
		     TLC_messageActionChatMigrateTo);
	o = tl_vec_obj(tl_vec(o, TLF_chats), 0);
	cr_assert_eq(tl_long(tl_sub(o, TLF_migrated_to), TLF_channel_id), super->id);
	tl_set_obj(q, TLF_peer, in_peer(&c, super));
	o = ok(&c, q);
	o = tl_vec_obj(tl_vec(o, TLF_messages), 1);
	cr_assert_eq(tl_long(tl_sub(o, TLF_action), TLF_chat_id), g->id);
	q = ask(&c, TLC_channels_getFullChannel);
	tl_set_obj(q, TLF_channel, in_channel(&c, super));
	o = tl_sub(ok(&c, q), TLF_full_chat);
	cr_assert_eq(tl_long(o, TLF_migrated_from_chat_id), g->id);
	cr_assert_eq(tl_int(o, TLF_migrated_from_max_id),
		     history_of(c.w, c.account, (struct peer){PEER_GROUP, g->id}, true)->box->last_id);
	caller_fini(&other);
	caller_close(&c);
}

Test(methods_chats, members_of_basic_groups_come_and_go)
{
	struct caller c = caller_open();
	struct caller other = caller_of(c.w, world_account_at(c.w, 1));
	struct chat *g = chat_make(c.w, CHAT_GROUP, 0, "basic", c.account->user, 1);
	struct tl_obj *add = ask(&c, TLC_messages_addChatUser);
	struct tl_obj *drop = ask(&c, TLC_messages_deleteChatUser);

	tl_set_long(add, TLF_chat_id, g->id);
	tl_set_obj(add, TLF_user_id, in_user(&c, other.account->user, false));
	ok(&c, add);
	no(&c, add, 400, "USER_ALREADY_PARTICIPANT");
	ok(&other, text_to(&other, in_peer(&other, g), "hello", 1));
	tl_set_long(drop, TLF_chat_id, g->id);
	tl_set_obj(drop, TLF_user_id, in_user(&c, other.account->user, false));
	ok(&c, drop);
	no(&c, drop, 400, "USER_NOT_PARTICIPANT");
	no(&other, text_to(&other, in_peer(&other, g), "hello", 2), 403, "CHAT_WRITE_FORBIDDEN");
	c.layer = 144;
	cr_assert_eq(tl_cons(ok(&c, add)), TLC_updates);
	caller_fini(&other);
	caller_close(&c);
}

Test(methods_chats, deleted_channels_are_gone)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, true, false);
	struct tl_obj *q = ask(&c, TLC_channels_deleteChannel);

	tl_set_obj(q, TLF_channel, in_channel(&c, chat));
	ok(&c, q);
	no(&c, q, 406, "CHANNEL_PRIVATE");
	caller_close(&c);
}

Test(methods_chats, links_views_senders)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *link = ask(&c, TLC_channels_exportMessageLink);
	struct tl_obj *as = ask(&c, TLC_channels_getSendAs);
	struct tl_obj *found = ask(&c, TLC_contacts_search);
	int32_t id = say(&c, chat, "x", 1);

	tl_set_obj(link, TLF_channel, in_channel(&c, chat));
	tl_set_int(link, TLF_id, id);
	chat->username = "public_chat";
	cr_assert(is_text(tl_bytes(ok(&c, link), TLF_link), "https://t.me/public_chat/2"));
	tl_set_obj(as, TLF_peer, in_peer(&c, chat));
	cr_assert_eq(tl_vec(ok(&c, as), TLF_peers).count, 2);
	c.layer = 144;
	cr_assert_eq(tl_vec(ok(&c, as), TLF_peers).count, 2);
	tl_set_str(found, TLF_q, "LIC_CHA");
	cr_assert_eq(tl_vec(ok(&c, found), TLF_my_results).count, 1);
	caller_close(&c);
}

/* ---- updates ---- */

static struct tl_obj *channel_difference(struct caller *c, const struct chat *chat, int32_t pts)
{
	struct tl_obj *q = ask(c, TLC_updates_getChannelDifference);

	tl_set_obj(q, TLF_channel, in_channel(c, chat));
	tl_set_obj(q, TLF_filter, tl_new(&c->arena, TLC_channelMessagesFilterEmpty));
	tl_set_int(q, TLF_pts, pts);
	tl_set_int(q, TLF_limit, 3);
	return q;
}

Test(methods_chats, channel_differences_come_in_slices)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	int32_t pts = chat->box.pts, start = pts;
	uint32_t messages = 0;
	const struct tl_obj *o;

	for (int i = 1; i <= 7; i++)
		say(&c, chat, "x", i);
	for (int i = 0; i < 3; i++) {
		o = ok(&c, channel_difference(&c, chat, pts));
		messages += tl_vec(o, TLF_new_messages).count;
		cr_assert_eq(tl_flag(o, TLF_final), i == 2);
		pts = tl_int(o, TLF_pts);
	}
	cr_assert_eq(messages, 7);
	cr_assert_eq(pts, start + 7);
	o = ok(&c, channel_difference(&c, chat, pts));
	cr_assert_eq(tl_cons(o), TLC_updates_channelDifferenceEmpty);
	no(&c, channel_difference(&c, chat, 0), 400, "PERSISTENT_TIMESTAMP_EMPTY");
	no(&c, channel_difference(&c, chat, pts + 1), 400, "PERSISTENT_TIMESTAMP_INVALID");
	caller_close(&c);
}

/* Applies an Updates object to a client's idea of pts: each must follow without a gap. */
static void apply(const struct tl_obj *updates, int32_t *pts)
{
	struct tl_vec v = tl_vec(updates, TLF_updates);

	for (uint32_t i = 0; i < v.count; i++) {
		const struct tl_obj *u = tl_vec_obj(v, i);
		int32_t count = tl_int(u, TLF_pts_count);

		if (!tl_has(u, TLF_pts) || count == 0)
			continue;
		cr_assert_eq(tl_int(u, TLF_pts), *pts + count, "%s", tl_name(tl_cons(u)));
		*pts += count;
	}
}

static const struct tl_obj *next_push(struct caller *c, const struct account *wanted)
{
	struct account *a;
	uint64_t except;
	const struct tl_obj *o;

	while (world_next_push(c->w, &c->arena, &a, &except, &o))
		if (a == wanted)
			return o;
	return NULL;
}

Test(methods_chats, pushes_and_answers_leave_no_gap)
{
	struct caller c = caller_open();
	struct caller other = caller_of(c.w, world_account_at(c.w, 1));
	struct chat *chat = new_chat(&c, false, false);
	int32_t mine, theirs;
	const struct tl_obj *o;
	struct tl_obj *q;
	int32_t id;

	member_add(c.w, chat, other.account->user, 0, 0);
	while (next_push(&c, NULL) != NULL)
		;
	mine = theirs = chat->box.pts;
	o = ok(&c, text_to(&c, in_peer(&c, chat), "one", 1));
	apply(o, &mine);
	id = made_id(o, 1);
	q = ask(&c, TLC_messages_updatePinnedMessage);
	tl_set_obj(q, TLF_peer, in_peer(&c, chat));
	tl_set_int(q, TLF_id, id);
	apply(ok(&c, q), &mine);
	q = ask(&c, TLC_messages_editMessage);
	tl_set_obj(q, TLF_peer, in_peer(&c, chat));
	tl_set_int(q, TLF_id, id);
	tl_set_str(q, TLF_message, "edited");
	apply(ok(&c, q), &mine);
	cr_assert_eq(mine, chat->box.pts);
	while ((o = next_push(&c, other.account)) != NULL)
		apply(o, &theirs);
	cr_assert_eq(theirs, chat->box.pts);
	caller_fini(&other);
	caller_close(&c);
}

Test(methods_chats, the_asking_session_is_not_told_twice)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct account *a;
	uint64_t except;
	const struct tl_obj *o;
	bool seen = false;

	while (next_push(&c, NULL) != NULL)
		;
	say(&c, chat, "x", 1);
	while (world_next_push(c.w, &c.arena, &a, &except, &o)) {
		cr_assert_eq(a, c.account);
		cr_assert_eq(except, c.session);
		seen = true;
	}
	cr_assert(seen);
	caller_close(&c);
}

Test(methods_chats, strangers_are_min_in_pushes)
{
	struct caller c = caller_open();
	struct user *stranger = user_make(c.w, 0, "Stranger", "");
	struct chat *chat = new_chat(&c, false, false);
	struct post p = {.to = chat->history, .from = stranger, .date = 1};
	const struct tl_obj *o, *u;

	member_add(c.w, chat, stranger, 0, 0);
	while (next_push(&c, NULL) != NULL)
		;
	msg_post(c.w, &p, fixture_text(&c.arena, "hello"));
	o = next_push(&c, c.account);
	u = tl_vec_obj(tl_vec(o, TLF_users), 0);
	cr_assert_eq(tl_long(u, TLF_id), stranger->id);
	cr_assert(tl_flag(u, TLF_min));
	cr_assert_neq(tl_long(u, TLF_access_hash),
		      access_hash(c.w, c.account, (struct peer){PEER_USER, stranger->id}));
	caller_close(&c);
}

Test(methods_chats, differences_of_the_own_box)
{
	struct caller c = caller_open();
	struct caller other = caller_of(c.w, world_account_at(c.w, 1));
	const struct tl_obj *state = ok(&c, ask(&c, TLC_updates_getState)), *o;
	struct tl_obj *q = ask(&c, TLC_updates_getDifference);

	tl_set_int(q, TLF_pts, tl_int(state, TLF_pts));
	tl_set_int(q, TLF_date, (int32_t)(c.now / 1000000000) + 1);
	cr_assert_eq(tl_cons(ok(&c, q)), TLC_updates_differenceEmpty);
	for (int i = 1; i <= 120; i++)
		ok(&other, text_to(&other, in_user(&other, c.account->user, true), "x", i));
	o = ok(&c, q);
	cr_assert_eq(tl_cons(o), TLC_updates_differenceSlice);
	cr_assert_eq(tl_vec(o, TLF_new_messages).count, 100);
	tl_set_int(q, TLF_pts, tl_int(tl_sub(o, TLF_intermediate_state), TLF_pts));
	o = ok(&c, q);
	cr_assert_eq(tl_cons(o), TLC_updates_difference);
	cr_assert_eq(tl_vec(o, TLF_new_messages).count, 20);
	cr_assert_eq(tl_int(tl_sub(o, TLF_state), TLF_pts), c.account->box.pts);
	tl_set_int(q, TLF_pts, 0);
	no(&c, q, 400, "PERSISTENT_TIMESTAMP_EMPTY");
	caller_fini(&other);
	caller_close(&c);
}

/* Every small question of a client that starts has an answer in every layer that knows it. */
Test(methods_chats, small_questions)
{
	static const enum tlc asks[] = {
	    TLC_help_getConfig,
	    TLC_help_getNearestDc,
	    TLC_help_getCdnConfig,
	    TLC_help_getAppConfig,
	    TLC_help_getTermsOfServiceUpdate,
	    TLC_help_getPromoData,
	    TLC_help_getInviteText,
	    TLC_updates_getState,
	    TLC_messages_getDialogFilters,
	    TLC_messages_getAllDrafts,
	    TLC_messages_getSplitRanges,
	    TLC_account_getPassword,
	    TLC_account_getAuthorizations,
	    TLC_account_getAccountTTL,
	    TLC_messages_getPinnedDialogs,
	    TLC_contacts_getContacts,
	    TLC_help_getCountriesList,
	    TLC_help_getTimezonesList,
	    TLC_help_getPeerColors,
	    TLC_langpack_getLangPack,
	    TLC_langpack_getLanguages,
	    TLC_langpack_getLanguage,
	};
	struct caller c = caller_open();

	for (int i = 0; i < 6; i++) {
		c.layer = (const int[]){144, 170, 180, 201, 214, 228}[i];
		for (size_t k = 0; k < sizeof(asks) / sizeof(asks[0]); k++)
			if (tl_id(asks[k], c.layer) != 0)
				ok(&c, ask(&c, asks[k]));
	}
	caller_close(&c);
}
