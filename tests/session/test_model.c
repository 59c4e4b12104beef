/*
 * A session against a server in miniature, with a network that loses everything at once, or brings it
 * later than what follows on the next connection, a server that changes its salt, forgets its sessions, repeats itself, packs at random and is late.
 * Whatever happens: ids rise, an answer goes to the call that asked, each call ends exactly once,
 * and what must not run twice is sent again only when it surely did not run. When the faults stop,
 * all is answered.
 */
#include "tests/session/fixture.h"

#include "proto/session/session_priv.h"

#include <criterion/criterion.h>

enum {
	JOBS = 60,
	WIRE = 256,
	OUTBOX = 2048,
	KNOWN = 8192,
	STEPS = 600,
	QUIET_STEPS = 4000,
	QUERY = 0x10b10b10,
	LATE = 8,
	SEEDS = 300,
};

struct job {
	struct call call; /* first: an event's call leads here */
	uint32_t number;
	uint64_t msg_id;
	uint32_t runs;
	bool asked, done, unsure;
};

struct wire_packet {
	struct envelope_head head;
	uint8_t data[SESSION_SERVICE_MAX];
	uint32_t len;
};

struct letter {
	uint64_t id;
	uint32_t seq;
	uint8_t body[600];
	uint32_t len;
	bool content, sent, ever_sent, acked;
};

static struct model {
	struct fixture *f;
	struct job jobs[JOBS];
	struct wire_packet wire[WIRE]; /* client to server, in order */
	uint32_t wire_count;
	struct wire_packet late[LATE]; /* of connections before */
	uint32_t late_count;
	uint64_t last_id;
	bool calm; /* no faults any more */
	/* the server */
	uint64_t session, salt, unique;
	bool known;
	uint64_t received[KNOWN];
	uint32_t received_count;
	struct letter outbox[OUTBOX];
	uint32_t outbox_count;
	uint64_t seed;
	uint64_t resends, unsures, agains, lates, reconnects, restarts;
} model;

static struct fixture fx;

static uint32_t draw(struct model *m, uint32_t below)
{
	m->seed = m->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((m->seed >> 33) % below);
}

/* ---- the server ---- */

static struct letter *write_letter(struct model *m, bool content)
{
	struct letter *l = &m->outbox[m->outbox_count++];

	cr_assert_leq(m->outbox_count, OUTBOX);
	*l = (struct letter){.id = fx_id(m->f), .seq = content, .content = content};
	l->len = (uint32_t)tl_written(&m->f->w);
	cr_assert_leq(l->len, sizeof(l->body));
	memcpy(l->body, m->f->body, l->len);
	return l;
}

static bool was_received(const struct model *m, uint64_t id)
{
	for (uint32_t i = 0; i < m->received_count; i++)
		if (m->received[i] == id)
			return true;
	return false;
}

static void run_query(struct model *m, uint64_t id, struct cspan body)
{
	struct job *j = &m->jobs[load_le32(body.at + 4)];

	cr_assert(j->asked);
	if (j->call.once)
		cr_assert(j->runs == 0 || j->unsure, "job %u ran twice", j->number);
	j->runs++;
	fx_result(m->f, id, j->number);
	write_letter(m, true);
}

static void tell_states(struct model *m, uint64_t id, struct cspan body)
{
	uint8_t info[128];
	uint32_t count = load_le32(body.at + 8);

	for (uint32_t i = 0; i < count; i++)
		info[i] = was_received(m, load_le64(body.at + 12 + 8 * i)) ? 4 : 2;
	fx_state_info(m->f, id, info, count);
	write_letter(m, false);
}

static void took_acks(struct model *m, struct cspan body)
{
	for (uint32_t i = 0; i < load_le32(body.at + 8); i++) {
		uint64_t id = load_le64(body.at + 12 + 8 * i);
		bool known = false;

		for (uint32_t k = 0; k < m->outbox_count; k++) {
			if (m->outbox[k].id != id)
				continue;
			cr_assert(m->outbox[k].ever_sent, "acked before it was sent");
			m->outbox[k].acked = known = true;
		}
		cr_assert(known || m->unique > 1, "ack of nothing");
	}
}

