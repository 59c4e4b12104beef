/*
 * What the server says about messages (messages.md 5 to 9): refusals by code, salts, sessions made
 * anew, states, answers kept, and calls that never end.
 */
#include "tests/session/fixture.h"

#include "proto/session/msgid.h"
#include "proto/session/session_priv.h"

#include <criterion/criterion.h>

static struct fixture fx, *f = &fx;

static void start(void)
{
	fx_start(f);
}

static void stop(void)
{
	fx_end(f);
}

TestSuite(notices, .init = start, .fini = stop);

static void give_bad(uint64_t msg_id, int32_t code)
{
	fx_bad_msg(f, msg_id, code);
	fx_give(f, fx_id(f), 0);
}

static void give_salt(uint64_t msg_id, uint64_t salt)
{
	fx_bad_salt(f, msg_id, salt);
	fx_give(f, fx_id(f), 0);
}

static void give_detailed(uint64_t msg_id, uint64_t answer_id)
{
	struct tl_writer *w = fx_body(f, msg_id != 0 ? ID_DETAILED : (uint32_t)ID_NEW_DETAILED);

	if (msg_id != 0)
		tl_write_u64(w, msg_id);
	tl_write_u64(w, answer_id);
	tl_write_u32(w, 100000);
	tl_write_u32(w, 0);
	fx_give(f, fx_id(f), 2);
	cr_expect_eq(fx_next(f), -1);
}

static void answer(uint32_t i)
{
	fx_result(f, f->calls[i].msg_id, 1);
	fx_give(f, fx_id(f), 1);
	cr_assert_eq(fx_next(f), SESSION_RESULT);
	cr_assert_eq(fx_next(f), -1);
}

/* bad_server_salt. */

/* Rows: S1 */
Test(notices, wrong_salt_is_replaced_and_the_call_sent_again)
{
	f->calls[0].once = true; /* it surely did not run */
	give_salt(fx_call(f, 0), 0xabc);
	cr_expect_eq(fx_next(f), SESSION_SALT);
	cr_expect_eq(fx_next(f), SESSION_RESEND);
	cr_expect_eq(f->ev.call, &f->calls[0]);
	cr_expect_eq(fx_next(f), -1);
	cr_expect_eq(f->s.ack_count, 0);
	fx_call(f, 0);
	cr_expect_eq(f->head.salt, 0xabc);
	cr_expect_eq(f->head.seq_no, 3); /* a new message, with a new number */
	answer(0);
}

/* All that was in flight is refused, and that is no fault: one round trip. */
/* Rows: S1 */
Test(notices, one_change_of_salt_refuses_many)
{
	for (uint32_t i = 0; i < 64; i++)
		fx_call(f, i);
	for (uint32_t i = 0; i < 64; i++) {
		give_salt(f->calls[i].msg_id, 0xabc);
		if (i == 0)
			cr_expect_eq(fx_next(f), SESSION_SALT);
		cr_expect_eq(fx_next(f), SESSION_RESEND);
		cr_expect_eq(fx_next(f), -1);
	}
	cr_expect_not(f->s.broken);
}

Test(notices, salts_that_change_all_the_time)
{
	for (uint64_t salt = 1; salt < 1000; salt++) {
		give_salt(fx_call(f, 0), salt + 100000);
		cr_assert_eq(fx_next(f), SESSION_SALT);
		cr_assert_eq(fx_next(f), SESSION_RESEND);
		fx_call(f, 0);
		cr_assert_eq(f->head.salt, salt + 100000);
		answer(0);
	}
}

/* Rows: S1 */
Test(notices, salts_refused_again_and_again_break)
{
	for (uint64_t i = 0; i < 4; i++) {
		give_salt(fx_call(f, 0), 0xabc0 + i % 2);
		if (i < 3) {
			cr_expect_eq(fx_next(f), SESSION_SALT);
			cr_expect_eq(fx_next(f), SESSION_RESEND);
		} else {
			cr_expect_eq(fx_next(f), SESSION_BROKEN);
			cr_expect_eq(f->ev.fault, SESSION_REFUSED);
		}
	}
	session_reconnected(&f->s, f->now);
	cr_expect(session_holds(&f->calls[0]));
	answer(0);
}

/* The same salt, refused for ever. */
Test(notices, a_salt_refused_by_its_own_name_breaks)
{
	f->key.salt = 0xabc;
	for (int i = 0; i < 4; i++) {
		give_salt(fx_call(f, 0), 0xabc);
		cr_expect_eq(fx_next(f), i < 3 ? SESSION_RESEND : SESSION_BROKEN);
	}
}

/* Rows: S7 */
Test(notices, refusals_of_strangers_are_ignored)
{
	uint64_t salt = f->key.salt, id = fx_call(f, 0);

	for (int32_t code = 0; code < 70; code++) {
		give_bad(id + 4, code);
		cr_expect_eq(fx_next(f), -1, "%d", code);
	}
	give_salt(0, 1);
	cr_expect_eq(fx_next(f), -1);
	give_salt(id - 4, 1);
	cr_expect_eq(fx_next(f), -1);
	cr_expect_eq(f->key.salt, salt);
	cr_expect_eq(f->s.unknown, 72);
	cr_expect(session_holds(&f->calls[0]));
}

