/*
 * Calling methods in tests, as a client of some layer would: the query is encoded and decoded again
 * in the caller's layer, and so is the answer, so that every test also tests that the forms fit.
 */
#ifndef TESTS_METHODS_FIXTURE_H
#define TESTS_METHODS_FIXTURE_H

#include "tests/tgsim/world_fixture.h"
#include "tools/tgsim/dc_priv.h"
#include "tools/tgsim/methods.h"
#include "tools/tgsim/world.h"

#include <stdio.h>

enum { CALL_ROOM = 8 << 20, CALL_ARENA = 64 << 20 };

struct caller {
	struct world *w;
	struct account *account;
	struct arena arena;
	uint8_t *asked, *answered; /* CALL_ROOM each */
	int layer, dc;
	int64_t now;
	uint64_t key, session;
	int64_t takeout;
	int32_t range_min, range_max;
	bool changed, destroyed;
	struct rpc_reply out;
};

static inline struct caller caller_of(struct world *w, struct account *a)
{
	struct caller c = {
	    .w = w, .account = a, .layer = TL_LAYER, .dc = 2, .now = NOW, .key = 77, .session = 5};

	arena_init(&c.arena, malloc(CALL_ARENA), CALL_ARENA);
	c.asked = malloc(CALL_ROOM);
	c.answered = malloc(CALL_ROOM);
	return c;
}

static inline struct caller caller_open(void)
{
	struct world_options opt = fixture_options();
	struct world *w = fixture_open(&opt);

	return caller_of(w, world_account_at(w, 0));
}

static inline void caller_fini(struct caller *c)
{
	free(c->arena.mem);
	free(c->asked);
	free(c->answered);
}

static inline void caller_close(struct caller *c)
{
	caller_fini(c);
	world_close(c->w);
}

static inline struct tl_obj *ask(struct caller *c, enum tlc method)
{
	return tl_new(&c->arena, method);
}

static inline void call(struct caller *c, const struct tl_obj *q)
{
	struct tl_error error = {0, 0, 0};
	size_t n = tl_encode(q, c->layer, (struct span){c->asked, CALL_ROOM}, &error);
	struct rpc r = {
	    .world = c->w,
	    .arena = &c->arena,
	    .now = c->now,
	    .dc = c->dc,
	    .layer = c->layer,
	    .auth_key_id = c->key,
	    .session_id = c->session,
	    .takeout_id = c->takeout,
	    .range_min = c->range_min,
	    .range_max = c->range_max,
	    .account = c->account,
	};
	uint8_t *copy;
	const struct tl_obj *decoded;

	cr_assert_gt(n, 0, "%s cannot be asked in layer %d", tl_name(tl_cons(q)), c->layer);
	copy = arena_take(&c->arena, n);
	memcpy(copy, c->asked, n);
	decoded = dc_decode(&c->arena, cspan_of(copy, n), &error);
	cr_assert_not_null(decoded);
	world_call(&r, decoded, &c->out);
	c->account = r.account;
	c->changed = r.authorization_changed;
	c->destroyed = r.destroy_key;
}

/* The answer, as the client decodes it; the call must succeed. */
static inline const struct tl_obj *ok(struct caller *c, const struct tl_obj *q)
{
	struct tl_error error = {0, 0, 0};
	const struct tl_obj *o;
	uint8_t *copy;
	size_t n;

	call(c, q);
	cr_assert_eq(c->out.outcome, RPC_OBJECT, "%s: %d %s", tl_name(tl_cons(q)), c->out.code,
		     c->out.text);
	n = tl_encode(c->out.result, c->layer, (struct span){c->answered, CALL_ROOM}, &error);
	if (n == 0) /* what the layer has no words for is left out, as on a connection */
		n = tl_encode(dc_downgrade(&c->arena, c->out.result, c->layer), c->layer,
			      (struct span){c->answered, CALL_ROOM}, &error);
	cr_assert_gt(n, 0, "%s: answer %s has no form in layer %d: %08x", tl_name(tl_cons(q)),
		     tl_name(tl_cons(c->out.result)), c->layer, error.id);
	copy = arena_take(&c->arena, n);
	memcpy(copy, c->answered, n);
	o = tl_decode_result(&c->arena, tl_cons(q), cspan_of(copy, n), &error);
	cr_assert_not_null(o, "%s: answer %s is not of its type in layer %d (fault %d, id %08x)",
			   tl_name(tl_cons(q)), tl_name(tl_cons(c->out.result)), c->layer,
			   error.fault, error.id);
	return o;
}

static inline void no(struct caller *c, const struct tl_obj *q, int32_t code, const char *text)
{
	call(c, q);
	cr_assert_eq(c->out.outcome, RPC_ERROR, "%s succeeded, wanted %s", tl_name(tl_cons(q)),
		     text);
	cr_assert_str_eq(c->out.text, text);
	cr_assert_eq(c->out.code, code, "%s has code %d", text, c->out.code);
}

/* ---- peers ---- */

