/* Numbers of the protocol half: its own limits, and the ids of MTProto's service objects. */
#ifndef TGSIM_DC_IDS_H
#define TGSIM_DC_IDS_H

#include <stdint.h>

enum {
	DC_SALTS = 66, /* the last one, the current one, 64 of the future */
	DC_KEY_TABLE = 1024,
	DC_SEEN_MAX = 4096, /* ids a session remembers */
	DC_ACKS_MAX = 1024,
	DC_KEPT_MAX = 4096, /* unacknowledged answers of a session */
	DC_KEPT_BYTES = 64 << 20,
	DC_SESSIONS_MAX = 512, /* of a key: the oldest without a connection goes */
	DC_SCRATCH = 16384,
	DC_QUEUE_HIGH = 4 << 20, /* bytes a connection may have waiting before answers are held */
	DC_ENCODE_MAX = 8 << 20,
	DC_ARENA_SIZE = 32 << 20,
	DC_MESSAGES_MAX = 1024, /* in one container from a client */
	DC_IDS_IN_SERVICE = 8192,
	DC_BIG = 32 << 10, /* answers from here on are announced by msg_detailed_info */
	DC_RESENDS_MAX = 6,
	DC_FILE_HEAD = 12 + 12, /* rpc_result; upload.file up to its bytes */
};

/* How long a main session counts as alive after the last word from it (see dc_session.c). */
static const int64_t DC_ALIVE_NS = 5 * (int64_t)1000000000;
/* How long the main session before it may stay connected beside a new one. */
static const int64_t DC_DUEL_NS = 10 * (int64_t)1000000000;
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

#endif
