/*
 * Reading of MessageMedia. Everything that sends again is in media_input.c.
 */
#include "proto/api/media.h"

#include "proto/base/check.h"

static const char *const kind_names[MEDIA_KINDS] = {
	[MEDIA_NONE] = "text",
	[MEDIA_WEBPAGE] = "web page",
	[MEDIA_PHOTO] = "photo",
	[MEDIA_VIDEO] = "video",
	[MEDIA_ROUND] = "round video",
	[MEDIA_GIF] = "gif",
	[MEDIA_VOICE] = "voice",
	[MEDIA_AUDIO] = "audio",
	[MEDIA_STICKER] = "sticker",
	[MEDIA_DOCUMENT] = "document",
	[MEDIA_GEO] = "location",
	[MEDIA_GEO_LIVE] = "live location",
	[MEDIA_VENUE] = "venue",
	[MEDIA_CONTACT] = "contact",
	[MEDIA_POLL] = "poll",
	[MEDIA_QUIZ] = "quiz",
	[MEDIA_DICE] = "dice",
	[MEDIA_CHECKLIST] = "checklist",
	[MEDIA_STORY] = "story",
	[MEDIA_GAME] = "game",
	[MEDIA_INVOICE] = "invoice",
	[MEDIA_GIVEAWAY] = "giveaway",
	[MEDIA_PAID] = "paid media",
	[MEDIA_EXPIRED] = "expired media",
	[MEDIA_UNSUPPORTED] = "unsupported",
};

const char *media_kind_name(enum media_kind kind)
{
	check(kind < MEDIA_KINDS);
	return kind_names[kind];
}

static void set_type(struct media_file *f, struct cspan type)
{
	size_t n = type.len < sizeof(f->thumb) - 1 ? type.len : sizeof(f->thumb) - 1;

	memset(f->thumb, 0, sizeof(f->thumb));
	if (n > 0)
		memcpy(f->thumb, type.at, n);
}

/* Bytes of one PhotoSize, -1 when it is no size of its own (stripped, outline, empty). */
static int64_t size_of(const struct tl_obj *s)
{
	struct tl_vec sizes;

	switch (tl_cons(s)) {
	case TLC_photoSize:
		return tl_int(s, TLF_size);
	case TLC_photoSizeProgressive:
		sizes = tl_vec(s, TLF_sizes);
		return sizes.count > 0 ? tl_vec_int(sizes, sizes.count - 1) : -1;
	case TLC_photoCachedSize:
		return (int64_t)tl_bytes(s, TLF_bytes).len;
	default:
		return -1;
	}
}

static int64_t area_of(const struct tl_obj *s)
{
	return (int64_t)tl_int(s, TLF_w) * tl_int(s, TLF_h);
}

/* What lies in the answer is a small one: of a small picture it is all there is. */
static bool is_larger(const struct tl_obj *s, const struct tl_obj *than)
{
	bool cached = tl_cons(s) == TLC_photoCachedSize, other = tl_cons(than) == TLC_photoCachedSize;

	if (than == NULL || cached != other)
		return than == NULL || other;
	return area_of(s) >= area_of(than);
}

/* There is no original of a photo: the largest size counts (api.md 8). Without one it goes by reference all the same. */
static void read_photo(const struct tl_obj *photo, struct media *m)
{
	struct tl_vec sizes = tl_vec(photo, TLF_sizes);
	const struct tl_obj *best = NULL;

	for (uint32_t i = 0; i < sizes.count; i++) {
		const struct tl_obj *s = tl_vec_obj(sizes, i);

		if (size_of(s) > 0 && is_larger(s, best))
			best = s;
	}
	if (best != NULL) {
		m->file.size = size_of(best);
		set_type(&m->file, tl_bytes(best, TLF_type));
	}
	m->body = photo;
	m->has_file = true;
	m->file.photo = true;
	m->file.id = tl_long(photo, TLF_id);
	m->file.access_hash = tl_long(photo, TLF_access_hash);
	m->file.reference = tl_bytes(photo, TLF_file_reference);
	m->file.dc = tl_int(photo, TLF_dc_id);
	m->mime = cspan_str("image/jpeg");
}

