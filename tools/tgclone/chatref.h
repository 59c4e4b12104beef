/*
 * What a user writes for a chat:
 *
 *   @name  name           a public name          me                  saved messages
 *   -1001234567890        channel, supergroup    -12345              basic group
 *   12345                 user                   t.me/name           public link
 *   t.me/c/123/TOPIC      private link           t.me/name/TOPIC     a topic of it
 *   t.me/+HASH  t.me/joinchat/HASH               invite link
 *
 * each with an optional #TOPIC behind it; links with or without https://, with or without ?..., and t.me/s/name.
 */
#ifndef TGCLONE_TOOLS_CHATREF_H
#define TGCLONE_TOOLS_CHATREF_H

#include "proto/base/bytes.h"

enum chatref_kind { CHATREF_ME, CHATREF_NAME, CHATREF_ID, CHATREF_INVITE };
enum chatref_peer { CHATREF_USER, CHATREF_GROUP, CHATREF_CHANNEL };

enum { CHATREF_NAME_MAX = 32, CHATREF_HASH_MAX = 64, CHATREF_TEXT_MAX = 200 };

struct chatref {
	enum chatref_kind kind;
	char name[CHATREF_NAME_MAX + 1]; /* NAME, without the @ */
	char hash[CHATREF_HASH_MAX + 1]; /* INVITE */
	int64_t id;                      /* ID: marked, -100... for channels */
	enum chatref_peer peer;          /* ID */
	int64_t bare_id;                 /* ID: without the mark, always positive */
	int32_t topic;                   /* 0: none given */
};

/* False: why says in one line what is wrong with it. */
bool chatref_parse(struct chatref *, const char *text, char *why, size_t why_size);

#endif
