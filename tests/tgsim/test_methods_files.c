/* Files: parts, what sendMedia refuses, albums, getFile with its ranges, DCs and references. */
#include "tests/tgsim/methods_fixture.h"

#include "proto/crypto/digest.h"

static struct tl_obj *document_of(struct caller *c, int64_t file_id, int32_t parts, bool big)
{
	struct tl_obj *o = tl_new(&c->arena, TLC_inputMediaUploadedDocument);
	struct tl_obj *f = in_file(c, file_id, parts, "x.bin");

	if (big) {
		f = tl_new(&c->arena, TLC_inputFileBig);
		tl_set_long(f, TLF_id, file_id);
		tl_set_int(f, TLF_parts, parts);
		tl_set_str(f, TLF_name, "x.bin");
	}
	tl_set_obj(o, TLF_file, f);
	tl_set_str(o, TLF_mime_type, "application/octet-stream");
	return o;
}

static struct cspan zeros(struct caller *c, size_t len)
{
	return cspan_of(arena_take(&c->arena, len), len);
}

static void part_refused(struct caller *c, int64_t id, int32_t part, int32_t total, size_t len,
			 const char *text)
{
	cr_assert_not(save_part(c, id, part, total, zeros(c, len)), "wanted %s", text);
	cr_assert_str_eq(c->out.text, text);
}

Test(methods_files, part_rules)
{
	struct caller c = caller_open();

	part_refused(&c, 1, 0, 0, 0, "FILE_PART_EMPTY");
	part_refused(&c, 1, 0, 0, 524289, "FILE_PART_TOO_BIG");
	part_refused(&c, 1, -1, 0, 1024, "FILE_PART_INVALID");
	part_refused(&c, 1, 4000, 0, 1024, "FILE_PART_INVALID");
	part_refused(&c, 1, 0, 3, 1000, "FILE_PART_SIZE_INVALID");
	part_refused(&c, 1, 0, 3, 3072, "FILE_PART_SIZE_INVALID");
	part_refused(&c, 1, 3, 3, 1024, "FILE_PART_INVALID");
	part_refused(&c, 1, 0, 5000, 1024, "FILE_PARTS_INVALID");
	cr_assert(save_part(&c, 1, 0, 3, zeros(&c, 2048)));
	part_refused(&c, 1, 1, 3, 1024, "FILE_PART_SIZE_CHANGED");
	part_refused(&c, 1, 1, 4, 2048, "FILE_PARTS_INVALID");
	cr_assert(save_part(&c, 1, 2, 3, zeros(&c, 77)));
	caller_close(&c);
}

Test(methods_files, parts_must_all_be_there)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *peer = in_peer(&c, chat);

	cr_assert(save_part(&c, 9, 0, 3, zeros(&c, 2048)));
	cr_assert(save_part(&c, 9, 2, 3, zeros(&c, 5)));
	no(&c, media_to(&c, peer, document_of(&c, 9, 3, true), 1), 400, "FILE_PART_1_MISSING");
	cr_assert(save_part(&c, 9, 1, 3, zeros(&c, 2048)));
	no(&c, media_to(&c, peer, document_of(&c, 9, 2, true), 1), 400, "FILE_PARTS_INVALID");
	no(&c, media_to(&c, peer, document_of(&c, 9, 0, true), 1), 400, "FILE_PARTS_INVALID");
	no(&c, media_to(&c, peer, document_of(&c, 8, 1, true), 1), 400, "FILE_PART_0_MISSING");
	ok(&c, media_to(&c, peer, document_of(&c, 9, 3, true), 1));
	caller_close(&c);
}

Test(methods_files, parts_belong_to_the_account)
{
	struct caller c = caller_open();
	struct caller other = caller_of(c.w, world_account_at(c.w, 1));
	struct chat *chat = new_chat(&c, false, false);

	cr_assert(save_part(&other, 9, 0, 1, zeros(&c, 2048)));
	no(&c, media_to(&c, in_peer(&c, chat), document_of(&c, 9, 1, true), 1), 400,
	   "FILE_PART_0_MISSING");
	/* Any session of the account will do. */
	c.session = 99;
	cr_assert(save_part(&c, 9, 0, 1, zeros(&c, 2048)));
	c.session = 5;
	ok(&c, media_to(&c, in_peer(&c, chat), document_of(&c, 9, 1, true), 1));
	caller_fini(&other);
	caller_close(&c);
}

