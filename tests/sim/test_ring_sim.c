/* The simulated body beyond the contract of ring.h: equal seeds, each fault, life and death. */
#include "tests/sim/ring_sim.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
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

/* ---- each fault does what it says ---- */

static void nothing_done(struct op *op)
{
}

static struct sim_options only(enum sim_fault f)
{
	struct sim_options o = plain(7);

	o.net.rate[f] = 1000000;
	return o;
}

static void one_fault(struct talk *t, enum sim_fault f)
{
	struct sim_options o = only(f);

	talk_open(t, &o);
	talk_run(t, HOUR);
	cr_assert_gt(simworld_fired(t->world, f), 0);
	for (int i = 0; i < SIM_FAULTS; i++)
		cr_assert(i == (int)f || simworld_fired(t->world, i) == 0);
}

static bool intact(const struct talk *t)
{
	return t->got == sizeof(t->out) && memcmp(t->in, t->out, sizeof(t->out)) == 0;
}

static uint64_t took_ms(const struct talk *t)
{
	return simworld_now(t->world) / 1000000 - 1000 * 1000;
}

Test(sim_fault, refuse)
{
	struct talk t;

	one_fault(&t, SIM_REFUSE);
	cr_assert_eq(t.connect_res, -ECONNREFUSED);
	talk_close(&t);
}

Test(sim_fault, swallow)
{
	struct talk t;

	one_fault(&t, SIM_SWALLOW);
	cr_assert_eq(t.connect_res, -ETIMEDOUT);
	cr_assert_geq(took_ms(&t), SIM_SYN_NS / 1000000);
	talk_close(&t);
}

Test(sim_fault, slow)
{
	struct talk t;

	one_fault(&t, SIM_SLOW);
	cr_assert(intact(&t));
	cr_assert_geq(took_ms(&t), 2900, "3000 bytes at 1024 a second");
	talk_close(&t);
}

Test(sim_fault, reset)
{
	struct talk t;

	one_fault(&t, SIM_RESET);
	cr_assert(t.client_over && t.server_over);
	cr_assert_eq(t.client_res, -ECONNRESET, "%d", t.client_res);
	cr_assert_lt(t.got, sizeof(t.out));
	talk_close(&t);
}

Test(sim_fault, end)
{
	struct talk t;

	one_fault(&t, SIM_END);
	cr_assert(t.client_over && t.server_over);
	cr_assert_eq(t.client_res, 0);
	cr_assert_lt(t.got, sizeof(t.out));
	talk_close(&t);
}

/* Silence: the world comes to rest, both sides wait for ever, and TCP has bytes that nobody acked.
 */
static void silent(enum sim_fault f)
{
	struct ring_progress client, server;
	struct talk t;

	one_fault(&t, f);
	cr_assert(t.connected && !t.client_over && !t.server_over);
	cr_assert_lt(t.got, sizeof(t.out));
	cr_assert(!simworld_step(t.world));
	cr_assert(ring_progress(t.client, t.cfd, &client));
	cr_assert(ring_progress(t.server, t.sfd, &server));
	cr_assert_gt(client.unacked + server.unacked, 0);
	talk_close(&t);
}

Test(sim_fault, vanish)
{
	silent(SIM_VANISH);
}

Test(sim_fault, one_way)
{
	silent(SIM_ONE_WAY);
}

Test(sim_fault, segment)
{
	struct sim_options o = plain(7);
	struct talk whole, pieces;

	talk_open(&whole, &o);
	talk_run(&whole, HOUR);
	one_fault(&pieces, SIM_SEGMENT);
	cr_assert(intact(&pieces));
	cr_assert_gt(simworld_events(pieces.world), 2 * simworld_events(whole.world));
	talk_close(&whole);
	talk_close(&pieces);
}

static uint64_t took_in_all(struct sim_options o)
{
	uint64_t sum = 0;
	struct talk t;

	for (o.seed = 0; o.seed < 30; o.seed++) {
		talk_open(&t, &o);
		talk_run(&t, HOUR);
		cr_assert(intact(&t));
		sum += took_ms(&t);
		talk_close(&t);
	}
	return sum;
}

Test(sim_fault, stall)
{
	struct talk t;

	one_fault(&t, SIM_STALL);
	cr_assert(intact(&t));
	talk_close(&t);
	cr_assert_gt(took_in_all(only(SIM_STALL)), 10 * took_in_all(plain(0)));
}

Test(sim_fault, flip)
{
	struct talk t;

	one_fault(&t, SIM_FLIP);
	cr_assert_eq(t.got, sizeof(t.out));
	cr_assert(!intact(&t));
	talk_close(&t);
}

