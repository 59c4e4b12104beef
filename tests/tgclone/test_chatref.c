/* The grammar of a chat. */
#include "proto/base/check.h"
#include "tools/tgclone/chatref.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const struct {
	const char *text;
	struct chatref want;
} good[] = {
    {"me", {.kind = CHATREF_ME}},
    {"ME", {.kind = CHATREF_ME}},
    {"me#7", {.kind = CHATREF_ME, .topic = 7}},
    {"@durov", {.kind = CHATREF_NAME, .name = "durov"}},
    {"durov", {.kind = CHATREF_NAME, .name = "durov"}},
    {"@some_Forum9#12", {.kind = CHATREF_NAME, .name = "some_Forum9", .topic = 12}},
    {"-1001234567890",
     {.kind = CHATREF_ID, .id = -1001234567890, .peer = CHATREF_CHANNEL, .bare_id = 1234567890}},
    {"-1001234567890#2147483647",
     {.kind = CHATREF_ID,
      .id = -1001234567890,
      .peer = CHATREF_CHANNEL,
      .bare_id = 1234567890,
      .topic = INT32_MAX}},
    {"-1997852516352",
     {.kind = CHATREF_ID, .id = -1997852516352, .peer = CHATREF_CHANNEL, .bare_id = 997852516352}},
    /* direct messages of a channel */
    {"-2002147483649",
     {.kind = CHATREF_ID, .id = -2002147483649, .peer = CHATREF_CHANNEL, .bare_id = 1002147483649}},
    {"-3999999999999",
     {.kind = CHATREF_ID, .id = -3999999999999, .peer = CHATREF_CHANNEL, .bare_id = 2999999999999}},
    {"-12345", {.kind = CHATREF_ID, .id = -12345, .peer = CHATREF_GROUP, .bare_id = 12345}},
    {"12345", {.kind = CHATREF_ID, .id = 12345, .peer = CHATREF_USER, .bare_id = 12345}},
    {"t.me/durov", {.kind = CHATREF_NAME, .name = "durov"}},
    {"https://t.me/durov/", {.kind = CHATREF_NAME, .name = "durov"}},
    {"HTTP://WWW.T.ME/durov", {.kind = CHATREF_NAME, .name = "durov"}},
    {"https://telegram.me/durov/33", {.kind = CHATREF_NAME, .name = "durov", .topic = 33}},
    {"t.me/durov/33#33", {.kind = CHATREF_NAME, .name = "durov", .topic = 33}},
    {"t.me/c/1234567890",
     {.kind = CHATREF_ID, .id = -1001234567890, .peer = CHATREF_CHANNEL, .bare_id = 1234567890}},
    {"https://t.me/c/1234567890/15",
     {.kind = CHATREF_ID,
      .id = -1001234567890,
      .peer = CHATREF_CHANNEL,
      .bare_id = 1234567890,
      .topic = 15}},
    {"https://t.me/s/durov", {.kind = CHATREF_NAME, .name = "durov"}},
    {"https://t.me/durov?before=9", {.kind = CHATREF_NAME, .name = "durov"}},
    {"t.me/durov/33?single&comment=5#33", {.kind = CHATREF_NAME, .name = "durov", .topic = 33}},
    {"https://t.me/c/1234567890/15?thread=15",
     {.kind = CHATREF_ID,
      .id = -1001234567890,
      .peer = CHATREF_CHANNEL,
      .bare_id = 1234567890,
      .topic = 15}},
    {"https://t.me/+AbC-d_e123?x", {.kind = CHATREF_INVITE, .hash = "AbC-d_e123"}},
    {"https://t.me/+AbC-d_e123", {.kind = CHATREF_INVITE, .hash = "AbC-d_e123"}},
    {"t.me/joinchat/AbCdef#2", {.kind = CHATREF_INVITE, .hash = "AbCdef", .topic = 2}},
};

