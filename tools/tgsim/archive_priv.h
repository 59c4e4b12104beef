/* The loader of archives, shared by archive*.c only. */
#ifndef TGSIM_ARCHIVE_PRIV_H
#define TGSIM_ARCHIVE_PRIV_H

#include "tools/tgsim/model_priv.h"

#include <jansson.h>

struct archive {
	struct world *world;
	const char *dir;
	char *error;
	size_t error_len;
	bool failed;
	struct arena tmp;   /* of one message */
	struct table files; /* by hash of the path: a file named twice is one file */
	/* The chat being read. */
	struct history *to;
	struct chat *chat; /* NULL: private chat */
	struct user *peer; /* of a private chat */
	int64_t chat_id, message_id;
};

/* ---- archive.c ---- */

/* Notes the first failure, with the message's id; returns false. */
__attribute__((format(printf, 2, 3))) bool archive_fail(struct archive *, const char *format, ...);

/* Lenient reading: what is absent or of another kind is "", 0, false. */
const char *field_text(const json_t *, const char *key);
int64_t field_long(const json_t *, const char *key); /* numbers in strings as well */
bool field_flag(const json_t *, const char *key);
double field_real(const json_t *, const char *key);

/* ---- archive_text.c ---- */

/* "text" or "text_entities" (or our "entities") into TLF_message and TLF_entities. */
void archive_text(struct archive *, const json_t *message, struct tl_obj *content);
/* Text with entities under those two keys, into those fields; for quotes and poll solutions. */
struct cspan archive_rich_text(struct archive *, const json_t *value, struct tl_obj *into,
			       enum tlf entities_field);

/* ---- archive_media.c, archive_place.c ---- */

/* A MessageMedia, or NULL when the message has none (or the loader failed). */
const struct tl_obj *archive_media(struct archive *, const json_t *message);
/* The same for what has no file: places, contacts, polls, dice. */
const struct tl_obj *archive_place(struct archive *, const json_t *message);
/* A file of the archive; NULL after archive_fail. */
struct file *archive_file(struct archive *, const char *path, enum file_kind);

/* ---- archive_action.c ---- */

/* The MessageAction of a service message. */
const struct tl_obj *archive_action(struct archive *, const json_t *message);

#endif
