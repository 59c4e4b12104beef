/*
 * What the server says about messages: refusals, acknowledgements, states, a session it made anew,
 * answers it kept, salts, pongs. Each is acted upon only when it is about something we sent (check
 * 13). The call it is about gets its verdict; nothing is sent from here.
 */
#include "proto/session/session_priv.h"

#include "proto/session/msgid.h"

enum {
	REFUSALS_MAX = 3, /* S1 */
	AGAIN_MAX_S = 150, /* what is older is not sent any more under its id (TDLib's limit) */
	OVERDUE_ASKS = 3, OVERDUE_TIMES = 4, /* of the time after which a state is asked for */
	AGAIN_ROOM = 8, /* events that others may need */
	STATE_MASK = 7,
	STATE_FORGOTTEN = 1,
	STATE_MISSING = 2,
	STATE_TOO_HIGH = 3,
	STATE_RECEIVED = 4,
	STATE_ACKED = 4 + 8,
};

enum bad_code {
	BAD_ID_LOW = 16,
	BAD_ID_HIGH = 17,
	BAD_ID_PARITY = 18,
	BAD_CONTAINER_ID = 19,
	BAD_ID_OLD = 20,
	BAD_SEQ_LOW = 32,
	BAD_SEQ_HIGH = 33,
	BAD_SEQ_ODD = 34,
	BAD_SEQ_EVEN = 35,
	BAD_SALT = 48,
	BAD_CONTAINER = 64,
};

static bool ours(const struct session *s, uint64_t msg_id)
{
	return session_find(s, msg_id) != NULL || session_sent(s, msg_id);
}

bool session_repairs(const struct session *s, struct cspan body)
{
	uint32_t kind = session_kind(body);

	if (kind != (uint32_t)ID_BAD_MSG && kind != (uint32_t)ID_BAD_SALT)
		return false;
	return body.len >= 12 && ours(s, load_le64(body.at + 4));
}

static void ask_again(struct session *s, uint64_t answer_id)
{
	for (uint32_t i = 0; i < s->resend_count; i++)
		if (s->resend_ids[i] == answer_id)
			return;
	if (s->resend_count < countof(s->resend_ids))
		s->resend_ids[s->resend_count++] = answer_id;
}

/* What is said once only, and was not taken. */
static void say_again(struct session *s, uint64_t bad_id)
{
	if (s->said.first_id == 0 || bad_id < s->said.first_id || bad_id > s->said.last_id)
		return;
	s->said.first_id = 0;
	for (uint32_t i = 0; i < s->said.resend_count; i++)
		if (session_seen(s, s->said.resend_ids[i]) != SEEN_TWICE)
			ask_again(s, s->said.resend_ids[i]);
	if (s->info_req_id == 0)
		s->info_req_id = s->said.info_req_id; /* what it is about still stands in info */
	if (s->destroy_id == 0)
		s->destroy_id = s->said.destroy_id;
}

/* A service message of ours was refused: what still matters of it is due again. */
static void service_again(struct session *s, uint64_t bad_id)
{
	say_again(s, bad_id);
	for (uint32_t i = 0; s->state_req_id != 0 && i < s->state_count; i++) {
		struct call *c = session_find(s, s->state_ids[i]);

		if (c == NULL)
			continue;
		c->ask_ns = s->in.now;
		c->stuck_ns = 0;
		c->asks--;
		s->state_due_ns = s->in.now;
	}
	s->state_req_id = 0;
	if (s->salts_req_id != 0)
		s->key->salts_due_ns = 0;
	s->salts_req_id = 0;
	s->ping_id = s->ping_sent_ns = 0;
}

/* Refused although it was sent after the last correction: that must not go on for ever. */
static bool count_refusal(struct session *s, uint32_t epoch)
{
	if (epoch == s->key->epoch && ++s->refusals > REFUSALS_MAX) {
		session_break(s, SESSION_REFUSED);
		return false;
	}
	return true;
}

