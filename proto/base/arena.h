/*
 * A bump allocator over memory that somebody else holds. Taking can fail (NULL), giving back is
 * all at once: mark and rewind. Everything decoded from one answer lives and dies together.
 */
#ifndef TGCLONE_BASE_ARENA_H
#define TGCLONE_BASE_ARENA_H

#include "proto/base/bytes.h"

struct arena {
	uint8_t *mem;
	size_t size;
	size_t used;
};

static inline void arena_init(struct arena *a, void *mem, size_t size)
{
	*a = (struct arena){mem, size, 0};
}

/* n bytes, zeroed, aligned to 8; NULL when the arena is full. */
static inline void *arena_take(struct arena *a, size_t n)
{
	size_t at = (a->used + 7) & ~(size_t)7;
	uint8_t *p;

	if (at > a->size || n > a->size - at)
		return NULL;
	a->used = at + n;
	p = a->mem + at;
	if (n > 0)
		memset(p, 0, n);
	return p;
}

/* n elements of size bytes; NULL also when the product would not fit. */
static inline void *arena_take_many(struct arena *a, size_t n, size_t size)
{
	if (size != 0 && n > a->size / size)
		return NULL;
	return arena_take(a, n * size);
}

static inline size_t arena_mark(const struct arena *a)
{
	return a->used;
}

static inline void arena_rewind(struct arena *a, size_t mark)
{
	a->used = mark;
}

#endif
