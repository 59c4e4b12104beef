/* What verify calls equal must be equal; what a server may make of a copy is no difference. */
#include "engine/clone/compare.h"
#include "proto/base/check.h"

#include <criterion/criterion.h>
#include <math.h>

static uint8_t memory[65536];
static struct arena arena;
static char what[160];

static void start(void)
{
	arena_init(&arena, memory, sizeof(memory));
}

static struct message with(enum media_kind kind, const struct tl_obj *media)
{
	return (struct message){.id = 1, .media = {.kind = kind, .obj = media}};
}

static bool same(struct message a, struct message b)
{
	return compare_messages(&a, &b, what, sizeof(what));
}

static struct message dice(const char *emoticon)
{
	struct tl_obj *o = tl_new(&arena, TLC_messageMediaDice);

	tl_set_str(o, TLF_emoticon, emoticon);
	return with(MEDIA_DICE, o);
}

/* Rows: L10 */
Test(compare, a_dice_is_one_of_the_same_kind, .init = start)
{
	struct message gone = {.id = 1, .empty = true};

	cr_assert(same(dice("\xf0\x9f\x8e\xb2"), dice("\xf0\x9f\x8e\xb2")));
	cr_assert_not(same(dice("\xf0\x9f\x8e\xb2"), dice("\xf0\x9f\x8e\xaf")));
	cr_assert_not(same(dice("\xf0\x9f\x8e\xb2"), gone));
	cr_assert_not(same(dice("\xf0\x9f\x8e\xb2"), with(MEDIA_NONE, NULL)));
}

static struct message contact(const char *last_name, const char *vcard)
{
	struct tl_obj *o = tl_new(&arena, TLC_messageMediaContact);

	tl_set_str(o, TLF_phone_number, "+10000");
	tl_set_str(o, TLF_first_name, "A");
	tl_set_str(o, TLF_last_name, last_name);
	tl_set_str(o, TLF_vcard, vcard);
	return with(MEDIA_CONTACT, o);
}

/* Rows: L10 */
Test(compare, a_contact_is_all_of_its_fields, .init = start)
{
	cr_assert(same(contact("B", "card"), contact("B", "card")));
	cr_assert_not(same(contact("B", "card"), contact("C", "card")));
	cr_assert_not(same(contact("B", "card"), contact("B", "")));
}

static struct message place(double lat, double lon)
{
	struct tl_obj *o = tl_new(&arena, TLC_messageMediaGeo), *geo = tl_new(&arena, TLC_geoPoint);

	tl_set_double(geo, TLF_lat, lat);
	tl_set_double(geo, TLF_long, lon);
	tl_set_obj(o, TLF_geo, geo);
	return with(MEDIA_GEO, o);
}

/* Whatever a server writes there: no number is too large, and rounding is no other place. */
/* Rows: L10 */
Test(compare, places_are_the_same_within_a_metre, .init = start)
{
	cr_assert(same(place(52.5, 13.4), place(52.499999999, 13.400000001)));
	cr_assert_not(same(place(52.5, 13.4), place(52.5001, 13.4)));
	cr_assert_not(same(place(52.5, 13.4), place(52.5, -1e300)));
	cr_assert_not(same(place(52.5, 13.4), place(__builtin_nan(""), 13.4)));
	cr_assert(same(place(1e300, 13.4), place(1e300, 13.4)));
}

static struct message list(const char *title, const char *const *items, uint32_t count)
{
	struct tl_obj *o = tl_new(&arena, TLC_messageMediaToDo), *todo = tl_new(&arena, TLC_todoList);
	struct tl_obj *text = tl_new(&arena, TLC_textWithEntities);

	tl_set_str(text, TLF_text, title);
	tl_set_obj(todo, TLF_title, text);
	tl_set_vec(&arena, todo, TLF_list, count);
	for (uint32_t i = 0; i < count; i++) {
		struct tl_obj *item = tl_new(&arena, TLC_todoItem);

		text = tl_new(&arena, TLC_textWithEntities);
		tl_set_str(text, TLF_text, items[i]);
		tl_set_obj(item, TLF_title, text);
		tl_put_obj(todo, TLF_list, i, item);
	}
	tl_set_obj(o, TLF_todo, todo);
	return with(MEDIA_CHECKLIST, o);
}

