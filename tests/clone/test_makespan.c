/*
 * Time to finish against the lower bound, in virtual time and on a tenth of each archive of
 * bench/makespan. Deterministic: the same figures on every machine.
 */
#include "bench/makespan.h"
#include "engine/clone/window.h"

#include <criterion/criterion.h>

static const uint64_t MS = 1000000;

/* The program's defaults. */
static struct setting setting(uint64_t per_minute, double bandwidth)
{
	return (struct setting){.down = bandwidth,
				.up = bandwidth,
				.round_trip_ns = 50 * MS,
				.commit_ns = 5 * MS,
				.rate_count = per_minute,
				.rate_unit_ns = 60000 * MS,
				.interval_ns = per_minute == 20 ? 3500 * MS : 0,
				.burst = 1,
				.ahead = 8,
				.parts_down = 16,
				.parts_up = 16,
				.chunks = 255,
				.part_size = 512 * 1024};
}

static double ratio(enum archive_kind kind, const struct setting *s, enum way way)
{
	struct archive a;
	struct bound b;
	double r;

	archive_make(&a, kind, 10);
	b = makespan_bound(&a, s, way);
	r = makespan(&a, s, way) / (b.pace_s > b.bytes_s ? b.pace_s : b.bytes_s);
	archive_free(&a);
	return r;
}

Test(makespan, every_way_and_archive_is_within_two_percent_of_the_bound)
{
	struct setting places[] = {setting(20, 100e6), setting(60, 25e6), setting(60, 16e6)};

	for (uint32_t kind = 0; kind < ARCHIVES; kind++)
		for (uint32_t way = WAY_STREAM; way <= WAY_FORWARD; way++)
			for (uint32_t i = 0; i < 3; i++) {
				double r =
				    ratio((enum archive_kind)kind, &places[i], (enum way)way);

				cr_expect(r <= 1.02, "archive %u, way %u, setting %u: %.4f", kind,
					  way, i, r);
				cr_expect(r >= 0.99,
					  "archive %u, way %u, setting %u: %.4f, faster than "
					  "possible",
					  kind, way, i, r);
			}
}

Test(makespan, the_same_every_time)
{
	struct setting s = setting(60, 25e6);

	cr_assert_eq(ratio(ARCHIVE_MIXED, &s, WAY_STREAM), ratio(ARCHIVE_MIXED, &s, WAY_STREAM));
}

/* What the look-ahead is for: without it the slot waits for bytes. */
Test(makespan, one_message_at_a_time_takes_longer)
{
	struct setting s = setting(60, 25e6);

	cr_assert_gt(ratio(ARCHIVE_MIXED, &s, WAY_SINGLY), 1.5);
	cr_assert_gt(ratio(ARCHIVE_VIDEO, &s, WAY_SINGLY), 1.9);
	cr_assert_gt(ratio(ARCHIVE_VIDEO, &s, WAY_PARTWISE), ratio(ARCHIVE_VIDEO, &s, WAY_SINGLY));
}

Test(makespan, too_few_parts_under_way_leave_the_pipe_idle)
{
	struct setting s = setting(60, 100e6);

	s.parts_down = 2;
	s.parts_up = 2;
	cr_assert_gt(ratio(ARCHIVE_VIDEO, &s, WAY_STREAM), 2);
}

Test(window, pages_wait_for_room_and_batches_for_the_rate)
{
	cr_assert(window_wants_page(GROUP_SLOTS - PAGE_SIZE - ALBUM_MAX));
	cr_assert_not(window_wants_page(GROUP_SLOTS - PAGE_SIZE - ALBUM_MAX + 1));
	cr_assert(window_may_prepare(7, 8, 1000, 0));
	cr_assert_not(window_may_prepare(8, 8, 0, 0));
	cr_assert(window_may_prepare(0, 8, 120, 60000 * MS), "two hours ahead");
	cr_assert_not(window_may_prepare(0, 8, 121, 60000 * MS), "what is stored would grow old");
	cr_assert_eq(window_batch_max(0, 0, 1), FORWARD_MAX);
	cr_assert_eq(window_batch_max(20, 60000 * MS, 1), 20);
	cr_assert_eq(window_batch_max(1, 60000 * MS, 5), 5);
	cr_assert_eq(window_batch_max(6000, 60000 * MS, 1), FORWARD_MAX);
}
