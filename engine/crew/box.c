/*
 * A ring of messages with two counters that only grow: the putter owns one, the taker the other.
 * Each lies in a cache line of its own.
 */
#include "engine/crew/box.h"

#include "proto/base/bytes.h"
#include "proto/base/check.h"

#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct box {
	alignas(64) _Atomic uint32_t put;
	alignas(64) _Atomic uint32_t taken;
	alignas(64) uint32_t size;
	uint32_t count;
	int fd;
	uint8_t *messages;
};

int box_open(struct box **out, uint32_t message_size, uint32_t count)
{
	struct box *b = aligned_alloc(64, sizeof(*b));

	check(count > 0 && (count & (count - 1)) == 0);
	if (b == NULL)
		return -ENOMEM;
	atomic_init(&b->put, 0);
	atomic_init(&b->taken, 0);
	b->size = message_size;
	b->count = count;
	b->messages = calloc(count, message_size);
	b->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (b->messages == NULL || b->fd < 0) {
		box_close(&b);
		return -ENOMEM;
	}
	*out = b;
	return 0;
}

void box_close(struct box **owner)
{
	struct box *b = *owner;

	*owner = NULL;
	if (b == NULL)
		return;
	if (b->fd >= 0)
		close(b->fd);
	if (b->messages != NULL) /* what nobody took */
		bytes_wipe(b->messages, (size_t)b->count * b->size);
	free(b->messages);
	free(b);
}

bool box_put(struct box *b, const void *message)
{
	uint32_t put = atomic_load_explicit(&b->put, memory_order_relaxed);
	uint64_t one = 1;

	if (put - atomic_load_explicit(&b->taken, memory_order_acquire) == b->count)
		return false;
	memcpy(b->messages + (size_t)(put % b->count) * b->size, message, b->size);
	atomic_store_explicit(&b->put, put + 1, memory_order_release);
	/* It only fails when the counter is full, and then the taker was woken long ago. */
	(void)!write(b->fd, &one, sizeof(one));
	return true;
}

bool box_take(struct box *b, void *message)
{
	uint32_t taken = atomic_load_explicit(&b->taken, memory_order_relaxed);
	uint8_t *at = b->messages + (size_t)(taken % b->count) * b->size;

	if (taken == atomic_load_explicit(&b->put, memory_order_acquire))
		return false;
	memcpy(message, at, b->size);
	bytes_wipe(at, b->size); /* keys go through it */
	atomic_store_explicit(&b->taken, taken + 1, memory_order_release);
	return true;
}

uint32_t box_put_count(const struct box *b)
{
	return atomic_load_explicit(&b->put, memory_order_relaxed);
}

/* The counters wrap: what was put and not taken is never more than there are places. */
bool box_took(const struct box *b, uint32_t n)
{
	return atomic_load_explicit(&b->taken, memory_order_acquire) - n <= INT32_MAX;
}

int box_eventfd(const struct box *b)
{
	return b->fd;
}

void box_heard(struct box *b)
{
	uint64_t count;

	(void)!read(b->fd, &count, sizeof(count));
}
