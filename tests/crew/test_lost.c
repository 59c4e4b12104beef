/* A login that engines lost, as the lead takes it: crew.c and box.c are inside. */
#include "engine/crew/box.c"
#include "engine/crew/crew.c"

#include <criterion/criterion.h>

enum { ENGINES = 3, FILES = 4 };

static struct net_account account;
static struct crew *crew;

void *engine_run(void *engine)
{
	return engine;
}

static void open_crew(void)
{
	crew = calloc(1, sizeof(*crew) + ENGINES * sizeof(crew->engines[0]));
	account = (struct net_account){.home_dc = 2, .dc_count = 2};
	account.dcs[0] = (struct net_dc){.id = 2, .has_key = true, .authorized = true, .key.id = 77};
	account.dcs[1] = (struct net_dc){.id = FILES, .has_key = true, .authorized = true, .key.id = 78};
	crew->count = ENGINES;
	crew->account = &account;
	for (int i = 0; i < ENGINES; i++) {
		struct engine *e = &crew->engines[i];

		*e = (struct engine){.capacity = 4, .out = 2, .key_ids = {77, 78}};
		cr_assert_eq(box_open(&e->orders, sizeof(struct order), 8), 0);
		cr_assert_eq(box_open(&e->results, sizeof(struct loan_result), 8), 0);
	}
}

static void close_crew(void)
{
	for (int i = 0; i < ENGINES; i++) {
		box_close(&crew->engines[i].orders);
		box_close(&crew->engines[i].results);
	}
	free(crew);
}

TestSuite(crew_lost, .init = open_crew, .fini = close_crew);

static void lose(int engine)
{
	struct loan_result r = {.end = LOAN_DOWN, .dc = FILES, .code = NET_NO_LOGIN};

	cr_assert(box_put(crew->engines[engine].results, &r));
}

/* Whether the next loan tells the engine a key first. */
static bool is_told(int engine)
{
	struct loan loan = {.dc = FILES};
	struct order order = {.kind = ORDER_END};

	for (int i = 0; i < ENGINES; i++)
		crew->engines[i].out = i == engine ? 0 : 4;
	cr_assert(crew_lend(crew, &loan));
	cr_assert(box_take(crew->engines[engine].orders, &order));
	return order.kind == ORDER_KEY;
}

/* One login serves all: who lost it is told of it, and the lead asks for it once. */
Test(crew_lost, all_that_lost_it_are_told_again)
{
	struct loan_result r;

	lose(0);
	lose(1);
	cr_assert(crew_next(crew, &r) && crew_next(crew, &r));
	cr_assert_eq(crew_room(crew, FILES), 0, "nothing is lent before the lead is logged in");
	cr_assert_not(account.dcs[1].authorized);
	account.dcs[1].authorized = true; /* it is */
	cr_assert(is_told(0));
	cr_assert(is_told(1));
	cr_assert_not(is_told(2), "it has lost nothing");
}

/* The lead has another key by now: that one is told, and is not doubted. */
Test(crew_lost, an_older_key_is_no_news)
{
	struct loan_result r;

	account.dcs[1].key.id = 79;
	lose(0);
	cr_assert(crew_next(crew, &r));
	cr_assert(account.dcs[1].authorized);
	cr_assert(is_told(0));
	cr_assert_eq(crew->engines[0].key_ids[1], 79);
}

/* At home there is nobody to ask for a login: what the server says there ends the account. */
Test(crew_lost, the_home_is_not_doubted)
{
	struct loan_result r = {.end = LOAN_DOWN, .dc = 2, .code = NET_NO_LOGIN};

	cr_assert(box_put(crew->engines[0].results, &r));
	cr_assert(crew_next(crew, &r));
	cr_assert(account.dcs[0].authorized);
}
