/*
 * The learner as bytes: a head of numbers, then what was sent when. A time of ours that lies ahead of
 * the present shows a clock that was set back: all times move with it, so what was a minute ago stays
 * a minute ago.
 */
#include "engine/pace/learn_priv.h"

enum { MAGIC = 0x6e72616c, VERSION = 1, FIELDS = 23 };

static_assert(LEARN_HEAD_SIZE == 8 + FIELDS * 8 + 8, "the fields fill the head");

static void fields_of(struct learn *l, uint64_t *out[FIELDS])
{
	uint64_t *all[FIELDS] = {
	    &l->per_ns,           &l->good_ns,         &l->bad_ns,         &l->since,
	    &l->flooded,          &l->window_ns,       &l->quota,          &l->lift_at,
	    &l->rate_mark.at,     &l->rate_mark.first, &l->rate_mark.sent, &l->quota_mark.at,
	    &l->quota_mark.first, &l->quota_mark.sent, &l->limit_ns,       &l->burst,
	    &l->top_ns,           &l->after_ns,        &l->told,           &l->doubt,
	    &l->level_ns,         &l->level_at,        &l->filled,
	};

	memcpy(out, all, sizeof(all));
}

size_t learn_save(const struct learn *l, uint8_t out[LEARN_STATE_MAX])
{
	struct learn copy = *l;
	uint64_t *fields[FIELDS];

	fields_of(&copy, fields);
	store_le32(out, MAGIC);
	store_le32(out + 4, VERSION);
	for (uint32_t i = 0; i < FIELDS; i++)
		store_le64(out + 8 + (size_t)i * 8, *fields[i]);
	store_le32(out + 8 + FIELDS * 8, l->calm);
	store_le32(out + 12 + FIELDS * 8, l->step);
	return LEARN_HEAD_SIZE + past_save(&l->past, out + LEARN_HEAD_SIZE);
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void move_back(uint64_t *at, uint64_t by)
{
	*at = *at > by ? *at - by : 0;
}

/* 0 stays: it says that there was none. */
static void move_mark(struct learn_mark *m, uint64_t by)
{
	move_back(&m->at, by);
	move_back(&m->first, by);
}

void learn_restore(struct learn *l, uint64_t now)
{
	uint64_t newest = later(later(l->since, l->flooded), later(l->level_at, past_newest(&l->past)));
	uint64_t by = newest > now ? newest - now : 0;

	if (by == 0)
		return;
	move_back(&l->since, by);
	move_back(&l->flooded, by);
	move_back(&l->filled, by);
	move_back(&l->level_at, by);
	move_back(&l->lift_at, by);
	move_mark(&l->rate_mark, by);
	move_mark(&l->quota_mark, by);
	past_move_back(&l->past, by);
}

/* A stored state: times that no clock set them to must not hold what was learnt for ever. */
static void restore(struct learn *l, uint64_t now)
{
	learn_restore(l, now);
	if (l->lift_at > lift_after(l, now))
		l->lift_at = lift_after(l, now);
}

/* 0 or a spacing that the learner makes. */
static bool spacing_ok(uint64_t per_ns)
{
	return per_ns == 0 || (per_ns >= PER_MIN_NS && per_ns <= PER_MAX_NS);
}

static bool is_sane(const struct learn *l)
{
	static const uint64_t many = UINT64_C(1) << 40;

	return l->per_ns != 0 && spacing_ok(l->per_ns) && spacing_ok(l->good_ns) &&
	       spacing_ok(l->bad_ns) && spacing_ok(l->limit_ns) && spacing_ok(l->top_ns) &&
	       spacing_ok(l->after_ns) && l->level_ns <= LEVEL_MAX_NS && l->burst <= many &&
	       l->doubt <= many && l->quota <= many && l->told <= many &&
	       l->rate_mark.sent <= many && l->quota_mark.sent <= many &&
	       (l->step == 0 || l->good_ns != 0) &&
	       (l->window_ns == 0 ||
		(l->quota > 0 && l->window_ns >= WINDOW_MIN_NS && l->window_ns <= WINDOW_MAX_NS));
}

bool learn_load(struct learn *l, struct cspan in, uint64_t now)
{
	struct learn loaded = {.per_ns = 0};
	uint64_t *fields[FIELDS];

	if (in.len < LEARN_HEAD_SIZE || load_le32(in.at) != MAGIC ||
	    load_le32(in.at + 4) != VERSION)
		return false;
	fields_of(&loaded, fields);
	for (uint32_t i = 0; i < FIELDS; i++)
		*fields[i] = load_le64(in.at + 8 + (size_t)i * 8);
	loaded.calm = load_le32(in.at + 8 + FIELDS * 8);
	loaded.step = load_le32(in.at + 12 + FIELDS * 8);
	if (!is_sane(&loaded) ||
	    !past_load(&loaded.past, cspan_of(in.at + LEARN_HEAD_SIZE, in.len - LEARN_HEAD_SIZE)))
		return false;
	restore(&loaded, now);
	*l = loaded;
	return true;
}
