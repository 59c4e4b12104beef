/*
 * Photos and documents of an archive: the file beside result.json, and the attributes that the
 * export tells about it. Bytes stay as they are (a real server would recompress a photo that is
 * sent again). A file that the export left out becomes messageMediaUnsupported: there, but not for
 * us.
 */
#include "tools/tgsim/archive_priv.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

enum { ATTRS_MAX = 4, PATH_LEN = 4096 };

/* What the export calls media_type. */
enum form { FORM_FILE, FORM_VIDEO, FORM_ROUND, FORM_VOICE, FORM_AUDIO, FORM_GIF, FORM_STICKER };

static bool path_is_ours(const char *path)
{
	if (*path == 0 || *path == '/')
		return false;
	for (const char *p = path; *p != 0; p++)
		if ((p == path || p[-1] == '/') && p[0] == '.' && p[1] == '.' &&
		    (p[2] == '/' || p[2] == 0))
			return false;
	return true;
}

static uint64_t path_key(const char *path, enum file_kind kind)
{
	uint64_t h = kind;

	for (; *path != 0; path++)
		h = mix64(h ^ (uint8_t)*path);
	return h | 1;
}

static const char *guess_mime(const char *path)
{
	static const struct {
		const char *end, *mime;
	} known[] = {{".jpg", "image/jpeg"},
		     {".jpeg", "image/jpeg"},
		     {".png", "image/png"},
		     {".webp", "image/webp"},
		     {".gif", "image/gif"},
		     {".mp4", "video/mp4"},
		     {".mov", "video/quicktime"},
		     {".ogg", "audio/ogg"},
		     {".oga", "audio/ogg"},
		     {".mp3", "audio/mpeg"},
		     {".m4a", "audio/mp4"},
		     {".pdf", "application/pdf"},
		     {".tgs", "application/x-tgsticker"},
		     {".webm", "video/webm"},
		     {".txt", "text/plain"},
		     {".zip", "application/zip"}};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot != NULL && i < countof(known); i++)
		if (name_equal(cspan_str(dot), known[i].end))
			return known[i].mime;
	return "application/octet-stream";
}

struct file *archive_file(struct archive *a, const char *path, enum file_kind kind)
{
	struct world *w = a->world;
	uint64_t key = path_key(path, kind);
	struct file *f = table_get(&a->files, key);
	char full[PATH_LEN];
	struct stat st;

	if (f != NULL)
		return f;
	snprintf(full, sizeof(full), "%s/%s", a->dir, path);
	if (!path_is_ours(path))
		return archive_fail(a, "file %s: outside of the archive", path), NULL;
	if (stat(full, &st) != 0)
		return archive_fail(a, "file %s: %s", path, strerror(errno)), NULL;
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return archive_fail(a, "file %s: not a file, or empty", path), NULL;
	f = file_make(w, kind, st.st_size, (int32_t)(w->opt.now / 1000000000));
	f->source = (struct source){.kind = SOURCE_DISK, .path = world_str(w, cspan_str(full))};
	f->mime = kind == FILE_DOCUMENT ? guess_mime(path) : "image/jpeg";
	if (kind != FILE_DOCUMENT)
		file_image_size(w, f, &f->w, &f->h);
	file_known(w, f);
	table_put(w, &a->files, key, f);
	return f;
}

/* "(File not included. Change data exporting settings to download.)" and the like. */
static bool left_out(const char *path)
{
	return *path == '(';
}

static enum form form_of(const json_t *m)
{
	static const char *const names[] = {
	    [FORM_VIDEO] = "video_file",    [FORM_ROUND] = "video_message",
	    [FORM_VOICE] = "voice_message", [FORM_AUDIO] = "audio_file",
	    [FORM_GIF] = "animation",       [FORM_STICKER] = "sticker"};
	const char *type = field_text(m, "media_type");

	for (size_t i = 1; i < countof(names); i++)
		if (strcmp(type, names[i]) == 0)
			return (enum form)i;
	return FORM_FILE;
}

