/* See long.h. */
#include "tests/load/long.h"

#include "tests/load/heap.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TURNS_AT_ONCE = 20000, LOOKS_TOLD = 16 };
/* Two connections, each with as many pages as its cache may hold (engine/ledger/file.c), and what else they need. */
enum { SQLITE_MOST = 2 * 512 * 1024 + 256 * 1024 };
/* SQLite counts what it asked for, the heap some bytes more for each of its thousand pages. */
enum { GROWN_MOST = 16 * 1024 };

static const uint64_t MS = 1000000, SECOND = 1000000000;
/* A server that never hears of a death takes the next life for a copied session file: what vanished
 * must be given up by it before, and it waits for 75 s. */
static const uint64_t CALM = 180 * UINT64_C(1000000000);

/* ---- what goes wrong ---- */

static const char *const kinds[] = {
    "drop",
    "reset",
    "salt",
    "duplicate",
    "quickack",
    "update",
    "flip",
    "forget",
    "badmsg:code=16",
    "badmsg:code=17",
    "badmsg:code=32",
    "drop:method=messages.*",
    "error:method=messages.send*,code=500,text=RPC_CALL_FAIL",
    "error:method=messages.send*,code=420,text=FLOOD_WAIT_3",
    "error:method=messages.forwardMessages,code=500,text=TIMEOUT",
    "error:method=messages.forwardMessages,code=420,text=FLOOD_WAIT_2",
    "error:method=messages.getHistory,code=500,text=TIMEOUT",
    "error:method=upload.getFile,code=400,text=FILE_REFERENCE_EXPIRED",
    "error:method=upload.getFile,code=420,text=FLOOD_WAIT_2",
    "error:method=upload.getFile,code=420,text=FLOOD_PREMIUM_WAIT_2",
    "error:method=upload.save*,code=500,text=TIMEOUT",
    "error:method=upload.save*,code=420,text=FLOOD_WAIT_2",
    "error:method=messages.uploadMedia,code=500,text=TIMEOUT",
    "silence:method=messages.*",
    "silence:method=messages.*,before=1",
    "silence:method=upload.*",
    "delay:method=messages.*,ms=20000",
    "delay:method=messages.send*,ms=3000,before=1",
    "delay:method=messages.forwardMessages,ms=20000,before=1",
    "delay:method=upload.*,ms=3000",
};

static_assert(countof(kinds) <= countof(((struct long_job *)0)->fired), "each is counted");

static const char *const knobs[][2] = {
    {"random-id", "duplicate"}, {"random-id", "replay"}, {"random-id-busy", "2"}, {"media-first", "1"},
    {"media-first", "0"},       {"part-false", "2"},     {"short-read", "2"},     {"part-lose", "1"},
    {"history-slice", "1"},     {"history-slice", "0"},
};

static void add_faults(struct long_job *j)
{
	struct sim_net *n = simworld_net(j->t.world);

	for (size_t i = 0; i < countof(kinds) && j->rate > 0; i++) {
		char rule[160];

		snprintf(rule, sizeof(rule), "%s%crate=%g", kinds[i],
			 strchr(kinds[i], ':') != NULL ? ',' : ':', j->rate);
		telegram_fault(j->t.telegram, rule);
	}
	for (int i = 0; i < SIM_FAULTS; i++)
		n->rate[i] = j->net_rate;
	if (j->net_rate > 0) {
		n->slow_bytes_per_s = 64 * 1024;
		n->stall_max_ns = 5 * SECOND;
		n->reach = 4 << 20;
	}
}

static void turn_knob(struct long_job *j)
{
	const char *const *k = knobs[rng_below(&j->rng, countof(knobs))];
	char line[64];

	snprintf(line, sizeof(line), "knob %s %s", k[0], k[1]);
	cr_assert(strncmp(telegram_control(j->t.telegram, line), "ok", 2) == 0, "%s", line);
}

/* ---- lives ---- */

static void draw_death(struct long_job *j)
{
	uint64_t half = j->death_ns / 2;
	/* Only what is streamed has parts and media under way. */
	uint64_t moments = j->t.s.mode == PLAN_STREAM ? MOMENTS : AT_PARTS;

	j->there = false;
	j->dies_ns = 0;
	if (j->death_ns == 0)
		return;
	if (j->moments && rng_below(&j->rng, 2) == 0) {
		j->death = (struct death){(enum moment)(1 + rng_below(&j->rng, moments - 1)), 1,
					  rng_below(&j->rng, UINT64_C(1) << rng_below(&j->rng, 32))};
		j->calm_ns = j->life_ns + half;
	} else {
		j->death = (struct death){AT_TIME, 1, 0};
		j->calm_ns = j->life_ns + j->death_ns - (CALM < half ? CALM : half);
	}
}

