/*
 * Peers: who or what a message belongs to. Users, basic groups and channels are separate number
 * spaces; for people they are written in one (marked ids): user 5, group -5, channel -1000000000005.
 * An access hash belongs to one account and comes with full user and channel objects (api.md 4).
 */
#ifndef TGCLONE_API_PEER_H
#define TGCLONE_API_PEER_H

#include "proto/schema/tlobj.h"

enum peer_kind { PEER_NONE, PEER_SELF, PEER_USER, PEER_GROUP, PEER_CHANNEL };

struct peer {
	enum peer_kind kind;
	int64_t id;
	int64_t access_hash;
};

/* What is known of a chat, from a user, chat or channel object. */
struct chat_info {
	struct peer peer;
	char title[256]; /* UTF-8, cut at a character */
	char username[64];
	bool broadcast, megagroup, forum, noforwards;
	bool min;	/* partial object: its access hash is not for sending */
	bool forbidden; /* no access */
	bool slowmode, premium, self;
	int64_t migrated_to; /* basic group that became channel of this id, 0 if not */
};

int64_t peer_marked(struct peer);
struct peer peer_of_marked(int64_t marked);
bool peer_same(struct peer, struct peer);

/* From Peer (no access hash), or from User / Chat objects; one with an id that none has is none. */
struct peer peer_read(const struct tl_obj *peer);
bool chat_info_read(const struct tl_obj *chat_or_user, struct chat_info *);
const char *chat_kind_name(const struct chat_info *); /* user, group, supergroup, forum, channel, me */
/* The chat or user object of that peer among the chats and users of an answer; NULL: not there. */
const struct tl_obj *peer_find(const struct tl_obj *answer, struct peer);

const struct tl_obj *peer_input(struct arena *, struct peer); /* InputPeer */
const struct tl_obj *peer_input_channel(struct arena *, struct peer);
const struct tl_obj *peer_input_user(struct arena *, struct peer);

#endif
