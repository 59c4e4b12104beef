/*
 * The send slot. One request at a time per target, in source order; an intent is durable before a byte of
 * it is on the wire (F5), the new ids are durable before the slot is free (F6). What a send answered is
 * compared with what was meant; a send whose fate is unknown is looked up in the target and then
 * repeated with the same random ids, never with fresh ones (reliability 2.3, 2.4).
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

enum {
	NAMELESS_MAX = 3,  /* answers that name nothing until that says that nothing was sent */
	TROUBLE_MAX = 200, /* answers in a row that cannot be read, and the like: some three hours */
};

static const uint64_t SECOND = 1000000000;

static const char topic_gone[] = "its topic was deleted in the target";

static struct group *head_of(const struct clone *c)
{
	return list_empty(&c->queue) ? NULL : container_of(c->queue.next, struct group, node);
}

/* ---- where a source message went ---- */

int32_t post_target_of(struct clone *c, int32_t source_id)
{
	for (uint32_t i = 0; i < RECENT; i++)
		if (c->recent[i].source == source_id)
			return c->recent[i].target;
	return ledger_target_of(c->o.ledger, source_id);
}

int32_t post_source_of(struct clone *c, int32_t id)
{
	for (uint32_t i = 0; i < RECENT; i++)
		if (c->recent[i].target == id)
			return c->recent[i].source;
	return ledger_source_of(c->o.ledger, id);
}

void post_forget_target(struct clone *c, int32_t source)
{
	for (uint32_t i = 0; i < RECENT; i++)
		if (c->recent[i].source == source)
			c->recent[i].target = 0;
}

static void remember_target(struct clone *c, int32_t source, int32_t target)
{
	c->recent[c->recent_at].source = source;
	c->recent[c->recent_at].target = target;
	c->recent_at = (c->recent_at + 1) % RECENT;
}

/* ---- pace ---- */

void post_start_pace(struct clone *c)
{
	const struct clone_options *o = &c->o;
	uint8_t state[PACE_STATE_SIZE];
	size_t len = ledger_state(o->ledger, POST_PACE, (struct span){state, sizeof(state)});

	if (o->learnt != NULL)
		pace_init(&c->pace, 1, o->learnt->of[PACE_FORWARD].per_ns, 1, o->interval_ns);
	else
		pace_init(&c->pace, o->rate_count, o->rate_unit_ns, o->burst, o->interval_ns);
	if (len > 0 && pace_load(&c->pace, cspan_of(state, len)))
		pace_restore(&c->pace, ring_wall(o->ring));
}

static void store_pace(struct clone *c)
{
	uint8_t state[PACE_STATE_SIZE];

	pace_save(&c->pace, state);
	ledger_state_put(c->o.ledger, POST_PACE, cspan_of(state, sizeof(state)));
}

static uint32_t batch_messages(const struct clone *c, const struct group *head, uint32_t batch)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < batch; i++, head = group_after(c, head))
		n += head->count;
	return n;
}

static enum pace_method method_of(const struct group *g)
{
	enum media_kind kind = g->items[0].msg.media.kind;

	if (g->mode == PLAN_FORWARD)
		return PACE_FORWARD;
	if (g->count > 1)
		return PACE_ALBUM;
	return kind == MEDIA_NONE || kind == MEDIA_WEBPAGE ? PACE_TEXT : PACE_MEDIA;
}

static struct pace_verdict ask_pace(const struct clone *c, const struct group *head, uint64_t now,
				    uint32_t tokens)
{
	return c->o.learnt == NULL ? pace_ask(&c->pace, now, tokens)
				   : methods_ask(c->o.learnt, method_of(head), &c->pace, now, tokens);
}

/* One whose turn went by unused waits for what the server imposed, and for nothing else. */
static struct pace_verdict ask_turn(const struct clone *c, const struct group *head, uint64_t now,
				    uint32_t tokens)
{
	struct pace_lane hold = c->pace;

	if (!head->paid)
		return ask_pace(c, head, now, tokens);
	hold.per_ns = hold.interval_ns = 0;
	return pace_ask(&hold, now, tokens);
}

static void take_pace(struct clone *c, uint64_t now)
{
	uint32_t tokens = batch_messages(c, c->posting, c->batch);
	bool paid = c->posting->paid;

	c->posting->paid = false;
	if (paid)
		return;
	if (c->o.learnt == NULL)
		pace_take(&c->pace, now, tokens);
	else
		methods_take(c->o.learnt, method_of(c->posting), &c->pace, now, tokens);
}

