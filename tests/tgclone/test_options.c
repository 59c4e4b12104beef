/* Options: the table, the sources and their order, the bounds and what is said about them. */
#include "proto/base/check.h"
#include "tests/tgclone/help.h"
#include "tools/tgclone/exits.h"
#include "tools/tgclone/options_priv.h"

#include <fcntl.h>
#include <unistd.h>

enum { WORDS = 16 };

/* Splits at blanks; the words live in text. */
static int split(char *text, char **out)
{
	int n = 0;

	for (char *w = strtok(text, " "); w != NULL && n < WORDS - 1; w = strtok(NULL, " "))
		out[n++] = w;
	out[n] = NULL;
	return n;
}

struct asked {
	char flags[512], env[512];
	char *argv[WORDS], *envp[WORDS];
	struct options o;
	int rc;
};

/* Flags and environment as one text each, words separated by blanks. */
static void ask(struct asked *a, const char *command, const char *flags, const char *env)
{
	int argc;

	snprintf(a->flags, sizeof(a->flags), "%s", flags);
	snprintf(a->env, sizeof(a->env), "%s", env);
	argc = split(a->flags, a->argv);
	split(a->env, a->envp);
	a->rc = options_parse(&a->o, command, argc, a->argv, a->envp);
}

static void ask_ok(struct asked *a, const char *command, const char *flags, const char *env)
{
	ask(a, command, flags, env);
	cr_assert_eq(a->rc, 0, "%s %s: %s", flags, env, a->o.why);
}

static void expect_refused(const char *command, const char *flags, const char *env,
			   const char *says)
{
	struct asked a;

	ask(&a, command, flags, env);
	cr_assert_eq(a.rc, EXIT_USAGE, "%s %s %s was taken", command, flags, env);
	cr_assert(strstr(a.o.why, says) != NULL, "%s %s: says \"%s\"", flags, env, a.o.why);
	cr_assert_null(strchr(a.o.why, '\n'));
	options_fini(&a.o);
}

Test(options, every_row_of_the_table_is_whole)
{
	static const char *const wanted[] = {
	    "state-dir",       "profile",      "dc-config", "test",
	    "api-id",          "layer",        "mode",      "keep-author",
	    "allow-protected", "rate",         "interval",  "burst",
	    "ahead",           "buffer",       "memory",    "connections-down",
	    "connections-max", "connections-up",  "inflight",     "part-size", "io",
	    "transport",       "obfuscate",    "pfs",       "json",      "quiet",
	    "verbose",         "log",          "log-level", "progress",
	    "max-wait",        "max-offline",  "from",      "to",
	    "limit",           "generation",   "phone",     "password-fd",
	    "source-topic",    "target-topic", "dry-run",   "api-hash-fd",
	    "api-hash-file",   "config"};

	for (size_t i = 0; i < countof(wanted); i++)
		cr_assert_geq(option_find(wanted[i], strlen(wanted[i])), 0, "%s", wanted[i]);
	for (uint32_t i = 0; i < option_count; i++) {
		const struct option_spec *s = &option_table[i];

		cr_assert_eq(option_find(s->name, strlen(s->name)), (int)i, "%s twice", s->name);
		cr_assert(s->help != NULL && s->help[0] != 0 && s->commands != 0, "%s", s->name);
		cr_assert_lt(s->at, sizeof(struct options));
		cr_assert((s->arg == NULL) == (s->type == OPT_BOOL), "%s", s->name);
		cr_assert(s->type == OPT_CHOICE || s->min <= s->max, "%s", s->name);
		for (uint32_t k = 0; k < i; k++)
			cr_assert_neq(option_table[k].at, s->at, "%s and %s share a field", s->name,
				      option_table[k].name);
	}
}

Test(options, defaults_are_the_old_pace)
{
	struct asked a;

	ask_ok(&a, "clone", "", "");
	cr_assert_eq(a.o.rate.count, 20);
	cr_assert_eq(a.o.rate.unit_ns, 60000000000);
	cr_assert_eq(a.o.interval_ns, 3500000000);
	cr_assert_eq(a.o.buffer, 128 << 20);
	cr_assert_eq(a.o.password_fd, -1);
	cr_assert_eq(a.o.api_hash_fd, -1);
	cr_assert_str_eq(a.o.profile, "default");
	cr_assert_null(a.o.source);
	cr_assert_eq(options_layer(&a.o), 0);
	cr_assert_eq(options_origin(&a.o, "rate"), FROM_DEFAULT);
	options_fini(&a.o);
}

