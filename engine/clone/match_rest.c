/*
 * What the chain left over: copies that were sent late, and what may be a copy or not. A doubt costs a look
 * of somebody; a wrong pair would cost a message, and a missed one would send it twice.
 */
#include "engine/clone/match_priv.h"

#include <stdlib.h>

enum {
	REACH = 1000,	 /* so many messages behind its place one is looked for that is in doubt */
	EARLY_LEAST = 8, /* copies before others whose messages stand before: only of a whole range */
};

/* ---- late ones ---- */

static bool is_in_row(const struct match_entry *s)
{
	return !match_is_hole(s) && s->kind != MATCH_CHAIN;
}

/* So many of this round's stand in a row that has no hole, up to this one. */
static uint32_t row_to(const struct match *m, uint32_t i)
{
	uint32_t n = 0;

	for (; n < EARLY_LEAST && is_in_row(&m->source->at[i]); i--) {
		n += m->source->at[i].pair != MATCH_NONE && m->source->at[i].kind == MATCH_MISSING;
		if (i == 0)
			break;
	}
	return n;
}

static uint32_t row_from(const struct match *m, uint32_t i)
{
	uint32_t n = 0;

	for (; n < EARLY_LEAST && i < m->source->count && is_in_row(&m->source->at[i]); i++)
		n += m->source->at[i].pair != MATCH_NONE && m->source->at[i].kind == MATCH_MISSING;
	return n;
}

/*
 * They are paired among themselves; then those stay that can have been sent so: behind a copy whose
 * message stands behind theirs, or as a range of its own. ahead[t]: the highest message of which a copy
 * stands before t.
 */
static uint32_t keep_late(struct match *m, const int32_t *ahead)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < m->source->count; i++) {
		struct match_entry *s = &m->source->at[i];

		if (s->pair == MATCH_NONE || s->kind != MATCH_MISSING)
			continue;
		if (ahead[s->pair] > (int32_t)i || row_from(m, i) + row_to(m, i) > EARLY_LEAST) {
			kept++;
		} else {
			m->target->at[s->pair].pair = MATCH_NONE;
			s->pair = MATCH_NONE;
		}
	}
	for (uint32_t i = 0; i < m->source->count; i++)
		if (m->source->at[i].pair != MATCH_NONE && m->source->at[i].kind == MATCH_MISSING)
			m->source->at[i].kind = MATCH_LATE;
	return kept;
}

static void fill_ahead(const struct match *m, int32_t *ahead)
{
	int32_t highest = MATCH_NONE;

	for (uint32_t k = 0; k < m->target->count; k++) {
		ahead[k] = highest;
		if (m->target->at[k].pair > highest)
			highest = m->target->at[k].pair;
	}
}

/* What is not in the chain, in the chain's own way: only exactly the same counts. */
bool match_late(struct match *m)
{
	int32_t *ahead = malloc((m->target->count + 1) * sizeof(ahead[0]));
	uint32_t kept = 1;

	if (ahead == NULL)
		return false;
	for (uint32_t round = 0; round < MATCH_ROUNDS && kept > 0; round++) {
		fill_ahead(m, ahead);
		match_rest(m, m->source->count, 0, &match_passes[round % 3]);
		kept = keep_late(m, ahead) + (round < 3);
	}
	free(ahead);
	return true;
}

/* ---- doubts ---- */

/*
 * A clone leaves nothing out that it could send, or not much: a few copies behind a hole that is as large
 * may be words that somebody said by himself. The first of them; the source's count: there are none.
 */
static uint32_t first_jump(const struct match *m)
{
	uint32_t behind = 0, hole = 0, from = m->source->count;

	for (uint32_t i = m->source->count; i-- > 0 && behind < MATCH_SURE;) {
		const struct match_entry *s = &m->source->at[i];

		if (s->kind == MATCH_CHAIN) {
			behind++;
			hole = 0;
		} else if (behind > 0 && match_is_hole(s) && ++hole >= behind) {
			from = i;
			behind = hole = 0; /* and what stands before it is not helped by them */
		}
	}
	return from;
}

static uint32_t chain_end(const struct match *m)
{
	uint32_t end = m->source->count;

	while (end > 0 && m->source->at[end - 1].kind != MATCH_CHAIN)
		end--;
	return end;
}

static uint32_t behind_chain(const struct match *m, uint32_t end)
{
	return end > 0 ? (uint32_t)m->source->at[end - 1].pair + 1 : 0;
}

static bool is_same(const struct match *m, const struct match_entry *s, const struct match_entry *t)
{
	return s->pair == MATCH_NONE && t->pair == MATCH_NONE && match_agree(s, t) &&
	       match_key(s, m->pass) == match_key(t, m->pass);
}

