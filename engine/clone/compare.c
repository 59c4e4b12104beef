/*
 * Field by field, in the order in which a difference would hurt. Of one that the clone noted the rest is
 * looked at all the same.
 */
#include "engine/clone/compare.h"

#include <stdio.h>

struct report {
	char *what, *loss;
	size_t size;
	const char *note;
};

static bool differs(struct report *r, const char *field)
{
	snprintf(r->what, r->size, "%s differs", field);
	return false;
}

static bool same_number(struct report *r, const char *field, int64_t a, int64_t b)
{
	if (a == b)
		return true;
	snprintf(r->what, r->size, "%s %lld != %lld", field, (long long)a, (long long)b);
	return false;
}

static bool same_bytes(struct report *r, const char *field, struct cspan a, struct cspan b)
{
	return cspan_equal(a, b) || differs(r, field);
}

/* What was just found to differ; true: the note says so. */
static bool lost(struct report *r, const char *note)
{
	if (strstr(r->note, note) == NULL)
		return false;
	if (r->loss[0] == '\0')
		snprintf(r->loss, r->size, "%s", r->what);
	return true;
}

const struct tl_obj *compare_attribute(const struct media *m, enum tlc kind)
{
	struct tl_vec list = tl_vec(m->body, TLF_attributes);

	for (uint32_t i = 0; i < list.count; i++)
		if (tl_cons(tl_vec_obj(list, i)) == kind)
			return tl_vec_obj(list, i);
	return NULL;
}

/* A server may count the last second or not. */
static bool same_seconds(struct report *r, double a, double b)
{
	if (a == b || (a - b < 1 && b - a < 1))
		return true;
	snprintf(r->what, r->size, "duration %.7g != %.7g", a, b);
	return false;
}

static bool same_video(struct report *r, const struct media *a, const struct media *b)
{
	const struct tl_obj *x = compare_attribute(a, TLC_documentAttributeVideo);
	const struct tl_obj *y = compare_attribute(b, TLC_documentAttributeVideo);

	if ((x == NULL) != (y == NULL))
		return differs(r, "video attribute");
	return same_seconds(r, tl_double(x, TLF_duration), tl_double(y, TLF_duration)) &&
	       same_number(r, "width", tl_int(x, TLF_w), tl_int(y, TLF_w)) &&
	       same_number(r, "height", tl_int(x, TLF_h), tl_int(y, TLF_h)) &&
	       same_number(r, "round", tl_flag(x, TLF_round_message), tl_flag(y, TLF_round_message)) &&
	       same_number(r, "streaming", tl_flag(x, TLF_supports_streaming),
			   tl_flag(y, TLF_supports_streaming));
}

static bool same_audio(struct report *r, const struct media *a, const struct media *b)
{
	const struct tl_obj *x = compare_attribute(a, TLC_documentAttributeAudio);
	const struct tl_obj *y = compare_attribute(b, TLC_documentAttributeAudio);

	if ((x == NULL) != (y == NULL))
		return differs(r, "audio attribute");
	return same_number(r, "duration", tl_int(x, TLF_duration), tl_int(y, TLF_duration)) &&
	       same_bytes(r, "title", tl_bytes(x, TLF_title), tl_bytes(y, TLF_title)) &&
	       same_bytes(r, "performer", tl_bytes(x, TLF_performer), tl_bytes(y, TLF_performer)) &&
	       same_bytes(r, "waveform", tl_bytes(x, TLF_waveform), tl_bytes(y, TLF_waveform));
}

/* The server makes them of a picture: only where both have them they say something. */
static bool same_picture(struct report *r, const struct media *a, const struct media *b)
{
	const struct tl_obj *x = compare_attribute(a, TLC_documentAttributeImageSize);
	const struct tl_obj *y = compare_attribute(b, TLC_documentAttributeImageSize);

	return x == NULL || y == NULL ||
	       (same_number(r, "width", tl_int(x, TLF_w), tl_int(y, TLF_w)) &&
		same_number(r, "height", tl_int(x, TLF_h), tl_int(y, TLF_h)));
}

