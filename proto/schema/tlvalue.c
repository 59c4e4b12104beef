/*
 * Values of an object: where they lie, and what they are worth as another kind. Reading through
 * the public accessors never fails; what is absent or of a kind that cannot be turned is zero,
 * empty or NULL.
 */
#include "proto/schema/tlobj_priv.h"

/* Types that stand where an older or newer form has the plain value, and the field that holds it.
 */
static const struct {
	enum tlt type;
	enum tlc cons;
	enum tlf field;
} wrappers[] = {
    {TLT_TextWithEntities, TLC_textWithEntities, TLF_text},
    {TLT_Reaction, TLC_reactionEmoji, TLF_emoticon},
    {TLT_Peer, TLC_peerUser, TLF_user_id},
    {TLT_StarsAmount, TLC_starsAmount, TLF_amount},
    {TLT_PeerColor, TLC_peerColor, TLF_color},
    {TLT_RecentStory, TLC_recentStory, TLF_max_id},
};

bool tl_wrapper(enum tlt type, enum tlc *cons, enum tlf *field)
{
	for (size_t i = 0; i < countof(wrappers); i++) {
		if (wrappers[i].type != type)
			continue;
		*cons = wrappers[i].cons;
		*field = wrappers[i].field;
		return true;
	}
	return false;
}

/* The plain value inside a wrapper; kind NONE when o is none, or holds nothing. */
static struct tl_value unwrap(const struct tl_obj *o)
{
	for (size_t i = 0; o != NULL && i < countof(wrappers); i++) {
		int place;

		if (wrappers[i].cons != o->cons)
			continue;
		place = tl_place(&tl_names[o->cons], wrappers[i].field);
		if (place >= 0 && tl_there(o, (unsigned)place))
			return tl_load(o, (unsigned)place);
	}
	return (struct tl_value){.kind = TL_K_NONE};
}

bool tl_to_number(struct tl_value v, int64_t *out)
{
	if (v.kind == TL_K_OBJ)
		v = unwrap(v.obj);
	if (v.kind == TL_K_INT || v.kind == TL_K_LONG || v.kind == TL_K_BOOL) {
		*out = v.number;
		return true;
	}
	*out = 0;
	if (v.kind != TL_K_DOUBLE)
		return false;
	/* Outside of these, or not a number, the conversion would be undefined. */
	if (v.real > -9e18 && v.real < 9e18)
		*out = (int64_t)v.real;
	return true;
}

bool tl_to_real(struct tl_value v, double *out)
{
	int64_t n;

	if (v.kind == TL_K_DOUBLE) {
		*out = v.real;
		return true;
	}
	if (!tl_to_number(v, &n)) {
		*out = 0;
		return false;
	}
	*out = (double)n;
	return true;
}

bool tl_to_bytes(struct tl_value v, struct cspan *out)
{
	if (v.kind == TL_K_OBJ)
		v = unwrap(v.obj);
	if (v.kind == TL_K_BYTES || v.kind == TL_K_INT128 || v.kind == TL_K_INT256) {
		*out = v.bytes;
		return true;
	}
	*out = (struct cspan){NULL, 0};
	return false;
}

struct tl_value tl_load(const struct tl_obj *o, unsigned place)
{
	const struct tl_member *m = &tl_members[tl_names[o->cons].member + place];
	const uint64_t *at = o->slot + m->slot;
	struct tl_value v = {.kind = m->kind};

	if (v.kind == TL_K_MIXED)
		v.kind = (enum tl_kind) * at++;
	switch (v.kind) {
	case TL_K_TRUE:
		v.kind = TL_K_BOOL;
		v.number = 1;
		break;
	case TL_K_BYTES:
	case TL_K_INT128:
	case TL_K_INT256:
		memcpy(&v.bytes, at, sizeof(v.bytes));
		break;
	default:
		if (v.kind == TL_K_ANY)
			v.kind = TL_K_OBJ;
		memcpy(&v.number, at,
		       sizeof(v.number)); /* the union's other members are as large */
	}
	return v;
}