/* Behind the chain, each with the next that it can be, if that is near. */
static void pair_near(struct match *m)
{
	uint32_t next = chain_end(m);

	for (uint32_t k = behind_chain(m, next); k < m->target->count; k++) {
		struct match_entry *t = &m->target->at[k];

		for (uint32_t i = next, passed = 0; i < m->source->count && passed < MATCH_SURE; i++) {
			struct match_entry *s = &m->source->at[i];

			if (is_same(m, s, t)) {
				s->pair = (int32_t)k;
				s->kind = MATCH_CHAIN;
				s->level = (uint8_t)m->pass->level;
				t->pair = (int32_t)i;
				next = i + 1;
				break;
			}
			passed += match_is_hole(s);
		}
	}
}

/* As many pairs as possible may be too many: what is far away took the copies of what is near. */
static void doubt_jumps(struct match *m)
{
	uint32_t from = first_jump(m), end;

	if (from == m->source->count)
		return;
	for (uint32_t i = from; i < m->source->count; i++) {
		struct match_entry *s = &m->source->at[i];

		if (s->kind != MATCH_CHAIN)
			continue;
		m->target->at[s->pair].pair = MATCH_NONE;
		s->pair = MATCH_NONE;
		s->kind = MATCH_MISSING;
	}
	m->pass = &match_passes[1];
	pair_near(m);
	m->pass = &match_passes[2];
	pair_near(m);
	for (uint32_t i = first_jump(m); i < m->source->count; i++)
		if (m->source->at[i].kind == MATCH_CHAIN)
			m->source->at[i].kind = MATCH_DOUBTFUL;
	end = chain_end(m);
	for (size_t p = 0; p < countof(match_passes); p++) {
		m->pass = &match_passes[p];
		match_gap(m, end, m->source->count, behind_chain(m, end), m->target->count);
	}
	for (uint32_t i = end; i < m->source->count; i++)
		if (m->source->at[i].pair != MATCH_NONE && m->source->at[i].kind == MATCH_MISSING)
			m->source->at[i].kind = MATCH_DOUBTFUL;
}

void match_sort(struct match *m, const struct pass *pass)
{
	for (uint32_t i = 0; i < m->source->count; i++)
		m->sorted[i] = (struct candidate){match_key(&m->source->at[i], pass), i};
	qsort(m->sorted, m->source->count, sizeof(m->sorted[0]), match_by_key);
}

/* Nobody says the like in the source; sorted before. */
static bool is_unique(const struct match *m, uint32_t i, const struct pass *pass)
{
	struct candidate key = {match_key(&m->source->at[i], pass), i};
	const struct candidate *last = m->sorted + m->source->count - 1;
	const struct candidate *at = bsearch(&key, m->sorted, m->source->count, sizeof(key), match_by_key);

	check(at != NULL);
	return (at == m->sorted || at[-1].key != key.key) && (at == last || at[1].key != key.key);
}

/* So many that should have been sent before it had no copy yet when its own was made; no more than are near. */
static uint32_t passed_over(const struct match *m, uint32_t i, const int32_t *ahead)
{
	int32_t pair = m->source->at[i].pair;
	uint32_t n = 0;

	for (int64_t k = (int64_t)i - 1; k > ahead[pair] && n <= MATCH_SURE; k--) {
		const struct match_entry *s = &m->source->at[k];

		n += s->sendable && (s->pair == MATCH_NONE || s->pair > pair);
	}
	return n;
}

/*
 * Behind the chain only what may be a copy that was made just before its end, or says what nobody else does.
 */
static void judge_early(struct match *m, const int32_t *ahead, uint32_t end)
{
	match_sort(m, &match_passes[1]);
	for (uint32_t i = 0; i < m->source->count; i++) {
		struct match_entry *s = &m->source->at[i];
		bool unique, near;

		if (s->pair == MATCH_NONE || s->kind != MATCH_MISSING)
			continue;
		unique = is_unique(m, i, &match_passes[1]);
		near = passed_over(m, i, ahead) <= MATCH_SURE;
		if (unique && near) {
			s->kind = MATCH_LATE;
		} else if (unique || near || i < end) {
			s->kind = MATCH_DOUBTFUL;
		} else {
			m->target->at[s->pair].pair = MATCH_NONE;
			s->pair = MATCH_NONE;
		}
	}
}

/* So many of the chain back from its end its last copies are made. */
static uint32_t near_end(const struct match *m, uint32_t end)
{
	uint32_t n = 0, t0 = 0;

	for (uint32_t i = end; i-- > 0 && n < MATCH_SURE;)
		if (m->source->at[i].kind == MATCH_CHAIN) {
			t0 = (uint32_t)m->source->at[i].pair;
			n++;
		}
	return n < MATCH_SURE ? 0 : t0;
}

/* What was passed over when the last copies were made may be the late ones, and in the chain by mistake. */
static uint32_t reach_of(const struct match *m, uint32_t end)
{
	uint32_t n = 0;

	for (; end < m->source->count && n < MATCH_SURE; end++)
		n += match_is_hole(&m->source->at[end]);
	return end;
}

