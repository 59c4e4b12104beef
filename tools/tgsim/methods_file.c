/*
 * upload.*: parts in, bytes out. The parts themselves and their size rules are the model's
 * (model_upload.c); here are the rules of getFile (api.md 8), the DC of a file, and the knobs that
 * let parts be refused, lost or forgotten.
 */
#include "tools/tgsim/methods_priv.h"

#include "proto/crypto/digest.h"

enum {
	BLOCK = 1048576,
	HASH_PIECE = 131072,
	HASH_PIECES = 8, /* in one answer */
	SMALL_PARTS = 8000,
};

/* ---- uploads ---- */

/* When an upload began and which parts came since; kept only while upload-ttl is set. */
struct upload_note {
	struct upload_note *next;
	int64_t account, file_id;
	int64_t began_ns;
	int32_t lost; /* part that must come again; -1: none */
	uint8_t came[SMALL_PARTS / 8];
};

static struct upload_note *note_find(struct rpc *r, int64_t file_id, bool make)
{
	struct methods *m = methods_of(r->world);
	int64_t account = r->account->user->id;
	struct upload_note *n = m->uploads;

	while (n != NULL && (n->account != account || n->file_id != file_id))
		n = n->next;
	if (n != NULL || !make)
		return n;
	n = world_take(r->world, sizeof(*n));
	*n = (struct upload_note){.next = m->uploads, .account = account, .file_id = file_id};
	n->began_ns = r->now;
	n->lost = -1;
	m->uploads = n;
	return n;
}

static bool note_old(const struct rpc *r, const struct upload_note *n)
{
	int64_t ttl = methods_of(r->world)->upload_ttl_s;

	return ttl > 0 && r->now - n->began_ns >= ttl * INT64_C(1000000000);
}

static void note_part(struct rpc *r, int64_t file_id, int32_t part)
{
	bool timed = methods_of(r->world)->upload_ttl_s > 0;
	struct upload_note *n = note_find(r, file_id, timed);

	if (n == NULL || part < 0 || part >= SMALL_PARTS)
		return;
	if (note_old(r, n)) {
		memset(n->came, 0, sizeof(n->came));
		n->began_ns = r->now;
	}
	n->came[part / 8] |= (uint8_t)(1 << part % 8);
	if (n->lost == part)
		n->lost = -1;
}

static bool missing(struct rpc_reply *out, int32_t part)
{
	rpc_error(out, 400, "FILE_PART_%d_MISSING", part);
	return false;
}

/* Nothing that the knobs took away? */
static bool note_whole(struct rpc *r, const struct tl_obj *input, struct rpc_reply *out)
{
	struct methods *m = methods_of(r->world);
	int32_t parts = tl_int(input, TLF_parts), lose = (int32_t)m->part_lose - 1;
	struct upload_note *n;

	if (lose >= 0 && lose < parts) {
		note_find(r, tl_long(input, TLF_id), true)->lost = lose;
		m->part_lose = 0;
	}
	n = note_find(r, tl_long(input, TLF_id), false);
	if (n != NULL && n->lost >= 0)
		return missing(out, n->lost);
	if (m->upload_ttl_s == 0)
		return true;
	if (n == NULL || note_old(r, n))
		return missing(out, 0);
	for (int32_t i = 0; i < parts && i < SMALL_PARTS; i++)
		if (!(n->came[i / 8] & 1 << i % 8))
			return missing(out, i);
	return true;
}

static void save(struct rpc *r, const struct tl_obj *q, bool big, struct rpc_reply *out)
{
	struct methods *m = methods_of(r->world);
	int64_t id = tl_long(q, TLF_file_id);
	int32_t part = tl_int(q, TLF_file_part);
	struct refusal why = {0, ""};

	if (m->part_false > 0) {
		m->part_false--;
		rpc_bool(r, out, false);
		return;
	}
	if (!upload_part(r->world, r->account, id, part, tl_int(q, TLF_file_total_parts), big,
			 tl_bytes(q, TLF_bytes), &why)) {
		rpc_error(out, why.code, "%s", why.text);
		return;
	}
	note_part(r, id, part);
	rpc_bool(r, out, true);
}

static void save_file_part(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	save(r, q, false, out);
}

static void save_big_file_part(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	save(r, q, true, out);
}

/* Files that came from clients, by id. */
struct own_file {
	struct own_file *next;
	int64_t id;
};

static struct own_file **own_slot(struct world *w, int64_t id)
{
	struct methods *m = methods_of(w);

	return &m->own_files[(uint64_t)id * UINT64_C(0x9e3779b97f4a7c15) >> 54];
}

