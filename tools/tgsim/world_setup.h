/*
 * Opening the world, and looking at it from outside the protocol: for the program's main, the
 * control socket, `tgsim dump`, and tests.
 */
#ifndef TGSIM_WORLD_SETUP_H
#define TGSIM_WORLD_SETUP_H

#include "tools/tgsim/model_file.h"
#include "tools/tgsim/world.h"

struct world_account {
	const char *phone, *code;
	const char *password; /* NULL: none */
	int64_t id;           /* 0: chosen */
	bool premium;
};

struct world_options {
	uint64_t seed;
	int64_t now; /* ns: dates of what is made at the start */
	int home_dc, file_dc;
	const int *dcs; /* all ids */
	uint32_t dc_count;
	int64_t fileref_ttl_s; /* 0: they do not expire by age */
	uint64_t upload_keep;  /* budget in bytes for uploads that repeat nothing; 0: 1 GiB */
	const char *spill_dir; /* for the unlinked file; NULL: a memfd */
	const char *archive;   /* folder; NULL: none */
	const char *synth;     /* spec; NULL: none */
	const char *demo;      /* folder of the demo archive for the default world */
	const struct world_account *accounts;
	uint32_t account_count; /* 0: the two default ones */
	int32_t api_id;
	const char *api_hash;
};

/*
 * Both archive and synth NULL: the demo world. Returns 0 and *out, or an exit code (64 usage,
 * 65 data) with one line in error[]. Every account is a member of every chat made here.
 */
int world_open(const struct world_options *, struct world **out, char *error, size_t error_len);
void world_close(struct world *);

/* The accounts and chats for tgsim.json, in order: chats[0] is the source, chats[1] the target. */
struct account *world_account_at(struct world *, uint32_t i); /* NULL past the end */
struct chat *world_chat_at(struct world *, uint32_t i);       /* NULL past the end */
int64_t chat_marked_id(const struct chat *); /* -100... for supergroups and channels, else -id */
/* "supergroup", "channel", "group" */
const char *world_kind_name(const struct chat *);

/* All references given out so far are expired from now on. */
void world_expire_references(struct world *);

/*
 * Harm to one message, nobody is asked: how is delete, text (a letter more), letter (another one),
 * media (is gone), bytes (one bit of its file), plain (its formatting is gone). False: there is no such message, or nothing to harm.
 */
bool world_damage(struct world *, const char *chat, int32_t id, const char *how, int64_t now);
/* The second account says something there; topic 0: in none. False: there is no such chat. */
bool world_say(struct world *, const char *chat, const char *text, int32_t topic, int64_t now);
/* Its content may not be forwarded or saved any more, or again. False: there is no such chat. */
bool world_protect(struct world *, const char *chat, bool on);

struct dump_options {
	bool canonical; /* without ids and dates: source and perfect clone print the same text */
	/* A file by its number in this world, which a copy by reference has too; not by a digest, for
	   which all of its bytes are read. */
	bool numbers;
	int32_t topic;  /* only this topic; 0: all */
};
/* Called for each line, without its newline; stop by returning false. */
typedef bool dump_line(void *arg, const char *line, size_t len);
/*
 * chat: "-100...", "@name", a title, or "me" / a user id (then with the account's phone before it:
 * "phone/me"). Returns 0, or -ENOENT when there is no such chat.
 */
int world_dump(struct world *, const char *chat, const struct dump_options *, dump_line *,
	       void *arg);

#endif
