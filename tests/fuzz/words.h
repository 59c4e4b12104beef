/* Names in fuzzed TL: of four bytes no fuzzer guesses a constructor. */
#ifndef TGCLONE_TESTS_FUZZ_WORDS_H
#define TGCLONE_TESTS_FUZZ_WORDS_H

#include "proto/schema/tlobj.h"

enum { NAMED = 0xc5c5 };

/* Words whose upper half is NAMED become the id of the constructor that the lower half counts to. */
static inline void name_words(uint8_t *bytes, size_t size)
{
	for (size_t at = 0; at + 4 <= size; at += 4) {
		uint32_t word = load_le32(bytes + at);

		if (word >> 16 == NAMED)
			store_le32(bytes + at,
				   tl_id((enum tlc)(1 + (word & 0xffff) % (TLC_COUNT - 1)), TL_LAYER));
	}
}

#endif