bool file_is_own(struct world *w, const struct file *f)
{
	for (const struct own_file *o = *own_slot(w, f->id); o != NULL; o = o->next)
		if (o->id == f->id)
			return true;
	return false;
}

struct file *upload_take(struct rpc *r, const struct tl_obj *input, enum file_kind kind,
			 struct rpc_reply *out)
{
	struct refusal why = {0, ""};
	struct own_file **slot, *own;
	struct file *f;

	if (!note_whole(r, input, out))
		return NULL;
	f = upload_finish(r->world, r->account, input, kind, rpc_date(r), &why);
	if (f == NULL) {
		rpc_error(out, why.code, "%s", why.text);
		return NULL;
	}
	slot = own_slot(r->world, f->id);
	own = world_take(r->world, sizeof(*own));
	*own = (struct own_file){*slot, f->id};
	*slot = own;
	return f;
}

/* ---- locations ---- */

static bool refuse(struct rpc_reply *out, int32_t code, const char *text)
{
	rpc_error(out, code, "%s", text);
	return false;
}

/* Document or photo: id, hash, DC, reference, size. */
static bool locate_stored(struct rpc *r, const struct tl_obj *at, enum file_kind kind,
			  struct file **file, struct rpc_reply *out)
{
	struct file *f = file_find(r->world, tl_long(at, TLF_id));

	if (f == NULL || f->kind != kind)
		return refuse(out, 400, "FILE_ID_INVALID");
	if (tl_long(at, TLF_access_hash) != file_access_hash(r->world, r->account, f))
		return refuse(out, 400, "LOCATION_INVALID");
	if (f->dc != r->dc) {
		rpc_error(out, 303, "FILE_MIGRATE_%d", f->dc);
		return false;
	}
	switch (file_ref_check(r->world, r->account, f, tl_bytes(at, TLF_file_reference), r->now)) {
	case REF_GOOD:
		break;
	case REF_EMPTY:
		return refuse(out, 400, "FILE_REFERENCE_EMPTY");
	case REF_EXPIRED:
		return refuse(out, 400, "FILE_REFERENCE_EXPIRED");
	case REF_INVALID:
		return refuse(out, 400, "FILE_REFERENCE_INVALID");
	}
	if (methods_of(r->world)->thumb_gone && kind == FILE_DOCUMENT &&
	    tl_bytes(at, TLF_thumb_size).len > 0)
		return refuse(out, 400, "FILE_REFERENCE_INVALID");
	*file = file_sized(f, tl_bytes(at, TLF_thumb_size));
	return *file != NULL || refuse(out, 400, "LOCATION_INVALID");
}

/* The photo of a chat: no reference, the peer is the proof. */
static bool locate_peer_photo(struct rpc *r, const struct tl_obj *at, struct file **file,
			      struct rpc_reply *out)
{
	struct target t;

	if (!peer_take(r, tl_sub(at, TLF_peer), &t, out))
		return false;
	*file = t.chat == NULL ? NULL : t.chat->photo;
	if (*file == NULL || (*file)->id != tl_long(at, TLF_photo_id))
		return refuse(out, 400, "LOCATION_INVALID");
	if ((*file)->dc != r->dc) {
		rpc_error(out, 303, "FILE_MIGRATE_%d", (*file)->dc);
		return false;
	}
	return true;
}

static bool locate(struct rpc *r, const struct tl_obj *at, struct file **file,
		   struct rpc_reply *out)
{
	switch (tl_cons(at)) {
	case TLC_inputDocumentFileLocation:
		return locate_stored(r, at, FILE_DOCUMENT, file, out);
	case TLC_inputPhotoFileLocation:
		return locate_stored(r, at, FILE_PHOTO, file, out);
	case TLC_inputPeerPhotoFileLocation:
		return locate_peer_photo(r, at, file, out);
	default:
		return refuse(out, 400, "LOCATION_INVALID");
	}
}

/* ---- bytes out ---- */

/*
 * offset and limit in steps of 4 KiB and limit a power of two, or with `precise` both in steps of
 * 1 KiB; never across a border of 1 MiB.
 */
static bool range_good(int64_t offset, int32_t limit, bool precise, struct rpc_reply *out)
{
	int32_t step = precise ? 1024 : 4096;

	if (offset < 0 || offset % step != 0)
		return refuse(out, 400, "OFFSET_INVALID");
	if (limit <= 0 || limit > BLOCK || limit % step != 0 || (!precise && BLOCK % limit != 0))
		return refuse(out, 400, "LIMIT_INVALID");
	if (offset / BLOCK != (offset + limit - 1) / BLOCK)
		return refuse(out, 400, "LIMIT_INVALID");
	return true;
}

