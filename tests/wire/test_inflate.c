/* gzip_packed: the vector, round trips, and streams that are cut, false, too large or followed by
 * more. */
#include "proto/wire/inflate.h"

#include "proto/base/check.h"
#include "proto/wire/tl.h"
#include "tests/vectors/hex.h"
#include "tests/vectors/tl.h"
#include "tests/wire/wire_kit.h"

#include <criterion/criterion.h>
#include <zlib.h>

static uint8_t packed[256 * 1024], plain[256 * 1024], back[256 * 1024];

static enum inflate_status unpack(size_t packed_len, size_t room, size_t *len)
{
	return inflate_object(cspan_of(packed, packed_len), (struct span){back, room}, len);
}

Test(inflate, vectors)
{
	for (size_t i = 0; i < countof(vec_gzip); i++) {
		size_t n = vec_bytes(packed, sizeof(packed), vec_gzip[i].stream);
		size_t want = vec_bytes(plain, sizeof(plain), vec_gzip[i].plain);
		size_t len;

		cr_expect_eq(unpack(n, sizeof(back), &len), INFLATE_OK);
		cr_expect_eq(len, want);
		cr_expect_arr_eq(back, plain, want);
		/* exactly as much room as it takes, and one byte less */
		cr_expect_eq(unpack(n, want, &len), INFLATE_OK);
		cr_expect_eq(unpack(n, want - 1, &len), INFLATE_TOO_LARGE);
	}
}

/* The whole object holds the stream and nothing behind it. */
Test(inflate, objects_of_the_vectors)
{
	for (size_t i = 0; i < countof(vec_gzip); i++) {
		struct tl_reader r;
		struct cspan stream;

		tl_reader_init(&r, vec_span(packed, sizeof(packed), vec_gzip[i].encoded));
		cr_expect_eq(tl_read_u32(&r), 0x3072cfa1);
		stream = tl_read_bytes(&r);
		cr_assert(tl_ok(&r) && tl_left(&r) == 0);
		cr_expect(vec_equal(stream.at, stream.len, vec_gzip[i].stream));
	}
}

/* Rows: H16 S12 */
Test(inflate, cut_at_every_byte_is_bad)
{
	size_t n = vec_bytes(packed, sizeof(packed), vec_gzip[0].stream);
	size_t len;

	for (size_t cut = 0; cut < n; cut++) {
		cr_expect_neq(unpack(cut, sizeof(back), &len), INFLATE_OK, "%zu", cut);
		cr_expect_eq(len, 0);
	}
}

Test(inflate, flipped_bytes_are_bad)
{
	size_t n = vec_bytes(packed, sizeof(packed), vec_gzip[0].stream);
	size_t want = vec_bytes(plain, sizeof(plain), vec_gzip[0].plain);
	size_t len;

	for (size_t i = 0; i < n; i++) {
		packed[i] ^= 0x04;
		if (unpack(n, sizeof(back), &len) ==
		    INFLATE_OK) { /* header fields that say nothing */
			cr_expect_lt(i, 10, "%zu", i);
			cr_expect_eq(len, want);
		}
		packed[i] ^= 0x04;
	}
}

/* Rows: H16 S12 */
Test(inflate, bytes_behind_the_stream_are_bad)
{
	size_t n = vec_bytes(packed, sizeof(packed), vec_gzip[0].stream);
	size_t len;

	packed[n] = 0;
	cr_expect_eq(unpack(n + 1, sizeof(back), &len), INFLATE_BAD);
	memcpy(packed + n, packed, n);
	cr_expect_eq(unpack(2 * n, sizeof(back), &len), INFLATE_BAD);
}

Test(inflate, zlib_streams_are_taken_too)
{
	uLongf n = sizeof(packed);
	size_t len;

	memset(plain, 'x', 5000);
	cr_assert_eq(compress(packed, &n, plain, 5000), Z_OK);
	cr_expect_eq(unpack(n, sizeof(back), &len), INFLATE_OK);
	cr_expect_eq(len, 5000);
	cr_expect_arr_eq(back, plain, 5000);
}

Test(inflate, nothing_and_no_room)
{
	size_t n = vec_bytes(packed, sizeof(packed), vec_gzip[0].stream);
	size_t len = 1;

	cr_expect_eq(unpack(0, sizeof(back), &len), INFLATE_BAD);
	cr_expect_eq(len, 0);
	cr_expect_eq(unpack(n, 0, &len), INFLATE_TOO_LARGE);
	cr_expect_eq(inflate_object(cspan_of(packed, n), (struct span){NULL, 0}, &len),
		     INFLATE_TOO_LARGE);
}

/* Much more than its input: stops at the room it was given. */
/* Rows: H16 S12 */
Test(inflate, bomb_stops_at_the_room)
{
	size_t n, len;

	memset(plain, 0, sizeof(plain));
	n = deflate_object(cspan_of(plain, sizeof(plain)), (struct span){packed, sizeof(packed)});
	cr_assert_gt(n, 0);
	cr_assert_lt(n, 2000);
	cr_expect_eq(unpack(n, 64 * 1024, &len), INFLATE_TOO_LARGE);
	cr_expect_eq(unpack(n, sizeof(back), &len), INFLATE_OK);
	cr_expect_eq(len, sizeof(plain));
}

Test(inflate, round_trips)
{
	uint64_t seed = 4;

	for (size_t size = 0; size < 100000; size = size * 3 / 2 + 1) {
		size_t n, len;

		kit_fill(&seed, plain, size);
		for (size_t i = 0; i < size; i++)
			plain[i] &= size % 2 ? 0xff : 0x0f;
		n = deflate_object(cspan_of(plain, size), (struct span){packed, sizeof(packed)});
		cr_assert_gt(n, 0, "%zu", size);
		cr_expect_eq(unpack(n, sizeof(back), &len), INFLATE_OK);
		cr_expect_eq(len, size);
		if (size > 0)
			cr_expect_arr_eq(back, plain, size);
		if (size > 100) {
			cr_expect_eq(
			    deflate_object(cspan_of(plain, size), (struct span){packed, n - 1}), 0);
		}
	}
}
