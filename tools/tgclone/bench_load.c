/*
 * The load. A part asked for counts when it has arrived, a part sent when the server said yes; what
 * is on its way at the end is waited for and not counted. An upload's length is not known before its
 * end (api.md 10): parts say "unknown", and the last one, sent alone when all others are stored,
 * names their number. Of a relay, each question for a part says already where its bytes go next.
 *
 * A place is where a part goes: which upload (the high bits) and which part of it.
 */
#include "tools/tgclone/bench_load.h"

#include "proto/api/error.h"
#include "proto/api/part.h"
#include "tools/tgclone/bench_sample.h"
#include "tools/tgclone/talk.h"

#include <stdio.h>

enum {
	HELD_MAX = 1024,
	AGAIN_MAX = 2048,
	PLACE_BITS = 12,
	UPLOAD_PARTS_MAX = 3999, /* and the last one */
	STALL_S = 60,
	DRAIN_S = 30,
	BACKOFF_S = 1,
	OWNER_DOWN = 16, /* of questions, beside those of client.h */
	OWNER_UP = 17,
	OWNER_LENT = 18,
};

static const uint64_t SECOND = 1000000000;

struct load {
	const struct load_options *o;
	struct client *cl;
	struct bench_run *run;
	uint8_t location[512];
	size_t location_len;
	uint16_t dc;
	uint32_t next_down, part_count; /* full parts of the file */
	int64_t upload_base; /* the first upload's id; the others follow */
	uint32_t next_place; /* places below are stored or on their way */
	uint32_t again[AGAIN_MAX], again_count; /* places whose download failed */
	int32_t out_down, out_up;
	struct chunk *held[HELD_MAX]; /* whole queries that no link has taken yet */
	uint32_t held_count;
	uint64_t hold_down_ns, hold_up_ns;
	uint64_t moved_ns, end_ns; /* when a part was answered last; end 0: none yet */
	struct sampler *sampler;
	double bytes_in, bytes_out;
	bool draining, whole; /* the end: nothing new, or only what makes the upload whole */
	int failed;
};

static uint64_t now_ns(const struct load *l)
{
	return ring_now(l->cl->ring);
}

static void fail(struct load *l, const char *text)
{
	if (l->failed == 0)
		l->failed = app_fail(l->cl->app, EXIT_UNAVAILABLE, "%s: %s", l->run->name, text);
}

/* ---- up ---- */

static uint32_t part_of(uint32_t place)
{
	return place & ((1u << PLACE_BITS) - 1);
}

/* The next one; a full upload is left behind, and the server forgets it. */
static uint32_t take_place(struct load *l)
{
	if (part_of(l->next_place) == UPLOAD_PARTS_MAX)
		l->next_place = ((l->next_place >> PLACE_BITS) + 1) << PLACE_BITS;
	return l->next_place++;
}

/* total -1: not known yet. */
static struct part_save save_of(const struct load *l, uint32_t place, int32_t total)
{
	struct part_save save = {.file_id = l->upload_base + (place >> PLACE_BITS),
				 .index = (int32_t)part_of(place),
				 .total = total,
				 .big = true};

	return save;
}

static void frame_part(struct load *l, struct chunk *chunk, uint32_t place, int32_t total)
{
	struct part_save save = save_of(l, place, total);

	part_push_save(&chunk->buf, &save);
}

static bool send_query(struct load *l, struct chunk **chunk)
{
	struct net_request r = {.lane = NET_UP, .chunk = chunk, .owner = OWNER_UP};
	uint32_t ticket;

	if (now_ns(l) < l->hold_up_ns || net_call(l->cl->net, &r, &ticket) != 0)
		return false;
	l->out_up++;
	return true;
}

static void send_held(struct load *l)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < l->held_count; i++) {
		struct chunk *chunk = l->held[i];

		if (kept > 0 || !send_query(l, &chunk))
			l->held[kept++] = chunk;
	}
	l->held_count = kept;
}

static void hold(struct load *l, struct chunk *chunk)
{
	check(l->held_count < HELD_MAX);
	l->held[l->held_count++] = chunk;
}

static struct chunk *fresh_part(struct load *l)
{
	struct chunk *chunk = slab_take(l->cl->slab, CHUNK_HELD);

	/* Whatever was in the chunk goes up: ciphers do not care. */
	if (chunk != NULL)
		buf_put(&chunk->buf, l->o->part_size);
	return chunk;
}

