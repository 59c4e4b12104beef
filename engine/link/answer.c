/*
 * What the sessions say, event by event, and what becomes of it: the caller's event, a repair that
 * the caller never sees, or the end of the link. A packet's bytes stay until its last event was
 * asked for; a file part takes its chunk along.
 */
#include "engine/link/net_priv.h"

#include "proto/wire/inflate.h"
#include "proto/wire/tl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_GZIP = 0x3072cfa1, ID_TRUE = (int)0x997275b5u };

/*
 * S29-30: the login is gone. Of another DC they mean: import it again. The names are more than these;
 * the code is theirs, but for one step of a login.
 */
bool answer_is_key_error(int32_t code, const char *text)
{
	static const char *const names[] = {
	    "AUTH_KEY_UNREGISTERED", "AUTH_KEY_INVALID",     "AUTH_KEY_DUPLICATED",
	    "AUTH_KEY_PERM_EMPTY",   "SESSION_REVOKED",      "SESSION_EXPIRED",
	    "USER_DEACTIVATED",      "USER_DEACTIVATED_BAN",
	};

	if (code == 401)
		return strcmp(text, "SESSION_PASSWORD_NEEDED") != 0;
	for (size_t i = 0; i < countof(names); i++)
		if (strcmp(text, names[i]) == 0)
			return true;
	return false;
}

uint64_t answer_told_wait(const char *text)
{
	const char *at = strstr(text, "_WAIT_");
	uint64_t seconds = at == NULL ? 0 : strtoull(at + 6, NULL, 10);

	return (seconds > WAIT_MAX_S ? WAIT_MAX_S : seconds) * SECOND;
}

static bool is_init_error(const char *text)
{
	return strcmp(text, "CONNECTION_NOT_INITED") == 0 ||
	       strcmp(text, "CONNECTION_LAYER_INVALID") == 0;
}

bool answer_unpack(struct link *l, struct cspan *body)
{
	struct span space = {l->net->inflate_out, INFLATE_OUT_MAX - l->got.unpacked};
	struct cspan packed;
	struct tl_reader r;
	size_t len = 0;

	if (body->len < 4 || load_le32(body->at) != ID_GZIP)
		return true;
	tl_reader_init(&r, *body);
	tl_read_u32(&r);
	packed = tl_read_bytes(&r);
	if (!tl_ok(&r) || inflate_object(packed, space, &len) != INFLATE_OK) {
		l->got.unpacked = INFLATE_OUT_MAX; /* what it cost is not known */
		return false;
	}
	l->got.unpacked += (uint32_t)len;
	*body = cspan_of(space.at, len);
	return len < 4 || load_le32(body->at) != ID_GZIP; /* S12: depth 1 */
}

/* ---- what ends a link ---- */

/* What is left of the packet is not asked for: its session or its sender cannot be trusted. */
static void give_up(struct link *l, const char *why)
{
	l->session.in.left = 0;
	relay_drop(l);
	if (l->got.chunk != NULL)
		slab_give(l->net->o.slab, &l->got.chunk);
	l->got = (struct packet){0};
	link_close(l, why, 0);
}

/* An answer to what has not left yet can only be a forgery or a fault. */
static bool answered_too_early(struct link *l, const struct question *q)
{
	return q->link != l || !q->sent || question_in_kernel(q);
}

/* ---- events of the caller ---- */

static void fill(struct net_event *ev, enum net_event_kind kind, const struct question *q)
{
	*ev = (struct net_event){.kind = kind,
				 .owner = q->owner,
				 .tag = q->tag,
				 .ticket = q->ticket,
				 .dc = q->centre->dc->id};
}

/* The question's own chunk goes back to the caller. */
static void return_chunk(struct question *q, struct net_event *ev)
{
	if (q->chunk == NULL)
		return;
	slab_move(q->centre->net->o.slab, q->chunk, CHUNK_HELD);
	ev->chunk = q->chunk;
	q->chunk = NULL;
}

/* The packet's chunk is the caller's now, when nothing else in it will be asked for. */
static void hand_over(struct link *l, struct net_event *ev)
{
	struct chunk *c = l->got.chunk;

	if (c == NULL || ev->chunk != NULL || l->session.in.left != 0 ||
	    l->session.event_count != 0 || ev->result.at < c->buf.mem ||
	    ev->result.at + ev->result.len > c->buf.mem + c->buf.size)
		return;
	buf_init(&c->buf, c->buf.mem, c->buf.size, (uint32_t)(ev->result.at - c->buf.mem));
	buf_put(&c->buf, (uint32_t)ev->result.len);
	slab_move(l->net->o.slab, c, CHUNK_HELD);
	ev->chunk = c;
	l->got.chunk = NULL;
	l->got.buf = NULL;
}

