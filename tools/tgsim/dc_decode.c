/*
 * Reading a query the way real servers do: an InputPeer is taken where an InputUser or InputChannel
 * belongs, since the two look the same behind their id (Pyrogram relies on it). Everything else must
 * fit the schema. Owns nothing; the tree lives in the arena.
 */
#include "tools/tgsim/dc_priv.h"

enum { REPAIRS_MAX = 200 };

static enum tlc narrower(uint32_t id)
{
	static const struct {
		enum tlc peer, wanted;
	} pairs[] = {
		{TLC_inputPeerSelf, TLC_inputUserSelf},
		{TLC_inputPeerUser, TLC_inputUser},
		{TLC_inputPeerUserFromMessage, TLC_inputUserFromMessage},
		{TLC_inputPeerChannel, TLC_inputChannel},
		{TLC_inputPeerChannelFromMessage, TLC_inputChannelFromMessage},
	};

	for (size_t i = 0; i < countof(pairs); i++)
		if (tl_id(pairs[i].peer, TL_LAYER) == id)
			return pairs[i].wanted;
	return TLC_none;
}

const struct tl_obj *dc_decode(struct arena *a, struct cspan body, struct tl_error *error)
{
	const struct tl_obj *o = tl_decode(a, body, error);
	uint8_t *copy = NULL;

	for (int i = 0; o == NULL && error->fault == TL_TYPE && i < REPAIRS_MAX; i++) {
		enum tlc wanted = narrower(error->id);

		if (wanted == TLC_none || body.len < 4 || error->offset > body.len - 4)
			break;
		if (copy == NULL) {
			copy = arena_take(a, body.len);
			if (copy == NULL)
				break;
			memcpy(copy, body.at, body.len);
		}
		store_le32(copy + error->offset, tl_id(wanted, TL_LAYER));
		o = tl_decode(a, cspan_of(copy, body.len), error);
	}
	return o;
}
