/*
 * Numbers at the end of their range (L8): what counts is brought there, or made so many times, and the
 * next ones are still right. A whole job runs over each end that a job can meet.
 *
 * LOAD_IDS=1000000000 in a release build: so many message ids (random ids: 50 million, that many are
 * compared with each other).
 */
#include "engine/link/link_priv.h"
#include "engine/link/net_priv.h"
#include "proto/session/msgid.h"
#include "proto/wire/frame.h"
#include "tests/load/long.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const int64_t UNIX_NS = INT64_C(1000000000);

static uint64_t size_of(const char *name, uint64_t usual)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 10) : usual;
}

/* ---- ids of messages ---- */

/* A clock that mostly goes on, often stands still, and is put right now and then. */
static int64_t tick(struct rng *r, int64_t now)
{
	switch (rng_below(r, 1000)) {
	case 0:
		return now - (int64_t)rng_below(r, 100 * MS);
	case 1:
		return now + (int64_t)rng_below(r, SECOND);
	default:
		return rng_below(r, 4) == 0 ? now + (int64_t)rng_below(r, 2 * MS) : now;
	}
}

static void ids_from(int64_t unix_s, uint64_t count)
{
	int64_t now = unix_s * UNIX_NS, latest = now;
	uint64_t last = 0;
	struct rng r;

	rng_init(&r, (uint64_t)unix_s);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t before = last, id;

		now = tick(&r, now);
		latest = now > latest ? now : latest;
		id = msgid_next(&last, now);
		if (id <= before || id % 4 != 0 || id != last)
			cr_assert(false, "id %" PRIx64 " behind %" PRIx64, id, before);
		/* It stays the time of the clock, as far as that went on: not the count's. */
		if (msgid_time(id) > latest + UNIX_NS / 1000 || msgid_time(id) + 4 < now)
			cr_assert(false, "id %" PRIx64 " is not of its time", id);
	}
}

