/*
 * What the files of the protocol half share. Private to dc*.c.
 *
 *   connection: framer, key exchange, what is to be sent        dc_conn.c
 *   key: one authorization key of one DC, its salts, its sessions   dc_key.c
 *   session: ids seen, answers not yet acknowledged, what waits   dc_session.c
 *   out: one message for the client, until it is acknowledged    dc_send.c
 */
#ifndef TGSIM_DC_PRIV_H
#define TGSIM_DC_PRIV_H

#include "proto/crypto/ctr.h"
#include "proto/wire/envelope.h"
#include "proto/wire/frame.h"
#include "tools/tgsim/dc.h"
#include "tools/tgsim/dc_handshake.h"
#include "tools/tgsim/pool.h"

enum {
	DC_SALTS = 66,		/* the last one, the current one, 64 of the future */
	DC_KEY_TABLE = 1024,
	DC_SEEN_MAX = 4096,	/* ids a session remembers */
	DC_ACKS_MAX = 1024,
	DC_KEPT_MAX = 4096,	/* unacknowledged answers of a session */
	DC_KEPT_BYTES = 64 << 20,
	DC_SESSIONS_MAX = 512,	/* of a key: the oldest without a connection goes */
	DC_SCRATCH = 16384,
	DC_QUEUE_HIGH = 4 << 20, /* bytes a connection may have waiting before answers are held */
	DC_ENCODE_MAX = 8 << 20,
	DC_ARENA_SIZE = 32 << 20,
	DC_MESSAGES_MAX = 1024, /* in one container from a client */
	DC_IDS_IN_SERVICE = 8192,
	DC_BATCH = 32,
	DC_BIG = 32 << 10, /* answers from here on are announced by msg_detailed_info */
	DC_RESENDS_MAX = 6,
};

/* How long a main session counts as alive after the last word from it (see dc_session.c). */
static const int64_t DC_ALIVE_NS = 5 * (int64_t)1000000000;
/* How long the main session before it may stay connected beside a new one. */
static const int64_t DC_DUEL_NS = 500 * (int64_t)1000000;
/* How long invokeAfterMsg waits for the message it names. */
static const int64_t DC_AFTER_NS = 500 * (int64_t)1000000;

enum dc_id {
	ID_CONTAINER = 0x73f1f8dc,
	ID_MSG_COPY = (int)0xe06046b2u,
	ID_GZIP = 0x3072cfa1,
	ID_ACK = 0x62d6b459,
	ID_BAD_MSG = (int)0xa7eff811u,
	ID_BAD_SALT = (int)0xedab447bu,
	ID_STATE_REQ = (int)0xda69fb52u,
	ID_STATE_INFO = 0x04deb57d,
	ID_ALL_INFO = (int)0x8cc0d131u,
	ID_DETAILED = 0x276d3ec6,
	ID_NEW_DETAILED = (int)0x809db6dfu,
	ID_RESEND_REQ = 0x7d861a08,
	ID_RESEND_ANS_REQ = (int)0x8610baebu,
	ID_RPC_RESULT = (int)0xf35c6d01u,
	ID_RPC_ERROR = 0x2144ca19,
	ID_ANSWER_UNKNOWN = 0x5e2ad36e,
	ID_DROPPED_RUNNING = (int)0xcd78e586u,
	ID_DROPPED = (int)0xa43ad8b7u,
	ID_FUTURE_SALTS = (int)0xae500895u,
	ID_PONG = 0x347773c5,
	ID_DESTROY_OK = (int)0xe22045fcu,
	ID_DESTROY_NONE = 0x62d350c9,
	ID_NEW_SESSION = (int)0x9ec20908u,
	ID_HTTP_WAIT = (int)0x9299359fu,
	ID_DROP_ANSWER = 0x58e4a740,
	ID_GET_SALTS = (int)0xb921bd04u,
	ID_PING = 0x7abe77ec,
	ID_PING_DELAY = (int)0xf3427b8cu,
	ID_DESTROY_SESSION = (int)0xe7512126u,
	ID_DESTROY_KEY = (int)0xd1435160u,
	ID_KEY_DESTROYED = (int)0xf660e1d4u,
	ID_UPDATES_TOO_LONG = (int)0xe317af7eu,
	ID_UPLOAD_FILE = 0x096a18d5,
	ID_BIND_TEMP_KEY = (int)0xcdd42a05u,
};

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
	int64_t expires; /* server time, s; temporary ones only */
	struct dc_key *perm; /* temporary: what it is bound to; NULL: nothing */
	bool dead;	 /* destroyed: unknown to everybody from now on */
	bool duplicated; /* two main sessions were seen: it can only be thrown away */
	struct account *account; /* permanent ones only */
	int layer;	/* form of answers */
	bool inited;	/* initConnection came */
	struct dc_salt salts[DC_SALTS];
	uint32_t salt_count;
	struct list sessions; /* struct dc_session.node, most recently made last */
	uint32_t session_count;
	struct dc_session *main; /* permanent ones only */
	struct dc_session *rival; /* the main session before it, if that is still connected */
	int64_t rival_until;
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
	struct list node;	/* dc_key.sessions */
	struct list conn_node;	/* dc_conn.sessions; loose without a connection */
	struct list all_node;	/* dc_server.sessions */
	struct list dirty_node; /* dc_server.dirty */
	struct dc_key *key;
	uint64_t id;
	struct dc_conn *conn; /* the last one a message came on; NULL */
	bool announced;	      /* new_session_created was sent */
	bool without_updates; /* the last query was wrapped so */
	int64_t heard;	      /* true time of the last message, ns */
	uint64_t last_id;     /* of ours */
	uint32_t seq;	      /* content-related messages of ours so far */
	struct dc_seen *seen; /* ascending ids */
	uint32_t seen_count, seen_room;
	uint64_t forgot; /* ids up to this one are no longer in seen */
	struct list pending; /* struct dc_out: to be sent */
	struct list kept;    /* struct dc_out: sent, no ack yet */
	uint32_t kept_count;
	uint64_t kept_bytes;
	uint64_t acks[DC_ACKS_MAX]; /* what we have to acknowledge */
	uint32_t ack_count;
	struct list waiting; /* struct dc_wait */
};

