/* What the tests of the wire share: small buffers with rooms, and a generator of test bytes. */
#ifndef TGCLONE_TESTS_WIRE_KIT_H
#define TGCLONE_TESTS_WIRE_KIT_H

#include "proto/base/buf.h"

/* A buf of its own with room on both sides. */
struct room {
	uint8_t mem[72 * 1024];
	struct buf buf;
};

static inline struct buf *room_empty(struct room *r)
{
	buf_init(&r->buf, r->mem, sizeof(r->mem), 256);
	return &r->buf;
}

static inline struct buf *room_with(struct room *r, struct cspan content)
{
	room_empty(r);
	if (content.len > 0)
		memcpy(buf_put(&r->buf, (uint32_t)content.len), content.at, content.len);
	return &r->buf;
}

/* splitmix64: test data that is the same in every run. */
static inline uint64_t kit_next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline void kit_fill(uint64_t *state, void *out, size_t n)
{
	uint8_t *at = out;

	for (size_t i = 0; i < n; i++)
		at[i] = (uint8_t)kit_next(state);
}

#endif
