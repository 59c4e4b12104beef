/*
 * The client half of one MTProto session (messages.md 3-13): message ids, sequence numbers, salts,
 * acknowledgements, containers, state requests and resending, and the checks 5 and 8-13 on what
 * comes. Sans I/O: packets and times in, packets and events out. What it needs of the caller is asked
 * for with session_next and session_service, never by calling up.
 *
 * now is the monotonic clock in ns; the server's time is an estimate kept in struct session_key.
 */
#ifndef TGCLONE_SESSION_SESSION_H
#define TGCLONE_SESSION_SESSION_H

#include "proto/base/list.h"
#include "proto/wire/envelope.h"

/* Shared by all sessions of one authorization key: salts and clock belong to the key. */
struct session_salt {
	int64_t valid_since, valid_until; /* server time, s */
	uint64_t salt;
};

struct session_key {
	struct auth_key key;
	uint64_t salt; /* in use */
	struct session_salt salts[64];
	uint32_t salt_count;
	int64_t offset_ns;  /* server unix time ns - monotonic now ns */
	bool offset_known;
};

/* A question in flight. Lives in the caller's memory from session_call until its last event. */
struct call {
	struct list node;
	uint64_t msg_id, container_id;
	uint64_t sent_ns, asked_ns; /* first sent; last state request about it */
	bool acked;		    /* the server has it (ack, or state 4) */
	bool once;		    /* not idempotent */
	bool open;		    /* in the session's table */
};

enum session_event_kind {
	SESSION_RESULT,	 /* call, body: the object inside rpc_result (may be gzip_packed: see inflate) */
	SESSION_ERROR,	 /* call, code, text */
	SESSION_RESEND,	 /* call: not executed; send it again by session_call (new id) */
	SESSION_UNSURE,	 /* call: nobody knows whether it ran (state 1 of a `once` call, session lost) */
	SESSION_UPDATE,	 /* body: an object that answers nothing (Updates) */
	SESSION_SALT,	 /* the key's salts changed */
	SESSION_CREATED, /* new_session_created with a unique_id not seen before */
	SESSION_BROKEN,	 /* the connection must be closed; fault says why */
	SESSION_RENEW,	 /* start a new session id (session_restart), then reconnect or go on */
	SESSION_PONG,
};

enum session_fault {
	SESSION_SOUND,
	SESSION_ENVELOPE,  /* wrong msg_key, lengths, key id */
	SESSION_ID,	   /* check 5 */
	SESSION_PARITY,	   /* check 8 */
	SESSION_OLD,	   /* check 9: lower than all remembered */
	SESSION_TIME,	   /* check 10 (the message is ignored; many in a row break the session) */
	SESSION_CONTAINER, /* check 11 */
	SESSION_TL,
	SESSION_BAD_MSG,   /* bad_msg_notification that means a fault of ours; code in the event */
};

struct session_event {
	enum session_event_kind kind;
	struct call *call;
	struct cspan body; /* view into the packet */
	int32_t code;
	char text[160];
	enum session_fault fault;
};

enum { SESSION_SEEN = 1024, SESSION_ACKS_MAX = 512, SESSION_EVENTS_MAX = 2048 };

struct session {
	struct session_key *key;
	uint64_t id;
	uint64_t last_msg_id;
	uint32_t seq; /* content-related messages so far */
	uint64_t seen[SESSION_SEEN];
	uint32_t seen_count, seen_at;
	uint64_t acks[SESSION_ACKS_MAX];
	uint32_t ack_count;
	uint64_t ack_due_ns; /* 0: none */
	struct list calls;   /* open calls, oldest first */
	uint32_t call_count;
	uint64_t unique_id;
	uint32_t bad_salts;  /* in a row */
	uint64_t ping_id, ping_sent_ns, pong_ns, heard_ns;
	uint64_t salts_asked_ns;
	uint64_t state_due_ns;
	uint64_t resend_req[64]; /* answers to ask for again */
	uint32_t resend_count;
	/* events of the packet in hand */
	struct session_event *events;
	uint32_t event_count, event_at, event_room;
};

/* events: memory for event_room of them, >= 64. random_id: 8 fresh random bytes. */
void session_init(struct session *, struct session_key *, uint64_t random_id,
		  struct session_event *events, uint32_t event_room);
/*
 * A new session id after RENEW or a lost server state; open calls become RESEND (or UNSURE when
 * once) events.
 */
void session_restart(struct session *, uint64_t random_id);

/*
 * A question: query holds the method object (wrappers and all). Gives it an id and sequence number,
 * puts the call into the table, and fills head for envelope_seal. The packet is the message itself,
 * without a container.
 */
void session_call(struct session *, struct call *, const struct buf *query, uint64_t now,
		  struct envelope_head *head);
/* The caller is not interested any more: its answer will be acked and dropped. */
void session_forget(struct session *, struct call *);

/*
 * An opened packet (envelope_open was sound): its head and data. Fills the events; ask with
 * session_next until it says false. Events point into data. inflate: space for unpacking a gzip_packed
 * message body (not the one inside rpc_result); may be empty.
 */
void session_consume(struct session *, const struct envelope_head *, struct cspan data, uint64_t now,
		     struct span inflate);
bool session_next(struct session *, struct session_event *);

/*
 * Service messages that are due: acks, pings, state and resend requests, future salts; as one message
 * or one container in packet (empty, with ENVELOPE rooms). False: nothing is due. force: acks go now.
 */
bool session_service(struct session *, struct buf *packet, uint64_t now, bool force,
		     struct envelope_head *head);
/* When session_service has something to do without further input; UINT64_MAX: never. */
uint64_t session_due(const struct session *);
/* The connection was replaced: ask the state of what is open, ping soon. */
void session_reconnected(struct session *, uint64_t now);

int64_t session_server_time(const struct session_key *, uint64_t now); /* s */
/* First estimate, from server_DH_inner_data or the stored one. */
void session_set_time(struct session_key *, int64_t server_unix_s, uint64_t now);

#endif
