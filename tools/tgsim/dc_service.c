/*
 * Service messages (messages.md 5, 6, 8, 10, 12): acks, pings, salts, state and resend requests,
 * dropped answers, sessions and keys that end. What is malformed is counted and ignored. Owns
 * nothing.
 */
#include "tools/tgsim/dc_priv.h"

#include "proto/wire/tl.h"

/* Flags of a state byte beside its low three bits. */
enum {
	STATE_FORGOTTEN = 1,
	STATE_MISSING = 2,
	STATE_FUTURE = 3,
	STATE_RECEIVED = 4,
	STATE_ACKED = 8,
	STATE_NO_ACK = 16,
	STATE_RPC = 32,
	STATE_ANSWERED = 64,
};

static const struct {
	uint32_t id;
	const char *name;
} services[] = {
    {ID_CONTAINER, "msg_container"},
    {ID_MSG_COPY, "msg_copy"},
    {ID_GZIP, "gzip_packed"},
    {ID_ACK, "msgs_ack"},
    {(uint32_t)ID_BAD_MSG, "bad_msg_notification"},
    {(uint32_t)ID_STATE_REQ, "msgs_state_req"},
    {ID_STATE_INFO, "msgs_state_info"},
    {(uint32_t)ID_ALL_INFO, "msgs_all_info"},
    {ID_DETAILED, "msg_detailed_info"},
    {(uint32_t)ID_NEW_DETAILED, "msg_new_detailed_info"},
    {ID_RESEND_REQ, "msg_resend_req"},
    {(uint32_t)ID_RESEND_ANS_REQ, "msg_resend_ans_req"},
    {(uint32_t)ID_HTTP_WAIT, "http_wait"},
    {ID_DROP_ANSWER, "rpc_drop_answer"},
    {(uint32_t)ID_GET_SALTS, "get_future_salts"},
    {ID_PING, "ping"},
    {(uint32_t)ID_PING_DELAY, "ping_delay_disconnect"},
    {(uint32_t)ID_DESTROY_SESSION, "destroy_session"},
    {(uint32_t)ID_DESTROY_KEY, "destroy_auth_key"},
};

const char *dc_service_name(uint32_t id)
{
	for (size_t i = 0; i < countof(services); i++)
		if (services[i].id == id)
			return services[i].name;
	return NULL;
}

bool dc_is_service(uint32_t id)
{
	return dc_service_name(id) != NULL;
}

static struct dc_server *server_of(const struct dc_session *session)
{
	return session->conn->server;
}

static void send_object(struct dc_session *session, const char *name, const void *object,
			uint32_t len)
{
	struct dc_out *out = dc_out_make(OUT_NOTICE, name, len);

	memcpy(out->body, object, len);
	dc_out_send(session, &out);
}

/* ---- pings ---- */

static void take_ping(struct dc_session *session, uint64_t msg_id, struct tl_reader *r, bool delay)
{
	uint64_t ping_id = tl_read_u64(r);
	int32_t seconds = delay ? tl_read_i32(r) : 0;
	uint8_t pong[20];

	if (!tl_ok(r))
		return;
	if (delay) {
		struct dc_conn *c = session->conn;

		c->disconnect_at =
		    c->server->now + (int64_t)(seconds > 0 ? seconds : 0) * 1000000000;
	}
	store_le32(pong, ID_PONG);
	store_le64(pong + 4, msg_id);
	store_le64(pong + 12, ping_id);
	send_object(session, "pong", pong, sizeof(pong));
}

/* ---- salts ---- */