Test(sim_fault, short_receives)
{
	struct talk t;

	one_fault(&t, SIM_SHORT);
	cr_assert(intact(&t));
	cr_assert_gt(ring_stats(t.server)->ops, 20);
	talk_close(&t);
}

struct told {
	struct op op;
	int *count;
};

static void told_done(struct op *op)
{
	++*container_of(op, struct told, op)->count;
}

Test(sim_fault, late)
{
	enum { COUNT = 8 };
	struct sim_host host = {.name = "late", .entries = COUNT, .waits = true};
	struct sim_options o = only(SIM_LATE);
	struct told told[COUNT] = {0};
	struct sockaddr_storage addr = {.ss_family = AF_INET};
	int fds[COUNT], count = 0, runs = 0;
	struct simworld *w;
	struct ring *r;

	o.net.delay_min_ns = o.net.delay_max_ns; /* all end in one run */
	w = simworld_open(&o);
	cr_assert_eq(ring_open_sim(&r, w, &host), 0);
	for (int i = 0; i < COUNT; i++) {
		fds[i] = ring_socket(r, AF_INET);
		told[i].op.done = told_done;
		told[i].count = &count;
		ring_connect(r, &told[i].op, fds[i], &addr, sizeof(struct sockaddr_in));
	}
	for (; count < COUNT; runs++)
		cr_assert_geq(ring_run(r, UINT64_MAX), 0);
	cr_assert_gt(runs, 1);
	cr_assert_gt(simworld_fired(w, SIM_LATE), 0);
	for (int i = 0; i < COUNT; i++) {
		cr_assert_eq(told[i].op.res, -ECONNREFUSED);
		ring_close_fd(r, fds[i]);
	}
	ring_close(r);
	simworld_close(&w);
}

/* A window of which little is free is not filled by the byte: each would cost a packet. */
Test(sim_fault, no_silly_window)
{
	enum { SIZE = 200000 };
	int ends = 0, fd, door;
	struct sim_host host = {.name = "both", .entries = 8, .waits = true};
	struct sim_options o = plain(11);
	uint8_t *out = calloc(1, SIZE), *in = calloc(1, SIZE);
	struct told accept = {.count = &ends}, connect = accept, send = accept, recv = accept;
	struct sockaddr_in at = {.sin_family = AF_INET};
	struct sockaddr_storage addr;
	struct simworld *w;
	struct ring *r;

	o.net.buffer = 4096;
	o.net.delay_min_ns = o.net.delay_max_ns = 41000;
	o.net.bytes_per_s = 160000;
	o.net.rate[SIM_SEGMENT] = 250000;
	accept.op.done = connect.op.done = send.op.done = recv.op.done = told_done;
	w = simworld_open(&o);
	cr_assert_eq(ring_open_sim(&r, w, &host), 0);
	door = ring_listen(r, (struct sockaddr *)&at, sizeof(at), &addr);
	fd = ring_socket(r, AF_INET);
	ring_accept(r, &accept.op, door);
	ring_connect(r, &connect.op, fd, &addr, sizeof(at));
	while (ends < 2)
		cr_assert_geq(ring_run(r, UINT64_MAX), 0);
	ring_recv(r, &recv.op, accept.op.res, in, SIZE, true);
	ring_send(r, &send.op, fd, out, SIZE);
	while (ends < 4)
		cr_assert_geq(ring_run(r, UINT64_MAX), 0);
	cr_assert_eq(recv.op.res, SIZE);
	cr_assert_lt(simworld_events(w), 2000, "%d events", (int)simworld_events(w));
	ring_close_fd(r, accept.op.res);
	ring_close_fd(r, fd);
	ring_close_fd(r, door);
	ring_close(r);
	simworld_close(&w);
	free(out);
	free(in);
}

Test(sim_fault, calm_is_calm)
{
	struct sim_options o = only(SIM_REFUSE);
	struct talk t;

	talk_open(&t, &o);
	talk_run(&t, HOUR);
	simworld_calm(t.world);
	ring_close_fd(t.client, t.cfd);
	t.cfd = ring_socket(t.client, AF_INET);
	t.client_over = false;
	ring_connect(t.client, &t.connect, t.cfd, &t.addr, sizeof(struct sockaddr_in));
	talk_run(&t, HOUR);
	cr_assert(intact(&t));
	talk_close(&t);
}

/* ---- what a harness does to the world ---- */

static struct sockaddr_in whole_family(int family)
{
	return (struct sockaddr_in){.sin_family = (sa_family_t)family};
}

