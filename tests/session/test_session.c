/* A session in peace: ids, sequence numbers, answers, acknowledgements, pings, the vectors'
 * conversation. */
#include "tests/session/fixture.h"

#include "proto/session/msgid.h"
#include "proto/session/session_priv.h"
#include "tests/vectors/hex.h"
#include "tests/vectors/message.h"

#include <criterion/criterion.h>

static struct fixture fx, *f = &fx;
static const uint8_t junk[40000];

static void start(void)
{
	fx_start(f);
}

static void stop(void)
{
	fx_end(f);
}

TestSuite(session, .init = start, .fini = stop);

Test(session, msg_ids_of_the_vectors)
{
	for (size_t i = 0; i < countof(vec_msg_id); i++) {
		const struct vec_msg_id *v = &vec_msg_id[i];
		int64_t ns = v->unix_seconds * 1000000000 + v->nanoseconds;
		uint64_t last = 0;

		cr_expect_eq(msgid_next(&last, ns), v->exact);
		cr_expect_eq(msgid_next(&last, ns), v->exact + 4);
		cr_expect_eq(msgid_next(&last, ns - 5000000000), v->exact + 8);
		cr_expect_eq(msgid_time(v->exact), ns);
	}
}

/* The low half must not be empty (vectors, same_instant_three_ids): a key exchange tells whole seconds. */
Test(session, msg_ids_of_whole_seconds)
{
	const uint64_t second = UINT64_C(1) << 32;
	uint64_t last = 0, id;

	for (int64_t s = 0; s < 5; s++) {
		id = msgid_next(&last, (1767225600 + s) * INT64_C(1000000000));
		cr_expect_eq(id >> 32, (uint64_t)(1767225600 + s));
		cr_expect_neq(id % second, 0, "second %d", (int)s);
		cr_expect_eq(id % 4, 0);
	}
	last = 1767225700 * second - 4;
	id = msgid_next(&last, INT64_C(1767225600000000000));
	cr_expect_gt(id % second, 0, "one that follows the last of a second");
	cr_expect_gt(id, 1767225700 * second);
}

Test(session, msg_ids_of_any_time)
{
	static const int64_t times[] = {-1,       0, 1, 999999999, INT64_C(4294967295999999999),
					INT64_MAX};
	uint64_t last = 0;

	for (size_t i = 0; i < countof(times); i++) {
		uint64_t before = last, id = msgid_next(&last, times[i]);

		cr_expect_eq(id % 4, 0);
		cr_expect_gt(id, before);
	}
	for (int64_t ns = 1; ns < 2000000000; ns += 12345677) {
		last = 0;
		cr_expect_leq(ns - msgid_time(msgid_next(&last, ns)), 2);
	}
}

/* Each message of the vector as what it is in this client. */
Test(session, seq_nos_of_the_vector)
{
	uint32_t calls = 0;

	for (size_t i = 0; i < countof(vec_seq_no); i++) {
		if (vec_seq_no[i].content) {
			fx_call(f, calls++);
		} else {
			f->s.acks[f->s.ack_count++] = 5;
			cr_assert(fx_service(f, true));
		}
		cr_expect_eq(f->head.seq_no, vec_seq_no[i].seq_no, "%s", vec_seq_no[i].what);
	}
}

Test(session, ids_rise_while_time_stands_still)
{
	uint64_t last = 0;

	for (uint32_t i = 0; i < 100; i++) {
		uint64_t id = fx_call(f, i);

		cr_expect_gt(id, last);
		cr_expect_eq(id % 4, 0);
		cr_expect_eq(id >> 32, FX_UNIX);
		cr_expect_eq(f->head.salt, f->key.salt);
		cr_expect_eq(f->head.session_id, f->s.id);
		last = id;
	}
	f->now -= 900 * FX_SECOND; /* even when the clock goes back */
	cr_expect_gt(fx_call(f, 100), last);
}