/* The post under way was refused for so long. */
static void hold_pace(struct clone *c, const struct verdict *v)
{
	uint64_t now = ring_wall(c->o.ring), wait_ns = (uint64_t)v->wait_s * SECOND;

	if (c->o.learnt != NULL && v->remedy == REMEDY_WAIT)
		methods_flood(c->o.learnt, method_of(c->posting), &c->pace, now, wait_ns,
			      batch_messages(c, c->posting, c->batch));
	else
		pace_hold(&c->pace, now, wait_ns,
			  v->remedy == REMEDY_WAIT ? PACE_FLOOD : PACE_SLOWMODE);
	store_pace(c);
}

/* ---- states of the slot ---- */

/* An earlier life sent it another way, and may have been missed: what will be looked for is that of either. */
static uint8_t way_of(const struct group *g, const struct item *item, enum row_state state)
{
	bool either = state == ROW_SENDING && item->in_doubt && item->row.mode != g->mode;

	return (uint8_t)(either ? PLAN_AUTO : g->mode);
}

static uint32_t batch_rows(struct clone *c, struct ledger_row *rows, enum row_state state)
{
	struct group *g = c->posting;
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->batch; i++, g = group_after(c, g)) {
		for (uint32_t k = 0; k < g->count; k++) {
			if (state != ROW_DONE)
				g->items[k].row.state = state;
			if (g->mode != PLAN_SKIP && !g->suspect) /* as it was sent then, until it is found */
				g->items[k].row.mode = way_of(g, &g->items[k], state);
			rows[n++] = g->items[k].row;
		}
	}
	return n;
}

void post_set_state(struct clone *c, enum group_state state)
{
	struct group *g = c->posting;

	for (uint32_t i = 0; i < c->batch; i++, g = group_after(c, g))
		g->state = state;
}

static void write_intent(struct clone *c, struct group *head)
{
	struct ledger_row rows[FORWARD_MAX + ALBUM_MAX];
	uint32_t n;

	c->posting = head;
	c->batch = 1;
	if (c->narrow > 0)
		c->narrow--;
	else if (head->mode == PLAN_FORWARD && !head->suspect)
		c->batch = post_batch(c, head);
	post_begin_lookup(c, head);
	if (!head->suspect)
		post_mark_send(c);
	n = batch_rows(c, rows, ROW_SENDING);
	store_pace(c);
	CRASH_POINT("clone.intent.before");
	c->intent_ticket = ledger_intent(c->o.ledger, rows, n, c->watermark);
	CRASH_POINT("clone.intent.after");
	post_set_state(c, GROUP_INTENT);
}

/* The batch leaves the slot unsent; its groups wait in the queue again. */
void post_back_to_ready(struct clone *c)
{
	post_set_state(c, GROUP_READY);
	c->posting = NULL;
	c->batch = 0;
}

/* A wrong answer to the whole batch concerns one group: send them one by one to find it. */
static bool narrow(struct clone *c)
{
	if (c->batch <= 1)
		return false;
	c->narrow = c->batch; /* the next so many groups go one by one */
	post_back_to_ready(c);
	return true;
}

static void unsendable(struct clone *c, const char *why)
{
	struct group *g = c->posting;

	if (narrow(c))
		return;
	post_back_to_ready(c);
	post_unmakeable(c, g, why);
}

/* A reply that is not kept is said, and so is a preview. */
static void note_losses(struct clone *c, struct group *g)
{
	bool lost = g->reply_source != 0 && post_target_of(c, g->reply_source) == 0;

	if (g->mode == PLAN_FORWARD)
		return;
	if (lost || g->items[0].msg.reply_elsewhere)
		group_say(g, "reply not kept: what it answers is not in the target");
	for (uint32_t i = 0; i < g->count; i++)
		if (g->items[i].entities.strangers > 0)
			group_say(g, "mention not kept");
	if (g->items[0].msg.buttons)
		group_say(g, "buttons not kept");
	if (g->items[0].bare)
		group_say(g, "link preview not kept: it is too large to hold");
}

static void send_batch(struct clone *c)
{
	const char *why = NULL;
	const struct tl_obj *query;

	arena_rewind(&c->page, 0);
	note_losses(c, c->posting);
	query = post_query(c, c->posting, &why);
	if (ledger_fault(c->o.ledger, NULL, 0) != LEDGER_SOUND)
		return; /* where its reply went could not be asked: the next step tells */
	if (query == NULL) {
		unsendable(c, why != NULL ? why : "cannot be sent again");
		return;
	}
	CRASH_POINT("clone.send.before");
	if (!clone_ask(c, query, ASK_POST, c->posting->slot, 0, true)) {
		if (c->unspeakable)
			unsendable(c, "longer than a request may be, or not in this layer");
		return;
	}
	CRASH_POINT("clone.send.handed");
	c->requests++;
	take_pace(c, ring_wall(c->o.ring));
	post_set_state(c, GROUP_SENDING);
	CRASH_POINT("clone.send.paced");
}