static void start_life(struct long_job *j)
{
	struct client *c = &j->t.client;
	struct sim_net *n = simworld_net(j->t.world);

	j->lives++;
	j->life_ns = simworld_now(j->t.world);
	draw_death(j);
	n->rate[SIM_VANISH] = n->rate[SIM_ONE_WAY] = j->net_rate;
	j->t.s.disk = rng_below(&j->rng, 2) ? DISK_POWER : DISK_KILL;
	if (j->knobs)
		turn_knob(j);
	if (j->jumps)
		simhost_wall_jump(c->ring, (int64_t)rng_below(&j->rng, 1200 * SECOND) -
					       (int64_t)(600 * SECOND));
}

static void look(struct long_job *j)
{
	cr_assert_lt(j->look_count, LONG_LOOKS);
	j->looks[j->look_count++] =
	    (struct long_look){.done = long_done(j),
			       .at_ns = simworld_now(j->t.world),
			       .grown = j->held - j->held_first,
			       .sqlite = j->sqlite,
			       .resident = heap_resident()};
}

static void count_heap(struct long_job *j, int64_t before)
{
	int64_t sqlite = sqlite3_memory_used();

	j->held += heap_taken() - before - (sqlite - j->sqlite);
	j->sqlite = sqlite;
}

void long_die(struct long_job *j)
{
	struct client *c = &j->t.client;
	int64_t before;

	look(j);
	j->died[j->dies_ns != 0 ? j->death.at : AT_TIME]++;
	client_kill(c);
	j->sqlite = sqlite3_memory_used();
	before = heap_taken();
	cr_assert(client_start(c), "%s", c->why);
	j->held = 0;
	count_heap(j, before);
	j->held_first = j->held;
	start_life(j);
}

/* Its last minutes are without what the server would not notice; then the moment is waited for. */
static void approach(struct long_job *j)
{
	struct sim_net *n = simworld_net(j->t.world);
	uint64_t now = simworld_now(j->t.world);
	bool is;

	if (j->death_ns == 0 || now < j->calm_ns)
		return;
	n->rate[SIM_VANISH] = n->rate[SIM_ONE_WAY] = 0;
	if (j->death.at == AT_TIME && j->dies_ns == 0)
		j->dies_ns = j->life_ns + j->death_ns;
	if (now >= j->calm_ns + CALM || j->death.at == AT_TIME) {
		is = client_is(&j->t.client, j->death.at);
		if (is && !j->there && j->dies_ns == 0)
			j->dies_ns = now + j->death.ns;
		j->there = is;
	}
	/* The moment may never come: a life ends all the same. */
	if ((j->dies_ns != 0 && now >= j->dies_ns) || now >= j->life_ns + 2 * j->death_ns)
		long_die(j);
}

/* ---- the loop ---- */

static bool turn(struct long_job *j)
{
	uint64_t now = simworld_now(j->t.world);
	int64_t before = heap_taken();
	bool goes_on;

	j->turns = now == j->turn_ns ? j->turns + 1 : 0;
	j->turn_ns = now;
	cr_assert_lt(j->turns, TURNS_AT_ONCE, "it spins");
	goes_on = client_turn(&j->t.client);
	count_heap(j, before);
	return goes_on;
}

static bool go(struct long_job *j)
{
	struct client *c = &j->t.client;

	if (simhost_ready(c->ring) && !turn(j))
		return false;
	cr_assert(!c->dead, "%.1f s: %s", (double)simworld_now(j->t.world) / 1e9, c->why);
	if (simworld_turn(j->t.world) == 0 && !simhost_ready(c->ring))
		cr_assert(simworld_step(j->t.world), "stuck");
	return true;
}

uint64_t long_done(const struct long_job *j)
{
	struct clone_progress p;

	clone_progress(j->t.client.clone, &p);
	return p.done + p.skipped;
}

static void adjust(void *arg, struct clone_options *o)
{
	const struct long_job *j = arg;

	o->rate_count = 1;
	o->rate_unit_ns = j->post_ns != 0 ? j->post_ns : 100 * MS;
	if (j->part_size != 0)
		o->part_size = j->part_size;
}

void long_begin(struct long_job *j, enum plan_mode mode, const char *synth)
{
	rng_init(&j->rng, j->t.s.seed != 0 ? j->t.s.seed : 1);
	j->t.adjust = adjust;
	j->t.adjust_arg = j;
	story_begin(&j->t, mode, synth, NULL);
	add_faults(j);
	j->sqlite = sqlite3_memory_used();
	start_life(j);
	j->begun_ns = j->life_ns;
	j->next_look = j->look_every;
}