Test(sim_world, routes)
{
	static const int res[] = {0, -ECONNREFUSED, -ETIMEDOUT, -ENETUNREACH};
	struct sockaddr_in any = whole_family(AF_INET);
	struct sim_options o = plain(3);

	for (int how = SIM_OPEN; how <= SIM_UNREACHABLE; how++) {
		struct talk t;

		talk_open(&t, &o);
		simworld_route(t.world, (struct sockaddr *)&any, SIM_UNREACHABLE);
		simworld_route(t.world, (struct sockaddr *)&t.addr, (enum sim_route)how);
		talk_run(&t, HOUR);
		cr_assert_eq(t.connect_res, res[how]);
		talk_close(&t);
	}
}

Test(sim_world, nobody_listens)
{
	struct sim_options o = plain(3);
	struct talk t;

	talk_open(&t, &o);
	simhost_kill(&t.server);
	talk_run(&t, HOUR);
	cr_assert_eq(t.connect_res, -ECONNREFUSED);
	talk_close(&t);
}

struct deed {
	struct talk *talk;
	void (*fn)(struct talk *);
};

static void do_deed(void *arg)
{
	struct deed *d = arg;

	d->fn(d->talk);
}

/* Does it while the bytes are under way. */
static void amid(struct talk *t, void (*fn)(struct talk *))
{
	struct sim_options o = plain(5);
	struct deed d = {t, fn};

	o.net.bytes_per_s = 3000;
	talk_open(t, &o);
	simworld_at(t->world, simworld_now(t->world) + 500000000, do_deed, &d);
	talk_run(t, HOUR);
}

static void reset_all(struct talk *t)
{
	simworld_reset(t->world, (struct sockaddr *)&t->addr);
}

Test(sim_world, reset_by_address)
{
	struct talk t;

	amid(&t, reset_all);
	cr_assert_eq(t.client_res, -ECONNRESET);
	cr_assert(t.client_over && t.server_over);
	talk_close(&t);
}

static void vanish_all(struct talk *t)
{
	simworld_vanish(t->world, (struct sockaddr *)&t->addr);
}

Test(sim_world, vanish_by_address)
{
	struct talk t;

	amid(&t, vanish_all);
	cr_assert(!t.client_over && !t.server_over);
	talk_close(&t);
}

static void kill_server(struct talk *t)
{
	simhost_kill(&t->server);
}

Test(sim_world, a_killed_host_ends_its_connections)
{
	struct talk t;

	amid(&t, kill_server);
	cr_assert(t.client_over);
	cr_assert_leq(t.client_res, 0);
	talk_close(&t);
}

static void unplug_server(struct talk *t)
{
	simhost_vanish(t->server);
	simhost_kill(&t->server);
}

Test(sim_world, an_unplugged_host_tells_nobody)
{
	struct talk t;

	amid(&t, unplug_server);
	cr_assert(t.connected && !t.client_over);
	talk_close(&t);
}

static void reset_server_fd(struct talk *t)
{
	simhost_reset_fd(t->server, t->sfd);
	simhost_kill(&t->server);
}

Test(sim_world, a_hard_close_is_an_rst)
{
	struct talk t;

	amid(&t, reset_server_fd);
	cr_assert_eq(t.client_res, -ECONNRESET);
	talk_close(&t);
}

Test(sim_world, suspended_host_loses_time_but_not_the_wall)
{
	const uint64_t second = 1000000000;
	struct sim_options o = plain(3);
	uint64_t now, wall, lost;
	struct talk t;

	talk_open(&t, &o);
	now = ring_now(t.client);
	wall = ring_wall(t.client);
	simhost_suspend(t.client, 8 * HOUR);
	talk_run(&t, 9 * HOUR);
	cr_assert(intact(&t));
	lost = ring_wall(t.client) - wall - (ring_now(t.client) - now);
	cr_assert_eq(lost, 8 * HOUR);
	cr_assert_lt(ring_now(t.client) - now, second);
	simhost_wall_jump(t.client, -(int64_t)HOUR);
	cr_assert_eq(ring_wall(t.client) - wall - (ring_now(t.client) - now), 7 * HOUR);
	cr_assert_eq(ring_wall(t.server) - ring_now(t.server), wall - now);
	talk_close(&t);
}

Test(sim_world, no_more_sockets_than_said)
{
	struct sim_options o = plain(3);
	struct talk t;

	o.sockets_max = 2; /* the listener and the client's */
	talk_open(&t, &o);
	cr_assert_eq(ring_socket(t.client, AF_INET), -EMFILE);
	talk_run(&t, HOUR);
	cr_assert_eq(t.accept.res, -EMFILE);
	talk_close(&t);
}

