/*
 * A session that is talked to by somebody who means no good: messages of other sessions, ids again and
 * again, servers of another century, floods.
 */
#include "tests/session/fixture.h"

#include "proto/session/msgid.h"
#include "proto/session/session_priv.h"

#include <criterion/criterion.h>

static struct fixture fx, *f = &fx;

static void begin(void)
{
	fx_start(f);
}

static void end(void)
{
	fx_end(f);
}

TestSuite(hostile_session, .init = begin, .fini = end);

static uint64_t random_of(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* ---- other sessions ---- */

/* Nothing of a message for another session is used: no event, no ack, no id seen, no time learnt. */
/* Rows: H8 */
Test(hostile_session, messages_of_other_sessions)
{
	uint64_t seed = 8, req = fx_call(f, 0);
	struct session_key before = f->key;

	for (uint32_t i = 0; i < 100000; i++) {
		struct envelope_head head = {.session_id = random_of(&seed), .msg_id = fx_id(f)};

		head.seq_no = (uint32_t)random_of(&seed);
		if (head.session_id == f->s.id)
			continue;
		fx_result(f, req, i);
		session_consume(&f->s, &head, cspan_of(f->body, tl_written(&f->w)), f->now,
				(struct span){f->inflate, sizeof(f->inflate)});
		cr_assert_eq(fx_next(f), SESSION_BROKEN);
		cr_assert_eq(f->ev.fault, SESSION_ID);
		cr_assert_eq(fx_next(f), -1);
		cr_assert(session_holds(&f->calls[0]));
		cr_assert_eq(f->s.ack_count + f->s.seen_count, 0);
		f->s.broken = false; /* the next connection */
	}
	cr_expect_arr_eq(&f->key, &before, sizeof(before));
}

/* ---- the replay window ---- */

enum { IDS = 1 << 16, ROUNDS = 1000000 };

/* The set of all ids that came, and below which of them nothing is known any more. */
struct model {
	bool there[IDS];
	uint32_t count, lowest; /* kept: at most SESSION_SEEN, the highest */
};

static enum seen model_seen(const struct model *m, uint32_t id)
{
	if (m->there[id] && id >= m->lowest)
		return SEEN_TWICE;
	return m->count == SESSION_SEEN && id < m->lowest ? SEEN_BELOW : SEEN_NEW;
}

static void model_see(struct model *m, uint32_t id)
{
	m->there[id] = true;
	if (m->count == 0 || id < m->lowest)
		m->lowest = id;
	if (m->count < SESSION_SEEN) {
		m->count++;
		return;
	}
	do
		m->lowest++;
	while (!m->there[m->lowest]);
}

/* Rows: H9 */
Test(hostile_session, window_against_a_set)
{
	static struct model model;
	uint64_t seed = 9, told[3] = {0};

	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint32_t base = (uint32_t)((uint64_t)i * (IDS - 4096) / ROUNDS);
		uint32_t id = base + 1 + (uint32_t)(random_of(&seed) % 4000);
		enum seen want = model_seen(&model, id);

		cr_assert_eq(session_seen(&f->s, id), want, "%u: %u", i, id);
		told[want]++;
		if (want != SEEN_NEW)
			continue;
		session_see(&f->s, id);
		model_see(&model, id);
		cr_assert_eq(f->s.seen_count, model.count);
	}
	for (int i = 0; i < 3; i++)
		cr_expect_gt(told[i], 1000, "case %d hardly ever came", i);
}

/* ---- clocks ---- */

/* Whatever time a server claims: ids rise, and nothing is due in the past for ever. */
static void one_clock(int64_t server_s, uint64_t *seed)
{
	uint64_t last = 0;

	fx_end(f);
	fx_start_raw(f);
	f->server_ns = server_s * (int64_t)FX_SECOND - (int64_t)f->now;
	session_set_time(&f->key, server_s, f->now);
	for (uint32_t i = 0; i < 20; i++) {
		uint64_t id = fx_call(f, i), due;

		cr_assert_gt(id, last, "%lld", (long long)server_s);
		last = id;
		while (fx_service(f, false))
			cr_assert_gt(f->head.msg_id, last);
		last = f->s.last_msg_id;
		if (i % 4 == 1) {
			fx_result(f, id, 1);
			fx_give(f, fx_id(f), 1);
		} else if (i % 4 == 2) {
			fx_bad_msg(f, id, i % 8 < 4 ? 16 : 17);
			fx_give(f, (random_of(seed) & ~UINT64_C(3)) | 1, 0);
		}
		fx_drain(f);
		if (f->s.renewing) {
			session_restart(&f->s, random_of(seed));
			fx_drain(f);
			last = 0;
		}
		due = session_due(&f->s);
		f->now += 1 + random_of(seed) % (40 * FX_SECOND);
		cr_assert(due == UINT64_MAX || due < f->now + 10000000 * FX_SECOND);
	}
}

/* Rows: H15 */
Test(hostile_session, servers_of_any_year)
{
	static const int64_t years[] = {0, 1, 0x7fffffff, INT64_C(0x80000000), UINT32_MAX};
	uint64_t seed = 15;

	for (size_t i = 0; i < countof(years); i++)
		one_clock(years[i], &seed);
	for (int i = 0; i < 1000; i++)
		one_clock((int64_t)(uint32_t)random_of(&seed), &seed);
}

/* Salts that end before they begin, or in another century. */
/* Rows: H15 */
Test(hostile_session, salts_of_any_year)
{
	static const uint32_t times[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff};

	for (size_t a = 0; a < countof(times); a++)
		for (size_t b = 0; b < countof(times); b++) {
			struct tl_reader r;
			uint8_t raw[4 + 16];

			fx_end(f);
			fx_start(f);
			store_le32(raw, 1);
			store_le32(raw + 4, times[a]);
			store_le32(raw + 8, times[b]);
			store_le64(raw + 12, 99);
			tl_reader_init(&r, cspan_of(raw, sizeof(raw)));
			key_take_salts(&f->key, &r, f->now);
			key_pick_salt(&f->key, f->now);
			cr_expect_geq(f->key.salts_due_ns, f->now + 60 * FX_SECOND);
			cr_expect_leq(f->key.salts_due_ns,
				      f->now + UINT64_C(0x200000000) * FX_SECOND);
		}
}

/* ---- floods ---- */

/* What a peer may say without being asked leaves nothing behind that grows. */
/* Rows: H24 H25 S45 */
Test(hostile_session, floods_leave_nothing_behind)
{
	uint64_t seed = 25;

	fx_call(f, 0);
	for (uint32_t i = 0; i < 100000; i++) {
		struct tl_writer *w = fx_body(f, i % 3 == 0 ? 0x74ae4240 : (uint32_t)random_of(&seed));

		tl_write_u64(w, random_of(&seed));
		tl_write_u64(w, random_of(&seed));
		fx_give(f, fx_id(f), 1);
		while (fx_next(f) >= 0)
			cr_assert(f->ev.kind != SESSION_RESULT && f->ev.kind != SESSION_ERROR);
		cr_assert_leq(f->s.ack_count, SESSION_ACKS_MAX);
		cr_assert_leq(f->s.seen_count, SESSION_SEEN);
		cr_assert_leq(f->s.resend_count, countof(f->s.resend_ids));
		cr_assert(session_holds(&f->calls[0]));
		if (f->s.broken || f->s.renewing) {
			session_restart(&f->s, random_of(&seed));
			session_reconnected(&f->s, f->now);
			fx_drain(f);
			fx_call(f, 0);
		}
	}
}
