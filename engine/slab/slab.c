/*
 * The pool of chunks. It owns one mapping, cut into strides, and a table of chunk heads beside it
 * (so that a stray write into file bytes cannot reach a list pointer). It knows who may hand a
 * chunk to whom, not what is in it.
 *
 *            take                give
 *   FREE ---------> RECEIVING ---------> FREE
 *     \------------> HELD <--'  \------> (also from HELD, SENDING)
 *                     |  ^
 *                     v  |
 *                   SENDING
 */
#include "engine/slab/slab.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

struct slab {
	uint8_t *mem;
	size_t mem_size;
	struct chunk *chunks;
	uint32_t total, used;
	struct list free;
};

#define TO(state) (1u << (state))

static const unsigned chunk_moves[CHUNK_STATES] = {
    [CHUNK_FREE] = TO(CHUNK_RECEIVING) | TO(CHUNK_HELD),
    [CHUNK_RECEIVING] = TO(CHUNK_HELD) | TO(CHUNK_FREE),
    [CHUNK_HELD] = TO(CHUNK_SENDING) | TO(CHUNK_FREE),
    /* Back to HELD: the answer came, or the question is withdrawn. */
    [CHUNK_SENDING] = TO(CHUNK_HELD) | TO(CHUNK_FREE),
};

static_assert(CHUNK_STRIDE % 64 == 0, "plaintext must stay aligned from chunk to chunk");
static_assert(CHUNK_STRIDE % 4096 != 0, "else all cipher chains meet in one cache set");
static_assert(CHUNK_FILE_AT + CHUNK_PART_MAX + 64 < CHUNK_STRIDE, "part, padding and frame tail");

static uint8_t *memory_of(const struct slab *s, const struct chunk *c)
{
	return s->mem + (size_t)c->index * CHUNK_STRIDE;
}

static void move(struct slab *s, struct chunk *c, enum chunk_state to)
{
	check(c >= s->chunks && c < s->chunks + s->total);
	check(to < CHUNK_STATES);
	check(chunk_moves[c->state] & TO(to));
	c->state = to;
}

static int map(struct slab *s)
{
	s->mem_size = (size_t)s->total * CHUNK_STRIDE;
	s->mem =
	    mmap(NULL, s->mem_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->mem == MAP_FAILED) {
		s->mem = NULL;
		return -ENOMEM;
	}
	/* Fewer page table walks; without huge pages nothing is lost. */
	(void)madvise(s->mem, s->mem_size, MADV_HUGEPAGE);
	/* File bytes and keys' work have no place in a core file (X4). */
	(void)madvise(s->mem, s->mem_size, MADV_DONTDUMP);
	return 0;
}

int slab_open(struct slab **out, size_t bytes)
{
	struct slab *s = calloc(1, sizeof(*s));
	size_t total = bytes / CHUNK_STRIDE;

	if (s == NULL)
		return -ENOMEM;
	list_init(&s->free);
	s->total = total < 1 ? 1 : (uint32_t)total;
	s->chunks = calloc(s->total, sizeof(*s->chunks));
	if (s->chunks == NULL || map(s) < 0) {
		free(s->chunks);
		free(s);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < s->total; i++) {
		s->chunks[i].index = i;
		list_push(&s->free, &s->chunks[i].node);
	}
	*out = s;
	return 0;
}

void slab_close(struct slab **owner)
{
	struct slab *s = *owner;

	*owner = NULL;
	check(s->used == 0);
	munmap(s->mem, s->mem_size);
	free(s->chunks);
	free(s);
}

struct chunk *slab_take(struct slab *s, enum chunk_state state)
{
	struct list *node = list_pop(&s->free);
	struct chunk *c;

	if (node == NULL)
		return NULL;
	c = container_of(node, struct chunk, node);
	move(s, c, state);
	buf_init(&c->buf, memory_of(s, c), CHUNK_STRIDE, CHUNK_FILE_AT);
	s->used++;
	return c;
}

void slab_move(struct slab *s, struct chunk *c, enum chunk_state to)
{
	check(to != CHUNK_FREE); /* that is slab_give's */
	move(s, c, to);
}

static void become_free(struct slab *s, struct chunk *c)
{
	/* In front: what was used last is still in the caches. */
	list_push_front(&s->free, &c->node);
	check(s->used > 0);
	s->used--;
}

void slab_give(struct slab *s, struct chunk **owner)
{
	struct chunk *c = *owner;

	*owner = NULL; /* the caller can no longer reach it */
	check(c != NULL);
	move(s, c, CHUNK_FREE);
	c->given = c->pins > 0;
	if (!c->given)
		become_free(s, c);
}

void slab_pin(struct slab *s, struct chunk *c)
{
	check(c >= s->chunks && c < s->chunks + s->total);
	check(c->state == CHUNK_SENDING);
	c->pins++;
}

void slab_unpin(struct slab *s, struct chunk *c)
{
	check(c->pins > 0);
	if (--c->pins > 0 || !c->given)
		return;
	c->given = false;
	become_free(s, c);
}

uint32_t slab_total(const struct slab *s)
{
	return s->total;
}

uint32_t slab_free(const struct slab *s)
{
	return s->total - s->used;
}

struct span slab_memory(const struct slab *s)
{
	return (struct span){s->mem, s->mem_size};
}