/* The largest thumbnail that a client may send again: JPEG, at most 320 pixels (api.md 10). */
static void read_thumb(const struct tl_obj *document, struct media *m)
{
	struct tl_vec thumbs = tl_vec(document, TLF_thumbs);
	int32_t best = 0;

	for (uint32_t i = 0; i < thumbs.count; i++) {
		const struct tl_obj *s = tl_vec_obj(thumbs, i);
		int32_t w = tl_int(s, TLF_w), h = tl_int(s, TLF_h);
		int64_t size = size_of(s);

		if (size <= 0 || size > 200 * 1024 || w <= 0 || h <= 0 || w > 320 || h > 320 ||
		    w + h <= best)
			continue;
		best = w + h;
		m->has_thumb = true;
		m->thumb = m->file;
		m->thumb.size = size;
		set_type(&m->thumb, tl_bytes(s, TLF_type));
		m->thumb_inline = tl_cons(s) == TLC_photoCachedSize ? tl_bytes(s, TLF_bytes)
								     : cspan_of(NULL, 0);
	}
}

/* Attributes tell what a document is to people; the most special one wins. */
static enum media_kind kind_of_attributes(const struct tl_obj *document, struct media *m)
{
	struct tl_vec list = tl_vec(document, TLF_attributes);
	bool video = false, round = false, gif = false, sticker = false, audio = false, voice = false;

	for (uint32_t i = 0; i < list.count; i++) {
		const struct tl_obj *a = tl_vec_obj(list, i);

		switch (tl_cons(a)) {
		case TLC_documentAttributeVideo:
			video = true;
			round |= tl_flag(a, TLF_round_message);
			break;
		case TLC_documentAttributeAudio:
			audio = true;
			voice |= tl_flag(a, TLF_voice);
			break;
		case TLC_documentAttributeAnimated:
			gif = true;
			break;
		case TLC_documentAttributeSticker:
		case TLC_documentAttributeCustomEmoji:
			sticker = true;
			break;
		case TLC_documentAttributeFilename:
			m->name = tl_bytes(a, TLF_file_name);
			break;
		default:
			break;
		}
	}
	if (sticker)
		return MEDIA_STICKER;
	if (gif)
		return MEDIA_GIF;
	if (video)
		return round ? MEDIA_ROUND : MEDIA_VIDEO;
	if (audio)
		return voice ? MEDIA_VOICE : MEDIA_AUDIO;
	return MEDIA_DOCUMENT;
}

/*
 * What a document says of its size goes into sums and part numbers: nonsense must not (H20). The limit
 * is far above what any account may upload, so such a file is refused for its size.
 */
static int64_t sane_size(int64_t size)
{
	if (size < 0)
		return 0;
	return size < MEDIA_SIZE_MAX ? size : MEDIA_SIZE_MAX;
}

static void read_document(const struct tl_obj *document, struct media *m)
{
	m->body = document;
	m->has_file = true;
	m->file.id = tl_long(document, TLF_id);
	m->file.access_hash = tl_long(document, TLF_access_hash);
	m->file.reference = tl_bytes(document, TLF_file_reference);
	m->file.dc = tl_int(document, TLF_dc_id);
	m->file.size = sane_size(tl_long(document, TLF_size));
	m->mime = tl_bytes(document, TLF_mime_type);
	m->kind = kind_of_attributes(document, m);
	read_thumb(document, m);
}

/* A place that does not say where would be sent as the point 0, 0. */
static enum media_kind kind_of_place(const struct tl_obj *obj, enum media_kind kind)
{
	return tl_sub_cons(obj, TLF_geo) == TLC_geoPoint ? kind : MEDIA_UNSUPPORTED;
}

