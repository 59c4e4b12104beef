/*
 * The simulator on real sockets: listens for every DC, carries bytes between the ring and the sans
 * I/O core, serves the control socket, writes the log. One thread, one ring.
 */
#ifndef TGSIM_SHELL_H
#define TGSIM_SHELL_H

#include "engine/ring/ring.h"
#include "tools/tgsim/config.h"
#include "tools/tgsim/control.h"

struct shell;

struct shell_options {
	struct ring *ring;
	struct dc_server *server;
	struct control *control;
	struct simlog *log;
	int log_fd; /* -1: none */
};

/* Monotonic: wall time at the start plus what the ring's clock moved since. */
int64_t shell_now(struct ring *, int64_t offset_ns);

struct shell *shell_open(const struct shell_options *, int64_t offset_ns);
/* Listens at the address; a port of 0 is filled in. 0 or -errno. */
int shell_listen(struct shell *, struct config_dc *);
/* The control socket: 0 or -errno. */
int shell_listen_control(struct shell *, const char *path);
/* Ends shell_run when it becomes readable (a signalfd). */
void shell_watch(struct shell *, int fd);
/* One round: what is due, then one ring_run. 0 or -errno of a ring that does not work. */
int shell_turn(struct shell *);
/* Rounds until it is told to stop. 0 or -errno of a ring that does not work. */
int shell_run(struct shell *);
void shell_close(struct shell **);

#endif
