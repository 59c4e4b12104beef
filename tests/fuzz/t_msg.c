/*
 * Fuzz target: a session under a script. Each step is an operation of the caller or a message of
 * the server, whole or in a container, packed or not; ids can be made to fit. Whatever comes: each
 * call ends at most once, events point into the packet or the space for unpacking, the tables
 * agree, and what is due can be said.
 */
#include "proto/base/check.h"
#include "proto/session/msgid.h"
#include "proto/session/session.h"
#include "proto/wire/inflate.h"

#include <stdlib.h>

enum { CALLS = 16, DATA_MAX = 4096, INFLATE_ROOM = 1 << 13 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct play {
	struct session_key key;
	struct session s;
	struct session_event events[SESSION_EVENTS_MAX];
	struct call calls[CALLS];
	uint64_t now, server_last;
	uint8_t inflate[INFLATE_ROOM];
	const uint8_t *at, *end;
	uint64_t last_service, last_inner;
};

static uint8_t byte(struct play *p)
{
	return p->at < p->end ? *p->at++ : 0;
}

static bool inside(const struct cspan body, const void *at, size_t len)
{
	const uint8_t *from = at;

	return body.at >= from && body.at + body.len <= from + len;
}

static uint32_t held(const struct play *p)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < CALLS; i++)
		n += session_holds(&p->calls[i]);
	return n;
}

static void fetch_all(struct play *p, struct cspan data)
{
	struct session_event e;
	uint32_t fetched = 0;

	while (session_next(&p->s, &e)) {
		check(++fetched < 100000);
		if (e.call != NULL) {
			check(e.call >= p->calls && e.call < p->calls + CALLS);
			check(session_holds(e.call) == (e.kind == SESSION_AGAIN));
		}
		if (e.body.len > 0)
			check(inside(e.body, data.at, data.len) ||
			      inside(e.body, p->inflate, sizeof(p->inflate)));
		if (e.kind == SESSION_UNSURE || e.kind == SESSION_AGAIN)
			check(e.call->once);
		if (e.kind == SESSION_AGAIN)
			session_again(&p->s, e.call, p->now, &(struct envelope_head){0});
		check(memchr(e.text, 0, sizeof(e.text)) != NULL);
		if (e.kind == SESSION_RENEW)
			session_restart(&p->s, p->s.id + 1);
	}
	check(held(p) == p->s.call_count);
}

/* Puts an id of ours where the message is most likely to want one. */
static void aim(struct play *p, uint8_t *body, size_t len, uint8_t how)
{
	uint64_t ids[8] = {p->calls[0].msg_id, p->calls[1].msg_id, p->s.state_req_id,
			   p->s.salts_req_id,  p->s.ping_id,       p->last_service,
			   p->server_last | 1, p->s.last_msg_id};
	size_t at = (how & 8) ? 12 : 4;

	if (len >= at + 8)
		store_le64(body + at, ids[how & 7]);
}

/* A container or packed object around the body, at its own place. */
static size_t wrap(struct play *p, uint8_t *out, const uint8_t *body, size_t len, uint8_t how)
{
	if (how & 1) {
		store_le32(out, 0x73f1f8dc);
		store_le32(out + 4, 1);
		store_le64(out + 8, p->server_last | 1);
		store_le32(out + 16, how >> 1);
		store_le32(out + 20, (uint32_t)len);
		memcpy(out + 24, body, len);
		return 24 + len;
	}
	if (how & 2) {
		size_t n =
		    deflate_object((struct cspan){body, len}, (struct span){out + 8, DATA_MAX});

		store_le32(out, 0x3072cfa1);
		store_le32(out + 4, (uint32_t)n << 8 | 254);
		while (n % 4 != 0)
			out[8 + n++] = 0;
		return 8 + n;
	}
	memcpy(out, body, len);
	return len;
}

static void server_says(struct play *p)
{
	uint8_t *body = malloc(DATA_MAX), *out = malloc(2 * DATA_MAX), *exact;
	uint8_t step = byte(p), seq = byte(p), how = byte(p), wrapping = byte(p);
	size_t len = (size_t)byte(p) * 4, n;
	struct envelope_head head = {.session_id = p->s.id, .seq_no = seq};

	check(body != NULL && out != NULL);
	for (size_t i = 0; i < len; i++)
		body[i] = byte(p);
	head.msg_id = (step & 1)
			  ? p->server_last | 1
			  : msgid_next(&p->server_last, 1767225600000000000 + (int64_t)p->now) |
				((step & 2) ? 0 : 1);
	if (step & 4)
		head.msg_id += (uint64_t)step << 34;
	if (how & 16)
		aim(p, body, len, how);
	n = wrap(p, out, body, len, wrapping);
	exact = malloc(n + 1);
	check(exact != NULL);
	memcpy(exact, out, n);
	session_consume(&p->s, &head, (struct cspan){exact, n}, p->now,
			(struct span){p->inflate, sizeof(p->inflate)});
	fetch_all(p, (struct cspan){exact, n});
	free(exact);
	free(out);
	free(body);
}

static void call(struct play *p)
{
	uint8_t which = byte(p), query[8] = {0};
	struct call *c = &p->calls[which % CALLS];
	struct envelope_head head;
	struct buf b;

	if (session_holds(c)) {
		session_forget(&p->s, c);
		return;
	}
	c->once = (which & 0x80) != 0;
	buf_init(&b, query, sizeof(query), 0);
	buf_put(&b, sizeof(query));
	session_call(&p->s, c, &b, p->now, &head);
	check(head.msg_id % 4 == 0 && head.seq_no % 2 == 1);
}

static void service(struct play *p, bool force)
{
	static uint8_t mem[SESSION_SERVICE_MAX + 256];
	struct envelope_head head;
	struct buf b;

	buf_init(&b, mem, sizeof(mem), 128);
	if (session_service(&p->s, &b, p->now, force, &head)) {
		check(b.len > 0 && b.len % 4 == 0 && head.seq_no % 2 == 0);
		p->last_service = head.msg_id;
	}
	fetch_all(p, (struct cspan){NULL, 0});
}

static void step(struct play *p)
{
	switch (byte(p) & 7) {
	case 0:
		call(p);
		break;
	case 1:
		service(p, false);
		break;
	case 2:
		service(p, true);
		break;
	case 3:
		p->now += (uint64_t)byte(p) * 1000000000;
		break;
	case 4:
		session_reconnected(&p->s, p->now);
		break;
	case 5:
		session_restart(&p->s, p->s.id + 1);
		fetch_all(p, (struct cspan){NULL, 0});
		break;
	default:
		server_says(p);
		break;
	}
}

/* Rows: H4 H9 S40 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct play *p = calloc(1, sizeof(*p));
	struct auth_key key = {.id = 7};

	check(p != NULL);
	p->at = data;
	p->end = data + size;
	p->now = 1000000000;
	session_key_init(&p->key, &key, 1);
	session_set_time(&p->key, 1767225601, p->now);
	session_init(&p->s, &p->key, 1, p->events, SESSION_EVENTS_MAX);
	while (p->at < p->end)
		step(p);
	free(p);
	return 0;
}
