/*
 * Media of an archive that have no file: places, contacts, polls, dice.
 */
#include "tools/tgsim/archive_priv.h"

#include <stdio.h>

enum { VCARD_MAX = 4096, ANSWERS_MAX = 32, PATH_LEN = 4096 };

static const struct tl_obj *geo_point(struct archive *a, const json_t *where)
{
	struct tl_obj *o = tl_new(&a->tmp, TLC_geoPoint);

	tl_set_double(o, TLF_lat, field_real(where, "latitude"));
	tl_set_double(o, TLF_long, field_real(where, "longitude"));
	return o;
}

static const struct tl_obj *location(struct archive *a, const json_t *m)
{
	const json_t *where = json_object_get(m, "location_information");
	int64_t period = field_long(m, "live_location_period_seconds");
	const char *title = field_text(m, "place_name");
	struct tl_obj *o;

	if (*title != 0) {
		o = tl_new(&a->tmp, TLC_messageMediaVenue);
		tl_set_str(o, TLF_title, title);
		tl_set_str(o, TLF_address, field_text(m, "address"));
		tl_set_str(o, TLF_provider, "foursquare");
	} else if (period > 0) {
		o = tl_new(&a->tmp, TLC_messageMediaGeoLive);
		tl_set_int(o, TLF_period, (int32_t)period);
	} else {
		o = tl_new(&a->tmp, TLC_messageMediaGeo);
	}
	tl_set_obj(o, TLF_geo, geo_point(a, where));
	return o;
}

/* The card is a file beside result.json. */
static struct cspan read_card(struct archive *a, const char *path)
{
	struct file *f;
	uint8_t *text;
	uint32_t n;

	if (*path == 0 || *path == '(')
		return cspan_of(NULL, 0);
	f = archive_file(a, path, FILE_DOCUMENT);
	if (f == NULL)
		return cspan_of(NULL, 0);
	n = f->size < VCARD_MAX ? (uint32_t)f->size : VCARD_MAX;
	text = arena_take(&a->tmp, n);
	check(text != NULL);
	file_read(a->world, f, 0, text, n);
	return cspan_of(text, n);
}

static const struct tl_obj *contact(struct archive *a, const json_t *m)
{
	const json_t *who = json_object_get(m, "contact_information");
	struct tl_obj *o = tl_new(&a->tmp, TLC_messageMediaContact);

	tl_set_str(o, TLF_phone_number, field_text(who, "phone_number"));
	tl_set_str(o, TLF_first_name, field_text(who, "first_name"));
	tl_set_str(o, TLF_last_name, field_text(who, "last_name"));
	tl_set_bytes(o, TLF_vcard, read_card(a, field_text(m, "contact_vcard")));
	return o;
}

/* ---- polls ---- */

static struct cspan option_of(struct archive *a, size_t i)
{
	uint8_t *p = arena_take(&a->tmp, 1);

	check(p != NULL);
	*p = (uint8_t)('0' + i);
	return cspan_of(p, 1);
}

static const struct tl_obj *rich(struct archive *a, const json_t *value)
{
	struct tl_obj *o = tl_new(&a->tmp, TLC_textWithEntities);

	tl_set_bytes(o, TLF_text, archive_rich_text(a, value, o, TLF_entities));
	return o;
}

static const struct tl_obj *poll_answer(struct archive *a, const json_t *answer, size_t i)
{
	struct tl_obj *o = tl_new(&a->tmp, TLC_pollAnswer);

	tl_set_obj(o, TLF_text, rich(a, json_object_get(answer, "text")));
	tl_set_bytes(o, TLF_option, option_of(a, i));
	return o;
}

static const struct tl_obj *poll_body(struct archive *a, const json_t *poll, const json_t *answers,
				      uint32_t count)
{
	static const struct {
		const char *key;
		enum tlf field;
	} flags[] = {{"closed", TLF_closed},
		     {"quiz", TLF_quiz},
		     {"multiple_choice", TLF_multiple_choice},
		     {"public_voters", TLF_public_voters}};
	struct tl_obj *o = tl_new(&a->tmp, TLC_poll);

	tl_set_long(o, TLF_id, world_random(a->world));
	for (size_t i = 0; i < countof(flags); i++)
		if (field_flag(poll, flags[i].key))
			tl_set_flag(o, flags[i].field, true);
	tl_set_obj(o, TLF_question, rich(a, json_object_get(poll, "question")));
	tl_set_vec(&a->tmp, o, TLF_answers, count);
	for (uint32_t i = 0; i < count; i++)
		tl_put_obj(o, TLF_answers, i, poll_answer(a, json_array_get(answers, i), i));
	return o;
}

static const struct tl_obj *poll_results(struct archive *a, const json_t *poll,
					 const json_t *answers, uint32_t count)
{
	struct tl_obj *o = tl_new(&a->tmp, TLC_pollResults);
	const json_t *correct = json_object_get(poll, "correct_answer");

	tl_set_int(o, TLF_total_voters, (int32_t)field_long(poll, "total_voters"));
	tl_set_vec(&a->tmp, o, TLF_results, count);
	for (uint32_t i = 0; i < count; i++) {
		const json_t *answer = json_array_get(answers, i);
		struct tl_obj *r = tl_new(&a->tmp, TLC_pollAnswerVoters);

		if (field_flag(answer, "chosen"))
			tl_set_flag(r, TLF_chosen, true);
		if (json_is_integer(correct) && json_integer_value(correct) == (json_int_t)i)
			tl_set_flag(r, TLF_correct, true);
		tl_set_bytes(r, TLF_option, option_of(a, i));
		tl_set_int(r, TLF_voters, (int32_t)field_long(answer, "voters"));
		tl_put_obj(o, TLF_results, i, r);
	}
	if (json_object_get(poll, "solution") != NULL)
		tl_set_bytes(o, TLF_solution,
			     archive_rich_text(a, json_object_get(poll, "solution"), o,
					       TLF_solution_entities));
	return o;
}

static const struct tl_obj *poll_media(struct archive *a, const json_t *poll)
{
	const json_t *answers = json_object_get(poll, "answers");
	size_t count = json_array_size(answers);
	struct tl_obj *o;

	if (count < 1 || count > ANSWERS_MAX)
		return archive_fail(a, "a poll with %zu answers", count), NULL;
	o = tl_new(&a->tmp, TLC_messageMediaPoll);
	tl_set_obj(o, TLF_poll, poll_body(a, poll, answers, (uint32_t)count));
	tl_set_obj(o, TLF_results, poll_results(a, poll, answers, (uint32_t)count));
	return o;
}

static const struct tl_obj *dice_media(struct archive *a, const json_t *dice)
{
	struct tl_obj *o = tl_new(&a->tmp, TLC_messageMediaDice);

	tl_set_str(o, TLF_emoticon, field_text(dice, "emoji"));
	tl_set_int(o, TLF_value, (int32_t)field_long(dice, "value"));
	return o;
}

const struct tl_obj *archive_place(struct archive *a, const json_t *m)
{
	if (json_object_get(m, "location_information") != NULL)
		return location(a, m);
	if (json_object_get(m, "contact_information") != NULL)
		return contact(a, m);
	if (json_object_get(m, "poll") != NULL)
		return poll_media(a, json_object_get(m, "poll"));
	if (json_object_get(m, "dice") != NULL)
		return dice_media(a, json_object_get(m, "dice"));
	if (json_object_get(m, "game_title") != NULL ||
	    json_object_get(m, "invoice_information") != NULL)
		return tl_new(&a->tmp, TLC_messageMediaUnsupported);
	return NULL;
}
