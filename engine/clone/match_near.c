/*
 * Who stands beside whom. As many pairs as possible, in order, may be too many: a photo without a word, or
 * words that are said again, are taken for the copy of a message that was not sent. But copies were sent one
 * after the other, each next to what is next in the source and was not there yet; so the neighbours of a copy
 * tell which of those that look like it is meant.
 *
 *   source  a  (x)  b  c  ...  p  x  q  r        the first x was refused, p to q came first as a range
 *   target  p  x  q  a  b  c                     x stands between p and q: it is the second one's copy
 */
#include "engine/clone/match_priv.h"

enum {
	FAR = 1000, /* so many are stepped over on the way to a neighbour */
	ROUNDS = 16,
};

/* It needs no copy, or had it already when this one was made. */
static bool was_there(const struct match_entry *s, uint32_t copy)
{
	return !s->sendable || (s->pair != MATCH_NONE && s->pair < (int32_t)copy);
}

uint32_t match_next(const struct match *m, int32_t i, uint32_t k)
{
	for (uint32_t n = 0; n < FAR && ++i < (int32_t)m->source->count; n++)
		if (!was_there(&m->source->at[i], k))
			return (uint32_t)i;
	return m->source->count;
}

uint32_t match_last(const struct match *m, int32_t i, uint32_t k)
{
	for (uint32_t n = 0; n < FAR && --i >= 0; n++)
		if (!was_there(&m->source->at[i], k))
			return (uint32_t)i;
	return m->source->count;
}

/* What the nearest copies on either side of copy k say that its message is. */
struct beside {
	uint32_t by_last, by_next; /* the source's count: they say nothing */
};

static struct beside look_beside(const struct match *m, uint32_t k)
{
	struct beside b = {m->source->count, m->source->count};
	uint32_t at = k;

	for (uint32_t n = 0; n < FAR && at > 0; n++)
		if (m->target->at[--at].pair != MATCH_NONE) {
			b.by_last = match_next(m, m->target->at[at].pair, k);
			break;
		}
	at = k;
	for (uint32_t n = 0; n < FAR && ++at < m->target->count; n++)
		if (m->target->at[at].pair != MATCH_NONE) {
			b.by_next = match_last(m, m->target->at[at].pair, k);
			break;
		}
	return b;
}

static int says(const struct beside *b, uint32_t i)
{
	return (b->by_last == i) + (b->by_next == i);
}

bool match_may_be(const struct match_entry *s, const struct match_entry *t, uint8_t level)
{
	return s->print[level] == t->print[level] && match_agree(s, t) && (s->topic == 0 || t->topic == 0 || s->topic == t->topic);
}

/* Whose copy is the nearest of the chain to copy k, one way or the other; one that is past all: not known. */
static int32_t chain_beside(const struct match *m, uint32_t k, int step)
{
	int64_t at = k;

	for (uint32_t n = 0; n < FAR; n++) {
		int32_t i;

		at += step;
		if (at < 0 || at >= (int64_t)m->target->count)
			return step < 0 ? MATCH_NONE : INT32_MAX;
		i = m->target->at[at].pair;
		if (i != MATCH_NONE && m->source->at[i].kind == MATCH_CHAIN)
			return i;
	}
	return step < 0 ? INT32_MAX : MATCH_NONE;
}

/* In its order it stays one of the chain, which may be in doubt as a whole from there on. */
static uint8_t kind_of_moved(const struct match *m, uint8_t kind, uint32_t i, uint32_t k)
{
	if (kind != MATCH_CHAIN)
		return kind;
	return (int32_t)i > chain_beside(m, k, -1) && (int32_t)i < chain_beside(m, k, 1) ? MATCH_CHAIN : MATCH_LATE;
}

/* Copy k is j's instead of i's; who had another copy gives it to i, if that can be. */
static void move(struct match *m, uint32_t i, uint32_t j, uint32_t k)
{
	struct match_entry *from = &m->source->at[i], *to = &m->source->at[j];
	int32_t other = to->pair;
	uint8_t kind = to->kind, level = to->level;

	to->kind = kind_of_moved(m, from->kind, j, k);
	to->level = from->level;
	to->pair = (int32_t)k;
	m->target->at[k].pair = (int32_t)j;
	from->kind = other != MATCH_NONE ? kind_of_moved(m, kind, i, (uint32_t)other) : MATCH_MISSING;
	from->level = level;
	from->pair = other;
	if (other != MATCH_NONE)
		m->target->at[other].pair = (int32_t)i;
	m->found = true;
}

/* j looks like the one that is meant: more than i, which is the one so far. */
static bool is_better(const struct match *m, uint32_t i, uint32_t j, uint32_t k)
{
	const struct match_entry *from = &m->source->at[i], *to = &m->source->at[j];
	struct beside here = look_beside(m, k), there;
	uint32_t other;

	if (j == m->source->count || j == i || !match_may_be(to, &m->target->at[k], from->level))
		return false;
	if (to->pair == MATCH_NONE)
		return says(&here, j) > says(&here, i);
	other = (uint32_t)to->pair;
	if (!match_may_be(from, &m->target->at[other], to->level))
		return false;
	there = look_beside(m, other);
	return says(&here, j) + says(&there, i) > says(&here, i) + says(&there, j);
}

static void look_at(struct match *m, uint32_t k)
{
	struct beside b = look_beside(m, k);
	uint32_t i = (uint32_t)m->target->at[k].pair;

	if (is_better(m, i, b.by_last, k))
		move(m, i, b.by_last, k);
	else if (is_better(m, i, b.by_next, k))
		move(m, i, b.by_next, k);
}

/* Copy k is nobody's so far: it is i's, if that looks like it, in as much doubt as its neighbour's is. */
static void grow(struct match *m, uint32_t i, uint32_t k)
{
	struct match_entry *s = i < m->source->count ? &m->source->at[i] : NULL, *t = &m->target->at[k];

	if (s == NULL || !match_is_hole(s) || !match_may_be(s, t, MATCH_SAME))
		return;
	s->pair = (int32_t)k;
	s->kind = MATCH_DOUBTFUL;
	s->level = MATCH_SAME;
	t->pair = (int32_t)i;
}

static int32_t doubtful_pair(const struct match *m, uint32_t k)
{
	int32_t i = m->target->at[k].pair;

	return i != MATCH_NONE && m->source->at[i].kind == MATCH_DOUBTFUL ? i : MATCH_NONE;
}

void match_grow(struct match *m)
{
	for (uint32_t k = 1; k < m->target->count; k++)
		if (m->target->at[k].pair == MATCH_NONE && doubtful_pair(m, k - 1) != MATCH_NONE)
			grow(m, match_next(m, doubtful_pair(m, k - 1), k), k);
	for (uint32_t k = m->target->count; k-- > 1;)
		if (m->target->at[k - 1].pair == MATCH_NONE && doubtful_pair(m, k) != MATCH_NONE)
			grow(m, match_last(m, doubtful_pair(m, k), k - 1), k - 1);
}

bool match_near(struct match *m)
{
	bool any = false;

	m->found = true;
	for (uint32_t round = 0; round < ROUNDS && m->found; round++) {
		m->found = false;
		for (uint32_t k = 0; k < m->target->count && !match_is_stopped(m); k++)
			if (m->target->at[k].pair != MATCH_NONE)
				look_at(m, k);
		any |= m->found;
	}
	return any;
}
