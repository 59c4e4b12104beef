/*
 * A job of twenty messages that dies at every event of its life (reliability.md P1, P21):
 *
 *     every_event [--both] [MODE [EVENT]]        copy, forward, stream; default: all, at every event
 *
 * The job runs once. Before each event of its world (a turn of the client or of the servers, or the next
 * moment at which anything arrives or is due) a copy of the whole world is made by fork(). There the
 * process dies, by turns as by SIGKILL and as by a power loss (--both: in two copies), another one goes on,
 * and the target must be the source. And the power goes at each step of the disk, which are inside a turn.
 * Nothing lists the events: whatever a turn comes to do is one of them.
 */
#include "tests/sim/whole_client.h"

#include "engine/clone/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORLD "messages=20,photos=2,docs=1x20KB,albums=1,topics=0,seed=7"

static const uint64_t MS = 1000000, SECOND = 1000000000;

enum { NEVER = 3 }; /* status of a child: the job was done before it could die */

struct job {
	struct scenario s;
	struct simworld *world;
	struct disk *disk;
	struct telegram *telegram;
	struct client client;
	const char *mode;
	const char *death; /* of this copy; NULL: it lives */
	uint64_t at;       /* the event or step at which it comes */
};

/* The mode and the number of an event are what repeats its deaths. */
static void give_up(const struct job *j, const char *why)
{
	printf("FAILED %s, %s at %" PRIu64 ": %s %s\n", j->mode, j->death != NULL ? j->death : "no death",
	       j->at, why, j->client.why);
	fflush(stdout);
	_exit(1);
}

static void begin(struct job *j, const char *mode, enum plan_mode plan)
{
	struct sim_options o = {.seed = 5};

	*j = (struct job){.mode = mode,
			  .s = {.seed = 5,
				.mode = (int)plan,
				.rsa = telegram_key(),
				.commit_ns = 20 * MS,
				.links = 2,
				.inflight = 2,
				.chunks = 8}};
	snprintf(j->s.synth, sizeof(j->s.synth), "%s", WORLD);
	sim_net_init(&o.net);
	j->world = simworld_open(&o);
	j->disk = disk_open(j->s.seed);
	j->telegram = telegram_open(j->world, &j->s);
	client_init(&j->client, j->world, &j->s, j->telegram, j->disk);
	if (!client_start(&j->client) || !client_login(&j->client))
		give_up(j, "no login");
}

/* Everybody's next thing. False: the clone ended. */
static bool go(struct job *j)
{
	if (simhost_ready(j->client.ring) && !client_turn(&j->client))
		return false;
	if (j->client.dead)
		give_up(j, "the account died");
	if (simworld_turn(j->world) == 0 && !simhost_ready(j->client.ring) && !simworld_step(j->world))
		give_up(j, "nothing will ever happen again");
	return true;
}

static void compare(struct job *j)
{
	uint32_t a_count, b_count;
	char *a = telegram_dump(j->telegram, 0, &a_count), *b = telegram_dump(j->telegram, 1, &b_count);
	const char *left = client_left(&j->client);

	if (j->client.status != CLONE_DONE)
		give_up(j, clone_why(j->client.clone));
	if (a_count == 0 || strcmp(a, b) != 0)
		give_up(j, "the target is not the source");
	if (left != NULL)
		give_up(j, left);
	free(a);
	free(b);
}

static void finish(struct job *j)
{
	uint64_t until = simworld_now(j->world) + 3600 * SECOND;

	while (go(j))
		if (simworld_now(j->world) > until)
			give_up(j, "it does not end");
	compare(j);
}

static void pass(struct job *j, uint64_t ns)
{
	uint64_t until = simworld_now(j->world) + ns;

	while (simworld_now(j->world) < until)
		if (simworld_turn(j->world) == 0 && !simworld_step(j->world))
			return;
}

/*
 * The process is gone. After a kill the next one begins at once, what was on its way is so still, and the
 * server's memory of random_ids is the guard. After a power loss the server has none, all has arrived, and
 * what the next one finds in the target must be enough.
 */
