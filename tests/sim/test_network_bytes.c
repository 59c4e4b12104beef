/*
 * Bytes that do not arrive as they were sent (reliability.md 4.1, N3-N5, N12, N17, N25, N27): cut
 * at every place, late, damaged, and from a server that closes all the time.
 *
 * COUNT=1000000 damages so many packets, and cuts at every byte instead of at every seventh.
 */
#include "tests/sim/virtual.h"

#include "proto/api/ask.h"
#include "tests/link/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t MS = 1000000, SECOND = 1000000000;

/* ---- cuts ---- */

enum { SMALL_PART = 4096, LARGE_PART = 64 * 1024, UNCUT = 40 };

struct file {
	struct sim *s;
	uint8_t location[256];
	uint32_t location_len, part;
	uint8_t bytes[LARGE_PART]; /* of the first part, as it came when nothing was wrong */
};

static void ask_part(struct file *f, uint8_t *out)
{
	struct tl_obj *q = tl_new(&f->s->arena, TLC_upload_getFile);
	const struct tl_obj *answer;
	struct tl_error error;
	struct cspan bytes;

	tl_set_obj(q, TLF_location,
		   tl_decode(&f->s->arena, cspan_of(f->location, f->location_len), &error));
	tl_set_int(q, TLF_offset, 0);
	tl_set_int(q, TLF_limit, f->part);
	cr_assert_eq(sim_ask(f->s, DOC_DC, NET_DOWN, q), NET_RESULT, "%d %s", f->s->ev.code,
		     f->s->ev.text);
	answer = tl_decode_result(&f->s->arena, TLC_upload_getFile,
				  cspan_of(f->s->body, f->s->body_len), &error);
	cr_assert_not_null(answer);
	bytes = tl_bytes(answer, TLF_bytes);
	cr_assert_eq(bytes.len, f->part);
	memcpy(out, bytes.at, bytes.len);
}

static void open_file(struct file *f, struct sim *s, uint32_t part)
{
	struct media_file doc = sim_document(s);
	struct cspan location = sim_encode(s, media_location(&s->arena, &doc));

	*f = (struct file){.s = s, .location_len = (uint32_t)location.len, .part = part};
	cr_assert_leq(location.len, sizeof(f->location));
	memcpy(f->location, location.at, location.len);
	ask_part(f, f->bytes);
}

/* One way, to one DC; before: so many other connections to it come first. */
struct place {
	const char *way;
	int dc;
	uint32_t before;
};

/* The next connection there ends at that byte, and the one after it serves. Whether it did. */
static bool cut_at(struct virtual *v, const struct place *p, const char *how, uint32_t at,
		   void (*ask)(void *), void *arg)
{
	const struct virtual_connect *c;
	uint32_t before;
	char command[80];

	snprintf(command, sizeof(command), "fault %s:at=%u,dir=%s,dc=%d,skip=%u,count=1", how, at,
		 p->way, p->dc, p->before);
	virtual_tell(v, command);
	snprintf(command, sizeof(command), "cut %d", p->dc);
	virtual_tell(v, command);
	before = virtual_connects(v, &c);
	ask(arg);
	virtual_tell(v, "unfault all");
	return virtual_connects(v, &c) - before > 1 + p->before;
}

/* At every byte until the question is through before the cut; how many cuts. */
static uint32_t cut_everywhere(struct virtual *v, const struct place *p, uint32_t step,
			       void (*ask)(void *), void *arg)
{
	uint32_t cuts = 0, uncut = 0;

	for (uint32_t at = 0; uncut < UNCUT; at += step) {
		if (cut_at(v, p, at / step % 2 == 0 ? "reset" : "drop", at, ask, arg)) {
			cuts++;
			uncut = 0;
		} else {
			uncut++;
		}
	}
	return cuts;
}

static const struct place downloads = {"out", DOC_DC, 0};
static const struct place uploads = {"in", 2, 1}; /* the main session's comes first */

