/*
 * One TCP connection and the session it carries: its life (link.c), its bytes (link_io.c), the key
 * exchange on it (handshaking.c), a key of its own (temporary.c), its watchdogs (watch.c), what comes of its answers (answer.c).
 */
#ifndef TGCLONE_LINK_LINK_PRIV_H
#define TGCLONE_LINK_LINK_PRIV_H

#include "engine/link/question_priv.h"
#include "engine/link/temporary_priv.h"
#include "proto/session/session.h"

enum link_state {
	LINK_IDLE, /* nothing there, nothing wanted */
	LINK_CONNECTING,
	LINK_HANDSHAKE, /* making the DC's key */
	LINK_INIT,      /* the session's first question is out */
	LINK_READY,
	LINK_CLOSING, /* joining what the kernel holds */
	LINK_STATES
};

/* A packet that came. Its bytes are in the link's own memory, or in a chunk. */
struct packet {
	bool live;
	struct buf *buf;
	struct chunk *chunk;
	struct buf own;
	struct envelope_head head;
	uint32_t unpacked; /* of its answers, so far */
};

struct link {
	struct net *net;
	struct centre *centre;
	enum net_lane lane;
	uint32_t number;
	enum link_state state;

	int fd;
	struct op connect_op, recv_op, send_op;
	struct op *send_now;                     /* send_op, or a zero-copy send's */
	bool connect_busy, recv_busy, send_busy; /* the kernel holds it */
	struct net_addr addr;                    /* a copy: the list may change meanwhile */
	uint64_t patience_ns;                    /* for the connect */
	struct sockaddr_storage peer;
	socklen_t peer_len;
	struct sockaddr_storage local, local_peer; /* of the last connection; zeros: not known */
	const char *why; /* it closes */
	int32_t why_errno;

	struct framer framer;
	uint8_t *own_mem;
	uint32_t own_size;
	struct packet in;       /* coming, or whole and not yet opened */
	struct list whole_node; /* net->whole: in is whole */
	uint64_t whole_ns;      /* since when */
	bool in_waits;          /* length known, no memory yet */
	struct packet got;      /* opened; its events are being asked for */
	bool got_consumed;
	struct relay *got_relay; /* it went through the relay's pass */
	struct list ready_node;  /* net->ready: there may be events */

	struct list out; /* parcels */
	uint32_t out_count;
	struct parcel *sending;
	bool hello_due;
	struct parcel service;
	struct buf service_buf;
	uint8_t *service_mem;

	struct session_key *key;  /* what it seals with: the DC's, or its own */
	struct temporary *temp;   /* NULL: it has none of its own */
	bool makes_key;           /* of the connection being opened: it makes one first */
	struct session session;
	bool session_live, warm;
	bool renew; /* a new session id with the next connection */
	struct session_event *events;
	struct question warmer;
	struct list questions; /* on this link */
	uint32_t question_count;

	uint64_t heard_ns;  /* last completion of a receive */
	uint64_t alive_ns;  /* last time TCP moved in either direction */
	uint64_t acked_ns;  /* last time that some of what was sent got acknowledged, or all was */
	uint64_t sample_ns; /* next look at TCP */
	struct ring_progress progress;
	bool progress_known;
	uint64_t state_ns; /* since when it is in this state */
	uint64_t idle_ns;  /* since when there is no question on it */
	uint64_t clear_id; /* last message id of the key exchange */
	bool proved;       /* a packet of the server came on this connection */
	uint32_t renewals, breaks; /* of the session, since something was answered */
	uint32_t inits; /* introductions that the server did not know of, in a row */
	uint64_t handed;   /* bytes of this connection that the kernel took */
	uint64_t in_since_ns; /* when the packet that is arriving began */
	uint64_t in_received; /* what TCP had received then */
	uint32_t bad_envelopes;
	uint64_t slow_ns; /* until then others are preferred */
	uint32_t window;  /* questions at once, as far as the network bears (N11) */
	uint64_t alone_ns; /* until then one, however quick: several were too much for a packet */
};

/* link.c */
void link_init(struct link *, struct centre *, enum net_lane, uint32_t number);
/* What a link needs beside itself, 64-aligned; it is the link's for good. */
size_t link_memory(const struct net *, enum net_lane);
void link_take_memory(struct link *, uint8_t *);
void link_connect(struct link *, const struct net_addr *);
void link_to(struct link *, enum link_state);
/* why: text for people; err: an errno or 0. Does nothing when it is closed or closing. */
void link_close(struct link *, const char *why, int err);
/* Ends the close when the kernel holds nothing of it any more. */
void link_join(struct link *);
uint64_t link_join_at(const struct link *); /* when that can be; UINT64_MAX: not known yet */
/* The kernel still reads some of what was asked: opened again it would leave as plain text. */
bool link_is_read(const struct link *);
void link_begin_session(struct link *); /* there is a key: INIT, or READY at once */
void link_ask_first(struct link *);     /* what layer we speak, and who we are */
void link_warmed(struct link *);        /* its first question was answered */
/*
 * When what a dead link has asked, and what may be asked twice, goes to its neighbours in the lane;
 * UINT64_MAX: never, as things are.
 */
uint64_t link_lend_at(const struct link *);
void link_lend(struct link *);
void link_mark_ready(struct link *); /* there may be events to be asked for */
bool link_is_open(const struct link *);
/* "DC 4 download 2" */
const char *link_name(const struct link *, char out[48]);

static inline bool link_has_whole(const struct link *l)
{
	return !list_empty(&l->whole_node);
}

/* watch.c */
void link_watch(struct link *);
uint64_t link_due(const struct link *);

/* link_io.c */
void link_recv(struct link *);                    /* starts receiving, when it may */
void link_place(struct link *);                   /* memory for a packet whose length is known */
void link_send(struct link *);                    /* starts sending the next parcel */
void link_sent(struct link *, const struct op *); /* the send under way ended */
void link_drop_in(struct link *);
void link_drop_got(struct link *);

/* handshaking.c */
void handshaking_start(struct link *);  /* the DC's key, or when that is there the link's own */
void handshaking_beside(struct link *); /* the link's next one, while its session goes on */
void handshaking_packet(struct link *);
void handshaking_drop(struct link *);

/* answer.c */
/* One event of the link's packet; false: it has no more. */
bool answer_next(struct link *, struct net_event *);
bool answer_is_key_error(int32_t code, const char *text);
uint64_t answer_told_wait(const char *text); /* ns in ..._WAIT_X, 0: none */
/*
 * The object inside a gzip_packed one; false: it cannot be unpacked, or the link's packet became too
 * much by unpacking already (S12).
 */
bool answer_unpack(struct link *, struct cspan *body);

#endif
