/*
 * What a session says of its own accord: acknowledgements, pings, questions about messages and for
 * salts. One message goes out as it is, several in a container:
 *
 *   container 4 | count 4 | msg_id 8 | seq_no 4 | length 4 | body | msg_id ...
 *   `- cut off again when there is only one message -----' `-- then this is the packet
 *
 * None of them is content-related. When each is due is decided here; what came back is
 * session_notice.c's.
 */
#include "proto/session/session_priv.h"

#include "proto/session/msgid.h"

enum {
	CONTAINER_HEAD = 8,
	ENTRY_HEAD = 16,
	ACKS_A_PACKET = 128,
	ENTRIES_MAX = 8,
	SALTS_ASKED = 64,
};

#define STATE_WAIT_NS (15 * SESSION_NS)

/* Everything at once, each with its id and vector head. */
static_assert(CONTAINER_HEAD + 7 * (ENTRY_HEAD + 24) + 8 * (ACKS_A_PACKET + 64 + 64) + 256 +
		      (int)ENVELOPE_TAILROOM <=
		  (int)SESSION_SERVICE_MAX,
	      "SESSION_SERVICE_MAX holds every service message");

/* The packet being put together. */
struct parcel {
	struct session *s;
	uint64_t now;
	struct tl_writer w;
	uint8_t *entry; /* head of the message being written */
	uint64_t msg_id;
	uint32_t count;
};

static uint64_t next_id(struct session *s, uint64_t now)
{
	uint64_t id = msgid_next(&s->last_msg_id, key_unix_ns(s->key, now));

	session_record(s, id);
	return id;
}

/* For the case that the server refuses it. The rest of a packet is due again by itself. */
static void keep_said(struct session *s)
{
	if (s->resend_count == 0 && s->info_req_id == 0 && s->destroy_id == 0)
		return;
	s->said.first_id = s->last_msg_id + 1;
	s->said.last_id = UINT64_MAX;
	s->said.resend_count = s->resend_count;
	memcpy(s->said.resend_ids, s->resend_ids, s->resend_count * sizeof(s->resend_ids[0]));
	s->said.info_req_id = s->info_req_id;
	s->said.destroy_id = s->destroy_id;
}

static void begin(struct parcel *p, uint32_t kind)
{
	p->entry = p->w.at;
	p->msg_id = next_id(p->s, p->now);
	p->count++;
	tl_write_u64(&p->w, p->msg_id);
	tl_write_u32(&p->w, 2 * p->s->seq);
	tl_write_u32(&p->w, 0); /* the length, when it is known */
	tl_write_u32(&p->w, kind);
}

static void end(struct parcel *p)
{
	check(!p->w.full && p->count <= ENTRIES_MAX);
	store_le32(p->entry + 12, (uint32_t)(p->w.at - p->entry) - ENTRY_HEAD);
}

static void write_ids(struct parcel *p, const uint64_t *ids, uint32_t count)
{
	tl_write_u32(&p->w, TL_VECTOR);
	tl_write_u32(&p->w, count);
	for (uint32_t i = 0; i < count; i++)
		tl_write_u64(&p->w, ids[i]);
}

static void put_acks(struct parcel *p)
{
	struct session *s = p->s;
	uint32_t n = s->ack_count < ACKS_A_PACKET ? s->ack_count : ACKS_A_PACKET;

	if (n == 0)
		return;
	begin(p, ID_MSGS_ACK);
	write_ids(p, s->acks, n);
	end(p);
	s->ack_count -= n;
	memmove(s->acks, s->acks + n, s->ack_count * sizeof(s->acks[0]));
	s->ack_due_ns = 0;
}