static void took_salt(struct session *s, uint64_t salt)
{
	if (key_set_salt(s->key, salt))
		session_push(s, SESSION_SALT);
}

/* Codes that happen in good order, but not for ever. */
static bool mends(int32_t code)
{
	return code == BAD_SALT || code == BAD_ID_LOW || code == BAD_ID_HIGH || code == BAD_ID_OLD;
}

/* What a code means for the session. False: nothing, it is unknown. */
static bool refused(struct session *s, const struct message *m, int32_t code)
{
	switch ((enum bad_code)code) {
	case BAD_SALT:
		key_distrust_salts(s->key);
		return true;
	case BAD_ID_LOW:
		key_correct(s->key, m->id, s->in.now);
		return true;
	case BAD_ID_HIGH:
		key_correct(s->key, m->id, s->in.now);
		session_renew(s, SESSION_BAD_MSG, code);
		return true;
	case BAD_ID_OLD:
		return true;
	case BAD_ID_PARITY:
	case BAD_CONTAINER_ID:
	case BAD_SEQ_LOW:
	case BAD_SEQ_HIGH:
	case BAD_SEQ_ODD:
	case BAD_SEQ_EVEN:
	case BAD_CONTAINER:
		session_renew(s, SESSION_BAD_MSG, code);
		return true;
	default:
		return false;
	}
}

/* bad_msg_notification and bad_server_salt (messages.md 7). */
static void on_bad(struct session *s, const struct message *m, struct tl_reader *r, bool with_salt)
{
	uint64_t bad_id = tl_read_u64(r);
	int32_t code = (tl_read_u32(r), tl_read_i32(r));
	uint64_t salt = with_salt ? tl_read_u64(r) : 0;
	struct call *c = session_find(s, bad_id);

	if (!tl_ok(r))
		return;
	if (c == NULL && !session_sent(s, bad_id)) {
		s->unknown++;
		return;
	}
	if (with_salt)
		code = BAD_SALT;
	if (mends(code) && !count_refusal(s, c != NULL ? c->epoch : s->service_epoch))
		return;
	if (!refused(s, m, code)) {
		s->unknown++; /* a call's own deadline will ask about it */
		return;
	}
	if (with_salt)
		took_salt(s, salt);
	if (c == NULL)
		service_again(s, bad_id);
	else if (code == BAD_ID_OLD || c->again)
		session_doubt(s, c); /* nobody can tell whether it was received */
	else
		session_resend(s, c);
}

/* new_session_created: what is older than first_msg_id is unknown to the server (messages.md 6). */
static void on_new_session(struct session *s, struct tl_reader *r)
{
	uint64_t first_id = tl_read_u64(r);
	uint64_t unique_id = tl_read_u64(r);
	uint64_t salt = tl_read_u64(r);
	const struct call *first;

	if (!tl_ok(r) || (s->created && s->unique_id == unique_id))
		return;
	s->created = true;
	s->unique_id = unique_id;
	session_push(s, SESSION_CREATED);
	took_salt(s, salt);
	first = session_find(s, first_id);
	list_each_safe (node, next, &s->calls) {
		struct call *c = container_of(node, struct call, node);

		if (first != NULL ? c->order < first->order : c->msg_id < first_id)
			session_doubt(s, c);
	}
}

/*
 * N9: who is asked when the time is over, and says only then that he has it, had that time. On
 * another connection the question came early.
 */
static void mark_acked(struct session *s, struct call *c)
{
	if (c->acked)
		return;
	c->acked = true;
	if (c->asks == 0)
		c->ask_ns = c->sent_ns + (2 * s->state_after_ns << c->patience);
	else if (c->stuck_ns != 0 && c->elsewhere)
		c->stuck_ns += s->state_after_ns / 2;
}

