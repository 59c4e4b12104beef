/*
 * The whole of tgclone and of the simulated Telegram in one process and in virtual time: a world, a
 * server's host, a client's host that is killed now and then, and a disk that forgets. One seed
 * decides everything.
 */
#ifndef TGCLONE_TESTS_SIM_WHOLE_H
#define TGCLONE_TESTS_SIM_WHOLE_H

#include "proto/crypto/rsa.h"
#include "tests/sim/disk.h"
#include "tests/sim/ring_sim.h"

enum {
	WHOLE_API_ID = 94575,
	WHOLE_DCS = 2,
	WHOLE_FAULTS = 16,
	WHOLE_KILLS = 8,
	WHOLE_WORDS = 6,
	WHOLE_LIVES = 12,
	WHOLE_DEEDS = 10,
	WHOLE_TOPIC = 2, /* the first topic of the target, where one is to be there */
};
#define WHOLE_API_HASH "a3406de8d171bb422bb6ddf3bbd800e2"

/* When a process dies: some time after the nth time that it came to a moment of its work. */
enum moment {
	AT_TIME,    /* after its start */
	AT_INTENT,  /* the send is put into the ledger, not yet on the wire */
	AT_SENDING, /* the send is on the wire */
	AT_LOOKUP,  /* it looks for what an earlier life sent */
	AT_PARTS,   /* bytes of files are under way */
	AT_MEDIA,   /* uploadMedia is on the wire */
	MOMENTS,
};

struct death {
	enum moment at;
	uint32_t nth;
	uint64_t ns;
};

const char *moment_name(enum moment);

/* What the user asks of a life; behind those that are drawn come lives that ask for everything. */
struct wish {
	int mode; /* enum plan_mode */
	int32_t from_id, to_id;
	uint64_t limit;
	bool retry; /* what was skipped is to be tried again */
	bool stop;  /* what ends it is a signal */
};

/* What people do in the chats while the job runs. */
enum deed_kind {
	DEED_EDIT,    /* a message of the source says something else */
	DEED_MEDIA,   /* or has the media of another one */
	DEED_DELETE,  /* or is gone */
	DEED_NEW,     /* the source gets one more */
	DEED_PROTECT, /* nothing may be forwarded out of the source */
	DEED_OPEN,    /* that is over */
	DEED_ECHO,    /* another one says in the target what a message of the source says */
	DEED_REMOVE,  /* a copy is taken out of the target by hand */
	DEED_EXPIRE,  /* all file references expire */
	DEED_CROWD,   /* another one says more than a page in the target */
	DEED_TOPIC,   /* the source gets one more topic, with a message in it */
	DEED_TWIN,    /* another one makes a topic of that name in the target */
	DEED_MOVE,    /* the account lives on another DC from now on */
	DEED_PLAN,    /* what a message of the source says is scheduled by hand in the channel */
	DEEDS,
};
struct deed {
	enum deed_kind kind;
	uint64_t at_ns;
	uint32_t pick; /* of the messages there are */
};
const char *deed_name(enum deed_kind);

enum target_kind { TARGET_GROUP, TARGET_CHANNEL, TARGET_BASIC, TARGET_SAVED, TARGETS };
const char *target_name(enum target_kind);

