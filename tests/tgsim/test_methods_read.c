/* Reading: pages with every offset against a plain model, ids, threads, search, dialogs, peers. */
#include "tests/tgsim/methods_fixture.h"

/* A supergroup with messages 2..n (1 is its creation), every fifth deleted. */
static struct chat *numbered(struct caller *c, int n)
{
	struct chat *chat = new_chat(c, false, false);

	for (int i = 2; i <= n; i++) {
		char text[32];

		snprintf(text, sizeof(text), "number %d", i);
		c->now += 1000000000;
		cr_assert_eq(say(c, chat, text, i), i);
	}
	for (int i = 5; i <= n; i += 5)
		msg_delete(c->w, msg_find(c->w, &chat->box, i), true, 0, 0);
	return chat;
}

static struct tl_obj *history_ask(struct caller *c, const struct chat *chat, int32_t offset_id,
				  int32_t add_offset, int32_t limit)
{
	struct tl_obj *q = ask(c, TLC_messages_getHistory);

	tl_set_obj(q, TLF_peer, in_peer(c, chat));
	tl_set_int(q, TLF_offset_id, offset_id);
	tl_set_int(q, TLF_add_offset, add_offset);
	tl_set_int(q, TLF_limit, limit);
	return q;
}

/* The rules of api.md 5 once more, on an array. */
static int model(const int32_t *desc, int n, int32_t offset_id, int32_t add, int32_t limit,
		 int32_t *out)
{
	int p = 0, count = 0;

	while (offset_id > 0 && p < n && desc[p] >= offset_id)
		p++;
	p += add;
	if (p < 0)
		p = 0;
	while (count < limit && p + count < n) {
		out[count] = desc[p + count];
		count++;
	}
	return count;
}

Test(methods_read, history_pages_with_all_offsets)
{
	struct caller c = caller_open();
	struct chat *chat = numbered(&c, 40);
	int32_t desc[64], want[128];
	int n = 0;

	for (uint32_t i = chat->history->messages.count; i-- > 0;)
		desc[n++] = chat->history->messages.ids[i];
	for (int32_t offset = 0; offset < 45; offset += 3) {
		for (int32_t add = -30; add < 30; add += 5) {
			size_t mark = arena_mark(&c.arena);
			const struct tl_obj *o = ok(&c, history_ask(&c, chat, offset, add, 10));
			struct tl_vec v = tl_vec(o, TLF_messages);
			int count = model(desc, n, offset, add, 10, want);

			cr_assert_eq(tl_cons(o), TLC_messages_channelMessages);
			cr_assert_eq(tl_int(o, TLF_count), n);
			cr_assert_eq((int)v.count, count, "offset %d add %d", offset, add);
			for (int i = 0; i < count; i++)
				cr_assert_eq(tl_int(tl_vec_obj(v, (uint32_t)i), TLF_id), want[i]);
			arena_rewind(&c.arena, mark);
		}
	}
	caller_close(&c);
}

Test(methods_read, history_walks_from_the_oldest)
{
	struct caller c = caller_open();
	struct chat *chat = numbered(&c, 33);
	int32_t last = 0;
	uint32_t seen = 0;

	for (;;) {
		struct tl_obj *q = history_ask(&c, chat, last + 1, -7, 7);
		struct tl_vec v;

		tl_set_int(q, TLF_min_id, last);
		v = tl_vec(ok(&c, q), TLF_messages);
		if (v.count == 0)
			break;
		for (uint32_t i = v.count; i-- > 0; seen++) {
			int32_t id = tl_int(tl_vec_obj(v, i), TLF_id);

			cr_assert_gt(id, last);
			last = id;
		}
	}
	cr_assert_eq(seen, chat->history->messages.count);
	caller_close(&c);
}

