/*
 * Files of a synthetic world. A file exists as a number until somebody asks for it; its id contains
 * the number, its bytes follow from the seed and the number.
 */
#include "tools/tgsim/synth_priv.h"

#include <stdio.h>

enum { WAVEFORM = 63, THUMB_W = 320, THUMB_H = 180, ROUND_SIDE = 384 };

#define FILE_IDS    (5ull << 60)
#define THUMB_IDS   (6ull << 60)
#define NUMBER_MASK 0xffffffffull

static const struct shape {
	uint64_t usual; /* size */
	const char *mime, *name;
	enum file_kind kind;
	bool thumb;
} shapes[SYNTH_FORMS] = {
    [SYNTH_PHOTO] = {180000, "", NULL, FILE_PHOTO, false},
    [SYNTH_VIDEO] = {8000000, "video/mp4", "video-%06u.mp4", FILE_DOCUMENT, true},
    [SYNTH_DOC] = {2000000, "application/pdf", "document-%06u.pdf", FILE_DOCUMENT, false},
    [SYNTH_VOICE] = {40000, "audio/ogg", NULL, FILE_DOCUMENT, false},
    [SYNTH_AUDIO] = {4000000, "audio/mpeg", "track-%06u.mp3", FILE_DOCUMENT, true},
    [SYNTH_ROUND] = {1000000, "video/mp4", NULL, FILE_DOCUMENT, true},
    [SYNTH_GIF] = {500000, "video/mp4", "animation-%06u.mp4", FILE_DOCUMENT, true},
};

static const struct lot *lot_of(const struct synth *s, uint32_t number)
{
	for (uint32_t i = 0; i < s->lot_count; i++)
		if (number - s->lots[i].first < s->lots[i].count)
			return &s->lots[i];
	check(false);
	return NULL;
}

enum synth_form synth_form_at(const struct synth *s, uint32_t number)
{
	return lot_of(s, number)->form;
}

/* ---- attributes ---- */

static struct tl_obj *video(struct arena *tmp, enum synth_form form, uint64_t h)
{
	struct tl_obj *o = tl_new(tmp, TLC_documentAttributeVideo);

	if (form == SYNTH_ROUND)
		tl_set_flag(o, TLF_round_message, true);
	if (form == SYNTH_GIF)
		tl_set_flag(o, TLF_nosound, true);
	else
		tl_set_flag(o, TLF_supports_streaming, true);
	tl_set_double(o, TLF_duration, 3.0 + (double)(h % 600) / 4);
	tl_set_int(o, TLF_w, form == SYNTH_ROUND ? ROUND_SIDE : 1280);
	tl_set_int(o, TLF_h, form == SYNTH_ROUND ? ROUND_SIDE : 720);
	return o;
}

static struct tl_obj *audio(struct arena *tmp, enum synth_form form, uint64_t h)
{
	struct tl_obj *o = tl_new(tmp, TLC_documentAttributeAudio);

	tl_set_int(o, TLF_duration, 5 + (int32_t)(h % 240));
	if (form == SYNTH_VOICE) {
		uint8_t *wave = arena_take(tmp, WAVEFORM);

		made_bytes(h, 0, wave, WAVEFORM);
		tl_set_flag(o, TLF_voice, true);
		tl_set_bytes(o, TLF_waveform, cspan_of(wave, WAVEFORM));
	} else {
		tl_set_str(o, TLF_title, "Counterpoint");
		tl_set_str(o, TLF_performer, "The Generators");
	}
	return o;
}

