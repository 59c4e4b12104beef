/*
 * Content that an older layer has no words for, in the reduced form that real servers give it: an
 * unknown media kind becomes messageMediaUnsupported, an action messageActionEmpty; entities and
 * updates that cannot be said are left out. Only walked when an answer does not encode. Owns
 * nothing; the result lives in the arena and shares what needed no change.
 */
#include "tools/tgsim/dc_priv.h"

enum { DEPTH_MAX = 8 };

/* Where messages, and what is inside them, are found in answers and updates. */
static const enum tlf object_fields[] = {TLF_message, TLF_media, TLF_action, TLF_update,
					 TLF_updates};
static const enum tlf vector_fields[] = {TLF_messages,      TLF_new_messages, TLF_updates,
					 TLF_other_updates, TLF_entities,     TLF_attributes,
					 TLF_extended_media};

static bool is_known(const struct tl_obj *o, int layer)
{
	return tl_id(tl_cons(o), layer) != 0;
}

/* What stands for it; NULL: it is left out. */
static const struct tl_obj *substitute(struct arena *a, const struct tl_obj *o, int layer)
{
	struct tl_obj *new = NULL;

	if (is_known(o, layer))
		return o;
	if (tl_type(o) == TLT_MessageMedia)
		new = tl_new(a, TLC_messageMediaUnsupported);
	else if (tl_type(o) == TLT_MessageAction)
		new = tl_new(a, TLC_messageActionEmpty);
	return new;
}

static const struct tl_obj *walk(struct arena *, const struct tl_obj *, int layer, int depth);

/* A vector with each element walked; those that cannot be said are dropped. */
static void walk_vector(struct arena *a, struct tl_obj *new, const struct tl_obj *old,
			enum tlf field, int layer, int depth)
{
	struct tl_vec from = tl_vec(old, field);
	uint32_t kept = 0, at = 0;

	if (from.count == 0 || tl_vec_obj(from, 0) == NULL)
		return;
	for (uint32_t i = 0; i < from.count; i++)
		kept += substitute(a, tl_vec_obj(from, i), layer) != NULL;
	tl_set_vec(a, new, field, kept);
	for (uint32_t i = 0; i < from.count; i++) {
		const struct tl_obj *o = substitute(a, tl_vec_obj(from, i), layer);

		if (o != NULL)
			tl_put_obj(new, field, at++, walk(a, o, layer, depth + 1));
	}
}

static const struct tl_obj *walk(struct arena *a, const struct tl_obj *o, int layer, int depth)
{
	struct tl_obj *new;

	if (depth == DEPTH_MAX)
		return o;
	new = tl_copy(a, o);
	if (new == NULL)
		return o;
	for (size_t i = 0; i < countof(object_fields); i++) {
		const struct tl_obj *sub = tl_sub(o, object_fields[i]), *with;

		if (sub == NULL)
			continue;
		with = substitute(a, sub, layer);
		if (with == NULL)
			tl_unset(new, object_fields[i]);
		else
			tl_set_obj(new, object_fields[i], walk(a, with, layer, depth + 1));
	}
	for (size_t i = 0; i < countof(vector_fields); i++)
		walk_vector(a, new, o, vector_fields[i], layer, depth);
	return new;
}

const struct tl_obj *dc_downgrade(struct arena *a, const struct tl_obj *o, int layer)
{
	return walk(a, o, layer, 0);
}
