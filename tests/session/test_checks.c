/*
 * What a session refuses or ignores: wrong sessions, parities, replays, times, containers, gzip
 * bodies (messages.md 15, checks 5 and 8 to 14).
 */
#include "tests/session/fixture.h"

#include "proto/session/msgid.h"
#include "proto/session/session_priv.h"
#include "proto/wire/inflate.h"
#include "tests/vectors/hex.h"
#include "tests/vectors/message.h"

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

TestSuite(checks, .init = start, .fini = stop);

static struct cspan whole_body(void)
{
	return cspan_of(f->body, tl_written(&f->w));
}

/* An update as a message of its own. */
static void give_update(uint64_t id, uint32_t seq)
{
	fx_body(f, 0x74ae4240);
	fx_give(f, id, seq);
}

Test(checks, rejects_of_the_vectors)
{
	int tried = 0;

	for (size_t i = 0; i < countof(vec_reject); i++) {
		const struct vec_reject *v = &vec_reject[i];
		uint8_t mem[2048], raw[8] = {0};
		struct buf packet;
		struct envelope_job job = {
		    .packet = &packet, .key = &f->key.key, .dir = MSG_FROM_SERVER};

		if (v->why != VEC_WHY_SESSION && v->why != VEC_WHY_MSG_ID)
			continue;
		fx_end(f);
		fx_start_raw(f);
		vec_bytes(f->key.key.key, 256, v->auth_key);
		authkey_finish(&f->key.key);
		vec_bytes(raw, 8, v->session_id);
		f->s.id = load_le64(raw);
		buf_init(&packet, mem, sizeof(mem), 0);
		buf_put(&packet, (uint32_t)vec_bytes(mem, sizeof(mem), v->packet));
		envelope_open_batch(&job, 1);
		cr_assert_eq(job.fault, ENVELOPE_SOUND, "%s", v->name);
		session_consume(&f->s, &job.head, buf_view(&packet), f->now,
				(struct span){NULL, 0});
		cr_expect_eq(fx_next(f), SESSION_BROKEN, "%s", v->name);
		cr_expect_eq(f->ev.fault, v->why == VEC_WHY_SESSION ? SESSION_ID : SESSION_PARITY);
		cr_expect_eq(fx_next(f), -1);
		tried++;
	}
	cr_expect_eq(tried, 2);
}

/* Check 9. */

/* Rows: N16 H9 */
Test(checks, a_message_comes_only_once)
{
	uint64_t id = fx_id(f);

	give_update(id, 1);
	cr_expect_eq(fx_next(f), SESSION_UPDATE);
	cr_expect_eq(fx_next(f), -1);
	for (uint32_t i = 1; i < 20; i++) {
		give_update(id, 1);
		cr_expect_eq(fx_next(f), -1);
		cr_expect_eq(f->s.ack_count, 1 + i); /* our first word may have got lost */
	}
	give_update(id, 2);
	cr_expect_eq(fx_next(f), -1);
	cr_expect_eq(f->s.ack_count, 20); /* that one needs none */
}

/* Rows: N15 */
Test(checks, a_repeated_result_is_no_second_answer)
{
	uint64_t req = fx_call(f, 0), id = fx_id(f);

	fx_result(f, req, 1);
	fx_give(f, id, 1);
	cr_expect_eq(fx_next(f), SESSION_RESULT);
	fx_result(f, req, 1);
	fx_give(f, id, 1);
	cr_expect_eq(fx_next(f), -1);
	fx_result(f, req, 1); /* as another message: nobody asked */
	fx_give(f, fx_id(f), 1);
	cr_expect_eq(fx_next(f), -1);
	cr_expect_eq(f->s.ack_count, 3);
}

