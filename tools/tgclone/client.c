/*
 * Questions one after the other over the net, with the waits that a server imposes; signals; storing of
 * the account when keys or salts change. The clone's own loop uses client_turn and client_heard.
 */
#include "tools/tgclone/client.h"

#include "proto/api/error.h"
#include "proto/base/crash.h"
#include "tools/tgclone/harden.h"
#include "tools/tgclone/talk.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
	ARENA_SIZE = 32 << 20, /* reserved; touched only as far as answers reach */
	SCRATCH_SIZE = 256 * 1024,
	FIXED_MEMORY = 20 << 20, /* program, links, tables; measured with 16 connections */
	LINKS_FIXED = 16,
	LINK_MEMORY = 256 << 10, /* a connection more, at two data centres; its questions too */
	ENGINE_MEMORY = 8 << 20, /* the same of an engine more */
	BUFFER_LEAST = 2 << 20,  /* of an engine */
	CONNECTS = 5,            /* in ten seconds, of all engines together */
	FILES_WANTED = 1024,     /* descriptors */
	FILES_FIXED = 20,        /* all but connections, with those that are opened now and then */
	FILES_ENGINE = 3,        /* of an engine more */
	CENTRES_AT_ONCE = 3,     /* that files come from */
};

static const uint64_t SECOND = 1000000000;
static const uint64_t OFFLINE_TOLD = 5000000000; /* a connection that is only made anew is no news */
static const uint64_t AWAY_TOLD = 10000000000;   /* nor is a data centre that others stand in for */

/* ---- signals ---- */

static void signal_done(struct op *op);

static void watch_signals(struct client *cl)
{
	cl->signal_op.done = signal_done;
	cl->signal_busy = true;
	ring_readable(cl->ring, &cl->signal_op, cl->signal_fd);
}

