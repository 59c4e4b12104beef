/* The client's side of virtual.h: a struct sim on the ring of a simulated world. */
#include "tests/sim/virtual.h"

#include "proto/api/ask.h"

#include <stdio.h>
#include <string.h>

static void take_facts(struct sim *s, const struct virtual_facts *f)
{
	s->ring = f->ring;
	s->options.rsa[0] = f->rsa;
	s->options.rsa_count = 1;
	s->options.api_id = f->api_id;
	snprintf(s->api_hash, sizeof(s->api_hash), "%s", f->api_hash);
	snprintf(s->phone, sizeof(s->phone), "%s", f->phone);
	snprintf(s->code, sizeof(s->code), "%s", f->code);
	s->source = peer_of_marked(f->chats[0]);
	s->source.access_hash = f->hashes[0];
	s->account.home_dc = f->dcs[0];
	for (uint32_t i = 0; i < 2; i++) {
		struct net_dc *dc = &s->account.dcs[s->account.dc_count++];

		s->chats[i] = f->chats[i];
		dc->id = f->dcs[i];
		dc->addr_count = 1;
		dc->addrs[0].port = f->ports[i];
		snprintf(dc->addrs[0].host, sizeof(dc->addrs[0].host), "127.0.0.1");
	}
}

struct virtual *virtual_open_apart(struct sim *s, const struct sim_options *o, uint64_t seed)
{
	struct virtual_facts facts;
	struct virtual *v;

	*s = (struct sim){0};
	v = virtual_start(seed, o->synth != NULL ? o->synth : "messages=3,docs=1x9MB,seed=5",
			  &facts);
	s->tell = virtual_tell;
	s->tell_arg = v;
	take_facts(s, &facts);
	sim_open_here(s, o);
	return v;
}

struct virtual *virtual_open(struct sim *s, const struct sim_options *o, uint64_t seed)
{
	struct virtual *v = virtual_open_apart(s, o, seed);

	sim_login(s);
	return v;
}

void virtual_close(struct virtual **v, struct sim *s)
{
	sim_close(s);
	virtual_end(v);
}

void virtual_add_address(struct virtual *v, struct sim *s, uint16_t id, const char *host)
{
	struct net_dc *dc = sim_dc(s, id);
	struct net_addr *a;

	cr_assert_lt(dc->addr_count, NET_ADDR_MAX);
	a = &dc->addrs[dc->addr_count++];
	*a = dc->addrs[0];
	snprintf(a->host, sizeof(a->host), "%s", host);
	a->ipv6 = strchr(host, ':') != NULL;
	virtual_listen(v, id, host, a->port);
}

void virtual_wait(struct sim *s, uint64_t ns)
{
	uint64_t until = ring_now(s->ring) + ns;

	while (ring_now(s->ring) < until) {
		while (net_next(s->net, &s->ev)) {
			cr_assert(s->ev.kind > NET_LOST, "an answer that nobody waits for");
			if (s->ev.kind == NET_STATE) {
				s->states++;
				snprintf(s->state_text, sizeof(s->state_text), "%s", s->ev.text);
			}
		}
		cr_assert_eq(net_turn(s->net, until), 0);
	}
}

uint64_t virtual_ask(struct sim *s, uint16_t dc)
{
	uint64_t began = ring_now(s->ring);

	cr_assert_eq(sim_ask(s, dc, NET_MAIN, ask_self(&s->arena)), NET_RESULT, "%d %s", s->ev.code,
		     s->ev.text);
	return ring_now(s->ring) - began;
}

uint32_t virtual_ask_later(struct sim *s, uint16_t dc, enum net_lane lane)
{
	struct net_request r = {.dc = dc, .lane = lane};
	uint32_t ticket;

	r.query = sim_encode(s, tl_new(&s->arena, TLC_help_getNearestDc));
	cr_assert_eq(net_call(s->net, &r, &ticket), 0);
	return ticket;
}

uint64_t virtual_await(struct sim *s, uint32_t ticket, uint64_t since)
{
	struct net_event *ev;

	do {
		ev = sim_event(s);
		cr_assert_not_null(ev, "%s", s->dead_text);
		cr_assert_eq(ev->kind, NET_RESULT, "%d %s", ev->code, ev->text);
	} while (ev->ticket != ticket);
	return ring_now(s->ring) - since;
}