Test(methods_files, md5_is_checked)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *media = document_of(&c, 9, 1, false);
	struct tl_obj *file = in_file(&c, 9, 1, "x");

	cr_assert(save_part(&c, 9, 0, 0, cspan_str("hello")));
	tl_set_str(file, TLF_md5_checksum, "00000000000000000000000000000000");
	tl_set_obj(media, TLF_file, file);
	no(&c, media_to(&c, in_peer(&c, chat), media, 1), 400, "MD5_CHECKSUM_INVALID");
	tl_set_str(file, TLF_md5_checksum, "5d41402abc4b2a76b9719d911017c592");
	ok(&c, media_to(&c, in_peer(&c, chat), media, 1));
	caller_close(&c);
}

Test(methods_files, knobs_lose_parts)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *peer = in_peer(&c, chat);

	methods_knob(c.w, "part-false", "1");
	cr_assert_not(save_part(&c, 9, 0, 2, zeros(&c, 2048)));
	cr_assert_eq(tl_cons(c.out.result), TLC_boolFalse);
	cr_assert(save_part(&c, 9, 0, 2, zeros(&c, 2048)));
	cr_assert(save_part(&c, 9, 1, 2, zeros(&c, 2048)));
	methods_knob(c.w, "part-lose", "2");
	no(&c, media_to(&c, peer, document_of(&c, 9, 2, true), 1), 400, "FILE_PART_1_MISSING");
	no(&c, media_to(&c, peer, document_of(&c, 9, 2, true), 1), 400, "FILE_PART_1_MISSING");
	cr_assert(save_part(&c, 9, 1, 2, zeros(&c, 2048)));
	ok(&c, media_to(&c, peer, document_of(&c, 9, 2, true), 1));
	methods_knob(c.w, "upload-ttl", "3600");
	cr_assert(save_part(&c, 10, 0, 2, zeros(&c, 2048)));
	c.now += INT64_C(3601) * 1000000000;
	cr_assert(save_part(&c, 10, 1, 2, zeros(&c, 2048)));
	no(&c, media_to(&c, peer, document_of(&c, 10, 2, true), 2), 400, "FILE_PART_0_MISSING");
	cr_assert(save_part(&c, 10, 0, 2, zeros(&c, 2048)));
	ok(&c, media_to(&c, peer, document_of(&c, 10, 2, true), 2));
	caller_close(&c);
}

/* ---- pictures ---- */

Test(methods_files, photos_must_be_pictures)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *peer = in_peer(&c, chat), *in = in_photo_upload(&c, 1, 800, 600);
	const struct tl_obj *photo, *size;

	tl_set_obj(in, TLF_file, in_file(&c, 1, 1, "a.exe"));
	no(&c, media_to(&c, peer, in, 1), 400, "PHOTO_EXT_INVALID");
	no(&c, media_to(&c, peer, in_photo_upload(&c, 2, 9000, 1001), 1), 400,
	   "PHOTO_INVALID_DIMENSIONS");
	no(&c, media_to(&c, peer, in_photo_upload(&c, 3, 10, 201), 1), 400,
	   "PHOTO_INVALID_DIMENSIONS");
	in = in_photo_upload(&c, 4, 10, 10);
	cr_assert(save_part(&c, 5, 0, 0, cspan_str("no picture at all")));
	tl_set_obj(in, TLF_file, in_file(&c, 5, 1, "a.jpg"));
	no(&c, media_to(&c, peer, in, 1), 400, "IMAGE_PROCESS_FAILED");
	photo = tl_sub(
	    tl_sub(made_one(ok(&c, media_to(&c, peer, in_photo_upload(&c, 6, 800, 600), 1)), 1),
		   TLF_media),
	    TLF_photo);
	size = tl_vec_obj(tl_vec(photo, TLF_sizes), tl_vec(photo, TLF_sizes).count - 1);
	cr_assert_eq(tl_int(size, TLF_w), 800);
	cr_assert_eq(tl_int(size, TLF_h), 600);
	caller_close(&c);
}

Test(methods_files, captions)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	char *text = arena_take(&c.arena, 5000);
	struct tl_obj *q;

	memset(text, 'a', 1025);
	q = media_to(&c, in_peer(&c, chat), in_photo_upload(&c, 1, 10, 10), 1);
	tl_set_str(q, TLF_message, text);
	no(&c, q, 400, "MEDIA_CAPTION_TOO_LONG");
	c.account->user->premium = true;
	ok(&c, q);
	caller_close(&c);
}