static void on_acks(struct session *s, struct tl_reader *r)
{
	for (uint32_t left = tl_read_vector(r, 8); left > 0; left--) {
		struct call *c = session_find(s, tl_read_u64(r));

		if (c != NULL)
			mark_acked(s, c);
	}
}

/*
 * The server has not received it. What was sent on this connection comes no more: the question after
 * it is here. On a connection before, its bytes may still be on their way.
 */
static void not_received(struct session *s, struct call *c)
{
	int64_t age = key_unix_ns(s->key, s->in.now) - msgid_time(c->msg_id);

	if (!c->once || !(c->elsewhere || c->again)) {
		session_resend(s, c);
		return;
	}
	if (!c->elsewhere || age > (int64_t)(AGAIN_MAX_S * SESSION_NS) ||
	    s->event_count + AGAIN_ROOM > s->event_room) {
		session_doubt(s, c);
		return;
	}
	c->elsewhere = false; /* said once */
	c->again = true;
	session_push(s, SESSION_AGAIN)->call = c;
}

/*
 * On connections that all die young no deadline is ever reached: who has had it for so long, and was
 * asked again and again, lost the answer.
 */
static bool is_overdue(const struct session *s, const struct call *c)
{
	return c->asks >= OVERDUE_ASKS &&
	       s->in.now - c->sent_ns > (OVERDUE_TIMES * s->state_after_ns << c->patience);
}

/* One byte of msgs_state_info about a message of ours. */
static void took_state(struct session *s, uint64_t msg_id, uint8_t state)
{
	struct call *c = session_find(s, msg_id);

	if (c == NULL)
		return;
	switch (state & STATE_MASK) {
	case STATE_FORGOTTEN:
		session_doubt(s, c);
		break;
	case STATE_MISSING:
	case STATE_TOO_HIGH:
		not_received(s, c);
		break;
	case STATE_RECEIVED:
		mark_acked(s, c);
		c->told = true;
		if (is_overdue(s, c))
			c->stuck_ns = s->state_due_ns = s->in.now;
		break;
	default:
		break;
	}
}

static void on_state_info(struct session *s, struct tl_reader *r)
{
	uint64_t req_id = tl_read_u64(r);
	struct cspan info = tl_read_bytes(r);

	if (!tl_ok(r) || req_id == 0 || req_id != s->state_req_id || info.len != s->state_count)
		return;
	s->state_req_id = 0;
	s->state_due_ns = s->in.now; /* others may wait to be asked about */
	for (uint32_t i = 0; i < s->state_count; i++)
		took_state(s, s->state_ids[i], info.at[i]);
}

static void on_all_info(struct session *s, struct tl_reader *r)
{
	uint32_t count = tl_read_vector(r, 8);
	const uint8_t *ids = r->at;
	struct cspan info;

	r->at += (size_t)count * 8; /* the vector was measured */
	info = tl_read_bytes(r);
	if (!tl_ok(r) || info.len != count)
		return;
	for (uint32_t i = 0; i < count; i++)
		took_state(s, load_le64(ids + 8 * i), info.at[i]);
}

/* The server holds an answer that we did not acknowledge (messages.md 6). */
static void on_detailed(struct session *s, struct tl_reader *r, bool about_ours)
{
	uint64_t msg_id = about_ours ? tl_read_u64(r) : 0;
	uint64_t answer_id = tl_read_u64(r);
	bool waited_for = about_ours && session_find(s, msg_id) != NULL;
	enum seen seen = session_seen(s, answer_id);

	tl_read_u32(r);
	tl_read_u32(r);
	if (!tl_ok(r) || msg_id > s->last_msg_id)
		return;
	/* Below the window nobody knows; but then an open call's answer never came. */
	if (seen == SEEN_TWICE || (seen == SEEN_BELOW && !waited_for) || (about_ours && !waited_for))
		session_ack(s, answer_id); /* here already, or nobody waits for it any more */
	else
		ask_again(s, answer_id);
}

