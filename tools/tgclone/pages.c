/* Reading histories, synchronously. */
#include "tools/tgclone/pages.h"

#include "tools/tgclone/talk.h"

enum {
	EMPTY_MAX = 4,  /* empty pages, one after the other, that should not have been */
	EMPTY_SURE = 3, /* answers in a row that name no newest message, until there is none */
	HOLE_MAX = 200, /* ids in a row that are not there */
};

static const uint64_t SECOND = 1000000000, AGAIN_NS = 700000000;

void pages_start(struct pages *p, struct client *cl, const struct chat_info *chat, int32_t topic,
		 int32_t from_id, int32_t to_id)
{
	*p = (struct pages){.cl = cl, .chat = *chat, .topic = topic, .to_id = to_id,
			    .left = UINT64_MAX, .size = PAGES_MAX};
	p->last_seen = from_id > 0 ? from_id - 1 : 0;
	p->whole = p->last_seen == 0 && topic == 0;
}

void pages_limit(struct pages *p, uint64_t most)
{
	if (most > 0)
		p->left = most;
}

/* At its place: pages come newest first, but nobody promises it. False: it is behind the range. */
static bool put(struct pages *p, const struct tl_obj *obj)
{
	uint32_t at = p->count;
	struct message m;

	message_read(obj, p->chat.forum, &m);
	if (p->to_id > 0 && m.id > p->to_id)
		return false;
	while (at > 0 && p->msgs[at - 1].id > m.id)
		at--;
	if (m.id <= p->last_seen || at == PAGES_MAX || (at > 0 && p->msgs[at - 1].id == m.id))
		return true;
	p->count += p->count < PAGES_MAX;
	memmove(&p->msgs[at + 1], &p->msgs[at], (p->count - 1 - at) * sizeof(m));
	p->msgs[at] = m;
	return true;
}

/* False: the range ends here. */
static bool take(struct pages *p, const struct tl_obj *answer)
{
	struct tl_vec list = tl_vec(answer, TLF_messages);
	bool more = true;

	if (tl_int(answer, TLF_count) > 0)
		p->told = (uint64_t)tl_int(answer, TLF_count);
	for (uint32_t i = list.count; i > 0; i--)
		more &= put(p, tl_vec_obj(list, i - 1));
	if (p->count > p->left)
		p->count = (uint32_t)p->left;
	p->seen += p->count;
	p->left -= p->left == UINT64_MAX ? 0 : p->count;
	p->last_seen = p->count > 0 ? p->msgs[p->count - 1].id : p->last_seen;
	p->size = p->size < PAGES_MAX / 2 ? 2 * p->size : PAGES_MAX;
	return more;
}

/* ---- what cannot be read ---- */

/* Ids may be the account's, and a topic has some of them. */
static bool belongs(const struct pages *p, const struct tl_obj *obj)
{
	struct message m;

	message_read(obj, p->chat.forum, &m);
	return !m.empty && (p->topic == 0 || m.topic == p->topic) &&
	       (p->chat.peer.kind == PEER_CHANNEL ||
		peer_same(peer_read(tl_sub(obj, TLF_peer_id)), p->chat.peer));
}

/* By its id, and if it is one of these it is the page. */
static enum client_status look_at(struct pages *p, int32_t id)
{
	const struct tl_obj *answer = NULL;
	enum client_status status;
	struct tl_vec list;

	client_fresh(p->cl);
	status = client_ask(p->cl, TLC_channels_getMessages, ask_messages(&p->cl->arena, p->chat.peer, &id, 1),
			    &answer);
	list = tl_vec(status == CLIENT_OK ? answer : NULL, TLF_messages);
	for (uint32_t i = 0; i < list.count && p->count == 0; i++)
		if (tl_int(tl_vec_obj(list, i), TLF_id) == id && belongs(p, tl_vec_obj(list, i)))
			put(p, tl_vec_obj(list, i));
	return status;
}

/*
 * The next message, by its id: the first one that is no hole. It may be read so; when it cannot be, that is all
 * that is known of it, if what is not there can be read.
 */
static int take_by_id(struct pages *p)
{
	enum client_status status = look_at(p, INT32_MAX);
	int32_t id = p->last_seen;

	for (int32_t i = 0; status == CLIENT_OK && p->count == 0 && i < HOLE_MAX && id < INT32_MAX - 1; i++)
		if ((p->to_id == 0 || id < p->to_id) && (status = look_at(p, ++id)) == CLIENT_UNREAD) {
			p->msgs[0] = (struct message){.id = id};
			p->count = 1;
			p->unread = true;
		}
	if (p->count == 0 && (status != CLIENT_OK || p->to_id == 0 || id < p->to_id))
		return client_fail(p->cl, status == CLIENT_OK ? CLIENT_UNREAD : status, p->chat.title);
	p->seen += p->count;
	p->left -= p->left == UINT64_MAX ? 0 : p->count;
	p->last_seen = id;
	p->size = 2;
	return 0;
}

