/* See whole_extra.h. Some of them cannot be kept, or not whole: then that has to be told. */
#include "tests/sim/whole_extra.h"

#include "tests/clone/deed.h"
#include "tests/clone/hand.h"

#include "proto/base/check.h"
#include "tests/sim/whole.h"

#include <stdio.h>
#include <stdlib.h>

enum extra {
	DICE,
	QUIZ,
	POLL,
	VOTERS, /* a poll that shows them */
	QUOTE,
	MISQUOTE,
	ELSEWHERE, /* an answer to a message of another chat */
	STORY,
	LINK_BUTTON,
	BOT_BUTTON,
	MENTION,
	NOBODY, /* is mentioned */
	EMOJI,
	PREVIEW,
	EFFECT,
	GAME,
	LIST,
	STICKER,
	GIF,
	HASHTAGS,
	KINDS,
};
static_assert((int)KINDS == (int)EXTRAS, "the header says how many there are");

const char *extra_name(uint32_t kind)
{
	static const char *const names[EXTRAS] = {
	    [DICE] = "dice",	       [QUIZ] = "quiz",		    [POLL] = "poll",
	    [VOTERS] = "voters",       [QUOTE] = "quote",	    [MISQUOTE] = "misquote",
	    [ELSEWHERE] = "elsewhere", [STORY] = "story",	    [LINK_BUTTON] = "link-button",
	    [MENTION] = "mention",     [BOT_BUTTON] = "bot-button", [NOBODY] = "nobody",
	    [EMOJI] = "emoji",	       [PREVIEW] = "preview",	    [EFFECT] = "effect",
	    [GAME] = "game",	       [LIST] = "list",		    [STICKER] = "sticker",
	    [GIF] = "gif",	       [HASHTAGS] = "hashtags",
	};

	return names[kind];
}

static int32_t say_quote(struct telegram *t, const char *quote, const char *text)
{
	uint32_t count;
	struct posted *all = telegram_posted(t, 0, &count);
	int32_t to = all[count / 2].id;

	free(all);
	return deed_quote(t, 0, to, quote, text);
}

static int32_t say_text(struct telegram *t, enum extra kind, const char *text)
{
	switch (kind) {
	case QUOTE:
		return say_quote(t, "#", text);
	case MISQUOTE:
		return say_quote(t, "what nobody said", text);
	case ELSEWHERE:
	case STORY:
		return deed_elsewhere(t, 0, kind == STORY, text);
	case LINK_BUTTON:
	case BOT_BUTTON:
		return deed_button(t, 0, kind == LINK_BUTTON, text);
	case MENTION:
	case NOBODY:
		return deed_mention(t, 0, kind == MENTION, text);
	case EMOJI:
		return hand_emoji(t, 0, text);
	case PREVIEW:
		return deed_preview(t, 0, text);
	default:
		check(kind == EFFECT);
		return deed_effect(t, 0, text);
	}
}

int32_t extra_say(struct telegram *t, uint32_t kind, uint32_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "rare words, %u", n);
	switch ((enum extra)kind) {
	case DICE:
		return deed_dice(t, 0);
	case QUIZ:
		return deed_quiz(t, 0);
	case POLL:
	case VOTERS:
		return deed_poll(t, 0, kind == VOTERS);
	case GAME:
		return deed_game(t, 0);
	case LIST:
		return deed_list(t, 0);
	case STICKER:
		return deed_sticker(t, 0, "application/x-tgsticker");
	case GIF:
		return deed_sticker(t, 0, "image/gif");
	case HASHTAGS:
		return deed_crowd(t, 0, 3, 5);
	default:
		return say_text(t, (enum extra)kind, text);
	}
}
