/*
 * See play.h. An act is an op and what the model knows of it. A connection has two sides; each side has
 * a receive and a send, a stream's bytes follow from the side and their place. The model speaks through
 * cr_assert; what the kernel chooses (how short, in which order) is not its business.
 */
#include "tests/ring/play.h"

#include "tests/ring/bodies.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	CONNS = 3,
	SIDES = 2 * CONNS,
	TIMERS = 5,
	PIPE_ACT = 2 * SIDES,
	TIMER_ACT = PIPE_ACT + 1,
	ACTS = TIMER_ACT + TIMERS,
	PAGE = 65536, /* a buffer; a multiple of any page size */
	CANARY = 64,
	DATA_MAX = PAGE - 2 * CANARY,
	IDLE_FILL = 0x5a, /* what is nobody's */
	RECV_FILL = 0xa5, /* what no byte came to yet */
};

#define STUCK_NS (UINT64_C(2) * 1000000000)

struct game;

struct act {
	struct op op;
	struct game *game;
	uint32_t index;
	bool busy;      /* the ring's, until done() or released() */
	bool cancelled, refused, all, hidden, zerocopy;
	uint32_t len;
	uint8_t *page;
};

struct side {
	int fd;
	uint64_t sent, got; /* places in its outgoing stream, and in that of the other side */
	bool dead;          /* shut, aborted, or its other side was: anything may be lost from here on */
};

struct game {
	struct ring *ring;
	uint64_t seed;
	uint32_t flying; /* I/O ops that the ring has */
	bool inside;     /* a call that must not call done() */
	struct side sides[SIDES];
	struct act acts[ACTS];
	int listen, pipes[2];
	uint32_t piped;
	struct sockaddr_storage addr;
	struct play_told told;
};

uint64_t play_count(const char *name, uint64_t few)
{
	const char *text = getenv(name);

	return text == NULL ? few : strtoull(text, NULL, 10);
}

static uint32_t draw(struct game *g, uint32_t below)
{
	g->seed = g->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((g->seed >> 33) % below);
}

static uint8_t byte_of(uint32_t side, uint64_t place)
{
	return (uint8_t)((place * 2654435761u) >> 11 ^ side * 37);
}

/* ---- memory ---- */

static void show(struct act *a)
{
	if (a->hidden)
		cr_assert_eq(mprotect(a->page, PAGE, PROT_READ | PROT_WRITE), 0);
	a->hidden = false;
}

static bool filled(const uint8_t *at, size_t len, uint8_t with)
{
	for (size_t i = 0; i < len; i++)
		if (at[i] != with)
			return false;
	return true;
}

/* The caller has the memory back: nobody else may touch it from here on. */
static void put_away(struct game *g, struct act *a)
{
	memset(a->page, IDLE_FILL, a->len + 2 * CANARY);
	if (draw(g, 2) == 0) {
		cr_assert_eq(mprotect(a->page, PAGE, PROT_NONE), 0);
		a->hidden = true;
	}
}

static uint8_t *take_out(struct act *a, uint32_t len)
{
	show(a);
	cr_assert(filled(a->page, a->len + 2 * CANARY, IDLE_FILL), "written after its end");
	a->len = len;
	memset(a->page, IDLE_FILL, CANARY);
	memset(a->page + CANARY + len, IDLE_FILL, CANARY);
	return a->page + CANARY;
}

static void check_canaries(const struct act *a)
{
	cr_assert(filled(a->page, CANARY, IDLE_FILL), "written in front of the buffer");
	cr_assert(filled(a->page + CANARY + a->len, CANARY, IDLE_FILL), "written behind the buffer");
}

/* ---- the ends of ops ---- */

static struct side *side_of(struct act *a)
{
	return &a->game->sides[a->index % SIDES];
}