/* Every byte by hand (COUNT is set), some of them else. */
static uint32_t step_of(uint32_t usual)
{
	return getenv("COUNT") != NULL ? 1 : usual;
}

static void part_is_right(void *arg)
{
	static uint8_t bytes[LARGE_PART];
	struct file *f = arg;

	ask_part(f, bytes);
	cr_assert_arr_eq(bytes, f->bytes, f->part);
	arena_rewind(&f->s->arena, 0);
}

/* Rows: N3 N4 N5 */
Test(network_bytes, downloads_cut_inside_the_first_frames)
{
	static struct file f;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 21);
	uint32_t cuts;

	open_file(&f, &s, SMALL_PART);
	cuts = cut_everywhere(v, &downloads, step_of(7), part_is_right, &f);
	cr_assert_geq(cuts, SMALL_PART / 7, "%u cuts", cuts);
	virtual_close(&v, &s);
}

/* The same of parts that land in chunks, at some of the bytes. */
/* Rows: N3 N4 N5 */
Test(network_bytes, large_downloads_cut)
{
	static struct file f;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 22);
	uint32_t cuts;

	open_file(&f, &s, LARGE_PART);
	cuts = cut_everywhere(v, &downloads, 997, part_is_right, &f);
	cr_assert_geq(cuts, LARGE_PART / 997, "%u cuts", cuts);
	virtual_close(&v, &s);
}

static void save_part(void *arg)
{
	static uint8_t bytes[SMALL_PART];
	struct sim *s = arg;
	struct tl_obj *q = tl_new(&s->arena, TLC_upload_saveFilePart);

	tl_set_long(q, TLF_file_id, 4711);
	tl_set_int(q, TLF_file_part, 0);
	tl_set_bytes(q, TLF_bytes, cspan_of(bytes, sizeof(bytes)));
	cr_assert_eq(sim_ask(s, 0, NET_UP, q), NET_RESULT, "%d %s", s->ev.code, s->ev.text);
	cr_assert_eq(s->body_len, 4);
	cr_assert_eq(load_le32(s->body), (uint32_t)TL_BOOL_TRUE);
	arena_rewind(&s->arena, 0);
}

/* What the server got of it is another matter: tests/link/test_upload.c looks at the bytes. */
/* Rows: N3 N4 N5 */
Test(network_bytes, uploads_cut_inside_the_first_frames)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 23);
	uint32_t cuts;

	save_part(&s);
	cuts = cut_everywhere(v, &uploads, step_of(7), save_part, &s);
	cr_assert_geq(cuts, SMALL_PART / 7 + 20, "%u cuts", cuts);
	virtual_close(&v, &s);
}

/* ---- late ---- */

/* Rows: N12 */
Test(network_bytes, slow_and_lossy_but_without_errors)
{
	struct net_stats stats;
	uint64_t step = getenv("COUNT") != NULL ? 1 : 6;

	for (uint64_t seed = 0; seed < 20; seed += step) {
		struct sim s;
		struct virtual *v = virtual_open(
		    &s, &(struct sim_options){.links = 2, .synth = "messages=3,docs=1x2MB,seed=5"},
		    100 + seed);
		struct media_file f = sim_document(&s);
		struct parts plain, late;

		parts_fetch(&plain, &s, &f, NULL);
		/* 50 to 2,000 ms a round trip; what is lost comes with the retransmission. */
		virtual_delay(v, 25 * MS * (1 + 2 * seed), 25 * MS * (2 + 2 * seed));
		virtual_segments(v, 300000, 10000 + 5000 * (uint32_t)seed, 2 * SECOND, 0);
		virtual_bandwidth(v, 400000);
		parts_fetch(&late, &s, &f, NULL);
		parts_same(&plain, &late);
		cr_assert_eq(late.errors, 0);
		net_stats(s.net, &stats);
		cr_assert_eq(stats.reconnects, 0, "seed %llu", (unsigned long long)seed);
		virtual_close(&v, &s);
	}
}

