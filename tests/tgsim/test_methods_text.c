/* Message text: lengths, trimming, entities checked, clipped, derived, ordered. */
#include "tools/tgsim/methods_text.h"

#include <criterion/criterion.h>
#include <stdlib.h>

struct bench {
	struct arena arena;
	struct text text;
	const struct tl_obj *sent[128];
	uint32_t count;
};

static void start(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	arena_init(&b->arena, malloc(1 << 20), 1 << 20);
}

static void stop(struct bench *b)
{
	free(b->arena.mem);
}

static void send(struct bench *b, enum tlc kind, int32_t offset, int32_t length)
{
	struct tl_obj *o = tl_new(&b->arena, kind);

	tl_set_int(o, TLF_offset, offset);
	tl_set_int(o, TLF_length, length);
	b->sent[b->count++] = o;
}

static enum text_fault take(struct bench *b, const char *text)
{
	return text_take(&b->arena, cspan_str(text), b->sent, b->count, &b->text);
}

static void entity(const struct bench *b, uint32_t i, enum tlc kind, int32_t offset, int32_t length)
{
	cr_assert_lt(i, b->text.count);
	cr_assert_eq(tl_cons(b->text.entities[i]), kind, "entity %u is %s", i,
		     tl_name(tl_cons(b->text.entities[i])));
	cr_assert_eq(tl_int(b->text.entities[i], TLF_offset), offset);
	cr_assert_eq(tl_int(b->text.entities[i], TLF_length), length);
}

static void derives(const char *text, enum tlc kind, int32_t offset, int32_t length)
{
	struct bench b;

	start(&b);
	cr_assert_eq(take(&b, text), TEXT_SOUND);
	cr_assert_eq(b.text.count, 1, "%s has %u entities", text, b.text.count);
	entity(&b, 0, kind, offset, length);
	stop(&b);
}

static void derives_nothing(const char *text)
{
	struct bench b;

	start(&b);
	cr_assert_eq(take(&b, text), TEXT_SOUND);
	cr_assert_eq(b.text.count, 0, "%s", text);
	stop(&b);
}

Test(methods_text, counts_utf16_units)
{
	cr_assert_eq(text_units(cspan_str("")), 0);
	cr_assert_eq(text_units(cspan_str("abc")), 3);
	cr_assert_eq(text_units(cspan_str("\xc3\xa7\xe2\x82\xac")), 2);
	cr_assert_eq(text_units(cspan_str("\xf0\x9f\x98\x80")), 2);
}

Test(methods_text, refuses_what_is_no_utf8)
{
	static const char *const bad[] = {
	    "\x80", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "a\xff"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(text_units(cspan_str(bad[i])), -1, "%zu", i);
}

Test(methods_text, white_space_at_both_ends_goes)
{
	struct bench b;

	start(&b);
	send(&b, TLC_messageEntityBold, 0, 4);
	send(&b, TLC_messageEntityItalic, 4, 9);
	send(&b, TLC_messageEntityCode, 0, 2);
	cr_assert_eq(take(&b, " \n\xc2\xa0 two words\xe3\x80\x80\n"), TEXT_SOUND);
	cr_assert(cspan_equal(b.text.bytes, cspan_str("two words")));
	cr_assert_eq(b.text.units, 9);
	/* Bold and code lay in the white space. */
	cr_assert_eq(b.text.count, 1);
	entity(&b, 0, TLC_messageEntityItalic, 0, 9);
	stop(&b);
}

Test(methods_text, white_space_inside_stays)
{
	struct bench b;
	const char *text = "a \n\n  b\t.";

	start(&b);
	cr_assert_eq(take(&b, text), TEXT_SOUND);
	cr_assert(cspan_equal(b.text.bytes, cspan_str(text)));
	stop(&b);
}

Test(methods_text, only_white_space_is_nothing)
{
	struct bench b;

	start(&b);
	cr_assert_eq(take(&b, " \t\r\n"), TEXT_SOUND);
	cr_assert_eq(b.text.units, 0);
	cr_assert_eq(b.text.bytes.len, 0);
	stop(&b);
}

Test(methods_text, entities_must_lie_inside)
{
	static const int32_t bad[][2] = {{0, 0}, {0, 4},         {3, 1}, {-1, 2},
					 {2, 2}, {1, INT32_MAX}, {0, -1}};
	struct bench b;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		start(&b);
		send(&b, TLC_messageEntityBold, bad[i][0], bad[i][1]);
		cr_assert_eq(take(&b, "abc"), TEXT_BOUNDS, "%zu", i);
		stop(&b);
	}
}