/* ---- references ---- */

Test(methods_files, references_expire_and_are_bound)
{
	struct world_options opt = fixture_options();
	struct caller c, other;
	struct chat *chat;
	struct tl_obj *in, *id;

	opt.fileref_ttl_s = 600;
	c = caller_of(fixture_open(&opt), NULL);
	c.account = world_account_at(c.w, 0);
	other = caller_of(c.w, world_account_at(c.w, 1));
	chat = new_chat(&c, false, false);
	in = uploaded(&c, chat, in_photo_upload(&c, 1, 10, 10));
	ok(&c, media_to(&c, in_peer(&c, chat), in, 1));
	c.now += INT64_C(601) * 1000000000;
	no(&c, media_to(&c, in_peer(&c, chat), in, 2), 400, "FILE_REFERENCE_EXPIRED");
	id = tl_copy(&c.arena, tl_sub(in, TLF_id));
	tl_set_str(id, TLF_file_reference, "");
	tl_set_obj(in, TLF_id, id);
	no(&c, media_to(&c, in_peer(&c, chat), in, 2), 400, "FILE_REFERENCE_EMPTY");
	tl_set_str(id, TLF_file_reference, "nonsense");
	no(&c, media_to(&c, in_peer(&c, chat), in, 2), 400, "FILE_REFERENCE_INVALID");
	member_add(c.w, chat, other.account->user, 0, 0);
	no(&other, media_to(&other, in_peer(&other, chat), in, 2), 400, "MEDIA_EMPTY");
	caller_fini(&other);
	caller_close(&c);
}

Test(methods_files, protected_media_is_not_copied)
{
	struct caller c = caller_open();
	struct chat *secret = NULL, *chat = new_chat(&c, false, false);
	struct tl_obj *q = ask(&c, TLC_messages_getHistory);
	struct tl_vec v;
	const struct tl_obj *media = NULL;

	for (uint32_t i = 0; world_chat_at(c.w, i) != NULL; i++)
		if (world_chat_at(c.w, i)->noforwards)
			secret = world_chat_at(c.w, i);
	cr_assert_not_null(secret);
	tl_set_obj(q, TLF_peer, in_peer(&c, secret));
	tl_set_int(q, TLF_limit, 100);
	v = tl_vec(ok(&c, q), TLF_messages);
	for (uint32_t i = 0; i < v.count; i++)
		if (tl_sub_cons(tl_vec_obj(v, i), TLF_media) == TLC_messageMediaPhoto)
			media = tl_sub(tl_vec_obj(v, i), TLF_media);
	cr_assert_not_null(media);
	no(&c, media_to(&c, in_peer(&c, chat), referenced(&c, media), 1), 400,
	   "CHAT_FORWARDS_RESTRICTED");
	caller_close(&c);
}

/* ---- albums ---- */

/* With random ids first_id, first_id + step... */
static struct tl_obj *album_step(struct caller *c, const struct chat *chat,
				 struct tl_obj *const *media, uint32_t count, int64_t first_id,
				 int64_t step)
{
	struct tl_obj *q = ask(c, TLC_messages_sendMultiMedia);

	tl_set_obj(q, TLF_peer, in_peer(c, chat));
	tl_set_vec(&c->arena, q, TLF_multi_media, count);
	for (uint32_t i = 0; i < count; i++) {
		struct tl_obj *o = tl_new(&c->arena, TLC_inputSingleMedia);

		tl_set_obj(o, TLF_media, media[i]);
		tl_set_long(o, TLF_random_id, first_id + i * step);
		tl_set_str(o, TLF_message, "caption");
		tl_put_obj(q, TLF_multi_media, i, o);
	}
	return q;
}

static struct tl_obj *album_to(struct caller *c, const struct chat *chat,
			       struct tl_obj *const *media, uint32_t count, int64_t first_id)
{
	return album_step(c, chat, media, count, first_id, 1);
}

static void photos(struct caller *c, const struct chat *chat, struct tl_obj **out, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		out[i] = uploaded(c, chat, in_photo_upload(c, 100 + i, 20 + i, 20));
}

