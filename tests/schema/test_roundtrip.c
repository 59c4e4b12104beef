/*
 * Every constructor and method of the schema, in every layer where its neighbourhood changes, with
 * random content: what is encoded is decoded to an equal tree, is encoded to the same bytes again,
 * is skipped in one step, and is refused when any part of its end is missing.
 *
 * The content is made straight from the tables, so nothing is left out because a test forgot it.
 */
#include "proto/schema/tlobj_priv.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { ARENA = 4 << 20, DEPTH = 3, CUT_MAX = 700 };

static uint8_t memory[ARENA], wire[ARENA], again[ARENA];

struct maker {
	struct arena mem;
	uint64_t seed;
	int layer;
};

static uint32_t draw(struct maker *m, uint32_t below)
{
	m->seed = m->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(m->seed >> 33) % below;
}

static struct tl_obj *make(struct maker *m, enum tlc name, unsigned depth);

/* A constructor of the type that this layer has. Near the bottom the type's stand-in. */
static struct tl_obj *make_of_type(struct maker *m, enum tlt type, unsigned depth)
{
	const struct tl_type *t = &tl_types[type];

	if (type == TLT_mt_Message) /* holds "any object", for which nothing stands in */
		return make(m, TLC_mt_message, depth);
	cr_assert_gt(t->stand_in_count, 0, "%s", t->text);
	for (unsigned i = depth == 0 ? 0 : draw(m, t->stand_in_count), n = 0; n < t->stand_in_count;
	     i++, n++) {
		enum tlc name = tl_stand_ins[t->stand_in + i % t->stand_in_count];

		if (tl_form_in(name, m->layer) != NULL)
			return make(m, name, depth == 0 ? 0 : depth - 1);
	}
	cr_assert_fail("%s in layer %d", t->text, m->layer);
	return NULL;
}

static struct cspan make_bytes(struct maker *m, size_t len)
{
	uint8_t *at = arena_take(&m->mem, len);

	cr_assert_not_null(at);
	for (size_t i = 0; i < len; i++)
		at[i] = (uint8_t)draw(m, 256);
	return cspan_of(at, len);
}

static struct tl_value make_value(struct maker *m, enum tl_kind kind, uint16_t ref, unsigned depth)
{
	struct tl_value v = {.kind = kind};

	switch (kind) {
	case TL_K_INT:
		v.number = (int32_t)(draw(m, 1u << 31) * 2 + draw(m, 2));
		break;
	case TL_K_LONG:
		v.number = (int64_t)((uint64_t)draw(m, 1u << 31) << 33 ^ draw(m, 1u << 31));
		break;
	case TL_K_DOUBLE:
		v.real = (double)draw(m, 1000000) / 7 - 1000;
		break;
	case TL_K_BYTES:
		v.bytes = make_bytes(m, draw(m, 20) == 0 ? 250 + draw(m, 10) : draw(m, 9));
		break;
	case TL_K_INT128:
		v.bytes = make_bytes(m, 16);
		break;
	case TL_K_INT256:
		v.bytes = make_bytes(m, 32);
		break;
	case TL_K_BOOL:
		v.number = draw(m, 2);
		break;
	case TL_K_ANY:
		v.kind = TL_K_OBJ;
		v.obj = make(m, TLC_inputPeerSelf, 0);
		break;
	case TL_K_BARE:
		v.kind = TL_K_OBJ;
		v.obj = make(m, ref, depth);
		break;
	default:
		cr_assert_eq(kind, TL_K_OBJ);
		v.obj = make_of_type(m, (enum tlt)ref, depth);
	}
	return v;
}

static struct tl_value make_vector(struct maker *m, const struct tl_part *p, unsigned depth)
{
	enum tl_kind kept =
	    p->elem == TL_K_ANY || p->elem == TL_K_BARE ? TL_K_OBJ : (enum tl_kind)p->elem;
	/* An empty vector behind a flag is not written at all, so there it has to have something.
	 */
	uint32_t count =
	    depth == 0 && p->word == 0 ? 0 : 1 + draw(m, 2) - (p->word == 0 && draw(m, 3) == 0);
	struct tl_vec_data *vec = arena_take(&m->mem, sizeof(*vec) + count * tl_elem_size(kept));

