/*
 * Dialogs: every chat the account is in and every private chat it has messages in, newest top
 * message first. Pinned ones stand before the rest on the first page. There is one folder, 0; the
 * archive (folder 1) is empty.
 */
#include "tools/tgsim/methods_priv.h"

struct row {
	const struct history *history;
	int32_t date, top; /* of the newest message; 0 without one */
	int32_t pin;       /* place among the pinned, from 1; 0: not pinned */
};

/* ---- the list ---- */

static bool listed(const struct account *a, const struct history *h)
{
	const struct member *m = h->chat == NULL ? NULL : member_find(h->chat, a->user->id);

	if (h->chat == NULL)
		return h->messages.count > 0;
	return m != NULL && !m->left && !m->banned;
}

static int32_t pin_place(const struct account_state *s, struct peer p)
{
	for (uint32_t i = 0; i < s->pinned_count; i++)
		if (peer_equal(s->pinned[i], p))
			return (int32_t)i + 1;
	return 0;
}

static struct row row_of(struct rpc *r, const struct history *h)
{
	struct row row = {.history = h};
	const struct msg *m = NULL;

	for (uint32_t i = h->messages.count; m == NULL && i-- > 0;)
		m = msg_find(r->world, h->box, h->messages.ids[i]);
	row.top = m == NULL ? 0 : m->id;
	row.date = m != NULL ? m->date : h->chat != NULL ? h->chat->date : 0;
	row.pin = pin_place(account_state(r->world, r->account), h->peer);
	return row;
}

static int newest_first(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	const struct peer *p = &x->history->peer, *q = &y->history->peer;

	if (x->date != y->date)
		return x->date > y->date ? -1 : 1;
	if (x->top != y->top)
		return x->top > y->top ? -1 : 1;
	if (p->kind != q->kind)
		return p->kind > q->kind ? -1 : 1;
	return p->id > q->id ? -1 : p->id < q->id;
}

static int by_pin(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->pin - y->pin;
}

/* All rows, pinned ones apart in front when wanted. */
static struct row *rows_make(struct rpc *r, uint32_t *pinned, uint32_t *rest)
{
	const struct account *a = r->account;
	struct row *rows = arena_take_many(r->arena, a->dialog_count + 1, sizeof(*rows));
	uint32_t n = 0;

	*pinned = *rest = 0;
	if (rows == NULL)
		return NULL;
	for (uint32_t i = 0; i < a->dialog_count; i++)
		if (listed(a, a->dialogs[i]))
			rows[n++] = row_of(r, a->dialogs[i]);
	for (uint32_t i = 0; i < n; i++) {
		if (rows[i].pin > 0) {
			struct row row = rows[i];

			rows[i] = rows[*pinned];
			rows[(*pinned)++] = row;
		}
	}
	*rest = n - *pinned;
	qsort(rows, *pinned, sizeof(*rows), by_pin);
	qsort(rows + *pinned, *rest, sizeof(*rows), newest_first);
	return rows;
}

/* ---- one dialog ---- */

struct tl_obj *dialog_obj(struct rpc *r, const struct history *h)
{
	struct tl_obj *o = tl_new(r->arena, TLC_dialog);
	struct row row = row_of(r, h);
	int32_t unread =
	    (int32_t)(h->messages.count - idlist_lower(&h->messages, h->read_inbox + 1));

	tl_set_flag(o, TLF_pinned, row.pin > 0);
	tl_set_obj(o, TLF_peer, peer_obj(r->arena, h->peer));
	tl_set_int(o, TLF_top_message, row.top);
	tl_set_int(o, TLF_read_inbox_max_id, h->read_inbox);
	tl_set_int(o, TLF_read_outbox_max_id, h->read_outbox);
	tl_set_int(o, TLF_unread_count, unread);
	tl_set_obj(o, TLF_notify_settings, tl_new(r->arena, TLC_peerNotifySettings));
	if (h->owner == NULL)
		tl_set_int(o, TLF_pts, h->box->pts);
	return o;
}

/* dialogs, messages, chats, users of o. */
static void put_dialogs(struct rpc *r, struct tl_obj *o, const struct row *rows, uint32_t count)
{
	struct roll l = roll_start(r);
	uint32_t messages = 0;

	tl_set_vec(r->arena, o, TLF_dialogs, count);
	for (uint32_t i = 0; i < count; i++) {
		tl_put_obj(o, TLF_dialogs, i, dialog_obj(r, rows[i].history));
		roll_peer(&l, rows[i].history->peer);
		messages += rows[i].top != 0;
	}
	tl_set_vec(r->arena, o, TLF_messages, messages);
	messages = 0;
	for (uint32_t i = 0; i < count; i++) {
		const struct tl_obj *view;

		if (rows[i].top == 0)
			continue;
		view = msg_view(r->world, r->arena, r->account,
				msg_find(r->world, rows[i].history->box, rows[i].top), r->now);
		tl_put_obj(o, TLF_messages, messages++, view);
		roll_message(&l, view);
	}
	roll_set(&l, o);
}

/* ---- paging ---- */

static bool same_place(const struct row *row, struct peer p)
{
	return p.id != 0 && peer_equal(row->history->peer, p);
}

/* The first row of the sorted rest behind the place that the client names. */
static uint32_t page_start(const struct row *rows, uint32_t count, int32_t date, int32_t id,
			   struct peer peer)
{
	uint32_t i;

	if (date == 0 && id == 0 && peer.id == 0)
		return 0;
	for (i = 0; i < count; i++)
		if (same_place(&rows[i], peer) && (date == 0 || rows[i].date == date))
			return i + 1;
	for (i = 0; i < count; i++)
		if (date == 0 || rows[i].date < date ||
		    (rows[i].date == date && id > 0 && rows[i].top < id))
			break;
	return i;
}

