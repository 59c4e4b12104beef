/* The contract of ring.h, on every body and with each feature forbidden. */
#include "tests/ring/bodies.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ENTRIES = 64 };

/* ---- transfers ---- */

static void one_message_each_way(struct body *b)
{
	struct probe send = {0}, recv = {0};
	char out[] = "a question", in[32] = "";
	struct pair p;

	pair_open(b->ring, &p);
	ring_recv(b->ring, probe_op(&recv), p.server, in, sizeof(in), false);
	ring_send(b->ring, probe_op(&send), p.client, out, sizeof(out));
	cr_assert_eq(send.done + recv.done, 0, "done() inside a start");
	while (send.done == 0 || recv.done == 0)
		cr_assert_geq(ring_run(b->ring, UINT64_MAX), 0);
	cr_assert_eq(send.op.res, (int)sizeof(out));
	cr_assert_eq(recv.op.res, (int)sizeof(out));
	cr_assert_str_eq(in, out);
	pair_close(b->ring, &p);
}

Test(ring, one_message_each_way)
{
	each_body(one_message_each_way, ENTRIES);
}

Test(ring, every_mask_of_features)
{
	for (uint32_t mask = 0; mask < 256; mask++) {
		struct body b;

		if (!body_open(&b, false, mask, ENTRIES))
			break;
		cr_assert_eq(ring_features(b.ring) & mask, 0);
		one_message_each_way(&b);
		ring_close(b.ring);
	}
}

static void whole_although_sent_in_pieces(struct body *b)
{
	struct probe send = {0}, recv = {0};
	char in[6] = "";
	struct pair p;

	pair_open(b->ring, &p);
	ring_recv(b->ring, probe_op(&recv), p.server, in, sizeof(in), true);
	for (int i = 0; i < 6; i++) {
		cr_assert_eq(recv.done, 0);
		ring_send(b->ring, probe_op(&send), p.client, &"abcdef"[i], 1);
		await(b->ring, &send);
		ring_run(b->ring, 0);
	}
	while (recv.done == 0)
		cr_assert_geq(ring_run(b->ring, UINT64_MAX), 0);
	cr_assert_eq(recv.op.res, 6);
	cr_assert_arr_eq(in, "abcdef", 6);
	pair_close(b->ring, &p);
}

Test(ring, whole_although_sent_in_pieces)
{
	each_body(whole_although_sent_in_pieces, ENTRIES);
}

/* More than any socket buffer holds: the send must go on by itself while the other side reads. */
static void send_larger_than_buffers(struct body *b)
{
	enum { SIZE = 16 << 20 };
	uint8_t *out = malloc(SIZE), *in = calloc(1, SIZE);
	struct probe send = {0}, recv = {0};
	struct pair p;

	for (uint32_t i = 0; i < SIZE; i++)
		out[i] = (uint8_t)(i * 31 >> 3);
	pair_open(b->ring, &p);
	ring_send(b->ring, probe_op(&send), p.client, out, SIZE);
	ring_run(b->ring, 0);
	cr_assert_eq(send.done, 0);
	ring_recv(b->ring, probe_op(&recv), p.server, in, SIZE, true);
	while (send.done == 0 || recv.done == 0)
		cr_assert_geq(ring_run(b->ring, UINT64_MAX), 0);
	cr_assert_eq(send.op.res, SIZE);
	cr_assert_eq(recv.op.res, SIZE);
	cr_assert_eq(memcmp(out, in, SIZE), 0);
	cr_assert_eq(ring_stats(b->ring)->recv_bytes, SIZE);
	pair_close(b->ring, &p);
	free(out);
	free(in);
}

Test(ring, send_larger_than_buffers)
{
	each_body(send_larger_than_buffers, ENTRIES);
}

