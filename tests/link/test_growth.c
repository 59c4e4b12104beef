/*
 * The rule for the number of connections, against modelled networks: what it settles at. A model
 * says what so many connections carry; answers come at that rate, in virtual time.
 */
#include "engine/link/growth_priv.h"
#include "engine/link/limits.h"

#include <criterion/criterion.h>

enum { MOST = 64, FIRST = 4, PART = 512 * 1024 };

struct model {
	struct growth g;
	uint64_t now;
	double each, shared; /* bytes/s of a connection, and of all together; 0: no such limit */
	double up_each;      /* the same of an upload connection; 0: as each */
	double connect_s;    /* between two connects */
	double idle;         /* share of the time in which nothing is asked */
	uint32_t ready[GROWTH_WAYS];
	double owed, next_connect;
	uint64_t done, floods;
	double flood_above; /* bytes/s that are answered with a wait; 0: none */
	uint32_t most_seen;
};

static void open_model(struct model *m, uint32_t first)
{
	m->now = 1000 * SECOND;
	if (m->connect_s == 0)
		m->connect_s = 2;
	growth_init(&m->g, m->now);
	growth_bounds(&m->g, GROWTH_DOWN, first, MOST);
	growth_bounds(&m->g, GROWTH_UP, first, MOST);
}

static double least(double a, double b)
{
	return b == 0 || a < b ? a : b;
}

static double carried(const struct model *m)
{
	double down = m->ready[GROWTH_DOWN] * m->each;
	double up = m->ready[GROWTH_UP] * (m->up_each == 0 ? m->each : m->up_each);

	return least(down < up ? down : up, m->shared);
}

static void connect_one(struct model *m)
{
	double s = (double)m->now / 1e9;

	if (s < m->next_connect)
		return;
	for (int i = 0; i < GROWTH_WAYS; i++) {
		if (m->ready[i] > m->g.way[i].want)
			m->ready[i] = m->g.way[i].want;
		if (m->ready[i] < m->g.way[i].want) {
			m->ready[i]++;
			m->next_connect = s + m->connect_s;
			return;
		}
	}
}

/* Which way the bytes are held up: the other one has room. */
static bool is_busy(const struct model *m, int way)
{
	double up = m->ready[GROWTH_UP] * (m->up_each == 0 ? m->each : m->up_each);

	return way == GROWTH_DOWN || up <= m->ready[GROWTH_DOWN] * m->each;
}

static void run(struct model *m, uint32_t seconds)
{
	enum { STEP_MS = 5 };

	for (uint64_t k = 0; k < (uint64_t)seconds * 1000 / STEP_MS; k++) {
		struct growth_load load;
		bool idle = (double)(k * STEP_MS % 1000) < m->idle * 1000;
		double rate = idle ? 0 : carried(m);

		m->now += STEP_MS * MS;
		connect_one(m);
		m->owed += 2 * rate * STEP_MS / 1000; /* in, and out again */
		for (; m->owed >= PART; m->owed -= PART, m->done++)
			growth_part(&m->g, PART);
		if (m->flood_above != 0 && rate > m->flood_above && k % 20 == 0) {
			growth_flood(&m->g, GROWTH_DOWN, 3 * SECOND, m->now);
			growth_flood(&m->g, GROWTH_UP, 3 * SECOND, m->now);
			m->floods++;
		}
		for (int i = 0; i < GROWTH_WAYS; i++) {
			load.busy[i] = !idle && is_busy(m, i);
			load.ready[i] = m->ready[i];
			if (m->g.way[i].want > m->most_seen)
				m->most_seen = m->g.way[i].want;
		}
		growth_step(&m->g, &load, m->now);
	}
}

/* Outside of a trial. */
static uint32_t settled_at(const struct model *m, int way)
{
	return m->g.way[way].before;
}

Test(growth, grows_while_each_connection_brings_its_share)
{
	struct model m = {.each = 3e6};

	open_model(&m, FIRST);
	cr_assert_eq(m.g.way[GROWTH_DOWN].want, FIRST);
	run(&m, 1200);
	cr_assert_eq(settled_at(&m, GROWTH_DOWN), MOST);
	cr_assert_eq(settled_at(&m, GROWTH_UP), MOST);
}

Test(growth, ends_where_the_total_is_reached)
{
	struct model m = {.each = 3e6, .shared = 40e6};

	open_model(&m, FIRST);
	run(&m, 1200);
	/* 14 carry it all; the last step may have been one of a quarter, one way a step ahead. */
	for (int i = 0; i < GROWTH_WAYS; i++)
		cr_assert(settled_at(&m, i) >= 12 && settled_at(&m, i) <= 19, "%u",
			  settled_at(&m, i));
	cr_assert_leq(settled_at(&m, GROWTH_DOWN) + settled_at(&m, GROWTH_UP), 34);
}

