/*
 * Files of the simulated Telegram: where their bytes come from, their references, and uploads.
 *
 * Bytes come from a file of the archive, or are computed from (seed, file, offset), or were
 * uploaded. An upload that repeats a file the world knows costs no memory, whatever its size: each
 * part is compared with the bytes of files that were read lately. Other parts are kept in an
 * unlinked file up to a budget, beyond it as SHA-256 only (then reading them back gives zeros).
 */
#ifndef TGSIM_MODEL_FILE_H
#define TGSIM_MODEL_FILE_H

#include "tools/tgsim/model.h"

enum file_kind { FILE_PHOTO, FILE_DOCUMENT, FILE_THUMB };
enum source_kind { SOURCE_DISK, SOURCE_MADE, SOURCE_PARTS, SOURCE_BYTES, SOURCE_SAME };

/* Where the bytes are. Private to model_file.c and model_upload.c. */
struct source {
	enum source_kind kind;
	const char *path;     /* DISK */
	uint64_t seed;        /* MADE: bytes by made_bytes */
	const uint8_t *bytes; /* BYTES: all; MADE: the first head_len ones */
	uint32_t head_len;
	struct upload *upload; /* PARTS */
	struct file *same;     /* SAME */
};

struct file {
	enum file_kind kind;
	int64_t id; /* unique over all kinds; also the handle for world_file_read */
	int64_t size;
	int32_t date;
	int dc;
	const char *mime;           /* documents */
	const struct tl_obj *attrs; /* documents: a `document` with TLF_attributes only; or NULL */
	int32_t w, h;               /* photos and thumbs */
	struct file *thumb;         /* documents: the size "m"; or NULL */
	struct cspan stripped;      /* size "i", inline; or empty */
	struct source source;
	struct file *size_next; /* private */
	bool digest_known;
	uint8_t sha256[32];
};

/* ---- looking ---- */

struct file *file_find(struct world *, int64_t id);
/* document{id} or photo{id}: how a message that is posted names the file. */
const struct tl_obj *file_stub(struct arena *, const struct file *);
/* The whole `document` or `photo`, with hash and a fresh reference for that account. */
const struct tl_obj *file_obj(struct world *, struct arena *, const struct account *,
			      struct file *, int64_t now);
/* Pictures and thumbnails of at most so many bytes come with the answer itself, as photoCachedSize. */
void world_inline(struct world *, uint32_t most);
/* Documents are announced with so many bytes less than they have. */
void world_announce_less(struct world *, uint32_t bytes);
/* The photo's largest size: "y", or "w" above 1280, "x" up to 800, "m" up to 320. */
const char *file_photo_size(const struct file *);
/* What a location with this thumb_size means: itself, its thumb; NULL when it has no such size. */
struct file *file_sized(struct file *, struct cspan thumb_size);
int64_t file_access_hash(const struct world *, const struct account *, const struct file *);

enum ref_state { REF_GOOD, REF_EMPTY, REF_EXPIRED, REF_INVALID };
enum ref_state file_ref_check(const struct world *, const struct account *, const struct file *,
			      struct cspan reference, int64_t now);

/* len bytes from offset; beyond the end zeros. The file counts as read lately. */
void file_read(struct world *, struct file *, uint64_t offset, uint8_t *out, uint32_t len);
/* Of all its bytes, remembered; false when some of them were not kept. */
bool file_sha256(struct world *, struct file *, uint8_t out[32]);
/* Width and height out of a JPEG, PNG, GIF or WEBP head; false when it is none of them. */
bool file_image_size(struct world *, struct file *, int32_t *w, int32_t *h);
/* storage.FileType by mime, name or magic: TLC_storage_fileJpeg... */
enum tlc file_type(struct world *, struct file *);

/* ---- making ---- */

/* Empty, with id, date, dc (the file DC) set; the caller fills in the rest. */
struct file *file_make(struct world *, enum file_kind, int64_t size, int32_t date);
/* Once size and source are set: an upload may turn out to repeat it. */
void file_known(struct world *, struct file *);
void file_set_attrs(struct world *, struct file *, struct tl_vec attributes);

/* ---- uploads ---- */

/* A refusal in Telegram's words. */
struct refusal {
	int32_t code;
	char text[96];
};

/* One saveFilePart (total 0) or saveBigFilePart. True: stored (also when it was there already). */
bool upload_part(struct world *, struct account *, int64_t file_id, int32_t part, int32_t total,
		 bool big, struct cspan bytes, struct refusal *);
/*
 * inputFile or inputFileBig becomes a file of that kind: all parts there, equal sizes, md5 right.
 * The upload can be used again afterwards, for another file with the same bytes.
 */
struct file *upload_finish(struct world *, struct account *, const struct tl_obj *input_file,
			   enum file_kind, int32_t date, struct refusal *);
#endif
