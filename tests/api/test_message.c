/* Views of messages: kinds of media, replies and topics, fingerprints. */
#include "proto/api/ask.h"
#include "proto/base/check.h"

#include <criterion/criterion.h>
#include <math.h>

static uint8_t memory[1 << 20];
static struct arena arena;

static void fresh(void)
{
	arena_init(&arena, memory, sizeof(memory));
}

TestSuite(message, .init = fresh);

static struct tl_obj *text_message(int32_t id, const char *text)
{
	struct tl_obj *m = tl_new(&arena, TLC_message);

	tl_set_int(m, TLF_id, id);
	tl_set_str(m, TLF_message, text);
	return m;
}

static struct tl_obj *reply_header(int32_t to, int32_t top, bool forum_topic)
{
	struct tl_obj *r = tl_new(&arena, TLC_messageReplyHeader);

	tl_set_int(r, TLF_reply_to_msg_id, to);
	if (top != 0)
		tl_set_int(r, TLF_reply_to_top_id, top);
	tl_set_flag(r, TLF_forum_topic, forum_topic);
	return r;
}

Test(message, a_topic_root_is_no_reply)
{
	struct tl_obj *o = text_message(7, "x");
	struct message m;

	tl_set_obj(o, TLF_reply_to, reply_header(5, 0, true));
	message_read(o, true, &m);
	cr_assert_eq(m.topic, 5);
	cr_assert_eq(m.reply_to, 0);
	tl_set_obj(o, TLF_reply_to, reply_header(6, 5, true));
	message_read(o, true, &m);
	cr_assert_eq(m.topic, 5);
	cr_assert_eq(m.reply_to, 6);
	tl_set_obj(o, TLF_reply_to, reply_header(6, 0, false));
	message_read(o, true, &m);
	cr_assert_eq(m.topic, 1, "without the flag it is General");
	cr_assert_eq(m.reply_to, 6);
	message_read(o, false, &m);
	cr_assert_eq(m.topic, 0, "no forum, no topic");
}

/*
 * Out of a topic to somewhere that is not told: then the id is the topic's. And the number of what only its reader ever
 * saw is no message's.
 */
Test(message, a_reply_that_names_no_message)
{
	struct tl_obj *o = text_message(7, "x"), *r = reply_header(5, 0, true);
	struct message m;

	tl_set_obj(r, TLF_reply_from, tl_new(&arena, TLC_messageFwdHeader));
	tl_set_obj(o, TLF_reply_to, r);
	message_read(o, true, &m);
	cr_assert(m.reply_elsewhere);
	cr_assert_eq(m.topic, 5);
	cr_assert_eq(m.reply_to, 0);
	message_read(o, false, &m);
	cr_assert_eq(m.topic, 0);
	r = reply_header(6, 5, true);
	tl_set_flag(r, TLF_reply_to_ephemeral, true);
	tl_set_obj(o, TLF_reply_to, r);
	message_read(o, true, &m);
	cr_assert(m.reply_elsewhere);
	cr_assert_eq(m.topic, 5);
	cr_assert_eq(m.reply_to, 0);
}

/* The parent is in a chat that this account may not even know the name of. */
Test(message, a_reply_to_somewhere_else)
{
	struct tl_obj *o = text_message(7, "x"), *r = reply_header(9, 5, true);
	struct message m;

	tl_set_obj(o, TLF_reply_to, r);
	message_read(o, true, &m);
	cr_assert_not(m.reply_elsewhere);
	tl_set_obj(r, TLF_reply_from, tl_new(&arena, TLC_messageFwdHeader));
	message_read(o, true, &m);
	cr_assert(m.reply_elsewhere);
	cr_assert_eq(m.reply_to, 0, "that id belongs to another chat");
	cr_assert_eq(m.topic, 5);
	tl_set_obj(o, TLF_reply_to, tl_new(&arena, TLC_messageReplyStoryHeader));
	message_read(o, true, &m);
	cr_assert(m.reply_elsewhere);
}

/* Out of one topic into another, whatever else is said of the parent. */
Test(message, a_reply_into_another_topic)
{
	struct tl_obj *o = text_message(7, "x"), *r = reply_header(9, 5, true);
	struct tl_obj *chat = tl_new(&arena, TLC_peerChannel), *other = tl_new(&arena, TLC_peerChannel);
	struct message m;

	tl_set_long(chat, TLF_channel_id, 3);
	tl_set_long(other, TLF_channel_id, 4);
	tl_set_obj(o, TLF_peer_id, chat);
	tl_set_obj(o, TLF_reply_to, r);
	tl_set_obj(r, TLF_reply_from, tl_new(&arena, TLC_messageFwdHeader));
	tl_set_obj(r, TLF_reply_to_peer_id, chat);
	message_read(o, true, &m);
	cr_assert_not(m.reply_elsewhere);
	cr_assert_eq(m.reply_to, 9);
	cr_assert_eq(m.topic, 5);
	tl_set_obj(r, TLF_reply_to_peer_id, other);
	message_read(o, true, &m);
	cr_assert(m.reply_elsewhere);
	tl_set_obj(r, TLF_reply_to_peer_id, chat);
	tl_unset(o, TLF_peer_id);
	message_read(o, true, &m);
	cr_assert(m.reply_elsewhere, "nobody knows whose it is");
}