Test(methods_files, albums_in_every_layer)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *media[10];

	photos(&c, chat, media, 10);
	for (int i = 0; i < 3; i++) {
		const struct tl_obj *o;
		int64_t group;

		c.layer = (const int[]){144, 201, 228}[i];
		o = ok(&c, album_to(&c, chat, media, 10, 1000 * (i + 1)));
		group = tl_long(made_one(o, 1000 * (i + 1)), TLF_grouped_id);
		cr_assert_neq(group, 0);
		for (int k = 0; k < 10; k++)
			cr_assert_eq(tl_long(made_one(o, 1000 * (i + 1) + k), TLF_grouped_id),
				     group);
	}
	caller_close(&c);
}

Test(methods_files, album_rules)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *media[11], *audio = tl_new(&c.arena, TLC_documentAttributeAudio);
	struct tl_obj *id;

	photos(&c, chat, media, 2);
	for (int i = 2; i < 11; i++)
		media[i] = media[0];
	no(&c, album_to(&c, chat, media, 11, 1), 400, "MULTI_MEDIA_TOO_LONG");
	no(&c, album_to(&c, chat, media, 0, 1), 400, "MEDIA_EMPTY");
	no(&c, album_step(&c, chat, media, 2, 7, 0), 400, "RANDOM_ID_INVALID");
	no(&c, album_step(&c, chat, media, 2, 0, 1), 400, "RANDOM_ID_EMPTY");
	media[2] = uploaded(&c, chat, in_document_upload(&c, 50, "text/plain", NULL));
	no(&c, album_to(&c, chat, media, 3, 1), 400, "MEDIA_INVALID");
	media[0] = uploaded(&c, chat, in_document_upload(&c, 51, "audio/mpeg", audio));
	media[1] = media[2];
	no(&c, album_to(&c, chat, media, 2, 1), 400, "MEDIA_INVALID");
	media[1] = media[0];
	ok(&c, album_to(&c, chat, media, 2, 1));
	tl_set_flag(audio, TLF_voice, true);
	media[0] = uploaded(&c, chat, in_document_upload(&c, 52, "audio/ogg", audio));
	media[1] = media[0];
	no(&c, album_to(&c, chat, media, 2, 10), 400, "MEDIA_INVALID");
	media[0] = in_photo_upload(&c, 60, 10, 10);
	no(&c, album_to(&c, chat, media, 2, 10), 400, "MEDIA_INVALID");
	photos(&c, chat, media, 2);
	id = tl_copy(&c.arena, tl_sub(media[1], TLF_id));
	tl_set_str(id, TLF_file_reference, "x");
	tl_set_obj(media[1], TLF_id, id);
	no(&c, album_to(&c, chat, media, 2, 10), 400, "FILE_REFERENCE_1_INVALID");
	photos(&c, chat, media, 2);
	world_expire_references(c.w);
	no(&c, album_to(&c, chat, media, 2, 10), 400, "FILE_REFERENCE_0_EXPIRED");
	caller_close(&c);
}

Test(methods_files, albums_in_part_are_completed_by_the_same_ids)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *media[4];
	const struct tl_obj *o;
	uint32_t before;
	int64_t group;

	photos(&c, chat, media, 4);
	before = chat->history->messages.count;
	methods_knob(c.w, "album-part", "2");
	o = ok(&c, album_to(&c, chat, media, 4, 1));
	cr_assert_neq(made_id(o, 2), 0);
	cr_assert_eq(made_id(o, 3), 0);
	group = tl_long(made_one(o, 1), TLF_grouped_id);
	o = ok(&c, album_to(&c, chat, media, 4, 1));
	for (int i = 1; i <= 4; i++)
		cr_assert_eq(tl_long(made_one(o, i), TLF_grouped_id), group);
	cr_assert_eq(chat->history->messages.count, before + 4);
	caller_close(&c);
}

Test(methods_files, an_album_is_one_message_to_slow_mode)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct caller m = caller_of(c.w, world_account_at(c.w, 1));
	struct tl_obj *media[2];
	const struct tl_obj *o;

	member_add(c.w, chat, m.account->user, 0, 0);
	photos(&m, chat, media, 2);
	chat->slowmode_seconds = 30;
	o = ok(&m, album_to(&m, chat, media, 2, 1));
	cr_assert_eq(tl_long(made_one(o, 1), TLF_grouped_id), tl_long(made_one(o, 2), TLF_grouped_id));
	no(&m, album_to(&m, chat, media, 2, 3), 420, "SLOWMODE_WAIT_30");
	m.now += INT64_C(30) * 1000000000;
	ok(&m, album_to(&m, chat, media, 2, 3));
	caller_fini(&m);
	caller_close(&c);
}

