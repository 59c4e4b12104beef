/*
 * InputMedia becomes the MessageMedia that is stored: fresh uploads, photos and documents by
 * reference, places, contacts, dice, pages. What is wrong with a file has the name that the real
 * server gives it; in an album the name carries the place of the item.
 */
#include "tools/tgsim/methods_priv.h"

#include <strings.h>

enum {
	PHOTO_BYTES_MAX = 10485760,
	PHOTO_SIDES_MAX = 10000, /* width + height */
	PHOTO_RATIO_MAX = 20,
	GIF_BYTES_MAX = 30 << 20, /* larger ones stay what they are */
};

static bool refuse(struct rpc_reply *out, const char *text)
{
	rpc_error(out, 400, "%s", text);
	return false;
}

/* ---- kinds ---- */

static enum media_kind document_kind(const struct tl_obj *attrs)
{
	struct tl_vec v = tl_vec(attrs, TLF_attributes);
	enum media_kind kind = MEDIA_FILE;

	for (uint32_t i = 0; i < v.count; i++) {
		const struct tl_obj *a = tl_vec_obj(v, i);

		switch (tl_cons(a)) {
		case TLC_documentAttributeAnimated:
			return MEDIA_GIF;
		case TLC_documentAttributeSticker:
		case TLC_documentAttributeCustomEmoji:
			return MEDIA_STICKER;
		case TLC_documentAttributeVideo:
			kind = tl_flag(a, TLF_round_message) ? MEDIA_ROUND : MEDIA_VIDEO;
			break;
		case TLC_documentAttributeAudio:
			if (kind == MEDIA_FILE)
				kind = tl_flag(a, TLF_voice) ? MEDIA_VOICE : MEDIA_AUDIO;
			break;
		default:
			break;
		}
	}
	return kind;
}

enum media_kind media_kind_of(const struct tl_obj *media, struct world *w)
{
	const struct file *f;

	switch (tl_cons(media)) {
	case TLC_none:
	case TLC_messageMediaEmpty:
		return MEDIA_NONE;
	case TLC_messageMediaPhoto:
		return MEDIA_PHOTO;
	case TLC_messageMediaDocument:
		f = file_find(w, tl_long(tl_sub(media, TLF_document), TLF_id));
		return f == NULL ? MEDIA_FILE : document_kind(f->attrs);
	case TLC_messageMediaPoll:
		return MEDIA_POLL;
	case TLC_messageMediaDice:
		return MEDIA_DICE;
	case TLC_messageMediaWebPage:
		return MEDIA_WEBPAGE;
	default:
		return MEDIA_OTHER;
	}
}

/* ---- photos and documents as stored ---- */

static struct tl_obj *photo_media(struct rpc *r, const struct file *f, const struct tl_obj *in)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messageMediaPhoto);

	tl_set_obj(o, TLF_photo, file_stub(r->arena, f));
	tl_set_flag(o, TLF_spoiler, tl_flag(in, TLF_spoiler));
	if (tl_has(in, TLF_ttl_seconds))
		tl_set_int(o, TLF_ttl_seconds, tl_int(in, TLF_ttl_seconds));
	return o;
}

static struct tl_obj *document_media(struct rpc *r, const struct file *f, const struct tl_obj *in)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messageMediaDocument);
	enum media_kind kind = document_kind(f->attrs);

	tl_set_obj(o, TLF_document, file_stub(r->arena, f));
	tl_set_flag(o, TLF_video, kind == MEDIA_VIDEO);
	tl_set_flag(o, TLF_round, kind == MEDIA_ROUND);
	tl_set_flag(o, TLF_voice, kind == MEDIA_VOICE);
	tl_set_flag(o, TLF_spoiler, tl_flag(in, TLF_spoiler));
	if (tl_has(in, TLF_ttl_seconds))
		tl_set_int(o, TLF_ttl_seconds, tl_int(in, TLF_ttl_seconds));
	if (tl_has(in, TLF_video_timestamp))
		tl_set_int(o, TLF_video_timestamp, tl_int(in, TLF_video_timestamp));
	return o;
}

/* ---- by reference ---- */

static bool forbids(const struct history *h)
{
	return h->chat != NULL && h->chat->noforwards;
}

/*
 * Does a chat or a message that forbids copying hold it? Files that clients uploaded themselves are
 * never asked about, so a clone of much media does not search at each post.
 */
