/* Files of the simulated Telegram: made bytes, references that expire, pictures, uploads. */
#include "tests/tgsim/world_fixture.h"
#include "tools/tgsim/model_priv.h"

#include <stdio.h>

/* The file of the first message that has one of at least that size. */
static struct file *some_file(struct world *w, int64_t size)
{
	struct chat *c = world_chat_at(w, 0);

	for (uint32_t i = 0; i < c->history->messages.count; i++) {
		struct msg *m = msg_find(w, &c->box, c->history->messages.ids[i]);

		if (m->file != NULL && m->file->size >= size)
			return m->file;
	}
	cr_assert(false, "no such file");
	return NULL;
}

Test(files, made_bytes_are_the_same_at_any_cut)
{
	struct world *w = fixture_synth("docs=1x4GB");
	struct file *f = some_file(w, 1);
	uint8_t whole[300], part[300];

	for (uint64_t base = 0; base < 4000000000; base += 1333333333) {
		file_read(w, f, base, whole, sizeof(whole));
		for (uint32_t from = 0; from < 260; from++) {
			for (uint32_t len = 0; len < 40; len++) {
				file_read(w, f, base + from, part, len);
				cr_assert_eq(memcmp(part, whole + from, len), 0);
			}
		}
	}
	file_read(w, f, 4000000000 - 1, part, 4);
	cr_assert_eq(memcmp(part + 1, "\0\0\0", 3), 0, "nothing beyond the end");
	world_close(w);
}

/* Wherever the cut is, the same bytes are equal, and one wrong bit is seen. */
static void check_equal(struct world *w, const struct file *f, uint64_t at, uint32_t len)
{
	static uint8_t bytes[6000];
	uint32_t wrong = (uint32_t)(at * 7919 % len);

	cr_assert_leq(len, sizeof(bytes));
	source_read(w, f, at, bytes, len);
	cr_assert(source_equal(w, f, at, cspan_of(bytes, len)), "%lu+%u", at, len);
	bytes[wrong] ^= (uint8_t)(1 << at % 8);
	cr_assert_not(source_equal(w, f, at, cspan_of(bytes, len)), "%lu+%u", at, len);
}

Test(files, bytes_are_compared_at_any_cut)
{
	struct world *w = fixture_synth("photos=1,docs=1x4GB");
	struct file *f = some_file(w, 4000000000);
	uint8_t end[2] = {0, 0};

	for (uint64_t at = 0; at < 90; at++) {
		for (uint32_t len = 1; len < 150; len++)
			check_equal(w, f, at, len);
		check_equal(w, f, at, 5999 - (uint32_t)at);
		check_equal(w, f, 3999990000 + at, 4096 + (uint32_t)at);
		check_equal(w, some_file(w, 1), at, 300);
	}
	file_read(w, f, 3999999999, end, 2);
	cr_assert(source_equal(w, f, 3999999999, cspan_of(end, 1)));
	cr_assert_not(source_equal(w, f, 3999999999, cspan_of(end, 2)), "beyond its end");
	world_close(w);
}

Test(files, made_files_differ)
{
	struct world *w = fixture_synth("docs=2x1MB");
	struct file *f = some_file(w, 1), *g = file_find(w, f->id ^ 1);
	uint8_t a[64], b[64];

	cr_assert_not_null(g);
	file_read(w, f, 1000, a, sizeof(a));
	file_read(w, g, 1000, b, sizeof(b));
	cr_assert_neq(memcmp(a, b, sizeof(a)), 0);
	world_close(w);
}

Test(files, made_photos_look_like_photos)
{
	struct world *w = fixture_synth("photos=1");
	struct file *f = some_file(w, 1);
	int32_t width = 0, height = 0;

	cr_assert(file_image_size(w, f, &width, &height));
	cr_assert_eq(width, f->w);
	cr_assert_eq(height, f->h);
	cr_assert_eq(file_type(w, f), TLC_storage_fileJpeg);
	cr_assert_eq(file_sized(f, cspan_str(file_photo_size(f))), f);
	cr_assert_null(file_sized(f, cspan_str("q")));
	world_close(w);
}

static struct cspan reference_of(struct world *w, struct arena *a, uint32_t account,
				 struct file *f, int64_t now)
{
	return tl_bytes(file_obj(w, a, world_account_at(w, account), f, now), TLF_file_reference);
}