static struct tl_obj *document(enum tlc attribute, enum tlf flag)
{
	struct tl_obj *media = tl_new(&arena, TLC_messageMediaDocument);
	struct tl_obj *doc = tl_new(&arena, TLC_document);

	tl_set_long(doc, TLF_size, 1000);
	tl_set_str(doc, TLF_mime_type, "a/b");
	tl_set_vec(&arena, doc, TLF_attributes, attribute != TLC_none);
	if (attribute != TLC_none) {
		struct tl_obj *a = tl_new(&arena, attribute);

		if (flag != TLF_id)
			tl_set_flag(a, flag, true);
		tl_put_obj(doc, TLF_attributes, 0, a);
	}
	tl_set_obj(media, TLF_document, doc);
	return media;
}

Test(message, attributes_tell_the_kind)
{
	static const struct {
		enum tlc attribute;
		enum tlf flag;
		enum media_kind kind;
	} cases[] = {
		{TLC_none, TLF_id, MEDIA_DOCUMENT},
		{TLC_documentAttributeVideo, TLF_id, MEDIA_VIDEO},
		{TLC_documentAttributeVideo, TLF_round_message, MEDIA_ROUND},
		{TLC_documentAttributeAudio, TLF_id, MEDIA_AUDIO},
		{TLC_documentAttributeAudio, TLF_voice, MEDIA_VOICE},
		{TLC_documentAttributeAnimated, TLF_id, MEDIA_GIF},
		{TLC_documentAttributeSticker, TLF_id, MEDIA_STICKER},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct media m;

		media_read(document(cases[i].attribute, cases[i].flag), &m);
		cr_assert_eq(m.kind, cases[i].kind, "case %zu: %s", i, media_kind_name(m.kind));
		cr_assert(m.has_file);
		cr_assert_eq(m.file.size, 1000);
	}
}

Test(message, an_expired_photo_has_no_file)
{
	struct media m;

	media_read(tl_new(&arena, TLC_messageMediaPhoto), &m);
	cr_assert_eq(m.kind, MEDIA_EXPIRED);
	cr_assert_not(m.has_file);
}

static struct tl_obj *photo_size(enum tlc kind, const char *type, int32_t w, int32_t size)
{
	struct tl_obj *s = tl_new(&arena, kind);

	tl_set_str(s, TLF_type, type);
	tl_set_int(s, TLF_w, w);
	tl_set_int(s, TLF_h, w);
	if (kind == TLC_photoSize) {
		tl_set_int(s, TLF_size, size);
	} else {
		tl_set_vec(&arena, s, TLF_sizes, 2);
		tl_put_int(s, TLF_sizes, 0, 10);
		tl_put_int(s, TLF_sizes, 1, size);
	}
	return s;
}

Test(message, the_largest_size_of_a_photo_counts)
{
	struct tl_obj *media = tl_new(&arena, TLC_messageMediaPhoto);
	struct tl_obj *photo = tl_new(&arena, TLC_photo);
	struct media m;

	tl_set_vec(&arena, photo, TLF_sizes, 3);
	tl_put_obj(photo, TLF_sizes, 0, photo_size(TLC_photoSize, "m", 320, 5000));
	tl_put_obj(photo, TLF_sizes, 1, photo_size(TLC_photoSizeProgressive, "y", 1280, 90000));
	tl_put_obj(photo, TLF_sizes, 2, photo_size(TLC_photoSize, "x", 800, 40000));
	tl_set_obj(media, TLF_photo, photo);
	media_read(media, &m);
	cr_assert_eq(m.kind, MEDIA_PHOTO);
	cr_assert_eq(m.file.size, 90000);
	cr_assert_str_eq(m.file.thumb, "y");
}

static struct tl_obj *entity(enum tlc kind, int32_t offset, int32_t length)
{
	struct tl_obj *e = tl_new(&arena, kind);

	tl_set_int(e, TLF_offset, offset);
	tl_set_int(e, TLF_length, length);
	return e;
}

static void fingerprint(struct tl_obj *o, uint8_t out[32])
{
	struct message m;

	message_read(o, false, &m);
	message_fingerprint(&m, out);
}

