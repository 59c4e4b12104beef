/*
 * The client half of one MTProto session (messages.md 3-13): message ids, sequence numbers, salts,
 * acknowledgements, state requests and resending, and the checks 5 and 8-13 on what comes. Sans
 * I/O: packets and times in, packets and events out. What it needs of the caller is asked for with
 * session_next and session_service, never by calling up.
 *
 *   send     session_call -> envelope_seal -> frame_wrap
 *   receive  frame -> envelope_open -> session_consume -> session_next until false
 *   time     at session_due: session_service -> (packet) seal, wrap, send; session_next until false
 *   trouble  BROKEN: close, connect again, session_reconnected; RENEW: session_restart
 *
 * now is the monotonic clock in ns; the server's time is an estimate kept in struct session_key.
 */
#ifndef TGCLONE_SESSION_SESSION_H
#define TGCLONE_SESSION_SESSION_H

#include "proto/session/call.h"
#include "proto/session/key.h"
#include "proto/wire/envelope.h"

enum {
	SESSION_CALLS_MAX = 1024,   /* open at once (messages.md 6) */
	SESSION_SEEN = 1024,        /* ids kept against replay */
	SESSION_ACKS_MAX = 512,     /* waiting to be acknowledged */
	SESSION_EVENTS_MAX = 64,    /* events of one message, and a few of our own: plenty */
	SESSION_SERVICE_MAX = 3072, /* tailroom that session_service needs, padding included */
	/* Then it wants to be another one: a sequence number is twice as many, in 31 bits. What is
	   still asked meanwhile has room behind it. */
	SESSION_SEQ_MAX = (1 << 30) - 65536,
};

enum session_event_kind {
	SESSION_RESULT, /* call, body: the object inside rpc_result (may be gzip_packed: see
			   inflate) */
	SESSION_ERROR,  /* call, code, text */
	SESSION_RESEND, /* call: not executed, or harmless to repeat: session_call again (new id) */
	SESSION_UNSURE, /* call: nobody knows whether it ran (only for once) */
	SESSION_AGAIN,  /* call, and it stays open: it has not arrived yet (only for once):
			   session_again */
	SESSION_UPDATE, /* body: an object that answers nothing (Updates, or one we do not know) */
	SESSION_SALT,   /* the key's salts changed */
	SESSION_CREATED, /* new_session_created with a unique_id not seen before */
	SESSION_BROKEN, /* the connection must be closed; fault says why. Nothing more comes from it
			 */
	SESSION_RENEW,  /* a new session id is needed: session_restart; fault */
	SESSION_PONG,
};

enum session_fault {
	SESSION_SOUND,
	SESSION_ID,        /* check 5 */
	SESSION_PARITY,    /* check 8 */
	SESSION_OLD,       /* check 9: too many messages in a row below the window */
	SESSION_TIME,      /* check 10: too many in a row outside the time window */
	SESSION_CONTAINER, /* check 11 */
	SESSION_TL,        /* a service message that cannot be read */
	SESSION_GZIP,      /* S12: not a gzip stream, larger than the space, or nested */
	SESSION_STRAY,     /* S11: more than 256 KiB a minute of results nobody asked for */
	SESSION_BAD_MSG, /* RENEW: bad_msg_notification; its number in code. 17, 32, 33 happen; the
			    others (18, 19, 34, 35, 64) are a fault of ours (S6) */
	SESSION_REFUSED, /* salt or clock refused more than 3 times in a row (S1) */
	SESSION_USED_UP, /* RENEW: its sequence numbers come to an end */
	SESSION_STUCK,   /* S10: no answer though the server was asked about it. First BROKEN, then,
			    when it comes again after reconnecting, RENEW */
};

struct session_event {
	enum session_event_kind kind;
	struct call *call;
	struct cspan body; /* view into packet or inflate: valid until the next session_next */
	int32_t code;
	char text[160]; /* of rpc_error: printable ASCII, cut */
	enum session_fault fault;
};

/* What session.c and its neighbours keep; the fields named in comments may be read or set. */
struct session {
	struct session_key *key;
	uint64_t id;
	uint64_t old_id; /* before session_restart; its late messages are ignored */
	uint64_t last_msg_id, last_order;
	uint32_t seq;          /* content-related messages so far */
	uint32_t call_count;   /* open calls; read */
	uint64_t heard_ns;     /* last packet; read */
	uint64_t ping_sent_ns; /* unanswered while ping_id != 0; read */
	uint64_t ping_id;
	uint64_t state_after_ns; /* N9: 30 s; twice for acked calls; set after init */
	uint64_t ping_idle_ns;   /* 60 s; set after init */
	int32_t disconnect_s;    /* 75: the server's patience after a ping; set after init */
	uint64_t ping_busy_ns;   /* 10 s of silence while calls are open; set after init */
	uint64_t ack_after_ns;   /* 10 s; set after init */

