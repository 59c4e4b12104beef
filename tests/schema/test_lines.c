/*
 * The lines of proto/schema against their ids, with a second computation that shares nothing with
 * tlgen.py, and the tables against the lines and against the ids that clients are known to send.
 */
#include "proto/schema/tlobj_priv.h"

#include "proto/crypto/digest.h"
#include "tests/schema/layers.h"
#include "tests/vectors/tl.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

enum { LINE = 8192, CLOSURE_CONSTRUCTORS = 905, CLOSURE_METHODS = 63 };

/* Appends the word in its normal form; false where it does not count (a true flag). */
static bool word_counts(const char *word, char *out)
{
	const char *kind = strrchr(word, '?');
	size_t n = 0;

	if (kind != NULL && strcmp(kind, "?true") == 0)
		return false;
	for (const char *p = word; *p != '\0'; p++) {
		if (strcmp(p, "bytes") == 0 && p > word && (p[-1] == ':' || p[-1] == '?')) {
			strcpy(out + n, "string");
			return true;
		}
		if (*p == '<')
			out[n++] = ' ';
		else if (strchr(">{};", *p) == NULL)
			out[n++] = *p;
	}
	out[n] = '\0';
	return true;
}

/* CRC-32 of the line in its normal form. The line is used up. */
static uint32_t line_id(char *line)
{
	char normal[LINE] = "", word[LINE];
	size_t len = 0;
	char *save, *hash = strchr(line, '#');

	/* Only the id's own #, which is followed by hex digits up to the first space. */
	cr_assert_not_null(hash);
	memmove(hash, hash + strcspn(hash, " "), strlen(hash + strcspn(hash, " ")) + 1);
	*(strchr(line, ';') + 1) = '\0';
	for (char *w = strtok_r(line, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
		if (!word_counts(w, word))
			continue;
		len += (size_t)snprintf(normal + len, sizeof(normal) - len, "%s%s",
					len > 0 ? " " : "", word);
	}
	return (uint32_t)crc32(0, (const Bytef *)normal, (uInt)len);
}

Test(lines, worked_examples)
{
	for (size_t i = 0; i < sizeof(vec_crc32) / sizeof(*vec_crc32); i++) {
		char line[LINE];

		strcpy(line, vec_crc32[i].line);
		cr_assert_eq(line_id(line), vec_crc32[i].id, "%s", vec_crc32[i].name);
		cr_assert_eq(crc32(0, (const Bytef *)vec_crc32[i].normalised,
				   (uInt)strlen(vec_crc32[i].normalised)),
			     vec_crc32[i].id);
	}
}

/* One line of a file: its id is right, and the tables know it for the layers it claims. */
static void check_line(const char *path, const char *text)
{
	const char *hash = strchr(text, '#'), *mark = strstr(text, "; // ");
	char line[LINE], name[128] = {0};
	const struct tl_form *f;
	uint32_t id;
	char *end;

	cr_assert_lt(strlen(text), sizeof(line));
	memcpy(name, text, (size_t)(hash - text));
	id = (uint32_t)strtoul(hash + 1, &end, 16);
	cr_assert_eq(end - hash, 9, "%s: %s", path, name); /* eight digits */
	strcpy(line, text);
	cr_assert_eq(line_id(line), id, "%s: %s", path, name);

	f = tl_form_of_id(id);
	cr_assert_not_null(f, "%s: %s", path, name);
	if (strstr(path, "service.tl") == NULL || strcmp(name, "message") != 0)
		cr_assert_str_eq(tl_name(f->name), name);
	cr_assert_eq(tl_cons_of_id(id), f->name);
	cr_assert_eq(f->layer_first,
		     mark != NULL ? strtoul(mark + 5, &end, 10) * (mark[5] != '-') : 0);
	if (mark == NULL || strchr(mark, '-')[1] == '\0')
		cr_assert_eq(f->layer_last, 65535);
	else
		cr_assert_eq(f->layer_last, strtol(strchr(mark, '-') + 1, NULL, 10));
}

static unsigned check_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[LINE];
	unsigned n = 0;

	cr_assert_not_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0' || line[0] == '-' || line[0] == '/')
			continue;
		check_line(path, line);
		n++;
	}
	fclose(f);
	return n;
}

