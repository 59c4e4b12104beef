/* The deadline heap against a plain search, with removals from the middle. */
#include "engine/ring/heap.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { OPS = 200, STEPS = 20000 };

static uint64_t next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

static struct op *smallest(struct op *ops, const bool *in)
{
	struct op *best = NULL;

	for (int i = 0; i < OPS; i++)
		if (in[i] && (best == NULL || ops[i].due_ns < best->due_ns))
			best = &ops[i];
	return best;
}

Test(heap, order_with_random_puts_and_removals)
{
	static struct op ops[OPS];
	bool in[OPS] = {false};
	uint64_t seed = 7;
	struct heap h;

	cr_assert_eq(heap_init(&h, OPS), 0);
	for (int step = 0; step < STEPS; step++) {
		uint32_t i = (uint32_t)(next(&seed) % OPS);
		struct op *best;

		if (in[i]) {
			heap_remove(&h, &ops[i]);
		} else {
			ops[i].due_ns = next(&seed) % 1000;
			cr_assert(heap_put(&h, &ops[i]));
		}
		in[i] = !in[i];
		best = smallest(ops, in);
		if (best == NULL)
			cr_assert_null(heap_first(&h));
		else
			cr_assert_eq(heap_first(&h)->due_ns, best->due_ns);
	}
	heap_fini(&h);
}

Test(heap, full_is_told)
{
	struct op ops[3] = {{.due_ns = 1}, {.due_ns = 2}, {.due_ns = 3}};
	struct heap h;

	cr_assert_eq(heap_init(&h, 2), 0);
	cr_assert(heap_put(&h, &ops[0]));
	cr_assert(heap_put(&h, &ops[1]));
	cr_assert_not(heap_put(&h, &ops[2]));
	heap_fini(&h);
}
