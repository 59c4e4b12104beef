/*
 * More of what people do in the simulated Telegram, as hand.h: they throw dice, ask riddles, and write
 * texts that are full of formatting. Known by these calls only.
 */
#ifndef TGCLONE_TESTS_CLONE_DEED_H
#define TGCLONE_TESTS_CLONE_DEED_H

#include <stdbool.h>
#include <stdint.h>

struct telegram;

/* The ids of what the account says in a chat. */
int32_t deed_dice(struct telegram *, uint32_t chat);
/* A quiz, or a poll, of two answers; nobody has voted. */
int32_t deed_quiz(struct telegram *, uint32_t chat);
int32_t deed_poll(struct telegram *, uint32_t chat, bool public_voters);
/*
 * Only subscribers may vote; anybody may add an answer; it is closed; some voted; it closes by itself one day; its
 * question has a custom emoji. */
enum deed_poll { POLL_LIMITED, POLL_OPEN, POLL_CLOSED, POLL_VOTED, POLL_TIMED, POLL_EMOJI };
void deed_poll_is(struct telegram *, uint32_t chat, int32_t id, enum deed_poll);
void deed_channel(struct telegram *, uint32_t chat); /* from now on it is no group but a channel */
/* Somebody else says that. */
int32_t deed_other(struct telegram *, uint32_t chat, const char *text);
/* Slow mode, and nobody is an administrator who would be spared it. */
void deed_slow(struct telegram *, uint32_t chat, int32_t seconds);
/* An answer to that one, to these words of it, whether it has them or not. */
int32_t deed_quote(struct telegram *, uint32_t chat, int32_t to, const char *quote, const char *text);
/* An answer to a message of another chat, or to a story. */
int32_t deed_elsewhere(struct telegram *, uint32_t chat, bool story, const char *text);
/* An answer out of a topic (0: General) to a message of another one. */
int32_t deed_across(struct telegram *, uint32_t chat, int32_t topic, int32_t to, const char *text);
/* A text with a button below it: with a link, or one that asks a bot. Whether a message has any. */
int32_t deed_button(struct telegram *, uint32_t chat, bool link, const char *text);
bool deed_has_buttons(struct telegram *, uint32_t chat, int32_t id);
/* A text in bold that names somebody by its first two letters: one whom the account never met, or nobody. */
int32_t deed_mention(struct telegram *, uint32_t chat, bool exists, const char *text);
/* What is sent there from now on is to be deleted again after so many seconds. */
void deed_timer(struct telegram *, uint32_t chat, int32_t seconds);
/* A text beside whose preview its link stands nowhere. */
int32_t deed_preview(struct telegram *, uint32_t chat, const char *text);
/* A text that comes with an animation over all of the screen. */
int32_t deed_effect(struct telegram *, uint32_t chat, const char *text);
int32_t deed_game(struct telegram *, uint32_t chat);
int32_t deed_list(struct telegram *, uint32_t chat); /* of two things to do */
void deed_tick(struct telegram *, uint32_t chat, int32_t id); /* the first of them is done */
int32_t deed_via(struct telegram *, uint32_t chat, const char *text); /* it comes by way of a bot */
/* What is there becomes an answer to that one, and nothing else of it changes. */
void deed_answer(struct telegram *, uint32_t chat, int32_t id, int32_t to);
/* So many hashtags, and behind them so many words in bold. */
int32_t deed_crowd(struct telegram *, uint32_t chat, uint32_t tags, uint32_t words);
/* A sticker of that type, or where it is "image/gif" a GIF, of 3000 bytes. */
/* The caption of a medium becomes that, with so many of its units bold. */
void deed_caption(struct telegram *, uint32_t chat, int32_t id, const char *text, int32_t bold_at,
		  int32_t bold);
int32_t deed_sticker(struct telegram *, uint32_t chat, const char *mime);

#endif
