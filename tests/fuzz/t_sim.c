/*
 * Fuzz target: the whole program in virtual time (tests/sim). The input is a schedule and its faults:
 * how big the source is, what the network, the server and the disk do wrong, when the client is killed,
 * and steps that happen at their time. Faults come until the schedule's end; then the clone must get
 * done, and the target must be the source.
 *
 * Each input runs in a process of its own, as a killed client gives no memory back. What it reached is
 * handed to the fuzzer by a copy of the compiler's counters.
 */
#include "tests/fuzz/counters.h"
#include "tests/sim/whole_client.h"
#include "tests/vectors/keys.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEPS_MAX = 32, FAILED = 99, PROCESSOR_S = 60 };

static const uint64_t MS = 1000000, SECOND = 1000000000;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- the input ---- */

struct bytes {
	const uint8_t *at, *end;
};

static uint8_t byte(struct bytes *b)
{
	return b->at < b->end ? *b->at++ : 0;
}

/* 0 .. most */
static uint64_t upto(struct bytes *b, uint64_t most)
{
	return byte(b) * most / 255;
}

static const char *const knobs[] = {
    "random-id-forget=1", "random-id=duplicate", "random-id-busy=2", "media-first=1",
    "part-false=2",	  "short-read=2",	 "part-lose=1",	     "history-slice=1",
};

/* How often is the input's. */
static const char *const faults[] = {
    "drop:",
    "reset:",
    "salt:",
    "duplicate:",
    "quickack:",
    "update:",
    "forget:",
    "badmsg:code=16,",
    "badmsg:code=32,",
    "error:method=messages.send*,code=500,text=RPC_CALL_FAIL,",
    "error:method=messages.send*,code=420,text=FLOOD_WAIT_3,",
    "error:method=messages.forwardMessages,code=500,text=TIMEOUT,",
    "error:method=upload.getFile,code=400,text=FILE_REFERENCE_EXPIRED,",
    "error:method=upload.getFile,code=420,text=FLOOD_WAIT_2,",
    "error:method=upload.save*,code=500,text=TIMEOUT,",
    "silence:method=messages.send*,",
    "silence:method=messages.send*,before=1,",
    "silence:method=upload.getFile,",
    "delay:method=messages.*,ms=20000,",
};

static void read_net(struct bytes *b, struct sim_net *n)
{
	/* Faults that end a connection leave room for work between them. */
	static const uint32_t most[SIM_FAULTS] = {
	    [SIM_REFUSE] = 300000, [SIM_SWALLOW] = 100000, [SIM_SLOW] = 20000,
	    [SIM_RESET] = 500000,  [SIM_END] = 500000,	   [SIM_VANISH] = 100000,
	    [SIM_ONE_WAY] = 50000, [SIM_SEGMENT] = 300000, [SIM_STALL] = 10000,
	    [SIM_FLIP] = 20000,	   [SIM_SHORT] = 500000,   [SIM_LATE] = 300000,
	};

	sim_net_init(n);
	n->delay_min_ns = 1 + upto(b, 50) * MS;
	n->delay_max_ns = n->delay_min_ns + upto(b, 200) * MS;
	n->buffer = 4096u << byte(b) % 9;
	n->reach = 1024u << byte(b) % 16;
	for (int i = 0; i < SIM_FAULTS; i++)
		n->rate[i] = (uint32_t)upto(b, most[i]);
}

static struct death read_death(struct bytes *b)
{
	uint8_t at = byte(b), after = byte(b);

	/* Close behind a step of the work, or at any time. */
	if (at % MOMENTS == AT_TIME)
		return (struct death){AT_TIME, 1, 5 * MS + after * 10 * MS};
	return (struct death){(enum moment)(at % MOMENTS), 1u + at / MOMENTS % 6,
			      (UINT64_C(1) << after % 31) + after};
}

