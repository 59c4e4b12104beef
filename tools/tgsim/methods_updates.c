/*
 * Updates: collecting those that an answer carries, turning log entries into them for pushes and
 * differences, and the updates.* methods. pts, pts_count and the order come from the model's logs,
 * so a client that applies answers, pushes and differences sees one gapless sequence for each box.
 */
#include "tools/tgsim/methods_priv.h"

enum {
	DIFFERENCE_MAX = 100,         /* log entries in one slice */
	DIFFERENCE_TOO_LONG = 100000, /* a client further back starts anew */
	CHANNEL_TOO_LONG = 3000,
	POLL_TIMEOUT_S = 30,
};

/* ---- batches ---- */

void batch_start(struct batch *b, const struct rpc *r)
{
	*b = (struct batch){.roll = roll_start(r), .now = r->now};
}

void batch_put(struct batch *b, const struct tl_obj *update)
{
	if (update != NULL && b->count < BATCH_MAX)
		b->updates[b->count++] = update;
}

void batch_put_id(struct batch *b, int32_t id, int64_t random_id)
{
	struct tl_obj *o;

	if (random_id == 0)
		return;
	o = tl_new(b->roll.arena, TLC_updateMessageID);
	tl_set_int(o, TLF_id, id);
	tl_set_long(o, TLF_random_id, random_id);
	batch_put(b, o);
}

static const struct tl_obj *new_message(struct roll *l, const struct msg *m, int32_t pts,
					int32_t pts_count, bool edit, int64_t now)
{
	bool channel = m->history->owner == NULL;
	const struct tl_obj *view = msg_view(l->world, l->arena, l->account, m, now);
	struct tl_obj *o =
	    tl_new(l->arena, edit ? channel ? TLC_updateEditChannelMessage : TLC_updateEditMessage
			     : channel ? TLC_updateNewChannelMessage
				       : TLC_updateNewMessage);

	tl_set_obj(o, TLF_message, view);
	tl_set_int(o, TLF_pts, pts);
	tl_set_int(o, TLF_pts_count, pts_count);
	roll_message(l, view);
	return o;
}

void batch_put_message(struct batch *b, const struct msg *m, int32_t pts_count)
{
	batch_put(b, new_message(&b->roll, m, m->history->box->pts, pts_count, false, b->now));
}

struct tl_obj *batch_end(struct batch *b)
{
	struct tl_obj *o = tl_new(b->roll.arena, TLC_updates);

	tl_set_vec(b->roll.arena, o, TLF_updates, b->count);
	for (uint32_t i = 0; i < b->count; i++)
		tl_put_obj(o, TLF_updates, i, b->updates[i]);
	roll_set(&b->roll, o);
	tl_set_int(o, TLF_date, (int32_t)(b->now / 1000000000));
	return o;
}

static const struct tl_obj *chat_update(struct arena *arena, struct peer p)
{
	struct tl_obj *o;

	if (p.kind == PEER_GROUP) {
		o = tl_new(arena, TLC_updateChat);
		tl_set_long(o, TLF_chat_id, p.id);
	} else {
		o = tl_new(arena, TLC_updateChannel);
		tl_set_long(o, TLF_channel_id, p.id);
	}
	return o;
}

struct tl_obj *updates_of_chat(const struct rpc *r, const struct chat *c)
{
	struct peer p = {c->kind == CHAT_GROUP ? PEER_GROUP : PEER_CHANNEL, c->id};
	struct batch *b = arena_take(r->arena, sizeof(*b));

	if (b == NULL)
		return NULL;
	batch_start(b, r);
	roll_peer(&b->roll, p);
	batch_put(b, chat_update(r->arena, p));
	return batch_end(b);
}

/* ---- log entries ---- */

static const struct tl_obj *ids_update(struct roll *l, const struct update *u, enum tlc in_channel,
				       enum tlc elsewhere)
{
	bool channel = u->history->owner == NULL;
	struct tl_obj *o = tl_new(l->arena, channel ? in_channel : elsewhere);

	if (channel)
		tl_set_long(o, TLF_channel_id, u->history->peer.id);
	tl_set_vec(l->arena, o, TLF_messages, 1);
	tl_put_int(o, TLF_messages, 0, u->msg_id);
	tl_set_int(o, TLF_pts, u->pts);
	tl_set_int(o, TLF_pts_count, u->pts_count);
	return o;
}

static const struct tl_obj *pin_update(struct roll *l, const struct update *u)
{
	struct tl_obj *o = tl_copy(
	    l->arena, ids_update(l, u, TLC_updatePinnedChannelMessages, TLC_updatePinnedMessages));

	tl_set_flag(o, TLF_pinned, u->kind == UPDATE_PIN);
	if (u->history->owner != NULL)
		tl_set_obj(o, TLF_peer, peer_obj(l->arena, u->history->peer));
	return o;
}

