/*
 * Media that is more than it looks, or less: polls with pictures, places without a point. And what
 * tells two media of one kind from each other.
 */
#include "proto/api/ask.h"
#include "proto/base/check.h"

#include <criterion/criterion.h>

static uint8_t memory[1 << 20];
static struct arena arena;

static void fresh(void)
{
	arena_init(&arena, memory, sizeof(memory));
}

TestSuite(media, .init = fresh);

static struct tl_obj *wrapped(const char *text)
{
	struct tl_obj *o = tl_new(&arena, TLC_textWithEntities);

	tl_set_str(o, TLF_text, text);
	return o;
}

static struct tl_obj *poll(const char *first, const char *second)
{
	const char *const texts[] = {first, second};
	struct tl_obj *media = tl_new(&arena, TLC_messageMediaPoll);
	struct tl_obj *o = tl_new(&arena, TLC_poll);

	tl_set_obj(o, TLF_question, wrapped("which?"));
	tl_set_vec(&arena, o, TLF_answers, 2);
	for (uint32_t i = 0; i < 2; i++) {
		struct tl_obj *answer = tl_new(&arena, TLC_pollAnswer);

		tl_set_obj(answer, TLF_text, wrapped(texts[i]));
		tl_set_str(answer, TLF_option, i == 0 ? "0" : "1");
		tl_put_obj(o, TLF_answers, i, answer);
	}
	tl_set_obj(media, TLF_poll, o);
	tl_set_obj(media, TLF_results, tl_new(&arena, TLC_pollResults));
	return media;
}

static void expect_goes(const struct tl_obj *obj, bool goes)
{
	const char *why = NULL;
	struct media m;

	media_read(obj, &m);
	cr_expect_eq(m.forward_only, !goes);
	cr_expect_eq(media_input(&arena, &m, TL_LAYER, &why) != NULL, goes);
	cr_expect_not_null(why);
}

/* What hangs on a poll is not sent with its texts: without it the copy would be another poll. */
Test(media, a_poll_with_pictures_is_not_copied_without_them)
{
	struct tl_obj *photo = tl_new(&arena, TLC_messageMediaPhoto), *media = poll("a", "b");
	struct tl_obj *answer = tl_new(&arena, TLC_pollAnswer);

	expect_goes(media, true);
	tl_set_obj(media, TLF_attached_media, photo);
	expect_goes(media, false);
	media = poll("a", "b");
	tl_set_obj(answer, TLF_text, wrapped("c"));
	tl_set_obj(answer, TLF_media, photo);
	tl_put_obj((struct tl_obj *)(uintptr_t)tl_sub(media, TLF_poll), TLF_answers, 1, answer);
	expect_goes(media, false);
	media = poll("a", "b");
	tl_set_obj((struct tl_obj *)(uintptr_t)tl_sub(media, TLF_results), TLF_solution_media, photo);
	expect_goes(media, false);
}

/* A point that is not there is no point in the sea off Africa. */
Test(media, a_place_without_its_point)
{
	static const enum tlc kinds[] = {TLC_messageMediaGeo, TLC_messageMediaGeoLive,
					 TLC_messageMediaVenue};

	for (size_t i = 0; i < countof(kinds); i++) {
		struct tl_obj *o = tl_new(&arena, kinds[i]);
		struct media m;

		tl_set_obj(o, TLF_geo, tl_new(&arena, TLC_geoPointEmpty));
		media_read(o, &m);
		cr_expect_eq(m.kind, MEDIA_UNSUPPORTED, "%s", tl_name(kinds[i]));
		cr_expect_not(media_by_reference(m.kind));
		tl_set_obj(o, TLF_geo, tl_new(&arena, TLC_geoPoint));
		media_read(o, &m);
		cr_expect_neq(m.kind, MEDIA_UNSUPPORTED, "%s", tl_name(kinds[i]));
	}
}

/* Kinds that are said to go by reference do. */
Test(media, a_story_is_not_sent_again)
{
	const char *why = NULL;
	struct media m;

	media_read(tl_new(&arena, TLC_messageMediaStory), &m);
	cr_expect_eq(m.kind, MEDIA_STORY);
	cr_expect_null(media_input(&arena, &m, TL_LAYER, &why));
	cr_expect_not(media_by_reference(MEDIA_STORY));
}

static struct tl_obj *contact(const char *phone)
{
	struct tl_obj *o = tl_new(&arena, TLC_messageMediaContact);

	tl_set_str(o, TLF_phone_number, phone);
	return o;
}

static struct tl_obj *venue(const char *title)
{
	struct tl_obj *o = tl_new(&arena, TLC_messageMediaVenue);

	tl_set_obj(o, TLF_geo, tl_new(&arena, TLC_geoPoint));
	tl_set_str(o, TLF_title, title);
	return o;
}

static struct tl_obj *checklist(const char *item)
{
	struct tl_obj *o = tl_new(&arena, TLC_messageMediaToDo);
	struct tl_obj *list = tl_new(&arena, TLC_todoList), *one = tl_new(&arena, TLC_todoItem);

	tl_set_obj(one, TLF_title, wrapped(item));
	tl_set_vec(&arena, list, TLF_list, 1);
	tl_put_obj(list, TLF_list, 0, one);
	tl_set_obj(list, TLF_title, wrapped("to do"));
	tl_set_obj(o, TLF_todo, list);
	return o;
}

