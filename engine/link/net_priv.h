/*
 * What the files of this room share.
 *
 *   net       all of it: memory, the facade, the turn            net.c facade.c
 *   centre    one data centre: key, authorization, addresses,
 *             three lanes of waiting questions                   centre.c authorize.c
 *   link      one TCP connection with its session                link.c link_io.c watch.c handshaking.c
 *   question  one net_call, or one of our own                    question.c answer.c
 *   parcel    one packet on its way out: plain, sealed, wrapped  parcel.c
 * */
#ifndef TGCLONE_LINK_NET_PRIV_H
#define TGCLONE_LINK_NET_PRIV_H

#include "engine/link/limits.h"
#include "engine/link/net.h"
#include "proto/session/handshake.h"
#include "proto/session/session.h"

struct net;
struct link;
struct centre;

/* ---- parcels ---- */

enum parcel_state {
	PARCEL_PLAIN,	/* content only */
	PARCEL_QUEUED,	/* in link->out, head is set, to be sealed in this turn */
	PARCEL_SEALED,	/* in link->out */
	PARCEL_WRAPPED, /* a frame: being sent, or sent */
};

struct parcel {
	struct list node; /* link->out */
	enum parcel_state state;
	bool clear; /* a message of the key exchange: never sealed */
	struct buf *buf;
	struct envelope_head head;
	struct frame_mark mark;
};

/* ---- questions ---- */

enum question_state { QUESTION_FREE, QUESTION_WAITING, QUESTION_ON_LINK, QUESTION_FAILED };

enum question_kind { QUESTION_USER, QUESTION_WARM, QUESTION_EXPORT, QUESTION_IMPORT };

struct question {
	struct call call;
	struct parcel parcel;
	struct list node; /* lane, link->questions, net->failed or net->free_questions */
	enum question_state state;
	enum question_kind kind;
	uint32_t ticket, index, generation;
	struct centre *centre;
	struct link *link;
	enum net_lane lane;
	bool home;	/* asked for the home DC, wherever that is */
	bool once, bulk, cancelled;
	bool sent; /* bytes of it may have left */
	uint32_t resends, repairs;
	uint64_t owner;
	uint32_t tag;
	struct chunk *chunk; /* buf of the parcel when not NULL */
	struct buf buf;	     /* else this one, in memory of: */
	uint8_t *small;
	int32_t large; /* index of the large query memory, -1 none */
	bool lost;     /* QUESTION_FAILED: nobody knows whether it ran */
	int32_t code;  /* QUESTION_FAILED */
	char text[TEXT_MAX];
};

/* ---- links ---- */

enum link_state {
	LINK_IDLE,	 /* nothing there, nothing wanted */
	LINK_CONNECTING,
	LINK_HANDSHAKE,	 /* making the DC's key */
	LINK_INIT,	 /* the session's first question is out */
	LINK_READY,
	LINK_CLOSING,	 /* joining what the kernel holds */
	LINK_STATES
};

/* A packet that came. Its bytes are in the link's own memory, or in a chunk. */
struct packet {
	bool live;
	struct buf *buf;
	struct chunk *chunk;
	struct buf own;
	struct envelope_head head;
};

struct link {
	struct net *net;
	struct centre *centre;
	enum net_lane lane;
	uint32_t number;
	enum link_state state;

	int fd;
	struct op connect_op, recv_op, send_op;
	bool connect_busy, recv_busy, send_busy; /* the kernel holds it */
	struct net_addr addr; /* a copy: the list may change meanwhile */
	struct sockaddr_storage peer;
	socklen_t peer_len;
	const char *why; /* it closes */
	int32_t why_errno;

	struct framer framer;
	uint8_t *own_mem;
	uint32_t own_size;
	struct packet in;  /* coming, or whole and not yet opened */
	bool in_whole;
	bool in_waits;	   /* length known, no memory yet */
	struct packet got; /* opened; its events are being asked for */
	bool got_consumed;
	struct list ready_node; /* net->ready: there may be events */

	struct list out; /* parcels */
	uint32_t out_count;
	struct parcel *sending;
	bool hello_due;
	struct parcel service;
	struct buf service_buf;
	uint8_t *service_mem;

	struct session session;
	bool session_live, warm;
	bool renew; /* a new session id with the next connection */
	struct session_event *events;
	struct question warmer;
	struct list questions; /* on this link */
	uint32_t question_count;

