/*
 * TL primitives: the reader that never passes its end, and the writer that never passes its own.
 * It knows numbers, strings and vector heads; what they mean is the schema's business. Both keep
 * their first fault, so a sequence of calls needs one look at the end.
 */
#include "proto/wire/tl.h"

#include "proto/base/check.h"

static const uint8_t zeros[32];

void tl_reader_init(struct tl_reader *r, struct cspan in)
{
	*r = (struct tl_reader){in.at, in.at, in.at + in.len, TL_SOUND, 0};
}

bool tl_ok(const struct tl_reader *r)
{
	return r->fault == TL_SOUND;
}

void tl_fail(struct tl_reader *r, enum tl_fault why)
{
	if (r->fault != TL_SOUND)
		return; /* the first reason is the true one */
	r->fault = why;
	r->fault_at = (uint32_t)(r->at - r->start);
}

size_t tl_left(const struct tl_reader *r)
{
	return r->fault == TL_SOUND ? (size_t)(r->end - r->at) : 0;
}

/* The next n bytes, or NULL and a fault. */
static const uint8_t *take(struct tl_reader *r, size_t n)
{
	const uint8_t *was = r->at;

	if (r->fault != TL_SOUND)
		return NULL;
	if (n > (size_t)(r->end - r->at)) {
		tl_fail(r, TL_SHORT);
		return NULL;
	}
	r->at += n;
	return was;
}

uint32_t tl_read_u32(struct tl_reader *r)
{
	const uint8_t *p = take(r, 4);

	return p != NULL ? load_le32(p) : 0;
}

int32_t tl_read_i32(struct tl_reader *r)
{
	return (int32_t)tl_read_u32(r);
}

uint64_t tl_read_u64(struct tl_reader *r)
{
	const uint8_t *p = take(r, 8);

	return p != NULL ? load_le64(p) : 0;
}

double tl_read_double(struct tl_reader *r)
{
	uint64_t bits = tl_read_u64(r);
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

const uint8_t *tl_read_raw(struct tl_reader *r, size_t n)
{
	const uint8_t *p = take(r, n);

	if (p != NULL)
		return p;
	/* Callers copy a nonce or a hash from here before they look at the fault. */
	return n <= sizeof(zeros) ? zeros : NULL;
}

struct cspan tl_read_bytes(struct tl_reader *r)
{
	struct cspan none = {NULL, 0};
	size_t left = tl_left(r), prefix, len, pad;

	if (left < 4) { /* even the empty string has four bytes */
		tl_fail(r, TL_SHORT);
		return none;
	}
	if (r->at[0] < 254) {
		prefix = 1;
		len = r->at[0];
	} else if (r->at[0] == 254) {
		prefix = 4;
		len = load_le32(r->at) >> 8;
	} else {
		tl_fail(r, TL_STRING);
		return none;
	}
	pad = -(prefix + len) & 3; /* a long head on a short string is allowed */
	if (prefix + len + pad > left) {
		tl_fail(r, TL_SHORT);
		return none;
	}
	r->at += prefix + len + pad;
	return (struct cspan){r->at - len - pad, len};
}

uint32_t tl_read_bare_vector(struct tl_reader *r, size_t min_size)
{
	uint32_t count = tl_read_u32(r);

	if (!tl_ok(r))
		return 0;
	if (count > INT32_MAX || (uint64_t)count * min_size > tl_left(r)) {
		r->at -= 4; /* the fault stands at the count */
		tl_fail(r, TL_COUNT);
		return 0;
	}
	return count;
}

uint32_t tl_read_vector(struct tl_reader *r, size_t min_size)
{
	if (tl_read_u32(r) != TL_VECTOR) {
		if (tl_ok(r))
			r->at -= 4;
		tl_fail(r, TL_TYPE);
		return 0;
	}
	return tl_read_bare_vector(r, min_size);
}

void tl_writer_init(struct tl_writer *w, struct span out)
{
	*w = (struct tl_writer){out.at, out.at, out.at + out.len, false};
}

size_t tl_written(const struct tl_writer *w)
{
	return w->full ? 0 : (size_t)(w->at - w->start);
}

/* Where the next n bytes go; NULL when they do not fit. */
static uint8_t *room(struct tl_writer *w, size_t n)
{
	uint8_t *was = w->at;

	if (w->full || n > (size_t)(w->end - w->at)) {
		w->full = true;
		return NULL;
	}
	w->at += n;
	return was;
}

void tl_write_u32(struct tl_writer *w, uint32_t v)
{
	uint8_t *p = room(w, 4);

	if (p != NULL)
		store_le32(p, v);
}

void tl_write_u64(struct tl_writer *w, uint64_t v)
{
	uint8_t *p = room(w, 8);

	if (p != NULL)
		store_le64(p, v);
}

void tl_write_double(struct tl_writer *w, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	tl_write_u64(w, bits);
}

void tl_write_raw(struct tl_writer *w, const void *bytes, size_t n)
{
	uint8_t *p = room(w, n);

	if (p != NULL && n > 0)
		memcpy(p, bytes, n);
}

void tl_write_bytes(struct tl_writer *w, struct cspan s)
{
	uint8_t head[4];
	uint32_t prefix;

	check(s.len < 1u << 24);
	prefix = tl_bytes_head(head, (uint32_t)s.len);
	tl_write_raw(w, head, prefix);
	tl_write_raw(w, s.at, s.len);
	tl_write_raw(w, zeros, tl_bytes_pad((uint32_t)s.len));
}

uint32_t tl_bytes_head(uint8_t out[4], uint32_t len)
{
	check(len < 1u << 24);
	if (len < 254) {
		out[0] = (uint8_t)len;
		return 1;
	}
	store_le32(out, len << 8 | 254);
	return 4;
}

uint32_t tl_bytes_pad(uint32_t len)
{
	return -(len < 254 ? len + 1 : len) & 3;
}
