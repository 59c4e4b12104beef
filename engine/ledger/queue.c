/*
 * The one queue between the engine and the ledger's thread: a ring of bytes taken at start, items
 * of varying size laid one behind the other, never across the end. It owns its memory and the
 * order of tickets; what an item means is writer.c's.
 */
#include "engine/ledger/ledger_priv.h"

#include <stdlib.h>

static_assert(sizeof(struct item) == 32, "payloads behind it stay aligned to 8");
static_assert((QUEUE_BYTES & (QUEUE_BYTES - 1)) == 0, "offsets wrap by masking");
static_assert(sizeof(struct item) + LEDGER_ROWS_MAX * sizeof(struct ledger_row) <= QUEUE_ITEM_MAX,
	      "a whole page fits in the ring wherever its head stands");
static_assert(_Alignof(struct ledger_row) <= 8 && _Alignof(struct ledger_upload) <= 8,
	      "payloads are read in place");

bool queue_init(struct queue *q, bool alone)
{
	*q = (struct queue){.mem = aligned_alloc(64, QUEUE_BYTES), .alone = alone};
	if (q->mem == NULL)
		return false;
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->filled, NULL);
	pthread_cond_init(&q->moved, NULL);
	return true;
}

void queue_fini(struct queue *q)
{
	if (q->mem == NULL)
		return;
	pthread_cond_destroy(&q->moved);
	pthread_cond_destroy(&q->filled);
	pthread_mutex_destroy(&q->lock);
	free(q->mem);
	q->mem = NULL;
}

static struct item *item_at(const struct queue *q, uint32_t offset)
{
	return (struct item *)(void *)(q->mem + (offset & (QUEUE_BYTES - 1)));
}

/* Bytes from offset to the end of the ring. */
static uint32_t to_end(uint32_t offset)
{
	return QUEUE_BYTES - (offset & (QUEUE_BYTES - 1));
}

/* Room for size bytes in one piece, behind a pad when the ring's end is too near. */
static bool make_room(struct queue *q, uint32_t size)
{
	uint32_t free_bytes = QUEUE_BYTES - (q->head - q->tail);
	uint32_t end = to_end(q->head);

	if (size <= end)
		return size <= free_bytes;
	if (end + size > free_bytes)
		return false;
	/* The end is a multiple of 8 and may be too short for a whole item: only size and kind. */
	item_at(q, q->head)->size = end;
	item_at(q, q->head)->kind = ITEM_PAD;
	q->head += end;
	return true;
}

uint64_t queue_put(struct queue *q, struct item item, struct cspan a, struct cspan b)
{
	size_t size = (sizeof(item) + a.len + b.len + 7) & ~(size_t)7;
	uint8_t *at;
	bool room;

	check(size <= QUEUE_ITEM_MAX);
	pthread_mutex_lock(&q->lock);
	check(!q->stop);
	item.size = (uint32_t)size;
	while (!(room = make_room(q, item.size)) && !q->dead && !q->alone)
		pthread_cond_wait(&q->moved, &q->lock);
	item.ticket = room || q->dead ? ++q->ticket : 0;
	if (room && !q->dead) {
		at = (uint8_t *)item_at(q, q->head);
		memcpy(at, &item, sizeof(item));
		if (a.len > 0)
			memcpy(at + sizeof(item), a.at, a.len);
		if (b.len > 0)
			memcpy(at + sizeof(item) + a.len, b.at, b.len);
		q->head += item.size;
		pthread_cond_signal(&q->filled);
	}
	pthread_mutex_unlock(&q->lock);
	return item.ticket;
}

const struct item *queue_peek(struct queue *q, bool wait)
{
	struct item *it = NULL;

	pthread_mutex_lock(&q->lock);
	while (wait && q->head == q->tail && !q->stop)
		pthread_cond_wait(&q->filled, &q->lock);
	if (q->head != q->tail && item_at(q, q->tail)->kind == ITEM_PAD)
		q->tail += item_at(q, q->tail)->size;
	if (q->head != q->tail)
		it = item_at(q, q->tail);
	pthread_mutex_unlock(&q->lock);
	return it;
}

void queue_drop(struct queue *q, const struct item *it)
{
	pthread_mutex_lock(&q->lock);
	check(item_at(q, q->tail) == it);
	q->tail += it->size;
	if (q->tail == q->head)
		q->tail = q->head = 0; /* the same few pages again, not a walk through all of them */
	pthread_cond_broadcast(&q->moved);
	pthread_mutex_unlock(&q->lock);
}
