/*
 * See heap.h. Without a sanitizer this is the process's malloc, glibc's with a count in front; with
 * one the sanitizer counts. Counts are the process's, as its heap is.
 */
#include "tests/load/heap.h"

#include "tests/load/aside.h"

#undef malloc
#undef calloc
#undef realloc
#undef free

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif

static _Atomic int64_t aside;

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)

size_t __sanitizer_get_current_allocated_bytes(void);

static int64_t all(void)
{
	return (int64_t)__sanitizer_get_current_allocated_bytes();
}

#else

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

static _Atomic int64_t total;

static int64_t all(void)
{
	return total;
}

static void *counted(void *p)
{
	total += (int64_t)malloc_usable_size(p);
	return p;
}

void *malloc(size_t n)
{
	return counted(__libc_malloc(n));
}

void *calloc(size_t n, size_t m)
{
	return counted(__libc_calloc(n, m));
}

void *realloc(void *p, size_t n)
{
	int64_t before = (int64_t)malloc_usable_size(p);
	void *q = __libc_realloc(p, n);

	if (q != NULL || n == 0)
		total -= before;
	return counted(q);
}

void free(void *p)
{
	total -= (int64_t)malloc_usable_size(p);
	__libc_free(p);
}

void *memalign(size_t align, size_t n)
{
	return counted(__libc_memalign(align, n));
}

void *aligned_alloc(size_t align, size_t n)
{
	return memalign(align, n);
}

int posix_memalign(void **out, size_t align, size_t n)
{
	*out = memalign(align, n);
	return *out == NULL ? ENOMEM : 0;
}

#endif

int64_t heap_taken(void)
{
	return all() - aside;
}

uint64_t heap_resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%*u %lu", &pages) != 1)
		pages = 0;
	fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}

/* ---- aside.h ---- */

void *aside_malloc(size_t n)
{
	int64_t before = all();
	void *p = malloc(n);

	aside += all() - before;
	return p;
}

void *aside_calloc(size_t n, size_t m)
{
	int64_t before = all();
	void *p = calloc(n, m);

	aside += all() - before;
	return p;
}

void *aside_realloc(void *p, size_t n)
{
	int64_t before = all();
	void *q = realloc(p, n);

	aside += all() - before;
	return q;
}

void aside_free(void *p)
{
	int64_t before = all();

	free(p);
	aside += all() - before;
}
