/*
 * What the simulated Telegram remembers: users, accounts, chats, topics, messages, update logs.
 * Facts and their consistency live here (ids, pts, who sees what); what a caller may do, and the
 * text of a refusal, is for the methods. Files are in model_file.h.
 *
 * Memory: everything lives until world_close, in one large reservation (world->arena); what is
 * replaced or deleted is leaked, which a simulator can afford. Pointers stay valid.
 *
 * Message ids: a `box` numbers messages. Each account has one for its private chats and basic
 * groups (so one message sent there has a copy, a twin, in the box of every account that sees it);
 * each supergroup and channel has its own, shared by its members. A `history` is the messages of
 * one peer inside a box.
 */
#ifndef TGSIM_MODEL_H
#define TGSIM_MODEL_H

#include "proto/schema/tlobj.h"

struct world;
struct file;
struct synth;
struct world_options;

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
	UPDATE_CHAT, /* title, photo, rights, forum...: updateChannel / updateChat; no pts */
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
	struct update *log; /* oldest first, all of them */
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

/* ---- people ---- */

struct user {
	int64_t id;
	const char *first_name, *last_name, *username, *phone; /* "" when absent */
	bool bot, deleted, premium;
	struct account *account; /* NULL: nobody can log in as it */
	struct user *next;
};

struct account {
	struct user *user;
	const char *code;
	const char *password; /* NULL: no two-step check */
	struct box box;
	int32_t seq, qts;
	struct history **dialogs; /* every peer it has a history or a membership with; no order */
	uint32_t dialog_count, dialog_room;
	void *methods; /* for the methods' own use */
	struct account *next;
};

/* ---- chats ---- */

enum chat_kind { CHAT_GROUP, CHAT_SUPERGROUP, CHAT_CHANNEL };

struct member {
	struct user *user;
	int64_t inviter;
	int32_t date;
	bool creator, admin, left, banned;
	int32_t slow_until; /* unix time of the next message allowed by slow mode */
};

struct topic {
	int32_t id; /* of its messageActionTopicCreate; 1 is General */
	int32_t date;
	const char *title;
	int32_t icon_color;
	int64_t icon_emoji_id;
	bool closed, hidden, pinned, deleted;
	int64_t creator;
	struct idlist messages; /* with its own service message; last one = top message */
};

struct chat {
	enum chat_kind kind;
	int64_t id;
	const char *title, *about, *username; /* "" when absent */
	int32_t date, version;
	bool forum, noforwards, signatures, deactivated;
	int32_t slowmode_seconds;
	int64_t creator;
	uint32_t banned_rights; /* default_banned_rights flags word, by bit number of the schema */
	struct member *members;
	uint32_t member_count, member_room;
	struct topic **topics; /* ascending ids; General is made with the forum */
	uint32_t topic_count, topic_room;
	struct file *photo;
	const char *invite_hash; /* "" when none */
	struct box box;		 /* supergroups and channels */
	struct history *history; /* supergroups and channels: the one and only */
	struct chat *next;
};

struct history {
	struct peer peer;
	struct box *box;
	struct account *owner; /* NULL for supergroups and channels */
	struct chat *chat;     /* NULL for a private chat */
	struct user *user;     /* NULL for chats */
	struct idlist messages;
	struct idlist pinned;
	int32_t read_inbox, read_outbox;
};

/* ---- messages ---- */

struct msg {
	int32_t id, date;
	struct history *history;
	int64_t from_id;      /* bare user id; a channel post has the poster here, though not shown */
	int64_t grouped_id;   /* 0: no album */
	int64_t random_id;
	int32_t topic_id;     /* 0 outside forums */
	bool service, pinned, deleted, noforwards;
	struct file *file;    /* main media (photo or document); NULL */
	const uint8_t *body;  /* private: its canonical encoding; use msg_body, msg_view */
	uint32_t body_len;
	struct msg *twin;     /* ring of the copies in other boxes; itself when alone */
};

/* NULL when there is none, or it is deleted. */
struct msg *msg_find(struct world *, struct box *, int32_t id);
/*
 * The message as stored: `message` or `messageService` in form TL_LAYER, with its id, date, peer_id,
 * from_id. A photo or document in it has only its id: msg_view completes it. Not to be changed.
 */
const struct tl_obj *msg_body(struct world *, struct arena *, const struct msg *);
/* As that account sees it: `out`, pinned, complete photos and documents with fresh references. */
const struct tl_obj *msg_view(struct world *, struct arena *, const struct account *,
			      const struct msg *, int64_t now);