/* The window against a plain model: the set of the highest ids. */
Test(checks, window_against_a_model)
{
	static uint64_t model[SESSION_SEEN + 1];
	uint32_t count = 0;
	uint64_t state = 99;

	for (uint32_t i = 0; i < 300000; i++) {
		uint64_t id, at = 0;
		enum seen want = SEEN_NEW;

		state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
		id = (state >> 33) % 3000 + i / 50 + 1;
		while (at < count && model[at] < id)
			at++;
		if (at < count && model[at] == id)
			want = SEEN_TWICE;
		else if (at == 0 && count == SESSION_SEEN)
			want = SEEN_BELOW;
		cr_assert_eq(session_seen(&f->s, id), want, "%u", i);
		if (want != SEEN_NEW)
			continue;
		session_see(&f->s, id);
		memmove(model + at + 1, model + at, (count - at) * sizeof(model[0]));
		model[at] = id;
		if (count < SESSION_SEEN)
			count++;
		else
			memmove(model, model + 1, count * sizeof(model[0]));
		cr_assert_eq(f->s.seen_count, count);
	}
	cr_expect_arr_eq(f->s.seen, model, sizeof(f->s.seen));
}

static void fill_window(void)
{
	for (int i = 0; i < SESSION_SEEN + 1; i++) {
		give_update(fx_id(f), 2);
		cr_assert_eq(fx_next(f), SESSION_UPDATE);
	}
}

/* The oldest of the thousand ids that are kept at the least is known to have come and not taken for too old. */
/* Rows: H9 */
Test(checks, a_thousand_ids_are_kept)
{
	uint64_t old = fx_id(f);

	give_update(old, 2);
	cr_assert_eq(fx_next(f), SESSION_UPDATE);
	for (int i = 1; i < 1000; i++) {
		give_update(fx_id(f), 2);
		cr_assert_eq(fx_next(f), SESSION_UPDATE);
	}
	cr_expect_eq(session_seen(&f->s, old), SEEN_TWICE);
}

/* Rows: H9 */
Test(checks, below_the_window_is_ignored_and_a_run_breaks)
{
	uint64_t old = fx_id(f);

	fill_window();
	for (int i = 0; i < 7; i++) {
		give_update(old, 1);
		cr_expect_eq(fx_next(f), -1);
	}
	cr_expect_eq(f->s.ack_count, 7);
	give_update(fx_id(f), 2);
	cr_expect_eq(fx_next(f), SESSION_UPDATE); /* a good one between: the run begins anew */
	for (int i = 0; i < 7; i++) {
		give_update(old, 1);
		cr_expect_eq(fx_next(f), -1);
	}
	give_update(old, 1);
	cr_expect_eq(fx_next(f), SESSION_BROKEN);
	cr_expect_eq(f->ev.fault, SESSION_OLD);
}

/* An answer that is still awaited cannot be a replay, however old it is. */
Test(checks, awaited_answers_are_taken_at_any_age)
{
	uint64_t req = fx_call(f, 0), old = fx_id(f);

	fill_window();
	f->now += 4000 * FX_SECOND;
	give_update(fx_id(f), 2);
	cr_expect_eq(fx_next(f), SESSION_UPDATE);
	fx_result(f, req, 1);
	fx_give(f, old, 1);
	cr_expect_eq(fx_next(f), SESSION_RESULT);
	fx_result(f, req, 1);
	fx_give(f, old, 1);
	cr_expect_eq(fx_next(f), -1);
}

/* Check 10: second by second. */

static uint64_t id_at(int64_t ahead_s)
{
	uint64_t last = 0;

	last = msgid_next(&last, (int64_t)f->now + f->server_ns + ahead_s * (int64_t)FX_SECOND);
	return (last & ~UINT64_C(7)) | 1; /* unlike a client's it may be of a whole second */
}

/* Rows: H10 S46 */
Test(checks, time_window_second_by_second)
{
	for (int64_t ahead = -400; ahead <= 400; ahead++) {
		bool inside = ahead >= -300 && ahead <= 30;

		fx_end(f);
		fx_start(f);
		give_update(id_at(ahead) + (ahead < 0 ? 8 : 0), 1); /* ids are cut, so step over */
		cr_expect_eq(fx_next(f), inside ? SESSION_UPDATE : -1, "%d", (int)ahead);
		cr_expect_eq(f->s.ack_count, ahead <= 30); /* what is old should not come again */
	}
}

