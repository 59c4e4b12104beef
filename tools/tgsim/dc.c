/*
 * The server: its life, its clock, and one turn of work. Owns keys, sessions and connections
 * through their modules, and the memory that a turn borrows. Each turn has the same beats:
 *
 *   packets opened in batches -> handled in order -> timers -> updates -> sealed in batches
 */
#include "tools/tgsim/dc_priv.h"

#include "proto/crypto/cpu.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { INFLATED_MAX = 16 << 20, GUARD = 4096, APART_LEAST = 64, APART_MOST = 4096 };

static const int64_t SECOND = 1000000000;

/* Pages come when they are touched; behind the last one is nothing. */
static uint8_t *take_scratch(size_t size)
{
	uint8_t *p = mmap(NULL, size + GUARD, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	check(p != MAP_FAILED && size % GUARD == 0);
	check(mprotect(p + size, GUARD, PROT_NONE) == 0);
	return p;
}

static void give_scratch(uint8_t *p, size_t size)
{
	check(munmap(p, size + GUARD) == 0);
}

struct dc_server *dc_open(const struct dc_options *options, int64_t now)
{
	struct dc_server *s = calloc(1, sizeof(*s));

	check(s != NULL);
	s->o = *options;
	if (s->o.max_layer == 0)
		s->o.max_layer = TL_LAYER;
	if (s->o.salt_life_ns == 0)
		s->o.salt_life_ns = 1800 * SECOND;
	if (s->o.resend_ns == 0)
		s->o.resend_ns = 15 * SECOND;
	check(s->o.salt_life_ns >= SECOND);
	s->now = now;
	rsa_private_public(s->o.rsa, &s->rsa);
	ctr_init(&s->random, options->seed, options->seed + 32);
	pool_init(&s->pool);
	list_init(&s->conns);
	list_init(&s->sessions);
	list_init(&s->inbox);
	list_init(&s->dirty);
	gather_init(&s->gather_in);
	gather_init(&s->gather_out);
	gather_init(&s->gather_both);
	s->apart_next = APART_LEAST;
	arena_init(&s->arena, take_scratch(DC_ARENA_SIZE), DC_ARENA_SIZE);
	s->encoded = take_scratch(DC_ENCODE_MAX);
	s->packed = take_scratch(DC_ENCODE_MAX);
	s->inflated[0] = take_scratch(INFLATED_MAX);
	s->inflated[1] = take_scratch(INFLATED_MAX);
	return s;
}

void dc_close(struct dc_server **owner)
{
	struct dc_server *s = *owner;

	*owner = NULL;
	list_each_safe (n, tmp, &s->conns) {
		struct dc_conn *c = container_of(n, struct dc_conn, node);

		dc_conn_closed(&c);
	}
	list_each_safe (n, tmp, &s->sessions)
		dc_session_drop(s, container_of(n, struct dc_session, all_node));
	dc_keys_free(s);
	pool_fini(&s->pool);
	give_scratch(s->arena.mem, DC_ARENA_SIZE);
	give_scratch(s->encoded, DC_ENCODE_MAX);
	give_scratch(s->packed, DC_ENCODE_MAX);
	give_scratch(s->inflated[0], INFLATED_MAX);
	give_scratch(s->inflated[1], INFLATED_MAX);
	bytes_wipe(s, sizeof(*s));
	free(s);
}

void dc_can_look(struct dc_server *s)
{
	s->can_look = true;
}

int64_t dc_clock(const struct dc_server *s, int dc)
{
	const struct fault *skew = faults_find(s->o.faults, FAULT_SKEW, dc, s->now);

	return s->now + (skew == NULL ? 0 : skew->ns);
}

void dc_random(struct dc_server *s, void *out, size_t len)
{
	memset(out, 0, len);
	ctr_apply(&s->random, out, len);
}

void dc_violation(struct dc_server *s, enum stat_rule rule)
{
	check(rule < RULE_COUNT);
	s->o.stats->violations[rule]++;
}

/* The schema's tables know every layer between the oldest and the newest. */
int dc_layer_of(const struct dc_server *s, int32_t asked)
{
	int32_t layer = asked < s->o.max_layer ? asked : s->o.max_layer;

	return layer < TL_LAYER_OLD ? TL_LAYER_OLD : layer;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ---- packets in ---- */

struct opening {
	struct dc_batch batch;
	struct packet *packets[DC_BATCH];
	struct dc_key *keys[DC_BATCH];
};

static void refuse_key(struct dc_conn *c)
{
	dc_violation(c->server, RULE_UNKNOWN_KEY);
	dc_conn_error(c, -404);
	c->fate = DC_CONN_DRAIN;
}

/* The client must not learn what was wrong: the connection just ends (messages.md 15). */
static void refuse_envelope(struct dc_conn *c)
{
	dc_violation(c->server, RULE_ENVELOPE);
	c->fate = DC_CONN_CLOSE;
}

static void take_opened(struct dc_server *s, struct packet *p, struct dc_key *key,
			const struct envelope_job *job)
{
	struct dc_conn *c = p->conn;
	const struct fault *f;

	if (c->fate != DC_CONN_OPEN)
		return;
	if (job->fault != ENVELOPE_SOUND) {
		refuse_envelope(c);
		return;
	}
	if (key->dead) {
		refuse_key(c);
		return;
	}
	if (p->quick_ack ||
	    faults_fire(s->o.faults, FAULT_QUICK_ACK, c->dc, FAULT_AT_PACKET, NULL) != NULL)
		dc_conn_quick_ack(c, job->quick_token);
	if (faults_fire(s->o.faults, FAULT_PLAIN, c->dc, FAULT_AT_PACKET, NULL) != NULL)
		dc_plain_update(c);
	f = faults_fire(s->o.faults, FAULT_TRANSPORT, c->dc, FAULT_AT_PACKET, NULL);
	if (f != NULL)
		dc_conn_error(c, f->code);
	else
		dc_message_take(c, key, &job->head, buf_view(&p->buf));
}

/* File parts that wait to leave go through beside those that came. */
static void open_batch(struct dc_server *s, struct opening *o)
{
	struct dc_batch *b = &o->batch;
	struct dc_sealing out;

	dc_sealing_init(&out);
	if (b->bulk > 0 && !s->files_wait)
		dc_sealing_fill(s, &out);
	dc_batch_run(b, &out.batch);
	dc_sealing_end(&out);
	for (uint32_t i = 0; i < b->count; i++) {
		uint32_t at = b->order[i];

		take_opened(s, o->packets[at], o->keys[at], &b->jobs[at]);
		pool_give(&s->pool, &o->packets[at]);
	}
	dc_batch_init(b);
}

static void add_packet(struct dc_server *s, struct opening *o, struct packet *p)
{
	struct dc_key *key = p->buf.len < ENVELOPE_MIN
				 ? NULL
				 : dc_key_find(s, p->conn->dc, load_le64(buf_at(&p->buf)));
	uint32_t at;

	if (key == NULL) {
		refuse_key(p->conn);
		pool_give(&s->pool, &p);
		return;
	}
	at = dc_batch_add(&o->batch, &p->buf);
	o->batch.jobs[at].key = &key->key;
	o->batch.jobs[at].dir = MSG_FROM_CLIENT;
	o->packets[at] = p;
	o->keys[at] = key;
	if (dc_batch_full(&o->batch))
		open_batch(s, o);
}

static void take_packet(struct dc_server *s, struct opening *o, struct packet *p)
{
	s->o.stats->packets_in++;
	if (p->conn->fate != DC_CONN_OPEN) {
		pool_give(&s->pool, &p);
	} else if (p->buf.len >= 8 && load_le64(buf_at(&p->buf)) == 0) {
		dc_plain_take(p->conn, p);
		pool_give(&s->pool, &p);
	} else {
		add_packet(s, o, p);
	}
}

void dc_inbox_bulk(const struct dc_server *s, struct gather_company *c)
{
	list_each (n, &s->inbox) {
		const struct packet *p = container_of(n, struct packet, node);

		if (p->buf.len >= DC_BULK_MIN)
			gather_join(c, p->came);
	}
}

bool dc_together(const struct dc_server *s)
{
	return s->apart == 0 && (cpu_active() & CPU_AVX512) != 0;
}

/* Too few together: each way for itself a while, then it is tried again. */
void dc_gathered(struct dc_server *s, struct gather *g, uint32_t count)
{
	uint32_t most;

	if (g != &s->gather_both) {
		gather_done(g, count, DC_BATCH_BULK);
		s->apart -= s->apart > 0;
		return;
	}
	gather_done(g, count, DC_PASS_BULK);
	most = gather_most(g);
	if (most >= DC_PASS_LEAST) {
		s->apart_next = APART_LEAST;
	} else if (most > 0) {
		s->apart = s->apart_next;
		s->apart_next = s->apart < APART_MOST ? 2 * s->apart : s->apart;
		gather_init(g);
	}
}

/*
 * Until when the bulk packets in the inbox wait for company; 0: they do not, and what waits to
 * leave goes with them.
 */
static int64_t inbox_until(struct dc_server *s)
{
	struct gather_company c = {0};
	bool together = dc_together(s);
	struct gather *g = together ? &s->gather_both : &s->gather_in;
	int64_t until;

	dc_inbox_bulk(s, &c);
	if (c.count == 0)
		return 0;
	if (together)
		dc_files_ready(s, &c);
	until = gather_until(g, &c, s->o.gather_ns);
	if (until > s->now)
		return until;
	dc_gathered(s, g, c.count);
	s->files_wait = !together;
	return 0;
}

static void take_inbox(struct dc_server *s)
{
	struct list held;
	struct opening o;

	list_init(&held);
	dc_batch_init(&o.batch);
	s->inbox_until = inbox_until(s);
	for (struct list *n = list_pop(&s->inbox); n != NULL; n = list_pop(&s->inbox)) {
		struct packet *p = container_of(n, struct packet, node);

		if (s->inbox_until > 0)
			p->conn->held |= p->buf.len >= DC_BULK_MIN;
		if (p->conn->held)
			list_push(&held, &p->node);
		else
			take_packet(s, &o, p);
	}
	open_batch(s, &o);
	for (struct list *n = list_pop(&held); n != NULL; n = list_pop(&held)) {
		container_of(n, struct packet, node)->conn->held = false;
		list_push(&s->inbox, n);
	}
}

/* ---- time ---- */

static void tick_conn(struct dc_server *s, struct dc_conn *c)
{
	if (c->disconnect_at != 0 && s->now >= c->disconnect_at && c->fate == DC_CONN_OPEN)
		c->fate = DC_CONN_DRAIN;
	if (faults_find(s->o.faults, FAULT_DOWN, c->dc, s->now) != NULL)
		c->fate = DC_CONN_RESET;
}

void dc_tick(struct dc_server *s, int64_t now)
{
	s->now = now;
	take_inbox(s);
	list_each (n, &s->conns)
		tick_conn(s, container_of(n, struct dc_conn, node));
	list_each (n, &s->sessions)
		dc_session_tick(s, container_of(n, struct dc_session, all_node));
	dc_push_all(s);
	dc_flush(s);
	arena_rewind(&s->arena, 0);
}

static int64_t conn_due(const struct dc_server *s, const struct dc_conn *c)
{
	bool slow = faults_find(s->o.faults, FAULT_SLOW, c->dc, s->now) != NULL;
	int64_t due = INT64_MAX;

	if (c->stalled || c->fate == DC_CONN_CLOSE || c->fate == DC_CONN_RESET)
		return due;
	if (c->disconnect_at != 0 && c->fate == DC_CONN_OPEN)
		due = c->disconnect_at;
	if (slow && c->in_next > s->now)
		due = sooner(due, c->in_next);
	if (!list_empty(&c->out)) {
		int64_t ready = container_of(c->out.next, struct packet, node)->ready;

		if (slow && c->out_next > ready)
			ready = c->out_next;
		if (ready > s->now)
			due = sooner(due, ready);
	}
	return due;
}

int64_t dc_due(const struct dc_server *s)
{
	int64_t due = INT64_MAX;

	if (!list_empty(&s->inbox))
		due = s->inbox_until > 0 ? s->inbox_until : s->now;
	if (s->files_wait)
		due = sooner(due, s->files_until);
	list_each (n, &s->conns)
		due = sooner(due, conn_due(s, container_of(n, struct dc_conn, node)));
	list_each (n, &s->sessions)
		due = sooner(due, dc_session_due(s, container_of(n, struct dc_session, all_node)));
	return due;
}

/* ---- hands on it ---- */

void dc_change_salts(struct dc_server *s, int64_t now)
{
	s->now = now;
	for (int i = 0; i < DC_KEY_TABLE; i++)
		for (struct dc_key *k = s->keys[i]; k != NULL; k = k->next)
			dc_salt_change(s, k);
}

void dc_forget_sessions(struct dc_server *s)
{
	list_each (n, &s->sessions)
		dc_session_forget(container_of(n, struct dc_session, all_node));
}

void dc_cut(struct dc_server *s, int dc, bool reset)
{
	list_each (n, &s->conns) {
		struct dc_conn *c = container_of(n, struct dc_conn, node);

		if (dc == 0 || c->dc == dc)
			c->fate = reset ? DC_CONN_RESET : DC_CONN_CLOSE;
	}
}

void dc_json(const struct dc_server *s, struct sink *out)
{
	const char *comma = "";

	sink_printf(out, "\"connections\":%u,\"sessions\":%u,\"keys\":[", s->conn_count,
		    s->session_count);
	for (int i = 0; i < DC_KEY_TABLE; i++)
		for (const struct dc_key *k = s->keys[i]; k != NULL; k = k->next) {
			sink_printf(
			    out,
			    "%s{\"id\":\"%016llx\",\"dc\":%d,\"temporary\":%s,\"bound\":%s,"
			    "\"dead\":%s,\"duplicated\":%s,\"authorized\":%s,\"layer\":%d,"
			    "\"sessions\":%u}",
			    comma, (unsigned long long)k->key.id, k->dc,
			    k->temporary ? "true" : "false", k->perm != NULL ? "true" : "false",
			    k->dead ? "true" : "false", k->duplicated ? "true" : "false",
			    k->account != NULL ? "true" : "false", k->layer, k->session_count);
			comma = ",";
		}
	sink_put(out, "]");
}