const struct tl_obj *update_obj(struct roll *l, const struct update *u, int64_t now)
{
	const struct msg *m;

	roll_peer(l, u->history->peer);
	switch (u->kind) {
	case UPDATE_NEW:
	case UPDATE_EDIT:
		m = msg_find(l->world, u->history->box, u->msg_id);
		return m == NULL
			   ? NULL
			   : new_message(l, m, u->pts, u->pts_count, u->kind == UPDATE_EDIT, now);
	case UPDATE_DELETE:
		return ids_update(l, u, TLC_updateDeleteChannelMessages, TLC_updateDeleteMessages);
	case UPDATE_PIN:
	case UPDATE_UNPIN:
		return pin_update(l, u);
	case UPDATE_CHAT:
	case UPDATE_TOPIC_PIN:
		/* What a pinned topic is called differs between layers; this sends for the chat. */
		return chat_update(l->arena, u->history->peer);
	}
	return NULL;
}

bool world_next_push(struct world *w, struct arena *arena, struct account **account,
		     uint64_t *except_session, const struct tl_obj **updates)
{
	int64_t now = methods_of(w)->now;
	struct push p;

	while (push_next(w, &p)) {
		struct batch *b = arena_take(arena, sizeof(*b));

		if (b == NULL)
			return false;
		*b = (struct batch){.now = now};
		b->roll = (struct roll){.world = w, .arena = arena, .account = p.account};
		b->roll.min = p.update.history->owner == NULL;
		batch_put(b, update_obj(&b->roll, &p.update, now));
		if (b->count == 0)
			continue;
		*account = p.account;
		*except_session = p.except_session;
		*updates = batch_end(b);
		return *updates != NULL;
	}
	return false;
}

/* ---- updates.* ---- */

static int32_t unread_total(const struct account *a)
{
	int32_t n = 0;

	for (uint32_t i = 0; i < a->dialog_count; i++) {
		const struct history *h = a->dialogs[i];

		n += h->owner != NULL && h->messages.count > 0 &&
		     h->messages.ids[h->messages.count - 1] > h->read_inbox;
	}
	return n;
}

struct tl_obj *updates_state(const struct rpc *r)
{
	struct tl_obj *o = tl_new(r->arena, TLC_updates_state);

	tl_set_int(o, TLF_pts, r->account->box.pts);
	tl_set_int(o, TLF_qts, r->account->qts);
	tl_set_int(o, TLF_date, rpc_date(r));
	tl_set_int(o, TLF_seq, r->account->seq);
	tl_set_int(o, TLF_unread_count, unread_total(r->account));
	return o;
}

static void get_state(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	rpc_result(out, updates_state(r));
}