Test(checks, before_the_clock_is_known_any_time_is_right)
{
	fx_end(f);
	fx_start_raw(f);
	give_update(id_at(7 * 86400), 1);
	cr_expect_eq(fx_next(f), SESSION_UPDATE);
	cr_expect_eq(session_server_time(&f->key, f->now), FX_UNIX + 7 * 86400);
	give_update(id_at(0), 1);
	cr_expect_eq(fx_next(f), -1);
}

Test(checks, awaited_answers_do_not_come_from_the_future)
{
	fx_result(f, fx_call(f, 0), 1);
	fx_give(f, id_at(31), 1);
	cr_expect_eq(fx_next(f), -1);
	cr_expect(session_holds(&f->calls[0]));
}

/* A message is never younger than it looks: the quickest one is nearest to the truth. */
Test(checks, the_clock_follows_the_quickest_message)
{
	give_update(id_at(5), 2);
	cr_expect_eq(session_server_time(&f->key, f->now + 1), FX_UNIX + 5);
	fx_drain(f);
	give_update(id_at(-20), 2);
	cr_expect_eq(session_server_time(&f->key, f->now + 1), FX_UNIX + 5);
	fx_drain(f);
	give_update(id_at(7), 2);
	cr_expect_eq(session_server_time(&f->key, f->now + 1), FX_UNIX + 7);
	fx_drain(f);
}

/* An answer that looks older than its question tells that the clock had run ahead. */
Test(checks, an_answer_before_its_question_turns_the_clock_back)
{
	f->key.offset_ns += 25 * (int64_t)FX_SECOND;
	fx_result(f, fx_call(f, 0), 1);
	fx_give(f, fx_id(f), 1);
	cr_expect_eq(fx_next(f), SESSION_RESULT);
	cr_expect_eq(session_server_time(&f->key, f->now + 1), FX_UNIX);
}

/* Not remembered as seen: once the clock is right it may come again. */
Test(checks, an_ignored_message_may_come_again)
{
	uint64_t id = id_at(100);

	give_update(id, 1);
	cr_expect_eq(fx_next(f), -1);
	f->now += 90 * FX_SECOND;
	give_update(id, 1);
	cr_expect_eq(fx_next(f), SESSION_UPDATE);
}

Test(checks, a_run_of_wrong_times_breaks_and_resets_the_clock)
{
	for (int i = 0; i < 8; i++) {
		give_update(id_at(100 + i), 1);
		cr_expect_eq(fx_next(f), i < 7 ? -1 : SESSION_BROKEN);
	}
	cr_expect_eq(f->ev.fault, SESSION_TIME);
	session_reconnected(&f->s, f->now);
	give_update(id_at(200), 1); /* a machine that slept: the server is right */
	cr_expect_eq(fx_next(f), SESSION_UPDATE);
	give_update(id_at(201), 1);
	cr_expect_eq(fx_next(f), SESSION_UPDATE);
}

/* Rows: H10 S46 */
Test(checks, notices_about_our_messages_are_exempt)
{
	uint64_t req = fx_call(f, 0);

	fx_bad_msg(f, req + 4, 16);
	fx_give(f, id_at(5000), 0);
	cr_expect_eq(fx_next(f), -1);
	cr_expect_eq(session_server_time(&f->key, f->now), FX_UNIX);
	fx_bad_msg(f, req, 16);
	fx_give(f, id_at(5000), 0);
	cr_expect_eq(fx_next(f), SESSION_RESEND);
	cr_expect_eq(session_server_time(&f->key, f->now), FX_UNIX + 5000);
}

/*
 * After ten minutes without a network the server sends again what was not acknowledged, under the old
 * ids: in a container, which is new.
 */