static void server_takes(struct model *m, uint64_t id, struct cspan body)
{
	if (was_received(m, id))
		return; /* it came twice, on two ways */
	cr_assert_lt(m->received_count, KNOWN);
	m->received[m->received_count++] = id;
	switch (session_kind(body)) {
	case QUERY:
		run_query(m, id, body);
		break;
	case (uint32_t)ID_STATE_REQ:
		tell_states(m, id, body);
		break;
	case (uint32_t)ID_PING_DELAY:
		fx_body(m->f, ID_PONG);
		tl_write_u64(&m->f->w, id);
		tl_write_u64(&m->f->w, load_le64(body.at + 4));
		write_letter(m, false);
		break;
	case ID_MSGS_ACK:
		took_acks(m, body);
		break;
	case ID_RESEND_REQ:
	case (uint32_t)ID_GET_SALTS:
	case (uint32_t)ID_DESTROY:
		break; /* it need not answer */
	default:
		cr_assert_fail("the client sent %08x", session_kind(body));
	}
}

static void create_session(struct model *m, const struct envelope_head *head)
{
	m->session = head->session_id;
	m->known = true;
	m->received_count = m->outbox_count = 0;
	fx_new_session(m->f, head->msg_id, ++m->unique, m->salt);
	write_letter(m, true);
}

static void server_reads_one(struct model *m, const struct wire_packet *p)
{
	struct cspan data = {p->data, p->len};

	if (p->head.salt != m->salt) {
		fx_bad_salt(m->f, p->head.msg_id, m->salt);
		write_letter(m, false);
	} else if (session_kind(data) != ID_CONTAINER) {
		server_takes(m, p->head.msg_id, data);
	} else {
		const uint8_t *at = data.at + 8;

		for (uint32_t i = 0; i < load_le32(data.at + 4); i++) {
			server_takes(m, load_le64(at), cspan_of(at + 16, load_le32(at + 12)));
			at += 16 + load_le32(at + 12);
		}
	}
}

static void server_reads(struct model *m)
{
	struct wire_packet *p = &m->wire[0];

	if (!m->known || m->session != p->head.session_id)
		create_session(m, &p->head);
	server_reads_one(m, p);
	m->wire_count--;
	memmove(m->wire, m->wire + 1, m->wire_count * sizeof(m->wire[0]));
}

/* Of the session that is there, and with its salt; the rest is lost after all. */
static void server_reads_late(struct model *m)
{
	struct wire_packet p;

	if (m->late_count == 0)
		return;
	p = m->late[draw(m, m->late_count)];
	m->late_count--;
	memmove(m->late, m->late + 1, m->late_count * sizeof(m->late[0]));
	if (!m->known || m->session != p.head.session_id || p.head.salt != m->salt)
		return;
	m->lates++;
	server_reads_one(m, &p);
}

static struct letter *next_letter(struct model *m)
{
	for (uint32_t i = 0; i < m->outbox_count; i++)
		if (!m->outbox[i].sent && !m->outbox[i].acked)
			return &m->outbox[i];
	return NULL;
}

/* One letter, or some of them in a container. */
static void server_writes(struct model *m)
{
	struct letter *l = next_letter(m);
	uint32_t n = 1 + draw(m, 4);

	if (l == NULL)
		return;
	if (draw(m, 2) == 0) {
		l->sent = l->ever_sent = true;
		fx_give_bytes(m->f, l->id, l->seq, cspan_of(l->body, l->len));
		return;
	}
	fx_container(m->f);
	for (; l != NULL && n > 0; n--, l = next_letter(m)) {
		l->sent = l->ever_sent = true;
		fx_add(m->f, l->id, l->seq, cspan_of(l->body, l->len));
		if (!m->calm && draw(m, 8) == 0) /* twice in one packet */
			fx_add(m->f, l->id, l->seq, cspan_of(l->body, l->len));
	}
	fx_give_container(m->f, fx_id(m->f));
}