Test(files, references_are_bound_to_account_and_file)
{
	struct world *w = fixture_synth("docs=2");
	struct arena a = fixture_arena();
	struct file *f = some_file(w, 1), *g = file_find(w, f->id ^ 1);
	struct account *me = world_account_at(w, 0);
	struct cspan ref = reference_of(w, &a, 0, f, NOW);
	uint8_t bent[64];

	cr_assert_eq(file_ref_check(w, me, f, ref, NOW), REF_GOOD);
	cr_assert_eq(file_ref_check(w, world_account_at(w, 1), f, ref, NOW), REF_INVALID);
	cr_assert_eq(file_ref_check(w, me, g, ref, NOW), REF_INVALID);
	cr_assert_eq(file_ref_check(w, me, f, cspan_of(NULL, 0), NOW), REF_EMPTY);
	cr_assert_eq(file_ref_check(w, me, f, cspan_str("short"), NOW), REF_INVALID);
	for (size_t i = 0; i < ref.len; i++) {
		memcpy(bent, ref.at, ref.len);
		bent[i] ^= 1;
		cr_assert_eq(file_ref_check(w, me, f, cspan_of(bent, ref.len), NOW), REF_INVALID);
	}
	free(a.mem);
	world_close(w);
}

Test(files, references_expire_by_age_and_by_order)
{
	struct world_options opt = fixture_options();
	struct arena a = fixture_arena();
	struct account *me;
	struct file *f;
	struct cspan ref;
	struct world *w;

	opt.synth = "docs=1";
	opt.fileref_ttl_s = 60;
	w = fixture_open(&opt);
	f = some_file(w, 1);
	me = world_account_at(w, 0);
	ref = reference_of(w, &a, 0, f, NOW);
	cr_assert_eq(file_ref_check(w, me, f, ref, NOW + 59 * 1000000000ll), REF_GOOD);
	cr_assert_eq(file_ref_check(w, me, f, ref, NOW + 60 * 1000000000ll), REF_EXPIRED);
	world_expire_references(w);
	cr_assert_eq(file_ref_check(w, me, f, ref, NOW), REF_EXPIRED);
	ref = reference_of(w, &a, 0, f, NOW);
	cr_assert_eq(file_ref_check(w, me, f, ref, NOW), REF_GOOD);
	free(a.mem);
	world_close(w);
}

/* Small ones come with the answer, with the bytes that a download brings. */
Test(files, small_pictures_come_inline)
{
	struct world *w = fixture_synth("photos=1x3KB");
	struct arena a = fixture_arena();
	struct file *f = some_file(w, 1);
	uint8_t bytes[3000];

	for (uint32_t most = 2999; most <= 3000; most++) {
		const struct tl_obj *photo, *size;
		struct tl_vec sizes;

		world_inline(w, most);
		photo = file_obj(w, &a, world_account_at(w, 0), f, NOW);
		sizes = tl_vec(photo, TLF_sizes);
		size = tl_vec_obj(sizes, sizes.count - 1);
		cr_assert_eq(tl_cons(size), most < 3000 ? TLC_photoSize : TLC_photoCachedSize);
		cr_assert_eq(f->size, 3000);
		file_read(w, f, 0, bytes, sizeof(bytes));
		if (most == 3000)
			cr_assert(cspan_equal(tl_bytes(size, TLF_bytes), cspan_of(bytes, sizeof(bytes))));
	}
	free(a.mem);
	world_close(w);
}

/* ---- uploads ---- */

enum { BIG = 524288 };

static struct tl_obj *input_file(struct arena *a, bool big, int64_t id, int32_t parts,
				 const char *md5)
{
	struct tl_obj *o = tl_new(a, big ? TLC_inputFileBig : TLC_inputFile);

	tl_set_long(o, TLF_id, id);
	tl_set_int(o, TLF_parts, parts);
	tl_set_str(o, TLF_name, "x.bin");
	if (!big)
		tl_set_str(o, TLF_md5_checksum, md5);
	return o;
}

static uint8_t *noise(size_t len, uint64_t seed)
{
	uint8_t *p = malloc(len);

	for (size_t i = 0; i < len; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		p[i] = (uint8_t)(seed >> 56);
	}
	return p;
}

