/*
 * Sessions: the ids a client used, our answers until they are acknowledged, and which connection
 * they go to. Owns struct dc_session and the messages in its lists. What a message means is
 * dc_message.c's.
 *
 * Main sessions (api.md 2): a session is one from the first query on the home DC that is no file
 * method and wants updates. An authorized key may have one; two that are alive kill the key. The
 * first is not alive when its connection has ended, or when nothing was heard from it for
 * DC_ALIVE_NS (it may be half-open). Else it is a rival for DC_DUEL_NS: the end of a killed program's
 * connection may be seen after its next one's first packets, and so may queries that were on their way
 * when it died: their msg_ids are older than the first one of the next. A program that is killed again
 * and again leaves several such rivals.
 */
#include "tools/tgsim/dc_priv.h"

#include <stdlib.h>

/* ---- making, dropping ---- */

static void drop_outs(struct list *l)
{
	for (struct list *n = list_pop(l); n != NULL; n = list_pop(l))
		free(container_of(n, struct dc_out, node));
}

/* What is only late is under way already: it is dropped with the session, not with its memory. */
static void drop_waits(struct dc_session *session, bool late)
{
	list_each_safe (n, tmp, &session->waiting) {
		struct dc_wait *wait = container_of(n, struct dc_wait, node);

		if (wait->late && !late)
			continue;
		list_del(n);
		free(wait);
	}
}

static void end_rivalry(struct dc_key *perm, struct dc_session *session)
{
	if (session->rival_until == 0)
		return;
	session->rival_until = 0;
	perm->rivals--;
}

void dc_session_drop(struct dc_server *s, struct dc_session *session)
{
	struct dc_key *perm = dc_key_perm(session->key);

	dc_session_detach(session);
	if (perm != NULL && perm->main == session)
		perm->main = NULL;
	if (perm != NULL)
		end_rivalry(perm, session);
	drop_outs(&session->pending);
	drop_outs(&session->kept);
	drop_waits(session, true);
	list_del(&session->node);
	list_del(&session->all_node);
	list_del(&session->dirty_node);
	session->key->session_count--;
	s->session_count--;
	free(session->seen);
	free(session);
}

/* The oldest session of the key that has no connection makes room. */
static void drop_oldest(struct dc_server *s, struct dc_key *k)
{
	list_each (n, &k->sessions) {
		struct dc_session *session = container_of(n, struct dc_session, node);

		if (session->conn != NULL)
			continue;
		dc_session_drop(s, session);
		return;
	}
}

struct dc_session *dc_session_get(struct dc_server *s, struct dc_key *k, uint64_t id)
{
	struct dc_session *session;

	for (struct list *n = k->sessions.prev; n != &k->sessions; n = n->prev) {
		session = container_of(n, struct dc_session, node);
		if (session->id == id)
			return session;
	}
	if (k->session_count >= DC_SESSIONS_MAX)
		drop_oldest(s, k);
	session = calloc(1, sizeof(*session));
	check(session != NULL);
	session->key = k;
	session->id = id;
	list_init(&session->conn_node);
	list_init(&session->dirty_node);
	list_init(&session->pending);
	list_init(&session->kept);
	list_init(&session->waiting);
	list_push(&k->sessions, &session->node);
	list_push(&s->sessions, &session->all_node);
	k->session_count++;
	s->session_count++;
	return session;
}

void dc_session_forget(struct dc_session *session)
{
	session->announced = false;
	session->seen_count = 0;
	session->forgot = 0;
	session->ack_count = 0;
	session->kept_count = 0;
	session->kept_bytes = 0;
	drop_outs(&session->kept);
	drop_outs(&session->pending);
	drop_waits(session, false);
	list_del(&session->dirty_node);
}

/* ---- connections ---- */

