/*
 * Fuzz target: the object decoder. Whatever is read must be skippable to the same byte or to the
 * same fault, must be written for every layer without a fault of ours, and what was written for a
 * layer must be read again and written to the same bytes.
 */
#include "proto/base/check.h"
#include "proto/schema/tlobj.h"
#include "tests/fuzz/words.h"

#include <stdlib.h>

enum { ARENA = 1 << 18, OUT = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void rewrite(struct arena *mem, const struct tl_obj *o, int layer, uint8_t *out,
		    uint8_t *again)
{
	struct tl_error error;
	size_t len = tl_encode(o, layer, (struct span){out, OUT}, &error);
	const struct tl_obj *back;

	if (len == 0) { /* a layer without that name, or no room */
		check(error.fault == TL_UNKNOWN || error.fault == TL_MEMORY ||
		      error.fault == TL_DEPTH);
		return;
	}
	check(tl_skip((struct cspan){out, len}, &error) == len || tl_cons(o) == TLC_vector);
	back = tl_decode(mem, (struct cspan){out, len}, &error);
	if (back == NULL) {
		check(error.fault == TL_MEMORY || error.fault == TL_DEPTH);
		return;
	}
	check(tl_encode(back, layer, (struct span){again, OUT}, &error) == len);
	check(memcmp(out, again, len) == 0);
}

static void decode(const uint8_t *data, size_t size)
{
	static const int layers[] = {TL_LAYER_OLD, TL_LAYER_MID, 214, TL_LAYER};
	struct cspan in = {data, size};
	struct tl_error error, skip_error;
	const struct tl_obj *o;
	struct arena mem;
	uint8_t *room = malloc(ARENA + 2 * OUT);
	size_t skipped = tl_skip(in, &skip_error), mark;

	check(room != NULL);
	arena_init(&mem, room, ARENA);
	o = tl_decode(&mem, in, &error);
	if (o != NULL)
		check(skipped == size);
	else if (error.fault == TL_TRAILING)
		check(skipped == error.offset);
	else if (error.fault != TL_MEMORY)
		check(skipped == 0 && skip_error.fault == error.fault &&
		      skip_error.offset == error.offset && skip_error.id == error.id);
	mark = arena_mark(&mem);
	for (size_t i = 0; o != NULL && i < countof(layers); i++) {
		rewrite(&mem, o, layers[i], room + ARENA, room + ARENA + OUT);
		arena_rewind(&mem, mark);
	}
	if (o != NULL)
		tl_clone(&mem, o);
	arena_init(&mem, room, ARENA);
	tl_decode_result(&mem, TLC_users_getUsers, in, &error);
	free(room);
}

/* Rows: H3 S40 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *named = malloc(size + 1);

	check(named != NULL);
	memcpy(named, data, size);
	name_words(named, size);
	decode(named, size);
	free(named);
	return 0;
}