Test(session, result_finds_its_call)
{
	uint64_t a = fx_call(f, 0), b = fx_call(f, 1);

	fx_result(f, b, 0x11223344);
	fx_give(f, fx_id(f), 1);
	cr_assert_eq(fx_next(f), SESSION_RESULT);
	cr_expect_eq(f->ev.call, &f->calls[1]);
	cr_expect_eq(f->ev.body.len, 4);
	cr_expect_eq(load_le32(f->ev.body.at), 0x11223344);
	cr_expect_eq(fx_next(f), -1);
	cr_expect(session_holds(&f->calls[0]));
	cr_expect_not(session_holds(&f->calls[1]));
	fx_result(f, a, 1);
	fx_give(f, fx_id(f), 1);
	cr_expect_eq(fx_next(f), SESSION_RESULT);
	cr_expect_eq(f->s.call_count, 0);
}

Test(session, error_has_code_and_text)
{
	uint64_t id = fx_call(f, 0);

	fx_error(f, id, 420, "FLOOD_WAIT_3");
	fx_give(f, fx_id(f), 1);
	cr_assert_eq(fx_next(f), SESSION_ERROR);
	cr_expect_eq(f->ev.call, &f->calls[0]);
	cr_expect_eq(f->ev.code, 420);
	cr_expect_str_eq(f->ev.text, "FLOOD_WAIT_3");
}

/* Rows: S39 */
Test(session, error_text_is_made_harmless)
{
	char text[400];
	uint64_t id = fx_call(f, 0);

	memset(text, 'A', sizeof(text));
	memcpy(text, "X\n\x1b[2J\x7f\xc3\xa9%s", 11);
	text[399] = '\0';
	fx_error(f, id, -1, text);
	fx_give(f, fx_id(f), 1);
	cr_assert_eq(fx_next(f), SESSION_ERROR);
	cr_expect_eq(strlen(f->ev.text), sizeof(f->ev.text) - 1);
	cr_expect_eq(strncmp(f->ev.text, "X??[2J???%s", 11), 0, "%s", f->ev.text);
	cr_expect_eq(f->ev.code, -1);
}

/* Cut anywhere, an rpc_error is an error without its text, or no answer at all. */
Test(session, error_cut_at_every_byte)
{
	for (size_t cut = 0; cut <= 36; cut += 4) {
		uint64_t id;
		int kind;

		fx_end(f);
		fx_start(f);
		id = fx_call(f, 0);
		fx_error(f, id, 420, "FLOOD_WAIT_3");
		cr_assert_eq(tl_written(&f->w), 36);
		fx_give_bytes(f, fx_id(f), 1, cspan_of(f->body, cut));
		kind = fx_next(f);
		if (cut == 0)
			cr_expect_eq(kind, SESSION_UPDATE);
		else if (cut < 16)
			cr_expect_eq(kind, SESSION_BROKEN);
		else
			cr_expect_eq(kind, SESSION_ERROR);
		cr_expect_eq(f->ev.text[0] != '\0', cut == 36 && kind == SESSION_ERROR);
	}
}

Test(session, unknown_objects_are_updates)
{
	fx_body(f, 0x74ae4240);
	tl_write_u32(&f->w, 77);
	fx_give(f, fx_id(f), 1);
	cr_assert_eq(fx_next(f), SESSION_UPDATE);
	cr_expect_eq(f->ev.body.len, 8);
	cr_expect_eq(f->s.ack_count, 1);
	fx_body(f, 0xdeadbeef);
	fx_give(f, fx_id(f), 2);
	cr_assert_eq(fx_next(f), SESSION_UPDATE);
	cr_expect_eq(f->s.ack_count, 1); /* not content-related */
}

/* Rows: S11 */
Test(session, forgotten_calls_are_acked_and_dropped)
{
	uint64_t id = fx_call(f, 0);

	session_forget(&f->s, &f->calls[0]);
	cr_expect_not(session_holds(&f->calls[0]));
	for (int i = 0; i < 20; i++) { /* far more than the stray limit */
		fx_result(f, id, 1);
		tl_write_raw(&f->w, junk, sizeof(junk));
		fx_give(f, fx_id(f), 1);
		cr_expect_eq(fx_next(f), -1);
	}
	cr_expect_eq(f->s.ack_count, 20);
	session_forget(&f->s, &f->calls[0]); /* again: nothing */
}

Test(session, a_forgotten_verdict_is_not_told)
{
	uint64_t id = fx_call(f, 0);

	fx_bad_salt(f, id, 1);
	fx_give(f, fx_id(f), 0);
	cr_expect_eq(fx_next(f), SESSION_SALT);
	cr_expect(session_holds(&f->calls[0]));
	session_forget(&f->s, &f->calls[0]);
	cr_expect_eq(fx_next(f), -1);
}

