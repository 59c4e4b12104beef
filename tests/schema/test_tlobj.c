/* Objects built by hand: what the setters keep, what the layers make of it, what comes back. */
#include "proto/schema/tlobj.h"

#include <criterion/criterion.h>

enum { ARENA = 1 << 20 };

static uint8_t memory[ARENA], wire[ARENA];

static struct arena fresh(void)
{
	struct arena a;

	arena_init(&a, memory, sizeof(memory));
	return a;
}

/* Encoded for a layer and decoded again, behind the first tree in the same arena. */
static const struct tl_obj *through(struct arena *a, const struct tl_obj *o, int layer)
{
	struct tl_error error;
	size_t len = tl_encode(o, layer, (struct span){wire, sizeof(wire)}, &error);

	cr_assert_gt(len, 0, "layer %d: fault %d id %08x", layer, (int)error.fault, error.id);
	o = tl_decode(a, cspan_of(wire, len), &error);
	cr_assert_not_null(o, "layer %d: fault %d at %u id %08x", layer, (int)error.fault,
			   error.offset, error.id);
	cr_assert_eq(tl_skip(cspan_of(wire, len), &error), len);
	return o;
}

static struct tl_obj *peer_channel(struct arena *a, int64_t id)
{
	struct tl_obj *o = tl_new(a, TLC_peerChannel);

	tl_set_long(o, TLF_channel_id, id);
	return o;
}

static struct tl_obj *some_message(struct arena *a)
{
	struct tl_obj *m = tl_new(a, TLC_message), *bold = tl_new(a, TLC_messageEntityBold);

	tl_set_flag(m, TLF_out, true);
	tl_set_int(m, TLF_id, 77);
	tl_set_obj(m, TLF_peer_id, peer_channel(a, 1234567890));
	tl_set_int(m, TLF_date, 1700000000);
	tl_set_str(m, TLF_message, "hello");
	tl_set_int(bold, TLF_offset, 1);
	tl_set_int(bold, TLF_length, 3);
	tl_set_vec(a, m, TLF_entities, 1);
	tl_put_obj(m, TLF_entities, 0, bold);
	tl_set_int(m, TLF_views, 9);
	tl_set_long(m, TLF_grouped_id, 0x1122334455667788);
	return m;
}

Test(tlobj, message_in_every_layer)
{
	static const struct {
		int layer;
		uint32_t id;
	} forms[] = {{144, 0x38116ee0}, {201, 0xeabcdd4d}, {214, 0x9815cec8}, {228, 0x7600b9d3}};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct arena a = fresh();
		const struct tl_obj *m = through(&a, some_message(&a), forms[i].layer);
		struct tl_vec entities = tl_vec(m, TLF_entities);

		cr_assert_eq(tl_cons(m), TLC_message);
		cr_assert_eq(tl_type(m), TLT_Message);
		cr_assert_eq(tl_wire_id(m), forms[i].id);
		cr_assert(tl_flag(m, TLF_out));
		cr_assert_not(tl_flag(m, TLF_silent));
		cr_assert_eq(tl_int(m, TLF_id), 77);
		cr_assert_eq(tl_long(tl_sub(m, TLF_peer_id), TLF_channel_id), 1234567890);
		cr_assert(cspan_equal(tl_bytes(m, TLF_message), cspan_str("hello")));
		cr_assert_eq(entities.count, 1);
		cr_assert_eq(tl_cons(tl_vec_obj(entities, 0)), TLC_messageEntityBold);
		cr_assert_eq(tl_int(m, TLF_views), 9);
		/* views and forwards share a bit: both are there */
		cr_assert(tl_has(m, TLF_forwards));
		cr_assert_eq(tl_int(m, TLF_forwards), 0);
		cr_assert_not(tl_has(m, TLF_media));
		cr_assert_eq(tl_long(m, TLF_grouped_id), 0x1122334455667788);
	}
}

Test(tlobj, reading_what_is_not_there)
{
	struct arena a = fresh();
	const struct tl_obj *m = some_message(&a);

	cr_assert_eq(tl_int(m, TLF_edit_date), 0);
	cr_assert_eq(tl_bytes(m, TLF_post_author).len, 0);
	cr_assert_null(tl_sub(m, TLF_media));
	cr_assert_eq(tl_sub_cons(m, TLF_media), TLC_none);
	cr_assert_eq(tl_vec(m, TLF_restriction_reason).count, 0);
	cr_assert_not(tl_flag(m, TLF_silent));
	cr_assert_eq(tl_int(m, TLF_phone_number), 0); /* not even a field of it */
	cr_assert_not(tl_has(m, TLF_phone_number));
	cr_assert_null(tl_sub(m, TLF_id)); /* of another kind */
	cr_assert_eq(tl_bytes(m, TLF_peer_id).len, 0);
	cr_assert_eq(tl_int(NULL, TLF_id), 0);
	cr_assert_null(tl_sub(NULL, TLF_media));
	cr_assert_eq(tl_cons(NULL), TLC_none);
	cr_assert_eq(tl_type(NULL), TLT_none);
	cr_assert_eq(tl_wire_id(NULL), 0);
	cr_assert_eq(tl_wire_id(m), 0); /* built, not come */
}