/* Without copying, where the ring can: then the memory is the kernel's for a while longer. */
static void send_without_copying(struct body *b)
{
	enum { SIZE = 4 << 20 };
	uint8_t *out = malloc(SIZE), *in = calloc(1, SIZE);
	struct probe send = {0}, recv = {0};
	struct pair p;

	for (uint32_t i = 0; i < SIZE; i++)
		out[i] = (uint8_t)(i * 37 >> 2);
	pair_open(b->ring, &p);
	for (int round = 1; round <= 3; round++) {
		memset(in, 0, SIZE);
		ring_send_zc(b->ring, probe_op(&send), p.client, out, SIZE);
		ring_recv(b->ring, probe_op(&recv), p.server, in, SIZE, true);
		while (send.done < round || recv.done < round)
			cr_assert_geq(ring_run(b->ring, UINT64_MAX), 0);
		cr_assert_eq(send.op.res, SIZE);
		cr_assert_eq(memcmp(out, in, SIZE), 0);
		if (!send.op.held)
			send.released = send.done;
		while (send.released < send.done)
			cr_assert_geq(ring_run(b->ring, UINT64_MAX), 0);
	}
	cr_assert(!b->poll || !send.op.held);
	pair_close(b->ring, &p);
	free(out);
	free(in);
}

Test(ring, send_without_copying)
{
	each_body(send_without_copying, ENTRIES);
}

static void send_and_compare(struct body *b, struct pair *p, const uint8_t *out, uint32_t len,
			     uint8_t byte)
{
	uint8_t *in = calloc(1, len);
	struct probe send = {0}, recv = {0};

	ring_send_zc(b->ring, probe_op(&send), p->client, out, len);
	ring_recv(b->ring, probe_op(&recv), p->server, in, len, true);
	while (send.done < 1 || recv.done < 1 || (send.op.held && send.released < 1))
		cr_assert_geq(ring_run(b->ring, UINT64_MAX), 0);
	cr_assert_eq(send.op.res, (int32_t)len);
	for (uint32_t i = 0; i < len; i++)
		cr_assert_eq(in[i], byte, "byte %u: %d", i, in[i]);
	free(in);
}

/*
 * What is registered the kernel has by its pages: it sends those even when the program has others
 * there by now. What lies outside, or across the border, it looks up.
 */
static void send_what_is_registered(struct body *b)
{
	enum { HALF = 256 << 10 };
	const int ours = MAP_PRIVATE | MAP_ANONYMOUS;
	uint8_t *at = mmap(NULL, 2 * HALF, PROT_READ | PROT_WRITE, ours, -1, 0);
	bool taken;
	struct pair p;

	cr_assert_neq(at, MAP_FAILED);
	memset(at, 'a', 2 * HALF);
	taken = ring_register(b->ring, at, HALF) == 0;
	cr_assert_eq(taken, (ring_features(b->ring) & RING_FIXED_BUFFERS) != 0);
	cr_assert(!b->poll || !taken);
	cr_assert_eq(mmap(at, 2 * HALF, PROT_READ | PROT_WRITE, ours | MAP_FIXED, -1, 0), at);
	memset(at, 'b', 2 * HALF);
	taken = taken && (ring_features(b->ring) & RING_SEND_ZC) != 0;
	pair_open(b->ring, &p);
	send_and_compare(b, &p, at, HALF, taken ? 'a' : 'b');
	send_and_compare(b, &p, at + HALF - 7, 7, taken ? 'a' : 'b');
	send_and_compare(b, &p, at + HALF - 7, 8, 'b');
	send_and_compare(b, &p, at + HALF, HALF, 'b');
	pair_close(b->ring, &p);
	munmap(at, 2 * HALF);
}

Test(ring, send_what_is_registered)
{
	each_body(send_what_is_registered, ENTRIES);
}

/* The peer reads nothing: what the kernel still has comes back when the connection is aborted. */
static void abort_gives_memory_back(struct body *b)
{
	enum { SIZE = 16 << 20 };
	uint8_t *out = calloc(1, SIZE);
	struct probe send = {0};
	struct pair p;

	pair_open(b->ring, &p);
	ring_send_zc(b->ring, probe_op(&send), p.client, out, SIZE);
	for (int i = 0; i < 8; i++)
		ring_run(b->ring, 0);
	cr_assert_eq(send.done, 0);
	ring_abort(b->ring, p.client);
	await(b->ring, &send);
	cr_assert_neq(send.op.res, SIZE);
	while (send.op.held && send.released < send.done)
		cr_assert_geq(ring_run(b->ring, UINT64_MAX), 0);
	pair_close(b->ring, &p);
	free(out);
}

