/*
 * Temporary keys of a net (reliability.md S31, X10; auth_key.md 10), in virtual time: each session
 * has one of its own, bound before anything else; one that the server forgets, calls empty or does
 * not bind is replaced, and so is each before its end, without any question that fails.
 */
#include "tests/sim/virtual.h"

#include "engine/link/net_priv.h"
#include "proto/api/ask.h"
#include "proto/api/part.h"
#include "proto/session/binding.h"
#include "tests/link/parts.h"

#include <jansson.h>
#include <string.h>

/* ---- what the simulator knows of keys ---- */

struct keys {
	uint32_t permanent, temporary, bound, dead;
	uint32_t direct; /* sessions that use a permanent one */
};

static struct keys keys_of(struct sim *s)
{
	json_t *all = json_loads(sim_ctl(s, "stats"), 0, NULL), *key;
	struct keys k = {0};
	size_t i;

	cr_assert_not_null(all);
	json_array_foreach (json_object_get(all, "keys"), i, key) {
		bool temporary = json_is_true(json_object_get(key, "temporary"));

		k.permanent += !temporary;
		k.temporary += temporary;
		k.bound += json_is_true(json_object_get(key, "bound"));
		k.dead += json_is_true(json_object_get(key, "dead"));
		if (!temporary)
			k.direct +=
			    (uint32_t)json_integer_value(json_object_get(key, "sessions"));
	}
	json_decref(all);
	return k;
}

/* Of all kinds. */
static uint32_t violations(struct sim *s)
{
	json_t *all = json_loads(sim_ctl(s, "stats"), 0, NULL), *count;
	uint32_t sum = 0;
	const char *name;

	cr_assert_not_null(all);
	json_object_foreach (json_object_get(all, "violations"), name, count)
		sum += (uint32_t)json_integer_value(count);
	json_decref(all);
	return sum;
}

static uint64_t bindings(struct sim *s)
{
	struct net_stats stats;

	net_stats(s->net, &stats);
	return stats.bindings;
}

static struct virtual *open_pfs(struct sim *s, uint32_t links, uint64_t seed)
{
	return virtual_open(s, &(struct sim_options){.links = links, .pfs = true}, seed);
}

/* ---- a key each ---- */

Test(keys, each_session_has_its_own)
{
	struct sim s;
	struct virtual *v = open_pfs(&s, 2, 31);
	struct media_file document = sim_document(&s);
	struct parts parts;
	struct keys k;

	parts_fetch(&parts, &s, &document, NULL);
	cr_assert_eq(parts.errors, 0);
	k = keys_of(&s);
	cr_assert_eq(k.permanent, 2);
	cr_assert_eq(k.direct, 0, "a permanent key was used by itself");
	cr_assert_eq(k.temporary, 3, "one main session, two for the file: %u", k.temporary);
	cr_assert_eq(k.bound, 3);
	cr_assert_eq(violations(&s), 0);
	virtual_close(&v, &s);
}

/* Bytes of one DC go into another one, sealed by two keys that live a day. */
Test(keys, parts_pass_through)
{
	struct sim s;
	struct virtual *v = open_pfs(&s, 2, 32);
	struct media_file document = sim_document(&s);
	struct parts parts;

	parts_pass(&parts, &s, &document, 77, NULL);
	cr_assert_eq(parts.errors, 0);
	cr_assert_gt(parts.relayed, 0);
	cr_assert_eq(keys_of(&s).direct, 0);
	cr_assert_eq(violations(&s), 0);
	virtual_close(&v, &s);
}

/* ---- introductions ---- */

/* What one server of the DC was told, the others may learn seconds later. */
/* Rows: S37 */
Test(keys, an_introduction_that_is_known_late)
{
	struct sim s;
	struct virtual *v = open_pfs(&s, 2, 51);
	struct media_file document = sim_document(&s);
	struct parts parts;

	virtual_ask(&s, 0);
	s.keys_lost = true;
	virtual_tell(v, "fault lateinit:ms=5000");
	virtual_tell(v, "fault unbind:method=users.getUsers,count=1");
	cr_assert_leq(virtual_await(&s, virtual_ask_later(&s, 0, NET_MAIN), ring_now(s.ring)),
		      30 * SECOND);
	parts_fetch(&parts, &s, &document, NULL);
	cr_assert_eq(parts.errors, 0);
	cr_assert_not(s.dead);
	virtual_close(&v, &s);
}

