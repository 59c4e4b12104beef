/*
 * Commands of the control socket: reading them, doing them through the server, the world and the
 * faults, and the form of the answer. Owns nothing.
 */
#include "tools/tgsim/control.h"

#include "proto/base/check.h"
#include "tools/tgsim/methods.h"
#include "tools/tgsim/world_setup.h"

#include <stdlib.h>

enum { WORDS_MAX = 8 };

struct command {
	struct control *ctl;
	int64_t now;
	char *words[WORDS_MAX]; /* [0] is the command */
	uint32_t count;
	struct sink body;
	char error[256];
};

static bool fail(struct command *c, const char *text)
{
	size_t len = strnlen(text, sizeof(c->error) - 1);

	memcpy(c->error, text, len);
	c->error[len] = '\0';
	return false;
}

static const char *word(const struct command *c, uint32_t i)
{
	return i < c->count ? c->words[i] : "";
}

/* ---- commands ---- */

static bool do_help(struct command *);

static bool do_stats(struct command *c)
{
	sink_put(&c->body, "{");
	stats_json(c->ctl->stats, &c->body);
	sink_put(&c->body, ",");
	dc_json(c->ctl->server, &c->body);
	sink_printf(&c->body, ",\"flood_waits\":%llu,\"faults\":",
		    (unsigned long long)methods_flood_waits(c->ctl->world));
	faults_json(c->ctl->faults, &c->body);
	sink_put(&c->body, "}\n");
	return true;
}

static bool do_fault(struct command *c)
{
	uint32_t id = faults_add(c->ctl->faults, word(c, 1), c->now, c->error, sizeof(c->error));

	if (id == 0)
		return false;
	sink_printf(&c->body, "%u\n", id);
	return true;
}

static bool do_unfault(struct command *c)
{
	const char *which = word(c, 1);
	uint32_t id = strcmp(which, "all") == 0 ? 0 : (uint32_t)strtoul(which, NULL, 10);

	if (id == 0 && strcmp(which, "all") != 0)
		return fail(c, "unfault needs the number of a rule, or all");
	return faults_drop(c->ctl->faults, id) || fail(c, "no such rule");
}

static bool do_faults(struct command *c)
{
	if (strcmp(word(c, 1), "help") == 0) {
		faults_help(&c->body);
		return true;
	}
	faults_json(c->ctl->faults, &c->body);
	sink_put(&c->body, "\n");
	return true;
}

static bool do_knob(struct command *c)
{
	if (c->count != 3)
		return fail(c, "knob needs NAME VALUE");
	return methods_knob(c->ctl->world, word(c, 1), word(c, 2)) ||
	       fail(c, "no such knob, or not with that value");
}

static bool do_salts(struct command *c)
{
	dc_change_salts(c->ctl->server, c->now);
	return true;
}

static bool do_forget(struct command *c)
{
	dc_forget_sessions(c->ctl->server);
	return true;
}

static bool do_expire(struct command *c)
{
	world_expire_references(c->ctl->world);
	return true;
}

static bool do_forgive(struct command *c)
{
	stats_forgive(c->ctl->stats);
	return true;
}

static bool do_cut(struct command *c)
{
	dc_cut(c->ctl->server, atoi(word(c, 1)), strcmp(word(c, 0), "reset") == 0);
	return true;
}

static bool do_push(struct command *c)
{
	dc_push_too_long(c->ctl->server);
	return true;
}

static bool do_damage(struct command *c)
{
	return world_damage(c->ctl->world, word(c, 1), atoi(word(c, 2)), word(c, 3), c->now) ||
	       fail(c, "no such message, or nothing there to be damaged so");
}

static bool do_say(struct command *c)
{
	return world_say(c->ctl->world, word(c, 1), word(c, 2), atoi(word(c, 3)), c->now) ||
	       fail(c, "no such chat, or nobody else is there");
}

static bool do_protect(struct command *c)
{
	return world_protect(c->ctl->world, word(c, 1), atoi(word(c, 2)) != 0) || fail(c, "no such chat");
}

static bool do_migrate(struct command *c)
{
	struct chat *group = chat_find(c->ctl->world, -atoll(word(c, 1)));

	if (group == NULL || group->kind != CHAT_GROUP || group->deactivated)
		return fail(c, "no such basic group");
	sink_printf(&c->body, "%lld", (long long)chat_marked_id(chat_migrate(c->ctl->world, group,
							   (int32_t)(c->now / 1000000000))));
	return true;
}

