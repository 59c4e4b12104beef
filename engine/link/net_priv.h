/*
 * The net as this room sees it.
 *
 *   net       all of it: memory, the facade, the turn            net.c facade.c
 *   centre    one data centre                                    centre_priv.h
 *   link      one TCP connection with its session                link_priv.h
 *   question  one net_call, or one of our own                    question_priv.h
 *   parcel    one packet on its way out                          parcel_priv.h
 *   relay     one file part that goes from link to link          relay_priv.h
 *   growth    how many links there are                           growth_priv.h
 */
#ifndef TGCLONE_LINK_NET_PRIV_H
#define TGCLONE_LINK_NET_PRIV_H

#include "engine/link/centre_priv.h"
#include "engine/link/growth_priv.h"
#include "engine/link/relay_priv.h"
#include "proto/base/crash.h"

struct left {
	struct sockaddr_storage address;
	uint64_t ns;
};

struct notice {
	uint16_t dc;
	char text[TEXT_MAX];
};

/* A zero-copy send of one chunk, by the chunk's index. */
struct zero_send {
	struct op op;
	struct net *net;
	struct link *link; /* until done */
	struct chunk *chunk;
};

struct net {
	struct net_options o;
	struct ring *ring;
	uint64_t now;
	/* When the last turn waited, and until when at most; 0: there was none. */
	uint64_t waited_ns, waited_wall_ns, wait_end_ns;
	struct left left[LEFT_MAX]; /* addresses that this machine left lately, a ring */
	uint32_t left_at;
	uint64_t ways_ns; /* until then it has several */
	/* IPv4 or IPv6, whichever connected last: new connections prefer it. */
	int family; /* AF_UNSPEC: not known yet */
	struct centre centres[NET_DC_MAX];
	uint32_t centre_count;
	struct growth growth;

	struct question *questions;
	uint8_t *smalls; /* QUESTION_SMALL bytes for each */
	uint32_t question_count, question_made; /* those behind were never needed, and are not touched */
	uint64_t asked; /* questions so far */
	struct list free_questions, failed;
	struct list whole; /* links with a packet to be opened, oldest first */
	struct list ready; /* links with packets or events to be asked for */
	struct relay relays[RELAYS_MAX];
	struct zero_send *zero_sends;
	uint32_t zero_count;                    /* that the kernel holds */
	bool zero_useless;                      /* it copies all the same */
	uint64_t load_since_ns, load_waited_ns; /* the second that is being measured */
	bool cpu_short;

	uint32_t relay_width; /* parts that one pass takes best */
	uint64_t relay_hold_ns;
	uint32_t parts_want;   /* room that they wait for */
	bool parts_short;      /* it is room that they wait for, not a partner */
	uint64_t parts_due_ns; /* whole parts wait for a partner or for room; 0: none does */
	uint8_t *large[LARGE_QUERIES];
	bool large_used[LARGE_QUERIES];

	struct centre *moving; /* S19: the home to be, until we are logged in there; NULL: none */
	uint32_t hops;         /* moves since the home DC answered last */
	uint64_t malformed_ns[MALFORMED_MAX - 1]; /* S6: times of the last ones, a ring */
	uint32_t malformed_at;

	bool dead, dead_told;
	int32_t dead_code;
	char dead_text[TEXT_MAX];
	bool changed;
	uint64_t salt_told_ns;
	uint64_t config_ns; /* addresses are not asked for before */
	struct notice notices[NOTICES_MAX];
	uint32_t notice_at, notice_count;

	uint8_t *inflate_in, *inflate_out, *config_mem;
	uint8_t random[1024];
	uint32_t random_left;
	struct net_stats stats;

	/* one mapping, cut up at the start */
	uint8_t *mem;
	size_t mem_size, mem_used;
};

void net_log(struct net *, int level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* For people: also becomes a NET_STATE event. */
void net_notice(struct net *, uint16_t dc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void net_die(struct net *, int32_t code, const char *text);
void net_random(struct net *, void *out, uint32_t len);
void net_salt_changed(struct net *, struct link *);
/* Printable ASCII, bounded: what came from a peer and goes to people. */
void net_clean(char *out, size_t size, const char *in);
struct centre *net_home(struct net *);

static inline uint32_t net_less(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* machine.c: what this machine does to its connections */
/* A connection stands; when it leaves from another address than others did, they are gone. */
void machine_connected(struct link *);
/* Once a turn, now is set: whether the program stood still, or the machine slept. */
void machine_watch(struct net *);
/* The turn waits: at most until then. */
void machine_waits(struct net *, uint64_t until_ns);

/* zerocopy.c */
/* Starts sending the chunk's packet from where it lies; false: it is to be sent the plain way. */
bool zerocopy_send(struct link *, struct chunk *, struct cspan bytes);
/* The ring waited for so long in this turn. */
void zerocopy_load(struct net *, uint64_t waited_ns);

/* authorize.c: the account's home is there now, as soon as it is logged in there. */
void net_move_home(struct net *, struct centre *to);

/* config.c: the answer to help.getConfig */
void config_learn(struct net *, struct cspan body);

#endif
