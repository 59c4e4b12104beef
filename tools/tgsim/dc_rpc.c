/*
 * Queries: what the wrappers change, who may ask, the call into the world, and its answer. The
 * faults that concern calls act here. Owns the queries that wait for another one (invokeAfterMsg).
 */
#include "tools/tgsim/dc_query.h"

#include "proto/wire/tl.h"

#include <stdio.h>
#include <stdlib.h>

/* A query on its way through this file. */
struct asking {
	struct dc_server *server;
	struct dc_session *session;
	uint64_t msg_id;
	struct dc_query query;
	const struct tl_obj *method;
	const char *name;
	struct stat_method *stat;
	struct cspan whole; /* with its wrappers */
	bool late;	    /* a fault held it: no fault meets it again */
	/* faults that act after the call */
	const struct fault *cut, *silence, *delay, *duplicate;
	const struct fault *failed; /* though it is executed */
};

/* What is on its way when a wait is told does not come too early. */
static const int64_t WAIT_GRACE_NS = 1000000000;

static uint64_t key_of(const struct asking *a)
{
	const struct dc_key *perm = dc_key_perm(a->session->key);

	return perm == NULL ? a->session->key->key.id : perm->key.id;
}

static void count_error(struct asking *a, int32_t code, const char *text)
{
	const char *wait = strstr(text, "_WAIT_");
	int64_t until;

	a->stat->errors++;
	a->stat->floods += code == 420;
	if (code != 420 || wait == NULL)
		return;
	until = a->server->now + (int64_t)strtol(wait + 6, NULL, 10) * 1000000000;
	if (until <= a->stat->not_before)
		return;
	a->stat->told = a->server->now;
	a->stat->told_to = key_of(a);
	a->stat->not_before = until;
}

static void count_request(struct asking *a)
{
	a->stat->requests++;
	a->stat->bytes_in += a->query.body.len;
	a->stat->early += a->server->now > a->stat->told + WAIT_GRACE_NS &&
			  a->server->now < a->stat->not_before;
}

/* An error instead of the call. */
static void refuse(struct asking *a, int32_t code, const char *text)
{
	if (a->stat != NULL)
		count_error(a, code, text);
	dc_rpc_error(a->session, a->msg_id, a->name, code, text);
}

/*
 * Asked again during a wait that a rule had told, by the one it told: the rest of it. Parts of files
 * wait each for itself, and slow mode is a chat's affair.
 */
static bool still_waits(struct asking *a)
{
	int64_t left = a->stat->not_before - a->server->now;
	char text[32];

	if (!a->stat->insists || left <= 0 || a->stat->told_to != key_of(a) ||
	    a->server->now <= a->stat->told + WAIT_GRACE_NS)
		return false;
	snprintf(text, sizeof(text), "FLOOD_WAIT_%d", (int)((left + 999999999) / 1000000000));
	refuse(a, 420, text);
	return true;
}

/* ---- the log ---- */

static void log_query(const struct asking *a, const char *error)
{
	const struct dc_session *session = a->session;
	struct dc_server *s = a->server;
	const struct dc_seen *seen;

	if (!s->o.log->on)
		return;
	seen = dc_seen_find(session, a->msg_id);
	simlog_put(s->o.log, &(struct simlog_line){.t = dc_clock(s, session->key->dc),
						   .dc = session->key->dc,
						   .conn = session->conn == NULL
							       ? 0
							       : session->conn->number,
						   .key = session->key->key.id,
						   .session = session->id,
						   .msg_id = a->msg_id,
						   .seq = seen == NULL ? 0 : seen->seq,
						   .name = a->name,
						   .layer = session->key->layer,
						   .bytes = a->query.body.len,
						   .error = error});
}

/* ---- who may ask ---- */

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

/* Allowed with a temporary key that is not bound (auth_key.md 10). */
static bool is_for_unbound(const char *name)
{
	static const char *const list[] = {"auth.bindTempAuthKey", "help.getConfig",
					   "help.getNearestDc"};

	return is_one_of(name, list, countof(list));
}