Test(ring, abort_gives_memory_back)
{
	each_body(abort_gives_memory_back, ENTRIES);
}

static void end_of_stream(struct body *b)
{
	struct probe send = {0}, recv = {0};
	char in[8] = "";
	struct pair p;

	pair_open(b->ring, &p);
	ring_send(b->ring, probe_op(&send), p.client, "abc", 3);
	await(b->ring, &send);
	ring_close_fd(b->ring, p.client);
	p.client = -1;
	ring_recv(b->ring, probe_op(&recv), p.server, in, sizeof(in), true);
	await(b->ring, &recv);
	cr_assert_eq(recv.op.res, 3, "what came before the end: %d", recv.op.res);
	ring_recv(b->ring, probe_op(&recv), p.server, in, sizeof(in), false);
	await(b->ring, &recv);
	cr_assert_eq(recv.op.res, 0);
	pair_close(b->ring, &p);
}

Test(ring, end_of_stream)
{
	each_body(end_of_stream, ENTRIES);
}

/* Bytes and the end were both there before anybody asked: nothing else comes that would say so. */
static void an_end_that_came_before(struct body *b)
{
	struct probe send = {0}, recv = {0};
	uint64_t until = ring_now(b->ring) + 20 * UINT64_C(1000000);
	char in[8];
	struct pair p;

	pair_open(b->ring, &p);
	ring_send(b->ring, probe_op(&send), p.client, "abc", 3);
	await(b->ring, &send);
	ring_close_fd(b->ring, p.client);
	p.client = -1;
	while (ring_now(b->ring) < until)
		cr_assert_geq(ring_run(b->ring, until), 0);
	ring_recv(b->ring, probe_op(&recv), p.server, in, sizeof(in), true);
	await(b->ring, &recv);
	cr_assert_eq(recv.op.res, 3, "%d", recv.op.res);
	pair_close(b->ring, &p);
}

Test(ring, an_end_that_came_before)
{
	each_body(an_end_that_came_before, ENTRIES);
}

static void shutdown_ends_what_waits(struct body *b)
{
	struct probe recv = {0};
	char in[8];
	struct pair p;

	pair_open(b->ring, &p);
	ring_recv(b->ring, probe_op(&recv), p.server, in, sizeof(in), true);
	ring_run(b->ring, 0);
	cr_assert_eq(recv.done, 0);
	ring_shutdown(b->ring, p.server);
	await(b->ring, &recv);
	cr_assert_leq(recv.op.res, 0);
	pair_close(b->ring, &p);
}

Test(ring, shutdown_ends_what_waits)
{
	each_body(shutdown_ends_what_waits, ENTRIES);
}

static void refused_connect(struct body *b)
{
	struct probe connect = {0};
	struct pair p;
	int fd;

	pair_open(b->ring, &p);
	pair_close(b->ring, &p);
	fd = ring_socket(b->ring, AF_INET);
	ring_connect(b->ring, probe_op(&connect), fd, &p.addr, sizeof(struct sockaddr_in));
	await(b->ring, &connect);
	cr_assert_eq(connect.op.res, -ECONNREFUSED);
	ring_close_fd(b->ring, fd);
}

Test(ring, refused_connect)
{
	each_body(refused_connect, ENTRIES);
}