/* A message of ours that was sent before is on its way again, under its old id. */
static void send_again(struct dc_session *session, struct dc_out *out)
{
	list_del(&out->node);
	session->kept_count--;
	session->kept_bytes -= dc_out_cost(out);
	out->lost = false;
	out->due = 0;
	list_push(&session->pending, &out->node);
	dc_session_dirty(session);
}

void dc_session_attach(struct dc_session *session, struct dc_conn *c)
{
	session->heard = c->server->now;
	if (session->conn == c)
		return;
	list_del(&session->conn_node);
	session->conn = c;
	list_push(&c->sessions, &session->conn_node);
	list_each_safe (n, tmp, &session->kept) {
		struct dc_out *out = container_of(n, struct dc_out, node);

		out->end_at = 0; /* those were another connection's bytes */
		out->late = false;
		if (!out->lost)
			continue;
		c->server->o.stats->resends++;
		send_again(session, out);
	}
	if (!list_empty(&session->pending))
		dc_session_dirty(session);
}

void dc_session_detach(struct dc_session *session)
{
	list_del(&session->conn_node);
	session->conn = NULL;
	session->ack_count = 0;
	list_each (n, &session->kept)
		container_of(n, struct dc_out, node)->lost = true;
	list_each_safe (n, tmp, &session->pending) {
		struct dc_out *out = container_of(n, struct dc_out, node);

		if (out->kind != OUT_NOTICE)
			continue;
		list_del(&out->node);
		free(out);
	}
}

/* ---- ids of the client ---- */

