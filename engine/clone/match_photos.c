/*
 * Photos that were uploaded anew: nothing in them tells one from another, but each is another one. So their
 * pairs are taken back, and each row of them goes to where the copies on either side of it say: behind
 * the message of the one before, or in front of the message of the one behind. What may be either is in doubt.
 *
 *   source  a  P  Q  b  ...  c  R  d         two lives: the first one ended behind P, the next began with R
 *   target  a  P' R' d                       P' stands behind a, and R' in front of d
 */
#include "engine/clone/match_priv.h"

#include <stdlib.h>

/* Copies of photos between two others. */
struct block {
	uint32_t *copies, count;
	int32_t last, next;   /* whose copies stand on either side; MATCH_NONE: none do */
	uint32_t *ahead, *back; /* whose they are, counted from the last one and from the next one back */
	uint32_t by_last, by_next;
};

struct photos {
	struct match *m;
	int32_t *was;	/* of copies: their pairs so far */
	int32_t *chain; /* of copies: the source's of the chain's next pair; INT32_MAX: none */
	int32_t low;	/* the chain's last pair, so far */
	struct block b;
};

/* Of which there are so many in the source, by what they say; two is enough. */
static uint32_t how_many(const struct match *m, const struct match_entry *e)
{
	struct candidate key = {.key = match_key(e, &match_passes[2])};
	const struct candidate *end = m->sorted + m->source->count, *at = NULL;

	if (m->source->count > 0)
		at = bsearch(&key, m->sorted, m->source->count, sizeof(key), match_by_key);
	if (at == NULL)
		return 0;
	return (at > m->sorted && at[-1].key == key.key) || (at + 1 < end && at[1].key == key.key) ? 2 : 1;
}

static void mark_vague(const struct match *m, struct match_side *side)
{
	for (uint32_t i = 0; i < side->count; i++) {
		struct match_entry *e = &side->at[i];

		e->vague = e->media == MEDIA_PHOTO && e->file == 0 && how_many(m, e) > 1;
	}
}

static void part(struct photos *p)
{
	struct match *m = p->m;
	int32_t next = INT32_MAX;

	for (uint32_t k = m->target->count; k-- > 0;) {
		struct match_entry *t = &m->target->at[k], *s;

		p->was[k] = t->pair;
		p->chain[k] = next;
		if (t->pair == MATCH_NONE)
			continue;
		s = &m->source->at[t->pair];
		if (t->vague && s->vague) {
			s->pair = t->pair = MATCH_NONE;
			s->kind = MATCH_MISSING;
		} else if (s->kind == MATCH_CHAIN) {
			next = t->pair;
		}
	}
}

static uint8_t kind_of(const struct photos *p, int32_t i)
{
	return i == MATCH_NONE ? MATCH_CHAIN : p->m->source->at[i].kind;
}

/* anchor: by whose copy that is known. */
static void give(struct photos *p, uint32_t k, uint32_t i, uint8_t anchor)
{
	struct match_entry *s = &p->m->source->at[i], *t = &p->m->target->at[k];

	if (t->pair == MATCH_NONE)
		t->pair = (int32_t)i; /* else it is in doubt whose it is */
	s->pair = (int32_t)k;
	s->level = s->print[MATCH_SAME] == t->print[MATCH_SAME] ? MATCH_SAME : MATCH_TEXT;
	s->kind = anchor;
	if (anchor == MATCH_DOUBTFUL)
		return;
	s->kind = (int32_t)i > p->low && (int32_t)i < p->chain[k] ? MATCH_CHAIN : MATCH_LATE;
	if (s->kind == MATCH_CHAIN)
		p->low = (int32_t)i;
}

static bool fits(const struct photos *p, uint32_t i, uint32_t n)
{
	const struct match_entry *s = &p->m->source->at[i];

	return s->vague && s->pair == MATCH_NONE &&
	       match_may_be(s, &p->m->target->at[p->b.copies[n]], MATCH_SAME);
}

