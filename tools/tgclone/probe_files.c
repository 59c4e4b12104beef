/*
 * Small files of the probe: saved in two parts, stored by uploadMedia, and how long both live without
 * being sent; and whether upload.getFileHashes knows an ordinary document.
 */
#include "tools/tgclone/probe_priv.h"

#include "proto/crypto/digest.h"

#include <stdio.h>
#include <string.h>

static const char file_name[] = "tgclone-probe.bin";

/* Bytes that only this file has. */
static void fill(uint8_t *bytes, int64_t file_id, int32_t part)
{
	for (uint32_t i = 0; i < PROBE_PART; i++)
		bytes[i] = (uint8_t)((uint64_t)file_id >> (i % 8 * 8)) ^
			   (uint8_t)(i + 31 * (uint32_t)part);
}

enum client_status probe_save_part(struct probe *p, int64_t file_id, int32_t part)
{
	uint8_t bytes[PROBE_PART];
	const struct tl_obj *answer;
	enum client_status status;
	struct tl_obj *q;

	client_fresh(&p->cl);
	fill(bytes, file_id, part);
	q = tl_new(&p->cl.arena, TLC_upload_saveFilePart);
	tl_set_long(q, TLF_file_id, file_id);
	tl_set_int(q, TLF_file_part, part);
	tl_set_bytes(q, TLF_bytes, cspan_of(bytes, sizeof(bytes)));
	status = probe_ask(p, TLC_upload_saveFilePart, q, &answer);
	if (status == CLIENT_OK && tl_cons(answer) != TLC_boolTrue) {
		snprintf(p->cl.text, sizeof(p->cl.text), "a part was answered with false");
		return CLIENT_REFUSED;
	}
	return status;
}

const struct tl_obj *probe_uploaded(struct arena *a, int64_t file_id)
{
	struct tl_obj *media = tl_new(a, TLC_inputMediaUploadedDocument);
	struct tl_obj *name = tl_new(a, TLC_documentAttributeFilename);

	tl_set_str(name, TLF_file_name, file_name);
	tl_set_flag(media, TLF_force_file, true);
	tl_set_obj(media, TLF_file,
		   media_input_file(a, file_id, PROBE_PARTS, false, cspan_str(file_name)));
	tl_set_str(media, TLF_mime_type, "application/octet-stream");
	tl_set_vec(a, media, TLF_attributes, 1);
	tl_put_obj(media, TLF_attributes, 0, name);
	return media;
}

const struct tl_obj *probe_stored(struct arena *a, const struct probe_document *d)
{
	struct tl_obj *media = tl_new(a, TLC_inputMediaDocument);
	struct tl_obj *id = tl_new(a, TLC_inputDocument);

	tl_set_long(id, TLF_id, d->id);
	tl_set_long(id, TLF_access_hash, d->access_hash);
	tl_set_bytes(id, TLF_file_reference, cspan_of(d->reference, d->reference_len));
	tl_set_obj(media, TLF_id, id);
	return media;
}

enum client_status probe_store(struct probe *p, const struct probe_chat *chat, int64_t file_id,
			       struct probe_document *d)
{
	struct arena *a = &p->cl.arena;
	const struct tl_obj *answer;
	enum client_status status;
	struct media m;

	client_fresh(&p->cl);
	status = probe_ask(p, TLC_messages_uploadMedia,
			   ask_upload_media(a, chat->peer, probe_uploaded(a, file_id)), &answer);
	if (status != CLIENT_OK)
		return status;
	media_read(answer, &m);
	if (!m.has_file || m.file.reference.len > sizeof(d->reference)) {
		snprintf(p->cl.text, sizeof(p->cl.text), "uploadMedia answered no document");
		return CLIENT_REFUSED;
	}
	*d = (struct probe_document){.id = m.file.id,
				     .access_hash = m.file.access_hash,
				     .dc = m.file.dc,
				     .reference_len = (uint32_t)m.file.reference.len};
	memcpy(d->reference, m.file.reference.at, m.file.reference.len);
	return CLIENT_OK;
}

enum client_status probe_upload(struct probe *p, const struct probe_chat *chat,
				struct probe_document *d)
{
	int64_t file_id = probe_random(p);
	enum client_status status = CLIENT_OK;

	for (int32_t i = 0; i < PROBE_PARTS && status == CLIENT_OK; i++)
		status = probe_save_part(p, file_id, i);
	return status == CLIENT_OK ? probe_store(p, chat, file_id, d) : status;
}

/* ---- lifetimes ---- */

void probe_lifetimes_begin(struct probe *p, const struct probe_chat *chat)
{
	p->half_id = probe_random(p);
	p->half = probe_save_part(p, p->half_id, 0);
	p->unsent = p->half == CLIENT_OK ? probe_upload(p, chat, &p->document) : p->half;
}

