/* tgclone's side of a whole-program run: its engine as cmd_clone drives it, with lives and deaths.
 */
#include "tests/sim/whole_client.h"

#include "engine/clone/clone_priv.h"
#include "engine/link/net_priv.h"
#include "proto/api/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ARENA = 8 << 20, OWNER = 1 };

static void read_chat(struct client *c, uint32_t i, struct chat_info *out)
{
	int64_t hash, id = telegram_chat(c->telegram, i, &hash);
	enum target_kind kind = i == 1			      ? c->scenario->target
				: c->scenario->source_channel ? TARGET_CHANNEL
							      : TARGET_GROUP;

	*out = (struct chat_info){.peer = peer_of_marked(id),
				   .megagroup = kind == TARGET_GROUP,
				   .broadcast = kind == TARGET_CHANNEL,
				   .self = kind == TARGET_SAVED,
				   .forum = c->scenario->topics > 0};
	if (kind == TARGET_SAVED)
		out->peer.kind = PEER_SELF;
	out->peer.access_hash = hash;
}

static void first_account(struct client *c)
{
	struct net_account *a = &c->account;

	a->home_dc = 2;
	for (uint32_t i = 0; i < WHOLE_DCS; i++) {
		struct net_dc *dc = &a->dcs[a->dc_count++];

		dc->id = telegram_dc(c->telegram, i, &dc->addrs[0].port);
		dc->addr_count = 1;
		snprintf(dc->addrs[0].host, sizeof(dc->addrs[0].host), "127.0.0.1");
	}
}

void client_init(struct client *c, struct simworld *w, const struct scenario *s, struct telegram *t,
		 struct disk *disk)
{
	*c = (struct client){
	    .world = w, .scenario = s, .telegram = t, .disk = disk, .status = CLONE_RUNNING};
	first_account(c);
	read_chat(c, 0, &c->source);
	read_chat(c, 1, &c->target);
}

/* ---- a life ---- */

static void open_net(struct client *c)
{
	const struct scenario *s = c->scenario;
	struct net_options o = {.ring = c->ring,
				.slab = c->slab,
				.account = &c->live,
				.api_id = WHOLE_API_ID,
				.layer = 228,
				.device_model = "sim",
				.system_version = "1",
				.app_version = "1",
				.system_lang_code = "en",
				.lang_code = "en",
				.pfs = s->pfs,
				.links_down = s->links,
				.links_up = s->links,
				.inflight = s->inflight};

	rsa_private_public(s->rsa, &o.rsa[0]);
	o.rsa_count = 1;
	check(net_open(&c->net, &o) == 0);
}

static struct ledger_job job_of(const struct client *c)
{
	return (struct ledger_job){.account = 1,
				   .source = peer_marked(c->source.peer),
				   .target = peer_marked(c->target.peer),
				   .source_topic = c->scenario->source_topic,
				   .target_topic = c->scenario->target_topic,
				   .generation = 1};
}

static bool open_ledger(struct client *c)
{
	struct ledger_options o = {.disk = disk_calls(c->disk), .threadless = true};
	struct ledger_job job = job_of(c);
	enum ledger_fault fault =
	    ledger_open_on(&c->ledger, &o, "job.ledger", &job, true, c->why, sizeof(c->why));

	return fault == LEDGER_SOUND;
}

static void open_clone(struct client *c)
{
	struct clone_options o = {
	    .net = c->net,
	    .ring = c->ring,
	    .slab = c->slab,
	    .ledger = c->ledger,
	    .job = job_of(c),
	    .source = c->source,
	    .target = c->target,
	    .source_topic = c->scenario->source_topic,
	    .target_topic = c->scenario->target_topic,
	    .plan = {.prefer = (enum plan_mode)c->scenario->mode,
		     .source_protected = c->source.noforwards,
		     .allow_protected = c->scenario->allow_protected,
		     .keep_author = c->scenario->keep_author,
		     .keep_replies = true},
	    .layer = 228,
	    .rate_count = c->scenario->unpaced ? 0 : 600,
	    .rate_unit_ns = UINT64_C(60000000000),
	    .burst = 1,
	    .ahead = c->scenario->ahead != 0 ? c->scenario->ahead : 8,
	    .part_size = c->scenario->part_size != 0 ? c->scenario->part_size : CHUNK_PART_MAX};

	if (c->wish != NULL) {
		o.plan.prefer = (enum plan_mode)c->wish->mode;
		o.from_id = c->wish->from_id;
		o.to_id = c->wish->to_id;
		o.limit = c->wish->limit;
	}
	if (c->adjust != NULL)
		c->adjust(c->adjust_arg, &o);
	check(clone_open(&c->clone, &o) == 0);
}

