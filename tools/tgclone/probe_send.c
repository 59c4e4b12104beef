/*
 * What a server makes of a random_id that was used before: the same send twice, of a text, a document
 * and an album; once more after the message was deleted; and with media that is not there, which
 * tells what it looks at first.
 */
#include "tools/tgclone/probe_priv.h"

#include <stdio.h>
#include <string.h>

enum { ALBUM = 2, WHAT_MAX = 64 };

/* One send that can be repeated: a text, a document, or an album. */
struct sending {
	const struct probe_chat *chat;
	const struct probe_document *documents;
	uint32_t count; /* of documents; 0: a text */
	int64_t random_ids[ALBUM];
};

/* The message of the first item. */
static enum client_status send_it(struct probe *p, const struct sending *s, int32_t *id)
{
	struct post posts[ALBUM] = {{.text = cspan_str("tgclone probe")}};
	const struct tl_obj *answer, *q;
	enum tlc method = TLC_messages_sendMessage;
	enum client_status status;

	client_fresh(&p->cl);
	for (uint32_t i = 0; i < ALBUM; i++) {
		posts[i].to = s->chat->peer;
		posts[i].topic = s->chat->topic;
		posts[i].silent = true;
		posts[i].random_id = s->random_ids[i];
		if (i < s->count)
			posts[i].media = probe_stored(&p->cl.arena, &s->documents[i]);
	}
	if (s->count > 0)
		method = s->count > 1 ? TLC_messages_sendMultiMedia : TLC_messages_sendMedia;
	q = s->count > 1 ? ask_send_album(&p->cl.arena, posts, s->count)
			 : ask_send(&p->cl.arena, &posts[0]);
	status = probe_ask(p, method, q, &answer);
	*id = status == CLIENT_OK ? ask_read_sent(answer, s->random_ids[0]).id : 0;
	return status;
}

/* What the second answer says about the first: id is of the first message. */
static void judge(struct probe *p, const char *what, const char *where, enum client_status status,
		  int32_t first, int32_t id)
{
	char text[200];

	if (status == CLIENT_OK && id == 0) {
		probe_tell(p, what, where, PROBE_UNTESTED, "untested", "no id came back");
	} else if (status == CLIENT_OK && id == first) {
		probe_tell(p, what, where, PROBE_EXPECTED, "remembered", "the first answer comes again");
	} else if (status == CLIENT_OK) {
		snprintf(text, sizeof(text), "a second message was made (%d after %d)", id, first);
		probe_tell(p, what, where, PROBE_OTHERWISE, "doubled", text);
	} else if (status == CLIENT_REFUSED) {
		bool known = strcmp(p->cl.text, "RANDOM_ID_DUPLICATE") == 0;

		snprintf(text, sizeof(text), "refused: %s", p->cl.text);
		probe_tell(p, what, where, PROBE_OTHERWISE, known ? "duplicate" : "refused", text);
	}
}

/* Sends it twice. The first message's id, 0: it was not sent. */
static int32_t twice(struct probe *p, const struct sending *s, const char *what)
{
	enum client_status status;
	int32_t first, id;

	status = send_it(p, s, &first);
	if (status == CLIENT_REFUSED || (status == CLIENT_OK && first == 0)) {
		probe_tell(p, what, s->chat->kind, PROBE_UNTESTED, "untested",
			   status == CLIENT_OK ? "no id came back" : p->cl.text);
		return 0;
	}
	if (status != CLIENT_OK)
		return 0;
	status = send_it(p, s, &id);
	judge(p, what, s->chat->kind, status, first, id);
	return first;
}

static enum client_status delete_it(struct probe *p, const struct probe_chat *chat, int32_t id)
{
	bool channel = chat->peer.kind == PEER_CHANNEL;
	enum tlc method = channel ? TLC_channels_deleteMessages : TLC_messages_deleteMessages;
	struct arena *a = &p->cl.arena;
	const struct tl_obj *answer;
	struct tl_obj *q;