static void expect_links(const char *flags, int64_t first, int64_t most)
{
	struct option_links l;
	struct asked a;

	ask_ok(&a, "clone", flags, "");
	l = options_links(&a.o, a.o.links_down);
	cr_assert_eq(l.first, first, "%s: %d", flags, (int)l.first);
	cr_assert_eq(l.most, most, "%s: %d", flags, (int)l.most);
	options_fini(&a.o);
}

/* Few at first and more by themselves, unless a number is given: then that is it. */
Test(options, connections_by_themselves_or_a_number)
{
	expect_links("", 4, 8);
	expect_links("--connections-max 32", 4, 32);
	expect_links("--connections-max 3", 3, 3);
	expect_links("--connections-down auto --connections-up 9", 4, 8);
	expect_links("--connections-down 64 --connections-max 8", 64, 64);
	expect_links("--connections-down 1", 1, 1);
	expect_refused("clone", "--connections-down 0", "", "allowed 1..64, or auto");
	expect_refused("clone", "--connections-up 65", "", "allowed 1..64, or auto");
	expect_refused("clone", "--connections-up automatic", "", "allowed 1..64, or auto");
	expect_refused("clone", "--connections-max 65", "", "allowed 1..64");
	expect_refused("clone", "--connections-max auto", "", "allowed 1..64");
}

Test(options, learnt_rate_starts_where_it_is_told)
{
	struct asked a;

	ask_ok(&a, "clone", "--rate auto", "");
	cr_assert(a.o.rate.learnt);
	cr_assert_eq(a.o.rate.count, 20);
	cr_assert_eq(a.o.rate.unit_ns, 60000000000);
	cr_assert_eq(a.o.interval_ns, 0);
	options_fini(&a.o);
	ask_ok(&a, "clone", "--rate auto:2/s --interval 1s", "");
	cr_assert(a.o.rate.learnt);
	cr_assert_eq(a.o.rate.count, 2);
	cr_assert_eq(a.o.rate.unit_ns, 1000000000);
	cr_assert_eq(a.o.interval_ns, 1000000000);
	options_fini(&a.o);
	ask_ok(&a, "clone", "--rate 30/m", "");
	cr_assert_not(a.o.rate.learnt);
	options_fini(&a.o);
}

Test(options, flag_beats_environment_beats_old_name_beats_file)
{
	struct place p = place_start();
	static const char text[] =
	    "# pace\nburst = 2\n\nahead=3 \r\n source-topic = \"4\"\ngeneration=7";
	char env[300], flags[300];
	struct asked a;

	place_write(&p, "config", text, strlen(text), 0600);
	snprintf(env, sizeof(env), "TGCLONE_CONFIG=%s SOURCE_TOPIC=5 TGCLONE_BURST=6", p.path);
	ask_ok(&a, "clone", "", env);
	cr_assert_eq(a.o.burst, 6);
	cr_assert_eq(a.o.ahead, 3);
	cr_assert_eq(a.o.source_topic, 5);
	cr_assert_eq(a.o.generation, 7);
	cr_assert_eq(options_origin(&a.o, "burst"), FROM_ENV);
	cr_assert_eq(options_origin(&a.o, "ahead"), FROM_CONFIG);
	cr_assert_eq(options_origin(&a.o, "source-topic"), FROM_OLD_ENV);
	options_fini(&a.o);
	snprintf(flags, sizeof(flags), "--burst 9 --source-topic=8 --config %s", p.path);
	ask_ok(&a, "clone", flags, "TGCLONE_CONFIG=/no/such SOURCE_TOPIC=5 TGCLONE_SOURCE_TOPIC=6");
	cr_assert_eq(a.o.burst, 9);
	cr_assert_eq(a.o.source_topic, 8);
	cr_assert_eq(a.o.ahead, 3);
	options_fini(&a.o);
	place_end(&p);
}

