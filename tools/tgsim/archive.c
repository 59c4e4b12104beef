/*
 * Archives: a folder as Telegram Desktop exports it in its machine-readable form, a result.json and
 * the media beside it, becomes a chat of the world. One chat or a full export ("chats"."list").
 *
 * That form does not say everything. Albums are rebuilt: photos and videos of one sender, one
 * second and consecutive ids. Topics: a message belongs to the topic whose creation it answers, or
 * to that of the message it answers. Where an archive has more to say, these keys of ours are
 * taken: grouped_id, topic_id, silent, noforwards, caption_above, quote, entities, waveform,
 * icon_color, icon_emoji_id, dice, quiz, correct_answer, multiple_choice, public_voters, solution,
 * no_webpage; of a chat: username, about, forum, noforwards, slowmode_seconds.
 */
#include "tools/tgsim/archive_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TMP_SIZE = 8 << 20, ALBUM_MAX = 10, PATH_LEN = 4096 };

bool archive_fail(struct archive *a, const char *format, ...)
{
	va_list args;
	size_t n;

	if (a->failed)
		return false;
	a->failed = true;
	if (a->message_id != 0)
		snprintf(a->error, a->error_len, "%s/result.json: message %lld: ", a->dir,
			 (long long)a->message_id);
	else
		snprintf(a->error, a->error_len, "%s/result.json: ", a->dir);
	n = strlen(a->error);
	va_start(args, format);
	vsnprintf(a->error + n, a->error_len - n, format, args);
	va_end(args);
	return false;
}

/* ---- lenient JSON ---- */

const char *field_text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s == NULL ? "" : s;
}

int64_t field_long(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_string(v))
		return strtoll(json_string_value(v), NULL, 10);
	return json_is_real(v) ? (int64_t)json_real_value(v) : json_integer_value(v);
}

