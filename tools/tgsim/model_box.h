/*
 * A box numbers messages and logs what happens to them. Each account has one for its private chats
 * and basic groups; each supergroup and channel has its own, shared by its members.
 */
#ifndef TGSIM_MODEL_BOX_H
#define TGSIM_MODEL_BOX_H

#include "proto/schema/tlobj.h"

struct world;
struct account;
struct history;
struct msg;
struct synth;

enum peer_kind { PEER_USER = 1, PEER_GROUP, PEER_CHANNEL }; /* peerUser, peerChat, peerChannel */
struct peer {
	enum peer_kind kind;
	int64_t id; /* bare, as in the schema */
};

/* Ascending message ids. */
struct idlist {
	int32_t *ids;
	uint32_t count, room;
};
/* Index of the first id >= id; count when there is none. */
uint32_t idlist_lower(const struct idlist *, int32_t id);
bool idlist_has(const struct idlist *, int32_t id);

/* ---- update log ---- */

enum update_kind {
	UPDATE_NEW,    /* msg_id was created */
	UPDATE_EDIT,   /* msg_id has another content */
	UPDATE_DELETE, /* msg_id is gone (one entry an id; pts_count 1 each) */
	UPDATE_PIN,    /* msg_id is pinned now */
	UPDATE_UNPIN,
	UPDATE_CHAT,      /* title, photo, rights, forum...: updateChannel / updateChat; no pts */
	UPDATE_TOPIC_PIN, /* msg_id = topic id; no pts */
};
struct update {
	enum update_kind kind;
	int32_t pts; /* after it */
	int32_t pts_count;
	int32_t msg_id;
	int32_t date;
	struct history *history;
};

struct box {
	int32_t pts; /* starts at 1 */
	int32_t last_id;
	struct msg ***pages; /* private: use msg_find */
	struct update *log;  /* oldest first, all of them */
	uint32_t log_count, log_room;
	/* Private: messages that are made when looked at (a synthetic source). */
	struct synth *synth;
	struct history *synth_history;
};

/* What a session shall hear: an entry of a log, for an account. Drained by world_next_push. */
struct push {
	struct account *account;
	uint64_t except_session;
	struct update update;
};
bool push_next(struct world *, struct push *);

#endif
