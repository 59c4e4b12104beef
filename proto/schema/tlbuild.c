/*
 * Making and changing trees. A setter is given a field that the name has in some layer and a value
 * that suits it; anything else is our own mistake. NULL objects are let through, so that a caller
 * may build a whole tree in a full arena and look once, at the end.
 */
#include "proto/schema/tlobj_priv.h"

struct tl_obj *tl_new(struct arena *mem, enum tlc name)
{
	struct tl_obj *o;

	check(name > TLC_none && name < TLC_COUNT);
	o = arena_take(mem, tl_obj_size(&tl_names[name]));
	if (o != NULL)
		o->cons = (uint16_t)name;
	return o;
}

static const struct tl_member *member_of(const struct tl_obj *o, enum tlf f, unsigned *place)
{
	int at = tl_place(&tl_names[o->cons], f);

	check(at >= 0); /* the name has no such field in any layer */
	*place = (unsigned)at;
	return &tl_members[tl_names[o->cons].member + at];
}

void tl_unset(struct tl_obj *o, enum tlf f)
{
	unsigned place;

	if (o == NULL)
		return;
	member_of(o, f, &place);
	tl_mark(o, place, false);
}

void tl_set_flag(struct tl_obj *o, enum tlf f, bool on)
{
	const struct tl_member *m;
	unsigned place;

	if (o == NULL)
		return;
	m = member_of(o, f, &place);
	check(m->kind == TL_K_TRUE || m->kind == TL_K_BOOL || m->kind == TL_K_MIXED);
	tl_store(o, place, (struct tl_value){.kind = TL_K_BOOL, .number = on});
}

/* Numbers go where numbers are, in the kind of the place. */
static void set_number(struct tl_obj *o, enum tlf f, struct tl_value v)
{
	const struct tl_member *m;
	unsigned place;
	double real;

	if (o == NULL)
		return;
	m = member_of(o, f, &place);
	check(m->kind == TL_K_INT || m->kind == TL_K_LONG || m->kind == TL_K_DOUBLE ||
	      m->kind == TL_K_MIXED);
	if (m->kind == TL_K_DOUBLE && v.kind != TL_K_DOUBLE) {
		tl_to_real(v, &real);
		v = (struct tl_value){.kind = TL_K_DOUBLE, .real = real};
	} else if (m->kind != TL_K_MIXED) {
		check(m->kind == TL_K_DOUBLE || v.kind != TL_K_DOUBLE);
		v.kind = m->kind;
	}
	if (v.kind == TL_K_INT)
		v.number = (int32_t)v.number;
	tl_store(o, place, v);
}

void tl_set_int(struct tl_obj *o, enum tlf f, int32_t n)
{
	set_number(o, f, (struct tl_value){.kind = TL_K_INT, .number = n});
}

void tl_set_long(struct tl_obj *o, enum tlf f, int64_t n)
{
	set_number(o, f, (struct tl_value){.kind = TL_K_LONG, .number = n});
}

void tl_set_double(struct tl_obj *o, enum tlf f, double d)
{
	set_number(o, f, (struct tl_value){.kind = TL_K_DOUBLE, .real = d});
}

void tl_set_bytes(struct tl_obj *o, enum tlf f, struct cspan s)
{
	const struct tl_member *m;
	unsigned place;

	if (o == NULL)
		return;
	m = member_of(o, f, &place);
	check(m->kind == TL_K_BYTES || m->kind == TL_K_MIXED ||
	      (m->kind == TL_K_INT128 && s.len == 16) || (m->kind == TL_K_INT256 && s.len == 32));
	tl_store(o, place,
		 (struct tl_value){
		     .kind = m->kind == TL_K_MIXED ? TL_K_BYTES : (enum tl_kind)m->kind,
		     .bytes = s,
		 });
}

void tl_set_str(struct tl_obj *o, enum tlf f, const char *s)
{
	tl_set_bytes(o, f, cspan_str(s));
}