/* Rows: S11 */
Test(session, stray_results_break_in_the_end)
{
	for (int i = 0; i < 6; i++) {
		fx_result(f, 4 * (uint64_t)i, 1);
		tl_write_raw(&f->w, junk, sizeof(junk));
		fx_give(f, fx_id(f), 1);
		cr_expect_eq(fx_next(f), -1);
	}
	f->now += 61 * FX_SECOND; /* a minute later it begins anew */
	for (int i = 0; i < 7; i++) {
		fx_result(f, 4 * (uint64_t)i, 1);
		tl_write_raw(&f->w, junk, sizeof(junk));
		fx_give(f, fx_id(f), 1);
		cr_expect_eq(fx_next(f), i < 6 ? -1 : SESSION_BROKEN);
	}
	cr_expect_eq(f->ev.fault, SESSION_STRAY);
}

/* Acknowledgements. */

Test(session, acks_wait_for_company)
{
	struct cspan body;

	for (uint64_t i = 0; i < 15; i++) {
		fx_result(f, fx_call(f, 0), 1);
		fx_give(f, fx_id(f), 1);
		cr_expect_eq(fx_next(f), SESSION_RESULT);
		cr_expect_not(fx_service(f, false));
	}
	cr_expect_gt(session_due(&f->s), f->now);
	fx_result(f, fx_call(f, 0), 1);
	fx_give(f, fx_id(f), 1);
	cr_expect_eq(fx_next(f), SESSION_RESULT);
	cr_expect_leq(session_due(&f->s), f->now);
	cr_assert(fx_service(f, false));
	cr_expect_eq(fx_sent(f, 0, &body), ID_MSGS_ACK);
	cr_expect_eq(load_le32(body.at + 8), 16);
	cr_expect_eq(f->head.seq_no % 2, 0);
	cr_expect_not(fx_service(f, false));
}

Test(session, acks_go_after_a_while_or_by_force)
{
	struct cspan body;

	fx_body(f, 0x74ae4240);
	fx_give(f, fx_id(f), 3);
	fx_drain(f);
	cr_expect_eq(session_due(&f->s), f->now + 10 * FX_SECOND);
	f->now += 10 * FX_SECOND;
	cr_assert(fx_service(f, false));
	cr_expect_eq(fx_sent(f, 0, &body), ID_MSGS_ACK);
	cr_expect_eq(load_le64(body.at + 12), f->server_id | 1);
	cr_expect_not(fx_service(f, true));
	fx_body(f, 0x74ae4240);
	fx_give(f, fx_id(f), 3);
	fx_drain(f);
	cr_expect(fx_service(f, true));
}

Test(session, acks_ride_along)
{
	struct cspan body;

	fx_body(f, 0x74ae4240);
	fx_give(f, fx_id(f), 3);
	fx_drain(f);
	f->s.ping_idle_ns = 60 * FX_SECOND;
	f->s.ack_after_ns = 1000 * FX_SECOND;
	f->s.ack_due_ns = UINT64_MAX;
	f->now += 60 * FX_SECOND;
	cr_assert(fx_service(f, false));
	cr_expect_eq(fx_sent(f, 0, &body), (uint32_t)ID_PING_DELAY);
	cr_expect_eq(fx_sent(f, 1, &body), ID_MSGS_ACK);
}

Test(session, many_acks_take_several_packets)
{
	uint32_t sent = 0, packets = 0;

	for (uint32_t i = 0; i < SESSION_ACKS_MAX + 50; i++) {
		fx_body(f, 0x74ae4240);
		fx_give(f, fx_id(f), 1);
		fx_drain(f);
	}
	while (fx_service(f, false)) {
		struct cspan acks = fx_find(f, ID_MSGS_ACK);

		sent += load_le32(acks.at + 8);
		packets++;
		cr_assert_leq(f->out.len + ENVELOPE_TAILROOM, SESSION_SERVICE_MAX);
	}
	cr_expect_eq(sent, SESSION_ACKS_MAX);
	cr_expect_gt(packets, 1);
}

/* Pings. */

