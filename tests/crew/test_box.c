/* Messages between two threads: none lost, none twice, in order; full and empty are told. */
#include "engine/crew/box.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>

struct message {
	uint32_t number, square;
};

Test(box, full_and_empty)
{
	struct message m = {0};
	struct box *b;

	cr_assert_eq(box_open(&b, sizeof(m), 4), 0);
	cr_assert_not(box_take(b, &m));
	for (uint32_t i = 0; i < 4; i++)
		cr_assert(box_put(b, &(struct message){i, i * i}));
	cr_assert_not(box_put(b, &m), "four are all");
	for (uint32_t round = 0; round < 10; round++) {
		cr_assert(box_take(b, &m));
		cr_assert_eq(m.number, round);
		cr_assert(box_put(b, &(struct message){round + 4, 0}));
	}
	box_close(&b);
	cr_assert_null(b);
}

Test(box, the_putter_sees_what_was_taken)
{
	struct message m = {0};
	struct box *b;

	cr_assert_eq(box_open(&b, sizeof(m), 4), 0);
	cr_assert(box_took(b, box_put_count(b)), "nothing was put");
	box_put(b, &m);
	box_put(b, &m);
	cr_assert_eq(box_put_count(b), 2);
	cr_assert(box_take(b, &m));
	cr_assert(box_took(b, 1));
	cr_assert_not(box_took(b, 2));
	cr_assert(box_take(b, &m));
	cr_assert(box_took(b, 2));
	box_close(&b);
}

static bool is_readable(struct box *b)
{
	struct pollfd fd = {.fd = box_eventfd(b), .events = POLLIN};

	return poll(&fd, 1, 0) == 1;
}

Test(box, wakes_and_falls_silent)
{
	struct message m = {1, 1};
	struct box *b;

	cr_assert_eq(box_open(&b, sizeof(m), 4), 0);
	cr_assert_not(is_readable(b));
	box_put(b, &m);
	cr_assert(is_readable(b));
	box_heard(b);
	cr_assert_not(is_readable(b));
	cr_assert(box_take(b, &m), "heard is not taken");
	box_close(&b);
}

enum { MANY = 200000 };

static void *put_many(void *arg)
{
	struct box *b = arg;

	for (uint32_t i = 0; i < MANY;)
		if (box_put(b, &(struct message){i, i * i}))
			i++;
		else
			sched_yield();
	return NULL;
}

Test(box, two_threads)
{
	struct message m;
	pthread_t thread;
	struct box *b;
	uint32_t next = 0;

	cr_assert_eq(box_open(&b, sizeof(m), 64), 0);
	cr_assert_eq(pthread_create(&thread, NULL, put_many, b), 0);
	while (next < MANY) {
		struct pollfd fd = {.fd = box_eventfd(b), .events = POLLIN};

		cr_assert_eq(poll(&fd, 1, -1), 1);
		box_heard(b);
		while (box_take(b, &m)) {
			cr_assert_eq(m.number, next);
			cr_assert_eq(m.square, next * next);
			next++;
		}
	}
	pthread_join(thread, NULL);
	cr_assert_not(box_take(b, &m));
	box_close(&b);
}
