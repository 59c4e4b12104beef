/*
 * Connections: bytes in, through the framer, to whole packets in the server's inbox; framed packets
 * out, as fast as the faults allow. Owns struct dc_conn and its packets. Which session uses which
 * connection is dc_session.c's.
 */
#include "tools/tgsim/dc_priv.h"

#include <stdlib.h>

enum {
	DIRECT_MIN = 16384, /* from here on bytes are received where they will stay */
	OBFUSCATED_DC_MAX = 9,
	TEST_DC = 10000,
	SLOW_STEPS = 20, /* a slow connection moves this often a second */
};

/* ---- opening ---- */

enum cut_kind dc_cut_of(enum fault_kind kind)
{
	return kind == FAULT_RESET ? CUT_RESET : kind == FAULT_STALL ? CUT_STALL : CUT_DROP;
}

/* Rules with a byte number hold from the start of a connection. */
static void plan_cut(struct dc_conn *c)
{
	static const enum fault_kind kinds[] = {FAULT_DROP, FAULT_RESET, FAULT_STALL};

	for (size_t i = 0; i < countof(kinds) && c->cut == CUT_NONE; i++) {
		const struct fault *f =
		    faults_fire(c->server->o.faults, kinds[i], c->dc, FAULT_AT_CONN, NULL);

		if (f == NULL)
			continue;
		c->cut = dc_cut_of(kinds[i]);
		*(f->incoming ? &c->cut_in : &c->cut_out) = f->at;
	}
}

struct dc_conn *dc_conn_open(struct dc_server *s, int dc, bool media, int64_t now)
{
	struct dc_conn *c;

	if (faults_find(s->o.faults, FAULT_DOWN, dc, now) != NULL)
		return NULL;
	c = calloc(1, sizeof(*c));
	check(c != NULL);
	s->now = now;
	c->server = s;
	c->number = ++s->conn_number;
	c->dc = dc;
	c->media = media;
	c->cut_in = c->cut_out = UINT64_MAX;
	frame_init_server(&c->framer);
	dc_hs_init(&c->hs);
	list_init(&c->sessions);
	list_init(&c->out);
	list_push(&s->conns, &c->node);
	s->conn_count++;
	s->o.stats->connections_total++;
	plan_cut(c);
	return c;
}

static void drop_packets(struct dc_conn *c)
{
	struct dc_server *s = c->server;

	list_each_safe (n, tmp, &s->inbox) {
		struct packet *p = container_of(n, struct packet, node);

		if (p->conn != c)
			continue;
		list_del(&p->node);
		pool_give(&s->pool, &p);
	}
	for (struct list *n = list_pop(&c->out); n != NULL; n = list_pop(&c->out)) {
		struct packet *p = container_of(n, struct packet, node);

		pool_give(&s->pool, &p);
	}
	if (c->in != NULL)
		pool_give(&s->pool, &c->in);
}

void dc_conn_closed(struct dc_conn **owner)
{
	struct dc_conn *c = *owner;

	*owner = NULL;
	drop_packets(c);
	list_each_safe (n, tmp, &c->sessions)
		dc_session_detach(container_of(n, struct dc_session, conn_node));
	list_del(&c->node);
	c->server->conn_count--;
	dc_hs_wipe(&c->hs);
	free(c);
}

enum dc_fate dc_conn_fate(const struct dc_conn *c)
{
	if (c->fate == DC_CONN_DRAIN && list_empty(&c->out))
		return DC_CONN_CLOSE;
	return c->fate;
}

bool dc_conn_look_wanted(const struct dc_conn *c)
{
	return c->look;
}

void dc_conn_looked(struct dc_conn *c, uint64_t arrived, int64_t now)
{
	c->look = false;
	c->look_at = now + LOOK_AGAIN_NS;
	c->arrived = arrived;
}

void dc_conn_cut(struct dc_conn *c, enum cut_kind cut)
{
	if (cut == CUT_STALL)
		c->stalled = true;
	else if (cut != CUT_NONE)
		c->fate = cut == CUT_RESET ? DC_CONN_RESET : DC_CONN_CLOSE;
}

/* ---- bytes in ---- */

