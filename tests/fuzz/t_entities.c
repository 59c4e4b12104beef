/*
 * Fuzz target: a message's entities on the way from one chat to another. The first byte says how many,
 * each is nine bytes (kind, offset, length), the rest is the text. Whatever came, what is sent lies on
 * the text, an entity that did is sent as it was, and the copy has the fingerprint of the source.
 */
#include "proto/api/ask.h"
#include "proto/base/check.h"

#include <stdlib.h>

enum { MEMORY = 1 << 20, ENTITY = 9, CROWD = 100 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const enum tlc kinds[] = {
    TLC_messageEntityBold,	TLC_messageEntityCode,	  TLC_messageEntityTextUrl,
    TLC_messageEntityMention,	TLC_messageEntityUnknown, TLC_messageEntityCustomEmoji,
    TLC_messageEntityBlockquote, TLC_messageEntityMentionName, TLC_messageEntityPre};

/* The test's own count, character by character. */
static int64_t count_units(struct cspan text)
{
	int64_t units = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < 0x80 || text.at[i] >= 0xc0)
			units++;
		if (text.at[i] >= 0xf0)
			units++;
	}
	return units;
}

static struct tl_obj *read_message(struct arena *a, const uint8_t *data, size_t size)
{
	struct tl_obj *m = tl_new(a, TLC_message);
	uint32_t count = data[0];

	tl_set_int(m, TLF_id, 1);
	tl_set_bytes(m, TLF_message,
		     cspan_of(data + 1 + count * ENTITY, size - 1 - count * ENTITY));
	tl_set_vec(a, m, TLF_entities, count);
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *at = data + 1 + i * ENTITY;
		struct tl_obj *e = tl_new(a, kinds[at[0] % countof(kinds)]);

		tl_set_int(e, TLF_offset, (int32_t)load_le32(at + 1));
		tl_set_int(e, TLF_length, (int32_t)load_le32(at + 5));
		tl_put_obj(m, TLF_entities, i, e);
	}
	return m;
}

static bool lies_on(const struct tl_obj *e, int64_t units)
{
	int64_t offset = tl_int(e, TLF_offset), length = tl_int(e, TLF_length);

	return offset >= 0 && length > 0 && offset + length <= units;
}

static void check_list(const struct message *m, const struct entity_list *list)
{
	int64_t units = count_units(m->text);
	uint32_t next = 0;

	check(list->count + list->dropped <= m->entities.count);
	for (uint32_t i = 0; i < list->count; i++)
		check(lies_on(list->at[i], units));
	for (uint32_t i = 0; i < m->entities.count; i++) {
		const struct tl_obj *e = tl_vec_obj(m->entities, i);

		if (!lies_on(e, units) || tl_cons(e) == TLC_messageEntityUnknown ||
		    tl_cons(e) == TLC_messageEntityMentionName)
			continue;
		if (m->entities.count > CROWD && tl_cons(e) == TLC_messageEntityMention)
			continue; /* the server finds it again, and others need the room (api.md 16) */
		while (next < list->count && list->at[next] != e)
			next++;
		check(next < list->count);
	}
}

static void check_copy(struct arena *a, const struct message *m, const struct entity_list *list)
{
	struct tl_obj *copy = tl_new(a, TLC_message);
	uint8_t first[32], second[32];
	struct message c;

	tl_set_bytes(copy, TLF_message, m->text);
	tl_set_vec(a, copy, TLF_entities, list->count);
	for (uint32_t i = 0; i < list->count; i++)
		tl_put_obj(copy, TLF_entities, i, list->at[i]);
	message_read(copy, false, &c);
	message_fingerprint(m, first);
	message_fingerprint(&c, second);
	check(memcmp(first, second, 32) == 0);
}

static void check_send(struct arena *a, const struct message *m, const struct entity_list *list)
{
	static uint8_t out[1 << 16];
	struct post p = {.to = {PEER_USER, 1, 2}, .text = m->text, .random_id = 1};
	struct tl_error error;

	p.entities = *list;
	check(tl_encode(ask_send(a, &p), TL_LAYER, (struct span){out, sizeof(out)}, &error) > 0);
}

/* Rows: H21 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entity_list list;
	struct message m;
	struct arena a;

	if (size < 1 || size > 16384 || size < 1 + (size_t)data[0] * ENTITY)
		return 0;
	arena_init(&a, malloc(MEMORY), MEMORY);
	check(a.mem != NULL);
	message_read(read_message(&a, data, size), false, &m);
	check(message_entities(&a, &m, (struct peer){PEER_NONE, 0, 0}, NULL, &list));
	check_list(&m, &list);
	check_copy(&a, &m, &list);
	check_send(&a, &m, &list);
	free(a.mem);
	return 0;
}
