/* What verify calls equal must be equal; what a server may make of a copy is no difference. */
#include "engine/clone/compare.h"

#include <criterion/criterion.h>

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
