/*
 * A data centre: which connections it needs, when they may be opened, and which question goes to
 * which link. Never more than five connects in ten seconds; after a failure one attempt at a time,
 * address after address, then with back-off (N1, N19).
 */
#include "engine/link/net_priv.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

bool centre_is_home(const struct centre *c)
{
	return c->dc->id == c->net->o.account->home_dc;
}

struct centre *centre_find(struct net *n, uint16_t dc)
{
	for (uint32_t i = 0; i < n->centre_count; i++)
		if (n->centres[i].dc->id == dc)
			return &n->centres[i];
	return NULL;
}

void centre_init_key(struct centre *c)
{
	struct net *n = c->net;
	int64_t wall = (int64_t)(ring_wall(n->ring) / SECOND);

	session_key_init(&c->key, &c->dc->key, c->dc->salt);
	session_set_time(&c->key, wall + n->o.account->time_offset_s, n->now);
}

void centre_init(struct centre *c, struct net *n, struct net_dc *dc)
{
	c->net = n;
	c->dc = dc;
	for (int k = NET_MAIN; k <= NET_UP; k++) {
		struct lane *lane = &c->lanes[k];

		list_init(&lane->waiting);
		lane->want = k == NET_MAIN ? 1 : n->growth.way[k - NET_DOWN].want;
	}
	question_init(&c->importer, QUESTION_EXPORT, c, NET_MAIN);
	if (dc->has_key)
		centre_init_key(c);
}

/* ---- addresses ---- */

/*
 * Lower is tried sooner. The family that works comes first, so that one key is used from one
 * address (N22); until that is known they take turns, IPv4 first. Downloads belong on media
 * addresses when there are any (api.md 2), and work on the others too.
 */
static uint32_t rank(const struct centre *c, bool media, const struct net_addr *a)
{
	uint32_t unlike = a->media_only != media, turn = 0;
	int family = c->net->family;

	for (const struct net_addr *b = c->dc->addrs; b < a; b++)
		turn += b->ipv6 == a->ipv6 && b->media_only == a->media_only;
	if (family == AF_UNSPEC)
		return unlike << 16 | turn << 8 | a->ipv6;
	return (uint32_t)(a->ipv6 != (family == AF_INET6)) << 16 | unlike << 8 | turn;
}

static bool all_media(const struct centre *c)
{
	for (uint32_t i = 0; i < c->dc->addr_count; i++)
		if (!c->dc->addrs[i].media_only)
			return false;
	return true;
}

/* The family of its connections, those on their way included; AF_UNSPEC: there are none. */
static int family_in_use(const struct centre *c)
{
	for (const struct lane *lane = c->lanes; lane < lane_end(c); lane++)
		for (const struct link *l = lane->links; l < link_end(lane); l++)
			if (l->state == LINK_CONNECTING || link_is_open(l))
				return l->peer.ss_family;
	return AF_UNSPEC;
}

/*
 * In the order they are tried; of one family, unless that is AF_UNSPEC. What is no download goes to
 * a media address only when there is nothing else.
 */
static uint32_t collect(const struct centre *c, enum net_lane lane, int family,
			const struct net_addr *out[NET_ADDR_MAX])
{
	bool media = lane == NET_DOWN, any = media || all_media(c);
	uint32_t count = 0;

	for (uint32_t i = 0; i < c->dc->addr_count; i++) {
		const struct net_addr *a = &c->dc->addrs[i];
		uint32_t at = count;

		if ((a->media_only && !any) ||
		    (family != AF_UNSPEC && a->ipv6 != (family == AF_INET6)))
			continue;
		for (; at > 0 && rank(c, media, out[at - 1]) > rank(c, media, a); at--)
			out[at] = out[at - 1];
		out[at] = a;
		count++;
	}
	return count;
}

/* While connections stand, others join them there: no key is used from both families (N22). */
static uint32_t candidates(const struct centre *c, enum net_lane lane,
			   const struct net_addr *out[NET_ADDR_MAX])
{
	uint32_t count = collect(c, lane, family_in_use(c), out);

	return count > 0 ? count : collect(c, lane, AF_UNSPEC, out);
}

