/* The server of the session tests. See fixture.h. */
#include "tests/session/fixture.h"

#include "proto/session/msgid.h"
#include "proto/session/session_priv.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { QUERY_LEN = 64, SALT = 0x5a17 };

void fx_start_raw(struct fixture *f)
{
	struct auth_key key = {.id = 1};

	memset(f, 0, sizeof(*f));
	f->now = 1000 * FX_SECOND;
	f->server_ns = FX_UNIX * (int64_t)FX_SECOND - (int64_t)f->now;
	session_key_init(&f->key, &key, SALT);
	session_set_time(&f->key, FX_UNIX, f->now);
	session_init(&f->s, &f->key, 0x5e551011, f->events, SESSION_EVENTS_MAX);
}

void fx_start(struct fixture *f)
{
	fx_start_raw(f);
	f->key.offset_known = true;
	f->key.salts_due_ns = UINT64_MAX;
	f->s.ping_sent_ns = f->s.heard_ns = f->now;
	f->s.ping_idle_ns = 1000000 * FX_SECOND;
	f->s.ping_busy_ns = 1000000 * FX_SECOND;
}

void fx_end(struct fixture *f)
{
	free(f->given);
	f->given = NULL;
}

uint64_t fx_call(struct fixture *f, uint32_t i)
{
	uint8_t mem[QUERY_LEN] = {0};
	struct buf query;

	buf_init(&query, mem, sizeof(mem), 0);
	buf_put(&query, QUERY_LEN);
	session_call(&f->s, &f->calls[i], &query, f->now, &f->head);
	return f->head.msg_id;
}

uint64_t fx_id(struct fixture *f)
{
	return msgid_next(&f->server_id, (int64_t)f->now + f->server_ns) | 1;
}

struct tl_writer *fx_body(struct fixture *f, uint32_t kind)
{
	tl_writer_init(&f->w, (struct span){f->body, sizeof(f->body)});
	tl_write_u32(&f->w, kind);
	return &f->w;
}

void fx_give_bytes(struct fixture *f, uint64_t id, uint32_t seq, struct cspan body)
{
	struct envelope_head head = {.session_id = f->s.id, .msg_id = id, .seq_no = seq};
	uint8_t *copy = malloc(body.len > 0 ? body.len : 1);

	if (body.len > 0)
		memcpy(copy, body.at, body.len);
	free(f->given);
	f->given = copy;
	session_consume(&f->s, &head, cspan_of(copy, body.len), f->now,
			(struct span){f->inflate, sizeof(f->inflate)});
}

void fx_give(struct fixture *f, uint64_t id, uint32_t seq)
{
	cr_assert_not(f->w.full);
	fx_give_bytes(f, id, seq, cspan_of(f->body, tl_written(&f->w)));
}

/* Containers grow in a place of their own, as their parts are written in body. */
static uint8_t container[FX_BODY];
static size_t container_len;

void fx_container(struct fixture *f)
{
	(void)f;
	store_le32(container, ID_CONTAINER);
	store_le32(container + 4, 0);
	container_len = 8;
}

void fx_add(struct fixture *f, uint64_t id, uint32_t seq, struct cspan body)
{
	uint8_t *at = container + container_len;

	(void)f;
	cr_assert_leq(container_len + 16 + body.len, sizeof(container));
	store_le64(at, id);
	store_le32(at + 8, seq);
	store_le32(at + 12, (uint32_t)body.len);
	if (body.len > 0)
		memcpy(at + 16, body.at, body.len);
	container_len += 16 + body.len;
	store_le32(container + 4, load_le32(container + 4) + 1);
}

void fx_give_container(struct fixture *f, uint64_t id)
{
	fx_give_bytes(f, id, 0, cspan_of(container, container_len));
}

int fx_next(struct fixture *f)
{
	return session_next(&f->s, &f->ev) ? (int)f->ev.kind : -1;
}

uint32_t fx_drain(struct fixture *f)
{
	uint32_t n = 0;

	while (session_next(&f->s, &f->ev))
		n++;
	return n;
}

bool fx_service(struct fixture *f, bool force)
{
	buf_init(&f->out, f->out_mem, sizeof(f->out_mem), 256);
	return session_service(&f->s, &f->out, f->now, force, &f->head);
}

uint32_t fx_sent(struct fixture *f, uint32_t i, struct cspan *body)
{
	const uint8_t *at = buf_at(&f->out);
	struct cspan whole = buf_view(&f->out);
	uint32_t count;

	if (session_kind(whole) != ID_CONTAINER) {
		*body = whole;
		return i == 0 ? session_kind(whole) : 0;
	}
	count = load_le32(at + 4);
	at += 8;
	for (uint32_t k = 0; k < count; k++, at += 16 + load_le32(at + 12)) {
		*body = cspan_of(at + 16, load_le32(at + 12));
		if (k == i)
			return session_kind(*body);
	}
	return 0;
}

struct cspan fx_find(struct fixture *f, uint32_t kind)
{
	struct cspan body;
	uint32_t got;

	for (uint32_t i = 0; (got = fx_sent(f, i, &body)) != 0; i++)
		if (got == kind)
			return body;
	return cspan_of(NULL, 0);
}

void fx_result(struct fixture *f, uint64_t req_id, uint32_t object)
{
	struct tl_writer *w = fx_body(f, (uint32_t)ID_RPC_RESULT);

	tl_write_u64(w, req_id);
	tl_write_u32(w, object);
}

void fx_error(struct fixture *f, uint64_t req_id, int32_t code, const char *text)
{
	struct tl_writer *w = fx_body(f, (uint32_t)ID_RPC_RESULT);

	tl_write_u64(w, req_id);
	tl_write_u32(w, ID_RPC_ERROR);
	tl_write_u32(w, (uint32_t)code);
	tl_write_bytes(w, cspan_str(text));
}

void fx_bad_msg(struct fixture *f, uint64_t msg_id, int32_t code)
{
	struct tl_writer *w = fx_body(f, (uint32_t)ID_BAD_MSG);

	tl_write_u64(w, msg_id);
	tl_write_u32(w, 1);
	tl_write_u32(w, (uint32_t)code);
}

void fx_bad_salt(struct fixture *f, uint64_t msg_id, uint64_t salt)
{
	struct tl_writer *w = fx_body(f, (uint32_t)ID_BAD_SALT);

	tl_write_u64(w, msg_id);
	tl_write_u32(w, 1);
	tl_write_u32(w, 48);
	tl_write_u64(w, salt);
}

void fx_new_session(struct fixture *f, uint64_t first_id, uint64_t unique_id, uint64_t salt)
{
	struct tl_writer *w = fx_body(f, (uint32_t)ID_NEW_SESSION);

	tl_write_u64(w, first_id);
	tl_write_u64(w, unique_id);
	tl_write_u64(w, salt);
}

void fx_ids(struct fixture *f, uint32_t kind, const uint64_t *ids, uint32_t count)
{
	struct tl_writer *w = fx_body(f, kind);

	tl_write_u32(w, TL_VECTOR);
	tl_write_u32(w, count);
	for (uint32_t i = 0; i < count; i++)
		tl_write_u64(w, ids[i]);
}

void fx_state_info(struct fixture *f, uint64_t req_id, const uint8_t *info, uint32_t len)
{
	struct tl_writer *w = fx_body(f, ID_STATE_INFO);

	tl_write_u64(w, req_id);
	tl_write_bytes(w, cspan_of(info, len));
}
