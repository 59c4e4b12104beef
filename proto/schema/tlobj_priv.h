/*
 * Inside of the schema room: rows of the generated tables, and how an object lies in memory.
 *
 * A name (tlc) has forms, one for each id it has had over the layers, and members: the union of
 * the forms' fields. An object holds its members' values, whatever form it came in; which of them
 * are there, `present` says. So going from layer to layer is: read in one form, write in another.
 */
#ifndef TGCLONE_SCHEMA_TLOBJ_PRIV_H
#define TGCLONE_SCHEMA_TLOBJ_PRIV_H

#include "proto/base/check.h"
#include "proto/schema/tlobj.h"

enum tl_kind {
	TL_K_NONE,
	TL_K_INT,
	TL_K_LONG,
	TL_K_DOUBLE,
	TL_K_BYTES, /* string and bytes */
	TL_K_INT128,
	TL_K_INT256,
	TL_K_BOOL,
	TL_K_TRUE, /* a bit of a flag word, no bytes */
	TL_K_OBJ,  /* boxed, of one sum type */
	TL_K_ANY,  /* boxed, of any type: Object, !X */
	TL_K_BARE, /* fields only; the constructor is the schema's */
	TL_K_VECTOR,
	TL_K_BARE_VECTOR,
	TL_K_WORD,  /* a flag word */
	TL_K_MIXED, /* member only: its kind differs from form to form, the value says which it is
		     */
};

/* A form, sorted by id. The result is a constructor's type, or what a method answers with. */
struct tl_form {
	uint32_t id;
	uint16_t name;
	uint16_t part; /* its first in tl_parts */
	uint8_t part_count;
	uint16_t layer_first, layer_last;
	uint8_t result_kind, result_elem;
	uint16_t result_ref;
};

/* A field of a form, in wire order. ref: the sum type, or the name of a bare constructor. */
struct tl_part {
	uint8_t kind, elem;
	uint8_t place;     /* which member of the name it is */
	uint8_t word, bit; /* condition: word 0 is none. A TL_K_WORD's own number stands in bit */
	uint16_t ref;
};

struct tl_name {
	const char *text;
	uint16_t type;
	uint16_t member; /* its first in tl_members */
	uint16_t form;   /* its first in tl_form_order, newest form first */
	uint8_t member_count;
	uint8_t slot_count;
	uint8_t form_count;
	bool method;
};

/* A member of a name, sorted by field. ref and elem are 0 where the forms differ. */
struct tl_member {
	uint16_t field;
	uint16_t ref;
	uint8_t kind, elem;
	uint8_t slot;
};

/* What may stand for an absent required object, best first: "Empty", then the shortest. */
struct tl_type {
	const char *text;
	uint16_t stand_in; /* its first in tl_stand_ins */
	uint16_t stand_in_count;
};

extern const struct tl_form tl_forms[];
extern const uint32_t tl_form_count;
extern const struct tl_part tl_parts[];
extern const struct tl_name tl_names[];
extern const struct tl_member tl_members[];
extern const uint16_t tl_form_order[];
extern const struct tl_type tl_types[];
extern const uint16_t tl_stand_ins[];
extern const uint16_t tl_buckets[]; /* first form whose id's top 10 bits are at least the index */
extern const char *const tl_field_texts[];

enum { TL_WORDS_MAX = 4 }; /* flag words are numbered from 1 */

struct tl_obj {
	uint16_t cons;
	uint32_t wire_id;
	uint64_t present[2];
	uint64_t slot[]; /* numbers take one, bytes two (pointer, length), mixed members three */
};

/* Elements lie behind it; one of no kind yet has room for the largest. */
struct tl_vec_data {
	uint32_t count;
	uint8_t kind;
	uint64_t items[];
};

/* A value out of its place: kind says which of the rest counts. */
struct tl_value {
	enum tl_kind kind;
	union {
		int64_t number; /* INT, LONG, BOOL */
		double real;
		struct cspan bytes;
		const struct tl_obj *obj;
		const struct tl_vec_data *vec;
	};
};

/* Bytes an element takes in memory. */
static inline size_t tl_elem_size(enum tl_kind kind)
{
	return kind == TL_K_INT                                               ? 4
	       : kind == TL_K_LONG || kind == TL_K_DOUBLE || kind == TL_K_OBJ ? 8
									      : 16;
}

static inline size_t tl_obj_size(const struct tl_name *n)
{
	return sizeof(struct tl_obj) + n->slot_count * sizeof(uint64_t);
}

static inline bool tl_there(const struct tl_obj *o, unsigned place)
{
	return o->present[place / 64] >> place % 64 & 1;
}

static inline void tl_mark(struct tl_obj *o, unsigned place, bool there)
{
	uint64_t bit = 1ull << place % 64;

	o->present[place / 64] =
	    there ? o->present[place / 64] | bit : o->present[place / 64] & ~bit;
}

const struct tl_form *tl_form_of_id(uint32_t id);           /* NULL when unknown */
const struct tl_form *tl_form_in(enum tlc name, int layer); /* NULL when that layer has none */

/* Index of the member called f, or -1. */
int tl_place(const struct tl_name *, enum tlf f);
/* The value of a member that is there. */
struct tl_value tl_load(const struct tl_obj *, unsigned place);
/* Keeps it and marks it there. The kind must suit the member. */
void tl_store(struct tl_obj *, unsigned place, struct tl_value);
struct tl_value tl_elem(const struct tl_vec_data *, uint32_t i);

/* The value as another kind where that is sound: numbers, and texts or numbers in their wrapper. */
bool tl_to_number(struct tl_value, int64_t *);
bool tl_to_real(struct tl_value, double *);
bool tl_to_bytes(struct tl_value, struct cspan *);
/* The wrapper's constructor and field for a plain value at a place of that type; false: none. */
bool tl_wrapper(enum tlt type, enum tlc *cons, enum tlf *field);

#endif
