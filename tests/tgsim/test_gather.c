/* Waiting for company: the rule alone, places in a batch, and file parts at a server that waits. */
#include "tests/tgsim/dc_fixture.h"

#include "proto/crypto/cpu.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { MOST = 8, WAIT_NS = 16000000, QUIET_NS = WAIT_NS / GATHER_QUIET, PART = 128 << 10 };

/* ---- the rule ---- */

/* Whether so many that came at 0 wait for more. */
static bool waits(const struct gather *g, uint32_t count)
{
	struct gather_company c = {0};

	while (c.count < count)
		gather_join(&c, 0);
	return gather_until(g, &c, WAIT_NS) > 0;
}

/* What `window` requests under way look like: they are all there, or nothing more will come. */
static uint32_t gatherings_that_waited(struct gather *g, uint32_t window, uint32_t rounds)
{
	uint32_t waited = 0;

	for (uint32_t i = 0; i < rounds; i++) {
		waited += waits(g, window);
		gather_done(g, window, MOST);
	}
	return waited;
}

Test(gather, one_at_a_time_hardly_ever_waits)
{
	struct gather g;

	gather_init(&g);
	cr_assert_not(waits(&g, 1), "the first one does not");
	cr_assert_leq(gatherings_that_waited(&g, 1, 1000), 10);
	cr_assert_geq(gatherings_that_waited(&g, 1, 1000), 1, "it is tried again and again");
}

Test(gather, waits_for_as_many_as_came_lately)
{
	struct gather g;

	gather_init(&g);
	gather_done(&g, 5, MOST);
	for (uint32_t n = 1; n < 5; n++)
		cr_assert(waits(&g, n));
	cr_assert_not(waits(&g, 5));
	/* One gathering that was cut short changes nothing, many do. */
	gather_done(&g, 2, MOST);
	cr_assert(waits(&g, 4));
	for (uint32_t i = 0; i < GATHER_LATELY; i++)
		gather_done(&g, 2, MOST);
	cr_assert_not(waits(&g, 3));
}

/* Who was kept waiting for the whole time had all that he had under way in the server's hands. */
Test(gather, waits_no_longer_when_nobody_came_for_a_while)
{
	struct gather_company c = {0};
	struct gather g;

	gather_init(&g);
	gather_done(&g, MOST, MOST);
	gather_join(&c, 1000);
	cr_assert_eq(gather_until(&g, &c, WAIT_NS), 1000 + QUIET_NS);
	gather_join(&c, 1000 + QUIET_NS);
	gather_join(&c, 2000);
	cr_assert_eq(gather_until(&g, &c, WAIT_NS), 1000 + 2 * QUIET_NS, "after the last one");
	gather_join(&c, 500 + WAIT_NS);
	cr_assert_eq(gather_until(&g, &c, WAIT_NS), 1000 + WAIT_NS, "the first one's time is over");
	gather_join(&c, 600);
	cr_assert_eq(gather_until(&g, &c, WAIT_NS), 600 + WAIT_NS, "in whichever order they stand");
}

Test(gather, finds_a_wider_window)
{
	struct gather g;
	uint32_t n = 1;

	gather_init(&g);
	/* The client could always have had more under way. */
	for (uint32_t i = 0; i < 60; i++) {
		n = g.target;
		gather_done(&g, n, MOST);
	}
	cr_assert_eq(n, MOST);
	gather_done(&g, 3 * MOST, MOST);
	cr_assert_not(waits(&g, MOST), "more than `most` is not waited for");
}

/* ---- places ---- */

Test(gather, parts_stand_together_and_order_is_kept)
{
	uint8_t mem[8];
	struct buf packets[DC_BATCH];
	struct dc_batch b;
	uint32_t bulk = 0;

	dc_batch_init(&b);
	for (uint32_t i = 0; !dc_batch_full(&b); i++) {
		packets[i] = (struct buf){mem, 8, 0, i % 3 == 0 ? DC_BULK_MIN : DC_BULK_MIN - 4};
		dc_batch_add(&b, &packets[i]);
	}
	cr_assert_eq(b.bulk, DC_BATCH_BULK);
	for (uint32_t i = 0; i < b.count; i++)
		cr_assert_eq(b.jobs[b.order[i]].packet, &packets[i]);
	for (; bulk < b.bulk; bulk++)
		cr_assert_eq(b.jobs[bulk].packet->len, DC_BULK_MIN);
	for (uint32_t i = DC_BATCH - b.small; i < DC_BATCH; i++)
		cr_assert_lt(b.jobs[i].packet->len, DC_BULK_MIN);
	dc_batch_init(&b);
	for (uint32_t i = 0; i < DC_BATCH; i++) {
		cr_assert_not(dc_batch_full(&b));
		packets[i] = (struct buf){mem, 8, 0, 4};
		dc_batch_add(&b, &packets[i]);
	}
	cr_assert(dc_batch_full(&b));
}

/* ---- at a server ---- */

static struct sim sim;
static struct client *c, *d;
static struct body b;

static void set_gather(struct dc_options *o)
{
	o->gather_ns = WAIT_NS;
}

