/*
 * Texts and bodies of synthetic messages, made anew each time somebody looks: words from a list, an
 * emoji here and there so that UTF-16 offsets are not byte offsets, entities on words.
 */
#include "tools/tgsim/synth_priv.h"

#include <stdio.h>

enum { TEXT_ROOM = 2048, WORDS_MAX = 60, ENTITIES = 3 };

static const char *const words[] = {
    "harbour",
    "window",
    "seven",
    "lantern",
    "river",
    "caf\xc3\xa9",
    "orbit",
    "paper",
    "winter",
    "signal",
    "copper",
    "manh\xc3\xa3",
    "stone",
    "garden",
    "\xf0\x9f\x8c\x8a",
    "letter",
    "bridge",
    "velvet",
    "cora\xc3\xa7\xc3\xa3o",
    "north",
    "engine",
    "silver",
    "quiet",
    "morning",
    "ladder",
    "\xf0\x9f\x9a\x80",
    "ocean",
    "violin",
    "market",
    "saudade",
    "thread",
    "compass",
};

struct line {
	uint8_t *text;
	uint32_t len, units;
	struct tl_obj *entities[ENTITIES];
	uint32_t entity_count;
};

static void add(struct line *l, const char *s)
{
	struct cspan text = cspan_str(s);

	check(l->len + text.len <= TEXT_ROOM);
	memcpy(l->text + l->len, text.at, text.len);
	l->len += (uint32_t)text.len;
	l->units += utf16_len(text);
}

static void mark(struct line *l, struct arena *arena, uint64_t h, uint32_t from)
{
	static const enum tlc kinds[] = {TLC_messageEntityBold,   TLC_messageEntityItalic,
					 TLC_messageEntityCode,   TLC_messageEntityUnderline,
					 TLC_messageEntityStrike, TLC_messageEntitySpoiler,
					 TLC_messageEntityTextUrl};
	enum tlc kind = kinds[h % countof(kinds)];
	struct tl_obj *e = tl_new(arena, kind);

	tl_set_int(e, TLF_offset, (int32_t)from);
	tl_set_int(e, TLF_length, (int32_t)(l->units - from));
	if (kind == TLC_messageEntityTextUrl)
		tl_set_str(e, TLF_url, "https://example.org/read");
	l->entities[l->entity_count++] = e;
}

static void write_line(const struct synth *s, struct arena *arena, uint32_t row, struct line *l)
{
	uint64_t h = synth_hash(s, 20, row);
	uint32_t count = 2 + (uint32_t)(h % WORDS_MAX);
	char number[32];

	snprintf(number, sizeof(number), "#%u", row + 1);
	add(l, number);
	for (uint32_t i = 0; i < count; i++) {
		uint64_t pick = synth_hash(s, 21, (uint64_t)row << 8 | i);
		uint32_t from;

		add(l, " ");
		from = l->units;
		add(l, words[pick % countof(words)]);
		if (pick >> 40 & 1 && pick >> 41 & 1 && pick >> 42 & 1 &&
		    l->entity_count < ENTITIES)
			mark(l, arena, pick >> 48, from);
	}
}

/* Every text, and every second lone file or first of an album. */
static bool has_text(const struct synth *s, const struct row *r)
{
	return r->file == 0 ||
	       (r->start == 0 && synth_hash(s, 22, (uint64_t)(r - s->rows)) % 2 == 0);
}

static void set_text(const struct synth *s, struct arena *arena, const struct row *r,
		     struct tl_obj *o)
{
	struct line l = {.text = arena_take(arena, TEXT_ROOM)};

	if (l.text == NULL)
		return;
	if (has_text(s, r))
		write_line(s, arena, (uint32_t)(r - s->rows), &l);
	tl_set_bytes(o, TLF_message, cspan_of(l.text, l.len));
	if (l.entity_count == 0)
		return;
	tl_set_vec(arena, o, TLF_entities, l.entity_count);
	for (uint32_t i = 0; i < l.entity_count; i++)
		tl_put_obj(o, TLF_entities, i, l.entities[i]);
}

static const struct tl_obj *media(const struct synth *s, struct arena *arena, const struct msg *m,
				  const struct row *r)
{
	enum synth_form form = synth_form_at(s, r->file - 1);
	struct tl_obj *o;

	if (form == SYNTH_PHOTO) {
		o = tl_new(arena, TLC_messageMediaPhoto);
		tl_set_obj(o, TLF_photo, file_stub(arena, m->file));
		return o;
	}
	o = tl_new(arena, TLC_messageMediaDocument);
	tl_set_obj(o, TLF_document, file_stub(arena, m->file));
	if (form == SYNTH_VIDEO || form == SYNTH_ROUND || form == SYNTH_GIF)
		tl_set_flag(o, TLF_video, true);
	if (form == SYNTH_ROUND)
		tl_set_flag(o, TLF_round, true);
	if (form == SYNTH_VOICE)
		tl_set_flag(o, TLF_voice, true);
	return o;
}

static void set_reply(struct arena *arena, struct tl_obj *o, const struct msg *m,
		      const struct row *r)
{
	bool in_topic = m->topic_id > 1;
	struct tl_obj *reply;

	if (r->reply == 0 && !in_topic)
		return;
	reply = tl_new(arena, TLC_messageReplyHeader);
	tl_set_int(reply, TLF_reply_to_msg_id, r->reply != 0 ? r->reply : m->topic_id);
	if (in_topic)
		tl_set_flag(reply, TLF_forum_topic, true);
	if (in_topic && r->reply != 0)
		tl_set_int(reply, TLF_reply_to_top_id, m->topic_id);
	tl_set_obj(o, TLF_reply_to, reply);
}

const struct tl_obj *synth_body(struct synth *s, struct arena *arena, const struct msg *m)
{
	const struct row *r = synth_row(s, m->id);
	struct tl_obj *o = tl_new(arena, TLC_message);
	const struct tl_obj *page;

	tl_set_int(o, TLF_id, m->id);
	tl_set_int(o, TLF_date, m->date);
	tl_set_obj(o, TLF_peer_id, peer_obj(arena, m->history->peer));
	tl_set_obj(o, TLF_from_id, peer_obj(arena, (struct peer){PEER_USER, m->from_id}));
	set_text(s, arena, r, o);
	set_reply(arena, o, m, r);
	if (r->album != 0)
		tl_set_long(o, TLF_grouped_id, m->grouped_id);
	page = r->file != 0 ? media(s, arena, m, r) : webpage_media(s->world, arena, o);
	if (page != NULL)
		tl_set_obj(o, TLF_media, page);
	return o;
}