static void take_get_salts(struct dc_session *session, uint64_t msg_id, struct tl_reader *r)
{
	struct dc_server *s = server_of(session);
	int32_t asked = tl_read_i32(r);
	uint8_t object[20 + 16 * 64], *at = object + 20;
	const struct dc_salt *salts;
	uint32_t count;

	if (!tl_ok(r))
		return;
	asked = asked < 1 ? 1 : asked > 64 ? 64 : asked;
	count = dc_salts_future(s, session->key, &salts, (uint32_t)asked);
	store_le32(object, (uint32_t)ID_FUTURE_SALTS);
	store_le64(object + 4, msg_id);
	store_le32(object + 12, (uint32_t)(dc_clock(s, session->key->dc) / 1000000000));
	store_le32(object + 16, count);
	for (uint32_t i = 0; i < count; i++, at += 16) {
		store_le32(at, (uint32_t)salts[i].since);
		store_le32(at + 4, (uint32_t)salts[i].until);
		store_le64(at + 8, salts[i].value);
	}
	send_object(session, "future_salts", object, (uint32_t)(at - object));
}

/* ---- acks, states, resending ---- */

static void take_acks(struct dc_session *session, struct tl_reader *r)
{
	uint32_t count = tl_read_vector(r, 8);

	if (count > DC_IDS_IN_SERVICE)
		tl_fail(r, TL_COUNT);
	for (uint32_t i = 0; i < count && tl_ok(r); i++)
		dc_session_ack(session, tl_read_u64(r));
}

static uint8_t state_of(const struct dc_session *session, uint64_t msg_id)
{
	const struct dc_seen *seen = dc_seen_find(session, msg_id);
	uint32_t state = STATE_RECEIVED;

	if (seen == NULL) {
		uint32_t last = session->seen_count;

		if (msg_id <= session->forgot)
			return STATE_FORGOTTEN;
		return last > 0 && msg_id > session->seen[last - 1].msg_id ? STATE_FUTURE
									   : STATE_MISSING;
	}
	if ((seen->flags & SEEN_CONTENT) == 0)
		state |= STATE_NO_ACK;
	else if ((seen->flags & (SEEN_QUERY | SEEN_ACKED)) != 0)
		state |= STATE_ACKED;
	if ((seen->flags & (SEEN_QUERY | SEEN_WAITING)) != 0)
		state |= STATE_RPC;
	if (dc_answer_find(session, msg_id) != NULL)
		state |= STATE_ANSWERED;
	return (uint8_t)state;
}

/* msgs_state_info about count ids that r stands before. */
static void send_states(struct dc_session *session, uint64_t msg_id, struct tl_reader *r,
			uint32_t count)
{
	uint8_t info[DC_IDS_IN_SERVICE];
	struct dc_out *out;
	struct tl_writer w;

	for (uint32_t i = 0; i < count; i++)
		info[i] = state_of(session, tl_read_u64(r));
	out = dc_out_make(OUT_NOTICE, "msgs_state_info", 12 + ((count + 4 + 3) & ~3u));
	tl_writer_init(&w, (struct span){out->body, out->len});
	tl_write_u32(&w, ID_STATE_INFO);
	tl_write_u64(&w, msg_id);
	tl_write_bytes(&w, cspan_of(info, count));
	check(!w.full);
	out->len = (uint32_t)tl_written(&w);
	dc_out_send(session, &out);
}

static void take_state_req(struct dc_session *session, uint64_t msg_id, struct tl_reader *r)
{
	uint32_t count = tl_read_vector(r, 8);

	if (count > DC_IDS_IN_SERVICE)
		tl_fail(r, TL_COUNT);
	if (tl_ok(r))
		send_states(session, msg_id, r, count);
}

/* The messages that are still kept go out again; for the rest msgs_state_info. */
static void take_resend_req(struct dc_session *session, uint64_t msg_id, struct tl_reader *r,
			    bool answers)
{
	uint32_t count = tl_read_vector(r, 8);
	struct tl_reader again;
	bool missing = false;

	if (count > DC_IDS_IN_SERVICE)
		tl_fail(r, TL_COUNT);
	again = *r;
	for (uint32_t i = 0; i < count && tl_ok(r); i++) {
		uint64_t id = tl_read_u64(r);

		if (!(answers ? dc_session_answer_again(session, id)
			      : dc_session_again(session, id)))
			missing = true;
		else
			server_of(session)->o.stats->resends++;
	}
	if (tl_ok(r) && missing)
		send_states(session, msg_id, &again, count);
}

