/*
 * Who there is in the simulated Telegram: users, accounts (users that can log in), chats with their
 * members and topics. Strings are never NULL and live as long as the world.
 */
#ifndef TGSIM_MODEL_PEER_H
#define TGSIM_MODEL_PEER_H

#include "tools/tgsim/model_box.h"

struct file;

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
	uint32_t admin_lacks; /* bits of chatAdminRights that an admin was not given */
	uint32_t restricted;  /* bits of chatBannedRights, for this member alone */
	int32_t until;        /* unix time when the ban or restriction ends; 0: never */
	int32_t slow_until;   /* unix time of the next message allowed by slow mode */
};

/* Bits of chatAdminRights. */
enum admin_right {
	ADMIN_CHANGE_INFO = 0,
	ADMIN_POST = 1, /* in channels, as the next */
	ADMIN_EDIT = 2,
	ADMIN_DELETE = 3,
	ADMIN_BAN = 4,
	ADMIN_INVITE = 5,
	ADMIN_PIN = 7,
	ADMIN_ADD_ADMINS = 9,
	ADMIN_MANAGE_CALL = 11,
	ADMIN_OTHER = 12,
	ADMIN_TOPICS = 13,
};

/* A right and its field in chatAdminRights or chatBannedRights. */
struct right_bit {
	uint8_t bit;
	enum tlf field;
};

enum { ADMIN_RIGHTS = 11, BANNED_RIGHTS = 20 };

extern const struct right_bit admin_rights[ADMIN_RIGHTS], banned_rights[BANNED_RIGHTS];

/* The bits of the fields that are set. */
uint32_t rights_word(const struct right_bit *, size_t count, const struct tl_obj *);

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
	int32_t history_ttl; /* seconds after which what is sent here is to be deleted again; 0: never */
	int64_t migrated_to; /* the supergroup that a group became; 0: none */
	int64_t migrated_from; /* the group that a supergroup was; 0: none */
	int64_t creator;
	uint32_t banned_rights; /* default_banned_rights flags word, by bit number of the schema */
	struct member *members;
	uint32_t member_count, member_room;
	struct topic **topics; /* ascending ids; General is made with the forum */
	uint32_t topic_count, topic_room;
	struct file *photo;
	const char *invite_hash; /* "" when none */
	struct box box;          /* supergroups and channels */
	struct history *history; /* supergroups and channels: the one and only */
	struct chat *next;
};

/* ---- finding and making ---- */

struct user *user_find(struct world *, int64_t id);
struct chat *chat_find(struct world *, int64_t id); /* any kind */
struct account *account_find(struct world *, int64_t user_id);
struct account *account_by_phone(struct world *, const char *phone); /* digits, with or without + */
/* Without @, any case. Exactly one of the two is set when true. */
bool username_find(struct world *, struct cspan name, struct user **, struct chat **);
struct member *member_find(const struct chat *, int64_t user_id);
struct topic *topic_find(struct chat *, int32_t id); /* deleted ones too */

struct user *user_make(struct world *, int64_t id, const char *first, const char *last);
/* An empty chat with its creator as a member; id 0: the next free one. Strings are copied. */
struct chat *chat_make(struct world *, enum chat_kind, int64_t id, const char *title,
		       struct user *creator, int32_t date);
/* A basic group goes on as the supergroup that is made of it; both histories say so. */
struct chat *chat_migrate(struct world *, struct chat *group, int32_t date);
void chat_set_forum(struct world *, struct chat *, bool);
struct member *member_add(struct world *, struct chat *, struct user *, int64_t inviter,
			  int32_t date);
/* The log of the chat (or of its members' boxes) gets a UPDATE_CHAT, version counts up. */
void chat_changed(struct world *, struct chat *, enum update_kind, int32_t id, int32_t date,
		  uint64_t session);

/* Bound to the account: another account's hash for the same peer is another number. */
int64_t access_hash(const struct world *, const struct account *, struct peer);

/* ---- schema objects of these things, for an account ---- */

const struct tl_obj *peer_obj(struct arena *, struct peer);
const struct tl_obj *user_obj(struct world *, struct arena *, const struct account *,
			      const struct user *);
const struct tl_obj *chat_obj(struct world *, struct arena *, const struct account *,
			      const struct chat *);

#endif
