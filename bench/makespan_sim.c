/*
 * The clone's walk over an archive as events in virtual time:
 *
 *   page -> loaded -> preparing: parts down, parts up, uploadMedia -> ready -> intent -> sent
 *
 * Pace, look-ahead and batches are decided by the product's modules; what is modelled here is the
 * outside: two pipes that serve parts in the order they were asked for, a round trip, a commit, and
 * the rule of transfer.c that the oldest file's parts go first and a part is asked for when a chunk
 * will be there.
 */
#include "bench/makespan.h"

#include "engine/clone/window.h"
#include "engine/pace/pace.h"
#include "proto/base/check.h"

#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 48, HEAP_MAX = 4096 };

static const uint64_t SECOND = 1000000000;
static const uint64_t NEVER = UINT64_MAX;
static const uint64_t START = UINT64_C(1700000000) * 1000000000; /* a lane's time 0 means "never" */

enum event_kind {
	PAGE_CAME,
	PART_CAME,
	PART_SAVED,
	MEDIA_STORED,
	INTENT_KEPT,
	POST_ANSWERED,
	WAKE
};

struct event {
	uint64_t at, order;
	enum event_kind kind;
	uint32_t slot;
};

struct heap {
	struct event all[HEAP_MAX];
	uint32_t count;
	uint64_t order;
};

/* A file on its way; sorted by age through next. */
struct file {
	bool used;
	uint32_t group, part_total, part_next, saved;
	int64_t size;
};

enum group_state { LOADED, PREPARING, READY };

struct group {
	enum group_state state;
	uint32_t item_next, files_open; /* files not yet started, started and not stored */
};

struct sim {
	const struct archive *a;
	const struct setting *s;
	enum way way;
	uint64_t now;
	struct heap heap;
	/* window: groups head .. loaded - 1 */
	uint32_t head, loaded, preparing;
	uint32_t message_loaded; /* index of the first message not loaded */
	struct group groups[GROUP_SLOTS];
	uint32_t first_message[GROUP_SLOTS];
	bool page_out;
	bool changed; /* since the groups were looked at */
	/* bytes */
	struct file files[FILES_MAX];
	uint32_t ages[FILES_MAX], file_count; /* slots, oldest first */
	uint64_t pipe_down, pipe_up;          /* free again at */
	uint32_t down_out, up_out, held, chunks_used;
	uint32_t held_slots[HEAP_MAX];
	/* posts */
	struct pace_lane lane;
	uint32_t batch; /* groups under way, 0: slot free */
	bool intent_kept, sent;
	uint64_t wake_at, finished;
};

/* ---- heap ---- */

