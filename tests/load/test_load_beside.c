/*
 * One huge file beside very many small ones (L9): what it costs them. Counted in virtual time, on one
 * bottleneck that all connections share.
 *
 * Order is kept, so a post waits for all that stand before it; the design gives this bound. Files are
 * lent connections in source order, and a connection has at most --inflight parts under way: what is
 * older than the huge file waits for no more of it than what is under way already,
 *
 *     W = 2 * links * inflight * (a whole part / the bottleneck's rate), once down and once up,
 *
 * and a few round trips; so does a post, which passes the same bottleneck. What is younger waits for the
 * huge one's own post, and for no more than W behind it. So every post of a small one comes within W of
 * its slot, the slot being one pace behind the post before; and the huge one is late by no more than its
 * bytes take from when the messages before it had gone.
 *
 * LOAD_MESSAGES=10000 in a release build: that many, and a file of 2 GB.
 */
#include "tests/load/long.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINKS = 1, INFLIGHT = 2, SMALL_KB = 20, FULL = 5000, RTT_MS = 10, TRIPS = 20, SERVICE = 8 };

static const uint64_t MS = 1000000, SECOND = 1000000000;

struct beside {
	struct long_job j;
	uint32_t messages; /* at the end: rows, with those of what is no message of people */
	uint64_t huge, rate; /* bytes, bytes per second */
	uint64_t *at_ns;     /* when so many and one were done */
	uint32_t known;
	uint32_t place; /* of the huge one */
	uint64_t window_ns;
};

static uint32_t size_of(const char *name, uint32_t usual)
{
	const char *text = getenv(name);

	return text != NULL ? (uint32_t)strtoul(text, NULL, 10) : usual;
}

static void watch(struct long_job *j, void *arg)
{
	struct beside *b = arg;
	uint64_t done = long_done(j);

	while (b->known < done && b->known < b->messages + SERVICE)
		b->at_ns[b->known++] = simworld_now(j->t.world) - j->begun_ns;
}

static void find_huge(struct beside *b)
{
	struct ledger_row rows[64];
	int32_t after = 0;
	uint32_t n, at = 0;

	b->place = UINT32_MAX;
	while ((n = ledger_scan(b->j.t.client.ledger, after, rows, countof(rows))) > 0) {
		for (uint32_t i = 0; i < n; i++, at++)
			if ((uint64_t)rows[i].size == b->huge)
				b->place = at;
		after = rows[n - 1].source_id;
	}
	cr_assert(at >= b->messages && at <= b->messages + SERVICE && at <= b->known + 1, "%u", at);
	b->at_ns[at - 1] = b->j.took_ns; /* the last one was not yet counted when it ended */
	b->messages = at;
	cr_assert_lt(b->place, at);
}

/* post_ns: the pace. The huge file takes about so many times as long as the posts before it. */
static struct beside *run(uint64_t post_ns, double times)
{
	struct beside *b = calloc(1, sizeof(*b));
	char synth[128];
	uint32_t part;

	cr_assert_not_null(b);
	b->messages = size_of("LOAD_MESSAGES", 100);
	b->huge = b->messages >= FULL ? 2000000000 : 30000000;
	/* Of the largest parts only so large a file has too few. */
	part = b->messages >= FULL ? 512 * 1024 : 64 * 1024;
	b->at_ns = calloc(b->messages + SERVICE, sizeof(*b->at_ns));
	cr_assert_not_null(b->at_ns);
	b->rate = (uint64_t)((double)b->huge / ((double)(b->messages * (post_ns / MS + 100)) / 2e3) / times);
	b->window_ns = 2 * (uint64_t)LINKS * INFLIGHT * part * SECOND / b->rate + TRIPS * RTT_MS * MS;
	b->j.t.s.links = LINKS;
	b->j.t.s.inflight = INFLIGHT;
	b->j.post_ns = post_ns;
	b->j.part_size = part;
	b->j.watch = watch;
	b->j.watch_arg = b;
	snprintf(synth, sizeof(synth), "messages=%u,docs=%ux%uKB,docs=1x%" PRIu64 ",albums=0,topics=0,seed=%u",
		 b->messages, b->messages - 1, SMALL_KB, b->huge, size_of("SEED", 1));
	long_begin(&b->j, PLAN_STREAM, synth);
	simworld_net(b->j.t.world)->shared_bytes_per_s = b->rate;
	simworld_net(b->j.t.world)->delay_min_ns = simworld_net(b->j.t.world)->delay_max_ns = RTT_MS * MS / 2;
	long_finish(&b->j, 40 * 86400 * SECOND);
	find_huge(b);
	return b;
}

