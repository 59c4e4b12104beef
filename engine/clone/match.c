/*
 * Pairs by keys. Between two pairs of the chain lies a gap on either side, and what is in it can only
 * pair with what is in the other one: the longest common subsequence of the keys, as a whole where the
 * gap is small enough for a table, else around keys that are there once on both sides. First by all that
 * is known of a message, then by less. What is left then may have been sent late; and what follows a
 * hole too large for so few messages, or stands where another one is missing, is in doubt.
 */
#include "engine/clone/match_priv.h"

#include "engine/clone/plan.h"
#include "proto/crypto/digest.h"

#include <stdlib.h>

enum {
	GAIN = 64, /* of a pair, in the table */
};

const struct pass match_passes[MATCH_PASSES] = {
	{MATCH_SAME, true, true},   {MATCH_SAME, false, true},	{MATCH_SAME, false, false},
	{MATCH_WORDS, false, false}, {MATCH_TEXT, false, false},
};

int match_by_key(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

static int by_key(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = match_by_key(a, b);

	return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

static int by_id(const void *a, const void *b)
{
	const struct match_entry *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* ---- keys ---- */

static uint64_t mix(uint64_t a, uint64_t b)
{
	a ^= b + UINT64_C(0x9e3779b97f4a7c15) + (a << 6) + (a >> 2);
	a *= UINT64_C(0xbf58476d1ce4e5b9);
	return a ^ a >> 29;
}

static uint64_t print_of(const struct message *m)
{
	uint8_t all[32];

	message_fingerprint(m, all);
	return load_le64(all);
}

/* Its words; what has none by its file's name, or its size: the kind may have changed. A caption may have been cut. */
static uint64_t text_of(const struct message *m)
{
	static const struct plan_options least = {.premium = false};
	uint8_t all[32], raw[9] = {m->media.has_file};
	struct message cut = *m;
	struct cspan words;
	struct cspan parts[2] = {{0}, {raw, sizeof(raw)}};

	plan_clip(&cut, &least);
	words = cut.text.len > 0 ? cut.text : m->media.name;
	parts[0] = words;
	if (words.len == 0 && !m->media.has_file)
		return print_of(m);
	if (words.len == 0)
		store_le64(raw + 1, (uint64_t)m->media.file.size);
	digest_sha256(all, parts, countof(parts));
	return load_le64(all);
}

void match_read(const struct message *m, struct match_entry *e)
{
	struct message bare = *m;

	bare.entities = (struct tl_vec){0};
	*e = (struct match_entry){.id = m->id,
				  .date = m->date,
				  .edited = tl_int(m->obj, TLF_edit_date),
				  .topic = m->topic,
				  .reply = m->reply_to,
				  .album = m->grouped_id != 0,
				  .elsewhere = m->reply_elsewhere,
				  .media = (uint8_t)m->media.kind,
				  .file = m->media.has_file ? m->media.file.id : message_place(m),
				  .pair = MATCH_NONE};
	e->print[MATCH_SAME] = print_of(m);
	e->print[MATCH_WORDS] = print_of(&bare);
	e->print[MATCH_TEXT] = text_of(m);
}

uint64_t match_key(const struct match_entry *e, const struct pass *pass)
{
	uint64_t key = mix(e->print[pass->level], (uint64_t)pass->level);

	if (pass->topic)
		key = mix(key, (uint64_t)(uint32_t)e->topic);
	return pass->file ? mix(key, (uint64_t)e->file) : key;
}

static int by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The other side's numbers are sorted. */
static void forget_files(struct match_side *side, const int64_t *files, uint32_t count)
{
	for (uint32_t i = 0; i < side->count; i++)
		if (bsearch(&side->at[i].file, files, count, sizeof(files[0]), by_number) == NULL)
			side->at[i].file = 0;
}

/*
 * A file that was forwarded or named stays the same one; one that is on one side alone was sent anew,
 * or its message was not sent, and says nothing.
 */
static bool compare_files(struct match_side *source, struct match_side *target)
{
	uint32_t most = source->count > target->count ? source->count : target->count;
	int64_t *files = malloc((most + 1) * sizeof(files[0]));

	if (files == NULL)
		return false;
	for (int side = 0; side < 2; side++) {
		const struct match_side *of = side == 0 ? source : target;

		for (uint32_t i = 0; i < of->count; i++)
			files[i] = of->at[i].file;
		qsort(files, of->count, sizeof(files[0]), by_number);
		forget_files(side == 0 ? target : source, files, of->count);
	}
	free(files);
	return true;
}

/* ---- pairs ---- */

static struct match_entry *source_at(const struct match *m, uint32_t i)
{
	return &m->source->at[m->s.at[i].index];
}

static struct match_entry *target_at(const struct match *m, uint32_t k)
{
	return &m->target->at[m->t.at[k].index];
}

static bool may_pair(const struct match *m, uint32_t i, uint32_t k)
{
	const struct match_entry *s = source_at(m, i), *t = target_at(m, k);

	return m->s.at[i].key == m->t.at[k].key && match_agree(s, t);
}

static void make_pair(struct match *m, uint32_t i, uint32_t k)
{
	struct match_entry *s = source_at(m, i), *t = target_at(m, k);

	check(s->pair == MATCH_NONE && t->pair == MATCH_NONE);
	s->pair = (int32_t)m->t.at[k].index;
	t->pair = (int32_t)m->s.at[i].index;
	s->level = (uint8_t)m->pass->level;
	m->found = true;
}

static void collect(const struct match_side *side, uint32_t from, uint32_t to, const struct pass *pass,
		    struct list_of *out)
{
	out->count = 0;
	for (uint32_t i = from; i < to; i++)
		if (side->at[i].pair == MATCH_NONE)
			out->at[out->count++] = (struct candidate){match_key(&side->at[i], pass), i};
}

static bool has_key(const struct list_of *sorted, uint64_t key)
{
	struct candidate sought = {.key = key};

	return sorted->count > 0 &&
	       bsearch(&sought, sorted->at, sorted->count, sizeof(sought), match_by_key) != NULL;
}

static void keep_common(struct match *m, struct list_of *list, const struct list_of *other)
{
	struct list_of sorted = {m->sorted, other->count};
	uint32_t kept = 0;

	if (other->count > 0)
		memcpy(sorted.at, other->at, other->count * sizeof(other->at[0]));
	qsort(sorted.at, sorted.count, sizeof(sorted.at[0]), by_key);
	for (uint32_t i = 0; i < list->count; i++)
		if (has_key(&sorted, list->at[i].key))
			list->at[kept++] = list->at[i];
	list->count = kept;
}

/* ---- the longest common subsequence ---- */

/* What beyond their keys speaks for a pair, what stands beside them first of all; never worth a pair less. */
static uint32_t gain_of(const struct match *m, uint32_t i, uint32_t k)
{
	uint32_t gain = GAIN + (source_at(m, i)->album == target_at(m, k)->album);

	gain += i > 0 && k > 0 && may_pair(m, i - 1, k - 1);
	gain += i + 1 < m->s.count && k + 1 < m->t.count && may_pair(m, i + 1, k + 1);
	return gain;
}

/*
 * Of equal ones the first of the source, since the rest may not have been sent yet. from_end: of equal
 * ones the last of both, since what stands before the first copy is not the job's. Where two cannot both be
 * in order, it is the copy that stands first: the other one may be late, none can be early.
 */
static void by_table(struct match *m, uint32_t s0, uint32_t s1, uint32_t t0, uint32_t t1, bool from_end)
{
	uint32_t rows = s1 - s0, width = t1 - t0 + 1, i = 0, k = 0;
	uint32_t *d = m->table;

#define S_AT(n) (from_end ? s1 - 1 - (n) : s0 + (n))
#define T_AT(n) (from_end ? t1 - 1 - (n) : t0 + (n))
	memset(d + (size_t)rows * width, 0, width * sizeof(d[0]));
	for (i = rows; i-- > 0;) {
		d[(size_t)i * width + width - 1] = 0;
		for (k = width - 1; k-- > 0;) {
			uint32_t *at = &d[(size_t)i * width + k];

			*at = at[1] > at[width] ? at[1] : at[width];
			if (may_pair(m, S_AT(i), T_AT(k)) &&
			    at[width + 1] + gain_of(m, S_AT(i), T_AT(k)) > *at)
				*at = at[width + 1] + gain_of(m, S_AT(i), T_AT(k));
		}
	}
	for (i = k = 0; i < rows && k < width - 1;) {
		const uint32_t *at = &d[(size_t)i * width + k];

		if (may_pair(m, S_AT(i), T_AT(k)) &&
		    at[0] == at[width + 1] + gain_of(m, S_AT(i), T_AT(k)))
			make_pair(m, S_AT(i++), T_AT(k++));
		else if (from_end ? at[0] == at[1] : at[0] != at[width])
			k++;
		else
			i++;
	}
#undef S_AT
#undef T_AT
}

static bool fits(const struct match *m, uint32_t rows, uint32_t columns)
{
	return (uint64_t)(rows + 1) * (columns + 1) <= m->cells;
}

/* Too many to compare each with each, and none is there once: as far as the table goes, piece by piece. */
static void by_pieces(struct match *m, bool from_end)
{
	uint32_t side = 2, s = 0, t = 0;

	while (fits(m, 2 * side, 2 * side))
		side *= 2;
	while (s < m->s.count && t < m->t.count) {
		uint32_t s1 = m->s.count - s < side ? m->s.count : s + side;
		uint32_t t1 = m->t.count - t < side ? m->t.count : t + side;

		if (from_end)
			by_table(m, m->s.count - s1, m->s.count - s, m->t.count - t1, m->t.count - t, true);
		else
			by_table(m, s, s1, t, t1, false);
		s = s1;
		t = t1;
	}
}

static uint32_t add_rows(const struct list_of *list, uint32_t together, uint32_t from,
			 struct candidate *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i + together <= list->count; i++) {
		out[n] = (struct candidate){list->at[i].key, from + i};
		for (uint32_t k = 1; k < together; k++)
			out[n].key = mix(out[n].key, list->at[i + k].key);
		n++;
	}
	return n;
}

/*
 * Those of a key that is there once on both sides, or that begin a row of so many that is: s.at in order,
 * each with its place in t.at.
 */
static uint32_t unique_places(struct match *m, uint32_t *places, uint32_t together)
{
	struct candidate *all = m->sorted;
	uint32_t n = add_rows(&m->s, together, 0, all), found = 0;

	n += add_rows(&m->t, together, m->s.count, all + n);
	for (uint32_t i = 0; i < m->s.count; i++)
		places[i] = UINT32_MAX;
	qsort(all, n, sizeof(all[0]), by_key);
	for (uint32_t i = 0, run; i < n; i += run) {
		for (run = 1; i + run < n && all[i + run].key == all[i].key; run++)
			;
		if (run == 2 && all[i].index < m->s.count && all[i + 1].index >= m->s.count &&
		    may_pair(m, all[i].index, all[i + 1].index - m->s.count)) {
			places[all[i].index] = all[i + 1].index - m->s.count;
			found++;
		}
	}
	return found;
}

/* The longest run of them that rises on both sides. */
static void pair_rising(struct match *m, const uint32_t *places)
{
	uint32_t *tails = m->lis + m->s.count, *before = m->lis + 2 * (size_t)m->s.count, length = 0;
	uint32_t at;

	for (uint32_t i = 0; i < m->s.count; i++) {
		uint32_t lo = 0, hi = length;

		if (places[i] == UINT32_MAX)
			continue;
		while (lo < hi) {
			uint32_t mid = lo + (hi - lo) / 2;

			if (places[tails[mid]] < places[i])
				lo = mid + 1;
			else
				hi = mid;
		}
		before[i] = lo > 0 ? tails[lo - 1] : UINT32_MAX;
		tails[lo] = i;
		length = lo == length ? length + 1 : length;
	}
	at = length > 0 ? tails[length - 1] : UINT32_MAX;
	for (; at != UINT32_MAX; at = before[at])
		make_pair(m, at, places[at]);
}

/* A long row that is the same on both sides is hardly chance. What lies around it is solved in the next round. */
static void solve(struct match *m, bool from_end)
{
	static const uint32_t together[] = {16, 4, 1};

	if (m->s.count == 0 || m->t.count == 0 || match_is_stopped(m))
		return;
	if (fits(m, m->s.count, m->t.count)) {
		by_table(m, 0, m->s.count, 0, m->t.count, from_end);
		return;
	}
	for (size_t i = 0; i < countof(together); i++) {
		if (unique_places(m, m->lis, together[i]) > 0) {
			pair_rising(m, m->lis);
			return;
		}
	}
	by_pieces(m, from_end);
}

void match_gap(struct match *m, uint32_t s0, uint32_t s1, uint32_t t0, uint32_t t1)
{
	bool from_end = t0 == 0 && t1 < m->target->count;

	collect(m->source, s0, s1, m->pass, &m->s);
	collect(m->target, t0, t1, m->pass, &m->t);
	keep_common(m, &m->s, &m->t);
	keep_common(m, &m->t, &m->s);
	solve(m, from_end);
}

/* ---- gaps ---- */

void match_rest(struct match *m, uint32_t end, uint32_t t0, const struct pass *pass)
{
	m->pass = pass;
	collect(m->source, 0, end, pass, &m->s);
	collect(m->target, t0, m->target->count, pass, &m->t);
	keep_common(m, &m->s, &m->t);
	keep_common(m, &m->t, &m->s);
	solve(m, false);
}

/* ---- the chain ---- */

static void solve_gaps(struct match *m)
{
	uint32_t s0 = 0, t0 = 0;

	for (uint32_t i = 0; i < m->source->count; i++) {
		int32_t pair = m->source->at[i].pair;

		if (pair == MATCH_NONE)
			continue;
		match_gap(m, s0, i, t0, (uint32_t)pair);
		s0 = i + 1;
		t0 = (uint32_t)pair + 1;
	}
	match_gap(m, s0, m->source->count, t0, m->target->count);
}

static void make_chain(struct match *m)
{
	for (size_t p = 0; p < countof(match_passes); p++) {
		m->pass = &match_passes[p];
		do {
			m->found = false;
			solve_gaps(m);
		} while (m->found);
	}
	for (uint32_t i = 0; i < m->source->count; i++)
		if (m->source->at[i].pair != MATCH_NONE)
			m->source->at[i].kind = MATCH_CHAIN;
}

/*
 * A reply that was kept tells which of equal ones it answers: of two that say the same, one without a
 * copy, it is the one that is answered; if nothing of the chain stands between them.
 */
static bool may_move(const struct match *m, uint32_t from, uint32_t to)
{
	const struct match_entry *a = &m->source->at[from], *b = &m->source->at[to];
	uint32_t lo = from < to ? from : to, hi = from < to ? to : from;

	if (b->pair != MATCH_NONE || a->kind != MATCH_CHAIN || a->print[a->level] != b->print[a->level] ||
	    a->file != b->file || !match_agree(b, &m->target->at[a->pair]))
		return false;
	for (uint32_t i = lo + 1; i < hi; i++)
		if (m->source->at[i].kind == MATCH_CHAIN)
			return false;
	return true;
}

static uint32_t find(const struct match_side *side, int32_t id)
{
	struct match_entry sought = {.id = id};
	const struct match_entry *at = NULL;

	if (side->count > 0)
		at = bsearch(&sought, side->at, side->count, sizeof(sought), by_id);
	return at != NULL ? (uint32_t)(at - side->at) : UINT32_MAX;
}

static void follow_replies(struct match *m)
{
	for (uint32_t i = 0; i < m->source->count; i++) {
		const struct match_entry *s = &m->source->at[i], *t;
		uint32_t meant, there;
		int32_t other;

		if (s->kind != MATCH_CHAIN || s->reply == 0)
			continue;
		t = &m->target->at[s->pair];
		meant = find(m->source, s->reply);
		there = t->reply != 0 ? find(m->target, t->reply) : UINT32_MAX;
		if (meant == UINT32_MAX || there == UINT32_MAX)
			continue;
		other = m->target->at[there].pair;
		if (other == MATCH_NONE || (uint32_t)other == meant || !may_move(m, (uint32_t)other, meant))
			continue;
		m->source->at[meant].pair = (int32_t)there;
		m->source->at[meant].kind = MATCH_CHAIN;
		m->source->at[meant].level = m->source->at[other].level;
		m->source->at[other].pair = MATCH_NONE;
		m->source->at[other].kind = MATCH_MISSING;
		m->target->at[there].pair = (int32_t)meant;
	}
}

/* ---- all of it ---- */

static bool take_memory(struct match *m)
{
	uint32_t n = m->source->count + 1, k = m->target->count + 1;

	m->s.at = malloc(n * sizeof(m->s.at[0]));
	m->t.at = malloc(k * sizeof(m->t.at[0]));
	m->sorted = malloc((n + (size_t)k) * sizeof(m->sorted[0]));
	m->lis = malloc(3 * (size_t)n * sizeof(m->lis[0]));
	m->table = malloc((size_t)m->cells * sizeof(m->table[0]));
	return m->s.at != NULL && m->t.at != NULL && m->sorted != NULL && m->lis != NULL &&
	       m->table != NULL;
}

static bool match_all(struct match *m)
{
	make_chain(m);
	follow_replies(m);
	return match_late(m) && (!match_near(m) || match_late(m)) && match_doubt(m);
}

/* What was left out at first came later, as it seems: something that stands there is like it, and no other's. */
static bool was_filled(struct match *m)
{
	struct list_of before = {m->sorted, m->source->begin};

	for (uint32_t i = 0; i < before.count; i++)
		before.at[i] = (struct candidate){m->source->at[i].print[MATCH_SAME], i};
	qsort(before.at, before.count, sizeof(before.at[0]), match_by_key);
	for (uint32_t k = 0; k < m->target->count; k++)
		if (m->target->at[k].pair == MATCH_NONE && has_key(&before, m->target->at[k].print[MATCH_SAME]))
			return true;
	return false;
}

static void part(struct match_side *side)
{
	for (uint32_t i = 0; i < side->count; i++) {
		side->at[i].pair = MATCH_NONE;
		side->at[i].kind = MATCH_MISSING;
	}
}

/* First without what was left out, which may say the same as what was sent; false: no memory. */
static bool match_range(struct match *m)
{
	struct match_side *all = m->source, range = {.at = all->at + all->begin, .count = all->count - all->begin};
	bool good;

	m->source = &range;
	good = match_all(m);
	m->source = all;
	for (uint32_t k = 0; k < m->target->count; k++)
		if (m->target->at[k].pair != MATCH_NONE)
			m->target->at[k].pair += (int32_t)all->begin;
	if (!good || !was_filled(m))
		return good;
	part(all);
	part(m->target);
	return match_all(m);
}

/* At most: take_memory's, and what match_rest.c and match_photos.c borrow of each copy. */
size_t match_bytes(uint32_t source_count, uint32_t target_count, uint32_t cells)
{
	size_t n = source_count + (size_t)1, k = target_count + (size_t)1;

	return n * (2 * sizeof(struct candidate) + 3 * sizeof(uint32_t)) +
	       k * (2 * sizeof(struct candidate) + 5 * sizeof(uint32_t)) +
	       (cells > 0 ? cells : MATCH_CELLS) * sizeof(uint32_t);
}

bool match_run(struct match_side *source, struct match_side *target, uint32_t cells,
	       const struct match_stop *stop)
{
	struct match m = {.source = source, .target = target, .cells = cells > 0 ? cells : MATCH_CELLS, .stop = stop};
	bool good = take_memory(&m) && compare_files(source, target);

	check(source->begin <= source->count && source->count < INT32_MAX && target->count < INT32_MAX && (cells == 0 || cells >= 25));
	if (good)
		good = source->begin > 0 ? match_range(&m) : match_all(&m);
	free(m.s.at);
	free(m.t.at);
	free(m.sorted);
	free(m.lis);
	free(m.table);
	return good && !m.stopped;
}
