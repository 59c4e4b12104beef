/*
 * From argv, the environment and the config file to one struct options. The sources are read from
 * the weakest to the strongest, so that a stronger one simply writes over; each value is checked
 * where it stands, also when a stronger one follows: a wrong line in a file is told, not hidden.
 */
#include "tools/tgclone/options_priv.h"
#include "tools/tgclone/exits.h"
#include "proto/base/check.h"
#include "proto/wire/frame.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(struct options *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int fail(struct options *o, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(o->why, sizeof(o->why), format, args);
	va_end(args);
	return EXIT_USAGE;
}

/* The phone, and descriptors and files that stand for secrets: one of those may have slipped in. */
static bool is_personal(const struct option_spec *spec)
{
	return spec->commands == FOR_LOGIN;
}

static int set(struct options *o, const struct option_spec *spec, const char *text,
	       enum option_source source, const char *where)
{
	char rule[160];
	bool taken = option_set(o, spec, text, rule, sizeof(rule));

	if (!taken && is_personal(spec))
		return fail(o, "bad value for %s (from %s): %s", spec->name, where, rule);
	if (!taken)
		return fail(o, "bad value \"%.60s\" for %s (from %s): %s", text, spec->name, where,
			    rule);
	o->origin[spec - option_table] = (uint8_t)source;
	return 0;
}

/* ---- defaults ---- */

static void defaults(struct options *o)
{
	char why[160];

	*o = (struct options){0};
	for (uint32_t i = 0; i < option_count; i++) {
		const struct option_spec *spec = &option_table[i];

		if (spec->initial != NULL)
			check(option_set(o, spec, spec->initial, why, sizeof(why)));
		else if (spec->type == OPT_INT)
			*(int64_t *)(void *)((char *)o + spec->at) = spec->min - 1;
	}
}

/* ---- environment ---- */

static const char *env_find(char **env, const char *name)
{
	size_t len = strlen(name);

	for (; *env != NULL; env++) {
		if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
			return (*env)[len + 1] != 0 ? *env + len + 1 : NULL;
	}
	return NULL;
}

static void env_name(char *out, size_t size, const struct option_spec *spec)
{
	snprintf(out, size, "TGCLONE_%s", spec->name);
	for (; *out != 0; out++)
		*out = *out == '-' ? '_' : (char)toupper((unsigned char)*out);
}

/* Who wants to know something asks with a flag; a setting that always asks would let no command run. */
static bool is_question(const struct option_spec *spec)
{
	return strcmp(spec->name, "help") == 0;
}

static bool env_known(const char *entry)
{
	size_t len = strcspn(entry, "=");
	char name[64];

	for (uint32_t i = 0; i < option_count; i++) {
		env_name(name, sizeof(name), &option_table[i]);
		if (strlen(name) == len && memcmp(name, entry, len) == 0)
			return !is_question(&option_table[i]);
	}
#ifdef TGCLONE_CRASH_POINTS
	return strncmp(entry, "TGCLONE_CRASH=", 14) == 0;
#else
	return false;
#endif
}

const char *options_unknown(char **env, uint32_t *at)
{
	while (env[*at] != NULL) {
		const char *entry = env[(*at)++];

		if (strncmp(entry, "TGCLONE_", 8) == 0 && !env_known(entry))
			return entry;
	}
	return NULL;
}

/* Out of the environment and out of its memory, where /proc shows it. */
static void env_wipe(char **env, const char *name)
{
	size_t len = strlen(name);
	char **to = env;

	for (; *env != NULL; env++) {
		if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
			bytes_wipe(*env + len + 1, strlen(*env + len + 1));
		else
			*to++ = *env;
	}
	*to = NULL;
}

