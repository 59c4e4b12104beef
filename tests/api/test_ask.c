/*
 * Questions as they go out: byte for byte those of the vectors, and each flag at the bit where api.md
 * has it. What a send answered.
 */
#include "proto/api/ask.h"

#include "proto/api/part.h"
#include "proto/base/check.h"
#include "tests/vectors/hex.h"
#include "tests/vectors/tl.h"

#include <criterion/criterion.h>

static uint8_t memory[1 << 20], wire[4096], want[4096];
static struct arena arena;

static const struct peer here = {PEER_CHANNEL, 1234567890, INT64_C(-81985529216486896)};

static void fresh(void)
{
	arena_init(&arena, memory, sizeof(memory));
}

TestSuite(ask, .init = fresh);

static size_t vector(const char *name)
{
	for (size_t i = 0; i < countof(vec_tl_object); i++)
		if (strcmp(vec_tl_object[i].name, name) == 0)
			return vec_bytes(want, sizeof(want), vec_tl_object[i].encoded);
	cr_assert_fail("no vector %s", name);
	return 0;
}

static size_t encoded(const struct tl_obj *o)
{
	struct tl_error error;
	size_t n = tl_encode(o, TL_LAYER, (struct span){wire, sizeof(wire)}, &error);

	cr_assert_gt(n, 0, "fault %d", (int)error.fault);
	return n;
}

static void expect_wanted(const struct tl_obj *o, size_t len)
{
	cr_assert_eq(encoded(o), len);
	cr_expect_arr_eq(wire, want, len);
}

static void expect(const struct tl_obj *o, const char *name)
{
	expect_wanted(o, vector(name));
}

Test(ask, reading)
{
	static const int32_t ids[] = {10, 11};
	static const struct topic_offset first = {0, 0, 0};

	expect(ask_newest(&arena, here, 0, 0, 100), "messages_getHistory");
	expect(ask_newest(&arena, here, 7, 0, 100), "messages_getReplies_topic");
	expect(ask_messages(&arena, here, ids, 2), "channels_getMessages");
	expect(ask_topics(&arena, here, &first, 100, TL_LAYER), "messages_getForumTopics");
}

/* Old to new: the window that ends above what was seen, and nothing below it. */
Test(ask, a_page_of_history)
{
	vector("messages_getHistory");
	store_le32(want + 24, 501);            /* offset_id */
	store_le32(want + 32, (uint32_t)-100); /* add_offset */
	store_le32(want + 44, 500);            /* min_id */
	expect_wanted(ask_history(&arena, here, 0, 500, 100), 56);
	store_le32(want + 24, INT32_MAX);
	store_le32(want + 44, INT32_MAX);
	expect_wanted(ask_history(&arena, here, 0, INT32_MAX, 100), 56);
}

Test(ask, a_topic)
{
	struct tl_obj *source = tl_new(&arena, TLC_forumTopic);

	tl_set_str(source, TLF_title, "Topic");
	tl_set_int(source, TLF_icon_color, 0x6fb9f0);
	expect(ask_create_topic(&arena, here, source, 9, TL_LAYER), "messages_createForumTopic");
	tl_set_long(source, TLF_icon_emoji_id, 5);
	encoded(ask_create_topic(&arena, here, source, 9, TL_LAYER));
	cr_expect_eq(load_le32(wire + 4), 1u << 0 | 1u << 3);
	cr_assert_eq(encoded(ask_close_topic(&arena, here, 42, TL_LAYER)), 36);
	cr_expect_eq(load_le32(wire), 0xcecc1134);
	cr_expect_eq(load_le32(wire + 4), 1u << 2);
	cr_expect_eq(load_le32(wire + 28), 42);
	cr_expect_eq(load_le32(wire + 32), 0x997275b5);
}

Test(ask, a_forward)
{
	static const int32_t ids[] = {10, 11};
	static const int64_t random_ids[] = {100, 101};
	struct forward f = {here, {PEER_SELF, 0, 0}, 42, ids, random_ids, 2, false, false};

	expect(ask_forward(&arena, &f), "messages_forwardMessages_topic_drop_author");
	f.keep_author = f.silent = true;
	f.topic = 1; /* General is not named */
	encoded(ask_forward(&arena, &f));
	cr_expect_eq(load_le32(wire + 4), 1u << 5);
}