static struct tl_obj *video_attr(struct archive *a, const json_t *m, enum form form)
{
	struct tl_obj *o = tl_new(&a->tmp, TLC_documentAttributeVideo);
	const json_t *streaming = json_object_get(m, "supports_streaming");

	if (form == FORM_ROUND)
		tl_set_flag(o, TLF_round_message, true);
	if (form == FORM_GIF)
		tl_set_flag(o, TLF_nosound, true);
	if (streaming == NULL ? form != FORM_GIF : json_is_true(streaming))
		tl_set_flag(o, TLF_supports_streaming, true);
	tl_set_double(o, TLF_duration, field_real(m, "duration_seconds"));
	tl_set_int(o, TLF_w, (int32_t)field_long(m, "width"));
	tl_set_int(o, TLF_h, (int32_t)field_long(m, "height"));
	if (form == FORM_ROUND && field_long(m, "width") == 0) {
		tl_set_int(o, TLF_w, 384);
		tl_set_int(o, TLF_h, 384);
	}
	return o;
}

static struct cspan hex_bytes(struct archive *a, const char *hex)
{
	size_t n = strlen(hex) / 2;
	uint8_t *p = arena_take(&a->tmp, n);

	if (p == NULL)
		archive_fail(a, "\"waveform\" is too long");
	for (size_t i = 0; p != NULL && i < n; i++) {
		unsigned v = 0;

		if (sscanf(hex + 2 * i, "%2x", &v) != 1)
			archive_fail(a, "\"waveform\" is not hexadecimal");
		p[i] = (uint8_t)v;
	}
	return cspan_of(p, p == NULL ? 0 : n);
}

static struct tl_obj *audio_attr(struct archive *a, const json_t *m, enum form form)
{
	struct tl_obj *o = tl_new(&a->tmp, TLC_documentAttributeAudio);

	tl_set_int(o, TLF_duration, (int32_t)field_long(m, "duration_seconds"));
	if (form == FORM_VOICE) {
		tl_set_flag(o, TLF_voice, true);
		if (*field_text(m, "waveform") != 0)
			tl_set_bytes(o, TLF_waveform, hex_bytes(a, field_text(m, "waveform")));
		return o;
	}
	if (*field_text(m, "title") != 0)
		tl_set_str(o, TLF_title, field_text(m, "title"));
	if (*field_text(m, "performer") != 0)
		tl_set_str(o, TLF_performer, field_text(m, "performer"));
	return o;
}

static struct tl_obj *size_attr(struct archive *a, int32_t width, int32_t height)
{
	struct tl_obj *o = tl_new(&a->tmp, TLC_documentAttributeImageSize);

	tl_set_int(o, TLF_w, width);
	tl_set_int(o, TLF_h, height);
	return o;
}

static struct tl_obj *sticker_attr(struct archive *a, const json_t *m)
{
	struct tl_obj *o = tl_new(&a->tmp, TLC_documentAttributeSticker);

	tl_set_str(o, TLF_alt, field_text(m, "sticker_emoji"));
	tl_set_obj(o, TLF_stickerset, tl_new(&a->tmp, TLC_inputStickerSetEmpty));
	return o;
}

static struct tl_obj *name_attr(struct archive *a, const char *name)
{
	struct tl_obj *o = tl_new(&a->tmp, TLC_documentAttributeFilename);