Test(methods_read, history_limits_and_hash)
{
	struct caller c = caller_open();
	struct chat *chat = numbered(&c, 130);
	struct tl_obj *q = history_ask(&c, chat, 0, 0, 1000);
	struct tl_vec v = tl_vec(ok(&c, q), TLF_messages);
	uint64_t h = 0;

	cr_assert_eq(v.count, 100);
	for (uint32_t i = 0; i < v.count; i++) {
		h ^= h >> 21;
		h ^= h << 35;
		h ^= h >> 4;
		h += (uint64_t)tl_int(tl_vec_obj(v, i), TLF_id);
	}
	tl_set_long(q, TLF_hash, (int64_t)h);
	cr_assert_eq(tl_cons(ok(&c, q)), TLC_messages_messagesNotModified);
	tl_set_long(q, TLF_hash, (int64_t)h + 1);
	cr_assert_eq(tl_cons(ok(&c, q)), TLC_messages_channelMessages);
	no(&c, history_ask(&c, chat, 0, 0, -1), 400, "LIMIT_INVALID");
	/* The message of second 49 is number 50, which is deleted. */
	q = history_ask(&c, chat, 0, 0, 1);
	tl_set_int(q, TLF_offset_date, (int32_t)(NOW / 1000000000) + 50);
	cr_assert_eq(tl_int(tl_vec_obj(tl_vec(ok(&c, q), TLF_messages), 0), TLF_date),
		     NOW / 1000000000 + 48);
	caller_close(&c);
}

Test(methods_read, every_layer_understands_the_demo_world)
{
	struct caller c = caller_open();
	struct chat *chat;

	for (int i = 0; i < 3; i++) {
		c.layer = (const int[]){144, 201, 228}[i];
		for (uint32_t k = 0; (chat = world_chat_at(c.w, k)) != NULL; k++) {
			size_t mark = arena_mark(&c.arena);

			ok(&c, history_ask(&c, chat, 0, 0, 100));
			arena_rewind(&c.arena, mark);
		}
	}
	caller_close(&c);
}

Test(methods_read, by_id_in_the_order_asked)
{
	struct caller c = caller_open();
	struct chat *chat = numbered(&c, 12);
	static const int32_t ids[] = {7, 5, 900, 2, 7};
	struct tl_obj *q = ask(&c, TLC_channels_getMessages);
	struct tl_vec v;

	tl_set_obj(q, TLF_channel, in_channel(&c, chat));
	tl_set_vec(&c.arena, q, TLF_id, 0);
	no(&c, q, 400, "MESSAGE_IDS_EMPTY");
	tl_set_vec(&c.arena, q, TLF_id, 5);
	for (uint32_t i = 0; i < 5; i++) {
		struct tl_obj *in = tl_new(&c.arena, TLC_inputMessageID);

		tl_set_int(in, TLF_id, ids[i]);
		tl_put_obj(q, TLF_id, i, in);
	}
	v = tl_vec(ok(&c, q), TLF_messages);
	cr_assert_eq(v.count, 5);
	for (uint32_t i = 0; i < 5; i++) {
		bool gone = ids[i] == 5 || ids[i] == 900;

		cr_assert_eq(tl_int(tl_vec_obj(v, i), TLF_id), ids[i]);
		cr_assert_eq(tl_cons(tl_vec_obj(v, i)), gone ? TLC_messageEmpty : TLC_message);
	}
	caller_close(&c);
}

static struct tl_obj *search_ask(struct caller *c, const struct chat *chat, const char *words,
				 enum tlc filter, int32_t limit)
{
	struct tl_obj *q = ask(c, TLC_messages_search);

	tl_set_obj(q, TLF_peer, in_peer(c, chat));
	tl_set_str(q, TLF_q, words);
	tl_set_obj(q, TLF_filter, tl_new(&c->arena, filter));
	tl_set_int(q, TLF_limit, limit);
	return q;
}

Test(methods_read, search)
{
	struct caller c = caller_open();
	struct chat *chat = numbered(&c, 31);
	const struct tl_obj *o =
	    ok(&c, search_ask(&c, chat, "NUMBER 1", TLC_inputMessagesFilterEmpty, 3));

	/* 10..19 without 10 and 15 */
	cr_assert_eq(tl_int(o, TLF_count), 8);
	cr_assert_eq(tl_int(tl_vec_obj(tl_vec(o, TLF_messages), 0), TLF_id), 19);
	no(&c, search_ask(&c, chat, "", TLC_inputMessagesFilterEmpty, 10), 400,
	   "SEARCH_QUERY_EMPTY");
	o = ok(&c, search_ask(&c, chat, "", TLC_inputMessagesFilterEmpty, 0));
	cr_assert_eq(tl_int(o, TLF_count), 25);
	o = ok(&c, search_ask(&c, chat, "", TLC_inputMessagesFilterPhotos, 10));
	cr_assert_eq(tl_int(o, TLF_count), 0);
	caller_close(&c);
}

