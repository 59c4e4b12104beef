/*
 * The ring on kernels that lack something, are short of it, or say "later": each feature alone and in
 * every combination, missing ops, small memlock, errors at submit. What the kernel says is made up
 * (unruly.h); what the ring does with it is real.
 */
#include "tests/ring/bodies.h"
#include "tests/ring/play.h"
#include "tests/ring/unruly.h"

#include <errno.h>
#include <liburing.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

static bool have_uring(void)
{
	struct body b;

	*unruly() = (struct unruly){.seed = 1};
	if (!body_open(&b, false, 0, 64))
		return false;
	ring_close(b.ring);
	return true;
}

/* A little of everything: both ways, without copying, a timer, a foreign fd, cancels. */
static void exercise(struct ring *r)
{
	struct probe send = {0}, recv = {0}, timer = {0}, wait = {0};
	uint8_t out[3000], in[3000];
	int fd = eventfd(1, EFD_CLOEXEC);
	struct pair p;

	for (uint32_t i = 0; i < sizeof(out); i++)
		out[i] = (uint8_t)(i * 7 >> 1);
	pair_open(r, &p);
	for (int round = 1; round <= 4; round++) {
		if (round % 2 == 0)
			ring_send(r, probe_op(&send), p.client, out, sizeof(out));
		else
			ring_send_zc(r, probe_op(&send), p.client, out, sizeof(out));
		ring_recv(r, probe_op(&recv), p.server, in, sizeof(in), true);
		ring_timer(r, probe_op(&timer), UINT64_MAX);
		ring_readable(r, probe_op(&wait), fd);
		ring_cancel(r, &timer.op);
		while (send.done + recv.done + timer.done + wait.done < 4 * round)
			cr_assert_geq(ring_run(r, UINT64_MAX), 0);
		while (send.op.held && send.released < send.done)
			cr_assert_geq(ring_run(r, UINT64_MAX), 0);
		send.released = send.done;
		cr_assert_eq(send.op.res, sizeof(out));
		cr_assert_eq(recv.op.res, sizeof(in));
		cr_assert_arr_eq(in, out, sizeof(in));
		cr_assert_eq(timer.op.res, -ECANCELED);
		cr_assert_eq(wait.op.res, 0);
	}
	ring_recv(r, probe_op(&recv), p.server, in, sizeof(in), true);
	cr_assert_geq(ring_run(r, 0), 0);
	ring_cancel(r, &recv.op);
	await(r, &recv);
	cr_assert_eq(recv.op.res, -ECANCELED);
	pair_close(r, &p);
	close(fd);
}

/* All 512, the checklist's 32 among them. */
/* Rows: K2 */
Test(ring_kernel, every_combination_of_features)
{
	struct body b;

	if (!have_uring())
		return;
	for (uint32_t mask = 0; mask <= RING_ALL; mask++) {
		cr_assert(body_open(&b, false, mask, 16), "without %03x", mask);
		cr_assert_eq(ring_features(b.ring) & mask, 0u);
		exercise(b.ring);
		ring_close(b.ring);
	}
}

/* Flags that came with Linux 5.19 to 6.1 are refused one after the other. */
/* Rows: K2 */
Test(ring_kernel, flags_that_a_kernel_does_not_know)
{
	uint32_t base = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
	const uint32_t known[] = {base, base | IORING_SETUP_COOP_TASKRUN,
				  base | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SINGLE_ISSUER};
	struct body b;

	if (!have_uring())
		return;
	for (size_t i = 0; i < countof(known); i++) {
		*unruly() = (struct unruly){.known_flags = known[i], .no_files = true};
		cr_assert(body_open(&b, false, 0, 16));
		cr_assert_eq(ring_features(b.ring) & (RING_DEFER_TASKRUN | RING_FIXED_FILES), 0u);
		exercise(b.ring);
		ring_close(b.ring);
	}
}

/* Rows: K2 */
Test(ring_kernel, ops_that_a_kernel_does_not_have)
{
	static const struct {
		uint32_t op;
		bool needed;
	} ops[] = {
	    {IORING_OP_SEND_ZC, false},     {IORING_OP_SOCKET, false},  {IORING_OP_CONNECT, true},
	    {IORING_OP_ACCEPT, true},       {IORING_OP_RECV, true},     {IORING_OP_SEND, true},
	    {IORING_OP_ASYNC_CANCEL, true}, {IORING_OP_POLL_ADD, true},
	};
	struct ring_options o = {.entries = 16};
	struct ring *r;
	char why[160];

	if (!have_uring())
		return;
	for (size_t i = 0; i < countof(ops); i++) {
		int err;

		*unruly() = (struct unruly){.missing = {ops[i].op + 1}};
		err = ring_open_uring(&r, &o, why, sizeof(why));
		cr_assert_eq(err, ops[i].needed ? -EOPNOTSUPP : 0);
		if (err != 0)
			continue;
		cr_assert_eq(ring_features(r) & (ops[i].op == IORING_OP_SEND_ZC
						     ? RING_SEND_ZC
						     : RING_RECV_WAITALL | RING_SEND_WAITALL),
			     0u);
		exercise(r);
		ring_close(r);
	}
}

