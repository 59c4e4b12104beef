/* TL primitives against the vectors, and at their edges. */
#include "proto/wire/tl.h"

#include "proto/crypto/digest.h"
#include "tests/vectors/hex.h"
#include "tests/vectors/tl.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { ROOM = 1 << 17 };

/* A reader over a copy of exactly that size, so that a sanitizer sees every step beyond it. */
static struct tl_reader reader_of(const void *bytes, size_t n, uint8_t **copy)
{
	struct tl_reader r;

	*copy = malloc(n + (n == 0));
	memcpy(*copy, bytes, n);
	tl_reader_init(&r, cspan_of(*copy, n));
	return r;
}

Test(tl, scalars)
{
	for (size_t i = 0; i < sizeof(vec_tl_scalar) / sizeof(*vec_tl_scalar); i++) {
		const struct vec_tl_scalar *v = &vec_tl_scalar[i];
		uint8_t wire[8], out[8];
		size_t n = vec_bytes(wire, sizeof(wire), v->encoded);
		struct tl_writer w;
		struct tl_reader r;

		tl_reader_init(&r, cspan_of(wire, n));
		tl_writer_init(&w, (struct span){out, sizeof(out)});
		switch (v->type) {
		case VEC_INT:
			cr_assert_eq(tl_read_i32(&r), v->value, "%s", v->name);
			tl_write_u32(&w, (uint32_t)v->value);
			break;
		case VEC_LONG:
			cr_assert_eq((int64_t)tl_read_u64(&r), v->value, "%s", v->name);
			tl_write_u64(&w, (uint64_t)v->value);
			break;
		case VEC_DOUBLE:
			cr_assert_eq(tl_read_double(&r), v->real, "%s", v->name);
			tl_write_double(&w, v->real);
			break;
		case VEC_BOOL:
			cr_assert_eq(tl_read_i32(&r), v->value ? TL_BOOL_TRUE : TL_BOOL_FALSE);
			tl_write_u32(&w,
				     v->value ? (uint32_t)TL_BOOL_TRUE : (uint32_t)TL_BOOL_FALSE);
		}
		cr_assert(tl_ok(&r) && tl_left(&r) == 0);
		cr_assert_eq(tl_written(&w), n);
		cr_assert_arr_eq(out, wire, n);
	}
}

static void one_string(struct cspan value, struct cspan wire)
{
	static uint8_t out[ROOM];
	struct tl_reader r;
	struct tl_writer w;
	uint8_t *copy, head[4];
	struct cspan got;

	tl_writer_init(&w, (struct span){out, sizeof(out)});
	tl_write_bytes(&w, value);
	cr_assert_eq(tl_written(&w), wire.len);
	cr_assert_arr_eq(out, wire.at, wire.len);
	cr_assert_eq(tl_bytes_head(head, (uint32_t)value.len) + value.len +
			 tl_bytes_pad((uint32_t)value.len),
		     wire.len);
	r = reader_of(wire.at, wire.len, &copy);
	got = tl_read_bytes(&r);
	cr_assert(tl_ok(&r) && tl_left(&r) == 0);
	cr_assert(cspan_equal(got, value));
	cr_assert(value.len == 0 || (got.at >= copy && got.at < copy + wire.len)); /* a view */
	free(copy);
	for (size_t cut = 0; cut < wire.len; cut += 1 + cut / 64) {
		r = reader_of(wire.at, cut, &copy);
		cr_assert_eq(tl_read_bytes(&r).len, 0);
		cr_assert_eq(r.fault, TL_SHORT);
		cr_assert_eq(r.fault_at, 0);
		free(copy);
	}
}

Test(tl, strings)
{
	static uint8_t value[ROOM], wire[ROOM];

	for (size_t i = 0; i < sizeof(vec_tl_string) / sizeof(*vec_tl_string); i++)
		one_string(vec_span(value, sizeof(value), vec_tl_string[i].value),
			   vec_span(wire, sizeof(wire), vec_tl_string[i].encoded));
}

Test(tl, long_strings)
{
	static uint8_t value[ROOM], wire[ROOM];

	for (size_t i = 0; i < sizeof(vec_tl_string_big) / sizeof(*vec_tl_string_big); i++) {
		const struct vec_tl_string_big *v = &vec_tl_string_big[i];
		struct tl_writer w;
		struct cspan all;
		uint8_t hash[32];

		vec_filler(value, v->len, v->label);
		tl_writer_init(&w, (struct span){wire, sizeof(wire)});
		tl_write_bytes(&w, cspan_of(value, v->len));
		all = cspan_of(wire, tl_written(&w));
		cr_assert_eq(all.len, v->encoded_len);
		cr_assert(vec_equal(wire, 8, v->encoded_first_8));
		cr_assert(vec_equal(wire + all.len - 8, 8, v->encoded_last_8));
		digest_sha256(hash, &all, 1);
		cr_assert(vec_equal(hash, 32, v->encoded_sha256));
		one_string(cspan_of(value, v->len), all);
	}
}

