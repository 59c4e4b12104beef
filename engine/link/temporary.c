/*
 * A temporary key for each link (auth_key.md 10). What is sent is sealed by it alone; the DC's key
 * signs its binding and nothing else, except on the one connection that looks whether the server
 * still knows it (direct).
 *
 *   connect -> exchange -> binding -> session ... from an hour before its end on:
 *        ^                  |    ^         `-> exchange beside the session -> next
 *        `---- refused -----'    `--- next takes over, when no question is open ---'
 *
 * One exchange at a time in each centre. A key that the server does not know any more, or that it
 * calls unbound, ends its connection; the questions of it are asked again under another key.
 */
#include "engine/link/net_priv.h"

#include "proto/session/binding.h"

void temporary_init(struct link *l)
{
	if (l->temp == NULL)
		return;
	parcel_init(&l->temp->parcel, &l->temp->buf);
}

static bool is_over(const struct link *l, const struct temporary_key *k)
{
	return session_server_time(&k->key, l->net->now) + KEY_SPARE_S >= k->expires_at;
}

static bool is_usable(const struct link *l, const struct temporary_key *k, const struct net_addr *a)
{
	return k->made && k->media == a->media_only && !is_over(l, k);
}

/* Nothing is sealed by the old one any more. */
static void succeed(struct temporary *t)
{
	t->old_id = t->use.made ? t->use.key.key.id : 0;
	t->use = t->next;
	bytes_wipe(&t->next, sizeof(t->next));
}

bool temporary_connect(struct link *l, const struct net_addr *a)
{
	struct temporary *t = l->temp;

	t->direct = l->centre->direct_due;
	t->owed = 0;
	if (t->next.made && !is_usable(l, &t->next, a))
		bytes_wipe(&t->next, sizeof(t->next));
	if (is_usable(l, &t->use, a))
		return false;
	centre_void_session(l);
	succeed(t);
	t->old_id = 0; /* of another connection */
	return !t->use.made && !t->direct;
}

/* ---- being made ---- */

int32_t temporary_life(struct link *l)
{
	uint16_t draw;

	net_random(l->net, &draw, sizeof(draw));
	return BINDING_LIFE - draw % KEY_LIFE_VARIES_S;
}

static void fill(struct link *l, struct temporary_key *k, const struct handshake_result *made)
{
	struct temporary *t = l->temp;
	struct net *n = l->net;
	uint16_t jitter;

	net_random(n, &jitter, sizeof(jitter));
	session_key_init(&k->key, &made->key, made->salt);
	session_set_time(&k->key, made->server_time, n->now);
	k->made = true;
	k->bound = k->served = false;
	k->media = l->addr.media_only;
	k->expires_at = made->server_time + t->life_s - BINDING_MARGIN;
	k->renew_ns = n->now + ((uint64_t)t->life_s - KEY_LEAD_S - jitter % KEY_LEAD_VARIES_S) *
				   SECOND;
	session_set_time(&l->centre->key, made->server_time, n->now);
	n->o.account->time_offset_s = made->server_time - (int64_t)(ring_wall(n->ring) / SECOND);
}

void temporary_made(struct link *l, const struct handshake_result *made)
{
	struct temporary *t = l->temp;

	if (t->beside) {
		t->beside = false;
		fill(l, &t->next, made);
		return;
	}
	centre_void_session(l);
	fill(l, &t->use, made);
	t->old_id = 0;
	link_begin_session(l);
}

void temporary_missed(struct link *l)
{
	struct temporary *t = l->temp;

	handshaking_drop(l);
	if (l->sending != &t->parcel)
		parcel_recall(l, &t->parcel, false);
	t->use.renew_ns = l->net->now + KEY_AGAIN;
}

/* ---- being bound ---- */

bool temporary_begin(struct link *l)
{
	struct temporary *t = l->temp;
	struct session_key *key = t->direct ? &l->centre->key : &t->use.key;

	if (l->key != key) {
		centre_void_session(l);
		l->key = key;
	}
	return !t->direct && !t->use.bound;
}

void temporary_ask(struct link *l)
{
	const struct temporary_key *k = &l->temp->use;
	struct question *q = &l->warmer;
	struct binding b = {.perm = &l->centre->dc->key,
			    .temp_id = k->key.key.id,
			    .session_id = l->session.id,
			    .expires_at = (int32_t)k->expires_at};
	uint8_t random[BINDING_RANDOM];
	uint8_t *at;

	if (q->state == QUESTION_ON_LINK)
		question_recall(q, false);
	question_init(q, QUESTION_BIND, l->centre, l->lane);
	at = buf_put(question_memory(q, SMALL_QUERY), BINDING_QUERY);
	question_assign(q, l);
	b.msg_id = q->call.msg_id; /* only now it has one, and it stands inside */
	net_random(l->net, random, sizeof(random));
	binding_write(at, &b, random);
}

void temporary_bound(struct link *l)
{
	struct centre *c = l->centre;

	c->binds_refused = 0;
	c->bound_ns = l->net->now;
	l->temp->use.bound = true;
	l->net->stats.bindings++;
	net_log(l->net, 2, "DC %u: a temporary key is bound", c->dc->id);
	link_to(l, LINK_INIT);
	link_ask_first(l);
}