static void end_recv(struct act *a, int32_t res)
{
	struct side *s = side_of(a);
	uint32_t other = (a->index % SIDES) ^ 1;
	const uint8_t *data = a->page + CANARY;
	uint32_t n = res > 0 ? (uint32_t)res : 0;

	cr_assert_leq(n, a->len);
	for (uint32_t i = 0; i < n; i++)
		cr_assert_eq(data[i], byte_of(other, s->got + i), "byte %u of %u", i, n);
	s->got += n;
	if (s->dead) /* then an error tells why, not how much came before it */
		return;
	cr_assert(filled(data + n, a->len - n, RECV_FILL), "more was written than was told");
	if (res < 0 || n == 0)
		cr_assert(res == -ECANCELED && a->cancelled, "a receive ended with %d", res);
	else if (n < a->len && a->all)
		cr_assert(a->cancelled, "%u of %u bytes", n, a->len);
	a->game->told.shorts += n < a->len;
}

static void end_send(struct act *a, int32_t res)
{
	struct side *s = side_of(a);
	uint32_t n = res > 0 ? (uint32_t)res : 0;

	cr_assert_leq(n, a->len);
	s->sent += n;
	if (!s->dead && n < a->len)
		cr_assert(a->cancelled && (n > 0 || res == -ECANCELED), "a send ended with %d", res);
}

static void end_other(struct act *a, int32_t res)
{
	if (a->cancelled && res == -ECANCELED)
		return;
	cr_assert_eq(res, 0);
	if (a->index == PIPE_ACT)
		cr_assert_gt(a->game->piped, 0u, "readable, and there is nothing");
	else
		cr_assert_geq(ring_now(a->game->ring), a->op.due_ns, "early");
}

static void over(struct act *a)
{
	struct game *g = a->game;

	a->busy = false;
	if (a->index < TIMER_ACT)
		g->flying--;
	if (a->index < PIPE_ACT) {
		check_canaries(a);
		put_away(g, a);
	}
}

static void act_done(struct op *op)
{
	struct act *a = container_of(op, struct act, op);
	struct game *g = a->game;

	cr_assert(!g->inside, "done() inside a call");
	cr_assert(a->busy, "ended twice");
	g->told.ops++;
	if (a->refused) {
		cr_assert_eq(op->res, -ENOBUFS);
		cr_assert(!op->held);
		g->told.refused++;
	} else if (a->index < SIDES) {
		end_recv(a, op->res);
	} else if (a->index < PIPE_ACT) {
		end_send(a, op->res);
	} else {
		end_other(a, op->res);
	}
	g->told.held += op->held;
	if (!op->held)
		over(a);
}

static void act_released(struct op *op)
{
	struct act *a = container_of(op, struct act, op);

	cr_assert(a->busy);
	over(a);
}

/* ---- starting ---- */

static void begin(struct game *g, struct act *a)
{
	cr_assert(!a->busy);
	a->busy = true;
	a->cancelled = a->refused = false;
	a->op.done = act_done;
	a->op.released = act_released;
	if (a->index >= TIMER_ACT)
		return;
	g->flying++;
	a->refused = g->flying > PLAY_ENTRIES;
}

static void start_recv(struct game *g, struct act *a)
{
	struct side *s = side_of(a);
	uint8_t *at;

	a->all = draw(g, 2) == 0;
	at = take_out(a, 1 + (draw(g, 8) == 0 ? draw(g, DATA_MAX) : draw(g, 900)));
	memset(at, RECV_FILL, a->len);
	begin(g, a);
	ring_recv(g->ring, &a->op, s->fd, at, a->len, a->all);
}

static void start_send(struct game *g, struct act *a)
{
	struct side *s = side_of(a);
	uint8_t *at = take_out(a, 1 + (draw(g, 8) == 0 ? draw(g, DATA_MAX) : draw(g, 900)));

	for (uint32_t i = 0; i < a->len; i++)
		at[i] = byte_of(a->index % SIDES, s->sent + i);
	begin(g, a);
	a->zerocopy = draw(g, 3) == 0;
	if (a->zerocopy)
		ring_send_zc(g->ring, &a->op, s->fd, at, a->len);
	else
		ring_send(g->ring, &a->op, s->fd, at, a->len);
}

static void start_any(struct game *g, struct act *a)
{
	uint64_t now = ring_now(g->ring);

	g->inside = true;
	if (a->index < SIDES) {
		start_recv(g, a);
	} else if (a->index < PIPE_ACT) {
		start_send(g, a);
	} else if (a->index == PIPE_ACT) {
		begin(g, a);
		ring_readable(g->ring, &a->op, g->pipes[0]);
	} else {
		begin(g, a);
		ring_timer(g->ring, &a->op, draw(g, 4) == 0 ? UINT64_MAX : now + draw(g, 200000));
	}
	g->inside = false;
}