static void setup(void)
{
	fx_open(&sim, set_gather);
	c = fx_client(&sim, 2, TRANSPORT_INTERMEDIATE, false);
	fx_send(c, body_query(&b, 201, Q_NEAREST), true);
	fx_tick(&sim, 0);
	d = fx_again(c, true);
	fx_send(d, body_query(&b, 201, Q_NEAREST), true);
	fx_tick(&sim, 0);
}

static void teardown(void)
{
	fx_close(&sim);
}

static uint64_t ask_file(struct client *k)
{
	struct tl_writer *w = body_start(&b, 0xbf9459b7);

	tl_write_u32(w, 0xbe5335be); /* upload.getFile */
	tl_write_u32(w, 0);
	tl_write_u32(w, 0xbad07584); /* inputDocumentFileLocation */
	tl_write_u64(w, 1);
	tl_write_u64(w, 2);
	tl_write_bytes(w, cspan_str("ref"));
	tl_write_bytes(w, cspan_str(""));
	tl_write_u64(w, 0);
	tl_write_u32(w, PART);
	return fx_send(k, body_end(&b), true);
}

static uint64_t save_part(struct client *k)
{
	static const uint8_t bytes[PART];
	size_t room = PART + 64;
	uint8_t *mem = calloc(1, room);
	struct tl_writer w;
	uint64_t id;

	cr_assert_not_null(mem);
	tl_writer_init(&w, (struct span){mem, room});
	tl_write_u32(&w, 0xb304a621); /* upload.saveFilePart */
	tl_write_u64(&w, 77);
	tl_write_u32(&w, 0);
	tl_write_bytes(&w, cspan_of(bytes, PART));
	id = fx_send(k, cspan_of(mem, tl_written(&w)), true);
	free(mem);
	return id;
}

static bool answered(const struct client *k, uint64_t id)
{
	return fx_result(k, id).len > 0;
}

/* From now on two are waited for. */
static void two_together(uint64_t (*ask)(struct client *))
{
	uint64_t one = ask(c), two = ask(d);

	fx_tick(&sim, 0);
	cr_assert(answered(c, one) && answered(d, two), "as many as there are, at once");
}

Test(gather, a_part_asked_for_waits_for_another, .init = setup, .fini = teardown)
{
	uint64_t one, two, small;

	two_together(ask_file);
	one = ask_file(c);
	small = fx_send(c, body_query(&b, 0, Q_NEAREST), true);
	fx_tick(&sim, 0);
	cr_assert_not(answered(c, one));
	cr_assert(answered(c, small), "what is small does not wait behind it");
	cr_assert_eq(dc_due(sim.server), sim.now + QUIET_NS);
	two = ask_file(d);
	fx_tick(&sim, QUIET_NS / 2);
	cr_assert(answered(c, one) && answered(d, two));
}

Test(gather, a_part_asked_for_waits_so_long_only, .init = setup, .fini = teardown)
{
	uint64_t id;

	two_together(ask_file);
	id = ask_file(c);
	fx_tick(&sim, 0);
	fx_tick(&sim, QUIET_NS - 1);
	cr_assert_not(answered(c, id));
	fx_tick(&sim, 1);
	cr_assert(answered(c, id));
}

Test(gather, a_part_that_comes_waits_with_its_connection, .init = setup, .fini = teardown)
{
	uint64_t one, behind, other;

	two_together(save_part);
	one = save_part(c);
	behind = fx_send(c, body_query(&b, 0, Q_NEAREST), true);
	other = fx_send(d, body_query(&b, 0, Q_NEAREST), true);
	fx_tick(&sim, 0);
	cr_assert_not(answered(c, one) || answered(c, behind), "order within a connection");
	cr_assert(answered(d, other));
	cr_assert_eq(dc_due(sim.server), sim.now + QUIET_NS);
	fx_tick(&sim, QUIET_NS);
	cr_assert(answered(c, one) && answered(c, behind));
}

/* One that comes and one that leaves are company for each other, whichever is there first. */
Test(gather, parts_of_both_ways_wait_for_each_other, .init = setup, .fini = teardown)
{
	uint64_t up, down;

	if ((cpu_active() & CPU_AVX512) == 0)
		cr_skip_test("not run here: no AVX-512 that pays");
	two_together(save_part);
	up = save_part(c);
	fx_tick(&sim, 0);
	cr_assert_not(answered(c, up));
	down = ask_file(d);
	fx_tick(&sim, 1);
	cr_assert(answered(c, up) && answered(d, down));
	down = ask_file(d);
	fx_tick(&sim, 0);
	cr_assert_not(answered(d, down));
	up = save_part(c);
	fx_tick(&sim, 1);
	cr_assert(answered(c, up) && answered(d, down));
}

Test(gather, a_connection_ends_while_its_part_waits, .init = setup, .fini = teardown)
{
	two_together(save_part);
	save_part(c);
	ask_file(d);
	fx_tick(&sim, 0);
	fx_disconnect(c);
	fx_tick(&sim, QUIET_NS);
	cr_assert_gt(dc_due(sim.server), sim.now);
}
