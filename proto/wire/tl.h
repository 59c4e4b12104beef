/*
 * TL primitives (tl.md 1): a bounded reader that hands out views, and a writer. The first fault
 * sticks; after it every read gives zeros and every write does nothing, so a caller may check once.
 */
#ifndef TGCLONE_WIRE_TL_H
#define TGCLONE_WIRE_TL_H

#include "proto/base/bytes.h"

enum tl_fault {
	TL_SOUND,
	TL_SHORT,   /* bytes end before the value does */
	TL_STRING,  /* a string length that cannot be */
	TL_COUNT,   /* vector count negative or larger than the bytes that remain */
	TL_UNKNOWN, /* constructor id not in the schema */
	TL_TYPE,    /* a known constructor at a place of another type */
	TL_DEPTH,
	TL_MEMORY, /* arena or output full */
	TL_TRAILING,
};

enum { TL_VECTOR = 0x1cb5c415, TL_BOOL_TRUE = (int)0x997275b5u, TL_BOOL_FALSE = (int)0xbc799737u };

struct tl_reader {
	const uint8_t *start, *at, *end;
	enum tl_fault fault;
	uint32_t fault_at; /* offset of the first fault */
};

void tl_reader_init(struct tl_reader *, struct cspan in);
bool tl_ok(const struct tl_reader *);
void tl_fail(struct tl_reader *, enum tl_fault);
size_t tl_left(const struct tl_reader *);
uint32_t tl_read_u32(struct tl_reader *);
int32_t tl_read_i32(struct tl_reader *);
uint64_t tl_read_u64(struct tl_reader *);
double tl_read_double(struct tl_reader *);
/* n raw bytes (int128, int256): a view. */
const uint8_t *tl_read_raw(struct tl_reader *, size_t n);
/* string or bytes: a view. The form starting with ff is refused; padding is not looked at. */
struct cspan tl_read_bytes(struct tl_reader *);
/* Vector header (with id when boxed) and its count, checked: count * min_size <= what remains. */
uint32_t tl_read_vector(struct tl_reader *, size_t min_size);
uint32_t tl_read_bare_vector(struct tl_reader *, size_t min_size);

struct tl_writer {
	uint8_t *start, *at, *end;
	bool full;
};

void tl_writer_init(struct tl_writer *, struct span out);
size_t tl_written(const struct tl_writer *);
void tl_write_u32(struct tl_writer *, uint32_t);
void tl_write_u64(struct tl_writer *, uint64_t);
void tl_write_double(struct tl_writer *, double);
void tl_write_raw(struct tl_writer *, const void *, size_t n);
void tl_write_bytes(struct tl_writer *, struct cspan);
/* Length prefix of a string of len bytes; the data and (-(prefix + len) mod 4) zeros follow. */
uint32_t tl_bytes_head(uint8_t out[4], uint32_t len);
uint32_t tl_bytes_pad(uint32_t len);

#endif