bool client_start(struct client *c)
{
	struct sim_host host = {.name = "client", .entries = 1024};

	c->lives++;
	c->commit_at_ns = 0;
	c->live = c->account;
	check(ring_open_sim(&c->ring, c->world, &host) == 0);
	check(slab_open(&c->slab, (size_t)c->scenario->chunks * CHUNK_STRIDE) == 0);
	open_net(c);
	if (!open_ledger(c))
		return false;
	if (c->wish != NULL && c->wish->retry) { /* as cmd_clone does it */
		ledger_mark_late(c->ledger, LEDGER_RETRIED);
		c->retried += ledger_retry(c->ledger, NULL);
	}
	c->source.noforwards = telegram_protected(c->telegram);
	open_clone(c);
	return true;
}

static void heard(struct client *c, const struct net_event *ev)
{
	if (ev->kind == NET_ACCOUNT_CHANGED)
		c->account = c->live;
	if (ev->kind == NET_DEAD) {
		c->dead = true;
		snprintf(c->why, sizeof(c->why), "%s", ev->text);
	}
}

/* ---- login ---- */

static bool ask(struct client *c, struct arena *arena, enum tlc method, const struct tl_obj *q,
		const struct tl_obj **answer)
{
	static uint8_t query[64 * 1024];
	struct net_request r = {.lane = NET_MAIN, .owner = OWNER};
	struct tl_error error;
	struct net_event ev;
	uint32_t ticket;

	r.query = cspan_of(query, tl_encode(q, 228, (struct span){query, sizeof(query)}, &error));
	check(r.query.len > 0);
	check(net_call(c->net, &r, &ticket) == 0);
	for (;;) {
		while (net_next(c->net, &ev)) {
			heard(c, &ev);
			if (c->dead)
				return false;
			if (ev.kind == NET_RESULT && ev.ticket == ticket) {
				uint8_t *copy = arena_take(arena, ev.result.len);

				memcpy(copy, ev.result.at, ev.result.len);
				*answer = tl_decode_result(arena, method,
							   cspan_of(copy, ev.result.len), &error);
				return *answer != NULL;
			}
			if (ev.kind <= NET_LOST && ev.ticket == ticket) {
				snprintf(c->why, sizeof(c->why), "%d %.150s", ev.code, ev.text);
				return false;
			}
		}
		check(net_turn(c->net, UINT64_MAX) == 0);
		if (simworld_turn(c->world) == 0 && !simhost_ready(c->ring) &&
		    !simworld_step(c->world))
			return false;
	}
}

bool client_login(struct client *c)
{
	uint8_t *mem = malloc(ARENA);
	const struct tl_obj *answer;
	struct arena arena;
	struct tl_obj *q;
	bool good;

	arena_init(&arena, mem, ARENA);
	q = tl_new(&arena, TLC_auth_sendCode);
	tl_set_str(q, TLF_phone_number, telegram_phone(c->telegram));
	tl_set_int(q, TLF_api_id, WHOLE_API_ID);
	tl_set_str(q, TLF_api_hash, WHOLE_API_HASH);
	tl_set_obj(q, TLF_settings, tl_new(&arena, TLC_codeSettings));
	good = ask(c, &arena, TLC_auth_sendCode, q, &answer);
	if (good) {
		q = tl_new(&arena, TLC_auth_signIn);
		tl_set_str(q, TLF_phone_number, telegram_phone(c->telegram));
		tl_set_bytes(q, TLF_phone_code_hash, tl_bytes(answer, TLF_phone_code_hash));
		tl_set_str(q, TLF_phone_code, telegram_code(c->telegram));
		good = ask(c, &arena, TLC_auth_signIn, q, &answer);
	}
	if (good) {
		net_set_authorized(c->net, c->live.home_dc, true);
		c->account = c->live;
	}
	free(mem);
	return good;
}

