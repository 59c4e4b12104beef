/*
 * What the protocol half holds. Private to dc*.c and their tests.
 *
 *   connection: framer, key exchange, what is to be sent           dc_conn.c
 *   key: one authorization key of one DC, its salts and sessions   dc_key.c
 *   session: ids seen, answers without an ack, what waits          dc_session.c
 *   out: one message for the client, until it is acknowledged      dc_send.c
 */
#ifndef TGSIM_DC_STATE_H
#define TGSIM_DC_STATE_H

#include "proto/crypto/ctr.h"
#include "proto/wire/envelope.h"
#include "proto/wire/frame.h"
#include "tools/tgsim/dc.h"
#include "tools/tgsim/dc_batch.h"
#include "tools/tgsim/dc_handshake.h"
#include "tools/tgsim/dc_ids.h"
#include "tools/tgsim/gather.h"
#include "tools/tgsim/pool.h"

/* ---- keys ---- */

struct dc_salt {
	int64_t since, until; /* server time, s */
	uint64_t value;
};

struct dc_key {
	struct dc_key *next; /* in its bucket */
	int dc;
	struct auth_key key;
	bool temporary;
	int64_t made, expires;   /* server time, s; the end of temporary ones only */
	struct dc_key *perm;     /* temporary: what it is bound to; NULL: nothing */
	bool dead;               /* destroyed: unknown to everybody from now on */
	bool duplicated;         /* two main sessions were seen: it can only be thrown away */
	struct account *account; /* permanent ones only */
	int layer;               /* form of answers */
	bool inited;             /* initConnection came */
	int64_t inited_at;       /* true time */
	struct dc_salt salts[DC_SALTS];
	uint32_t salt_count;
	struct list sessions; /* struct dc_session.node, most recently made last */
	uint32_t session_count;
	struct dc_session *main; /* permanent ones only */
	uint32_t rivals;         /* main sessions before it that were still connected */
	uint64_t main_since;     /* msg_id of the query that made main the main session */
};

/* ---- sessions ---- */

enum seen_flag {
	SEEN_CONTENT = 1 << 0, /* has an odd seq_no */
	SEEN_QUERY = 1 << 1,   /* was executed */
	SEEN_FAILED = 1 << 2,  /* with an error */
	SEEN_ACKED = 1 << 3,   /* the client has the answer */
	SEEN_CONTAINER = 1 << 4,
	SEEN_WAITING = 1 << 5, /* held by invokeAfterMsg */
};

struct dc_seen {
	uint64_t msg_id;
	uint32_t seq;
	uint32_t flags;
};

struct dc_session {
	struct list node;       /* dc_key.sessions */
	struct list conn_node;  /* dc_conn.sessions; loose without a connection */
	struct list all_node;   /* dc_server.sessions */
	struct list dirty_node; /* dc_server.dirty */
	struct dc_key *key;
	uint64_t id;
	struct dc_conn *conn; /* the last one a message came on; NULL */
	bool announced;       /* new_session_created was sent */
	bool without_updates; /* the last query was wrapped so */
	int64_t heard;        /* true time of the last message, ns */
	int64_t rival_until;  /* how long it may stay connected beside the next main one; 0: it is no rival */
	uint64_t last_id;     /* of ours */
	uint32_t seq;         /* content-related messages of ours so far */
	struct dc_seen *seen; /* ascending ids */
	uint32_t seen_count, seen_room;
	uint64_t forgot;     /* ids up to this one are no longer in seen */
	struct list pending; /* struct dc_out: to be sent */
	struct list kept;    /* struct dc_out: sent, no ack yet */
	uint32_t kept_count;
	uint64_t kept_bytes;
	uint64_t acks[DC_ACKS_MAX]; /* what we have to acknowledge */
	uint32_t ack_count;
	struct list waiting; /* struct dc_wait */
};

