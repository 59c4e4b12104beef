/*
 * The key exchange on a fresh connection: the messages of proto/session/handshake.h, unencrypted,
 * one at a time. One link of a centre does it, the others wait. A key that is there already is only
 * replaced when the exchange with the real server (it has the RSA key) came to its end.
 */
#include "engine/link/net_priv.h"

#include "proto/session/msgid.h"

static void send_message(struct link *l)
{
	int64_t unix_ns =
	    (int64_t)ring_wall(l->net->ring) + l->net->o.account->time_offset_s * (int64_t)SECOND;

	plain_seal(&l->service_buf, msgid_next(&l->clear_id, unix_ns));
	parcel_queue(l, &l->service, NULL);
}

static void fresh_message(struct link *l)
{
	buf_init(&l->service_buf, l->service_mem, SERVICE_MEM, FRAME_HEADROOM + PLAIN_HEADROOM);
}

static void failed(struct link *l)
{
	struct centre *c = l->centre;
	enum handshake_fault fault = c->handshake.fault;

	c->handshake_fails++;
	net_log(l->net, 1, "key exchange with DC %u failed: reason %d", c->dc->id, (int)fault);
	c->no_rsa_key = fault == HANDSHAKE_NO_RSA_KEY ? c->no_rsa_key + 1 : 0;
	if (c->no_rsa_key >= HANDSHAKES_MAX) {
		/* Not one packet that was damaged: wrong environment, or a key list that is too old. */
		link_close(l, "the server has none of the RSA keys we know", 0);
		net_die(l->net, -1, "the server has none of the RSA keys we know");
		return;
	}
	link_close(l,
		   c->handshake_fails >= HANDSHAKES_MAX ? "the key exchange fails again and again"
							: "the key exchange failed",
		   0);
}

void handshaking_start(struct link *l)
{
	uint8_t random[HANDSHAKE_RANDOM];
	struct centre *c = l->centre;
	struct net_options *o = &l->net->o;

	link_to(l, LINK_HANDSHAKE);
	check(c->handshaker == NULL);
	c->handshaker = l;
	frame_limit(&l->framer, FRAME_PAYLOAD_MAX_PLAIN);
	ring_random(l->net->ring, random, sizeof(random));
	fresh_message(l);
	if (handshake_start(&c->handshake, o->rsa, o->rsa_count, centre_wire_id(c, &l->addr), 0,
			    random, &l->service_buf) == HANDSHAKE_SEND) {
		send_message(l);
		link_recv(l);
	} else {
		failed(l);
	}
	bytes_wipe(random, sizeof(random));
}

static void finished(struct link *l)
{
	struct centre *c = l->centre;
	struct handshake_result result = c->handshake.result;

	c->handshaker = NULL;
	c->handshake_fails = c->no_rsa_key = 0;
	handshake_wipe(&c->handshake);
	CRASH_POINT("link.key.made");
	centre_set_key(c, &result);
	bytes_wipe(&result, sizeof(result));
	l->net->stats.handshakes++;
	net_log(l->net, 2, "DC %u: new key", c->dc->id);
	CRASH_POINT("link.key.kept");
	link_begin_session(l);
}

/* A whole packet is in hand. */
void handshaking_packet(struct link *l)
{
	struct centre *c = l->centre;
	enum handshake_status status;
	uint64_t msg_id;

	check(c->handshaker == l);
	if (!plain_open(l->in.buf, &msg_id) || l->service.state != PARCEL_PLAIN) {
		link_close(l, "not what the key exchange has at this point", 0);
		return;
	}
	fresh_message(l);
	status = handshake_consume(&c->handshake, buf_view(l->in.buf), &l->service_buf);
	link_drop_in(l);
	switch (status) {
	case HANDSHAKE_SEND:
		send_message(l);
		link_recv(l);
		break;
	case HANDSHAKE_DONE:
		finished(l);
		break;
	case HANDSHAKE_FAILED:
		failed(l);
		break;
	}
}

void handshaking_drop(struct link *l)
{
	struct centre *c = l->centre;

	if (c->handshaker != l)
		return;
	c->handshaker = NULL;
	handshake_wipe(&c->handshake);
}