/* Sent to a CDN although the client did not say that it can do that. */
static void redirect(struct rpc *r, struct rpc_reply *out)
{
	static const uint8_t secret[32] = {7};
	struct tl_obj *o = tl_new(r->arena, TLC_upload_fileCdnRedirect);

	tl_set_int(o, TLF_dc_id, 203);
	tl_set_bytes(o, TLF_file_token, cspan_of(secret, 16));
	tl_set_bytes(o, TLF_encryption_key, cspan_of(secret, 32));
	tl_set_bytes(o, TLF_encryption_iv, cspan_of(secret, 16));
	tl_set_vec(r->arena, o, TLF_file_hashes, 0);
	rpc_result(out, o);
}

static void get_file(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct methods *m = methods_of(r->world);
	int64_t offset = tl_long(q, TLF_offset), left;
	int32_t limit = tl_int(q, TLF_limit);
	struct file *f;

	if (!range_good(offset, limit, tl_flag(q, TLF_precise), out) ||
	    !locate(r, tl_sub(q, TLF_location), &f, out))
		return;
	if (m->cdn_redirect > 0) {
		m->cdn_redirect--;
		redirect(r, out);
		return;
	}
	left = offset < f->size ? f->size - offset : 0;
	out->outcome = RPC_FILE;
	out->file = (uint64_t)f->id;
	out->file_offset = (uint64_t)offset;
	out->file_len = (uint32_t)(left < limit ? left : limit);
	out->file_type_id = tl_id(file_type(r->world, f), r->layer);
	out->file_mtime = f->date;
	if (m->short_read > 0 && out->file_len > 1024) {
		m->short_read--;
		out->file_len = out->file_len / 2 & ~1023u;
	}
	if (m->long_read > 0 && out->file_len + 1024 <= f->size) {
		m->long_read--;
		out->file_offset = 0; /* any bytes will do, as long as they are there */
		out->file_len += 1024;
	}
}

static const struct tl_obj *hash_obj(struct rpc *r, struct file *f, int64_t offset, uint8_t *room)
{
	struct tl_obj *o = tl_new(r->arena, TLC_fileHash);
	int64_t left = f->size - offset;
	uint32_t len = (uint32_t)(left < HASH_PIECE ? left : HASH_PIECE);
	uint8_t *digest = arena_take(r->arena, 32);
	struct cspan bytes = {room, len};

	if (digest == NULL)
		return NULL;
	file_read(r->world, f, (uint64_t)offset, room, len);
	digest_sha256(digest, &bytes, 1);
	tl_set_long(o, TLF_offset, offset);
	tl_set_int(o, TLF_limit, (int32_t)len);
	tl_set_bytes(o, TLF_hash, cspan_of(digest, 32));
	return o;
}

static void get_file_hashes(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	int64_t offset = tl_long(q, TLF_offset), pieces;
	uint8_t *room;
	struct tl_obj *v;
	struct file *f;

	if (!locate(r, tl_sub(q, TLF_location), &f, out))
		return;
	if (offset < 0) {
		rpc_error(out, 400, "OFFSET_INVALID");
		return;
	}
	offset -= offset % HASH_PIECE;
	pieces = offset >= f->size ? 0 : (f->size - offset + HASH_PIECE - 1) / HASH_PIECE;
	if (pieces > HASH_PIECES)
		pieces = HASH_PIECES;
	if (!methods_of(r->world)->file_hashes)
		pieces = 0;
	room = arena_take(r->arena, HASH_PIECE);
	v = tl_new_vector(r->arena, (uint32_t)pieces);
	if (room == NULL || v == NULL) {
		rpc_error(out, 500, "RPC_CALL_FAIL");
		return;
	}
	for (int64_t i = 0; i < pieces; i++)
		tl_put_obj(v, TLF_items, (uint32_t)i,
			   hash_obj(r, f, offset + i * HASH_PIECE, room));
	rpc_result(out, v);
}

const struct method methods_file_table[] = {
    {TLC_upload_saveBigFilePart, save_big_file_part, 0, LIMIT_UPLOAD},
    {TLC_upload_saveFilePart, save_file_part, 0, LIMIT_UPLOAD},
    {TLC_upload_getFile, get_file, METHOD_ANY_DC, LIMIT_DOWNLOAD},
    {TLC_upload_getFileHashes, get_file_hashes, METHOD_ANY_DC, LIMIT_DOWNLOAD},
    {TLC_none, NULL, 0, LIMIT_NONE},
};