static bool sooner(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(struct event *a, struct event *b)
{
	struct event t = *a;

	*a = *b;
	*b = t;
}

static void later(struct sim *m, uint64_t at, enum event_kind kind, uint32_t slot)
{
	struct heap *h = &m->heap;
	uint32_t i = h->count++;

	check(h->count <= HEAP_MAX);
	h->all[i] = (struct event){at, h->order++, kind, slot};
	for (; i > 0 && sooner(&h->all[i], &h->all[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&h->all[i], &h->all[(i - 1) / 2]);
}

static struct event take_event(struct heap *h)
{
	struct event first = h->all[0];
	uint32_t i = 0, least = 0;

	h->all[0] = h->all[--h->count];
	for (;;) {
		for (uint32_t k = 2 * i + 1; k <= 2 * i + 2 && k < h->count; k++)
			if (sooner(&h->all[k], &h->all[least]))
				least = k;
		if (least == i)
			return first;
		swap(&h->all[i], &h->all[least]);
		i = least;
	}
}

/* ---- groups ---- */

static struct group *group_at(struct sim *m, uint32_t g)
{
	return &m->groups[g % GROUP_SLOTS];
}

static int64_t size_of(const struct sim *m, uint32_t g, uint32_t item)
{
	return m->a->sizes[m->first_message[g % GROUP_SLOTS] + item];
}

static bool needs_bytes(const struct sim *m, uint32_t g)
{
	for (uint32_t i = 0; m->way == WAY_STREAM && i < m->a->counts[g]; i++)
		if (size_of(m, g, i) > 0)
			return true;
	return false;
}

static void page_came(struct sim *m)
{
	uint32_t messages = 0;

	m->page_out = false;
	m->changed = true;
	while (m->loaded < m->a->groups && messages + m->a->counts[m->loaded] <= PAGE_SIZE) {
		*group_at(m, m->loaded) = (struct group){.state = LOADED};
		m->first_message[m->loaded % GROUP_SLOTS] = m->message_loaded;
		m->message_loaded += m->a->counts[m->loaded];
		messages += m->a->counts[m->loaded++];
	}
}

/* A page is durable before the next one is asked for. */
static void history_step(struct sim *m)
{
	if (m->page_out || m->loaded == m->a->groups || !window_wants_page(m->loaded - m->head))
		return;
	m->page_out = true;
	later(m, m->now + m->s->round_trip_ns + m->s->commit_ns, PAGE_CAME, 0);
}

static bool start_file(struct sim *m, uint32_t g, int64_t size)
{
	uint32_t slot = 0;

	while (slot < FILES_MAX && m->files[slot].used)
		slot++;
	if (slot == FILES_MAX)
		return false;
	m->files[slot] = (struct file){.used = true, .group = g, .size = size};
	m->files[slot].part_total = (uint32_t)((size + m->s->part_size - 1) / m->s->part_size);
	m->ages[m->file_count++] = slot;
	return true;
}

static void prepare(struct sim *m, uint32_t g)
{
	struct group *group = group_at(m, g);

	for (; group->item_next < m->a->counts[g]; group->item_next++) {
		int64_t size = size_of(m, g, group->item_next);

		if (size > 0 && !start_file(m, g, size))
			return;
		group->files_open += size > 0;
	}
	if (group->files_open == 0) {
		group->state = READY;
		m->preparing--;
	}
}

static void group_step(struct sim *m)
{
	uint32_t done;

	if (!m->changed)
		return;
	m->changed = false;
	done = m->head < m->loaded ? m->first_message[m->head % GROUP_SLOTS] : 0;
	for (uint32_t g = m->head; g < m->loaded; g++) {
		struct group *group = group_at(m, g);

		if (group->state == LOADED && !needs_bytes(m, g)) {
			group->state = READY;
		} else if (group->state == LOADED &&
			   window_may_prepare(m->preparing, m->s->ahead,
					      m->first_message[g % GROUP_SLOTS] - done,
					      m->lane.per_ns > m->lane.interval_ns
						  ? m->lane.per_ns
						  : m->lane.interval_ns)) {
			group->state = PREPARING;
			m->preparing++;
		}
		if (group->state == PREPARING)
			prepare(m, g);
	}
}

/* ---- bytes ---- */

static uint64_t time_for(double bytes, double a_second)
{
	return (uint64_t)(bytes / a_second * 1e9);
}

/* Every part counts as the file's mean part, so which of them is the last does not matter. */
static int64_t part_len(const struct file *f)
{
	return f->size / f->part_total;
}

static uint64_t through(uint64_t *pipe, uint64_t from, uint64_t takes)
{
	*pipe = (*pipe > from ? *pipe : from) + takes;
	return *pipe;
}

static void send_up(struct sim *m, uint32_t slot)
{
	uint64_t takes = time_for((double)part_len(&m->files[slot]), m->s->up);

	m->up_out++;
	later(m, through(&m->pipe_up, m->now, takes) + m->s->round_trip_ns, PART_SAVED, slot);
}

static void part_came(struct sim *m, uint32_t slot)
{
	m->down_out--;
	if (m->up_out < m->s->parts_up)
		send_up(m, slot);
	else
		m->held_slots[m->held++] = slot;
}

static void file_saved(struct sim *m, uint32_t slot)
{
	uint32_t i = 0;

	while (m->ages[i] != slot)
		i++;
	memmove(&m->ages[i], &m->ages[i + 1], (--m->file_count - i) * sizeof(m->ages[0]));
	later(m, m->now + m->s->round_trip_ns, MEDIA_STORED, m->files[slot].group);
	m->files[slot].used = false;
	m->changed = true; /* a group may have waited for the slot */
}

static void part_saved(struct sim *m, uint32_t slot)
{
	m->up_out--;
	m->chunks_used--;
	if (++m->files[slot].saved == m->files[slot].part_total)
		file_saved(m, slot);
	if (m->held > 0) {
		uint32_t oldest = m->held_slots[0];

		memmove(m->held_slots, m->held_slots + 1, --m->held * sizeof(m->held_slots[0]));
		send_up(m, oldest);
	}
}

static void transfer_step(struct sim *m)
{
	for (uint32_t i = 0; i < m->file_count; i++) {
		struct file *f = &m->files[m->ages[i]];
		uint64_t takes = time_for((double)part_len(f), m->s->down);

		while (f->part_next < f->part_total) {
			uint64_t asked = m->now + m->s->round_trip_ns / 2;

			if (m->down_out == m->s->parts_down || m->chunks_used == m->s->chunks)
				return;
			f->part_next++;
			m->down_out++;
			m->chunks_used++;
			later(m, through(&m->pipe_down, asked, takes) + m->s->round_trip_ns / 2,
			      PART_CAME, m->ages[i]);
		}
	}
}

/* ---- posts ---- */

static uint32_t batch_messages(const struct sim *m)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->batch; i++)
		n += m->a->counts[m->head + i];
	return n;
}

static void form_batch(struct sim *m)
{
	uint32_t most = window_batch_max(m->s->rate_count, m->s->rate_unit_ns, m->s->burst);
	uint32_t n = m->a->counts[m->head];

	m->batch = 1;
	while (m->way == WAY_FORWARD && m->head + m->batch < m->loaded &&
	       group_at(m, m->head + m->batch)->state == READY &&
	       n + m->a->counts[m->head + m->batch] <= most)
		n += m->a->counts[m->head + m->batch++];
}

static void wake(struct sim *m, uint64_t at)
{
	if (at >= m->wake_at)
		return;
	m->wake_at = at;
	later(m, at, WAKE, 0);
}

/* As post.c: the intent is written up to 200 ms early, so that the slot does not wait for the disk.
 */
static void post_step(struct sim *m)
{
	struct pace_verdict v;

	if (m->batch == 0) {
		if (m->head == m->loaded || group_at(m, m->head)->state != READY)
			return;
		v = pace_ask(&m->lane, m->now, 1);
		if (v.reason != PACE_NOW && v.at > m->now + SECOND / 5) {
			wake(m, v.at - SECOND / 5);
			return;
		}
		form_batch(m);
		m->intent_kept = false;
		m->sent = false;
		later(m, m->now + m->s->commit_ns, INTENT_KEPT, 0);
	}
	if (!m->intent_kept || m->sent)
		return;
	v = pace_ask(&m->lane, m->now, batch_messages(m));
	if (v.reason != PACE_NOW) {
		wake(m, v.at);
		return;
	}
	pace_take(&m->lane, m->now, batch_messages(m));
	m->sent = true;
	later(m, m->now + m->s->round_trip_ns, POST_ANSWERED, 0);
}

static void post_answered(struct sim *m)
{
	m->head += m->batch;
	m->batch = 0;
	m->changed = true;
	m->finished = m->now;
}

/* ---- the turn ---- */

static void happen(struct sim *m, const struct event *e)
{
	switch (e->kind) {
	case PAGE_CAME:
		page_came(m);
		break;
	case PART_CAME:
		part_came(m, e->slot);
		break;
	case PART_SAVED:
		part_saved(m, e->slot);
		break;
	case MEDIA_STORED:
		group_at(m, e->slot)->files_open--;
		m->changed = true;
		break;
	case INTENT_KEPT:
		m->intent_kept = true;
		break;
	case POST_ANSWERED:
		post_answered(m);
		break;
	case WAKE:
		m->wake_at = NEVER;
		break;
	}
}

static double run(const struct archive *a, const struct setting *s, enum way way)
{
	struct sim *m = calloc(1, sizeof(*m));
	double seconds;

	check(m != NULL && s->parts_down + s->parts_up + s->chunks < HEAP_MAX / 2);
	*m = (struct sim){.a = a, .s = s, .way = way, .now = START, .wake_at = NEVER};
	pace_init(&m->lane, s->rate_count, s->rate_unit_ns, s->burst, s->interval_ns);
	for (;;) {
		struct event e;

		history_step(m);
		group_step(m);
		transfer_step(m);
		post_step(m);
		if (m->heap.count == 0)
			break;
		e = take_event(&m->heap);
		m->now = e.at;
		happen(m, &e);
	}
	check(m->head == a->groups);
	seconds = (double)(m->finished - START) / 1e9;
	free(m);
	return seconds;
}

/* ---- one message at a time ---- */

static uint64_t file_time(const struct setting *s, int64_t size, double a_second, bool partwise)
{
	uint64_t parts = partwise ? (uint64_t)((size + s->part_size - 1) / s->part_size) : 1;

	return parts * s->round_trip_ns + time_for((double)size, a_second);
}

/* The next message is begun when the one before was answered; the pace counts from post to post. */
static double run_singly(const struct archive *a, const struct setting *s, bool partwise)
{
	uint64_t now = START;
	uint32_t message = 0;
	struct pace_lane lane;

	pace_init(&lane, s->rate_count, s->rate_unit_ns, s->burst, s->interval_ns);
	for (uint32_t g = 0; g < a->groups; g++) {
		struct pace_verdict v;

		for (uint32_t i = 0; i < a->counts[g]; i++, message++)
			if (a->sizes[message] > 0)
				now += file_time(s, a->sizes[message], s->down, partwise) +
				       file_time(s, a->sizes[message], s->up, partwise) +
				       s->round_trip_ns;
		v = pace_ask(&lane, now, a->counts[g]);
		now = v.at > now ? v.at : now;
		pace_take(&lane, now, a->counts[g]);
		now += s->round_trip_ns;
	}
	return (double)(now - START) / 1e9;
}

double makespan(const struct archive *a, const struct setting *s, enum way way)
{
	if (way == WAY_SINGLY || way == WAY_PARTWISE)
		return run_singly(a, s, way == WAY_PARTWISE);
	return run(a, s, way);
}

struct bound makespan_bound(const struct archive *a, const struct setting *s, enum way way)
{
	uint32_t most =
	    way == WAY_FORWARD ? window_batch_max(s->rate_count, s->rate_unit_ns, s->burst) : 1;
	uint64_t now = START;
	struct pace_lane lane;
	struct bound b = {0, 0};

	pace_init(&lane, s->rate_count, s->rate_unit_ns, s->burst, s->interval_ns);
	for (uint32_t g = 0; g < a->groups;) {
		uint32_t n = a->counts[g++];

		while (g < a->groups && n + a->counts[g] <= most)
			n += a->counts[g++];
		now = pace_ask(&lane, now, n).at;
		pace_take(&lane, now, n);
	}
	b.pace_s = (double)(now - START) / 1e9;
	if (way != WAY_COPY && way != WAY_FORWARD)
		b.bytes_s = (double)a->bytes / (s->down < s->up ? s->down : s->up);
	return b;
}