/* Pictures beside a poll's texts are not named again, and without them it is another poll. */
static bool poll_has_media(const struct tl_obj *obj)
{
	struct tl_vec answers = tl_vec(tl_sub(obj, TLF_poll), TLF_answers);

	for (uint32_t i = 0; i < answers.count; i++)
		if (tl_has(tl_vec_obj(answers, i), TLF_media))
			return true;
	return tl_has(obj, TLF_attached_media) ||
	       tl_has(tl_sub(obj, TLF_results), TLF_solution_media);
}

static enum media_kind kind_of_others(const struct tl_obj *obj)
{
	switch (tl_cons(obj)) {
	case TLC_messageMediaWebPage:
		return MEDIA_WEBPAGE;
	case TLC_messageMediaGeo:
		return kind_of_place(obj, MEDIA_GEO);
	case TLC_messageMediaGeoLive:
		return kind_of_place(obj, MEDIA_GEO_LIVE);
	case TLC_messageMediaVenue:
		return kind_of_place(obj, MEDIA_VENUE);
	case TLC_messageMediaContact:
		return MEDIA_CONTACT;
	case TLC_messageMediaPoll:
		return tl_flag(tl_sub(obj, TLF_poll), TLF_quiz) ? MEDIA_QUIZ : MEDIA_POLL;
	case TLC_messageMediaDice:
		return MEDIA_DICE;
	case TLC_messageMediaToDo:
		return MEDIA_CHECKLIST;
	case TLC_messageMediaStory:
		return MEDIA_STORY;
	case TLC_messageMediaGame:
		return MEDIA_GAME;
	case TLC_messageMediaInvoice:
		return MEDIA_INVOICE;
	case TLC_messageMediaGiveaway:
	case TLC_messageMediaGiveawayResults:
		return MEDIA_GIVEAWAY;
	case TLC_messageMediaPaidMedia:
		return MEDIA_PAID;
	case TLC_messageMediaEmpty:
		return MEDIA_NONE;
	default:
		return MEDIA_UNSUPPORTED;
	}
}

void media_read(const struct tl_obj *obj, struct media *m)
{
	const struct tl_obj *body;

	*m = (struct media){.kind = MEDIA_NONE, .obj = obj};
	if (obj == NULL)
		return;
	m->spoiler = tl_flag(obj, TLF_spoiler);
	switch (tl_cons(obj)) {
	case TLC_messageMediaPhoto:
		m->kind = MEDIA_PHOTO;
		body = tl_sub(obj, TLF_photo);
		if (tl_cons(body) == TLC_photo)
			read_photo(body, m);
		break;
	case TLC_messageMediaDocument:
		m->kind = MEDIA_DOCUMENT;
		body = tl_sub(obj, TLF_document);
		if (tl_cons(body) == TLC_document)
			read_document(body, m);
		break;
	default:
		m->kind = kind_of_others(obj);
		m->forward_only = tl_cons(obj) == TLC_messageMediaPoll && poll_has_media(obj);
		return;
	}
	if (!m->has_file)
		m->kind = MEDIA_EXPIRED;
}

const struct tl_obj *media_location(struct arena *a, const struct media_file *f)
{
	struct tl_obj *o =
		tl_new(a, f->photo ? TLC_inputPhotoFileLocation : TLC_inputDocumentFileLocation);

	tl_set_long(o, TLF_id, f->id);
	tl_set_long(o, TLF_access_hash, f->access_hash);
	tl_set_bytes(o, TLF_file_reference, f->reference);
	tl_set_str(o, TLF_thumb_size, f->thumb);
	return o;
}

bool media_streams(enum media_kind kind)
{
	return kind >= MEDIA_PHOTO && kind <= MEDIA_DOCUMENT;
}

bool media_by_reference(enum media_kind kind)
{
	return kind <= MEDIA_QUIZ || kind == MEDIA_CHECKLIST;
}