Test(options, config_is_found_in_the_xdg_place_and_may_be_missing)
{
	struct place p = place_start();
	char dir[128], env[300];
	struct asked a;

	snprintf(env, sizeof(env), "XDG_CONFIG_HOME=%s HOME=/no/such", p.dir);
	ask_ok(&a, "clone", "", env);
	options_fini(&a.o);
	snprintf(dir, sizeof(dir), "%s/tgclone", p.dir);
	cr_assert_eq(mkdir(dir, 0700), 0);
	place_write(&p, "tgclone/config", "burst = 77", 10, 0600);
	ask_ok(&a, "clone", "", env);
	cr_assert_eq(a.o.burst, 77);
	options_fini(&a.o);
	snprintf(env, sizeof(env), "HOME=%s", p.dir);
	ask_ok(&a, "clone", "", env);
	cr_assert_eq(a.o.burst, 1);
	options_fini(&a.o);
	place_end(&p);
}

Test(options, variables_that_no_option_has)
{
	char words[] = "TGCLONE_CPU=2 TGCLONE_CORES=2 TGCLONE_ PATH=/bin TGCLONE_RATE TGCLONE_RATES=1 XTGCLONE_A=1";
	char *env[WORDS];
	uint32_t at = 0;

	split(words, env);
	cr_assert_str_eq(options_unknown(env, &at), "TGCLONE_CPU=2");
	cr_assert_str_eq(options_unknown(env, &at), "TGCLONE_");
	cr_assert_str_eq(options_unknown(env, &at), "TGCLONE_RATES=1");
	cr_assert_null(options_unknown(env, &at));
	cr_assert_null(options_unknown(env, &at));
}

Test(options, old_names_work)
{
	struct asked a;

	ask_ok(&a, "clone", "",
	       "TG_API_ID=12345 TG_API_HASH=0123456789abcdef0123456789abcdef SOURCE_CHAT=-1001 "
	       "TARGET_CHAT=@target SOURCE_TOPIC=3 TARGET_TOPIC=4");
	cr_assert_eq(a.o.api_id, 12345);
	cr_assert_str_eq(a.o.api_hash, "0123456789abcdef0123456789abcdef");
	cr_assert_str_eq(a.o.source, "-1001");
	cr_assert_str_eq(a.o.target, "@target");
	cr_assert_eq(a.o.source_topic, 3);
	cr_assert_eq(a.o.target_topic, 4);
	options_fini(&a.o);
}

/* Rows: X3 */
Test(options, api_hash_is_wiped_from_the_environment)
{
	struct asked a;

	ask_ok(&a, "login", "", "A=1 TG_API_HASH=secretsecret TGCLONE_API_HASH=other B=2");
	cr_assert_str_eq(a.o.api_hash, "other");
	cr_assert_str_eq(a.envp[0], "A=1");
	cr_assert_str_eq(a.envp[1], "B=2");
	cr_assert_null(a.envp[2]);
	cr_assert_null(memmem(a.env, sizeof(a.env), "secretsecret", 12));
	cr_assert_null(memmem(a.env, sizeof(a.env), "other", 5));
	options_fini(&a.o);
	cr_assert_null(memmem(&a.o, sizeof(a.o), "other", 5));
	/* Also when something else was wrong first. */
	ask(&a, "login", "--nonsense", "TG_API_HASH=secretsecret");
	cr_assert_eq(a.rc, EXIT_USAGE);
	cr_assert_null(memmem(a.env, sizeof(a.env), "secretsecret", 12));
	options_fini(&a.o);
}

/* Rows: X3 */
Test(options, the_phone_is_taken_out_of_what_everybody_sees)
{
	static const char *const flags[] = {"--phone +351910000000", "--phone=+351910000000",
					    "--phone +351910000000 --phone=+351910000000", ""};
	struct asked a;

	for (size_t i = 0; i < countof(flags); i++) {
		ask_ok(&a, "login", flags[i], "A=1 TGCLONE_PHONE=+351910000000 B=2");
		cr_assert_str_eq(a.o.phone, "+351910000000");
		cr_assert_null(memmem(a.flags, sizeof(a.flags), "910000000", 9));
		cr_assert_null(memmem(a.env, sizeof(a.env), "910000000", 9));
		cr_assert_str_eq(a.envp[1], "B=2");
		options_fini(&a.o);
	}
	ask(&a, "login", "--phone +351910000000 --nonsense", "TGCLONE_PHONE=+351910000000");
	cr_assert_eq(a.rc, EXIT_USAGE);
	cr_assert_null(memmem(a.flags, sizeof(a.flags), "910000000", 9));
	cr_assert_null(memmem(a.env, sizeof(a.env), "910000000", 9));
	options_fini(&a.o);
}

