/* Starting, asking and ending a simulator: see sim.h. Its path comes from the build (TGSIM). */
#include "tests/link/sim.h"

#include "proto/api/ask.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARENA = 16 << 20, BODY_MAX = 4 << 20 };

static void start(struct sim *s, const struct sim_options *o)
{
	const char *argv[40] = {getenv("TGSIM"), "--dir", s->dir, "--seed", "11"};
	int argc = 5, fds[2];
	char byte;

	cr_assert_not_null(argv[0], "TGSIM names the simulator");
	if (o->synth != NULL) {
		argv[argc++] = "--synth";
		argv[argc++] = o->synth;
	}
	if (o->poll)
		argv[argc++] = "--poll";
	for (int i = 0; o->args[i] != NULL; i++)
		argv[argc++] = o->args[i];
	cr_assert_eq(pipe(fds), 0);
	s->pid = fork();
	cr_assert_geq(s->pid, 0);
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves nothing behind */
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		close(fds[0]);
		close(fds[1]);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(fds[1]);
	/* Its first line says that it listens; what else it writes may go unread. */
	do
		cr_assert_eq(read(fds[0], &byte, 1), 1, "the simulator did not start");
	while (byte != '\n');
	signal(SIGPIPE, SIG_IGN);
	close(fds[0]);
}

static json_t *read_config(const struct sim *s)
{
	char path[128];
	json_t *j;

	snprintf(path, sizeof(path), "%s/tgsim.json", s->dir);
	j = json_load_file(path, 0, NULL);
	cr_assert_not_null(j, "%s", path);
	return j;
}

static const char *string_of(const json_t *j, const char *name)
{
	const char *s = json_string_value(json_object_get(j, name));

	return s == NULL ? "" : s;
}

static void read_rsa(struct sim *s, const char *path)
{
	char pem[4096];
	FILE *f = fopen(path, "r");

	cr_assert_not_null(f);
	cr_assert_eq(
	    rsa_public_from_pem(&s->options.rsa[0], cspan_of(pem, fread(pem, 1, sizeof(pem), f))),
	    0);
	s->options.rsa_count = 1;
	fclose(f);
}

static void read_dcs(struct sim *s, const json_t *dcs)
{
	struct net_account *a = &s->account;
	const json_t *j;
	size_t i;

	json_array_foreach(dcs, i, j)
	{
		uint16_t id = (uint16_t)json_integer_value(json_object_get(j, "id"));
		struct net_dc *dc = NULL;
		struct net_addr *addr;

		for (uint32_t k = 0; k < a->dc_count; k++)
			if (a->dcs[k].id == id)
				dc = &a->dcs[k];
		if (dc == NULL)
			dc = &a->dcs[a->dc_count++];
		dc->id = id;
		addr = &dc->addrs[dc->addr_count++];
		snprintf(addr->host, sizeof(addr->host), "%s", string_of(j, "host"));
		addr->port = (uint16_t)json_integer_value(json_object_get(j, "port"));
		addr->media_only = json_is_true(json_object_get(j, "media_only"));
	}
}

static void configure(struct sim *s)
{
	json_t *j = read_config(s), *account = json_array_get(json_object_get(j, "accounts"), 0);
	json_t *chat = json_array_get(json_object_get(j, "chats"), 0);

	read_rsa(s, string_of(j, "rsa_key_pem"));
	read_dcs(s, json_object_get(j, "dcs"));
	s->account.home_dc = (uint16_t)json_integer_value(json_object_get(j, "home_dc"));
	snprintf(s->phone, sizeof(s->phone), "%s", string_of(account, "phone"));
	snprintf(s->code, sizeof(s->code), "%s", string_of(account, "code"));
	snprintf(s->api_hash, sizeof(s->api_hash), "%s", string_of(j, "api_hash"));
	s->source = peer_of_marked(json_integer_value(json_object_get(chat, "id")));
	s->source.access_hash = json_integer_value(json_object_get(chat, "access_hash"));
	s->options.api_id = (int32_t)json_integer_value(json_object_get(j, "api_id"));
	json_decref(j);
}

static void on_log(void *ctx, int level, const char *line)
{
	if (getenv("NET_LOG") != NULL)
		fprintf(stderr, "[%d] %s\n", level, line);
}

static void open_ring(struct sim *s, bool poll)
{
	struct ring_options o = {.entries = 512};

	if (poll || ring_open_uring(&s->ring, &o, NULL, 0) < 0)
		cr_assert_eq(ring_open_poll(&s->ring, &o), 0);
}

void sim_open(struct sim *s, const struct sim_options *o)
{
	*s = (struct sim){0};
	snprintf(s->dir, sizeof(s->dir), "/tmp/net_sim.XXXXXX");
	cr_assert_not_null(mkdtemp(s->dir));
	start(s, o);
	configure(s);
	open_ring(s, o->poll);
	sim_open_here(s, o);
}

