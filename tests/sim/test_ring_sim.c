/* The simulated body beyond the contract of ring.h: equal seeds, each fault, life and death. */
#include "tests/sim/ring_sim.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

enum { PORT = 443 };

/* A client that sends `want` bytes and an echo server, both driven by turns. */
struct talk {
	struct simworld *world;
	struct ring *client, *server;
	struct op connect, accept, csend, crecv, ssend, srecv;
	struct sockaddr_storage addr;
	int listen_fd, cfd, sfd;
	uint8_t out[3000], in[3000], echo[700];
	uint32_t echoed, got;
	int connect_res, client_res;
	bool connected, client_over, server_over;
};

static void client_recv(struct talk *);
static void server_recv(struct talk *);

static void csend_done(struct op *op)
{
	struct talk *t = container_of(op, struct talk, csend);

	if (op->res < (int)sizeof(t->out) && !t->client_over) {
		t->client_over = true;
		t->client_res = op->res;
	}
}

static void crecv_done(struct op *op)
{
	struct talk *t = container_of(op, struct talk, crecv);

	if (op->res > 0)
		t->got += (uint32_t)op->res;
	if (op->res > 0 && t->got < sizeof(t->out)) {
		client_recv(t);
	} else {
		t->client_over = true;
		t->client_res = op->res;
	}
}

static void client_recv(struct talk *t)
{
	t->crecv.done = crecv_done;
	ring_recv(t->client, &t->crecv, t->cfd, t->in + t->got, sizeof(t->in) - t->got, false);
}

static void connect_done(struct op *op)
{
	struct talk *t = container_of(op, struct talk, connect);

	t->connect_res = op->res;
	t->connected = true;
	if (op->res < 0) {
		t->client_over = true;
		return;
	}
	t->csend.done = csend_done;
	ring_send(t->client, &t->csend, t->cfd, t->out, sizeof(t->out));
	client_recv(t);
}

static void ssend_done(struct op *op)
{
	struct talk *t = container_of(op, struct talk, ssend);

	if (op->res <= 0)
		t->server_over = true;
	else
		server_recv(t);
}

static void srecv_done(struct op *op)
{
	struct talk *t = container_of(op, struct talk, srecv);

	if (op->res <= 0) {
		t->server_over = true;
		return;
	}
	t->echoed += (uint32_t)op->res;
	t->ssend.done = ssend_done;
	ring_send(t->server, &t->ssend, t->sfd, t->echo, (uint32_t)op->res);
}

static void server_recv(struct talk *t)
{
	t->srecv.done = srecv_done;
	ring_recv(t->server, &t->srecv, t->sfd, t->echo, sizeof(t->echo), false);
}

static void accept_done(struct op *op)
{
	struct talk *t = container_of(op, struct talk, accept);

	if (op->res < 0)
		return;
	t->sfd = op->res;
	server_recv(t);
}

static void server_turn(void *arg)
{
	struct talk *t = arg;

	cr_assert_geq(ring_run(t->server, UINT64_MAX), 0);
}

static void client_turn(void *arg)
{
	struct talk *t = arg;

	cr_assert_geq(ring_run(t->client, UINT64_MAX), 0);
}

static void talk_open(struct talk *t, const struct sim_options *o)
{
	struct sim_host client = {.name = "client", .entries = 16, .turn = client_turn, .arg = t};
	struct sim_host server = {.name = "server", .entries = 16, .turn = server_turn, .arg = t};
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons(PORT),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	memset(t, 0, sizeof(*t));
	t->sfd = -1;
	for (size_t i = 0; i < sizeof(t->out); i++)
		t->out[i] = (uint8_t)(i * 7 >> 2);
	t->world = simworld_open(o);
	cr_assert_eq(ring_open_sim(&t->client, t->world, &client), 0);
	cr_assert_eq(ring_open_sim(&t->server, t->world, &server), 0);
	t->listen_fd = ring_listen(t->server, (struct sockaddr *)&at, sizeof(at), &t->addr);
	cr_assert_geq(t->listen_fd, 0);
	t->accept.done = accept_done;
	ring_accept(t->server, &t->accept, t->listen_fd);
	t->cfd = ring_socket(t->client, AF_INET);
	t->connect.done = connect_done;
	ring_connect(t->client, &t->connect, t->cfd, &t->addr, sizeof(at));
}

/* Until nothing ever happens again, or that much time has passed. */
static void talk_run(struct talk *t, uint64_t ns)
{
	uint64_t end = simworld_now(t->world) + ns;

	while (simworld_now(t->world) < end)
		if (simworld_turn(t->world) == 0 && !simworld_step(t->world))
			break;
}

static uint64_t talk_close(struct talk *t)
{
	uint64_t hash;

	if (t->client != NULL)
		simhost_kill(&t->client);
	if (t->server != NULL)
		simhost_kill(&t->server);
	hash = simworld_hash(t->world);
	simworld_close(&t->world);
	return hash;
}

static const uint64_t HOUR = UINT64_C(3600) * 1000000000;

static struct sim_options plain(uint64_t seed)
{
	struct sim_options o = {.seed = seed, .poison = true};

	sim_net_init(&o.net);
	o.net.reach = 2000;
	return o;
}

Test(ring_sim, echo_without_faults)
{
	struct sim_options o = plain(1);
	struct talk t;

	talk_open(&t, &o);
	talk_run(&t, HOUR);
	cr_assert_eq(t.got, sizeof(t.out));
	cr_assert_arr_eq(t.in, t.out, sizeof(t.echo));
	cr_assert_lt(simworld_now(t.world), 1000 * UINT64_C(1000000000) + HOUR / 3600);
	for (int i = 0; i < SIM_FAULTS; i++)
		cr_assert_eq(simworld_fired(t.world, i), 0);
	talk_close(&t);
}

static uint64_t drawn(uint64_t seed, uint64_t *fired)
{
	struct sim_options o = {.seed = seed, .poison = true};
	struct rng rng;
	struct talk t;

	rng_init(&rng, seed);
	sim_net_draw(&o.net, &rng);
	talk_open(&t, &o);
	talk_run(&t, HOUR);
	for (int i = 0; fired != NULL && i < SIM_FAULTS; i++)
		fired[i] += simworld_fired(t.world, i);
	return talk_close(&t);
}

Test(ring_sim, equal_seeds_equal_traces)
{
	enum { SEEDS = 100 };
	uint64_t hash[SEEDS];

	for (uint64_t i = 0; i < SEEDS; i++)
		hash[i] = drawn(i, NULL);
	for (uint64_t i = 0; i < SEEDS; i++) {
		cr_assert_eq(drawn(i, NULL), hash[i], "seed %d", (int)i);
		for (uint64_t k = 0; k < i; k++)
			cr_assert_neq(hash[i], hash[k]);
	}
}
