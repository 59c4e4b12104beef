/*
 * Uploads: parts as they come, then a file. The rules of saveFilePart and saveBigFilePart that a
 * real server enforces are here, with its words.
 *
 * A part that equals the bytes of a file that was read lately, at the same place, is only marked as
 * such: a client that moves files through us costs no memory. From the first such part on, `like`
 * is that file. When the upload is finished it is compared once more with all files of its size.
 */
#include "tools/tgsim/model_priv.h"

#include "proto/crypto/digest.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	PART_MAX = 524288,
	PARTS_MAX = 4000,
	PARTS_MAX_PREMIUM = 8000,
	SMALL_MAX = 10485760,
	SAME_SIZE_MAX = 256, /* files of one size that a finished upload is compared with */
};

enum part_state { PART_NONE, PART_SAME, PART_KEPT, PART_DIGEST };

struct part {
	enum part_state state;
	uint32_t len;
	uint64_t offset;       /* KEPT: in the spill file */
	const uint8_t *digest; /* DIGEST: SHA-256 */
};

struct upload {
	int64_t account, file_id;
	bool big;
	int32_t total;      /* as announced; 0 or -1: not known */
	uint32_t part_size; /* 0: not known yet */
	struct part *parts;
	uint32_t room;
	uint32_t count;    /* once finished */
	struct file *like; /* what the SAME parts equal */
	struct file *made; /* once finished */
};

static bool refuse(struct refusal *r, const char *text)
{
	r->code = 400;
	snprintf(r->text, sizeof(r->text), "%s", text);
	return false;
}

/* ---- bytes of parts ---- */

static uint64_t part_offset(const struct upload *u, uint32_t i)
{
	return (uint64_t)i * u->part_size;
}

static void part_read(struct world *w, const struct upload *u, uint32_t i, uint32_t from,
		      uint8_t *out, uint32_t len)
{
	const struct part *p = &u->parts[i];

	if (p->state == PART_SAME)
		source_read(w, u->like, part_offset(u, i) + from, out, len);
	else if (p->state != PART_KEPT || !spill_get(&w->spill, p->offset + from, out, len))
		memset(out, 0, len);
}

void upload_bytes(struct world *w, const struct upload *u, uint64_t offset, uint8_t *out,
		 uint32_t len)
{
	while (len > 0) {
		uint32_t i = (uint32_t)(offset / u->part_size);
		uint32_t from = (uint32_t)(offset % u->part_size), n;

		if (i >= u->count || from >= u->parts[i].len)
			return;
		n = u->parts[i].len - from;
		if (n > len)
			n = len;
		part_read(w, u, i, from, out, n);
		offset += n;
		out += n;
		len -= n;
	}
}

bool upload_all_kept(const struct upload *u)
{
	for (uint32_t i = 0; i < u->count; i++)
		if (u->parts[i].state == PART_DIGEST)
			return false;
	return true;
}

/* ---- what it repeats ---- */

static bool same_part(struct world *w, struct upload *u, uint32_t part, struct cspan bytes)
{
	uint64_t offset = part_offset(u, part);

	if (u->part_size == 0 || bytes.len == 0)
		return false;
	if (u->like != NULL)
		return source_equal(w, u->like, offset, bytes);
	for (uint32_t i = 0; i < RECENT_ROOM; i++) {
		struct file *f = w->recent[(w->recent_at - 1 - i) % RECENT_ROOM];

		if (f != NULL && source_equal(w, f, offset, bytes)) {
			u->like = f;
			return true;
		}
	}
	return false;
}

/* Is the whole upload, of the same size, the same bytes? */
static bool repeats(struct world *w, const struct upload *u, const struct file *f)
{
	for (uint32_t i = 0; i < u->count; i++) {
		const struct part *p = &u->parts[i];
		uint64_t at = part_offset(u, i);
		uint8_t digest[32];
		struct cspan bytes;

		if (p->len == 0 || (p->state == PART_SAME && u->like == f))
			continue;
		if (p->state == PART_DIGEST) {
			source_read(w, f, at, w->scratch, p->len);
			bytes = cspan_of(w->scratch, p->len);
			digest_sha256(digest, &bytes, 1);
			if (memcmp(digest, p->digest, sizeof(digest)) != 0)
				return false;
			continue;
		}
		part_read(w, u, i, 0, w->scratch, p->len);
		if (!source_equal(w, f, at, cspan_of(w->scratch, p->len)))
			return false;
	}
	return true;
}

static struct file *find_original(struct world *w, const struct upload *u, int64_t size)
{
	struct file *f = u->like;
	uint32_t tries = 0;

	if (f != NULL && f->size == size && repeats(w, u, f))
		return f;
	f = table_get(&w->files_by_size, (uint64_t)size);
	for (; f != NULL && tries < SAME_SIZE_MAX; f = f->size_next, tries++)
		if (repeats(w, u, f))
			return f;
	return NULL;
}

/* ---- one part ---- */