/* True where some form of the name has that sum type at that place. */
static bool suits(const struct tl_obj *o, unsigned place, const struct tl_obj *sub)
{
	const struct tl_name *n = &tl_names[o->cons];

	for (unsigned i = 0; i < n->form_count; i++) {
		const struct tl_form *f = &tl_forms[tl_form_order[n->form + i]];

		for (unsigned k = 0; k < f->part_count; k++) {
			const struct tl_part *p = &tl_parts[f->part + k];

			if (p->kind == TL_K_WORD || p->place != place)
				continue;
			if (p->kind == TL_K_ANY || p->elem == TL_K_ANY ||
			    ((p->kind == TL_K_BARE || p->elem == TL_K_BARE) &&
			     p->ref == sub->cons) ||
			    p->ref == tl_names[sub->cons].type)
				return true;
		}
	}
	return o->cons == TLC_vector;
}

void tl_set_obj(struct tl_obj *o, enum tlf f, const struct tl_obj *sub)
{
	const struct tl_member *m;
	unsigned place;

	if (o == NULL)
		return;
	m = member_of(o, f, &place);
	if (sub == NULL) {
		tl_mark(o, place, false);
		return;
	}
	if (m->kind == TL_K_BOOL) {
		check(tl_names[sub->cons].type == TLT_Bool);
		tl_set_flag(o, f, sub->cons == TLC_boolTrue);
		return;
	}
	check(m->kind == TL_K_OBJ || m->kind == TL_K_ANY || m->kind == TL_K_MIXED);
	check(m->kind == TL_K_ANY || m->ref == tl_names[sub->cons].type || suits(o, place, sub));
	tl_store(o, place, (struct tl_value){.kind = TL_K_OBJ, .obj = sub});
}

/* ---- vectors ---- */

static struct tl_vec_data *new_vec(struct arena *mem, enum tl_kind elem, uint32_t count)
{
	struct tl_vec_data *vec;

	if (elem == TL_K_ANY || elem == TL_K_BARE)
		elem = TL_K_OBJ;
	if (count > (mem->size - mem->used) / 4)
		return NULL;
	vec = arena_take(mem, sizeof(*vec) + count * tl_elem_size(elem));
	if (vec != NULL) {
		vec->count = count;
		vec->kind = (uint8_t)elem;
	}
	return vec;
}

void tl_set_vec(struct arena *mem, struct tl_obj *o, enum tlf f, uint32_t count)
{
	const struct tl_member *m;
	struct tl_vec_data *vec;
	unsigned place;

	if (o == NULL)
		return;
	m = member_of(o, f, &place);
	check(m->kind == TL_K_VECTOR || m->kind == TL_K_MIXED);
	vec = new_vec(mem, m->elem, count);
	tl_mark(o, place, false);
	if (vec != NULL)
		tl_store(o, place, (struct tl_value){.kind = TL_K_VECTOR, .vec = vec});
}

/* Where element i goes; kind is what it is, changed to what the vector holds. NULL: arena full. */
static uint8_t *elem_of(struct tl_obj *o, enum tlf f, uint32_t i, enum tl_kind *kind,
			unsigned *place)
{
	struct tl_vec_data *vec;
	struct tl_value v;

	if (o == NULL)
		return NULL;
	member_of(o, f, place);
	if (!tl_there(o, *place))
		return NULL; /* tl_set_vec found no room */
	v = tl_load(o, *place);
	check(v.kind == TL_K_VECTOR);
	/* The arena gave it to tl_set_vec as writable memory. */
	vec = (struct tl_vec_data *)(uintptr_t)v.vec;
	check(i < vec->count);
	if (vec->kind == TL_K_NONE)
		vec->kind = (uint8_t)*kind;
	check(vec->kind == *kind || ((vec->kind == TL_K_INT || vec->kind == TL_K_LONG) &&
				     (*kind == TL_K_INT || *kind == TL_K_LONG)));
	*kind = vec->kind;
	return (uint8_t *)vec->items + i * tl_elem_size(vec->kind);
}

void tl_put_obj(struct tl_obj *o, enum tlf f, uint32_t i, const struct tl_obj *sub)
{
	enum tl_kind kind = TL_K_OBJ;
	unsigned place;
	uint8_t *at = elem_of(o, f, i, &kind, &place);

	if (at == NULL)
		return;
	check(sub == NULL || suits(o, place, sub));
	memcpy(at, &sub, sizeof(sub));
}