/*
 * Exactly the same, but before the copies of what stands before it: the others are late and in the chain, or
 * somebody said so himself. What lies far behind the chain was not sent, and is in no doubt.
 */
static bool doubt_early(struct match *m)
{
	int32_t *ahead = malloc((m->target->count + 1) * sizeof(ahead[0]));
	uint32_t end = chain_end(m);

	if (ahead == NULL)
		return false;
	fill_ahead(m, ahead);
	m->found = true;
	for (uint32_t round = 0; round < MATCH_ROUNDS && m->found; round++) {
		m->found = false;
		match_rest(m, reach_of(m, end), near_end(m, end), &match_passes[1]);
		match_rest(m, reach_of(m, end), near_end(m, end), &match_passes[2]);
		match_rest(m, end, 0, &match_passes[1]);
		match_rest(m, end, 0, &match_passes[2]);
		match_rest(m, m->source->count, 0, &match_passes[1]);
		match_rest(m, m->source->count, 0, &match_passes[2]);
	}
	judge_early(m, ahead, end);
	free(ahead);
	return true;
}

/*
 * A retry's copy may have lost something as well: of what stands in front of the chain's end, and should have been
 * sent, it is one that says nearly the same. Only where nothing else in the source does that is sure.
 */
static bool doubt_changed(struct match *m)
{
	int32_t *ahead = malloc((m->target->count + 1) * sizeof(ahead[0]));
	uint32_t end = chain_end(m);

	if (ahead == NULL)
		return false;
	fill_ahead(m, ahead);
	for (size_t p = 3; p < MATCH_PASSES; p++) {
		match_rest(m, end, 0, &match_passes[p]);
		match_sort(m, &match_passes[p]);
		for (uint32_t i = 0; i < end; i++) {
			struct match_entry *s = &m->source->at[i];

			if (s->pair == MATCH_NONE || s->kind != MATCH_MISSING)
				continue;
			s->kind = ahead[s->pair] > (int32_t)i && is_unique(m, i, &match_passes[p]) ? MATCH_LATE
													: MATCH_DOUBTFUL;
			if (s->sendable)
				continue;
			s->kind = MATCH_MISSING; /* it may stand there, and is not sent in any case */
			m->target->at[s->pair].pair = MATCH_NONE;
			s->pair = MATCH_NONE;
		}
	}
	free(ahead);
	return true;
}

/* What of a kind may become of it by an edit, or by a server. */
static uint8_t settled(uint8_t media)
{
	if (media == MEDIA_GEO_LIVE)
		return MEDIA_GEO;
	return media == MEDIA_WEBPAGE ? MEDIA_NONE : media;
}

/* at_end: before or behind all copies, where anybody may have said what he likes. */
static bool looks_like(const struct match_entry *s, const struct match_entry *t, bool at_end)
{
	if (!match_is_hole(s) || t->pair != MATCH_NONE)
		return false;
	if (s->media == MATCH_UNREAD || t->media == MATCH_UNREAD)
		return true;
	if (s->date > t->date + (int64_t)MATCH_CLOCKS)
		return false;
	return s->edited > t->date ||
	       (!at_end && settled(s->media) == settled(t->media) && s->album == t->album);
}

/* Both sides of one gap in order: a message without a copy, and one like it that is nobody's. */
static void doubt_gap(struct match *m, uint32_t s0, uint32_t s1, uint32_t t0, uint32_t t1)
{
	bool at_end = s0 == 0 || s1 == m->source->count;

	for (uint32_t i = s0, k = t0; i < s1 && k < t1 && !match_is_stopped(m); i++) {
		struct match_entry *s = &m->source->at[i];
		uint32_t at = k;

		while (at < t1 && at - k < REACH && !looks_like(s, &m->target->at[at], at_end))
			at++;
		if (at == t1 || at - k == REACH)
			continue;
		s->pair = (int32_t)at;
		s->kind = MATCH_DOUBTFUL;
		m->target->at[at].pair = (int32_t)i;
		k = at + 1;
	}
}

static void doubt_gaps(struct match *m)
{
	uint32_t s0 = 0, t0 = 0;

	for (uint32_t i = 0; i < m->source->count; i++) {
		const struct match_entry *s = &m->source->at[i];

		if (s->kind != MATCH_CHAIN)
			continue;
		doubt_gap(m, s0, i, t0, (uint32_t)s->pair);
		s0 = i + 1;
		t0 = (uint32_t)s->pair + 1;
	}
	doubt_gap(m, s0, m->source->count, t0, m->target->count);
}

bool match_doubt(struct match *m)
{
	doubt_jumps(m);
	if (!doubt_early(m) || (match_near(m) && !doubt_early(m)) || !doubt_changed(m))
		return false;
	match_grow(m);
	if (!match_photos(m))
		return false;
	doubt_gaps(m);
	return true;
}
