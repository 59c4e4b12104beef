/*
 * What a link does because time passed: it notices that its peer is gone (N1, N6-N10), says what
 * the session has to say, and goes when nobody needs it. A transfer in flight tells nothing until
 * it ends, so TCP is asked every two seconds whether bytes move; a slow peer is not a dead one
 * (N11).
 */
#include "engine/link/net_priv.h"

#include <errno.h>

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static bool passed(const struct link *l, uint64_t since, uint64_t wait)
{
	return l->net->now >= since && l->net->now - since >= wait;
}

/* Something is under way whose end would be noticed by nobody else. */
static bool owed(const struct link *l)
{
	return l->state == LINK_HANDSHAKE || l->state == LINK_INIT || l->send_busy ||
	       l->question_count > 0 || (l->in.live && !link_has_whole(l)) ||
	       l->session.ping_id != 0;
}

static void sample(struct link *l)
{
	struct ring_progress p;
	uint64_t now = l->net->now;

	/* After a quiet time nothing was looked at: it begins anew. */
	if (now > l->sample_ns + SAMPLE_EVERY)
		l->alive_ns = l->acked_ns = now;
	l->sample_ns = now + SAMPLE_EVERY;
	if (!ring_progress(l->net->ring, l->fd, &p)) {
		l->acked_ns = now; /* not known: other watchdogs must do */
		return;
	}
	if (p.received != l->progress.received || p.acked != l->progress.acked)
		l->alive_ns = now;
	if (p.acked != l->progress.acked || p.unacked == 0)
		l->acked_ns = now;
	l->progress = p;
}

/* NULL, or why the connection is given up. */
static const char *verdict(const struct link *l)
{
	uint64_t moved = later(l->alive_ns, l->heard_ns);

	if (passed(l, l->acked_ns, UNACKED_WAIT))
		return "the server takes nothing of what we send";
	if (l->state == LINK_HANDSHAKE)
		return passed(l, l->state_ns, HANDSHAKE_WAIT) ? "the key exchange takes too long"
							      : NULL;
	if (l->state == LINK_INIT && passed(l, later(l->state_ns, moved), INIT_WAIT))
		return "no answer to the first question";
	if ((l->send_busy || (l->in.live && !link_has_whole(l))) && passed(l, moved, STALL_WAIT))
		return "nothing moves any more";
	if (session_silent(&l->session, l->net->now) > SILENCE_WAIT &&
	    passed(l, moved, SILENCE_WAIT))
		return "no answer to a ping";
	return NULL;
}

static void say_service(struct link *l)
{
	struct envelope_head head;

	if (l->service.state != PARCEL_PLAIN || session_due(&l->session) > l->net->now)
		return;
	buf_init(&l->service_buf, l->service_mem, SERVICE_MEM, FRAME_HEADROOM + ENVELOPE_HEADROOM);
	if (session_service(&l->session, &l->service_buf, l->net->now, false, &head))
		parcel_queue(l, &l->service, &head);
	link_mark_ready(l); /* it may have given up on something */
}

static bool is_idle(const struct link *l)
{
	return l->state == LINK_READY && l->lane != NET_MAIN && l->question_count == 0 &&
	       passed(l, l->idle_ns, IDLE_WAIT);
}

void link_watch(struct link *l)
{
	const char *why;

	if (l->state == LINK_CONNECTING && passed(l, l->state_ns, CONNECT_WAIT)) {
		link_close(l, "cannot connect", ETIMEDOUT);
		return;
	}
	if (link_lend_at(l) <= l->net->now) {
		link_lend(l);
		return;
	}
	if (!link_is_open(l))
		return;
	if (l->net->now >= l->sample_ns && owed(l)) {
		sample(l);
		why = verdict(l);
		if (why != NULL) {
			link_close(l, why, 0);
			return;
		}
	}
	if (l->in_waits)
		link_place(l);
	if (l->state == LINK_HANDSHAKE)
		return;
	if (is_idle(l))
		link_close(l, "not needed for the moment", 0);
	else
		say_service(l);
}

uint64_t link_due(const struct link *l)
{
	uint64_t due = UINT64_MAX, at;

	if (l->state == LINK_CONNECTING)
		return l->state_ns + CONNECT_WAIT;
	if (l->state == LINK_IDLE)
		return link_lend_at(l);
	if (!link_is_open(l))
		return due;
	if (owed(l))
		due = l->sample_ns;
	if (l->state == LINK_HANDSHAKE)
		return due;
	at = l->service.state == PARCEL_PLAIN ? session_due(&l->session) : UINT64_MAX;
	due = at < due ? at : due;
	if (l->state == LINK_READY && l->lane != NET_MAIN && l->question_count == 0) {
		at = l->idle_ns + IDLE_WAIT;
		due = at < due ? at : due;
	}
	return due;
}