/* Everything that a seed draws, printed on the first line of a run. */
struct scenario {
	uint64_t seed;
	char synth[256];
	int mode; /* enum plan_mode */
	uint64_t topics; /* 0: no forum */
	bool pfs; /* temporary keys */
	bool unpaced; /* no limit of posts */
	uint32_t ahead; /* groups whose bytes are on their way; 0: 8 */
	struct sim_net net;
	char faults[WHOLE_FAULTS][128]; /* of the server */
	uint32_t fault_kinds[WHOLE_FAULTS], fault_count;
	const char *knobs[WHOLE_FAULTS]; /* NAME=VALUE, of the server's world */
	uint32_t knob_count;
	struct death deaths[WHOLE_KILLS]; /* of one life after the other */
	uint32_t death_count;
	enum disk_death disk;
	uint32_t alike; /* messages of the same text, one after the other, at the source's end */
	uint64_t jump_ns; /* when the client's wall clock jumps; 0: never */
	int64_t jump_by_ns;
	enum target_kind target; /* a supergroup, or the like, unless it is said */
	bool keep_author, allow_protected;
	bool source_channel;
	int32_t slow; /* seconds of the target's slow mode, which binds the account */
	int32_t source_topic, target_topic; /* only that topic is cloned; into that one */
	uint32_t alike_media; /* messages with the same photo, or file, and words, at the source's end */
	uint32_t extras; /* kinds of rare messages there, a bit each */
	uint32_t part_size; /* 0: the largest */
	uint32_t old_copies; /* so many messages stand in the target before the job begins, said by the same account */
	bool refuses; /* a fault of the server's may have a message skipped; a retry mends that */
	bool late; /* a send may be executed long after it was sent */
	bool unordered; /* the target's order cannot be judged */
	bool may_skip; /* it may be skipped in the end, which the judge knows */
	struct wish wishes[WHOLE_LIVES];
	uint32_t wish_count;
	struct deed deeds[WHOLE_DEEDS];
	uint32_t deed_count;
	uint64_t words_ns[WHOLE_WORDS]; /* when the owner writes into the target by hand; 0: never */
	uint32_t links, inflight, chunks;
	uint64_t commit_ns; /* what is put into the ledger waits so long for its commit */
	uint64_t calm_ns;   /* faults end: from then on it must get done */
	struct rsa_private *rsa;
};

/* ---- whole_server.c ---- */

/* Its headers and the engine's have names in common: it is known by these calls only. */
struct telegram;

/* The key that all of them have; the caller frees it. */
struct rsa_private *telegram_key(void);
struct telegram *telegram_open(struct simworld *, const struct scenario *);
void telegram_fault(struct telegram *, const char *rule);
void telegram_calm(struct telegram *); /* no faults of the server from now on */
/* How often the scenario's fault fired; how many random_ids came more than once. */
uint64_t telegram_fired(const struct telegram *, uint32_t fault);
uint64_t telegram_repeats(const struct telegram *);
/* A word with its control door; the whole answer, "ok LENGTH\n..." or "err ...", until the next. */
const char *telegram_control(struct telegram *, const char *line);
/* tgsim's own world, for tests that know its headers. */
struct world *telegram_world(struct telegram *);
uint16_t telegram_dc(const struct telegram *, uint32_t i, uint16_t *port);
/* Chat 0 is the source, 1 the target. Its marked id. */
int64_t telegram_chat(struct telegram *, uint32_t i, int64_t *access_hash);
bool telegram_protected(struct telegram *); /* whether the source is */
const char *telegram_phone(struct telegram *);
const char *telegram_code(struct telegram *);
/* The chat's next message has a number above that. */
void telegram_number(struct telegram *, uint32_t chat, int32_t last_id);
/* The account's owner writes something into a chat with another program; its id. */
int32_t telegram_say(struct telegram *, uint32_t chat, const char *text);
/* Somebody changes a message of a chat. */
void telegram_delete(struct telegram *, uint32_t chat, int32_t id);
void telegram_edit(struct telegram *, uint32_t chat, int32_t id, const char *text);
/* Its media is that of the other one from now on. */
void telegram_edit_media(struct telegram *, uint32_t chat, int32_t id, int32_t other);
/* ---- whole_people.c ---- */

/* It is done; false: there is nothing that it could be done to. */
bool telegram_deed(struct telegram *, const struct deed *, int32_t *id);
/* The message of the source or the target that it would be done to; 0: to none. */
int32_t telegram_picks(struct telegram *, const struct deed *);
/* The account itself says that message of the source once more, in the target; or one with media in the source. */
void telegram_say_again(struct telegram *, uint32_t pick);
void telegram_show_again(struct telegram *, uint32_t pick);

/* A message that is no service message and is there, in the order of the dump's lines. */
struct posted {
	int32_t id, reply_to, topic;
	int64_t random_id, grouped_id;
	bool came_out; /* it waited among the scheduled ones, converted */
};
/* The caller frees it. */
struct posted *telegram_posted(struct telegram *, uint32_t chat, uint32_t *count);
/* What the account's random_id made in the target, there or not; 0: nothing. */
int32_t telegram_made(struct telegram *, int64_t random_id);

/* ---- whole_server.c again ---- */

/* The canonical lines of a chat; the caller frees them. */
char *telegram_dump(struct telegram *, uint32_t chat, uint32_t *count);
/* numbers: of files that were copied by reference, whose bytes would take too long to look at. */
char *telegram_dump_files(struct telegram *, uint32_t chat, bool numbers, uint32_t *count);

#endif
