/*
 * tgsim, the program: flags, key, world, listening, tgsim.json, and the end. Owns everything that
 * lives as long as the process; the work is in dc*.c (protocol), model*.c and methods*.c (content),
 * shell*.c (sockets).
 */
#include "tools/tgsim/ctl.h"
#include "tools/tgsim/methods.h"
#include "tools/tgsim/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* reliability.md 1 */
enum {
	EXIT_USAGE = 64,
	EXIT_DATA = 65,
	EXIT_UNAVAILABLE = 69,
	EXIT_INTERNAL = 70,
	EXIT_CANNOT_CREATE = 73,
	EXIT_BUSY = 75,
};

enum { RING_ENTRIES = 4096 };

struct program {
	struct config config;
	char dir[PATH_MAX];
	struct ring *ring;
	int64_t offset_ns;
	struct rsa_private *rsa;
	struct world *world;
	struct faults faults;
	struct stats stats;
	struct simlog log;
	int log_fd;
	struct dc_server *server;
	struct control control;
	struct sink json;
	struct shell *shell;
};

static int complain(int code, const char *what, const char *why)
{
	fprintf(stderr, "tgsim: %s: %s\n", what, why);
	return code;
}

static void path_in(const struct program *p, const char *name, struct sink *out)
{
	sink_clear(out);
	sink_printf(out, "%s/%s", p->dir, name);
}

static void drop_json(const struct program *p)
{
	struct sink path;

	sink_init(&path);
	path_in(p, "tgsim.json", &path);
	unlink(path.at);
	sink_free(&path);
}

/* ---- setting up ---- */

static int open_dir(struct program *p)
{
	if (mkdir(p->config.dir, 0700) < 0 && errno != EEXIST)
		return complain(EXIT_CANNOT_CREATE, p->config.dir, strerror(errno));
	if (realpath(p->config.dir, p->dir) == NULL)
		return complain(EXIT_CANNOT_CREATE, p->config.dir, strerror(errno));
	if (ctl_answers(p->dir))
		return complain(EXIT_BUSY, p->dir, "another simulator runs there");
	drop_json(p); /* of one that was killed: nobody shall take it for ours */
	return 0;
}

static int open_ring(struct program *p)
{
	struct ring_options options = {.entries = RING_ENTRIES};
	char why[160] = "";
	int error = -ENOSYS;

	if (!p->config.poll)
		error = ring_open_uring(&p->ring, &options, why, sizeof(why));
	if (error < 0)
		error = ring_open_poll(&p->ring, &options);
	if (error < 0)
		return complain(EXIT_UNAVAILABLE, "neither io_uring nor poll", strerror(-error));
	p->offset_ns = (int64_t)ring_wall(p->ring) - (int64_t)ring_now(p->ring);
	return 0;
}

/* The private key stays in memory; DIR/rsa.pem is the public half. */
static int open_rsa(struct program *p)
{
	struct sink pem, path;
	struct rsa_public public;
	char text[4096];
	int error = 0;

	sink_init(&pem);
	sink_init(&path);
	if (p->config.rsa_key == NULL) {
		p->rsa = rsa_private_generate();
	} else {
		error = sink_read_file(&pem, p->config.rsa_key);
		if (error == 0)
			p->rsa = rsa_private_from_pem(cspan_of(pem.at, pem.len));
	}
	if (error == 0 && p->rsa != NULL) {
		rsa_private_public(p->rsa, &public);
		sink_clear(&pem);
		sink_put_n(&pem, text, rsa_public_pem(&public, text, sizeof(text)));
		path_in(p, "rsa.pem", &path);
		error = sink_write_file(&pem, path.at, 0644);
	}
	sink_free(&pem);
	sink_free(&path);
	if (p->rsa == NULL && p->config.rsa_key != NULL)
		return complain(EXIT_DATA, p->config.rsa_key,
				error < 0 ? strerror(-error) : "no usable RSA key");
	if (p->rsa == NULL || error < 0)
		return complain(EXIT_CANNOT_CREATE, "RSA key", strerror(-error));
	return 0;
}

