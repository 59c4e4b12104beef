/* What an engine makes of its net's answers. The net is made up; ring, slab and boxes are real. */
#include "engine/crew/engine.c"

#include <criterion/criterion.h>

#define SECOND UINT64_C(1000000000)

struct net {
	struct slab *slab;
	uint32_t calls;
	uint64_t relays_from;
};

int net_open(struct net **out, const struct net_options *o)
{
	*out = calloc(1, sizeof(**out));
	(*out)->slab = o->slab;
	return 0;
}

void net_close(struct net **owner)
{
	free(*owner);
	*owner = NULL;
}

int net_call(struct net *n, const struct net_request *r, uint32_t *ticket)
{
	*ticket = ++n->calls;
	return 0;
}

void net_relay_hold(struct net *n, uint64_t until_ns)
{
	n->relays_from = until_ns;
}

struct chunk *net_event_chunk(struct net *n, const struct net_event *ev)
{
	struct chunk *c = ev->result.len > NET_PART_MAX ? NULL : slab_take(n->slab, CHUNK_HELD);

	if (c != NULL)
		memcpy(buf_put(&c->buf, (uint32_t)ev->result.len), ev->result.at, ev->result.len);
	return c;
}

bool net_next(struct net *n, struct net_event *ev)
{
	return false;
}

int net_turn(struct net *n, uint64_t until_ns)
{
	return 0;
}

void net_adopt(struct net *n, const struct net_dc *dc)
{
}

/* An engine with one chunk, and one part that it has asked for. */
static struct work *open_asked(uint32_t len)
{
	struct work *w = calloc(1, sizeof(*w));
	struct loan loan = {.owner = 9, .dc = 4, .limit = 4096, .len = len, .location_len = 4};

	w->engine = calloc(1, sizeof(*w->engine));
	*w->engine = (struct engine){.poll = true, .buffer = CHUNK_STRIDE};
	cr_assert_eq(box_open(&w->engine->orders, sizeof(struct order), 4), 0);
	cr_assert_eq(box_open(&w->engine->results, sizeof(struct loan_result), 4), 0);
	cr_assert_eq(open_work(w), 0);
	take_part(w, &loan);
	step(w);
	cr_assert_eq(w->net->calls, 1);
	return w;
}

static void close_asked(struct work *w)
{
	close_work(w);
	box_close(&w->engine->orders);
	box_close(&w->engine->results);
	free(w->engine);
	free(w);
}

/* upload.file with len bytes, len < 254. */
static void answer_to(struct work *w, struct job *j, uint32_t len)
{
	uint8_t body[512] = {0};
	struct net_event ev = {.kind = NET_RESULT, .owner = owner_of(w, j, WAY_DOWN)};

	store_le32(body, part_file_id());
	body[12] = (uint8_t)len;
	ev.result = cspan_of(body, 12 + (1 + len + 3) / 4 * 4);
	event(w, &ev);
}

static void answer(struct work *w, uint32_t len)
{
	answer_to(w, &w->jobs[0], len);
}

/* That is a matter of this engine's memory: the part is not short, and its file is not given up. */
Test(crew_engine, a_part_for_which_no_chunk_is_free_is_asked_for_again)
{
	struct work *w = open_asked(40);
	struct chunk *other = slab_take(w->slab, CHUNK_HELD);
	struct loan_result r;

	for (int i = 0; i < 3; i++) {
		answer(w, 40);
		cr_assert_not(box_take(w->engine->results, &r), "ended as %d", r.end);
		step(w);
		cr_assert_eq(w->net->calls, 1 + (uint32_t)i, "not before there is a chunk");
		slab_give(w->slab, &other);
		step(w);
		cr_assert_eq(w->net->calls, 2 + (uint32_t)i);
		other = slab_take(w->slab, CHUNK_HELD);
	}
	slab_give(w->slab, &other);
	answer(w, 40);
	cr_assert_not_null(w->jobs[0].chunk, "on its way up");
	close_asked(w);
}

