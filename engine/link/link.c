/*
 * The life of one link: a TCP connection and the session it carries. The session outlives its
 * connections: what is asked on it is asked again, or its fate is asked for, when the next one is
 * up.
 *
 *   IDLE -> CONNECTING -> HANDSHAKE -> INIT -> READY
 *     ^         |   `--------------->' ^ `-'     |      (READY -> INIT: a new session id, or key)
 *     `------ CLOSING <----------------+--------'
 *
 * Closing takes three steps: link_close (state, shutdown), link_join (while the kernel still holds
 * something), closed (questions go back to their lane). When to connect is the centre's decision;
 * bytes are link_io.c's.
 */
#include "engine/link/net_priv.h"

#include "proto/wire/tl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TO(state) (1u << (state))

static const unsigned link_moves[LINK_STATES] = {
    [LINK_IDLE] = TO(LINK_CONNECTING),
    [LINK_CONNECTING] = TO(LINK_HANDSHAKE) | TO(LINK_INIT) | TO(LINK_READY) | TO(LINK_CLOSING),
    [LINK_HANDSHAKE] = TO(LINK_HANDSHAKE) | TO(LINK_INIT) | TO(LINK_CLOSING),
    [LINK_INIT] = TO(LINK_INIT) | TO(LINK_READY) | TO(LINK_CLOSING),
    [LINK_READY] = TO(LINK_INIT) | TO(LINK_CLOSING),
    [LINK_CLOSING] = TO(LINK_IDLE),
};

void link_to(struct link *l, enum link_state next)
{
	check(link_moves[l->state] & TO(next));
	l->state = next;
	l->state_ns = l->net->now;
}

bool link_is_open(const struct link *l)
{
	return l->state == LINK_HANDSHAKE || l->state == LINK_INIT || l->state == LINK_READY;
}

const char *link_name(const struct link *l, char out[48])
{
	static const char *const names[] = {"", " download", " upload"};

	if (l->lane == NET_MAIN)
		snprintf(out, 48, "DC %u", l->centre->dc->id);
	else
		snprintf(out, 48, "DC %u%s %u", l->centre->dc->id, names[l->lane], l->number + 1);
	return out;
}

void link_init(struct link *l, struct centre *c, enum net_lane lane, uint32_t number)
{
	l->net = c->net;
	l->centre = c;
	l->lane = lane;
	l->number = number;
	l->key = &c->key;
	l->fd = -1;
	list_init(&l->out);
	list_init(&l->questions);
	list_init(&l->ready_node);
	list_init(&l->whole_node);
	parcel_init(&l->service, &l->service_buf);
	question_init(&l->warmer, QUESTION_WARM, c, lane);
}

enum {
	OWN_MAIN = FRAME_PAYLOAD_MAX,
	WARMER_MEM = QUERY_ROOMS + SMALL_QUERY,
	EVENTS_MEM = SESSION_EVENTS_MAX * sizeof(struct session_event),
};

/* Behind each other, each 64-aligned. */
static size_t aligned(size_t size)
{
	return (size + 63) & ~(size_t)63;
}

static size_t own_size(enum net_lane lane)
{
	return lane == NET_MAIN ? OWN_MAIN : OWN_FILE;
}

static size_t temporary_size(const struct net *n)
{
	return n->o.pfs ? aligned(sizeof(struct temporary)) : 0;
}

size_t link_memory(const struct net *n, enum net_lane lane)
{
	return temporary_size(n) + aligned(own_size(lane)) + aligned(SERVICE_MEM) + aligned(EVENTS_MEM) +
	       aligned(WARMER_MEM);
}

void link_take_memory(struct link *l, uint8_t *mem)
{
	if (l->net->o.pfs)
		l->temp = (struct temporary *)(void *)mem;
	temporary_init(l);
	l->own_mem = mem + temporary_size(l->net);
	l->own_size = (uint32_t)own_size(l->lane);
	l->service_mem = l->own_mem + aligned(l->own_size);
	l->events = (struct session_event *)(void *)(l->service_mem + aligned(SERVICE_MEM));
	l->warmer.small = (uint8_t *)l->events + aligned(EVENTS_MEM);
}