/* A query that waits for another (invokeAfterMsg), or that a fault executes late. */
struct dc_wait {
	struct list node;
	int64_t until; /* true time */
	bool late;     /* executed then, whether its connection is still there or not */
	uint64_t msg_id;
	uint32_t len;
	uint8_t body[];
};

/* ---- messages to the client ---- */

enum out_kind {
	OUT_NOTICE, /* no ack wanted: pong, bad_..., info */
	OUT_ANSWER, /* rpc_result */
	OUT_PUSH,   /* content-related, answers nothing */
};

struct dc_out {
	struct list node;
	enum out_kind kind;
	const char *name;  /* for the log; static */
	const char *error; /* for the log; points into the body, or static; NULL */
	uint64_t msg_id;   /* 0: not sent yet */
	uint32_t seq;
	uint64_t req_msg_id; /* of the query it answers; 0 */
	bool odd;            /* id ends in 3: answers no message */
	bool lost;           /* its connection ended before the ack */
	bool late;           /* it was due again while it was still on its way */
	int64_t due, sent;   /* true time */
	uint64_t end_at;     /* among the bytes of its connection, or a little before */
	uint32_t tries;
	/* a file part, made when it is sent; else len bytes of body */
	bool is_file;
	uint32_t file_type;
	int32_t file_mtime;
	uint64_t file, file_offset;
	uint32_t file_len;
	int64_t ready;    /* of a file part: since then it may wait for others, true time */
	uint32_t len;     /* whole message data */
	uint8_t body[];
};

/* Memory it holds while it is kept. */
static inline uint64_t dc_out_cost(const struct dc_out *out)
{
	return out->is_file ? 0 : out->len;
}

/* ---- connections ---- */

enum cut_kind { CUT_NONE, CUT_DROP, CUT_RESET, CUT_STALL };

#define LOOK_AGAIN_NS INT64_C(1000000000)

struct dc_conn {
	struct list node;
	struct dc_server *server;
	uint64_t number;
	int dc;
	bool media;
	enum dc_fate fate;
	bool stalled;
	struct framer framer;
	bool named; /* -444 was checked */
	bool held;  /* while the inbox is walked: later packets wait behind one that waits */
	uint8_t scratch[DC_SCRATCH];
	bool direct;       /* the last want pointed into the packet */
	struct packet *in; /* being received */
	struct dc_hs hs;
	uint64_t last_id; /* of our unencrypted messages */
	struct list sessions;
	struct list out;       /* packets, framed, in order */
	uint64_t queued;       /* bytes in out */
	int64_t disconnect_at; /* ping_delay_disconnect; 0 */
	uint64_t bytes_in, bytes_out;
	uint64_t cut_in, cut_out; /* where it ends; UINT64_MAX: nowhere */
	enum cut_kind cut;
	int64_t in_next, out_next; /* FAULT_SLOW */
	uint64_t arrived;          /* of bytes_out, when somebody last looked */
	bool look;                 /* somebody should */
	int64_t look_at;           /* not before */
};

struct dc_server {
	struct dc_options o;
	struct rsa_public rsa;
	int64_t now; /* true time of the call in hand */
	struct ctr_stream random;
	struct pool pool;
	struct list conns;
	uint32_t conn_count, session_count, key_count;
	uint64_t conn_number;
	struct dc_key *keys[DC_KEY_TABLE];
	struct list sessions; /* all of all keys */
	struct list inbox;    /* packets in the order they came */
	int64_t inbox_until;  /* what is left there waits for company until then; 0: it does not */
	bool files_wait;      /* those that are ready, for company */
	int64_t files_until;  /* and so long */
	bool can_look;        /* somebody knows what arrived */
	struct gather gather_in, gather_out, gather_both; /* of file parts */
	uint32_t apart, apart_next; /* so many gatherings each way for itself; and the next time */
	struct list dirty; /* sessions with something to send */
	struct arena arena;
	uint8_t *encoded, *packed, *inflated[2];
};

#endif