static struct post text(const char *s)
{
	return (struct post){.to = here, .text = cspan_str(s), .random_id = -2};
}

Test(ask, a_text)
{
	struct post p = text("hi");

	p.silent = true;
	expect(ask_send(&arena, &p), "messages_sendMessage_silent");
	p.silent = false;
	p.no_webpage = true;
	encoded(ask_send(&arena, &p));
	cr_expect_eq(load_le32(wire + 4), 1u << 1);
	p.no_webpage = false;
	p.invert_media = true;
	encoded(ask_send(&arena, &p));
	cr_expect_eq(load_le32(wire + 4), 1u << 16);
}

static void expect_reply(const struct post *p, const char *name)
{
	expect(tl_sub(ask_send(&arena, p), TLF_reply_to), name);
}

Test(ask, replies_and_topics)
{
	struct post p = text("x");

	cr_expect_not(tl_has(ask_send(&arena, &p), TLF_reply_to));
	p.topic = 1;
	cr_expect_not(tl_has(ask_send(&arena, &p), TLF_reply_to), "General is not named");
	p.topic = 42;
	expect_reply(&p, "inputReplyToMessage_topic_root");
	p.reply_to = 1000;
	expect_reply(&p, "inputReplyToMessage_in_topic");
	encoded(ask_send(&arena, &p));
	cr_expect_eq(load_le32(wire + 4), 1u << 0);
}

Test(ask, a_quote)
{
	struct tl_obj *quote = tl_new(&arena, TLC_messageReplyHeader);
	struct post p = text("x");

	tl_set_str(quote, TLF_quote_text, "abc");
	tl_set_int(quote, TLF_quote_offset, 7);
	tl_set_vec(&arena, quote, TLF_quote_entities, 1);
	tl_put_obj(quote, TLF_quote_entities, 0, tl_new(&arena, TLC_messageEntityBold));
	p.reply_to = 1000;
	p.quote = quote;
	cr_assert_eq(encoded(tl_sub(ask_send(&arena, &p), TLF_reply_to)), 40);
	cr_expect_eq(load_le32(wire + 4), 1u << 2 | 1u << 3 | 1u << 4);
	cr_expect_eq(load_le32(wire + 8), 1000);
	cr_expect(vec_equal(wire + 12, 4, "03616263"));
	cr_expect_eq(load_le32(wire + 24), 0xbd610bc9, "bold");
	cr_expect_eq(load_le32(wire + 36), 7);
	p.reply_to = 0; /* no parent, no quote */
	p.topic = 42;
	expect_reply(&p, "inputReplyToMessage_topic_root");
}

/* What is answered may be an item of a list, or an answer of a poll. */
Test(ask, a_part_of_what_is_answered)
{
	struct tl_obj *header = tl_new(&arena, TLC_messageReplyHeader);
	const struct tl_obj *reply;
	struct post p = text("x");

	tl_set_int(header, TLF_todo_item_id, 3);
	tl_set_str(header, TLF_poll_option, "1");
	p.reply_to = 1000;
	p.quote = header;
	reply = tl_sub(ask_send(&arena, &p), TLF_reply_to);
	cr_assert_eq(tl_int(reply, TLF_todo_item_id), 3);
	cr_assert(cspan_equal(tl_bytes(reply, TLF_poll_option), cspan_str("1")));
	encoded(reply);
	cr_expect_eq(load_le32(wire + 4), 1u << 6 | 1u << 7);
	p.no_part = true;
	reply = tl_sub(ask_send(&arena, &p), TLF_reply_to);
	cr_expect_not(tl_has(reply, TLF_todo_item_id));
	cr_expect_not(tl_has(reply, TLF_poll_option));
	cr_expect_eq(tl_int(reply, TLF_reply_to_msg_id), 1000);
}

/* A photo or document as it was received. */
static struct media received(bool photo, int64_t id, int64_t hash, const char *reference)
{
	struct tl_obj *o = tl_new(&arena, photo ? TLC_messageMediaPhoto : TLC_messageMediaDocument);
	struct tl_obj *body = tl_new(&arena, photo ? TLC_photo : TLC_document);
	struct tl_obj *size = tl_new(&arena, TLC_photoSize);
	struct media m;

