/*
 * What a refusal asks for that is about one group alone: less of it, new references, another way. The
 * group has left the slot already and stands in the queue. Owns nothing.
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>
#include <string.h>

enum {
	ATTEMPTS_MAX = 40,  /* refusals of one group */
	RESTRICTED_MAX = 5, /* messages in a row that may not leave: it is the chat that is closed */
};

static void refuse_group(struct clone *c, struct group *g, const char *text)
{
	group_skip(c, g, text);
	clone_refused(c, &c->refused, text);
}

/* It may not be taken out of the source, or nothing may by now: how it may still go is planned anew. */
static void plan_again(struct clone *c, struct group *g, const char *text)
{
	struct plan_options options = c->o.plan;
	struct message msgs[ALBUM_MAX];
	struct plan plan;

	g->no_forward = g->no_copy = true;
	options.source_protected = true;
	if (++c->restricted >= RESTRICTED_MAX)
		c->o.plan.source_protected = true;
	for (uint32_t i = 0; i < g->count; i++)
		msgs[i] = g->items[i].msg;
	plan_group(msgs, g->count, &options, &plan);
	if (plan.mode == PLAN_SKIP || plan.mode == g->mode || (plan.mode == PLAN_STREAM && g->no_bytes)) {
		group_skip(c, g, plan.mode == PLAN_SKIP ? plan.reason : text);
		return;
	}
	if (plan.mode == PLAN_STREAM) {
		group_streams(c, g, plan.reason);
		return;
	}
	g->mode = plan.mode;
	g->state = GROUP_LOADED;
	if (g->mode == PLAN_COPY)
		group_answers(g);
	if (plan.reason[0] != '\0')
		group_say(g, plan.reason);
}

/* A quiz that nobody answered, and what only goes as it is: perhaps not without its author's name. */
bool post_name_author(const struct clone *c, struct group *g, const char *text)
{
	if (!post_is_bound(g) && strcmp(text, "QUIZ_ANSWER_MISSING") != 0)
		return false;
	if (g->mode != PLAN_FORWARD || c->o.plan.keep_author || g->with_author)
		return false;
	g->with_author = true;
	g->nameless = 0; /* that was said of another request */
	group_say(g, "author named: it does not go without");
	return true;
}

/* Whether that way keeps it; plan: what is lost by it. */
static bool may_go(const struct clone *c, const struct group *g, enum plan_mode mode, struct plan *plan)
{
	struct plan_options options = c->o.plan;
	struct message msgs[ALBUM_MAX];

	options.prefer = mode;
	options.keep_author = false;
	options.keep_replies &= mode != PLAN_FORWARD; /* the last way: without it rather than not at all */
	if (mode == PLAN_STREAM) { /* by its bytes, or not at all */
		options.allow_protected |= !options.source_protected;
		options.source_protected = true;
	}
	for (uint32_t i = 0; i < g->count; i++)
		msgs[i] = g->items[i].msg;
	plan_group(msgs, g->count, &options, plan);
	return plan->mode == mode;
}

/* Flags that a refusal takes away; false when it was taken away already. */
static bool take_away(bool *flag)
{
	bool fresh = !*flag;

	*flag = true;
	return fresh;
}

/* What cannot be made anew goes as it is, if it may. */
static bool as_it_is(struct clone *c, struct group *g)
{
	struct plan plan;

	if (g->mode == PLAN_FORWARD || g->no_forward || !may_go(c, g, PLAN_FORWARD, &plan))
		return false;
	group_forwards(c, g);
	g->no_forward = true; /* it is being tried */
	if (g->reply_source != 0 && !g->no_reply)
		group_say(g, "reply not kept");
	return true;
}

/* Perhaps only a bot may ask what is closed from the beginning. */
static bool open_poll(struct group *g)
{
	const struct tl_obj *poll = tl_sub(g->items[0].msg.media.obj, TLF_poll);

	if (g->mode != PLAN_COPY || !tl_flag(poll, TLF_closed) || !take_away(&g->no_closed))
		return false;
	group_say(g, "poll not closed");
	return true;
}