static struct upload *upload_find(struct world *w, const struct account *a, int64_t file_id,
				  bool big, bool make)
{
	uint64_t key = keyed_hash(w->key, (uint64_t)a->user->id, (uint64_t)file_id, big);
	struct upload *u = table_get(&w->uploads, key | 1);

	if (u != NULL || !make)
		return u;
	u = world_take(w, sizeof(*u));
	u->account = a->user->id;
	u->file_id = file_id;
	u->big = big;
	table_put(w, &w->uploads, key | 1, u);
	return u;
}

static int32_t parts_max(const struct account *a)
{
	return a->user->premium ? PARTS_MAX_PREMIUM : PARTS_MAX;
}

static bool good_part_size(size_t len)
{
	return len > 0 && len % 1024 == 0 && PART_MAX % len == 0;
}

static bool check_part(const struct account *a, const struct upload *u, int32_t part, int32_t total,
		       size_t len, struct refusal *r)
{
	bool last = u->big && total == part + 1;

	if (len == 0 && !(last && part > 0))
		return refuse(r, "FILE_PART_EMPTY");
	if (len > PART_MAX)
		return refuse(r, "FILE_PART_TOO_BIG");
	if (part < 0 || part >= parts_max(a))
		return refuse(r, "FILE_PART_INVALID");
	if (!u->big)
		return true;
	if (total != -1 && (total < 1 || total > parts_max(a)))
		return refuse(r, "FILE_PARTS_INVALID");
	if (total != -1 && part >= total)
		return refuse(r, "FILE_PART_INVALID");
	if (total > 0 && u->total > 0 && total != u->total)
		return refuse(r, "FILE_PARTS_INVALID");
	if (last)
		return u->part_size == 0 || len <= u->part_size ||
		       refuse(r, "FILE_PART_SIZE_CHANGED");
	if (!good_part_size(len))
		return refuse(r, "FILE_PART_SIZE_INVALID");
	if (u->part_size != 0 && len != u->part_size)
		return refuse(r, "FILE_PART_SIZE_CHANGED");
	return true;
}

static void reserve_parts(struct world *w, struct upload *u, uint32_t count)
{
	struct part *parts;
	uint32_t room = u->total > 0 ? (uint32_t)u->total : u->room * 2;

	if (count <= u->room)
		return;
	if (room < count)
		room = count;
	parts = world_take(w, room * sizeof(*parts));
	if (u->room > 0)
		memcpy(parts, u->parts, u->room * sizeof(*parts));
	u->parts = parts;
	u->room = room;
}

static void drop_part(struct world *w, struct part *p)
{
	if (p->state == PART_KEPT)
		spill_drop(w, p->offset, p->len);
	*p = (struct part){.state = PART_NONE};
}

static void keep_part(struct world *w, struct upload *u, uint32_t i, struct cspan bytes)
{
	struct part *p = &u->parts[i];
	uint8_t *digest;

	drop_part(w, p);
	p->len = (uint32_t)bytes.len;
	if (bytes.len == 0 || same_part(w, u, i, bytes)) {
		p->state = PART_SAME;
	} else if (spill_put(w, bytes, &p->offset)) {
		p->state = PART_KEPT;
	} else {
		p->state = PART_DIGEST;
		digest = world_take(w, 32);
		digest_sha256(digest, &bytes, 1);
		p->digest = digest;
	}
}

/*
 * The size of a part became known, or was guessed from a last part that came first. SAME parts
 * stand at a multiple of it: they are looked at again.
 */
static void set_part_size(struct world *w, struct upload *u, uint32_t size)
{
	uint32_t old = u->part_size;

	if (size == old)
		return;
	for (uint32_t i = 0; i < u->room; i++) {
		uint32_t len = u->parts[i].len;

		if (u->parts[i].state != PART_SAME || len == 0)
			continue;
		u->part_size = old;
		part_read(w, u, i, 0, w->scratch, len);
		u->part_size = size;
		keep_part(w, u, i, cspan_of(w->scratch, len));
	}
	u->part_size = size;
}

/* A part of a finished upload comes once more: as it was, or is it the start of another upload? */
static bool repeated_part(struct world *w, const struct upload *u, uint32_t i, struct cspan bytes)
{
	if (i >= u->count || u->parts[i].len != bytes.len)
		return false;
	if (u->parts[i].state == PART_DIGEST)
		return true;
	part_read(w, u, i, 0, w->scratch, (uint32_t)bytes.len);
	return memcmp(w->scratch, bytes.at, bytes.len) == 0;
}

/* Later files may alias `made`, which reads through the old struct: it stays, a fresh one starts.
 */
static struct upload *restart(struct world *w, const struct account *a, struct upload *old)
{
	uint64_t key = keyed_hash(w->key, (uint64_t)a->user->id, (uint64_t)old->file_id, old->big);
	struct upload *u = world_take(w, sizeof(*u));

	u->account = old->account;
	u->file_id = old->file_id;
	u->big = old->big;
	table_put(w, &w->uploads, key | 1, u);
	return u;
}