/* A query that waits for another (invokeAfterMsg). */
struct dc_wait {
	struct list node;
	int64_t until; /* true time */
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
	const char *name;      /* for the log; static */
	const char *error;     /* for the log; points into the body, or static; NULL */
	uint64_t msg_id;       /* 0: not sent yet */
	uint32_t seq;
	uint64_t req_msg_id;   /* of the query it answers; 0 */
	bool odd;	       /* id ends in 3: answers no message */
	bool lost;	       /* its connection ended before the ack */
	int64_t due, sent;     /* true time */
	uint32_t tries;
	/* a file part, made when it is sent; else len bytes of body */
	bool is_file;
	uint32_t file_type;
	int32_t file_mtime;
	uint64_t file, file_offset;
	uint32_t file_len;
	uint32_t len;	       /* whole message data */
	uint8_t body[];
};

/* Memory it holds while it is kept. */
static inline uint64_t dc_out_cost(const struct dc_out *out)
{
	return out->is_file ? 0 : out->len;
}

/* ---- connections ---- */

enum cut_kind { CUT_NONE, CUT_DROP, CUT_RESET, CUT_STALL };

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
	uint8_t scratch[DC_SCRATCH];
	bool direct;	       /* the last want pointed into the packet */
	struct packet *in;     /* being received */
	struct dc_hs hs;
	uint64_t last_id;      /* of our unencrypted messages */
	struct list sessions;
	struct list out;       /* packets, framed, in order */
	uint64_t queued;       /* bytes in out */
	int64_t disconnect_at; /* ping_delay_disconnect; 0 */
	uint64_t bytes_in, bytes_out;
	uint64_t cut_in, cut_out; /* where it ends; UINT64_MAX: nowhere */
	enum cut_kind cut;
	int64_t in_next, out_next; /* FAULT_SLOW */
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
	struct list dirty;    /* sessions with something to send */
	struct arena arena;
	uint8_t *encoded, *packed, *inflated[2];
};

/* dc.c */
int64_t dc_clock(const struct dc_server *, int dc); /* the server's clock, ns */
void dc_random(struct dc_server *, void *out, size_t len);
void dc_violation(struct dc_server *, enum stat_rule);
int dc_layer_of(const struct dc_server *, int32_t asked);

/* dc_conn.c */
/* A framed packet, behind all others of the connection. */
void dc_conn_queue(struct dc_conn *, struct packet **);
void dc_conn_error(struct dc_conn *, int32_t code);
void dc_conn_quick_ack(struct dc_conn *, uint32_t token);
void dc_conn_cut(struct dc_conn *, enum cut_kind);
/* How a rule of kind DROP, RESET, STALL ends a connection. */
enum cut_kind dc_cut_of(enum fault_kind);

/* dc_plain.c: an unencrypted message, opened. */
void dc_plain_take(struct dc_conn *, struct packet *);

