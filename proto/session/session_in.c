/*
 * Receiving: the checks 5 and 8-12 of messages.md 15, containers, gzip bodies and answers.
 *
 *   consume: packet checks, container measured as a whole
 *   next:    events that wait, else the next message: checked, unpacked, given to its handler
 *
 * A replayed or badly timed message is ignored, a run of them breaks the connection, unless they are
 * only old: those are acknowledged, and come no more. One rule
 * stands above the window and the past of check 10: the answer to a call that is still open cannot
 * be a replay, so it is taken however old it is (a server repeats what we did not acknowledge). And
 * what a server repeats in a container keeps its id: there the container's time is what counts.
 *
 * Unpacking is the dearest thing a peer can ask for, byte by byte: all of a packet together may
 * become as much as one body may (S12).
 */
#include "proto/session/session_priv.h"

#include "proto/session/msgid.h"
#include "proto/wire/inflate.h"

enum {
	CONTAINER_MAX = 1024,
	ENTRY_HEAD = 8 + 4 + 4,
	FAULTS_MAX = 8,         /* ignored messages in a row */
	STRAY_MAX = 256 * 1024, /* S11 */
	ANSWER_BEFORE_S = 15,   /* messages.md 9 */
	ERROR_TEXT = 160,
};

#define STRAY_WINDOW_NS (60 * SESSION_NS)

uint32_t session_kind(struct cspan body)
{
	return body.len >= 4 ? load_le32(body.at) : 0;
}

/* Check 11, over the whole container before any of it is used. NULL: sound. */
static bool container_sound(struct cspan body, uint64_t container_id, uint32_t *count)
{
	const uint8_t *at = body.at + 8, *end = body.at + body.len;

	if (body.len < 8)
		return false;
	*count = load_le32(body.at + 4);
	if (*count > CONTAINER_MAX)
		return false;
	for (uint32_t i = 0; i < *count; i++) {
		uint32_t len;

		if (end - at < ENTRY_HEAD)
			return false;
		len = load_le32(at + 12);
		if (len % 4 != 0 || len > (size_t)(end - at) - ENTRY_HEAD)
			return false;
		if (load_le64(at) > container_id)
			return false;
		at += ENTRY_HEAD;
		if (session_kind((struct cspan){at, len}) == ID_CONTAINER)
			return false;
		at += len;
	}
	return at == end;
}

static void open_container(struct session *s, struct cspan body, uint64_t container_id)
{
	uint32_t count;

	if (!container_sound(body, container_id, &count)) {
		session_break(s, SESSION_CONTAINER);
		return;
	}
	s->in.container = true;
	s->in.left = count;
	s->in.rest = (struct cspan){body.at + 8, body.len - 8};
}

void session_consume(struct session *s, const struct envelope_head *head, struct cspan data,
		     uint64_t now, struct span inflate)
{
	check(s->in.left == 0); /* the last packet was taken to its end */
	if (s->broken)
		return;
	s->heard_ns = now;
	s->in.now = now;
	if (head->session_id != s->id) {
		if (head->session_id != s->old_id || s->old_id == 0)
			session_break(s, SESSION_ID);
		return;
	}
	if ((head->msg_id & 1) == 0) {
		session_break(s, SESSION_PARITY);
		return;
	}
	s->in.head = *head;
	s->in.inflate = inflate;
	s->in.inflate_left = inflate.len;
	s->in.container = false;
	s->in.late = !key_in_time(s->key, head->msg_id, now);
	if (!s->in.late)
		key_heard(s->key, head->msg_id, now);
	s->in.rest = data;
	s->in.left = 1;
	if (session_kind(data) == ID_CONTAINER)
		open_container(s, data, head->msg_id);
}

static void next_message(struct session *s, struct message *m)
{
	const uint8_t *at = s->in.rest.at;
	uint32_t len;

	s->in.left--;
	if (!s->in.container) {
		*m = (struct message){s->in.head.msg_id, s->in.head.seq_no, s->in.rest};
		return;
	}
	len = load_le32(at + 12);
	*m = (struct message){load_le64(at), load_le32(at + 8), {at + ENTRY_HEAD, len}};
	s->in.rest.at += ENTRY_HEAD + len;
	s->in.rest.len -= ENTRY_HEAD + len;
}

static bool answers_open(const struct session *s, struct cspan body)
{
	return session_kind(body) == (uint32_t)ID_RPC_RESULT && body.len >= 12 &&
	       session_find(s, load_le64(body.at + 4)) != NULL;
}

static void ignore(struct session *s, uint32_t *faults, enum session_fault why)
{
	if (++*faults >= FAULTS_MAX)
		session_break(s, why);
}

static bool content_related(const struct message *m)
{
	return (m->seq & 1) != 0 || session_kind(m->body) == (uint32_t)ID_RPC_RESULT;
}

/* Checks 8 to 10 of one message. True: it is new and may be used. */
static bool admit(struct session *s, const struct message *m)
{
	bool awaited = answers_open(s, m->body);
	enum seen seen = session_seen(s, m->id);

	if ((m->id & 1) == 0) {
		session_break(s, SESSION_PARITY);
		return false;
	}
	if (seen == SEEN_TWICE || (seen == SEEN_BELOW && !awaited)) {
		if (content_related(m))
			session_ack(s, m->id); /* our first word about it got lost */
		if (seen == SEEN_BELOW)
			ignore(s, &s->old_faults, SESSION_OLD);
		return false;
	}
	if (s->in.late) {
		bool past = key_past(s->key, m->id, s->in.now);

		if (!(awaited && past) && !session_repairs(s, m->body)) {
			if (!past)
				ignore(s, &s->time_faults, SESSION_TIME);
			else if (content_related(m))
				session_ack(s, m->id); /* else it is sent again and again */
			return false;
		}
	}
	s->old_faults = s->time_faults = 0;
	session_see(s, m->id);
	return true;
}