/* ---- getFile ---- */

static struct tl_obj *file_ask(struct caller *c, const struct tl_obj *id, int64_t offset,
			       int32_t limit, bool precise)
{
	struct tl_obj *at = tl_new(&c->arena, TLC_inputDocumentFileLocation);
	struct tl_obj *q = ask(c, TLC_upload_getFile);

	tl_set_long(at, TLF_id, tl_long(id, TLF_id));
	tl_set_long(at, TLF_access_hash, tl_long(id, TLF_access_hash));
	tl_set_bytes(at, TLF_file_reference, tl_bytes(id, TLF_file_reference));
	tl_set_str(at, TLF_thumb_size, "");
	tl_set_obj(q, TLF_location, at);
	tl_set_long(q, TLF_offset, offset);
	tl_set_int(q, TLF_limit, limit);
	tl_set_flag(q, TLF_precise, precise);
	return q;
}

static uint32_t file_len(struct caller *c, const struct tl_obj *q)
{
	call(c, q);
	cr_assert_eq(c->out.outcome, RPC_FILE, "%s", c->out.text);
	return c->out.file_len;
}

Test(methods_files, ranges_of_get_file)
{
	static const struct {
		int64_t offset;
		int32_t limit;
		bool precise;
		const char *error; /* NULL: good */
	} asks[] = {
	    {0, 4096, false, NULL},
	    {4096, 1048576, false, "LIMIT_INVALID"},
	    {0, 1048576, false, NULL},
	    {1024, 4096, false, "OFFSET_INVALID"},
	    {0, 12288, false, "LIMIT_INVALID"},
	    {0, 0, false, "LIMIT_INVALID"},
	    {0, 2097152, false, "LIMIT_INVALID"},
	    {-4096, 4096, false, "OFFSET_INVALID"},
	    {1024, 12288, true, NULL},
	    {512, 1024, true, "OFFSET_INVALID"},
	    {1024, 1048576, true, "LIMIT_INVALID"},
	    {1047552, 1024, true, NULL},
	    {1047552, 2048, true, "LIMIT_INVALID"},
	    {0, 1000, true, "LIMIT_INVALID"},
	};
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	const struct tl_obj *id =
	    tl_sub(uploaded(&c, chat, in_document_upload(&c, 1, "text/plain", NULL)), TLF_id);

	c.dc = 4;
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		struct tl_obj *q = file_ask(&c, id, asks[i].offset, asks[i].limit, asks[i].precise);

		if (asks[i].error != NULL)
			no(&c, q, 400, asks[i].error);
		else
			file_len(&c, q);
	}
	/* 2048 bytes: the rest of the file, then nothing. */
	cr_assert_eq(file_len(&c, file_ask(&c, id, 0, 1048576, false)), 2048);
	cr_assert_eq(file_len(&c, file_ask(&c, id, 1024, 4096, true)), 1024);
	cr_assert_eq(file_len(&c, file_ask(&c, id, 4096, 4096, false)), 0);
	methods_knob(c.w, "short-read", "1");
	cr_assert_eq(file_len(&c, file_ask(&c, id, 0, 4096, false)), 1024);
	cr_assert_eq(file_len(&c, file_ask(&c, id, 0, 4096, false)), 2048);
	caller_close(&c);
}

Test(methods_files, locations_of_get_file)
{
	struct caller c = caller_open();
	struct caller other = caller_of(c.w, world_account_at(c.w, 1));
	struct chat *chat = new_chat(&c, false, false);
	const struct tl_obj *id =
	    tl_sub(uploaded(&c, chat, in_document_upload(&c, 1, "text/plain", NULL)), TLF_id);
	struct tl_obj *bad = tl_copy(&c.arena, id);

	no(&c, file_ask(&c, id, 0, 4096, false), 303, "FILE_MIGRATE_4");
	c.dc = other.dc = 4;
	file_len(&c, file_ask(&c, id, 0, 4096, false));
	no(&other, file_ask(&other, id, 0, 4096, false), 400, "LOCATION_INVALID");
	tl_set_long(bad, TLF_id, 4242);
	no(&c, file_ask(&c, bad, 0, 4096, false), 400, "FILE_ID_INVALID");
	bad = tl_copy(&c.arena, id);
	tl_set_str(bad, TLF_file_reference, "");
	no(&c, file_ask(&c, bad, 0, 4096, false), 400, "FILE_REFERENCE_EMPTY");
	world_expire_references(c.w);
	no(&c, file_ask(&c, id, 0, 4096, false), 400, "FILE_REFERENCE_EXPIRED");
	c.account = NULL;
	no(&c, file_ask(&c, id, 0, 4096, false), 401, "AUTH_KEY_UNREGISTERED");
	caller_fini(&other);
	caller_close(&c);
}

