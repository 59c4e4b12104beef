/*
 * Fuzz target: what is read out of a decoded answer (proto/api). The first byte says which question
 * it is the answer to; whatever tree came of the rest, all views of it are taken, and the questions
 * that a clone would make of it are built and encoded: each must be one that a decoder takes.
 */
#include "proto/api/ask.h"
#include "proto/base/check.h"
#include "tests/fuzz/words.h"

#include <stdlib.h>

enum { ARENA = 1 << 21, OUT = 1 << 16, LOOKED_AT = 64 };

struct views {
	struct arena mem;
	const struct tl_obj *answer;
	uint8_t *out;
};

static const int layers[] = {TL_LAYER_OLD, TL_LAYER_MID, TL_LAYER};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- what is built of it ---- */

static void encode(struct views *v, const struct tl_obj *o, int layer)
{
	struct tl_error error;
	size_t mark = arena_mark(&v->mem), len;

	if (o == NULL) /* it cannot be, or the arena is full */
		return;
	len = tl_encode(o, layer, (struct span){v->out, OUT}, &error);
	if (len == 0)
		check(error.fault == TL_UNKNOWN || error.fault == TL_MEMORY || error.fault == TL_DEPTH);
	else if (tl_decode(&v->mem, (struct cspan){v->out, len}, &error) == NULL)
		check(error.fault == TL_MEMORY || error.fault == TL_DEPTH);
	arena_rewind(&v->mem, mark);
}

static void encode_all(struct views *v, const struct tl_obj *o)
{
	for (size_t i = 0; i < countof(layers); i++)
		encode(v, o, layers[i]);
}

/* ---- peers ---- */

static void view_peer(struct views *v, struct peer p)
{
	struct peer back = peer_of_marked(peer_marked(p));

	if (p.kind == PEER_USER || p.kind == PEER_GROUP || p.kind == PEER_CHANNEL)
		check(peer_same(back, p));
	(void)peer_find(v->answer, p);
	if (p.kind != PEER_NONE)
		encode_all(v, peer_input(&v->mem, p));
	if (p.kind == PEER_CHANNEL)
		encode_all(v, peer_input_channel(&v->mem, p));
	if (p.kind == PEER_USER || p.kind == PEER_SELF)
		encode_all(v, peer_input_user(&v->mem, p));
}

static void view_chat(struct views *v, const struct tl_obj *o)
{
	struct chat_info info;

	if (!chat_info_read(o, &info))
		return;
	check(memchr(info.title, 0, sizeof(info.title)) != NULL);
	check(memchr(info.username, 0, sizeof(info.username)) != NULL);
	check(chat_kind_name(&info) != NULL);
	view_peer(v, info.peer);
}

/* ---- media ---- */

static void view_file(struct views *v, const struct media_file *f)
{
	check(f->size >= 0 && f->size <= MEDIA_SIZE_MAX);
	check(memchr(f->thumb, 0, sizeof(f->thumb)) != NULL);
	encode_all(v, media_location(&v->mem, f));
}

static void view_media(struct views *v, const struct media *m)
{
	const struct tl_obj *file = media_input_file(&v->mem, 1, 1, true, media_upload_name(m));
	const char *why = NULL;

	check((unsigned)m->kind < MEDIA_KINDS && media_kind_name(m->kind) != NULL);
	(void)media_by_reference(m->kind);
	(void)media_streams(m->kind);
	if (m->has_file)
		view_file(v, &m->file);
	if (m->has_thumb && m->thumb_inline.len == 0)
		view_file(v, &m->thumb);
	for (size_t i = 0; i < countof(layers); i++) {
		size_t mark = arena_mark(&v->mem);
		const struct tl_obj *in = media_input(&v->mem, m, layers[i], &why);

		check(in != NULL || why != NULL);
		encode(v, in, layers[i]);
		arena_rewind(&v->mem, mark);
	}
	if (!m->has_file)
		return;
	encode_all(v, media_input_uploaded(&v->mem, m, file, NULL, false));
	encode_all(v, media_input_uploaded(&v->mem, m, file, file, true));
}

/* ---- messages ---- */

static void send_again(struct views *v, const struct message *m)
{
	const char *why;
	struct post post = {
	    .to = {PEER_CHANNEL, 5, 7},
	    .topic = m->topic,
	    .reply_to = m->reply_to,
	    .quote = m->reply,
	    .silent = m->silent,
	    .invert_media = m->invert_media,
	    .text = m->text,
	    .random_id = 11,
	};
	struct post album[2] = {post, post};

	if (!message_entities(&v->mem, m, post.to, v->answer, &post.entities))
		return;
	check(post.entities.count + post.entities.dropped == m->entities.count);
	post.media = media_input(&v->mem, &m->media, TL_LAYER, &why);
	encode_all(v, ask_send(&v->mem, &post));
	if (post.media == NULL)
		return;
	encode_all(v, ask_upload_media(&v->mem, post.to, post.media));
	album[0] = album[1] = post;
	encode_all(v, ask_send_album(&v->mem, album, 2));
}