	cr_assert_not_null(vec);
	vec->count = count;
	vec->kind = (uint8_t)kept;
	for (uint32_t i = 0; i < count; i++) {
		struct tl_value v = make_value(m, p->elem, p->ref, depth);
		uint8_t *at = (uint8_t *)vec->items + i * tl_elem_size(kept);
		int32_t n = (int32_t)v.number;

		if (kept == TL_K_INT)
			memcpy(at, &n, sizeof(n));
		else
			memcpy(at, &v.bytes, tl_elem_size(kept));
	}
	return (struct tl_value){.kind = TL_K_VECTOR, .vec = vec};
}

static struct tl_obj *make(struct maker *m, enum tlc name, unsigned depth)
{
	const struct tl_form *f = tl_form_in(name, m->layer);
	struct tl_obj *o = tl_new(&m->mem, name);
	uint32_t bits[TL_WORDS_MAX] = {0};

	cr_assert_not_null(o);
	for (unsigned i = 0; i < TL_WORDS_MAX; i++)
		bits[i] = depth == 0 ? 0 : draw(m, 1u << 31) << 1 | draw(m, 2);
	for (unsigned i = 0; i < f->part_count; i++) {
		const struct tl_part *p = &tl_parts[f->part + i];
		struct tl_value v = {.kind = TL_K_BOOL, .number = 1};

		if (p->kind == TL_K_WORD || (p->word != 0 && (bits[p->word] >> p->bit & 1) == 0))
			continue;
		if (p->kind == TL_K_VECTOR || p->kind == TL_K_BARE_VECTOR)
			v = make_vector(m, p, depth);
		else if (p->kind != TL_K_TRUE)
			v = make_value(m, p->kind, p->ref, depth);
		tl_store(o, p->place, v);
	}
	return o;
}

static bool equal(const struct tl_obj *a, const struct tl_obj *b);

static bool equal_value(struct tl_value a, struct tl_value b)
{
	if (a.kind != b.kind)
		return false;
	switch (a.kind) {
	case TL_K_OBJ:
		return equal(a.obj, b.obj);
	case TL_K_VECTOR:
		if (a.vec->count != b.vec->count || a.vec->kind != b.vec->kind)
			return false;
		for (uint32_t i = 0; i < a.vec->count; i++)
			if (!equal_value(tl_elem(a.vec, i), tl_elem(b.vec, i)))
				return false;
		return true;
	case TL_K_BYTES:
	case TL_K_INT128:
	case TL_K_INT256:
		return cspan_equal(a.bytes, b.bytes);
	default:
		return a.number == b.number; /* a double's bits too */
	}
}

static bool equal(const struct tl_obj *a, const struct tl_obj *b)
{
	if (a->cons != b->cons || memcmp(a->present, b->present, sizeof(a->present)) != 0)
		return false;
	for (unsigned i = 0; i < tl_names[a->cons].member_count; i++)
		if (tl_there(a, i) && !equal_value(tl_load(a, i), tl_load(b, i)))
			return false;
	return true;
}

/* No part of the bytes is enough, and no read goes past them: the copy is exactly that long. */
static void cut(struct arena mem, const uint8_t *bytes, size_t len, const char *name)
{
	size_t mark = arena_mark(&mem);

	for (size_t n = 0; n < len; n += len <= CUT_MAX ? 1 : 1 + n % 37) {
		uint8_t *copy = malloc(n + (n == 0));
		struct tl_error error;

		memcpy(copy, bytes, n);
		cr_assert_null(tl_decode(&mem, cspan_of(copy, n), &error), "%s cut at %zu", name,
			       n);
		cr_assert(error.fault == TL_SHORT || error.fault == TL_COUNT, "%s cut at %zu: %d",
			  name, n, (int)error.fault);
		cr_assert_leq(error.offset, n);
		cr_assert_eq(tl_skip(cspan_of(copy, n), &error), 0);
		free(copy);
		arena_rewind(&mem, mark);
	}
}