/* ---- things that end ---- */

static void take_drop_answer(struct dc_session *session, uint64_t msg_id, struct tl_reader *r)
{
	uint64_t req = tl_read_u64(r);
	struct dc_out *out;
	uint8_t object[20];
	uint32_t len = 4;

	if (!tl_ok(r))
		return;
	out = dc_answer_find(session, req);
	if (out == NULL) {
		store_le32(object, ID_ANSWER_UNKNOWN);
	} else if (out->msg_id == 0) {
		/* Still running as far as the client can see: it gets an error in its place. */
		store_le32(object, (uint32_t)ID_DROPPED_RUNNING);
		list_del(&out->node);
		dc_rpc_error(session, req, out->name, 500, "RPC_ANSWER_DROPPED");
		dc_out_free(out);
	} else {
		store_le32(object, (uint32_t)ID_DROPPED);
		store_le64(object + 4, out->msg_id);
		store_le32(object + 12, out->seq);
		store_le32(object + 16, out->len);
		len = 20;
		dc_session_ack(session, out->msg_id);
	}
	dc_rpc_raw(session, msg_id, "rpc_drop_answer", cspan_of(object, len));
}

static void take_destroy_session(struct dc_session *session, struct tl_reader *r)
{
	struct dc_server *s = server_of(session);
	uint64_t id = tl_read_u64(r);
	uint8_t object[12];
	bool found = false;

	if (!tl_ok(r))
		return;
	list_each_safe (n, tmp, &session->key->sessions) {
		struct dc_session *other = container_of(n, struct dc_session, node);

		if (other->id != id || other == session)
			continue;
		dc_session_drop(s, other);
		found = true;
	}
	store_le32(object, found ? (uint32_t)ID_DESTROY_OK : ID_DESTROY_NONE);
	store_le64(object + 4, id);
	send_object(session, found ? "destroy_session_ok" : "destroy_session_none", object, 12);
}

static void take_destroy_key(struct dc_session *session)
{
	uint8_t object[4];

	store_le32(object, (uint32_t)ID_KEY_DESTROYED);
	send_object(session, "destroy_auth_key_ok", object, 4);
	dc_key_kill(server_of(session), session->key);
}

/* ---- the door ---- */

bool dc_service_take(struct dc_session *session, uint64_t msg_id, uint32_t id, struct cspan body)
{
	struct tl_reader r;

	tl_reader_init(&r, body);
	tl_read_u32(&r);
	switch (id) {
	case ID_ACK:
		take_acks(session, &r);
		break;
	case ID_PING:
	case (uint32_t)ID_PING_DELAY:
		take_ping(session, msg_id, &r, id != ID_PING);
		break;
	case (uint32_t)ID_GET_SALTS:
		take_get_salts(session, msg_id, &r);
		break;
	case (uint32_t)ID_STATE_REQ:
		take_state_req(session, msg_id, &r);
		break;
	case ID_RESEND_REQ:
	case (uint32_t)ID_RESEND_ANS_REQ:
		take_resend_req(session, msg_id, &r, id != ID_RESEND_REQ);
		break;
	case ID_DROP_ANSWER:
		take_drop_answer(session, msg_id, &r);
		break;
	case (uint32_t)ID_DESTROY_SESSION:
		take_destroy_session(session, &r);
		break;
	case (uint32_t)ID_DESTROY_KEY:
		take_destroy_key(session);
		break;
	default:
		return dc_is_service(id); /* infos and http_wait: nothing to do */
	}
	if (!tl_ok(&r))
		dc_violation(server_of(session), RULE_SERVICE);
	return true;
}
