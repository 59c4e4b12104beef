/*
 * More engines, one per core (--cores N): threads with their own ring, slab and connections, to
 * which the lead lends file parts. A part is fetched, relayed and stored by one engine; the lead
 * hears how it ended. History, plan, pace, posts and the ledger stay with the lead.
 *
 *   lead    crew_lend -> ... crew_next (after crew's eventfd woke the lead's ring)
 *   engine  box -> getFile -> relay -> saveBigFilePart -> box
 *
 * An engine uses the account's keys and makes none: a part is lent only when its data centre's key
 * is there and logged in. What the server says against one of them is the lead's to be mended: none is
 * lent before it is.
 */
#ifndef TGCLONE_CREW_CREW_H
#define TGCLONE_CREW_CREW_H

#include "engine/link/net.h"
#include "proto/api/part.h"

enum { CREW_MAX = 63, LOAN_LOCATION_MAX = 512 };

/* One part, with all that fetching and storing it needs. */
struct loan {
	uint64_t owner; /* opaque, come back */
	uint32_t tag;
	uint16_t dc;
	int64_t offset;
	uint32_t limit; /* what getFile asks for */
	uint32_t len;   /* what must come */
	struct part_save save;
	uint32_t location_len;
	uint8_t location[LOAN_LOCATION_MAX];
};

enum loan_end {
	LOAN_SAVED,
	LOAN_DOWN,  /* getFile: code, text */
	LOAN_UP,    /* saveFilePart: code, text; code 0: the server said no */
	LOAN_SHORT, /* not len bytes came: len of the result says how many */
	LOAN_CDN,
	LOAN_BAD,  /* no file part came */
	LOAN_GONE, /* the engine cannot go on, and takes no more: text */
};

struct loan_result {
	uint64_t owner;
	uint32_t tag;
	enum loan_end end;
	uint16_t dc;
	uint32_t len;
	int32_t code;
	char text[160];
};

struct crew;

struct crew_options {
	uint32_t engines;       /* besides the lead's, 1..CREW_MAX */
	struct ring *ring;      /* the lead's */
	bool poll;              /* engines wait by poll, not io_uring */
	size_t buffer;          /* bytes of chunks, each */
	struct net_options net; /* of each engine; ring, slab, account, log are not looked at */
	struct net_account *account; /* the lead's; read in the lead's thread only */
	const int *cpus;             /* engines of them, where each runs; NULL: anywhere */
};

/* 0 or -errno; every engine stands, or none. */
int crew_open(struct crew **, const struct crew_options *);
/*
 * Ends every engine and joins it; loans that are out end nowhere. One that is stuck, five seconds
 * long, is left behind with its memory: the program ends without it.
 */
void crew_close(struct crew **);

/* Parts that the engine with most room would take from this data centre now. */
uint32_t crew_room(const struct crew *, uint16_t dc);
/* Parts that are out. */
uint32_t crew_out(const struct crew *);
/* False: nobody has room. */
bool crew_lend(struct crew *, const struct loan *);
/* One loan that ended; false: none. */
bool crew_next(struct crew *, struct loan_result *);
uint32_t crew_engines(const struct crew *);
/*
 * Whether every engine's loop has turned since this was last asked, and asks them again; false as
 * long as one has not: nothing new is asked then.
 */
bool crew_alive(struct crew *);

#endif