static void put_number(struct tl_obj *o, enum tlf f, uint32_t i, enum tl_kind kind, int64_t n)
{
	int32_t small = (int32_t)n;
	unsigned place;
	uint8_t *at = elem_of(o, f, i, &kind, &place);

	if (at == NULL)
		return;
	if (kind == TL_K_INT)
		memcpy(at, &small, sizeof(small));
	else
		memcpy(at, &n, sizeof(n));
}

void tl_put_int(struct tl_obj *o, enum tlf f, uint32_t i, int32_t n)
{
	put_number(o, f, i, TL_K_INT, n);
}

void tl_put_long(struct tl_obj *o, enum tlf f, uint32_t i, int64_t n)
{
	put_number(o, f, i, TL_K_LONG, n);
}

void tl_put_bytes(struct tl_obj *o, enum tlf f, uint32_t i, struct cspan s)
{
	enum tl_kind kind = TL_K_BYTES;
	unsigned place;
	uint8_t *at = elem_of(o, f, i, &kind, &place);

	if (at != NULL)
		memcpy(at, &s, sizeof(s));
}

struct tl_obj *tl_new_vector(struct arena *mem, uint32_t count)
{
	struct tl_obj *o = tl_new(mem, TLC_vector);

	tl_set_vec(mem, o, TLF_items, count);
	return o != NULL && tl_has(o, TLF_items) ? o : NULL;
}

struct tl_obj *tl_new_bool(struct arena *mem, bool v)
{
	return tl_new(mem, v ? TLC_boolTrue : TLC_boolFalse);
}

/* ---- copies ---- */

struct tl_obj *tl_copy(struct arena *mem, const struct tl_obj *o)
{
	struct tl_obj *copy = o != NULL ? tl_new(mem, o->cons) : NULL;

	if (copy != NULL)
		memcpy(copy, o, tl_obj_size(&tl_names[o->cons]));
	return copy;
}

static bool clone_bytes(struct arena *mem, struct cspan *s)
{
	uint8_t *at;

	if (s->len == 0)
		return true;
	at = arena_take(mem, s->len);
	if (at == NULL)
		return false;
	memcpy(at, s->at, s->len);
	s->at = at;
	return true;
}

static bool clone_value(struct arena *mem, struct tl_value *v);

static bool clone_vec(struct arena *mem, const struct tl_vec_data **vec)
{
	const struct tl_vec_data *old = *vec;
	size_t stride = tl_elem_size(old->kind);
	struct tl_vec_data *copy = new_vec(mem, old->kind, old->count);

	if (copy == NULL)
		return false;
	memcpy(copy->items, old->items, old->count * stride);
	*vec = copy;
	if (old->kind == TL_K_INT || old->kind == TL_K_LONG || old->kind == TL_K_DOUBLE)
		return true;
	for (uint32_t i = 0; i < copy->count; i++) {
		uint8_t *at = (uint8_t *)copy->items + i * stride;
		struct tl_value v = tl_elem(copy, i);

		if (!clone_value(mem, &v))
			return false;
		memcpy(at, &v.bytes, stride);
	}
	return true;
}

static bool clone_value(struct arena *mem, struct tl_value *v)
{
	switch (v->kind) {
	case TL_K_BYTES:
	case TL_K_INT128:
	case TL_K_INT256:
		return clone_bytes(mem, &v->bytes);
	case TL_K_VECTOR:
		return clone_vec(mem, &v->vec);
	case TL_K_OBJ:
		if (v->obj != NULL)
			v->obj = tl_clone(mem, v->obj);
		return v->obj != NULL;
	default:
		return true;
	}
}

struct tl_obj *tl_clone(struct arena *mem, const struct tl_obj *o)
{
	struct tl_obj *copy = tl_copy(mem, o);
	unsigned count = o != NULL ? tl_names[o->cons].member_count : 0;

	for (unsigned place = 0; copy != NULL && place < count; place++) {
		struct tl_value v;

		if (!tl_there(copy, place))
			continue;
		v = tl_load(copy, place);
		if (!clone_value(mem, &v))
			return NULL;
		tl_store(copy, place, v);
	}
	return copy;
}
