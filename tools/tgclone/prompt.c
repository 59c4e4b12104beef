/*
 * The prompt. While a secret is typed the terminal's echo is off; whatever happens then (Ctrl-C, a
 * signal) it is on again before anything else does: signals are blocked for that time and watched
 * through a descriptor. What is no secret waits in the same way, since the caller may have taken
 * the signals that end it. It keeps nothing: what was read is the caller's, to be wiped by it.
 */
#include "tools/tgclone/prompt.h"
#include "proto/base/check.h"
#include "tools/tgclone/exits.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

int prompt_fd(int fd, char *out, size_t size)
{
	size_t len = 0;
	int error = -ENODATA;

	check(size > 0);
	for (;;) {
		char c;
		ssize_t n = read(fd, &c, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			error = -errno;
		if (n <= 0 && (n < 0 || len == 0))
			break;
		if (n == 0 || c == '\n') {
			len -= len > 0 && out[len - 1] == '\r';
			out[len] = 0;
			return 0;
		}
		if (len + 1 == size) {
			error = -EMSGSIZE;
			break;
		}
		out[len++] = c;
	}
	bytes_wipe(out, size);
	return error;
}

/* ---- a terminal ---- */

struct quiet {
	struct termios was;
	sigset_t mask;
	int signal_fd;
	bool secret;
};

static int hold_signals(struct quiet *q)
{
	static const int held[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < countof(held); i++)
		sigaddset(&set, held[i]);
	sigaddset(&set, exit_asked()); /* one that came before the question */
	if (q->secret)
		sigaddset(&set, SIGTSTP); /* a stopped program would leave the echo off */
	q->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (q->signal_fd < 0)
		return -errno;
	sigprocmask(SIG_BLOCK, &set, &q->mask);
	return 0;
}

/* Signals wait; a secret's keys come one by one and unseen. */
static int quiet_begin(struct quiet *q, bool secret)
{
	struct termios t;
	int rc;

	q->secret = secret;
	if (tcgetattr(STDIN_FILENO, &q->was) != 0)
		return -errno;
	rc = hold_signals(q);
	if (rc != 0 || !secret)
		return rc;
	t = q->was;
	t.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	rc = tcsetattr(STDIN_FILENO, TCSAFLUSH, &t) == 0 ? 0 : -errno;
	if (rc != 0) {
		sigprocmask(SIG_SETMASK, &q->mask, NULL);
		close(q->signal_fd);
	}
	return rc;
}

static void quiet_end(struct quiet *q)
{
	if (q->secret)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &q->was);
	close(q->signal_fd);
	/* Now, with the echo back, a signal that came meanwhile is delivered. */
	sigprocmask(SIG_SETMASK, &q->mask, NULL);
}

/* The next key; 0: end or trouble, with errno. */
static char next_key(struct quiet *q)
{
	struct pollfd p[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
			      {.fd = q->signal_fd, .events = POLLIN}};
	char c = 0;

	while (poll(p, 2, -1) < 0) {
		if (errno != EINTR)
			return 0;
	}
	errno = EINTR;
	if (p[1].revents != 0)
		return 0;
	errno = ENODATA;
	return read(STDIN_FILENO, &c, 1) == 1 ? c : 0;
}

/* One character back, all bytes of it. */
static size_t erase(const char *out, size_t len)
{
	while (len > 0 && ((uint8_t)out[len - 1] & 0xc0) == 0x80)
		len--;
	return len > 0 ? len - 1 : 0;
}

static int type_line(struct quiet *q, char *out, size_t size)
{
	size_t len = 0;

	for (;;) {
		char c = next_key(q);

		if (c == 0)
			return -errno;
		if (c == '\n' || c == '\r') {
			out[len] = 0;
			return 0;
		}
		if (c == 3) /* Ctrl-C */
			return -EINTR;
		if (c == 4 && len == 0) /* Ctrl-D */
			return -ENODATA;
		if (c == 127 || c == 8)
			len = erase(out, len);
		else if (c == 21) /* Ctrl-U */
			len = 0;
		else if ((uint8_t)c >= 32 && len + 1 == size)
			return -EMSGSIZE;
		else if ((uint8_t)c >= 32)
			out[len++] = c;
	}
}

static void ask(const char *question)
{
	ssize_t n = write(STDERR_FILENO, question, strlen(question));

	(void)n; /* a terminal that cannot show the question may still be typed on */
}

int prompt_line(const char *question, bool secret, char *out, size_t size)
{
	struct quiet q;
	int rc;

	check(size > 0);
	if (isatty(STDIN_FILENO) != 1)
		return prompt_fd(STDIN_FILENO, out, size);
	ask(question);
	rc = quiet_begin(&q, secret);
	if (rc != 0)
		return rc;
	rc = type_line(&q, out, size);
	quiet_end(&q);
	if (secret || rc != 0)
		ask("\n");
	if (rc != 0)
		bytes_wipe(out, size);
	return rc;
}
