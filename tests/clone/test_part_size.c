/* The size of parts on a way up that is too thin for the wish: down, up again, and ever more rarely tried. */
#include "engine/clone/clone_priv.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { KIB = 1024 };

static struct clone *wishing(uint32_t part_size)
{
	struct clone *c = calloc(1, sizeof(*c));

	cr_assert_not_null(c);
	c->o.part_size = c->part_wish = part_size;
	return c;
}

/* Files of that size until it gets larger. */
static uint32_t files_until_larger(struct clone *c)
{
	uint32_t before = c->o.part_size, n = 0;

	for (; c->o.part_size == before && n < 10000; n++)
		part_size_grow(c, before);
	return n;
}

/* Rows: N11 */
Test(part_size, a_trial_in_vain_puts_off_the_next)
{
	struct clone *c = wishing(512 * KIB);

	part_size_shrink(c, 512 * KIB);
	cr_assert_eq(c->o.part_size, 128u * KIB);
	part_size_shrink(c, 512 * KIB);
	cr_assert_eq(c->o.part_size, 128u * KIB, "another part of the same size says nothing new");
	for (uint32_t files = 16; files <= 64; files *= 2) {
		cr_assert_eq(files_until_larger(c), files);
		cr_assert_eq(c->o.part_size, 256u * KIB);
		part_size_shrink(c, 256 * KIB);
		cr_assert_eq(c->o.part_size, 128u * KIB, "back to what went");
	}
	free(c);
}

/* Rows: N11 */
Test(part_size, between_the_least_and_the_wish)
{
	struct clone *c = wishing(32 * KIB);

	part_size_shrink(c, 32 * KIB);
	cr_assert_eq(c->o.part_size, (uint32_t)PART_SIZE_THIN);
	cr_assert_eq(files_until_larger(c), 16);
	part_size_grow(c, 32 * KIB);
	cr_assert_eq(c->o.part_size, 32u * KIB);
	cr_assert_eq(part_size_of(c, 4000LL * 32 * KIB), 32u * KIB);
	cr_assert_eq(part_size_of(c, 4000LL * 32 * KIB + 1), 64u * KIB, "more parts than may be");
	free(c);
}
