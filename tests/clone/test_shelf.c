/* The shelf that loaded groups lie on: no two runs share a byte, what is given back is found again,
 * and the front is filled first. */
#include "engine/clone/shelf.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct shelf *fresh(size_t size)
{
	struct shelf *s = malloc(sizeof(*s));

	shelf_init(s, malloc(size), size);
	return s;
}

static void drop(struct shelf *s)
{
	free(s->mem);
	free(s);
}

Test(shelf, the_front_is_filled_first_and_again)
{
	struct shelf *s = fresh(SHELF_LEAST);
	uint8_t *a = shelf_take(s, 1, false), *b = shelf_take(s, 3000, false);

	cr_assert_eq(a, s->mem);
	cr_assert_eq(b, s->mem + SHELF_UNIT);
	cr_assert_eq(shelf_take(s, SHELF_UNIT, false), s->mem + 4 * SHELF_UNIT);
	shelf_give(s, a, 1);
	cr_assert_eq(shelf_take(s, SHELF_UNIT + 1, false), s->mem + 5 * SHELF_UNIT,
		     "too long for the gap");
	cr_assert_eq(shelf_take(s, SHELF_UNIT, false), a);
	drop(s);
}

Test(shelf, the_spare_is_for_those_who_may)
{
	struct shelf *s = fresh(SHELF_LEAST);
	size_t open = SHELF_LEAST - SHELF_SPARE;

	cr_assert(shelf_has(s, open));
	cr_assert_not(shelf_has(s, open + 1));
	cr_assert_null(shelf_take(s, open + 1, false));
	cr_assert_not_null(shelf_take(s, open, false));
	cr_assert_not(shelf_has(s, 1));
	cr_assert_null(shelf_take(s, 1, false));
	cr_assert_eq(shelf_take(s, SHELF_SPARE, true), s->mem + open);
	cr_assert_null(shelf_take(s, 1, true));
	cr_assert_null(shelf_take(s, SIZE_MAX, true));
	drop(s);
}

struct run {
	uint8_t *at;
	size_t len;
};

/* Every run is filled with its own byte; a byte that changed belongs to two. */
Test(shelf, runs_never_overlap)
{
	enum { RUNS = 600, ROUNDS = 20000 };
	struct shelf *s = fresh(SHELF_LEAST);
	struct run runs[RUNS] = {{NULL, 0}};
	uint64_t seed = 7, refused = 0;

	for (uint32_t round = 0; round < ROUNDS; round++) {
		uint32_t i;
		struct run *r;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		i = (uint32_t)(seed >> 33) % RUNS;
		r = &runs[i];
		if (r->at != NULL) {
			cr_assert_eq(r->at[0], (uint8_t)i);
			cr_assert_eq(r->at[r->len - 1], (uint8_t)i);
			cr_assert_eq(memcmp(r->at, r->at + 1, r->len - 1), 0);
			shelf_give(s, r->at, r->len);
			r->at = NULL;
			continue;
		}
		r->len = 1 + (seed >> 20) % (seed % 16 == 0 ? 200000 : 12000);
		r->at = shelf_take(s, r->len, i == 0);
		refused += r->at == NULL;
		if (r->at != NULL)
			memset(r->at, (int)(uint8_t)i, r->len);
		cr_assert(r->at != NULL || !shelf_has(s, r->len));
	}
	cr_assert_gt(refused, 0);
	for (uint32_t i = 0; i < RUNS; i++)
		if (runs[i].at != NULL)
			shelf_give(s, runs[i].at, runs[i].len);
	cr_assert(shelf_has(s, SHELF_LEAST - SHELF_SPARE), "all of it is free again");
	drop(s);
}
