/*
 * The media of a message: what kind it is, where its file lies, and how it is sent again, by
 * reference or after an upload (api.md 8, 10, 11). Views into a decoded message: valid as long as it.
 */
#ifndef TGCLONE_API_MEDIA_H
#define TGCLONE_API_MEDIA_H

#include "proto/api/peer.h"

enum media_kind {
	MEDIA_NONE, /* a text */
	MEDIA_WEBPAGE,
	MEDIA_PHOTO,
	MEDIA_VIDEO,
	MEDIA_ROUND,
	MEDIA_GIF,
	MEDIA_VOICE,
	MEDIA_AUDIO,
	MEDIA_STICKER,
	MEDIA_DOCUMENT,
	MEDIA_GEO,
	MEDIA_GEO_LIVE,
	MEDIA_VENUE,
	MEDIA_CONTACT,
	MEDIA_POLL,
	MEDIA_QUIZ,
	MEDIA_DICE,
	MEDIA_CHECKLIST,
	MEDIA_STORY,
	MEDIA_GAME,
	MEDIA_INVOICE,
	MEDIA_GIVEAWAY,
	MEDIA_PAID,
	MEDIA_EXPIRED, /* a photo or document that is gone (self-destructed) */
	MEDIA_UNSUPPORTED,
	MEDIA_KINDS
};

const char *media_kind_name(enum media_kind);

/* A document that says it is larger counts as this large. */
#define MEDIA_SIZE_MAX (INT64_C(1) << 36)

/* A file the server can send: which, where, how large. */
struct media_file {
	bool photo; /* photo, else document */
	int64_t id, access_hash;
	struct cspan reference;
	int32_t dc;
	int64_t size; /* 0 .. MEDIA_SIZE_MAX */
	char thumb[4]; /* PhotoSize type: the size of a photo, or a thumbnail of a document; "" = the file */
};

struct media {
	enum media_kind kind;
	const struct tl_obj *obj;  /* MessageMedia, NULL for a text */
	const struct tl_obj *body; /* photo or document */
	bool has_file;
	struct media_file file;
	bool has_thumb; /* a thumbnail that can be fetched, or that lies inline */
	struct media_file thumb;
	struct cspan thumb_inline;
	struct cspan mime;
	struct cspan name; /* file name, empty when there is none */
	bool spoiler;
	bool forward_only; /* more hangs on it than media_input can name */
};

/* obj may be NULL (a text). */
void media_read(const struct tl_obj *obj, struct media *);
/* InputFileLocation of a file. */
const struct tl_obj *media_location(struct arena *, const struct media_file *);

/* Can go by reference at all (api.md 11, table). */
bool media_by_reference(enum media_kind);
/* Has bytes that can be streamed. */
bool media_streams(enum media_kind);

/*
 * InputMedia that names the same content again. layer decides forms that differ (polls). NULL: this
 * one cannot be, *why says so in a word or two (a constant).
 */
const struct tl_obj *media_input(struct arena *, const struct media *, int layer, const char **why);
/* InputMedia for an uploaded file (InputFile trees), thumb may be NULL. plain: as a mere document. */
const struct tl_obj *media_input_uploaded(struct arena *, const struct media *,
					  const struct tl_obj *file, const struct tl_obj *thumb,
					  bool plain);
/* InputFile or InputFileBig. */
const struct tl_obj *media_input_file(struct arena *, int64_t file_id, int32_t parts, bool big,
				      struct cspan name);
/* A name for uploading: the file's own, or one made from its kind ("photo.jpg"). */
struct cspan media_upload_name(const struct media *);

#endif