static bool tell_result(struct link *l, struct question *q, struct cspan body, struct net_event *ev)
{
	if (q->cancelled) {
		question_give(q);
		return false;
	}
	if (q->centre == net_home(l->net))
		l->net->hops = 0;
	fill(ev, NET_RESULT, q);
	ev->result = body;
	return_chunk(q, ev);
	if (q->bulk && !relay_commit(l, q, ev))
		hand_over(l, ev);
	question_give(q);
	return true;
}

static bool tell_error(struct question *q, int32_t code, const char *text, struct net_event *ev)
{
	if (q->cancelled) {
		question_give(q);
		return false;
	}
	fill(ev, NET_ERROR, q);
	ev->code = code;
	net_clean(ev->text, sizeof(ev->text), text);
	return_chunk(q, ev);
	question_give(q);
	return true;
}

/* A mean over the last dozen or so. */
static void learn_took(struct lane *lane, uint64_t took)
{
	if (lane->took_known < LATE_KNOWN)
		lane->took_ns = (lane->took_ns * lane->took_known + took) / (lane->took_known + 1);
	else
		lane->took_ns = lane->took_ns - lane->took_ns / 8 + took / 8;
	if (lane->took_known < LATE_KNOWN)
		lane->took_known++;
}

/* N11: as many at once as come back in time. */
static void adapt_window(struct link *l, const struct question *q)
{
	uint64_t took = l->net->now - q->call.sent_ns;

	if (l->lane == NET_MAIN || q->kind != QUESTION_USER)
		return;
	learn_took(&l->centre->lanes[l->lane], took);
	if (took < ANSWER_QUICK && l->window < l->net->o.inflight && l->net->now >= l->alone_ns)
		l->window++;
	else if (took > ANSWER_SLOW && l->window > 1)
		l->window--;
}

/* ---- errors ---- */

static void again(struct question *q)
{
	q->repairs++;
	question_wait(q, true);
}

/* Of "USER_MIGRATE_4" the 4, 0 when it names none; -1: another text (S19). */
static int32_t told_home(const char *text)
{
	static const char *const names[] = {"USER_MIGRATE_", "NETWORK_MIGRATE_", "PHONE_MIGRATE_"};

	for (size_t i = 0; i < countof(names); i++) {
		size_t len = strlen(names[i]);
		unsigned long dc;

		if (strncmp(text, names[i], len) != 0)
			continue;
		dc = strtoul(text + len, NULL, 10);
		return dc <= DC_ID_MAX ? (int32_t)dc : 0;
	}
	return -1;
}

/* The account lives at another DC: its questions go there as soon as we are logged in there. */
static void follow_home(struct net *n, struct centre *from, struct question *q, int32_t dc, int32_t code,
			const char *text)
{
	struct centre *to = centre_find(n, (uint16_t)dc);
	bool known = to == n->moving || (to == net_home(n) && from != to); /* many were asked at the old one */
	char line[TEXT_MAX];

	if (to == NULL || (!known && ++n->hops > HOPS_MAX)) {
		snprintf(line, sizeof(line), "%.80s: no data centre has the account", text);
		net_die(n, code, line);
		return;
	}
	q->centre = to;
	again(q);
	net_move_home(n, to);
}

/*
 * S37: the session introduces itself again. What one server of the DC was told, the others may learn
 * seconds later (TDLib goes on saying it for three): the first time is at once, then there are pauses.
 */
static void introduce_again(struct link *l, uint32_t times)
{
	if (l->warm)
		l->inits++;
	l->warm = false;
	if (l->state != LINK_READY)
		return; /* it does so already */
	times = times > l->inits ? times : l->inits;
	if (times <= 1 && l->sending == NULL && l->service.state == PARCEL_PLAIN) {
		link_begin_session(l);
		return;
	}
	link_close(l, "the server forgot who we are", 0);
	if (times > 1)
		centre_told(l->centre, INIT_AGAIN << (times < 6 ? times - 2 : 4));
}

