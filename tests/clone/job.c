/* Opening, running and judging a job in virtual time: see job.h. */
#include "tests/clone/job.h"
#include "tests/clone/hand.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void adjust(void *arg, struct clone_options *o)
{
	const struct job *j = arg;

	if (j->o.part_size != 0)
		o->part_size = j->o.part_size;
	if (j->o.ahead != 0)
		o->ahead = j->o.ahead;
	o->max_wait_ns = j->o.max_wait_ns;
	o->rate_count = j->o.rate_count;
	o->interval_ns = j->o.interval_ns;
	o->learnt = j->o.learnt;
	o->from_id = j->o.from_id;
	o->to_id = j->o.to_id;
	o->limit = j->o.limit;
	o->plan.allow_protected = j->o.allow_protected;
	o->plan.source_protected = j->o.closed;
	o->plan.premium = j->o.premium;
	o->close_topics = j->o.topics > 0;
}

static uint32_t or_else(uint32_t wanted, uint32_t otherwise)
{
	return wanted != 0 ? wanted : otherwise;
}

void job_open(struct job *j, const struct job_options *o)
{
	struct sim_options world = {.seed = o->seed != 0 ? o->seed : 1};
	struct scenario *s = &j->scenario;
	struct rsa_private *rsa = j->scenario.rsa; /* of the job before this one */

	*j = (struct job){.o = *o};
	*s = (struct scenario){.seed = world.seed,
			       .mode = (int)o->mode,
			       .disk = DISK_KILL,
			       .topics = o->topics,
			       .target = o->target,
			       .commit_ns = 20000000,
			       .links = or_else(o->links, 2),
			       .inflight = or_else(o->inflight, 4),
			       .chunks = or_else(o->chunks, 12),
			       .rsa = rsa != NULL ? rsa : telegram_key()};
	for (size_t i = 0; i < countof(o->knobs) && o->knobs[i] != NULL; i++)
		s->knobs[s->knob_count++] = o->knobs[i];
	snprintf(s->synth, sizeof(s->synth), "%s", o->synth);
	sim_net_init(&world.net);
	s->net = world.net;
	j->world = simworld_open(&world);
	j->disk = disk_open(world.seed);
	j->telegram = telegram_open(j->world, s);
	client_init(&j->client, j->world, s, j->telegram, j->disk);
	if (o->saved)
		j->client.source = (struct chat_info){
		    .peer = {PEER_SELF, hand_self(j->telegram), 0}, .self = true};
	j->client.adjust = adjust;
	j->client.adjust_arg = j;
	cr_assert(client_start(&j->client), "%s", j->client.why);
	cr_assert(client_login(&j->client), "%s", j->client.why);
}

/* Something happens in the world. */
static void turn_world(struct job *j)
{
	if (simworld_turn(j->world) == 0 && !simhost_ready(j->client.ring))
		cr_assert(simworld_step(j->world), "nothing will ever happen again");
}

enum clone_status job_run(struct job *j, uint64_t most_ns)
{
	uint64_t until = simworld_now(j->world) + most_ns;

	while (simworld_now(j->world) < until && j->client.status == CLONE_RUNNING) {
		if (simhost_ready(j->client.ring) && !client_turn(&j->client))
			break;
		turn_world(j);
	}
	return j->client.status;
}

static void start_again(struct job *j)
{
	j->client.status = CLONE_RUNNING;
	j->client.dead = false;
	cr_assert(client_start(&j->client), "%s", j->client.why);
}

void job_kill(struct job *j)
{
	client_kill(&j->client);
	start_again(j);
}

static void woken(void *arg)
{
	*(bool *)arg = true;
}

/* The server lives on. */
static void pass(struct job *j, uint64_t ns)
{
	bool over = false;

	simworld_at(j->world, simworld_now(j->world) + ns, woken, &over);
	while (!over)
		if (simworld_turn(j->world) == 0)
			cr_assert(simworld_step(j->world));
}

void job_sleep(struct job *j, uint64_t ns)
{
	client_kill(&j->client);
	pass(j, ns);
	start_again(j);
}

void job_forget(struct job *j)
{
	client_kill(&j->client);
	j->disk = disk_open(j->scenario.seed + 1);
	j->client.disk = j->disk;
	start_again(j);
}

/* ---- the server ---- */

const char *job_ctl(struct job *j, const char *format, ...)
{
	const char *answer;
	char line[400];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	answer = telegram_control(j->telegram, line);
	cr_assert(strncmp(answer, "ok ", 3) == 0, "%s: %s", line, answer);
	return strchr(answer, '\n') + 1;
}

static json_t *stats(struct job *j)
{
	json_t *all = json_loads(job_ctl(j, "stats"), 0, NULL);

	cr_assert_not_null(all);
	return all;
}

uint64_t job_stat(struct job *j, const char *path)
{
	json_t *all = stats(j), *at = all;
	uint64_t value;
	char name[96];

	while (*path != '\0') {
		size_t n = strcspn(path, "/");

		snprintf(name, sizeof(name), "%.*s", (int)n, path);
		at = json_object_get(at, name);
		path += n + (path[n] == '/');
	}
	value = at == NULL ? 0 : (uint64_t)json_number_value(at);
	json_decref(all);
	return value;
}

