/*
 * The I/O of the simulator. Owns sockets and their ops; a socket goes when nothing of it is in
 * flight:
 *
 *   OPEN --core's fate, peer's end, error--> CLOSING --last op ended--> freed
 *
 * Bytes are received where the core wants them and sent from where they lie. Nothing is decided
 * here.
 */
#include "tools/tgsim/shell.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/tgsim/shell_priv.h"

enum { LOG_FLUSH = 1 << 16, TURN_MAX_NS = 1000000000 };

int64_t shell_now(struct ring *r, int64_t offset_ns)
{
	return (int64_t)ring_now(r) + offset_ns;
}

struct shell *shell_open(const struct shell_options *options, int64_t offset_ns)
{
	struct shell *sh = calloc(1, sizeof(*sh));

	check(sh != NULL);
	sh->o = *options;
	sh->offset_ns = offset_ns;
	dc_can_look(sh->o.server);
	list_init(&sh->doors);
	list_init(&sh->socks);
	list_init(&sh->talks);
	sh->control_fd = sh->watch_fd = -1;
	return sh;
}

/* ---- sockets ---- */

static void sock_end(struct sock *k, bool reset)
{
	if (k->closing)
		return;
	k->closing = true;
	if (reset) {
		ring_abort(k->shell->o.ring, k->fd);
		if (k->receiving)
			ring_cancel(k->shell->o.ring, &k->recv);
		if (k->sending)
			ring_cancel(k->shell->o.ring, &k->send);
	} else {
		ring_shutdown(k->shell->o.ring, k->fd);
	}
}

static void sock_join(struct sock *k)
{
	if (!k->closing || k->receiving || k->sending)
		return;
	dc_conn_closed(&k->conn);
	ring_close_fd(k->shell->o.ring, k->fd);
	list_del(&k->node);
	free(k);
}

static void send_done(struct op *op)
{
	struct sock *k = container_of(op, struct sock, send);

	k->sending = false;
	if (op->res > 0)
		dc_conn_sent(k->conn, (uint32_t)op->res,
			     shell_now(k->shell->o.ring, k->shell->offset_ns));
	if (op->res < (int32_t)k->send_len)
		sock_end(k, false);
}

static void recv_done(struct op *op)
{
	struct sock *k = container_of(op, struct sock, recv);

	k->receiving = false;
	if (op->res > 0)
		dc_conn_took(k->conn, (uint32_t)op->res,
			     shell_now(k->shell->o.ring, k->shell->offset_ns));
	else if (op->res != -EAGAIN)
		sock_end(k, false);
}

/* Starts what the core has for this socket. */
static void sock_pump(struct sock *k, int64_t now)
{
	struct ring *r = k->shell->o.ring;

	if (!k->closing && !k->sending) {
		struct cspan out = dc_conn_output(k->conn, now);

		if (out.len > 0) {
			k->sending = true;
			k->send_len = (uint32_t)out.len;
			k->send.done = send_done;
			ring_send(r, &k->send, k->fd, out.at, k->send_len);
		}
	}
	if (!k->closing && dc_conn_fate(k->conn) >= DC_CONN_CLOSE && !k->sending)
		sock_end(k, dc_conn_fate(k->conn) == DC_CONN_RESET);
	else if (!k->closing && dc_conn_fate(k->conn) == DC_CONN_RESET)
		sock_end(k, true);
	if (!k->closing && !k->receiving) {
		struct span want = dc_conn_want(k->conn, now);

		if (want.len > 0) {
			k->receiving = true;
			k->recv.done = recv_done;
			ring_recv(r, &k->recv, k->fd, want.at, (uint32_t)want.len,
				  dc_conn_want_all(k->conn));
		}
	}
	sock_join(k);
}

/* ---- doors ---- */

static void start_accept(struct door *);

static void accept_done(struct op *op)
{
	struct door *d = container_of(op, struct door, accept);
	struct shell *sh = d->shell;
	struct sock *k;

	d->accepting = false;
	if (op->res >= 0) {
		k = calloc(1, sizeof(*k));
		check(k != NULL);
		k->shell = sh;
		k->fd = op->res;
		k->conn = dc_conn_open(sh->o.server, d->dc, d->media,
				       shell_now(sh->o.ring, sh->offset_ns));
		if (k->conn != NULL) {
			list_push(&sh->socks, &k->node);
		} else {
			ring_close_fd(sh->o.ring, k->fd);
			free(k);
		}
	}
	if (!sh->stopping)
		start_accept(d);
}

static void start_accept(struct door *d)
{
	d->accepting = true;
	d->accept.done = accept_done;
	ring_accept(d->shell->o.ring, &d->accept, d->fd);
}

