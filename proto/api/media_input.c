/*
 * InputMedia: how media is sent again, by reference, after an upload, or built anew from its fields
 * (api.md 11, table "Copy by reference"). Trees are made in the caller's arena; strings stay views.
 */
#include "proto/api/media.h"

#include "proto/base/check.h"

static const struct tl_obj *input_id(struct arena *a, const struct tl_obj *body)
{
	struct tl_obj *o =
		tl_new(a, tl_cons(body) == TLC_photo ? TLC_inputPhoto : TLC_inputDocument);

	tl_set_long(o, TLF_id, tl_long(body, TLF_id));
	tl_set_long(o, TLF_access_hash, tl_long(body, TLF_access_hash));
	tl_set_bytes(o, TLF_file_reference, tl_bytes(body, TLF_file_reference));
	return o;
}

static void copy_ttl(struct tl_obj *to, const struct tl_obj *media)
{
	if (tl_has(media, TLF_ttl_seconds))
		tl_set_int(to, TLF_ttl_seconds, tl_int(media, TLF_ttl_seconds));
}

/* Where a video begins to play. */
static void copy_start(struct tl_obj *to, const struct tl_obj *media)
{
	if (tl_has(media, TLF_video_timestamp))
		tl_set_int(to, TLF_video_timestamp, tl_int(media, TLF_video_timestamp));
}

static const struct tl_obj *input_photo(struct arena *a, const struct tl_obj *body,
					const struct tl_obj *media, bool spoiler)
{
	struct tl_obj *o = tl_new(a, TLC_inputMediaPhoto);
	const struct tl_obj *live = tl_sub(media, TLF_video);

	tl_set_obj(o, TLF_id, input_id(a, body));
	tl_set_flag(o, TLF_spoiler, spoiler);
	if (tl_cons(live) == TLC_document) {
		tl_set_flag(o, TLF_live_photo, true);
		tl_set_obj(o, TLF_video, input_id(a, live));
	}
	copy_ttl(o, media);
	return o;
}

static const struct tl_obj *input_document(struct arena *a, const struct tl_obj *body,
					   const struct tl_obj *media, bool spoiler)
{
	struct tl_obj *o = tl_new(a, TLC_inputMediaDocument);
	const struct tl_obj *cover = tl_sub(media, TLF_video_cover);

	tl_set_obj(o, TLF_id, input_id(a, body));
	tl_set_flag(o, TLF_spoiler, spoiler);
	if (tl_cons(cover) == TLC_photo)
		tl_set_obj(o, TLF_video_cover, input_id(a, cover));
	copy_start(o, media);
	copy_ttl(o, media);
	return o;
}

/* geoPoint holds long, lat; inputGeoPoint takes lat, long: by name, so the order is the table's. */
static const struct tl_obj *input_geo(struct arena *a, const struct tl_obj *geo)
{
	struct tl_obj *o = tl_new(a, TLC_inputGeoPoint);

	tl_set_double(o, TLF_lat, tl_double(geo, TLF_lat));
	tl_set_double(o, TLF_long, tl_double(geo, TLF_long));
	if (tl_has(geo, TLF_accuracy_radius))
		tl_set_int(o, TLF_accuracy_radius, tl_int(geo, TLF_accuracy_radius));
	return o;
}

/* A live location has ended when it is cloned: the last point stays (api.md 11). */
static const struct tl_obj *input_place(struct arena *a, const struct media *m)
{
	struct tl_obj *o = tl_new(a, m->kind == MEDIA_VENUE ? TLC_inputMediaVenue
							    : TLC_inputMediaGeoPoint);

	tl_set_obj(o, TLF_geo_point, input_geo(a, tl_sub(m->obj, TLF_geo)));
	if (m->kind != MEDIA_VENUE)
		return o;
	tl_set_bytes(o, TLF_title, tl_bytes(m->obj, TLF_title));
	tl_set_bytes(o, TLF_address, tl_bytes(m->obj, TLF_address));
	tl_set_bytes(o, TLF_provider, tl_bytes(m->obj, TLF_provider));
	tl_set_bytes(o, TLF_venue_id, tl_bytes(m->obj, TLF_venue_id));
	tl_set_bytes(o, TLF_venue_type, tl_bytes(m->obj, TLF_venue_type));
	return o;
}

static const struct tl_obj *input_contact(struct arena *a, const struct tl_obj *media)
{
	struct tl_obj *o = tl_new(a, TLC_inputMediaContact);

	tl_set_bytes(o, TLF_phone_number, tl_bytes(media, TLF_phone_number));
	tl_set_bytes(o, TLF_first_name, tl_bytes(media, TLF_first_name));
	tl_set_bytes(o, TLF_last_name, tl_bytes(media, TLF_last_name));
	tl_set_bytes(o, TLF_vcard, tl_bytes(media, TLF_vcard));
	return o;
}

