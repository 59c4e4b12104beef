/*
 * Trees to bytes, in the form of one layer. The form decides what is written: members it lacks are
 * left out, required ones that are absent become zero, empty or the type's stand-in, and a value
 * of another kind is turned where that is sound.
 */
#include "proto/schema/tlobj_priv.h"

struct encoder {
	struct tl_writer out;
	int layer;
	unsigned depth;
	struct tl_error error;
};

static void write_boxed(struct encoder *e, const struct tl_obj *o, enum tlt type);
static void write_parts(struct encoder *e, const struct tl_obj *o, const struct tl_form *f);

static void fail(struct encoder *e, enum tl_fault why, uint32_t id)
{
	if (e->error.fault == TL_SOUND)
		e->error = (struct tl_error){why, 0, id};
}

static bool plain(enum tl_kind kind)
{
	return kind == TL_K_INT || kind == TL_K_LONG || kind == TL_K_DOUBLE || kind == TL_K_BYTES;
}

static bool fits(struct tl_value v, const struct tl_part *p);

/* Whether all elements can be said in this layer: rather an empty vector than one of zeros. */
static bool all_fit(const struct tl_vec_data *vec, const struct tl_part *p)
{
	struct tl_part elem = {.kind = p->elem, .ref = p->ref};

	for (uint32_t i = 0; i < vec->count; i++) {
		struct tl_value v = tl_elem(vec, i);

		if (!fits(v, &elem) && (v.kind != TL_K_OBJ || v.obj != NULL))
			return false;
	}
	return true;
}

/* Whether the value can be said in that part of a form. */
static bool fits(struct tl_value v, const struct tl_part *p)
{
	struct cspan s;
	enum tlc cons;
	enum tlf field;
	int64_t n;

	switch (p->kind) {
	case TL_K_INT:
	case TL_K_LONG:
	case TL_K_DOUBLE:
		return tl_to_number(v, &n);
	case TL_K_BYTES:
	case TL_K_INT128:
	case TL_K_INT256:
		return tl_to_bytes(v, &s);
	case TL_K_TRUE:
		return v.kind == TL_K_BOOL && v.number != 0;
	case TL_K_BOOL:
		return v.kind == TL_K_BOOL;
	case TL_K_OBJ:
		if (v.kind == TL_K_OBJ)
			return v.obj != NULL && tl_names[v.obj->cons].type == p->ref;
		return plain(v.kind) && tl_wrapper((enum tlt)p->ref, &cons, &field);
	case TL_K_ANY:
	case TL_K_BARE:
		return v.kind == TL_K_OBJ && v.obj != NULL;
	case TL_K_VECTOR:
	case TL_K_BARE_VECTOR: /* an empty optional vector is left out */
		return v.kind == TL_K_VECTOR && v.vec->count > 0 && all_fit(v.vec, p);
	default:
		return false;
	}
}

/* A plain value at a place where this layer wants it in a wrapper. */
static void write_wrapped(struct encoder *e, struct tl_value v, enum tlt type)
{
	uint64_t room[(sizeof(struct tl_obj) + 16 * sizeof(uint64_t)) / sizeof(uint64_t)] = {0};
	struct tl_obj *o = (struct tl_obj *)(void *)room;
	const struct tl_member *m;
	enum tlc cons;
	enum tlf field;
	int64_t n;
	int place;

	if (!plain(v.kind) || !tl_wrapper(type, &cons, &field)) {
		write_boxed(e, NULL, type);
		return;
	}
	check(tl_obj_size(&tl_names[cons]) <= sizeof(room));
	o->cons = (uint16_t)cons;
	place = tl_place(&tl_names[cons], field);
	check(place >= 0);
	m = &tl_members[tl_names[cons].member + place];
	if (m->kind != TL_K_BYTES && tl_to_number(v, &n))
		v = (struct tl_value){.kind = m->kind, .number = n};
	if (v.kind == m->kind)
		tl_store(o, (unsigned)place, v);
	write_boxed(e, o, type);
}

/* Raw bytes of a fixed length; what is missing is zero. */
static void write_fixed(struct encoder *e, struct tl_value v, size_t n)
{
	uint8_t raw[32] = {0};
	struct cspan s;

	if (tl_to_bytes(v, &s) && s.len > 0)
		memcpy(raw, s.at, s.len < n ? s.len : n);
	tl_write_raw(&e->out, raw, n);
}

/* One value that is no vector; v.kind NONE stands for an absent one. */
static void write_value(struct encoder *e, enum tl_kind kind, uint16_t ref, struct tl_value v)
{
	const struct tl_obj *obj = v.kind == TL_K_OBJ ? v.obj : NULL;
	struct cspan s;
	double real;
	int64_t n;

	switch (kind) {
	case TL_K_INT:
		tl_to_number(v, &n);
		tl_write_u32(&e->out, (uint32_t)n);
		return;
	case TL_K_LONG:
		tl_to_number(v, &n);
		tl_write_u64(&e->out, (uint64_t)n);
		return;
	case TL_K_DOUBLE:
		tl_to_real(v, &real);
		tl_write_double(&e->out, real);
		return;
	case TL_K_BYTES:
		tl_to_bytes(v, &s);
		tl_write_bytes(&e->out, s);
		return;
	case TL_K_INT128:
		write_fixed(e, v, 16);
		return;
	case TL_K_INT256:
		write_fixed(e, v, 32);
		return;
	case TL_K_BOOL:
		tl_write_u32(&e->out, v.kind == TL_K_BOOL && v.number != 0
					  ? (uint32_t)TL_BOOL_TRUE
					  : (uint32_t)TL_BOOL_FALSE);
		return;
	case TL_K_BARE:
		write_parts(e, obj != NULL && obj->cons == ref ? obj : NULL,
			    tl_form_in(ref, e->layer));
		return;
	case TL_K_ANY:
		write_boxed(e, obj, TLT_none);
		return;
	default:
		check(kind == TL_K_OBJ);
		if (obj != NULL && tl_names[obj->cons].type == ref)
			write_boxed(e, obj, (enum tlt)ref);
		else
			write_wrapped(e, v, (enum tlt)ref);
	}
}

