/*
 * Faults and limits that a simulator shows on demand. A rule is a line of text, given at the start
 * or through the control socket:
 *
 *   KIND[:key=value,...]    error:method=messages.send*,code=420,text=FLOOD_WAIT_5,count=1
 *
 * Which events a rule meets: method (a glob over names), dc. Of those: skip the first n, then each
 * every-th, with probability rate, at most count times. Keys by kind are in faults.c (the table is
 * the documentation and faults_help prints it). Rules live until they are dropped or used up.
 */
#ifndef TGSIM_FAULTS_H
#define TGSIM_FAULTS_H

#include "tools/tgsim/sink.h"

enum fault_kind {
	/* an RPC error instead of the call: code, text; a FLOOD_WAIT holds till its end; after=1: instead of its answer */
	FAULT_ERROR,
	FAULT_SILENCE, /* no answer: before=1 not executed, else executed; ack=0 not acknowledged */
	FAULT_DELAY,   /* answer later by ms */
	FAULT_DROP,    /* connection ends (FIN): with method instead of its answer; at=byte; or per
			  packet */
	FAULT_RESET,   /* the same, by RST */
	FAULT_STALL,   /* the same, but the connection stays open and is dead */
	FAULT_SLOW,    /* bytes a second on each connection, both ways: bps */
	FAULT_LATENCY, /* each packet to the client later by ms */
	FAULT_DOWN,    /* the DC refuses and loses its connections, for ms (0: until dropped) */
	FAULT_SALT,    /* after a message, all salts of the key change */
	FAULT_DUPLICATE, /* an answer is sent twice */
	FAULT_QUICK_ACK, /* a quick ack that nobody asked for */
	FAULT_UPDATE,    /* after a message, an updatesTooLong that nobody asked for */
	FAULT_FORGET,    /* after a message, the server loses the session's state */
	FAULT_SKEW,      /* the server's clock is off by s (may be negative) */
	FAULT_GZIP,      /* every answer is packed */
	FAULT_BUNDLE,    /* answers that are there at once share a container, parts of files too */
	FAULT_DH_RETRY,  /* dh_gen_retry */
	FAULT_DH_FAIL,   /* dh_gen_fail */
	FAULT_DH_WRONG,  /* a byte of an answer of the key exchange: of */
	FAULT_BAD_MSG,   /* a message is refused by bad_msg_notification: code */
	FAULT_TRANSPORT, /* a transport error instead of handling a packet: code */
	FAULT_FLIP,      /* one bit of a packet to the client is wrong */
	FAULT_PLAIN,     /* after a sealed packet, an unencrypted updatesTooLong that nobody asked for */
	FAULT_TEMP_GONE, /* after a message, its temporary key is known no more (-404) */
	FAULT_UNBIND,    /* after a message, its temporary key is bound to nothing */
	FAULT_KEY_GONE,  /* after a message, its permanent key is known no more, nor its temporary ones */
	FAULT_COPIED,    /* after a message, its permanent key counts as used from two places at once */
	FAULT_TEMP_LIFE, /* temporary keys live for s at most, whatever was agreed */
	FAULT_LATE_INIT, /* a key's first initConnection takes effect after ms */
	FAULT_STRANGE,   /* messages of an answer are objects that no layer has: of */
	FAULT_GARBLE,    /* an answer of so many messages or more is one itself: least */
	FAULT_KINDS
};

enum { FAULT_RULES_MAX = 256 };

struct fault {
	uint32_t id; /* from 1 */
	enum fault_kind kind;
	char method[64]; /* "": any, and events that are no call */
	int dc;          /* 0: any */
	double rate;
	uint64_t every, skip, count; /* count 0: without end */
	int32_t code;
	char text[96];
	int64_t ns;    /* ms or s of the rule */
	uint64_t at;   /* byte of a connection, counted in the direction below; UINT64_MAX: none */
	bool incoming; /* dir=in */
	uint64_t bps;
	uint64_t of; /* FAULT_STRANGE: those whose id it divides; FAULT_GARBLE: from so many on; FAULT_UPDATE: KiB */
	bool before, after;
	bool unacked;  /* FAULT_SILENCE */
	bool others; /* FAULT_STRANGE: only what others wrote */
	int64_t until; /* FAULT_DOWN with ms: server time when it ends */
	uint64_t met, fired;
};

struct faults {
	struct fault rules[FAULT_RULES_MAX];
	uint32_t rule_count, last_id;
	uint64_t by_kind[FAULT_KINDS]; /* how often each kind fired */
	uint64_t random;               /* state of the generator */
};

void faults_init(struct faults *, uint64_t seed);
/* Adds a rule; its id, or 0 with a reason for people in why. */
uint32_t faults_add(struct faults *, const char *spec, int64_t now, char *why, size_t why_size);
/* Drops one rule, or all with id 0; false when there is none. */
bool faults_drop(struct faults *, uint32_t id);
/* Where a rule is asked: rules with a method meet calls only, rules with `at` new connections only.
 */
enum fault_event { FAULT_AT_CALL, FAULT_AT_PACKET, FAULT_AT_CONN };
/*
 * Something happens that rules of this kind may meet: the rule that fires, or NULL. method: its
 * name at a call, else NULL.
 */
const struct fault *faults_fire(struct faults *, enum fault_kind, int dc, enum fault_event,
				const char *method);
/* The first rule of a state (SLOW, LATENCY, DOWN, SKEW, GZIP, BUNDLE, LATE_INIT) for this DC; counts nothing. */
const struct fault *faults_find(const struct faults *, enum fault_kind, int dc, int64_t now);
/* Uniform below n. */
uint64_t faults_below(struct faults *, uint64_t n);

/* Rules and counts as JSON; the list of kinds and keys for people. */
void faults_json(const struct faults *, struct sink *);
void faults_help(struct sink *);

#endif
