/*
 * Builders of questions: trees of methods in the caller's arena, encoded by tl_encode for the layer
 * of the session. Where layers differ in the method itself (forums), the layer is an argument.
 * Sources: api.md, by section.
 */
#ifndef TGCLONE_API_ASK_H
#define TGCLONE_API_ASK_H

#include "proto/api/message.h"

/* Old to new (api.md 5): up to limit messages after last_seen. topic 0: the whole chat. */
const struct tl_obj *ask_history(struct arena *, struct peer, int32_t topic, int32_t last_seen,
				 int32_t limit);
/* The same, without so many that come first after last_seen. */
const struct tl_obj *ask_history_behind(struct arena *, struct peer, int32_t topic, int32_t last_seen,
					int32_t without, int32_t limit);
/* Whether there are more than so many after last_seen: one of them comes, or nothing. */
const struct tl_obj *ask_further(struct arena *, struct peer, int32_t topic, int32_t last_seen,
				 int32_t without);
/* The first message after last_seen, if its id is below that. */
const struct tl_obj *ask_next(struct arena *, struct peer, int32_t topic, int32_t last_seen,
			      int32_t below);
/* Newest first, ids above min_id: to look up what was just sent. */
const struct tl_obj *ask_newest(struct arena *, struct peer, int32_t topic, int32_t min_id,
				int32_t limit);
/* The same of a whole chat, without so many of the newest. */
const struct tl_obj *ask_newest_but(struct arena *, struct peer, int32_t without, int32_t limit);
const struct tl_obj *ask_messages(struct arena *, struct peer, const int32_t *ids, uint32_t count);

/* Paging of dialogs (api.md 4): zeros and PEER_NONE for the first page. */
struct dialog_offset {
	int32_t date, id;
	struct peer peer;
	bool exclude_pinned;
};
/* What is to be posted later; the newest first. */
const struct tl_obj *ask_scheduled(struct arena *, struct peer);
const struct tl_obj *ask_dialogs(struct arena *, const struct dialog_offset *, int32_t limit);
const struct tl_obj *ask_username(struct arena *, struct cspan name);
const struct tl_obj *ask_check_invite(struct arena *, struct cspan hash);
const struct tl_obj *ask_full_channel(struct arena *, struct peer);
const struct tl_obj *ask_self(struct arena *); /* users.getUsers([inputUserSelf]) */

struct topic_offset {
	int32_t date, id, topic;
};
const struct tl_obj *ask_topics(struct arena *, struct peer, const struct topic_offset *,
				int32_t limit, int layer);
/* One of them: a forumTopic, or what says that there is none. */
const struct tl_obj *ask_topic(struct arena *, struct peer, int32_t topic, int layer);
/* source: the forumTopic to be made again in the chat to. */
const struct tl_obj *ask_create_topic(struct arena *, struct peer to, const struct tl_obj *source,
				      int64_t random_id, int layer);
const struct tl_obj *ask_close_topic(struct arena *, struct peer, int32_t topic, int layer);

/* One message to be sent. Media NULL: a text. */
struct post {
	struct peer to;
	int32_t topic;	  /* target topic, 0 or 1: none needs to be named */
	int32_t reply_to; /* target id of the parent, 0 none */
	bool across; /* the parent is in another topic */
	const struct tl_obj *quote; /* messageReplyHeader of the source: the part that is answered; or NULL */
	bool no_part; /* only the words that are quoted, no item of a list, no answer of a poll */
	bool no_quote; /* not the words */
	bool silent, invert_media, no_webpage;
	struct cspan text;
	struct entity_list entities;
	const struct tl_obj *media; /* InputMedia */
	int64_t random_id;
};

/* messages.sendMessage or sendMedia. */
const struct tl_obj *ask_send(struct arena *, const struct post *);
/* messages.sendMultiMedia: reply, topic and flags of the first; 2..10 items. */
const struct tl_obj *ask_send_album(struct arena *, const struct post *items, uint32_t count);
const struct tl_obj *ask_upload_media(struct arena *, struct peer to, const struct tl_obj *media);

struct forward {
	struct peer from, to;
	int32_t topic;
	const int32_t *ids;
	const int64_t *random_ids;
	uint32_t count; /* 1..100: the server silently drops more */
	bool keep_author, silent;
};
const struct tl_obj *ask_forward(struct arena *, const struct forward *);

/* What a send answered: new id of a random_id, and the message itself when it is there. */
struct sent {
	int32_t id; /* 0: this random_id was not sent */
	const struct tl_obj *message;
	const struct tl_obj *later; /* it will be, under another id: the server converts it first; NULL: no */
	bool short_form; /* an answer that never holds the message */
	int32_t ttl;	 /* seconds, of that form: see message.h */
	struct tl_vec entities; /* of that form: the formatting that was kept */
};
struct sent ask_read_sent(const struct tl_obj *updates, int64_t random_id);
/* Whether such an answer names ids: updatesTooLong does not, and the short form only that of one text. */
bool ask_names_ids(const struct tl_obj *updates, bool one_text);

#endif