/* Layer 228 takes inputPollAnswer, older ones pollAnswer with its option bytes. */
static const struct tl_obj *input_answer(struct arena *a, const struct tl_obj *answer, int layer)
{
	struct tl_obj *o;

	if (layer < TL_LAYER)
		return answer;
	o = tl_new(a, TLC_inputPollAnswer);
	tl_set_obj(o, TLF_text, tl_sub(answer, TLF_text));
	return o;
}

/* Which answers of a quiz are right; count 0: this account cannot see it. */
static uint32_t correct_answers(const struct tl_obj *media, uint32_t *index, uint32_t max)
{
	struct tl_vec answers = tl_vec(tl_sub(media, TLF_poll), TLF_answers);
	struct tl_vec results = tl_vec(tl_sub(media, TLF_results), TLF_results);
	uint32_t n = 0;

	for (uint32_t i = 0; i < results.count; i++) {
		const struct tl_obj *r = tl_vec_obj(results, i);

		for (uint32_t k = 0; tl_flag(r, TLF_correct) && k < answers.count && n < max; k++) {
			struct cspan option = tl_bytes(tl_vec_obj(answers, k), TLF_option);

			if (cspan_equal(option, tl_bytes(r, TLF_option)))
				index[n++] = k;
		}
	}
	return n;
}

static void put_correct(struct arena *a, struct tl_obj *o, const struct tl_obj *media,
			const uint32_t *index, uint32_t count, int layer)
{
	struct tl_vec answers = tl_vec(tl_sub(media, TLF_poll), TLF_answers);

	tl_set_vec(a, o, TLF_correct_answers, count);
	for (uint32_t i = 0; i < count; i++) {
		if (layer >= TL_LAYER)
			tl_put_int(o, TLF_correct_answers, i, (int32_t)index[i]);
		else
			tl_put_bytes(o, TLF_correct_answers, i,
				     tl_bytes(tl_vec_obj(answers, index[i]), TLF_option));
	}
}

static const struct tl_obj *input_poll(struct arena *a, const struct media *m, int layer,
				       const char **why)
{
	const struct tl_obj *results = tl_sub(m->obj, TLF_results);
	struct tl_obj *poll = tl_copy(a, tl_sub(m->obj, TLF_poll));
	struct tl_vec answers = tl_vec(tl_sub(m->obj, TLF_poll), TLF_answers);
	struct tl_obj *o = tl_new(a, TLC_inputMediaPoll);
	uint32_t correct[16];
	uint32_t count = 0;

	if (m->forward_only) {
		*why = "poll with pictures";
		return NULL;
	}
	tl_set_vec(a, poll, TLF_answers, answers.count);
	for (uint32_t i = 0; i < answers.count; i++)
		tl_put_obj(poll, TLF_answers, i, input_answer(a, tl_vec_obj(answers, i), layer));
	tl_set_long(poll, TLF_id, 0); /* it is another poll */
	tl_set_long(poll, TLF_hash, 0);
	tl_set_flag(poll, TLF_creator, false);
	tl_unset(poll, TLF_close_date);
	tl_unset(poll, TLF_close_period);
	tl_set_flag(poll, TLF_hide_results_until_close, false); /* it does not close by itself: nobody would see them */
	tl_set_obj(o, TLF_poll, poll);
	if (m->kind != MEDIA_QUIZ)
		return o;
	count = correct_answers(m->obj, correct, countof(correct));
	if (count == 0) {
		*why = "quiz whose right answer is not visible";
		return NULL;
	}
	put_correct(a, o, m->obj, correct, count, layer);
	if (tl_has(results, TLF_solution)) {
		struct tl_vec entities = tl_vec(results, TLF_solution_entities);

		tl_set_bytes(o, TLF_solution, tl_bytes(results, TLF_solution));
		tl_set_vec(a, o, TLF_solution_entities, entities.count);
		for (uint32_t i = 0; i < entities.count; i++)
			tl_put_obj(o, TLF_solution_entities, i, tl_vec_obj(entities, i));
	}
	return o;
}