/* Without these features io_uring is worse than poll, or loses completions. */
/* Rows: K2 K4 */
Test(ring_kernel, kernels_that_are_refused)
{
	static const uint32_t hidden[] = {IORING_FEAT_FAST_POLL, IORING_FEAT_NODROP};
	struct ring_options o = {.entries = 16};
	struct ring *r;

	if (!have_uring())
		return;
	for (size_t i = 0; i < countof(hidden); i++) {
		*unruly() = (struct unruly){.hidden = hidden[i]};
		cr_assert_eq(ring_open_uring(&r, &o, NULL, 0), -EOPNOTSUPP);
	}
	/* Linux 5.10 waits without a time. */
	*unruly() = (struct unruly){.hidden = IORING_FEAT_EXT_ARG,
				    .known_flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP};
	cr_assert_eq(ring_open_uring(&r, &o, NULL, 0), 0);
	cr_assert_eq(ring_features(r) & RING_EXT_ARG, 0u);
	exercise(r);
	ring_close(r);
}

/* Rows: K1 */
Test(ring_kernel, a_forbidden_ring_says_why)
{
	static const struct {
		int error;
		const char *words;
	} cases[] = {{-EPERM, "sysctl, seccomp"}, {-ENOSYS, "not implemented"}, {-ENOMEM, "MEMLOCK"}};
	struct ring_options o = {.entries = 16};
	struct ring *r;
	char why[160];

	for (size_t i = 0; i < countof(cases); i++) {
		*unruly() = (struct unruly){.setup_error = cases[i].error};
		cr_assert_eq(ring_open_uring(&r, &o, why, sizeof(why)), cases[i].error);
		cr_assert_not_null(strstr(why, cases[i].words), "%s", why);
	}
}

/* As before Linux 5.12, where a plain user's rings count: smaller, then none at all. */
/* Rows: K3 */
Test(ring_kernel, a_ring_as_large_as_memlock_allows)
{
	static const struct {
		uint32_t kib;
		bool opens;
	} limits[] = {{4, false}, {8, false}, {32, true}, {64, true}, {128, true}, {1024, true}, {8192, true}};
	struct ring_options o = {.entries = 1024};
	uint64_t before = 0;
	struct ring *r;
	char why[160];

	if (!have_uring())
		return;
	for (size_t i = 0; i < countof(limits); i++) {
		uint64_t limit = limits[i].kib * 1024;
		int err;

		*unruly() = (struct unruly){.memlock = limit};
		err = ring_open_uring(&r, &o, why, sizeof(why));
		cr_assert_eq(err, limits[i].opens ? 0 : -ENOMEM, "%u KiB: %d", limits[i].kib, err);
		cr_assert_lt(unruly()->setups, 64u);
		if (err != 0) {
			cr_assert_not_null(strstr(why, "MEMLOCK"), "%s", why);
			continue;
		}
		cr_assert_leq(unruly()->setup_bytes, limit);
		cr_assert_geq(unruly()->setup_bytes, before);
		before = unruly()->setup_bytes;
		exercise(r);
		ring_close(r);
	}
}

static void play_unruly(bool poll, uint32_t forbid, struct unruly with)
{
	struct play_told told;
	struct body b;

	*unruly() = with;
	if (!body_open(&b, poll, forbid, PLAY_ENTRIES))
		return;
	play(b.ring, 3, play_count("RING_OPS", 3000), &told);
	cr_assert_gt(unruly()->errors, 10u);
	fprintf(stderr, "%s: %llu ops, %llu errors, %llu of them short\n", ring_name(b.ring),
		(unsigned long long)told.ops, (unsigned long long)unruly()->errors,
		(unsigned long long)unruly()->shortened);
	*unruly() = (struct unruly){.seed = 1};
	ring_close(b.ring);
}

/* Rows: K5 K6 */
Test(ring_kernel, errors_at_submit_and_short_transfers)
{
	struct unruly some = {.submit_errors = 10, .wait_errors = 10, .call_errors = 10, .seed = 5};

	play_unruly(false, 0, some);
	play_unruly(false, RING_EXT_ARG, some);
	some.shorts = 300;
	play_unruly(true, 0, some);
	/* Nine in ten: slow, and still nothing lost. */
	play_unruly(false, 0, (struct unruly){.submit_errors = 900, .seed = 5});
}

/* Short of something for a while: the ring waits with it, and does not ask all the time. */
/* Rows: K5 */
Test(ring_kernel, a_kernel_that_takes_nothing_is_not_pressed)
{
	struct probe timer = {0};
	struct body b;

	if (!have_uring())
		return;
	for (int i = 0; i < 2; i++) {
		uint64_t enters;

		*unruly() = (struct unruly){.seed = 1};
		cr_assert(body_open(&b, false, i == 0 ? 0 : RING_EXT_ARG, 16));
		timer = (struct probe){0};
		*unruly() = (struct unruly){.submit_errors = 1000, .seed = 5};
		enters = ring_stats(b.ring)->enters;
		ring_timer(b.ring, probe_op(&timer), ring_now(b.ring) + 200000000);
		while (timer.done == 0)
			cr_assert_geq(ring_run(b.ring, UINT64_MAX), 0);
		cr_assert_lt(ring_stats(b.ring)->enters - enters, 200u);
		*unruly() = (struct unruly){.seed = 1};
		exercise(b.ring);
		ring_close(b.ring);
	}
}