static bool same_sticker(struct report *r, const struct media *a, const struct media *b)
{
	const struct tl_obj *x = compare_attribute(a, TLC_documentAttributeSticker);
	const struct tl_obj *y = compare_attribute(b, TLC_documentAttributeSticker);

	return same_bytes(r, "the sticker's emoji", tl_bytes(x, TLF_alt), tl_bytes(y, TLF_alt));
}

/* Width and height of the largest size. */
static void measures_of(const struct media *m, double *w, double *h)
{
	struct tl_vec sizes = tl_vec(m->body, TLF_sizes);

	*w = *h = 0;
	for (uint32_t i = 0; i < sizes.count; i++) {
		const struct tl_obj *s = tl_vec_obj(sizes, i);

		if ((double)tl_int(s, TLF_w) * tl_int(s, TLF_h) < *w * *h)
			continue;
		*w = tl_int(s, TLF_w);
		*h = tl_int(s, TLF_h);
	}
}

/*
 * A photo that was uploaded again was recompressed, so its size says nothing; perhaps it was made
 * smaller, but its shape stays, give or take the rounding of a side.
 */
static bool same_shape(struct report *r, const struct media *a, const struct media *b)
{
	double aw, ah, bw, bh, off;

	if (a->file.id == b->file.id)
		return true;
	measures_of(a, &aw, &ah);
	measures_of(b, &bw, &bh);
	off = aw * bh - bw * ah;
	if (off <= 2 * (aw + ah) && -off <= 2 * (aw + ah))
		return true;
	snprintf(r->what, r->size, "the photo's shape: %.0f x %.0f, not %.0f x %.0f", bw, bh, aw, ah);
	return false;
}

/* Of a document the field of that name says something else. */
static bool is_live(const struct media *m)
{
	return m->file.photo && tl_sub(m->obj, TLF_video) != NULL;
}

/* What hangs on a medium is there, or was lost with a note. */
static bool same_appendix(struct report *r, const char *field, bool a, bool b, const char *note)
{
	return same_number(r, field, a, b) || (a && lost(r, note));
}

/* An uploaded GIF comes out as a video: nothing of the file stays but its name. */
static bool made_video(struct report *r, const struct media *a, const struct media *b)
{
	snprintf(r->what, r->size, "gif became %.*s", (int)b->mime.len, (const char *)b->mime.at);
	return a->kind == MEDIA_GIF && b->kind == MEDIA_GIF && !cspan_equal(a->mime, b->mime) &&
	       lost(r, "gif made a video");
}

static bool same_file(struct report *r, const struct media *a, const struct media *b)
{
	if (!a->has_file)
		return true;
	if (!b->has_file)
		return differs(r, "file");
	if (made_video(r, a, b))
		return same_number(r, "spoiler", a->spoiler, b->spoiler);
	if (a->file.photo ? !same_shape(r, a, b)
			  : !same_number(r, "file size", a->file.size, b->file.size))
		return false;
	if (!same_picture(r, a, b) || !same_sticker(r, a, b) ||
	    !same_appendix(r, "live photo", is_live(a), is_live(b), "live photo not kept") ||
	    !same_appendix(r, "cover", tl_has(a->obj, TLF_video_cover),
			   tl_has(b->obj, TLF_video_cover), "video's cover not kept") ||
	    !same_number(r, "video begins at", tl_int(a->obj, TLF_video_timestamp),
			 tl_int(b->obj, TLF_video_timestamp)))
		return false;
	return same_bytes(r, "MIME type", a->mime, b->mime) &&
	       same_bytes(r, "file name", a->name, b->name) && same_video(r, a, b) &&
	       same_audio(r, a, b) && same_number(r, "spoiler", a->spoiler, b->spoiler);
}

/* Within a metre, which a server may round away. */
static bool same_degrees(struct report *r, const char *field, double a, double b)
{
	if (a == b || (a - b < 1e-5 && b - a < 1e-5))
		return true;
	snprintf(r->what, r->size, "%s %.7g != %.7g", field, a, b);
	return false;
}