/* Whether the caller need not know: the question waits again. It is off its link. */
static bool repaired(struct link *l, struct question *q, int32_t code, const char *text)
{
	struct centre *c = l->centre;
	struct centre *home = net_home(l->net);

	if (is_init_error(text) && q->inits < INITS_MAX) {
		introduce_again(l, ++q->inits);
		question_wait(q, true);
		return true;
	}
	if (home == NULL || !home->dc->authorized)
		return false;
	if (q->home && told_home(text) >= 0) {
		follow_home(l->net, c, q, told_home(text), code, text);
		return !l->net->dead;
	}
	if (!answer_is_key_error(code, text))
		return false;
	if (c == home) {
		net_die(l->net, code, text);
		return false;
	}
	if (q->repairs >= REPAIRS_MAX)
		return false;
	centre_forget_authorization(c);
	if (q->repairs > 0) /* a new login did not help */
		centre_renounce(c);
	again(q);
	return true;
}

static void first_question_answered(struct link *l)
{
	if (temporary_direct(l))
		temporary_vouched(l);
	else if (l->state == LINK_INIT) /* the net may have ended in this very turn */
		link_warmed(l);
}

static void first_question_refused(struct link *l, int32_t code, const char *text)
{
	struct centre *c = l->centre;

	/* To the very words that initialise it: bad luck, or a server that is not well. */
	if (strcmp(text, "CONNECTION_NOT_INITED") == 0) {
		link_close(l, "the server forgot who we are", 0);
		return;
	}
	if (strncmp(text, "CONNECTION_", 11) == 0 || strncmp(text, "API_ID_", 7) == 0 ||
	    (centre_is_home(c) && c->dc->authorized && answer_is_key_error(code, text))) {
		net_die(l->net, code, text);
		return;
	}
	if (code == 420) {
		link_close(l, "told to wait", 0);
		centre_told(c, answer_told_wait(text));
		return;
	}
	/* A server without help.getConfig is still a server; the header was read by it. */
	net_log(l->net, 1, "DC %u: help.getConfig: %d %s", c->dc->id, (int)code, text);
	first_question_answered(l);
}

/* A file session is told to wait: less at once from now on (api.md 14). */
static void less_at_once(struct link *l, int32_t code, const char *text)
{
	if (code != 420 || l->lane == NET_MAIN)
		return;
	l->window = l->window > 1 ? l->window / 2 : 1;
	growth_flood(&l->net->growth, l->lane - NET_DOWN, answer_told_wait(text), l->net->now);
}

/* A temporary key that stands for nobody: what was asked is asked again under another. */
static bool key_disowned(struct link *l, struct question *q, const char *text)
{
	if (q->kind == QUESTION_BIND || q->disowned >= DISOWNED_MAX ||
	    !temporary_disowned(l, q->disowned, text))
		return false;
	q->disowned++;
	if (q->kind == QUESTION_EXPORT || q->kind == QUESTION_IMPORT)
		authorize_lost(q);
	else if (q->kind == QUESTION_USER && q->cancelled)
		question_give(q);
	else if (q->kind == QUESTION_USER)
		question_wait(q, true);
	return true;
}

static bool took_error(struct link *l, struct question *q, int32_t code, const char *text,
		       struct net_event *ev)
{
	question_recall(q, true); /* plain: it may be asked again */
	if (l->temp != NULL && key_disowned(l, q, text))
		return false;
	if (is_init_error(text) && (q->kind == QUESTION_EXPORT || q->kind == QUESTION_IMPORT))
		introduce_again(l, 0);
	switch (q->kind) {
	case QUESTION_BIND:
		temporary_refused(l, code, text);
		return false;
	case QUESTION_WARM:
		first_question_refused(l, code, text);
		return false;
	case QUESTION_EXPORT:
		/* Of a home that the account left meanwhile it is no word about the login. */
		if (answer_is_key_error(code, text) && centre_is_home(l->centre))
			net_die(l->net, code, text);
		authorize_error(q, code, text);
		return false;
	case QUESTION_IMPORT:
		authorize_error(q, code, text);
		/* Whoever is not logged in may ask this: the key itself is refused. */
		if (answer_is_key_error(code, text))
			centre_renounce(l->centre);
		return false;
	case QUESTION_USER:
		less_at_once(l, code, text);
		break;
	}
	if (!q->cancelled && repaired(l, q, code, text))
		return false;
	/* Mended above as often as it may be. The account has not ended: that its home would say. */
	if (answer_is_key_error(code, text) && !q->home && authorize_lives(l->centre))
		return tell_error(q, -1, "the login there is forgotten again and again", ev);
	return tell_error(q, code, text, ev);
}

