/*
 * The grammar of a chat. It only reads what stands there; who that is (resolving a name, an access
 * hash, an invite) needs the network and is the commands' business.
 */
#include "tools/tgclone/chatref.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

/* Bounds of ids (dialog ids of the API). */
static const int64_t user_max = 0xffffffffff, group_max = 999999999999,
		     channel_mark = 1000000000000, channel_max = 997852516352,
		     direct_min = 1002147483649, direct_max = 2999999999999; /* a channel's messages */

static bool is_channel(int64_t id)
{
	return (id >= 1 && id <= channel_max) || (id >= direct_min && id <= direct_max);
}

struct reader {
	struct chatref *ref;
	const char *text; /* the whole, for messages */
	char *why;
	size_t why_size;
};

static bool refuse(struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool refuse(struct reader *r, const char *format, ...)
{
	char reason[160];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	snprintf(r->why, r->why_size, "\"%.80s\" is no chat: %s", r->text, reason);
	return false;
}

/* Digits alone, up to max; returns -1 for anything else. */
static int64_t number(const char *s, size_t len, int64_t max)
{
	int64_t v = 0;

	if (len == 0 || len > 18)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		v = v * 10 + (s[i] - '0');
	}
	return v <= max ? v : -1;
}

static bool is_word(const char *s, size_t len, const char *more)
{
	for (size_t i = 0; i < len; i++) {
		bool letter = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') ||
			      (s[i] >= '0' && s[i] <= '9');

		if (!letter && (s[i] == 0 || strchr(more, s[i]) == NULL))
			return false;
	}
	return len > 0;
}

static bool take_name(struct reader *r, const char *s, size_t len)
{
	bool letter = len > 0 && ((s[0] >= 'a' && s[0] <= 'z') || (s[0] >= 'A' && s[0] <= 'Z'));

	if (!letter || len < 4 || len > CHATREF_NAME_MAX || !is_word(s, len, "_"))
		return refuse(r, "a name has 4 to 32 letters, digits or _, a letter first");
	r->ref->kind = CHATREF_NAME;
	memcpy(r->ref->name, s, len);
	return true;
}

static bool take_id(struct reader *r, const char *s, size_t len)
{
	bool minus = *s == '-';
	int64_t v = number(s + minus, len - minus, channel_mark + direct_max);
	struct chatref *ref = r->ref;

	ref->kind = CHATREF_ID;
	ref->id = minus ? -v : v;
	ref->bare_id = v;
	if (!minus && v >= 1 && v <= user_max)
		ref->peer = CHATREF_USER;
	else if (minus && v >= 1 && v <= group_max)
		ref->peer = CHATREF_GROUP;
	else if (minus && is_channel(v - channel_mark)) {
		ref->peer = CHATREF_CHANNEL;
		ref->bare_id = v - channel_mark;
	} else
		return refuse(r, "an id is a number like -1001234567890, -12345 or 12345");
	return true;
}

static bool take_topic(struct reader *r, const char *s, size_t len)
{
	int64_t v = number(s, len, INT32_MAX);

	if (v < 1)
		return refuse(r, "a topic is a number from 1 on");
	if (r->ref->topic != 0 && r->ref->topic != v)
		return refuse(r, "it names two topics");
	r->ref->topic = (int32_t)v;
	return true;
}

/* Behind the chat of a link: nothing, or a topic. */
static bool take_rest(struct reader *r, const char *s)
{
	size_t len = strcspn(s, "/");

	if (s[len] == '/' && number(s, len, INT32_MAX) >= 1 &&
	    number(s + len + 1, strlen(s + len + 1), INT32_MAX) >= 1)
		return refuse(r, "that is a message: end the link behind the topic");
	return *s == 0 || take_topic(r, s, strlen(s));
}

static bool take_invite(struct reader *r, const char *s, size_t len)
{
	if (len < 4 || len > CHATREF_HASH_MAX || !is_word(s, len, "-_"))
		return refuse(r, "an invite link ends in its hash");
	r->ref->kind = CHATREF_INVITE;
	memcpy(r->ref->hash, s, len);
	return true;
}

/* c/ID or c/ID/TOPIC; s stands behind the "c/". */
static bool take_private(struct reader *r, const char *s)
{
	size_t len = strcspn(s, "/");
	int64_t v = number(s, len, direct_max);

	if (!is_channel(v))
		return refuse(r, "a private link is t.me/c/ID or t.me/c/ID/TOPIC");
	r->ref->kind = CHATREF_ID;
	r->ref->peer = CHATREF_CHANNEL;
	r->ref->bare_id = v;
	r->ref->id = -channel_mark - v;
	s += len;
	return *s == 0 || take_rest(r, s + 1);
}

/* Behind t.me/ */
static bool take_path(struct reader *r, const char *s)
{
	size_t len = strcspn(s, "/");

	if (*s == '+')
		return take_invite(r, s + 1, strlen(s + 1));
	if (strncmp(s, "joinchat/", 9) == 0)
		return take_invite(r, s + 9, strlen(s + 9));
	if (strncmp(s, "c/", 2) == 0)
		return take_private(r, s + 2);
	if (strncmp(s, "s/", 2) == 0) /* what a browser shows without an account */
		return take_name(r, s + 2, strlen(s + 2));
	if (!take_name(r, s, len))
		return false;
	s += len;
	return *s == 0 || take_rest(r, s + 1);
}

/* Behind the server of a link, or NULL. */
static const char *link_path(const char *s)
{
	static const char *const heads[] = {"https://", "http://",      "www.",
					    "t.me/",    "telegram.me/", "telegram.dog/"};

	for (int i = 0; i < 6; i++) {
		size_t len = strlen(heads[i]);

		if (strncasecmp(s, heads[i], len) != 0)
			continue;
		s += len;
		if (i >= 3)
			return s;
	}
	return NULL;
}

static bool take_chat(struct reader *r, char *s)
{
	const char *path = link_path(s);
	size_t len = strlen(s);

	if (len == 0)
		return refuse(r, "it is empty");
	if (path != NULL) {
		s[strcspn(s, "?")] = 0; /* says how to show it */
		return take_path(r, path);
	}
	if (strstr(s, "://") != NULL)
		return refuse(r, "links are https://t.me/...");
	if (*s == '@')
		return take_name(r, s + 1, len - 1);
	if (strcasecmp(s, "me") == 0) {
		r->ref->kind = CHATREF_ME;
		return true;
	}
	if (*s == '-' || (*s >= '0' && *s <= '9'))
		return take_id(r, s, len);
	return take_name(r, s, len);
}

bool chatref_parse(struct chatref *ref, const char *text, char *why, size_t why_size)
{
	struct reader r = {ref, text, why, why_size};
	char chat[CHATREF_TEXT_MAX + 1];
	size_t len = strcspn(text, "#");

	*ref = (struct chatref){0};
	if (strlen(text) > CHATREF_TEXT_MAX)
		return refuse(&r, "it is longer than %d characters", CHATREF_TEXT_MAX);
	memcpy(chat, text, len);
	chat[len] = 0;
	if (text[len] == '#' && !take_topic(&r, text + len + 1, strlen(text + len + 1)))
		return false;
	return take_chat(&r, chat);
}