static void send_fresh(struct load *l)
{
	while (l->held_count == 0 && now_ns(l) >= l->hold_up_ns &&
	       net_room(l->cl->net, 0, NET_UP) > 0) {
		struct chunk *chunk = fresh_part(l);

		if (chunk == NULL)
			return;
		frame_part(l, chunk, take_place(l), -1);
		if (!send_query(l, &chunk))
			hold(l, chunk);
	}
}

/* ---- down ---- */

/* Where the bytes of an answer go on, so that they need only be looked at once. */
static struct net_relay relay_to(const struct load *l, uint32_t place)
{
	struct part_save save = save_of(l, place, -1);
	struct net_relay to = {.answer_id = part_file_id(),
			       .body_at = PART_FILE_AT,
			       .word_before = part_file_word(l->o->part_size),
			       .body_len = l->o->part_size,
			       .owner = OWNER_UP};

	to.prefix_len = part_save_head(to.prefix, &save, l->o->part_size);
	return to;
}

static bool ask_down(struct load *l, uint32_t place)
{
	uint8_t query[640];
	struct net_relay to = relay_to(l, place);
	struct net_request r = {.dc = l->dc,
				.lane = NET_DOWN,
				.bulk_answer = true,
				.relay = l->o->kind == LOAD_BOTH ? &to : NULL,
				.owner = OWNER_DOWN,
				.tag = place};
	int64_t size = l->o->part_size;
	uint32_t ticket;

	r.query.at = query;
	r.query.len = part_ask((struct span){query, sizeof(query)},
			       cspan_of(l->location, l->location_len), (int64_t)l->next_down * size,
			       (int32_t)size);
	if (net_call(l->cl->net, &r, &ticket) != 0)
		return false;
	l->next_down = (l->next_down + 1) % l->part_count;
	l->out_down++;
	return true;
}

static bool may_ask(const struct load *l)
{
	return now_ns(l) >= l->hold_down_ns && (int64_t)slab_free(l->cl->slab) > l->out_down &&
	       l->held_count < HELD_MAX / 2 && net_room(l->cl->net, l->dc, NET_DOWN) > 0;
}

/* ---- parts lent to other engines ---- */

/* Whether another engine is to have the next part; ours has the bench's own work, too. */
static bool lends(const struct load *l)
{
	struct crew *crew = l->o->crew;

	return crew != NULL && now_ns(l) >= l->hold_down_ns && now_ns(l) >= l->hold_up_ns &&
	       crew_room(crew, l->dc) > 0 &&
	       (!may_ask(l) || (int64_t)crew_out(crew) < 2LL * l->out_down * crew_engines(crew));
}

static bool lend(struct load *l, uint32_t place)
{
	int64_t size = l->o->part_size;
	struct loan loan = {.owner = OWNER_LENT,
			    .tag = place,
			    .dc = l->dc,
			    .offset = (int64_t)l->next_down * size,
			    .limit = l->o->part_size,
			    .len = l->o->part_size,
			    .save = save_of(l, place, -1),
			    .location_len = (uint32_t)l->location_len};

	memcpy(loan.location, l->location, l->location_len);
	if (!crew_lend(l->o->crew, &loan))
		return false;
	l->next_down = (l->next_down + 1) % l->part_count;
	return true;
}

static bool start_part(struct load *l, uint32_t place)
{
	return (lends(l) && lend(l, place)) || (may_ask(l) && ask_down(l, place));
}

/* Parts that failed come first: an upload has no holes. */
static void ask_more(struct load *l)
{
	while (l->again_count > 0 && start_part(l, l->again[l->again_count - 1]))
		l->again_count--;
	while (l->again_count == 0 && !l->draining) {
		uint32_t before = l->next_place;

		if (!start_part(l, l->o->kind == LOAD_BOTH ? take_place(l) : 0)) {
			l->next_place = before;
			return;
		}
	}
}

/* ---- answers ---- */

static void answered(struct load *l)
{
	l->moved_ns = now_ns(l);
	if (l->end_ns != 0)
		return;
	l->end_ns = now_ns(l) + (uint64_t)(l->o->seconds * 1e9);
	l->sampler = sampler_start(l->run, l->o->far);
	if (l->sampler == NULL)
		fail(l, "the sampler cannot start");
}