/* How long after its slot. */
static uint64_t late(const struct beside *b, uint32_t i)
{
	uint64_t slot = (i > 0 ? b->at_ns[i - 1] : b->at_ns[i]) + b->j.post_ns;

	return b->at_ns[i] > slot ? b->at_ns[i] - slot : 0;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

struct delays {
	uint64_t p99, most;
};

static struct delays of_small(const struct beside *b)
{
	uint64_t *list = calloc(b->messages, sizeof(*list));
	struct delays d;
	uint32_t n = 0;

	cr_assert_not_null(list);
	for (uint32_t i = 1; i < b->messages; i++)
		if (i != b->place)
			list[n++] = late(b, i);
	qsort(list, n, sizeof(*list), by_size);
	d = (struct delays){.p99 = list[n * 99 / 100], .most = list[n - 1]};
	free(list);
	return d;
}

static void judge(const struct beside *b, const char *name)
{
	struct delays d = of_small(b);
	uint64_t bytes_ns = b->huge * SECOND / b->rate, before = b->at_ns[b->place > 0 ? b->place - 1 : 0];
	/* Envelopes and framing are a few hundred bytes a part; the window stands for the rest. */
	uint64_t huge_end = bytes_ns + bytes_ns / 100 + before + b->j.post_ns + b->window_ns;

	fprintf(stderr, "%s: %u messages of %d KB and one of %" PRIu64 " MB in place %u, %" PRIu64
			" KB/s: the small ones are late by p99 %" PRIu64 " ms, at most %" PRIu64
			" ms (W %" PRIu64 " ms); the huge one's bytes take %" PRIu64
			" s, it comes %" PRIu64 " s after the one before; %.2f h, %" PRIu64 " events\n",
		name, b->messages, SMALL_KB, b->huge / 1000000, b->place, b->rate / 1000, d.p99 / MS,
		d.most / MS, b->window_ns / MS, bytes_ns / SECOND,
		(b->at_ns[b->place] - before) / SECOND, (double)b->j.took_ns / 3.6e12,
		simworld_events(b->j.t.world));
	cr_assert(b->place > 20 && b->place < b->messages - 20, "in the midst of them");
	cr_assert_gt(bytes_ns, 4 * b->window_ns, "it would be seen if they waited for it");
	cr_assert_leq(d.most, b->window_ns);
	cr_assert_leq(b->at_ns[b->place], huge_end);
}

static bool is_full(void)
{
	return size_of("LOAD_MESSAGES", 0) >= FULL;
}

static uint64_t pace_ns(void)
{
	return (is_full() ? 10 : 3) * SECOND;
}

/* Its bytes are there before its slot: nobody is late, it neither. */
/* Rows: L9 */
Test(load_beside, a_huge_file_that_fits_in_before_its_slot, .timeout = 36000)
{
	struct beside *b = run(pace_ns(), is_full() ? 0.05 : 0.2);

	judge(b, "in time");
	cr_assert_leq(late(b, b->place), b->window_ns, "its bytes came while others were posted");
}

/* Its bytes take longer than all that stands before it, or than the two hours that are looked ahead. */
/* Rows: L9 */
Test(load_beside, a_huge_file_that_is_late_itself, .timeout = 36000)
{
	struct beside *b = run(pace_ns(), is_full() ? 0.2 : 3);

	judge(b, "late");
	cr_assert_gt(late(b, b->place), b->huge * SECOND / b->rate / 4, "it is late indeed");
}

/* No slots: whatever is ready goes. Those right in front of it are on their way together with it. */
/* Rows: L9 */
Test(load_beside, a_huge_file_without_a_pace, .timeout = 36000)
{
	judge(run(1000, 3), "without a pace");
}
