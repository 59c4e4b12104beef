/*
 * A list of spans, oldest first:
 *
 *      count 12     count 40        count 3
 *   ----|-----x--------|---x-----------|x------> wall time      x: last, what the span counts as
 *
 * It owns its numbers only; what a window is and how long it is kept, the caller says.
 */
#include "engine/pace/past.h"

#include "proto/base/check.h"

static const uint64_t GRAIN_MAX_NS = 86400ull * 1000000000;

void past_init(struct past *s, uint64_t grain_ns)
{
	check(grain_ns > 0 && grain_ns <= GRAIN_MAX_NS);
	*s = (struct past){.grain_ns = grain_ns};
}

static void forget(struct past *s, uint64_t now, uint64_t keep_ns)
{
	uint32_t old = 0;

	while (old < s->count && s->spans[old].last < now && now - s->spans[old].last > keep_ns)
		old++;
	if (old == 0)
		return;
	s->count -= old;
	memmove(s->spans, s->spans + old, s->count * sizeof(s->spans[0]));
}

static void join_pairs(struct past *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->count; i += 2) {
		struct past_span joined = s->spans[i];

		if (i + 1 < s->count) {
			joined.last = s->spans[i + 1].last;
			joined.count += s->spans[i + 1].count;
		}
		s->spans[n++] = joined;
	}
	s->count = n;
	if (s->grain_ns < GRAIN_MAX_NS / 2)
		s->grain_ns *= 2;
}

void past_put(struct past *s, uint64_t now, uint32_t n, uint64_t keep_ns)
{
	struct past_span *newest;

	forget(s, now, keep_ns);
	newest = s->count > 0 ? &s->spans[s->count - 1] : NULL;
	if (newest != NULL && now < newest->last)
		now = newest->last;
	if (newest != NULL && now - s->opened < s->grain_ns) {
		newest->count += n;
		newest->last = now;
		return;
	}
	if (s->count == PAST_SPANS)
		join_pairs(s);
	s->spans[s->count++] = (struct past_span){now, n};
	s->opened = now;
}

void past_undo(struct past *s, uint32_t n)
{
	while (n > 0 && s->count > 0) {
		struct past_span *newest = &s->spans[s->count - 1];
		uint32_t part = n < newest->count ? n : newest->count;

		newest->count -= part;
		n -= part;
		if (newest->count > 0)
			continue;
		s->count--;
		s->opened = 0; /* the span before it is closed */
	}
}

uint64_t past_after(const struct past *s, uint64_t since)
{
	uint64_t n = 0;

	for (uint32_t i = s->count; i > 0 && s->spans[i - 1].last > since; i--)
		n += s->spans[i - 1].count;
	return n;
}

uint64_t past_fits_at(const struct past *s, uint64_t window_ns, uint64_t most)
{
	uint64_t n = 0;

	for (uint32_t i = s->count; i > 0; i--) {
		n += s->spans[i - 1].count;
		if (n > most)
			return s->spans[i - 1].last + window_ns;
	}
	return 0;
}

uint64_t past_run_start(const struct past *s, uint64_t pause_ns)
{
	uint32_t i = s->count;

	if (i == 0)
		return 0;
	while (i > 1 && s->spans[i - 1].last - s->spans[i - 2].last <= pause_ns + s->grain_ns)
		i--;
	return s->spans[i - 1].last;
}

uint64_t past_newest(const struct past *s)
{
	return s->count > 0 ? s->spans[s->count - 1].last : 0;
}

void past_move_back(struct past *s, uint64_t by_ns)
{
	for (uint32_t i = 0; i < s->count; i++)
		s->spans[i].last -= by_ns < s->spans[i].last ? by_ns : s->spans[i].last;
	s->opened -= by_ns < s->opened ? by_ns : s->opened;
}

size_t past_save(const struct past *s, uint8_t out[PAST_STATE_MAX])
{
	uint8_t *at = out + PAST_HEAD_SIZE;

	store_le64(out, s->grain_ns);
	store_le64(out + 8, s->opened);
	store_le32(out + 16, s->count);
	for (uint32_t i = 0; i < s->count; i++, at += PAST_SPAN_SIZE) {
		store_le64(at, s->spans[i].last);
		store_le32(at + 8, s->spans[i].count);
	}
	return (size_t)(at - out);
}

static bool spans_ok(struct cspan in, uint32_t count)
{
	uint64_t before = 0;

	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *at = in.at + PAST_HEAD_SIZE + (size_t)i * PAST_SPAN_SIZE;

		if (load_le64(at) < before || load_le32(at + 8) == 0)
			return false;
		before = load_le64(at);
	}
	return true;
}

bool past_load(struct past *s, struct cspan in)
{
	uint32_t count;

	if (in.len < PAST_HEAD_SIZE)
		return false;
	count = load_le32(in.at + 16);
	if (count > PAST_SPANS || in.len != PAST_HEAD_SIZE + (size_t)count * PAST_SPAN_SIZE ||
	    load_le64(in.at) == 0 || load_le64(in.at) > GRAIN_MAX_NS || !spans_ok(in, count))
		return false;
	*s = (struct past){
	    .grain_ns = load_le64(in.at), .opened = load_le64(in.at + 8), .count = count};
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *at = in.at + PAST_HEAD_SIZE + (size_t)i * PAST_SPAN_SIZE;

		s->spans[i] = (struct past_span){load_le64(at), load_le32(at + 8)};
	}
	return true;
}