/* Rows: X3 */
Test(options, api_hash_is_no_flag_and_no_setting)
{
	struct place p = place_start();
	char flags[300];

	expect_refused("login", "--api-hash 0123456789abcdef", "",
		       "never taken from the command line");
	expect_refused("login", "--api-hash=0123456789abcdef", "", "never taken");
	place_write(&p, "config", "api-hash = abc", 14, 0600);
	snprintf(flags, sizeof(flags), "--config %s", p.path);
	expect_refused("login", flags, "", "api-hash has no place here");
	expect_refused("login", "", "TG_API_HASH=a\tb", "TG_API_HASH");
	place_end(&p);
}

Test(options, api_hash_from_fd_and_file)
{
	struct place p = place_start();
	char flags[300];
	struct asked a;
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(write(ends[1], "abcdef\nmore", 11), 11);
	snprintf(flags, sizeof(flags), "--api-hash-fd %d", ends[0]);
	ask_ok(&a, "login", flags, "");
	cr_assert_eq(options_read_api_hash(&a.o), 0);
	cr_assert_str_eq(a.o.api_hash, "abcdef");
	options_fini(&a.o);
	place_write(&p, "hash", "fedcba\r\n", 8, 0600);
	snprintf(flags, sizeof(flags), "--api-hash-file %s", p.path);
	ask_ok(&a, "login", flags, "");
	cr_assert_eq(options_read_api_hash(&a.o), 0);
	cr_assert_str_eq(a.o.api_hash, "fedcba");
	chmod(p.path, 0640);
	cr_assert_eq(options_read_api_hash(&a.o), EXIT_USAGE);
	cr_assert(strstr(a.o.why, "chmod 600") != NULL);
	unlink(p.path);
	cr_assert_eq(options_read_api_hash(&a.o), EXIT_USAGE);
	options_fini(&a.o);
	place_end(&p);
}

/* A hash that cannot be used is one all the same: what is told is where it is. */
/* Rows: X2 */
Test(options, api_hash_of_a_file_is_never_told)
{
	static const struct {
		const char *bytes;
		mode_t mode;
		const char *why;
	} cases[] = {{"c0ffee11 c0ffee11", 0600, "no api_hash there"},
		     {"c0ffee11\tc0ffee11\n", 0600, "no api_hash there"},
		     {"c0ffee11\x1b[2J", 0600, "no api_hash there"},
		     {"\xff\xfe" "c0ffee11", 0600, "no api_hash there"},
		     {"\nc0ffee11", 0600, "no api_hash there"},
		     {"c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11"
		      "c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11", 0600,
		      "no api_hash there"},
		     {"c0ffee11", 0644, "chmod 600"}};
	struct place p = place_start();
	char flags[300];
	struct asked a;

	for (size_t i = 0; i < countof(cases); i++) {
		place_write(&p, "hash", cases[i].bytes, strlen(cases[i].bytes), cases[i].mode);
		snprintf(flags, sizeof(flags), "--api-hash-file %s", p.path);
		ask_ok(&a, "login", flags, "");
		cr_assert_eq(options_read_api_hash(&a.o), EXIT_USAGE, "case %zu", i);
		cr_assert(strstr(a.o.why, cases[i].why) != NULL, "%s", a.o.why);
		cr_assert_null(strstr(a.o.why, "c0ffee"), "%s", a.o.why);
		cr_assert_str_empty(a.o.api_hash);
		options_fini(&a.o);
		unlink(p.path);
	}
	place_end(&p);
}