	tl_set_long(body, TLF_id, id);
	tl_set_long(body, TLF_access_hash, hash);
	tl_set_str(body, TLF_file_reference, reference);
	tl_set_int(size, TLF_size, 5);
	if (photo) {
		tl_set_vec(&arena, body, TLF_sizes, 1);
		tl_put_obj(body, TLF_sizes, 0, size);
	}
	tl_set_obj(o, photo ? TLF_photo : TLF_document, body);
	media_read(o, &m);
	cr_assert(m.has_file);
	return m;
}

static const struct tl_obj *again(const struct media *m)
{
	const char *why;

	return media_input(&arena, m, TL_LAYER, &why);
}

Test(ask, media_by_reference)
{
	struct media m = received(true, 7, 8, "\1\2\3");
	struct tl_obj *video = tl_new(&arena, TLC_document), *o;

	expect(again(&m), "inputMediaPhoto_no_flags");
	o = (struct tl_obj *)(uintptr_t)m.obj;
	tl_set_flag(o, TLF_spoiler, true);
	tl_set_int(o, TLF_ttl_seconds, 3);
	tl_set_obj(o, TLF_video, video);
	media_read(o, &m);
	encoded(again(&m));
	cr_expect_eq(load_le32(wire + 4), 1u << 0 | 1u << 1 | 1u << 2);
	m = received(false, 7, 8, "");
	o = (struct tl_obj *)(uintptr_t)m.obj;
	tl_set_flag(o, TLF_spoiler, true);
	tl_set_int(o, TLF_ttl_seconds, 3);
	tl_set_int(o, TLF_video_timestamp, 9);
	tl_set_obj(o, TLF_video_cover, tl_new(&arena, TLC_photo));
	media_read(o, &m);
	encoded(again(&m));
	cr_expect_eq(load_le32(wire + 4), 1u << 0 | 1u << 2 | 1u << 3 | 1u << 4);
}

Test(ask, an_album)
{
	struct media photo = received(true, 111, -222, "\1\2");
	struct media document = received(false, 333, 444, "\3");
	struct tl_obj *bold = tl_new(&arena, TLC_messageEntityBold);
	const struct tl_obj *entity = bold;
	struct post items[2] = {text("album caption"), text("")};

	tl_set_int(bold, TLF_length, 5);
	items[0].topic = 7;
	items[0].media = again(&photo);
	items[0].random_id = 1;
	items[0].entities = (struct entity_list){.at = &entity, .count = 1};
	items[1].media = again(&document);
	items[1].random_id = 2;
	expect(ask_send_album(&arena, items, 2), "messages_sendMultiMedia_two_existing");
}

/* As the vector, but for the flag that keeps a silent video from becoming an animation. */
Test(ask, an_uploaded_video)
{
	struct media m = received(false, 1, 1, "");
	struct tl_obj *body = (struct tl_obj *)(uintptr_t)m.body;
	struct tl_obj *video = tl_new(&arena, TLC_documentAttributeVideo);
	struct tl_obj *name = tl_new(&arena, TLC_documentAttributeFilename);
	const struct tl_obj *file, *thumb;
	size_t len = vector("messages_uploadMedia_document");
	double seconds;

	memcpy(&seconds, want + len - 32, sizeof(seconds));
	tl_set_double(video, TLF_duration, seconds);
	tl_set_flag(video, TLF_supports_streaming, true);
	tl_set_int(video, TLF_w, 1280);
	tl_set_int(video, TLF_h, 720);
	tl_set_str(name, TLF_file_name, "video.mp4");
	tl_set_str(body, TLF_mime_type, "video/mp4");
	tl_set_vec(&arena, body, TLF_attributes, 2);
	tl_put_obj(body, TLF_attributes, 0, video);
	tl_put_obj(body, TLF_attributes, 1, name);
	media_read(m.obj, &m);
	cr_assert_eq(m.kind, MEDIA_VIDEO);
	file = media_input_file(&arena, INT64_C(1234567890123456789), 40, true, m.name);
	thumb = media_input_file(&arena, 2, 1, false, cspan_str("thumb.jpg"));
	store_le32(want + 32, load_le32(want + 32) | 1u << 3);
	expect_wanted(ask_upload_media(&arena, here,
				       media_input_uploaded(&arena, &m, file, thumb, false)),
		      len);
	expect(file, "inputFileBig");
	expect(media_input_file(&arena, 1, 1, false, cspan_str("a.jpg")), "inputFile_empty_md5");
	encoded(media_input_uploaded(&arena, &m, file, NULL, true));
	cr_expect_eq(load_le32(wire + 4), 1u << 4, "a mere document");
}

