/*
 * The protocol half of the simulated Telegram, sans I/O: several data centres that share accounts
 * and content (world.h) and each have their own authorization keys. Bytes of connections and a time
 * go in, bytes come out; the same core runs on sockets and in virtual time.
 *
 *   dc_conn_open
 *   dc_conn_want -> (receive) -> dc_conn_took     for each connection
 *   dc_tick                                       when bytes came, or dc_due is reached
 *   dc_conn_output -> (send) -> dc_conn_sent      for each connection
 *
 * now is the true time everywhere, ns since 1970, never falling; the server's own clock may be off
 * it by the fault `skew`. Work is done in dc_tick: packets of all connections are opened in one
 * batch, handled in the order they came, and what they caused is sealed in one batch.
 */
#ifndef TGSIM_DC_H
#define TGSIM_DC_H

#include "proto/crypto/rsa.h"
#include "tools/tgsim/faults.h"
#include "tools/tgsim/simlog.h"
#include "tools/tgsim/stats.h"
#include "tools/tgsim/world.h"

enum { DC_IDS_MAX = 32 };

struct dc_options {
	struct world *world;
	const struct rsa_private *rsa;
	struct faults *faults;
	struct stats *stats;
	struct simlog *log;
	uint32_t dc_count;
	int dcs[DC_IDS_MAX];
	int home_dc;
	bool test_mode;       /* DC numbers + 10000 in the key exchange */
	int max_layer;        /* highest form given out; 0: all that we know */
	int32_t api_id;       /* the only one accepted in initConnection; 0: any positive */
	int64_t salt_life_ns; /* a new salt so often, each good for twice that; 0: 30 minutes */
	int64_t resend_ns;    /* an answer without ack is sent again after; 0: 15 s */
	/*
	 * How long file parts may wait for others that are under way, since several at once cost
	 * much less to open and to seal; 0: not at all.
	 */
	int64_t gather_ns;
	uint8_t seed[48]; /* of all randomness */
};

struct dc_server;
struct dc_conn;

/* Everything in options is lent for the server's life. */
struct dc_server *dc_open(const struct dc_options *, int64_t now);
/* Closes all connections as well. */
void dc_close(struct dc_server **);

/* ---- connections ---- */

enum dc_fate {
	DC_CONN_OPEN,
	DC_CONN_DRAIN, /* close it as soon as its output is sent */
	DC_CONN_CLOSE, /* close it now */
	DC_CONN_RESET, /* close it now, by RST */
};

/* A connection to an address of that DC; media: a media-only one. NULL: refused (the DC is down).
 */
struct dc_conn *dc_conn_open(struct dc_server *, int dc, bool media, int64_t now);
/* Where received bytes go; length 0: do not read now (dc_due says when to ask again). */
struct span dc_conn_want(struct dc_conn *, int64_t now);
/* Whether all of that belongs to one packet: nothing happens before its last byte is there. */
bool dc_conn_want_all(const struct dc_conn *);
/* n bytes arrived there, 0 < n <= what dc_conn_want offered. */
void dc_conn_took(struct dc_conn *, uint32_t n, int64_t now);
/* For callers that have bytes in hand: all of data through want and took. */
void dc_conn_feed(struct dc_conn *, struct cspan data, int64_t now);
/* Bytes to send; length 0: none now. Valid until dc_conn_sent. */
struct cspan dc_conn_output(struct dc_conn *, int64_t now);
void dc_conn_sent(struct dc_conn *, uint32_t n, int64_t now);
enum dc_fate dc_conn_fate(const struct dc_conn *);
/*
 * What is still on its way is not sent again. A caller that can look at TCP says so once, and after
 * each dc_tick tells how many bytes of a connection have arrived, where that is wanted.
 */
void dc_can_look(struct dc_server *);
bool dc_conn_look_wanted(const struct dc_conn *);
void dc_conn_looked(struct dc_conn *, uint64_t arrived, int64_t now);
/* The peer closed it, or the caller did: it is gone. Sessions live on. */
void dc_conn_closed(struct dc_conn **);

/* ---- time ---- */

void dc_tick(struct dc_server *, int64_t now);
/* When dc_tick, want or output have something to do without new bytes; INT64_MAX: never. */
int64_t dc_due(const struct dc_server *);

/* ---- hands on it, for the control socket ---- */

/* All salts of all keys change. */
void dc_change_salts(struct dc_server *, int64_t now);
/* The state of every session is lost. */
void dc_forget_sessions(struct dc_server *);
/* Every connection ends (dc 0: of all DCs), by FIN or RST. */
void dc_cut(struct dc_server *, int dc, bool reset);
/* updatesTooLong to every main session. */
void dc_push_too_long(struct dc_server *);
/* Members of a JSON object, without its braces: keys, sessions, connections. */
void dc_json(const struct dc_server *, struct sink *);

#endif
