/* Telegram's side of a whole-program run: tgsim's core and its shell, on a ring of the world. */
#include "tests/sim/whole_people.h"

#include "tools/tgsim/methods.h"
#include "tools/tgsim/model.h"
#include "tools/tgsim/model_box.h"
#include "tools/tgsim/model_peer.h"
#include "tools/tgsim/shell.h"
#include "tools/tgsim/stats.h"
#include "tools/tgsim/world_setup.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The key of the simulated servers: fixed, so that equal seeds have equal bytes. */
static const char server_key[] =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIIEpAIBAAKCAQEAmsIfxNcgBH9BRBrEEAhq6jG7aC/XjheY850cqETu2hXSY/Lb\n"
    "/GDHwgnrIkZyOiJ6wN2mv18LH+ouNNWSFb4P24fFerEVG8jX8OJa9ek9b37eES/r\n"
    "vffm26jq/wSsnU9eg4sZdwpMYWrVMeQ2cAouX8HId0VVM/tlE35KLBmE0FNQFjmP\n"
    "X8JcM4NUmreOpVi47NxyA3XjKhCP+e+c6YFLW1rroagrfraMnUBUsqvfKmBLAapA\n"
    "2puRbR9cZ/k4KY0Cdqhgi0vpGqd171eOTGNPN56XMvVj1fxaA3P00TKvbnk0OYOf\n"
    "ZtrA3pbFwwq0JGis/OSbD19eywyB8r57rIFE2wIDAQABAoIBABxsjTM1I99PlCgz\n"
    "FlGvihuLmNUw/FFPyjrsX2gUiR4rJeJPp9H54JamBbbc43wD+zHTRB4gEcYB2AzC\n"
    "MTunFfiHPmEjhzH8OJU4reY+uZbx4U2c1JqmnpM3ujmunRmji0Nz1/CCRrcZzSCF\n"
    "vu3jINNbnzsw085hXRYweuUQptEwQurOFfvYNAMAEUV53KsqfjvSyOb8f+6/Q2+U\n"
    "8VV3oLYC8drWtj9yJWqVXvAuZNU4yJt8vmkiqO/AAb5PFpkvvLCspBG469J6zKJy\n"
    "XFSb4CG7zg1snQCMtjm7OuNm16KjQFcPy6qLMXS4d1kX/pUmxLhCtQ1SjOrpiYAd\n"
    "xZKkukECgYEA0i6yZhfV+Nq+5M/+K+nHfS9c1KFGO7UePiUvmERIGhLPmomlmCPn\n"
    "PVWyMc3sTinv1pEptU4thZo0t21xnevzKgnKABjfbHvNX6vkW/umq6EqAZM5TxKq\n"
    "sQufWuH+cj0egCQYDYu/aCcvg4xSraLjct+NyuZl4o0pQcpVxVJAWHsCgYEAvH53\n"
    "FlqoA+n7XZM71spNbFoB7ZxChTXiLGyi54VoXFDTHpvWOwFOg9vx5GscZl43i8Ox\n"
    "snMpioy784OE1vRIq0PbfWJ5ISkfJBUQqvJeERqNASCqvSLnActJPeU2xORjgj8l\n"
    "B8dEWc2LdHUh5zfMhO8YC5pRopPihMvYkOmXhyECgYBjVGZDEWix3s7wW8uG/Uil\n"
    "xMheRIlolkPgorpHf52DlPg/1GVJ7U3PErzQBL10gyUxhhDr+jJRPXtEZJiZRXT5\n"
    "nP615QtRvYBlglq9jcRKwDOV4vnmgK/iU9fPn5Ycbv4HGQe0/yJKGpq91IcOQDi1\n"
    "hSkBhrkHxCaHTRQT2LdIGQKBgQC25l/XqQ/u/FOUcRFXUeXehVfpn/5MFATq5l8M\n"
    "GD8zlJnG0aAGkTYGbJ1C70wXaMStMa5zYZulfPnDSJLVoSQCS03nVG4E50n4URhj\n"
    "R9pO7lx0A6ao7/0HmKHxFUEXvCVydKMR8SE5omD3F9FV8qbZNsc2Ov+LqcPa55G0\n"
    "y3TlAQKBgQCGTbUoRWk5ftjnH188ckWr3pAq4mHo43OFnfSweHoIHcB0nI37mIaG\n"
    "GoPJ6/ilkLUvnDJMiLlq68rjN54hi14GQ3ud57a+DLJJVvg72ifYJGbd6vZgccEn\n"
    "RamPago/9piDcrXPZVTJqNKsnaYC0PQZGn+ybJYAoOc5BQzKzYwqow==\n"
    "-----END RSA PRIVATE KEY-----\n";

static const int dc_ids[WHOLE_DCS] = {2, 4};

