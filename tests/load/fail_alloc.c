/*
 * Preloaded: counts allocations (those of SQLite apart, it runs on a thread of its own), and lets the ALLOC_FAIL-th one and all behind it up to ALLOC_TIMES
 * fail. When the program ends, "COUNT FIRED SQLITE" goes into the file named by ALLOC_TO. Behind it stands
 * whatever the program has for malloc, a sanitizer's too.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EARLY = 1 << 16 };

static _Atomic uint64_t count, fired, sqlite, first, times;
static _Atomic int ready;

/* What dlsym itself takes before the real ones are known is never given back. */
static _Alignas(16) char early[EARLY];
static _Atomic size_t early_used;

static void *take_early(size_t size)
{
	size_t at = atomic_fetch_add(&early_used, (size + 15) & ~(size_t)15);

	return at + size <= EARLY ? early + at : NULL;
}

static struct {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	void (*free)(void *);
} real;

static void __attribute__((constructor)) find(void)
{
	const char *fail = getenv("ALLOC_FAIL"), *many = getenv("ALLOC_TIMES");

	*(void **)&real.calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&real.malloc = dlsym(RTLD_NEXT, "malloc");
	*(void **)&real.realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&real.free = dlsym(RTLD_NEXT, "free");
	first = fail == NULL ? 0 : strtoull(fail, NULL, 10);
	times = many == NULL ? 1 : strtoull(many, NULL, 10);
	ready = 1;
}

static int fails(const void *caller)
{
	uint64_t n = ++count;
	Dl_info where;

	if (dladdr(caller, &where) != 0 && strstr(where.dli_fname, "sqlite") != NULL)
		sqlite++;
	if (first == 0 || n < first || n >= first + times)
		return 0;
	fired++;
	errno = ENOMEM;
	return 1;
}

__attribute__((visibility("default"))) void *malloc(size_t size)
{
	if (!ready)
		return real.malloc == NULL ? take_early(size) : real.malloc(size);
	return fails(__builtin_return_address(0)) ? NULL : real.malloc(size);
}

__attribute__((visibility("default"))) void *calloc(size_t n, size_t size)
{
	if (!ready)
		return real.calloc == NULL ? take_early(n * size) : real.calloc(n, size);
	return fails(__builtin_return_address(0)) ? NULL : real.calloc(n, size);
}

__attribute__((visibility("default"))) void *realloc(void *old, size_t size)
{
	if (!ready || real.realloc == NULL)
		return NULL;
	return fails(__builtin_return_address(0)) ? NULL : real.realloc(old, size);
}

__attribute__((visibility("default"))) void free(void *at)
{
	if ((char *)at >= early && (char *)at < early + EARLY)
		return;
	if (real.free != NULL)
		real.free(at);
}

static void __attribute__((destructor)) tell(void)
{
	const char *path = getenv("ALLOC_TO");
	uint64_t n = count, f = fired;
	FILE *out;

	first = 0;
	out = path == NULL ? NULL : fopen(path, "we");
	if (out == NULL)
		return;
	fprintf(out, "%llu %llu %llu\n", (unsigned long long)n, (unsigned long long)f,
		(unsigned long long)sqlite);
	fclose(out);
}
