/*
 * A session with the server played by the test: time stands still until it is moved, messages are
 * written with the TL writer and given whole or in containers. Received bytes lie in a copy of
 * exactly their size, so that a sanitizer sees every step beyond them.
 */
#ifndef TGCLONE_TESTS_SESSION_FIXTURE_H
#define TGCLONE_TESTS_SESSION_FIXTURE_H

#include "proto/session/session.h"
#include "proto/wire/tl.h"

#define FX_UNIX   INT64_C(1767225600)
#define FX_SECOND UINT64_C(1000000000)

enum { FX_CALLS = 1200, FX_BODY = 1 << 17, FX_INFLATE = 1 << 16 };

struct fixture {
	struct session_key key;
	struct session s;
	struct session_event events[SESSION_EVENTS_MAX];
	struct session_event ev; /* the last one fetched */
	struct call calls[FX_CALLS];
	struct envelope_head head; /* of the last thing we sent */
	uint64_t now;
	int64_t server_ns; /* server unix time - now */
	uint64_t server_id;
	uint8_t body[FX_BODY];
	struct tl_writer w;
	uint8_t *given; /* the packet in hand */
	uint8_t inflate[FX_INFLATE];
	uint8_t out_mem[8192];
	struct buf out; /* what session_service made */
};

/* Clock and salts known, nothing due: the state of a session in peace. */
void fx_start(struct fixture *);
/* The same as it comes out of session_init. */
void fx_start_raw(struct fixture *);
void fx_end(struct fixture *);

/* Sends the i-th call; its id. */
uint64_t fx_call(struct fixture *, uint32_t i);
/* The next id of the server, an answer's. */
uint64_t fx_id(struct fixture *);

/* A message body begins with its constructor; the writer is f->w. */
struct tl_writer *fx_body(struct fixture *, uint32_t kind);
/* The body as a message of its own. */
void fx_give(struct fixture *, uint64_t id, uint32_t seq);
void fx_give_bytes(struct fixture *, uint64_t id, uint32_t seq, struct cspan body);
/* A container is written into the body: open, any number of adds, then given. */
void fx_container(struct fixture *);
void fx_add(struct fixture *, uint64_t id, uint32_t seq, struct cspan body);
void fx_give_container(struct fixture *, uint64_t id);

/* Fetches the next event into f->ev; its kind, -1 when there is none. */
int fx_next(struct fixture *);
/* Fetches all that is left; how many there were. */
uint32_t fx_drain(struct fixture *);
/* session_service at now; what it made lies in f->out. */
bool fx_service(struct fixture *, bool force);
/* The constructor of the service message, or of the i-th one in the container; 0: not there. */
uint32_t fx_sent(struct fixture *, uint32_t i, struct cspan *body);
/* The body of the first message of that kind we sent; len 0: none. */
struct cspan fx_find(struct fixture *, uint32_t kind);

/* Ready-made bodies. */
void fx_result(struct fixture *, uint64_t req_id, uint32_t object);
void fx_error(struct fixture *, uint64_t req_id, int32_t code, const char *text);
void fx_bad_msg(struct fixture *, uint64_t msg_id, int32_t code);
void fx_bad_salt(struct fixture *, uint64_t msg_id, uint64_t salt);
void fx_new_session(struct fixture *, uint64_t first_id, uint64_t unique_id, uint64_t salt);
void fx_ids(struct fixture *, uint32_t kind, const uint64_t *ids, uint32_t count);
void fx_state_info(struct fixture *, uint64_t req_id, const uint8_t *info, uint32_t len);

#endif