static void one(int layer, enum tlc name, uint64_t seed, unsigned depth, bool cuts)
{
	struct maker m = {.seed = seed, .layer = layer};
	const struct tl_obj *o, *back, *copy;
	struct tl_error error;
	size_t len;

	arena_init(&m.mem, memory, sizeof(memory));
	o = make(&m, name, depth);
	len = tl_encode(o, layer, (struct span){wire, sizeof(wire)}, &error);
	cr_assert_gt(len, 0, "%s in layer %d: fault %d", tl_name(name), layer, (int)error.fault);
	cr_assert_eq(load_le32(wire), tl_id(name, layer));
	back = tl_decode(&m.mem, cspan_of(wire, len), &error);
	cr_assert_not_null(back, "%s in layer %d: fault %d at %u (%08x)", tl_name(name), layer,
			   (int)error.fault, error.offset, error.id);
	cr_assert(equal(o, back), "%s in layer %d", tl_name(name), layer);
	cr_assert_eq(tl_wire_id(back), tl_id(name, layer));
	cr_assert_eq(tl_skip(cspan_of(wire, len), &error), len);
	copy = tl_clone(&m.mem, back);
	cr_assert_not_null(copy);
	cr_assert(equal(copy, back));
	memcpy(again, wire, len);
	memset(wire, 0xee, len); /* the clone stands without the input */
	cr_assert_eq(tl_encode(copy, layer, (struct span){wire, sizeof(wire)}, &error), len);
	cr_assert_arr_eq(wire, again, len);
	if (cuts)
		cut(m.mem, again, len, tl_name(name));
}

static unsigned all(int layer, unsigned rounds, unsigned depth, bool cuts)
{
	unsigned n = 0;

	for (unsigned name = TLC_none + 1; name < TLC_COUNT; name++) {
		if (tl_form_in((enum tlc)name, layer) == NULL)
			continue;
		for (unsigned round = 0; round < rounds; round++)
			one(layer, (enum tlc)name, name * 1000003ull + round,
			    round == 0 ? 0 : depth, cuts);
		n++;
	}
	return n;
}

Test(roundtrip, newest_layer)
{
	unsigned n = all(TL_LAYER, 8, DEPTH, false);

	cr_assert_gt(n, 905 + 63);
}

Test(roundtrip, every_layer_that_changes_something)
{
	bool edge[256] = {false};

	for (unsigned i = 0; i < tl_form_count; i++)
		if (tl_forms[i].layer_first < 256)
			edge[tl_forms[i].layer_first] = true;
	edge[0] = false;
	edge[144] = true;
	for (int layer = 0; layer < 256; layer++)
		if (edge[layer])
			all(layer, 2, 2, false);
}

Test(roundtrip, every_cut_newest_layer)
{
	all(TL_LAYER, 3, 2, true);
}

Test(roundtrip, every_cut_oldest_layer)
{
	all(TL_LAYER_OLD, 2, 2, true);
}

/* A tree of the newest layer is written for an older one wherever all its names are there. */
Test(roundtrip, newest_tree_for_older_layers)
{
	static const int layers[] = {144, 158, 181, 201, 214, 223};

	for (size_t i = 0; i < countof(layers); i++)
		for (unsigned name = TLC_none + 1; name < TLC_COUNT; name++) {
			struct maker m = {.seed = name, .layer = TL_LAYER};
			struct tl_error error;
			size_t len;

			if (tl_form_in((enum tlc)name, TL_LAYER) == NULL)
				continue;
			arena_init(&m.mem, memory, sizeof(memory));
			len = tl_encode(make(&m, (enum tlc)name, 2), layers[i],
					(struct span){wire, sizeof(wire)}, &error);
			if (len == 0) {
				cr_assert_eq(error.fault, TL_UNKNOWN);
				cr_assert_neq(error.id, 0);
				continue;
			}
			cr_assert_not_null(tl_decode(&m.mem, cspan_of(wire, len), &error),
					   "%s for layer %d: fault %d at %u (%08x)",
					   tl_name((enum tlc)name), layers[i], (int)error.fault,
					   error.offset, error.id);
		}
}

/* Nothing set at all: zeros, empties and stand-ins, and still an object its reader takes. */
Test(roundtrip, empty_objects_stand)
{
	for (int layer = 144; layer <= TL_LAYER; layer += 7)
		for (unsigned name = TLC_none + 1; name < TLC_COUNT; name++) {
			struct tl_error error;
			struct arena mem;
			bool wraps = name == TLC_msg_copy;
			size_t len;

			arena_init(&mem, memory, sizeof(memory));
			for (unsigned i = 0; i < tl_names[name].member_count; i++)
				wraps |= tl_members[tl_names[name].member + i].kind == TL_K_ANY;
			if (wraps || tl_form_in((enum tlc)name, layer) == NULL)
				continue; /* nothing can stand for "any query" */
			len = tl_encode(tl_new(&mem, (enum tlc)name), layer,
					(struct span){wire, sizeof(wire)}, &error);
			cr_assert_gt(len, 0, "%s in layer %d", tl_name((enum tlc)name), layer);
			cr_assert_not_null(tl_decode(&mem, cspan_of(wire, len), &error),
					   "%s in layer %d", tl_name((enum tlc)name), layer);
		}
}