/*
 * Posts: content is a `message` or `messageService` whose message, entities, media, action,
 * reply_to, fwd_from, grouped_id, silent, noforwards, invert_media, post_author... the caller has
 * set; id, date, peer_id, from_id, post, out are set here. Media files are named by id alone
 * (document{id}, photo{id}), see file_stub. Twins, topic lists, pts, log and pushes are done here.
 * The topic comes from reply_to (forum_topic; reply_to_top_id else reply_to_msg_id), else General in
 * a forum; a messageActionTopicCreate makes topic.id = its own id. Returns the copy in `to`.
 */
struct post {
	struct history *to;
	struct user *from;
	int64_t date; /* unix seconds */
	int64_t random_id;
	uint64_t session; /* except_session of the pushes; 0: none */
	int32_t id;	  /* wanted id (archives have gaps); 0: the next one */
	bool quiet;	  /* no log entry, no push: history that was there before */
};
struct msg *msg_post(struct world *, const struct post *, const struct tl_obj *content);
/* Other content (same rules) for it and its twins. */
void msg_edit(struct world *, struct msg *, const struct tl_obj *content, int32_t date,
	      uint64_t session);
void msg_delete(struct world *, struct msg *, bool for_all, int32_t date, uint64_t session);
void msg_pin(struct world *, struct msg *, bool pinned, int32_t date, uint64_t session);

/* Remembered for ever, per account and peer: ids of what random_id made; 0 when it is new. */
int32_t random_id_find(struct world *, const struct account *, struct peer, int64_t random_id);
/* msg_post does this by itself when post.random_id is not 0. */
void random_id_note(struct world *, const struct account *, struct peer, int64_t random_id,
		    int32_t msg_id);

/* ---- finding and making ---- */

struct user *user_find(struct world *, int64_t id);
struct chat *chat_find(struct world *, int64_t id); /* any kind */
struct account *account_find(struct world *, int64_t user_id);
struct account *account_by_phone(struct world *, const char *phone); /* digits, with or without + */
/* Without @, any case. Exactly one of the two is set when true. */
bool username_find(struct world *, struct cspan name, struct user **, struct chat **);
struct member *member_find(const struct chat *, int64_t user_id);
struct topic *topic_find(struct chat *, int32_t id); /* deleted ones too */

/* The account's history with that peer; made when make is set; NULL when it does not exist. */
struct history *history_of(struct world *, struct account *, struct peer, bool make);

struct user *user_make(struct world *, int64_t id, const char *first, const char *last);
/* An empty chat with its creator as a member; id 0: the next free one. Strings are copied. */
struct chat *chat_make(struct world *, enum chat_kind, int64_t id, const char *title,
		       struct user *creator, int32_t date);
void chat_set_forum(struct world *, struct chat *, bool);
struct member *member_add(struct world *, struct chat *, struct user *, int64_t inviter,
			  int32_t date);
/* The log of the chat (or of its members' boxes) gets a UPDATE_CHAT, version counts up. */
void chat_changed(struct world *, struct chat *, enum update_kind, int32_t id, int32_t date,
		  uint64_t session);

/* The options it was opened with (world_setup.h), and a pointer for the methods' own state. */
const struct world_options *world_options(const struct world *);
void **world_methods(struct world *);

/* Bound to the account: another account's hash for the same peer is another number. */
int64_t access_hash(const struct world *, const struct account *, struct peer);
/* Copies that live as long as the world. */
const char *world_str(struct world *, struct cspan);
/* A deep copy that lives as long as the world. */
const struct tl_obj *world_keep(struct world *, const struct tl_obj *);
void *world_take(struct world *, size_t); /* zeroed */
/* An unpredictable-looking number, the next of a sequence that the seed fixes. Never 0. */
int64_t world_random(struct world *);

/* Entities count in UTF-16 units. */
uint32_t utf16_len(struct cspan utf8);
/* The bytes of units [from, from + len); cut at the end of the text. */
struct cspan utf16_slice(struct cspan utf8, uint32_t from, uint32_t len);

/* ---- schema objects of these things, for an account ---- */

/*
 * messageMediaWebPage for the first link among the message's entities; NULL when it has none. The same
 * link has the same page always.
 */
const struct tl_obj *webpage_media(struct world *, struct arena *, const struct tl_obj *message);

const struct tl_obj *peer_obj(struct arena *, struct peer);
const struct tl_obj *user_obj(struct world *, struct arena *, const struct account *,
			      const struct user *);
const struct tl_obj *chat_obj(struct world *, struct arena *, const struct account *,
			      const struct chat *);

#endif