static bool same_place(struct report *r, const struct media *a, const struct media *b)
{
	const struct tl_obj *x = tl_sub(a->obj, TLF_geo), *y = tl_sub(b->obj, TLF_geo);

	return same_degrees(r, "latitude", tl_double(x, TLF_lat), tl_double(y, TLF_lat)) &&
	       same_degrees(r, "longitude", tl_double(x, TLF_long), tl_double(y, TLF_long)) &&
	       same_bytes(r, "venue title", tl_bytes(a->obj, TLF_title), tl_bytes(b->obj, TLF_title)) &&
	       same_bytes(r, "venue address", tl_bytes(a->obj, TLF_address),
			  tl_bytes(b->obj, TLF_address)) &&
	       same_bytes(r, "venue provider", tl_bytes(a->obj, TLF_provider),
			  tl_bytes(b->obj, TLF_provider)) &&
	       same_bytes(r, "venue", tl_bytes(a->obj, TLF_venue_id), tl_bytes(b->obj, TLF_venue_id));
}

/* Which answers of a quiz are right, as far as this account may see it: one bit each. */
static uint64_t right_answers(const struct media *m)
{
	struct tl_vec answers = tl_vec(tl_sub(m->obj, TLF_poll), TLF_answers);
	struct tl_vec results = tl_vec(tl_sub(m->obj, TLF_results), TLF_results);
	uint64_t right = 0;

	for (uint32_t i = 0; i < results.count; i++) {
		const struct tl_obj *result = tl_vec_obj(results, i);

		for (uint32_t k = 0; tl_flag(result, TLF_correct) && k < answers.count && k < 64; k++)
			if (cspan_equal(tl_bytes(tl_vec_obj(answers, k), TLF_option),
					tl_bytes(result, TLF_option)))
				right |= UINT64_C(1) << k;
	}
	return right;
}

/* Votes are not copied, and whether it is closed may change any day. */
static bool same_quiz(struct report *r, const struct media *a, const struct media *b)
{
	const struct tl_obj *x = tl_sub(a->obj, TLF_results), *y = tl_sub(b->obj, TLF_results);
	uint64_t right = right_answers(a), copied = right_answers(b);

	if (right != 0 && copied != 0 && right != copied)
		return differs(r, "the right answer");
	return !tl_has(x, TLF_solution) || !tl_has(y, TLF_solution) ||
	       same_bytes(r, "the quiz's explanation", tl_bytes(x, TLF_solution),
			  tl_bytes(y, TLF_solution));
}

static bool same_poll(struct report *r, const struct media *a, const struct media *b)
{
	const struct tl_obj *x = tl_sub(a->obj, TLF_poll), *y = tl_sub(b->obj, TLF_poll);
	struct tl_vec p = tl_vec(x, TLF_answers), q = tl_vec(y, TLF_answers);

	if (!same_bytes(r, "question", tl_bytes(tl_sub(x, TLF_question), TLF_text),
			tl_bytes(tl_sub(y, TLF_question), TLF_text)) ||
	    !same_number(r, "answers", p.count, q.count))
		return false;
	for (uint32_t i = 0; i < p.count; i++)
		if (!same_bytes(r, "answer", tl_bytes(tl_sub(tl_vec_obj(p, i), TLF_text), TLF_text),
				tl_bytes(tl_sub(tl_vec_obj(q, i), TLF_text), TLF_text)))
			return false;
	return same_appendix(r, "public voters", tl_flag(x, TLF_public_voters),
			     tl_flag(y, TLF_public_voters), "voters not shown") &&
	       same_number(r, "several answers", tl_flag(x, TLF_multiple_choice),
			   tl_flag(y, TLF_multiple_choice)) &&
	       same_quiz(r, a, b);
}

static bool same_contact(struct report *r, const struct media *a, const struct media *b)
{
	return same_bytes(r, "phone number", tl_bytes(a->obj, TLF_phone_number),
			  tl_bytes(b->obj, TLF_phone_number)) &&
	       same_bytes(r, "first name", tl_bytes(a->obj, TLF_first_name),
			  tl_bytes(b->obj, TLF_first_name)) &&
	       same_bytes(r, "last name", tl_bytes(a->obj, TLF_last_name),
			  tl_bytes(b->obj, TLF_last_name)) &&
	       same_bytes(r, "vCard", tl_bytes(a->obj, TLF_vcard), tl_bytes(b->obj, TLF_vcard));
}