/* ---- the loop ---- */

/* What a death of this moment would not take back. */
static bool is_written(const struct client *c, const struct clone_note *note)
{
	struct ledger_row row;

	return ledger_find(c->ledger, note->source_id, &row) &&
	       row.state == (note->kind == NOTE_DONE ? ROW_DONE : ROW_SKIPPED) &&
	       row.target_id == note->target_id;
}

/* Service messages are skipped, nothing else: why shows up beside the difference. */
static void tell(struct client *c, const struct clone_note *note)
{
	if (note->kind == NOTE_DONE || note->kind == NOTE_SKIPPED)
		c->untrue += !is_written(c, note);
	if (note->kind == NOTE_WAIT)
		snprintf(c->waited, sizeof(c->waited), "%s", note->text);
	c->adopted += note->kind == NOTE_DONE && strcmp(note->text, "found in the target") == 0;
	if (!c->scenario->may_skip && note->kind == NOTE_SKIPPED && strncmp(note->text, "service", 7) != 0)
		snprintf(c->why, sizeof(c->why), "message %d skipped: %s", note->source_id,
			 note->text);
}

/* As the ledger's thread does: in groups, some time after they were put. */
static void commit(struct client *c, uint64_t *until)
{
	uint64_t now = ring_now(c->ring);

	if (now >= c->commit_at_ns) {
		if (ledger_turn(c->ledger))
			*until = 0;
		c->commit_at_ns = now + c->scenario->commit_ns;
	}
	if (c->commit_at_ns < *until)
		*until = c->commit_at_ns;
}

bool client_turn(struct client *c)
{
	struct clone_note note;
	struct net_event ev;
	uint64_t until;

	while (net_next(c->net, &ev)) {
		heard(c, &ev);
		clone_event(c->clone, &ev);
	}
	c->status = clone_step(c->clone, &until);
	if (c->status != CLONE_RUNNING)
		(void)ledger_sync(c->ledger);
	while (clone_next_note(c->clone, &note))
		tell(c, &note);
	if (c->status != CLONE_RUNNING)
		return false;
	commit(c, &until);
	check(net_turn(c->net, until) == 0);
	return true;
}

uint64_t client_moved(struct client *c)
{
	struct clone_progress p;

	clone_progress(c->clone, &p);
	/* A window that is read in parts moves by its parts (by_id.c); that it ends is for the calm to show. */
	return p.planned + p.done + p.skipped + p.requests + p.down_bytes + p.up_bytes +
	       (c->clone->by_id ? c->clone->id_lo + c->clone->id_span : 0);
}

bool client_waits(struct client *c)
{
	struct clone_progress p;
	struct net_stats net;

	clone_progress(c->clone, &p);
	net_stats(c->net, &net);
	return net.links_ready == 0 || p.transfers > 0 || c->clone->topic_ask.out ||
	       (p.wait != PACE_NOW && p.wait_until > ring_wall(c->ring));
}

/* The home comes first in an account, and the main session is its first link's. */
static const struct session_key *key_in_use(const struct client *c)
{
	const struct centre *home = &c->net->centres[0];
	const struct lane *lane = &home->lanes[NET_MAIN];

	if (lane->link_count == 0 || lane->links[0].temp == NULL)
		return &home->key;
	return &lane->links[0].temp->use.key;
}

uint64_t client_salt(const struct client *c)
{
	return key_in_use(c)->salt;
}

uint64_t client_key(const struct client *c)
{
	return key_in_use(c)->key.id;
}