static bool has_family(const struct centre *c, bool ipv6)
{
	for (uint32_t i = 0; i < c->dc->addr_count; i++)
		if (c->dc->addrs[i].ipv6 == ipv6)
			return true;
	return false;
}

uint64_t centre_patience(const struct centre *c, const struct net_addr *a)
{
	/* A slow network is no black hole: when all were tried once, they have the whole time. */
	if (c->net->family == AF_UNSPEC && has_family(c, !a->ipv6) && c->fails < c->dc->addr_count)
		return FAMILY_WAIT;
	return CONNECT_WAIT;
}

void centre_connected(const struct link *l)
{
	struct net *n = l->net;

	if (n->family == l->peer.ss_family)
		return;
	n->family = l->peer.ss_family;
	for (uint32_t i = 0; i < n->centre_count; i++)
		n->centres[i].addr_main = n->centres[i].addr_media = 0;
}

static uint32_t *rotation(struct centre *c, enum net_lane lane)
{
	return lane == NET_DOWN ? &c->addr_media : &c->addr_main;
}

/* Keys are made where the main session lives: media addresses share them. */
static enum net_lane addressed_as(const struct centre *c, enum net_lane lane)
{
	return !c->dc->has_key || c->rekey ? NET_MAIN : lane;
}

const struct net_addr *centre_address(struct centre *c, enum net_lane lane)
{
	const struct net_addr *all[NET_ADDR_MAX];
	uint32_t count;

	lane = addressed_as(c, lane);
	count = candidates(c, lane, all);
	return count == 0 ? NULL : all[*rotation(c, lane) % count];
}

int32_t centre_wire_id(const struct centre *c, const struct net_addr *a)
{
	int32_t id = c->dc->id + (c->net->o.account->test ? 10000 : 0);

	return a->media_only ? -id : id;
}

/* ---- back-off ---- */

static uint64_t backoff(struct centre *c, uint64_t first, uint64_t last, uint32_t round)
{
	uint64_t wait = first << (round > 7 ? 7 : round);
	uint8_t jitter;

	if (wait > last)
		wait = last;
	net_random(c->net, &jitter, 1);
	/* 75 to 125 %, and of the last 75 to 100 %: N1 */
	return wait * 3 / 4 + wait * jitter / (wait < last ? 512 : 1024);
}

static void hold(struct centre *c, uint64_t wait)
{
	if (c->net->now + wait > c->hold_ns)
		c->hold_ns = c->net->now + wait;
}

/* Perhaps it moved: the home is asked where it is, with what a session's first question is. */
static void ask_addresses(struct net *n)
{
	struct centre *home = net_home(n);
	struct link *l = home == NULL ? NULL : home->lanes[NET_MAIN].links;

	if (l == NULL || home->lanes[NET_MAIN].link_count == 0 || l->state != LINK_READY ||
	    l->sending != NULL || l->service.state != PARCEL_PLAIN || n->now < n->config_ns)
		return;
	n->config_ns = n->now + CONFIG_AGAIN;
	l->warm = false;
	link_begin_session(l);
}

void centre_failed(struct centre *c, enum net_lane lane)
{
	const struct net_addr *all[NET_ADDR_MAX];
	uint32_t count, round;

	lane = addressed_as(c, lane);
	count = candidates(c, lane, all);
	c->fails++;
	if (c->away_ns == 0)
		c->away_ns = c->net->now;
	(*rotation(c, lane))++;
	/* Another address is tried at once; when all were, it is time to wait. */
	if (count != 0 && c->fails % count != 0)
		return;
	round = c->fails / (count == 0 ? 1 : count);
	hold(c, backoff(c, BACKOFF_FIRST, BACKOFF_LAST, round - 1));
	if (round % CONFIG_ROUNDS == 0 && !centre_is_home(c))
		ask_addresses(c->net);
}