/* A number is personal, and who mistakes what a descriptor is may put the secret itself there. */
/* Rows: X2 */
Test(options, what_a_login_takes_is_not_repeated)
{
	static const char *const names[] = {"phone", "password-fd", "api-hash-fd"};
	static const char *const in_env[] = {"PHONE", "PASSWORD_FD", "API_HASH_FD"};
	struct place p = place_start();
	char flags[300], env[300], line[300];
	struct asked a;

	for (size_t i = 0; i < countof(names); i++) {
		snprintf(flags, sizeof(flags), "--%s +351910000000secret0secret", names[i]);
		snprintf(env, sizeof(env), "TGCLONE_%s=+351910000000secret0secret", in_env[i]);
		snprintf(line, sizeof(line), "%s = +351910000000secret0secret", names[i]);
		place_write(&p, "config", line, strlen(line), 0600);
		snprintf(line, sizeof(line), "--config %s", p.path);
		for (int from = 0; from < 3; from++) {
			ask(&a, "login", from == 0 ? flags : from == 1 ? line : "", from == 2 ? env : "");
			cr_assert_eq(a.rc, EXIT_USAGE);
			cr_assert(strstr(a.o.why, "bad value for ") != NULL && strstr(a.o.why, names[i]) != NULL,
				  "%s", a.o.why);
			cr_assert(strstr(a.o.why, "3519") == NULL && strstr(a.o.why, "secret") == NULL, "%s",
				  a.o.why);
			options_fini(&a.o);
		}
	}
	expect_refused("login", "--api-id twelve", "", "bad value \"twelve\" for api-id");
	place_end(&p);
}

Test(options, values_of_every_kind)
{
	struct asked a;

	ask_ok(&a, "clone",
	       "--rate 6000/m --buffer 2.5m --allow-protected --no-obfuscate --mode stream",
	       "TGCLONE_OBFUSCATE=yes TGCLONE_BUFFER=4M TGCLONE_LAYER=201 TGCLONE_DRY_RUN=1");
	cr_assert_eq(a.o.rate.count, 6000);
	cr_assert_eq(a.o.buffer, 5 << 19);
	cr_assert(a.o.allow_protected);
	cr_assert_not(a.o.obfuscate);
	cr_assert(a.o.dry_run);
	cr_assert_eq(a.o.mode, MODE_STREAM);
	cr_assert_eq(options_layer(&a.o), 201);
	options_fini(&a.o);
}

Test(options, little_memory_has_a_small_buffer_unless_it_is_named)
{
	static const struct {
		const char *flags;
		int64_t megabytes;
	} cases[] = {
	    {"", 128},		  {"--memory 192M", 128}, {"--memory 160M", 96},
	    {"--memory 64M", 16}, {"--memory 32M", 8},	  {"--memory 64M --buffer 40M", 40},
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct asked a;

		ask_ok(&a, "clone", cases[i].flags, "");
		cr_assert_eq(a.o.buffer, cases[i].megabytes << 20, "%s", cases[i].flags);
		options_fini(&a.o);
	}
	expect_refused("clone", "--memory 64M --buffer 65M", "", "buffer is larger than memory");
}

/* Only a forward keeps it, so what was asked for would not happen to one message. */
Test(options, the_author_is_kept_by_forwards)
{
	struct asked a;

	expect_refused("clone", "--keep-author --mode copy", "", "keep-author and mode copy exclude each other");
	expect_refused("scan", "--mode stream", "TGCLONE_KEEP_AUTHOR=1", "keep-author and mode stream exclude each other");
	ask_ok(&a, "clone", "--keep-author --mode forward", "");
	options_fini(&a.o);
	ask_ok(&a, "retry", "--no-keep-author --mode stream", "TGCLONE_KEEP_AUTHOR=1");
	cr_assert_not(a.o.keep_author);
	options_fini(&a.o);
	ask_ok(&a, "verify", "", "TGCLONE_KEEP_AUTHOR=1 TGCLONE_MODE=copy");
	options_fini(&a.o);
}

Test(options, what_is_of_the_probe_wants_one)
{
	struct asked a;

	expect_refused("doctor", "--yes", "", "of the probe: --probe");
	expect_refused("doctor", "--probe-wait 6h", "", "of the probe: --probe");
	ask_ok(&a, "doctor", "--probe --yes --probe-wait 6h", "");
	cr_assert_eq(a.o.probe_wait_ns, INT64_C(21600000000000));
	options_fini(&a.o);
	ask_ok(&a, "doctor", "", "TGCLONE_PROBE_WAIT=6h"); /* for whenever it is asked for */
	options_fini(&a.o);
}

