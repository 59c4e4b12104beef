/*
 * A session's life and its table of open calls. A call is in the table until the server's word
 * about it came; then its event waits on the list of verdicts, or is handed out at once:
 *
 *   LOOSE -> session_call -> OPEN -> answer ------------------------------> LOOSE
 *                              `---> RESEND or UNSURE (waits) -> fetched -> LOOSE
 *
 * Receiving is session_in.c, what the server says about messages session_notice.c, what we say of
 * our own accord session_out.c, clock and salts key.c.
 */
#include "proto/session/session_priv.h"

#include "proto/session/msgid.h"

enum {
	ACKS_AT_ONCE = 16, /* messages.md 5 */
	DISCONNECT_S = 75, /* messages.md 10 */
};

#define STATE_AFTER_NS (30 * SESSION_NS)
#define PING_IDLE_NS   (60 * SESSION_NS)
#define PING_BUSY_NS   (10 * SESSION_NS)
#define ACK_AFTER_NS   (10 * SESSION_NS)

void session_init(struct session *s, struct session_key *key, uint64_t random_id,
		  struct session_event *events, uint32_t event_room)
{
	check(event_room >= SESSION_EVENTS_MAX);
	memset(s, 0, sizeof(*s));
	s->key = key;
	s->id = random_id;
	s->events = events;
	s->event_room = event_room;
	s->state_after_ns = STATE_AFTER_NS;
	s->ping_idle_ns = PING_IDLE_NS;
	s->ping_busy_ns = PING_BUSY_NS;
	s->ack_after_ns = ACK_AFTER_NS;
	s->disconnect_s = DISCONNECT_S;
	s->state_due_ns = UINT64_MAX;
	list_init(&s->calls);
	list_init(&s->verdicts);
}

static uint32_t bucket_of(uint64_t msg_id)
{
	return (uint32_t)(((msg_id >> 2) * UINT64_C(0x9e3779b97f4a7c15)) >> 58);
}

struct call *session_find(const struct session *s, uint64_t msg_id)
{
	struct call *c = s->buckets[bucket_of(msg_id)];

	while (c != NULL && c->msg_id != msg_id)
		c = c->hash_next;
	return c;
}

static void table_add(struct session *s, struct call *c)
{
	struct call **bucket = &s->buckets[bucket_of(c->msg_id)];

	c->hash_next = *bucket;
	*bucket = c;
	list_push(&s->calls, &c->node);
	s->call_count++;
	c->state = CALL_OPEN;
}

static void table_del(struct session *s, struct call *c)
{
	struct call **at = &s->buckets[bucket_of(c->msg_id)];

	check(c->state == CALL_OPEN);
	while (*at != c)
		at = &(*at)->hash_next;
	*at = c->hash_next;
	list_del(&c->node);
	s->call_count--;
	c->state = CALL_LOOSE;
}

bool session_holds(const struct call *c)
{
	return c->state != CALL_LOOSE;
}

static void send_call(struct session *s, struct call *c, uint64_t now, struct envelope_head *head)
{
	c->order = ++s->last_order;
	s->sent_ns = now;
	if (c->ask_ns < s->state_due_ns)
		s->state_due_ns = c->ask_ns;
	*head = (struct envelope_head){
	    .salt = key_pick_salt(s->key, now),
	    .session_id = s->id,
	    .msg_id = c->msg_id,
	    .seq_no = c->seq_no,
	};
}

void session_call(struct session *s, struct call *c, const struct buf *query, uint64_t now,
		  struct envelope_head *head)
{
	check(!session_holds(c));
	check(s->call_count < SESSION_CALLS_MAX);
	check(query->len > 0 && query->len % 4 == 0);
	*c = (struct call){
	    .once = c->once, .patience = c->patience, .epoch = s->key->epoch, .sent_ns = now};
	c->msg_id = msgid_next(&s->last_msg_id, key_unix_ns(s->key, now));
	c->ask_ns = now + (s->state_after_ns << c->patience);
	table_add(s, c);
	c->seq_no = 2 * s->seq + 1;
	send_call(s, c, now, head);
	if (++s->seq >= SESSION_SEQ_MAX)
		session_renew(s, SESSION_USED_UP, 0);
}

void session_again(struct session *s, struct call *c, uint64_t now, struct envelope_head *head)
{
	check(c->state == CALL_OPEN);
	c->again = true;
	c->elsewhere = c->acked = c->told = false;
	c->epoch = s->key->epoch;
	c->sent_ns = now;
	c->ask_ns = now + s->state_after_ns;
	c->stuck_ns = 0;
	send_call(s, c, now, head);
}

static void forget_id(struct session *s, uint64_t msg_id)
{
	s->forgotten[s->forgotten_at++ % countof(s->forgotten)] = msg_id;
}