/* Not those that who started us wants ignored, nohup for one: with a handler they would come all the same. */
static void signals_of_ours(sigset_t *set)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction now;

	sigemptyset(set);
	for (size_t i = 0; i < countof(ends); i++)
		if (sigaction(ends[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(set, ends[i]);
}

/* One after the other, so that two that come together are a first one and a second one. */
static void handle(const sigset_t *set, void (*how)(int))
{
	struct sigaction action = {.sa_handler = how, .sa_mask = *set, .sa_flags = SA_RESTART};

	for (int number = 1; number < NSIG; number++)
		if (sigismember(set, number) == 1)
			sigaction(number, &action, NULL);
}

static void end_at_once(int number)
{
	_exit(EXIT_SIGNAL + number);
}

/*
 * The first one asks to finish, and is seen when the ring turns; the second ends at once (reliability P4), whatever
 * the program waits for by then: a disk that is dead is not waited for on the ring. A handler reaches no client, so
 * it goes on as another signal, which is read there; when that cannot be, it is not lost.
 */
static void end_in_order(int number)
{
	int error = errno;
	sigset_t set;

	signals_of_ours(&set);
	handle(&set, end_at_once);
	if (sigqueue(getpid(), exit_asked(), (union sigval){.sival_int = number}) != 0)
		end_at_once(number);
	errno = error;
}

static bool take_signal(struct client *cl)
{
	struct signalfd_siginfo info;

	if (read(cl->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info) && info.ssi_code == SI_QUEUE)
		cl->signal_got = info.ssi_int;
	return cl->signal_got != 0;
}

static void signal_done(struct op *op)
{
	struct client *cl = container_of(op, struct client, signal_op);

	cl->signal_busy = false;
	if (op->res >= 0 && !take_signal(cl))
		watch_signals(cl);
}

static int open_signals(struct client *cl)
{
	sigset_t set, asked;

	sigemptyset(&asked);
	sigaddset(&asked, exit_asked());
	if (sigprocmask(SIG_BLOCK, &asked, NULL) != 0)
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	cl->signal_fd = signalfd(-1, &asked, SFD_NONBLOCK | SFD_CLOEXEC);
	if (cl->signal_fd < 0)
		return -errno;
	watch_signals(cl);
	signals_of_ours(&set);
	handle(&set, end_in_order);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return 0;
}

static void close_signals(struct client *cl)
{
	if (cl->signal_busy)
		ring_cancel(cl->ring, &cl->signal_op);
	while (cl->signal_busy)
		ring_run(cl->ring, ring_now(cl->ring) + SECOND);
	if (cl->signal_fd >= 0)
		close(cl->signal_fd);
}

/* ---- opening ---- */

static int open_ring(struct client *cl)
{
	struct ring_options o = {.entries = 1024};
	const struct options *options = app_options(cl->app);
	char why[160] = "";
	int status = -ENOSYS;

	if (options->io != IO_POLL)
		status = ring_open_uring(&cl->ring, &o, why, sizeof(why));
	if (status != 0 && options->io == IO_URING) {
		app_error(cl->app, "io_uring cannot be used: %s", why);
		return EXIT_UNAVAILABLE;
	}
	if (status != 0) {
		if (options->io == IO_AUTO)
			app_warn(cl->app, "io_uring cannot be used (%s): going on with poll", why);
		status = ring_open_poll(&cl->ring, &o);
	}
	if (status != 0)
		return app_fail(cl->app, exit_of_lack(status), "the network cannot be waited for: %s",
				strerror(-status));
	return 0;
}

static int open_memory(struct client *cl, bool files)
{
	int prot = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

	cl->arena_mem = mmap(NULL, ARENA_SIZE, prot, flags, -1, 0);
	cl->scratch = mmap(NULL, SCRATCH_SIZE, prot, flags, -1, 0);
	if (cl->arena_mem == MAP_FAILED || cl->scratch == MAP_FAILED)
		return app_fail(cl->app, EXIT_LATER, "no memory for the answers: %s", strerror(errno));
	arena_init(&cl->arena, cl->arena_mem, ARENA_SIZE);
	if (files && slab_open(&cl->slab, client_buffer(cl->app)) != 0) {
		app_error(cl->app, "--buffer: that much memory is not to be had");
		return EXIT_LATER;
	}
	return 0;
}

/* ---- the account ---- */

static int load_servers(struct client *cl)
{
	const struct options *o = app_options(cl->app);
	char why[DCCONFIG_WHY];
	int code;

	if (o->dc_config == NULL) {
		dcconfig_builtin(&cl->dc, o->test);
		return 0;
	}
	code = dcconfig_load(&cl->dc, o->dc_config, why);
	return code == 0 ? 0 : app_fail(cl->app, code, "%s", why);
}

static int load_session(struct client *cl, bool need_login)
{
	const struct options *o = app_options(cl->app);
	int code = store_open(&cl->store, o->state_dir, o->profile, true);

	harden_secret(&cl->session, sizeof(cl->session));
	if (code == 0 && cl->store.warning[0] != '\0')
		app_warn(cl->app, "%s", cl->store.warning);
	if (code == 0)
		code = store_lock(&cl->store);
	if (code == 0)
		code = store_session_load(&cl->store, cl->dc.realm, &cl->session);
	if (code == EXIT_LOGIN) { /* there is no session yet */
		cl->session = (struct session_data){.realm = cl->dc.realm};
		dcconfig_account(&cl->dc, client_account(cl));
		code = 0;
	} else if (code == 0) {
		dcconfig_refresh(&cl->dc, client_account(cl));
	}
	if (code != 0)
		return app_fail(cl->app, code, "%s", cl->store.why);
	if (need_login && client_account(cl)->user_id == 0)
		return app_fail(cl->app, EXIT_LOGIN, "not logged in: tgclone login --phone +...");
	return 0;
}

int client_store(struct client *cl)
{
	int code = store_session_save(&cl->store, &cl->session);

	return code == 0 ? 0 : app_fail(cl->app, code, "%s", cl->store.why);
}

int client_forget(struct client *cl)
{
	int code = store_session_drop(&cl->store);

	return code == 0 ? 0 : app_fail(cl->app, code, "%s", cl->store.why);
}

/* A connection takes memory when it is opened for the first time; all may be. */
static int64_t links_memory(const struct options *o)
{
	int64_t most = options_links(o, o->links_down).most + options_links(o, o->links_up).most;

	return most > LINKS_FIXED ? (most - LINKS_FIXED) * LINK_MEMORY : 0;
}

/* An engine's share of what is meant for all; two at least, since parts go in pairs. */
static uint32_t share(int64_t links, int64_t cores)
{
	int64_t each = (links + cores - 1) / cores;

	return (uint32_t)(cores > 1 && each < 2 ? 2 : each);
}

size_t client_buffer(const struct app *app)
{
	return (size_t)(app->options.buffer / app->options.cores);
}

/* 0: all at once. */
static uint32_t first_share(const struct option_links *l, int64_t cores)
{
	return l->first == l->most ? 0 : share(l->first, cores);
}

/* One of a login that came to nothing may have been mistyped: that of the servers' list goes before it. */
static int32_t kept_api_id(const struct client *cl)
{
	return cl->session.account.user_id != 0 || cl->dc.api_id == 0 ? cl->session.api_id : 0;
}

void client_net_options(struct client *cl, struct net_options *n)
{
	const struct options *o = app_options(cl->app);
	struct option_links down = options_links(o, o->links_down), up = options_links(o, o->links_up);

	*n = (struct net_options){.ring = cl->ring,
				  .slab = cl->slab,
				  .account = client_account(cl),
				  .transport = (enum transport)o->transport,
				  .zerocopy = (enum net_zerocopy)o->zerocopy,
				  .obfuscated = o->obfuscate,
				  .pfs = o->pfs,
				  .links_down = share(down.most, o->cores),
				  .links_up = share(up.most, o->cores),
				  .links_down_first = first_share(&down, o->cores),
				  .links_up_first = first_share(&up, o->cores),
				  .connects = o->cores > 1 ? share(CONNECTS, o->cores) : 0,
				  .inflight = (uint32_t)o->inflight,
				  .request_timeout_ns = 30 * SECOND,
				  .log = log_hook,
				  .log_ctx = &cl->app->log};
	dcconfig_options(&cl->dc, options_layer(o), o->api_id != 0 ? (int32_t)o->api_id : kept_api_id(cl), n);
	snprintf(n->device_model, sizeof(n->device_model), "tgclone");
	snprintf(n->system_version, sizeof(n->system_version), "Linux");
	snprintf(n->app_version, sizeof(n->app_version), "%s", TGCLONE_VERSION);
	snprintf(n->system_lang_code, sizeof(n->system_lang_code), "en");
	snprintf(n->lang_code, sizeof(n->lang_code), "en");
}

static int64_t beside_buffer(const struct options *o)
{
	return FIXED_MEMORY + links_memory(o) + (o->cores - 1) * ENGINE_MEMORY;
}

size_t client_look_bytes(const struct app *app)
{
	const struct options *o = &app->options;
	int64_t left = o->memory - o->buffer - beside_buffer(o);

	return left > 0 ? (size_t)left : 0;
}

size_t client_beside_bytes(const struct app *app)
{
	return (size_t)(app->options.memory - FIXED_MEMORY);
}

static int check_memory(struct app *app)
{
	const struct options *o = &app->options;
	int64_t beside = beside_buffer(o);

	if (o->buffer / o->cores < BUFFER_LEAST)
		return app_fail(app, EXIT_USAGE, "--buffer: %lld cores need %lld MB or more",
				(long long)o->cores,
				(long long)(o->cores * BUFFER_LEAST >> 20));
	if (o->buffer + beside > o->memory)
		return app_fail(app, EXIT_USAGE,
				"--buffer %lld MB does not fit into --memory %lld MB (%lld MB are "
				"needed beside it)",
				(long long)(o->buffer >> 20), (long long)(o->memory >> 20),
				(long long)(beside >> 20));
	return 0;
}

static int64_t connections_most(const struct options *o, int64_t centres)
{
	return 1 + o->cores * (centres * share(o->links_down, o->cores) +
			       share(o->links_up, o->cores));
}

/* P10: few descriptors, few connections. What the ledger and the session open later has its place. */
static int fit_descriptors(struct app *app)
{
	struct options *o = &app->options;
	int64_t all = harden_files(FILES_WANTED);
	int64_t room = all - FILES_FIXED - (o->cores - 1) * FILES_ENGINE;
	int64_t down = o->links_down, up = o->links_up;

	while (connections_most(o, CENTRES_AT_ONCE) > room && (o->links_down > 1 || o->links_up > 1)) {
		if (o->links_down >= o->links_up)
			o->links_down--;
		else
			o->links_up--;
	}
	if (connections_most(o, 1) > room)
		return app_fail(app, EXIT_UNAVAILABLE,
				"%lld file descriptors are too few: ulimit -n %lld", (long long)all,
				(long long)(all - room + connections_most(o, 1)));
	if (down != o->links_down || up != o->links_up)
		app_warn(app, "%lld file descriptors: %lld connections down and %lld up",
			 (long long)all, (long long)o->links_down, (long long)o->links_up);
	return 0;
}

int client_open(struct client *cl, struct app *app, bool files, bool need_login)
{
	struct net_options o;
	int code;

	*cl = (struct client){.app = app,
			      .signal_fd = -1,
			      .store = {.dir_fd = -1, .lock_fd = -1},
			      .max_wait_ns = (uint64_t)app->options.max_wait_ns};
	code = files ? check_memory(app) : 0;
	if (code == 0)
		code = fit_descriptors(app);
	if (code != 0)
		return code;
	code = load_servers(cl);
	if (code == 0)
		code = load_session(cl, need_login);
	if (code == 0)
		code = open_ring(cl);
	if (code == 0)
		code = open_memory(cl, files);
	if (code == 0 && open_signals(cl) != 0)
		code = app_fail(app, EXIT_INTERNAL, "signals cannot be watched");
	if (code != 0)
		return code;
	client_net_options(cl, &o);
	cl->layer = o.layer;
	if (o.api_id == 0)
		return app_fail(app, EXIT_USAGE,
				"no api_id: --api-id, TG_API_ID or the DC file gives it (https://my.telegram.org)");
	cl->session.api_id = o.api_id;
	CRASH_POINT("run.session.loaded");
	code = net_open(&cl->net, &o);
	if (code != 0)
		return app_fail(app, exit_of_lack(code), "the connections cannot be opened: %s",
				strerror(-code));
	return 0;
}

void client_close(struct client *cl)
{
	if (cl->net != NULL)
		net_close(&cl->net);
	if (cl->ring != NULL)
		close_signals(cl);
	if (cl->slab != NULL)
		slab_close(&cl->slab);
	if (cl->ring != NULL)
		ring_close(cl->ring);
	if (cl->arena_mem != NULL && cl->arena_mem != MAP_FAILED)
		munmap(cl->arena_mem, ARENA_SIZE);
	if (cl->scratch != NULL && cl->scratch != MAP_FAILED)
		munmap(cl->scratch, SCRATCH_SIZE);
	store_close(&cl->store);
	bytes_wipe(&cl->session, sizeof(cl->session));
}

void client_fresh(struct client *cl)
{
	arena_rewind(&cl->arena, 0);
}

/* ---- asking ---- */

void client_heard(struct client *cl, const struct net_event *ev)
{
	switch (ev->kind) {
	case NET_ACCOUNT_CHANGED:
		client_store(cl);
		break;
	case NET_STATE:
		app_log(cl->app, LOG_INFO, "%s", ev->text);
		snprintf(cl->state, sizeof(cl->state), "%s", ev->text);
		cl->state_dc = ev->dc;
		break;
	case NET_DEAD:
		cl->gone = true;
		cl->code = ev->code;
		snprintf(cl->text, sizeof(cl->text), "%s", ev->text);
		break;
	default:
		break;
	}
}

int client_turn(struct client *cl, uint64_t until_ns)
{
	int status = net_turn(cl->net, until_ns);

	if (status < 0 && status != -EINTR) {
		app_error(cl->app, "the ring failed: %s", strerror(-status));
		return EXIT_INTERNAL;
	}
	return 0;
}

bool client_stopped(struct client *cl)
{
	struct net_event ev;

	client_turn(cl, ring_now(cl->ring));
	while (net_next(cl->net, &ev))
		client_heard(cl, &ev);
	return take_signal(cl);
}

/* The place of dc (0: a free one) among those that were told; NULL: there is none. */
static uint16_t *told_away(struct client *cl, uint16_t dc)
{
	for (uint32_t i = 0; i < countof(cl->away_told); i++)
		if (cl->away_told[i] == dc)
			return &cl->away_told[i];
	return NULL;
}

/* That nobody asks there any more, or waits longer for another one, is no answer. */
static void watch_return(struct client *cl)
{
	for (uint32_t i = 0; i < countof(cl->away_told); i++) {
		if (cl->away_told[i] == 0 || !net_answers(cl->net, cl->away_told[i]))
			continue;
		app_warn(cl->app, "DC %u answers again", cl->away_told[i]);
		cl->away_told[i] = 0;
	}
}

/* One of several is out of reach: the others' files go on, and its own wait without another word. */
static void watch_away(struct client *cl)
{
	uint16_t *place, dc;
	uint64_t away;

	watch_return(cl);
	dc = net_away(cl->net, &away);
	cl->away_dc = dc != 0 && told_away(cl, dc) != NULL ? dc : 0;
	place = told_away(cl, 0);
	if (dc == cl->away_dc || away < AWAY_TOLD || place == NULL)
		return;
	app_warn(cl->app, "no connection to DC %u for %llu s%s%s%s: what lies there waits", dc,
		 (unsigned long long)(away / SECOND), cl->state_dc == dc ? " (" : "",
		 cl->state_dc == dc ? cl->state : "", cl->state_dc == dc ? ")" : "");
	*place = cl->away_dc = dc;
}

/* Stopped or asleep nothing could be tried: of such a pause a second counts, as of any other turn, and its start not. */
static uint64_t offline_more(struct client *cl, uint64_t passed)
{
	if (cl->offline_ns == 0)
		return 1; /* seen just now */
	return passed < SECOND ? passed : SECOND;
}

/* A door that opens and says nothing until it is shut is no connection: something must have been heard. */
uint64_t client_offline_ns(struct client *cl)
{
	uint64_t now = ring_now(cl->ring), before = cl->asked_ns;
	struct net_stats stats;

	net_stats(cl->net, &stats);
	cl->asked_ns = now;
	if (stats.links_ready == 0)
		cl->heard_before = stats.bytes_in;
	if ((stats.links_ready > 0 && stats.bytes_in != cl->heard_before) || before == 0) {
		if (cl->offline_told)
			app_warn(cl->app, "connected again after %llu s",
				 (unsigned long long)(cl->offline_ns / SECOND));
		cl->offline_told = false;
		cl->offline_ns = 0;
		watch_away(cl);
		return 0;
	}
	cl->offline_ns += offline_more(cl, now - before);
	if (cl->offline_ns >= OFFLINE_TOLD && !cl->offline_told) {
		app_warn(cl->app, "no connection for %llu s%s%s%s: trying on",
			 (unsigned long long)(cl->offline_ns / SECOND), cl->state[0] != '\0' ? " (" : "", cl->state,
			 cl->state[0] != '\0' ? ")" : "");
		cl->offline_told = true;
	}
	return cl->offline_ns;
}

bool client_offline(struct client *cl)
{
	uint64_t max = (uint64_t)app_options(cl->app)->max_offline_ns, away = client_offline_ns(cl);

	return max != 0 && away > max;
}

/* Turns until the answer to owner is there. */
/* Answers to a question that a signal ended may still come: the ticket tells them apart. */
static enum client_status await(struct client *cl, uint32_t ticket, struct net_event *ev)
{
	for (;;) {
		while (net_next(cl->net, ev)) {
			if (ev->kind == NET_DEAD) {
				client_heard(cl, ev);
				return CLIENT_GONE;
			}
			if (ev->kind <= NET_LOST && ev->ticket == ticket)
				return CLIENT_OK;
			client_heard(cl, ev);
		}
		if (cl->signal_got != 0)
			return CLIENT_STOPPED;
		if (client_offline(cl) || (cl->give_up_ns != 0 && ring_now(cl->ring) >= cl->give_up_ns))
			return CLIENT_OFFLINE;
		if (client_turn(cl, ring_now(cl->ring) + SECOND) != 0)
			return CLIENT_GONE;
	}
}

enum client_status client_wait(struct client *cl, uint64_t wait_ns, const char *why)
{
	uint64_t until = ring_now(cl->ring) + wait_ns;
	struct net_event ev;

	if ((cl->max_wait_ns != 0 && wait_ns > cl->max_wait_ns) || (cl->give_up_ns != 0 && until > cl->give_up_ns))
		return CLIENT_REFUSED;
	if (wait_ns >= SECOND)
		app_warn(cl->app, "%s: waiting %llu s", why, (unsigned long long)(wait_ns / SECOND));
	while (ring_now(cl->ring) < until) {
		while (net_next(cl->net, &ev))
			client_heard(cl, &ev);
		if (cl->gone)
			return CLIENT_GONE;
		if (cl->signal_got != 0)
			return CLIENT_STOPPED;
		if (client_turn(cl, until) != 0)
			return CLIENT_GONE;
	}
	return CLIENT_OK;
}

static enum client_status ask_once(struct client *cl, uint16_t dc, const struct tl_obj *query,
				   struct net_event *ev)
{
	struct net_request r = {.dc = dc, .lane = NET_MAIN, .owner = CLIENT_ASK};
	struct tl_error error;
	uint32_t ticket;
	int status;

	r.query.at = cl->scratch;
	r.query.len = tl_encode(query, cl->layer, (struct span){cl->scratch, SCRATCH_SIZE}, &error);
	if (r.query.len == 0) {
		snprintf(cl->text, sizeof(cl->text), "layer %d has no form of this request", cl->layer);
		return CLIENT_UNREAD;
	}
	while ((status = net_call(cl->net, &r, &ticket)) == -EAGAIN) {
		while (net_next(cl->net, ev))
			client_heard(cl, ev);
		if (cl->signal_got != 0)
			return CLIENT_STOPPED;
		if (client_turn(cl, ring_now(cl->ring) + SECOND) != 0)
			return CLIENT_GONE;
	}
	bytes_wipe(cl->scratch, r.query.len); /* the net has a copy: it may be a code or the api_hash */
	/* Else the account ended while nobody waited for an answer: what was heard of it is kept. */
	return status == 0 ? await(cl, ticket, ev) : CLIENT_GONE;
}

static enum client_status ask_up_to(struct client *cl, uint16_t dc, enum tlc method,
				    const struct tl_obj *query, const struct tl_obj **answer,
				    uint32_t repeats)
{
	enum client_status status;
	struct net_event ev;
	struct tl_error error;

	for (uint32_t tries = 0;; tries++) {
		struct verdict v;
		uint64_t wait_ns;

		status = ask_once(cl, dc, query, &ev);
		if (status != CLIENT_OK)
			return status;
		if (ev.kind == NET_RESULT)
			break;
		cl->code = ev.code;
		snprintf(cl->text, sizeof(cl->text), "%s", ev.text);
		v = error_verdict(ev.code, ev.text);
		if (v.remedy == REMEDY_WAIT)
			wait_ns = (uint64_t)v.wait_s * SECOND;
		else if ((v.remedy == REMEDY_BACKOFF || v.remedy == REMEDY_RECONCILE) && tries < repeats)
			wait_ns = SECOND << (tries < 6 ? tries : 6);
		else
			return CLIENT_REFUSED;
		status = client_wait(cl, wait_ns, cl->text);
		if (status != CLIENT_OK)
			return status;
	}
	/* The answer's strings must outlive the event: a copy of the bytes, then the tree. */
	{
		uint8_t *copy = arena_take(&cl->arena, ev.result.len);

		if (copy == NULL)
			return CLIENT_UNREAD;
		memcpy(copy, ev.result.at, ev.result.len);
		*answer = tl_decode_result(&cl->arena, method, cspan_of(copy, ev.result.len), &error);
	}
	if (*answer == NULL) {
		snprintf(cl->text, sizeof(cl->text), "the answer cannot be read (constructor %08x)",
			 error.id);
		return CLIENT_UNREAD;
	}
	return CLIENT_OK;
}

enum client_status client_ask(struct client *cl, enum tlc method, const struct tl_obj *query,
			      const struct tl_obj **answer)
{
	return ask_up_to(cl, 0, method, query, answer, 8);
}

enum client_status client_try(struct client *cl, uint16_t dc, enum tlc method,
			      const struct tl_obj *query, const struct tl_obj **answer)
{
	return ask_up_to(cl, dc, method, query, answer, 0);
}

static int exit_of_error(int32_t code, const char *text, const char **advice)
{
	struct verdict v = error_verdict(code, text);

	*advice = v.advice;
	switch (v.remedy) {
	case REMEDY_LOGIN:
		return EXIT_LOGIN;
	case REMEDY_WAIT: /* others are waited for */
		*advice = "longer than --max-wait";
		return EXIT_LATER;
	case REMEDY_SLOWMODE:
	case REMEDY_BACKOFF:
	case REMEDY_RECONCILE:
		return EXIT_LATER;
	default:
		return EXIT_UNAVAILABLE;
	}
}

int client_fail(const struct client *cl, enum client_status status, const char *what)
{
	const char *advice = "";
	int code;

	switch (status) {
	case CLIENT_STOPPED:
		app_error(cl->app, "%s: stopped", what);
		return EXIT_SIGNAL + cl->signal_got;
	case CLIENT_UNREAD:
		app_error(cl->app, "%s: %s", what, cl->text);
		return EXIT_UNAVAILABLE;
	case CLIENT_OFFLINE:
		app_error(cl->app, "%s: no connection for longer than --max-offline", what);
		return EXIT_LATER;
	case CLIENT_OK:
	case CLIENT_REFUSED:
	case CLIENT_GONE:
		break;
	}
	if (cl->code == NET_OWN_FAULT) {
		app_error(cl->app, "%s: %s", what, cl->text);
		return EXIT_INTERNAL;
	}
	code = exit_of_error(cl->code, cl->text, &advice);
	app_error(cl->app, "%s: %s%s%s", what, cl->text, advice[0] != '\0' ? ": " : "", advice);
	return code;
}