static void tell_life(struct probe *p, const char *what, const char *where, enum client_status status)
{
	unsigned long long waited =
	    (unsigned long long)app_options(p->cl.app)->probe_wait_ns / 1000000000;
	char text[220];

	if (status == CLIENT_OK) {
		snprintf(text, sizeof(text), "still there after %llu s", waited);
		probe_tell(p, what, where, PROBE_EXPECTED, "kept", text);
	} else if (status == CLIENT_REFUSED) {
		snprintf(text, sizeof(text), "gone after %llu s: %s", waited, p->cl.text);
		probe_tell(p, what, where, PROBE_OTHERWISE, "gone", text);
	}
}

static void half_end(struct probe *p, const struct probe_chat *chat)
{
	static const char what[] = "half an upload";
	enum client_status status = p->half;
	struct probe_document d;

	if (status == CLIENT_OK)
		status = probe_save_part(p, p->half_id, 1);
	if (status == CLIENT_REFUSED)
		probe_tell(p, what, chat->kind, PROBE_UNTESTED, "untested", p->cl.text);
	if (status == CLIENT_OK)
		tell_life(p, what, chat->kind, probe_store(p, chat, p->half_id, &d));
}

void probe_lifetimes_end(struct probe *p, const struct probe_chat *chat)
{
	static const char what[] = "a document not sent";
	struct post post = {.to = chat->peer, .topic = chat->topic, .silent = true};
	const struct tl_obj *answer;

	half_end(p, chat);
	if (p->unsent == CLIENT_REFUSED)
		probe_tell(p, what, chat->kind, PROBE_UNTESTED, "untested", "uploadMedia was refused");
	if (p->unsent != CLIENT_OK)
		return;
	client_fresh(&p->cl);
	post.random_id = probe_random(p);
	post.media = probe_stored(&p->cl.arena, &p->document);
	tell_life(p, what, chat->kind,
		  probe_ask(p, TLC_messages_sendMedia, ask_send(&p->cl.arena, &post), &answer));
}

/* ---- hashes ---- */

/* Every piece that is named is what we uploaded, and together they are all of it. */
static bool hashes_right(struct tl_vec pieces, int64_t file_id)
{
	uint8_t bytes[PROBE_PARTS * PROBE_PART], digest[32];
	int64_t at = 0;

	for (int32_t i = 0; i < PROBE_PARTS; i++)
		fill(bytes + i * PROBE_PART, file_id, i);
	for (uint32_t i = 0; i < pieces.count; i++) {
		const struct tl_obj *piece = tl_vec_obj(pieces, i);
		int64_t limit = tl_int(piece, TLF_limit);

		if (tl_long(piece, TLF_offset) != at || limit <= 0 ||
		    limit > (int64_t)sizeof(bytes) - at)
			return false;
		digest_sha256(digest, (struct cspan[]){{bytes + at, (size_t)limit}}, 1);
		if (!cspan_equal(tl_bytes(piece, TLF_hash), cspan_of(digest, sizeof(digest))))
			return false;
		at += limit;
	}
	return at == (int64_t)sizeof(bytes);
}

static enum client_status ask_hashes(struct probe *p, const struct probe_document *d,
				     struct tl_vec *pieces)
{
	struct media_file f = {.id = d->id,
			       .access_hash = d->access_hash,
			       .reference = cspan_of(d->reference, d->reference_len),
			       .dc = d->dc};
	const struct tl_obj *answer;
	enum client_status status;
	struct tl_obj *q;

	client_fresh(&p->cl);
	q = tl_new(&p->cl.arena, TLC_upload_getFileHashes);
	tl_set_obj(q, TLF_location, media_location(&p->cl.arena, &f));
	status = probe_ask_at(p, (uint16_t)d->dc, TLC_upload_getFileHashes, q, &answer);
	if (status == CLIENT_OK)
		*pieces = tl_vec(answer, TLF_items);
	return status;
}

void probe_hashes(struct probe *p, const struct probe_chat *chat)
{
	static const char what[] = "hashes of a document";
	int64_t file_id = probe_random(p);
	enum client_status status = CLIENT_OK;
	struct probe_document d;
	struct tl_vec pieces;

	for (int32_t i = 0; i < PROBE_PARTS && status == CLIENT_OK; i++)
		status = probe_save_part(p, file_id, i);
	if (status == CLIENT_OK)
		status = probe_store(p, chat, file_id, &d);
	if (status == CLIENT_REFUSED)
		probe_tell(p, what, chat->kind, PROBE_UNTESTED, "untested", p->cl.text);
	if (status != CLIENT_OK)
		return;
	status = ask_hashes(p, &d, &pieces);
	/* Either way is well: verify reads the bytes back. Only a wrong hash would be news. */
	if (status == CLIENT_REFUSED)
		probe_tell(p, what, chat->kind, PROBE_EXPECTED, "refused", p->cl.text);
	else if (status == CLIENT_OK && pieces.count == 0)
		probe_tell(p, what, chat->kind, PROBE_EXPECTED, "none", "the server names no piece");
	else if (status == CLIENT_OK && hashes_right(pieces, file_id))
		probe_tell(p, what, chat->kind, PROBE_EXPECTED, "hashed", "all of it, and rightly");
	else if (status == CLIENT_OK)
		probe_tell(p, what, chat->kind, PROBE_OTHERWISE, "wrong", "not the file's bytes");
}
