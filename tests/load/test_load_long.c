/*
 * Jobs that are long in virtual time: very many messages and bytes with everything that can go wrong
 * (L1), a day with a death every ten minutes (L4), a week (L7). What meson runs is small; the sizes of
 * the checklist are by hand, in a release build, each with a seed in SEED:
 *
 *     LOAD_MESSAGES=100000 test_load_long --filter=load_long/many_messages_by_reference
 *     LOAD_MESSAGES=100000 test_load_long --filter=load_long/many_messages_by_bytes
 *     LOAD_HOURS=24 test_load_long --filter=load_long/a_day_of_faults_and_deaths
 *     LOAD_HOURS=168 LOAD_MESSAGES=10000 test_load_long --filter=load_long/a_week*
 *
 * They tell what happened, and what the process held at several points.
 */
#include "tests/load/long.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SYNTH = 256 };

static const uint64_t MS = 1000000, SECOND = 1000000000, HOUR = 3600 * UINT64_C(1000000000);

static uint64_t size_of(const char *name, uint64_t usual)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 10) : usual;
}

static struct long_job *new_job(uint64_t seed)
{
	struct long_job *j = calloc(1, sizeof(*j));

	cr_assert_not_null(j);
	j->t.s.seed = size_of("SEED", seed);
	return j;
}

/* ---- L1 ---- */

/* A tenth of them photos, some in albums, and of every other kind; video and docs as large as told. */
static void mixed(char out[SYNTH], uint64_t messages, const char *video, const char *doc)
{
	uint64_t k = messages / 100, seed = size_of("SEED", 3);
	int len = snprintf(out, SYNTH,
			   "messages=%" PRIu64 ",photos=%" PRIu64 ",albums=%" PRIu64 ",voice=%" PRIu64
			   "x20KB,audio=%" PRIu64 "x200KB,gifs=%" PRIu64 "x50KB,video=%" PRIu64
			   "x%s,docs=%" PRIu64 "x%s,topics=0,seed=%" PRIu64,
			   messages, 10 * k, 2 * k, k, k, k, k, video, 2 * k, doc, seed);

	cr_assert_lt(len, SYNTH);
}

static void everything_goes_wrong(struct long_job *j, uint64_t messages)
{
	j->post_ns = 3 * SECOND;
	j->t.s.commit_ns = 400 * MS;
	j->rate = 0.003;
	j->net_rate = 3000;
	j->death_ns = 400 * SECOND;
	j->moments = j->knobs = j->jumps = true;
	j->look_every = messages / 8;
}

/* Every kind of fault, and every moment to die at, when there were enough of each. */
static void all_happened(const struct long_job *j)
{
	for (int i = 0; i < (j->t.s.mode == PLAN_STREAM ? MOMENTS : AT_PARTS); i++)
		cr_assert(j->lives < 200 || j->died[i] > 0, "%s", moment_name((enum moment)i));
	for (int i = 0; i < SIM_FAULTS; i++)
		cr_assert(j->lives < 2000 || j->net_fired[i] > 0, "%s", sim_fault_name((enum sim_fault)i));
}

/* Terabytes that nobody moves: two videos of 2 GB and four documents of 1 GB in 200 messages. */
/* Rows: L1 */
Test(load_long, many_messages_by_reference, .timeout = 36000)
{
	uint64_t messages = size_of("LOAD_MESSAGES", 600);
	struct long_job *j = new_job(11);
	char synth[SYNTH];

	mixed(synth, messages, "2GB", "1GB");
	everything_goes_wrong(j, messages);
	j->references = true;
	long_begin(j, PLAN_FORWARD, synth);
	long_finish(j, messages * 10 * SECOND + 24 * HOUR);
	long_tell(j, "by reference");
	long_flat(j);
	all_happened(j);
}

/* The same with a hundredth of the sizes, and every byte goes through the program. */
/* Rows: L1 */
Test(load_long, many_messages_by_bytes, .timeout = 36000)
{
	uint64_t messages = size_of("LOAD_MESSAGES", 300);
	struct long_job *j = new_job(12);
	bool full = messages > 1000;
	char synth[SYNTH];

	/* Small files start over after a death, larger ones are continued: both are there. */
	mixed(synth, messages, full ? "20MB" : "11MB", full ? "10MB" : "600KB");
	everything_goes_wrong(j, messages);
	j->t.s.links = j->t.s.inflight = 3;
	j->t.s.chunks = 12;
	long_begin(j, PLAN_STREAM, synth);
	long_finish(j, messages * 10 * SECOND + 24 * HOUR);
	long_tell(j, "by bytes");
	long_flat(j);
	all_happened(j);
}

/* ---- L4 ---- */

/* One in a hundred of each thing that can go wrong does; every ten minutes the process is killed. */
/* Rows: L4 */
Test(load_long, a_day_of_faults_and_deaths, .timeout = 36000)
{
	uint64_t hours = size_of("LOAD_HOURS", 2), messages = hours * 3600 / 30;
	struct long_job *j = new_job(21);
	char synth[SYNTH];

	j->post_ns = 30 * SECOND;
	j->t.s.commit_ns = 250 * MS;
	j->rate = 0.01;
	j->net_rate = 10000;
	j->death_ns = 600 * SECOND;
	j->knobs = true;
	mixed(synth, messages, "1MB", "700KB");
	long_begin(j, PLAN_STREAM, synth);
	long_finish(j, 2 * hours * HOUR);
	long_tell(j, "a day");
	cr_assert_geq(j->took_ns, hours * HOUR - 600 * SECOND, "it is as long as it says");
	cr_assert_geq(j->died[AT_TIME], hours * 6 - 1);
	long_flat(j);
}