/* ---- results ---- */

static bool is_true(struct cspan body)
{
	return body.len == 4 && load_le32(body.at) == (uint32_t)ID_TRUE;
}

/* Bytes of a part, either way; anything else of a file session counts as well, and is small. */
static void count_part(struct link *l, const struct question *q, struct cspan body)
{
	if (l->lane != NET_MAIN && q->kind == QUESTION_USER)
		growth_part(&l->net->growth,
			    body.len + (q->chunk == NULL ? 0 : q->chunk->buf.len));
}

static bool took_result(struct link *l, struct question *q, struct cspan body, struct net_event *ev)
{
	int32_t code;
	char text[160];

	if (!answer_unpack(l, &body))
		return took_error(l, q, -1, "an answer that cannot be unpacked", ev);
	if (session_read_error(body, &code, text))
		return took_error(l, q, code, text, ev);
	count_part(l, q, body);
	CRASH_POINT("link.answer.decrypted");
	/* The server's yes ends a part; after any other word the caller may need its bytes again.
	 */
	question_recall(q, q->chunk != NULL && !is_true(body));
	switch (q->kind) {
	case QUESTION_WARM:
		config_learn(l->net, body);
		first_question_answered(l);
		return false;
	case QUESTION_BIND:
		if (!is_true(body))
			temporary_refused(l, -1, "an answer that is no yes");
		else if (l->state == LINK_INIT)
			temporary_bound(l);
		return false;
	case QUESTION_EXPORT:
	case QUESTION_IMPORT:
		l->inits = 0;
		temporary_served(l);
		authorize_answer(q, body);
		return false;
	case QUESTION_USER:
		l->inits = 0;
		temporary_served(l);
		break;
	}
	CRASH_POINT("link.answer.told");
	return tell_result(l, q, body, ev);
}

/* ---- fates ---- */

/* Perhaps because it was too old when it arrived. */
static void came_too_late(struct link *l, struct question *q)
{
	uint64_t took = l->net->now - q->call.sent_ns;

	/* Not what was asked about on another connection: it waited for that one. */
	if (l->lane != NET_UP || q->chunk == NULL || q->end_at == 0 || took < PART_OUTDATED)
		return;
	q->too_late++;
	net_notice(l->net, l->centre->dc->id,
		   "a part was on its way for %u s, longer than the server waits: only "
		   "smaller parts or fewer connections get through",
		   (unsigned)(took / SECOND));
}

static bool ask_again(struct link *l, struct question *q, struct net_event *ev)
{
	if (relay_revoke(q))
		return false;
	came_too_late(l, q);
	q->unanswered += q->call.unanswered;
	question_recall(q, true);
	l->net->stats.resends++;
	switch (q->kind) {
	case QUESTION_WARM:
		if (l->state == LINK_INIT)
			question_assign(q, l);
		return false;
	case QUESTION_BIND:
		if (l->state == LINK_INIT)
			temporary_ask(l); /* its new id stands inside */
		return false;
	case QUESTION_EXPORT:
	case QUESTION_IMPORT:
		authorize_lost(q);
		return false;
	case QUESTION_USER:
		break;
	}
	if (q->cancelled) {
		question_give(q);
		return false;
	}
	if (q->too_late >= TOO_LATE_MAX)
		return tell_error(q, NET_TOO_LATE, "longer on its way than the server waits", ev);
	if (++q->resends > RESENDS_MAX)
		return tell_error(q, -1, "sent again and again without an answer", ev);
	question_wait(q, true);
	return false;
}

static bool unsure(struct question *q, struct net_event *ev)
{
	question_recall(q, true);
	if (q->cancelled) {
		question_give(q);
		return false;
	}
	fill(ev, NET_LOST, q);
	return_chunk(q, ev);
	question_give(q);
	return true;
}