/* Rows: H10 N16 */
Test(checks, old_messages_in_a_new_container)
{
	fx_container(f);
	for (int i = 0; i < 20; i++) {
		fx_body(f, 0x74ae4240);
		fx_add(f, id_at(-600 + i), 2 * (uint32_t)i + 1, whole_body());
	}
	fx_give_container(f, id_at(0));
	for (int i = 0; i < 20; i++)
		cr_expect_eq(fx_next(f), SESSION_UPDATE, "%d", i);
	cr_expect_eq(fx_next(f), -1);
	cr_expect_eq(f->s.ack_count, 20);
}

/* Alone they are ignored, but said to be here: else the server never ends, and neither do we. */
/* Rows: H10 */
Test(checks, old_messages_alone_break_nothing)
{
	for (int i = 0; i < 20; i++) {
		give_update(id_at(-600 + i), 2 * (uint32_t)i + 1);
		cr_expect_eq(fx_next(f), -1, "%d", i);
	}
	cr_expect_eq(f->s.ack_count, 20);
}

Test(checks, in_a_late_container_only_notices_count)
{
	uint64_t req = fx_call(f, 0);

	fx_container(f);
	fx_body(f, 0x74ae4240);
	fx_add(f, id_at(0), 1, whole_body());
	fx_bad_salt(f, req, 99);
	fx_add(f, id_at(1), 0, whole_body());
	fx_give_container(f, id_at(500));
	cr_expect_eq(fx_next(f), SESSION_SALT);
	cr_expect_eq(fx_next(f), SESSION_RESEND);
	cr_expect_eq(fx_next(f), -1);
}

/* Check 11. */

/* Rows: S40 */
Test(checks, containers_of_many)
{
	uint64_t ids[3] = {fx_call(f, 0), fx_call(f, 1), fx_call(f, 2)};

	fx_container(f);
	fx_give_container(f, fx_id(f)); /* empty: allowed */
	cr_expect_eq(fx_next(f), -1);
	fx_container(f);
	for (int i = 0; i < 3; i++) {
		fx_result(f, ids[i], (uint32_t)i);
		fx_add(f, fx_id(f), 2 * (uint32_t)i + 1, whole_body());
	}
	fx_body(f, 0xabcdef01); /* unknown: its siblings are not harmed */
	fx_add(f, fx_id(f), 7, whole_body());
	fx_add(f, fx_id(f), 9, cspan_of(NULL, 0));
	fx_body(f, 0x74ae4240);
	fx_add(f, fx_id(f), 11, whole_body());
	fx_give_container(f, fx_id(f));
	for (int i = 0; i < 3; i++) {
		cr_expect_eq(fx_next(f), SESSION_RESULT);
		cr_expect_eq(f->ev.call, &f->calls[i]);
	}
	cr_expect_eq(fx_next(f), SESSION_UPDATE);
	cr_expect_eq(fx_next(f), SESSION_UPDATE);
	cr_expect_eq(f->ev.body.len, 0);
	cr_expect_eq(fx_next(f), SESSION_UPDATE);
	cr_expect_eq(fx_next(f), -1);
	cr_expect_eq(f->s.ack_count, 6);
	cr_expect_not(f->s.broken);
}

static void expect_container_fault(const char *what)
{
	cr_expect_eq(fx_next(f), SESSION_BROKEN, "%s", what);
	cr_expect_eq(f->ev.fault, SESSION_CONTAINER, "%s", what);
	cr_expect_eq(fx_next(f), -1, "%s", what);
	cr_expect_eq(f->s.ack_count, 0, "%s: nothing of it was used", what);
	fx_end(f);
	fx_start(f);
}

static void two_updates(void)
{
	fx_container(f);
	fx_body(f, 0x74ae4240);
	fx_add(f, fx_id(f), 1, whole_body());
	fx_add(f, fx_id(f), 3, whole_body());
}