static void compare(struct long_job *j)
{
	uint32_t a_count;
	char *a = telegram_dump_files(j->t.telegram, 0, j->references, &a_count);
	char *b = telegram_dump_files(j->t.telegram, 1, j->references, &j->lines);
	size_t at = 0;

	cr_assert_gt(a_count, 0);
	while (a[at] == b[at] && a[at] != '\0')
		at++;
	while (at > 0 && a[at - 1] != '\n')
		at--;
	cr_assert_str_eq(a + at, b + at, "%u lines became %u; source: %.300s\ntarget: %.300s", a_count,
			 j->lines, a + at, b + at);
	free(a);
	free(b);
}

/* A part that came another way may still lie on a connection that nobody knows to be dead. */
static void drain(struct long_job *j)
{
	struct client *c = &j->t.client;
	uint64_t until = simworld_now(j->t.world) + 120 * SECOND;

	while (!client_drained(c) && simworld_now(j->t.world) < until) {
		if (simhost_ready(c->ring))
			client_rest(c);
		if (simworld_turn(j->t.world) == 0 && !simhost_ready(c->ring) &&
		    !simworld_step(j->t.world))
			return;
	}
}

static void judge(struct long_job *j)
{
	struct client *c = &j->t.client;
	struct ledger_counts counts;
	const char *left;

	cr_assert_eq(c->status, CLONE_DONE, "%s %s", c->why, clone_why(c->clone));
	drain(j);
	left = client_left(c);
	cr_assert_null(left, "%s", left);
	compare(j);
	ledger_counts(c->ledger, &counts);
	cr_assert_eq(counts.rows[ROW_DONE], j->lines, "%" PRIu64 " rows are done, %u messages there",
		     counts.rows[ROW_DONE], j->lines);
}

void long_finish(struct long_job *j, uint64_t limit)
{
	while (go(j)) {
		if (j->watch != NULL)
			j->watch(j, j->watch_arg);
		if (j->next_look > 0 && j->turns == 0 && long_done(j) >= j->next_look) {
			look(j);
			j->next_look += j->look_every;
		}
		approach(j);
		cr_assert_lt(simworld_now(j->t.world), j->begun_ns + limit, "%" PRIu64 " are done",
			     long_done(j));
	}
	j->took_ns = simworld_now(j->t.world) - j->begun_ns;
	for (size_t i = 0; i < countof(kinds) && j->rate > 0; i++)
		j->fired[i] = telegram_fired(j->t.telegram, (uint32_t)i);
	for (int i = 0; i < SIM_FAULTS; i++)
		j->net_fired[i] = simworld_fired(j->t.world, (enum sim_fault)i);
	look(j);
	judge(j);
}

/* ---- what it came to ---- */

void long_flat(const struct long_job *j)
{
	cr_assert_geq(j->look_count, 4);
	for (uint32_t i = 0; i < j->look_count; i++) {
		const struct long_look *l = &j->looks[i];

		cr_assert_leq(l->grown, GROWN_MOST, "%" PRIu64 " are done, and the life holds %" PRId64
			      " bytes more than at its beginning", l->done, l->grown);
		cr_assert_leq(l->sqlite, SQLITE_MOST);
	}
}

static void tell_looks(const struct long_job *j)
{
	uint32_t step = 1 + j->look_count / LOOKS_TOLD;

	for (uint32_t i = 0; i < j->look_count; i += step) {
		const struct long_look *l = &j->looks[i];

		fprintf(stderr, "  %8" PRIu64 " done, %8.1f h: the life grew by %" PRId64
				" KiB of heap, SQLite has %" PRId64 " KiB; the process has %" PRIu64
				" MiB\n",
			l->done, (double)(l->at_ns - j->begun_ns) / 3.6e12, l->grown / 1024,
			l->sqlite / 1024, l->resident / 1024);
	}
}

void long_tell(const struct long_job *j, const char *name)
{
	fprintf(stderr, "%s: seed %" PRIu64 ", %u messages in %.2f h, %" PRIu64 " lives, %" PRIu64
			" events, %.1f s of processor\n",
		name, j->t.s.seed, j->lines, (double)j->took_ns / 3.6e12, j->lives,
		simworld_events(j->t.world), (double)clock() / CLOCKS_PER_SEC);
	tell_looks(j);
	fprintf(stderr, "  died at:");
	for (int i = 0; i < MOMENTS; i++)
		fprintf(stderr, " %s %" PRIu64, moment_name((enum moment)i), j->died[i]);
	fprintf(stderr, "\n  network:");
	for (int i = 0; i < SIM_FAULTS; i++)
		fprintf(stderr, " %s %" PRIu64, sim_fault_name((enum sim_fault)i), j->net_fired[i]);
	fprintf(stderr, "\n  server:");
	for (size_t i = 0; i < countof(kinds) && j->rate > 0; i++)
		fprintf(stderr, " %s %" PRIu64, kinds[i], j->fired[i]);
	fprintf(stderr, "\n");
}
