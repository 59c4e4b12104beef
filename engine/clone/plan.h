/*
 * How one group (a message, or an album) is cloned: the cheapest way that keeps it. Pure: messages
 * and options in, a decision with its reason out.
 *
 *   forward   no bytes move, many in one request; cannot keep a reply
 *   copy      no bytes move; media by reference, text anew
 *   stream    bytes move through the slab; the only way out of a protected chat
 */
#ifndef TGCLONE_CLONE_PLAN_H
#define TGCLONE_CLONE_PLAN_H

#include "proto/api/message.h"

enum plan_mode {
	PLAN_AUTO, /* as a wish: the cheapest */
	PLAN_FORWARD,
	PLAN_COPY,
	PLAN_STREAM,
	PLAN_SKIP, /* as a decision: not cloned, reason says why */
};

struct plan_options {
	enum plan_mode prefer; /* a wish; a message that this mode cannot keep goes another way */
	bool source_protected; /* the chat's noforwards */
	bool allow_protected;
	bool keep_author; /* only forwarding keeps it */
	bool premium;	  /* limits of the account */
	bool keep_replies;
};

struct plan {
	enum plan_mode mode;
	char reason[64]; /* PLAN_SKIP: why. Else a note for the report, or empty */
};

/* count 1..10; all of one album. */
void plan_group(const struct message *items, uint32_t count, const struct plan_options *,
		struct plan *);

/*
 * A caption that is longer than the account may send is cut to that, between two characters and without
 * white space at its end, as a server would leave it. An upload has no way to keep more of it.
 */
void plan_clip(struct message *, const struct plan_options *);

/* It goes as it is and no other way, and in a request of its own. */
bool plan_is_bound(const struct message *);

const char *plan_mode_name(enum plan_mode);
/* Largest file this account may upload, bytes (api.md 10). */
int64_t plan_size_max(bool premium);
/* Characters as Telegram counts them: UTF-16 units. */
uint32_t plan_utf16_len(struct cspan utf8);

#endif
