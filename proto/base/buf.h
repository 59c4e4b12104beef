/*
 * struct buf: a window of bytes inside somebody's memory, with room before and behind it. A packet
 * is re-framed where it landed by pushing and pulling its front.
 *
 *   mem            mem+head                  mem+head+len        mem+size
 *    |  headroom      |        content            |   tailroom      |
 *
 * A buf owns nothing: the memory belongs to a chunk, a link or a test.
 */
#ifndef TGCLONE_BASE_BUF_H
#define TGCLONE_BASE_BUF_H

#include "proto/base/bytes.h"
#include "proto/base/check.h"

struct buf {
	uint8_t *mem;
	uint32_t size;
	uint32_t head;
	uint32_t len;
};

/* Empty content at offset head of mem. */
static inline void buf_init(struct buf *b, void *mem, uint32_t size, uint32_t head)
{
	check(head <= size);
	*b = (struct buf){mem, size, head, 0};
}

static inline uint8_t *buf_at(const struct buf *b)
{
	return b->mem + b->head;
}

static inline struct cspan buf_view(const struct buf *b)
{
	return (struct cspan){b->mem + b->head, b->len};
}

static inline uint32_t buf_headroom(const struct buf *b)
{
	return b->head;
}

static inline uint32_t buf_tailroom(const struct buf *b)
{
	return b->size - b->head - b->len;
}

/* n bytes more in front; returns the new front. The caller knows that the headroom is there. */
static inline uint8_t *buf_push(struct buf *b, uint32_t n)
{
	check(n <= b->head);
	b->head -= n;
	b->len += n;
	return buf_at(b);
}

/* The first n bytes go; returns where they were. */
static inline uint8_t *buf_pull(struct buf *b, uint32_t n)
{
	uint8_t *was = buf_at(b);

	check(n <= b->len);
	b->head += n;
	b->len -= n;
	return was;
}

/* n bytes more at the back; returns their start. */
static inline uint8_t *buf_put(struct buf *b, uint32_t n)
{
	uint8_t *at = buf_at(b) + b->len;

	check(n <= buf_tailroom(b));
	b->len += n;
	return at;
}

/* Keep the first n bytes. */
static inline void buf_trim(struct buf *b, uint32_t n)
{
	check(n <= b->len);
	b->len = n;
}

#endif