static uint64_t draw_seed(struct program *p)
{
	uint64_t seed = (uint64_t)p->config.seed;

	if (seed == 0)
		ring_random(p->ring, &seed, sizeof(seed));
	return seed;
}

static int open_world(struct program *p)
{
	const struct config *c = &p->config;
	struct world_options options = {
	    .seed = draw_seed(p),
	    .now = shell_now(p->ring, p->offset_ns),
	    .home_dc = c->home_dc,
	    .file_dc = c->file_dc,
	    .fileref_ttl_s = c->fileref_ttl_s,
	    .upload_keep = (uint64_t)c->upload_keep,
	    .spill_dir = c->spill,
	    .archive = c->world,
	    .synth = c->synth,
	    .demo = c->demo == NULL ? TGSIM_DEMO : c->demo,
	    .accounts = c->accounts,
	    .account_count = c->account_count,
	    .api_id = c->api_id,
	    .api_hash = c->api_hash,
	};
	int ids[CONFIG_DCS], code;
	char error[512] = "";

	for (uint32_t i = 0; i < c->dc_count; i++)
		if (!c->dcs[i].media)
			ids[options.dc_count++] = c->dcs[i].id;
	options.dcs = ids;
	code = world_open(&options, &p->world, error, sizeof(error));
	if (code != 0)
		fprintf(stderr, "tgsim: %s\n", error);
	return code;
}

static int open_rules(struct program *p)
{
	const struct config *c = &p->config;
	int64_t now = shell_now(p->ring, p->offset_ns);
	char why[256] = "";

	faults_init(&p->faults, draw_seed(p));
	for (uint32_t i = 0; i < c->fault_count; i++)
		if (faults_add(&p->faults, c->faults[i], now, why, sizeof(why)) == 0)
			return complain(EXIT_USAGE, "--fault", why);
	for (uint32_t i = 0; i < c->knob_count; i++) {
		char name[64];
		const char *value = strchr(c->knobs[i], '=');

		if (value == NULL ||
		    snprintf(name, sizeof(name), "%.*s", (int)(value - c->knobs[i]), c->knobs[i]) <
			0 ||
		    !methods_knob(p->world, name, value + 1))
			return complain(EXIT_USAGE, "--knob: no such knob or value", c->knobs[i]);
	}
	return 0;
}

