/* See dc_fixture.h. */
#include "tests/tgsim/dc_fixture.h"

#include "proto/wire/inflate.h"
#include "tests/vectors/handshake.h"
#include "tests/vectors/hex.h"
#include "tools/tgsim/model.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static struct account the_account;

struct account *fx_account(void)
{
	return &the_account;
}

/* The world is the sim itself: the pointer goes through options.world. */
static struct sim *sim_of(struct world *w)
{
	return (struct sim *)(void *)w;
}

/* ---- the world ---- */

static const struct tl_obj *many_messages(struct rpc *r, uint32_t count)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messages_messages);

	tl_set_vec(r->arena, o, TLF_messages, count);
	for (uint32_t i = 0; i < count; i++) {
		struct tl_obj *m = tl_new(r->arena, TLC_messageEmpty);

		tl_set_int(m, TLF_id, (int32_t)i);
		tl_put_obj(o, TLF_messages, i, m);
	}
	return o;
}

static const struct tl_obj *nearest(struct rpc *r)
{
	struct tl_obj *o = tl_new(r->arena, TLC_nearestDc);

	tl_set_str(o, TLF_country, "BR");
	tl_set_int(o, TLF_this_dc, r->dc);
	tl_set_int(o, TLF_nearest_dc, 4);
	return o;
}

/* A message with an action that layer 144 has no word for. */
static const struct tl_obj *topic_message(struct rpc *r)
{
	struct tl_obj *o = tl_new(r->arena, TLC_messages_messages);
	struct tl_obj *m = tl_new(r->arena, TLC_messageService);
	struct tl_obj *peer = tl_new(r->arena, TLC_peerChannel);
	struct tl_obj *action = tl_new(r->arena, TLC_messageActionTopicCreate);

	tl_set_str(action, TLF_title, "T");
	tl_set_long(peer, TLF_channel_id, 5);
	tl_set_int(m, TLF_id, 7);
	tl_set_obj(m, TLF_peer_id, peer);
	tl_set_obj(m, TLF_action, action);
	tl_set_vec(r->arena, o, TLF_messages, 1);
	tl_put_obj(o, TLF_messages, 0, m);
	return o;
}

static void file_reply(const struct tl_obj *q, struct rpc_reply *out)
{
	out->outcome = RPC_FILE;
	out->file_type_id = tl_id(TLC_storage_fileUnknown, TL_LAYER);
	out->file = 77;
	out->file_offset = (uint64_t)tl_long(q, TLF_offset);
	out->file_len = (uint32_t)tl_int(q, TLF_limit);
}

void world_call(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct stub *stub = &sim_of(r->world)->stub;

	stub->calls++;
	stub->last = *r;
	snprintf(stub->last_name, sizeof(stub->last_name), "%s", tl_name(tl_cons(q)));
	out->outcome = stub->silent ? RPC_NONE : RPC_OBJECT;
	out->delay_ns = stub->delay_ns;
	switch (tl_cons(q)) {
	case TLC_help_getNearestDc:
		out->result = nearest(r);
		break;
	case TLC_messages_getHistory:
		out->result =
		    stub->big_count > 0 ? many_messages(r, stub->big_count) : topic_message(r);
		break;
	case TLC_upload_getFile:
		file_reply(q, out);
		break;
	case TLC_upload_saveFilePart:
	case TLC_updates_getState:
		out->result = tl_new_bool(r->arena, true);
		break;
	case TLC_auth_logOut:
		r->account = &the_account;
		r->authorization_changed = true;
		out->result = tl_new_bool(r->arena, true);
		break;
	default:
		out->outcome = RPC_ERROR;
		out->code = 400;
		snprintf(out->text, sizeof(out->text), "TEST");
	}
}

void world_file_read(struct world *w, uint64_t file, uint64_t offset, uint8_t *out, uint32_t len)
{
	cr_assert_eq(file, 77);
	for (uint32_t i = 0; i < len; i++)
		out[i] = (uint8_t)((offset + i) * 31 >> 3);
}

bool world_next_push(struct world *w, struct arena *a, struct account **account, uint64_t *except,
		     const struct tl_obj **updates)
{
	struct stub *stub = &sim_of(w)->stub;

	if (stub->push_to == NULL)
		return false;
	*account = stub->push_to;
	*except = stub->push_except;
	*updates = tl_new(a, TLC_updatesTooLong);
	stub->push_to = NULL;
	return true;
}

/* ---- opening ---- */

