/*
 * Bytes of files, by where they come from. Made bytes are a pure function of (seed, offset), eight
 * at a time from a counter, so that a file of any size costs nothing; in front of them stands a
 * small head that makes the file look like its kind.
 */
#include "tools/tgsim/model_priv.h"

#include <fcntl.h>
#include <unistd.h>

/* Adds, shifts and exclusive ors only: compilers turn four lanes into vector instructions. */
#define SCRAMBLE(x)                                                                                \
	do {                                                                                       \
		(x) ^= (x) >> 32;                                                                  \
		(x) += (x) << 23;                                                                  \
		(x) ^= (x) >> 29;                                                                  \
		(x) += (x) << 9;                                                                   \
		(x) ^= (x) >> 32;                                                                  \
	} while (0)
#define STEP 0x9e3779b97f4a7c15u

typedef uint64_t lanes __attribute__((vector_size(32)));

static uint64_t made_lane(uint64_t seed, uint64_t lane)
{
	uint64_t x = seed + lane * STEP;

	SCRAMBLE(x);
	return x;
}

/* len is a multiple of 64. */
static void made_blocks(uint64_t seed, uint64_t lane, uint8_t *out, uint32_t len)
{
	lanes low = {0, STEP, 2 * STEP, 3 * STEP}, high;

	low += seed + lane * STEP;
	high = low + 4 * STEP;
	for (; len > 0; len -= 64, out += 64) {
		lanes x = low, y = high;

		SCRAMBLE(x);
		SCRAMBLE(y);
		memcpy(out, &x, 32);
		memcpy(out + 32, &y, 32);
		low += 8 * STEP;
		high += 8 * STEP;
	}
}

/* n bytes of one lane, from its byte skip on. */
static void made_some(uint64_t seed, uint64_t lane, uint32_t skip, uint8_t *out, uint32_t n)
{
	uint8_t bytes[8];

	store_le64(bytes, made_lane(seed, lane));
	memcpy(out, bytes + skip, n);
}

void made_bytes(uint64_t seed, uint64_t offset, uint8_t *out, uint32_t len)
{
	uint64_t lane = offset / 8;
	uint32_t skip = (uint32_t)(offset % 8), blocks;

	seed = mix64(seed);
	if (skip != 0 && len > 0) {
		uint32_t n = len < 8 - skip ? len : 8 - skip;

		made_some(seed, lane++, skip, out, n);
		out += n;
		len -= n;
	}
	blocks = len & ~63u;
	made_blocks(seed, lane, out, blocks);
	lane += blocks / 8;
	out += blocks;
	len -= blocks;
	for (; len >= 8; len -= 8, out += 8)
		store_le64(out, made_lane(seed, lane++));
	if (len > 0)
		made_some(seed, lane, 0, out, len);
}

/* ---- files of the archive ---- */

static int disk_fd(struct world *w, const struct file *f)
{
	struct open_file *o;

	for (size_t i = 0; i < OPEN_ROOM; i++)
		if (w->open_files[i].file == f)
			return w->open_files[i].fd;
	o = &w->open_files[w->open_at++ % OPEN_ROOM];
	if (o->fd >= 0)
		close(o->fd);
	o->file = f;
	o->fd = open(f->source.path, O_RDONLY | O_CLOEXEC);
	return o->fd;
}

void source_close_all(struct world *w)
{
	for (size_t i = 0; i < OPEN_ROOM; i++)
		if (w->open_files[i].fd >= 0)
			close(w->open_files[i].fd);
}

/* What cannot be read any more (the archive changed under us) stays zero. */
static void disk_read(int fd, uint64_t offset, uint8_t *out, uint32_t len)
{
	while (len > 0) {
		ssize_t n = pread(fd, out, len, (off_t)offset);

		if (n <= 0)
			return;
		out += n;
		offset += (uint64_t)n;
		len -= (uint32_t)n;
	}
}

static void read_with_head(const struct source *s, uint64_t offset, uint8_t *out, uint32_t len)
{
	if (s->kind == SOURCE_MADE)
		made_bytes(s->seed, offset, out, len);
	if (offset < s->head_len) {
		uint32_t n = s->head_len - (uint32_t)offset;

		memcpy(out, s->bytes + offset, n < len ? n : len);
	}
}

void source_read(struct world *w, const struct file *f, uint64_t offset, uint8_t *out, uint32_t len)
{
	const struct source *s = &f->source;

	switch (s->kind) {
	case SOURCE_DISK:
		disk_read(disk_fd(w, f), offset, out, len);
		break;
	case SOURCE_MADE:
	case SOURCE_BYTES:
		read_with_head(s, offset, out, len);
		break;
	case SOURCE_PARTS:
		upload_read(w, s->upload, offset, out, len);
		break;
	case SOURCE_SAME:
		source_read(w, s->same, offset, out, len);
		break;
	}
}

/* ---- heads of made files ---- */

static struct cspan keep(struct world *w, const uint8_t *bytes, size_t len)
{
	uint8_t *p = world_take(w, len);

	memcpy(p, bytes, len);
	return cspan_of(p, len);
}

struct cspan made_jpeg_head(struct world *w, int32_t width, int32_t height)
{
	uint8_t head[] = {
	    0xff, 0xd8, 0xff, 0xe0, 0, 16,   'J',  'F',  'I', 'F',  0, 1,    1,    0,
	    0,    1,    0,    1,    0, 0,    0xff, 0xc0, 0,   17,   8, 0,    0,    0,
	    0,    3,    1,    0x22, 0, 2,    0x11, 1,    3,   0x11, 1, 0xff, 0xda, 0,
	    12,   3,    1,    0,    2, 0x11, 3,    0x11, 0,   0x3f, 0,
	};

	head[25] = (uint8_t)(height >> 8);
	head[26] = (uint8_t)height;
	head[27] = (uint8_t)(width >> 8);
	head[28] = (uint8_t)width;
	return keep(w, head, sizeof(head));
}

struct cspan made_mp4_head(struct world *w)
{
	static const uint8_t head[] = {0, 0, 0, 24, 'f', 't', 'y', 'p', 'm', 'p', '4', '2',
				       0, 0, 0, 0,  'm', 'p', '4', '2', 'i', 's', 'o', 'm'};

	return keep(w, head, sizeof(head));
}

struct cspan made_pdf_head(struct world *w)
{
	static const uint8_t head[] = {'%', 'P', 'D', 'F', '-', '1', '.', '7', '\n'};

	return keep(w, head, sizeof(head));
}

struct cspan made_ogg_head(struct world *w)
{
	static const uint8_t head[] = {'O', 'g', 'g', 'S', 0, 2};

	return keep(w, head, sizeof(head));
}