/* Rows: L10 */
Test(compare, a_checklist_is_its_title_and_items, .init = start)
{
	static const char *const two[] = {"bread", "milk"}, *const other[] = {"bread", "salt"};

	cr_assert(same(list("buy", two, 2), list("buy", two, 2)));
	cr_assert_not(same(list("buy", two, 2), list("sell", two, 2)));
	cr_assert_not(same(list("buy", two, 2), list("buy", other, 2)));
	cr_assert_not(same(list("buy", two, 2), list("buy", two, 1)));
}

/* ---- each field that a copy keeps, changed by itself ---- */

static const struct tl_obj *words(const char *text)
{
	struct tl_obj *o = tl_new(&arena, TLC_textWithEntities);

	tl_set_str(o, TLF_text, text);
	return o;
}

/* One to change before it is read as media. */
struct made {
	struct tl_obj *media, *body, *attribute, *poll, *results;
};

static struct message read_it(const struct made *m)
{
	struct message out = {.id = 1};

	media_read(m->media, &out.media);
	return out;
}

static struct made document(enum tlc kind)
{
	struct made m = {.media = tl_new(&arena, TLC_messageMediaDocument),
			 .body = tl_new(&arena, TLC_document),
			 .attribute = tl_new(&arena, kind)};
	struct tl_obj *name = tl_new(&arena, TLC_documentAttributeFilename);

	tl_set_str(name, TLF_file_name, "a.bin");
	tl_set_long(m.body, TLF_size, 4096);
	tl_set_str(m.body, TLF_mime_type, "video/mp4");
	tl_set_vec(&arena, m.body, TLF_attributes, 2);
	tl_put_obj(m.body, TLF_attributes, 0, m.attribute);
	tl_put_obj(m.body, TLF_attributes, 1, name);
	tl_set_obj(m.media, TLF_document, m.body);
	return m;
}

static struct made video(double seconds)
{
	struct made m = document(TLC_documentAttributeVideo);

	tl_set_double(m.attribute, TLF_duration, seconds);
	tl_set_int(m.attribute, TLF_w, 640);
	tl_set_int(m.attribute, TLF_h, 480);
	return m;
}

static void expect_difference(const struct made *a, const struct made *b, const char *named)
{
	cr_expect_not(same(read_it(a), read_it(b)), "%s", named);
	cr_expect(strstr(what, named) != NULL, "%s: %s", named, what);
}

/* Rows: L10 */
Test(compare, a_video_is_all_that_plays, .init = start)
{
	struct made a = video(12.9), b = video(13.2), c = video(20), d = video(12.9), e = video(12.9);
	struct made f = video(12.9), g = video(12.9), h = video(NAN);
	struct tl_obj *cover = tl_new(&arena, TLC_photo);

	cr_assert(same(read_it(&a), read_it(&b)), "a part of a second: %s", what);
	expect_difference(&a, &c, "duration");
	expect_difference(&a, &h, "duration");
	tl_set_flag(d.attribute, TLF_supports_streaming, true);
	expect_difference(&a, &d, "streaming");
	tl_set_int(e.media, TLF_video_timestamp, 5);
	expect_difference(&a, &e, "video begins");
	tl_set_obj(f.media, TLF_video_cover, cover);
	expect_difference(&a, &f, "cover");
	tl_set_flag(g.media, TLF_spoiler, true);
	expect_difference(&a, &g, "spoiler");
	/* What the server says of a document beside it is not a live photo. */
	tl_set_flag(b.media, TLF_video, true);
	cr_assert(same(read_it(&a), read_it(&b)), "%s", what);
}

static struct made photo(int64_t id, int32_t w, int32_t h)
{
	struct made m = {.media = tl_new(&arena, TLC_messageMediaPhoto),
			 .body = tl_new(&arena, TLC_photo)};
	struct tl_obj *size = tl_new(&arena, TLC_photoSize);

