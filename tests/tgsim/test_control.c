/*
 * The command line, tgsim.json and the control socket's commands, over a small made-up world: what
 * they take, what they refuse and how, and that what they print is JSON.
 */
#include "tools/tgsim/config.h"
#include "tools/tgsim/control.h"

#include "proto/base/check.h"
#include "tests/vectors/keys.h"

#include <criterion/criterion.h>
#include <jansson.h>

enum { ARGS_MAX = 64 };

static char error[256];

/* Flags as one string, blanks between them. */
static enum config_outcome read_flags(struct config *c, const char *flags)
{
	static char copy[1024];
	char *argv[ARGS_MAX] = {copy}, *save = NULL;
	int argc = 1;

	cr_assert_lt(strlen(flags), sizeof(copy));
	memcpy(copy, flags, strlen(flags) + 1);
	for (char *w = strtok_r(copy, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
		cr_assert_lt(argc, ARGS_MAX);
		argv[argc++] = w;
	}
	return config_read(c, argc, argv, error, sizeof(error));
}

Test(config, defaults)
{
	struct config c;

	cr_assert_eq(read_flags(&c, "--dir /tmp/x"), CONFIG_OK, "%s", error);
	cr_assert_eq(c.dc_count, 3);
	cr_assert(c.dcs[0].id == 1 && c.dcs[1].id == 2 && c.dcs[2].id == 4);
	cr_assert_str_eq(c.dcs[0].host, "127.0.0.1");
	cr_assert_eq(c.home_dc, 2);
	cr_assert_eq(c.file_dc, 4);
	cr_assert_eq(c.max_layer, 228);
	cr_assert_gt(c.api_id, 0);
	cr_assert_eq(strlen(c.api_hash), 32);
}

Test(config, every_flag)
{
	struct config c;

	cr_assert_eq(read_flags(&c,
				"--dir d --dc 2=127.0.0.1:0 --dc 2m=[::1]:4430 --dc 5=10.0.0.1:443 "
				"--home-dc 2 --file-dc 5 --account phone=+1,code=2,premium,id=77"),
		     CONFIG_OK, "%s", error);
	cr_assert_eq(c.dc_count, 3);
	cr_assert(c.dcs[1].media && c.dcs[1].id == 2 && c.dcs[1].port == 4430);
	cr_assert_str_eq(c.dcs[1].host, "::1");
	cr_assert_str_eq(c.accounts[0].phone, "1");
	cr_assert(c.accounts[0].premium && c.accounts[0].id == 77 &&
		  c.accounts[0].password == NULL);
	cr_assert_eq(
	    read_flags(&c, "--dir d --synth messages=3 --max-layer 201 --log l --fault gzip "
			   "--fileref-ttl 60 --salt-life 20 --resend 3 --upload-keep 5000000000 "
			   "--seed 9 --test-mode --poll --gather 3"),
	    CONFIG_OK, "%s", error);
	cr_assert_eq(c.max_layer, 201);
	cr_assert_eq(c.fileref_ttl_s, 60);
	cr_assert_eq(c.salt_life_s, 20);
	cr_assert_eq(c.resend_s, 3);
	cr_assert_eq(c.upload_keep, INT64_C(5000000000));
	cr_assert_eq(c.seed, 9);
	cr_assert_eq(c.gather_ms, 3);
	cr_assert(c.test_mode && c.poll);
	cr_assert_eq(c.fault_count, 1);
	cr_assert_eq(read_flags(&c, "--help"), CONFIG_HELP);
}

Test(config, refusals_in_one_line)
{
	static const char *const wrong[] = {
	    "",
	    "--dir",
	    "--dir d --bogus 1",
	    "--dir d extra",
	    "--dir d --dc 2=127.0.0.1",
	    "--dir d --dc 2=:443",
	    "--dir d --dc x=1.2.3.4:1",
	    "--dir d --dc 2=1.2.3.4:70000",
	    "--dir d --home-dc 3",
	    "--dir d --dc 2m=1.2.3.4:1 --home-dc 2",
	    "--dir d --account phone=1",
	    "--dir d --account code=1",
	    "--dir d --account phone=1,code=2,id=-4",
	    "--dir d --account phone=1,code=2,nonsense=3",
	    "--dir d --max-layer 100",
	    "--dir d --seed abc",
	    "--dir d --gather 1001",
	    "--dir d --world a --synth b",
	};

	for (size_t i = 0; i < countof(wrong); i++) {
		struct config c;

		error[0] = '\0';
		cr_assert_eq(read_flags(&c, wrong[i]), CONFIG_WRONG, "%s", wrong[i]);
		cr_assert(error[0] != '\0' && strchr(error, '\n') == NULL, "%s", wrong[i]);
	}
}

/* ---- a whole simulator without sockets ---- */

struct bench {
	struct config config;
	struct world *world;
	struct rsa_private *rsa;
	struct faults faults;
	struct stats stats;
	struct simlog log;
	struct sink json, answer;
	struct control control;
};

static struct bench t;

static void setup(void)
{
	static const char pem[] = VEC_TEST_KEY_PRIVATE_PEM;
	static const int ids[] = {1, 2, 4};
	struct dc_options options;
	struct world_options world = {.seed = 3,
				      .now = INT64_C(1767225600000000000),
				      .home_dc = 2,
				      .file_dc = 4,
				      .dcs = ids,
				      .dc_count = 3,
				      .synth = "messages=12,topics=3,seed=7",
				      .api_id = 1,
				      .api_hash = "x"};

	cr_assert_eq(read_flags(&t.config, "--dir d"), CONFIG_OK);
	cr_assert_eq(world_open(&world, &t.world, error, sizeof(error)), 0, "%s", error);
	t.rsa = rsa_private_from_pem(cspan_str(pem));
	faults_init(&t.faults, 1);
	stats_init(&t.stats);
	simlog_init(&t.log, false);
	options = (struct dc_options){.world = t.world,
				      .rsa = t.rsa,
				      .faults = &t.faults,
				      .stats = &t.stats,
				      .log = &t.log,
				      .home_dc = 2};
	config_json(&t.config, &(struct config_run){"/d/rsa.pem", 0x1234, 99}, t.world, &t.json);
	t.control = (struct control){.server = dc_open(&options, world.now),
				     .world = t.world,
				     .faults = &t.faults,
				     .stats = &t.stats,
				     .config = &t.json};
}

static void teardown(void)
{
	dc_close(&t.control.server);
	world_close(t.world);
	rsa_private_free(t.rsa);
	sink_free(&t.json);
	sink_free(&t.answer);
}

TestSuite(control, .init = setup, .fini = teardown);

/* The answer's body; NULL and the text in error for a refusal. */
static const char *ask(const char *command)
{
	char line[CONTROL_LINE_MAX], *end;
	size_t len;

	memcpy(line, command, strlen(command) + 1);
	sink_clear(&t.answer);
	control_take(&t.control, line, INT64_C(1767225600000000000), &t.answer);
	if (strncmp(t.answer.at, "ok ", 3) != 0) {
		cr_assert_eq(strncmp(t.answer.at, "err ", 4), 0);
		snprintf(error, sizeof(error), "%s", t.answer.at + 4);
		return NULL;
	}
	len = strtoul(t.answer.at + 3, &end, 10);
	cr_assert_eq(*end, '\n');
	cr_assert_eq(strlen(end + 1), len);
	return end + 1;
}

static json_t *ask_json(const char *command)
{
	const char *text = ask(command);
	json_error_t why;
	json_t *root;

	cr_assert_not_null(text, "%s: %s", command, error);
	root = json_loads(text, JSON_REJECT_DUPLICATES, &why);
	cr_assert_not_null(root, "%s: %s at %d", command, why.text, why.position);
	return root;
}

Test(control, stats_are_json)
{
	json_t *root;

	stats_method(&t.stats, "help.getConfig")->requests = 3;
	t.stats.violations[RULE_SALT] = 2;
	ask("fault error:method=x,code=1,text=Y");
	root = ask_json("stats");
	cr_assert_eq(
	    json_integer_value(json_object_get(
		json_object_get(json_object_get(root, "requests"), "help.getConfig"), "count")),
	    3);
	cr_assert_eq(
	    json_integer_value(json_object_get(json_object_get(root, "violations"), "bad_salt_48")),
	    2);
	cr_assert_eq(json_array_size(json_object_get(json_object_get(root, "faults"), "rules")), 1);
	cr_assert(json_is_array(json_object_get(root, "keys")));
	json_decref(root);
}

Test(control, config_is_the_contract)
{
	static const char *const names[] = {"layer",   "rsa_key_pem", "rsa_fingerprint", "dcs",
					    "home_dc", "api_id",      "api_hash",        "accounts",
					    "chats",   "pid"};
	json_t *root = ask_json("config"), *chat, *account;

	for (size_t i = 0; i < countof(names); i++)
		cr_assert_not_null(json_object_get(root, names[i]), "%s", names[i]);
	cr_assert_eq(json_array_size(json_object_get(root, "dcs")), 3);
	account = json_array_get(json_object_get(root, "accounts"), 1);
	cr_assert(json_is_string(json_object_get(account, "password")));
	chat = json_array_get(json_object_get(root, "chats"), 0);
	cr_assert_leq(json_integer_value(json_object_get(chat, "id")), INT64_C(-1000000000000));
	cr_assert_geq(json_array_size(json_object_get(chat, "topics")), 3);
	json_decref(root);
}

Test(control, rules_come_and_go)
{
	cr_assert_str_eq(ask("fault gzip"), "1\n");
	cr_assert_str_eq(ask("fault duplicate:rate=0.5"), "2\n");
	cr_assert_not_null(ask("unfault 1"));
	cr_assert_null(ask("unfault 1"));
	cr_assert_null(ask("unfault"));
	cr_assert_null(ask("fault nonsense"));
	cr_assert_not_null(ask("unfault all"));
	cr_assert_eq(t.faults.rule_count, 0);
	cr_assert_not_null(strstr(ask("faults help"), "FLOOD_WAIT"));
}

Test(control, dump_has_a_line_a_message)
{
	json_t *root = ask_json("config");
	json_t *chat = json_array_get(json_object_get(root, "chats"), 0);
	char command[64];
	const char *text;
	uint32_t lines = 0;

	snprintf(command, sizeof(command), "dump %lld",
		 (long long)json_integer_value(json_object_get(chat, "id")));
	json_decref(root);
	text = ask(command);
	cr_assert_not_null(text);
	for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	cr_assert_geq(lines, 12);
	cr_assert_null(ask("dump \"no such chat\""));
	cr_assert_null(ask("dump"));
}

Test(control, others_write_protect_and_close)
{
	json_t *root = ask_json("config"), *chat = json_array_get(json_object_get(root, "chats"), 0);
	char id[32], command[96];
	const char *text;

	snprintf(id, sizeof(id), "%lld", (long long)json_integer_value(json_object_get(chat, "id")));
	json_decref(root);
	cr_assert_null(ask("say -100 hello"));
	cr_assert_null(ask("protect -100 1"));
	snprintf(command, sizeof(command), "say %s \"good morning\"", id);
	cr_assert_not_null(ask(command), "%s", error);
	snprintf(command, sizeof(command), "protect %s 1", id);
	cr_assert_not_null(ask(command), "%s", error);
	snprintf(command, sizeof(command), "damage %s 1 close", id);
	cr_assert_not_null(ask(command), "%s", error);
	snprintf(command, sizeof(command), "dump %s", id);
	text = ask(command);
	cr_assert_not_null(strstr(text, "\"text\":\"good morning\""), "%s", text);
	cr_assert_not_null(strstr(text, "\"closed\":true"), "%s", text);
	cr_assert(world_chat_at(t.world, 0)->noforwards);
}

Test(control, everything_else_is_taken_or_refused)
{
	static const char *const good[] = {"help",    "salts", "forget", "expire",           "cut",
					   "reset 4", "push",  "faults", "knob short-read 2",
					   "forgive"};
	static const char *const bad[] = {"", "nonsense", "knob", "knob no-such 1",
					  "knob short-read x"};

	for (size_t i = 0; i < countof(good); i++)
		cr_assert_not_null(ask(good[i]), "%s: %s", good[i], error);
	for (size_t i = 0; i < countof(bad); i++)
		cr_assert_null(ask(bad[i]), "%s", bad[i]);
	cr_assert(!t.control.stop);
	cr_assert_not_null(ask("stop"));
	cr_assert(t.control.stop);
}