/* ---- L7 ---- */

struct week {
	uint64_t salt, salts; /* in use; how often another one was */
	uint64_t days; /* halves of them */
	uint64_t key, keys, key_ns, key_ns_most; /* in use; how many; since when, and the longest */
};

static void watch_key(struct week *w, uint64_t key, uint64_t now)
{
	if (key != w->key) {
		w->keys++;
		w->key = key;
		w->key_ns = now;
	}
	if (now - w->key_ns > w->key_ns_most)
		w->key_ns_most = now - w->key_ns;
}

/* Salts change by themselves every half hour; twice a day all file references do. */
static void watch_week(struct long_job *j, void *arg)
{
	struct week *w = arg;
	uint64_t salt = client_salt(&j->t.client);

	w->salts += salt != w->salt;
	w->salt = salt;
	watch_key(w, client_key(&j->t.client), simworld_now(j->t.world));
	if (simworld_now(j->t.world) < j->begun_ns + w->days * 12 * HOUR)
		return;
	w->days++;
	telegram_control(j->t.telegram, "expire");
}

/* But that a salt may change while a message is on its way. */
static void no_rule_was_broken(struct long_job *j)
{
	const char *stats = telegram_control(j->t.telegram, "stats");
	const char *rules = strstr(stats, "\"violations\":{");
	const char *end = rules != NULL ? strchr(rules, '}') : NULL;

	cr_assert(end != NULL);
	rules = strchr(rules, '{') + 1;
	cr_assert(rules == end || (strncmp(rules, "\"bad_salt_48\":", 14) == 0 &&
				   memchr(rules, ',', (size_t)(end - rules)) == NULL),
		  "%.*s", (int)(end - rules), rules);
}

/*
 * A message now and then for a week, without a death: salts go by, connections of files are closed
 * for want of work and made again. The keys stay unless they are temporary ones.
 */
static void week(struct long_job *j, struct week *w, uint64_t hours)
{
	uint64_t messages = size_of("LOAD_MESSAGES", 120);
	char synth[SYNTH];

	j->post_ns = hours * HOUR / messages;
	j->t.s.commit_ns = 10 * SECOND;
	j->watch = watch_week;
	j->watch_arg = w;
	j->look_every = messages / 10;
	mixed(synth, messages, "1MB", "700KB");
	long_begin(j, PLAN_STREAM, synth);
	long_finish(j, 2 * hours * HOUR);
	long_tell(j, "a week");
	cr_assert_geq(j->took_ns, hours * HOUR - j->post_ns * 20);
	no_rule_was_broken(j);
	long_flat(j);
}

/* Rows: L7 */
Test(load_long, a_week, .timeout = 36000)
{
	uint64_t hours = size_of("LOAD_HOURS", 48);
	struct long_job *j = new_job(31);
	struct week w = {0};

	week(j, &w, hours);
	fprintf(stderr, "  salts: %" PRIu64 "\n", w.salts);
	cr_assert_geq(w.salts, 2 * hours - hours / 10, "%" PRIu64 " salts", w.salts);
}

/* The same, and no key lives for more than a day: each is renewed an hour before its end. */
/* Rows: L7 X10 */
Test(load_long, a_week_under_temporary_keys, .timeout = 36000)
{
	uint64_t hours = size_of("LOAD_HOURS", 48);
	struct long_job *j = new_job(33);
	struct net_stats stats;
	struct week w = {0};

	j->t.s.pfs = true;
	week(j, &w, hours);
	net_stats(j->t.client.net, &stats);
	fprintf(stderr, "  keys: %" PRIu64 " of the main session, for %.1f h at most, %" PRIu64 " in all\n",
		w.keys, (double)w.key_ns_most / (double)HOUR, stats.bindings);
	cr_assert_geq(w.keys, hours / 24 + 1);
	cr_assert_leq(w.key_ns_most, 24 * HOUR);
	cr_assert_geq(stats.bindings, w.keys);
	cr_assert_geq(w.salts, 2 * hours - hours / 10, "%" PRIu64 " salts", w.salts);
}

/* At this pace they lie half an hour before each attempt: that they are stale is nobody's fault. */
static void stale_at_each_slot(enum plan_mode mode)
{
	struct long_job *j = new_job(32);

	j->post_ns = 1800 * SECOND;
	j->t.s.commit_ns = SECOND;
	snprintf(j->t.s.faults[j->t.s.fault_count++], sizeof(j->t.s.faults[0]),
		 "error:method=messages.sendMedia,code=400,text=FILE_REFERENCE_EXPIRED,count=6");
	long_begin(j, mode, "messages=3,photos=0,docs=1x20KB,albums=0,seed=5");
	long_finish(j, 24 * HOUR);
	cr_assert_eq(telegram_fired(j->t.telegram, 0), 6);
}

/* Rows: L7 */
Test(load_long, references_expire_while_a_slot_is_waited_for)
{
	stale_at_each_slot(PLAN_STREAM);
	stale_at_each_slot(PLAN_COPY);
}