static void cancel(struct game *g, struct act *a)
{
	g->inside = true;
	a->cancelled = a->cancelled || a->busy;
	ring_cancel(g->ring, &a->op);
	g->inside = false;
	g->told.cancels++;
}

/* ---- connections ---- */

/* Until none of these is the ring's any more; what was cancelled or shut must end in two seconds. */
static void join(struct game *g, const uint32_t *acts, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		while (g->acts[acts[i]].busy) {
			uint64_t until = ring_now(g->ring) + STUCK_NS;
			int n;

			do
				n = ring_run(g->ring, until);
			while (n == 0 && ring_now(g->ring) < until);
			cr_assert_gt(n, 0, "op %u (%s) is stuck", acts[i],
				     g->acts[acts[i]].op.held ? "held" : "not ended");
		}
	}
}

static void connect_pair(struct game *g, uint32_t conn)
{
	struct side *a = &g->sides[2 * conn], *b = a + 1;
	struct probe accept = {0}, connect = {0};
	int fd = ring_socket(g->ring, AF_INET);

	cr_assert_geq(fd, 0);
	ring_accept(g->ring, probe_op(&accept), g->listen);
	ring_connect(g->ring, probe_op(&connect), fd, &g->addr, sizeof(struct sockaddr_in));
	while (accept.done == 0 || connect.done == 0)
		cr_assert_geq(ring_run(g->ring, UINT64_MAX), 0);
	cr_assert_eq(connect.op.res, 0);
	cr_assert_geq(accept.op.res, 0);
	*a = (struct side){.fd = fd};
	*b = (struct side){.fd = accept.op.res};
}

/*
 * What is sent without being copied is read until the peer took it, and this one may read no more: it
 * has to be aborted.
 */
static void end_side(struct game *g, struct side *s, const struct act *send, bool surely)
{
	if ((send->busy && send->zerocopy) || draw(g, 3) == 0)
		ring_abort(g->ring, s->fd);
	else if (surely || draw(g, 2) == 0)
		ring_shutdown(g->ring, s->fd);
}

/* Close does not cancel: shut, cancel some, wait for all, then close. */
static void tear_down(struct game *g, uint32_t conn)
{
	uint32_t acts[] = {2 * conn, 2 * conn + 1, SIDES + 2 * conn, SIDES + 2 * conn + 1};
	struct side *a = &g->sides[2 * conn], *b = a + 1;

	a->dead = b->dead = true;
	end_side(g, a, &g->acts[acts[2]], true);
	end_side(g, b, &g->acts[acts[3]], false);
	for (size_t i = 0; i < countof(acts); i++)
		if (acts[i] % 2 == 1 || draw(g, 2) == 0)
			cancel(g, &g->acts[acts[i]]);
	join(g, acts, countof(acts));
	ring_close_fd(g->ring, a->fd);
	ring_close_fd(g->ring, b->fd);
	a->fd = b->fd = -1;
	g->told.teardowns++;
}

/* ---- the game ---- */

static void open_game(struct game *g, struct ring *r, uint64_t seed)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	uint8_t *pages = mmap(NULL, (size_t)PAGE * PIPE_ACT, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool taken;

	cr_assert_neq(pages, MAP_FAILED);
	memset(pages, IDLE_FILL, (size_t)PAGE * PIPE_ACT);
	*g = (struct game){.ring = r, .seed = seed};
	for (uint32_t i = 0; i < ACTS; i++) {
		g->acts[i].game = g;
		g->acts[i].index = i;
		g->acts[i].page = i < PIPE_ACT ? pages + (size_t)i * PAGE : NULL;
	}
	/* As the program does: sends without a copy are then from pages that the kernel has for good. */
	taken = ring_register(r, pages, (size_t)PAGE * PIPE_ACT) == 0;
	cr_assert_eq(taken, (ring_features(r) & RING_FIXED_BUFFERS) != 0);
	cr_assert_eq(pipe(g->pipes), 0);
	g->listen = ring_listen(r, (struct sockaddr *)&any, sizeof(any), &g->addr);
	cr_assert_geq(g->listen, 0);
	for (uint32_t i = 0; i < CONNS; i++)
		connect_pair(g, i);
}