static void view_message(struct views *v, const struct tl_obj *o, bool is_forum)
{
	size_t mark = arena_mark(&v->mem);
	uint8_t print[2][32];
	struct message m;

	message_read(o, is_forum, &m);
	if (m.service)
		check(message_action_name(o) != NULL);
	message_fingerprint(&m, print[0]);
	message_fingerprint(&m, print[1]);
	check(memcmp(print[0], print[1], sizeof(print[0])) == 0);
	view_peer(v, peer_read(tl_sub(o, TLF_peer_id)));
	view_peer(v, peer_read(tl_sub(o, TLF_from_id)));
	view_media(v, &m.media);
	arena_rewind(&v->mem, mark);
	send_again(v, &m);
	arena_rewind(&v->mem, mark);
}

/* ---- answers ---- */

static uint32_t some(struct tl_vec vec)
{
	return vec.count < LOOKED_AT ? vec.count : LOOKED_AT;
}

static void view_lists(struct views *v)
{
	struct tl_vec messages = tl_vec(v->answer, TLF_messages);
	struct tl_vec chats = tl_vec(v->answer, TLF_chats), users = tl_vec(v->answer, TLF_users);
	size_t mark = arena_mark(&v->mem);

	for (uint32_t i = 0; i < some(messages); i++) {
		view_message(v, tl_vec_obj(messages, i), false);
		view_message(v, tl_vec_obj(messages, i), true);
	}
	for (uint32_t i = 0; i < some(chats); i++, arena_rewind(&v->mem, mark))
		view_chat(v, tl_vec_obj(chats, i));
	for (uint32_t i = 0; i < some(users); i++, arena_rewind(&v->mem, mark))
		view_chat(v, tl_vec_obj(users, i));
}

static void view_dialogs(struct views *v)
{
	struct tl_vec dialogs = tl_vec(v->answer, TLF_dialogs);
	size_t mark = arena_mark(&v->mem);

	view_lists(v);
	for (uint32_t i = 0; i < some(dialogs); i++, arena_rewind(&v->mem, mark))
		view_peer(v, peer_read(tl_sub(tl_vec_obj(dialogs, i), TLF_peer)));
}

static void view_topics(struct views *v)
{
	struct tl_vec topics = tl_vec(v->answer, TLF_topics);
	const struct peer to = {PEER_CHANNEL, 5, 7};
	size_t mark = arena_mark(&v->mem);

	view_lists(v);
	for (uint32_t i = 0; i < some(topics); i++)
		for (size_t k = 0; k < countof(layers); k++, arena_rewind(&v->mem, mark))
			encode(v, ask_create_topic(&v->mem, to, tl_vec_obj(topics, i), 1, layers[k]),
			       layers[k]);
}

static void view_sent(struct views *v)
{
	for (int64_t random_id = -1; random_id <= 1; random_id++) {
		struct sent sent = ask_read_sent(v->answer, random_id);

		if (sent.message != NULL)
			view_message(v, sent.message, false);
	}
	(void)ask_names_ids(v->answer, true);
	(void)ask_names_ids(v->answer, false);
	view_lists(v);
}

static void view_stored(struct views *v)
{
	struct media m;

	media_read(v->answer, &m);
	view_media(v, &m);
}

static void view_users(struct views *v)
{
	struct tl_vec items = tl_vec(v->answer, TLF_items);
	size_t mark = arena_mark(&v->mem);

	for (uint32_t i = 0; i < some(items); i++, arena_rewind(&v->mem, mark))
		view_chat(v, tl_vec_obj(items, i));
}

static const struct {
	enum tlc method;
	void (*view)(struct views *);
} answers[] = {
    {TLC_messages_getHistory, view_lists},	{TLC_messages_getDialogs, view_dialogs},
    {TLC_messages_getForumTopics, view_topics}, {TLC_messages_sendMessage, view_sent},
    {TLC_messages_uploadMedia, view_stored},	{TLC_users_getUsers, view_users},
    {TLC_contacts_resolveUsername, view_lists},
};

/* Rows: H3 H20 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes, *room;
	struct tl_error error;
	struct views v;
	size_t kind;

	if (size == 0)
		return 0;
	kind = data[0] % countof(answers);
	bytes = malloc(size); /* no longer: a sanitizer sees what is read beyond */
	room = malloc(ARENA + OUT);
	check(bytes != NULL && room != NULL);
	memcpy(bytes, data, size);
	name_words(bytes + 1, size - 1);
	arena_init(&v.mem, room, ARENA);
	v.out = room + ARENA;
	v.answer = tl_decode_result(&v.mem, answers[kind].method, cspan_of(bytes + 1, size - 1),
				    &error);
	if (v.answer != NULL)
		answers[kind].view(&v);
	free(room);
	free(bytes);
	return 0;
}