void fx_open(struct sim *sim, void (*change)(struct dc_options *))
{
	static const char pem[] = VEC_TEST_KEY_PRIVATE_PEM;

	memset(sim, 0, sizeof(*sim));
	sim->now = FX_START;
	faults_init(&sim->faults, 1);
	stats_init(&sim->stats);
	simlog_init(&sim->log, true);
	sim->options = (struct dc_options){.world = (struct world *)(void *)sim,
					   .faults = &sim->faults,
					   .stats = &sim->stats,
					   .log = &sim->log,
					   .home_dc = 2,
					   .seed = {1}};
	sim->options.rsa = rsa_private_from_pem(cspan_str(pem));
	cr_assert_not_null(sim->options.rsa);
	if (change != NULL)
		change(&sim->options);
	sim->server = dc_open(&sim->options, sim->now);
}

static void free_client(struct client *c)
{
	fx_clear(c);
	free(c->in);
	free(c);
}

void fx_close(struct sim *sim)
{
	dc_close(&sim->server);
	for (uint32_t i = 0; i < sim->client_count; i++)
		free_client(sim->clients[i]);
	rsa_private_free((struct rsa_private *)(uintptr_t)sim->options.rsa);
	simlog_free(&sim->log);
}

static void feed(struct client *c, struct cspan bytes)
{
	if (c->conn != NULL)
		dc_conn_feed(c->conn, bytes, c->sim->now);
}

struct client *fx_connect(struct sim *sim, int dc, enum transport transport, bool obfuscated)
{
	struct client *c = calloc(1, sizeof(*c));
	uint8_t random[64];

	cr_assert_not_null(c);
	c->in = calloc(1, sizeof(*c->in));
	for (int i = 0; i < 64; i++)
		random[i] = (uint8_t)(i * 7 + 3);
	c->sim = sim;
	cr_assert(frame_init_client(&c->framer, transport, obfuscated, random,
				    obfuscated ? (int16_t)dc : 0, NULL));
	c->conn = dc_conn_open(sim->server, dc, false, sim->now);
	cr_assert_not_null(c->conn);
	sim->clients[sim->client_count++] = c;
	feed(c, frame_hello(&c->framer));
	return c;
}

struct client *fx_client(struct sim *sim, int dc, enum transport transport, bool obfuscated)
{
	struct client *c = fx_connect(sim, dc, transport, obfuscated);
	struct dc_hs hs = {.salt = 0x1111 + sim->client_count};

	for (int i = 0; i < 256; i++)
		hs.key.key[i] = (uint8_t)(i * 3 + (int)sim->client_count * 11 + 1);
	authkey_finish(&hs.key);
	dc_key_make(sim->server, dc, &hs);
	c->key = hs.key;
	c->salt = hs.salt;
	c->session_id = 0x5e55 + sim->client_count;
	return c;
}

struct client *fx_again(struct client *old, bool new_session)
{
	struct client *c = fx_connect(old->sim, old->key.id == 0 ? 2 : fx_key(old)->dc,
				      TRANSPORT_INTERMEDIATE, false);

	c->key = old->key;
	c->salt = old->salt;
	c->session_id = new_session ? old->session_id + 1000 : old->session_id;
	if (!new_session) {
		c->last_id = old->last_id;
		c->content = old->content;
	}
	return c;
}

void fx_disconnect(struct client *c)
{
	if (c->conn != NULL)
		dc_conn_closed(&c->conn);
}

struct dc_key *fx_key(struct client *c)
{
	for (int i = 0; i < DC_KEY_TABLE; i++)
		for (struct dc_key *k = c->sim->server->keys[i]; k != NULL; k = k->next)
			if (k->key.id == c->key.id)
				return k;
	return NULL;
}

/* ---- sending ---- */

uint64_t fx_id(struct client *c)
{
	uint64_t now = (uint64_t)c->sim->now;
	uint64_t id = (now / 1000000000) << 32 | ((now % 1000000000) << 2);

	if (id <= c->last_id)
		id = c->last_id + 4;
	return c->last_id = id;
}

void fx_send_payload(struct client *c, struct cspan payload, bool quick_ack)
{
	static const uint8_t random[16] = {5};
	uint32_t size = (uint32_t)payload.len + FRAME_HEADROOM + FRAME_TAILROOM;
	uint8_t *mem = malloc(size);
	struct buf buf;

	buf_init(&buf, mem, size, FRAME_HEADROOM);
	memcpy(buf_put(&buf, (uint32_t)payload.len), payload.at, payload.len);
	frame_wrap(&c->framer, &buf, quick_ack, random);
	feed(c, buf_view(&buf));
	free(mem);
}

