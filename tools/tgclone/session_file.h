/*
 * The session as bytes: who is logged in, with which keys on which data centres. A fixed layout
 * with a version and a SHA-256 over all of it; whatever else a file holds is refused as a whole
 * (P16).
 *
 *   "TGCLSES" version(1) | realm 8 | api_id 4 | flags 1 (test, premium) | home_dc 2 | user_id 8
 *   | time_offset 8 | dc_count 1 | dc... | sha256 32
 *   dc:   id 2 | flags 1 (has_key, authorized) | salt 8 | key 256 when has_key | addr_count 1 |
 * addr... addr: host_len 1 | host | port 2 | flags 1 (ipv6, media_only, tcpo_only, has_secret) |
 * secret 16
 *
 * All numbers little-endian.
 */
#ifndef TGCLONE_TOOLS_SESSION_FILE_H
#define TGCLONE_TOOLS_SESSION_FILE_H

#include "engine/link/net.h"

struct session_data {
	uint64_t realm; /* of dcconfig.h: the servers it is good for */
	int32_t api_id;
	struct net_account account;
};

enum {
	SESSION_VERSION = 1,
	SESSION_ADDR_SIZE = 1 + 64 + 2 + 1 + 16,
	SESSION_MAX =
	    8 + 32 + 32 + NET_DC_MAX * (2 + 1 + 8 + 256 + 1 + NET_ADDR_MAX * SESSION_ADDR_SIZE),
};

/* out has SESSION_MAX bytes; returns the length. Holds keys: wipe it. */
size_t session_pack(const struct session_data *, uint8_t *out);
/* False: why in one line, and nothing of it is in out. */
bool session_unpack(struct session_data *, struct cspan in, const char **why);

#endif
