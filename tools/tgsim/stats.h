/*
 * What the simulator counts: requests by method, bytes, connections, and breaches of the protocol
 * by rule. Printed as JSON by `tgsim ctl --dir DIR stats`.
 */
#ifndef TGSIM_STATS_H
#define TGSIM_STATS_H

#include "tools/tgsim/sink.h"

/* One a rule that a client can break; the names in stats.c are the keys of "violations". */
enum stat_rule {
	RULE_TRANSPORT,    /* frame lengths, CRC, no transport at all */
	RULE_WRONG_DC,     /* -444 */
	RULE_UNKNOWN_KEY,  /* -404 */
	RULE_HANDSHAKE,    /* malformed or out of order: -404 */
	RULE_ENVELOPE,     /* msg_key, lengths, padding: connection closed */
	RULE_SALT,         /* 48 */
	RULE_MSG_ID_LOW,   /* 16 */
	RULE_MSG_ID_HIGH,  /* 17 */
	RULE_MSG_ID_BITS,  /* 18 */
	RULE_MSG_ID_EMPTY, /* its low half is: counted, since nobody says how that is refused */
	RULE_CONTAINER_ID, /* 19 */
	RULE_TOO_OLD,      /* 20 */
	RULE_SEQ_LOW,      /* 32 */
	RULE_SEQ_HIGH,     /* 33 */
	RULE_SEQ_ODD,      /* 34: even expected */
	RULE_SEQ_EVEN,     /* 35: odd expected */
	RULE_CONTAINER,    /* 64 */
	RULE_DUPLICATE,    /* a msg_id again: not an error, but counted */
	RULE_SERVICE,      /* malformed service message */
	RULE_GZIP,
	RULE_QUERY,      /* INPUT_FETCH_ERROR and its kin */
	RULE_METHOD,     /* unknown method */
	RULE_NOT_INITED, /* CONNECTION_NOT_INITED */
	RULE_INIT,       /* initConnection with wrong fields */
	RULE_MAIN_TWICE, /* AUTH_KEY_DUPLICATED */
	RULE_BINDING,    /* auth.bindTempAuthKey that does not verify */
	RULE_UNBOUND,    /* AUTH_KEY_PERM_EMPTY */
	RULE_COUNT
};

struct stat_method {
	const char *name; /* of static storage */
	uint64_t requests, errors, floods, bytes_in, bytes_out;
	uint64_t early;          /* came although the method had been told to wait */
	int64_t told, not_before; /* when it was told so last, and the end of that wait */
	uint64_t told_to;         /* the key that heard it */
	bool insists;             /* a rule said it: who asks again before is told the rest */
};

enum { STAT_METHODS = 1024 };

struct stats {
	struct stat_method methods[STAT_METHODS]; /* open addressing by name */
	uint64_t violations[RULE_COUNT];
	uint64_t packets_in, packets_out, bytes_in, bytes_out;
	uint64_t connections_total, handshakes, pushes, resends, updates_lost, encode_failures;
	uint64_t file_bytes_out, file_bytes_in;
};

void stats_init(struct stats *);
/* The entry of that name; never NULL (a full table has one last entry for the rest). */
struct stat_method *stats_method(struct stats *, const char *name);
/* No method waits any more, whatever was told; what was counted stays. */
void stats_forgive(struct stats *);
const char *stats_rule_name(enum stat_rule);
/* Members of a JSON object, without the braces, so that callers can add their own. */
void stats_json(const struct stats *, struct sink *);

#endif
