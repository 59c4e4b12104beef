/*
 * One data centre: its key, its authorization (authorize.c), its addresses, and three lanes with
 * the questions that wait and the links that take them (centre.c).
 */
#ifndef TGCLONE_LINK_CENTRE_PRIV_H
#define TGCLONE_LINK_CENTRE_PRIV_H

#include "engine/link/link_priv.h"
#include "proto/session/handshake.h"

enum import_state { IMPORT_NONE, IMPORT_EXPORTING, IMPORT_HAVE, IMPORT_IMPORTING };

struct lane {
	struct list waiting; /* questions */
	uint32_t waiting_count, flying_count;
	struct link *links;  /* those behind link_count were never needed, and are not touched */
	uint8_t *link_mem;   /* link_memory(kind) bytes for each */
	uint32_t link_count; /* opened so far */
	uint32_t want;       /* so many are in use; those behind end what they have begun */
	uint64_t took_ns; /* what an answer takes, a moving mean */
	uint32_t took_known;
	bool used; /* the main lane of the home DC stays connected from its first use on */
};

struct centre {
	struct net *net;
	struct net_dc *dc; /* in the account */
	struct session_key key;
	struct lane lanes[NET_UP + 1];
	struct handshake handshake;
	struct link *handshaker; /* has the handshake */
	uint32_t handshake_fails, no_rsa_key; /* in a row */
	/* Of temporary keys. direct_due: one connection is to see whether the DC's key is known. */
	bool direct_due;
	uint32_t binds_refused, disowned; /* although it is known; never served, since disowned_ns */
	uint64_t made_ns, bound_ns, disowned_ns;
	bool rekey; /* -404 again and again: a new key is to be made (never at home) */
	uint64_t renounced_ns; /* when it was last given up because of its login; 0: never */
	uint32_t unknown_key, wrong_dc, not_mtproto; /* in a row */
	/* Transport errors that nobody described: in a row, until when they are waited for, the last. */
	uint32_t odd;
	uint64_t odd_ns;
	char odd_text[56];
	uint64_t doubted_ns; /* since when it is said that it is no server of ours; 0: it is not */
	bool proved;         /* it was one, in this life of the net */
	uint32_t fails;                  /* connections in a row that never became ready */
	uint64_t away_ns; /* since the first of them; 0: none failed since one was ready */
	uint64_t connects[CONNECTS_MAX]; /* times of the last ones, a ring */
	uint32_t connect_at;
	uint64_t hold_ns;               /* no connects before, unless one proves that they work */
	uint64_t told_ns;               /* nor before that: the server said so */
	uint32_t addr_main, addr_media; /* rotate with each failure */

	/* net_adopt brought another key: it is used as soon as no link has the old one. */
	bool lent_due, lent_login;
	struct auth_key lent_key;
	uint64_t lent_salt;

	enum import_state import;
	struct question importer; /* both steps, one after the other */
	uint64_t import_ns;       /* not before */
	uint32_t import_fails;
	int64_t import_id;
	uint8_t import_bytes[IMPORT_BYTES_MAX];
	uint32_t import_len;
};

struct centre *centre_find(struct net *, uint16_t dc); /* NULL: not in the list */
void centre_init(struct centre *, struct net *, struct net_dc *);
void centre_init_key(struct centre *); /* the key of dc is used from now on */
void centre_start(struct centre *);    /* opens the links that are wanted and allowed */
void centre_assign(struct centre *);   /* waiting questions to ready links */
uint64_t centre_due(const struct centre *);
void centre_grow(struct net *); /* how many links all of them have, from what they do now */
bool centre_is_home(const struct centre *);
/* The address for a new connection of that lane; NULL: there is none. */
const struct net_addr *centre_address(struct centre *, enum net_lane);
/* How long a connect to it may take; much shorter while it is not known which family works. */
uint64_t centre_patience(const struct centre *, const struct net_addr *);
/* A link's TCP connection stands: its family is the one that works. */
void centre_connected(const struct link *);
/* DC number as the key exchange and obfuscated2 want it. */
int32_t centre_wire_id(const struct centre *, const struct net_addr *);
/* A link ended before it was ready: next address, or back-off when all were tried. */
void centre_failed(struct centre *, enum net_lane);
/* Transport error code on one of its links. */
void centre_refused(struct link *, int32_t code);
/* The key was made anew: sessions and authorization with the old one are void. */
void centre_set_key(struct centre *, const struct handshake_result *);
/*
 * A new key is to be made: every link of the old one closes. Of a net that follows it is another one's
 * to be made: the login is gone.
 */
void centre_rekey(struct centre *);
/* No login goes with the key (never at home): another one is made, not too often. */
void centre_renounce(struct centre *);
/* What another net made takes the place of our key. */
void centre_lend_key(struct centre *, const struct net_dc *);
/* What was asked there, and is not on an open link, ends: it is not logged in, and asks for no login. */
void centre_fail_asked(struct centre *, int32_t code, const char *text);
/* What was asked in the link's session is asked again, or lost; the session is no more. */
void centre_void_session(struct link *);
/* Somebody makes a key there, or is about to: one at a time. */
bool centre_makes_key(const struct centre *);
void centre_forget_authorization(struct centre *);
void centre_fail_waiting(struct centre *, int32_t code, const char *text);
/* A ready link ended: the next one of it not at once. */
void centre_dropped(struct centre *);
/* The server said: no connects for so long. */
void centre_told(struct centre *, uint64_t wait_ns);
/* A link is ready, and a packet of the server came on it. */
void centre_works(struct centre *);
/* The server's key sealed what came: whatever was said against it was forged, or is over. */
void centre_proved(struct centre *);
/*
 * Bytes came that no server of ours sends, on a connection that proved nothing yet: why it is closed.
 * Again and again without a proof in between it is no such server at all (N26).
 */
const char *centre_misheard(struct centre *, const char *what);
/* It says that it is no server of ours, or cannot be one: true when that is no forgery any more. */
bool centre_is_believed(struct centre *);
/* The ready link with room for one more, and the fewest questions; NULL: none has room. */
struct link *centre_best_link(struct lane *, bool chunk);
uint32_t lane_capacity(const struct net *, const struct lane *, enum net_lane);

/* authorize.c */
bool authorize_needed(const struct centre *);
/* It is not the home, and at home we are logged in. */
bool authorize_lives(const struct centre *);
void authorize_step(struct centre *);
uint64_t authorize_due(const struct centre *);
void authorize_answer(struct question *, struct cspan body);
void authorize_error(struct question *, int32_t code, const char *text);
void authorize_lost(struct question *);

/* Ends of the two walks: lanes of a centre, links of a lane. */
static inline const struct lane *lane_end(const struct centre *c)
{
	return c->lanes + NET_UP + 1;
}

static inline const struct link *link_end(const struct lane *lane)
{
	return lane->links + lane->link_count;
}

/* The end of those in use. */
static inline const struct link *link_used_end(const struct lane *lane)
{
	return lane->links + (lane->want < lane->link_count ? lane->want : lane->link_count);
}

#endif