Test(session, ping_and_pong)
{
	struct cspan ping;

	f->s.ping_idle_ns = 60 * FX_SECOND;
	f->now += 60 * FX_SECOND;
	cr_expect_eq(session_due(&f->s), f->now);
	cr_assert(fx_service(f, false));
	ping = fx_find(f, (uint32_t)ID_PING_DELAY);
	cr_assert_eq(ping.len, 16);
	cr_expect_eq(load_le32(ping.at + 12), 75);
	cr_expect_eq(session_silent(&f->s, f->now + 5), 5);
	fx_body(f, ID_PONG);
	tl_write_u64(&f->w, f->head.msg_id);
	tl_write_u64(&f->w, 12345); /* not ours */
	fx_give(f, fx_id(f), 0);
	cr_expect_eq(fx_next(f), -1);
	f->now += 1;
	fx_body(f, ID_PONG);
	tl_write_u64(&f->w, f->head.msg_id);
	tl_write_u64(&f->w, load_le64(ping.at + 4));
	fx_give(f, fx_id(f), 0);
	cr_expect_eq(fx_next(f), SESSION_PONG);
	cr_expect_eq(session_silent(&f->s, f->now + 5), 0);
	cr_expect_eq(f->s.ack_count, 0);
}

Test(session, silence_is_not_silence_while_anything_comes)
{
	f->s.ping_idle_ns = 60 * FX_SECOND;
	f->now += 60 * FX_SECOND;
	cr_assert(fx_service(f, false));
	f->now += 8 * FX_SECOND;
	cr_expect_eq(session_silent(&f->s, f->now), 8 * FX_SECOND);
	fx_body(f, 0x74ae4240);
	fx_give(f, fx_id(f), 1);
	fx_drain(f);
	cr_expect_eq(session_silent(&f->s, f->now + FX_SECOND), 0);
}

Test(session, busy_sessions_ping_sooner)
{
	f->s.ping_idle_ns = 60 * FX_SECOND;
	f->s.ping_busy_ns = 10 * FX_SECOND;
	f->now += 5 * FX_SECOND;
	cr_expect_eq(session_due(&f->s), f->now + 55 * FX_SECOND);
	fx_call(f, 0);
	cr_expect_eq(session_due(&f->s), f->now + 10 * FX_SECOND);
	f->now += 9 * FX_SECOND;
	fx_body(f, 0x74ae4240);
	fx_give(f, fx_id(f), 2);
	fx_drain(f);
	cr_expect_eq(session_due(&f->s), f->now + 10 * FX_SECOND);
}

/* A pong that got lost is not waited for: the server wants the next ping in time, and so do we. */
/* Rows: N6 */
Test(session, a_lost_pong_is_not_the_last)
{
	uint64_t first;

	f->s.ping_idle_ns = 60 * FX_SECOND;
	f->s.ping_busy_ns = 10 * FX_SECOND;
	f->now += 60 * FX_SECOND;
	cr_assert(fx_service(f, false));
	first = f->s.ping_id;
	f->now += FX_SECOND;
	fx_body(f, 0x74ae4240); /* something comes, that does not */
	fx_give(f, fx_id(f), 2);
	fx_drain(f);
	cr_expect_eq(session_due(&f->s), f->now + 59 * FX_SECOND);
	fx_call(f, 0);
	cr_expect_eq(session_due(&f->s), f->now + 10 * FX_SECOND, "who waits for an answer looks");
	f->now += 10 * FX_SECOND;
	cr_assert(fx_service(f, false));
	cr_expect_neq(f->s.ping_id, first);
	cr_expect_eq(session_silent(&f->s, f->now + FX_SECOND), FX_SECOND);
}

/* On a link so thin that the pong takes minutes the server gets its pings all the same. */
/* Rows: N11 */
Test(session, pings_go_on_while_a_pong_is_on_its_way)
{
	f->s.ping_idle_ns = 60 * FX_SECOND;
	f->now += 60 * FX_SECOND;
	cr_assert(fx_service(f, false));
	fx_call(f, 0);
	for (int i = 0; i < 3; i++) {
		f->now += 60 * FX_SECOND;
		session_patience(&f->s, &f->calls[0], f->now);
		cr_expect_leq(session_due(&f->s), f->now);
		cr_assert(fx_service(f, false));
		cr_expect_neq(fx_find(f, (uint32_t)ID_PING_DELAY).len, 0, "%d", i);
	}
	cr_expect(session_holds(&f->calls[0]));
}