/* It reads the source, and looks at no target: what is in the environment for a clone is no question to it. */
Test(options, a_scan_has_no_target)
{
	struct asked a;

	expect_refused("scan", "--target @x", "", "--target is no option of scan");
	expect_refused("scan", "--generation 2", "", "--generation is no option of scan");
	ask_ok(&a, "scan", "", "TARGET_CHAT=@x TGCLONE_GENERATION=2 TGCLONE_TARGET_TOPIC=3");
	cr_assert_null(a.o.target);
	cr_assert_eq(a.o.target_topic, 3); /* by it no topics are made, and more goes together */
	options_fini(&a.o);
	ask_ok(&a, "clone", "--target @x --generation 2 --dry-run", "");
	options_fini(&a.o);
}

/* A setting that prints a text instead of doing what was asked for would be 0, and nothing cloned. */
Test(options, help_is_asked_for_by_a_flag)
{
	struct place p = place_start();
	char flags[300];
	char words[] = "TGCLONE_HELP=1";
	char *env[WORDS];
	struct asked a;
	uint32_t at = 0;

	ask_ok(&a, "clone", "", "TGCLONE_HELP=1");
	cr_assert_not(a.o.help);
	options_fini(&a.o);
	split(words, env);
	cr_assert_str_eq(options_unknown(env, &at), "TGCLONE_HELP=1");
	place_write(&p, "config", "help = true", 11, 0600);
	snprintf(flags, sizeof(flags), "--config %s", p.path);
	expect_refused("clone", flags, "", "\"help\" is no setting");
	place_write(&p, "config", "config = /no/such", 17, 0600);
	expect_refused("clone", flags, "", "config has no place here");
	ask_ok(&a, "clone", "--help", "");
	cr_assert(a.o.help);
	options_fini(&a.o);
	place_end(&p);
}

Test(options, numbers_are_exact)
{
	static const struct {
		const char *flags;
		size_t at;
		int64_t want;
	} cases[] = {
	    {"--buffer 2M", offsetof(struct options, buffer), 2 << 20},
	    {"--buffer 2097152", offsetof(struct options, buffer), 2 << 20},
	    {"--buffer 2.5MiB", offsetof(struct options, buffer), 5 << 19},
	    {"--buffer=480m", offsetof(struct options, buffer), 480 << 20},
	    {"--interval 0", offsetof(struct options, interval_ns), 0},
	    {"--interval 3.5", offsetof(struct options, interval_ns), 3500000000},
	    {"--interval 250ms", offsetof(struct options, interval_ns), 250000000},
	    {"--interval 0.001s", offsetof(struct options, interval_ns), 1000000},
	    {"--interval 10m", offsetof(struct options, interval_ns), 600000000000},
	    {"--interval 24h", offsetof(struct options, interval_ns), 86400000000000},
	    {"--interval 1d", offsetof(struct options, interval_ns), 86400000000000},
	    {"--part-size 4096", offsetof(struct options, part_size), 4096},
	    {"--part-size 512K", offsetof(struct options, part_size), 524288},
	    {"--mode copy", offsetof(struct options, mode), MODE_COPY},
	    {"--io poll", offsetof(struct options, io), IO_POLL},
	    {"--from 2147483647", offsetof(struct options, from_id), INT32_MAX},
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct asked a;
		int64_t got;

		ask_ok(&a, "clone", cases[i].flags, "");
		memcpy(&got, (char *)&a.o + cases[i].at, sizeof(got));
		cr_assert_eq(got, cases[i].want, "%s gave %lld", cases[i].flags, (long long)got);
		options_fini(&a.o);
	}
}

Test(options, rates)
{
	static const struct {
		const char *flags;
		uint64_t count, unit_s;
	} cases[] = {{"--rate 20/m", 20, 60},
		     {"--rate 1/s", 1, 1},
		     {"--rate 1000/h", 1000, 3600},
		     {"--rate off", 0, 0},
		     {"--rate 1000000/s", 1000000, 1}};

	for (size_t i = 0; i < countof(cases); i++) {
		struct asked a;

		ask_ok(&a, "clone", cases[i].flags, "");
		cr_assert_eq(a.o.rate.count, cases[i].count, "%s", cases[i].flags);
		cr_assert_eq(a.o.rate.unit_ns, cases[i].unit_s * 1000000000);
		options_fini(&a.o);
	}
}