void centre_told(struct centre *c, uint64_t wait)
{
	if (c->net->now + wait > c->told_ns)
		c->told_ns = c->net->now + wait;
}

void centre_dropped(struct centre *c)
{
	hold(c, backoff(c, BACKOFF_FIRST, BACKOFF_LAST, 0));
}

void centre_works(struct centre *c)
{
	c->fails = 0;
	c->away_ns = c->hold_ns = 0;
}

void centre_proved(struct centre *c)
{
	c->unknown_key = c->wrong_dc = c->not_mtproto = 0;
	c->doubted_ns = 0;
	c->proved = true;
}

const char *centre_misheard(struct centre *c, const char *what)
{
	return ++c->not_mtproto < NOT_MTPROTO_MAX
		   ? what
		   : "what answers there is no Telegram server (a captive portal?)";
}

static bool said_for(struct centre *c, uint64_t ns)
{
	if (c->doubted_ns == 0)
		c->doubted_ns = c->net->now;
	return c->net->now - c->doubted_ns >= ns;
}

/*
 * Anybody on the path can say it, and a front door that is out of order does (S32): of a server that
 * was one of ours it is believed after a while only.
 */
bool centre_is_believed(struct centre *c)
{
	return said_for(c, c->proved ? BELIEVED_AFTER : 0);
}

/* A new key cannot be made beside sessions of the old one. */
static bool cleared_for_rekey(struct centre *c)
{
	bool clear = true;

	for (struct lane *lane = c->lanes; lane < lane_end(c); lane++)
		for (struct link *l = lane->links; l < link_end(lane); l++) {
			link_close(l, "a new key is to be made", 0);
			clear = clear && l->state == LINK_IDLE;
		}
	return clear;
}

void centre_rekey(struct centre *c)
{
	if (c->net->o.follows)
		centre_forget_authorization(c);
	else
		c->rekey = true;
	/* At once: those that are connecting would each begin an exchange of their own. */
	(void)cleared_for_rekey(c);
}

void centre_renounce(struct centre *c)
{
	if (centre_is_home(c) ||
	    (c->renounced_ns != 0 && c->net->now - c->renounced_ns < RENOUNCE_AGAIN))
		return;
	c->renounced_ns = c->net->now;
	centre_rekey(c);
}

/* Nobody knows our key there, again and again. A login was good in an earlier run, if not in this one. */
static void unknown_key(struct centre *c)
{
	bool home = c->dc->authorized && centre_is_home(c);
	bool believed = said_for(c, c->proved ? BELIEVED_AFTER : BELIEVED_FIRST);

	if (!c->dc->has_key || (home && !believed) || ++c->unknown_key < UNKNOWN_KEY_MAX)
		return;
	c->unknown_key = 0;
	if (home) {
		net_die(c->net, -404, "the data centre does not know this login any more");
		return;
	}
	/* Nothing is lost with this one: a new one takes its place once it is made. */
	centre_rekey(c);
}

/*
 * A code that nobody described (S33): it backs off as from an error of the server. Several links that
 * are told the same are one time.
 */
static void refused_oddly(struct link *l, int32_t code)
{
	struct centre *c = l->centre;
	uint64_t now = c->net->now, wait;

	snprintf(c->odd_text, sizeof(c->odd_text), "refused by the server: transport error %d",
		 (int)code);
	link_close(l, c->odd_text, 0);
	if (now < c->odd_ns)
		return;
	if (now - c->odd_ns >= ODD_WINDOW)
		c->odd = 0;
	wait = backoff(c, ODD_FIRST, ODD_LAST, c->odd++);
	centre_told(c, wait);
	c->odd_ns = now + wait;
}

