/*
 * Heads of file parts, written and read by hand because this is the data path: a few stores a part.
 *
 *   upload.file        id 4 | storage.FileType 4 | mtime 4 | length 4 | bytes
 *   saveFilePart       id 4 | file_id 8 | index 4 | length 4 | bytes
 *   saveBigFilePart    invokeWithoutUpdates 4 | id 4 | file_id 8 | index 4 | total 4 | length 4 | bytes
 */
#include "proto/api/part.h"

#include "proto/schema/tlobj.h"
#include "proto/wire/tl.h"


enum part_status part_pull_file(struct buf *b)
{
	struct tl_reader r;
	struct cspan bytes;
	uint32_t id;

	tl_reader_init(&r, buf_view(b));
	id = tl_read_u32(&r);
	if (id == tl_id(TLC_upload_fileCdnRedirect, TL_LAYER))
		return PART_CDN;
	if (id != tl_id(TLC_upload_file, TL_LAYER))
		return PART_BAD;
	tl_read_u32(&r); /* storage.FileType: a constructor without fields */
	tl_read_u32(&r); /* mtime */
	bytes = tl_read_bytes(&r);
	if (!tl_ok(&r))
		return PART_BAD;
	buf_pull(b, (uint32_t)(bytes.at - buf_at(b)));
	buf_trim(b, (uint32_t)bytes.len);
	return PART_OK;
}

uint32_t part_save_head(uint8_t out[PART_SAVE_HEAD], const struct part_save *save, uint32_t len)
{
	uint8_t *at = out;

	if (save->big) {
		store_le32(at, tl_id(TLC_invokeWithoutUpdates, TL_LAYER));
		at += 4;
	}
	store_le32(at, tl_id(save->big ? TLC_upload_saveBigFilePart : TLC_upload_saveFilePart, TL_LAYER));
	store_le64(at + 4, (uint64_t)save->file_id);
	store_le32(at + 12, (uint32_t)save->index);
	at += 16;
	if (save->big) {
		store_le32(at, (uint32_t)save->total);
		at += 4;
	}
	return (uint32_t)(at - out) + tl_bytes_head(at, len);
}

void part_push_save(struct buf *b, const struct part_save *save)
{
	uint8_t head[PART_SAVE_HEAD];
	uint32_t head_len = part_save_head(head, save, b->len);
	uint32_t pad = tl_bytes_pad(b->len);

	memset(buf_put(b, pad), 0, pad);
	memcpy(buf_push(b, head_len), head, head_len);
	check(b->len % 4 == 0);
}

uint32_t part_file_id(void)
{
	return tl_id(TLC_upload_file, TL_LAYER);
}

uint32_t part_file_word(uint32_t len)
{
	uint8_t head[4];

	check(len >= PART_LONG_MIN);
	tl_bytes_head(head, len);
	return load_le32(head);
}

size_t part_ask(struct span out, struct cspan location, int64_t offset, int32_t limit)
{
	struct tl_writer w;

	tl_writer_init(&w, out);
	tl_write_u32(&w, tl_id(TLC_upload_getFile, TL_LAYER));
	tl_write_u32(&w, 0);
	tl_write_raw(&w, location.at, location.len);
	tl_write_u64(&w, (uint64_t)offset);
	tl_write_u32(&w, (uint32_t)limit);
	return w.full ? 0 : tl_written(&w);
}
