/*
 * Flags into struct config, and the file that tells clients where and who (tgsim.json). Owns
 * nothing: strings are argv's. Whether a DC can listen or a world can be opened is found out by
 * main.c.
 */
#include "tools/tgsim/config.h"

#include "proto/base/check.h"
#include "tools/tgsim/model.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum { API_ID = 90210, GATHER_MS = 8 };
static const char API_HASH[] = "7d3f0a5c9e1b46828fd2c4a6e8b01357";

static bool wrong(char *error, size_t len, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool wrong(char *error, size_t len, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, len, format, args);
	va_end(args);
	return false;
}

static bool read_int(const char *text, int64_t least, int64_t most, int64_t *out)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	if (end == text || *end != '\0' || n < least || n > most)
		return false;
	*out = n;
	return true;
}

/* ---- values of flags ---- */

/* ID=HOST:PORT, IDm for a media-only address; HOST an IPv4 number or [IPv6]. */
static bool read_dc(struct config *c, char *text)
{
	struct config_dc *dc = &c->dcs[c->dc_count];
	char *host = strchr(text, '='), *port;
	int64_t n;
	size_t len;

	if (host == NULL || c->dc_count == CONFIG_DCS)
		return false;
	*host++ = '\0';
	len = strlen(text);
	dc->media = len > 0 && text[len - 1] == 'm';
	if (dc->media)
		text[len - 1] = '\0';
	port = strrchr(host, ':');
	if (port == NULL || !read_int(text, 1, 999, &n))
		return false;
	*port++ = '\0';
	dc->id = (int)n;
	if (host[0] == '[' && host[strlen(host) - 1] == ']') {
		host[strlen(host) - 1] = '\0';
		host++;
	}
	if (strlen(host) == 0 || strlen(host) >= sizeof(dc->host) || !read_int(port, 0, 65535, &n))
		return false;
	memcpy(dc->host, host, strlen(host) + 1);
	dc->port = (uint16_t)n;
	c->dc_count++;
	return true;
}

/* phone=…,code=…[,password=…][,id=…][,premium] */
static bool read_account(struct config *c, char *text)
{
	struct world_account *a = &c->accounts[c->account_count];
	char *save = NULL;

	if (c->account_count == CONFIG_ACCOUNTS)
		return false;
	*a = (struct world_account){0};
	for (char *pair = strtok_r(text, ",", &save); pair != NULL;
	     pair = strtok_r(NULL, ",", &save)) {
		char *value = strchr(pair, '=');

		if (value != NULL)
			*value++ = '\0';
		if (strcmp(pair, "premium") == 0 && value == NULL)
			a->premium = true;
		else if (value == NULL || *value == '\0')
			return false;
		else if (strcmp(pair, "phone") == 0)
			a->phone = *value == '+' ? value + 1 : value;
		else if (strcmp(pair, "code") == 0)
			a->code = value;
		else if (strcmp(pair, "password") == 0)
			a->password = value;
		else if (strcmp(pair, "id") != 0 || !read_int(value, 1, INT64_MAX >> 11, &a->id))
			return false;
	}
	if (a->phone == NULL || a->code == NULL || *a->phone == '\0')
		return false;
	c->account_count++;
	return true;
}

static bool add_rule(const char **list, uint32_t *count, const char *text)
{
	if (*count == CONFIG_RULES)
		return false;
	list[(*count)++] = text;
	return true;
}

/* ---- the table of flags ---- */

enum flag_kind {
	FLAG_TEXT,
	FLAG_INT,
	FLAG_LONG,
	FLAG_BOOL,
	FLAG_DC,
	FLAG_ACCOUNT,
	FLAG_FAULT,
	FLAG_KNOB
};

struct flag {
	const char *name;
	enum flag_kind kind;
	size_t at; /* of the field in struct config; DC and below know theirs */
	int64_t least, most;
	const char *value, *help;
};

