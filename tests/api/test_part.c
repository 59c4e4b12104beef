/* Heads of file parts: bytes never move, and both heads are as the schema has them. */
#include "proto/api/part.h"
#include "proto/schema/tlobj.h"

#include <criterion/criterion.h>

static uint8_t mem[600000];
static uint8_t trees[1 << 16];

static uint32_t put_upload_file(struct buf *b, uint32_t len)
{
	uint8_t head[4];
	uint32_t head_len = tl_bytes_head(head, len);
	uint8_t *at;

	buf_init(b, mem, sizeof(mem), 92 - 16);
	at = buf_put(b, 12);
	store_le32(at, tl_id(TLC_upload_file, TL_LAYER));
	store_le32(at + 4, tl_id(TLC_storage_filePartial, TL_LAYER));
	store_le32(at + 8, 1234);
	memcpy(buf_put(b, head_len), head, head_len);
	at = buf_put(b, len + tl_bytes_pad(len));
	for (uint32_t i = 0; i < len; i++)
		at[i] = (uint8_t)(i * 7);
	return (uint32_t)(at - mem);
}

Test(part, pulls_exactly_the_bytes)
{
	static const uint32_t lens[] = {0, 1, 3, 253, 254, 255, 1000, 524287, 524288};

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		struct buf b;
		uint32_t at = put_upload_file(&b, lens[i]);

		cr_assert_eq(part_pull_file(&b), PART_OK);
		cr_assert_eq(b.len, lens[i]);
		cr_assert_eq(buf_at(&b), mem + at);
	}
}

Test(part, refuses_what_is_no_part)
{
	struct buf b;

	put_upload_file(&b, 1000);
	store_le32(buf_at(&b), tl_id(TLC_upload_fileCdnRedirect, TL_LAYER));
	cr_assert_eq(part_pull_file(&b), PART_CDN);
	put_upload_file(&b, 1000);
	buf_trim(&b, 900);
	cr_assert_eq(part_pull_file(&b), PART_BAD);
	buf_trim(&b, 3);
	cr_assert_eq(part_pull_file(&b), PART_BAD);
}

static void push_and_read(uint32_t len, bool big)
{
	struct part_save save = {0x1122334455667788, 3, 9, big};
	struct arena arena;
	struct tl_error error;
	const struct tl_obj *query;
	struct cspan bytes;
	struct buf b;
	uint32_t at = put_upload_file(&b, len);

	cr_assert_eq(part_pull_file(&b), PART_OK);
	part_push_save(&b, &save);
	arena_init(&arena, trees, sizeof(trees));
	query = tl_decode(&arena, buf_view(&b), &error);
	cr_assert_not_null(query, "fault %d at %u", error.fault, error.offset);
	if (big) {
		cr_assert_eq(tl_cons(query), TLC_invokeWithoutUpdates);
		query = tl_sub(query, TLF_query);
		cr_assert_eq(tl_int(query, TLF_file_total_parts), 9);
	}
	cr_assert_eq(tl_cons(query), big ? TLC_upload_saveBigFilePart : TLC_upload_saveFilePart);
	cr_assert_eq(tl_long(query, TLF_file_id), 0x1122334455667788);
	cr_assert_eq(tl_int(query, TLF_file_part), 3);
	bytes = tl_bytes(query, TLF_bytes);
	cr_assert_eq(bytes.len, len);
	cr_assert_eq(bytes.at, mem + at, "the file's bytes stay where they landed");
}

Test(part, pushes_a_query_around_the_same_bytes)
{
	push_and_read(524288, true);
	push_and_read(1000, true);
	push_and_read(524288, false);
	push_and_read(5, false);
}

Test(part, the_big_head_is_as_long_as_the_one_that_came)
{
	struct part_save save = {1, 0, 1, true};
	struct buf b;
	uint32_t front;

	put_upload_file(&b, 524288);
	front = b.head;
	part_pull_file(&b);
	part_push_save(&b, &save);
	/* rpc_result's 12 bytes stood in front of upload.file (performance.md 2.4). */
	cr_assert_eq(b.head, front - 12);
}

Test(part, asks_for_an_aligned_part)
{
	uint8_t out[256];
	struct arena arena;
	struct tl_error error;
	struct tl_obj *location;
	const struct tl_obj *query;
	uint8_t encoded[128];
	size_t len;

	arena_init(&arena, trees, sizeof(trees));
	location = tl_new(&arena, TLC_inputDocumentFileLocation);
	tl_set_long(location, TLF_id, 42);
	tl_set_bytes(location, TLF_file_reference, cspan_str("abc"));
	len = tl_encode(location, TL_LAYER, (struct span){encoded, sizeof(encoded)}, &error);
	len = part_ask((struct span){out, sizeof(out)}, cspan_of(encoded, len), 524288, 524288);
	query = tl_decode(&arena, cspan_of(out, len), &error);
	cr_assert_eq(tl_cons(query), TLC_upload_getFile);
	cr_assert_eq(tl_long(query, TLF_offset), 524288);
	cr_assert_eq(tl_int(query, TLF_limit), 524288);
	cr_assert_eq(tl_long(tl_sub(query, TLF_location), TLF_id), 42);
	cr_assert_eq(part_ask((struct span){out, 20}, cspan_of(encoded, 36), 0, 4096), 0);
}
