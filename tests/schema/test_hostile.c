/* Bytes that no server means well with: each is refused, at the right place, for the right reason.
 */
#include "proto/schema/tlobj.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { ARENA = 1 << 20 };

static uint8_t memory[ARENA], wire[ARENA];

static struct arena fresh(void)
{
	struct arena a;

	arena_init(&a, memory, sizeof(memory));
	return a;
}

static struct tl_writer writer(void)
{
	struct tl_writer w;

	tl_writer_init(&w, (struct span){wire, sizeof(wire)});
	return w;
}

/* The id in the newest layer. */
static void put_id(struct tl_writer *w, enum tlc name)
{
	tl_write_u32(w, tl_id(name, TL_LAYER));
}

static void refused(const struct tl_writer *w, enum tl_fault why, size_t offset, uint32_t id)
{
	size_t len = tl_written(w);
	uint8_t *copy = malloc(len + (len == 0));
	struct arena a = fresh();
	struct tl_error error;

	memcpy(copy, wire, len);
	cr_assert_null(tl_decode(&a, cspan_of(copy, len), &error));
	cr_assert_eq(error.fault, why, "fault %d", (int)error.fault);
	cr_assert_eq(error.offset, offset, "offset %u", error.offset);
	cr_assert_eq(error.id, id, "id %08x", error.id);
	if (why != TL_TRAILING) { /* skipping stops there without a fault */
		cr_assert_eq(tl_skip(cspan_of(copy, len), &error), 0);
		cr_assert_eq(error.fault, why);
		cr_assert_eq(error.offset, offset);
		cr_assert_eq(error.id, id);
	}
	cr_assert_null(tl_decode(&a, cspan_of(copy, len), NULL));
	free(copy);
}

Test(hostile, nothing_at_all)
{
	struct tl_writer w = writer();

	refused(&w, TL_SHORT, 0, 0);
}

Test(hostile, unknown_constructor)
{
	struct tl_writer w = writer();

	tl_write_u32(&w, 0xdeadbeef);
	refused(&w, TL_UNKNOWN, 0, 0xdeadbeef);
}

static void put_updates(struct tl_writer *w, uint32_t second)
{
	put_id(w, TLC_updates);
	tl_write_u32(w, TL_VECTOR);
	tl_write_u32(w, 2);
	put_id(w, TLC_updateMessageID);
	tl_write_u32(w, 1);
	tl_write_u64(w, 2);
	tl_write_u32(w, second); /* at 28 */
	tl_write_u64(w, 0);
	tl_write_u64(w, 0);
	tl_write_u64(w, 0);
}

Test(hostile, unknown_constructor_inside_a_vector)
{
	struct tl_writer w = writer();

	put_updates(&w, 0x01020304);
	refused(&w, TL_UNKNOWN, 28, 0x01020304);
}

Test(hostile, constructor_of_another_type)
{
	struct tl_writer w = writer();

	put_updates(&w, tl_id(TLC_peerUser, TL_LAYER));
	refused(&w, TL_TYPE, 28, tl_id(TLC_peerUser, TL_LAYER));
}

Test(hostile, method_where_an_object_belongs)
{
	struct tl_writer w = writer();

	put_id(&w, TLC_messages_chatInviteJoinResultOk);
	put_id(&w, TLC_messages_getAllDrafts); /* answers with the type wanted here, but is none */
	refused(&w, TL_TYPE, 4, tl_id(TLC_messages_getAllDrafts, TL_LAYER));
}

/* Rows: H3 */
Test(hostile, counts)
{
	static const uint32_t counts[] = {3, 0x7fffffff, 0x80000000, 0xffffffff, 0x40000000};

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		struct tl_writer w = writer();

		put_id(&w, TLC_msgs_ack);
		tl_write_u32(&w, TL_VECTOR);
		tl_write_u32(&w, counts[i]);
		tl_write_u64(&w, 1);
		tl_write_u64(&w, 2);
		refused(&w, TL_COUNT, 8, 0);
	}
}

Test(hostile, vector_without_its_id)
{
	struct tl_writer w = writer();

	put_id(&w, TLC_msgs_ack);
	tl_write_u32(&w, 1);
	tl_write_u64(&w, 1);
	refused(&w, TL_TYPE, 4, 0);
}

Test(hostile, bool_that_is_neither)
{
	struct tl_writer w = writer();

	put_id(&w, TLC_jsonBool);
	tl_write_u32(&w, 1);
	refused(&w, TL_TYPE, 4, 0);
}