static void count_both_ways(struct photos *p)
{
	struct block *b = &p->b;
	struct match *m = p->m;
	uint32_t none = m->source->count, i;

	b->by_last = b->by_next = 0;
	i = match_next(m, b->last, b->copies[0]);
	for (; b->by_last < b->count && i < none && fits(p, i, b->by_last); i = match_next(m, (int32_t)i, b->copies[0]))
		b->ahead[b->by_last++] = i;
	i = b->next != MATCH_NONE ? match_last(m, b->next, b->copies[0]) : none;
	for (; b->by_next < b->count && i < none && fits(p, i, b->count - 1 - b->by_next);
	     i = match_last(m, (int32_t)i, b->copies[0]))
		b->back[b->by_next++] = i;
}

/* So many photos and nothing else were to be sent between the two; 0: or something else, too. */
static uint32_t count_between(const struct photos *p)
{
	const struct block *b = &p->b;
	uint32_t n = 0, i = match_next(p->m, b->last, b->copies[0]);

	if (b->next == MATCH_NONE || b->last >= b->next)
		return 0;
	for (; i < (uint32_t)b->next && p->m->source->at[i].vague; i = match_next(p->m, (int32_t)i, b->copies[0]))
		n++;
	return i == (uint32_t)b->next ? n : 0;
}

/* Each of them may be without a copy. */
static void doubt_between(struct photos *p)
{
	const struct block *b = &p->b;
	uint32_t i = match_next(p->m, b->last, b->copies[0]), n = 0;

	for (; i < (uint32_t)b->next; i = match_next(p->m, (int32_t)i, b->copies[0])) {
		give(p, b->copies[n], i, MATCH_DOUBTFUL);
		n += n + 1 < b->count;
	}
}

/* In one stretch of the source: as many as there are of them, in their order. */
static void lay_between(struct photos *p)
{
	struct block *b = &p->b;
	struct match *m = p->m;
	uint32_t room = 0, from = (uint32_t)(b->last + 1);

	for (uint32_t i = from; i < (uint32_t)b->next; i++)
		room += m->source->at[i].vague && match_is_hole(&m->source->at[i]);
	for (size_t pass = 0; pass < 3; pass++) {
		m->pass = &match_passes[pass];
		match_gap(m, from, (uint32_t)b->next, b->copies[0], b->copies[b->count - 1] + 1);
	}
	for (uint32_t i = from; i < (uint32_t)b->next; i++) {
		const struct match_entry *s = &m->source->at[i];

		if (s->pair != MATCH_NONE && s->kind == MATCH_MISSING)
			give(p, (uint32_t)s->pair, i, room > b->count ? MATCH_DOUBTFUL : MATCH_LATE);
	}
}

/* What no neighbour tells of keeps its pair, if that has no other by now; in doubt. */
static void keep(struct photos *p, uint32_t n)
{
	uint32_t k = p->b.copies[n];
	int32_t was = p->was[k];

	if (p->m->target->at[k].pair == MATCH_NONE && was != MATCH_NONE && p->m->source->at[was].pair == MATCH_NONE)
		give(p, k, (uint32_t)was, MATCH_DOUBTFUL);
}

/* Some stand behind what was sent before, some in front of what was sent next; where both may be, both are in doubt. */
static void lay_apart(struct photos *p)
{
	struct block *b = &p->b;
	uint32_t none = b->by_last + b->by_next < b->count ? b->count - b->by_last - b->by_next : 0;
	uint32_t ahead = none > 0 ? b->by_last : b->count - b->by_next;
	uint32_t back = none > 0 ? b->by_next : b->count - b->by_last;

	for (uint32_t n = 0; n < b->count; n++) {
		if (n < ahead) {
			give(p, b->copies[n], b->ahead[n], kind_of(p, b->last));
		} else if (n >= b->count - back) {
			give(p, b->copies[n], b->back[b->count - 1 - n], kind_of(p, b->next));
		} else if (none > 0) {
			keep(p, n);
		} else {
			give(p, b->copies[n], b->ahead[n], MATCH_DOUBTFUL);
			if (p->m->source->at[b->back[b->count - 1 - n]].pair == MATCH_NONE)
				give(p, b->copies[n], b->back[b->count - 1 - n], MATCH_DOUBTFUL);
		}
	}
}