/* A refused service message: its questions are asked again with the right salt. */
Test(notices, refused_service_is_said_again)
{
	struct cspan body;

	fx_call(f, 0);
	f->key.salts_due_ns = 0;
	session_reconnected(&f->s, f->now);
	cr_assert(fx_service(f, false));
	cr_expect_eq(fx_sent(f, 2, &body), (uint32_t)ID_GET_SALTS);
	cr_expect_not(fx_service(f, false));
	give_salt(f->head.msg_id, 0xabc);
	cr_expect_eq(fx_next(f), SESSION_SALT);
	cr_expect_eq(fx_next(f), -1);
	cr_assert(fx_service(f, false));
	cr_expect_eq(f->head.salt, 0xabc);
	cr_expect_neq(fx_find(f, (uint32_t)ID_STATE_REQ).len, 0);
	cr_expect_neq(fx_find(f, (uint32_t)ID_PING_DELAY).len, 0);
	cr_expect_neq(fx_find(f, (uint32_t)ID_GET_SALTS).len, 0);
	cr_expect_eq(f->calls[0].asks, 1);
}

/* The same for what was said once only: an answer that is there, its state, a session that ended. */
/* Rows: S9 */
Test(notices, a_refused_request_for_an_answer_is_said_again)
{
	uint64_t id = fx_call(f, 0), answer = fx_id(f), state, refused;

	give_detailed(id, answer);
	fx_ids(f, (uint32_t)ID_STATE_REQ, &answer, 1);
	state = fx_id(f);
	fx_give(f, state, 2);
	cr_expect_eq(fx_next(f), -1);
	f->s.destroy_id = 77;
	cr_assert(fx_service(f, false));
	refused = f->head.msg_id;
	cr_expect_neq(fx_find(f, ID_RESEND_REQ).len, 0);
	cr_expect_not(fx_service(f, false));
	give_salt(refused + 400, 0xabb); /* not about that one */
	fx_drain(f);
	cr_expect_not(fx_service(f, false));
	give_salt(refused, 0xabc);
	fx_drain(f);
	cr_assert(fx_service(f, false), "nothing is asked again");
	cr_expect_eq(f->head.salt, 0xabc);
	cr_assert_neq(fx_find(f, ID_RESEND_REQ).len, 0, "the answer is not asked for again");
	cr_expect_eq(load_le64(fx_find(f, ID_RESEND_REQ).at + 12), answer);
	cr_assert_neq(fx_find(f, ID_STATE_INFO).len, 0);
	cr_expect_eq(load_le64(fx_find(f, ID_STATE_INFO).at + 4), state);
	cr_assert_neq(fx_find(f, (uint32_t)ID_DESTROY).len, 0);
	cr_expect_eq(load_le64(fx_find(f, (uint32_t)ID_DESTROY).at + 4), 77);
	give_salt(refused, 0xabd); /* said again once for one refusal */
	fx_drain(f);
	fx_service(f, false);
	cr_expect_eq(fx_find(f, ID_RESEND_REQ).len, 0);
}

/* One message of the packet may be refused alone. What came meanwhile is not asked for again. */
/* Rows: S9 */
Test(notices, a_refused_request_for_an_answer_that_came_is_not)
{
	uint64_t id = fx_call(f, 0), answer = fx_id(f), later = answer + 400, inner;
	struct cspan body;

	give_detailed(id, answer);
	give_detailed(0, later);
	f->s.ack_due_ns = 0;
	session_ack(&f->s, answer - 400);
	cr_assert(fx_service(f, true));
	body = fx_find(f, ID_RESEND_REQ);
	inner = load_le64(body.at - 16);
	fx_result(f, id, 1);
	fx_give(f, answer, 1);
	cr_expect_eq(fx_next(f), SESSION_RESULT);
	give_bad(inner, 16);
	fx_drain(f);
	cr_assert(fx_service(f, false), "nothing is asked again");
	body = fx_find(f, ID_RESEND_REQ);
	cr_assert_neq(body.len, 0);
	cr_expect_eq(load_le32(body.at + 8), 1);
	cr_expect_eq(load_le64(body.at + 12), later);
}

/* bad_msg_notification. */

/* Rows: S2 S3 */
Test(notices, clocks_of_any_skew_are_repaired)
{
	for (int skew = -1000; skew < 1000; skew += 2) { /* a thousand of them, seven days each way */
		int64_t off = skew * INT64_C(604800000000000) / 1000;
		int trips = 0;
		bool done = false;

		fx_end(f);
		fx_start_raw(f);
		f->key.offset_ns += off;
		while (!done && trips++ < 3) {
			uint64_t id = fx_call(f, 0);
			int64_t ahead = msgid_time(id) - ((int64_t)f->now + f->server_ns);
			uint64_t notice;

			if (ahead >= -INT64_C(300000000000) && ahead <= INT64_C(30000000000)) {
				fx_result(f, id, 1);
				fx_give(f, fx_id(f), 1);
				cr_assert_eq(fx_next(f), SESSION_RESULT);
				done = true;
				break;
			}
			notice = fx_id(f);
			fx_bad_msg(f, id, ahead < 0 ? 16 : 17);
			fx_give(f, notice, 0);
			if (ahead > 0) {
				cr_assert_eq(fx_next(f), SESSION_RENEW);
				cr_expect_eq(f->ev.code, 17);
				session_restart(&f->s, (uint64_t)skew + 5000);
			}
			cr_assert_eq(fx_next(f), SESSION_RESEND);
			cr_assert_eq(fx_next(f), -1);
		}
		cr_expect(done);
		cr_expect_leq(trips, 2, "skew %d", skew);
	}
}

