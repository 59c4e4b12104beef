/*
 * Unencrypted messages: the way from a packet with auth_key_id 0 to the key exchange and back, and
 * the transport errors of those that are out of place. The exchange itself is dc_handshake.c.
 */
#include "tools/tgsim/dc_priv.h"

#include "proto/crypto/pq.h"

/* Real servers list old keys first; nobody has this one. */
static const uint64_t DECOY_FINGERPRINT = 0x8a5c3f12d9b7e604;

static uint32_t draw_prime(struct dc_server *s)
{
	uint32_t n;

	dc_random(s, &n, sizeof(n));
	n = (n & 0x3fffffff) | 0x40000001;
	while (!pq_is_prime(n))
		n = ((n + 2) & 0x3fffffff) | 0x40000001;
	return n;
}

static void draw(struct dc_server *s, struct dc_hs_random *r)
{
	dc_random(s, r, sizeof(*r));
	r->p = draw_prime(s);
	do
		r->q = draw_prime(s);
	while (r->q == r->p);
	/* 16 times 0..14 bytes, as far as one can tell from real ones. */
	r->tail_len = r->tail_len % 15 * 16 + 4;
}

static uint64_t next_plain_id(struct dc_conn *c)
{
	uint64_t clock = (uint64_t)dc_clock(c->server, c->dc);
	uint64_t id = (clock / 1000000000) << 32 | ((clock % 1000000000) << 32) / 1000000000;

	id = (id & ~(uint64_t)3) | 1;
	if (id <= c->last_id)
		id = c->last_id + 4;
	c->last_id = id;
	return id;
}

static void log_plain(struct dc_conn *c, const char *name, bool out, uint64_t msg_id,
		      uint64_t bytes, const char *error)
{
	simlog_put(c->server->o.log, &(struct simlog_line){.t = dc_clock(c->server, c->dc),
							   .dc = c->dc,
							   .conn = c->number,
							   .out = out,
							   .msg_id = msg_id,
							   .name = name,
							   .bytes = bytes,
							   .error = error});
}

static void damage(const struct dc_conn *c, struct buf *b)
{
	const struct fault *f =
	    faults_fire(c->server->o.faults, FAULT_DH_WRONG, c->dc, FAULT_AT_PACKET, NULL);

	if (f != NULL)
		buf_at(b)[f->of % b->len] ^= 1;
}

static void answer(struct dc_conn *c, struct packet **out)
{
	uint8_t random[16];
	uint64_t id = next_plain_id(c);
	uint32_t len = (*out)->buf.len;

	dc_random(c->server, random, sizeof(random));
	damage(c, &(*out)->buf);
	plain_seal(&(*out)->buf, id);
	frame_wrap(&c->framer, &(*out)->buf, false, random);
	dc_conn_queue(c, out);
	log_plain(c, "handshake", true, id, len, NULL);
}

void dc_plain_update(struct dc_conn *c)
{
	enum { UPDATE_LEN = 4 };
	struct packet *out = pool_take(
	    &c->server->pool, FRAME_HEADROOM + PLAIN_HEADROOM + UPDATE_LEN + FRAME_TAILROOM,
	    FRAME_HEADROOM + PLAIN_HEADROOM);

	store_le32(buf_put(&out->buf, UPDATE_LEN), 0xe317af7e); /* updatesTooLong */
	answer(c, &out);
}

static void refuse(struct dc_conn *c, enum stat_rule rule, int32_t code)
{
	dc_violation(c->server, rule);
	dc_conn_error(c, code);
	c->fate = DC_CONN_DRAIN;
}

/* A key was agreed on: it is kept unless its id is taken or a fault wants otherwise. */
static enum dc_hs_verdict judge(struct dc_conn *c)
{
	struct dc_server *s = c->server;

	if (faults_fire(s->o.faults, FAULT_DH_FAIL, c->dc, FAULT_AT_PACKET, NULL) != NULL)
		return DC_HS_FAIL;
	if (faults_fire(s->o.faults, FAULT_DH_RETRY, c->dc, FAULT_AT_PACKET, NULL) != NULL ||
	    dc_key_find(s, c->dc, c->hs.key.id) != NULL)
		return DC_HS_RETRY;
	dc_key_make(s, c->dc, &c->hs);
	s->o.stats->handshakes++;
	return DC_HS_OK;
}

void dc_plain_take(struct dc_conn *c, struct packet *in)
{
	struct dc_server *s = c->server;
	struct dc_hs_site site = {s->o.rsa, s->rsa.fingerprint, DECOY_FINGERPRINT,
				  c->dc,    c->media,           s->o.test_mode};
	struct dc_hs_random random;
	struct packet *out;
	uint64_t msg_id;
	enum dc_hs_outcome outcome;
	int64_t clock = dc_clock(s, c->dc);

	if (!plain_open(&in->buf, &msg_id)) {
		refuse(c, RULE_HANDSHAKE, -404);
		return;
	}
	draw(s, &random);
	out =
	    pool_take(&s->pool, FRAME_HEADROOM + PLAIN_HEADROOM + DC_HS_ANSWER_MAX + FRAME_TAILROOM,
		      FRAME_HEADROOM + PLAIN_HEADROOM);
	outcome = dc_hs_consume(&c->hs, &site, buf_view(&in->buf), clock, &random, &out->buf);
	log_plain(c, "handshake", false, msg_id, in->buf.len,
		  outcome >= DC_HS_REFUSED ? c->hs.why : NULL);
	if (outcome == DC_HS_OFFER)
		dc_hs_verdict(&c->hs, judge(c), clock, &random, &out->buf);
	bytes_wipe(&random, sizeof(random));
	if (outcome < DC_HS_REFUSED) {
		answer(c, &out);
		return;
	}
	pool_give(&s->pool, &out);
	if (outcome == DC_HS_WRONG_DC)
		refuse(c, RULE_WRONG_DC, -444);
	else
		refuse(c, RULE_HANDSHAKE, -404);
}
