/*
 * The key exchange on a fresh connection: the messages of proto/session/handshake.h, unencrypted,
 * one at a time. One link of a centre does it, the others wait. A key that is there already is only
 * replaced when the exchange with the real server (it has the RSA key) came to its end. A temporary
 * key is made in the same way, on the connection that will use it, before its session begins or
 * beside it.
 */
#include "engine/link/net_priv.h"

#include "proto/session/msgid.h"

static struct parcel *parcel_of(struct link *l)
{
	return l->state == LINK_HANDSHAKE ? &l->service : &l->temp->parcel;
}

static void send_message(struct link *l)
{
	struct parcel *p = parcel_of(l);
	int64_t unix_ns =
	    (int64_t)ring_wall(l->net->ring) + l->net->o.account->time_offset_s * (int64_t)SECOND;

	plain_seal(p->buf, msgid_next(&l->clear_id, unix_ns));
	parcel_queue(l, p, NULL);
	if (p != &l->service)
		l->temp->owed++;
}

static struct buf *fresh_message(struct link *l)
{
	struct parcel *p = parcel_of(l);

	if (p == &l->service)
		buf_init(p->buf, l->service_mem, SERVICE_MEM, FRAME_HEADROOM + PLAIN_HEADROOM);
	else
		buf_init(p->buf, l->temp->mem, TEMPORARY_MEM, FRAME_HEADROOM + PLAIN_HEADROOM);
	return p->buf;
}

/* Not one packet that was damaged: wrong environment, or a key list that is too old; or a forgery. */
static bool lists_no_key(const struct centre *c)
{
	return c->no_rsa_key >= HANDSHAKES_MAX;
}

static const char *why_failed(const struct centre *c)
{
	if (lists_no_key(c))
		return "the server has none of the RSA keys we know";
	return c->handshake_fails >= HANDSHAKES_MAX ? "the key exchange fails again and again"
						    : "the key exchange failed";
}

static void failed(struct link *l)
{
	struct centre *c = l->centre;
	enum handshake_fault fault = c->handshake.fault;

	c->handshake_fails++;
	net_log(l->net, 1, "key exchange with DC %u failed: reason %d", c->dc->id, (int)fault);
	if (l->state != LINK_HANDSHAKE) {
		temporary_missed(l);
		return;
	}
	c->no_rsa_key = fault == HANDSHAKE_NO_RSA_KEY ? c->no_rsa_key + 1 : 0;
	link_close(l, why_failed(c), 0);
	/* Of another data centre its questions wait, and the account goes on (S32). */
	if (lists_no_key(c) && centre_is_home(c) && centre_is_believed(c))
		net_die(l->net, -1, why_failed(c));
}

/* life_s: 0: the DC's own key. */
static void begin(struct link *l, int32_t life_s)
{
	uint8_t random[HANDSHAKE_RANDOM];
	struct centre *c = l->centre;
	struct net_options *o = &l->net->o;

	check(c->handshaker == NULL);
	c->handshaker = l;
	if (l->temp != NULL)
		l->temp->life_s = life_s;
	ring_random(l->net->ring, random, sizeof(random));
	if (handshake_start(&c->handshake, o->rsa, o->rsa_count, centre_wire_id(c, &l->addr),
			    life_s, random, fresh_message(l)) == HANDSHAKE_SEND) {
		send_message(l);
		link_recv(l);
	} else {
		failed(l);
	}
	bytes_wipe(random, sizeof(random));
}

void handshaking_start(struct link *l)
{
	bool permanent = !l->centre->dc->has_key || l->centre->rekey;

	link_to(l, LINK_HANDSHAKE);
	frame_limit(&l->framer, FRAME_PAYLOAD_MAX_PLAIN);
	begin(l, permanent ? 0 : temporary_life(l));
}

void handshaking_beside(struct link *l)
{
	struct temporary *t = l->temp;

	check(l->state == LINK_READY && !t->beside);
	t->beside = true;
	t->beside_ns = l->net->now;
	begin(l, temporary_life(l));
}

/* What the exchange was for. */
static void use_key(struct link *l, const struct handshake_result *made)
{
	struct centre *c = l->centre;

	if (l->temp != NULL && l->temp->life_s > 0) {
		temporary_made(l, made);
		return;
	}
	centre_set_key(c, made);
	net_log(l->net, 2, "DC %u: new key", c->dc->id);
	CRASH_POINT("link.key.kept");
	if (l->temp != NULL)
		handshaking_start(l);
	else
		link_begin_session(l);
}

static void finished(struct link *l)
{
	struct centre *c = l->centre;
	struct handshake_result result = c->handshake.result;

	c->handshaker = NULL;
	c->handshake_fails = c->no_rsa_key = 0;
	handshake_wipe(&c->handshake);
	CRASH_POINT("link.key.made");
	l->net->stats.handshakes++;
	use_key(l, &result);
	bytes_wipe(&result, sizeof(result));
}

/* A whole packet is in hand. */
void handshaking_packet(struct link *l)
{
	struct centre *c = l->centre;
	enum handshake_status status;
	uint64_t msg_id;

	check(c->handshaker == l);
	if (!plain_open(l->in.buf, &msg_id) || parcel_of(l)->state != PARCEL_PLAIN) {
		link_close(l, centre_misheard(c, "not what the key exchange has at this point"), 0);
		return;
	}
	status = handshake_consume(&c->handshake, buf_view(l->in.buf), fresh_message(l));
	link_drop_in(l);
	switch (status) {
	case HANDSHAKE_SEND:
		send_message(l);
		break;
	case HANDSHAKE_DONE:
		finished(l);
		break;
	case HANDSHAKE_FAILED:
		failed(l);
		break;
	}
	link_recv(l);
}

void handshaking_drop(struct link *l)
{
	struct centre *c = l->centre;

	if (c->handshaker != l)
		return;
	c->handshaker = NULL;
	if (l->temp != NULL)
		l->temp->beside = false;
	handshake_wipe(&c->handshake);
}