static bool is_protected(struct rpc *r, const struct file *f)
{
	if (file_is_own(r->world, f))
		return false;
	for (uint32_t i = 0; i < r->account->dialog_count; i++) {
		const struct history *h = r->account->dialogs[i];

		if (!forbids(h) && h->held_back == 0)
			continue;
		for (uint32_t k = 0; k < h->messages.count; k++) {
			const struct msg *m = msg_find(r->world, h->box, h->messages.ids[k]);

			if (m != NULL && m->file == f && (forbids(h) || m->noforwards))
				return true;
		}
	}
	return false;
}

static bool reference_good(struct rpc *r, const struct file *f, struct cspan reference, int index,
			   struct rpc_reply *out)
{
	static const char *const words[] = {
	    [REF_EMPTY] = "EMPTY", [REF_EXPIRED] = "EXPIRED", [REF_INVALID] = "INVALID"};
	enum ref_state state = file_ref_check(r->world, r->account, f, reference, r->now);

	if (state == REF_GOOD)
		return true;
	if (index >= 0 && state != REF_EMPTY)
		rpc_error(out, 400, "FILE_REFERENCE_%d_%s", index, words[state]);
	else
		rpc_error(out, 400, "FILE_REFERENCE_%s", words[state]);
	return false;
}

/* inputPhoto or inputDocument. */
static struct file *stored_take(struct rpc *r, const struct tl_obj *id, enum file_kind kind,
				int index, struct rpc_reply *out)
{
	struct file *f = file_find(r->world, tl_long(id, TLF_id));

	if (f == NULL || f->kind != kind ||
	    tl_long(id, TLF_access_hash) != file_access_hash(r->world, r->account, f)) {
		refuse(out, "MEDIA_EMPTY");
		return NULL;
	}
	if (!reference_good(r, f, tl_bytes(id, TLF_file_reference), index, out))
		return NULL;
	if (is_protected(r, f)) {
		refuse(out, "CHAT_FORWARDS_RESTRICTED");
		return NULL;
	}
	return f;
}

static bool stored_photo(struct rpc *r, const struct tl_obj *in, int index, struct media *m,
			 struct rpc_reply *out)
{
	struct file *f = stored_take(r, tl_sub(in, TLF_id), FILE_PHOTO, index, out);

	if (f == NULL)
		return false;
	*m = (struct media){MEDIA_PHOTO, photo_media(r, f, in), false};
	return true;
}

static bool stored_document(struct rpc *r, const struct tl_obj *in, int index, struct media *m,
			    struct rpc_reply *out)
{
	struct file *f = stored_take(r, tl_sub(in, TLF_id), FILE_DOCUMENT, index, out);
	struct file *cover;
	struct tl_obj *o;

	if (f == NULL)
		return false;
	o = document_media(r, f, in);
	if (tl_has(in, TLF_video_cover)) {
		cover = stored_take(r, tl_sub(in, TLF_video_cover), FILE_PHOTO, index, out);
		if (cover == NULL)
			return false;
		tl_set_obj(o, TLF_video_cover, file_stub(r->arena, cover));
	}
	*m = (struct media){document_kind(f->attrs), o, false};
	return true;
}

/* ---- fresh uploads ---- */

static bool picture_name(struct cspan name)
{
	static const char *const ends[] = {".jpg", ".jpeg", ".png", ".webp",
					   ".gif", ".bmp",  ".tif", ".tiff"};

	for (size_t i = 0; i < countof(ends); i++) {
		size_t n = strlen(ends[i]);

		if (name.len >= n &&
		    strncasecmp((const char *)name.at + name.len - n, ends[i], n) == 0)
			return true;
	}
	return false;
}

/* An uploaded picture, with its size found out. */
static struct file *picture_take(struct rpc *r, const struct tl_obj *input, enum file_kind kind,
				 struct rpc_reply *out)
{
	struct file *f;

	if (!picture_name(tl_bytes(input, TLF_name))) {
		refuse(out, "PHOTO_EXT_INVALID");
		return NULL;
	}
	f = upload_take(r, input, kind, out);
	if (f == NULL)
		return NULL;
	if (f->size > PHOTO_BYTES_MAX) {
		refuse(out, "PHOTO_SAVE_FILE_INVALID");
		return NULL;
	}
	if (!file_image_size(r->world, f, &f->w, &f->h)) {
		refuse(out, "IMAGE_PROCESS_FAILED");
		return NULL;
	}
	return f;
}

static bool uploaded_photo(struct rpc *r, const struct tl_obj *in, struct media *m,
			   struct rpc_reply *out)
{
	struct file *f = picture_take(r, tl_sub(in, TLF_file), FILE_PHOTO, out);
	int64_t small, large;