/* The container as bytes, for changes the helpers do not make. */
static size_t raw_container(uint8_t out[256])
{
	uint64_t id = fx_id(f);

	store_le32(out, ID_CONTAINER);
	store_le32(out + 4, 2);
	for (int i = 0; i < 2; i++) {
		uint8_t *at = out + 8 + 20 * i;

		store_le64(at, id + 4 * (uint64_t)i);
		store_le32(at + 8, 1);
		store_le32(at + 12, 4);
		store_le32(at + 16, 0x74ae4240);
	}
	f->server_id += 8;
	return 48;
}

/* Rows: H4 */
Test(checks, containers_that_are_none)
{
	static const struct {
		const char *what;
		uint32_t at, value;
	} cases[] = {
	    {"more than there are", 4, 3},          {"fewer than there are", 4, 1},
	    {"negative count", 4, 0xffffffff},      {"1025", 4, 1025},
	    {"length not times 4", 20, 6},          {"length beyond the end", 40, 8},
	    {"negative length", 20, 0xfffffffc},    {"length into the next", 20, 8},
	    {"a container inside", 24, 0x73f1f8dc}, {"an inner id above", 12, 0x7fffffff},
	};

	for (size_t i = 0; i < countof(cases); i++) {
		uint8_t bytes[256];
		size_t n = raw_container(bytes);

		store_le32(bytes + cases[i].at, cases[i].value);
		fx_give_bytes(f, fx_id(f), 0, cspan_of(bytes, n));
		expect_container_fault(cases[i].what);
	}
}

/* Two wrong lengths that add up: each entry is measured by itself. */
/* Rows: H4 */
Test(checks, container_of_odd_lengths)
{
	static const uint32_t lens[] = {6, 2};
	uint8_t bytes[48] = {0}, *at = bytes + 8;

	store_le32(bytes, ID_CONTAINER);
	store_le32(bytes + 4, countof(lens));
	for (size_t i = 0; i < countof(lens); i++) {
		store_le64(at, fx_id(f));
		store_le32(at + 8, 1);
		store_le32(at + 12, lens[i]);
		at += 16 + lens[i];
	}
	cr_assert_eq(at, bytes + sizeof(bytes));
	fx_give_bytes(f, fx_id(f), 0, cspan_of(bytes, sizeof(bytes)));
	expect_container_fault("lengths of 6 and 2");
}

/* Rows: H4 */
Test(checks, container_cut_at_every_byte)
{
	uint8_t bytes[256];
	size_t n = raw_container(bytes);

	for (size_t cut = 4; cut < n; cut++) {
		raw_container(bytes);
		fx_give_bytes(f, fx_id(f), 0, cspan_of(bytes, cut));
		expect_container_fault("cut");
	}
}

/* Rows: H4 */
Test(checks, containers_up_to_1024)
{
	for (uint32_t count = 1023; count <= 1025; count++) {
		fx_end(f);
		fx_start(f);
		fx_container(f);
		fx_body(f, 0x74ae4240);
		for (uint32_t i = 0; i < count; i++)
			fx_add(f, fx_id(f), 2, whole_body());
		fx_give_container(f, fx_id(f));
		cr_expect_eq(fx_drain(f), count <= 1024 ? count : 1);
		cr_expect_eq(f->s.broken, count > 1024);
	}
}

Test(checks, inner_messages_pass_the_same_checks)
{
	uint64_t id = fx_id(f);

	give_update(id, 1);
	fx_drain(f);
	fx_container(f);
	fx_body(f, 0x74ae4240);
	fx_add(f, id, 1, whole_body()); /* again */
	fx_add(f, fx_id(f), 1, whole_body());
	fx_add(f, fx_id(f) + 1, 1, whole_body()); /* even */
	fx_add(f, fx_id(f), 1, whole_body());
	fx_give_container(f, fx_id(f) + 16);
	cr_expect_eq(fx_next(f), SESSION_UPDATE);
	cr_expect_eq(fx_next(f), SESSION_BROKEN);
	cr_expect_eq(f->ev.fault, SESSION_PARITY);
	cr_expect_eq(fx_next(f), -1);
}