	uint64_t heard_ns;   /* last completion of a receive */
	uint64_t alive_ns;   /* last time TCP moved in either direction */
	uint64_t acked_ns;   /* last time nothing was unacknowledged, or some of it got acknowledged */
	uint64_t sample_ns;  /* next look at TCP */
	struct ring_progress progress;
	uint64_t state_ns;   /* since when it is in this state */
	uint64_t idle_ns;    /* since when there is no question on it */
	uint64_t clear_id;   /* last message id of the key exchange */
	uint32_t bad_envelopes;
	uint32_t window;     /* questions at once, as far as the network bears (N11) */
};

/* ---- data centres ---- */

enum import_state { IMPORT_NONE, IMPORT_EXPORTING, IMPORT_HAVE, IMPORT_IMPORTING };

struct lane {
	struct list waiting; /* questions */
	uint32_t waiting_count, flying_count;
	struct link *links;
	uint32_t link_count;
	bool used; /* the main lane of the home DC stays connected from its first use on */
};

struct centre {
	struct net *net;
	struct net_dc *dc; /* in the account */
	struct session_key key;
	struct lane lanes[NET_UP + 1];
	struct handshake handshake;
	struct link *handshaker; /* has the handshake */
	uint32_t handshake_fails;
	bool rekey; /* -404 again and again: a new key is to be made (never at home) */
	uint32_t unknown_key, wrong_dc, not_mtproto; /* in a row */
	uint32_t fails; /* connections in a row that never became ready */
	uint64_t connects[CONNECTS_MAX]; /* times of the last ones, a ring */
	uint32_t connect_at;
	uint64_t hold_ns; /* no connects before */
	uint32_t addr_main, addr_media; /* rotate with each failure */

	enum import_state import;
	struct question importer; /* both steps, one after the other */
	uint64_t import_ns;	  /* not before */
	uint32_t import_fails;
	int64_t import_id;
	uint8_t import_bytes[IMPORT_BYTES_MAX];
	uint32_t import_len;
};

/* ---- the net ---- */

struct notice {
	uint16_t dc;
	char text[TEXT_MAX];
};

struct net {
	struct net_options o;
	struct ring *ring;
	uint64_t now;
	struct centre centres[NET_DC_MAX];
	uint32_t centre_count;

	struct question *questions;
	uint32_t question_count;
	struct list free_questions, failed;
	struct list ready; /* links with packets or events to be asked for */
	uint8_t *large[LARGE_QUERIES];
	bool large_used[LARGE_QUERIES];

	bool dead, dead_told;
	int32_t dead_code;
	char dead_text[TEXT_MAX];
	bool changed;
	uint64_t salt_told_ns;
	bool salt_changed;
	struct notice notices[NOTICES_MAX];
	uint32_t notice_at, notice_count;

	uint8_t *inflate_in, *inflate_out;
	uint8_t random[1024];
	uint32_t random_left;
	struct net_stats stats;

	/* one mapping, cut up at the start */
	uint8_t *mem;
	size_t mem_size, mem_used;
	struct link *links;
	uint32_t link_total;
};