#define AT(field) offsetof(struct config, field)

static const struct flag flags[] = {
    {"--dir", FLAG_TEXT, AT(dir), 0, 0, "DIR",
     "where tgsim.json, rsa.pem and the control socket go; made if missing"},
    {"--dc", FLAG_DC, 0, 0, 0, "ID=HOST:PORT",
     "address of a DC; port 0: a free one; IDm=: media only"},
    {"--home-dc", FLAG_INT, AT(home_dc), 1, 999, "ID", "DC of all accounts (2)"},
    {"--file-dc", FLAG_INT, AT(file_dc), 1, 999, "ID", "DC where files of the world lie (4)"},
    {"--account", FLAG_ACCOUNT, 0, 0, 0, "phone=N,code=N[,password=P][,id=N][,premium]",
     "may be repeated"},
    {"--rsa-key", FLAG_TEXT, AT(rsa_key), 0, 0, "PEM", "private key to use instead of a fresh one"},
    {"--world", FLAG_TEXT, AT(world), 0, 0, "ARCHIVE",
     "folder of an export (result.json and media)"},
    {"--synth", FLAG_TEXT, AT(synth), 0, 0, "SPEC",
     "made-up chats: messages=300,photos=40,video=3x30MB,docs=2x4GB,albums=10,topics=12,seed=7"},
    {"--demo", FLAG_TEXT, AT(demo), 0, 0, "ARCHIVE", "folder of the demo world"},
    {"--max-layer", FLAG_INT, AT(max_layer), TL_LAYER_OLD, TL_LAYER, "N",
     "highest API layer served"},
    {"--log", FLAG_TEXT, AT(log), 0, 0, "FILE", "JSON, one line a message"},
    {"--fault", FLAG_FAULT, 0, 0, 0, "SPEC", "a fault from the start; `tgsim faults` lists them"},
    {"--knob", FLAG_KNOB, 0, 0, 0, "NAME=VALUE",
     "a limit or habit, as `tgsim ctl knob NAME VALUE`"},
    {"--fileref-ttl", FLAG_LONG, AT(fileref_ttl_s), 1, 1000000000, "SECONDS",
     "age at which file references expire"},
    {"--salt-life", FLAG_LONG, AT(salt_life_s), 1, 1000000000, "SECONDS",
     "a new server salt so often (1800)"},
    {"--resend", FLAG_LONG, AT(resend_s), 1, 1000000, "SECONDS",
     "unacknowledged answers are sent again after (15)"},
    {"--gather", FLAG_LONG, AT(gather_ms), 0, 1000, "MS",
     "file parts may wait so long for others, together they cost less; 0: not at all (8)"},
    {"--upload-keep", FLAG_LONG, AT(upload_keep), 1, INT64_MAX, "BYTES",
     "memory for uploads that repeat nothing (1 GiB)"},
    {"--spill", FLAG_TEXT, AT(spill), 0, 0, "DIR", "where those go instead of memory"},
    {"--api-id", FLAG_INT, AT(api_id), 1, INT32_MAX, "N", "the api_id that is accepted"},
    {"--api-hash", FLAG_TEXT, AT(api_hash), 0, 0, "HEX", "and its hash"},
    {"--seed", FLAG_LONG, AT(seed), 1, INT64_MAX, "N", "of all randomness; without, the kernel's"},
    {"--test-mode", FLAG_BOOL, AT(test_mode), 0, 0, NULL,
     "DC numbers + 10000 in the key exchange, as test servers"},
    {"--poll", FLAG_BOOL, AT(poll), 0, 0, NULL, "poll instead of io_uring"},
};

