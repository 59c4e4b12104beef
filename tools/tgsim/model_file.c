/*
 * Files as things with an id: finding and making them, their schema objects, references that
 * expire, digests. Where the bytes are is model_source.c's affair.
 *
 * A file reference is 25 bytes: version, generation (4), time of issue (4), 16 of a keyed hash over
 * those, the account and the file. Only the account it was given to can use it.
 */
#include "tools/tgsim/model_priv.h"

#include "proto/crypto/digest.h"

enum { REF_LEN = 25, REF_VERSION = 2 };

struct file *file_find(struct world *w, int64_t id)
{
	struct file *f = table_get(&w->files_by_id, (uint64_t)id);

	return f != NULL || id == 0 ? f : synth_file(w, id);
}

struct file *file_make(struct world *w, enum file_kind kind, int64_t size, int32_t date)
{
	struct file *f = world_take(w, sizeof(*f));
	uint64_t id;

	do
		id = ((uint64_t)world_random(w) & ((1ull << 58) - 1)) | 1ull << 58;
	while (table_get(&w->files_by_id, id) != NULL);
	f->kind = kind;
	f->id = (int64_t)id;
	f->size = size;
	f->date = date;
	f->dc = w->opt.file_dc;
	f->mime = "";
	table_put(w, &w->files_by_id, id, f);
	return f;
}

void file_known(struct world *w, struct file *f)
{
	if (f->size == 0)
		return;
	f->size_next = table_get(&w->files_by_size, (uint64_t)f->size);
	table_put(w, &w->files_by_size, (uint64_t)f->size, f);
}

void file_set_attrs(struct world *w, struct file *f, struct tl_vec attributes)
{
	struct tl_obj *o = tl_new(&w->arena, TLC_document);

	tl_set_vec(&w->arena, o, TLF_attributes, attributes.count);
	for (uint32_t i = 0; i < attributes.count; i++)
		tl_put_obj(o, TLF_attributes, i, tl_clone(&w->arena, tl_vec_obj(attributes, i)));
	check(o != NULL);
	f->attrs = o;
}

/* ---- hashes and references ---- */

int64_t file_access_hash(const struct world *w, const struct account *a, const struct file *f)
{
	int64_t h = (int64_t)keyed_hash(w->key, (uint64_t)a->user->id, 0x66696c65, (uint64_t)f->id);

	return h == 0 ? 1 : h;
}

static void reference_mac(const struct world *w, const struct account *a, const struct file *f,
			  uint8_t ref[REF_LEN])
{
	uint64_t when = load_le64(ref + 1);
	uint64_t id = (uint64_t)f->id;

	store_le64(ref + 9, keyed_hash(w->key, (uint64_t)a->user->id, when, id));
	store_le64(ref + 17, keyed_hash(~w->key, (uint64_t)a->user->id, when, id));
}

static void reference_make(const struct world *w, const struct account *a, const struct file *f,
			   int64_t now, uint8_t ref[REF_LEN])
{
	ref[0] = REF_VERSION;
	store_le32(ref + 1, w->ref_generation);
	store_le32(ref + 5, (uint32_t)(now / 1000000000));
	reference_mac(w, a, f, ref);
}

enum ref_state file_ref_check(const struct world *w, const struct account *a, const struct file *f,
			      struct cspan reference, int64_t now)
{
	uint8_t ref[REF_LEN];
	int64_t age;

	if (reference.len == 0)
		return REF_EMPTY;
	if (reference.len != REF_LEN || reference.at[0] != REF_VERSION)
		return REF_INVALID;
	memcpy(ref, reference.at, 9);
	reference_mac(w, a, f, ref);
	if (memcmp(ref, reference.at, REF_LEN) != 0)
		return REF_INVALID;
	age = now / 1000000000 - load_le32(ref + 5);
	if (load_le32(ref + 1) != w->ref_generation)
		return REF_EXPIRED;
	return w->opt.fileref_ttl_s > 0 && age >= w->opt.fileref_ttl_s ? REF_EXPIRED : REF_GOOD;
}

void world_inline(struct world *w, uint32_t most)
{
	w->inline_max = most;
}

void world_announce_less(struct world *w, uint32_t bytes)
{
	w->announce_less = bytes;
}

void world_expire_references(struct world *w)
{
	w->ref_generation++;
}

/* ---- schema objects ---- */

const struct tl_obj *file_stub(struct arena *arena, const struct file *f)
{
	struct tl_obj *o = tl_new(arena, f->kind == FILE_PHOTO ? TLC_photo : TLC_document);

	tl_set_long(o, TLF_id, f->id);
	return o;
}

const char *file_photo_size(const struct file *f)
{
	int32_t side = f->w > f->h ? f->w : f->h;

	if (side > 1280)
		return "w";
	return side > 800 ? "y" : side > 320 ? "x" : "m";
}

/* A small one may come with the answer (photoCachedSize). */
static const struct tl_obj *size_obj(struct world *w, struct arena *arena, const char *type, struct file *f)
{
	bool with_bytes = f->size > 0 && f->size <= w->inline_max;
	struct tl_obj *o = tl_new(arena, with_bytes ? TLC_photoCachedSize : TLC_photoSize);
	uint8_t *bytes = with_bytes ? arena_take(arena, (size_t)f->size) : NULL;

	tl_set_str(o, TLF_type, type);
	tl_set_int(o, TLF_w, f->w);
	tl_set_int(o, TLF_h, f->h);
	if (!with_bytes) {
		tl_set_int(o, TLF_size, (int32_t)f->size);
	} else if (bytes != NULL) {
		file_read(w, f, 0, bytes, (uint32_t)f->size);
		tl_set_bytes(o, TLF_bytes, cspan_of(bytes, (size_t)f->size));
	}
	return o;
}

