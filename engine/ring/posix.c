/*
 * Sockets, clocks and randomness: what the io_uring and the poll body ask of the kernel in the same
 * way. Nothing here waits.
 */
#include "engine/ring/ring_priv.h"

#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	LISTEN_BACKLOG = 1024,
	KEEPALIVE_IDLE_S = 30,
	/* N7: bytes that the peer never acknowledges end the connection, whatever else still flows.
	 */
	UNACKED_MS_MAX = 15000,
};

static void set_int(int fd, int level, int name, int value)
{
	/* Conveniences all: a kernel without one of them only serves us a little worse (K9). */
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

void posix_tune(int fd)
{
	set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	set_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKED_MS_MAX);
}

int posix_socket(struct ring *r, int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | r->body->socket_flags, 0);

	if (fd < 0)
		return -errno;
	posix_tune(fd);
	r->body->fd_opened(r, fd);
	return fd;
}

int posix_listen(struct ring *r, const struct sockaddr *addr, socklen_t addr_len,
		 struct sockaddr_storage *bound)
{
	socklen_t bound_len = sizeof(*bound);
	int fd = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC | r->body->socket_flags, 0);
	int err;

	if (fd < 0)
		return -errno;
	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, addr, addr_len) < 0 || listen(fd, LISTEN_BACKLOG) < 0 ||
	    getsockname(fd, (struct sockaddr *)bound, &bound_len) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	r->body->fd_opened(r, fd);
	return fd;
}

void posix_shutdown(struct ring *r, int fd)
{
	/* Not connected is no fault: then there is nothing to end. */
	(void)shutdown(fd, SHUT_RDWR);
}

void posix_abort(struct ring *r, int fd)
{
	struct sockaddr none = {.sa_family = AF_UNSPEC};

	/* TCP drops its queues, and the peer gets an RST. */
	if (connect(fd, &none, sizeof(none)) != 0)
		shutdown(fd, SHUT_RDWR);
}

void posix_close_fd(struct ring *r, int fd)
{
	r->body->fd_closing(r, fd);
	close(fd);
}

bool posix_progress(struct ring *r, int fd, struct ring_progress *out)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);
	int unacked = 0;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
	    len < offsetof(struct tcp_info, tcpi_segs_out) || ioctl(fd, SIOCOUTQ, &unacked) < 0)
		return false;
	*out = (struct ring_progress){info.tcpi_bytes_received, info.tcpi_bytes_acked,
				      (uint32_t)unacked};
	return true;
}

bool posix_local(struct ring *r, int fd, struct sockaddr_storage *out)
{
	socklen_t len = sizeof(*out);

	if (getsockname(fd, (struct sockaddr *)out, &len) < 0)
		return false;
	if (out->ss_family == AF_INET6)
		((struct sockaddr_in6 *)out)->sin6_port = 0;
	else
		((struct sockaddr_in *)out)->sin_port = 0;
	return true;
}

static uint64_t read_clock(clockid_t id)
{
	struct timespec ts;

	check(clock_gettime(id, &ts) == 0);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint64_t posix_now(struct ring *r)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t posix_wall(struct ring *r)
{
	return read_clock(CLOCK_REALTIME);
}

void posix_random(struct ring *r, void *out, size_t len)
{
	uint8_t *at = out;

	while (len > 0) {
		ssize_t n = getrandom(at, len, 0);

		/* X7: there is no second source to fall back to. */
		check(n > 0 || errno == EINTR);
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
}