struct telegram {
	struct ring *ring;
	int64_t offset_ns;
	struct rsa_private *rsa;
	struct world *world;
	struct faults faults;
	struct stats stats;
	struct simlog log;
	struct dc_server *server;
	struct control control;
	struct sink json, said;
	struct shell *shell;
	struct config_dc dcs[WHOLE_DCS];
	uint64_t fired[FAULT_RULES_MAX]; /* before the calm */
	enum target_kind target;
};

static void server_turn(void *arg)
{
	struct telegram *t = arg;

	check(shell_turn(t->shell) == 0);
}

static void open_world(struct telegram *t, const struct scenario *s)
{
	struct world_options o = {.seed = s->seed,
				  .now = shell_now(t->ring, t->offset_ns),
				  .home_dc = 2,
				  .file_dc = 4,
				  .dcs = dc_ids,
				  .dc_count = countof(dc_ids),
				  .synth = s->synth,
				  .api_id = WHOLE_API_ID,
				  .api_hash = WHOLE_API_HASH};
	char error[512] = "";

	if (world_open(&o, &t->world, error, sizeof(error)) != 0) {
		fprintf(stderr, "world: %s\n", error);
		abort();
	}
}

static void open_server(struct telegram *t, const struct scenario *s)
{
	struct dc_options o = {.world = t->world,
			       .rsa = t->rsa,
			       .faults = &t->faults,
			       .stats = &t->stats,
			       .log = &t->log,
			       .home_dc = 2,
			       .max_layer = 228,
			       .api_id = WHOLE_API_ID};

	faults_init(&t->faults, s->seed);
	for (uint32_t i = 0; i < s->fault_count; i++)
		telegram_fault(t, s->faults[i]);
	stats_init(&t->stats);
	simlog_init(&t->log, false);
	store_le64(o.seed, s->seed);
	o.dc_count = 0;
	t->server = dc_open(&o, shell_now(t->ring, t->offset_ns));
}

static void listen_all(struct telegram *t)
{
	for (size_t i = 0; i < countof(dc_ids); i++) {
		struct config_dc *dc = &t->dcs[i];

		*dc = (struct config_dc){.id = dc_ids[i], .port = (uint16_t)(4430 + i)};
		snprintf(dc->host, sizeof(dc->host), "127.0.0.1");
		check(shell_listen(t->shell, dc) == 0);
		methods_add_dc(t->world,
			       &(struct methods_dc){dc->id, dc->host, dc->port, dc->media});
	}
}

static void turn_knobs(struct telegram *t, const struct scenario *s)
{
	for (uint32_t i = 0; i < s->knob_count; i++) {
		const char *value = strchr(s->knobs[i], '=');
		char name[64];

		check(value != NULL);
		snprintf(name, sizeof(name), "%.*s", (int)(value - s->knobs[i]), s->knobs[i]);
		check(methods_knob(t->world, name, value + 1));
	}
}

struct rsa_private *telegram_key(void)
{
	struct rsa_private *key = rsa_private_from_pem(cspan_str(server_key));

	check(key != NULL);
	return key;
}

struct telegram *telegram_open(struct simworld *w, const struct scenario *s)
{
	struct telegram *t = calloc(1, sizeof(*t));
	struct sim_host host = {.name = "telegram", .entries = 4096, .turn = server_turn, .arg = t};

	check(t != NULL);
	check(ring_open_sim(&t->ring, w, &host) == 0);
	t->offset_ns = (int64_t)ring_wall(t->ring) - (int64_t)ring_now(t->ring);
	t->rsa = s->rsa;
	open_world(t, s);
	t->target = s->target;
	people_chats(t->world, s->source_channel, s->target);
	open_server(t, s);
	t->control = (struct control){.server = t->server,
				      .world = t->world,
				      .faults = &t->faults,
				      .stats = &t->stats,
				      .config = &t->json};
	t->shell = shell_open(&(struct shell_options){t->ring, t->server, &t->control, &t->log, -1},
			      t->offset_ns);
	listen_all(t);
	turn_knobs(t, s);
	if (s->target_topic != 0)
		people_topic(t);
	return t;
}

uint16_t telegram_dc(const struct telegram *t, uint32_t i, uint16_t *port)
{
	*port = t->dcs[i].port;
	return (uint16_t)t->dcs[i].id;
}

int64_t telegram_chat(struct telegram *t, uint32_t i, int64_t *hash)
{
	struct peer p = people_peer(t, i);

	*hash = access_hash(t->world, world_account_at(t->world, 0), p);
	return p.kind == PEER_CHANNEL ? -1000000000000 - p.id : p.kind == PEER_GROUP ? -p.id : p.id;
}

const char *telegram_phone(struct telegram *t)
{
	return world_account_at(t->world, 0)->user->phone;
}

const char *telegram_code(struct telegram *t)
{
	return world_account_at(t->world, 0)->code;
}

void telegram_fault(struct telegram *t, const char *rule)
{
	char why[256];

	check(faults_add(&t->faults, rule, shell_now(t->ring, t->offset_ns), why, sizeof(why)) != 0);
}

