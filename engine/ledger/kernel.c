/*
 * The ledger's directory as the kernel has it: the only file of this room that opens, locks, syncs
 * or renames anything itself. SQLite's own reading and writing goes through its default VFS. It
 * owns the descriptors of locks between lock and unlock, nothing else.
 */
#include "engine/ledger/disk.h"
#include "proto/base/crash.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const off_t HOLD_AT = (off_t)1 << 40;

/* For people only: the lock is the kernel's, this text may be old. */
static void read_pid(int fd, char *out, size_t size)
{
	ssize_t n = pread(fd, out, size - 1, 0);

	out[n > 0 ? n : 0] = 0;
	out[strspn(out, "0123456789")] = 0;
}

/* A disk that is full takes a part, or says why it takes nothing: asked for the rest, it says it. */
static int write_pid(int fd)
{
	char pid[24];
	int n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	ssize_t wrote = 1;

	if (ftruncate(fd, 0) != 0)
		return -errno;
	for (int at = 0; at < n && wrote > 0; at += (int)wrote)
		wrote = pwrite(fd, pid + at, (size_t)(n - at), at);
	return wrote > 0 ? 0 : wrote < 0 ? -errno : -ENOSPC;
}

static int kernel_lock(void *ctx, const char *name, char *owner, size_t owner_size)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_OFD_SETLK, &whole) != 0)
		rc = errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
	if (rc == -EBUSY)
		read_pid(fd, owner, owner_size);
	if (rc == 0)
		rc = write_pid(fd);
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

/*
 * Behind all that SQLite locks of a file. To close the descriptor takes away what locks of SQLite's this
 * process has there, which is why it is closed last.
 */
static int kernel_hold(void *ctx, const char *name)
{
	struct flock one = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = HOLD_AT, .l_len = 1};
	int fd = open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), rc = 0;

	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_OFD_SETLK, &one) != 0)
		rc = errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

static void kernel_unlock(void *ctx, int handle)
{
	close(handle); /* and with it the lock */
}

static int kernel_look(void *ctx, const char *name)
{
	struct stat st;

	if (lstat(name, &st) != 0)
		return -errno;
	return S_ISREG(st.st_mode) ? 0 : -EINVAL;
}

static int kernel_head(void *ctx, const char *name, void *out, size_t n)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK); /* or a fifo would wait */
	ssize_t got;

	if (fd < 0)
		return -errno;
	got = pread(fd, out, n, 0);
	if (got < 0)
		got = -errno;
	close(fd);
	return (int)got;
}

static int kernel_create(void *ctx, const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int kernel_remove(void *ctx, const char *name)
{
	return unlink(name) == 0 ? 0 : -errno;
}

static int kernel_rename(void *ctx, const char *from, const char *to)
{
	return rename(from, to) == 0 ? 0 : -errno;
}

static int sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return -errno;
	rc = fsync(fd) == 0 ? 0 : -errno;
	close(fd);
	return rc;
}

/* From at on; returns the bytes written again, 0 at the end, or -errno. */
static ssize_t rewrite_some(int fd, off_t at, const void *head, size_t n)
{
	uint8_t some[1 << 16];
	ssize_t len = pread(fd, some, sizeof(some), at);

	if (len <= 0)
		return len < 0 ? -errno : 0;
	if (at == 0)
		memcpy(some, head, n < (size_t)len ? n : (size_t)len);
	if (pwrite(fd, some, (size_t)len, at) != len)
		return errno != 0 ? -errno : -EIO;
	return len;
}

static int kernel_rewrite(void *ctx, const char *name, const void *head, size_t n)
{
	int fd = open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	ssize_t len;
	int rc;

	if (fd < 0)
		return -errno;
	errno = 0;
	for (off_t at = 0; (len = rewrite_some(fd, at, head, n)) > 0; at += len)
		;
	CRASH_POINT("ledger.log.unsynced");
	rc = len < 0 ? (int)len : fsync(fd) != 0 ? -errno : 0;
	CRASH_POINT("ledger.log.rewritten");
	close(fd);
	return rc;
}

static int kernel_sync(void *ctx, const char *name)
{
	return sync_path(name, O_RDWR);
}

static int kernel_sync_dir(void *ctx, const char *name)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s", name);
	return sync_path(dirname(dir), O_RDONLY | O_DIRECTORY);
}

const struct ledger_disk ledger_disk_kernel = {
    .lock = kernel_lock,
    .hold = kernel_hold,
    .unlock = kernel_unlock,
    .look = kernel_look,
    .head = kernel_head,
    .create = kernel_create,
    .remove = kernel_remove,
    .rename = kernel_rename,
    .rewrite = kernel_rewrite,
    .sync = kernel_sync,
    .sync_dir = kernel_sync_dir,
};
