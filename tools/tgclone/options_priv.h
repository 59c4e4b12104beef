/* Inside of the options: the table's rows and the values. */
#ifndef TGCLONE_TOOLS_OPTIONS_PRIV_H
#define TGCLONE_TOOLS_OPTIONS_PRIV_H

#include "tools/tgclone/options.h"

enum option_type {
	OPT_BOOL,     /* no value; --no-NAME takes it back; true/false elsewhere */
	OPT_INT,      /* decimal */
	OPT_COUNT,    /* OPT_INT, or auto, which is 0 */
	OPT_SIZE,     /* bytes: 4096, 512K, 128M, 1.5G */
	OPT_PART,     /* OPT_SIZE that divides 512K */
	OPT_DURATION, /* ns: 500ms, 3.5s, 10m, 2h, 1d; a bare number is seconds */
	OPT_RATE,     /* N/s, N/m, N/h, off */
	OPT_TEXT,
	OPT_CHOICE, /* words separated by | */
};

/* Bits of the commands an option is for. */
enum {
	FOR_LOGIN = 1 << 0,
	FOR_LOGOUT = 1 << 1,
	FOR_CHATS = 1 << 2,
	FOR_TOPICS = 1 << 3,
	FOR_SCAN = 1 << 4,
	FOR_CLONE = 1 << 5,
	FOR_STATUS = 1 << 6,
	FOR_VERIFY = 1 << 7,
	FOR_RETRY = 1 << 8,
	FOR_DOCTOR = 1 << 9,
	FOR_BENCH = 1 << 10,
	FOR_TUNE = 1 << 11,
	FOR_REBUILD = 1 << 12,
	FOR_ALL = (1 << 13) - 1,
	FOR_JOB = FOR_SCAN | FOR_CLONE | FOR_STATUS | FOR_VERIFY | FOR_RETRY | FOR_REBUILD,
	FOR_NET = FOR_ALL & ~FOR_STATUS,
};

struct option_spec {
	const char *name;
	enum option_type type;
	size_t at; /* offset in struct options */
	int64_t min, max;
	const char *initial; /* default as the user would write it; NULL: none */
	const char *arg;     /* what stands for the value in help; the words of a choice */
	const char *help;
	uint32_t commands;
	const char *old_env; /* the old script's name for it */
};

extern const struct option_spec option_table[];
extern const uint32_t option_count;
/* 0: no such command. */
uint32_t option_command(const char *name);
/* Row of that name, -1 when there is none. */
int option_find(const char *name, size_t len);

/*
 * Reads text as a value of the row into o. False: why says what is allowed, without the text when
 * it might be a secret.
 */
bool option_set(struct options *, const struct option_spec *, const char *text, char *why,
		size_t why_size);

/* One setting of the config file; points into its text. */
struct config_line {
	char *name, *value;
	int number;
};
/*
 * Cuts the next setting out of *text (changed in place), counting lines in *number. 1: there is
 * one, 0: end of the text, -1: line *number is no setting.
 */
int config_next(char **text, int *number, struct config_line *out);

#endif