static bool dump_line_to(void *arg, const char *line, size_t len)
{
	struct sink *out = arg;

	sink_put_n(out, line, len);
	sink_put(out, "\n");
	return true;
}

static bool do_dump(struct command *c)
{
	struct dump_options options = {0};
	const char *chat = NULL;

	for (uint32_t i = 1; i < c->count; i++) {
		if (strcmp(c->words[i], "--canonical") == 0)
			options.canonical = true;
		else if (strcmp(c->words[i], "--topic") == 0 && i + 1 < c->count)
			options.topic = atoi(c->words[++i]);
		else
			chat = c->words[i];
	}
	if (chat == NULL)
		return fail(c, "dump needs a CHAT");
	return world_dump(c->ctl->world, chat, &options, dump_line_to, &c->body) == 0 ||
	       fail(c, "no such chat");
}

static bool do_config(struct command *c)
{
	sink_put_n(&c->body, c->ctl->config->at, c->ctl->config->len);
	return true;
}

static bool do_stop(struct command *c)
{
	c->ctl->stop = true;
	return true;
}

static const struct {
	const char *name;
	bool (*run)(struct command *);
	const char *help;
} commands[] = {
    {"help", do_help, "this list"},
    {"stats", do_stats, "requests by method, violations by rule, bytes, keys, faults as JSON"},
    {"config", do_config, "what tgsim.json says"},
    {"dump", do_dump, "[--canonical] [--topic N] CHAT: a chat as JSON lines"},
    {"fault", do_fault, "SPEC: a new rule; answers its number"},
    {"unfault", do_unfault, "NUMBER|all: drops it"},
    {"faults", do_faults, "the rules as JSON; faults help: all kinds"},
    {"knob", do_knob, "NAME VALUE: a limit or habit of the API methods"},
    {"salts", do_salts, "all server salts change now"},
    {"forget", do_forget, "the state of all sessions is lost now"},
    {"expire", do_expire, "all file references given out so far expire now"},
    {"forgive", do_forgive, "the waits that were told are over now"},
    {"cut", do_cut, "[DC]: closes its connections, or all"},
    {"reset", do_cut, "[DC]: the same by RST"},
    {"damage", do_damage, "CHAT ID delete|text|letter|media|bytes|plain|dice|spoiler|talk|alone|author|silent|twice|expired|ungroup|title|close: harm"},
    {"say", do_say, "CHAT TEXT [TOPIC]: the second account posts it"},
    {"protect", do_protect, "CHAT 1|0: no forwarding and saving, or again"},
    {"migrate", do_migrate, "CHAT: a basic group becomes a supergroup; answers its id"},
    {"push", do_push, "updatesTooLong to every main session"},
    {"stop", do_stop, "ends the simulator"},
};

static bool do_help(struct command *c)
{
	for (size_t i = 0; i < countof(commands); i++)
		sink_printf(&c->body, "%-8s %s\n", commands[i].name, commands[i].help);
	return true;
}

/* ---- the door ---- */

/* Blanks part words; double quotes keep them together. */
static void split(struct command *c, char *line)
{
	char *to;

	while (c->count < WORDS_MAX) {
		bool quoted = false;

		line += strspn(line, " \t");
		if (*line == '\0')
			return;
		c->words[c->count++] = to = line;
		for (; *line != '\0' && (quoted || (*line != ' ' && *line != '\t')); line++) {
			if (*line == '"')
				quoted = !quoted;
			else
				*to++ = *line;
		}
		if (*line != '\0')
			line++;
		*to = '\0';
	}
}

static bool run(struct command *c)
{
	for (size_t i = 0; i < countof(commands); i++)
		if (strcmp(commands[i].name, word(c, 0)) == 0)
			return commands[i].run(c);
	return fail(c, "no such command; try help");
}

void control_take(struct control *ctl, char *line, int64_t now, struct sink *out)
{
	struct command c = {.ctl = ctl, .now = now};

	sink_init(&c.body);
	split(&c, line);
	if (run(&c)) {
		sink_printf(out, "ok %zu\n", c.body.len);
		if (c.body.len > 0)
			sink_put_n(out, c.body.at, c.body.len);
	} else {
		sink_printf(out, "err %s\n", c.error);
	}
	sink_free(&c.body);
}
