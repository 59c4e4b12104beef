/*
 * Fuzz target: names. A chat reference is taken or refused with one reason; what is taken holds
 * only what its kind may hold. A profile's name, which becomes a directory, never leads out of it.
 */
#include "proto/base/check.h"
#include "tools/tgclone/chatref.h"
#include "tools/tgclone/store.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_word(const char *s, size_t max)
{
	size_t len = strlen(s);

	check(len >= 1 && len <= max);
	for (size_t i = 0; i < len; i++)
		check(strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-",
			     s[i]));
}

static void chat(const char *text)
{
	struct chatref r;
	char why[256] = "";

	if (!chatref_parse(&r, text, why, sizeof(why))) {
		check(why[0] != 0);
		return;
	}
	check(r.topic >= 0);
	if (r.kind == CHATREF_NAME)
		is_word(r.name, CHATREF_NAME_MAX);
	if (r.kind == CHATREF_INVITE)
		is_word(r.hash, CHATREF_HASH_MAX);
	if (r.kind == CHATREF_ID) {
		check(r.bare_id > 0);
		check((r.id > 0) == (r.peer == CHATREF_USER));
		check(r.id == (r.peer == CHATREF_USER    ? r.bare_id
			       : r.peer == CHATREF_GROUP ? -r.bare_id
							 : -1000000000000 - r.bare_id));
	}
}

/* Rows: H17 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	check(text != NULL);
	memcpy(text, data, size);
	text[size] = 0;
	chat(text);
	if (store_profile_ok(text))
		check(text[0] != '.' && text[0] != 0 && strpbrk(text, "/\n\\") == NULL &&
		      strlen(text) <= STORE_PROFILE_MAX);
	free(text);
	return 0;
}