static uint64_t min_ns(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max_ns(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/*
 * While nothing is heard, how long the last one waits is what session_silent tells. The server wants
 * its ping in time even so, and a pong that got lost is nothing to wait for.
 */
static uint64_t ping_due(const struct session *s)
{
	uint64_t due, quiet;

	if (s->ping_sent_ns == 0)
		return 0;
	due = s->ping_sent_ns + s->ping_idle_ns;
	if (s->call_count == 0 || (s->ping_id != 0 && s->heard_ns <= s->ping_sent_ns))
		return due;
	quiet = max_ns(max_ns(s->heard_ns, s->sent_ns), s->ping_sent_ns) + s->ping_busy_ns;
	return min_ns(due, quiet);
}

static void put_ping(struct parcel *p)
{
	struct session *s = p->s;

	if (ping_due(s) > p->now)
		return;
	begin(p, (uint32_t)ID_PING_DELAY);
	tl_write_u64(&p->w, p->msg_id);
	tl_write_u32(&p->w, (uint32_t)s->disconnect_s);
	end(p);
	s->ping_id = p->msg_id;
	s->ping_sent_ns = p->now;
}

/*
 * N9, S10: the server was asked about the call and still nothing came. One that did not say a word
 * may do so on another connection; one that has it and is silent lost the answer, with its session.
 */
static void stuck(struct session *s, struct call *c)
{
	c->stuck_ns = 0;
	c->unanswered = true;
	if (s->broken || s->renewing)
		return; /* said already */
	if (c->asks <= 1 && !c->told)
		session_break(s, SESSION_STUCK);
	else
		session_renew(s, SESSION_STUCK, 0);
}

static void ask_state(struct session *s, struct call *c, uint64_t now)
{
	s->state_ids[s->state_count++] = c->msg_id;
	c->ask_ns = UINT64_MAX;
	c->stuck_ns = now + (c->acked ? s->state_after_ns : s->state_after_ns / 2);
	if (c->asks < UINT8_MAX)
		c->asks++;
}

/* Collects the calls to ask about; false when there are none. Plans the next look. */
static bool collect_states(struct session *s, uint64_t now)
{
	bool waiting = s->state_req_id != 0 && now < s->state_req_ns + STATE_WAIT_NS;
	uint64_t next = UINT64_MAX;
	bool more = false;

	if (now < s->state_due_ns)
		return false;
	if (!waiting)
		s->state_count = 0;
	list_each (node, &s->calls) {
		struct call *c = container_of(node, struct call, node);

		if (c->stuck_ns != 0 && c->stuck_ns <= now)
			stuck(s, c);
		if (c->ask_ns <= now && !waiting && s->state_count < countof(s->state_ids))
			ask_state(s, c, now);
		if (c->ask_ns <= now)
			more = true;
		else
			next = min_ns(next, c->ask_ns);
		if (c->stuck_ns != 0)
			next = min_ns(next, c->stuck_ns);
	}
	if (more)
		next = min_ns(next, (waiting ? s->state_req_ns : now) + STATE_WAIT_NS);
	s->state_due_ns = next;
	return !waiting && s->state_count > 0;
}

static void put_states(struct parcel *p)
{
	struct session *s = p->s;

	if (!collect_states(s, p->now))
		return;
	begin(p, (uint32_t)ID_STATE_REQ);
	write_ids(p, s->state_ids, s->state_count);
	end(p);
	s->state_req_id = p->msg_id;
	s->state_req_ns = p->now;
}

static void put_resend(struct parcel *p)
{
	struct session *s = p->s;

	if (s->resend_count == 0)
		return;
	begin(p, ID_RESEND_REQ);
	write_ids(p, s->resend_ids, s->resend_count);
	end(p);
	s->resend_count = 0;
}

static void put_info(struct parcel *p)
{
	struct session *s = p->s;

	if (s->info_req_id == 0)
		return;
	begin(p, ID_STATE_INFO);
	tl_write_u64(&p->w, s->info_req_id);
	tl_write_bytes(&p->w, (struct cspan){s->info, s->info_len});
	end(p);
	s->info_req_id = 0;
}

/* Not before the server was heard: its clock says which of the salts are valid. */
static uint64_t salts_due(const struct session *s)
{
	return s->key->offset_known ? s->key->salts_due_ns : UINT64_MAX;
}

static void put_salts(struct parcel *p)
{
	struct session *s = p->s;

	if (salts_due(s) > p->now)
		return;
	begin(p, (uint32_t)ID_GET_SALTS);
	tl_write_u32(&p->w, SALTS_ASKED);
	end(p);
	s->salts_req_id = p->msg_id;
	key_asked_salts(s->key, p->now);
}

static void put_destroy(struct parcel *p)
{
	struct session *s = p->s;

	if (s->destroy_id == 0)
		return;
	begin(p, (uint32_t)ID_DESTROY);
	tl_write_u64(&p->w, s->destroy_id);
	end(p);
	s->destroy_id = 0;
}

static void close_parcel(struct parcel *p, struct buf *packet, struct envelope_head *head)
{
	struct session *s = p->s;

	buf_put(packet, (uint32_t)tl_written(&p->w));
	if (p->count == 1) {
		buf_pull(packet, CONTAINER_HEAD + ENTRY_HEAD);
	} else {
		store_le32(buf_at(packet), ID_CONTAINER);
		store_le32(buf_at(packet) + 4, p->count);
		p->msg_id = next_id(s, p->now); /* greater than the ids inside */
	}
	if (s->said.last_id == UINT64_MAX)
		s->said.last_id = p->msg_id;
	s->service_epoch = s->key->epoch;
	*head = (struct envelope_head){
	    .salt = key_pick_salt(s->key, p->now),
	    .session_id = s->id,
	    .msg_id = p->msg_id,
	    .seq_no = 2 * s->seq,
	};
}

bool session_service(struct session *s, struct buf *packet, uint64_t now, bool force,
		     struct envelope_head *head)
{
	struct parcel p = {.s = s, .now = now};

	check(packet->len == 0 && buf_tailroom(packet) >= SESSION_SERVICE_MAX);
	if (s->broken || s->renewing || (!force && session_due(s) > now))
		return false;
	tl_writer_init(&p.w, (struct span){buf_at(packet), SESSION_SERVICE_MAX});
	tl_write_u64(&p.w, 0); /* head of the container */
	keep_said(s);
	put_states(&p);
	put_ping(&p);
	put_resend(&p);
	put_info(&p);
	put_salts(&p);
	put_destroy(&p);
	if (force || p.count > 0 || s->ack_due_ns <= now)
		put_acks(&p);
	if (p.count == 0 || s->broken)
		return false;
	close_parcel(&p, packet, head);
	return true;
}

uint64_t session_due(const struct session *s)
{
	uint64_t due = min_ns(ping_due(s), s->state_due_ns);

	if (s->broken || s->renewing)
		return UINT64_MAX;
	if (s->resend_count > 0 || s->info_req_id != 0 || s->destroy_id != 0)
		return 0;
	if (s->ack_count > 0)
		due = min_ns(due, s->ack_due_ns);
	return min_ns(due, salts_due(s));
}
