/*
 * Parts sent without being copied into the kernel: from where they lie, which therefore stays
 * pinned until the kernel says that the peer has them. By itself only where that saves something:
 * when the CPU is short, not over loopback, and as long as the kernel does not copy all the same.
 * The slab is registered with the first of them, since that brings all of it into memory.
 *
 *   zerocopy_send: pin -> (sent) link_sent -> (notice) unpin
 */
#include "engine/link/net_priv.h"

/* A CPU is short of time when its ring waits for less than this share of it. */
enum { WAITS_LEAST = 10 }; /* percent */

static bool is_loopback(const struct link *l)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&l->peer;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&l->peer;

	if (l->peer.ss_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static bool is_wanted(const struct link *l)
{
	const struct net *n = l->net;

	if ((ring_features(n->ring) & RING_SEND_ZC) == 0)
		return false;
	switch (n->o.zerocopy) {
	case NET_ZEROCOPY_ON:
		return true;
	case NET_ZEROCOPY_AUTO:
		return n->cpu_short && !n->zero_useless && !is_loopback(l);
	case NET_ZEROCOPY_OFF:
		break;
	}
	return false;
}

/* Nobody reads the memory any more. */
static void let_go(struct zero_send *z)
{
	struct net *n = z->net;

	check(n->zero_count > 0);
	n->zero_count--;
	slab_unpin(n->o.slab, z->chunk);
}

/* One has ended; the kernel copied it, or would not lend it the pages. */
static void took_copy(struct net *n, bool copied)
{
	struct net_stats *stats = &n->stats;

	stats->zerocopied += copied;
	if (stats->zerocopy >= ZERO_TRIES && stats->zerocopied * 2 > stats->zerocopy)
		n->zero_useless = true;
}

static void zero_done(struct op *op)
{
	struct zero_send *z = container_of(op, struct zero_send, op);
	struct link *l = z->link;

	z->link = NULL;
	/* First the chunk: what the link does next may be to give it back. */
	if (!op->held) {
		took_copy(z->net, op->res > 0);
		let_go(z);
	}
	link_sent(l, op);
}

static void zero_released(struct op *op)
{
	struct zero_send *z = container_of(op, struct zero_send, op);

	took_copy(z->net, op->copied);
	let_go(z);
}

static void register_slab(struct net *n)
{
	struct span mem = slab_memory(n->o.slab);

	/* Refused (RLIMIT_MEMLOCK): each send takes its own pages, as many as it may. */
	(void)ring_register(n->ring, mem.at, mem.len);
}

bool zerocopy_send(struct link *l, struct chunk *c, struct cspan bytes)
{
	struct net *n = l->net;
	struct zero_send *z = &n->zero_sends[c->index];

	/* Pinned: an earlier send of it, on a link that died, has not ended yet. */
	if (bytes.len < ZERO_LEAST || c->pins > 0 || !is_wanted(l))
		return false;
	if (n->stats.zerocopy == 0)
		register_slab(n);
	z->net = n;
	z->link = l;
	z->chunk = c;
	z->op.done = zero_done;
	z->op.released = zero_released;
	slab_pin(n->o.slab, c);
	n->zero_count++;
	n->stats.zerocopy++;
	l->send_busy = true;
	l->send_now = &z->op;
	ring_send_zc(n->ring, &z->op, l->fd, bytes.at, (uint32_t)bytes.len);
	return true;
}

void zerocopy_load(struct net *n, uint64_t waited_ns)
{
	uint64_t took = n->now - n->load_since_ns;

	n->load_waited_ns += waited_ns;
	if (took < LOAD_WINDOW)
		return;
	n->cpu_short = n->load_waited_ns * 100 < took * WAITS_LEAST;
	n->load_since_ns = n->now;
	n->load_waited_ns = 0;
}
