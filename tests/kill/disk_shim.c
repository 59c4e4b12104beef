/*
 * A failing disk for the real program, by LD_PRELOAD: of the files whose name holds ".ledger" the
 * n-th call of a kind fails (DISK_FAIL=kind:n):
 *
 *   full       writes that make a file longer: ENOSPC, and all after it
 *   write      one write: EIO
 *   sync       one sync: EIO. A write after it ends the program with SIGABRT (P7)
 *   late       the same, told after a while
 *   hang       one sync: it never ends, as on a disk that is dead; only when the file of DISK_WHEN is gone
 *   readonly   opening for writing: EROFS, and all after it
 *   kill-write, kill-sync, kill-synced
 *              SIGKILL in the middle of a write, before a sync, after a sync
 *
 * Where DISK_WHEN names a file, calls are counted only from when that is there.
 *
 * It says on stderr when it fired. It owns a counter; what the program makes of it is kill_disk's.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long calls;
static atomic_int broken; /* a sync has failed */

static long wanted(const char *kind)
{
	const char *text = getenv("DISK_FAIL"), *when = getenv("DISK_WHEN");
	size_t len = strlen(kind);

	if (text == NULL || strncmp(text, kind, len) != 0 || text[len] != ':')
		return 0;
	if (when != NULL && access(when, F_OK) != 0)
		return 0;
	return strtol(text + len + 1, NULL, 10);
}

static void say(const char *text)
{
	ssize_t n = write(2, text, strlen(text));

	(void)n;
}

/* Whether this call fails; sticky: and all of its kind behind it. */
static int fails(const char *kind, int sticky)
{
	long n = wanted(kind), at;

	if (n == 0)
		return 0;
	at = atomic_fetch_add(&calls, 1) + 1;
	if (at == n)
		say("DISK_FAIL fired\n");
	return at == n || (sticky && at > n);
}

static void die_at(const char *kind)
{
	if (fails(kind, 0))
		kill(getpid(), SIGKILL);
}

static int is_ledger(int fd)
{
	char link[64], name[4096];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, name, sizeof(name) - 1);
	name[n > 0 ? n : 0] = 0;
	return strstr(name, ".ledger") != NULL && strstr(name, ".lock") == NULL &&
	       strstr(name, "-shm") == NULL;
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	ssize_t (*real)(int, const void *, size_t, off64_t) = NULL;
	struct stat st;

	*(void **)&real = dlsym(RTLD_NEXT, "pwrite64");
	if (is_ledger(fd)) {
		if (atomic_load(&broken)) {
			say("written after a failed sync\n");
			abort();
		}
		if (fstat(fd, &st) == 0 && at + (off64_t)len > st.st_size && fails("full", 1)) {
			errno = ENOSPC;
			return -1;
		}
		if (fails("write", 0)) {
			errno = EIO;
			return -1;
		}
		if (wanted("kill-write") != 0 && len > 1)
			real(fd, data, len / 2, at);
		die_at("kill-write");
	}
	return real(fd, data, len, at);
}

static int sync_fails(int fd)
{
	int late;

	if (!is_ledger(fd))
		return 0;
	late = fails("late", 0);
	if (!late && !fails("sync", 0))
		return 0;
	if (late)
		usleep(500000);
	atomic_store(&broken, 1);
	errno = EIO;
	return 1;
}

static int synced(int fd, int (*real)(int))
{
	int ledger = is_ledger(fd), rc;

	if (sync_fails(fd))
		return -1;
	if (ledger && fails("hang", 0))
		while (wanted("hang") != 0)
			usleep(10000);
	if (ledger)
		die_at("kill-sync");
	rc = real(fd);
	if (ledger)
		die_at("kill-synced");
	return rc;
}

int fdatasync(int fd)
{
	int (*real)(int) = NULL;

	*(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
	return synced(fd, real);
}

int fsync(int fd)
{
	int (*real)(int) = NULL;

	*(void **)&real = dlsym(RTLD_NEXT, "fsync");
	return synced(fd, real);
}

static int open_any(const char *symbol, const char *name, int flags, mode_t mode)
{
	int (*real)(const char *, int, ...) = NULL;

	*(void **)&real = dlsym(RTLD_NEXT, symbol);
	if (strstr(name, ".ledger") != NULL && (flags & O_ACCMODE) != O_RDONLY &&
	    fails("readonly", 1)) {
		errno = EROFS;
		return -1;
	}
	return real(name, flags, mode);
}

int open64(const char *name, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open_any("open64", name, flags, mode);
}