/* gzip_packed as a message body: *body becomes what was inside. False: the session broke. */
static bool unpack(struct session *s, struct cspan *body)
{
	struct span space = {s->in.inflate.at, s->in.inflate_left};
	struct tl_reader r;
	struct cspan packed;
	size_t len = 0;

	if (space.len > s->in.inflate.len)
		space.len = s->in.inflate.len;
	tl_reader_init(&r, *body);
	tl_read_u32(&r);
	packed = tl_read_bytes(&r);
	if (!tl_ok(&r) || inflate_object(packed, space, &len) != INFLATE_OK) {
		session_break(s, SESSION_GZIP);
		return false;
	}
	s->in.inflate_left -= len;
	*body = (struct cspan){s->in.inflate.at, len};
	if (session_kind(*body) != ID_GZIP)
		return true;
	session_break(s, SESSION_GZIP); /* nested: depth 1 is the limit */
	return false;
}

static void count_stray(struct session *s, size_t len)
{
	if (s->in.now - s->stray_since_ns > STRAY_WINDOW_NS) {
		s->stray_since_ns = s->in.now;
		s->stray_bytes = 0;
	}
	s->stray_bytes += len;
	if (s->stray_bytes > STRAY_MAX)
		session_break(s, SESSION_STRAY);
}

bool session_read_error(struct cspan object, int32_t *code, char text[ERROR_TEXT])
{
	struct tl_reader r;
	struct cspan raw;
	size_t n;

	tl_reader_init(&r, object);
	if (tl_read_u32(&r) != ID_RPC_ERROR)
		return false;
	*code = tl_read_i32(&r);
	raw = tl_read_bytes(&r);
	n = raw.len < ERROR_TEXT - 1 ? raw.len : ERROR_TEXT - 1;
	for (size_t i = 0; i < n; i++)
		text[i] = raw.at[i] >= 0x20 && raw.at[i] < 0x7f ? (char)raw.at[i] : '?';
	text[n] = '\0';
	return true;
}

/* The answer looks older than its question: our clock had run ahead. */
static void check_clock(struct session *s, const struct message *m, const struct call *c)
{
	int64_t before = msgid_time(c->msg_id) - msgid_time(m->id);

	if (before > (int64_t)(ANSWER_BEFORE_S * SESSION_NS))
		key_correct(s->key, m->id, s->in.now);
}

static void took_result(struct session *s, const struct message *m, struct cspan body)
{
	struct session_event *e;
	struct call *c;

	if (body.len < 16) {
		session_break(s, SESSION_TL);
		return;
	}
	c = session_find(s, load_le64(body.at + 4));
	if (c == NULL) {
		if (!session_forgot(s, load_le64(body.at + 4)))
			count_stray(s, body.len);
		return;
	}
	check_clock(s, m, c);
	s->refusals = 0;
	session_loosen(s, c);
	e = session_push(s, SESSION_RESULT);
	e->call = c;
	e->body = (struct cspan){body.at + 12, body.len - 12};
	if (session_read_error(e->body, &e->code, e->text))
		e->kind = SESSION_ERROR;
}

static void take(struct session *s, const struct message *m)
{
	struct cspan body = m->body;

	if (!admit(s, m))
		return;
	if (session_kind(body) == ID_GZIP && !unpack(s, &body))
		return;
	if (content_related(m) || session_kind(body) == (uint32_t)ID_RPC_RESULT)
		session_ack(s, m->id);
	if (session_kind(body) == ID_CONTAINER) {
		/* Only unpacked ones get here; their own packed bodies have no space left. */
		s->in.inflate = (struct span){NULL, 0};
		if (s->in.container)
			session_break(s, SESSION_CONTAINER);
		else
			open_container(s, body, m->id);
	} else if (session_kind(body) == (uint32_t)ID_RPC_RESULT) {
		took_result(s, m, body);
	} else if (!session_notice(s, m, body)) {
		session_push(s, SESSION_UPDATE)->body = body;
	}
}

static bool fetch(struct session *s, struct session_event *event)
{
	if (s->event_count == 0)
		return false;
	*event = s->events[s->event_at];
	s->event_at = (s->event_at + 1) % s->event_room;
	s->event_count--;
	return true;
}

static bool fetch_verdict(struct session *s, struct session_event *event)
{
	struct list *node = list_pop(&s->verdicts);
	struct call *c;

	if (node == NULL)
		return false;
	c = container_of(node, struct call, node);
	*event = (struct session_event){
	    .kind = c->state == CALL_UNSURE ? SESSION_UNSURE : SESSION_RESEND,
	    .call = c,
	};
	c->state = CALL_LOOSE;
	return true;
}

bool session_next(struct session *s, struct session_event *event)
{
	struct message m;

	while (!fetch(s, event) && !fetch_verdict(s, event)) {
		if (s->in.left == 0)
			return false;
		next_message(s, &m);
		take(s, &m);
	}
	return true;
}