Test(notices, a_clock_that_stays_wrong_breaks)
{
	for (int i = 0; i < 5; i++) {
		give_bad(fx_call(f, 0), 16);
		cr_expect_eq(fx_next(f), i < 3 ? SESSION_RESEND : SESSION_BROKEN);
		if (i == 3)
			break;
	}
	cr_expect_eq(f->ev.fault, SESSION_REFUSED);
}

/* Rows: S4 */
Test(notices, too_old_is_repeated_unless_it_may_not)
{
	f->calls[1].once = true;
	give_bad(fx_call(f, 0), 20);
	cr_expect_eq(fx_next(f), SESSION_RESEND);
	give_bad(fx_call(f, 1), 20);
	cr_expect_eq(fx_next(f), SESSION_UNSURE);
	cr_expect_eq(f->ev.call, &f->calls[1]);
}

/* Rows: S3 S5 S6 */
Test(notices, codes_that_need_a_new_session)
{
	static const int32_t codes[] = {17, 18, 19, 32, 33, 34, 35, 64};

	for (size_t i = 0; i < countof(codes); i++) {
		fx_end(f);
		fx_start(f);
		f->calls[0].once = f->calls[1].once = true;
		fx_call(f, 1);
		give_bad(fx_call(f, 0), codes[i]);
		cr_expect_eq(fx_next(f), SESSION_RENEW, "%d", codes[i]);
		cr_expect_eq(f->ev.fault, SESSION_BAD_MSG);
		cr_expect_eq(f->ev.code, codes[i]);
		cr_expect_eq(session_due(&f->s), UINT64_MAX); /* nothing more in the old one */
		session_restart(&f->s, 77);
		cr_expect_eq(fx_next(f), SESSION_RESEND); /* that one was refused */
		cr_expect_eq(f->ev.call, &f->calls[0]);
		cr_expect_eq(fx_next(f), SESSION_UNSURE);
		cr_expect_eq(f->ev.call, &f->calls[1]);
		cr_expect_eq(fx_next(f), -1);
		fx_call(f, 0);
		cr_expect_eq(f->head.seq_no, 1);
		answer(0);
	}
}

Test(notices, one_renewal_at_a_time)
{
	fx_call(f, 0);
	fx_call(f, 1);
	give_bad(f->calls[0].msg_id, 32);
	cr_expect_eq(fx_next(f), SESSION_RENEW);
	cr_expect_eq(fx_next(f), SESSION_RESEND);
	cr_expect_eq(fx_next(f), -1);
	give_bad(f->calls[1].msg_id, 32);
	cr_expect_eq(fx_next(f), SESSION_RESEND);
	cr_expect_eq(fx_next(f), -1);
}

/* Rows: S7 */
Test(notices, unknown_codes_are_ignored)
{
	uint64_t id = fx_call(f, 0);
	static const int32_t codes[] = {0,  -1, 15, 21, 31,        36,
					47, 49, 63, 65, INT32_MAX, INT32_MIN};

	for (size_t i = 0; i < countof(codes); i++) {
		give_bad(id, codes[i]);
		cr_expect_eq(fx_next(f), -1, "%d", codes[i]);
		cr_expect_eq(f->s.unknown, i + 1);
	}
	answer(0);
}

Test(notices, service_messages_cut_short_break)
{
	static const struct {
		uint32_t kind, need;
	} cases[] = {
	    {(uint32_t)ID_BAD_MSG, 20},
	    {(uint32_t)ID_BAD_SALT, 28},
	    {(uint32_t)ID_NEW_SESSION, 28},
	    {ID_MSGS_ACK, 12},
	    {ID_STATE_INFO, 16},
	    {(uint32_t)ID_ALL_INFO, 16},
	    {ID_DETAILED, 28},
	    {(uint32_t)ID_NEW_DETAILED, 20},
	    {ID_RESEND_REQ, 12},
	    {(uint32_t)ID_STATE_REQ, 12},
	    {ID_PONG, 20},
	};

	for (size_t i = 0; i < countof(cases); i++)
		for (uint32_t len = 4; len < cases[i].need; len += 4) {
			uint8_t body[64] = {0};

			fx_end(f);
			fx_start(f);
			store_le32(body, cases[i].kind);
			store_le32(body + 4, 0x1cb5c415);
			fx_give_bytes(f, fx_id(f), 2, cspan_of(body, len));
			cr_expect_eq(fx_next(f), SESSION_BROKEN, "%zu %u", i, len);
			cr_expect_eq(f->ev.fault, SESSION_TL);
		}
}

/* new_session_created. */