void sim_open_here(struct sim *s, const struct sim_options *o)
{
	struct net_options *n = &s->options;

	s->layer = o->layer == 0 ? TL_LAYER : o->layer;
	n->layer = s->layer;
	cr_assert_eq(slab_open(&s->slab, (size_t)(o->chunks == 0 ? 24 : o->chunks) * CHUNK_STRIDE),
		     0);
	n->ring = s->ring;
	n->slab = s->slab;
	n->account = &s->account;
	n->transport = o->transport;
	n->obfuscated = o->obfuscated;
	n->pfs = o->pfs;
	n->links_down = n->links_up = o->links == 0 ? 3 : o->links;
	n->zerocopy = o->zerocopy;
	n->inflight = o->inflight == 0 ? 4 : o->inflight;
	n->request_timeout_ns = o->timeout_ns;
	n->log = on_log;
	snprintf(n->device_model, sizeof(n->device_model), "test");
	snprintf(n->system_version, sizeof(n->system_version), "1");
	snprintf(n->app_version, sizeof(n->app_version), "1");
	snprintf(n->system_lang_code, sizeof(n->system_lang_code), "en");
	snprintf(n->lang_code, sizeof(n->lang_code), "en");
	cr_assert_eq(net_open(&s->net, n), 0);
	s->arena_mem = malloc(ARENA);
	s->body = malloc(BODY_MAX);
	arena_init(&s->arena, s->arena_mem, ARENA);
}

void sim_reopen_net(struct sim *s)
{
	net_close(&s->net);
	cr_assert_eq(slab_free(s->slab), slab_total(s->slab), "a chunk is missing");
	cr_assert_eq(net_open(&s->net, &s->options), 0);
}

/* Nothing that a strict server would hold against us, whatever it did to us. */
static void check_violations(struct sim *s)
{
	json_t *all = json_loads(sim_ctl(s, "stats"), 0, NULL);
	json_t *violations = json_object_get(all, "violations");
	char *text = json_dumps(violations, 0);

	/* Salts that changed and clocks that were off are learnt in no other way. */
	json_object_del(violations, "bad_salt_48");
	json_object_del(violations, "msg_id_low_16");
	json_object_del(violations, "msg_id_high_17");
	if (s->keys_lost) {
		json_object_del(violations, "unknown_key");
		json_object_del(violations, "unbound_temp_key");
		json_object_del(violations, "bind_temp_key");
	}
	if (s->damaged) {
		json_object_del(violations, "transport");
		json_object_del(violations, "unknown_key");
		json_object_del(violations, "envelope");
	}
	cr_assert_eq(json_object_size(violations), 0, "%s", text);
	free(text);
	json_decref(all);
}

static void end_process(struct sim *s)
{
	char command[128];
	int status;

	kill(s->pid, SIGTERM);
	waitpid(s->pid, &status, 0);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the simulator ended badly");
	snprintf(command, sizeof(command), "rm -rf %s", s->dir);
	cr_assert_eq(system(command), 0);
}

void sim_close(struct sim *s)
{
	check_violations(s);
	net_close(&s->net);
	cr_assert_eq(slab_free(s->slab), slab_total(s->slab), "a chunk is missing");
	slab_close(&s->slab);
	ring_close(s->ring);
	if (s->tell == NULL)
		end_process(s);
	free(s->arena_mem);
	free(s->body);
}

const char *sim_ctl(struct sim *s, const char *command)
{
	static char out[1 << 20];
	char line[512];
	size_t len;
	FILE *f;

	if (s->tell != NULL)
		return s->tell(s->tell_arg, command);
	snprintf(line, sizeof(line), "%s ctl --dir %s %s", getenv("TGSIM"), s->dir, command);
	f = popen(line, "r");
	cr_assert_not_null(f);
	len = fread(out, 1, sizeof(out) - 1, f);
	out[len] = '\0';
	cr_assert_eq(pclose(f), 0, "%s: %s", command, out);
	return out;
}

double sim_stat(struct sim *s, const char *path)
{
	json_t *all = json_loads(sim_ctl(s, "stats"), 0, NULL), *j = all;
	char name[128];
	double value;

	cr_assert_not_null(all);
	for (const char *at = path; *at != '\0';) {
		size_t n = strcspn(at, "/");

		snprintf(name, sizeof(name), "%.*s", (int)n, at);
		j = json_object_get(j, name);
		at += n + (at[n] == '/');
	}
	value = j == NULL ? -1 : json_number_value(j);
	json_decref(all);
	return value;
}

/* ---- questions ---- */

