/*
 * SIGKILL at random moments. A child works through a fixed list of records, closing and opening on
 * the way; it says through a pipe what it has handed in and through shared memory what it was told
 * is durable. What the ledger holds afterwards must be exactly the first n records of the list,
 * with n between the two. The next child goes on from there, so recovery is killed as well.
 */
#include "tests/ledger/script.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { KILLS = 60, RACES = 40 }; /* or KILLS=N, RACES=N in the environment */

/* Goes on from record n; durable is shared with the parent. */
static void child(struct help *h, uint32_t n, int pipe_fd, volatile uint32_t *durable,
		  uint64_t seed)
{
	uint32_t base = n;

	help_must_open(h);
	for (; n < OPS; n++) {
		uint64_t dice = mix(&seed);

		if (write(pipe_fd, "", 1) != 1)
			_exit(1);
		hand_in(h, n);
		if (dice % 5 == 0)
			ledger_sync(h->ledger);
		*durable = base + (uint32_t)ledger_durable(h->ledger);
		if (dice % 17 == 0) {
			help_close(h);
			*durable = n + 1;
			help_must_open(h);
			base = n + 1;
		}
	}
	help_close(h);
	*durable = OPS;
	_exit(0);
}

/* Starts a child at record n and kills it when it has handed in `after` more, or a bit later. */
static uint32_t run_and_kill(struct help *h, uint32_t n, uint32_t after, uint64_t seed,
			     volatile uint32_t *durable)
{
	uint32_t handed = 0;
	int ends[2], status;
	char byte;
	pid_t pid;

	*durable = n;
	cr_assert_eq(pipe(ends), 0);
	pid = fork();
	cr_assert_geq(pid, 0);
	if (pid == 0) {
		close(ends[0]);
		child(h, n, ends[1], durable, seed);
	}
	close(ends[1]);
	while (handed < after && read(ends[0], &byte, 1) == 1)
		handed++;
	for (volatile uint64_t spin = mix(&seed) % 400000; spin > 0; spin--)
		;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	cr_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0, "child failed: %x", status);
	while (read(ends[0], &byte, 1) == 1)
		handed++;
	close(ends[0]);
	return n + handed;
}

static void campaign(uint64_t seed)
{
	struct help h = help_start();
	volatile uint32_t *durable =
	    mmap(NULL, sizeof(*durable), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint32_t n = 0, issued;

	for (uint32_t k = 0, kills = help_count("KILLS", KILLS); k < kills; k++) {
		issued = run_and_kill(&h, n, (uint32_t)(mix(&seed) % 30), mix(&seed), durable);
		help_must_open(&h);
		for (n = *durable; n <= issued && !holds_first(&h, n); n++)
			;
		cr_assert_leq(n, issued, "kill %u: no prefix of the list, durable %u, issued %u", k,
			      *durable, issued);
		help_close(&h);
		if (n == OPS) {
			help_end(&h);
			h = help_start();
			n = 0;
		}
	}
	help_end(&h);
	munmap((void *)(uintptr_t)durable, sizeof(*durable));
}

/* Rows: P1 P2 */
Test(crash, kill_at_any_moment_leaves_a_prefix)
{
	campaign(1);
}

Test(crash, kill_at_other_moments)
{
	campaign(20240607);
}

/* Rows: P1 */
Test(crash, creation_is_whole_or_not_there)
{
	uint64_t seed = 99;

	for (int k = 0; k < 40; k++) {
		struct help h = help_start();
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			help_must_open(&h);
			_exit(0);
		}
		for (volatile uint64_t spin = mix(&seed) % 3000000; spin > 0; spin--)
			;
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		help_must_open(&h);
		help_close(&h);
		help_end(&h);
	}
}

/* Rows: P13 P14 */
Test(crash, second_instance_is_refused_and_the_lock_dies_with_its_owner)
{
	struct help h = help_start();
	int ends[2], status;
	char byte, name[16];
	pid_t pid;

	cr_assert_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		help_must_open(&h);
		if (write(ends[1], "x", 1) != 1)
			_exit(1);
		pause();
	}
	close(ends[1]);
	cr_assert_eq(read(ends[0], &byte, 1), 1);
	cr_assert_eq(help_open(&h, true), LEDGER_BUSY);
	snprintf(name, sizeof(name), "pid %d", pid);
	cr_assert(strstr(h.why, name) != NULL, "%s", h.why);
	cr_assert_null(h.ledger);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	help_must_open(&h);
	/* Also within one process. */
	struct ledger *second;

	cr_assert_eq(ledger_open(&second, h.path, &h.job, true, NULL, 0), LEDGER_BUSY);
	help_close(&h);
	help_end(&h);
}

/* The lock's name may be taken away, and the ledger's file may have another name: it is the same one. */
/* Rows: P13 */
Test(crash, second_instance_is_refused_without_the_lock_and_by_another_name)
{
	struct help h = help_start(), twin;
	char name[128];

	help_must_open(&h);
	help_plan(&h, 1, 10);
	help_sync(&h);
	twin = h;
	snprintf(name, sizeof(name), "%s.lock", h.path);
	cr_assert_eq(unlink(name), 0);
	cr_assert_eq(help_open(&twin, true), LEDGER_BUSY, "%s", twin.why);
	snprintf(twin.path, sizeof(twin.path), "%s/twin.ledger", h.dir);
	cr_assert_eq(link(h.path, twin.path), 0);
	cr_assert_eq(help_open(&twin, true), LEDGER_BUSY, "%s", twin.why);
	cr_assert(strstr(twin.why, twin.path) != NULL, "%s", twin.why);
	help_plan(&h, 11, 10);
	help_close(&h);
	help_must_open(&h);
	cr_assert_eq(ledger_cursor(h.ledger, NULL), 20);
	help_end(&h);
}

/* One of two that start at the same moment: says what it got, and holds on until it is killed. */
static void racer(struct help *h, const int gate[2], int out)
{
	enum ledger_fault fault;
	char byte;

	close(gate[1]);
	if (read(gate[0], &byte, 1) != 0) /* the gate opens when nobody holds its other end */
		_exit(1);
	fault = help_open(h, true);
	if (write(out, &fault, sizeof(fault)) != sizeof(fault))
		_exit(1);
	pause();
}

/* Rows: P13 P14 */
Test(crash, of_two_at_once_one_opens_and_a_kill_frees_the_lock)
{
	uint32_t rounds = help_count("RACES", RACES);
	struct help h = help_start();

	for (uint32_t i = 0; i < rounds; i++) {
		int gate[2], out[2], status, winners = 0, busy = 0;
		pid_t pid[2];

		cr_assert_eq(pipe(gate), 0);
		cr_assert_eq(pipe(out), 0);
		for (int k = 0; k < 2; k++) {
			pid[k] = fork();
			if (pid[k] == 0)
				racer(&h, gate, out[1]);
		}
		close(gate[0]);
		close(gate[1]);
		for (int k = 0; k < 2; k++) {
			enum ledger_fault fault;

			cr_assert_eq(read(out[0], &fault, sizeof(fault)), (ssize_t)sizeof(fault));
			winners += fault == LEDGER_SOUND;
			busy += fault == LEDGER_BUSY;
		}
		cr_assert_eq(winners, 1, "round %u: %d opened it", i, winners);
		cr_assert_eq(busy, 1);
		for (int k = 0; k < 2; k++)
			kill(pid[k], SIGKILL);
		for (int k = 0; k < 2; k++)
			waitpid(pid[k], &status, 0);
		help_must_open(&h);
		help_close(&h);
		close(out[0]);
		close(out[1]);
	}
	help_end(&h);
}
