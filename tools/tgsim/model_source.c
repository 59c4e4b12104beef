/*
 * Bytes of files, by where they come from. Made bytes are a pure function of (seed, offset), eight
 * at a time from a counter, so that a file of any size costs nothing, to write or to compare with;
 * in front of them stands a small head that makes the file look like its kind.
 */
#include "tools/tgsim/model_priv.h"

#include <fcntl.h>
#include <unistd.h>

/*
 * Lane n of a file is a step of a Weyl sequence, its halves folded together: no two lanes within
 * reach are alike, and a part costs less than copying it would. Made and compared in registers:
 * compilers turn the lanes into vector instructions.
 */
#define STEP 0x9e3779b97f4a7c15u

enum {
	LANE = 8,
	PIECE = 64,
	STRETCH = 4096,
	PROBE = 16, /* bytes that tell most files apart */
};

typedef uint64_t lanes __attribute__((vector_size(16)));

static uint64_t made_lane(uint64_t seed, uint64_t lane)
{
	uint64_t x = seed + lane * STEP;

	return x ^ x >> 32;
}

/* Lanes n and n + 1 of a made file, before they are folded. */
static lanes made_start(uint64_t seed, uint64_t n)
{
	return (lanes){seed + n * STEP, seed + (n + 1) * STEP};
}

static lanes fold(lanes x)
{
	return x ^ x >> 32;
}

static lanes load(const uint8_t *at)
{
	lanes x;

	memcpy(&x, at, sizeof(x));
	return x;
}

static void store(uint8_t *at, lanes x)
{
	memcpy(at, &x, sizeof(x));
}

/* len is a multiple of PIECE. */
static void made_pieces(uint64_t seed, uint64_t lane, uint8_t *out, uint32_t len)
{
	lanes a = made_start(seed, lane), b = a + 2 * STEP, c = a + 4 * STEP, d = a + 6 * STEP;

	for (; len > 0; len -= PIECE, out += PIECE) {
		store(out, fold(a));
		store(out + 16, fold(b));
		store(out + 32, fold(c));
		store(out + 48, fold(d));
		a += 8 * STEP;
		b += 8 * STEP;
		c += 8 * STEP;
		d += 8 * STEP;
	}
}

/* Whether len bytes, a multiple of PIECE, are the ones that would be made. */
static bool made_pieces_equal(uint64_t seed, uint64_t lane, const uint8_t *bytes, uint32_t len)
{
	lanes a = made_start(seed, lane), b = a + 2 * STEP, c = a + 4 * STEP, d = a + 6 * STEP;
	lanes wrong = {0};

	for (; len > 0; len -= PIECE, bytes += PIECE) {
		wrong |= load(bytes) ^ fold(a);
		wrong |= load(bytes + 16) ^ fold(b);
		wrong |= load(bytes + 32) ^ fold(c);
		wrong |= load(bytes + 48) ^ fold(d);
		a += 8 * STEP;
		b += 8 * STEP;
		c += 8 * STEP;
		d += 8 * STEP;
	}
	return (wrong[0] | wrong[1]) == 0;
}

/* n bytes of one lane, from its byte skip on. */
static void made_some(uint64_t seed, uint64_t lane, uint32_t skip, uint8_t *out, uint32_t n)
{
	uint8_t bytes[LANE];

	store_le64(bytes, made_lane(seed, lane));
	memcpy(out, bytes + skip, n);
}

/* Bytes from offset to where a lane starts, or all of len. */
static uint32_t before_lane(uint64_t offset, uint32_t len)
{
	uint32_t n = (uint32_t)(0 - offset) % LANE;

	return n < len ? n : len;
}

void made_bytes(uint64_t seed, uint64_t offset, uint8_t *out, uint32_t len)
{
	uint32_t first = before_lane(offset, len), pieces = (len - first) / PIECE * PIECE;
	uint64_t lane = (offset + first) / LANE;

	seed = mix64(seed);
	if (first > 0)
		made_some(seed, offset / LANE, (uint32_t)(offset % LANE), out, first);
	out += first;
	len -= first;
	made_pieces(seed, lane, out, pieces);
	out += pieces;
	len -= pieces;
	for (lane += pieces / LANE; len > 0; lane++) {
		uint32_t n = len < LANE ? len : LANE;

		made_some(seed, lane, 0, out, n);
		out += n;
		len -= n;
	}
}

/* Looked at stretch by stretch, so that bytes of another file are known as such at once. */
static bool made_equal(uint64_t seed, uint64_t offset, const uint8_t *bytes, uint32_t len)
{
	uint64_t mixed = mix64(seed);

	while (len > 0) {
		uint32_t n = len < STRETCH ? len : STRETCH;
		uint8_t edge[PIECE];
		bool equal;

		if (offset % LANE != 0 || n < PIECE) {
			n = offset % LANE != 0 ? before_lane(offset, len) : n;
			made_bytes(seed, offset, edge, n);
			equal = memcmp(edge, bytes, n) == 0;
		} else {
			n -= n % PIECE;
			equal = made_pieces_equal(mixed, offset / LANE, bytes, n);
		}
		if (!equal)
			return false;
		offset += n;
		bytes += n;
		len -= n;
	}
	return true;
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
		upload_bytes(w, s->upload, offset, out, len);
		break;
	case SOURCE_SAME:
		source_read(w, s->same, offset, out, len);
		break;
	}
}

/* Bytes that are computed: nothing is written anywhere to compare with them. */
static bool equal_with_head(const struct source *s, uint64_t offset, const uint8_t *bytes,
			    uint32_t len)
{
	uint32_t n = 0;

	if (offset < s->head_len)
		n = s->head_len - (uint32_t)offset < len ? s->head_len - (uint32_t)offset : len;
	if (n > 0 && memcmp(s->bytes + offset, bytes, n) != 0)
		return false;
	if (s->kind == SOURCE_BYTES)
		return n == len;
	return made_equal(s->seed, offset + n, bytes + n, len - n);
}

bool source_equal(struct world *w, const struct file *f, uint64_t offset, struct cspan bytes)
{
	size_t n = bytes.len < PROBE ? bytes.len : PROBE;

	check(bytes.len <= SCRATCH);
	if (offset > (uint64_t)f->size || bytes.len > (uint64_t)f->size - offset)
		return false;
	if (f->source.kind == SOURCE_SAME)
		return source_equal(w, f->source.same, offset, bytes);
	if (f->source.kind == SOURCE_MADE || f->source.kind == SOURCE_BYTES)
		return equal_with_head(&f->source, offset, bytes.at, (uint32_t)bytes.len);
	source_read(w, f, offset, w->scratch2, (uint32_t)n);
	if (memcmp(w->scratch2, bytes.at, n) != 0)
		return false;
	source_read(w, f, offset, w->scratch2, (uint32_t)bytes.len);
	return memcmp(w->scratch2, bytes.at, bytes.len) == 0;
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
