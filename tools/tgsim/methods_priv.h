/* What the methods share among themselves. Private to methods*.c. */
#ifndef TGSIM_METHODS_PRIV_H
#define TGSIM_METHODS_PRIV_H

#include "proto/base/check.h"
#include "tools/tgsim/methods.h"
#include "tools/tgsim/methods_limits.h"
#include "tools/tgsim/methods_text.h"
#include "tools/tgsim/model_file.h"
#include "tools/tgsim/world_setup.h"

#include <stdlib.h>

enum {
	PAGE_MAX = 100,
	IDS_MAX = 100,
	TITLE_MAX = 128,
	ABOUT_MAX = 255,
	ALBUM_MAX = 10,
	PINNED_TOPICS_MAX = 5,
	QUOTE_UNITS_MAX = 1024,
	CAPTION_UNITS_PREMIUM = 4096,
	CHANNELS_MAX = 500,
	CHANNELS_MAX_PREMIUM = 1000,
	USERNAME_MAX = 32,
};

/* ---- state ---- */

enum random_mode { RANDOM_REPLAY, RANDOM_DUPLICATE };
enum webpage_mode { WEBPAGE_SIMPLE, WEBPAGE_PENDING, WEBPAGE_NONE };

struct methods {
	struct methods_dc dcs[METHODS_DCS_MAX];
	uint32_t dc_count;
	struct limits limits;
	enum random_mode random_mode;
	uint32_t random_busy;
	bool random_forget, media_first, min_users, short_sent, premium_emoji, history_slice;
	bool file_hashes;
	uint32_t album_part, part_false, part_lose, short_read, long_read, cdn_redirect;
	bool thumb_gone, replay_bare;
	uint32_t forward_mute; /* so many forwards are answered without their ids */
	uint32_t page_empty; /* so many of the next pages from an offset come empty */
	uint32_t newest_empty; /* and of those from the newest message on */
	uint32_t count_more; /* so many more messages are counted than there are */
	bool page_ascending; /* pages come oldest first */
	bool topics_by_date; /* by the day they were made */
	bool reply_refused;  /* a reply to what was deleted is refused */
	uint32_t home_dc; /* of all accounts, after they moved; 0: as at the start */
	int32_t upload_ttl_s, takeout_delay_s;
	int32_t convert_s; /* a video that a channel gets is posted so much later; 0: at once */
	bool convert_file; /* and is another file then */
	uint32_t convert_edit; /* its caption is edited meanwhile: 1 at once, more: after half of the time */
	uint64_t repeats; /* sends with a random_id that was used */
	enum webpage_mode webpage;
	int64_t now;                      /* of the latest call, for pushes */
	struct code *codes;               /* methods_auth.c */
	struct pending *pending;          /* methods_auth.c */
	struct ticket *tickets;           /* methods_auth.c */
	struct poll *polls;               /* methods_poll.c */
	struct upload_note *uploads;      /* methods_file.c */
	struct converting *converting;    /* methods_convert.c: in the order they came */
	int32_t converting_last;          /* id */
	struct own_file *own_files[1024]; /* methods_file.c */
};

/* Of an account: account->methods. */
struct account_state {
	uint8_t verifier[256]; /* of its password, once made */
	bool verifier_known;
	uint8_t salt1[40], salt2[16];
	int64_t srp_id; /* 0: none given out */
	uint8_t srp_b[256];
	int64_t takeout; /* 0: none */
	struct peer *pinned;
	uint32_t pinned_count, pinned_room;
};

struct methods *methods_of(struct world *);
/* The DC that the accounts live on now. */
int methods_home(struct world *);
struct account_state *account_state(struct world *, struct account *);

/* ---- answers (methods_rpc.c) ---- */

