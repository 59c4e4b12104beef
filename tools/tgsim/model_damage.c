/*
 * Harm done to a chat behind everybody's back, to see who notices: for the control socket. Nobody is
 * asked for rights, and updates go out as for any edit.
 */
#include "proto/base/check.h"
#include "tools/tgsim/model_priv.h"
#include "tools/tgsim/world_setup.h"

#include <stdlib.h>

enum { ROOM = 1 << 20 };

static struct msg *find(struct world *w, const char *chat, int32_t id)
{
	for (uint32_t i = 0; world_chat_at(w, i) != NULL; i++) {
		struct chat *c = world_chat_at(w, i);

		if (chat_marked_id(c) == strtoll(chat, NULL, 10) && c->history != NULL)
			return msg_find(w, c->history->box, id);
	}
	return NULL;
}

/* One letter more, or the first one another. */
static void harm_text(struct arena *a, struct tl_obj *content, bool longer)
{
	struct cspan old = tl_bytes(content, TLF_message);
	size_t len = old.len + (longer || old.len == 0 ? 1 : 0);
	uint8_t *text = arena_take(a, len);

	check(text != NULL);
	memset(text, '?', len);
	memcpy(text, old.at, old.len);
	if (len == old.len)
		text[0] = text[0] == 'X' ? 'Y' : 'X';
	tl_set_bytes(content, TLF_message, cspan_of(text, len));
}

static bool harm(struct arena *a, struct tl_obj *content, const char *how)
{
	bool has;

	if (strcmp(how, "text") == 0 || strcmp(how, "letter") == 0) {
		harm_text(a, content, strcmp(how, "text") == 0);
		return true;
	}
	if (strcmp(how, "media") == 0) {
		has = tl_has(content, TLF_media);
		tl_unset(content, TLF_media);
		return has;
	}
	has = strcmp(how, "plain") == 0 && tl_has(content, TLF_entities);
	if (has)
		tl_unset(content, TLF_entities);
	return has;
}

bool world_damage(struct world *w, const char *chat, int32_t id, const char *how, int64_t now)
{
	struct msg *m = find(w, chat, id);
	void *mem = malloc(ROOM);
	struct tl_obj *content;
	struct arena a;
	bool done = m != NULL && !m->service;

	check(mem != NULL);
	arena_init(&a, mem, ROOM);
	if (done && strcmp(how, "delete") == 0) {
		msg_delete(w, m, true, (int32_t)(now / 1000000000), 0);
	} else if (done) {
		content = tl_copy(&a, msg_body(w, &a, m));
		done = harm(&a, content, how);
		if (done)
			msg_edit(w, m, content, (int32_t)(now / 1000000000), 0);
	}
	free(mem);
	return done;
}
