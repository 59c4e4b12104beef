/*
 * Looking things up in the generated tables: ids, names, fields, forms. No object is touched here.
 */
#include "proto/schema/tlobj_priv.h"

const struct tl_form *tl_form_of_id(uint32_t id)
{
	uint32_t end = tl_buckets[(id >> 22) + 1];

	/* Ids are checksums, so the buckets are even: two forms each, nine at most. */
	for (uint32_t i = tl_buckets[id >> 22]; i < end; i++)
		if (tl_forms[i].id == id)
			return &tl_forms[i];
	return NULL;
}

const struct tl_form *tl_form_in(enum tlc name, int layer)
{
	const struct tl_name *n = &tl_names[name];

	for (unsigned i = 0; i < n->form_count; i++) {
		const struct tl_form *f = &tl_forms[tl_form_order[n->form + i]];

		if (layer >= f->layer_first && layer <= f->layer_last)
			return f;
	}
	return NULL;
}

int tl_place(const struct tl_name *n, enum tlf f)
{
	const struct tl_member *base = tl_members + n->member;
	unsigned at = 0, len = n->member_count;

	while (len > 1) { /* the member sought, if any, is in [at, at + len) */
		unsigned half = len / 2;

		at = base[at + half].field <= f ? at + half : at;
		len -= half;
	}
	return len == 1 && base[at].field == f ? (int)at : -1;
}

const char *tl_name(enum tlc name)
{
	check(name < TLC_COUNT);
	return tl_names[name].text;
}

const char *tl_field_name(enum tlf f)
{
	check(f < TLF_COUNT);
	return tl_field_texts[f];
}

uint32_t tl_id(enum tlc name, int layer)
{
	const struct tl_form *f;

	check(name < TLC_COUNT);
	f = tl_form_in(name, layer);
	return f != NULL ? f->id : 0;
}

enum tlc tl_cons_of_id(uint32_t id)
{
	const struct tl_form *f = tl_form_of_id(id);

	return f != NULL ? f->name : TLC_none;
}

bool tl_is_method(enum tlc name)
{
	check(name < TLC_COUNT);
	return tl_names[name].method;
}
