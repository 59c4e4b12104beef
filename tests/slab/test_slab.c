/* The pool of chunks: every chunk once, the table of moves, no overlap. */
#include "engine/slab/slab.h"

#include <criterion/criterion.h>
#include <signal.h>

enum { COUNT = 5 };

static struct slab *fresh(void)
{
	struct slab *s = NULL;

	cr_assert_eq(slab_open(&s, (size_t)COUNT * CHUNK_STRIDE), 0);
	return s;
}

Test(slab, each_chunk_once_and_apart)
{
	struct slab *s = fresh();
	struct chunk *c[COUNT];

	cr_assert_eq(slab_total(s), COUNT);
	for (int i = 0; i < COUNT; i++) {
		c[i] = slab_take(s, i % 2 ? CHUNK_HELD : CHUNK_RECEIVING);
		cr_assert_not_null(c[i]);
		cr_assert_eq(c[i]->buf.head, CHUNK_FILE_AT);
		cr_assert_eq(c[i]->buf.len, 0);
		cr_assert_eq(c[i]->buf.size, CHUNK_STRIDE);
		memset(c[i]->buf.mem, i + 1, c[i]->buf.size);
	}
	cr_assert_null(slab_take(s, CHUNK_HELD));
	cr_assert_eq(slab_free(s), 0);
	for (int i = 0; i < COUNT; i++) {
		cr_assert_eq(c[i]->buf.mem[0], i + 1);
		cr_assert_eq(c[i]->buf.mem[CHUNK_STRIDE - 1], i + 1);
		slab_give(s, &c[i]);
		cr_assert_null(c[i]);
	}
	cr_assert_eq(slab_free(s), COUNT);
	slab_close(&s);
	cr_assert_null(s);
}

Test(slab, life_of_a_part)
{
	struct slab *s = fresh();
	struct chunk *c = slab_take(s, CHUNK_RECEIVING);

	buf_put(&c->buf, 100);
	slab_move(s, c, CHUNK_HELD);
	slab_move(s, c, CHUNK_SENDING);
	slab_move(s, c, CHUNK_HELD);
	slab_move(s, c, CHUNK_SENDING);
	slab_give(s, &c);
	c = slab_take(s, CHUNK_HELD);
	cr_assert_eq(c->buf.len, 0, "a taken chunk is empty");
	slab_give(s, &c);
	slab_close(&s);
}

Test(slab, at_least_one)
{
	struct slab *s = NULL;

	cr_assert_eq(slab_open(&s, 1), 0);
	cr_assert_eq(slab_total(s), 1);
	cr_assert_eq(slab_memory(s).len, CHUNK_STRIDE);
	slab_close(&s);
}

/* The kernel still reads it: given back, but nobody gets it. */
Test(slab, pinned_chunk_is_free_later)
{
	struct chunk *c, *again;
	struct slab *s;

	cr_assert_eq(slab_open(&s, CHUNK_STRIDE), 0);
	for (int round = 0; round < 2; round++) {
		c = again = slab_take(s, CHUNK_HELD);
		slab_move(s, c, CHUNK_SENDING);
		slab_pin(s, c);
		slab_pin(s, c);
		slab_give(s, &c);
		cr_assert_eq(slab_free(s), 0);
		cr_assert_null(slab_take(s, CHUNK_HELD));
		slab_unpin(s, again);
		cr_assert_null(slab_take(s, CHUNK_HELD));
		slab_unpin(s, again);
		cr_assert_eq(slab_free(s), 1);
	}
	c = again = slab_take(s, CHUNK_HELD);
	slab_move(s, c, CHUNK_SENDING);
	slab_pin(s, c);
	slab_unpin(s, c);
	cr_assert_eq(slab_free(s), 0, "unpinned is not given");
	slab_give(s, &c);
	slab_close(&s);
}

Test(slab, given_twice_stops, .signal = SIGABRT)
{
	struct slab *s = fresh();
	struct chunk *c = slab_take(s, CHUNK_HELD), *copy = c;

	slab_give(s, &c);
	slab_give(s, &copy);
}

Test(slab, forbidden_move_stops, .signal = SIGABRT)
{
	struct slab *s = fresh();
	struct chunk *c = slab_take(s, CHUNK_RECEIVING);

	slab_move(s, c, CHUNK_SENDING);
}

Test(slab, close_with_a_chunk_out_stops, .signal = SIGABRT)
{
	struct slab *s = fresh();

	cr_assert_not_null(slab_take(s, CHUNK_HELD));
	slab_close(&s);
}