static const struct fault *slow(const struct dc_conn *c, int64_t now)
{
	return faults_find(c->server->o.faults, FAULT_SLOW, c->dc, now);
}

static uint64_t slow_step(const struct fault *f)
{
	return f->bps / SLOW_STEPS > 0 ? f->bps / SLOW_STEPS : 1;
}

struct span dc_conn_want(struct dc_conn *c, int64_t now)
{
	struct span want = {c->scratch, sizeof(c->scratch)};
	const struct fault *f = slow(c, now);

	c->direct = false;
	if (c->stalled || c->fate != DC_CONN_OPEN || (f != NULL && now < c->in_next))
		return (struct span){NULL, 0};
	if (c->in != NULL && c->framer.payload_len - c->in->buf.len >= DIRECT_MIN) {
		want = frame_want(&c->framer);
		c->direct = true;
	}
	if (f != NULL && want.len > slow_step(f))
		want.len = slow_step(f);
	if (want.len > c->cut_in - c->bytes_in)
		want.len = c->cut_in - c->bytes_in;
	return want;
}

bool dc_conn_want_all(const struct dc_conn *c)
{
	return c->direct;
}

static void refuse_bytes(struct dc_conn *c, enum stat_rule rule)
{
	dc_violation(c->server, rule);
	c->fate = DC_CONN_CLOSE;
}

/*
 * The DC number inside obfuscated2 is for proxies; direct clients may leave random bytes there.
 * Only what is plainly another DC's number is refused.
 */
static bool dc_number_wrong(const struct dc_conn *c)
{
	int number = c->framer.dc < 0 ? -c->framer.dc : c->framer.dc;
	bool test = number > TEST_DC;

	if (!c->framer.obfuscated || number == 0)
		return false;
	number -= test ? TEST_DC : 0;
	if (number > OBFUSCATED_DC_MAX)
		return false;
	return number != c->dc || test != c->server->o.test_mode;
}

static enum frame_status take_head(struct dc_conn *c)
{
	uint32_t len = c->framer.payload_len;

	if (!c->named && dc_number_wrong(c)) {
		dc_violation(c->server, RULE_WRONG_DC);
		dc_conn_error(c, -444);
		c->fate = DC_CONN_DRAIN;
	}
	c->named = true;
	c->in = pool_take(&c->server->pool, len, 0);
	return frame_place(&c->framer, &c->in->buf);
}

static void take_status(struct dc_conn *c, enum frame_status status)
{
	if (status == FRAME_HEAD)
		status = take_head(c);
	if (status == FRAME_PACKET) {
		c->in->conn = c;
		c->in->came = c->server->now;
		c->in->quick_ack = c->framer.quick_ack_asked;
		list_push(&c->server->inbox, &c->in->node);
		c->server->inbox_until = 0;
		c->in = NULL;
	} else if (status == FRAME_BAD) {
		refuse_bytes(c, RULE_TRANSPORT);
	}
}

void dc_conn_took(struct dc_conn *c, uint32_t n, int64_t now)
{
	struct cspan data = {c->scratch, n};
	const struct fault *f = slow(c, now);

	c->server->now = now;
	c->bytes_in += n;
	c->server->o.stats->bytes_in += n;
	if (f != NULL)
		c->in_next = now + (int64_t)(n * 1e9 / (double)f->bps);
	if (c->direct) {
		c->direct = false;
		take_status(c, frame_took(&c->framer, n));
	} else {
		while (data.len > 0 && c->fate == DC_CONN_OPEN)
			take_status(c, frame_feed(&c->framer, &data));
	}
	if (c->bytes_in >= c->cut_in)
		dc_conn_cut(c, c->cut);
}

void dc_conn_feed(struct dc_conn *c, struct cspan data, int64_t now)
{
	while (data.len > 0) {
		struct span want = dc_conn_want(c, now);
		size_t n = want.len < data.len ? want.len : data.len;

		if (n == 0)
			return;
		memcpy(want.at, data.at, n);
		data.at += n;
		data.len -= n;
		dc_conn_took(c, (uint32_t)n, now);
	}
}

/* ---- bytes out ---- */