Test(tl, string_forms_that_are_not_ours)
{
	static const uint8_t roomy[] = {254, 2, 0, 0, 'h', 'i', 9, 9, 1, 2, 3, 4};
	static const uint8_t huge[] = {255, 1, 0, 0, 0, 0, 0, 0, 'x', 0, 0, 0};
	struct tl_reader r;

	/* A long head on a short string, and padding that is not zero: read, never written. */
	tl_reader_init(&r, cspan_of(roomy, sizeof(roomy)));
	cr_assert(cspan_equal(tl_read_bytes(&r), cspan_str("hi")));
	cr_assert_eq(tl_read_u32(&r), 0x04030201);
	cr_assert(tl_ok(&r));

	tl_reader_init(&r, cspan_of(huge, sizeof(huge)));
	cr_assert_eq(tl_read_bytes(&r).len, 0);
	cr_assert_eq(r.fault, TL_STRING);
}

Test(tl, vectors)
{
	for (size_t i = 0; i < sizeof(vec_tl_vector) / sizeof(*vec_tl_vector); i++) {
		const struct vec_tl_vector *v = &vec_tl_vector[i];
		size_t least = v->type == VEC_LONG ? 8 : 4;
		uint8_t wire[64];
		struct tl_reader r;

		tl_reader_init(&r, vec_span(wire, sizeof(wire), v->encoded));
		cr_assert_eq(tl_read_vector(&r, least), v->count);
		for (uint32_t k = 0; k < v->count; k++)
			cr_assert_eq((int64_t)tl_read_u64(&r), v->values[k]);
		cr_assert(tl_ok(&r) && tl_left(&r) == 0);
	}
}

static enum tl_fault count_fault(uint32_t count, size_t least, size_t behind)
{
	uint8_t wire[64] = {0};
	struct tl_reader r;

	store_le32(wire, count);
	tl_reader_init(&r, cspan_of(wire, 4 + behind));
	tl_read_bare_vector(&r, least);
	cr_assert(tl_ok(&r) || r.fault_at == 0);
	return r.fault;
}

Test(tl, vector_counts_that_cannot_be)
{
	cr_assert_eq(count_fault(3, 4, 12), TL_SOUND);
	cr_assert_eq(count_fault(3, 4, 11), TL_COUNT);
	cr_assert_eq(count_fault(2, 8, 12), TL_COUNT);
	cr_assert_eq(count_fault(0, 8, 0), TL_SOUND);
	cr_assert_eq(count_fault(1, 4, 0), TL_COUNT);
	cr_assert_eq(count_fault(0x7fffffff, 4, 12), TL_COUNT);
	cr_assert_eq(count_fault(0x80000000, 0, 12),
		     TL_COUNT); /* negative, whatever an element is */
	cr_assert_eq(count_fault(0xffffffff, 4, 12), TL_COUNT);
	cr_assert_eq(count_fault(0x40000001, 4, 12), TL_COUNT); /* times 4 it wraps */
}

Test(tl, vector_without_its_id)
{
	uint8_t wire[12] = {0};
	struct tl_reader r;

	store_le32(wire + 4, 0x12345678);
	tl_reader_init(&r, cspan_of(wire, sizeof(wire)));
	tl_read_u32(&r);
	cr_assert_eq(tl_read_vector(&r, 4), 0);
	cr_assert_eq(r.fault, TL_TYPE);
	cr_assert_eq(r.fault_at, 4);
}

Test(tl, first_fault_sticks)
{
	static const uint8_t none[16];
	uint8_t *copy;
	struct tl_reader r = reader_of("\1\2\3\4\5\6", 6, &copy);

	cr_assert_eq(tl_read_u32(&r), 0x04030201);
	cr_assert_eq(tl_read_u64(&r), 0);
	cr_assert_eq(r.fault, TL_SHORT);
	cr_assert_eq(r.fault_at, 4);
	tl_fail(&r, TL_DEPTH);
	cr_assert_eq(r.fault, TL_SHORT);
	cr_assert_eq(tl_left(&r), 0);
	cr_assert_eq(tl_read_u32(&r), 0); /* nor what would still be there */
	cr_assert_eq(tl_read_double(&r), 0);
	cr_assert_eq(tl_read_bytes(&r).len, 0);
	cr_assert_eq(tl_read_vector(&r, 4), 0);
	cr_assert_arr_eq(tl_read_raw(&r, 16), none, 16); /* a nonce may be copied before the look */
	cr_assert_null(tl_read_raw(&r, 4096));
	free(copy);
}

Test(tl, raw_is_a_view)
{
	uint8_t *copy;
	struct tl_reader r = reader_of("0123456789abcdef....", 20, &copy);

	cr_assert_eq(tl_read_raw(&r, 16), copy);
	cr_assert_eq(tl_left(&r), 4);
	free(copy);
}

Test(tl, writer_stops_at_its_end)
{
	for (size_t size = 0; size <= 28; size++) {
		uint8_t *out = malloc(size + (size == 0));
		struct tl_writer w;

		tl_writer_init(&w, (struct span){out, size});
		tl_write_u32(&w, 1);
		tl_write_u64(&w, 2);
		tl_write_bytes(&w, cspan_str("hello"));
		tl_write_raw(&w, "abcd", 4);
		cr_assert_eq(w.full, size < 24);
		cr_assert_eq(tl_written(&w), size < 24 ? 0 : 24);
		free(out);
	}
}

Test(tl, writer_stays_full)
{
	uint8_t out[8];
	struct tl_writer w;

	tl_writer_init(&w, (struct span){out, sizeof(out)});
	tl_write_bytes(&w, cspan_str("much too long for it"));
	tl_write_u32(&w, 1); /* would fit, but stands at the wrong place */
	cr_assert(w.full);
	cr_assert_eq(tl_written(&w), 0);
}
