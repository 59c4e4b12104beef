/* In front of a source whose memory is not the program's (see heap.h). */
#ifndef TGCLONE_TESTS_LOAD_ASIDE_H
#define TGCLONE_TESTS_LOAD_ASIDE_H

#include <stdlib.h>

void *aside_malloc(size_t);
void *aside_calloc(size_t, size_t);
void *aside_realloc(void *, size_t);
void aside_free(void *);

#define malloc(n)     aside_malloc(n)
#define calloc(n, m)  aside_calloc(n, m)
#define realloc(p, n) aside_realloc(p, n)
#define free(p)       aside_free(p)

#endif