static bool is_file(const struct asking *a)
{
	return strncmp(a->name, "upload.", 7) == 0;
}

/* What makes a session a main one: everything but files and what is asked before anything else. */
static bool is_for_main(const struct asking *a)
{
	return !is_file(a) && !a->query.without_updates &&
	       !is_for_unbound(a->name);
}

/* Servers of a DC learn it from each other: some clients say it on every query for seconds. */
static bool is_inited_late(const struct asking *a)
{
	const struct dc_key *key = a->session->key;
	const struct fault *late =
	    faults_find(a->server->o.faults, FAULT_LATE_INIT, key->dc, a->server->now);

	return late != NULL && !a->query.init && a->server->now < key->inited_at + late->ns;
}

/* False: answered with an error. */
static bool may_ask(struct asking *a)
{
	struct dc_key *key = a->session->key, *perm = dc_key_perm(key);

	if (!key->inited && !is_one_of(a->name, (const char *const[]){"auth.bindTempAuthKey"}, 1)) {
		dc_violation(a->server, RULE_NOT_INITED);
		refuse(a, 400, "CONNECTION_NOT_INITED");
	} else if (key->inited && is_inited_late(a)) {
		refuse(a, 400, "CONNECTION_NOT_INITED");
	} else if (perm == NULL && !is_for_unbound(a->name)) {
		dc_violation(a->server, RULE_UNBOUND);
		refuse(a, 401, "AUTH_KEY_PERM_EMPTY");
	} else if (perm != NULL && perm->duplicated) {
		refuse(a, 406, "AUTH_KEY_DUPLICATED");
	} else if (perm != NULL && is_for_main(a) && 
		   !dc_session_main(a->server, a->session, a->msg_id)) {
		dc_violation(a->server, RULE_MAIN_TWICE);
		refuse(a, 406, "AUTH_KEY_DUPLICATED");
	} else {
		return true;
	}
	return false;
}

static void send_answer(struct asking *a, struct dc_out **owner, int64_t delay_ns)
{
	struct dc_out *out = *owner;

	*owner = NULL;
	a->stat->bytes_out += out->len;
	if (out->is_file)
		out->ready = a->server->now + delay_ns;
	if (delay_ns > 0) {
		out->due = a->server->now + delay_ns;
		dc_session_put_ack(a->session, a->msg_id);
	}
	if (a->duplicate != NULL && !out->is_file) {
		struct dc_out *twin = dc_out_make(OUT_ANSWER, out->name, out->len);

		memcpy(twin->body, out->body, out->len);
		twin->req_msg_id = out->req_msg_id;
		twin->due = out->due;
		dc_out_send(a->session, &twin);
	}
	dc_out_send(a->session, &out);
}

/* ---- faults around the call ---- */

static const struct fault *fires(const struct asking *a, enum fault_kind kind)
{
	return faults_fire(a->server->o.faults, kind, a->session->key->dc, FAULT_AT_CALL, a->name);
}

/* Taken, and never answered. */
static void stay_silent(struct asking *a)
{
	if (a->silence == NULL || !a->silence->unacked)
		dc_session_put_ack(a->session, a->msg_id);
}

static void refuse_late(struct asking *a, int32_t code, const char *text)
{
	struct dc_out *out = dc_answer_error(a->msg_id, a->name, code, text);

	dc_mark_done(a->session, a->msg_id, true);
	count_error(a, code, text);
	send_answer(a, &out, a->delay == NULL ? 0 : a->delay->ns);
}