/* Rows: S8 */
Test(notices, a_session_made_anew_gives_older_calls_back)
{
	uint64_t first;

	f->calls[1].once = true;
	fx_call(f, 0);
	fx_call(f, 1);
	first = fx_call(f, 2);
	fx_new_session(f, first, 42, 0x77);
	fx_give(f, fx_id(f), 1);
	cr_expect_eq(fx_next(f), SESSION_CREATED);
	cr_expect_eq(fx_next(f), SESSION_SALT);
	cr_expect_eq(f->key.salt, 0x77);
	cr_expect_eq(fx_next(f), SESSION_RESEND);
	cr_expect_eq(f->ev.call, &f->calls[0]);
	cr_expect_eq(fx_next(f), SESSION_UNSURE);
	cr_expect_eq(f->ev.call, &f->calls[1]);
	cr_expect_eq(fx_next(f), -1);
	cr_expect(session_holds(&f->calls[2]));
	cr_expect_eq(f->s.ack_count, 1);
	fx_new_session(f, UINT64_MAX, 42, 0x78); /* told twice: nothing */
	fx_give(f, fx_id(f), 1);
	cr_expect_eq(fx_next(f), -1);
	cr_expect_eq(f->key.salt, 0x77);
	fx_new_session(f, UINT64_MAX, 43, 0x78); /* made anew again */
	fx_give(f, fx_id(f), 1);
	cr_expect_eq(fx_next(f), SESSION_CREATED);
	cr_expect_eq(fx_next(f), SESSION_SALT);
	cr_expect_eq(fx_next(f), SESSION_RESEND);
	cr_expect_eq(fx_next(f), -1);
}

Test(notices, the_first_notice_of_a_session_is_harmless)
{
	fx_new_session(f, fx_call(f, 0), 0, f->key.salt);
	fx_give(f, fx_id(f), 1);
	cr_expect_eq(fx_next(f), SESSION_CREATED);
	cr_expect_eq(fx_next(f), -1);
	answer(0);
}

/* States. */

static uint64_t ask(void)
{
	session_reconnected(&f->s, f->now);
	cr_assert(fx_service(f, false));
	cr_assert_neq(fx_find(f, (uint32_t)ID_STATE_REQ).len, 0);
	return f->s.state_req_id;
}

/* Rows: N17 S9 */
Test(notices, states_decide_about_calls)
{
	static const uint8_t info[] = {1, 2, 3, 4, 4 + 32 + 64, 1, 2, 0, 7};
	uint64_t req;

	f->calls[5].once = f->calls[6].once = true;
	for (uint32_t i = 0; i < countof(info); i++)
		fx_call(f, i);
	req = ask();
	fx_state_info(f, req, info, countof(info));
	fx_give(f, fx_id(f), 0);
	cr_expect_eq(fx_next(f), SESSION_AGAIN); /* not received on that connection, so far */
	cr_expect_eq(f->ev.call, &f->calls[6]);
	for (uint32_t i = 0; i < 3; i++) {
		cr_expect_eq(fx_next(f), SESSION_RESEND);
		cr_expect_eq(f->ev.call, &f->calls[i]);
	}
	cr_expect_eq(fx_next(f), SESSION_UNSURE); /* nothing known: it may have run */
	cr_expect_eq(f->ev.call, &f->calls[5]);
	cr_expect_eq(fx_next(f), -1);
	cr_expect(f->calls[3].acked);
	cr_expect(f->calls[4].acked);
	cr_expect_eq(f->s.call_count, 5);
}

static void give_state(uint64_t req, uint8_t state)
{
	fx_state_info(f, req, &state, 1);
	fx_give(f, fx_id(f), 0);
}

/* What may run only once goes out again under its id: it may be on its way on the connection before. */
/* Rows: N18 S9 */
Test(notices, what_may_still_arrive_keeps_its_id)
{
	struct envelope_head first, second;

	for (uint8_t state = 2; state <= 3; state++) {
		f->calls[0].once = true;
		fx_call(f, 0);
		first = f->head;
		fx_call(f, 1);
		give_state(ask(), 2); /* a wrong count: ignored */
		cr_expect_eq(fx_next(f), -1);
		fx_state_info(f, f->s.state_req_id, (uint8_t[]){state, 4}, 2);
		fx_give(f, fx_id(f), 0);
		cr_assert_eq(fx_next(f), SESSION_AGAIN);
		cr_expect_eq(f->ev.call, &f->calls[0]);
		cr_expect_eq(fx_next(f), -1);
		f->key.salt++;
		session_again(&f->s, &f->calls[0], f->now, &second);
		cr_expect_eq(second.msg_id, first.msg_id);
		cr_expect_eq(second.seq_no, first.seq_no);
		cr_expect_eq(second.salt, f->key.salt);
		answer(0);
		answer(1);
		cr_expect_eq(f->s.call_count, 0);
	}
}

/* A server that lost the session meets the old id first: what went out before it is not known there. */
/* Rows: N18 S8 */
Test(notices, a_session_that_begins_with_an_old_id)
{
	f->calls[0].once = f->calls[1].once = true;
	fx_call(f, 0);
	f->now += FX_SECOND;
	fx_call(f, 1);
	ask();
	fx_state_info(f, f->s.state_req_id, (uint8_t[]){2, 4}, 2);
	fx_give(f, fx_id(f), 0);
	cr_assert_eq(fx_next(f), SESSION_AGAIN);
	cr_assert_eq(fx_next(f), -1);
	session_again(&f->s, &f->calls[0], f->now, &f->head);
	fx_call(f, 2);
	fx_new_session(f, f->calls[0].msg_id, 42, f->key.salt);
	fx_give(f, fx_id(f), 1);
	cr_expect_eq(fx_next(f), SESSION_CREATED);
	cr_expect_eq(fx_next(f), SESSION_UNSURE);
	cr_expect_eq(f->ev.call, &f->calls[1]);
	cr_expect_eq(fx_next(f), -1);
	cr_expect_eq(f->s.call_count, 2);
}