/* net.c */
void net_log(struct net *, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* For people: also becomes a NET_STATE event. */
void net_notice(struct net *, uint16_t dc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void net_die(struct net *, int32_t code, const char *text);
void net_random(struct net *, void *out, uint32_t len);
void net_salt_changed(struct net *, struct centre *);
/* Printable ASCII, bounded: what came from a peer and goes to people. */
void net_clean(char *out, size_t size, const char *in);
struct centre *net_home(struct net *);

/* centre.c */
struct centre *centre_find(struct net *, uint16_t dc); /* NULL: not in the list */
void centre_init(struct centre *, struct net *, struct net_dc *);
void centre_start(struct centre *);  /* opens the links that are wanted and allowed */
void centre_assign(struct centre *); /* waiting questions to ready links */
uint64_t centre_due(const struct centre *);
bool centre_is_home(const struct centre *);
/* The address for a new connection of that lane; NULL: there is none. */
const struct net_addr *centre_address(struct centre *, enum net_lane);
/* DC number as the key exchange and obfuscated2 want it. */
int32_t centre_wire_id(const struct centre *, const struct net_addr *);
/* A link ended before it was ready: next address, or back-off when all were tried. */
void centre_failed(struct centre *, enum net_lane);
/* Transport error code on one of its links. */
void centre_refused(struct link *, int32_t code);
/* The key was made anew: sessions and authorization with the old one are void. */
void centre_set_key(struct centre *, const struct handshake_result *);
void centre_forget_authorization(struct centre *);
void centre_fail_waiting(struct centre *, int32_t code, const char *text);
/* A ready link ended: the next one of it not at once. */
void centre_dropped(struct centre *);
/* No connects for so long. */
void centre_hold(struct centre *, uint64_t wait_ns);
uint32_t lane_capacity(const struct net *, const struct lane *, enum net_lane);

/* authorize.c */
bool authorize_needed(const struct centre *);
void authorize_step(struct centre *);
uint64_t authorize_due(const struct centre *);
void authorize_answer(struct question *, struct cspan body);
void authorize_error(struct question *, int32_t code, const char *text);
void authorize_lost(struct question *);

/* question.c */
void questions_init(struct net *);
struct question *question_take(struct net *); /* NULL: all are in use */
void question_init(struct question *, enum question_kind, struct centre *, enum net_lane);
/* Memory for a query of len bytes and prefixes in front; NULL: none is free. Empty. */
struct buf *question_memory(struct question *, uint32_t len);
void question_give(struct question *);
/* Into its lane: at the front, or the back. */
void question_wait(struct question *, bool front);
/* Onto the link: an id, a place in the session, and into the link's queue. */
void question_assign(struct question *, struct link *);
/* Out of its lane, or off its link, its bytes plain again when that is asked. The kernel must not hold them. */
void question_recall(struct question *, bool plain);
/* Its answer is NET_ERROR, or NET_LOST. It is on no link and in no lane. */
void question_fail(struct question *, int32_t code, const char *text);
void question_lose(struct question *);
struct question *question_of_ticket(struct net *, uint32_t ticket);
/* True while its bytes are in the hands of the kernel. */
bool question_in_kernel(const struct question *);

/* parcel.c */
void parcel_init(struct parcel *, struct buf *);
void parcel_queue(struct link *, struct parcel *, const struct envelope_head *);
/* Out of the queue, and its bytes plain again when that is asked. The kernel must not hold it. */
void parcel_recall(struct link *, struct parcel *, bool plain);
void parcels_seal(struct net *);
void packets_open(struct net *);

/* link.c */
void link_init(struct link *, struct centre *, enum net_lane, uint32_t number);
void link_connect(struct link *, const struct net_addr *);
void link_to(struct link *, enum link_state);
/* why: text for people; err: an errno or 0. Does nothing when it is closed or closing. */
void link_close(struct link *, const char *why, int err);
/* Ends the close when the kernel holds nothing of it any more. */
void link_join(struct link *);
void link_begin_session(struct link *); /* there is a key: INIT, or READY at once */
void link_warmed(struct link *);	/* its first question was answered */
void link_mark_ready(struct link *);	/* there may be events to be asked for */
bool link_is_open(const struct link *);
/* "DC 4 download 2" */
const char *link_name(const struct link *, char out[48]);

/* watch.c */
void link_watch(struct link *);
uint64_t link_due(const struct link *);

/* link_io.c */
void link_recv(struct link *);	/* starts receiving, when it may */
void link_place(struct link *); /* memory for a packet whose length is known */
void link_send(struct link *);	/* starts sending the next parcel */
void link_drop_in(struct link *);
void link_drop_got(struct link *);

/* handshaking.c */
void handshaking_start(struct link *);
void handshaking_packet(struct link *);
void handshaking_drop(struct link *);

/* answer.c */
/* One event of the link's packet; false: it has no more. */
bool answer_next(struct link *, struct net_event *);
bool answer_is_key_error(const char *text);
uint64_t answer_told_wait(const char *text); /* ns in ..._WAIT_X, 0: none */
/* The object inside a gzip_packed one; false: it cannot be unpacked. */
bool answer_unpack(struct net *, struct cspan *body);

#define EACH_LANE(lane, c)                                                                         \
	for (__typeof__(&(c)->lanes[0]) lane = (c)->lanes; lane < (c)->lanes + NET_UP + 1; lane++)
#define EACH_LINK(l, lane)                                                                         \
	for (struct link *l = (lane)->links; l < (lane)->links + (lane)->link_count; l++)

#endif