static void refused(struct load *l, const struct net_event *ev, uint64_t *hold_ns)
{
	struct verdict v = error_verdict(ev->code, ev->text);

	if (v.remedy == REMEDY_WAIT) {
		*hold_ns = now_ns(l) + (uint64_t)v.wait_s * SECOND;
		l->run->waits++;
	} else if (v.remedy == REMEDY_BACKOFF || v.remedy == REMEDY_RECONCILE) {
		*hold_ns = now_ns(l) + BACKOFF_S * SECOND;
		l->run->waits++;
	} else if (v.remedy == REMEDY_DC && v.number > 0 && ev->owner != OWNER_UP) {
		l->dc = (uint16_t)v.number;
	} else {
		fail(l, ev->text);
	}
}

static void got_up(struct load *l, struct net_event *ev)
{
	bool saved = ev->kind == NET_RESULT && ev->result.len >= 4 &&
		     load_le32(ev->result.at) == (uint32_t)TL_BOOL_TRUE;

	l->out_up--;
	if (saved) {
		answered(l);
		l->bytes_out += l->o->part_size;
		if (ev->chunk != NULL)
			slab_give(l->cl->slab, &ev->chunk);
		return;
	}
	if (ev->kind == NET_ERROR) {
		refused(l, ev, &l->hold_up_ns);
		net_relay_hold(l->cl->net, l->hold_up_ns);
	}
	if (ev->chunk != NULL)
		hold(l, ev->chunk); /* it is the query still */
}

/* It comes once more, if anybody waits for it. */
static void down_again(struct load *l, uint32_t place)
{
	check(l->again_count < AGAIN_MAX);
	if (l->o->kind == LOAD_BOTH)
		l->again[l->again_count++] = place;
}

static void came_down(struct load *l, struct chunk *chunk, uint32_t place)
{
	answered(l);
	l->bytes_in += chunk->buf.len;
	if (l->o->kind == LOAD_BOTH && (!l->draining || l->whole)) {
		frame_part(l, chunk, place, -1);
		hold(l, chunk);
	} else {
		slab_give(l->cl->slab, &chunk);
	}
}

static void got_down(struct load *l, struct net_event *ev)
{
	struct chunk *chunk;

	l->out_down--;
	if (ev->kind == NET_RESULT && ev->relayed != 0) {
		answered(l);
		l->bytes_in += l->o->part_size;
		l->out_up++;
		return;
	}
	chunk = ev->kind == NET_RESULT ? net_event_chunk(l->cl->net, ev) : NULL;
	if (chunk == NULL) {
		if (ev->kind == NET_ERROR)
			refused(l, ev, &l->hold_down_ns);
		down_again(l, ev->tag);
	} else if (part_pull_file(&chunk->buf) != PART_OK || chunk->buf.len != l->o->part_size) {
		slab_give(l->cl->slab, &chunk);
		fail(l, "the answer is not the part that was asked for");
	} else {
		came_down(l, chunk, ev->tag);
	}
}

static void loan_ended(struct load *l, const struct loan_result *r)
{
	struct net_event ev = {.kind = NET_ERROR, .owner = OWNER_LENT, .code = r->code};

	snprintf(ev.text, sizeof(ev.text), "%s", r->text);
	if (r->end == LOAN_SAVED) {
		answered(l);
		l->bytes_in += l->o->part_size;
		l->bytes_out += l->o->part_size;
		return;
	}
	down_again(l, r->tag);
	if (r->end == LOAN_DOWN)
		refused(l, &ev, &l->hold_down_ns);
	else if (r->end == LOAN_UP && r->code != 0)
		refused(l, &ev, &l->hold_up_ns);
	else if (r->end == LOAN_CDN || r->end == LOAN_BAD)
		fail(l, "the answer is not the part that was asked for");
	else if (r->end == LOAN_GONE)
		fail(l, r->text);
}

static void take_events(struct load *l)
{
	struct loan_result result;
	struct net_event ev;

	while (l->o->crew != NULL && crew_next(l->o->crew, &result))
		loan_ended(l, &result);
	while (net_next(l->cl->net, &ev)) {
		if (ev.kind == NET_DEAD) {
			client_heard(l->cl, &ev);
			fail(l, ev.text);
		} else if (ev.kind <= NET_LOST && ev.owner == OWNER_UP) {
			got_up(l, &ev);
		} else if (ev.kind <= NET_LOST && ev.owner == OWNER_DOWN) {
			got_down(l, &ev);
		} else {
			client_heard(l->cl, &ev);
		}
	}
}