static void write_vector(struct encoder *e, const struct tl_part *p, struct tl_value v)
{
	const struct tl_vec_data *vec = v.kind == TL_K_VECTOR ? v.vec : NULL;
	uint32_t count = vec != NULL && all_fit(vec, p) ? vec->count : 0;

	if (p->kind == TL_K_VECTOR)
		tl_write_u32(&e->out, TL_VECTOR);
	tl_write_u32(&e->out, count);
	for (uint32_t i = 0; i < count; i++)
		write_value(e, p->elem, p->ref, tl_elem(vec, i));
}

static struct tl_value member(const struct tl_obj *o, unsigned place)
{
	if (o == NULL || !tl_there(o, place))
		return (struct tl_value){.kind = TL_K_NONE};
	return tl_load(o, place);
}

/* A bit of a flag word is set where one of its fields is there and this form can say it. */
static void gather_words(const struct tl_obj *o, const struct tl_form *f, uint32_t *words)
{
	for (unsigned i = 0; o != NULL && i < f->part_count; i++) {
		const struct tl_part *p = &tl_parts[f->part + i];

		if (p->word != 0 && tl_there(o, p->place) && fits(tl_load(o, p->place), p))
			words[p->word] |= 1u << p->bit;
	}
}

static void write_parts(struct encoder *e, const struct tl_obj *o, const struct tl_form *f)
{
	uint32_t words[TL_WORDS_MAX] = {0};

	if (e->depth == TL_DEPTH_MAX) {
		fail(e, TL_DEPTH, f->id);
		return;
	}
	e->depth++;
	gather_words(o, f, words);
	for (unsigned i = 0; i < f->part_count && e->error.fault == TL_SOUND; i++) {
		const struct tl_part *p = &tl_parts[f->part + i];

		if (p->kind == TL_K_WORD)
			tl_write_u32(&e->out, words[p->bit]);
		else if (p->kind == TL_K_TRUE ||
			 (p->word != 0 && (words[p->word] >> p->bit & 1) == 0))
			continue;
		else if (p->kind == TL_K_VECTOR || p->kind == TL_K_BARE_VECTOR)
			write_vector(e, p, member(o, p->place));
		else
			write_value(e, p->kind, p->ref, member(o, p->place));
	}
	e->depth--;
}

/* The form that stands for an absent object of a type in this layer. */
static const struct tl_form *stand_in(const struct encoder *e, enum tlt type)
{
	const struct tl_type *t = &tl_types[type];

	for (unsigned i = 0; i < t->stand_in_count; i++) {
		const struct tl_form *f = tl_form_in(tl_stand_ins[t->stand_in + i], e->layer);

		if (f != NULL)
			return f;
	}
	return NULL;
}

/* A Vector that is no field: a method's whole answer. Its elements are of the kind they came in. */
static void write_whole_vector(struct encoder *e, const struct tl_obj *o)
{
	struct tl_value v = member(o, 0);
	uint8_t elem = v.kind == TL_K_VECTOR ? v.vec->kind : TL_K_NONE;
	struct tl_part p = {.kind = TL_K_VECTOR, .elem = elem == TL_K_OBJ ? TL_K_ANY : elem};

	write_vector(e, &p, v);
}

static void write_boxed(struct encoder *e, const struct tl_obj *o, enum tlt type)
{
	const struct tl_form *f;

	if (o != NULL && o->cons == TLC_vector) {
		write_whole_vector(e, o);
		return;
	}
	f = o != NULL ? tl_form_in(o->cons, e->layer) : stand_in(e, type);
	if (f == NULL) {
		/* No stand-in: then the schema asks for an object that nothing can be. */
		fail(e, TL_UNKNOWN,
		     o != NULL ? tl_forms[tl_form_order[tl_names[o->cons].form]].id : 0);
		return;
	}
	tl_write_u32(&e->out, f->id);
	write_parts(e, o, f);
}

size_t tl_encode(const struct tl_obj *o, int layer, struct span out, struct tl_error *error)
{
	struct encoder e = {.layer = layer};

	tl_writer_init(&e.out, out);
	if (o == NULL)
		fail(&e, TL_MEMORY, 0); /* the arena it should have been built in was full */
	else
		write_boxed(&e, o, TLT_none);
	if (e.out.full)
		fail(&e, TL_MEMORY, 0);
	if (error != NULL)
		*error = e.error;
	return e.error.fault == TL_SOUND ? tl_written(&e.out) : 0;
}
