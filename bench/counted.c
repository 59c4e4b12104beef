/*
 * Preloaded into a program to be counted: its allocations, and the bytes it copies in pieces of a
 * page or more. Written to the file named by COUNTED_TO when it ends:
 *
 *   allocations N
 *   copies N
 *   copied BYTES
 *
 * Copies that a compiler made inline are smaller than that. The kernel's own are not seen.
 */
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { PIECE = 4096 };

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

/* A program that is counted has one of each. */
static _Atomic uint64_t allocations, copies, copied;

__attribute__((visibility("default"))) void *malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

__attribute__((visibility("default"))) void *calloc(size_t count, size_t size)
{
	allocations++;
	return __libc_calloc(count, size);
}

__attribute__((visibility("default"))) void *realloc(void *old, size_t size)
{
	allocations++;
	return __libc_realloc(old, size);
}

static void count(size_t size)
{
	if (size < PIECE)
		return;
	copies++;
	copied += size;
}

static void move_up(uint8_t *to, const uint8_t *from, size_t size)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

static void *copy(void *to, const void *from, size_t size)
{
	uint8_t *end = to;
	const uint8_t *last = from;

	count(size);
	if ((uintptr_t)to - (uintptr_t)from >= size) {
		move_up(to, from, size);
		return to;
	}
	while (size > 0) {
		size--;
		*(volatile uint8_t *)(end + size) = last[size];
	}
	return to;
}

__attribute__((visibility("default"))) void *memcpy(void *to, const void *from, size_t size)
{
	return copy(to, from, size);
}

__attribute__((visibility("default"))) void *memmove(void *to, const void *from, size_t size)
{
	return copy(to, from, size);
}

void *__memcpy_chk(void *, const void *, size_t, size_t);
void *__memmove_chk(void *, const void *, size_t, size_t);

__attribute__((visibility("default"))) void *__memcpy_chk(void *to, const void *from, size_t size,
							  size_t room)
{
	if (size > room)
		abort();
	return copy(to, from, size);
}

__attribute__((visibility("default"))) void *__memmove_chk(void *to, const void *from,
							   size_t size, size_t room)
{
	if (size > room)
		abort();
	return copy(to, from, size);
}

static void __attribute__((destructor)) write_counts(void)
{
	const char *path = getenv("COUNTED_TO");
	/* Before the file's own buffer is allocated. */
	uint64_t a = allocations, n = copies, bytes = copied;
	FILE *f = path == NULL ? NULL : fopen(path, "we");

	if (f == NULL)
		return;
	fprintf(f, "allocations %llu\ncopies %llu\ncopied %llu\n", (unsigned long long)a,
		(unsigned long long)n, (unsigned long long)bytes);
	fclose(f);
}