	if (f == NULL)
		return false;
	small = f->w < f->h ? f->w : f->h;
	large = f->w < f->h ? f->h : f->w;
	if (small < 1 || small + large > PHOTO_SIDES_MAX || large > small * PHOTO_RATIO_MAX)
		return refuse(out, "PHOTO_INVALID_DIMENSIONS");
	*m = (struct media){MEDIA_PHOTO, photo_media(r, f, in), true};
	return true;
}

/* Of the stickers only a still picture is one without a set; what moves is a mere file then. */
static struct tl_vec attributes_taken(struct rpc *r, const struct tl_obj *in)
{
	struct tl_vec v = tl_vec(in, TLF_attributes);
	struct tl_obj *kept = tl_new(r->arena, TLC_inputMediaUploadedDocument);
	bool sticker = false;
	uint32_t n = 0;

	for (uint32_t i = 0; i < v.count; i++)
		sticker |= tl_cons(tl_vec_obj(v, i)) == TLC_documentAttributeSticker;
	if (!sticker || cspan_equal(tl_bytes(in, TLF_mime_type), cspan_str("image/webp")))
		return v;
	for (uint32_t i = 0; i < v.count; i++)
		n += tl_cons(tl_vec_obj(v, i)) == TLC_documentAttributeFilename;
	tl_set_vec(r->arena, kept, TLF_attributes, n);
	n = 0;
	for (uint32_t i = 0; i < v.count; i++)
		if (tl_cons(tl_vec_obj(v, i)) == TLC_documentAttributeFilename)
			tl_put_obj(kept, TLF_attributes, n++, tl_vec_obj(v, i));
	return tl_vec(kept, TLF_attributes);
}

static bool uploaded_document(struct rpc *r, const struct tl_obj *in, struct media *m,
			      struct rpc_reply *out)
{
	struct cspan mime = tl_bytes(in, TLF_mime_type);
	struct file *f, *thumb = NULL, *cover = NULL;
	struct tl_obj *o;

	if (tl_has(in, TLF_thumb)) {
		thumb = picture_take(r, tl_sub(in, TLF_thumb), FILE_THUMB, out);
		if (thumb == NULL)
			return false;
	}
	if (tl_has(in, TLF_video_cover)) {
		cover = stored_take(r, tl_sub(in, TLF_video_cover), FILE_PHOTO, -1, out);
		if (cover == NULL)
			return false;
	}
	f = upload_take(r, tl_sub(in, TLF_file), FILE_DOCUMENT, out);
	if (f == NULL)
		return false;
	f->mime = world_str(r->world, mime.len > 0 ? mime : cspan_str("application/octet-stream"));
	f->thumb = thumb;
	file_set_attrs(r->world, f, attributes_taken(r, in));
	if (cspan_equal(mime, cspan_str("image/gif")) && !tl_flag(in, TLF_force_file) &&
	    f->size <= GIF_BYTES_MAX)
		f->mime = "video/mp4"; /* made of it; nothing is encoded anew here */
	o = document_media(r, f, in);
	if (cover != NULL)
		tl_set_obj(o, TLF_video_cover, file_stub(r->arena, cover));
	*m = (struct media){document_kind(f->attrs), o, true};
	return true;
}

/* ---- places, people, dice ---- */

static struct tl_obj *geo_take(struct rpc *r, const struct tl_obj *in, struct rpc_reply *out)
{
	double lat = tl_double(in, TLF_lat), lon = tl_double(in, TLF_long);
	struct tl_obj *o = tl_new(r->arena, TLC_geoPoint);

	if (tl_cons(in) != TLC_inputGeoPoint || !(lat >= -90 && lat <= 90) ||
	    !(lon >= -180 && lon <= 180)) {
		refuse(out, "GEO_POINT_INVALID");
		return NULL;
	}
	tl_set_double(o, TLF_lat, lat);
	tl_set_double(o, TLF_long, lon);
	tl_set_long(o, TLF_access_hash, world_random(r->world));
	if (tl_has(in, TLF_accuracy_radius))
		tl_set_int(o, TLF_accuracy_radius, tl_int(in, TLF_accuracy_radius));
	return o;
}

static void copy_strings(struct tl_obj *to, const struct tl_obj *from, const enum tlf *fields,
			 size_t count)
{
	for (size_t i = 0; i < count; i++)
		tl_set_bytes(to, fields[i], tl_bytes(from, fields[i]));
}