static void server_repeats(struct model *m)
{
	struct letter *l;

	if (m->outbox_count == 0)
		return;
	l = &m->outbox[draw(m, m->outbox_count)];
	if (l->sent)
		fx_give_bytes(m->f, l->id, l->seq, cspan_of(l->body, l->len));
}

/* ---- the client ---- */

static void put_on_wire(struct model *m, const struct envelope_head *head, const struct buf *data)
{
	struct wire_packet *p = &m->wire[m->wire_count++];

	cr_assert_leq(m->wire_count, WIRE);
	p->head = *head;
	p->len = data->len;
	memcpy(p->data, buf_at(data), data->len);
}

static void ids_rise(struct model *m, uint64_t id)
{
	cr_assert(id > m->last_id, "ids rise");
	m->last_id = id;
}

static void write_query(const struct job *j, uint8_t mem[8], struct buf *query)
{
	buf_init(query, mem, 8, 0);
	buf_put(query, 8);
	store_le32(mem, QUERY);
	store_le32(mem + 4, j->number);
}

static void ask(struct model *m, struct job *j)
{
	uint8_t mem[8];
	struct envelope_head head;
	struct buf query;

	write_query(j, mem, &query);
	session_call(&m->f->s, &j->call, &query, m->f->now, &head);
	j->asked = true;
	j->msg_id = head.msg_id;
	ids_rise(m, head.msg_id);
	put_on_wire(m, &head, &query);
}

static void ask_the_same(struct model *m, struct job *j)
{
	uint8_t mem[8];
	struct envelope_head head;
	struct buf query;

	cr_assert(j->call.once);
	write_query(j, mem, &query);
	session_again(&m->f->s, &j->call, m->f->now, &head);
	cr_assert_eq(head.msg_id, j->msg_id);
	m->agains++;
	put_on_wire(m, &head, &query);
}

static void reconnect(struct model *m)
{
	for (uint32_t i = 0; i < m->wire_count && m->late_count < LATE && !m->calm; i++)
		if (draw(m, 3) == 0)
			m->late[m->late_count++] = m->wire[i];
	m->wire_count = 0;
	m->reconnects++;
	for (uint32_t i = 0; i < m->outbox_count; i++) {
		if (m->outbox[i].content)
			m->outbox[i].sent = false; /* what was not acked comes again */
		else
			m->outbox[i].acked = true; /* lost */
	}
	session_reconnected(&m->f->s, m->f->now);
}

static void restart(struct model *m)
{
	m->wire_count = m->late_count = 0;
	m->restarts++;
	m->last_id = 0;
	session_restart(&m->f->s, m->seed ^ m->restarts);
}

static void ended(struct model *m, struct job *j)
{
	cr_assert_eq(load_le32(m->f->ev.body.at), j->number, "another job's answer");
	cr_assert_not(j->done, "answered twice");
	cr_assert_gt(j->runs, 0);
	j->done = true;
}

static void give_back(struct model *m, struct job *j)
{
	bool unsure = m->f->ev.kind == SESSION_UNSURE;

	cr_assert_not(j->done);
	m->resends += !unsure;
	m->unsures += unsure;
	if (unsure)
		cr_assert(j->call.once);
	else if (j->call.once && !j->unsure)
		cr_assert_eq(j->runs, 0, "job %u had run", j->number);
	j->unsure |= unsure; /* a person would look; here it may run again */
	ask(m, j);
}