/* Those say that nothing is there to be sent, which is no fault of the way. */
static bool is_of_nothing(const char *text)
{
	return strcmp(text, "MESSAGE_EMPTY") == 0 || strcmp(text, "MESSAGE_IDS_EMPTY") == 0 ||
	       strcmp(text, "MESSAGE_ID_INVALID") == 0;
}

/* What is looked for stays as it was sent. */
static bool copies_instead(struct clone *c, struct group *g, const char *why)
{
	struct plan plan;

	if (g->mode != PLAN_STREAM || g->suspect || g->no_copy || !may_go(c, g, PLAN_COPY, &plan))
		return false;
	g->no_bytes = true;
	group_copies(c, g, why);
	return true;
}

bool post_without_bytes(struct clone *c, struct group *g, const char *why)
{
	char line[96];

	if (g->mode != PLAN_STREAM || g->suspect)
		return false;
	if (!copies_instead(c, g, why)) {
		if (!as_it_is(c, g))
			return false;
		g->no_bytes = true;
		group_stop_files(c, g, why);
	}
	snprintf(line, sizeof(line), "its bytes cannot go (%.40s): %s", why,
		 g->mode == PLAN_COPY ? "copied by reference" : "forwarded");
	clone_note(c, NOTE_INFO, &g->items[0], line);
	group_stir(c);
	clone_wake(c, clone_now(c));
	return true;
}

static void other_way(struct clone *c, struct group *g, const char *text)
{
	bool last = g->mode == PLAN_FORWARD && g->no_forward;
	struct plan plan;

	/* Of the target, perhaps: it lets nothing out, not even into another topic of its own. */
	if (strcmp(text, "CHAT_FORWARDS_RESTRICTED") == 0 && g->mode != PLAN_FORWARD &&
	    post_goes_across(c, g) && take_away(&g->no_reply)) {
		group_say(g, "reply not kept");
		return;
	}
	if (strcmp(text, "CHAT_FORWARDS_RESTRICTED") == 0) {
		plan_again(c, g, text);
		return;
	}
	if (post_name_author(c, g, text))
		return;
	g->no_forward |= g->mode == PLAN_FORWARD;
	if (g->mode == PLAN_FORWARD && !last && may_go(c, g, PLAN_COPY, &plan)) {
		g->mode = PLAN_COPY;
		group_answers(g);
		if (c->o.plan.keep_author)
			group_say(g, "author not kept");
		return;
	}
	if (g->mode != PLAN_STREAM && !last && !g->no_bytes && g->attempts < ATTEMPTS_MAX &&
	    may_go(c, g, PLAN_STREAM, &plan)) {
		g->refreshes = 0;
		g->no_copy |= g->mode == PLAN_COPY;
		group_streams(c, g, plan.reason);
		return;
	}
	if (error_is_known(text) && !is_of_nothing(text) && copies_instead(c, g, text))
		return;
	if (open_poll(g) || group_split(c, g)) /* an album that goes no way may go item by item */
		return;
	/* What nobody knows may be about the chat: then message after message is refused, and that ends it. */
	if (!error_is_known(text) || is_of_nothing(text) || !as_it_is(c, g))
		refuse_group(c, g, text);
}

static void stale_reference(struct clone *c, struct group *g, const char *text)
{
	bool once = !g->made_good;

	g->made_good = false;
	if (g->mode == PLAN_STREAM && group_aged(c, g))
		g->reuploads = 0;
	if (g->mode == PLAN_STREAM ? group_reupload(c, g) : group_refresh(c, g)) {
		/*
		 * At the next turn, which may be hours away, they would be as old again. A server that
		 * refuses new ones, too, gets the time until then.
		 */
		g->paid = g->made_good = once;
		return;
	}
	other_way(c, g, text);
}

/* The reply may name what its target does not have: an item of a list, an answer of a poll. */
static bool names_part(const struct group *g)
{
	const struct tl_obj *reply = g->items[0].msg.reply;

	return g->mode != PLAN_FORWARD && g->reply_source != 0 && !g->no_reply &&
	       (tl_has(reply, TLF_todo_item_id) || tl_has(reply, TLF_poll_option));
}

