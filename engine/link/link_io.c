/*
 * Bytes of a link, in and out: each operation has one start and one continuation, below each other.
 * A receive asks for exactly what the framer wants, so a packet lands alone in its memory: the
 * link's own, or a chunk when it is a file part. Without a free chunk the receive waits, and TCP
 * makes the peer wait. Packets leave in the order they were queued, one send at a time.
 */
#include "engine/link/net_priv.h"

#include <errno.h>

static void took(struct link *l, enum frame_status status);

/* ---- receiving ---- */

static void recv_done(struct op *op)
{
	struct link *l = container_of(op, struct link, recv_op);
	struct net *n = l->net;

	check(l->recv_busy);
	l->recv_busy = false;
	n->now = ring_now(n->ring);
	if (l->state == LINK_CLOSING) {
		link_drop_in(l);
		link_join(l);
		return;
	}
	if (op->res < (int32_t)op->len) { /* an error, or the end of the stream */
		link_close(l, op->res < 0 ? "receiving failed" : "closed by the server",
			   op->res < 0 ? -op->res : 0);
		return;
	}
	CRASH_POINT("link.recv.bytes");
	l->heard_ns = l->alive_ns = n->now;
	n->stats.bytes_in += (uint32_t)op->res;
	took(l, frame_took(&l->framer, (uint32_t)op->res));
}

void link_recv(struct link *l)
{
	struct span space;

	if (!link_is_open(l) || l->recv_busy || link_has_whole(l) || l->in_waits)
		return;
	space = frame_want(&l->framer);
	check(space.len > 0);
	l->recv_busy = true;
	l->recv_op.done = recv_done;
	ring_recv(l->net->ring, &l->recv_op, l->fd, space.at, (uint32_t)space.len, true);
}

/* True: the packet has memory now. */
static bool find_place(struct link *l)
{
	uint32_t len = l->framer.payload_len;
	bool own_free = !l->got.live || l->got.chunk != NULL;
	struct chunk *c = NULL;

	if (l->lane == NET_DOWN && l->net->o.slab != NULL && len > CHUNK_MIN)
		c = slab_take(l->net->o.slab, CHUNK_RECEIVING);
	l->in_since_ns = l->net->now;
	l->in_received = l->progress.received;
	if (c != NULL) {
		buf_init(&c->buf, c->buf.mem, c->buf.size, CHUNK_FRAME_AT + 4);
		l->in = (struct packet){.live = true, .buf = &c->buf, .chunk = c};
		return true;
	}
	if (!own_free || len > l->own_size)
		return false;
	l->in = (struct packet){.live = true};
	buf_init(&l->in.own, l->own_mem, l->own_size, 0);
	l->in.buf = &l->in.own;
	return true;
}

void link_place(struct link *l)
{
	l->in_waits = !find_place(l);
	if (!l->in_waits)
		took(l, frame_place(&l->framer, l->in.buf));
}

/*
 * Of a server that knows the session it may be several answers in one packet, more than there is
 * room for; what is not acknowledged comes so with the next connection again. A new session is not
 * sent it, and one answer at a time fits.
 */
static void broken_frame(struct link *l)
{
	bool asked = l->lane != NET_MAIN && l->session_live && l->state != LINK_HANDSHAKE;
	bool ours;

	if (asked && l->proved && l->framer.fault == FRAME_LENGTH) {
		l->window = 1;
		l->alone_ns = l->net->now + ALONE_WAIT;
	}
	if (asked && ++l->breaks >= BREAKS_MAX)
		l->renew = true;
	ours = l->proved || l->net->now < l->alone_ns;
	link_close(l, ours ? "broken frame" : centre_misheard(l->centre, "broken frame"), 0);
}