/* ---- the end ---- */

/* There is nothing, says it, as the page did: by chance, that would be the end of a chat with all in it. */
static bool is_hardly_so(const struct pages *p, const struct tl_obj *answer)
{
	return tl_vec(answer, TLF_messages).count == 0 &&
	       (p->seen == 0 || (p->whole && tl_int(answer, TLF_count) > (int64_t)p->seen));
}

static enum client_status ask_end(struct pages *p, const struct tl_obj **answer)
{
	for (uint32_t i = 1;; i++) {
		enum client_status status;

		client_fresh(p->cl);
		status = client_ask(p->cl, TLC_messages_getHistory,
				    ask_newest(&p->cl->arena, p->chat.peer, p->topic, p->last_seen, 1), answer);
		if (status != CLIENT_OK || i == EMPTY_SURE || !is_hardly_so(p, *answer))
			return status;
		status = client_wait(p->cl, AGAIN_NS, "whether a chat ends is asked again");
		if (status != CLIENT_OK && status != CLIENT_REFUSED)
			return status;
	}
}

static int is_end(struct pages *p, bool *end)
{
	const struct tl_obj *answer;
	enum client_status status = ask_end(p, &answer);
	struct tl_vec list;

	*end = status == CLIENT_OK;
	list = tl_vec(*end ? answer : NULL, TLF_messages);
	for (uint32_t i = 0; i < list.count; i++)
		*end &= tl_int(tl_vec_obj(list, i), TLF_id) <= p->last_seen;
	return status == CLIENT_OK || status == CLIENT_UNREAD ? 0 : client_fail(p->cl, status, p->chat.title);
}

/* A page came empty. *end: there is no more; else there is, and it was waited a little. */
static int doubt_end(struct pages *p, uint32_t tries, bool *end)
{
	enum client_status status = CLIENT_REFUSED;
	int code = is_end(p, end);

	if (code != 0 || *end)
		return code;
	if (tries < EMPTY_MAX)
		status = client_wait(p->cl, SECOND << tries, "a page came empty, though there is more");
	if (status == CLIENT_REFUSED) /* longer than --max-wait, too */
		return app_fail(p->cl->app, EXIT_LATER,
				"%s: the server shows nothing behind message %d, though there is more: run again later",
				p->chat.title, p->last_seen);
	return status == CLIENT_OK ? 0 : client_fail(p->cl, status, p->chat.title);
}

int pages_next(struct pages *p)
{
	for (uint32_t tries = 0;; tries++) {
		const struct tl_obj *answer;
		enum client_status status;
		bool end = false;
		int code;

		client_fresh(p->cl);
		p->count = 0;
		p->unread = false;
		if (p->left == 0 || (p->to_id > 0 && p->last_seen >= p->to_id))
			return 0;
		status = client_ask(p->cl, TLC_messages_getHistory,
				    ask_history(&p->cl->arena, p->chat.peer, p->topic, p->last_seen, p->size),
				    &answer);
		if (status == CLIENT_UNREAD && p->size == 1)
			return take_by_id(p);
		if (status == CLIENT_UNREAD) {
			p->size /= 2;
			tries = 0;
			continue;
		}
		if (status != CLIENT_OK)
			return client_fail(p->cl, status, p->chat.title);
		if (!take(p, answer) || p->count > 0)
			return 0;
		code = doubt_end(p, tries, &end);
		if (code != 0 || end)
			return code;
	}
}

int pages_by_id(struct client *cl, const struct chat_info *chat, const int32_t *ids, uint32_t count,
		struct message *out)
{
	const struct tl_obj *answer;
	enum client_status status;
	struct tl_vec list;

	status = client_ask(cl, TLC_channels_getMessages, ask_messages(&cl->arena, chat->peer, ids, count),
			    &answer);
	if (status == CLIENT_UNREAD && count == 1) {
		out[0] = (struct message){.id = ids[0]};
		return 0;
	}
	if (status == CLIENT_UNREAD) {
		int code = pages_by_id(cl, chat, ids, count / 2, out);

		return code != 0 ? code
				 : pages_by_id(cl, chat, ids + count / 2, count - count / 2, out + count / 2);
	}
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