static void note_wait(struct clone *c, struct pace_verdict v, uint64_t now)
{
	uint64_t seconds = v.at > now ? (v.at - now) / SECOND : 0;
	char text[96];

	c->wait_reason = v.reason;
	c->wait_until = v.at;
	clone_wake(c, clone_now(c) + (v.at > now ? v.at - now : 0));
	holds_keep_post(c, now, v);
	if (v.reason < PACE_FLOOD || c->wait_noted == v.at)
		return;
	if (v.reason == PACE_QUOTA && v.at < now + 60 * SECOND)
		return; /* message by message, as old ones leave the window */
	c->wait_noted = v.at;
	clone_wait_text(text, sizeof(text),
			v.reason == PACE_SLOWMODE ? "slow mode: posting waits"
			: v.reason == PACE_QUOTA  ? "the account's learnt quota is used up: posting waits"
						  : "flood wait: posting waits",
			seconds);
	clone_note(c, NOTE_WAIT, NULL, text);
	clone_wait_most(c, v.at > now ? v.at - now : 0, text);
}

/* ---- the next step ---- */

static bool durable(const struct clone *c)
{
	return ledger_durable(c->o.ledger) >= c->intent_ticket;
}

/* What is shown by post_show_wait; of the pace it is found anew each time. */
static bool waits_for_server(const struct clone *c, uint64_t now)
{
	return (c->wait_reason == PACE_BACKOFF || c->wait_reason == PACE_CONVERTED) && c->wait_until > now;
}

void post_step(struct clone *c)
{
	uint64_t now = ring_wall(c->o.ring);
	struct group *head = head_of(c);
	struct pace_verdict v;

	/* The clock may have been set back. */
	pace_restore(&c->pace, now);
	if (c->o.learnt != NULL)
		methods_restore(c->o.learnt, now);
	if (c->stopping)
		return; /* an intent without a send is what a restart looks into anyway */
	if (c->posting == NULL) {
		if (!waits_for_server(c, now))
			c->wait_reason = PACE_NOW;
		if (head == NULL || !post_is_ready(head) ||
		    clone_now(c) < head->not_before_ns || !post_nothing_waits(c) || !post_knows_end(c, head))
			return;
		if (!head->suspect && topics_is_gone(c, head->target_topic)) {
			group_skip(c, head, topic_gone);
			clone_wake(c, clone_now(c));
			return;
		}
		v = ask_turn(c, head, now, 1);
		/* The intent is written a little early, so that the slot does not wait for the disk. */
		if (v.reason != PACE_NOW && v.at > now + SECOND / 5) {
			note_wait(c, v, now);
			clone_wake(c, clone_now(c) + (v.at - now) - SECOND / 5);
			return;
		}
		write_intent(c, head);
	}
	if (c->posting->state != GROUP_INTENT || !durable(c))
		return;
	CRASH_POINT("clone.intent.durable");
	if (c->posting->suspect) {
		post_ask_lookup(c);
		return;
	}
	v = ask_turn(c, c->posting, now, batch_messages(c, c->posting, c->batch));
	if (v.reason != PACE_NOW)
		note_wait(c, v, now);
	else
		send_batch(c);
}

/* ---- answers ---- */

void post_finish_item(struct item *item, int32_t target, const char *note)
{
	item->row.state = ROW_DONE;
	item->row.target_id = target;
	snprintf(item->row.reason, sizeof(item->row.reason), "%s", note);
}

/* Only with all of its batch: else it may have to be looked for once more. */
void post_settle_item(struct clone *c, const struct item *item)
{
	if (item->row.state != ROW_DONE)
		return;
	remember_target(c, item->row.source_id, item->row.target_id);
	if (item->row.target_id > c->watermark)
		c->watermark = item->row.target_id;
}

static void not_sent(struct item *item, const char *reason)
{
	item->row.state = ROW_SKIPPED;
	snprintf(item->row.reason, sizeof(item->row.reason), "%s", reason);
}

