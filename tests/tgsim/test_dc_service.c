/*
 * Service messages at the server: pings, salts, states, resending, dropped answers, ends of
 * sessions and keys; and what a server does by itself when acks or connections fail.
 */
#include "tests/tgsim/dc_fixture.h"

#include <criterion/criterion.h>

static struct sim sim;
static struct client *c;
static struct body b;

static void setup(void)
{
	fx_open(&sim, NULL);
	c = fx_client(&sim, 2, TRANSPORT_INTERMEDIATE, false);
}

static void teardown(void)
{
	fx_close(&sim);
}

TestSuite(dc_service, .init = setup, .fini = teardown);

static uint64_t ask(struct client *k)
{
	uint64_t id = fx_send(k, body_query(&b, 228, Q_NEAREST), true);

	fx_tick(&sim, 0);
	return id;
}

/* A service message with a vector of one id. */
static uint64_t send_ids(uint32_t what, uint64_t msg_id)
{
	struct tl_writer *w = body_start(&b, what);
	uint64_t id;

	tl_write_u32(w, TL_VECTOR);
	tl_write_u32(w, 1);
	tl_write_u64(w, msg_id);
	id = fx_send(c, body_end(&b), false);
	fx_tick(&sim, 0);
	return id;
}

static uint64_t send_long(uint32_t what, uint64_t value)
{
	uint64_t id;

	tl_write_u64(body_start(&b, what), value);
	id = fx_send(c, body_end(&b), false);
	fx_tick(&sim, 0);
	return id;
}

static uint64_t answer_id(void)
{
	const struct got *g = fx_find(c, (uint32_t)ID_RPC_RESULT);

	cr_assert_not_null(g);
	return g->msg_id;
}

static uint8_t state(uint64_t msg_id)
{
	const struct got *g;

	fx_clear(c);
	send_ids((uint32_t)ID_STATE_REQ, msg_id);
	g = fx_find(c, ID_STATE_INFO);
	cr_assert_not_null(g);
	cr_assert_eq(g->body[12], 1, "one byte a message");
	return g->body[13];
}

Test(dc_service, ping_is_answered_by_a_bare_pong)
{
	uint64_t id = send_long(ID_PING, 0xabcdef);
	const struct got *pong = fx_find(c, ID_PONG);

	cr_assert_eq(load_le64(pong->body + 4), id);
	cr_assert_eq(load_le64(pong->body + 12), 0xabcdef);
	cr_assert_eq(pong->seq % 2, 0);
	cr_assert_eq(pong->msg_id % 4, 1);
}

Test(dc_service, ping_delay_disconnect_closes_when_silent)
{
	for (int i = 0; i < 3; i++) {
		tl_write_u64(body_start(&b, (uint32_t)ID_PING_DELAY), 1);
		tl_write_u32(&b.w, 75);
		fx_send(c, body_end(&b), false);
		fx_tick(&sim, 60 * FX_SECOND);
		cr_assert_not_null(c->conn);
	}
	fx_tick(&sim, 74 * FX_SECOND);
	cr_assert_not_null(c->conn);
	fx_tick(&sim, FX_SECOND);
	cr_assert_null(c->conn);
}

Test(dc_service, future_salts_are_good_when_their_time_comes)
{
	const struct got *g;
	const uint8_t *at;
	uint64_t id;

	tl_write_u32(body_start(&b, (uint32_t)ID_GET_SALTS), 64);
	id = fx_send(c, body_end(&b), false);
	fx_tick(&sim, 0);
	g = fx_find(c, (uint32_t)ID_FUTURE_SALTS);
	cr_assert_not_null(g);
	cr_assert_eq(g->len, 20 + 64 * 16);
	cr_assert_eq(load_le64(g->body + 4), id);
	cr_assert_eq(load_le32(g->body + 12), sim.now / FX_SECOND);
	cr_assert_eq(load_le32(g->body + 16), 64);
	cr_assert_eq(load_le64(g->body + 28), c->salt, "the present one comes first");
	at = g->body + 20 + 16 * 40;
	sim.now = (int64_t)load_le32(at) * FX_SECOND;
	c->salt = load_le64(at + 8);
	fx_clear(c);
	id = ask(c);
	cr_assert_gt(fx_result(c, id).len, 0);
}

Test(dc_service, states)
{
	uint64_t unknown = fx_id(c), id = ask(c);

	cr_assert_eq(state(id), 4 + 8 + 32 + 64, "received, answered, answer not yet acked");
	cr_assert_eq(state(unknown), 2);
	cr_assert_eq(state(fx_id(c) + (UINT64_C(20) << 32)), 3);
	cr_assert_eq(sim.stub.calls, 1);
}

Test(dc_service, state_after_the_session_was_lost)
{
	uint64_t id = ask(c), next;

	dc_forget_sessions(sim.server);
	fx_clear(c);
	next = ask(c);
	cr_assert_not_null(fx_find(c, (uint32_t)ID_NEW_SESSION));
	cr_assert_eq(load_le64(fx_find(c, (uint32_t)ID_NEW_SESSION)->body + 4), next);
	cr_assert_neq(state(id) & 7, 4);
}