static void close_game(struct game *g, struct play_told *told)
{
	uint32_t all[ACTS];

	for (uint32_t i = 0; i < ACTS; i++) {
		all[i] = i;
		cancel(g, &g->acts[i]);
	}
	for (uint32_t i = 0; i < CONNS; i++)
		tear_down(g, i);
	join(g, all, ACTS);
	cr_assert_eq(g->flying, 0u);
	for (uint32_t i = 0; i < PIPE_ACT; i++) {
		show(&g->acts[i]);
		cr_assert(filled(g->acts[i].page, g->acts[i].len + 2 * CANARY, IDLE_FILL));
	}
	cr_assert_eq(munmap(g->acts[0].page, (size_t)PAGE * PIPE_ACT), 0);
	ring_close_fd(g->ring, g->listen);
	close(g->pipes[0]);
	close(g->pipes[1]);
	*told = g->told;
}

static void use_pipe(struct game *g)
{
	uint8_t c = 0;

	if (g->piped > 0 && draw(g, 2) == 0 && !g->acts[PIPE_ACT].busy) {
		cr_assert_eq(read(g->pipes[0], &c, 1), 1);
		g->piped--;
	} else if (g->piped < 100) {
		cr_assert_eq(write(g->pipes[1], &c, 1), 1);
		g->piped++;
	}
}

/*
 * A new connection in the place of one. It takes two ops, and there may be none left: then some are
 * cancelled. Those that must not wait for a peer: a part of a send without a copy stays held until the
 * peer reads it.
 */
static void exchange(struct game *g, uint32_t conn)
{
	tear_down(g, conn);
	for (uint32_t i = 0; i < ACTS && g->flying > PLAY_ENTRIES - 2; i++) {
		struct act *a = &g->acts[i];

		if (a->busy && a->index >= SIDES && a->index < PIPE_ACT && a->zerocopy)
			continue;
		cancel(g, a);
		join(g, &i, 1);
	}
	if (g->flying > PLAY_ENTRIES - 2)
		exchange(g, (conn + 1) % CONNS);
	connect_pair(g, conn);
}

static void step(struct game *g)
{
	uint32_t what = draw(g, 100);
	struct act *a = &g->acts[draw(g, ACTS)];

	if (what < 55 && !a->busy) {
		start_any(g, a);
	} else if (what < 63) {
		cancel(g, a);
	} else if (what < 68) {
		use_pipe(g);
	} else if (what == 99 && g->flying <= PLAY_ENTRIES) {
		exchange(g, draw(g, CONNS));
	} else {
		cr_assert_geq(ring_run(g->ring, what < 95 ? 0 : ring_now(g->ring) + draw(g, 50000)), 0);
	}
}

void play(struct ring *r, uint64_t seed, uint64_t ops, struct play_told *told)
{
	struct game *g = malloc(sizeof(*g));

	cr_assert_not_null(g);
	open_game(g, r, seed);
	while (g->told.ops < ops)
		step(g);
	close_game(g, told);
	free(g);
}

void play_teardowns(struct ring *r, uint64_t seed, uint64_t teardowns, struct play_told *told)
{
	struct game *g = malloc(sizeof(*g));

	cr_assert_not_null(g);
	open_game(g, r, seed);
	while (g->told.teardowns < teardowns) {
		uint32_t conn = draw(g, CONNS);

		for (uint32_t i = 0; i < 2; i++) {
			if (!g->acts[2 * conn + i].busy && g->flying < PLAY_ENTRIES - 2)
				start_any(g, &g->acts[2 * conn + i]);
			if (!g->acts[SIDES + 2 * conn + i].busy && g->flying < PLAY_ENTRIES - 2)
				start_any(g, &g->acts[SIDES + 2 * conn + i]);
		}
		for (uint32_t i = draw(g, 4); i > 0; i--)
			cr_assert_geq(ring_run(g->ring, 0), 0);
		tear_down(g, conn);
		connect_pair(g, conn);
	}
	close_game(g, told);
	free(g);
}
