/*
 * A running simulator and a net that is connected to it, for the tests of this room: started by
 * sim_open with a world and faults, logged in on demand, asked question by question.
 */
#ifndef TGCLONE_TESTS_LINK_SIM_H
#define TGCLONE_TESTS_LINK_SIM_H

#include "engine/link/net.h"
#include "proto/api/media.h"

#include <criterion/criterion.h>
#include <sys/types.h>

struct sim_options {
	const char *synth;
	const char *args[24]; /* more arguments of the simulator, NULL-terminated */
	bool poll, obfuscated, pfs;
	enum transport transport;
	enum net_zerocopy zerocopy;
	uint32_t links, inflight, chunks; /* 0: some */
	uint64_t timeout_ns;
	int layer; /* 0: 228 */
};

struct sim {
	/* A word with a simulator that is no process of its own; NULL: it is one. */
	const char *(*tell)(void *arg, const char *command);
	void *tell_arg;
	bool keys_lost; /* the server forgets temporary keys, or unbinds them, and may say so */
	bool damaged; /* what we send arrives damaged: the server may say so */
	char dir[64];
	pid_t pid;
	char phone[32], code[16], api_hash[64];
	int64_t chats[2];
	struct peer source;

	struct ring *ring;
	struct slab *slab;
	struct net *net;
	struct net_account account;
	struct net_options options;
	int layer;

	struct arena arena;
	uint8_t *arena_mem;
	struct net_event ev; /* the last answer */
	uint8_t *body;       /* a copy of its result */
	size_t body_len;
	uint32_t states, changes, updates, losts;
	bool dead;
	char dead_text[160];
	char state_text[160]; /* of the last NET_STATE */
};

void sim_open(struct sim *, const struct sim_options *);
/*
 * The same with a simulator that is there: tell, ring, account, source, phone, code, api_hash and
 * the rsa and api_id of options are set by the caller.
 */
void sim_open_here(struct sim *, const struct sim_options *);
void sim_close(struct sim *);
/* A word with the simulator; the text of its answer stays valid until the next one. */
const char *sim_ctl(struct sim *, const char *command);
/* A counter of its statistics, by path ("faults/fired/drop"); -1: not there. */
double sim_stat(struct sim *, const char *path);
/* net_close and net_open again with what was kept of the account. */
void sim_reopen_net(struct sim *);

/* Encodes; a static buffer. */
struct cspan sim_encode(struct sim *, const struct tl_obj *);
/* Asks and waits for the answer, which is in s->ev and s->body. */
enum net_event_kind sim_ask(struct sim *, uint16_t dc, enum net_lane, const struct tl_obj *query);
/* The same, the result decoded; an error fails the test. */
const struct tl_obj *sim_get(struct sim *, enum tlc method, const struct tl_obj *query);
/* One event that is about a question; others are counted. NULL after the net died. */
struct net_event *sim_event(struct sim *);
void sim_login(struct sim *);
/* What the account knows of that DC; it fails the test when that is nothing. */
struct net_dc *sim_dc(struct sim *, uint16_t id);
/* The first document of the source chat. */
struct media_file sim_document(struct sim *);

#endif