/* Bytes that the peer's program has not read are known to TCP all the same. */
static void progress_is_seen(struct body *b)
{
	struct ring_progress before, after;
	struct probe send = {0}, recv = {0};
	char in[3];
	struct pair p;

	pair_open(b->ring, &p);
	if (!ring_progress(b->ring, p.client, &before)) {
		pair_close(b->ring, &p);
		return;
	}
	ring_send(b->ring, probe_op(&send), p.client, "abc", 3);
	ring_recv(b->ring, probe_op(&recv), p.server, in, 3, true);
	while (send.done == 0 || recv.done == 0)
		cr_assert_geq(ring_run(b->ring, UINT64_MAX), 0);
	cr_assert(ring_progress(b->ring, p.server, &after));
	cr_assert_eq(after.received, before.received + 3);
	do
		cr_assert(ring_progress(b->ring, p.client, &after));
	while (after.unacked > 0);
	cr_assert_eq(after.acked, before.acked + 3);
	pair_close(b->ring, &p);
}

Test(ring, progress_is_seen)
{
	each_body(progress_is_seen, ENTRIES);
}

/* ---- cancelling ---- */

static void cancel_each_kind(struct body *b)
{
	struct probe recv = {0}, accept = {0}, timer = {0}, readable = {0};
	char in[8];
	struct pair p;
	int pipes[2];

	cr_assert_eq(pipe(pipes), 0);
	pair_open(b->ring, &p);
	for (int flying = 0; flying < 2; flying++) {
		ring_recv(b->ring, probe_op(&recv), p.server, in, sizeof(in), true);
		ring_accept(b->ring, probe_op(&accept), p.listen);
		ring_timer(b->ring, probe_op(&timer), UINT64_MAX);
		ring_readable(b->ring, probe_op(&readable), pipes[0]);
		if (flying)
			ring_run(b->ring, 0);
		ring_cancel(b->ring, &recv.op);
		ring_cancel(b->ring, &accept.op);
		ring_cancel(b->ring, &timer.op);
		ring_cancel(b->ring, &readable.op);
		ring_cancel(b->ring, &readable.op);
		cr_assert_eq(recv.done, flying, "done() inside a cancel");
		while (recv.done + accept.done + timer.done + readable.done < 4 * (flying + 1))
			cr_assert_geq(ring_run(b->ring, UINT64_MAX), 0);
		cr_assert_eq(recv.op.res, -ECANCELED);
		cr_assert_eq(accept.op.res, -ECANCELED);
		cr_assert_eq(timer.op.res, -ECANCELED);
		cr_assert_eq(readable.op.res, -ECANCELED);
	}
	pair_close(b->ring, &p);
	close(pipes[0]);
	close(pipes[1]);
}

Test(ring, cancel_each_kind)
{
	each_body(cancel_each_kind, ENTRIES);
}

static void cancel_of_a_transfer_half_done(struct body *b)
{
	struct probe send = {0}, recv = {0};
	char in[8] = "";
	struct pair p;

	pair_open(b->ring, &p);
	ring_recv(b->ring, probe_op(&recv), p.server, in, sizeof(in), true);
	ring_send(b->ring, probe_op(&send), p.client, "abc", 3);
	await(b->ring, &send);
	while (in[2] != 'c')
		ring_run(b->ring, 0);
	ring_cancel(b->ring, &recv.op);
	await(b->ring, &recv);
	cr_assert_eq(recv.op.res, 3, "%d", recv.op.res);
	pair_close(b->ring, &p);
}

Test(ring, cancel_of_a_transfer_half_done)
{
	each_body(cancel_of_a_transfer_half_done, ENTRIES);
}

static void cancel_of_what_ended_is_nothing(struct body *b)
{
	struct probe timer = {0};

	ring_timer(b->ring, probe_op(&timer), 1);
	await(b->ring, &timer);
	ring_cancel(b->ring, &timer.op);
	ring_run(b->ring, 0);
	cr_assert_eq(timer.done, 1);
	cr_assert_eq(timer.op.res, 0);
}

Test(ring, cancel_of_what_ended_is_nothing)
{
	each_body(cancel_of_what_ended_is_nothing, ENTRIES);
}

/* ---- timers and foreign fds ---- */

struct tick {
	struct probe probe;
	int *order, *count, name;
};

static void tick_done(struct op *op)
{
	struct tick *t = container_of(container_of(op, struct probe, op), struct tick, probe);

	t->probe.done++;
	t->order[(*t->count)++] = t->name;
}