static int open_log(struct program *p)
{
	p->log_fd = -1;
	simlog_init(&p->log, p->config.log != NULL);
	if (p->config.log == NULL)
		return 0;
	p->log_fd = open(p->config.log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	return p->log_fd >= 0 ? 0 : complain(EXIT_CANNOT_CREATE, p->config.log, strerror(errno));
}

static void open_server(struct program *p)
{
	const struct config *c = &p->config;
	struct dc_options options = {
	    .world = p->world,
	    .rsa = p->rsa,
	    .faults = &p->faults,
	    .stats = &p->stats,
	    .log = &p->log,
	    .home_dc = c->home_dc,
	    .test_mode = c->test_mode,
	    .max_layer = c->max_layer,
	    .api_id = c->api_id,
	    .salt_life_ns = c->salt_life_s * 1000000000,
	    .resend_ns = c->resend_s * 1000000000,
	    .gather_ns = c->gather_ms * 1000000,
	};

	ring_random(p->ring, options.seed, sizeof(options.seed));
	if (c->seed != 0) {
		memset(options.seed, 0, sizeof(options.seed));
		store_le64(options.seed, (uint64_t)c->seed);
	}
	stats_init(&p->stats);
	p->server = dc_open(&options, shell_now(p->ring, p->offset_ns));
}

/* ---- listening ---- */

static int listen_all(struct program *p)
{
	struct sink path;
	int error;

	for (uint32_t i = 0; i < p->config.dc_count; i++) {
		struct config_dc *dc = &p->config.dcs[i];

		error = shell_listen(p->shell, dc);
		if (error < 0)
			return complain(EXIT_UNAVAILABLE, dc->host, strerror(-error));
		methods_add_dc(p->world,
			       &(struct methods_dc){dc->id, dc->host, dc->port, dc->media});
	}
	sink_init(&path);
	path_in(p, "control", &path);
	error = shell_listen_control(p->shell, path.at);
	sink_free(&path);
	return error == 0 ? 0 : complain(EXIT_CANNOT_CREATE, "control socket", strerror(-error));
}

/* Written last: who sees the file may connect. */
static int announce(struct program *p)
{
	struct config_run run = {.pid = (int)getpid()};
	struct rsa_public public;
	struct sink path;
	int error;

	sink_init(&path);
	path_in(p, "rsa.pem", &path);
	rsa_private_public(p->rsa, &public);
	run.rsa_pem_path = path.at;
	run.rsa_fingerprint = public.fingerprint;
	config_json(&p->config, &run, p->world, &p->json);
	path_in(p, "tgsim.json", &path);
	error = sink_write_file(&p->json, path.at, 0600);
	sink_free(&path);
	if (error < 0)
		return complain(EXIT_CANNOT_CREATE, "tgsim.json", strerror(-error));
	printf("tgsim: ready in %s (%s)\n", p->dir, ring_name(p->ring));
	fflush(stdout);
	return 0;
}

/* SIGTERM, SIGINT and SIGHUP end shell_run; a client that goes away must not. */
static int open_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int serve(struct program *p)
{
	int signals = open_signals(), code, error;

	p->control = (struct control){.server = p->server,
				      .world = p->world,
				      .faults = &p->faults,
				      .stats = &p->stats,
				      .config = &p->json};
	p->shell =
	    shell_open(&(struct shell_options){p->ring, p->server, &p->control, &p->log, p->log_fd},
		       p->offset_ns);
	shell_watch(p->shell, signals);
	code = listen_all(p);
	if (code == 0)
		code = announce(p);
	if (code == 0) {
		error = shell_run(p->shell);
		code = error == 0 ? 0 : complain(EXIT_INTERNAL, "ring", strerror(-error));
	}
	shell_close(&p->shell);
	close(signals);
	return code;
}

static int run(struct program *p)
{
	int code = open_dir(p);

	if (code == 0)
		code = open_ring(p);
	if (code == 0)
		code = open_rsa(p);
	if (code == 0)
		code = open_world(p);
	if (code == 0)
		code = open_rules(p);
	if (code == 0)
		code = open_log(p);
	if (code != 0)
		return code;
	open_server(p);
	return serve(p);
}

static void close_all(struct program *p)
{
	if (p->server != NULL) {
		dc_close(&p->server);
		drop_json(p);
	}
	if (p->world != NULL)
		world_close(p->world);
	if (p->rsa != NULL)
		rsa_private_free(p->rsa);
	if (p->ring != NULL)
		ring_close(p->ring);
	if (p->log_fd > 0)
		close(p->log_fd);
	simlog_free(&p->log);
	sink_free(&p->json);
}

static int print_text(void (*make)(struct sink *))
{
	struct sink out;

	sink_init(&out);
	make(&out);
	fputs(out.at, stdout);
	sink_free(&out);
	return 0;
}

int main(int argc, char **argv)
{
	struct program *p;
	char error[256] = "";
	int code;

	if (argc > 1 && (strcmp(argv[1], "ctl") == 0 || strcmp(argv[1], "dump") == 0))
		return ctl_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "faults") == 0)
		return print_text(faults_help);
	p = calloc(1, sizeof(*p));
	check(p != NULL);
	switch (config_read(&p->config, argc, argv, error, sizeof(error))) {
	case CONFIG_HELP:
		code = print_text(config_usage);
		break;
	case CONFIG_WRONG:
		fprintf(stderr, "tgsim: %s\n", error);
		code = EXIT_USAGE;
		break;
	default:
		code = run(p);
		close_all(p);
	}
	free(p);
	return code;
}