/* N9 counts from when the server has the question and can be heard. */
/* Rows: N9 N11 */
Test(session, patience_puts_deadlines_off)
{
	fx_call(f, 0);
	for (int i = 0; i < 10; i++) {
		f->now += 29 * FX_SECOND;
		session_patience(&f->s, &f->calls[0], f->now);
		fx_service(f, false);
		cr_expect_eq(fx_find(f, (uint32_t)ID_STATE_REQ).len, 0, "%d", i);
	}
	f->now += 30 * FX_SECOND;
	cr_assert(fx_service(f, false));
	cr_expect_neq(fx_find(f, (uint32_t)ID_STATE_REQ).len, 0);
	for (int i = 0; i < 10; i++) {
		f->now += 14 * FX_SECOND;
		session_patience(&f->s, &f->calls[0], f->now);
		fx_service(f, false);
		cr_expect_eq(fx_next(f), -1, "%d", i);
	}
	f->now += 16 * FX_SECOND;
	fx_service(f, false);
	cr_expect_eq(fx_next(f), SESSION_BROKEN);
	cr_expect_eq(f->ev.fault, SESSION_STUCK);
}

Test(session, a_new_session_introduces_itself)
{
	struct cspan body;

	fx_end(f);
	fx_start_raw(f);
	session_reconnected(&f->s, f->now);
	cr_expect_eq(session_due(&f->s), 0);
	cr_assert(fx_service(f, false));
	cr_expect_eq(fx_sent(f, 0, &body), (uint32_t)ID_PING_DELAY); /* a message of its own */
	cr_expect_eq(f->out.len, 16);
	cr_expect_eq(f->head.seq_no, 0);
	fx_body(f, ID_PONG);
	tl_write_u64(&f->w, f->head.msg_id);
	tl_write_u64(&f->w, load_le64(body.at + 4));
	fx_give(f, fx_id(f), 0);
	fx_drain(f);
	cr_expect(f->key.offset_known);
	cr_assert(fx_service(f, false)); /* now that the clock is known */
	cr_expect_eq(fx_sent(f, 0, &body), (uint32_t)ID_GET_SALTS);
}

/* Several service messages in one container: ids, sequence numbers, lengths. */
Test(session, service_container_is_well_formed)
{
	const uint8_t *at;
	uint64_t last = 0;
	uint32_t count;

	fx_call(f, 0);
	fx_call(f, 1);
	fx_body(f, 0x74ae4240);
	fx_give(f, fx_id(f), 1);
	fx_drain(f);
	session_reconnected(&f->s, f->now);
	f->key.salts_due_ns = 0;
	f->s.resend_ids[f->s.resend_count++] = 77;
	f->s.destroy_id = 5;
	cr_assert(fx_service(f, false));
	at = buf_at(&f->out);
	cr_assert_eq(load_le32(at), ID_CONTAINER);
	count = load_le32(at + 4);
	cr_expect_eq(count, 6);
	at += 8;
	for (uint32_t i = 0; i < count; i++) {
		cr_expect_gt(load_le64(at), last);
		last = load_le64(at);
		cr_expect_eq(last % 4, 0);
		cr_expect_eq(load_le32(at + 8), 4); /* 2 * 2 calls before */
		at += 16 + load_le32(at + 12);
	}
	cr_expect_eq(at, buf_at(&f->out) + f->out.len);
	cr_expect_gt(f->head.msg_id, last);
	cr_expect_eq(f->head.seq_no, 4);
	cr_expect_eq(fx_find(f, ID_RESEND_REQ).len, 20);
	cr_expect_eq(fx_find(f, (uint32_t)ID_DESTROY).len, 12);
	cr_expect_eq(fx_find(f, (uint32_t)ID_STATE_REQ).len, 28);
}

/* Everything that can be due, as much as there can be of it. */
Test(session, the_largest_service_packet_fits)
{
	for (uint32_t i = 0; i < 200; i++)
		fx_call(f, i);
	for (uint32_t i = 0; i < SESSION_ACKS_MAX; i++)
		f->s.acks[f->s.ack_count++] = i;
	for (uint32_t i = 0; i < 64; i++)
		f->s.resend_ids[f->s.resend_count++] = i;
	session_reconnected(&f->s, f->now);
	f->key.salts_due_ns = 0;
	f->s.destroy_id = 5;
	f->s.info_req_id = 6;
	f->s.info_len = 256;
	cr_assert(fx_service(f, true));
	cr_expect_eq(load_le32(buf_at(&f->out) + 4), 7);
	cr_expect_leq(f->out.len + ENVELOPE_TAILROOM, SESSION_SERVICE_MAX);
	cr_expect_eq(f->out.len % 4, 0);
}