/* One that has no effect at all is an error of ours in the end. */
/* Rows: S37 */
Test(keys, an_introduction_that_is_never_known)
{
	struct sim s;
	struct virtual *v = open_pfs(&s, 1, 52);

	virtual_ask(&s, 0);
	s.keys_lost = true;
	virtual_tell(v, "fault error:method=users.getUsers,code=400,text=CONNECTION_NOT_INITED");
	cr_assert_eq(sim_ask(&s, 0, NET_MAIN, ask_self(&s.arena)), NET_ERROR);
	cr_assert_str_eq(s.ev.text, "CONNECTION_NOT_INITED");
	virtual_tell(v, "unfault all");
	virtual_ask(&s, 0);
	virtual_close(&v, &s);
}

/* ---- keys that are lost ---- */

static void wait_for_death(struct sim *s, uint64_t wait)
{
	uint64_t until = ring_now(s->ring) + wait;

	while (!s->dead && ring_now(s->ring) < until) {
		while (net_next(s->net, &s->ev)) {
			s->dead |= s->ev.kind == NET_DEAD;
			if (s->ev.kind == NET_DEAD)
				snprintf(s->dead_text, sizeof(s->dead_text), "%s", s->ev.text);
		}
		cr_assert_eq(net_turn(s->net, until), 0);
	}
	cr_assert(s->dead, "it goes on for ever");
}

static void another_key_after(const char *fault, const char *rule)
{
	struct sim s;
	struct virtual *v = open_pfs(&s, 1, 33);
	char path[64];

	virtual_ask(&s, 0);
	s.keys_lost = true;
	virtual_tell(v, fault);
	for (int i = 0; i < 4; i++) {
		virtual_ask(&s, 0);
		virtual_wait(&s, 5 * SECOND);
	}
	snprintf(path, sizeof(path), "violations/%s", rule);
	cr_assert_geq(sim_stat(&s, path), 1, "%s", path);
	cr_assert_eq(bindings(&s), 2);
	cr_assert_eq(keys_of(&s).permanent, 1, "the permanent one was thrown away");
	cr_assert_not(s.dead);
	virtual_close(&v, &s);
}

/* Rows: S31 */
Test(keys, called_empty)
{
	another_key_after("fault unbind:method=users.getUsers,count=1", "unbound_temp_key");
}

/* Rows: S31 */
Test(keys, forgotten_by_the_server)
{
	another_key_after("fault tempgone:method=users.getUsers,count=1", "unknown_key");
}

static void ask_up(struct sim *s, uint32_t count)
{
	struct net_request r = {.lane = NET_UP, .query = sim_encode(s, ask_self(&s->arena))};
	uint32_t ticket;

	for (uint32_t i = 0; i < count; i++)
		cr_assert_eq(net_call(s->net, &r, &ticket), 0);
	for (uint32_t i = 0; i < count; i++) {
		struct net_event *ev = sim_event(s);

		cr_assert_not_null(ev, "%s", s->dead_text);
		cr_assert_eq(ev->kind, NET_RESULT, "%d %s", ev->code, ev->text);
	}
}

/* A server that forgets what all of them were bound to: no word about the login. */
/* Rows: S31 */
Test(keys, all_called_empty_at_once)
{
	enum { MANY = 20 };
	struct sim s;
	struct virtual *v = open_pfs(&s, MANY, 53);

	/* So long that all connections are needed. */
	virtual_tell(v, "fault delay:method=users.getUsers,ms=60000");
	ask_up(&s, MANY);
	virtual_tell(v, "unfault all");
	cr_assert_geq(bindings(&s), MANY);
	s.keys_lost = true;
	virtual_tell(v, "fault unbind:method=users.getUsers,count=20");
	ask_up(&s, 2 * MANY);
	cr_assert_not(s.dead, "%s", s.dead_text);
	cr_assert_eq(keys_of(&s).permanent, 1);
	virtual_close(&v, &s);
}

/* New keys, too, for a while: the one server that binds them, another one knows of it later. */
/* Rows: S31 */
Test(keys, called_empty_again_and_again)
{
	struct sim s;
	struct virtual *v = open_pfs(&s, 1, 54);

	virtual_ask(&s, 0);
	s.keys_lost = true;
	virtual_tell(v, "fault error:method=users.getUsers,code=401,text=AUTH_KEY_PERM_EMPTY,count=5");
	cr_assert_leq(virtual_ask(&s, 0), 30 * SECOND);
	cr_assert_eq(keys_of(&s).permanent, 1);
	virtual_close(&v, &s);
}