Test(methods_read, hashes_open_only_for_their_account)
{
	struct caller c = caller_open();
	struct caller other = caller_of(c.w, world_account_at(c.w, 1));
	struct chat *chat = world_chat_at(c.w, 0);
	struct tl_obj *q = history_ask(&c, chat, 0, 0, 1);
	struct tl_obj *peer = in_peer(&c, chat);

	ok(&c, q);
	no(&other, q, 400, "CHANNEL_INVALID");
	tl_set_long(peer, TLF_access_hash, 0);
	tl_set_obj(q, TLF_peer, peer);
	no(&c, q, 400, "CHANNEL_INVALID");
	tl_set_obj(q, TLF_peer, in_user(&other, c.account->user, true));
	no(&c, q, 400, "PEER_ID_INVALID");
	caller_fini(&other);
	caller_close(&c);
}

Test(methods_read, private_chats_are_private)
{
	struct caller c = caller_open();
	struct caller other = caller_of(c.w, world_account_at(c.w, 1));
	struct chat *chat = new_chat(&c, false, false);

	no(&other, history_ask(&other, chat, 0, 0, 1), 406, "CHANNEL_PRIVATE");
	chat->username = "public_now";
	ok(&other, history_ask(&other, chat, 0, 0, 1));
	caller_fini(&other);
	caller_close(&c);
}

Test(methods_read, users_from_a_message)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *in = tl_new(&c.arena, TLC_inputUserFromMessage);
	struct tl_obj *q = ask(&c, TLC_users_getFullUser);
	int32_t id = say(&c, chat, "from me", 1);

	tl_set_obj(in, TLF_peer, in_peer(&c, chat));
	tl_set_int(in, TLF_msg_id, id);
	tl_set_long(in, TLF_user_id, c.account->user->id);
	tl_set_obj(q, TLF_id, in);
	ok(&c, q);
	tl_set_int(in, TLF_msg_id, 999);
	no(&c, q, 400, "MSG_ID_INVALID");
	tl_set_int(in, TLF_msg_id, id);
	tl_set_long(in, TLF_user_id, world_account_at(c.w, 1)->user->id);
	no(&c, q, 400, "PEER_ID_INVALID");
	caller_close(&c);
}

/* ---- dialogs ---- */

static struct tl_obj *dialogs_ask(struct caller *c, int32_t limit)
{
	struct tl_obj *q = ask(c, TLC_messages_getDialogs);

	tl_set_obj(q, TLF_offset_peer, tl_new(&c->arena, TLC_inputPeerEmpty));
	tl_set_int(q, TLF_limit, limit);
	return q;
}

Test(methods_read, dialogs_page_to_the_end)
{
	struct caller c = caller_open();
	struct tl_obj *q;
	uint32_t seen = 0, pages = 0;
	struct tl_vec all;

	for (int i = 0; i < 7; i++) {
		c.now += 1000000000;
		say(&c, new_chat(&c, false, false), "x", i + 1);
	}
	all = tl_vec(ok(&c, dialogs_ask(&c, 100)), TLF_dialogs);
	cr_assert_gt(all.count, 7);
	q = dialogs_ask(&c, 2);
	while (seen < all.count) {
		const struct tl_obj *o = ok(&c, q);
		struct tl_vec v = tl_vec(o, TLF_dialogs), m = tl_vec(o, TLF_messages);
		const struct tl_obj *peer = NULL;

		cr_assert_gt(v.count, 0);
		for (uint32_t i = 0; i < v.count; i++, seen++) {
			peer = tl_sub(tl_vec_obj(v, i), TLF_peer);
			cr_assert_eq(
			    tl_long(peer, TLF_channel_id),
			    tl_long(tl_sub(tl_vec_obj(all, seen), TLF_peer), TLF_channel_id));
		}
		if (tl_cons(peer) == TLC_peerChannel)
			tl_set_obj(q, TLF_offset_peer,
				   in_peer(&c, chat_find(c.w, tl_long(peer, TLF_channel_id))));
		else if (tl_cons(peer) == TLC_peerUser)
			tl_set_obj(q, TLF_offset_peer,
				   in_user(&c, user_find(c.w, tl_long(peer, TLF_user_id)), true));
		else
			tl_set_obj(q, TLF_offset_peer,
				   in_peer(&c, chat_find(c.w, tl_long(peer, TLF_chat_id))));
		if (m.count > 0)
			tl_set_int(q, TLF_offset_id, tl_int(tl_vec_obj(m, m.count - 1), TLF_id));
		cr_assert_lt(pages++, 50);
	}
	cr_assert_eq(seen, all.count);
	caller_close(&c);
}