/* ---- the run ---- */

static bool time_is_up(const struct load *l)
{
	return l->end_ns != 0 && now_ns(l) >= l->end_ns && part_of(l->next_place) >= l->o->part_min;
}

static void turn(struct load *l, uint64_t until_ns)
{
	uint64_t most = now_ns(l) + SECOND / 10;

	if (client_turn(l->cl, until_ns < most ? until_ns : most) != 0)
		l->failed = EXIT_INTERNAL;
	take_events(l);
	if (l->cl->signal_got != 0 && l->failed == 0)
		l->failed = EXIT_SIGNAL + l->cl->signal_got;
}

static void measure(struct load *l)
{
	while (l->failed == 0 && !time_is_up(l)) {
		if (l->o->kind != LOAD_UP)
			ask_more(l);
		send_held(l);
		if (l->o->kind == LOAD_UP)
			send_fresh(l);
		turn(l, l->end_ns > now_ns(l) ? l->end_ns : UINT64_MAX);
		if (now_ns(l) > l->moved_ns + STALL_S * SECOND)
			fail(l, "no part was answered in a minute");
	}
}

static bool comes_home(const struct load *l)
{
	return l->out_down + l->out_up > 0 || (l->o->crew != NULL && crew_out(l->o->crew) > 0) ||
	       (l->whole && l->held_count + l->again_count > 0);
}

/* What was counted is counted; the rest comes home. */
static void drain(struct load *l, bool whole)
{
	uint64_t until = now_ns(l) + DRAIN_S * SECOND;

	l->draining = true;
	l->whole = whole;
	while (l->failed == 0 && now_ns(l) < until && comes_home(l)) {
		if (whole) {
			ask_more(l);
			send_held(l);
		}
		turn(l, UINT64_MAX);
	}
}

static void give_held(struct load *l)
{
	for (uint32_t i = 0; i < l->held_count; i++)
		slab_give(l->cl->slab, &l->held[i]);
	l->held_count = 0;
}

/* The last part of the upload, which tells how many there are. */
static void finish_upload(struct load *l, struct load_upload *left)
{
	uint32_t last = l->next_place, count = part_of(last) + 1;
	struct chunk *chunk;

	drain(l, true);
	chunk = comes_home(l) ? NULL : fresh_part(l);
	if (chunk != NULL) {
		frame_part(l, chunk, last, (int32_t)count);
		hold(l, chunk);
		drain(l, true);
	}
	if (chunk == NULL || comes_home(l))
		fail(l, "the upload could not be finished");
	else if (l->failed == 0)
		*left = (struct load_upload){save_of(l, last, 0).file_id, (int32_t)count};
}

static bool prepare(struct load *l)
{
	struct media_file file;
	struct tl_error error;

	l->moved_ns = now_ns(l);
	ring_random(l->cl->ring, &l->upload_base, sizeof(l->upload_base));
	l->upload_base &= INT64_MAX >> 1;
	if (l->o->kind == LOAD_UP)
		return true;
	file = l->o->file->file;
	file.reference.at = l->o->file->reference;
	l->dc = (uint16_t)file.dc;
	l->part_count = (uint32_t)(file.size / l->o->part_size);
	if (l->part_count == 0) {
		fail(l, "the file is smaller than one part");
		return false;
	}
	client_fresh(l->cl);
	l->location_len = tl_encode(media_location(&l->cl->arena, &file), l->cl->layer,
				    (struct span){l->location, sizeof(l->location)}, &error);
	if (l->location_len == 0)
		fail(l, "the file's location is too long");
	return l->location_len > 0;
}

int load_run(const struct load_options *o, struct bench_run *run, struct load_upload *left)
{
	struct load l = {.o = o, .cl = o->cl, .run = run};
	uint32_t waits;

	*left = (struct load_upload){0, 0};
	if (prepare(&l))
		measure(&l);
	if (l.sampler != NULL)
		sampler_stop(&l.sampler);
	run->bytes_in = l.bytes_in;
	run->bytes_out = l.bytes_out;
	run->bytes = o->kind == LOAD_DOWN ? l.bytes_in : l.bytes_out;
	waits = run->waits;
	if (l.failed == 0 && o->part_min > 0 && o->kind != LOAD_DOWN)
		finish_upload(&l, left);
	else
		drain(&l, false);
	run->waits = waits;
	give_held(&l);
	return l.failed;
}
