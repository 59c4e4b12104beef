/* Reads and writes the file; what the bytes mean is known in engine/pace. */
#include "tools/tgclone/pace_file.h"
#include "proto/base/crash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char name[] = "pace", fresh[] = "pace.new";

static size_t read_all(int fd, uint8_t *at, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size && (n = read(fd, at + len, size - len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return 0;
		len += (size_t)n;
	}
	return len;
}

bool pace_file_load(const struct store *s, struct pace_methods *m, uint64_t wall_ns)
{
	int fd = openat(s->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	uint8_t *bytes = malloc(METHODS_STATE_MAX);
	struct stat st;
	bool ok = fd >= 0 && bytes != NULL && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);

	ok =
	    ok && methods_load(m, cspan_of(bytes, read_all(fd, bytes, METHODS_STATE_MAX)), wall_ns);
	if (fd >= 0)
		close(fd);
	free(bytes);
	return ok;
}

static int write_fresh(int dir_fd, const uint8_t *at, size_t len)
{
	int fd, error = 0;

	unlinkat(dir_fd, fresh, 0);
	fd = openat(dir_fd, fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	while (len > 0 && error == 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno != EINTR)
			error = errno;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	if (close(fd) != 0 && error == 0)
		error = errno;
	return -error;
}

int pace_file_save(const struct store *s, const struct pace_methods *m)
{
	uint8_t *bytes = malloc(METHODS_STATE_MAX);
	int rc = bytes == NULL ? -ENOMEM : write_fresh(s->dir_fd, bytes, methods_save(m, bytes));

	free(bytes);
	CRASH_POINT("pace.file.fresh");
	if (rc == 0 && renameat(s->dir_fd, fresh, s->dir_fd, name) != 0)
		rc = -errno;
	CRASH_POINT("pace.file.renamed");
	return rc;
}