Test(lines, every_id_is_its_checksum)
{
	DIR *dir = opendir(SCHEMA_DIR);
	unsigned n = 0;

	cr_assert_not_null(dir);
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		size_t len = strlen(e->d_name);
		char path[4096];

		if (len < 4 || strcmp(e->d_name + len - 3, ".tl") != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", SCHEMA_DIR, e->d_name);
		n += check_file(path);
	}
	closedir(dir);
	cr_assert_eq(n, tl_form_count); /* and the tables have nothing else */
}

Test(lines, ids_by_layer)
{
	for (size_t i = 0; i < sizeof(layer_ids) / sizeof(*layer_ids); i++)
		for (size_t k = 0; k < LAYER_COLUMNS; k++) {
			cr_assert_eq(tl_id(layer_ids[i].name, layer_columns[k]), layer_ids[i].id[k],
				     "%s in layer %d", tl_name(layer_ids[i].name),
				     layer_columns[k]);
			if (layer_ids[i].id[k] != 0)
				cr_assert_eq(tl_cons_of_id(layer_ids[i].id[k]), layer_ids[i].name);
		}
	for (size_t i = 0; i < sizeof(steady_ids) / sizeof(*steady_ids); i++)
		for (int layer = 144; layer <= 228; layer++)
			cr_assert_eq(tl_id(steady_ids[i].name, layer), steady_ids[i].id, "%s",
				     tl_name(steady_ids[i].name));
}

Test(lines, unknown_ids)
{
	cr_assert_eq(tl_cons_of_id(0), TLC_none);
	cr_assert_eq(tl_cons_of_id(0xffffffff), TLC_none);
	cr_assert_eq(tl_cons_of_id(0x38116ee1), TLC_none);
	cr_assert_eq(tl_id(TLC_vector, TL_LAYER), 0);
	cr_assert_eq(tl_id(TLC_none, TL_LAYER), 0);
}

Test(lines, layers_outside_of_the_known)
{
	cr_assert_eq(tl_id(TLC_message, 1), 0x38116ee0);
	cr_assert_eq(tl_id(TLC_message, 9999), 0x7600b9d3);
	cr_assert_eq(tl_id(TLC_message, 205),
		     tl_id(TLC_message, 204)); /* between two stated ones */
}

/*
 * Where a true flag stands is not in the checksum of its line: a wrong bit would be read as another
 * flag. Of layer 228 all of them were hashed as TDLib's schema has them, in the order of the ids and
 * of the fields, a line each: name, flag, number of the flag word, bit.
 */
enum { TRUE_FLAGS = 828 };

static const uint8_t true_flags[32] = {
    0x90, 0xfb, 0x7d, 0xa6, 0x2b, 0xd1, 0x4c, 0x77, 0x6d, 0xa1, 0xb5, 0x82, 0x20, 0xb9, 0x7d, 0xc8,
    0xea, 0x15, 0xfc, 0x09, 0x22, 0x58, 0xe1, 0x4a, 0x97, 0x93, 0x34, 0xf4, 0xc3, 0x20, 0x5b, 0xe1,
};

/* Two of the sticker set are older than that layer, and in no line of it. */
static bool is_of_an_older_layer(const char *name, const char *flag)
{
	return strcmp(name, "stickerSet") == 0 &&
	       (strcmp(flag, "animated") == 0 || strcmp(flag, "videos") == 0);
}

static unsigned put_true_flags(struct sha256_stream *s, const struct tl_form *f)
{
	const struct tl_name *n = &tl_names[f->name];
	unsigned count = 0;

	for (unsigned i = 0; i < f->part_count; i++) {
		const struct tl_part *p = &tl_parts[f->part + i];
		const char *flag = tl_field_name(tl_members[n->member + p->place].field);
		char line[256];
		int len;

		if (p->kind != TL_K_TRUE || is_of_an_older_layer(n->text, flag))
			continue;
		len = snprintf(line, sizeof(line), "%s %s %u %u\n", n->text, flag, p->word, p->bit);
		sha256_put(s, line, (size_t)len);
		count++;
	}
	return count;
}

Test(lines, true_flags_stand_where_the_newest_layer_has_them)
{
	struct sha256_stream s;
	unsigned count = 0;
	uint8_t hash[32];

	sha256_init(&s);
	for (unsigned i = 0; i < tl_form_count; i++)
		if (tl_forms[i].layer_first <= TL_LAYER && tl_forms[i].layer_last >= TL_LAYER)
			count += put_true_flags(&s, &tl_forms[i]);
	sha256_end(&s, hash);
	cr_assert_eq(count, TRUE_FLAGS, "%u", count);
	cr_assert_arr_eq(hash, true_flags, 32);
}