/* ---- moments, and deaths at them ---- */

const char *moment_name(enum moment at)
{
	static const char *const names[MOMENTS] = {"time",   "intent", "sending",
						   "lookup", "parts",  "media"};

	return names[at];
}

static bool moves_parts(const struct clone *c)
{
	for (const struct list *n = c->transfers.next; n != &c->transfers; n = n->next)
		if (container_of(n, const struct transfer, node)->in_flight > 0)
			return true;
	return false;
}

static bool makes_media(const struct clone *c)
{
	for (const struct list *n = c->queue.next; n != &c->queue; n = n->next) {
		const struct group *g = container_of(n, const struct group, node);

		for (uint32_t i = 0; i < g->count; i++)
			if (g->items[i].uploading_media)
				return true;
	}
	return false;
}

bool client_drained(const struct client *c)
{
	return slab_free(c->slab) == slab_total(c->slab);
}

void client_rest(struct client *c)
{
	struct net_event ev;

	while (net_next(c->net, &ev)) {
		heard(c, &ev);
		if (ev.chunk != NULL)
			slab_give(c->slab, &ev.chunk);
	}
	check(net_turn(c->net, UINT64_MAX) == 0);
}

/* What a life before the last one skipped is known by its row only. Service messages are, nothing else. */
static bool skipped_more(const struct client *c)
{
	struct ledger_row rows[32];
	uint32_t n;

	for (int32_t after = 0; (n = ledger_scan(c->ledger, after, rows, countof(rows))) > 0;) {
		for (uint32_t i = 0; i < n; i++)
			if (rows[i].state == ROW_SKIPPED && strncmp(rows[i].reason, "service", 7) != 0)
				return true;
		after = rows[n - 1].source_id;
	}
	return false;
}

const char *client_left(struct client *c)
{
	struct ledger_row open[1];

	if (ledger_sync(c->ledger) != LEDGER_SOUND || ledger_scan_open(c->ledger, 0, open, 1) != 0)
		return "rows are left open";
	if (!client_drained(c))
		return "chunks are not given back";
	if (c->untrue > 0)
		return "the end of a row was told that was not written yet";
	if (!c->scenario->may_skip && skipped_more(c))
		return "more than service messages was skipped";
	return c->why[0] != '\0' ? c->why : NULL;
}

bool client_is(const struct client *client, enum moment at)
{
	const struct clone *c = client->clone;
	enum group_state state = c->posting != NULL ? c->posting->state : GROUP_FREE;

	switch (at) {
	case AT_INTENT:
		return state == GROUP_INTENT;
	case AT_SENDING:
		return state == GROUP_SENDING;
	case AT_LOOKUP:
		return state == GROUP_LOOKUP;
	case AT_PARTS:
		return moves_parts(c);
	case AT_MEDIA:
		return makes_media(c);
	default:
		return true;
	}
}

/*
 * The kernel takes the memory of a process that died; nothing of it is closed. What is left of the
 * slab are its names for chunks.
 */
static void forget(struct client *c)
{
	struct span chunks = slab_memory(c->slab);

	clone_close(&c->clone);
	munmap(chunks.at, chunks.len);
	munmap(c->net->mem, c->net->mem_size);
	munmap(c->net, sizeof(*c->net));
	c->net = NULL;
	c->slab = NULL;
	if (c->ledger != NULL)
		(void)ledger_close(&c->ledger);
}

void client_end(struct client *c)
{
	(void)ledger_sync(c->ledger);
	simhost_kill(&c->ring);
	forget(c);
}

void client_close(struct client *c)
{
	clone_close(&c->clone);
	net_close(&c->net);
	check(client_drained(c));
	slab_close(&c->slab);
	check(ledger_close(&c->ledger) == LEDGER_SOUND);
	ring_close(c->ring);
	c->ring = NULL;
}

void client_kill(struct client *c)
{
	simhost_kill(&c->ring);
	disk_crash(c->disk, c->scenario->disk, rng_next(simworld_rng(c->world)));
	forget(c);
}
