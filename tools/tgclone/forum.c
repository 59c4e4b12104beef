/* Asks for topics until the server has told all of them; a page that brings no new one is the last. */
#include "tools/tgclone/forum.h"

enum { TOPICS_PAGE = 100 };

/* Where the next page begins: behind this topic's newest message, by whose day they are ordered (api.md 6). */
static void go_behind(struct topic_offset *offset, const struct tl_obj *answer, const struct tl_obj *t)
{
	struct tl_vec messages = tl_vec(answer, TLF_messages);

	offset->topic = tl_int(t, TLF_id);
	if (tl_cons(t) != TLC_forumTopic)
		return;
	offset->id = tl_int(t, TLF_top_message);
	offset->date = tl_int(t, TLF_date);
	for (uint32_t i = 0; i < messages.count && !tl_flag(answer, TLF_order_by_create_date); i++)
		if (tl_int(tl_vec_obj(messages, i), TLF_id) == offset->id)
			offset->date = tl_int(tl_vec_obj(messages, i), TLF_date);
}

int forum_has(struct client *cl, const struct chat_info *chat, int32_t topic, bool *has)
{
	const struct tl_obj *answer;
	enum client_status status;
	struct tl_vec topics;

	client_fresh(cl);
	status = client_ask(cl, TLC_messages_getForumTopicsByID,
			    ask_topic(&cl->arena, chat->peer, topic, cl->layer), &answer);
	*has = false;
	if (status == CLIENT_REFUSED && strcmp(cl->text, "TOPIC_ID_INVALID") == 0)
		return 0;
	if (status != CLIENT_OK)
		return client_fail(cl, status, "the topic");
	topics = tl_vec(answer, TLF_topics);
	for (uint32_t i = 0; i < topics.count && !*has; i++) {
		const struct tl_obj *t = tl_vec_obj(topics, i);

		*has = tl_cons(t) == TLC_forumTopic && tl_int(t, TLF_id) == topic;
	}
	return 0;
}

int forum_topics(struct client *cl, const struct chat_info *chat,
		 void (*each)(void *ctx, const struct tl_obj *topic), void *ctx)
{
	struct topic_offset offset = {0};
	uint32_t seen = 0;

	for (;;) {
		const struct tl_obj *answer;
		enum client_status status;
		struct tl_vec topics;
		int32_t before = offset.topic;

		client_fresh(cl);
		status = client_ask(cl, TLC_messages_getForumTopics,
				    ask_topics(&cl->arena, chat->peer, &offset, TOPICS_PAGE, cl->layer),
				    &answer);
		if (status != CLIENT_OK)
			return client_fail(cl, status, "the topics");
		topics = tl_vec(answer, TLF_topics);
		for (uint32_t i = 0; i < topics.count; i++) {
			const struct tl_obj *t = tl_vec_obj(topics, i);

			/* A deleted one has no day to go behind: it may come again, and would count twice. */
			if (tl_cons(t) == TLC_forumTopic) {
				each(ctx, t);
				seen++;
			}
			go_behind(&offset, answer, t);
		}
		if (topics.count == 0 || offset.topic == before ||
		    seen >= (uint32_t)tl_int(answer, TLF_count))
			return 0;
	}
}