/* Rows: H23 */
Test(options, bad_values_name_the_flag_its_source_and_the_bounds)
{
	expect_refused("clone", "--buffer 1M", "", "for buffer (from --buffer): allowed 2M..480M");
	expect_refused("clone", "", "TGCLONE_BUFFER=1T", "(from TGCLONE_BUFFER): allowed 2M..480M");
	expect_refused("clone", "", "SOURCE_TOPIC=x", "for source-topic (from SOURCE_TOPIC)");
	expect_refused("clone", "--interval 25h", "", "allowed 0s..1d");
	expect_refused("clone", "--mode fly", "", "allowed auto|forward|copy|stream");
	expect_refused("clone", "--part-size 96K", "", "a divisor of 512K");
	expect_refused("clone", "--rate auto --burst 5", "", "burst and rate auto exclude each other");
	expect_refused("clone", "--json=maybe", "", "allowed true or false");
	expect_refused("clone", "--profile=", "", "allowed 1..64 characters");
	static const char *const rates[] = {
	    "0/m", "20",   "20/",       "20/d",  "20/mm",
	    "/m",  "-1/m", "1000001/m", "2.5/m", "99999999999999999999/m",
	    "auto:", "auto:off", "auto:0/m", "automatic", ""};
	static const char *const sizes[] = {"",    "M",   "2MB2",    "2.M",           "0x200000",
					    "+2M", "-2M", "2.5678M", "9999999999999G"};

	for (size_t i = 0; i < countof(rates); i++) {
		char flags[64];

		snprintf(flags, sizeof(flags), "--rate=%s", rates[i]);
		expect_refused("clone", flags, "", "for rate");
	}
	for (size_t i = 0; i < countof(sizes); i++) {
		char flags[64];

		snprintf(flags, sizeof(flags), "--buffer=%s", sizes[i]);
		expect_refused("clone", flags, "", "for buffer");
	}
}

/* Rows: H23 */
Test(options, flags_that_are_not)
{
	expect_refused("clone", "--nonsense", "", "unknown option --nonsense");
	expect_refused("clone", "--buf 2M", "", "unknown option --buf");
	expect_refused("clone", "-x", "", "unknown option -x");
	expect_refused("clone", "--no-buffer", "", "unknown option --no-buffer");
	expect_refused("clone", "--buffer", "", "wants a value");
	expect_refused("clone", "--no-json=true", "", "takes no value");
	expect_refused("login", "--rate 1/s", "", "--rate is no option of login");
	expect_refused("clone", "1 2 3 4 5 6 7 8 9", "", "too many operands");
	expect_refused("clone", "--quiet --verbose", "", "exclude each other");
	expect_refused("clone", "--test --dc-config x", "", "exclude each other");
	expect_refused("clone", "--from 9 --to 3", "", "behind");
	expect_refused("chats", "--transport full --obfuscate", "", "exclude each other");
	expect_refused("clone", "--buffer 128M --memory 64M", "", "larger than memory");
	/* Which one would be cloned is not to be guessed. */
	expect_refused("clone", "--source @one @two", "", "source is named twice");
	expect_refused("clone", "--target @one @two @three", "", "target is named twice");
}

/* A service is quiet by its settings; who looks at it by hand is not. */
Test(options, quiet_by_one_source_yields_to_verbose_by_a_nearer_one)
{
	struct asked a;

	ask_ok(&a, "clone", "--verbose", "TGCLONE_QUIET=1");
	cr_assert(a.o.verbose && !a.o.quiet);
	options_fini(&a.o);
	ask_ok(&a, "clone", "--quiet", "TGCLONE_VERBOSE=1");
	cr_assert(a.o.quiet && !a.o.verbose);
	options_fini(&a.o);
	ask_ok(&a, "clone", "--no-quiet", "TGCLONE_QUIET=1 TGCLONE_VERBOSE=1");
	cr_assert(a.o.verbose && !a.o.quiet);
	options_fini(&a.o);
	expect_refused("clone", "", "TGCLONE_QUIET=1 TGCLONE_VERBOSE=1", "exclude each other");
}

Test(options, operands_are_chats_even_with_a_dash)
{
	struct asked a;

	ask_ok(&a, "clone", "-1001234 --json @target#5 -- --odd", "SOURCE_CHAT=other");
	cr_assert_eq(a.o.arg_count, 3);
	cr_assert_str_eq(a.o.args[0], "-1001234");
	cr_assert_str_eq(a.o.args[2], "--odd");
	cr_assert_str_eq(a.o.source, "-1001234");
	cr_assert_str_eq(a.o.target, "@target#5");
	cr_assert(a.o.json);
	cr_assert_null(a.o.args[3]);
	options_fini(&a.o);
	ask_ok(&a, "clone", "--source @one @one @two", "TGCLONE_TARGET=@three");
	cr_assert_str_eq(a.o.target, "@two");
	options_fini(&a.o);
}

