/*
 * The world's side of virtual.h. The simulated ring and the tests of links have names in common, so
 * the two never meet in one file.
 */
#ifndef TGCLONE_TESTS_SIM_VIRTUAL_WORLD_H
#define TGCLONE_TESTS_SIM_VIRTUAL_WORLD_H

#include "engine/ring/ring.h"
#include "proto/crypto/rsa.h"

enum { VIRTUAL_HOME_PORT = 4430, VIRTUAL_FILE_PORT = 4431 };

struct virtual;

struct virtual_facts {
	struct ring *ring;
	struct rsa_public rsa;
	int api_id;
	const char *api_hash, *phone, *code;
	int64_t chats[2], hashes[2];
	uint16_t dcs[2], ports[2];
};

struct virtual *virtual_start(uint64_t seed, const char *synth, struct virtual_facts *);
void virtual_end(struct virtual **);
/* A word with the simulator: the text stays until the next one. */
const char *virtual_tell(void *virtual, const char *command);

/* ---- what the network does; a port of 0 is every port, of both families ---- */

enum virtual_route { VIRTUAL_OPEN, VIRTUAL_REFUSED, VIRTUAL_SWALLOWED, VIRTUAL_UNREACHABLE };

/* One more address of that DC, for the server only. */
void virtual_listen(struct virtual *, int dc, const char *host, uint16_t port);
/* New connections; host NULL: every IPv4 address, "::" every IPv6 one. */
void virtual_route(struct virtual *, const char *host, uint16_t port, enum virtual_route);
/* Existing connections to that port: nothing passes any more, and nobody is told. */
void virtual_vanish(struct virtual *, uint16_t port);
/* The same of one direction, its acks included. */
void virtual_deafen(struct virtual *, uint16_t port, bool server);
/* What the newest connection to that port brings from now on: one byte, and so much later the next. */
void virtual_trickle(struct virtual *, uint16_t port, bool server, uint64_t each_ns);
void virtual_reset(struct virtual *, uint16_t port);
/* From now on, of connections to come: 0 is unlimited. */
void virtual_bandwidth(struct virtual *, uint64_t bytes_per_s);
/* What all connections have together, each direction, from now on: 0 is unlimited. */
void virtual_bottleneck(struct virtual *, uint64_t bytes_per_s);
void virtual_delay(struct virtual *, uint64_t least_ns, uint64_t most_ns);
/* What a connection holds in one direction, from now on. */
void virtual_buffer(struct virtual *, uint32_t bytes);
/* Per million: of segments that are short, late by up to most_ns, or have a bit turned. */
void virtual_segments(struct virtual *, uint32_t shorts, uint32_t lates, uint64_t most_ns,
		      uint32_t flips);
uint64_t virtual_flips(const struct virtual *); /* that happened */
void virtual_suspend(struct virtual *, uint64_t ns);
/* Every connection of the client's is dead, as when its address is another one. */
void virtual_unplug(struct virtual *);
/* From now on the client has two addresses that work, and uses them by turns. */
void virtual_two_ways(struct virtual *);
/* Once, at that time, between two events. */
void virtual_at(struct virtual *, uint64_t at_ns, void (*fn)(void *), void *arg);

/* ---- what the client's key exchanges were made of ---- */

enum virtual_secret_kind { VIRTUAL_NONCE, VIRTUAL_NEW_NONCE, VIRTUAL_G_B };

struct virtual_secret {
	enum virtual_secret_kind kind;
	uint64_t at_ns;
	uint8_t server_nonce[16]; /* whose exchange it was part of */
	uint32_t len;
	uint8_t bytes[256];
};

/* From now on those that the server understood are kept. */
void virtual_keep_secrets(struct virtual *);
uint32_t virtual_secrets(const struct virtual *, const struct virtual_secret **);

/* ---- what the client did ---- */

struct virtual_connect {
	uint64_t at_ns;
	uint16_t port;
	uint8_t host; /* last byte of its address */
	bool ipv6;
};

/* All attempts so far. */
uint32_t virtual_connects(const struct virtual *, const struct virtual_connect **);
/* The most of them to that port in any window of that length. */
uint32_t virtual_most_connects(const struct virtual *, uint16_t port, uint64_t window_ns);
/*
 * The most connections of an old address that the client still held while one of its present
 * address stood, since the start.
 */
uint32_t virtual_stale_most(const struct virtual *);

#endif
