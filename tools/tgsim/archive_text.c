/*
 * Text of an archive. "text" is a string or a list of strings and pieces {type, text, ...};
 * "text_entities" is the same as a list of pieces only. Pieces stand side by side and become
 * entities counted in UTF-16 units. The export cannot nest them; our own key "entities" ({type,
 * offset, length, ...} over the plain text) can.
 */
#include "tools/tgsim/archive_priv.h"

#include <stdlib.h>

enum { ENTITIES_MAX = 1000 };

struct writer {
	struct archive *a;
	uint8_t *text;
	size_t len, room;
	uint32_t units;
	const struct tl_obj *entities[ENTITIES_MAX];
	uint32_t count;
};

static enum tlc entity_type(const char *type)
{
	static const struct {
		const char *name;
		enum tlc type;
	} types[] = {{"mention", TLC_messageEntityMention},
		     {"hashtag", TLC_messageEntityHashtag},
		     {"bot_command", TLC_messageEntityBotCommand},
		     {"link", TLC_messageEntityUrl},
		     {"email", TLC_messageEntityEmail},
		     {"bold", TLC_messageEntityBold},
		     {"italic", TLC_messageEntityItalic},
		     {"code", TLC_messageEntityCode},
		     {"pre", TLC_messageEntityPre},
		     {"text_link", TLC_messageEntityTextUrl},
		     {"mention_name", TLC_messageEntityMentionName},
		     {"phone", TLC_messageEntityPhone},
		     {"cashtag", TLC_messageEntityCashtag},
		     {"underline", TLC_messageEntityUnderline},
		     {"strikethrough", TLC_messageEntityStrike},
		     {"bank_card", TLC_messageEntityBankCard},
		     {"spoiler", TLC_messageEntitySpoiler},
		     {"custom_emoji", TLC_messageEntityCustomEmoji},
		     {"blockquote", TLC_messageEntityBlockquote}};

	for (size_t i = 0; i < countof(types); i++)
		if (strcmp(type, types[i].name) == 0)
			return types[i].type;
	return TLC_none;
}

/* A number, or (newer exports) the path of the downloaded emoji: then a number made of it. */
static int64_t document_id(struct archive *a, const json_t *piece)
{
	const char *s = field_text(piece, "document_id");
	uint64_t h = 0;
	char *end;
	int64_t id = strtoll(s, &end, 10);

	if (*s == 0 || *end == 0)
		return *s == 0 ? field_long(piece, "document_id") : id;
	for (; *s != 0; s++)
		h = mix64(h ^ (uint8_t)*s);
	return (int64_t)(h >> 2) + (a->world->key == 0);
}

static void add_entity(struct writer *w, const json_t *piece, uint32_t offset, uint32_t len)
{
	enum tlc type = entity_type(field_text(piece, "type"));
	struct tl_obj *e;

	if (type == TLC_none || len == 0 || w->count == ENTITIES_MAX)
		return;
	e = tl_new(&w->a->tmp, type);
	tl_set_int(e, TLF_offset, (int32_t)offset);
	tl_set_int(e, TLF_length, (int32_t)len);
	if (type == TLC_messageEntityPre)
		tl_set_str(e, TLF_language, field_text(piece, "language"));
	else if (type == TLC_messageEntityTextUrl)
		tl_set_str(e, TLF_url, field_text(piece, "href"));
	else if (type == TLC_messageEntityMentionName)
		tl_set_long(e, TLF_user_id, field_long(piece, "user_id"));
	else if (type == TLC_messageEntityCustomEmoji)
		tl_set_long(e, TLF_document_id, document_id(w->a, piece));
	else if (type == TLC_messageEntityBlockquote && field_flag(piece, "collapsed"))
		tl_set_flag(e, TLF_collapsed, true);
	w->entities[w->count++] = e;
}

static void add_text(struct writer *w, const char *s)
{
	struct cspan text = cspan_str(s);

	if (text.len > w->room - w->len) {
		archive_fail(w->a, "a text of more than %zu bytes", w->room);
		return;
	}
	memcpy(w->text + w->len, text.at, text.len);
	w->len += text.len;
	w->units += utf16_len(text);
}

static void add_piece(struct writer *w, const json_t *piece)
{
	uint32_t from = w->units;

	if (json_is_string(piece)) {
		add_text(w, json_string_value(piece));
		return;
	}
	add_text(w, field_text(piece, "text"));
	add_entity(w, piece, from, w->units - from);
}

static void add_pieces(struct writer *w, const json_t *value)
{
	if (!json_is_array(value)) {
		if (value != NULL)
			add_piece(w, value);
		return;
	}
	for (size_t i = 0; i < json_array_size(value); i++)
		add_piece(w, json_array_get(value, i));
}

static void add_entities(struct writer *w, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *e = json_array_get(list, i);

		add_entity(w, e, (uint32_t)field_long(e, "offset"),
			   (uint32_t)field_long(e, "length"));
	}
}

static void start(struct writer *w, struct archive *a)
{
	*w = (struct writer){.a = a, .room = 65536};
	w->text = arena_take(&a->tmp, w->room);
	check(w->text != NULL);
}

static struct cspan finish(struct writer *w, struct tl_obj *into, enum tlf field)
{
	if (w->count > 0) {
		tl_set_vec(&w->a->tmp, into, field, w->count);
		for (uint32_t i = 0; i < w->count; i++)
			tl_put_obj(into, field, i, w->entities[i]);
	}
	return cspan_of(w->text, w->len);
}

struct cspan archive_rich_text(struct archive *a, const json_t *value, struct tl_obj *into,
			       enum tlf field)
{
	struct writer w;

	start(&w, a);
	add_pieces(&w, value);
	if (json_is_object(value))
		add_entities(&w, json_object_get(value, "entities"));
	return finish(&w, into, field);
}

void archive_text(struct archive *a, const json_t *m, struct tl_obj *content)
{
	const json_t *pieces = json_object_get(m, "text_entities");
	const json_t *own = json_object_get(m, "entities");
	struct writer w;

	start(&w, a);
	if (own != NULL || json_array_size(pieces) == 0)
		pieces = json_object_get(m, "text");
	add_pieces(&w, pieces);
	add_entities(&w, own);
	tl_set_bytes(content, TLF_message, finish(&w, content, TLF_entities));
}