/* Settings that a read gets in two pieces. */
static int piecewise(void)
{
	int ends[2];

	cr_assert_eq(pipe2(ends, O_DIRECT), 0);
	cr_assert_eq(write(ends[1], "\xef\xbb\xbfjso", 6), 6);
	cr_assert_eq(write(ends[1], "n = on\r\nquiet = on", 18), 18);
	close(ends[1]);
	return ends[0];
}

Test(options, config_out_of_a_pipe_and_with_a_mark_in_front)
{
	char flags[64];
	struct asked a;
	int fd = piecewise();

	snprintf(flags, sizeof(flags), "--config /dev/fd/%d", fd);
	ask_ok(&a, "login", flags, "");
	cr_assert(a.o.json && a.o.quiet);
	options_fini(&a.o);
	close(fd);
}

Test(options, config_of_another_command_is_no_matter_but_nonsense_is)
{
	struct place p = place_start();
	char flags[300];
	struct asked a;

	snprintf(flags, sizeof(flags), "--config %s",
		 place_write(&p, "config", "rate = 1/s\njson = on\n", 21, 0600));
	ask_ok(&a, "login", flags, "TGCLONE_RATE=1/s");
	cr_assert(a.o.json);
	options_fini(&a.o);
	place_write(&p, "config", "json = on\nnonsense = 1\n", 23, 0600);
	expect_refused("login", flags, "", "config line 2: \"nonsense\" is no setting");
	place_write(&p, "config", "\n\njson\n", 7, 0600);
	expect_refused("login", flags, "", "config line 3: not `name = value`");
	place_write(&p, "config", "json = o\0n", 10, 0600);
	expect_refused("login", flags, "", "not a text");
	unlink(p.path);
	expect_refused("login", flags, "", "No such file");
	place_end(&p);
}

/* A flag is on a command's page exactly if the command takes it. */
Test(options, pages_and_parser_agree)
{
	static const char *const commands[] = {"login", "logout", "chats",  "topics", "scan",  "clone",
					       "status", "verify", "retry", "doctor", "bench", "tune"};
	char page[16384], name[64], flag[64];
	struct asked a;

	for (size_t c = 0; c < countof(commands); c++) {
		cr_assert_lt(options_help(page, sizeof(page), commands[c]), sizeof(page) - 1);
		for (uint32_t i = 0; i < option_count; i++) {
			const struct option_spec *s = &option_table[i];
			bool shown, taken;

			snprintf(name, sizeof(name), "  --%s%s", s->name, s->arg != NULL ? " " : "");
			shown = strstr(page, name) != NULL;
			/* A value that no option takes: that is told, or that it is none. */
			snprintf(flag, sizeof(flag), "--%s=", s->name);
			ask(&a, commands[c], flag, "");
			cr_assert_eq(a.rc, EXIT_USAGE, "%s %s", commands[c], flag);
			taken = strstr(a.o.why, "bad value") != NULL;
			cr_assert(taken || strstr(a.o.why, "is no option of") != NULL, "%s", a.o.why);
			cr_assert_eq(shown, taken, "%s %s: %s", commands[c], flag, a.o.why);
			options_fini(&a.o);
		}
	}
}

Test(options, help_wins_and_shows_what_the_command_takes)
{
	struct asked a;
	char text[16384];

	ask_ok(&a, "clone", "--help", "TGCLONE_RATE=nonsense");
	cr_assert(a.o.help);
	options_fini(&a.o);
	cr_assert_lt(options_help(text, sizeof(text), "clone"), sizeof(text) - 1);
	cr_assert(strstr(text, "--rate") != NULL && strstr(text, "[20/m]") != NULL);
	cr_assert_null(strstr(text, "--phone"));
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		cr_assert(strlen(line) <= 96 && line[strlen(line) - 1] != ' ', "%s", line);
	options_help(text, sizeof(text), "login");
	cr_assert(strstr(text, "--phone") != NULL);
	cr_assert_null(strstr(text, "--rate"));
	cr_assert_eq(options_help(text, 20, "login"), 19);
}
