/*
 * Messages to clients: what sessions have pending becomes packets at the end of a tick, small ones
 * together in containers, file parts written straight into the packet; sealed in batches over all
 * connections, then framed in order. Owns struct dc_out until it is handed to a session.
 */
#include "tools/tgsim/dc_priv.h"

#include "proto/wire/tl.h"

#include <stdlib.h>

enum {
	ALONE = 16 << 10, /* from this length on a message travels alone */
	CONTAINER_BYTES = 64 << 10,
	CONTAINER_COUNT = 100,
	/* What clients take, and one part of a file less. */
	BUNDLE_BYTES = FRAME_PAYLOAD_MAX - (1 << 20) - (64 << 10),
	ROOM_BEFORE = FRAME_HEADROOM + ENVELOPE_HEADROOM,
	ROOM_BEHIND = ENVELOPE_TAILROOM + 5 + FRAME_TAILROOM,
};

struct dc_out *dc_out_make(enum out_kind kind, const char *name, uint32_t len)
{
	/* Four zeros more: a string at its end is a C string as well. */
	struct dc_out *out = calloc(1, sizeof(*out) + len + 4);

	check(out != NULL && len % 4 == 0);
	out->kind = kind;
	out->name = name;
	out->len = len;
	out->odd = kind == OUT_PUSH;
	list_init(&out->node);
	return out;
}

void dc_out_free(struct dc_out *out)
{
	check(list_empty(&out->node));
	free(out);
}

void dc_out_send(struct dc_session *session, struct dc_out **owner)
{
	struct dc_out *out = *owner;

	*owner = NULL;
	list_push(&session->pending, &out->node);
	dc_session_dirty(session);
}

void dc_session_dirty(struct dc_session *session)
{
	struct dc_conn *c = session->conn;

	if (c != NULL && list_empty(&session->dirty_node))
		list_push(&c->server->dirty, &session->dirty_node);
}

/* ---- ids ---- */

static uint64_t next_id(struct dc_server *s, struct dc_session *session, bool odd)
{
	uint64_t clock = (uint64_t)dc_clock(s, session->key->dc), kind = odd ? 3 : 1;
	uint64_t id = (clock / 1000000000) << 32 | ((clock % 1000000000) << 32) / 1000000000;

	id = (id & ~(uint64_t)3) | kind;
	if (id <= session->last_id)
		id = (session->last_id | 3) + 1 + kind;
	session->last_id = id;
	return id;
}

/* A message gets its id and number when it goes out for the first time. */
static void name_out(struct dc_server *s, struct dc_session *session, struct dc_out *out)
{
	if (out->msg_id != 0)
		return;
	out->msg_id = next_id(s, session, out->odd);
	out->seq = session->seq * 2 + (out->kind != OUT_NOTICE);
	session->seq += out->kind != OUT_NOTICE;
}

/* ---- building packets ---- */

static struct packet *take_packet(struct dc_server *s, uint32_t len)
{
	return pool_take(&s->pool, ROOM_BEFORE + len + ROOM_BEHIND, ROOM_BEFORE);
}

/* The message data of a file part: never anywhere but in its packet. */
static void write_file(struct dc_server *s, const struct dc_out *out, uint8_t *at)
{
	uint32_t head_len, pad = tl_bytes_pad(out->file_len);

	store_le32(at, (uint32_t)ID_RPC_RESULT);
	store_le64(at + 4, out->req_msg_id);
	store_le32(at + 12, ID_UPLOAD_FILE);
	store_le32(at + 16, out->file_type);
	store_le32(at + 20, (uint32_t)out->file_mtime);
	head_len = tl_bytes_head(at + DC_FILE_HEAD, out->file_len);
	at += DC_FILE_HEAD + head_len;
	world_file_read(s->o.world, out->file, out->file_offset, at, out->file_len);
	memset(at + out->file_len, 0, pad);
	s->o.stats->file_bytes_out += out->file_len;
}

static void write_body(struct dc_server *s, const struct dc_out *out, uint8_t *at)
{
	if (out->is_file)
		write_file(s, out, at);
	else
		memcpy(at, out->body, out->len);
}

static void log_out(struct dc_server *s, const struct dc_session *session, const struct dc_out *out)
{
	if (!s->o.log->on)
		return;
	simlog_put(s->o.log, &(struct simlog_line){.t = dc_clock(s, session->key->dc),
						   .dc = session->key->dc,
						   .conn = session->conn->number,
						   .key = session->key->key.id,
						   .session = session->id,
						   .out = true,
						   .msg_id = out->msg_id,
						   .seq = out->seq,
						   .name = out->name,
						   .layer = session->key->layer,
						   .bytes = out->len,
						   .error = out->error});
}

