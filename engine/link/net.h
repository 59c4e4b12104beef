/*
 * Everything the rest of tgclone knows about connections. A net holds the data centres of one
 * account, one authorization key per DC, one main session on the home DC, and pools of file
 * sessions (downloads and uploads apart). It connects, makes keys, logs in on other DCs by
 * export/import, reconnects with back-off (reliability N1-2), repairs salts, clocks and sessions
 * (S1-S11), and sends again what may be sent again. Questions go down with net_call, answers are
 * asked for with net_next.
 *
 * A question's answer comes exactly once: RESULT, ERROR, or LOST (only for those that are not
 * idempotent: nobody knows whether the server ran it).
 */
#ifndef TGCLONE_LINK_NET_H
#define TGCLONE_LINK_NET_H

#include "engine/ring/ring.h"
#include "engine/slab/slab.h"
#include "proto/crypto/authkey.h"
#include "proto/crypto/rsa.h"
#include "proto/wire/frame.h"

enum { NET_DC_MAX = 16, NET_ADDR_MAX = 8, NET_RSA_MAX = 4, NET_QUERY_MAX = 256 * 1024 };
enum { NET_PART_MAX = CHUNK_PART_MAX + 16 }; /* an upload.file, with what stands before its bytes */
/*
 * Codes of a NET_DEAD. The server found our messages malformed again and again (S6); or it said
 * again and again that it does not know our key, which anybody on the way can say as well (S32).
 */
enum { NET_OWN_FAULT = -70, NET_UNKNOWN_KEY = -404 };
/* Of an ERROR: again and again the part took longer on its way up than the server waits for a message. */
enum { NET_TOO_LATE = -300 };
/* Of an ERROR, with net_options.follows: the data centre does not know the login, or the key. */
enum { NET_NO_LOGIN = -401 };

struct net_addr {
	char host[64]; /* numeric */
	uint16_t port;
	bool ipv6, media_only, tcpo_only;
	bool has_secret;
	uint8_t secret[16];
};

struct net_dc {
	uint16_t id;
	uint32_t addr_count;
	struct net_addr addrs[NET_ADDR_MAX];
	bool has_key;
	struct auth_key key; /* permanent key; made when missing */
	uint64_t salt;
	bool authorized; /* logged in there: by login at home, by import elsewhere */
};

/* What outlives the process; the session file keeps it. */
struct net_account {
	uint16_t home_dc;
	bool test;
	uint32_t dc_count;
	struct net_dc dcs[NET_DC_MAX];
	int64_t user_id; /* 0: not logged in */
	bool premium;
	int64_t time_offset_s; /* server - local, last known */
};

/* Sends of parts without copying them into the kernel (IORING_OP_SEND_ZC). */
enum net_zerocopy {
	NET_ZEROCOPY_AUTO, /* where the kernel does not copy after all, and the CPU is short */
	NET_ZEROCOPY_ON,
	NET_ZEROCOPY_OFF,
};

struct net_options {
	struct ring *ring;
	struct slab *slab;           /* NULL: no file sessions needed */
	struct net_account *account; /* lent; changed in place, see NET_ACCOUNT_CHANGED */
	struct rsa_public rsa[NET_RSA_MAX];
	uint32_t rsa_count;
	int32_t api_id;
	int layer; /* 228 or 201 */
	char device_model[64], system_version[32], app_version[32];
	char system_lang_code[8], lang_code[8];
	enum transport transport;
	bool obfuscated;
	uint32_t links_down, links_up; /* file sessions per DC and direction, at most; 1..64 */
	/* So many of them at first, and more while that pays; 0: all of them. */
	uint32_t links_down_first, links_up_first;
	uint32_t inflight;             /* requests in flight per file session, 1..64 */
	uint32_t connects;             /* in ten seconds per DC; 0: 5 (N1), which is the most */
	enum net_zerocopy zerocopy;
	/* Perfect forward secrecy: each session has a temporary key of its own (auth_key.md 10). */
	bool pfs;
	/*
	 * One net of several of an account, and not the first: keys and logins are what net_adopt
	 * brings. It makes none, and asks for none: that would take a main session at home, and two of
	 * them end the account (api.md 2). File sessions only.
	 */
	bool follows;
	uint64_t request_timeout_ns; /* N9: state request after this, default 30 s */
	void (*log)(void *ctx, int level, const char *line); /* 0 error .. 3 debug; may be NULL */
	void *log_ctx;
};

enum net_lane {
	NET_MAIN, /* the main session of the home DC (another DC has its own, made on demand) */
	NET_DOWN, /* a file session for downloads on that DC */
	NET_UP,   /* a file session for uploads */
};

/*
 * Where the bytes of a bulk answer go next: another query of which they are the end. When the
 * answer looks exactly as said here, and an upload link has room, the query goes out without the
 * bytes being touched by anybody else; else the answer comes as any other.
 */
struct net_relay {
	uint8_t prefix[40];   /* the query in front of the bytes, TL length of them included */
	uint32_t prefix_len;  /* a multiple of 4 */
	uint32_t answer_id;   /* first word of the answer's object */
	uint32_t body_at;     /* where in the object the bytes stand, <= 20 */
	uint32_t word_before; /* the word in front of them */
	uint32_t body_len;
	uint64_t owner; /* of the query: its own RESULT or ERROR comes with these */
	uint32_t tag;
};