/* Rows: H3 */
Test(hostile, string_that_cannot_be)
{
	struct tl_writer w = writer();

	put_id(&w, TLC_jsonString);
	tl_write_u32(&w, 0x000001ff);
	refused(&w, TL_STRING, 4, 0);
}

Test(hostile, vector_of_who_knows_what)
{
	struct tl_writer w = writer();

	put_id(&w, TLC_rpc_result);
	tl_write_u64(&w, 1);
	tl_write_u32(&w, TL_VECTOR);
	tl_write_u32(&w, 0);
	refused(&w, TL_UNKNOWN, 12, TL_VECTOR);
}

Test(hostile, something_behind_it)
{
	struct tl_writer w = writer();
	struct tl_error error;

	put_id(&w, TLC_jsonNull);
	tl_write_u32(&w, 0);
	refused(&w, TL_TRAILING, 4, 0);
	cr_assert_eq(tl_skip(cspan_of(wire, 8), &error), 4);
	cr_assert_eq(error.fault, TL_SOUND);
}

static void put_nested(struct tl_writer *w, unsigned levels)
{
	for (unsigned i = 0; i < levels; i++) {
		put_id(w, TLC_jsonArray);
		tl_write_u32(w, TL_VECTOR);
		tl_write_u32(w, 1);
	}
	put_id(w, TLC_jsonNull);
}

/* Rows: H3 */
Test(hostile, depth)
{
	struct tl_writer w = writer();
	struct arena a = fresh();
	const struct tl_obj *o;
	struct tl_error error;

	cr_assert_eq(TL_DEPTH_MAX, 64); /* tlobj.h says why */
	put_nested(&w, 64 - 1);
	o = tl_decode(&a, cspan_of(wire, tl_written(&w)), &error);
	cr_assert_not_null(o);
	cr_assert_gt(tl_encode(o, TL_LAYER, (struct span){wire, sizeof(wire)}, &error), 0);

	w = writer();
	put_nested(&w, 64); /* and a 65th below */
	refused(&w, TL_DEPTH, 64 * 12 + 4, 0);
	w = writer();
	put_nested(&w, 80000); /* a recursion that follows would leave the stack */
	refused(&w, TL_DEPTH, 64 * 12 + 4, 0);
}

Test(hostile, tree_too_deep_to_be_read)
{
	struct arena a = fresh();
	struct tl_obj *o = tl_new(&a, TLC_jsonNull);
	struct tl_error error;

	for (unsigned i = 0; i < TL_DEPTH_MAX; i++) {
		struct tl_obj *array = tl_new(&a, TLC_jsonArray);

		tl_set_vec(&a, array, TLF_value, 1);
		tl_put_obj(array, TLF_value, 0, o);
		o = array;
	}
	cr_assert_eq(tl_encode(o, TL_LAYER, (struct span){wire, sizeof(wire)}, &error), 0);
	cr_assert_eq(error.fault, TL_DEPTH);
}

/* Rows: H3 */
Test(hostile, arena_of_any_size)
{
	struct tl_writer w = writer();
	bool ok = false;

	put_id(&w, TLC_updates);
	tl_write_u32(&w, TL_VECTOR);
	tl_write_u32(&w, 1);
	put_id(&w, TLC_updateMessageID);
	tl_write_u32(&w, 1);
	tl_write_u64(&w, 2);
	for (unsigned i = 0; i < 2; i++) {
		tl_write_u32(&w, TL_VECTOR);
		tl_write_u32(&w, 0);
	}
	tl_write_u64(&w, 0);
	for (size_t size = 0; !ok; size++) {
		uint8_t *mem = malloc(size + (size == 0));
		struct tl_error error;
		struct arena a;

		arena_init(&a, mem, size);
		ok = tl_decode(&a, cspan_of(wire, tl_written(&w)), &error) != NULL;
		cr_assert_eq(error.fault, ok ? TL_SOUND : TL_MEMORY);
		cr_assert_lt(size, 4096);
		free(mem);
	}
}

/* ---- results ---- */

static const struct tl_obj *result(enum tlc method, const struct tl_writer *w,
				   struct tl_error *error)
{
	static struct arena a;

	a = fresh();
	return tl_decode_result(&a, method, cspan_of(wire, tl_written(w)), error);
}

