/*
 * The opened packet of a session: salt, ids, numbers, containers, gzip, and then the object inside
 * to those who know it (dc_service.c, dc_rpc.c). Refusals are bad_msg_notification and
 * bad_server_salt; a refused message leaves no trace in the session. Owns nothing.
 *
 * Rules (messages.md 3, 4, 7): what is certain is refused, what real servers let pass is let pass.
 * Inner messages of a container may be older than 300 s, because resending old ones is what
 * containers are for; acks, pings and the like may have either parity.
 */
#include "tools/tgsim/dc_priv.h"

#include "proto/wire/inflate.h"
#include "proto/wire/tl.h"

enum { ID_PAST_S = 300, ID_FUTURE_S = 30 };

/* One message, bare or from a container. */
struct incoming {
	uint64_t msg_id;
	uint32_t seq;
	struct cspan body;
	uint64_t container_id; /* 0: none */
	uint32_t depth;        /* gzip_packed around it */
};

static void take_message(struct dc_session *, const struct incoming *);

/* ---- refusals ---- */

static enum stat_rule rule_of(int code)
{
	switch (code) {
	case 16:
		return RULE_MSG_ID_LOW;
	case 17:
		return RULE_MSG_ID_HIGH;
	case 18:
		return RULE_MSG_ID_BITS;
	case 19:
		return RULE_CONTAINER_ID;
	case 20:
		return RULE_TOO_OLD;
	case 32:
		return RULE_SEQ_LOW;
	case 33:
		return RULE_SEQ_HIGH;
	case 34:
		return RULE_SEQ_ODD;
	case 35:
		return RULE_SEQ_EVEN;
	case 48:
		return RULE_SALT;
	default:
		return RULE_CONTAINER;
	}
}

void dc_bad_msg(struct dc_session *session, uint64_t msg_id, uint32_t seq, int code)
{
	struct dc_server *s = session->conn->server;
	bool salt = code == 48;
	struct dc_out *out = dc_out_make(
	    OUT_NOTICE, salt ? "bad_server_salt" : "bad_msg_notification", salt ? 28 : 20);

	store_le32(out->body, salt ? (uint32_t)ID_BAD_SALT : (uint32_t)ID_BAD_MSG);
	store_le64(out->body + 4, msg_id);
	store_le32(out->body + 12, seq);
	store_le32(out->body + 16, (uint32_t)code);
	if (salt)
		store_le64(out->body + 20, dc_salt_now(s, session->key));
	out->error = stats_rule_name(rule_of(code));
	dc_out_send(session, &out);
}

static void refuse(struct dc_session *session, const struct incoming *m, int code)
{
	dc_violation(session->conn->server, rule_of(code));
	dc_bad_msg(session, m->msg_id, m->seq, code);
}

/* ---- ids and numbers ---- */

/* 0, or the code that refuses the id itself. */
static int id_fault(const struct dc_session *session, const struct incoming *m)
{
	int64_t clock = dc_clock(session->conn->server, session->key->dc) / 1000000000;
	int64_t at = (int64_t)(m->msg_id >> 32);

	if (m->msg_id % 4 != 0)
		return 18;
	if (at > clock + ID_FUTURE_S)
		return 17;
	if (m->container_id == 0 && at < clock - ID_PAST_S)
		return 16;
	if (m->msg_id <= session->forgot)
		return 20;
	return 0;
}

static uint32_t constructor(struct cspan body)
{
	return body.len < 4 ? 0 : load_le32(body.at);
}

/* 0, 34 or 35, where the parity is certain. */
static int parity_fault(const struct incoming *m, uint32_t id)
{
	bool odd = m->seq % 2 == 1;

	if (id == ID_CONTAINER)
		return odd ? 34 : 0;
	if (id == ID_GZIP || dc_is_service(id))
		return 0;
	return odd ? 0 : 35;
}

/* A message that was here before: its answer again if there still is one, else an ack. */
static void take_again(struct dc_session *session, const struct incoming *m, struct dc_seen *seen)
{
	struct dc_server *s = session->conn->server;

	dc_violation(s, RULE_DUPLICATE);
	if (!dc_session_answer_again(session, m->msg_id) && (seen->flags & SEEN_CONTENT) != 0)
		dc_session_put_ack(session, m->msg_id);
}

/* Whether the message is new and sound; notes it then. */
static bool accept(struct dc_session *session, const struct incoming *m, uint32_t id)
{
	struct dc_seen *seen = dc_seen_find(session, m->msg_id);
	int code = id_fault(session, m);

	if (seen != NULL && code == 0) {
		if (id == ID_CONTAINER || (seen->flags & SEEN_CONTAINER) != 0)
			refuse(session, m, 19);
		else
			take_again(session, m, seen);
		return false;
	}
	if (code == 0)
		code = dc_seq_fault(session, m->msg_id, m->seq);
	if (code == 0)
		code = parity_fault(m, id);
	if (code != 0) {
		refuse(session, m, code);
		return false;
	}
	if ((m->msg_id & UINT32_MAX) == 0)
		dc_violation(session->conn->server, RULE_MSG_ID_EMPTY);
	dc_seen_add(session, m->msg_id, m->seq,
		    (m->seq % 2 == 1 ? (uint32_t)SEEN_CONTENT : 0u) |
			(id == ID_CONTAINER ? (uint32_t)SEEN_CONTAINER : 0u));
	return true;
}

/* ---- what is inside ---- */