static bool store_value(struct config *c, const struct flag *f, char *value)
{
	char *place = (char *)c + f->at;
	int64_t n;

	switch (f->kind) {
	case FLAG_TEXT:
		memcpy(place, &value, sizeof(value));
		return *value != '\0';
	case FLAG_INT:
	case FLAG_LONG:
		if (!read_int(value, f->least, f->most, &n))
			return false;
		memcpy(place, &n, f->kind == FLAG_INT ? sizeof(int32_t) : sizeof(int64_t));
		return true;
	case FLAG_DC:
		return read_dc(c, value);
	case FLAG_ACCOUNT:
		return read_account(c, value);
	case FLAG_FAULT:
		return add_rule(c->faults, &c->fault_count, value);
	case FLAG_KNOB:
		return add_rule(c->knobs, &c->knob_count, value);
	case FLAG_BOOL:
		break;
	}
	return false;
}

static const struct flag *find_flag(const char *name)
{
	for (size_t i = 0; i < countof(flags); i++)
		if (strcmp(flags[i].name, name) == 0)
			return &flags[i];
	return NULL;
}

/* ---- all of it ---- */

static bool has_dc(const struct config *c, int id)
{
	for (uint32_t i = 0; i < c->dc_count; i++)
		if (c->dcs[i].id == id && !c->dcs[i].media)
			return true;
	return false;
}

static void set_defaults(struct config *c)
{
	static const int ids[] = {1, 2, 4};

	if (c->dc_count == 0)
		for (size_t i = 0; i < countof(ids); i++)
			c->dcs[c->dc_count++] =
			    (struct config_dc){.id = ids[i], .host = "127.0.0.1"};
	if (c->home_dc == 0)
		c->home_dc = has_dc(c, 2) ? 2 : c->dcs[0].id;
	if (c->file_dc == 0)
		c->file_dc = has_dc(c, 4) ? 4 : c->home_dc;
	if (c->api_id == 0)
		c->api_id = API_ID;
	if (c->api_hash == NULL)
		c->api_hash = API_HASH;
	if (c->max_layer == 0)
		c->max_layer = TL_LAYER;
}

enum config_outcome config_read(struct config *c, int argc, char **argv, char *error, size_t len)
{
	*c = (struct config){.gather_ms = GATHER_MS};
	for (int i = 1; i < argc; i++) {
		const struct flag *f = find_flag(argv[i]);

		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return CONFIG_HELP;
		if (f == NULL)
			return wrong(error, len, "no such flag: %s", argv[i]), CONFIG_WRONG;
		if (f->kind == FLAG_BOOL) {
			*(bool *)((char *)c + f->at) = true;
			continue;
		}
		if (i + 1 == argc || !store_value(c, f, argv[++i]))
			return wrong(error, len, "%s needs %s", f->name, f->value), CONFIG_WRONG;
	}
	if (c->dir == NULL)
		return wrong(error, len, "--dir DIR is missing"), CONFIG_WRONG;
	if (c->world != NULL && c->synth != NULL)
		return wrong(error, len, "--world and --synth exclude each other"), CONFIG_WRONG;
	set_defaults(c);
	if (!has_dc(c, c->home_dc) || !has_dc(c, c->file_dc))
		return wrong(error, len, "--home-dc and --file-dc must be among the DCs"),
		       CONFIG_WRONG;
	return CONFIG_OK;
}

void config_usage(struct sink *out)
{
	sink_put(
	    out,
	    "Usage: tgsim --dir DIR [flags]         a simulated Telegram, until SIGTERM\n"
	    "       tgsim ctl --dir DIR COMMAND…     a word with a running one; COMMAND help\n"
	    "       tgsim dump --dir DIR [--canonical] [--topic N] CHAT   a chat as JSON lines\n"
	    "       tgsim faults                     the faults that --fault knows\n\n");
	for (size_t i = 0; i < countof(flags); i++)
		sink_printf(out, "  %s %s\n        %s\n", flags[i].name,
			    flags[i].value == NULL ? "" : flags[i].value, flags[i].help);
}

/* ---- tgsim.json ---- */

static void put_or_null(struct sink *out, const char *s)
{
	if (s == NULL || *s == '\0')
		sink_put(out, "null");
	else
		sink_json_str(out, s);
}

