/*
 * The sampler. Connections are found by asking each small file descriptor for its TCP_INFO: what is
 * no TCP socket says so. A connection that was there at the start counts from what it had; one that
 * came later counts from zero; one that is gone keeps what it had last.
 */
#include "tools/tgclone/bench_sample.h"

#include "proto/base/check.h"
#include "proto/base/signals.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FDS = 1024, PERIOD_MS = 100, CONNS = 256 };

struct conn {
	int fd;
	uint16_t local; /* port: with fd it tells a connection from the next one on that fd */
	char name[64];
	double base_in, base_out, in, out;
	double rtt_ms;
	uint32_t resent;
};

struct sampler {
	struct bench_run *run;
	pid_t far;
	pthread_t thread;
	int stop_fd;
	double start, user, system, far_start;
	struct conn conns[CONNS];
	uint32_t conn_count;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

/* Below 0: that process is not to be seen. */
static double cpu_of(pid_t pid)
{
	struct timespec t;
	clockid_t clock;

	if (pid <= 0 || clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
		return -1;
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- connections ---- */

static uint16_t port_of(const struct sockaddr_storage *a)
{
	struct sockaddr_in six4;
	struct sockaddr_in6 six6;

	if (a->ss_family == AF_INET) {
		memcpy(&six4, a, sizeof(six4));
		return ntohs(six4.sin_port);
	}
	memcpy(&six6, a, sizeof(six6));
	return ntohs(six6.sin6_port);
}

static void name_of(const struct sockaddr_storage *a, uint16_t local, char out[64])
{
	char host[INET6_ADDRSTRLEN] = "?";
	const size_t at = a->ss_family == AF_INET ? offsetof(struct sockaddr_in, sin_addr)
						  : offsetof(struct sockaddr_in6, sin6_addr);

	inet_ntop(a->ss_family, (const char *)a + at, host, sizeof(host));
	snprintf(out, 64, "%s:%u from %u", host, port_of(a), local);
}

static struct conn *conn_of(struct sampler *s, int fd, const struct sockaddr_storage *peer,
			    uint16_t local)
{
	struct conn *c;

	for (uint32_t i = 0; i < s->conn_count; i++)
		if (s->conns[i].fd == fd && s->conns[i].local == local)
			return &s->conns[i];
	if (s->conn_count == CONNS)
		return NULL;
	c = &s->conns[s->conn_count++];
	*c = (struct conn){.fd = fd, .local = local};
	name_of(peer, local, c->name);
	return c;
}

static void look_at(struct sampler *s, int fd, bool first)
{
	struct sockaddr_storage peer, own;
	socklen_t peer_len = sizeof(peer), own_len = sizeof(own);
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);
	struct conn *c;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 ||
	    len < offsetof(struct tcp_info, tcpi_segs_out) ||
	    getpeername(fd, (struct sockaddr *)&peer, &peer_len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&own, &own_len) != 0 ||
	    (peer.ss_family != AF_INET && peer.ss_family != AF_INET6))
		return;
	c = conn_of(s, fd, &peer, port_of(&own));
	if (c == NULL)
		return;
	c->in = (double)info.tcpi_bytes_received;
	c->out = (double)info.tcpi_bytes_acked;
	c->rtt_ms = info.tcpi_rtt / 1e3;
	c->resent = info.tcpi_total_retrans;
	if (first) {
		c->base_in = c->in;
		c->base_out = c->out;
	}
}

static void look(struct sampler *s, bool first)
{
	for (int fd = 3; fd < FDS; fd++)
		look_at(s, fd, first);
}

/* ---- samples ---- */

static void take(struct sampler *s, bool first)
{
	struct bench_sample m = {.at_s = now() - s->start};
	struct rusage u;

	look(s, first);
	getrusage(RUSAGE_SELF, &u);
	m.user = seconds_of(u.ru_utime) - s->user;
	m.system = seconds_of(u.ru_stime) - s->system;
	m.far = cpu_of(s->far);
	m.far = m.far < 0 || s->far_start < 0 ? -1 : m.far - s->far_start;
	for (uint32_t i = 0; i < s->conn_count; i++) {
		m.in += s->conns[i].in - s->conns[i].base_in;
		m.out += s->conns[i].out - s->conns[i].base_out;
	}
	bench_run_sample(s->run, &m);
}

/* As many periods between two samples as it takes to have room for all. */
static void *watch(void *ctx)
{
	struct sampler *s = ctx;
	struct pollfd p = {.fd = s->stop_fd, .events = POLLIN};
	int stride = 1;

	while (poll(&p, 1, PERIOD_MS * stride) <= 0) {
		uint32_t before = s->run->sample_count;

		take(s, false);
		if (s->run->sample_count < before)
			stride *= 2;
	}
	return NULL;
}

static int start_thread(struct sampler *s)
{
	sigset_t before;
	int rc;

	signals_hold(&before);
	rc = pthread_create(&s->thread, NULL, watch, s);
	signals_restore(&before);
	return rc;
}

struct sampler *sampler_start(struct bench_run *run, pid_t far)
{
	struct sampler *s = calloc(1, sizeof(*s));
	struct rusage u;

	if (s == NULL)
		return NULL;
	s->run = run;
	s->far = far;
	s->stop_fd = eventfd(0, EFD_CLOEXEC);
	getrusage(RUSAGE_SELF, &u);
	s->user = seconds_of(u.ru_utime);
	s->system = seconds_of(u.ru_stime);
	s->far_start = cpu_of(far);
	s->start = now();
	take(s, true);
	if (s->stop_fd >= 0 && start_thread(s) == 0)
		return s;
	if (s->stop_fd >= 0)
		close(s->stop_fd);
	free(s);
	return NULL;
}

/* Only connections that carried something of this run. */
static void fill_links(const struct sampler *s)
{
	struct bench_run *run = s->run;

	for (uint32_t i = 0; i < s->conn_count && run->link_count < BENCH_LINKS; i++) {
		const struct conn *c = &s->conns[i];
		struct bench_link *l = &run->links[run->link_count];

		if (c->in - c->base_in < 65536 && c->out - c->base_out < 65536)
			continue;
		run->link_count++;
		memcpy(l->name, c->name, sizeof(l->name));
		l->in = c->in - c->base_in;
		l->out = c->out - c->base_out;
		l->rtt_ms = c->rtt_ms;
		l->resent = c->resent;
	}
}

void sampler_stop(struct sampler **owner)
{
	struct sampler *s = *owner;
	const struct bench_sample *last;
	struct rusage u;
	uint64_t one = 1;

	*owner = NULL;
	check(write(s->stop_fd, &one, sizeof(one)) == (ssize_t)sizeof(one));
	pthread_join(s->thread, NULL);
	take(s, false);
	last = &s->run->samples[s->run->sample_count - 1];
	s->run->seconds = last->at_s;
	s->run->user = last->user;
	s->run->system = last->system;
	s->run->far = last->far;
	getrusage(RUSAGE_SELF, &u);
	s->run->rss_peak = 1024.0 * (double)u.ru_maxrss;
	fill_links(s);
	close(s->stop_fd);
	free(s);
}