void fx_send_sealed(struct client *c, const struct envelope_head *head, struct cspan body,
		    bool quick_ack)
{
	uint32_t size = (uint32_t)body.len + ENVELOPE_HEADROOM + ENVELOPE_TAILROOM + 64;
	uint8_t *mem = malloc(size);
	struct buf buf;
	struct envelope_job job = {
	    .packet = &buf, .key = &c->key, .head = *head, .dir = MSG_FROM_CLIENT};

	buf_init(&buf, mem, size, ENVELOPE_HEADROOM);
	memcpy(buf_put(&buf, (uint32_t)body.len), body.at, body.len);
	envelope_seal_batch(&job, 1);
	fx_send_payload(c, buf_view(&buf), quick_ack);
	free(mem);
}

void fx_send_as(struct client *c, uint64_t msg_id, uint32_t seq, struct cspan body)
{
	struct envelope_head head = {c->salt, c->session_id, msg_id, seq};

	fx_send_sealed(c, &head, body, false);
}

uint64_t fx_send(struct client *c, struct cspan body, bool content)
{
	uint64_t id = fx_id(c);

	fx_send_as(c, id, c->content * 2 + content, body);
	c->content += content;
	return id;
}

void fx_send_plain(struct client *c, struct cspan data)
{
	uint8_t mem[4096];
	struct buf buf;

	buf_init(&buf, mem, sizeof(mem), PLAIN_HEADROOM);
	memcpy(buf_put(&buf, (uint32_t)data.len), data.at, data.len);
	plain_seal(&buf, fx_id(c));
	fx_send_payload(c, buf_view(&buf), false);
}

/* ---- receiving ---- */

static void note(struct client *c, const struct envelope_head *head, uint64_t msg_id, uint32_t seq,
		 struct cspan body, bool in_container)
{
	struct got *g = &c->got[c->got_count++];

	cr_assert_leq(c->got_count, FX_GOT);
	*g = (struct got){head->session_id,   msg_id,       seq,
			  (uint32_t)body.len, in_container, malloc(body.len + 1)};
	memcpy(g->body, body.at, body.len);
	cr_assert_eq(msg_id % 2, 1, "ids of a server are odd");
}

static void take_opened(struct client *c, const struct envelope_head *head, struct cspan body)
{
	struct tl_reader r;
	uint32_t count;

	tl_reader_init(&r, body);
	if (tl_read_u32(&r) != ID_CONTAINER) {
		note(c, head, head->msg_id, head->seq_no, body, false);
		return;
	}
	count = tl_read_bare_vector(&r, 16);
	cr_assert_eq(head->seq_no % 2, 0);
	for (uint32_t i = 0; i < count; i++) {
		uint64_t id = tl_read_u64(&r);
		uint32_t seq = tl_read_u32(&r), len = tl_read_u32(&r);

		cr_assert_lt(id, head->msg_id);
		note(c, head, id, seq, cspan_of(tl_read_raw(&r, len), len), true);
	}
	cr_assert(tl_ok(&r) && tl_left(&r) == 0);
}

static void take_packet(struct client *c)
{
	struct buf *b = &c->in->buf;
	struct envelope_job job = {.packet = b, .key = &c->key, .dir = MSG_FROM_SERVER};
	uint64_t msg_id;

	c->packets++;
	if (b->len >= 8 && load_le64(buf_at(b)) == 0) {
		cr_assert(plain_open(b, &msg_id));
		c->plain_len = b->len;
		memcpy(c->plain, buf_at(b), b->len);
		return;
	}
	if (c->raw)
		return;
	envelope_open_batch(&job, 1);
	cr_assert_eq(job.fault, ENVELOPE_SOUND);
	take_opened(c, &job.head, buf_view(b));
}

static void take_bytes(struct client *c, struct cspan bytes)
{
	while (bytes.len > 0) {
		enum frame_status status = frame_feed(&c->framer, &bytes);

		if (status == FRAME_HEAD) {
			buf_init(&c->in->buf, c->in->mem, sizeof(c->in->mem), 0);
			status = frame_place(&c->framer, &c->in->buf);
		}
		if (status == FRAME_PACKET)
			take_packet(c);
		else if (status == FRAME_ERROR)
			c->codes[c->code_count++] = c->framer.code;
		else if (status == FRAME_QUICK_ACK)
			c->tokens[c->token_count++] = c->framer.token;
		else
			cr_assert_eq(status, FRAME_MORE);
	}
}