/* ---- the closure: what can come in an answer to the methods of the cloner ---- */

static const enum tlc cloner_methods[CLOSURE_METHODS] = {
    TLC_auth_sendCode,
    TLC_auth_resendCode,
    TLC_auth_cancelCode,
    TLC_auth_signIn,
    TLC_auth_checkPassword,
    TLC_auth_exportLoginToken,
    TLC_auth_importLoginToken,
    TLC_auth_importBotAuthorization,
    TLC_auth_logOut,
    TLC_auth_exportAuthorization,
    TLC_auth_importAuthorization,
    TLC_auth_bindTempAuthKey,
    TLC_help_getConfig,
    TLC_help_getNearestDc,
    TLC_help_getAppConfig,
    TLC_help_getCdnConfig,
    TLC_account_getPassword,
    TLC_users_getUsers,
    TLC_updates_getState,
    TLC_messages_getDialogs,
    TLC_channels_getChannels,
    TLC_channels_getFullChannel,
    TLC_contacts_resolveUsername,
    TLC_messages_checkChatInvite,
    TLC_messages_importChatInvite,
    TLC_channels_joinChannel,
    TLC_messages_getHistory,
    TLC_messages_getReplies,
    TLC_messages_search,
    TLC_channels_getMessages,
    TLC_messages_getMessages,
    TLC_messages_getSplitRanges,
    TLC_messages_getRichMessage,
    TLC_messages_getForumTopics,
    TLC_messages_getForumTopicsByID,
    TLC_messages_createForumTopic,
    TLC_messages_editForumTopic,
    TLC_messages_updatePinnedForumTopic,
    TLC_channels_createChannel,
    TLC_channels_toggleForum,
    TLC_messages_sendMessage,
    TLC_messages_sendMedia,
    TLC_messages_sendMultiMedia,
    TLC_messages_uploadMedia,
    TLC_messages_forwardMessages,
    TLC_messages_editMessage,
    TLC_messages_updatePinnedMessage,
    TLC_upload_getFile,
    TLC_upload_getFileHashes,
    TLC_upload_saveFilePart,
    TLC_upload_saveBigFilePart,
    TLC_upload_getCdnFile,
    TLC_upload_reuploadCdnFile,
    TLC_upload_getCdnFileHashes,
    TLC_account_initTakeoutSession,
    TLC_account_finishTakeoutSession,
    TLC_invokeWithLayer,
    TLC_initConnection,
    TLC_invokeWithoutUpdates,
    TLC_invokeWithTakeout,
    TLC_invokeWithMessagesRange,
    TLC_invokeAfterMsg,
    TLC_invokeAfterMsgs,
};

static void reach(uint8_t *types, enum tl_kind kind, enum tl_kind elem, uint16_t ref)
{
	if (kind == TL_K_OBJ || elem == TL_K_OBJ)
		types[ref] = 1;
}

/* One more step from the types reached; returns the constructors of those types. */
static unsigned spread(uint8_t *types, int layer)
{
	unsigned n = 0;

	for (unsigned i = 0; i < tl_form_count; i++) {
		const struct tl_form *f = &tl_forms[i];

		if (tl_names[f->name].method || f->result_kind != TL_K_OBJ ||
		    !types[f->result_ref] || tl_form_in(f->name, layer) != f)
			continue;
		n++;
		for (unsigned k = 0; k < f->part_count; k++)
			reach(types, tl_parts[f->part + k].kind, tl_parts[f->part + k].elem,
			      tl_parts[f->part + k].ref);
	}
	return n;
}

static unsigned closure(int layer)
{
	static uint8_t types[TLT_COUNT];
	unsigned n = 0, before;

	memset(types, 0, sizeof(types));
	for (size_t i = 0; i < CLOSURE_METHODS; i++) {
		const struct tl_form *f = tl_form_in(cloner_methods[i], layer);

		if (f != NULL)
			reach(types, f->result_kind, f->result_elem, f->result_ref);
	}
	do {
		before = n;
		n = spread(types, layer);
	} while (n != before);
	return n;
}

Test(lines, closure_of_the_methods_used)
{
	for (size_t i = 0; i < CLOSURE_METHODS; i++) {
		cr_assert(tl_is_method(cloner_methods[i]));
		cr_assert_neq(tl_id(cloner_methods[i], TL_LAYER), 0);
	}
	cr_assert_eq(closure(TL_LAYER), CLOSURE_CONSTRUCTORS, "%u", closure(TL_LAYER));
}
