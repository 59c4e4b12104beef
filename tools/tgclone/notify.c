/*
 * Datagrams to the service manager. Owns the socket and the times of the next ones; what the status
 * says is the caller's.
 */
#include "tools/tgclone/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const uint64_t STATUS_NS = 5000000000, AGAIN_NS = 50000000;

static const char *value_of(char *const *environment, const char *name)
{
	size_t len = strlen(name);

	for (; *environment != NULL; environment++)
		if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=')
			return *environment + len + 1;
	return NULL;
}

/* 0: no such variable, or no number. */
static uint64_t number_of(char *const *environment, const char *name)
{
	const char *text = value_of(environment, name);
	unsigned long long v;
	char *end;

	if (text == NULL || *text < '0' || *text > '9')
		return 0;
	errno = 0;
	v = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' ? v : 0;
}

/* The watchdog may be meant for another process of the service. */
static uint64_t beat_of(char *const *environment)
{
	uint64_t usec = number_of(environment, "WATCHDOG_USEC");

	if (value_of(environment, "WATCHDOG_PID") != NULL &&
	    number_of(environment, "WATCHDOG_PID") != (uint64_t)getpid())
		return 0;
	return usec < UINT64_MAX / 1000 ? usec * 500 : 0;
}

int notify_open(struct notify *n, char *const *environment)
{
	const char *name = value_of(environment, "NOTIFY_SOCKET");
	size_t len = name == NULL ? 0 : strlen(name);

	*n = (struct notify){.fd = -1, .to = {.sun_family = AF_UNIX}};
	if (len == 0)
		return 0;
	if (len < 2 || len >= sizeof(n->to.sun_path) || (name[0] != '/' && name[0] != '@'))
		return -EAFNOSUPPORT;
	memcpy(n->to.sun_path, name, len);
	if (name[0] == '@') /* an abstract name begins with a zero and ends where it ends */
		n->to.sun_path[0] = '\0';
	n->to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (name[0] == '/'));
	n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (n->fd < 0)
		return -errno;
	n->beat_ns = beat_of(environment);
	return 0;
}

void notify_close(struct notify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

/* False: to be tried again. A manager that is gone for good is not waited for. */
static bool send_text(struct notify *n, const char *text)
{
	ssize_t sent = sendto(n->fd, text, strlen(text), MSG_NOSIGNAL,
			      (const struct sockaddr *)(const void *)&n->to, n->to_len);

	return sent >= 0 || (errno != EAGAIN && errno != EINTR && errno != ENOBUFS);
}

static void lower(uint64_t *until_ns, uint64_t to)
{
	if (to < *until_ns)
		*until_ns = to;
}

bool notify_beats(const struct notify *n, uint64_t now_ns)
{
	return n->fd >= 0 && n->beat_ns > 0 && now_ns >= n->beat_due_ns;
}

void notify_withhold(struct notify *n, uint64_t now_ns)
{
	n->beat_due_ns = now_ns + AGAIN_NS;
}

bool notify_turn(struct notify *n, uint64_t now_ns, uint64_t *until_ns)
{
	bool status_due = now_ns >= n->status_due_ns;
	bool told = true;

	if (n->fd < 0)
		return false;
	if (!n->ready)
		told = n->ready = send_text(n, "READY=1");
	if (notify_beats(n, now_ns)) {
		told &= send_text(n, "WATCHDOG=1");
		n->beat_due_ns = now_ns + (told ? n->beat_ns : 0);
	}
	if (status_due)
		n->status_due_ns = now_ns + STATUS_NS;
	lower(until_ns, n->status_due_ns);
	if (!told)
		lower(until_ns, now_ns + AGAIN_NS);
	else if (n->beat_ns > 0)
		lower(until_ns, n->beat_due_ns);
	return status_due;
}

void notify_status(struct notify *n, const char *text)
{
	char line[256];

	if (n->fd < 0)
		return;
	snprintf(line, sizeof(line), "STATUS=%s", text);
	(void)send_text(n, line);
}

void notify_stopping(struct notify *n)
{
	if (n->fd < 0 || n->stopping)
		return;
	n->stopping = true;
	(void)send_text(n, "STOPPING=1");
}