/* It is on its way: kept until the client acknowledges it, or done. */
static void went_out(struct dc_server *s, struct dc_session *session, struct dc_out *out)
{
	log_out(s, session, out);
	if (out->kind == OUT_NOTICE) {
		free(out);
		return;
	}
	out->sent = s->now;
	out->end_at = session->conn->bytes_out + session->conn->queued;
	out->lost = out->late = false;
	list_push(&session->kept, &out->node);
	session->kept_count++;
	session->kept_bytes += dc_out_cost(out);
	while (session->kept_count > DC_KEPT_MAX || session->kept_bytes > DC_KEPT_BYTES)
		dc_kept_drop(session, container_of(session->kept.next, struct dc_out, node));
}

void dc_sealing_init(struct dc_sealing *b)
{
	dc_batch_init(&b->batch);
}

void dc_sealing_end(struct dc_sealing *b)
{
	for (uint32_t i = 0; i < b->batch.count; i++) {
		uint32_t at = b->batch.order[i];
		struct dc_conn *c = b->conns[at];
		uint8_t random[16];

		c->queued -= b->plain_len[at];
		dc_random(c->server, random, sizeof(random));
		frame_wrap(&c->framer, &b->packets[at]->buf, false, random);
		dc_conn_queue(c, &b->packets[at]);
	}
}

static void add_to_batch(struct dc_server *s, struct dc_sealing *b, struct dc_session *session,
			 struct packet *p, uint64_t msg_id, uint32_t seq)
{
	uint32_t at = dc_batch_add(&b->batch, &p->buf);
	struct envelope_job *job = &b->batch.jobs[at];

	job->key = &session->key->key;
	job->head = (struct envelope_head){dc_salt_now(s, session->key), session->id, msg_id, seq};
	job->dir = MSG_FROM_SERVER;
	dc_random(s, job->padding, sizeof(job->padding));
	b->packets[at] = p;
	b->conns[at] = session->conn;
	b->plain_len[at] = p->buf.len;
	session->conn->queued += p->buf.len; /* counted now, so that a session cannot overrun it */
}

/* ---- emptying a session ---- */

/* Clients wait in its handler for the answer that follows, so it never shares a container with one.
 */
static bool is_announcement(const struct dc_out *out)
{
	return !out->is_file && out->kind == OUT_PUSH && out->len >= 4 &&
	       load_le32(out->body) == (uint32_t)ID_NEW_SESSION;
}

/* What is due, from the front, as much as one container takes; out of pending into group. */
static uint32_t gather(struct dc_server *s, struct dc_session *session, struct list *group,
		       uint32_t *count)
{
	bool bundle = faults_find(s->o.faults, FAULT_BUNDLE, session->key->dc, s->now) != NULL;
	uint32_t bytes = 0, most = bundle ? BUNDLE_BYTES : CONTAINER_BYTES;

	*count = 0;
	list_each_safe (n, tmp, &session->pending) {
		struct dc_out *out = container_of(n, struct dc_out, node);
		bool alone = !bundle && (out->is_file || out->len >= ALONE);

		if (out->due > s->now || (out->is_file && s->files_wait))
			continue;
		if (*count > 0 &&
		    (alone || *count == CONTAINER_COUNT || bytes + out->len > most))
			break;
		list_del(&out->node);
		list_push(group, &out->node);
		bytes += out->len;
		(*count)++;
		if (alone || is_announcement(out))
			break;
	}
	return bytes;
}

static void send_single(struct dc_server *s, struct dc_sealing *b, struct dc_session *session,
			struct dc_out *out)
{
	struct packet *p = take_packet(s, out->len);

	name_out(s, session, out);
	write_body(s, out, buf_put(&p->buf, out->len));
	add_to_batch(s, b, session, p, out->msg_id, out->seq);
	went_out(s, session, out);
}

static void send_container(struct dc_server *s, struct dc_sealing *b, struct dc_session *session,
			   struct list *group, uint32_t count, uint32_t bytes)
{
	uint32_t len = 8 + 16 * count + bytes;
	struct packet *p = take_packet(s, len);
	uint8_t *at = buf_put(&p->buf, len);