static bool same_title(struct report *r, const char *field, const struct tl_obj *a,
		       const struct tl_obj *b)
{
	return same_bytes(r, field, tl_bytes(tl_sub(a, TLF_title), TLF_text),
			  tl_bytes(tl_sub(b, TLF_title), TLF_text));
}

static bool same_checklist(struct report *r, const struct media *a, const struct media *b)
{
	const struct tl_obj *x = tl_sub(a->obj, TLF_todo), *y = tl_sub(b->obj, TLF_todo);
	struct tl_vec p = tl_vec(x, TLF_list), q = tl_vec(y, TLF_list);

	if (!same_title(r, "checklist", x, y) || !same_number(r, "items", p.count, q.count))
		return false;
	for (uint32_t i = 0; i < p.count; i++)
		if (!same_title(r, "item", tl_vec_obj(p, i), tl_vec_obj(q, i)))
			return false;
	return same_number(r, "others may add", tl_flag(x, TLF_others_can_append),
			   tl_flag(y, TLF_others_can_append)) &&
	       same_number(r, "others may tick", tl_flag(x, TLF_others_can_complete),
			   tl_flag(y, TLF_others_can_complete));
}

/* What only goes over as it is. */
static bool same_offer(struct report *r, const struct media *a, const struct media *b)
{
	return same_bytes(r, "game", tl_bytes(tl_sub(a->obj, TLF_game), TLF_short_name),
			  tl_bytes(tl_sub(b->obj, TLF_game), TLF_short_name)) &&
	       same_bytes(r, "title", tl_bytes(a->obj, TLF_title), tl_bytes(b->obj, TLF_title)) &&
	       same_number(r, "amount", tl_long(a->obj, TLF_total_amount),
			   tl_long(b->obj, TLF_total_amount)) &&
	       same_number(r, "stars", tl_long(a->obj, TLF_stars_amount),
			   tl_long(b->obj, TLF_stars_amount));
}

/* A live location becomes the point where it ended; a preview may or may not be made again. */
static enum media_kind settled(enum media_kind kind)
{
	if (kind == MEDIA_GEO_LIVE)
		return MEDIA_GEO;
	return kind == MEDIA_WEBPAGE ? MEDIA_NONE : kind;
}

/* As a mere document, since the server refused the kind: the bytes are the same, and that it is one is noted. */
static bool is_plain(struct report *r, const struct media *a, const struct media *b)
{
	char note[64];

	snprintf(note, sizeof(note), "%s sent as a document", media_kind_name(a->kind));
	return a->has_file && b->kind == MEDIA_DOCUMENT && lost(r, note);
}

/* One that names a link by itself may be all that names it; others follow from the text. */
static bool same_preview(struct report *r, const struct media *a, const struct media *b)
{
	return a->kind != MEDIA_WEBPAGE || !tl_flag(a->obj, TLF_manual) || b->kind != MEDIA_NONE ||
	       differs(r, "whether it has a link preview") || lost(r, "link preview not kept");
}

/* It is what clones make of it, whether they say so or not. */
static void tell_stopped(struct report *r, const struct media *a, const struct media *b)
{
	if (a->kind != MEDIA_GEO_LIVE || b->kind != MEDIA_GEO)
		return;
	snprintf(r->what, r->size, "%s became %s", media_kind_name(a->kind), media_kind_name(b->kind));
	lost(r, "live location not kept");
}

static bool same_media(struct report *r, const struct media *a, const struct media *b)
{
	tell_stopped(r, a, b);
	if (settled(a->kind) != settled(b->kind)) {
		snprintf(r->what, r->size, "%s became %s", media_kind_name(a->kind),
			 media_kind_name(b->kind));
		return is_plain(r, a, b) && same_number(r, "file size", a->file.size, b->file.size) &&
		       same_number(r, "spoiler", a->spoiler, b->spoiler);
	}
	switch (settled(a->kind)) {
	case MEDIA_GEO:
	case MEDIA_VENUE:
		return same_place(r, a, b);
	case MEDIA_POLL:
	case MEDIA_QUIZ:
		return same_poll(r, a, b);
	case MEDIA_CONTACT:
		return same_contact(r, a, b);
	case MEDIA_CHECKLIST:
		return same_checklist(r, a, b);
	case MEDIA_DICE: /* what it shows is its own affair: see plan.c */
		return same_bytes(r, "kind of dice", tl_bytes(a->obj, TLF_emoticon),
				  tl_bytes(b->obj, TLF_emoticon));
	case MEDIA_GAME:
	case MEDIA_INVOICE:
	case MEDIA_GIVEAWAY:
	case MEDIA_PAID:
		return same_offer(r, a, b);
	default:
		return same_preview(r, a, b) && same_file(r, a, b);
	}
}

