/*
 * The world of virtual.h: the network, the server's host, the client's ring, and the list of what
 * the client connected to.
 */
#include "tests/sim/virtual_world.h"

#include "tests/sim/net_sim.h"
#include "tests/sim/virtual_server.h"
#include "tests/sim/whole.h"
#include "tools/tgsim/dc_handshake.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTS_FIRST = 1 << 16, SECRETS_MAX = 1024 };

struct virtual {
	struct simworld *world;
	struct scenario scenario;
	struct telegram *telegram;
	struct ring *ring;
	uint32_t seen; /* connections */
	struct virtual_connect *connects;
	uint32_t connect_count, connect_room;
	struct virtual_secret *secrets; /* NULL: they are not kept */
	uint32_t secret_count;
	uint32_t stale_most;
	bool two_ways;
};

/* ---- life ---- */

static struct host *client_of(const struct virtual *v)
{
	return container_of(v->ring, struct host, base);
}

static uint32_t address_now(const struct virtual *v)
{
	return client_of(v)->address;
}

static void count_stale(struct virtual *v)
{
	uint32_t stale = 0, fresh = 0;

	list_each (n, &v->world->conns) {
		const struct conn *c = container_of(n, struct conn, node);
		const struct end *e = &c->end[0];

		if (!c->up || e->sock == NULL || e->closed || e->shut || e->sock->shut)
			continue;
		if (e->sock->from == address_now(v))
			fresh += c->end[1].in.written > 0; /* it is in use */
		else
			stale++;
	}
	if (fresh > 0 && stale > v->stale_most)
		v->stale_most = stale;
}

static struct virtual_connect *one_more(struct virtual *v)
{
	if (v->connect_count == v->connect_room) {
		v->connect_room *= 2;
		v->connects = realloc(v->connects, v->connect_room * sizeof(v->connects[0]));
		check(v->connects != NULL);
	}
	return &v->connects[v->connect_count++];
}

/* The server draws a nonce of its own for each exchange; g_b may be several in one. */
static bool is_known(const struct virtual *v, const struct virtual_secret *one)
{
	for (uint32_t i = v->secret_count; i-- > 0;) {
		const struct virtual_secret *s = &v->secrets[i];

		if (s->kind == one->kind && memcmp(s->server_nonce, one->server_nonce, 16) == 0)
			return one->kind != VIRTUAL_G_B || memcmp(s->bytes, one->bytes, one->len) == 0;
	}
	return false;
}

static void keep(struct virtual *v, const struct dc_hs *hs, enum virtual_secret_kind kind,
		 struct cspan bytes)
{
	static const uint8_t none[256];
	struct virtual_secret s = {.kind = kind, .at_ns = v->world->now, .len = (uint32_t)bytes.len};

	check(bytes.len <= sizeof(s.bytes));
	memcpy(s.server_nonce, hs->server_nonce, 16);
	memcpy(s.bytes, bytes.at, bytes.len);
	if (memcmp(bytes.at, none, bytes.len) == 0 || is_known(v, &s))
		return;
	check(v->secret_count < SECRETS_MAX);
	v->secrets[v->secret_count++] = s;
}

static void look_at_exchange(void *arg, const struct dc_hs *hs)
{
	keep(arg, hs, VIRTUAL_NONCE, cspan_of(hs->nonce, sizeof(hs->nonce)));
	keep(arg, hs, VIRTUAL_NEW_NONCE, cspan_of(hs->new_nonce, sizeof(hs->new_nonce)));
	keep(arg, hs, VIRTUAL_G_B, cspan_of(hs->g_b, sizeof(hs->g_b)));
}

