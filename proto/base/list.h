/* Intrusive doubly linked list. A node is in at most one list; list_del makes it loose again. */
#ifndef TGCLONE_BASE_LIST_H
#define TGCLONE_BASE_LIST_H

#include "proto/base/check.h"

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *prev, *next;
};

static inline void list_init(struct list *l)
{
	l->prev = l->next = l;
}

static inline bool list_empty(const struct list *l)
{
	return l->next == l;
}

static inline void list_link(struct list *at, struct list *node)
{
	node->prev = at->prev;
	node->next = at;
	at->prev->next = node;
	at->prev = node;
}

/* At the back of the list l. */
static inline void list_push(struct list *l, struct list *node)
{
	list_link(l, node);
}

/* At the front of the list l. */
static inline void list_push_front(struct list *l, struct list *node)
{
	list_link(l->next, node);
}

static inline void list_del(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

/* The first node, taken out; NULL when empty. */
static inline struct list *list_pop(struct list *l)
{
	struct list *node = l->next;

	if (node == l)
		return NULL;
	list_del(node);
	return node;
}

#define list_each(node, l) for (struct list *node = (l)->next; node != (l); node = node->next)

/* As list_each; the node may be taken out meanwhile. */
#define list_each_safe(node, tmp, l)                                                               \
	for (struct list *node = (l)->next, *tmp = node->next; node != (l);                        \
	     node = tmp, tmp = node->next)

#endif
