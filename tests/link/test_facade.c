/* What a net says and takes without a single connection. */
#include "engine/link/net_priv.h"
#include "proto/wire/inflate.h"
#include "proto/wire/tl.h"

#include <criterion/criterion.h>

#include <stdlib.h>

struct alone {
	struct ring *ring;
	struct slab *slab;
	struct net *net;
	struct net_account account;
};

/* DC 2 is the home; DC 4 has a key and is not logged in. */
static void open_alone(struct alone *a)
{
	struct ring_options r = {.entries = 16};
	struct net_options o = {.account = &a->account, .links_down = 1, .links_up = 1, .inflight = 4};

	*a = (struct alone){.account = {.home_dc = 2, .dc_count = 2}};
	a->account.dcs[0] = (struct net_dc){.id = 2, .has_key = true, .authorized = true};
	a->account.dcs[1] = (struct net_dc){.id = 4, .has_key = true, .key = {.id = 44}};
	cr_assert_eq(ring_open_poll(&a->ring, &r), 0);
	cr_assert_eq(slab_open(&a->slab, CHUNK_STRIDE), 0);
	o.ring = a->ring;
	o.slab = a->slab;
	cr_assert_eq(net_open(&a->net, &o), 0);
}

static void close_alone(struct alone *a)
{
	net_close(&a->net);
	slab_close(&a->slab);
	ring_close(a->ring);
}

/* ---- the chunk of a bulk answer that came without ---- */

/* A part of the full size that came packed has its head in front of its bytes. */
Test(facade, the_longest_part_fits_in_a_chunk)
{
	uint8_t *bytes = calloc(1, NET_PART_MAX + 1);
	struct net_event ev = {.kind = NET_RESULT};
	struct chunk *c;
	struct alone a;

	open_alone(&a);
	bytes[NET_PART_MAX - 1] = 7;
	ev.result = cspan_of(bytes, NET_PART_MAX);
	c = net_event_chunk(a.net, &ev);
	cr_assert_not_null(c);
	cr_assert_eq(c->buf.len, NET_PART_MAX);
	cr_assert_eq(buf_at(&c->buf)[NET_PART_MAX - 1], 7);
	cr_assert_null(net_event_chunk(a.net, &ev), "there is no second one");
	slab_give(a.slab, &c);
	ev.result.len++;
	cr_assert_null(net_event_chunk(a.net, &ev), "that is no part");
	close_alone(&a);
	free(bytes);
}

/* ---- what other nets of the account learn ---- */

Test(facade, a_login_for_the_key_that_is_there_is_adopted)
{
	struct net_dc told = {.id = 4, .has_key = true, .authorized = true, .key = {.id = 44}};
	struct alone a;

	open_alone(&a);
	cr_assert(authorize_needed(&a.net->centres[1]));
	net_adopt(a.net, &told);
	cr_assert_not(authorize_needed(&a.net->centres[1]), "it would be imported twice");
	close_alone(&a);
}

Test(facade, a_login_for_another_key_is_none_for_this_one)
{
	struct net_dc told = {.id = 4, .has_key = true, .authorized = true, .key = {.id = 45}};
	struct alone a;

	open_alone(&a);
	net_adopt(a.net, &told);
	cr_assert(authorize_needed(&a.net->centres[1]));
	cr_assert_eq(a.account.dcs[1].key.id, 44);
	told = (struct net_dc){.id = 4, .has_key = true, .key = {.id = 44}};
	net_adopt(a.net, &told);
	cr_assert(authorize_needed(&a.net->centres[1]));
	close_alone(&a);
}

/* ---- packed answers ---- */

/* Bodies of one packet: each may be small, all together may not become more than one. */
/* Rows: S12 H24 */
Test(facade, a_packet_of_many_bombs_is_not_unpacked)
{
	enum { BODY = 6 << 20, PACKED = 64 * 1024 };
	uint8_t *zeros = calloc(1, BODY), *deflated = malloc(PACKED), *packed = malloc(PACKED);
	struct link *l = calloc(1, sizeof(*l));
	struct cspan whole, body;
	struct tl_writer w;
	struct alone a;
	size_t n;

	open_alone(&a);
	l->net = a.net;
	n = deflate_object(cspan_of(zeros, BODY), (struct span){deflated, PACKED});
	cr_assert_gt(n, 0);
	tl_writer_init(&w, (struct span){packed, PACKED});
	tl_write_u32(&w, 0x3072cfa1);
	tl_write_bytes(&w, cspan_of(deflated, n));
	whole = body = cspan_of(packed, tl_written(&w));
	for (int packet = 0; packet < 2; packet++) {
		l->got = (struct packet){.live = true};
		for (int i = 0; i < 2; i++, body = whole) {
			cr_assert(answer_unpack(l, &body));
			cr_assert_eq(body.len, BODY);
		}
		cr_assert_not(answer_unpack(l, &body));
	}
	free(l);
	free(packed);
	free(deflated);
	free(zeros);
	close_alone(&a);
}