static void lay(struct photos *p)
{
	struct block *b = &p->b;
	uint32_t between = count_between(p);

	count_both_ways(p);
	if (b->last == MATCH_NONE && b->by_next > 0 && between != b->count)
		b->by_last = 0; /* that the job began at the start is only likely */
	if (between > b->count && (b->last != MATCH_NONE ? b->by_last : b->by_next) == b->count)
		doubt_between(p);
	else if (between > 0 && between <= b->count && b->by_last == between)
		for (uint32_t n = 0; n < between; n++)
			give(p, b->copies[n], b->ahead[n], kind_of(p, b->last));
	else if (b->by_last + b->by_next < b->count && b->next != MATCH_NONE && b->last < b->next)
		lay_between(p);
	else
		lay_apart(p);
}

static void pass_by(struct photos *p, const struct match_entry *t)
{
	if (t->pair != MATCH_NONE && p->m->source->at[t->pair].kind == MATCH_CHAIN)
		p->low = t->pair;
}

static void lay_all(struct photos *p)
{
	struct match *m = p->m;
	struct block *b = &p->b;

	p->low = b->last = b->next = MATCH_NONE;
	for (uint32_t k = 0; k <= m->target->count && !match_is_stopped(m); k++) {
		const struct match_entry *t = k < m->target->count ? &m->target->at[k] : NULL;

		if (t != NULL && t->pair == MATCH_NONE) {
			if (t->vague)
				b->copies[b->count++] = k;
			continue;
		}
		b->next = t != NULL ? t->pair : MATCH_NONE;
		if (b->count > 0)
			lay(p);
		b->count = 0;
		b->last = b->next;
		if (t != NULL)
			pass_by(p, t);
	}
}

/* Copies of which no neighbour tells may be those of any that have none, up to where the job came. */
static void doubt_rest(struct match *m)
{
	uint32_t end = m->source->count;

	while (end > 0 && m->source->at[end - 1].pair == MATCH_NONE)
		end--;
	match_rest(m, end, 0, &match_passes[1]);
	match_rest(m, end, 0, &match_passes[2]);
	for (uint32_t i = 0; i < end; i++) {
		struct match_entry *s = &m->source->at[i];

		if (s->pair == MATCH_NONE || s->kind != MATCH_MISSING)
			continue;
		if (s->vague) {
			s->kind = MATCH_DOUBTFUL;
		} else {
			m->target->at[s->pair].pair = MATCH_NONE;
			s->pair = MATCH_NONE;
		}
	}
}

bool match_photos(struct match *m)
{
	uint32_t n = m->target->count + 1;
	struct photos p = {.m = m, .was = malloc(n * sizeof(p.was[0])), .chain = malloc(n * sizeof(p.chain[0])),
			   .b = {.copies = malloc(n * sizeof(p.b.copies[0])), .ahead = malloc(n * sizeof(p.b.ahead[0])),
				 .back = malloc(n * sizeof(p.b.back[0]))}};
	bool good = p.was != NULL && p.chain != NULL && p.b.copies != NULL && p.b.ahead != NULL && p.b.back != NULL;

	if (good) {
		match_sort(m, &match_passes[2]);
		mark_vague(m, m->source);
		mark_vague(m, m->target);
		part(&p);
		lay_all(&p);
		doubt_rest(m);
	}
	free(p.was);
	free(p.chain);
	free(p.b.copies);
	free(p.b.ahead);
	free(p.b.back);
	return good;
}
