/*
 * Bytes to trees, and stepping over bytes without a tree: one walk serves both, so that what can be
 * decoded can be skipped and the other way round. Everything here may come from an enemy: bounds
 * before every read, counts before every allocation, depth before every descent. The tree lives in
 * the caller's arena; strings stay where they are in the input.
 */
#include "proto/schema/tlobj_priv.h"

struct decoder {
	struct tl_reader in;
	struct arena *mem; /* NULL: skip only */
	unsigned depth;
	uint32_t bad_id;
};

static bool read_boxed(struct decoder *d, enum tlt type, const struct tl_obj **out);
static bool read_bare(struct decoder *d, const struct tl_form *f, const struct tl_obj **out);

/* The fault is at what was read last, back bytes ago. */
static bool fail_at(struct decoder *d, size_t back, enum tl_fault why)
{
	if (tl_ok(&d->in)) {
		d->in.at -= back;
		tl_fail(&d->in, why);
	}
	return false;
}

static void *take(struct decoder *d, size_t n)
{
	void *p = arena_take(d->mem, n);

	if (p == NULL)
		tl_fail(&d->in, TL_MEMORY);
	return p;
}

static bool read_bool(struct decoder *d, int64_t *out)
{
	uint32_t id = tl_read_u32(&d->in);

	*out = id == (uint32_t)TL_BOOL_TRUE;
	return *out || id == (uint32_t)TL_BOOL_FALSE || fail_at(d, 4, TL_TYPE);
}

/* One value that is no vector. */
static bool read_value(struct decoder *d, enum tl_kind kind, uint16_t ref, struct tl_value *v)
{
	v->kind = kind;
	switch (kind) {
	case TL_K_INT:
		v->number = tl_read_i32(&d->in);
		break;
	case TL_K_LONG:
		v->number = (int64_t)tl_read_u64(&d->in);
		break;
	case TL_K_DOUBLE:
		v->real = tl_read_double(&d->in);
		break;
	case TL_K_BYTES:
		v->bytes = tl_read_bytes(&d->in);
		break;
	case TL_K_INT128:
	case TL_K_INT256:
		v->bytes.len = kind == TL_K_INT128 ? 16 : 32;
		v->bytes.at = tl_read_raw(&d->in, v->bytes.len);
		break;
	case TL_K_BOOL:
		return read_bool(d, &v->number);
	case TL_K_BARE:
		v->kind = TL_K_OBJ;
		return read_bare(d, tl_form_in(ref, TL_LAYER), &v->obj);
	default:
		check(kind == TL_K_OBJ || kind == TL_K_ANY);
		v->kind = TL_K_OBJ;
		return read_boxed(d, kind == TL_K_OBJ ? (enum tlt)ref : TLT_none, &v->obj);
	}
	return tl_ok(&d->in);
}

static void put_elem(struct tl_vec_data *vec, uint32_t i, const struct tl_value *v)
{
	uint8_t *at = (uint8_t *)vec->items + i * tl_elem_size(vec->kind);
	int32_t n = (int32_t)v->number;

	if (vec->kind == TL_K_INT)
		memcpy(at, &n, sizeof(n));
	else if (tl_elem_size(vec->kind) == 8)
		memcpy(at, &v->number, sizeof(v->number));
	else
		memcpy(at, &v->bytes, sizeof(v->bytes));
}

/* Least bytes of an element on the wire: a count larger than what remains cannot be true. */
static size_t least_wire(enum tl_kind elem)
{
	return elem == TL_K_LONG || elem == TL_K_DOUBLE ? 8 : 4;
}

static bool read_vector(struct decoder *d, const struct tl_part *p, struct tl_value *out)
{
	size_t least = least_wire(p->elem);
	uint32_t count = p->kind == TL_K_VECTOR ? tl_read_vector(&d->in, least)
						: tl_read_bare_vector(&d->in, least);
	enum tl_kind kept =
	    p->elem == TL_K_ANY || p->elem == TL_K_BARE ? TL_K_OBJ : (enum tl_kind)p->elem;
	struct tl_vec_data *vec = NULL;

	if (!tl_ok(&d->in))
		return false;
	if (d->mem != NULL) {
		/* count is at most what remains, over 4: the product cannot overflow. */
		vec = take(d, sizeof(*vec) + count * tl_elem_size(kept));
		if (vec == NULL)
			return false;
		vec->count = count;
		vec->kind = (uint8_t)kept;
	}
	for (uint32_t i = 0; i < count; i++) {
		struct tl_value v;

		if (!read_value(d, p->elem, p->ref, &v))
			return false;
		if (vec != NULL)
			put_elem(vec, i, &v);
	}
	*out = (struct tl_value){.kind = TL_K_VECTOR, .vec = vec};
	return true;
}

static bool read_parts(struct decoder *d, const struct tl_form *f, struct tl_obj *o)
{
	const struct tl_part *p = &tl_parts[f->part];
	uint32_t word[TL_WORDS_MAX] = {0};

	for (const struct tl_part *end = p + f->part_count; p < end; p++) {
		struct tl_value v = {.kind = TL_K_BOOL, .number = 1};
		bool ok = true;

		if (p->kind == TL_K_WORD) {
			word[p->bit] = tl_read_u32(&d->in);
			continue;
		}
		if (p->word != 0 && (word[p->word] >> p->bit & 1) == 0)
			continue;
		if (p->kind == TL_K_VECTOR || p->kind == TL_K_BARE_VECTOR)
			ok = read_vector(d, p, &v);
		else if (p->kind != TL_K_TRUE)
			ok = read_value(d, p->kind, p->ref, &v);
		if (!ok)
			return false;
		if (o != NULL)
			tl_store(o, p->place, v);
	}
	return tl_ok(&d->in);
}

