/* A thread that is to hear of messages hears of them, also where the kernel did not want to watch. */
#include "engine/crew/ear.h"

#include <criterion/criterion.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MESSAGES = 3 };

static void other_done(struct op *op)
{
	op->fd = -1;
}

/* Each message is put while nobody looks, and taken after the ring has woken. */
static void hears(struct ring *r, struct box *b)
{
	for (uint32_t i = 1, got = 0; i <= MESSAGES; i++) {
		cr_assert(box_put(b, &i));
		do
			cr_assert_geq(ring_run(r, UINT64_MAX), 0);
		while (!box_take(b, &got));
		cr_assert_eq(got, i);
	}
}

static void close_all(struct ear *e, struct ring *r, struct box *b)
{
	ear_close(e);
	while (e->busy)
		cr_assert_geq(ring_run(r, UINT64_MAX), 0);
	ring_close(r);
	box_close(&b);
}

/* More is in flight than the ring bears, for a while. */
static void refused_once(struct ring *r)
{
	struct op other = {.done = other_done};
	int fd = eventfd(0, EFD_CLOEXEC);
	struct ear e;
	struct box *b;

	cr_assert_eq(box_open(&b, sizeof(uint32_t), 4), 0);
	ring_readable(r, &other, fd);
	ear_open(&e, r, b);
	for (int i = 0; i < 3; i++)
		cr_assert_geq(ring_run(r, UINT64_MAX), 0); /* by the clock */
	ring_cancel(r, &other);
	while (other.fd != -1)
		cr_assert_geq(ring_run(r, UINT64_MAX), 0);
	hears(r, b);
	close_all(&e, r, b);
	close(fd);
}

Test(crew_ear, of_a_ring_that_was_full, .timeout = 60)
{
	struct ring_options o = {.entries = 1};
	struct ring *r;

	cr_assert_eq(ring_open_poll(&r, &o), 0);
	refused_once(r);
	if (ring_open_uring(&r, &o, NULL, 0) == 0)
		refused_once(r);
}

/* The poll body has no place for descriptors that were above the limit when it was opened. */
Test(crew_ear, that_is_always_refused, .timeout = 60)
{
	struct ring_options o = {.entries = 4};
	struct rlimit before, low;
	struct ear e;
	struct ring *r;
	struct box *b;

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	low = before;
	low.rlim_cur = 64;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
	cr_assert_eq(ring_open_poll(&r, &o), 0);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	while (dup(0) < 64)
		;
	cr_assert_eq(box_open(&b, sizeof(uint32_t), 4), 0);
	ear_open(&e, r, b);
	hears(r, b);
	close_all(&e, r, b);
}

Test(crew_ear, closes_while_it_rests, .timeout = 60)
{
	struct ring_options o = {.entries = 1};
	struct op other = {.done = other_done};
	int fd = eventfd(0, EFD_CLOEXEC);
	struct ear e;
	struct ring *r;
	struct box *b;

	cr_assert_eq(ring_open_poll(&r, &o), 0);
	cr_assert_eq(box_open(&b, sizeof(uint32_t), 4), 0);
	ring_readable(r, &other, fd);
	ear_open(&e, r, b);
	cr_assert_geq(ring_run(r, 0), 0); /* refused */
	ring_cancel(r, &other);
	cr_assert_geq(ring_run(r, 0), 0);
	close_all(&e, r, b);
	close(fd);
}