Test(dc_service, resend_request_brings_the_message_again)
{
	uint64_t id = ask(c), answer = answer_id();

	fx_clear(c);
	send_ids(ID_RESEND_REQ, answer);
	cr_assert_gt(fx_result(c, id).len, 0);
	cr_assert_eq(answer_id(), answer);
	fx_clear(c);
	send_ids((uint32_t)ID_RESEND_ANS_REQ, id);
	cr_assert_eq(answer_id(), answer);
	send_ids(ID_ACK, answer);
	fx_clear(c);
	send_ids(ID_RESEND_REQ, answer);
	cr_assert_eq(fx_result(c, id).len, 0);
	cr_assert_not_null(fx_find(c, ID_STATE_INFO), "what is gone is told by state");
}

Test(dc_service, unacknowledged_answers_come_again)
{
	uint64_t id = ask(c), answer = answer_id();

	fx_clear(c);
	fx_tick(&sim, 14 * FX_SECOND);
	cr_assert_eq(fx_result(c, id).len, 0);
	cr_assert_leq(dc_due(sim.server), sim.now + FX_SECOND);
	fx_tick(&sim, FX_SECOND);
	cr_assert_gt(fx_result(c, id).len, 0);
	cr_assert_eq(answer_id(), answer);
	send_ids(ID_ACK, answer);
	send_ids(ID_ACK, c->got[1].msg_id);
	fx_clear(c);
	fx_tick(&sim, 200 * FX_SECOND);
	cr_assert_eq(fx_result(c, id).len, 0);
}

static uint64_t ask_file(uint32_t limit)
{
	struct tl_writer *w = body_start(&b, 0xbf9459b7);
	uint64_t id;

	tl_write_u32(w, 0xbe5335be); /* upload.getFile */
	tl_write_u32(w, 0);
	tl_write_u32(w, 0xbad07584); /* inputDocumentFileLocation */
	tl_write_u64(w, 1);
	tl_write_u64(w, 2);
	tl_write_bytes(w, cspan_str("ref"));
	tl_write_bytes(w, cspan_str(""));
	tl_write_u64(w, 4096);
	tl_write_u32(w, limit);
	id = fx_send(c, body_end(&b), true);
	fx_tick(&sim, 0);
	return id;
}

Test(dc_service, big_answers_are_announced_and_sent_on_request)
{
	uint64_t id, answer;
	const struct got *info;
	struct cspan file;

	ask(c);
	send_ids(ID_ACK, answer_id());
	fx_clear(c);
	id = ask_file(1 << 20);
	answer = answer_id();
	fx_clear(c);
	fx_tick(&sim, 16 * FX_SECOND);
	info = fx_find(c, ID_DETAILED);
	cr_assert_not_null(info);
	cr_assert_eq(load_le64(info->body + 4), id);
	cr_assert_eq(load_le64(info->body + 12), answer);
	cr_assert_eq(fx_result(c, id).len, 0);
	send_ids(ID_RESEND_REQ, answer);
	file = fx_result(c, id);
	cr_assert_eq(file.len, 16 + (1 << 20));
	for (uint32_t i = 0; i < 1 << 20; i += 4099)
		cr_assert_eq(file.at[16 + i], (uint8_t)((4096 + i) * 31 >> 3));
}

Test(dc_service, file_parts_of_every_small_size)
{
	ask(c);
	for (uint32_t len = 0; len < 300; len += len < 8 ? 1 : 123) {
		uint64_t id = ask_file(len);
		struct tl_reader r;
		struct cspan bytes;

		tl_reader_init(&r, fx_result(c, id));
		cr_assert_eq(tl_read_u32(&r), ID_UPLOAD_FILE);
		tl_read_u64(&r);
		bytes = tl_read_bytes(&r);
		cr_assert(tl_ok(&r) && tl_left(&r) == 0);
		cr_assert_eq(bytes.len, len);
	}
	cr_assert_eq(sim.stats.file_bytes_out, 0 + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 131 + 254);
}

Test(dc_service, drop_answer_in_its_three_forms)
{
	uint64_t id, drop;
	struct cspan result;

	id = ask(c);
	drop = send_long(ID_DROP_ANSWER, id);
	result = fx_result(c, drop);
	cr_assert_eq(load_le32(result.at), (uint32_t)ID_DROPPED);
	cr_assert_eq(load_le64(result.at + 4), answer_id());
	drop = send_long(ID_DROP_ANSWER, id);
	cr_assert_eq(load_le32(fx_result(c, drop).at), ID_ANSWER_UNKNOWN);
	sim.stub.delay_ns = 5 * FX_SECOND;
	id = ask(c);
	drop = send_long(ID_DROP_ANSWER, id);
	cr_assert_eq(load_le32(fx_result(c, drop).at), (uint32_t)ID_DROPPED_RUNNING);
	cr_assert_str_eq(fx_error(c, id, NULL), "RPC_ANSWER_DROPPED");
}