static void expect_told_apart(struct tl_obj *one, struct tl_obj *same, struct tl_obj *other)
{
	struct tl_obj *const media[3] = {one, same, other};
	uint8_t hash[3][32];

	for (size_t i = 0; i < 3; i++) {
		struct tl_obj *o = tl_new(&arena, TLC_message);
		struct message m;

		tl_set_obj(o, TLF_media, media[i]);
		message_read(o, false, &m);
		message_fingerprint(&m, hash[i]);
	}
	cr_expect_arr_eq(hash[0], hash[1], 32, "%s", tl_name(tl_cons(one)));
	cr_expect_arr_neq(hash[0], hash[2], 32, "%s", tl_name(tl_cons(one)));
}

/* After a lost answer the first of two such messages must not be found in the second one's copy. */
Test(media, two_of_one_kind_are_not_one_message)
{
	expect_told_apart(contact("1"), contact("1"), contact("2"));
	expect_told_apart(venue("x"), venue("x"), venue("y"));
	expect_told_apart(checklist("x"), checklist("x"), checklist("y"));
	expect_told_apart(poll("a", "b"), poll("a", "b"), poll("a", "c"));
}

/* As another file it is of no set, and a poll is another one. */
Test(media, what_is_sent_anew_is_bound_to_nothing)
{
	struct tl_obj *document = tl_new(&arena, TLC_document);
	struct tl_obj *sticker = tl_new(&arena, TLC_documentAttributeSticker);
	struct tl_obj *set = tl_new(&arena, TLC_inputStickerSetID);
	struct media m = {.kind = MEDIA_STICKER, .body = document, .obj = NULL};
	struct tl_obj *asked = poll("a", "b");
	const struct tl_obj *sent;
	const char *why;

	tl_set_long(set, TLF_id, 5);
	tl_set_str(sticker, TLF_alt, "x");
	tl_set_obj(sticker, TLF_stickerset, set);
	tl_set_vec(&arena, document, TLF_attributes, 1);
	tl_put_obj(document, TLF_attributes, 0, sticker);
	sent = media_input_uploaded(&arena, &m, NULL, NULL, false);
	sent = tl_vec_obj(tl_vec(sent, TLF_attributes), 0);
	cr_assert_eq(tl_sub_cons(sent, TLF_stickerset), TLC_inputStickerSetEmpty);
	cr_assert(cspan_equal(tl_bytes(sent, TLF_alt), cspan_str("x")));
	tl_set_long((struct tl_obj *)tl_sub(asked, TLF_poll), TLF_id, 5);
	tl_set_int((struct tl_obj *)tl_sub(asked, TLF_poll), TLF_close_date, 5);
	tl_set_flag((struct tl_obj *)tl_sub(asked, TLF_poll), TLF_hide_results_until_close, true);
	media_read(asked, &m);
	sent = tl_sub(media_input(&arena, &m, TL_LAYER, &why), TLF_poll);
	cr_assert_eq(tl_long(sent, TLF_id), 0);
	/* It has no day on which it closes, so its results are to be seen before that. */
	cr_assert_not(tl_has(sent, TLF_close_date));
	cr_assert_not(tl_flag(sent, TLF_hide_results_until_close));
}

static struct tl_obj *photo_size(enum tlc kind, const char *type, int32_t side, int32_t bytes)
{
	struct tl_obj *o = tl_new(&arena, kind);

	tl_set_str(o, TLF_type, type);
	if (kind == TLC_photoSizeEmpty)
		return o;
	tl_set_int(o, TLF_w, side);
	tl_set_int(o, TLF_h, side);
	if (kind == TLC_photoCachedSize)
		tl_set_bytes(o, TLF_bytes, cspan_of("0123456789", (size_t)bytes));
	else
		tl_set_int(o, TLF_size, bytes);
	return o;
}

static struct media photo_of(struct tl_obj *one, struct tl_obj *two)
{
	struct tl_obj *o = tl_new(&arena, TLC_messageMediaPhoto), *photo = tl_new(&arena, TLC_photo);
	struct media m;

	tl_set_vec(&arena, photo, TLF_sizes, two == NULL ? 1 : 2);
	tl_put_obj(photo, TLF_sizes, 0, one);
	if (two != NULL)
		tl_put_obj(photo, TLF_sizes, 1, two);
	tl_set_obj(o, TLF_photo, photo);
	media_read(o, &m);
	return m;
}

/* A photo that is there is not expired, whatever sizes it names: it can be named again, and perhaps fetched. */
Test(media, a_photo_without_a_size_of_its_own)
{
	struct tl_obj *cached = photo_size(TLC_photoCachedSize, "s", 90, 7);
	struct tl_obj *sized = photo_size(TLC_photoSize, "m", 80, 900);
	const char *why;
	struct media m;

	m = photo_of(cached, NULL);
	cr_expect_eq(m.kind, MEDIA_PHOTO);
	cr_expect_eq(m.file.size, 7);
	cr_expect_str_eq(m.file.thumb, "s");
	for (int turn = 0; turn < 2; turn++) {
		m = turn == 0 ? photo_of(cached, sized) : photo_of(sized, cached);
		cr_expect_eq(m.file.size, 900);
		cr_expect_str_eq(m.file.thumb, "m");
	}
	m = photo_of(photo_size(TLC_photoSizeEmpty, "x", 0, 0), NULL);
	cr_expect_eq(m.kind, MEDIA_PHOTO);
	cr_expect_eq(m.file.size, 0);
	cr_expect_not_null(media_input(&arena, &m, TL_LAYER, &why));
	media_read(tl_new(&arena, TLC_messageMediaPhoto), &m);
	cr_expect_eq(m.kind, MEDIA_EXPIRED);
}
