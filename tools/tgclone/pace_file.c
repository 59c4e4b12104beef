/* Reads and writes the file; what the bytes mean is known in engine/pace. */
#include "tools/tgclone/pace_file.h"
#include "proto/base/crash.h"
#include "proto/crypto/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SUM = 32, FILE_MAX = METHODS_STATE_MAX + SUM };

static const char name[] = "pace", fresh[] = "pace.new";

static void sum_of(const uint8_t *at, size_t len, uint8_t out[SUM])
{
	struct cspan all = cspan_of(at, len);

	digest_sha256(out, &all, 1);
}

/* False: something else, or damaged. */
static bool unpack(struct pace_methods *m, const uint8_t *at, size_t len, uint64_t wall_ns)
{
	uint8_t sum[SUM];

	if (len < SUM)
		return false;
	sum_of(at, len - SUM, sum);
	return memcmp(sum, at + len - SUM, SUM) == 0 &&
	       methods_load(m, cspan_of(at, len - SUM), wall_ns);
}

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

enum pace_found pace_file_load(const struct store *s, struct pace_methods *m, uint64_t wall_ns)
{
	int fd = openat(s->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	uint8_t *bytes;
	struct stat st;
	bool ok;

	if (fd < 0)
		return errno == ENOENT ? PACE_NOTHING : PACE_DAMAGED;
	bytes = malloc(FILE_MAX);
	ok = bytes != NULL && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX;
	ok = ok && unpack(m, bytes, read_all(fd, bytes, FILE_MAX), wall_ns);
	close(fd);
	free(bytes);
	return ok ? PACE_LEARNT : PACE_DAMAGED;
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
	uint8_t *bytes = malloc(FILE_MAX);
	int rc = -ENOMEM;

	if (bytes != NULL) {
		size_t len = methods_save(m, bytes);

		sum_of(bytes, len, bytes + len);
		rc = write_fresh(s->dir_fd, bytes, len + SUM);
	}
	free(bytes);
	CRASH_POINT("pace.file.fresh");
	if (rc == 0 && renameat(s->dir_fd, fresh, s->dir_fd, name) != 0)
		rc = -errno;
	CRASH_POINT("pace.file.renamed");
	return rc;
}