static bool folder_good(const struct tl_obj *q, struct rpc_reply *out)
{
	int32_t folder = tl_int(q, TLF_folder_id);

	if (folder == 0 || folder == 1)
		return true;
	rpc_error(out, 400, "FOLDER_ID_INVALID");
	return false;
}

static void get_dialogs(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	const struct tl_obj *in = tl_sub(q, TLF_offset_peer);
	int32_t limit = tl_int(q, TLF_limit), date = tl_int(q, TLF_offset_date);
	uint32_t pinned, rest, start, count;
	struct target t = {0};
	struct row *rows;
	struct tl_obj *o;

	if (!folder_good(q, out))
		return;
	if (tl_cons(in) != TLC_inputPeerEmpty && !peer_take(r, in, &t, out)) {
		rpc_error(out, 400, "OFFSET_PEER_ID_INVALID");
		return;
	}
	rows = rows_make(r, &pinned, &rest);
	if (rows == NULL || limit < 0) {
		rpc_error(out, limit < 0 ? 400 : 500,
			  limit < 0 ? "LIMIT_INVALID" : "RPC_CALL_FAIL");
		return;
	}
	if (tl_int(q, TLF_folder_id) == 1)
		pinned = rest = 0;
	/* Pinned ones come again and again unless they are left out: so does the real server. */
	if (tl_flag(q, TLF_exclude_pinned)) {
		rows += pinned;
		pinned = 0;
	}
	start = page_start(rows + pinned, rest, date, tl_int(q, TLF_offset_id), t.peer);
	memmove(rows + pinned, rows + pinned + start, (rest - start) * sizeof(*rows));
	count = pinned + rest - start;
	if (limit > PAGE_MAX || limit == 0)
		limit = PAGE_MAX;
	if (start == 0 && count <= (uint32_t)limit) {
		o = tl_new(r->arena, TLC_messages_dialogs);
	} else {
		o = tl_new(r->arena, TLC_messages_dialogsSlice);
		tl_set_int(o, TLF_count, (int32_t)(pinned + rest));
	}
	put_dialogs(r, o, rows, count < (uint32_t)limit ? count : (uint32_t)limit);
	rpc_result(out, o);
}

/* ---- chosen ones ---- */

static void answer_peer_dialogs(struct rpc *r, const struct row *rows, uint32_t count,
				struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messages_peerDialogs);

	put_dialogs(r, o, rows, count);
	tl_set_obj(o, TLF_state, updates_state(r));
	rpc_result(out, o);
}

static void get_peer_dialogs(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_vec peers = tl_vec(q, TLF_peers);
	uint32_t count = peers.count < IDS_MAX ? peers.count : IDS_MAX, n = 0;
	struct row rows[IDS_MAX];
	struct target t;

	for (uint32_t i = 0; i < count; i++) {
		const struct tl_obj *in = tl_vec_obj(peers, i);

		if (tl_cons(in) != TLC_inputDialogPeer)
			continue;
		if (!peer_take(r, tl_sub(in, TLF_peer), &t, out))
			return;
		rows[n++] = row_of(r, target_history(r, &t));
	}
	answer_peer_dialogs(r, rows, n, out);
}

static void get_pinned_dialogs(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	uint32_t pinned, rest;
	struct row *rows;

	if (!folder_good(q, out))
		return;
	rows = rows_make(r, &pinned, &rest);
	answer_peer_dialogs(r, rows, tl_int(q, TLF_folder_id) == 1 ? 0 : pinned, out);
}

static void pin(struct world *w, struct account_state *s, struct peer p)
{
	if (s->pinned_count == s->pinned_room) {
		uint32_t room = s->pinned_room + 16;
		struct peer *more = world_take(w, room * sizeof(*more));

		if (s->pinned_count > 0)
			memcpy(more, s->pinned, s->pinned_count * sizeof(*more));
		s->pinned = more;
		s->pinned_room = room;
	}
	s->pinned[s->pinned_count++] = p;
}

static void toggle_dialog_pin(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct account_state *s = account_state(r->world, r->account);
	struct target t;
	int32_t at;

	if (!peer_take(r, tl_sub(tl_sub(q, TLF_peer), TLF_peer), &t, out))
		return;
	at = pin_place(s, t.peer);
	if (at > 0) {
		memmove(s->pinned + at - 1, s->pinned + at,
			(s->pinned_count - (uint32_t)at) * sizeof(*s->pinned));
		s->pinned_count--;
	}
	if (tl_flag(q, TLF_pinned))
		pin(r->world, s, t.peer);
	rpc_bool(r, out, true);
}

static void get_dialog_filters(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new_vector(r->arena, 0);

	if (rpc_newest_form(q)) /* a bare vector before layer 176 */
		o = tl_new(r->arena, TLC_messages_dialogFilters);
	rpc_result(out, o);
}

static void get_all_drafts(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_updates);

	tl_set_int(o, TLF_date, rpc_date(r));
	rpc_result(out, o);
}

const struct method methods_dialog_table[] = {
    {TLC_messages_getDialogs, get_dialogs, 0, LIMIT_READ},
    {TLC_messages_getPeerDialogs, get_peer_dialogs, 0, LIMIT_READ},
    {TLC_messages_getPinnedDialogs, get_pinned_dialogs, 0, LIMIT_READ},
    {TLC_messages_toggleDialogPin, toggle_dialog_pin, 0, LIMIT_NONE},
    {TLC_messages_getDialogFilters, get_dialog_filters, 0, LIMIT_NONE},
    {TLC_messages_getAllDrafts, get_all_drafts, 0, LIMIT_NONE},
    {TLC_none, NULL, 0, LIMIT_NONE},
};
