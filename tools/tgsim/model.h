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

#include "tools/tgsim/model_peer.h"

struct world_options;

struct history {
	struct peer peer;
	struct box *box;
	struct account *owner; /* NULL for supergroups and channels */
	struct chat *chat;     /* NULL for a private chat */
	struct user *user;     /* NULL for chats */
	struct idlist messages;
	struct idlist pinned;
	int32_t read_inbox, read_outbox;
	uint32_t held_back; /* messages in it, deleted ones too, that forbid copying */
};

/* ---- messages ---- */

struct msg {
	int32_t id, date;
	struct history *history;
	int64_t from_id;    /* bare user id; a channel post has the poster here, though not shown */
	int64_t grouped_id; /* 0: no album */
	int64_t random_id;
	int32_t topic_id; /* 0 outside forums */
	bool service, pinned, deleted, noforwards;
	struct file *file;   /* main media (photo or document); NULL */
	const uint8_t *body; /* private: its canonical encoding; use msg_body, msg_view */
	uint32_t body_len;
	struct msg *twin; /* ring of the copies in other boxes; itself when alone */
};

/* NULL when there is none, or it is deleted. */
struct msg *msg_find(struct world *, struct box *, int32_t id);
/*
 * The message as stored: `message` or `messageService` in form TL_LAYER, with its id, date,
 * peer_id, from_id. A photo or document in it has only its id: msg_view completes it. Not to be
 * changed.
 */
const struct tl_obj *msg_body(struct world *, struct arena *, const struct msg *);
/* As that account sees it: `out`, pinned, complete photos and documents with fresh references. */
const struct tl_obj *msg_view(struct world *, struct arena *, const struct account *,
			      const struct msg *, int64_t now);
/* The same of media that is in no message yet. */
const struct tl_obj *media_view(struct world *, struct arena *, const struct account *,
				const struct tl_obj *media, int64_t now);

/*
 * Posts: content is a `message` or `messageService` whose message, entities, media, action,
 * reply_to, fwd_from, grouped_id, silent, noforwards, invert_media, post_author... the caller has
 * set; id, date, peer_id, from_id, post, out are set here. Media files are named by id alone
 * (document{id}, photo{id}), see file_stub. Twins, topic lists, pts, log and pushes are done here.
 * The topic comes from reply_to (forum_topic; reply_to_top_id else reply_to_msg_id), else General
 * in a forum; a messageActionTopicCreate makes topic.id = its own id. Returns the copy in `to`.
 */
struct post {
	struct history *to;
	struct user *from;
	int64_t date; /* unix seconds */
	int64_t random_id;
	uint64_t session; /* except_session of the pushes; 0: none */
	int32_t id;       /* wanted id (archives have gaps); 0: the next one */
	bool quiet;       /* no log entry, no push: history that was there before */
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

/* ---- the world ---- */

/* The account's history with that peer; made when make is set; NULL when it does not exist. */
struct history *history_of(struct world *, struct account *, struct peer, bool make);

/* The options it was opened with (world_setup.h), and a pointer for the methods' own state. */
const struct world_options *world_options(const struct world *);
void **world_methods(struct world *);

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

/*
 * messageMediaWebPage for the first link among the message's entities; NULL when it has none. The
 * same link has the same page always.
 */
const struct tl_obj *webpage_media(struct world *, struct arena *, const struct tl_obj *message);

#endif
