/* What the files of the session share with each other and with nobody else. */
#ifndef TGCLONE_SESSION_SESSION_PRIV_H
#define TGCLONE_SESSION_SESSION_PRIV_H

#include "proto/session/session.h"
#include "proto/wire/tl.h"

/* Constructors of the service schema (protocol/schema/mtproto.tl). */
enum {
	ID_CONTAINER = 0x73f1f8dc,
	ID_GZIP = 0x3072cfa1,
	ID_RPC_RESULT = (int)0xf35c6d01u,
	ID_RPC_ERROR = 0x2144ca19,
	ID_MSGS_ACK = 0x62d6b459,
	ID_BAD_MSG = (int)0xa7eff811u,
	ID_BAD_SALT = (int)0xedab447bu,
	ID_STATE_REQ = (int)0xda69fb52u,
	ID_STATE_INFO = 0x04deb57d,
	ID_ALL_INFO = (int)0x8cc0d131u,
	ID_DETAILED = 0x276d3ec6,
	ID_NEW_DETAILED = (int)0x809db6dfu,
	ID_RESEND_REQ = 0x7d861a08,
	ID_GET_SALTS = (int)0xb921bd04u,
	ID_SALTS = (int)0xae500895u,
	ID_PING_DELAY = (int)0xf3427b8cu,
	ID_PONG = 0x347773c5,
	ID_DESTROY = (int)0xe7512126u,
	ID_DESTROY_OK = (int)0xe22045fcu,
	ID_DESTROY_NONE = 0x62d350c9,
	ID_NEW_SESSION = (int)0x9ec20908u,
};

#define SESSION_NS UINT64_C(1000000000)

/* Where a call stands (call.state). */
enum call_state { CALL_LOOSE, CALL_OPEN, CALL_RESEND, CALL_UNSURE };

/* One message of a packet. */
struct message {
	uint64_t id;
	uint32_t seq;
	struct cspan body;
};

/* session.c */
bool session_sent(const struct session *, uint64_t msg_id); /* a service message of ours */
void session_record(struct session *, uint64_t msg_id);     /* makes it one */
bool session_forgot(const struct session *, uint64_t msg_id);
void session_loosen(struct session *, struct call *); /* answered: out of the table */
void session_resend(struct session *, struct call *); /* surely not executed */
void session_doubt(struct session *, struct call *);  /* perhaps executed */
struct session_event *session_push(struct session *, enum session_event_kind);
void session_break(struct session *, enum session_fault);
void session_renew(struct session *, enum session_fault, int32_t code);
void session_ack(struct session *, uint64_t msg_id);

/* seen.c: the window of check 9 */
enum seen { SEEN_NEW, SEEN_TWICE, SEEN_BELOW };
enum seen session_seen(const struct session *, uint64_t msg_id);
void session_see(struct session *, uint64_t msg_id);

/* key.c: the clock and the salts */
bool key_in_time(const struct session_key *, uint64_t msg_id, uint64_t now);
bool key_past(const struct session_key *, uint64_t msg_id, uint64_t now);
void key_heard(struct session_key *, uint64_t msg_id, uint64_t now);
void key_correct(struct session_key *, uint64_t msg_id, uint64_t now);
int64_t key_unix_ns(const struct session_key *, uint64_t now);
uint64_t key_pick_salt(struct session_key *, uint64_t now);
bool key_set_salt(struct session_key *, uint64_t salt);
void key_distrust_salts(struct session_key *);
void key_asked_salts(struct session_key *, uint64_t now);
void key_take_salts(struct session_key *, struct tl_reader *, uint64_t now);

/* session_in.c */
uint32_t session_kind(struct cspan body); /* constructor id; 0 when there is none */

/* session_notice.c: true when the message was a service message */
bool session_notice(struct session *, const struct message *, struct cspan body);
/* Whether the body is a bad_* about a message we sent (exempt from check 10). */
bool session_repairs(const struct session *, struct cspan body);

#endif