bool field_flag(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

double field_real(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

/* "2023-05-01T12:30:00", taken as UTC where the unix time is missing (old exports). */
static int32_t date_of(const json_t *m, const char *unix_key, const char *key)
{
	int64_t t = field_long(m, unix_key);
	struct tm tm = {0};

	if (t != 0)
		return (int32_t)t;
	if (strptime(field_text(m, key), "%Y-%m-%dT%H:%M:%S", &tm) == NULL)
		return 0;
	return (int32_t)timegm(&tm);
}

/* ---- who wrote it ---- */

static struct user *named_user(struct archive *a, int64_t id, const char *name)
{
	struct user *u = user_find(a->world, id);
	const char *space = strchr(name, ' ');
	char first[128];

	if (u != NULL)
		return u;
	if (*name == 0) {
		u = user_make(a->world, id, "", "");
		u->deleted = true;
		return u;
	}
	snprintf(first, sizeof(first), "%.*s", space == NULL ? 127 : (int)(space - name), name);
	return user_make(a->world, id, first, space == NULL ? "" : space + 1);
}

static struct user *sender_of(struct archive *a, const json_t *m)
{
	bool service = strcmp(field_text(m, "type"), "service") == 0;
	const char *id = field_text(m, service ? "actor_id" : "from_id");
	const char *name = field_text(m, service ? "actor" : "from");
	int64_t user_id = strncmp(id, "user", 4) == 0 ? strtoll(id + 4, NULL, 10) : 0;

	if (user_id > ID_MAX)
		user_id = 0;
	if (a->chat == NULL && user_id != a->chat_id)
		return a->world->accounts->user;
	if (a->chat == NULL)
		return a->peer;
	return user_id > 0 ? named_user(a, user_id, name) : NULL;
}

/* ---- albums ---- */

static bool in_albums(const json_t *m)
{
	return json_object_get(m, "photo") != NULL ||
	       strcmp(field_text(m, "media_type"), "video_file") == 0;
}

static bool same_album(const json_t *prev, const json_t *m)
{
	return in_albums(prev) && in_albums(m) &&
	       field_long(prev, "id") + 1 == field_long(m, "id") &&
	       strcmp(field_text(prev, "from_id"), field_text(m, "from_id")) == 0 &&
	       strcmp(field_text(prev, "forwarded_from"), field_text(m, "forwarded_from")) == 0 &&
	       date_of(prev, "date_unixtime", "date") == date_of(m, "date_unixtime", "date");
}

static bool says_albums(const json_t *messages)
{
	for (size_t i = 0; i < json_array_size(messages); i++)
		if (json_object_get(json_array_get(messages, i), "grouped_id") != NULL)
			return true;
	return false;
}

/* How many messages from i on are one album; 1 when it is none. */
static size_t album_len(const json_t *messages, size_t i)
{
	size_t n = 1;

	while (n < ALBUM_MAX && i + n < json_array_size(messages) &&
	       same_album(json_array_get(messages, i + n - 1), json_array_get(messages, i + n)))
		n++;
	return n;
}

/* ---- replies and topics ---- */

static int32_t topic_for(struct archive *a, const json_t *m, int32_t parent_id)
{
	const struct msg *parent;
	int64_t id = field_long(m, "topic_id");

	if (a->chat == NULL || !a->chat->forum)
		return 0;
	if (id > 0)
		return (int32_t)id;
	parent = parent_id == 0 ? NULL : msg_find(a->world, a->to->box, parent_id);
	return parent == NULL ? 1 : parent->topic_id;
}

static void set_quote(struct archive *a, struct tl_obj *reply, const json_t *m)
{
	const json_t *quote = json_object_get(m, "quote");
	struct cspan text;

	if (quote == NULL)
		return;
	text = archive_rich_text(a, quote, reply, TLF_quote_entities);
	tl_set_flag(reply, TLF_quote, true);
	tl_set_bytes(reply, TLF_quote_text, text);
	if (field_long(quote, "offset") > 0)
		tl_set_int(reply, TLF_quote_offset, (int32_t)field_long(quote, "offset"));
}

static void set_reply(struct archive *a, struct tl_obj *content, const json_t *m)
{
	int32_t parent = (int32_t)field_long(m, "reply_to_message_id");
	int32_t topic = topic_for(a, m, parent);
	struct tl_obj *reply;

	if (json_object_get(m, "reply_to_peer_id") != NULL || parent == topic)
		parent = 0;
	if (parent == 0 && topic <= 1)
		return;
	reply = tl_new(&a->tmp, TLC_messageReplyHeader);
	tl_set_int(reply, TLF_reply_to_msg_id, parent != 0 ? parent : topic);
	if (topic > 1) {
		tl_set_flag(reply, TLF_forum_topic, true);
		if (parent != 0)
			tl_set_int(reply, TLF_reply_to_top_id, topic);
	}
	if (parent != 0)
		set_quote(a, reply, m);
	tl_set_obj(content, TLF_reply_to, reply);
}

/* ---- one message ---- */

static void set_forward(struct archive *a, struct tl_obj *content, const json_t *m)
{
	const json_t *from = json_object_get(m, "forwarded_from");
	struct tl_obj *fwd;

	if (from == NULL)
		return;
	fwd = tl_new(&a->tmp, TLC_messageFwdHeader);
	tl_set_str(fwd, TLF_from_name, json_is_string(from) ? json_string_value(from) : "Deleted");
	tl_set_int(fwd, TLF_date, date_of(m, "date_unixtime", "date"));
	tl_set_obj(content, TLF_fwd_from, fwd);
}

static void set_via_bot(struct archive *a, struct tl_obj *content, const json_t *m)
{
	const char *name = field_text(m, "via_bot");
	struct user *bot;
	struct chat *chat;

	if (*name == '@')
		name++;
	if (*name == 0)
		return;
	if (!username_find(a->world, cspan_str(name), &bot, &chat)) {
		bot = user_make(a->world, 0, name, "");
		bot->username = bot->first_name;
		bot->bot = true;
	}
	if (bot != NULL)
		tl_set_long(content, TLF_via_bot_id, bot->id);
}

static void set_flags(struct tl_obj *content, const json_t *m)
{
	static const struct {
		const char *key;
		enum tlf field;
	} flags[] = {{"silent", TLF_silent},
		     {"noforwards", TLF_noforwards},
		     {"caption_above", TLF_invert_media}};

	for (size_t i = 0; i < countof(flags); i++)
		if (field_flag(m, flags[i].key))
			tl_set_flag(content, flags[i].field, true);
}

static struct tl_obj *make_message(struct archive *a, const json_t *m, int64_t grouped_id)
{
	struct tl_obj *o = tl_new(&a->tmp, TLC_message);
	const struct tl_obj *media = archive_media(a, m);
	int32_t edited = date_of(m, "edited_unixtime", "edited");

	archive_text(a, m, o);
	set_flags(o, m);
	set_reply(a, o, m);
	set_forward(a, o, m);
	set_via_bot(a, o, m);
	if (edited != 0)
		tl_set_int(o, TLF_edit_date, edited);
	if (grouped_id != 0)
		tl_set_long(o, TLF_grouped_id, grouped_id);
	if (media == NULL && !field_flag(m, "no_webpage"))
		media = webpage_media(a->world, &a->tmp, o);
	if (media != NULL)
		tl_set_obj(o, TLF_media, media);
	if (a->chat != NULL && a->chat->kind == CHAT_CHANNEL) {
		tl_set_int(o, TLF_views, 1);
		tl_set_int(o, TLF_forwards, 0);
		if (*field_text(m, "author") != 0)
			tl_set_str(o, TLF_post_author, field_text(m, "author"));
	}
	return o;
}

static struct tl_obj *make_service(struct archive *a, const json_t *m)
{
	struct tl_obj *o = tl_new(&a->tmp, TLC_messageService);

	tl_set_obj(o, TLF_action, archive_action(a, m));
	set_reply(a, o, m);
	return o;
}

static void pin_target(struct archive *a, const json_t *m)
{
	int32_t id = (int32_t)field_long(m, "message_id");
	struct msg *first = msg_find(a->world, a->to->box, id), *at = first;

	if (first == NULL || strcmp(field_text(m, "action"), "pin_message") != 0)
		return;
	do {
		at->pinned = true;
		idlist_add(a->world, &at->history->pinned, at->id);
		at = at->twin;
	} while (at != first);
}

/* The model keeps encoded messages: what it will encode must fit its room, with some to spare. */
static bool fits(struct archive *a, const struct tl_obj *o)
{
	struct tl_error error;

	if (a->failed)
		return false;
	if (tl_encode(o, TL_LAYER, (struct span){a->world->scratch, SCRATCH / 2}, &error) == 0)
		return archive_fail(a, "too large");
	return true;
}

static bool load_message(struct archive *a, const json_t *m, int64_t grouped_id)
{
	bool service = strcmp(field_text(m, "type"), "service") == 0;
	struct post post = {.to = a->to, .quiet = true};
	struct tl_obj *o;

	a->message_id = field_long(m, "id");
	if (a->message_id <= a->to->box->last_id || a->message_id > INT32_MAX)
		return archive_fail(a, "the id does not ascend");
	arena_rewind(&a->tmp, 0);
	post.id = (int32_t)a->message_id;
	post.from = sender_of(a, m);
	post.date = date_of(m, "date_unixtime", "date");
	if (post.date == 0)
		return archive_fail(a, "no date");
	o = service ? make_service(a, m) : make_message(a, m, grouped_id);
	if (post.from == NULL && a->chat != NULL)
		tl_set_obj(o, TLF_from_id, peer_obj(&a->tmp, a->to->peer));
	if (!fits(a, o))
		return false;
	msg_post(a->world, &post, o);
	if (service)
		pin_target(a, m);
	return true;
}

static bool load_messages(struct archive *a, const json_t *messages)
{
	bool explicit_albums = says_albums(messages);
	size_t album_end = 0;
	int64_t album = 0;

	for (size_t i = 0; i < json_array_size(messages); i++) {
		const json_t *m = json_array_get(messages, i);

		if (explicit_albums) {
			album = field_long(m, "grouped_id");
		} else if (i >= album_end) {
			size_t n = album_len(messages, i);

			album_end = i + n;
			album = n == 1 ? 0
				       : (int64_t)(keyed_hash(a->world->key, (uint64_t)a->chat_id,
							      (uint64_t)field_long(m, "id"), 3) >>
						   1);
		}
		if (!load_message(a, m, album))
			return false;
	}
	a->message_id = 0;
	return true;
}

/* ---- one chat ---- */

static bool has_topics(const json_t *messages)
{
	for (size_t i = 0; i < json_array_size(messages); i++) {
		const json_t *m = json_array_get(messages, i);

		if (strcmp(field_text(m, "action"), "topic_created") == 0)
			return true;
	}
	return false;
}

static int32_t first_date(const json_t *messages)
{
	return date_of(json_array_get(messages, 0), "date_unixtime", "date");
}

static void settings(struct archive *a, const json_t *chat)
{
	struct world *w = a->world;

	a->chat->username = world_str(w, cspan_str(field_text(chat, "username")));
	a->chat->about = world_str(w, cspan_str(field_text(chat, "about")));
	a->chat->noforwards = field_flag(chat, "noforwards");
	a->chat->slowmode_seconds = (int32_t)field_long(chat, "slowmode_seconds");
	if (a->chat->kind == CHAT_SUPERGROUP &&
	    (field_flag(chat, "forum") || has_topics(json_object_get(chat, "messages"))))
		chat_set_forum(w, a->chat, true);
}

static void open_group(struct archive *a, const json_t *chat, enum chat_kind kind)
{
	struct world *w = a->world;
	int64_t id = chat_find(w, a->chat_id) == NULL ? a->chat_id : 0;
	enum peer_kind peer = kind == CHAT_GROUP ? PEER_GROUP : PEER_CHANNEL;

	a->chat = chat_make(w, kind, id, field_text(chat, "name"), w->accounts->user,
			    first_date(json_object_get(chat, "messages")));
	for (struct account *at = w->accounts; at != NULL; at = at->next)
		member_add(w, a->chat, at->user, a->chat->creator, a->chat->date)->admin = true;
	member_find(a->chat, a->chat->creator)->creator = true;
	settings(a, chat);
	a->to = history_of(w, w->accounts, (struct peer){peer, a->chat->id}, true);
	world_list_chat(w, a->chat);
}

static void open_private(struct archive *a, const json_t *chat, bool saved)
{
	struct world *w = a->world;

	if (saved)
		a->chat_id = w->accounts->user->id;
	a->peer = saved ? w->accounts->user : named_user(a, a->chat_id, field_text(chat, "name"));
	a->to = history_of(w, w->accounts, (struct peer){PEER_USER, a->peer->id}, true);
}

static bool load_chat(struct archive *a, const json_t *chat)
{
	static const struct {
		const char *type;
		enum chat_kind kind;
	} groups[] = {{"private_group", CHAT_GROUP},
		      {"private_supergroup", CHAT_SUPERGROUP},
		      {"public_supergroup", CHAT_SUPERGROUP},
		      {"private_channel", CHAT_CHANNEL},
		      {"public_channel", CHAT_CHANNEL}};
	const char *type = field_text(chat, "type");
	const json_t *messages = json_object_get(chat, "messages");

	if (!json_is_array(messages))
		return archive_fail(a, "a chat without \"messages\"");
	a->chat = NULL;
	a->to = NULL;
	a->chat_id = field_long(chat, "id");
	if (a->chat_id < 0 || a->chat_id > ID_MAX)
		return archive_fail(a, "the id of a chat is out of range");
	for (size_t i = 0; i < countof(groups); i++)
		if (strcmp(type, groups[i].type) == 0)
			open_group(a, chat, groups[i].kind);
	if (a->to == NULL && (strcmp(type, "saved_messages") == 0 ||
			      strcmp(type, "personal_chat") == 0 || strcmp(type, "bot_chat") == 0))
		open_private(a, chat, strcmp(type, "saved_messages") == 0);
	if (a->to == NULL)
		return archive_fail(a, "chat type \"%s\" is not known", type);
	return load_messages(a, messages);
}

static bool load_root(struct archive *a, const json_t *root)
{
	const json_t *list = json_object_get(json_object_get(root, "chats"), "list");

	if (list == NULL)
		return load_chat(a, root);
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!load_chat(a, json_array_get(list, i)))
			return false;
	return true;
}

static int load_parsed(struct archive *a, json_t *root, const json_error_t *why)
{
	void *tmp;

	if (root == NULL) {
		if (why->line < 1) /* not opened: the text names the file */
			snprintf(a->error, a->error_len, "%s", why->text);
		else
			snprintf(a->error, a->error_len, "%s/result.json: line %d: %s", a->dir,
				 why->line, why->text);
		return 65;
	}
	tmp = malloc(TMP_SIZE);
	check(tmp != NULL);
	arena_init(&a->tmp, tmp, TMP_SIZE);
	load_root(a, root);
	free(tmp);
	json_decref(root);
	return a->failed ? 65 : 0;
}

int archive_load(struct world *w, const char *dir, char *error, size_t error_len)
{
	struct archive a = {.world = w, .dir = dir, .error = error, .error_len = error_len};
	char path[PATH_LEN];
	json_error_t why;

	snprintf(path, sizeof(path), "%s/result.json", dir);
	return load_parsed(&a, json_load_file(path, JSON_REJECT_DUPLICATES, &why), &why);
}

int archive_load_text(struct world *w, const char *dir, struct cspan json, char *error,
		      size_t error_len)
{
	struct archive a = {.world = w, .dir = dir, .error = error, .error_len = error_len};
	json_error_t why;

	return load_parsed(
	    &a, json_loadb((const char *)json.at, json.len, JSON_REJECT_DUPLICATES, &why), &why);
}
