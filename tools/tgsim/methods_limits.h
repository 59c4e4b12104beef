/*
 * How often an account may do what: token buckets that answer with the seconds of a FLOOD_WAIT_X.
 * Without a rule everything is allowed. One bucket an account and kind, for posts also a peer (the
 * real server limits sends by target).
 *
 * A bucket holds burst tokens and gains one each every_ns; an empty one names the whole seconds
 * until the next token is there. Asking too early costs nothing but the answer.
 */
#ifndef TGSIM_METHODS_LIMITS_H
#define TGSIM_METHODS_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

struct world;

enum limit_kind {
	LIMIT_NONE,
	LIMIT_POST,     /* a message, each of an album or a forward counts */
	LIMIT_READ,     /* history, search, dialogs, topics */
	LIMIT_RESOLVE,  /* contacts.resolveUsername */
	LIMIT_CREATE,   /* chats and topics */
	LIMIT_UPLOAD,   /* a part */
	LIMIT_DOWNLOAD, /* a getFile */
	LIMIT_LOGIN,    /* codes and passwords tried */
	LIMIT_KINDS,
};

struct limit_rule {
	uint32_t burst; /* 0: no limit */
	int64_t every_ns;
};

struct limit_bucket {
	struct limit_bucket *next;
	int64_t account, peer;
	enum limit_kind kind;
	uint32_t tokens;
	int64_t at_ns; /* when tokens was true */
};

struct limits {
	struct world *world; /* memory of the buckets */
	struct limit_rule rules[LIMIT_KINDS];
	struct limit_bucket *buckets;
	uint64_t refused; /* answers FLOOD_WAIT so far */
};

/* A new rule; buckets of that kind start full. */
void limits_set(struct limits *, enum limit_kind, struct limit_rule);
/* 0: go, cost tokens are taken (a cost above burst empties the bucket). Else seconds to wait. */
int32_t limits_take(struct limits *, enum limit_kind, int64_t account, int64_t peer, uint32_t cost,
		    int64_t now_ns);
/* "post", "read", ...: LIMIT_NONE when there is no such kind. */
enum limit_kind limits_kind(const char *name);
/* "20/60": 20 tokens, refilled within 60 seconds; "off". */
bool limits_parse(const char *text, struct limit_rule *);

#endif
