/* A key on its way from the lead to an engine leaves no copy: crew.c and box.c are inside. */
#include "engine/crew/box.c"
#include "engine/crew/crew.c"

#include <criterion/criterion.h>

enum { LOOKED_AT = 64 * 1024 };

static struct net_account account;

void *engine_run(void *engine)
{
	return engine;
}

static void fill(uint8_t *at, size_t n)
{
	uint32_t x = 2463534242;

	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		at[i] = (uint8_t)(x >> 24);
	}
}

static struct crew *open_crew(void)
{
	struct crew *c = calloc(1, sizeof(*c) + sizeof(c->engines[0]));

	account = (struct net_account){.home_dc = 2, .dc_count = 1};
	account.dcs[0] = (struct net_dc){.id = 2, .has_key = true, .authorized = true};
	fill(account.dcs[0].key.key, sizeof(account.dcs[0].key.key));
	account.dcs[0].key.id = 77;
	c->count = 1;
	c->account = &account;
	cr_assert_eq(box_open(&c->engines[0].orders, sizeof(struct order), 4), 0);
	return c;
}

static void close_crew(struct crew *c)
{
	box_close(&c->engines[0].orders);
	free(c);
}

/* Bytes of the key, anywhere but in the middle of a word. */
__attribute__((noinline, no_sanitize("address", "undefined"))) static bool
holds_key(const volatile uint8_t *at, size_t n)
{
	const uint8_t *key = account.dcs[0].key.key;

	for (size_t i = 0; i + 16 <= n; i++) {
		size_t same = 0;

		while (same < 16 && at[i + same] == key[64 + same])
			same++;
		if (same == 16)
			return true;
	}
	return false;
}

/* What the functions that were called last left below. */
__attribute__((noinline, no_sanitize("address", "undefined"))) static bool stack_holds_key(void)
{
	const volatile uint8_t *here = __builtin_frame_address(0);

	return holds_key(here - LOOKED_AT, LOOKED_AT);
}

/* As tell_key would, if it did not wipe: below what looks for it. */
__attribute__((noinline)) static void leave_key(void)
{
	volatile uint8_t order[4096];

	for (size_t i = 0; i < sizeof(account.dcs[0].key.key); i++)
		order[i] = account.dcs[0].key.key[i];
	(void)order[0];
}

/* A sanitizer may lay what functions have elsewhere (detect_stack_use_after_return): nothing would be seen. */
Test(crew_secrets, what_is_left_is_seen)
{
	struct crew *c = open_crew();

	cr_assert_not(stack_holds_key());
	leave_key();
	cr_assert(stack_holds_key(), "ASAN_OPTIONS=detect_stack_use_after_return=0");
	close_crew(c);
}

/* Rows: X5 */
Test(crew_secrets, a_key_is_only_where_it_is_to_be_taken)
{
	struct crew *c = open_crew();
	struct engine *e = &c->engines[0];
	struct order *taken = calloc(1, sizeof(*taken));

	cr_assert(tell_key(c, e, 2));
	cr_assert_not(stack_holds_key());
	cr_assert(holds_key(e->orders->messages, (size_t)e->orders->count * e->orders->size));
	cr_assert(box_take(e->orders, taken));
	cr_assert(holds_key((uint8_t *)taken, sizeof(*taken)));
	cr_assert_not(holds_key(e->orders->messages, (size_t)e->orders->count * e->orders->size));
	free(taken);
	close_crew(c);
}

/* Rows: X5 */
Test(crew_secrets, a_key_for_which_there_is_no_room_is_nowhere)
{
	struct crew *c = open_crew();
	struct engine *e = &c->engines[0];
	struct order beat = {.kind = ORDER_BEAT};

	while (box_put(e->orders, &beat))
		;
	cr_assert_not(tell_key(c, e, 2));
	cr_assert_not(stack_holds_key());
	close_crew(c);
}
