/* What shell*.c share. */
#ifndef TGSIM_SHELL_PRIV_H
#define TGSIM_SHELL_PRIV_H

#include "tools/tgsim/shell.h"

struct sock {
	struct list node;
	struct shell *shell;
	struct dc_conn *conn;
	int fd;
	bool closing, receiving, sending;
	uint32_t send_len;
	struct op recv, send;
};

/* One listening address. */
struct door {
	struct list node;
	struct shell *shell;
	int fd, dc;
	bool media, accepting;
	struct op accept;
};

/* One connection of the control socket. */
struct talk {
	struct list node;
	struct shell *shell;
	int fd;
	bool waiting, ended;
	struct op readable;
	char line[CONTROL_LINE_MAX];
	size_t len;
};

struct shell {
	struct shell_options o;
	int64_t offset_ns;
	bool stopping, watching, control_waiting;
	int watch_fd, control_fd;
	struct op watch, control_op;
	struct list doors, socks, talks;
	char control_path[108];
};

/* shell_control.c: 0 when host is no numeric address. */
socklen_t shell_address(const char *host, uint16_t port, struct sockaddr_storage *);
uint16_t shell_port(const struct sockaddr_storage *);

void shell_control_reap(struct shell *);
void shell_control_stop(struct shell *);
bool shell_control_busy(const struct shell *);

#endif
