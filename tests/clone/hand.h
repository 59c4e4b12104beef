/*
 * What people do in the simulated Telegram while a job runs: they write, open topics, close a chat
 * to forwarding. Known by these calls only, since tgsim's headers and the engine's share names.
 */
#ifndef TGCLONE_TESTS_CLONE_HAND_H
#define TGCLONE_TESTS_CLONE_HAND_H

#include <stdbool.h>
#include <stdint.h>

struct telegram;

int64_t hand_self(struct telegram *); /* the account's user id */
void hand_premium(struct telegram *); /* the account subscribes */
/* The account writes into its Saved Messages; the id. */
int32_t hand_save(struct telegram *, const char *text);
/* Somebody writes to the account alone; the id. */
int32_t hand_private(struct telegram *, const char *text);
/* A topic of a chat is made, or written into; the id. chat: as of whole.h. */
int32_t hand_topic(struct telegram *, uint32_t chat, const char *title);
int32_t hand_say_in(struct telegram *, uint32_t chat, int32_t topic, const char *text);
/* It is in no list of topics any more, but what was said in it is there. */
void hand_lose_topic(struct telegram *, uint32_t chat, int32_t topic);
void hand_close_topic(struct telegram *, uint32_t chat, int32_t topic);
void hand_delete(struct telegram *, uint32_t chat, int32_t id); /* if it is there */
void hand_protect(struct telegram *, uint32_t chat);
/* A text that carries one entity over all of it, a custom emoji. */
int32_t hand_emoji(struct telegram *, uint32_t chat, const char *text);
/* A link with its preview, to which so many paragraphs of the page itself are attached. */
int32_t hand_link(struct telegram *, uint32_t chat, uint32_t page);
int32_t hand_reply(struct telegram *, uint32_t chat, int32_t to, const char *text);
int32_t hand_say_long(struct telegram *, uint32_t chat, const char *text);
/* A message with media becomes an answer to that one, and names its writer in the caption. */
void hand_answer(struct telegram *, uint32_t chat, int32_t id, int32_t to);
/* A reply names an item of a list, and an answer of a poll, that the other message does not have. */
int32_t hand_reply_to_part(struct telegram *, uint32_t chat, int32_t to, const char *text);
/* A link with a preview to which so many documents belong. */
int32_t hand_rich_link(struct telegram *, uint32_t chat, uint32_t count);
/* A video begins to play there; it has the picture of that message as its cover. */
void hand_start(struct telegram *, uint32_t chat, int32_t id, int32_t second);
void hand_cover(struct telegram *, uint32_t chat, int32_t id, int32_t picture);
/* The file of a document has a name of so many bytes. */
void hand_name(struct telegram *, uint32_t chat, int32_t id, uint32_t bytes);
/* A document is said to be so large. */
void hand_size(struct telegram *, uint32_t chat, int32_t id, int64_t size);
/* The media of a message has destroyed itself. */
void hand_expire(struct telegram *, uint32_t chat, int32_t id);
/* Ids: of the item of the n-th album from 1 on, of the last message that is no service message; 0: none */
int32_t hand_album_item(struct telegram *, uint32_t chat, uint32_t album, uint32_t item);
/* The first message with media and without a word, of which all have the same fingerprint. */
int32_t hand_wordless(struct telegram *, uint32_t chat);
/* The first one with a photo; the n-th one, from 0 on, with a document. */
int32_t hand_photo(struct telegram *, uint32_t chat);
int32_t hand_file(struct telegram *, uint32_t chat, uint32_t n);
int32_t hand_last(struct telegram *, uint32_t chat);
/* Texts of the Saved Messages, or of a chat, one a line. */
const char *hand_texts(struct telegram *, int chat);
/* In the title of a topic each text of the chat stands behind. */
const char *hand_topic_of(struct telegram *, uint32_t chat, const char *text);

#endif