/* Asked about on the connection that it was sent on, it is behind its question: surely not received. */
/* Rows: N18 S9 */
Test(notices, what_cannot_arrive_any_more_gets_a_new_id)
{
	f->calls[0].once = true;
	fx_call(f, 0);
	f->now += 30 * FX_SECOND;
	cr_assert(fx_service(f, false));
	give_state(f->s.state_req_id, 2);
	cr_expect_eq(fx_next(f), SESSION_RESEND);
	cr_expect_eq(fx_next(f), -1);
}

/* It is one of two then, and what is said of one says nothing about the other. */
/* Rows: N18 S9 */
Test(notices, one_of_two_is_not_sent_a_third_time)
{
	for (int how = 0; how < 4; how++) {
		f->calls[0].once = true;
		fx_call(f, 0);
		f->now += how == 3 ? 151 * FX_SECOND : 0; /* too old for it */
		give_state(ask(), 2);
		if (how < 3) {
			cr_assert_eq(fx_next(f), SESSION_AGAIN, "%d", how);
			session_again(&f->s, &f->calls[0], f->now, &f->head);
		}
		if (how == 0) {
			give_salt(f->head.msg_id, 0xabc + f->key.salt);
		} else if (how == 1) {
			give_bad(f->head.msg_id, 16);
		} else if (how == 2) {
			f->now += 30 * FX_SECOND;
			cr_assert(fx_service(f, false));
			give_state(f->s.state_req_id, 2);
		}
		while (fx_next(f) == SESSION_SALT)
			;
		cr_expect_eq(f->ev.kind, SESSION_UNSURE, "%d", how);
		cr_expect_eq(fx_next(f), -1);
		cr_expect_eq(f->s.call_count, 0);
	}
}

/* Rows: S9 */
Test(notices, states_that_do_not_fit_are_ignored)
{
	static const uint8_t info[] = {1, 1, 1, 1};
	uint64_t req;

	for (uint32_t i = 0; i < 3; i++)
		fx_call(f, i);
	req = ask();
	fx_state_info(f, req, info, 2);
	fx_give(f, fx_id(f), 0);
	fx_drain(f);
	fx_state_info(f, req, info, 4);
	fx_give(f, fx_id(f), 0);
	fx_drain(f);
	fx_state_info(f, req, info, 0);
	fx_give(f, fx_id(f), 0);
	fx_drain(f);
	fx_state_info(f, req + 4, info, 3);
	fx_give(f, fx_id(f), 0);
	fx_drain(f);
	fx_state_info(f, 0, info, 3);
	fx_give(f, fx_id(f), 0);
	fx_drain(f);
	cr_expect_eq(f->s.call_count, 3);
	fx_state_info(f, req, info, 3);
	fx_give(f, fx_id(f), 0);
	cr_expect_eq(fx_drain(f), 3);
	cr_expect_eq(f->s.call_count, 0);
	fx_state_info(f, req, info, 3); /* once is enough */
	fx_give(f, fx_id(f), 0);
	cr_expect_eq(fx_drain(f), 0);
}

Test(notices, more_calls_than_one_question_holds)
{
	uint8_t info[64];
	uint32_t asked = 0;

	memset(info, 4, sizeof(info));
	for (uint32_t i = 0; i < 150; i++)
		fx_call(f, i);
	session_reconnected(&f->s, f->now);
	while (fx_service(f, false)) {
		struct cspan req = fx_find(f, (uint32_t)ID_STATE_REQ);
		uint32_t n = req.len == 0 ? 0 : load_le32(req.at + 8);

		asked += n;
		cr_expect_not(fx_service(f, false)); /* one question at a time */
		fx_state_info(f, f->s.state_req_id, info, n);
		fx_give(f, fx_id(f), 0);
		cr_expect_eq(fx_drain(f), 0);
	}
	cr_expect_eq(asked, 150);
	for (uint32_t i = 0; i < 150; i++)
		cr_expect(f->calls[i].acked);
}

/* Rows: S9 */
Test(notices, unasked_states)
{
	uint64_t ids[3] = {fx_call(f, 0), 12345, fx_call(f, 1)};
	static const uint8_t info[] = {2, 2, 4};

	fx_ids(f, (uint32_t)ID_ALL_INFO, ids, 3);
	tl_write_bytes(&f->w, cspan_of(info, 2));
	fx_give(f, fx_id(f), 0);
	cr_expect_eq(fx_next(f), -1); /* one byte an id, or nothing */
	fx_ids(f, (uint32_t)ID_ALL_INFO, ids, 3);
	tl_write_bytes(&f->w, cspan_of(info, 3));
	fx_give(f, fx_id(f), 0);
	cr_expect_eq(fx_next(f), SESSION_RESEND);
	cr_expect_eq(f->ev.call, &f->calls[0]);
	cr_expect_eq(fx_next(f), -1);
	cr_expect(f->calls[1].acked);
}