static void read_scenario(struct bytes *b, struct scenario *s)
{
	static const enum plan_mode modes[] = {PLAN_FORWARD, PLAN_COPY, PLAN_STREAM};
	uint32_t albums, photos, docs;
	uint8_t set;

	s->seed = byte(b) + 1;
	albums = byte(b) % 2;
	photos = 2 * albums + byte(b) % 3;
	docs = byte(b) % 3;
	snprintf(s->synth, sizeof(s->synth), "messages=%u,photos=%u,docs=%ux%uKB,albums=%u,seed=%u",
		 photos + docs + 2 + byte(b) % 12, photos, docs, 1 + byte(b) * 8u, albums,
		 1u + byte(b) % 8);
	s->mode = modes[byte(b) % countof(modes)];
	s->disk = byte(b) & 1 ? DISK_POWER : DISK_KILL;
	s->unpaced = byte(b) & 1;
	s->commit_ns = MS + upto(b, 50) * MS;
	s->links = 1 + byte(b) % 3;
	s->inflight = 1 + byte(b) % 4;
	s->chunks = 2 + byte(b) % 12;
	s->calm_ns = (1 + upto(b, 120)) * SECOND;
	read_net(b, &s->net);
	set = byte(b);
	for (size_t i = 0; i < countof(knobs); i++)
		if (set & 1u << i)
			s->knobs[s->knob_count++] = knobs[i];
	for (uint32_t n = byte(b) % (WHOLE_FAULTS + 1); s->fault_count < n; s->fault_count++) {
		const char *kind = faults[byte(b) % countof(faults)];

		snprintf(s->faults[s->fault_count], sizeof(s->faults[0]), "%srate=0.%02u", kind,
			 1u + byte(b) % 5);
	}
	for (uint32_t n = byte(b) % (WHOLE_KILLS + 1); s->death_count < n; s->death_count++)
		s->deaths[s->death_count] = read_death(b);
	/* A server that never hears of a death takes the next life for a copied session file. */
	if (s->death_count > 0)
		s->net.rate[SIM_VANISH] = s->net.rate[SIM_ONE_WAY] = 0;
}

/* ---- one run ---- */

struct run {
	struct scenario s;
	struct bytes rest; /* steps: when after the last one, what */
	struct simworld *world;
	struct telegram *telegram;
	struct disk *disk;
	struct client client;
	uint64_t calm_ns, step_ns;
	uint32_t steps;
	bool calm;
};

static void fail(const struct run *r, const char *what)
{
	fprintf(stderr, "t_sim: at %.3f s: %s (%s)\n", (double)simworld_now(r->world) / 1e9, what,
		r->client.why);
	_exit(FAILED);
}

static void calm_down(struct run *r)
{
	r->calm = true;
	simworld_calm(r->world);
	telegram_calm(r->telegram);
}

static void reset_all(struct run *r)
{
	for (uint32_t i = 0; i < WHOLE_DCS; i++) {
		struct sockaddr_in at = {.sin_family = AF_INET};
		uint16_t port;

		telegram_dc(r->telegram, i, &port);
		at.sin_port = htons(port);
		at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		simworld_reset(r->world, (const struct sockaddr *)&at);
	}
}

static void step(struct run *r)
{
	uint8_t what = byte(&r->rest);

	r->step_ns = simworld_now(r->world) + (1 + (uint64_t)byte(&r->rest)) * 20 * MS;
	if (r->rest.at == r->rest.end || ++r->steps > STEPS_MAX)
		r->step_ns = UINT64_MAX;
	switch (what % 4) {
	case 0:
		reset_all(r);
		break;
	case 1:
		simhost_suspend(r->client.ring, (1 + (uint64_t)(what >> 2)) * SECOND);
		break;
	case 2:
		simworld_net(r->world)->rate[(what >> 2) % SIM_FAULTS] /= 2;
		break;
	default:
		simworld_net(r->world)->delay_max_ns += (uint64_t)(what >> 2) * MS;
		break;
	}
}

/* Watches for the moment that a life ends at; the time of it is in until then. */
static void approach(struct run *r, struct death *d, bool *there, uint64_t *until)
{
	bool is = client_is(&r->client, d->at);

	if (is && !*there && --d->nth == 0)
		*until = simworld_now(r->world) + d->ns;
	*there = is;
}

/* Until the clone ends, or until its death when there is one: true then. */
static bool live(struct run *r, const struct death *death)
{
	struct death d = death != NULL ? *death : (struct death){.nth = 0};
	uint64_t until = r->calm_ns + 6 * 3600 * SECOND;
	bool there = false;

	while (simworld_now(r->world) < until) {
		if (!r->calm && simworld_now(r->world) >= r->calm_ns)
			calm_down(r);
		if (!r->calm && simworld_now(r->world) >= r->step_ns)
			step(r);
		if (simhost_ready(r->client.ring) && !client_turn(&r->client))
			return false;
		if (d.nth > 0)
			approach(r, &d, &there, &until);
		if (r->client.dead)
			fail(r, "the account died");
		if (simworld_turn(r->world) == 0 && !simhost_ready(r->client.ring) &&
		    !simworld_step(r->world))
			fail(r, "nothing will ever happen again");
	}
	return death != NULL && d.nth == 0;
}