static void put(struct world *w, int64_t id, int32_t part, int32_t total, struct cspan bytes)
{
	struct refusal r = {0};

	cr_assert(upload_part(w, world_account_at(w, 0), id, part, total, total != 0, bytes, &r),
		  "%s", r.text);
}

static void refused(struct world *w, int64_t id, int32_t part, int32_t total, struct cspan bytes,
		    const char *why)
{
	struct refusal r = {0};

	cr_assert_not(
	    upload_part(w, world_account_at(w, 0), id, part, total, total != 0, bytes, &r));
	cr_assert_str_eq(r.text, why);
	cr_assert_eq(r.code, 400);
}

static struct file *finish(struct world *w, bool big, int64_t id, int32_t parts, const char *why)
{
	struct arena a = fixture_arena();
	struct refusal r = {0};
	struct file *f = upload_finish(w, world_account_at(w, 0),
				       input_file(&a, big, id, parts, ""), FILE_DOCUMENT, 1, &r);

	free(a.mem);
	cr_assert_str_eq(r.text, why);
	return f;
}

static void assert_same(struct world *w, struct file *f, const uint8_t *bytes, size_t len)
{
	uint8_t *got = malloc(len);

	cr_assert_eq((size_t)f->size, len);
	file_read(w, f, 0, got, (uint32_t)len);
	cr_assert_eq(memcmp(got, bytes, len), 0);
	free(got);
}

Test(uploads, parts_in_any_order_read_back)
{
	struct world *w = fixture_synth("messages=0");
	size_t len = 3 * BIG + 777;
	uint8_t *bytes = noise(len, 1);
	uint8_t digest[32];
	struct file *f;

	put(w, 9, 3, 4, cspan_of(bytes + 3 * BIG, 777));
	put(w, 9, 1, 4, cspan_of(bytes + BIG, BIG));
	put(w, 9, 0, 4, cspan_of(bytes, BIG));
	put(w, 9, 1, 4, cspan_of(bytes + BIG, BIG));
	cr_assert_null(finish(w, true, 9, 4, "FILE_PART_2_MISSING"));
	put(w, 9, 2, 4, cspan_of(bytes + 2 * BIG, BIG));
	f = finish(w, true, 9, 4, "");
	assert_same(w, f, bytes, len);
	cr_assert(file_sha256(w, f, digest));
	assert_same(w, finish(w, true, 9, 4, ""), bytes, len);
	put(w, 9, 2, 4, cspan_of(bytes + 2 * BIG, BIG));
	assert_same(w, finish(w, true, 9, 4, ""), bytes, len);
	free(bytes);
	world_close(w);
}

Test(uploads, a_new_upload_under_an_old_id_leaves_the_old_file_alone)
{
	struct world *w = fixture_synth("messages=0");
	uint8_t *a = noise(1000, 1), *b = noise(2000, 2);
	struct file *f, *g;

	put(w, 4, 0, 0, cspan_of(a, 1000));
	f = finish(w, false, 4, 1, "");
	put(w, 4, 0, 0, cspan_of(b, 2000));
	g = finish(w, false, 4, 1, "");
	assert_same(w, f, a, 1000);
	assert_same(w, g, b, 2000);
	free(a);
	free(b);
	world_close(w);
}