	tl_set_str(size, TLF_type, "y");
	tl_set_int(size, TLF_w, w);
	tl_set_int(size, TLF_h, h);
	tl_set_int(size, TLF_size, w * h / 10);
	tl_set_long(m.body, TLF_id, id);
	tl_set_vec(&arena, m.body, TLF_sizes, 1);
	tl_put_obj(m.body, TLF_sizes, 0, size);
	tl_set_obj(m.media, TLF_photo, m.body);
	return m;
}

/* Rows: L10 */
Test(compare, a_photo_may_be_smaller_but_not_another, .init = start)
{
	struct made a = photo(1, 1280, 853), smaller = photo(2, 800, 533), other = photo(3, 853, 1280);
	struct made square = photo(4, 900, 900), live = photo(1, 1280, 853);

	cr_assert(same(read_it(&a), read_it(&smaller)), "%s", what);
	expect_difference(&a, &other, "shape");
	expect_difference(&a, &square, "shape");
	tl_set_obj(live.media, TLF_video, tl_new(&arena, TLC_document));
	expect_difference(&a, &live, "live photo");
}

/* Rows: L10 */
Test(compare, a_sticker_is_its_emoji_and_a_picture_its_size, .init = start)
{
	struct made a = document(TLC_documentAttributeSticker), b = document(TLC_documentAttributeSticker);
	struct made c = document(TLC_documentAttributeImageSize), d = document(TLC_documentAttributeImageSize);
	struct made plain = document(TLC_documentAttributeHasStickers);

	tl_set_str(a.attribute, TLF_alt, "\xf0\x9f\x99\x82");
	tl_set_str(b.attribute, TLF_alt, "\xf0\x9f\x99\x81");
	cr_assert(same(read_it(&a), read_it(&a)));
	expect_difference(&a, &b, "emoji");
	tl_set_int(c.attribute, TLF_w, 10);
	tl_set_int(d.attribute, TLF_w, 11);
	expect_difference(&c, &d, "width");
	cr_assert(same(read_it(&c), read_it(&plain)), "the server may not tell it: %s", what);
}

static struct made poll(bool quiz, uint32_t right)
{
	static const char *const options[] = {"0", "1", "2"};
	struct made m = {.media = tl_new(&arena, TLC_messageMediaPoll),
			 .poll = tl_new(&arena, TLC_poll),
			 .results = tl_new(&arena, TLC_pollResults)};

	tl_set_obj(m.poll, TLF_question, words("why?"));
	tl_set_flag(m.poll, TLF_quiz, quiz);
	tl_set_vec(&arena, m.poll, TLF_answers, countof(options));
	if (right < countof(options))
		tl_set_vec(&arena, m.results, TLF_results, countof(options));
	for (uint32_t i = 0; i < countof(options); i++) {
		struct tl_obj *answer = tl_new(&arena, TLC_pollAnswer);
		struct tl_obj *votes = tl_new(&arena, TLC_pollAnswerVoters);

		tl_set_obj(answer, TLF_text, words(options[i]));
		tl_set_str(answer, TLF_option, options[i]);
		tl_put_obj(m.poll, TLF_answers, i, answer);
		tl_set_str(votes, TLF_option, options[i]);
		tl_set_flag(votes, TLF_correct, i == right);
		if (right < countof(options))
			tl_put_obj(m.results, TLF_results, i, votes);
	}
	tl_set_obj(m.media, TLF_poll, m.poll);
	tl_set_obj(m.media, TLF_results, m.results);
	return m;
}

/* Rows: L10 */
Test(compare, a_poll_is_how_one_may_vote, .init = start)
{
	struct made a = poll(false, 9), b = poll(false, 9), c = poll(false, 9), closed = poll(false, 9);

	cr_assert(same(read_it(&a), read_it(&b)), "%s", what);
	tl_set_flag(b.poll, TLF_multiple_choice, true);
	expect_difference(&a, &b, "several answers");
	tl_set_flag(c.poll, TLF_public_voters, true);
	expect_difference(&a, &c, "public voters");
	tl_set_flag(closed.poll, TLF_closed, true);
	cr_assert(same(read_it(&a), read_it(&closed)), "it may be closed any day: %s", what);
}