/* New connections and new sessions. */

/* Rows: N17 */
Test(session, reconnecting_asks_about_what_is_open)
{
	uint64_t a = fx_call(f, 0), b = fx_call(f, 1);
	struct cspan req;

	session_reconnected(&f->s, f->now);
	cr_assert(fx_service(f, false));
	req = fx_find(f, (uint32_t)ID_STATE_REQ);
	cr_assert_eq(load_le32(req.at + 8), 2);
	cr_expect_eq(load_le64(req.at + 12), a);
	cr_expect_eq(load_le64(req.at + 20), b);
	cr_expect_neq(fx_find(f, (uint32_t)ID_PING_DELAY).len, 0);
}

Test(session, restarting_gives_all_calls_back)
{
	uint64_t old_id = f->s.id, a = fx_call(f, 0);

	f->calls[1].once = true;
	fx_call(f, 1);
	fx_call(f, 2);
	session_restart(&f->s, 0x1234);
	cr_expect_eq(fx_next(f), SESSION_RESEND);
	cr_expect_eq(f->ev.call, &f->calls[0]);
	cr_expect_eq(fx_next(f), SESSION_UNSURE);
	cr_expect_eq(f->ev.call, &f->calls[1]);
	cr_expect_eq(fx_next(f), SESSION_RESEND);
	cr_expect_eq(f->ev.call, &f->calls[2]);
	cr_expect_eq(fx_next(f), -1);
	fx_call(f, 0);
	cr_expect_eq(f->head.seq_no, 1);
	cr_expect_eq(f->head.session_id, 0x1234);
	cr_assert(fx_service(f, false));
	cr_expect_eq(load_le64(fx_find(f, (uint32_t)ID_DESTROY).at + 4), old_id);
	/* what still comes for the old session is not looked at */
	f->s.id = old_id;
	fx_result(f, a, 1);
	{
		struct envelope_head head = {.session_id = old_id, .msg_id = fx_id(f), .seq_no = 1};

		f->s.id = 0x1234;
		session_consume(&f->s, &head, cspan_of(f->body, 16), f->now,
				(struct span){NULL, 0});
	}
	cr_expect_eq(fx_next(f), -1);
	cr_expect_not(f->s.broken);
}

Test(session, a_broken_session_is_deaf_and_dumb)
{
	fx_call(f, 0);
	fx_body(f, 0x74ae4240);
	fx_give(f, fx_id(f) + 1, 1); /* even */
	cr_expect_eq(fx_next(f), SESSION_BROKEN);
	cr_expect_eq(fx_next(f), -1);
	cr_expect_eq(session_due(&f->s), UINT64_MAX);
	cr_expect_not(fx_service(f, true));
	fx_result(f, f->calls[0].msg_id, 1);
	fx_give(f, fx_id(f), 1);
	cr_expect_eq(fx_next(f), -1);
	session_reconnected(&f->s, f->now);
	fx_result(f, f->calls[0].msg_id, 1);
	fx_give(f, fx_id(f), 1);
	cr_expect_eq(fx_next(f), SESSION_RESULT);
}

/* The conversation t1 .. t5 of the vectors. */

static const struct vec_message *vec_named(const char *name)
{
	for (size_t i = 0; i < countof(vec_message); i++)
		if (strcmp(vec_message[i].name, name) == 0)
			return &vec_message[i];
	cr_assert_fail("no message %s", name);
	return NULL;
}

static void hear(const char *name)
{
	static uint8_t mem[1024];
	struct buf packet;
	struct envelope_job job = {.packet = &packet, .key = &f->key.key, .dir = MSG_FROM_SERVER};

	buf_init(&packet, mem, sizeof(mem), 0);
	buf_put(&packet, (uint32_t)vec_bytes(mem, sizeof(mem), vec_named(name)->packet));
	envelope_open_batch(&job, 1);
	cr_assert_eq(job.fault, ENVELOPE_SOUND);
	session_consume(&f->s, &job.head, buf_view(&packet), f->now, (struct span){NULL, 0});
}