Test(tlobj, flags_and_bools)
{
	struct arena a = fresh();
	struct tl_obj *edit = tl_new(&a, TLC_messages_editForumTopic),
		      *json = tl_new(&a, TLC_jsonBool);
	const struct tl_obj *o;

	tl_set_flag(edit, TLF_closed, false); /* "make it open" is not "leave it" */
	o = through(&a, edit, TL_LAYER);
	cr_assert(tl_has(o, TLF_closed));
	cr_assert_not(tl_flag(o, TLF_closed));
	cr_assert_not(tl_has(o, TLF_hidden));
	tl_set_obj(json, TLF_value, tl_new_bool(&a, true));
	cr_assert(tl_flag(through(&a, json, TL_LAYER), TLF_value));
	tl_set_flag(json, TLF_value, false);
	cr_assert_not(tl_flag(through(&a, json, TL_LAYER), TLF_value));
}

Test(tlobj, setting_again_and_unsetting)
{
	struct arena a = fresh();
	struct tl_obj *m = some_message(&a);

	tl_set_int(m, TLF_views, 10);
	cr_assert_eq(tl_int(m, TLF_views), 10);
	tl_unset(m, TLF_views);
	tl_unset(m, TLF_out);
	tl_set_flag(m, TLF_silent, true);
	tl_set_flag(m, TLF_silent, false);
	tl_set_obj(m, TLF_media, tl_new(&a, TLC_messageMediaUnsupported));
	tl_set_obj(m, TLF_media, NULL);
	cr_assert_not(tl_has(m, TLF_views));
	cr_assert_not(tl_has(through(&a, m, TL_LAYER), TLF_forwards));
	cr_assert_not(tl_has(m, TLF_out) || tl_has(m, TLF_silent) || tl_has(m, TLF_media));
}

Test(tlobj, numbers_take_the_kind_of_their_place)
{
	struct arena a = fresh();
	struct tl_obj *point = tl_new(&a, TLC_geoPoint), *ack = tl_new(&a, TLC_msgs_ack);
	struct tl_obj *messages = tl_new(&a, TLC_messages_forwardMessages);

	tl_set_int(point, TLF_long, 45);
	tl_set_int(point, TLF_access_hash, -1);
	tl_set_long(point, TLF_accuracy_radius, 30);
	cr_assert_eq(tl_double(point, TLF_long), 45.0);
	cr_assert_eq(tl_long(point, TLF_access_hash), -1);
	cr_assert_eq(tl_int(point, TLF_accuracy_radius), 30);
	tl_set_vec(&a, ack, TLF_msg_ids, 1);
	tl_put_int(ack, TLF_msg_ids, 0, -5);
	cr_assert_eq(tl_vec_long(tl_vec(ack, TLF_msg_ids), 0), -5);
	tl_set_vec(&a, messages, TLF_id, 1);
	tl_put_long(messages, TLF_id, 0, 12);
	cr_assert_eq(tl_vec_int(tl_vec(messages, TLF_id), 0), 12);
}

Test(tlobj, empty_optional_vector_is_left_out)
{
	struct arena a = fresh();
	struct tl_obj *m = some_message(&a);

	tl_set_vec(&a, m, TLF_entities, 0);
	cr_assert(tl_has(m, TLF_entities));
	cr_assert_not(tl_has(through(&a, m, TL_LAYER), TLF_entities));
}

Test(tlobj, copy_and_clone)
{
	struct arena a = fresh();
	const struct tl_obj *m = through(&a, some_message(&a), TL_LAYER);
	struct tl_obj *copy = tl_copy(&a, m), *clone = tl_clone(&a, m);

	tl_set_int(copy, TLF_id, 78);
	cr_assert_eq(tl_int(m, TLF_id), 77);
	cr_assert_eq(tl_bytes(copy, TLF_message).at, tl_bytes(m, TLF_message).at);
	memset(wire, 0, sizeof(wire));
	cr_assert(cspan_equal(tl_bytes(clone, TLF_message), cspan_str("hello")));
	cr_assert_neq(tl_sub(clone, TLF_peer_id), tl_sub(m, TLF_peer_id));
	cr_assert_eq(tl_long(tl_sub(clone, TLF_peer_id), TLF_channel_id), 1234567890);
	cr_assert_null(tl_clone(&a, NULL));
}