/* What comes behind the hundredth is dropped without a word; custom emoji have a hundred of their own. */
Test(methods_text, no_more_than_a_hundred_entities)
{
	struct bench b;

	start(&b);
	for (int i = 0; i < TEXT_ENTITIES_MAX; i++)
		send(&b, TLC_messageEntityBold, 0, 1);
	send(&b, TLC_messageEntityCustomEmoji, 0, 1);
	cr_assert_eq(take(&b, "abc"), TEXT_SOUND);
	cr_assert_eq(b.text.count, TEXT_ENTITIES_MAX + 1);
	send(&b, TLC_messageEntityItalic, 0, 1);
	cr_assert_eq(take(&b, "abc"), TEXT_SOUND);
	cr_assert_eq(b.text.count, TEXT_ENTITIES_MAX + 1);
	stop(&b);
}

Test(methods_text, order_is_by_offset_longer_first)
{
	struct bench b;

	start(&b);
	send(&b, TLC_messageEntityItalic, 3, 2);
	send(&b, TLC_messageEntityBold, 0, 2);
	send(&b, TLC_messageEntityUnderline, 0, 5);
	send(&b, TLC_messageEntityStrike, 0, 2);
	cr_assert_eq(take(&b, "abcdef"), TEXT_SOUND);
	entity(&b, 0, TLC_messageEntityUnderline, 0, 5);
	entity(&b, 1, TLC_messageEntityBold, 0, 2);
	entity(&b, 2, TLC_messageEntityStrike, 0, 2);
	entity(&b, 3, TLC_messageEntityItalic, 3, 2);
	stop(&b);
}

Test(methods_text, addresses_are_found)
{
	derives("see https://example.com/a?b=c.", TLC_messageEntityUrl, 4, 25);
	derives("(http://example.com/x)", TLC_messageEntityUrl, 1, 20);
	derives("https://example.com/a_(b) end", TLC_messageEntityUrl, 0, 25);
	derives("go to example.com now", TLC_messageEntityUrl, 6, 11);
	derives("tg://resolve?domain=x", TLC_messageEntityUrl, 0, 21);
	derives("mail a.b+c@example.org!", TLC_messageEntityEmail, 5, 17);
	derives_nothing("file.txt and v1.2 and 3.14");
	derives_nothing("a.b, c.d. e");
}

Test(methods_text, names_tags_and_commands_are_found)
{
	derives("hi @someone!", TLC_messageEntityMention, 3, 8);
	derives("\xf0\x9f\x98\x80 #tag_1 x", TLC_messageEntityHashtag, 3, 6);
	derives("#\xc3\xa7\xc3\xa3o", TLC_messageEntityHashtag, 0, 4);
	derives("buy $USD now", TLC_messageEntityCashtag, 4, 4);
	derives("/start@some_bot go", TLC_messageEntityBotCommand, 0, 15);
	derives_nothing("#123 a#b x@y @abc 1/2 and/or $usd $TOOLONGTAG");
	derives_nothing("/path/to/file");
}

Test(methods_text, derived_ones_yield_to_sent_ones)
{
	struct bench b;

	start(&b);
	send(&b, TLC_messageEntityCode, 0, 12);
	send(&b, TLC_messageEntityHashtag, 13, 4);
	send(&b, TLC_messageEntityBold, 18, 8);
	cr_assert_eq(take(&b, "code example #tag @someone"), TEXT_SOUND);
	cr_assert_eq(b.text.count, 4);
	entity(&b, 2, TLC_messageEntityBold, 18, 8);
	entity(&b, 3, TLC_messageEntityMention, 18, 8);
	stop(&b);
}

Test(methods_text, slices_by_units)
{
	struct cspan text = cspan_str("a\xf0\x9f\x98\x80\xc3\xa7z");

	cr_assert(cspan_equal(text_slice(text, 1, 2), cspan_str("\xf0\x9f\x98\x80")));
	cr_assert(cspan_equal(text_slice(text, 3, 2), cspan_str("\xc3\xa7z")));
	cr_assert_eq(text_slice(text, 4, 2).len, 0);
	cr_assert_eq(text_slice(text, -1, 2).len, 0);
}

Test(methods_text, search_is_blind_to_case)
{
	cr_assert(text_contains(cspan_str("Some Words"), cspan_str("wORD")));
	cr_assert(text_contains(cspan_str("Some"), cspan_str("")));
	cr_assert_not(text_contains(cspan_str("Some"), cspan_str("somewhat")));
}