	tl_set_str(o, TLF_file_name, name);
	return o;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static void set_attrs(struct archive *a, struct file *f, const json_t *m, enum form form,
		      const char *path)
{
	struct tl_obj *list[ATTRS_MAX], *holder = tl_new(&a->tmp, TLC_document);
	int32_t width = (int32_t)field_long(m, "width"), height = (int32_t)field_long(m, "height");
	const char *name = field_text(m, "file_name");
	uint32_t n = 0;

	if (form == FORM_VIDEO || form == FORM_ROUND || form == FORM_GIF)
		list[n++] = video_attr(a, m, form);
	if (form == FORM_GIF)
		list[n++] = tl_new(&a->tmp, TLC_documentAttributeAnimated);
	if (form == FORM_VOICE || form == FORM_AUDIO)
		list[n++] = audio_attr(a, m, form);
	if ((form == FORM_STICKER || form == FORM_FILE) && width > 0)
		list[n++] = size_attr(a, width, height);
	if (form == FORM_STICKER)
		list[n++] = sticker_attr(a, m);
	if (*name == 0 && (form == FORM_FILE || form == FORM_STICKER || form == FORM_AUDIO))
		name = base_name(path);
	if (*name != 0 && form != FORM_ROUND && form != FORM_VOICE)
		list[n++] = name_attr(a, name);
	tl_set_vec(&a->tmp, holder, TLF_attributes, n);
	for (uint32_t i = 0; i < n; i++)
		tl_put_obj(holder, TLF_attributes, i, list[i]);
	file_set_attrs(a->world, f, tl_vec(holder, TLF_attributes));
}

static struct file *load_document(struct archive *a, const json_t *m, enum form form)
{
	const char *path = field_text(m, "file"), *thumb = field_text(m, "thumbnail");
	struct file *f = archive_file(a, path, FILE_DOCUMENT);

	if (f == NULL || f->attrs != NULL)
		return f;
	if (*field_text(m, "mime_type") != 0)
		f->mime = world_str(a->world, cspan_str(field_text(m, "mime_type")));
	if (*thumb != 0 && !left_out(thumb))
		f->thumb = archive_file(a, thumb, FILE_THUMB);
	set_attrs(a, f, m, form, path);
	return f;
}

static void set_common(struct tl_obj *media, const json_t *m)
{
	int64_t ttl = field_long(m, "self_destruct_period_seconds");

	if (field_flag(m, "media_spoiler"))
		tl_set_flag(media, TLF_spoiler, true);
	if (ttl > 0)
		tl_set_int(media, TLF_ttl_seconds, (int32_t)ttl);
}

static const struct tl_obj *document_media(struct archive *a, const json_t *m)
{
	enum form form = form_of(m);
	struct tl_obj *media;
	struct file *f;

	if (left_out(field_text(m, "file")))
		return tl_new(&a->tmp, TLC_messageMediaUnsupported);
	f = load_document(a, m, form);
	if (f == NULL)
		return NULL;
	media = tl_new(&a->tmp, TLC_messageMediaDocument);
	tl_set_obj(media, TLF_document, file_stub(&a->tmp, f));
	if (form == FORM_VIDEO || form == FORM_ROUND || form == FORM_GIF)
		tl_set_flag(media, TLF_video, true);
	if (form == FORM_ROUND)
		tl_set_flag(media, TLF_round, true);
	if (form == FORM_VOICE)
		tl_set_flag(media, TLF_voice, true);
	set_common(media, m);
	return media;
}

static const struct tl_obj *photo_media(struct archive *a, const json_t *m)
{
	const char *path = field_text(m, "photo");
	struct tl_obj *media;
	struct file *f;

	if (left_out(path))
		return tl_new(&a->tmp, TLC_messageMediaUnsupported);
	f = archive_file(a, path, FILE_PHOTO);
	if (f == NULL)
		return NULL;
	if (f->w == 0) {
		f->w = (int32_t)field_long(m, "width");
		f->h = (int32_t)field_long(m, "height");
	}
	media = tl_new(&a->tmp, TLC_messageMediaPhoto);
	tl_set_obj(media, TLF_photo, file_stub(&a->tmp, f));
	set_common(media, m);
	return media;
}

const struct tl_obj *archive_media(struct archive *a, const json_t *m)
{
	if (*field_text(m, "photo") != 0)
		return photo_media(a, m);
	if (*field_text(m, "file") != 0)
		return document_media(a, m);
	return archive_place(a, m);
}