Test(methods_files, hashes_fit_the_bytes)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	const struct tl_obj *id =
	    tl_sub(uploaded(&c, chat, in_document_upload(&c, 1, "text/plain", NULL)), TLF_id);
	struct tl_obj *q = ask(&c, TLC_upload_getFileHashes);
	struct tl_vec v;
	uint8_t bytes[2048] = "some bytes", want[32];
	struct cspan part = {bytes, sizeof(bytes)};

	c.dc = 4;
	tl_set_obj(q, TLF_location, tl_sub(file_ask(&c, id, 0, 4096, false), TLF_location));
	v = tl_vec(ok(&c, q), TLF_items);
	cr_assert_eq(v.count, 1);
	digest_sha256(want, &part, 1);
	cr_assert(cspan_equal(tl_bytes(tl_vec_obj(v, 0), TLF_hash), cspan_of(want, 32)));
	caller_close(&c);
}

/* ---- what is no file ---- */

Test(methods_files, places_dice_contacts)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *peer = in_peer(&c, chat);
	struct tl_obj *geo = tl_new(&c.arena, TLC_inputGeoPoint);
	struct tl_obj *in = tl_new(&c.arena, TLC_inputMediaGeoPoint);
	const struct tl_obj *m;

	tl_set_double(geo, TLF_lat, -23.5);
	tl_set_double(geo, TLF_long, -46.6);
	tl_set_obj(in, TLF_geo_point, geo);
	m = tl_sub(tl_sub(made_one(ok(&c, media_to(&c, peer, in, 1)), 1), TLF_media), TLF_geo);
	cr_assert_eq(tl_double(m, TLF_lat), -23.5);
	cr_assert_eq(tl_double(m, TLF_long), -46.6);
	tl_set_double(geo, TLF_lat, 91);
	no(&c, media_to(&c, peer, in, 2), 400, "GEO_POINT_INVALID");
	in = tl_new(&c.arena, TLC_inputMediaDice);
	tl_set_str(in, TLF_emoticon, "\xf0\x9f\x8e\xb0");
	m = tl_sub(made_one(ok(&c, media_to(&c, peer, in, 3)), 3), TLF_media);
	cr_assert(tl_int(m, TLF_value) >= 1 && tl_int(m, TLF_value) <= 64);
	tl_set_str(in, TLF_emoticon, "x");
	no(&c, media_to(&c, peer, in, 4), 400, "EMOTICON_INVALID");
	no(&c, media_to(&c, peer, tl_new(&c.arena, TLC_inputMediaEmpty), 5), 400, "MEDIA_EMPTY");
	caller_close(&c);
}

static struct tl_obj *poll_in(struct caller *c, int answers, bool quiz)
{
	struct tl_obj *in = tl_new(&c->arena, TLC_inputMediaPoll);
	struct tl_obj *poll = tl_new(&c->arena, TLC_poll);
	struct tl_obj *text = tl_new(&c->arena, TLC_textWithEntities);

	tl_set_str(text, TLF_text, "Which?");
	tl_set_obj(poll, TLF_question, text);
	tl_set_flag(poll, TLF_quiz, quiz);
	tl_set_vec(&c->arena, poll, TLF_answers, (uint32_t)answers);
	for (int i = 0; i < answers; i++) {
		struct tl_obj *a = tl_new(&c->arena, TLC_pollAnswer);
		uint8_t *option = arena_take(&c->arena, 1);

		*option = (uint8_t)('a' + i);
		tl_set_obj(a, TLF_text, text);
		tl_set_bytes(a, TLF_option, cspan_of(option, 1));
		tl_put_obj(poll, TLF_answers, (uint32_t)i, a);
	}
	tl_set_obj(in, TLF_poll, poll);
	return in;
}

