/*
 * How large the parts of a file are. The wish is the user's; where the way up is so thin that the server
 * does not wait for a part of that size (N11) they get smaller, and larger again when it was well for a
 * while. A trial in vain costs a quarter of an hour: each puts the next one off for twice as long. It
 * knows nothing of a file but its size.
 */
#include "engine/clone/clone_priv.h"

enum {
	FILES_LEAST = 16,
	FILES_MOST = 4096,
};

int64_t part_count(int64_t size, uint32_t part_size)
{
	return size / part_size + (size % part_size != 0);
}

int64_t part_count_max(const struct clone *c)
{
	return c->o.plan.premium ? PARTS_MAX : PARTS_MAX / 2;
}

uint32_t part_size_of(const struct clone *c, int64_t size)
{
	uint32_t part_size = c->o.part_size;

	while (part_count(size, part_size) > part_count_max(c) && part_size < CHUNK_PART_MAX)
		part_size *= 2;
	return part_size;
}

void part_size_grow(struct clone *c, uint32_t part_size)
{
	if (c->o.part_size >= c->part_wish || part_size < c->o.part_size)
		return;
	if (c->thin_need == 0)
		c->thin_need = FILES_LEAST;
	if (++c->thin_files < c->thin_need)
		return;
	c->thin_files = 0;
	c->o.part_size *= 2;
	c->grown = true;
}

void part_size_shrink(struct clone *c, uint32_t part_size)
{
	uint32_t smaller = c->o.part_size / (c->grown ? 2 : 4);

	c->thin_files = 0;
	if (c->o.part_size < part_size)
		return; /* another one of that size was told before */
	c->o.part_size = smaller > PART_SIZE_THIN ? smaller : PART_SIZE_THIN;
	if (c->grown && c->thin_need < FILES_MOST)
		c->thin_need *= 2;
	c->grown = false;
}