void centre_refused(struct link *l, int32_t code)
{
	struct centre *c = l->centre;

	switch (code) {
	case -404:
		link_close(l, "the server does not know the key", 0);
		if (l->temp != NULL && !l->temp->direct)
			temporary_lost(l);
		else
			unknown_key(c);
		break;
	case -429:
		link_close(l, "too many connections, the server says", 0);
		centre_told(c, HOLD_429);
		break;
	case -444:
		l->proved = false; /* whatever it was: another address is the next one */
		link_close(l, "not a server of this data centre", 0);
		/* Of another one its questions wait, and the account goes on. */
		if (centre_is_home(c) && centre_is_believed(c) && ++c->wrong_dc >= c->dc->addr_count &&
		    c->wrong_dc >= 3)
			net_die(c->net, -444, "these addresses belong to another environment");
		break;
	default:
		refused_oddly(l, code);
		break;
	}
}

/* ---- key and authorization ---- */

/* Sessions live and die with their key, and what they knew of sent questions with them. */
void centre_void_session(struct link *l)
{
	while (!list_empty(&l->questions)) {
		struct question *q = container_of(l->questions.next, struct question, node);

		if (relay_revoke(q))
			continue;
		question_recall(q, true);
		if (q->once)
			question_lose(q);
		else
			question_wait(q, true);
	}
	l->session_live = false;
}

/* Sessions and login were those of the old one. */
static void replace_key(struct centre *c, const struct auth_key *key, uint64_t salt)
{
	for (struct lane *lane = c->lanes; lane < lane_end(c); lane++)
		for (struct link *l = lane->links; l < link_end(lane); l++) {
			centre_void_session(l);
			if (l->temp != NULL)
				temporary_lost(l);
		}
	c->dc->key = *key;
	c->dc->has_key = true;
	c->dc->salt = salt;
	c->dc->authorized = false;
}

void centre_lend_key(struct centre *c, const struct net_dc *dc)
{
	c->lent_due = true;
	c->lent_key = dc->key;
	c->lent_salt = dc->salt;
	c->lent_login = dc->authorized;
	(void)cleared_for_rekey(c);
}

static void take_lent_key(struct centre *c)
{
	replace_key(c, &c->lent_key, c->lent_salt);
	c->dc->authorized = c->lent_login;
	centre_init_key(c);
	bytes_wipe(&c->lent_key, sizeof(c->lent_key));
	c->lent_due = c->direct_due = false;
	c->unknown_key = 0;
	c->doubted_ns = 0;
	c->made_ns = c->net->now;
}

void centre_set_key(struct centre *c, const struct handshake_result *made)
{
	struct net *n = c->net;

	replace_key(c, &made->key, made->salt);
	session_key_init(&c->key, &made->key, made->salt);
	session_set_time(&c->key, made->server_time, n->now);
	c->rekey = c->direct_due = false;
	c->unknown_key = 0;
	c->doubted_ns = 0;
	c->made_ns = n->now;
	n->o.account->time_offset_s = made->server_time - (int64_t)(ring_wall(n->ring) / SECOND);
	n->changed = true;
}

void centre_forget_authorization(struct centre *c)
{
	if (!c->dc->authorized)
		return;
	c->dc->authorized = false;
	c->net->changed = true;
}

/* ---- connecting ---- */

static uint32_t wanted(const struct centre *c, const struct lane *lane)
{
	uint32_t open = lane->waiting_count + lane->flying_count;

	if (lane == &c->lanes[NET_MAIN] && lane->used && centre_is_home(c))
		return 1; /* updates come there */
	/* What a new link asks for itself is no reason for one more. */
	for (struct link *l = lane->links; l < link_end(lane); l++)
		open -= l->warmer.state == QUESTION_ON_LINK;
	return open < lane->want ? open : lane->want;
}

static uint32_t active(const struct lane *lane)
{
	uint32_t count = 0;

	for (struct link *l = lane->links; l < link_used_end(lane); l++)
		count += l->state != LINK_IDLE;
	return count;
}

static uint32_t connecting(const struct centre *c)
{
	uint32_t count = 0;

	for (const struct lane *lane = c->lanes; lane < lane_end(c); lane++)
		for (struct link *l = lane->links; l < link_end(lane); l++)
			count += l->state != LINK_IDLE && l->state != LINK_READY;
	return count;
}