Test(methods_files, polls)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);
	struct tl_obj *peer = in_peer(&c, chat), *in, *q;
	const struct tl_obj *results;
	int32_t id;

	no(&c, media_to(&c, peer, poll_in(&c, 1, false), 1), 400, "POLL_ANSWERS_INVALID");
	no(&c, media_to(&c, peer, poll_in(&c, 2, true), 1), 400, "QUIZ_CORRECT_ANSWERS_EMPTY");
	in = poll_in(&c, 2, false); /* who may vote is limited in channels only */
	tl_set_flag((struct tl_obj *)tl_sub(in, TLF_poll), TLF_subscribers_only, true);
	no(&c, media_to(&c, peer, in, 1), 400, "MEDIA_INVALID");
	in = poll_in(&c, 2, false); /* and answers are added in public only */
	tl_set_flag((struct tl_obj *)tl_sub(in, TLF_poll), TLF_open_answers, true);
	no(&c, media_to(&c, peer, in, 1), 400, "MEDIA_INVALID");
	in = poll_in(&c, 2, false);
	tl_set_flag((struct tl_obj *)tl_sub(in, TLF_poll), TLF_subscribers_only, true);
	made_id(ok(&c, media_to(&c, in_peer(&c, new_chat(&c, true, false)), in, 2)), 2);
	in = poll_in(&c, 3, true);
	tl_set_vec(&c.arena, in, TLF_correct_answers, 1);
	tl_put_int(in, TLF_correct_answers, 0, 5);
	no(&c, media_to(&c, peer, in, 1), 400, "QUIZ_CORRECT_ANSWER_INVALID");
	tl_set_vec(&c.arena, in, TLF_correct_answers, 1);
	tl_put_int(in, TLF_correct_answers, 0, 2);
	id = made_id(ok(&c, media_to(&c, peer, in, 1)), 1);
	q = ask(&c, TLC_messages_sendVote);
	tl_set_obj(q, TLF_peer, peer);
	tl_set_int(q, TLF_msg_id, id);
	tl_set_vec(&c.arena, q, TLF_options, 1);
	tl_put_bytes(q, TLF_options, 0, cspan_str("z"));
	no(&c, q, 400, "OPTION_INVALID");
	tl_set_vec(&c.arena, q, TLF_options, 1);
	tl_put_bytes(q, TLF_options, 0, cspan_str("b"));
	results = tl_sub(tl_vec_obj(tl_vec(ok(&c, q), TLF_updates), 0), TLF_results);
	cr_assert_eq(tl_int(results, TLF_total_voters), 1);
	cr_assert(tl_flag(tl_vec_obj(tl_vec(results, TLF_results), 1), TLF_chosen));
	cr_assert(tl_flag(tl_vec_obj(tl_vec(results, TLF_results), 2), TLF_correct));
	no(&c, q, 400, "REVOTE_NOT_ALLOWED");
	caller_close(&c);
}

/* Without a set only a still picture is a sticker. */
Test(methods_files, stickers_that_move_become_files)
{
	static const char *const mimes[] = {"image/webp", "application/x-tgsticker", "video/webm"};
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);

	for (int i = 0; i < 3; i++) {
		struct tl_obj *sticker = tl_new(&c.arena, TLC_documentAttributeSticker);
		const struct tl_obj *m;

		tl_set_str(sticker, TLF_alt, "x");
		tl_set_obj(sticker, TLF_stickerset, tl_new(&c.arena, TLC_inputStickerSetEmpty));
		m = made_one(
		    ok(&c, media_to(&c, in_peer(&c, chat),
				    in_document_upload(&c, 70 + i, mimes[i], sticker), i + 1)),
		    i + 1);
		m = tl_sub(tl_sub(m, TLF_media), TLF_document);
		cr_assert_eq(tl_vec(m, TLF_attributes).count, i == 0, "%s", mimes[i]);
	}
	caller_close(&c);
}

Test(methods_files, a_gif_is_made_a_video)
{
	struct caller c = caller_open();
	struct chat *chat = new_chat(&c, false, false);

	for (int i = 0; i < 2; i++) {
		struct tl_obj *in = in_document_upload(
		    &c, 80 + i, "image/gif", tl_new(&c.arena, TLC_documentAttributeAnimated));
		const struct tl_obj *m;

		tl_set_flag(in, TLF_force_file, i == 1);
		m = made_one(ok(&c, media_to(&c, in_peer(&c, chat), in, i + 1)), i + 1);
		m = tl_sub(tl_sub(m, TLF_media), TLF_document);
		cr_assert(is_text(tl_bytes(m, TLF_mime_type), i == 0 ? "video/mp4" : "image/gif"));
	}
	caller_close(&c);
}
