/* First steps of the process, before an argument is read or a file opened. */
#include "tools/tgclone/harden.h"

#include "tools/tgclone/exits.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * open() gives the lowest free number, so going up from 0 fills exactly the holes. What is said on a
 * stdout that is not there is lost, and is to fail as on a full disk: it takes no byte.
 */
static bool fill_standard_fds(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (errno != EBADF || open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY) != fd)
			return false;
	}
	return true;
}

/*
 * A program that needs no library opens none: OpenSSL would do so for a provider that its settings name,
 * and bring another libc into this process.
 */
static bool stay_alone(void)
{
#ifdef TGCLONE_STATIC
	return setenv("OPENSSL_CONF", "/dev/null", 1) == 0;
#else
	return true;
#endif
}

bool harden_process(void)
{
	struct rlimit none = {0, 0};

	umask(077);
	return fill_standard_fds() && stay_alone() && setrlimit(RLIMIT_CORE, &none) == 0 &&
	       prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && signal(SIGPIPE, SIG_IGN) != SIG_ERR &&
	       signal(SIGXFSZ, SIG_IGN) != SIG_ERR;
}

/* No formatting, no lock and no exit handler: each of them may want memory. */
static _Noreturn void no_memory(void)
{
	static const char line[] = "tgclone: no memory left; try again later\n";

	(void)!write(STDERR_FILENO, line, sizeof(line) - 1);
	_exit(EXIT_LATER);
}

static void *take(size_t size)
{
	void *at = size == 0 ? NULL : malloc(size);

	if (at == NULL && size > 0)
		no_memory();
	return at;
}

static void *crypto_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return take(size);
}

static void crypto_free(void *at, const char *file, int line)
{
	(void)file;
	(void)line;
	free(at);
}

/* CRYPTO_realloc(3): NULL is malloc, and a size of 0 frees. */
static void *crypto_realloc(void *at, size_t size, const char *file, int line)
{
	void *larger;

	if (size == 0) {
		crypto_free(at, file, line);
		return NULL;
	}
	larger = realloc(at, size);
	if (larger == NULL)
		no_memory();
	return larger;
}

void harden_memory(void)
{
	(void)CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free);
	json_set_alloc_funcs(take, free);
}

/* A soft limit goes up to wanted, or as far as it may. */
static int64_t raise_limit(int what, int64_t wanted)
{
	struct rlimit l;

	if (getrlimit(what, &l) != 0)
		return wanted; /* the kernel will say it when there is too little */
	if (l.rlim_cur < (rlim_t)wanted) {
		l.rlim_cur = l.rlim_max < (rlim_t)wanted ? l.rlim_max : (rlim_t)wanted;
		setrlimit(what, &l);
		getrlimit(what, &l);
	}
	return l.rlim_cur < (rlim_t)wanted ? (int64_t)l.rlim_cur : wanted;
}

int64_t harden_files(int64_t wanted)
{
	return raise_limit(RLIMIT_NOFILE, wanted);
}

int64_t harden_stack(int64_t wanted)
{
	return raise_limit(RLIMIT_STACK, wanted);
}

void harden_secret(const void *secret, size_t len)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)secret & ~(page - 1);
	uintptr_t to = ((uintptr_t)secret + len + page - 1) & ~(page - 1);

	/* Where the kernel refuses, there is still no dump of the whole process. */
	(void)madvise((void *)from, to - from, MADV_DONTDUMP);
}