void rpc_error(struct rpc_reply *, int32_t code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* NULL (no memory for it) becomes an error 500. */
void rpc_result(struct rpc_reply *, const struct tl_obj *);
void rpc_bool(const struct rpc *, struct rpc_reply *, bool);
/* False, and a FLOOD_WAIT in the reply, when the account may not do that now. */
bool rpc_limit(const struct rpc *, enum limit_kind, int64_t peer, uint32_t cost,
	       struct rpc_reply *);
int32_t rpc_date(const struct rpc *);
/* For albums and polls: a new number above 0. */
int64_t rpc_new_id(const struct rpc *);
/* The text as a C string in the arena; "" when it is too long for limit bytes or has a NUL. */
const char *rpc_cstr(const struct rpc *, struct cspan, size_t limit);
/* The query came in the form that layer 228 has; answers of others may have another type. */
bool rpc_newest_form(const struct tl_obj *query);
/* Query fields that were renamed between layers: the first that is there. */
const struct tl_obj *rpc_peer_field(const struct tl_obj *query);

typedef void method_handler(struct rpc *, const struct tl_obj *query, struct rpc_reply *);

/* ---- peers (methods_peer.c) ---- */

struct target {
	struct peer peer;
	struct chat *chat;       /* NULL for a user */
	struct user *user;       /* NULL for a chat */
	struct member *member;   /* of the asking account; NULL for a user, or when it is none */
	struct history *history; /* for a user NULL until target_history made it */
};

/* An InputPeer or InputChannel that the account may read. False: refused, the reply says why. */
bool peer_take(struct rpc *, const struct tl_obj *input, struct target *, struct rpc_reply *);
/* The same, and it is a supergroup or channel. */
bool peer_take_channel(struct rpc *, const struct tl_obj *input, struct target *,
		       struct rpc_reply *);
/* The same, but membership and bans do not matter: for joining and for channels.getChannels. */
bool peer_find_channel(struct rpc *, const struct tl_obj *input, struct target *,
		       struct rpc_reply *);
/* An InputUser; NULL: refused. */
struct user *peer_take_user(struct rpc *, const struct tl_obj *input, struct rpc_reply *);
/* The history, made when it was missing. */
struct history *target_history(struct rpc *, struct target *);
bool target_is_admin(const struct target *);
/* Its creator, or an admin who was given that right. */
bool target_may(const struct target *, enum admin_right);
bool target_is_broadcast(const struct target *);
bool peer_equal(struct peer, struct peer);
struct peer peer_of_obj(const struct tl_obj *peer);
struct peer peer_self(const struct rpc *);
/* A letter, then letters, digits and _; from least to USERNAME_MAX of them. */
bool peer_username_good(struct cspan name, size_t least);
/* False: refused, the account is in as many supergroups and channels as it may be. */
bool peer_room_for_channel(const struct rpc *, struct rpc_reply *);
/* For a min object: a hash that opens nothing but its profile photo. */
int64_t peer_min_hash(struct world *, const struct account *, struct peer);

/* ---- who is named in an answer (methods_roll.c) ---- */

struct roll {
	struct world *world;
	struct arena *arena;
	const struct account *account;
	bool min; /* strangers as min users */
	struct peer *peers;
	uint32_t count, room;
};

struct roll roll_start(const struct rpc *);
void roll_peer(struct roll *, struct peer);
void roll_user(struct roll *, int64_t id);
void roll_message(struct roll *, const struct tl_obj *message);
/* Fills the fields users and chats of o. */
void roll_set(struct roll *, struct tl_obj *o);

/* ---- updates (methods_updates.c) ---- */

enum { BATCH_MAX = 512 };

/* Updates while they are collected. */
struct batch {
	struct roll roll;
	int64_t now;
	const struct tl_obj *updates[BATCH_MAX];
	uint32_t count;
};

void batch_start(struct batch *, const struct rpc *);
void batch_put(struct batch *, const struct tl_obj *update);
/* updateMessageID; nothing when random_id is 0. */
void batch_put_id(struct batch *, int32_t id, int64_t random_id);
/* updateNewMessage or updateNewChannelMessage; pts_count 0: it was there before. */
void batch_put_message(struct batch *, const struct msg *, int32_t pts_count);
/* What a log entry says to its reader; NULL when it is no longer of interest. */
const struct tl_obj *update_obj(struct roll *, const struct update *, int64_t now);
/* The Updates object. */
struct tl_obj *batch_end(struct batch *);
/* Updates with one updateChannel or updateChat in it, and the chat. */
struct tl_obj *updates_of_chat(const struct rpc *, const struct chat *);
/* updates.state of the account. */
struct tl_obj *updates_state(const struct rpc *);

/* ---- messages and pages of them (methods_history.c) ---- */

struct page_ask {
	int32_t offset_id, offset_date, add_offset, limit, max_id, min_id;
	int64_t hash;
	bool topics; /* put the topics of the messages into the answer */
};
void page_ask_from(struct page_ask *, const struct tl_obj *query);
/* Answers with a page of the list, newest first. */
void page_answer(struct rpc *, const struct target *, const struct idlist *,
		 const struct page_ask *, struct rpc_reply *);
/* messages.Messages of these, in that order. NULL entries become messageEmpty with ids[i]. */
void messages_answer(struct rpc *, const struct target *, struct msg *const *, const int32_t *ids,
		     uint32_t count, struct rpc_reply *);
/* The messages of a topic, or outside forums of a thread, in the arena. False: refused. */
bool thread_list(struct rpc *, const struct target *, int32_t root, struct idlist *,
		 struct rpc_reply *);
/* That message of that history; NULL. */
struct msg *history_msg(struct rpc *, const struct history *, int32_t id);
/* dialog of a history, as the account has it. */
struct tl_obj *dialog_obj(struct rpc *, const struct history *);
/* forumTopic or forumTopicDeleted. */
struct tl_obj *topic_obj(struct rpc *, struct roll *, const struct target *, const struct topic *);

/* ---- sending (methods_send.c, methods_reply.c, methods_media.c) ---- */

enum media_kind {
	MEDIA_NONE,
	MEDIA_PHOTO,
	MEDIA_VIDEO,
	MEDIA_ROUND,
	MEDIA_VOICE,
	MEDIA_AUDIO,
	MEDIA_GIF,
	MEDIA_STICKER,
	MEDIA_FILE,
	MEDIA_POLL,
	MEDIA_DICE,
	MEDIA_WEBPAGE,
	MEDIA_OTHER,
};

struct media {
	enum media_kind kind;
	const struct tl_obj *obj; /* MessageMedia as stored (files as stubs); NULL for MEDIA_NONE */
	bool uploaded;            /* from fresh parts */
};

/*
 * An InputFile of that account as a file. The upload may have expired or lost a part (knobs). NULL:
 * refused.
 */
struct file *upload_take(struct rpc *, const struct tl_obj *input, enum file_kind,
			 struct rpc_reply *);
/* Uploaded by a client, so its copies are nobody's protected content. */
bool file_is_own(struct world *, const struct file *);

/* index: of the item in an album, for the names of errors; -1 elsewhere. */
bool media_take(struct rpc *, const struct target *, const struct tl_obj *input, int index,
		struct media *, struct rpc_reply *);
enum media_kind media_kind_of(const struct tl_obj *message_media, struct world *);
/* messageMediaWebPage for the first address in it; NULL when there is none or by the knob. */
const struct tl_obj *media_preview(struct rpc *, const struct text *);

/* reply_to in any layer's words -> a stored messageReplyHeader (NULL: none) and the topic. */
struct reply {
	const struct tl_obj *header;
	struct topic *topic; /* in a forum; General when nothing else is said */
};
bool reply_take(struct rpc *, const struct target *, const struct tl_obj *query, struct reply *,
		struct rpc_reply *);
/* The header that puts a message into a topic; NULL for General. */
const struct tl_obj *reply_topic_header(const struct rpc *, const struct topic *);

/* Text and entities of a query, or of an item of an album. limit in UTF-16 units. */
bool send_text(struct rpc *, const struct target *, const struct tl_obj *from, int32_t limit,
	       const char *too_long, struct text *, struct rpc_reply *);
/* Membership, rights for that kind, an open topic. */
bool send_right(const struct target *, enum media_kind, const struct topic *, struct rpc_reply *);
/* Whether slow mode binds the account there. */
bool send_is_slow(const struct target *);
/* Slow mode and the rate limit for count messages; takes the tokens. */
bool send_pace(struct rpc *, const struct target *, uint32_t count, struct rpc_reply *);
/* A used random_id: its message id in *id (0: new; below 0: of one that is converted first). False: refused. */
bool send_random(struct rpc *, const struct target *, int64_t random_id, int32_t *id,
		 struct rpc_reply *);
int32_t send_caption_limit(const struct rpc *);
/* Posts as the asking account. */
struct msg *send_post(struct rpc *, struct target *, const struct tl_obj *content,
		      int64_t random_id);
/* A new `message` with silent, noforwards, invert_media, sender and signature as the query says. */
struct tl_obj *send_content(struct rpc *, const struct target *, const struct tl_obj *query,
			    struct rpc_reply *);
/* Slow mode starts to count. */
void send_done(struct rpc *, const struct target *);

/* ---- videos that are converted first (methods_convert.c) ---- */

/* Whether such a message is not posted at once. */
bool convert_keeps(struct rpc *, const struct target *, enum media_kind);
/* It will be posted; the batch tells of it as a scheduled one. The content is spoilt. */
void convert_put(struct rpc *, const struct target *, struct tl_obj *content, int64_t random_id,
		 struct batch *);
/* The scheduled id of one that waits; 0: none. And the batch tells of it again. */
int32_t convert_find(struct rpc *, const struct target *, int64_t random_id);
void convert_again(struct rpc *, int32_t id, struct batch *);
/* What is converted by now is posted. */
void convert_due(struct rpc *);

/* ---- polls (methods_poll.c) ---- */

/* messageMediaPoll from inputMediaPoll; NULL: refused. */
const struct tl_obj *poll_take(struct rpc *, const struct target *, const struct tl_obj *input,
			       struct rpc_reply *);
/* The same questions as another poll, which nobody answered yet. */
const struct tl_obj *poll_anew(struct rpc *, const struct target *, const struct tl_obj *media);
/* Of a messageMediaPoll: a quiz whose right answer the account has not been shown yet. */
bool poll_is_secret(struct rpc *, const struct tl_obj *media);

/* ---- members (methods_member.c) ---- */

/* chatInviteExported of a chat that has an invite. */
const struct tl_obj *invite_obj(const struct rpc *, const struct chat *);

/* ---- the table ---- */

enum {
	METHOD_OPEN = 1,   /* without a login */
	METHOD_ANY_DC = 2, /* also on DCs that are not the account's home */
};

struct method {
	enum tlc name;
	method_handler *call;
	uint8_t flags;
	enum limit_kind limit; /* one token before it is called */
};

/* Each ends with TLC_none. */
extern const struct method methods_file_table[], methods_auth_table[], methods_account_table[],
    methods_help_table[], methods_user_table[], methods_dialog_table[], methods_history_table[],
    methods_search_table[], methods_send_table[], methods_forward_table[], methods_edit_table[],
    methods_poll_table[], methods_chat_table[], methods_member_table[], methods_forum_table[],
    methods_updates_table[], methods_more_table[], methods_convert_table[];

#endif