Test(message, fingerprint_keeps_formatting_and_forgets_what_servers_derive)
{
	struct tl_obj *plain = text_message(1, "hello"), *bold = text_message(2, "hello");
	struct tl_obj *link = text_message(3, "hello"), *both = text_message(4, "hello");
	struct tl_obj *turned = text_message(5, "hello");
	uint8_t a[32], b[32], c[32], d[32], e[32];

	tl_set_vec(&arena, bold, TLF_entities, 1);
	tl_put_obj(bold, TLF_entities, 0, entity(TLC_messageEntityBold, 0, 2));
	tl_set_vec(&arena, link, TLF_entities, 1);
	tl_put_obj(link, TLF_entities, 0, entity(TLC_messageEntityUrl, 0, 5));
	tl_set_vec(&arena, both, TLF_entities, 2);
	tl_put_obj(both, TLF_entities, 0, entity(TLC_messageEntityBold, 0, 2));
	tl_put_obj(both, TLF_entities, 1, entity(TLC_messageEntityItalic, 1, 2));
	tl_set_vec(&arena, turned, TLF_entities, 2);
	tl_put_obj(turned, TLF_entities, 0, entity(TLC_messageEntityItalic, 1, 2));
	tl_put_obj(turned, TLF_entities, 1, entity(TLC_messageEntityBold, 0, 2));
	fingerprint(plain, a);
	fingerprint(bold, b);
	fingerprint(link, c);
	fingerprint(both, d);
	fingerprint(turned, e);
	cr_assert_arr_neq(a, b, 32);
	cr_assert_arr_eq(a, c, 32);
	cr_assert_arr_neq(b, d, 32);
	cr_assert_arr_eq(d, e, 32, "the order of entities says nothing");
}

Test(message, ids_of_a_send_are_found_by_random_id_only)
{
	struct tl_obj *updates = tl_new(&arena, TLC_updates);
	struct tl_obj *id = tl_new(&arena, TLC_updateMessageID);
	struct tl_obj *fresh_message = tl_new(&arena, TLC_updateNewChannelMessage);
	struct sent s;

	tl_set_int(id, TLF_id, 77);
	tl_set_long(id, TLF_random_id, 5);
	tl_set_obj(fresh_message, TLF_message, text_message(77, "x"));
	tl_set_vec(&arena, updates, TLF_updates, 2);
	tl_put_obj(updates, TLF_updates, 0, fresh_message);
	tl_put_obj(updates, TLF_updates, 1, id);
	s = ask_read_sent(updates, 5);
	cr_assert_eq(s.id, 77);
	cr_assert_not_null(s.message);
	s = ask_read_sent(updates, 6);
	cr_assert_eq(s.id, 0);
}

/* A video that waits for being converted has an id of another kind (api.md 11). */
Test(message, what_is_scheduled_is_not_sent_yet)
{
	struct tl_obj *updates = tl_new(&arena, TLC_updates);
	struct tl_obj *id = tl_new(&arena, TLC_updateMessageID);
	struct tl_obj *scheduled = tl_new(&arena, TLC_updateNewScheduledMessage);
	struct sent s;

	tl_set_int(id, TLF_id, 3);
	tl_set_long(id, TLF_random_id, 5);
	tl_set_obj(scheduled, TLF_message, text_message(3, "x"));
	tl_set_vec(&arena, updates, TLF_updates, 2);
	tl_put_obj(updates, TLF_updates, 0, id);
	tl_put_obj(updates, TLF_updates, 1, scheduled);
	s = ask_read_sent(updates, 5);
	cr_assert_not_null(s.later);
	cr_assert_eq(s.id, 0);
	cr_assert_null(s.message);
}

Test(message, marked_ids_go_both_ways)
{
	static const int64_t ids[] = {5, -5, -1000000000005, -1001234567890};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		cr_assert_eq(peer_marked(peer_of_marked(ids[i])), ids[i]);
	cr_assert_eq(peer_of_marked(-1000000000005).kind, PEER_CHANNEL);
	cr_assert_eq(peer_of_marked(-5).kind, PEER_GROUP);
	cr_assert_eq(peer_of_marked(0).kind, PEER_NONE);
}

Test(message, a_place_is_told_from_others)
{
	static const double points[][2] = {{41.140278, -8.611111}, {41.1416, -8.611111}, {41.140278, -8.613},
					   {-41.140278, 8.611111}, {0, 0}};
	int64_t seen[countof(points)];
	struct message m;

	for (size_t i = 0; i < countof(points); i++) {
		struct tl_obj *o = text_message(1, ""), *media = tl_new(&arena, TLC_messageMediaGeo);
		struct tl_obj *geo = tl_new(&arena, TLC_geoPoint);

		tl_set_double(geo, TLF_lat, points[i][0]);
		tl_set_double(geo, TLF_long, points[i][1]);
		tl_set_obj(media, TLF_geo, geo);
		tl_set_obj(o, TLF_media, media);
		message_read(o, false, &m);
		seen[i] = message_place(&m);
		cr_assert_neq(seen[i], 0);
		for (size_t k = 0; k < i; k++)
			cr_assert_neq(seen[i], seen[k]);
		tl_set_double(geo, TLF_lat, points[i][0] + 1e-6); /* rounded by a server */
		cr_assert_eq(message_place(&m), seen[i]);
		tl_set_double(geo, TLF_lat, NAN);
		tl_set_double(geo, TLF_long, 1e300);
		cr_assert_neq(message_place(&m), 0);
	}
	message_read(text_message(2, "x"), false, &m);
	cr_assert_eq(message_place(&m), 0);
}