Test(ask, parts)
{
	struct part_save save = {INT64_C(1234567890123456789), 3, 40, true};
	struct media_file f = {.id = INT64_C(5000000000000000001), .access_hash = -7};
	struct buf b;
	size_t len;

	f.reference = cspan_of("\1\0\0\0\2\xaa\xbb\xcc\xdd", 9);
	expect(media_location(&arena, &f), "inputDocumentFileLocation_whole_file");
	len = vector("upload_getFile_plain");
	cr_assert_eq(part_ask((struct span){wire, sizeof(wire)}, cspan_of(want + 8, 36), 1048576,
			      524288),
		     len);
	cr_expect_arr_eq(wire, want, len);
	len = vector("upload_saveBigFilePart");
	buf_init(&b, wire, sizeof(wire), 64);
	vec_bytes(buf_put(&b, 16), 16, "eac36017e69439834a3dbdf5cfc39161");
	part_push_save(&b, &save);
	cr_assert_eq(b.len, len + 4);
	cr_expect_eq(load_le32(buf_at(&b)), 0xbf9459b7, "invokeWithoutUpdates");
	cr_expect_arr_eq(buf_at(&b) + 4, want, len);
	len = vector("upload_saveFilePart");
	save = (struct part_save){.file_id = 1};
	buf_init(&b, wire, sizeof(wire), 64);
	memcpy(buf_put(&b, 3), "abc", 3);
	part_push_save(&b, &save);
	cr_assert_eq(b.len, len);
	cr_expect_arr_eq(buf_at(&b), want, len);
}

static const struct tl_obj *answer(const char *name)
{
	return tl_decode(&arena, cspan_of(want, vector(name)), NULL);
}

/* The vector's answer: a photo of an album in a channel. */
Test(ask, what_a_send_answered)
{
	const struct tl_obj *updates = answer("updates_send_result_channel");
	struct sent s = ask_read_sent(updates, -2);
	struct message m;

	cr_assert_eq(s.id, 10);
	cr_assert_not_null(s.message);
	cr_expect_not(s.later != NULL || s.short_form);
	message_read(s.message, false, &m);
	cr_expect_eq(m.id, 10);
	cr_expect_eq(m.grouped_id, INT64_C(13000000000000001));
	cr_expect(cspan_equal(m.text, cspan_str("album caption")));
	cr_expect_eq(m.entities.count, 1);
	cr_expect_eq(m.media.kind, MEDIA_PHOTO);
	cr_expect_eq(m.media.file.id, 111);
	cr_expect_eq(m.media.file.size, 123456);
	cr_expect_str_eq(m.media.file.thumb, "y");
	cr_expect_eq(ask_read_sent(updates, 2).id, 0);
	s = ask_read_sent(answer("updateShortSentMessage"), 1);
	cr_expect(s.short_form);
	cr_expect_eq(s.id, 883);
	cr_expect_eq(ask_read_sent(tl_new(&arena, TLC_updatesTooLong), 1).id, 0);
}

/* One id for all messages of a forward would call all but one cloned that are not. */
Test(ask, answers_that_name_no_ids)
{
	const struct tl_obj *shorted = answer("updateShortSentMessage");

	cr_expect(ask_names_ids(shorted, true));
	cr_expect_not(ask_names_ids(shorted, false));
	cr_expect(ask_names_ids(answer("updates_send_result_channel"), false));
	cr_expect(ask_names_ids(tl_new(&arena, TLC_updatesCombined), true));
	cr_expect_not(ask_names_ids(tl_new(&arena, TLC_updatesTooLong), true));
	cr_expect_not(ask_names_ids(tl_new(&arena, TLC_updateShort), true));
	cr_expect_not(ask_names_ids(NULL, true));
}