/* What the rules want of this call; false when it is not to be executed. */
static bool faults_before(struct asking *a)
{
	static const enum fault_kind cuts[] = {FAULT_DROP, FAULT_RESET, FAULT_STALL};
	const struct fault *error = fires(a, FAULT_ERROR);

	for (size_t i = 0; i < countof(cuts) && a->cut == NULL; i++)
		a->cut = fires(a, cuts[i]);
	a->silence = fires(a, FAULT_SILENCE);
	a->delay = fires(a, FAULT_DELAY);
	a->duplicate = fires(a, FAULT_DUPLICATE);
	if (error != NULL && error->after) {
		a->failed = error;
	} else if (error != NULL) {
		refuse_late(a, error->code, error->text);
		a->stat->insists = strncmp(error->text, "FLOOD_WAIT_", 11) == 0 && !is_file(a);
		return false;
	}
	if (a->cut != NULL && a->cut->before) {
		dc_conn_cut(a->session->conn, dc_cut_of(a->cut->kind));
		return false;
	}
	if (a->silence != NULL && a->silence->before) {
		stay_silent(a);
		return false;
	}
	return true;
}

static void faults_of_key(struct asking *a)
{
	struct dc_key *perm = dc_key_perm(a->session->key);

	if (perm == NULL)
		return;
	if (fires(a, FAULT_COPIED) != NULL)
		perm->duplicated = true;
	if (fires(a, FAULT_KEY_GONE) != NULL)
		dc_key_kill(a->server, perm);
}

static void faults_after(struct asking *a)
{
	const struct fault *update;

	if (fires(a, FAULT_SALT) != NULL)
		dc_salt_change(a->server, a->session->key);
	if (a->session->key->temporary && fires(a, FAULT_TEMP_GONE) != NULL)
		dc_key_kill(a->server, a->session->key);
	if (a->session->key->temporary && fires(a, FAULT_UNBIND) != NULL)
		dc_key_unbind(a->session->key);
	faults_of_key(a);
	update = fires(a, FAULT_UPDATE);
	if (update != NULL && update->of > 0)
		dc_push_large(a->session, (uint32_t)update->of * 1024);
	else if (update != NULL)
		dc_push_one_too_long(a->session);
	if (a->cut != NULL && a->session->conn != NULL)
		dc_conn_cut(a->session->conn, dc_cut_of(a->cut->kind));
}

/* ---- the call ---- */

static void take_reply(struct asking *a, const struct rpc_reply *reply)
{
	int64_t delay = reply->delay_ns + (a->delay == NULL ? 0 : a->delay->ns);
	struct dc_out *out = NULL;

	dc_mark_done(a->session, a->msg_id, reply->outcome == RPC_ERROR);
	if (fires(a, FAULT_FORGET) != NULL)
		dc_session_forget(a->session);
	if (reply->outcome == RPC_ERROR) {
		count_error(a, reply->code, reply->text);
		a->stat->insists = a->stat->insists && reply->code != 420;
	}
	if (reply->outcome == RPC_NONE || a->silence != NULL) {
		stay_silent(a);
		return;
	}
	if (reply->outcome == RPC_FILE && fires(a, FAULT_GARBLE) != NULL)
		out = dc_answer_garbled(a->msg_id, a->name);
	else if (reply->outcome == RPC_FILE)
		out = dc_answer_file(a->msg_id, a->name, reply);
	else if (reply->outcome == RPC_OBJECT)
		out =
		    dc_answer_object(a->server, a->session->key, a->msg_id, a->name, reply->result);
	else
		out = dc_answer_error(a->msg_id, a->name, reply->code, reply->text);
	send_answer(a, &out, delay);
}

/* It was executed, and its answer is an error all the same. */
static void fail_after(struct rpc_reply *reply, const struct fault *fault)
{
	*reply = (struct rpc_reply){.outcome = RPC_ERROR, .code = fault->code};
	snprintf(reply->text, sizeof(reply->text), "%s", fault->text);
}