Test(checks, restart_drops_the_rest_of_a_packet)
{
	two_updates();
	fx_give_container(f, fx_id(f));
	cr_expect_eq(fx_next(f), SESSION_UPDATE);
	session_restart(&f->s, 5);
	cr_expect_eq(fx_next(f), -1);
}

/* gzip_packed as a body. */

static uint8_t zipped[FX_BODY];

static void give_zipped(struct cspan object, uint64_t id, uint32_t seq)
{
	size_t n = deflate_object(object, (struct span){zipped, sizeof(zipped)});

	cr_assert_gt(n, 0);
	fx_body(f, ID_GZIP);
	tl_write_bytes(&f->w, cspan_of(zipped, n));
	fx_give(f, id, seq);
}

Test(checks, packed_results)
{
	uint8_t copy[64];
	uint64_t req = fx_call(f, 0);

	fx_result(f, req, 0x1234);
	memcpy(copy, f->body, 16);
	give_zipped(cspan_of(copy, 16), fx_id(f), 1);
	cr_expect_eq(fx_next(f), SESSION_RESULT);
	cr_expect_eq(f->ev.call, &f->calls[0]);
	cr_expect_eq(load_le32(f->ev.body.at), 0x1234);
	cr_expect_eq(fx_next(f), -1);
	cr_expect_eq(f->s.ack_count, 1);
}

Test(checks, packed_results_in_a_container)
{
	uint8_t copy[2][64];
	size_t n;

	fx_container(f);
	for (uint32_t i = 0; i < 2; i++) {
		fx_result(f, fx_call(f, i), i);
		memcpy(copy[i], f->body, 16);
		n = deflate_object(cspan_of(copy[i], 16), (struct span){zipped, sizeof(zipped)});
		fx_body(f, ID_GZIP);
		tl_write_bytes(&f->w, cspan_of(zipped, n));
		fx_add(f, fx_id(f), 1, whole_body());
	}
	fx_give_container(f, fx_id(f));
	for (uint32_t i = 0; i < 2; i++) {
		cr_expect_eq(fx_next(f), SESSION_RESULT);
		cr_expect_eq(load_le32(f->ev.body.at), i);
	}
	cr_expect_eq(fx_next(f), -1);
}

Test(checks, a_packed_result_stays_packed_inside_its_answer)
{
	uint64_t req = fx_call(f, 0);
	struct tl_writer *w = fx_body(f, (uint32_t)ID_RPC_RESULT);

	tl_write_u64(w, req);
	tl_write_u32(w, ID_GZIP);
	tl_write_bytes(w, cspan_of("not even gzip", 13));
	fx_give(f, fx_id(f), 1);
	cr_expect_eq(fx_next(f), SESSION_RESULT);
	cr_expect_eq(load_le32(f->ev.body.at), ID_GZIP);
}

/* Rows: S12 */
Test(checks, a_packed_container)
{
	uint8_t bytes[256];
	size_t n = raw_container(bytes);

	give_zipped(cspan_of(bytes, n), fx_id(f), 0);
	cr_expect_eq(fx_next(f), SESSION_UPDATE);
	cr_expect_eq(fx_next(f), SESSION_UPDATE);
	cr_expect_eq(fx_next(f), -1);
}

static void expect_gzip_fault(enum session_fault why)
{
	cr_expect_eq(fx_next(f), SESSION_BROKEN);
	cr_expect_eq(f->ev.fault, why);
	cr_expect_eq(fx_next(f), -1);
	fx_end(f);
	fx_start(f);
}