bool session_forgot(const struct session *s, uint64_t msg_id)
{
	for (size_t i = 0; i < countof(s->forgotten); i++)
		if (s->forgotten[i] == msg_id)
			return msg_id != 0;
	return false;
}

void session_forget(struct session *s, struct call *c)
{
	if (c->state == CALL_OPEN) {
		table_del(s, c);
		forget_id(s, c->msg_id);
	} else if (c->state != CALL_LOOSE) {
		list_del(&c->node);
		c->state = CALL_LOOSE;
	}
}

void session_loosen(struct session *s, struct call *c)
{
	table_del(s, c);
}

static void judge(struct session *s, struct call *c, enum call_state state)
{
	table_del(s, c);
	forget_id(s, c->msg_id);
	c->state = (uint8_t)state;
	list_push(&s->verdicts, &c->node);
}

void session_resend(struct session *s, struct call *c)
{
	judge(s, c, CALL_RESEND);
}

void session_doubt(struct session *s, struct call *c)
{
	judge(s, c, c->once ? CALL_UNSURE : CALL_RESEND);
}

bool session_sent(const struct session *s, uint64_t msg_id)
{
	for (size_t i = 0; i < countof(s->service_ids); i++)
		if (s->service_ids[i] == msg_id)
			return msg_id != 0;
	return false;
}

void session_record(struct session *s, uint64_t msg_id)
{
	s->service_ids[s->service_at++ % countof(s->service_ids)] = msg_id;
}

struct session_event *session_push(struct session *s, enum session_event_kind kind)
{
	uint32_t at = (s->event_at + s->event_count) % s->event_room;

	check(s->event_count < s->event_room);
	s->event_count++;
	s->events[at] = (struct session_event){.kind = kind};
	return &s->events[at];
}

/* The rest of the packet is not looked at, and nothing is said any more on this connection. */
void session_break(struct session *s, enum session_fault why)
{
	s->in.left = 0;
	if (s->broken)
		return;
	s->broken = true;
	if (why == SESSION_TIME)
		s->key->offset_known = false; /* perhaps it is our clock: a suspended machine */
	session_push(s, SESSION_BROKEN)->fault = why;
}

void session_renew(struct session *s, enum session_fault why, int32_t code)
{
	struct session_event *e;

	if (s->renewing)
		return;
	s->renewing = true;
	e = session_push(s, SESSION_RENEW);
	e->fault = why;
	e->code = code;
}

/* When the table is full the server will send its message again: nothing is lost. */
void session_ack(struct session *s, uint64_t msg_id)
{
	if (s->ack_count == SESSION_ACKS_MAX)
		return;
	if (s->ack_count == 0)
		s->ack_due_ns = s->in.now + s->ack_after_ns;
	s->acks[s->ack_count++] = msg_id;
	if (s->ack_count >= ACKS_AT_ONCE)
		s->ack_due_ns = 0;
}

void session_restart(struct session *s, uint64_t random_id)
{
	while (!list_empty(&s->calls))
		session_doubt(s, container_of(s->calls.next, struct call, node));
	s->destroy_id = s->old_id = s->id;
	s->id = random_id;
	s->last_msg_id = 0; /* a corrected clock may stand before the ids of the old session */
	s->seq = 0;
	s->seen_count = 0;
	s->ack_count = 0;
	s->resend_count = 0;
	s->info_req_id = 0;
	s->said.first_id = 0;
	s->state_req_id = 0;
	s->salts_req_id = 0;
	s->ping_id = s->ping_sent_ns = 0;
	s->state_due_ns = UINT64_MAX;
	s->refusals = s->time_faults = s->old_faults = 0;
	s->created = s->renewing = false;
	s->in.left = 0;
	memset(s->service_ids, 0, sizeof(s->service_ids));
}

void session_reconnected(struct session *s, uint64_t now)
{
	list_each (node, &s->calls) {
		struct call *c = container_of(node, struct call, node);

		c->ask_ns = now;
		c->stuck_ns = 0;
		c->told = false;
		c->elsewhere = true;
	}
	s->state_due_ns = s->call_count > 0 ? now : UINT64_MAX;
	s->state_req_id = 0;
	s->salts_req_id = 0;
	s->ping_id = s->ping_sent_ns = 0;
	s->heard_ns = now;
	s->refusals = s->time_faults = s->old_faults = 0;
	s->broken = false;
	s->in.left = 0;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

void session_patience(struct session *s, struct call *c, uint64_t now)
{
	if (c->state != CALL_OPEN)
		return;
	if (c->stuck_ns != 0)
		c->stuck_ns = later(c->stuck_ns, now + s->state_after_ns / 2);
	c->ask_ns = later(c->ask_ns, now + s->state_after_ns);
}

uint64_t session_silent(const struct session *s, uint64_t now)
{
	if (s->ping_id == 0 || s->heard_ns > s->ping_sent_ns || now <= s->ping_sent_ns)
		return 0;
	return now - s->ping_sent_ns;
}