static void set_attributes(struct synth *s, struct file *f, enum synth_form form, uint32_t number)
{
	uint8_t room[8192];
	struct arena tmp;
	struct tl_obj *holder, *list[3];
	uint64_t h = synth_hash(s, 10, number);
	char name[32];
	uint32_t n = 0;

	arena_init(&tmp, room, sizeof(room));
	holder = tl_new(&tmp, TLC_document);
	if (form == SYNTH_VIDEO || form == SYNTH_ROUND || form == SYNTH_GIF)
		list[n++] = video(&tmp, form, h);
	if (form == SYNTH_VOICE || form == SYNTH_AUDIO)
		list[n++] = audio(&tmp, form, h);
	if (form == SYNTH_GIF)
		list[n++] = tl_new(&tmp, TLC_documentAttributeAnimated);
	if (shapes[form].name != NULL) {
		const char *slot = strchr(shapes[form].name, '%');

		snprintf(name, sizeof(name), "%.*s%06u%s", (int)(slot - shapes[form].name),
			 shapes[form].name, number, slot + strlen("%06u"));
		list[n] = tl_new(&tmp, TLC_documentAttributeFilename);
		tl_set_str(list[n++], TLF_file_name, name);
	}
	tl_set_vec(&tmp, holder, TLF_attributes, n);
	for (uint32_t i = 0; i < n; i++)
		tl_put_obj(holder, TLF_attributes, i, list[i]);
	file_set_attrs(s->world, f, tl_vec(holder, TLF_attributes));
}

/* ---- files ---- */

static struct file *place(struct world *w, enum file_kind kind, uint64_t id)
{
	struct file *f = world_take(w, sizeof(*f));

	f->kind = kind;
	f->id = (int64_t)id;
	f->dc = w->opt.file_dc;
	f->mime = "image/jpeg";
	table_put(w, &w->files_by_id, id, f);
	return f;
}

static void set_made(struct file *f, uint64_t seed, struct cspan head)
{
	uint64_t size = (uint64_t)f->size;

	f->source = (struct source){.kind = SOURCE_MADE,
				    .seed = seed,
				    .bytes = head.at,
				    .head_len = (uint32_t)(head.len < size ? head.len : size)};
}

static struct file *make_thumb(struct synth *s, uint32_t number, enum synth_form form)
{
	struct file *t = place(s->world, FILE_THUMB, THUMB_IDS | number);

	t->w = THUMB_W;
	t->h = form == SYNTH_ROUND || form == SYNTH_AUDIO ? THUMB_W : THUMB_H;
	t->size = 6000 + (int64_t)(synth_hash(s, 11, number) % 6000);
	t->date = s->first_date;
	set_made(t, synth_hash(s, 12, number), made_jpeg_head(s->world, t->w, t->h));
	file_known(s->world, t);
	return t;
}

static struct cspan head_of(struct world *w, const struct file *f, enum synth_form form)
{
	switch (form) {
	case SYNTH_PHOTO:
		return made_jpeg_head(w, f->w, f->h);
	case SYNTH_DOC:
		return made_pdf_head(w);
	case SYNTH_VOICE:
		return made_ogg_head(w);
	case SYNTH_AUDIO:
		return cspan_of("ID3\x04\0\0\0\0\0", 10);
	default:
		return made_mp4_head(w);
	}
}

static struct file *make_file(struct synth *s, uint32_t number)
{
	const struct lot *lot = lot_of(s, number);
	const struct shape *shape = &shapes[lot->form];
	struct file *f = place(s->world, shape->kind, FILE_IDS | number);
	uint64_t h = synth_hash(s, 13, number);

	f->size = (int64_t)(lot->size != 0 ? lot->size : shape->usual / 2 + h % shape->usual);
	f->date = s->first_date;
	if (shape->kind == FILE_PHOTO) {
		f->w = h & 1 ? 1280 : 960;
		f->h = h & 1 ? 960 : 1280;
	} else {
		f->mime = shape->mime;
		set_attributes(s, f, lot->form, number);
	}
	if (shape->thumb)
		f->thumb = make_thumb(s, number, lot->form);
	set_made(f, synth_hash(s, 14, number), head_of(s->world, f, lot->form));
	file_known(s->world, f);
	return f;
}

struct file *synth_file_at(struct synth *s, uint32_t number)
{
	struct file *f = table_get(&s->world->files_by_id, FILE_IDS | number);

	return f != NULL ? f : make_file(s, number);
}

struct file *synth_file(struct world *w, int64_t id)
{
	uint64_t space = (uint64_t)id & ~NUMBER_MASK, number = (uint64_t)id & NUMBER_MASK;

	if (w->synth == NULL || number >= w->synth->file_count)
		return NULL;
	if (space == FILE_IDS)
		return synth_file_at(w->synth, (uint32_t)number);
	return space == THUMB_IDS ? synth_file_at(w->synth, (uint32_t)number)->thumb : NULL;
}