static bool same_quote(struct report *r, const struct message *a, const struct message *b)
{
	if (a->reply == NULL || b->reply == NULL)
		return true;
	return same_bytes(r, "quote", tl_bytes(a->reply, TLF_quote_text),
			  tl_bytes(b->reply, TLF_quote_text));
}

/* Beside what the fingerprint holds: quotes that are folded away. */
static uint32_t folded(const struct message *m)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->entities.count; i++)
		n += tl_cons(tl_vec_obj(m->entities, i)) == TLC_messageEntityBlockquote &&
		     tl_flag(tl_vec_obj(m->entities, i), TLF_collapsed);
	return n;
}

static bool same_prints(const struct message *a, const struct message *b)
{
	uint8_t x[32], y[32];

	message_fingerprint(a, x);
	message_fingerprint(b, y);
	return memcmp(x, y, sizeof(x)) == 0;
}

static bool same_formatting(struct report *r, const struct message *a, const struct message *b)
{
	struct message x = *a, y = *b;

	if (!same_number(r, "folded quotes", folded(a), folded(b)) && !lost(r, "formatting not kept"))
		return false;
	if (settled(x.media.kind) != settled(y.media.kind))
		x.media = y.media; /* it was looked at */
	if (same_prints(&x, &y))
		return true;
	x.entities.count = y.entities.count = 0;
	differs(r, "formatting");
	return same_prints(&x, &y) && lost(r, "formatting not kept");
}

static bool same_album(struct report *r, const struct message *a, const struct message *b)
{
	return same_number(r, "in an album", a->grouped_id != 0, b->grouped_id != 0) ||
	       (a->grouped_id != 0 && lost(r, "album not kept"));
}

/* A bot may have taken the source's away since. */
static bool same_buttons(struct report *r, const struct message *a, const struct message *b)
{
	return !a->buttons || b->buttons || differs(r, "whether it has buttons") ||
	       lost(r, "buttons not kept");
}

static bool same_effect(struct report *r, const struct message *a, const struct message *b)
{
	return !tl_has(a->obj, TLF_effect) || tl_has(b->obj, TLF_effect) ||
	       differs(r, "whether it has an effect") || lost(r, "effect not kept");
}

/* What is looked at of a caption that was cut: as much as there is. */
static struct message cut_like(struct report *r, const struct message *a, const struct message *b)
{
	struct message x = *a;

	if (b->text.len > 0 && b->text.len < a->text.len && memcmp(a->text.at, b->text.at, b->text.len) == 0 &&
	    !differs(r, "length of text") && lost(r, "caption cut"))
		x.text = b->text;
	return x;
}

bool compare_noted(const struct message *a, const struct message *b, const char *note, char *what,
		   char *loss, size_t size)
{
	struct report r = {what, loss, size, note};
	struct message x;

	loss[0] = '\0';
	if (b->empty || b->service)
		return differs(&r, "the copy is gone: everything");
	x = cut_like(&r, a, b);
	a = &x;
	return same_bytes(&r, "text", a->text, b->text) && same_media(&r, &a->media, &b->media) &&
	       same_number(&r, "caption above", a->invert_media, b->invert_media) &&
	       same_album(&r, a, b) && same_number(&r, "silent", a->silent, b->silent) &&
	       same_number(&r, "article", a->rich, b->rich) && same_buttons(&r, a, b) &&
	       same_effect(&r, a, b) &&
	       (same_quote(&r, a, b) || lost(&r, "reply not kept") || lost(&r, "quote not kept")) &&
	       same_formatting(&r, a, b);
}

bool compare_messages(const struct message *a, const struct message *b, char *what, size_t size)
{
	char loss[1]; /* without a note nothing is put there */

	return compare_noted(a, b, "", what, loss, size);
}