static void timers_end_in_order(struct body *b)
{
	uint64_t now = ring_now(b->ring);
	struct tick t[4] = {0};
	int order[4], count = 0;

	for (int i = 0; i < 4; i++) {
		t[i].order = order;
		t[i].count = &count;
		t[i].name = i;
		t[i].probe.op.done = tick_done;
		ring_timer(b->ring, &t[i].probe.op, now + (uint64_t)(4 - i) * 200000);
	}
	while (count < 4)
		cr_assert_geq(ring_run(b->ring, UINT64_MAX), 0);
	cr_assert_geq(ring_now(b->ring), now + 800000, "never early");
	for (int i = 0; i < 4; i++)
		cr_assert_eq(order[i], 3 - i);
}

Test(ring, timers_end_in_order)
{
	each_body(timers_end_in_order, ENTRIES);
}

static void run_ends_at_its_time(struct body *b)
{
	uint64_t until = ring_now(b->ring) + 2000000;

	cr_assert_eq(ring_run(b->ring, until), 0);
	while (ring_now(b->ring) < until)
		cr_assert_eq(ring_run(b->ring, until), 0);
	cr_assert_eq(ring_run(b->ring, 0), 0);
}

Test(ring, run_ends_at_its_time)
{
	each_body(run_ends_at_its_time, ENTRIES);
}

static void foreign_fd_becomes_readable(struct body *b)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct probe readable = {0};
	uint64_t one = 1;

	for (int i = 0; i < 3; i++) {
		ring_readable(b->ring, probe_op(&readable), fd);
		ring_run(b->ring, 0);
		cr_assert_eq(readable.done, 2 * i);
		cr_assert_eq(write(fd, &one, 8), 8);
		await(b->ring, &readable);
		cr_assert_eq(readable.op.res, 0);
		/* Still readable: a new op ends at once. */
		ring_readable(b->ring, probe_op(&readable), fd);
		await(b->ring, &readable);
		cr_assert_eq(read(fd, &one, 8), 8);
		one = 1;
	}
	close(fd);
}

Test(ring, foreign_fd_becomes_readable)
{
	each_body(foreign_fd_becomes_readable, ENTRIES);
}

static void regular_file_is_always_readable(struct body *b)
{
	struct probe readable = {0};
	FILE *f = tmpfile();

	cr_assert_not_null(f);
	ring_readable(b->ring, probe_op(&readable), fileno(f));
	await(b->ring, &readable);
	cr_assert_eq(readable.op.res, 0);
	fclose(f);
}

Test(ring, regular_file_is_always_readable)
{
	each_body(regular_file_is_always_readable, ENTRIES);
}

/* ---- limits ---- */

static void no_more_ops_than_said(struct body *b)
{
	struct probe p[9] = {0};
	int fd = eventfd(0, EFD_CLOEXEC), fds[9];
	int refused = 0, done = 0;

	for (int i = 0; i < 9; i++) {
		fds[i] = dup(fd);
		ring_readable(b->ring, probe_op(&p[i]), fds[i]);
	}
	ring_run(b->ring, 0);
	for (int i = 0; i < 9; i++)
		refused += p[i].done == 1 && p[i].op.res == -ENOBUFS;
	cr_assert_eq(refused, 1);
	for (int i = 0; i < 9; i++)
		ring_cancel(b->ring, &p[i].op);
	while (done < 9) {
		cr_assert_geq(ring_run(b->ring, UINT64_MAX), 0);
		done = 0;
		for (int i = 0; i < 9; i++)
			done += p[i].done;
	}
	for (int i = 0; i < 9; i++)
		close(fds[i]);
	close(fd);
}

Test(ring, no_more_ops_than_said)
{
	each_body(no_more_ops_than_said, 8);
}

