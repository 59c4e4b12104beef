/*
 * Media in a dump: kind, size, digest of the bytes, and every attribute that a copy should keep.
 * Photos have no thumbnails here: those are the server's own.
 */
#include "tools/tgsim/dump_priv.h"

static void put_digest(struct dump *d, struct file *f)
{
	uint8_t digest[32];

	line_long(&d->line, "size", f->size);
	if (d->opt.numbers) {
		line_long(&d->line, "number", f->id);
		return;
	}
	if (file_sha256(d->world, f, digest))
		line_hex(&d->line, "sha256", cspan_of(digest, sizeof(digest)));
	else
		line_text(&d->line, "sha256", cspan_str("not kept"));
}

static void put_nested_file(struct dump *d, const char *key, struct file *f)
{
	if (f == NULL)
		return;
	line_open(&d->line, key, '{');
	put_digest(d, f);
	line_close(&d->line, '}');
}

static void put_photo(struct dump *d, const struct tl_obj *media)
{
	struct file *f = file_find(d->world, tl_long(tl_sub(media, TLF_photo), TLF_id));

	line_text(&d->line, "kind", cspan_str("photo"));
	if (f == NULL)
		return;
	put_digest(d, f);
	line_long(&d->line, "w", f->w);
	line_long(&d->line, "h", f->h);
}

/* ---- documents ---- */

static const struct tl_obj *attr_of(const struct file *f, enum tlc kind)
{
	struct tl_vec attrs = tl_vec(f->attrs, TLF_attributes);

	for (uint32_t i = 0; i < attrs.count; i++)
		if (tl_cons(tl_vec_obj(attrs, i)) == kind)
			return tl_vec_obj(attrs, i);
	return NULL;
}

static const char *document_kind(const struct file *f)
{
	const struct tl_obj *video = attr_of(f, TLC_documentAttributeVideo);
	const struct tl_obj *audio = attr_of(f, TLC_documentAttributeAudio);

	if (attr_of(f, TLC_documentAttributeSticker) != NULL)
		return "sticker";
	if (attr_of(f, TLC_documentAttributeAnimated) != NULL)
		return "animation";
	if (video != NULL)
		return tl_flag(video, TLF_round_message) ? "round" : "video";
	if (audio != NULL)
		return tl_flag(audio, TLF_voice) ? "voice" : "audio";
	return "document";
}

static void put_video(struct line *l, const struct tl_obj *a)
{
	if (a == NULL)
		return;
	line_real(l, "duration", tl_double(a, TLF_duration));
	line_long(l, "w", tl_int(a, TLF_w));
	line_long(l, "h", tl_int(a, TLF_h));
	line_flag(l, "streaming", tl_flag(a, TLF_supports_streaming));
	line_flag(l, "nosound", tl_flag(a, TLF_nosound));
}

static void put_audio(struct line *l, const struct tl_obj *a)
{
	if (a == NULL)
		return;
	line_long(l, "duration", tl_int(a, TLF_duration));
	if (tl_has(a, TLF_title))
		line_text(l, "title", tl_bytes(a, TLF_title));
	if (tl_has(a, TLF_performer))
		line_text(l, "performer", tl_bytes(a, TLF_performer));
	if (tl_has(a, TLF_waveform))
		line_hex(l, "waveform", tl_bytes(a, TLF_waveform));
}

static void put_attributes(struct line *l, const struct file *f)
{
	const struct tl_obj *name = attr_of(f, TLC_documentAttributeFilename);
	const struct tl_obj *size = attr_of(f, TLC_documentAttributeImageSize);
	const struct tl_obj *sticker = attr_of(f, TLC_documentAttributeSticker);

	if (name != NULL)
		line_text(l, "name", tl_bytes(name, TLF_file_name));
	put_video(l, attr_of(f, TLC_documentAttributeVideo));
	put_audio(l, attr_of(f, TLC_documentAttributeAudio));
	if (size != NULL) {
		line_long(l, "w", tl_int(size, TLF_w));
		line_long(l, "h", tl_int(size, TLF_h));
	}
	if (sticker != NULL)
		line_text(l, "alt", tl_bytes(sticker, TLF_alt));
}