/* Rows: L10 */
Test(compare, a_quiz_is_its_right_answer_where_that_is_shown, .init = start)
{
	struct made a = poll(true, 1), b = poll(true, 2), hidden = poll(true, 9), told = poll(true, 1);

	cr_assert(same(read_it(&a), read_it(&hidden)), "%s", what);
	expect_difference(&a, &b, "right answer");
	tl_set_str(a.results, TLF_solution, "so");
	cr_assert(same(read_it(&a), read_it(&told)), "%s", what);
	tl_set_str(told.results, TLF_solution, "not so");
	expect_difference(&a, &told, "explanation");
}

/* Rows: L10 */
Test(compare, what_a_list_lets_others_do, .init = start)
{
	static const char *const two[] = {"bread", "milk"};
	struct message a = list("buy", two, 2), b = list("buy", two, 2);

	tl_set_flag((struct tl_obj *)(uintptr_t)tl_sub(b.media.obj, TLF_todo), TLF_others_can_append, true);
	cr_assert_not(same(a, b));
	cr_assert(strstr(what, "others may add") != NULL, "%s", what);
}

/* Rows: L10 */
Test(compare, what_only_goes_over_as_it_is, .init = start)
{
	struct tl_obj *x = tl_new(&arena, TLC_messageMediaInvoice), *y = tl_new(&arena, TLC_messageMediaInvoice);

	tl_set_long(x, TLF_total_amount, 100);
	tl_set_long(y, TLF_total_amount, 100);
	cr_assert(same(with(MEDIA_INVOICE, x), with(MEDIA_INVOICE, y)), "%s", what);
	tl_set_long(y, TLF_total_amount, 1);
	cr_assert_not(same(with(MEDIA_INVOICE, x), with(MEDIA_INVOICE, y)));
}

static struct message quoted(bool folded)
{
	struct tl_obj *m = tl_new(&arena, TLC_message), *e = tl_new(&arena, TLC_messageEntityBlockquote);
	struct message out;

	tl_set_str(m, TLF_message, "words");
	tl_set_int(e, TLF_length, 5);
	tl_set_flag(e, TLF_collapsed, folded);
	tl_set_vec(&arena, m, TLF_entities, 1);
	tl_put_obj(m, TLF_entities, 0, e);
	message_read(m, false, &out);
	return out;
}

/* Rows: L10 */
Test(compare, how_a_text_is_shown, .init = start)
{
	struct message a = with(MEDIA_NONE, NULL), silent = a, article = a, above = a;

	cr_assert(same(quoted(true), quoted(true)), "%s", what);
	cr_assert_not(same(quoted(true), quoted(false)));
	silent.silent = true;
	cr_assert_not(same(a, silent));
	article.rich = true;
	cr_assert_not(same(a, article));
	above.invert_media = true;
	cr_assert_not(same(a, above));
}

/* ---- losses that were noted ---- */

static bool noted(struct message a, struct message b, const char *note, char loss[160])
{
	return compare_noted(&a, &b, note, what, loss, 160);
}

static struct message bold_text(const char *text, int32_t offset, int32_t length)
{
	struct tl_obj *m = tl_new(&arena, TLC_message), *e = tl_new(&arena, TLC_messageEntityBold);
	struct message out;

	tl_set_str(m, TLF_message, text);
	tl_set_int(e, TLF_offset, offset);
	tl_set_int(e, TLF_length, length);
	tl_set_vec(&arena, m, TLF_entities, 1);
	tl_put_obj(m, TLF_entities, 0, e);
	message_read(m, false, &out);
	return out;
}

/* A caption that was cut must be its beginning, formatted as that was; none at all is no cut. */
/* Rows: L10 I4 */
Test(compare, a_caption_that_was_cut, .init = start)
{
	static const char note[] = "caption cut: 1024 at most";
	struct message a = bold_text("one two three", 4, 9);
	char loss[160];

	cr_assert(noted(a, bold_text("one two", 4, 3), note, loss), "%s", what);
	cr_assert_str_eq(loss, "length of text differs");
	cr_assert_not(noted(a, bold_text("one two", 4, 3), "", loss));
	cr_assert_not(noted(a, bold_text("one twi", 4, 3), note, loss));
	cr_assert_not(noted(a, bold_text("one two", 4, 2), note, loss));
	cr_assert_not(noted(a, bold_text("one two three four", 4, 9), note, loss));
	cr_assert_not(noted(a, bold_text("", 0, 0), note, loss));
	cr_assert(noted(a, a, note, loss) && loss[0] == '\0');
}

