/*
 * Fuzz target: the protocol half of the simulator. The input is a script of bytes on a connection,
 * opened messages of a session, time and faults; whatever it is, the server must neither crash nor
 * leak, and must be able to say when it is due.
 */
#include "tests/vectors/keys.h"
#include "tools/tgsim/dc_priv.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum step { STEP_BYTES, STEP_MESSAGE, STEP_TIME, STEP_FAULT, STEP_RECONNECT, STEP_KINDS };

struct play {
	struct faults faults;
	struct stats stats;
	struct simlog log;
	struct dc_server *server;
	struct dc_conn *raw, *sealed;
	struct dc_key *key;
	int64_t now;
	uint64_t msg_id;
	uint32_t seq;
};

/* ---- a world that says no, or gives files ---- */

void world_call(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	out->outcome = RPC_ERROR;
	out->code = 400;
	if (tl_cons(q) == TLC_upload_getFile) {
		out->outcome = RPC_FILE;
		out->file_len = (uint32_t)tl_int(q, TLF_limit) % 100000;
	} else if (tl_cons(q) == TLC_help_getNearestDc) {
		out->outcome = RPC_OBJECT;
		out->result = tl_new(r->arena, TLC_nearestDc);
	}
}

void world_file_read(struct world *w, uint64_t file, uint64_t offset, uint8_t *out, uint32_t len)
{
	memset(out, 7, len);
}

bool world_next_push(struct world *w, struct arena *a, struct account **account, uint64_t *except,
		     const struct tl_obj **updates)
{
	return false;
}

/* ---- the script ---- */

static void start(struct play *p, const struct rsa_private *rsa)
{
	struct dc_hs hs = {.salt = 1};
	struct dc_options options = {
	    .rsa = rsa, .faults = &p->faults, .stats = &p->stats, .log = &p->log, .home_dc = 2};

	memset(p, 0, sizeof(*p));
	p->now = INT64_C(1767225600000000000);
	p->msg_id = UINT64_C(1767225600) << 32;
	faults_init(&p->faults, 1);
	simlog_init(&p->log, true);
	p->server = dc_open(&options, p->now);
	memset(hs.key.key, 3, 256);
	authkey_finish(&hs.key);
	p->key = dc_key_make(p->server, 2, &hs);
	p->raw = dc_conn_open(p->server, 2, false, p->now);
	p->sealed = dc_conn_open(p->server, 2, false, p->now);
	/* It speaks the intermediate transport, so that something can be sent on it. */
	dc_conn_feed(p->sealed, cspan_of("\xee\xee\xee\xee", 4), p->now);
}

static void drain(struct play *p, struct dc_conn **conn)
{
	struct cspan out;

	if (*conn == NULL)
		return;
	while ((out = dc_conn_output(*conn, p->now)).len > 0)
		dc_conn_sent(*conn, (uint32_t)out.len, p->now);
	if (dc_conn_fate(*conn) >= DC_CONN_CLOSE)
		dc_conn_closed(conn);
}

static void message(struct play *p, struct cspan body, uint8_t how)
{
	struct envelope_head head = {1, how & 3u, p->msg_id += 4 << (how >> 5), p->seq};

	p->seq += (how >> 2) & 7u;
	if (p->sealed != NULL && p->sealed->fate == DC_CONN_OPEN && !p->key->dead)
		dc_message_take(p->sealed, p->key, &head, body);
}

static void fault(struct play *p, struct cspan spec)
{
	char text[256], why[64];
	size_t n = spec.len < sizeof(text) - 1 ? spec.len : sizeof(text) - 1;

	memcpy(text, spec.at, n);
	text[n] = '\0';
	faults_add(&p->faults, text, p->now, why, sizeof(why));
}

static void step(struct play *p, uint8_t kind, struct cspan in)
{
	switch (kind % STEP_KINDS) {
	case STEP_BYTES:
		if (p->raw != NULL)
			dc_conn_feed(p->raw, in, p->now);
		break;
	case STEP_MESSAGE:
		message(p, in, kind);
		break;
	case STEP_TIME:
		p->now += (int64_t)in.len * 1000000000;
		dc_tick(p->server, p->now);
		break;
	case STEP_FAULT:
		fault(p, in);
		break;
	case STEP_RECONNECT:
		if (p->raw != NULL)
			dc_conn_closed(&p->raw);
		p->raw = dc_conn_open(p->server, 2, true, p->now);
		break;
	}
	drain(p, &p->raw);
	drain(p, &p->sealed);
	check(dc_due(p->server) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char pem[] = VEC_TEST_KEY_PRIVATE_PEM;
	static struct play play;
	static struct rsa_private *rsa; /* reading it takes longer than all the rest */

	if (rsa == NULL)
		rsa = rsa_private_from_pem(cspan_str(pem));
	check(rsa != NULL);
	start(&play, rsa);
	while (size >= 3) {
		size_t n = load_le16(data + 1), room = size - 3;
		uint8_t *copy; /* of exactly its size: a sanitizer sees every step beyond */

		n = n < room ? n : room;
		copy = malloc(n + 1);
		memcpy(copy, data + 3, n);
		step(&play, data[0], cspan_of(copy, n));
		free(copy);
		data += 3 + n;
		size -= 3 + n;
	}
	dc_tick(play.server, play.now + 1);
	dc_close(&play.server);
	simlog_free(&play.log);
	return 0;
}