/* Calls nobody answers. */

/* Rows: N9 S10 */
Test(notices, an_unanswered_call_is_asked_about_and_then_given_up)
{
	static const uint8_t received = 4;
	uint64_t t0 = f->now;

	fx_call(f, 0);
	cr_expect_eq(session_due(&f->s), t0 + 30 * FX_SECOND);
	f->now = t0 + 30 * FX_SECOND;
	cr_assert(fx_service(f, false));
	cr_expect_eq(load_le32(fx_find(f, (uint32_t)ID_STATE_REQ).at + 8), 1);
	cr_expect_eq(session_due(&f->s), t0 + 45 * FX_SECOND);
	f->now = t0 + 45 * FX_SECOND;
	cr_expect_not(fx_service(f, false));
	cr_expect_eq(fx_next(f), SESSION_BROKEN);
	cr_expect_eq(f->ev.fault, SESSION_STUCK);
	cr_expect_eq(fx_next(f), -1);
	cr_expect(session_holds(&f->calls[0]));

	session_reconnected(&f->s, f->now);
	cr_assert(fx_service(f, false));
	fx_state_info(f, f->s.state_req_id, &received, 1);
	fx_give(f, fx_id(f), 0);
	cr_expect_eq(fx_next(f), -1);
	f->now += 29 * FX_SECOND; /* known to be there: longer */
	fx_service(f, false);
	cr_expect_eq(fx_next(f), -1);
	f->now += 1 * FX_SECOND;
	fx_service(f, false);
	cr_expect_eq(fx_next(f), SESSION_RENEW);
	cr_expect_eq(f->ev.fault, SESSION_STUCK);
	session_restart(&f->s, 99);
	cr_expect_eq(fx_next(f), SESSION_RESEND);
	cr_expect_eq(f->s.call_count, 0);
}

/* One word about it is enough, whatever else is stuck. */
Test(notices, many_stuck_calls_are_one_event)
{
	for (uint32_t i = 0; i < 3; i++)
		fx_call(f, i);
	f->now += 30 * FX_SECOND;
	cr_assert(fx_service(f, false));
	f->calls[1].asks = 2;
	f->now += 15 * FX_SECOND;
	fx_service(f, false);
	cr_expect_eq(fx_next(f), SESSION_BROKEN);
	cr_expect_eq(fx_next(f), -1);
}

/* The connection works, the server has it, and does not answer: not even a new connection helps. */
/* Rows: N9 */
Test(notices, a_call_that_the_server_has_and_does_not_answer)
{
	static const uint8_t received = 4;

	fx_call(f, 0);
	f->now += 30 * FX_SECOND;
	cr_assert(fx_service(f, false));
	fx_state_info(f, f->s.state_req_id, &received, 1);
	fx_give(f, fx_id(f), 0);
	cr_expect_eq(fx_next(f), -1);
	f->now += 15 * FX_SECOND - 1; /* 45 s in all, as it acknowledged nothing in time */
	fx_service(f, false);
	cr_expect_eq(fx_next(f), -1);
	f->now += 1;
	fx_service(f, false);
	cr_expect_eq(fx_next(f), SESSION_RENEW);
	cr_expect_eq(f->ev.fault, SESSION_STUCK);
}

/* Time without a connection is not held against a call. */
Test(notices, waiting_begins_anew_on_a_new_connection)
{
	fx_call(f, 0);
	f->now += 30 * FX_SECOND;
	cr_assert(fx_service(f, false));
	f->now += 3600 * FX_SECOND;
	session_reconnected(&f->s, f->now);
	cr_assert(fx_service(f, false));
	cr_expect_eq(fx_next(f), -1);
	f->now += 14 * FX_SECOND;
	fx_service(f, false);
	cr_expect_eq(fx_next(f), -1);
}

/* Rows: S10 */
Test(notices, acked_calls_are_waited_for_longer)
{
	uint64_t t0 = f->now, id = fx_call(f, 0);

	fx_ids(f, ID_MSGS_ACK, &id, 1);
	fx_give(f, fx_id(f), 0);
	cr_expect_eq(fx_next(f), -1);
	cr_expect(f->calls[0].acked);
	f->now = t0 + 59 * FX_SECOND;
	cr_expect_not(fx_service(f, false));
	f->now = t0 + 60 * FX_SECOND;
	cr_assert(fx_service(f, false));
	f->now = t0 + 89 * FX_SECOND;
	fx_service(f, false);
	cr_expect_eq(fx_next(f), -1);
	f->now = t0 + 90 * FX_SECOND;
	fx_service(f, false);
	cr_expect_eq(fx_next(f), SESSION_BROKEN);
}

/* Time passes, nothing is answered: service is never asked for without an end to its work. */
Test(notices, being_due_always_leads_somewhere)
{
	uint32_t packets = 0;

	f->s.ping_idle_ns = 60 * FX_SECOND;
	f->s.ping_busy_ns = 10 * FX_SECOND;
	for (uint32_t i = 0; i < 300; i++)
		fx_call(f, i);
	for (int step = 0; step < 1000; step++) {
		uint64_t due = session_due(&f->s);

		if (due == UINT64_MAX)
			break;
		if (due > f->now)
			f->now = due;
		packets += fx_service(f, false);
		fx_drain(f);
		cr_assert(session_due(&f->s) > f->now, "still due at step %d", step);
	}
	cr_expect(f->s.broken);
	cr_expect_lt(packets, 10);
}