/* Without end it is said in the end. */
Test(keys, called_empty_for_ever)
{
	struct net_request r = {.lane = NET_MAIN};
	uint32_t ticket;
	struct sim s;
	struct virtual *v = open_pfs(&s, 1, 55);

	virtual_ask(&s, 0);
	s.keys_lost = true;
	virtual_tell(v, "fault error:method=users.getUsers,code=401,text=AUTH_KEY_PERM_EMPTY");
	r.query = sim_encode(&s, ask_self(&s.arena));
	cr_assert_eq(net_call(s.net, &r, &ticket), 0);
	wait_for_death(&s, 600 * SECOND);
	cr_assert_str_eq(s.dead_text, "AUTH_KEY_PERM_EMPTY");
	virtual_close(&v, &s);
}

/* Rows: S31 */
Test(keys, end_long_before_their_time)
{
	struct sim s;
	struct virtual *v = open_pfs(&s, 1, 34);

	s.keys_lost = true;
	virtual_tell(v, "fault templife:s=600");
	for (int i = 0; i < 60; i++) {
		virtual_ask(&s, 0);
		virtual_wait(&s, 60 * SECOND);
	}
	cr_assert_geq(bindings(&s), 6);
	cr_assert_eq(keys_of(&s).permanent, 1);
	virtual_close(&v, &s);
}

/* ---- bindings that are refused ---- */

/* Once the first key has served for a while; the answers come all the same. */
static void refused(const char *text, int times, uint32_t direct)
{
	struct sim s;
	struct virtual *v = open_pfs(&s, 1, 35);
	char fault[160];

	virtual_wait(&s, 120 * SECOND);
	snprintf(fault, sizeof(fault),
		 "fault error:method=auth.bindTempAuthKey,code=400,text=%s,count=%d", text, times);
	virtual_tell(v, fault);
	s.keys_lost = true;
	virtual_tell(v, "fault tempgone:method=users.getUsers,count=1");
	virtual_ask(&s, 0);
	virtual_ask(&s, 0);
	cr_assert_eq(sim_stat(&s, "requests/auth.bindTempAuthKey/count"), times + 2);
	cr_assert_eq(keys_of(&s).direct, direct);
	cr_assert_eq(keys_of(&s).permanent, 1);
	virtual_close(&v, &s);
}

Test(keys, that_cannot_be_bound_are_made_anew)
{
	refused("TEMP_AUTH_KEY_EMPTY", 2, 0);
	refused("TEMP_AUTH_KEY_ALREADY_BOUND", 1, 0);
	refused("EXPIRES_AT_INVALID", 1, 0);
	refused("INTERNAL", 3, 0);
}

/* The permanent key is asked about directly, and kept when the server knows it. */
Test(keys, a_binding_that_cannot_be_read)
{
	refused("ENCRYPTED_MESSAGE_INVALID", 1, 1);
	refused("ENCRYPTED_MESSAGE_INVALID", 3, 3);
}

/* A permanent key that is a minute old at most is not doubted. */
Test(keys, a_young_permanent_key_is_not_doubted)
{
	struct sim s;
	struct virtual *v = virtual_open_apart(&s, &(struct sim_options){.links = 1, .pfs = true}, 36);

	virtual_tell(v, "fault error:method=auth.bindTempAuthKey,code=400,"
			"text=ENCRYPTED_MESSAGE_INVALID,count=3");
	sim_login(&s);
	cr_assert_eq(keys_of(&s).direct, 0);
	cr_assert_eq(keys_of(&s).permanent, 1);
	virtual_close(&v, &s);
}

/* A server that knows the key and binds nothing: told in so many words, not tried for ever. */
Test(keys, never_bound)
{
	struct net_request r = {.lane = NET_MAIN};
	uint32_t ticket;
	struct sim s;
	struct virtual *v = open_pfs(&s, 1, 37);

	virtual_wait(&s, 120 * SECOND);
	virtual_tell(v, "fault error:method=auth.bindTempAuthKey,code=400,"
			"text=ENCRYPTED_MESSAGE_INVALID");
	s.keys_lost = true;
	virtual_tell(v, "fault tempgone:method=users.getUsers,count=1");
	virtual_ask(&s, 0);
	r.query = sim_encode(&s, ask_self(&s.arena));
	cr_assert_eq(net_call(s.net, &r, &ticket), 0);
	wait_for_death(&s, 600 * SECOND);
	cr_assert_not_null(strstr(s.dead_text, "refuses its temporary keys"), "%s", s.dead_text);
	virtual_close(&v, &s);
}

/* ---- a permanent key that is no more ---- */