/* Index of the first entry with an id >= msg_id. */
static uint32_t seen_lower(const struct dc_session *session, uint64_t msg_id)
{
	uint32_t low = 0, high = session->seen_count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (session->seen[mid].msg_id < msg_id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct dc_seen *dc_seen_find(const struct dc_session *session, uint64_t msg_id)
{
	uint32_t at = seen_lower(session, msg_id);

	if (at < session->seen_count && session->seen[at].msg_id == msg_id)
		return &session->seen[at];
	return NULL;
}

static void seen_room(struct dc_session *session)
{
	uint32_t drop = DC_SEEN_MAX / 4;

	if (session->seen_count < session->seen_room)
		return;
	if (session->seen_room < DC_SEEN_MAX) {
		session->seen_room = session->seen_room == 0 ? 64 : session->seen_room * 2;
		session->seen =
		    realloc(session->seen, session->seen_room * sizeof(session->seen[0]));
		check(session->seen != NULL);
		return;
	}
	session->forgot = session->seen[drop - 1].msg_id;
	session->seen_count -= drop;
	memmove(session->seen, session->seen + drop,
		session->seen_count * sizeof(session->seen[0]));
}

struct dc_seen *dc_seen_add(struct dc_session *session, uint64_t msg_id, uint32_t seq,
			    uint32_t flags)
{
	uint32_t at;

	seen_room(session);
	at = seen_lower(session, msg_id);
	memmove(session->seen + at + 1, session->seen + at,
		(session->seen_count - at) * sizeof(session->seen[0]));
	session->seen[at] = (struct dc_seen){msg_id, seq, flags};
	session->seen_count++;
	return &session->seen[at];
}

int dc_seq_fault(const struct dc_session *session, uint64_t msg_id, uint32_t seq)
{
	uint32_t at = seen_lower(session, msg_id);

	if (at > 0) {
		uint32_t before = session->seen[at - 1].seq;

		if (before > seq || (before == seq && seq % 2 == 1))
			return 32;
	}
	if (at < session->seen_count) {
		uint32_t after = session->seen[at].seq;

		if (after < seq || (after == seq && seq % 2 == 1))
			return 33;
	}
	return 0;
}

/* ---- main sessions ---- */

/* Whether its connection can still bring a word of it. */
static bool is_connected(const struct dc_session *session)
{
	const struct dc_conn *c = session->conn;

	return c != NULL && c->fate == DC_CONN_OPEN && !c->stalled;
}

static bool duplicate(struct dc_key *perm)
{
	perm->duplicated = true;
	perm->account = NULL;
	perm->main = NULL;
	return false;
}

/* False: a rival speaks again, or is still connected when its time is over. */
static bool duel(struct dc_server *s, struct dc_key *perm, const struct dc_session *session)
{
	if (perm->rivals == 0)
		return true;
	if (session->rival_until != 0)
		return false;
	list_each (n, &s->sessions) {
		struct dc_session *rival = container_of(n, struct dc_session, all_node);

		if (rival->rival_until == 0 || dc_key_perm(rival->key) != perm)
			continue;
		if (!is_connected(rival) || rival->conn == session->conn)
			end_rivalry(perm, rival);
		else if (s->now >= rival->rival_until)
			return false;
	}
	return true;
}

bool dc_session_main(struct dc_server *s, struct dc_session *session, uint64_t msg_id)
{
	struct dc_key *perm = dc_key_perm(session->key);
	struct dc_session *old = perm->main;

	if (perm->account == NULL || perm->dc != s->o.home_dc)
		return true;
	/* Written before the other one began: what a life left on its way. */
	if (old != NULL && old != session && msg_id < perm->main_since)
		return true;
	if (!duel(s, perm, session))
		return duplicate(perm);
	if (old == session)
		return true;
	if (old != NULL && is_connected(old) && old->conn != session->conn &&
	    s->now - old->heard <= DC_ALIVE_NS) {
		old->rival_until = s->now + DC_DUEL_NS;
		perm->rivals++;
	}
	perm->main = session;
	perm->main_since = msg_id;
	return true;
}

/* ---- acknowledgements ---- */

static struct dc_out *find_message(const struct list *l, uint64_t msg_id)
{
	list_each (n, l) {
		struct dc_out *out = container_of(n, struct dc_out, node);

		if (out->msg_id == msg_id)
			return out;
	}
	return NULL;
}

struct dc_out *dc_kept_find(const struct dc_session *session, uint64_t msg_id)
{
	return find_message(&session->kept, msg_id);
}

static struct dc_out *find_answer(const struct list *l, uint64_t req_msg_id)
{
	list_each (n, l) {
		struct dc_out *out = container_of(n, struct dc_out, node);

		if (out->req_msg_id == req_msg_id && out->kind == OUT_ANSWER)
			return out;
	}
	return NULL;
}

struct dc_out *dc_answer_find(const struct dc_session *session, uint64_t req_msg_id)
{
	struct dc_out *out = find_answer(&session->kept, req_msg_id);

	return out != NULL ? out : find_answer(&session->pending, req_msg_id);
}

bool dc_session_answer_again(struct dc_session *session, uint64_t req_msg_id)
{
	struct dc_out *out = find_answer(&session->kept, req_msg_id);

	if (out == NULL)
		return find_answer(&session->pending, req_msg_id) != NULL;
	send_again(session, out);
	return true;
}

bool dc_session_again(struct dc_session *session, uint64_t msg_id)
{
	struct dc_out *out = dc_kept_find(session, msg_id);

	if (out != NULL)
		send_again(session, out);
	return out != NULL;
}

void dc_session_put_ack(struct dc_session *session, uint64_t msg_id)
{
	if (session->ack_count == DC_ACKS_MAX)
		return;
	session->acks[session->ack_count++] = msg_id;
	dc_session_dirty(session);
}

void dc_kept_drop(struct dc_session *session, struct dc_out *out)
{
	list_del(&out->node);
	session->kept_count--;
	session->kept_bytes -= dc_out_cost(out);
	free(out);
}

void dc_session_ack(struct dc_session *session, uint64_t msg_id)
{
	struct dc_out *out = dc_kept_find(session, msg_id);
	bool kept = out != NULL;
	struct dc_seen *query;

	/* On its way a second time, and known at the other end from the first. */
	if (!kept && msg_id != 0)
		out = find_message(&session->pending, msg_id);
	if (out == NULL)
		return;
	query = dc_seen_find(session, out->req_msg_id);
	if (query != NULL)
		query->flags |= SEEN_ACKED;
	if (kept) {
		dc_kept_drop(session, out);
		return;
	}
	list_del(&out->node);
	free(out);
}

static int64_t resend_at(const struct dc_server *s, const struct dc_out *out)
{
	return out->sent + (s->o.resend_ns << (out->tries < 8 ? out->tries : 8));
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static bool on_its_way(const struct dc_session *session, const struct dc_out *out)
{
	return session->conn->server->can_look && out->end_at > session->conn->arrived;
}

static int64_t look_due(const struct dc_server *s, const struct dc_out *out)
{
	return out->sent + s->o.resend_ns / 2;
}

/* The time for an ack begins when the message is there, where that takes a while. */
static bool is_overdue(struct dc_session *session, struct dc_out *out)
{
	struct dc_conn *c = session->conn;
	const struct dc_server *s = c->server;

	if (on_its_way(session, out)) {
		if (s->now >= look_due(s, out)) {
			out->late |= c->look_at - LOOK_AGAIN_NS >= look_due(s, out);
			c->look |= s->now >= c->look_at;
		}
		return false;
	}
	if (out->late)
		out->sent = s->now;
	out->late = false;
	return s->now >= resend_at(s, out);
}

/* msg_detailed_info or msg_new_detailed_info: it is there, ask for it. */
static void send_detailed(struct dc_session *session, const struct dc_out *of)
{
	bool new = of->req_msg_id == 0;
	uint32_t len = new ? 20 : 28;
	const char *name = new ? "msg_new_detailed_info" : "msg_detailed_info";
	struct dc_out *out = dc_out_make(OUT_NOTICE, name, len);
	uint8_t *at = out->body;

	store_le32(at, new ? (uint32_t)ID_NEW_DETAILED : ID_DETAILED);
	at += 4;
	if (!new) {
		store_le64(at, of->req_msg_id);
		at += 8;
	}
	store_le64(at, of->msg_id);
	store_le32(at + 8, of->len);
	store_le32(at + 12, 0);
	out->odd = true;
	dc_out_send(session, &out);
}

void dc_session_tick(struct dc_server *s, struct dc_session *session)
{
	dc_rpc_late(s, session);
	if (session->conn == NULL)
		return;
	list_each (n, &session->pending)
		if (container_of(n, struct dc_out, node)->due <= s->now)
			dc_session_dirty(session);
	list_each_safe (n, tmp, &session->kept) {
		struct dc_out *out = container_of(n, struct dc_out, node);

		if (!is_overdue(session, out))
			continue;
		if (++out->tries > DC_RESENDS_MAX) {
			dc_kept_drop(session, out);
			continue;
		}
		s->o.stats->resends++;
		if (out->len < DC_BIG) {
			send_again(session, out);
			continue;
		}
		out->sent = s->now;
		send_detailed(session, out);
	}
	dc_rpc_tick(session);
}

int64_t dc_session_due(const struct dc_server *s, const struct dc_session *session)
{
	int64_t due = INT64_MAX;

	list_each (n, &session->waiting) {
		const struct dc_wait *wait = container_of(n, struct dc_wait, node);

		if ((wait->late || session->conn != NULL) && wait->until < due)
			due = wait->until;
	}
	if (session->conn == NULL)
		return due;
	list_each (n, &session->pending) {
		const struct dc_out *out = container_of(n, struct dc_out, node);

		/* What is overdue waits for room in the connection, or for company. */
		if (out->due > s->now && out->due < due)
			due = out->due;
	}
	list_each (n, &session->kept) {
		const struct dc_out *out = container_of(n, struct dc_out, node);
		int64_t at = out->late ? s->now : resend_at(s, out);

		if (on_its_way(session, out))
			at = later(look_due(s, out), session->conn->look_at);
		if (at < due)
			due = at;
	}
	return due;
}