/* Of a send the only message that is named is the one that it answers. */
static bool names_what_is_gone(struct clone *c, const struct group *g, const char *text)
{
	return (strcmp(text, "MSG_ID_INVALID") == 0 || strcmp(text, "MESSAGE_ID_INVALID") == 0) &&
	       g->mode != PLAN_FORWARD && !g->no_reply && g->reply_source != 0 &&
	       post_target_of(c, g->reply_source) != 0;
}

/* Channels take no poll that shows who voted; asked anew, it need not. */
static bool hide_voters(struct clone *c, struct group *g, const char *text)
{
	struct plan plan;

	if (strcmp(text, "BROADCAST_PUBLIC_VOTERS_FORBIDDEN") != 0 || !take_away(&g->no_voters))
		return false;
	if (g->mode == PLAN_FORWARD && !may_go(c, g, PLAN_COPY, &plan))
		return false;
	g->mode = PLAN_COPY;
	g->no_forward = true;
	group_say(g, "voters not shown");
	return true;
}

/* The server does not know, or does not want, somebody who is named: the rest of the formatting stays. */
static bool without_mention(struct group *g, const char *text)
{
	bool names = false;

	for (uint32_t i = 0; i < g->count; i++)
		for (uint32_t k = 0; k < g->items[i].entities.count; k++)
			names |= tl_cons(g->items[i].entities.at[k]) ==
				 TLC_inputMessageEntityMentionName;
	if (strcmp(text, "ENTITY_MENTION_USER_INVALID") != 0 || !names || !take_away(&g->no_mention))
		return false;
	group_say(g, "mention not kept");
	return true;
}

/* Words that are not there (any more): it may answer the message all the same. */
static bool without_quote(struct group *g, const char *text)
{
	bool quotes = tl_has(g->items[0].msg.reply, TLF_quote_text);

	if (strcmp(text, "QUOTE_TEXT_INVALID") != 0 || !quotes || !take_away(&g->no_quote))
		return false;
	group_say(g, "quote not kept");
	return true;
}

/* Refusals that are about this group alone. The batch has left the slot already. */
void post_group_refused(struct clone *c, struct group *g, const struct verdict *v, const char *text)
{
	bool aged = v->remedy == REMEDY_REFERENCE && group_aged(c, g), again = false;

	if (!aged && g->attempts++ > ATTEMPTS_MAX) {
		group_skip(c, g, text);
		return;
	}
	switch (v->remedy) {
	case REMEDY_REFERENCE:
		stale_reference(c, g, text);
		return;
	case REMEDY_PART:
	case REMEDY_REUPLOAD:
		if (!group_reupload(c, g) && !post_without_bytes(c, g, text))
			group_skip(c, g, text);
		return;
	case REMEDY_SINGLY:
		again = group_split(c, g);
		break;
	case REMEDY_NO_REPLY:
		if (without_quote(g, text))
			return;
		again = take_away(&g->no_reply);
		group_say(g, "reply not kept");
		break;
	case REMEDY_NO_ENTITY:
		if (without_mention(g, text))
			return;
		again = take_away(&g->no_entity);
		group_say(g, "formatting not kept");
		break;
	case REMEDY_NO_PREVIEW:
		again = take_away(&g->no_preview);
		group_say(g, "link preview not kept");
		break;
	default:
		if (hide_voters(c, g, text))
			return;
		if (names_what_is_gone(c, g, text)) {
			g->no_reply = true;
			group_say(g, "reply not kept");
			return;
		}
		again = names_part(g) && take_away(&g->no_part);
		if (again)
			group_say(g, "reply not kept whole: what part it answers");
		break;
	}
	if (!again)
		other_way(c, g, text);
}

void post_unmakeable(struct clone *c, struct group *g, const char *why)
{
	if (!as_it_is(c, g))
		group_skip(c, g, why);
}