/* A key that was made, or that signed, just now may not be known at every server of the DC. */
static bool may_spread(const struct centre *c)
{
	const uint64_t wait = (uint64_t)BINDING_REPLICATE * SECOND, now = c->net->now;

	return (c->made_ns != 0 && now - c->made_ns < wait) ||
	       (c->bound_ns != 0 && now - c->bound_ns < wait);
}

/* The server cannot read what the DC's key signed: does it know that key? */
static void doubt(struct centre *c)
{
	if (may_spread(c))
		return;
	if (++c->binds_refused <= BINDS_REFUSED_MAX) {
		c->direct_due = true;
		return;
	}
	c->binds_refused = 0;
	if (c->dc->authorized && centre_is_home(c))
		net_die(c->net, 400, "the data centre knows this login and refuses its temporary keys");
	else
		centre_rekey(c); /* nothing is lost with this one */
}

static bool is_called_empty(const char *text)
{
	return strcmp(text, "AUTH_KEY_PERM_EMPTY") == 0 || strcmp(text, "AUTH_KEY_INVALID") == 0;
}

/* That is no word about the temporary key: what signed its binding stands for nobody any more. */
static void login_ended(struct centre *c, int32_t code, const char *text)
{
	if (centre_is_home(c) && c->dc->authorized)
		net_die(c->net, code, text);
	else
		centre_renounce(c);
}

void temporary_refused(struct link *l, int32_t code, const char *text)
{
	struct centre *c = l->centre;

	net_log(l->net, 1, "DC %u: a temporary key is refused: %d %s", c->dc->id, (int)code, text);
	temporary_lost(l);
	link_close(l, "the binding of the temporary key was refused", 0);
	if (code == 420)
		centre_told(c, answer_told_wait(text));
	else if (strcmp(text, "ENCRYPTED_MESSAGE_INVALID") == 0)
		doubt(c);
	else if (answer_is_key_error(code, text) && !is_called_empty(text))
		login_ended(c, code, text);
}

/* ---- being lost ---- */

/* Its bytes stay until the link is joined: what it sealed is to be opened again. */
void temporary_lost(struct link *l)
{
	l->temp->use.made = false;
}

void temporary_served(struct link *l)
{
	if (l->temp == NULL || l->temp->direct)
		return;
	l->temp->use.served = true;
	l->centre->disowned = 0;
}

/*
 * Keys that served may be forgotten all at once. New ones that never serve are another matter; but one
 * server of the DC may learn later what another one bound, so there are pauses before it is believed.
 */
bool temporary_disowned(struct link *l, uint32_t times, const char *text)
{
	struct centre *c = l->centre;
	uint64_t now = l->net->now;

	if (l->temp->direct || !is_called_empty(text))
		return false;
	if (!link_is_open(l))
		return true; /* said already */
	if (!l->temp->use.served && now >= c->told_ns) {
		if (now - c->disowned_ns > DISOWNED_WINDOW)
			c->disowned = 0;
		if (c->disowned == 0)
			c->disowned_ns = now;
		if (++c->disowned > DISOWNED_MAX)
			return false;
		times = times > c->disowned ? times : c->disowned;
	}
	temporary_lost(l);
	link_close(l, "the server calls the temporary key empty", 0);
	if (times > 1)
		centre_told(c, DISOWNED_AGAIN << (times < 6 ? times - 2 : 4));
	return true;
}

bool temporary_direct(const struct link *l)
{
	return l->temp != NULL && l->temp->direct;
}

void temporary_vouched(struct link *l)
{
	l->centre->direct_due = false;
	link_close(l, "the server knows the key: a temporary one is made again", 0);
}

/* ---- being replaced ---- */

bool temporary_packet(struct link *l)
{
	struct temporary *t = l->temp;
	uint64_t id;

	if (l->in.buf->len < 8)
		return false;
	id = load_le64(buf_at(l->in.buf));
	if (id == 0 ? t->owed == 0 : id != t->old_id)
		return false; /* H11: what is not sealed, and was not asked for, is no packet */
	t->owed -= id == 0;
	if (id == 0 && t->beside) {
		handshaking_packet(l);
		return true;
	}
	link_drop_in(l);
	link_recv(l);
	return true;
}

bool temporary_drains(const struct link *l)
{
	return l->temp != NULL && l->temp->next.made;
}

static bool is_still(const struct link *l)
{
	return l->question_count == 0 && l->out_count == 0 && l->sending == NULL && !l->got.live &&
	       l->service.state == PARCEL_PLAIN;
}

static void take_over(struct link *l)
{
	struct temporary *t = l->temp;

	centre_void_session(l);
	succeed(t);
	link_begin_session(l);
}

void temporary_watch(struct link *l)
{
	struct temporary *t = l->temp;
	uint64_t now = l->net->now;

	if (t->beside && now - t->beside_ns >= HANDSHAKE_WAIT)
		temporary_missed(l);
	if (l->state != LINK_READY || t->direct)
		return;
	if (t->next.made && is_still(l))
		take_over(l);
	else if (!t->next.made && !t->beside && now >= t->use.renew_ns &&
		 t->parcel.state == PARCEL_PLAIN && !centre_makes_key(l->centre))
		handshaking_beside(l);
}

uint64_t temporary_due(const struct link *l)
{
	const struct temporary *t = l->temp;

	if (t->beside)
		return t->beside_ns + HANDSHAKE_WAIT;
	/* What is overdue waits for the end of something else. */
	if (l->state != LINK_READY || t->next.made || l->net->now >= t->use.renew_ns)
		return UINT64_MAX;
	return t->use.renew_ns;
}
