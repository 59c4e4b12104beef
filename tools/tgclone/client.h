/*
 * One account's connection as the subcommands use it: ring, slab, net, and questions asked one after
 * the other. A question waits for its answer while the ring turns; server waits are obeyed and told to
 * the user; signals end it.
 */
#ifndef TGCLONE_CLIENT_H
#define TGCLONE_CLIENT_H

#include "engine/clone/clone.h"
#include "engine/link/net.h"
#include "proto/api/ask.h"
#include "tools/tgclone/dcconfig.h"
#include "tools/tgclone/store.h"

struct app;

/* Owners of questions that are not the clone's (its own are small numbers in the high half). */
enum { CLIENT_ASK = 1, CLIENT_BYTES = 2 };

enum client_status {
	CLIENT_OK,
	CLIENT_REFUSED, /* code and text of the rpc_error */
	CLIENT_GONE,	/* the account cannot go on */
	CLIENT_STOPPED, /* a signal */
	CLIENT_UNREAD,	/* the answer cannot be decoded */
	CLIENT_OFFLINE, /* --max-offline */
};

struct client {
	struct app *app;
	struct store store;
	struct session_data session;
	struct dcconfig dc;
	struct ring *ring;
	struct slab *slab;
	struct net *net;
	int layer;
	uint8_t *arena_mem, *scratch;
	struct arena arena; /* of the last answers; client_fresh empties it */
	int32_t code;
	char text[160];
	int signal_fd;
	struct op signal_op;
	bool signal_busy;
	int signal_got; /* number of the first one */
	bool gone;      /* the net died; code and text say why */
	uint64_t max_wait_ns;
	uint64_t give_up_ns; /* what is asked is not waited for beyond that, as without a connection; 0: no end */
	uint64_t offline_ns; /* so long none of them stood; 0: one does */
	uint64_t asked_ns;   /* when that was looked at; 0: never */
	uint64_t heard_before; /* bytes, when no connection stood */
	bool offline_told;
	uint16_t away_dc; /* what waits, waits for this one, and that is said; 0: for none */
	uint16_t away_told[NET_DC_MAX]; /* DCs that are said to be out of reach, and did not answer since; 0: free */
	char state[160];    /* what the net said last */
	uint16_t state_dc;  /* of that one */
};

/*
 * Opens the ring, the net and (files) the slab as the options say. 0, or an exit code after an error
 * line was printed. need_login: not logged in is an error (77).
 */
int client_open(struct client *, struct app *, bool files, bool need_login);
void client_close(struct client *);
static inline struct net_account *client_account(struct client *cl)
{
	return &cl->session.account;
}
/* The session file, after keys or the account changed. 0 or an exit code after an error line. */
int client_store(struct client *);
/* How its connections are made; also those of other engines, which share them by --cores. */
void client_net_options(struct client *, struct net_options *);
/* Bytes of chunks that one engine of --cores has. */
size_t client_buffer(const struct app *);
/* After logout. */
int client_forget(struct client *);
/* What --memory leaves beside the buffer and what is fixed. */
size_t client_look_bytes(const struct app *);
/* What --memory leaves to a command that takes no buffer. */
size_t client_beside_bytes(const struct app *);
/* Everything in the arena goes. */
void client_fresh(struct client *);
/*
 * Asks on the main session of the home DC. method: whose result type is demanded. The answer lives in
 * the client's arena. Waits (FLOOD_WAIT) are obeyed, up to --max-wait; other errors come back.
 */
enum client_status client_ask(struct client *, enum tlc method, const struct tl_obj *query,
			      const struct tl_obj **answer);
/* The same, asked once: only a FLOOD_WAIT is waited for. dc 0: home. */
enum client_status client_try(struct client *, uint16_t dc, enum tlc method,
			      const struct tl_obj *query, const struct tl_obj **answer);
/* As client_ask waits: told when it is a second or more, CLIENT_REFUSED when it is longer than --max-wait. */
enum client_status client_wait(struct client *, uint64_t wait_ns, const char *why);
/* For work that asks nobody, now and then: whether a signal wants it to end. */
bool client_stopped(struct client *);
/* One turn for callers that drive the net themselves; stores the account when it changed. */
int client_turn(struct client *, uint64_t until_ns);
/*
 * So long nothing is connected, as far as the program saw it. To be asked each turn, and each second while it is
 * not 0: it tells the user.
 */
uint64_t client_offline_ns(struct client *);
/* --max-offline: nothing is connected for longer than that. To be asked each turn. */
bool client_offline(struct client *);
/* Handles events that are not answers. */
void client_heard(struct client *, const struct net_event *);
/* The exit code that fits the last failure, after its line was printed to stderr. */
int client_fail(const struct client *, enum client_status, const char *what);

#endif
