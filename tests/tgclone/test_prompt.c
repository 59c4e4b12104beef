/* Asking: from a pipe, from a descriptor, and on a terminal where secrets are not shown. */
#include "proto/base/check.h"
#include "tests/tgclone/help.h"
#include "tools/tgclone/exits.h"
#include "tools/tgclone/harden.h"
#include "tools/tgclone/prompt.h"

#include <errno.h>
#include <jansson.h>
#include <pty.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>

static int pipe_with(const char *text, size_t len)
{
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(write(ends[1], text, len), (ssize_t)len);
	close(ends[1]);
	return ends[0];
}

Test(prompt, a_line_each_and_not_a_byte_more)
{
	int fd = pipe_with("12345\r\npass word \n\nlast", 24);
	char line[32];

	cr_assert_eq(prompt_fd(fd, line, sizeof(line)), 0);
	cr_assert_str_eq(line, "12345");
	cr_assert_eq(prompt_fd(fd, line, sizeof(line)), 0);
	cr_assert_str_eq(line, "pass word ");
	cr_assert_eq(prompt_fd(fd, line, sizeof(line)), 0);
	cr_assert_str_empty(line);
	cr_assert_eq(prompt_fd(fd, line, sizeof(line)), 0);
	cr_assert_str_eq(line, "last");
	cr_assert_eq(prompt_fd(fd, line, sizeof(line)), -ENODATA);
	close(fd);
}

Test(prompt, errors_leave_nothing_behind)
{
	static const char zeros[8];
	char line[8];
	int fd = pipe_with("12345678\n", 9);

	cr_assert_eq(prompt_fd(fd, line, sizeof(line)), -EMSGSIZE);
	cr_assert_arr_eq(line, zeros, sizeof(line));
	close(fd);
	cr_assert_eq(prompt_fd(fd, line, sizeof(line)), -EBADF);
}

Test(prompt, stdin_that_is_no_terminal)
{
	char line[32];

	dup2(pipe_with("777\n", 4), 0);
	cr_assert_eq(prompt_line("code: ", true, line, sizeof(line)), 0);
	cr_assert_str_eq(line, "777");
	cr_assert_eq(prompt_line("code: ", true, line, sizeof(line)), -ENODATA);
}

/* A child on a pty asks for a secret; its exit code is 0 for `want`, else the errno. */
struct dialogue {
	int master;
	pid_t pid;
	char seen[4096];
	size_t len;
};

static void on_term(int sig)
{
	(void)sig;
	_exit(99);
}

static void start(struct dialogue *d, const char *want, bool secret)
{
	struct winsize w = {.ws_row = 24, .ws_col = 80};

	*d = (struct dialogue){0};
	d->pid = forkpty(&d->master, NULL, NULL, &w);
	cr_assert_geq(d->pid, 0);
	if (d->pid == 0) {
		char line[16];
		struct termios t;
		int rc;

		signal(SIGTERM, on_term);
		rc = prompt_line("Password: ", secret, line, sizeof(line));
		tcgetattr(0, &t);
		if ((t.c_lflag & (ECHO | ICANON | ISIG)) != (ECHO | ICANON | ISIG))
			_exit(98);
		_exit(rc != 0 ? -rc : strcmp(line, want) == 0 ? 0 : 97);
	}
}

static void see(struct dialogue *d, const char *text)
{
	while (strstr(d->seen, text) == NULL) {
		ssize_t n = read(d->master, d->seen + d->len, sizeof(d->seen) - 1 - d->len);

		cr_assert_gt(n, 0, "never saw %s", text);
		d->len += (size_t)n;
	}
}

/* The echo goes off after the question: keys typed before that would be flushed away. */
static void wait_quiet(struct dialogue *d)
{
	struct termios t;

	do
		cr_assert_eq(tcgetattr(d->master, &t), 0);
	while (t.c_lflag & ECHO);
}

static void type(struct dialogue *d, const char *keys, size_t len)
{
	cr_assert_eq(write(d->master, keys, len), (ssize_t)len);
}

