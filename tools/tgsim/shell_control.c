/*
 * The control socket in DIR: a unix stream socket, one line in, one answer out, as often as the
 * caller likes. Owns its descriptors. What lines mean is control.c's. Also numeric addresses, for
 * both sides.
 */
#include "tools/tgsim/shell_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER_WAIT_MS = 2000 };

socklen_t shell_address(const char *host, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		return sizeof(*v6);
	}
	return 0;
}

uint16_t shell_port(const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)addr)->sin6_port);
	return ntohs(((const struct sockaddr_in *)addr)->sin_port);
}

/* ---- one talk ---- */

static void talk_wait(struct talk *);

/* A caller that does not read its answer is cut off: the simulator has other things to do. */
static bool write_answer(int fd, const struct sink *answer)
{
	size_t done = 0;

	while (done < answer->len) {
		ssize_t n = send(fd, answer->at + done, answer->len - done, MSG_NOSIGNAL);
		struct pollfd ready = {.fd = fd, .events = POLLOUT};

		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		else if (poll(&ready, 1, ANSWER_WAIT_MS) <= 0)
			return false;
	}
	return true;
}

static void take_lines(struct talk *t)
{
	struct shell *sh = t->shell;
	char *end;

	while (!t->ended && (end = memchr(t->line, '\n', t->len)) != NULL) {
		size_t used = (size_t)(end - t->line) + 1;
		struct sink answer;

		sink_init(&answer);
		*end = '\0';
		control_take(sh->o.control, t->line, shell_now(sh->o.ring, sh->offset_ns), &answer);
		t->ended = !write_answer(t->fd, &answer);
		sink_free(&answer);
		t->len -= used;
		memmove(t->line, t->line + used, t->len);
	}
	if (t->len == sizeof(t->line))
		t->ended = true;
}

static void talk_done(struct op *op)
{
	struct talk *t = container_of(op, struct talk, readable);
	ssize_t n;

	t->waiting = false;
	n = op->res < 0 ? -1 : read(t->fd, t->line + t->len, sizeof(t->line) - t->len);
	if (n <= 0) {
		t->ended = true;
		return;
	}
	t->len += (size_t)n;
	take_lines(t);
	if (!t->ended && !t->shell->stopping)
		talk_wait(t);
}

static void talk_wait(struct talk *t)
{
	t->waiting = true;
	t->readable.done = talk_done;
	ring_readable(t->shell->o.ring, &t->readable, t->fd);
}

/* ---- the door ---- */

static void control_wait(struct shell *);

static void control_done(struct op *op)
{
	struct shell *sh = container_of(op, struct shell, control_op);
	struct talk *t;
	int fd;

	sh->control_waiting = false;
	if (op->res < 0 || sh->stopping)
		return;
	fd = accept4(sh->control_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0) {
		t = calloc(1, sizeof(*t));
		check(t != NULL);
		t->shell = sh;
		t->fd = fd;
		list_push(&sh->talks, &t->node);
		talk_wait(t);
	}
	control_wait(sh);
}

static void control_wait(struct shell *sh)
{
	sh->control_waiting = true;
	sh->control_op.done = control_done;
	ring_readable(sh->o.ring, &sh->control_op, sh->control_fd);
}

int shell_listen_control(struct shell *sh, const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path) + 1);
	memcpy(sh->control_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	unlink(path);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || chmod(path, 0600) < 0 ||
	    listen(fd, 16) < 0) {
		int error = -errno;

		close(fd);
		return error;
	}
	sh->control_fd = fd;
	control_wait(sh);
	return 0;
}

void shell_control_reap(struct shell *sh)
{
	list_each_safe (n, tmp, &sh->talks) {
		struct talk *t = container_of(n, struct talk, node);

		if (t->waiting || (!t->ended && !sh->stopping))
			continue;
		list_del(&t->node);
		close(t->fd);
		free(t);
	}
	if (sh->stopping && sh->control_fd >= 0 && !sh->control_waiting) {
		close(sh->control_fd);
		unlink(sh->control_path);
		sh->control_fd = -1;
	}
}

void shell_control_stop(struct shell *sh)
{
	if (sh->control_waiting)
		ring_cancel(sh->o.ring, &sh->control_op);
	list_each (n, &sh->talks) {
		struct talk *t = container_of(n, struct talk, node);

		if (t->waiting)
			ring_cancel(sh->o.ring, &t->readable);
	}
}

bool shell_control_busy(const struct shell *sh)
{
	return sh->control_fd >= 0 || !list_empty(&sh->talks);
}
