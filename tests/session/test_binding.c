/* auth.bindTempAuthKey against the published vector, byte by byte, and that each input counts. */
#include "proto/session/binding.h"

#include "proto/wire/tl.h"
#include "tests/vectors/handshake.h"
#include "tests/vectors/hex.h"

#include <criterion/criterion.h>

struct given {
	struct auth_key perm, temp;
	struct binding b;
	uint8_t random[BINDING_RANDOM];
};

static void give(struct given *g)
{
	const struct vec_bind *v = &vec_bind[0];
	uint8_t session[8];

	vec_bytes(g->perm.key, 256, v->perm_key);
	vec_bytes(g->temp.key, 256, v->temp_key);
	authkey_finish(&g->perm);
	authkey_finish(&g->temp);
	vec_bytes(session, 8, v->temp_session_id);
	vec_bytes(g->random, 8, v->nonce);
	vec_bytes(g->random + 8, 16, v->random);
	vec_bytes(g->random + 24, 8, v->padding);
	g->b = (struct binding){.perm = &g->perm,
				.temp_id = g->temp.id,
				.session_id = load_le64(session),
				.msg_id = v->msg_id,
				.expires_at = (int32_t)v->expires_at};
}

Test(binding, is_the_published_one)
{
	uint8_t query[BINDING_QUERY];
	struct given g;

	give(&g);
	binding_write(query, &g.b, g.random);
	cr_assert(vec_equal(query, sizeof(query), vec_bind[0].call));
}

/* What the server compares is inside, under the permanent key: the end of the call changes. */
Test(binding, each_field_counts)
{
	uint8_t want[BINDING_QUERY], query[BINDING_QUERY];
	struct given g;

	give(&g);
	binding_write(want, &g.b, g.random);
	for (int field = 0; field < 6; field++) {
		give(&g);
		g.b.msg_id += field == 0 ? 4 : 0;
		g.b.session_id ^= field == 1;
		g.b.temp_id ^= field == 2;
		g.b.expires_at += field == 3;
		g.perm.key[100] ^= field == 4;
		g.random[0] ^= field == 5;
		binding_write(query, &g.b, g.random);
		cr_assert(memcmp(query + 40, want + 40, 80) != 0, "field %d", field);
	}
}
