/*
 * A bit for each unit; the first run that is long enough, from the front. Owns the bits; what lies in
 * the units is the groups'.
 */
#include "engine/clone/shelf.h"

#include "proto/base/check.h"

void shelf_init(struct shelf *s, void *mem, size_t size)
{
	check(size >= SHELF_LEAST && size <= SHELF_MOST && size % (64 * SHELF_UNIT) == 0);
	*s = (struct shelf){.mem = mem, .units = (uint32_t)(size / SHELF_UNIT)};
}

static uint32_t units_of(size_t bytes)
{
	return (uint32_t)((bytes + SHELF_UNIT - 1) / SHELF_UNIT);
}

static bool is_taken(const struct shelf *s, uint32_t unit)
{
	return (s->taken[unit / 64] >> (unit % 64) & 1) != 0;
}

/* The first unit of a run of n below end; end when there is none. */
static uint32_t find_run(const struct shelf *s, uint32_t n, uint32_t end)
{
	uint32_t run = 0;

	for (uint32_t at = 0; at < end;) {
		uint64_t word = s->taken[at / 64];
		uint32_t step = at % 64 == 0 && (word == 0 || word == UINT64_MAX) ? 64 : 1;

		run = is_taken(s, at) ? 0 : run + step;
		at += step;
		if (run >= n)
			return at - run;
	}
	return end;
}

/* A multiple of 64. */
static uint32_t end_of(const struct shelf *s, bool spare)
{
	return spare ? s->units : s->units - SHELF_SPARE / SHELF_UNIT;
}

uint8_t *shelf_take(struct shelf *s, size_t bytes, bool spare)
{
	uint32_t end = end_of(s, spare), n = units_of(bytes), at;

	check(bytes > 0);
	at = bytes <= SHELF_MOST ? find_run(s, n, end) : end;
	if (at == end)
		return NULL;
	for (uint32_t i = at; i < at + n; i++)
		s->taken[i / 64] |= UINT64_C(1) << (i % 64);
	return s->mem + (size_t)at * SHELF_UNIT;
}

void shelf_give(struct shelf *s, const uint8_t *mem, size_t bytes)
{
	uint32_t at = (uint32_t)((size_t)(mem - s->mem) / SHELF_UNIT), n = units_of(bytes);

	check(mem >= s->mem && bytes > 0 && at + n <= s->units);
	for (uint32_t i = at; i < at + n; i++) {
		check(is_taken(s, i));
		s->taken[i / 64] &= ~(UINT64_C(1) << (i % 64));
	}
}

bool shelf_has(const struct shelf *s, size_t bytes)
{
	uint32_t end = end_of(s, false);

	return find_run(s, units_of(bytes), end) != end;
}