/* Before the clock moves: whoever was connected to meanwhile is noted. */
static bool look(void *arg)
{
	struct virtual *v = arg;

	if (address_now(v) > 0)
		count_stale(v);
	if (v->secrets != NULL)
		telegram_exchanges(v->telegram, look_at_exchange, v);
	if (v->world->conn_number == v->seen)
		return false;
	list_each (n, &v->world->conns) {
		const struct conn *c = container_of(n, struct conn, node);
		bool ipv6 = c->to.family == AF_INET6;

		if (c->number <= v->seen)
			continue;
		*one_more(v) = (struct virtual_connect){v->world->now, c->to.port,
							c->to.ip[ipv6 ? 15 : 3], ipv6};
	}
	v->seen = v->world->conn_number;
	if (v->two_ways)
		client_of(v)->address ^= 1;
	return false;
}

static void tell_facts(struct virtual *v, struct virtual_facts *f)
{
	f->ring = v->ring;
	rsa_private_public(v->scenario.rsa, &f->rsa);
	f->api_id = WHOLE_API_ID;
	f->api_hash = WHOLE_API_HASH;
	f->phone = telegram_phone(v->telegram);
	f->code = telegram_code(v->telegram);
	for (uint32_t i = 0; i < 2; i++) {
		f->chats[i] = telegram_chat(v->telegram, i, &f->hashes[i]);
		f->dcs[i] = telegram_dc(v->telegram, i, &f->ports[i]);
	}
}

struct virtual *virtual_start(uint64_t seed, const char *synth, struct virtual_facts *facts)
{
	struct sim_options o = {.seed = seed};
	struct sim_host client = {
	    .name = "client", .entries = 1024, .waits = true, .zerocopy = true};
	struct virtual *v = calloc(1, sizeof(*v));

	check(v != NULL);
	v->connect_room = CONNECTS_FIRST; /* tests that weigh the heap have fewer */
	v->connects = calloc(v->connect_room, sizeof(v->connects[0]));
	check(v->connects != NULL);
	sim_net_init(&o.net);
	v->world = simworld_open(&o);
	v->scenario = (struct scenario){.seed = seed, .rsa = telegram_key()};
	snprintf(v->scenario.synth, sizeof(v->scenario.synth), "%s", synth);
	v->telegram = telegram_open(v->world, &v->scenario);
	check(ring_open_sim(&v->ring, v->world, &client) == 0);
	simworld_on_idle(v->world, look, v);
	tell_facts(v, facts);
	return v;
}

/* The server's memory is not given back: a test is a process of its own. */
void virtual_end(struct virtual **owner)
{
	struct virtual *v = *owner;

	*owner = NULL;
	rsa_private_free(v->scenario.rsa);
	free(v->connects);
	free(v->secrets);
	free(v);
}

const char *virtual_tell(void *virtual, const char *command)
{
	const struct virtual *v = virtual;

	return telegram_tell(v->telegram, command);
}

/* ---- the network ---- */

static struct sockaddr_storage address(const char *host, uint16_t port)
{
	struct sockaddr_storage a = {0};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&a;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&a;

	if (host != NULL && strchr(host, ':') != NULL) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		check(inet_pton(AF_INET6, host, &v6->sin6_addr) == 1);
	} else {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		check(host == NULL || inet_pton(AF_INET, host, &v4->sin_addr) == 1);
	}
	return a;
}

void virtual_listen(struct virtual *v, int dc, const char *host, uint16_t port)
{
	telegram_listen(v->telegram, dc, host, port);
}

static const enum sim_route routes[] = {
    [VIRTUAL_OPEN] = SIM_OPEN,
    [VIRTUAL_REFUSED] = SIM_REFUSED,
    [VIRTUAL_SWALLOWED] = SIM_SWALLOWED,
    [VIRTUAL_UNREACHABLE] = SIM_UNREACHABLE,
};

void virtual_route(struct virtual *v, const char *host, uint16_t port,
		   enum virtual_route how)
{
	struct sockaddr_storage a = address(host, port);

	simworld_route(v->world, (struct sockaddr *)&a, routes[how]);
}