static void compare(struct run *r)
{
	uint32_t source_count, target_count;
	char *source = telegram_dump(r->telegram, 0, &source_count);
	char *target = telegram_dump(r->telegram, 1, &target_count);

	if (strcmp(source, target) != 0)
		fail(r, "the target is not the source");
	free(source);
	free(target);
}

static void start(struct run *r)
{
	struct sim_options o = {.seed = r->s.seed};

	sim_net_init(&o.net); /* the login is not what is tested */
	r->world = simworld_open(&o);
	r->disk = disk_open(r->s.seed);
	r->telegram = telegram_open(r->world, &r->s);
	client_init(&r->client, r->world, &r->s, r->telegram, r->disk);
	if (!client_start(&r->client) || !client_login(&r->client))
		fail(r, "no login");
	*simworld_net(r->world) = r->s.net;
	r->calm_ns = simworld_now(r->world) + r->s.calm_ns;
	r->step_ns = r->rest.at < r->rest.end ? simworld_now(r->world) : UINT64_MAX;
}

static void run(struct run *r)
{
	start(r);
	for (uint32_t i = 0; i < r->s.death_count && live(r, &r->s.deaths[i]); i++) {
		client_kill(&r->client);
		if (!client_start(&r->client))
			fail(r, "the ledger cannot be opened again");
	}
	if (r->client.status == CLONE_RUNNING)
		live(r, NULL);
	if (r->client.status == CLONE_RUNNING)
		fail(r, "it did not end");
	if (r->client.status != CLONE_DONE) {
		snprintf(r->client.why, sizeof(r->client.why), "status %d: %.150s",
			 (int)r->client.status, clone_why(r->client.clone));
		fail(r, "the clone gave up");
	}
	compare(r);
}

/* ---- in a process of its own ---- */

static void run_in_child(const uint8_t *data, size_t size, struct rsa_private *rsa, uint8_t *shared)
{
	/* However busy the machine is. What waits and does nothing is libFuzzer's to notice. */
	static const struct rlimit most = {PROCESSOR_S, PROCESSOR_S};
	uint8_t *counted;
	size_t len = counters(&counted);
	struct run *r = calloc(1, sizeof(*r));

	/* The fuzzer's own handlers are the parent's. */
	signal(SIGABRT, SIG_DFL);
	signal(SIGSEGV, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	check(r != NULL && setrlimit(RLIMIT_CPU, &most) == 0);
	r->rest = (struct bytes){data, data + size};
	r->s.rsa = rsa;
	read_scenario(&r->rest, &r->s);
	run(r);
	if (len > 0)
		memcpy(shared, counted, len);
	_exit(0);
}

/*
 * libFuzzer's watch over memory is a thread that starts while the first input runs: a process that is forked at that
 * moment gets locks that nobody in it gives back, and hangs. It watches this process alone, where nothing grows.
 */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char no_thread[] = "-rss_limit_mb=0";
	static char **all;

	all = calloc((size_t)*argc + 2, sizeof(*all));
	check(all != NULL);
	memcpy(all, *argv, (size_t)*argc * sizeof(*all));
	all[(*argc)++] = no_thread; /* the last one counts */
	*argv = all;
	return 0;
}

/* Rows: I1 I2 I3 I4 I7 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char pem[] = VEC_TEST_KEY_PRIVATE_PEM;
	static struct rsa_private *rsa; /* once for all inputs, as the memory that is shared */
	static uint8_t *shared;
	uint8_t *counted;
	size_t len = counters(&counted);
	pid_t pid, ended;
	int status;

	if (rsa == NULL) {
		rsa = rsa_private_from_pem(cspan_str(pem));
		shared = mmap(NULL, len + 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	}
	check(rsa != NULL && shared != MAP_FAILED);
	pid = fork();
	check(pid >= 0);
	if (pid == 0)
		run_in_child(data, size, rsa, shared);
	/* The fuzzer's timer interrupts. */
	do
		ended = waitpid(pid, &status, 0);
	while (ended < 0 && errno == EINTR);
	check(ended == pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		abort();
	if (len > 0)
		memcpy(counted, shared, len);
	return 0;
}