struct cspan sim_encode(struct sim *s, const struct tl_obj *o)
{
	static uint8_t out[1 << 18];
	struct tl_error error = {0};
	size_t len = tl_encode(o, s->layer, (struct span){out, sizeof(out)}, &error);

	cr_assert_gt(len, 0, "cannot be encoded: %d", error.fault);
	return cspan_of(out, len);
}

static bool about_a_question(struct sim *s)
{
	switch (s->ev.kind) {
	case NET_UPDATE:
		s->updates++;
		return false;
	case NET_ACCOUNT_CHANGED:
		s->changes++;
		return false;
	case NET_STATE:
		s->states++;
		snprintf(s->state_text, sizeof(s->state_text), "%s", s->ev.text);
		return false;
	case NET_DEAD:
		s->dead = true;
		snprintf(s->dead_text, sizeof(s->dead_text), "%s", s->ev.text);
		return false;
	case NET_LOST:
		s->losts++;
		return true;
	case NET_RESULT:
	case NET_ERROR:
		break;
	}
	return true;
}

struct net_event *sim_event(struct sim *s)
{
	for (;;) {
		while (net_next(s->net, &s->ev))
			if (about_a_question(s))
				return &s->ev;
		if (s->dead)
			return NULL;
		cr_assert_eq(net_turn(s->net, UINT64_MAX), 0);
	}
}

enum net_event_kind sim_ask(struct sim *s, uint16_t dc, enum net_lane lane,
			    const struct tl_obj *query)
{
	struct net_request r = {.dc = dc, .lane = lane, .query = sim_encode(s, query)};
	struct net_event *ev;
	uint32_t ticket = 0;

	cr_assert_eq(net_call(s->net, &r, &ticket), 0);
	ev = sim_event(s);
	if (ev == NULL)
		return NET_DEAD;
	cr_assert_eq(ev->ticket, ticket);
	s->body_len = ev->result.len;
	cr_assert_leq(s->body_len, (size_t)BODY_MAX);
	if (s->body_len > 0)
		memcpy(s->body, ev->result.at, s->body_len);
	return ev->kind;
}

const struct tl_obj *sim_get(struct sim *s, enum tlc method, const struct tl_obj *query)
{
	enum net_event_kind kind = sim_ask(s, 0, NET_MAIN, query);
	const struct tl_obj *o;
	struct tl_error error;

	cr_assert_eq(kind, NET_RESULT, "%s: %d %s", tl_name(method), s->ev.code, s->ev.text);
	o = tl_decode_result(&s->arena, method, cspan_of(s->body, s->body_len), &error);
	cr_assert_not_null(o, "%s: answer cannot be read", tl_name(method));
	return o;
}

struct net_dc *sim_dc(struct sim *s, uint16_t id)
{
	for (uint32_t i = 0; i < s->account.dc_count; i++)
		if (s->account.dcs[i].id == id)
			return &s->account.dcs[i];
	cr_assert_fail("DC %u is not known", id);
	return NULL;
}

void sim_login(struct sim *s)
{
	struct tl_obj *q = tl_new(&s->arena, TLC_auth_sendCode);
	const struct tl_obj *sent, *done;
	struct cspan hash;

	tl_set_str(q, TLF_phone_number, s->phone);
	tl_set_int(q, TLF_api_id, s->options.api_id);
	tl_set_str(q, TLF_api_hash, s->api_hash);
	tl_set_obj(q, TLF_settings, tl_new(&s->arena, TLC_codeSettings));
	sent = tl_clone(&s->arena, sim_get(s, TLC_auth_sendCode, q));
	hash = tl_bytes(sent, TLF_phone_code_hash);
	q = tl_new(&s->arena, TLC_auth_signIn);
	tl_set_str(q, TLF_phone_number, s->phone);
	tl_set_bytes(q, TLF_phone_code_hash, hash);
	tl_set_str(q, TLF_phone_code, s->code);
	done = sim_get(s, TLC_auth_signIn, q);
	cr_assert_eq(tl_cons(done), TLC_auth_authorization);
	net_set_authorized(s->net, s->account.home_dc, true);
}

struct media_file sim_document(struct sim *s)
{
	const struct tl_obj *page =
	    tl_clone(&s->arena, sim_get(s, TLC_messages_getHistory,
					ask_history(&s->arena, s->source, 0, 0, 100)));
	struct tl_vec messages = tl_vec(page, TLF_messages);

	for (uint32_t i = 0; i < messages.count; i++) {
		struct media m;

		media_read(tl_sub(tl_vec_obj(messages, i), TLF_media), &m);
		if (m.has_file && !m.file.photo)
			return m.file;
	}
	cr_assert(false, "no document in the source chat");
	return (struct media_file){0};
}