/* ---- damaged ---- */

/* Rows: N25 */
Test(network_bytes, bits_turn_over)
{
	struct net_stats stats;
	struct parts plain, hard;
	struct sim s;
	struct virtual *v = virtual_open(
	    &s, &(struct sim_options){.links = 2, .synth = "messages=3,docs=1x4MB,seed=5"}, 24);
	struct media_file f = sim_document(&s);
	const char *count = getenv("COUNT");
	uint64_t wanted = count != NULL ? strtoull(count, NULL, 10) : 100;

	parts_fetch(&plain, &s, &f, NULL);
	s.damaged = true;
	virtual_segments(v, 0, 0, 0, 20000);
	while (virtual_flips(v) < wanted) {
		parts_fetch(&hard, &s, &f, NULL);
		parts_same(&plain, &hard);
		for (int i = 0; i < 40; i++)
			virtual_ask(&s, 0);
		arena_rewind(&s.arena, 0);
	}
	net_stats(s.net, &stats);
	cr_assert_geq(stats.reconnects, wanted / 4, "%llu flips, %llu new connections",
		      (unsigned long long)virtual_flips(v), (unsigned long long)stats.reconnects);
	virtual_segments(v, 0, 0, 0, 0);
	virtual_ask(&s, 0);
	virtual_close(&v, &s);
}

/* Of the server's packets only: one damaged packet, one new connection. */
/* Rows: N25 */
Test(network_bytes, a_damaged_packet_costs_its_connection)
{
	const struct virtual_connect *c;
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 26);
	uint32_t before, flips;

	virtual_ask(&s, 0);
	before = virtual_connects(v, &c);
	virtual_tell(v, "fault flip:every=7");
	for (int i = 0; i < 100; i++)
		virtual_ask(&s, 0);
	flips = (uint32_t)sim_stat(&s, "faults/fired/flip");
	virtual_tell(v, "unfault all");
	virtual_wait(&s, 30 * SECOND);
	cr_assert_geq(flips, 10);
	cr_assert_eq(virtual_connects(v, &c) - before, flips);
	virtual_close(&v, &s);
}

/* ---- closed all the time ---- */

struct closer {
	struct virtual *v;
	struct sim *s;
	uint32_t times;
};

static void close_all(void *arg)
{
	struct closer *c = arg;

	virtual_tell(c->v, "cut");
	c->times++;
	virtual_at(c->v, ring_now(c->s->ring) + 60 * SECOND, close_all, c);
}

static uint64_t fetch_five_times(struct sim *s, const struct media_file *f)
{
	uint64_t begun = ring_now(s->ring);
	struct parts p;

	for (int i = 0; i < 5; i++) {
		parts_fetch(&p, s, f, NULL);
		cr_assert_eq(p.errors, 0);
	}
	return ring_now(s->ring) - begun;
}

/* Rows: N27 */
Test(network_bytes, server_that_closes_every_minute)
{
	struct sim s;
	struct virtual *v = virtual_open(
	    &s, &(struct sim_options){.links = 1, .synth = "messages=3,docs=1x3MB,seed=5"}, 25);
	struct closer c = {v, &s, 0};
	struct media_file f = sim_document(&s);
	uint64_t steady, closed;

	virtual_bandwidth(v, 50000);
	virtual_tell(v, "cut");
	virtual_wait(&s, SECOND);
	steady = fetch_five_times(&s, &f);
	virtual_at(v, ring_now(s.ring) + 60 * SECOND, close_all, &c);
	closed = fetch_five_times(&s, &f);
	cr_assert_geq(c.times, 4);
	cr_assert_geq(steady * 100, closed * 80, "%.0f s, else %.0f s", (double)closed / 1e9,
		      (double)steady / 1e9);
	virtual_close(&v, &s);
}