/* The login is ended elsewhere while temporary keys live: that is said in so many words. */
/* Rows: S29 */
Test(keys, the_login_is_no_more)
{
	struct sim s;
	struct virtual *v = open_pfs(&s, 1, 39);
	struct net_request r = {.lane = NET_MAIN};
	uint32_t ticket;

	cr_assert_eq(sim_ask(&s, 0, NET_MAIN, tl_new(&s.arena, TLC_auth_logOut)), NET_RESULT);
	r.query = sim_encode(&s, ask_self(&s.arena));
	cr_assert_eq(net_call(s.net, &r, &ticket), 0);
	wait_for_death(&s, 10 * SECOND);
	cr_assert_str_eq(s.dead_text, "AUTH_KEY_UNREGISTERED");
	virtual_close(&v, &s);
}

/* The same, said to the binding of a new key: the account is not asked for ever. */
/* Rows: S29 */
Test(keys, the_login_is_no_more_says_the_binding)
{
	static const char *const texts[] = {"SESSION_REVOKED", "AUTH_KEY_UNREGISTERED", "USER_DEACTIVATED"};

	for (size_t i = 0; i < countof(texts); i++) {
		struct net_request r = {.lane = NET_MAIN};
		char fault[128];
		uint32_t ticket;
		struct sim s;
		struct virtual *v = open_pfs(&s, 1, 40);

		s.keys_lost = true;
		virtual_tell(v, "fault tempgone:method=users.getUsers,count=1");
		virtual_ask(&s, 0);
		snprintf(fault, sizeof(fault), "fault error:method=auth.bindTempAuthKey,code=401,text=%s",
			 texts[i]);
		virtual_tell(v, fault);
		r.query = sim_encode(&s, ask_self(&s.arena));
		cr_assert_eq(net_call(s.net, &r, &ticket), 0);
		wait_for_death(&s, 60 * SECOND);
		cr_assert_str_eq(s.dead_text, texts[i]);
		virtual_close(&v, &s);
	}
}

/* By another program of the same login, under the permanent key itself. */
static void destroy_permanent(struct sim *s)
{
	static const uint8_t destroy[] = {0x60, 0x51, 0x43, 0xd1}; /* destroy_auth_key */
	struct net_request r = {.lane = NET_MAIN, .query = cspan_of(destroy, sizeof(destroy))};
	struct net_account account = s->account;
	struct net_options o = s->options;
	struct net *other;
	uint64_t until = ring_now(s->ring) + 5 * SECOND;
	uint32_t ticket;

	o.account = &account;
	o.pfs = false;
	cr_assert_eq(net_open(&other, &o), 0);
	cr_assert_eq(net_call(other, &r, &ticket), 0);
	while (ring_now(s->ring) < until) {
		while (net_next(other, &s->ev))
			;
		cr_assert_eq(net_turn(other, until), 0);
	}
	net_close(&other);
}

/*
 * The permanent key itself is no more: its temporary ones die with it, no other one can be bound, and
 * it is asked about directly. For ten minutes that may be a forgery; then it is the end.
 */
/* Rows: S32 */
Test(keys, the_permanent_one_is_no_more)
{
	struct net_request r = {.lane = NET_MAIN};
	struct net_stats before, after;
	const struct virtual_connect *c;
	uint32_t ticket, connects;
	uint64_t began;
	struct sim s;
	struct virtual *v = open_pfs(&s, 1, 39);

	virtual_wait(&s, 120 * SECOND);
	s.keys_lost = true;
	net_stats(s.net, &before);
	connects = virtual_connects(v, &c);
	destroy_permanent(&s);
	began = ring_now(s.ring);
	r.query = sim_encode(&s, ask_self(&s.arena));
	cr_assert_eq(net_call(s.net, &r, &ticket), 0);
	wait_for_death(&s, 1200 * SECOND);
	cr_assert_not_null(strstr(s.dead_text, "does not know this login"), "%s", s.dead_text);
	cr_assert_geq(ring_now(s.ring) - began, BELIEVED_AFTER);
	net_stats(s.net, &after);
	cr_assert_eq(after.bindings, before.bindings);
	fprintf(stderr, "%u exchanges, %u connects\n", (unsigned)(after.handshakes - before.handshakes),
		virtual_connects(v, &c) - connects);
	cr_assert_leq(after.handshakes - before.handshakes, 12);
	cr_assert_leq(virtual_connects(v, &c) - connects, 80);
	virtual_close(&v, &s);
}

/* ---- three days ---- */

enum { ASKERS = 2, LANES = 2, DAYS = 3, SMALL_PART = 4096 };