/* A host that waits drives the others meanwhile, and says when nothing will ever come. */
Test(sim_world, a_host_that_waits)
{
	struct sim_host host = {.name = "waits", .entries = 8, .waits = true};
	struct op connect = {.done = nothing_done}, timer = {.done = nothing_done};
	struct sim_options o = plain(3);
	struct ring *r;
	struct talk t;
	int fd;

	talk_open(&t, &o);
	cr_assert_eq(ring_open_sim(&r, t.world, &host), 0);
	fd = ring_socket(r, AF_INET);
	ring_connect(r, &connect, fd, &t.addr, sizeof(struct sockaddr_in));
	cr_assert_eq(ring_run(r, UINT64_MAX), 1);
	cr_assert_eq(connect.res, 0);
	ring_timer(r, &timer, ring_now(r) + HOUR);
	cr_assert_eq(ring_run(r, UINT64_MAX), 1);
	cr_assert(intact(&t), "the two others had their turns");
	cr_assert_eq(ring_run(r, UINT64_MAX), -EDEADLK);
	ring_close_fd(r, fd);
	ring_close(r);
	talk_close(&t);
}

struct rounds {
	struct ring *ring;
	int count;
};

static void round_turn(void *arg)
{
	struct rounds *r = arg;

	r->count++;
	cr_assert_geq(ring_run(r->ring, UINT64_MAX), 0);
}

/* As a loop around ring_run() would: what came back from it may want an answer. */
Test(sim_world, a_host_that_was_told_goes_round_again)
{
	struct op timer = {.done = nothing_done};
	struct sim_options o = plain(3);
	struct rounds r = {0};
	struct sim_host host = {.name = "rounds", .entries = 8, .turn = round_turn, .arg = &r};
	struct simworld *w = simworld_open(&o);

	cr_assert_eq(ring_open_sim(&r.ring, w, &host), 0);
	ring_timer(r.ring, &timer, ring_now(r.ring) + HOUR);
	while (simworld_turn(w) > 0 || simworld_step(w))
		continue;
	cr_assert_eq(r.count, 3, "the first, the timer's, the one after");
	ring_close(r.ring);
	simworld_close(&w);
}

/* An answer that is here says that the question was there. */
Test(sim_world, an_answer_acknowledges)
{
	struct sim_options o = plain(3);
	struct ring_progress p;
	struct talk t;

	for (o.seed = 0; o.seed < 50; o.seed++) {
		talk_open(&t, &o);
		while (t.got == 0)
			if (simworld_turn(t.world) == 0)
				simworld_step(t.world);
		cr_assert(ring_progress(t.client, t.cfd, &p));
		cr_assert_geq(p.acked, t.got);
		talk_close(&t);
	}
}

/* ---- misuse is found ---- */

static void started(struct talk *t)
{
	struct sim_options o = plain(3);

	o.net.buffer = 1000; /* the send is not over at once */
	talk_open(t, &o);
	while (!t->connected)
		if (simworld_turn(t->world) == 0)
			simworld_step(t->world);
	ring_run(t->client, 0);
}

Test(sim_misuse, bytes_of_a_send_changed, .signal = SIGABRT)
{
	struct talk t;

	started(&t);
	t.out[2999] ^= 1;
	talk_run(&t, HOUR);
}

Test(sim_misuse, two_receives_at_once, .signal = SIGABRT)
{
	struct op again = {.done = nothing_done};
	struct talk t;
	char c;

	started(&t);
	ring_recv(t.client, &again, t.cfd, &c, 1, false);
	ring_run(t.client, 0);
}

Test(sim_misuse, closed_with_ops_in_flight, .signal = SIGABRT)
{
	struct talk t;

	started(&t);
	ring_close_fd(t.client, t.cfd);
}

Test(sim_misuse, fd_of_another_host, .signal = SIGABRT)
{
	struct talk t;

	started(&t);
	ring_shutdown(t.server, t.cfd);
}

Test(sim_misuse, closed_twice, .signal = SIGABRT)
{
	struct talk t;
	int fd;

	started(&t);
	fd = ring_socket(t.client, AF_INET);
	ring_close_fd(t.client, fd);
	ring_close_fd(t.client, fd);
}

Test(sim_misuse, ring_closed_with_an_fd_open, .signal = SIGABRT)
{
	struct sim_host host = {.name = "third", .entries = 8};
	struct ring *r;
	struct talk t;

	started(&t);
	cr_assert_eq(ring_open_sim(&r, t.world, &host), 0);
	cr_assert_geq(ring_socket(r, AF_INET), 0);
	ring_close(r);
}

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>

Test(sim_misuse, memory_of_a_receive_is_out_of_bounds)
{
	struct talk t;

	started(&t);
	cr_assert(__asan_region_is_poisoned(t.in, sizeof(t.in)) != NULL);
	talk_run(&t, HOUR);
	cr_assert(__asan_region_is_poisoned(t.in, sizeof(t.in)) == NULL);
	cr_assert(intact(&t));
	talk_close(&t);
}
#endif
