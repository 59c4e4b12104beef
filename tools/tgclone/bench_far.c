/*
 * Starting, entering and ending the far side. The account's number and code stand in tgsim.json, as
 * only a simulator's file has them: a real server is never entered from here.
 */
#include "tools/tgclone/bench_far.h"

#include "proto/base/check.h"
#include "tools/tgclone/talk.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READY_TRIES = 1500, READY_STEP_MS = 20, OFFLINE_S = 5 };

/* Memory for what is uploaded: with more the far side keeps a digest only. */
static const char upload_keep[] = "67108864";

/* ---- finding it ---- */

static bool runs(const char *path)
{
	return access(path, X_OK) == 0;
}

static bool on_path(const char *path, char *out, size_t size)
{
	while (path != NULL && *path != '\0') {
		size_t len = strcspn(path, ":");

		if (len > 0 && snprintf(out, size, "%.*s/tgsim", (int)len, path) < (int)size && runs(out))
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

bool far_find_tgsim(const char *self, const char *path, char *out, size_t size)
{
	static const char *const beside[] = {"tgsim", "../tgsim/tgsim"};
	const char *slash = strrchr(self, '/');

	for (size_t i = 0; i < countof(beside) && slash != NULL; i++) {
		int n = snprintf(out, size, "%.*s/%s", (int)(slash - self), self, beside[i]);

		if (n < (int)size && runs(out))
			return true;
	}
	return on_path(path, out, size);
}

static int find(struct far *f, char *out, size_t size)
{
	char self[PATH_MAX] = "";
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = '\0';
	if (far_find_tgsim(self, getenv("PATH"), out, size))
		return 0;
	return app_fail(f->app, EXIT_UNAVAILABLE,
			"no simulator: tgsim is neither beside tgclone nor on PATH; --dc-config "
			"names one that runs elsewhere");
}

/* ---- the child ---- */

static int make_dir(struct far *f)
{
	const char *top = getenv("TMPDIR");
	int n, error;

	top = top != NULL && top[0] == '/' ? top : "/tmp";
	n = snprintf(f->dir, sizeof(f->dir), "%s/tgclone-bench-XXXXXX", top);
	error = n < (int)sizeof(f->dir) ? 0 : ENAMETOOLONG;
	if (error == 0 && mkdtemp(f->dir) == NULL)
		error = errno;
	if (error != 0) {
		f->dir[0] = '\0';
		return app_fail(f->app, EXIT_CREATE, "a directory in %.80s: %s", top, strerror(error));
	}
	snprintf(f->state, sizeof(f->state), "%s/state", f->dir);
	return 0;
}

_Noreturn static void be_tgsim(const struct far *f, const char *tgsim, const char *synth, pid_t parent)
{
	char dir[96], out[96];
	sigset_t none;
	int fd;

	snprintf(dir, sizeof(dir), "%s/sim", f->dir);
	snprintf(out, sizeof(out), "%s/tgsim.out", f->dir);
	fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	/* It ends with us, however we end; ^C is for us alone. */
	if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 ||
	    setpgid(0, 0) != 0 || getppid() != parent)
		_exit(EXIT_INTERNAL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execl(tgsim, tgsim, "--dir", dir, "--synth", synth, "--upload-keep", upload_keep, (char *)NULL);
	_exit(EXIT_UNAVAILABLE);
}

/* What it said last, for the error line. */
static void last_words(const struct far *f, char *out, size_t size)
{
	char path[96];
	FILE *in;

	snprintf(path, sizeof(path), "%s/tgsim.out", f->dir);
	snprintf(out, size, "it says nothing");
	in = fopen(path, "re");
	while (in != NULL && fgets(out, (int)size, in) != NULL)
		;
	if (in != NULL)
		fclose(in);
	out[strcspn(out, "\n")] = '\0';
}

/* tgsim.json appears whole, when it listens. */
static int await_ready(struct far *f)
{
	struct pollfd p = {.fd = (int)syscall(SYS_pidfd_open, f->child, 0), .events = POLLIN};
	char words[200];
	bool there = false, ended = p.fd < 0;

	for (int i = 0; i < READY_TRIES && !there && !ended; i++) {
		ended = poll(&p, 1, READY_STEP_MS) > 0;
		there = access(f->config, R_OK) == 0;
	}
	if (p.fd >= 0)
		close(p.fd);
	if (there)
		return 0;
	last_words(f, words, sizeof(words));
	return app_fail(f->app, EXIT_UNAVAILABLE, "the simulator does not start: %s", words);
}

static int start_child(struct far *f, const char *synth)
{
	char tgsim[PATH_MAX];
	pid_t parent = getpid();
	int code = find(f, tgsim, sizeof(tgsim));

	if (code != 0)
		return code;
	snprintf(f->config, sizeof(f->config), "%s/sim/tgsim.json", f->dir);
	f->child = fork();
	if (f->child == 0)
		be_tgsim(f, tgsim, synth, parent);
	if (f->child < 0) {
		f->child = 0;
		return app_fail(f->app, EXIT_UNAVAILABLE, "fork: %s", strerror(errno));
	}
	f->pid = f->child;
	return await_ready(f);
}

/*
 * Whatever we are waiting for then, it does not come any more: as if the user had asked us to end.
 * far_close tells why.
 */
static void child_ended(int signal)
{
	(void)signal;
	kill(getpid(), SIGTERM);
}

static int arm(const struct far *f)
{
	struct sigaction act = {.sa_handler = child_ended, .sa_flags = SA_NOCLDSTOP | SA_RESTART};

	sigaction(SIGCHLD, &act, NULL);
	return far_check(f);
}

/* A client that was just closing may have swallowed the signal: so the child is looked at, too. */
int far_check(const struct far *f)
{
	siginfo_t info = {.si_pid = 0};

	if (f->child > 0 &&
	    waitid(P_PID, (id_t)f->child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid != 0)
		return EXIT_UNAVAILABLE;
	return 0;
}

/* ---- its file ---- */

static bool is_loopback(const json_t *world)
{
	const json_t *dcs = json_object_get(world, "dcs");

	for (size_t i = 0; i < json_array_size(dcs); i++) {
		const char *host = json_string_value(json_object_get(json_array_get(dcs, i), "host"));

		if (host == NULL || (strncmp(host, "127.", 4) != 0 && strcmp(host, "::1") != 0))
			return false;
	}
	return json_array_size(dcs) > 0;
}

/* A process of that number on this machine may be another one: its name tells. */
static bool is_tgsim(pid_t pid)
{
	char path[64], name[32] = "";
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	in = fopen(path, "re");
	if (in == NULL)
		return false;
	if (fgets(name, sizeof(name), in) == NULL)
		name[0] = '\0';
	fclose(in);
	return strcmp(name, "tgsim\n") == 0;
}

static int read_world(struct far *f)
{
	json_error_t error;

	f->world = json_load_file(f->config, 0, &error);
	if (f->world == NULL)
		return app_fail(f->app, EXIT_BAD_DATA, "%s: %s", f->config, error.text);
	f->loopback = is_loopback(f->world);
	if (f->pid == 0 && f->loopback) {
		pid_t pid = (pid_t)json_integer_value(json_object_get(f->world, "pid"));

		f->pid = is_tgsim(pid) ? pid : 0;
	}
	return 0;
}

int64_t far_chat(const struct far *f, size_t index)
{
	const json_t *chat = json_array_get(json_object_get(f->world, "chats"), index);

	return json_integer_value(json_object_get(chat, "id"));
}

/* ---- logging in ---- */

/* The first account without a password. */
static bool find_account(const struct far *f, const char **phone, const char **code)
{
	const json_t *list = json_object_get(f->world, "accounts");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *a = json_array_get(list, i);

		*phone = json_string_value(json_object_get(a, "phone"));
		*code = json_string_value(json_object_get(a, "code"));
		if (*phone != NULL && *code != NULL && !json_is_string(json_object_get(a, "password")))
			return true;
	}
	return false;
}

static enum client_status send_code(struct client *cl, const char *phone, char *hash, size_t size)
{
	struct tl_obj *q = tl_new(&cl->arena, TLC_auth_sendCode);
	const struct tl_obj *answer;
	enum client_status status;
	struct cspan got;

	tl_set_str(q, TLF_phone_number, phone);
	tl_set_int(q, TLF_api_id, cl->session.api_id);
	tl_set_str(q, TLF_api_hash, cl->dc.api_hash);
	tl_set_obj(q, TLF_settings, tl_new(&cl->arena, TLC_codeSettings));
	status = client_ask(cl, TLC_auth_sendCode, q, &answer);
	if (status != CLIENT_OK)
		return status;
	got = tl_bytes(answer, TLF_phone_code_hash);
	snprintf(hash, size, "%.*s", (int)(got.len < size ? got.len : size - 1), (const char *)got.at);
	return CLIENT_OK;
}

static enum client_status sign_in(struct client *cl, const char *phone, const char *code)
{
	struct net_account *account = client_account(cl);
	const struct tl_obj *answer;
	enum client_status status;
	struct chat_info user;
	struct tl_obj *q;
	char hash[128];

	status = send_code(cl, phone, hash, sizeof(hash));
	if (status != CLIENT_OK)
		return status;
	q = tl_new(&cl->arena, TLC_auth_signIn);
	tl_set_str(q, TLF_phone_number, phone);
	tl_set_str(q, TLF_phone_code_hash, hash);
	tl_set_str(q, TLF_phone_code, code);
	status = client_ask(cl, TLC_auth_signIn, q, &answer);
	if (status != CLIENT_OK || !chat_info_read(tl_sub(answer, TLF_user), &user))
		return status != CLIENT_OK ? status : CLIENT_UNREAD;
	account->user_id = user.peer.id;
	account->premium = user.premium;
	net_set_authorized(cl->net, account->home_dc, true);
	return CLIENT_OK;
}

static int log_in(struct far *f)
{
	const char *phone, *code;
	enum client_status status;
	struct client cl;
	int rc;

	if (!find_account(f, &phone, &code))
		return app_fail(f->app, EXIT_USAGE,
				"%s names no account with a code: this bench is for tgsim; for the real "
				"service there is bench telegram",
				f->config);
	rc = client_open(&cl, &f->sub, false, false);
	if (rc == 0) {
		status = sign_in(&cl, phone, code);
		rc = status == CLIENT_OK ? client_store(&cl) : client_fail(&cl, status, "logging in");
	}
	client_close(&cl);
	/* One that came when nothing was waited for any more. */
	return rc == 0 && cl.signal_got != 0 ? EXIT_SIGNAL + cl.signal_got : rc;
}

/*
 * From here on they are for the signalfd of the client that is open, or of the next one: there is
 * something to be cleared away.
 */
static void keep_signals(void)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, NULL);
}