int shell_listen(struct shell *sh, struct config_dc *dc)
{
	struct sockaddr_storage addr, bound;
	socklen_t len = shell_address(dc->host, dc->port, &addr);
	struct door *d;
	int fd;

	if (len == 0)
		return -EINVAL;
	fd = ring_listen(sh->o.ring, (struct sockaddr *)&addr, len, &bound);
	if (fd < 0)
		return fd;
	dc->port = shell_port(&bound);
	d = calloc(1, sizeof(*d));
	check(d != NULL);
	d->shell = sh;
	d->fd = fd;
	d->dc = dc->id;
	d->media = dc->media;
	list_push(&sh->doors, &d->node);
	start_accept(d);
	return 0;
}

/* ---- the turn ---- */

static void flush_log(struct shell *sh, size_t least)
{
	struct sink *lines = &sh->o.log->lines;
	size_t done = 0;

	if (sh->o.log_fd < 0 || lines->len == 0 || lines->len < least)
		return;
	while (done < lines->len) {
		ssize_t n = write(sh->o.log_fd, lines->at + done, lines->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break; /* a full disk must not stop the simulator; the log has a gap then */
		done += (size_t)n;
	}
	sink_clear(lines);
}

static void watch_done(struct op *op)
{
	struct shell *sh = container_of(op, struct shell, watch);

	sh->watching = false;
	if (op->res == 0)
		sh->stopping = true;
}

void shell_watch(struct shell *sh, int fd)
{
	sh->watch_fd = fd;
	sh->watching = true;
	sh->watch.done = watch_done;
	ring_readable(sh->o.ring, &sh->watch, fd);
}

static void sock_look(struct sock *k, int64_t now)
{
	struct ring_progress p;

	if (k->closing || !dc_conn_look_wanted(k->conn))
		return;
	/* Where the kernel does not say, all of it has. */
	if (!ring_progress(k->shell->o.ring, k->fd, &p))
		p.acked = UINT64_MAX;
	dc_conn_looked(k->conn, p.acked, now);
}

static void work(struct shell *sh)
{
	int64_t now = shell_now(sh->o.ring, sh->offset_ns);

	dc_tick(sh->o.server, now);
	list_each_safe (n, tmp, &sh->socks) {
		struct sock *k = container_of(n, struct sock, node);

		sock_look(k, now);
		sock_pump(k, now);
	}
	shell_control_reap(sh);
	if (sh->o.control->stop)
		sh->stopping = true;
}

int shell_turn(struct shell *sh)
{
	int64_t due, now;
	int n;

	work(sh);
	now = shell_now(sh->o.ring, sh->offset_ns);
	due = dc_due(sh->o.server);
	if (due > now + TURN_MAX_NS)
		due = now + TURN_MAX_NS;
	flush_log(sh, due <= now ? LOG_FLUSH : 1);
	n = ring_run(sh->o.ring, due <= now ? 0 : (uint64_t)(due - sh->offset_ns));
	return n < 0 ? n : 0;
}

int shell_run(struct shell *sh)
{
	int error = 0;

	while (!sh->stopping && error == 0)
		error = shell_turn(sh);
	return error;
}

static bool busy(const struct shell *sh)
{
	bool busy = sh->watching || !list_empty(&sh->socks) || shell_control_busy(sh);

	list_each (n, &sh->doors)
		busy |= container_of(n, struct door, node)->accepting;
	return busy;
}

static void stop_all(struct shell *sh)
{
	sh->stopping = true;
	list_each (n, &sh->doors) {
		struct door *d = container_of(n, struct door, node);

		if (d->accepting)
			ring_cancel(sh->o.ring, &d->accept);
	}
	if (sh->watching)
		ring_cancel(sh->o.ring, &sh->watch);
	list_each (n, &sh->socks)
		sock_end(container_of(n, struct sock, node), false);
	shell_control_stop(sh);
}

void shell_close(struct shell **owner)
{
	struct shell *sh = *owner;

	*owner = NULL;
	stop_all(sh);
	while (busy(sh)) {
		list_each_safe (n, tmp, &sh->socks) {
			struct sock *k = container_of(n, struct sock, node);

			sock_end(k, false);
			sock_join(k);
		}
		shell_control_reap(sh);
		if (busy(sh) && ring_run(sh->o.ring, ring_now(sh->o.ring) + TURN_MAX_NS) < 0)
			break;
	}
	for (struct list *n = list_pop(&sh->doors); n != NULL; n = list_pop(&sh->doors)) {
		struct door *d = container_of(n, struct door, node);

		ring_close_fd(sh->o.ring, d->fd);
		free(d);
	}
	flush_log(sh, 1);
	free(sh);
}