void link_mark_ready(struct link *l)
{
	if (list_empty(&l->ready_node))
		list_push(&l->net->ready, &l->ready_node);
}

/* ---- connecting ---- */

static bool set_peer(struct link *l, const struct net_addr *a)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&l->peer;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&l->peer;

	memset(&l->peer, 0, sizeof(l->peer));
	if (a->ipv6) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(a->port);
		l->peer_len = sizeof(*v6);
		return inet_pton(AF_INET6, a->host, &v6->sin6_addr) == 1;
	}
	v4->sin_family = AF_INET;
	v4->sin_port = htons(a->port);
	l->peer_len = sizeof(*v4);
	return inet_pton(AF_INET, a->host, &v4->sin_addr) == 1;
}

static void start_framer(struct link *l, const struct net_addr *a)
{
	struct net_options *o = &l->net->o;
	bool obfuscated = o->obfuscated || a->tcpo_only || a->has_secret;
	enum transport transport = o->transport;
	uint8_t random[64];

	/* transport.md 6: the full transport cannot be obfuscated. */
	if (obfuscated && transport == TRANSPORT_FULL)
		transport = TRANSPORT_INTERMEDIATE;
	do
		net_random(l->net, random, sizeof(random));
	while (!frame_init_client(&l->framer, transport, obfuscated, random,
				  (int16_t)centre_wire_id(l->centre, a),
				  a->has_secret ? a->secret : NULL));
	l->hello_due = frame_hello(&l->framer).len > 0;
}

static void connect_done(struct op *op)
{
	struct link *l = container_of(op, struct link, connect_op);
	struct net *n = l->net;

	n->now = ring_now(n->ring);
	check(l->connect_busy);
	l->connect_busy = false;
	if (l->state == LINK_CLOSING) {
		link_join(l);
		return;
	}
	if (op->res < 0) {
		link_close(l, "cannot connect", -op->res);
		return;
	}
	centre_connected(l);
	machine_connected(l);
	l->heard_ns = l->alive_ns = l->acked_ns = l->sample_ns = n->now;
	l->progress = (struct ring_progress){0};
	l->proved = false;
	l->handed = 0;
	if (l->centre->dc->has_key && !l->centre->rekey && !(l->temp != NULL && l->makes_key))
		link_begin_session(l);
	else
		handshaking_start(l);
}

void link_connect(struct link *l, const struct net_addr *a)
{
	int fd;

	check(l->state == LINK_IDLE);
	check(!l->connect_busy && !l->recv_busy && !l->send_busy);
	link_to(l, LINK_CONNECTING);
	l->addr = *a;
	l->patience_ns = centre_patience(l->centre, a);
	l->makes_key = !l->centre->dc->has_key || l->centre->rekey;
	if (l->temp != NULL && temporary_connect(l, a))
		l->makes_key = true;
	l->net->stats.links_total++;
	if (!set_peer(l, a)) {
		link_close(l, "an address that is no address", 0);
		return;
	}
	fd = ring_socket(l->net->ring, l->peer.ss_family);
	if (fd < 0) {
		link_close(l, "no socket", -fd);
		return;
	}
	l->fd = fd;
	start_framer(l, a);
	l->connect_busy = true;
	l->connect_op.done = connect_done;
	ring_connect(l->net->ring, &l->connect_op, fd, &l->peer, l->peer_len);
}

/* ---- the session ---- */

static uint32_t payload_max(const struct link *l)
{
	if (l->lane == NET_MAIN)
		return FRAME_PAYLOAD_MAX;
	if (l->lane == NET_DOWN && l->net->o.slab != NULL)
		return CHUNK_STRIDE - CHUNK_FRAME_AT - 4;
	return OWN_FILE;
}