static int end(struct dialogue *d)
{
	int status;
	ssize_t n;

	while ((n = read(d->master, d->seen + d->len, sizeof(d->seen) - 1 - d->len)) > 0)
		d->len += (size_t)n;
	waitpid(d->pid, &status, 0);
	close(d->master);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int ask(const char *keys, size_t len, const char *want, struct dialogue *d)
{
	start(d, want, true);
	see(d, "Password: ");
	wait_quiet(d);
	type(d, keys, len);
	return end(d);
}

Test(prompt, secret_is_not_shown)
{
	struct dialogue d;

	cr_assert_eq(ask("s3cret\r", 7, "s3cret", &d), 0);
	cr_assert_null(strstr(d.seen, "s3"), "%s", d.seen);
	cr_assert_null(strchr(d.seen, '*'));
}

Test(prompt, keys_edit_the_line)
{
	struct dialogue d;

	cr_assert_eq(ask("abx\177c\r", 6, "abc", &d), 0);
	cr_assert_eq(ask("wrong\025right\n", 12, "right", &d), 0);
	cr_assert_eq(ask("a\303\251\177b\r", 6, "ab", &d), 0);
	cr_assert_eq(ask("\177\177a\r", 4, "a", &d), 0);
}

Test(prompt, cancel_end_and_too_long)
{
	struct dialogue d;

	cr_assert_eq(ask("ab\003", 3, "", &d), EINTR);
	cr_assert_eq(ask("\004", 1, "", &d), ENODATA);
	cr_assert_eq(ask("0123456789abcdef", 16, "", &d), EMSGSIZE);
}

Test(prompt, signal_brings_the_echo_back_first)
{
	struct dialogue d;

	start(&d, "", true);
	see(&d, "Password: ");
	wait_quiet(&d);
	kill(d.pid, SIGTERM);
	cr_assert_eq(end(&d), 99);
}

/* The client blocks what asks for an end and watches it elsewhere: a prompt must watch, too. */
static int ask_blocked(bool secret, const char *keys, int sig)
{
	struct dialogue d;
	sigset_t set, was;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, exit_asked());
	sigprocmask(SIG_BLOCK, &set, &was);
	start(&d, "", secret);
	sigprocmask(SIG_SETMASK, &was, NULL);
	see(&d, "Password: ");
	if (secret)
		wait_quiet(&d);
	if (keys != NULL)
		type(&d, keys, strlen(keys));
	else
		kill(d.pid, sig);
	return end(&d);
}

Test(prompt, blocked_signals_end_it)
{
	cr_assert_eq(ask_blocked(false, NULL, SIGTERM), EINTR);
	cr_assert_eq(ask_blocked(false, NULL, SIGINT), EINTR);
	cr_assert_eq(ask_blocked(false, "+12\003", 0), EINTR);
	cr_assert_eq(ask_blocked(true, NULL, SIGTERM), EINTR);
	cr_assert_eq(ask_blocked(false, NULL, exit_asked()), EINTR, "a signal that had come before");
	cr_assert_eq(ask_blocked(true, NULL, exit_asked()), EINTR);
}

Test(prompt, no_secret_is_shown_as_typed)
{
	struct dialogue d;

	start(&d, "+123", false);
	see(&d, "Password: ");
	type(&d, "+123\n", 5);
	cr_assert_eq(end(&d), 0);
	cr_assert(strstr(d.seen, "+123") != NULL);
}

Test(harden, process_is_closed_to_others)
{
	pid_t pid = fork();
	struct rlimit r;
	int status;

	if (pid == 0) {
		close(0);
		close(1);
		close(2);
		if (!harden_process() || prctl(PR_GET_DUMPABLE) != 0)
			_exit(1);
		if (getrlimit(RLIMIT_CORE, &r) != 0 || r.rlim_cur != 0 || r.rlim_max != 0)
			_exit(2);
		if (umask(0) != 077)
			_exit(3);
		if (fcntl(0, F_GETFD) < 0 || fcntl(2, F_GETFD) < 0 || write(2, "x", 1) != 1)
			_exit(4);
		if (fcntl(1, F_GETFD) < 0 || write(1, "x", 1) >= 0)
			_exit(5);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	cr_assert_eq(status, 0, "%x", status);
}

/* A sanitizer's malloc, too, is to return where there is no memory. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* Rows: P11 */
Test(harden, no_memory_ends_the_process_with_a_line)
{
	char said[200] = "";
	int to[2], status;
	pid_t pid;

	cr_assert_eq(pipe(to), 0);
	pid = fork();
	if (pid == 0) {
		dup2(to[1], 2);
		harden_memory();
		json_decref(json_string("some is left"));
		json_stringn_nocheck("", (size_t)1 << 60);
		_exit(0);
	}
	close(to[1]);
	waitpid(pid, &status, 0);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_LATER, "%x", status);
	cr_assert_gt(read(to[0], said, sizeof(said) - 1), 0);
	/* A sanitizer may say something first. */
	cr_assert(strstr(said, "tgclone: no memory left; try again later\n") != NULL, "%s", said);
	close(to[0]);
}