/* S6: these codes say that we made the message wrong. Once may be bad luck with a lost state. */
static void count_malformed(struct net *n, int32_t code)
{
	static const int32_t ours[] = {18, 19, 34, 35, 64};
	uint64_t oldest = n->malformed_ns[n->malformed_at];
	char line[TEXT_MAX];
	bool counts = false;

	for (size_t i = 0; i < countof(ours); i++)
		counts |= code == ours[i];
	if (!counts)
		return;
	n->malformed_ns[n->malformed_at] = n->now;
	n->malformed_at = (n->malformed_at + 1) % (MALFORMED_MAX - 1);
	if (oldest == 0 || n->now - oldest > MALFORMED_WINDOW)
		return;
	snprintf(line, sizeof(line),
		 "the server refused our messages as malformed (code %d): a fault of this program",
		 (int)code);
	net_die(n, NET_OWN_FAULT, line);
}

static void renew(struct link *l, const struct session_event *e)
{
	if (e->fault == SESSION_BAD_MSG)
		count_malformed(l->net, e->code);
	net_log(l->net, 2, "a new session is due: reason %d, code %d", (int)e->fault, (int)e->code);
	l->renew = true;
	/* One that never gets an answer goes the way of connections: with back-off. */
	if (link_is_open(l) && l->sending == NULL && !link_is_read(l) &&
	    l->renewals++ < RENEWALS_MAX)
		link_begin_session(l);
	else
		link_close(l, "a new session is due", 0);
}

static bool took_update(struct link *l, struct cspan body, struct net_event *ev)
{
	if (l->lane != NET_MAIN || !centre_is_home(l->centre) || !answer_unpack(l, &body))
		return false;
	*ev = (struct net_event){.kind = NET_UPDATE, .dc = l->centre->dc->id, .result = body};
	return true;
}

/* What was sent on an earlier connection goes out again as it is, its id and all. */
static void say_the_same(struct link *l, struct question *q)
{
	struct envelope_head head;

	if (q->link != l || !q->sent || q->parcel.state != PARCEL_PLAIN) {
		give_up(l, "an answer to what was not yet asked");
		return;
	}
	session_again(&l->session, &q->call, l->net->now, &head);
	q->end_at = UINT64_MAX;
	l->net->stats.resends++;
	parcel_queue(l, &q->parcel, &head);
}

/* Events about a question. True: ev is one for the caller. */
static bool took_answer(struct link *l, const struct session_event *e, struct net_event *ev)
{
	struct question *q = container_of(e->call, struct question, call);
	bool unsent = e->kind == SESSION_RESEND || e->kind == SESSION_UNSURE;

	/* A session made anew, or asked after a reconnect, speaks of what is still in its queue. */
	if (unsent ? question_in_kernel(q) : answered_too_early(l, q)) {
		give_up(l, "an answer to what was not yet asked");
		return false;
	}
	if (!unsent) {
		l->renewals = l->breaks = 0;
		adapt_window(l, q);
	}
	switch (e->kind) {
	case SESSION_RESULT:
		return took_result(l, q, e->body, ev);
	case SESSION_ERROR:
		return took_error(l, q, e->code, e->text, ev);
	case SESSION_RESEND:
		return ask_again(l, q, ev);
	default:
		return unsure(q, ev);
	}
}

static bool took(struct link *l, const struct session_event *e, struct net_event *ev)
{
	switch (e->kind) {
	case SESSION_RESULT:
	case SESSION_ERROR:
	case SESSION_RESEND:
	case SESSION_UNSURE:
		return took_answer(l, e, ev);
	case SESSION_AGAIN:
		say_the_same(l, container_of(e->call, struct question, call));
		return false;
	case SESSION_UPDATE:
		return took_update(l, e->body, ev);
	case SESSION_SALT:
		net_salt_changed(l->net, l);
		return false;
	case SESSION_BROKEN:
		net_log(l->net, 1, "session broken: reason %d", (int)e->fault);
		/* What the server sends again with each connection ends with the session. */
		if (++l->breaks >= BREAKS_MAX)
			l->renew = true;
		give_up(l, e->fault == SESSION_STUCK ? "no answer" : "the session broke");
		return false;
	case SESSION_RENEW:
		renew(l, e);
		return false;
	case SESSION_CREATED:
	case SESSION_PONG:
		return false;
	}
	return false;
}

bool answer_next(struct link *l, struct net_event *ev)
{
	struct session_event e;

	if (l->got.live && !l->got_consumed) {
		l->got_consumed = true;
		session_consume(&l->session, &l->got.head, buf_view(l->got.buf), l->net->now,
				(struct span){l->net->inflate_in, INFLATE_OUT_MAX});
	}
	while (l->session_live && session_next(&l->session, &e))
		if (took(l, &e, ev))
			return true;
	return false;
}