Test(crew_engine, a_part_of_another_length_says_which)
{
	static const uint32_t lens[] = {0, 39, 41};
	struct loan_result r;

	for (size_t i = 0; i < countof(lens); i++) {
		struct work *w = open_asked(40);

		answer(w, lens[i]);
		cr_assert(box_take(w->engine->results, &r));
		cr_assert_eq(r.end, LOAN_SHORT);
		cr_assert_eq(r.len, lens[i]);
		close_asked(w);
	}
}

Test(crew_engine, what_is_longer_than_any_part_is_none)
{
	struct work *w = open_asked(40);
	uint8_t *bytes = calloc(1, NET_PART_MAX + 4);
	struct net_event ev = {.kind = NET_RESULT, .owner = owner_of(w, &w->jobs[0], WAY_DOWN)};
	struct loan_result r;

	ev.result = cspan_of(bytes, NET_PART_MAX + 4);
	event(w, &ev);
	cr_assert(box_take(w->engine->results, &r));
	cr_assert_eq(r.end, LOAN_BAD);
	free(bytes);
	close_asked(w);
}

/* One more part, as the lead's order is taken; the job that it became. */
static struct job *another(struct work *w, uint16_t dc)
{
	uint32_t at = w->jobs[0].used ? 1 : 0;

	take_part(w, &(struct loan){.owner = 10, .dc = dc, .limit = 4096, .len = 40, .location_len = 4});
	return &w->jobs[at];
}

static void refused(struct work *w, uint64_t way, const char *text)
{
	struct net_event ev = {.kind = NET_ERROR, .owner = owner_of(w, &w->jobs[0], way), .code = 420};
	struct loan_result r;

	memcpy(ev.text, text, strlen(text) + 1);
	event(w, &ev);
	cr_assert(box_take(w->engine->results, &r));
	cr_assert_eq(r.owner, 9);
	cr_assert_str_eq(r.text, text);
}

/* With the rest of the wait, which the lead is to know. */
static void is_given_back(struct work *w, enum loan_end end)
{
	struct loan_result r;

	cr_assert(box_take(w->engine->results, &r));
	cr_assert_eq(r.owner, 10);
	cr_assert_eq(r.end, end);
	cr_assert_eq(r.code, 420);
	cr_assert(strncmp(r.text, "FLOOD_WAIT_", 11) == 0, "%s", r.text);
	cr_assert(atoi(r.text + 11) > 590 && atoi(r.text + 11) <= 600, "%s", r.text);
}

/* Uploads are to wait: what comes down meanwhile is not stored, nor relayed, but given back. */
/* Rows: S13 S15 */
Test(crew_engine, uploads_that_are_to_wait)
{
	struct work *w = open_asked(40);
	struct job *j = another(w, 4);
	uint32_t calls;

	step(w);
	refused(w, WAY_UP, "FLOOD_PREMIUM_WAIT_600");
	cr_assert_gt(w->net->relays_from, ring_now(w->ring) + 590 * SECOND);
	calls = w->net->calls;
	answer_to(w, j, 40);
	step(w);
	is_given_back(w, LOAN_UP);
	cr_assert_eq(w->net->calls, calls, "nothing was asked");
	cr_assert_eq(slab_free(w->slab), 1);
	close_asked(w);
}

/* Downloads of a data centre are: what it has is not asked for, what another one has is. */
/* Rows: S13 S15 */
Test(crew_engine, downloads_that_are_to_wait)
{
	for (uint16_t dc = 4; dc <= 5; dc++) {
		struct work *w = open_asked(40);
		uint32_t calls;

		refused(w, WAY_DOWN, "FLOOD_WAIT_600");
		another(w, dc);
		calls = w->net->calls;
		step(w);
		if (dc == 4)
			is_given_back(w, LOAN_DOWN);
		cr_assert_eq(w->net->calls, calls + (dc == 5), "%u", dc);
		close_asked(w);
	}
}