/* Answers the server kept. */

/* What nobody knows any more is no answer that came: the open call is the witness. */
/* Rows: S9 */
Test(notices, an_answer_below_the_window_is_asked_for)
{
	uint64_t id = fx_call(f, 0), answer = fx_id(f);

	for (uint32_t i = 0; i < SESSION_SEEN; i++) {
		fx_body(f, 0x74ae4240);
		fx_give(f, fx_id(f), 2);
		fx_drain(f);
	}
	give_detailed(id, answer);
	cr_expect_eq(f->s.ack_count, 0);
	cr_assert(fx_service(f, false));
	cr_expect_neq(fx_find(f, ID_RESEND_REQ).len, 0);
}

/* Rows: S9 */
Test(notices, kept_answers_are_asked_for_or_acked)
{
	uint64_t id = fx_call(f, 0), seen = fx_id(f);
	struct cspan req;

	fx_body(f, 0x74ae4240);
	fx_give(f, seen, 2);
	fx_drain(f);
	give_detailed(id, seen); /* here already */
	cr_expect_eq(f->s.ack_count, 1);
	cr_expect_eq(f->s.acks[0], seen);
	give_detailed(id, seen + 400);
	give_detailed(id, seen + 400);
	give_detailed(0, seen + 800);
	give_detailed(0, seen);
	cr_expect_eq(f->s.ack_count, 2);
	give_detailed(id - 4, seen + 1200); /* a question nobody asks any more */
	cr_expect_eq(f->s.ack_count, 3);
	give_detailed(id + 4, seen + 1600); /* never sent: not ours */
	cr_expect_eq(f->s.ack_count, 3);
	cr_assert(fx_service(f, false));
	req = fx_find(f, ID_RESEND_REQ);
	cr_assert_eq(load_le32(req.at + 8), 2);
	cr_expect_eq(load_le64(req.at + 12), seen + 400);
	cr_expect_eq(load_le64(req.at + 20), seen + 800);
	for (uint32_t i = 0; i < 1000; i++)
		give_detailed(0, seen + 4000 + 4 * i); /* bounded */
	cr_expect_eq(f->s.resend_count, countof(f->s.resend_ids));
}

/* Questions of the server. */

/* Rows: S9 */
Test(notices, the_server_asks_about_its_messages)
{
	uint64_t ids[5], last;
	struct cspan info;

	fx_body(f, 0x74ae4240);
	ids[0] = fx_id(f);
	fx_give(f, ids[0], 1);
	fx_drain(f);
	ids[1] = fx_id(f);
	fx_give(f, ids[1], 2);
	fx_drain(f);
	ids[2] = ids[0] + 2;
	ids[3] = UINT64_MAX;
	ids[4] = 5;
	fx_ids(f, (uint32_t)ID_STATE_REQ, ids, 5);
	last = fx_id(f);
	fx_give(f, last, 2);
	cr_expect_eq(fx_next(f), -1);
	cr_assert(fx_service(f, false));
	info = fx_find(f, ID_STATE_INFO);
	cr_assert_eq(info.len, 20);
	cr_expect_eq(load_le64(info.at + 4), last);
	cr_expect_arr_eq(info.at + 12, "\x05\x04\x0c\x02\x03\x02\0\0", 8);
}

/* Rows: S9 */
Test(notices, the_server_asks_to_send_again)
{
	uint64_t ids[3];
	struct cspan info;

	f->calls[1].once = true;
	ids[0] = fx_call(f, 0);
	ids[1] = fx_call(f, 1);
	ids[2] = 12345;
	fx_ids(f, ID_RESEND_REQ, ids, 3);
	fx_give(f, fx_id(f), 2);
	cr_expect_eq(fx_next(f), SESSION_RESEND);
	cr_expect_eq(f->ev.call, &f->calls[0]);
	cr_expect_eq(fx_next(f), SESSION_UNSURE);
	cr_expect_eq(fx_next(f), -1);
	cr_assert(fx_service(f, false));
	info = fx_find(f, ID_STATE_INFO);
	cr_expect_arr_eq(info.at + 12, "\x03\x04\x04\x01", 4);
	ids[0] = fx_call(f, 0);
	fx_ids(f, ID_RESEND_REQ, ids, 1);
	fx_give(f, fx_id(f), 2);
	cr_expect_eq(fx_next(f), SESSION_RESEND);
	cr_expect_not(fx_service(f, false)); /* it comes: nothing to explain */
}

/* Future salts. */

static void give_salts(uint64_t req, const struct session_salt *salts, uint32_t count)
{
	struct tl_writer *w = fx_body(f, (uint32_t)ID_SALTS);

	tl_write_u64(w, req);
	tl_write_u32(w, (uint32_t)FX_UNIX);
	tl_write_u32(w, count);
	for (uint32_t i = 0; i < count; i++) {
		tl_write_u32(w, (uint32_t)salts[i].valid_since);
		tl_write_u32(w, (uint32_t)salts[i].valid_until);
		tl_write_u64(w, salts[i].salt);
	}
	fx_give(f, fx_id(f), 0);
}