Test(growth, stays_small_on_a_shared_bottleneck)
{
	struct model m = {.each = 100e6, .shared = 10e6};

	open_model(&m, FIRST);
	run(&m, 3600);
	cr_assert_eq(settled_at(&m, GROWTH_DOWN), FIRST);
	cr_assert_leq(m.most_seen, FIRST + 1, "one more at a time is tried");
}

/* Trials that bring nothing cost little: they become rare. */
/* A part takes minutes: that none came with more connections either says nothing about them. */
/* Rows: N11 */
Test(growth, few_answers_say_nothing)
{
	static const double shared[] = {500, 2e3, 8e3, 20e3, 60e3};

	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		struct model m = {.each = 100e6, .shared = shared[i]};

		open_model(&m, FIRST);
		run(&m, 1200);
		cr_assert_leq(m.most_seen, FIRST, "%u for %.0f bytes/s", m.most_seen, shared[i]);
	}
}

Test(growth, gives_up_trying)
{
	struct model m = {.each = 100e6, .shared = 10e6};
	uint32_t trials = 0;
	bool before = false;

	open_model(&m, FIRST);
	for (int s = 0; s < 3600; s++) {
		bool now;

		run(&m, 1);
		now = m.g.phase != GROWTH_WATCH;
		trials += now && !before;
		before = now;
	}
	cr_assert(trials >= 3 && trials <= 8, "%u", trials);
}

Test(growth, grows_one_way_where_only_that_one_is_short)
{
	struct model m = {.each = 20e6, .up_each = 4e6, .shared = 60e6};

	open_model(&m, FIRST);
	run(&m, 1200);
	cr_assert(settled_at(&m, GROWTH_UP) >= 12 && settled_at(&m, GROWTH_UP) <= 19, "%u",
		  settled_at(&m, GROWTH_UP));
}

Test(growth, a_flood_halves_and_what_is_on_its_way_does_not_again)
{
	struct model m = {.each = 3e6};

	open_model(&m, 8);
	run(&m, 2);
	for (int i = 0; i < 10; i++) {
		growth_flood(&m.g, GROWTH_UP, 5 * SECOND, m.now);
		m.now += SECOND / 4;
	}
	cr_assert_eq(m.g.way[GROWTH_UP].want, 4);
	cr_assert_eq(m.g.way[GROWTH_DOWN].want, 8, "the other way goes on");
	for (int i = 0; i < 10; i++) {
		m.now += 60 * SECOND;
		growth_flood(&m.g, GROWTH_UP, 5 * SECOND, m.now);
	}
	cr_assert_eq(m.g.way[GROWTH_UP].want, 1, "never none");
}

Test(growth, stays_below_what_floods)
{
	struct model m = {.each = 3e6, .flood_above = 25e6};

	open_model(&m, FIRST);
	run(&m, 1800);
	cr_assert_gt(m.floods, 0);
	m.floods = 0;
	run(&m, 3600);
	cr_assert(settled_at(&m, GROWTH_DOWN) >= 6 && settled_at(&m, GROWTH_DOWN) <= 8);
	/* Not more often than the ceiling is forgotten; a few answers each time. */
	cr_assert_lt(m.floods, 3 * 25, "%llu", (unsigned long long)m.floods);
}

/* Work that comes and goes tells nothing about connections. */
Test(growth, half_idle_is_no_reason)
{
	struct model m = {.each = 3e6, .idle = 0.5};

	open_model(&m, FIRST);
	run(&m, 1200);
	cr_assert_eq(m.most_seen, FIRST);
}

Test(growth, what_cannot_connect_is_given_up)
{
	struct model m = {.each = 3e6, .connect_s = 2};

	open_model(&m, FIRST);
	run(&m, 20);
	m.next_connect = 1e18;
	run(&m, 600);
	cr_assert_leq(settled_at(&m, GROWTH_DOWN), FIRST + 2);
	cr_assert_eq(m.g.way[GROWTH_DOWN].want, settled_at(&m, GROWTH_DOWN));
}

Test(growth, fixed_is_fixed)
{
	struct model m = {.each = 3e6, .flood_above = 1};

	open_model(&m, 0);
	cr_assert_eq(m.g.way[GROWTH_DOWN].want, MOST);
	run(&m, 100);
	cr_assert_eq(m.g.way[GROWTH_DOWN].want, MOST);
	cr_assert_eq(m.g.way[GROWTH_UP].want, MOST);
}

Test(growth, one_way_fixed)
{
	struct model m = {.each = 3e6, .up_each = 1e6};

	open_model(&m, FIRST);
	growth_bounds(&m.g, GROWTH_DOWN, 0, 6);
	run(&m, 1200);
	growth_flood(&m.g, GROWTH_DOWN, 3 * SECOND, m.now);
	cr_assert_eq(m.g.way[GROWTH_DOWN].want, 6);
	cr_assert(settled_at(&m, GROWTH_UP) >= 15 && settled_at(&m, GROWTH_UP) <= 23, "%u",
		  settled_at(&m, GROWTH_UP));
}