/* The fields of a known form, and the object they make. */
static bool read_bare(struct decoder *d, const struct tl_form *f, const struct tl_obj **out)
{
	struct tl_obj *o = NULL;
	bool ok;

	if (d->depth == TL_DEPTH_MAX)
		return fail_at(d, 0, TL_DEPTH);
	if (d->mem != NULL) {
		o = take(d, tl_obj_size(&tl_names[f->name]));
		if (o == NULL)
			return false;
		o->cons = f->name;
		o->wire_id = f->id;
	}
	d->depth++;
	ok = read_parts(d, f, o);
	d->depth--;
	*out = o;
	return ok;
}

static bool read_boxed(struct decoder *d, enum tlt type, const struct tl_obj **out)
{
	uint32_t id = tl_read_u32(&d->in);
	const struct tl_form *f;

	if (!tl_ok(&d->in))
		return false;
	f = tl_form_of_id(id);
	if (f == NULL ||
	    (type != TLT_none && (tl_names[f->name].method || f->result_ref != type))) {
		d->bad_id = id;
		return fail_at(d, 4, f == NULL ? TL_UNKNOWN : TL_TYPE);
	}
	return read_bare(d, f, out);
}

/* True where one of the method's forms answers with that. */
static bool answers(enum tlc method, enum tl_kind kind, uint16_t ref)
{
	const struct tl_name *n = &tl_names[method];

	for (unsigned i = 0; i < n->form_count; i++) {
		const struct tl_form *f = &tl_forms[tl_form_order[n->form + i]];

		if (f->result_kind == TL_K_ANY || (f->result_kind == kind && f->result_ref == ref))
			return true;
	}
	return false;
}

/* A Vector<T> as the whole answer. */
static bool read_result_vector(struct decoder *d, enum tlc method, const struct tl_obj **out)
{
	const struct tl_name *n = &tl_names[method];
	struct tl_obj *o = take(d, tl_obj_size(&tl_names[TLC_vector]));
	struct tl_value v;

	for (unsigned i = 0; o != NULL && i < n->form_count; i++) {
		const struct tl_form *f = &tl_forms[tl_form_order[n->form + i]];
		struct tl_part p = {f->result_kind, f->result_elem, 0, 0, 0, f->result_ref};

		if (f->result_kind != TL_K_VECTOR)
			continue;
		o->cons = TLC_vector;
		o->wire_id = TL_VECTOR;
		if (!read_vector(d, &p, &v))
			return false;
		tl_store(o, 0, v);
		*out = o;
		return true;
	}
	d->bad_id = TL_VECTOR;
	return fail_at(d, 0, TL_TYPE);
}

static bool read_result(struct decoder *d, enum tlc method, const struct tl_obj **out)
{
	const struct tl_form *f;
	uint32_t id;

	if (tl_left(&d->in) < 4)
		return fail_at(d, 0, TL_SHORT);
	id = load_le32(d->in.at);
	if (id == TL_VECTOR)
		return read_result_vector(d, method, out);
	f = tl_form_of_id(id);
	if (f != NULL &&
	    (tl_names[f->name].method || !answers(method, f->result_kind, f->result_ref))) {
		d->bad_id = id;
		return fail_at(d, 0, TL_TYPE);
	}
	return read_boxed(d, TLT_none, out);
}

static void report(const struct decoder *d, struct tl_error *error)
{
	if (error != NULL)
		*error = (struct tl_error){d->in.fault, d->in.fault_at, d->bad_id};
}

static const struct tl_obj *whole(struct decoder *d, bool ok, const struct tl_obj *o,
				  struct tl_error *error)
{
	if (ok && tl_left(&d->in) > 0)
		ok = fail_at(d, 0, TL_TRAILING);
	report(d, error);
	return ok ? o : NULL;
}

const struct tl_obj *tl_decode(struct arena *mem, struct cspan in, struct tl_error *error)
{
	struct decoder d = {.mem = mem};
	const struct tl_obj *o = NULL;
	bool ok;

	check(mem != NULL);
	tl_reader_init(&d.in, in);
	ok = read_boxed(&d, TLT_none, &o);
	return whole(&d, ok, o, error);
}

const struct tl_obj *tl_decode_result(struct arena *mem, enum tlc method, struct cspan in,
				      struct tl_error *error)
{
	struct decoder d = {.mem = mem};
	const struct tl_obj *o = NULL;
	bool ok;

	check(mem != NULL);
	check(tl_is_method(method));
	tl_reader_init(&d.in, in);
	ok = read_result(&d, method, &o);
	return whole(&d, ok, o, error);
}

size_t tl_skip(struct cspan in, struct tl_error *error)
{
	struct decoder d = {.mem = NULL};
	const struct tl_obj *o;
	bool ok;

	tl_reader_init(&d.in, in);
	ok = read_boxed(&d, TLT_none, &o);
	report(&d, error);
	return ok ? (size_t)(d.in.at - d.in.start) : 0;
}