	struct list calls;    /* open calls, oldest first */
	struct list verdicts; /* calls whose last event waits to be fetched */
	struct call *buckets[64];
	uint64_t seen[SESSION_SEEN]; /* sorted */
	uint32_t seen_count;
	uint64_t acks[SESSION_ACKS_MAX];
	uint32_t ack_count;
	uint64_t ack_due_ns;
	uint64_t sent_ns, state_due_ns;
	uint64_t unique_id;
	uint32_t refusals, time_faults, old_faults; /* in a row */
	uint32_t unknown; /* refusals with a code or an id that says nothing; read */
	bool created, broken, renewing;
	uint64_t stray_since_ns, stray_bytes;

	uint64_t service_ids[32]; /* our own service messages lately */
	uint32_t service_at, service_epoch;
	uint64_t salts_req_id;
	uint64_t state_req_id, state_req_ns;
	uint64_t state_ids[64]; /* the ids asked about, in order */
	uint32_t state_count;
	uint64_t resend_ids[64]; /* answers to ask for again */
	uint32_t resend_count;
	uint64_t info_req_id; /* a state question of the server, and our answer */
	uint8_t info[256];
	uint32_t info_len;
	uint64_t destroy_id;
	struct { /* what the last packet said that is said once, should it be refused */
		uint64_t first_id, last_id; /* of its messages; 0: none did, or it was said again */
		uint64_t resend_ids[64];
		uint32_t resend_count;
		uint64_t info_req_id, destroy_id;
	} said;
	uint64_t forgotten[256]; /* calls whose answer may still come and is no stray */
	uint32_t forgotten_at;

	struct {
		struct envelope_head head;
		struct cspan rest; /* messages of a container not yet taken, or the one message */
		uint32_t left;
		bool container, late;
		struct span inflate;
		size_t inflate_left; /* what the packet may still become by unpacking */
		uint64_t now;
	} in; /* the packet in hand */
	struct session_event *events;
	uint32_t event_room, event_at, event_count;
};

/* events: memory for event_room of them, >= SESSION_EVENTS_MAX. random_id: 8 fresh random bytes. */
void session_init(struct session *, struct session_key *, uint64_t random_id,
		  struct session_event *events, uint32_t event_room);
/*
 * A new session id after RENEW or a lost server state; open calls become RESEND (or UNSURE when
 * once) events, to be fetched with session_next. The packet in hand is dropped.
 */
void session_restart(struct session *, uint64_t random_id);

/*
 * A question: query holds the method object (wrappers and all). Gives it an id and sequence number,
 * puts the call into the table (fewer than SESSION_CALLS_MAX are open), and fills head for
 * envelope_seal. The packet is the message itself, without a container.
 */
void session_call(struct session *, struct call *, const struct buf *query, uint64_t now,
		  struct envelope_head *head);
/*
 * After AGAIN, with the same query: the same id once more, so that the server runs it once, whether
 * the other one of its two ways is the quicker or not.
 */
void session_again(struct session *, struct call *, uint64_t now, struct envelope_head *head);
/* The caller is not interested any more: no event will come; a late answer is acked and dropped. */
void session_forget(struct session *, struct call *);
/* The open call with that id; NULL: there is none. */
struct call *session_find(const struct session *, uint64_t msg_id);
/* Whether the call waits for an answer, or for its last event to be fetched. */
bool session_holds(const struct call *);

/*
 * An opened packet (envelope_open was sound): its head and data. Then fetch the events with
 * session_next until it says false; messages of a container are looked at one by one as they are
 * asked for, so data must stay until then. inflate: space for unpacking gzip_packed message bodies
 * (not those inside rpc_result); may be empty, then such a message breaks the connection. All of
 * a packet together may fill it once.
 */
void session_consume(struct session *, const struct envelope_head *, struct cspan data,
		     uint64_t now, struct span inflate);
/* After session_call, session_consume, session_service, session_restart and session_reconnected. */
bool session_next(struct session *, struct session_event *);
/* Whether object is an rpc_error (for results that were gzip_packed); then code and text. */
bool session_read_error(struct cspan object, int32_t *code, char text[160]);

/*
 * Service messages that are due: acks, pings, state and resend requests, future salts; as one
 * message or one container in packet (empty, with ENVELOPE_HEADROOM and SESSION_SERVICE_MAX of
 * tailroom). False: nothing is due. force: acks go now.
 */
bool session_service(struct session *, struct buf *packet, uint64_t now, bool force,
		     struct envelope_head *head);
/* When session_service has something to do without further input; 0: now; UINT64_MAX: never. */
uint64_t session_due(const struct session *);
/*
 * The call's bytes have not all arrived at the server, or the server's are still arriving here: its
 * deadlines (N9) begin now.
 */
void session_patience(struct session *, struct call *, uint64_t now);
/*
 * A connection stands, the first or another one: the server is asked about all that is open, and
 * pinged. What was in hand of the old connection is dropped.
 */
void session_reconnected(struct session *, uint64_t now);
/*
 * How long a ping waits while nothing at all was heard; 0: no reason to worry. The caller knows
 * what it is still sending, so it decides when this is too long.
 */
uint64_t session_silent(const struct session *, uint64_t now);

#endif