void post_finish_batch(struct clone *c)
{
	struct ledger_row rows[FORWARD_MAX + ALBUM_MAX];
	uint32_t n = batch_rows(c, rows, ROW_DONE);
	struct group *g = c->posting, *next;
	bool leaves = g->mode == PLAN_FORWARD ||
		      (g->mode == PLAN_COPY && g->items[0].msg.media.has_file);

	CRASH_POINT("clone.sent.before");
	post_unmark_send(c);
	ledger_sent(c->o.ledger, rows, n);
	CRASH_POINT("clone.sent.after");
	store_pace(c);
	for (uint32_t i = 0; i < c->batch; i++, g = next) {
		next = group_after(c, g);
		for (uint32_t k = 0; k < g->count; k++) {
			struct item *item = &g->items[k];

			post_settle_item(c, item);
			c->posts += item->row.state == ROW_DONE;
			clone_note(c, item->row.state == ROW_DONE ? NOTE_DONE : NOTE_SKIPPED, item,
				   item->row.reason);
			if (item->stored.set)
				ledger_upload_drop(c->o.ledger, item->row.source_id, 0);
		}
		group_give(c, g);
	}
	CRASH_POINT("clone.sent.given");
	c->refused.count = 0;
	c->restricted = leaves ? 0 : c->restricted;
	c->posting = NULL;
	c->batch = 0;
}

static bool take_result(struct clone *c, const struct tl_obj *updates)
{
	struct group *g = c->posting;

	for (uint32_t i = 0; i < c->batch; i++, g = group_after(c, g)) {
		for (uint32_t k = 0; k < g->count; k++) {
			struct item *item = &g->items[k];
			struct sent s = ask_read_sent(updates, item->random_id);

			CRASH_POINT("clone.sent.item");
			if (s.id == 0)
				not_sent(item, "not sent by the server");
			else if (s.message == NULL && (!s.short_form || post_answers(c, g)))
				item->row.target_id = s.id; /* is it there? In short nobody says whether it answers */
			else if (!post_compare(c, g, item, &s))
				return false;
		}
	}
	return true;
}

/* It may be another one when it is looked for. */
static void keep_files(struct group *g)
{
	for (uint32_t i = 0; i < g->count; i++) {
		struct item *item = &g->items[i];

		if (item->sent_file == 0 && item->msg.obj != NULL && item->msg.media.has_file)
			item->sent_file = item->msg.media.file.id;
	}
}

void post_is_unanswered(struct group *g, uint64_t since_ns)
{
	if (g->mode == PLAN_SKIP)
		return;
	g->unanswered = true;
	g->unanswered_ns = since_ns;
}

void post_show_wait(struct clone *c, enum pace_reason why, uint64_t wait_ns)
{
	uint64_t wall = ring_wall(c->o.ring);

	c->wait_reason = why;
	c->wait_until = wall + wait_ns;
	holds_keep_post(c, wall, (struct pace_verdict){why, c->wait_until});
}

void post_reconcile(struct clone *c, uint64_t wait_ns)
{
	struct group *g = c->posting;

	if (c->batch > 1)
		post_doubt_batch(c);
	for (uint32_t i = 0; i < c->batch; i++, g = group_after(c, g)) {
		g->suspect = true;
		post_is_unanswered(g, clone_now(c));
		g->reread = false;
		keep_files(g);
		g->not_before_ns = clone_now(c) + wait_ns;
	}
	if (wait_ns > 0)
		post_show_wait(c, PACE_BACKOFF, wait_ns);
	post_back_to_ready(c);
}

/* A forward names two chats, and such words do not say which of them is meant. */
static bool either_chat(struct clone *c, const struct group *g, const struct verdict *v, const char *text)
{
	char why[160];

	if (g->mode != PLAN_FORWARD ||
	    (v->remedy != REMEDY_SOURCE && strcmp(text, "PEER_ID_INVALID") != 0))
		return false;
	snprintf(why, sizeof(why), "the source or the target: %.60s%s%s", text,
		 v->advice[0] != '\0' ? ": " : "", v->advice);
	clone_end(c, CLONE_TARGET, why);
	return true;
}

/* Somebody deleted the topic: what belongs there has no place, and all else has one. */
static bool lost_topic(struct clone *c, struct group *g, const char *text)
{
	if (strcmp(text, "TOPIC_DELETED") != 0 && strcmp(text, "TOPIC_ID_INVALID") != 0)
		return false;
	if (!topics_lose(c, g->target_topic))
		return false;
	group_skip(c, g, topic_gone);
	return true;
}

/* To whoever may not manage topics: nothing goes on before somebody opened it, and of many it has to be named. */
static bool closed_topic(struct clone *c, const struct group *g, const char *text)
{
	char name[80], why[160];

	if (strcmp(text, "TOPIC_CLOSED") != 0 || !c->o.target.forum)
		return false;
	topics_name(c, g->target_topic, name, sizeof(name));
	snprintf(why, sizeof(why), "the target: TOPIC_CLOSED: topic %s is closed: open it and run again", name);
	clone_end(c, CLONE_TARGET, why);
	return true;
}