static uint64_t ask_salts(void)
{
	f->key.salts_due_ns = 0;
	cr_assert(fx_service(f, false));
	cr_assert_neq(fx_find(f, (uint32_t)ID_GET_SALTS).len, 0);
	return f->head.msg_id;
}

Test(notices, salts_rotate_by_the_servers_clock)
{
	struct session_salt salts[10];
	uint64_t req = ask_salts();

	for (uint32_t i = 0; i < countof(salts); i++)
		salts[i] =
		    (struct session_salt){FX_UNIX + 1800 * i, FX_UNIX + 1800 * i + 3600, 1000 + i};
	give_salts(req + 4, salts, 10); /* not what we asked */
	cr_expect_eq(fx_next(f), -1);
	give_salts(req, salts, 10);
	cr_expect_eq(fx_next(f), SESSION_SALT);
	for (uint32_t i = 0; i < 9; i++) {
		fx_call(f, i);
		cr_expect_eq(f->head.salt, 1000 + i, "half hour %u", i);
		f->now += 1800 * FX_SECOND;
	}
	fx_call(f, 20);
	cr_expect_eq(f->head.salt, 1009);
	f->now += 8 * 3600 * FX_SECOND; /* all gone: the last one is as good as any */
	fx_call(f, 21);
	cr_expect_eq(f->head.salt, 1009);
}

Test(notices, salts_are_asked_for_in_time_and_not_too_often)
{
	struct session_salt salt = {FX_UNIX, FX_UNIX + 7200, 5};
	uint64_t t0 = f->now;

	give_salts(ask_salts(), &salt, 1);
	fx_drain(f);
	cr_expect_eq(session_due(&f->s), t0 + 3600 * FX_SECOND);
	/* unanswered: after 1, 2, 4 ... minutes, at most an hour */
	f->now = t0 + 3600 * FX_SECOND;
	cr_assert(fx_service(f, false));
	for (uint64_t wait = 60; wait < 20000; wait *= 2) {
		uint64_t capped = wait < 3600 ? wait : 3600;

		cr_expect_eq(session_due(&f->s), f->now + capped * FX_SECOND);
		f->now += capped * FX_SECOND;
		cr_assert(fx_service(f, false));
	}
}

Test(notices, salts_of_any_content)
{
	struct session_salt odd[4] = {{0, 0, 1},
				      {FX_UNIX + 50, FX_UNIX - 50, 2},
				      {0xffffffff, 0xffffffff, 3},
				      {0, 0xffffffff, 4}};
	static struct session_salt many[200];

	give_salts(ask_salts(), odd, 4);
	fx_drain(f);
	fx_call(f, 0);
	cr_expect_eq(f->head.salt, 4);
	cr_expect_gt(f->key.salts_due_ns, f->now);
	give_salts(ask_salts(), odd, 0);
	fx_drain(f);
	give_salts(ask_salts(), odd, 2); /* all over already */
	fx_drain(f);
	cr_expect_geq(f->key.salts_due_ns, f->now + 60 * FX_SECOND);
	give_salts(ask_salts(), many, 200);
	fx_drain(f);
	cr_expect_eq(f->key.salt_count, SESSION_SALTS_MAX);
}

/* Rows: S1 */
Test(notices, a_refused_salt_distrusts_the_list)
{
	struct session_salt salt = {FX_UNIX, FX_UNIX + 7200, 5};

	give_salts(ask_salts(), &salt, 1);
	fx_drain(f);
	give_salt(fx_call(f, 0), 0xabc);
	fx_drain(f);
	fx_call(f, 1);
	cr_expect_eq(f->head.salt, 0xabc);
	cr_assert(fx_service(f, false));
	cr_expect_neq(fx_find(f, (uint32_t)ID_GET_SALTS).len, 0);
}

/* Two sessions of one key: what one learns, the other uses. */
Test(notices, sessions_share_clock_and_salts)
{
	static struct session_event events[SESSION_EVENTS_MAX];
	static struct session other;
	static struct call call;
	struct envelope_head head;
	uint8_t mem[4] = {0};
	struct buf query;

	session_init(&other, &f->key, 777, events, SESSION_EVENTS_MAX);
	give_salt(fx_call(f, 0), 0xabc);
	fx_drain(f);
	buf_init(&query, mem, sizeof(mem), 0);
	buf_put(&query, 4);
	session_call(&other, &call, &query, f->now, &head);
	cr_expect_eq(head.salt, 0xabc);
	cr_expect_eq(head.session_id, 777);
}

Test(notices, destroyed_sessions_are_no_news)
{
	fx_body(f, (uint32_t)ID_DESTROY_OK);
	tl_write_u64(&f->w, 1);
	fx_give(f, fx_id(f), 2);
	cr_expect_eq(fx_next(f), -1);
	fx_body(f, ID_DESTROY_NONE);
	tl_write_u64(&f->w, 1);
	fx_give(f, fx_id(f), 1);
	cr_expect_eq(fx_next(f), -1);
	cr_expect_eq(f->s.ack_count, 1);
}
