/*
 * How long a whole job takes in virtual time when nothing goes wrong: what waits for a timer although
 * nothing is to be waited for shows up here, and nowhere else.
 */
#include "engine/clone/clone_priv.h"
#include "tests/sim/story.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static const uint64_t MS = 1000000, SECOND = 1000000000;

static void begin(struct story *j, enum plan_mode mode, const char *synth, uint32_t ahead)
{
	struct sim_net net;

	*j = (struct story){.s = {.unpaced = true, .ahead = ahead}};
	sim_net_init(&net);
	net.delay_min_ns = net.delay_max_ns = 10 * MS;
	story_begin(j, mode, synth, &net);
}

static double seconds(struct story *j)
{
	return (double)story_finish(j) / (double)SECOND;
}

/*
 * One file on its way at a time, so that nothing else happens when it is stored: some round trips of
 * 20 ms each. A file that is only looked at when a timer comes costs a second.
 */
Test(time, fifty_small_files_do_not_wait_for_timers)
{
	struct story j;
	double took;

	begin(&j, PLAN_STREAM, "messages=50,docs=50x40KB,seed=3", 1);
	took = seconds(&j);
	cr_assert_lt(took, 10, "50 files took %.2f s", took);
}

/* ---- memory of what was read ---- */

static bool turns_until(struct story *j, bool (*is)(const struct clone *))
{
	while (!is(j->client.clone))
		if (!story_go(j))
			return false;
	return true;
}

static bool asks_page(const struct clone *c)
{
	return c->history.out;
}

static bool has_page(const struct clone *c)
{
	return !c->history.out;
}

static bool has_no_group(const struct clone *c)
{
	return list_empty(&c->queue);
}

static uint32_t planned(const struct clone *c)
{
	uint32_t n = 0;

	list_each (node, &c->queue)
		n += container_of(node, struct group, node)->count;
	return n;
}

/* The rest of a page that finds no room is not lost and not passed over: it is asked for again. */
Test(time, a_page_without_room_comes_in_pieces)
{
	size_t hog_size = SHELF_LEAST - SHELF_SPARE - 32 * 1024;
	struct clone *c;
	uint8_t *hog;
	struct story j;

	begin(&j, PLAN_COPY, "messages=60,photos=10,albums=2,seed=4", 8);
	c = j.client.clone;
	cr_assert(turns_until(&j, asks_page));
	hog = shelf_take(&c->shelf, hog_size, false);
	cr_assert_not_null(hog);
	cr_assert(turns_until(&j, has_page));
	cr_assert_gt(planned(c), 0);
	cr_assert_lt(planned(c), 60, "32 KB do not hold 60 messages");
	cr_assert(turns_until(&j, has_no_group));
	cr_assert_not(c->ended);
	cr_assert_not(c->history.out, "nothing is asked for while nothing has room");
	shelf_give(&c->shelf, hog, hog_size);
	seconds(&j);
	cr_assert(shelf_has(&c->shelf, SHELF_LEAST - SHELF_SPARE), "a run was left behind");
}

/* An album that is refused leaves its place on the shelf to its messages. */
Test(time, an_album_is_taken_apart)
{
	struct story j;

	begin(&j, PLAN_STREAM, "messages=20,photos=12,albums=3,seed=4", 8);
	telegram_fault(j.telegram,
		       "error:method=messages.sendMultiMedia,code=400,text=MULTI_MEDIA_TOO_LONG");
	while (story_go(&j))
		;
	cr_assert_eq(j.client.status, CLONE_DONE, "%s", clone_why(j.client.clone));
	cr_assert_str_empty(j.client.why, "%s", j.client.why);
	cr_assert(shelf_has(&j.client.clone->shelf, SHELF_LEAST - SHELF_SPARE));
}

static struct group *refreshing_group(const struct clone *c)
{
	for (struct list *n = c->queue.next; n != &c->queue; n = n->next) {
		struct group *g = container_of(n, struct group, node);

		if (g->refreshing)
			return g;
	}
	return NULL;
}

static bool refreshes(const struct clone *c)
{
	return refreshing_group(c) != NULL;
}

/* Read again, it needs more than the run that it lies in: it moves, and nothing of it is lost. */
Test(time, a_message_that_grew_moves)
{
	struct clone *c;
	struct span old;
	struct group *g;
	struct story j;

	begin(&j, PLAN_COPY, "messages=20,docs=6x40KB,seed=4", 8);
	telegram_fault(j.telegram, "error:method=messages.sendMedia,code=400,"
				   "text=FILE_REFERENCE_EXPIRED,count=3");
	c = j.client.clone;
	cr_assert(turns_until(&j, refreshes));
	g = refreshing_group(c);
	old = g->run;
	cr_assert_gt(old.len, SHELF_UNIT);
	g->run.len = 1; /* as if it had been so short */
	seconds(&j);
	shelf_give(&c->shelf, old.at + SHELF_UNIT, old.len - SHELF_UNIT);
	cr_assert(shelf_has(&c->shelf, SHELF_LEAST - SHELF_SPARE));
}

/* ---- the clock of the wall ---- */

/* Rows: P12 */
Test(time, a_clock_set_back_does_not_stop_the_posts)
{
	struct story j = {.s.seed = 5};
	uint64_t took;

	story_begin(&j, PLAN_COPY, "messages=40,topics=0,seed=5", NULL);
	story_go_for(&j, 1 * SECOND);
	simhost_wall_jump(j.client.ring, -3600 * (int64_t)SECOND);
	took = story_finish(&j);
	cr_assert_lt(took, 600 * SECOND, "%.0f s", (double)took / 1e9);
}