bool upload_part(struct world *w, struct account *a, int64_t file_id, int32_t part, int32_t total,
		 bool big, struct cspan bytes, struct refusal *r)
{
	struct upload *u = upload_find(w, a, file_id, big, true);
	bool last;

	if (u->made != NULL && part >= 0 && repeated_part(w, u, (uint32_t)part, bytes))
		return true;
	if (u->made != NULL)
		u = restart(w, a, u);
	if (!check_part(a, u, part, total, bytes.len, r))
		return false;
	if (big && total > 0)
		u->total = total;
	last = big && total == part + 1;
	if ((!last && good_part_size(bytes.len) && u->part_size < bytes.len) ||
	    (part == 0 && u->part_size == 0))
		set_part_size(w, u, (uint32_t)bytes.len);
	reserve_parts(w, u, (uint32_t)part + 1);
	keep_part(w, u, (uint32_t)part, bytes);
	return true;
}

/* ---- the file ---- */

static bool check_parts(const struct upload *u, int32_t parts, struct refusal *r)
{
	for (int32_t i = 0; i < parts; i++) {
		char text[64];

		if (u != NULL && (uint32_t)i < u->room && u->parts[i].state != PART_NONE)
			continue;
		snprintf(text, sizeof(text), "FILE_PART_%d_MISSING", i);
		return refuse(r, text);
	}
	for (int32_t i = 0; i + 1 < parts; i++)
		if (u->parts[i].len != u->parts[0].len || !good_part_size(u->parts[i].len))
			return refuse(r, "FILE_PART_LENGTH_INVALID");
	if (u->parts[parts - 1].len > u->parts[0].len)
		return refuse(r, "FILE_PART_LENGTH_INVALID");
	if (u->big && u->total > 0 && u->total != parts)
		return refuse(r, "FILE_PARTS_INVALID");
	return true;
}

static bool hex_equal(const uint8_t digest[16], struct cspan hex)
{
	char text[33];

	for (int i = 0; i < 16; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return name_equal(hex, text);
}

static bool check_md5(struct world *w, const struct upload *u, int64_t size, struct cspan hex,
		      struct refusal *r)
{
	uint8_t digest[16], *all;
	struct cspan bytes;

	if (hex.len == 0 || !upload_all_kept(u))
		return true;
	all = malloc((size_t)size + 1);
	check(all != NULL);
	upload_bytes(w, u, 0, all, (uint32_t)size);
	bytes = cspan_of(all, (size_t)size);
	digest_md5(digest, &bytes, 1);
	free(all);
	return hex_equal(digest, hex) || refuse(r, "MD5_CHECKSUM_INVALID");
}

static void set_source(struct world *w, struct upload *u, struct file *f)
{
	struct file *original = u->made == NULL ? find_original(w, u, f->size) : u->made;

	if (original != NULL && original->source.kind == SOURCE_SAME)
		original = original->source.same;
	if (original != NULL) {
		f->source = (struct source){.kind = SOURCE_SAME, .same = original};
	} else {
		f->source = (struct source){.kind = SOURCE_PARTS, .upload = u};
		file_known(w, f);
	}
	if (u->made != NULL)
		return;
	u->made = f;
	if (original == NULL)
		return;
	/* The bytes are known elsewhere: give their room back. */
	u->like = original;
	for (uint32_t i = 0; i < u->count; i++) {
		uint32_t len = u->parts[i].len;

		drop_part(w, &u->parts[i]);
		u->parts[i] = (struct part){.state = PART_SAME, .len = len};
	}
}

struct file *upload_finish(struct world *w, struct account *a, const struct tl_obj *input,
			   enum file_kind kind, int32_t date, struct refusal *r)
{
	bool big = tl_cons(input) == TLC_inputFileBig;
	int32_t parts = tl_int(input, TLF_parts);
	struct upload *u = upload_find(w, a, tl_long(input, TLF_id), big, false);
	struct file *f;
	int64_t size = 0;

	if (!big && tl_cons(input) != TLC_inputFile)
		return refuse(r, "INPUT_FILE_INVALID"), NULL;
	if (parts < 1 || parts > parts_max(a))
		return refuse(r, "FILE_PARTS_INVALID"), NULL;
	if (!check_parts(u, parts, r))
		return NULL;
	if (u->made != NULL && u->count != (uint32_t)parts)
		return refuse(r, "FILE_PARTS_INVALID"), NULL;
	for (int32_t i = 0; i < parts; i++)
		size += u->parts[i].len;
	u->count = (uint32_t)parts;
	set_part_size(w, u, u->parts[0].len);
	if (!big && size > SMALL_MAX)
		return refuse(r, "FILE_PARTS_INVALID"), NULL;
	if (!big && !check_md5(w, u, size, tl_bytes(input, TLF_md5_checksum), r))
		return NULL;
	f = file_make(w, kind, size, date);
	set_source(w, u, f);
	return f;
}