static void took(struct link *l, enum frame_status status)
{
	switch (status) {
	case FRAME_HEAD:
		link_place(l);
		return;
	case FRAME_PACKET:
		l->whole_ns = l->net->now; /* opened with all others of this turn */
		list_push(&l->net->whole, &l->whole_node);
		return;
	case FRAME_MORE:
	case FRAME_NOP:
	case FRAME_QUICK_ACK: /* nobody asked for one; tolerated */
		link_recv(l);
		return;
	case FRAME_ERROR:
		centre_refused(l, l->framer.code);
		return;
	case FRAME_BAD:
		broken_frame(l);
		return;
	}
}

void link_drop_in(struct link *l)
{
	if (l->recv_busy && l->in.chunk != NULL)
		return; /* the kernel still writes there: link_join comes by again */
	if (l->in.chunk != NULL)
		slab_give(l->net->o.slab, &l->in.chunk);
	l->in = (struct packet){0};
	list_del(&l->whole_node);
	l->in_waits = false;
}

void link_drop_got(struct link *l)
{
	if (!l->got.live)
		return;
	relay_drop(l);
	if (l->got.chunk != NULL)
		slab_give(l->net->o.slab, &l->got.chunk);
	l->got = (struct packet){0};
	if (l->state == LINK_CLOSING)
		link_join(l);
	else if (l->in_waits)
		link_place(l); /* for the link's own memory */
}

/* ---- sending ---- */

/* No question's: of the session itself, or of a key exchange. */
static bool is_own(const struct link *l, const struct parcel *p)
{
	return p == &l->service || (l->temp != NULL && p == &l->temp->parcel);
}

static void sent(struct link *l)
{
	struct parcel *p = l->sending;
	struct question *q;

	l->sending = NULL;
	if (p == NULL) {
		l->hello_due = false;
		return;
	}
	if (is_own(l, p)) {
		p->state = PARCEL_PLAIN;
		return;
	}
	q = container_of(p, struct question, parcel);
	q->end_at = l->handed;
	if (!q->cancelled)
		return;
	question_recall(q, false);
	question_give(q);
}

void link_sent(struct link *l, const struct op *op)
{
	check(l->send_busy && l->send_now == op);
	l->send_busy = false;
	l->net->now = ring_now(l->net->ring);
	if (l->state == LINK_CLOSING) {
		l->sending = NULL;
		link_join(l);
		return;
	}
	if (op->res < (int32_t)op->len) {
		l->sending = NULL;
		link_close(l, "sending failed", op->res < 0 ? -op->res : 0);
		return;
	}
	CRASH_POINT("link.send.kernel");
	l->net->stats.bytes_out += (uint32_t)op->res;
	l->handed += (uint32_t)op->res;
	sent(l);
	link_send(l);
}

static void send_done(struct op *op)
{
	link_sent(container_of(op, struct link, send_op), op);
}

static void start_send(struct link *l, struct cspan bytes)
{
	CRASH_POINT("link.send.before");
	l->send_busy = true;
	l->send_op.done = send_done;
	l->send_now = &l->send_op;
	ring_send(l->net->ring, &l->send_op, l->fd, bytes.at, (uint32_t)bytes.len);
}

void link_send(struct link *l)
{
	uint8_t random[16] = {0};
	struct chunk *chunk = NULL;
	struct parcel *p;

	if (!link_is_open(l) || l->send_busy)
		return;
	if (l->hello_due) {
		start_send(l, frame_hello(&l->framer));
		return;
	}
	if (list_empty(&l->out))
		return;
	p = container_of(l->out.next, struct parcel, node);
	if (p->state != PARCEL_SEALED) /* with the next batch */
		return;
	list_del(&p->node);
	l->out_count--;
	if (l->framer.transport == TRANSPORT_PADDED)
		net_random(l->net, random, sizeof(random));
	p->mark = frame_mark(&l->framer);
	frame_wrap(&l->framer, p->buf, false, random);
	p->state = PARCEL_WRAPPED;
	l->sending = p;
	if (!is_own(l, p)) {
		container_of(p, struct question, parcel)->sent = true;
		chunk = container_of(p, struct question, parcel)->chunk;
	}
	if (chunk == NULL || !zerocopy_send(l, chunk, buf_view(p->buf)))
		start_send(l, buf_view(p->buf));
}
