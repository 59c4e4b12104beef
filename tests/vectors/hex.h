/*
 * From the hex strings of the other headers to bytes, and the filler that stands for values too
 * long to print: SHA256(label + 0), SHA256(label + 1), ... with the number as 4 bytes big-endian.
 */
#ifndef TGCLONE_VECTORS_HEX_H
#define TGCLONE_VECTORS_HEX_H

#include "proto/base/bytes.h"
#include "proto/base/check.h"
#include "proto/crypto/digest.h"

static inline uint8_t vec_digit(char c)
{
	check((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Writes the bytes of hex (NULL is none) and returns their count, which must be at most size. */
static inline size_t vec_bytes(void *out, size_t size, const char *hex)
{
	size_t n = hex == NULL ? 0 : strlen(hex) / 2;
	uint8_t *to = out;

	check(n <= size);
	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)(vec_digit(hex[2 * i]) << 4 | vec_digit(hex[2 * i + 1]));
	return n;
}

/* As vec_bytes, as a view of the buffer. */
static inline struct cspan vec_span(void *out, size_t size, const char *hex)
{
	return cspan_of(out, vec_bytes(out, size, hex));
}

/* Whether the len bytes at data are exactly those of hex. */
static inline bool vec_equal(const void *data, size_t len, const char *hex)
{
	const uint8_t *at = data;

	if (strlen(hex) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (at[i] != (vec_digit(hex[2 * i]) << 4 | vec_digit(hex[2 * i + 1])))
			return false;
	return true;
}

static inline void vec_filler(uint8_t *out, size_t len, const char *label)
{
	for (uint32_t i = 0; len > 0; i++) {
		uint8_t number[4], block[32];
		struct cspan parts[2] = {cspan_str(label), {number, 4}};
		size_t n = len < 32 ? len : 32;

		store_be32(number, i);
		digest_sha256(block, parts, 2);
		memcpy(out, block, n);
		out += n;
		len -= n;
	}
}

#endif