static void put_document(struct dump *d, const struct tl_obj *media)
{
	struct file *f = file_find(d->world, tl_long(tl_sub(media, TLF_document), TLF_id));
	struct line *l = &d->line;

	line_text(l, "kind", cspan_str(f == NULL ? "document" : document_kind(f)));
	if (f == NULL)
		return;
	put_digest(d, f);
	line_text(l, "mime", cspan_str(f->mime));
	put_attributes(l, f);
	put_nested_file(d, "thumb", f->thumb);
	if (tl_has(media, TLF_video_cover))
		put_nested_file(
		    d, "cover",
		    file_find(d->world, tl_long(tl_sub(media, TLF_video_cover), TLF_id)));
	if (tl_has(media, TLF_video_timestamp))
		line_long(l, "start", tl_int(media, TLF_video_timestamp));
}

/* ---- the others ---- */

static void put_geo(struct dump *d, const struct tl_obj *media)
{
	const struct tl_obj *geo = tl_sub(media, TLF_geo);
	struct line *l = &d->line;
	bool live = tl_cons(media) == TLC_messageMediaGeoLive;

	if (tl_cons(media) == TLC_messageMediaVenue)
		line_text(l, "kind", cspan_str("venue"));
	else /* the stream of a live one has ended: a copy is a place */
		line_text(l, "kind", cspan_str(live && !d->opt.canonical ? "live" : "geo"));
	line_real(l, "lat", tl_double(geo, TLF_lat));
	line_real(l, "long", tl_double(geo, TLF_long));
	if (tl_cons(media) == TLC_messageMediaVenue) {
		line_text(l, "title", tl_bytes(media, TLF_title));
		line_text(l, "address", tl_bytes(media, TLF_address));
	} else if (live && !d->opt.canonical) {
		line_long(l, "period", tl_int(media, TLF_period));
	}
}

static void put_contact(struct line *l, const struct tl_obj *media)
{
	line_text(l, "kind", cspan_str("contact"));
	line_text(l, "phone", tl_bytes(media, TLF_phone_number));
	line_text(l, "first_name", tl_bytes(media, TLF_first_name));
	line_text(l, "last_name", tl_bytes(media, TLF_last_name));
	line_text(l, "vcard", tl_bytes(media, TLF_vcard));
}

static void put_page(struct line *l, const struct tl_obj *media)
{
	line_text(l, "kind", cspan_str("webpage"));
	line_text(l, "url", tl_bytes(tl_sub(media, TLF_webpage), TLF_url));
	line_flag(l, "large", tl_flag(media, TLF_force_large_media));
	line_flag(l, "small", tl_flag(media, TLF_force_small_media));
}

static void put_dice(struct line *l, const struct tl_obj *media)
{
	line_text(l, "kind", cspan_str("dice"));
	line_text(l, "emoji", tl_bytes(media, TLF_emoticon));
	line_long(l, "value", tl_int(media, TLF_value));
}

static void put_body(struct dump *d, const struct tl_obj *media)
{
	switch (tl_cons(media)) {
	case TLC_messageMediaPhoto:
		put_photo(d, media);
		break;
	case TLC_messageMediaDocument:
		put_document(d, media);
		break;
	case TLC_messageMediaGeo:
	case TLC_messageMediaGeoLive:
	case TLC_messageMediaVenue:
		put_geo(d, media);
		break;
	case TLC_messageMediaContact:
		put_contact(&d->line, media);
		break;
	case TLC_messageMediaWebPage:
		put_page(&d->line, media);
		break;
	case TLC_messageMediaDice:
		put_dice(&d->line, media);
		break;
	case TLC_messageMediaPoll:
		line_text(&d->line, "kind", cspan_str("poll"));
		dump_poll(d, media);
		break;
	default:
		line_text(&d->line, "kind", cspan_str(tl_name(tl_cons(media))));
	}
}

void dump_media(struct dump *d, const struct tl_obj *media)
{
	enum tlc c = tl_cons(media);
	bool file = c == TLC_messageMediaPhoto || c == TLC_messageMediaDocument;

	if (media == NULL || c == TLC_messageMediaEmpty)
		return;
	line_open(&d->line, "media", '{');
	put_body(d, media);
	if (file) {
		line_flag(&d->line, "spoiler", tl_flag(media, TLF_spoiler));
		if (tl_has(media, TLF_ttl_seconds))
			line_long(&d->line, "ttl", tl_int(media, TLF_ttl_seconds));
	}
	line_close(&d->line, '}');
}
