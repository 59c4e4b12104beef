/*
 * A link's temporary key (temporary.c, auth_key.md 10): perfect forward secrecy. It is made by a key
 * exchange of its own, bound to the DC's key before anything else is asked, lives a day at most,
 * lies in memory only, and is replaced before its end. Without net_options.pfs there is none, and
 * the link uses the DC's key.
 */
#ifndef TGCLONE_LINK_TEMPORARY_PRIV_H
#define TGCLONE_LINK_TEMPORARY_PRIV_H

#include "engine/link/parcel_priv.h"
#include "proto/session/handshake.h"
#include "proto/session/key.h"

struct link;
struct net_addr;
struct question;

enum { TEMPORARY_MEM = 1024 };

struct temporary_key {
	struct session_key key;
	bool made, bound;
	bool served;        /* something was answered that wants a bound one */
	bool media;         /* made at a media address: good there only */
	int64_t expires_at; /* server time, s */
	uint64_t renew_ns;  /* another one is made from then on */
};

struct temporary {
	struct temporary_key use;
	struct temporary_key next; /* made: it takes over as soon as no question is open */
	uint64_t old_id;           /* the key before: what still comes under it is dropped */
	bool direct;    /* this connection uses the DC's key itself: is it known at all? */
	int32_t life_s; /* of the one being made; 0: it is the DC's key that is being made */
	bool beside;    /* it is being made while the session goes on */
	uint64_t beside_ns;
	uint32_t owed; /* answers of such exchanges that this connection may still bring */
	struct parcel parcel; /* what that exchange has to send */
	struct buf buf;
	uint8_t mem[TEMPORARY_MEM];
};

void temporary_init(struct link *);
/* A connection is about to be opened: what is over is dropped. True: it has to make a key first. */
bool temporary_connect(struct link *, const struct net_addr *);
/* How long the key that is to be made shall live, s. */
int32_t temporary_life(struct link *);
/* The exchange on the connection, or the one beside the session, has come to its end. */
void temporary_made(struct link *, const struct handshake_result *);
/* The one beside the session came to nothing: again after a while. */
void temporary_missed(struct link *);
/* The session that begins now has its key; true: it is to be bound first. */
bool temporary_begin(struct link *);
/* Asks for the binding, as the link's first question. */
void temporary_ask(struct link *);
void temporary_bound(struct link *);
void temporary_refused(struct link *, int32_t code, const char *text);
/* The server does not know the key: it is of no use, and its link is closed or closing. */
void temporary_lost(struct link *);
/*
 * Whether the error says that the key stands for nobody: then the link ends, for a new one. times: so
 * often the question was told so before.
 */
bool temporary_disowned(struct link *, uint32_t times, const char *text);
/* An answer came that only a bound key gets. */
void temporary_served(struct link *);
/* The DC's key was answered, or not known, although it was asked about directly. */
bool temporary_direct(const struct link *);
void temporary_vouched(struct link *);
/* The whole packet in hand is none of the session's; true: it was dealt with. */
bool temporary_packet(struct link *);
/* No more questions for this link: its next key takes over when those that are open have ended. */
bool temporary_drains(const struct link *);
void temporary_watch(struct link *);
uint64_t temporary_due(const struct link *);

#endif
