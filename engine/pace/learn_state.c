/*
 * The learner as bytes: a head of numbers, then what was sent when. Times that lie ahead of the
 * present show a clock that was set back; what hangs on them starts over.
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

/* The clock was set back: what hangs on times ahead starts over. */
static void restore(struct learn *l, uint64_t now)
{
	if (l->lift_at > lift_after(l, now))
		l->lift_at = lift_after(l, now);
	if (l->flooded <= now && l->since <= now)
		return;
	l->flooded = l->flooded < now ? l->flooded : now;
	l->since = now;
	l->rate_mark = (struct learn_mark){.at = 0};
	l->quota_mark = (struct learn_mark){.at = 0};
	past_restore(&l->past, now);
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