static int env_api_hash(struct options *o, char **env)
{
	static const char *const names[] = {"TG_API_HASH", "TGCLONE_API_HASH"};
	int rc = 0;

	for (size_t i = 0; i < countof(names); i++) {
		const char *value = env_find(env, names[i]);

		if (value != NULL && !options_api_hash_ok(value))
			rc = fail(o, "bad value of %s: allowed 1..%d printable characters",
				  names[i], API_HASH_MAX);
		else if (value != NULL)
			snprintf(o->api_hash, sizeof(o->api_hash), "%s", value);
		env_wipe(env, names[i]);
	}
	return rc;
}

static int read_env(struct options *o, uint32_t command, char **env)
{
	int rc = 0;

	for (uint32_t i = 0; i < option_count && rc == 0; i++) {
		const struct option_spec *spec = &option_table[i];
		char name[64];
		const char *value;

		if ((spec->commands & command) == 0 || is_question(spec))
			continue;
		value = spec->old_env != NULL ? env_find(env, spec->old_env) : NULL;
		if (value != NULL)
			rc = set(o, spec, value, FROM_OLD_ENV, spec->old_env);
		env_name(name, sizeof(name), spec);
		value = env_find(env, name);
		if (value != NULL && rc == 0)
			rc = set(o, spec, value, FROM_ENV, name);
	}
	return rc;
}

/* ---- config file ---- */

static int config_path(struct options *o, char **env, char out[PATH_MAX], bool *must)
{
	const char *xdg = env_find(env, "XDG_CONFIG_HOME");
	const char *home = env_find(env, "HOME");
	int n = 0;

	*must = o->config != NULL;
	out[0] = 0;
	if (o->config != NULL)
		n = snprintf(out, PATH_MAX, "%s", o->config);
	else if (xdg != NULL && xdg[0] == '/')
		n = snprintf(out, PATH_MAX, "%s/tgclone/config", xdg);
	else if (home != NULL)
		n = snprintf(out, PATH_MAX, "%s/.config/tgclone/config", home);
	return n < PATH_MAX ? 0 : fail(o, "config file: path too long");
}

static int config_load(struct options *o, const char *path, bool must)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n = 1;
	size_t len = 0;

	if (fd < 0 && !must && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return fail(o, "config file %.150s: %s", path, strerror(errno));
	o->config_text = malloc(OPTIONS_CONFIG_MAX + 1);
	check(o->config_text != NULL);
	while (len <= OPTIONS_CONFIG_MAX && n != 0) { /* a pipe gives it piece by piece */
		n = read(fd, o->config_text + len, OPTIONS_CONFIG_MAX + 1 - len);
		if (n < 0 && errno != EINTR)
			break;
		len += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	if (n < 0)
		return fail(o, "config file %.150s: %s", path, strerror(errno));
	if (len > OPTIONS_CONFIG_MAX)
		return fail(o, "config file %.150s: more than %d bytes", path, OPTIONS_CONFIG_MAX);
	if (memchr(o->config_text, 0, len) != NULL)
		return fail(o, "config file %.150s: not a text", path);
	o->config_text[len] = 0;
	return 0;
}

static int config_apply(struct options *o, uint32_t command, const char *path)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of editors that put one in front of UTF-8 */
	char *text = o->config_text, where[128];
	struct config_line line;
	int number = 0, rc = 0, got;

	if (strncmp(text, mark, sizeof(mark) - 1) == 0)
		text += sizeof(mark) - 1;
	while (rc == 0 && (got = config_next(&text, &number, &line)) != 0) {
		int i = got > 0 ? option_find(line.name, strlen(line.name)) : -1;

		snprintf(where, sizeof(where), "%.100s line %d", path, number);
		if (got > 0 && strcmp(line.name, "api-hash") == 0)
			rc = fail(o, "%s: api-hash has no place here; use api-hash-file", where);
		else if (got > 0 && strcmp(line.name, "config") == 0)
			rc = fail(o, "%s: config has no place here: one file is read, and it is this one", where);
		else if (got < 0 || i < 0 || is_question(&option_table[i]))
			rc = fail(o, "%s: %s%.40s%s", where, got < 0 ? "not `name = value`" : "\"",
				  got < 0 ? "" : line.name, got < 0 ? "" : "\" is no setting");
		else if (option_table[i].commands & command)
			rc = set(o, &option_table[i], line.value, FROM_CONFIG, where);
	}
	return rc;
}

