/*
 * Message text with entities: the first byte says how many entities, each of three bytes (kind,
 * offset, length), the rest is the text. What is taken must be trimmed and hold only entities that
 * lie inside it, in order.
 */
#include "proto/base/check.h"
#include "tools/tgsim/methods_text.h"

#include <stdlib.h>

enum { MEMORY = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_text(const uint8_t *data, size_t size, struct arena *arena)
{
	static const enum tlc kinds[] = {TLC_messageEntityBold, TLC_messageEntityCode,
					 TLC_messageEntityTextUrl, TLC_messageEntityMention};
	const struct tl_obj *sent[256];
	struct text t;
	size_t count = size > 0 ? data[0] : 0, at = 1;
	int32_t last = 0;

	if (size < 1 + count * 3 || size > 16384)
		return;
	for (size_t i = 0; i < count; i++, at += 3) {
		struct tl_obj *o = tl_new(arena, kinds[data[at] % countof(kinds)]);

		tl_set_int(o, TLF_offset, (int8_t)data[at + 1]);
		tl_set_int(o, TLF_length, (int8_t)data[at + 2]);
		sent[i] = o;
	}
	if (text_take(arena, cspan_of(data + at, size - at), sent, (uint32_t)count, &t) !=
	    TEXT_SOUND)
		return;
	check(text_units(t.bytes) == (int32_t)t.units);
	for (uint32_t i = 0; i < t.count; i++) {
		int32_t offset = tl_int(t.entities[i], TLF_offset);
		int32_t length = tl_int(t.entities[i], TLF_length);

		check(offset >= last && length > 0 && offset + length <= (int32_t)t.units);
		last = offset;
	}
	text_first_url(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;

	arena_init(&arena, malloc(MEMORY), MEMORY);
	if (arena.mem != NULL)
		try_text(data, size, &arena);
	free(arena.mem);
	return 0;
}