/* A loss that the clone noted is named, and hides nothing else. */
/* Rows: L10 I6 */
Test(compare, a_noted_loss_hides_no_other_difference, .init = start)
{
	struct made a = photo(1, 1280, 853), b = photo(1, 1280, 853), harmed = photo(1, 1280, 853);
	struct made x = video(12), y = video(12), slow = video(20);
	char loss[160];

	tl_set_obj(a.media, TLF_video, tl_new(&arena, TLC_document));
	cr_assert(noted(read_it(&a), read_it(&b), "live photo not kept", loss), "%s", what);
	cr_assert_not_null(strstr(loss, "live photo"), "%s", loss);
	cr_assert_not(noted(read_it(&a), read_it(&b), "", loss));
	cr_assert_not(noted(read_it(&b), read_it(&a), "live photo not kept", loss), "it gained one");
	tl_set_flag(harmed.media, TLF_spoiler, true);
	cr_assert_not(noted(read_it(&a), read_it(&harmed), "live photo not kept", loss));
	cr_assert_not_null(strstr(what, "spoiler"), "%s", what);
	tl_set_obj(x.media, TLF_video_cover, tl_new(&arena, TLC_photo));
	cr_assert(noted(read_it(&x), read_it(&y), "video's cover not kept", loss), "%s", what);
	cr_assert_not(noted(read_it(&x), read_it(&slow), "video's cover not kept", loss));
	cr_assert_not_null(strstr(what, "duration"), "%s", what);
}

/* Rows: L10 S26 I6 */
Test(compare, a_photo_that_went_as_a_document, .init = start)
{
	static const char note[] = "photo sent as a document";
	struct made a = photo(1, 100, 80), b = document(TLC_documentAttributeHasStickers);
	struct message other;
	char loss[160];

	tl_set_long(b.body, TLF_size, 100 * 80 / 10);
	cr_assert(noted(read_it(&a), read_it(&b), note, loss), "%s", what);
	cr_assert_not_null(strstr(loss, "became"), "%s", loss);
	cr_assert_not(noted(read_it(&a), read_it(&b), "", loss));
	cr_assert_not(noted(read_it(&a), read_it(&b), "video sent as a document", loss));
	other = read_it(&b);
	other.text = cspan_str("more words");
	cr_assert_not(noted(read_it(&a), other, note, loss));
	tl_set_long(b.body, TLF_size, 7);
	cr_assert_not(noted(read_it(&a), read_it(&b), note, loss));
	cr_assert_not_null(strstr(what, "file size"), "%s", what);
}

/* Rows: L10 I6 */
Test(compare, words_and_albums_that_were_noted, .init = start)
{
	struct message a = quoted(true), plain = quoted(true), b = quoted(true);
	char loss[160];

	plain.entities.count = 0;
	cr_assert(noted(a, plain, "formatting not kept", loss), "%s", what);
	cr_assert_neq(loss[0], '\0');
	plain.silent = true;
	cr_assert_not(noted(a, plain, "formatting not kept", loss));
	a.grouped_id = 5;
	cr_assert(noted(a, b, "album not kept", loss), "%s", what);
	cr_assert_not_null(strstr(loss, "album"), "%s", loss);
	cr_assert_not(noted(b, a, "album not kept", loss));
	plain.silent = false;
	cr_assert(noted(a, plain, "album not kept; formatting not kept", loss), "both: %s", what);
	cr_assert_not(noted(a, plain, "album not kept", loss));
	cr_assert_not(noted(a, plain, "formatting not kept", loss));
	b.text = cspan_str("other");
	cr_assert_not(noted(a, b, "album not kept", loss));
	cr_assert(noted(a, a, "album not kept", loss));
	cr_assert_str_eq(loss, "", "nothing was lost: %s", loss);
}

