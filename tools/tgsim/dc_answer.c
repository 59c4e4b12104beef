/*
 * Answers to queries: rpc_result with an object, an error, or a file part that is only written into
 * its packet. Objects are told in the key's layer and packed when that pays. Owns nothing; an
 * answer belongs to whoever asked for it, until it is handed to a session.
 */
#include "tools/tgsim/dc_priv.h"

#include "proto/wire/inflate.h"
#include "proto/wire/tl.h"

#include <stdio.h>

enum { PACK_MIN = 1024, ERROR_TEXT_MAX = 200 };

/* ---- objects as bytes ---- */

/* Packs an object when that pays, or when a fault wants it. */
static struct cspan pack(struct dc_server *s, int dc, struct cspan object)
{
	bool force = faults_find(s->o.faults, FAULT_GZIP, dc, s->now) != NULL;
	struct span room = {s->packed + 8, DC_ENCODE_MAX - 16};
	uint8_t head[4];
	uint32_t head_len, packed_len, pad;

	if (object.len < PACK_MIN && !force)
		return object;
	packed_len = (uint32_t)deflate_object(object, room);
	if (packed_len == 0 || (!force && packed_len > object.len / 10 * 9))
		return object;
	head_len = tl_bytes_head(head, packed_len);
	pad = tl_bytes_pad(packed_len);
	store_le32(s->packed + 4 - head_len, ID_GZIP);
	memcpy(s->packed + 8 - head_len, head, head_len);
	memset(s->packed + 8 + packed_len, 0, pad);
	return cspan_of(s->packed + 4 - head_len, 4 + head_len + packed_len + pad);
}

enum { FUTURE = 0x5f07b1c3 };

/* A constructor of the future in the place of some messages, whatever they hold. */
static void make_strange(struct span object, int layer, const struct fault *f)
{
	enum { FLAGS_AT = 4, ID_AT = 12, OUT = 1 << 1 }; /* message: id, flags, flags2, then the number */
	uint32_t message = tl_id(TLC_message, layer);

	for (size_t at = 0; at + ID_AT + 4 <= object.len; at += 4)
		if (load_le32(object.at + at) == message &&
		    !(f->others && (load_le32(object.at + at + FLAGS_AT) & OUT) != 0) &&
		    load_le32(object.at + at + ID_AT) % f->of == 0)
			store_le32(object.at + at, FUTURE);
}

static struct cspan encode(struct dc_server *s, const struct dc_key *key, const struct tl_obj *o,
			   const struct fault *strange, struct tl_error *error)
{
	struct span to = {s->encoded, DC_ENCODE_MAX};
	size_t len = tl_encode(o, key->layer, to, error);

	if (len == 0 && o != NULL && error->fault == TL_UNKNOWN)
		len = tl_encode(dc_downgrade(&s->arena, o, key->layer), key->layer, to, error);
	s->o.stats->encode_failures += len == 0;
	if (strange != NULL)
		make_strange((struct span){s->encoded, len}, key->layer, strange);
	return len == 0 ? (struct cspan){NULL, 0} : pack(s, key->dc, cspan_of(s->encoded, len));
}

struct cspan dc_encode(struct dc_server *s, const struct dc_key *key, const struct tl_obj *o,
		       struct tl_error *error)
{
	return encode(s, key, o, NULL, error);
}

/* ---- rpc_result ---- */

static struct dc_out *make_raw(uint64_t req_msg_id, const char *name, struct cspan object)
{
	struct dc_out *out = dc_out_make(OUT_ANSWER, name, (uint32_t)(12 + object.len));

	store_le32(out->body, (uint32_t)ID_RPC_RESULT);
	store_le64(out->body + 4, req_msg_id);
	memcpy(out->body + 12, object.at, object.len);
	out->req_msg_id = req_msg_id;
	return out;
}