static void call_world(struct asking *a)
{
	struct dc_server *s = a->server;
	struct dc_key *key = a->session->key, *perm = dc_key_perm(key);
	struct rpc_reply reply = {.outcome = RPC_NONE};
	struct rpc rpc = {
	    .world = s->o.world,
	    .arena = &s->arena,
	    .now = dc_clock(s, key->dc),
	    .dc = key->dc,
	    .layer = key->layer,
	    .auth_key_id = perm == NULL ? key->key.id : perm->key.id,
	    .session_id = a->session->id,
	    .req_msg_id = a->msg_id,
	    .without_updates = a->query.without_updates,
	    .takeout_id = a->query.takeout_id,
	    .range_min = a->query.range_min,
	    .range_max = a->query.range_max,
	    .account = perm == NULL ? NULL : perm->account,
	};

	if (strncmp(a->name, "upload.save", 11) == 0)
		s->o.stats->file_bytes_in += a->query.body.len;
	world_call(&rpc, a->method, &reply);
	if (perm != NULL && (rpc.authorization_changed || rpc.destroy_key)) {
		perm->account = rpc.destroy_key ? NULL : rpc.account;
		/* Who logs in on a session has its main session there. */
		if (perm->account != NULL && is_for_main(a))
			dc_session_main(s, a->session, a->msg_id);
	}
	if (a->failed != NULL && reply.outcome != RPC_NONE)
		fail_after(&reply, a->failed);
	take_reply(a, &reply);
	if (a->session->conn != NULL)
		faults_after(a);
}

/* auth.bindTempAuthKey is about keys: it never reaches the world. */
static void call_bind(struct asking *a)
{
	const char *error = dc_key_bind(a->session, a->msg_id, a->query.body);
	uint8_t yes[4];

	if (error != NULL) {
		dc_violation(a->server, RULE_BINDING);
		refuse(a, 400, error);
		return;
	}
	store_le32(yes, (uint32_t)TL_BOOL_TRUE);
	dc_mark_done(a->session, a->msg_id, false);
	dc_rpc_raw(a->session, a->msg_id, a->name, cspan_of(yes, 4));
}

/* ---- reading the query ---- */

static bool decode(struct asking *a)
{
	struct tl_error error = {0};
	bool unknown;

	a->method = dc_decode(&a->server->arena, a->query.body, &error);
	if (a->method != NULL && tl_is_method(tl_cons(a->method))) {
		a->name = tl_name(tl_cons(a->method));
		return true;
	}
	unknown = a->method != NULL || (error.fault == TL_UNKNOWN && error.offset == 0);
	dc_violation(a->server, unknown ? RULE_METHOD : RULE_QUERY);
	a->name = unknown ? "unknown method" : "unreadable query";
	refuse(a, 400,
	       unknown                     ? "INPUT_METHOD_INVALID"
	       : error.fault == TL_UNKNOWN ? "INPUT_CONSTRUCTOR_INVALID"
					   : "INPUT_FETCH_ERROR");
	return false;
}

/* What the wrappers leave behind at key and session. */
static void apply_wrappers(struct asking *a)
{
	struct dc_key *key = a->session->key;

	if (a->query.layer > 0)
		key->layer = dc_layer_of(a->server, a->query.layer);
	if (a->query.init && !key->inited) {
		key->inited = true;
		key->inited_at = a->server->now;
	}
	a->session->without_updates = a->query.without_updates;
}

static void hold(struct asking *a, struct cspan body, int64_t ns, bool late)
{
	struct dc_wait *wait = malloc(sizeof(*wait) + body.len);
	struct dc_seen *seen = dc_seen_find(a->session, a->msg_id);

	check(wait != NULL);
	*wait = (struct dc_wait){.until = a->server->now + ns,
				 .late = late,
				 .msg_id = a->msg_id,
				 .len = (uint32_t)body.len};
	memcpy(wait->body, body.at, body.len);
	list_push(&a->session->waiting, &wait->node);
	if (seen != NULL)
		seen->flags |= SEEN_WAITING;
	dc_session_put_ack(a->session, a->msg_id);
}

static void ask(struct asking *a)
{
	if (!decode(a)) {
		log_query(a, a->name);
		return;
	}
	apply_wrappers(a);
	log_query(a, NULL);
	a->stat = stats_method(a->server->o.stats, a->name);
	count_request(a);
	if (!may_ask(a) || (!a->late && (still_waits(a) || !faults_before(a))))
		return;
	if (a->delay != NULL && a->delay->before) {
		hold(a, a->whole, a->delay->ns, true);
		return;
	}
	if (load_le32(a->query.body.at) == (uint32_t)ID_BIND_TEMP_KEY)
		call_bind(a);
	else
		call_world(a);
}

