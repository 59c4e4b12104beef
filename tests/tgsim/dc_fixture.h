/*
 * The protocol half with a client played by the test and a world of a few made-up answers. Time
 * stands still until it is moved. Clients speak through real frames and envelopes; what comes back
 * lies as a flat list of messages, containers undone.
 */
#ifndef TGCLONE_TESTS_TGSIM_DC_FIXTURE_H
#define TGCLONE_TESTS_TGSIM_DC_FIXTURE_H

#include "proto/wire/tl.h"
#include "tools/tgsim/dc_priv.h"

#define FX_START  INT64_C(1767225600000000000)
#define FX_SECOND INT64_C(1000000000)

enum { FX_GOT = 512, FX_BODY = 1 << 21 };

/* What came to a client: one message of a session. */
struct got {
	uint64_t session_id, msg_id;
	uint32_t seq, len;
	bool in_container;
	uint8_t *body;
};

struct client {
	struct sim *sim;
	struct dc_conn *conn; /* NULL after it was closed */
	enum dc_fate fate;    /* how */
	struct framer framer;
	struct packet_in {
		struct buf buf;
		uint8_t mem[FX_BODY];
	} * in;
	struct auth_key key;
	uint64_t salt, session_id, last_id;
	uint32_t content; /* content-related messages so far */
	bool raw;         /* packets are not opened: they stay in plain */
	struct got got[FX_GOT];
	uint32_t got_count;
	int32_t codes[32]; /* transport errors */
	uint32_t code_count;
	uint32_t tokens[32]; /* quick acks */
	uint32_t token_count;
	uint8_t plain[2048]; /* the last unencrypted message data */
	uint32_t plain_len;
	uint32_t packets;
};

/* The made-up world; world_call and the rest of world.h are in dc_fixture.c. */
struct stub {
	uint32_t calls;  /* of the world, all */
	struct rpc last; /* as it was handed in */
	char last_name[64];
	uint32_t big_count; /* messages in an answer of messages.getHistory */
	int64_t delay_ns;
	bool silent;
	struct account *push_to; /* an update waits */
	uint64_t push_except;
};

struct sim {
	struct dc_server *server;
	struct dc_options options;
	struct faults faults;
	struct stats stats;
	struct simlog log;
	struct stub stub;
	int64_t now;
	struct client *clients[16];
	uint32_t client_count;
};

/* Changes options before the server is opened; may be NULL. */
void fx_open(struct sim *, void (*change)(struct dc_options *));
void fx_close(struct sim *);
/* The account that the stub logs in. */
struct account *fx_account(void);

/* A client on a DC with a key that the server knows; session and salt are ready. */
struct client *fx_client(struct sim *, int dc, enum transport, bool obfuscated);
/* The same without a key: only a connection. */
struct client *fx_connect(struct sim *, int dc, enum transport, bool obfuscated);
/* Another connection for the same key, same session (or a new one). */
struct client *fx_again(struct client *, bool new_session);
void fx_disconnect(struct client *);
/* The key as the server holds it. */
struct dc_key *fx_key(struct client *);

uint64_t fx_id(struct client *);
/* A message; its id. content: an odd number. */
uint64_t fx_send(struct client *, struct cspan body, bool content);
void fx_send_as(struct client *, uint64_t msg_id, uint32_t seq, struct cspan body);
/* Whole packets in the making: payload of a frame, in clear; a raw frame. */
void fx_send_plain(struct client *, struct cspan data);
void fx_send_payload(struct client *, struct cspan payload, bool quick_ack);
void fx_send_sealed(struct client *, const struct envelope_head *, struct cspan body,
		    bool quick_ack);
/* One tick after so many ns; what the server says is taken in. */
void fx_tick(struct sim *, int64_t ns);

/* The first message whose body begins with this id, at or after index from; NULL. */
const struct got *fx_find(const struct client *, uint32_t id);
uint32_t fx_count(const struct client *, uint32_t id);
void fx_clear(struct client *);
/* The rpc_result for that query: view behind req_msg_id; length 0 when there is none. */
struct cspan fx_result(const struct client *, uint64_t req_msg_id);
/* Text of the rpc_error for that query; "" when it is none. code may be NULL. */
const char *fx_error(const struct client *, uint64_t req_msg_id, int32_t *code);
/* Code of the bad_msg_notification or bad_server_salt about that message; 0 when there is none. */
int fx_bad(const struct client *, uint64_t msg_id);

/* ---- bodies ---- */

struct body {
	uint8_t mem[4096];
	struct tl_writer w;
};
/* A body that begins with that id. */
struct tl_writer *body_start(struct body *, uint32_t id);
struct cspan body_end(struct body *);
/* help.getNearestDc and friends, by id, inside invokeWithLayer(initConnection(…)) when layer > 0.
 */
struct cspan body_query(struct body *, int32_t layer, uint32_t method);

enum {
	Q_NEAREST = 0x1fb33026,      /* help.getNearestDc: nearestDc */
	Q_CONFIG = (int)0xc4f9186bu, /* help.getConfig: here an error 400 TEST */
	Q_STATE = (int)0xedd4882au,  /* updates.getState: a main session's */
	Q_LOGIN = (int)0x3e72ba19u,  /* auth.logOut: here the stub's way to log in */
};

#endif