/* Walks the messages of a container; false when it is none. Does nothing yet with take NULL. */
static bool walk_container(struct dc_session *session, const struct incoming *m,
			   void (*take)(struct dc_session *, const struct incoming *),
			   uint64_t *first)
{
	struct tl_reader r;
	uint32_t count;

	tl_reader_init(&r, m->body);
	tl_read_u32(&r);
	count = tl_read_bare_vector(&r, 16);
	if (count > DC_MESSAGES_MAX)
		return false;
	for (uint32_t i = 0; i < count && tl_ok(&r); i++) {
		struct incoming inner = {.container_id = m->msg_id, .depth = m->depth};

		inner.msg_id = tl_read_u64(&r);
		inner.seq = tl_read_u32(&r);
		inner.body.len = tl_read_u32(&r);
		inner.body.at = tl_read_raw(&r, inner.body.len);
		if (!tl_ok(&r) || inner.body.len % 4 != 0 || inner.msg_id >= m->msg_id ||
		    constructor(inner.body) == ID_CONTAINER)
			return false;
		if (inner.msg_id < *first)
			*first = inner.msg_id;
		if (take != NULL && session->conn->fate == DC_CONN_OPEN)
			take(session, &inner);
	}
	return tl_ok(&r) && tl_left(&r) == 0;
}

static void take_gzip(struct dc_session *session, const struct incoming *m)
{
	struct dc_server *s = session->conn->server;
	struct incoming inner = *m;
	struct tl_reader r;
	struct cspan packed;
	size_t len = 0;
	uint8_t *to = s->inflated[m->depth];

	tl_reader_init(&r, m->body);
	tl_read_u32(&r);
	packed = tl_read_bytes(&r);
	if (!tl_ok(&r) || m->depth > 0 ||
	    inflate_object(packed, (struct span){to, INFLATE_OUT_MAX}, &len) != INFLATE_OK) {
		dc_violation(s, RULE_GZIP);
		dc_rpc_error(session, m->msg_id, "gzip_packed", 400, "INPUT_FETCH_ERROR");
		return;
	}
	inner.body = cspan_of(to, len);
	inner.depth++;
	take_message(session, &inner);
}

static void log_in(struct dc_session *session, const struct incoming *m, uint32_t id)
{
	struct dc_server *s = session->conn->server;

	if (!s->o.log->on || !dc_is_service(id))
		return; /* queries are logged where their names are known */
	simlog_put(s->o.log, &(struct simlog_line){.t = dc_clock(s, session->key->dc),
						   .dc = session->key->dc,
						   .conn = session->conn->number,
						   .key = session->key->key.id,
						   .session = session->id,
						   .msg_id = m->msg_id,
						   .seq = m->seq,
						   .name = dc_service_name(id),
						   .layer = session->key->layer,
						   .bytes = m->body.len});
}

/* The object of an accepted message. */
static void dispatch(struct dc_session *session, const struct incoming *m, uint32_t id)
{
	uint64_t first = UINT64_MAX;

	log_in(session, m, id);
	if (id == ID_GZIP)
		take_gzip(session, m);
	else if (id == ID_CONTAINER && (m->container_id != 0 || m->depth != 0 ||
					!walk_container(session, m, take_message, &first)))
		refuse(session, m, 64);
	else if (id != ID_CONTAINER && !dc_service_take(session, m->msg_id, id, m->body))
		dc_rpc_take(session, m->msg_id, m->body);
}

static void take_message(struct dc_session *session, const struct incoming *m)
{
	uint32_t id = constructor(m->body);
	const struct fault *f = NULL;

	if (m->depth == 0 && !dc_is_service(id))
		f = faults_fire(session->conn->server->o.faults, FAULT_BAD_MSG, session->key->dc,
				FAULT_AT_PACKET, NULL);
	if (f != NULL)
		dc_bad_msg(session, m->msg_id, m->seq, f->code);
	else if (m->depth > 0 || accept(session, m, id)) /* accepted with its gzip_packed */
		dispatch(session, m, id);
}

/* ---- the door ---- */

/* first_msg_id is the lowest id of the packet: everything in it is known. */
static void announce(struct dc_session *session, const struct incoming *m)
{
	struct dc_server *s = session->conn->server;
	struct dc_out *out = dc_out_make(OUT_PUSH, "new_session_created", 28);
	uint64_t first = m->msg_id, unique;

	if (constructor(m->body) == ID_CONTAINER)
		walk_container(session, m, NULL, &first);
	dc_random(s, &unique, sizeof(unique));
	store_le32(out->body, (uint32_t)ID_NEW_SESSION);
	store_le64(out->body + 4, first);
	store_le64(out->body + 12, unique);
	store_le64(out->body + 20, dc_salt_now(s, session->key));
	session->announced = true;
	dc_out_send(session, &out);
}

void dc_message_take(struct dc_conn *c, struct dc_key *key, const struct envelope_head *head,
		     struct cspan data)
{
	struct dc_session *session = dc_session_get(c->server, key, head->session_id);
	struct incoming m = {.msg_id = head->msg_id, .seq = head->seq_no, .body = data};
	int code;

	dc_session_attach(session, c);
	code = id_fault(session, &m);
	if (code == 0 && !dc_salt_good(c->server, key, head->salt))
		code = 48;
	if (code != 0) {
		refuse(session, &m, code);
		return;
	}
	if (constructor(data) == ID_CONTAINER) {
		uint64_t first = UINT64_MAX;

		if (!walk_container(session, &m, NULL, &first)) {
			refuse(session, &m, 64);
			return;
		}
	}
	if (!session->announced)
		announce(session, &m);
	take_message(session, &m);
}