/* ---- invokeAfterMsg ---- */

enum after { AFTER_GO, AFTER_WAIT, AFTER_FAILED };

static enum after look_after(const struct asking *a)
{
	enum after result = AFTER_GO;

	for (uint32_t i = 0; i < a->query.after_count; i++) {
		const struct dc_seen *seen = dc_seen_find(a->session, a->query.after[i]);

		if (seen != NULL && (seen->flags & SEEN_FAILED) != 0)
			return AFTER_FAILED;
		if (seen == NULL || (seen->flags & SEEN_QUERY) == 0)
			result = AFTER_WAIT;
	}
	return result;
}

/* How a query comes to be executed. */
enum turn { TURN_FIRST, TURN_WAITED, TURN_LATE };

/* One query; false when it still waits. */
static bool run(struct dc_server *s, struct dc_session *session, uint64_t msg_id,
		struct cspan body, enum turn turn)
{
	struct asking a = {.server = s,
			   .session = session,
			   .msg_id = msg_id,
			   .whole = body,
			   .late = turn == TURN_LATE,
			   .name = "query"};
	size_t mark = arena_mark(&s->arena);
	enum after after;

	if (!dc_query_read(s, &a.query, body)) {
		dc_violation(s, a.query.rule);
		log_query(&a, a.query.error);
		refuse(&a, 400, a.query.error);
		return true;
	}
	after = look_after(&a);
	if (after == AFTER_FAILED)
		refuse(&a, 400, "MSG_WAIT_FAILED");
	else if (after == AFTER_GO)
		ask(&a);
	else if (turn == TURN_FIRST)
		hold(&a, body, DC_AFTER_NS, false);
	arena_rewind(&s->arena, mark);
	return after != AFTER_WAIT;
}

void dc_rpc_take(struct dc_session *session, uint64_t msg_id, struct cspan body)
{
	run(session->conn->server, session, msg_id, body, TURN_FIRST);
}

/* What waits, in hand: what one of them does may drop all that the session has. */
static void take_waits(struct dc_session *session, struct list *in_hand)
{
	list_init(in_hand);
	for (struct list *n = list_pop(&session->waiting); n != NULL;
	     n = list_pop(&session->waiting))
		list_push(in_hand, n);
}

static bool run_late(struct dc_server *s, struct dc_session *session, const struct dc_wait *wait)
{
	return wait->late && s->now >= wait->until &&
	       run(s, session, wait->msg_id, cspan_of(wait->body, wait->len), TURN_LATE);
}

void dc_rpc_late(struct dc_server *s, struct dc_session *session)
{
	struct list in_hand;

	take_waits(session, &in_hand);
	for (struct list *n = list_pop(&in_hand); n != NULL; n = list_pop(&in_hand)) {
		if (run_late(s, session, container_of(n, struct dc_wait, node)))
			free(container_of(n, struct dc_wait, node));
		else
			list_push(&session->waiting, n);
	}
}

/* False: it waits on. */
static bool run_waited(struct dc_server *s, struct dc_session *session, const struct dc_wait *wait)
{
	if (wait->late || session->conn == NULL || session->conn->fate != DC_CONN_OPEN)
		return false;
	if (run(s, session, wait->msg_id, cspan_of(wait->body, wait->len), TURN_WAITED))
		return true;
	if (s->now < wait->until)
		return false;
	dc_rpc_error(session, wait->msg_id, "query", 500, "MSG_WAIT_TIMEOUT");
	return true;
}

void dc_rpc_tick(struct dc_session *session)
{
	struct dc_server *s = session->conn->server;
	struct list in_hand;

	take_waits(session, &in_hand);
	for (struct list *n = list_pop(&in_hand); n != NULL; n = list_pop(&in_hand)) {
		if (run_waited(s, session, container_of(n, struct dc_wait, node)))
			free(container_of(n, struct dc_wait, node));
		else
			list_push(&session->waiting, n);
	}
}