static uint8_t state_of(const struct session *s, uint64_t msg_id)
{
	switch (session_seen(s, msg_id)) {
	case SEEN_TWICE:
		for (uint32_t i = 0; i < s->ack_count; i++)
			if (s->acks[i] == msg_id)
				return STATE_RECEIVED;
		return STATE_ACKED;
	case SEEN_BELOW:
		return STATE_FORGOTTEN;
	default:
		if (s->seen_count == 0 || msg_id > s->seen[s->seen_count - 1])
			return STATE_TOO_HIGH;
		return STATE_MISSING;
	}
}

/*
 * msgs_state_req is about messages of the server, msg_resend_req about ours: those that are open
 * are given back to the caller, for the others the answer is their state, nothing known.
 */
static void on_question(struct session *s, const struct message *m, struct tl_reader *r,
			bool resend)
{
	uint32_t count = tl_read_vector(r, 8);
	uint32_t gone = 0;

	if (!tl_ok(r) || count > sizeof(s->info))
		return;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t msg_id = tl_read_u64(r);
		struct call *c = resend ? session_find(s, msg_id) : NULL;

		s->info[i] = c != NULL ? STATE_RECEIVED
			     : resend  ? STATE_FORGOTTEN
				       : state_of(s, msg_id);
		gone += c == NULL;
		if (c != NULL)
			session_doubt(s, c);
	}
	if (gone == 0)
		return;
	s->info_req_id = m->id;
	s->info_len = count;
}

static void on_salts(struct session *s, struct tl_reader *r)
{
	uint64_t req_id = tl_read_u64(r);

	tl_read_u32(r);
	if (!tl_ok(r) || req_id == 0 || req_id != s->salts_req_id)
		return;
	s->salts_req_id = 0;
	key_take_salts(s->key, r, s->in.now);
	session_push(s, SESSION_SALT);
}

static void on_pong(struct session *s, struct tl_reader *r)
{
	uint64_t ping_id = (tl_read_u64(r), tl_read_u64(r));

	if (!tl_ok(r) || ping_id == 0 || ping_id != s->ping_id)
		return;
	s->ping_id = 0;
	s->refusals = 0;
	session_push(s, SESSION_PONG);
}

static bool dispatch(struct session *s, const struct message *m, struct tl_reader *r, uint32_t kind)
{
	switch (kind) {
	case (uint32_t)ID_BAD_MSG:
	case (uint32_t)ID_BAD_SALT:
		on_bad(s, m, r, kind == (uint32_t)ID_BAD_SALT);
		return true;
	case (uint32_t)ID_NEW_SESSION:
		on_new_session(s, r);
		return true;
	case ID_MSGS_ACK:
		on_acks(s, r);
		return true;
	case ID_STATE_INFO:
		on_state_info(s, r);
		return true;
	case (uint32_t)ID_ALL_INFO:
		on_all_info(s, r);
		return true;
	case ID_DETAILED:
	case (uint32_t)ID_NEW_DETAILED:
		on_detailed(s, r, kind == ID_DETAILED);
		return true;
	case (uint32_t)ID_STATE_REQ:
	case ID_RESEND_REQ:
		on_question(s, m, r, kind == ID_RESEND_REQ);
		return true;
	case (uint32_t)ID_SALTS:
		on_salts(s, r);
		return true;
	case ID_PONG:
		on_pong(s, r);
		return true;
	case (uint32_t)ID_DESTROY_OK:
	case ID_DESTROY_NONE:
		return true;
	default:
		return false;
	}
}

bool session_notice(struct session *s, const struct message *m, struct cspan body)
{
	struct tl_reader r;
	uint32_t kind;

	tl_reader_init(&r, body);
	kind = tl_read_u32(&r);
	if (!dispatch(s, m, &r, kind))
		return false;
	if (!tl_ok(&r))
		session_break(s, SESSION_TL);
	return true;
}