const struct tl_obj *media_input(struct arena *a, const struct media *m, int layer, const char **why)
{
	struct tl_obj *o;

	*why = "cannot be sent again";
	switch (m->kind) {
	case MEDIA_PHOTO:
		return input_photo(a, m->body, m->obj, m->spoiler);
	case MEDIA_VIDEO:
	case MEDIA_ROUND:
	case MEDIA_GIF:
	case MEDIA_VOICE:
	case MEDIA_AUDIO:
	case MEDIA_STICKER:
	case MEDIA_DOCUMENT:
		return input_document(a, m->body, m->obj, m->spoiler);
	case MEDIA_GEO:
	case MEDIA_GEO_LIVE:
	case MEDIA_VENUE:
		return input_place(a, m);
	case MEDIA_CONTACT:
		return input_contact(a, m->obj);
	case MEDIA_POLL:
	case MEDIA_QUIZ:
		return input_poll(a, m, layer, why);
	case MEDIA_CHECKLIST:
		o = tl_new(a, TLC_inputMediaTodo);
		tl_set_obj(o, TLF_todo, tl_sub(m->obj, TLF_todo));
		return o;
	case MEDIA_DICE:
		o = tl_new(a, TLC_inputMediaDice);
		tl_set_bytes(o, TLF_emoticon, tl_bytes(m->obj, TLF_emoticon));
		return o;
	default:
		return NULL;
	}
}

struct cspan media_upload_name(const struct media *m)
{
	if (m->kind == MEDIA_PHOTO)
		return cspan_str("photo.jpg");
	if (m->name.len > 0)
		return m->name;
	switch (m->kind) {
	case MEDIA_VIDEO:
	case MEDIA_ROUND:
	case MEDIA_GIF:
		return cspan_str("video.mp4");
	case MEDIA_VOICE:
		return cspan_str("voice.ogg");
	case MEDIA_AUDIO:
		return cspan_str("audio.mp3");
	case MEDIA_STICKER:
		return cspan_str("sticker.webp");
	default:
		return cspan_str("file");
	}
}

const struct tl_obj *media_input_file(struct arena *a, int64_t file_id, int32_t parts, bool big,
				      struct cspan name)
{
	struct tl_obj *o = tl_new(a, big ? TLC_inputFileBig : TLC_inputFile);

	tl_set_long(o, TLF_id, file_id);
	tl_set_int(o, TLF_parts, parts);
	tl_set_bytes(o, TLF_name, name);
	if (!big)
		tl_set_str(o, TLF_md5_checksum, "");
	return o;
}

/* The server would make an animation of a silent video: say when it is none (api.md 11). */
static bool is_plain_video(const struct media *m)
{
	return m->kind == MEDIA_VIDEO;
}

/* A sticker that is uploaded is of no set, whatever it was of before. */
static const struct tl_obj *unbound(struct arena *a, const struct tl_obj *attribute)
{
	struct tl_obj *o;

	if (tl_cons(attribute) != TLC_documentAttributeSticker)
		return attribute;
	o = tl_copy(a, attribute);
	if (o != NULL)
		tl_set_obj(o, TLF_stickerset, tl_new(a, TLC_inputStickerSetEmpty));
	return o;
}

static void put_attributes(struct arena *a, struct tl_obj *o, const struct media *m, bool plain)
{
	struct tl_vec list = tl_vec(m->body, TLF_attributes);
	uint32_t count = 0;

	for (uint32_t i = 0; i < list.count; i++)
		count += !plain || tl_cons(tl_vec_obj(list, i)) == TLC_documentAttributeFilename;
	tl_set_vec(a, o, TLF_attributes, count);
	count = 0;
	for (uint32_t i = 0; i < list.count; i++) {
		const struct tl_obj *attribute = tl_vec_obj(list, i);

		if (!plain || tl_cons(attribute) == TLC_documentAttributeFilename)
			tl_put_obj(o, TLF_attributes, count++, unbound(a, attribute));
	}
}

const struct tl_obj *media_input_uploaded(struct arena *a, const struct media *m,
					  const struct tl_obj *file, const struct tl_obj *thumb,
					  bool plain)
{
	struct tl_obj *o;

	if (m->kind == MEDIA_PHOTO && !plain) {
		o = tl_new(a, TLC_inputMediaUploadedPhoto);
		tl_set_obj(o, TLF_file, file);
		tl_set_flag(o, TLF_spoiler, m->spoiler);
		copy_ttl(o, m->obj);
		return o;
	}
	o = tl_new(a, TLC_inputMediaUploadedDocument);
	tl_set_obj(o, TLF_file, file);
	tl_set_flag(o, TLF_spoiler, m->spoiler);
	tl_set_flag(o, TLF_force_file, plain || m->kind == MEDIA_DOCUMENT);
	tl_set_flag(o, TLF_nosound_video, !plain && is_plain_video(m));
	tl_set_bytes(o, TLF_mime_type, m->mime);
	if (thumb != NULL)
		tl_set_obj(o, TLF_thumb, thumb);
	put_attributes(a, o, m, plain);
	copy_start(o, m->obj);
	copy_ttl(o, m->obj);
	return o;
}