static void each(struct virtual *v, uint16_t port,
		 void (*fn)(struct simworld *, const struct sockaddr *))
{
	struct sockaddr_storage v4 = address(NULL, port), v6 = address("::", port);

	fn(v->world, (struct sockaddr *)&v4);
	fn(v->world, (struct sockaddr *)&v6);
}

void virtual_vanish(struct virtual *v, uint16_t port)
{
	each(v, port, simworld_vanish);
}

void virtual_reset(struct virtual *v, uint16_t port)
{
	each(v, port, simworld_reset);
}

void virtual_deafen(struct virtual *v, uint16_t port, bool server)
{
	list_each (n, &v->world->conns) {
		struct conn *c = container_of(n, struct conn, node);

		if (port == 0 || c->to.port == port)
			c->end[server ? 1 : 0].in.dead = true;
	}
}

void virtual_trickle(struct virtual *v, uint16_t port, bool server, uint64_t each_ns)
{
	struct conn *newest = NULL;

	list_each (n, &v->world->conns) {
		struct conn *c = container_of(n, struct conn, node);

		if (c->up && c->to.port == port && (newest == NULL || c->number > newest->number))
			newest = c;
	}
	check(newest != NULL);
	newest->end[server ? 1 : 0].in.trickle_ns = each_ns;
}

void virtual_bandwidth(struct virtual *v, uint64_t bytes_per_s)
{
	simworld_net(v->world)->bytes_per_s = bytes_per_s;
}

void virtual_bottleneck(struct virtual *v, uint64_t bytes_per_s)
{
	simworld_net(v->world)->shared_bytes_per_s = bytes_per_s;
}

void virtual_delay(struct virtual *v, uint64_t least, uint64_t most)
{
	simworld_net(v->world)->delay_min_ns = least;
	simworld_net(v->world)->delay_max_ns = most;
}

void virtual_buffer(struct virtual *v, uint32_t bytes)
{
	simworld_net(v->world)->buffer = bytes;
}

void virtual_segments(struct virtual *v, uint32_t shorts, uint32_t lates, uint64_t most,
		      uint32_t flips)
{
	struct sim_net *n = simworld_net(v->world);

	n->rate[SIM_SEGMENT] = shorts;
	n->rate[SIM_STALL] = lates;
	n->stall_max_ns = most;
	n->rate[SIM_FLIP] = flips;
}

uint64_t virtual_flips(const struct virtual *v)
{
	return simworld_fired(v->world, SIM_FLIP);
}

void virtual_suspend(struct virtual *v, uint64_t ns)
{
	simhost_suspend(v->ring, ns);
}

void virtual_unplug(struct virtual *v)
{
	simhost_vanish(v->ring);
}

void virtual_two_ways(struct virtual *v)
{
	v->two_ways = true;
}

void virtual_at(struct virtual *v, uint64_t at, void (*fn)(void *), void *arg)
{
	simworld_at(v->world, at, fn, arg);
}

/* ---- what the client did ---- */

void virtual_keep_secrets(struct virtual *v)
{
	v->secrets = calloc(SECRETS_MAX, sizeof(v->secrets[0]));
	check(v->secrets != NULL);
}

uint32_t virtual_secrets(const struct virtual *v, const struct virtual_secret **out)
{
	*out = v->secrets;
	return v->secret_count;
}

uint32_t virtual_connects(const struct virtual *v, const struct virtual_connect **out)
{
	*out = v->connects;
	return v->connect_count;
}

uint32_t virtual_most_connects(const struct virtual *v, uint16_t port, uint64_t window)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < v->connect_count; i++) {
		uint32_t count = 0;

		for (uint32_t k = i; k < v->connect_count; k++) {
			if (v->connects[k].at_ns - v->connects[i].at_ns >= window)
				break;
			count += v->connects[k].port == port;
		}
		most = count > most ? count : most;
	}
	return most;
}

uint32_t virtual_stale_most(const struct virtual *v)
{
	return v->stale_most;
}