/* Rows: H16 S12 */
Test(checks, packed_bodies_that_are_none)
{
	uint8_t bytes[512];
	size_t n;

	fx_body(f, ID_GZIP);
	fx_give(f, fx_id(f), 1);
	expect_gzip_fault(SESSION_GZIP);
	fx_body(f, ID_GZIP);
	tl_write_bytes(&f->w, cspan_of("no gzip at all", 14));
	fx_give(f, fx_id(f), 1);
	expect_gzip_fault(SESSION_GZIP);
	/* nested */
	fx_body(f, 0x74ae4240);
	n = deflate_object(whole_body(), (struct span){zipped, sizeof(zipped)});
	fx_body(f, ID_GZIP);
	tl_write_bytes(&f->w, cspan_of(zipped, n));
	n = tl_written(&f->w);
	memcpy(bytes, f->body, n);
	give_zipped(cspan_of(bytes, n), fx_id(f), 1);
	expect_gzip_fault(SESSION_GZIP);
	/* a packed body inside a packed container has no space left */
	memmove(bytes + 24, bytes, n);
	store_le32(bytes, ID_CONTAINER);
	store_le32(bytes + 4, 1);
	store_le64(bytes + 8, fx_id(f));
	store_le32(bytes + 16, 1);
	store_le32(bytes + 20, (uint32_t)n);
	give_zipped(cspan_of(bytes, n + 24), fx_id(f), 1);
	expect_gzip_fault(SESSION_GZIP);
}

Test(checks, a_packed_container_inside_a_container)
{
	uint8_t bytes[256];
	size_t n = raw_container(bytes);

	n = deflate_object(cspan_of(bytes, n), (struct span){zipped, sizeof(zipped)});
	fx_body(f, ID_GZIP);
	tl_write_bytes(&f->w, cspan_of(zipped, n));
	fx_container(f);
	fx_add(f, fx_id(f), 1, whole_body());
	fx_give_container(f, fx_id(f));
	expect_gzip_fault(SESSION_CONTAINER);
}

/* Rows: H16 S12 */
Test(checks, a_bomb_is_not_unpacked)
{
	static uint8_t zeros[FX_BODY];

	store_le32(zeros, 0x74ae4240);
	give_zipped(cspan_of(zeros, FX_INFLATE), fx_id(f), 1);
	cr_expect_eq(fx_next(f), SESSION_UPDATE); /* exactly the space there is */
	give_zipped(cspan_of(zeros, FX_INFLATE + 4), fx_id(f), 1);
	expect_gzip_fault(SESSION_GZIP);
}

/* Of many bodies of a packet each may be small: what counts is what all of them become. */
/* Rows: S12 H24 */
Test(checks, a_packet_of_many_bombs_is_not_unpacked)
{
	static uint8_t zeros[FX_BODY];
	uint8_t bytes[512];
	size_t n;

	store_le32(zeros, 0x74ae4240);
	n = deflate_object(cspan_of(zeros, FX_INFLATE / 4), (struct span){zipped, sizeof(zipped)});
	fx_body(f, ID_GZIP);
	tl_write_bytes(&f->w, cspan_of(zipped, n));
	n = tl_written(&f->w);
	cr_assert_leq(n, sizeof(bytes));
	memcpy(bytes, f->body, n);
	for (uint32_t packet = 0; packet < 3; packet++) { /* each has its own share */
		fx_container(f);
		for (uint32_t i = 0; i < 4; i++)
			fx_add(f, fx_id(f), 1, cspan_of(bytes, n));
		fx_give_container(f, fx_id(f));
		for (uint32_t i = 0; i < 4; i++)
			cr_expect_eq(fx_next(f), SESSION_UPDATE);
		cr_expect_eq(fx_next(f), -1);
	}
	fx_container(f);
	for (uint32_t i = 0; i < 5; i++)
		fx_add(f, fx_id(f), 1, cspan_of(bytes, n));
	fx_give_container(f, fx_id(f));
	for (uint32_t i = 0; i < 4; i++)
		cr_expect_eq(fx_next(f), SESSION_UPDATE);
	expect_gzip_fault(SESSION_GZIP);
}