void dc_conn_queue(struct dc_conn *c, struct packet **owner)
{
	struct packet *p = *owner;
	struct faults *faults = c->server->o.faults;
	const struct fault *latency = faults_find(faults, FAULT_LATENCY, c->dc, c->server->now);
	static const enum fault_kind kinds[] = {FAULT_DROP, FAULT_RESET, FAULT_STALL};

	*owner = NULL;
	check(p->buf.len > 0);
	for (size_t i = 0; i < countof(kinds) && c->cut == CUT_NONE; i++) {
		if (faults_fire(faults, kinds[i], c->dc, FAULT_AT_PACKET, NULL) == NULL)
			continue;
		c->cut = dc_cut_of(kinds[i]);
		c->cut_out = c->bytes_out + c->queued + faults_below(faults, p->buf.len);
	}
	if (p->buf.len > 16 &&
	    faults_fire(faults, FAULT_FLIP, c->dc, FAULT_AT_PACKET, NULL) != NULL)
		buf_at(&p->buf)[8 + faults_below(faults, p->buf.len - 8)] ^=
		    (uint8_t)(1u << faults_below(faults, 8));
	p->ready = latency == NULL ? 0 : c->server->now + latency->ns;
	c->queued += p->buf.len;
	c->server->o.stats->packets_out++;
	list_push(&c->out, &p->node);
}

static struct packet *small_packet(struct dc_conn *c)
{
	return pool_take(&c->server->pool, FRAME_HEADROOM + FRAME_TAILROOM + 16, FRAME_HEADROOM);
}

void dc_conn_error(struct dc_conn *c, int32_t code)
{
	struct packet *p = small_packet(c);

	frame_wrap_error(&c->framer, &p->buf, code);
	dc_conn_queue(c, &p);
}

void dc_conn_quick_ack(struct dc_conn *c, uint32_t token)
{
	struct packet *p;

	if (c->framer.transport == TRANSPORT_FULL)
		return; /* it cannot carry them */
	p = small_packet(c);
	frame_wrap_quick_ack(&c->framer, &p->buf, token);
	dc_conn_queue(c, &p);
}

struct cspan dc_conn_output(struct dc_conn *c, int64_t now)
{
	const struct fault *f = slow(c, now);
	struct packet *p;
	uint64_t n;

	if (list_empty(&c->out) || c->stalled ||
	    (c->fate != DC_CONN_OPEN && c->fate != DC_CONN_DRAIN))
		return (struct cspan){NULL, 0};
	p = container_of(c->out.next, struct packet, node);
	if (p->ready > now || (f != NULL && c->out_next > now))
		return (struct cspan){NULL, 0};
	n = p->buf.len - p->sent;
	if (n > c->cut_out - c->bytes_out)
		n = c->cut_out - c->bytes_out;
	if (f != NULL && n > slow_step(f))
		n = slow_step(f);
	if (n == 0)
		dc_conn_cut(c, c->cut);
	return (struct cspan){buf_at(&p->buf) + p->sent, n};
}

/* Room again: sessions that were held back may go on. */
static void release_sessions(struct dc_conn *c)
{
	list_each (n, &c->sessions) {
		struct dc_session *session = container_of(n, struct dc_session, conn_node);

		if (!list_empty(&session->pending))
			dc_session_dirty(session);
	}
}

void dc_conn_sent(struct dc_conn *c, uint32_t n, int64_t now)
{
	struct packet *p = container_of(c->out.next, struct packet, node);
	const struct fault *f = slow(c, now);
	bool was_full = c->queued >= DC_QUEUE_HIGH;

	check(!list_empty(&c->out) && n <= p->buf.len - p->sent);
	if (f != NULL)
		c->out_next = now + (int64_t)(n * 1e9 / (double)f->bps);
	c->bytes_out += n;
	c->server->o.stats->bytes_out += n;
	c->queued -= n;
	p->sent += n;
	if (p->sent == p->buf.len) {
		list_del(&p->node);
		pool_give(&c->server->pool, &p);
	}
	if (c->bytes_out >= c->cut_out)
		dc_conn_cut(c, c->cut);
	if (was_full && c->queued < DC_QUEUE_HIGH)
		release_sessions(c);
}