/* The sizes a photo or document offers: "i" inline, then those with bytes of their own. */
static void set_sizes(struct world *w, struct arena *arena, struct tl_obj *o, enum tlf field, struct file *f)
{
	uint32_t n = (f->stripped.len > 0) + (f->thumb != NULL) + (f->kind == FILE_PHOTO);
	uint32_t i = 0;

	if (n == 0 && field == TLF_thumbs)
		return;
	tl_set_vec(arena, o, field, n);
	if (f->stripped.len > 0) {
		struct tl_obj *s = tl_new(arena, TLC_photoStrippedSize);

		tl_set_str(s, TLF_type, "i");
		tl_set_bytes(s, TLF_bytes, f->stripped);
		tl_put_obj(o, field, i++, s);
	}
	if (f->thumb != NULL)
		tl_put_obj(o, field, i++,
			   size_obj(w, arena, f->kind == FILE_PHOTO ? "s" : "m", f->thumb));
	if (f->kind == FILE_PHOTO)
		tl_put_obj(o, field, i, size_obj(w, arena, file_photo_size(f), f));
}

static void set_document(struct world *w, struct arena *arena, struct tl_obj *o, struct file *f)
{
	struct tl_vec attrs = tl_vec(f->attrs, TLF_attributes);

	tl_set_str(o, TLF_mime_type, f->mime);
	tl_set_long(o, TLF_size, f->size > w->announce_less ? f->size - w->announce_less : f->size);
	set_sizes(w, arena, o, TLF_thumbs, f);
	tl_set_vec(arena, o, TLF_attributes, attrs.count);
	for (uint32_t i = 0; i < attrs.count; i++)
		tl_put_obj(o, TLF_attributes, i, tl_vec_obj(attrs, i));
}

const struct tl_obj *file_obj(struct world *w, struct arena *arena, const struct account *a,
			      struct file *f, int64_t now)
{
	struct tl_obj *o = tl_new(arena, f->kind == FILE_PHOTO ? TLC_photo : TLC_document);
	uint8_t *ref = arena_take(arena, REF_LEN);

	if (ref == NULL)
		return NULL;
	reference_make(w, a, f, now, ref);
	tl_set_long(o, TLF_id, f->id);
	tl_set_long(o, TLF_access_hash, file_access_hash(w, a, f));
	tl_set_bytes(o, TLF_file_reference, cspan_of(ref, REF_LEN));
	tl_set_int(o, TLF_date, f->date);
	tl_set_int(o, TLF_dc_id, f->dc);
	if (f->kind == FILE_PHOTO)
		set_sizes(w, arena, o, TLF_sizes, f);
	else
		set_document(w, arena, o, f);
	return o;
}

struct file *file_sized(struct file *f, struct cspan type)
{
	const char *thumb = f->kind == FILE_PHOTO ? "s" : "m";

	if (f->thumb != NULL && cspan_equal(type, cspan_str(thumb)))
		return f->thumb;
	if (f->kind == FILE_PHOTO)
		return cspan_equal(type, cspan_str(file_photo_size(f))) ? f : NULL;
	return type.len == 0 ? f : NULL;
}

/* ---- bytes ---- */

static void note_recent(struct world *w, struct file *f)
{
	for (size_t i = 0; i < RECENT_ROOM; i++)
		if (w->recent[i] == f)
			return;
	w->recent[w->recent_at++ % RECENT_ROOM] = f;
}

void file_read(struct world *w, struct file *f, uint64_t offset, uint8_t *out, uint32_t len)
{
	uint64_t size = (uint64_t)f->size;
	uint32_t there = offset >= size ? 0 : len;

	if (there > size - offset && offset < size)
		there = (uint32_t)(size - offset);
	memset(out + there, 0, len - there);
	if (there > 0)
		source_read(w, f, offset, out, there);
	note_recent(w, f->source.kind == SOURCE_SAME ? f->source.same : f);
}

void world_file_read(struct world *w, uint64_t id, uint64_t offset, uint8_t *out, uint32_t len)
{
	struct file *f = file_find(w, (int64_t)id);

	check(f != NULL);
	file_read(w, f, offset, out, len);
}

bool file_sha256(struct world *w, struct file *f, uint8_t out[32])
{
	struct sha256_stream s;
	int64_t at = 0;

	if (f->source.kind == SOURCE_SAME)
		return file_sha256(w, f->source.same, out);
	if (f->source.kind == SOURCE_PARTS && !upload_all_kept(f->source.upload))
		return false;
	if (!f->digest_known) {
		sha256_init(&s);
		while (at < f->size) {
			uint32_t n = f->size - at < SCRATCH ? (uint32_t)(f->size - at) : SCRATCH;

			source_read(w, f, (uint64_t)at, w->scratch, n);
			sha256_put(&s, w->scratch, n);
			at += n;
		}
		sha256_end(&s, f->sha256);
		f->digest_known = true;
	}
	memcpy(out, f->sha256, 32);
	return true;
}
