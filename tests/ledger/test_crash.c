/*
 * SIGKILL at random moments. A child works through a fixed list of records, closing and opening on
 * the way; it says through a pipe what it has handed in and through shared memory what it was told
 * is durable. What the ledger holds afterwards must be exactly the first n records of the list,
 * with n between the two. The next child goes on from there, so recovery is killed as well.
 */
#include "tests/ledger/ledger_help.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum {
	MESSAGES = 60,
	PAGE = 10,
	STEPS = 6,
	OPS = MESSAGES / PAGE * (1 + PAGE * STEPS),
	KILLS = 60
};

static uint64_t mix(uint64_t *seed)
{
	uint64_t z = (*seed += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static struct ledger_upload upload_of(int32_t id, uint8_t bits)
{
	struct ledger_upload u = {.source_id = id,
				  .file_id = id * 1000LL,
				  .size = 2LL << 30,
				  .part_size = 524288,
				  .part_total = 4096};

	u.bitmap[0] = bits;
	return u;
}

/* Record number n of the list: a page, or one step (F2, F3, F4, F5, F6, F7) of one message. */
static void hand_in(struct help *h, uint32_t n)
{
	uint32_t page = n / (1 + PAGE * STEPS), at = n % (1 + PAGE * STEPS);
	int32_t id = (int32_t)(page * PAGE + 1 + (at - 1) / STEPS);
	struct ledger_upload u;
	struct ledger_row r;

	if (at == 0) {
		help_plan(h, (int32_t)(page * PAGE + 1), PAGE);
		return;
	}
	switch ((at - 1) % STEPS) {
	case 0:
	case 1:
		u = upload_of(id, (at - 1) % STEPS == 0 ? 0 : 0xff);
		ledger_upload_put(h->ledger, &u);
		return;
	case 2:
		r = help_row(id, ROW_UPLOADED);
		ledger_put(h->ledger, &r);
		return;
	case 3:
		r = help_row(id, ROW_SENDING);
		ledger_intent(h->ledger, &r, 1, 5000 + id);
		return;
	default:
		r = help_row(id, (at - 1) % STEPS == 4 ? ROW_SENT : ROW_DONE);
		r.target_id = 5001 + id;
		if (r.state == ROW_SENT)
			ledger_sent(h->ledger, &r, 1);
		else
			ledger_put(h->ledger, &r);
	}
}

/* What the ledger must say of message id after the first n records. */
static enum row_state state_after(uint32_t n, int32_t id, int *upload)
{
	uint32_t page = (uint32_t)(id - 1) / PAGE, in_page = (uint32_t)(id - 1) % PAGE;
	uint32_t first = page * (1 + PAGE * STEPS) + 1 + in_page * STEPS;
	uint32_t steps = n <= first ? 0 : n - first;

	*upload = steps == 0 ? -1 : steps == 1 ? 0 : 0xff;
	return steps < 3    ? ROW_PLANNED
	       : steps == 3 ? ROW_UPLOADED
	       : steps == 4 ? ROW_SENDING
	       : steps == 5 ? ROW_SENT
			    : ROW_DONE;
}

static bool holds_first(struct help *h, uint32_t n)
{
	uint32_t pages = (n + PAGE * STEPS) / (1 + PAGE * STEPS);
	struct ledger_upload u;
	struct ledger_row r;
	int bits, watermark = 0;

	if (ledger_cursor(h->ledger, NULL) != (int32_t)(pages * PAGE))
		return false;
	for (int32_t id = 1; id <= MESSAGES; id++) {
		bool there = ledger_find(h->ledger, id, &r);

		if (there != (id <= (int32_t)(pages * PAGE)))
			return false;
		if (!there)
			continue;
		if (r.state != state_after(n, id, &bits))
			return false;
		if (r.state >= ROW_SENT && r.target_id != 5001 + id)
			return false;
		if (r.state >= ROW_SENDING)
			watermark = 5000 + id;
		if (ledger_upload_find(h->ledger, id, 0, &u) != (bits >= 0))
			return false;
		if (bits >= 0 && u.bitmap[0] != bits)
			return false;
	}
	return ledger_watermark(h->ledger) == watermark;
}

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

	for (int k = 0; k < KILLS; k++) {
		issued = run_and_kill(&h, n, (uint32_t)(mix(&seed) % 30), mix(&seed), durable);
		help_must_open(&h);
		for (n = *durable; n <= issued && !holds_first(&h, n); n++)
			;
		cr_assert_leq(n, issued, "kill %d: no prefix of the list, durable %u, issued %u", k,
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

Test(crash, kill_at_any_moment_leaves_a_prefix)
{
	campaign(1);
}

Test(crash, kill_at_other_moments)
{
	campaign(20240607);
}

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