	store_le32(at, ID_CONTAINER);
	store_le32(at + 4, count);
	at += 8;
	for (struct list *n = list_pop(group); n != NULL; n = list_pop(group)) {
		struct dc_out *out = container_of(n, struct dc_out, node);

		name_out(s, session, out);
		store_le64(at, out->msg_id);
		store_le32(at + 8, out->seq);
		store_le32(at + 12, out->len);
		write_body(s, out, at + 16);
		at += 16 + out->len;
		went_out(s, session, out);
	}
	add_to_batch(s, b, session, p, next_id(s, session, true), session->seq * 2);
}

static void put_acks(struct dc_session *session)
{
	struct dc_out *out;

	if (session->ack_count == 0)
		return;
	out = dc_out_make(OUT_NOTICE, "msgs_ack", 12 + 8 * session->ack_count);
	store_le32(out->body, ID_ACK);
	store_le32(out->body + 4, TL_VECTOR);
	store_le32(out->body + 8, session->ack_count);
	memcpy(out->body + 12, session->acks, 8 * session->ack_count);
	out->odd = true;
	session->ack_count = 0;
	list_push_front(&session->pending, &out->node);
}

/* False: there was no more room in the batch. */
static bool flush_session(struct dc_server *s, struct dc_sealing *b, struct dc_session *session)
{
	struct list group;
	uint32_t count, bytes;

	list_init(&group);
	put_acks(session);
	while (session->conn->queued < DC_QUEUE_HIGH) {
		if (dc_batch_full(&b->batch))
			return false;
		bytes = gather(s, session, &group, &count);
		if (count == 0)
			break;
		if (count == 1)
			send_single(s, b, session,
				    container_of(list_pop(&group), struct dc_out, node));
		else
			send_container(s, b, session, &group, count, bytes);
	}
	return true;
}

void dc_files_ready(const struct dc_server *s, struct gather_company *c)
{
	list_each (n, &s->dirty) {
		const struct dc_session *session = container_of(n, struct dc_session, dirty_node);

		if (session->conn == NULL || session->conn->queued >= DC_QUEUE_HIGH)
			continue;
		list_each (m, &session->pending) {
			const struct dc_out *out = container_of(m, struct dc_out, node);

			if (out->is_file && out->due <= s->now)
				gather_join(c, out->ready);
		}
	}
}

static bool has_file(const struct dc_session *session)
{
	list_each (n, &session->pending)
		if (container_of(n, struct dc_out, node)->is_file)
			return true;
	return false;
}

/* Sessions whose file parts wait stay dirty: somebody may come and take them along. */
void dc_sealing_fill(struct dc_server *s, struct dc_sealing *b)
{
	struct list later;

	list_init(&later);
	while (!list_empty(&s->dirty) && !dc_batch_full(&b->batch)) {
		struct dc_session *session =
		    container_of(list_pop(&s->dirty), struct dc_session, dirty_node);

		if (session->conn == NULL || session->conn->fate != DC_CONN_OPEN)
			continue;
		if (!flush_session(s, b, session))
			list_push_front(&s->dirty, &session->dirty_node);
		else if (s->files_wait && has_file(session))
			list_push(&later, &session->dirty_node);
	}
	for (struct list *n = list_pop(&later); n != NULL; n = list_pop(&later))
		list_push(&s->dirty, n);
}

/*
 * Whether file parts wait for company. Where there is enough of it in the inbox they go in the next
 * pass, which is now due.
 */
static bool files_wait(struct dc_server *s)
{
	struct gather_company c = {0};
	bool together = dc_together(s);
	struct gather *g = together ? &s->gather_both : &s->gather_out;
	uint32_t count;

	dc_files_ready(s, &c);
	count = c.count;
	if (count == 0)
		return false;
	if (together)
		dc_inbox_bulk(s, &c);
	s->files_until = gather_until(g, &c, s->o.gather_ns);
	if (s->files_until > s->now)
		return true;
	if (c.count > count) {
		s->inbox_until = s->files_until = s->now;
		return true;
	}
	dc_gathered(s, g, count);
	return false;
}

void dc_flush(struct dc_server *s)
{
	struct dc_batch none;
	struct dc_sealing b;

	dc_batch_init(&none);
	s->files_wait = files_wait(s);
	for (dc_sealing_init(&b); dc_sealing_fill(s, &b), b.batch.count > 0; dc_sealing_init(&b)) {
		dc_batch_run(&none, &b.batch);
		dc_sealing_end(&b);
	}
}
