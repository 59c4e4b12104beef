/*
 * Entities and polls in a dump. Entities are sorted (offset, longer first, kind): a server may keep
 * them in any order.
 */
#include "tools/tgsim/dump_priv.h"
#include "tools/tgsim/methods.h"

#include <stdlib.h>

/* messageEntityTextUrl -> textUrl */
static void put_type(struct line *l, const struct tl_obj *e)
{
	static const char prefix[] = "messageEntity";
	char name[64];
	const char *full = tl_name(tl_cons(e));
	size_t n = strlen(full);

	if (strncmp(full, prefix, sizeof(prefix) - 1) == 0)
		full += sizeof(prefix) - 1;
	n = strlen(full);
	if (n >= sizeof(name))
		n = sizeof(name) - 1;
	memcpy(name, full, n);
	if (n > 0 && name[0] >= 'A' && name[0] <= 'Z')
		name[0] = (char)(name[0] - 'A' + 'a');
	line_text(l, "type", cspan_of(name, n));
}

static void put_entity(struct line *l, const struct tl_obj *e)
{
	line_open(l, NULL, '{');
	put_type(l, e);
	line_long(l, "offset", tl_int(e, TLF_offset));
	line_long(l, "length", tl_int(e, TLF_length));
	switch (tl_cons(e)) {
	case TLC_messageEntityPre:
		line_text(l, "language", tl_bytes(e, TLF_language));
		break;
	case TLC_messageEntityTextUrl:
		line_text(l, "url", tl_bytes(e, TLF_url));
		break;
	case TLC_messageEntityMentionName:
		line_long(l, "user_id", tl_long(e, TLF_user_id));
		break;
	case TLC_messageEntityCustomEmoji:
		line_long(l, "document_id", tl_long(e, TLF_document_id));
		break;
	case TLC_messageEntityBlockquote:
		line_flag(l, "collapsed", tl_flag(e, TLF_collapsed));
		break;
	default:
		break;
	}
	line_close(l, '}');
}

static int compare(const void *va, const void *vb)
{
	const struct tl_obj *a = *(const struct tl_obj *const *)va;
	const struct tl_obj *b = *(const struct tl_obj *const *)vb;
	int32_t d = tl_int(a, TLF_offset) - tl_int(b, TLF_offset);

	if (d == 0)
		d = tl_int(b, TLF_length) - tl_int(a, TLF_length);
	if (d == 0)
		d = strcmp(tl_name(tl_cons(a)), tl_name(tl_cons(b)));
	return d;
}

void dump_entities(struct dump *d, const char *key, struct tl_vec entities)
{
	const struct tl_obj **list =
	    arena_take_many(&d->arena, entities.count, sizeof(struct tl_obj *));

	if (entities.count == 0 || list == NULL)
		return;
	for (uint32_t i = 0; i < entities.count; i++)
		list[i] = tl_vec_obj(entities, i);
	qsort(list, entities.count, sizeof(*list), compare);
	line_open(&d->line, key, '[');
	for (uint32_t i = 0; i < entities.count; i++)
		put_entity(&d->line, list[i]);
	line_close(&d->line, ']');
}

/* ---- polls: what can be copied; votes are not ---- */

static void put_rich(struct dump *d, const char *key, const struct tl_obj *rich)
{
	line_open(&d->line, key, '{');
	line_text(&d->line, "text", tl_bytes(rich, TLF_text));
	dump_entities(d, "entities", tl_vec(rich, TLF_entities));
	line_close(&d->line, '}');
}

static bool is_correct(const struct tl_obj *results, struct cspan option)
{
	struct tl_vec list = tl_vec(results, TLF_results);

	for (uint32_t i = 0; i < list.count; i++) {
		const struct tl_obj *r = tl_vec_obj(list, i);

		if (cspan_equal(tl_bytes(r, TLF_option), option))
			return tl_flag(r, TLF_correct);
	}
	return false;
}

void dump_poll(struct dump *d, const struct tl_obj *media)
{
	const struct tl_obj *poll = tl_sub(media, TLF_poll);
	const struct tl_obj *truth = methods_poll_truth(d->world, &d->arena, poll);
	const struct tl_obj *results = truth != NULL ? truth : tl_sub(media, TLF_results);
	struct tl_vec answers = tl_vec(poll, TLF_answers);
	struct line *l = &d->line;

	put_rich(d, "question", tl_sub(poll, TLF_question));
	line_open(l, "answers", '[');
	for (uint32_t i = 0; i < answers.count; i++) {
		const struct tl_obj *a = tl_vec_obj(answers, i);

		line_open(l, NULL, '{');
		put_rich(d, "text", tl_sub(a, TLF_text));
		line_flag(l, "correct", is_correct(results, tl_bytes(a, TLF_option)));
		line_close(l, '}');
	}
	line_close(l, ']');
	line_flag(l, "quiz", tl_flag(poll, TLF_quiz));
	line_flag(l, "multiple_choice", tl_flag(poll, TLF_multiple_choice));
	line_flag(l, "public_voters", tl_flag(poll, TLF_public_voters));
	if (tl_has(results, TLF_solution)) {
		line_text(l, "solution", tl_bytes(results, TLF_solution));
		dump_entities(d, "solution_entities", tl_vec(results, TLF_solution_entities));
	}
	if (d->opt.canonical)
		return;
	line_flag(l, "closed", tl_flag(poll, TLF_closed));
	line_long(l, "total_voters", tl_int(tl_sub(media, TLF_results), TLF_total_voters));
}