Test(uploads, the_rules_of_parts)
{
	struct world *w = fixture_synth("messages=0");
	uint8_t *bytes = noise(BIG + 1024, 3);

	refused(w, 1, 0, 5, cspan_of(bytes, 0), "FILE_PART_EMPTY");
	refused(w, 1, 0, 5, cspan_of(bytes, BIG + 1024), "FILE_PART_TOO_BIG");
	refused(w, 1, 0, 5, cspan_of(bytes, 1000), "FILE_PART_SIZE_INVALID");
	refused(w, 1, 0, 5, cspan_of(bytes, 3072), "FILE_PART_SIZE_INVALID");
	refused(w, 1, -1, 5, cspan_of(bytes, 1024), "FILE_PART_INVALID");
	refused(w, 1, 5, 5, cspan_of(bytes, 1024), "FILE_PART_INVALID");
	refused(w, 1, 4000, 0, cspan_of(bytes, 1024), "FILE_PART_INVALID");
	refused(w, 1, 0, 4001, cspan_of(bytes, 1024), "FILE_PARTS_INVALID");
	put(w, 1, 0, 5, cspan_of(bytes, 2048));
	refused(w, 1, 1, 5, cspan_of(bytes, 1024), "FILE_PART_SIZE_CHANGED");
	refused(w, 1, 1, 6, cspan_of(bytes, 2048), "FILE_PARTS_INVALID");
	refused(w, 1, 4, 5, cspan_of(bytes, 4096), "FILE_PART_SIZE_CHANGED");
	cr_assert_null(finish(w, true, 1, 0, "FILE_PARTS_INVALID"));
	cr_assert_null(finish(w, false, 1, 5, "FILE_PART_0_MISSING"));
	put(w, 2, 0, 0, cspan_of(bytes, 2048));
	put(w, 2, 1, 0, cspan_of(bytes, 1024));
	put(w, 2, 2, 0, cspan_of(bytes, 1024));
	cr_assert_null(finish(w, false, 2, 3, "FILE_PART_LENGTH_INVALID"));
	free(bytes);
	world_close(w);
}

Test(uploads, premium_accounts_have_8000_parts)
{
	struct world *w = fixture_synth("docs=1x4GB");
	uint8_t bytes[1024] = {0};

	put(w, 1, 7999, 8000, cspan_of(bytes, 100));
	refused(w, 2, 0, 8001, cspan_of(bytes, 1024), "FILE_PARTS_INVALID");
	world_close(w);
}

Test(uploads, unknown_length_until_the_last_part)
{
	struct world *w = fixture_synth("messages=0");
	uint8_t *bytes = noise(2 * BIG, 5);

	put(w, 1, 0, -1, cspan_of(bytes, BIG));
	put(w, 1, 1, -1, cspan_of(bytes + BIG, BIG));
	put(w, 1, 2, 3, cspan_of(bytes, 0));
	cr_assert_null(finish(w, true, 1, 2, "FILE_PARTS_INVALID"));
	assert_same(w, finish(w, true, 1, 3, ""), bytes, 2 * BIG);
	free(bytes);
	world_close(w);
}

Test(uploads, md5_is_checked_when_given)
{
	struct world *w = fixture_synth("messages=0");
	struct arena a = fixture_arena();
	struct refusal r = {0};
	struct account *me = world_account_at(w, 0);

	put(w, 1, 0, 0, cspan_str("hello"));
	cr_assert_null(
	    upload_finish(w, me, input_file(&a, false, 1, 1, "00"), FILE_DOCUMENT, 1, &r));
	cr_assert_str_eq(r.text, "MD5_CHECKSUM_INVALID");
	cr_assert_not_null(
	    upload_finish(w, me, input_file(&a, false, 1, 1, "5d41402abc4b2a76b9719d911017c592"),
			  FILE_DOCUMENT, 1, &r));
	free(a.mem);
	world_close(w);
}

Test(uploads, uploads_belong_to_their_account)
{
	struct world *w = fixture_synth("messages=0");
	struct arena a = fixture_arena();
	struct refusal r = {0};

	put(w, 1, 0, 0, cspan_str("hello"));
	cr_assert_null(upload_finish(w, world_account_at(w, 1), input_file(&a, false, 1, 1, ""),
				     FILE_DOCUMENT, 1, &r));
	cr_assert_str_eq(r.text, "FILE_PART_0_MISSING");
	free(a.mem);
	world_close(w);
}

/* A client that reads a file and sends it again: parts of `size`, in the order given by `step`. */
static struct file *send_again(struct world *w, struct file *f, uint32_t size, int64_t id,
			       uint32_t step, int64_t bend)
{
	int32_t total = (int32_t)((f->size + size - 1) / size);
	uint8_t *bytes = malloc(size);

	for (int32_t i = 0; i < total; i++) {
		int32_t part = (int32_t)(((uint32_t)i * step + 1) % (uint32_t)total);
		int64_t at = (int64_t)part * size;
		uint32_t n = f->size - at < size ? (uint32_t)(f->size - at) : size;

		file_read(w, f, (uint64_t)at, bytes, n);
		for (uint32_t k = 0; k < n; k++)
			bytes[k] ^= at + k == bend;
		put(w, id, part, total, cspan_of(bytes, n));
	}
	free(bytes);
	return finish(w, true, id, total, "");
}