static struct link *new_link(struct centre *c, struct lane *lane)
{
	struct link *l = &lane->links[lane->link_count];
	enum net_lane kind = (enum net_lane)(lane - c->lanes);

	check(lane->link_count < lane->want);
	link_init(l, c, kind, lane->link_count++);
	link_take_memory(l, lane->link_mem + l->number * link_memory(c->net, kind));
	return l;
}

/* There is one: fewer are active than wanted. */
static struct link *idle_link(struct centre *c, struct lane *lane)
{
	/* First those that have something to find out about. */
	for (struct link *l = lane->links; l < link_used_end(lane); l++)
		if (l->state == LINK_IDLE && l->question_count > 0)
			return l;
	for (struct link *l = lane->links; l < link_used_end(lane); l++)
		if (l->state == LINK_IDLE)
			return l;
	return new_link(c, lane);
}

/* Of the lanes that need one more link, the one that has the fewest; its place, or -1. */
static int neediest(const struct centre *c)
{
	const struct lane *best = NULL;

	for (const struct lane *lane = c->lanes; lane < lane_end(c); lane++)
		if (active(lane) < wanted(c, lane) && (best == NULL || active(lane) < active(best)))
			best = lane;
	return best == NULL ? -1 : (int)(best - c->lanes);
}

/* The last connect of a window is kept for a lane without any link: uploads beside downloads. */
static uint64_t connect_allowed_at(const struct centre *c, const struct lane *lane)
{
	uint32_t most = c->net->o.connects == 0 ? CONNECTS_MAX : c->net->o.connects;
	uint32_t spare = most > 1 && active(lane) > 0 ? 1 : 0;
	/* The place of the most-th last one. */
	uint32_t back = CONNECTS_MAX - most + spare;
	uint64_t oldest = c->connects[(c->connect_at + back) % CONNECTS_MAX];
	uint64_t at = oldest == 0 ? 0 : oldest + CONNECTS_WINDOW;

	at = at > c->hold_ns ? at : c->hold_ns;
	return at > c->told_ns ? at : c->told_ns;
}

/* One at a time while it is not clear that a connection can stand, and while there is no key. */
static bool one_by_one(const struct centre *c)
{
	return !c->dc->has_key || c->rekey || c->direct_due || c->fails > 0;
}

bool centre_makes_key(const struct centre *c)
{
	if (c->handshaker != NULL)
		return true;
	for (const struct lane *lane = c->lanes; lane < lane_end(c); lane++)
		for (const struct link *l = lane->links; l < link_end(lane); l++)
			if (l->state == LINK_CONNECTING && l->makes_key)
				return true;
	return false;
}

static bool must_wait(const struct centre *c)
{
	return (one_by_one(c) && connecting(c) > 0) || centre_makes_key(c);
}

static void fail_lane(struct lane *lane, int32_t code, const char *text)
{
	while (!list_empty(&lane->waiting)) {
		struct question *q = container_of(lane->waiting.next, struct question, node);

		question_recall(q, true);
		if (q->kind == QUESTION_USER)
			question_fail(q, code, text);
		else
			authorize_error(q, code, text);
	}
}

void centre_fail_waiting(struct centre *c, int32_t code, const char *text)
{
	for (struct lane *lane = c->lanes; lane < lane_end(c); lane++)
		fail_lane(lane, code, text);
}

void centre_fail_asked(struct centre *c, int32_t code, const char *text)
{
	for (struct lane *lane = c->lanes; lane < lane_end(c); lane++)
		for (struct link *l = lane->links; l < link_end(lane); l++)
			if (l->state == LINK_IDLE && l->session_live)
				centre_void_session(l);
	centre_fail_waiting(c, code, text);
}

