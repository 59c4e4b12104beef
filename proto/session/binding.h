/*
 * auth.bindTempAuthKey (auth_key.md 10): the call that makes a temporary authorization key stand for
 * a permanent one. The permanent key signs it, in the message encryption of MTProto 1.0.
 */
#ifndef TGCLONE_SESSION_BINDING_H
#define TGCLONE_SESSION_BINDING_H

#include "proto/crypto/authkey.h"

enum {
	BINDING_QUERY = 132,    /* bytes of the call, always */
	BINDING_RANDOM = 32,    /* nonce 8, random 16, padding 8 */
	BINDING_LIFE = 86400,   /* s: longest life of a temporary key */
	BINDING_MARGIN = 30,    /* s: the binding ends before its key does */
	BINDING_REPLICATE = 60, /* s: a permanent key as young may not be known everywhere */
};

struct binding {
	const struct auth_key *perm;
	uint64_t temp_id;
	/* Of the message that carries the call: with another id it needs another call. */
	uint64_t session_id, msg_id;
	int32_t expires_at; /* server time, s */
};

/* The whole call. random is used once. */
void binding_write(uint8_t query[BINDING_QUERY], const struct binding *,
		   const uint8_t random[BINDING_RANDOM]);

#endif
