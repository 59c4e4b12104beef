/*
 * What a file looks like from its first bytes: the storage type that upload.file names, and the
 * size of a picture (JPEG, PNG, GIF, WEBP). Enough to tell a client's photo from nonsense.
 */
#include "tools/tgsim/model_priv.h"

enum { HEAD = 65536 };

static uint32_t be16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static bool starts(struct cspan head, size_t at, const char *magic)
{
	size_t n = strlen(magic);

	return head.len >= at + n && memcmp(head.at + at, magic, n) == 0;
}

/* Marker by marker to a start of frame; the size stands there. */
static bool jpeg_size(struct cspan h, int32_t *width, int32_t *height)
{
	size_t at = 2;

	while (at + 9 <= h.len && h.at[at] == 0xff) {
		uint8_t mark = h.at[at + 1];

		if (mark == 0xff) {
			at++;
			continue;
		}
		if (mark >= 0xc0 && mark <= 0xcf && mark != 0xc4 && mark != 0xc8 && mark != 0xcc) {
			*height = (int32_t)be16(h.at + at + 5);
			*width = (int32_t)be16(h.at + at + 7);
			return true;
		}
		at += 2 + be16(h.at + at + 2);
	}
	return false;
}

static bool webp_size(struct cspan h, int32_t *width, int32_t *height)
{
	const uint8_t *p = h.at + 20;

	if (h.len < 30)
		return false;
	if (starts(h, 12, "VP8X")) {
		*width = 1 + (p[4] | p[5] << 8 | p[6] << 16);
		*height = 1 + (p[7] | p[8] << 8 | p[9] << 16);
	} else if (starts(h, 12, "VP8L")) {
		uint32_t bits = load_le32(p + 1);

		*width = 1 + (int32_t)(bits & 0x3fff);
		*height = 1 + (int32_t)(bits >> 14 & 0x3fff);
	} else if (starts(h, 12, "VP8 ")) {
		*width = load_le16(p + 6) & 0x3fff;
		*height = load_le16(p + 8) & 0x3fff;
	} else {
		return false;
	}
	return true;
}

static struct cspan head_of(struct world *w, struct file *f)
{
	uint32_t n = f->size < HEAD ? (uint32_t)f->size : HEAD;

	file_read(w, f, 0, w->scratch, n);
	return cspan_of(w->scratch, n);
}

static bool picture_size(struct cspan h, int32_t *width, int32_t *height)
{
	if (starts(h, 0, "\xff\xd8\xff"))
		return jpeg_size(h, width, height);
	if (starts(h, 0, "\x89PNG\r\n\x1a\n") && h.len >= 24) {
		*width = (int32_t)(be16(h.at + 16) << 16 | be16(h.at + 18));
		*height = (int32_t)(be16(h.at + 20) << 16 | be16(h.at + 22));
		return true;
	}
	if (starts(h, 0, "GIF8") && h.len >= 10) {
		*width = load_le16(h.at + 6);
		*height = load_le16(h.at + 8);
		return true;
	}
	return starts(h, 0, "RIFF") && starts(h, 8, "WEBP") && webp_size(h, width, height);
}

bool file_image_size(struct world *w, struct file *f, int32_t *width, int32_t *height)
{
	*width = *height = 0;
	return picture_size(head_of(w, f), width, height) && *width > 0 && *height > 0;
}

enum tlc file_type(struct world *w, struct file *f)
{
	static const struct {
		const char *mime;
		enum tlc type;
	} types[] = {
	    {"image/jpeg", TLC_storage_fileJpeg}, {"image/png", TLC_storage_filePng},
	    {"image/gif", TLC_storage_fileGif},   {"image/webp", TLC_storage_fileWebp},
	    {"video/mp4", TLC_storage_fileMp4},   {"video/quicktime", TLC_storage_fileMov},
	    {"audio/mpeg", TLC_storage_fileMp3},  {"application/pdf", TLC_storage_filePdf}};

	if (f->kind != FILE_DOCUMENT)
		return TLC_storage_fileJpeg;
	for (size_t i = 0; i < countof(types); i++)
		if (strcmp(f->mime, types[i].mime) == 0)
			return types[i].type;
	return TLC_storage_filePartial;
}
