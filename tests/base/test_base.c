/* The floor everything stands on: bytes, buf, list, arena, and that a broken promise ends the
 * process. */
#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/bytes.h"
#include "proto/base/check.h"
#include "proto/base/list.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <unistd.h>

Test(bytes, little_and_big_endian)
{
	uint8_t b[8] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}, out[8];

	cr_assert_eq(load_le16(b), 0x2301);
	cr_assert_eq(load_le32(b), 0x67452301u);
	cr_assert_eq(load_le64(b), 0xefcdab8967452301u);
	cr_assert_eq(load_be64(b), 0x0123456789abcdefu);
	store_be64(out, load_be64(b));
	cr_assert_arr_eq(out, b, 8);
	store_le64(out, load_le64(b));
	cr_assert_arr_eq(out, b, 8);
	store_be32(out, 0x01234567);
	cr_assert_arr_eq(out, b, 4);
	store_le16(out, 0x2301);
	cr_assert_arr_eq(out, b, 2);
	store_le32(out, 0x67452301);
	cr_assert_arr_eq(out, b, 4);
}

Test(bytes, loads_from_any_address)
{
	uint8_t b[24];

	for (size_t i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)i;
	for (size_t at = 0; at < 16; at++)
		cr_assert_eq(load_le64(b + at) & 0xff, at);
}

Test(bytes, constant_time_equality_sees_each_bit)
{
	uint8_t a[37] = {0}, b[37] = {0};

	cr_assert(bytes_equal_ct(a, b, sizeof(a)));
	cr_assert(bytes_equal_ct(a, b, 0));
	for (size_t bit = 0; bit < 8 * sizeof(a); bit++) {
		b[bit / 8] = (uint8_t)(1 << bit % 8);
		cr_assert_not(bytes_equal_ct(a, b, sizeof(a)));
		b[bit / 8] = 0;
	}
	b[36] = 1;
	cr_assert(bytes_equal_ct(a, b, 36), "looks no further than it was told");
}

Test(bytes, wipe)
{
	uint8_t b[9];

	memset(b, 0xaa, sizeof(b));
	bytes_wipe(b + 1, 7);
	cr_assert(b[0] == 0xaa && b[8] == 0xaa);
	for (int i = 1; i < 8; i++)
		cr_assert_eq(b[i], 0);
}

Test(bytes, spans)
{
	cr_assert(cspan_equal(cspan_str("abc"), cspan_of("abcd", 3)));
	cr_assert_not(cspan_equal(cspan_str("abc"), cspan_str("abd")));
	cr_assert_not(cspan_equal(cspan_str("abc"), cspan_str("ab")));
	cr_assert(cspan_equal(cspan_of(NULL, 0), cspan_str("")));
}

Test(buf, front_and_back)
{
	uint8_t mem[32] = {0};
	struct buf b;

	buf_init(&b, mem, sizeof(mem), 10);
	cr_assert(buf_headroom(&b) == 10 && buf_tailroom(&b) == 22 && b.len == 0);
	memcpy(buf_put(&b, 4), "body", 4);
	memcpy(buf_push(&b, 2), "h:", 2);
	cr_assert(cspan_equal(buf_view(&b), cspan_str("h:body")));
	cr_assert(buf_headroom(&b) == 8 && buf_tailroom(&b) == 18);
	cr_assert_eq(buf_pull(&b, 2), mem + 8, "the pulled bytes stay where they were");
	buf_trim(&b, 3);
	cr_assert(cspan_equal(buf_view(&b), cspan_str("bod")));
	cr_assert_eq(buf_at(&b), mem + 10);
	buf_push(&b, 10);
	buf_put(&b, buf_tailroom(&b));
	cr_assert_eq(b.len, sizeof(mem));
}

#define Test_broken(name, statement)                                                               \
	Test(broken, name, .signal = SIGABRT)                                                      \
	{                                                                                          \
		uint8_t mem[8];                                                                    \
		struct buf b;                                                                      \
                                                                                                   \
		buf_init(&b, mem, sizeof(mem), 2);                                                 \
		close(STDERR_FILENO);                                                              \
		statement;                                                                         \
	}

Test_broken(push_without_headroom, buf_push(&b, 3))
    Test_broken(put_without_tailroom, buf_put(&b, 7))
	Test_broken(pull_of_more_than_there_is, buf_pull(&b, 1))
	    Test_broken(trim_to_more_than_there_is, buf_trim(&b, 1))
		Test_broken(head_behind_the_end, buf_init(&b, mem, 8, 9))
		    Test_broken(a_check_that_fails, check(b.len == 1))

			struct item {
	int value;
	struct list node;
};

static int sum_in_order(struct list *l)
{
	int sum = 0;

	list_each (node, l)
		sum = 10 * sum + container_of(node, struct item, node)->value;
	return sum;
}

Test(list, order_and_removal)
{
	struct item items[4] = {{1, {0}}, {2, {0}}, {3, {0}}, {4, {0}}};
	struct list l;

	list_init(&l);
	cr_assert(list_empty(&l));
	cr_assert_null(list_pop(&l));
	for (int i = 0; i < 3; i++)
		list_push(&l, &items[i].node);
	list_push_front(&l, &items[3].node);
	cr_assert_eq(sum_in_order(&l), 4123);
	list_del(&items[1].node);
	cr_assert_eq(sum_in_order(&l), 413);
	list_del(&items[1].node); /* loose already: harmless */
	cr_assert_eq(sum_in_order(&l), 413);
	cr_assert_eq(list_pop(&l), &items[3].node);
	list_each_safe (node, tmp, &l)
		list_del(node);
	cr_assert(list_empty(&l));
}

Test(arena, takes_zeroed_and_aligned_until_full)
{
	_Alignas(8) uint8_t mem[64];
	volatile size_t huge = SIZE_MAX; /* not for the compiler to know */
	struct arena a;
	uint8_t *p, *q;

	memset(mem, 0xff, sizeof(mem));
	arena_init(&a, mem, sizeof(mem));
	p = arena_take(&a, 3);
	q = arena_take(&a, 16);
	cr_assert(p == mem && q == mem + 8);
	for (int i = 0; i < 16; i++)
		cr_assert_eq(q[i], 0);
	cr_assert_eq(mem[3], 0xff, "only what was asked for");
	cr_assert_null(arena_take(&a, 41));
	cr_assert_null(arena_take(&a, huge));
	cr_assert_not_null(arena_take(&a, 40));
	cr_assert_null(arena_take(&a, 1));
	cr_assert_not_null(arena_take(&a, 0));
}

Test(arena, products_that_overflow)
{
	_Alignas(8) uint8_t mem[64];
	struct arena a;

	arena_init(&a, mem, sizeof(mem));
	cr_assert_null(arena_take_many(&a, SIZE_MAX / 2, 4));
	cr_assert_null(arena_take_many(&a, 9, 8));
	cr_assert_not_null(arena_take_many(&a, 8, 8));
	cr_assert_not_null(arena_take_many(&a, 0, 8));
}

Test(arena, rewind)
{
	_Alignas(8) uint8_t mem[64];
	struct arena a;
	size_t mark;

	arena_init(&a, mem, sizeof(mem));
	arena_take(&a, 8);
	mark = arena_mark(&a);
	cr_assert_eq(arena_take(&a, 40), mem + 8);
	arena_rewind(&a, mark);
	cr_assert_eq(arena_take(&a, 56), mem + 8);
}