/* First question of a session (messages.md 13): what layer we speak and who we are. */
static void write_warmer(struct link *l)
{
	struct net_options *o = &l->net->o;
	struct buf *b = question_memory(&l->warmer, SMALL_QUERY);
	struct tl_writer w;

	tl_writer_init(&w, (struct span){buf_at(b), SMALL_QUERY});
	tl_write_u32(&w, 0xda9b0d0d); /* invokeWithLayer */
	tl_write_u32(&w, (uint32_t)o->layer);
	tl_write_u32(&w, 0xc1cd5ea9); /* initConnection */
	tl_write_u32(&w, 0);
	tl_write_u32(&w, (uint32_t)o->api_id);
	tl_write_bytes(&w, cspan_str(o->device_model));
	tl_write_bytes(&w, cspan_str(o->system_version));
	tl_write_bytes(&w, cspan_str(o->app_version));
	tl_write_bytes(&w, cspan_str(o->system_lang_code));
	tl_write_bytes(&w, cspan_str("")); /* lang_pack of third-party clients */
	tl_write_bytes(&w, cspan_str(o->lang_code));
	if (l->lane != NET_MAIN)
		tl_write_u32(&w, 0xbf9459b7); /* invokeWithoutUpdates: a file session */
	tl_write_u32(&w, 0xc4f9186b);         /* help.getConfig */
	check(!w.full);
	buf_put(b, (uint32_t)tl_written(&w));
}

static void init_session(struct link *l, uint64_t id)
{
	struct session *s = &l->session;

	session_init(s, l->key, id, l->events, SESSION_EVENTS_MAX);
	s->ping_busy_ns = PING_BUSY;
	if (l->net->o.request_timeout_ns != 0)
		s->state_after_ns = l->net->o.request_timeout_ns;
	/* A part may take longer on its way than the server would wait for the ping behind it. */
	if (l->lane == NET_UP)
		s->disconnect_s = DISCONNECT_UP_S;
	l->session_live = true;
	l->warm = false;
	l->window = 1;
}

/* in_place: the connection stays, only the session is a new one. */
static void start_session(struct link *l, bool in_place)
{
	uint64_t id;

	net_random(l->net, &id, sizeof(id));
	if (!l->session_live) {
		init_session(l, id);
	} else if (l->renew) {
		session_restart(&l->session, id);
		l->warm = false;
		l->breaks = 0;
		link_mark_ready(l); /* open questions come back as events */
	}
	l->renew = false;
	if (!in_place)
		session_reconnected(&l->session, l->net->now);
}

void link_ask_first(struct link *l)
{
	if (l->warmer.state == QUESTION_ON_LINK)
		question_recall(&l->warmer, false);
	question_init(&l->warmer, QUESTION_WARM, l->centre, l->lane);
	write_warmer(l);
	question_assign(&l->warmer, l);
}

void link_begin_session(struct link *l)
{
	bool in_place = l->state == LINK_INIT || l->state == LINK_READY;
	bool bind = l->temp != NULL && temporary_begin(l);

	if (l->state == LINK_READY)
		l->net->stats.links_ready--;
	check(l->sending == NULL);
	parcel_recall(l, &l->service, false);
	frame_limit(&l->framer, payload_max(l));
	start_session(l, in_place);
	link_to(l, LINK_INIT);
	if (bind)
		temporary_ask(l);
	else if (l->warm)
		link_warmed(l);
	else
		link_ask_first(l);
	link_recv(l);
}

void link_warmed(struct link *l)
{
	struct centre *c = l->centre;
	char name[48];

	check(l->state == LINK_INIT);
	l->warm = true;
	l->idle_ns = l->net->now;
	link_to(l, LINK_READY);
	l->net->stats.links_ready++;
	if (l->proved) /* else the first packet tells: packet.c */
		centre_works(c);
	net_notice(l->net, c->dc->id, "%s: connected", link_name(l, name));
}

/* ---- closing ---- */

void link_close(struct link *l, const char *why, int err)
{
	struct ring *r = l->net->ring;
	bool worked;

	if (l->state == LINK_IDLE || l->state == LINK_CLOSING)
		return;
	l->why = why;
	l->why_errno = err;
	if (l->state == LINK_READY) {
		l->net->stats.links_ready--;
		l->net->stats.reconnects++;
	}
	/* A session that lives makes a link ready at once; the address may be no good all the same. */
	worked = l->state == LINK_READY && l->proved;
	link_to(l, LINK_CLOSING);
	if (worked)
		centre_dropped(l->centre);
	else
		centre_failed(l->centre, l->lane);
	handshaking_drop(l);
	link_drop_in(l);
	/* What the kernel has not sent yet would be read while the question is opened again. */
	if (l->fd >= 0 && l->net->zero_count > 0)
		ring_abort(r, l->fd);
	else if (l->fd >= 0)
		ring_shutdown(r, l->fd);
	if (l->connect_busy)
		ring_cancel(r, &l->connect_op);
	if (l->recv_busy)
		ring_cancel(r, &l->recv_op);
	if (l->send_busy)
		ring_cancel(r, l->send_now);
	link_join(l);
}

