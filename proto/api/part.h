/*
 * The two messages that carry file bytes (api.md 8, 10), re-framed in place: the head of upload.file
 * is pulled off, the head of saveFilePart or saveBigFilePart is pushed on. No byte of the file moves.
 */
#ifndef TGCLONE_API_PART_H
#define TGCLONE_API_PART_H

#include "proto/base/buf.h"

enum part_status {
	PART_OK,
	PART_CDN,  /* upload.fileCdnRedirect: not asked for, refused */
	PART_BAD,  /* not an upload.file, or cut */
};

/* In: the object inside rpc_result. Out: exactly the file's bytes. */
enum part_status part_pull_file(struct buf *);

enum {
	PART_SAVE_HEAD = 28, /* headroom that part_push_save needs */
	PART_FILE_AT = 16,   /* where the bytes of a longer part stand in upload.file */
	PART_LONG_MIN = 254, /* shorter ones have another TL head */
};

struct part_save {
	int64_t file_id;
	int32_t index, total;
	bool big; /* saveBigFilePart inside invokeWithoutUpdates (28 bytes), else saveFilePart */
};

/*
 * In: the bytes of one part, with PART_SAVE_HEAD before and 3 bytes behind. Out: the whole query. The
 * big form is as long as what part_pull_file took off together with rpc_result's own 12 bytes, so
 * a chunk's file bytes stand at the same place coming and going.
 */
void part_push_save(struct buf *, const struct part_save *);

/* What stands in front of len bytes in that query; its length. */
uint32_t part_save_head(uint8_t out[PART_SAVE_HEAD], const struct part_save *, uint32_t len);
/* The first word of every upload.file, and the one in front of len bytes, len >= PART_LONG_MIN. */
uint32_t part_file_id(void);
uint32_t part_file_word(uint32_t len);

/* The query for one part: upload.getFile without precise. location: an encoded InputFileLocation. */
size_t part_ask(struct span out, struct cspan location, int64_t offset, int32_t limit);

#endif