static int read_config(struct options *o, uint32_t command, char **env)
{
	char path[PATH_MAX];
	bool must;
	int rc = config_path(o, env, path, &must);

	if (rc == 0 && path[0] != 0)
		rc = config_load(o, path, must);
	return rc != 0 || o->config_text == NULL ? rc : config_apply(o, command, path);
}

/* ---- flags ---- */

struct flag {
	const struct option_spec *spec;
	const char *value;
	int used; /* words of argv */
};

static int flag_name(struct options *o, const char *command, uint32_t bit, const char *word,
		     size_t len, struct flag *f)
{
	int i = option_find(word, len);
	bool no = i < 0 && len > 3 && memcmp(word, "no-", 3) == 0;

	if (no)
		i = option_find(word + 3, len - 3);
	if (len == 8 && memcmp(word, "api-hash", 8) == 0)
		return fail(o,
			    "the api_hash is never taken from the command line, where others can "
			    "read it: use --api-hash-fd or --api-hash-file");
	if (i < 0 || (no && option_table[i].type != OPT_BOOL))
		return fail(o, "unknown option --%.*s (see tgclone help %s)",
			    (int)(len < 60 ? len : 60), word, command);
	if ((option_table[i].commands & bit) == 0)
		return fail(o, "--%s is no option of %s (see tgclone help %s)",
			    option_table[i].name, command, command);
	f->spec = &option_table[i];
	f->value = f->spec->type != OPT_BOOL ? NULL : no ? "false" : "true";
	return 0;
}

/* argv[0] begins with --. */
static int flag_parse(struct options *o, const char *command, uint32_t bit, char **argv,
		      struct flag *f)
{
	const char *word = argv[0] + 2;
	size_t len = strcspn(word, "=");
	bool negated = strncmp(word, "no-", 3) == 0;
	int rc = flag_name(o, command, bit, word, len, f);

	if (rc != 0)
		return rc;
	f->used = 1;
	if (word[len] == '=') {
		if (f->spec->type == OPT_BOOL && negated)
			return fail(o, "--no-%s takes no value", f->spec->name);
		f->value = word + len + 1;
	} else if (f->value == NULL) {
		if (argv[1] == NULL)
			return fail(o, "--%s wants a value: %s", f->spec->name, f->spec->arg);
		f->value = argv[1];
		f->used = 2;
	}
	return 0;
}

/* An id like -1001234 is an operand, although it begins with a dash. */
static bool is_flag(const char *word)
{
	return word[0] == '-' && word[1] == '-' && word[2] != 0;
}

static int add_operand(struct options *o, const char *command, const char *word)
{
	if (o->arg_count == OPTIONS_ARGS)
		return fail(o, "too many operands for %s", command);
	o->args[o->arg_count++] = word;
	return 0;
}

/* The first pass only looks for --config and --help; the second sees all. */
static int take_flag(struct options *o, const struct flag *f, bool first)
{
	char where[64];

	if (first && strcmp(f->spec->name, "config") != 0 && strcmp(f->spec->name, "help") != 0)
		return 0;
	snprintf(where, sizeof(where), "--%s", f->spec->name);
	return set(o, f->spec, f->value, FROM_FLAG, where);
}

static int read_flags(struct options *o, const char *command, uint32_t bit, int argc, char **argv,
		      bool first)
{
	bool operands = false;
	int rc = 0;

	for (int i = 0; i < argc && rc == 0;) {
		struct flag f = {.used = 1};

		if (!operands && strcmp(argv[i], "--") == 0) {
			operands = true;
		} else if (!operands && strcmp(argv[i], "-h") == 0) {
			o->help = true;
		} else if (!operands && is_flag(argv[i])) {
			rc = flag_parse(o, command, bit, argv + i, &f);
			rc = rc != 0 ? rc : take_flag(o, &f, first);
		} else if (!operands && argv[i][0] == '-' && !isdigit((unsigned char)argv[i][1])) {
			rc =
			    fail(o, "unknown option %.60s (see tgclone help %s)", argv[i], command);
		} else if (!first) {
			rc = add_operand(o, command, argv[i]);
		}
		i += f.used;
	}
	return rc;
}