/* Where a question goes when its link died. */
static void take_back(struct link *l, struct question *q)
{
	struct net *n = l->net;

	if (relay_revoke(q))
		return;
	if (q->kind == QUESTION_WARM || q->kind == QUESTION_BIND) {
		question_recall(q, false);
	} else if (q->kind != QUESTION_USER) {
		question_recall(q, true);
		authorize_lost(q);
	} else if (q->cancelled) {
		question_recall(q, false);
		question_give(q);
	} else if (n->dead) {
		question_recall(q, true);
		question_fail(q, n->dead_code, n->dead_text);
	} else if (q->sent && session_holds(&q->call)) {
		/*
		 * The session asks the server about it on the next connection. Asked under a new id
		 * instead, its answer would come beside the old one's, which the server sends
		 * again first: on connections that die young only those would arrive.
		 */
		parcel_recall(l, &q->parcel, true);
		q->end_at = 0; /* it is on its way no more */
	} else if (q->once && q->sent) {
		question_recall(q, true);
		question_lose(q);
	} else {
		question_recall(q, true);
		question_wait(q, true);
	}
}

static void closed(struct link *l)
{
	struct list back;
	struct list *node;
	char name[48];

	if (l->fd >= 0)
		ring_close_fd(l->net->ring, l->fd);
	l->fd = -1;
	parcel_recall(l, &l->service, false);
	if (l->temp != NULL)
		parcel_recall(l, &l->temp->parcel, false);
	list_init(&back);
	while (!list_empty(&l->questions)) {
		node = l->questions.next;
		take_back(l, container_of(node, struct question, node));
		if (l->questions.next == node) {
			list_del(node);
			list_push(&back, node);
		}
	}
	while ((node = list_pop(&back)) != NULL)
		list_push(&l->questions, node);
	check(list_empty(&l->out));
	l->net->stats.links_total--;
	link_to(l, LINK_IDLE);
	if (l->why != NULL)
		net_notice(l->net, l->centre->dc->id, "%s: %s%s%s", link_name(l, name), l->why,
			   l->why_errno != 0 ? ": " : "",
			   l->why_errno != 0 ? strerror(l->why_errno) : "");
}

/* Whether somebody else could ask what this link has asked. */
static bool has_neighbour(const struct link *l)
{
	const struct lane *lane = &l->centre->lanes[l->lane];

	for (const struct link *other = lane->links; other < link_end(lane); other++)
		if (other->state == LINK_READY)
			return true;
	return false;
}

uint64_t link_lend_at(const struct link *l)
{
	if (l->state != LINK_IDLE || l->question_count == 0 || !has_neighbour(l))
		return UINT64_MAX;
	list_each (node, &l->questions)
		if (!container_of(node, struct question, node)->once)
			return l->state_ns + LEND_AFTER;
	return UINT64_MAX;
}

void link_lend(struct link *l)
{
	struct list *node = l->questions.prev;

	while (node != &l->questions) {
		struct question *q = container_of(node, struct question, node);

		node = node->prev;
		if (q->once)
			continue;
		question_recall(q, true);
		question_wait(q, true);
	}
}

bool link_is_read(const struct link *l)
{
	list_each (node, &l->questions) {
		const struct question *q = container_of(node, struct question, node);

		if (q->chunk != NULL && q->chunk->pins > 0)
			return true;
	}
	return false;
}

uint64_t link_join_at(const struct link *l)
{
	/* What came whole before the end is still worth reading. */
	if (l->connect_busy || l->recv_busy || l->send_busy || l->got.live)
		return UINT64_MAX;
	/* A kernel that never says so holds up nobody for long. */
	return link_is_read(l) ? l->state_ns + CLOSE_WAIT : 0;
}

void link_join(struct link *l)
{
	check(l->state == LINK_CLOSING);
	if (link_join_at(l) <= l->net->now)
		closed(l);
}
