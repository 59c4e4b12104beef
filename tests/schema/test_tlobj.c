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