void centre_start(struct centre *c)
{
	int kind;

	if (c->lent_due && cleared_for_rekey(c))
		take_lent_key(c);
	if (c->lent_due)
		return;
	while ((kind = neediest(c)) >= 0 && !c->net->dead) {
		const struct net_addr *a = centre_address(c, (enum net_lane)kind);
		struct lane *lane = &c->lanes[kind];

		if (a == NULL) {
			centre_fail_waiting(c, -1, "no address of this data centre is known");
			return;
		}
		if (c->net->now < connect_allowed_at(c, lane) || must_wait(c))
			return;
		if (c->rekey && !cleared_for_rekey(c))
			return;
		c->connects[c->connect_at] = c->net->now;
		c->connect_at = (c->connect_at + 1) % CONNECTS_MAX;
		link_connect(idle_link(c, lane), a);
	}
}

/* ---- assigning ---- */

uint32_t lane_capacity(const struct net *n, const struct lane *lane, enum net_lane kind)
{
	return kind == NET_MAIN ? MAIN_INFLIGHT : lane->want * n->o.inflight;
}

static bool has_room(const struct link *l, bool chunk)
{
	uint32_t most = l->lane == NET_MAIN ? MAIN_INFLIGHT : l->window;

	return l->state == LINK_READY && l->question_count < most && !temporary_drains(l) &&
	       l->out_count < (chunk ? OUT_CHUNKS_MAX : OUT_MAX);
}

static bool is_slow(const struct link *l)
{
	return l->net->now < l->slow_ns;
}

static bool is_better(const struct link *a, const struct link *b)
{
	if (is_slow(a) != is_slow(b))
		return is_slow(b);
	return a->question_count < b->question_count;
}

struct link *centre_best_link(struct lane *lane, bool chunk)
{
	struct link *best = NULL;

	for (struct link *l = lane->links; l < link_used_end(lane); l++)
		if (has_room(l, chunk) && (best == NULL || is_better(l, best)))
			best = l;
	return best;
}

void centre_assign(struct centre *c)
{
	if (authorize_needed(c) || c->net->dead)
		return;
	for (struct lane *lane = c->lanes; lane < lane_end(c); lane++) {
		while (!list_empty(&lane->waiting)) {
			struct question *q =
			    container_of(lane->waiting.next, struct question, node);
			struct link *l = centre_best_link(lane, q->chunk != NULL);

			if (l == NULL)
				break;
			question_recall(q, true);
			question_assign(q, l);
		}
	}
}

/* ---- how many ---- */

/* Adds one lane to what the net's connections do. */
static void add_load(const struct lane *lane, uint32_t way, struct growth_load *load)
{
	uint32_t ready = 0, full = 0;

	for (const struct link *l = lane->links; l < link_used_end(lane); l++) {
		ready += l->state == LINK_READY;
		full += l->state == LINK_READY && l->question_count >= l->window;
	}
	load->busy[way] |= ready > 0 && (full == ready || !list_empty(&lane->waiting));
	if (ready > load->ready[way])
		load->ready[way] = ready;
}

void centre_grow(struct net *n)
{
	struct growth_load load = {0};

	if (growth_fixed(&n->growth))
		return;
	for (uint32_t i = 0; i < n->centre_count; i++)
		for (uint32_t way = 0; way < GROWTH_WAYS; way++)
			add_load(&n->centres[i].lanes[NET_DOWN + way], way, &load);
	growth_step(&n->growth, &load, n->now);
	for (uint32_t i = 0; i < n->centre_count; i++)
		for (uint32_t way = 0; way < GROWTH_WAYS; way++)
			n->centres[i].lanes[NET_DOWN + way].want = n->growth.way[way].want;
}

uint64_t centre_due(const struct centre *c)
{
	uint64_t due = UINT64_MAX, at;
	int next = neediest(c);

	for (const struct lane *lane = c->lanes; lane < lane_end(c); lane++) {
		for (struct link *l = lane->links; l < link_end(lane); l++) {
			at = link_due(l);
			due = at < due ? at : due;
		}
	}
	if (next >= 0 && c->dc->addr_count > 0 && !must_wait(c)) {
		at = connect_allowed_at(c, &c->lanes[next]);
		due = at < due ? at : due;
	}
	at = authorize_due(c);
	return at < due ? at : due;
}
