/* Reading histories, synchronously. */
#include "tools/tgclone/pages.h"

void pages_start(struct pages *p, struct client *cl, const struct chat_info *chat, int32_t topic,
		 int32_t from_id, int32_t to_id)
{
	*p = (struct pages){.cl = cl, .chat = *chat, .topic = topic, .to_id = to_id,
			    .left = UINT64_MAX};
	p->last_seen = from_id > 0 ? from_id - 1 : 0;
}

void pages_limit(struct pages *p, uint64_t most)
{
	if (most > 0)
		p->left = most;
}

int pages_next(struct pages *p)
{
	const struct tl_obj *answer;
	enum client_status status;
	struct tl_vec list;

	client_fresh(p->cl);
	p->count = 0;
	if (p->left == 0)
		return 0;
	status = client_ask(p->cl, TLC_messages_getHistory,
			    ask_history(&p->cl->arena, p->chat.peer, p->topic, p->last_seen, PAGES_MAX),
			    &answer);
	if (status != CLIENT_OK)
		return client_fail(p->cl, status, p->chat.title);
	list = tl_vec(answer, TLF_messages);
	if (tl_int(answer, TLF_count) > 0)
		p->told = (uint64_t)tl_int(answer, TLF_count);
	for (uint32_t i = list.count; i > 0 && p->count < PAGES_MAX && p->count < p->left; i--) {
		struct message *m = &p->msgs[p->count];

		message_read(tl_vec_obj(list, i - 1), p->chat.forum, m);
		if (m->id <= p->last_seen || (p->to_id > 0 && m->id > p->to_id))
			continue;
		p->last_seen = m->id;
		p->count++;
	}
	p->left -= p->left == UINT64_MAX ? 0 : p->count;
	return 0;
}

int pages_by_id(struct client *cl, const struct chat_info *chat, const int32_t *ids, uint32_t count,
		struct message *out)
{
	const struct tl_obj *answer;
	enum client_status status;
	struct tl_vec list;

	status = client_ask(cl, TLC_channels_getMessages, ask_messages(&cl->arena, chat->peer, ids, count),
			    &answer);
	if (status != CLIENT_OK)
		return client_fail(cl, status, chat->title);
	list = tl_vec(answer, TLF_messages);
	for (uint32_t i = 0; i < count; i++) {
		out[i] = (struct message){.id = ids[i], .empty = true};
		for (uint32_t k = 0; k < list.count; k++)
			if (tl_int(tl_vec_obj(list, k), TLF_id) == ids[i])
				message_read(tl_vec_obj(list, k), chat->forum, &out[i]);
	}
	return 0;
}