static inline struct tl_obj *in_channel(struct caller *c, const struct chat *chat)
{
	struct tl_obj *o = tl_new(&c->arena, TLC_inputChannel);

	tl_set_long(o, TLF_channel_id, chat->id);
	tl_set_long(o, TLF_access_hash,
		    access_hash(c->w, c->account, (struct peer){PEER_CHANNEL, chat->id}));
	return o;
}

static inline struct tl_obj *in_peer(struct caller *c, const struct chat *chat)
{
	struct tl_obj *o =
	    tl_new(&c->arena, chat->kind == CHAT_GROUP ? TLC_inputPeerChat : TLC_inputPeerChannel);

	if (chat->kind == CHAT_GROUP) {
		tl_set_long(o, TLF_chat_id, chat->id);
		return o;
	}
	tl_set_long(o, TLF_channel_id, chat->id);
	tl_set_long(o, TLF_access_hash,
		    access_hash(c->w, c->account, (struct peer){PEER_CHANNEL, chat->id}));
	return o;
}

static inline struct tl_obj *in_self(struct caller *c)
{
	return tl_new(&c->arena, TLC_inputPeerSelf);
}

static inline struct tl_obj *in_user(struct caller *c, const struct user *u, bool as_peer)
{
	struct tl_obj *o = tl_new(&c->arena, as_peer ? TLC_inputPeerUser : TLC_inputUser);

	tl_set_long(o, TLF_user_id, u->id);
	tl_set_long(o, TLF_access_hash,
		    access_hash(c->w, c->account, (struct peer){PEER_USER, u->id}));
	return o;
}

/* A chat of one's own, by the method that makes it. */
static inline struct chat *new_chat(struct caller *c, bool broadcast, bool forum)
{
	struct tl_obj *q = ask(c, TLC_channels_createChannel);
	const struct tl_obj *o;

	tl_set_flag(q, TLF_broadcast, broadcast);
	tl_set_flag(q, TLF_megagroup, !broadcast);
	tl_set_flag(q, TLF_forum, forum);
	tl_set_str(q, TLF_title, "made");
	tl_set_str(q, TLF_about, "");
	o = ok(c, q);
	return chat_find(c->w, tl_long(tl_vec_obj(tl_vec(o, TLF_chats), 0), TLF_id));
}

/* ---- sending ---- */

static inline struct tl_obj *text_to(struct caller *c, const struct tl_obj *peer, const char *text,
				     int64_t random_id)
{
	struct tl_obj *q = ask(c, TLC_messages_sendMessage);

	tl_set_obj(q, TLF_peer, peer);
	tl_set_str(q, TLF_message, text);
	tl_set_long(q, TLF_random_id, random_id);
	return q;
}

static inline struct tl_obj *reply_to(struct caller *c, struct tl_obj *q, int32_t id, int32_t top)
{
	struct tl_obj *in = tl_new(&c->arena, TLC_inputReplyToMessage);

	if (c->layer < 160) {
		tl_set_int(q, TLF_reply_to_msg_id, id);
		return q;
	}
	tl_set_int(in, TLF_reply_to_msg_id, id);
	if (top != 0)
		tl_set_int(in, TLF_top_msg_id, top);
	tl_set_obj(q, TLF_reply_to, in);
	return in;
}

/* The id that updateMessageID gives to random_id; 0 when there is none. */
static inline int32_t made_id(const struct tl_obj *updates, int64_t random_id)
{
	struct tl_vec v = tl_vec(updates, TLF_updates);

	for (uint32_t i = 0; i < v.count; i++) {
		const struct tl_obj *u = tl_vec_obj(v, i);

		if (tl_cons(u) == TLC_updateMessageID && tl_long(u, TLF_random_id) == random_id)
			return tl_int(u, TLF_id);
	}
	return 0;
}

/* The message with that id among the updates. */
static inline const struct tl_obj *made_message(const struct tl_obj *updates, int32_t id)
{
	struct tl_vec v = tl_vec(updates, TLF_updates);

	for (uint32_t i = 0; i < v.count; i++) {
		const struct tl_obj *u = tl_vec_obj(v, i);
		enum tlc kind = tl_cons(u);

		if (kind != TLC_updateNewMessage && kind != TLC_updateNewChannelMessage)
			continue;
		if (tl_int(tl_sub(u, TLF_message), TLF_id) == id)
			return tl_sub(u, TLF_message);
	}
	return NULL;
}

static inline const struct tl_obj *made_one(const struct tl_obj *updates, int64_t random_id)
{
	const struct tl_obj *m = made_message(updates, made_id(updates, random_id));

	cr_assert_not_null(m);
	return m;
}

static inline int32_t say(struct caller *c, const struct chat *chat, const char *text, int64_t id)
{
	return made_id(ok(c, text_to(c, in_peer(c, chat), text, id)), id);
}

static inline bool is_text(struct cspan s, const char *text)
{
	return cspan_equal(s, cspan_str(text));
}

/* ---- files ---- */

