/*
 * What all sessions of one authorization key share: the key, its salts (messages.md 8), and the
 * estimate of the server's clock (messages.md 9).
 */
#ifndef TGCLONE_SESSION_KEY_H
#define TGCLONE_SESSION_KEY_H

#include "proto/crypto/authkey.h"

enum { SESSION_SALTS_MAX = 64 };

struct session_salt {
	int64_t valid_since, valid_until; /* server time, s */
	uint64_t salt;
};

struct session_key {
	struct auth_key key;
	uint64_t salt; /* in use */
	struct session_salt salts[SESSION_SALTS_MAX];
	uint32_t salt_count;
	uint32_t epoch;    /* corrections of salt or clock so far */
	int64_t offset_ns; /* server unix time ns - monotonic now ns */
	bool offset_known; /* confirmed by a message of the server; before that a guess */
	uint64_t salts_due_ns,
	    salts_wait_ns; /* next question for future salts, and the pause after it */
};

/* salt: from the key exchange or the session file; 0 when none is known (the server will tell). */
void session_key_init(struct session_key *, const struct auth_key *, uint64_t salt);
/* First guess of the server's time: server_DH_inner_data, a stored offset, or the wall clock. */
void session_set_time(struct session_key *, int64_t server_unix_s, uint64_t now);
int64_t session_server_time(const struct session_key *, uint64_t now); /* s */

#endif