static void expect_head(const char *name)
{
	const struct vec_message *v = vec_named(name);
	uint8_t raw[8] = {0};

	vec_bytes(raw, 8, v->salt);
	cr_expect_eq(f->head.salt, load_le64(raw), "%s", name);
	vec_bytes(raw, 8, v->session_id);
	cr_expect_eq(f->head.session_id, load_le64(raw), "%s", name);
	cr_expect_eq(f->head.msg_id, v->msg_id, "%s", name);
	cr_expect_eq(f->head.seq_no, v->seq_no, "%s", name);
}

/* The next id will be this one: the clock stands before it. */
static void aim(uint64_t msg_id)
{
	f->now = 1000 * FX_SECOND + ((msg_id >> 32) - (uint64_t)FX_UNIX) * FX_SECOND;
	f->key.offset_ns = f->server_ns;
	f->s.last_msg_id = msg_id - 4;
}

Test(session, conversation_of_the_vectors)
{
	uint8_t raw[256] = {0};
	struct cspan body;

	fx_end(f);
	fx_start_raw(f);
	vec_bytes(f->key.key.key, 256, VEC_KEY_EXCHANGED);
	authkey_finish(&f->key.key);
	vec_bytes(raw, 8, vec_named("t1_first_query")->salt);
	f->key.salt = load_le64(raw);
	vec_bytes(raw, 8, vec_named("t1_first_query")->session_id);
	f->s.id = load_le64(raw);
	f->key.salts_due_ns = UINT64_MAX;

	aim(0x6955b90111111110);
	fx_call(f, 0);
	expect_head("t1_first_query");
	hear("t2_bad_server_salt");
	cr_expect_eq(fx_next(f), SESSION_SALT);
	cr_expect_eq(fx_next(f), SESSION_RESEND);
	cr_expect_eq(f->ev.call, &f->calls[0]);
	cr_expect_eq(fx_next(f), -1);

	aim(0x6955b90133333330); /* the query of t3; here it travels alone */
	fx_call(f, 0);
	cr_expect_eq(f->head.seq_no, 3);
	aim(0x6955b90133333334);
	cr_assert(fx_service(f, false));
	cr_expect_eq(f->head.seq_no, 4);
	f->s.ping_id = 7; /* the number in the vector's ping */
	hear("t4_server_container");
	cr_expect_eq(fx_next(f), SESSION_CREATED);
	cr_expect_eq(fx_next(f), SESSION_ERROR);
	cr_expect_eq(f->ev.code, 420);
	cr_expect_str_eq(f->ev.text, "FLOOD_WAIT_3");
	cr_expect_eq(f->ev.call, &f->calls[0]);
	cr_expect_eq(fx_next(f), SESSION_PONG);
	cr_expect_eq(fx_next(f), -1);

	aim(0x6955b90310000000);
	f->s.ping_sent_ns = f->now;
	cr_assert(fx_service(f, true));
	expect_head("t5_ack");
	cr_expect_eq(fx_sent(f, 0, &body), ID_MSGS_ACK);
	cr_expect(vec_equal(body.at, body.len, vec_named("t5_ack")->body));
}

/* A packet of a real server: its container, its clock. */
Test(session, container_of_a_real_server)
{
	uint8_t raw[8] = {0};

	fx_end(f);
	fx_start_raw(f);
	vec_bytes(f->key.key.key, 256, VEC_KEY_LIVE);
	authkey_finish(&f->key.key);
	vec_bytes(raw, 8, vec_named("container_from_server")->session_id);
	f->s.id = load_le64(raw);
	f->s.ping_id = 0x300864;
	hear("container_from_server");
	cr_expect_eq(fx_next(f), SESSION_CREATED);
	cr_expect_eq(fx_next(f), SESSION_SALT);
	cr_expect_eq(f->key.salt, 0xfd288b24026a82fc);
	cr_expect_eq(fx_next(f), SESSION_PONG);
	cr_expect_eq(fx_next(f), -1);
	cr_expect_eq(session_server_time(&f->key, f->now), 0x5e308b91);
	cr_expect_eq(f->s.ack_count, 1);
}
