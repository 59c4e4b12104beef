/*
 * What the user asked for. One table (option_table.c) says of each option its name, kind, range,
 * default, help and the commands it is for; parsing, range checks and --help all follow it.
 *
 * Where a value comes from: flag, else environment (TGCLONE_<NAME>, with _ for -), else the old
 * script's name in the environment, else the config file (`name = value`), else the default. A bad
 * value is told in one line with its source, and the program ends with 64.
 *
 * The api_hash is a secret: never a flag, never in the config file. It comes from the environment
 * (TGCLONE_API_HASH, TG_API_HASH; wiped from there), from --api-hash-fd or --api-hash-file.
 */
#ifndef TGCLONE_TOOLS_OPTIONS_H
#define TGCLONE_TOOLS_OPTIONS_H

#include "proto/base/bytes.h"

enum {
	OPTIONS_WHY = 256,
	OPTIONS_ARGS = 8, /* operands of a command, at most */
	OPTIONS_CONFIG_MAX = 64 * 1024,
	OPTIONS_COUNT_MAX = 96, /* rows of the table */
	API_HASH_MAX = 64,
	PHONE_MAX = 20,
};

enum option_mode { MODE_AUTO, MODE_FORWARD, MODE_COPY, MODE_STREAM };
enum option_io { IO_AUTO, IO_URING, IO_POLL };
enum option_progress { PROGRESS_AUTO, PROGRESS_OFF };

/* N per unit; count 0: no limit. learnt: that is only where it starts, floods teach the rest. */
struct option_rate {
	uint64_t count, unit_ns;
	bool learnt;
};

enum option_source {
	FROM_DEFAULT,
	FROM_CONFIG,
	FROM_OLD_ENV, /* a name of the old script */
	FROM_ENV,
	FROM_FLAG,
};

/* Texts are lent by argv, environ or config_text, the phone by phone_text; NULL: not given. */
struct options {
	/* where and who */
	const char *state_dir, *profile, *config, *dc_config;
	bool test;
	int64_t api_id;      /* 0: from the DC file or the session */
	int64_t api_hash_fd; /* -1: none */
	const char *api_hash_file;
	int64_t layer; /* index: 0 auto, 1 201, 2 228; see options_layer */
	const char *phone;
	int64_t password_fd; /* -1: none */
	/* what */
	const char *source, *target;
	int64_t source_topic, target_topic;
	int64_t mode; /* enum option_mode */
	bool keep_author, allow_protected;
	int64_t from_id, to_id, limit; /* 0: open */
	int64_t generation;
	const char *reason; /* retry: only skipped rows whose reason begins so */
	bool dry_run;
	bool bytes; /* verify: the files too */
	bool replace; /* rebuild: the ledger that is there is set aside */
	/* bench and tune */
	const char *message, *synth, *html;
	int64_t seconds, within_ns;
	/* doctor */
	bool probe, yes;
	int64_t probe_wait_ns;
	/* pace */
	struct option_rate rate;
	int64_t interval_ns, burst, ahead, max_wait_ns, max_offline_ns; /* waits: 0 = as told */
	/* resources */
	int64_t buffer, memory, inflight, part_size, cores;
	int64_t links_down, links_up, links_max; /* see options_links */
	int64_t zerocopy;  /* enum net_zerocopy */
	int64_t io;        /* enum option_io */
	int64_t transport; /* enum transport */
	bool obfuscate, pfs;
	/* talk */
	bool json, quiet, verbose, help;
	const char *log;
	int64_t log_level; /* enum log_level */
	int64_t progress;  /* enum option_progress */

	/* not in the table */
	char api_hash[API_HASH_MAX + 1];    /* "" when not known; wiped by options_fini */
	char phone_text[PHONE_MAX + 1];
	const char *args[OPTIONS_ARGS + 1]; /* operands, NULL at the end */
	int arg_count;
	uint8_t origin[OPTIONS_COUNT_MAX]; /* enum option_source, by row of the table */
	char *config_text;
	char why[OPTIONS_WHY]; /* one line, when a call failed */
};

/*
 * argv: what stands behind the command's name. Both are changed: secrets are taken out of environ, the
 * phone out of each. 0, or
 * EXIT_USAGE with why. --help alone is no error: look at help.
 */
int options_parse(struct options *, const char *command, int argc, char **argv, char **environment);
void options_fini(struct options *);
/* Reads --api-hash-fd or --api-hash-file when they are given. 0 or an exit code with why. */
int options_read_api_hash(struct options *);
/*
 * Connections of one way, by its links_down or links_up: as many as were asked for, or with auto
 * (0) few at first, up to links_max.
 */
struct option_links {
	int64_t first, most; /* equal: there is nothing to find out */
};
struct option_links options_links(const struct options *, int64_t asked);
/* 228, 201, or 0: as the server's list says. */
int options_layer(const struct options *);
/* Where an option's value came from, by its name; for doctor and for conflicts. */
enum option_source options_origin(const struct options *, const char *name);
/* Same rules as api_hash anywhere: 1..64 printable characters without blanks. */
bool options_api_hash_ok(const char *);

/*
 * The next variable of the environment that is called TGCLONE_... and that no command knows: most
 * likely a slip of the pen. *at: where to go on, 0 at first. NULL: no more. Ends with = and a value
 * that is nobody's business.
 */
const char *options_unknown(char **environment, uint32_t *at);
/* Whether the table knows the command: version and help have no options. */
bool options_has(const char *command);
/* The options of a command as text, for its help. Returns the length; cut at size. */
size_t options_help(char *out, size_t size, const char *command);

#endif
