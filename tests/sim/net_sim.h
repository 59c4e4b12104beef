/*
 * Inside of the simulated world. world_sim.c: clock, queue of events, trace, turns. net_sim.c:
 * connections, bytes on the wire, faults. sock_sim.c: the sockets of the hosts and their ops.
 * ring_sim.c: the body, one host.
 *
 *   op --sock_start--> socket --flow_push--> wire --event--> other socket --sock_match--> op ends
 */
#ifndef TGCLONE_TESTS_SIM_NET_SIM_H
#define TGCLONE_TESTS_SIM_NET_SIM_H

#include "engine/ring/ring_priv.h"
#include "tests/sim/ring_sim.h"

enum event_kind {
	EVENT_CALL,
	EVENT_SYN,
	EVENT_CONNECTED, /* SYN-ACK, or what came instead of it: value is 0 or an errno */
	EVENT_DATA,      /* value: bytes arrived by then; acked and freed as below */
	EVENT_ACK,       /* acked: bytes arrived at the other end, freed: read there */
	EVENT_FIN,
	EVENT_RST,
};

struct event {
	uint64_t at_ns, number; /* number breaks ties: first come, first served */
	enum event_kind kind;
	int side; /* of the end that it reaches */
	struct conn *conn;
	uint64_t value, acked, freed;
	void (*fn)(void *);
	void *arg;
};

/* Bytes towards one end; totals since the connection began. */
struct flow {
	uint8_t *ring; /* taken with the first byte */
	uint32_t size;
	uint64_t written, sent, arrived, read;
	uint64_t acked, freed; /* what the sender knows of arrived and read */
	uint64_t told;         /* of read, by an ack on its way */
	uint64_t free_ns, last_ns;
	uint64_t bytes_per_s;
	uint64_t trickle_ns; /* not 0: bytes go one by one, so far apart */
	uint64_t strike_at; /* byte of the connection's fault */
	enum sim_fault strike;
	bool fin_wanted, fin_sent, fin_arrived;
	bool dead; /* nothing passes */
	bool cut;  /* nothing more is sent */
};

/* A send without copying: its memory is read until all of it is acknowledged. */
struct pin {
	struct host *host;
	struct op *op;
	uint64_t upto; /* of the flow's bytes */
};

struct end {
	struct sock *sock; /* NULL: not yet accepted, or closed */
	struct flow in;
	struct pin *pins; /* of what it sends */
	uint32_t pin_count, pin_room;
	bool closed, shut, broken;
	int err; /* told once */
};

struct sim_address {
	int family;
	uint8_t ip[16];
	uint16_t port;
};

struct conn {
	struct list node, waiting; /* of the world, of the listener */
	struct end end[2];         /* 0 connects, 1 accepts */
	struct sim_address to;
	uint32_t number, refs; /* open ends and events */
	bool up;
};

enum sock_state {
	SOCK_FREE,
	SOCK_FRESH,
	SOCK_LISTENING,
	SOCK_CONNECTING,
	SOCK_UP,
	SOCK_FAILED,
};

struct sock {
	enum sock_state state;
	struct host *host;
	struct conn *conn;
	int side, family, connect_res;
	uint32_t from; /* the host's address when it was connected */
	bool shut, reset, connect_known;
	struct op *in, *out;
	struct sim_address local; /* of a listener */
	struct list waiting;      /* connections not yet accepted */
	uint32_t waiting_count;
};

struct route {
	struct sim_address to;
	enum sim_route how;
};

enum { ROUTES_MAX = 32, BACKLOG_MAX = 1024 };

struct simworld {
	struct sim_options o;
	struct rng net_rng, harness_rng;
	uint64_t seed_state; /* for the streams of hosts to come */
	uint64_t now, number, hash, notes;
	uint64_t fired[SIM_FAULTS];
	struct event *events;
	uint32_t event_count, event_room;
	struct list hosts, conns;
	uint64_t shared_free_ns[2]; /* by the end that is sent to */
	uint32_t host_count, conn_number;
	struct sock *socks;
	uint32_t sock_count;
	uint16_t next_port;
	struct route routes[ROUTES_MAX];
	uint32_t route_count;
	bool (*idle)(void *);
	void *idle_arg;
};

struct host {
	struct ring base;
	struct list node;
	struct simworld *world;
	char name[16];
	uint32_t index;
	struct rng rng;
	struct list pending, cancels, held, foreign;
	uint64_t wish; /* of the world's clock */
	uint64_t lag, asleep_until;
	uint32_t address; /* another one after each simhost_vanish() */
	int64_t wall_offset;
	bool waits, running, in_turn;
	void (*turn)(void *);
	void *arg;
	uint32_t flying;
};

/* ---- world_sim.c ---- */

void world_note(struct simworld *, const struct host *, const char *what, uint64_t a, uint64_t b);
/* Draws, and counts when it strikes. */
bool world_strikes(struct simworld *, enum sim_fault);
/* Copies it; an event of a connection holds that. */
void world_post(struct simworld *, const struct event *);
/* Everything due by now, in order. */
void world_deliver(struct simworld *);
/* When something is next to be done by anybody; UINT64_MAX never. */
uint64_t world_next(struct simworld *);
uint32_t world_turns(struct simworld *, const struct host *except);
bool world_idle(struct simworld *);

/* ---- net_sim.c ---- */

/* Sends the SYN, or lets the fault happen that was drawn. */
struct conn *conn_start(struct simworld *, const struct sim_address *to);
void conn_hold(struct conn *);
void conn_drop(struct conn **);
void conn_event(struct simworld *, struct event *);
/* Takes in what fits; how much. */
uint32_t flow_push(struct simworld *, struct conn *, int to, const uint8_t *, uint32_t len);
uint32_t flow_pull(struct simworld *, struct conn *, int side, uint8_t *, uint32_t len);
uint32_t flow_ready(const struct conn *, int side);
/* FIN after what is written; or RST, and what is not sent is lost. */
void flow_end(struct simworld *, struct conn *, int to, bool reset);
void conn_vanish(struct simworld *, struct conn *);
void conn_reset(struct simworld *, struct conn *);
void conn_pin(struct conn *, int side, struct host *, struct op *);
/* Those that are acknowledged, or all. */
void conn_unpin(struct conn *, int side, bool all);
/* The host is no more. */
void conn_forget_pins(struct conn *, const struct host *);
bool address_of(const struct sockaddr *, struct sim_address *);
bool address_covers(const struct sim_address *rule, const struct sim_address *);

/* ---- sock_sim.c ---- */

int sock_new(struct host *, int family);
struct sock *sock_of(struct host *, int fd);
int sock_listen(struct host *, const struct sockaddr *, struct sockaddr_storage *bound);
struct sock *sock_listener(struct simworld *, const struct sim_address *);
/* The op is the socket's from here on; sock_match() ends it when it can. */
void sock_start(struct host *, struct op *);
void sock_match(struct sock *);
void sock_forget(struct sock *, struct op *);
void sock_shutdown(struct sock *);
void sock_abort(struct sock *);
void sock_close(struct sock *);
void sock_kill(struct sock *); /* with ops in flight */
void sock_connected(struct sock *, int err);
/* Over the bytes of a send: they must be the same when it ends. */
uint64_t send_digest(const struct op *);

/* ---- ring_sim.c ---- */

void host_end(struct host *, struct op *, int32_t res);
/* The send's memory is its owner's again. */
void host_release(struct host *, struct op *);
bool host_ready(struct host *);
uint64_t host_next(struct host *);

#endif