static const char *truth(bool b)
{
	return b ? "true" : "false";
}

static void put_dcs(const struct config *c, struct sink *out)
{
	for (uint32_t i = 0; i < c->dc_count; i++)
		sink_printf(
		    out, "%s\n    {\"id\": %d, \"host\": \"%s\", \"port\": %u, \"media_only\": %s}",
		    i == 0 ? "" : ",", c->dcs[i].id, c->dcs[i].host, c->dcs[i].port,
		    truth(c->dcs[i].media));
}

static void put_accounts(struct world *w, struct sink *out)
{
	struct account *a;

	for (uint32_t i = 0; (a = world_account_at(w, i)) != NULL; i++) {
		sink_printf(out, "%s\n    {\"phone\": ", i == 0 ? "" : ",");
		sink_json_str(out, a->user->phone);
		sink_put(out, ", \"code\": ");
		sink_json_str(out, a->code);
		sink_put(out, ", \"password\": ");
		put_or_null(out, a->password);
		sink_printf(out, ", \"user_id\": %lld, \"premium\": %s}", (long long)a->user->id,
			    truth(a->user->premium));
	}
}

static void put_topics(const struct chat *chat, struct sink *out)
{
	const char *comma = "";

	for (uint32_t i = 0; i < chat->topic_count; i++) {
		if (chat->topics[i]->deleted)
			continue;
		sink_printf(out, "%s{\"id\": %d, \"title\": ", comma, chat->topics[i]->id);
		sink_json_str(out, chat->topics[i]->title);
		sink_put(out, "}");
		comma = ", ";
	}
}

/* The access hash is the first account's, as hashes belong to accounts. */
static void put_chats(struct world *w, struct sink *out)
{
	struct account *first = world_account_at(w, 0);
	struct chat *chat;

	for (uint32_t i = 0; (chat = world_chat_at(w, i)) != NULL; i++) {
		struct peer peer = {chat->kind == CHAT_GROUP ? PEER_GROUP : PEER_CHANNEL, chat->id};
		int64_t hash =
		    chat->kind == CHAT_GROUP || first == NULL ? 0 : access_hash(w, first, peer);

		sink_printf(out, "%s\n    {\"id\": %lld, \"access_hash\": %lld, \"title\": ",
			    i == 0 ? "" : ",", (long long)chat_marked_id(chat), (long long)hash);
		sink_json_str(out, chat->title);
		sink_put(out, ", \"username\": ");
		put_or_null(out, chat->username);
		sink_printf(out,
			    ", \"kind\": \"%s\", \"forum\": %s, \"noforwards\": %s, \"topics\": [",
			    world_kind_name(chat), truth(chat->forum), truth(chat->noforwards));
		put_topics(chat, out);
		sink_put(out, "]}");
	}
}

void config_json(const struct config *c, const struct config_run *run, struct world *w,
		 struct sink *out)
{
	sink_printf(out, "{\n  \"layer\": %d,\n  \"rsa_key_pem\": ", c->max_layer);
	sink_json_str(out, run->rsa_pem_path);
	sink_printf(out, ",\n  \"rsa_fingerprint\": \"0x%016llx\",\n  \"dcs\": [",
		    (unsigned long long)run->rsa_fingerprint);
	put_dcs(c, out);
	sink_printf(out,
		    "\n  ],\n  \"home_dc\": %d,\n  \"api_id\": %d,\n  \"api_hash\": ", c->home_dc,
		    c->api_id);
	sink_json_str(out, c->api_hash);
	sink_put(out, ",\n  \"accounts\": [");
	put_accounts(w, out);
	sink_put(out, "\n  ],\n  \"chats\": [");
	put_chats(w, out);
	sink_printf(out, "\n  ],\n  \"test_mode\": %s,\n  \"pid\": %d\n}\n", truth(c->test_mode),
		    run->pid);
}