struct dc_out *dc_answer_error(uint64_t req_msg_id, const char *name, int32_t code,
			       const char *text)
{
	uint32_t text_len = (uint32_t)strnlen(text, ERROR_TEXT_MAX);
	uint8_t object[8 + 1 + ERROR_TEXT_MAX + 3];
	struct dc_out *out;
	struct tl_writer w;

	tl_writer_init(&w, (struct span){object, sizeof(object)});
	tl_write_u32(&w, ID_RPC_ERROR);
	tl_write_u32(&w, (uint32_t)code);
	tl_write_bytes(&w, cspan_of(text, text_len));
	check(!w.full);
	out = make_raw(req_msg_id, name, cspan_of(object, tl_written(&w)));
	out->error = (const char *)out->body + 12 + 8 + 1; /* zeros follow it in any case */
	return out;
}

/* All of it is of the future, when it holds so many messages. */
static void garble(struct dc_server *s, const struct dc_key *key, const char *name,
		   const struct tl_obj *result, struct cspan object)
{
	const struct fault *f = faults_fire(s->o.faults, FAULT_GARBLE, key->dc, FAULT_AT_CALL, name);

	if (f != NULL && object.len > 0 && tl_vec(result, TLF_messages).count >= f->of)
		store_le32((uint8_t *)(uintptr_t)object.at, FUTURE);
}

struct dc_out *dc_answer_object(struct dc_server *s, const struct dc_key *key, uint64_t req_msg_id,
				const char *name, const struct tl_obj *result)
{
	const struct fault *strange =
	    faults_fire(s->o.faults, FAULT_STRANGE, key->dc, FAULT_AT_CALL, name);
	struct tl_error error = {0};
	struct cspan object = encode(s, key, result, strange, &error);
	char text[64];

	garble(s, key, name, result, object);
	if (object.len > 0)
		return make_raw(req_msg_id, name, object);
	snprintf(text, sizeof(text), "ANSWER_NOT_IN_LAYER_%08x", error.id);
	return dc_answer_error(req_msg_id, name, 500, text);
}

struct dc_out *dc_answer_garbled(uint64_t req_msg_id, const char *name)
{
	uint8_t object[8] = {0};

	store_le32(object, FUTURE);
	return make_raw(req_msg_id, name, cspan_of(object, sizeof(object)));
}

struct dc_out *dc_answer_file(uint64_t req_msg_id, const char *name, const struct rpc_reply *reply)
{
	struct dc_out *out = dc_out_make(OUT_ANSWER, name, 0);
	uint8_t head[4];

	out->is_file = true;
	out->req_msg_id = req_msg_id;
	out->file_type = reply->file_type_id;
	out->file_mtime = reply->file_mtime;
	out->file = reply->file;
	out->file_offset = reply->file_offset;
	out->file_len = reply->file_len;
	out->len = DC_FILE_HEAD + tl_bytes_head(head, reply->file_len) + reply->file_len +
		   tl_bytes_pad(reply->file_len);
	return out;
}

/* ---- into the session ---- */

void dc_mark_done(struct dc_session *session, uint64_t msg_id, bool failed)
{
	struct dc_seen *seen = dc_seen_find(session, msg_id);

	if (seen == NULL)
		return;
	seen->flags &= ~(uint32_t)SEEN_WAITING;
	seen->flags |= SEEN_QUERY | (failed ? (uint32_t)SEEN_FAILED : 0u);
}

void dc_rpc_raw(struct dc_session *session, uint64_t req_msg_id, const char *name,
		struct cspan object)
{
	struct dc_out *out = make_raw(req_msg_id, name, object);

	dc_out_send(session, &out);
}

void dc_rpc_error(struct dc_session *session, uint64_t req_msg_id, const char *name, int32_t code,
		  const char *text)
{
	struct dc_out *out = dc_answer_error(req_msg_id, name, code, text);

	dc_mark_done(session, req_msg_id, true);
	dc_out_send(session, &out);
}
