/*
 * Where the target ended before our first message. What stood in it then is not ours, however much it
 * looks like it: another generation's copies, or the same words by hand. So the first watermark is asked
 * for; a restart finds it in the ledger, even if it is 0, once there is an intent. And where it ends before
 * something is sent behind its place, while an answer is missing: what that may have left there is not late.
 */
#include "engine/clone/clone_priv.h"

enum {
	SPOILT_MAX = 3, /* answers until it is the message that cannot be read */
	SKIP_MAX = 30,	/* the newest messages that may be so */
	EMPTY_SURE = 3, /* answers in a row that name no message, until there is none */
};

bool post_began(const struct clone *c)
{
	struct ledger_counts n;

	ledger_counts(c->o.ledger, &n);
	return n.rows[ROW_SENDING] + n.rows[ROW_SENT] + n.rows[ROW_DONE] > 0;
}

static uint64_t asked_at(const struct clone *c)
{
	/* With the same method as the source's pages, and so bound by the same waits. */
	return c->end_ask.not_before_ns > c->history.not_before_ns ? c->end_ask.not_before_ns
								   : c->history.not_before_ns;
}

/* Of what is sent from now on, whatever is in doubt: for nothing of it the run has to end. */
static bool is_begun(const struct clone *c)
{
	return c->end_known || c->watermark > 0;
}

bool post_knows_end(struct clone *c, const struct group *head)
{
	if (!c->late_open && is_begun(c) && (head == NULL || !post_wants_end(c, head)))
		return true;
	if (c->end_ask.out)
		return false;
	if (clone_now(c) < asked_at(c)) {
		clone_wake(c, asked_at(c));
		return false;
	}
	arena_rewind(&c->page, 0);
	c->end_ask.out = clone_ask(c, ask_newest_but(&c->page, c->o.target.peer, (int32_t)c->end_skip, 1),
				   ASK_END, 0, 0, false);
	return false;
}

static void refused(struct clone *c, const struct net_event *ev)
{
	struct pending *history = &c->history;

	if (!clone_common_error(c, &c->end_ask, ev->code, ev->text, true))
		clone_end(c, CLONE_TARGET, ev->text);
	if (c->end_ask.not_before_ns > history->not_before_ns)
		history->not_before_ns = c->end_ask.not_before_ns;
	holds_keep(c, HOLD_HISTORY, history->not_before_ns);
}

/* What stands in the target by now was not sent behind its place. */
static void close_late(struct clone *c, int32_t end)
{
	if (c->late_open)
		ledger_late_close(c->o.ledger, end);
	c->late_open = false;
}

/*
 * Nothing can be looked for among what cannot be read, so what lies below it is the end. But that one
 * answer is spoilt says nothing about a message.
 */
static void unreadable(struct clone *c)
{
	if (c->end_spoilt < SPOILT_MAX)
		c->end_ask.not_before_ns = clone_now(c) + clone_backoff_ns(c->end_spoilt++);
	else if (c->end_skip < SKIP_MAX)
		c->end_skip++;
	else if (is_begun(c)) {
		close_late(c, c->watermark);
		c->doubt_asked = true;
	} else
		clone_end(c, CLONE_TARGET, "the newest messages of the target cannot be read: is there "
					   "a newer version of this program?");
}

void post_end_got(struct clone *c, const struct net_event *ev)
{
	const struct tl_obj *answer;
	struct tl_error error;
	struct tl_vec list;
	int32_t end = 0;

	c->end_ask.out = false;
	if (ev->kind != NET_RESULT) {
		refused(c, ev);
		return;
	}
	answer = tl_decode_result(&c->page, TLC_messages_getHistory, ev->result, &error);
	if (answer == NULL) {
		unreadable(c);
		return;
	}
	list = tl_vec(answer, TLF_messages);
	if (list.count == 0 && ++c->end_empty < EMPTY_SURE) { /* by chance, all that stands there would be taken for ours */
		c->end_ask.not_before_ns = clone_now(c) + clone_backoff_ns(c->end_empty - 1);
		return;
	}
	for (uint32_t i = 0; i < list.count; i++)
		if (tl_int(tl_vec_obj(list, i), TLF_id) > end)
			end = tl_int(tl_vec_obj(list, i), TLF_id);
	close_late(c, end);
	/* What is in doubt keeps its own marks. */
	if (end > c->watermark && (!is_begun(c) || c->doubted > 0))
		c->watermark = end;
	c->end_known = c->doubt_asked = c->doubt_end = true;
	c->end_skip = c->end_spoilt = c->end_empty = 0;
}