/* Index of the first log entry after pts. */
static uint32_t log_after(const struct box *b, int32_t pts)
{
	uint32_t low = 0, high = b->log_count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (b->log[mid].pts <= pts)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct difference {
	struct roll roll;
	const struct tl_obj *messages[DIFFERENCE_MAX], *others[DIFFERENCE_MAX * 2];
	uint32_t message_count, other_count;
	int32_t pts; /* after the last entry in it */
	bool whole;
};

/* Entries from log[from] on: new messages apart from all else, as the schema has them. */
static void collect(struct difference *d, const struct box *b, uint32_t from, uint32_t max,
		    int64_t now)
{
	uint32_t end = b->log_count - from > max ? from + max : b->log_count;

	for (uint32_t i = from; i < end; i++) {
		const struct tl_obj *o = update_obj(&d->roll, &b->log[i], now);

		d->pts = b->log[i].pts;
		if (o == NULL)
			continue;
		if (b->log[i].kind == UPDATE_NEW)
			d->messages[d->message_count++] = tl_sub(o, TLF_message);
		else
			d->others[d->other_count++] = o;
	}
	d->whole = end == b->log_count;
}

static void put_difference(struct difference *d, struct tl_obj *o)
{
	tl_set_vec(d->roll.arena, o, TLF_new_messages, d->message_count);
	for (uint32_t i = 0; i < d->message_count; i++)
		tl_put_obj(o, TLF_new_messages, i, d->messages[i]);
	tl_set_vec(d->roll.arena, o, TLF_other_updates, d->other_count);
	for (uint32_t i = 0; i < d->other_count; i++)
		tl_put_obj(o, TLF_other_updates, i, d->others[i]);
	roll_set(&d->roll, o);
}

/* Channels that went on while the client was away have logs of their own: it shall ask there. */
static void hint_channels(struct rpc *r, struct difference *d, int32_t since)
{
	for (uint32_t i = 0; i < r->account->dialog_count; i++) {
		const struct history *h = r->account->dialogs[i];
		struct tl_obj *o;

		if (h->owner != NULL || h->box->log_count == 0 ||
		    h->box->log[h->box->log_count - 1].date < since ||
		    d->other_count == countof(d->others))
			continue;
		o = tl_new(r->arena, TLC_updateChannelTooLong);
		tl_set_long(o, TLF_channel_id, h->peer.id);
		tl_set_int(o, TLF_pts, h->box->pts);
		roll_peer(&d->roll, h->peer);
		d->others[d->other_count++] = o;
	}
}

static void answer_difference(struct rpc *r, struct difference *d, struct rpc_reply *out)
{
	struct tl_obj *state = updates_state(r), *o;

	if (d->message_count + d->other_count == 0 && d->whole) {
		o = tl_new(r->arena, TLC_updates_differenceEmpty);
		tl_set_int(o, TLF_date, rpc_date(r));
		tl_set_int(o, TLF_seq, r->account->seq);
		rpc_result(out, o);
		return;
	}
	o = tl_new(r->arena, d->whole ? TLC_updates_difference : TLC_updates_differenceSlice);
	put_difference(d, o);
	if (!d->whole)
		tl_set_int(state, TLF_pts, d->pts);
	tl_set_obj(o, d->whole ? TLF_state : TLF_intermediate_state, state);
	rpc_result(out, o);
}

static struct difference *difference_start(struct rpc *r)
{
	struct difference *d = arena_take(r->arena, sizeof(*d));

	if (d != NULL)
		d->roll = roll_start(r);
	return d;
}

static void get_difference(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct box *b = &r->account->box;
	int32_t pts = tl_int(q, TLF_pts);
	struct difference *d = difference_start(r);
	uint32_t from;

	if (pts <= 0 || pts > b->pts) {
		rpc_error(out, 400,
			  pts == 0 ? "PERSISTENT_TIMESTAMP_EMPTY" : "PERSISTENT_TIMESTAMP_INVALID");
		return;
	}
	if (d == NULL) {
		rpc_error(out, 500, "RPC_CALL_FAIL");
		return;
	}
	from = log_after(b, pts);
	if (b->log_count - from > DIFFERENCE_TOO_LONG) {
		struct tl_obj *o = tl_new(r->arena, TLC_updates_differenceTooLong);

		tl_set_int(o, TLF_pts, b->pts);
		rpc_result(out, o);
		return;
	}
	collect(d, b, from, DIFFERENCE_MAX, r->now);
	if (d->whole && tl_int(q, TLF_date) > 0)
		hint_channels(r, d, tl_int(q, TLF_date));
	answer_difference(r, d, out);
}

/* ---- channels ---- */

/* So far back that the client had better read the history: a dialog and its last messages. */
static void answer_too_long(struct rpc *r, struct target *t, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_updates_channelDifferenceTooLong);
	struct roll l = roll_start(r);
	const struct idlist *ids = &t->history->messages;
	uint32_t count = ids->count < 10 ? ids->count : 10;

	tl_set_flag(o, TLF_final, true);
	tl_set_int(o, TLF_timeout, POLL_TIMEOUT_S);
	tl_set_obj(o, TLF_dialog, dialog_obj(r, t->history));
	tl_set_vec(r->arena, o, TLF_messages, count);
	for (uint32_t i = 0; i < count; i++) {
		const struct msg *m = history_msg(r, t->history, ids->ids[ids->count - 1 - i]);
		const struct tl_obj *view = msg_view(r->world, r->arena, r->account, m, r->now);

		tl_put_obj(o, TLF_messages, i, view);
		roll_message(&l, view);
	}
	roll_peer(&l, t->peer);
	roll_set(&l, o);
	rpc_result(out, o);
}

static void answer_channel(struct rpc *r, struct target *t, struct difference *d,
			   struct rpc_reply *out)
{
	bool empty = d->message_count + d->other_count == 0;
	struct tl_obj *o = tl_new(r->arena, empty ? TLC_updates_channelDifferenceEmpty
						  : TLC_updates_channelDifference);

	tl_set_flag(o, TLF_final, d->whole);
	tl_set_int(o, TLF_pts, d->whole ? t->chat->box.pts : d->pts);
	tl_set_int(o, TLF_timeout, POLL_TIMEOUT_S);
	if (!empty) {
		roll_peer(&d->roll, t->peer);
		put_difference(d, o);
	}
	rpc_result(out, o);
}

static void get_channel_difference(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	int32_t pts = tl_int(q, TLF_pts), limit = tl_int(q, TLF_limit);
	struct difference *d = difference_start(r);
	struct target t;
	uint32_t from;

	if (!peer_take_channel(r, tl_sub(q, TLF_channel), &t, out))
		return;
	if (pts <= 0 || pts > t.chat->box.pts || limit <= 0 || d == NULL) {
		rpc_error(out, 400,
			  pts == 0     ? "PERSISTENT_TIMESTAMP_EMPTY"
			  : limit <= 0 ? "LIMIT_INVALID"
				       : "PERSISTENT_TIMESTAMP_INVALID");
		return;
	}
	from = log_after(&t.chat->box, pts);
	if (t.chat->box.log_count - from > CHANNEL_TOO_LONG) {
		answer_too_long(r, &t, out);
		return;
	}
	collect(d, &t.chat->box, from, limit < DIFFERENCE_MAX ? (uint32_t)limit : DIFFERENCE_MAX,
		r->now);
	answer_channel(r, &t, d, out);
}

const struct method methods_updates_table[] = {
    {TLC_updates_getState, get_state, 0, LIMIT_NONE},
    {TLC_updates_getDifference, get_difference, 0, LIMIT_READ},
    {TLC_updates_getChannelDifference, get_channel_difference, 0, LIMIT_READ},
    {TLC_none, NULL, 0, LIMIT_NONE},
};