uint64_t telegram_fired(const struct telegram *t, uint32_t fault)
{
	return t->fired[fault] + (fault < t->faults.rule_count ? t->faults.rules[fault].fired : 0);
}

uint64_t telegram_repeats(const struct telegram *t)
{
	return methods_repeats(t->world);
}

const char *telegram_control(struct telegram *t, const char *line)
{
	char copy[512];

	check(strlen(line) < sizeof(copy));
	memcpy(copy, line, strlen(line) + 1);
	sink_clear(&t->said);
	control_take(&t->control, copy, shell_now(t->ring, t->offset_ns), &t->said);
	return t->said.at;
}

enum target_kind telegram_target(const struct telegram *t)
{
	return t->target;
}

int64_t telegram_now(const struct telegram *t)
{
	return shell_now(t->ring, t->offset_ns);
}

struct world *telegram_world(struct telegram *t)
{
	return t->world;
}

void telegram_calm(struct telegram *t)
{
	for (uint32_t i = 0; i < t->faults.rule_count; i++)
		t->fired[i] = t->faults.rules[i].fired;
	faults_init(&t->faults, 1);
	check(methods_knob(t->world, "album-part", "0") && methods_knob(t->world, "upload-ttl", "0"));
}

/* ---- what is in the chats ---- */

static struct msg *message_of(struct telegram *t, uint32_t chat, int32_t id)
{
	return msg_find(t->world, people_history(t, chat)->box, id);
}

void telegram_number(struct telegram *t, uint32_t chat, int32_t last_id)
{
	world_chat_at(t->world, chat)->box.last_id = last_id;
}

int32_t telegram_say(struct telegram *t, uint32_t chat, const char *text)
{
	uint8_t mem[4096];
	struct post p = {
	    .to = people_history(t, chat),
	    .from = world_account_at(t->world, 0)->user,
	    .date = shell_now(t->ring, t->offset_ns) / 1000000000};
	struct arena arena;
	struct tl_obj *content;

	arena_init(&arena, mem, sizeof(mem));
	content = tl_new(&arena, TLC_message);
	tl_set_str(content, TLF_message, text);
	return msg_post(t->world, &p, content)->id;
}

void telegram_delete(struct telegram *t, uint32_t chat, int32_t id)
{
	struct msg *m = message_of(t, chat, id);

	check(m != NULL);
	msg_delete(t->world, m, true, m->date, 0);
}

void telegram_edit(struct telegram *t, uint32_t chat, int32_t id, const char *text)
{
	static uint8_t mem[64 * 1024];
	struct msg *m = message_of(t, chat, id);
	struct arena arena;
	struct tl_obj *content;

	check(m != NULL);
	arena_init(&arena, mem, sizeof(mem));
	content = tl_copy(&arena, msg_body(t->world, &arena, m));
	tl_set_str(content, TLF_message, text);
	tl_unset(content, TLF_entities);
	if (tl_sub_cons(content, TLF_media) == TLC_messageMediaWebPage)
		tl_unset(content, TLF_media); /* its address was one of them */
	msg_edit(t->world, m, content, (int32_t)(telegram_now(t) / 1000000000), 0);
}

void telegram_edit_media(struct telegram *t, uint32_t chat, int32_t id, int32_t other)
{
	static uint8_t mem[64 * 1024];
	struct msg *m = message_of(t, chat, id), *from = message_of(t, chat, other);
	struct arena arena;
	struct tl_obj *content;

	check(m != NULL && from != NULL);
	arena_init(&arena, mem, sizeof(mem));
	content = tl_copy(&arena, msg_body(t->world, &arena, m));
	tl_set_obj(content, TLF_media, tl_sub(msg_body(t->world, &arena, from), TLF_media));
	msg_edit(t->world, m, content, (int32_t)(telegram_now(t) / 1000000000), 0);
}

struct lines {
	char *text;
	size_t len, room;
	uint32_t count;
};

static bool take_line(void *arg, const char *line, size_t len)
{
	struct lines *l = arg;

	if (l->len + len + 2 > l->room) {
		l->room = 2 * (l->len + len + 2);
		l->text = realloc(l->text, l->room);
		check(l->text != NULL);
	}
	memcpy(l->text + l->len, line, len);
	l->len += len;
	l->text[l->len++] = '\n';
	l->text[l->len] = '\0';
	l->count++;
	return true;
}

char *telegram_dump(struct telegram *t, uint32_t chat, uint32_t *count)
{
	return telegram_dump_files(t, chat, false, count);
}

char *telegram_dump_files(struct telegram *t, uint32_t chat, bool numbers, uint32_t *count)
{
	struct dump_options o = {.canonical = true, .numbers = numbers};
	struct lines l = {0};
	int64_t hash;
	char id[32];

	snprintf(id, sizeof(id), "%lld", (long long)telegram_chat(t, chat, &hash));
	check(world_dump(t->world, id, &o, take_line, &l) == 0);
	*count = l.count;
	return l.text == NULL ? strdup("") : l.text;
}