int far_open(struct far *f, struct app *app, const char *synth, bool own)
{
	const struct options *o = app_options(app);
	int rc;

	*f = (struct far){.app = app, .sub = *app};
	keep_signals();
	rc = make_dir(f);
	if (rc == 0 && o->dc_config != NULL && !own) {
		if (snprintf(f->config, sizeof(f->config), "%s", o->dc_config) >= (int)sizeof(f->config))
			rc = app_fail(app, EXIT_USAGE, "dc-config: a path of at most %zu characters",
				      sizeof(f->config) - 1);
	} else if (rc == 0) {
		rc = start_child(f, synth);
	}
	if (rc == 0)
		rc = read_world(f);
	if (rc != 0)
		return rc;
	f->sub.options.dc_config = f->config;
	f->sub.options.state_dir = f->state;
	f->sub.options.profile = "bench";
	f->sub.options.api_id = 0;
	/* A clone that was asked to end waits for its last answer, which may not come. */
	f->sub.options.max_offline_ns = OFFLINE_S * 1000000000LL;
	f->ready = true;
	rc = f->child > 0 ? arm(f) : 0;
	return rc == 0 ? log_in(f) : rc;
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)at;
	return kind == FTW_DP ? rmdir(path) : unlink(path);
}

/* One that ended before its time is told of: nothing that was measured counts then. */
static int end_child(struct far *f)
{
	char words[200];
	int status = 0;

	if (f->child <= 0)
		return 0;
	signal(SIGCHLD, SIG_DFL);
	if (!f->ready || waitpid(f->child, &status, WNOHANG) == 0) {
		kill(f->child, SIGTERM);
		waitpid(f->child, NULL, 0);
		return 0;
	}
	last_words(f, words, sizeof(words));
	return app_fail(f->app, EXIT_UNAVAILABLE, "the simulator ended by itself (%s %d): %s",
			WIFSIGNALED(status) ? "signal" : "code",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), words);
}

int far_close(struct far *f, int code)
{
	int ended = end_child(f);

	if (f->dir[0] != '\0')
		nftw(f->dir, drop, 8, FTW_DEPTH | FTW_PHYS);
	json_decref(f->world);
	*f = (struct far){.app = NULL};
	return ended != 0 ? ended : code;
}
