/* What the author of a message may have put into it: entities beside the text, sizes that cannot be. */
#include "proto/api/ask.h"
#include "proto/base/check.h"

#include <criterion/criterion.h>

static uint8_t memory[1 << 22];
static struct arena arena;

static void fresh(void)
{
	arena_init(&arena, memory, sizeof(memory));
}

TestSuite(hostile_message, .init = fresh);

static struct tl_obj *text_message(const char *text, uint32_t entities)
{
	struct tl_obj *m = tl_new(&arena, TLC_message);

	tl_set_int(m, TLF_id, 1);
	tl_set_str(m, TLF_message, text);
	tl_set_vec(&arena, m, TLF_entities, entities);
	return m;
}

static void put_entity(struct tl_obj *m, uint32_t i, int32_t offset, int32_t length)
{
	struct tl_obj *e = tl_new(&arena, TLC_messageEntityBold);

	tl_set_int(e, TLF_offset, offset);
	tl_set_int(e, TLF_length, length);
	tl_put_obj(m, TLF_entities, i, e);
}

/* One entity on a text of 8 units ("a", an emoji of two, "bcdef"): where it lies when it is sent. */
static void expect_cut(int32_t offset, int32_t length, int32_t want_offset, int32_t want_length)
{
	struct tl_obj *o = text_message("a\xf0\x9f\x8e\x88"
					"bcdef",
					1);
	struct entity_list list;
	struct message m;

	put_entity(o, 0, offset, length);
	message_read(o, false, &m);
	cr_assert(message_entities(&arena, &m, (struct peer){PEER_NONE, 0, 0}, NULL, &list));
	cr_assert_eq(list.count, want_length > 0 ? 1 : 0, "%d %d", offset, length);
	cr_expect_eq(list.dropped, want_length > 0 ? 0 : 1);
	if (want_length == 0)
		return;
	cr_expect_eq(tl_int(list.at[0], TLF_offset), want_offset, "%d %d", offset, length);
	cr_expect_eq(tl_int(list.at[0], TLF_length), want_length, "%d %d", offset, length);
	cr_expect_eq(list.at[0] == tl_vec_obj(m.entities, 0),
		     offset == want_offset && length == want_length, "a sound one is not touched");
}

/* Rows: H21 */
Test(hostile_message, entities_are_cut_to_the_text)
{
	expect_cut(0, 8, 0, 8);
	expect_cut(3, 5, 3, 5);
	expect_cut(0, 9, 0, 8);
	expect_cut(7, 100, 7, 1);
	expect_cut(8, 1, 0, 0);
	expect_cut(0, 0, 0, 0);
	expect_cut(3, -1, 0, 0);
	expect_cut(-2, 5, 0, 3);
	expect_cut(-2, 2, 0, 0);
	expect_cut(INT32_MIN, INT32_MAX, 0, 0);
	expect_cut(INT32_MAX, INT32_MAX, 0, 0);
	expect_cut(-1, INT32_MAX, 0, 8);
	expect_cut(INT32_MIN, INT32_MIN, 0, 0);
}

/* Entities that cross are formatting that people see: they go over as they are. */
/* Rows: H21 */
Test(hostile_message, crossing_entities_are_kept)
{
	struct tl_obj *o = text_message("overlapping", 3);
	struct entity_list list;
	struct message m;

	put_entity(o, 0, 0, 6);
	put_entity(o, 1, 3, 8);
	put_entity(o, 2, 3, 2);
	message_read(o, false, &m);
	cr_assert(message_entities(&arena, &m, (struct peer){PEER_NONE, 0, 0}, NULL, &list));
	cr_assert_eq(list.count, 3);
	for (uint32_t i = 0; i < 3; i++)
		cr_expect_eq(list.at[i], tl_vec_obj(m.entities, i));
}

/* The copy, whose entities were cut, is still the same message. */
/* Rows: H21 */
Test(hostile_message, a_cut_copy_has_the_same_fingerprint)
{
	struct tl_obj *source = text_message("some text", 2), *target = text_message("some text", 1);
	uint8_t a[32], b[32];
	struct message m;

	put_entity(source, 0, 5, 400);
	put_entity(source, 1, 100, 4);
	put_entity(target, 0, 5, 4);
	message_read(source, false, &m);
	message_fingerprint(&m, a);
	message_read(target, false, &m);
	message_fingerprint(&m, b);
	cr_expect_arr_eq(a, b, 32);
	put_entity(target, 0, 5, 3);
	message_fingerprint(&m, b);
	cr_expect_arr_neq(a, b, 32);
}

