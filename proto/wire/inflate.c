/*
 * gzip_packed (messages.md 11) on zlib, whose memory comes from a fixed area on the stack: nothing
 * is allocated, and a stream that asks for more than the area is refused. Output is bounded by the
 * caller's space; a stream is exactly one, without anything behind it.
 */
#include "proto/wire/inflate.h"

#include "proto/base/arena.h"

#include <limits.h>
#include <zlib.h>

enum {
	/* zlib: 32 KiB of window and about 8 KiB of state; some room for its relatives. */
	INFLATE_AREA = 72 * 1024,
	/* A window of 8 KiB and small tables: 32 + 32 KiB, and the state. */
	DEFLATE_AREA = 104 * 1024,
	DEFLATE_WINDOW_BITS = 13,
	DEFLATE_MEM_LEVEL = 6,
	GZIP_ONLY = 16,
	GZIP_OR_ZLIB = 32,
};

static void *take(void *opaque, uInt items, uInt size)
{
	void *p = arena_take_many(opaque, items, size);

	return p != NULL ? p : Z_NULL;
}

static void give(void *opaque, void *p)
{
	(void)opaque;
	(void)p;
}

static void start(z_stream *z, struct arena *arena, struct cspan in, struct span out)
{
	*z = (z_stream){
	    .zalloc = take,
	    .zfree = give,
	    .opaque = arena,
	    .next_in = (Bytef *)(uintptr_t)in.at, /* zlib's field lacks the const */
	    .avail_in = (uInt)in.len,
	    .next_out = out.at,
	    .avail_out = (uInt)out.len,
	};
}

static enum inflate_status judge(int code, const z_stream *z)
{
	if (code == Z_STREAM_END)
		return z->avail_in == 0 ? INFLATE_OK : INFLATE_BAD;
	if ((code == Z_OK || code == Z_BUF_ERROR) && z->avail_out == 0)
		return INFLATE_TOO_LARGE;
	return INFLATE_BAD;
}

enum inflate_status inflate_object(struct cspan packed, struct span out, size_t *out_len)
{
	_Alignas(16) uint8_t area[INFLATE_AREA];
	struct arena arena;
	z_stream z;
	enum inflate_status status;

	*out_len = 0;
	if (packed.len == 0 || packed.len > INFLATE_OUT_MAX)
		return INFLATE_BAD;
	if (out.len > INFLATE_OUT_MAX)
		out.len = INFLATE_OUT_MAX;
	if (out.len == 0)
		return INFLATE_TOO_LARGE;
	arena_init(&arena, area, sizeof(area));
	start(&z, &arena, packed, out);
	if (inflateInit2(&z, MAX_WBITS + GZIP_OR_ZLIB) != Z_OK)
		return INFLATE_BAD;
	status = judge(inflate(&z, Z_FINISH), &z);
	if (status == INFLATE_OK)
		*out_len = z.total_out;
	inflateEnd(&z);
	return status;
}

size_t deflate_object(struct cspan in, struct span out)
{
	_Alignas(16) uint8_t area[DEFLATE_AREA];
	struct arena arena;
	z_stream z;
	size_t len = 0;

	if (in.len > INFLATE_OUT_MAX || out.len > UINT_MAX)
		return 0;
	arena_init(&arena, area, sizeof(area));
	start(&z, &arena, in, out);
	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, DEFLATE_WINDOW_BITS + GZIP_ONLY,
			 DEFLATE_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
		return 0;
	if (deflate(&z, Z_FINISH) == Z_STREAM_END)
		len = z.total_out;
	deflateEnd(&z);
	return len;
}