static inline bool save_part(struct caller *c, int64_t file_id, int32_t part, int32_t total,
			     struct cspan bytes)
{
	struct tl_obj *q =
	    ask(c, total != 0 ? TLC_upload_saveBigFilePart : TLC_upload_saveFilePart);

	tl_set_long(q, TLF_file_id, file_id);
	tl_set_int(q, TLF_file_part, part);
	if (total != 0)
		tl_set_int(q, TLF_file_total_parts, total);
	tl_set_bytes(q, TLF_bytes, bytes);
	call(c, q);
	return c->out.outcome == RPC_OBJECT && tl_cons(c->out.result) == TLC_boolTrue;
}

static inline struct tl_obj *in_file(struct caller *c, int64_t id, int32_t parts, const char *name)
{
	struct tl_obj *o = tl_new(&c->arena, TLC_inputFile);

	tl_set_long(o, TLF_id, id);
	tl_set_int(o, TLF_parts, parts);
	tl_set_str(o, TLF_name, name);
	tl_set_str(o, TLF_md5_checksum, "");
	return o;
}

/* The smallest JPEG that says its size: enough for a simulator that only reads the header. */
static inline struct cspan jpeg(struct caller *c, uint32_t w, uint32_t h)
{
	static const uint8_t head[] = {0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J', 'F', 'I',
				       'F',  0,    1,    1,    0, 0,  1,   0,   1,
				       0,    0,    0xff, 0xc0, 0, 11, 8};
	uint8_t *p = arena_take(&c->arena, sizeof(head) + 12);

	memcpy(p, head, sizeof(head));
	p[sizeof(head)] = (uint8_t)(h >> 8);
	p[sizeof(head) + 1] = (uint8_t)h;
	p[sizeof(head) + 2] = (uint8_t)(w >> 8);
	p[sizeof(head) + 3] = (uint8_t)w;
	memcpy(p + sizeof(head) + 4, "\x01\x01\x11\x00\xff\xd9\x00\x00", 8);
	return cspan_of(p, sizeof(head) + 12);
}

static inline struct tl_obj *media_to(struct caller *c, const struct tl_obj *peer,
				      const struct tl_obj *media, int64_t random_id)
{
	struct tl_obj *q = ask(c, TLC_messages_sendMedia);

	tl_set_obj(q, TLF_peer, peer);
	tl_set_obj(q, TLF_media, media);
	tl_set_str(q, TLF_message, "");
	tl_set_long(q, TLF_random_id, random_id);
	return q;
}

/* An uploaded photo or document, not sent yet. */
static inline struct tl_obj *in_photo_upload(struct caller *c, int64_t file_id, uint32_t w,
					     uint32_t h)
{
	struct tl_obj *o = tl_new(&c->arena, TLC_inputMediaUploadedPhoto);

	cr_assert(save_part(c, file_id, 0, 0, jpeg(c, w, h)));
	tl_set_obj(o, TLF_file, in_file(c, file_id, 1, "a.jpg"));
	return o;
}

static inline struct tl_obj *in_document_upload(struct caller *c, int64_t file_id, const char *mime,
						const struct tl_obj *attribute)
{
	struct tl_obj *o = tl_new(&c->arena, TLC_inputMediaUploadedDocument);
	static const uint8_t bytes[2048] = "some bytes";

	cr_assert(save_part(c, file_id, 0, 0, cspan_of(bytes, sizeof(bytes))));
	tl_set_obj(o, TLF_file, in_file(c, file_id, 1, "a.bin"));
	tl_set_str(o, TLF_mime_type, mime);
	tl_set_vec(&c->arena, o, TLF_attributes, attribute != NULL);
	if (attribute != NULL)
		tl_put_obj(o, TLF_attributes, 0, attribute);
	return o;
}

/* What uploadMedia made of it, as an InputMedia by reference. */
static inline struct tl_obj *referenced(struct caller *c, const struct tl_obj *media)
{
	bool photo = tl_cons(media) == TLC_messageMediaPhoto;
	const struct tl_obj *file = tl_sub(media, photo ? TLF_photo : TLF_document);
	struct tl_obj *id = tl_new(&c->arena, photo ? TLC_inputPhoto : TLC_inputDocument);
	struct tl_obj *o = tl_new(&c->arena, photo ? TLC_inputMediaPhoto : TLC_inputMediaDocument);

	cr_assert_not_null(file);
	tl_set_long(id, TLF_id, tl_long(file, TLF_id));
	tl_set_long(id, TLF_access_hash, tl_long(file, TLF_access_hash));
	tl_set_bytes(id, TLF_file_reference, tl_bytes(file, TLF_file_reference));
	tl_set_obj(o, TLF_id, id);
	return o;
}

static inline struct tl_obj *uploaded(struct caller *c, const struct chat *chat,
				      const struct tl_obj *in)
{
	struct tl_obj *q = ask(c, TLC_messages_uploadMedia);

	tl_set_obj(q, TLF_peer, in_peer(c, chat));
	tl_set_obj(q, TLF_media, in);
	return referenced(c, ok(c, q));
}

#endif
