/* Packets by size class. Owns the free ones; a taken one belongs to whoever took it. */
#include "tools/tgsim/pool.h"

#include <stdlib.h>

/* Small messages; containers; parts of 128 and 512 KiB; parts of 1 MiB: each with its frames. */
static const uint32_t sizes[POOL_CLASSES] = {2048, 65536, 132096, 525440, 1050000};

/*
 * Large pieces of memory tend to begin at the same place of a page. Several packets that are walked
 * side by side would then fight for the same few lines of the cache, so each begins elsewhere.
 */
enum { PAGE = 4096, SHIFT = 9 * 64 };

void pool_init(struct pool *p)
{
	*p = (struct pool){0};
	for (int i = 0; i < POOL_CLASSES; i++)
		list_init(&p->free[i]);
}

void pool_fini(struct pool *p)
{
	check(p->taken == 0);
	for (int i = 0; i < POOL_CLASSES; i++)
		for (struct list *n = list_pop(&p->free[i]); n != NULL; n = list_pop(&p->free[i]))
			free(container_of(n, struct packet, node));
}

static uint32_t class_of(uint32_t room)
{
	uint32_t c = 0;

	while (c < POOL_CLASSES && sizes[c] < room)
		c++;
	return c;
}

struct packet *pool_take(struct pool *p, uint32_t room, uint32_t head)
{
	uint32_t c = class_of(room);
	uint32_t size = c < POOL_CLASSES ? sizes[c] : room;
	struct list *n = c < POOL_CLASSES ? list_pop(&p->free[c]) : NULL;
	struct packet *packet;
	uint32_t shift;

	if (n != NULL) {
		packet = container_of(n, struct packet, node);
		shift = packet->shift;
		p->kept -= size;
	} else {
		shift = size < PAGE ? 0 : p->made++ * SHIFT % PAGE;
		packet = malloc(sizeof(*packet) + size + shift);
		check(packet != NULL);
	}
	*packet = (struct packet){.size_class = c, .shift = shift};
	list_init(&packet->node);
	buf_init(&packet->buf, packet->mem + shift, size, head);
	p->taken++;
	return packet;
}

void pool_give(struct pool *p, struct packet **owner)
{
	struct packet *packet = *owner;
	uint32_t size = packet->buf.size;

	*owner = NULL;
	check(p->taken > 0 && list_empty(&packet->node));
	p->taken--;
	if (packet->size_class == POOL_CLASSES || p->kept + size > POOL_KEPT_BYTES) {
		free(packet);
		return;
	}
	p->kept += size;
	list_push_front(&p->free[packet->size_class], &packet->node);
}
