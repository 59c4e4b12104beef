/*
 * What this machine does to its connections while nobody looks: it gets another address (N23), it
 * sleeps, or the program is stopped and goes on (N24). The peers are not told, and the old
 * connections would be taken for alive until a watchdog barks; one that would then still use the
 * key beside the new ones looks like a copied session.
 */
#include "engine/link/net_priv.h"

#include <netinet/in.h>

static bool same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	const struct sockaddr_in *a4 = (const struct sockaddr_in *)a;
	const struct sockaddr_in *b4 = (const struct sockaddr_in *)b;
	const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)a;
	const struct sockaddr_in6 *b6 = (const struct sockaddr_in6 *)b;

	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET6)
		return memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof(a6->sin6_addr)) == 0;
	return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
}

/* All that are open and leave from there; NULL: from anywhere. */
static uint32_t close_all(struct net *n, const struct sockaddr_storage *local, const char *why)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < n->centre_count; i++)
		for (struct lane *lane = n->centres[i].lanes; lane < lane_end(&n->centres[i]);
		     lane++)
			for (struct link *l = lane->links; l < link_end(lane); l++) {
				if (!link_is_open(l) ||
				    (local != NULL && !same_host(&l->local, local)))
					continue;
				link_close(l, why, 0);
				count++;
			}
	return count;
}

/* Its last connection went to the same host, and from somewhere else. */
static bool moved_since(const struct link *before, const struct link *l)
{
	return same_host(&before->local_peer, &l->peer) &&
	       before->local.ss_family == l->local.ss_family &&
	       !same_host(&before->local, &l->local);
}

/*
 * An address that it left just now works after all: a machine with several ways out takes them by
 * turns. For a while its connections stand beside each other, and what is dead is left to the
 * watchdogs.
 */
static bool has_several_ways(struct net *n, const struct sockaddr_storage *local)
{
	for (int i = 0; i < LEFT_MAX && n->now >= n->ways_ns; i++) {
		const struct left *left = &n->left[i];

		if (left->ns == 0 || n->now - left->ns > BACK_WINDOW ||
		    !same_host(&left->address, local))
			continue;
		n->ways_ns = n->now + SEVERAL_WAYS;
		net_log(n, 1, "this machine has more than one address");
	}
	return n->now < n->ways_ns;
}

static void moved(struct net *n, const struct sockaddr_storage *from,
		  const struct sockaddr_storage *to)
{
	if (has_several_ways(n, to) ||
	    close_all(n, from, "this machine has another address now") == 0)
		return;
	n->left[n->left_at] = (struct left){*from, n->now};
	n->left_at = (n->left_at + 1) % LEFT_MAX;
}

/*
 * Two ways to one and the same host from different addresses: the older one is gone, and with it
 * all that left from there. (To different hosts there may be different ways.)
 */
void machine_connected(struct link *l)
{
	struct net *n = l->net;
	struct sockaddr_storage old = l->local, old_peer = l->local_peer;

	if (!ring_local(n->ring, l->fd, &l->local)) {
		l->local = (struct sockaddr_storage){0};
		return;
	}
	if (same_host(&old_peer, &l->peer) && !same_host(&old, &l->local))
		moved(n, &old, &l->local);
	l->local_peer = l->peer;
	for (uint32_t i = 0; i < n->centre_count; i++)
		for (struct lane *lane = n->centres[i].lanes; lane < lane_end(&n->centres[i]);
		     lane++)
			for (struct link *other = lane->links; other < link_end(lane); other++) {
				if (!link_is_open(other) || !moved_since(other, l))
					continue;
				old = other->local;
				moved(n, &old, &l->local);
			}
}

/* The wall clock went on while ours stood, or the last turn waited much longer than it wanted. */
static bool stood_still(const struct net *n)
{
	uint64_t wall = ring_wall(n->ring), passed = n->now - n->waited_ns;

	if (n->waited_ns == 0)
		return false;
	if (wall > n->waited_wall_ns && wall - n->waited_wall_ns >= passed + STANDSTILL)
		return true;
	return n->now > n->wait_end_ns && n->now - n->wait_end_ns >= STANDSTILL;
}

void machine_watch(struct net *n)
{
	if (!stood_still(n))
		return;
	n->waited_ns = 0; /* once */
	if (close_all(n, NULL, "this machine stood still for a while") == 0)
		return;
	for (uint32_t i = 0; i < n->centre_count; i++)
		n->centres[i].hold_ns = 0;
}

void machine_waits(struct net *n, uint64_t until)
{
	n->waited_ns = n->now;
	n->waited_wall_ns = ring_wall(n->ring);
	n->wait_end_ns = until > n->now ? until : n->now;
}
