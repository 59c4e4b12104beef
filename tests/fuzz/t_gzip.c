/*
 * Fuzz target: gzip_packed. The first byte is how much room there is; the rest the stream. The
 * output must stay in its room, and a larger room must not change it.
 */
#include "proto/base/check.h"
#include "proto/wire/inflate.h"

#include <stdlib.h>

enum { ROOM = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void pack_again(struct span plain, size_t len, uint8_t *packed, uint8_t *back)
{
	size_t n = deflate_object((struct cspan){plain.at, len}, (struct span){packed, 2 * ROOM});
	size_t got;

	check(n > 0);
	check(inflate_object((struct cspan){packed, n}, (struct span){back, ROOM}, &got) ==
	      INFLATE_OK);
	check(got == len && memcmp(back, plain.at, len) == 0);
}

/* Rows: H16 S12 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = size > 0 ? (size_t)data[0] * 64 : 0, small_len, large_len;
	uint8_t *small = malloc(room + 1), *large = malloc(ROOM), *packed = malloc(2 * ROOM);
	enum inflate_status a, b;

	check(small != NULL && large != NULL && packed != NULL);
	if (size > 0) {
		struct cspan in = {data + 1, size - 1};

		a = inflate_object(in, (struct span){small, room}, &small_len);
		b = inflate_object(in, (struct span){large, ROOM}, &large_len);
		check(small_len <= room && large_len <= ROOM);
		check(a != INFLATE_OK || (b == INFLATE_OK && small_len == large_len));
		check(a != INFLATE_OK || memcmp(small, large, small_len) == 0);
		if (b == INFLATE_OK) {
			uint8_t *back = malloc(ROOM);

			check(back != NULL);
			pack_again((struct span){large, ROOM}, large_len, packed, back);
			free(back);
		}
	}
	free(small);
	free(large);
	free(packed);
	return 0;
}