/* ---- what it means ---- */

struct option_links options_links(const struct options *o, int64_t asked)
{
	enum { FIRST = 4 }; /* what official clients begin with, or near it */

	if (asked != 0)
		return (struct option_links){asked, asked};
	return (struct option_links){o->links_max < FIRST ? o->links_max : FIRST, o->links_max};
}

/* ---- all together ---- */

/* Of little memory, the buffer that nobody named takes what the rest of the program leaves. */
static void fit_buffer(struct options *o)
{
	static const int64_t rest = INT64_C(64) << 20;
	int64_t most = o->memory / 4 > o->memory - rest ? o->memory / 4 : o->memory - rest;

	if (options_origin(o, "buffer") == FROM_DEFAULT && o->buffer > most)
		o->buffer = most;
}

/* The operand names the chat, unless a flag does: both only if they say the same. */
static int take_chat(struct options *o, const char *name, int index, const char **chat)
{
	const char *operand = o->arg_count > index ? o->args[index] : NULL;

	if (operand != NULL && *chat != NULL && options_origin(o, name) == FROM_FLAG &&
	    strcmp(*chat, operand) != 0)
		return fail(o, "the %s is named twice: --%s %.60s, and the operand %.60s", name, name,
			    *chat, operand);
	if (operand != NULL)
		*chat = operand;
	return 0;
}

/* The nearer source wins, as for one option. */
static int choose_voice(struct options *o)
{
	enum option_source quiet = options_origin(o, "quiet"), verbose = options_origin(o, "verbose");

	if (!o->quiet || !o->verbose)
		return 0;
	if (quiet == verbose)
		return fail(o, "quiet and verbose exclude each other");
	o->quiet = quiet > verbose;
	o->verbose = !o->quiet;
	return 0;
}

static int agree(struct options *o, uint32_t command)
{
	int rc = choose_voice(o);

	if (rc != 0)
		return rc;
	if (o->test && o->dc_config != NULL)
		return fail(o, "test and dc-config exclude each other: each names its own servers");
	if (o->from_id != 0 && o->to_id != 0 && o->from_id > o->to_id)
		return fail(o, "from is behind to");
	fit_buffer(o);
	if (o->buffer > o->memory)
		return fail(o, "buffer is larger than memory");
	if (o->obfuscate && o->transport == TRANSPORT_FULL)
		return fail(o, "obfuscate and transport full exclude each other: that one has no obfuscated form");
	if (o->keep_author && (o->mode == MODE_COPY || o->mode == MODE_STREAM))
		return fail(o, "keep-author and mode %s exclude each other: only a forward names the author",
			    o->mode == MODE_COPY ? "copy" : "stream");
	if (!o->probe && (options_origin(o, "yes") == FROM_FLAG || options_origin(o, "probe-wait") == FROM_FLAG))
		return fail(o, "yes and probe-wait are of the probe: --probe asks for it");
	if (o->rate.learnt && o->burst > 1)
		return fail(o, "burst and rate auto exclude each other: what may go at once is learnt");
	if (o->rate.learnt && options_origin(o, "interval") == FROM_DEFAULT)
		o->interval_ns = 0; /* the learnt rate says it */
	if (o->api_hash_fd >= 0 && o->api_hash_file != NULL)
		return fail(o, "api-hash-fd and api-hash-file exclude each other");
	if ((command & FOR_JOB) != 0)
		rc = take_chat(o, "source", 0, &o->source);
	if ((command & FOR_JOB) != 0 && rc == 0)
		rc = take_chat(o, "target", 1, &o->target);
	return rc;
}

static void blank(char *text)
{
	memset(text, 'x', strlen(text));
}

