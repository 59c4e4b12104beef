/*
 * Fixed messages one way between two threads: one puts, the other takes. What crosses cores is only
 * ever such a message, never a chunk.
 */
#ifndef TGCLONE_CREW_BOX_H
#define TGCLONE_CREW_BOX_H

#include <stdbool.h>
#include <stdint.h>

struct box;

/* count: a power of two. 0 or -errno. */
int box_open(struct box **, uint32_t message_size, uint32_t count);
void box_close(struct box **);
/* Copies the message in and wakes the taker; false: full. */
bool box_put(struct box *, const void *message);
/* Copies the oldest one out; false: empty. */
bool box_take(struct box *, void *message);
/* For the putter: messages put so far, and whether the taker took the first n of them. */
uint32_t box_put_count(const struct box *);
bool box_took(const struct box *, uint32_t n);
/* Readable since something was put; box_heard makes it silent again, before taking. */
int box_eventfd(const struct box *);
void box_heard(struct box *);

#endif