static bool same_bytes(const struct tl_obj *a, const struct tl_obj *b)
{
	static uint8_t other[sizeof(wire)];
	size_t len = tl_encode(a, TL_LAYER, (struct span){wire, sizeof(wire)}, NULL);

	return tl_encode(b, TL_LAYER, (struct span){other, sizeof(other)}, NULL) == len &&
	       memcmp(wire, other, len) == 0;
}

Test(tlobj, a_full_arena_is_seen_at_the_end)
{
	struct tl_obj *clone = NULL;

	for (size_t size = 0; clone == NULL; size += 8) {
		struct tl_error error;
		struct tl_obj *m;
		struct arena a;
		bool ok;

		arena_init(&a, memory, size);
		m = some_message(&a);
		ok = m != NULL && tl_sub(m, TLF_peer_id) != NULL &&
		     tl_vec(m, TLF_entities).count == 1 &&
		     tl_vec_obj(tl_vec(m, TLF_entities), 0) != NULL;
		tl_encode(m, TL_LAYER, (struct span){wire, sizeof(wire)}, &error);
		cr_assert_eq(error.fault, m == NULL ? TL_MEMORY : TL_SOUND);
		clone = tl_clone(&a, m);
		cr_assert(clone == NULL || (ok && same_bytes(m, clone))); /* all of it or nothing */
		cr_assert_lt(size, sizeof(memory));
	}
}

Test(tlobj, output_of_any_size)
{
	struct arena a = fresh();
	struct tl_obj *m = some_message(&a);
	struct tl_error error;
	size_t len = tl_encode(m, TL_LAYER, (struct span){wire, sizeof(wire)}, &error);

	for (size_t size = 0; size < len; size++) {
		cr_assert_eq(tl_encode(m, TL_LAYER, (struct span){wire, size}, &error), 0);
		cr_assert_eq(error.fault, TL_MEMORY);
	}
	cr_assert_eq(tl_encode(m, TL_LAYER, (struct span){wire, len}, &error), len);
}

Test(tlobj, queries_inside_queries)
{
	struct arena a = fresh();
	struct tl_obj *with = tl_new(&a, TLC_invokeWithLayer),
		      *init = tl_new(&a, TLC_initConnection);
	const struct tl_obj *o;

	tl_set_int(with, TLF_layer, 228);
	tl_set_str(init, TLF_device_model, "desk");
	tl_set_obj(init, TLF_query, tl_new(&a, TLC_help_getConfig));
	tl_set_obj(with, TLF_query, init);
	o = through(&a, with, TL_LAYER);
	cr_assert(tl_is_method(tl_cons(o)));
	o = tl_sub(tl_sub(o, TLF_query), TLF_query);
	cr_assert_eq(tl_cons(o), TLC_help_getConfig);
	cr_assert_str_eq(tl_name(tl_cons(o)), "help.getConfig");
	cr_assert_str_eq(tl_field_name(TLF_query), "query");
	cr_assert_eq(tl_type(o), TLT_Config);
}

Test(tlobj, bare_members_of_a_bare_vector)
{
	struct arena a = fresh();
	struct tl_obj *salts = tl_new(&a, TLC_future_salts), *salt = tl_new(&a, TLC_future_salt);
	struct tl_error error;
	const struct tl_obj *o;

	tl_set_long(salt, TLF_salt, 11);
	tl_set_vec(&a, salts, TLF_salts, 2);
	tl_put_obj(salts, TLF_salts, 0, salt);
	tl_put_obj(salts, TLF_salts, 1, salt);
	cr_assert_eq(tl_encode(salts, TL_LAYER, (struct span){wire, sizeof(wire)}, &error),
		     4 + 12 + 4 + 32);
	o = tl_decode(&a, cspan_of(wire, 52), &error);
	cr_assert_eq(tl_vec(o, TLF_salts).count, 2);
	cr_assert_eq(tl_long(tl_vec_obj(tl_vec(o, TLF_salts), 1), TLF_salt), 11);
}

Test(tlobj, service_message_has_a_name_of_its_own)
{
	cr_assert_eq(tl_cons_of_id(0x5bb8e511), TLC_mt_message);
	cr_assert_eq(tl_id(TLC_msg_container, 144), 0x73f1f8dc);
}