Test(chatref, what_is_a_chat)
{
	for (size_t i = 0; i < countof(good); i++) {
		const struct chatref *w = &good[i].want;
		struct chatref r;
		char why[200] = "";

		cr_assert(chatref_parse(&r, good[i].text, why, sizeof(why)), "%s: %s", good[i].text,
			  why);
		cr_assert_eq(r.kind, w->kind, "%s", good[i].text);
		cr_assert_str_eq(r.name, w->name);
		cr_assert_str_eq(r.hash, w->hash);
		cr_assert_eq(r.id, w->id, "%s", good[i].text);
		cr_assert_eq(r.bare_id, w->bare_id, "%s", good[i].text);
		cr_assert_eq(r.peer, w->peer, "%s", good[i].text);
		cr_assert_eq(r.topic, w->topic, "%s", good[i].text);
	}
}

Test(chatref, what_is_not)
{
	static const char *const bad[] = {
	    "",
	    "#5",
	    "@",
	    "@abc",
	    "@1abcd",
	    "@a b cd",
	    "@waytoolong_waytoolong_waytoolong_x",
	    "abc",
	    "-",
	    "--5",
	    "-0",
	    "0",
	    "-1000000000000",
	    "-1997852516353",
	    "-2002147483648",
	    "-4000000000000",
	    "99999999999999999999",
	    "12a",
	    "1e5",
	    "+5",
	    "@durov#",
	    "@durov#0",
	    "@durov#-1",
	    "@durov#x",
	    "@durov#2147483648",
	    "@durov#1#2",
	    "t.me/",
	    "t.me/abc",
	    "t.me/c/",
	    "t.me/c/x",
	    "t.me/c/0",
	    "t.me/c/5/x",
	    "t.me/durov/x",
	    "t.me/durov/1/2",
	    "t.me/durov/1#2",
	    "t.me/+",
	    "t.me/+ab",
	    "t.me/+ab/cd",
	    "t.me/joinchat/",
	    "t.me/s/",
	    "t.me/s/abc",
	    "t.me/?x",
	    "@durov?x",
	    "durov?x",
	    "https://example.org/durov",
	    "tg://resolve?domain=durov",
	    "@durov\n",
	    "@dur\x1b[31mov",
	    "../../etc",
	    "t.me/../etc",
	};

	for (size_t i = 0; i < countof(bad); i++) {
		struct chatref r;
		char why[200] = "";

		cr_assert_not(chatref_parse(&r, bad[i], why, sizeof(why)), "%s was taken", bad[i]);
		cr_assert(strstr(why, "is no chat: ") != NULL, "%s: %s", bad[i], why);
	}
}

/* What a message's menu copies is refused with the reason: which topic it is would be a guess. */
Test(chatref, a_link_to_a_message_is_named_so)
{
	static const char *const links[] = {"t.me/c/1234567890/3/30", "https://t.me/durov/3/30?single"};

	for (size_t i = 0; i < countof(links); i++) {
		struct chatref r;
		char why[200] = "";

		cr_assert_not(chatref_parse(&r, links[i], why, sizeof(why)));
		cr_assert_not_null(strstr(why, "that is a message: end the link behind the topic"), "%s", why);
	}
}

Test(chatref, length_is_bounded)
{
	char text[CHATREF_TEXT_MAX + 2], why[64];
	struct chatref r;

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	cr_assert_not(chatref_parse(&r, text, why, sizeof(why)));
	memcpy(text, "t.me/+", 6);
	text[6 + CHATREF_HASH_MAX] = 0;
	cr_assert(chatref_parse(&r, text, why, sizeof(why)));
	cr_assert_eq(strlen(r.hash), CHATREF_HASH_MAX);
	text[6 + CHATREF_HASH_MAX] = 'a';
	text[7 + CHATREF_HASH_MAX] = 0;
	cr_assert_not(chatref_parse(&r, text, why, sizeof(why)));
}
