/*
 * The unlinked file that keeps uploaded parts which repeat nothing known. Space is cut in powers of
 * two, 1 KiB to 512 KiB; what is dropped is used again for the same power.
 */
#include "tools/tgsim/model_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int spill_open(struct spill *s, const char *dir, uint64_t budget)
{
	s->budget = budget;
	s->fd = -1;
	if (dir != NULL)
		s->fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (s->fd < 0)
		s->fd = memfd_create("uploads", MFD_CLOEXEC);
	return s->fd < 0 ? -errno : 0;
}

void spill_close(struct spill *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static uint32_t class_of(uint64_t len)
{
	uint32_t c = 0;

	while ((1024ull << c) < len)
		c++;
	check(c < SPILL_CLASSES);
	return c;
}

static bool write_all(int fd, struct cspan bytes, uint64_t offset)
{
	while (bytes.len > 0) {
		ssize_t n = pwrite(fd, bytes.at, bytes.len, (off_t)offset);

		if (n <= 0)
			return false;
		bytes = cspan_of(bytes.at + n, bytes.len - (size_t)n);
		offset += (uint64_t)n;
	}
	return true;
}

bool spill_put(struct world *w, struct cspan bytes, uint64_t *offset)
{
	struct spill *s = &w->spill;
	uint32_t c = class_of(bytes.len);
	uint64_t size = 1024ull << c;

	if (s->fd < 0 || s->used + size > s->budget)
		return false;
	if (s->free[c].count > 0) {
		*offset = s->free[c].offsets[--s->free[c].count];
	} else {
		*offset = s->end;
		s->end += size;
	}
	s->used += size;
	if (write_all(s->fd, bytes, *offset))
		return true;
	spill_drop(w, *offset, (uint32_t)bytes.len);
	return false;
}

void spill_drop(struct world *w, uint64_t offset, uint32_t len)
{
	struct spill *s = &w->spill;
	uint32_t c = class_of(len);

	s->free[c].offsets = world_grow(w, s->free[c].offsets, s->free[c].count, &s->free[c].room,
					sizeof(*s->free[c].offsets));
	s->free[c].offsets[s->free[c].count++] = offset;
	s->used -= 1024ull << c;
}

bool spill_get(const struct spill *s, uint64_t offset, uint8_t *out, uint32_t len)
{
	while (len > 0) {
		ssize_t n = pread(s->fd, out, len, (off_t)offset);

		if (n <= 0)
			return false;
		out += n;
		offset += (uint64_t)n;
		len -= (uint32_t)n;
	}
	return true;
}