static bool place(struct rpc *r, const struct tl_obj *in, struct media *m, struct rpc_reply *out)
{
	static const enum tlf venue[] = {TLF_title, TLF_address, TLF_provider, TLF_venue_id,
					 TLF_venue_type};
	struct tl_obj *geo = geo_take(r, tl_sub(in, TLF_geo_point), out), *o;
	int32_t period = tl_int(in, TLF_period);

	if (geo == NULL)
		return false;
	if (tl_cons(in) == TLC_inputMediaGeoLive) {
		if (period != INT32_MAX && (period < 60 || period > 86400))
			return refuse(out, "MEDIA_INVALID");
		o = tl_new(r->arena, TLC_messageMediaGeoLive);
		tl_set_int(o, TLF_period, period);
		if (tl_has(in, TLF_heading))
			tl_set_int(o, TLF_heading, tl_int(in, TLF_heading));
		if (tl_has(in, TLF_proximity_notification_radius))
			tl_set_int(o, TLF_proximity_notification_radius,
				   tl_int(in, TLF_proximity_notification_radius));
	} else if (tl_cons(in) == TLC_inputMediaVenue) {
		o = tl_new(r->arena, TLC_messageMediaVenue);
		copy_strings(o, in, venue, countof(venue));
	} else {
		o = tl_new(r->arena, TLC_messageMediaGeo);
	}
	tl_set_obj(o, TLF_geo, geo);
	*m = (struct media){MEDIA_OTHER, o, false};
	return true;
}

static bool contact(struct rpc *r, const struct tl_obj *in, struct media *m, struct rpc_reply *out)
{
	static const enum tlf fields[] = {TLF_phone_number, TLF_first_name, TLF_last_name,
					  TLF_vcard};
	struct tl_obj *o = tl_new(r->arena, TLC_messageMediaContact);
	struct account *a =
	    account_by_phone(r->world, rpc_cstr(r, tl_bytes(in, TLF_phone_number), 32));

	if (tl_bytes(in, TLF_phone_number).len == 0)
		return refuse(out, "MEDIA_EMPTY");
	copy_strings(o, in, fields, countof(fields));
	if (a != NULL)
		tl_set_long(o, TLF_user_id, a->user->id);
	*m = (struct media){MEDIA_OTHER, o, false};
	return true;
}

static bool dice(struct rpc *r, const struct tl_obj *in, struct media *m, struct rpc_reply *out)
{
	static const struct {
		const char *emoticon;
		uint32_t sides;
	} dice[] = {
	    {"\xf0\x9f\x8e\xb2", 6},  /* die */
	    {"\xf0\x9f\x8e\xaf", 6},  /* darts */
	    {"\xf0\x9f\x8f\x80", 5},  /* basketball */
	    {"\xe2\x9a\xbd", 5},      /* football */
	    {"\xf0\x9f\x8e\xb3", 6},  /* bowling */
	    {"\xf0\x9f\x8e\xb0", 64}, /* slot machine */
	};
	struct cspan emoticon = tl_bytes(in, TLF_emoticon);
	struct tl_obj *o = tl_new(r->arena, TLC_messageMediaDice);

	for (size_t i = 0; i < countof(dice); i++) {
		size_t n = strlen(dice[i].emoticon);
		uint64_t value;

		/* A variation selector behind it does not matter. */
		if (emoticon.len < n || memcmp(emoticon.at, dice[i].emoticon, n) != 0)
			continue;
		value = (uint64_t)world_random(r->world) >> 11;
		tl_set_int(o, TLF_value, (int32_t)(value % dice[i].sides) + 1);
		tl_set_str(o, TLF_emoticon, dice[i].emoticon);
		*m = (struct media){MEDIA_DICE, o, false};
		return true;
	}
	return refuse(out, "EMOTICON_INVALID");
}

static bool todo(struct rpc *r, const struct tl_obj *in, struct media *m, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messageMediaToDo);

	if (!r->account->user->premium) {
		rpc_error(out, 403, "PREMIUM_ACCOUNT_REQUIRED");
		return false;
	}
	tl_set_obj(o, TLF_todo, tl_sub(in, TLF_todo));
	*m = (struct media){MEDIA_OTHER, o, false};
	return true;
}

/* ---- link previews ---- */