static void post_refused(struct clone *c, int32_t code, const char *text)
{
	struct verdict v = error_verdict(code, text);
	struct group *g = c->posting;
	struct pending p = {.attempts = g->trouble};
	char note[96];

	if (v.remedy == REMEDY_WAIT || v.remedy == REMEDY_SLOWMODE) {
		CRASH_POINT("clone.flood.told");
		hold_pace(c, &v);
		CRASH_POINT("clone.flood.held");
		post_back_to_ready(c);
		return;
	}
	if (v.remedy == REMEDY_RECONCILE || v.remedy == REMEDY_BACKOFF) {
		snprintf(note, sizeof(note), "a post: %.80s", text);
		clone_note(c, NOTE_RETRY, NULL, note);
		g->trouble++;
		g->duplicates += strcmp(text, "RANDOM_ID_DUPLICATE") == 0;
		post_reconcile(c, clone_backoff_ns(p.attempts));
		return;
	}
	if (v.remedy == REMEDY_LOGIN || v.remedy == REMEDY_ACCOUNT || v.remedy == REMEDY_TARGET ||
	    v.remedy == REMEDY_SOURCE || v.remedy == REMEDY_DC) {
		post_back_to_ready(c);
		if (!lost_topic(c, g, text) && !closed_topic(c, g, text) && !either_chat(c, g, &v, text))
			clone_common_error(c, &p, code, text, true);
		return;
	}
	if (narrow(c))
		return;
	post_back_to_ready(c);
	post_group_refused(c, g, &v, text);
}

void post_conflict(struct clone *c)
{
	post_back_to_ready(c);
	clone_end(c, CLONE_CONFLICT, "a random_id was answered with another message");
}

/*
 * updatesTooLong and the like name no ids; of a single message there is one, or it is not there yet. One
 * that names some leaves out what is gone at the source; one that names none is believed when it is
 * said again and again.
 */
static bool says_what_was_sent(struct clone *c, const struct tl_obj *updates)
{
	struct group *g = c->posting;
	bool one = c->batch == 1 && g->count == 1 && g->mode != PLAN_FORWARD;
	bool none = g->nameless < NAMELESS_MAX;

	if (!ask_names_ids(updates, one))
		return false;
	if (one)
		return ask_read_sent(updates, g->items[0].random_id).id != 0;
	for (uint32_t i = 0; i < c->batch; i++, g = group_after(c, g)) {
		for (uint32_t k = 0; k < g->count; k++) {
			struct sent s = ask_read_sent(updates, g->items[k].random_id);

			if (s.later != NULL)
				return false;
			none &= s.id == 0;
		}
	}
	c->posting->nameless += none;
	return !none;
}

/* The one message of the request was not sent, and it may go with its author's name. */
static bool left_out(struct clone *c, const struct tl_obj *updates)
{
	struct group *g = c->posting;

	return c->batch == 1 && g->count == 1 &&
	       ask_read_sent(updates, g->items[0].random_id).id == 0 && post_name_author(c, g, "");
}

/* Looked up, and asked again: but not for ever. */
static void unclear(struct clone *c)
{
	static const char text[] = "the server's answer to a send does not say what became of it";
	struct group *g = c->posting;

	if (g->trouble > TROUBLE_MAX) {
		post_back_to_ready(c);
		clone_end(c, CLONE_TARGET, text);
		return;
	}
	clone_note(c, NOTE_RETRY, NULL, text);
	post_reconcile(c, clone_backoff_ns(g->trouble++));
}

void post_got(struct clone *c, const struct net_event *ev)
{
	const struct tl_obj *updates;
	struct tl_error error;

	check(c->posting != NULL && c->posting->state == GROUP_SENDING);
	if (ev->kind == NET_LOST) {
		post_reconcile(c, 0);
		return;
	}
	if (ev->kind == NET_ERROR) {
		post_refused(c, ev->code, ev->text);
		return;
	}
	CRASH_POINT("clone.send.answered");
	updates = tl_decode_result(&c->page, TLC_messages_sendMessage, ev->result, &error);
	if (!says_what_was_sent(c, updates)) {
		if (!post_is_scheduled(c, updates))
			unclear(c);
		return;
	}
	if (left_out(c, updates))
		post_back_to_ready(c);
	else if (!take_result(c, updates))
		post_conflict(c);
	else if (!post_ask_unseen(c))
		post_finish_batch(c);
}