static void die(struct job *j)
{
	client_kill(&j->client);
	if (j->s.disk == DISK_POWER) {
		telegram_control(j->telegram, "knob random-id-forget 1");
		pass(j, 2 * SECOND);
	}
	if (!client_start(&j->client))
		give_up(j, "no second life");
	finish(j);
	_exit(0);
}

/* ---- the copies ---- */

/* 0, or what the copy ended with; a signal is a failure as any other. */
static int wait_for(const struct job *j, pid_t pid)
{
	int status;

	check(waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	printf("FAILED %s at %" PRIu64 ": signal %d\n", j->mode, j->at, WTERMSIG(status));
	return 1;
}

static pid_t copy(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	check(pid >= 0);
	return pid;
}

static bool dies_here(struct job *j, enum disk_death disk)
{
	pid_t pid = copy();

	if (pid == 0) {
		j->s.disk = disk;
		j->death = disk == DISK_POWER ? "a power loss" : "a kill";
		die(j);
	}
	return wait_for(j, pid) == 0;
}

/* The power goes at that step of the disk, whatever the turn had yet to do: 0, NEVER or a failure. */
static int dies_at_step(struct job *j)
{
	pid_t pid = copy();

	if (pid != 0)
		return wait_for(j, pid);
	j->s.disk = DISK_POWER;
	j->death = "a power loss inside a turn";
	disk_fail(j->disk, &(struct disk_faults){.cut_at = j->at});
	while (!disk_dead(j->disk))
		if (!go(j) && !disk_dead(j->disk))
			_exit(NEVER);
	die(j);
	return 0;
}

/* Failures. */
static uint32_t at_each_step(struct job *j, uint64_t *steps)
{
	uint32_t failed = 0;
	int status;

	for (j->at = 1; (status = dies_at_step(j)) != NEVER; j->at++)
		failed += status != 0;
	*steps = j->at - 1;
	return failed;
}

static uint32_t at_each_event(struct job *j, bool both, uint64_t only)
{
	uint32_t failed = 0;

	j->at = 0;
	do {
		j->at++;
		if (only != 0 && j->at != only)
			continue;
		if (both || j->at % 2 == 0)
			failed += !dies_here(j, DISK_KILL);
		if (both || j->at % 2 != 0)
			failed += !dies_here(j, DISK_POWER);
	} while (go(j));
	compare(j);
	return failed;
}

/* Rows: P1 P6 P21 I1 I2 I3 I4 */
static bool run(const char *mode, enum plan_mode plan, bool both, uint64_t only)
{
	uint64_t steps = 0, first;
	uint32_t failed = 0;
	struct job j;

	begin(&j, mode, plan);
	first = simworld_events(j.world);
	if (only == 0)
		failed += at_each_step(&j, &steps);
	failed += at_each_event(&j, both, only);
	printf("%s: dead before each of %" PRIu64 " turns (%" PRIu64 " events of the world) and at %" PRIu64
	       " steps of the disk: %u failed\n",
	       mode, j.at, simworld_events(j.world) - first, steps, failed);
	client_close(&j.client);
	/* A job that is over at once would prove nothing. */
	return failed == 0 && (only != 0 || (j.at > 200 && steps > 50));
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		enum plan_mode plan;
	} modes[] = {{"copy", PLAN_COPY}, {"forward", PLAN_FORWARD}, {"stream", PLAN_STREAM}};
	bool both = argc > 1 && strcmp(argv[1], "--both") == 0, good = true;
	uint64_t only;

	argc -= both;
	argv += both;
	only = argc < 3 ? 0 : strtoull(argv[2], NULL, 10);
	for (size_t i = 0; i < countof(modes); i++)
		if (argc < 2 || strcmp(argv[1], modes[i].name) == 0)
			good &= run(modes[i].name, modes[i].plan, both || only != 0, only);
	return good ? 0 : 1;
}