/* K4: a ring of eight, very many ops, cancels among them; each ends exactly once. */
static void many_ops_on_a_small_ring(struct body *b)
{
	enum { ROUNDS = 3000 };
	struct probe send = {0}, recv = {0}, waits[4] = {0};
	uint8_t in[64], out[64] = {0};
	uint32_t sent = 0, got = 0;
	int ends = 0, pipes[2];
	struct pair p;

	cr_assert_eq(pipe(pipes), 0);
	pair_open(b->ring, &p);
	for (int i = 0; i < ROUNDS; i++) {
		uint32_t n = 1 + (uint32_t)i % 64;

		ring_send(b->ring, probe_op(&send), p.client, out, n);
		ring_recv(b->ring, probe_op(&recv), p.server, in, n, true);
		for (int k = 0; k < 4; k++) {
			if (k > 0)
				ring_timer(b->ring, probe_op(&waits[k]), UINT64_MAX);
			else
				ring_readable(b->ring, probe_op(&waits[k]), pipes[0]);
		}
		if (i % 3 == 0)
			ring_run(b->ring, 0);
		for (int k = 0; k < 4; k++)
			ring_cancel(b->ring, &waits[k].op);
		while (send.done <= i || recv.done <= i || waits[0].done <= i)
			cr_assert_geq(ring_run(b->ring, UINT64_MAX), 0);
		sent += n;
		got += (uint32_t)recv.op.res;
	}
	cr_assert_eq(sent, got);
	for (int k = 0; k < 4; k++)
		ends += waits[k].done;
	cr_assert_eq(ends, 4 * ROUNDS);
	pair_close(b->ring, &p);
	close(pipes[0]);
	close(pipes[1]);
}

Test(ring, many_ops_on_a_small_ring)
{
	each_body(many_ops_on_a_small_ring, 8);
}

/* A connection closed and opened again gets the same fd number; nothing of the old one is left. */
static void fds_come_again(struct body *b)
{
	struct pair p;

	for (int i = 0; i < 50; i++) {
		struct probe send = {0}, recv = {0};
		char c = 0;

		pair_open(b->ring, &p);
		ring_send(b->ring, probe_op(&send), p.server, "x", 1);
		ring_recv(b->ring, probe_op(&recv), p.client, &c, 1, true);
		while (send.done == 0 || recv.done == 0)
			cr_assert_geq(ring_run(b->ring, UINT64_MAX), 0);
		cr_assert_eq(c, 'x');
		pair_close(b->ring, &p);
	}
}

Test(ring, fds_come_again)
{
	each_body(fds_come_again, ENTRIES);
}

static void hundreds_of_connections(struct body *b)
{
	enum { COUNT = 300 }; /* three fds each, within the usual limit of 1024 */
	struct probe *send = calloc(COUNT, sizeof(*send)), *recv = calloc(COUNT, sizeof(*recv));
	struct pair *p = calloc(COUNT, sizeof(*p));
	uint8_t *in = calloc(COUNT, 1);
	int open = 0, done = 0;

	while (open < COUNT)
		pair_open(b->ring, &p[open++]);
	for (int i = 0; i < open; i++)
		ring_recv(b->ring, probe_op(&recv[i]), p[i].server, &in[i], 1, true);
	ring_run(b->ring, 0);
	for (int i = 0; i < open; i++)
		ring_send(b->ring, probe_op(&send[i]), p[i].client, "y", 1);
	while (done < 2 * open) {
		cr_assert_geq(ring_run(b->ring, UINT64_MAX), 0);
		done = 0;
		for (int i = 0; i < open; i++)
			done += send[i].done + recv[i].done;
	}
	for (int i = 0; i < open; i++) {
		cr_assert_eq(in[i], 'y');
		pair_close(b->ring, &p[i]);
	}
	free(send);
	free(recv);
	free(p);
	free(in);
}

Test(ring, hundreds_of_connections)
{
	each_body(hundreds_of_connections, 4096);
}

static void random_differs(struct body *b)
{
	uint8_t a[32], c[32];

	ring_random(b->ring, a, sizeof(a));
	ring_random(b->ring, c, sizeof(c));
	cr_assert_neq(memcmp(a, c, sizeof(a)), 0);
}

Test(ring, random_differs)
{
	each_body(random_differs, ENTRIES);
}