/* Over the end of 31 bits of seconds, in the middle, and up to the end of 32 bits. */
/* Rows: L8 */
Test(load_wraps, message_ids_rise_and_keep_their_time, .timeout = 3600)
{
	uint64_t count = size_of("LOAD_IDS", 1000000);

	ids_from(1767225600, count);
	ids_from((INT64_C(1) << 31) - 100, count / 10);
	ids_from((INT64_C(1) << 32) - (int64_t)(count / 10000) - 100, count / 10);
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* Rows: L8 */
Test(load_wraps, random_ids_differ, .timeout = 3600)
{
	struct ledger_job job = {.account = 1, .source = -1001, .target = -1002, .generation = 1};
	uint64_t wanted = size_of("LOAD_IDS", 200000);
	uint32_t count = (uint32_t)(wanted < 50000000 ? wanted : 50000000);
	int64_t *ids = malloc((size_t)count * sizeof(*ids));

	cr_assert_not_null(ids);
	for (uint32_t i = 0; i < count; i++)
		ids[i] = ledger_random_id(&job, INT32_MAX - (int32_t)i, 0);
	qsort(ids, count, sizeof(*ids), by_value);
	for (uint32_t i = 0; i < count; i++)
		cr_assert(ids[i] != 0 && (i == 0 || ids[i] != ids[i - 1]));
	free(ids);
}

/* ---- numbers of packets ---- */

/* The full transport counts its packets in 32 bits, each direction: after the last comes 0. */
/* Rows: L8 */
Test(load_wraps, packets_of_the_full_transport)
{
	uint8_t mem[1024], in[1024];
	struct framer client, server;
	struct cspan hello;

	cr_assert(frame_init_client(&client, TRANSPORT_FULL, false, NULL, 0, NULL));
	hello = frame_hello(&client);
	cr_assert_eq(hello.len, 0);
	frame_init_server(&server);
	for (uint32_t i = 0; i < 8; i++) {
		enum frame_status status = FRAME_MORE;
		struct buf out, packet;
		struct cspan data;

		if (i == 1) /* the server has seen what transport it is */
			client.seq_out = server.seq_in = UINT32_MAX - 3;
		buf_init(&out, mem, sizeof(mem), 64);
		memset(buf_put(&out, 64), (int)i, 64);
		frame_wrap(&client, &out, false, NULL);
		data = buf_view(&out);
		while (data.len > 0 && status != FRAME_BAD && status != FRAME_PACKET) {
			status = frame_feed(&server, &data);
			if (status == FRAME_HEAD) {
				buf_init(&packet, in, sizeof(in), 64);
				status = frame_place(&server, &packet);
			}
		}
		cr_assert_eq(status, FRAME_PACKET, "packet %u: fault %d", i, server.fault);
	}
	cr_assert_eq(client.seq_out, 3);
}

/* ---- a whole job over it ---- */

#define MIXED "messages=60,photos=10,docs=4x100KB,docs=1x11MB,albums=2,topics=0,seed=9"

static struct long_job *begin(enum plan_mode mode, const char *synth, uint64_t wall_ns)
{
	struct long_job *j = calloc(1, sizeof(*j));

	cr_assert_not_null(j);
	j->t.s.seed = 41;
	j->t.wall_ns = wall_ns;
	j->death_ns = 10 * SECOND;
	j->rate = 0.002;
	long_begin(j, mode, synth);
	return j;
}

/* The source's last message has the last id there is, and so has its copy. */
static void to_the_last_id(enum plan_mode mode)
{
	char synth[160];
	struct ledger_counts counts;
	struct long_job *j;

	/* So few messages have no gaps. */
	snprintf(synth, sizeof(synth), "%s,first=%d", MIXED, INT32_MAX - 59);
	j = begin(mode, synth, 0);
	telegram_number(j->t.telegram, 1, INT32_MAX - 60);
	long_finish(j, 3600 * SECOND);
	ledger_counts(j->t.client.ledger, &counts);
	cr_assert_eq(counts.last, INT32_MAX);
	cr_assert_eq(ledger_watermark(j->t.client.ledger), INT32_MAX);
}

/* Rows: L8 */
Test(load_wraps, ids_up_to_the_last_of_all)
{
	to_the_last_id(PLAN_COPY);
	to_the_last_id(PLAN_FORWARD);
	to_the_last_id(PLAN_STREAM);
}

/* The seconds of the wall clock leave 31 bits while it runs. */
/* Rows: L8 */
Test(load_wraps, past_the_year_2038)
{
	struct long_job *j = begin(PLAN_STREAM, MIXED, ((UINT64_C(1) << 31) - 8) * SECOND);

	long_finish(j, 3600 * SECOND);
	cr_assert_gt(ring_wall(j->t.client.ring), (UINT64_C(1) << 31) * SECOND);
}

/* What a session and a question count, a little before its end, again and again. */
struct ends {
	uint64_t next_ns;
	uint32_t sessions;
};

static void to_its_end(struct ends *e, struct link *l)
{
	if (!l->session_live)
		return;
	cr_assert_lt(l->session.seq, SESSION_SEQ_MAX + 16, "it goes on as if there was no end");
	if (l->state != LINK_READY || l->session.seq >= SESSION_SEQ_MAX - 8)
		return;
	l->session.seq = SESSION_SEQ_MAX - 8;
	e->sessions++;
}

static void to_the_end(struct long_job *j, void *arg)
{
	struct net *n = j->t.client.net;
	struct ends *e = arg;

	if (simworld_now(j->t.world) < e->next_ns)
		return;
	e->next_ns = simworld_now(j->t.world) + SECOND;
	for (uint32_t i = 0; i < n->centre_count; i++)
		for (struct lane *lane = n->centres[i].lanes; lane < lane_end(&n->centres[i]); lane++)
			for (struct link *l = lane->links; l < link_end(lane); l++)
				to_its_end(e, l);
	for (uint32_t i = 0; i < n->question_count; i++)
		if (n->questions[i].generation > 4)
			n->questions[i].generation = (1u << 19) - 2;
}

static void they_end(enum plan_mode mode)
{
	struct long_job *j = begin(mode, MIXED, 0);
	struct ends e = {0};

	j->death_ns = 0;
	j->watch = to_the_end;
	j->watch_arg = &e;
	for (uint32_t i = 0; i < j->t.client.net->question_count; i++)
		j->t.client.net->questions[i].generation = (1u << 19) - 2;
	long_finish(j, 3600 * SECOND);
	cr_assert_geq(e.sessions, 4, "%u: a session that ended is followed by a new one", e.sessions);
	cr_assert_leq(j->t.client.net->questions[0].generation, 1u << 19);
}

/* Rows: L8 */
Test(load_wraps, sessions_and_tickets_at_their_end)
{
	they_end(PLAN_STREAM);
	they_end(PLAN_COPY);
}