/* dc_key.c */
struct dc_key *dc_key_find(struct dc_server *, int dc, uint64_t id); /* living ones only */
struct dc_key *dc_key_make(struct dc_server *, int dc, const struct dc_hs *);
void dc_keys_free(struct dc_server *);
/* The permanent key behind it; NULL for a temporary one that is not bound. */
struct dc_key *dc_key_perm(struct dc_key *);
/* Destroys it, with what is bound to it. */
void dc_key_kill(struct dc_server *, struct dc_key *);
uint64_t dc_salt_now(struct dc_server *, struct dc_key *);
bool dc_salt_good(struct dc_server *, struct dc_key *, uint64_t salt);
void dc_salt_change(struct dc_server *, struct dc_key *);
/* The valid ones from now on, at most count; returns how many. */
uint32_t dc_salts_future(struct dc_server *, struct dc_key *, const struct dc_salt **, uint32_t count);
/* auth.bindTempAuthKey: NULL, or the text of the error 400. */
const char *dc_key_bind(struct dc_session *, uint64_t msg_id, struct cspan query);

/* dc_session.c */
struct dc_session *dc_session_get(struct dc_server *, struct dc_key *, uint64_t id);
void dc_session_drop(struct dc_server *, struct dc_session *);
/* The state is lost; the session starts anew with its next message. */
void dc_session_forget(struct dc_session *);
void dc_session_attach(struct dc_session *, struct dc_conn *);
void dc_session_detach(struct dc_session *);
struct dc_seen *dc_seen_find(const struct dc_session *, uint64_t msg_id);
/* Notes a new id; the entry is valid until the next call. */
struct dc_seen *dc_seen_add(struct dc_session *, uint64_t msg_id, uint32_t seq, uint32_t flags);
/* 0, 32 or 33: does seq fit between its neighbours? */
int dc_seq_fault(const struct dc_session *, uint64_t msg_id, uint32_t seq);
void dc_session_ack(struct dc_session *, uint64_t msg_id);
/*
 * A query for a main session came on it: true unless the key now has two living main sessions, which
 * kills the key.
 */
bool dc_session_main(struct dc_server *, struct dc_session *);
struct dc_out *dc_kept_find(const struct dc_session *, uint64_t msg_id);
struct dc_out *dc_answer_find(const struct dc_session *, uint64_t req_msg_id);
void dc_kept_drop(struct dc_session *, struct dc_out *);
/* A message that is kept goes out again, under its old id; false when there is none. */
bool dc_session_again(struct dc_session *, uint64_t msg_id);
/* The same for the answer to a query; true also when it is on its way already. */
bool dc_session_answer_again(struct dc_session *, uint64_t req_msg_id);
/* msgs_ack for a message of the client. */
void dc_session_put_ack(struct dc_session *, uint64_t msg_id);
/* Sends what was not acknowledged in time; returns when to look again. */
void dc_session_tick(struct dc_server *, struct dc_session *);
int64_t dc_session_due(const struct dc_server *, const struct dc_session *);

/* dc_message.c: the opened packet of a session. */
void dc_message_take(struct dc_conn *, struct dc_key *, const struct envelope_head *,
		     struct cspan data);
void dc_bad_msg(struct dc_session *, uint64_t msg_id, uint32_t seq, int code);

/* dc_service.c: true when body was a service message (and handled it). */
bool dc_service_take(struct dc_session *, uint64_t msg_id, uint32_t id, struct cspan body);
bool dc_is_service(uint32_t id);
const char *dc_service_name(uint32_t id); /* NULL: it is none */

/* dc_rpc.c */
void dc_rpc_take(struct dc_session *, uint64_t msg_id, struct cspan body);
void dc_rpc_tick(struct dc_session *);
void dc_rpc_error(struct dc_session *, uint64_t req_msg_id, const char *name, int32_t code,
		  const char *text);
void dc_rpc_raw(struct dc_session *, uint64_t req_msg_id, const char *name, struct cspan object);
void dc_push_all(struct dc_server *);

/* dc_decode.c: a query, an InputPeer being good as an InputUser or InputChannel too. */
const struct tl_obj *dc_decode(struct arena *, struct cspan body, struct tl_error *);

/* dc_downgrade.c: the object without what the layer has no form of. */
const struct tl_obj *dc_downgrade(struct arena *, const struct tl_obj *, int layer);

/* dc_send.c. A file part has len 0 here; its maker sets it, with the rest of the file's fields. */
struct dc_out *dc_out_make(enum out_kind, const char *name, uint32_t len);
void dc_out_free(struct dc_out *); /* in no list */
/* Hands it to the session; it goes out at the end of the tick, or when it is due. */
void dc_out_send(struct dc_session *, struct dc_out **);
void dc_session_dirty(struct dc_session *);
void dc_flush(struct dc_server *);

#endif