/* As the model makes it for a message whose text is this address. */
static const struct tl_obj *page_of(struct rpc *r, struct cspan url)
{
	struct tl_obj *message = tl_new(r->arena, TLC_message);
	struct tl_obj *entity = tl_new(r->arena, TLC_messageEntityUrl);

	tl_set_int(entity, TLF_offset, 0);
	tl_set_int(entity, TLF_length, (int32_t)utf16_len(url));
	tl_set_bytes(message, TLF_message, url);
	tl_set_vec(r->arena, message, TLF_entities, 1);
	tl_put_obj(message, TLF_entities, 0, entity);
	return webpage_media(r->world, r->arena, message);
}

/* While the real server still fetches it, there is only an id. */
static const struct tl_obj *pending_page(struct rpc *r, const struct tl_obj *media)
{
	const struct tl_obj *page = tl_sub(media, TLF_webpage);
	struct tl_obj *pending = tl_new(r->arena, TLC_webPagePending);
	struct tl_obj *o = tl_copy(r->arena, media);

	tl_set_long(pending, TLF_id, tl_long(page, TLF_id));
	tl_set_bytes(pending, TLF_url, tl_bytes(page, TLF_url));
	tl_set_int(pending, TLF_date, rpc_date(r));
	tl_set_obj(o, TLF_webpage, pending);
	return o;
}

static const struct tl_obj *by_mode(struct rpc *r, const struct tl_obj *media)
{
	switch (methods_of(r->world)->webpage) {
	case WEBPAGE_NONE:
		return NULL;
	case WEBPAGE_PENDING:
		return media == NULL ? NULL : pending_page(r, media);
	case WEBPAGE_SIMPLE:
		break;
	}
	return media;
}

const struct tl_obj *media_preview(struct rpc *r, const struct text *t)
{
	struct cspan url = text_first_url(t);

	return url.len == 0 ? NULL : by_mode(r, page_of(r, url));
}

static bool page(struct rpc *r, const struct tl_obj *in, struct media *m, struct rpc_reply *out)
{
	struct cspan url = tl_bytes(in, TLF_url);
	const struct tl_obj *media;
	struct tl_obj *o;

	if (url.len < 8 || memcmp(url.at, "http", 4) != 0)
		return refuse(out, "WEBPAGE_URL_INVALID");
	media = by_mode(r, page_of(r, url));
	if (media == NULL && !tl_flag(in, TLF_optional))
		return refuse(out, "WEBPAGE_NOT_FOUND");
	o = media == NULL ? NULL : tl_copy(r->arena, media);
	if (o != NULL) {
		tl_set_flag(o, TLF_force_large_media, tl_flag(in, TLF_force_large_media));
		tl_set_flag(o, TLF_force_small_media, tl_flag(in, TLF_force_small_media));
	}
	*m = (struct media){MEDIA_WEBPAGE, o, false};
	return true;
}

/* ---- all of them ---- */

static bool poll(struct rpc *r, const struct target *t, const struct tl_obj *in, struct media *m,
		 struct rpc_reply *out)
{
	*m = (struct media){MEDIA_POLL, poll_take(r, t, in, out), false};
	return m->obj != NULL;
}

bool media_take(struct rpc *r, const struct target *t, const struct tl_obj *in, int index,
		struct media *m, struct rpc_reply *out)
{
	if (tl_has(in, TLF_ttl_seconds) && t->peer.kind != PEER_USER)
		return refuse(out, "TTL_MEDIA_INVALID");
	switch (tl_cons(in)) {
	case TLC_inputMediaUploadedPhoto:
		return uploaded_photo(r, in, m, out);
	case TLC_inputMediaUploadedDocument:
		return uploaded_document(r, in, m, out);
	case TLC_inputMediaPhoto:
		return stored_photo(r, in, index, m, out);
	case TLC_inputMediaDocument:
		return stored_document(r, in, index, m, out);
	case TLC_inputMediaGeoPoint:
	case TLC_inputMediaGeoLive:
	case TLC_inputMediaVenue:
		return place(r, in, m, out);
	case TLC_inputMediaContact:
		return contact(r, in, m, out);
	case TLC_inputMediaDice:
		return dice(r, in, m, out);
	case TLC_inputMediaPoll:
		return poll(r, t, in, m, out);
	case TLC_inputMediaWebPage:
		return page(r, in, m, out);
	case TLC_inputMediaTodo:
		return todo(r, in, m, out);
	case TLC_inputMediaPhotoExternal:
	case TLC_inputMediaDocumentExternal:
		return refuse(out, "WEBPAGE_CURL_FAILED"); /* nothing is fetched here */
	case TLC_inputMediaEmpty:
		return refuse(out, "MEDIA_EMPTY");
	default:
		return refuse(out, "MEDIA_INVALID");
	}
}
