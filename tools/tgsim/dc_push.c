/*
 * Updates: what came up in the world goes to the main sessions of the accounts it concerns, in each
 * one's layer. Who cannot be reached asks for the difference later. Owns nothing.
 */
#include "tools/tgsim/dc_priv.h"

/* The main session of a key, if it wants updates and can be reached; NULL. */
static struct dc_session *hearer(const struct dc_server *s, const struct dc_key *perm)
{
	struct dc_session *session = perm->main;

	if (perm->dead || perm->account == NULL || perm->dc != s->o.home_dc || session == NULL ||
	    session->conn == NULL || session->without_updates)
		return NULL;
	return session;
}

static void push_to(struct dc_server *s, struct dc_session *session, const struct tl_obj *updates)
{
	struct tl_error error = {0};
	struct cspan object = dc_encode(s, session->key, updates, &error);
	struct dc_out *out;

	if (object.len == 0)
		return;
	out = dc_out_make(OUT_PUSH, tl_name(tl_cons(updates)), (uint32_t)object.len);
	memcpy(out->body, object.at, object.len);
	s->o.stats->pushes++;
	dc_out_send(session, &out);
}

/* To all devices of the account but the one that caused it. */
static bool push_to_account(struct dc_server *s, const struct account *account, uint64_t except,
			    const struct tl_obj *updates)
{
	bool heard = false;

	for (int i = 0; i < DC_KEY_TABLE; i++)
		for (struct dc_key *k = s->keys[i]; k != NULL; k = k->next) {
			struct dc_session *session = hearer(s, k);

			if (session == NULL || k->account != account || session->id == except)
				continue;
			push_to(s, session, updates);
			heard = true;
		}
	return heard;
}

void dc_push_all(struct dc_server *s)
{
	struct account *account;
	uint64_t except;
	const struct tl_obj *updates;
	size_t mark = arena_mark(&s->arena);

	while (world_next_push(s->o.world, &s->arena, &account, &except, &updates)) {
		s->o.stats->updates_lost += !push_to_account(s, account, except, updates);
		arena_rewind(&s->arena, mark);
	}
}

/* ---- updatesTooLong, by fault or by hand ---- */

void dc_push_one_too_long(struct dc_session *session)
{
	struct dc_out *out = dc_out_make(OUT_PUSH, "updatesTooLong", 4);

	store_le32(out->body, (uint32_t)ID_UPDATES_TOO_LONG);
	dc_out_send(session, &out);
}

/* An updateShort of an updateServiceNotification, with a text of so many bytes, whole words. */
void dc_push_large(struct dc_session *session, uint32_t text_len)
{
	struct dc_out *out = dc_out_make(OUT_PUSH, "updateShort", 36 + text_len);
	uint8_t *at = out->body;

	store_le32(at, UINT32_C(0x78d4dec1));
	store_le32(at + 4, UINT32_C(0xebe46819));
	store_le32(at + 16, text_len << 8 | 254); /* behind no flags and an empty type */
	memset(at + 20, 'u', text_len);
	at += 20 + text_len;
	store_le32(at, UINT32_C(0x3ded6320)); /* no media, no entities, the date 0 */
	store_le32(at + 4, TL_VECTOR);
	dc_out_send(session, &out);
}

void dc_push_too_long(struct dc_server *s)
{
	for (int i = 0; i < DC_KEY_TABLE; i++)
		for (struct dc_key *k = s->keys[i]; k != NULL; k = k->next) {
			struct dc_session *session = hearer(s, k);

			if (session != NULL)
				dc_push_one_too_long(session);
		}
}