static void take_events(struct model *m)
{
	while (session_next(&m->f->s, &m->f->ev)) {
		struct job *j = (struct job *)m->f->ev.call;

		switch (m->f->ev.kind) {
		case SESSION_RESULT:
			ended(m, j);
			break;
		case SESSION_RESEND:
		case SESSION_UNSURE:
			give_back(m, j);
			break;
		case SESSION_AGAIN:
			ask_the_same(m, j);
			break;
		case SESSION_BROKEN:
			reconnect(m);
			break;
		case SESSION_RENEW:
			restart(m);
			break;
		case SESSION_SALT:
		case SESSION_CREATED:
		case SESSION_PONG:
			break;
		default:
			cr_assert_fail("event %d", m->f->ev.kind);
		}
	}
}

static void serve(struct model *m)
{
	struct fixture *f = m->f;

	if (session_due(&f->s) > f->now || !fx_service(f, false))
		return;
	ids_rise(m, f->head.msg_id);
	put_on_wire(m, &f->head, &f->out);
}

/* A server that forgets between two copies of one message runs both: only random_ids help there. */
static bool forget(struct model *m)
{
	for (uint32_t i = 0; i < m->wire_count; i++)
		if (was_received(m, m->wire[i].head.msg_id))
			return true;
	m->late_count = 0;
	return false;
}

static void fault(struct model *m)
{
	switch (draw(m, 40)) {
	case 0:
		reconnect(m);
		break;
	case 1:
		m->salt++;
		break;
	case 2:
		m->known = m->known && forget(m);
		break;
	case 3:
		restart(m);
		break;
	case 4:
	case 5:
		server_repeats(m);
		break;
	case 6:
	case 7:
	case 8:
		server_reads_late(m);
		break;
	default:
		break;
	}
}

static void step(struct model *m)
{
	struct job *j = &m->jobs[draw(m, JOBS)];

	m->f->now += draw(m, 1500) * (FX_SECOND / 1000);
	if (!j->asked && !m->f->s.broken)
		ask(m, j);
	serve(m);
	take_events(m);
	if (m->wire_count > 0 && draw(m, 4) > 0)
		server_reads(m);
	if (draw(m, 4) > 0)
		server_writes(m);
	take_events(m);
	if (!m->calm)
		fault(m);
	take_events(m);
}

static bool all_done(const struct model *m)
{
	for (uint32_t i = 0; i < JOBS; i++)
		if (!m->jobs[i].done)
			return false;
	return true;
}

static void run(uint64_t seed)
{
	struct model *m = &model;
	uint32_t steps = 0;

	memset(m, 0, sizeof(*m));
	m->f = &fx;
	m->seed = seed;
	m->salt = 1;
	fx_start_raw(m->f);
	m->f->s.state_after_ns = 30 * FX_SECOND;
	for (uint32_t i = 0; i < JOBS; i++) {
		m->jobs[i].number = i;
		m->jobs[i].call.once = i % 3 == 0;
	}
	session_reconnected(&m->f->s, m->f->now);
	for (uint32_t i = 0; i < STEPS; i++)
		step(m);
	m->calm = true;
	while (!all_done(m) && steps++ < QUIET_STEPS)
		step(m);
	cr_assert(all_done(m), "seed %llu: not all was answered", (unsigned long long)seed);
	cr_assert_eq(m->f->s.call_count, 0);
	fx_end(m->f);
}

/* Rows: N14 N15 N16 N17 */
Test(model, whatever_happens_each_call_ends_once, .timeout = 120)
{
	uint64_t resends = 0, unsures = 0, agains = 0, lates = 0, reconnects = 0, restarts = 0;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		run(seed);
		resends += model.resends;
		unsures += model.unsures;
		agains += model.agains;
		lates += model.lates;
		reconnects += model.reconnects;
		restarts += model.restarts;
	}
	/* the faults did happen */
	cr_expect_gt(resends, 10 * SEEDS);
	cr_expect_gt(unsures, SEEDS);
	cr_expect_gt(agains, SEEDS);
	cr_expect_gt(lates, SEEDS);
	cr_expect_gt(reconnects, 10 * SEEDS);
	cr_expect_gt(restarts, 5 * SEEDS);
}