void tl_store(struct tl_obj *o, unsigned place, struct tl_value v)
{
	const struct tl_member *m = &tl_members[tl_names[o->cons].member + place];
	uint64_t *at = o->slot + m->slot;

	tl_mark(o, place, m->kind != TL_K_TRUE || v.number != 0);
	if (m->kind == TL_K_TRUE)
		return;
	if (m->kind == TL_K_MIXED)
		*at++ = v.kind;
	if (v.kind == TL_K_BYTES || v.kind == TL_K_INT128 || v.kind == TL_K_INT256)
		memcpy(at, &v.bytes, sizeof(v.bytes));
	else
		memcpy(at, &v.number, sizeof(v.number));
}

struct tl_value tl_elem(const struct tl_vec_data *vec, uint32_t i)
{
	const uint8_t *at = (const uint8_t *)vec->items + i * tl_elem_size(vec->kind);
	struct tl_value v = {.kind = vec->kind};
	int32_t n;

	switch (v.kind) {
	case TL_K_INT:
		memcpy(&n, at, sizeof(n));
		v.number = n;
		break;
	case TL_K_LONG:
	case TL_K_DOUBLE:
	case TL_K_OBJ:
		memcpy(&v.number, at, sizeof(v.number));
		break;
	case TL_K_NONE:
		break;
	default:
		memcpy(&v.bytes, at, sizeof(v.bytes));
	}
	return v;
}

/* ---- the public accessors ---- */

static struct tl_value get(const struct tl_obj *o, enum tlf f)
{
	int place = o != NULL ? tl_place(&tl_names[o->cons], f) : -1;

	if (place < 0 || !tl_there(o, (unsigned)place))
		return (struct tl_value){.kind = TL_K_NONE};
	return tl_load(o, (unsigned)place);
}

enum tlc tl_cons(const struct tl_obj *o)
{
	return o != NULL ? o->cons : TLC_none;
}

enum tlt tl_type(const struct tl_obj *o)
{
	return o != NULL ? tl_names[o->cons].type : TLT_none;
}

uint32_t tl_wire_id(const struct tl_obj *o)
{
	return o != NULL ? o->wire_id : 0;
}

bool tl_has(const struct tl_obj *o, enum tlf f)
{
	return get(o, f).kind != TL_K_NONE;
}

bool tl_flag(const struct tl_obj *o, enum tlf f)
{
	struct tl_value v = get(o, f);

	return v.kind == TL_K_BOOL && v.number != 0;
}

int32_t tl_int(const struct tl_obj *o, enum tlf f)
{
	return (int32_t)tl_long(o, f);
}

int64_t tl_long(const struct tl_obj *o, enum tlf f)
{
	int64_t n;

	tl_to_number(get(o, f), &n);
	return n;
}

double tl_double(const struct tl_obj *o, enum tlf f)
{
	double d;

	tl_to_real(get(o, f), &d);
	return d;
}

struct cspan tl_bytes(const struct tl_obj *o, enum tlf f)
{
	struct cspan s;

	tl_to_bytes(get(o, f), &s);
	return s;
}

const struct tl_obj *tl_sub(const struct tl_obj *o, enum tlf f)
{
	struct tl_value v = get(o, f);

	return v.kind == TL_K_OBJ ? v.obj : NULL;
}

enum tlc tl_sub_cons(const struct tl_obj *o, enum tlf f)
{
	return tl_cons(tl_sub(o, f));
}

struct tl_vec tl_vec(const struct tl_obj *o, enum tlf f)
{
	struct tl_value v = get(o, f);

	if (v.kind != TL_K_VECTOR || v.vec == NULL)
		return (struct tl_vec){0};
	return (struct tl_vec){o, v.vec->count, v.vec, v.vec->kind};
}

static struct tl_value vec_get(struct tl_vec vec, uint32_t i)
{
	check(i < vec.count);
	return tl_elem(vec.items, i);
}

const struct tl_obj *tl_vec_obj(struct tl_vec vec, uint32_t i)
{
	struct tl_value v = vec_get(vec, i);

	return v.kind == TL_K_OBJ ? v.obj : NULL;
}

int32_t tl_vec_int(struct tl_vec vec, uint32_t i)
{
	return (int32_t)tl_vec_long(vec, i);
}

int64_t tl_vec_long(struct tl_vec vec, uint32_t i)
{
	int64_t n;

	tl_to_number(vec_get(vec, i), &n);
	return n;
}

struct cspan tl_vec_bytes(struct tl_vec vec, uint32_t i)
{
	struct cspan s;

	tl_to_bytes(vec_get(vec, i), &s);
	return s;
}
