/* The queue between the engine and the ledger's thread, by hand and without the thread. */
#include "engine/ledger/ledger_priv.h"

#include <criterion/criterion.h>

static const struct item *put_and_peek(struct queue *q, int32_t number)
{
	queue_put(q, (struct item){.kind = ITEM_TOPIC, .number = number}, (struct cspan){0},
		  (struct cspan){0});
	return queue_peek(q, false);
}

/* Rows: L3 */
Test(queue, an_empty_one_starts_again_where_it_began)
{
	struct queue q;

	cr_assert(queue_init(&q, true));
	for (int32_t i = 0; i < 100000; i++) {
		const struct item *it = put_and_peek(&q, i);

		cr_assert_eq((const uint8_t *)it, q.mem, "item %d takes a page that none had taken", i);
		cr_assert_eq(it->number, i);
		queue_drop(&q, it);
	}
	cr_assert_null(queue_peek(&q, false));
	queue_fini(&q);
}

Test(queue, one_that_is_never_empty_keeps_its_order)
{
	struct queue q;

	cr_assert(queue_init(&q, true));
	put_and_peek(&q, 0);
	for (int32_t i = 1; i < 100000; i++) {
		const struct item *it = put_and_peek(&q, i);

		cr_assert_eq(it->number, i - 1);
		queue_drop(&q, it);
	}
	cr_assert_eq(queue_peek(&q, false)->number, 99999);
	queue_fini(&q);
}