struct net_request {
	uint16_t dc; /* 0: home */
	enum net_lane lane;
	/*
	 * Exactly one of the two. query is copied; without the wrappers of the layer, which net
	 * adds where they are needed. A chunk holds one whole query (saveFilePart ...) in its buf,
	 * with the headroom of CHUNK_FILE_AT's layout; it is handed over and comes back with the
	 * answer.
	 */
	struct cspan query;
	struct chunk **chunk;
	bool once;        /* not idempotent: never sent again when its fate is unknown */
	bool bulk_answer; /* the answer is a file part: it may arrive in a chunk */
	const struct net_relay *relay; /* copied; only with bulk_answer; may be NULL */
	uint64_t owner;                /* opaque, comes back with the event */
	uint32_t tag;
};

enum net_event_kind {
	NET_RESULT,          /* result: the object inside rpc_result, inflated when it was packed */
	NET_ERROR,           /* code, text; also transport trouble that will not mend: code -1 */
	NET_LOST,            /* only for once */
	NET_UPDATE,          /* an Updates object pushed by the server (result) */
	NET_ACCOUNT_CHANGED, /* keys, salts, home DC, authorized flags: write the session file */
	/* The account cannot go on, and nothing more is asked: 401 of the home DC, -404 or -444
	   again and again, unknown RSA key, layer or api_id refused, a home DC that is nowhere,
	   NET_OWN_FAULT. Open questions end as NET_ERROR. */
	NET_DEAD,
	NET_STATE, /* a link changed: text for people, for progress and logs */
};

struct net_event {
	enum net_event_kind kind;
	uint64_t owner;
	uint32_t tag;
	uint32_t ticket;
	uint16_t dc;
	struct cspan result; /* valid until the next net_next */
	/*
	 * Yours now, state HELD. Of a bulk answer: result lies in it and is exactly its buf; NULL
	 * for one so short, or so packed, that it came in the net's memory. Or your own one that
	 * held the query: after boolTrue its bytes are of no use; with any other RESULT, with ERROR
	 * and LOST its buf is the query as you gave it.
	 */
	struct chunk *chunk;
	uint32_t relayed; /* RESULT: ticket of the query that the bytes went on in (no result) */
	int32_t code;
	char text[160]; /* of rpc_error, bounded, printable ASCII */
};

struct net;

/* Nothing is connected before it is needed. 0 or -errno. */
int net_open(struct net **, const struct net_options *);
/* Closes every link, joins what is in flight (<= 2 s), drops open questions. */
void net_close(struct net **);

/*
 * Takes the question; ticket (never 0) names it. -EAGAIN: the lane is full, ask again after events.
 * -EINVAL: not a query (its length is a multiple of 4). -ESHUTDOWN: after NET_DEAD.
 * When it fails the chunk is still yours.
 */
int net_call(struct net *, const struct net_request *, uint32_t *ticket);
/*
 * The chunk of a bulk answer, which is yours; of one that came without, a new one with a copy of the
 * result, where a part would stand in it. NULL: no chunk is free, or the result is no part.
 */
struct chunk *net_event_chunk(struct net *, const struct net_event *);
/* No event will come for it any more; a chunk of it is given back to the slab. */
void net_cancel(struct net *, uint32_t ticket);
/* Nothing is relayed before that time: uploads were told to wait. */
void net_relay_hold(struct net *, uint64_t until_ns);
/* Questions that the lane would take right now. (To a DC that nobody knows: NET_ERROR, code -1.) */
uint32_t net_room(struct net *, uint16_t dc, enum net_lane);

/* One event, oldest first; false when there is none. Ask until then before each net_turn. */
bool net_next(struct net *, struct net_event *);
/* One turn: sends what waits, runs the ring until something happened or until_ns. 0 or -errno. */
int net_turn(struct net *, uint64_t until_ns);

/* Whether a data centre of that number is in the list. */
bool net_knows(struct net *, uint16_t dc);
/*
 * After a migration error of login: this DC is the home now; its key is made when needed. Of an
 * account that is logged in the net moves the home by itself (S19).
 */
void net_set_home(struct net *, uint16_t dc);
/* After help.getConfig: new addresses of the DCs. */
void net_set_addrs(struct net *, uint16_t dc, const struct net_addr *, uint32_t count);
/*
 * What another net of the same account learnt: addresses, a key with its login where this net has
 * none yet, or the login of the key it has. One that follows takes another key in the place of its own.
 */
void net_adopt(struct net *, const struct net_dc *);
/* After login and logout. */
void net_set_authorized(struct net *, uint16_t dc, bool);
/*
 * The data centre that questions wait for and that is out of reach for the longest time; 0: none.
 * away_ns: that time, ns.
 */
uint16_t net_away(struct net *, uint64_t *away_ns);
/* Whether a data centre answered since something there failed last; nobody need ask there for that. */
bool net_answers(const struct net *, uint16_t dc);
/* Server time, s since 1970 (local clock plus the offset learnt). */
int64_t net_server_time(struct net *);

struct net_stats {
	uint64_t bytes_in, bytes_out, requests, resends, reconnects, handshakes;
	uint64_t bindings; /* of temporary keys */
	uint64_t relayed; /* parts that went through in one pass */
	uint64_t zerocopy,
	    zerocopied; /* such sends; and those that the kernel copied all the same */
	uint64_t moved; /* questions that were late on one link and were asked on another */
	uint32_t links_ready, links_total, in_flight;
	uint32_t links_down, links_up; /* file sessions per DC that are thought best now */
};
void net_stats(const struct net *, struct net_stats *);

#endif