/* X3: out of the arguments and the environment, which /proc shows to everybody. */
static void hide_phone(struct options *o, int argc, char **argv, char **env)
{
	static const char flag[] = "--phone";
	const size_t len = sizeof(flag) - 1;

	if (o->phone != NULL) {
		snprintf(o->phone_text, sizeof(o->phone_text), "%s", o->phone);
		o->phone = o->phone_text;
	}
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], flag) == 0 && i + 1 < argc)
			blank(argv[i + 1]);
		else if (strncmp(argv[i], flag, len) == 0 && argv[i][len] == '=')
			blank(argv[i] + len + 1);
	}
	env_wipe(env, "TGCLONE_PHONE");
}

static int parse(struct options *o, const char *command, int argc, char **argv, char **env)
{
	uint32_t bit = option_command(command);
	int rc, hash;

	check(bit != 0);
	defaults(o);
	hash = env_api_hash(o, env);
	/* The config file's name first, strongest source last; then everything in order. */
	o->config = env_find(env, "TGCLONE_CONFIG");
	rc = read_flags(o, command, bit, argc, argv, true);
	if (o->help)
		return rc;
	rc = rc != 0 ? rc : read_config(o, bit, env);
	rc = rc != 0 ? rc : read_env(o, bit, env);
	rc = rc != 0 ? rc : read_flags(o, command, bit, argc, argv, false);
	rc = rc != 0 || o->help ? rc : hash;
	return rc != 0 || o->help ? rc : agree(o, bit);
}

int options_parse(struct options *o, const char *command, int argc, char **argv, char **env)
{
	int rc = parse(o, command, argc, argv, env);

	hide_phone(o, argc, argv, env);
	return rc;
}

void options_fini(struct options *o)
{
	bytes_wipe(o->api_hash, sizeof(o->api_hash));
	bytes_wipe(o->phone_text, sizeof(o->phone_text));
	free(o->config_text);
	o->config_text = NULL;
}

bool options_has(const char *command)
{
	return option_command(command) != 0;
}

int options_layer(const struct options *o)
{
	static const int layers[] = {0, 201, 228};

	check(o->layer >= 0 && o->layer < (int64_t)countof(layers));
	return layers[o->layer];
}

enum option_source options_origin(const struct options *o, const char *name)
{
	int i = option_find(name, strlen(name));

	check(i >= 0);
	return (enum option_source)o->origin[i];
}

/* ---- the api_hash ---- */

bool options_api_hash_ok(const char *s)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < len; i++) {
		if (s[i] <= ' ' || s[i] > '~')
			return false;
	}
	return len >= 1 && len <= API_HASH_MAX;
}

/* The first line of fd. */
static int take_hash(struct options *o, int fd, const char *where)
{
	char line[API_HASH_MAX + 3];
	ssize_t n = read(fd, line, sizeof(line) - 1);
	int rc = 0;

	if (n < 0)
		return fail(o, "%s: %s", where, strerror(errno));
	line[n] = 0;
	line[strcspn(line, "\r\n")] = 0;
	if (options_api_hash_ok(line))
		memcpy(o->api_hash, line, strlen(line) + 1);
	else
		rc = fail(o, "%s: no api_hash there, 1..%d printable characters", where,
			  API_HASH_MAX);
	bytes_wipe(line, sizeof(line));
	return rc;
}

int options_read_api_hash(struct options *o)
{
	struct stat st;
	int fd, rc;

	if (o->api_hash_fd >= 0)
		return take_hash(o, (int)o->api_hash_fd, "--api-hash-fd");
	if (o->api_hash_file == NULL)
		return 0;
	fd = open(o->api_hash_file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0)
		rc = fail(o, "api-hash-file %.150s: %s", o->api_hash_file, strerror(errno));
	else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077) != 0)
		rc = fail(o, "api-hash-file %.150s must be a file of yours alone (chmod 600)",
			  o->api_hash_file);
	else
		rc = take_hash(o, fd, "api-hash-file");
	if (fd >= 0)
		close(fd);
	return rc;
}