/* Questions that are always open: when one is answered the next one is asked. */
struct asking {
	struct sim *s;
	struct cspan self, location;
	uint32_t answers, most_open;
	uint64_t latest_ns;
};

static void ask(struct asking *a, uint32_t lane)
{
	uint8_t query[512];
	struct net_request r = {.lane = NET_MAIN, .tag = lane, .owner = ring_now(a->s->ring)};
	uint32_t ticket;

	r.query = a->self;
	if (lane == 1) {
		r.dc = DOC_DC;
		r.lane = NET_DOWN;
		r.query = cspan_of(query, part_ask((struct span){query, sizeof(query)}, a->location,
						   0, SMALL_PART));
	}
	cr_assert_eq(net_call(a->s->net, &r, &ticket), 0);
}

static void heard(struct asking *a)
{
	struct sim *s = a->s;
	uint64_t took = ring_now(s->ring) - s->ev.owner;

	if (s->ev.kind > NET_LOST) {
		cr_assert_neq(s->ev.kind, NET_DEAD, "%s", s->ev.text);
		return;
	}
	cr_assert_eq(s->ev.kind, NET_RESULT, "failed: %d %s", s->ev.code, s->ev.text);
	if (s->ev.chunk != NULL)
		slab_give(s->slab, &s->ev.chunk);
	a->answers++;
	a->latest_ns = took > a->latest_ns ? took : a->latest_ns;
	ask(a, s->ev.tag);
}

static void travel(struct asking *a, uint64_t ns)
{
	uint64_t until = ring_now(a->s->ring) + ns;

	while (ring_now(a->s->ring) < until) {
		while (net_next(a->s->net, &a->s->ev))
			heard(a);
		cr_assert_eq(net_turn(a->s->net, until), 0);
	}
}

/* Each key that is in use at any time: not older than a day, and bound. */
static void look_at_keys(struct sim *s)
{
	for (uint32_t i = 0; i < s->net->centre_count; i++) {
		struct centre *c = &s->net->centres[i];

		for (struct lane *lane = c->lanes; lane < lane_end(c); lane++)
			for (struct link *l = lane->links; l < link_end(lane); l++) {
				if (l->state != LINK_READY)
					continue;
				cr_assert(l->key == &l->temp->use.key && l->temp->use.bound);
				cr_assert_gt(l->temp->use.expires_at,
					     session_server_time(l->key, s->net->now) + 3000);
			}
	}
}

/* Each answer takes 80 s, so that there is never a moment at which nothing is open. */
/* Rows: X10 */
Test(keys, three_days_without_a_question_that_fails, .timeout = 600)
{
	const uint64_t day = 86400 * SECOND;
	uint8_t self[256], location[256];
	struct asking a = {0};
	struct net_stats stats;
	struct media_file document;
	uint64_t until;
	struct sim s;
	struct virtual *v = open_pfs(&s, 1, 38);

	document = sim_document(&s);
	a.s = &s;
	a.self = sim_encode(&s, ask_self(&s.arena));
	memcpy(self, a.self.at, a.self.len);
	a.self.at = self;
	a.location = sim_encode(&s, media_location(&s.arena, &document));
	memcpy(location, a.location.at, a.location.len);
	a.location.at = location;
	virtual_tell(v, "fault delay:method=users.getUsers,ms=80000");
	virtual_tell(v, "fault delay:method=upload.getFile,ms=80000");
	for (uint32_t lane = 0; lane < LANES; lane++)
		for (uint32_t i = 0; i < ASKERS; i++) {
			ask(&a, lane);
			travel(&a, 27 * SECOND);
		}
	until = ring_now(s.ring) + DAYS * day;
	while (ring_now(s.ring) < until) {
		travel(&a, 60 * SECOND);
		look_at_keys(&s);
	}
	net_stats(s.net, &stats);
	cr_assert_eq(stats.reconnects, 0);
	cr_assert_geq(stats.bindings, 2 * (DAYS + 1));
	cr_assert_leq(stats.bindings, 2 * (DAYS + 2));
	cr_assert_eq(violations(&s), 0);
	cr_assert_eq(keys_of(&s).permanent, 2);
	cr_assert_lt(a.latest_ns, 180 * SECOND, "%.1f s", (double)a.latest_ns / 1e9);
	fprintf(stderr, "%u answers under %llu keys, the latest after %.1f s\n", a.answers,
		(unsigned long long)stats.bindings, (double)a.latest_ns / 1e9);
	virtual_close(&v, &s);
}