Test(dc_service, destroy_session)
{
	struct client *other = fx_again(c, true);

	ask(c);
	ask(other);
	send_long((uint32_t)ID_DESTROY_SESSION, other->session_id);
	cr_assert_eq(load_le64(fx_find(c, (uint32_t)ID_DESTROY_OK)->body + 4), other->session_id);
	send_long((uint32_t)ID_DESTROY_SESSION, other->session_id);
	cr_assert_not_null(fx_find(c, ID_DESTROY_NONE));
	fx_clear(other);
	ask(other);
	cr_assert_not_null(fx_find(other, (uint32_t)ID_NEW_SESSION), "it begins anew");
	fx_clear(c);
	send_long((uint32_t)ID_DESTROY_SESSION, c->session_id);
	cr_assert_not_null(fx_find(c, ID_DESTROY_NONE), "not its own");
}

Test(dc_service, destroy_auth_key)
{
	body_start(&b, (uint32_t)ID_DESTROY_KEY);
	fx_send(c, body_end(&b), true);
	fx_tick(&sim, 0);
	cr_assert_not_null(fx_find(c, (uint32_t)ID_KEY_DESTROYED));
	ask(c);
	cr_assert_eq(c->codes[0], -404);
}

Test(dc_service, http_wait_and_infos_are_let_pass)
{
	tl_write_raw(body_start(&b, (uint32_t)ID_HTTP_WAIT), "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
	fx_send(c, body_end(&b), false);
	send_long(ID_STATE_INFO, 5);
	cr_assert_eq(fx_count(c, (uint32_t)ID_BAD_MSG), 0);
	cr_assert_not_null(c->conn);
}

Test(dc_service, malformed_service_messages_are_counted)
{
	struct tl_writer *w = body_start(&b, ID_ACK);

	tl_write_u32(w, TL_VECTOR);
	tl_write_u32(w, 0x7fffffff);
	fx_send(c, body_end(&b), false);
	body_start(&b, ID_PING);
	fx_send(c, body_end(&b), false);
	fx_tick(&sim, 0);
	cr_assert_eq(sim.stats.violations[RULE_SERVICE], 2);
	cr_assert_not_null(c->conn);
}

/* ---- connections that end ---- */

Test(dc_service, answers_wait_for_the_next_connection)
{
	struct client *again;
	uint64_t lost, delayed;

	lost = fx_send(c, body_query(&b, 228, Q_NEAREST), true);
	dc_tick(sim.server, sim.now); /* executed, but nothing is read any more */
	sim.stub.delay_ns = FX_SECOND;
	delayed = fx_send(c, body_query(&b, 228, Q_NEAREST), true);
	dc_tick(sim.server, sim.now);
	fx_disconnect(c);
	again = fx_again(c, false);
	tl_write_u64(body_start(&b, ID_PING), 1);
	fx_send(again, body_end(&b), false);
	fx_tick(&sim, 2 * FX_SECOND);
	cr_assert_gt(fx_result(again, lost).len, 0);
	cr_assert_gt(fx_result(again, delayed).len, 0);
	cr_assert_eq(sim.stub.calls, 2);
	cr_assert_eq(fx_count(again, (uint32_t)ID_NEW_SESSION), 1, "that one was lost as well");
}

/* The first words on the new connection: what was meant to be sent again was read already. */
Test(dc_service, acknowledged_on_the_next_connection_does_not_come_again)
{
	uint64_t id = ask(c), answer = answer_id();
	struct client *again;
	struct tl_writer *w;

	fx_disconnect(c);
	again = fx_again(c, false);
	w = body_start(&b, ID_ACK);
	tl_write_u32(w, TL_VECTOR);
	tl_write_u32(w, 1);
	tl_write_u64(w, answer);
	fx_send(again, body_end(&b), false);
	fx_tick(&sim, 0);
	fx_tick(&sim, 100 * FX_SECOND);
	cr_assert_eq(fx_result(again, id).len, 0);
}

Test(dc_service, several_sessions_on_one_connection)
{
	uint64_t first = c->session_id, id1 = ask(c), id2;

	c->session_id = first + 1;
	c->content = 0;
	id2 = ask(c);
	cr_assert_gt(fx_result(c, id1).len, 0);
	cr_assert_gt(fx_result(c, id2).len, 0);
	cr_assert_eq(fx_count(c, (uint32_t)ID_NEW_SESSION), 2);
	cr_assert_eq(sim.server->session_count, 2);
}

Test(dc_service, the_oldest_idle_session_makes_room)
{
	for (int i = 0; i < DC_SESSIONS_MAX + 5; i++) {
		struct client *k = fx_again(c, true);

		k->session_id = (uint64_t)(i + 1) << 20;
		tl_write_u64(body_start(&b, ID_PING), 1);
		fx_send(k, body_end(&b), false);
		dc_tick(sim.server, sim.now);
		fx_disconnect(k);
		fx_clear(k);
		sim.client_count--;
		free(k->in);
		free(k);
	}
	cr_assert_eq(sim.server->session_count, DC_SESSIONS_MAX);
}