Test(uploads, what_repeats_a_known_file_costs_no_room)
{
	struct world_options opt = fixture_options();
	struct world *w;
	struct file *f, *g;
	uint8_t a[32], b[32];

	opt.synth = "video=1x30MB,docs=1x30MB";
	opt.upload_keep = 1;
	w = fixture_open(&opt);
	f = some_file(w, 30000000);
	g = send_again(w, f, BIG, 1, 7, -1);
	cr_assert_eq(g->source.kind, SOURCE_SAME);
	cr_assert_eq(g->source.same, f);
	cr_assert(file_sha256(w, f, a));
	cr_assert(file_sha256(w, g, b));
	cr_assert_eq(memcmp(a, b, 32), 0);
	g = send_again(w, f, 131072, 2, 1, -1);
	cr_assert_eq(g->source.kind, SOURCE_SAME);
	world_close(w);
}

Test(uploads, one_wrong_bit_is_another_file)
{
	struct world *w = fixture_synth("docs=1x3MB");
	struct file *f = some_file(w, 1), *g = send_again(w, f, BIG, 1, 5, 1234567);
	uint8_t a[32], b[32], x, y;

	cr_assert_eq(g->source.kind, SOURCE_PARTS);
	cr_assert(file_sha256(w, f, a));
	cr_assert(file_sha256(w, g, b));
	cr_assert_neq(memcmp(a, b, 32), 0);
	file_read(w, f, 1234567, &x, 1);
	file_read(w, g, 1234567, &y, 1);
	cr_assert_eq(x ^ 1, y);
	world_close(w);
}

Test(uploads, beyond_the_budget_digests_remain)
{
	struct world_options opt = fixture_options();
	uint8_t *bytes = noise(4 * BIG, 9), digest[32];
	struct world *w;
	struct file *f;

	opt.synth = "messages=0";
	opt.upload_keep = 2 * BIG;
	w = fixture_open(&opt);
	for (int32_t i = 0; i < 4; i++)
		put(w, 1, i, 4, cspan_of(bytes + (size_t)i * BIG, BIG));
	f = finish(w, true, 1, 4, "");
	cr_assert_eq(f->size, 4 * BIG);
	cr_assert_not(file_sha256(w, f, digest));
	/* The same bytes once more are known by their digests. */
	for (int32_t i = 0; i < 4; i++)
		put(w, 2, i, 4, cspan_of(bytes + (size_t)i * BIG, BIG));
	free(bytes);
	world_close(w);
}

Test(uploads, a_part_that_comes_again_takes_the_place_of_the_first)
{
	struct world_options opt = fixture_options();
	uint8_t *bytes = noise(20 * 1024, 11);
	struct world *w;

	opt.synth = "messages=0";
	opt.upload_keep = 4 * 1024;
	w = fixture_open(&opt);
	for (int32_t i = 0; i < 20; i++)
		put(w, 1, 0, 1, cspan_of(bytes + i * 1024, 1024));
	assert_same(w, finish(w, true, 1, 1, ""), bytes + 19 * 1024, 1024);
	free(bytes);
	world_close(w);
}

/* It has the size of a whole part: where it stands is guessed wrongly until a longer one comes. */
Test(uploads, a_last_part_that_comes_first_does_not_mislead)
{
	struct world *w = fixture_synth("messages=0");
	uint8_t *known = calloc(1, 5 * 1024), *bytes = noise(5 * 1024, 3);
	struct file *f;

	memset(known + 4096, 5, 1024);
	memset(bytes + 4096, 0, 1024);
	for (int32_t i = 0; i < 5; i++)
		put(w, 1, i, 0, cspan_of(known + i * 1024, 1024));
	f = finish(w, false, 1, 5, "");
	file_read(w, f, 0, known, 16);
	put(w, 2, 2, 0, cspan_of(bytes + 4096, 1024));
	put(w, 2, 0, 0, cspan_of(bytes, 2048));
	put(w, 2, 1, 0, cspan_of(bytes + 2048, 2048));
	assert_same(w, finish(w, false, 2, 3, ""), bytes, 5 * 1024);
	free(known);
	free(bytes);
	world_close(w);
}