/* Bytes travel in pieces of a prime size, so that everything is cut everywhere in the end. */
static void take_output(struct client *c)
{
	while (c->conn != NULL) {
		struct cspan out = dc_conn_output(c->conn, c->sim->now);
		uint32_t n = (uint32_t)(out.len < 8191 ? out.len : 8191);

		if (n == 0)
			break;
		take_bytes(c, cspan_of(out.at, n));
		dc_conn_sent(c->conn, n, c->sim->now);
	}
	c->fate = c->conn == NULL ? c->fate : dc_conn_fate(c->conn);
	if (c->conn != NULL && c->fate >= DC_CONN_CLOSE)
		dc_conn_closed(&c->conn);
}

void fx_tick(struct sim *sim, int64_t ns)
{
	sim->now += ns;
	for (int i = 0; i < 8; i++) { /* answers that were held back for room come in a next turn */
		dc_tick(sim->server, sim->now);
		for (uint32_t k = 0; k < sim->client_count; k++)
			take_output(sim->clients[k]);
	}
}

/* ---- looking ---- */

void fx_clear(struct client *c)
{
	while (c->got_count > 0)
		free(c->got[--c->got_count].body);
	c->code_count = c->token_count = 0;
}

const struct got *fx_find(const struct client *c, uint32_t id)
{
	for (uint32_t i = 0; i < c->got_count; i++)
		if (load_le32(c->got[i].body) == id)
			return &c->got[i];
	return NULL;
}

uint32_t fx_count(const struct client *c, uint32_t id)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->got_count; i++)
		n += load_le32(c->got[i].body) == id;
	return n;
}

struct cspan fx_result(const struct client *c, uint64_t req_msg_id)
{
	for (uint32_t i = 0; i < c->got_count; i++) {
		const struct got *g = &c->got[i];

		if (load_le32(g->body) == (uint32_t)ID_RPC_RESULT &&
		    load_le64(g->body + 4) == req_msg_id)
			return cspan_of(g->body + 12, g->len - 12);
	}
	return (struct cspan){NULL, 0};
}

const char *fx_error(const struct client *c, uint64_t req_msg_id, int32_t *code)
{
	static char text[256];
	struct cspan result = fx_result(c, req_msg_id), message;
	struct tl_reader r;

	text[0] = '\0';
	tl_reader_init(&r, result);
	if (result.len == 0 || tl_read_u32(&r) != ID_RPC_ERROR)
		return text;
	if (code != NULL)
		*code = (int32_t)load_le32(r.at);
	tl_read_i32(&r);
	message = tl_read_bytes(&r);
	cr_assert(tl_ok(&r));
	snprintf(text, sizeof(text), "%.*s", (int)message.len, (const char *)message.at);
	return text;
}

int fx_bad(const struct client *c, uint64_t msg_id)
{
	for (uint32_t i = 0; i < c->got_count; i++) {
		const struct got *g = &c->got[i];
		uint32_t id = load_le32(g->body);

		if ((id == (uint32_t)ID_BAD_MSG || id == (uint32_t)ID_BAD_SALT) &&
		    load_le64(g->body + 4) == msg_id)
			return (int)load_le32(g->body + 16);
	}
	return 0;
}

/* ---- bodies ---- */

struct tl_writer *body_start(struct body *b, uint32_t id)
{
	tl_writer_init(&b->w, (struct span){b->mem, sizeof(b->mem)});
	tl_write_u32(&b->w, id);
	return &b->w;
}

struct cspan body_end(struct body *b)
{
	cr_assert(!b->w.full);
	return cspan_of(b->mem, tl_written(&b->w));
}

struct cspan body_query(struct body *b, int32_t layer, uint32_t method)
{
	struct tl_writer *w;

	if (layer <= 0) {
		body_start(b, method);
		return body_end(b);
	}
	w = body_start(b, 0xda9b0d0d);
	tl_write_u32(w, (uint32_t)layer);
	tl_write_u32(w, 0xc1cd5ea9);
	tl_write_u32(w, 0);
	tl_write_u32(w, 90210);
	for (int i = 0; i < 6; i++)
		tl_write_bytes(w, cspan_str(i == 4 ? "" : "x"));
	tl_write_u32(w, method);
	return body_end(b);
}