static struct message answering(const char *words)
{
	struct tl_obj *m = tl_new(&arena, TLC_message), *reply = tl_new(&arena, TLC_messageReplyHeader);
	struct message out;

	tl_set_str(m, TLF_message, "words");
	tl_set_int(reply, TLF_reply_to_msg_id, 7);
	if (words != NULL)
		tl_set_str(reply, TLF_quote_text, words);
	tl_set_obj(m, TLF_reply_to, reply);
	message_read(m, false, &out);
	return out;
}

/* Rows: L10 I6 */
Test(compare, a_quote_that_was_noted, .init = start)
{
	char loss[160];

	cr_assert(noted(answering("once"), answering(NULL), "quote not kept", loss), "%s", what);
	cr_assert_not_null(strstr(loss, "quote"), "%s", loss);
	cr_assert_not(noted(answering("once"), answering(NULL), "", loss));
	cr_assert(noted(answering("once"), answering("once"), "quote not kept", loss));
	cr_assert_str_eq(loss, "");
}

/* Rows: L10 I6 */
Test(compare, buttons_that_were_noted, .init = start)
{
	struct message a = with(MEDIA_NONE, NULL), b = a;
	char loss[160];

	a.buttons = true;
	cr_assert(same(a, a));
	cr_assert(same(b, a));
	cr_assert_not(same(a, b));
	cr_assert(noted(a, b, "author not kept; buttons not kept", loss), "%s", what);
	cr_assert_not_null(strstr(loss, "buttons"), "%s", loss);
}

/* Rows: L10 I6 */
Test(compare, voters_that_are_shown_no_more, .init = start)
{
	struct made a = poll(false, 9), b = poll(false, 9);
	char loss[160];

	tl_set_flag(a.poll, TLF_public_voters, true);
	cr_assert(noted(read_it(&a), read_it(&b), "voters not shown", loss), "%s", what);
	cr_assert_not_null(strstr(loss, "voters"), "%s", loss);
	cr_assert_not(noted(read_it(&b), read_it(&a), "voters not shown", loss));
}

/* Rows: L10 I6 */
Test(compare, a_preview_that_is_all_of_a_link, .init = start)
{
	struct tl_obj *media = tl_new(&arena, TLC_messageMediaWebPage);
	struct message a = with(MEDIA_WEBPAGE, media), none = with(MEDIA_NONE, NULL);
	char loss[160];

	cr_assert(same(a, none), "it follows from the text: %s", what);
	tl_set_flag(media, TLF_manual, true);
	cr_assert(same(a, a));
	cr_assert_not(same(a, none));
	cr_assert(noted(a, none, "link preview not kept", loss), "%s", what);
	cr_assert_not_null(strstr(loss, "preview"), "%s", loss);
}

/* Rows: L10 I6 */
Test(compare, an_effect_that_was_noted, .init = start)
{
	struct tl_obj *m = tl_new(&arena, TLC_message);
	struct message a, b;
	char loss[160];

	tl_set_str(m, TLF_message, "words");
	message_read(m, false, &b);
	b.obj = NULL;
	tl_set_long(m, TLF_effect, 7);
	message_read(m, false, &a);
	cr_assert(same(a, a));
	cr_assert_not(same(a, b));
	cr_assert(noted(a, b, "effect not kept", loss), "%s", what);
	cr_assert(same(b, a), "%s", what);
}

/* What a live location becomes was noted since some time: the copies of before are as good. */
/* Rows: L10 I6 */
Test(compare, a_live_location_that_was_noted, .init = start)
{
	struct message a = place(52.5, 13.4), b = place(52.5, 13.4);
	char loss[160];

	a.media.kind = MEDIA_GEO_LIVE;
	cr_assert(noted(a, b, "live location not kept: its last place", loss), "%s", what);
	cr_assert_str_eq(loss, "live location became location");
	cr_assert(noted(a, b, "", loss), "%s", what);
	cr_assert_str_eq(loss, "");
	cr_assert_not(noted(a, place(52.6, 13.4), "live location not kept: its last place", loss));
}
