/*
 * Views of messages in answers (api.md 5): what a message is, whom it answers, which topic it stands
 * in, and a fingerprint by which a copy is told to be the same. Views live as long as the answer.
 */
#ifndef TGCLONE_API_MESSAGE_H
#define TGCLONE_API_MESSAGE_H

#include "proto/api/media.h"

struct message {
	const struct tl_obj *obj;
	int32_t id, date;
	int32_t ttl; /* seconds after which its chat deletes it again; 0: never */
	bool empty;   /* messageEmpty: deleted or out of reach */
	bool service; /* obj is a messageService */
	bool noforwards, silent, invert_media, out, pinned;
	bool buttons; /* below it: only the server puts them there, for a bot */
	bool rich; /* content in rich_message: cannot be sent again as text */
	int64_t grouped_id;
	bool clipped; /* text is its beginning only: as much as the account may send */
	struct cspan text;
	struct tl_vec entities;
	struct media media;
	int32_t reply_to;	/* id of the parent, 0: none, or in another chat */
	bool reply_elsewhere;	/* the parent is in another chat, or a story */
	const struct tl_obj *reply; /* messageReplyHeader, for quotes */
	int32_t topic;		/* in a forum: topic id, 1 = General; elsewhere 0 */
};

/* is_forum: the chat is one, so messages without a topic belong to General. */
void message_read(const struct tl_obj *obj, bool is_forum, struct message *);
/* The name of a service message's action, for reports ("PinMessage"). */
const char *message_action_name(const struct tl_obj *service);

/*
 * SHA-256 over what a clone must keep: text, entities that the server does not derive by itself (as
 * far as they lie on the text),
 * kind of media, for documents size and MIME type, and the words of polls, lists, contacts and
 * venues. Equal for a message and its faithful copy.
 */
void message_fingerprint(const struct message *, uint8_t out[32]);
/*
 * The point of a place, to a hundred metres, which the fingerprint leaves out: a server may round it, and one
 * that is live moves on. 0: it is none.
 */
int64_t message_place(const struct message *);

/*
 * Entities as they are sent: mentions by name as input mentions where the user is known, each cut to
 * the text it stands on; one that lies beside it is dropped.
 */
struct entity_list {
	const struct tl_obj **at;
	uint32_t count;
	uint32_t dropped;
	uint32_t strangers; /* of them: mentions of whom nobody knows */
};
/* Of what was made for a longer text that which lies on this one. False: arena full. */
bool message_fit_entities(struct arena *, struct cspan text, const struct entity_list *,
			  struct entity_list *out);
/*
 * answer: where users of the page are found; may be NULL. chat: where the message stands, by which one is
 * named whom the account never met; PEER_NONE: nowhere. False: arena full.
 */
bool message_entities(struct arena *, const struct message *, struct peer chat,
		      const struct tl_obj *answer, struct entity_list *);

#endif
