/*
 * The content half of the simulated Telegram: accounts, peers, messages, files, and the API methods
 * over them. Sans I/O and single-threaded: a decoded query and a time in, an answer out. What the real
 * server refuses, it refuses. It knows nothing of packets, keys or salts.
 *
 * The protocol half is dc.h. Both meet here: world_call answers a query; world_pushes hands out
 * updates that sessions of other (or the same) accounts shall get.
 */
#ifndef TGSIM_WORLD_H
#define TGSIM_WORLD_H

#include "proto/schema/tlobj.h"

struct world;
struct account;

/* Who asks: filled in by dc.c for each query, already unwrapped of invokeWith... and initConnection. */
struct rpc {
	struct world *world;
	struct arena *arena; /* for the answer and everything temporary */
	int64_t now;	     /* server time, ns since 1970 */
	int dc;		     /* DC that was asked */
	int layer;	     /* of the answer */
	uint64_t auth_key_id;
	uint64_t session_id;
	uint64_t req_msg_id;
	bool without_updates;
	int64_t takeout_id; /* of invokeWithTakeout; 0: none */
	int32_t range_min, range_max; /* of invokeWithMessagesRange; both 0: none */
	/* Authorization of the key; the world sets it on login, import, logout. */
	struct account *account;
	bool authorization_changed; /* set by the method: dc.c stores account with the key */
	bool destroy_key;	    /* set by auth.logOut */
};

enum rpc_outcome {
	RPC_OBJECT, /* result */
	RPC_FILE,   /* upload.file whose bytes are produced by world_file_read(file_*) */
	RPC_ERROR,  /* code, text */
	RPC_NONE,   /* no answer at all (a fault knob) */
};

struct rpc_reply {
	enum rpc_outcome outcome;
	const struct tl_obj *result;
	int32_t code;
	char text[96];
	int64_t delay_ns; /* answer later by this much */
	/* RPC_FILE */
	uint32_t file_type_id; /* constructor id of storage.FileType */
	int32_t file_mtime;
	uint64_t file;	       /* handle */
	uint64_t file_offset;
	uint32_t file_len;
};

void world_call(struct rpc *, const struct tl_obj *query, struct rpc_reply *);
void world_file_read(struct world *, uint64_t file, uint64_t offset, uint8_t *out, uint32_t len);

/*
 * Updates that came up during calls, oldest first: an Updates object for every session of account
 * except the one that caused it (its own answer carried them). Valid until the next call.
 */
bool world_next_push(struct world *, struct arena *, struct account **account,
		     uint64_t *except_session, const struct tl_obj **updates);

#endif