/* As many as a packet can carry cost one walk. */
/* Rows: H21 H24 */
Test(hostile_message, a_hundred_thousand_entities)
{
	enum { MANY = 30000 };
	struct tl_obj *o = text_message("x", MANY);
	struct entity_list list;
	struct message m;

	for (uint32_t i = 0; i < MANY; i++)
		put_entity(o, i, (int32_t)(i % 3), 1);
	message_read(o, false, &m);
	cr_assert(message_entities(&arena, &m, (struct peer){PEER_NONE, 0, 0}, NULL, &list));
	cr_expect_eq(list.count, MANY / 3);
	cr_expect_eq(list.dropped, MANY - MANY / 3);
}

static struct media document(int64_t size, int32_t w, int32_t h)
{
	struct tl_obj *o = tl_new(&arena, TLC_messageMediaDocument);
	struct tl_obj *d = tl_new(&arena, TLC_document), *s = tl_new(&arena, TLC_photoSize);
	struct media m;

	tl_set_long(d, TLF_size, size);
	tl_set_str(d, TLF_mime_type, "a/b");
	tl_set_str(s, TLF_type, "m");
	tl_set_int(s, TLF_w, w);
	tl_set_int(s, TLF_h, h);
	tl_set_int(s, TLF_size, 1000);
	tl_set_vec(&arena, d, TLF_thumbs, 1);
	tl_put_obj(d, TLF_thumbs, 0, s);
	tl_set_obj(o, TLF_document, d);
	media_read(o, &m);
	return m;
}

/* Sizes are summed over millions of messages: none may carry the sum away. */
/* Rows: H20 */
Test(hostile_message, sizes_that_cannot_be)
{
	static const struct {
		int64_t said, counts;
	} sizes[] = {
	    {0, 0},
	    {-1, 0},
	    {INT64_MIN, 0},
	    {INT64_C(5) << 30, INT64_C(5) << 30},
	    {INT64_MAX, MEDIA_SIZE_MAX},
	    {MEDIA_SIZE_MAX + 1, MEDIA_SIZE_MAX},
	};

	for (size_t i = 0; i < countof(sizes); i++)
		cr_expect_eq(document(sizes[i].said, 1, 1).file.size, sizes[i].counts, "%lld",
			     (long long)sizes[i].said);
	cr_expect_leq(MEDIA_SIZE_MAX, INT64_MAX / 100000000);
}

/* Rows: H20 */
Test(hostile_message, thumbnails_of_impossible_size)
{
	static const int32_t sides[] = {INT32_MIN, -1, 0, 1, 320, 321, INT32_MAX};

	for (size_t a = 0; a < countof(sides); a++)
		for (size_t b = 0; b < countof(sides); b++) {
			int32_t w = sides[a], h = sides[b];

			fresh();
			cr_expect_eq(document(1, w, h).has_thumb,
				     w > 0 && h > 0 && w <= 320 && h <= 320, "%d x %d", w, h);
		}
}

static struct tl_obj *with_id(enum tlc kind, enum tlf field, int64_t id)
{
	struct tl_obj *o = tl_new(&arena, kind);

	tl_set_long(o, field, id);
	return o;
}

/*
 * Three number spaces in one: an id beyond its own would be another chat's, or leave the numbers
 * altogether. No chat has it.
 */
/* Rows: H20 */
Test(hostile_message, ids_that_no_chat_has)
{
	static const struct {
		enum tlc peer, object;
		enum tlf field;
		int64_t most;
	} spaces[] = {
	    {TLC_peerUser, TLC_user, TLF_user_id, INT64_C(1) << 52},
	    {TLC_peerChat, TLC_chat, TLF_chat_id, INT64_C(999999999999)},
	    {TLC_peerChannel, TLC_channel, TLF_channel_id, INT64_C(1) << 52},
	};

	for (size_t i = 0; i < countof(spaces); i++) {
		const int64_t ids[] = {1, spaces[i].most, 0, -1, spaces[i].most + 1, INT64_MIN,
				       INT64_MAX};

		for (size_t k = 0; k < countof(ids); k++) {
			struct peer p = peer_read(with_id(spaces[i].peer, spaces[i].field, ids[k]));
			struct tl_obj *o = with_id(spaces[i].object, TLF_id, ids[k]);
			struct chat_info c;

			cr_expect_eq(p.kind != PEER_NONE, k < 2, "%lld", (long long)ids[k]);
			cr_expect_eq(chat_info_read(o, &c), k < 2, "%lld", (long long)ids[k]);
			cr_expect_eq(c.peer.kind != PEER_NONE, k < 2, "%lld", (long long)ids[k]);
			if (k < 2)
				cr_expect_eq(peer_of_marked(peer_marked(p)).kind, p.kind);
			cr_expect_eq(peer_marked(p) != 0, k < 2);
		}
	}
}
