/* Published encodings of whole objects: decoded, looked into, and encoded to the same bytes. */
#include "proto/schema/tlobj.h"

#include "tests/vectors/hex.h"
#include "tests/vectors/tl.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { ROOM = 1 << 16 };

static uint8_t memory[1 << 20], wire[ROOM], out[ROOM];

static enum tlf field_called(const char *name, size_t len)
{
	for (unsigned f = TLF_none + 1; f < TLF_COUNT; f++)
		if (strlen(tl_field_name((enum tlf)f)) == len &&
		    memcmp(tl_field_name((enum tlf)f), name, len) == 0)
			return (enum tlf)f;
	return TLF_none;
}

/* The object called, or the one deepest inside of queries, that has such a field. */
static const struct tl_obj *owner(const struct tl_obj *o, enum tlf f)
{
	while (o != NULL && !tl_has(o, f) && tl_sub(o, TLF_query) != NULL)
		o = tl_sub(o, TLF_query);
	return o;
}

/* "name=value" lines: numbers in decimal, bytes in hex, strings as they are. */
static void check_fields(const struct tl_obj *o, const char *fields, const char *vector)
{
	for (const char *line = fields; line != NULL && *line != '\0';
	     line = strchr(line, '\n') + 1) {
		size_t name_len = strcspn(line, "="), len = strcspn(line + name_len + 1, "\n");
		const char *value = line + name_len + 1;
		enum tlf f = field_called(line, name_len);
		struct cspan s = tl_bytes(owner(o, f), f);
		char text[512] = {0};

		memcpy(text, value, len);
		if (strncmp(line, "flags", name_len) == 0)
			continue; /* a flag word is no field of the tree; the bytes check it */
		cr_assert_neq(f, TLF_none, "%s: %s", vector, line);
		if (s.len > 0)
			cr_assert(vec_equal(s.at, s.len, text) ||
				      cspan_equal(s, cspan_of(value, len)),
				  "%s: %s", vector, line);
		else
			cr_assert_eq(tl_long(owner(o, f), f), strtoll(text, NULL, 10), "%s: %s",
				     vector, line);
	}
}

Test(vectors, objects)
{
	for (size_t i = 0; i < sizeof(vec_tl_object) / sizeof(*vec_tl_object); i++) {
		const struct vec_tl_object *v = &vec_tl_object[i];
		struct cspan in = vec_span(wire, sizeof(wire), v->encoded);
		const struct tl_obj *o;
		struct tl_error error;
		struct arena a;
		size_t len;

		arena_init(&a, memory, sizeof(memory));
		o = tl_decode(&a, in, &error);
		cr_assert_not_null(o, "%s: fault %d at %u (%08x)", v->name, (int)error.fault,
				   error.offset, error.id);
		cr_assert_str_eq(tl_name(tl_cons(o)), v->constructor);
		check_fields(o, v->fields, v->name);
		cr_assert_eq(tl_skip(in, &error), in.len);
		len = tl_encode(o, TL_LAYER, (struct span){out, sizeof(out)}, &error);
		cr_assert_eq(len, in.len, "%s: %zu of %zu, fault %d", v->name, len, in.len,
			     (int)error.fault);
		cr_assert_arr_eq(out, wire, len, "%s", v->name);
	}
}

Test(vectors, objects_cut_at_every_byte)
{
	for (size_t i = 0; i < sizeof(vec_tl_object) / sizeof(*vec_tl_object); i++) {
		struct cspan in = vec_span(wire, sizeof(wire), vec_tl_object[i].encoded);

		for (size_t n = 0; n < in.len; n++) {
			uint8_t *copy = malloc(n + (n == 0));
			struct tl_error error;
			struct arena a;

			memcpy(copy, wire, n);
			arena_init(&a, memory, sizeof(memory));
			cr_assert_null(tl_decode(&a, cspan_of(copy, n), &error));
			cr_assert(error.fault == TL_SHORT || error.fault == TL_COUNT);
			free(copy);
		}
	}
}