	client_fresh(&p->cl);
	q = tl_new(a, method);
	if (channel)
		tl_set_obj(q, TLF_channel, peer_input_channel(a, chat->peer));
	else
		tl_set_flag(q, TLF_revoke, true);
	tl_set_vec(a, q, TLF_id, 1);
	tl_put_int(q, TLF_id, 0, id);
	return probe_ask(p, method, q, &answer);
}

static void after_deletion(struct probe *p, const struct sending *s, int32_t first)
{
	static const char what[] = "random_id, text deleted";
	enum client_status status = delete_it(p, s->chat, first);
	int32_t id;

	if (status == CLIENT_REFUSED)
		probe_tell(p, what, s->chat->kind, PROBE_UNTESTED, "untested", p->cl.text);
	if (status != CLIENT_OK)
		return;
	status = send_it(p, s, &id);
	judge(p, what, s->chat->kind, status, first, id);
}

void probe_random_ids(struct probe *p, const struct probe_chat *chat)
{
	struct probe_document documents[ALBUM];
	struct sending s = {.chat = chat, .documents = documents};
	enum client_status status = CLIENT_OK;
	int32_t first;

	for (uint32_t i = 0; i < ALBUM; i++)
		s.random_ids[i] = probe_random(p);
	first = twice(p, &s, "random_id, text");
	if (first != 0)
		after_deletion(p, &s, first);
	for (uint32_t i = 0; i < ALBUM && status == CLIENT_OK; i++)
		status = probe_upload(p, chat, &documents[i]);
	if (status == CLIENT_REFUSED)
		probe_tell(p, "random_id, media", chat->kind, PROBE_UNTESTED, "untested", p->cl.text);
	if (status != CLIENT_OK)
		return;
	s.random_ids[0] = probe_random(p);
	s.count = 1;
	twice(p, &s, "random_id, document");
	for (uint32_t i = 0; i < ALBUM; i++)
		s.random_ids[i] = probe_random(p);
	s.count = ALBUM;
	twice(p, &s, "random_id, album");
}

/* ---- what is looked at first ---- */

static enum client_status send_upload(struct probe *p, const struct probe_chat *chat, int64_t file_id,
				      int64_t random_id, int32_t *id)
{
	struct post post = {.to = chat->peer,
			    .topic = chat->topic,
			    .silent = true,
			    .random_id = random_id};
	const struct tl_obj *answer;
	enum client_status status;

	client_fresh(&p->cl);
	post.media = probe_uploaded(&p->cl.arena, file_id);
	status = probe_ask(p, TLC_messages_sendMedia, ask_send(&p->cl.arena, &post), &answer);
	*id = status == CLIENT_OK ? ask_read_sent(answer, random_id).id : 0;
	return status;
}

/* The same random_id again, with a file that was never uploaded. */
void probe_media_order(struct probe *p, const struct probe_chat *chat)
{
	static const char what[] = "random_id before media";
	int64_t file_id = probe_random(p), random_id = probe_random(p);
	enum client_status status = CLIENT_OK;
	char text[200];
	int32_t first, id;

	for (int32_t i = 0; i < PROBE_PARTS && status == CLIENT_OK; i++)
		status = probe_save_part(p, file_id, i);
	if (status == CLIENT_OK)
		status = send_upload(p, chat, file_id, random_id, &first);
	if (status == CLIENT_REFUSED)
		probe_tell(p, what, chat->kind, PROBE_UNTESTED, "untested", p->cl.text);
	if (status != CLIENT_OK)
		return;
	status = send_upload(p, chat, probe_random(p), random_id, &id);
	if (status == CLIENT_OK && (first == 0 || id == 0)) {
		probe_tell(p, what, chat->kind, PROBE_UNTESTED, "untested", "no id came back");
	} else if (status == CLIENT_OK && id == first) {
		probe_tell(p, what, chat->kind, PROBE_EXPECTED, "random-id-first",
			   "media of a repeated send is not looked at");
	} else if (status == CLIENT_OK) {
		probe_tell(p, what, chat->kind, PROBE_OTHERWISE, "doubled", "a second message was made");
	} else if (status == CLIENT_REFUSED) {
		snprintf(text, sizeof(text), "media is looked at first: %s", p->cl.text);
		probe_tell(p, what, chat->kind, PROBE_OTHERWISE, "media-first", text);
	}
}
