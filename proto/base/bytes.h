/*
 * Little-endian loads and stores, constant-time comparison, wiping. MTProto is little-endian
 * throughout; big numbers inside the key exchange are big-endian byte strings.
 */
#ifndef TGCLONE_BASE_BYTES_H
#define TGCLONE_BASE_BYTES_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Space to write into: lent, never owned. */
struct span {
	uint8_t *at;
	size_t len;
};

/* Bytes to read: lent, valid as long as whatever they point into. */
struct cspan {
	const uint8_t *at;
	size_t len;
};

static inline struct cspan cspan_of(const void *at, size_t len)
{
	return (struct cspan){at, len};
}

static inline struct cspan cspan_str(const char *s)
{
	return (struct cspan){(const uint8_t *)s, strlen(s)};
}

static inline bool cspan_equal(struct cspan a, struct cspan b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline uint16_t load_le16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t load_le32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t load_le64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline void store_le16(void *p, uint16_t v)
{
	memcpy(p, &v, sizeof(v));
}

static inline void store_le32(void *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

static inline void store_le64(void *p, uint64_t v)
{
	memcpy(p, &v, sizeof(v));
}

static inline uint64_t load_be64(const void *p)
{
	return __builtin_bswap64(load_le64(p));
}

static inline void store_be32(void *p, uint32_t v)
{
	store_le32(p, __builtin_bswap32(v));
}

static inline void store_be64(void *p, uint64_t v)
{
	store_le64(p, __builtin_bswap64(v));
}

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "loads and stores assume little-endian");

/* Equal or not, in time that depends on n only. For keys, hashes and nonces. */
bool bytes_equal_ct(const void *a, const void *b, size_t n);

/* Zero that the compiler may not drop. For keys, nonces, exponents, passwords. */
void bytes_wipe(void *p, size_t n);

#endif