Test(methods_read, pinned_dialogs_stand_first)
{
	struct caller c = caller_open();
	struct chat *a = new_chat(&c, false, false), *b;
	struct tl_obj *q = ask(&c, TLC_messages_toggleDialogPin);
	struct tl_obj *in = tl_new(&c.arena, TLC_inputDialogPeer);
	struct tl_vec v;

	c.now += INT64_C(5000000000);
	b = new_chat(&c, false, false);
	tl_set_obj(in, TLF_peer, in_peer(&c, a));
	tl_set_obj(q, TLF_peer, in);
	tl_set_flag(q, TLF_pinned, true);
	ok(&c, q);
	v = tl_vec(ok(&c, dialogs_ask(&c, 2)), TLF_dialogs);
	cr_assert_eq(tl_long(tl_sub(tl_vec_obj(v, 0), TLF_peer), TLF_channel_id), a->id);
	cr_assert(tl_flag(tl_vec_obj(v, 0), TLF_pinned));
	cr_assert_eq(tl_long(tl_sub(tl_vec_obj(v, 1), TLF_peer), TLF_channel_id), b->id);
	q = dialogs_ask(&c, 1);
	tl_set_flag(q, TLF_exclude_pinned, true);
	v = tl_vec(ok(&c, q), TLF_dialogs);
	cr_assert_eq(tl_long(tl_sub(tl_vec_obj(v, 0), TLF_peer), TLF_channel_id), b->id);
	q = dialogs_ask(&c, 1);
	tl_set_int(q, TLF_folder_id, 1);
	cr_assert_eq(tl_vec(ok(&c, q), TLF_dialogs).count, 0);
	tl_set_int(q, TLF_folder_id, 2);
	no(&c, q, 400, "FOLDER_ID_INVALID");
	caller_close(&c);
}

Test(methods_read, usernames)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *q = ask(&c, TLC_contacts_resolveUsername);
	const struct tl_obj *o;

	chat->username = "Some_Group";
	tl_set_str(q, TLF_username, "some_group");
	for (int i = 0; i < 3; i++) {
		c.layer = (const int[]){144, 201, 228}[i];
		o = ok(&c, q);
		cr_assert_eq(tl_long(tl_sub(o, TLF_peer), TLF_channel_id), chat->id);
		cr_assert_eq(tl_vec(o, TLF_chats).count, 1);
	}
	tl_set_str(q, TLF_username, "1abcd");
	no(&c, q, 400, "USERNAME_INVALID");
	tl_set_str(q, TLF_username, "nobody_of_that_name");
	no(&c, q, 400, "USERNAME_NOT_OCCUPIED");
	caller_close(&c);
}

/* Real servers take an InputPeer for an InputChannel or InputUser; some clients count on it. */
Test(methods_read, an_input_peer_is_good_elsewhere)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *q = ask(&c, TLC_channels_getMessages);
	uint8_t bytes[256];
	struct tl_error error;
	const struct tl_obj *o;
	size_t n;

	tl_set_obj(q, TLF_channel, in_channel(&c, chat));
	tl_set_vec(&c.arena, q, TLF_id, 0);
	n = tl_encode(q, TL_LAYER, (struct span){bytes, sizeof(bytes)}, &error);
	cr_assert_gt(n, 8);
	cr_assert_eq(load_le32(bytes + 4), tl_id(TLC_inputChannel, TL_LAYER));
	store_le32(bytes + 4, tl_id(TLC_inputPeerChannel, TL_LAYER));
	cr_assert_null(tl_decode(&c.arena, cspan_of(bytes, n), &error));
	o = dc_decode(&c.arena, cspan_of(bytes, n), &error);
	cr_assert_eq(tl_cons(tl_sub(o, TLF_channel)), TLC_inputChannel);
	cr_assert_eq(tl_long(tl_sub(o, TLF_channel), TLF_channel_id), chat->id);
	/* Of what has another shape nothing is made. */
	store_le32(bytes + 4, tl_id(TLC_inputPeerChat, TL_LAYER));
	cr_assert_null(dc_decode(&c.arena, cspan_of(bytes, n), &error));
	caller_close(&c);
}