Test(hostile, result_of_the_right_type)
{
	struct tl_writer w = writer();
	struct tl_error error;
	const struct tl_obj *o;

	put_id(&w, TLC_boolTrue);
	o = result(TLC_upload_saveFilePart, &w, &error);
	cr_assert_eq(tl_cons(o), TLC_boolTrue);
	cr_assert_null(result(TLC_messages_getHistory, &w, &error));
	cr_assert_eq(error.fault, TL_TYPE);
	cr_assert_eq(error.id, tl_id(TLC_boolTrue, TL_LAYER));
	cr_assert_not_null(result(TLC_invokeWithLayer, &w, &error)); /* answers with anything */

	w = writer();
	put_id(&w, TLC_help_getNearestDc); /* a method is no answer */
	cr_assert_null(result(TLC_help_getNearestDc, &w, &error));
	cr_assert_eq(error.fault, TL_TYPE);
	cr_assert_null(result(TLC_invokeWithLayer, &w, &error));

	w = writer();
	tl_write_u32(&w, 0x01020304);
	cr_assert_null(result(TLC_upload_saveFilePart, &w, &error));
	cr_assert_eq(error.fault, TL_UNKNOWN);
	cr_assert_eq(error.id, 0x01020304);
	w = writer();
	cr_assert_null(result(TLC_upload_saveFilePart, &w, &error));
	cr_assert_eq(error.fault, TL_SHORT);
}

Test(hostile, result_that_is_a_vector)
{
	struct tl_writer w = writer();
	struct tl_error error;
	const struct tl_obj *o;
	struct tl_vec users;

	tl_write_u32(&w, TL_VECTOR);
	tl_write_u32(&w, 2);
	put_id(&w, TLC_userEmpty);
	tl_write_u64(&w, 8);
	put_id(&w, TLC_userEmpty);
	tl_write_u64(&w, 9);
	o = result(TLC_users_getUsers, &w, &error);
	cr_assert_eq(tl_cons(o), TLC_vector);
	cr_assert_eq(tl_type(o), TLT_Vector);
	users = tl_vec(o, TLF_items);
	cr_assert_eq(users.count, 2);
	cr_assert_eq(tl_long(tl_vec_obj(users, 1), TLF_id), 9);
	cr_assert_null(
	    result(TLC_upload_getFileHashes, &w, &error)); /* a vector, of something else */
	cr_assert_eq(error.fault, TL_TYPE);
	cr_assert_eq(error.offset, 8);
	cr_assert_null(result(TLC_help_getConfig, &w, &error)); /* no vector at all */
	cr_assert_eq(error.fault, TL_TYPE);
	cr_assert_eq(error.id, TL_VECTOR);
	tl_write_u32(&w, 0);
	cr_assert_null(result(TLC_users_getUsers, &w, &error));
	cr_assert_eq(error.fault, TL_TRAILING);
}

Test(hostile, result_that_changed_over_the_layers)
{
	struct tl_writer w = writer();
	struct tl_error error;

	/* Updates once, and wrapped since: a server of either kind is understood. */
	put_id(&w, TLC_updatesTooLong);
	cr_assert_not_null(result(TLC_channels_joinChannel, &w, &error));
	w = writer();
	put_id(&w, TLC_messages_chatInviteJoinResultOk);
	put_id(&w, TLC_updatesTooLong);
	cr_assert_not_null(result(TLC_channels_joinChannel, &w, &error));
}

Test(hostile, vectors_out_and_in)
{
	struct arena a = fresh();
	struct tl_obj *ids = tl_new_vector(&a, 2), *none = tl_new_vector(&a, 0);
	struct tl_writer w;
	struct tl_error error;

	tl_put_long(ids, TLF_items, 0, 5);
	tl_put_long(ids, TLF_items, 1, -6);
	cr_assert_eq(tl_encode(ids, TL_LAYER, (struct span){wire, sizeof(wire)}, &error), 24);
	cr_assert_eq(load_le32(wire), TL_VECTOR);
	cr_assert_eq((int64_t)load_le64(wire + 16), -6);
	cr_assert_eq(tl_encode(none, TL_LAYER, (struct span){wire, sizeof(wire)}, &error), 8);
	ids = tl_new_vector(&a, 1);
	tl_put_obj(ids, TLF_items, 0, tl_new(&a, TLC_userEmpty));
	w = writer();
	w.at += tl_encode(ids, TL_LAYER, (struct span){wire, sizeof(wire)}, &error);
	cr_assert_not_null(result(TLC_users_getUsers, &w, &error));
}