static uint64_t sum_of(struct job *j, const char *field)
{
	json_t *all = stats(j), *method;
	uint64_t sum = 0;
	const char *name;

	json_object_foreach(json_object_get(all, "requests"), name, method)
		sum += (uint64_t)json_integer_value(json_object_get(method, field));
	json_decref(all);
	return sum;
}

uint64_t job_requests(struct job *j)
{
	return sum_of(j, "count");
}

uint64_t job_early(struct job *j)
{
	return sum_of(j, "early");
}

uint64_t job_fired(struct job *j, const char *kind)
{
	char path[96];

	snprintf(path, sizeof(path), "faults/fired/%s", kind);
	return job_stat(j, path);
}

void job_until(struct job *j, const char *kind, uint64_t count)
{
	for (int i = 0; i < 100000 && job_fired(j, kind) < count; i++)
		job_run(j, JOB_SECOND / 500);
	cr_assert_geq(job_fired(j, kind), count, "%s", kind);
}

void job_dies_unanswered(struct job *j, const char *method, uint32_t skip)
{
	job_ctl(j, "fault drop:method=%s,count=1,skip=%u", method, skip);
	job_until(j, "drop", 1);
	job_kill(j);
}

/* ---- judging ---- */

static void is_strict(struct job *j)
{
	json_t *all = stats(j), *violations = json_object_get(all, "violations");
	char *text;

	/* Salts that changed and clocks that were off are learnt in no other way. */
	json_object_del(violations, "bad_salt_48");
	json_object_del(violations, "msg_id_low_16");
	json_object_del(violations, "msg_id_high_17");
	text = json_dumps(violations, 0);
	cr_expect_eq(json_object_size(violations), 0, "%s", text);
	free(text);
	json_decref(all);
}

void job_is_complete(struct job *j)
{
	uint32_t a_count, b_count;
	char *a = telegram_dump(j->telegram, 0, &a_count);
	char *b = telegram_dump(j->telegram, 1, &b_count);
	size_t at = 0;
	char reason[64];

	cr_assert_eq(j->client.status, CLONE_DONE, "status %d: %s", j->client.status,
		     j->client.clone != NULL ? clone_why(j->client.clone) : "");
	while (a[at] != '\0' && a[at] == b[at])
		at++;
	while (at > 0 && a[at - 1] != '\n')
		at--;
	(void)job_skipped(j, reason);
	cr_assert_str_eq(a, b, "%u lines became %u; source: %.200s target: %.200s skipped: %s", a_count,
			 b_count, a + at, b + at, reason);
	free(a);
	free(b);
	cr_assert_eq(j->client.untrue, 0, "told before it was written");
	is_strict(j);
}

static void settle(struct job *j)
{
	while (ledger_turn(j->client.ledger))
		;
}

uint32_t job_skipped(struct job *j, char reason[64])
{
	struct ledger_row rows[64];
	uint32_t n, skipped = 0;
	int32_t after = 0;

	settle(j);
	reason[0] = '\0';
	while ((n = ledger_scan(j->client.ledger, after, rows, 64)) > 0) {
		for (uint32_t i = 0; i < n; i++) {
			if (rows[i].state != ROW_SKIPPED ||
			    strncmp(rows[i].reason, "service", 7) == 0)
				continue;
			snprintf(reason, 64, "%s", rows[i].reason);
			skipped++;
		}
		after = rows[n - 1].source_id;
	}
	return skipped;
}

void job_is_done(struct job *j, uint32_t skipped)
{
	char reason[64];
	uint32_t n = job_skipped(j, reason);

	cr_assert_eq(j->client.status, CLONE_DONE, "%d %s", j->client.status,
		     j->client.clone != NULL ? clone_why(j->client.clone) : "");
	cr_assert_eq(n, skipped, "%u skipped: %s", n, reason);
}

uint32_t job_lines(struct job *j, uint32_t chat)
{
	uint32_t lines;

	free(telegram_dump(j->telegram, chat, &lines));
	return lines;
}

uint32_t job_rows(struct job *j, enum row_state state)
{
	struct ledger_counts counts;

	settle(j);
	ledger_counts(j->client.ledger, &counts);
	return (uint32_t)counts.rows[state];
}

uint32_t job_adopted(struct job *j)
{
	struct ledger_row rows[64];
	uint32_t n, adopted = 0;
	int32_t after = 0;

	settle(j);
	while ((n = ledger_scan(j->client.ledger, after, rows, 64)) > 0) {
		for (uint32_t i = 0; i < n; i++)
			adopted += rows[i].adopted;
		after = rows[n - 1].source_id;
	}
	return adopted;
}

int32_t job_source_id(struct job *j, uint32_t i)
{
	struct ledger_row row;
	int32_t after = 0;

	settle(j);
	do {
		if (ledger_scan(j->client.ledger, after, &row, 1) != 1)
			return 0;
		after = row.source_id;
		if (row.state == ROW_SKIPPED && strncmp(row.reason, "service", 7) == 0)
			i++; /* not counted */
	} while (i-- > 0);
	return after;
}

uint64_t job_now(const struct job *j)
{
	return simworld_now(j->world);
}
